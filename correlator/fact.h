// A fact is one thing a log line makes true about one side of a connection attempt.
// Facts are the only language between the dialects (which read text) and the rules (which decide).
// Pure values, no thread rule. Source of the list: the troubleshooting chapter's steps 1-8 and the
// message catalogues; every name starts with the side that vouches for it.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace vpnverdict {

enum class Vantage : std::uint8_t { client, concentrator };

// What role a fact plays in a verdict.
enum class FactKind : std::uint8_t {
  progress,  // a step was reached; proves every earlier step
  cause,     // names why the attempt failed
  symptom,   // says that it failed, not why; may never beat a cause
  session,   // belongs to the time after "connected"
  setting,   // circumstance: NAT-T offered, session type, profile kind
  witness,   // derived about a device or a window, not said by one line
};

// Steps of a healthy attempt in protocol order. The chapter's step numbers are a search order;
// this is what "reached" means. A milestone reached on either side proves the earlier ones on both.
enum class Milestone : std::uint8_t {
  none,
  name_resolved,
  am1_sent,
  am1_seen,
  proposal_accepted,
  group_found,
  am2_received,
  hash_accepted,
  am3_seen,
  phase1_done,
  user_prompted,
  user_answered,
  user_accepted,
  address_assigned,
  policy_accepted,
  phase2_done,
  data_both_ways,
};
inline constexpr std::string_view kMilestoneNames[] = {
    "none",          "name_resolved", "am1_sent",         "am1_seen",        "proposal_accepted", "group_found",
    "am2_received",  "hash_accepted", "am3_seen",         "phase1_done",     "user_prompted",     "user_answered",
    "user_accepted", "address_assigned", "policy_accepted", "phase2_done",   "data_both_ways"};
inline constexpr std::size_t kMilestoneCount = sizeof(kMilestoneNames) / sizeof(kMilestoneNames[0]);
static_assert(kMilestoneCount == static_cast<std::size_t>(Milestone::data_both_ways) + 1);
constexpr std::string_view name_of(Milestone milestone) {
  return kMilestoneNames[static_cast<std::size_t>(milestone)];
}

