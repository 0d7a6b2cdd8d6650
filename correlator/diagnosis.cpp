#include "correlator/diagnosis.h"

#include <algorithm>
#include <cstdlib>

namespace vpnverdict {
namespace {

using enum Fact;

// A leg as both sides tell it.
struct JointLeg {
  FactMask says;
  FactMask recovered;
  FactMask doubtful;
  std::string_view gateway;
  bool over = false;   // ended, or its time ran out
  bool stray = false;  // nothing of it is in the client's log, which tells of another: it decides nothing
};

void merge(JointLeg& joint, const Leg& leg) {
  joint.says |= leg.says;
  joint.recovered |= leg.recovered;
  joint.doubtful |= leg.doubtful;
  joint.over = joint.over || leg.ended || leg.silent;
}

JointLeg alone(const Leg& leg) {
  JointLeg joint;
  joint.gateway = leg.gateway;
  merge(joint, leg);
  return joint;
}

// The client's leg to which a leg of the concentrator belongs: one to the same gateway where the names tell, else the
// last that began before it. The two starts belong together, which gives the clock offset.
std::size_t place_beside(const Leg& leg, const AttemptView& attempt) {
  constexpr Timestamp kSlackMs = 3'000;
  const std::vector<Leg>& legs = attempt.client->legs;
  const auto same_gateway = std::ranges::find(legs, leg.gateway, &Leg::gateway);
  const bool timed = attempt.client->started != kUntimed && leg.started != kUntimed && attempt.concentrator->started != kUntimed;
  if (!timed) return same_gateway != legs.end() && !leg.gateway.empty() ? static_cast<std::size_t>(same_gateway - legs.begin()) : legs.size() - 1;
  const auto apart = [&](const Leg& other) { return std::abs(other.started - leg.started); };
  const bool clocks_agree = std::ranges::any_of(legs, [&](const Leg& other) { return apart(other) <= kSlackMs; });
  const Timestamp offset = clocks_agree ? 0 : attempt.client->started - attempt.concentrator->started;
  std::size_t best = legs.size();
  for (std::size_t i = 0; i < legs.size(); ++i) {
    if (same_gateway != legs.end() && legs[i].gateway != leg.gateway) continue;
    if (best == legs.size() || legs[i].started <= leg.started + offset + kSlackMs) best = i;
  }
  return best;
}

// When the client's log says that the leg was over; what follows, as the stop of the program, is of no leg.
Timestamp ended_at(const Half& client, const Leg& leg) {
  Timestamp ended = kUntimed;
  client.evidence.each([&](const EvidenceList::Piece& piece) {
    if (ended == kUntimed && piece.time != kUntimed && piece.time >= leg.started && ends_leg(piece.facts)) ended = piece.time;
  });
  return ended;
}

// The client's log covers the time and tells of another leg alone: an earlier or later try, or the user's other device. Where the clocks
// agree, the pair that began together says how far they are apart.
bool is_stray(const Leg& leg, const AttemptView& attempt) {
  constexpr Timestamp kSlackMs = 3'000;
  constexpr Timestamp kStampMs = 1'000;
  const std::vector<Leg>& legs = attempt.client->legs;
  const Timestamp begun = legs.front().started;
  if (leg.started == kUntimed || begun == kUntimed || attempt.client->last == kUntimed) return false;
  const auto away = [&](const Leg& other) { return other.started == kUntimed ? kNever : std::abs(other.started - begun); };
  const Leg& first = *std::ranges::min_element(attempt.concentrator->legs, {}, away);
  if (away(first) > kSlackMs || &leg == &first) return false;
  const Timestamp offset = begun - first.started;
  const Timestamp over = ended_at(*attempt.client, legs.back());
  if (leg.started + kSlackMs < begun || leg.last + offset + kStampMs < begun) return true;
  return leg.started + offset > (over != kUntimed ? over + kStampMs : attempt.client->last + kSlackMs);
}

using JointLegs = absl::InlinedVector<JointLeg, 2>;

// Lays the concentrator's legs beside the client's.
JointLegs lay_side_by_side(const AttemptView& attempt) {
  JointLegs joint;
  if (attempt.client == nullptr) {
    for (const Leg& leg : attempt.concentrator->legs) joint.push_back(alone(leg));
    return joint;
  }
  for (const Leg& leg : attempt.client->legs) joint.push_back(alone(leg));
  if (attempt.concentrator == nullptr) return joint;
  JointLegs strays;
  for (const Leg& leg : attempt.concentrator->legs) {
    if (!is_stray(leg, attempt)) {
      merge(joint[place_beside(leg, attempt)], leg);
      continue;
    }
    strays.push_back(alone(leg));
    strays.back().stray = true;
  }
  joint.insert(joint.end(), strays.begin(), strays.end());
  return joint;
}

bool named(const Diagnosis& diagnosis) { return diagnosis.rule != nullptr && diagnosis.grade != Grade::guess; }

// A rule that stands but for facts nobody knows, and that something speaks for.
void list_candidates(const Facts& facts, Diagnosis* out) {
  for (const Rule& rule : connect_rules()) {
    if (out->alternatives.size() >= 4) return;
    if (state_of(rule, facts) != RuleState::lacks) continue;
    if (!facts.known_true.contains(rule.all_of) || rule.all_of.empty()) continue;
    if (std::ranges::find(out->alternatives, rule.cause) != out->alternatives.end()) continue;
    if (row_of(rule.cause).kind == CauseKind::outcome) continue;
    out->alternatives.push_back(rule.cause);
  }
}

std::string_view missing_evidence(const Facts& facts) {
  if (!facts.known_true.has(concentrator_log_present)) return "the concentrator's log of the same minutes";
  if (!facts.known_true.has(client_log_present)) return "the client's log of the same minutes";
  return "both logs at a more detailed level";
}

void apply(const Rule& rule, const Facts& facts, Diagnosis* out) {
  out->rule = &rule;
  out->cause = rule.cause;
  out->grade = rule.grade;
  out->outcome = outcome_of(rule.cause);
  out->next_check = rule.next_check;
  for (Cause cause : rule.alternatives) {
    // A cause that the facts already exclude is no alternative.
    if (cause == Cause::group_name_unknown && facts.known_true.has(concentrator_group_found)) continue;
    if (cause == Cause::group_password_mismatch && facts.known_true.has(client_uses_certificate)) continue;
    out->alternatives.push_back(cause);
  }
}

// A weak join may have laid another client's log beside this one's: nothing is certain then, not even what one side
// says alone (diagnosis, "Grades"). Nor is a verdict that rests on a line which may be a neighbour's.
void cap_grade(const Rule& rule, const AttemptView& attempt, const FactMask& doubtful, Diagnosis* out) {
  if (attempt.join == JoinStrength::weak || doubtful.intersects(rule.all_of | rule.any_of)) out->grade = std::min(out->grade, Grade::probable);
}

// A slip at the prompt is followed by another try. When the log breaks off behind it, nobody knows how that went.
bool ends_in_the_dark(const Rule& rule, const JointLeg& leg, const AttemptView& attempt) {
  constexpr FactMask kTriedAgain = {concentrator_user_bad_password, concentrator_user_unknown, concentrator_user_rejected};
  return attempt.client == nullptr && attempt.circumstances.log_broke_off && leg.over && !leg.says.has(concentrator_user_failed) &&
         kTriedAgain.intersects(rule.all_of | rule.any_of);
}

Diagnosis diagnose_leg(const JointLeg& leg, const AttemptView& attempt) {
  Diagnosis out;
  out.facts = complete_facts(leg.says, attempt.circumstances);
  out.reached = reached(out.facts.known_true);
  const Rule* rule = first_firing(connect_rules(), out.facts);
  if (rule != nullptr) {
    apply(*rule, out.facts, &out);
    cap_grade(*rule, attempt, leg.doubtful, &out);
    if (ends_in_the_dark(*rule, leg, attempt)) out.grade = std::min(out.grade, Grade::probable);
    return out;
  }
  list_candidates(out.facts, &out);
  if (leg.says.intersects({client_redirected, concentrator_redirected})) {
    out.outcome = Outcome::in_progress;
    out.cause = Cause::redirected;
    out.next_check = row_of(Cause::redirected).remedy;
    return out;
  }
  out.outcome = leg.over ? Outcome::undetermined : Outcome::in_progress;
  out.cause = leg.over ? Cause::undetermined : Cause::in_progress;
  out.next_check = missing_evidence(out.facts);
  if (!leg.over) out.alternatives.clear();
  return out;
}

void see_also(Cause cause, Cause main, Causes* out) {
  if (cause == main || row_of(cause).kind == CauseKind::outcome) return;
  if (std::ranges::find(*out, cause) == out->end()) out->push_back(cause);
}

using Diagnoses = absl::InlinedVector<Diagnosis, 2>;

// First gateway first; on one gateway the last named cause; a bare silence never displaces a named cause.
std::size_t deciding_leg(const JointLegs& legs, const Diagnoses& each) {
  for (std::size_t i = each.size(); i-- > 0;)
    if (each[i].cause == Cause::connected && !legs[i].stray) return i;
  std::size_t first = 0;
  while (first + 1 < each.size() && each[first].cause == Cause::redirected) ++first;
  std::size_t chosen = first;
  for (std::size_t i = first; i < each.size(); ++i) {
    const bool same_gateway = legs[i].gateway.empty() || legs[first].gateway.empty() || legs[i].gateway == legs[first].gateway;
    if (!same_gateway || legs[i].stray) continue;
    const bool says_more = each[i].rule != nullptr || each[chosen].rule == nullptr;
    if (named(each[i]) || (!named(each[chosen]) && says_more)) chosen = i;
  }
  return chosen;
}

// Two authorities that name different things for one attempt.
bool contradict(const AttemptView& attempt, const Diagnosis& joint) {
  if (attempt.client == nullptr || attempt.concentrator == nullptr || joint.cause == Cause::group_name_unknown) return false;
  const Diagnosis by_client = diagnose({attempt.client, nullptr, JoinStrength::one_sided, {}});
  const Diagnosis by_concentrator = diagnose({nullptr, attempt.concentrator, JoinStrength::one_sided, {}});
  if (by_client.grade != Grade::certain || by_concentrator.grade != Grade::certain) return false;
  if (by_client.cause == by_concentrator.cause) return false;
  // "Connected" on the concentrator is trusted only as far as the client agrees; the client's adapter decides.
  if (by_concentrator.cause == Cause::connected) return false;
  // A reject is a retry that the log of the later success may lack: success is logged at a finer level.
  if (row_of(by_concentrator.cause).step == 7) return false;
  return by_client.cause == Cause::connected;
}

}  // namespace

Outcome outcome_of(Cause cause) {
  switch (cause) {
    case Cause::connected: return Outcome::connected;
    case Cause::in_progress:
    case Cause::redirected: return Outcome::in_progress;
    case Cause::not_a_user_attempt: return Outcome::not_a_user_attempt;
    case Cause::undetermined: return Outcome::undetermined;
    case Cause::contradictory: return Outcome::contradictory;
    case Cause::ended_by_policy:
    case Cause::ended_by_admin:
    case Cause::ended_by_shutdown:
    case Cause::ended_by_user: return Outcome::ended;
    default: return Outcome::failed;
  }
}

Milestone reached(const FactMask& known_true) {
  Milestone best = Milestone::none;
  known_true.for_each([&](Fact fact) { best = std::max(best, row_of(fact).proves); });
  return best;
}

Facts complete_facts(const FactMask& says, const Circumstances& circumstances) {
  Facts facts{says | circumstances.known_true, circumstances.known_false};
  FactMask& yes = facts.known_true;
  FactMask& no = facts.known_false;
  const Milestone far = reached(yes);
  if (far >= Milestone::am1_seen) yes.insert(concentrator_saw_am1);
  // The address the client got an answer from answers: its first message was sent.
  if (far >= Milestone::am2_received) yes |= {client_sent_am1, client_received_any, client_received_am2};
  if (far >= Milestone::hash_accepted) {
    yes |= {client_sent_am3};
    if (!yes.has(client_hash_failed)) no.insert(client_hash_failed);
  }
  // Who gives up, or whose program is stopped, while his first message goes out again and again says no more than that nobody answers.
  constexpr FactMask kStopped = {client_user_cancelled, client_stopped};
  if (yes.intersects(kStopped) && yes.has(client_repeated_am1) && !yes.has(client_received_any)) yes = yes.without(kStopped) | FactMask{client_not_responding};
  // A client that shows what it sends (its IKE lines are in the log) and ends without one answer received none.
  if (yes.intersects({client_not_responding, client_failed, client_silent, client_repeated_am1}) && yes.has(client_sent_am1) &&
      !yes.has(client_received_any))
    no |= {client_received_any, client_received_am2};
  no = no.without(yes);
  return facts;
}

Diagnosis diagnose(const AttemptView& attempt) {
  const JointLegs legs = lay_side_by_side(attempt);
  Diagnoses each;
  each.reserve(legs.size());
  for (const JointLeg& leg : legs) each.push_back(diagnose_leg(leg, attempt));
  const std::size_t chosen = deciding_leg(legs, each);
  Diagnosis out = each[chosen];
  for (std::size_t i = 0; i < each.size(); ++i) {
    if (named(each[i]) || (legs[i].gateway != legs[chosen].gateway && !legs[i].stray)) see_also(each[i].cause, out.cause, &out.also_seen);
    out.reached = std::max(out.reached, each[i].reached);
    if (legs[i].recovered.empty()) continue;
    const Rule* before = first_firing(connect_rules(), {legs[i].recovered, {}});
    if (before != nullptr) see_also(before->cause, out.cause, &out.also_seen);
  }
  // Before its group was found it is only what a stranger called himself.
  if (out.facts.known_true.has(concentrator_peer_is_site) && out.reached >= Milestone::group_found && out.outcome != Outcome::in_progress)
    out.outcome = Outcome::not_a_user_attempt;
  if (contradict(attempt, out)) {
    see_also(out.cause, Cause::contradictory, &out.also_seen);
    out.outcome = Outcome::contradictory;
    out.cause = Cause::contradictory;
    out.grade = Grade::guess;
    out.rule = nullptr;
    out.next_check = row_of(Cause::contradictory).remedy;
  }
  return out;
}

Diagnosis diagnose_session(const AttemptView& attempt) {
  Diagnosis out;
  FactMask says;
  FactMask doubtful;
  for (const Half* half : {attempt.client, attempt.concentrator}) {
    if (half == nullptr) continue;
    for (const Leg& leg : half->legs) {
      // Who did not answer before another one did is no session's end.
      says |= &leg == &half->legs.back() ? leg.says : leg.says.without({client_not_responding});
      doubtful |= leg.doubtful;
    }
  }
  out.facts = {says | attempt.circumstances.known_true, attempt.circumstances.known_false};
  out.reached = reached(out.facts.known_true);
  const Rule* rule = first_firing(session_rules(), out.facts);
  if (rule == nullptr) return out;
  apply(*rule, out.facts, &out);
  cap_grade(*rule, attempt, doubtful, &out);
  if (says.has(concentrator_peer_is_site)) out.outcome = Outcome::not_a_user_attempt;
  for (const Rule& other : session_rules())
    if (&other != rule && other.grade != Grade::guess && state_of(other, out.facts) == RuleState::fires)
      see_also(other.cause, out.cause, &out.also_seen);
  return out;
}

}  // namespace vpnverdict
