#include "correlator/incident.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <unordered_set>
#include <utility>

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include "correlator/half.h"
#include "correlator/letters.h"
#include "correlator/limits.h"
#include "correlator/state_bytes.h"

namespace vpnverdict {
namespace {

constexpr Timestamp kMinute = 60'000;
constexpr Timestamp kHour = 60 * kMinute;
constexpr Timestamp kTickMs = 30'000;
constexpr Timestamp kWindowMs[] = {2 * kMinute, 5 * kMinute, 12 * kMinute, 30 * kMinute, 2 * kHour};  // from a burst to a group of which few call
constexpr Timestamp kKeepMs = kWindowMs[4];
constexpr Timestamp kRecentMs = kWindowMs[3];  // what may have to do with each other
constexpr Timestamp kStaleMs = 20 * kMinute;   // longer than any attempt takes: a log that was shipped late
constexpr Timestamp kWellMs = 15 * kMinute;    // how long the place must work before the card is closed
constexpr Timestamp kQuietMs = 2 * kHour;      // nobody fails there any more, nobody succeeds either
constexpr Timestamp kRelapseMs = 30 * kMinute;
constexpr Timestamp kNeverWorkedMs = 24 * kHour;  // a place that went quiet without a success is the same trouble a day later
constexpr double kHalfLifeHours = 48;

constexpr std::uint32_t kClientsMin = 5;
constexpr std::uint32_t kFleetClientsMin = 8;
constexpr std::uint32_t kOtherClientsMin = 3;  // at a site's other boxes: one or two fail anywhere
// Log likelihood ratio of "its own share" against "the share to be expected", which bounds the probability of chance by
// e^-x. A fleet of a hundred places and sixty causes is asked 20,000 times a week; most of it is the same question again, so e^-14 is one false card in many weeks.
constexpr double kSure = 14;
constexpr double kStillBad = 4;
constexpr double kRoom = 1.3;          // shares wander by this much for no reason …
constexpr double kRoomShare = 0.004;   // … and by this
constexpr double kPriorClients = 30;   // as which the fleet's share counts for a place without a past
constexpr double kFleetPastMin = 200;  // before that the fleet has no usual share of anything …
constexpr Timestamp kFleetPastMs = kHour + kRecentMs;  // … nor before that
constexpr Timestamp kWarmUpMs = 10 * kMinute;  // successes are told at once, failures when somebody has given up
constexpr double kFleetRatioMin = 2;   // to the share that is no surprise
constexpr double kSilenceExpected = 15;      // a fleet has a hundred thousand gaps a week, of which e^-15 are as long by chance
constexpr Timestamp kHabitMs = 15 * kMinute;     // until a whole day was seen nobody knows who goes home when: silence must be plain by then
constexpr Timestamp kLinesOfLag = 8;             // after which a device's clock that was set is believed
constexpr Timestamp kToldLateMs = 2 * kMinute;   // shorter than kSilenceMs: no clock makes a silence of a box that speaks
constexpr std::size_t kSaidLately = kToldLateMs / kTickMs + 1;
constexpr double kGapsOfLate = 8;             // few, since an evening is short
constexpr double kSilenceWitnessed = 8;      // the same where clients tell of attempts that this log should have
constexpr Timestamp kSilenceMs = 3 * kMinute;  // logs come late by this much and nothing is wrong

enum Place : std::size_t { everywhere, concentrator, site, group, group_on_concentrator, aaa_server, pool, network24, network16 };
constexpr Dimension kDimensionOf[] = {Dimension::fleet, Dimension::concentrator, Dimension::site, Dimension::group, Dimension::group_on_concentrator,
                                      Dimension::aaa_server, Dimension::pool, Dimension::network, Dimension::network};
// Of the fleet: a cause of its own may be that of a few, what is mixed must be the trouble of many.
constexpr double kFleetShareMin[] = {0.4, 0.3, 0.02};
constexpr double kShareMin[] = {0, 0.25, 0.25, 0.25, 0.3, 0.3, 0.25, 0.4, 0.4};
// Of equally good explanations the one that an engineer would name: the narrow before the wide, the plain before the compound.
constexpr double kPlaceWeight[] = {0.95, 1.0, 0.97, 1.0, 0.93, 1.0, 1.0, 0.98, 0.96};
constexpr double kLevelWeight[] = {0.96, 0.98, 1.0};  // any cause, a family, one cause

// Of the two cards that have no place.
constexpr std::uint64_t kSprayKey = 0x59A1;
constexpr std::uint64_t kScanKey = 0x5CA1;

enum Family : std::uint8_t { path, proposal, group_step, login, address, session };
Family family_of(Cause cause) {
  const CauseRow& row = row_of(cause);
  if (row.kind == CauseKind::after_connect) return session;
  if (row.step <= 4) return path;
  if (row.step == 5) return proposal;
  if (row.step == 6) return group_step;
  return row.step == 7 ? login : address;
}
constexpr std::string_view kFamilyNames[] = {"the way to the concentrator", "the proposals", "the group", "the login", "address and policy", "the session"};

// How far into a period of this length, and how many of them before it; the clock of a device may stand before 1970.
Timestamp within(Timestamp at, Timestamp period) { return (at % period + period) % period; }
Timestamp full(Timestamp at, Timestamp period) { return (at - within(at, period)) / period; }
std::size_t hour_of(Timestamp at) { return static_cast<std::size_t>(within(at, 24 * kHour) / kHour); }

std::uint64_t mix(std::uint64_t seed, std::uint64_t value) {
  seed = (seed ^ value) * 0x9e3779b97f4a7c15ULL;
  return seed ^ seed >> 29;
}
std::uint64_t hash_of(std::uint64_t seed, std::string_view text) {
  for (const char c : text) seed = (seed ^ static_cast<unsigned char>(lower_case(c))) * 0x100000001b3ULL;
  return mix(seed, 0x51);
}
// Of a place that one name, or two, make.
constexpr std::uint64_t kAttemptSeed = 0xA77E;
constexpr std::uint64_t kSessionSeed = 0x5E55;
std::uint64_t place_key(std::uint64_t seed, Place place, std::string_view a, std::string_view b = "-") { return hash_of(hash_of(mix(seed, place), a), b); }
std::uint64_t silence_key(std::string_view name) { return mix(hash_of(mix(kAttemptSeed, concentrator), name), 0x51E47); }
std::uint64_t key_of(std::uint64_t place, std::size_t level, std::uint8_t code) { return mix(place, (level + 1) << 8 | code); }

// "a.b.c" of "a.b.c.d" (parts = 3); empty when there are fewer.
std::string_view front_of(std::string_view address, int parts) {
  std::size_t at = 0;
  for (int i = 0; i < parts; ++i) {
    at = address.find('.', i == 0 ? 0 : at + 1);
    if (at == std::string_view::npos) return {};
  }
  return address.substr(0, at);
}

// The server judged what was typed.
bool is_credential(Cause cause) {
  return cause == Cause::user_password_wrong || cause == Cause::user_unknown || cause == Cause::user_rejected_unspecified ||
         cause == Cause::user_account_locked || cause == Cause::user_account_expired;
}

double likelihood_ratio(double failing, double active, double expected) {
  const double share = failing / active;
  if (share <= expected) return 0;
  const double rest = active - failing;
  return failing * std::log(share / expected) + (rest > 0 ? rest * std::log((1 - share) / (1 - expected)) : 0);
}

// A set of place hashes that says no quickly.
class PlaceSet {
 public:
  void insert(std::uint64_t place) {
    if (place == 0) return;
    bits_[place % kBits / 64] |= std::uint64_t{1} << place % 64;
    places_.insert(place);
  }
  bool contains(std::uint64_t place) const {
    return (bits_[place % kBits / 64] >> place % 64 & 1) != 0 && places_.contains(place);
  }
  bool empty() const { return places_.empty(); }

