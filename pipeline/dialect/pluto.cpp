// Libreswan's (and Openswan's) pluto, as concentrator and as client. Two tables share one header.
//
// A line is [time] ["pluto[" pid "]:"] and then one of
//   "connection"[instance] peer #number: text
//   "connection" #number: text
//   packet from peer:port: text
//   text                                      only behind the syslog tag
// Event::session is the number, which restarts with the daemon. The connection's name is the writer's own and
// never becomes a group. The group that a client sends is printed as an identity ("Peer ID is ID_KEY_ID:
// '@#0x7573657273'") and is not read.
#include <algorithm>

#include "pipeline/dialect/pattern.h"
#include "pipeline/dialect/syslog.h"
#include "pipeline/dialect/tables.h"
#include "pipeline/dialect/time.h"

namespace vpnverdict::dialect {
namespace {

using enum Fact;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// "packet from 198.51.100.95:36790: "
bool take_packet_from(std::string_view& text, Event& event) {
  constexpr std::string_view kStart = "packet from ";
  if (!begins_with(text, kStart)) return false;
  const std::size_t end = text.find(": ", kStart.size());
  if (end == std::string_view::npos || end > kStart.size() + 60) return false;
  const std::string_view endpoint = text.substr(kStart.size(), end - kStart.size());
  if (endpoint.find(' ') != std::string_view::npos) return false;
  const std::size_t port = endpoint.rfind(':');
  event.peer = endpoint.substr(0, port);
  text.remove_prefix(end + 2);
  return true;
}

// `"xauth-psk"[1] 198.51.100.95 #2: `
bool take_connection(std::string_view& text, std::uint64_t run, Event& event) {
  constexpr std::size_t kConnectionMax = 160;
  if (text.empty() || text.front() != '"') return false;
  const std::size_t close = text.find('"', 1);
  const std::size_t mark = text.substr(0, kConnectionMax).find(" #");
  if (close == std::string_view::npos || mark == std::string_view::npos || mark < close) return false;
  std::size_t end = mark + 2;
  std::uint64_t number = 0;
  for (; end < text.size() && is_digit(text[end]) && end < mark + 12; ++end)
    number = number * 10 + static_cast<std::uint64_t>(text[end] - '0');
  if (end == mark + 2 || end + 1 >= text.size() || text[end] != ':') return false;
  std::string_view instance = text.substr(close + 1, mark - close - 1);
  if (const std::size_t blank = instance.find(' '); blank != std::string_view::npos)
    event.peer = trimmed(instance.substr(blank));
  event.session = (run << 32) | number;
  text = trimmed(text.substr(end + 1));
  return true;
}

void learn(std::string_view text, SourceState& state) {
  if (begins_with(text, "starting pluto ")) ++state.run;
  if (begins_with(text, "responding to ") || begins_with(text, "processing ike_sa_init request ")) {
    state.vantage = Vantage::concentrator;
    state.vantage_known = true;
  } else if (!state.vantage_known && begins_with(text, "initiating ")) {
    state.vantage = Vantage::client;
    state.vantage_known = true;
  }
}

// A line of pluto names the program, a numbered connection or a packet's sender: most foreign lines end here.
bool may_be_ours(std::string_view line) {
  return line.find("pluto") != std::string_view::npos ||
         line.find("packet from ") != std::string_view::npos ||
         (line.find('"') != std::string_view::npos && line.find(" #") != std::string_view::npos);
}

HeaderResult cut_header(std::string_view line, SourceState& state, Event& event, std::string_view& text) {
  if (!may_be_ours(line)) return HeaderResult::not_mine;
  std::string_view rest = trimmed(line);
  Timestamp time = kUntimed;
  std::string_view host;
  bool tagged = false;
  if (rest.empty()) return HeaderResult::not_mine;
  if (rest.front() != '"' && !begins_with(rest, "packet from ")) {
    SyslogHeader syslog;
    if (cut_syslog(line, year_for(state, event), &syslog)) {
      tagged = syslog.program == "pluto";
      if (!tagged && !syslog.program.empty()) return HeaderResult::not_mine;
      time = syslog.time;
      host = syslog.host;
      rest = trimmed(syslog.text);
    }
    while (!rest.empty() && (rest.front() == ':' || is_blank(rest.front()))) rest.remove_prefix(1);
  }
  Event read = event;
  if (!take_packet_from(rest, read) && !take_connection(rest, state.run, read) && !tagged)
    return HeaderResult::not_mine;
  event = read;
  event.time = time;
  if (!host.empty()) event.device = host;
  learn(rest, state);
  if (state.vantage_known && state.vantage == Vantage::client) {
    event.gateway = event.peer;
    event.peer = {};
  }
  text = rest;
  return HeaderResult::cut;
}

// Either side starts and stops: without knowing the side such a line says nothing.
void complete_concentrator(SourceState& state, Event& event) {
  if (state.vantage_known) return;
  if (event.says.has(concentrator_started) || event.says.has(concentrator_ended_by_shutdown)) event.says = {};
}

// clang-format off
constexpr MessageRow kConcentratorRows[] = {
    {"", {concentrator_started},
     "Starting Pluto (Libreswan Version {rest}",
     R"(Nov 25 12:43:01 gw pluto[812]: Starting Pluto (Libreswan Version 4.10 XFRM FIPS) pid:812)",
     "", "manual"},
    {"", {concentrator_ended_by_shutdown},
     "shutting down",
     R"(Nov 25 12:43:01 gw pluto[812]: shutting down)",
     "", "manual"},
    {"", {concentrator_saw_am1},
     "responding to Aggressive Mode, state #{int}, connection {rest}",
     R"("xauth-psk"[1] xxx.xxx.xxx.xxx #2: responding to Aggressive Mode, state #2, connection "xauth-psk"[1] xxx.xxx.xxx.xxx from xxx.xxx.xxx.xxx)",
     "peer=xxx.xxx.xxx.xxx session=2", "asa c202"},
    {"", {concentrator_saw_am1},
     "responding to Aggressive Mode {rest}",
     R"("xauth-psk"[1] 198.51.100.95 #2: responding to Aggressive Mode from unknown peer 198.51.100.95:500)",
     "peer=198.51.100.95 session=2", "manual"},
    {"", {concentrator_saw_am1},
     "responding to Main Mode {rest}",
     R"("xauth-psk"[1] 198.51.100.95 #2: responding to Main Mode from unknown peer 198.51.100.95:500)",
     "peer=198.51.100.95 session=2", "manual"},
    {"", {concentrator_saw_am1},
     "processing IKE_SA_INIT request {rest}",
     R"("xauth-psk"[1] 198.51.100.95 #2: processing IKE_SA_INIT request from 198.51.100.95:UDP/500 containing SA,KE,Ni,N,N,N,N)",
     "peer=198.51.100.95 session=2", "manual"},
    {"", {concentrator_saw_am1, concentrator_group_unknown},
     "initial Aggressive Mode message from {peer} but no (wildcard) connection has been configured {rest}",
     R"(packet from 198.51.100.95:36790: initial Aggressive Mode message from 198.51.100.95 but no (wildcard) connection has been configured with policy PSK+AGGRESSIVE)",
     "peer=198.51.100.95", "manual"},
    {"", {concentrator_saw_am1, concentrator_group_unknown},
     "initial Main Mode message received on {word} but no connection has been authorized with {rest}",
     R"(packet from 198.51.100.95:36790: initial Main Mode message received on 203.0.113.97:500 but no connection has been authorized with policy=PSK)",
     "peer=198.51.100.95", "manual"},
    {"", {concentrator_saw_am1, concentrator_group_unknown},
     "initial Main Mode message received but no connection has been authorized with {rest}",
     R"(packet from 198.51.100.95:36790: initial Main Mode message received but no connection has been authorized with authby=PSK and xauth=no)",
     "peer=198.51.100.95", "manual"},
    {"", {concentrator_proposal_rejected},
     "no acceptable Oakley Transform",
     R"("xauth-psk"[1] 198.51.100.95 #2: no acceptable Oakley Transform)",
     "peer=198.51.100.95 session=2", "manual"},
    {"", {concentrator_proposal_rejected},
     "no local proposal matches remote proposals 1:IKE:{rest}",
     R"("xauth-psk"[1] 198.51.100.95 #2: no local proposal matches remote proposals 1:IKE:ENCR=AES_CBC_256;INTEG=HMAC_SHA1_96;PRF=HMAC_SHA1;DH=MODP1024)",
     "peer=198.51.100.95 session=2", "manual"},
    {"", {concentrator_phase2_proposal_rejected},
     "no local proposal matches remote proposals 1:ESP:{rest}",
     R"("xauth-psk"[1] 198.51.100.95 #2: no local proposal matches remote proposals 1:ESP:ENCR=AES_CBC_256;INTEG=HMAC_SHA1_96;ESN=DISABLED)",
     "peer=198.51.100.95 session=2", "manual"},
    {"", {concentrator_phase2_network_rejected},
     "cannot respond to IPsec SA request because no connection is known for {rest}",
     R"("xauth-psk"[1] 198.51.100.95 #2: cannot respond to IPsec SA request because no connection is known for 10.20.0.0/24===203.0.113.97[203.0.113.97]...198.51.100.95[@users]===192.168.1.7/32)",
     "peer=198.51.100.95 session=2", "manual"},
    {"", {concentrator_key_mismatch},
     "probable authentication failure (mismatch of preshared secrets?): {rest}",
     R"("xauth-psk"[1] 198.51.100.95 #2: probable authentication failure (mismatch of preshared secrets?): malformed payload in packet)",
     "peer=198.51.100.95 session=2", "manual"},
    {"", {concentrator_repeats_am2},
     "STATE_AGGR_R1: retransmission; will wait {rest}",
     R"("xauth-psk"[1] 198.51.100.95 #2: STATE_AGGR_R1: retransmission; will wait 0.5 seconds for response)",
     "peer=198.51.100.95 session=2", "manual"},
    {"", {concentrator_am3_timeout, concentrator_timed_out},
     "STATE_AGGR_R1: {int} second timeout exceeded after {rest}",
     R"("xauth-psk"[1] 198.51.100.95 #2: STATE_AGGR_R1: 60 second timeout exceeded after 7 retransmits.  No acceptable response to our message)",
     "peer=198.51.100.95 session=2", "manual"},
    {"", {concentrator_am3_timeout, concentrator_timed_out},
     "max number of retransmissions ({int}) reached STATE_AGGR_R1{rest}",
     R"("xauth-psk"[1] 198.51.100.95 #2: max number of retransmissions (8) reached STATE_AGGR_R1)",
     "peer=198.51.100.95 session=2", "manual"},
    {"", {concentrator_xauth_unanswered, concentrator_timed_out},
     "STATE_XAUTH_R0: {int} second timeout exceeded after {rest}",
     R"("xauth-psk"[1] 198.51.100.95 #2: STATE_XAUTH_R0: 60 second timeout exceeded after 7 retransmits.)",
     "peer=198.51.100.95 session=2", "manual"},
    {"", {concentrator_timed_out},
     "{word} {int} second timeout exceeded after {rest}",
     R"("xauth-psk"[1] 198.51.100.95 #2: STATE_MAIN_R1: 60 second timeout exceeded after 7 retransmits.)",
     "peer=198.51.100.95 session=2", "manual"},
    {"", {concentrator_phase1_done},
     "{word} ISAKMP SA established {rest}",
     R"("xauth-psk"[1] 198.51.100.95 #2: STATE_AGGR_R2: ISAKMP SA established {auth=PRESHARED_KEY cipher=AES_CBC_256 integ=HMAC_SHA1 group=MODP1024})",
     "peer=198.51.100.95 session=2", "manual"},
    {"", {concentrator_phase1_done},
     "{word} sent MR3, ISAKMP SA established {rest}",
     R"("xauth-psk"[1] 198.51.100.95 #2: STATE_MAIN_R3: sent MR3, ISAKMP SA established {auth=PRESHARED_KEY cipher=AES_CBC_256 integ=HMAC_SHA1 group=MODP1024})",
     "peer=198.51.100.95 session=2", "manual"},
    {"", {concentrator_phase1_done, concentrator_xauth_started},
     "XAUTH: Sending Username/Password request {rest}",
     R"("xauth-psk"[1] 198.51.100.95 #2: XAUTH: Sending Username/Password request (XAUTH_R0))",
     "peer=198.51.100.95 session=2", "manual"},
    {"", {concentrator_phase1_done, concentrator_xauth_started},
     "XAUTH: Sending XAUTH Login/Password Request",
     R"("xauth-psk"[1] 198.51.100.95 #2: XAUTH: Sending XAUTH Login/Password Request)",
     "peer=198.51.100.95 session=2", "manual"},
    {"", {concentrator_xauth_started},
     "XAUTH: User {user}: Attempting to login",
     R"("xauth-psk"[1] 198.51.100.95 #2: XAUTH: User alice: Attempting to login)",
     "peer=198.51.100.95 session=2 user=alice", "manual"},
    {"", {concentrator_user_ok},
     "XAUTH: User {user}: Authentication Successful",
     R"("xauth-psk"[1] 198.51.100.95 #2: XAUTH: User alice: Authentication Successful)",
     "peer=198.51.100.95 session=2 user=alice", "manual"},
    {"", {concentrator_user_rejected},
     "XAUTH: User {user}: Authentication Failed: {rest}",
     R"("xauth-psk"[1] 198.51.100.95 #2: XAUTH: User alice: Authentication Failed: Incorrect Username or Password)",
     "peer=198.51.100.95 session=2 user=alice", "manual"},
    {"", {concentrator_phase2_done},
     "{word} IPsec SA established {word} mode {rest}",
     R"("xauth-psk"[1] 198.51.100.95 #2: STATE_QUICK_R2: IPsec SA established tunnel mode {ESPinUDP=>0x77f05804 <0x5f43a4d6 xfrm=AES_CBC_256-HMAC_SHA1_96 NATD=198.51.100.95:4500 DPD=active username=alice})",
     "peer=198.51.100.95 session=2", "manual"},
    {"", {concentrator_lost_peer, concentrator_disconnected},
     "DPD: No response from peer - declaring peer dead",
     R"("xauth-psk"[1] 198.51.100.95 #2: DPD: No response from peer - declaring peer dead)",
     "peer=198.51.100.95 session=2", "manual"},
    {"", {concentrator_got_delete, concentrator_ended_by_user, concentrator_disconnected},
     "received Delete SA payload: self-deleting ISAKMP State #{int}",
     R"("xauth-psk"[1] 198.51.100.95 #2: received Delete SA payload: self-deleting ISAKMP State #2)",
     "peer=198.51.100.95 session=2", "manual"},
    {"", {concentrator_disconnected, concentrator_received_no_data, concentrator_sent_no_data},
     "ESP traffic information: in=0B out=0B XAUTHuser={user}",
     R"("xauth-psk"[1] 198.51.100.95 #2: ESP traffic information: in=0B out=0B XAUTHuser=alice)",
     "peer=198.51.100.95 session=2 user=alice", "manual"},
    {"", {concentrator_disconnected, concentrator_received_no_data, concentrator_sent_data},
     "ESP traffic information: in=0B out={word} XAUTHuser={user}",
     R"("xauth-psk"[1] 198.51.100.95 #2: ESP traffic information: in=0B out=420B XAUTHuser=alice)",
     "peer=198.51.100.95 session=2 user=alice", "manual"},
    {"", {concentrator_disconnected, concentrator_received_data, concentrator_sent_no_data},
     "ESP traffic information: in={word} out=0B XAUTHuser={user}",
     R"("xauth-psk"[1] 198.51.100.95 #2: ESP traffic information: in=84B out=0B XAUTHuser=alice)",
     "peer=198.51.100.95 session=2 user=alice", "manual"},
    {"", {concentrator_disconnected, concentrator_received_data, concentrator_sent_data},
     "ESP traffic information: in={word} out={word} XAUTHuser={user}",
     R"("xauth-psk"[1] 198.51.100.95 #2: ESP traffic information: in=84B out=420B XAUTHuser=alice)",
     "peer=198.51.100.95 session=2 user=alice", "manual"},
};

constexpr NotOurs kConcentratorNotOurs[] = {
    {R"("xauth-psk"[1] xxx.xxx.xxx.xxx #2: Peer ID is ID_KEY_ID: '@#0x7573657273')", "an identity is not yet a group that exists"},
    {R"("xauth-psk"[1] xxx.xxx.xxx.xxx #2: OAKLEY_KEY_LENGTH attribute not preceded by OAKLEY_ENCRYPTION_ALGORITHM attribute.  Attribute OAKLEY_KEY_LENGTH)",
     "one transform of a proposal is skipped"},
    {R"(packet from xxx.xxx.xxx.xxx:36790: IKEv1 Aggressive Mode with PSK is vulnerable to dictionary attacks and is cracked on large scale by TLA's)",
     "a warning of the program about its configuration"},
};

constexpr MessageRow kClientRows[] = {
    {"", {client_started},
     "initiating Aggressive Mode {rest}",
     R"("work" #1: initiating Aggressive Mode connection)",
     "session=1", "manual"},
    {"", {client_started},
     "initiating Main Mode {rest}",
     R"("work" #1: initiating Main Mode connection)",
     "session=1", "manual"},
    {"", {client_started},
     "initiating IKEv2 connection {rest}",
     R"("work" #1: initiating IKEv2 connection to 203.0.113.97 using UDP)",
     "session=1", "manual"},
    {"", {client_sent_am1},
     "sent IKE_SA_INIT request {rest}",
     R"("work" #1: sent IKE_SA_INIT request to 203.0.113.97:UDP/500)",
     "session=1", "manual"},
    {"", {client_sent_am1, client_repeated_am1},
     "STATE_AGGR_I1: retransmission; will wait {rest}",
     R"("work" #1: STATE_AGGR_I1: retransmission; will wait 0.5 seconds for response)",
     "session=1", "manual"},
    {"", {client_sent_am1, client_repeated_am1},
     "STATE_MAIN_I1: retransmission; will wait {rest}",
     R"("work" #1: STATE_MAIN_I1: retransmission; will wait 0.5 seconds for response)",
     "session=1", "manual"},
    {"", {client_sent_am1, client_repeated_am1},
     "STATE_V2_PARENT_I1: retransmission; will wait {rest}",
     R"("work" #1: STATE_V2_PARENT_I1: retransmission; will wait 0.5 seconds for response)",
     "session=1", "manual"},
    {"", {client_sent_am1, client_repeated_am1},
     "STATE_PARENT_I1: retransmission; will wait {rest}",
     R"("work" #1: STATE_PARENT_I1: retransmission; will wait 0.5 seconds for response)",
     "session=1", "manual"},
    {"", {client_sent_am1, client_not_responding},
     "STATE_AGGR_I1: {int} second timeout exceeded after {int} retransmits. {rest}",
     R"("work" #1: STATE_AGGR_I1: 60 second timeout exceeded after 7 retransmits.  No response (or no acceptable response) to our first IKE message)",
     "session=1", "manual"},
    {"", {client_sent_am1, client_not_responding},
     "STATE_MAIN_I1: {int} second timeout exceeded after {int} retransmits. {rest}",
     R"("work" #1: STATE_MAIN_I1: 60 second timeout exceeded after 7 retransmits.  No response (or no acceptable response) to our first IKE message)",
     "session=1", "manual"},
    {"", {client_sent_am1, client_not_responding},
     "STATE_V2_PARENT_I1: {int} second timeout exceeded after {int} retransmits. {rest}",
     R"("work" #1: STATE_V2_PARENT_I1: 60 second timeout exceeded after 7 retransmits.  No response (or no acceptable response) to our first IKE message)",
     "session=1", "manual"},
    {"", {client_sent_am1, client_not_responding},
     "STATE_PARENT_I1: {int} second timeout exceeded after {int} retransmits. {rest}",
     R"("work" #1: STATE_PARENT_I1: 60 second timeout exceeded after 7 retransmits.  No response (or no acceptable response) to our first IKE message)",
     "session=1", "manual"},
    {"", {client_sent_am1, client_not_responding},
     "max number of retransmissions ({int}) reached STATE_MAIN_I1. {rest}",
     R"("work" #1: max number of retransmissions (8) reached STATE_MAIN_I1.  No response (or no acceptable response) to our first IKE message)",
     "session=1", "manual"},
    {"", {client_sent_am3, client_not_responding},
     "{word} {int} second timeout exceeded after {int} retransmits. Possible authentication failure: {rest}",
     R"("work" #1: STATE_AGGR_I2: 60 second timeout exceeded after 7 retransmits.  Possible authentication failure: no acceptable response to our first encrypted message)",
     "session=1", "manual"},
    {"", {client_no_proposal_notify},
     "received and ignored notification payload: NO_PROPOSAL_CHOSEN",
     R"("work" #1: received and ignored notification payload: NO_PROPOSAL_CHOSEN)",
     "session=1", "manual"},
    {"", {client_auth_refused_notify},
     "IKE SA authentication request rejected by peer: AUTHENTICATION_FAILED",
     R"("work" #1: IKE SA authentication request rejected by peer: AUTHENTICATION_FAILED)",
     "session=1", "manual"},
    {"", {client_phase1_done},
     "{word} ISAKMP SA established {rest}",
     R"("work" #1: STATE_AGGR_I2: ISAKMP SA established {auth=PRESHARED_KEY cipher=AES_CBC_256 integ=HMAC_SHA1 group=MODP1024})",
     "session=1", "manual"},
    {"", {client_xauth_answered},
     "XAUTH: Answering XAUTH challenge with user='{user}'",
     R"("work" #1: XAUTH: Answering XAUTH challenge with user='alice')",
     "session=1 user=alice", "manual"},
    {"", {client_user_accepted},
     "XAUTH: Successfully Authenticated",
     R"("work" #1: XAUTH: Successfully Authenticated)",
     "session=1", "manual"},
    {"", {client_connected},
     "{word} IPsec SA established {word} mode {rest}",
     R"("work" #1: STATE_QUICK_I2: IPsec SA established tunnel mode {ESPinUDP=>0x5f43a4d6 <0x77f05804 xfrm=AES_CBC_256-HMAC_SHA1_96 DPD=active})",
     "session=1", "manual"},
    {"", {client_lost_peer},
     "DPD: No response from peer - declaring peer dead",
     R"("work" #1: DPD: No response from peer - declaring peer dead)",
     "session=1", "manual"},
};
// clang-format on

}  // namespace

constinit const DialectTable kPlutoConcentrator = {
    .id = Dialect::pluto,
    .vantage = Vantage::concentrator,
    .cut_header = cut_header,
    .rows = kConcentratorRows,
    .not_ours = kConcentratorNotOurs,
    .complete = complete_concentrator,
};

constinit const DialectTable kPlutoClient = {
    .id = Dialect::pluto,
    .vantage = Vantage::client,
    .cut_header = cut_header,
    .rows = kClientRows,
    .not_ours = {},
};

}  // namespace vpnverdict::dialect
