// One short sentence per cause, for the headline of `explain` and for tables.
#include "pipeline/explain.h"

namespace vpnverdict {

std::string_view headline_of(Cause cause) {
  switch (cause) {
    case Cause::undetermined: return "the logs do not decide it";
    case Cause::connected: return "the client is connected";
    case Cause::in_progress: return "nothing has failed yet";
    case Cause::contradictory: return "the two logs contradict each other";
    case Cause::not_a_user_attempt: return "a scan or a probe, no user";
    case Cause::redirected: return "load balancing sent the client to another concentrator";
    case Cause::client_no_network: return "the client has no network";
    case Cause::gateway_name_not_resolved: return "the client cannot resolve the gateway's name";
    case Cause::gateway_address_wrong: return "the client talks to an address that is no concentrator";
    case Cause::concentrator_unreachable: return "the concentrator cannot be reached";
    case Cause::concentrator_no_route_back: return "the concentrator's answers do not reach the client";
    case Cause::client_not_sending: return "the client does not send";
    case Cause::client_port_in_use: return "another program holds the client's IKE port";
    case Cause::udp500_blocked: return "UDP/500 is blocked on the way";
    case Cause::natt_udp4500_blocked: return "UDP/4500 (NAT traversal) is blocked on the way";
    case Cause::ike_over_tcp_blocked: return "the TCP port of IPsec over TCP is blocked";
    case Cause::ipsec_data_blocked: return "the tunnel is up, but its packets (ESP) are blocked";
    case Cause::fragments_dropped: return "large packets are lost on the way";
    case Cause::public_filter_blocks: return "the filter on the concentrator's public interface blocks";
    case Cause::ike_not_enabled: return "IKE is not enabled on the concentrator's interface";
    case Cause::ike_proposal_mismatch: return "no IKE proposal fits both ends";
    case Cause::ike_auth_method_mismatch: return "the authentication method of the IKE proposal does not fit";
    case Cause::group_name_unknown: return "the concentrator does not know the group";
    case Cause::group_password_mismatch: return "the group password differs";
    case Cause::group_lock_violation: return "the user is not a member of the group";
    case Cause::certificate_expired: return "a certificate has expired";
    case Cause::certificate_rejected: return "a certificate was rejected";
    case Cause::certificate_group_not_found: return "the certificate matches no group";
    case Cause::tunnel_type_not_permitted: return "the group may not use this type of tunnel";
    case Cause::user_password_wrong: return "the user's password is wrong";
    case Cause::user_unknown: return "the user is unknown";
    case Cause::user_account_expired: return "the account or its password has expired";
    case Cause::user_account_locked: return "the account is locked";
    case Cause::user_login_limit: return "the user is logged in too many times";
    case Cause::user_access_hours: return "outside the access hours";
    case Cause::user_rejected_unspecified: return "the user was rejected without a reason";
    case Cause::user_cancelled: return "the user gave up";
    case Cause::xauth_timeout: return "the login prompt was not answered in time";
    case Cause::aaa_server_unreachable: return "the authentication server does not answer";
    case Cause::aaa_server_misconfigured: return "the authentication server is set up wrongly on the concentrator";
    case Cause::aaa_attribute_invalid: return "an attribute of the user's profile is invalid";
    case Cause::session_limit_reached: return "the concentrator takes no more sessions";
    case Cause::address_unavailable: return "the concentrator has no address for the client";
    case Cause::address_method_not_selected: return "no method of address assignment is selected";
    case Cause::address_pool_not_defined: return "no address pool is defined";
    case Cause::address_pool_exhausted: return "the address pool is used up";
    case Cause::address_source_failed: return "the server that gives the addresses failed";
    case Cause::address_in_use: return "the address is already in use";
    case Cause::client_adapter_failed: return "the client's virtual adapter failed";
    case Cause::client_firewall_policy: return "the client lacks the firewall or posture that the group requires";
    case Cause::firewall_server_unavailable: return "the firewall server is not available";
    case Cause::client_version_refused: return "this client type or version is not allowed";
    case Cause::phase2_proposal_mismatch: return "no IPsec (phase 2) proposal fits both ends";
    case Cause::phase2_network_mismatch: return "the networks of phase 2 do not fit";
    case Cause::split_tunnel_list_missing: return "the network list for split tunneling is missing";
    case Cause::no_traffic_returning: return "nothing comes back through the tunnel";
    case Cause::no_traffic_sent: return "nothing was sent into the tunnel";
    case Cause::mtu_blackhole: return "large packets do not pass the tunnel";
    case Cause::internal_name_resolution: return "internal names are not resolved";
    case Cause::peer_lost: return "contact was lost";
    case Cause::session_preempted: return "a newer login replaced the session";
    case Cause::ended_by_policy: return "idle or maximum time ended the session";
    case Cause::ended_by_admin: return "an administrator ended the session";
    case Cause::ended_by_shutdown: return "the concentrator was shut down or rebooted";
    case Cause::ended_by_user: return "the user disconnected";
  }
  return "unknown cause";
}

}  // namespace vpnverdict