 private:
  static constexpr std::uint64_t kBits = 4096;
  std::array<std::uint64_t, kBits / 64> bits_{};
  absl::flat_hash_set<std::uint64_t> places_;
};

std::string clock_text(Timestamp at) {
  const Timestamp minutes = within(at, 24 * kHour) / kMinute;
  const auto two = [](Timestamp n) { return std::string(n < 10 ? "0" : "") + std::to_string(n); };
  return two(minutes / 60) + ':' + two(minutes % 60);
}

std::string plural(std::uint64_t n, std::string_view what) { return std::to_string(n) + ' ' + std::string(what) + (n == 1 ? "" : "s"); }

// Numbers of entries, in order.
void insert(std::deque<std::uint64_t>& numbers, std::uint64_t number) { numbers.insert(std::ranges::lower_bound(numbers, number), number); }
void erase(std::deque<std::uint64_t>& numbers, std::uint64_t number) {
  const auto found = std::ranges::lower_bound(numbers, number);
  if (found != numbers.end() && *found == number) numbers.erase(found);
}

}  // namespace

// ---- taking in

const IncidentTracker::Site& IncidentTracker::site_of(std::string_view name) const {
  const auto found = sites_.find(name);
  if (found != sites_.end()) return found->second;
  if (sites_.size() >= kIncidentVolumesMax) sites_.clear();
  const std::string_view cluster = inventory_->cluster_of(name);
  const auto members = std::ranges::count_if(inventory_->concentrators, [&](const Concentrator& c) { return c.cluster == cluster; });
  return sites_.emplace(name, Site{std::string(cluster), members > 1}).first->second;
}

std::uint64_t IncidentTracker::pool_key(std::string_view of_group, std::string_view name) const {
  const std::string_view cluster = site_of(name).cluster;
  return hash_of(hash_of(3, of_group), cluster.empty() ? name : cluster);
}

IncidentTracker::Entry IncidentTracker::entry_of(const Sign& sign, Timestamp at) const {
  Entry entry;
  entry.at = at;
  entry.occurred = sign.occurred == kUntimed ? at : std::min(sign.occurred, at);
  entry.verdict = sign.verdict;
  entry.concentrator = sign.concentrator;
  entry.group = sign.group;
  entry.session = sign.about == Sign::About::session;
  // A log names the server where it refuses, seldom where it agrees: who got past the login has asked the usual one.
  entry.server = sign.server;
  const auto volume = volumes_.find(sign.concentrator);
  if (entry.server.empty() && volume != volumes_.end() && !entry.session && (sign.cause == Cause::connected || row_of(sign.cause).step >= 7))
    entry.server = volume->second.server;
  entry.pool = sign.pool;
  if (entry.pool.empty() && sign.cause == Cause::connected)
    if (const auto pool = pool_of_.find(pool_key(sign.group, sign.concentrator)); pool != pool_of_.end()) entry.pool = pool->second;
  entry.peer = sign.peer;
  entry.cause = sign.cause;
  entry.grade = sign.grade;
  entry.failed = sign.failed();
  entry.text = sign.text;
  entry.logged = sign.logged;
  entry.person = sign.person;
  entry.client = sign.client;
  const std::uint64_t seed = entry.session ? kSessionSeed : kAttemptSeed;
  const auto set = [&](Place place, std::string_view a, std::string_view b = "-") {
    if (!a.empty() && !b.empty()) entry.places[place] = place_key(seed, place, a, b);
  };
  set(everywhere, "-");
  set(concentrator, sign.concentrator);
  const Site& its_site = site_of(sign.concentrator);
  const std::string_view cluster = its_site.cluster;
  if (its_site.several) set(site, cluster);
  set(group, sign.group);
  set(group_on_concentrator, sign.group, sign.concentrator);
  set(aaa_server, entry.server);
  set(pool, entry.pool, cluster.empty() ? std::string_view(sign.concentrator) : cluster);
  set(network24, front_of(sign.peer, 3));
  set(network16, front_of(sign.peer, 2));
  return entry;
}

void IncidentTracker::take(Sign sign) {
  if (read_until_ != kUntimed && sign.at <= read_until_) {
    ++counts_.late;
    sign.at = read_until_ + 1;
  }
  waiting_.insert(std::move(sign));
  // Beyond the bound the oldest are read although earlier ones may come.
  while (waiting_.size() > kSignsWaitingMax) read_until(waiting_.begin()->at);
}

void IncidentTracker::read_until(Timestamp time) {
  for (; !waiting_.empty() && waiting_.begin()->at <= time; waiting_.erase(waiting_.begin())) read(*waiting_.begin());
  read_until_ = std::max(read_until_, time);
}

void IncidentTracker::read(const Sign& sign) {
  if (sign.about == Sign::About::boot) return note_boot(sign);
  const auto known = by_verdict_.find(sign.verdict);
  if (sign.about == Sign::About::joined) {
    if (known != by_verdict_.end()) set_aside(at(known->second));
    return;
  }
  if (known != by_verdict_.end()) {
    ++counts_.amended;
    amend(known->second, entry_of(sign, at(known->second).at));
    return;
  }
  if (sign.occurred != kUntimed && std::abs(sign.at - sign.occurred) > kStaleMs) {
    ++counts_.stale;
    return;
  }
  if (sign.outcome == Outcome::not_a_user_attempt) {
    if (scans_.size() >= kIncidentScansMax) forget_scan(), ++counts_.dropped;
    scans_.push_back({sign.at, sign.peer, sign.group, sign.concentrator, sign.verdict});
    ++scanners_[sign.peer];
    return;
  }
  if (sign.outcome == Outcome::in_progress) return;
  ++counts_.taken;
  put(entry_of(sign, sign.at));
}

// The newest entry of a client with one result stands for the client: whatever the window, it is counted once.
void IncidentTracker::index(Entry& entry, std::uint64_t number) {
  const auto [latest, alone] = latest_.try_emplace(mix(entry.client, entry.failed), number);
  entry.superseded = !alone && latest->second > number;
  if (!alone && latest->second < number) {
    Entry& before = at(latest->second);
    if (stands(before)) count(before, -1);
    before.superseded = true;
    latest->second = number;
  }
  if (stands(entry)) count(entry, 1);
  if (entry.failed) insert(failing_, number);
  if (entry.fresh) insert(fresh_, number);
}

void IncidentTracker::unindex(const Entry& entry, std::uint64_t number) {
  if (stands(entry)) count(entry, -1);
  const auto latest = latest_.find(mix(entry.client, entry.failed));
  if (latest != latest_.end() && latest->second == number) latest_.erase(latest);
  erase(failing_, number);
  erase(fresh_, number);
}

void IncidentTracker::count(const Entry& entry, int by) {
  for (const std::uint64_t place : entry.places) {
    if (place == 0) continue;
    const auto found = active_.try_emplace(place, 0).first;
    found->second += static_cast<std::uint32_t>(by);
    if (found->second == 0) active_.erase(found);
  }
}

void IncidentTracker::set_aside(Entry& entry) {
  if (stands(entry)) count(entry, -1);
  entry.set_aside = true;
}

void IncidentTracker::amend(std::uint64_t number, Entry entry) {
  Entry& old = at(number);
  unindex(old, number);
  entry.repeated = old.repeated;
  entry.set_aside = old.set_aside;
  entry.incident = entry.failed ? old.incident : 0;
  old = std::move(entry);
  index(old, number);
}

// The first of the entries after `since`.
std::size_t IncidentTracker::first_after(Timestamp since) const {
  return static_cast<std::size_t>(std::ranges::upper_bound(entries_, since, {}, &Entry::at) - entries_.begin());
}

void IncidentTracker::put(Entry entry) {
  if (began_ == kUntimed) began_ = entry.at;
  if (entries_.size() >= kIncidentEntriesMax) {
    ++counts_.dropped;
    expire_entries(entries_.front().at);
  }
  entry.repeated = latest_.contains(mix(entry.client, entry.failed));
  if (entry.logged && !entry.concentrator.empty()) hear(entry);
  if (!entry.pool.empty() && entry.failed) {
    const std::uint64_t key = pool_key(entry.group, entry.concentrator);
    if (pool_of_.size() < kIncidentVolumesMax || pool_of_.contains(key)) pool_of_[key] = entry.pool;
  }
  const std::uint64_t number = first_number_ + entries_.size();
  by_verdict_.emplace(entry.verdict, number);
  entries_.push_back(std::move(entry));
  index(entries_.back(), number);
}

void IncidentTracker::Voice::tell(double fleet, bool again) {
  if (!again) {
    const double now = std::max(0.0, fleet - heard - 1);
    gap = past == 0 ? 0 : gap == 0 ? now : gap + (now - gap) / kGapsOfLate;
    past += 1;
    this_hour += 1;
  }
  heard = std::max(heard, fleet);
}

void IncidentTracker::Voice::add(const Voice& other) {
  past += other.past;
  for (std::size_t i = 0; i < by_hour.size(); ++i) by_hour[i] += other.by_hour[i];
}

void IncidentTracker::Voice::end_hour(std::size_t hour, double factor) {
  by_hour[hour] += std::exchange(this_hour, 0);
  past *= factor;
  for (double& each : by_hour) each *= factor;
}

// By the longest gap that may be usual: the one of all times, of late, and of yesterday at this hour or one beside it.
double IncidentTracker::Voice::due(const Voice& fleet, double others, Timestamp now) const {
  if (past >= 0.9 * fleet.past) return 0;
  double usual = std::max((fleet.past - past) / past, gap);
  for (const Timestamp at : {now - kHour, now, now + kHour}) {
    const std::size_t hour = hour_of(at);
    usual = std::max(usual, (fleet.by_hour[hour] - by_hour[hour]) / (by_hour[hour] + 1));
  }
  return others / usual;
}

// A failure is told when somebody has given up, minutes later: it says nothing of those minutes. A clock that was set looks like
// that for a few lines.
Timestamp IncidentTracker::Voice::moment(const Entry& entry) {
  const Timestamp took = entry.at - entry.occurred;
  lag = lag == kUntimed ? took : lag + (took - lag) / kLinesOfLag;
  return entry.at - std::clamp<Timestamp>(took - lag, 0, kToldLateMs);
}

IncidentTracker::Said IncidentTracker::said_at(Timestamp moment) const {
  const auto after = std::ranges::upper_bound(said_lately_, moment, {}, &Said::at);
  if (after == said_lately_.end()) return said_;
  return *after;
}

void IncidentTracker::hear(const Entry& entry) {
  const auto found = volumes_.find(entry.concentrator);
  const bool known = found != volumes_.end() || volumes_.size() < kIncidentVolumesMax;
  Volume* volume = known ? &volumes_[entry.concentrator] : nullptr;
  const Timestamp half_minute = full(entry.at, kTickMs);
  const bool again = entry.session ? known && volume->ended == half_minute : entry.repeated;
  if (!again) (entry.session ? said_.ends : said_.attempts) += 1;
  if (!known) return;
  Voice& voice = entry.session ? volume->ends : volume->attempts;
  const Timestamp moment = voice.moment(entry);
  const Said then = said_at(moment);
  voice.tell(entry.session ? then.ends : then.attempts, again);
  volume->attempts_heard = std::max(volume->attempts_heard, then.attempts);
  volume->ends_heard = std::max(volume->ends_heard, then.ends);
  if (entry.session) {
    volume->ended = half_minute;
    return;
  }
  volume->last = std::max(volume->last, moment);
  if (!entry.server.empty()) volume->server = entry.server;
}

void IncidentTracker::note_boot(const Sign& sign) {
  if (changes_.size() >= kIncidentChangesMax) changes_.pop_front();
  changes_.push_back({sign.at, sign.concentrator, "it booted at " + clock_text(sign.at)});
}

// What leaves the window is the past, except for what an incident explains: it is not what is usual.
void IncidentTracker::expire_entries(Timestamp until) {
  while (!entries_.empty() && entries_.front().at <= until) {
    const Entry& entry = entries_.front();
    if (fleet_remembered_ == first_number_) remember(entry, everywhere, everywhere + 1), ++fleet_remembered_;
    remember(entry, everywhere + 1, kPlaces);
    unindex(entry, first_number_);
    const auto found = by_verdict_.find(entry.verdict);
    if (found != by_verdict_.end() && found->second == first_number_) by_verdict_.erase(found);
    entries_.pop_front();
    ++first_number_;
  }
}

void IncidentTracker::forget_scan() {
  const auto scanner = scanners_.find(scans_.front().peer);
  if (scanner != scanners_.end() && --scanner->second == 0) {
    scanners_.erase(scanner);
    scan_past_ += 1;
  }
  scans_.pop_front();
}

void IncidentTracker::expire(Timestamp now) {
  // The fleet has clients enough to be judged by half an hour, and its usual share follows the hours of the day.
  for (; fleet_remembered_ < first_number_ + entries_.size() && at(fleet_remembered_).at <= now - kRecentMs; ++fleet_remembered_)
    remember(at(fleet_remembered_), everywhere, everywhere + 1);
  expire_entries(now - kKeepMs);
  while (!scans_.empty() && scans_.front().at <= now - kRecentMs) {
    forget_scan();
  }
  while (!changes_.empty() && changes_.front().at <= now - kKeepMs - kRecentMs) changes_.pop_front();
}

void IncidentTracker::remember(const Entry& entry, std::size_t from, std::size_t to) {
  if (entry.repeated || entry.set_aside || entry.incident != 0 || entry.at < began_ + kWarmUpMs) return;
  const auto add = [&](std::uint64_t key) {
    const auto found = past_.find(key);
    if (found != past_.end())
      found->second += 1;
    else if (past_.size() < kIncidentPastMax)
      past_.emplace(key, 1.0F);
    else
      ++counts_.dropped;
  };
  for (std::size_t kind = from; kind < to; ++kind) {
    if (entry.places[kind] == 0) continue;
    add(entry.places[kind]);
    for (std::size_t level = 0; entry.failed && level < 3; ++level) add(cell_of(entry, kind, level).key);
  }
}

// At full hours, each of them.
void IncidentTracker::decay(Timestamp now) {
  const double factor = std::exp2(-1 / kHalfLifeHours);
  if (last_hour_ == kUntimed) last_hour_ = full(now, kHour);
  for (; last_hour_ < full(now, kHour); ++last_hour_) {
    const std::size_t hour = hour_of(last_hour_ * kHour);
    for (auto& [key, count] : past_) count *= static_cast<float>(factor);
    std::erase_if(past_, [](const auto& each) { return each.second < 0.3F; });
    scan_past_ *= factor;
    scan_hours_ = scan_hours_ * factor + 1;
    for (auto& [name, volume] : volumes_) volume.attempts.end_hour(hour, factor), volume.ends.end_hour(hour, factor);
    std::erase_if(volumes_, [](const auto& each) { return each.second.attempts.past + each.second.ends.past < 0.5; });
  }
}

double IncidentTracker::past(std::uint64_t key) const {
  const auto found = past_.find(key);
  return found == past_.end() ? 0 : static_cast<double>(found->second);
}

void IncidentTracker::rebuild_index() {
  scanners_.clear();
  for (const Scan& scan : scans_) ++scanners_[scan.peer];
  by_verdict_.clear();
  latest_.clear();
  active_.clear();
  failing_.clear();
  fresh_.clear();
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    by_verdict_.emplace(entries_[i].verdict, first_number_ + i);
    index(entries_[i], first_number_ + i);
  }
}

