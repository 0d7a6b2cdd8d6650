// Libreswan's (and Openswan's) pluto, as concentrator and as client. Two tables share one header.
//
// A line is [time] ["pluto[" pid "]:"] and then one of
//   "connection"[instance] peer #number: text
//   "connection" #number: text
//   "connection": text
//   packet from peer:port: text
//   text                                      only behind the syslog tag
// What pluto tells the command that asked for the connection (`ipsec auto --up`, NetworkManager's plugin) has a number of three
// digits in front of the connection, and in the journal the tag of who asked:
//   NetworkManager[1132]: 031 "connection" #2: text
// Event::session is the number, which restarts with the daemon; a gateway's phase 2 has a number of its own and counts as its phase 1.
// The connection's name is the writer's own and never becomes a group. The group that a client sends is printed as an identity ("Peer ID is ID_KEY_ID:
// '@#0x7573657273'") and is not read.
#include <algorithm>
#include <charconv>

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

// The digits in front, at most ten of them.
std::uint64_t take_number(std::string_view& text) {
  std::uint64_t number = 0;
  for (int digits = 0; digits < 10 && !text.empty() && is_digit(text.front()); ++digits) {
    number = number * 10 + static_cast<std::uint64_t>(text.front() - '0');
    text.remove_prefix(1);
  }
  return number;
}

// `"xauth-psk"[1] 198.51.100.95 #2: `
bool take_connection(std::string_view& text, std::uint64_t run, Event& event) {
  constexpr std::size_t kConnectionMax = 160;
  if (text.empty() || text.front() != '"') return false;
  const std::size_t close = text.find('"', 1);
  const std::size_t mark = text.substr(0, kConnectionMax).find(" #");
  if (close == std::string_view::npos || mark == std::string_view::npos || mark < close) return false;
  std::string_view rest = text.substr(mark + 2);
  if (rest.empty() || !is_digit(rest.front())) return false;
  const std::uint64_t number = take_number(rest);
  if (rest.size() < 2 || rest.front() != ':') return false;
  std::string_view instance = text.substr(close + 1, mark - close - 1);
  if (const std::size_t blank = instance.find(' '); blank != std::string_view::npos) event.peer = trimmed(instance.substr(blank));
  // "198.51.100.95:4500", as releases of strongSwan 4 print it behind NAT.
  if (const std::size_t colon = event.peer.find(':'); event.peer.substr(0, colon).find('.') != std::string_view::npos) event.peer = event.peer.substr(0, colon);
  event.session = (run << 32) | number;
  text = trimmed(rest.substr(1));
  return true;
}

// `"work": `, before there is a number.
bool take_connection_name(std::string_view& text) {
  constexpr std::size_t kNameMax = 128;
  if (text.empty() || text.front() != '"') return false;
  const std::size_t close = text.substr(0, kNameMax).find('"', 1);
  if (close == std::string_view::npos) return false;
  const std::string_view rest = trimmed(text.substr(close + 1));
  if (rest.size() < 2 || rest[0] != ':' || !is_blank(rest[1])) return false;
  text = trimmed(rest.substr(1));
  return true;
}

// `031 ` in front of a connection.
bool take_command_code(std::string_view& text) {
  if (text.size() < 6 || !is_digit(text[0]) || !is_digit(text[1]) || !is_digit(text[2]) || !is_blank(text[3])) return false;
  const std::string_view rest = trimmed(text.substr(4));
  if (rest.empty() || rest.front() != '"') return false;
  text = rest;
  return true;
}

// Programs that hand on what pluto told them.
bool hands_on(std::string_view program) {
  constexpr std::string_view kPrograms[] = {"networkmanager", "nm-l2tp-service", "nm-libreswan-service", "vpn-ipsec"};
  return std::ranges::any_of(
      kPrograms, [&](std::string_view known) { return program.size() == known.size() && begins_with(program, known); });
}

// "NetworkManager[1132]: ", where whoever posted the lines cut stamp and host off.
void take_bare_tag(std::string_view& text) {
  const std::size_t blank = text.find(' ');
  if (blank == std::string_view::npos || blank < 2 || text[blank - 1] != ':') return;
  if (hands_on(text.substr(0, text.find_first_of("[:")))) text = trimmed(text.substr(blank));
}

// "STATE_AGGR_I1: …": only who initiates is in such a state.
bool in_initiators_state(std::string_view text) {
  if (!begins_with(text, "state_")) return false;
  const std::string_view state = text.substr(0, text.find_first_of(": "));
  return state.size() > 9 && is_digit(state.back()) && fold(state[state.size() - 2]) == 'i' && state[state.size() - 3] == '_';
}

// "STATE_MAIN_R1: …": only who answers is.
bool in_responders_state(std::string_view text) {
  if (!begins_with(text, "state_") || begins_with(text, "state_quick_")) return false;
  const std::string_view state = text.substr(0, text.find_first_of(": "));
  return state.size() > 9 && (state.ends_with("_R") || (is_digit(state.back()) && state.substr(0, state.size() - 1).ends_with("_R")));
}

// Either side may begin phase 2 anew.
bool answers_phase1(std::string_view text) {
  constexpr std::string_view kStarts[] = {"processing ike_sa_init request ", "processed ike_sa_init request ", "sent ike_sa_init reply ",
                                          "responder established ",          "initial main mode message ",     "initial aggressive mode message ",
                                          "xauth: sending "};
  if (begins_with(text, "responding to ")) return !begins_with(text, "responding to quick mode ");
  return std::ranges::any_of(kStarts, [&](std::string_view start) { return begins_with(text, start); }) || in_responders_state(text);
}

bool is_phase2(std::string_view text) {
  constexpr std::string_view kStarts[] = {"responding to quick mode ", "state_quick_", "state_v2_ipsec_",     "ipsec sa established ",
                                          "quick mode ",               "negotiated connection ", "ipsec transform ", "no acceptable proposal in ipsec sa",
                                          "responder rekeyed child sa ", "no local proposal matches remote proposals 1:esp:", "proposal 1:esp="};
  return std::ranges::any_of(kStarts, [&](std::string_view start) { return begins_with(text, start); });
}

// The 5 of "responder established Child SA using #5; …", 0 where there is none.
std::uint64_t phase1_named(std::string_view text) {
  constexpr std::string_view kStart = "responder established child sa using #";
  if (!begins_with(text, kStart)) return 0;
  text.remove_prefix(kStart.size());
  return take_number(text);
}

// The eight hexadecimal digits behind a word, 0 where they are fewer or masked ("0xESPESP").
std::uint32_t hex_behind(std::string_view text, std::string_view word) {
  constexpr std::size_t kDigits = 8;
  const std::size_t at = text.find(word);
  if (at == std::string_view::npos || text.size() <= at + word.size() + kDigits) return 0;
  const char* const begin = text.data() + at + word.size();
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(begin, text.data() + text.size(), number, 16);
  return error == std::errc{} && end == begin + kDigits ? number : 0;
}

// "{msgid:2cc8ba8a}" is the same on either side, "{ESPinUDP=>0x866c71db <0x913c1ca3 …}" is mirrored.
void take_keys(std::string_view text, Event& event) {
  event.message_id = hex_behind(text, "{msgid:");
  if (event.message_id == 0 && begins_with(text, "initiating quick mode ")) event.message_id = hex_behind(text, " msgid:");
  event.spi_out = hex_behind(text, "=>0x");
  event.spi_in = hex_behind(text, " <0x");
}

// What the gateway's line is about: phase 2 counts as the phase 1 that it goes on, which stands before it with the same peer.
void follow_numbers(std::string_view text, SourceState& state, Event& event) {
  auto& ring = state.numbered();
  const std::size_t used = std::min<std::size_t>(state.numbers, ring.size());
  const auto with_number = [&](std::uint64_t number) {
    return std::find_if(ring.begin(), ring.begin() + used, [&](const SourceState::Numbered& each) { return each.number == number; });
  };
  const auto known = with_number(event.session);
  if (known != ring.begin() + used) {
    if (const std::uint64_t named = phase1_named(text); named != 0) known->phase1 = (state.run << 32) | named;
    state.own_line = known->phase1 == 0;
    if (!state.own_line) event.session = known->phase1;
    return;
  }
  SourceState::Numbered fresh{.number = event.session, .phase1 = event.session};
  if (event.peer.size() < fresh.peer.size()) std::ranges::copy(event.peer, fresh.peer.begin());
  if (const std::uint64_t named = phase1_named(text); named != 0) {
    fresh.phase1 = (state.run << 32) | named;
  } else if (is_phase2(text)) {
    for (std::size_t back = 1; back <= used; ++back) {
      const SourceState::Numbered& before = ring[(state.numbers - back) % ring.size()];
      if (before.peer != fresh.peer || before.number != before.phase1) continue;
      fresh.phase1 = before.phase1;
      break;
    }
  } else if (event.peer.empty() && begins_with(text, "initiating ")) {
    fresh.phase1 = 0;
  }
  ring[state.numbers++ % ring.size()] = fresh;
  state.own_line = fresh.phase1 == 0;
  if (!state.own_line) event.session = fresh.phase1;
}

bool begins_phase1(std::string_view text) {
  return begins_with(text, "initiating ") && !begins_with(text, "initiating quick mode") && !begins_with(text, "initiating all ");
}

void learn(std::string_view text, SourceState& state) {
  if (begins_with(text, "starting pluto ")) ++state.run;
  if (answers_phase1(text) || (!state.vantage_known && is_phase2(text) && !in_initiators_state(text) && begins_with(text, "responding to "))) {
    state.vantage = Vantage::concentrator;
    state.vantage_known = true;
  } else if (!state.vantage_known && (begins_with(text, "initiating ") || in_initiators_state(text))) {
    state.vantage = Vantage::client;
    state.vantage_known = true;
  }
  // The same notify refuses either phase; which, only the lines before it tell.
  if (begins_phase1(text)) state.in_phase2 = false;
  if (begins_with(text, "initiating quick mode") || text.find("SA established") != std::string_view::npos) state.in_phase2 = true;
}

// In a log file of its own it has no tag, and says these of itself.
bool says_it_is_pluto(std::string_view text) {
  return begins_with(text, "starting pluto (") || begins_with(text, "pluto is shutting down");
}

