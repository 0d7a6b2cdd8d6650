// Cisco VPN 3000 concentrator. Three layouts of one event (console and file, syslog "original", syslog "IOS
// compatible"); the text is the key, class and number are a hint, severity differs between releases and is none.
#include "correlator/limits.h"
#include "pipeline/dialect/dialect.h"
#include "pipeline/dialect/pattern.h"
#include "pipeline/dialect/relay_header.h"
#include "pipeline/dialect/tables.h"
#include "pipeline/dialect/time.h"

namespace vpnverdict::dialect {
namespace {

using enum Fact;

constexpr MessageRow kRows[] = {
    {"IKE/132", concentrator_address_failed, "Cannot obtain an IP address for remote peer",
     "204 04/11/2005 00:29:42.500 SEV=5 IKE/132 RPT=2 192.168.1.100\n"
     "Group [mygroup] User [U1] Cannot obtain an IP address for remote peer",
     "peer=192.168.1.100 group=mygroup user=U1 message=IKE/132 detail=5 repeats=2 sequence=204", "seed Ex 8-12"},
};

// ---- headers --------------------------------------------------------------------------------------------------

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The peer, as damaged as it may be ("172.16.172.1190", "xxx.xxx.xxx.xxx"): a word of digits, x and * with three dots.
bool is_peer(std::string_view word) {
  int dots = 0;
  for (char c : word) {
    if (c == '.') {
      ++dots;
    } else if (!is_digit(c) && fold(c) != 'x' && c != '*') {
      return false;
    }
  }
  return dots == 3;
}

// "IKE/132", "AUTH/5"
bool is_message(std::string_view word) {
  const std::size_t slash = word.find('/');
  if (slash == 0 || slash == std::string_view::npos || slash + 1 == word.size() || !is_digit(word[slash + 1])) return false;
  for (std::size_t i = 0; i < slash; ++i)
    if ((fold(word[i]) < 'a' || fold(word[i]) > 'z') && !is_digit(word[i]) && word[i] != '_') return false;
  return fold(word[0]) >= 'a' && fold(word[0]) <= 'z';
}

struct Header {
  Timestamp time = kUntimed;
  std::uint32_t severity = 0, repeats = 0, sequence = 0;
  std::string_view message, peer, host, text;
};

// "11504 01/08/2007 09:10:37.780 SEV=3 AUTH/5 RPT=124 192.168.0.1  text", `mark` = place of "SEV=".
HeaderResult read_original(std::string_view line, std::size_t mark, int year, Header* out) {
  std::string_view before = line.substr(0, mark);
  std::string_view rest = line.substr(mark + 4);
  const std::string_view severity = take_word(rest);
  if (severity.size() > 2 || !to_number(severity, &out->severity)) return HeaderResult::not_mine;  // a client's "Sev=Info/4"
  out->message = take_word(rest);
  const std::string_view repeats = take_word(rest);
  if (!is_message(out->message) || !begins_with(repeats, "rpt=") || !to_number(repeats.substr(4), &out->repeats))
    return HeaderResult::bad;
  const std::string_view clock = take_last_word(before);
  const std::string_view date = take_last_word(before);
  if (date.empty()) return HeaderResult::bad;
  std::string_view stamp(date.data(), static_cast<std::size_t>(clock.data() + clock.size() - date.data()));
  if (!take_us_stamp(stamp, &out->time) || !stamp.empty()) return HeaderResult::bad;
  std::string_view relay = before;
  if (!to_number(take_last_word(before), &out->sequence)) {  // some receivers took the number for the host
    out->sequence = 0;
    before = relay;
  }
  RelayHeader header;
  if (!read_relay_header(before, year, &header)) return HeaderResult::not_mine;
  out->host = header.host;
  std::string_view behind_peer = rest;
  const std::string_view peer = take_word(behind_peer);
  if (is_peer(peer)) {
    out->peer = peer;
    rest = behind_peer;
  }
  out->text = trimmed(rest);
  return HeaderResult::cut;
}

// "3 1999 Dec 06 14:37:06.680 EDT -4:00" with all of it but the number optional in copies.
void read_ios_stamp(std::string_view in, Header* out) {
  std::string_view number = take_word(in);
  while (!number.empty() && number.back() == ':') number.remove_suffix(1);
  if (!to_number(number, &out->sequence)) return;
  in = trimmed(in);
  int year = 0;
  std::string_view rest = in;
  if (!take_digits(rest, 4, &year) || year < 1990) return;
  rest = trimmed(rest);
  Timestamp time = kUntimed;
  if (!take_month_stamp(rest, year, &time)) return;
  take_word(rest);  // the zone's name
  std::string_view offset = take_word(rest);
  const bool west = !offset.empty() && offset.front() == '-';
  if (!offset.empty() && (offset.front() == '-' || offset.front() == '+')) offset.remove_prefix(1);
  int hours = 0;
  int minutes = 0;
  if (take_digits(offset, 2, &hours) && !offset.empty() && offset.front() == ':') {
    offset.remove_prefix(1);
    take_digits(offset, 2, &minutes);
  }
  const Timestamp shift = (static_cast<Timestamp>(hours) * 60 + minutes) * 60'000;
  out->time = west ? time + shift : time - shift;
}

// "111502127: 2014 Mar 22 04:07:25.120 +0100 +1:00 %AUTH-4-5: RPT=333150: 192.0.2.29: text", `mark` = place of "RPT=".
HeaderResult read_ios(std::string_view line, std::size_t mark, int year, Header* out) {
  std::string_view before = trimmed(line.substr(0, mark));
  if (!before.empty() && before.back() == ':') before.remove_suffix(1);
  const std::size_t percent = before.rfind('%');
  if (percent == std::string_view::npos) return HeaderResult::not_mine;
  const std::string_view tag = before.substr(percent + 1);
  const std::size_t first = tag.find('-');
  if (first == std::string_view::npos || first + 3 >= tag.size() || tag[first + 2] != '-' || !is_digit(tag[first + 1]))
    return HeaderResult::not_mine;
  std::uint32_t number = 0;
  if (!to_number(tag.substr(first + 3), &number)) return HeaderResult::not_mine;
  out->severity = static_cast<std::uint32_t>(tag[first + 1] - '0');
  out->message = tag;
  std::string_view rest = line.substr(mark + 4);
  std::size_t digits = 0;
  while (digits < rest.size() && is_digit(rest[digits])) ++digits;
  if (!to_number(rest.substr(0, digits), &out->repeats)) return HeaderResult::bad;
  rest = trimmed(rest.substr(digits));
  if (!rest.empty() && rest.front() == ':') rest = trimmed(rest.substr(1));
  std::string_view behind = rest;
  std::string_view peer = take_word(behind);
  if (!peer.empty() && peer.back() == ':') peer.remove_suffix(1);
  if (peer.empty() || is_peer(peer)) {
    out->peer = peer;
    rest = behind;
  }
  out->text = trimmed(rest);
  // The number is the first word that ends in a colon or is followed by a year; a relay header may stand before it.
  std::string_view head = line.substr(0, percent);
  RelayHeader relay;
  for (std::string_view in = head; !in.empty();) {
    const std::string_view here = trimmed(in);
    const std::string_view word = take_word(in);
    if (word.empty()) break;
    std::uint32_t sequence = 0;
    std::string_view bare = word;
    if (bare.back() == ':') bare.remove_suffix(1);
    int own_year = 0;
    std::string_view next = trimmed(in);
    if (to_number(bare, &sequence) && (word.back() == ':' || (take_digits(next, 4, &own_year) && own_year > 1989))) {
      read_ios_stamp(here, out);
      head = head.substr(0, static_cast<std::size_t>(here.data() - head.data()));
      break;
    }
  }
  if (!read_relay_header(head, year, &relay)) return HeaderResult::not_mine;
  out->host = relay.host;
  if (out->time == kUntimed) out->time = relay.time;
  return HeaderResult::cut;
}

// ---- the prefix of names --------------------------------------------------------------------------------------

// A name in brackets at the front: up to the first bracket that a blank or the end follows.
bool take_bracketed(std::string_view& text, std::string_view start, std::string_view* name) {
  if (!begins_with(text, start)) return false;
  for (std::size_t end = text.find(']', start.size()); end != std::string_view::npos; end = text.find(']', end + 1)) {
    if (end + 1 < text.size() && !is_blank(text[end + 1])) {
      if (text[end + 1] == ',') return false;  // "User [u], Group [g] disconnected": part of the message
      continue;
    }
    *name = text.substr(start.size(), end - start.size());
    text = trimmed(text.substr(end + 1));
    return true;
  }
  return false;
}

bool closes_more_than_it_opens(std::string_view text) {
  int depth = 0;
  for (char c : text) {
    if (c == '[') ++depth;
    if (c == ']' && --depth < 0) return true;
  }
  return false;
}

HeaderResult check_name(std::string_view name) {
  if (name.size() > kNameBytesMax) return HeaderResult::bad_field;
  for (char c : name)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return HeaderResult::bad_field;
  int depth = 0;
  for (char c : name) depth += c == '[' ? 1 : c == ']' ? -1 : 0;
  return depth == 0 && !closes_more_than_it_opens(name) ? HeaderResult::cut : HeaderResult::ambiguous;
}

// "Group [g]", "User [u]" or both in front of the message, on its line or on one of their own.
HeaderResult cut_names(std::string_view& text, Event& event) {
  std::string_view rest = trimmed(text);
  std::string_view group;
  std::string_view user;
  const bool has_group = take_bracketed(rest, "group [", &group);
  std::string_view behind_user = rest;
  bool has_user = take_bracketed(behind_user, "user [", &user);
  if (has_user && !has_group && begins_with(behind_user, "group [")) has_user = false;  // "User [u] Group [g] connected"
  if (has_user) rest = behind_user;
  if (!has_group && !has_user) return HeaderResult::cut;
  for (std::string_view name : {group, user})
    if (const HeaderResult result = check_name(name); result != HeaderResult::cut) return result;
  if (begins_with(rest, "group [") || begins_with(rest, "user [") || closes_more_than_it_opens(rest))
    return HeaderResult::ambiguous;
  if (has_group && group != "NONE") event.group = group;
  if (has_user) event.user = trimmed(user);
  text = rest;
  return HeaderResult::cut;
}

HeaderResult cut_header(std::string_view line, SourceState& state, Event& event, std::string_view& text) {
  Header header;
  HeaderResult result = HeaderResult::not_mine;
  if (const std::size_t sev = find_mark(line, "sev"); sev != std::string_view::npos) {
    result = read_original(line, sev, year_for(state, event), &header);
  } else if (const std::size_t rpt = find_mark(line, "rpt"); rpt != std::string_view::npos) {
    result = read_ios(line, rpt, year_for(state, event), &header);
  }
  if (result != HeaderResult::cut) return result;
  event.time = header.time;
  event.detail = static_cast<std::uint8_t>(header.severity);
  event.repeats = header.repeats;
  event.sequence = header.sequence;
  event.message = header.message;
  if (!header.host.empty()) event.device = header.host;
  if (!header.peer.empty()) event.peer = header.peer;
  text = header.text;
  return HeaderResult::cut;
}

HeaderResult cut_prefix(std::string_view message, SourceState&, Event& event, std::string_view& text) {
  text = message;
  return cut_names(text, event);
}

}  // namespace

constinit const DialectTable kVpn3000 = {
    .id = Dialect::vpn3000,
    .vantage = Vantage::concentrator,
    .continues = true,
    .cut_header = cut_header,
    .rows = kRows,
    .not_ours = {},
    .complete = nullptr,
    .cut_prefix = cut_prefix,
    .headerless = true,
};

}  // namespace vpnverdict::dialect