// ---- cells

IncidentTracker::Cell IncidentTracker::cell_of(const Entry& entry, std::size_t kind, std::size_t level) {
  const std::uint8_t code = level == 0 ? 0 : level == 1 ? static_cast<std::uint8_t>(family_of(entry.cause)) : static_cast<std::uint8_t>(entry.cause);
  const std::uint64_t place = entry.places[kind];
  return {key_of(place, level, code), place, static_cast<std::uint8_t>(kind), static_cast<std::uint8_t>(level), code, entry.session};
}

bool IncidentTracker::matches(const Entry& entry, const Cell& cell) {
  return entry.failed && entry.places[cell.kind] == cell.place && cell_of(entry, cell.kind, cell.level).key == cell.key;
}

std::vector<std::size_t> IncidentTracker::members_of(const Cell& cell) const {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < entries_.size(); ++i)
    if (!entries_[i].set_aside && matches(entries_[i], cell)) out.push_back(i);
  return out;
}

// Every cell with enough distinct failing clients, in an order that depends on the entries only.
std::vector<IncidentTracker::Candidate> IncidentTracker::candidates(Timestamp now, const std::vector<bool>& explained) const {
  std::vector<std::pair<std::uint64_t, std::uint32_t>> failing;  // client, entry
  for (const std::uint64_t number : failing_)
    if (const std::size_t i = number - first_number_; !entries_[i].set_aside && !explained[i])
      failing.emplace_back(entries_[i].client, static_cast<std::uint32_t>(i));
  // Only where somebody failed since the last time the answer may have changed.
  PlaceSet touched;
  for (const auto& [client, i] : failing)
    if (entries_[i].fresh)
      for (const std::uint64_t place : entries_[i].places) touched.insert(place);
  if (touched.empty()) return {};
  // One client after the other, its newest failure first: a cell counts it once, in every window that reaches this far.
  std::ranges::sort(failing, [](const auto& a, const auto& b) { return a.first != b.first ? a.first < b.first : a.second > b.second; });
  std::vector<Candidate> cells;
  absl::flat_hash_map<std::uint64_t, std::uint32_t> index;
  std::vector<std::uint64_t> counted;
  std::uint64_t before = 0;
  for (const auto& [client, i] : failing) {
    const Entry& entry = entries_[i];
    if (client != before) counted.clear();
    before = client;
    for (std::size_t kind = 0; kind < kPlaces; ++kind) {
      if (!touched.contains(entry.places[kind])) continue;
      for (std::size_t level = 0; level < 3; ++level) {
        const Cell cell = cell_of(entry, kind, level);
        if (std::ranges::find(counted, cell.key) != counted.end()) continue;
        counted.push_back(cell.key);
        const auto [found, fresh] = index.emplace(cell.key, static_cast<std::uint32_t>(cells.size()));
        if (fresh) cells.push_back({cell, i, {}, {}, 0, 0, 0});
        Candidate& candidate = cells[found->second];
        candidate.example = std::min(candidate.example, i);
        for (std::size_t w = 0; w < kWindows; ++w)
          if (entry.at > now - kWindowMs[w]) ++candidate.failing[w];
      }
    }
  }
  // The wide ones stay whatever their size: they say what is usual now.
  std::erase_if(cells, [](const Candidate& c) { return c.failing[kWindows - 1] < kClientsMin && c.cell.kind != everywhere; });
  return cells;
}

void IncidentTracker::count_active(Timestamp now, std::vector<Candidate>& cells) const {
  absl::flat_hash_map<std::uint64_t, std::array<std::uint32_t, kWindows>> active;
  if (cells.empty()) return;
  PlaceSet asked;
  for (const Candidate& candidate : cells)
    if (active.try_emplace(candidate.cell.place).second) asked.insert(candidate.cell.place);
  for (std::size_t i = first_after(now - kRecentMs); i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    if (!stands(entry)) continue;
    for (const std::uint64_t place : entry.places) {
      if (!asked.contains(place)) continue;
      const auto found = active.find(place);
      for (std::size_t w = 0; w < kWindows - 1; ++w)
        if (entry.at > now - kWindowMs[w]) ++found->second[w];
    }
  }
  for (auto& [place, count] : active)
    if (const auto found = active_.find(place); found != active_.end()) count[kWindows - 1] = found->second;
  for (Candidate& candidate : cells) {
    candidate.active = active[candidate.cell.place];
    for (std::size_t w = 0; w < kWindows; ++w) candidate.active[w] = std::max(candidate.active[w], candidate.failing[w]);
  }
}

