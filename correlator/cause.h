// The closed list of causes, one row each. The spelling of an enumerator is the spelling everywhere:
// metric label, verdict JSON, RULES.md, alert. Add a cause only with a version bump of the verdict schema.
// Pure values. Source: the troubleshooting chapter's steps 1-8 and table 8-6; diagnosis by side in RULES.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace vpnverdict {

enum class Actor : std::uint8_t { nobody, client, network, concentrator, aaa };
inline constexpr std::string_view kActorNames[] = {"nobody", "client", "network", "concentrator", "aaa"};
constexpr std::string_view name_of(Actor actor) { return kActorNames[static_cast<std::size_t>(actor)]; }

enum class CauseKind : std::uint8_t { outcome, set_up, after_connect };

// X(name, kind, step of the chapter, actor, remedy)
#define VPNVERDICT_CAUSES(X)                                                                                          \
  X(undetermined, outcome, 0, nobody, "The logs at hand do not decide it; see the next check.")                       \
  X(connected, outcome, 0, nobody, "Nothing to do.")                                                                  \
  X(in_progress, outcome, 0, nobody, "Wait: nothing has failed yet.")                                                 \
  X(contradictory, outcome, 0, nobody, "Check that both logs are of the same attempt and the same concentrator.")     \
  X(not_a_user_attempt, outcome, 0, nobody, "No user is affected: a scan, a probe or a peer that is no client.")      \
  X(redirected, outcome, 0, nobody, "Read the log of the concentrator the client was sent to.")                       \
  X(client_no_network, set_up, 1, client,                                                                             \
    "Give the PC an address and a default gateway; it must be able to ping its own gateway.")                         \
  X(gateway_name_not_resolved, set_up, 1, client, "Repair DNS on the client, or the host entry of the profile.")      \
  X(gateway_address_wrong, set_up, 1, client,                                                                         \
    "Correct the host entry of the profile: nothing of ours answers IKE at that address.")                            \
  X(concentrator_unreachable, set_up, 1, network,                                                                     \
    "Ping both ways between client and concentrator; check the path and that the device is up.")                      \
  X(concentrator_no_route_back, set_up, 1, concentrator,                                                              \
    "Check the concentrator's default gateway, then filters on the way back to the client.")                          \
  X(client_not_sending, set_up, 2, client,                                                                            \
    "Restart the client's service (net stop cvpnd, net start cvpnd), then the PC; re-install as a last resort. "      \
    "Check that nothing on the PC stops the packets.")                                                                \
  X(client_port_in_use, set_up, 2, client,                                                                            \
    "Stop the other IPsec service or VPN client that holds the IKE port, or start this one with the right to bind.")  \
  X(udp500_blocked, set_up, 3, network,                                                                               \
    "Permit ISAKMP (UDP/500) both ways on the firewall; prove it with a UDP traceroute from each end.")               \
  X(natt_udp4500_blocked, set_up, 3, network,                                                                         \
    "Permit UDP/4500 both ways on the firewall, or switch the profile to IPsec over TCP.")                            \
  X(ike_over_tcp_blocked, set_up, 3, network,                                                                         \
    "Permit TCP/10000, or the port that is configured, and enable IPsec over TCP on the concentrator.")               \
  X(ipsec_data_blocked, set_up, 3, network, "Permit ESP (IP protocol 50) on the firewall, or turn on NAT-T.")         \
  X(fragments_dropped, set_up, 3, network,                                                                            \
    "Let fragments through, or use IKE fragmentation or a lower MTU: the large message is lost, small ones pass.")    \
  X(public_filter_blocks, set_up, 4, concentrator,                                                                    \
    "Put the IKE, IPSEC-ESP and NAT-T In/Out rules back into the filter on the public interface.")                    \
  X(ike_not_enabled, set_up, 4, concentrator, "Enable IKE (bind the crypto map) on the public interface.")            \
  X(ike_proposal_mismatch, set_up, 5, concentrator,                                                                   \
    "Activate an IKE proposal that the client offers; the concentrator matches in the order of its active list.")     \
  X(ike_auth_method_mismatch, set_up, 5, concentrator,                                                                \
    "Move the proposal with XAuth up in the list, or give the client a profile with the right authentication type.")  \
  X(group_name_unknown, set_up, 6, client,                                                                            \
    "Correct the group name in the client's profile, or configure the group on the concentrator.")                    \
  X(group_password_mismatch, set_up, 6, client,                                                                       \
    "Set the same group password on the concentrator and in the client's profile.")                                   \
  X(group_lock_violation, set_up, 6, concentrator,                                                                    \
    "Put the user into the group, give him the profile of his own group, or lift the group lock.")                    \
  X(certificate_expired, set_up, 6, client, "Check both clocks, then renew the expired certificate.")                 \
  X(certificate_rejected, set_up, 6, client,                                                                          \
    "Check the certificate chain, the reachability of the CRL and the trustpoint in use.")                            \
  X(certificate_group_not_found, set_up, 6, concentrator,                                                             \
    "Make the certificate's OU equal to a group name, or add a matching rule.")                                       \
  X(tunnel_type_not_permitted, set_up, 6, concentrator, "Permit IPsec (this tunnel type) in the group's policy.")     \
  X(user_password_wrong, set_up, 7, client, "Type the password again; reset it if it is forgotten.")                  \
  X(user_unknown, set_up, 7, aaa, "Create the account, or correct the user name or its realm.")                       \
  X(user_account_expired, set_up, 7, aaa, "Renew the account or its password.")                                       \
  X(user_account_locked, set_up, 7, aaa, "Unlock the account and find the device with the stale saved password.")     \
  X(user_login_limit, set_up, 7, concentrator, "Log off the user's stale session, or raise the simultaneous logins.") \
  X(user_access_hours, set_up, 7, concentrator, "Change the access hours of the group, or connect within them.")      \
  X(user_rejected_unspecified, set_up, 7, aaa,                                                                        \
    "Read the authentication server's own log: it refused the user and did not say why.")                             \
  X(user_cancelled, set_up, 7, client, "Nothing to repair: the user gave up.")                                        \
  X(xauth_timeout, set_up, 7, client, "Try again and answer the prompt in time; raise the limit if users need it.")   \
  X(aaa_server_unreachable, set_up, 7, aaa, "Bring the authentication server back and check its backup server.")      \
  X(aaa_server_misconfigured, set_up, 7, concentrator,                                                                \
    "Check the authentication servers at both levels (System and the group's own list) and the shared secret.")       \
  X(aaa_attribute_invalid, set_up, 7, aaa, "Correct the attribute in the user's profile on the server.")              \
  X(session_limit_reached, set_up, 7, concentrator,                                                                   \
    "Free sessions or stop the flood; then a larger licence or a second box.")                                        \
  X(address_unavailable, set_up, 8, concentrator,                                                                     \
    "Check in this order: a method is ticked under Address Management > Assignment, the pool exists, the pool is "    \
    "not used up.")                                                                                                   \
  X(address_method_not_selected, set_up, 8, concentrator,                                                             \
    "Tick the right method under Address Management > Assignment: defining a pool is not enough.")                    \
  X(address_pool_not_defined, set_up, 8, concentrator,                                                                \
    "Define the address pool for the group or the system, or on the AAA server if that assigns addresses.")           \
  X(address_pool_exhausted, set_up, 8, concentrator, "Look for stale leases first, then enlarge the pool.")           \
  X(address_source_failed, set_up, 8, aaa, "Repair the DHCP or AAA server that gives the addresses, or the way to it.") \
  X(address_in_use, set_up, 8, concentrator, "Remove the overlap of pools or the address that is assigned twice.")    \
  X(client_adapter_failed, set_up, 8, client, "Repair or re-install the client's virtual adapter and driver.")        \
  X(client_firewall_policy, set_up, 8, client,                                                                        \
    "Start or install the firewall (or posture agent) that the group requires.")                                      \
  X(firewall_server_unavailable, set_up, 8, concentrator, "Restore the firewall server, or relax the fail policy.")   \
  X(client_version_refused, set_up, 8, client, "Upgrade the client, or correct the rule on client types and versions.") \
  X(phase2_proposal_mismatch, set_up, 8, concentrator, "Configure an IPsec SA for the group that the client offers.") \
  X(phase2_network_mismatch, set_up, 8, concentrator, "Correct the policy or the network list of the group.")         \
  X(split_tunnel_list_missing, set_up, 8, concentrator, "Define the network list that the split tunneling policy needs.") \
  X(no_traffic_returning, after_connect, 0, concentrator,                                                             \
    "Check the inside route to the pool, NAT exemption and the group's filter.")                                      \
  X(no_traffic_sent, after_connect, 0, client,                                                                        \
    "Check the network list and overlap with the home network: nothing was offered to the tunnel.")                   \
  X(mtu_blackhole, after_connect, 0, client, "Lower the client's MTU and let ICMP type 3 code 4 through.")            \
  X(internal_name_resolution, after_connect, 0, concentrator, "Push DNS servers and domain to the group.")            \
  X(peer_lost, after_connect, 0, network, "Check the path and the NAT's idle time; use NAT keepalives.")              \
  X(session_preempted, after_connect, 0, client, "The user logged in elsewhere: check for a shared account.")         \
  X(ended_by_policy, after_connect, 0, nobody, "Idle or maximum time ended it: tell the user or change the policy.")  \
  X(ended_by_admin, after_connect, 0, concentrator, "An administrator ended the session.")                            \
  X(ended_by_shutdown, after_connect, 0, concentrator, "The concentrator was shut down or rebooted: connect again.")  \
  X(ended_by_user, after_connect, 0, nobody, "Nothing to do: the user disconnected.")

enum class Cause : std::uint8_t {
#define VPNVERDICT_CAUSE_NAME(name, kind, step, actor, remedy) name,
  VPNVERDICT_CAUSES(VPNVERDICT_CAUSE_NAME)
#undef VPNVERDICT_CAUSE_NAME
};

struct CauseRow {
  Cause cause;
  std::string_view name;
  CauseKind kind;
  int step;
  Actor actor;
  std::string_view remedy;
};

inline constexpr CauseRow kCauses[] = {
#define VPNVERDICT_CAUSE_ROW(name, kind, step, actor, remedy) \
  {Cause::name, #name, CauseKind::kind, step, Actor::actor, remedy},
    VPNVERDICT_CAUSES(VPNVERDICT_CAUSE_ROW)
#undef VPNVERDICT_CAUSE_ROW
};
inline constexpr std::size_t kCauseCount = sizeof(kCauses) / sizeof(kCauses[0]);

constexpr const CauseRow& row_of(Cause cause) { return kCauses[static_cast<std::size_t>(cause)]; }
constexpr std::string_view name_of(Cause cause) { return row_of(cause).name; }
// False when the name is no cause.
bool cause_named(std::string_view name, Cause* out);

}  // namespace vpnverdict
