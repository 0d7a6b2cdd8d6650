// Cisco ASA and its kin (FTD, PIX, FWSM) as concentrator: syslog in every header, and the console's debug
// lines.
//
// A line is found by its tag, "%ASA-6-113019: ", which may stand anywhere in it; what is before the tag is
// read token by token. The severity is never a key: it is configurable per message. Bodies come in families
// whose common part is cut off here, so that a row is the bare message:
//   Group = G, Username = U, IP = P, …            tunnel group, user, peer
//   Group <G> User <U> IP <P> …                   G is a group POLICY and does not become Event::group
//   TunnelGroup <T> GroupPolicy <G> User <U> IP <P> …
//   Local:A:port Remote:P:port Username:U [IKEv2] [Group:G …]
//   AAA … : reason = R : server = S : user = U : user IP = P      cut behind the reason
//   IPAA: Session=0xH, …   and   UAUTH: Session=0xH, User=U, Assigned IP=A, …
// Event::group is always a tunnel group (connection profile): the policy names another set of people, and one
// counter may not mix them. Lines about failover copies (721xxx, 737028-737032) have no row: they must not
// count twice.
#include <algorithm>

#include "pipeline/dialect/pattern.h"
#include "pipeline/dialect/relay_header.h"
#include "pipeline/dialect/shape.h"
#include "pipeline/dialect/tables.h"
#include "pipeline/dialect/time.h"

