// Cisco AnyConnect and Secure Client: syslog of Linux and macOS, the DART bundle's AnyConnect.txt, Windows' event log, the CLI.
//
// A message is a plain sentence or "Function: f File: p Line: n Invoked Function: g Return Code: d (0xh)
// Description: CODE text"; line numbers change with every release, so the key is the code's name. What was
// shown to the user, "Message type error sent to the user: …" in a log and ">> error: …" in the CLI, is cut
// down to the sentence.
#include <algorithm>
#include <array>

#include "pipeline/dialect/pattern.h"
#include "pipeline/dialect/relay_header.h"
#include "pipeline/dialect/syslog.h"
#include "pipeline/dialect/tables.h"
#include "pipeline/dialect/time.h"

namespace vpnverdict::dialect {
namespace {

using enum Fact;

bool is_program(std::string_view name) {
  constexpr std::string_view kPrograms[] = {"acvpnui",  "acvpnagent", "acvpncli", "acvpndownloader", "vpnui",
                                            "vpnagent", "vpnagentd",  "csc_ui",   "csc_vpnagent"};
  for (std::string_view known : kPrograms)
    if (name == known) return true;
  return false;
}

// "Date        : 11/16/2013": a label of a DART record and its value.
bool take_label(std::string_view& text, std::string_view label) {
  if (!begins_with(text, label)) return false;
  std::string_view rest = trimmed(text.substr(label.size()));
  if (rest.empty() || rest.front() != ':') return false;
  text = trimmed(rest.substr(1));
  return true;
}

// A record in one line: "**** Date Time Type Source : : : : 11/16/2013 01:28:50 Warning acvpnagent
// Description : text".
bool take_record_line(std::string_view line, Event& event, std::string_view& text) {
  if (line.front() != '*') return false;
  const std::size_t at = line.find("Description : ");
  if (at == std::string_view::npos) return false;
  std::string_view before = line.substr(0, at);
  const std::string_view source = take_last_word(before);
  if (!is_program(source)) return false;
  take_last_word(before);  // Information, Warning, Error
  const std::string_view clock = take_last_word(before);
  const std::string_view date = take_last_word(before);
  if (date.empty()) return false;
  std::string_view stamp(date.data(), static_cast<std::size_t>(clock.data() + clock.size() - date.data()));
  take_us_stamp(stamp, &event.time);
  event.message = source;
  text = trimmed(line.substr(at + 14));
  return true;
}

// The same record over several lines; its date and time stand on lines of their own and are kept in the
// source.
bool take_record_part(std::string_view line, SourceState& state, Event& event, std::string_view& text) {
  std::string_view rest = line;
  if (take_label(rest, "date") && rest.size() <= 10 && rest.find('/') != std::string_view::npos) {
    const std::string day = std::string(rest) + " 00:00:00";
    std::string_view stamp = day;
    Timestamp time = kUntimed;
    if (!take_us_stamp(stamp, &time)) return false;
    state.last_time = time;
    state.dialect = Dialect::anyconnect;
    event.time = time;
    text = {};
    return true;
  }
  if (state.dialect != Dialect::anyconnect) return false;
  if (take_label(rest, "time") && rest.size() <= 8 && state.last_time != kUntimed) {
    int hour = 0, minute = 0, second = 0;
    if (!take_digits(rest, 2, &hour) || rest.empty() || !take_digits(rest = rest.substr(1), 2, &minute) ||
        rest.empty() || !take_digits(rest = rest.substr(1), 2, &second))
      return false;
    constexpr Timestamp kDay = 86'400'000;
    state.last_time = state.last_time / kDay * kDay + ((hour * 60LL + minute) * 60 + second) * 1000;
    event.time = state.last_time;
    text = {};
    return true;
  }
  if (take_label(rest, "type") || take_label(rest, "source")) {
    event.time = state.last_time;
    text = {};
    return true;
  }
  if (!begins_with(line, "description : ")) return false;
  event.time = state.last_time;
  text = trimmed(line.substr(14));
  return true;
}

// A record of Windows' event log as its viewer copies it and wevtutil prints it: "Log Name: Cisco AnyConnect Secure Mobility Client",
// "Source: acvpnui", "Date: 5/14/2020 10:23:45 AM", "Description:" with the text on the lines below it, perhaps the same as XML.
bool take_windows_record(std::string_view line, SourceState& state, Event& event, std::string_view& text) {
  std::string_view value = trimmed(line);
  const bool known = state.dialect == Dialect::anyconnect;
  if (take_label(value, "log name")) {
    if (!begins_with(value, "cisco anyconnect ") && !begins_with(value, "cisco secure client")) {
      if (known) state.dialect = Dialect::unknown;
      return false;
    }
    state.dialect = Dialect::anyconnect;
    state.last_time = kUntimed;
  } else if (known && take_label(value, "date")) {
    if (!take_iso_stamp(value, &state.last_time) && !take_local_stamp(value, &state.last_time)) return false;
  } else if (!known || !(take_label(value, "description") || take_label(value, "event xml")) || !value.empty()) {
    return false;
  }
  event.time = state.last_time;
  text = {};
  return true;
}

// A row of the table that the viewer saves, with tabs or commas: `Error,3/9/2018 10:32:41 AM,acvpnui,2,None,"Function: …`. Its text goes on
// over the lines below, up to the closing quote.
bool take_table_row(std::string_view line, Event& event, std::string_view& text) {
  constexpr std::size_t kLevelMax = 30;  // in whatever language
  const std::size_t first = line.substr(0, kLevelMax).find_first_of("\t,");
  if (first == std::string_view::npos) return false;
  const char separator = line[first];
  std::array<std::string_view, 4> fields;  // when, the program, the event's number, its task
  std::string_view rest = line.substr(first + 1);
  for (std::string_view& field : fields) {
    const std::size_t end = rest.find(separator);
    if (end == std::string_view::npos) return false;
    field = rest.substr(0, end);
    rest.remove_prefix(end + 1);
  }
  Timestamp time = kUntimed;
  if (!is_program(fields[1]) || !take_local_stamp(fields[0], &time) || !fields[0].empty()) return false;
  event.time = time;
  event.message = fields[1];
  text = trimmed(rest);
  return true;
}

// "  >> error: Login failed.", "  >> state: Connected"; in a transcript behind the prompt that was answered: "Password:   >> notice: …".
bool take_cli(std::string_view line, const SourceState& state, std::string_view& text) {
  const std::size_t at = line.find(">> ");
  if (at == std::string_view::npos) return false;
  const bool known = state.dialect == Dialect::anyconnect;
  const std::string_view prompt = trimmed(line.substr(0, at));
  if (!prompt.empty() && prompt != "VPN>" && !(known && prompt.back() == ':')) return false;
  const std::string_view rest = trimmed(line.substr(at));
  constexpr std::string_view kKinds[] = {">> notice: ", ">> warning: ", ">> error: "};
  for (std::string_view kind : kKinds)
    if (begins_with(rest, kind)) {
      text = trimmed(rest.substr(kind.size()));
      return true;
    }
  if (!known && !begins_with(rest, ">> state: ") && !begins_with(rest, ">> contacting host ")) return false;
  text = trimmed(line.substr(at + 3));
  return true;
}

// "08-23 14:10:34.123 I/acvpnagent(14592): text", on Android.
bool take_android_line(std::string_view line, const SourceState& state, Event& event, std::string_view& text) {
  constexpr std::size_t kBeforeMax = 40;
  const std::size_t slash = line.substr(0, kBeforeMax).find('/');
  if (slash == std::string_view::npos || slash == 0) return false;
  const std::string_view rest = line.substr(slash + 1);
  const std::string_view program = rest.substr(0, rest.find_first_of("( "));
  if (program != "vpnapi" && !is_program(program)) return false;
  const std::size_t end = rest.find("): ");
  if (end == std::string_view::npos || trimmed(rest.substr(program.size(), end - program.size())).find_first_not_of("(0123456789") != std::string_view::npos)
    return false;
  const std::string stamp = std::to_string(year_for(state, event)) + '-' + std::string(line.substr(0, slash - 1));
  std::string_view in = stamp;
  take_iso_stamp(in, &event.time);
  event.message = program;
  text = trimmed(rest.substr(end + 3));
  return true;
}

// "[stamp] [VPN] - Contacting vpn.example.com." and "[stamp] Info: Function: …", on iOS.
bool take_ios_line(std::string_view line, const SourceState& state, Event& event, std::string_view& text) {
  constexpr std::size_t kStampMax = 40;
  const std::size_t close = line.front() == '[' ? line.substr(0, kStampMax).find("] ") : std::string_view::npos;
  if (close == std::string_view::npos) return false;
  std::string_view rest = line.substr(close + 2);
  std::string_view stamp = line.substr(1, close - 1);
  if (begins_with(rest, "[vpn] - ")) {
    text = trimmed(rest.substr(8));
    take_local_stamp(stamp, &event.time);
    return true;
  }
  constexpr std::string_view kLevels[] = {"info: ", "warning: ", "error: "};
  const auto level = std::ranges::find_if(kLevels, [&](std::string_view each) { return begins_with(rest, each); });
  if (level == std::end(kLevels)) return false;
  rest = trimmed(rest.substr(level->size()));
  constexpr std::string_view kBegins[] = {"function: ", "message type ", "initiating vpn connection"};
  if (state.dialect != Dialect::anyconnect && std::ranges::none_of(kBegins, [&](std::string_view begin) { return begins_with(rest, begin); })) return false;
  take_local_stamp(stamp, &event.time);
  text = rest;
  return true;
}

// "[3/9/2018 10:32:14 AM] Ready to connect.": the window's message history. Other programs stamp their lines like that, so it begins with a
// sentence of its own; "[2018-03-09 10:32:14] Connected to 203.0.113.4:443" is openconnect's, and only its first step.
bool take_history(std::string_view line, const SourceState& state, Event& event, std::string_view& text) {
  if (line.front() != '[') return false;
  std::string_view rest = line.substr(1);
  Timestamp time = kUntimed;
  if (!take_local_stamp(rest, &time) || !rest.starts_with("] ") || line.substr(0, line.find(' ')).find('-') != std::string_view::npos) return false;
  rest = trimmed(rest.substr(2));
  constexpr std::string_view kBegins[] = {"anyconnect ",      "certificate validation", "cisco secure client",
                                          "connected to ",    "connection attempt",     "connection timed out",
                                          "contacting ",      "could not connect",      "establishing vpn",
                                          "the certificate on",
                                          "login ",           "please enter your",      "ready to connect.",
                                          "the anyconnect",   "the secure gateway",     "the service provider",
                                          "the vpn ",         "unable to contact",      "user credentials",
                                          "vpn establishment"};
  if (state.dialect != Dialect::anyconnect && std::ranges::none_of(kBegins, [&](std::string_view begin) { return begins_with(rest, begin); }))
    return false;
  event.time = time;
  text = rest;
  return true;
}

// "5/20/14 11:33:56.909 PM acvpnagent[69]: text", on macOS.
bool take_mac_line(std::string_view line, Event& event, std::string_view& text) {
  if (line.size() < 20 || (line[1] != '/' && line[2] != '/')) return false;
  std::string_view rest = line;
  Timestamp time = kUntimed;
  if (!take_local_stamp(rest, &time)) return false;
  rest = trimmed(rest);
  const std::string_view program = rest.substr(0, rest.find_first_of("[: "));
  const std::size_t end = rest.find(": ");
  if (!is_program(program) || end == std::string_view::npos) return false;
  event.time = time;
  event.message = program;
  text = trimmed(rest.substr(end + 2));
  return true;
}

HeaderResult cut_header(std::string_view line, SourceState& state, Event& event, std::string_view& text) {
  if (line.empty()) return HeaderResult::not_mine;
  if (take_cli(line, state, text)) {
    event.time = state.last_time;
    return HeaderResult::cut;
  }
  if (take_ios_line(line, state, event, text) || take_history(line, state, event, text) || take_mac_line(line, event, text) ||
      take_android_line(line, state, event, text))
    return HeaderResult::cut;
  if (begins_with(line, "anyconnect cannot verify server: ") || begins_with(line, "cisco secure client cannot verify server: ")) {  // the CLI asks without a mark
    event.time = state.last_time;
    text = line;
    return HeaderResult::cut;
  }
  if (take_record_line(line, event, text) || take_table_row(line, event, text) || take_windows_record(line, state, event, text) || take_record_part(line, state, event, text))
    return HeaderResult::cut;
  const bool stamped = line.front() == '<' || line.substr(0, 5).find('-') == 4 || begins_with_month(line);
  if (!stamped ||
      (line.find("vpn") == std::string_view::npos && line.find("csc_ui") == std::string_view::npos))
    return HeaderResult::not_mine;
  SyslogHeader header;
  if (!cut_syslog(line, year_for(state, event), &header) || !is_program(header.program))
    return HeaderResult::not_mine;
  event.time = header.time;
  if (!header.host.empty()) event.device = header.host;
  event.message = header.program;
  text = trimmed(header.text);
  return HeaderResult::cut;
}

HeaderResult cut_tagged(std::string_view program, std::string_view line, SourceState&, Event& event, std::string_view& text) {
  if (!is_program(program)) return HeaderResult::not_mine;
  event.message = program;
  text = trimmed(line);
  return HeaderResult::cut;
}

HeaderResult cut_prefix(std::string_view message, SourceState&, Event&, std::string_view& text) {
  if (message.starts_with('"')) {  // of a saved table; the closing one comes with the last line
    message.remove_prefix(1);
    if (message.ends_with('"')) message.remove_suffix(1);
    message = trimmed(message);
  }
  constexpr std::string_view kSource = ".cpp:";  // "error - ConnectMgr.cpp:626 (0) ConnectMgr :: processIfcData text", of 2.x
  constexpr std::size_t kSourceMax = 60;
  if (message.substr(0, kSourceMax).find(kSource) != std::string_view::npos) {
    const std::size_t code = message.find(") ");
    std::string_view rest = code == std::string_view::npos ? std::string_view{} : message.substr(code + 2);
    const std::size_t scope = rest.substr(0, kSourceMax).find(" :: ");
    if (scope != std::string_view::npos) rest.remove_prefix(scope + 4);
    text = trimmed(rest.substr(std::min(rest.find(' '), rest.size())));
    return HeaderResult::cut;
  }
  constexpr std::string_view kStart = "message type ";
  constexpr std::string_view kShown = " sent to the user:";  // and a blank, or the next line
  text = message;
  if (!begins_with(message, kStart)) return HeaderResult::cut;
  const std::size_t shown = message.substr(0, 60).find(kShown);
  if (shown != std::string_view::npos) text = trimmed(message.substr(shown + kShown.size()));
  return HeaderResult::cut;
}

// clang-format off
constexpr MessageRow kRows[] = {
    {"", {client_started},
     "An SSL VPN connection to {word} has been requested by the user.",
     R"(Jan 12 17:05:35 x5 acvpnui[16263]: An SSL VPN connection to vpn.*****.de has been requested by the user.)",
     "", "asa c101"},
    {"", {client_started},
     "Function: connect File: {word} Line: {int} Connect requested",
     R"(Jun 11 07:47:19 ubuntu vpnui[2367]: Function: connect File: ClientIfcBase.cpp Line: 834 Connect requested)",
     "", "asa c102"},
    {"", {client_sent_am1},
     "Initiating VPN connection to the secure gateway {rest}",
     R"(Jan 12 17:05:35 x5 acvpnui[16263]: Initiating VPN connection to the secure gateway https://vpn.*****.de)",
     "", "asa c101"},
    {"", {client_sent_am1},
     "Function: initiateConnect File: {word} Line: {int} Initiating connection to: {rest}",
     R"(Jun 11 07:47:19 ubuntu vpnui[2367]: Function: initiateConnect File: ConnectMgr.cpp Line: 536 Initiating connection to: https://vpn.example.com/)",
     "", "asa c102"},
    {"", {client_not_responding, client_uses_tls},
     "Function: {name} File: {name} Line: {int} Invoked Function: {name} Return Code: {word} ({hex}) Description: CTRANSPORT_ERROR_TIMEOUT {rest}",
     R"(Jun 11 07:47:40 ubuntu vpnui[2367]: Function: SendRequest File: CTransportCurlStatic.cpp Line: 1467 Invoked Function: curl_easy_perform Return Code: -29949906 (0xFE37002E) Description: CTRANSPORT_ERROR_TIMEOUT error)",
     "", "asa c102"},
    {"", {client_certificate_rejected},
     "Function: {name} File: {name} Line: {int} Invoked Function: {name} Return Code: {word} ({hex}) Description: CTRANSPORT_ERROR_PEER_CERT_REJECTED {rest}",
     R"(Jan 12 17:05:35 x5 acvpnui[16263]: Function: sendRequest File: ConnectIfc.cpp Line: 3057 Invoked Function: CTransport::SendRequest Return Code: -29949919 (0xFE370021) Description: CTRANSPORT_ERROR_PEER_CERT_REJECTED )",
     "", "asa c101"},
    {"", {client_certificate_rejected},
     "Function: {name} File: {name} Line: {int} Invoked Function: {name} Return Code: {word} ({hex}) Description: CERTIFICATE_ERROR_VERIFY_CHAIN_POLICY_FAILED {rest}",
     R"(Jan 12 17:05:35 x5 acvpnui[16263]: Function: VerifyServerCertificate File: Certificates/FileCertStore.cpp Line: 790 Invoked Function: CFileCertificate::Verify Return Code: -31326191 (0xFE220011) Description: CERTIFICATE_ERROR_VERIFY_CHAIN_POLICY_FAILED )",
     "", "asa c101"},
    {"", {client_certificate_rejected},
     "Function: {name} File: {name} Line: {int} Invoked Function: {name} Return Code: {word} ({hex}) Description: CERTIFICATE_ERROR_VERIFY_SERVERCERT_FAILED {rest}",
     R"(Jan 12 17:05:35 x5 acvpnui[16263]: Function: sendRequest File: ConnectIfc.cpp Line: 3057 Invoked Function: CTransport::SendRequest Return Code: -29949905 (0xFE37002F) Description: CERTIFICATE_ERROR_VERIFY_SERVERCERT_FAILED )",
     "", "manual"},
    {"", {client_certificate_rejected},
     "Function: {name} File: {name} Line: {int} Invoked Function: {name} Return Code: {word} ({hex}) Description: CERTIFICATE_ERROR_UNTRUSTED_CERT_DISALLOWED {rest}",
     R"(Jan 12 17:05:35 x5 acvpnui[16263]: Function: sendRequest File: ConnectIfc.cpp Line: 3057 Invoked Function: CTransport::SendRequest Return Code: -29949905 (0xFE37002F) Description: CERTIFICATE_ERROR_UNTRUSTED_CERT_DISALLOWED )",
     "", "manual"},
    {"", {client_certificate_rejected},
     "Function: {name} File: {name} Line: {int} Invoked Function: {name} Return Code: {word} ({hex}) Description: CONNECTMGR_ERROR_NO_CLIENT_AUTH_CERT_AVAILABLE {rest}",
     R"(Jan 12 17:05:35 x5 acvpnui[16263]: Function: sendRequest File: ConnectIfc.cpp Line: 3057 Invoked Function: CTransport::SendRequest Return Code: -29949905 (0xFE37002F) Description: CONNECTMGR_ERROR_NO_CLIENT_AUTH_CERT_AVAILABLE )",
     "", "manual"},
    {"", {client_no_network},
     "Function: {name} File: {name} Line: {int} Invoked Function: {name} Return Code: {word} ({hex}) Description: CTRANSPORT_ERROR_NO_INTERNET_CONNECTION {rest}",
     R"(Jan 12 17:05:35 x5 acvpnui[16263]: Function: sendRequest File: ConnectIfc.cpp Line: 3057 Invoked Function: CTransport::SendRequest Return Code: -29949905 (0xFE37002F) Description: CTRANSPORT_ERROR_NO_INTERNET_CONNECTION )",
     "", "manual"},
    {"", {client_no_network},
     "Function: {name} File: {name} Line: {int} Invoked Function: {name} Return Code: {word} ({hex}) Description: ROUTETABLE_ERROR_GETBESTROUTE_FAILED {rest}",
     R"(Jan 12 17:05:35 x5 acvpnui[16263]: Function: sendRequest File: ConnectIfc.cpp Line: 3057 Invoked Function: CTransport::SendRequest Return Code: -29949905 (0xFE37002F) Description: ROUTETABLE_ERROR_GETBESTROUTE_FAILED )",
     "", "manual"},
    {"", {client_dns_failed},
     "Function: {name} File: {name} Line: {int} Invoked Function: {name} Return Code: 12007 ({hex}) {rest}",
     "11/16/2013 01:28:50 PM acvpnui[16263]: Function: CTransportWinHttp::SendRequest File: CTransportWinHttp.cpp Line: 1178 Invoked Function: HttpSendRequest Return Code: 12007 (0x00002EE7) Description: The server name or address could not be resolved",
     "", "synthetic: the numbers are Windows' own"},
    {"", {client_not_responding, client_uses_tls},
     "Function: {name} File: {name} Line: {int} Invoked Function: {name} Return Code: 12002 ({hex}) {rest}",
     "11/16/2013 01:28:50 PM acvpnui[16263]: Function: CTransportWinHttp::SendRequest File: CTransportWinHttp.cpp Line: 1178 Invoked Function: HttpSendRequest Return Code: 12002 (0x00002EE2) Description: The operation timed out",
     "", "synthetic: the numbers are Windows' own"},
    {"", {client_not_responding, client_uses_tls},
     "Function: {name} File: {name} Line: {int} Invoked Function: {name} Return Code: 12029 ({hex}) {rest}",
     "11/16/2013 01:28:50 PM acvpnui[16263]: Function: CTransportWinHttp::SendRequest File: CTransportWinHttp.cpp Line: 1178 Invoked Function: HttpSendRequest Return Code: 12029 (0x00002EFD) Description: A connection with the server could not be established",
     "", "synthetic: the numbers are Windows' own"},
    {"", {client_dns_failed},
     "Function: {name} File: {name} Line: {int} Invoked Function: {name} Return Code: {word} ({hex}) Description: CTRANSPORT_ERROR_HOST_RESOLUTION {rest}",
     "Jan 12 17:05:35 x5 acvpnui[16263]: Function: sendRequest File: ConnectIfc.cpp Line: 3057 Invoked Function: CTransport::SendRequest Return Code: -29949905 (0xFE37002F) Description: CTRANSPORT_ERROR_HOST_RESOLUTION ",
     "", "public list of the client's error codes"},
    {"", {client_not_responding, client_uses_tls},
     "Function: {name} File: {name} Line: {int} Invoked Function: {name} Return Code: {word} ({hex}) Description: CTRANSPORT_ERROR_CONNECT_FAILED {rest}",
     "Jan 12 17:05:35 x5 acvpnui[16263]: Function: sendRequest File: ConnectIfc.cpp Line: 3057 Invoked Function: CTransport::SendRequest Return Code: -29949905 (0xFE37002F) Description: CTRANSPORT_ERROR_CONNECT_FAILED ",
     "", "public list of the client's error codes"},
    {"", {client_no_network},
     "Function: {name} File: {name} Line: {int} Invoked Function: {name} Return Code: {word} ({hex}) Description: CONNECTIFC_ERROR_CAPTIVE_PORTAL_REDIRECT {rest}",
     "Jan 12 17:05:35 x5 acvpnui[16263]: Function: sendRequest File: ConnectIfc.cpp Line: 3057 Invoked Function: CTransport::SendRequest Return Code: -29949905 (0xFE37002F) Description: CONNECTIFC_ERROR_CAPTIVE_PORTAL_REDIRECT ",
     "", "public list of the client's error codes"},
    {"", {client_login_limit},
     "Function: {name} File: {name} Line: {int} Invoked Function: {name} Return Code: {word} ({hex}) Description: CSTPPROTOCOL_ERROR_NO_LICENSE_FROM_HEADEND {rest}",
     "Jan 12 17:05:35 x5 acvpnui[16263]: Function: sendRequest File: ConnectIfc.cpp Line: 3057 Invoked Function: CTransport::SendRequest Return Code: -29949905 (0xFE37002F) Description: CSTPPROTOCOL_ERROR_NO_LICENSE_FROM_HEADEND ",
     "", "public list of the client's error codes"},
    {"", {client_dns_failed},
     "Function: processIfcData File: {word} Line: {int} Content type (unknown) received. Response type (DNS resolution failed) from {rest}",
     "08-23 14:10:34.123 E/vpnapi  (14530): Function: processIfcData File: ConnectMgr.cpp Line: 3399 Content type (unknown) received. Response type (DNS resolution failed) from vpn.example.com: DNS resolution failed",
     "", "public guide to VPN profiles"},
    {"", {client_not_responding, client_uses_tls},
     "Function: processIfcData File: {word} Line: {int} Content type (unknown) received. Response type (host unreachable) from {rest}",
     "[3/9/2018 10:32:41 AM] Error: Function: processIfcData File: ConnectMgr.cpp Line: 3407 Content type (unknown) received. Response type (host unreachable) from example.com:",
     "", "public guide to VPN profiles"},
    {"", {client_xauth_failed},
     "Function: {name} File: {name} Line: {int} Invoked Function: {name} Return Code: {word} ({hex}) Description: CONNECTMGR_ERROR_INVALID_SSO_LOGIN_URL {rest}",
     R"(Jan 12 17:05:35 x5 acvpnui[16263]: Function: sendRequest File: ConnectIfc.cpp Line: 3057 Invoked Function: CTransport::SendRequest Return Code: -29949905 (0xFE37002F) Description: CONNECTMGR_ERROR_INVALID_SSO_LOGIN_URL )",
     "", "manual"},
    {"", {client_received_any},
     "AnyConnect cannot verify server: {rest}",
     R"(AnyConnect cannot verify server: vpn.example.com)",
     "", "cisco-anyconnect-cli issue 6: the user may accept it"},
    {"", {client_failed},
     "VPN establishment capability {rest}",
     R"(  >> error: VPN establishment capability for a remote user is disabled.  A VPN connection will not be established.)",
     "", "public GitHub blog file: the profile forbids it on a remote desktop"},
    {"", {client_failed},
     "Connection attempt has failed.",
     R"(Jan 12 17:05:35 x5 acvpnui[16263]: Message type warning sent to the user: Connection attempt has failed.)",
     "", "asa c101"},
    {"", {client_certificate_rejected},
     "AnyConnect cannot confirm it is connected to your secure gateway. {rest}",
     R"(Jan 12 17:05:35 x5 acvpnui[16263]: Message type error sent to the user: AnyConnect cannot confirm it is connected to your secure gateway.  The local network may not be trustworthy.  Please try another network.)",
     "", "asa c101"},
    {"", {client_certificate_rejected},
     "No valid certificates available for authentication.",
     R"(Jan 12 17:05:35 x5 acvpnui[16263]: Message type error sent to the user: No valid certificates available for authentication.)",
     "", "manual"},
    {"", {client_certificate_rejected},
     "Certificate Validation Failure",
     R"(Jan 12 17:05:35 x5 acvpnui[16263]: Message type error sent to the user: Certificate Validation Failure)",
     "", "manual"},
    {"", {client_xauth_prompted},
     "Please enter your username and password.",
     R"(Jan 12 17:05:35 x5 acvpnui[16263]: Message type error sent to the user: Please enter your username and password.)",
     "", "manual"},
    {"", {client_xauth_failed},
     "Login failed.",
     R"(Jan 12 17:05:35 x5 acvpnui[16263]: Message type error sent to the user: Login failed.)",
     "", "manual"},
    {"", {client_user_cancelled},
     "User credentials prompt cancelled.",
     R"(Jan 12 17:05:35 x5 acvpnui[16263]: Message type error sent to the user: User credentials prompt cancelled.)",
     "", "manual"},
    {"", {client_terminated_by_peer, client_address_refused},
     "The secure gateway has rejected the connection attempt. A new connection attempt to the same or another secure gateway is needed, which requires re-authentication. The following message was received from the secure gateway: No assigned address",
     R"(Jan 12 17:05:35 x5 acvpnui[16263]: Message type error sent to the user: The secure gateway has rejected the connection attempt.  A new connection attempt to the same or another secure gateway is needed, which requires re-authentication.  The following message was received from the secure gateway: No assigned address)",
     "", "manual"},
    {"", {client_terminated_by_peer, client_login_limit},
     "The secure gateway has rejected the connection attempt. A new connection attempt to the same or another secure gateway is needed, which requires re-authentication. The following message was received from the secure gateway: No License",
     R"(Jan 12 17:05:35 x5 acvpnui[16263]: Message type error sent to the user: The secure gateway has rejected the connection attempt.  A new connection attempt to the same or another secure gateway is needed, which requires re-authentication.  The following message was received from the secure gateway: No License)",
     "", "manual"},
    {"", {client_terminated_by_peer, client_ended_by_policy},
     "The secure gateway has terminated the VPN connection. The following message was received from the secure gateway: Idle Timeout",
     "[3/9/2018 10:32:41 AM] The secure gateway has terminated the VPN connection.  The following message was received from the secure gateway: Idle Timeout",
     "", "manual"},
    {"", {client_terminated_by_peer, client_ended_by_policy},
     "The secure gateway has terminated the VPN connection. The following message was received from the secure gateway: Max time exceeded",
     "[3/9/2018 10:32:41 AM] The secure gateway has terminated the VPN connection.  The following message was received from the secure gateway: Max time exceeded",
     "", "manual"},
    {"", {client_terminated_by_peer, client_ended_by_admin},
     "The secure gateway has terminated the VPN connection. The following message was received from the secure gateway: Administrator Reset",
     "[3/9/2018 10:32:41 AM] The secure gateway has terminated the VPN connection.  The following message was received from the secure gateway: Administrator Reset",
     "", "manual"},
    {"", {client_terminated_by_peer, client_ended_by_shutdown},
     "The secure gateway has terminated the VPN connection. The following message was received from the secure gateway: Administrator Reboot",
     "[3/9/2018 10:32:41 AM] The secure gateway has terminated the VPN connection.  The following message was received from the secure gateway: Administrator Reboot",
     "", "manual"},
    {"", {client_terminated_by_peer, client_ended_by_shutdown},
     "The secure gateway has terminated the VPN connection. The following message was received from the secure gateway: Administrator Shutdown",
     "[3/9/2018 10:32:41 AM] The secure gateway has terminated the VPN connection.  The following message was received from the secure gateway: Administrator Shutdown",
     "", "manual"},
    {"", {client_terminated_by_peer},
     "The secure gateway has terminated the VPN connection. {rest}",
     "[3/9/2018 10:32:41 AM] The secure gateway has terminated the VPN connection.  The following message was received from the secure gateway: Unknown",
     "", "manual"},
    {"", {client_terminated_by_peer},
     "The secure gateway has rejected the connection attempt. {rest}",
     R"(Jan 12 17:05:35 x5 acvpnui[16263]: Message type error sent to the user: The secure gateway has rejected the connection attempt.  A new connection attempt to the same or another secure gateway is needed, which requires re-authentication.)",
     "", "manual"},

    {"", {client_terminated_by_peer, client_address_refused},
     "The secure gateway has rejected the agent's VPN connect or reconnect request. A new connection requires re-authentication and must be started manually. Please contact your network administrator if this problem persists. The following message was received from the secure gateway: No assigned address",
     "Jan 12 17:05:35 x5 acvpnui[16263]: Message type error sent to the user: The secure gateway has rejected the agent's VPN connect or reconnect request.  A new connection requires re-authentication and must be started manually.  Please contact your network administrator if this problem persists.  The following message was received from the secure gateway: No assigned address",
     "", "manual"},
    {"", {client_terminated_by_peer},
     "The secure gateway has rejected the agent's VPN connect or reconnect request. {rest}",
     "Jan 12 17:05:35 x5 acvpnui[16263]: Message type error sent to the user: The secure gateway has rejected the agent's VPN connect or reconnect request. A new connection requires re-authentication and must be started manually. Please contact your network administrator if this problem persists. The following message was received from the secure gateway: Other error",
     "", "manual"},
    {"", {client_lost_peer},
     "The VPN connection to the secure gateway was disrupted and could not be automatically re-established. {rest}",
     "Jan 12 17:05:35 x5 acvpnui[16263]: Message type error sent to the user: The VPN connection to the secure gateway was disrupted and could not be automatically re-established.  A new connection is necessary, which requires re-authentication.",
     "", "manual"},
    {"", {client_failed},
     "VPN Server internal error.",
     "Jan 12 17:05:35 x5 acvpnui[16263]: Message type error sent to the user: VPN Server internal error.",
     "", "manual"},
    {"", {client_failed},
     "The AnyConnect package on the secure gateway could not be located. {rest}",
     "Jan 12 17:05:35 x5 acvpnui[16263]: Message type error sent to the user: The AnyConnect package on the secure gateway could not be located.  You may be experiencing network connectivity issues.  Please try connecting again.",
     "", "manual"},
    {"", {client_failed},
     "The IPsec VPN connection was terminated due to an authentication failure or timeout. {rest}",
     "Jan 12 17:05:35 x5 acvpnui[16263]: Message type error sent to the user: The IPsec VPN connection was terminated due to an authentication failure or timeout.  Please contact your network administrator.",
     "", "manual"},
    {"", {client_failed},
     "The requested authentication type is not supported by AnyConnect. {rest}",
     "Jan 12 17:05:35 x5 acvpnui[16263]: Message type error sent to the user: The requested authentication type is not supported by AnyConnect.  Please contact your network administrator.",
     "", "manual"},
    {"", {client_received_any, client_no_proposal_notify},
     "The cryptographic algorithms required by the secure gateway do not match those supported by AnyConnect. {rest}",
     "Jan 12 17:05:35 x5 acvpnui[16263]: Message type error sent to the user: The cryptographic algorithms required by the secure gateway do not match those supported by AnyConnect.  Please contact your network administrator.",
     "", "manual"},
    {"", {client_xauth_answered, client_failed},
     "Login denied. Unauthorized connection mechanism, contact your administrator.",
     "Jan 12 17:05:35 x5 acvpnui[16263]: Message type error sent to the user: Login denied. Unauthorized connection mechanism, contact your administrator.",
     "", "manual"},
    {"", {client_xauth_answered, client_failed},
     "Authentication failed due to problem retrieving the single sign-on cookie.",
     "Jan 12 17:05:35 x5 acvpnui[16263]: Message type error sent to the user: Authentication failed due to problem retrieving the single sign-on cookie.",
     "", "manual"},
    {"", {client_policy_refused},
     "Unable to complete connection: Cisco Secure Desktop not installed on the client{rest}",
     "Jan 12 17:05:35 x5 acvpnui[16263]: Message type error sent to the user: Unable to complete connection: Cisco Secure Desktop not installed on the client",
     "", "manual"},
    {"", {client_not_responding, client_uses_tls},
     "The client could not connect because of a secure gateway address failure. {rest}",
     "Jan 12 17:05:35 x5 acvpnui[16263]: Message type error sent to the user: The client could not connect because of a secure gateway address failure.  Please verify Internet connectivity and server address.",
     "", "manual"},

    // ---- What the window says, in its message history and in the CLI
    {"", {client_started, client_uses_tls},
     "contacting host {rest}",
     "  >> contacting host (vpn.example.com) for login information...",
     "", "synthetic"},
    {"", {client_started, client_uses_tls},
     "Contacting {rest}",
     "[3/9/2018 10:32:20 AM] Contacting vpn.example.com.",
     "", "synthetic: the stamp is the one of asa c108"},
    {"", {client_xauth_answered},
     "User credentials entered.",
     "[3/9/2018 10:32:25 AM] User credentials entered.",
     "", "synthetic"},
    {"", {client_user_accepted},
     "Establishing VPN session...",
     "[3/9/2018 10:32:26 AM] Establishing VPN session...",
     "", "synthetic: said when the gateway has accepted the login"},
    {"", {client_address_received},
     "Establishing VPN - Activating VPN adapter...",
     "[3/9/2018 10:32:31 AM] Establishing VPN - Activating VPN adapter...",
     "", "synthetic"},
    {"", {client_connected},
     "Connected to {word}",
     "[3/9/2018 10:32:33 AM] Connected to vpn.example.com.",
     "", "synthetic"},
    {"", {client_not_responding, client_uses_tls},
     "Unable to contact {rest}",
     "[3/9/2018 10:32:41 AM] Unable to contact vpn.example.com.",
     "", "synthetic"},
    {"", {client_not_responding, client_uses_tls},
     "Could not connect to server. Please verify Internet connectivity and server address.",
     "[3/9/2018 10:32:41 AM] Could not connect to server. Please verify Internet connectivity and server address.",
     "", "synthetic"},
    {"", {client_not_responding, client_uses_tls},
     "Connection timed out. {rest}",
     "[3/9/2018 10:32:41 AM] Connection timed out. Please verify Internet connectivity.",
     "", "synthetic"},
    {"", {client_not_responding, client_uses_tls},
     "Connection attempt has timed out. {rest}",
     "[3/9/2018 10:32:41 AM] [VPN] - Connection attempt has timed out. Please verify Internet connectivity.",
     "", "public guide to VPN profiles"},
    {"", {client_sent_am1},
     "Initiating connection to: {rest}",
     "Sep 29 13:42:03 localhost vpnui: ConnectMgr.cpp:363 (0) ConnectMgr :: connect Initiating connection to: vpn.example.com",
     "", "public forum: AnyConnect 2.1"},
    {"", {client_no_network},
     "AnyConnect cannot establish a VPN session because a device in the network, such as a proxy server or captive portal, is blocking Internet access.",
     "[3/9/2018 10:32:41 AM] AnyConnect cannot establish a VPN session because a device in the network, such as a proxy server or captive portal, is blocking Internet access.",
     "", "manual"},
    {"", {client_no_network},
     "Cisco Secure Client cannot establish a VPN session because a device in the network, such as a proxy server or captive portal, is blocking Internet access.",
     "[3/9/2018 10:32:41 AM] Cisco Secure Client cannot establish a VPN session because a device in the network, such as a proxy server or captive portal, is blocking Internet access.",
     "", "manual"},
    {"", {client_dns_failed},
     "The VPN connection failed due to unsuccessful domain name resolution.",
     "[3/9/2018 10:32:22 AM] The VPN connection failed due to unsuccessful domain name resolution.",
     "", "synthetic"},
    {"", {client_failed, client_certificate_rejected},
     "Connection attempt has failed due to server certificate problem.",
     "  >> error: Connection attempt has failed due to server certificate problem.",
     "", "public forum: AnyConnect 2.2 without its certificate libraries"},
    {"", {client_failed},
     "Connection attempt has failed {rest}",
     "[3/9/2018 10:32:41 AM] Connection attempt has failed due to network or PC issue.",
     "", "synthetic"},
    {"", {client_failed},
     "AnyConnect was not able to establish a connection to the specified secure gateway. {rest}",
     "[3/9/2018 10:32:41 AM] AnyConnect was not able to establish a connection to the specified secure gateway. Please try connecting again.",
     "", "synthetic"},
    {"", {client_failed},
     "Cisco Secure Client was not able to establish a connection to the specified secure gateway. {rest}",
     "[3/9/2018 10:32:41 AM] Cisco Secure Client was not able to establish a connection to the specified secure gateway. Please try connecting again.",
     "", "synthetic: the product has a new name"},
    {"", {client_certificate_rejected},
     "Cisco Secure Client cannot confirm it is connected to your secure gateway. {rest}",
     "[3/9/2018 10:32:41 AM] Cisco Secure Client cannot confirm it is connected to your secure gateway. The local network may not be trustworthy. Please try another network.",
     "", "synthetic: the product has a new name"},
    {"", {client_received_any},
     "Cisco Secure Client cannot verify server: {rest}",
     "  >> notice: Cisco Secure Client cannot verify server: vpn.example.com",
     "", "synthetic: the product has a new name"},
    {"", {client_certificate_rejected},
     "The certificate on the secure gateway is invalid. {rest}",
     "[3/9/2018 10:32:41 AM] The certificate on the secure gateway is invalid. A VPN connection will not be established.",
     "", "manual"},
    {"", {client_certificate_rejected},
     "Termination reason code 59: Connection attempt failed due to certificate problems{rest}",
     "Jan 12 17:05:35 x5 vpnagentd[812]: Termination reason code 59: Connection attempt failed due to certificate problems.",
     "", "public configuration of a client that lacks its trust store"},
    {"", {client_policy_refused},
     "Login denied. Your environment does not meet the access criteria defined by your administrator.",
     "[3/9/2018 10:32:41 AM] Login denied. Your environment does not meet the access criteria defined by your administrator.",
     "", "manual"},
    {"", {client_failed},
     "Unable to launch Cisco Secure Desktop. {rest}",
     "  >> error: Unable to launch Cisco Secure Desktop. If you are already on the\nSecure Desktop, use the \"Launch Login Page\" button on the desktop.",
     "", "public forum: its script does not run on this system"},
    {"", {client_failed},
     "Unable to establish VPN.",
     "  >> error: Unable to establish VPN.",
     "", "public forum: the downloader could not be run"},
    {"", {client_adapter_failed},
     "The VPN client driver {name}encountered an error. {rest}",
     "[3/9/2018 10:32:32 AM] The VPN client driver has encountered an error. Please restart your computer or device, then try again.",
     "", "synthetic"},
    {"", {client_adapter_failed},
     "The VPN client was unable to successfully verify the IP forwarding table modifications. {rest}",
     "[3/9/2018 10:32:32 AM] The VPN client was unable to successfully verify the IP forwarding table modifications. A VPN connection will not be established.",
     "", "synthetic"},
    {"", {client_service_down},
     "The VPN service is not available. {rest}",
     "[3/9/2018 10:32:20 AM] The VPN service is not available. Exiting.",
     "", "synthetic"},
    {"", {client_service_down},
     "Unable to proceed. Cannot contact the VPN service.",
     "  >> error: Unable to proceed.\n        Cannot contact the VPN service.",
     "", "public test of a tool that reads the CLI"},
    {"", {client_no_network},
     "The service provider in your current location is restricting access to the Internet. {rest}",
     "[3/9/2018 10:32:21 AM] The service provider in your current location is restricting access to the Internet. You need to log on with the service provider before you can establish a VPN session.",
     "", "synthetic"},
    {"", {},
     "Ready to connect.",
     "[2018/1/15 下午 11:32:10] Ready to connect.",
     "", "asa c108: how the stamp looks on a Chinese desktop"},
    {"", {client_connected},
     "The VPN connection has been established and can now pass data.",
     R"(Jan 12 17:05:35 x5 acvpnui[16263]: Message type error sent to the user: The VPN connection has been established and can now pass data.)",
     "", "manual"},
    {"", {client_connected},
     "VPN state: Connected {rest}",
     R"(Jan 12 17:05:35 x5 acvpnui[16263]: VPN state: Connected Network state: Network Accessible Network control state: Network Access: Available Network type: Undefined)",
     "", "manual"},
    {"", {client_connected},
     "Function: processState File: {word} Line: {int} VPN state: Connected {rest}",
     R"(Jan 12 17:05:35 x5 acvpnui[16263]: Function: processState File: ApiIpc.cpp Line: 1412 VPN state: Connected Network state: Network Accessible Network control state: Available Network type: Undefined)",
     "", "manual"},
    {"", {client_connected},
     "state: Connected",
     R"(  >> state: Connected)",
     "", "manual"},
};

constexpr NotOurs kNotOurs[] = {
    {R"(Jan 12 17:05:35 x5 acvpnui[16263]: Function: Enumerate File: Certificates/FileCertStore.cpp Line: 118 Invoked Function: Enumerate Return Code: -31391730 (0xFE21000E) Description: CERTSTORE_ERROR_CERT_NOT_FOUND )",
     "noise where only passwords are used"},
    {R"(Jan 12 17:05:35 x5 acvpnui[16263]: Function: run File: ConnectMgr.cpp Line: 568 Invoked Function: ConnectMgr::initiateConnect Return Code: -29556727 (0xFE3D0009) Description: CONNECTMGR_ERROR_UNEXPECTED )",
     "the generic tail of any failure"},
    {R"(Jan 12 17:05:35 x5 acvpnui[16263]: VPN state: Disconnected Network state: Network Accessible Network control state: Network Access: Available Network type: Undefined)",
     "printed at every start, too"},
    {"[3/9/2018 10:32:14 AM] GET /contacting HTTP/1.1", "another program stamps its lines alike"},
    {R"(****************************************** Date Time Type Source : : : : 11/16/2013 01:28:51 Information acvpnui Description : Message type information sent to the user: Reconnecting to 10.1.1.2...)",
     "most reconnects succeed"},
};
// clang-format on

}  // namespace

constinit const DialectTable kAnyconnect = {
    .id = Dialect::anyconnect,
    .vantage = Vantage::client,
    .continues = true,
    .cut_header = cut_header,
    .rows = kRows,
    .not_ours = kNotOurs,
    .cut_tagged = cut_tagged,
    .cut_prefix = cut_prefix,
};

}  // namespace vpnverdict::dialect
