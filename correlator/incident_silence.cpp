// Who says nothing while others speak: how often each log tells of something, and for how long it may usually not.
#include "correlator/incident.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "correlator/incident_terms.h"
#include "correlator/limits.h"

namespace vpnverdict {
using namespace incident_parts;
namespace {

constexpr double kHeardMin = 50;             // attempts, before anybody is missed
constexpr double kSilenceExpected = 15;      // a fleet has a hundred thousand gaps a week, of which e^-15 are as long by chance
constexpr double kSiteSilenceExpected = 11;  // several boxes seldom pause at once: of sixteen days two such sums were above 8, none above 10
constexpr Timestamp kHabitMs = 15 * kMinute;     // until a whole day was seen nobody knows who goes home when: silence must be plain by then
constexpr Timestamp kLinesOfLag = 8;             // after which a device's clock that was set is believed
constexpr Timestamp kToldLateMs = 2 * kMinute;   // shorter than kSilenceMs: no clock makes a silence of a box that speaks
constexpr std::size_t kSaidLately = kToldLateMs / kTickMs + 1;
constexpr double kGapsOfLate = 8;             // few, since an evening is short
constexpr double kSilenceWitnessed = 8;        // the same where clients tell of attempts that this log should have
constexpr double kDueToAsk = 6;                // below which none of these is near
constexpr Timestamp kSilenceMs = 3 * kMinute;  // logs come late by this much and nothing is wrong
constexpr Timestamp kSiteSilenceMs = kToldLateMs + 10'000;  // … but seldom those of all boxes of a site at once

std::uint64_t box_key(std::string_view name) { return place_key(kAttemptSeed, concentrator, hash_of_name(name)); }
std::uint64_t silence_key(std::string_view name) { return mix(box_key(name), 0x51E47); }

}  // namespace

void IncidentTracker::Voice::tell(double fleet, bool again) {
  if (!again) {
    const double now = std::max(0.0, fleet - heard - 1);
    gap = past == 0 ? 0 : gap == 0 ? now : gap + (now - gap) / kGapsOfLate;
    past += 1;
    this_hour += 1;
  }
  heard = std::max(heard, fleet);
}

void IncidentTracker::Voice::add(const Voice& other, const Hours& hours) {
  past += other.past;
  for (const std::size_t hour : hours) by_hour[hour] += other.by_hour[hour];
}

void IncidentTracker::Voice::end_hour(std::size_t hour, double factor) {
  by_hour[hour] += std::exchange(this_hour, 0);
  past *= factor;
  for (double& each : by_hour) each *= factor;
}

// By the longest gap that may be usual: the one of all times, of late, and of yesterday at this hour or one beside it.
double IncidentTracker::Voice::due(const Voice& fleet, double others, const Hours& hours) const {
  if (past >= 0.9 * fleet.past) return 0;
  double usual = std::max((fleet.past - past) / past, gap);
  for (const std::size_t hour : hours) usual = std::max(usual, (fleet.by_hour[hour] - by_hour[hour]) / (by_hour[hour] + 1));
  return others / usual;
}

// A failure is told when somebody has given up, minutes later: it says nothing of those minutes, nor of how late the log is. A clock
// that was set looks like that for a few lines.
Timestamp IncidentTracker::Voice::moment(const Entry& entry) {
  const Timestamp took = entry.at - entry.occurred;
  if (lag == kUntimed)
    lag = took;
  else if (entry.session || entry.worked())
    lag += (took - lag) / kLinesOfLag;
  return entry.at - std::clamp<Timestamp>(took - lag, 0, kToldLateMs);
}

IncidentTracker::Said IncidentTracker::said_at(Timestamp moment) const {
  if (said_lately_.empty() || said_lately_.back().at <= moment) return said_;  // mostly
  const auto after = std::ranges::upper_bound(said_lately_, moment, {}, &Said::at);
  return *after;
}

void IncidentTracker::note_said(Timestamp now) {
  said_.at = now;
  said_lately_.push_back(said_);
  if (said_lately_.size() > kSaidLately) said_lately_.pop_front();
}

void IncidentTracker::hear(const Entry& entry, Site& its) {
  Volume* volume = volume_of(its);
  if (volume == nullptr && volumes_.size() < kIncidentVolumesMax) volume = its.volume = &volumes_[its.name];
  const bool known = volume != nullptr;
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
  if (!entry.sign->server.empty()) volume->server = entry.sign->server;
}

// The open incident of which most clients fail that say they called `name`, when their logs alone tell of it; 0: none.
std::uint64_t IncidentTracker::told_by_clients(std::string_view name, Timestamp since) const {
  std::map<std::uint64_t, std::size_t> told;
  for (std::size_t i = first_after(since); i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    if (entry.failed && !entry.logged && entry.incident != 0 && entry.sign->concentrator == name) ++told[entry.incident];
  }
  const auto most = std::ranges::max_element(told, {}, [](const auto& each) { return each.second; });
  return most == told.end() || most->second < 2 ? 0 : most->first;
}

// Connections to `name` of which clients' logs alone tell, after it fell silent at `silent`: what was under way then, or is heard of later,
// is no witness, nor is who gave up.
std::size_t IncidentTracker::witnesses(std::string_view name, Timestamp silent) const {
  const auto numbers = windows_.entries_of(box_key(name), first_number_ + first_after(silent + kMinute));
  return static_cast<std::size_t>(std::ranges::count_if(numbers, [&](std::uint64_t number) {
    const Entry& entry = at(number);
    return !entry.logged && entry.cause == Cause::connected && entry.occurred > silent;
  }));
}

// Others' attempts arrive as ever, this concentrator's log tells of none; or of nothing at all, which is noticed sooner.
void IncidentTracker::find_silence(Timestamp now) {
  const bool open = std::ranges::any_of(open_, [](const Watched& w) { return w.card.kind == IncidentKind::silence || w.card.kind == IncidentKind::silent_feed; });
  // Asked before the fleet's sums are made: as much again as is begun is due to end, so twice this is the most that can be due.
  const auto may_be_due = [&](const Volume& volume) { return 2 * (said_.attempts - volume.attempts.heard) >= kDueToAsk * volume.attempts.gap; };
  const auto is_quiet = [&](const Volume& volume) {
    return volume.last != kUntimed && now - volume.last >= kSiteSilenceMs && volume.attempts.past >= kHeardMin && may_be_due(volume);
  };
  if (!open && std::ranges::none_of(volumes_, [&](const auto& each) { return is_quiet(each.second); })) return;
  Voice attempts;
  Voice ends;
  const Hours hours = {hour_of(now - kHour), hour_of(now), hour_of(now + kHour)};
  for (const auto& [name, volume] : volumes_) attempts.add(volume.attempts, hours), ends.add(volume.ends, hours);
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
    const double begun = volume.attempts.due(attempts, said_.attempts - word.attempts_at_any, hours);
    // Sessions end for hours that nobody begins any more, and whose are all over is done: as much again as is begun is due to end.
    return Due{volume.attempts.due(attempts, said_.attempts - word.attempt, hours), begun + std::min(begun, volume.ends.due(ends, said_.ends - word.ends_at_any, hours))};
  };
  const auto last_word = [](const Volume& volume) { return LastWord{volume.attempts.heard, volume.attempts_heard, volume.ends_heard, volume.last}; };
  // All boxes of one site together fall silent sooner than each alone. They are silent since the last word of any.
  std::map<std::string_view, LastWord> sites;
  std::set<std::string_view> missed;  // each by a card of its own: what it misses says nothing of the others
  const auto look_at_sites = [&] {
    for (const auto& [name, volume] : volumes_) {
      if (open_with(silence_key(name)) != nullptr) missed.insert(name);
      if (!site_of(name).several) continue;
      LastWord& any = sites[site_of(name).cluster];
      const LastWord its = last_word(volume);
      any = {std::max(any.attempt, its.attempt), std::max(any.attempts_at_any, its.attempts_at_any), std::max(any.ends_at_any, its.ends_at_any), std::max(any.at, its.at)};
    }
  };
  bool looked = false;
  const auto is_missed_at_site = [&](std::string_view cluster, const LastWord& word) {
    Due sum;
    std::size_t boxes = 0;
    for (const auto& [name, volume] : volumes_) {
      if (site_of(name).cluster != cluster || missed.contains(name)) continue;
      const Due its = due_since(volume, word);
      sum.attempts += its.attempts;
      sum.anything += its.anything;
      ++boxes;
    }
    return sum.attempts >= kSilenceExpected || sum.anything >= (boxes > 1 ? kSiteSilenceExpected : kSilenceExpected);
  };
  for (const auto& [name, volume] : volumes_) {
    if (volume.attempts.past < kHeardMin) continue;
    Watched* watched = open ? open_with(silence_key(name)) : nullptr;
    if (watched == nullptr && !is_quiet(volume)) continue;
    const double due = due_since(volume, last_word(volume)).most();
    if (watched == nullptr && due < kDueToAsk) continue;
    const Cell cell{silence_key(name), box_key(name), concentrator, 0, 0, false};
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
    const std::string_view cluster = site_of(name).cluster;
    const auto sibling = std::ranges::find_if(open_, [&](const Watched& w) {
      return (w.card.kind == IncidentKind::silence || w.card.kind == IncidentKind::silent_feed) && !cluster.empty() &&
             (w.card.value == cluster || inventory_->cluster_of(w.card.value) == cluster);
    });
    if (sibling != open_.end() && std::ranges::find(sibling->echo_keys, cell.key) != sibling->echo_keys.end()) continue;
    if (!std::exchange(looked, true)) look_at_sites();
    // Clients' logs that tell of it nevertheless are witnesses.
    const std::size_t connected = witnesses(name, volume.last);
    const auto together = sites.find(site_of(name).cluster);
    const auto plain = [&](Timestamp since, Timestamp silent) { return now - since >= silent && (now - began_ >= 24 * kHour || now - since <= kHabitMs); };
    const bool whole_site = together != sites.end() && plain(together->second.at, kSiteSilenceMs) && is_missed_at_site(together->first, together->second);
    const bool alone = plain(volume.last, kSilenceMs) && due >= kSilenceExpected;
    const bool witnessed = connected >= 4 && now - volume.last >= kSilenceMs && due >= kSilenceWitnessed;
    if (!alone && !witnessed && !whole_site) continue;
    // Both of a site fell silent: one card. The first one's card becomes the site's.
    if (sibling != open_.end()) {
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

}  // namespace vpnverdict
