// Who fails together, and where: the cell that explains most gets the card, and the rest is asked again.
#include "correlator/incident.h"

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include <absl/container/flat_hash_map.h>

#include "correlator/incident_terms.h"
#include "correlator/limits.h"

namespace vpnverdict {
using namespace incidents;
namespace {

constexpr std::uint32_t kClientsMin = 5;
constexpr std::uint32_t kFleetClientsMin = 8;
constexpr std::uint32_t kOtherClientsMin = 3;  // at a site's other boxes: one or two fail anywhere
constexpr double kPriorClients = 30;   // as which the fleet's share counts for a place without a past
constexpr double kFleetPastMin = 200;  // before that the fleet has no usual share of anything …
constexpr Timestamp kFleetPastMs = kHour + kRecentMs;  // … nor before that
constexpr double kFleetRatioMin = 2;   // to the share that is no surprise

// Of the fleet: a cause of its own may be that of a few, what is mixed must be the trouble of many.
constexpr double kFleetShareMin[] = {0.4, 0.3, 0.02};
constexpr double kShareMin[] = {0, 0.25, 0.25, 0.25, 0.3, 0.3, 0.25, 0.4, 0.4};
// Of equally good explanations the one that an engineer would name: the narrow before the wide, the plain before the compound.
constexpr double kPlaceWeight[] = {0.95, 1.0, 0.97, 1.0, 0.93, 1.0, 1.0, 0.98, 0.96};
constexpr double kLevelWeight[] = {0.96, 0.98, 1.0};  // any cause, a family, one cause

}  // namespace

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

}  // namespace vpnverdict
