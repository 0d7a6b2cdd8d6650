#include "correlator/pool.h"

#include <algorithm>
#include <array>
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
constexpr std::size_t kDurationSteps = 128;
constexpr double kStepsPerDoubling = 8;
constexpr std::uint32_t kDurationsEnough = 50;  // closed sessions, before their lengths are believed
constexpr std::uint32_t kLeastPlateau = 5;      // below it two refusals at one level are chance
constexpr std::int64_t kPeakDays = 8;           // a week and a day: the same weekday is among them
constexpr Timestamp kFreedWorkedMs = 60'000;    // "success within 60 s after a release"
constexpr Timestamp kSameGrantMs = 60'000;      // lines of one grant that name different keys come within this
constexpr Timestamp kSweepMs = 10 * 60 * 1000;
constexpr Timestamp kRefusalCountsMs = kPoolDayMs;
constexpr Timestamp kUnknownLongestMs = kPoolDayMs;          // nobody stays connected longer, as long as nothing else is known
constexpr Timestamp kLongestLeastMs = 3600 * 1000;
constexpr Timestamp kLongestMostMs = 7 * kPoolDayMs;
constexpr double kUnseenLeast = 0.005;          // share of sessions whose end is never seen
constexpr double kUnseenMost = 0.05;
constexpr Timestamp kAfterBootMs = 60'000;      // lines of sessions from before a boot may come that late
constexpr std::uint32_t kSurvivors = 3;         // sessions from before: then it was another unit that started
constexpr std::size_t kPlateausEnough = 3;      // days, before one day's count does not refute them

// One, or 2 % of a large pool.
std::uint32_t slack_of(std::uint32_t level) { return std::max<std::uint32_t>(1, level / 50); }
// How far the count of a log without addresses may be off: missed ends stay in it until they are too old.
std::uint32_t doubt_of(std::uint32_t level) { return std::max<std::uint32_t>(2, level / 20); }
bool near(std::uint32_t a, std::uint32_t b) { return (a > b ? a - b : b - a) <= slack_of(std::max(a, b)); }

std::int64_t floor_div(Timestamp time, Timestamp unit) { return time >= 0 ? time / unit : -((-time + unit - 1) / unit); }

