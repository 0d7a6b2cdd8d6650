// strongSwan's charon, as concentrator and as client. Two tables share one header: the daemon writes the same
// lines in both parts, and which part it plays is learned from lines that only one of them writes.
//
// A line is [time] thread "[" GROUP [level] "]" ["<" [connection "|"] number ">"] text, in a file with any
// time format or none, or behind a syslog header with any tag. Event::session is the number, which stays when
// the connection becomes known; where the log does not print it, what a thread writes after "received packet"
// is of that packet's sender until the thread receives the next one, and a session is made up for each
// negotiation of a sender, so that clients behind one NAT come apart. The connection's name is the
// concentrator's own and never becomes a group.
//
// `swanctl --initiate` prints [GROUP] text, `ipsec up` the bare text: what a client posts who asked for the connection by hand.
//
// charon-systemd writes the bare text into the journal; thread, group and number are fields of the journal's own. Where a shipper
// hands the number on, it is used; else the text belongs to the last packet's sender, as long as no other's packets come in
// between.
#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "pipeline/dialect/pattern.h"
#include "pipeline/dialect/relay_header.h"
#include "pipeline/dialect/syslog.h"
#include "pipeline/dialect/tables.h"
#include "pipeline/dialect/time.h"

namespace vpnverdict::dialect {
namespace {

using enum Fact;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Groups whose lines are read; the rest of the eighteen are known but never say anything.
bool is_group(std::string_view name) {
  constexpr std::string_view kGroups =
      "DMN MGR IKE CHD JOB CFG KNL NET ASN ENC TNC IMC IMV PTS TLS APP ESP LIB ";
  for (std::size_t i = 0; i < kGroups.size(); i += 4)
    if (kGroups.substr(i, 3) == name) return true;
  return false;
}

constexpr std::uint8_t kNoThread = 255;
constexpr Timestamp kMixedMs = 30'000;  // a RADIUS server is waited for so long, and what it said is told then

struct Header {
  std::string_view before;  // time and syslog header
  std::uint8_t thread = kNoThread;
  std::string_view group;  // empty: the text is all there is
  int level = 0;
  bool has_session = false;
  std::uint64_t session = 0;
  std::string_view text;
};

// "<7> ", "<sales|7> ", and "[7] " in some daemons' own output; a text that begins with another bracket stays as it is.
void take_session(std::string_view& text, Header& header) {
  if (text.empty() || (text.front() != '<' && text.front() != '[')) return;
  const std::size_t close = text.find(text.front() == '<' ? "> " : "] ");
  if (close == std::string_view::npos) return;
  std::string_view number = text.substr(1, close - 1);
  if (const std::size_t bar = number.rfind('|'); bar != std::string_view::npos) number.remove_prefix(bar + 1);
  if (number.empty() || number.size() > 9 || !std::all_of(number.begin(), number.end(), is_digit)) return;
  header.has_session = true;
  for (char c : number) header.session = header.session * 10 + static_cast<std::uint64_t>(c - '0');
  text.remove_prefix(close + 2);
}

// `[GRP] ` at the start, as commands print what the daemon tells them.
bool take_commands_mark(std::string_view line, Header& header) {
  if (line.size() < 7 || line[0] != '[' || line[4] != ']' || line[5] != ' ' || !is_group(line.substr(1, 3))) return false;
  header.group = line.substr(1, 3);
  header.text = line.substr(6);
  take_session(header.text, header);
  return true;
}

// Finds `NN[GRP] ` or `NN[GRPn] `, the first in the line: names stand behind it.
bool find_mark(std::string_view line, Header& header) {
  constexpr std::size_t kHeaderMax = 160;
  const std::size_t limit = std::min(line.size(), kHeaderMax);
  for (std::size_t at = line.find('['); at != std::string_view::npos && at < limit;
       at = line.find('[', at + 1)) {
    if (at < 2 || !is_digit(line[at - 1]) || !is_digit(line[at - 2]) || line.size() < at + 6) continue;
    if (at > 2 && !is_blank(line[at - 3]) && line[at - 3] != ':') continue;  // firewalls' web pages copy as tabs
    const bool level = is_digit(line[at + 4]);
    const std::size_t close = at + (level ? 5 : 4);
    if (line.size() < close + 2 || line[close] != ']' || line[close + 1] != ' ' ||
        !is_group(line.substr(at + 1, 3)))
      continue;
    header.before = line.substr(0, at - 2);
    header.thread = static_cast<std::uint8_t>((line[at - 2] - '0') * 10 + (line[at - 1] - '0'));
    header.group = line.substr(at + 1, 3);
    header.level = level ? line[at + 4] - '0' : 0;
    header.text = line.substr(close + 2);
    take_session(header.text, header);
    return true;
  }
  return false;
}

void read_before(std::string_view before, const SourceState& state, Event& event) {
  std::string_view rest = trimmed(before);
  if (rest.empty()) return;
  Timestamp time = kUntimed;
  if ((take_iso_stamp(rest, &time) || take_month_stamp(rest, year_for(state, event), &time)) &&
      trimmed(rest).empty()) {
    event.time = time;
    return;
  }
  SyslogHeader syslog;
  if (cut_syslog(before, year_for(state, event), &syslog)) {
    event.time = syslog.time;
    if (!syslog.host.empty() && !syslog.program.empty()) event.device = syslog.host;
  }
}

// ---- what earlier lines of the source said
// --------------------------------------------------------------------

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }
bool may_be_of(const Header& header, std::string_view group) { return header.group.empty() || header.group == group; }

// "198.51.100.95 is initiating a Aggressive Mode IKE_SA"
bool is_first_message(const Header& header) {
  const std::string_view t = header.text;
  return may_be_of(header, "IKE") && !t.empty() && is_digit(t.front()) && !has(t, "'") && has(t, " is initiating a");
}

struct Start {
  std::string_view group, text;
};
bool begins_like_one_of(const Header& header, std::span<const Start> starts) {
  return std::ranges::any_of(starts, [&](const Start& start) { return may_be_of(header, start.group) && begins_with(header.text, start.text); });
}

bool only_concentrator_writes(const Header& header) {
  constexpr Start kStarts[] = {
      {"ENC", "parsed aggressive request"},      {"ENC", "parsed id_prot request"},      {"ENC", "parsed ike_sa_init request"},
      {"ENC", "parsed ike_auth request"},        {"ENC", "generating aggressive response"}, {"ENC", "generating id_prot response"},
      {"ENC", "generating ike_sa_init response"}, {"ENC", "generating ike_auth response"}, {"CFG", "added vici pool "},
      {"CFG", "looking for an ike config "},     {"NET", "ignoring ike_sa setup from "},  {"JOB", "deleting half open ike_sa "},
      {"IKE", "peer requested virtual ip "},     {"IKE", "assigning virtual ip "},        {"IKE", "no virtual ip found"},
      {"IKE", "expected a virtual ip request"},  {"IKE", "peer requested eap, config "},  {"IKE", "received eap identity "},
      {"IKE", "no peer config found"},           {"CFG", "no matching peer config found"}, {"CFG", "no alternative config found"},
      {"IKE", "aggressive mode psk disabled "},
      {"IKE", "no xauth secret found for "},     {"IKE", "none of "},                     {"IKE", "eap-ms-chapv2 verification failed"},
      {"CFG", "sending radius "},                {"CFG", "received radius "},             {"CFG", "radius "},
      {"CFG", "receiving radius "},              {"IKE", "radius authentication of "},    {"IKE", "no ike config found for "},
      {"IKE", "destroying ike_sa after failed xauth "}, {"IKE", "peer did not respond to our xauth request"},
      {"IKE", "received eap_nak, sending "},     {"CFG", "pool '"},                       {"CFG", "dhcp "},
      {"CFG", "lease "},
      {"CFG", "constraint check failed: group membership "}};
  constexpr Start kAsksForUser[] = {{"ENC", "generating transaction request "}};
  constexpr Start kLooksUp[] = {{"CFG", "looking for "}};
  constexpr Start kNoneAllows[] = {{"IKE", "found "}};
  constexpr Start kJudgesUser[] = {{"IKE", "xauth authentication of '"}};
  constexpr Start kEndsEap[] = {{"IKE", "eap method "}};
  return begins_like_one_of(header, kStarts) || is_first_message(header) ||
         (begins_like_one_of(header, kNoneAllows) && has(header.text, ", but none allows ")) ||
         (begins_like_one_of(header, kJudgesUser) && !has(header.text, "(myself)")) ||
         (begins_like_one_of(header, kEndsEap) && has(header.text, " failed for peer ")) ||
         (begins_like_one_of(header, kLooksUp) && has(header.text, " peer configs matching ")) ||
         (begins_like_one_of(header, kAsksForUser) && has(header.text, "CPRQ(X_"));
}

// What the other side says of an answer that no answer of ours would draw: it decides where nothing else does.
bool concentrator_is_likelier_to_write(const Header& header) {
  constexpr Start kStarts[] = {{"IKE", "no proposal found"},  {"IKE", "received proposals "}, {"ENC", "invalid id_v1 payload length"},
                               {"IKE", "tried "},             {"IKE", "no matching child_sa config found"},
                               {"IKE", "no matching proposal found, "}, {"IKE", "no acceptable proposal found"},
                               {"IKE", "traffic selectors "}, {"IKE", "no eap key found for "}};
  return begins_like_one_of(header, kStarts);
}

bool only_client_writes(const Header& header) {
  constexpr Start kStarts[] = {
      {"ENC", "generating aggressive request"}, {"ENC", "generating id_prot request"}, {"ENC", "generating ike_sa_init request"},
      {"ENC", "generating ike_auth request"},   {"ENC", "parsed aggressive response"}, {"ENC", "parsed id_prot response"},
      {"ENC", "parsed ike_sa_init response"},   {"ENC", "parsed ike_auth response"},   {"CFG", "vici initiate "},
      {"IKE", "initiating aggressive mode ike_sa "}, {"IKE", "initiating main mode ike_sa "}, {"IKE", "initiating ike_sa "},
      {"IKE", "installing new virtual ip "}};
  constexpr Start kIsAskedForUser[] = {{"ENC", "parsed transaction request "}};
  return begins_like_one_of(header, kStarts) || (begins_like_one_of(header, kIsAskedForUser) && has(header.text, "CPRQ(X_"));
}

// A gateway may also initiate tunnels of its own, a client never answers: the concentrator's lines are
// stronger.
void learn_side(const Header& header, SourceState& state) {
  if (state.vantage_known && state.vantage == Vantage::concentrator) return;
  // A client looks for another configuration, too; that it is one, its own first message has told.
  const bool initiated = state.vantage_known && state.ike_version != 0;
  if (initiated && may_be_of(header, "CFG") && begins_with(header.text, "no alternative config found")) return;
  if (only_concentrator_writes(header) || (!state.vantage_known && concentrator_is_likelier_to_write(header))) {
    state.vantage = Vantage::concentrator;
    state.vantage_known = true;
  } else if (!state.vantage_known && only_client_writes(header)) {
    state.vantage = Vantage::client;
    state.vantage_known = true;
  }
}

void learn_daemon(const Header& header, SourceState& state) {
  const std::string_view t = header.text;
  if (may_be_of(header, "DMN") && begins_with(t, "starting ike charon daemon")) {
    ++state.run;
    state.forget_workers();
    state.bind_failed = false;
    state.admin_terminates = false;
    state.mixed_until = kUntimed;
  } else if (may_be_of(header, "NET") && begins_with(t, "unable to bind socket: address already in use")) {
    state.bind_failed = true;
  } else if (may_be_of(header, "CFG") && begins_with(t, "vici terminate ")) {
    state.admin_terminates = true;
  } else if (may_be_of(header, "IKE") && begins_with(t, "initiating ")) {
    if (begins_with(t, "initiating ike_sa ")) state.ike_version = 2;
    if (begins_with(t, "initiating aggressive mode ") || begins_with(t, "initiating main mode "))
      state.ike_version = 1;
  } else if (may_be_of(header, "ENC") && begins_with(t, "generating ike_auth request ")) {
    state.ike_version = 2;  // where the log begins behind the initiation
  }
}

// Lines of timers and commands: they run on any thread, whatever it did before.
bool is_other_work(std::string_view t, const SourceState& state) {
  constexpr std::string_view kStarts[] = {
      "sending retransmit ", "giving up after ",   "sending keep alive ", "sending dpd request",
      "dpd check timed out", "deleting half open ", "vici ",               "destroying ike_sa in state ",
      "initiating ike_sa ",  "initiating aggressive mode ", "initiating main mode ", "sigterm received", "sigint received"};
  for (std::string_view start : kStarts)
    if (begins_with(t, start)) return true;
  if (begins_with(t, "retransmit ")) return has(t, " of request with message ID ");
  return state.admin_terminates && (begins_with(t, "closing child_sa ") ||
                                    begins_with(t, "deleting ike_sa ") || begins_with(t, "sending delete "));
}

// The first number of "with SPIs 9d1fe3352b3af333_i b487d67ff5df4d14_r", 0 when there is none.
std::uint64_t initiator_spi(std::string_view text) {
  constexpr std::string_view kBefore = "with SPIs ";
  const std::size_t at = text.rfind(kBefore);
  if (at == std::string_view::npos) return 0;
  std::uint64_t value = 0;
  std::size_t digits = 0;
  for (char c : text.substr(at + kBefore.size())) {
    const char low = fold(c);
    if (!is_digit(low) && (low < 'a' || low > 'f')) break;
    value = (value << 4) | static_cast<std::uint64_t>(is_digit(low) ? low - '0' : low - 'a' + 10);
    ++digits;
  }
  return digits == 16 ? value : 0;
}

// "198.51.100.10[57863] to 203.0.113.230[4500] (108 bytes)" of a received packet, else nothing.
std::string_view packet_of(std::string_view text) {
  constexpr std::string_view kBefore = "received packet: from ";
  if (!begins_with(text, kBefore)) return {};
  text.remove_prefix(kBefore.size());
  return text.find('[') == std::string_view::npos ? std::string_view() : text;
}

// ---- logs that name no session
// --------------------------------------------------------------------------------

constexpr std::uint64_t kMadeUp = 0x8000'0000;  // no daemon counts so far

std::string_view sender_of(const SourceState::Flow& flow) { return flow.sender.data(); }

std::string_view address_of(std::string_view sender) { return sender.substr(0, sender.find('[')); }

// Behind NAT a client comes from one port for 500 and from an unrelated one for 4500. What arrives first on
// 4500 from a new port goes on with the negotiation that was last answered at that address and has not moved
// yet. So does what arrives there after the end of an earlier one.
void link_second_port(SourceState& state, SourceState::Flow& flow) {
  SourceState::Flow* last = nullptr;
  for (SourceState::Flow& other : state.workers().flows)
    if (other.session > flow.session && !other.moved && !other.over && address_of(sender_of(other)) == address_of(sender_of(flow)) &&
        (last == nullptr || other.last_packet > last->last_packet))
      last = &other;
  if (last == nullptr) return;
  last->moved = true;
  flow.session = last->session;
  flow.moved = true;
  flow.settled = last->settled;
  flow.over = last->over;
  flow.answered = false;
}

// `packet` is "198.51.100.10[57863] to 203.0.113.230[4500] (108 bytes)".
std::uint8_t flow_of(SourceState& state, std::string_view packet) {
  ++state.packets;
  const std::string_view sender = packet.substr(0, packet.find(']') + 1);
  auto& flows = state.workers().flows;
  std::size_t oldest = 0;
  for (std::size_t i = 0; i < flows.size(); ++i) {
    if (sender_of(flows[i]) == sender) {
      if (flows[i].over && has(packet, "[4500] (")) link_second_port(state, flows[i]);
      flows[i].last_packet = state.packets;
      return static_cast<std::uint8_t>(i);
    }
    if (flows[i].last_packet < flows[oldest].last_packet) oldest = i;
  }
  SourceState::Flow& flow = flows[oldest] = {};
  if (sender.size() < flow.sender.size()) std::copy(sender.begin(), sender.end(), flow.sender.begin());
  if (has(packet, "[4500] (")) link_second_port(state, flow);
  flow.last_packet = state.packets;
  return static_cast<std::uint8_t>(oldest);
}

void settle(SourceState& state, std::uint64_t session, bool over) {
  for (SourceState::Flow& flow : state.workers().flows) {
    if (flow.session != session) continue;
    flow.settled = true;
    flow.over = flow.over || over;
  }
}

// "deleting IKE_SA" may be of another one, whose place a newer login takes.
bool is_end(std::string_view t) {
  return begins_with(t, "received delete for ike_sa ") || begins_with(t, "no peer config found") || begins_with(t, "no proposal found") ||
         begins_with(t, "received proposals unacceptable") ||
         begins_with(t, "destroying ike_sa after failed") || has(t, "[ N(AUTH_FAILED) ]") ||
         has(t, "[ EAP/FAIL ]");
}

bool settles(std::string_view t) { return begins_with(t, "ike_sa ") && has(t, " established between "); }

// With which the client goes on, on 4500 where both offer it. A repeat is not parsed again.
bool is_second_message(std::string_view t) {
  return begins_with(t, "parsed aggressive request 0 [ hash") || begins_with(t, "parsed id_prot request 0 [ id hash") ||
         begins_with(t, "parsed ike_auth request 1 [ idi");
}

// The half-open negotiation that times out is the oldest one of its address.
std::uint64_t half_open_session(SourceState& state, std::string_view address) {
  std::uint64_t oldest = 0;
  for (const SourceState::Flow& flow : state.workers().flows)
    if (flow.session != 0 && !flow.settled && address_of(sender_of(flow)) == address &&
        (oldest == 0 || flow.session < oldest))
      oldest = flow.session;
  if (oldest != 0) settle(state, oldest, true);
  return oldest;
}

// "DH group MODP_2048 inacceptable, requesting MODP_1024": the client does, and its second session is no second attempt.
bool asks_to_begin_again(const Header& header) {
  constexpr Start kStarts[] = {{"IKE", "dh group "}, {"IKE", "key exchange method "}};
  return begins_like_one_of(header, kStarts) && has(header.text, "acceptable, requesting ");
}

std::array<std::uint64_t, 2>& beginning_of(SourceState& state, std::uint64_t session) {
  auto& begun = state.workers().begun;
  return begun[session % begun.size()];
}

std::uint64_t first_session(SourceState& state, std::uint64_t session) {
  return state.again != 0 && beginning_of(state, session)[0] == session ? beginning_of(state, session)[1] : session;
}

void follow_second_beginnings(const Header& header, SourceState& state, const SourceState::Thread& slot) {
  if (!header.has_session || !slot.used || slot.from == 0) return;
  const std::uint64_t session = (state.run << 32) | header.session;
  auto& again = state.workers().again;
  if (asks_to_begin_again(header)) {
    again[state.again++ % again.size()] = {slot.peer, slot.from, first_session(state, session)};
  } else if (state.again != 0 && is_first_message(header)) {
    for (SourceState::Again& each : again)
      if (each.session != 0 && each.from == slot.from && each.peer == slot.peer) beginning_of(state, session) = {session, std::exchange(each.session, 0)};
  }
}

// The session of a line that names none, by what its thread is busy with.
void make_up_session(const Header& header, SourceState& state, SourceState::Thread& slot, Event& event) {
  constexpr std::string_view kTimeout = "deleting half open IKE_SA with ";
  const std::string_view t = header.text;
  if (header.has_session || state.sessions_named || !state.vantage_known || state.vantage == Vantage::client)
    return;
  if (may_be_of(header, "JOB") && t.starts_with(kTimeout)) {
    event.session =
        half_open_session(state, t.substr(kTimeout.size(), t.find(' ', kTimeout.size()) - kTimeout.size()));
    return;
  }
  if (!slot.used) return;
  SourceState::Flow& flow = state.workers().flows[slot.flow];
  if (is_first_message(header)) {
    if (!flow.begins_again) flow.session = (state.run << 32) | kMadeUp | (state.packets & (kMadeUp - 1));
    flow.moved = flow.settled = flow.over = flow.answered = flow.begins_again = false;
  }
  if (asks_to_begin_again(header)) flow.begins_again = true;
  if (is_second_message(t)) {  // of a client that left the earlier negotiation as it was
    if (flow.answered && slot.port == 4500) link_second_port(state, flow);
    flow.answered = true;
  }
  event.session = flow.session;
  if (flow.session != 0 && (settles(t) || is_end(t))) settle(state, flow.session, is_end(t));
}

// Why the configuration in hand does not do, which is fatal only where there is "no alternative config found".
std::optional<Fact> refusal_of(const Header& header) {
  constexpr struct {
    Start start;
    Fact fact;
  } kReasons[] = {
      {{"IKE", "peer requested eap, config "}, concentrator_auth_method_rejected},
      {{"CFG", "constraint requires "}, concentrator_auth_method_rejected},
      {{"CFG", "constraint check failed: rule_"}, concentrator_certificate_rejected},
      {{"CFG", "constraint check failed: peer not authenticated "}, concentrator_certificate_rejected},
      {{"CFG", "constraint check failed: "}, concentrator_sent_refusal},
  };
  for (const auto& reason : kReasons)
    if (may_be_of(header, reason.start.group) && begins_with(header.text, reason.start.text)) return reason.fact;
  return std::nullopt;
}

void follow_refusal(const Header& header, SourceState& state, SourceState::Thread& slot) {
  if (!may_be_of(header, "CFG") && !may_be_of(header, "IKE")) return;
  const std::string_view t = header.text;
  constexpr std::string_view kFirstLetters = "cpsn";  // of what is looked for
  if (t.empty() || kFirstLetters.find(fold(t.front())) == std::string_view::npos) return;
  if (const std::optional<Fact> reason = refusal_of(header))
    slot.refusal = reason;
  else if (begins_with(t, "switching to peer config "))
    slot.refusal.reset();
  else if (begins_with(t, "no alternative config found"))
    state.refusal = std::exchange(slot.refusal, std::nullopt);
}

// "<office|4> initiating IKE_SA office[4] to 192.0.2.200": a tunnel of the gateway's own to another gateway. Within another session
// ("<sales|8> initiating IKE_SA sales[9]") it is a client's SA made anew.
void follow_own_tunnels(const Header& header, SourceState& state) {
  if (!header.has_session || !may_be_of(header, "IKE") || !begins_with(header.text, "initiating ")) return;
  const std::size_t open = header.text.find('[');
  const std::size_t close = header.text.find("] to ");
  std::uint32_t number = 0;
  if (open == std::string_view::npos || close == std::string_view::npos || close < open ||
      !to_number(header.text.substr(open + 1, close - open - 1), &number) || number != header.session)
    return;
  auto& own = state.workers().own_tunnels;
  own[state.own_tunnels++ % own.size()] = (state.run << 32) | header.session;
}

// Where the log prints no packets, the lines that one thread writes with no other's in between are of one job, and of the peer that one
// of them names.
bool goes_with_run(const Header& header, const SourceState& state) {
  return state.packets == 0 && !header.has_session && header.thread != kNoThread && state.run_peer[0] != 0 &&
         !is_other_work(header.text, state);
}

void follow_run(const Header& header, SourceState& state) {
  if (header.thread == state.run_thread) return;
  state.run_thread = header.thread;
  state.run_peer = {};
}

void learn_run_peer(std::string_view peer, SourceState& state) {
  if (state.packets != 0 || peer.empty() || peer.size() >= state.run_peer.size() || peer == std::string_view(state.run_peer.data())) return;
  state.run_peer = {};
  std::ranges::copy(peer, state.run_peer.begin());
}

// Keeps what the thread is busy with and gives it to the event.
void follow_thread(const Header& header, SourceState& state, Event& event) {
  auto& threads = state.workers().threads;
  SourceState::Thread& slot = threads[header.thread % threads.size()];
  const Timestamp now = event.time != kUntimed ? event.time : event.received;
  if (slot.id != header.thread) slot = {};
  slot.id = header.thread;
  follow_refusal(header, state, slot);
  follow_own_tunnels(header, state);
  state.sessions_named = state.sessions_named || header.has_session;
  if (header.group == "MGR") {  // a bare text of it would give its id to whoever's line comes next
    const std::uint64_t spi = initiator_spi(header.text);
    if (spi != 0 || begins_with(header.text, "checkout ")) slot.cookie = spi;
    if (begins_with(header.text, "checkin of ") || begins_with(header.text, "checkin and destroy of "))
      slot.cookie = 0;
  }
  event.cookie = slot.cookie;
  if (const std::string_view packet = packet_of(header.text); !packet.empty()) {
    const std::string_view address = address_of(packet);
    if (header.thread == kNoThread && !header.has_session && slot.used && address != std::string_view(slot.peer.data())) state.mixed_until = now + kMixedMs;
    slot.used = address.size() < slot.peer.size();
    slot.session = header.session;
    slot.port = has(packet, "[4500] (") ? 4500 : has(packet, "[500] (") ? 500 : 0;
    std::uint32_t from = 0;
    if (slot.port != 500 || !to_number(packet.substr(address.size() + 1, packet.find(']') - address.size() - 1), &from)) from = 0;
    slot.from = static_cast<std::uint16_t>(from);
    slot.peer = {};
    if (slot.used) std::copy(address.begin(), address.end(), slot.peer.begin());
    if (slot.used && !header.has_session && !state.sessions_named) slot.flow = flow_of(state, packet);
  } else if (slot.used &&
             (slot.session != header.session || (!header.has_session && is_other_work(header.text, state)))) {
    slot.used = false;
  } else if (header.thread == kNoThread && !header.has_session && now < state.mixed_until) {
    slot.used = false;
  }
  follow_second_beginnings(header, state, slot);
  make_up_session(header, state, slot, event);
  state.port = slot.used ? slot.port : 0;
  follow_run(header, state);
  if (!slot.used && !goes_with_run(header, state)) return;
  const std::string_view peer(slot.used ? slot.peer.data() : state.run_peer.data());
  if (state.vantage_known && state.vantage == Vantage::client) {
    event.gateway = peer;
  } else {
    event.peer = peer;
    if (slot.used && is_first_message(header)) event.peer_port = slot.from;
  }
}

void take_header(const Header& header, SourceState& state, Event& event, std::string_view& text) {
  event.message = header.group;
  event.detail = static_cast<std::uint8_t>(header.level);
  learn_side(header, state);
  learn_daemon(header, state);
  follow_thread(header, state, event);
  if (header.has_session) event.session = first_session(state, (state.run << 32) | header.session);
  text = header.text;
}

HeaderResult cut_header(std::string_view line, SourceState& state, Event& event, std::string_view& text) {
  Header header;
  if (find_mark(line, header)) {
    if (header.thread != 0) state.marked = true;  // 00: what the library says at its start, before there is a journal
    read_before(header.before, state, event);
  } else if (!take_commands_mark(trimmed(line), header)) {
    return HeaderResult::not_mine;
  } else if (!state.vantage_known && !header.has_session && !only_concentrator_writes(header)) {  // nobody asks a gateway to answer
    state.vantage = Vantage::client;
    state.vantage_known = true;
  }
  take_header(header, state, event, text);
  return HeaderResult::cut;
}

HeaderResult cut_tagged(std::string_view program, std::string_view line, SourceState& state, Event& event, std::string_view& text) {
  const bool handed_on = program == "NetworkManager" || program == "nm-l2tp-service";  // what `ipsec up` told its plugin
  if (program != "charon-systemd" && !handed_on) return HeaderResult::not_mine;
  Header header;
  header.text = line;
  SyslogHeader syslog;
  if (cut_syslog(line, year_for(state, event), &syslog) && syslog.program == program) {
    header.text = syslog.text;
  }
  header.text = trimmed(header.text);
  if (handed_on && (state.marked || (!only_client_writes(header) && state.dialect != Dialect::charon)))
    return HeaderResult::not_mine;
  header.session = event.session;  // the journal's own field
  header.has_session = event.session != 0;
  if (syslog.program == program) {
    event.time = syslog.time;
    if (!syslog.host.empty()) event.device = syslog.host;
  }
  // A daemon that also writes lines with marks here has told this already.
  if (state.marked) return HeaderResult::quiet;
  take_header(header, state, event, text);
  return HeaderResult::cut;
}

// Message ids below this are counters (IKEv2, DELETEs of some clients), no keys.
constexpr std::uint32_t kRandomMessageId = 65'536;

// Main Mode's identity is the client's own address, and "%any" asks for no group at all.
bool is_group_name(std::string_view name) {
  if (name == "%any") return false;
  return !std::all_of(name.begin(), name.end(), [](char c) { return is_digit(c) || c == '.' || c == ':'; });
}

void complete_keys(Event& event) {
  if (event.message_id < kRandomMessageId) event.message_id = 0;
  if (!is_group_name(event.group)) event.group = {};
  if (!is_group_name(event.user)) event.user = {};  // Windows names its machine's address first, and the user when it is asked
}

void complete_concentrator(SourceState& state, Event& event) {
  complete_keys(event);
  learn_run_peer(event.peer, state);
  // Both sides start, stop and receive packets: without knowing the side such a line says nothing.
  if (!state.vantage_known) event.says = {};
  if (state.own_tunnels != 0 && event.session != 0 && std::ranges::count(state.workers().own_tunnels, event.session) != 0) event.says = {};
  if (state.refusal && event.says.has(concentrator_sent_refusal)) event.says.insert(*state.refusal);
  state.refusal.reset();
  // "verification failed" follows upon "no EAP key found", with other sessions' lines in between, and as often as a relay repeats it:
  // nothing was there to verify with, until the next login begins.
  const bool has_no_key = event.says.has(concentrator_user_unknown);
  const bool login_begins = event.says.has(concentrator_xauth_started);
  if (has_no_key || login_begins || event.says.has(concentrator_user_bad_password)) {
    constexpr std::uint64_t kTold = std::uint64_t{1} << 63;  // the failure that follows has been seen
    auto& sessions = state.workers().keyless;
    std::uint64_t& keyless = sessions[event.session % sessions.size()];
    const std::uint64_t told = (event.session + 1) | kTold;
    if (has_no_key) {
      keyless = event.session + 1;
    } else if (login_begins) {
      if (keyless == told) keyless = 0;
    } else if ((keyless | kTold) == told) {
      event.says = {};
      keyless = told;
    }
  }
  // Phase 2 goes where phase 1 went: in UDP/4500, or as IP protocol 50.
  if (event.says.has(concentrator_phase2_done) && state.port == 4500)
    event.says.insert(concentrator_session_natt);
  if (event.says.has(concentrator_phase2_done) && state.port == 500)
    event.says.insert(concentrator_session_esp);
  if (event.says.has(concentrator_deleted) && state.admin_terminates) {
    event.says.insert(concentrator_ended_by_admin);
    state.admin_terminates = false;
  }
}

// A line of `ipsec up` has no header that take_header() could learn from.
void learn_from_bare_line(SourceState& state, Event& event) {
  Header header;
  header.text = trimmed(event.text);
  learn_side(header, state);
  learn_daemon(header, state);
  // Either side receives packets.
  if (!state.vantage_known && event.says == FactMask{client_received_any}) event.says = {};
}

void complete_client(SourceState& state, Event& event) {
  if (event.message.empty()) learn_from_bare_line(state, event);
  if (event.says.has(client_started)) {
    state.address_refused = false;
    state.in_phase2 = false;
    if (state.bind_failed) event.says.insert(client_port_in_use);
  }
  if (event.says.has(client_phase1_done)) state.in_phase2 = true;
  if (state.in_phase2 && event.says.has(client_no_proposal_notify)) event.says = client_phase2_refused;
  if (state.in_phase2 && event.says.has(client_phase1_refused)) event.says = client_phase2_network_refused;
  if (event.says.has(client_address_refused)) state.address_refused = true;
  // IKEv1 goes on to phase 2 without an address: a tunnel for the client's own address, which the gateway
  // deletes.
  if (event.says.has(client_connected) && state.address_refused) event.says = client_phase2_started;
  const bool established = event.says.has(client_phase1_done) && event.says.has(client_user_accepted);
  if (established && state.ike_version != 1) {
    if (state.ike_version == 2) event.user = event.group;
    event.group = {};
  }
  complete_keys(event);
}

// clang-format off
constexpr MessageRow kConcentratorRows[] = {
    // The daemon.
    {"DMN", {concentrator_started},
     "Starting IKE charon daemon (strongSwan {rest}",
     R"(Nov 25 12:58:51 00[DMN] Starting IKE charon daemon (strongSwan 5.9.8, Linux 6.18.44-fc-v782, x86_64))",
     "", "lab 425"},
    {"DMN", {concentrator_ended_by_shutdown},
     "SIGTERM received, shutting down",
     R"(Nov 25 13:04:21 00[DMN] SIGTERM received, shutting down)",
     "", "lab 140"},
    {"IKE", {concentrator_ended_by_shutdown},
     "destroying IKE_SA in state CONNECTING without notification",
     R"(2026-11-25 13:02:28.751 00[IKE] <sales|3> destroying IKE_SA in state CONNECTING without notification)",
     "session=3", "manual"},
    // First message, proposal.
    {"NET", {concentrator_saw_udp4500},
     "received packet: from {peer}[{int}] to {ip}[4500] ({int} bytes)",
     R"(Nov 25 13:01:52 11[NET] received packet: from 198.51.100.236[43838] to 203.0.113.105[4500] (76 bytes))",
     "peer=198.51.100.236", "lab 175"},
    {"NET", {},  // either side does
     "received packet: from {peer}[{int}] to {ip}[{int}] ({int} bytes)",
     R"(Nov 29 11:37:01 14[NET] <1> received packet: from 203.0.113.7[500] to 203.0.113.1[500] (464 bytes))",
     "peer=203.0.113.7 session=1", "lab"},
    {"NET", {},
     "sending packet: from {ip}[{int}] to {ip}[{int}] ({int} bytes)",
     R"(Nov 25 13:05:25 01[NET] sending packet: from 203.0.113.88[4500] to 198.51.100.148[4500] (188 bytes))",
     "", "lab 115"},
    {"IKE", {concentrator_saw_am1, concentrator_ikev1},
     "{peer} is initiating a Aggressive Mode IKE_SA",
     R"(Nov 25 13:09:35 13[IKE] 198.51.100.240 is initiating a Aggressive Mode IKE_SA)",
     "peer=198.51.100.240", "lab 196"},
    {"IKE", {concentrator_saw_am1, concentrator_ikev1},
     "{peer} is initiating a Main Mode IKE_SA",
     R"(Nov 25 13:05:09 13[IKE] 198.51.100.81 is initiating a Main Mode IKE_SA)",
     "peer=198.51.100.81", "lab 063"},
    {"IKE", {concentrator_saw_am1, concentrator_done_first, concentrator_ikev2},
     "{peer} is initiating an IKE_SA",
     R"(2026-11-25 13:09:28.139 06[IKE] <2> 198.51.100.184 is initiating an IKE_SA)",
     "peer=198.51.100.184 session=2", "lab 184"},
    {"NET", {concentrator_saw_am1, concentrator_negotiation_limit},
     "ignoring IKE_SA setup from {peer}, per-IP half-open IKE_SA limit of {int} reached",
     R"(Nov 25 13:01:55 02[NET] ignoring IKE_SA setup from 198.51.100.197, per-IP half-open IKE_SA limit of 5 reached)",
     "peer=198.51.100.197", "lab 189"},
    {"NET", {concentrator_saw_am1, concentrator_negotiation_limit},
     "ignoring IKE_SA setup from {peer}, half-open IKE_SA count of {int} exceeds limit of {int}",
     R"(Nov 25 13:11:46 14[NET] ignoring IKE_SA setup from 198.51.100.197, half-open IKE_SA count of 50 exceeds limit of 50)",
     "peer=198.51.100.197", "manual"},
    {"IKE", {concentrator_saw_am1, concentrator_ike_not_enabled},
     "no IKE config found for {word}...{peer}, sending NO_PROPOSAL_CHOSEN",
     R"(Nov 25 12:43:01 05[IKE] <1> no IKE config found for 203.0.113.97...198.51.100.182, sending NO_PROPOSAL_CHOSEN)",
     "peer=198.51.100.182 session=1", "manual"},
    {"IKE", {concentrator_saw_am1_again},
     "received retransmit of request with ID 0, retransmitting response",
     R"(Nov 25 13:00:22 16[IKE] <engineering|1> received retransmit of request with ID 0, retransmitting response)",
     "session=1", "lab 032"},
    {"IKE", {concentrator_answer_lost},
     "received retransmit of request with ID {int}, retransmitting response",
     R"(2026-11-25 13:00:22 16[IKE] <engineering|1> received retransmit of request with ID 1, retransmitting response)",
     "session=1", "lab: IKEv2, UDP/4500 blocked towards the client"},
    {"IKE", {concentrator_answer_lost},
     "received message ID {int}, expected {int}, ignored",
     R"(Nov 29 11:37:03 14[IKE] <work|1> received message ID 1, expected 2, ignored)",
     "session=1", "lab: a fragment of it"},
    {"CFG", {concentrator_proposal_accepted},
     "selected proposal: IKE:{rest}",
     R"(Nov 25 13:01:45 10[CFG] selected proposal: IKE:AES_CBC_256/HMAC_SHA1_96/PRF_HMAC_SHA1/MODP_1024)",
     "", "lab 178"},
    {"IKE", {concentrator_proposal_rejected},
     "no proposal found",
     R"(2026-11-25T13:05:00+0000 09[IKE1] <1> no proposal found)",
     "session=1", "lab 050"},
    {"IKE", {concentrator_proposal_rejected},
     "received proposals unacceptable",
     R"(Nov 25 13:02:43 05[IKE] <1> received proposals unacceptable)",
     "session=1", "lab 052"},
    {"IKE", {concentrator_proposal_rejected},
     "received proposals inacceptable",
     R"(charon: 13[IKE] received proposals inacceptable)",
     "", "pfSense manual, before 5.8"},
    {"IKE", {concentrator_auth_method_rejected},
     "Aggressive Mode PSK disabled for security reasons",
     R"(charon: 15[IKE] Aggressive Mode PSK disabled for security reasons)",
     "", "pfSense manual"},
    {"IKE", {concentrator_nat_detected},
     "remote host is behind NAT",
     R"(Nov 25 13:09:29 15[IKE] remote host is behind NAT)",
     "", "lab 196"},
    // Group: what the client asks for, and what is configured.
    {"CFG", {concentrator_proposal_accepted},
     "looking for {name} peer configs matching {word}...{peer}[{group}]",
     R"(Nov 25 13:05:53 09[CFG] <1> looking for XAuthInitPSK peer configs matching 203.0.113.41...198.51.100.245[sales])",
     "peer=198.51.100.245 group=sales session=1", "lab 164"},
    {"CFG", {concentrator_proposal_accepted},
     "looking for peer configs matching {ip}[{group}]...{peer}[{user}]",
     R"(Nov 25 13:09:28 14[CFG] looking for peer configs matching 203.0.113.10[field-ops.lab.test]...198.51.100.146[erin])",
     "group=field-ops.lab.test peer=198.51.100.146 user=erin", "lab 200"},
    {"CFG", {concentrator_group_found},
     "selected peer config \"{name}\"",
     R"(Nov 25 12:58:55 16[CFG] <4> selected peer config "field-ops")",
     "session=4", "lab 425"},
    // Why it is, a line before it said; another may still do.
    {"CFG", {concentrator_group_found},
     "selected peer config '{name}' unacceptable: {rest}",
     R"(2026-11-25T13:14:58+0000 16[CFG1] <sales-v2|1> selected peer config 'sales-v2' unacceptable: non-matching authentication done)",
     "session=1", "lab 078"},
    {"CFG", {concentrator_group_found},
     "selected peer config '{name}' inacceptable: {rest}",
     R"(Aug 10 12:01:06 vpn charon: 06[CFG] selected peer config 'rw' inacceptable: constraint checking failed)",
     "", "manual, before 5.8"},
    {"CFG", {concentrator_sent_refusal},
     "no alternative config found",
     R"(2026-11-25T13:14:58+0000 16[CFG1] <sales-v2|1> no alternative config found)",
     "session=1", "lab 078"},
    {"CFG", {concentrator_group_found},
     "selected peer config '{name}'",
     R"(Nov 25 13:01:37 06[CFG] <field-ops-v2|3> selected peer config 'field-ops-v2')",
     "session=3", "lab 173"},
    {"IKE", {concentrator_group_unknown},
     "no peer config found",
     R"(Nov 25 13:09:33 15[IKE] no peer config found)",
     "", "lab 197"},
    {"CFG", {concentrator_group_unknown},
     "no matching peer config found",
     R"(Nov 25 13:09:32 15[CFG] no matching peer config found)",
     "", "lab 197"},
    {"IKE", {concentrator_auth_method_rejected},
     "found {int} matching config, but none allows {rest}",
     R"(Nov 25 12:43:01 05[IKE] <1> found 1 matching config, but none allows XAuthInitPSK authentication using Aggressive Mode)",
     "session=1", "manual"},
    {"IKE", {concentrator_auth_method_rejected},
     "found {int} matching configs, but none allows {rest}",
     R"(Nov 25 12:43:01 05[IKE] <1> found 2 matching configs, but none allows pre-shared key authentication using Main Mode)",
     "session=1", "manual"},
    {"IKE", {concentrator_auth_method_rejected},
     "received EAP_NAK, sending EAP_FAILURE",
     R"(Jan 10 12:00:01 vpn charon: 07[IKE] <rw|4> received EAP_NAK, sending EAP_FAILURE)",
     "session=4", "manual: the client does not do the one method that there is"},
    {"ENC", {concentrator_sent_refusal},
     "generating INFORMATIONAL_V1 request {message_id} [ N({word}) ]",
     R"(Nov 25 13:01:43 15[ENC] generating INFORMATIONAL_V1 request 2314962603 [ N(AUTH_FAILED) ])",
     "message_id=2314962603", "lab 177"},
    {"ENC", {concentrator_sent_refusal},
     "generating INFORMATIONAL_V1 request {message_id} [ HASH N(PLD_MAL) ]",
     R"(Nov 25 13:04:00 13[ENC] <field-ops|1> generating INFORMATIONAL_V1 request 26509976 [ HASH N(PLD_MAL) ])",
     "message_id=26509976 session=1", "lab 128"},
    {"ENC", {concentrator_sent_refusal},
     "generating INFORMATIONAL_V1 request {message_id} [ HASH N(AUTH_FAILED) ]",
     R"(Nov 25 13:05:09 14[ENC] <2> generating INFORMATIONAL_V1 request 2634380537 [ HASH N(AUTH_FAILED) ])",
     "message_id=2634380537 session=2", "manual"},
    {"ENC", {concentrator_refused_by_client},
     "parsed INFORMATIONAL request {int} [ N(AUTH_FAILED) ]",
     R"(2026-11-29 11:16:18.557 06[ENC] <work|1> parsed INFORMATIONAL request 2 [ N(AUTH_FAILED) ])",
     "session=1", "lab: the client does not trust the gateway's certificate"},
    // Group password, certificates, third message.
    {"IKE", {concentrator_repeats_am2},
     "sending retransmit {int} of response message ID 0, seq {int}",
     R"(Nov 25 13:01:47 11[IKE] sending retransmit 1 of response message ID 0, seq 1)",
     "", "lab 177"},
    {"ENC", {concentrator_key_mismatch},
     "invalid ID_V1 payload length, decryption failed?",
     R"(Nov 25 13:05:34 10[ENC] invalid ID_V1 payload length, decryption failed?)",
     "", "lab 063"},
    {"IKE", {concentrator_key_mismatch},
     "tried {int} shared key for {rest}",
     R"(Nov 25 12:43:01 05[IKE] <psk-v2|1> tried 1 shared key for 'gw.lab.test' - 'sales', but MAC mismatched)",
     "session=1", "manual"},
    {"IKE", {concentrator_key_mismatch},
     "tried {int} shared keys for {rest}",
     R"(Nov 25 12:43:01 05[IKE] <psk-v2|1> tried 2 shared keys for 'gw.lab.test' - 'sales', but MAC mismatched)",
     "session=1", "manual"},
    {"IKE", {concentrator_group_unknown},
     "no shared key found for {rest}",
     R"(Nov 25 12:43:01 05[IKE] <1> no shared key found for '203.0.113.97'[203.0.113.97] - 'sales'[198.51.100.182])",
     "session=1", "manual"},
    {"IKE", {concentrator_queued_notify},
     "queueing INFORMATIONAL_V1 request as tasks still active",
     R"(Nov 25 13:09:36 16[IKE] queueing INFORMATIONAL_V1 request as tasks still active)",
     "", "lab 204"},
    {"CFG", {concentrator_certificate_expired},
     "subject certificate invalid (valid from {rest}",
     R"(Nov 25 12:43:01 05[CFG] <sales|1> subject certificate invalid (valid from Jan 01 00:00:00 2024 to Jan 01 00:00:00 2025))",
     "session=1", "manual"},
    {"CFG", {concentrator_certificate_rejected},
     "no issuer certificate found for \"{rest}",
     R"(Nov 25 12:43:01 05[CFG] <sales|1> no issuer certificate found for "C=ZZ, O=VPN Lab, CN=heidi")",
     "session=1", "manual"},
    {"IKE", {concentrator_certificate_rejected},
     "no trusted {word} public key found for '{user}'",
     R"(Nov 25 12:43:01 05[IKE] <sales|1> no trusted RSA public key found for 'heidi')",
     "user=heidi session=1", "manual"},
    {"CFG", {concentrator_certificate_rejected},
     "certificate was revoked on {rest}",
     R"(Nov 25 12:43:01 05[CFG] <sales|1> certificate was revoked on Nov 20 10:00:00 UTC 2026, reason: key compromise)",
     "session=1", "manual"},
    {"IKE", {concentrator_certificate_rejected},
     "no private key found for '{name}'",
     R"(Aug 10 12:01:06 vpn charon: 06[IKE] no private key found for 'vpn.example.com')",
     "", "manual"},
    {"TLS", {concentrator_certificate_expired},
     "received fatal TLS alert 'certificate expired'",
     R"(Aug 10 12:01:07 vpn charon: 06[TLS] received fatal TLS alert 'certificate expired')",
     "", "manual"},
    {"TLS", {concentrator_certificate_rejected},
     "received fatal TLS alert 'certificate {word}'",
     R"(Aug 10 12:01:07 vpn charon: 06[TLS] received fatal TLS alert 'certificate unknown')",
     "", "manual"},
    {"TLS", {concentrator_certificate_rejected},
     "received fatal TLS alert 'unknown ca'",
     R"(Aug 10 12:01:07 vpn charon: 06[TLS] received fatal TLS alert 'unknown ca')",
     "", "manual"},
    {"TLS", {concentrator_certificate_rejected},
     "received fatal TLS alert 'bad certificate'",
     R"(Aug 10 12:01:07 vpn charon: 06[TLS] received fatal TLS alert 'bad certificate')",
     "", "manual"},
    {"TLS", {concentrator_certificate_expired},
     "sending fatal TLS alert 'certificate expired'",
     R"(Aug 10 12:01:07 vpn charon: 06[TLS] sending fatal TLS alert 'certificate expired')",
     "", "manual"},
    {"TLS", {concentrator_certificate_rejected},
     "sending fatal TLS alert 'certificate {word}'",
     R"(Aug 10 12:01:07 vpn charon: 06[TLS] sending fatal TLS alert 'certificate unknown')",
     "", "manual"},
    {"TLS", {concentrator_certificate_rejected},
     "sending fatal TLS alert 'unknown ca'",
     R"(Aug 10 12:01:07 vpn charon: 06[TLS] sending fatal TLS alert 'unknown ca')",
     "", "manual"},
    {"TLS", {concentrator_certificate_rejected},
     "sending fatal TLS alert 'bad certificate'",
     R"(Aug 10 12:01:07 vpn charon: 06[TLS] sending fatal TLS alert 'bad certificate')",
     "", "manual"},
    {"JOB", {concentrator_timed_out},
     "deleting half open IKE_SA after timeout",
     R"(Jan 14 10:12:33 noxx64 charon: 12[JOB] deleting half open IKE_SA after timeout)",
     "", "posted log, before 5.6"},
    // Either side writes these.
    {"IKE", {},
     "retransmit {int} of request with message ID {int}",
     R"(May 10 11:00:05 vpn charon: 06[IKE] <rw|3> retransmit 1 of request with message ID 0)",
     "session=3", "manual: also the question whether the client is still there"},
    {"ENC", {},
     "generating INFORMATIONAL_V1 request {message_id} [ HASH D ]",
     R"(May 10 11:00:05 vpn charon: 06[ENC] <rw|3> generating INFORMATIONAL_V1 request 2326716522 [ HASH D ])",
     "message_id=2326716522 session=3", "manual"},
    {"IKE", {},
     "received NAT-T (RFC 3947) vendor ID",
     R"(May 10 11:00:05 vpn charon: 06[IKE] <3> received NAT-T (RFC 3947) vendor ID)",
     "session=3", "posted log"},
    {"JOB", {concentrator_timed_out},
     "deleting half open IKE_SA with {peer} after timeout",
     R"(Nov 25 13:02:18 12[JOB] deleting half open IKE_SA with 198.51.100.197 after timeout)",
     "peer=198.51.100.197", "lab 187"},
    // User.
    {"ENC", {concentrator_phase1_done, concentrator_xauth_started},
     "generating TRANSACTION request {message_id} [ HASH CPRQ(X_USER X_PWD) ]",
     R"(Nov 25 12:58:57 09[ENC] <sales|6> generating TRANSACTION request 1480875178 [ HASH CPRQ(X_USER X_PWD) ])",
     "message_id=1480875178 session=6", "lab 422"},
    {"IKE", {concentrator_phase1_done, concentrator_xauth_started},
     "initiating {word} method (id {hex})",
     R"(Nov 25 12:59:05 12[IKE] initiating EAP_MSCHAPV2 method (id 0x10))",
     "", "lab 159"},
    {"IKE", {concentrator_xauth_started},
     "received EAP identity '{user}'",
     R"(Nov 25 13:00:52 10[IKE] received EAP identity 'judy')",
     "user=judy", "lab 411"},
    {"IKE", {concentrator_xauth_unanswered},
     "peer did not respond to our XAuth request",
     R"(Nov 25 12:43:01 05[IKE] <sales|1> peer did not respond to our XAuth request)",
     "session=1", "manual"},
    {"IKE", {concentrator_user_ok},
     "XAuth authentication of '{user}' successful",
     R"(Nov 25 13:05:17 16[IKE] <sales|2> XAuth authentication of 'heidi' successful)",
     "user=heidi session=2", "lab 088"},
    {"IKE", {concentrator_user_failed},
     "XAuth authentication of '{user}' failed",
     R"(Nov 25 13:09:29 13[IKE] XAuth authentication of 'mallory' failed)",
     "user=mallory", "lab 199"},
    {"IKE", {concentrator_user_bad_password},
     "none of {int} found XAuth secrets for '{name}' - '{user}' matched",
     R"(Nov 25 13:09:26 13[IKE] none of 2 found XAuth secrets for '203.0.113.121' - 'ivan' matched)",
     "user=ivan", "lab 208"},
    {"IKE", {concentrator_user_unknown},
     "no XAuth secret found for '{name}' - '{user}'",
     R"(Nov 25 13:09:29 13[IKE] no XAuth secret found for '203.0.113.10' - 'mallory')",
     "user=mallory", "lab 204"},
    {"IKE", {concentrator_user_failed},
     "destroying IKE_SA after failed XAuth authentication",
     R"(Nov 25 13:09:29 09[IKE] destroying IKE_SA after failed XAuth authentication)",
     "", "lab 195"},
    {"IKE", {concentrator_user_bad_password},
     "EAP-MS-CHAPv2 verification failed, retry ({int})",
     R"(Nov 25 13:09:32 14[IKE] EAP-MS-CHAPv2 verification failed, retry (1))",
     "", "lab 202"},
    {"IKE", {concentrator_user_unknown},
     "no EAP key found for hosts '{name}' - '{user}'",
     R"(Nov 25 12:58:56 15[IKE] <field-ops-v2|5> no EAP key found for hosts 'field-ops.lab.test' - 'mallory')",
     "user=mallory session=5", "lab 425"},
    {"IKE", {concentrator_user_failed},
     "EAP method {word} failed for peer {user}",
     R"(Nov 25 13:03:31 16[IKE] EAP method EAP_MSCHAPV2 failed for peer mallory)",
     "user=mallory", "lab 075"},
    {"IKE", {concentrator_user_ok},
     "EAP method {word} succeeded, MSK established",
     R"(Nov 25 12:58:48 09[IKE] <sales-v2|1> EAP method EAP_MSCHAPV2 succeeded, MSK established)",
     "session=1", "lab 120"},
    {"IKE", {concentrator_user_ok},
     "EAP method {word} succeeded, no MSK established",
     R"(Nov 25 12:43:01 05[IKE] <sales|1> EAP method EAP_MD5 succeeded, no MSK established)",
     "session=1", "manual"},
    {"IKE", {},
     "authentication of '{name}' (myself) with {rest}",
     R"(Nov 25 13:09:34 09[IKE] authentication of 'field-ops.lab.test' (myself) with EAP)",
     "", "lab 198"},
    {"IKE", {concentrator_user_ok},
     "authentication of '{user}' with {word} successful",
     R"(Nov 25 13:09:34 09[IKE] authentication of 'dave' with EAP successful)",
     "user=dave", "lab 198"},
    {"CFG", {concentrator_user_rejected},
     "received RADIUS Access-Reject from server '{server}'",
     R"(Nov 25 13:03:31 16[CFG] received RADIUS Access-Reject from server 'primary')",
     "server=primary", "lab 075"},
    {"IKE", {concentrator_user_ok},
     "RADIUS authentication of '{user}' successful",
     R"(2026-11-25T13:02:16+0000 06[IKE1] <sales|1> RADIUS authentication of 'ivan' successful)",
     "user=ivan session=1", "lab 006"},
    {"IKE", {concentrator_user_failed},
     "RADIUS authentication of '{user}' failed",
     R"(Nov 25 13:03:31 16[IKE] RADIUS authentication of 'mallory' failed)",
     "user=mallory", "lab 075"},
    {"CFG", {concentrator_aaa_down},
     "RADIUS Access-Request timed out after {int} attempts",
     R"(Nov 25 12:57:25 09[CFG] <contractors-v2|1> RADIUS Access-Request timed out after 4 attempts)",
     "session=1", "lab 084"},
    {"CFG", {concentrator_aaa_down},
     "receiving RADIUS message failed: {rest}",
     R"(Nov 25 13:00:29 11[CFG] receiving RADIUS message failed: Connection refused)",
     "", "lab 079"},
    {"CFG", {concentrator_aaa_misconfigured},
     "RADIUS Response-Authenticator verification failed",
     R"(Nov 25 12:43:01 05[CFG] <sales|1> RADIUS Response-Authenticator verification failed)",
     "session=1", "manual"},
    {"CFG", {concentrator_aaa_misconfigured},
     "no XAuth method found for '{name}'",
     R"(Aug 10 12:01:06 vpn charon: 06[CFG] no XAuth method found for 'generic')",
     "", "manual"},
    {"CFG", {concentrator_aaa_misconfigured},
     "no XAuth method found",
     R"(Aug 10 12:01:06 vpn charon: 06[CFG] no XAuth method found)",
     "", "manual"},
    {"IKE", {concentrator_aaa_misconfigured},
     "EAP-Identity request configured, but not supported",
     R"(Aug 10 12:01:06 vpn charon: 06[IKE] EAP-Identity request configured, but not supported)",
     "", "manual"},
    {"IKE", {concentrator_aaa_misconfigured},
     "loading {word} method failed",
     R"(Aug 10 12:01:06 vpn charon: 06[IKE] loading EAP_MSCHAPV2 method failed)",
     "", "manual"},
    {"IKE", {concentrator_user_failed},
     "initiating EAP_RADIUS method failed",
     R"(Nov 25 12:57:25 09[IKE] <contractors-v2|1> initiating EAP_RADIUS method failed)",
     "session=1", "lab 084"},
    {"CFG", {concentrator_group_lock},
     "constraint check failed: group membership to '{name}' required",
     R"(2026-11-25T13:14:58+0000 16[CFG1] <sales-v2|1> constraint check failed: group membership to 'sales-staff' required)",
     "session=1", "lab 078"},
    // Phase 1 complete: with IKEv2, and with XAuth in IKEv1, the user is accepted too.
    {"IKE", {concentrator_phase1_done, concentrator_user_ok},
     "IKE_SA {name} established between {ip}[{name}]...{peer}[{name}]",
     R"(Nov 25 13:09:26 12[IKE] IKE_SA field-ops[1] established between 203.0.113.121[203.0.113.121]...198.51.100.133[field-ops])",
     "peer=198.51.100.133", "lab 208"},
    {"ENC", {concentrator_phase1_done},
     "parsed TRANSACTION request {message_id} [ HASH CPRQ(ADDR {rest}",
     R"(Nov 25 13:09:26 16[ENC] parsed TRANSACTION request 1817450188 [ HASH CPRQ(ADDR MASK DNS NBNS U_DEFDOM U_FWTYPE U_PFS U_BANNER U_SAVEPWD U_SPLITINC U_SPLITDNS U_DDNSHOST VER) ])",
     "message_id=1817450188", "lab 210"},
    // Address.
    {"IKE", {concentrator_address_assigned},
     "assigning virtual IP {address} to peer '{user}'",
     R"(Nov 25 13:09:34 11[IKE] assigning virtual IP 10.99.0.3 to peer 'alice')",
     "address=10.99.0.3 user=alice", "lab 202"},
    {"CFG", {concentrator_address_pool_full},
     "pool '{pool}' is full, unable to assign address",
     R"(Nov 25 13:00:58 14[CFG] <engineering|2> pool 'pool-engineering' is full, unable to assign address)",
     "pool=pool-engineering session=2", "lab 416"},
    {"IKE", {},
     "no virtual IP found for %any6 requested by '{user}'",
     R"(10[IKE] no virtual IP found for %any6 requested by 'ios')",
     "user=ios", "ck-vpn README: a client that asked for both versions has the other one"},
    {"IKE", {concentrator_address_failed},
     "no virtual IP found for {word} requested by '{user}'",
     R"(Nov 25 12:57:49 01[IKE] no virtual IP found for %any requested by 'ivan')",
     "user=ivan", "lab 095"},
    {"IKE", {concentrator_address_failed},
     "no virtual IP found, sending INTERNAL_ADDRESS_FAILURE",
     R"(Nov 25 12:59:05 07[IKE] no virtual IP found, sending INTERNAL_ADDRESS_FAILURE)",
     "", "lab 159"},
    {"CFG", {concentrator_address_source_failed},
     "DHCP DISCOVER timed out",
     R"(Jan 29 19:34:17 router ipsec: 12[CFG] DHCP DISCOVER timed out)",
     "", "posted log of a router"},
    {"CFG", {concentrator_address_source_failed},
     "DHCP REQUEST timed out",
     R"(Jan 29 19:34:17 router ipsec: 12[CFG] DHCP REQUEST timed out)",
     "", "manual"},
    {"CFG", {concentrator_address_released},
     "lease {address} by '{user}' went offline",
     R"(Nov 25 12:59:00 14[CFG] <sales|1> lease 10.99.0.1 by 'alice' went offline)",
     "address=10.99.0.1 user=alice session=1", "lab 425"},
    // Phase 2.
    {"ENC", {concentrator_phase1_done},
     "parsed QUICK_MODE request {message_id} [ HASH SA {rest}",
     R"(Nov 25 13:01:37 10[ENC] <engineering|2> parsed QUICK_MODE request 625153874 [ HASH SA No ID ID ])",
     "message_id=625153874 session=2", "lab 173"},
    {"IKE", {concentrator_phase2_proposal_rejected},
     "no matching proposal found, sending NO_PROPOSAL_CHOSEN",
     R"(Nov 25 13:05:49 14[IKE] <field-ops|1> no matching proposal found, sending NO_PROPOSAL_CHOSEN)",
     "session=1", "lab 160"},
    {"IKE", {concentrator_phase2_proposal_rejected},
     "no acceptable proposal found",
     R"(2026-11-25T13:14:57+0000 09[IKE1] <sales-v2|1> no acceptable proposal found)",
     "session=1", "manual"},
    {"IKE", {concentrator_phase2_network_rejected},
     "no matching CHILD_SA config found for {rest}",
     R"(Nov 25 12:57:49 02[IKE] no matching CHILD_SA config found for 10.84.82.11/32 === 10.20.0.0/24)",
     "", "lab 095"},
    {"IKE", {concentrator_phase2_network_rejected},
     "no matching CHILD_SA config found",
     R"(charon: 08[IKE] no matching CHILD_SA config found)",
     "", "pfSense manual, before 5.6"},
    {"IKE", {concentrator_phase2_network_rejected},
     "traffic selectors {name} inacceptable",
     R"(Aug 10 12:01:06 vpn charon: 06[IKE] traffic selectors 0.0.0.0/0 === 192.168.1.77/32  inacceptable)",
     "", "manual, before 5.8"},
    {"IKE", {concentrator_phase2_network_rejected},
     "traffic selectors {name} unacceptable",
     R"(2026-11-25T13:14:57+0000 09[IKE1] <sales-v2|1> traffic selectors 10.99.0.0/24 === 10.99.2.1/32 unacceptable)",
     "session=1", "manual"},
    {"IKE", {concentrator_install_failed},
     "unable to install {name}IPsec SA (SAD) in kernel",
     R"(2026-11-25T13:14:57+0000 09[IKE1] <sales|1> unable to install inbound and outbound IPsec SA (SAD) in kernel)",
     "session=1", "manual"},
    {"IKE", {concentrator_install_failed},
     "unable to install IPsec policies (SPD) in kernel",
     R"(2026-11-25T12:59:02+0000 10[IKE1] <sales|1> unable to install IPsec policies (SPD) in kernel)",
     "session=1", "lab 158"},
    {"IKE", {concentrator_phase2_done},
     "CHILD_SA {name} established with SPIs {spi_in:hex}_i {spi_out:hex}_o and TS {rest}",
     R"(Nov 25 13:09:25 16[IKE] CHILD_SA net{1} established with SPIs 10f67794_i 069875df_o and TS 10.20.0.0/24 === 10.99.1.1/32)",
     "spi_in=10f67794 spi_out=069875df", "lab 131"},
    // Session and its end.
    {"IKE", {concentrator_disconnected, concentrator_received_no_data, concentrator_sent_no_data},
     "closing CHILD_SA {name} with SPIs {spi_in:hex}_i (0 bytes) {spi_out:hex}_o (0 bytes) and TS {rest}",
     R"(2026-11-25 12:54:43.070 08[IKE] <field-ops|1> closing CHILD_SA net{1} with SPIs c2327263_i (0 bytes) c952c688_o (0 bytes) and TS 10.20.0.0/24 === 10.99.3.1/32)",
     "spi_in=c2327263 spi_out=c952c688 session=1", "lab 305"},
    {"IKE", {concentrator_disconnected, concentrator_received_no_data, concentrator_sent_data},
     "closing CHILD_SA {name} with SPIs {spi_in:hex}_i (0 bytes) {spi_out:hex}_o ({int} bytes) and TS {rest}",
     R"(Nov 25 13:04:02 11[IKE] <sales|1> closing CHILD_SA net{1} with SPIs e46940ee_i (0 bytes) 66734749_o (420 bytes) and TS 10.20.0.0/24 === 10.99.3.1/32)",
     "spi_in=e46940ee spi_out=66734749 session=1", "manual"},
    {"IKE", {concentrator_disconnected, concentrator_received_data, concentrator_sent_no_data},
     "closing CHILD_SA {name} with SPIs {spi_in:hex}_i ({int} bytes) {spi_out:hex}_o (0 bytes) and TS {rest}",
     R"(Nov 25 13:04:02 11[IKE] <sales|1> closing CHILD_SA net{1} with SPIs e46940ee_i (420 bytes) 66734749_o (0 bytes) and TS 10.99.3.1/32 === 10.20.0.0/24)",
     "spi_in=e46940ee spi_out=66734749 session=1", "manual"},
    {"IKE", {concentrator_disconnected, concentrator_received_data, concentrator_sent_data},
     "closing CHILD_SA {name} with SPIs {spi_in:hex}_i ({int} bytes) {spi_out:hex}_o ({int} bytes) and TS {rest}",
     R"(Nov 25 13:09:27 15[IKE] closing CHILD_SA net{1} with SPIs 10f67794_i (420 bytes) 069875df_o (420 bytes) and TS 10.20.0.0/24 === 10.99.1.1/32)",
     "spi_in=10f67794 spi_out=069875df", "lab 131"},
    {"JOB", {concentrator_lost_peer, concentrator_disconnected},
     "DPD check timed out, enforcing DPD action",
     R"(Nov 25 12:58:37 12[JOB] <sales|1> DPD check timed out, enforcing DPD action)",
     "session=1", "manual"},
    {"IKE", {concentrator_timed_out, concentrator_lost_peer},
     "giving up after {int} retransmits",
     R"(2026-11-25 13:07:55.101 06[IKE] <sales-v2|4> giving up after 5 retransmits)",
     "session=4", "manual"},
    {"IKE", {concentrator_got_delete, concentrator_ended_by_user, concentrator_disconnected},
     "received DELETE for IKE_SA {rest}",
     R"(Nov 25 13:09:44 13[IKE] received DELETE for IKE_SA sales[9])",
     "", "lab 204"},
    {"ENC", {concentrator_got_delete},
     "parsed INFORMATIONAL_V1 request {message_id} [ HASH D ]",
     R"(2026-11-25T13:03:39+0000 02[ENC1] <engineering|2> parsed INFORMATIONAL_V1 request 934142803 [ HASH D ])",
     "message_id=934142803 session=2", "lab 091"},
    {"IKE", {concentrator_deleted, concentrator_disconnected},
     "sending DELETE for IKE_SA {rest}",
     R"(Nov 25 13:05:29 02[IKE] sending DELETE for IKE_SA contractors[1])",
     "", "lab 115"},
    {"CFG", {concentrator_ended_by_admin},
     "vici terminate IKE_SA '{name}'",
     R"(2026-11-25 13:03:47.354 06[CFG] vici terminate IKE_SA 'engineering-v2')",
     "", "lab 117"},
    {"IKE", {concentrator_session_preempted, concentrator_disconnected},
     "deleting duplicate IKE_SA for peer '{user}' due to uniqueness policy",
     R"(Nov 25 12:43:01 05[IKE] <sales|3> deleting duplicate IKE_SA for peer 'heidi' due to uniqueness policy)",
     "user=heidi session=3", "manual"},
    {"JOB", {concentrator_ended_by_policy},
     "deleting CHILD_SA after {int} seconds of inactivity",
     R"(Nov 25 12:43:01 05[JOB] <sales|3> deleting CHILD_SA after 1800 seconds of inactivity)",
     "session=3", "manual"},
};

constexpr NotOurs kConcentratorNotOurs[] = {
    {R"(2026-11-25T13:02:08+0000 14[CFG1] <field-ops|1> selected proposal: ESP:AES_CBC_256/HMAC_SHA1_96/NO_EXT_SEQ)",
     "phase 2: a proposal selected is not yet a tunnel"},
    {R"(Nov 25 13:05:00 09[CFG] <1> configured proposals: IKE:AES_CBC_256/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_2048)",
     "written at CFG level 2 in successful attempts, too"},
    {R"(Nov 25 13:02:43 05[IKE] <1> no matching proposal found, trying alternative config)",
     "the search goes on"},
    {R"(2026-11-25 13:00:29.781 09[IKE] <engineering|1> received retransmit of request with ID 0, but no response to retransmit)",
     "the third message again, not the first"},
    {R"(2026-11-25 13:00:31.781 15[IKE] <engineering|1> sending retransmit 1 of request message ID 468476013, seq 1)",
     "the question for the user, not the answer to the first message"},
    {R"(Nov 25 13:04:00 13[ENC] <field-ops|1> invalid HASH_V1 payload length, decryption failed?)",
     "duplicated packets of a healthy session give it, too"},
    {R"(2026-11-25T13:02:08+0000 15[CFG1] <field-ops|1> assigning new lease to 'heidi')",
     "the address follows in a line of its own"},
    {R"(Aug 10 12:01:02 vpn charon: 06[IKE] peer requested EAP, config unacceptable)",
     "another configuration may do"},
    {R"(Aug 10 12:01:03 vpn charon: 09[IKE] no virtual IP found for %any6 requested by 'alice')",
     "an address of version 6 besides, which few pools have"},
    {R"(2026-11-25T13:02:10+0000 10[IKE0] <field-ops|1> deleting IKE_SA field-ops[1] between 203.0.113.140[203.0.113.140]...198.51.100.239[field-ops])",
     "written whoever asked for it"},
};

constexpr MessageRow kClientRows[] = {
    // Getting out.
    {"DMN", {client_stopped},
     "SIGTERM received, shutting down",
     R"(2026-11-25T13:10:56+0000 00[DMN1] SIGTERM received, shutting down)",
     "", "lab 138"},
    {"CFG", {},
     "vici initiate CHILD_SA '{name}'",
     R"(Nov 25 13:10:58 08[CFG] vici initiate CHILD_SA 'net')",
     "", "lab 210"},
    {"IKE", {client_started, client_ikev1},
     "initiating Aggressive Mode IKE_SA {name} to {gateway}",
     R"(Nov 25 13:00:56 16[IKE] <home|1> initiating Aggressive Mode IKE_SA home[1] to 203.0.113.225)",
     "gateway=203.0.113.225 session=1", "lab 416"},
    {"IKE", {client_started, client_ikev1},
     "initiating Main Mode IKE_SA {name} to {gateway}",
     R"(Nov 25 13:05:09 15[IKE] initiating Main Mode IKE_SA home[1] to 203.0.113.134)",
     "gateway=203.0.113.134", "lab 063"},
    {"IKE", {client_started, client_ikev2},
     "initiating IKE_SA {name} to {gateway}",
     R"(Nov 25 12:53:38 11[IKE] <home|1> initiating IKE_SA home[1] to 203.0.113.205)",
     "gateway=203.0.113.205 session=1", "lab 016"},
    // An address needs no name server: charon has no socket of that family.
    {"IKE", {client_started, client_send_failed},
     "unable to resolve {gateway}, initiate aborted",
     R"(2026-11-25 17:23:56.074 10[IKE] <home|1> unable to resolve 198.18.189.86, initiate aborted)",
     "gateway=198.18.189.86 session=1", "lab client-ports-taken"},
    {"IKE", {client_started, client_dns_failed},
     "unable to resolve {word}, initiate aborted",
     R"(Nov 25 13:02:23 02[IKE] unable to resolve vpn.lab.test, initiate aborted)",
     "", "lab 019"},
    {"NET", {client_send_failed},
     "no socket implementation registered, sending failed",
     R"(Nov 25 12:53:38 01[NET] no socket implementation registered, sending failed)",
     "", "manual"},
    {"NET", {client_no_network},
     "error writing to socket: Network is unreachable",
     R"(Nov 25 12:55:08 01[NET] error writing to socket: Network is unreachable)",
     "", "lab 016"},
    {"NET", {client_send_failed},
     "error writing to socket: Operation not permitted",
     R"(Nov 25 12:53:38 01[NET] error writing to socket: Operation not permitted)",
     "", "manual"},
    // First message and what comes back.
    {"ENC", {client_sent_am1, client_ikev1},
     "generating AGGRESSIVE request 0 [ SA {rest}",
     R"(2026-11-25 12:53:40.484 16[ENC] <home|1> generating AGGRESSIVE request 0 [ SA KE No ID V V V V V ])",
     "session=1", "lab 021"},
    {"ENC", {client_sent_am1, client_ikev1},
     "generating ID_PROT request 0 [ SA {rest}",
     R"(Nov 25 13:05:09 15[ENC] generating ID_PROT request 0 [ SA V V V V V ])",
     "", "lab 063"},
    {"ENC", {client_sent_am1, client_ikev2},
     "generating IKE_SA_INIT request 0 [ SA {rest}",
     R"(Nov 25 13:02:59 12[ENC] <home|1> generating IKE_SA_INIT request 0 [ SA KE No N(NATD_S_IP) N(NATD_D_IP) N(FRAG_SUP) N(HASH_ALG) N(REDIR_SUP) ])",
     "session=1", "lab 060"},
    {"IKE", {client_repeated_am1},
     "sending retransmit {int} of request message ID 0, seq 1",
     R"(2026-11-25 12:53:45.298 06[IKE] <home|1> sending retransmit 1 of request message ID 0, seq 1)",
     "session=1", "lab 009"},
    {"IKE", {client_repeated_am1},
     "retransmit {int} of request with message ID 0",
     R"(Nov 25 12:55:09 07[IKE] retransmit 4 of request with message ID 0)",
     "", "lab 031"},
    {"NET", {client_received_any},
     "received packet: from {gateway}[{int}] to {ip}[{int}] ({int} bytes)",
     R"(Nov 25 13:01:37 09[NET] <home|1> received packet: from 203.0.113.205[4500] to 192.168.129.17[4500] (256 bytes))",
     "gateway=203.0.113.205 session=1", "lab 174"},
    {"ENC", {client_received_any, client_received_am2},
     "parsed AGGRESSIVE response 0 [ SA {rest}",
     R"(Nov 25 13:00:56 11[ENC] <home|1> parsed AGGRESSIVE response 0 [ SA KE No ID V V V V V NAT-D NAT-D HASH ])",
     "session=1", "lab 416"},
    {"ENC", {client_received_any, client_received_am2},
     "parsed ID_PROT response 0 [ SA {rest}",
     R"(Nov 25 13:05:09 12[ENC] parsed ID_PROT response 0 [ SA V V V V V ])",
     "", "lab 063"},
    {"ENC", {client_received_any, client_received_am2, client_natt_offered},
     "parsed IKE_SA_INIT response 0 [ SA KE No N(NATD_S_IP) N(NATD_D_IP) {rest}",
     R"(2026-11-25 12:58:07.288 04[ENC] <home|1> parsed IKE_SA_INIT response 0 [ SA KE No N(NATD_S_IP) N(NATD_D_IP) CERTREQ N(FRAG_SUP) N(HASH_ALG) N(CHDLESS_SUP) N(MULT_AUTH) ])",
     "session=1", "lab 105"},
    {"ENC", {client_received_any, client_received_am2},
     "parsed IKE_SA_INIT response 0 [ SA {rest}",
     R"(Nov 25 12:57:53 12[ENC] <home|1> parsed IKE_SA_INIT response 0 [ SA KE No CERTREQ N(HASH_ALG) ])",
     "session=1", "manual"},
    {"IKE", {client_natt_offered},
     "received NAT-T (RFC 3947) vendor ID",
     R"(2026-11-25T13:09:29+0000 12[IKE1] <home|1> received NAT-T (RFC 3947) vendor ID)",
     "session=1", "lab 429"},
    {"ENC", {client_received_any, client_auth_refused_notify},
     "parsed INFORMATIONAL_V1 request {message_id} [ N(AUTH_FAILED) ]",
     R"(Nov 25 13:02:50 13[ENC] parsed INFORMATIONAL_V1 request 2412437070 [ N(AUTH_FAILED) ])",
     "message_id=2412437070", "lab 059"},
    {"ENC", {client_received_any, client_no_proposal_notify},
     "parsed INFORMATIONAL_V1 request {message_id} [ N(NO_PROP) ]",
     R"(2026-11-25 13:04:15.389 16[ENC] <home|1> parsed INFORMATIONAL_V1 request 2334820869 [ N(NO_PROP) ])",
     "message_id=2334820869 session=1", "lab 149"},
    {"ENC", {client_received_any, client_phase1_refused},
     "parsed INFORMATIONAL_V1 request {message_id} [ N({word}) ]",
     R"(Nov 25 13:02:50 13[ENC] <home|1> parsed INFORMATIONAL_V1 request 2412437070 [ N(INVAL_KE) ])",
     "message_id=2412437070 session=1", "manual"},
    {"IKE", {client_no_proposal_notify},
     "received NO_PROPOSAL_CHOSEN notify error",
     R"(Nov 25 13:02:43 06[IKE] <home|1> received NO_PROPOSAL_CHOSEN notify error)",
     "session=1", "lab 052"},
    {"IKE", {client_no_proposal_notify},
     "received NO_PROPOSAL_CHOSEN error notify",
     R"(received NO_PROPOSAL_CHOSEN error notify)",
     "", "Alibaba Cloud, IPsec-VPN FAQ"},
    {"IKE", {client_phase1_refused},
     "received INVALID_ID_INFORMATION error notify",
     R"(received INVALID_ID_INFORMATION error notify)",
     "", "Alibaba Cloud, IPsec-VPN FAQ"},
    {"IKE", {client_auth_refused_notify},
     "received AUTHENTICATION_FAILED error notify",
     R"(Nov 25 13:01:43 13[IKE] received AUTHENTICATION_FAILED error notify)",
     "", "lab 177"},
    {"IKE", {client_auth_refused_notify},
     "received AUTHENTICATION_FAILED notify error",
     R"(Nov 25 13:09:32 11[IKE] received AUTHENTICATION_FAILED notify error)",
     "", "lab 200"},
    // Group password, third message.
    {"IKE", {client_hash_failed},
     "calculated HASH does not match HASH payload",
     R"(2026-11-25T13:09:29+0000 12[IKE1] <home|1> calculated HASH does not match HASH payload)",
     "session=1", "lab 429"},
    {"IKE", {client_hash_failed},
     "tried {int} shared key for {rest}",
     R"(Nov 25 12:43:01 05[IKE] <home|1> tried 1 shared key for 'sales' - 'gw.lab.test', but MAC mismatched)",
     "session=1", "manual"},
    {"IKE", {client_decrypt_failed},
     "ignore malformed INFORMATIONAL request",
     R"(Nov 25 13:05:21 12[IKE] ignore malformed INFORMATIONAL request)",
     "", "lab 063"},
    {"IKE", {client_decrypt_failed},
     "INFORMATIONAL_V1 request with message ID {message_id} processing failed",
     R"(Nov 25 13:05:09 16[IKE] INFORMATIONAL_V1 request with message ID 2634380537 processing failed)",
     "message_id=2634380537", "lab 063"},
    {"ENC", {client_sent_am3},
     "generating AGGRESSIVE request 0 [ HASH {rest}",
     R"(2026-11-25T13:00:42+0000 10[ENC1] <home|1> generating AGGRESSIVE request 0 [ HASH NAT-D NAT-D ])",
     "session=1", "lab 410"},
    {"ENC", {client_sent_am3},
     "generating ID_PROT request 0 [ ID HASH {rest}",
     R"(Nov 25 13:05:09 13[ENC] generating ID_PROT request 0 [ ID HASH N(INITIAL_CONTACT) ])",
     "", "lab 063"},
    {"ENC", {client_sent_am3},
     "generating IKE_AUTH request 1 [ IDi {rest}",
     R"(Nov 25 12:57:11 12[ENC] <home|1> generating IKE_AUTH request 1 [ IDi N(INIT_CONTACT) CERTREQ IDr CPRQ(ADDR) SA TSi TSr N(MOBIKE_SUP) N(NO_ADD_ADDR) N(MULT_AUTH) N(EAP_ONLY) N(MSG_ID_SYN_SUP) ])",
     "session=1", "lab 084"},
    {"NET", {client_used_udp4500},
     "sending packet: from {ip}[{int}] to {gateway}[4500] ({int} bytes)",
     R"(2026-11-25 13:04:15.265 15[NET] <home|1> sending packet: from 192.0.2.11[4500] to 203.0.113.68[4500] (80 bytes))",
     "gateway=203.0.113.68 session=1", "lab 141"},
    {"IKE", {client_peer_repeats_am2, client_repeated_am3},
     "received retransmit of response with ID 0, resending last request",
     R"(Nov 25 12:57:30 client0 charon: 12[IKE] received retransmit of response with ID 0, resending last request)",
     "", "lab 039"},
    {"IKE", {client_repeated_am3},
     "sending retransmit {int} of request message ID 0, seq 3",
     R"(Nov 25 13:05:21 13[IKE] sending retransmit 2 of request message ID 0, seq 3)",
     "", "lab 063"},
    {"IKE", {client_repeated_am3},
     "retransmit {int} of request with message ID 1",
     R"(Nov 25 12:57:55 03[IKE] retransmit 4 of request with message ID 1)",
     "", "lab 043"},
    {"JOB", {client_not_responding},
     "peer did not initiate expected exchange, reestablishing IKE_SA",
     R"(2026-11-25T12:59:19+0000 13[JOB1] <home|1> peer did not initiate expected exchange, reestablishing IKE_SA)",
     "session=1", "lab 146"},
    {"IKE", {client_not_responding, client_failed},
     "establishing IKE_SA failed, peer not responding",
     R"(Nov 25 12:59:53 05[IKE] establishing IKE_SA failed, peer not responding)",
     "", "lab 043"},
    {"CFG", {client_certificate_expired},
     "subject certificate invalid (valid from {rest}",
     R"(Nov 25 12:43:01 05[CFG] <home|1> subject certificate invalid (valid from Jan 01 00:00:00 2024 to Jan 01 00:00:00 2025))",
     "session=1", "manual"},
    {"CFG", {client_certificate_rejected},
     "no issuer certificate found for \"{rest}",
     R"(Nov 25 12:43:01 05[CFG] <home|1> no issuer certificate found for "C=ZZ, O=VPN Lab, CN=vpn.lab.test")",
     "session=1", "manual"},
    {"IKE", {client_certificate_rejected},
     "no trusted {word} public key found for '{name}'",
     R"(Nov 25 12:43:01 05[IKE] <home|1> no trusted RSA public key found for 'vpn.lab.test')",
     "session=1", "manual"},
    {"TLS", {client_certificate_rejected},
     "no TLS public key found for server '{name}'",
     R"([TLS] no TLS public key found for server '%any')",
     "", "strongSwan issue 1557"},
    {"CFG", {client_certificate_rejected},
     "constraint check failed: identity '{name}' required",
     R"([CFG] constraint check failed: identity 'vpn.example.com' required)",
     "", "algo issue 556"},
    {"CFG", {client_certificate_rejected},
     "constraint check failed: certificate does not confirm identity{_}'{name}'{rest}",
     R"([CFG] constraint check failed: certificate does not confirm identity '192.168.2.33' (ID_IPV4_ADDR))",
     "", "docker-ipsec-vpn-server issue 420"},
    {"IKE", {client_failed},
     "IDir '{name}' does not match to '{name}'",
     R"(IDir '10.120.35.20' does not match to '203.0.113.210')",
     "", "setup-ipsec-vpn issue 701"},
    {"IKE", {client_failed},
     "no shared key found for {rest}",
     R"(Nov 25 12:43:01 05[IKE] <home|1> no shared key found for '192.168.0.100' - '203.0.113.210')",
     "session=1", "manual"},
    {"IKE", {client_failed},
     "no private key found for '{name}'",
     R"(no private key found for 'CN=vpnclient, O=IKEv2 VPN')",
     "", "strongSwan source"},
    {"IKE", {client_failed},
     "failed to establish CHILD_SA, keeping IKE_SA",
     R"( Jun 23 08:16:10 charon[3789]: 09[IKE] <PEER|1> failed to establish CHILD_SA, keeping IKE_SA)",
     "session=1", "VyOS documentation"},
    {"IKE", {client_failed},
     "establishing connection '{name}' failed",
     R"(establishing connection 'myvpn' failed)",
     "", "setup-ipsec-vpn issue 701"},
    // User.
    {"ENC", {client_xauth_prompted},
     "parsed TRANSACTION request {message_id} [ HASH CPRQ(X_USER X_PWD) ]",
     R"(2026-11-25T12:59:40+0000 13[ENC1] <home|1> parsed TRANSACTION request 4188121240 [ HASH CPRQ(X_USER X_PWD) ])",
     "message_id=4188121240 session=1", "lab 170"},
    {"ENC", {client_xauth_answered},
     "generating TRANSACTION response {message_id} [ HASH CPRP(X_USER X_PWD) ]",
     R"(Nov 25 13:04:30 02[ENC] generating TRANSACTION response 1024171674 [ HASH CPRP(X_USER X_PWD) ])",
     "message_id=1024171674", "lab 155"},
    {"IKE", {client_user_accepted},
     "XAuth authentication of '{user}' (myself) successful",
     R"(Nov 25 12:58:05 09[IKE] XAuth authentication of 'alice' (myself) successful)",
     "user=alice", "lab 107"},
    {"IKE", {client_xauth_failed},
     "XAuth authentication of '{user}' (myself) failed",
     R"(Nov 25 13:09:29 07[IKE] XAuth authentication of 'mallory' (myself) failed)",
     "user=mallory", "lab 197"},
    {"IKE", {client_phase1_done, client_xauth_prompted},
     "server requested {word} (id {hex}), sending '{user}'",
     R"(Nov 25 13:01:44 09[IKE] server requested EAP_IDENTITY (id 0x00), sending 'mallory')",
     "user=mallory", "lab 179"},
    {"IKE", {client_xauth_prompted},
     "server requested {word} authentication (id {hex})",
     R"(Nov 25 13:01:44 10[IKE] server requested EAP_MSCHAPV2 authentication (id 0x6E))",
     "", "lab 179"},
    {"ENC", {client_xauth_answered},
     "generating IKE_AUTH request {int} [ EAP/RES/MSCHAPV2 ]",
     R"(2026-11-25T13:04:35.005726+00:00 client0 charon: 16[ENC] <home|1> generating IKE_AUTH request 3 [ EAP/RES/MSCHAPV2 ])",
     "session=1", "lab 156"},
    {"IKE", {client_xauth_failed},
     "EAP-MS-CHAPv2 failed with error {rest}",
     R"(Nov 25 13:01:46 14[IKE] EAP-MS-CHAPv2 failed with error ERROR_AUTHENTICATION_FAILURE: '(null)')",
     "", "lab 179"},
    {"IKE", {client_xauth_failed},
     "EAP_MSCHAPV2 method failed",
     R"(Nov 25 13:01:46 14[IKE] EAP_MSCHAPV2 method failed)",
     "", "lab 179"},
    {"IKE", {client_xauth_failed},
     "received EAP_FAILURE, EAP authentication failed",
     R"(Nov 25 12:57:25 10[IKE] <home|1> received EAP_FAILURE, EAP authentication failed)",
     "session=1", "lab 084"},
    {"ENC", {client_xauth_failed},
     "parsed IKE_AUTH response {int} [ EAP/FAIL {rest}",
     R"(parsed IKE_AUTH response 2 [ EAP/FAIL N(AUTH_FAILED) ])",
     "", "Ubuntu forum"},
    {"IKE", {client_user_accepted},
     "EAP method {word} succeeded, MSK established",
     R"(Nov 25 13:03:54 01[IKE] EAP method EAP_MSCHAPV2 succeeded, MSK established)",
     "", "lab 123"},
    {"IKE", {},
     "authentication of '{user}' (myself) with {rest}",
     R"(Nov 25 12:59:19 14[IKE] authentication of 'alice' (myself) with EAP)",
     "user=alice", "lab 171"},
    {"IKE", {client_phase1_done},
     "authentication of '{group}' with {word} successful",
     R"(Nov 25 13:09:28 08[IKE] authentication of 'field-ops.lab.test' with RSA_EMSA_PKCS1_SHA2_256 successful)",
     "group=field-ops.lab.test", "lab 195"},
    // Phase 1 complete; the identity is the group with IKEv1 and the user with IKEv2, see complete().
    {"IKE", {client_phase1_done, client_user_accepted},
     "IKE_SA {name} established between {ip}[{group}]...{gateway}[{name}]",
     R"(Nov 25 13:02:12 08[IKE] IKE_SA home[1] established between 192.168.45.12[ivan]...203.0.113.94[sales.lab.test])",
     "gateway=203.0.113.94", "lab 003"},
    // Address, phase 2.
    {"ENC", {client_mode_config_started},
     "generating TRANSACTION request {message_id} [ HASH CPRQ(ADDR {rest}",
     R"(2026-11-25T13:00:42+0000 01[ENC1] <home|1> generating TRANSACTION request 4201865026 [ HASH CPRQ(ADDR U_SPLITINC U_LOCALLAN) ])",
     "message_id=4201865026 session=1", "lab 410"},
    {"ENC", {client_address_refused},
     "parsed TRANSACTION response {message_id} [ HASH CP ]",
     R"(Nov 25 13:00:58 12[ENC] <home|1> parsed TRANSACTION response 1416209677 [ HASH CP ])",
     "message_id=1416209677 session=1", "lab 417"},
    {"IKE", {client_address_received},
     "installing new virtual IP {address}",
     R"(Nov 25 12:58:05 01[IKE] installing new virtual IP 10.99.0.1)",
     "address=10.99.0.1", "lab 107"},
    {"IKE", {client_address_refused},
     "received INTERNAL_ADDRESS_FAILURE notify, no CHILD_SA built",
     R"(Nov 25 12:59:05 client0 charon: 09[IKE] received INTERNAL_ADDRESS_FAILURE notify, no CHILD_SA built)",
     "", "lab 159"},
    {"ENC", {client_phase2_started},
     "generating QUICK_MODE request {message_id} [ HASH SA {rest}",
     R"(2026-11-25 13:04:35.380 11[ENC] <home|1> generating QUICK_MODE request 704092907 [ HASH SA No ID ID ])",
     "message_id=704092907 session=1", "lab 161"},
    {"ENC", {client_phase2_refused},
     "parsed INFORMATIONAL_V1 request {message_id} [ HASH N(NO_PROP) ]",
     R"(2026-11-25T13:02:46.548761+00:00 client0 charon: 10[ENC] <home|1> parsed INFORMATIONAL_V1 request 1765584337 [ HASH N(NO_PROP) ])",
     "message_id=1765584337 session=1", "lab 054"},
    {"ENC", {client_phase2_network_refused},
     "parsed INFORMATIONAL_V1 request {message_id} [ HASH N(INVAL_ID) ]",
     R"(Nov 25 12:57:49 11[ENC] parsed INFORMATIONAL_V1 request 3843584121 [ HASH N(INVAL_ID) ])",
     "message_id=3843584121", "lab 095"},
    {"IKE", {client_phase2_refused},
     "received NO_PROPOSAL_CHOSEN notify, no CHILD_SA built",
     R"(Nov 25 12:58:37 12[IKE] <home|1> received NO_PROPOSAL_CHOSEN notify, no CHILD_SA built)",
     "session=1", "manual"},
    {"IKE", {client_phase2_network_refused},
     "received TS_UNACCEPTABLE notify, no CHILD_SA built",
     R"(Nov 25 12:58:37 12[IKE] <home|1> received TS_UNACCEPTABLE notify, no CHILD_SA built)",
     "session=1", "manual"},
    {"IKE", {client_install_failed},
     "unable to install {name}IPsec SA (SAD) in kernel",
     R"(2026-11-25T13:14:57+0000 09[IKE1] <home|1> unable to install inbound and outbound IPsec SA (SAD) in kernel)",
     "session=1", "manual"},
    {"IKE", {client_install_failed},
     "unable to install IPsec policies (SPD) in kernel",
     R"(2026-11-25T12:59:02+0000 10[IKE1] <home|1> unable to install IPsec policies (SPD) in kernel)",
     "session=1", "manual"},
    {"IKE", {client_adapter_failed},
     "installing virtual IP {address} failed",
     R"(Nov 25 13:09:34 09[IKE] <home|1> installing virtual IP 10.99.3.2 failed)",
     "address=10.99.3.2 session=1", "manual"},
    {"IKE", {client_connected},
     "CHILD_SA {name} established with SPIs {spi_in:hex}_i {spi_out:hex}_o and TS {rest}",
     R"(Nov 25 13:09:34 09[IKE] CHILD_SA net{1} established with SPIs c08cf47d_i b245b995_o and TS 10.99.3.2/32 === 10.20.0.0/24)",
     "spi_in=c08cf47d spi_out=b245b995", "lab 204"},
    // Endings.
    // By whoever stops it: a user, or the program that drives it and has waited long enough.
    {"IKE", {client_stopped},
     "destroying IKE_SA in state CONNECTING without notification",
     R"(Nov 25 12:57:54 10[IKE] destroying IKE_SA in state CONNECTING without notification)",
     "", "lab 099"},
    {"CFG", {client_ended_by_user},
     "vici terminate IKE_SA '{name}'",
     R"(Nov 25 13:09:35 16[CFG] vici terminate IKE_SA 'home')",
     "", "lab 195"},
    {"IKE", {client_deleted},
     "sending DELETE for IKE_SA {rest}",
     R"(Nov 25 13:11:05 14[IKE] sending DELETE for IKE_SA home[1])",
     "", "lab 210"},
    {"ENC", {client_deleted},
     "generating INFORMATIONAL_V1 request {message_id} [ HASH D ]",
     R"(Nov 25 12:57:49 00[ENC] generating INFORMATIONAL_V1 request 2326716522 [ HASH D ])",
     "message_id=2326716522", "lab 095"},
    {"IKE", {client_got_delete},
     "received DELETE for IKE_SA {rest}",
     R"(2026-11-25 13:03:47.356 02[IKE] <home|1> received DELETE for IKE_SA home[1])",
     "session=1", "lab 117"},
    {"IKE", {client_received_no_data},
     "closing CHILD_SA {name} with SPIs {spi_in:hex}_i (0 bytes) {spi_out:hex}_o (0 bytes) and TS {rest}",
     R"(2026-11-25T12:59:02+0000 16[IKE0] <home|1> closing CHILD_SA net{1} with SPIs 9432e7b8_i (0 bytes) e2d27538_o (0 bytes) and TS 192.0.2.12/32 === 10.20.0.0/24)",
     "spi_in=9432e7b8 spi_out=e2d27538 session=1", "lab 158"},
    {"IKE", {client_received_no_data, client_sent_data},
     "closing CHILD_SA {name} with SPIs {spi_in:hex}_i (0 bytes) {spi_out:hex}_o ({int} bytes) and TS {rest}",
     R"(2026-11-25 12:54:43.061 15[IKE] <home|1> closing CHILD_SA net{1} with SPIs c952c688_i (0 bytes) c2327263_o (420 bytes) and TS 10.99.3.1/32 === 10.20.0.0/24)",
     "spi_in=c952c688 spi_out=c2327263 session=1", "lab 305"},
    {"IKE", {client_received_data},
     "closing CHILD_SA {name} with SPIs {spi_in:hex}_i ({int} bytes) {spi_out:hex}_o (0 bytes) and TS {rest}",
     R"(Nov 25 13:04:02 11[IKE] <sales|1> closing CHILD_SA net{1} with SPIs e46940ee_i (420 bytes) 66734749_o (0 bytes) and TS 10.99.3.1/32 === 10.20.0.0/24)",
     "spi_in=e46940ee spi_out=66734749 session=1", "manual"},
    {"IKE", {client_received_data, client_sent_data},
     "closing CHILD_SA {name} with SPIs {spi_in:hex}_i ({int} bytes) {spi_out:hex}_o ({int} bytes) and TS {rest}",
     R"(Nov 25 13:10:57 06[IKE] closing CHILD_SA net{1} with SPIs 069875df_i (420 bytes) 10f67794_o (420 bytes) and TS 10.99.1.1/32 === 10.20.0.0/24)",
     "spi_in=069875df spi_out=10f67794", "lab 131"},
    {"JOB", {client_lost_peer},
     "DPD check timed out, enforcing DPD action",
     R"(Nov 25 12:58:37 12[JOB] DPD check timed out, enforcing DPD action)",
     "", "lab 107"},
    {"IKE", {client_not_responding, client_lost_peer},
     "giving up after {int} retransmits",
     R"(Nov 25 12:57:07 10[IKE] giving up after 5 retransmits)",
     "", "lab 031"},
};

constexpr NotOurs kClientNotOurs[] = {
    {R"(2026-11-25T13:02:08+0000 05[CFG1] <home|1> selected proposal: ESP:AES_CBC_256/HMAC_SHA1_96/NO_EXT_SEQ)",
     "phase 2: a proposal selected is not yet a tunnel"},
    {R"(Nov 25 12:57:15 10[IKE] <home|1> retransmit 1 of request with message ID 2)",
     "a repeated answer of the user, not a phase 1 message"},
    {R"(2026-11-25T13:02:08+0000 13[CFG1] <home|1> handling INTERNAL_IP4_DNS attribute failed)",
     "the name server was not installed; the tunnel comes up"},
    {R"(Nov 25 13:04:00 12[IKE] <home|1> received retransmit of response with ID 2408939788, resending last request)",
     "a duplicate in phase 2"},
};
// clang-format on

}  // namespace

constinit const DialectTable kCharonConcentrator = {
    .id = Dialect::charon,
    .vantage = Vantage::concentrator,
    .cut_header = cut_header,
    .rows = kConcentratorRows,
    .not_ours = kConcentratorNotOurs,
    .cut_tagged = cut_tagged,
    .complete = complete_concentrator,
};

constinit const DialectTable kCharonClient = {
    .id = Dialect::charon,
    .vantage = Vantage::client,
    .cut_header = cut_header,
    .rows = kClientRows,
    .not_ours = kClientNotOurs,
    .cut_tagged = cut_tagged,
    .complete = complete_client,
    .headerless = true,
    .one_line = true,
};

}  // namespace vpnverdict::dialect