// A line of pluto names the program, a numbered connection or a packet's sender: most foreign lines end here.
bool may_be_ours(std::string_view line) {
  return line.find("luto") != std::string_view::npos || line.find("packet from ") != std::string_view::npos ||
         take_command_code(line) || (line.find('"') != std::string_view::npos && line.find(" #") != std::string_view::npos);
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
      if (!tagged && !syslog.program.empty() && !hands_on(syslog.program)) return HeaderResult::not_mine;
      time = syslog.time;
      host = syslog.host;
      rest = trimmed(syslog.text);
      if (begins_with(rest, "[pluto] ")) {
        rest = trimmed(rest.substr(8));
        tagged = true;
      }
      if (SyslogHeader own; tagged && begins_with_month(rest) && cut_syslog(rest, year_for(state, event), &own)) {  // its log file, shipped
        time = own.time;
        rest = trimmed(own.text);
      }
      tagged = tagged || (syslog.program.empty() && says_it_is_pluto(rest));
    } else {
      take_bare_tag(rest);
    }
    while (!rest.empty() && (rest.front() == ':' || is_blank(rest.front()))) rest.remove_prefix(1);
  }
  Event read = event;
  const bool status = rest.starts_with("000 ");  // any pluto's, a gateway's too
  const bool told_to_command = take_command_code(rest);
  if (!take_packet_from(rest, read) && !take_connection(rest, state.run, read) &&
      !((tagged || told_to_command) && take_connection_name(rest)) && !tagged)
    return HeaderResult::not_mine;
  event = read;
  event.time = time;
  if (!host.empty()) event.device = host;
  take_keys(rest, event);
  learn(rest, state);
  if (told_to_command && !status && !state.vantage_known) {  // nobody asks a gateway to answer
    state.vantage = Vantage::client;
    state.vantage_known = true;
  }
  state.own_line = false;
  if (state.vantage_known && state.vantage == Vantage::client) {
    event.gateway = event.peer;
    event.peer = {};
  } else if (event.session != 0) {
    follow_numbers(rest, state, event);
  }
  text = rest;
  return HeaderResult::cut;
}

// Either side starts and stops: without knowing the side such a line says nothing.
void complete_concentrator(SourceState& state, Event& event) {
  if (state.own_line) event.says = {};
  // Without a key, or for want of the method, every proposal is refused.
  if (event.says.intersects({concentrator_group_unknown, concentrator_no_fitting_method})) state.keyless = event.session;
  if (event.says.has(concentrator_saw_am1)) state.begun = event.session;
  if (event.says == FactMask{concentrator_sent_no_proposal} && event.session != 0) {
    if (event.session == state.keyless)
      event.says = concentrator_sent_refusal;
    else if (event.session == state.begun)  // else the reason may be in lines that are not here
      event.says = concentrator_proposal_rejected;
  }
  if (state.vantage_known) return;
  if (event.says.has(concentrator_started) || event.says.has(concentrator_ended_by_shutdown)) event.says = {};
}