std::size_t duration_step(Timestamp length) {
  const double minutes = static_cast<double>(std::max<Timestamp>(length, 60'000)) / 60'000.0;
  return std::min(kDurationSteps - 1, static_cast<std::size_t>(kStepsPerDoubling * std::log2(minutes)));
}
Timestamp step_end(std::size_t step) {
  static const std::array<Timestamp, kDurationSteps> kEnds = [] {
    std::array<Timestamp, kDurationSteps> ends{};
    for (std::size_t i = 0; i < kDurationSteps; ++i) ends[i] = static_cast<Timestamp>(60'000.0 * std::exp2(static_cast<double>(i + 1) / kStepsPerDoubling));
    return ends;
  }();
  return kEnds[step];
}

}  // namespace

// ---- leases ----------------------------------------------------------------------------------------------------------

PoolLedger::Leases::iterator PoolLedger::lease_of(const LeaseClaim& claim) {
  const auto open = [&](Key key) {
    const auto found = leases_.find(key);
    return found != leases_.end() && found->second.open() ? found : leases_.end();
  };
  if (claim.address != 0) {
    const auto found = open(claim.address & ~kNoAddress);
    if (found != leases_.end()) return found;
  }
  if (claim.holder == 0) return leases_.end();
  auto best = leases_.end();
  for (auto at = by_holder_.lower_bound({claim.holder, 0}); at != by_holder_.end() && at->first == claim.holder; ++at) {
    const auto lease = leases_.find(at->second);
    if (!lease->second.open()) continue;
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
  return found != leases_.end() && found->second.open() && found->second.session == session;
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
  last_given_ = std::max(last_given_, claim.time);
  const auto known = lease_of(claim);
  const bool had = known != leases_.end();
  const std::uint32_t before = in_use_;
  bool reused = false;
  Timestamp since = claim.time;
  if (had) {
    Lease& lease = known->second;
    const bool same_holder = lease.holder == 0 || claim.holder == 0 || lease.holder == claim.holder;
    const bool same_place = lease.peer == claim.peer || lease.peer == 0 || claim.peer == 0;
    const bool same_session = lease.session == claim.session && claim.session != 0;
    const bool renewed = !claim.begins && same_holder && same_place;  // new keys for an old session
    if (same_session || renewed || (same_holder && claim.time - lease.since <= kSameGrantMs)) {
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
    } else if (claim.address != 0 || same_place) {
      reused = true;  // given again, so it had come back unseen
      ++expired_;
      close(known, kUntimed);
    }
  }
  // Who begins anew from the same place has left his former session.
  for (auto at = by_holder_.lower_bound({claim.holder, 0}); claim.holder != 0 && claim.peer != 0 && at != by_holder_.end() && at->first == claim.holder;) {
    const auto his = *at;
    const auto old = leases_.find(his.second);
    if (old->second.peer == claim.peer && old->second.session != claim.session && old->first != (claim.address & ~kNoAddress)) {
      if (old->second.open()) {
        reused = true;
        ++expired_;
      }
      close(old, kUntimed);
    }
    at = by_holder_.upper_bound(his);
  }
  if (leases_.size() >= kAddressesPerPoolMax) return;
  const Key key = claim.address != 0 ? claim.address & ~kNoAddress : ((claim.holder + claim.peer * 0x9e3779b97f4a7c15ULL) | kNoAddress);
  Lease& lease = leases_[key];
  if (lease.open()) return;  // the same user once more, of whom no address is known
  if (lease.presumed_over()) {
    by_holder_.erase({lease.holder, key});
    if (lease.session == claim.session && claim.session != 0) {  // it was not over
      since = lease.since;
      if (lease.state == State::aged) --expired_;
      else survived_boot(claim.time);
    }
  }
  const bool was_idle = lease.state == State::closed && lease.grants > 0;
  const auto grants = static_cast<std::uint8_t>(std::min(lease.grants + 1, 255));
  lease = {since, claim.time, claim.holder, claim.peer, claim.session, claim.device, State::open, grants};
  if (claim.holder != 0) by_holder_.insert({claim.holder, key});
  ++in_use_;
  ++assignments_;
  took_address(claim, before, reused, was_idle);
}

// What a new lease says of the refusals before it.
void PoolLedger::took_address(const LeaseClaim& claim, std::uint32_t before, bool reused, bool was_idle) {
  given_before_ = true;
  ++successes_;
  note_use(claim.time);
  if (in_use_ <= before) return;  // only the key of a lease changed
  if (awaiting_ && !reused) {
    // An address that had come back before the refusal may have been kept back then.
    if (last_release_ == kUntimed || last_release_ < last_refusal_) contradicted_ += was_idle ? 0 : 1;
    else if (claim.time - last_release_ <= kFreedWorkedMs) ++freed_;
    if (freed_ + contradicted_ > 64) freed_ /= 2, contradicted_ /= 2;
  }
  awaiting_ = false;
  for (auto& [user, refused] : refused_users_)
    if (user != claim.holder && in_use_ > refused.level) ++refused.others_above;
  // More are in use than when somebody was refused: it was not for want of addresses.
  const auto refuted = [&](std::uint32_t level) { return in_use_ > level + (tells_addresses_ ? slack_of(level) : doubt_of(level)); };
  std::erase_if(refusals_, [&](const Refusal& refusal) { return refuted(refusal.level); });
  if (inferred_ != 0 && refuted(inferred_)) capacity_exceeded(claim.time);
  if (refusals_.empty()) freed_ = contradicted_ = 0;
}

void PoolLedger::close(Leases::iterator lease, Timestamp time) {
  if (time != kUntimed && lease->second.since != kUntimed && time > lease->second.since) {
    durations_.resize(kDurationSteps);
    ++durations_[duration_step(time - lease->second.since)];
  }
  by_holder_.erase({lease->second.holder, lease->first});
  if (lease->second.open()) --in_use_;
  if (keyless(lease->first)) leases_.erase(lease);
  else lease->second.state = State::closed;
}

void PoolLedger::presume_over(Leases::iterator lease, State state) {
  --in_use_;
  lease->second.state = state;
}

void PoolLedger::released(const LeaseClaim& claim) {
  settle(claim.time);
  given_before_ = true;  // whoever gives back was given
  const auto lease = lease_of(claim);
  if (lease == leases_.end()) return late_word(claim);
  // The late word about a session whose address already belongs to another.
  if (lease->second.holder != 0 && claim.holder != 0 && lease->second.holder != claim.holder) return;
  close(lease, claim.time);
  ++releases_;
  last_release_ = claim.time;
  note_use(claim.time);
}

// The end of a session that was presumed over before. So sessions do last that long, or it was not this unit that booted.
void PoolLedger::late_word(const LeaseClaim& claim) {
  for (auto at = by_holder_.lower_bound({claim.holder, 0}); claim.holder != 0 && at != by_holder_.end() && at->first == claim.holder; ++at) {
    const auto lease = leases_.find(at->second);
    const bool same_session = lease->second.session == claim.session && claim.session != 0;
    const bool same_place = claim.peer != 0 && lease->second.peer == claim.peer && claim.time - lease->second.last <= kLongestMostMs;
    if (!lease->second.presumed_over() || (!same_session && !same_place)) continue;
    const bool booted = lease->second.state == State::booted;
    if (!booted) --expired_;
    ++releases_;
    close(lease, claim.time);
    if (booted) survived_boot(claim.time);
    return;
  }
}

// Sessions that outlive a boot: another unit under the same name started, or the line was an old one.
void PoolLedger::survived_boot(Timestamp time) {
  if (booted_at_ == kUntimed || time < booted_at_ + kAfterBootMs || ++survivors_ < kSurvivors) return;
  booted_at_ = kUntimed;
  for (auto& [key, lease] : leases_) {
    if (lease.state != State::booted) continue;
    lease.state = State::open;
    ++in_use_;
  }
  given_before_ = true;
  note_use(time);
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
  refusals_.push_back({claim.time, user, claim.session, in_use_, one_is_free()});
  if (refusals_.size() > kRefusalsMax) refusals_.pop_front();
  if (failing_since_success_.size() < kFailingMax && std::ranges::find(failing_since_success_, user) == failing_since_success_.end())
    failing_since_success_.push_back(user);
  awaiting_ = true;
  // Far fewer are in use and nobody is given any, nor ever was right after a release: it was not for want of addresses.
  if (inferred_ != 0 && freed_ == 0 && failing_since_success_.size() >= 2 && in_use_ * 10ULL < inferred_ * 9ULL) {
    inferred_ = 0;
    plateaus_.clear();
  }
  infer_capacity(claim.time, user);
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
  booted_at_ = before;
  survivors_ = 0;
  for (auto lease = leases_.begin(); lease != leases_.end(); ++lease) {
    if (!lease->second.open() || lease->second.device != device) continue;
    if (before == kUntimed || lease->second.since < before) presume_over(lease, State::booted);
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
  if (found->second.open()) {
    if (found->second.session == session) --assignments_;  // it only moved
    else ++expired_;
  }
  close(found, kUntimed);
  leases_.erase(found);
  note_use(time);
}

void PoolLedger::absorb(const PoolLedger& other) {
  for (const auto& [key, lease] : other.leases_) {
    const auto [place, fresh] = leases_.try_emplace(key, lease);
    if (!fresh) continue;
    if (lease.open()) ++in_use_;
    if (lease.state != State::closed && lease.holder != 0) by_holder_.insert({lease.holder, key});
  }
  assignments_ += other.assignments_;
  releases_ += other.releases_;
  expired_ += other.expired_;
  refusal_count_ += other.refusal_count_;
  successes_ += other.successes_;
  given_before_ = given_before_ || other.given_before_;
  last_refusal_ = std::max(last_refusal_, other.last_refusal_);
  last_given_ = std::max(last_given_, other.last_given_);
  inferred_ = 0;  // each alone saw only a part
  plateaus_.clear();
  refusals_.clear();
}

void PoolLedger::settle(Timestamp now) {
  if (now == kUntimed || (swept_ != kUntimed && now - swept_ < kSweepMs)) return;
  swept_ = now;
  Timestamp longest = kUntimed;  // not asked for, mostly
  const auto too_old = [&](Timestamp age) {
    if (age <= kLongestLeastMs) return false;
    if (longest == kUntimed) longest = longest_lease_ms();
    return age > longest;
  };
  // As long as nothing is given, what the pool has been able to give stays known.
  const Timestamp learned = last_given_ == kUntimed ? now : last_given_;
  for (auto lease = leases_.begin(); lease != leases_.end();) {
    const auto next = std::next(lease);
    if (lease->second.open() && too_old(now - lease->second.last)) {
      ++expired_;
      presume_over(lease, State::aged);
    } else if (lease->second.presumed_over() && now - lease->second.last > kLongestMostMs) {
      close(lease, kUntimed);
    } else if (lease->second.state == State::closed && learned - lease->second.last > kPeakDays * kPoolDayMs) {
      leases_.erase(lease);
    }
    lease = next;
  }
  std::erase_if(refused_users_, [&](const auto& entry) { return now - entry.second.last > kRefusalCountsMs; });
  std::erase_if(refusals_, [&](const Refusal& refusal) { return now - refusal.time > kPeakDays * kPoolDayMs; });
  if (!slots_.empty()) note_use(now);
  tells_addresses_ = census().tell_all();
}

// A lease whose end was lost must go some day. It goes at the age at which as many are taken for over that are not as
// are taken for open that are over: by how long the sessions of this pool last and how often an end is missed.
Timestamp PoolLedger::longest_lease_ms() const {
  // On its first day a log shows the ends of short sessions only.
  const bool young = days_.empty() || days_.back().day < days_.front().day + 2;
  if (young) return kUnknownLongestMs;
  double closed = 0;
  double later = 0;  // sum of the lengths beyond the step, and how many they are
  double later_count = 0;
  for (std::size_t step = 0; step < durations_.size(); ++step) {
    closed += durations_[step];
    later += durations_[step] * static_cast<double>(step_end(step));
  }
  if (closed < kDurationsEnough) return kUnknownLongestMs;
  later_count = closed;
  const double unseen = std::clamp(static_cast<double>(expired_) / static_cast<double>(std::max<std::uint64_t>(1, expired_ + releases_)), kUnseenLeast, kUnseenMost);
  double sooner = 0;
  double sooner_count = 0;
  for (std::size_t step = 0; step < durations_.size(); ++step) {
    const auto age = static_cast<double>(step_end(step));
    later -= durations_[step] * age;
    later_count -= durations_[step];
    sooner += durations_[step] * age;
    sooner_count += durations_[step];
    if (later - later_count * age <= unseen * (sooner_count * age - sooner)) return std::clamp(step_end(step), kLongestLeastMs, kLongestMostMs);
  }
  return kLongestMostMs;
}

void PoolLedger::index() {
  by_holder_.clear();
  for (const auto& [key, lease] : leases_)
    if (lease.state != State::closed && lease.holder != 0) by_holder_.insert({lease.holder, key});
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
  std::uint32_t second = in_use_;
  int days = 0;
  const std::int64_t learned = last_given_ == kUntimed || days_.empty() ? 0 : std::min(floor_div(last_given_, kPoolDayMs), days_.back().day);
  for (const PoolDay& day : days_)
    if (day.day > learned - kPeakDays) {
      second = std::max(second, std::min(peak, day.peak));
      peak = std::max(peak, day.peak);
      ++days;
    }
  // Without addresses one day's count may be off: ends missed, a boot unseen.
  return tells_addresses_ || days < 3 ? peak : second;
}

PoolLedger::Census PoolLedger::census() const {
  Census out;
  for (const auto& [key, lease] : leases_) {
    if (keyless(key)) {
      if (lease.open()) ++out.without_address;
      continue;
    }
    ++out.known;
    if (lease.state == State::closed) ++out.idle;
    if (lease.state != State::closed || lease.grants >= 2) ++out.proven;
  }
  return out;
}

// ---- always, or after a certain number? ------------------------------------------------------------------------------

// The number of addresses at which this user and others are refused; 0 when there is no such number.
std::uint32_t PoolLedger::plateau_at(std::uint32_t level, std::uint64_t user, const Census& addresses) const {
  if (level < kLeastPlateau) return 0;
  const std::uint32_t peak = recent_peak();
  if (peak > level && !near(peak, level)) return 0;  // more than that were in use
  // Addresses that the pool has and nobody holds. A few may be kept back for a while after their release.
  if (addresses.known > level && addresses.known - level > std::max<std::uint32_t>(2, level / 10)) return 0;
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
  return addresses.known > 0 ? levels.back() : levels[levels.size() / 2];
}

void PoolLedger::infer_capacity(Timestamp time, std::uint64_t user) {
  const Census addresses = census();
  const std::uint32_t plateau = plateau_at(in_use_, user, addresses);
  if (plateau == 0) return;
  tells_addresses_ = addresses.tell_all();
  if (tells_addresses_) {  // all are held, so all that are known are all there are
    inferred_ = std::max(addresses.proven, plateau - std::min(plateau, addresses.without_address));
    return;
  }
  const std::int64_t day = floor_div(time, kPoolDayMs);
  if (refuted_on_ != day && near(plateau, inferred_)) refuted_on_ = 0;  // it holds again
  if (plateaus_.empty() || day > plateaus_.back().day) plateaus_.push_back({day, plateau});
  plateaus_.back().level = std::min(plateaus_.back().level, plateau);
  std::erase_if(plateaus_, [&](const DayPlateau& old) { return old.day <= day - kPeakDays; });
  std::vector<std::uint32_t> levels;
  for (const DayPlateau& one : plateaus_) levels.push_back(one.level);
  std::ranges::sort(levels);
  inferred_ = levels[(levels.size() - 1) / 2];
}

// More are in use than there are. The pool was made larger; or, where no address tells leases apart, ends were missed.
void PoolLedger::capacity_exceeded(Timestamp time) {
  const std::int64_t day = floor_div(time, kPoolDayMs);
  const bool established = plateaus_.size() >= kPlateausEnough && !tells_addresses_;
  const bool again = refuted_on_ != day && refuted_on_ > day - kPeakDays;
  if (established && !again) {
    refuted_on_ = day;
    return;
  }
  inferred_ = 0;
  plateaus_.clear();
}

FactMask PoolLedger::facts(std::uint64_t user, std::uint32_t configured) const {
  FactMask out;
  if (!given_before_) {
    if (refused_users_.size() >= 2) out.insert(Fact::pool_never_succeeded);
    return out;
  }
  out.insert(Fact::pool_gave_before);
  std::uint32_t level = in_use_;
  bool one_was_free = one_is_free();
  for (const Refusal& refusal : refusals_) {
    if (refusal.user != user) continue;
    level = refusal.level;
    one_was_free = refusal.one_was_free;
  }
  const Census addresses = census();
  const std::uint32_t plateau = plateau_at(level, user, addresses);
  if (plateau != 0) out.insert(Fact::pool_at_plateau);
  const bool all_held = !one_was_free && addresses.known <= level + slack_of(level);
  if (plateau != 0 && freed_ > 0 && contradicted_ * 10 <= freed_ && all_held) out.insert(Fact::pool_freed_then_worked);
  const std::uint32_t capacity = configured != 0 ? configured : inferred_;
  const bool nearly_full = capacity != 0 && level * 100ULL >= capacity * 95ULL;
  if (nearly_full) out.insert(Fact::pool_nearly_full);
  const auto far_below = [&](std::uint32_t number) { return number >= kLeastPlateau && level * 10ULL < number * 9ULL; };
  const std::uint32_t peak = recent_peak();
  if (level == 0 || far_below(std::max({peak, addresses.known, capacity}))) out.insert(Fact::pool_below_peak);
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
  out.capacity = configured != 0 ? configured : inferred_ != 0 ? inferred_ : std::max(recent_peak(), census().known);
  out.assignments = assignments_;
  out.releases = releases_;
  out.expired = expired_;
  out.refusals = refusal_count_;
  out.resets = resets_;
  out.last_refusal = last_refusal_;
  for (const auto& [key, lease] : leases_)
    if (lease.open() && (out.oldest_lease == kUntimed || lease.since < out.oldest_lease)) out.oldest_lease = lease.since;
  out.slot = slot_;
  out.slots.assign(slots_.begin(), slots_.end());
  out.days.assign(days_.begin(), days_.end());
  return out;
}

}  // namespace vpnverdict
