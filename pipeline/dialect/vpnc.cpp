// vpnc, the free client for VPN 3000 concentrators. Lines have no stamp of their own; errors begin with
// "vpnc: ". Through syslog the tag is vpnc. At debug level 2 the steps of its state machine ("S4.3 AM
// packet_1") are milestones.
#include "pipeline/dialect/dialect.h"
#include "pipeline/dialect/pattern.h"
#include "pipeline/dialect/syslog.h"
#include "pipeline/dialect/tables.h"
#include "pipeline/dialect/time.h"

namespace vpnverdict::dialect {
namespace {

using enum Fact;

// clang-format off
constexpr MessageRow kRows[] = {
    // ---- Its progress at debug level 1
    {"", FactMask{client_started, client_shows_data, client_ikev1},
     "vpnc version 0.5.3+git{rest}",
     "vpnc version 0.5.3+git20220927-1",
     "",
     "lab, vpnc 0.5.3"},
    {"", FactMask{client_started, client_ikev1},
     "vpnc version {rest}",
     "vpnc version 0.5.3",
     "",
     "vpn3000 case 063"},
    {"", FactMask{client_received_any, client_received_am2},
     "IKE SA selected {rest}",
     "IKE SA selected psk+xauth-aes256-sha1",
     "",
     "lab, vpnc 0.5.3"},
    {"", {},
     "NAT status: this end behind NAT? no -- remote end behind NAT? no",
     "NAT status: this end behind NAT? no -- remote end behind NAT? no",
     "",
     "vpnc source"},
    {"", client_natt_offered,
     "NAT status: this end behind NAT? {word} -- remote end behind NAT? {word}",
     "NAT status: this end behind NAT? YES -- remote end behind NAT? YES",
     "",
     "lab, vpnc 0.5.3"},
    {"", {},
     "NAT status: NAT-T VID seen, no NAT device detected",
     "NAT status: NAT-T VID seen, no NAT device detected",
     "",
     "lab, vpnc 0.5.3: message 3 stays on port 500"},
    {"", {},
     "NAT status: no NAT-T VID seen",
     "NAT status: no NAT-T VID seen",
     "",
     "public log, vpnc 0.3.3"},
    {"", FactMask{client_used_udp4500, client_sent_am3},
     "NAT-T mode: {int}",
     "NAT-T mode: 2",
     "",
     "lab, vpnc 0.5.3: the next packet is message 3, on port 4500"},
    {"", client_address_received,
     "got address {address}",
     "got address 10.99.2.1",
     "address=10.99.2.1",
     "lab, vpnc 0.5.3"},
    {"", client_address_received,
     "Connect Banner:",
     "Connect Banner:",
     "",
     "vpnc source: its script prints it, which runs between the address and quick mode"},
    {"", {client_received_any, client_received_am2, client_proposal_refused},
     "Peer has selected {word} as {rest}",
     "vpnc: Peer has selected 3des as encrytion method.",
     "",
     "lab, vpnc 0.5.3+git20220927; it goes on: This algorithm is considered too weak today."},
    {"", {client_received_any, client_received_am2, client_proposal_refused},
     "peer selected (single) DES as {rest}",
     "vpnc: peer selected (single) DES as \"encrytion\" method.",
     "",
     "vpnc source, before 0.5.3+git"},
    {"", client_phase2_started,
     "IPSEC SA selected {rest}",
     "IPSEC SA selected aes256-sha1",
     "",
     "lab, vpnc 0.5.3"},
    {"", client_connected,
     "VPNC started in foreground...",
     "VPNC started in foreground...",
     "",
     "lab, vpnc 0.5.3"},
    {"", client_connected,
     "VPNC started in background (pid: {int})...",
     "VPNC started in background (pid: 7660)...",
     "",
     "public report"},
    {"", client_received_data,
     "Accepting expected ESP packet with seq {int}",
     "vpnc: Accepting expected ESP packet with seq 1",
     "",
     "lab, vpnc 0.5.3"},
    {"", client_redirected,
     "got cisco loadbalancing notice, diverting to {gateway}",
     "got cisco loadbalancing notice, diverting to 203.0.113.9",
     "gateway=203.0.113.9",
     "vpnc source"},
    {"", client_xauth_prompted,
     "Passcode for VPN {rest}",
     "Passcode for VPN user@203.0.113.8: ",
     "",
     "public report"},
    {"", client_xauth_prompted,
     "Password for VPN {rest}",
     "Password for VPN user@203.0.113.8: ",
     "",
     "vpnc source: asked while the gateway waits"},
    {"", client_xauth_prompted,
     "Answer for VPN {rest}",
     "Answer for VPN user@203.0.113.8: ",
     "",
     "vpnc source"},
    {"", {},
     "Enter password for {rest}",
     "Enter password for user1@198.51.100.99: ",
     "",
     "public report: asked before anything is sent"},
    {"", {},
     "Enter username for {rest}",
     "Enter username for user1@198.51.100.99: ",
     "",
     "public report: asked before anything is sent"},
    {"", {},
     "Enter IPSec secret for {rest}",
     "Enter IPSec secret for user1@198.51.100.99: ",
     "",
     "public report: asked before anything is sent"},
    {"", {},
     "Remote Application Version: {rest}",
     "Remote Application Version: Cisco Systems, Inc./VPN 3000 Concentrator Version 4.0.5.B built by "
     "builder1 on Aug 27 2004 08:48:03",
     "",
     "public log, vpnc 0.3.3"},

    // ---- Why it ended
    {"", client_not_responding,
     "no response from target",
     "vpnc: no response from target",
     "",
     "lab, vpnc 0.5.3"},
    {"", client_hash_failed,
     "hash comparison failed: {rest}",
     "/usr/sbin/vpnc: hash comparison failed:  (ISAKMP_N_AUTHENTICATION_FAILED)(24)",
     "",
     "public report: the name of the notify is vpnc's own, nothing was received"},
    {"", {},
     "check group password!",
     "check group password!",
     "",
     "lab, vpnc 0.5.3: the second line of the same"},
    {"", client_xauth_failed,
     "authentication unsuccessful",
     "vpnc: authentication unsuccessful",
     "",
     "lab, vpnc 0.5.3"},
    {"", client_xauth_failed,
     "authentication unsuccessful.",
     "vpnc: authentication unsuccessful.",
     "",
     "public report"},
    {"", {client_xauth_answered, client_failed},
     "xauth SET message rejected: {rest}",
     "vpnc: xauth SET message rejected:  (ISAKMP_N_INVALID_PAYLOAD_TYPE)(1)",
     "",
     "public reports: the gateway's word behind the password is none that vpnc knows"},
    {"", client_xauth_failed,
     "noninteractive can't reuse password{rest}",
     "vpnc: noninteractive can't reuse password",
     "",
     "vpnc source: the gateway asks again for what it was given"},
    {"", client_xauth_failed,
     "authentication failed (requires interactive mode)",
     "vpnc: authentication failed (requires interactive mode)",
     "",
     "vpnc source"},
    {"", client_address_refused,
     "configuration response rejected: {rest}",
     "vpnc: configuration response rejected:  (ISAKMP_N_ATTRIBUTES_NOT_SUPPORTED)(13)",
     "",
     "lab, vpnc 0.5.3"},
    {"", client_phase2_refused,
     "quick mode response rejected: {rest}",
     "vpnc: quick mode response rejected: INVALID_PAYLOAD_TYPE",
     "",
     "public log, vpnc 0.3.3"},
    {"", client_phase2_refused,
     "quick mode response rejected [2]: {rest}",
     "vpnc: quick mode response rejected [2]:  (ISAKMP_N_BAD_PROPOSAL_SYNTAX)(15)",
     "",
     "vpnc source: what the gateway chose is not what was offered"},
    {"", client_phase2_refused,
     "received notice of type{_}(ISAKMP_N_NO_PROPOSAL_CHOSEN)(14), giving up",
     "received notice of type  (ISAKMP_N_NO_PROPOSAL_CHOSEN)(14), giving up",
     "",
     "lab, vpnc 0.5.3"},
    {"", client_phase2_network_refused,
     "received notice of type{_}(ISAKMP_N_INVALID_ID_INFORMATION)(18), giving up",
     "received notice of type  (ISAKMP_N_INVALID_ID_INFORMATION)(18), giving up",
     "",
     "vpnc source"},
    {"", FactMask{client_no_proposal_notify, client_phase1_refused, client_received_any},
     "response was invalid [1]: {_}(ISAKMP_N_NO_PROPOSAL_CHOSEN)(14)",
     "vpnc: response was invalid [1]:  (ISAKMP_N_NO_PROPOSAL_CHOSEN)(14)",
     "",
     "vpnc source"},
    {"", FactMask{client_no_proposal_notify, client_phase1_refused, client_received_any},
     "response was invalid [1]: NO_PROPOSAL_CHOSEN{rest}",
     "vpnc: response was invalid [1]: NO_PROPOSAL_CHOSEN",
     "",
     "vpnc 0.3.3 source"},
    {"", FactMask{client_phase1_refused, client_received_any},
     "response was invalid [{int}]: {rest}",
     "vpnc: response was invalid [1]:  (ISAKMP_N_INVALID_EXCHANGE_TYPE)(7)",
     "",
     "lab, vpnc 0.5.3: vpnc does not say which notify it got"},
    {"", client_lost_peer,
     "connection terminated by dead peer detection",
     "vpnc: connection terminated by dead peer detection",
     "",
     "lab, vpnc 0.5.3"},
    {"", client_lost_peer,
     "dead peer detected, terminating",
     "dead peer detected, terminating",
     "",
     "vpnc source"},
    {"", client_terminated_by_peer,
     "connection terminated by peer",
     "vpnc: connection terminated by peer",
     "",
     "vpnc source"},
    {"", {},
     "select: Interrupted system call",
     "vpnc: select: Interrupted system call",
     "",
     "lab, vpnc 0.5.3"},
    {"", FactMask{client_stopped, client_ended_by_user},
     "terminated by signal: {int}",
     "vpnc: terminated by signal: 2",
     "",
     "lab, vpnc 0.5.3: written only once it is connected"},

    // ---- Its own machine and the path
    {"", client_dns_failed,
     "unknown host `{name}'",
     "vpnc: unknown host `vpn.example.net'",
     "",
     "vpnc source"},
    {"", client_dns_failed,
     "unknown host {rest}",
     "vpnc: unknown host vpn.example.net",
     "",
     "vpnc source"},
    {"", client_no_network,
     "connecting to port {int}: Network is unreachable",
     "vpnc: connecting to port 62465: Network is unreachable",
     "",
     "lab, vpnc 0.5.3: port 500 with its bytes swapped"},
    {"", client_no_network,
     "can't send packet: Network is unreachable",
     "vpnc: can't send packet: Network is unreachable",
     "",
     "vpnc source"},
    {"", client_send_failed,
     "can't send packet: Operation not permitted",
     "vpnc: can't send packet: Operation not permitted",
     "",
     "lab, vpnc 0.5.3"},
    {"", client_port_in_use,
     "binding to {word} Address already in use",
     "vpnc-connect: binding to 0.0.0.0:500: Address already in use",
     "",
     "Ubuntu forum, 2008-01"},
    {"", client_port_in_use,
     "binding to port {int}: Address already in use",
     "/usr/sbin/vpnc: binding to port 500: Address already in use",
     "",
     "public report"},
    {"", client_port_in_use,
     "binding to port {int}: Permission denied",
     "vpnc: binding to port 500: Permission denied",
     "",
     "public report: without the right to bind it"},
    {"", client_port_in_use,
     "Failed to bind to {word} Address already in use",
     "vpnc: Failed to bind to 0.0.0.0:500: Address already in use",
     "",
     "lab, vpnc 0.5.3"},
    {"", client_port_in_use,
     "Error binding to source port{rest}",
     "vpnc: Error binding to source port. Try '--local-port 0'",
     "",
     "vpnc source"},
    {"", client_port_refused,
     "receiving packet: Connection refused",
     "vpnc: receiving packet: Connection refused",
     "",
     "lab, vpnc 0.5.3"},
    {"", client_host_unreachable,
     "receiving packet: No route to host",
     "vpnc: receiving packet: No route to host",
     "",
     "lab, vpnc 0.5.3"},
    {"", client_adapter_failed,
     "can't initialise tunnel interface: {rest}",
     "vpnc: can't initialise tunnel interface: No such file or directory",
     "",
     "vpnc source"},
    {"", client_adapter_failed,
     "can't get tunnel HW address: {rest}",
     "vpnc: can't get tunnel HW address: Operation not permitted",
     "",
     "vpnc source"},
    {"", client_port_in_use,
     "Couldn't open socket of ESP. Maybe something registered ESP already.",
     "vpnc: Couldn't open socket of ESP. Maybe something registered ESP already.",
     "",
     "vpnc source"},

    // ---- The steps of its state machine at debug level 2; old versions print the number alone
    {"", client_sent_am1,
     "S4.3 {rest}",
     "S4.3 AM packet_1",
     "",
     "lab, vpnc 0.5.3"},
    {"", client_received_any,
     "S4.4 {rest}",
     "S4.4 AM_packet2",
     "",
     "lab, vpnc 0.5.3: also for an answer that is an error"},
    {"", client_sent_am3,
     "S4.5 {rest}",
     "S4.5 AM_packet3",
     "",
     "lab, vpnc 0.5.3"},
    {"", client_xauth_prompted,
     "S5.4 {rest}",
     "S5.4 xauth type check",
     "",
     "lab, vpnc 0.5.3"},
    {"", client_xauth_answered,
     "S5.5 {rest}",
     "S5.5 do xauth reply",
     "",
     "lab, vpnc 0.5.3"},
    {"", client_user_accepted,
     "S5.8 {rest}",
     "S5.8 xauth done",
     "",
     "lab, vpnc 0.5.3"},
    {"", client_mode_config_started,
     "S6.1 {rest}",
     "S6.1 phase2_config send modecfg",
     "",
     "lab, vpnc 0.5.3"},
    {"", client_phase2_started,
     "S7.1 {rest}",
     "S7.1 QM_packet1",
     "",
     "lab, vpnc 0.5.3"},
    {"", client_connected,
     "S7.9 {rest}",
     "S7.9 main loop (receive and transmit ipsec packets)",
     "",
     "lab, vpnc 0.5.3"},

    // ---- Packet dumps at debug level 3
    {"", client_auth_refused_notify,
     "n.type: 0018 (ISAKMP_N_AUTHENTICATION_FAILED)",
     "   n.type: 0018 (ISAKMP_N_AUTHENTICATION_FAILED)",
     "",
     "lab, vpnc 0.5.3"},
    {"", client_no_proposal_notify,
     "n.type: 000e (ISAKMP_N_NO_PROPOSAL_CHOSEN)",
     "   n.type: 000e (ISAKMP_N_NO_PROPOSAL_CHOSEN)",
     "",
     "lab, vpnc 0.5.3"},
};
// clang-format on

constexpr NotOurs kNotOurs[] = {
    {"vpnc: this means the concentrator did not like what we had to offer.",
     "advice, printed after the row that counts"},
    {"   n.type: 6002 (ISAKMP_N_IPSEC_INITIAL_CONTACT)", "a notify of vpnc's own"},
    {"NetworkManager: <info>  VPN service 'org.freedesktop.NetworkManager.vpnc' started",
     "another program's line"},
    {"S7.10 send ipsec termination message", "not S7.1"},
    {"Nov 25 12:56:41 host sshd[9]: Invalid user vpnc: no response from target from 192.0.2.7",
     "another program repeats what a stranger typed"},
};

bool take_program(std::string_view& text) {
  constexpr std::string_view kStarts[] = {
      "vpnc: ", "vpnc-connect: ", "/usr/sbin/vpnc: ", "/usr/bin/vpnc: ", "/usr/local/sbin/vpnc: "};
  for (std::string_view start : kStarts)
    if (text.substr(0, start.size()) == start) {
      text = trimmed(text.substr(start.size()));
      return true;
    }
  return false;
}

HeaderResult cut_header(std::string_view line, SourceState& state, Event& event, std::string_view& text) {
  if (line.find("vpnc") == std::string_view::npos) return HeaderResult::not_mine;
  std::string_view rest = trimmed(line);
  if (take_program(rest)) {
    event.time = state.last_time;
    text = rest;
    return HeaderResult::cut;
  }
  SyslogHeader header;
  if (!cut_syslog(line, year_for(state, event), &header) || header.program != "vpnc")
    return HeaderResult::not_mine;
  rest = trimmed(header.text);
  take_program(rest);
  event.time = header.time;
  if (!header.host.empty()) event.device = header.host;
  text = rest;
  return HeaderResult::cut;
}

// ---- the packet dumps of debug level 3
// ------------------------------------------------------------------------ They name the cookie and the
// message id that the next message is about; both join the two sides beyond doubt.

constexpr std::size_t kCookie = 0;  // SourceState::threads slots: vpnc has one thread
constexpr std::size_t kMessageId = 1;
constexpr std::uint64_t kSmallestRandomId = 65'536;  // vpnc numbers its own deletes from 1

bool take_hex(std::string_view& in, std::uint64_t* out) {
  in = trimmed(in);
  std::uint64_t value = 0;
  std::size_t n = 0;
  for (; n < in.size() && n < 8; ++n) {
    const char c = fold(in[n]);
    const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    if (digit < 0) break;
    value = (value << 4) | static_cast<std::uint64_t>(digit);
  }
  in.remove_prefix(n);
  *out = value;
  return n == 8;
}

std::uint64_t swap_bytes(std::uint64_t id) {
  return ((id & 0xff) << 24) | ((id & 0xff00) << 8) | ((id >> 8) & 0xff00) | ((id >> 24) & 0xff);
}

HeaderResult cut_prefix(std::string_view message, SourceState& state, Event&, std::string_view& text) {
  text = message;
  if (state.dialect != Dialect::vpnc) return HeaderResult::cut;
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  if (begins_with(message, "[2")) {  // " [2026-11-25 12:56:41]", the line below each step
    std::string_view stamp = message.substr(1);
    Timestamp time = kUntimed;
    if (take_iso_stamp(stamp, &time) && stamp == "]") state.last_time = time;
  } else if (begins_with(message, "i_cookie: ")) {
    std::string_view rest = message.substr(10);
    if (take_hex(rest, &high) && take_hex(rest, &low)) state.workers().threads[kCookie].session = high << 32 | low;
  } else if (begins_with(message, "message_id: ")) {
    std::string_view rest = message.substr(12);
    if (take_hex(rest, &low))
      state.workers().threads[kMessageId].session = swap_bytes(low);  // printed as the machine stores it
  }
  return HeaderResult::cut;
}

void complete(SourceState& state, Event& event) {
  if (event.says.empty()) return;
  auto& threads = state.workers().threads;
  if (event.says.has(client_started)) threads[kCookie].session = threads[kMessageId].session = 0;
  event.cookie = threads[kCookie].session;
  std::uint64_t& id = threads[kMessageId].session;
  if (id >= kSmallestRandomId) event.message_id = static_cast<std::uint32_t>(id);
  id = 0;
}

constexpr std::string_view kPrefixStarts[] = {"[2", "i_cookie: ", "message_id: "};

}  // namespace

constinit const DialectTable kVpnc = {
    .id = Dialect::vpnc,
    .vantage = Vantage::client,
    .continues = false,
    .cut_header = cut_header,
    .rows = kRows,
    .not_ours = kNotOurs,
    .complete = complete,
    .cut_prefix = cut_prefix,
    .prefix_starts = kPrefixStarts,
    .headerless = true,
};

}  // namespace vpnverdict::dialect