// The share of failing clients that is no surprise: the place's own past, completed by the fleet's where it is short, or
// what happens in the rest of the fleet right now, whichever is higher.
double IncidentTracker::expected_share(const Candidate& candidate, std::size_t w, const Candidate& fleet) const {
  const Cell& cell = candidate.cell;
  const double doubt = cell.level == 0 ? 15 : cell.level == 1 ? 5 : 2;
  const double usual = (past(fleet.cell.key) + doubt) / (past(fleet.cell.place) + 100);
  double share = usual;
  if (cell.kind != everywhere) {
    share = (past(cell.key) + kPriorClients * usual) / (past(cell.place) + kPriorClients);
    const double elsewhere = std::max(0.0, static_cast<double>(fleet.active[w]) - candidate.active[w]);
    const double failing = std::max(0.0, static_cast<double>(fleet.failing[w]) - candidate.failing[w]);
    share = std::max(share, (failing + 20 * usual) / (elsewhere + 20));
  }
  return std::min(0.9, share * kRoom + kRoomShare);
}

// A site is to blame when its other boxes fail, too, without the worst one.
bool IncidentTracker::is_more_than_one_box(const Candidate& candidate, std::size_t w, double share, const std::vector<Candidate>& cells) const {
  const Cell& cell = candidate.cell;
  if (cell.kind != site) return true;
  std::uint32_t failing = 0;
  std::uint32_t active = 0;
  for (const Candidate& box : cells) {
    const bool inside = box.cell.kind == concentrator && entries_[box.example].places[site] == cell.place;
    if (!inside || box.cell.level != cell.level || box.cell.code != cell.code || box.failing[w] <= failing) continue;
    failing = box.failing[w];
    active = box.active[w];
  }
  const double others = static_cast<double>(candidate.failing[w]) - failing;
  return others >= kOtherClientsMin && likelihood_ratio(others, std::max(others, static_cast<double>(candidate.active[w]) - active), share) >= kSure / 2;
}

void IncidentTracker::score(Timestamp now, std::vector<Candidate>& cells) const {
  for (Candidate& candidate : cells) {
    const Cell& cell = candidate.cell;
    const auto fleet = std::ranges::find_if(cells, [&](const Candidate& c) {
      return c.cell.kind == everywhere && c.cell.level == cell.level && c.cell.code == cell.code && c.cell.session == cell.session;
    });
    if (fleet == cells.end()) continue;
    // How sessions end differs by the hour of the day: what they share must be a place.
    if (cell.kind == everywhere && cell.session) continue;
    if ((cell.kind == everywhere || cell.session) && (past(fleet->cell.place) < kFleetPastMin || now < began_ + kFleetPastMs)) continue;
    for (std::size_t w = 0; w < (cell.kind == everywhere ? kWindows - 1 : kWindows); ++w) {
      const std::uint32_t failing = candidate.failing[w];
      // Failures are told later than successes: where attempts run dry, the last words are all failures.
      if (cell.kind == everywhere && (candidate.active[w] * 2 * kRecentMs < candidate.active[kWindows - 2] * kWindowMs[w] ||
                                      candidate.active[w] * 2 * kKeepMs < candidate.active[kWindows - 1] * kWindowMs[w] ||
                                      candidate.active[w] * 20 < past(cell.place) * static_cast<double>(kWindowMs[w]) / static_cast<double>(now - began_)))
        continue;
      if (failing < (cell.kind == everywhere ? kFleetClientsMin : kClientsMin)) continue;
      if (failing < (cell.kind == everywhere ? kFleetShareMin[cell.level] : kShareMin[cell.kind]) * candidate.active[w]) continue;
      const double share = expected_share(candidate, w, *fleet);
      if (cell.kind == everywhere && failing < kFleetRatioMin * share * candidate.active[w]) continue;
      double sure = likelihood_ratio(failing, candidate.active[w], share);
      if (sure < kSure || !is_more_than_one_box(candidate, w, share, cells)) continue;
      sure *= kPlaceWeight[cell.kind] * kLevelWeight[cell.level];
      // Who decides is who is named: the server of a login, the pool of an address, the box that does not know a group.
      const Family family = cell.level == 0 ? path : cell.level == 1 ? static_cast<Family>(cell.code) : family_of(static_cast<Cause>(cell.code));
      if ((cell.kind == aaa_server && family == login) || (cell.kind == pool && family == address) || (cell.kind == group_on_concentrator && cell.level == 2 && family == group_step))
        sure *= 1.1;
      if (sure <= candidate.score) continue;
      candidate.score = sure;
      candidate.expected = share;
      candidate.share = static_cast<double>(failing) / candidate.active[w];
    }
  }
}

// ---- failures

// The failure of one place at one stage, whatever name a single log gives it: a dead server is "refused" to a client.
bool IncidentTracker::belongs(const Entry& entry, const Watched& watched) {
  const Cell& cell = watched.cell;
  if (cell.place == 0 || !entry.failed || entry.occurred < watched.card.onset - kMinute || entry.occurred > watched.last_bad) return false;
  if (cell.kind == everywhere || cell.level < 2) return matches(entry, cell);
  return entry.places[cell.kind] == cell.place && family_of(entry.cause) == family_of(static_cast<Cause>(cell.code));
}

// A log that comes late tells of what a closed card has told.
void IncidentTracker::set_aside_what_is_over() {
  for_fresh([&](Entry& entry) {
    if (std::ranges::any_of(closed_, [&](const Watched& closed) { return belongs(entry, closed); })) set_aside(entry);
  });
}

// The best explanation first; what it explains is taken away, and the rest is asked again.
void IncidentTracker::find_failures(Timestamp now) {
  constexpr int kRounds = 12;
  set_aside_what_is_over();
  std::vector<bool> explained(entries_.size(), false);
  // A card whose place saw no new failure keeps what it explains.
  PlaceSet touched;
  for_fresh([&](const Entry& entry) {
    if (entry.failed && !entry.set_aside)
      for (const std::uint64_t place : entry.places) touched.insert(place);
  });
  std::unordered_set<std::uint64_t> kept;
  for (const Watched& watched : open_)
    if (watched.cell.place != 0 && !touched.contains(watched.cell.place)) kept.insert(watched.card.id);
  if (!kept.empty())
    for (const std::uint64_t number : failing_) explained[number - first_number_] = kept.contains(at(number).incident);
  for (int round = 0; round < kRounds; ++round) {
    std::vector<Candidate> cells = candidates(now, explained);
    count_active(now, cells);
    score(now, cells);
    const auto best = std::ranges::max_element(cells, [](const Candidate& a, const Candidate& b) {
      return a.score != b.score ? a.score < b.score : a.cell.key < b.cell.key;
    });
    if (best == cells.end() || best->score == 0) return;
    explain(*best, cells, explained, now);
  }
}

// An open card that tells of these failures already, as itself or by another of its faces.
IncidentTracker::Watched* IncidentTracker::relative_of(const std::vector<std::size_t>& members, const Candidate& best) {
  Watched* relative = nullptr;
  std::size_t most = 0;
  for (Watched& watched : open_) {
    if (watched.card.kind == IncidentKind::silence || watched.card.kind == IncidentKind::silent_feed) continue;  // they say less
    std::size_t shared = 0;
    for (const std::size_t i : members) {
      const Entry& entry = entries_[i];
      const bool its_place = watched.cell.place != 0 && watched.cell.kind != everywhere && entry.places[watched.cell.kind] == watched.cell.place;
      const bool its_cell = watched.cell.place != 0 && watched.cell.kind == everywhere && matches(entry, watched.cell);
      const bool its_client = std::ranges::binary_search(watched.clients, entry.client);
      shared += entry.incident == watched.card.id || its_place || its_cell || its_client;
    }
    if (watched.cell.key == best.cell.key) shared = members.size() + 1;
    if (2 * shared < members.size() || shared <= most) continue;
    most = shared;
    relative = &watched;
  }
  return relative;
}

IncidentTracker::Watched* IncidentTracker::open_with(std::uint64_t key) {
  const auto found = std::ranges::find_if(open_, [&](const Watched& w) { return w.cell.key == key; });
  return found == open_.end() ? nullptr : &*found;
}

const IncidentTracker::Watched* IncidentTracker::open_with_place(std::uint64_t place, std::uint64_t but) const {
  const auto found = std::ranges::find_if(open_, [&](const Watched& w) { return w.cell.place == place && w.card.id != but && w.card.open; });
  return found == open_.end() ? nullptr : &*found;
}

// A new card, or the one that was closed for the same place a short while ago.
IncidentTracker::Watched& IncidentTracker::open_for(const Cell& cell, IncidentKind kind, Cause cause, Timestamp now, std::uint64_t seed) {
  for (auto old = closed_.begin(); old != closed_.end(); ++old) {
    const bool over = kind == IncidentKind::security || kind == IncidentKind::account || (old->worked != kUntimed && old->worked >= old->card.onset);
    const Timestamp within = over ? kRelapseMs : kNeverWorkedMs;
    if (old->cell.key != cell.key || old->card.cause != cause || now - old->card.closed_at > within) continue;
    open_.push_back(std::move(*old));
    closed_.erase(old);
    Watched& again = open_.back();
    again.card.open = true;
    again.card.closed_at = kUntimed;
    again.card.closed_why.clear();
    again.changed = true;
    return again;
  }
  Watched fresh;
  fresh.cell = cell;
  fresh.card.kind = kind;
  fresh.card.cause = cause;
  fresh.card.id = mix(mix(cell.key, seed), 0x1C1D);
  fresh.card.detected_at = now;
  fresh.changed = true;
  open_.push_back(std::move(fresh));
  ++counts_.opened;
  return open_.back();
}

