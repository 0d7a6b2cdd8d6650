// What a card says: one sentence to act on, why this place was blamed, what works beside it.
#include "correlator/incident.h"

#include <algorithm>

#include "correlator/incident_terms.h"
#include "correlator/limits.h"

namespace vpnverdict {
using namespace incident_parts;
namespace {

constexpr Dimension kDimensionOf[] = {Dimension::fleet, Dimension::concentrator, Dimension::site, Dimension::group, Dimension::group_on_concentrator,
                                      Dimension::aaa_server, Dimension::pool, Dimension::network, Dimension::network};
constexpr std::uint64_t kSayTooLittle = 3;  // fewer make a card only where others are missed
constexpr std::string_view kFamilyNames[] = {"the way to the concentrator", "the proposals", "the group", "the login", "address and policy", "the session"};

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
    case concentrator: card.value = example.sign->concentrator; break;
    case site: card.value = inventory_->cluster_of(example.sign->concentrator); break;
    case group: card.value = example.sign->group; break;
    case group_on_concentrator: card.value = example.sign->group + " on " + example.sign->concentrator; break;
    case aaa_server: card.value = example.sign->server; break;
    case pool: card.value = example.sign->pool; break;
    case network24: card.value = std::string(front_of(example.sign->peer, 3)) + ".0/24"; break;
    case network16: card.value = std::string(front_of(example.sign->peer, 2)) + ".0.0/16"; break;
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
    if (entry.superseded || !(entry.failed || entry.worked())) continue;
    here += inside && entry.at >= std::max(now - kRecentMs, card.onset);
    if (entry.failed || entry.at < card.onset) continue;
    ++(inside ? works_here : works_elsewhere);
    if (watched.cell.kind == group_on_concentrator && !inside) {
      group_elsewhere += entry.sign->group == example.sign->group;
      others_there += entry.sign->concentrator == example.sign->concentrator;
    }
  }
  card.active = std::max<std::uint64_t>(here, card.affected);
  card.counter_evidence.clear();
  if (group_elsewhere > 0) card.counter_evidence.push_back("group " + example.sign->group + " connects on other concentrators (" + plural(group_elsewhere, "client") + ")");
  if (others_there > 0) card.counter_evidence.push_back("other groups connect on " + example.sign->concentrator + " (" + plural(others_there, "client") + ")");
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
  if (card.affected < kSayTooLittle && !watched.cell.session) card.reading += " So far few say so; but fewer connect than are due.";
  card.next_check = card.grade == Grade::certain ? "" : card.mixed ? "Read the log of what they share around the onset." : "Read one of the sample attempts with both logs (explain).";
}

}  // namespace vpnverdict
