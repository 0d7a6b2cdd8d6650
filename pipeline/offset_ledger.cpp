#include "pipeline/offset_ledger.h"

#include <algorithm>

namespace vpnverdict {

std::uint64_t OffsetLedger::issue() {
  const std::lock_guard lock(mutex_);
  settled_.push_back(false);
  return next_++;
}

void OffsetLedger::settled(std::uint64_t number) {
  const std::lock_guard lock(mutex_);
  if (number < first_unsettled_ || number >= next_) return;
  settled_[number - first_unsettled_] = true;
  while (!settled_.empty() && settled_.front()) {
    settled_.pop_front();
    ++first_unsettled_;
  }
}

std::uint64_t OffsetLedger::unsettled() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::uint64_t>(std::count(settled_.begin(), settled_.end(), false));
}

void OffsetLedger::report(std::size_t shard, Positions needed) {
  const std::lock_guard lock(mutex_);
  std::deque<Report>& waiting = shards_[shard].waiting;
  // With no broker to deliver to, reports pile up; the newest stands for the ones it replaces.
  if (waiting.size() == kReportsWaitingMax) waiting.pop_back();
  waiting.push_back({next_, std::move(needed)});
}

OffsetLedger::Positions OffsetLedger::committable() {
  const std::lock_guard lock(mutex_);
  for (PerShard& shard : shards_) {
    while (!shard.waiting.empty() && shard.waiting.front().issued <= first_unsettled_) {
      shard.effective = std::move(shard.waiting.front().needed);
      shard.waiting.pop_front();
    }
  }
  Positions out;
  if (shards_.empty()) return out;
  for (const auto& [source, position] : shards_.front().effective) {
    std::uint64_t lowest = position;
    bool known_to_all = true;
    for (const PerShard& shard : shards_) {
      const auto found = shard.effective.find(source);
      known_to_all = known_to_all && found != shard.effective.end();
      if (known_to_all) lowest = std::min(lowest, found->second);
    }
    if (!known_to_all) continue;
    std::uint64_t& told = told_.emplace(source, lowest).first->second;
    told = std::max(told, lowest);
    out[source] = told;
  }
  return out;
}

void OffsetLedger::begin(std::uint32_t source, std::uint64_t position) {
  const std::lock_guard lock(mutex_);
  told_[source] = position;
  for (PerShard& shard : shards_) {
    shard.effective.erase(source);
    for (Report& report : shard.waiting) report.needed.erase(source);
  }
}

}  // namespace vpnverdict