// When the share changed: a sum that grows with each failure and shrinks with each success, by what either says for the
// new share against the usual one, was at nought just before it rose highest (the cumulative sum test).
Timestamp IncidentTracker::onset_of(const Candidate& candidate) const {
  const double share = std::clamp(candidate.share, candidate.expected + 0.01, 0.99);
  const double failed = std::log(share / candidate.expected);
  const double worked = std::log((1 - share) / (1 - candidate.expected));
  double sum = 0;
  double highest = 0;
  Timestamp rise = kUntimed;
  Timestamp onset = kUntimed;
  for (const Entry& entry : entries_) {
    if (entry.set_aside || entry.places[candidate.cell.kind] != candidate.cell.place) continue;
    const bool member = matches(entry, candidate.cell);
    if (entry.repeated) continue;
    if (sum <= 0 && member) rise = entry.occurred;
    sum = std::max(0.0, sum + (member ? failed : worked));
    if (sum > highest) highest = sum, onset = rise;
  }
  return onset;
}

void IncidentTracker::add_clients(Watched& watched, const std::vector<std::size_t>& members) {
  for (const std::size_t i : members) {
    Entry& entry = entries_[i];
    if (entry.occurred < watched.card.onset - kMinute) continue;  // usual, before it began
    if (entry.incident == 0) entry.incident = watched.card.id;
    const auto at = std::ranges::lower_bound(watched.clients, entry.client);
    if ((at == watched.clients.end() || *at != entry.client) && watched.clients.size() < kIncidentClientsMax) watched.clients.insert(at, entry.client);
    if (watched.card.samples.size() < kIncidentSamplesMax &&
        std::ranges::none_of(watched.card.samples, [&](const IncidentSample& s) { return s.verdict == entry.verdict; }))
      watched.card.samples.push_back({entry.verdict, entry.text});
  }
  watched.card.affected = watched.clients.size();
}

void IncidentTracker::explain(const Candidate& best, const std::vector<Candidate>& all, std::vector<bool>& explained, Timestamp now) {
  std::vector<std::size_t> members;
  for (std::size_t i = 0; i < entries_.size(); ++i)
    if (!explained[i] && !entries_[i].set_aside && matches(entries_[i], best.cell)) members.push_back(i);
  for (const std::size_t i : members) explained[i] = true;
  // What failed before it began is what is usual.
  const Timestamp onset = onset_of(best);
  std::erase_if(members, [&](std::size_t i) { return entries_[i].occurred < onset - kMinute; });
  Watched* watched = relative_of(members, best);
  if (watched == nullptr) {
    if (open_.size() >= kIncidentsOpenMax) {
      ++counts_.dropped;
      return;
    }
    const IncidentKind kind = best.cell.session ? IncidentKind::sessions_lost : IncidentKind::failures;
    watched = &open_for(best.cell, kind, entries_[members.front()].cause, now, entries_[members.front()].verdict);
  } else if (watched->cell.key != best.cell.key) {
    const auto own = std::ranges::find_if(all, [&](const Candidate& c) { return c.cell.key == watched->cell.key; });
    const double own_score = std::max(watched->score, own == all.end() ? 0 : own->score);
    const bool same_kind = watched->card.kind == IncidentKind::failures || watched->card.kind == IncidentKind::sessions_lost;
    const bool young = now - watched->card.detected_at <= kRecentMs;
    // It must explain most of what the card has explained so far, and better.
    std::size_t told = 0;
    std::size_t covered = 0;
    for (const Entry& entry : entries_) told += entry.incident == watched->card.id && !entry.set_aside;
    for (const std::size_t i : members) covered += entries_[i].incident == watched->card.id;
    if (same_kind && young && 5 * covered >= 3 * told && watched->cell.session == best.cell.session && best.score > 1.15 * own_score) {
      watched->score = best.score;
      watched->cell = best.cell;  // more is known: the failures have more in common than was seen at first
      watched->changed = true;
    } else if (std::ranges::find(watched->echo_keys, best.cell.key) == watched->echo_keys.end() && watched->card.echoes.size() < kIncidentEchoesMax) {
      watched->echo_keys.push_back(best.cell.key);
      const Entry& example = entries_[best.example];
      watched->card.echoes.push_back(std::string(best.cell.level == 2 ? name_of(static_cast<Cause>(best.cell.code)) : "failures") + " of " +
                                     plural(best.failing[kWindows - 1], "client") + (best.cell.kind == group && !example.group.empty() ? " of group " + example.group : "") +
                                     (best.cell.kind == concentrator ? " at " + example.concentrator : ""));
      watched->changed = true;
    }
  }
  if (watched->cell.key == best.cell.key) watched->score = std::max(watched->score, best.score);
  if (watched->card.onset == kUntimed) watched->card.onset = onset;
  add_clients(*watched, members);
  // Cards that were opened for parts of it are parts of it.
  const std::uint64_t id = watched->card.id;
  for (std::size_t i = 0; i < open_.size(); ++i) {
    Watched& other = open_[i];
    if (other.card.id == id || other.cell.session != best.cell.session || other.cell.place == 0) continue;
    std::size_t mine = 0;
    std::size_t shared = 0;
    for (const std::size_t m : members) shared += entries_[m].incident == other.card.id;
    for (const Entry& entry : entries_) mine += entry.incident == other.card.id && !entry.set_aside;
    if (shared == 0 || 2 * shared < mine || other.card.detected_at < now - kRecentMs) continue;
    for (Entry& entry : entries_)
      if (entry.incident == other.card.id) entry.incident = id;
    close(other, "it is part of another incident", now);
  }
}

// ---- silence

// The open incident of which most clients fail that say they called `name`, when their logs alone tell of it; 0: none.
std::uint64_t IncidentTracker::told_by_clients(std::string_view name, Timestamp since) const {
  std::map<std::uint64_t, std::size_t> told;
  for (std::size_t i = first_after(since); i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    if (entry.failed && !entry.logged && entry.incident != 0 && entry.concentrator == name) ++told[entry.incident];
  }
  const auto most = std::ranges::max_element(told, {}, [](const auto& each) { return each.second; });
  return most == told.end() || most->second < 2 ? 0 : most->first;
}

// Connections to `name` of which clients' logs alone tell, after it fell silent at `silent`: what was under way then is no witness.
std::size_t IncidentTracker::witnesses(std::string_view name, Timestamp silent) const {
  return static_cast<std::size_t>(std::count_if(entries_.begin() + static_cast<std::ptrdiff_t>(first_after(silent + kMinute)), entries_.end(), [&](const Entry& entry) {
    return entry.concentrator == name && !entry.logged && !entry.session && !entry.failed;
  }));
}