// X(name, kind, milestone it proves, story)
// AM1..AM3 are the Aggressive Mode messages; Main Mode and IKEv2 use the same facts for their first
// request (am1), its answer (am2) and the last message before authentication is complete (am3).
#define VPNVERDICT_FACTS(X)                                                                                        \
  /* client, getting out */                                                                                        \
  X(client_started, progress, none, "the user asked for a connection")                                             \
  X(client_dns_failed, cause, none, "the client could not resolve the gateway's name")                             \
  X(client_no_network, cause, none, "the client has no route or no network")                                       \
  X(client_service_down, cause, none, "the client's own service did not work")                                     \
  X(client_port_in_use, cause, none, "another program holds the client's IKE port")                                \
  X(client_send_failed, cause, none, "the client's machine refused to send the packet")                            \
  X(client_tcp_started, setting, none, "the profile uses IPsec over TCP")                                          \
  X(client_uses_tls, setting, none, "the client speaks TLS to the gateway, not IKE")                               \
  X(client_tcp_failed, cause, none, "the TCP connection for IPsec over TCP failed")                                \
  X(client_port_refused, symptom, am1_sent, "an ICMP port unreachable or TCP reset came back")                     \
  X(client_host_unreachable, symptom, am1_sent, "an ICMP unreachable came back")                                   \
  X(client_gateway_not_ours, witness, none, "the address the client talks to is no concentrator of the inventory") \
  /* client, phase 1 */                                                                                            \
  X(client_sent_am1, progress, am1_sent, "the client sent its first IKE message")                                  \
  X(client_repeated_am1, symptom, am1_sent, "the client sent its first IKE message again")                         \
  X(client_received_any, progress, am1_seen, "an IKE packet came back to the client")                              \
  X(client_received_am2, progress, am2_received, "the gateway's first answer reached the client")                  \
  X(client_natt_offered, setting, none, "both ends offer NAT traversal")                                           \
  X(client_hash_failed, cause, am2_received, "the client could not verify the gateway's hash")                     \
  X(client_sent_am3, progress, hash_accepted, "the client accepted the hash and sent the last phase 1 message")    \
  X(client_used_udp4500, setting, hash_accepted, "the client moved to UDP/4500")                                   \
  X(client_repeated_am3, symptom, hash_accepted, "the client sent the last phase 1 message again")                 \
  X(client_peer_repeats_am2, symptom, am2_received, "the gateway repeats its first answer: it lacks ours")         \
  X(client_no_proposal_notify, symptom, am1_seen, "the gateway told the client NO-PROPOSAL-CHOSEN in phase 1")     \
  X(client_auth_refused_notify, symptom, am1_seen, "the gateway told the client AUTHENTICATION-FAILED")            \
  X(client_phase1_refused, symptom, am1_seen, "the gateway answered phase 1 with an error it did not explain")     \
  X(client_decrypt_failed, symptom, am2_received, "an encrypted answer could not be decrypted with our key")       \
  X(client_phase1_done, progress, phase1_done, "phase 1 is complete on the client")                                \
  X(client_redirected, setting, am2_received, "load balancing sent the client to another address")                 \
  X(client_certificate_expired, cause, am1_seen, "the client says a certificate is expired")                       \
  X(client_certificate_rejected, cause, am1_seen, "the client says a certificate was rejected")                    \
  /* client, user and after */                                                                                     \
  X(client_xauth_prompted, progress, user_prompted, "the user was asked to log in")                                \
  X(client_xauth_prompted_again, symptom, user_answered, "the user was asked to log in again")                     \
  X(client_xauth_answered, progress, user_answered, "the user's answer was sent")                                  \
  X(client_xauth_failed, symptom, user_answered, "the gateway refused the user, without a reason")                 \
  X(client_user_accepted, progress, user_accepted, "the gateway accepted the user")                                \
  X(client_user_cancelled, cause, none, "the user gave up or closed the prompt")                                   \
  X(client_mode_config_started, progress, user_accepted, "the client asks for its address")                        \
  X(client_address_received, progress, address_assigned, "the client got its inner address")                       \
  X(client_address_refused, cause, user_accepted, "the gateway answered without an address")                       \
  X(client_firewall_refused, cause, user_accepted, "the gateway demands a firewall the client lacks")              \
  X(client_firewall_server_down, cause, user_accepted, "the gateway's firewall server is unavailable")             \
  X(client_version_refused, cause, user_accepted, "the gateway refuses this client type or version")               \
  X(client_acl_invalid, cause, user_accepted, "the gateway could not parse the user's access list")                \
  X(client_login_limit, cause, user_accepted, "the gateway has no session or licence left")                        \
  X(client_policy_refused, cause, user_accepted, "the gateway's posture or access policy refused the client")      \
  X(client_phase2_started, progress, policy_accepted, "the client negotiates phase 2")                             \
  X(client_phase2_refused, cause, policy_accepted, "the gateway refused the client's phase 2 proposal")            \
  X(client_phase2_network_refused, cause, policy_accepted, "the gateway refused the client's networks")            \
  X(client_adapter_failed, cause, address_assigned, "the client's virtual adapter or driver failed")               \
  X(client_install_failed, symptom, policy_accepted, "the client's own system refused what phase 2 agreed on")     \
  X(client_connected, progress, phase2_done, "the client says it is connected")                                    \
  /* client, endings */                                                                                            \
  X(client_not_responding, symptom, none, "the client says the peer does not respond")                             \
  X(client_failed, symptom, none, "the client says the attempt failed")                                            \
  X(client_got_delete, symptom, am1_seen, "the gateway deleted the negotiation")                                   \
  X(client_deleted, symptom, none, "the client deleted the negotiation itself")                                    \
  X(client_terminated_by_peer, symptom, am1_seen, "the gateway ended it without a reason")                         \
  X(client_stopped, symptom, none, "the client program was stopped")                                               \
  X(client_lost_peer, session, none, "the client lost contact with the gateway")                                   \
  X(client_ended_by_user, session, none, "the user disconnected")                                                  \
  X(client_ended_by_policy, session, none, "idle or maximum time ended the session")                               \
  X(client_ended_by_admin, session, none, "an administrator ended the session")                                    \
  X(client_ended_by_shutdown, session, none, "the gateway was shut down or rebooted")                              \
  X(client_sent_data, session, none, "the client put data into the tunnel")                                        \
  X(client_received_data, session, data_both_ways, "data came out of the tunnel at the client")                    \
  X(client_received_no_data, session, none, "the client counted no byte from the tunnel")                          \
  X(client_shows_data, setting, none, "this client's log would name the first data that comes out of the tunnel")  \
  X(client_keepalive, session, phase2_done, "the client keeps an existing tunnel alive")                           \
  /* concentrator, phase 1 */                                                                                      \
  X(concentrator_saw_am1, progress, am1_seen, "the client's first message reached the concentrator")               \
  X(concentrator_saw_am1_again, symptom, am1_seen, "the client repeated its first message: it lacks our answer")   \
  X(concentrator_proposal_accepted, progress, proposal_accepted, "an IKE proposal matched")                        \
  X(concentrator_proposal_rejected, cause, am1_seen, "no IKE proposal of the client is acceptable")                \
  X(concentrator_auth_method_rejected, cause, am1_seen, "the authentication method of the proposal does not fit")  \
  X(concentrator_group_found, progress, group_found, "the group exists")                                           \
  X(concentrator_group_unknown, cause, proposal_accepted, "no such group on the concentrator")                     \
  X(concentrator_notify_invalid_hash, cause, am2_received, "the client reports that our hash is wrong")            \
  X(concentrator_key_mismatch, cause, am2_received, "the concentrator cannot decrypt: the keys differ")            \
  X(concentrator_repeats_am2, symptom, group_found, "the concentrator repeats its answer")                         \
  X(concentrator_am3_timeout, symptom, group_found, "the concentrator waited in vain for the third message")       \
  X(concentrator_saw_udp4500, progress, am3_seen, "a packet of the client arrived on UDP/4500")                    \
  X(concentrator_queued_notify, symptom, am2_received, "an encrypted notify arrived while phase 1 was open")       \
  X(concentrator_sent_refusal, symptom, am1_seen, "the concentrator told the client that it refuses phase 1")      \
  X(concentrator_timed_out, symptom, none, "the concentrator gave the negotiation up")                             \
  X(concentrator_phase1_done, progress, phase1_done, "phase 1 is complete on the concentrator")                    \
  X(concentrator_nat_detected, setting, none, "a NAT stands between the two")                                      \
  X(concentrator_redirected, setting, am1_seen, "load balancing sent the client away")                             \
  X(concentrator_certificate_expired, cause, am2_received, "a certificate is expired")                             \
  X(concentrator_certificate_rejected, cause, am2_received, "a certificate was rejected")                          \
  X(concentrator_certificate_group_unknown, cause, am2_received, "the certificate matches no group")               \
  X(concentrator_tunnel_type_refused, cause, group_found, "the group's policy does not permit this tunnel type")   \
  X(concentrator_ike_not_enabled, cause, none, "IKE is not enabled on the interface")                              \
  X(concentrator_filter_dropped_ike, cause, none, "the interface filter dropped an IKE packet")                    \
  X(concentrator_filter_dropped_natt, cause, none, "the interface filter dropped a NAT-T packet")                  \
  X(concentrator_filter_dropped_esp, cause, none, "the interface filter dropped an ESP packet")                    \
  X(concentrator_negotiation_limit, cause, none, "too many negotiations at once")                                  \
  /* concentrator, user */                                                                                         \
  X(concentrator_xauth_started, progress, user_prompted, "the concentrator asks for the user")                     \
  X(concentrator_xauth_unanswered, symptom, user_prompted, "the question for the user was never answered")         \
  X(concentrator_user_ok, progress, user_accepted, "the user is authenticated")                                    \
  X(concentrator_user_bad_password, cause, user_answered, "the user's password is wrong")                          \
  X(concentrator_user_unknown, cause, user_answered, "there is no such user")                                      \
  X(concentrator_user_expired, cause, user_answered, "the account or its password has expired")                    \
  X(concentrator_user_locked, cause, user_answered, "the account is locked or disabled")                           \
  X(concentrator_user_login_limit, cause, user_answered, "too many simultaneous logins of the user")               \
  X(concentrator_user_access_hours, cause, user_answered, "outside the access hours")                              \
  X(concentrator_user_rejected, cause, user_answered, "the server refused the user and gave no reason")            \
  X(concentrator_user_failed, symptom, user_answered, "user authentication ended without success")                 \
  X(concentrator_aaa_down, cause, am1_seen, "the authentication server does not answer")                           \
  X(concentrator_aaa_misconfigured, cause, am1_seen, "the authentication server settings are wrong")               \
  X(concentrator_aaa_attribute_invalid, cause, user_accepted, "an attribute from the server is invalid")           \
  X(concentrator_group_lock, cause, user_accepted, "the user is not allowed in this group")                        \
  X(concentrator_session_limit, cause, user_accepted, "the concentrator's session limit is reached")               \
  /* concentrator, address, policy, phase 2 */                                                                     \
  X(concentrator_address_assigned, progress, address_assigned, "an address was assigned")                          \
  X(concentrator_address_failed, cause, user_accepted, "no address could be assigned")                             \
  X(concentrator_address_pool_full, cause, user_accepted, "the address pool is full")                              \
  X(concentrator_address_pool_missing, cause, user_accepted, "no address pool is defined")                         \
  X(concentrator_address_method_refused, cause, user_accepted, "the address assignment method is not permitted")   \
  X(concentrator_address_source_failed, cause, user_accepted, "the DHCP or AAA source gave no address")            \
  X(concentrator_address_pool_refused, cause, user_accepted, "the address pool gave none")                          \
  X(concentrator_address_external, setting, none, "the address comes from AAA or DHCP, not from a pool")            \
  X(concentrator_address_in_use, cause, user_accepted, "the address is already in use")                            \
  X(concentrator_firewall_refused, cause, address_assigned, "the client's firewall does not satisfy the policy")   \
  X(concentrator_firewall_server_down, cause, address_assigned, "the firewall server is unavailable")              \
  X(concentrator_version_refused, cause, user_accepted, "client type or version not allowed")                      \
  X(concentrator_split_list_missing, cause, user_accepted, "the split tunneling list is missing")                  \
  X(concentrator_phase2_proposal_rejected, cause, policy_accepted, "no IPsec proposal is acceptable")              \
  X(concentrator_phase2_network_rejected, cause, policy_accepted, "no policy for the requested networks")          \
  X(concentrator_install_failed, symptom, policy_accepted, "the concentrator's own system refused what phase 2 agreed on")\
  X(concentrator_phase2_done, progress, phase2_done, "phase 2 is complete")                                        \
  X(concentrator_connected, progress, phase2_done, "the concentrator counts the session as connected")             \
  X(concentrator_deleted, symptom, none, "the concentrator sent a delete")                                         \
  X(concentrator_got_delete, symptom, none, "the client sent a delete")                                            \
  /* concentrator, session */                                                                                      \
  X(concentrator_session_natt, setting, none, "the session runs inside UDP or TCP that IKE proved open")           \
  X(concentrator_session_esp, setting, none, "the session needs IP protocol 50 or a port of its own")              \
  X(concentrator_session_short, session, none, "the session lasted less than two minutes")                         \
  X(concentrator_received_data, session, none, "data came from the client")                                        \
  X(concentrator_received_no_data, session, none, "not one byte came from the client")                             \
  X(concentrator_sent_data, session, none, "data went to the client")                                              \
  X(concentrator_sent_no_data, session, none, "not one byte went to the client")                                   \
  X(concentrator_disconnected, session, none, "the session ended")                                                 \
  X(concentrator_lost_peer, session, none, "the concentrator lost contact with the client")                        \
  X(concentrator_ended_by_user, session, none, "the user ended the session")                                       \
  X(concentrator_ended_by_policy, session, none, "idle, maximum time or lifetime ended the session")               \
  X(concentrator_ended_by_admin, session, none, "an administrator ended the session")                              \
  X(concentrator_ended_by_shutdown, session, none, "the concentrator was shut down or rebooted")                   \
  X(concentrator_session_preempted, session, none, "a newer login of the user replaced the session")               \
  /* the concentrator as a device */                                                                               \
  X(concentrator_started, witness, none, "the concentrator booted: its counters and leases start anew")            \
  X(concentrator_address_released, witness, none, "a leased address was given back")                               \
  /* derived by the correlator; no line says these */                                                              \
  X(client_silent, witness, none, "the client's log went on or its time ran out without another IKE line")         \
  X(concentrator_silent, witness, none, "the concentrator's time ran out without another line")                    \
  X(client_log_present, witness, none, "the client's log is at hand")                                              \
  X(concentrator_log_present, witness, none, "the concentrator's log covers the attempt")                          \
  X(concentrator_other_peers_seen, witness, none, "other clients reached the concentrator meanwhile")              \
  X(concentrator_others_get_through, witness, none, "other clients got past phase 1 meanwhile")                    \
  X(concentrator_many_networks_silent, witness, none, "three or more unrelated networks fail at once")             \
  X(concentrator_client_unseen, witness, none, "the source never showed a sign of being a real client")            \
  X(pool_never_succeeded, witness, none, "nobody of two or more users ever got an address since boot")             \
  X(pool_others_succeed, witness, none, "other groups of the concentrator get addresses")                          \
  X(pool_at_plateau, witness, none, "failures happen at one constant number of addresses in use")                  \
  X(pool_freed_then_worked, witness, none, "an address was given right after another was released")                \
  X(pool_nearly_full, witness, none, "at least 95 % of the best known capacity is in use")                         \
  X(pool_one_user_only, witness, none, "only this user fails, others of the group get addresses")                \
  X(pool_gave_before, witness, none, "the pool gave addresses since boot")                                         \
  X(pool_below_peak, witness, none, "far fewer addresses are in use than the pool has or lately gave")                \
  X(pool_stopped_giving, witness, none, "several users in a row get no address though fewer are in use than lately were") \
  X(pool_source_no_matter, witness, none, "others got addresses although the DHCP or AAA source had failed them too")                    \
  /* came later: a saved state knows facts by their place */                                                                             \
  X(client_uses_certificate, setting, none, "the client proves itself by a certificate, not by a group password")                        \
  X(concentrator_group_refused, cause, am1_seen, "the server that keeps the groups refused this one")                                    \
  X(concentrator_path_dropped_ike, symptom, none, "a firewall on the way dropped an IKE packet")                                         \
  X(concentrator_path_dropped_natt, symptom, none, "a firewall on the way dropped a NAT-T packet")                                       \
  X(concentrator_peer_is_site, setting, none, "the peer is the gateway of another site, no user")                                        \
  X(client_phase2_unanswered, symptom, policy_accepted, "the gateway never answered the client's phase 2 proposal")                      \
  X(concentrator_no_fitting_connection, symptom, am1_seen, "no connection fits the client's identity, mode and method together")         \
  X(concentrator_no_fitting_method, symptom, am1_seen, "no connection fits the client's mode and method; no identity has been sent yet") \
  X(concentrator_answer_lost, symptom, am3_seen, "the client repeats what the concentrator has answered: it lacks the answer")           \
  X(client_proposal_refused, cause, am1_seen, "the client does not accept the algorithms that the gateway chose")                        \
  X(concentrator_refused_by_client, symptom, am3_seen, "the client refused the concentrator's answer to the third message")              \
  X(concentrator_done_first, setting, none, "IKEv2: the concentrator is done before the client has seen its answer")                     \
  X(concentrator_sent_no_proposal, symptom, am1_seen, "the concentrator told the client that no proposal fits")                          \
  X(client_ikev1, setting, none, "the client speaks IKEv1")                                                                              \
  X(client_ikev2, setting, none, "the client speaks IKEv2")                                                                              \
  X(concentrator_ikev1, setting, none, "the client speaks IKEv1")                                                                        \
  X(concentrator_ikev2, setting, none, "the client speaks IKEv2")                                                                        \
  X(concentrator_session_ipsec, setting, none, "the session was one of IPsec: what it counts has passed phase 2")

