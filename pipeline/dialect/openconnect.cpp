// openconnect. Its lines have no header of their own; what calls it adds "[2024-01-31 10:20:30] ",
// "2016-03-15 13:25 ", "2024-01-31 10:20:30 | 7f3a | ", "10:20:30 LIB: " or a syslog header. A line without
// any is taken when only openconnect begins so, and once the source is known as openconnect's, when any row
// begins so.
#include <algorithm>
#include <utility>

#include "pipeline/dialect/pattern.h"
#include "pipeline/dialect/syslog.h"
#include "pipeline/dialect/tables.h"
#include "pipeline/dialect/time.h"

namespace vpnverdict::dialect {
namespace {

using enum Fact;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Beginnings that only openconnect writes: they make a line without a header, or with a bare stamp, ours.
// Every source's lines are compared with them, so their lengths are constants.
constexpr std::string_view kOwnStarts[] = {
    "send cstp ",
    "got cstp ",
    "got connect response",
    "got inappropriate http ",
    "cstp ",
    "dtls ",
    "ssl negotiation with ",
    "ssl read error",
    "ssl connection failure",
    "connected to https on ",
    "server certificate verify failed",
    "x-cstp-",
    "x-dtls-",
    "post https://",
    "get https://",
    "attempting to connect to server ",
    "configured as ",
    "established dtls ",
    "set up udp failed",
    "cookie was rejected by server",
    "vpn service unavailable",
    "received server disconnect",
    "session terminated by server",
    "failed to open https ",
    "failed to obtain webvpn cookie",
    "failed to complete authentication",
    "failed to connect to ",
    "connected as ",
    "connected to ",
    "connected vpn",
    "connected tun",
    "server ssl certificate didn't match",
    "ssl certificate authentication failed",
    "client certificate has expired",
    "no ip address received",
    "reconnect ",
    "reconnect failed",
    "user cancelled (",
    "user canceled (",
    "getaddrinfo failed for host ",
    "failed to bind local tun device",
    "failed to open tun device",
    "set up tun device failed",
    "failed to reconnect to host",
    "please upgrade your anyconnect client",
    "authentication error; cannot obtain",
    "creating ssl connection failed",
    "error establishing the cstp channel",
    "cookie is no longer valid",
    "user input required in non-interactive",
    "failed to read from ssl socket",
    "ssl connection cancelled",
    "login denied",
};
bool is_own_text(std::string_view text) {
  constexpr std::string_view kFirstLetters = "SGCDXPAEFVNRUgL";
  if (text.size() < 12 || kFirstLetters.find(text.front()) == std::string_view::npos) return false;
  const char first = fold(text.front());
  for (std::string_view start : kOwnStarts)
    if (start.front() == first && begins_with(text, start)) return true;
  return false;
}

// Questions and answers of the server's login form: others print the same.
bool is_prompt(std::string_view text) {
  return begins_with(text, "please enter your ") || begins_with(text, "login failed");
}

// "13:25" or "13:25:10"
bool take_clock(std::string_view& in, Timestamp* out) {
  int hour = 0, minute = 0, second = 0;
  std::string_view rest = in;
  if (!take_digits(rest, 2, &hour) || rest.empty() || rest.front() != ':') return false;
  rest.remove_prefix(1);
  if (!take_digits(rest, 2, &minute)) return false;
  if (rest.size() > 2 && rest.front() == ':' && is_digit(rest[1])) {
    rest.remove_prefix(1);
    take_digits(rest, 2, &second);
  }
  if (hour > 23 || minute > 59 || second > 60) return false;
  *out = ((hour * 60LL + minute) * 60 + second) * 1000;
  in = rest;
  return true;
}

// "2016-03-15 13:25" with or without seconds.
bool take_stamp(std::string_view& in, Timestamp* out) {
  if (take_iso_stamp(in, out)) return true;
  std::string_view rest = in;
  int year = 0, month = 0, day = 0;
  Timestamp date = 0, clock = 0;
  if (rest.size() < 16 || !take_digits(rest, 4, &year) || rest.front() != '-' ||
      !take_digits(rest = rest.substr(1), 2, &month) || rest.front() != '-' ||
      !take_digits(rest = rest.substr(1), 2, &day) || rest.front() != ' ')
    return false;
  rest.remove_prefix(1);
  if (!take_clock(rest, &clock) || !civil_to_timestamp(year, month, day, 0, 0, 0, 0, &date)) return false;
  *out = date + clock;
  in = rest;
  return true;
}

// What the callers of openconnect put in front; false when there is nothing of the kind.
bool take_caller(std::string_view& text, Timestamp* time) {
  std::string_view rest = text;
  if (!rest.empty() && rest.front() == '[') {
    rest.remove_prefix(1);
    if (!take_stamp(rest, time) || rest.empty() || rest.front() != ']') return false;
    text = trimmed(rest.substr(1));
    return true;
  }
  if (rest.empty() || !is_digit(rest.front())) return false;
  if (take_stamp(rest, time)) {
    rest = trimmed(rest);
    if (!rest.empty() && rest.front() == '|') {  // "| thread | "
      const std::size_t bar = rest.find('|', 1);
      if (bar == std::string_view::npos) return false;
      rest = trimmed(rest.substr(bar + 1));
    }
    text = rest;
    return true;
  }
  Timestamp clock = 0;
  if (!take_clock(rest, &clock) || !begins_with(rest, " lib: ")) return false;
  text = trimmed(rest.substr(6));
  return true;
}

HeaderResult cut_line(std::string_view line, SourceState& state, Event& event, std::string_view& text) {
  std::string_view rest = trimmed(line);
  Timestamp time = kUntimed;
  if (take_caller(rest, &time)) {
    if (!is_own_text(rest) && state.dialect != Dialect::openconnect) return HeaderResult::not_mine;
    event.time = time;
    text = rest;
    return HeaderResult::cut;
  }
  if (is_own_text(rest) || (state.dialect == Dialect::openconnect && is_prompt(rest))) {
    event.time = state.last_time;
    text = rest;
    return HeaderResult::cut;
  }
  const bool stamped = !rest.empty() && (rest.front() == '<' || rest.substr(0, 5).find('-') == 4 || begins_with_month(rest));
  if (!stamped || line.find("openconnect") == std::string_view::npos) return HeaderResult::not_mine;
  SyslogHeader header;
  if (!cut_syslog(line, year_for(state, event), &header) || header.program != "openconnect")
    return HeaderResult::not_mine;
  event.time = header.time;
  if (!header.host.empty()) event.device = header.host;
  text = trimmed(header.text);
  return HeaderResult::cut;
}

// Keeps in SourceState::refusal what is wrong with the server's certificate, which is fatal only where the handshake ends with it: the user may accept it.
void note_certificate(std::string_view text, SourceState& state) {
  if (!begins_with(text, "server certificate verify failed: ")) return;
  state.refusal.reset();
  if (begins_with(text, "server certificate verify failed: certificate expired")) state.refusal = client_certificate_expired;
}

HeaderResult cut_header(std::string_view line, SourceState& state, Event& event, std::string_view& text) {
  const HeaderResult result = cut_line(line, state, event, text);
  if (result == HeaderResult::cut) note_certificate(text, state);
  return result;
}

HeaderResult cut_tagged(std::string_view program, std::string_view line, SourceState& state, Event&, std::string_view& text) {
  if (program != "openconnect") return HeaderResult::not_mine;
  text = trimmed(line);
  note_certificate(text, state);
  return HeaderResult::cut;
}

void complete(SourceState& state, Event& event) {
  if (state.asked && begins_with(event.text.substr(std::min(event.text.size(), event.text.find("POST "))), "post ")) {
    event.says = client_xauth_answered;
    state.asked = false;
  }
  if (event.says.has(client_xauth_prompted)) state.asked = true;
  if (event.says.has(client_started)) state.asked = false;
  if (state.refusal && event.says.has(client_certificate_rejected)) event.says = *std::exchange(state.refusal, std::nullopt);
  if (event.says.has(client_started)) state.refusal.reset();
}

// clang-format off
constexpr MessageRow kRows[] = {
    {"", {client_started, client_sent_am1},
     "Attempting to connect to server {gateway}:{int}",
     R"(Attempting to connect to server 203.0.113.97:443)",
     "gateway=203.0.113.97", "manual"},
    {"", {client_dns_failed},
     "getaddrinfo failed for host '{word}': {rest}",
     R"(Oct 19 17:06:27 laptop01 openconnect[16363]: getaddrinfo failed for host 'vpn.example.com': Name or service not known)",
     "", "manual"},
    {"", {client_port_refused, client_uses_tls},
     "Failed to connect to {word}: Connection refused",
     R"(Failed to connect to 203.0.113.97:443: Connection refused)",
     "", "manual"},
    {"", {client_host_unreachable, client_uses_tls},
     "Failed to connect to {word}: No route to host",
     R"(Failed to connect to 203.0.113.97:443: No route to host)",
     "", "manual"},
    {"", {client_no_network},
     "Failed to connect to {word}: Network is unreachable",
     R"(Failed to connect to 203.0.113.97:443: Network is unreachable)",
     "", "manual"},
    {"", {client_not_responding, client_uses_tls},
     "Failed to connect to {word}: Connection timed out",
     R"(Failed to connect to 203.0.113.97:443: Connection timed out)",
     "", "manual"},
    {"", {client_failed},
     "Failed to connect to host {rest}",
     R"(Failed to connect to host vpn.example.com)",
     "", "manual"},
    {"", {client_failed},
     "Failed to open HTTPS connection to {rest}",
     R"(Failed to open HTTPS connection to vpn.example.com)",
     "", "manual"},
    {"", {client_received_any},
     "Connected to {gateway}:{int}",
     R"([2024-06-26 09:35:42] Connected to 203.0.113.97:443)",
     "gateway=203.0.113.97", "manual"},
    {"", {client_received_any},
     "SSL negotiation with {rest}",
     R"(2016-03-15 13:29 SSL negotiation with xxx.com)",
     "", "asa c110"},
    {"", {client_received_any, client_received_am2},
     "Connected to HTTPS on {rest}",
     R"(2016-03-15 13:29 Connected to HTTPS on xxx.com)",
     "", "asa c110"},
    {"", {client_certificate_rejected},
     "Server SSL certificate didn't match: {rest}",
     R"(Server SSL certificate didn't match: pin-sha256:xp3scfzy3rO)",
     "", "manual"},
    {"", {client_certificate_rejected},
     "SSL connection failure: Error in the certificate{rest}",
     R"(SSL connection failure: Error in the certificate.)",
     "", "lab, openconnect 9.01"},
    {"", {client_failed},
     "SSL connection failure: The TLS connection was non-properly terminated.",
     R"(SSL connection failure: The TLS connection was non-properly terminated.)",
     "", "openconnect source"},
    {"", {client_failed},
     "SSL connection failure: A TLS fatal alert has been received.",
     R"(SSL connection failure: A TLS fatal alert has been received.)",
     "", "openconnect source"},
    {"", {client_certificate_rejected},
     "SSL certificate authentication failed",
     R"(SSL certificate authentication failed)",
     "", "manual"},
    {"", {client_certificate_expired},
     "Client certificate has expired at{_}: {rest}",
     R"(Client certificate has expired at: Tue, 01 Jan 2030 00:00:00 GMT)",
     "", "manual"},
    {"", {client_xauth_prompted},
     "Please enter your username and password.",
     R"(Oct 19 17:06:27 laptop01 openconnect[16363]: Please enter your username and password.)",
     "", "manual"},
    {"", {client_xauth_prompted},
     "Please enter your username.",
     R"(Oct 19 17:06:27 laptop01 openconnect[16363]: Please enter your username.)",
     "", "manual"},
    {"", {client_xauth_failed},
     "Login failed.",
     R"(Oct 19 17:06:27 laptop01 openconnect[16363]: Login failed.)",
     "", "manual"},
    {"", {},
     "POST {rest}",
     R"(POST https://vpn.example.com/auth)",
     "", "docker-ocserv issue 80: an answer when a form was shown before, see complete()"},
    {"", {client_failed},
     "User input required in non-interactive mode",
     R"(User input required in non-interactive mode)",
     "", "openconnect source"},
    {"", {client_failed},
     "Authentication error; cannot obtain cookie",
     R"(2019-04-08 15:38:25 | 3574 | Authentication error; cannot obtain cookie)",
     "", "streisand issue 1559"},
    {"", {client_user_cancelled},
     "SSL connection cancelled",
     R"(SSL connection cancelled)",
     "", "openconnect source"},
    {"", {client_login_limit},
     "Login denied. Simultaneous login limit exceeded.",
     R"(Login denied. Simultaneous login limit exceeded.)",
     "", "public GitHub tests of a client around openconnect"},
    {"", {client_xauth_failed},
     "Login denied, unauthorized connection mechanism, contact your administrator.",
     R"(Login denied, unauthorized connection mechanism, contact your administrator.)",
     "", "public GitHub tests of a client around openconnect"},
    {"", {client_failed},
     "Failed to obtain WebVPN cookie",
     R"(Failed to obtain WebVPN cookie)",
     "", "manual"},
    {"", {client_failed},
     "Failed to complete authentication",
     R"(Failed to complete authentication)",
     "", "manual"},
    {"", {client_user_accepted},
     "Got CONNECT response: HTTP/{word} 200 {rest}",
     R"(2016-03-15 13:29 Got CONNECT response: HTTP/1.1 200 OK)",
     "", "asa c110"},
    {"", {client_terminated_by_peer},
     "Got inappropriate HTTP CONNECT response: {rest}",
     R"(Got inappropriate HTTP CONNECT response: HTTP/1.1 401 Unauthorized)",
     "", "asa c105"},
    {"", {client_failed},
     "Creating SSL connection failed",
     R"(Nov 23 16:18:09 keddad openconnect[6575]: Creating SSL connection failed)",
     "", "streisand issue 1684"},
    {"", {client_failed},
     "Error establishing the CSTP channel",
     R"(2023-01-14 18:57:04 | 45bc | Error establishing the CSTP channel)",
     "", "ocserv one-key installer issue 32"},
    {"", {client_terminated_by_peer},
     "Cookie was rejected by server; exiting.",
     R"(Cookie was rejected by server; exiting.)",
     "", "asa c105"},
    {"", {client_terminated_by_peer, client_address_refused},
     "VPN service unavailable; reason: No assigned address",
     R"(VPN service unavailable; reason: No assigned address)",
     "", "manual"},
    {"", {client_terminated_by_peer, client_login_limit},
     "VPN service unavailable; reason: No License",
     R"(VPN service unavailable; reason: No License)",
     "", "manual"},
    {"", {client_terminated_by_peer},
     "VPN service unavailable; reason: {rest}",
     R"(VPN service unavailable; reason: Unknown)",
     "", "manual"},
    {"", {client_address_refused},
     "No IP address received. Aborting",
     R"(No IP address received. Aborting)",
     "", "manual"},
    {"", {client_connected},
     "CSTP connected. DPD {int}, Keepalive {int}",
     R"(CSTP connected. DPD 90, Keepalive 32473)",
     "", "manual"},
    {"", {client_connected, client_address_received},
     "Configured as {address}, with SSL {rest}",
     R"(Configured as 10.20.30.11, with SSL connected and DTLS in progress)",
     "address=10.20.30.11", "manual"},
    {"", {client_connected, client_address_received},
     "Connected {word} as {address}, using SSL{rest}",
     R"(Oct 19 17:06:27 laptop01 openconnect[16363]: Connected vpn0 as 192.0.2.50, using SSL)",
     "address=192.0.2.50", "asa c111"},
    {"", {client_connected, client_address_received},
     "Connected as {address}, using SSL{rest}",
     R"(Connected as 10.20.30.11, using SSL)",
     "address=10.20.30.11", "manual"},
    {"", {client_version_refused},
     "Please upgrade your AnyConnect Client",
     R"(Please upgrade your AnyConnect Client)",
     "", "public report: the page to which the gateway sends a version that it does not admit"},
    {"", {client_adapter_failed},
     "Failed to bind local tun device (TUNSETIFF): {rest}",
     R"(Failed to bind local tun device (TUNSETIFF): Operation not permitted)",
     "", "openconnect source: without the right to it"},
    {"", {client_adapter_failed},
     "Failed to open tun device: {rest}",
     R"(Failed to open tun device: No such file or directory)",
     "", "openconnect source"},
    {"", {client_adapter_failed},
     "Set up tun device failed",
     R"(Set up tun device failed)",
     "", "openconnect source"},
    {"", {client_lost_peer},
     "Failed to reconnect to host {rest}",
     R"(Failed to reconnect to host vpn.example.com)",
     "", "openconnect source"},
    {"", {client_ended_by_policy},
     "Cookie is no longer valid, ending session",
     R"(Cookie is no longer valid, ending session)",
     "", "openconnect source"},
    {"", {client_lost_peer},
     "CSTP Dead Peer Detection detected dead peer!",
     R"(CSTP Dead Peer Detection detected dead peer!)",
     "", "manual"},
    {"", {client_lost_peer},
     "SSL read error: {name}; reconnecting.",
     R"(2016-03-15 13:29 SSL read error: Error in the pull function.; reconnecting.)",
     "", "asa c110"},
    {"", {client_lost_peer},
     "Reconnect failed",
     R"(Reconnect failed)",
     "", "manual"},
    {"", {client_lost_peer},
     "Reconnect gave different {word} IP address ({rest}",
     R"(Reconnect gave different Legacy IP address (10.20.30.11 != 10.20.30.12))",
     "", "manual"},
    {"", {client_got_delete, client_ended_by_policy},
     "Received server disconnect: {hex} 'Idle Timeout'",
     R"(Received server disconnect: b0 'Idle Timeout')",
     "", "asa c106"},
    {"", {client_got_delete},
     "Received server disconnect: {hex} '{rest}",
     R"(Received server disconnect: b0 'Administrator Reset')",
     "", "manual"},
    {"", {client_got_delete},
     "Session terminated by server; exiting.",
     R"(Session terminated by server; exiting.)",
     "", "asa c106"},
    {"", {client_ended_by_user, client_user_cancelled},
     "User cancelled ({rest}",
     R"(User cancelled (SIGINT); exiting.)",
     "", "manual"},
    {"", {client_ended_by_user, client_user_cancelled},
     "User canceled ({rest}",
     R"(User canceled (SIGINT/SIGTERM); exiting.)",
     "", "manual"},
};

constexpr NotOurs kNotOurs[] = {
    {R"(2016-03-15 13:29 Server certificate verify failed: signer not found)", "the user may accept it, and then the login goes on"},
    {R"(Oct 19 17:06:27 laptop01 openconnect[16363]: Established DTLS connection (using OpenSSL))", "the session stands without it, too"},
    {R"(2016-03-15 13:25 Got CSTP DPD response)", "a keep-alive says nothing about the data"},
};
// clang-format on

}  // namespace

constinit const DialectTable kOpenconnect = {
    .id = Dialect::openconnect,
    .vantage = Vantage::client,
    .cut_header = cut_header,
    .rows = kRows,
    .not_ours = kNotOurs,
    .cut_tagged = cut_tagged,
    .complete = complete,
};

}  // namespace vpnverdict::dialect
