// What a clean stop leaves for the next start: each shard's state, how far each partition was read, and where the
// group's offsets stood. The next start takes it up only when the group still stands there: then nothing is read
// twice and nothing is judged anew. Without it, or after a crash, records are read again from the committed offsets.
// Written beside the file and renamed; damage is found by a checksum. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace vpnverdict {

struct SavedState {
  struct Source {
    std::string topic;
    std::int32_t partition = 0;
    std::int64_t committed = -1;        // of the group, when this was written
    std::uint64_t next = 0;             // everything below was read, …
    std::vector<std::uint64_t> wanted;  // … but these positions are not in the shards' state yet; sorted
  };
  std::vector<Source> sources;      // by SourceRef::source
  std::vector<std::string> shards;  // Shard::save()
};

std::string state_bytes(const SavedState& state);
std::optional<SavedState> state_from_bytes(std::string_view bytes);

// Empty when it worked, else one sentence.
std::string write_state_file(const std::string& path, const SavedState& state);
// Empty optional with an empty error: there is no such file.
std::optional<SavedState> read_state_file(const std::string& path, std::string* error);

}  // namespace vpnverdict
