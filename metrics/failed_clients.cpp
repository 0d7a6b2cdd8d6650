#include "metrics/failed_clients.h"

#include <algorithm>

#include "correlator/keys.h"

namespace vpnverdict {
namespace {

constexpr Timestamp kLookEveryMs = 60'000;

}  // namespace

void FailedClients::add(std::uint32_t group, std::uint64_t client, Timestamp at) {
  if (at == kUntimed) return;
  newest_ = std::max(newest_, at);
  if (newest_ - looked_at_ >= kLookEveryMs) forget_old();
  const std::uint64_t key = mix_number(client, group);
  const auto found = seen_.find(key);
  if (found != seen_.end()) {
    found->second.last = std::max(found->second.last, at);
  } else if (seen_.size() < kFailedClientsMax) {
    seen_.emplace(key, Seen{group, at});
  }
}

void FailedClients::forget_old() {
  looked_at_ = newest_;
  std::erase_if(seen_, [this](const auto& one) { return one.second.last <= newest_ - kFailedClientsWindowMs; });
}

void FailedClients::count(Timestamp now, std::vector<std::uint64_t>& by_group) const {
  now = std::max(now, newest_);
  for (const auto& [key, seen] : seen_) {
    if (seen.last <= now - kFailedClientsWindowMs) continue;
    if (by_group.size() <= seen.group) by_group.resize(seen.group + 1);
    ++by_group[seen.group];
  }
}

}  // namespace vpnverdict
