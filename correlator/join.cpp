#include "correlator/join.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "correlator/diagnosis.h"
#include "correlator/keys.h"

namespace vpnverdict {
namespace {

constexpr int kProof = 1000;
constexpr int kStrong = 40;
constexpr int kWeak = 15;

template <class T>
bool share_one(const std::vector<T>& a, const std::vector<T>& b) {
  return std::ranges::any_of(a, [&](const T& item) { return std::ranges::find(b, item) != b.end(); });
}

// ESP SPIs are mirrored: the client's inbound is the concentrator's outbound.
bool share_mirrored_spi(const Half& client, const Half& concentrator) {
  return std::ranges::any_of(client.spis, [&](std::uint64_t spi) {
    return std::ranges::find(concentrator.spis, spi << 32 | spi >> 32) != concentrator.spis.end();
  });
}

FactMask all_facts(const Half& half) {
  FactMask out;
  for (const Leg& leg : half.legs) out |= leg.says;
  return out;
}

// A log shipped as it was written takes as long to arrive as to be written: its receive times are true times.
bool shipped_live(const HalfTimes& half) {
  const Timestamp wrote = half.last - half.started;
  return half.received != kUntimed && half.started != kUntimed && wrote >= 5'000 && half.last_when - half.first_when >= wrote - 2'000;
}

// The client told it as it happened, and one was over before the other began: by the concentrator's clock, and by the
// clock of whoever received its log, so that neither a clock that is off nor a log that came late excludes.
bool one_after_the_other(const HalfTimes& client, const HalfTimes& concentrator) {
  constexpr Timestamp kSlackMs = 30'000;
  if (!shipped_live(client) || concentrator.received == kUntimed || concentrator.first_when == kUntimed) return false;
  const auto apart = [&](Timestamp shift) {
    return concentrator.last_when + shift + kSlackMs < client.first_when || client.last_when + kSlackMs < concentrator.first_when + shift;
  };
  return apart(0) && apart(concentrator.received - concentrator.first_when);
}

// Where both logs are of one incident: by a clock that is off by whole quarters of an hour, the concentrator's first line fell into the
// client's attempt. What it logs of a client may be the last word alone.
bool within_by_another_zone(const HalfTimes& client, const HalfTimes& concentrator, Timestamp quarter, Timestamp slack) {
  constexpr Timestamp kAttemptMs = 120'000;
  const Timestamp span = std::min(client.last - client.started, kAttemptMs);
  const Timestamp into = ((concentrator.started - client.started + slack) % quarter + quarter) % quarter;
  return into <= span + 2 * slack;
}

int points_for(Timestamp apart) { return apart <= 2'000 ? 12 : apart <= 5'000 ? 10 : apart <= 30'000 ? 8 : apart <= 120'000 ? 5 : 0; }

// Points for two clocks: exact, a little apart, apart by whole quarters of an hour (a zone), or not at all.
int time_score(const HalfTimes& client, const HalfTimes& concentrator, bool presumed, bool* excluded) {
  if (client.started == kUntimed || concentrator.started == kUntimed) return 0;
  constexpr Timestamp kQuarterMs = 15 * 60 * 1000;
  constexpr Timestamp kZoneMs = 14LL * 3600 * 1000;
  // Receive times of logs shipped as they were written share one clock; a log shipped late is compared by its own.
  Timestamp apart = std::abs(client.started - concentrator.started);
  if (client.received != kUntimed && concentrator.received != kUntimed) apart = std::min(apart, std::abs(client.received - concentrator.received));
  if (const int points = points_for(apart); points > 0) return points;
  const Timestamp off_quarter = std::min(apart % kQuarterMs, kQuarterMs - apart % kQuarterMs);
  constexpr Timestamp kZoneSlackMs = 5'000;
  if (apart <= kZoneMs + 120'000 && (off_quarter <= kZoneSlackMs || (presumed && within_by_another_zone(client, concentrator, kQuarterMs, kZoneSlackMs)))) return 2;
  // One side may have begun long before the other (a client that kept trying); then they overlap.
  const bool overlap = client.started <= concentrator.last && concentrator.started <= client.last;
  if (overlap) return 3;
  *excluded = true;
  return 0;
}

// What it sent was never answered, as far as its log tells.
bool heard_nothing(const FactMask& c) {
  using enum Fact;
  constexpr FactMask kNeverAnswered = {client_not_responding, client_failed, client_repeated_am1, client_silent};
  return c.has(client_sent_am1) && !c.has(client_received_any) && c.intersects(kNeverAnswered) && reached(c) <= Milestone::am1_seen;
}

// What the protocol order forbids: one side cannot have passed a step that the other side proves it never reached.
bool stories_exclude(const FactMask& c, const FactMask& k) {
  using enum Fact;
  constexpr FactMask kRefusedEarly = {client_hash_failed, client_phase1_refused, client_no_proposal_notify};
  constexpr FactMask kRefusedLate = {client_auth_refused_notify, client_xauth_failed, client_address_refused};
  constexpr FactMask kConnected = {concentrator_phase2_done, concentrator_connected};
  constexpr FactMask kEndedEarly = {concentrator_group_unknown,       concentrator_proposal_rejected,   concentrator_auth_method_rejected,
                                    concentrator_no_fitting_connection, concentrator_no_fitting_method,
                                    concentrator_certificate_expired, concentrator_certificate_rejected, concentrator_certificate_group_unknown,
                                    concentrator_tunnel_type_refused, concentrator_ike_not_enabled,     concentrator_negotiation_limit};
  constexpr FactMask kNoGroupKey = {concentrator_certificate_expired, concentrator_certificate_rejected, concentrator_certificate_group_unknown,
                                    concentrator_proposal_rejected,   concentrator_negotiation_limit,    concentrator_ike_not_enabled};
  constexpr FactMask kEndedLate = {concentrator_group_lock, concentrator_user_failed, concentrator_address_failed, concentrator_address_pool_full};
  // Who tried both may be either.
  if (c.has(client_ikev1) != c.has(client_ikev2) && k.has(concentrator_ikev1) != k.has(concentrator_ikev2) && c.has(client_ikev1) != k.has(concentrator_ikev1))
    return true;
  // A client whose own machine let nothing out is in no concentrator's log.
  constexpr FactMask kNothingSent = {client_dns_failed, client_no_network, client_service_down, client_send_failed, client_port_in_use};
  if (c.intersects(kNothingSent) && !c.has(client_received_any)) return true;
  const bool connected = k.intersects(kConnected);
  // The third message is the client's: without it the concentrator never gets beyond it; nor without the second, which it was sent.
  if (reached(k) >= Milestone::am2_received && heard_nothing(c)) return true;
  if (reached(k) >= Milestone::am3_seen && c.intersects(kRefusedEarly)) return true;
  if (connected && !c.has(client_connected) && c.intersects(kRefusedLate)) return true;
  if (connected && !c.has(client_connected) && c.has(client_user_cancelled) && reached(c) < Milestone::user_accepted) return true;
  if (!connected && c.has(client_connected) && k.intersects(kEndedEarly | kEndedLate)) return true;
  // A prompt, an address or phase 2 come from a concentrator that accepted proposal and group.
  // Who never answered the prompt is not the one whose answer was judged; who got in is not the one who was refused.
  constexpr FactMask kAnswered = {client_xauth_answered, client_xauth_failed, client_user_accepted, client_mode_config_started,
                                  client_address_received, client_phase2_started, client_connected, client_xauth_prompted_again};
  constexpr FactMask kJudged = kUserJudged | FactMask{concentrator_group_lock};
  if (connected && c.has(client_xauth_prompted) && !c.intersects(kAnswered)) return true;
  if (c.has(client_xauth_prompted) && !c.intersects(kAnswered) && c.intersects({client_got_delete, client_terminated_by_peer, client_deleted, client_user_cancelled}) &&
      k.intersects(kJudged))
    return true;
  if (reached(c) >= Milestone::address_assigned && k.intersects(kJudged) && !k.has(concentrator_user_ok) && !connected) return true;
  // Who was told that his login failed is not the one who was let in and then had an address looked for.
  constexpr FactMask kAddressSought = {concentrator_address_assigned,      concentrator_address_failed,        concentrator_address_pool_full,
                                       concentrator_address_pool_missing, concentrator_address_source_failed, concentrator_address_in_use};
  if (c.has(client_xauth_failed) && reached(c) < Milestone::user_accepted && k.has(concentrator_user_ok) && k.intersects(kAddressSought)) return true;
  // What the client decided alone and for certain leaves no room for another cause of the concentrator's.
  constexpr FactMask kClientDecided = {client_certificate_expired, client_certificate_rejected, client_firewall_refused, client_version_refused};
  constexpr FactMask kUserRefused = {concentrator_user_bad_password, concentrator_user_unknown,     concentrator_user_expired,
                                     concentrator_user_locked,       concentrator_user_login_limit, concentrator_user_access_hours,
                                     concentrator_user_rejected,     concentrator_session_limit,    concentrator_aaa_down};
  // A client that was cut off before it was asked for a user is not the one whose user was judged.
  constexpr FactMask kCutOff = {client_got_delete, client_terminated_by_peer, client_failed};
  constexpr FactMask kPastPhase1 = kAnswered | FactMask{client_phase1_done, client_xauth_prompted};
  if (c.has(client_sent_am1) && c.intersects(kCutOff) && !c.intersects(kPastPhase1) && k.intersects(kJudged)) return true;
  // Of a certificate the client may only repeat what the concentrator decided.
  constexpr FactMask kByClient = {client_certificate_expired, client_certificate_rejected};
  constexpr FactMask kByConcentrator = {concentrator_certificate_expired, concentrator_certificate_rejected, concentrator_certificate_group_unknown};
  const bool of_a_certificate = c.intersects(kByClient) && k.intersects(kByConcentrator);
  if (c.intersects(kClientDecided) && k.intersects(kUserRefused | kEndedEarly) && !of_a_certificate) return true;
  if (c.has(client_hash_failed) && k.intersects(kNoGroupKey)) return true;
  if (c.has(client_received_any) && k.has(concentrator_path_dropped_ike)) return true;
  if (k.has(concentrator_peer_is_site) && reached(k) >= Milestone::group_found) return true;
  return k.intersects(kEndedEarly) && !connected && (reached(c) >= Milestone::user_prompted || c.has(client_phase1_done));
}

// The second message goes to whom the proposal did for.
bool answered_otherwise(const Half& client, const Half& concentrator) {
  using enum Fact;
  return concentrator.legs.back().says.has(concentrator_proposal_rejected) && reached(all_facts(concentrator)) <= Milestone::group_found &&
         std::ranges::all_of(client.legs, [](const Leg& leg) { return leg.says.has(client_received_am2); });
}

// What the protocol says about the two stories: both must have stopped at about the same place.
int shape_score(const FactMask& c, const FactMask& k) {
  int score = 0;
  const auto agree = [&](bool client_says, bool concentrator_says, int points) {
    if (client_says && concentrator_says) score += points;
    if (client_says != concentrator_says) score -= points;
  };
  using enum Fact;
  agree(c.has(client_connected), k.intersects({concentrator_phase2_done, concentrator_connected}), 6);
  agree(c.intersects({client_auth_refused_notify, client_phase1_refused}), k.intersects({concentrator_group_unknown, concentrator_proposal_rejected}), 4);
  agree(c.has(client_xauth_failed), k.intersects({concentrator_user_failed, concentrator_user_rejected, concentrator_user_bad_password, concentrator_user_unknown, concentrator_group_lock, concentrator_aaa_down}), 4);
  agree(c.intersects({client_phase2_refused, client_phase2_network_refused}),
        k.intersects({concentrator_phase2_proposal_rejected, concentrator_phase2_network_rejected}), 4);
  agree(c.has(client_address_refused), k.intersects({concentrator_address_failed, concentrator_address_pool_full}), 4);
  if (c.has(client_hash_failed) && k.intersects({concentrator_user_ok, concentrator_xauth_started, concentrator_group_unknown})) score -= 8;
  const Milestone far_client = reached(c);
  const Milestone far_concentrator = reached(k);
  if (far_client >= Milestone::user_accepted && far_concentrator < Milestone::phase1_done) score -= 8;
  return score;
}

}  // namespace

bool apart_in_time(const HalfTimes& client, const HalfTimes& concentrator, bool presumed) {
  bool excluded = false;
  time_score(client, concentrator, presumed, &excluded);
  return excluded || one_after_the_other(client, concentrator);
}

Timestamp apart(const Half& a, const Half& b) {
  if (a.connected_at != kUntimed && b.connected_at != kUntimed) return std::abs(a.connected_at - b.connected_at);
  return a.started == kUntimed || b.started == kUntimed ? 0 : std::abs(a.started - b.started);
}

// A stamp of whole seconds is some time in that second.
static Timestamp apart(Timestamp a, Timestamp b) {
  const Timestamp apart = std::abs(a - b);
  return a % 1000 != 0 && b % 1000 != 0 ? apart : std::max(apart - 999, Timestamp{0});
}

Timestamp apart_throughout(const Half& client, const Half& concentrator) {
  using enum Fact;
  // What one device says and the other hears, or shows its user, at once.
  constexpr FactMask kMoments[][2] = {
      {{client_sent_am1}, {concentrator_saw_am1}},
      {{client_xauth_prompted}, {concentrator_xauth_started}},
      {{client_hash_failed}, {concentrator_notify_invalid_hash}},
      {{client_xauth_failed}, kUserJudged.without({concentrator_user_ok}) | FactMask{concentrator_group_lock, concentrator_aaa_down}},
      {{client_user_accepted}, {concentrator_user_ok}},
      {{client_address_received}, {concentrator_address_assigned}},
      {{client_connected}, {concentrator_connected, concentrator_phase2_done}},
      {{client_no_proposal_notify, client_auth_refused_notify, client_phase1_refused, client_address_refused, client_phase2_refused,
        client_phase2_network_refused, client_got_delete, client_terminated_by_peer},
       facts_where([](const FactRow& r) { return r.kind == FactKind::cause && vantage_of(r.fact) == Vantage::concentrator; })},
  };
  using Firsts = std::array<Timestamp, std::size(kMoments)>;
  const auto firsts_of = [&](const Half& half, std::size_t side) {
    Firsts firsts;
    firsts.fill(kUntimed);
    half.evidence.each([&](const EvidenceList::Piece& piece) {
      for (std::size_t i = 0; i < firsts.size(); ++i)
        if (firsts[i] == kUntimed && piece.facts.intersects(kMoments[i][side])) firsts[i] = piece.time;
    });
    return firsts;
  };
  const Firsts said = firsts_of(client, 0);
  const Firsts heard = firsts_of(concentrator, 1);
  Timestamp most = kUntimed;
  for (std::size_t i = 0; i < said.size(); ++i)
    if (said[i] != kUntimed && heard[i] != kUntimed) most = std::max(most, apart(said[i], heard[i]));
  return most == kUntimed ? apart(client, concentrator) : most;
}

bool may_be_in_no_other_log(const Half& client) {
  using enum Fact;
  constexpr FactMask kHeard = {client_received_any,       client_hash_failed,       client_phase1_refused, client_no_proposal_notify,
                               client_auth_refused_notify, client_xauth_failed,      client_address_refused, client_phase2_refused,
                               client_phase2_network_refused, client_got_delete,     client_terminated_by_peer};
  const FactMask says = all_facts(client);
  return !says.intersects(kHeard) && reached(says) <= Milestone::am1_seen;
}

Fit fit(const Half& client, const Half& concentrator, bool presumed, bool address_is_key) {
  Fit none;
  const bool both_users = !is_masked(client.user) && !is_masked(concentrator.user);
  const bool both_groups = !client.group.empty() && !concentrator.group.empty();
  const bool both_addresses = !client.address.empty() && !concentrator.address.empty();
  const bool both_peers = !client.peer.empty() && !concentrator.peer.empty();
  const bool proof = share_one(client.message_ids, concentrator.message_ids) || share_one(client.cookies, concentrator.cookies) ||
                     share_mirrored_spi(client, concentrator);
  if (proof) return {kProof, JoinStrength::proof, true, true};
  if (both_users && !same_user(client.user, concentrator.user)) return none;
  if (both_groups && !same_name(client.group, concentrator.group)) return none;
  if (both_addresses && client.address != concentrator.address) return none;

  if (one_after_the_other(client, concentrator)) return none;

  bool excluded = false;
  int score = time_score(client, concentrator, presumed, &excluded);
  if (excluded) return none;
  // Both tell of the same moment when the tunnel stands; a concentrator may say nothing before the user is known.
  const bool both_received = client.received != kUntimed && concentrator.received != kUntimed;
  if (!both_received && client.connected_at != kUntimed && concentrator.connected_at != kUntimed) score = std::max(points_for(apart(client, concentrator)), 2);
  if (both_addresses) score += address_is_key ? 60 : 10;
  if (both_users) score += 35;
  if (both_groups) score += 10;
  if (both_peers && client.peer == concentrator.peer) score += 30;
  // Another outer address is possible: a NAT may give UDP/4500 one of its own. Names must then agree.
  if (both_peers && client.peer != concentrator.peer && score < kStrong) return none;
  const bool named = (both_addresses && address_is_key) || both_users;
  const bool keyed = named || (both_peers && client.peer == concentrator.peer);
  const FactMask by_client = all_facts(client);
  const FactMask by_concentrator = all_facts(concentrator);
  if (stories_exclude(by_client, by_concentrator) || answered_otherwise(client, concentrator)) return none;
  score += shape_score(by_client, by_concentrator);
  if (presumed) score += 20;
  if (keyed && score >= kStrong) return {score, JoinStrength::strong, true, named};
  if (score >= kWeak) return {score, JoinStrength::weak, keyed, named};
  return none;
}

}  // namespace vpnverdict
