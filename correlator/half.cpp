#include "correlator/half.h"

#include <utility>

namespace vpnverdict {
namespace {

using enum Fact;

// `when` one of these is said, `undone` no longer holds: the attempt went on.
struct Recovery {
  FactMask when;
  FactMask undone;
};

constexpr FactMask kRejects = {concentrator_user_bad_password, concentrator_user_unknown,     concentrator_user_expired,
                               concentrator_user_locked,       concentrator_user_login_limit, concentrator_user_access_hours,
                               concentrator_user_rejected};

constexpr Recovery kRecoveries[] = {
    {{concentrator_user_ok}, kRejects | FactMask{concentrator_user_failed, concentrator_aaa_down, concentrator_aaa_misconfigured, concentrator_xauth_unanswered}},
    // The server, or a later one, answered: it is not down. A new reason replaces the old one.
    {kRejects, kRejects | FactMask{concentrator_aaa_down}},
    {{concentrator_proposal_accepted, concentrator_group_found, concentrator_group_unknown, concentrator_phase1_done}, {concentrator_proposal_rejected}},
    {{concentrator_group_found, concentrator_phase1_done}, {concentrator_group_refused, concentrator_aaa_misconfigured}},
    {{concentrator_address_assigned},
     {concentrator_address_failed, concentrator_address_pool_full, concentrator_address_pool_missing, concentrator_address_pool_refused, concentrator_address_method_refused,
      concentrator_address_source_failed, concentrator_address_in_use}},
    {{concentrator_phase2_done}, {concentrator_phase2_proposal_rejected, concentrator_phase2_network_rejected, concentrator_install_failed, concentrator_answer_lost}},
    {{concentrator_got_delete, concentrator_received_data}, {concentrator_answer_lost}},
    {{client_address_received}, {client_address_refused}},
    {{client_user_accepted, client_mode_config_started, client_address_received, client_phase2_started, client_connected},
     {client_xauth_failed, client_xauth_prompted_again}},
    {{client_connected, client_received_data, client_keepalive}, {client_phase2_refused, client_phase2_unanswered, client_install_failed, client_not_responding, client_failed, client_phase2_network_refused, client_dns_failed, client_no_network, client_host_unreachable, client_port_refused}},
};

constexpr FactMask kEnds = {client_dns_failed,       client_no_network,        client_service_down,     client_not_responding,
                            client_failed,           client_deleted,           client_terminated_by_peer, client_stopped,
                            client_user_cancelled,   client_xauth_failed,      client_adapter_failed,   client_lost_peer,
                            client_ended_by_user,    client_ended_by_policy,   client_ended_by_admin,   client_ended_by_shutdown,
                            client_hash_failed,      client_tcp_failed,        client_got_delete,       client_phase2_refused,
                            client_phase1_refused,   client_auth_refused_notify, client_phase2_unanswered, concentrator_refused_by_client, client_proposal_refused,
                            concentrator_no_fitting_connection, concentrator_no_fitting_method,
                            concentrator_am3_timeout, concentrator_timed_out,  concentrator_deleted,    concentrator_group_unknown,
                            concentrator_proposal_rejected, concentrator_user_failed, concentrator_group_lock, concentrator_address_failed,
                            concentrator_disconnected, concentrator_lost_peer, concentrator_got_delete};

// Any of these undoes something.
constexpr FactMask kRecovers = [] {
  FactMask out;
  for (const Recovery& recovery : kRecoveries) out |= recovery.when;
  return out;
}();

}  // namespace

void clear(Half& half) {
  Half fresh;
  const auto keep = [&](auto... members) {
    ((std::swap(half.*members, fresh.*members), (fresh.*members).clear()), ...);
  };
  keep(&Half::device, &Half::peer, &Half::group, &Half::user, &Half::address, &Half::pool, &Half::server, &Half::message_ids, &Half::cookies,
       &Half::spis, &Half::legs, &Half::evidence, &Half::seen);
  half = std::move(fresh);
}

void add_facts(Leg& leg, const FactMask& says) {
  if (says.intersects(kRecovers)) {
    for (const Recovery& recovery : kRecoveries) {
      if (!says.intersects(recovery.when)) continue;
      const FactMask undone = leg.says & recovery.undone.without(says);
      leg.recovered |= undone;
      leg.says = leg.says.without(undone);
    }
  }
  leg.says |= says;
  leg.ended = leg.ended || ends_leg(says);
}

bool ends_leg(const FactMask& says) { return says.intersects(kEnds); }

void fall_silent(Half& half) {
  Leg& leg = half.legs.back();
  if (leg.ended || half.connected) return;
  leg.silent = true;
  leg.says.insert(half.vantage == Vantage::client ? client_silent : concentrator_silent);
}

Timestamp patience_ms(const Half& half) {
  // VPN 3000: AM2 three times at 8 s, given up at 32 s (ex. 8-8: 31.986 s); charon drops half-open ones at 30 s.
  constexpr Timestamp kConcentratorSilenceMs = 60'000;
  // Cisco client: 90 s peer time-out by default; charon's longest pause between two sends is 75.6 s.
  constexpr Timestamp kClientSilenceMs = 100'000;
  const Leg& leg = half.legs.back();
  if (half.connected) return kTailMs;
  if (leg.ended) return kNextLegMs;
  constexpr FactMask kPrompted = {client_xauth_prompted, concentrator_xauth_started};
  constexpr FactMask kAnswered = {client_xauth_answered, concentrator_user_ok, client_user_accepted};
  if (leg.says.intersects(kPrompted) && !leg.says.intersects(kAnswered)) return kPromptMs;
  constexpr FactMask kAskedAgain = {concentrator_user_bad_password, concentrator_user_unknown, concentrator_user_rejected};
  if (leg.says.intersects(kAskedAgain)) return kPromptMs;
  // Past phase 1 the concentrator waits for its dead peer detection, not for a repeat.
  constexpr FactMask kPastPhase1 = {concentrator_phase1_done, concentrator_user_ok, concentrator_address_assigned};
  if (leg.says.intersects(kPastPhase1)) return 2 * kConcentratorSilenceMs;
  return half.vantage == Vantage::client ? kClientSilenceMs : kConcentratorSilenceMs;
}

}  // namespace vpnverdict
