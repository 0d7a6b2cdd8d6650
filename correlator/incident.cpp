#include "correlator/incident.h"

#include <algorithm>
#include <cmath>
#include <ranges>
#include <utility>

#include "correlator/half.h"
#include "correlator/incident_terms.h"
#include "correlator/keys.h"
#include "correlator/letters.h"
#include "correlator/limits.h"
#include "correlator/state_bytes.h"

namespace vpnverdict {
using namespace incident_parts;
namespace {

constexpr Timestamp kStaleMs = 20 * kMinute;   // longer than any attempt takes: a log that was shipped late
constexpr Timestamp kQuietMs = 2 * kHour;      // nobody fails there any more, nobody succeeds either
constexpr Timestamp kRelapseMs = 30 * kMinute;
constexpr Timestamp kNeverWorkedMs = 24 * kHour;  // a place that went quiet without a success is the same trouble a day later
constexpr double kHalfLifeHours = 48;
constexpr Timestamp kSidesToldMs = 15 * kMinute;  // one side's log after the other's
constexpr Timestamp kSidesClocksMs = 5 * kMinute;
constexpr Timestamp kWarmUpMs = 10 * kMinute;  // successes are told at once, failures when somebody has given up

// Numbers of entries, in order.
void insert(std::deque<std::uint64_t>& numbers, std::uint64_t number) {
  if (numbers.empty() || numbers.back() < number) return numbers.push_back(number);
  numbers.insert(std::ranges::lower_bound(numbers, number), number);
}
void erase(std::deque<std::uint64_t>& numbers, std::uint64_t number) {
  if (!numbers.empty() && numbers.front() == number) return numbers.pop_front();
  const auto found = std::ranges::lower_bound(numbers, number);
  if (found != numbers.end() && *found == number) numbers.erase(found);
}

constexpr auto kLater = [](const auto& a, const auto& b) { return b < a; };  // of a heap with the earliest in front

bool differ(std::string_view a, std::string_view b) { return !a.empty() && !b.empty() && !equal_ignoring_case(a, b); }

// An attempt and the end of a session are told apart: who has connected and leaves is one success in either place.
std::uint64_t result_key(const auto& entry) { return mix(mix(entry.client, entry.session), entry.failed ? 1 : entry.worked() ? 0 : 2); }

}  // namespace

// ---- taking in

IncidentTracker::Site& IncidentTracker::site_of(std::string_view name) {
  const std::uint64_t key = vpnverdict::hash_of(name);
  const auto found = sites_.find(key);
  const bool taken = found != sites_.end();
  if (taken && found->second.name == name) return found->second;
  if (!taken && sites_.size() >= kIncidentVolumesMax) sites_.clear();
  Site& fresh = taken ? other_site_ : sites_[key];
  fresh = Site{std::string(name), inventory_->cluster_of(name), false, hash_of_name(name), 0, {}, {}, nullptr};
  fresh.scope_hash = fresh.cluster.empty() ? fresh.name_hash : hash_of_name(fresh.cluster);
  fresh.several = std::ranges::count_if(inventory_->concentrators, [&](const Concentrator& c) { return c.cluster == fresh.cluster; }) > 1;
  for (const std::uint64_t seed : {kAttemptSeed, kSessionSeed}) {
    const bool of_session = seed == kSessionSeed;
    if (!name.empty()) fresh.box_keys[of_session] = place_key(seed, concentrator, fresh.name_hash);
    if (fresh.several && !fresh.cluster.empty()) fresh.site_keys[of_session] = place_key(seed, site, fresh.scope_hash);
  }
  return fresh;
}

std::uint64_t IncidentTracker::pool_key(std::uint64_t of_group, const Site& its) { return mix(mix(3, of_group), its.scope_hash); }

IncidentTracker::Volume* IncidentTracker::volume_of(Site& its) {
  if (its.volume == nullptr)
    if (const auto found = volumes_.find(its.name); found != volumes_.end()) its.volume = &found->second;
  return its.volume;
}

IncidentTracker::Entry IncidentTracker::entry_of(std::unique_ptr<Sign> of, Timestamp at, Site& its_site) {
  Entry entry(std::move(of));
  Sign& sign = *entry.sign;
  entry.at = at;
  entry.occurred = sign.occurred == kUntimed ? at : std::min(sign.occurred, at);
  entry.verdict = sign.verdict;
  entry.revision = sign.revision;
  entry.session = sign.about == Sign::About::session;
  // A log names the server where it refuses, seldom where it agrees: who got past the login has asked the usual one.
  if (sign.server.empty() && !entry.session && (sign.cause == Cause::connected || row_of(sign.cause).step >= 7))
    if (const Volume* volume = volume_of(its_site)) sign.server = volume->server;
  if (sign.pool.empty() && sign.cause == Cause::connected)
    if (const auto pool = pool_of_.find(pool_key(hash_of_name(sign.group), its_site)); pool != pool_of_.end()) sign.pool = pool->second;
  entry.cause = sign.outcome == Outcome::in_progress ? Cause::undetermined : sign.cause;
  entry.grade = sign.grade;
  entry.failed = sign.failed();
  entry.logged = sign.logged;
  entry.person = sign.person;
  entry.client = sign.client;
  const std::uint64_t seed = entry.session ? kSessionSeed : kAttemptSeed;
  entry.places[everywhere] = place_key(seed, everywhere, 0);
  entry.places[concentrator] = its_site.box_keys[entry.session];
  entry.places[site] = its_site.site_keys[entry.session];
  if (!sign.group.empty()) {
    const std::uint64_t its_group = hash_of_name(sign.group);
    entry.places[group] = place_key(seed, group, its_group);
    if (!sign.concentrator.empty()) entry.places[group_on_concentrator] = place_key(seed, group_on_concentrator, its_group, its_site.name_hash);
  }
  if (!sign.server.empty()) entry.places[aaa_server] = place_key(seed, aaa_server, hash_of_name(sign.server));
  if (!sign.pool.empty() && !sign.concentrator.empty()) entry.places[pool] = place_key(seed, pool, hash_of_name(sign.pool), its_site.scope_hash);
  for (const auto& [place, parts] : {std::pair{network24, 3}, {network16, 2}})
    if (const std::string_view network = front_of(sign.peer, parts); !network.empty()) entry.places[place] = place_key(seed, place, hash_of_name(network));
  return entry;
}

void IncidentTracker::take(Sign&& sign) {
  if (read_until_ != kUntimed && sign.at <= read_until_) {
    ++counts_.late;
    sign.at = read_until_ + 1;
  }
  const Timestamp at = sign.at;
  waiting_.push_back({at, std::make_unique<Sign>(std::move(sign))});
  std::push_heap(waiting_.begin(), waiting_.end(), kLater);
  // Beyond the bound the oldest are read although earlier ones may come.
  while (waiting_.size() > kSignsWaitingMax) read_until(waiting_.front().at);
}

void IncidentTracker::read_until(Timestamp time) {
  while (!waiting_.empty() && waiting_.front().at <= time) {
    std::pop_heap(waiting_.begin(), waiting_.end(), kLater);
    std::unique_ptr<Sign> earliest = std::move(waiting_.back().sign);
    waiting_.pop_back();
    read(std::move(earliest));
  }
  read_until_ = std::max(read_until_, time);
}

void IncidentTracker::read(std::unique_ptr<Sign> of) {
  Sign& sign = *of;
  if (sign.about == Sign::About::boot) return note_boot(sign);
  const auto known = by_verdict_.find(sign.verdict);
  if (sign.about == Sign::About::joined) {
    if (known != by_verdict_.end()) set_aside(known->second);
    return;
  }
  if (known != by_verdict_.end()) {
    const Entry& told = at(known->second);
    if (sign.revision <= told.revision) return;
    ++counts_.amended;
    if (sign.outcome != Outcome::not_a_user_attempt) return amend(known->second, entry_of(std::move(of), told.at, site_of(sign.concentrator)));
    set_aside(known->second);
    by_verdict_.erase(known);
  }
  if (sign.occurred != kUntimed && std::abs(sign.at - sign.occurred) > kStaleMs) {
    ++counts_.stale;
    return;
  }
  if (sign.outcome == Outcome::not_a_user_attempt) {
    if (sign.cause != Cause::not_a_user_attempt) return;  // another site's gateway
    if (scans_.size() >= kIncidentScansMax) forget_scan(), ++counts_.dropped;
    scans_.push_back({sign.at, sign.peer, sign.group, sign.concentrator, sign.verdict});
    ++scanners_[sign.peer];
    return;
  }
  if (sign.outcome == Outcome::in_progress) return;
  ++counts_.taken;
  Site& its_site = site_of(sign.concentrator);
  const Timestamp told = sign.at;
  put(entry_of(std::move(of), told, its_site), its_site);
}

// The newest entry of a client with one result stands for the client: whatever the window, it is counted once.
// True when the client had such an entry already.
bool IncidentTracker::index(Entry& entry, std::uint64_t number) {
  const auto [latest, alone] = latest_.try_emplace(result_key(entry), number);
  entry.superseded = !alone && latest->second > number;
  if (!alone && latest->second < number) {
    Entry& before = at(latest->second);
    before.superseded = true;
    windows_.stand(latest->second, false);
    latest->second = number;
  }
  windows_.stand(number, stands(entry));
  windows_.blame(number, !entry.set_aside);
  if (entry.failed) insert(failing_, number), count_refusal(entry, 1);
  if (entry.fresh) insert(fresh_, number);
  return !alone;
}

void IncidentTracker::unindex(const Entry& entry, std::uint64_t number) {
  const auto latest = latest_.find(result_key(entry));
  if (latest != latest_.end() && latest->second == number) latest_.erase(latest);
  if (entry.failed) erase(failing_, number), count_refusal(entry, -1);
  erase(fresh_, number);
}

Windows::Keys IncidentTracker::keys_of(const Entry& entry) { return {entry.client, entry.places, entry.cause, entry.session, entry.failed}; }

void IncidentTracker::set_aside(std::uint64_t number) {
  at(number).set_aside = true;
  windows_.stand(number, false);
  windows_.blame(number, false);
}

void IncidentTracker::amend(std::uint64_t number, Entry&& entry) {
  Entry& old = at(number);
  entry.repeated = old.repeated;
  entry.set_aside = old.set_aside;
  entry.incident = entry.failed ? old.incident : 0;
  if (entry.failed && old.failed && entry.person == old.person) entry.client = old.client;  // by either side
  // Most final records say what the provisional one has said.
  if (keys_of(entry) == keys_of(old) && entry.worked() == old.worked() && entry.person == old.person) {
    entry.superseded = old.superseded;
    entry.fresh = old.fresh;
    old = std::move(entry);
    return;
  }
  unindex(old, number);
  old = std::move(entry);
  windows_.change(number, keys_of(old));
  index(old, number);
}

// The first of the entries after `since`.
std::size_t IncidentTracker::first_after(Timestamp since) const {
  const auto all = std::views::iota(std::size_t{0}, entries_.size());
  return static_cast<std::size_t>(std::ranges::partition_point(all, [&](std::size_t i) { return entries_[i].at <= since; }) - all.begin());
}

// Where two clients of one box fail alike at one time and neither side says who it is, the sides are not joined, and each attempt is told
// by two records. The client of the one that the other side tells, if there is such a record; each is one other's. Else its own.
std::uint64_t IncidentTracker::client_by_either_side(const Entry& entry) const {
  std::uint64_t client = entry.client;
  if (!entry.failed || entry.session || entry.places[concentrator] == 0) return client;
  const auto numbers = windows_.entries_of(entry.places[concentrator], first_number_ + first_after(entry.at - kSidesToldMs));
  const auto is_told_by_this_side = [&](std::uint64_t of) {
    return std::ranges::any_of(numbers, [&](std::uint64_t number) { return at(number).failed && at(number).logged == entry.logged && at(number).client == of; });
  };
  Timestamp apart = kSidesClocksMs + 1;
  for (const std::uint64_t number : numbers) {
    const Entry& other = at(number);
    if (!other.failed || other.logged == entry.logged || other.cause != entry.cause) continue;
    if (other.client == entry.client) return entry.client;
    const bool contradict = (entry.person != 0 && other.person != 0 && entry.person != other.person) || differ(entry.sign->group, other.sign->group) || differ(entry.sign->peer, other.sign->peer);
    if (contradict) continue;
    const Timestamp its = std::abs(other.occurred - entry.occurred);
    if (its >= apart || is_told_by_this_side(other.client)) continue;
    apart = its;
    client = other.client;
  }
  return client;
}

void IncidentTracker::put(Entry&& entry, Site& its_site) {
  if (began_ == kUntimed) began_ = entry.at;
  if (entries_.size() >= kIncidentEntriesMax) {
    ++counts_.dropped;
    expire_entries(entries_.front().at);
  }
  entry.client = client_by_either_side(entry);
  const std::uint64_t number = first_number_ + entries_.size();
  by_verdict_.emplace(entry.verdict, number);
  windows_.add(keys_of(entry));
  entries_.push_back(std::move(entry));
  Entry& last = entries_.back();
  last.repeated = index(last, number);
  const Sign& sign = *last.sign;
  if (last.logged && !sign.concentrator.empty()) hear(last, its_site);
  if (!sign.pool.empty() && last.failed) {
    const std::uint64_t key = pool_key(hash_of_name(sign.group), its_site);
    if (pool_of_.size() < kIncidentVolumesMax || pool_of_.contains(key)) pool_of_[key] = sign.pool;
  }
}

void IncidentTracker::note_boot(const Sign& sign) {
  if (changes_.size() >= kIncidentChangesMax) changes_.pop_front();
  changes_.push_back({sign.at, sign.concentrator, "it booted at " + clock_text(sign.at)});
}

// What leaves the window is the past, except for what an incident explains: it is not what is usual.
void IncidentTracker::expire_entries(Timestamp until) {
  while (!entries_.empty() && entries_.front().at <= until) {
    const Entry& entry = entries_.front();
    if (fleet_remembered_ == first_number_) remember(fleet_remembered_++, true);
    remember(first_number_, false);
    unindex(entry, first_number_);
    const auto found = by_verdict_.find(entry.verdict);
    if (found != by_verdict_.end() && found->second == first_number_) by_verdict_.erase(found);
    entries_.pop_front();
    windows_.drop_oldest();
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
    remember(fleet_remembered_, true);
  expire_entries(now - kKeepMs);
  counts_.dropped += windows_.take_forgotten();
  while (!scans_.empty() && scans_.front().at <= now - kRecentMs) {
    forget_scan();
  }
  while (!changes_.empty() && changes_.front().at <= now - kKeepMs - kRecentMs) changes_.pop_front();
}

void IncidentTracker::remember(std::uint64_t number, bool in_fleet) {
  const Entry& entry = at(number);
  if (entry.repeated || entry.set_aside || entry.incident != 0 || !(entry.failed || entry.worked()) || entry.at < began_ + kWarmUpMs) return;
  windows_.remember(number, in_fleet);
}

// At full hours, each of them.
void IncidentTracker::decay(Timestamp now) {
  const double factor = std::exp2(-1 / kHalfLifeHours);
  if (last_hour_ == kUntimed) last_hour_ = full(now, kHour);
  for (; last_hour_ < full(now, kHour); ++last_hour_) {
    const std::size_t hour = hour_of(last_hour_ * kHour);
    windows_.decay(static_cast<float>(factor));
    scan_past_ *= factor;
    scan_hours_ = scan_hours_ * factor + 1;
    for (auto& [name, volume] : volumes_) volume.attempts.end_hour(hour, factor), volume.ends.end_hour(hour, factor);
    std::erase_if(volumes_, [](const auto& each) { return each.second.attempts.past + each.second.ends.past < 0.5; });
    forget_sites();
  }
}

void IncidentTracker::rebuild_index(Windows::Past past) {
  forget_sites();
  scanners_.clear();
  for (const Scan& scan : scans_) ++scanners_[scan.peer];
  by_verdict_.clear();
  latest_.clear();
  windows_.clear(first_number_, std::move(past));
  failing_.clear();
  fresh_.clear();
  refused_.clear();
  explained_.clear();
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    by_verdict_.emplace(entries_[i].verdict, first_number_ + i);
    windows_.add(keys_of(entries_[i]));
    index(entries_[i], first_number_ + i);
  }
  for (Watched& watched : open_)
    for (const std::uint64_t number : failing_)
      if (at(number).incident == watched.card.id) watched.members.push_back(number);
}

// ---- the life of a card

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
      for (const std::uint64_t number : windows_.entries_of(watched.cell.place, first_number_ + first_after(now - kWellMs))) {
        const Entry& entry = at(number);
        if (entry.worked()) watched.worked = std::max(watched.worked, entry.at);
        if (entry.at <= watched.last_bad) continue;
        const bool bad = matches(entry, watched.cell);
        failing += bad;
        active += bad || (!entry.superseded && (entry.failed || entry.worked()));
      }
      // One in twenty may still fail; a lost session does not come back, so the first quiet quarter of an hour will do.
      const double usual = (windows_.past(watched.cell) + 1) / (windows_.past_of_place(watched.cell) + 20);
      if (failing > 0 && likelihood_ratio(failing, active, with_room(usual)) >= kStillBad) watched.last_bad = now;
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
    watched.card.active = std::max(watched.card.active, watched.card.affected);  // some came after it was described last
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
    for (const std::uint64_t number : failing_)
      if (at(number).incident == open_[i].card.id || belongs(at(number), open_[i])) set_aside(number);
    if (closed_.size() >= kIncidentsClosedMax) closed_.pop_front();
    closed_.push_back(std::move(open_[i]));
    open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

void IncidentTracker::advance_to(Timestamp now, std::vector<Incident>& out) {
  if (now == kUntimed) return;
  if (asked_ == kUntimed) {  // it begins with the first sign
    if (waiting_.empty() || waiting_.front().at > now) return;
    asked_ = full(waiting_.front().at, kTickMs);
  }
  const Timestamp last = full(now, kTickMs);
  while (asked_ < last) {
    // Where nothing is told and nothing is open, nothing changes until the next sign.
    if (idle()) asked_ = std::max(asked_, std::min(last, waiting_.empty() ? last : full(waiting_.front().at, kTickMs)));
    if (asked_ < last) ++asked_;
    read_until(asked_ * kTickMs);
    ask(asked_ * kTickMs, out);
  }
}

void IncidentTracker::finish(std::vector<Incident>& out) {
  if (waiting_.empty()) return;
  Timestamp last = waiting_.front().at;
  for (const Waiting& each : waiting_) last = std::max(last, each.at);
  advance_to((full(last, kTickMs) + 1) * kTickMs, out);
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
  for (const std::uint64_t number : fresh_) at(number).fresh = false;
  fresh_.clear();
  note_said(now);
  counts_.tracked = entries_.size();
}

std::string IncidentTracker::save() const {
  StateWriter writer;
  const_cast<IncidentTracker&>(*this).archive(writer);  // a writer changes nothing
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
