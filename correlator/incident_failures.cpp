// Who fails together, and where: the cell that explains most gets the card, and the rest is asked again.
#include "correlator/incident.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <span>

#include <absl/container/flat_hash_set.h>

#include "correlator/incident_terms.h"
#include "correlator/limits.h"

namespace vpnverdict {
using namespace incident_parts;
namespace {

constexpr std::uint32_t kClientsMin = 5;
constexpr std::uint32_t kPlainClientsMin = 4;  // when they are most of the active, within half an hour
constexpr double kPlainShareMin = 0.5;
constexpr std::uint32_t kNamedClientsMin = 3;  // when as many again fail alike whose place nobody knows
constexpr std::uint32_t kMissedClientsMin = 2; // when as many as are due do not get through
constexpr double kMissedMin = 5;               // … which must be as plain as this
constexpr double kMissedMost = 8;              // what it may say at most
constexpr double kMissedPastMin = 50;          // attempts, before anybody is missed
constexpr double kUnnamedMost = 6;             // what the others may say at most: the rest must be said by those whose place is known
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

// A box that fails for many reasons at once: each cause alone is too rare to be sure of, and of all failures together some are usual.
// How much likelier its shares of the several causes are than the expected ones, less what so many of them make by chance.
constexpr std::uint32_t kMixedClientsMin = 7;
constexpr double kMixedShareMin = 0.5;
constexpr double kMixedMost = 0.6;       // of the failing clients have the most frequent cause; else that one is the explanation
constexpr int kMixedCausesMin = 3;
constexpr double kChanceOfCause = 1.5;
double mixed_ratio(const Windows& windows, const Windows::CellTally& place, std::size_t w, const auto& expected_share) {
  const double active = windows.active(place, w);
  if (place.failing[w] < kMixedClientsMin || place.failing[w] < kMixedShareMin * active) return 0;
  double clients = 0, most = 0, expected = 0, ratio = 0;
  int causes = 0;
  for (const Windows::CellTally& cause : windows.cells()) {
    if (cause.entries == 0 || cause.cell.place != place.cell.place || cause.cell.level != 2 || cause.failing[w] == 0) continue;
    const double failing = cause.failing[w];
    const double share = expected_share(cause, w);
    most = std::max(most, failing);
    if (failing <= share * active) continue;
    clients += failing;
    expected += share;
    ratio += failing * std::log(failing / active / share) - kChanceOfCause;
    ++causes;
  }
  const double rest = active - clients;
  if (causes < kMixedCausesMin || most > kMixedMost * place.failing[w] || expected >= 0.9) return 0;
  return ratio + (rest > 0 ? rest * std::log(rest / active / (1 - expected)) : 0);
}

double share_min_of(const Cell& cell) { return cell.kind == everywhere ? kFleetShareMin[cell.level] : kShareMin[cell.kind]; }

Family family_in(const Cell& cell) {
  return cell.level == 0 ? path : cell.level == 1 ? static_cast<Family>(cell.code) : family_of(static_cast<Cause>(cell.code));
}

bool is_network(const Cell& cell) { return cell.kind == network24 || cell.kind == network16; }

// The client's log alone tells of it and does not know the group, let alone the pool, nor the address by which the client is seen: it
// may be a failure of this cell, which stops people at the same stage.
bool may_be_of(const auto& entry, const Cell& cell) {
  const bool network = is_network(cell);
  if (!network && cell.kind != group && cell.kind != group_on_concentrator && cell.kind != pool) return false;
  if (cell.level == 0 || cell.session || entry.session || entry.logged || entry.places[network ? network16 : group] != 0 || entry.places[cell.kind] != 0) return false;
  return family_of(entry.cause) == family_in(cell);
}

// What a network can do to its clients. Of all else four who fail alike may have met there by chance: there are many networks, and what is
// typed in one is looked at as an attack first, which takes five names.
bool may_cause(const Cell& cell) { return !is_network(cell) || family_in(cell) == path || family_in(cell) == session; }

// Who does not get through to a place is missed there before all their logs have come.
constexpr Place kMissedPlaces[] = {concentrator, site, network24, network16};
bool may_be_missed(const Cell& cell) {
  return cell.level > 0 && !cell.session && family_in(cell) == path && std::ranges::find(kMissedPlaces, cell.kind) != std::end(kMissedPlaces);
}

// He is told of by his own log alone, and not every such log says by which address he is seen.
bool may_lack_names(const Cell& cell) { return is_network(cell) && may_be_missed(cell); }

// In shorter windows too few fail; kWindows: in all of them.
std::size_t shortest_to_ask(const Windows& windows, const Windows::CellTally& tally) {
  const double share_min = share_min_of(tally.cell);
  const std::uint32_t clients_min = may_be_missed(tally.cell) ? kMissedClientsMin : kNamedClientsMin;
  std::size_t w = 0;
  while (w < kWindows && (tally.failing[w] < clients_min || tally.failing[w] < share_min * windows.active(tally, w))) ++w;
  return w;
}

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
  for (const std::uint64_t number : failing_)
    if (!at(number).set_aside && matches(at(number), cell)) out.push_back(number - first_number_);
  return out;
}

// The cells in which more fail than is usual, of the places where somebody failed since the last time: elsewhere the answer is the old one,
// unless somebody is missed there, each minute more, as long as nobody comes.
std::vector<IncidentTracker::Candidate> IncidentTracker::candidates(Timestamp now) {
  std::vector<Candidate> out;
  windows_.ask();
  const auto ask = [&](const CellTally& tally) {
    const bool enough = tally.failing[kWindows - 1] >= kClientsMin || tally.failing[kWindows - 2] >= kPlainClientsMin;
    if (!enough && (tally.failing[kWindows - 2] < kMissedClientsMin || !may_be_missed(tally.cell))) return;
    const std::size_t shortest = shortest_to_ask(windows_, tally);
    if (shortest == kWindows) return;  // most of them
    const Candidate candidate = score(now, tally, shortest);
    if (candidate.score > 0) out.push_back(candidate);
  };
  for (const std::uint64_t number : fresh_)
    if (windows_.blamed(number)) windows_.visit_cells(number, ask);
  if (within(now, kMinute) != 0) return out;
  for (auto number = failing_.rbegin(); number != failing_.rend() && *number >= windows_.begin_of(kWindows - 3); ++number) {
    if (!windows_.blamed(*number) || family_of(at(*number).cause) != path) continue;
    for (const Place kind : kMissedPlaces)
      for (const std::size_t level : {1, 2})
        if (const CellTally* const tally = windows_.own_cell(*number, kind, level)) ask(*tally);
  }
  return out;
}

// The fleet's past, and the place's own, completed by the fleet's where it is short.
IncidentTracker::Usual IncidentTracker::usual_of(const CellTally& tally) const {
  const Cell& cell = tally.cell;
  const CellTally& fleet = windows_.fleet_of(tally);
  const double doubt = cell.level == 0 ? 15 : cell.level == 1 ? 5 : 2;
  const double usual = (windows_.past(fleet) + doubt) / (windows_.past_of_place(fleet) + 100);
  if (cell.kind == everywhere) return {usual, usual};
  return {usual, (windows_.past(tally) + kPriorClients * usual) / (windows_.past_of_place(tally) + kPriorClients)};
}

// The share of failing clients that is no surprise: the usual one or what happens in the rest of the fleet right now, whichever
// is higher. Who fails where nobody knows is not elsewhere.
double IncidentTracker::expected_share(const CellTally& tally, const Usual& usual, std::size_t w, std::uint32_t unnamed) const {
  if (tally.cell.kind == everywhere) return with_room(usual.own);
  const CellTally& fleet = windows_.fleet_of(tally);
  const double elsewhere = std::max(0.0, static_cast<double>(windows_.active(fleet, w)) - windows_.active(tally, w) - unnamed);
  const double failing = std::max(0.0, static_cast<double>(fleet.failing[w]) - tally.failing[w] - unnamed);
  return with_room(std::max(usual.own, (failing + 20 * usual.fleet) / (elsewhere + 20)));
}

// Clients that fail in the way of this cell where nobody knows whether it is there.
std::uint32_t IncidentTracker::unnamed(const Cell& cell, std::size_t w) const {
  std::uint32_t clients = 0;
  for (auto number = failing_.rbegin(); number != failing_.rend() && *number >= windows_.begin_of(w); ++number) {
    const Entry& entry = at(*number);
    if (entry.logged || entry.superseded) continue;  // most of them: the rest is asked of few
    const bool alike = cell.level == 2 ? static_cast<std::uint8_t>(entry.cause) == cell.code : static_cast<std::uint8_t>(family_of(entry.cause)) == cell.code;
    clients += alike && may_be_of(entry, cell) && windows_.blamed(*number);
  }
  return clients;
}

// What they say: that there are more of them than in the two hours before.
double IncidentTracker::unnamed_ratio(const CellTally& tally, std::size_t w, std::uint32_t clients) const {
  if (clients == 0 || w == kWindows - 1) return 0;
  const CellTally& fleet = windows_.fleet_of(tally);
  const double before = static_cast<double>(windows_.active(fleet, kWindows - 1)) - windows_.active(fleet, w);
  const double usual = (unnamed(tally.cell, kWindows - 1) - clients + 1.0) / (before + 20);
  return std::min(kUnnamedMost, likelihood_ratio(clients, std::max(clients, windows_.active(fleet, w)), with_room(usual)));
}

// How much likelier it is that so few get through than that all who are due by the place's share of the fleet do.
double IncidentTracker::missed_ratio(const CellTally& tally, std::size_t w) const {
  const CellTally& fleet = windows_.fleet_of(tally);
  const double past = windows_.past_of_place(tally);
  const double elsewhere = windows_.past_of_place(fleet) - past;
  if (past < kMissedPastMin || past > elsewhere) return 0;
  // While a network is told of, two anywhere who do not say by which address they are seen may be of it.
  if (std::ranges::any_of(open_, [&](const Watched& open) { return open.card.open && may_lack_names(open.cell) && open.cell.place != tally.cell.place; })) return 0;
  const double active = windows_.active(tally, w);
  const double due = (windows_.active(fleet, w) - active) * past / elsewhere / kRoom;
  const double came = active - tally.failing[w];
  if (came >= due) return 0;
  return std::min(kMissedMost, due - came + (came > 0 ? came * std::log(came / due) : 0));
}

// Who began later than the first of them and got through, which is told sooner: where as many do, it was a pause.
bool IncidentTracker::others_get_through(const CellTally& tally, std::size_t w) const {
  Timestamp first = std::numeric_limits<Timestamp>::max();
  for (const std::uint64_t number : windows_.entries_of(tally.cell.place, windows_.begin_of(w)))
    if (matches(at(number), tally.cell)) first = std::min(first, at(number).occurred);
  return std::ranges::count_if(windows_.entries_of(tally.cell.place, windows_.begin_of(kWindows - 2)), [&](std::uint64_t number) { return at(number).worked() && at(number).occurred > first; }) >= tally.failing[w];
}

// A site is to blame when its other boxes fail, too, without the worst one.
bool IncidentTracker::is_more_than_one_box(const CellTally& tally, std::size_t w, double share) const {
  const Cell& cell = tally.cell;
  if (cell.kind != site) return true;
  std::uint32_t failing = 0;
  std::uint32_t active = 0;
  for (const CellTally& box : windows_.cells()) {
    const bool inside = box.site == cell.place && box.cell.kind == concentrator && box.entries > 0;
    if (!inside || box.cell.level != cell.level || box.cell.code != cell.code) continue;
    const std::uint32_t its_active = windows_.active(box, w);
    if (box.failing[w] < failing || (box.failing[w] == failing && its_active <= active)) continue;
    failing = box.failing[w];
    active = its_active;
  }
  const double others = static_cast<double>(tally.failing[w]) - failing;
  return others >= kOtherClientsMin && likelihood_ratio(others, std::max(others, static_cast<double>(windows_.active(tally, w)) - active), share) >= kSure / 2;
}

// Of the window that says most, from shortest_to_ask() on; a score of nought where none says anything.
IncidentTracker::Candidate IncidentTracker::score(Timestamp now, const CellTally& tally, std::size_t shortest) const {
  const Cell& cell = tally.cell;
  Candidate best{cell, tally.failing[kWindows - 1], 0, 0, 0};
  // How sessions end differs by the hour of the day: what they share must be a place.
  if (cell.kind == everywhere && cell.session) return best;
  std::optional<Usual> usual;  // the same in all windows
  // Failures are told later than successes: where the fleet's attempts run dry, the last words are all failures, of whatever kind.
  const auto runs_dry = [&](std::size_t w) {
    const CellTally& fleet = windows_.fleet_of(tally);
    const std::uint32_t active = windows_.active(fleet, w);
    return active * 2 * kRecentMs < windows_.active(fleet, kWindows - 2) * kWindowMs[w] ||
           active * 2 * kKeepMs < windows_.active(fleet, kWindows - 1) * kWindowMs[w] ||
           active * 20 < windows_.past_of_place(fleet) * static_cast<double>(kWindowMs[w]) / static_cast<double>(now - began_);
  };
  const double share_min = share_min_of(cell);
  for (std::size_t w = shortest; w < (cell.kind == everywhere ? kWindows - 1 : kWindows); ++w) {
    const std::uint32_t failing = tally.failing[w];
    const std::uint32_t active = windows_.active(tally, w);
    if (failing < share_min * active) continue;
    const bool plain = cell.kind != everywhere && may_cause(cell) && w < kWindows - 1 && failing >= kPlainShareMin * active;
    const bool enough = failing >= (cell.kind == everywhere ? kFleetClientsMin : plain ? kPlainClientsMin : kClientsMin);
    const bool needs_others = !enough && plain && failing >= kNamedClientsMin && may_lack_names(cell);
    double missed = plain && w < kWindows - 2 && may_be_missed(cell) ? missed_ratio(tally, w) : 0;
    if (missed >= kMissedMin && others_get_through(tally, w)) missed = 0;
    if (!enough && !needs_others && missed < kMissedMin) continue;  // two, then: shortest_to_ask() asks of no window with fewer
    if ((cell.kind == everywhere || cell.session) && (windows_.past_of_place(windows_.fleet_of(tally)) < kFleetPastMin || now < began_ + kFleetPastMs)) return best;
    if ((cell.kind == everywhere || (cell.level < 2 && !cell.session)) && runs_dry(w)) continue;
    if (!usual) usual = usual_of(tally);
    // Those of whom the place is not known are asked about where they may decide, and once their usual number is known.
    const bool may_decide = may_lack_names(cell) && now >= began_ + kKeepMs && likelihood_ratio(failing, active, with_room(usual->own)) >= kSure - kUnnamedMost;
    const std::uint32_t others = may_decide ? unnamed(cell, w) : 0;
    if (needs_others && missed < kMissedMin && others + failing < kClientsMin) continue;
    const double share = expected_share(tally, *usual, w, others);
    if (cell.kind == everywhere && failing < kFleetRatioMin * share * active) continue;
    double sure = likelihood_ratio(failing, active, share) + unnamed_ratio(tally, w, others) + missed;
    if (cell.kind == concentrator && cell.level == 0 && !cell.session)
      sure = std::max(sure, mixed_ratio(windows_, tally, w, [this](const CellTally& cause, std::size_t window) { return expected_share(cause, usual_of(cause), window, 0); }));
    if (sure < kSure) continue;
    sure *= kPlaceWeight[cell.kind] * kLevelWeight[cell.level];
    // Who decides is who is named: the server of a login, the pool of an address, the box that does not know a group.
    const Family family = family_in(cell);
    if ((cell.kind == aaa_server && family == login) || (cell.kind == pool && family == address) || (cell.kind == group_on_concentrator && cell.level == 2 && family == group_step))
      sure *= 1.1;
    if (sure <= best.score || !is_more_than_one_box(tally, w, share)) continue;
    best.score = sure;
    best.expected = share;
    best.share = static_cast<double>(failing) / active;
  }
  return best;
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
  for (const std::uint64_t number : fresh_)
    if (at(number).failed && std::ranges::any_of(closed_, [&](const Watched& closed) { return belongs(at(number), closed); })) set_aside(number);
}

// A card whose place saw no new failure keeps what it explains; all else is asked about.
void IncidentTracker::keep_what_is_explained() {
  const auto blame = [&](std::uint64_t number, bool blamed) {
    if (number >= first_number_ && !at(number).set_aside) windows_.blame(number, blamed);
  };
  for (const std::uint64_t number : explained_) blame(number, true);
  explained_.clear();
  for (const Watched& watched : open_) {
    if (watched.cell.place == 0 || watched.members.empty()) continue;
    const bool touched = std::ranges::any_of(fresh_, [&](std::uint64_t number) {
      const Entry& entry = at(number);
      return entry.failed && !entry.set_aside && entry.places[watched.cell.kind] == watched.cell.place;
    });
    for (const std::uint64_t number : watched.members)
      if (is_member(number, watched)) blame(number, touched);
  }
}

// The best explanation first; what it explains is taken away, and the rest is asked again.
void IncidentTracker::find_failures(Timestamp now) {
  constexpr int kRounds = 12;
  set_aside_what_is_over();
  std::array<std::uint64_t, kWindows> begin;
  for (std::size_t w = 0; w < kWindows; ++w)
    for (begin[w] = windows_.begin_of(w); begin[w] < first_number_ + entries_.size() && at(begin[w]).at <= now - kWindowMs[w];) ++begin[w];
  windows_.begin(begin);
  if (std::ranges::none_of(fresh_, [&](std::uint64_t number) { return at(number).failed && !at(number).set_aside; })) return;
  keep_what_is_explained();
  for (int round = 0; round < kRounds; ++round) {
    const std::vector<Candidate> cells = candidates(now);
    const auto best = std::ranges::max_element(cells, [](const Candidate& a, const Candidate& b) {
      return a.score != b.score ? a.score < b.score : a.cell.key < b.cell.key;
    });
    if (best == cells.end()) return;
    explain(*best, cells, now);
  }
}

// An open card that tells of these failures already, as itself or by another of its faces.
IncidentTracker::Watched* IncidentTracker::relative_of(const std::vector<std::uint64_t>& members, const Candidate& best) {
  Watched* relative = nullptr;
  std::size_t most = 0;
  for (Watched& watched : open_) {
    if (watched.card.kind == IncidentKind::silence || watched.card.kind == IncidentKind::silent_feed) continue;  // they say less
    std::size_t shared = 0;
    for (const std::uint64_t number : members) {
      const Entry& entry = at(number);
      const bool its_place = watched.cell.place != 0 && watched.cell.kind != everywhere && entry.places[watched.cell.kind] == watched.cell.place;
      const bool its_cell = watched.cell.place != 0 && watched.cell.kind == everywhere && matches(entry, watched.cell);
      const bool its_client = std::ranges::binary_search(watched.clients, entry.client);
      const bool nameless = best.cell.kind == everywhere && may_be_of(entry, watched.cell);
      shared += entry.incident == watched.card.id || its_place || its_cell || its_client || nameless;
    }
    if (watched.cell.key == best.cell.key) shared = members.size() + 1;
    if (2 * shared < members.size() || shared <= most) continue;
    most = shared;
    relative = &watched;
  }
  return relative;
}

// When the share changed: since the failure from which on the share of failing clients is the most surprising.
Timestamp IncidentTracker::onset_of(const Candidate& candidate) const {
  double failing = 0;
  double active = 0;
  double surest = -1;
  Timestamp onset = kUntimed;
  const std::span<const std::uint64_t> numbers = windows_.entries_of(candidate.cell.place);
  for (auto number = numbers.rbegin(); number != numbers.rend(); ++number) {
    const Entry& entry = at(*number);
    if (entry.set_aside || entry.repeated || !(entry.failed || entry.worked())) continue;
    ++active;
    if (!matches(entry, candidate.cell)) continue;
    ++failing;
    const double sure = likelihood_ratio(failing, active, candidate.expected);
    if (sure >= surest) surest = sure, onset = entry.occurred;
  }
  return onset;
}

void IncidentTracker::add_clients(Watched& watched, const std::vector<std::uint64_t>& members) {
  for (const std::uint64_t number : members) {
    Entry& entry = at(number);
    if (entry.occurred < watched.card.onset - kMinute) continue;  // usual, before it began
    if (entry.incident == 0) entry.incident = watched.card.id, watched.members.push_back(number);
    const auto at = std::ranges::lower_bound(watched.clients, entry.client);
    if ((at == watched.clients.end() || *at != entry.client) && watched.clients.size() < kIncidentClientsMax) watched.clients.insert(at, entry.client);
    if (watched.card.samples.size() < kIncidentSamplesMax &&
        std::ranges::none_of(watched.card.samples, [&](const IncidentSample& s) { return s.verdict == entry.verdict; }))
      watched.card.samples.push_back({entry.verdict, entry.sign->text});
  }
  watched.card.affected = watched.clients.size();
}

void IncidentTracker::explain(const Candidate& best, const std::vector<Candidate>& all, Timestamp now) {
  std::vector<std::uint64_t> members;
  for (const std::uint64_t number : failing_)
    if (windows_.blamed(number) && matches(at(number), best.cell)) members.push_back(number);
  for (const std::uint64_t number : members) windows_.blame(number, false);
  explained_.insert(explained_.end(), members.begin(), members.end());
  const Entry& example = at(members.front());
  // What failed before it began is what is usual.
  const Timestamp onset = onset_of(best);
  std::erase_if(members, [&](std::uint64_t number) { return at(number).occurred < onset - kMinute; });
  Watched* watched = relative_of(members, best);
  if (watched == nullptr) {
    if (open_.size() >= kIncidentsOpenMax) {
      ++counts_.dropped;
      return;
    }
    const IncidentKind kind = best.cell.session ? IncidentKind::sessions_lost : IncidentKind::failures;
    watched = &open_for(best.cell, kind, at(members.front()).cause, now, at(members.front()).verdict);
  } else if (watched->cell.key != best.cell.key) {
    const auto own = std::ranges::find_if(all, [&](const Candidate& c) { return c.cell.key == watched->cell.key; });
    const double own_score = std::max(watched->score, own == all.end() ? 0 : own->score);
    const bool same_kind = watched->card.kind == IncidentKind::failures || watched->card.kind == IncidentKind::sessions_lost;
    const bool young = now - watched->card.detected_at <= kRecentMs;
    // It must explain most of what the card has explained so far, and better.
    std::size_t told = 0;
    std::size_t covered = 0;
    for (const std::uint64_t number : watched->members) told += is_member(number, *watched) && !at(number).set_aside && !may_be_of(at(number), best.cell);
    for (const std::uint64_t number : members) covered += at(number).incident == watched->card.id;
    if (same_kind && young && 5 * covered >= 3 * told && watched->cell.session == best.cell.session && best.score > 1.15 * own_score) {
      watched->score = best.score;
      watched->cell = best.cell;  // more is known: the failures have more in common than was seen at first
      watched->changed = true;
    } else if (std::ranges::find(watched->echo_keys, best.cell.key) == watched->echo_keys.end() && watched->card.echoes.size() < kIncidentEchoesMax) {
      watched->echo_keys.push_back(best.cell.key);
      watched->card.echoes.push_back(std::string(best.cell.level == 2 ? name_of(static_cast<Cause>(best.cell.code)) : "failures") + " of " +
                                     plural(best.clients, "client") + (best.cell.kind == group && !example.sign->group.empty() ? " of group " + example.sign->group : "") +
                                     (best.cell.kind == concentrator ? " at " + example.sign->concentrator : ""));
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
    if (other.card.detected_at < now - kRecentMs) continue;
    std::size_t mine = 0;
    std::size_t shared = 0;
    for (const std::uint64_t number : members) shared += at(number).incident == other.card.id;
    for (const std::uint64_t number : other.members) {
      if (!is_member(number, other) || at(number).set_aside) continue;
      ++mine;
      shared += other.cell.kind == everywhere && may_be_of(at(number), watched->cell);
    }
    if (shared == 0 || 2 * shared < mine) continue;
    for (const std::uint64_t number : other.members)
      if (is_member(number, other)) watched->members.push_back(number), at(number).incident = id;
    close(other, "it is part of another incident", now);
  }
}

}  // namespace vpnverdict