enum class Fact : std::uint8_t {
#define VPNVERDICT_FACT_NAME(name, kind, milestone, story) name,
  VPNVERDICT_FACTS(VPNVERDICT_FACT_NAME)
#undef VPNVERDICT_FACT_NAME
};

struct FactRow {
  Fact fact;
  std::string_view name;
  FactKind kind;
  Milestone proves;
  std::string_view story;
};

inline constexpr FactRow kFacts[] = {
#define VPNVERDICT_FACT_ROW(name, kind, milestone, story) \
  {Fact::name, #name, FactKind::kind, Milestone::milestone, story},
    VPNVERDICT_FACTS(VPNVERDICT_FACT_ROW)
#undef VPNVERDICT_FACT_ROW
};
inline constexpr std::size_t kFactCount = sizeof(kFacts) / sizeof(kFacts[0]);

constexpr const FactRow& row_of(Fact fact) { return kFacts[static_cast<std::size_t>(fact)]; }
constexpr std::string_view name_of(Fact fact) { return row_of(fact).name; }
constexpr Vantage vantage_of(Fact fact) {
  return name_of(fact).substr(0, 6) == "client" ? Vantage::client : Vantage::concentrator;
}
// The inverse of name_of; false when the name is no fact.
bool fact_named(std::string_view name, Fact* out);

// A set of facts. constexpr throughout (std::bitset is not, in C++20) so that the rule table can
// prove itself at compile time.
class FactMask {
 public:
  constexpr FactMask() = default;
  constexpr FactMask(Fact fact) { insert(fact); }  // NOLINT(google-explicit-constructor): a fact is a set of one
  constexpr FactMask(std::initializer_list<Fact> facts) {
    for (Fact fact : facts) insert(fact);
  }

  constexpr void insert(Fact fact) { words_[index(fact) / 64] |= bit(fact); }
  constexpr void erase(Fact fact) { words_[index(fact) / 64] &= ~bit(fact); }
  constexpr bool has(Fact fact) const { return (words_[index(fact) / 64] & bit(fact)) != 0; }
  constexpr bool empty() const { return (words_[0] | words_[1] | words_[2]) == 0; }
  constexpr bool contains(const FactMask& other) const {
    for (std::size_t i = 0; i < 3; ++i)
      if ((other.words_[i] & ~words_[i]) != 0) return false;
    return true;
  }
  constexpr bool intersects(const FactMask& other) const {
    for (std::size_t i = 0; i < 3; ++i)
      if ((other.words_[i] & words_[i]) != 0) return true;
    return false;
  }
  constexpr FactMask operator|(const FactMask& other) const {
    FactMask out;
    for (std::size_t i = 0; i < 3; ++i) out.words_[i] = words_[i] | other.words_[i];
    return out;
  }
  constexpr FactMask operator&(const FactMask& other) const {
    FactMask out;
    for (std::size_t i = 0; i < 3; ++i) out.words_[i] = words_[i] & other.words_[i];
    return out;
  }
  constexpr FactMask without(const FactMask& other) const {
    FactMask out;
    for (std::size_t i = 0; i < 3; ++i) out.words_[i] = words_[i] & ~other.words_[i];
    return out;
  }
  constexpr FactMask& operator|=(const FactMask& other) { return *this = *this | other; }
  constexpr bool operator==(const FactMask&) const = default;
  constexpr const std::array<std::uint64_t, 3>& words() const { return words_; }
  static constexpr FactMask from_words(const std::array<std::uint64_t, 3>& words) {
    FactMask out;
    out.words_ = words;
    return out;
  }

  // Calls visit(Fact) for each member in declaration order.
  template <class Visit>
  constexpr void for_each(Visit visit) const {
    for (std::size_t i = 0; i < words_.size(); ++i)
      for (std::uint64_t left = words_[i]; left != 0; left &= left - 1)
        visit(static_cast<Fact>(64 * i + static_cast<std::size_t>(std::countr_zero(left))));
  }

 private:
  static constexpr std::size_t index(Fact fact) { return static_cast<std::size_t>(fact); }
  static constexpr std::uint64_t bit(Fact fact) { return std::uint64_t{1} << (index(fact) % 64); }
  std::array<std::uint64_t, 3> words_{};
};
static_assert(kFactCount <= 192, "FactMask holds three words");

constexpr FactMask facts_where(bool (*keep)(const FactRow&)) {
  FactMask out;
  for (const FactRow& row : kFacts)
    if (keep(row)) out.insert(row.fact);
  return out;
}
inline constexpr FactMask kCauseFacts = facts_where([](const FactRow& r) { return r.kind == FactKind::cause; });
inline constexpr FactMask kSessionFacts = facts_where([](const FactRow& r) { return r.kind == FactKind::session; });
inline constexpr FactMask kClientFacts =
    facts_where([](const FactRow& r) { return vantage_of(r.fact) == Vantage::client; });

// What is known of one leg or attempt: true, false with a witness, or (in neither) unknown.
struct Facts {
  FactMask known_true;
  FactMask known_false;
  constexpr bool operator==(const Facts&) const = default;
};

}  // namespace vpnverdict
