#include "correlator/pool.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "correlator/limits.h"

namespace vpnverdict {
namespace {

constexpr std::size_t kRefusedUsersMax = 256;
constexpr std::size_t kRefusalsMax = 32;
constexpr std::size_t kFailingMax = 16;
constexpr std::size_t kDevicesPerPoolMax = 64;  // of one cluster
constexpr std::size_t kSlotsMax = 96;
constexpr std::size_t kDaysMax = 90;
constexpr std::size_t kDurationSteps = 32;
constexpr std::uint32_t kDurationsEnough = 50;  // closed sessions, before their lengths are believed
constexpr std::uint32_t kLeastPlateau = 5;      // below it two refusals at one level are chance
constexpr std::int64_t kPeakDays = 8;           // a week and a day: the same weekday is among them
constexpr Timestamp kFreedWorkedMs = 60'000;    // "success within 60 s after a release"
constexpr Timestamp kSameGrantMs = 60'000;      // lines of one grant that name different keys come within this
constexpr Timestamp kSweepMs = 10 * 60 * 1000;
constexpr Timestamp kRefusalCountsMs = kPoolDayMs;
constexpr Timestamp kUnknownLongestMs = kPoolDayMs;          // nobody stays connected longer, as long as nothing else is known
constexpr Timestamp kLongestLeastMs = 4LL * 3600 * 1000;
constexpr Timestamp kLongestMostMs = 7 * kPoolDayMs;

// One, or 2 % of a large pool.
std::uint32_t slack_of(std::uint32_t level) { return std::max<std::uint32_t>(1, level / 50); }
bool near(std::uint32_t a, std::uint32_t b) { return (a > b ? a - b : b - a) <= slack_of(std::max(a, b)); }

std::int64_t floor_div(Timestamp time, Timestamp unit) { return time >= 0 ? time / unit : -((-time + unit - 1) / unit); }

std::size_t duration_step(Timestamp length) {
  const double minutes = static_cast<double>(std::max<Timestamp>(length, 60'000)) / 60'000.0;
  return std::min(kDurationSteps - 1, static_cast<std::size_t>(2.0 * std::log2(minutes)));
}
Timestamp step_end(std::size_t step) { return static_cast<Timestamp>(60'000.0 * std::exp2(static_cast<double>(step + 1) / 2.0)); }

}  // namespace

// ---- leases ----------------------------------------------------------------------------------------------------------

PoolLedger::Leases::iterator PoolLedger::lease_of(const LeaseClaim& claim) {
  const auto open = [&](Key key) {
    const auto found = leases_.find(key);
    return found != leases_.end() && found->second.open ? found : leases_.end();
  };
  if (claim.address != 0) {
    const auto found = open(claim.address & ~kNoAddress);
    if (found != leases_.end()) return found;
  }
  if (claim.holder == 0) return leases_.end();
  auto best = leases_.end();
  for (auto at = by_holder_.lower_bound({claim.holder, 0}); at != by_holder_.end() && at->first == claim.holder; ++at) {
    const auto lease = leases_.find(at->second);
    if (claim.address != 0 && !keyless(lease->first)) continue;  // another address of his
    if (lease->second.session == claim.session && claim.session != 0) return lease;
    const auto rank = [&](Leases::iterator l) {
      const bool other_place = claim.peer != 0 && l->second.peer != 0 && l->second.peer != claim.peer;
      return std::tuple{other_place, l->second.since, l->first};
    };
    if (best == leases_.end() || rank(lease) < rank(best)) best = lease;
  }
  return best;
}

bool PoolLedger::holds(std::uint64_t address, std::uint64_t session) const {
  const auto found = leases_.find(address & ~kNoAddress);
  return found != leases_.end() && found->second.open && found->second.session == session;
}

bool PoolLedger::served_by(std::uint32_t device) const { return std::ranges::find(devices_, device) != devices_.end(); }

void PoolLedger::served_from(std::uint32_t device) {
  if (devices_.size() < kDevicesPerPoolMax && !served_by(device)) devices_.push_back(device);
}

void PoolLedger::given(const LeaseClaim& claim) {
  settle(claim.time);
  served_from(claim.device);
  failing_since_success_.clear();
  refused_users_.erase(claim.holder);
  const auto known = lease_of(claim);
  const bool had = known != leases_.end();
  const std::uint32_t before = in_use_;
  bool reused = false;
  Timestamp since = claim.time;
  if (had) {
    Lease& lease = known->second;
    const bool same_holder = lease.holder == 0 || claim.holder == 0 || lease.holder == claim.holder;
    const bool same_session = lease.session == claim.session && claim.session != 0;
    if (same_session || (same_holder && claim.time - lease.since <= kSameGrantMs)) {
      lease.last = std::max(lease.last, claim.time);
      if (lease.holder == 0 && claim.holder != 0) {
        lease.holder = claim.holder;
        by_holder_.insert({claim.holder, known->first});
      }
      if (lease.peer == 0) lease.peer = claim.peer;
      if (!keyless(known->first) || claim.address == 0) return;
      since = lease.since;  // now its address is known
      by_holder_.erase({lease.holder, known->first});
      leases_.erase(known);
      --in_use_;
      --assignments_;
    } else if (claim.address != 0 || lease.peer == claim.peer) {
      reused = true;  // given again, so it had come back unseen
      ++expired_;
      close(known, kUntimed);
    }
  }
  // Who begins anew from the same place has left his former session.
  for (auto at = by_holder_.lower_bound({claim.holder, 0}); claim.holder != 0 && claim.peer != 0 && at != by_holder_.end() && at->first == claim.holder;) {
    const auto old = leases_.find((at++)->second);
    if (old->second.peer != claim.peer || old->second.session == claim.session || old->first == (claim.address & ~kNoAddress)) continue;
    reused = true;
    ++expired_;
    close(old, kUntimed);
  }
  if (leases_.size() >= kAddressesPerPoolMax) return;
  const Key key = claim.address != 0 ? claim.address & ~kNoAddress : (claim.holder | kNoAddress);
  Lease& lease = leases_[key];
  if (lease.open) return;  // the same user once more, of whom no address is known
  lease = {since, claim.time, claim.holder, claim.peer, claim.session, claim.device, true};
  if (claim.holder != 0) by_holder_.insert({claim.holder, key});
  ++in_use_;
  ++assignments_;
  took_address(claim, before, reused);
}

// What a new lease says of the refusals before it.
void PoolLedger::took_address(const LeaseClaim& claim, std::uint32_t before, bool reused) {
  given_before_ = true;
  ++successes_;
  note_use(claim.time);
  if (in_use_ <= before) return;  // only the key of a lease changed
  if (awaiting_ && !reused) {
    if (last_release_ == kUntimed || last_release_ < last_refusal_) ++contradicted_;
    else if (claim.time - last_release_ <= kFreedWorkedMs) ++freed_;
    if (freed_ + contradicted_ > 64) freed_ /= 2, contradicted_ /= 2;
  }
  awaiting_ = false;
  for (auto& [user, refused] : refused_users_)
    if (user != claim.holder && in_use_ > refused.level) ++refused.others_above;
  // More are in use than when somebody was refused: it was not for want of addresses.
  const auto refuted = [&](std::uint32_t level) { return in_use_ > level + slack_of(level); };
  std::erase_if(refusals_, [&](const Refusal& refusal) { return refuted(refusal.level); });
  if (inferred_ != 0 && refuted(inferred_)) inferred_ = 0;
  if (refusals_.empty()) freed_ = 0;
}

void PoolLedger::close(Leases::iterator lease, Timestamp time) {
  if (time != kUntimed && lease->second.since != kUntimed && time > lease->second.since) {
    durations_.resize(kDurationSteps);
    ++durations_[duration_step(time - lease->second.since)];
  }
  by_holder_.erase({lease->second.holder, lease->first});
  --in_use_;
  if (keyless(lease->first)) leases_.erase(lease);
  else lease->second.open = false;
}

void PoolLedger::released(const LeaseClaim& claim) {
  settle(claim.time);
  given_before_ = true;  // whoever gives back was given
  const auto lease = lease_of(claim);
  if (lease == leases_.end()) return;
  // The late word about a session whose address already belongs to another.
  if (lease->second.holder != 0 && claim.holder != 0 && lease->second.holder != claim.holder) return;
  close(lease, claim.time);
  ++releases_;
  last_release_ = claim.time;
  note_use(claim.time);
}

void PoolLedger::refused(const LeaseClaim& claim) {
  settle(claim.time);
  served_from(claim.device);
  note_use(claim.time);
  const std::uint64_t user = claim.holder;
  const auto same = std::ranges::find_if(refusals_, [&](const Refusal& refusal) { return claim.session != 0 && refusal.session == claim.session; });
  if (same != refusals_.end()) return now_named(*same, user);
  ++refusal_count_;
  last_refusal_ = claim.time;
  const auto known = refused_users_.find(user);
  if (known == refused_users_.end() && refused_users_.size() >= kRefusedUsersMax)
    std::erase_if(refused_users_, [&](const auto& entry) { return entry.second.last < claim.time - kRefusalCountsMs / 24; });
  if (known != refused_users_.end() || refused_users_.size() < kRefusedUsersMax) {
    RefusedUser& mine = refused_users_[user];
    mine.level = mine.refusals == 0 ? in_use_ : std::min(mine.level, in_use_);
    mine.last = claim.time;
    ++mine.refusals;
  }
  refusals_.push_back({claim.time, user, claim.session, in_use_});
  if (refusals_.size() > kRefusalsMax) refusals_.pop_front();
  if (failing_since_success_.size() < kFailingMax && std::ranges::find(failing_since_success_, user) == failing_since_success_.end())
    failing_since_success_.push_back(user);
  awaiting_ = true;
  infer_capacity(user);
}

// A later line of the same refusal tells whose it was.
void PoolLedger::now_named(Refusal& refusal, std::uint64_t user) {
  if (refusal.user == user) return;
  const auto nameless = refused_users_.find(refusal.user);
  if (nameless != refused_users_.end() && nameless->second.refusals == 1) {
    refused_users_.try_emplace(user, nameless->second);
    refused_users_.erase(nameless);
  }
  std::ranges::replace(failing_since_success_, refusal.user, user);
  refusal.user = user;
}

void PoolLedger::rebooted(std::uint32_t device, Timestamp before) {
  for (auto lease = leases_.begin(); lease != leases_.end();) {
    const auto next = std::next(lease);
    if (lease->second.open && lease->second.device == device && (before == kUntimed || lease->second.since < before)) close(lease, kUntimed);
    lease = next;
  }
  ++resets_;
  successes_ = in_use_;
  given_before_ = in_use_ > 0;
  refused_users_.clear();
  refusals_.clear();
  failing_since_success_.clear();
  freed_ = contradicted_ = 0;
  awaiting_ = false;
  last_release_ = kUntimed;
  if (before != kUntimed) note_use(before);
}

void PoolLedger::forget(std::uint64_t address, Timestamp time, std::uint64_t session) {
  const auto found = leases_.find(address & ~kNoAddress);
  if (found == leases_.end()) return;
  if (found->second.open) {
    if (found->second.session == session) --assignments_;  // it only moved
    else ++expired_;
    close(found, kUntimed);
    note_use(time);
  }
  leases_.erase(found);
}

void PoolLedger::absorb(const PoolLedger& other) {
  for (const auto& [key, lease] : other.leases_) {
    const auto [place, fresh] = leases_.try_emplace(key, lease);
    if (!fresh || !lease.open) continue;
    ++in_use_;
    if (lease.holder != 0) by_holder_.insert({lease.holder, key});
  }
  assignments_ += other.assignments_;
  releases_ += other.releases_;
  expired_ += other.expired_;
  refusal_count_ += other.refusal_count_;
  successes_ += other.successes_;
  given_before_ = given_before_ || other.given_before_;
  last_refusal_ = std::max(last_refusal_, other.last_refusal_);
  inferred_ = 0;  // each alone saw only a part
  refusals_.clear();
}

void PoolLedger::settle(Timestamp now) {
  if (now == kUntimed || (swept_ != kUntimed && now - swept_ < kSweepMs)) return;
  swept_ = now;
  const Timestamp longest = longest_lease_ms();
  for (auto lease = leases_.begin(); lease != leases_.end();) {
    const auto next = std::next(lease);
    const Timestamp age = now - lease->second.last;
    if (lease->second.open && age > longest) {
      ++expired_;
      close(lease, kUntimed);
    } else if (!lease->second.open && age > kPeakDays * kPoolDayMs) {
      leases_.erase(lease);
    }
    lease = next;
  }
  std::erase_if(refused_users_, [&](const auto& entry) { return now - entry.second.last > kRefusalCountsMs; });
  std::erase_if(refusals_, [&](const Refusal& refusal) { return now - refusal.time > kPeakDays * kPoolDayMs; });
  if (!slots_.empty()) note_use(now);
}

// A lease whose end was lost must go some day: when it is older than sessions of this pool ever get.
Timestamp PoolLedger::longest_lease_ms() const {
  std::uint64_t closed = 0;
  for (const std::uint32_t count : durations_) closed += count;
  if (closed < kDurationsEnough) return kUnknownLongestMs;
  std::uint64_t beyond = 0;
  std::size_t step = durations_.size();
  while (step > 1 && (beyond + durations_[step - 1]) * 200 <= closed) beyond += durations_[--step];  // at most 0.5 %
  return std::clamp(step_end(step - 1) * 5 / 4, kLongestLeastMs, kLongestMostMs);
}

void PoolLedger::index() {
  by_holder_.clear();
  for (const auto& [key, lease] : leases_)
    if (lease.open && lease.holder != 0) by_holder_.insert({lease.holder, key});
}

// ---- what it was like before -----------------------------------------------------------------------------------------

void PoolLedger::note_use(Timestamp time) {
  if (time == kUntimed) return;
  const std::int64_t slot = floor_div(time, kPoolSlotMs);
  if (slots_.empty()) {
    slot_ = slot;
    slots_.push_back(in_use_);
  }
  // Between two lines nothing changed.
  const std::uint32_t carried = slots_.size() > 0 ? std::min(slots_.back(), in_use_) : in_use_;
  for (std::int64_t missing = std::min<std::int64_t>(slot - slot_, kSlotsMax); missing > 0; --missing) {
    slots_.push_back(carried);
    if (slots_.size() > kSlotsMax) slots_.pop_front();
  }
  slot_ = std::max(slot_, slot);
  slots_.back() = std::max(slots_.back(), in_use_);
  const std::int64_t day = floor_div(time, kPoolDayMs);
  if (days_.empty() || day > days_.back().day) days_.push_back({day, in_use_, in_use_});
  if (days_.size() > kDaysMax) days_.pop_front();
  days_.back().peak = std::max(days_.back().peak, in_use_);
  days_.back().low = std::min(days_.back().low, in_use_);
}

std::uint32_t PoolLedger::recent_peak() const {
  std::uint32_t peak = in_use_;
  for (const PoolDay& day : days_)
    if (day.day > days_.back().day - kPeakDays) peak = std::max(peak, day.peak);
  return peak;
}

std::uint32_t PoolLedger::addresses_known() const {
  return static_cast<std::uint32_t>(std::ranges::count_if(leases_, [](const auto& entry) { return !keyless(entry.first); }));
}

// ---- always, or after a certain number? ------------------------------------------------------------------------------

// The number of addresses at which this user and others are refused; 0 when there is no such number.
std::uint32_t PoolLedger::plateau_at(std::uint32_t level, std::uint64_t user) const {
  if (level < kLeastPlateau) return 0;
  const std::uint32_t peak = recent_peak();
  if (peak > level && !near(peak, level)) return 0;  // more than that were in use
  // Addresses that the pool has and nobody holds. A few may be kept back for a while after their release.
  const std::uint32_t known = addresses_known();
  if (known > level && known - level > std::max<std::uint32_t>(2, level / 10)) return 0;
  if (contradicted_ > freed_) return 0;
  std::vector<std::uint32_t> levels;
  bool others = false;  // one laptop that retries is one user
  for (const Refusal& refusal : refusals_) {
    if (!near(refusal.level, level)) continue;
    levels.push_back(refusal.level);
    others = others || refusal.user != user;
  }
  if (!others) return 0;
  std::ranges::sort(levels);
  // An address cannot be in use twice, so with addresses lost lines only lower a level; without, they move it both ways.
  return known > 0 ? levels.back() : levels[levels.size() / 2];
}

void PoolLedger::infer_capacity(std::uint64_t user) {
  const std::uint32_t plateau = plateau_at(in_use_, user);
  if (plateau != 0) inferred_ = plateau;
}

FactMask PoolLedger::facts(std::uint64_t user, std::uint32_t configured) const {
  FactMask out;
  if (!given_before_) {
    if (refused_users_.size() >= 2) out.insert(Fact::pool_never_succeeded);
    return out;
  }
  out.insert(Fact::pool_gave_before);
  std::uint32_t level = in_use_;
  for (const Refusal& refusal : refusals_)
    if (refusal.user == user) level = refusal.level;
  const std::uint32_t plateau = plateau_at(level, user);
  if (plateau != 0) out.insert(Fact::pool_at_plateau);
  const std::uint32_t known = addresses_known();
  const bool all_held = known <= level + slack_of(level);
  if (plateau != 0 && freed_ > 0 && contradicted_ * 10 <= freed_ && all_held) out.insert(Fact::pool_freed_then_worked);
  const std::uint32_t capacity = configured != 0 ? configured : inferred_;
  const bool nearly_full = capacity != 0 && level * 100ULL >= capacity * 95ULL;
  if (nearly_full) out.insert(Fact::pool_nearly_full);
  const auto far_below = [&](std::uint32_t number) { return number >= kLeastPlateau && level * 10ULL < number * 9ULL; };
  const std::uint32_t peak = recent_peak();
  if (far_below(std::max({peak, known, capacity}))) out.insert(Fact::pool_below_peak);
  if (far_below(peak) && !nearly_full && failing_since_success_.size() >= 2) out.insert(Fact::pool_stopped_giving);
  const auto mine = refused_users_.find(user);
  if (mine != refused_users_.end() && mine->second.refusals >= 2 && refused_users_.size() == 1 && mine->second.others_above >= 2)
    out.insert(Fact::pool_one_user_only);
  return out;
}

PoolView PoolLedger::view(std::uint32_t configured) const {
  PoolView out;
  out.in_use = in_use_;
  out.source = configured != 0 ? CapacitySource::configured : inferred_ != 0 ? CapacitySource::inferred : CapacitySource::lower_bound;
  out.capacity = configured != 0 ? configured : inferred_ != 0 ? inferred_ : std::max(recent_peak(), addresses_known());
  out.assignments = assignments_;
  out.releases = releases_;
  out.expired = expired_;
  out.refusals = refusal_count_;
  out.resets = resets_;
  out.last_refusal = last_refusal_;
  for (const auto& [key, lease] : leases_)
    if (lease.open && (out.oldest_lease == kUntimed || lease.since < out.oldest_lease)) out.oldest_lease = lease.since;
  out.slot = slot_;
  out.slots.assign(slots_.begin(), slots_.end());
  out.days.assign(days_.begin(), days_.end());
  return out;
}

}  // namespace vpnverdict