void complete_client(SourceState& state, Event& event) {
  if (!state.in_phase2) return;
  if (event.says.has(client_no_proposal_notify)) event.says = client_phase2_refused;
  if (event.says.has(client_phase1_refused)) event.says = client_phase2_network_refused;
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
    {"", {concentrator_ended_by_shutdown},
     "Pluto is shutting down",
     R"(Nov 29 11:09:25.741863: Pluto is shutting down)",
     "", "lab, libreswan 4.10"},
    {"", {concentrator_saw_am1, concentrator_ikev1},
     "responding to Aggressive Mode, state #{int}, connection {rest}",
     R"("xauth-psk"[1] xxx.xxx.xxx.xxx #2: responding to Aggressive Mode, state #2, connection "xauth-psk"[1] xxx.xxx.xxx.xxx from xxx.xxx.xxx.xxx)",
     "peer=xxx.xxx.xxx.xxx session=2", "asa c202"},
    {"", {concentrator_saw_am1, concentrator_ikev1},
     "responding to Aggressive Mode {rest}",
     R"("xauth-psk"[1] 198.51.100.95 #2: responding to Aggressive Mode from unknown peer 198.51.100.95:500)",
     "peer=198.51.100.95 session=2", "manual"},
    {"", {concentrator_saw_am1, concentrator_ikev1},
     "responding to Main Mode {rest}",
     R"("xauth-psk"[1] 198.51.100.95 #2: responding to Main Mode from unknown peer 198.51.100.95:500)",
     "peer=198.51.100.95 session=2", "manual"},
    {"", {concentrator_proposal_accepted, concentrator_ikev1},
     "sent Aggressive Mode response, expecting confirmation",
     R"("work"[1] 198.51.100.95 #1: sent Aggressive Mode response, expecting confirmation)",
     "peer=198.51.100.95 session=1", "lab, libreswan 4.10"},
    {"", {concentrator_proposal_accepted, concentrator_ikev1},
     "sent Main Mode R1",
     R"("work"[1] 198.51.100.95 #1: sent Main Mode R1)",
     "peer=198.51.100.95 session=1", "lab, libreswan 4.10"},
    {"", {concentrator_proposal_accepted},
     "sent Main Mode R2",
     R"("work"[1] 198.51.100.95 #1: sent Main Mode R2)",
     "peer=198.51.100.95 session=1", "lab, libreswan 4.10"},
    {"", {concentrator_answer_lost},
     "IKE_AUTH request has duplicate Message ID {int}; retransmitting response",
     R"("work"[1] 198.51.100.95 #1: IKE_AUTH request has duplicate Message ID 1; retransmitting response)",
     "peer=198.51.100.95 session=1", "lab, libreswan 4.10"},
    {"", {concentrator_answer_lost},
     "IKE_AUTH request fragment {int} of {int} has duplicate Message ID {int}; retransmitting response",
     R"("work"[1] 198.51.100.95 #1: IKE_AUTH request fragment 1 of 4 has duplicate Message ID 1; retransmitting response)",
     "peer=198.51.100.95 session=1", "lab, libreswan 4.10"},
    {"", {concentrator_timed_out},
     "deleting incomplete state after {int} seconds",
     R"("work"[1] 198.51.100.95 #1: deleting incomplete state after 60 seconds)",
     "peer=198.51.100.95 session=1", "lab, libreswan 4.10"},
    {"", {concentrator_phase1_done},
     "IKE SA established {rest}",
     R"("work"[1] 198.51.100.95 #1: IKE SA established {auth=PRESHARED_KEY cipher=AES_CBC_256 integ=HMAC_SHA1 group=MODP1536})",
     "peer=198.51.100.95 session=1", "lab, libreswan 4.10"},
    {"", {concentrator_phase1_done},
     "responding to Quick Mode proposal {rest}",
     R"("work"[1] 198.51.100.95 #2: responding to Quick Mode proposal {msgid:730b137c})",
     "peer=198.51.100.95 session=2 message_id=730b137c", "lab, libreswan 4.10"},
    {"", {concentrator_saw_am1, concentrator_ikev2},
     "processing IKE_SA_INIT request {rest}",
     R"("xauth-psk"[1] 198.51.100.95 #2: processing IKE_SA_INIT request from 198.51.100.95:UDP/500 containing SA,KE,Ni,N,N,N,N)",
     "peer=198.51.100.95 session=2", "manual"},
    {"", {concentrator_saw_am1, concentrator_no_fitting_connection, concentrator_ikev1},
     "initial Aggressive Mode message from {word} but no (wildcard) connection has been configured {rest}",
     R"(packet from 198.51.100.95:36790: initial Aggressive Mode message from 198.51.100.95:36790 but no (wildcard) connection has been configured with authby PSK)",
     "peer=198.51.100.95", "lab, libreswan 4.10"},
    {"", {concentrator_saw_am1, concentrator_no_fitting_method, concentrator_ikev1},
     "initial Main Mode message received on {word} but no connection has been authorized with {rest}",
     R"(packet from 198.51.100.95:36790: initial Main Mode message received on 203.0.113.97:500 but no connection has been authorized with policy=PSK)",
     "peer=198.51.100.95", "manual"},
    {"", {concentrator_saw_am1, concentrator_no_fitting_method, concentrator_ikev1},
     "initial Main Mode message received but no connection has been authorized with {rest}",
     R"(packet from 198.51.100.95:36790: initial Main Mode message received but no connection has been authorized with authby=PSK and xauth=no)",
     "peer=198.51.100.95", "manual"},
    {"", {concentrator_saw_am1, concentrator_no_fitting_method},
     "policy does not allow Extended Authentication (XAUTH) of initiator {rest}",
     R"("l2tp-psk"[1] 198.51.100.95 #4: policy does not allow Extended Authentication (XAUTH) of initiator (we are responder).  Attribute OAKLEY_AUTHENTICATION_METHOD)",
     "peer=198.51.100.95 session=4", "setup-ipsec-vpn issues 43 and 331"},
    {"", {concentrator_saw_am1, concentrator_no_fitting_method},
     "policy mandates Extended Authentication (XAUTH) {rest}",
     R"("xauth-psk"[1] 198.51.100.95 #4: policy mandates Extended Authentication (XAUTH) with PSK of initiator (we are responder).  Attribute OAKLEY_AUTHENTICATION_METHOD)",
     "peer=198.51.100.95 session=4", "libreswan source"},
    {"", {concentrator_saw_am1, concentrator_ikev2},
     "processed IKE_SA_INIT request {rest}",
     R"("ikev2-cp"[3] 198.51.100.20 #3: processed IKE_SA_INIT request from 198.51.100.20:UDP/500 {cipher=AES_CBC_256 integ=HMAC_SHA2_256_128 prf=HMAC_SHA2_256 group=MODP2048})",
     "peer=198.51.100.20 session=3", "manual"},
    {"", {concentrator_saw_am1, concentrator_proposal_accepted, concentrator_ikev2},
     "sent IKE_SA_INIT reply {rest}",
     R"("ikev2-cp"[3] 198.51.100.20 #3: sent IKE_SA_INIT reply {cipher=AES_CBC_256 integ=HMAC_SHA2_256_128 prf=HMAC_SHA2_256 group=MODP2048})",
     "peer=198.51.100.20 session=3", "manual"},
    // No identity has been sent yet: there is no IKEv2 for this address at all.
    {"", {concentrator_saw_am1, concentrator_ike_not_enabled, concentrator_ikev2},
     "initial parent SA message received on {word} but no suitable connection found with IKEv2 policy{rest}",
     R"(packet from 198.51.100.20:500: initial parent SA message received on 203.0.113.5:500 but no suitable connection found with IKEv2 policy)",
     "peer=198.51.100.20", "manual"},
    {"", {concentrator_saw_am1, concentrator_ike_not_enabled, concentrator_ikev2},
     "ISAKMP_v2_IKE_SA_INIT message received on {word} but no suitable connection found with IKEv2 policy{rest}",
     R"(packet from 198.51.100.20:500: ISAKMP_v2_IKE_SA_INIT message received on 203.0.113.5:500 but no suitable connection found with IKEv2 policy)",
     "peer=198.51.100.20", "manual"},
    {"", {concentrator_group_unknown},
     "no suitable connection for peer '{name}'",
     R"("rw"[1] 198.51.100.20 #5: no suitable connection for peer '192.168.1.7')",
     "peer=198.51.100.20 session=5", "manual"},
    {"", {concentrator_group_unknown},
     "Peer ID '{name}' mismatched on first found connection and no better connection found",
     R"("westnet-eastnet-ikev2"[1] 192.1.2.253 #1: Peer ID '@west' mismatched on first found connection and no better connection found)",
     "peer=192.1.2.253 session=1", "libreswan 638"},
    {"", {concentrator_group_unknown},
     "Can't authenticate: no preshared key found for {rest}",
     R"("rw"[1] 198.51.100.20 #5: Can't authenticate: no preshared key found for `203.0.113.5' and `%any'.  Attribute OAKLEY_AUTHENTICATION_METHOD)",
     "peer=198.51.100.20 session=5", "manual"},
    {"", {concentrator_sent_no_proposal},
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
    {"", {concentrator_phase2_proposal_rejected},
     "no acceptable Proposal in IPsec SA",
     R"("rw"[1] 198.51.100.20 #6: no acceptable Proposal in IPsec SA)",
     "peer=198.51.100.20 session=6", "manual"},
    {"", {concentrator_phase2_network_rejected},
     "Quick Mode request rejected, peer requested lease but proposed {rest}",
     R"(Feb  1 01:03:49.041201: "xauth-psk"[210] 120.231.135.232 #285: Quick Mode request rejected, peer requested lease but proposed local selector 192.168.43.0/24 does not match connection 0.0.0.0/0; deleting ISAKMP SA)",
     "peer=120.231.135.232 session=285", "libreswan 2026"},
    {"", {concentrator_phase2_network_rejected},
     "Child SA's Traffic Selector request {more} does not match any IKEv2 connection; responding with TS_UNACCEPTABLE",
     R"("workers"[1] 198.51.100.20 #5: Child SA's Traffic Selector request {TSi=192.168.5.15/32;TSr=192.168.64.7/32} does not match any IKEv2 connection; responding with TS_UNACCEPTABLE)",
     "peer=198.51.100.20 session=5", "posted log of a Lima host"},
    {"", {concentrator_phase2_network_rejected},
     "responding to IKE_AUTH message (ID {int}) from {ip}:{int} with encrypted notification TS_UNACCEPTABLE",
     R"("ikev2-cp"[3] 198.51.100.20 #3: responding to IKE_AUTH message (ID 1) from 198.51.100.20:4500 with encrypted notification TS_UNACCEPTABLE)",
     "peer=198.51.100.20 session=3", "manual"},
    {"", {concentrator_phase2_network_rejected},
     "responding to CREATE_CHILD_SA message (ID {int}) from {ip}:{int} with encrypted notification TS_UNACCEPTABLE",
     R"("ikev2-cp"[3] 198.51.100.20 #3: responding to CREATE_CHILD_SA message (ID 1) from 198.51.100.20:4500 with encrypted notification TS_UNACCEPTABLE)",
     "peer=198.51.100.20 session=3", "manual"},
    {"", {concentrator_address_failed},
     "responding to IKE_AUTH message (ID {int}) from {ip}:{int} with encrypted notification INTERNAL_ADDRESS_FAILURE",
     R"("ikev2-cp"[3] 198.51.100.20 #3: responding to IKE_AUTH message (ID 1) from 198.51.100.20:4500 with encrypted notification INTERNAL_ADDRESS_FAILURE)",
     "peer=198.51.100.20 session=3", "manual"},
    {"", {concentrator_sent_refusal},
     "responding to IKE_AUTH message (ID {int}) from {ip}:{int} with encrypted notification AUTHENTICATION_FAILED",
     R"("ikev2-cp"[3] 198.51.100.20 #3: responding to IKE_AUTH message (ID 1) from 198.51.100.20:4500 with encrypted notification AUTHENTICATION_FAILED)",
     "peer=198.51.100.20 session=3", "manual"},
    {"", {concentrator_saw_am1, concentrator_sent_no_proposal},
     "responding to IKE_SA_INIT {more} from {ip}:{int} with unencrypted notification NO_PROPOSAL_CHOSEN",
     R"(packet from 198.51.100.20:500: responding to IKE_SA_INIT (34) message (Message ID 0) from 198.51.100.20:500 with unencrypted notification NO_PROPOSAL_CHOSEN)",
     "peer=198.51.100.20", "docker-ipsec-vpn-server issue 199"},
    {"", {concentrator_saw_am1, concentrator_sent_no_proposal},
     "sending notification NO_PROPOSAL_CHOSEN to {ip}:{int}",
     R"(packet from 198.51.100.20:500: sending notification NO_PROPOSAL_CHOSEN to 198.51.100.20:500)",
     "peer=198.51.100.20", "setup-ipsec-vpn issue 1788"},
    {"", {concentrator_address_pool_full},
     "leasing IPv4 address failed: no free address in addresspool{rest}",
     R"("xauth-psk"[9] 198.51.100.20 #19: leasing IPv4 address failed: no free address in addresspool)",
     "peer=198.51.100.20 session=19", "addresspool.c"},
    {"", {concentrator_address_pool_full},
     "ikev2 lease_an_address failure no free address in addresspool{rest}",
     R"("ikev2-cp"[9] 198.51.100.20 #19: ikev2 lease_an_address failure no free address in addresspool)",
     "peer=198.51.100.20 session=19", "ikev2_parent.c"},
    {"", {concentrator_address_pool_full},
     "lease_an_address failure no free address in addresspool{rest}",
     R"("xauth-psk"[9] 198.51.100.20 #19: lease_an_address failure no free address in addresspool)",
     "peer=198.51.100.20 session=19", "addresspool.c"},
    {"", {concentrator_key_mismatch},
     "AUTH mismatch: Received AUTH != computed AUTH",
     R"("ikev2-cp"[3] 198.51.100.20 #3: AUTH mismatch: Received AUTH != computed AUTH)",
     "peer=198.51.100.20 session=3", "manual"},
    {"", {concentrator_key_mismatch},
     "PSK Authentication failed: AUTH mismatch{rest}",
     R"("ikev2-cp"[3] 198.51.100.20 #3: PSK Authentication failed: AUTH mismatch in I2 Auth Payload!)",
     "peer=198.51.100.20 session=3", "manual"},
    {"", {concentrator_key_mismatch},
     "authentication failed: computed hash does not match hash received from peer {rest}",
     R"("work"[1] 198.51.100.20 #1: authentication failed: computed hash does not match hash received from peer ID_FQDN '@sales')",
     "peer=198.51.100.20 session=1", "lab, libreswan 4.10"},
    {"", {concentrator_certificate_rejected},
     "authentication failed: no certificate matched {rest}",
     R"("work"[1] 198.51.100.20 #1: authentication failed: no certificate matched PKCS#1 1.5 RSA with SHA2_256 and 'O=Lab, CN=alice@example.org')",
     "peer=198.51.100.20 session=1", "lab, libreswan 4.10"},
    {"", {concentrator_auth_method_rejected},
     "authentication failed: peer authentication requires policy {word}",
     R"("work"[1] 198.51.100.20 #1: authentication failed: peer authentication requires policy RSASIG_v1_5)",
     "peer=198.51.100.20 session=1", "lab, libreswan 4.10"},
    {"", {concentrator_key_mismatch},
     "authentication failed: PSK AUTH mismatch{rest}",
     R"("ikev2-cp"[3] 198.51.100.20 #3: AUTHENTICATION FAILED: PSK AUTH mismatch!)",
     "peer=198.51.100.20 session=3", "manual"},
    {"", {concentrator_key_mismatch},
     "malformed payload in packet. Probable authentication failure (mismatch of preshared secrets?)",
     R"(2016:06:22-08:34:28 sophos pluto[6735]: "L_for bob"[3] 198.51.100.20 #11: malformed payload in packet. Probable authentication failure (mismatch of preshared secrets?))",
     "peer=198.51.100.20 session=11", "strongSwan 4"},
    {"", {concentrator_auth_method_rejected},
     "authentication failed: peer attempted {word} authentication but we want {rest}",
     R"("ikev2-cp"[3] 198.51.100.20 #3: authentication failed: peer attempted PSK authentication but we want rsasig)",
     "peer=198.51.100.20 session=3", "docker-ipsec-vpn-server issue 435"},
    {"", {concentrator_auth_method_rejected},
     "peer attempted {word} authentication but we want {rest}",
     R"("ikev2-cp"[3] 198.51.100.20 #3: Peer attempted RSA authentication but we want SECRET)",
     "peer=198.51.100.20 session=3", "libreswan source, up to 3.32"},
    // The first IKE_AUTH without AUTH asks for EAP (RFC 7296, 2.16).
    {"", {concentrator_auth_method_rejected},
     "missing payload(s) (ISAKMP_NEXT_v2AUTH){rest}",
     R"("RoadWarrior-IKEv2"[2] 198.51.100.20 #3: missing payload(s) (ISAKMP_NEXT_v2AUTH). Message dropped.)",
     "peer=198.51.100.20 session=3", "libreswan issue 47"},
    {"", {concentrator_auth_method_rejected},
     "peer attempted EAP authentication, but IKE_AUTH is required{rest}",
     R"("ikev2-cp"[3] 198.51.100.20 #3: peer attempted EAP authentication, but IKE_AUTH is required)",
     "peer=198.51.100.20 session=3", "libreswan 2294"},
    {"", {concentrator_certificate_expired},
     "NSS: ERROR: IPsec certificate {more} invalid: SEC_ERROR_EXPIRED_CERTIFICATE{rest}",
     R"("ikev2-cp"[3] 198.51.100.20 #3: NSS: ERROR: IPsec certificate CN=vpnclient,O=IKEv2 VPN invalid: SEC_ERROR_EXPIRED_CERTIFICATE: Peer's Certificate has expired.)",
     "peer=198.51.100.20 session=3", "manual"},
    {"", {concentrator_certificate_rejected},
     "NSS: ERROR: IPsec certificate {more} invalid: SEC_ERROR_UNKNOWN_ISSUER{rest}",
     R"("ikev2-cp"[3] 198.51.100.20 #3: NSS: ERROR: IPsec certificate CN=vpnclient,O=IKEv2 VPN invalid: SEC_ERROR_UNKNOWN_ISSUER: Peer's Certificate issuer is not recognized.)",
     "peer=198.51.100.20 session=3", "manual"},
    {"", {concentrator_certificate_rejected},
     "NSS: ERROR: IPsec certificate {more} invalid: SEC_ERROR_REVOKED_CERTIFICATE{rest}",
     R"("ikev2-cp"[3] 198.51.100.20 #3: NSS: ERROR: IPsec certificate CN=vpnclient,O=IKEv2 VPN invalid: SEC_ERROR_REVOKED_CERTIFICATE: Peer's Certificate has been revoked.)",
     "peer=198.51.100.20 session=3", "manual"},
    {"", {concentrator_certificate_rejected},
     "NSS: ERROR: IPsec certificate {more} invalid: SEC_ERROR_UNTRUSTED_ISSUER{rest}",
     R"("ikev2-cp"[3] 198.51.100.20 #3: NSS: ERROR: IPsec certificate CN=vpnclient,O=IKEv2 VPN invalid: SEC_ERROR_UNTRUSTED_ISSUER: Peer's certificate issuer has been marked as not trusted by the user.)",
     "peer=198.51.100.20 session=3", "manual"},
    {"", {concentrator_certificate_rejected},
     "X509: certificate payload rejected for this connection",
     R"("ikev2-cp"[3] 198.51.100.20 #3: X509: certificate payload rejected for this connection)",
     "peer=198.51.100.20 session=3", "manual"},
    {"", {concentrator_certificate_rejected},
     "X509: Certificate rejected for this connection",
     R"("ikev2-cp"[3] 198.51.100.20 #3: X509: Certificate rejected for this connection)",
     "peer=198.51.100.20 session=3", "manual"},
    {"", {concentrator_certificate_rejected},
     "X509: authentication failed; peer certificate {rest}",
     R"("work"[1] 198.51.100.20 #1: X509: authentication failed; peer certificate subjectAltName extension does not match ID_FQDN 'alice.example.org')",
     "peer=198.51.100.20 session=1", "manual"},
    {"", {concentrator_certificate_rejected},
     "certificate revoked!",
     R"("ikev2-cp"[3] 198.51.100.20 #3: certificate revoked!)",
     "peer=198.51.100.20 session=3", "manual"},
    {"", {concentrator_certificate_rejected},
     "Certificate {more} failed verification",
     R"("ikev2-cp"[3] 198.51.100.20 #3: Certificate CN=Cisco INC failed verification)",
     "peer=198.51.100.20 session=3", "libreswan 251"},
    {"", {concentrator_certificate_rejected},
     "no public key known for '{name}'",
     R"("C2"[1] 192.168.1.200 #1: no public key known for 'CN=client1')",
     "peer=192.168.1.200 session=1", "strongSwan 4"},
    {"", {concentrator_certificate_rejected},
     "no RSA public key known for '{name}'{rest}",
     R"("C2"[1] 192.168.1.200 #1: no RSA public key known for 'CN=client1')",
     "peer=192.168.1.200 session=1", "manual"},
    {"", {concentrator_am3_timeout, concentrator_timed_out},
     "max number of retransmissions ({int}) reached STATE_MAIN_R2{rest}",
     R"("L2TP-PSK-NAT"[3] 198.51.100.20 #5: max number of retransmissions (2) reached STATE_MAIN_R2)",
     "peer=198.51.100.20 session=5", "manual"},
    {"", {concentrator_xauth_unanswered, concentrator_timed_out},
     "max number of retransmissions ({int}) reached STATE_XAUTH_R0{rest}",
     R"("L2TP-PSK-NAT"[3] 198.51.100.20 #5: max number of retransmissions (2) reached STATE_XAUTH_R0)",
     "peer=198.51.100.20 session=5", "manual"},
    {"", {concentrator_timed_out},
     "max number of retransmissions ({int}) reached {rest}",
     R"("L2TP-PSK-NAT"[3] 198.51.100.20 #5: max number of retransmissions (2) reached STATE_MAIN_R1)",
     "peer=198.51.100.20 session=5", "manual"},
    {"", {concentrator_xauth_unanswered, concentrator_timed_out},
     "STATE_XAUTH_R0: {int} second timeout exceeded after {rest}",
     R"("xauth-psk"[1] 198.51.100.95 #2: STATE_XAUTH_R0: 60 second timeout exceeded after 7 retransmits.)",
     "peer=198.51.100.95 session=2", "manual"},
    {"", {concentrator_lost_peer},
     "STATE_V2_ESTABLISHED_IKE_SA: {int} second timeout exceeded after {rest}",
     R"("work"[1] 198.51.100.95 #1: STATE_V2_ESTABLISHED_IKE_SA: 60 second timeout exceeded after 7 retransmits.  No response (or no acceptable response) to our IKEv2 message)",
     "peer=198.51.100.95 session=1", "lab, libreswan 4.10"},
    {"", {concentrator_timed_out},
     "{word} {int} second timeout exceeded after {rest}",
     R"("xauth-psk"[1] 198.51.100.95 #2: STATE_MAIN_R1: 60 second timeout exceeded after 7 retransmits.)",
     "peer=198.51.100.95 session=2", "manual"},
    {"", {concentrator_phase1_done},
     "ISAKMP SA established {rest}",
     R"("xauth-psk"[2] 198.51.100.20 #9: ISAKMP SA established {auth=PRESHARED_KEY cipher=AES_CBC_256 integ=HMAC_SHA2_256 group=MODP2048})",
     "peer=198.51.100.20 session=9", "manual"},
    {"", {concentrator_phase1_done},
     "sent MR3, ISAKMP SA established",
     R"(2016:06:22-08:34:28 sophos pluto[6735]: "D_REF_IpsRoaForBob_0"[3] 198.51.100.20:4500 #11: sent MR3, ISAKMP SA established)",
     "peer=198.51.100.20 session=11", "strongSwan 4"},
    {"", {concentrator_phase1_done, concentrator_user_ok},
     "responder established IKE SA; {rest}",
     R"("ikev2-cp"[3] 198.51.100.20 #3: responder established IKE SA; authenticated peer using authby=rsasig and ID_DER_ASN1_DN 'CN=vpnclient, O=IKEv2 VPN')",
     "peer=198.51.100.20 session=3", "manual"},
    {"", {concentrator_phase1_done, concentrator_user_ok},
     "established IKE SA; authenticated {rest}",
     R"("ikev2-cp"[3] 198.51.100.20 #3: established IKE SA; authenticated using RSA with SHA2_512 and peer certificate 'CN=vpnclient, O=IKEv2 VPN' issued by CA 'CN=IKEv2 VPN CA, O=IKEv2 VPN')",
     "peer=198.51.100.20 session=3", "manual"},
    {"", {concentrator_phase1_done, concentrator_user_ok},
     "Authenticated using {word} with {rest}",
     R"(Sep 26 10:48:43 VPNSRVR pluto[2481]: "ikev2-cp"[17] 178.80.161.193 #58: Authenticated using RSA with IKEv2_AUTH_HASH_SHA1)",
     "peer=178.80.161.193 session=58", "setup-ipsec-vpn 856"},
    {"", {concentrator_phase2_done},
     "responder established Child SA using #{int}; IPsec {word} {rest}",
     R"("any-east"[1] 192.1.3.33 #2: responder established Child SA using #1; IPsec tunnel [192.0.2.0/24===192.0.2.101/32] {ESP/ESN=>0xESPESP <0xESPESP xfrm=AES_GCM_16_256-NONE DPD=passive})",
     "peer=192.1.3.33 session=1", "libreswan 2019"},
    {"", {concentrator_phase2_done},
     "IPsec SA established {word} mode {rest}",
     R"("xauth-psk"[2] 198.51.100.20 #10: IPsec SA established tunnel mode {ESPinUDP=>0x77f05804 <0x5f43a4d6 xfrm=AES_CBC_256-HMAC_SHA1_96 NATD=198.51.100.20:4500 DPD=active username=alice})",
     "peer=198.51.100.20 session=10 spi_in=5f43a4d6 spi_out=77f05804", "manual"},
    {"", {concentrator_phase1_done, concentrator_xauth_started},
     "sending XAUTH request",
     R"(2016:06:22-08:34:28 sophos pluto[6735]: "D_REF_IpsRoaForBob_0"[3] 198.51.100.20:4500 #11: sending XAUTH request)",
     "peer=198.51.100.20 session=11", "strongSwan 4"},
    {"", {concentrator_user_ok},
     "extended authentication was successful",
     R"(2016:06:22-08:34:29 sophos pluto[6735]: "D_REF_IpsRoaForBob_0"[3] 198.51.100.20:4500 #11: extended authentication was successful)",
     "peer=198.51.100.20 session=11", "strongSwan 4"},
    {"", {concentrator_user_rejected},
     "extended authentication failed",
     R"(2016:06:22-08:34:29 sophos pluto[6735]: "D_REF_IpsRoaForBob_0"[3] 198.51.100.20:4500 #11: extended authentication failed)",
     "peer=198.51.100.20 session=11", "strongSwan 4"},
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
    {"", {concentrator_user_bad_password},
     "XAUTH: failure user({rest}",
     R"("work"[1] 198.51.100.95 #1: XAUTH: failure user(alice:work) )",
     "peer=198.51.100.95 session=1", "lab, libreswan 4.10"},
    // The same words whatever PAM says, also when its server did not answer.
    {"", {concentrator_user_failed},
     "XAUTH: User {user}: Authentication Failed: {rest}",
     R"("xauth-psk"[1] 198.51.100.95 #2: XAUTH: User alice: Authentication Failed: Incorrect Username or Password)",
     "peer=198.51.100.95 session=2 user=alice", "manual"},
    {"", {concentrator_phase2_done},
     "{word} IPsec SA established {word} mode {rest}",
     R"("xauth-psk"[1] 198.51.100.95 #2: STATE_QUICK_R2: IPsec SA established tunnel mode {ESPinUDP=>0x77f05804 <0x5f43a4d6 xfrm=AES_CBC_256-HMAC_SHA1_96 NATD=198.51.100.95:4500 DPD=active username=alice})",
     "peer=198.51.100.95 session=2 spi_in=5f43a4d6 spi_out=77f05804", "manual"},
    {"", {concentrator_lost_peer, concentrator_disconnected},
     "DPD action - {rest}",
     R"("work"[1] 198.51.100.95 #1: DPD action - clearing connection kind CK_INSTANCE)",
     "peer=198.51.100.95 session=1", "lab, libreswan 4.10"},
    {"", {concentrator_lost_peer, concentrator_disconnected},
     "liveness action - {rest}",
     R"("work"[1] 198.51.100.95 #1: liveness action - clearing connection kind CK_INSTANCE)",
     "peer=198.51.100.95 session=1", "lab, libreswan 4.10"},
    {"", {concentrator_lost_peer, concentrator_disconnected},
     "DPD: No response from peer - declaring peer dead",
     R"("xauth-psk"[1] 198.51.100.95 #2: DPD: No response from peer - declaring peer dead)",
     "peer=198.51.100.95 session=2", "manual"},
    {"", {concentrator_got_delete, concentrator_ended_by_user, concentrator_disconnected},
     "received Delete SA payload: deleting ISAKMP State #{int}",
     R"("L2TP-PSK-NAT"[3] 198.51.100.20 #5: received Delete SA payload: deleting ISAKMP State #5)",
     "peer=198.51.100.20 session=5", "manual"},
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
    // IKEv2 has no XAUTH user.
    {"", {concentrator_disconnected, concentrator_received_no_data, concentrator_sent_no_data},
     "ESP traffic information: in=0B out=0B",
     R"("work"[1] 198.51.100.95 #2: ESP traffic information: in=0B out=0B)",
     "peer=198.51.100.95 session=2", "lab, libreswan 4.10"},
    {"", {concentrator_disconnected, concentrator_received_no_data, concentrator_sent_data},
     "ESP traffic information: in=0B out={word}B",
     R"("work"[1] 198.51.100.95 #2: ESP traffic information: in=0B out=420B)",
     "peer=198.51.100.95 session=2", "manual"},
    {"", {concentrator_disconnected, concentrator_received_data, concentrator_sent_no_data},
     "ESP traffic information: in={word}B out=0B",
     R"("work"[1] 198.51.100.95 #2: ESP traffic information: in=84B out=0B)",
     "peer=198.51.100.95 session=2", "manual"},
    {"", {concentrator_disconnected, concentrator_received_data, concentrator_sent_data},
     "ESP traffic information: in={word}B out={word}B",
     R"("work"[1] 198.51.100.95 #2: ESP traffic information: in=84B out=420B)",
     "peer=198.51.100.95 session=2", "manual"},
};

constexpr NotOurs kConcentratorNotOurs[] = {
    {R"("xauth-psk"[1] xxx.xxx.xxx.xxx #2: Peer ID is ID_KEY_ID: '@#0x7573657273')", "an identity is not yet a group that exists"},
    {R"("xauth-psk"[1] xxx.xxx.xxx.xxx #2: OAKLEY_KEY_LENGTH attribute not preceded by OAKLEY_ENCRYPTION_ALGORITHM attribute.  Attribute OAKLEY_KEY_LENGTH)",
     "one transform of a proposal is skipped"},
    {R"(packet from xxx.xxx.xxx.xxx:36790: IKEv1 Aggressive Mode with PSK is vulnerable to dictionary attacks and is cracked on large scale by TLA's)",
     "a warning of the program about its configuration"},
};

constexpr MessageRow kClientRows[] = {
    // Asked for.
    {"", {client_started, client_ikev1},
     "initiating Aggressive Mode {rest}",
     R"("work" #1: initiating Aggressive Mode connection)",
     "session=1", "manual"},
    {"", {client_started, client_ikev1},
     "initiating Main Mode {rest}",
     R"(Jan  8 17:04:06 R2-1500 pluto[26867]: "Link1" #1: initiating Main Mode)",
     "session=1", "libreswan issue 232"},
    {"", {client_started, client_ikev1},
     "initiating IKEv1 {word} Mode connection{rest}",
     R"("xauth-road-eastnet" #1: initiating IKEv1 Main Mode connection)",
     "session=1", "libreswan tests"},
    {"", {client_started, client_ikev2},
     "initiating IKEv2 connection to {gateway} using {word}",
     R"("work" #1: initiating IKEv2 connection to 203.0.113.97 using UDP)",
     "session=1 gateway=203.0.113.97", "manual"},
    {"", {client_started, client_ikev2},
     "initiating IKEv2 connection{rest}",
     R"(Oct 21 14:15:03 ip-192-168-2-57.ec2.internal pluto[28693]: "Tunnel1" #1: initiating IKEv2 connection)",
     "session=1", "GitHub, AWS site-to-site guide"},
    {"", {client_started, client_ikev2},
     "initiating IKEv2 IKE SA",
     R"(181 "mtntest" #1056: initiating IKEv2 IKE SA)",
     "session=1056", "libreswan issue 913"},
    {"", {client_started, client_ikev2},
     "initiating v2 parent SA",
     R"(133 "work" #1: initiating v2 parent SA)",
     "session=1", "manual"},
    {"", {client_started, client_failed},
     "We cannot identify ourselves with either end of this connection.{rest}",
     R"(022 "work": We cannot identify ourselves with either end of this connection.)",
     "", "Ubuntu forum"},
    {"", {client_started, client_failed},
     "cannot initiate connection without knowing peer IP address {rest}",
     R"(029 "work": cannot initiate connection without knowing peer IP address (kind=CK_TEMPLATE))",
     "", "manual"},
    {"", {client_port_refused},
     "ERROR: asynchronous network error report on {word} (sport={int}) for message to {gateway} port {int}, complainant {ip}: Connection refused [errno 111, origin {rest}",
     R"("work" #1: ERROR: asynchronous network error report on eth0 (sport=500) for message to 203.0.113.97 port 500, complainant 203.0.113.97: Connection refused [errno 111, origin ICMP type 3 code 3 (not authenticated)])",
     "session=1 gateway=203.0.113.97", "Ubuntu forum"},
    {"", {client_port_refused},
     "ERROR: asynchronous network error report on {word} ({ip}:{int}), complainant {ip}: Connection refused [errno 111, origin {rest}",
     R"("work" #1: ERROR: asynchronous network error report on eth0 (192.168.7.10:500), complainant 203.0.113.97: Connection refused [errno 111, origin ICMP type 3 code 3 (not authenticated)])",
     "session=1", "lab, libreswan 4.10"},
    {"", {client_host_unreachable},
     "ERROR: asynchronous network error report on {word} ({ip}:{int}), complainant {ip}: No route to host [errno 113, origin {rest}",
     R"("work" #1: ERROR: asynchronous network error report on eth0 (192.168.7.10:500), complainant 198.51.100.7: No route to host [errno 113, origin ICMP type 3 code 1 (not authenticated)])",
     "session=1", "manual"},
    {"", {client_host_unreachable},
     "ERROR: asynchronous network error report on {word} (sport={int}) for message to {gateway} port {int}, complainant {ip}: No route to host [errno 113, origin {rest}",
     R"("work" #1: ERROR: asynchronous network error report on eth0 (sport=500) for message to 203.0.113.97 port 500, complainant 198.51.100.7: No route to host [errno 113, origin ICMP type 3 code 1 (not authenticated)])",
     "session=1 gateway=203.0.113.97", "manual"},
    // First message and what comes back.
    {"", {client_sent_am1},
     "STATE_MAIN_I1: initiate",
     R"(104 "Work" #4: STATE_MAIN_I1: initiate)",
     "session=4", "Ubuntu forum"},
    {"", {client_sent_am1},
     "STATE_AGGR_I1: initiate",
     R"(112 "imatrix" #1: STATE_AGGR_I1: initiate)",
     "session=1", "Ubuntu forum"},
    {"", {client_sent_am1},
     "STATE_PARENT_I1: initiate",
     R"(133 "work" #1: STATE_PARENT_I1: initiate)",
     "session=1", "manual"},
    {"", {client_sent_am1},
     "STATE_MAIN_I1: sent MI1, expecting MR1",
     R"(104 "work" #1: STATE_MAIN_I1: sent MI1, expecting MR1)",
     "session=1", "manual"},
    {"", {client_sent_am1},
     "STATE_AGGR_I1: sent AI1, expecting AR1",
     R"(112 "work" #1: STATE_AGGR_I1: sent AI1, expecting AR1)",
     "session=1", "manual"},
    {"", {client_sent_am1},
     "STATE_PARENT_I1: sent v2I1, expected v2R1",
     R"(181 "mtntest" #1056: STATE_PARENT_I1: sent v2I1, expected v2R1)",
     "session=1056", "libreswan issue 913"},
    {"", {client_phase2_started},
     "sent Quick Mode request{rest}",
     R"("work" #3: sent Quick Mode request, to replace #2)",
     "session=3", "lab, libreswan 4.10"},
    {"", {client_sent_am1},
     "sent {word} Mode request",
     R"("xauth-road-eastnet" #1: sent Main Mode request)",
     "session=1", "libreswan tests"},
    {"", {client_sent_am1, client_ikev2},
     "sent IKE_SA_INIT request to {gateway}:{rest}",
     R"("work" #1: sent IKE_SA_INIT request to 203.0.113.97:UDP/500)",
     "session=1 gateway=203.0.113.97", "manual"},
    {"", {client_sent_am1, client_ikev2},
     "sent IKE_SA_INIT request",
     R"("work" #1: sent IKE_SA_INIT request)",
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
     "STATE_V2_IKE_SA_INIT_I: retransmission; will wait {rest}",
     R"("work" #1: STATE_V2_IKE_SA_INIT_I: retransmission; will wait 0.5 seconds for response)",
     "session=1", "manual"},
    {"", {client_sent_am1, client_repeated_am1},
     "IKE_SA_INIT_I: retransmission; will wait {rest}",
     R"(Mar 20 10:03:50 vm01 pluto[123920]: "work" #3: IKE_SA_INIT_I: retransmission; will wait 2 seconds for response)",
     "session=3", "libreswan issue 2108"},
    {"", {client_sent_am1, client_repeated_am1},
     "STATE_PARENT_I1: retransmission; will wait {rest}",
     R"(010 "mtntest" #1056: STATE_PARENT_I1: retransmission; will wait 8 seconds for response)",
     "session=1056", "libreswan issue 913"},
    {"", {client_sent_am1, client_not_responding},
     "STATE_AGGR_I1: {int} second timeout exceeded after {int} retransmits.{rest}",
     R"("work" #1: STATE_AGGR_I1: 60 second timeout exceeded after 7 retransmits.  No response (or no acceptable response) to our first IKE message)",
     "session=1", "manual"},
    {"", {client_sent_am1, client_not_responding},
     "STATE_MAIN_I1: {int} second timeout exceeded after {int} retransmits.{rest}",
     R"("work" #1: STATE_MAIN_I1: 60 second timeout exceeded after 7 retransmits.  No response (or no acceptable response) to our first IKE message)",
     "session=1", "manual"},
    {"", {client_sent_am1, client_not_responding},
     "STATE_V2_PARENT_I1: {int} second timeout exceeded after {int} retransmits.{rest}",
     R"("work" #1: STATE_V2_PARENT_I1: 60 second timeout exceeded after 7 retransmits.  No response (or no acceptable response) to our first IKE message)",
     "session=1", "manual"},
    {"", {client_sent_am1, client_not_responding},
     "STATE_PARENT_I1: {int} second timeout exceeded after {int} retransmits.{rest}",
     R"("work" #1: STATE_PARENT_I1: 60 second timeout exceeded after 7 retransmits.  No response (or no acceptable response) to our first IKE message)",
     "session=1", "manual"},
    {"", {client_sent_am1, client_not_responding},
     "STATE_V2_IKE_SA_INIT_I: {int} second timeout exceeded after {int} retransmits.{rest}",
     R"("work" #1: STATE_V2_IKE_SA_INIT_I: 60 second timeout exceeded after 7 retransmits.  No response (or no acceptable response) to our first IKE message)",
     "session=1", "manual"},
    {"", {client_sent_am1, client_not_responding},
     "max number of retransmissions ({int}) reached STATE_MAIN_I1{rest}",
     R"("work" #1: max number of retransmissions (8) reached STATE_MAIN_I1.  No response (or no acceptable response) to our first IKE message)",
     "session=1", "manual"},
    {"", {client_sent_am1, client_not_responding},
     "max number of retransmissions ({int}) reached STATE_AGGR_I1{rest}",
     R"("work" #1: max number of retransmissions (8) reached STATE_AGGR_I1.  No response (or no acceptable response) to our first IKE message)",
     "session=1", "manual"},
    {"", {client_sent_am1, client_not_responding},
     "max number of retransmissions ({int}) reached STATE_PARENT_I1{rest}",
     R"("work" #1: max number of retransmissions (8) reached STATE_PARENT_I1.  No response (or no acceptable response) to our first IKE message)",
     "session=1", "manual"},
    {"", {client_received_any, client_received_am2},
     "STATE_MAIN_I2: sent MI2, expecting MR2",
     R"(106 "Work" #4: STATE_MAIN_I2: sent MI2, expecting MR2)",
     "session=4", "Ubuntu forum"},
    {"", {client_received_any, client_received_am2},
     "sent Main Mode I2",
     R"("xauth-road-eastnet" #1: sent Main Mode I2)",
     "session=1", "libreswan tests"},
    {"", {},
     "NAT-Traversal: Result using {name}: no NAT detected",
     R"(003 "work" #1: NAT-Traversal: Result using RFC 3947 (NAT-Traversal): no NAT detected)",
     "session=1", "manual"},
    {"", {client_natt_offered},
     "NAT-Traversal: Result using {name}: {rest}",
     R"(003 "Work" #4: NAT-Traversal: Result using RFC 3947 (NAT-Traversal): both are NATed)",
     "session=4", "Ubuntu forum"},
    // Refused. Which phase a notify is about, complete_client() knows.
    {"", {},
     "ignoring informational payload, type IPSEC_INITIAL_CONTACT{rest}",
     R"(003 "work" #1: ignoring informational payload, type IPSEC_INITIAL_CONTACT msgid=00000000)",
     "session=1", "manual"},
    {"", {client_received_any, client_no_proposal_notify},
     "ignoring informational payload, type NO_PROPOSAL_CHOSEN{rest}",
     R"("xxxTunnel" #1: ignoring informational payload, type NO_PROPOSAL_CHOSEN msgid=00000000)",
     "session=1", "Ubuntu forum"},
    {"", {client_received_any, client_no_proposal_notify},
     "ignoring informational payload NO_PROPOSAL_CHOSEN,{rest}",
     R"(Jan  8 17:04:06 R2-1500 pluto[26867]: "Link1" #1: ignoring informational payload NO_PROPOSAL_CHOSEN, msgid=00000000, length=16)",
     "session=1", "libreswan issue 232"},
    {"", {client_received_any, client_phase1_refused},
     "ignoring informational payload, type INVALID_ID_INFORMATION{rest}",
     R"(003 "work" #1: ignoring informational payload, type INVALID_ID_INFORMATION msgid=00000000)",
     "session=1", "manual"},
    {"", {client_received_any, client_phase1_refused},
     "ignoring informational payload INVALID_ID_INFORMATION,{rest}",
     R"("work" #1: ignoring informational payload INVALID_ID_INFORMATION, msgid=00000000, length=12)",
     "session=1", "manual"},
    {"", {client_received_any, client_auth_refused_notify},
     "ignoring informational payload, type INVALID_HASH_INFORMATION{rest}",
     R"(003 "test" #1: ignoring informational payload, type INVALID_HASH_INFORMATION msgid=00000000)",
     "session=1", "manual"},
    {"", {client_received_any, client_auth_refused_notify},
     "ignoring informational payload INVALID_HASH_INFORMATION,{rest}",
     R"("work" #1: ignoring informational payload INVALID_HASH_INFORMATION, msgid=00000000, length=12)",
     "session=1", "manual"},
    {"", {client_received_any, client_auth_refused_notify},
     "ignoring informational payload, type INVALID_KEY_INFORMATION{rest}",
     R"(003 "test" #1: ignoring informational payload, type INVALID_KEY_INFORMATION msgid=00000000)",
     "session=1", "Ubuntu forum"},
    {"", {client_received_any, client_auth_refused_notify},
     "ignoring informational payload INVALID_KEY_INFORMATION,{rest}",
     R"("work" #1: ignoring informational payload INVALID_KEY_INFORMATION, msgid=00000000, length=12)",
     "session=1", "manual"},
    {"", {client_received_any, client_auth_refused_notify},
     "ignoring informational payload, type AUTHENTICATION_FAILED{rest}",
     R"(003 "test" #1: ignoring informational payload, type AUTHENTICATION_FAILED msgid=00000000)",
     "session=1", "manual"},
    {"", {client_received_any, client_auth_refused_notify},
     "ignoring informational payload AUTHENTICATION_FAILED,{rest}",
     R"("work" #1: ignoring informational payload AUTHENTICATION_FAILED, msgid=00000000, length=12)",
     "session=1", "manual"},
    {"", {client_no_proposal_notify},
     "received and ignored notification payload: NO_PROPOSAL_CHOSEN{rest}",
     R"("work" #1: received and ignored notification payload: NO_PROPOSAL_CHOSEN)",
     "session=1", "manual"},
    {"", {client_received_any, client_no_proposal_notify},
     "unexpected IKE_SA_INIT message containing NO_PROPOSAL_CHOSEN notification; {rest}",
     R"(Mar 20 10:03:49 vm01 pluto[123920]: "work" #3: unexpected IKE_SA_INIT message containing NO_PROPOSAL_CHOSEN notification; message payloads: N; missing payloads: SA,KE,Ni)",
     "session=3", "libreswan issue 2108"},
    {"", {client_received_any, client_no_proposal_notify},
     "STATE_PARENT_I1: received unauthenticated v2N_NO_PROPOSAL_CHOSEN - ignored",
     R"(Nov 20 15:30:40.941085: "testconn" #82: STATE_PARENT_I1: received unauthenticated v2N_NO_PROPOSAL_CHOSEN - ignored)",
     "session=82", "libreswan issue 294"},
    {"", {client_received_any, client_no_proposal_notify},
     "dropping unexpected IKE_SA_INIT message containing NO_PROPOSAL_CHOSEN notification; {rest}",
     R"("xxxxxxx" #1: dropping unexpected IKE_SA_INIT message containing NO_PROPOSAL_CHOSEN notification; message payloads: N; missing payloads: SA,KE,Ni)",
     "session=1", "Oracle Cloud, interpreting logs"},
    {"", {client_auth_refused_notify},
     "IKE SA authentication request rejected: AUTHENTICATION_FAILED",
     R"(002 "TestConn" #6: IKE SA authentication request rejected: AUTHENTICATION_FAILED)",
     "session=6", "libreswan issue 426"},
    {"", {client_auth_refused_notify},
     "IKE SA authentication request rejected by peer: AUTHENTICATION_FAILED",
     R"(002 "TestConn" #1030: IKE SA authentication request rejected by peer: AUTHENTICATION_FAILED)",
     "session=1030", "libreswan issue 1794"},
    {"", {client_auth_refused_notify},
     "IKE_AUTH response contained the error notification AUTHENTICATION_FAILED",
     R"("work" #1: IKE_AUTH response contained the error notification AUTHENTICATION_FAILED)",
     "session=1", "libreswan source"},
    {"", {client_phase1_done, client_phase2_refused},
     "IKE_AUTH response contained the error notification NO_PROPOSAL_CHOSEN",
     R"("work" #2: IKE_AUTH response contained the error notification NO_PROPOSAL_CHOSEN)",
     "session=2", "libreswan source"},
    {"", {client_phase1_done, client_phase2_refused},
     "IKE_AUTH response rejected Child SA with NO_PROPOSAL_CHOSEN",
     R"("Tunnel1" #2: IKE_AUTH response rejected Child SA with NO_PROPOSAL_CHOSEN)",
     "session=2", "libreswan source"},
    {"", {client_phase1_done, client_phase2_network_refused},
     "IKE_AUTH response contained the error notification TS_UNACCEPTABLE",
     R"("work" #2: IKE_AUTH response contained the error notification TS_UNACCEPTABLE)",
     "session=2", "libreswan source"},
    {"", {client_phase1_done, client_phase2_network_refused},
     "IKE_AUTH response rejected Child SA with TS_UNACCEPTABLE",
     R"("Tunnel1" #2: IKE_AUTH response rejected Child SA with TS_UNACCEPTABLE)",
     "session=2", "GitHub, AWS site-to-site guide"},
    {"", {client_phase1_done, client_address_refused},
     "IKE_AUTH response contained the error notification INTERNAL_ADDRESS_FAILURE",
     R"("work" #2: IKE_AUTH response contained the error notification INTERNAL_ADDRESS_FAILURE)",
     "session=2", "libreswan source"},
    {"", {client_phase1_done, client_address_refused},
     "IKE_AUTH response rejected Child SA with INTERNAL_ADDRESS_FAILURE",
     R"("Tunnel1" #2: IKE_AUTH response rejected Child SA with INTERNAL_ADDRESS_FAILURE)",
     "session=2", "libreswan source"},
    {"", {client_phase2_refused},
     "CREATE_CHILD_SA failed with error notification NO_PROPOSAL_CHOSEN",
     R"("work" #2: CREATE_CHILD_SA failed with error notification NO_PROPOSAL_CHOSEN)",
     "session=2", "GitHub, libreswan notes"},
    {"", {client_phase2_network_refused},
     "CREATE_CHILD_SA failed with error notification TS_UNACCEPTABLE",
     R"("work" #2: CREATE_CHILD_SA failed with error notification TS_UNACCEPTABLE)",
     "session=2", "libreswan source"},
    {"", {client_phase1_done, client_phase2_refused},
     "dropping unexpected ISAKMP_v2_IKE_AUTH message containing v2N_NO_PROPOSAL_CHOSEN notification; {rest}",
     R"(003 "conname" #340: dropping unexpected ISAKMP_v2_IKE_AUTH message containing v2N_NO_PROPOSAL_CHOSEN notification; message payloads: SK; encrypted payloads: IDr,AUTH,N,V; unexpected payloads: IDr,AUTH)",
     "session=340", "libreswan issue 838"},
    {"", {client_failed},
     "we require {word} peer to have ID '{name}', but peer declares '{name}'",
     R"(Jul 31 20:25:15 [pluto] "nm-ipsec-l2tp-5611" #1: we require IKEv1 peer to have ID '@192.168.73.2', but peer declares '192.168.73.2')",
     "session=1", "NetworkManager-l2tp issue 15"},
    // Certificates of the gateway: the words are the same on either side.
    {"", {client_certificate_expired},
     "NSS: ERROR: IPsec certificate {more} invalid: SEC_ERROR_EXPIRED_CERTIFICATE{rest}",
     R"("work"[1] 203.0.113.1 #1: NSS: ERROR: IPsec certificate CN=vpn.example.org,O=Lab invalid: SEC_ERROR_EXPIRED_CERTIFICATE: Peer's Certificate has expired.)",
     "session=1 gateway=203.0.113.1", "lab, libreswan 4.10"},
    {"", {client_certificate_rejected},
     "NSS: ERROR: IPsec certificate {more} invalid: SEC_ERROR_UNKNOWN_ISSUER{rest}",
     R"("work"[1] 203.0.113.1 #1: NSS: ERROR: IPsec certificate CN=vpn.example.org,O=Lab invalid: SEC_ERROR_UNKNOWN_ISSUER: Peer's Certificate issuer is not recognized.)",
     "session=1 gateway=203.0.113.1", "lab, libreswan 4.10"},
    {"", {client_certificate_rejected},
     "NSS: ERROR: IPsec certificate {more} invalid: SEC_ERROR_REVOKED_CERTIFICATE{rest}",
     R"("work"[1] 203.0.113.1 #1: NSS: ERROR: IPsec certificate CN=vpn.example.org,O=Lab invalid: SEC_ERROR_REVOKED_CERTIFICATE: Peer's Certificate has been revoked.)",
     "session=1 gateway=203.0.113.1", "manual"},
    {"", {client_certificate_rejected},
     "NSS: ERROR: IPsec certificate {more} invalid: SEC_ERROR_UNTRUSTED_ISSUER{rest}",
     R"("work"[1] 203.0.113.1 #1: NSS: ERROR: IPsec certificate CN=vpn.example.org,O=Lab invalid: SEC_ERROR_UNTRUSTED_ISSUER: Peer's certificate issuer has been marked as not trusted by the user.)",
     "session=1 gateway=203.0.113.1", "manual"},
    {"", {client_certificate_rejected},
     "X509: certificate payload rejected for this connection",
     R"("work"[1] 203.0.113.1 #1: X509: certificate payload rejected for this connection)",
     "session=1 gateway=203.0.113.1", "lab, libreswan 4.10"},
    {"", {client_certificate_rejected},
     "certificate revoked!",
     R"("work"[1] 203.0.113.1 #1: certificate revoked!)",
     "session=1 gateway=203.0.113.1", "manual"},
    {"", {client_certificate_rejected},
     "X509: authentication failed; peer certificate {rest}",
     R"("work"[1] 203.0.113.1 #1: X509: authentication failed; peer certificate subjectAltName extension does not match ID_FQDN 'vpn.example.org')",
     "session=1 gateway=203.0.113.1", "lab, libreswan 4.10"},
    {"", {client_certificate_rejected},
     "authentication failed: no certificate matched {rest}",
     R"("work"[1] 203.0.113.1 #1: authentication failed: no certificate matched RSASSA-PSS with SHA2_512 and 'O=Lab, CN=vpn.example.org')",
     "session=1 gateway=203.0.113.1", "manual"},
    {"", {client_hash_failed},
     "authentication failed: computed hash does not match hash received from peer {rest}",
     R"("work"[1] 203.0.113.1 #1: authentication failed: computed hash does not match hash received from peer ID_FQDN '@gw.example.org')",
     "session=1 gateway=203.0.113.1", "manual"},
    // Group password, third message.
    {"", {client_hash_failed},
     "received Hash Payload does not match computed value",
     R"(003 "imatrix" #1: received Hash Payload does not match computed value)",
     "session=1", "Ubuntu forum"},
    {"", {client_hash_failed, client_failed},
     "STATE_AGGR_I1: INVALID_HASH_INFORMATION",
     R"(223 "imatrix" #1: STATE_AGGR_I1: INVALID_HASH_INFORMATION)",
     "session=1", "Ubuntu forum"},
    {"", {client_decrypt_failed},
     "probable authentication failure (mismatch of preshared secrets?): {rest}",
     R"("work" #1: probable authentication failure (mismatch of preshared secrets?): malformed payload in packet)",
     "session=1", "manual"},
    {"", {client_decrypt_failed},
     "next payload type of ISAKMP {word} Payload has an unknown value: {int}",
     R"(003 "paycode-to-vivacom" #7: next payload type of ISAKMP Hash Payload has an unknown value: 31)",
     "session=7", "Ubuntu forum"},
    {"", {client_sent_am3},
     "STATE_MAIN_I3: sent MI3, expecting MR3",
     R"(108 "Work" #4: STATE_MAIN_I3: sent MI3, expecting MR3)",
     "session=4", "Ubuntu forum"},
    {"", {client_sent_am3},
     "sent Main Mode I3",
     R"("xauth-road-eastnet" #1: sent Main Mode I3)",
     "session=1", "libreswan tests"},
    {"", {client_received_any, client_received_am2, client_sent_am3},
     "STATE_PARENT_I2: sent v2I2, expected v2R2 {rest}",
     R"(182 "TestConn" #1030: STATE_PARENT_I2: sent v2I2, expected v2R2 {auth=IKEv2 cipher=AES_CBC_256 integ=HMAC_SHA2_256_128 prf=HMAC_SHA2_256 group=MODP1536})",
     "session=1030", "libreswan issue 1794"},
    {"", {client_received_any, client_received_am2, client_sent_am3},
     "sent IKE_AUTH request {rest}",
     R"(Oct 21 14:15:03 ip-192-168-2-57.ec2.internal pluto[28693]: "Tunnel1" #1: sent IKE_AUTH request {cipher=AES_CBC_256 integ=HMAC_SHA1_96 prf=HMAC_SHA1 group=MODP2048})",
     "session=1", "GitHub, AWS site-to-site guide"},
    {"", {client_peer_repeats_am2},
     "discarding duplicate packet; already STATE_MAIN_I3",
     R"(003 "paycode-to-vivacom" #7: discarding duplicate packet; already STATE_MAIN_I3)",
     "session=7", "Ubuntu forum"},
    {"", {client_sent_am3, client_repeated_am3},
     "STATE_MAIN_I3: retransmission; will wait {rest}",
     R"(010 "Work" #4: STATE_MAIN_I3: retransmission; will wait 20s for response)",
     "session=4", "Ubuntu forum"},
    {"", {client_sent_am3, client_repeated_am3},
     "STATE_AGGR_I2: retransmission; will wait {rest}",
     R"(010 "Work" #4: STATE_AGGR_I2: retransmission; will wait 20s for response)",
     "session=4", "manual"},
    {"", {client_sent_am3, client_repeated_am3},
     "STATE_PARENT_I2: retransmission; will wait {rest}",
     R"(010 "Work" #4: STATE_PARENT_I2: retransmission; will wait 20s for response)",
     "session=4", "manual"},
    {"", {client_sent_am3, client_repeated_am3},
     "STATE_V2_PARENT_I2: retransmission; will wait {rest}",
     R"(010 "Work" #4: STATE_V2_PARENT_I2: retransmission; will wait 20s for response)",
     "session=4", "manual"},
    {"", {client_sent_am3, client_repeated_am3},
     "STATE_V2_IKE_AUTH_I: retransmission; will wait {rest}",
     R"(010 "Work" #4: STATE_V2_IKE_AUTH_I: retransmission; will wait 20s for response)",
     "session=4", "manual"},
    {"", {client_sent_am3, client_not_responding},
     "{word} {int} second timeout exceeded after {int} retransmits. Possible authentication failure: {rest}",
     R"("work" #1: STATE_AGGR_I2: 60 second timeout exceeded after 7 retransmits.  Possible authentication failure: no acceptable response to our first encrypted message)",
     "session=1", "manual"},
    {"", {client_sent_am3, client_not_responding},
     "max number of retransmissions ({int}) reached {word} Possible authentication failure: {rest}",
     R"(031  "Work" #4: max number of retransmissions (2) reached STATE_MAIN_I3.    Possible authentication failure: no acceptable response to our first   encrypted message)",
     "session=4", "Ubuntu forum"},
    // In Aggressive Mode the client says so as soon as it has sent its third message, whether that arrives or not.
    {"", {client_received_any, client_received_am2, client_sent_am3},
     "STATE_AGGR_I2: ISAKMP SA established {rest}",
     R"("work" #1: STATE_AGGR_I2: ISAKMP SA established {auth=PRESHARED_KEY cipher=AES_CBC_256 integ=HMAC_SHA1 group=MODP1024})",
     "session=1", "manual"},
    {"", {client_received_any, client_received_am2, client_sent_am3},
     "{word} sent AI2, ISAKMP SA established {rest}",
     R"(004 "work" #1: STATE_AGGR_I2: sent AI2, ISAKMP SA established {auth=PRESHARED_KEY cipher=aes_128 integ=sha group=MODP1024})",
     "session=1", "manual"},
    {"", {client_received_any, client_received_am2, client_sent_am3},
     "IKE SA established {rest}",
     R"("work" #1: IKE SA established {auth=PRESHARED_KEY cipher=AES_CBC_256 integ=HMAC_SHA1 group=MODP1536})",
     "session=1", "lab, libreswan 4.10"},
    {"", {client_phase1_done},
     "{word} ISAKMP SA established {rest}",
     R"(004 "work" #1: STATE_MAIN_I4: ISAKMP SA established {auth=PRESHARED_KEY cipher=AES_CBC_256 integ=HMAC_SHA1 group=MODP1024})",
     "session=1", "manual"},
    {"", {client_received_any, client_received_am2, client_sent_am3},
     "ISAKMP SA established {rest}",
     R"("xauth-road-eastnet" #1: ISAKMP SA established {auth=RSA_SIG cipher=AES_CBC_256 integ=HMAC_SHA2_256 group=MODP2048})",
     "session=1", "libreswan tests"},
    {"", {client_phase1_done},
     "initiator established IKE SA; {rest}",
     R"(Oct 21 14:15:03 ip-192-168-2-57.ec2.internal pluto[28693]: "Tunnel1" #1: initiator established IKE SA; authenticated peer using authby=secret and ID_IPV4_ADDR '35.81.211.175')",
     "session=1", "GitHub, AWS site-to-site guide"},
    // User.
    {"", {client_phase1_done, client_xauth_prompted},
     "prompt for Username:",
     R"("xauth-road-eastnet" #1: prompt for Username:)",
     "session=1", "libreswan tests"},
    {"", {},
     "prompt for Password:",
     R"("xauth-road-eastnet" #1: prompt for Password:)",
     "session=1", "libreswan tests"},
    {"", {client_xauth_answered},
     "XAUTH: Answering XAUTH challenge with user='{user}'",
     R"("work" #1: XAUTH: Answering XAUTH challenge with user='alice')",
     "session=1 user=alice", "manual"},
    {"", {client_user_accepted},
     "XAUTH: Successfully Authenticated",
     R"("work" #1: XAUTH: Successfully Authenticated)",
     "session=1", "manual"},
    {"", {client_xauth_failed},
     "Received Cisco XAUTH status: FAIL",
     R"("xauth-road-eastnet" #1: Received Cisco XAUTH status: FAIL)",
     "session=1", "libreswan tests"},
    {"", {client_failed},
     "XAUTH: aborting entire IKE Exchange",
     R"("xauth-road-eastnet" #1: XAUTH: aborting entire IKE Exchange)",
     "session=1", "libreswan tests"},
    {"", {client_xauth_failed, client_failed},
     "encountered fatal error in state STATE_XAUTH_I1",
     R"(037 "work" #1: encountered fatal error in state STATE_XAUTH_I1)",
     "session=1", "Ubuntu forum"},
    // Address, phase 2.
    {"", {client_mode_config_started},
     "modecfg: Sending IP request (MODECFG_I1)",
     R"("road-east" #1: modecfg: Sending IP request (MODECFG_I1))",
     "session=1", "libreswan issue 2051"},
    {"", {client_address_received},
     "Received IPv4 address: {address}/{int}",
     R"("road-east" #1: Received IPv4 address: 192.168.20.100/32)",
     "session=1 address=192.168.20.100", "libreswan issue 2051"},
    {"", {client_address_received},
     "received INTERNAL_IP4_ADDRESS {address}",
     R"("work" #2: received INTERNAL_IP4_ADDRESS 10.9.0.10)",
     "session=2 address=10.9.0.10", "lab, libreswan 4.10"},
    {"", {client_phase2_started},
     "initiating Quick Mode {rest}",
     R"(Jan  8 17:04:06 R2-1500 pluto[26867]: "Link1" #2: initiating Quick Mode PSK+ENCRYPT+TUNNEL+PFS+UP+IKEV1_ALLOW {using isakmp#1 msgid:d7bcc824 proposal=AES(12)_256-SHA1(2) pfsgroup=OAKLEY_GROUP_MODP1536})",
     "session=2 message_id=d7bcc824", "libreswan issue 232"},
    {"", {client_phase2_started},
     "STATE_QUICK_I1: initiate",
     R"(117 "remote_asa/0x1" #8: STATE_QUICK_I1: initiate)",
     "session=8", "Ubuntu forum"},
    {"", {client_phase2_started},
     "STATE_QUICK_I1: sent QI1, expecting QR1",
     R"(117 "work" #2: STATE_QUICK_I1: sent QI1, expecting QR1)",
     "session=2", "manual"},
    {"", {client_phase2_started, client_phase2_unanswered},
     "STATE_QUICK_I1: {int} second timeout exceeded after {int} retransmits.{rest}",
     R"(NetworkManager[44643]: 031 "4bcada90-93e5-4afa-9e11-1c3aec8e1937" #2: STATE_QUICK_I1: 60 second timeout exceeded after 7 retransmits. No acceptable response to our first Quick Mode message: perhaps peer likes no proposal)",
     "session=2", "Ubuntu forum"},
    {"", {client_phase2_started, client_phase2_unanswered},
     "max number of retransmissions ({int}) reached STATE_QUICK_I1{rest}",
     R"(031 "remote_asa/0x1" #8: max number of retransmissions (2) reached STATE_QUICK_I1.  No acceptable response to our first Quick Mode message: perhaps peer likes no proposal)",
     "session=8", "Ubuntu forum"},
    {"", {client_lost_peer},
     "STATE_V2_ESTABLISHED_IKE_SA: {int} second timeout exceeded after {rest}",
     R"("work" #1: STATE_V2_ESTABLISHED_IKE_SA: 60 second timeout exceeded after 7 retransmits.  No response (or no acceptable response) to our IKEv2 message)",
     "session=1", "lab, libreswan 4.10"},
    {"", {client_not_responding},
     "{word} {int} second timeout exceeded after {int} retransmits.{rest}",
     R"("work" #1: STATE_XAUTH_I1: 60 second timeout exceeded after 7 retransmits.  No response (or no acceptable response) to our IKEv1 message)",
     "session=1", "libreswan source"},
    {"", {client_connected},
     "{word} IPsec SA established {word} mode {rest}",
     R"("work" #1: STATE_QUICK_I2: IPsec SA established tunnel mode {ESPinUDP=>0x5f43a4d6 <0x77f05804 xfrm=AES_CBC_256-HMAC_SHA1_96 DPD=active})",
     "session=1 spi_in=77f05804 spi_out=5f43a4d6", "manual"},
    {"", {client_connected},
     "{word} sent QI2, IPsec SA established {rest}",
     R"(004 "work" #2: STATE_QUICK_I2: sent QI2, IPsec SA established tunnel mode {ESP=>0xed8a7a5c <0x0fe0dd1e xfrm=AES_128-HMAC_SHA1 NATOA=none NATD=none DPD=none})",
     "session=2 spi_in=fe0dd1e spi_out=ed8a7a5c", "manual"},
    {"", {client_connected},
     "IPsec SA established {word} mode {rest}",
     R"("xauth-road-eastnet" #4: IPsec SA established tunnel mode {ESP=>0xESPESP <0xESPESP xfrm=AES_CBC_128-HMAC_SHA1_96 DPD=passive username=gooduser})",
     "session=4", "libreswan tests"},
    {"", {client_connected},
     "initiator established Child SA using #{int}; {rest}",
     R"(Oct 21 14:15:03 ip-192-168-2-57.ec2.internal pluto[28693]: "Tunnel1" #2: initiator established Child SA using #1; IPsec tunnel [192.168.0.0-192.168.255.255:0-65535 0] -> [10.0.0.0-10.0.255.255:0-65535 0] {ESPinUDP=>0xca93ac2d <0x2f788c)",
     "session=2 spi_out=ca93ac2d", "GitHub, AWS site-to-site guide"},
    // Endings.
    {"", {client_lost_peer},
     "DPD action - {rest}",
     R"("work" #1: DPD action - clearing connection kind CK_PERMANENT)",
     "session=1", "lab, libreswan 4.10"},
    {"", {client_lost_peer},
     "liveness action - {rest}",
     R"("work" #1: liveness action - clearing connection kind CK_INSTANCE)",
     "session=1", "lab, libreswan 4.10"},
    {"", {client_lost_peer},
     "DPD: No response from peer - declaring peer dead",
     R"("work" #1: DPD: No response from peer - declaring peer dead)",
     "session=1", "manual"},
    {"", {client_got_delete},
     "received Delete SA payload: replace IPsec State #{int} now",
     R"("work" #1: received Delete SA payload: replace IPsec State #2 now)",
     "session=1", "lab, libreswan 4.10"},
    {"", {client_got_delete},
     "received Delete SA payload: self-deleting ISAKMP State #{int}",
     R"("work" #1: received Delete SA payload: self-deleting ISAKMP State #1)",
     "session=1", "manual"},
    {"", {client_got_delete},
     "received Delete SA payload: deleting ISAKMP State #{int}",
     R"("work" #1: received Delete SA payload: deleting ISAKMP State #1)",
     "session=1", "manual"},
    {"", {client_ended_by_user},
     "terminating SAs using this connection",
     R"(002 "work": terminating SAs using this connection)",
     "", "manual"},
    {"", {client_received_no_data},
     "ESP traffic information: in=0B out=0B XAUTHuser={rest}",
     R"("work" #2: ESP traffic information: in=0B out=0B XAUTHuser=alice)",
     "session=2", "manual"},
    {"", {client_received_no_data, client_sent_data},
     "ESP traffic information: in=0B out={word} XAUTHuser={rest}",
     R"("work" #2: ESP traffic information: in=0B out=420B XAUTHuser=alice)",
     "session=2", "manual"},
    {"", {client_received_data},
     "ESP traffic information: in={word} out={word} XAUTHuser={rest}",
     R"("work" #2: ESP traffic information: in=84B out=84B XAUTHuser=alice)",
     "session=2", "manual"},
    {"", {client_received_no_data},
     "ESP traffic information: in=0B out=0B",
     R"("work" #2: ESP traffic information: in=0B out=0B)",
     "session=2", "lab, libreswan 4.10"},
    {"", {client_received_no_data, client_sent_data},
     "ESP traffic information: in=0B out={word}B",
     R"("work" #2: ESP traffic information: in=0B out=420B)",
     "session=2", "manual"},
    {"", {client_received_data},
     "ESP traffic information: in={word}B out={word}B",
     R"("work" #2: ESP traffic information: in=84B out=84B)",
     "session=2", "manual"},
};

constexpr NotOurs kClientNotOurs[] = {
    {R"(003 "paycode-to-vivacom" #7: malformed payload in packet)", "what is wrong with the packet stands in the line before"},
    {R"(000 "paycode-to-vivacom" #7: starting keying attempt 2 of at most 3, but releasing whack)", "only says that the command is not waited for"},
    {R"("xauth-road-eastnet" #1: encountered fatal error in state STATE_MAIN_I4)", "names the state, not the fault"},
    {R"(Jan  8 17:04:06 R2-1500 pluto[26867]: "Link1" #1: received and ignored informational message)", "which message, the line before says"},
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
    .not_ours = kClientNotOurs,
    .complete = complete_client,
};

}  // namespace vpnverdict::dialect