// Others' attempts arrive as ever, this concentrator's log tells of none; or of nothing at all, which is noticed sooner.
void IncidentTracker::find_silence(Timestamp now) {
  Voice attempts;
  Voice ends;
  for (const auto& [name, volume] : volumes_) attempts.add(volume.attempts), ends.add(volume.ends);
  // The fleet's counts at somebody's last word, an attempt or anything.
  struct LastWord {
    double attempt = 0, attempts_at_any = 0, ends_at_any = 0;
    Timestamp at = kUntimed;  // of the attempt
  };
  struct Due {
    double attempts = 0, anything = 0;
    double most() const { return std::max(attempts, anything); }
  };
  const auto due_since = [&](const Volume& volume, const LastWord& word) {
    return Due{volume.attempts.due(attempts, said_.attempts - word.attempt, now),
               volume.attempts.due(attempts, said_.attempts - word.attempts_at_any, now) + volume.ends.due(ends, said_.ends - word.ends_at_any, now)};
  };
  const auto last_word = [](const Volume& volume) { return LastWord{volume.attempts.heard, volume.attempts_heard, volume.ends_heard, volume.last}; };
  // All boxes of one site together fall silent sooner than each alone. They are silent since the last word of any.
  std::map<std::string_view, LastWord> sites;
  std::set<std::string_view> missed;  // each by a card of its own: what it misses says nothing of the others
  for (const auto& [name, volume] : volumes_) {
    if (open_with(silence_key(name)) != nullptr) missed.insert(name);
    if (!site_of(name).several) continue;
    LastWord& any = sites[site_of(name).cluster];
    const LastWord its = last_word(volume);
    any = {std::max(any.attempt, its.attempt), std::max(any.attempts_at_any, its.attempts_at_any), std::max(any.ends_at_any, its.ends_at_any), std::max(any.at, its.at)};
  }
  const auto due_at_site = [&](std::string_view cluster, const LastWord& word) {
    Due sum;
    for (const auto& [name, volume] : volumes_) {
      if (site_of(name).cluster != cluster || missed.contains(name)) continue;
      const Due its = due_since(volume, word);
      sum.attempts += its.attempts;
      sum.anything += its.anything;
    }
    return sum.most();
  };
  for (const auto& [name, volume] : volumes_) {
    if (volume.attempts.past < 50) continue;
    const double due = due_since(volume, last_word(volume)).most();
    const Cell cell{silence_key(name), place_key(kAttemptSeed, concentrator, name), concentrator, 0, 0, false};
    Watched* watched = open_with(cell.key);
    if (watched != nullptr) {
      if (watched->card.kind == IncidentKind::silence && volume.last != kUntimed && witnesses(name, volume.last) >= 2) {
        watched->card.kind = IncidentKind::silent_feed;
        watched->changed = true;
      }
      const Watched* failures = open_with_place(cell.place, watched->card.id);
      if (failures != nullptr && watched->card.dimension == Dimension::concentrator) close(*watched, "it is part of another incident", now);
      if (volume.last != kUntimed && volume.last > watched->last_bad) watched->worked = volume.last;
      if (due > kSilenceExpected / 3 || volume.last == kUntimed) watched->last_bad = now;
      continue;
    }
    if (volume.last == kUntimed || now - volume.last < kSilenceMs || due < kSilenceWitnessed * 3 / 4) continue;
    // Clients' logs that tell of it nevertheless are witnesses.
    const std::size_t connected = witnesses(name, volume.last);
    const auto together = sites.find(site_of(name).cluster);
    const auto plain = [&](Timestamp since) { return now - since >= kSilenceMs && (now - began_ >= 24 * kHour || now - since <= kHabitMs); };
    const bool whole_site = together != sites.end() && plain(together->second.at) && due_at_site(together->first, together->second) >= kSilenceExpected;
    const bool alone = plain(volume.last) && due >= kSilenceExpected;
    const bool witnessed = connected >= 4 && due >= kSilenceWitnessed;
    if (!alone && !witnessed && !whole_site) continue;
    // Both of a site fell silent: one card. The first one's card becomes the site's.
    const std::string_view cluster = inventory_->cluster_of(name);
    const auto sibling = std::ranges::find_if(open_, [&](const Watched& w) {
      return (w.card.kind == IncidentKind::silence || w.card.kind == IncidentKind::silent_feed) && !cluster.empty() &&
             (w.card.value == cluster || inventory_->cluster_of(w.card.value) == cluster);
    });
    if (sibling != open_.end()) {
      if (std::ranges::find(sibling->echo_keys, cell.key) != sibling->echo_keys.end()) continue;
      sibling->echo_keys.push_back(cell.key);
      sibling->card.echoes.push_back("it began with " + sibling->card.value);
      sibling->card.dimension = Dimension::site;
      sibling->card.value = cluster;
      sibling->card.echoes.push_back("nothing arrives at " + name + " either");
      sibling->changed = true;
      continue;
    }
    // Its clients fail already, says their own log: that card says it all.
    const std::uint64_t told = told_by_clients(name, volume.last);
    const auto failing = std::ranges::find_if(open_, [&](const Watched& w) {
      return w.cell.place == cell.place || (w.cell.kind == site && !cluster.empty() && w.card.value == cluster) || w.card.id == told;
    });
    if (failing != open_.end()) {
      if (std::ranges::find(failing->echo_keys, cell.key) == failing->echo_keys.end() && failing->card.echoes.size() < kIncidentEchoesMax) {
        failing->echo_keys.push_back(cell.key);
        failing->card.echoes.push_back("no attempt arrives in the log of " + name + " since " + clock_text(volume.last));
        failing->changed = true;
      }
      continue;
    }
    if (open_.size() >= kIncidentsOpenMax) {
      ++counts_.dropped;
      continue;
    }
    Watched& fresh = open_for(cell, connected >= 2 ? IncidentKind::silent_feed : IncidentKind::silence, Cause::undetermined, now, static_cast<std::uint64_t>(volume.last));
    fresh.card.value = name;
    fresh.card.dimension = Dimension::concentrator;
    if (fresh.card.onset == kUntimed) fresh.card.onset = volume.last;
    fresh.last_bad = now;
  }
}

// ---- security

void IncidentTracker::find_security(Timestamp now) {
  find_sprays(now);
  find_accounts(now);
  find_scans(now);
}

// Many names from few sources, none of which gets in.
void IncidentTracker::find_sprays(Timestamp now) {
  struct Source {
    std::set<std::uint64_t> names;
    std::uint32_t unknown = 0, rejected = 0, succeeded = 0;
    std::vector<std::size_t> members;
  };
  PlaceSet touched;
  for_fresh([&](const Entry& entry) {
    if (entry.failed && is_credential(entry.cause)) touched.insert(entry.places[network24]);
  });
  if (touched.empty()) return;
  std::map<std::string, Source> sources;
  for (std::size_t i = first_after(now - kRecentMs); i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    if (entry.session || !touched.contains(entry.places[network24])) continue;
    const bool guess = entry.failed && entry.person != 0 && is_credential(entry.cause);
    if (!guess && entry.failed) continue;
    const std::string network(front_of(entry.peer, 3));
    const auto found = guess ? sources.try_emplace(network).first : sources.find(network);
    if (found == sources.end()) continue;
    if (!guess) {
      ++found->second.succeeded;
      continue;
    }
    found->second.names.insert(entry.person);
    ++(entry.cause == Cause::user_unknown ? found->second.unknown : found->second.rejected);
    found->second.members.push_back(i);
  }
  constexpr std::size_t kNamesMin = 5;
  constexpr std::size_t kNetworksMax = 5;  // where everybody is unknown, the directory is broken
  std::vector<std::size_t> members;
  std::string value;
  std::size_t count = 0;
  std::size_t names = 0;
  for (const auto& [network, source] : sources) {
    const bool guessing = source.names.size() >= kNamesMin && source.unknown >= 3 && source.unknown >= source.rejected && source.succeeded * 5 <= source.names.size();
    if (!guessing) continue;
    members.insert(members.end(), source.members.begin(), source.members.end());
    value += (count == 0 ? "" : count < 3 ? ", " : "") + (count < 3 ? network + ".0/24" : "");
    names += source.names.size();
    ++count;
  }
  if (count == 0 || count > kNetworksMax) return;
  const Cell cell{kSprayKey, 0, 0, 0, 0, false};
  Watched* watched = open_with(cell.key);
  if (watched == nullptr) {
    if (open_.size() >= kIncidentsOpenMax) return;
    watched = &open_for(cell, IncidentKind::security, Cause::user_unknown, now, entries_[members.front()].verdict);
    watched->card.dimension = Dimension::sources;
  }
  watched->card.value = value;
  for (const std::size_t i : members) {
    Entry& entry = entries_[i];
    if (!entry.set_aside && entry.incident == 0) watched->last_bad = now;
    if (watched->card.samples.size() < kIncidentSamplesMax && !entry.set_aside) watched->card.samples.push_back({entry.verdict, entry.text});
    if (watched->card.onset == kUntimed || entry.occurred < watched->card.onset) watched->card.onset = entry.occurred;
    set_aside(entry);
  }
  watched->card.active = std::max<std::uint64_t>(watched->card.active, names);
}

// One account from many places: a stale saved password, or an attack on it.
void IncidentTracker::find_accounts(Timestamp now) {
  struct Account {
    std::set<std::string> sources;
    bool locked = false;
    std::vector<std::size_t> members;
  };
  PlaceSet touched;
  for_fresh([&](const Entry& entry) {
    if (entry.failed && is_credential(entry.cause)) touched.insert(entry.person);
  });
  if (touched.empty()) return;
  std::map<std::uint64_t, Account> accounts;
  for (std::size_t i = first_after(now - kRecentMs); i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    if (!entry.failed || entry.session || !is_credential(entry.cause) || !touched.contains(entry.person)) continue;
    Account& account = accounts[entry.person];
    if (!entry.peer.empty()) account.sources.insert(entry.peer);
    account.locked = account.locked || entry.cause == Cause::user_account_locked;
    account.members.push_back(i);
  }
  for (const auto& [person, account] : accounts) {
    if (account.members.size() < 6 || account.sources.size() < (account.locked ? 3u : 4u)) continue;
    const Cell cell{mix(person, 0xACC0), 0, 0, 0, 0, false};
    Watched* watched = open_with(cell.key);
    if (watched == nullptr) {
      if (open_.size() >= kIncidentsOpenMax) return;
      const Cause cause = account.locked ? Cause::user_account_locked : entries_[account.members.front()].cause;
      watched = &open_for(cell, IncidentKind::account, cause, now, entries_[account.members.front()].verdict);
      watched->card.dimension = Dimension::user;
    }
    for (const std::size_t i : account.members) {
      Entry& entry = entries_[i];
      if (!entry.set_aside) watched->last_bad = now;
      if (watched->card.samples.size() < kIncidentSamplesMax && !entry.set_aside) watched->card.samples.push_back({entry.verdict, entry.text});
      if (watched->card.onset == kUntimed || entry.occurred < watched->card.onset) watched->card.onset = entry.occurred;
      if (watched->card.cause != Cause::user_account_locked && account.locked) watched->card.cause = Cause::user_account_locked, watched->changed = true;
      set_aside(entry);
    }
    watched->card.active = std::max<std::uint64_t>(watched->card.active, account.sources.size());
    watched->card.affected = 1;
  }
}

