#include "pipeline/generate_script.h"

#include <cstdio>
#include <initializer_list>

namespace vpnverdict {
namespace {

using enum Cause;

const std::vector<Cause> kSilenceSet = {udp500_blocked, concentrator_unreachable, group_name_unknown,
                                        public_filter_blocks, concentrator_no_route_back};
const std::vector<Cause> kNoAm3Set = {natt_udp4500_blocked, concentrator_no_route_back, group_password_mismatch,
                                      user_cancelled, not_a_user_attempt};
// The client is told that the login failed, never why.
const std::vector<Cause> kLoginSet = {user_rejected_unspecified, user_password_wrong, user_unknown, user_account_expired,
                                      user_account_locked, user_login_limit, user_access_hours, aaa_server_unreachable,
                                      aaa_server_misconfigured, group_lock_violation, session_limit_reached};
// Everything that can end an attempt after the login without words for the client.
const std::vector<Cause> kAfterLoginSet = {
    group_lock_violation, user_rejected_unspecified, aaa_attribute_invalid, session_limit_reached, address_unavailable,
    address_method_not_selected, address_pool_not_defined, address_pool_exhausted, address_source_failed, address_in_use,
    client_firewall_policy, firewall_server_unavailable, client_version_refused, split_tunnel_list_missing,
    phase2_proposal_mismatch, phase2_network_mismatch, tunnel_type_not_permitted, peer_lost, undetermined};
const std::vector<Cause> kAddressSet = {address_unavailable, address_method_not_selected, address_pool_not_defined,
                                        address_pool_exhausted, address_source_failed, address_in_use};

std::vector<Cause> with(std::vector<Cause> set, std::initializer_list<Cause> more) {
  set.insert(set.begin(), more.begin(), more.end());
  return set;
}

std::string hex(std::uint64_t value, int digits, bool upper) {
  char text[24];
  std::snprintf(text, sizeof text, upper ? "%0*llX" : "%0*llx", digits, static_cast<unsigned long long>(value));
  return text;
}

// ---- the two pens ---------------------------------------------------------------------------------------------

void client(Play& p, std::string_view level, std::string_view event, std::string text) {
  p.client.push_back({p.t, "Sev=" + std::string(level) + '\t' + std::string(event), std::move(text)});
  p.t += p.random.between(0, 4);
}
void transcript(Play& p, std::string text) {
  p.client.push_back({p.t, "", std::move(text)});
  p.t += p.random.between(5, 40);
}
void box(Play& p, int severity, std::string_view message, std::string text) {
  p.boxes.push_back({p.t, p.box, severity, std::string(message), p.who.peer, std::move(text)});
}
void box_no_peer(Play& p, int severity, std::string_view message, std::string text) {
  p.boxes.push_back({p.t, p.box, severity, std::string(message), "", std::move(text)});
}
std::string in_group(const Play& p) { return "Group [" + p.group + "] "; }
std::string in_user(const Play& p) { return "Group [" + p.group + "] User [" + p.user + "] "; }

void flight(Play& p) { p.t += p.random.between(15, 90); }  // one way through the network
void wait(Play& p, Timestamp low, Timestamp high) { p.t += p.random.between(low, high); }

void client_sends(Play& p, std::string_view what) {
  client(p, "Info/4", "IKE/0x63000013", "SENDING >>> ISAKMP OAK " + std::string(what) + " to " + p.gateway);
}
void client_receives(Play& p, std::string_view what) {
  client(p, "Info/5", "IKE/0x6300002F", "Received ISAKMP packet: peer = " + p.gateway);
  client(p, "Info/4", "IKE/0x63000014", "RECEIVING <<< ISAKMP OAK " + std::string(what) + " from " + p.gateway);
}
void client_ends(Play& p, std::string_view who, std::string_view reason) {
  client(p, "Info/4", "GUI/0x63B0000D", "Secure VPN Connection terminated " + std::string(who) + ".\nReason " + std::string(reason));
}
void client_marks(Play& p, std::string_view verb, bool answered, std::string_view reason) {
  client(p, "Info/4", "IKE/0x6300004B",
         std::string(verb) + "  (I_Cookie=" + hex(p.cookie, 16, true) + " R_Cookie=" +
             hex(answered ? spread(p.cookie) : 0, 16, true) + ") reason = " + std::string(reason));
}
void box_received(Play& p, std::uint32_t message_id, std::string_view payloads, std::int64_t length) {
  box(p, 8, "IKEDBG/0",
      "RECEIVED Message (msgid=" + hex(message_id, message_id == 0 ? 1 : 8, false) + ") with payloads :\nHDR + " +
          std::string(payloads) + " + NONE (0) ... total length : " + std::to_string(length));
}
void box_sending(Play& p, std::uint32_t message_id, std::string_view payloads, std::int64_t length) {
  box(p, 8, "IKEDBG/81",
      "SENDING Message (msgid=" + hex(message_id, message_id == 0 ? 1 : 8, false) + ") with payloads :\nHDR + " +
          std::string(payloads) + " ... total length : " + std::to_string(length));
}

// ---- stages of an attempt ---------------------------------------------------------------------------------------

void client_begins(Play& p) {
  p.cookie = p.random.next();
  client(p, "Info/4", "CM/0x63100002", "Begin connection process");
  client(p, "Info/4", "CM/0x63100004", "Establish secure connection");
  client(p, "Info/4", "CM/0x63100024", "Attempt connection with server \"" + p.gateway + "\"");
  client(p, "Info/6", "IKE/0x6300003B", "Attempting to establish a connection with " + p.gateway + ".");
}
void client_am1(Play& p) {
  client(p, "Info/4", "IKE/0x63000001", "Starting IKE Phase 1 Negotiation");
  client_sends(p, p.natt ? "AG (SA, KE, NON, ID, VID(Xauth), VID(dpd), VID(Frag), VID(Nat-T), VID(Unity))"
                         : "AG (SA, KE, NON, ID, VID(Xauth), VID(dpd), VID(Frag), VID(Unity))");
}
void box_am1(Play& p) {
  box_received(p, 0,
               "SA (1) + KE (4) + NONCE (10) + ID (5) + VENDOR (13) + VENDOR (13) + VENDOR (13) + VENDOR (13) + VENDOR (13)",
               850 + static_cast<std::int64_t>(p.group.size()));
  box(p, 9, "IKEDBG/0", "processing SA payload");
}
void box_proposal_ok(Play& p) {
  box(p, 7, "IKEDBG/0", "Oakley proposal is acceptable");
  box(p, 9, "IKEDBG/23", "Starting group lookup for peer " + p.who.peer);
}
void box_group_ok(Play& p) {
  const std::string handle = std::to_string(p.fleet.boxes[p.box].handle++);
  box_no_peer(p, 8, "AUTHDBG/1", "AUTH_Open() returns " + handle);
  box_no_peer(p, 7, "AUTH/12", "Authentication session opened: handle = " + handle);
  p.t += 10;
  box(p, 6, "AUTH/41", "Authentication successful: handle = " + handle + ", server = Internal, group = " + p.group);
  box(p, 7, "IKEDBG/0", in_group(p) + "\nFound Phase 1 Group (" + p.group + ")");
  box(p, 7, "IKEDBG/14", in_group(p) + "\nAuthentication configured for Internal");
  box_no_peer(p, 7, "AUTH/13", "Authentication session closed: handle = " + handle);
}
void box_am2(Play& p) {
  wait(p, 20, 120);
  box_sending(p, 0, "SA (1) + KE (4) + NONCE (10) + ID (5) + HASH (8) + VENDOR (13) + VENDOR (13) + VENDOR (13) + VENDOR (13)", 448);
}
void client_am2(Play& p) {
  flight(p);
  client_receives(p, p.natt ? "AG (SA, KE, NON, ID, HASH, VID(Unity), VID(Xauth), VID(dpd), VID(Nat-T), NAT-D, NAT-D, VID(Frag), "
                              "VID(?), VID(?))"
                            : "AG (SA, KE, NON, ID, HASH, VID(Unity), VID(Xauth), VID(dpd), VID(Frag), VID(?), VID(?))");
}
void client_am3(Play& p) {
  client(p, "Info/5", "IKE/0x63000001", "Peer is a Cisco-Unity compliant peer");
  client(p, "Info/5", "IKE/0x63000001", "Peer supports XAUTH");
  client(p, "Info/5", "IKE/0x63000001", "Peer supports DPD");
  if (p.natt) client(p, "Info/5", "IKE/0x63000001", "Peer supports NAT-T");
  client_sends(p, p.natt ? "AG *(HASH, NOTIFY:STATUS_INITIAL_CONTACT, NAT-D, NAT-D, VID(?), VID(Unity))"
                         : "AG *(HASH, NOTIFY:STATUS_INITIAL_CONTACT, VID(?), VID(Unity))");
}
void to_am2(Play& p) {
  client_begins(p);
  client_am1(p);
  flight(p);
  box_am1(p);
  box_proposal_ok(p);
  box_group_ok(p);
  box_am2(p);
}
void to_phase1(Play& p) {
  to_am2(p);
  client_am2(p);
  client_am3(p);
  if (p.natt) {
    client(p, "Info/4", "IKE/0x63000083",
           "IKE Port in use - Local Port =  0x" + hex(p.random.below(60'000) + 1'024, 4, true) + ", Remote Port = 0x1194");
    client(p, "Info/5", "IKE/0x63000072",
           "Automatic NAT Detection Status:\n   Remote end is NOT behind a NAT device\n   This   end IS behind a NAT device");
  }
  client(p, "Info/4", "CM/0x6310000E",
         "Established Phase 1 SA.  1 Crypto Active IKE SA, 0 User Authenticated IKE SA in the system");
  flight(p);
  box_received(p, 0, p.natt ? "HASH (8) + NOTIFY (11) + NAT-D (130) + NAT-D (130) + VENDOR (13) + VENDOR (13)"
                            : "HASH (8) + NOTIFY (11) + VENDOR (13) + VENDOR (13)",
               p.natt ? 168 : 120);
  if (p.natt)
    box(p, 6, "IKE/172",
        in_group(p) + "\nAutomatic NAT Detection Status:     Remote end   IS   behind a NAT device     This   end is NOT behind a NAT device");
}
std::uint32_t message_id(Play& p) { return static_cast<std::uint32_t>(p.random.between(0x10000000, 0xFFFFFFF0)); }

void xauth_asks(Play& p, std::uint32_t id) {
  p.t += 10;
  box_sending(p, id, "HASH (8) + ATTR (14)", 76);
  flight(p);
  client_receives(p, "TRANS *(HASH, ATTR)");
  client(p, "Info/4", "CM/0x63100015", "Launch xAuth application");
}
// People type: seconds to a minute, now and then minutes.
Timestamp think(Play& p) {
  return p.random.permille(15) ? p.random.between(120'000, 210'000) : p.random.between(3'000, 45'000);
}
void xauth_answers(Play& p, std::uint32_t id) {
  p.t += think(p);
  client(p, "Info/4", "CM/0x63100017", "xAuth application returned");
  client_sends(p, "TRANS *(HASH, ATTR)");
  flight(p);
  box_received(p, id, "HASH (8) + ATTR (14)", 92);
}
std::string server_of(const Play& p) { return p.box % 3 == 0 ? "Internal" : "10.1.0." + std::to_string(5 + p.box % 4); }

void user_accepted(Play& p) {
  const std::string handle = std::to_string(p.fleet.boxes[p.box].handle++);
  box_no_peer(p, 8, "AUTHDBG/1", "AUTH_Open() returns " + handle);
  wait(p, 30, 300);
  box(p, 6, "AUTH/4", "Authentication successful: handle = " + handle + ", server = " + server_of(p) + ", user = " + p.user);
  p.t += 10;
  box(p, 7, "IKEDBG/14", in_user(p) + "\nAuthentication configured for " + (server_of(p) == "Internal" ? "Internal" : "RADIUS"));
  box(p, 4, "IKE/52", in_user(p) + "\nUser (" + p.user + ") authenticated.");
}
void user_rejected(Play& p, std::string_view reason) {
  const std::string handle = std::to_string(p.fleet.boxes[p.box].handle++);
  wait(p, 30, 400);
  box(p, 3, "AUTH/5",
      "Authentication rejected: Reason = " + std::string(reason) + " handle = " + handle + ", server = " + server_of(p) +
          ", user = " + p.user + ", domain = <not specified>");
}
void to_user(Play& p) {
  to_phase1(p);
  for (int i = 0; i <= p.typos; ++i) {
    const std::uint32_t id = message_id(p);
    xauth_asks(p, id);
    xauth_answers(p, id);
    if (i < p.typos) user_rejected(p, "Invalid password");
  }
}
void to_user_ok(Play& p) {
  to_user(p);
  user_accepted(p);
  flight(p);
  client_receives(p, "TRANS *(HASH, ATTR)");
  client_sends(p, "TRANS *(HASH, ATTR)");
  client(p, "Info/4", "CM/0x6310000E",
         "Established Phase 1 SA.  1 Crypto Active IKE SA, 1 User Authenticated IKE SA in the system");
  client(p, "Info/5", "IKE/0x6300005E", "Client sending a firewall request to concentrator");
  client_sends(p, "TRANS *(HASH, ATTR)");
  flight(p);
  const std::uint32_t id = message_id(p);
  box_received(p, id, "HASH (8) + ATTR (14)", 164);
  box(p, 9, "IKEDBG/53", in_user(p) + "\nMODE_CFG: Received request for IPV4 address!");
  box(p, 5, "IKE/184", in_user(p) + "\nClient Type: " + (p.who.linux_client ? "Linux" : "WinNT") +
                           "  Client Application Version: " + (p.who.patient ? "4.8.02.0010" : "5.0.07.0440"));
}
void to_address(Play& p, const std::string& address) {
  to_user_ok(p);
  p.t += 10;
  box(p, 6, "IKE/228", in_user(p) + "\nAssigned private IP address " + address + " to remote user");
  flight(p);
  client_receives(p, "TRANS *(HASH, ATTR)");
  client(p, "Info/5", "IKE/0x63000010", "MODE_CFG_REPLY: Attribute = INTERNAL_IPV4_ADDRESS: , value = " + address);
  client(p, "Info/5", "IKE/0x6300000E",
         "MODE_CFG_REPLY: Attribute = APPLICATION_VERSION, value = Cisco Systems, Inc./VPN 3000 Concentrator Version "
         "4.7.2.F built by vmurphy on Jun 10 2005 14:26:04");
  client(p, "Info/4", "CM/0x63100019", "Mode Config data received");
  flight(p);
  box(p, 4, "IKE/119", in_user(p) + "\nPHASE 1 COMPLETED");
  box(p, 6, "IKE/121", "Keep-alive type for this connection: DPD");
}
std::string inner_address(Play& p) {
  return "10." + std::to_string(20 + p.box) + '.' + std::to_string(p.random.below(256)) + '.' + std::to_string(p.random.between(1, 254));
}
void to_quick_mode(Play& p, const std::string& address, std::uint32_t id) {
  to_address(p, address);
  client(p, "Info/4", "IKE/0x63000056",
         "Received a key request from Driver: Local IP = " + address + ", GW IP = " + p.gateway + ", Remote IP = 0.0.0.0");
  client_sends(p, "QM *(HASH, SA, NON, ID, ID)");
  flight(p);
  box_received(p, id, "HASH (8) + SA (1) + NONCE (10) + ID (5) + ID (5)", 1028);
  box(p, 5, "IKE/25", in_user(p) + "\nReceived remote Proxy Host data in ID Payload: Address " + address + ", Protocol 0, Port 0");
  box(p, 5, "IKE/34",
      in_user(p) + "\nReceived local IP Proxy Subnet data in ID Payload: Address 0.0.0.0, Mask 0.0.0.0, Protocol 0, Port 0");
}
void phase2_completes(Play& p, std::uint32_t id) {
  const auto spi_in = static_cast<std::uint32_t>(p.random.between(0x01000000, 0xFFFFFFFF));
  const auto spi_out = static_cast<std::uint32_t>(p.random.between(0x01000000, 0xFFFFFFFF));
  box(p, 5, "IKE/66", in_user(p) + "\nIKE Remote Peer configured for SA: ESP-3DES-MD5");
  flight(p);
  client_receives(p, "QM *(HASH, SA, NON, ID, ID, NOTIFY:STATUS_RESP_LIFETIME)");
  client(p, "Info/5", "IKE/0x63000045", "RESPONDER-LIFETIME notify has value of 28800 seconds");
  client_sends(p, "QM *(HASH)");
  client(p, "Info/5", "IKE/0x63000059",
         "Loading IPsec SA (MsgID=" + hex(id, 8, true) + " OUTBOUND SPI = 0x" + hex(spi_in, 8, true) +
             " INBOUND SPI = 0x" + hex(spi_out, 8, true) + ")");
  flight(p);
  box(p, 4, "IKE/49", in_user(p) + "\nSecurity negotiation complete for User (" + p.user +
                          ")  Responder, Inbound SPI = 0x" + hex(spi_in, 8, false) + ", Outbound SPI = 0x" + hex(spi_out, 8, false));
  box(p, 4, "IKE/120", in_user(p) + "\nPHASE 2 COMPLETED (msgid=" + hex(id, 8, false) + ")");
}
void session_opens(Play& p, const std::string& address) {
  p.session.wanted = true;
  p.session.type = p.natt ? "IPSec/NAT-T" : "IPSec";
  p.session.connected_at = p.t;
  box_no_peer(p, 4, "AUTH/22", "User [" + p.user + "] Group [" + p.group + "] connected, Session Type: " + p.session.type);
  box(p, 6, "AUTH/92", "User [" + p.user + "] Sending ACCT-START for assigned IP " + address + " (Session ID=" +
                           hex(p.random.next() & 0xFFFFFFFF, 8, true) + ")");
}
void to_connected(Play& p) {
  const std::string address = inner_address(p);
  const std::uint32_t id = message_id(p);
  to_quick_mode(p, address, id);
  phase2_completes(p, id);
  session_opens(p, address);
  client(p, "Info/4", "CM/0x6310001A", "One secure connection established");
}

// ---- endings ----------------------------------------------------------------------------------------------------

void gives_up(Play& p, bool answered, std::string_view del_reason, std::string_view reason) {
  client_marks(p, answered ? "Marking IKE SA for deletion" : "Discarding IKE SA negotiation", answered, del_reason);
  client(p, "Info/4", "CM/0x63100014",
         "Unable to establish Phase 1 SA with server \"" + p.gateway + "\" because of \"" + std::string(del_reason) + "\"");
  if (del_reason == "DEL_REASON_PEER_NOT_RESPONDING")
    client(p, "Warning/2", "GUI/0xA3B00008", "GI VPN start callback failed \"CM_PEER_NOT_RESPONDING\" (16h).");
  client_ends(p, "locally by the Client", reason);
}
constexpr std::string_view kNotResponding = "412: The remote peer is no longer responding.";

// AM1 again and again, and nothing comes back. `heard`: the box logs each of them.
void knocks_in_vain(Play& p, bool heard) {
  client_begins(p);
  const Timestamp first = p.t;
  client_am1(p);
  for (int repeat = 1; repeat <= 3; ++repeat) {
    if (heard) {
      const Timestamp sent = p.t;
      flight(p);
      box_am1(p);
      p.t = sent;
    }
    p.t = first + repeat * kAm1RepeatMs + p.random.between(-20, 20);
    client(p, "Info/4", "IKE/0x63000021", "Retransmitting last packet");
    client_sends(p, "AG (Retransmission)");
  }
  p.t = first + (p.who.patient ? kPeerTimeoutMs : 4 * kAm1RepeatMs) + p.random.between(0, 300);
  gives_up(p, false, "DEL_REASON_PEER_NOT_RESPONDING", kNotResponding);
}

// The box waits for AM3 in vain, counted from its AM2 at `am2`.
void box_am3_timeout(Play& p, Timestamp am2) {
  const Timestamp now = p.t;
  p.t = am2 + kAm3WaitMs - p.random.between(0, 40);
  box(p, 7, "IKEDBG/65",
      in_group(p) + "\nIKE AM Responder FSM error history (struct &0x" + hex(p.random.between(0x6000000, 0x8FFFFFF), 7, false) +
          ")\nAM_DONE, EV_ERROR_CONT\nAM_DONE, EV_ERROR\nAM_WAIT_MSG3, EV_TIMEOUT\nAM_WAIT_MSG3, NullEvent");
  box_sending(p, message_id(p), "HASH (8) + DELETE (12)", 76);
  p.t = now;
}
void delete_arrives(Play& p, bool with_reason) { client_receives(p, with_reason ? "INFO *(HASH, DWR)" : "INFO *(HASH, DEL)"); }
void refused_by_peer(Play& p, std::string_view del_reason, std::string_view reason) {
  flight(p);
  delete_arrives(p, true);
  client_marks(p, "Marking IKE SA for deletion", true, del_reason);
  client_ends(p, "by Peer", reason);
}
constexpr std::string_view kUnspecified = "433: Reason not specified by peer.";

void tell(Play& p, Cause cause, Told both, Told client_only, Told box_only) {
  p.cause = cause;
  p.both = std::move(both);
  p.client_only = std::move(client_only);
  p.box_only = std::move(box_only);
}
// The concentrator names the cause at its default level; the client alone can only guess among `guesses`.
void box_names(Play& p, Cause cause, std::vector<Cause> guesses) {
  tell(p, cause, {Grade::certain, {cause}}, {Grade::guess, with(std::move(guesses), {cause})}, {Grade::certain, {cause}});
}
// The client names the cause itself; the concentrator has nothing to add.
void client_names(Play& p, Cause cause) {
  tell(p, cause, {Grade::certain, {cause}}, {Grade::certain, {cause}}, {Grade::guess, with(kNoAm3Set, {cause, undetermined})});
  p.box_decides = false;
}
void connected_told(Play& p) {
  const Told certain = {Grade::certain, {connected}};
  tell(p, connected, certain, certain, certain);
  p.outcome = Outcome::connected;
}

// ---- steps 1 and 2 ----------------------------------------------------------------------------------------------

void play_client_no_network(Play& p) {
  client_begins(p);
  wait(p, 100, 900);
  client_ends(p, "locally by the Client", "403: Unable to contact the security gateway.");
  client_names(p, client_no_network);
  p.both = p.client_only = {Grade::guess, {client_no_network, client_not_sending}};
}
void play_gateway_name_not_resolved(Play& p) {
  if (p.who.linux_client) {
    transcript(p, "Initializing the VPN connection.");
    transcript(p, "Secure VPN Connection terminated locally by the Client");
    transcript(p, "Reason: Unable to resolve server address.");
  } else {
    client(p, "Info/4", "CM/0x63100002", "Begin connection process");
    client(p, "Info/4", "CM/0x63100024", "Attempt connection with server \"" + p.fleet.boxes[p.box].name + ".example.com\"");
    wait(p, 2'000, 9'000);
    client(p, "Warning/2", "CM/0xA310002C", "Unable to resolve server address.");
  }
  client_names(p, gateway_name_not_resolved);
}
void play_gateway_address_wrong(Play& p) {
  p.gateway = "192.0.2." + std::to_string(p.random.between(200, 250));
  knocks_in_vain(p, false);
  tell(p, gateway_address_wrong, {Grade::guess, with(kSilenceSet, {gateway_address_wrong})},
       {Grade::guess, with(kSilenceSet, {gateway_address_wrong})}, {Grade::guess, {undetermined}});
}
void silent_told(Play& p, Cause cause) {
  tell(p, cause, {Grade::guess, with(kSilenceSet, {cause})}, {Grade::guess, with(kSilenceSet, {cause})}, {Grade::guess, {undetermined}});
}
void play_concentrator_unreachable(Play& p) {
  knocks_in_vain(p, false);
  silent_told(p, concentrator_unreachable);
}
void play_concentrator_no_route_back(Play& p) {
  const Timestamp arrives = p.t + 60;
  knocks_in_vain(p, true);
  const Timestamp end = p.t;
  p.t = arrives;
  box_proposal_ok(p);
  box_group_ok(p);
  box_am2(p);
  box_am3_timeout(p, p.t);
  p.t = end;
  // While other clients get through, a route that is missing for one network looks like a filter on the way back.
  tell(p, concentrator_no_route_back, {Grade::probable, {concentrator_no_route_back, udp500_blocked}},
       {Grade::guess, kSilenceSet}, {Grade::guess, kNoAm3Set});
}
void play_client_not_sending(Play& p) {
  client_begins(p);
  if (p.random.permille(300)) {
    client(p, "Warning/2", "CVPND/0xA3400011", "Error -28 sending packet. Dst Addr: " + p.gateway + ", Src Addr: " + p.who.inner + " (DRVIFACE:1319).");
    wait(p, 500, 3'000);
    client_ends(p, "locally by the Client", "412: The remote peer is no longer responding.");
  } else {
    client(p, "Warning/2", "CVPND/0xA3400011",
           "Error -28 sending packet.\nOutput size mismatch. Actual: 0, Expected: 237. (DRVIFACE:1319)");
    wait(p, 500, 3'000);
    client(p, "Warning/3", "GUI/0xA3B00005", "Unable to communicate with the VPN subsystem.");
  }
  client_names(p, client_not_sending);
}
void play_client_port_in_use(Play& p) {
  transcript(p, "Initializing the VPN connection.");
  for (int i = 0; i < 4; ++i) {
    transcript(p, "bind: Address already in use");
    transcript(p, "bind: dst addr 0.0.0.0 port 500");
  }
  transcript(p, "Secure VPN Connection terminated locally by the Client");
  transcript(p, "Reason: Failed to establish a VPN connection.");
  transcript(p, "There are no new notification messages at this time.");
  client_names(p, client_port_in_use);
}

// ---- steps 3 and 4 ----------------------------------------------------------------------------------------------

void play_udp500_blocked(Play& p) {
  knocks_in_vain(p, false);
  silent_told(p, udp500_blocked);
  // A box at debug level that logs other clients' first messages is the witness; the shipper must tell whose log it is.
  if (p.fleet.boxes[p.box].level >= 8 && p.who.envelope_tells && !p.who.zone_wrong)
    p.both = p.client_only = {Grade::probable, {udp500_blocked, public_filter_blocks}};
}
void play_public_filter_blocks(Play& p) {
  knocks_in_vain(p, false);
  silent_told(p, public_filter_blocks);
}
// AM2 comes, AM3 gets lost: the box repeats AM2, the client repeats AM3, both give up.
void am3_gets_lost(Play& p) {
  to_am2(p);
  const Timestamp am2 = p.t;
  box_am3_timeout(p, am2);
  client_am2(p);
  const Timestamp answered = p.t;
  client_am3(p);
  const Timestamp am3 = p.t;
  for (int repeat = 1; repeat <= 3; ++repeat) {
    p.t = answered + repeat * kAm2RepeatMs + p.random.between(-9, 9);
    client_receives(p, "AG (Retransmission)");
    client(p, "Info/4", "IKE/0x63000021", "Retransmitting last packet");
    client_sends(p, "AG *(Retransmission)");
  }
  p.t = answered + kAm3WaitMs + p.random.between(-20, 20);
  client(p, "Warning/3", "IKE/0xA3000058",
         "Received malformed message or negotiation no longer active (message id: 0x" + hex(message_id(p), 8, true) + ")");
  p.t = am3 + kPeerTimeoutMs + p.random.between(0, 1'700);
  client_sends(p, "INFO *(HASH, DWR)");
  gives_up(p, true, "DEL_REASON_PEER_NOT_RESPONDING", kNotResponding);
}
void play_natt_udp4500_blocked(Play& p) {
  p.natt = true;
  am3_gets_lost(p);
  tell(p, natt_udp4500_blocked, {Grade::certain, {natt_udp4500_blocked}}, {Grade::probable, {natt_udp4500_blocked}},
       {Grade::guess, kNoAm3Set});
}
void play_fragments_dropped(Play& p) {
  p.natt = false;
  am3_gets_lost(p);
  tell(p, fragments_dropped, {Grade::guess, {fragments_dropped}}, {Grade::guess, {fragments_dropped}}, {Grade::guess, kNoAm3Set});
}
void play_ike_over_tcp_blocked(Play& p) {
  if (p.who.linux_client) {
    transcript(p, "Initializing the VPN connection.");
    transcript(p, "Initiating TCP to " + p.gateway + ", port 10000");
    wait(p, 15'000, 30'000);
    transcript(p, "Secure VPN Connection terminated locally by the Client");
    transcript(p, "Reason: Failed to establish a VPN connection.");
    transcript(p, "There are no new notification messages at this time.");
  } else {
    client_begins(p);
    client(p, "Info/6", "CM/0x63100030", "Initiating TCP to " + p.gateway + ", port 10000");
    wait(p, 15'000, 30'000);
    client(p, "Info/4", "CM/0x6310002A", "Exceeded number of TCP SYN retries");
    client_ends(p, "locally by the Client", "414: Failed to establish a TCP connection.");
  }
  client_names(p, ike_over_tcp_blocked);
  p.both.grade = p.client_only.grade = Grade::probable;
}

// ---- steps 5 and 6 ----------------------------------------------------------------------------------------------

void play_ike_proposal_mismatch(Play& p) {
  const bool told = p.random.permille(500);  // some releases answer with a notify, others are silent
  client_begins(p);
  client_am1(p);
  const Timestamp sent = p.t;
  flight(p);
  box_am1(p);
  box(p, 4, "IKE/48", "Error processing payload: Payload ID: 1");
  box(p, 4, "IKE/0", "All SA proposals found unacceptable");
  if (told) {
    flight(p);
    client_receives(p, "INFO (NOTIFY:NO_PROPOSAL_CHOSEN)");
    gives_up(p, false, "DEL_REASON_IKE_NEG_FAILED", kNotResponding);
  } else {
    p.client.clear();
    p.t = sent;
    knocks_in_vain(p, false);
  }
  box_names(p, ike_proposal_mismatch, with(kSilenceSet, {undetermined}));
}
void play_ike_auth_method_mismatch(Play& p) {
  client_begins(p);
  client_am1(p);
  const Timestamp sent = p.t;
  flight(p);
  box_am1(p);
  if (p.random.permille(500))
    box(p, 4, "IKE/127",
        in_group(p) + "\nXauth required but selected Proposal does not support xauth, Check priorities of ike xauth proposals in ike proposal list");
  else
    box(p, 4, "IKE/165", in_group(p) + "\nClient IKE Auth mode differs from the group's configured Auth mode");
  p.client.clear();
  p.t = sent;
  knocks_in_vain(p, false);
  box_names(p, ike_auth_method_mismatch, kSilenceSet);
}
void hash_fails(Play& p) {
  client(p, "Warning/3", "IKE/0xE3000056", "The received HASH payload cannot be verified");
  client(p, "Warning/2", "IKE/0xE300007E", "Hash verification failed... may be configured with invalid group password.");
  client(p, "Warning/2", "IKE/0xE300009B", "Failed to authenticate peer (Navigator:904)");
  client_sends(p, "INFO (NOTIFY:INVALID_HASH_INFO)");
}
std::string typo(Play& p, const std::string& name) {
  std::string out = name;
  const std::size_t at = p.random.below(out.size());
  if (p.random.permille(500))
    out.insert(at, 1, static_cast<char>('a' + p.random.below(26)));
  else
    out[at] = static_cast<char>('a' + p.random.below(26));
  return out == name ? name + "o" : out;
}
void play_group_name_unknown(Play& p) {
  if (!p.who.group_gone) p.group = typo(p, p.group);
  const bool spoofs = p.random.permille(300);  // newer code hides the name fault behind an AM2 of its own making
  client_begins(p);
  client_am1(p);
  const Timestamp sent = p.t;
  flight(p);
  box_am1(p);
  box_proposal_ok(p);
  box(p, 4, "IKE/22", "No Group found matching " + p.group + " for Pre-shared key peer " + p.who.peer);
  if (spoofs) {
    box_am2(p);
    client_am2(p);
    hash_fails(p);
    gives_up(p, true, "DEL_REASON_IKE_NEG_FAILED", kNotResponding);
    box_names(p, group_name_unknown, {group_password_mismatch});
  } else {
    p.client.clear();
    p.t = sent;
    knocks_in_vain(p, false);
    box_names(p, group_name_unknown, kSilenceSet);
  }
}
void play_group_password_mismatch(Play& p) {
  to_am2(p);
  const Timestamp am2 = p.t;
  client_am2(p);
  hash_fails(p);
  const Timestamp failed = p.t;
  flight(p);
  box(p, 5, "IKE/68", in_group(p) + "\nReceived non-routine Notify message: Invalid hash info (23)");
  box_am3_timeout(p, am2);
  p.t = failed;
  gives_up(p, true, "DEL_REASON_IKE_NEG_FAILED", kNotResponding);
  tell(p, group_password_mismatch, {Grade::certain, {group_password_mismatch}},
       {Grade::probable, {group_password_mismatch, group_name_unknown}}, {Grade::certain, {group_password_mismatch}});
}
void play_group_lock_violation(Play& p) {
  to_user(p);
  user_accepted(p);
  p.t += 10;
  box(p, 4, "IKE/60", "User (" + p.user + ") not member of group (" + p.group + "), authentication failed.");
  wait(p, 400, 900);
  gives_up(p, true, "DEL_REASON_PEER_NOT_RESPONDING", kNotResponding);
  box_names(p, group_lock_violation, with(kAfterLoginSet, {user_cancelled, xauth_timeout}));
}
// Main mode up to the message that carries the client's certificate.
void to_certificate(Play& p) {
  client_begins(p);
  client_sends(p, "MM (SA, VID(Xauth), VID(dpd), VID(Frag), VID(Unity))");
  flight(p);
  box_received(p, 0, "SA (1) + VENDOR (13) + VENDOR (13) + VENDOR (13)", 812);
  box(p, 7, "IKEDBG/0", "Oakley proposal is acceptable");
  flight(p);
  client_receives(p, "MM (SA, VID(Frag))");
  client_sends(p, "MM (KE, NON, VID(?), VID(Unity))");
  flight(p);
  box_received(p, 0, "KE (4) + NONCE (10) + VENDOR (13)", 256);
  flight(p);
  client_receives(p, "MM (KE, NON, CERT_REQ, VID(Unity), VID(Xauth))");
  client_sends(p, "MM *(ID, CERT, CERT_REQ, SIG, NOTIFY:STATUS_INITIAL_CONTACT)");
  flight(p);
  box_received(p, 0, "ID (5) + CERT (6) + SIG (9) + NOTIFY (11)", 1'684);
}
const std::vector<Cause> kCertificateSet = {certificate_expired, certificate_rejected, certificate_group_not_found,
                                            user_cancelled, fragments_dropped, peer_lost, undetermined, address_unavailable,
                                            group_lock_violation, ike_auth_method_mismatch, udp500_blocked};
void play_certificate_expired(Play& p) {
  to_certificate(p);
  box(p, 4, "IKE/194", in_group(p) + "\nSending IKE Delete With Reason message: User or Root Certificate has Expired.");
  refused_by_peer(p, "DEL_REASON_CANNOT_AUTH", "436: Certificates used have expired.");
  const Told certain = {Grade::certain, {certificate_expired}};
  tell(p, certificate_expired, certain, {Grade::certain, with(kCertificateSet, {})}, certain);
}
void play_certificate_rejected(Play& p) {
  to_certificate(p);
  box(p, 4, "IKE/109", "Unable to process the received peer certificate");
  refused_by_peer(p, "DEL_REASON_CANNOT_AUTH", kUnspecified);
  box_names(p, certificate_rejected, kCertificateSet);
}
void play_certificate_group_not_found(Play& p) {
  to_certificate(p);
  box(p, 4, "IKE/20", "No Group found by matching OU(s) from ID payload: ou=" + p.group);
  refused_by_peer(p, "DEL_REASON_CANNOT_AUTH", kUnspecified);
  box_names(p, certificate_group_not_found, kCertificateSet);
}
void play_tunnel_type_not_permitted(Play& p) {
  to_user(p);
  user_accepted(p);
  p.t += 10;
  box(p, 4, "IKE/206", in_user(p) + "\nTunnel Rejected: Conflicting protocols specified by tunnel-group and group-policy");
  refused_by_peer(p, "DEL_REASON_PEER_DELETION", kUnspecified);
  box_names(p, tunnel_type_not_permitted, kAfterLoginSet);
}

// ---- step 7 -----------------------------------------------------------------------------------------------------

constexpr std::string_view kHostileUsers[] = {"bob, domain = x", "x] User [root", "a\"b\\c", "Authentication successful",
                                              "%s%s%n", "na\xC3\xAFve", "bad\xFE\xFF", "user = admin"};

// Asked `tries` times, refused each time.
void refused_login(Play& p, std::string_view reason, int tries) {
  to_phase1(p);
  for (int i = 0; i < tries; ++i) {
    const std::uint32_t id = message_id(p);
    xauth_asks(p, id);
    xauth_answers(p, id);
    user_rejected(p, reason);
  }
  if (tries >= 3)
    box(p, 4, "IKE/167", in_user(p) + "\nRemote peer has failed user authentication - check configured username and password");
  refused_by_peer(p, "DEL_REASON_WE_FAILED_AUTH", "413: User authentication failed.");
}
void rejected_for(Play& p, Cause cause, std::string_view reason, int tries) {
  refused_login(p, reason, tries);
  tell(p, cause, {Grade::certain, {cause}}, {Grade::probable, kLoginSet}, {Grade::certain, {cause}});
}
void play_user_password_wrong(Play& p) { rejected_for(p, user_password_wrong, "Invalid password", 3); }
void play_user_unknown(Play& p) {
  if (p.random.permille(30)) {
    p.user = p.random.pick(kHostileUsers);
    p.may_be_silent = true;  // a name that makes the line readable in two ways may be rejected
  }
  rejected_for(p, user_unknown, "User was not found", 3);
}
void play_user_account_expired(Play& p) {
  rejected_for(p, user_account_expired, p.random.permille(500) ? "Account expired" : "Password expired", 1);
}
void play_user_account_locked(Play& p) { rejected_for(p, user_account_locked, "Account has been locked out", 1); }
void play_user_login_limit(Play& p) { rejected_for(p, user_login_limit, "Simultaneous logins exceeded for user", 1); }
void play_user_access_hours(Play& p) { rejected_for(p, user_access_hours, "Access hours restriction", 1); }
void play_user_rejected_unspecified(Play& p) { rejected_for(p, user_rejected_unspecified, "Unspecified", 3); }
void no_server_answers(Play& p, Cause cause, Told named) {
  to_user(p);
  wait(p, 12'000, 36'000);  // time-out times retries of the server
  user_rejected(p, p.random.permille(500) ? "No active server found" : "No response from server");
  refused_by_peer(p, "DEL_REASON_WE_FAILED_AUTH", "413: User authentication failed.");
  tell(p, cause, named, {Grade::probable, kLoginSet}, named);
}
void play_aaa_server_unreachable(Play& p) { no_server_answers(p, aaa_server_unreachable, {Grade::certain, {aaa_server_unreachable}}); }
// The group's own list names a server that is none: this software's words are those of a dead server.
void play_aaa_server_misconfigured(Play& p) {
  no_server_answers(p, aaa_server_misconfigured, {Grade::probable, {aaa_server_misconfigured, aaa_server_unreachable}});
}
void play_aaa_attribute_invalid(Play& p) {
  to_user_ok(p);
  box(p, 4, "IKE/194", in_user(p) + "\nSending IKE Delete With Reason message: ACL parsing error.");
  refused_by_peer(p, "DEL_REASON_PEER_DELETION", kUnspecified);
  box_names(p, aaa_attribute_invalid, kAfterLoginSet);
}
// The box says why it throws the first message away; the client hears nothing.
void dropped_at_am1(Play& p, std::string_view message, std::string text, Cause cause) {
  const Timestamp sent = p.t;
  flight(p);
  box_am1(p);
  box(p, 4, message, std::move(text));
  p.t = sent;
  knocks_in_vain(p, false);
  box_names(p, cause, kSilenceSet);
}
void play_session_limit_reached(Play& p) { dropped_at_am1(p, "IKE/191", "Maximum concurrent IKE negotiations exceeded!", session_limit_reached); }
void play_ike_not_enabled(Play& p) { dropped_at_am1(p, "IKE/0", "No crypto map bound to interface... dropping pkt", ike_not_enabled); }
void play_user_cancelled(Play& p) {
  to_phase1(p);
  xauth_asks(p, message_id(p));
  wait(p, 2'000, 50'000);
  client(p, "Info/4", "CM/0x63100018", "User does not provide any authentication data");
  client_sends(p, "INFO *(HASH, DWR)");
  client_marks(p, "Marking IKE SA for deletion", true, "DEL_REASON_USER_CANCELLED");
  flight(p);
  box_received(p, message_id(p), "HASH (8) + DWR (129)", 80);
  tell(p, user_cancelled, {Grade::certain, {user_cancelled}}, {Grade::certain, {user_cancelled}},
       {Grade::guess, {user_cancelled, xauth_timeout, peer_lost, undetermined, natt_udp4500_blocked}});
  p.box_decides = false;
}
void play_xauth_timeout(Play& p) {
  to_phase1(p);
  xauth_asks(p, message_id(p));
  wait(p, 120'000, 180'000);
  box(p, 7, "IKEDBG/65",
      in_group(p) + "\nIKE TM Responder FSM error history (struct &0x" + hex(p.random.between(0x6000000, 0x8FFFFFF), 7, false) +
          ")\nTM_DONE, EV_ERROR\nTM_WAIT_XAUTH_REPLY, EV_TIMEOUT\nTM_WAIT_XAUTH_REPLY, NullEvent");
  box_sending(p, message_id(p), "HASH (8) + DELETE (12)", 76);
  flight(p);
  delete_arrives(p, false);
  client_marks(p, "Marking IKE SA for deletion", true, "DEL_REASON_PEER_DELETION");
  tell(p, xauth_timeout, {Grade::probable, {xauth_timeout}}, {Grade::probable, {xauth_timeout}},
       {Grade::guess, {xauth_timeout, user_cancelled, peer_lost, undetermined}});
  p.box_decides = false;
}

// ---- step 8 -----------------------------------------------------------------------------------------------------

void no_address(Play& p) {
  to_user_ok(p);
  wait(p, 10, 200);
  box(p, 5, "IKEDBG/42", in_user(p) + "\nIKE received response of type [FAILED] to a request from the IP address utility");
  box(p, 5, "IKE/132", in_user(p) + "\nCannot obtain an IP address for remote peer");
  flight(p);
  delete_arrives(p, false);
  client_marks(p, "Marking IKE SA for deletion", true, "DEL_REASON_PEER_DELETION");
  client(p, "Warning/2", "CM/0xA310000B", "Phase 1 SA deleted before Mode Config is completed cause by \"DEL_REASON_PEER_DELETION\".");
  client_ends(p, "by Peer", kUnspecified);
}
void address_told(Play& p, Cause cause, std::vector<Cause> honest) {
  no_address(p);
  const Told named = {Grade::probable, std::move(honest)};
  tell(p, cause, named, {Grade::guess, with(kAfterLoginSet, {cause})}, named);
}
void play_address_unavailable(Play& p) { address_told(p, address_unavailable, {address_unavailable}); }
void play_address_method_not_selected(Play& p) {
  address_told(p, address_method_not_selected, {address_method_not_selected, address_pool_not_defined, address_unavailable});
}
void play_address_pool_not_defined(Play& p) {
  address_told(p, address_pool_not_defined, {address_pool_not_defined, address_method_not_selected, address_unavailable});
}
void play_address_pool_exhausted(Play& p) {
  address_told(p, address_pool_exhausted, {address_pool_exhausted, address_unavailable});
}
// The DHCP server or AAA gave nothing; this software does not say whom it asked.
void play_address_source_failed(Play& p) { address_told(p, address_source_failed, {address_source_failed, address_unavailable}); }
void play_address_in_use(Play& p) {
  to_user_ok(p);
  p.t += 10;
  box(p, 4, "IKE/205", in_user(p) + "\nCould not add static route for client address: " + inner_address(p));
  refused_by_peer(p, "DEL_REASON_PEER_DELETION", kUnspecified);
  box_names(p, address_in_use, kAfterLoginSet);
}
void end_adapter_failed(Play& p);
constexpr SessionEnd kAdapterFailedEnd = {"", 0, ended_by_user, Outcome::ended, end_adapter_failed};
void play_client_adapter_failed(Play& p) {
  const std::string address = inner_address(p);
  const std::uint32_t id = message_id(p);
  to_quick_mode(p, address, id);
  phase2_completes(p, id);
  session_opens(p, address);
  p.session.end = &kAdapterFailedEnd;
  p.session.lasts_ms = p.random.between(3'000, 9'000);
  const Timestamp opened = p.t;
  p.t += p.session.lasts_ms - 40;
  client_ends(p, "locally by the Client", p.random.permille(600) ? "442: Failed to enable Virtual Adapter." : "440: Driver Failure.");
  client_sends(p, "INFO *(HASH, DWR)");
  p.session.connected_at = opened;
  tell(p, client_adapter_failed, {Grade::certain, {client_adapter_failed}}, {Grade::certain, {client_adapter_failed}},
       {Grade::guess, {connected, client_adapter_failed}});
}
void play_client_firewall_policy(Play& p) {
  to_user_ok(p);
  p.t += 10;
  box(p, 4, p.random.permille(500) ? "IKE/141" : "IKE/142",
      in_user(p) + (p.random.permille(500) ? "\nClient-reported firewall does not match configured firewall: terminate tunnel."
                                           : "\nClient did not report firewall in use, but there is a configured firewall: terminate tunnel."));
  refused_by_peer(p, "DEL_REASON_PEER_DELETION", "435: Firewall Policy Mismatch");
  const Told certain = {Grade::certain, {client_firewall_policy}};
  tell(p, client_firewall_policy, certain, certain, certain);
}
void play_firewall_server_unavailable(Play& p) {
  to_user_ok(p);
  p.t += 10;
  box(p, 4, "IKE/252", in_user(p) + "\nIntegrity Firewall Server is not available. VPN Tunnel creation rejected for client.");
  refused_by_peer(p, "DEL_REASON_PEER_DELETION", "438: Failed to contact Zone Integrity Server.");
  const Told certain = {Grade::certain, {firewall_server_unavailable}};
  tell(p, firewall_server_unavailable, certain, certain, certain);
}
void play_client_version_refused(Play& p) {
  to_user_ok(p);
  p.t += 10;
  box(p, 4, "IKE/218", in_user(p) + "\nTunnel Rejected: Client Type or Version not allowed.");
  refused_by_peer(p, "DEL_REASON_PEER_DELETION", kUnspecified);
  box_names(p, client_version_refused, kAfterLoginSet);
}
void play_split_tunnel_list_missing(Play& p) {
  to_user_ok(p);
  p.t += 10;
  box(p, 4, "IKE/140", in_user(p) + "\nSplit Tunneling Policy requires network list but none configured");
  refused_by_peer(p, "DEL_REASON_PEER_DELETION", kUnspecified);
  box_names(p, split_tunnel_list_missing, kAfterLoginSet);
}
void phase2_refused(Play& p, std::string text, std::string_view message, Cause cause) {
  const std::string address = inner_address(p);
  to_quick_mode(p, address, message_id(p));
  box(p, 4, message, in_user(p) + '\n' + std::move(text));
  flight(p);
  client_receives(p, "INFO *(HASH, NOTIFY:NO_PROPOSAL_CHOSEN)");
  delete_arrives(p, true);
  client_marks(p, "Marking IKE SA for deletion", true, "DEL_REASON_PEER_DELETION");
  client(p, "Warning/2", "CM/0xA310000C", "Phase 1 SA deleted before first Phase 2 SA is up cause by \"DEL_REASON_PEER_DELETION\".");
  client_ends(p, "by Peer", kUnspecified);
  box_names(p, cause, with(kAfterLoginSet, {ike_proposal_mismatch}));
}
void play_phase2_proposal_mismatch(Play& p) {
  if (p.random.permille(500))
    phase2_refused(p, "All IPSec SA proposals found unacceptable!", "IKE/0", phase2_proposal_mismatch);
  else
    phase2_refused(p, "Tunnel rejected: SA (ESP-AES256-SHA) not found for group (" + p.group + ")!", "IKE/56", phase2_proposal_mismatch);
}
void play_phase2_network_mismatch(Play& p) {
  phase2_refused(p, "Tunnel rejected: Policy not found for Src:10.99.0.1, Dst: 10.0.0.0!", "IKE/61", phase2_network_mismatch);
}
void play_peer_lost_in_setup(Play& p) {
  to_user_ok(p);
  const Timestamp silent = p.t;
  for (int i = 1; i <= 3; ++i) {
    p.t = silent + i * kAm1RepeatMs;
    client(p, "Info/4", "IKE/0x63000021", "Retransmitting last packet");
    client_sends(p, "TRANS *(Retransmission)");
  }
  p.t = silent + kPeerTimeoutMs;
  client_marks(p, "Marking IKE SA for deletion", true, "DEL_REASON_PEER_NOT_RESPONDING");
  client_ends(p, "locally by the Client", kNotResponding);
  box(p, 4, "IKE/123", in_user(p) + "\nIKE lost contact with remote peer, deleting connection (keepalive type: DPD)");
  tell(p, peer_lost, {Grade::probable, {peer_lost}}, {Grade::probable, {peer_lost}}, {Grade::probable, {peer_lost}});
}

// ---- connected, by one way or another ---------------------------------------------------------------------------

void play_connected(Play& p) {
  to_connected(p);
  connected_told(p);
}
void play_connected_transcript(Play& p) {
  const std::size_t quiet = p.client.size();
  to_connected(p);
  p.client.resize(quiet);
  const Timestamp end = p.t;
  p.t = p.start;
  transcript(p, "Initializing the VPN connection.");
  transcript(p, "Contacting the gateway at " + p.gateway);
  transcript(p, "User Authentication for office...");
  p.t = end;
  transcript(p, "Authenticating user.");
  transcript(p, "Negotiating security policies.");
  transcript(p, "Securing communication channel.");
  transcript(p, "Your VPN connection is secure.");
  connected_told(p);
}
void play_connected_after_typo(Play& p) {
  p.typos = 1;
  play_connected(p);
}
void next_press(Play& p) {
  wait(p, 5'000, 45'000);
  ++p.legs;
}
void play_connected_after_retry(Play& p) {
  knocks_in_vain(p, false);
  next_press(p);
  to_connected(p);
  connected_told(p);
}
void play_connected_on_backup(Play& p) {
  knocks_in_vain(p, false);
  wait(p, 100, 2'000);
  ++p.legs;
  p.box = p.fleet.partner(p.box);
  p.gateway = p.fleet.boxes[p.box].address;
  to_connected(p);
  connected_told(p);
}
void play_connected_redirected(Play& p) {
  const std::size_t master = p.box & ~std::size_t{1};
  const std::size_t member = p.box;
  transcript(p, "Initializing the VPN connection.");
  transcript(p, "Contacting the gateway at " + p.fleet.virtual_address(master));
  p.box = master;
  flight(p);
  box_am1(p);
  box(p, 4, "IKE/128", "Connection attempt to VCPIP redirected to VCA peer " + p.fleet.boxes[member].address + " via load balancing");
  flight(p);
  p.box = member;
  transcript(p, "Contacting the gateway at " + p.gateway + " (balancing)");
  ++p.legs;
  const std::size_t quiet = p.client.size();
  to_connected(p);
  p.client.resize(quiet);
  transcript(p, "Securing communication channel.");
  transcript(p, "Your VPN connection is secure.");
  connected_told(p);
}
// The user corrects nothing and tries again: one attempt, the last leg's cause.
void play_retried_group_password(Play& p) {
  play_group_password_mismatch(p);
  next_press(p);
  play_group_password_mismatch(p);
}
// Primary silent, backup lacks the group: the first gateway's cause is the attempt's.
void play_backup_lacks_group(Play& p) {
  knocks_in_vain(p, false);
  wait(p, 100, 2'000);
  ++p.legs;
  p.box = p.fleet.partner(p.box);
  p.gateway = p.fleet.boxes[p.box].address;
  client_begins(p);
  client_am1(p);
  flight(p);
  box_am1(p);
  box_proposal_ok(p);
  box(p, 4, "IKE/22", "No Group found matching " + p.group + " for Pre-shared key peer " + p.who.peer);
  p.t += 4 * kAm1RepeatMs;
  gives_up(p, false, "DEL_REASON_PEER_NOT_RESPONDING", kNotResponding);
  tell(p, udp500_blocked, {Grade::guess, kSilenceSet}, {Grade::guess, kSilenceSet}, {Grade::certain, {group_name_unknown}});
}

// ---- nobody's attempts --------------------------------------------------------------------------------------------

constexpr std::string_view kGuesses[] = {"admin", "vpn", "cisco", "test", "remote", "guest", "default", "group1", "ipsec",
                                         "vpnclient", "DefaultGroup", "company", "corp", "users", "private", "backup"};
constexpr std::string_view kHostile[] = {"x] User [admin", "a\" OR 1=1", "%s%n%x", "Found Phase 1 Group (sales)",
                                         "g] Cannot obtain an IP address for remote peer", "\xC3\xA9t\xC3\xA9", "bad\xFF\xFEname"};
void play_scan(Play& p) {
  const auto tries = p.random.between(8, 30);
  const Timestamp pace = p.random.between(1'500, 9'000);
  const std::string anywhere = "192.0.2." + std::to_string(p.random.between(1, 190));
  if (!p.who.scanner) p.who.peer = anywhere;
  p.user.clear();
  for (std::int64_t i = 0; i < tries; ++i) {
    const Timestamp now = p.t;
    const bool hits = p.random.permille(60);
    p.group = hits ? p.fleet.groups[p.random.below(6)]
                   : p.random.permille(60) ? std::string(p.random.pick(kHostile))
                                           : std::string(p.random.pick(kGuesses)) + std::to_string(p.random.below(30));
    box_received(p, 0, "SA (1) + KE (4) + NONCE (10) + ID (5)", 280);
    box_proposal_ok(p);
    if (hits) {
      box_group_ok(p);
      box_am2(p);
      box_am3_timeout(p, p.t);
    } else {
      box(p, 4, "IKE/22", "No Group found matching " + p.group + " for Pre-shared key peer " + p.who.peer);
    }
    p.t = now + pace;
  }
  p.group.clear();
  p.no_client = true;
  p.outcome = Outcome::not_a_user_attempt;
  const Told told = {Grade::probable, {not_a_user_attempt}};
  tell(p, not_a_user_attempt, told, told, told);
}
}  // namespace

void play_lan_to_lan(Play& p) {
  const std::string site = "L2L: Site" + std::to_string(p.random.between(1, 30));
  const std::string remote = "198.51.100." + std::to_string(p.random.between(201, 250));
  p.who.peer = remote;
  p.group = p.user = site;
  if (p.random.permille(300)) box(p, 4, "IKE/41", "IKE Initiator: New Phase 1, Intf 2, IKE Peer " + remote + "  local Proxy Address 10.0.0.0, remote Proxy Address 10.200.0.0,  SA (" + site + ")");
  wait(p, 200, 900);
  box(p, 4, "IKE/119", in_group(p) + "\nPHASE 1 COMPLETED");
  wait(p, 100, 300);
  box(p, 4, "IKE/49", in_group(p) + "\nSecurity negotiation complete for LAN-to-LAN Group (" + site + ")  Responder, Inbound SPI = 0x" +
                          hex(p.random.next() >> 32, 8, false) + ", Outbound SPI = 0x" + hex(p.random.next() >> 32, 8, false));
  box(p, 4, "IKE/120", in_group(p) + "\nPHASE 2 COMPLETED (msgid=" + hex(message_id(p), 8, false) + ")");
  box_no_peer(p, 4, "AUTH/22", "User [" + site + "] Group [" + site + "] connected, Session Type: IPSec/LAN-to-LAN");
  box_no_peer(p, 4, "AUTH/84", "LAN-to-LAN tunnel to headend device " + remote + " connected");
  p.no_client = true;
  p.may_be_silent = true;
  p.outcome = Outcome::not_a_user_attempt;
  const Told told = {Grade::certain, {not_a_user_attempt}};
  tell(p, not_a_user_attempt, told, told, told);
}

namespace {

// ---- the ends of sessions -----------------------------------------------------------------------------------------

std::string clock_text(Timestamp ms) {
  char text[32];
  const long long seconds = ms / 1000;
  std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", seconds / 3600, seconds / 60 % 60, seconds % 60);
  return text;
}
void box_disconnects(Play& p, std::uint64_t sent, std::uint64_t received, std::string_view reason) {
  box(p, 4, "AUTH/28",
      "User [" + p.user + "] Group [" + p.group + "] disconnected:  Session Type: " + p.session.type + "  Duration: " +
          clock_text(p.session.lasts_ms) + "  Bytes xmt: " + std::to_string(sent) + "  Bytes rcv: " + std::to_string(received) +
          "  Reason: " + std::string(reason));
}
std::uint64_t bytes(Play& p) { return static_cast<std::uint64_t>(p.random.between(60'000, 90'000'000)); }
void session_told(Play& p, Cause cause, Outcome outcome, Grade grade, std::vector<Cause> accept) {
  p.outcome = outcome;
  const Told told = {grade, std::move(accept)};
  tell(p, cause, told, told, told);
}
void client_hangs_up(Play& p) {
  client_sends(p, "INFO *(HASH, DWR)");
  client_marks(p, "Marking IKE SA for deletion", true, "DEL_REASON_RESET_SADB");
  flight(p);
}
void end_by_user(Play& p) {
  client_hangs_up(p);
  box_disconnects(p, bytes(p), bytes(p), "User Requested");
  session_told(p, ended_by_user, Outcome::ended, Grade::certain, {ended_by_user});
}
// Large packets vanish, or names inside do not resolve: the user gives up, and both logs show a session like any other.
void ends_unhappily(Play& p, Cause cause) {
  end_by_user(p);
  session_told(p, cause, Outcome::failed, Grade::guess, {ended_by_user});
}
void end_mtu_blackhole(Play& p) { ends_unhappily(p, mtu_blackhole); }
void end_internal_name_resolution(Play& p) { ends_unhappily(p, internal_name_resolution); }
void end_by_policy(Play& p) {
  const bool idle = p.random.permille(700);
  box_disconnects(p, bytes(p), bytes(p), idle ? "Idle Timeout" : "Max Time Exceeded");
  flight(p);
  delete_arrives(p, true);
  client_ends(p, "by Peer", idle ? "431: Maximum idle time for session exceeded." : "430: Maximum connection time exceeded.");
  session_told(p, ended_by_policy, Outcome::ended, Grade::certain, {ended_by_policy});
}
void end_peer_lost(Play& p) {
  for (int i = 0; i < 3; ++i) {
    client(p, "Info/4", "IKE/0x6300003D", "Sending DPD request to " + p.gateway + ", our seq# = " + std::to_string(1'000'000 + i));
    p.t += 5'000;
  }
  client_ends(p, "locally by the Client", "422: Lost contact with the security gateway. Check your network connection.");
  box(p, 4, "IKE/123", in_user(p) + "\nIKE lost contact with remote peer, deleting connection (keepalive type: DPD)");
  box_disconnects(p, bytes(p), bytes(p), "Lost Service");
  session_told(p, peer_lost, Outcome::failed, Grade::certain, {peer_lost});
}
void end_by_admin(Play& p) {
  box_disconnects(p, bytes(p), bytes(p), "Administrator Reset");
  flight(p);
  delete_arrives(p, true);
  client_ends(p, "by Peer", "425: Manually disconnected by administrator.");
  session_told(p, ended_by_admin, Outcome::ended, Grade::certain, {ended_by_admin});
}
void end_by_shutdown(Play& p) {
  box_disconnects(p, bytes(p), bytes(p), p.random.permille(500) ? "Administrator Reboot" : "Administrator Shutdown");
  flight(p);
  delete_arrives(p, true);
  client_ends(p, "by Peer", "428: Peer has been shut down.");
  session_told(p, ended_by_shutdown, Outcome::ended, Grade::certain, {ended_by_shutdown});
}
void end_preempted(Play& p) {
  box_disconnects(p, bytes(p), bytes(p), "Port Preempted");
  flight(p);
  delete_arrives(p, true);
  session_told(p, session_preempted, Outcome::failed, Grade::certain, {session_preempted});
}
void end_data_blocked(Play& p) {
  client_hangs_up(p);
  box_disconnects(p, static_cast<std::uint64_t>(p.random.between(200, 4'000)), 0, "User Requested");
  session_told(p, ipsec_data_blocked, Outcome::failed, Grade::guess, {ipsec_data_blocked});
}
void end_no_traffic_returning(Play& p) {
  client_hangs_up(p);
  box_disconnects(p, 0, bytes(p), "User Requested");
  session_told(p, no_traffic_returning, Outcome::failed, Grade::probable, {no_traffic_returning});
}
void end_no_traffic_sent(Play& p) {
  client_hangs_up(p);
  box_disconnects(p, 0, 0, "User Requested");
  // In plain ESP the same counters may mean that ESP is blocked.
  session_told(p, no_traffic_sent, Outcome::failed, Grade::guess, {no_traffic_sent, ended_by_user});
  if (p.session.type == "IPSec") session_told(p, no_traffic_sent, Outcome::failed, Grade::guess, {no_traffic_sent, ended_by_user, ipsec_data_blocked});
}

// To the concentrator it is a very short session that the user ended.
void end_adapter_failed(Play& p) {
  box_disconnects(p, 0, 0, "User Requested");
  session_told(p, ended_by_user, Outcome::ended, Grade::certain, {ended_by_user});
  p.may_be_silent = true;
}

constexpr SessionEnd kSessionEnds[] = {
    {"ended_by_user", 70'000, ended_by_user, Outcome::ended, end_by_user},
    {"ended_by_policy", 14'000, ended_by_policy, Outcome::ended, end_by_policy},
    {"peer_lost", 10'000, peer_lost, Outcome::failed, end_peer_lost},
    {"ended_by_admin", 800, ended_by_admin, Outcome::ended, end_by_admin},
    {"ended_by_shutdown", 800, ended_by_shutdown, Outcome::ended, end_by_shutdown},
    {"session_preempted", 800, session_preempted, Outcome::failed, end_preempted},
    {"ipsec_data_blocked", 1'600, ipsec_data_blocked, Outcome::failed, end_data_blocked},
    {"no_traffic_returning", 1'000, no_traffic_returning, Outcome::failed, end_no_traffic_returning},
    {"no_traffic_sent", 1'000, no_traffic_sent, Outcome::failed, end_no_traffic_sent},
    {"mtu_blackhole", 400, mtu_blackhole, Outcome::failed, end_mtu_blackhole},
    {"internal_name_resolution", 400, internal_name_resolution, Outcome::failed, end_internal_name_resolution},
};

// clang-format off
constexpr Scenario kScenarios[] = {
    // name, share, script, needs the client's log, Linux client
    {"connected", 79'000, play_connected},
    {"connected_transcript", 1'000, play_connected_transcript, true, true},
    {"connected_after_typo", 3'000, play_connected_after_typo},
    {"connected_after_retry", 1'200, play_connected_after_retry},
    {"connected_on_backup", 500, play_connected_on_backup},
    {"connected_redirected", 300, play_connected_redirected, true, true},
    {"client_no_network", 120, play_client_no_network, true},
    {"gateway_name_not_resolved", 350, play_gateway_name_not_resolved, true},
    {"gateway_address_wrong", 80, play_gateway_address_wrong, true},
    {"concentrator_unreachable", 200, play_concentrator_unreachable, true},
    {"concentrator_no_route_back", 120, play_concentrator_no_route_back},
    {"client_not_sending", 150, play_client_not_sending, true},
    {"client_port_in_use", 120, play_client_port_in_use, true, true},
    {"udp500_blocked", 700, play_udp500_blocked, true},
    {"natt_udp4500_blocked", 900, play_natt_udp4500_blocked},
    {"ike_over_tcp_blocked", 150, play_ike_over_tcp_blocked, true},
    {"fragments_dropped", 80, play_fragments_dropped},
    {"public_filter_blocks", 150, play_public_filter_blocks, true},
    {"ike_not_enabled", 60, play_ike_not_enabled},
    {"ike_proposal_mismatch", 300, play_ike_proposal_mismatch},
    {"ike_auth_method_mismatch", 100, play_ike_auth_method_mismatch},
    {"group_name_unknown", 500, play_group_name_unknown},
    {"group_password_mismatch", 600, play_group_password_mismatch},
    {"retried_group_password", 120, play_retried_group_password},
    {"backup_lacks_group", 80, play_backup_lacks_group, true},
    {"group_lock_violation", 250, play_group_lock_violation},
    {"certificate_expired", 100, play_certificate_expired},
    {"certificate_rejected", 100, play_certificate_rejected},
    {"certificate_group_not_found", 100, play_certificate_group_not_found},
    {"tunnel_type_not_permitted", 80, play_tunnel_type_not_permitted},
    {"user_password_wrong", 2'200, play_user_password_wrong},
    {"user_unknown", 500, play_user_unknown},
    {"user_account_expired", 350, play_user_account_expired},
    {"user_account_locked", 250, play_user_account_locked},
    {"user_login_limit", 300, play_user_login_limit},
    {"user_access_hours", 120, play_user_access_hours},
    {"user_rejected_unspecified", 1'200, play_user_rejected_unspecified},
    {"user_cancelled", 1'200, play_user_cancelled},
    {"xauth_timeout", 300, play_xauth_timeout},
    {"aaa_server_unreachable", 250, play_aaa_server_unreachable},
    {"aaa_server_misconfigured", 80, play_aaa_server_misconfigured},
    {"aaa_attribute_invalid", 80, play_aaa_attribute_invalid},
    {"session_limit_reached", 100, play_session_limit_reached},
    {"address_unavailable", 150, play_address_unavailable},
    {"address_method_not_selected", 100, play_address_method_not_selected},
    {"address_pool_not_defined", 150, play_address_pool_not_defined},
    {"address_pool_exhausted", 300, play_address_pool_exhausted},
    {"address_source_failed", 80, play_address_source_failed},
    {"address_in_use", 80, play_address_in_use},
    {"client_adapter_failed", 250, play_client_adapter_failed},
    {"client_firewall_policy", 150, play_client_firewall_policy},
    {"firewall_server_unavailable", 60, play_firewall_server_unavailable},
    {"client_version_refused", 100, play_client_version_refused},
    {"split_tunnel_list_missing", 80, play_split_tunnel_list_missing},
    {"phase2_proposal_mismatch", 150, play_phase2_proposal_mismatch},
    {"phase2_network_mismatch", 100, play_phase2_network_mismatch},
    {"peer_lost_in_setup", 200, play_peer_lost_in_setup},
    {"scan", 150, play_scan},
    {"lan_to_lan", 250, play_lan_to_lan},
};
// clang-format on

}  // namespace

std::span<const Scenario> scenarios() { return kScenarios; }
std::span<const SessionEnd> session_ends() { return kSessionEnds; }

}  // namespace vpnverdict
