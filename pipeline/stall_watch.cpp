#include "pipeline/stall_watch.h"

#include <tuple>

namespace vpnverdict {

void StallWatch::begin(const std::vector<std::uint32_t>& partitions, Timestamp now) {
  watched_.clear();
  for (const std::uint32_t partition : partitions) watched_[partition] = {now, false};
}

void StallWatch::heard(std::uint32_t partition, Timestamp now) {
  if (const auto found = watched_.find(partition); found != watched_.end()) found->second = {now, false};
}

void StallWatch::holds_more(std::uint32_t partition) {
  if (const auto found = watched_.find(partition); found != watched_.end()) found->second.holds_more = true;
}

std::optional<StallWatch::Stall> StallWatch::longest(Timestamp now) const {
  std::optional<Stall> out;
  for (const auto& [partition, state] : watched_) {
    const Stall stall{partition, now - state.heard, state.holds_more, state.holds_more && now - state.heard >= patience_};
    if (stall.silent < patience_ / 2) continue;
    if (!out || std::tie(out->over, out->silent) < std::tie(stall.over, stall.silent)) out = stall;
  }
  return out;
}

}  // namespace vpnverdict
