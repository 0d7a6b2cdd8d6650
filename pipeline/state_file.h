// A file with what must outlive a restart of `replay --follow`: each shard's state, and how far each source was read.
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
    std::int64_t committed = -1;        // of a group; a pipe has none
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
