#include "correlator/rules.h"

namespace vpnverdict {
namespace {

using enum Fact;
using enum Grade;

// Anything of these and phase 1 has been left behind: UDP/500, the proposal and the group were good.
constexpr FactMask kPastPhase1 = {client_phase1_done,          client_xauth_prompted,      client_xauth_answered,
                                  client_user_accepted,        client_mode_config_started, client_address_received,
                                  client_phase2_started,       concentrator_phase1_done,   concentrator_user_ok,
                                  concentrator_address_assigned, concentrator_phase2_done};
constexpr FactMask kNoAddress = {client_address_refused,          concentrator_address_failed,
                                 concentrator_address_pool_full,  concentrator_address_pool_missing,
                                 concentrator_address_pool_refused,
                                 concentrator_address_source_failed, concentrator_address_in_use};
constexpr FactMask kNoPhase2 = {concentrator_phase2_proposal_rejected, concentrator_phase2_network_rejected,
                                client_phase2_refused, client_phase2_network_refused,
                                concentrator_install_failed, client_install_failed};
// The concentrator counts itself as connected before the client has looked at its certificate or key.
constexpr FactMask kGatewayRefused = {client_certificate_expired, client_certificate_rejected, client_hash_failed, concentrator_refused_by_client};
constexpr FactMask kClientGaveUp = {client_not_responding, client_failed, client_silent};
constexpr FactMask kNattPath = {client_natt_offered, client_used_udp4500};

// clang-format off
constexpr Rule kConnectRules[] = {
    // ---- The end that makes every other line a detour -----------------------------------------------------------
    {30, Cause::connected, certain, {client_connected}, {}, kNoAddress | kNoPhase2 | FactMask{client_adapter_failed}, {}, {},
     "introduction", "The client itself says that it is connected.", ""},
    {31, Cause::connected, certain, {}, {client_received_data, client_keepalive}, kNoAddress | kNoPhase2 | FactMask{client_adapter_failed}, {}, {},
     "introduction", "Data passes through the tunnel.", ""},
    {32, Cause::connected, certain, {}, {concentrator_connected}, kNoAddress | kNoPhase2 | kGatewayRefused | FactMask{client_adapter_failed, client_failed, client_not_responding, client_phase2_unanswered, client_address_refused}, {}, {},
     "introduction", "The concentrator counts the session as connected and no side reports a failure.", ""},
    {33, Cause::connected, certain, {concentrator_phase2_done, concentrator_address_assigned}, {}, kNoAddress | kNoPhase2 | kGatewayRefused | FactMask{client_adapter_failed, client_failed, client_not_responding, client_phase2_unanswered, client_terminated_by_peer, client_user_cancelled, concentrator_answer_lost, concentrator_done_first}, {}, {},
     "introduction", "An address was assigned, phase 2 is complete and the client reports no failure.", ""},
    {195, Cause::connected, certain, {concentrator_phase2_done, concentrator_address_assigned, concentrator_done_first}, {concentrator_xauth_started, concentrator_received_data}, kNoAddress | kNoPhase2 | kGatewayRefused | FactMask{client_adapter_failed, client_failed, client_not_responding, client_phase2_unanswered, client_terminated_by_peer, client_user_cancelled, concentrator_answer_lost}, {}, {},
     "introduction", "An address was assigned, phase 2 is complete, and the client showed that it goes along: it logged in after it had seen the gateway's proof, or it used the tunnel.", ""},
    {34, Cause::connected, probable, {concentrator_phase2_done}, {}, kNoAddress | kNoPhase2 | kGatewayRefused | FactMask{client_adapter_failed, client_failed, client_not_responding, client_phase2_unanswered, client_terminated_by_peer, client_user_cancelled}, {}, {},
     "introduction", "Phase 2 is complete on the concentrator; the client's word is missing.", "the client's own log: does it say connected?"},
    {200, Cause::connected, probable, {concentrator_received_data, concentrator_session_ipsec}, {concentrator_phase1_done, concentrator_user_ok, concentrator_address_assigned}, kNoAddress | kNoPhase2 | kGatewayRefused | FactMask{client_adapter_failed, client_failed, client_not_responding, client_phase2_unanswered, client_terminated_by_peer, client_user_cancelled, concentrator_group_lock}, {}, {},
     "introduction", "The login is in the log, and the session that ended had counted the client's data; the lines between them are missing.", "the concentrator's log at a higher level: is phase 2 complete?"},

    // ---- Not a user at all --------------------------------------------------------------------------------------
    {10, Cause::not_a_user_attempt, probable, {concentrator_client_unseen}, {concentrator_group_unknown, concentrator_no_fitting_connection, concentrator_no_fitting_method}, {client_log_present, concentrator_user_ok}, {}, {Cause::group_name_unknown},
     "incidents", "A name nobody was issued, from a source that never showed a sign of a real client.", "is the source a known client network?"},
    {11, Cause::not_a_user_attempt, probable, {concentrator_client_unseen}, {concentrator_am3_timeout, concentrator_timed_out}, kPastPhase1 | FactMask{client_log_present, concentrator_group_unknown}, {}, {Cause::natt_udp4500_blocked},
     "incidents", "Many negotiations from one source, none of which ever sent the third message.", "is the source a known client network?"},

    // ---- Step 1 and 2: the client's own machine -----------------------------------------------------------------
    {40, Cause::gateway_name_not_resolved, certain, {client_dns_failed}, {}, {client_received_any}, {}, {},
     "step 1", "The client could not resolve the gateway's name; nothing was sent.", ""},
    {41, Cause::client_port_in_use, certain, {client_port_in_use}, {}, {client_received_any}, {}, {},
     "step 2", "The client could not use its own IKE port.", ""},
    {42, Cause::client_no_network, certain, {client_no_network}, {}, {client_received_any}, {}, {},
     "step 1", "The client has no way out of its own machine.", ""},
    {43, Cause::client_not_sending, certain, {}, {client_service_down, client_send_failed}, {client_received_any}, {}, {},
     "step 2", "The client's own machine did not let the packet out.", ""},
    {44, Cause::gateway_address_wrong, certain, {client_gateway_not_ours, client_sent_am1}, {}, {client_received_any, concentrator_saw_am1}, {}, {},
     "step 1", "The client talks to an address that belongs to none of the known concentrators.", ""},

    // ---- Step 4, 5, 6: what the concentrator decides in phase 1 -------------------------------------------------
    {50, Cause::ike_not_enabled, certain, {concentrator_ike_not_enabled}, {}, kPastPhase1, {}, {},
     "step 4", "The concentrator dropped the packet: IKE is not enabled on that interface.", ""},
    {51, Cause::public_filter_blocks, certain, {}, {concentrator_filter_dropped_ike, concentrator_filter_dropped_natt}, kPastPhase1, {}, {},
     "step 4", "The concentrator's own filter logged the drop.", ""},
    {52, Cause::session_limit_reached, certain, {concentrator_negotiation_limit}, {}, kPastPhase1, {}, {},
     "step 7", "The concentrator refused a further negotiation.", ""},
    {60, Cause::ike_proposal_mismatch, certain, {concentrator_proposal_rejected}, {}, kPastPhase1, {}, {},
     "step 5", "The concentrator compared the client's proposals with its active list and accepts none.", ""},
    {191, Cause::ike_proposal_mismatch, certain, {client_proposal_refused}, {}, kPastPhase1, {}, {},
     "step 5", "The client does not accept the algorithms that the concentrator chose from its proposals.", ""},
    {61, Cause::ike_auth_method_mismatch, certain, {concentrator_auth_method_rejected}, {}, {}, {}, {},
     "step 5", "The proposal's authentication method does not fit the group.", ""},
    {62, Cause::certificate_expired, certain, {}, {concentrator_certificate_expired, client_certificate_expired}, {}, {}, {},
     "step 6", "A certificate is out of its validity.", ""},
    {63, Cause::certificate_rejected, certain, {}, {concentrator_certificate_rejected, client_certificate_rejected}, {}, {}, {},
     "step 6", "A certificate could not be accepted.", ""},
    {64, Cause::certificate_group_not_found, certain, {concentrator_certificate_group_unknown}, {}, {}, {}, {},
     "step 6", "No group matches the certificate.", ""},
    {65, Cause::tunnel_type_not_permitted, certain, {concentrator_tunnel_type_refused}, {}, {}, {}, {},
     "step 6", "The group's policy does not permit this type of tunnel.", ""},
    {70, Cause::group_name_unknown, certain, {concentrator_group_unknown}, {}, {}, {}, {},
     "table 8-6 row 1", "The concentrator looked the group up and has none of that name; what the client reports is only the echo.", ""},
    {76, Cause::group_name_unknown, probable, {concentrator_group_refused}, {}, {}, {}, {Cause::aaa_server_misconfigured, Cause::group_password_mismatch},
     "step 6", "The server that keeps the groups refused this one.", "is the group on that server, with the password that the concentrator sends?"},
    {192, Cause::group_name_unknown, probable, {concentrator_no_fitting_connection}, {}, kPastPhase1, {}, {Cause::ike_auth_method_mismatch},
     "table 8-6 row 1", "No connection of the concentrator fits the client's first message, which names its group, mode and method: one of them is wrong.", "does the group of that name exist there, with this mode and with XAUTH?"},
    {193, Cause::ike_auth_method_mismatch, probable, {concentrator_no_fitting_method}, {}, kPastPhase1, {}, {Cause::group_name_unknown, Cause::ike_not_enabled},
     "step 5", "No connection of the concentrator fits the mode and the method of the client's first message.", "do both sides use the same mode, the same kind of key and XAUTH, and may the client come from this address?"},
    {71, Cause::group_password_mismatch, certain, {concentrator_group_found}, {client_hash_failed, concentrator_notify_invalid_hash}, kPastPhase1, {}, {},
     "table 8-6 row 2", "The group exists and the client cannot verify the hash: the two group passwords differ.", ""},
    {75, Cause::group_password_mismatch, certain, {client_hash_failed, concentrator_notify_invalid_hash}, {}, kPastPhase1, {}, {},
     "table 8-6 row 2", "Both sides say so: the client cannot verify the hash and tells the concentrator.", ""},
    {72, Cause::group_password_mismatch, certain, {concentrator_key_mismatch, client_decrypt_failed}, {}, kPastPhase1, {}, {},
     "table 8-6 row 2", "Neither side can decrypt the other's first encrypted message.", ""},
    {73, Cause::group_password_mismatch, probable, {}, {client_hash_failed, concentrator_notify_invalid_hash}, kPastPhase1, {}, {Cause::group_name_unknown},
     "table 8-6 row 2", "The client cannot verify the gateway's hash; a newer concentrator answers an unknown group name the same way.", "does the concentrator's log say that the group is unknown?"},
    {74, Cause::group_password_mismatch, probable, {}, {concentrator_key_mismatch, client_decrypt_failed}, kPastPhase1, {}, {Cause::fragments_dropped},
     "table 8-6 row 2", "The first encrypted message could not be decrypted: the pre-shared keys differ.", "compare the group password on both sides"},

    // ---- Step 7: the user ---------------------------------------------------------------------------------------
    {80, Cause::group_lock_violation, certain, {concentrator_group_lock}, {}, {}, {}, {},
     "table 8-6 row 3", "The user was authenticated, then refused because he is not allowed in this group.", ""},
    {81, Cause::aaa_server_unreachable, certain, {concentrator_aaa_down}, {}, {}, {}, {},
     "step 7", "The authentication server did not answer and no other server did.", ""},
    {82, Cause::aaa_server_misconfigured, probable, {concentrator_aaa_misconfigured}, {}, {}, {}, {Cause::aaa_server_unreachable},
     "step 8", "The concentrator has no usable authentication server for this group.", "the server list at both levels and the shared secret"},
    {83, Cause::user_login_limit, certain, {concentrator_user_login_limit}, {}, {}, {}, {},
     "step 7", "The user already has as many sessions as allowed.", ""},
    {84, Cause::session_limit_reached, certain, {concentrator_session_limit}, {}, {}, {}, {},
     "step 7", "The concentrator's session limit is reached.", ""},
    {85, Cause::user_account_locked, certain, {concentrator_user_locked}, {}, {}, {}, {},
     "step 7", "The server says that the account is locked or disabled.", ""},
    {86, Cause::user_account_expired, certain, {concentrator_user_expired}, {}, {}, {}, {},
     "step 7", "The server says that the account or its password has expired.", ""},
    {87, Cause::user_unknown, certain, {concentrator_user_unknown}, {}, {}, {}, {},
     "step 7", "The server knows no such user.", ""},
    {88, Cause::user_access_hours, probable, {concentrator_user_access_hours}, {}, {}, {}, {Cause::user_rejected_unspecified},
     "step 7", "The user was refused because of the hour.", "the group's access hours"},
    {89, Cause::user_password_wrong, certain, {concentrator_user_bad_password}, {}, {}, {}, {},
     "step 7", "The server says that the password is wrong.", ""},
    {90, Cause::aaa_attribute_invalid, certain, {}, {concentrator_aaa_attribute_invalid, client_acl_invalid}, {}, {}, {},
     "step 7", "The user was accepted, but an attribute of his profile is invalid.", ""},
    {91, Cause::user_rejected_unspecified, certain, {concentrator_user_rejected}, {}, {}, {}, {},
     "step 7", "The server answered no and gave no reason; it is not down.", "the authentication server's own log"},
    {93, Cause::user_rejected_unspecified, probable, {concentrator_user_failed}, {}, {}, {}, {Cause::user_password_wrong, Cause::user_unknown, Cause::aaa_server_unreachable},
     "step 7", "User authentication ended without success; the line that says why is not in the log.", "the authentication server's own log"},
    {92, Cause::user_cancelled, certain, {client_user_cancelled}, {}, {concentrator_address_failed, client_xauth_failed}, {}, {},
     "step 7", "The client says that the user gave up.", ""},

    {189, Cause::certificate_rejected, guess, {concentrator_refused_by_client, concentrator_phase2_done}, {}, {client_connected}, {}, {Cause::certificate_expired, Cause::group_password_mismatch},
     "step 6", "The concentrator was done, and the client answered that authentication had failed: it does not accept the concentrator's own; why, only its log says.", "the client's log: which certificate, name or key of the gateway does it refuse?"},
    {196, Cause::certificate_rejected, guess, {concentrator_refused_by_client, concentrator_xauth_started}, {}, {client_connected, concentrator_user_ok}, {}, {Cause::ike_auth_method_mismatch, Cause::user_rejected_unspecified, Cause::certificate_expired},
     "step 6", "The client broke the login off: it does not accept the gateway's certificate, or not the way in which it is to log in.", "the client's log: does it refuse the gateway's certificate, or the EAP method?"},

    // ---- Step 8: the address ------------------------------------------------------------------------------------
    {100, Cause::address_pool_exhausted, certain, {concentrator_address_pool_full}, {}, {}, {}, {},
     "step 8", "The concentrator says that the pool is full.", ""},
    {101, Cause::address_source_failed, certain, {concentrator_address_source_failed}, {}, {pool_source_no_matter}, {}, {},
     "step 8", "The DHCP or AAA source gave no address.", ""},
    {102, Cause::address_in_use, certain, {concentrator_address_in_use}, {}, {}, {}, {},
     "step 8", "The address to be assigned is already in use.", ""},
    {103, Cause::address_method_not_selected, probable, {concentrator_address_method_refused}, {}, {}, {}, {Cause::address_pool_not_defined},
     "step 8", "The method by which the address was to come is not permitted.", "Address Management > Assignment"},
    {104, Cause::address_pool_not_defined, probable, {concentrator_address_pool_missing}, {}, {pool_at_plateau}, {}, {Cause::address_pool_exhausted, Cause::address_method_not_selected},
     "step 8", "Neither group nor policy has a pool that gives an address.", "is a pool defined for the group?"},
    {105, Cause::address_pool_exhausted, certain, {concentrator_address_failed, pool_at_plateau, pool_freed_then_worked}, {}, {}, {}, {},
     "step 8", "Assignment fails at one number of addresses in use and works right after a release.", ""},
    {417, Cause::address_pool_exhausted, probable, {concentrator_address_pool_refused, pool_gave_before}, {}, {pool_below_peak, pool_one_user_only}, {}, {Cause::address_pool_not_defined},
     "step 8", "The concentrator says that its pool gave none; the pool gave addresses before, and as many are in use as ever were.", "addresses in use against the size of the pool; was it taken from the group just now?"},
    {106, Cause::address_pool_exhausted, probable, {concentrator_address_failed}, {pool_nearly_full, pool_at_plateau}, {}, {}, {Cause::address_unavailable},
     "step 8", "It worked before and the pool is in use up to its best known capacity.", "addresses in use against the size of the pool"},
    {418, Cause::address_unavailable, probable, {concentrator_address_failed, pool_stopped_giving}, {}, {}, {}, {Cause::address_method_not_selected, Cause::address_pool_not_defined, Cause::address_source_failed},
     "step 8", "It worked until lately; now several users in a row get no address though fewer are in use than before: something was changed.", "what was changed when these failures began: pools, method of assignment, the AAA or DHCP server?"},
    {107, Cause::address_in_use, probable, {concentrator_address_failed, pool_one_user_only}, {}, {}, {}, {Cause::address_source_failed, Cause::address_unavailable},
     "step 8", "Only this user fails, others of his group get addresses: an address of his own.", "does the user have a static address?"},
    {419, Cause::address_pool_exhausted, probable, {concentrator_address_pool_refused, pool_gave_before, pool_below_peak}, {}, {}, {}, {Cause::address_pool_not_defined, Cause::address_unavailable},
     "step 8", "The concentrator says that its pool gave none, and the pool gave addresses before; but fewer are in use than it has.", "addresses in use against the size of the pool"},
    {108, Cause::address_pool_not_defined, probable, {concentrator_address_failed, pool_never_succeeded, pool_others_succeed}, {}, {}, {}, {Cause::address_method_not_selected},
     "step 8", "Nobody of this group ever got an address while other groups do.", "is a pool defined for the group?"},
    {109, Cause::address_method_not_selected, probable, {concentrator_address_failed, pool_never_succeeded}, {}, {}, {}, {Cause::address_pool_not_defined},
     "step 8", "Nobody of two or more users ever got an address since boot.", "Address Management > Assignment, then Pools"},
    {110, Cause::address_unavailable, certain, {concentrator_address_failed}, {}, {}, {}, {Cause::address_method_not_selected, Cause::address_pool_not_defined, Cause::address_pool_exhausted},
     "ex. 8-12", "The concentrator could not obtain an address; its log does not say why.", "method of assignment, pool definition, pool use, in that order"},
    {420, Cause::address_source_failed, probable, {concentrator_address_source_failed, pool_source_no_matter}, {}, {}, {}, {Cause::address_pool_exhausted, Cause::address_unavailable},
     "step 8", "The DHCP or AAA source gave no address; others got theirs from the pool then.", "does the pool that serves as fallback have free addresses?"},
    {111, Cause::address_unavailable, probable, {client_address_refused}, {}, {}, {}, {Cause::address_pool_exhausted, Cause::address_pool_not_defined, Cause::address_method_not_selected},
     "step 8", "The gateway answered the client's request without an address.", "the concentrator's log at the same minute"},

    // ---- After the address: policy, phase 2, adapter ------------------------------------------------------------
    {120, Cause::firewall_server_unavailable, certain, {}, {concentrator_firewall_server_down, client_firewall_server_down}, {}, {}, {},
     "policy", "The firewall server that the group requires is unavailable.", ""},
    {121, Cause::client_firewall_policy, certain, {}, {concentrator_firewall_refused, client_firewall_refused}, {}, {}, {},
     "policy", "The group demands a firewall that the client did not report.", ""},
    {122, Cause::client_version_refused, certain, {}, {concentrator_version_refused, client_version_refused}, {}, {}, {},
     "policy", "The client's type or version is not allowed.", ""},
    {123, Cause::split_tunnel_list_missing, certain, {concentrator_split_list_missing}, {}, {}, {}, {},
     "policy", "The split tunneling policy needs a network list and there is none.", ""},
    {124, Cause::session_limit_reached, probable, {client_login_limit}, {}, {}, {}, {Cause::user_login_limit},
     "policy", "The gateway told the client that no session or licence is left.", "the concentrator's session count"},
    {125, Cause::client_firewall_policy, guess, {client_policy_refused}, {}, {}, {}, {Cause::client_version_refused, Cause::aaa_attribute_invalid},
     "policy", "The gateway refused the client by its posture or access policy.", "which posture or access record matched"},
    {126, Cause::phase2_proposal_mismatch, certain, {concentrator_phase2_proposal_rejected}, {}, {}, {}, {},
     "phase 2", "The concentrator accepts none of the client's IPsec proposals.", ""},
    {127, Cause::phase2_network_mismatch, certain, {concentrator_phase2_network_rejected}, {}, {}, {}, {},
     "phase 2", "No policy of the concentrator covers the networks that were asked for.", ""},
    {131, Cause::undetermined, guess, {concentrator_install_failed}, {}, {}, {}, {Cause::phase2_proposal_mismatch, Cause::address_in_use, Cause::phase2_network_mismatch},
     "phase 2", "Both sides agreed, and the concentrator's own system refused to install the result; its log does not say why.", "the concentrator's system log: is an algorithm missing there, or the same policy installed already?"},
    {132, Cause::client_adapter_failed, probable, {client_install_failed}, {}, {}, {}, {Cause::phase2_proposal_mismatch},
     "phase 2", "Both sides agreed, and the client's own system refused to install the result.", "the client's system log: is an algorithm or a driver missing there?"},
    {128, Cause::phase2_network_mismatch, probable, {client_phase2_network_refused}, {}, {}, {}, {Cause::address_unavailable, Cause::phase2_proposal_mismatch},
     "phase 2", "The gateway refused the client's networks.", "the concentrator's log: is an address missing?"},
    {129, Cause::phase2_proposal_mismatch, probable, {client_phase2_refused}, {}, {}, {}, {Cause::client_firewall_policy, Cause::phase2_network_mismatch},
     "phase 2", "The gateway refused the client's phase 2 proposal.", "the concentrator's log of phase 2"},
    {130, Cause::client_adapter_failed, certain, {client_adapter_failed}, {}, {}, {}, {},
     "client", "The gateway did its part; the client's virtual adapter or driver failed.", ""},

    // ---- Step 3: the network in between, from what each side did not get ---------------------------------------
    {53, Cause::udp500_blocked, probable, {concentrator_path_dropped_ike, client_log_present}, {}, kPastPhase1 | FactMask{client_received_any}, {}, {Cause::public_filter_blocks},
     "step 3", "A firewall on the way logged that it dropped the client's IKE packet.", "the access list of that firewall"},
    {54, Cause::natt_udp4500_blocked, probable, {concentrator_path_dropped_natt, client_log_present}, {}, kPastPhase1 | FactMask{client_hash_failed, client_user_cancelled, client_no_proposal_notify, client_phase1_refused, client_auth_refused_notify}, {}, {Cause::public_filter_blocks},
     "step 3", "A firewall on the way logged that it dropped the client's packet to UDP/4500.", "the access list of that firewall"},
    {55, Cause::not_a_user_attempt, guess, {}, {concentrator_path_dropped_ike, concentrator_path_dropped_natt}, kPastPhase1 | FactMask{client_log_present}, {}, {Cause::udp500_blocked, Cause::natt_udp4500_blocked},
     "step 3", "A firewall dropped packets to a VPN port, as it drops those of every scanner; no client's log tells of an attempt.", "did a user try to connect from that address?"},
    {140, Cause::natt_udp4500_blocked, certain, {client_received_am2, client_sent_am3, concentrator_am3_timeout}, kNattPath, kPastPhase1 | FactMask{client_hash_failed, client_user_cancelled}, {}, {},
     "ex. 8-8, 8-9", "AM2 arrived, so UDP/500 is open both ways; the third message moved to UDP/4500 and never arrived.", ""},
    {141, Cause::natt_udp4500_blocked, certain, {client_used_udp4500, concentrator_saw_udp4500}, {client_not_responding, client_repeated_am3}, {client_xauth_prompted, client_xauth_answered, client_user_accepted, client_address_received, client_phase2_started, client_hash_failed, client_user_cancelled, concentrator_user_ok}, {}, {},
     "step 3", "The client's packets arrive on UDP/4500, the concentrator's answers on UDP/4500 do not come back.", ""},
    {149, Cause::natt_udp4500_blocked, probable, {concentrator_saw_udp4500, client_not_responding}, {concentrator_timed_out, concentrator_xauth_started}, {client_xauth_prompted, client_xauth_answered, client_user_accepted, client_address_received, client_phase2_started, client_hash_failed, concentrator_user_ok}, {}, {Cause::peer_lost},
     "step 3", "The client's packets arrive on UDP/4500; the client waits in vain for the answers.", "does anything arrive at the client on UDP/4500?"},
    {142, Cause::natt_udp4500_blocked, probable, {client_received_am2, client_sent_am3, client_peer_repeats_am2}, kNattPath, kPastPhase1 | FactMask{client_hash_failed, client_user_cancelled}, {}, {Cause::fragments_dropped},
     "ex. 8-8", "The gateway repeats AM2, so UDP/500 works both ways and the third message is what gets lost.", "the concentrator's log: AM_WAIT_MSG3, EV_TIMEOUT"},
    {143, Cause::natt_udp4500_blocked, probable, {client_used_udp4500}, {client_not_responding, client_repeated_am3}, kPastPhase1 | FactMask{client_hash_failed, client_user_cancelled}, {}, {Cause::fragments_dropped, Cause::group_password_mismatch},
     "step 3", "Everything passed on UDP/500; since the move to UDP/4500 nothing came back.", "the concentrator's log: does anything arrive on UDP/4500?"},
    {144, Cause::fragments_dropped, guess, {client_received_am2, client_sent_am3, client_peer_repeats_am2}, {}, kPastPhase1 | kNattPath | FactMask{client_hash_failed, client_user_cancelled}, {}, {Cause::natt_udp4500_blocked},
     "step 3", "The gateway repeats AM2 although no NAT traversal is in play: the third message is lost on the way.", "a packet capture of the third message"},
    {145, Cause::concentrator_no_route_back, probable, {concentrator_saw_am1, client_not_responding, concentrator_other_peers_seen}, {client_repeated_am1, concentrator_saw_am1_again}, kPastPhase1 | FactMask{client_received_any, concentrator_saw_udp4500}, {concentrator_others_get_through}, {Cause::udp500_blocked},
     "step 1 b", "First messages of several clients arrive and no answer of the concentrator reaches any of them.", "the concentrator's default gateway"},
    {146, Cause::udp500_blocked, probable, {concentrator_saw_am1, client_not_responding, concentrator_others_get_through}, {client_repeated_am1, concentrator_saw_am1_again}, kPastPhase1 | FactMask{client_received_any, concentrator_saw_udp4500}, {}, {Cause::concentrator_no_route_back},
     "step 3", "The first message arrives, its answer does not come back, and other clients do get answers: the way back to this one is blocked.", "a UDP traceroute from the concentrator to the client"},
    {147, Cause::udp500_blocked, guess, {concentrator_saw_am1, client_not_responding}, {client_repeated_am1, concentrator_saw_am1_again}, kPastPhase1 | FactMask{client_received_any, concentrator_saw_udp4500}, {}, {Cause::concentrator_no_route_back},
     "step 3", "The first message arrives at the concentrator and its answer does not come back to the client.", "do other clients get answers from this concentrator?"},
    {148, Cause::natt_udp4500_blocked, probable, {concentrator_group_found, concentrator_repeats_am2, client_not_responding}, {concentrator_am3_timeout, concentrator_timed_out}, kPastPhase1 | FactMask{client_received_am2, client_hash_failed, client_decrypt_failed, client_user_cancelled, concentrator_saw_am1_again, concentrator_saw_udp4500, concentrator_key_mismatch}, {}, {Cause::group_password_mismatch, Cause::fragments_dropped},
     "step 3", "The client did not repeat its first message, so it had been answered; what it sent next never arrived.", "does anything of the client arrive on UDP/4500?"},

    // ---- Client only words for a refusal in phase 1 -------------------------------------------------------------
    {150, Cause::ike_proposal_mismatch, guess, {client_no_proposal_notify}, {}, kPastPhase1, {}, {Cause::group_name_unknown},
     "step 5", "The gateway told the client that no proposal was chosen; some answer an unknown peer so.", "the concentrator's log of phase 1"},
    {155, Cause::group_lock_violation, guess, {client_user_accepted, client_auth_refused_notify}, {}, {client_hash_failed}, {}, {Cause::user_rejected_unspecified, Cause::group_password_mismatch, Cause::certificate_rejected},
     "table 8-6 row 3", "The gateway accepted the user's login and then refused the authentication as a whole.", "the concentrator's log: is the user a member of the group?"},
    {153, Cause::user_rejected_unspecified, probable, {client_xauth_failed}, {}, {}, {}, {Cause::user_password_wrong, Cause::aaa_server_unreachable, Cause::group_lock_violation},
     "step 7", "The client was told that authentication failed; it is never told why.", "the concentrator's or the authentication server's log"},
    {156, Cause::user_rejected_unspecified, guess, {client_xauth_prompted, client_auth_refused_notify}, {}, {client_hash_failed}, {}, {Cause::user_unknown, Cause::user_password_wrong, Cause::group_lock_violation, Cause::group_name_unknown},
     "step 7", "The gateway asked who the user is and then refused the authentication.", "the concentrator's or the authentication server's log"},
    {151, Cause::group_name_unknown, guess, {client_auth_refused_notify}, {}, {client_hash_failed}, {}, {Cause::user_rejected_unspecified, Cause::group_lock_violation, Cause::group_password_mismatch, Cause::certificate_rejected},
     "step 6", "The gateway refused the authentication and did not say of whom.", "the concentrator's log: group or user?"},
    {152, Cause::group_name_unknown, guess, {client_phase1_refused}, {}, kPastPhase1, {}, {Cause::ike_proposal_mismatch},
     "step 6", "The gateway answered phase 1 with an error that the client does not explain.", "the concentrator's log of phase 1"},
    {198, Cause::group_password_mismatch, guess, {concentrator_sent_refusal}, {}, kPastPhase1 | FactMask{concentrator_xauth_started}, {}, {Cause::group_name_unknown, Cause::ike_auth_method_mismatch, Cause::ike_proposal_mismatch, Cause::certificate_rejected},
     "step 6", "The concentrator refused phase 1, and its log does not say why.", "the concentrator's log of phase 1 at a higher level"},
    {199, Cause::ike_proposal_mismatch, guess, {concentrator_sent_no_proposal}, {}, kPastPhase1, {}, {Cause::ike_auth_method_mismatch, Cause::ike_not_enabled, Cause::group_name_unknown},
     "step 5", "The concentrator answered that no proposal fits; its log does not say what does not.", "the concentrator's log of phase 1 at a higher level"},
    {154, Cause::user_rejected_unspecified, guess, {client_xauth_prompted_again}, kClientGaveUp, {client_user_accepted, client_phase2_started}, {}, {Cause::user_password_wrong, Cause::aaa_server_unreachable},
     "step 7", "The user was asked again, so the first answer was not accepted.", "the concentrator's log"},

    {186, Cause::user_rejected_unspecified, guess, {client_xauth_answered, client_failed}, {}, {client_user_accepted, client_mode_config_started, client_phase2_started, client_address_received, client_not_responding, client_user_cancelled, client_terminated_by_peer}, {}, {Cause::user_password_wrong, Cause::aaa_server_unreachable, Cause::group_lock_violation},
     "step 7", "The attempt failed right after the user's answer was sent.", "the concentrator's or the authentication server's log"},

    // ---- Waiting in vain ----------------------------------------------------------------------------------------
    {160, Cause::user_cancelled, probable, {}, {client_deleted, client_stopped}, {client_received_data, client_not_responding, client_failed, client_xauth_answered, client_user_accepted, client_address_received, client_terminated_by_peer, client_got_delete, client_peer_repeats_am2, client_repeated_am3, client_sent_am3}, {}, {Cause::xauth_timeout},
     "step 7", "The client ended the negotiation itself before anything had failed.", "did the user cancel?"},
    {161, Cause::user_cancelled, probable, {client_sent_am3, client_xauth_prompted}, {client_deleted, client_stopped}, {client_xauth_answered, client_user_accepted, client_not_responding, client_terminated_by_peer}, {}, {Cause::xauth_timeout},
     "step 7", "The client ended the negotiation while the user was being asked.", "did the user cancel?"},
    {162, Cause::xauth_timeout, probable, {client_xauth_prompted}, {client_silent, client_got_delete, client_terminated_by_peer, concentrator_timed_out, concentrator_xauth_unanswered}, {client_xauth_answered, client_user_accepted, client_not_responding, concentrator_user_ok}, {}, {Cause::user_cancelled},
     "step 7", "The user was asked and no answer was sent.", "did the user see the prompt?"},
    {163, Cause::xauth_timeout, guess, {concentrator_xauth_started}, {concentrator_xauth_unanswered, concentrator_timed_out}, {concentrator_user_ok, client_xauth_answered, client_log_present}, {}, {Cause::user_cancelled, Cause::natt_udp4500_blocked, Cause::peer_lost},
     "step 7", "The concentrator asked for the user and got no answer; only the client's log tells why.", "the client's log: was the user asked?"},
    {168, Cause::user_cancelled, guess, {concentrator_xauth_started, client_log_present}, {concentrator_xauth_unanswered, concentrator_timed_out}, {concentrator_user_ok, client_xauth_answered, client_not_responding, client_failed, client_terminated_by_peer, client_hash_failed}, {}, {Cause::xauth_timeout, Cause::peer_lost, Cause::natt_udp4500_blocked},
     "step 7", "The concentrator asked for the user; the client's log stops without an answer and without a complaint.", "was the client stopped at the prompt?"},
    {169, Cause::user_cancelled, guess, {client_log_present, concentrator_group_found}, {concentrator_am3_timeout, concentrator_timed_out}, kPastPhase1 | FactMask{client_sent_am3, client_not_responding, client_failed, client_terminated_by_peer, client_hash_failed, client_decrypt_failed, client_repeated_am1, client_repeated_am3, client_peer_repeats_am2, concentrator_saw_udp4500}, {}, {Cause::natt_udp4500_blocked, Cause::peer_lost},
     "step 7", "The concentrator waited for a client whose own log stops without a complaint.", "was the client stopped?"},
    {185, Cause::user_cancelled, guess, {client_log_present, concentrator_user_ok, concentrator_timed_out}, {}, {client_address_received, client_phase2_started, client_not_responding, client_failed, client_terminated_by_peer, client_got_delete, concentrator_address_assigned, concentrator_phase2_done}, {}, {Cause::peer_lost, Cause::natt_udp4500_blocked},
     "step 7", "The user was accepted, then the concentrator waited in vain; the client's log stops without a complaint.", "was the client stopped, or did it lose its network?"},
    {164, Cause::peer_lost, probable, {client_not_responding}, {client_phase1_done, client_xauth_answered, client_user_accepted, client_address_received, client_phase2_started}, {client_connected}, {}, {Cause::natt_udp4500_blocked},
     "set-up", "The gateway fell silent after phase 1.", "was the path lost, or the session dropped by the concentrator?"},
    {167, Cause::peer_lost, probable, {concentrator_lost_peer}, {}, {client_connected, client_keepalive, concentrator_phase2_done, concentrator_connected}, {}, {Cause::natt_udp4500_blocked},
     "set-up", "Contact with the other end was lost before the tunnel was up.", "was the path lost, or only one direction of it?"},
    {188, Cause::phase2_proposal_mismatch, guess, {client_phase2_unanswered}, {}, {client_connected, concentrator_phase2_done}, {}, {Cause::phase2_network_mismatch, Cause::peer_lost},
     "phase 2", "The gateway answered all of phase 1 and not the phase 2 proposal; silence does not say why.", "the concentrator's log of phase 2: did the proposal arrive, and was it refused?"},
    {165, Cause::ike_over_tcp_blocked, probable, {client_tcp_started}, {client_not_responding, client_failed, client_tcp_failed, client_silent}, {client_received_any, client_xauth_prompted}, {}, {Cause::concentrator_unreachable},
     "step 3", "The profile uses IPsec over TCP and no answer came.", "can the client reach the TCP port?"},
    {166, Cause::ike_over_tcp_blocked, probable, {client_tcp_failed}, {}, {client_received_any, client_tcp_started}, {}, {Cause::concentrator_unreachable},
     "step 3", "The TCP connection for IPsec over TCP was not established.", "can the client reach the TCP port?"},
    {157, Cause::natt_udp4500_blocked, guess, {client_sent_am3, client_natt_offered}, {client_not_responding}, kPastPhase1 | FactMask{client_hash_failed, client_decrypt_failed, client_user_cancelled, client_auth_refused_notify, client_phase1_refused}, {}, {Cause::group_password_mismatch, Cause::fragments_dropped},
     "step 3", "The client's last phase 1 message got no answer, where NAT traversal moves it to UDP/4500.", "the concentrator's log: did that message arrive, and could it be read?"},
    {158, Cause::fragments_dropped, guess, {client_uses_certificate, client_sent_am3}, {client_repeated_am3, client_not_responding}, kPastPhase1 | kNattPath | FactMask{client_decrypt_failed, client_user_cancelled, client_auth_refused_notify, client_phase1_refused, client_terminated_by_peer}, {}, {Cause::certificate_rejected, Cause::peer_lost},
     "step 3", "The message with the client's certificate, a large one, got no answer; the small ones before it did.", "the concentrator's log: did that message arrive, and was the certificate accepted?"},
    {190, Cause::natt_udp4500_blocked, guess, {client_sent_am3}, {client_not_responding, concentrator_am3_timeout, concentrator_timed_out}, kPastPhase1 | FactMask{client_hash_failed, client_decrypt_failed, client_user_cancelled, client_auth_refused_notify, client_phase1_refused, client_no_proposal_notify, client_terminated_by_peer, concentrator_xauth_started, concentrator_saw_udp4500}, {}, {Cause::group_password_mismatch, Cause::fragments_dropped},
     "step 3", "The client sent its last phase 1 message and got no answer; whether it moved to UDP/4500 its log does not say.", "the concentrator's log: did that message arrive, and could it be read?"},
    {197, Cause::natt_udp4500_blocked, guess, {concentrator_proposal_accepted, client_not_responding}, {concentrator_am3_timeout, concentrator_timed_out}, kPastPhase1 | FactMask{client_repeated_am1, client_hash_failed, client_decrypt_failed, client_user_cancelled, client_auth_refused_notify, client_phase1_refused, client_no_proposal_notify, client_terminated_by_peer, concentrator_saw_am1_again, concentrator_saw_udp4500, concentrator_key_mismatch}, {}, {Cause::udp500_blocked, Cause::concentrator_no_route_back},
     "step 3", "The concentrator answered and waited for the third message, the client waited, too: one of the two got lost.", "the client's log at a higher level: did it receive the answer?"},
    {194, Cause::natt_udp4500_blocked, guess, {client_sent_am3, client_not_responding}, {concentrator_phase1_done, concentrator_xauth_started, concentrator_phase2_done}, {client_phase1_done, client_xauth_prompted, client_xauth_answered, client_user_accepted, client_address_received, client_phase2_started, client_connected}, {}, {Cause::fragments_dropped, Cause::peer_lost},
     "step 3", "The client's last message arrived and was answered; the answers do not come back.", "is UDP/4500 open towards the client, and do large packets get through?"},

    // ---- Step 3 and 1: silence ----------------------------------------------------------------------------------
    {170, Cause::public_filter_blocks, probable, {client_sent_am1, concentrator_other_peers_seen, concentrator_many_networks_silent}, {}, {}, {client_received_any, concentrator_saw_am1}, {Cause::udp500_blocked},
     "step 4", "Several unrelated networks fail at once while the concentrator is reachable.", "what changed on the public interface's filter?"},
    {171, Cause::udp500_blocked, probable, {client_sent_am1, concentrator_other_peers_seen}, {}, {}, {client_received_any, concentrator_saw_am1}, {Cause::public_filter_blocks, Cause::gateway_address_wrong},
     "step 3", "The client sends, the concentrator logs other clients' packets and none of this one.", "a UDP traceroute from each end"},
    {172, Cause::concentrator_unreachable, probable, {client_sent_am1, concentrator_log_present}, {}, {}, {client_received_any, concentrator_saw_am1, concentrator_other_peers_seen}, {Cause::udp500_blocked, Cause::public_filter_blocks},
     "step 1", "The client sends, nothing of any client arrives at the concentrator.", "ping the concentrator from the client"},
    {177, Cause::concentrator_unreachable, guess, {client_uses_tls}, {client_not_responding, client_host_unreachable, client_port_refused}, {client_received_any}, {}, {Cause::gateway_address_wrong, Cause::client_no_network},
     "step 1", "The client's TLS connection to the gateway got no answer.", "can the client reach TCP/443 of the gateway?"},
    {173, Cause::gateway_address_wrong, guess, {client_port_refused}, {}, {client_received_any}, {}, {Cause::ike_not_enabled, Cause::concentrator_unreachable},
     "step 1", "The address answers that nothing listens on the IKE port.", "does the address belong to a concentrator that runs IKE?"},
    {174, Cause::udp500_blocked, guess, {client_host_unreachable}, {}, {client_received_any}, {}, {Cause::concentrator_unreachable, Cause::gateway_address_wrong},
     "step 3", "A router on the way answered that the gateway may not or cannot be reached.", "which router refused, and is UDP/500 permitted there?"},
    {175, Cause::udp500_blocked, guess, {client_sent_am1}, {client_not_responding, client_failed, client_silent, client_repeated_am1}, kPastPhase1 | FactMask{client_received_any, concentrator_saw_am1}, {}, {Cause::concentrator_unreachable, Cause::group_name_unknown, Cause::public_filter_blocks, Cause::gateway_address_wrong},
     "step 3", "The client sends and hears nothing; only the concentrator's log can say whether the packet arrived.", "ping the gateway, then look for the client's address in the concentrator's log at debug level"},
    {176, Cause::client_not_sending, probable, {client_started}, {client_failed}, kPastPhase1 | FactMask{client_sent_am1, client_received_any, client_not_responding, client_terminated_by_peer, client_connected, client_uses_tls}, {}, {Cause::client_no_network, Cause::client_port_in_use},
     "step 2", "The client gave up without having sent an IKE message.", "the client's log at a higher level"},

    // ---- The concentrator alone, and what is left -------------------------------------------------------------
    {180, Cause::concentrator_no_route_back, guess, {concentrator_saw_am1_again}, {concentrator_am3_timeout, concentrator_timed_out}, kPastPhase1 | FactMask{client_received_am2, client_log_present, concentrator_saw_udp4500}, {}, {Cause::udp500_blocked, Cause::natt_udp4500_blocked, Cause::group_password_mismatch, Cause::user_cancelled},
     "step 1 b", "The client repeated its first message although it had been answered: the answer did not reach it.", "the client's log: did it receive AM2?"},
    {181, Cause::natt_udp4500_blocked, guess, {}, {concentrator_am3_timeout, concentrator_timed_out}, kPastPhase1 | FactMask{client_received_am2, client_log_present, concentrator_xauth_started, concentrator_saw_udp4500}, {}, {Cause::concentrator_no_route_back, Cause::group_password_mismatch, Cause::user_cancelled, Cause::not_a_user_attempt},
     "ex. 8-9", "The concentrator waited for the third message; five causes end so.", "the client's log: did it receive AM2, and did its hash check fail?"},
    {182, Cause::address_unavailable, guess, {client_terminated_by_peer}, {client_user_accepted, client_phase2_started, client_address_received}, {client_connected}, {}, {Cause::client_firewall_policy, Cause::phase2_proposal_mismatch, Cause::group_lock_violation},
     "step 8", "The gateway ended the negotiation after it had accepted the user and gave no reason.", "the concentrator's log at the same minute"},
    {183, Cause::group_lock_violation, guess, {client_terminated_by_peer}, {client_xauth_answered}, {client_user_accepted, client_phase2_started, client_address_received, client_connected}, {}, {Cause::user_rejected_unspecified, Cause::address_unavailable, Cause::client_firewall_policy, Cause::user_login_limit},
     "table 8-6 row 3", "The gateway ended the negotiation after the login and gave no reason.", "the concentrator's log at the same minute"},
    {187, Cause::natt_udp4500_blocked, guess, {client_received_any, client_not_responding}, {}, kPastPhase1 | FactMask{client_sent_am1, client_connected, client_hash_failed, client_decrypt_failed, client_uses_tls, client_tcp_started}, {}, {Cause::peer_lost, Cause::group_lock_violation, Cause::group_password_mismatch},
     "ex. 8-8", "The gateway had answered, so UDP/500 is open both ways; then it fell silent.", "what did the client send and receive last, and was the user asked?"},
    {184, Cause::udp500_blocked, guess, {client_not_responding}, {}, kPastPhase1 | FactMask{client_received_any, concentrator_saw_am1, client_sent_am1, client_tcp_started, client_used_udp4500, client_port_refused, client_host_unreachable}, {}, {Cause::concentrator_unreachable, Cause::group_name_unknown, Cause::group_lock_violation, Cause::natt_udp4500_blocked},
     "table 8-6", "The client only says that the peer does not respond: several causes look so from there.", "the concentrator's log at the same minute"},
};

constexpr Rule kSessionRules[] = {
    {400, Cause::ipsec_data_blocked, probable, {client_sent_data, concentrator_received_no_data}, {}, {}, {}, {Cause::no_traffic_sent},
     "step 3", "The client put data into the tunnel and not one byte came out at the concentrator.", "is ESP (IP protocol 50) permitted?"},
    {401, Cause::ipsec_data_blocked, probable, {concentrator_sent_data, client_received_no_data}, {}, {}, {}, {Cause::mtu_blackhole},
     "step 3", "The concentrator put data into the tunnel and not one byte came out at the client.", "is ESP (IP protocol 50) permitted towards the client?"},
    {402, Cause::no_traffic_returning, probable, {concentrator_received_data, concentrator_sent_no_data}, {}, {}, {}, {Cause::internal_name_resolution},
     "after connect", "The client's data arrive, nothing is sent back to it.", "the inside route to the pool"},
    {403, Cause::ipsec_data_blocked, guess, {client_sent_data, client_received_no_data}, {}, {concentrator_received_data, concentrator_received_no_data, concentrator_sent_data}, {}, {Cause::no_traffic_returning},
     "step 3", "The client put data into the tunnel and nothing came back.", "the concentrator's byte counters of the session"},
    {404, Cause::ipsec_data_blocked, guess, {concentrator_received_no_data, concentrator_session_esp}, {}, {concentrator_session_short, concentrator_session_natt}, {}, {Cause::no_traffic_sent},
     "step 3", "Not one byte came from the client in a session that needs IP protocol 50.", "the client's byte counters"},
    {405, Cause::ipsec_data_blocked, guess, {client_connected, client_shows_data}, {client_ended_by_user, client_stopped}, {client_received_data}, {}, {Cause::no_traffic_sent, Cause::no_traffic_returning},
     "step 3", "The client's log names the first data out of the tunnel, and there was none.", "did the user use the tunnel at all?"},
    {410, Cause::peer_lost, certain, {}, {concentrator_lost_peer, client_lost_peer}, {}, {}, {},
     "after connect", "Contact with the other end was lost.", ""},
    {411, Cause::session_preempted, certain, {concentrator_session_preempted}, {}, {}, {}, {},
     "after connect", "A newer login of the same user replaced the session.", ""},
    {412, Cause::ended_by_shutdown, certain, {}, {concentrator_ended_by_shutdown, client_ended_by_shutdown}, {}, {}, {},
     "after connect", "The concentrator was shut down or rebooted.", ""},
    {413, Cause::ended_by_admin, certain, {}, {concentrator_ended_by_admin, client_ended_by_admin}, {}, {}, {},
     "after connect", "An administrator ended the session.", ""},
    {414, Cause::ended_by_policy, certain, {}, {concentrator_ended_by_policy, client_ended_by_policy}, {}, {}, {},
     "after connect", "Idle time, maximum time or lifetime ended the session.", ""},
    {415, Cause::no_traffic_sent, guess, {concentrator_received_no_data, concentrator_sent_no_data}, {}, {concentrator_session_short}, {}, {Cause::ipsec_data_blocked},
     "after connect", "No byte passed in either direction.", "was the target in the network list?"},
    {416, Cause::ended_by_user, certain, {}, {concentrator_ended_by_user, client_ended_by_user}, {}, {}, {},
     "after connect", "The user disconnected.", ""},
    {421, Cause::peer_lost, probable, {client_not_responding}, {client_connected, client_received_data, client_keepalive}, {}, {}, {},
     "after connect", "The tunnel stood, and then the other end answered nothing more.", "the concentrator's log of that minute"},
};
// clang-format on

// ---- The table proves itself ---------------------------------------------------------------------------------
// The least evidence of a rule: all_of, one of any_of, absent known false, nothing else known.
constexpr Facts least_evidence(const Rule& rule, Fact one_of_any, bool has_any) {
  Facts facts{rule.all_of, rule.absent};
  if (has_any) facts.known_true.insert(one_of_any);
  return facts;
}

template <std::size_t N>
constexpr const Rule* winner(const Rule (&rules)[N], const Facts& facts) {
  for (const Rule& rule : rules)
    if (state_of(rule, facts) == RuleState::fires) return &rule;
  return nullptr;
}

// Id of the first rule that some earlier rule takes all of its least evidence from; 0 when there is none.
template <std::size_t N>
constexpr int first_shadowed(const Rule (&rules)[N]) {
  for (const Rule& rule : rules) {
    if (rule.any_of.empty()) {
      if (winner(rules, least_evidence(rule, Fact{}, false)) != &rule) return rule.id;
      continue;
    }
    for (std::size_t i = 0; i < kFactCount; ++i) {
      const Fact fact = static_cast<Fact>(i);
      if (rule.any_of.has(fact) && winner(rules, least_evidence(rule, fact, true)) != &rule) return rule.id;
    }
  }
  return 0;
}

template <std::size_t N>
constexpr bool ids_unique(const Rule (&rules)[N]) {
  for (std::size_t i = 0; i < N; ++i)
    for (std::size_t j = i + 1; j < N; ++j)
      if (rules[i].id == rules[j].id) return false;
  return true;
}

constexpr bool guesses_list_alternatives() {
  for (const Rule& rule : kConnectRules)
    if (rule.grade != certain && (rule.next_check.empty() || (rule.grade == guess && rule.alternatives.size == 0))) return false;
  for (const Rule& rule : kSessionRules)
    if (rule.grade != certain && rule.next_check.empty()) return false;
  return true;
}

constexpr bool every_cause_has_a_rule() {
  for (const CauseRow& row : kCauses) {
    if (row.kind == CauseKind::outcome || row.cause == Cause::mtu_blackhole || row.cause == Cause::internal_name_resolution)
      continue;  // outcomes are no rules; these two need the user's words, no log line proves them
    bool found = false;
    for (const Rule& rule : kConnectRules) found = found || rule.cause == row.cause;
    for (const Rule& rule : kSessionRules) found = found || rule.cause == row.cause;
    if (!found) return false;
  }
  return true;
}

constexpr bool cause_rows_match_their_enumerators() {
  for (std::size_t i = 0; i < kCauseCount; ++i)
    if (kCauses[i].cause != static_cast<Cause>(i)) return false;
  return true;
}

template <int Id>
constexpr bool no_rule_is_shadowed() {
  static_assert(Id == 0, "the rule with this id is shadowed by an earlier one");
  return true;
}
static_assert(no_rule_is_shadowed<first_shadowed(kConnectRules)>());
static_assert(no_rule_is_shadowed<first_shadowed(kSessionRules)>());
static_assert(ids_unique(kConnectRules) && ids_unique(kSessionRules));
static_assert(guesses_list_alternatives(), "a guess lists alternatives and the check that would settle it");
static_assert(every_cause_has_a_rule());
static_assert(cause_rows_match_their_enumerators());

}  // namespace

std::span<const Rule> connect_rules() { return kConnectRules; }
std::span<const Rule> session_rules() { return kSessionRules; }

const Rule* rule_with_id(int id) {
  for (const Rule& rule : kConnectRules)
    if (rule.id == id) return &rule;
  for (const Rule& rule : kSessionRules)
    if (rule.id == id) return &rule;
  return nullptr;
}

const Rule* first_firing(std::span<const Rule> rules, const Facts& facts) {
  for (const Rule& rule : rules)
    if (facts.known_true.contains(rule.all_of) && state_of(rule, facts) == RuleState::fires) return &rule;
  return nullptr;
}

std::string_view step_title(int step) {
  static constexpr std::string_view kTitles[] = {
      "Not a step of the chapter: outcomes and what happens after connecting",
      "Step 1. Connectivity between client and concentrator",
      "Step 2. IKE packets are exchanged",
      "Step 3. The firewall in between",
      "Step 4. The filter on the public interface",
      "Step 5. IKE proposal",
      "Step 6. Group authentication",
      "Step 7. User authentication",
      "Step 8. Address assignment, policy and phase 2"};
  return step >= 0 && step <= 8 ? kTitles[step] : kTitles[0];
}

}  // namespace vpnverdict
