#include "correlator/cluster.h"

#include <algorithm>
#include <array>

#include "correlator/cluster_terms.h"

namespace vpnverdict {
using namespace cluster_parts;
namespace {

using enum Fact;

constexpr std::size_t kSourcesMax = 65'536;
constexpr std::size_t kSeenMax = 96;
constexpr std::size_t kKeysPerHalfMax = 32;
constexpr Timestamp kRepeatAm1Ms = 30'000;  // the same first message again within this is a repeat
constexpr Timestamp kShortestTimeoutMs = 15'000;  // no concentrator gives a half-open negotiation up earlier

constexpr FactMask kStarts = {client_started, client_sent_am1, client_tcp_started};
constexpr FactMask kPastAm3 = {concentrator_phase1_done, concentrator_user_ok,  concentrator_xauth_started,
                               concentrator_saw_udp4500, concentrator_address_assigned, concentrator_phase2_done,
                               concentrator_connected};
constexpr FactMask kDone = {concentrator_user_ok, concentrator_address_assigned, concentrator_phase2_done, concentrator_connected};
constexpr FactMask kPhase1Refusals = {concentrator_proposal_rejected,   concentrator_auth_method_rejected,
                                      concentrator_group_unknown,        concentrator_no_fitting_connection,
                                      concentrator_no_fitting_method,    concentrator_certificate_expired,
                                      concentrator_certificate_rejected, concentrator_certificate_group_unknown,
                                      concentrator_tunnel_type_refused,  concentrator_ike_not_enabled,
                                      concentrator_negotiation_limit};
constexpr FactMask kGoesOn = facts_where([](const FactRow& r) {
  return (r.kind == FactKind::progress || r.kind == FactKind::cause) && vantage_of(r.fact) == Vantage::concentrator;
});
constexpr FactMask kLateClean = {concentrator_am3_timeout, concentrator_timed_out};
constexpr FactMask kAddressSaid = {concentrator_address_assigned,       concentrator_address_failed,        concentrator_address_pool_refused,
                                   concentrator_address_source_failed,  concentrator_address_in_use,        concentrator_address_pool_full,
                                   concentrator_address_method_refused, concentrator_address_pool_missing};

bool conflict(std::string_view a, std::string_view b) { return !a.empty() && !b.empty() && !same_name(a, b); }
bool user_conflict(std::string_view a, std::string_view b) { return !is_masked(a) && !is_masked(b) && !same_user(a, b); }

bool only_session_facts(const FactMask& says) {
  constexpr FactMask kBeside = {concentrator_session_natt, concentrator_session_esp, concentrator_session_ipsec, concentrator_address_released,
                                concentrator_nat_detected, client_stopped, client_deleted, client_got_delete, client_terminated_by_peer,
                                concentrator_got_delete, concentrator_deleted, concentrator_peer_is_site};
  return says.intersects(kSessionFacts) && says.without(kSessionFacts | kBeside).empty();
}

std::uint64_t hash_of_host(std::string_view name) { return hash_text<true>(name, kHashSeed); }

// True when the item is new and had room.
template <class List>
bool remember(List& list, typename List::value_type item, std::size_t most) {
  if (list.size() >= most || std::ranges::find(list, item) != list.end()) return false;
  list.push_back(item);
  return true;
}

}  // namespace

// ---- taking events in ----------------------------------------------------------------------------------------------

Witness* Cluster::witness_of(std::string_view device) {
  const auto found = witnesses_.find(device);
  if (found != witnesses_.end()) return &found->second;
  return witnesses_.size() < kDevicesMax ? &witnesses_[std::string(device)] : nullptr;
}

void Cluster::witness(const Event& event) {
  if (event.vantage != Vantage::concentrator) return;
  if (Witness* witness = witness_of(event.device)) witness->saw_line(event);
}

void Cluster::take(const Event& event, Timestamp when, ShardCounts& counts, std::vector<Verdict>& out) {
  now_ = later(now_, when);
  if (Witness* witness = event.vantage == Vantage::concentrator ? witness_of(event.device) : nullptr) {
    witness->saw_line(event);
    if (const auto before = witness->saw_boot(event)) pools_.boot(event.device, *before);
  }
  if (event.says.has(concentrator_started)) pools_.boot(event.device, when != kUntimed ? when : event.time);
  bool doubt = false;
  Half* half = event.vantage == Vantage::client ? client_half_for(event, when, counts, out) : concentrator_half_for(event, when, counts, &doubt);
  if (half == nullptr) return;
  const std::uint64_t identity = hash_text<false>(event.text, static_cast<std::uint64_t>(event.time) * 31 + event.sequence);
  if (event.time != kUntimed && std::ranges::find(half->seen, identity) != half->seen.end()) {
    ++counts.duplicates;
    return;
  }
  if (half->seen.size() >= kSeenMax) half->seen.erase(half->seen.begin());
  half->seen.push_back(identity);
  const bool had_cause = std::ranges::any_of(half->legs, [](const Leg& leg) { return leg.says.intersects(kCauseFacts); });
  add(*half, event, when, counts, doubt);
  if (event.vantage == Vantage::concentrator && !event.user.empty() && event.says.intersects(kAddressSaid)) gather_nameless(*half, event, when, counts);
  if (event.vantage == Vantage::concentrator) feed_pool(*half, event, when);
  if (half->partner != 0) look_at_join_again(*half, when, counts, out);

  Half* teller = teller_of(*half);
  if (teller->closed) {  // a late line, or the life of a session
    if (event.says.empty()) return;
    const bool of_session = teller->connected && only_session_facts(event.says);
    if (teller->connected) schedule(*teller, when == kUntimed ? kUntimed : when + kTailMs);
    if (!of_session) tell(*teller, true, counts, out);
    return;
  }
  schedule(*teller, due_of(*teller));
  if (!had_cause && event.says.intersects(kCauseFacts) && !options_->presume_one_incident) tell_provisional(*half, counts, out);
}

// Told at the first fatal line. What can already be joined is joined first, so that one attempt has one id.
void Cluster::tell_provisional(Half& half, ShardCounts& counts, std::vector<Verdict>& out) {
  if (half.vantage == Vantage::concentrator && half.partner == 0) {
    if (Half* before = to_change(predecessor_of(half))) {
      const Timestamp due = later(before->due, half.due);
      absorb(*before, half, counts);
      schedule(*before, due);
      return tell(*before, false, counts, out);
    }
  }
  if (half.fragment) return;
  if (half.partner == 0) {
    Fit best;
    Half* partner = partner_for(half, &best, counts, out);
    // Only a key joins this early: who else may come is not known yet.
    if (partner != nullptr && best.keyed && best.strength >= JoinStrength::strong) {
      const Timestamp due = later(half.due, partner->closed ? kUntimed : partner->due);
      join(half, *partner, best.strength, counts);
      Half* teller = teller_of(half);
      if (teller->closed) return tell(*teller, true, counts, out);
      schedule(*teller, due);
      return tell(*teller, false, counts, out);
    }
  }
  tell(*teller_of(half), false, counts, out);
}

Half& Cluster::open_half(const Event& event, Timestamp when, ShardCounts& counts) {
  if (halves_.size() >= kOpenHalvesMax) {
    // The oldest closed one has waited longest for its other side; an open one is never thrown away before it.
    if (const HalfId oldest = halves_.oldest_told()) {
      ++counts.evicted;
      forget(oldest);
    }
  }
  Half& half = halves_.open(next_id_++);
  half.vantage = event.vantage;
  half.attempt_id = mix(mix(mix(kHashSeed, event.device), event.text), event.ref.source == 0 && event.time == kUntimed ? std::to_string(event.ref.position) : std::to_string(event.time));
  half.started = event.time;
  half.first_when = when;
  half.received = event.received;
  half.legs.emplace_back();
  half.legs.back().started = event.time;
  half.only_session = only_session_facts(event.says);
  ++counts.attempts_opened;
  ++counts.attempts_open;
  return half;
}

Half* Cluster::client_half_for(const Event& event, Timestamp when, ShardCounts& counts, std::vector<Verdict>& out) {
  const std::uint64_t key = event.device.empty() ? mix_number(kHashSeed, event.ref.source) : hash_of_host(event.device);
  const auto found = current_client_.find(key);
  Half* half = found == current_client_.end() ? nullptr : living(found->second);
  if (half != nullptr && !same_name(half->device, event.device)) half = nullptr;  // names of one hash can be made up
  const bool starts = event.says.intersects(kStarts);
  if (half != nullptr) {
    const bool session_event = only_session_facts(event.says);
    // A log shipped late arrives at once; its own clock tells where one attempt ended. A log without times has only the
    // time of its arrival.
    const bool own_time = event.time != kUntimed && half->last != kUntimed;
    const Timestamp silence = own_time ? event.time - half->last : (when != kUntimed && half->last_when != kUntimed ? when - half->last_when : 0);
    const bool gap = silence > patience_ms(*half) && !half->connected;
    const bool told = is_told(*half);
    if (gap && !told) settle(*teller_of(*half), true, counts, out);
    // What is said of a session after its end is of a later one.
    constexpr FactMask kSessionEnds = {client_ended_by_user, client_ended_by_policy, client_ended_by_admin, client_ended_by_shutdown, client_lost_peer};
    const bool session_over = half->connected && half->legs.back().says.intersects(kSessionEnds) && silence > 5 * kTailMs;
    // A log shipped late may come after that of a later attempt.
    const bool earlier_attempt = own_time && event.time < half->started - kNextLegMs;
    const bool over = gap || session_over || earlier_attempt || (half->connected ? starts : told && (starts || when == kUntimed));
    const bool too_many = starts && half->legs.back().ended && half->legs.size() >= kLegsPerSideMax;
    if ((!over && !too_many) || (half->connected && session_event && !session_over && !earlier_attempt)) return half;
    Half* teller = teller_of(*half);
    if (too_many && !teller->closed) settle(*teller, false, counts, out);
  }
  if (event.says.empty()) return nullptr;
  if (event.says.without({client_stopped, client_deleted, client_ended_by_user}).empty()) return nullptr;  // an end of nothing we know
  Half& fresh = open_half(event, when, counts);
  current_client_[key] = fresh.id;
  return &fresh;
}

namespace {

bool has_session(const Half& half, std::uint64_t session) {
  return session != 0 && std::ranges::any_of(half.legs, [&](const Leg& leg) { return leg.session == session; });
}

bool only_other_sessions(const Half& half, std::uint64_t session) {
  return session != 0 && std::ranges::any_of(half.legs, [&](const Leg& leg) { return leg.session != 0 && leg.session != session; }) &&
         !has_session(half, session);
}

template <class T>
bool contains(const std::vector<T>& list, T item) {
  return std::ranges::find(list, item) != list.end();
}

// The end of a session prints how long it lasted: a session that began at another time is another one.
bool lasted_otherwise(const Half& half, const Event& event) {
  constexpr Timestamp kSlackMs = 30'000;
  if (event.lasted == 0 || event.time == kUntimed || half.connected_at == kUntimed) return false;
  return std::abs(event.time - event.lasted - half.connected_at) > kSlackMs;
}

// Could the names, addresses and numbers of the line be those of the half?
bool keys_allow(const Half& half, const Event& event, bool same_session) {
  // Under one number a client may name itself in two ways: first its machine, then its user.
  if (conflict(half.group, event.group) || (!same_session && user_conflict(half.user, event.user))) return false;
  const bool names_agree = !event.user.empty() && same_user(half.user, event.user);
  if (conflict(half.peer, event.peer) && !names_agree) return false;
  if (!half.device.empty() && !event.device.empty() && half.device != event.device) return false;
  if (only_other_sessions(half, event.session)) return false;
  return event.cookie == 0 || half.cookies.empty() || contains(half.cookies, event.cookie) || same_session;
}

// How long ago it was; what has no time was just now.
Timestamp passed(Timestamp then, Timestamp now) { return then == kUntimed ? kUntimed : now - then; }

constexpr FactMask kRekey = {concentrator_saw_udp4500, concentrator_phase1_done, concentrator_phase2_done, concentrator_proposal_accepted,
                             concentrator_nat_detected, concentrator_repeats_am2};

constexpr FactMask kPhase2Refusals = {concentrator_phase2_proposal_rejected, concentrator_phase2_network_rejected, concentrator_install_failed,
                                      client_phase2_refused, client_phase2_network_refused, client_install_failed};

// The half's session stood when the line was written.
template <class HalfOrGlance>
bool set_up_before(const HalfOrGlance& half, const Event& event, bool just_now) {
  return half.connected_at == kUntimed || event.time == kUntimed ? !just_now : event.time - half.connected_at > 5 * kTailMs;
}

// The session that ends had stood before the first line of it that is in the log, and all that was logged of it is a refused phase 2. Where
// a newer login took its place, that login may be the refused one.
bool was_rekeyed(const Half& half, const Event& event) {
  constexpr Timestamp kSetUpMs = 60'000;
  if (event.lasted == 0 || event.time == kUntimed || half.started == kUntimed || event.says.has(concentrator_session_preempted)) return false;
  const auto only_refused = [](const Leg& leg) { return leg.says.intersects(kPhase2Refusals) && leg.says.without(kPhase2Refusals | kSessionFacts).empty(); };
  return event.time - event.lasted < half.started - kSetUpMs && std::ranges::all_of(half.legs, only_refused);
}

// Could the line come next, as the half stands? Never asked when the device's own number says that it does.
bool story_allows(const Half& half, bool told, const Event& event, Timestamp when) {
  const Leg& leg = half.legs.back();
  const bool session_event = only_session_facts(event.says);
  const FactMask past = leg.says & kPastAm3;
  const bool over = half.is_over();
  const bool just_now = when == kUntimed || passed(half.last_when, when) <= 5 * kTailMs;
  // What is said of a session after its end is of a later one, whose beginning is not in the log.
  if (session_event && ((over && !just_now) || lasted_otherwise(half, event))) return false;
  // A device that shuts down ends what still stands, not what a side has ended before.
  const bool ended = over || leg.says.intersects({concentrator_got_delete, concentrator_deleted});
  if (event.says.has(concentrator_ended_by_shutdown) && half.connected && ended) return false;
  // A time-out belongs to a negotiation that is old enough and got no further: not to the retry that overtook it.
  const bool too_young = when != kUntimed && leg.started != kUntimed && event.time - leg.started < kShortestTimeoutMs;
  const FactMask too_far = event.says.has(concentrator_am3_timeout) ? kPastAm3 : kDone;
  if (event.says.intersects(kLateClean) && !event.says.has(concentrator_xauth_unanswered) && (past.intersects(too_far) || too_young)) return false;
  // After a refusal in phase 1 only its own tail follows; whoever gets further is somebody, or something, else.
  const bool refused = leg.says.intersects(kPhase1Refusals);
  const bool somebody_else = when == kUntimed || passed(half.last_when, when) > kTailMs || event.says.intersects(kPastAm3) || !event.user.empty();
  if (refused && event.says.intersects(kGoesOn | kUserJudged) && somebody_else) return false;
  // Who was turned away by name or certificate is not the one whose proposal or group comes next.
  constexpr FactMask kTurnedAway = kPhase1Refusals.without({concentrator_proposal_rejected, concentrator_auth_method_rejected});
  if (leg.says.intersects(kTurnedAway) && event.says.intersects({concentrator_proposal_accepted, concentrator_group_found})) return false;
  // The group is looked up before the user is asked: a line that names no user and is earlier than that is a neighbour's.
  constexpr FactMask kPhase1Only = kPhase1Refusals | FactMask{concentrator_group_found};
  if (event.says.intersects(kPhase1Only) && event.user.empty() && leg.says.intersects(kUserJudged) && !half.connected) return false;
  // A refusal that names nobody is not of one who is known by name and past it.
  // Certificates, keys and methods are judged after the group was found.
  constexpr FactMask kBeforeGroup = kPhase1Refusals.without({concentrator_certificate_expired, concentrator_certificate_rejected,
                                                             concentrator_auth_method_rejected});
  const bool nameless_refusal = event.says.intersects(kPhase1Refusals) && event.group.empty() && event.user.empty();
  const bool found_before = leg.says.has(concentrator_group_found) && event.says.intersects(kBeforeGroup);
  // What the line before said with the name is said once more without it.
  const bool echo = leg.says.contains(event.says) && !half.group.empty() && (when == kUntimed || passed(half.last_when, when) <= kTailMs);
  if (nameless_refusal && !echo && (!past.empty() || found_before || leg.ended)) return false;
  // A session is rekeyed, not set up again: whoever logs in is a new attempt, also of the same user.
  if (half.connected && !session_event && set_up_before(half, event, just_now) && (over || !event.says.without(kRekey).empty())) return false;
  if (event.says.has(concentrator_saw_am1)) {
    // A first message begins something new, unless the same one is still waiting without a name.
    const bool waiting = !told && half.group.empty() && half.user.empty() && !leg.ended && past.empty();
    const bool recent = when == kUntimed || when - half.first_when <= kRepeatAm1Ms;
    const bool same_port = event.peer_port == 0 || half.peer_port == 0 || event.peer_port == half.peer_port;
    if (!waiting || !recent || !same_port) return false;
  }
  return !told || half.connected || (when != kUntimed && when <= half.last_when + patience_ms(half));
}

// story_allows(), asked before the half is waked: false for one that was told long ago, if nothing but the whole of it can tell.
// A line with the device's own number may be of any.
template <class HalfOrGlance>
bool long_past(const HalfOrGlance& half, const Event& event, Timestamp when) {
  if (!half.closed || half.absorbed || event.session != 0) return false;
  if (when == kUntimed || half.last_when == kUntimed || when - half.last_when <= kPromptMs) return false;
  if (!half.connected) return true;
  if (only_session_facts(event.says)) return half.is_over();
  return set_up_before(half, event, false) && (half.is_over() || !event.says.without(kRekey).empty());
}

// How much speaks for the line being the half's.
int affinity(const Half& half, bool told, const Event& event, Timestamp when, bool same_session) {
  const bool session_event = only_session_facts(event.says);
  int score = same_session ? 100 : 0;
  // A fragment waits to be gathered by the half of its group.
  if (!event.user.empty() && same_user(half.user, event.user)) score += half.fragment && !event.group.empty() ? -8 : 8;
  if (!event.group.empty() && same_name(half.group, event.group)) score += 4;
  if (!event.peer.empty() && half.peer == event.peer) score += 4;
  if (event.peer_port != 0 && half.peer_port == event.peer_port) score += 2;
  if (!event.address.empty() && half.address == event.address) score += half.fragment && !event.user.empty() ? -8 : 8;
  if (event.message_id != 0 && contains(half.message_ids, event.message_id)) score += 50;
  // Set-up lines belong to a running set-up, session lines to a session.
  if (session_event == half.connected) score += 40;
  if (!told) score += 2;
  // Neighbours in time belong together when names do not decide.
  const bool timed = when != kUntimed && half.last_when != kUntimed;
  if (timed && when - half.last_when <= kTailMs) score += 5;
  // What ended a while ago is unlikely to be meant when something else is still running.
  if (timed && half.legs.back().ended && when - half.last_when > kTailMs) score -= 6;
  return score;
}

// Hours after the connect the same user may be in a later session, whose beginning is not in the log: only the
// device's own number or the length it prints says which session a line is about.
bool session_is_old(const Half& half, const Event& event) {
  if (event.lasted != 0 || has_session(half, event.session) || !only_session_facts(event.says)) return false;
  return event.time != kUntimed && half.connected_at != kUntimed && event.time - half.connected_at > kSecondLookMs;
}

bool names_nobody(const Event& event) {
  return event.peer.empty() && is_masked(event.user) && event.group.empty() && event.address.empty() && event.session == 0 && event.message_id == 0 && event.cookie == 0;
}

// A key of this one client agrees, not only an address that others may share.
bool surely_of(const Half& half, const Event& event, bool same_session) {
  return same_session || (!event.user.empty() && same_user(half.user, event.user)) || (event.cookie != 0 && contains(half.cookies, event.cookie)) ||
         (event.message_id != 0 && contains(half.message_ids, event.message_id)) || (event.peer_port != 0 && event.peer_port == half.peer_port) ||
         (!event.address.empty() && event.address == half.address);
}

}  // namespace

// The half of this device to which a line belongs, by the keys that the line prints; `doubt` when another client
// behind the same address may as well have caused it.
Half* Cluster::concentrator_half_for(const Event& event, Timestamp when, ShardCounts& counts, bool* doubt) {
  const Half* best = nullptr;
  int best_score = -1;
  bool best_is_sure = false;
  int possible = 0;    // halves whose line it may be, each without a key of its own client
  int neighbours = 0;  // others at work behind the same address
  bool past_ones = false;
  const auto not_long_past = [&](const auto& half) {
    const bool past = long_past(half, event, when);
    past_ones = past_ones || past;
    return !past;
  };
  const Halves known = lookup(event, not_long_past);
  for (const Half* const each : known) {
    const Half& half = *each;
    const bool same_session = has_session(half, event.session);
    const bool told = is_told(half);
    const bool recent = when != kUntimed && half.last_when != kUntimed && when - half.last_when <= kPromptMs;
    if (recent && !event.peer.empty() && half.peer == event.peer && !conflict(half.group, event.group)) ++neighbours;
    if (!keys_allow(half, event, same_session) || (!same_session && !story_allows(half, told, event, when))) continue;
    const bool sure = surely_of(half, event, same_session);
    if (!sure) ++possible;
    const int score = affinity(half, told, event, when, same_session);
    if (score > best_score || (score == best_score && half.id > best->id)) {
      best = &half;
      best_score = score;
      best_is_sure = sure;
    }
  }
  // A line that says nothing but carries ids may teach them only to a half that is surely meant: an id proves a join.
  const auto only_one = [&] { return known.size() == 1 && !past_ones && !is_shared(event.peer) && !(best != nullptr && best->legs.back().ended); };
  if (event.says.empty() && !best_is_sure && !only_one()) return nullptr;
  if (options_->presume_one_incident) best_is_sure = best != nullptr;
  // A user named alone, and several who may be he: kept apart until a line names him and his group.
  const bool whose = best != nullptr && !best_is_sure && possible > 1 && !event.user.empty() && event.group.empty();
  if (best != nullptr && !whose) {
    *doubt = (!best_is_sure && (neighbours > 1 || is_shared(event.peer) || (names_nobody(event) && others_at_work(*best, when)))) ||
             session_is_old(*best, event);
    Half* chosen = to_change(best);
    if (!event.user.empty() && !event.group.empty()) gather_fragments(*chosen, known, event, when, counts);
    return chosen;
  }
  if (event.says.empty()) return nullptr;
  if (event.says.without({concentrator_started, concentrator_address_released, concentrator_deleted, concentrator_got_delete, concentrator_nat_detected, concentrator_ended_by_shutdown}).empty())
    return nullptr;  // about the device, or the end of nothing we know
  Half& fresh = open_half(event, when, counts);
  fresh.fragment = whose || (event.peer.empty() && event.user.empty() && event.says.intersects(kAddressSaid));
  return &fresh;
}

// A line with both names ties together what was only known by address and what was only known by user.
void Cluster::gather_fragments(Half& into, const Halves& known, const Event& event, Timestamp when, ShardCounts& counts) {
  if (into.closed) return;
  for (const Half* const each : known) {
    const Half& other = *each;
    if (other.id == into.id || other.closed || other.absorbed || other.partner != 0 || !same_user(other.user, event.user)) continue;
    const bool just_now = when != kUntimed && passed(other.last_when, when) <= 5 * kTailMs;
    if (other.peer.empty() || (other.fragment && other.group.empty() && just_now)) absorb(into, *to_change(each), counts, true);
  }
}

Leg& Cluster::leg_for(Half& half, const Event& event) {
  if (event.session != 0)
    for (Leg& leg : half.legs)
      if (leg.session == event.session) return leg;
  Leg& last = half.legs.back();
  if (half.vantage == Vantage::concentrator || last.says.empty() || half.legs.size() >= kLegsPerSideMax || half.connected) return last;
  const auto known_gateway = [&] { return inventory_->concentrator_named(event.gateway); };
  // A leg that has only begun goes where its first message goes.
  if (FactMask{client_started, client_tcp_started, client_ikev1, client_ikev2}.contains(last.says) && !event.gateway.empty()) {
    const std::string_view name = known_gateway();
    last.gateway = name.empty() ? event.gateway : name;
    return last;
  }
  const auto other_gateway = [&] {
    return !event.gateway.empty() && !last.gateway.empty() && event.gateway != last.gateway && known_gateway() != last.gateway;
  };
  const bool again = event.says.has(client_sent_am1) && (last.ended || last.says.has(client_received_am2) || last.says.has(client_redirected) || other_gateway());
  const bool anew = event.says.intersects({client_started, client_tcp_started}) && (last.ended || (event.time != kUntimed && last.says.intersects({client_sent_am1, client_received_any}) && event.time > last.started + 1'000));
  if (!again && !anew) return last;
  // Sent to another gateway, or the first had not answered.
  if (again && other_gateway() && event.says.has(client_redirected)) last.says.insert(client_redirected);
  else if (again && other_gateway()) fall_silent(half);
  half.legs.emplace_back();
  half.legs.back().started = event.time;
  return half.legs.back();
}

void Cluster::add(Half& half, const Event& event, Timestamp when, ShardCounts& counts, bool doubt) {
  const std::size_t legs_before = half.legs.size();
  Leg& leg = leg_for(half, event);
  const bool first_of_leg = leg.says.empty();
  FactMask says = event.says;
  // Only Cisco's logs print a repeated first message like the first one; the others name the repeat.
  const bool prints_alike = event.dialect == Dialect::vpn3000 || event.dialect == Dialect::cisco_vpn_client || event.dialect == Dialect::asa;
  if (prints_alike && says.has(concentrator_saw_am1) && leg.says.has(concentrator_saw_am1)) says.insert(concentrator_saw_am1_again);
  if (prints_alike && says.has(client_sent_am1) && leg.says.has(client_sent_am1) && event.dialect == Dialect::cisco_vpn_client && event.time >= leg.started + 1'000)
    says.insert(client_repeated_am1);
  if (says.has(client_xauth_prompted) && leg.says.has(client_xauth_answered) && event.dialect == Dialect::cisco_vpn_client)
    says.insert(client_xauth_prompted_again);
  // A tunnel that stands is rekeyed: what is refused then fails no attempt.
  const bool just_now = when == kUntimed || passed(half.last_when, when) <= 5 * kTailMs;
  if (half.connected && event.session != 0 && set_up_before(half, event, just_now)) says = says.without(kPhase2Refusals);
  if (half.partner == 0 && was_rekeyed(half, event)) {
    half.connected = true;
    for (Leg& each : half.legs) {
      each.recovered |= each.says & kPhase2Refusals;
      each.says = each.says.without(kPhase2Refusals) | concentrator_connected;
    }
  }
  const bool new_session = leg.session == 0 && event.session != 0;
  if (new_session) leg.session = event.session;
  const bool knows_more = learn_keys(half, event, doubt);
  if (new_session) index(half);
  if (leg.cookie == 0) leg.cookie = event.cookie;
  if (leg.gateway.empty()) {
    const std::string_view gateway = half.vantage == Vantage::client ? event.gateway : event.device;
    const std::string_view name = inventory_->concentrator_named(gateway);
    leg.gateway = name.empty() ? gateway : name;
  }
  if (leg.started == kUntimed) leg.started = event.time;
  leg.last = later(leg.last, event.time);
  const bool news = !leg.says.contains(says);
  note_doubt(half, leg, event, says, doubt);
  add_facts(leg, half.legs.size() > legs_before ? says.without({client_redirected}) : says);  // the leg before this one was
  half.started = earlier(half.started, event.time);
  half.first_when = earlier(half.first_when, when);
  // A device may look for what it has given up: that prolongs nothing.
  if (!says.empty() || !leg.ended) {
    half.last = later(half.last, event.time);
    half.last_when = later(half.last_when, when);
  }
  if (says.intersects(kConnects)) {
    half.connected = true;
    if (half.connected_at == kUntimed && !half.only_session) half.connected_at = event.time;
  }
  if (half.vantage == Vantage::concentrator) learn_source(half, event, first_of_leg || half.legs.size() > legs_before);
  else if (knows_more) learn_host(half);

  if (says.empty()) return;
  const std::size_t most = news ? 2 * kEvidencePerSideMax : kEvidencePerSideMax;
  if (half.evidence.size() >= most) {
    ++counts.evidence_dropped;
    return;
  }
  half.evidence.add({event.time, event.ref, says, event.text.substr(0, kEvidenceTextMax)});
}

// Facts of lines that may be a neighbour's, until a line that is surely this client's says the same. A user name learnt
// from such a line is confirmed by a line that names him and his group.
void Cluster::note_doubt(const Half& half, Leg& leg, const Event& event, const FactMask& says, bool doubt) {
  if (doubt) {
    leg.doubtful |= says.without(leg.says);
    return;
  }
  leg.doubtful = leg.doubtful.without(says);
  const bool confirms = !event.group.empty() && same_name(event.group, half.group) && same_user(event.user, half.user);
  if (confirms) leg.doubtful = leg.doubtful.without(kUserJudged);
}

// Whether there was anything to learn.
bool Cluster::learn_keys(Half& half, const Event& event, bool doubt) {
  bool news = half.seen.size() <= 1;  // its first line
  const auto is_new = [](std::string_view known, std::string_view value) { return is_masked(known) && !value.empty(); };
  if (!news && (is_new(half.device, event.device) || is_new(half.peer, event.peer) || is_new(half.user, event.user))) {
    unindex(half);
    news = true;
  }
  const auto learn = [&](std::string& field, std::string_view value) {
    if (!field.empty() || value.empty()) return;
    field = value;
    news = true;
  };
  const auto learn_number = [&](auto& list, auto number) {
    if (number != 0) news = remember(list, number, kKeysPerHalfMax) || news;
  };
  if (is_masked(half.user) && !event.user.empty()) half.user.clear();
  learn(half.user, event.user);
  learn(half.device, event.device);
  learn(half.peer, event.peer);
  if (half.group.empty() && !event.group.empty()) {
    half.group = event.group;
    news = news || (half.peer.empty() && half.user.empty());
  }
  half.fragment = half.fragment && (half.group.empty() || (half.user.empty() && half.peer.empty()));
  learn(half.address, event.address);
  if (half.pool.empty()) half.pool = event.pool;
  if (!event.server.empty() && event.group.empty()) half.server = event.server;  // of the user's login, not of the group's look-up
  if (half.peer_port == 0) half.peer_port = event.peer_port;
  if (!doubt) learn_number(half.message_ids, event.message_id);  // an id proves a join
  learn_number(half.cookies, event.cookie);
  if (event.spi_in != 0 && event.spi_out != 0) learn_number(half.spis, std::uint64_t{event.spi_in} << 32 | event.spi_out);
  if (news) index(half);
  return news;
}

// Null when no more addresses are remembered.
SourceHistory* Cluster::history_of(std::string_view peer) {
  const std::uint64_t key = hash_of(peer);
  const auto known = sources_.find(key);
  if (known != sources_.end()) return &known->second;
  return sources_.size() < kSourcesMax ? &sources_[key] : nullptr;
}

void Cluster::learn_host(const Half& client) {
  if (client.peer.empty()) return;
  SourceHistory* source = history_of(client.peer);
  if (source != nullptr && !client.device.empty()) source->hosts.note(hash_of_host(client.device));
}

void Cluster::learn_source(const Half& concentrator, const Event& event, bool new_leg) {
  if (concentrator.peer.empty()) return;
  SourceHistory* const known = history_of(concentrator.peer);
  if (known == nullptr) return;
  SourceHistory& source = *known;
  if (new_leg) source.note_leg();
  if (event.says.intersects(kPastAm3 | FactMask{concentrator_notify_invalid_hash, concentrator_disconnected})) source.note_progress();
  if (!event.group.empty() && source.names.size() < kNamesPerSourceMax) source.names.insert(hash_of(event.group) >> 1);
  if (!is_masked(event.user)) source.users.note(hash_of_user(event.user));
}

// More than one client was seen behind this address, or nobody knows any more.
bool Cluster::is_shared(std::string_view peer) const {
  const auto source = sources_.find(hash_of(peer));
  if (source == sources_.end()) return sources_.size() >= kSourcesMax;
  return source->second.is_shared();
}

PoolLine cluster_parts::pool_line(const Half& half, const FactMask& says, Timestamp time) {
  PoolLine line{time, says, half.device, half.pool, half.group, is_masked(half.user) ? std::string_view{} : half.user, half.peer, half.address, half.id};
  for (const Leg& leg : half.legs) {
    line.external = line.external || leg.says.has(concentrator_address_external);
    line.source_failed = line.source_failed || leg.says.has(concentrator_address_source_failed) || leg.recovered.has(concentrator_address_source_failed);
  }
  return line;
}

void Cluster::feed_pool(const Half& half, const Event& event, Timestamp when) {
  if (!event.says.intersects(PoolBook::kMoves)) return;
  const Timestamp time = when != kUntimed ? when : event.time;
  PoolLine line = pool_line(half, event.says, time == kUntimed ? 0 : time);
  if (!event.address.empty()) line.address = event.address;
  if (!event.pool.empty()) line.pool = event.pool;
  pools_.take(*inventory_, line);
}

// ---- index -----------------------------------------------------------------------------------------------------------

namespace {

// take(key) with each under which the half is to be found. Who learns a better one is not found under the worse any more.
template <class Take>
void each_key(const Half& half, Take take) {
  const bool is_client = half.vantage == Vantage::client;
  const Keys keys(half.vantage);
  if (!half.peer.empty()) take(keys.peer(half.peer));
  if (!is_masked(half.user)) take(keys.user(half.user));
  if (!half.address.empty()) take(keys.address(half.address));
  if (!half.group.empty() && half.peer.empty() && half.user.empty()) take(keys.group(half.group));
  for (const Leg& leg : half.legs)
    if (leg.session != 0) take(keys.session(half.device, leg.session));
  for (const std::uint32_t id : half.message_ids) take(keys.message_id(id));
  for (const std::uint64_t cookie : half.cookies) take(keys.cookie(cookie));
  for (const std::uint64_t spis : half.spis) take(keys.spis(is_client ? spis : mirrored(spis)));
  if (is_client && half.peer.empty()) take(keys.without_peer());
  take(is_client || half.device.empty() ? keys.without_device() : keys.device(half.device));
}

constexpr std::size_t kNeighboursMax = 8;  // halves of one device that are looked at for a line that names nobody
bool just_now(const Half& half, Timestamp when) { return when == kUntimed || passed(half.last_when, when) <= 5 * kTailMs; }

}  // namespace

void Cluster::index(const Half& half) {
  each_key(half, [&](std::uint64_t key) { by_key_[key].insert(half.id); });
}

void Cluster::unindex(const Half& half) {
  each_key(half, [&](std::uint64_t key) {
    const auto filed = by_key_.find(key);
    if (filed == by_key_.end()) return;
    filed->second.erase(half.id);
    if (filed->second.empty()) by_key_.erase(filed);
  });
}

void Cluster::rebuild_index() {
  by_key_.clear();
  due_.clear();
  halves_.each([this](const Half& half) {
    if (half.queued != kNever) due_.insert({half.queued, half.id});
    index(half);
  });
}

void Cluster::forget(HalfId id) {
  const Half* half = living(id);
  if (half == nullptr) return;
  unindex(*half);
  const auto current = current_client_.find(hash_of_host(half->device));
  if (current != current_client_.end() && current->second == id) current_client_.erase(current);
  due_.erase({half->queued, id});
  partial_.erase(id);
  halves_.forget(id);
}

Half* Cluster::living(HalfId id) { return id == 0 ? nullptr : halves_.find(id); }

const Half* Cluster::look_at(HalfId id) { return id == 0 ? nullptr : halves_.look(id); }

Half* Cluster::to_change(const Half* half) { return half == nullptr ? nullptr : halves_.find(half->id); }

// The halves of concentrators that an event may belong to, newest first. Of those that have no more than its address or user in common
// only those that are wanted.
template <class Wanted>
Cluster::Halves Cluster::lookup(const Event& event, Wanted wanted) {
  Halves out;
  constexpr std::size_t kNewest = 64;
  const Keys keys(Vantage::concentrator);
  const auto add = [&](std::uint64_t key, std::size_t newest) { collect(key, newest, kAny, out); };
  if (event.session != 0) add(keys.session(event.device, event.session), 4);
  if (event.message_id != 0) add(keys.message_id(event.message_id), 4);
  if (event.cookie != 0) add(keys.cookie(event.cookie), 4);
  if (!event.peer.empty()) collect(keys.peer(event.peer), kNewest, wanted, out);
  if (!is_masked(event.user)) collect(keys.user(event.user), kNewest, wanted, out);
  if (!event.address.empty()) add(keys.address(event.address), 4);
  if (out.empty() && event.peer.empty() && is_masked(event.user) && event.session == 0) {
    if (!event.group.empty()) add(keys.group(event.group), 4);
    // A line that names nobody follows the one before it.
    if (out.empty() && event.group.empty()) add(event.device.empty() ? keys.without_device() : keys.device(event.device), 1);
  }
  sort_and_dedupe(out);
  return out;
}

// Whether more than this one was set up on the device just now: a line that names nobody may be any one's.
bool Cluster::others_at_work(const Half& half, Timestamp when) {
  const Keys keys(Vantage::concentrator);
  Halves nearby;
  collect(half.device.empty() ? keys.without_device() : keys.device(half.device), kNeighboursMax, kAny, nearby);
  return std::ranges::any_of(nearby, [&](const Half* other) {
    return other->id != half.id && !other->absorbed && !other->connected && !other->legs.back().ended && just_now(*other, when);
  });
}

// An ASA's address lines name nobody; the line that names the user follows and says the same, or has the same address. Where several wait
// that say the same, or more may than are looked at, nobody knows whose is whose.
void Cluster::gather_nameless(Half& into, const Event& event, Timestamp when, ShardCounts& counts) {
  if (into.closed || event.device.empty()) return;
  Halves nearby;
  collect(Keys(Vantage::concentrator).device(event.device), kNeighboursMax, kAny, nearby);
  const Half* alike = nullptr;
  bool whose_is_clear = nearby.size() < kNeighboursMax || !just_now(*nearby.back(), when);
  for (const Half* const each : nearby) {
    const Half& other = *each;
    if (other.id == into.id || !other.fragment || other.closed || other.absorbed || other.partner != 0) continue;
    if (!other.user.empty() || !other.peer.empty() || other.device != event.device || conflict(other.group, event.group) || !just_now(other, when)) continue;
    if (!event.address.empty() && other.address == event.address) return absorb(into, *to_change(each), counts, true);
    if (!event.address.empty() || !other.address.empty() || !other.legs.back().says.intersects(event.says & kAddressSaid)) continue;
    whose_is_clear = whose_is_clear && alike == nullptr;
    alike = each;
  }
  if (alike != nullptr && whose_is_clear) absorb(into, *to_change(alike), counts, true);
}

// When an attempt is told: when the patience with each of its sides has run out; soon after one side is connected.
Timestamp Cluster::due_of(const Half& half) {
  const Half* partner = half.connected ? nullptr : look_at(half.partner);
  const Timestamp due = half.last_when == kUntimed ? kUntimed : half.last_when + patience_ms(half);
  if (partner == nullptr || partner->last_when == kUntimed) return due;
  return later(due, partner->last_when + patience_ms(*partner));
}

// Most lines only put an attempt's due time off. The queue is told when the old time comes: one visit, not one a line.
void Cluster::schedule(Half& half, Timestamp due) {
  half.due = due == kUntimed ? kNever : due;
  if (half.queued <= half.due && half.queued != kNever) return;
  due_.erase({half.queued, half.id});
  half.queued = half.due;
  due_.insert({half.queued, half.id});
}

// The place in the queue that follows from what is known of the half, as after a restart.
void Cluster::requeue(Half& half) {
  due_.erase({half.queued, half.id});
  half.queued = half.absorbed ? kNever : half.due;
  if (half.queued != kNever) due_.insert({half.queued, half.id});
}

// ---- time runs out -------------------------------------------------------------------------------------------------

void Cluster::expire(Timestamp stream_time, ShardCounts& counts, std::vector<Verdict>& out) {
  pools_.settle(stream_time);
  halves_.rest(stream_time, [this](Half& half) { requeue(half); });
  while (!due_.empty() && due_.begin()->first <= stream_time) {
    const auto [looked_at, id] = *due_.begin();
    Half& half = *living(id);
    if (half.absorbed || half.due > looked_at) {
      requeue(half);
      continue;
    }
    due_.erase(due_.begin());
    now_ = later(now_, looked_at);
    half.queued = half.due = kNever;
    if (!half.closed) {
      settle(half, true, counts, out);
      continue;
    }
    if (half.connected && looked_at < half.last_when + options_->keep_ms) tell_session(half, counts, out);
    if (second_look(half)) tell(half, true, counts, out);
    if (stream_time >= half.last_when + options_->keep_ms) {
      const HalfId partner = half.partner;
      forget(id);
      if (partner != 0) forget(partner);
    } else {
      schedule(half, half.last_when + options_->keep_ms);
    }
  }
}

void Cluster::settle(Half& half, bool timed_out, ShardCounts& counts, std::vector<Verdict>& out) {
  // Where clusters are told apart, "connect requested" may have come here before the client named its gateway.
  const bool lone_start = half.vantage == Vantage::client && half.partner == 0 && half.legs.size() == 1 &&
                          FactMask{client_started, client_ikev1, client_ikev2}.contains(half.legs.back().says) && !inventory_->concentrators.empty();
  if (lone_start) {
    ++counts.attempts_joined;
    --counts.attempts_open;
    return forget(half.id);
  }
  const Timestamp due_now = half.last_when == kUntimed ? kUntimed : half.last_when + patience_ms(half);
  if (half.vantage == Vantage::concentrator && half.partner == 0) {
    if (Half* original = to_change(repeated_by(half))) {
      original->legs.back().says.insert(concentrator_saw_am1_again);
      half.evidence.each([&](EvidenceList::Piece piece) {
        if (piece.facts.has(concentrator_saw_am1)) piece.facts.insert(concentrator_saw_am1_again);
        if (original->evidence.size() < 2 * kEvidencePerSideMax) original->evidence.add(piece);
      });
      original->evidence.sort_by_time();
      ++counts.attempts_joined;
      --counts.attempts_open;
      forget(half.id);
      Half* teller = teller_of(*original);
      if (teller->closed) tell(*teller, true, counts, out);
      return;
    }
    if (Half* before = to_change(predecessor_of(half))) {
      const Timestamp due = half.due == kNever ? due_now : half.due;
      absorb(*before, half, counts);  // half is no more
      if (timed_out) schedule(*before, later(before->due == kNever ? kUntimed : before->due, due));
      return;
    }
    if (timed_out && !half.connected) {
      const Half* next = successor_of(half);
      if (next != nullptr && next->due != kNever && next->due >= due_now) return schedule(half, next->due + 1);
    }
  }
  if (timed_out) {
    fall_silent(half);
    if (Half* partner = living(half.partner)) fall_silent(*partner);
  }
  if (half.partner == 0) {
    Fit best;
    if (Half* partner = partner_for(half, &best, counts, out)) {
      join(half, *partner, best.strength, counts);
      Half* teller = teller_of(half);
      if (teller->closed) return tell(*teller, true, counts, out);
      Half& other = teller == &half ? *partner : half;
      const Timestamp other_due = other.last_when == kUntimed ? kUntimed : other.last_when + patience_ms(other);
      const Timestamp teller_due = teller->last_when == kUntimed ? kUntimed : teller->last_when + patience_ms(*teller);
      const Timestamp both_due = later(other_due, teller_due);
      if (timed_out && both_due != kUntimed && both_due > due_now) return schedule(*teller, both_due);
      if (timed_out)
        for (Half* side : {teller, &other}) fall_silent(*side);
      return tell(*teller, true, counts, out);
    }
  }
  tell(half, true, counts, out);
}

// A first message that no group look-up follows, while the same client waits for its answer, is that client's repeat.
const Half* Cluster::repeated_by(const Half& half) {
  constexpr FactMask kFirstMessage = {concentrator_saw_am1, concentrator_saw_am1_again, concentrator_proposal_accepted, concentrator_silent, concentrator_ikev1};
  const FactMask& says = half.legs.back().says;
  const bool nameless = half.group.empty() && is_masked(half.user) && half.legs.size() == 1 && half.legs.back().session == 0;
  if (!nameless || half.peer.empty() || half.first_when == kUntimed || !says.has(concentrator_saw_am1) || !kFirstMessage.contains(says)) return nullptr;
  Event key;
  key.peer = half.peer;
  for (const Half* const each : lookup(key, [](const auto& other) { return !other.connected && !other.absorbed; })) {
    const Half& other = *each;
    const bool waiting = other.id != half.id && !other.connected && !other.absorbed && !other.group.empty() && other.device == half.device &&
                         (other.legs.back().says & kPastAm3).empty();
    const bool meanwhile = other.first_when <= half.first_when && half.first_when <= later(other.last_when, other.first_when + kRepeatAm1Ms);
    const bool same_port = other.peer_port == 0 || half.peer_port == 0 || other.peer_port == half.peer_port;
    if (waiting && meanwhile && same_port) return &other;
  }
  return nullptr;
}

// The earlier legs of the same press on Connect: same client, ended shortly before this one began.
const Half* Cluster::predecessor_of(const Half& half) {
  if (half.peer.empty() || half.first_when == kUntimed) return nullptr;
  Event key;
  key.peer = half.peer;
  const Half* best = nullptr;
  for (const Half* const each : lookup(key, [](const auto& other) { return !other.closed && !other.absorbed && !other.connected; })) {
    const Half& other = *each;
    if (other.id == half.id || other.closed || other.absorbed || other.connected || other.peer != half.peer) continue;
    if (other.first_when > half.first_when || (other.first_when == half.first_when && other.id > half.id)) continue;
    if (!other.legs.back().ended && !other.legs.back().silent && half.first_when < other.last_when) continue;
    if (other.last_when == kUntimed) continue;
    if (half.first_when - other.last_when > kNextLegMs || half.first_when < other.last_when - kTailMs) continue;
    if (conflict(other.group, half.group) || user_conflict(other.user, half.user)) continue;
    if (other.peer_port != 0 && half.peer_port != 0 && other.peer_port != half.peer_port) continue;
    if (other.legs.size() + half.legs.size() > kLegsPerSideMax) continue;
    // Behind one address several clients look alike: a leg that died nameless is nobody's in particular.
    const bool names = !half.group.empty() && same_name(half.group, other.group);
    const bool users_known = !is_masked(half.user) && !is_masked(other.user);
    const bool nameless = half.group.empty() && other.group.empty() && is_masked(half.user) && is_masked(other.user);
    if (!names && !users_known && !nameless) continue;
    if (best == nullptr || other.last_when > best->last_when) best = &other;
  }
  return best;
}

const Half* Cluster::successor_of(const Half& half) {
  if (half.peer.empty() || half.last_when == kUntimed) return nullptr;
  Event key;
  key.peer = half.peer;
  const Half* best = nullptr;
  for (const Half* const each : lookup(key, [](const auto& other) { return !other.closed && !other.absorbed; })) {
    const Half& other = *each;
    if (other.id == half.id || other.closed || other.absorbed || other.partner != 0) continue;
    if (other.first_when < half.first_when || predecessor_of(other) != &half) continue;
    if (best == nullptr || other.first_when < best->first_when) best = &other;
  }
  return best;
}

void Cluster::absorb(Half& into, Half& half, ShardCounts& counts, bool fragment_of_leg) {
  unindex(into);
  const bool same_client = same_user(into.user, half.user) || options_->presume_one_incident;
  if (!fragment_of_leg && !same_client && is_shared(into.peer))
    for (Half* each : {&into, &half})
      for (Leg& leg : each->legs) leg.doubtful |= leg.says;
  for (Leg& leg : half.legs) into.legs.push_back(std::move(leg));
  if (fragment_of_leg && into.legs.size() >= 2) {
    Leg fragment = std::move(into.legs.back());
    into.legs.pop_back();
    Leg& leg = into.legs.back();
    FactMask later_facts = leg.says;
    const bool fragment_first = fragment.started <= leg.started;
    Leg base = fragment_first ? fragment : leg;
    add_facts(base, fragment_first ? later_facts : fragment.says);
    leg.says = base.says;
    leg.recovered |= fragment.recovered | base.recovered;
    leg.doubtful = (leg.doubtful | fragment.doubtful) & leg.says;
    if (leg.session == 0) leg.session = fragment.session;
    leg.ended = leg.ended || fragment.ended;
    leg.last = later(leg.last, fragment.last);
    leg.started = earlier(leg.started, fragment.started);
  }
  half.evidence.each([&](const EvidenceList::Piece& piece) {
    if (into.evidence.size() < 2 * kEvidencePerSideMax) into.evidence.add(piece);
  });
  into.evidence.sort_by_time();
  for (const std::uint64_t identity : half.seen) remember(into.seen, identity, kSeenMax);
  for (const std::uint32_t id : half.message_ids) remember(into.message_ids, id, kKeysPerHalfMax);
  for (const std::uint64_t cookie : half.cookies) remember(into.cookies, cookie, kKeysPerHalfMax);
  for (const std::uint64_t spi : half.spis) remember(into.spis, spi, kKeysPerHalfMax);
  const auto learn = [](std::string& field, const std::string& value) {
    if (field.empty()) field = value;
  };
  learn(into.device, half.device);
  learn(into.peer, half.peer);
  learn(into.group, half.group);
  if (is_masked(into.user)) into.user = half.user;
  learn(into.address, half.address);
  learn(into.pool, half.pool);
  learn(into.server, half.server);
  into.started = earlier(into.started, half.started);
  into.last = later(into.last, half.last);
  into.first_when = earlier(into.first_when, half.first_when);
  into.last_when = later(into.last_when, half.last_when);
  into.connected = into.connected || half.connected;
  into.connected_at = earlier(into.connected_at, half.connected_at);
  half.absorbed = true;
  ++counts.attempts_joined;
  --counts.attempts_open;
  index(into);
  forget(half.id);
}

void Cluster::finish(ShardCounts& counts, std::vector<Verdict>& out) {
  const std::vector<HalfId> open = halves_.untold();
  const auto still_open = [this](HalfId id) {
    Half* half = living(id);
    return half == nullptr || half->closed || half->absorbed ? nullptr : half;
  };
  // Later legs find their earlier ones first, so that each attempt is whole when it is told.
  for (std::size_t i = open.size(); i-- > 0;) {
    Half* half = living(open[i]);
    if (half == nullptr || half->vantage == Vantage::client || half->partner != 0) continue;
    if (Half* before = to_change(predecessor_of(*half))) absorb(*before, *half, counts);
  }
  join_lone_pair(counts, out);
  for (const HalfId id : open)
    if (Half* half = still_open(id)) settle(*half, false, counts, out);
  for (const HalfId id : open)
    if (Half* half = still_open(id)) tell(*half, true, counts, out);
  if (options_->presume_one_incident) look_at_vouched_again(counts, out);
  std::vector<HalfId> unfinished;
  halves_.each([&](const Half& half) {
    if (half.closed && !half.absorbed && (second_look(half) || half.connected)) unfinished.push_back(half.id);
  });
  for (const HalfId id : unfinished) {
    Half& half = *living(id);
    if (half.connected) tell_session(half, counts, out);
    if (second_look(half)) tell(half, true, counts, out);
  }
}

}  // namespace vpnverdict
