#include "pipeline/source_table.h"

namespace vpnverdict {

std::uint32_t SourceTable::index_of(const std::string& topic, std::int32_t partition) {
  const std::lock_guard lock(mutex_);
  const auto [found, added] = index_.emplace(Partition(topic, partition), static_cast<std::uint32_t>(partitions_.size()));
  if (added) {
    partitions_.push_back(found->first);
    size_ = partitions_.size();
  }
  return found->second;
}

SourceTable::Partition SourceTable::partition(std::uint32_t source) const {
  const std::lock_guard lock(mutex_);
  return partitions_.at(source);
}

std::vector<std::string> SourceTable::names() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> out;
  for (const auto& [topic, partition] : partitions_) out.push_back(topic + "/" + std::to_string(partition));
  return out;
}

}  // namespace vpnverdict