// More sources than usual make attempts of no user, or one makes very many.
void IncidentTracker::find_scans(Timestamp now) {
  constexpr double kScannersMin = 5;
  constexpr std::uint32_t kLoudScan = 100;  // attempts in half an hour
  constexpr double kScanHoursMin = 2;  // before that there is no usual number of them
  const Cell cell{kScanKey, 0, 0, 0, 0, false};
  const double found = static_cast<double>(scanners_.size());
  const bool loud = std::ranges::any_of(scanners_, [](const auto& each) { return each.second >= kLoudScan; });
  const double usual = kRoom * (scan_past_ + 2) / (scan_hours_ + 1) * (static_cast<double>(kRecentMs) / kHour) + 2;
  const double sure = found > usual ? found * std::log(found / usual) - (found - usual) : 0;
  Watched* watched = open_with(cell.key);
  if (watched != nullptr) {
    if ((loud || sure >= kStillBad) && !scans_.empty() && scans_.back().at > now - kWellMs) watched->last_bad = now;
    return;
  }
  const bool more = found >= kScannersMin && sure >= kSure && scan_hours_ >= kScanHoursMin;
  if ((!more && !loud) || open_.size() >= kIncidentsOpenMax) return;
  watched = &open_for(cell, IncidentKind::security, Cause::not_a_user_attempt, now, scans_.front().verdict);
  Incident& card = watched->card;
  card.dimension = Dimension::sources;
  for (const Scan& scan : scans_)
    if (card.samples.size() < kIncidentSamplesMax) card.samples.push_back({scan.verdict, {}});
  const auto most = std::ranges::max_element(scanners_, {}, [](const auto& each) { return each.second; });
  // A loud one began with its first word, not with that of another which came by half an hour ago.
  if (card.onset == kUntimed) card.onset = (loud ? *std::ranges::find(scans_, most->first, &Scan::peer) : scans_.front()).at;
  card.value = most->first + (scanners_.size() > 1 ? " and " + plural(scanners_.size() - 1, "other source") : "");
  card.active = scans_.size();
  watched->last_bad = now;
}

// ---- the card

namespace {

std::string_view reading_of(Dimension dimension, Cause cause, bool mixed, IncidentKind kind) {
  if (kind == IncidentKind::sessions_lost)
    return "Sessions of many ended together. All of one box within a second, and the users return on the same address: a switchover; "
           "else a break of the network. Login limits and full pools right after it are its echo.";
  const Family family = family_of(cause);
  switch (dimension) {
    case Dimension::concentrator:
      if (mixed) return "Many groups fail on one box for different reasons: the box itself (load, clock, boot), no group's fault.";
      if (family == path) return "Many groups fail on one box, other boxes work: its public filter, interface, route or power; not the clients.";
      if (family == login) return "All logins of one box fail: its authentication server or the settings for it; not the passwords.";
      return "Many groups fail on one box in the same way: its configuration, no group's fault.";
    case Dimension::site: return "All boxes of one site fail: the site's firewall or its provider; not the clients.";
    case Dimension::group:
      if (cause == Cause::group_password_mismatch)
        return "The whole group fails from one moment on: its password was changed on one side; not users who mistype.";
      if (cause == Cause::group_name_unknown) return "The whole group is unknown: it was renamed or deleted.";
      if (family == address) return "One group gets no address: its pool or policy; not authentication.";
      return "Everything that fails belongs to one group, other groups work: the group's configuration.";
    case Dimension::group_on_concentrator:
      if (cause == Cause::group_name_unknown) return "One box lacks the group that others have: the root is whatever sent the clients there.";
      return "One group fails on one box, others accept it: a change reached one box only; not the profiles.";
    case Dimension::aaa_server:
      if (cause == Cause::user_rejected_unspecified) return "One server refuses everybody: its secret or policy was changed; not the passwords.";
      return "All that ask one authentication server fail: the server; not the passwords.";
    case Dimension::pool: return "One pool has no address left or is not defined; not authentication.";
    case Dimension::network: return "Only clients of one network fail: their provider or firewall; not ours, since other networks work.";
    case Dimension::cause:
      if (cause == Cause::natt_udp4500_blocked) return "Clients behind NAT fail, others do not: our firewall lost UDP/4500; no provider's fault.";
      if (cause == Cause::certificate_expired || cause == Cause::certificate_rejected)
        return "Certificate users fail from one moment on: the root, the CRL or the gateway's certificate ran out; not the users' own.";
      return "The cause is all that the failures share: something that the whole fleet uses.";
    default: return "Failures all over the fleet share nothing but the time: look at what everything depends on.";
  }
}

// "group sales", "vpn1" …
std::string place_text(const Incident& card) {
  switch (card.dimension) {
    case Dimension::concentrator: return "concentrator " + card.value;
    case Dimension::site: return "site " + card.value;
    case Dimension::group: return "group " + card.value;
    case Dimension::group_on_concentrator: return "group " + card.value;
    case Dimension::aaa_server: return "authentication server " + card.value;
    case Dimension::pool: return "pool " + card.value;
    case Dimension::network: return "network " + card.value;
    case Dimension::user: return "user " + card.value;
    case Dimension::cause:
    case Dimension::fleet:
    case Dimension::sources: break;
  }
  return "the fleet";
}

std::string who_acts(Actor actor) {
  switch (actor) {
    case Actor::client: return "whoever runs the clients";
    case Actor::network: return "the network team";
    case Actor::concentrator: return "the concentrator's administrator";
    case Actor::aaa: return "the authentication team";
    case Actor::nobody: break;
  }
  return "the VPN team";
}

}  // namespace

void IncidentTracker::describe(Watched& watched, Timestamp now) {
  Incident& card = watched.card;
  card.told_at = now;
  if (card.kind == IncidentKind::security) {
    card.grade = Grade::probable;
    const bool spray = card.cause == Cause::user_unknown;
    card.sentence = spray ? "Somebody at " + card.value + " tries passwords of " + std::to_string(card.active) + " user names since " + clock_text(card.onset) +
                                ". No user is affected: open no tickets for them; block the source."
                          : "Scan from " + card.value + " since " + clock_text(card.onset) + ": " + std::to_string(card.active) +
                                " attempts that no user made. Nobody is affected; block the source.";
    card.reading = spray ? "Many names, few sources, none gets in: password spraying, no forgotten passwords." : "Names are guessed or first messages never followed up: a scan, no fault of ours.";
    return;
  }
  const std::vector<std::size_t> members = watched.cell.place == 0 || card.kind == IncidentKind::silence || card.kind == IncidentKind::silent_feed
                                               ? std::vector<std::size_t>{}
                                               : members_of(watched.cell);
  if (card.kind == IncidentKind::account) {
    card.grade = Grade::probable;
    card.step = row_of(card.cause).step;
    card.actor = Actor::aaa;
    card.sentence = "One account is refused again and again from " + plural(card.active, "source") + " since " + clock_text(card.onset) +
                    ". Find the device with the stale saved password, or treat it as an attack on this account (" + who_acts(card.actor) + ").";
    card.reading = "One user, many sources: a saved password that is stale, or an attack on that account; no fault of the server.";
    return;
  }
  if (card.kind == IncidentKind::silence || card.kind == IncidentKind::silent_feed) {
    const bool feed = card.kind == IncidentKind::silent_feed;
    const std::string where = (card.dimension == Dimension::site ? "site " : "concentrator ") + card.value;
    card.actor = feed ? Actor::nobody : Actor::network;
    card.grade = feed ? Grade::probable : Grade::guess;
    card.sentence = feed ? "The log of " + where + " does not arrive since " + clock_text(card.onset) +
                               ", though clients connect. Repair its syslog feed; verdicts about it are guesses until then (the VPN team)."
                         : "No attempt arrives at " + where + " since " + clock_text(card.onset) +
                               " while others have as many as ever. Check its power, its path and its syslog feed, in this order (" + who_acts(card.actor) + ").";
    card.reading = feed ? "Clients' logs tell of connections that this log lacks: the feed is silent, the box is not."
                        : "Calls come before log lines, since nothing is logged: box, path or feed; not a quiet hour, since others are busy.";
    card.next_check = feed ? std::string{} : "Does it answer a ping from outside? Then it is the log feed or its filter.";
    return;
  }
  if (members.empty()) return;
  // The most frequent cause tells the step and what to do.
  std::array<std::uint32_t, kCauseCount> by_cause{};
  std::array<std::uint32_t, 3> by_grade{};
  for (const std::size_t i : members) ++by_cause[static_cast<std::size_t>(entries_[i].cause)], ++by_grade[static_cast<std::size_t>(entries_[i].grade)];
  const std::size_t top = static_cast<std::size_t>(std::ranges::max_element(by_cause) - by_cause.begin());
  card.cause = static_cast<Cause>(top);
  card.mixed = by_cause[top] * 10 < members.size() * 6;
  card.step = card.mixed ? 0 : row_of(card.cause).step;
  card.actor = card.mixed && watched.cell.kind == concentrator ? Actor::concentrator : row_of(card.cause).actor;
  card.grade = by_grade[2] * 10 >= members.size() * 8 ? Grade::certain : by_grade[0] * 2 > members.size() ? Grade::guess : Grade::probable;
  if (card.mixed) card.grade = std::min(card.grade, Grade::probable);
  const Entry& example = entries_[members.front()];
  card.dimension = kDimensionOf[watched.cell.kind];
  switch (watched.cell.kind) {
    case everywhere:
      card.value = watched.cell.level == 2 ? std::string(name_of(card.cause)) : watched.cell.level == 1 ? std::string(kFamilyNames[watched.cell.code]) : "";
      if (watched.cell.level == 2) card.dimension = Dimension::cause;
      break;
    case concentrator: card.value = example.concentrator; break;
    case site: card.value = inventory_->cluster_of(example.concentrator); break;
    case group: card.value = example.group; break;
    case group_on_concentrator: card.value = example.group + " on " + example.concentrator; break;
    case aaa_server: card.value = example.server; break;
    case pool: card.value = example.pool; break;
    case network24: card.value = std::string(front_of(example.peer, 3)) + ".0/24"; break;
    case network16: card.value = std::string(front_of(example.peer, 2)) + ".0.0/16"; break;
  }
  // Who else is there, and what works beside it.
  std::uint64_t here = 0;
  std::uint64_t works_here = 0;
  std::uint64_t works_elsewhere = 0;
  std::uint64_t group_elsewhere = 0;
  std::uint64_t others_there = 0;
  card.steps_before = {};
  card.steps_after = {};
  for (const Entry& entry : entries_) {
    if (entry.session != watched.cell.session || entry.set_aside || entry.at <= std::min(now, card.onset) - kRecentMs) continue;
    const bool inside = entry.places[watched.cell.kind] == watched.cell.place;
    if (inside && entry.failed) {
      auto& steps = entry.occurred < card.onset ? card.steps_before : card.steps_after;
      ++steps[static_cast<std::size_t>(std::clamp(row_of(entry.cause).step, 0, 8))];
    }
    if (entry.superseded) continue;
    here += inside && entry.at >= std::max(now - kRecentMs, card.onset);
    if (entry.failed || entry.at < card.onset) continue;
    ++(inside ? works_here : works_elsewhere);
    if (watched.cell.kind == group_on_concentrator && !inside) {
      group_elsewhere += entry.group == example.group;
      others_there += entry.concentrator == example.concentrator;
    }
  }
  card.active = std::max<std::uint64_t>(here, card.affected);
  card.counter_evidence.clear();
  if (group_elsewhere > 0) card.counter_evidence.push_back("group " + example.group + " connects on other concentrators (" + plural(group_elsewhere, "client") + ")");
  if (others_there > 0) card.counter_evidence.push_back("other groups connect on " + example.concentrator + " (" + plural(others_there, "client") + ")");
  if (works_elsewhere > 0 && watched.cell.kind != group_on_concentrator && watched.cell.kind != everywhere)
    card.counter_evidence.push_back(plural(works_elsewhere, "client") + (watched.cell.session ? " elsewhere keep their sessions or end them as usual" : " elsewhere connect"));
  if (works_here > 0) card.counter_evidence.push_back(plural(works_here, "client") + " of " + place_text(card) + (watched.cell.session ? " ended as usual" : " connect all the same"));
  card.changes.clear();
  for (const Change& change : changes_)
    if (std::abs(change.at - card.onset) <= kRecentMs && (watched.cell.kind != concentrator || change.concentrator == card.value))
      card.changes.push_back(change.concentrator + ": " + change.text);
  const std::string what = card.mixed ? "for different reasons, most often " + std::string(name_of(card.cause))
                                      : "at step " + std::to_string(card.step) + ", " + std::string(name_of(card.cause));
  if (watched.cell.session) {
    card.sentence = plural(card.affected, "session") + " of " + place_text(card) + " were lost since " + clock_text(card.onset) + " (" + std::string(name_of(card.cause)) +
                    "). " + std::string(row_of(card.cause).remedy) + " (" + who_acts(card.actor) + ").";
  } else {
    const std::string who = works_here == 0 && card.affected + 1 >= card.active ? "Nobody of " : std::to_string(card.affected) + " of " + std::to_string(card.active) + " active clients of ";
    card.sentence = who + place_text(card) + (works_here == 0 && card.affected + 1 >= card.active ? " can connect since " : " cannot connect since ") + clock_text(card.onset) + ": it stops " + what + ". " +
                    (card.mixed ? "Look at what they share first." : std::string(row_of(card.cause).remedy)) + " (" + who_acts(card.actor) + ").";
  }
  card.reading = reading_of(card.dimension, card.cause, card.mixed, card.kind);
  card.next_check = card.grade == Grade::certain ? "" : card.mixed ? "Read the log of what they share around the onset." : "Read one of the sample attempts with both logs (explain).";
}

