// Numbers for partitions: SourceRef::source counts them. Append-only, as many as the group was ever assigned.
// Safe from several threads (a mutex: asked once per batch).
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "correlator/byte_codec.h"

namespace vpnverdict {

// A name as one source tells it, as the key of a table. The bytes are somebody else's and must stay.
struct NameInSource {
  std::uint32_t source = 0;
  std::string_view name;
  bool operator==(const NameInSource&) const = default;
  struct Hash {
    std::size_t operator()(const NameInSource& key) const { return hash_bytes(key.name, key.source + 0x9E3779B97F4A7C15ULL); }
  };
};

class SourceTable {
 public:
  using Partition = std::pair<std::string, std::int32_t>;
  std::uint32_t index_of(const std::string& topic, std::int32_t partition);
  Partition partition(std::uint32_t source) const;
  // "topic/partition", by index.
  std::vector<std::string> names() const;
  std::size_t size() const { return size_; }

 private:
  mutable std::mutex mutex_;
  std::vector<Partition> partitions_;
  std::map<Partition, std::uint32_t> index_;
  std::atomic<std::size_t> size_ = 0;
};

}  // namespace vpnverdict
