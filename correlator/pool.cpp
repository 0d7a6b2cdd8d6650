#include "correlator/pool.h"

#include <algorithm>

namespace vpnverdict {
namespace {

constexpr std::size_t kLeasesMax = 65'536;     // no concentrator of this kind has more sessions
constexpr std::size_t kRefusedUsersMax = 256;
constexpr std::size_t kLevelsMax = 32;
constexpr std::uint32_t kLeastPlateau = 5;      // below it two refusals at one level are chance
constexpr Timestamp kFreedWorkedMs = 60'000;   // "success within 60 s after a release"

bool near(std::uint32_t a, std::uint32_t b) {
  const std::uint32_t slack = std::max<std::uint32_t>(1, std::max(a, b) / 50);  // 1, or 2 % of a large pool
  return (a > b ? a - b : b - a) <= slack;
}

}  // namespace

void PoolLedger::assigned(Timestamp time, std::uint64_t holder) {
  if (leases_.size() >= kLeasesMax) leases_.erase(leases_.begin());
  leases_[holder] = time;
  ++successes_;
  peak_ = std::max(peak_, in_use());
  if (refusal_open_ && last_release_ != kUntimed && time - last_release_ <= kFreedWorkedMs) freed_then_worked_ = true;
  refusal_open_ = false;
  for (auto& [user, successes] : success_since_refusal_)
    if (user != holder) ++successes;
}

void PoolLedger::released(Timestamp time, std::uint64_t holder) {
  if (leases_.erase(holder) > 0) last_release_ = time;
}

void PoolLedger::refused(Timestamp, std::uint64_t user) {
  if (refused_users_.size() < kRefusedUsersMax || refused_users_.contains(user)) ++refused_users_[user];
  if (success_since_refusal_.size() < kRefusedUsersMax) success_since_refusal_.try_emplace(user, 0);
  refusals_.push_back({in_use(), user});
  if (refusals_.size() > kLevelsMax) refusals_.pop_front();
  refusal_open_ = true;
}

void PoolLedger::rebooted() { *this = {}; }

FactMask PoolLedger::facts(std::uint64_t user, std::uint32_t configured) const {
  FactMask out;
  if (successes_ == 0) {
    if (refused_users_.size() >= 2) out.insert(Fact::pool_never_succeeded);
    return out;
  }
  const std::uint32_t level = refusals_.empty() ? in_use() : refusals_.back().level;
  // One laptop that retries is one user: a plateau needs two.
  const bool by_others = std::ranges::any_of(refusals_, [&](const Refusal& r) { return near(r.level, level) && r.user != refusals_.back().user; });
  const bool above = peak_ > level && !near(peak_, level);
  if (by_others && !above && level >= kLeastPlateau) out.insert(Fact::pool_at_plateau);
  if (freed_then_worked_) out.insert(Fact::pool_freed_then_worked);
  if (configured != 0 && level * 100ULL >= configured * 95ULL) out.insert(Fact::pool_nearly_full);
  const auto mine = refused_users_.find(user);
  const auto others = success_since_refusal_.find(user);
  if (mine != refused_users_.end() && mine->second >= 2 && refused_users_.size() == 1 && others != success_since_refusal_.end() &&
      others->second >= 2)
    out.insert(Fact::pool_one_user_only);
  return out;
}

}  // namespace vpnverdict