void IncidentTracker::close(Watched& watched, std::string_view why, Timestamp now) {
  watched.card.open = false;
  watched.card.closed_at = now;
  watched.card.closed_why = why;
  watched.changed = true;
}

// Cards are closed when the place works again for a quarter of an hour, or when nobody tries any more.
void IncidentTracker::settle(Timestamp now) {
  for (Watched& watched : open_) {
    Incident& card = watched.card;
    if (!card.open) continue;
    if (watched.last_bad == kUntimed) watched.last_bad = now;
    if (card.kind == IncidentKind::failures || card.kind == IncidentKind::sessions_lost) {
      std::uint32_t failing = 0;
      std::uint32_t active = 0;
      for (std::size_t i = first_after(now - kWellMs); i < entries_.size(); ++i) {
        const Entry& entry = entries_[i];
        if (entry.places[watched.cell.kind] != watched.cell.place) continue;
        if (!entry.failed) watched.worked = std::max(watched.worked, entry.at);
        if (entry.at <= watched.last_bad) continue;
        const bool bad = matches(entry, watched.cell);
        failing += bad;
        active += bad || !entry.superseded;
      }
      // One in twenty may still fail; a lost session does not come back, so the first quiet quarter of an hour will do.
      const double usual = (past(watched.cell.key) + 1) / (past(watched.cell.place) + 20);
      if (failing > 0 && likelihood_ratio(failing, active, std::min(0.9, usual * kRoom + kRoomShare)) >= kStillBad) watched.last_bad = now;
      if (failing > 0 && active == failing) watched.last_bad = now;
    }
    const bool works = watched.worked != kUntimed && watched.worked > watched.last_bad;
    const bool by_itself = card.kind == IncidentKind::security || card.kind == IncidentKind::account || card.kind == IncidentKind::sessions_lost;
    if (now - watched.last_bad >= kWellMs && (works || by_itself))
      close(watched, card.kind == IncidentKind::silence || card.kind == IncidentKind::silent_feed ? "its log tells of attempts again" : by_itself ? "it stopped" : "it works again for a quarter of an hour", now);
    else if (now - watched.last_bad >= kQuietMs)
      close(watched, "nobody has failed or succeeded there for two hours", now);
  }
}

void IncidentTracker::tell(Timestamp now, std::vector<Incident>& out) {
  for (Watched& watched : open_) {
    const bool grown = watched.card.affected >= 2 * std::max<std::uint64_t>(watched.told_affected, 1) && watched.card.affected > watched.told_affected;
    if (!watched.changed && !grown) continue;
    if (watched.card.open || watched.card.sentence.empty()) describe(watched, now);
    watched.card.told_at = now;
    ++watched.card.revision;
    watched.changed = false;
    watched.told_affected = watched.card.affected;
    out.push_back(watched.card);
  }
  for (std::size_t i = 0; i < open_.size();) {
    if (open_[i].card.open) {
      ++i;
      continue;
    }
    ++counts_.closed;
    // What it explained is over: it neither opens another card nor is it what is usual.
    for (Entry& entry : entries_)
      if (entry.incident == open_[i].card.id || belongs(entry, open_[i])) set_aside(entry);
    if (closed_.size() >= kIncidentsClosedMax) closed_.pop_front();
    closed_.push_back(std::move(open_[i]));
    open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

void IncidentTracker::advance_to(Timestamp now, std::vector<Incident>& out) {
  if (now == kUntimed) return;
  if (asked_ == kUntimed) {  // it begins with the first sign
    if (waiting_.empty() || waiting_.begin()->at > now) return;
    asked_ = full(waiting_.begin()->at, kTickMs);
  }
  const Timestamp last = full(now, kTickMs);
  while (asked_ < last) {
    // Where nothing is told and nothing is open, nothing changes until the next sign.
    if (idle()) asked_ = std::max(asked_, std::min(last, waiting_.empty() ? last : full(waiting_.begin()->at, kTickMs)));
    if (asked_ < last) ++asked_;
    read_until(asked_ * kTickMs);
    ask(asked_ * kTickMs, out);
  }
}

bool IncidentTracker::idle() const { return entries_.empty() && scans_.empty() && open_.empty() && volumes_.empty(); }

void IncidentTracker::ask(Timestamp now, std::vector<Incident>& out) {
  expire(now);
  decay(now);
  find_security(now);
  find_failures(now);
  find_silence(now);
  settle(now);
  tell(now, out);
  for_fresh([](Entry& entry) { entry.fresh = false; });
  fresh_.clear();
  said_.at = now;
  said_lately_.push_back(said_);
  if (said_lately_.size() > kSaidLately) said_lately_.pop_front();
  counts_.tracked = entries_.size();
}

std::string IncidentTracker::save() const {
  StateWriter writer;
  IncidentTracker(*this).archive(writer);
  return writer.take();
}

bool IncidentTracker::restore(std::string_view bytes) {
  StateReader reader(bytes);
  archive(reader);
  return reader.ok() && reader.at_end();
}

std::string IncidentTracker::state_shape() {
  const Inventory inventory;
  StateShape shape;
  IncidentTracker(&inventory).archive(shape);
  return shape.take();
}

std::vector<const Incident*> IncidentTracker::open_cards() const {
  std::vector<const Incident*> out;
  for (const Watched& watched : open_) out.push_back(&watched.card);
  return out;
}

}  // namespace vpnverdict