namespace vpnverdict::dialect {
namespace {

using enum Fact;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// ---- the tag
// --------------------------------------------------------------------------------------------------

// What a word processor makes of a dash.
std::size_t printed_dash_length(std::string_view text) {
  constexpr std::string_view kDashes[] = {"\u2212", "\u2013", "\u2010", "\u2011"};
  for (std::string_view dash : kDashes)
    if (text.substr(0, dash.size()) == dash) return dash.size();
  return 0;
}

// Length of a dash at the front; 0 when there is none.
std::size_t dash_length(std::string_view text) {
  if (text.empty()) return 0;
  if (text.front() == '-') return 1;
  return static_cast<unsigned char>(text.front()) < 0x80 ? 0 : printed_dash_length(text);
}

struct Tag {
  std::size_t begin = 0;
  std::string_view id;    // six digits
  std::string_view body;  // what follows, without colon and blanks
  std::uint32_t negotiation = 0;  // of IKEv2 debug lines, 0 = unknown
};

// What the device prints of every connection and translation, let through or denied: most of its log, and never of a VPN's own
// messages.
constexpr bool is_quiet(std::string_view id) {
  if (id.size() != 6) return false;
  int number = 0;
  for (std::size_t i = 0; i < 6; ++i) number = number * 10 + (id[i] - '0');
  switch (number) {
    case 106001: case 106007: case 106015:
    case 302013: case 302014: case 302015: case 302016: case 302020: case 302021:
    case 304001: case 304002:
    case 305009: case 305010: case 305011: case 305012:
    case 609001: case 609002:
      return true;
    default:
      return false;
  }
}

// A denied packet, which is a VPN's where it went to one of its ports.
bool is_denial(std::string_view id) { return id == "106023" || id == "106006" || id == "106100"; }
bool may_be_ike(std::string_view text) { return !text.starts_with("Deny tcp") && text.find("500") != std::string_view::npos; }

std::string_view without_separators(std::string_view body) {
  while (!body.empty() && (body.front() == ':' || body.front() == '|' || is_blank(body.front()))) body.remove_prefix(1);
  return body;
}

// Reads "-6-113019: ", "-session-3-710003: ", "--6-852002:", "<Up>-4-313005 " behind the product.
bool read_tag(std::string_view text, Tag& tag) {
  constexpr std::size_t kTagMax = 40;
  std::size_t i = 0;
  while (i < text.size() && i < kTagMax && text[i] != ' ') {
    const std::size_t dash = dash_length(text.substr(i));
    if (dash == 0) {
      ++i;
      continue;
    }
    i += dash;
    const std::string_view rest = text.substr(i);
    if (rest.size() < 6 || !std::all_of(rest.begin(), rest.begin() + 6, [](char c) { return is_digit(c); }) ||
        (rest.size() > 6 && is_digit(rest[6])))
      continue;
    tag.id = rest.substr(0, 6);
    tag.body = without_separators(rest.substr(6));
    return true;
  }
  return false;
}

std::size_t product_length(std::string_view text) {
  constexpr std::string_view kProducts[] = {"asa", "ftd", "pix", "fwsm"};
  for (std::string_view name : kProducts)
    if (begins_with(text, name)) return name.size();
  return 0;
}

constexpr std::string_view kUsualTag = "%ASA-d-dddddd: ?";

HeaderResult find_tag(std::string_view line, Tag& tag) {
  HeaderResult result = HeaderResult::not_mine;
  for (std::size_t at = line.find('%'); at != std::string_view::npos; at = line.find('%', at + 1)) {
    std::string_view rest = line.substr(at + 1);
    if (has_shape<kUsualTag>(line.substr(at))) {
      tag = {at, rest.substr(6, 6), without_separators(rest.substr(12))};
      return HeaderResult::cut;
    }
    if (!rest.empty() && rest.front() == ' ')
      rest.remove_prefix(1);  // "% ASA-4-…", as the manual prints some
    const std::size_t product = product_length(rest);
    if (product == 0) continue;
    rest.remove_prefix(product);
    if (dash_length(rest) == 0 && (rest.empty() || rest.front() != '<')) continue;
    tag.begin = at;
    if (read_tag(rest, tag)) return HeaderResult::cut;
    result = HeaderResult::bad;
  }
  return result;
}

// "IKEv2-PROTO-1: (43): ", "IKEv2-PLAT-4: ": a level and the number of the negotiation.
bool read_ikev2_tag(std::size_t at, std::string_view rest, Tag& tag) {
  const std::size_t level = begins_with(rest, "2-proto-") ? 8 : begins_with(rest, "2-plat-") ? 7 : 0;
  if (level == 0 || rest.size() < level + 2 || !is_digit(rest[level]) || rest[level + 1] != ':') return false;
  tag = {at, {}, trimmed(rest.substr(level + 2))};
  const std::size_t close = tag.body.find("): ");
  if (!tag.body.starts_with('(') || close == std::string_view::npos) return true;
  std::uint32_t number = 0;
  if (!to_number(tag.body.substr(1, close - 1), &number)) return true;
  tag.negotiation = number;
  tag.body = trimmed(tag.body.substr(close + 3));
  return true;
}

// "[IKEv1]: ", "[IKEv1]", "[IKEv1 DEBUG]: " near the front: debug crypto on the console.
bool find_debug_tag(std::string_view line, Tag& tag) {
  constexpr std::size_t kBeforeMax = 60;
  const std::size_t name = line.substr(0, kBeforeMax).find("IKEv");
  if (name == std::string_view::npos) return false;
  std::string_view rest = line.substr(name + 4);
  if (read_ikev2_tag(name, rest, tag)) return true;
  if (name == 0 || line[name - 1] != '[' || !rest.starts_with('1')) return false;
  const std::size_t at = name - 1;
  rest.remove_prefix(1);
  if (begins_with(rest, " debug")) rest.remove_prefix(6);
  if (rest.empty() || rest.front() != ']') return false;
  rest.remove_prefix(1);
  while (!rest.empty() && (rest.front() == ':' || is_blank(rest.front()))) rest.remove_prefix(1);
  tag = {at, {}, rest};
  return true;
}

// "4|Mar 12 2019|10:11:12|113019|||||text": a row of ASDM's log viewer, with addresses and ports between number and text.
bool find_viewer_row(std::string_view line, Tag& tag, Timestamp* time) {
  if (line.size() < 32 || !is_digit(line[0]) || line[1] != '|' || line[13] != '|' || line[22] != '|' || line[29] != '|') return false;
  std::size_t at = 29;
  for (int column = 0; column < 4 && at != std::string_view::npos; ++column) at = line.find('|', at + 1);
  if (at == std::string_view::npos || month_named(line.substr(2, 3)) == 0) return false;
  tag = {0, line.substr(23, 6), line.substr(at + 1)};
  const std::string stamp = std::string(line.substr(2, 11)) + ' ' + std::string(line.substr(14, 8));
  std::string_view in = stamp;
  constexpr int kAnyYear = 1970;  // it prints its own
  return std::ranges::all_of(tag.id, is_digit) && take_month_stamp(in, kAnyYear, time);
}

// Bodies that only this family of devices writes; a relay may have eaten the tag.
bool is_own_body(std::string_view text) {
  switch (text.empty() ? 0 : fold(text.front())) {
    case 'a':
      return begins_with(text, "aaa user a") || begins_with(text, "aaa unable to ");
    case 'g':
      return begins_with(text, "group <");
    case 't':
      return begins_with(text, "tunnelgroup <");
    case 'i':
      return begins_with(text, "ipaa: ");
    default:
      return false;
  }
}

// Excerpts begin with such a body; a relay that ate the tag left ": " in front of it.
bool find_bare_body(std::string_view line, Tag& tag) {
  constexpr std::size_t kBeforeMax = 80;
  if (is_own_body(line) || begins_with(line, "group = ") || begins_with(line, "ip = ")) {
    tag = {0, {}, line};
    return true;
  }
  const std::string_view front = line.substr(0, kBeforeMax);
  for (std::size_t at = front.find(": "); at != std::string_view::npos; at = front.find(": ", at + 1))
    if (is_own_body(line.substr(at + 2))) {
      tag = {at, {}, line.substr(at + 2)};
      return true;
    }
  return false;
}

// ---- what is before the tag
// -----------------------------------------------------------------------------------

struct Zone {
  std::string_view name;
  int hours;
};
// Zone names that devices print; others are taken as UTC.
constexpr Zone kZones[] = {{"EST", -5}, {"EDT", -4}, {"CST", -6}, {"CDT", -5}, {"MST", -7},
                           {"MDT", -6}, {"PST", -8}, {"PDT", -7}, {"CET", 1},  {"CEST", 2},
                           {"MEZ", 1},  {"MESZ", 2}, {"BST", 1},  {"EET", 2}};

bool is_zone_name(std::string_view token) {
  return token.size() >= 3 && token.size() <= 4 &&
         std::all_of(token.begin(), token.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

// Program names with a process id, facility.severity words and the nil fields of RFC 5424 are no hosts.
bool is_host(std::string_view token) {
  if (token.empty() || token == "-" || token == "1" || token.find('[') != std::string_view::npos)
    return false;
  return !(begins_with(token, "local") && token.size() > 7 && token[6] == '.');
}

// "10.8.5.10|local4|info|info|a6|2014-02-18|02:12:41|", as Sagan writes it.
void read_columns(std::string_view before, Event& event) {
  event.device = before.substr(0, before.find('|'));
  for (std::size_t at = before.find('|'); at != std::string_view::npos; at = before.find('|', at + 1)) {
    if (before.size() < at + 20 || before[at + 11] != '|') continue;
    std::string stamp(before.substr(at + 1, 19));
    stamp[10] = ' ';
    std::string_view in = stamp;
    if (take_iso_stamp(in, &event.time)) return;
  }
}

// "172.16.200.253:514" is an address and a port.
std::string_view without_port(std::string_view host) {
  const std::size_t colon = host.rfind(':');
  if (colon == std::string_view::npos || host.find(':') != colon || host.find('.') == std::string_view::npos)
    return host;
  return std::all_of(host.begin() + static_cast<std::ptrdiff_t>(colon) + 1, host.end(), is_digit)
             ? host.substr(0, colon)
             : host;
}

// What tables, quoted strings and lists put around stamp and host.
bool is_between(char c) { return is_blank(c) || c == ':' || c == '"' || c == ',' || c == '\\' || c == '*'; }

// With two stamps the later one is the device's own and the first the relay's.
void read_before(std::string_view before, SourceState& state, Event& event) {
  if (before.empty()) return;
  if (before.find('|') != std::string_view::npos) return read_columns(before, event);
  if (before.front() == '<') {
    const std::size_t close = before.find('>');
    if (close != std::string_view::npos) before.remove_prefix(close + 1);
  }
  constexpr std::size_t kStampBytesMin = 14;  // "Jan 8 09:10:37"
  const int year = year_for(state, event);
  bool behind_stamp = false;
  while (!before.empty()) {
    if (is_between(before.front())) {
      before.remove_prefix(1);
      continue;
    }
    if (before.front() == '<') {  // of a relay's text
      constexpr std::size_t kPriorityMax = 5;
      const std::size_t close = before.substr(0, kPriorityMax).find('>');
      if (close != std::string_view::npos) {
        before.remove_prefix(close + 1);
        continue;
      }
    }
    Timestamp time = kUntimed;
    if (before.size() >= kStampBytesMin && (state.stamps.take(before, &time) || take_month_stamp(before, year, &time))) {
      if (event.time != kUntimed && event.received == kUntimed) event.received = event.time;
      event.time = time;
      behind_stamp = true;
      continue;
    }
    std::size_t end = 0;
    while (end < before.size() && before[end] != ' ' && before[end] != '\t') ++end;
    std::string_view token = before.substr(0, end);
    before.remove_prefix(end);
    while (!token.empty() && is_between(token.back())) token.remove_suffix(1);
    if (behind_stamp && is_zone_name(token)) {
      for (const Zone& zone : kZones)
        if (zone.name == token) event.time -= static_cast<Timestamp>(zone.hours) * 3'600'000;
    } else if (is_host(token)) {
      event.device = without_port(token);
    }
    behind_stamp = false;
  }
}

// ---- families
// -------------------------------------------------------------------------------------------------

enum class Prefix : std::uint8_t { none, cut, ambiguous };

bool take(std::string_view& text, std::string_view start) {
  if (!begins_with(text, start)) return false;
  text.remove_prefix(start.size());
  return true;
}

bool occurs_again(std::string_view text, std::string_view part) {
  const std::size_t at = text.find(part);
  return at != std::string_view::npos && text.find(part, at + 1) != std::string_view::npos;
}

// What stands in front of `end`, which is taken, too; false when `end` is not there.
bool take_until(std::string_view& text, std::string_view end, std::string_view* value) {
  const std::size_t at = text.find(end);
  if (at == std::string_view::npos) return false;
  *value = text.substr(0, at);
  text.remove_prefix(at + end.size());
  return true;
}

// Masked and absent values are no names.
std::string_view known(std::string_view value) {
  value = trimmed(value);
  const bool masked = std::all_of(value.begin(), value.end(), [](char c) { return c == '*'; });
  return masked || value == "None" || value == "Unknown" || value == "<Unknown>" ? std::string_view() : value;
}

void put(std::string_view& field, std::string_view value) {
  if (const std::string_view name = known(value); !name.empty() && name.size() <= 256) field = name;
}

// An address, a masked one or the name that the device's configuration gave to one.
bool is_peer_letter(char c) {
  return is_digit(c) || (fold(c) >= 'a' && fold(c) <= 'z') || c == '.' || c == ':' || c == '-' || c == '_' || c == '*' || c == '/';
}
bool is_peer_token(std::string_view token) { return !token.empty() && std::ranges::all_of(token, is_peer_letter); }

// "Group = G, Username = U, IP = P, text"; each part may be missing.
Prefix take_equals(std::string_view& text, Event& event) {
  if (!begins_with(text, "group = ") && !begins_with(text, "ip = ") && !begins_with(text, "username = "))
    return Prefix::none;
  constexpr std::string_view kParts[] = {"Group = ", ", Username = ", "IP = "};
  for (std::string_view part : kParts)
    if (occurs_again(text, part)) return Prefix::ambiguous;
  std::string_view rest = text;
  std::string_view value;
  if (take(rest, "group = ")) {
    const std::size_t user = rest.find(", Username = ");
    const std::size_t peer = rest.find(", IP = ");
    if (std::min(user, peer) == std::string_view::npos) return Prefix::none;
    put(event.group, rest.substr(0, std::min(user, peer)));
    rest.remove_prefix(std::min(user, peer) + 2);
  }
  if (take(rest, "username = ")) {
    if (!take_until(rest, ", IP = ", &value)) return Prefix::none;
    put(event.user, value);
  } else if (!take(rest, "ip = ")) {
    return Prefix::none;
  }
  const std::size_t end = std::min(rest.find_first_of(" ,"), rest.size());
  if (!is_peer_token(rest.substr(0, end))) return Prefix::none;
  put(event.peer, rest.substr(0, end));
  rest.remove_prefix(end);
  if (!rest.empty() && rest.front() == ',') rest.remove_prefix(1);
  text = trimmed(rest);
  return Prefix::cut;
}

// "Group <G> User <U> IP <P> text", "TunnelGroup <T> GroupPolicy <G> User <U> IP <P> text", and the forms
// without angle brackets and with an empty user.
Prefix take_angled(std::string_view& text, Event& event) {
  std::string_view rest = text;
  std::string_view value;
  if (take(rest, "tunnelgroup <")) {
    if (!take_until(rest, "> GroupPolicy <", &value)) return Prefix::none;
    put(event.group, value);
  } else if (!take(rest, "group <")) {
    return Prefix::none;
  }
  constexpr std::string_view kParts[] = {"> GroupPolicy <", "> User <", "> User IP <", "> IP <"};
  for (std::string_view part : kParts)
    if (occurs_again(text, part)) return Prefix::ambiguous;
  if (!take_until(rest, "> User ", &value)) return Prefix::none;
  if (take(rest, "<")) {
    if (!take_until(rest, "> IP <", &value)) return Prefix::none;
    put(event.user, value);
  } else if (!take(rest, "ip <")) {
    return Prefix::none;
  }
  if (!take_until(rest, ">", &value)) return Prefix::none;
  put(event.peer, value);
  text = trimmed(rest);
  return Prefix::cut;
}

// "Group G User U IP P text" as the manual prints it.
Prefix take_bare(std::string_view& text, Event& event) {
  std::string_view rest = text;
  std::string_view value;
  if (!take(rest, "group ") || !take_until(rest, " User ", &value)) return Prefix::none;
  if (occurs_again(text, " User ") || occurs_again(text, " IP ")) return Prefix::ambiguous;
  std::string_view user;
  if (!take_until(rest, " IP ", &user) || !take_until(rest, " ", &value) || !is_peer_token(value)) return Prefix::none;
  put(event.user, user);
  put(event.peer, value);
  text = trimmed(rest);
  return Prefix::cut;
}

// "Local:A:port Remote:P:port Username:U IKEv2 text"
Prefix take_local_remote(std::string_view& text, Event& event) {
  std::string_view rest = text;
  std::string_view value;
  if (!take(rest, "local:") || !take_until(rest, " Remote:", &value) ||
      !take_until(rest, " Username:", &value))
    return Prefix::none;
  if (occurs_again(text, " Username:")) return Prefix::ambiguous;
  put(event.peer, value.substr(0, value.rfind(':')));
  std::string_view user;
  if (!take_until(rest, " IKEv2 ", &user)) take_until(rest, " ", &user);
  // Two messages name the protocol themselves; elsewhere a second mark comes from the user's name.
  const std::size_t again = rest.find(" IKEv2 ");
  if (again != std::string_view::npos && !begins_with(rest, "tunnel rejected: selected") &&
      !begins_with(rest, "group="))
    return Prefix::ambiguous;
  put(event.user, user);
  text = trimmed(rest);
  return Prefix::cut;
}

std::uint64_t hex_value(std::string_view digits) {
  if (digits.size() > 2 && digits[0] == '0' && fold(digits[1]) == 'x') digits.remove_prefix(2);
  if (digits.empty() || digits.size() > 16) return 0;
  std::uint64_t value = 0;
  for (char c : digits) {
    const char low = fold(c);
    if (!is_digit(low) && (low < 'a' || low > 'f')) return 0;
    value = (value << 4) | static_cast<std::uint64_t>(is_digit(low) ? low - '0' : low - 'a' + 10);
  }
  return value;
}

Prefix take_session(std::string_view& text, Event& event) {
  std::string_view rest = text;
  std::string_view value;
  if (take(rest, "ipaa: ")) {
    if (take(rest, "session=")) {
      if (!take_until(rest, ", ", &value)) return Prefix::none;
      event.session = hex_value(value);
    }
  } else if (take(rest, "uauth: session=")) {
    if (occurs_again(text, ", Assigned IP=") || !take_until(rest, ", User=", &value))
      return Prefix::ambiguous;
    event.session = hex_value(value);
    if (!take_until(rest, ", Assigned IP=", &value)) return Prefix::none;
    put(event.user, value);
    if (!take_until(rest, ", ", &value)) return Prefix::none;
    put(event.address, value);
  } else {
    return Prefix::none;
  }
  text = trimmed(rest);
  return Prefix::cut;
}

// Takes "<key> = value" off the end: the last place where the key stands between colons. 0 when it is not
// there.
std::size_t key_place(std::string_view text, std::string_view key, std::string_view* value) {
  for (std::size_t at = text.find(key); at != std::string_view::npos; at = text.find(key, at + 1)) {
    std::size_t before = at;
    while (before > 0 && is_blank(text[before - 1])) --before;
    std::size_t behind = at + key.size();
    while (behind < text.size() && is_blank(text[behind])) ++behind;
    if (before == 0 || text[before - 1] != ':' || behind >= text.size() || text[behind] != '=') continue;
    *value = trimmed(text.substr(behind + 1));
    --before;
    while (before > 0 && is_blank(text[before - 1])) --before;
    return before;
  }
  return 0;
}

// "AAA … : server = S : user = U : user IP = P". Only the user is typed by a stranger; he comes behind the
// reason and the server, so they stand, and what he could add is a second key.
Prefix take_aaa(std::string_view& text, Event& event) {
  if (!begins_with(text, "aaa ")) return Prefix::none;
  std::string_view value;
  const std::size_t user_at = key_place(text, "user", &value);
  if (user_at == 0) {
    // Those that always end with the user were cut short: the reason may be incomplete.
    if (begins_with(text, "aaa user ") || begins_with(text, "aaa unable ") ||
        begins_with(text, "aaa credentials "))
      text = {};
    return Prefix::none;
  }
  std::string_view ignored;
  std::string_view user = value;
  if (const std::size_t peer_at = key_place(value, "user IP", &ignored);
      peer_at > 0 || begins_with(value, ": user ip")) {
    user = value.substr(0, peer_at);
    std::string_view again;
    if (key_place(ignored, "user IP", &again) > 0) return Prefix::ambiguous;
    // What a collector or a page writes behind it is not his address.
    put(event.peer, ignored.substr(0, static_cast<std::size_t>(std::ranges::find_if_not(ignored, is_peer_letter) - ignored.begin())));
  }
  if (key_place(user, "user", &ignored) > 0 || key_place(user, "server", &ignored) > 0)
    return Prefix::ambiguous;
  put(event.user, user);
  std::string_view front = text.substr(0, user_at);
  if (const std::size_t server_at = key_place(front, "server", &value); server_at > 0) {
    put(event.server, value);
    front = front.substr(0, server_at);
  } else if (const std::size_t colon = front.rfind(':');
             colon != std::string_view::npos && begins_with(trimmed(front.substr(colon + 1)), "local")) {
    front = front.substr(0, colon);
  }
  text = trimmed(front);
  return Prefix::cut;
}

HeaderResult take_family(std::string_view& text, Event& event) {
  for (const auto family : {take_equals, take_angled, take_bare, take_local_remote, take_session, take_aaa}) {
    switch (family(text, event)) {
      case Prefix::none:
        break;
      case Prefix::cut:
        return HeaderResult::cut;
      case Prefix::ambiguous:
        return HeaderResult::ambiguous;
    }
  }
  return HeaderResult::cut;
}

HeaderResult cut_header(std::string_view line, SourceState& state, Event& event, std::string_view& text) {
  Tag tag;
  const HeaderResult found = find_tag(line, tag);
  if (found == HeaderResult::bad) return found;
  Timestamp viewed = kUntimed;
  if (found == HeaderResult::not_mine && !find_debug_tag(line, tag) && !find_viewer_row(line, tag, &viewed) && !find_bare_body(line, tag))
    return found;
  read_before(line.substr(0, tag.begin), state, event);
  if (viewed != kUntimed) event.time = viewed;
  event.session = tag.negotiation;
  event.message = tag.id;
  text = trimmed(tag.body);
  if (is_quiet(tag.id) || (is_denial(tag.id) && !may_be_ike(text))) return HeaderResult::quiet;
  return take_family(text, event);
}

// The VPN's own messages, of which the console prints most and tickets show all.
bool may_be_wrapped(std::string_view line) {
  constexpr std::string_view kStarts[] = {"Group = ", "IP = ", "Group <"};
  return std::ranges::any_of(kStarts, [&](std::string_view start) { return line.find(start) != std::string_view::npos; });
}

// ---- what a session line counts
// -------------------------------------------------------------------------------

std::uint64_t number_behind(std::string_view text, std::string_view key) {
  std::size_t at = text.find(key);
  if (at == std::string_view::npos) return 0;
  std::uint64_t value = 0;
  for (at += key.size(); at < text.size() && is_digit(text[at]) && value < 1'000'000'000'000'000; ++at)
    value = value * 10 + static_cast<std::uint64_t>(text[at] - '0');
  return value;
}

// "0h:01m:58s", with "1d " in front of longer ones.
void add_duration(std::string_view duration, Event& event) {
  constexpr std::uint64_t kDaysMax = 10'000;
  const std::size_t day = duration.find("d ");
  const std::uint64_t days = day == std::string_view::npos ? 0 : number_behind(duration, "");
  if (day != std::string_view::npos) duration.remove_prefix(day + 2);
  const std::uint64_t hours = number_behind(duration, "");
  const std::uint64_t minutes = number_behind(duration, "h:");
  if (days > kDaysMax || hours >= 24 || minutes >= 60) return;
  event.lasted = static_cast<Timestamp>((((days * 24 + hours) * 60 + minutes) * 60 + number_behind(duration, "m:") % 60) * 1000);
  constexpr Timestamp kShortMs = 2 * 60 * 1000;
  if (begins_with(duration, "0h:") && event.lasted < kShortMs) event.says.insert(concentrator_session_short);
}

// Adds to 113019 what its type, duration and counters say, seen from the concentrator's seat.
void add_counters(Event& event) {
  constexpr std::string_view kType = "Session Type: ";
  const std::size_t at = event.text.rfind(kType);
  if (at == std::string_view::npos) return;
  std::string_view rest = event.text.substr(at + kType.size());
  std::string_view type;
  std::string_view duration;
  if (!take_until(rest, ", Duration: ", &type) || !take_until(rest, ", ", &duration)) return;
  const bool over_ike_port = type == "IPsecOverNatT" || type == "IPsecOverTCP" || type == "SSL";
  const bool own_path = type == "IPsec" || type == "IPsecOverUDP";
  if (over_ike_port) event.says.insert(concentrator_session_natt);
  if (own_path) event.says.insert(concentrator_session_esp);
  if (begins_with(type, "ipsec") || begins_with(type, "ikev")) event.says.insert(concentrator_session_ipsec);
  add_duration(duration, event);
  const bool received = number_behind(rest, "Bytes rcv: ") > 0;
  const bool sent = number_behind(rest, "Bytes xmt: ") > 0;
  if (received) event.says.insert(concentrator_received_data);
  if (sent) event.says.insert(concentrator_sent_data);
  // One AnyConnect session writes a line per tunnel: only a whole session's zero is one.
  if (!over_ike_port && !own_path) return;
  if (!received) event.says.insert(concentrator_received_no_data);
  if (!sent) event.says.insert(concentrator_sent_no_data);
}

// 751025 prints tunnel groups and policies in one place; ASDM names its policies so.
bool is_policy_name(std::string_view group) {
  return begins_with(group, "grouppolicy") || group == "DfltGrpPolicy";
}

// Newer devices quote the tunnel group.
std::string_view unquoted(std::string_view name) {
  return name.size() > 2 && name.front() == '\'' && name.back() == '\'' ? name.substr(1, name.size() - 2)
                                                                        : name;
}

// IKEv2 takes the group's name for the user.
bool is_site(const Event& event) {
  return group_is_its_address(event) || (!event.peer.empty() && event.group.empty() && event.user == event.peer);
}

void complete(SourceState&, Event& event) {
  event.group = unquoted(event.group);
  if (!event.says.empty() && is_site(event)) event.says.insert(concentrator_peer_is_site);
  if (event.message == "751025" && is_policy_name(event.group)) event.group = {};
  if (event.message == "717009" && event.text.find("Certificate date is out-of-range") != std::string_view::npos) event.says = concentrator_certificate_expired;
  if (event.message == "113019" && event.says.has(concentrator_disconnected)) add_counters(event);
}

// clang-format off
constexpr MessageRow kRows[] = {
    // ---- IKEv1 phase 1
    {"713236", {concentrator_saw_am1, concentrator_ikev1},
     "IKE_DECODE RECEIVED Message (msgid=0) with payloads : HDR + SA (1) + KE (4) {rest}",
     R"(%ASA-7-713236: IP = 203.0.113.30, IKE_DECODE RECEIVED Message (msgid=0) with payloads : HDR + SA (1) + KE (4) + NONCE (10) + ID (5) + VENDOR (13) + NONE (0) total length : 849)",
     "peer=203.0.113.30", "manual"},
    {"713236", {concentrator_deleted},
     "IKE_DECODE SENDING Message (msgid={message_id:hex}) with payloads : HDR + HASH (8) + DELETE (12) {rest}",
     R"(%ASA-7-713236: Group = vpn-users, Username = user01, IP = 203.0.113.30, IKE_DECODE SENDING Message (msgid=d0257b9c) with payloads : HDR + HASH (8) + DELETE (12) + NONE (0) total length : 76)",
     "peer=203.0.113.30 group=vpn-users user=user01 message_id=d0257b9c", "manual"},
    {"713236", {concentrator_got_delete},
     "IKE_DECODE RECEIVED Message (msgid={message_id:hex}) with payloads : HDR + HASH (8) + DELETE (12) {rest}",
     R"(%ASA-7-713236: Group = vpn-users, Username = user01, IP = 203.0.113.30, IKE_DECODE RECEIVED Message (msgid=3f0c2d11) with payloads : HDR + HASH (8) + DELETE (12) + NONE (0) total length : 76)",
     "peer=203.0.113.30 group=vpn-users user=user01 message_id=3f0c2d11", "manual"},
    {"713236", {concentrator_phase1_done},
     "IKE_DECODE SENDING Message (msgid={message_id:hex}) with payloads : HDR + HASH (8) + ATTR (14) {rest}",
     R"(%ASA-7-713236: Group = vpn-users, IP = 203.0.113.30, IKE_DECODE SENDING Message (msgid=5c2a9e01) with payloads : HDR + HASH (8) + ATTR (14) + NONE (0) total length : 72)",
     "peer=203.0.113.30 group=vpn-users message_id=5c2a9e01", "manual"},
    {"713236", {concentrator_phase1_done},
     "IKE_DECODE RECEIVED Message (msgid={message_id:hex}) with payloads : HDR + ATTR (14) {rest}",
     R"(%ASA-7-713236: Group = vpn-users, IP = 203.0.113.30, IKE_DECODE RECEIVED Message (msgid=5c2a9e01) with payloads : HDR + ATTR (14) + HASH (8) + NONE (0) total length : 85)",
     "peer=203.0.113.30 group=vpn-users message_id=5c2a9e01", "manual"},
    {"713906", {concentrator_proposal_accepted},
     "Oakley proposal is acceptable",
     R"(Jun 10 2010 17:36:05: %ASA-7-713906: IP = 203.0.113.233, Oakley proposal is acceptable)",
     "peer=203.0.113.233", "asa c003"},
    {"", {concentrator_proposal_rejected},
     "All SA proposals found unacceptable",
     R"([IKEv1 DEBUG]: Group = 198.51.100.110, IP = 198.51.100.110, All SA proposals found unacceptable)",
     "peer=198.51.100.110 group=198.51.100.110", "asa c001"},
    {"713048", {concentrator_proposal_rejected},
     "Error processing payload: Payload ID: 1",
     R"(%ASA-3-713048: IP = 203.0.113.30, Error processing payload: Payload ID: 1)",
     "peer=203.0.113.30", "manual"},
    {"713127", {concentrator_auth_method_rejected},
     "Xauth required but selected Proposal does not support xauth, {rest}",
     R"(%ASA-3-713127: Group = vpn-users, IP = 203.0.113.30, Xauth required but selected Proposal does not support xauth, Check priorities of ike xauth proposals in ike proposal list)",
     "peer=203.0.113.30 group=vpn-users", "manual"},
    {"713165", {concentrator_auth_method_rejected},
     "Client IKE Auth mode differs from the group's configured Auth mode",
     R"(%ASA-3-713165: Group = vpn-users, IP = 203.0.113.30, Client IKE Auth mode differs from the group's configured Auth mode)",
     "peer=203.0.113.30 group=vpn-users", "manual"},
    {"713138", {concentrator_group_unknown},
     "Group {group} not found and BASE GROUP default preshared key not configured",
     R"(%ASA-3-713138: IP = 203.0.113.30, Group vpn-usres not found and BASE GROUP default preshared key not configured)",
     "peer=203.0.113.30 group=vpn-usres", "manual"},
    {"713255", {concentrator_saw_am1, concentrator_group_unknown, concentrator_ikev1},
     "Received ISAKMP Aggressive Mode message 1 with unknown tunnel group name '{group}'.",
     R"(%ASA-4-713255: IP = 203.0.113.30, Received ISAKMP Aggressive Mode message 1 with unknown tunnel group name 'vpn-usres'.)",
     "peer=203.0.113.30 group=vpn-usres", "manual"},
    {"713255", {concentrator_saw_am1, concentrator_group_unknown, concentrator_ikev1},
     "Received ISAKMP Aggressive Mode message 1 with unknown tunnel group name {group}",
     R"(%ASA-4-713255: IP = 203.0.113.30, Received ISAKMP Aggressive Mode message 1 with unknown tunnel group name 'vpn-usres')",
     "peer=203.0.113.30 group=vpn-usres", "manual"},
    {"713256", {concentrator_group_unknown},
     "Sending spoofed ISAKMP Aggressive Mode message 2 due to receipt of unknown tunnel group. {rest}",
     R"(%ASA-6-713256: IP = 203.0.113.30, Sending spoofed ISAKMP Aggressive Mode message 2 due to receipt of unknown tunnel group. Aborting connection.)",
     "peer=203.0.113.30", "manual"},
    {"", {concentrator_group_unknown},
     "Can't find a valid tunnel group, aborting...!",
     R"(Dec 19 15:49:51 [IKEv1]: Group = 203.0.113.143, IP = 203.0.113.143, Can't find a valid tunnel group, aborting...!)",
     "peer=203.0.113.143 group=203.0.113.143", "asa c002"},
    {"713022", {concentrator_group_unknown},
     "No Group found matching {group} for Pre-shared key peer {rest}",
     R"(%ASA-3-713022: IP = 203.0.113.30, No Group found matching vpn-usres for Pre-shared key peer 203.0.113.30)",
     "peer=203.0.113.30 group=vpn-usres", "manual"},
    {"713902", {concentrator_key_mismatch},
     "ERROR, had problems decrypting packet, probably due to mismatched pre-shared key. {rest}",
     R"(%ASA-3-713902: Group = vpn-users, IP = 203.0.113.30, ERROR, had problems decrypting packet, probably due to mismatched pre-shared key.  Aborting)",
     "peer=203.0.113.30 group=vpn-users", "manual"},
    {"713903", {concentrator_key_mismatch},
     "Received encrypted Oakley Main Mode packet with invalid payloads, MessID = {int}",
     R"(Jul 11 12:14:01 [IKEv1]: Group = DefaultRAGroup, IP = 203.0.113.30, Received encrypted Oakley Main Mode packet with invalid payloads, MessID = 0)",
     "peer=203.0.113.30 group=DefaultRAGroup", "recalled, unverified: the line before the one above"},
    {"713904", {concentrator_notify_invalid_hash},
     "Error, peer has indicated that something is wrong with our message. {rest}",
     R"(%ASA-5-713904: Group = vpn-users, IP = 203.0.113.30, Error, peer has indicated that something is wrong with our message.  This could indicate a pre-shared key mismatch.)",
     "peer=203.0.113.30 group=vpn-users", "manual"},
    {"713068", {concentrator_notify_invalid_hash},
     "Received non-routine Notify message: Invalid hash info (23)",
     R"(%ASA-5-713068: Group = vpn-users, IP = 203.0.113.30, Received non-routine Notify message: Invalid hash info (23))",
     "peer=203.0.113.30 group=vpn-users", "manual"},
    {"713201", {concentrator_saw_am1_again},
     "Duplicate Phase 1 packet detected. Retransmitting last packet.",
     R"(%ASA-5-713201: IP = 203.0.113.30, Duplicate Phase 1 packet detected.  Retransmitting last packet.)",
     "peer=203.0.113.30", "manual"},
    {"713202", {concentrator_saw_am1_again},
     "Duplicate first packet detected. Ignoring packet.",
     R"(%ASA-6-713202: IP = 203.0.113.30, Duplicate first packet detected.  Ignoring packet.)",
     "peer=203.0.113.30", "manual"},
    {"715065", {concentrator_am3_timeout},
     "IKE AM Responder FSM error history (struct &{hex}) <state>, <event>: AM_DONE, EV_ERROR-->AM_WAIT_MSG3, EV_TIMEOUT{rest}",
     R"(%ASA-7-715065: Group = vpn-users, IP = 203.0.113.30, IKE AM Responder FSM error history (struct &0xd8ae9cd8)  <state>, <event>:  AM_DONE, EV_ERROR-->AM_WAIT_MSG3, EV_TIMEOUT-->AM_WAIT_MSG3, NullEvent-->AM_SND_MSG2, EV_SND_MSG_OK)",
     "peer=203.0.113.30 group=vpn-users", "manual"},
    {"715065", {concentrator_am3_timeout},
     "IKE AM Responder FSM error history (struct &{hex}) <state>, <event>: AM_DONE, EV_ERROR-->AM_WAIT_MSG3, EV_PROB_AUTH_FAIL-->AM_WAIT_MSG3, EV_TIMEOUT{rest}",
     R"(%ASA-7-715065: Group = vpn-users, IP = 203.0.113.30, IKE AM Responder FSM error history (struct &0xd84c1b88)  <state>, <event>:  AM_DONE, EV_ERROR-->AM_WAIT_MSG3, EV_PROB_AUTH_FAIL-->AM_WAIT_MSG3, EV_TIMEOUT-->AM_WAIT_MSG3, NullEvent-->AM_SND_MSG2, EV_CRYPTO_ACTIVE)",
     "peer=203.0.113.30 group=vpn-users", "synthetic: from general knowledge of such logs"},
    {"715065", {concentrator_am3_timeout},
     "IKE MM Responder FSM error history (struct &{hex}) <state>, <event>: MM_DONE, EV_ERROR-->MM_WAIT_MSG5, EV_PROB_AUTH_FAIL-->MM_WAIT_MSG5, EV_TIMEOUT{rest}",
     R"(%ASA-7-715065: Group = vpn-users, IP = 203.0.113.30, IKE MM Responder FSM error history (struct &0xd84c1b88)  <state>, <event>:  MM_DONE, EV_ERROR-->MM_WAIT_MSG5, EV_PROB_AUTH_FAIL-->MM_WAIT_MSG5, EV_TIMEOUT-->MM_WAIT_MSG5, NullEvent-->MM_SND_MSG4, EV_CRYPTO_ACTIVE)",
     "peer=203.0.113.30 group=vpn-users", "synthetic: from general knowledge of such logs"},
    {"715065", {concentrator_am3_timeout},
     "IKE AM Responder FSM error history (struct &{hex}) <state>, <event>: AM_DONE, EV_ERROR_CONT-->AM_DONE, EV_ERROR-->AM_WAIT_MSG3, EV_TIMEOUT{rest}",
     R"(%ASA-7-715065: Group = vpn-users, IP = 203.0.113.30, IKE AM Responder FSM error history (struct &0xd8ae9cd8)  <state>, <event>:  AM_DONE, EV_ERROR_CONT-->AM_DONE, EV_ERROR-->AM_WAIT_MSG3, EV_TIMEOUT-->AM_WAIT_MSG3, NullEvent-->AM_SND_MSG2, EV_SND_MSG_OK)",
     "peer=203.0.113.30 group=vpn-users", "manual"},
    {"715065", {concentrator_am3_timeout},
     "IKE MM Responder FSM error history (struct &{hex}) <state>, <event>: MM_DONE, EV_ERROR-->MM_WAIT_MSG5, EV_TIMEOUT{rest}",
     R"(%ASA-7-715065: Group = vpn-users, IP = 203.0.113.30, IKE MM Responder FSM error history (struct &0xd8ae9cd8)  <state>, <event>:  MM_DONE, EV_ERROR-->MM_WAIT_MSG5, EV_TIMEOUT-->MM_WAIT_MSG5, NullEvent-->MM_SND_MSG2, EV_SND_MSG_OK)",
     "peer=203.0.113.30 group=vpn-users", "manual"},
    {"715065", {concentrator_am3_timeout},
     "IKE MM Responder FSM error history (struct &{hex}) <state>, <event>: MM_DONE, EV_ERROR_CONT-->MM_DONE, EV_ERROR-->MM_WAIT_MSG5, EV_TIMEOUT{rest}",
     R"(%ASA-7-715065: Group = vpn-users, IP = 203.0.113.30, IKE MM Responder FSM error history (struct &0xd8ae9cd8)  <state>, <event>:  MM_DONE, EV_ERROR_CONT-->MM_DONE, EV_ERROR-->MM_WAIT_MSG5, EV_TIMEOUT-->MM_WAIT_MSG5, NullEvent-->MM_SND_MSG2, EV_SND_MSG_OK)",
     "peer=203.0.113.30 group=vpn-users", "manual"},
    {"715065", {concentrator_timed_out},
     "IKE MM Responder FSM error history (struct &{hex}) <state>, <event>: MM_DONE, EV_ERROR-->MM_WAIT_MSG3, EV_TIMEOUT{rest}",
     R"(%ASA-7-715065: Group = vpn-users, IP = 203.0.113.30, IKE MM Responder FSM error history (struct &0xd8ae9cd8)  <state>, <event>:  MM_DONE, EV_ERROR-->MM_WAIT_MSG3, EV_TIMEOUT-->MM_WAIT_MSG3, NullEvent-->MM_SND_MSG2, EV_SND_MSG_OK)",
     "peer=203.0.113.30 group=vpn-users", "manual"},
    {"715065", {concentrator_timed_out},
     "IKE MM Responder FSM error history (struct &{hex}) <state>, <event>: MM_DONE, EV_ERROR_CONT-->MM_DONE, EV_ERROR-->MM_WAIT_MSG3, EV_TIMEOUT{rest}",
     R"(%ASA-7-715065: Group = vpn-users, IP = 203.0.113.30, IKE MM Responder FSM error history (struct &0xd8ae9cd8)  <state>, <event>:  MM_DONE, EV_ERROR_CONT-->MM_DONE, EV_ERROR-->MM_WAIT_MSG3, EV_TIMEOUT-->MM_WAIT_MSG3, NullEvent-->MM_SND_MSG2, EV_SND_MSG_OK)",
     "peer=203.0.113.30 group=vpn-users", "manual"},
    {"715065", {concentrator_xauth_started, concentrator_xauth_unanswered},
     "IKE TM V6 FSM error history (struct &{hex}) <state>, <event>: {more}EV_TIMEOUT{rest}",
     R"(%ASA-7-715065: Group = vpn-users, IP = 203.0.113.30, IKE TM V6 FSM error history (struct &0xd8ae9cd8)  <state>, <event>:  TM_DONE, EV_ERROR-->TM_WAIT_REPLY, EV_TIMEOUT-->TM_WAIT_REPLY, NullEvent-->TM_SND_MSG1, EV_SND_MSG)",
     "peer=203.0.113.30 group=vpn-users", "the twin of the VPN 3000's"},
    {"713904", {concentrator_notify_invalid_hash},
     "Received an un-encrypted INVALID_HASH_INFO notify message, dropping",
     R"(%ASA-5-713904: Group = vpn-users, IP = 203.0.113.30, Received an un-encrypted INVALID_HASH_INFO notify message, dropping)",
     "peer=203.0.113.30 group=vpn-users", "Octopussy; the client's notify of seed Ex 8-6"},
    {"713904", {concentrator_key_mismatch},
     "Received an un-encrypted PAYLOAD_MALFORMED notify message, dropping",
     R"(%ASA-5-713904: Group = vpn-users, IP = 203.0.113.30, Received an un-encrypted PAYLOAD_MALFORMED notify message, dropping)",
     "peer=203.0.113.30 group=vpn-users", "Octopussy"},
    {"713136", {concentrator_am3_timeout, concentrator_timed_out},
     "IKE session establishment timed out [MM_WAIT_MSG5], aborting!",
     R"(%ASA-5-713136: Group = vpn-users, IP = 203.0.113.30, IKE session establishment timed out [MM_WAIT_MSG5], aborting!)",
     "peer=203.0.113.30 group=vpn-users", "manual"},
    {"713136", {concentrator_xauth_started, concentrator_xauth_unanswered, concentrator_timed_out},
     "IKE session establishment timed out [AM_TM_INIT_XAUTH{word}], aborting!",
     R"(%ASA-5-713136: Group = vpn-users, IP = 203.0.113.30, IKE session establishment timed out [AM_TM_INIT_XAUTH_V6H], aborting!)",
     "peer=203.0.113.30 group=vpn-users", "manual; the state recalled, unverified"},
    {"713136", {concentrator_am3_timeout, concentrator_timed_out},
     "IKE session establishment timed out [AM_WAIT_MSG3], aborting!",
     R"(%ASA-5-713136: Group = vpn-users, IP = 203.0.113.30, IKE session establishment timed out [AM_WAIT_MSG3], aborting!)",
     "peer=203.0.113.30 group=vpn-users", "manual"},
    {"713136", {concentrator_timed_out},
     "IKE session establishment timed out [{word}], aborting!",
     R"(%ASA-5-713136: Group = vpn-users, IP = 203.0.113.30, IKE session establishment timed out [MM_WAIT_MSG3], aborting!)",
     "peer=203.0.113.30 group=vpn-users", "manual"},
    {"713172", {concentrator_nat_detected},
     "Automatic NAT Detection Status: Remote end is behind a NAT device {rest}",
     R"(%ASA-6-713172: Group = vpn-users, IP = 203.0.113.30, Automatic NAT Detection Status:     Remote end is behind a NAT device     This   end is NOT behind a NAT device)",
     "peer=203.0.113.30 group=vpn-users", "manual"},
    {"713119", {concentrator_phase1_done},
     "PHASE 1 COMPLETED",
     R"(%ASA-5-713119: Group = vpn-users, Username = user01, IP = 203.0.113.30, PHASE 1 COMPLETED)",
     "peer=203.0.113.30 group=vpn-users user=user01", "manual"},
    {"713191", {concentrator_negotiation_limit},
     "Maximum concurrent IKE negotiations exceeded!",
     R"(%ASA-3-713191: IP = 203.0.113.30, Maximum concurrent IKE negotiations exceeded!)",
     "peer=203.0.113.30", "manual"},
    {"713276", {concentrator_negotiation_limit},
     "Dropping new negotiation - IKEv1 in-negotiation context limit of {int} reached",
     R"(%ASA-3-713276: IP = 203.0.113.30, Dropping new negotiation - IKEv1 in-negotiation context limit of 500 reached)",
     "peer=203.0.113.30", "manual"},
    {"713239", {concentrator_session_limit},
     "Tunnel Rejected: The maximum tunnel count allowed has been reached",
     R"(%ASA-4-713239: Group = vpn-users, IP = 203.0.113.30, Tunnel Rejected: The maximum tunnel count allowed has been reached)",
     "peer=203.0.113.30 group=vpn-users", "manual"},
    {"713226", {concentrator_certificate_rejected},
     "Connection failed with peer {peer}, no trust-point defined in tunnel-group {group}",
     R"(%ASA-3-713226: Connection failed with peer 203.0.113.30, no trust-point defined in tunnel-group vpn-certs)",
     "peer=203.0.113.30 group=vpn-certs", "manual"},
    {"713109", {concentrator_certificate_rejected},
     "Unable to process the received peer certificate",
     R"(%ASA-3-713109: IP = 203.0.113.30, Unable to process the received peer certificate)",
     "peer=203.0.113.30", "manual"},
    {"713082", {concentrator_certificate_rejected},
     "Failed to retrieve identity certificate",
     R"(%ASA-3-713082: IP = 203.0.113.30, Failed to retrieve identity certificate)",
     "peer=203.0.113.30", "manual"},
    {"713098", {concentrator_certificate_rejected},
     "Aborting: No identity cert specified in IPsec SA {rest}",
     R"(%ASA-3-713098: IP = 203.0.113.30, Aborting: No identity cert specified in IPsec SA (vpn-sa)!)",
     "peer=203.0.113.30", "manual"},
    {"713198", {concentrator_certificate_rejected},
     "User Authorization failed: {user} User authorization failed. Username could not be found in the certificate",
     R"(%ASA-3-713198: IP = 203.0.113.30, User Authorization failed: user01 User authorization failed. Username could not be found in the certificate)",
     "peer=203.0.113.30 user=user01", "manual"},
    {"713020", {concentrator_certificate_group_unknown},
     "No Group found by matching OU(s) from ID payload: {rest}",
     R"(%ASA-3-713020: IP = 203.0.113.30, No Group found by matching OU(s) from ID payload:   ou=Sales)",
     "peer=203.0.113.30", "manual"},
    {"", {concentrator_ike_not_enabled},
     "No crypto map bound to interface... dropping pkt",
     R"(Feb 16 13:36:40 [IKEv1]: IP = 198.51.100.110, No crypto map bound to interface... dropping pkt)",
     "peer=198.51.100.110", "asa c004"},
    // ---- IKEv1: user, address, policy
    {"713052", {concentrator_user_ok},
     "User ({user}) authenticated.",
     R"(%ASA-7-713052: Group = vpn-users, Username = user01, IP = 203.0.113.30, User (user01) authenticated.)",
     "peer=203.0.113.30 group=vpn-users user=user01 user=user01", "manual"},
    {"713167", {concentrator_user_failed},
     "Remote peer has failed user authentication - check configured username and password",
     R"(%ASA-3-713167: Group = vpn-users, Username = user01, IP = 203.0.113.30, Remote peer has failed user authentication - check configured username and password)",
     "peer=203.0.113.30 group=vpn-users user=user01", "manual"},
    {"713251", {concentrator_user_failed},
     "Received authentication failure message",
     R"(%ASA-4-713251: Group = vpn-users, Username = user01, IP = 203.0.113.30, Received authentication failure message)",
     "peer=203.0.113.30 group=vpn-users user=user01", "manual"},
    {"713185", {concentrator_user_unknown},
     "Error: Username too long - connection aborted",
     R"(%ASA-3-713185: Group = vpn-users, IP = 203.0.113.30, Error: Username too long - connection aborted)",
     "peer=203.0.113.30 group=vpn-users", "manual"},
    {"713905", {concentrator_user_login_limit},
     "Login authentication failed due to max simultaneous-login restriction.",
     R"(Mar 21 2014 23:03:49 ubvpn-gw1a : %ASA-6-713905: Group = Everyone, Username = user01, IP = 203.0.113.30, Login authentication failed due to max simultaneous-login restriction.)",
     "peer=203.0.113.30 group=Everyone user=user01", "asa c018"},
    {"713059", {concentrator_group_lock},
     "Tunnel Rejected: User ({user}) matched with group name, group-lock check failed.",
     R"(%ASA-3-713059: Group = vpn-users, IP = 203.0.113.30, Tunnel Rejected: User (user01) matched with group name, group-lock check failed.)",
     "peer=203.0.113.30 group=vpn-users user=user01", "manual"},
    {"713060", {concentrator_group_lock},
     "Tunnel Rejected: User ({user}) not member of group ({name}), group-lock check failed.",
     R"(%ASA-3-713060: Group = vpn-users, IP = 203.0.113.30, Tunnel Rejected: User (user01) not member of group (staff), group-lock check failed.)",
     "peer=203.0.113.30 group=vpn-users user=user01", "manual"},
    {"713060", {concentrator_group_lock},
     "User ({user}) not member of group ({name}), authentication failed.",
     R"(%ASA-3-713060: Group = vpn-users, IP = 203.0.113.30, User (user01) not member of group (staff), authentication failed.)",
     "peer=203.0.113.30 group=vpn-users user=user01", "manual"},
    {"713206", {concentrator_tunnel_type_refused},
     "Tunnel Rejected: Conflicting protocols specified by tunnel-group and group-policy",
     R"(%ASA-3-713206: Group = vpn-users, IP = 203.0.113.30, Tunnel Rejected: Conflicting protocols specified by tunnel-group and group-policy)",
     "peer=203.0.113.30 group=vpn-users", "manual"},
    {"713218", {concentrator_version_refused},
     "Tunnel Rejected: Client Type or Version not allowed.",
     R"(%ASA-3-713218: Group = vpn-users, Username = user01, IP = 203.0.113.30, Tunnel Rejected: Client Type or Version not allowed.)",
     "peer=203.0.113.30 group=vpn-users user=user01", "manual"},
    {"713252", {concentrator_firewall_server_down},
     "Integrity Firewall Server is not available. VPN Tunnel creation rejected for client.",
     R"(%ASA-5-713252: Group = vpn-users, Username = user01, IP = 203.0.113.30, Integrity Firewall Server is not available. VPN Tunnel creation rejected for client.)",
     "peer=203.0.113.30 group=vpn-users user=user01", "manual"},
    {"713141", {concentrator_firewall_refused},
     "Client-reported firewall does not match configured firewall: terminat{word} tunnel. {rest}",
     R"(%ASA-3-713141: Group = vpn-users, Username = user01, IP = 203.0.113.30, Client-reported firewall does not match configured firewall: terminating tunnel. Received -- Vendor: Cisco, Product: 1, Caps: 0)",
     "peer=203.0.113.30 group=vpn-users user=user01", "manual"},
    {"713142", {concentrator_firewall_refused},
     "Client did not report firewall in use, but there is a configured firewall: terminat{word} tunnel. {rest}",
     R"(%ASA-3-713142: Group = vpn-users, Username = user01, IP = 203.0.113.30, Client did not report firewall in use, but there is a configured firewall: terminating tunnel. Expected -- Vendor: Cisco, Product: 1, Caps: 0)",
     "peer=203.0.113.30 group=vpn-users user=user01", "manual"},
    {"713140", {concentrator_split_list_missing},
     "Split Tunneling Policy requires network list but none configured",
     R"(%ASA-3-713140: Group = vpn-users, Username = user01, IP = 203.0.113.30, Split Tunneling Policy requires network list but none configured)",
     "peer=203.0.113.30 group=vpn-users user=user01", "manual"},
    {"713107", {concentrator_address_failed},
     "IP address request attempt failed!",
     R"(%ASA-3-713107: Group = vpn-users, Username = user01, IP = 203.0.113.30, IP address request attempt failed!)",
     "peer=203.0.113.30 group=vpn-users user=user01", "manual"},
    {"", {concentrator_address_failed},
     "IKE received response of type [FAILED] to a request from the IP address utility",
     R"([IKEv1]: Group = vpn-users, Username = user01, IP = 203.0.113.30, IKE received response of type [FAILED] to a request from the IP address utility)",
     "peer=203.0.113.30 group=vpn-users user=user01", "the VPN 3000 words of seed Ex 8-12, as the console has them"},
    {"713132", {concentrator_address_failed},
     "Cannot obtain an IP address for remote peer",
     R"(%ASA-3-713132: Group = vpn-users, Username = user01, IP = 203.0.113.30, Cannot obtain an IP address for remote peer)",
     "peer=203.0.113.30 group=vpn-users user=user01", "manual"},
    {"713228", {concentrator_address_assigned},
     "Assigned private IP address {address} to remote user{rest}",
     R"(%ASA-6-713228: Group = vpn-users, Username = user01, IP = 203.0.113.30, Assigned private IP address 10.20.30.11 to remote user)",
     "peer=203.0.113.30 group=vpn-users user=user01 address=10.20.30.11", "manual"},
    {"713205", {concentrator_address_in_use},
     "Could not add static route for client address: {address}",
     R"(%ASA-3-713205: Group = vpn-users, Username = user01, IP = 203.0.113.30, Could not add static route for client address: 10.20.30.11)",
     "peer=203.0.113.30 group=vpn-users user=user01 address=10.20.30.11", "manual"},
    // ---- IKEv1: phase 2, session
    {"713061", {concentrator_phase2_network_rejected},
     "Tunnel rejected: Crypto Map Policy not found for Src:{rest}",
     R"(%ASA-3-713061: Group = vpn-users, Username = user01, IP = 203.0.113.30, Tunnel rejected: Crypto Map Policy not found for Src:10.20.30.11, Dst: 10.0.0.0!)",
     "peer=203.0.113.30 group=vpn-users user=user01", "manual"},
    {"", {concentrator_phase2_network_rejected},
     "Rejecting IPSec tunnel: no matching crypto map entry for remote proxy {rest}",
     R"(Feb 16 14:13:46 [IKEv1]: Group = 198.51.100.110, IP = 198.51.100.110, Rejecting IPSec tunnel: no matching crypto map entry for remote proxy 192.0.2.0/255.255.255.0/0/0 local proxy 10.0.16.0/255.255.255.0/0/0 on interface outside)",
     "peer=198.51.100.110 group=198.51.100.110 also=concentrator_peer_is_site", "asa c008"},
    {"713902", {concentrator_phase2_proposal_rejected},
     "All IPSec SA proposals found unacceptable!",
     R"(%ASA-3-713902: Group = vpn-users, Username = user01, IP = 203.0.113.30, All IPSec SA proposals found unacceptable!)",
     "peer=203.0.113.30 group=vpn-users user=user01", "manual"},
    {"713056", {concentrator_phase2_proposal_rejected},
     "Tunnel rejected: SA ({name}) not found for group ({name})!",
     R"(%ASA-3-713056: Group = vpn-users, Username = user01, IP = 203.0.113.30, Tunnel rejected: SA (ESP-3DES-MD5) not found for group (vpn-users)!)",
     "peer=203.0.113.30 group=vpn-users user=user01", "manual"},
    {"713049", {concentrator_phase2_done},
     "Security negotiation complete for User ({user}) Responder, Inbound SPI = {spi_in:hex}, Outbound SPI = {spi_out:hex}",
     R"(%ASA-5-713049: Group = vpn-users, Username = user01, IP = 203.0.113.30, Security negotiation complete for User (user01)  Responder, Inbound SPI = 0x05b2f1c0, Outbound SPI = 0x9d1fe335)",
     "peer=203.0.113.30 group=vpn-users user=user01 user=user01 spi_in=0x05b2f1c0 spi_out=0x9d1fe335", "manual"},
    {"713120", {concentrator_phase2_done},
     "PHASE 2 COMPLETED (msgid={message_id:hex})",
     R"(%ASA-5-713120: Group = vpn-users, Username = user01, IP = 203.0.113.30, PHASE 2 COMPLETED (msgid=3c5a1e9b))",
     "peer=203.0.113.30 group=vpn-users user=user01 message_id=3c5a1e9b", "manual"},
    {"602303", {concentrator_phase2_done},
     "IPSEC: An inbound remote access SA (SPI= {spi_in:hex}) between {ip} and {ip} (user= {user}) has been created.",
     R"(%ASA-6-602303: IPSEC: An inbound remote access SA (SPI= 0x05B2F1C0) between 203.0.113.1 and 203.0.113.30 (user= user01) has been created.)",
     "spi_in=0x05B2F1C0 user=user01", "manual"},
    {"602303", {concentrator_phase2_done},
     "IPSEC: An outbound remote access SA (SPI= {spi_out:hex}) between {ip} and {ip} (user= {user}) has been created.",
     R"(%ASA-6-602303: IPSEC: An outbound remote access SA (SPI= 0x9D1FE335) between 203.0.113.1 and 203.0.113.30 (user= user01) has been created.)",
     "spi_out=0x9D1FE335 user=user01", "manual"},
    {"713123", {concentrator_lost_peer},
     "IKE lost contact with remote peer, deleting connection (keepalive type: {name})",
     R"(%ASA-3-713123: Group = vpn-users, Username = user01, IP = 203.0.113.30, IKE lost contact with remote peer, deleting connection (keepalive type: DPD))",
     "peer=203.0.113.30 group=vpn-users user=user01", "manual"},
    {"", {concentrator_disconnected, concentrator_phase2_network_rejected},
     "Session is being torn down. Reason: crypto map policy not found",
     R"(Group = 198.51.100.110, IP = 198.51.100.110, Session is being torn down. Reason: crypto map policy not found)",
     "peer=198.51.100.110 group=198.51.100.110 also=concentrator_peer_is_site", "asa c008"},
    {"713259", {concentrator_disconnected, concentrator_ended_by_user},
     "Session is being torn down. Reason: User Requested",
     R"(%ASA-5-713259: Group = vpn-users, Username = user01, IP = 203.0.113.30, Session is being torn down. Reason: User Requested)",
     "peer=203.0.113.30 group=vpn-users user=user01", "manual"},
    {"713259", {concentrator_disconnected, concentrator_ended_by_user},
     "Session is being torn down. Reason: Peer Terminate",
     R"(%ASA-5-713259: Group = vpn-users, Username = user01, IP = 203.0.113.30, Session is being torn down. Reason: Peer Terminate)",
     "peer=203.0.113.30 group=vpn-users user=user01", "manual"},
    {"713259", {concentrator_disconnected, concentrator_ended_by_policy},
     "Session is being torn down. Reason: Idle Timeout",
     R"(%ASA-5-713259: Group = vpn-users, Username = user01, IP = 203.0.113.30, Session is being torn down. Reason: Idle Timeout)",
     "peer=203.0.113.30 group=vpn-users user=user01", "manual"},
    {"713259", {concentrator_disconnected, concentrator_ended_by_policy},
     "Session is being torn down. Reason: Max time exceeded",
     R"(%ASA-5-713259: Group = vpn-users, Username = user01, IP = 203.0.113.30, Session is being torn down. Reason: Max time exceeded)",
     "peer=203.0.113.30 group=vpn-users user=user01", "manual"},
    {"713259", {concentrator_disconnected, concentrator_ended_by_policy},
     "Session is being torn down. Reason: SA Expired",
     R"(%ASA-5-713259: Group = vpn-users, Username = user01, IP = 203.0.113.30, Session is being torn down. Reason: SA Expired)",
     "peer=203.0.113.30 group=vpn-users user=user01", "manual"},
    {"713259", {concentrator_disconnected, concentrator_lost_peer},
     "Session is being torn down. Reason: Lost Service",
     R"(%ASA-5-713259: Group = vpn-users, Username = user01, IP = 203.0.113.30, Session is being torn down. Reason: Lost Service)",
     "peer=203.0.113.30 group=vpn-users user=user01", "manual"},
    {"713259", {concentrator_disconnected, concentrator_ended_by_admin},
     "Session is being torn down. Reason: Administrator Reset",
     R"(%ASA-5-713259: Group = vpn-users, Username = user01, IP = 203.0.113.30, Session is being torn down. Reason: Administrator Reset)",
     "peer=203.0.113.30 group=vpn-users user=user01", "manual"},
    {"713259", {concentrator_disconnected, concentrator_ended_by_shutdown},
     "Session is being torn down. Reason: Administrator Reboot",
     R"(%ASA-5-713259: Group = vpn-users, Username = user01, IP = 203.0.113.30, Session is being torn down. Reason: Administrator Reboot)",
     "peer=203.0.113.30 group=vpn-users user=user01", "manual"},
    {"713259", {concentrator_disconnected},
     "Session is being torn down. Reason: {rest}",
     R"(%ASA-5-713259: Group = vpn-users, Username = user01, IP = 203.0.113.30, Session is being torn down. Reason: Unknown)",
     "peer=203.0.113.30 group=vpn-users user=user01", "manual"},
    {"713050", {concentrator_disconnected, concentrator_ended_by_user},
     "Connection terminated for peer {word} Reason: User Requested Remote Proxy {rest}",
     R"(%ASA-5-713050: Group = vpn-users, Username = user01, IP = 203.0.113.30, Connection terminated for peer user01.  Reason: User Requested  Remote Proxy 10.20.30.11, Local Proxy 0.0.0.0)",
     "peer=203.0.113.30 group=vpn-users user=user01", "manual"},
    {"713050", {concentrator_disconnected, concentrator_ended_by_user},
     "Connection terminated for peer {word} Reason: Peer Terminate Remote Proxy {rest}",
     R"(%ASA-5-713050: Group = vpn-users, Username = user01, IP = 203.0.113.30, Connection terminated for peer user01.  Reason: Peer Terminate  Remote Proxy 10.20.30.11, Local Proxy 0.0.0.0)",
     "peer=203.0.113.30 group=vpn-users user=user01", "manual"},
    {"713050", {concentrator_disconnected, concentrator_ended_by_policy},
     "Connection terminated for peer {word} Reason: Idle Timeout Remote Proxy {rest}",
     R"(%ASA-5-713050: Group = vpn-users, Username = user01, IP = 203.0.113.30, Connection terminated for peer user01.  Reason: Idle Timeout  Remote Proxy 10.20.30.11, Local Proxy 0.0.0.0)",
     "peer=203.0.113.30 group=vpn-users user=user01", "manual"},
    {"713050", {concentrator_disconnected, concentrator_ended_by_policy},
     "Connection terminated for peer {word} Reason: Max time exceeded Remote Proxy {rest}",
     R"(%ASA-5-713050: Group = vpn-users, Username = user01, IP = 203.0.113.30, Connection terminated for peer user01.  Reason: Max time exceeded  Remote Proxy 10.20.30.11, Local Proxy 0.0.0.0)",
     "peer=203.0.113.30 group=vpn-users user=user01", "manual"},
    {"713050", {concentrator_disconnected, concentrator_ended_by_policy},
     "Connection terminated for peer {word} Reason: SA Expired Remote Proxy {rest}",
     R"(%ASA-5-713050: Group = vpn-users, Username = user01, IP = 203.0.113.30, Connection terminated for peer user01.  Reason: SA Expired  Remote Proxy 10.20.30.11, Local Proxy 0.0.0.0)",
     "peer=203.0.113.30 group=vpn-users user=user01", "manual"},
    {"713050", {concentrator_disconnected, concentrator_lost_peer},
     "Connection terminated for peer {word} Reason: Lost Service Remote Proxy {rest}",
     R"(%ASA-5-713050: Group = vpn-users, Username = user01, IP = 203.0.113.30, Connection terminated for peer user01.  Reason: Lost Service  Remote Proxy 10.20.30.11, Local Proxy 0.0.0.0)",
     "peer=203.0.113.30 group=vpn-users user=user01", "manual"},
    {"713050", {concentrator_disconnected, concentrator_ended_by_admin},
     "Connection terminated for peer {word} Reason: Administrator Reset Remote Proxy {rest}",
     R"(%ASA-5-713050: Group = vpn-users, Username = user01, IP = 203.0.113.30, Connection terminated for peer user01.  Reason: Administrator Reset  Remote Proxy 10.20.30.11, Local Proxy 0.0.0.0)",
     "peer=203.0.113.30 group=vpn-users user=user01", "manual"},
    {"713050", {concentrator_disconnected, concentrator_ended_by_shutdown},
     "Connection terminated for peer {word} Reason: Administrator Reboot Remote Proxy {rest}",
     R"(%ASA-5-713050: Group = vpn-users, Username = user01, IP = 203.0.113.30, Connection terminated for peer user01.  Reason: Administrator Reboot  Remote Proxy 10.20.30.11, Local Proxy 0.0.0.0)",
     "peer=203.0.113.30 group=vpn-users user=user01", "manual"},
    {"713050", {concentrator_disconnected},
     "Connection terminated for peer {word} Reason: {rest}",
     R"(%ASA-5-713050: Group = vpn-users, Username = user01, IP = 203.0.113.30, Connection terminated for peer user01.  Reason: IPSec SA Idle Timeout  Remote Proxy 10.20.30.11, Local Proxy 0.0.0.0)",
     "peer=203.0.113.30 group=vpn-users user=user01", "manual"},
    {"713194", {concentrator_deleted},
     "Sending IKE Delete With Reason message: {rest}",
     R"(%ASA-3-713194: Group = vpn-users, Username = user01, IP = 203.0.113.30, Sending IKE Delete With Reason message: Disconnected by Administrator.)",
     "peer=203.0.113.30 group=vpn-users user=user01", "manual"},
    {"113019", {concentrator_disconnected, concentrator_phase2_network_rejected},
     "Session disconnected. Session Type: {word}, Duration: {name}, Bytes xmt: {int}, Bytes rcv: {int}, Reason: crypto map policy not found",
     R"(%ASA-4-113019: Group = vpn-users, Username = user01, IP = 203.0.113.30, Session disconnected. Session Type: IPsec, Duration: 0h:00m:00s, Bytes xmt: 0, Bytes rcv: 0, Reason: crypto map policy not found)",
     "peer=203.0.113.30 group=vpn-users user=user01", "manual"},
    {"113019", {},
     "Session disconnected. Session Type: LAN-to-LAN, {rest}",
     R"(%ASA-4-113019: Group = vpn-users, IP = 203.0.113.30, Session disconnected. Session Type: LAN-to-LAN, Duration: 8h:00m:07s, Bytes xmt: 1, Bytes rcv: 1, Reason: User Requested)",
     "peer=203.0.113.30 group=vpn-users", "manual"},
    {"113019", {},
     "Session disconnected. Session Type: IPSecLAN2LAN, {rest}",
     R"(%ASA-4-113019: Group = vpn-users, IP = 203.0.113.30, Session disconnected. Session Type: IPSecLAN2LAN, Duration: 8h:00m:07s, Bytes xmt: 1, Bytes rcv: 1, Reason: User Requested)",
     "peer=203.0.113.30 group=vpn-users", "manual"},
    {"113019", {concentrator_disconnected, concentrator_ended_by_user},
     "Session disconnected. Session Type: {word}, Duration: {name}, Bytes xmt: {int}, Bytes rcv: {int}, Reason: User Requested",
     R"(%ASA-4-113019: Group = vpn-users, Username = user01, IP = 203.0.113.30, Session disconnected. Session Type: IKEv1, Duration: 1h:02m:11s, Bytes xmt: 14038276, Bytes rcv: 5944581, Reason: User Requested)",
     "peer=203.0.113.30 group=vpn-users user=user01", "manual"},
    {"113019", {concentrator_disconnected, concentrator_ended_by_user},
     "Session disconnected. Session Type: {word}, Duration: {name}, Bytes xmt: {int}, Bytes rcv: {int}, Reason: Peer Terminate",
     R"(%ASA-4-113019: Group = vpn-users, Username = user01, IP = 203.0.113.30, Session disconnected. Session Type: IKEv1, Duration: 1h:02m:11s, Bytes xmt: 14038276, Bytes rcv: 5944581, Reason: Peer Terminate)",
     "peer=203.0.113.30 group=vpn-users user=user01", "manual"},
    {"113019", {concentrator_disconnected, concentrator_ended_by_policy},
     "Session disconnected. Session Type: {word}, Duration: {name}, Bytes xmt: {int}, Bytes rcv: {int}, Reason: Idle Timeout",
     R"(%ASA-4-113019: Group = vpn-users, Username = user01, IP = 203.0.113.30, Session disconnected. Session Type: IKEv1, Duration: 1h:02m:11s, Bytes xmt: 14038276, Bytes rcv: 5944581, Reason: Idle Timeout)",
     "peer=203.0.113.30 group=vpn-users user=user01", "manual"},
    {"113019", {concentrator_disconnected, concentrator_ended_by_policy},
     "Session disconnected. Session Type: {word}, Duration: {name}, Bytes xmt: {int}, Bytes rcv: {int}, Reason: Max time exceeded",
     R"(%ASA-4-113019: Group = vpn-users, Username = user01, IP = 203.0.113.30, Session disconnected. Session Type: IKEv1, Duration: 1h:02m:11s, Bytes xmt: 14038276, Bytes rcv: 5944581, Reason: Max time exceeded)",
     "peer=203.0.113.30 group=vpn-users user=user01", "manual"},
    {"113019", {concentrator_disconnected, concentrator_ended_by_policy},
     "Session disconnected. Session Type: {word}, Duration: {name}, Bytes xmt: {int}, Bytes rcv: {int}, Reason: SA Expired",
     R"(%ASA-4-113019: Group = vpn-users, Username = user01, IP = 203.0.113.30, Session disconnected. Session Type: IKEv1, Duration: 1h:02m:11s, Bytes xmt: 14038276, Bytes rcv: 5944581, Reason: SA Expired)",
     "peer=203.0.113.30 group=vpn-users user=user01", "manual"},
    {"113019", {concentrator_disconnected, concentrator_lost_peer},
     "Session disconnected. Session Type: {word}, Duration: {name}, Bytes xmt: {int}, Bytes rcv: {int}, Reason: Lost Service",
     R"(Mar 21 2014 23:03:49 vpn-cluster-3 : %ASA-4-113019: Group = vpn4cluster, Username = user01, IP = 203.0.113.222, Session disconnected. Session Type: IPsecOverNatT, Duration: 0h:52m:55s, Bytes xmt: 14038276, Bytes rcv: 5944581, Reason: Lost Service)",
     "peer=203.0.113.222 group=vpn4cluster user=user01", "asa c033"},
    {"113019", {concentrator_disconnected, concentrator_ended_by_admin},
     "Session disconnected. Session Type: {word}, Duration: {name}, Bytes xmt: {int}, Bytes rcv: {int}, Reason: Administrator Reset",
     R"(%ASA-4-113019: Group = vpn-users, Username = user01, IP = 203.0.113.30, Session disconnected. Session Type: IKEv1, Duration: 1h:02m:11s, Bytes xmt: 14038276, Bytes rcv: 5944581, Reason: Administrator Reset)",
     "peer=203.0.113.30 group=vpn-users user=user01", "manual"},
    {"113019", {concentrator_disconnected, concentrator_ended_by_shutdown},
     "Session disconnected. Session Type: {word}, Duration: {name}, Bytes xmt: {int}, Bytes rcv: {int}, Reason: Administrator Reboot",
     R"(%ASA-4-113019: Group = vpn-users, Username = user01, IP = 203.0.113.30, Session disconnected. Session Type: IKEv1, Duration: 1h:02m:11s, Bytes xmt: 14038276, Bytes rcv: 5944581, Reason: Administrator Reboot)",
     "peer=203.0.113.30 group=vpn-users user=user01", "manual"},
    {"113019", {concentrator_disconnected, concentrator_ended_by_shutdown},
     "Session disconnected. Session Type: {word}, Duration: {name}, Bytes xmt: {int}, Bytes rcv: {int}, Reason: Administrator Shutdown",
     R"(%ASA-4-113019: Group = vpn-users, Username = user01, IP = 203.0.113.30, Session disconnected. Session Type: IKEv1, Duration: 1h:02m:11s, Bytes xmt: 14038276, Bytes rcv: 5944581, Reason: Administrator Shutdown)",
     "peer=203.0.113.30 group=vpn-users user=user01", "manual"},
    {"113019", {concentrator_disconnected, concentrator_session_preempted},
     "Session disconnected. Session Type: {word}, Duration: {name}, Bytes xmt: {int}, Bytes rcv: {int}, Reason: Port Preempted",
     R"(%ASA-4-113019: Group = vpn-users, Username = user01, IP = 203.0.113.30, Session disconnected. Session Type: IKEv1, Duration: 1h:02m:11s, Bytes xmt: 14038276, Bytes rcv: 5944581, Reason: Port Preempted)",
     "peer=203.0.113.30 group=vpn-users user=user01", "manual"},
    {"113019", {concentrator_disconnected, concentrator_session_preempted},
     "Session disconnected. Session Type: {word}, Duration: {name}, Bytes xmt: {int}, Bytes rcv: {int}, Reason: Connection Preempted",
     R"(%ASA-4-113019: Group = vpn-users, Username = user01, IP = 203.0.113.30, Session disconnected. Session Type: IKEv1, Duration: 1h:02m:11s, Bytes xmt: 14038276, Bytes rcv: 5944581, Reason: Connection Preempted)",
     "peer=203.0.113.30 group=vpn-users user=user01", "manual"},
    {"113019", {concentrator_disconnected},
     "Session disconnected. Session Type: {word}, Duration: {name}, Bytes xmt: {int}, Bytes rcv: {int}, Reason: {rest}",
     R"(%ASA-4-113019: Group = vpn-users, Username = user01, IP = 203.0.113.30, Session disconnected. Session Type: SSL, Duration: 0h:11m:09s, Bytes xmt: 40382, Bytes rcv: 9445, Reason: Peer Reconnected)",
     "peer=203.0.113.30 group=vpn-users user=user01", "manual"},
    // ---- AAA; server, user and peer are cut off behind the reason
    {"113005", {concentrator_user_bad_password},
     "AAA user {word} Rejected{_}:{_}reason{_}={_}Invalid password",
     R"(<166>Aug 28 2023 15:35:01 fw123-vc456 : %ASA-6-113005: AAA user authentication Rejected : reason = Invalid password : server = 192.0.2.144 : user = a2bcde : user IP = 203.0.113.143)",
     "peer=203.0.113.143 user=a2bcde server=192.0.2.144", "asa c012"},
    {"113005", {concentrator_user_bad_password},
     "AAA user {word} Rejected{_}:{_}reason{_}={_}Password malformed",
     R"(<166>Aug 28 2023 15:35:03 fw123-vc456 : %ASA-6-113005: AAA user authentication Rejected : reason = Password malformed : server = 192.0.2.144 : user = a2bcde : user IP = 203.0.113.143)",
     "peer=203.0.113.143 user=a2bcde server=192.0.2.144", "asa c012"},
    {"113005", {concentrator_user_expired},
     "AAA user {word} Rejected{_}:{_}reason{_}={_}Password is expiring",
     R"(<166>Aug 28 2023 15:35:02 fw123-vc456 : %ASA-6-113005: AAA user authentication Rejected : reason = Password is expiring : server = 192.0.2.144 : user = a2bcde : user IP = 203.0.113.143)",
     "peer=203.0.113.143 user=a2bcde server=192.0.2.144", "asa c012"},
    {"113005", {concentrator_user_expired},
     "AAA user {word} Rejected{_}:{_}reason{_}={_}Password has expired",
     R"(<166>Aug 28 2023 15:35:04 fw123-vc456 : %ASA-6-113005: AAA user authentication Rejected : reason = Password has expired : server = 192.0.2.144 : user = a2bcde : user IP = 203.0.113.143)",
     "peer=203.0.113.143 user=a2bcde server=192.0.2.144", "asa c012"},
    {"113005", {concentrator_user_expired},
     "AAA user {word} Rejected{_}:{_}reason{_}={_}Users account has expired",
     R"(%ASA-6-113005: AAA user authentication Rejected : reason = Users account has expired : server = 192.0.2.38 : user = user01 : user IP = 203.0.113.30)",
     "peer=203.0.113.30 user=user01 server=192.0.2.38", "manual"},
    {"113005", {concentrator_user_locked},
     "AAA user {word} Rejected{_}:{_}reason{_}={_}Account has been locked out",
     R"(<190>Aug 08 2024 06:28:26 ciscoasa : %ASA-6-113005: AAA user authentication Rejected : reason = Account has been locked out : server = 192.168.1.1 : user = ***** : user IP = 203.0.113.44)",
     "peer=203.0.113.44 server=192.168.1.1", "asa c013"},
    {"113005", {concentrator_user_locked},
     "AAA user {word} Rejected{_}:{_}reason{_}={_}Account has been disabled",
     R"(%ASA-6-113005: AAA user authentication Rejected : reason = Account has been disabled : server = 192.0.2.38 : user = user01 : user IP = 203.0.113.30)",
     "peer=203.0.113.30 user=user01 server=192.0.2.38", "manual"},
    {"113005", {concentrator_user_unknown},
     "AAA user {word} Rejected{_}:{_}reason{_}={_}User was not found",
     R"(<190>May 15 2026 12:54:07: %ASA-6-113015: AAA user authentication Rejected : reason = User was not found : local database : user = ;;alice-johnson(test user) : user IP = 203.0.113.20)",
     "peer=203.0.113.20 user=\";;alice-johnson(test user)\"", "asa c013"},
    {"113005", {concentrator_user_login_limit},
     "AAA user {word} Rejected{_}:{_}reason{_}={_}Simultaneous logins exceeded for user",
     R"(%ASA-6-113005: AAA user authentication Rejected : reason = Simultaneous logins exceeded for user : server = 192.0.2.38 : user = user01 : user IP = 203.0.113.30)",
     "peer=203.0.113.30 user=user01 server=192.0.2.38", "manual"},
    {"113005", {concentrator_user_rejected},
     "AAA user {word} Rejected{_}:{_}reason{_}={_}{rest}",
     R"(Feb 01 2016 00:00:32 vpn-cluster-4 : %ASA-6-113005: AAA user authorization Rejected : reason = Unspecified : server = 192.0.2.38 : user = user02@example.com : user IP = None)",
     "user=user02@example.com server=192.0.2.38", "asa c014"},
    {"113016", {concentrator_user_rejected},
     "AAA credentials rejected{_}:{_}reason{_}={_}{rest}",
     R"(%ASA-6-113016: AAA credentials rejected : reason = Unspecified : server = 192.0.2.38 : user = user01)",
     "user=user01 server=192.0.2.38", "manual"},
    {"113004", {concentrator_user_ok},
     "AAA user authentication Successful",
     R"(%ASA-6-113004: AAA user authentication Successful : server =  192.0.2.38 : user = user01)",
     "user=user01 server=192.0.2.38", "manual"},
    {"113004", {},
     "AAA user {word} Successful",
     R"(%ASA-6-113004: AAA user accounting Successful : server =  192.0.2.38 : user = user01)",
     "user=user01 server=192.0.2.38", "manual"},
    {"113013", {concentrator_user_login_limit},
     "AAA unable to complete the request Error{_}:{_}reason{_}={_}Simultaneous logins exceeded for user",
     R"(Mar 21 2014 23:03:49 ubvpn-gw1a : %ASA-6-113013: AAA unable to complete the request Error : reason = Simultaneous logins exceeded for user : user = user01)",
     "user=user01", "asa c019"},
    {"113013", {concentrator_aaa_down},
     "AAA unable to complete the request Error{_}:{_}reason{_}={_}{rest}",
     R"(%ASA-6-113013: AAA unable to complete the request Error : reason = No response from server : user = user01)",
     "user=user01", "manual"},
    {"113014", {concentrator_aaa_down},
     "AAA authentication server not accessible",
     R"(%ASA-6-113014: AAA authentication server not accessible : server = 192.0.2.38 : user = user01)",
     "user=user01 server=192.0.2.38", "manual"},
    {"113008", {concentrator_user_ok},
     "AAA transaction status ACCEPT",
     R"(%ASA-6-113008: AAA transaction status ACCEPT : user = user01)",
     "user=user01", "manual"},
    {"113008", {concentrator_user_rejected},
     "AAA transaction status REJECT",
     R"(%ASA-6-113008: AAA transaction status REJECT : user = user01)",
     "user=user01", "manual"},
    {"113022", {concentrator_aaa_down},
     "AAA Marking {word} server {server} in aaa-server group {name} as FAILED",
     R"(Jun 21 13:13:06 ASA_NAME %ASA-2-113022: AAA Marking RADIUS server 192.168.160.30 in aaa-server group RADIUS as FAILED)",
     "server=192.168.160.30", "asa c016"},
    {"409023", {concentrator_aaa_down},
     "Attempting AAA Fallback method {word} for {word} request for user {user} : Auth-server group {name} unreachable",
     R"(Jun 21 13:09:27 ASA_NAME %ASA-4-409023: Attempting AAA Fallback method LOCAL for Authentication request for user user01 : Auth-server group RADIUS unreachable)",
     "user=user01", "asa c016"},
    {"113006", {concentrator_user_locked},
     "User {user} locked out on exceeding {int} successive failed authentication attempts",
     R"(%ASA-6-113006: User user01 locked out on exceeding 3 successive failed authentication attempts)",
     "user=user01", "manual"},
    {"113001", {concentrator_aaa_down},
     "Unable to open AAA session. Session limit [{int}] reached.",
     R"(%ASA-3-113001: Unable to open AAA session. Session limit [2048] reached.)",
     "", "manual"},
    {"113020", {concentrator_aaa_misconfigured},
     "Kerberos error : Clock skew with server {server} greater than {int} seconds",
     R"(%ASA-3-113020: Kerberos error : Clock skew with server 192.0.2.38 greater than 300 seconds)",
     "server=192.0.2.38", "manual"},
    {"113025", {concentrator_certificate_rejected},
     "Group {name}: {name} Could not authenticate {word} connection from {peer}",
     R"(%ASA-5-113025: Group vpn-certs: cn=user01 Could not authenticate AnyConnect connection from 203.0.113.30)",
     "peer=203.0.113.30", "manual"},
    // ---- Policy and limits of the group policy
    {"113029", {concentrator_session_limit},
     "Session could not be established: session limit of {int} reached{rest}",
     R"(Oct 10 2018 12:34:56 localhost CiscoASA[999]: %ASA-4-113029: Group VPN_USERS User example.user IP 203.0.113.14 Session could not be established: session limit of 5 reached)",
     "peer=203.0.113.14 user=example.user", "asa c020"},
    {"716023", {concentrator_session_limit},
     "Group <{name}> User <{user}> Session could not be established: session limit of {int} reached{rest}",
     R"(%ASA-4-716023: Group <GroupPolicy_Staff> User <user01> Session could not be established: session limit of 5 reached.)",
     "user=user01", "manual"},
    {"716023", {concentrator_session_limit},
     "Group {name} User {user} Session could not be established: session limit of {int} reached{rest}",
     R"(%ASA-4-716023: Group GroupPolicy_Staff User user01 Session could not be established: session limit of 5 reached.)",
     "user=user01", "manual"},
    {"113030", {concentrator_aaa_attribute_invalid},
     "User ACL {word} from AAA doesn't exist on the device, terminating connection.",
     R"(%ASA-4-113030: Group <GroupPolicy_Staff> User <user01> IP <203.0.113.30> User ACL vpn-acl from AAA doesn't exist on the device, terminating connection.)",
     "peer=203.0.113.30 user=user01", "manual"},
    {"113033", {concentrator_aaa_attribute_invalid},
     "AnyConnect session not allowed. ACL parse error.",
     R"(%ASA-6-113033: Group <GroupPolicy_Staff> User <user01> IP <203.0.113.30> AnyConnect session not allowed. ACL parse error.)",
     "peer=203.0.113.30 user=user01", "manual"},
    {"113036", {concentrator_aaa_attribute_invalid},
     "AAA parameter {name} value invalid.",
     R"(%ASA-4-113036: Group <GroupPolicy_Staff> User <user01> IP <203.0.113.30> AAA parameter vlan value invalid.)",
     "peer=203.0.113.30 user=user01", "manual"},
    {"722050", {concentrator_tunnel_type_refused},
     "Session terminated: SVC not enabled for the user{rest}",
     R"(%ASA-6-722050: Group <DfltGrpPolicy> User <user01> IP <203.0.113.30> Session terminated: SVC not enabled for the user)",
     "peer=203.0.113.30 user=user01", "manual"},
    {"113035", {concentrator_tunnel_type_refused},
     "Session terminated: AnyConnect not enabled or invalid AnyConnect image on the ASA.",
     R"(%ASA-4-113035: Group <GroupPolicy_Staff> User <user01> IP <203.0.113.30> Session terminated: AnyConnect not enabled or invalid AnyConnect image on the ASA.)",
     "peer=203.0.113.30 user=user01", "manual"},
    {"113039", {concentrator_user_ok},
     "AnyConnect parent session started.",
     R"(%ASA-6-113039: Group <GroupPolicy_Staff> User <user01> IP <203.0.113.30> AnyConnect parent session started.)",
     "peer=203.0.113.30 user=user01", "manual"},
    {"113040", {concentrator_group_lock},
     "Terminating the VPN connection attempt from {group}. Reason: This connection is group locked to {rest}",
     R"(Oct 10 2018 12:34:56 localhost CiscoASA[999]: %ASA-4-113040: Terminating the VPN connection attempt from VPN_USERS. Reason: This connection is group locked to OTHER_VPN_USERS.)",
     "group=VPN_USERS", "asa c021"},
    {"734001", {concentrator_user_ok},
     "DAP: User {user}, Addr {peer}, Connection {name}: The following DAP records were selected for this connection: {rest}",
     R"(%ASA-6-734001: DAP: User user01, Addr 203.0.113.30, Connection AnyConnect: The following DAP records were selected for this connection: DfltAccessPolicy)",
     "user=user01 peer=203.0.113.30", "manual"},
    {"734002", {concentrator_firewall_refused},
     "DAP: User {user}, Addr {peer}: Connection terminated by the following DAP records: {rest}",
     R"(%ASA-5-734002: DAP: User user01, Addr 203.0.113.30: Connection terminated by the following DAP records: no-antivirus)",
     "user=user01 peer=203.0.113.30", "manual"},
    // ---- Address pool (IPAA)
    {"737006", {concentrator_group_found},
     "Local pool request succeeded for tunnel-group {group}",
     R"(<140>Oct 03 2023 16:40:40 myAsaHostname : %ASA-6-737006: IPAA: Session=0x1122334455667788, Local pool request succeeded for tunnel-group TUNNEL_GROUP_1)",
     "group=TUNNEL_GROUP_1 session=1234605616436508552", "asa c023"},
    {"737007", {concentrator_address_failed, concentrator_address_pool_refused},
     "Local pool request failed for tunnel-group {group}",
     R"(%ASA-5-737007: IPAA: Session=0x0e5fc000, Local pool request failed for tunnel-group 'vpn-users')",
     "session=241156096 group=vpn-users", "manual"},
    {"737019", {concentrator_address_failed, concentrator_address_pool_refused},
     "Unable to get address from group-policy or tunnel-group local pools",
     R"(%ASA-4-737019: IPAA: Session=0x0e5fc000, Unable to get address from group-policy or tunnel-group local pools)",
     "session=241156096", "manual"},
    {"737012", {concentrator_address_failed},
     "Address assignment failed",
     R"(%ASA-4-737012: IPAA: Session=0x0e5fc000, Address assignment failed)",
     "session=241156096", "manual"},
    {"737003", {concentrator_address_source_failed},
     "DHCP configured, no viable servers found for tunnel-group {group}",
     R"(%ASA-5-737003: IPAA: Session=0x0e5fc000, DHCP configured, no viable servers found for tunnel-group 'vpn-users')",
     "session=241156096 group=vpn-users", "manual"},
    {"737004", {concentrator_address_source_failed},
     "DHCP configured, request failed for tunnel-group {group}",
     R"(%ASA-5-737004: IPAA: Session=0x0e5fc000, DHCP configured, request failed for tunnel-group 'vpn-users')",
     "session=241156096 group=vpn-users", "manual"},
    {"737009", {concentrator_address_source_failed},
     "AAA assigned address {ip}, request failed",
     R"(%ASA-6-737009: IPAA: Session=0x0e5fc000, AAA assigned address 10.20.30.11, request failed)",
     "session=241156096", "manual"},
    {"737005", {concentrator_address_external},
     "DHCP configured, request succeeded for tunnel-group {group}",
     R"(%ASA-6-737005: IPAA: Session=0x0e5fc000, DHCP configured, request succeeded for tunnel-group 'vpn-users')",
     "session=241156096 group=vpn-users", "manual"},
    {"737010", {concentrator_address_external},
     "AAA assigned address {address}, request succeeded",
     R"(%ASA-6-737010: IPAA: Session=0x0e5fc000, AAA assigned address 10.20.30.11, request succeeded)",
     "session=241156096 address=10.20.30.11", "manual"},
    {"737011", {concentrator_address_method_refused},
     "AAA assigned address {ip}, not permitted, retrying",
     R"(%ASA-5-737011: IPAA: Session=0x0e5fc000, AAA assigned address 10.20.30.11, not permitted, retrying)",
     "session=241156096", "manual"},
    {"737033", {concentrator_address_in_use},
     "Unable to assign {name} provided IP address ({address}) to client. This IP address has already been assigned by {rest}",
     R"(%ASA-4-737033: IPAA: Session=0x0e5fc000, Unable to assign local pool provided IP address (10.20.30.11) to client. This IP address has already been assigned by AAA)",
     "session=241156096 address=10.20.30.11", "manual"},
    {"737026", {concentrator_address_assigned},
     "Client assigned {address} from local pool {pool}",
     R"(<140>Oct 03 2023 16:40:40 myAsaHostname : %ASA-6-737026: IPAA: Session=0x1122334455667788, Client assigned 172.16.0.1 from local pool POOL_1)",
     "address=172.16.0.1 pool=POOL_1 session=1234605616436508552", "asa c023"},
    {"737026", {concentrator_address_assigned},
     "Client assigned {address} from local pool",
     R"(<140>Oct 03 2023 16:40:40 myAsaHostname : %ASA-6-737026: IPAA: Session=0x1122334455667788, Client assigned 172.16.0.1 from local pool)",
     "address=172.16.0.1 session=1234605616436508552", "asa c023"},
    {"737026", {concentrator_address_assigned},
     "Client assigned from local pool {address}",
     R"(<140>Oct 03 2023 16:40:40 myAsaHostname : %ASA-6-737026: IPAA: Session=0x1122334455667788, Client assigned from local pool 172.16.0.2)",
     "address=172.16.0.2 session=1234605616436508552", "asa c023"},
    {"737036", {concentrator_address_assigned, concentrator_address_external},
     "Client assigned {address} from DHCP",
     R"(%ASA-6-737036: IPAA: Session=0x0e5fc000, Client assigned 10.20.30.11 from DHCP)",
     "session=241156096 address=10.20.30.11", "manual"},
    {"737016", {concentrator_address_released},
     "Freeing local pool address {address}",
     R"(<140>Jun 27 00:53:12 host-1.example.local : %ASA-6-737016: IPAA: Session=0x0e5fc000, Freeing local pool address 198.51.100.10)",
     "address=198.51.100.10 session=241156096", "asa c023"},
    {"737016", {concentrator_address_released},
     "Freeing local pool {pool} address {address}",
     R"(<140>Oct 03 2023 16:40:40 myAsaHostname : %ASA-6-737016: IPAA: Session=0x1122334455667788, Freeing local pool POOL_1 address 172.16.0.1)",
     "address=172.16.0.1 pool=POOL_1 session=1234605616436508552", "asa c023"},
    {"737014", {concentrator_address_released, concentrator_address_external},
     "Freeing AAA address {address}",
     R"(%ASA-6-737014: IPAA: Session=0x0e5fc000, Freeing AAA address 10.20.30.11)",
     "session=241156096 address=10.20.30.11", "manual"},
    {"737015", {concentrator_address_released, concentrator_address_external},
     "Freeing DHCP address {address}",
     R"(%ASA-6-737015: IPAA: Session=0x0e5fc000, Freeing DHCP address 10.20.30.11)",
     "session=241156096 address=10.20.30.11", "manual"},
    {"737200", {concentrator_address_assigned},
     "VPNFIP: Pool={pool}, Allocated {address} from pool",
     R"(%ASA-7-737200: VPNFIP: Pool=POOL_1, Allocated 10.20.30.11 from pool)",
     "pool=POOL_1 address=10.20.30.11", "manual"},
    {"737201", {concentrator_address_released},
     "VPNFIP: Pool={pool}, Returned {address} to pool {rest}",
     R"(%ASA-7-737201: VPNFIP: Pool=POOL_1, Returned 10.20.30.11 to pool (recycle=TRUE))",
     "pool=POOL_1 address=10.20.30.11", "manual"},
    {"109201", {concentrator_connected},
     "Succeeded adding entry.",
     R"(%ASA-5-109201: UAUTH: Session=0x0e5fc000, User=user01, Assigned IP=10.20.30.11, Succeeded adding entry.)",
     "user=user01 address=10.20.30.11 session=241156096", "manual"},
    {"109210", {concentrator_disconnected},
     "Succeeded removing entry.",
     R"(%ASA-5-109210: UAUTH: Session=0x0e5fc000, User=user01, Assigned IP=10.20.30.11, Succeeded removing entry.)",
     "user=user01 address=10.20.30.11 session=241156096", "manual"},
    // ---- AnyConnect over TLS
    {"716001", {concentrator_user_ok},
     "WebVPN session started.",
     R"(%ASA-6-716001: Group <GroupPolicy_Staff> User <user01> IP <203.0.113.30> WebVPN session started.)",
     "peer=203.0.113.30 user=user01", "manual"},
    {"716002", {concentrator_disconnected, concentrator_ended_by_user},
     "WebVPN session terminated: User Requested.",
     R"(%ASA-6-716002: Group <GroupPolicy_Staff> User <user01> IP <203.0.113.30> WebVPN session terminated: User Requested.)",
     "peer=203.0.113.30 user=user01", "manual"},
    {"716002", {concentrator_disconnected, concentrator_ended_by_policy},
     "WebVPN session terminated: Idle timeout.",
     R"(%ASA-6-716002: Group <GroupPolicy_Staff> User <user01> IP <203.0.113.30> WebVPN session terminated: Idle timeout.)",
     "peer=203.0.113.30 user=user01", "manual"},
    {"716002", {concentrator_disconnected},
     "WebVPN session terminated: {rest}",
     R"(%ASA-6-716002: Group <GroupPolicy_Staff> User <user01> IP <203.0.113.30> WebVPN session terminated: Connection Preempted.)",
     "peer=203.0.113.30 user=user01", "manual"},
    {"716038", {concentrator_user_ok},
     "Authentication: successful, {rest}",
     R"(%ASA-6-716038: Group <GroupPolicy_Staff> User <user01> IP <203.0.113.30> Authentication: successful, Session Type: WebVPN.)",
     "peer=203.0.113.30 user=user01", "manual"},
    {"716039", {concentrator_user_failed},
     "Authentication: rejected, {rest}",
     R"(%ASA-6-716039: Group <GroupPolicy_Staff> User <user01> IP <203.0.113.30> Authentication: rejected, Session Type: WebVPN.)",
     "peer=203.0.113.30 user=user01", "manual"},
    {"716162", {concentrator_user_rejected},
     "Failed to consume SAML assertion. reason: {rest}",
     R"(%ASA-3-716162: Failed to consume SAML assertion. reason: The profile cannot verify a signature on the message)",
     "", "manual"},
    {"716059", {concentrator_connected},
     "AnyConnect session resumed connection from IP <{ip}>.",
     R"(<166>2024-07-22T23:10:56Z: %ASA-6-716059: Group <Some_Random_User> User <user314> IP <10.20.0.1> AnyConnect session resumed connection from IP <172.16.0.1>.)",
     "peer=10.20.0.1 user=user314", "asa c035"},
    {"722006", {concentrator_address_failed},
     "Invalid address {word} assigned to SVC connection.",
     R"(%ASA-5-722006: Invalid address <0.0.0.0> assigned to SVC connection.)",
     "", "manual"},
    {"722022", {concentrator_connected},
     "TCP SVC connection established {rest}",
     R"(%ASA-6-722022: Group <GroupPolicy_Staff> User <user01> IP <203.0.113.30> TCP SVC connection established without compression)",
     "peer=203.0.113.30 user=user01", "manual"},
    {"722022", {concentrator_connected},
     "UDP SVC connection established {rest}",
     R"(%ASA-6-722022: Group <GroupPolicy_Staff> User <user01> IP <203.0.113.30> UDP SVC connection established without compression)",
     "peer=203.0.113.30 user=user01", "manual"},
    {"722033", {concentrator_connected},
     "First {word} SVC connection established for SVC session.",
     R"(%ASA-5-722033: Group <GroupPolicy_Staff> User <user01> IP <203.0.113.30> First TCP SVC connection established for SVC session.)",
     "peer=203.0.113.30 user=user01", "manual"},
    {"722037", {concentrator_lost_peer},
     "SVC closing connection: DPD failure.",
     R"(Oct 20 2019 15:42:54: %ASA-4-722037: Group <GroupPolicy_TheBeatles> User <user01> IP <203.0.113.142> SVC closing connection: DPD failure.)",
     "peer=203.0.113.142 user=user01", "asa c034"},
    {"722042", {concentrator_version_refused},
     "Invalid Cisco SSL Tunneling Protocol version{rest}",
     R"(%ASA-4-722042: Group <GroupPolicy_Staff> User <user01> IP <203.0.113.30> Invalid Cisco SSL Tunneling Protocol version.)",
     "peer=203.0.113.30 user=user01", "manual"},
    {"722048", {concentrator_tunnel_type_refused},
     "Tunnel terminated: SVC not enabled for the user",
     R"(%ASA-4-722048: Group <GroupPolicy_Staff> User <user01> IP <203.0.113.30> Tunnel terminated: SVC not enabled for the user)",
     "peer=203.0.113.30 user=user01", "manual"},
    {"722051", {concentrator_address_assigned, concentrator_connected},
     "Address <{address}> assigned to session",
     R"(%ASA-4-722051: Group <GroupPolicy_Staff> User <user01> IP <203.0.113.30> Address <10.20.30.11> assigned to session)",
     "peer=203.0.113.30 user=user01 address=10.20.30.11", "manual"},
    {"722051", {concentrator_address_assigned, concentrator_connected},
     "IPv4 Address <{address}> IPv6 address <{name}> assigned to session",
     R"(Group <EXAMPLE> User <Username> IP <203.0.113.22> IPv4 Address <10.20.30.11> IPv6 address <::> assigned to session)",
     "peer=203.0.113.22 user=Username address=10.20.30.11", "asa c024"},
    {"722020", {concentrator_address_failed},
     "No address available for SVC connection",
     R"(%ASA-3-722020: TunnelGroup <vpn-users> GroupPolicy <GroupPolicy_Staff> User <user01> IP <203.0.113.30> No address available for SVC connection)",
     "peer=203.0.113.30 group=vpn-users user=user01", "manual"},
    // ---- IKEv2
    {"750002", {concentrator_saw_am1, concentrator_ikev2},
     "Received a IKE_INIT_SA request",
     R"(%ASA-5-750002: Local:203.0.113.1:500 Remote:198.51.100.25:500 Username:Unknown IKEv2 Received a IKE_INIT_SA request)",
     "peer=198.51.100.25", "manual"},
    {"750006", {concentrator_phase1_done, concentrator_user_ok},
     "SA UP. Reason: New Connection Established",
     R"(%ASA-5-750006: Local:203.0.113.1:4500 Remote:198.51.100.25:50466 Username:user01 IKEv2 SA UP. Reason: New Connection Established)",
     "peer=198.51.100.25 user=user01", "manual"},
    {"750007", {concentrator_disconnected, concentrator_lost_peer},
     "SA DOWN. Reason: peer lost",
     R"(%ASA-5-750007: Local:203.0.113.1:4500 Remote:198.51.100.25:50466 Username:user01 IKEv2 SA DOWN. Reason: peer lost)",
     "peer=198.51.100.25 user=user01", "manual"},
    {"750007", {concentrator_disconnected, concentrator_ended_by_user},
     "SA DOWN. Reason: peer request",
     R"(%ASA-5-750007: Local:203.0.113.1:4500 Remote:198.51.100.25:50466 Username:user01 IKEv2 SA DOWN. Reason: peer request)",
     "peer=198.51.100.25 user=user01", "manual"},
    {"750007", {concentrator_disconnected},
     "SA DOWN. Reason: {rest}",
     R"(%ASA-5-750007: Local:203.0.113.1:4500 Remote:198.51.100.25:50466 Username:user01 IKEv2 SA DOWN. Reason: local failure)",
     "peer=198.51.100.25 user=user01", "manual"},
    {"750003", {concentrator_phase2_network_rejected},
     "Negotiation aborted due to ERROR: There was no IPSEC policy found for received TS",
     R"(%FTD-4-750003: Local:198.51.100.22:500 Remote:203.0.113.11:500 Username:User1 IKEv2 Negotiation aborted due to ERROR: There was no IPSEC policy found for received TS)",
     "peer=203.0.113.11 user=User1", "asa c009"},
    // The same on the console, `debug crypto ikev2 protocol`.
    {"", {concentrator_phase2_network_rejected},
     "There was no IPSEC policy found for received TS",
     R"(IKEv2-PROTO-1: (43): There was no IPSEC policy found for received TS)",
     "session=43", "synthetic: from general knowledge of that debug"},
    {"", {concentrator_proposal_rejected},
     "Failed to find a matching policy",
     R"(IKEv2-PROTO-1: (42): Failed to find a matching policy)",
     "session=42", "synthetic: from general knowledge of that debug"},
    {"", {concentrator_sent_refusal},
     "Failed to authenticate the IKE SA",
     R"(IKEv2-PROTO-1: (43): Failed to authenticate the IKE SA)",
     "session=43", "synthetic: from general knowledge of that debug"},
    {"", {concentrator_timed_out},
     "Maximum number of retransmissions reached",
     R"(IKEv2-PROTO-1: (43): Maximum number of retransmissions reached)",
     "session=43", "synthetic: from general knowledge of that debug"},
    {"750003", {concentrator_sent_refusal},
     "Negotiation aborted due to ERROR: Failed to authenticate the IKE SA",
     R"(%FTD-4-750003 Local:198.51.100.22:500 Remote:203.0.113.11:500 Username:Username IKEv2 Negotiation aborted due to ERROR: Failed to authenticate the IKE SA)",
     "peer=203.0.113.11 user=Username", "asa c010"},
    {"750003", {concentrator_sent_refusal},
     "Negotiation aborted due to ERROR: Auth exchange failed",
     R"(%ASA-4-750003: Local:198.51.100.22:4500 Remote:203.0.113.11:4500 Username:Unknown IKEv2 Negotiation aborted due to ERROR: Auth exchange failed)",
     "peer=203.0.113.11", "vendor's technical note on IKEv2 certificates"},
    // Neither a tunnel group nor a key or certificate fits the identity.
    {"750003", {concentrator_no_fitting_connection},
     "Negotiation aborted due to ERROR: Failed to locate an item in the database",
     R"(%ASA-4-750003: Local:198.51.100.22:500 Remote:203.0.113.11:500 Username:Unknown IKEv2 Negotiation aborted due to ERROR: Failed to locate an item in the database)",
     "peer=203.0.113.11", "catalogue; a cloud provider's guide says it of an identity of the wrong kind"},
    {"750003", {concentrator_certificate_rejected},
     "Negotiation aborted due to ERROR: Unsupported cert encoding found {rest}",
     R"(%ASA-4-750003: Local:198.51.100.22:500 Remote:203.0.113.11:500 Username:Unknown IKEv2 Negotiation aborted due to ERROR: Unsupported cert encoding found or Peer requested HTTP URL but never sent HTTP_LOOKUP_SUPPORTED Notification)",
     "peer=203.0.113.11", "vendor's technical note on IKEv2 certificates"},
    {"", {concentrator_certificate_rejected},
     "Unsupported cert encoding found {rest}",
     R"(IKEv2-PROTO-1: (140): Unsupported cert encoding found or Peer requested HTTP URL but never sent HTTP_LOOKUP_SUPPORTED Notification)",
     "session=140", "vendor's technical note on IKEv2 certificates"},
    {"750003", {concentrator_am3_timeout},
     "Negotiation aborted due to ERROR: Failed to receive the AUTH msg before the timer expired",
     R"(%ASA-4-750003: Local:203.0.113.1:500 Remote:198.51.100.25:500 Username:Unknown IKEv2 Negotiation aborted due to ERROR: Failed to receive the AUTH msg before the timer expired)",
     "peer=198.51.100.25", "manual"},
    {"750003", {concentrator_proposal_rejected},
     "Negotiation aborted due to ERROR: Failed to find a matching policy",
     R"(%ASA-4-750003: Local:203.0.113.1:500 Remote:198.51.100.25:500 Username:Unknown IKEv2 Negotiation aborted due to ERROR: Failed to find a matching policy)",
     "peer=198.51.100.25", "manual"},
    {"750003", {concentrator_timed_out},
     "Negotiation aborted due to ERROR: Maximum number of retransmissions reached",
     R"(%ASA-4-750003: Local:203.0.113.1:500 Remote:198.51.100.25:500 Username:Unknown IKEv2 Negotiation aborted due to ERROR: Maximum number of retransmissions reached)",
     "peer=198.51.100.25", "manual"},
    {"750011", {concentrator_phase2_proposal_rejected},
     "Tunnel Rejected: Selected IKEv2 encryption algorithm ({name}) is not strong enough {rest}",
     R"(%ASA-3-750011: Local:203.0.113.1:4500 Remote:198.51.100.25:50466 Username:user01 IKEv2 Tunnel Rejected: Selected IKEv2 encryption algorithm (3DES) is not strong enough to secure proposed IPSEC encryption algorithm (AES-256).)",
     "peer=198.51.100.25 user=user01", "manual"},
    {"751009", {concentrator_group_unknown},
     "Unable to find tunnel group for peer.",
     R"(%ASA-3-751009: Local:203.0.113.1:500 Remote:198.51.100.25:500 Username:Unknown IKEv2 Unable to find tunnel group for peer.)",
     "peer=198.51.100.25", "manual"},
    {"751010", {concentrator_group_unknown},
     "Unable to determine self-authentication method. {rest}",
     R"(%ASA-3-751010: Local:203.0.113.1:500 Remote:198.51.100.25:500 Username:Unknown IKEv2 Unable to determine self-authentication method. No crypto map setting or tunnel group found.)",
     "peer=198.51.100.25", "manual"},
    {"751008", {concentrator_tunnel_type_refused},
     "Group={group}, Tunnel rejected: IKEv2 not enabled in group policy",
     R"(%ASA-3-751008: Local:203.0.113.1:4500 Remote:198.51.100.25:50466 Username:user01 IKEv2 Group=vpn-users, Tunnel rejected: IKEv2 not enabled in group policy)",
     "peer=198.51.100.25 user=user01 group=vpn-users", "manual"},
    {"751006", {concentrator_certificate_rejected},
     "Certificate authentication failed. Error: {rest}",
     R"(%ASA-3-751006: Local:203.0.113.1:500 Remote:198.51.100.25:500 Username:Unknown IKEv2 Certificate authentication failed. Error: Certificate signature verification failed)",
     "peer=198.51.100.25", "manual"},
    {"751011", {concentrator_user_failed},
     "Failed user authentication. Error: {rest}",
     R"(%ASA-3-751011: Local:203.0.113.1:4500 Remote:198.51.100.25:50466 Username:user01 IKEv2 Failed user authentication. Error: AAA reject)",
     "peer=198.51.100.25 user=user01", "manual"},
    {"751012", {concentrator_address_failed},
     "Failure occurred during Configuration Mode processing. Error: {rest}",
     R"(%ASA-3-751012: Local:203.0.113.1:4500 Remote:198.51.100.25:50466 Username:user01 IKEv2 Failure occurred during Configuration Mode processing. Error: no address)",
     "peer=198.51.100.25 user=user01", "manual"},
    {"751013", {concentrator_address_failed},
     "Failed to process Configuration Payload request for attribute {rest}",
     R"(%ASA-3-751013: Local:203.0.113.1:4500 Remote:198.51.100.25:50466 Username:user01 IKEv2 Failed to process Configuration Payload request for attribute 1. Error: no address)",
     "peer=198.51.100.25 user=user01", "manual"},
    {"751019", {concentrator_session_limit},
     "Failed to obtain an {name} license. Maximum license limit {int} exceeded.",
     R"(%ASA-4-751019: Local:203.0.113.1:4500 Remote:198.51.100.25:50466 Username:user01 IKEv2 Failed to obtain an AnyConnect Premium license. Maximum license limit 250 exceeded.)",
     "peer=198.51.100.25 user=user01", "manual"},
    {"751015", {concentrator_negotiation_limit},
     "SA request rejected by CAC. Reason: {rest}",
     R"(%ASA-4-751015: Local:203.0.113.1:500 Remote:198.51.100.25:500 Username:Unknown IKEv2 SA request rejected by CAC. Reason: IN-NEGOTIATION SA LIMIT REACHED)",
     "peer=198.51.100.25", "manual"},
    {"751022", {concentrator_phase2_network_rejected},
     "Tunnel rejected: Crypto Map Policy not found for remote traffic selector {rest}",
     R"(%ASA-3-751022: Local:203.0.113.1:4500 Remote:198.51.100.25:50466 Username:user01 IKEv2 Tunnel rejected: Crypto Map Policy not found for remote traffic selector 10.20.30.11 local traffic selector 0.0.0.0!)",
     "peer=198.51.100.25 user=user01", "manual"},
    {"751025", {concentrator_address_assigned, concentrator_connected},
     "Group:{group} IPv4 Address={address} IPv6 address={word} assigned to session",
     R"(<165>Mar 13 2025 09:37:52: %ASA-5-751025: Local:10.1.1.180:4500 Remote:10.2.66.123:53256 Username:anonyms IKEv2 Group:Remote-Power_Users IPv4 Address=172.16.58.24 IPv6 address=fd29:849c:87c7:41bb::1 assigned to session)",
     "peer=10.2.66.123 group=Remote-Power_Users user=anonyms address=172.16.58.24", "asa c032"},
    // ---- PIX up to 6.3, whose lines of a negotiation do not tell a client from another site; these do, or refuse either
    {"404101", {concentrator_address_failed, concentrator_address_pool_refused},
     "ISAKMP: Failed to allocate address for client from pool {pool}",
     R"(%PIX-4-404101: ISAKMP: Failed to allocate address for client from pool vpnpool)",
     "pool=vpnpool", "a public parser's list, the manual's text"},
    {"404102", {concentrator_negotiation_limit},
     "ISAKMP: Exceeded embryonic limit",
     R"(%PIX-3-404102: ISAKMP: Exceeded embryonic limit)",
     "", "manual"},
    {"316001", {concentrator_session_limit},
     "Denied new tunnel to {peer}. VPN peer limit ({int}) exceeded",
     R"(%ASA-3-316001: Denied new tunnel to 203.0.113.30. VPN peer limit (25) exceeded)",
     "peer=203.0.113.30", "manual"},
    {"109005", {concentrator_user_ok},
     "Authentication succeeded for user '{user}' from {peer}/{int} to {ip}/{int} on interface IKE-XAUTH",
     R"(%PIX-6-109005: Authentication succeeded for user 'user01' from 203.0.113.30/0 to 0.0.0.0/0 on interface IKE-XAUTH)",
     "user=user01 peer=203.0.113.30", "recalled, unverified"},
    {"109006", {concentrator_user_failed},
     "Authentication failed for user '{user}' from {peer}/{int} to {ip}/{int} on interface IKE-XAUTH",
     R"(%PIX-6-109006: Authentication failed for user 'user01' from 203.0.113.30/0 to 0.0.0.0/0 on interface IKE-XAUTH)",
     "user=user01 peer=203.0.113.30", "recalled, unverified"},
    // ---- Filters, certificates, the device
    {"710003", {concentrator_filter_dropped_ike},
     "UDP access denied by ACL from {peer}/{int} to {word}:{ip}/500",
     R"(%ASA-3-710003: UDP access denied by ACL from 203.0.113.30/500 to outside:198.51.100.1/500)",
     "peer=203.0.113.30", "manual"},
    {"710003", {concentrator_filter_dropped_natt},
     "UDP access denied by ACL from {peer}/{int} to {word}:{ip}/4500",
     R"(%ASA-3-710003: UDP access denied by ACL from 203.0.113.30/4500 to outside:198.51.100.1/4500)",
     "peer=203.0.113.30", "manual"},
    // An interface's list is asked about what goes through the device, not to it: the gateway is another one, behind.
    {"106023", {concentrator_path_dropped_ike},
     "Deny udp src {word}:{peer}/{int} dst {word}:{ip}/500 by access-group {rest}",
     R"(%ASA-4-106023: Deny udp src outside:203.0.113.30/500 dst dmz:198.51.100.1/500 by access-group "outside_in" [0x0, 0x0])",
     "peer=203.0.113.30", "manual"},
    {"106023", {concentrator_path_dropped_natt},
     "Deny udp src {word}:{peer}/{int} dst {word}:{ip}/4500 by access-group {rest}",
     R"(%ASA-4-106023: Deny udp src outside:203.0.113.30/4500 dst dmz:198.51.100.1/4500 by access-group "outside_in" [0x0, 0x0])",
     "peer=203.0.113.30", "manual"},
    {"106006", {concentrator_path_dropped_ike},
     "Deny inbound UDP from {peer}/{int} to {ip}/500 on interface {rest}",
     R"(%PIX-2-106006: Deny inbound UDP from 203.0.113.30/500 to 198.51.100.1/500 on interface outside)",
     "peer=203.0.113.30", "manual"},
    {"106006", {concentrator_path_dropped_natt},
     "Deny inbound UDP from {peer}/{int} to {ip}/4500 on interface {rest}",
     R"(%PIX-2-106006: Deny inbound UDP from 203.0.113.30/4500 to 198.51.100.1/4500 on interface outside)",
     "peer=203.0.113.30", "manual"},
    {"106100", {concentrator_path_dropped_ike},
     "access-list {word} denied udp {word}/{peer}({int}) -> {word}/{ip}(500) {rest}",
     R"(%ASA-4-106100: access-list outside_in denied udp outside/203.0.113.30(500) -> dmz/198.51.100.1(500) hit-cnt 1 first hit [0x1d2a3b4c, 0x0])",
     "peer=203.0.113.30", "manual"},
    {"106100", {concentrator_path_dropped_natt},
     "access-list {word} denied udp {word}/{peer}({int}) -> {word}/{ip}(4500) {rest}",
     R"(%ASA-4-106100: access-list outside_in denied udp outside/203.0.113.30(4500) -> dmz/198.51.100.1(4500) hit-cnt 1 first hit [0x1d2a3b4c, 0x0])",
     "peer=203.0.113.30", "manual"},
    {"710005", {concentrator_ike_not_enabled},
     "UDP request discarded from {peer}/{int} to {word}:{ip}/500",
     R"(%ASA-7-710005: UDP request discarded from 203.0.113.30/500 to outside:198.51.100.1/500)",
     "peer=203.0.113.30", "manual"},
    {"710005", {concentrator_ike_not_enabled},
     "UDP request discarded from {peer}/{word} to {word}:{ip}/isakmp",
     R"(%ASA-7-710005: UDP request discarded from 203.0.113.30/isakmp to outside:198.51.100.1/isakmp)",
     "peer=203.0.113.30", "manual"},
    {"710006", {concentrator_filter_dropped_esp},
     "ESP request discarded from {peer} to {word}:{ip}",
     R"(%ASA-7-710006: ESP request discarded from 203.0.113.30 to outside:198.51.100.1)",
     "peer=203.0.113.30", "manual"},
    {"113027", {concentrator_certificate_rejected},
     "Username could not be found in certificate{rest}",
     R"(%ASA-2-113027: Username could not be found in certificate)",
     "", "manual"},
    {"725015", {concentrator_certificate_rejected},
     "Error verifying client certificate. {rest}",
     R"(%ASA-3-725015: Error verifying client certificate. Public key size in client certificate exceeds the maximum supported key size.)",
     "", "manual"},
    {"717009", {concentrator_certificate_rejected},
     "Certificate validation failed. {rest}",
     R"(%ASA-3-717009: Certificate validation failed. No suitable trustpoints found to validate certificate serial number: 1A2B, subject name: cn=user01, issuer name: cn=Some CA.)",
     "", "manual"},
    {"717027", {concentrator_certificate_rejected},
     "Certificate chain failed validation. {rest}",
     R"(%ASA-3-717027: Certificate chain failed validation. No suitable trustpoint was found to validate chain.)",
     "", "manual"},
    {"199001", {concentrator_ended_by_shutdown},
     "Reload command executed from {rest}",
     R"(%ASA-5-199001: Reload command executed from SSH (remote 192.0.2.7).)",
     "", "manual"},
    {"199002", {concentrator_started},
     "Startup completed. Beginning operation.",
     R"(%ASA-6-199002: Startup completed.  Beginning operation.)",
     "", "manual"},
};

constexpr NotOurs kNotOurs[] = {
    {R"(TunnelGroup <REDACTED> GroupPolicy <EXAMPLE> User <Username> IP <203.0.113.11> No IPv6 address available for SVC connection)",
     "normal without an IPv6 pool"},
    {R"(%ASA-6-716058: Group <EXAMPLE> User <Username> IP <203.0.113.11> AnyConnect session lost connection. Waiting to resume.)",
     "most come back; a lost one ends in 113019"},
    {R"(Aug  6 2020 11:01:37: %ASA-4-722037: Group <GroupPolicy_TheBeatles> User <user02> IP <203.0.113.32> SVC closing connection: Transport closing.)",
     "a normal end of one connection of the session"},
    {R"(%ASA-5-713257: Group = vpn-users, IP = 203.0.113.30, Phase 1 failure:  Mismatched attribute types for class Group Description:  Rcv'd: Group 5  Cfg'd: Group 2)",
     "written for every transform that was tried and skipped"},
    {R"(Dec 19 15:49:51 [IKEv1]: Group = 203.0.113.143, IP = 203.0.113.143, Removing peer from peer table failed, no match!)",
     "follows every kind of failure"},
    {R"(%ASA-6-737029: IPAA: Session=0x0e5fc000, Added 10.20.30.11 to standby)",
     "the failover copy of an address already counted"},
    {R"(%ASA-6-721016: (WebVPN-Secondary) WebVPN session for client user user01, IP 203.0.113.30 has been created.)",
     "the failover copy of a session already counted"},
    {R"(%ASA-6-602303: IPSEC: An inbound LAN-to-LAN SA (SPI= 0xF81283) between 203.0.113.1 and 192.0.2.1 (user= 192.0.2.1) has been created.)",
     "a site, not a user"},
};
// clang-format on

static_assert(std::ranges::none_of(kRows, [](const MessageRow& row) { return is_quiet(row.id); }));

}  // namespace

constinit const DialectTable kAsa = {
    .id = Dialect::asa,
    .vantage = Vantage::concentrator,
    .may_be_wrapped = may_be_wrapped,
    .cut_header = cut_header,
    .rows = kRows,
    .not_ours = kNotOurs,
    .complete = complete,
};

}  // namespace vpnverdict::dialect
