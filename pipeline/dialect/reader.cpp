// Lines of one source to messages. The rules, in this order:
//  1. A line with some dialect's mark is a message of that dialect, or begins one; so is a bare text of a program that it knows.
//  2. A line without a mark goes on the held message, unless it begins with a stamp: then it is foreign.
//  3. With nothing held it may be a headerless message, whole or in up to six lines.
#include <algorithm>
#include <array>
#include <utility>

#include "correlator/limits.h"
#include "pipeline/dialect/dialect.h"
#include "pipeline/dialect/dialect_set.h"
#include "pipeline/dialect/header_shape.h"
#include "pipeline/dialect/plain_text.h"
#include "pipeline/dialect/syslog.h"
#include "pipeline/dialect/time.h"

namespace vpnverdict::dialect {
namespace {

static_assert(kMessageLinesMax <= 64, "Reader::held_ends_ holds as many");

constexpr std::uint32_t kWrappedLinesMax = 4;  // a message of a narrow terminal
constexpr std::uint8_t kPeelsMax = 8;  // who puts more in front of a line does it to hurt: each is a call within a call

Reject reject_of(HeaderResult result) {
  if (result == HeaderResult::bad) return Reject::bad_header;
  return result == HeaderResult::bad_field ? Reject::bad_field : Reject::ambiguous_field;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// A syslog priority, a month or an ISO date in front: some program's own line, never the continuation of
// another's.
bool begins_with_stamp(std::string_view text) {
  if (text.size() < 8) return false;
  if (text[0] == '<' && is_digit(text[1])) return true;
  if (text[3] == ' ' && month_named(text.substr(0, 3)) != 0 &&
      (is_digit(text[4]) || (text[4] == ' ' && is_digit(text[5]))))
    return true;
  return is_digit(text[0]) && is_digit(text[3]) && text[4] == '-' && is_digit(text[5]) && text[7] == '-';
}

// Sorted.
constexpr std::string_view kNoise[] = {
    "CRON",  "anacron", "apache2",  "audispd", "auditd",  "chronyd", "containerd", "cron",  "crond", "dbus-daemon", "dhclient",
    "dhcpd", "dnsmasq", "dockerd",  "dovecot", "haproxy", "httpd",   "kernel",     "kubelet", "named", "nginx",     "nscd",
    "ntpd",  "polkitd", "postfix",  "rsyslogd", "snmpd",  "squid",   "sshd",       "su",    "sudo",  "syslog-ng",   "systemd",
    "systemd-logind",   "systemd-networkd",     "systemd-resolved",  "unbound",
};
static_assert(std::ranges::is_sorted(kNoise));
// How many of them begin with a smaller letter.
constexpr auto kNoiseBefore = [] {
  std::array<std::uint8_t, 129> before{};
  for (std::size_t letter = 0; letter < before.size(); ++letter)
    before[letter] = static_cast<std::uint8_t>(std::ranges::count_if(kNoise, [&](auto name) { return name[0] < static_cast<int>(letter); }));
  return before;
}();

// "sshd[811]: …", "kernel: …", "postfix/smtpd[9]: …" and, as an envelope has it, "sshd" alone.
bool begins_with_noise(std::string_view tag) {
  if (tag.empty() || static_cast<unsigned char>(tag[0]) >= 128) return false;
  const std::size_t letter = static_cast<std::size_t>(tag[0]);
  return std::any_of(kNoise + kNoiseBefore[letter], kNoise + kNoiseBefore[letter + 1], [&](std::string_view name) {
    if (!tag.starts_with(name)) return false;
    return tag.size() == name.size() || tag[name.size()] == '[' || tag[name.size()] == ':' || tag[name.size()] == '/';
  });
}

// What follows the stamp of a syslog line, as in "Nov 25 12:39:29 gw sshd[811]: …" or "2026-11-25T12:39:29+00:00 gw kernel: …"; empty: there is
// none.
std::string_view behind_stamp(std::string_view text) {
  if (text.size() <= 16) return {};
  if (text.front() == '<') text.remove_prefix(std::min(text.find('>'), text.size() - 1) + 1);
  if (text.size() < 24) return {};
  if (text[3] == ' ' && text[6] == ' ' && text[9] == ':' && text[15] == ' ') return text.substr(16);
  if (text[4] == '-' && text[10] == 'T') return text.substr(std::min(text.find(' '), text.size() - 1) + 1);
  return {};
}

// The tag and what follows, behind the host where there is one.
std::string_view from_tag_on(std::string_view behind_stamp) {
  if (behind_stamp.empty()) return {};
  const std::size_t blank = std::min(behind_stamp.find(' '), behind_stamp.size() - 1);
  return blank > 0 && behind_stamp[blank - 1] == ':' ? behind_stamp : behind_stamp.substr(blank + 1);
}

// Dialects with a mark that no other prints; a source's lines are offered first to those of these that it wrote last.
bool has_mark(Dialect dialect) {
  return dialect == Dialect::asa || dialect == Dialect::vpn3000 || dialect == Dialect::cisco_vpn_client ||
         dialect == Dialect::charon || dialect == Dialect::pluto || dialect == Dialect::custom;
}

// Books and forum posts put comments and elisions between the lines of a log.
bool is_comment(std::string_view trimmed_text) {
  return begins_with(trimmed_text, "! ") || trimmed_text == ". . ." || trimmed_text == "..." ||
         trimmed_text == "!";
}

// "stdout F ", "stderr P ", as a container runtime writes behind its stamp: "2024-05-02T10:11:12.123456789Z stdout F text".
bool names_stream(std::string_view text) {
  return text.size() > 9 && text[0] == 's' && (text.starts_with("stdout ") || text.starts_with("stderr ")) &&
         (text[7] == 'F' || text[7] == 'P') && text[8] == ' ';
}

// "vpn_1  | " of docker compose.
std::size_t end_of_container(std::string_view text) {
  constexpr std::size_t kNameMax = 64;
  if (text.empty() || is_digit(text.front())) return 0;
  const std::size_t name = text.substr(0, kNameMax).find(' ');
  if (name == std::string_view::npos) return 0;
  const std::size_t bar = text.find_first_not_of(' ', name);
  return bar + 1 < text.size() && text[bar] == '|' && text[bar + 1] == ' ' ? bar + 2 : 0;
}

// A line as a mail or a forum quotes it, "> text" or "`text`", or as docker compose prints it, without all of that, however
// often; else the line itself. What is left has nothing of the kind in front: the reader comes back to it once.
std::string_view unquoted(std::string_view line) {
  std::string_view text = trimmed(line);
  bool changed = false;
  for (bool more = true; more; changed = changed || more) {
    const std::size_t container = end_of_container(text);
    const bool mark = !text.empty() && (text.front() == '>' || text.front() == '`');
    more = container != 0 || mark;
    if (more) text = trimmed(text.substr(container != 0 ? container : 1));
  }
  if (!changed) return line;
  if (text.ends_with('`')) text.remove_suffix(1);
  return text;
}

// As a terminal, a word processor or a web page decorates it: colours, typographic quotes and blanks that do not break.
bool is_decorated(std::string_view text) {
  const std::size_t at = end_of_plain(text);
  return at < text.size() && (text.find('\x1b', at) != std::string_view::npos || text.find("\xC2\xA0", at) != std::string_view::npos ||
                              text.find("\xE2\x80\x98", at) != std::string_view::npos || text.find("\xE2\x80\x9C", at) != std::string_view::npos);
}

std::string undecorated(std::string_view text) {
  constexpr std::pair<std::string_view, char> kPlain[] = {
      {"\xC2\xA0", ' '}, {"\xE2\x80\x98", '\''}, {"\xE2\x80\x99", '\''}, {"\xE2\x80\x9C", '"'}, {"\xE2\x80\x9D", '"'}};
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const std::string_view rest = text.substr(i);
    const auto plain = std::ranges::find_if(kPlain, [&](const auto& each) { return rest.starts_with(each.first); });
    if (plain != std::end(kPlain)) {
      out += plain->second;
      i += plain->first.size();
    } else if (rest.starts_with("\x1b[")) {  // up to the letter: "\x1b[01;31m"
      i += 2;
      while (i < text.size() && text[i] >= ' ' && text[i] < '@') ++i;
      i += i < text.size() ? 1 : 0;
    } else {
      if (rest.front() != '\x1b') out += rest.front();
      ++i;
    }
  }
  return out;
}

// "vpn.log:Nov 25 12:39:29 gw …", "123:Nov 25 …", as grep prints it, without what grep put in front; else the line itself.
std::string_view ungrepped(std::string_view line) {
  constexpr std::size_t kPathMax = 128;
  std::size_t end = 0;
  while (end < line.size() && end < kPathMax && line[end] != ':' && line[end] != ' ') ++end;
  if (end == line.size() || line[end] != ':') return line;
  std::string_view rest = line.substr(end + 1);
  const std::size_t number = rest.find_first_not_of("0123456789");  // "vpn.log:123:Nov 25 …"
  if (number > 0 && number < rest.size() && rest[number] == ':') rest.remove_prefix(number + 1);
  return begins_with_stamp(rest) ? rest : line;
}

void shift(std::string_view& view, const char* from, std::size_t size, const char* to) {
  if (!view.empty() && view.data() >= from && view.data() < from + size)
    view = {to + (view.data() - from), view.size()};
}

// Lets the event's views that point into [from, from + size) point to the copy at `to`.
void shift_views(Event& event, const char* from, std::size_t size, const char* to) {
  for (std::string_view* view : {&event.device, &event.peer, &event.claimed_peer, &event.gateway, &event.group, &event.user,
                                 &event.address, &event.pool, &event.server, &event.message, &event.text})
    shift(*view, from, size, to);
}

Event base_event(const Line& line) {
  Event event;
  event.received = line.received;
  event.device = line.host;
  event.claimed_peer = line.peer;
  event.group = line.group;
  event.user = line.user;
  event.ref = line.ref;
  return event;
}

// What a syslog tag says about lines that carry no mark of their own once the tag is cut off.
Dialect dialect_of_program(std::string_view program) {
  constexpr struct {
    std::string_view part;
    Dialect dialect;
  } kPrograms[] = {
      {"vpnclient", Dialect::cisco_vpn_client},
      {"cvpnd", Dialect::cisco_vpn_client},
      {"openconnect", Dialect::openconnect},
      {"vpnc", Dialect::vpnc},
      {"charon", Dialect::charon},
      {"pluto", Dialect::pluto},
  };
  for (const auto& row : kPrograms)
    if (program.find(row.part) != std::string_view::npos) return row.dialect;
  return Dialect::unknown;
}

}  // namespace

Reader::Reader() : Reader(builtin_dialects()) {}

Reader::Reader(const DialectSet& set) : set_(&set) {}

Reader::Reader(const DialectSet* set) : Reader(set != nullptr ? *set : builtin_dialects()) {}

void Reader::set_vantage(Vantage vantage) {
  state_.vantage = vantage;
  state_.vantage_known = true;
}

void Reader::set_year(int year, Timestamp end) {
  state_.year = year;
  state_.year_end = end;
}

// Takes the line when it bears the mark of the table's dialect.
inline bool Reader::take_headed(int index, const Line& line, std::string_view text, Event& event, MessageSink& sink) {
  const DialectTable& table = *set_->tables()[index].table;
  std::string_view message;
  const HeaderResult result = table.shape == nullptr
                                  ? table.cut_header(text, state_, event, message)
                                  : cut_by_shape(*table.shape, line.program, text, state_, event, message);
  if (result == HeaderResult::not_mine) return false;
  take_message(result, index, line, text, message, event, sink);
  return true;
}

void Reader::feed(const Line& line, MessageSink& sink) {
  std::string_view text = line.text;
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  // Quoted; ">> " is also AnyConnect's, but in front of a stamp.
  while (!text.empty() && text.front() == '>' && (!text.starts_with(">> ") || begins_with_stamp(trimmed(text.substr(3)))))
    text = trimmed(text.substr(1));
  if (text.size() > 2 && text.front() == '`' && text[1] != '`' && text.back() == '`') text = trimmed(text.substr(1, text.size() - 2));  // a line of code
  if (text.size() > kLineBytesMax) {
    close_held(sink);
    sink.on_reject(Reject::too_long, state_.dialect, text, line.ref, 1);
    return;
  }
  std::string_view headed = text;
  while (!headed.empty() && is_blank(headed.front())) headed.remove_prefix(1);  // indented by whoever posted it
  if (line.host.empty() && !begins_with_stamp(headed)) headed = ungrepped(headed);
  std::string_view stamped = behind_stamp(headed);
  if (stamped.starts_with('s') && line.peeled < kPeelsMax && names_stream(stamped)) {
    const std::string_view stamp = headed.substr(0, headed.size() - stamped.size());
    while (names_stream(stamped)) stamped.remove_prefix(9);
    const std::string without = std::string(stamp).append(stamped);
    Line again = line;
    ++again.peeled;
    again.text = begins_with_stamp(stamped) ? stamped : without;
    return feed(again, sink);
  }
  const std::string_view tag = from_tag_on(stamped);
  // Programs that fill every syslog and are no VPN: their lines need not be offered to anybody.
  if (begins_with_noise(line.program) || begins_with_noise(tag)) {
    close_held(sink);
    sink.on_reject(Reject::unknown_dialect, Dialect::unknown, text, line.ref, 1);
    return;
  }
  if (!line.plain && is_decorated(text)) {
    const std::string plain = undecorated(text);
    Line again = line;
    again.text = plain;
    return feed(again, sink);
  }
  // Who writes a message does not pause in it; what comes so much later is somebody else's, or a lost header's.
  const Timestamp since = held_lines_ == 0 ? kUntimed : held_event_.received;
  if (since != kUntimed && line.received != kUntimed && line.received - since >= kMessagePauseMs) close_held(sink);
  Event event = base_event(line);
  for (const int table : recent_)
    if (table >= 0 && take_headed(table, line, headed, event, sink)) return;
  for (const int table : set_->headed())
    if (table != recent_[0] && table != recent_[1] && table != recent_[2] && take_headed(table, line, headed, event, sink))
      return;
  if (take_tagged(line, headed, tag, event, sink)) return;
  if (headed.starts_with("```")) {  // the log of a post begins or ends here
    close_held(sink);
    event.text = text;
    return emit_unmatched(event, state_.dialect, 1, sink);
  }
  if (const std::string_view bare = stamped.empty() && line.peeled < kPeelsMax ? unquoted(text) : text; bare.size() != text.size()) {
    Line again = line;
    ++again.peeled;
    again.text = bare;
    return feed(again, sink);
  }
  if (begins_with_stamp(headed) && take_relayed(line, headed, sink)) return;
  event.time = state_.last_time;
  take_headerless(line, text, event, sink);
}

// A line that is nobody's may be somebody's behind the header of a relay, or go on a message whose first line came behind the same header.
bool Reader::take_relayed(const Line& line, std::string_view text, MessageSink& sink) {
  SyslogHeader header;
  if (!cut_syslog(text, state_.year, &header)) return false;
  if (held_table_ >= 0 && !header.program.empty() && !begins_with_stamp(header.text)) {
    SyslogHeader first;
    return set_->tables()[held_table_].table->continues && cut_syslog(std::string_view(held_).substr(0, held_ends_[0]), state_.year, &first) &&
           first.host == header.host && first.program == header.program && first.pid == header.pid && hold_line(header.text);
  }
  if (!begins_with_stamp(header.text)) return false;
  Line again = line;
  do {
    if (line.host.empty()) again.host = header.host;
    again.text = header.text;
  } while (cut_syslog(again.text, state_.year, &header) && begins_with_stamp(header.text));
  feed(again, sink);
  return true;
}

// Takes a line without a mark when a dialect knows the program that wrote it.
bool Reader::take_tagged(const Line& line, std::string_view text, std::string_view tag, Event& event, MessageSink& sink) {
  const std::string_view program = line.program.empty() ? tag.substr(0, tag.find_first_of("[: ")) : line.program;
  if (program.empty()) return false;
  event.session = line.session;
  for (const int index : set_->tagged()) {
    std::string_view message;
    const HeaderResult result = set_->tables()[index].table->cut_tagged(program, text, state_, event, message);
    if (result == HeaderResult::not_mine) continue;
    const bool unstamped = event.time == kUntimed && !state_.stamped;
    if (unstamped) event.time = line.received;  // the journal's, the event log's: of when it was written
    take_message(result, index, line, text, message, event, sink);
    if (unstamped) state_.stamped = false;
    return true;
  }
  event.session = 0;  // no other's number
  return false;
}

void Reader::take_message(HeaderResult result, int index, const Line& line, std::string_view text, std::string_view message,
                          Event& event, MessageSink& sink) {
  const DialectTable& table = *set_->tables()[index].table;
  close_held(sink);
  if (result != HeaderResult::cut && result != HeaderResult::quiet) {
    sink.on_reject(reject_of(result), table.id, text, line.ref, 1);
    return;
  }
  state_.dialect = table.id;
  remember(index);
  if (event.time != kUntimed) {
    event.time = time_in_year(state_, event, text);
    state_.last_time = event.time;
    state_.stamped = true;
  }
  event.dialect = table.id;
  event.text = text;
  if (result == HeaderResult::quiet) {
    emit_ignored(set_->tables()[index], event, 1, sink);
  } else if (table.continues && !line.complete && text.size() < kMessageBytesMax) {
    hold_first(line, text, event, message, index);
  } else if (!emit_match(index, event, trimmed(message), 1, sink)) {
    if (table.may_be_wrapped != nullptr && !line.complete && text.size() < kMessageBytesMax && table.may_be_wrapped(text))
      hold_first(line, text, event, message, index);
    else
      emit_unmatched(event, table.id, 1, sink);
  }
}

// Only dialects with a mark: others might take what stands for another. A source that two or three programs write
// into (a relay) then pays for none but them.
void Reader::remember(int table) {
  if (recent_[0] == table || !has_mark(set_->tables()[table].table->id)) return;
  const auto old = std::find(recent_.begin(), recent_.end() - 1, table);  // its place, else the last one
  std::rotate(recent_.begin(), old, old + 1);
  recent_[0] = table;
}

void Reader::flush(MessageSink& sink) {
  close_message(sink);
  resolve_fragments(true, sink);
}

void Reader::take_headerless(const Line& line, std::string_view text, Event& base, MessageSink& sink) {
  const std::string_view plain = trimmed(text);
  if (plain.empty() || is_comment(plain)) {
    if (plain.empty() && held_table_ >= 0 && hold_line(text)) return;
    base.text = text;
    emit_unmatched(base, state_.dialect, 1, sink);
    return;
  }
  base.text = plain;
  const Dialect hinted = line.program.empty() ? Dialect::unknown : dialect_of_program(line.program);
  if (begins_with_stamp(plain) || (!line.program.empty() && hinted == Dialect::unknown)) {
    // A foreign program's line. A tag may be set by the administrator, so a whole message is still taken.
    close_held(sink);
    if (begins_with_stamp(plain) || read_fragment(plain, 1, base, true, sink) == Piece::unmatched)
      sink.on_reject(Reject::unknown_dialect, Dialect::unknown, text, line.ref, 1);
    return;
  }
  if (held_table_ >= 0) {
    if (hold_line(text)) return;
    close_message(sink);
  }
  if (hinted != Dialect::unknown) state_.dialect = hinted;
  if (held_lines_ == 0) {
    switch (read_fragment(plain, 1, base, line.complete, sink)) {
      case Piece::event:
      case Piece::nothing:
        return;
      case Piece::unmatched:
        emit_unmatched(base, state_.dialect, 1, sink);
        return;
      case Piece::waits:
        hold_first(line, plain, base, plain, -1);
        return;
    }
  }
  if (!hold_line(plain)) {
    resolve_fragments(true, sink);
    hold_first(line, plain, base, plain, -1);
  }
  resolve_fragments(line.complete, sink);
}

// ---- matching
// -------------------------------------------------------------------------------------------------

// Tells what the message says; false when no row knows it.
bool Reader::emit_match(int table, Event& event, std::string_view message, std::uint32_t lines,
                        MessageSink& sink) {
  const std::span<const CompiledTable> tables = set_->tables();
  const CompiledTable* side = &tables[table];
  const CompiledTable* other = side->sibling >= 0 ? &tables[side->sibling] : nullptr;
  if (other != nullptr && state_.vantage_known && side->table->vantage != state_.vantage)
    std::swap(side, other);
  event.dialect = side->table->id;
  event.vantage = side->table->vantage;
  if (side->table->cut_prefix != nullptr) {
    std::string_view words;
    const HeaderResult result = side->table->cut_prefix(message, state_, event, words);
    if (result != HeaderResult::cut) {
      sink.on_reject(reject_of(result), side->table->id, event.text, event.ref, lines);
      return true;
    }
    message = trimmed(words);
  }
  RowMatch match = side->index.find(message, event);
  if (match.matched == Matched::no && other != nullptr && !state_.vantage_known) {
    match = other->index.find(message, event);
    if (match.matched != Matched::no) {
      side = other;
      event.vantage = side->table->vantage;
    }
    if (match.matched == Matched::yes && !match.row->says.empty()) {  // only the other side writes this
      state_.vantage = side->table->vantage;
      state_.vantage_known = true;
    }
  }
  if (match.matched == Matched::no) return false;
  if (match.matched != Matched::yes) {
    sink.on_reject(match.matched == Matched::bad_field ? Reject::bad_field : Reject::ambiguous_field,
                   side->table->id, event.text, event.ref, lines);
    return true;
  }
  event.says = match.row->says;
  if (event.vantage == Vantage::client && event.peer.empty()) event.peer = event.claimed_peer;
  if (side->table->complete != nullptr) side->table->complete(state_, event);
  emit(event, lines, sink);
  return true;
}

// A concentrator whose lines bear no stamp (the journal's, FTD's) is dated by its envelope: it is shipped as it writes. A client's log
// may lie about for hours before it is.
void Reader::emit(Event& event, std::uint32_t lines, MessageSink& sink) {
  if (event.time == kUntimed && !state_.stamped && event.vantage == Vantage::concentrator) event.time = event.received;
  if (event.says.empty()) {
    sink.on_ignored(event, lines);
  } else {
    sink.on_event(event, lines);
  }
}

void Reader::emit_unmatched(Event& event, Dialect dialect, std::uint32_t lines, MessageSink& sink) {
  const bool blank = trimmed(event.text).empty();
  if (dialect == Dialect::unknown && !blank) {
    sink.on_reject(Reject::unknown_dialect, Dialect::unknown, event.text, event.ref, lines);
    return;
  }
  event.dialect = dialect;
  event.says = {};
  const std::span<const CompiledTable> tables = set_->tables();
  // Users' dialects share one id: the one whose header was read last is meant.
  const bool own = recent_[0] >= 0 && tables[recent_[0]].table->id == dialect;
  for (const CompiledTable& table : own ? tables.subspan(recent_[0], 1) : tables)
    if (table.table->id == dialect) return emit_ignored(table, event, lines, sink);
  sink.on_ignored(event, lines);
}

// A line of the table's dialect, or of its sibling's, that says nothing.
void Reader::emit_ignored(const CompiledTable& table, Event& event, std::uint32_t lines, MessageSink& sink) {
  event.vantage = state_.vantage_known && table.sibling >= 0 ? state_.vantage : table.table->vantage;
  if (event.vantage == Vantage::client && event.peer.empty()) event.peer = event.claimed_peer;
  emit(event, lines, sink);
}

// ---- what is held
// ---------------------------------------------------------------------------------------------

void Reader::reserve_held(std::size_t more) {
  if (held_.capacity() >= held_.size() + more) return;
  std::string larger;
  larger.reserve(std::max<std::size_t>(512, (held_.size() + more) * 2));
  larger = held_;
  shift_views(held_event_, held_.data(), held_.size(), larger.data());
  held_.swap(larger);
}

void Reader::clear_held() {
  held_.clear();
  held_lines_ = 0;
  held_table_ = -1;
}

void Reader::hold_first(const Line& line, std::string_view text, const Event& event, std::string_view message,
                        int table) {
  clear_held();
  reserve_held(text.size() + 1);
  held_.assign(text);
  held_event_ = event;
  shift_views(held_event_, text.data(), text.size(), held_.data());
  held_message_ = message.empty() ? text.size() : static_cast<std::size_t>(message.data() - text.data());
  const std::array<std::string_view, 4> fields = {line.host, line.peer, line.group, line.user};
  std::size_t size = 0;
  for (std::string_view field : fields) size += field.size();
  held_envelope_.clear();
  if (held_envelope_.capacity() < size) held_envelope_.reserve(std::max<std::size_t>(64, size));
  for (std::size_t i = 0; i < fields.size(); ++i) {
    held_field_sizes_[i] = fields[i].size();
    if (fields[i].empty()) continue;
    const std::size_t begin = held_envelope_.size();
    held_envelope_.append(fields[i]);
    shift_views(held_event_, fields[i].data(), fields[i].size(), held_envelope_.data() + begin);
  }
  held_table_ = table;
  held_ends_[0] = static_cast<std::uint32_t>(held_.size());
  held_lines_ = 1;
}

// False when a bound is hit.
bool Reader::hold_line(std::string_view text) {
  const bool wrapped = held_table_ >= 0 && !set_->tables()[held_table_].table->continues;
  const std::uint32_t lines_max = wrapped ? kWrappedLinesMax : held_table_ >= 0 ? kMessageLinesMax : kFragmentLinesMax;
  if (held_lines_ >= lines_max || held_.size() + 1 + text.size() > kMessageBytesMax) return false;
  reserve_held(text.size() + 1);
  held_.push_back('\n');
  held_.append(text);
  held_ends_[held_lines_++] = static_cast<std::uint32_t>(held_.size());
  return true;
}

void Reader::close_held(MessageSink& sink) {
  if (held_lines_ == 0) return;
  if (held_table_ >= 0) close_message(sink);
  if (held_lines_ > 0) resolve_fragments(true, sink);
}

// The message is over. When its words only make sense without its last lines, those are read on their own.
void Reader::close_message(MessageSink& sink) {
  if (held_table_ < 0) return;
  if (!set_->tables()[held_table_].table->continues) return close_wrapped(sink);
  const int table = held_table_;
  const std::uint32_t lines = held_lines_;
  const std::string_view all = held_;
  held_event_.text = trimmed(all);
  if (emit_match(table, held_event_, trimmed(all.substr(std::min(held_message_, all.size()))), lines, sink)) {
    clear_held();
    return;
  }
  for (std::uint32_t k = lines - 1; k > 0; --k) {
    const std::string_view part = all.substr(0, held_ends_[k - 1]);
    held_event_.text = trimmed(part);
    const std::string_view message =
        part.size() > held_message_ ? trimmed(part.substr(held_message_)) : std::string_view();
    if (message.empty() || !emit_match(table, held_event_, message, k, sink)) continue;
    feed_again(k, sink);
    return;
  }
  held_event_.text = trimmed(all);
  emit_unmatched(held_event_, set_->tables()[table].table->id, lines, sink);
  clear_held();
}

// A line that no row knew, and what followed it: as many of its lines as make a message that one knows, else it alone.
void Reader::close_wrapped(MessageSink& sink) {
  const int table = held_table_;
  std::string whole;  // rare, and of four lines at the most
  for (std::uint32_t lines = held_lines_; lines > 1; --lines) {
    const std::string_view part = std::string_view(held_).substr(0, held_ends_[lines - 1]);
    whole = part;
    std::ranges::replace(whole, '\n', ' ');
    Event event = held_event_;
    std::string_view message;
    if (set_->tables()[table].table->cut_header(whole, state_, event, message) != HeaderResult::cut) continue;
    event.text = trimmed(part);
    if (!emit_match(table, event, trimmed(message), lines, sink)) continue;
    if (lines < held_lines_) return feed_again(lines, sink);
    return clear_held();
  }
  held_event_.text = trimmed(std::string_view(held_).substr(0, held_ends_[0]));
  emit_unmatched(held_event_, set_->tables()[table].table->id, 1, sink);
  if (held_lines_ > 1) return feed_again(1, sink);
  clear_held();
}

// Reads the held lines from number `first` on as lines of their own.
void Reader::feed_again(std::uint32_t first, MessageSink& sink) {
  const std::string rest = held_.substr(held_ends_[first - 1] + 1);
  const std::string envelope = held_envelope_;
  const std::uint32_t lines = held_lines_ - first;
  Line line;
  line.ref = {held_event_.ref.source, held_event_.ref.position + first};
  line.received = held_event_.received;
  std::string_view fields = envelope;
  std::size_t i = 0;
  for (std::string_view* field : {&line.host, &line.peer, &line.group, &line.user}) {
    *field = fields.substr(0, held_field_sizes_[i]);
    fields.remove_prefix(held_field_sizes_[i++]);
  }
  clear_held();
  std::size_t begin = 0;
  for (std::uint32_t n = 0; n < lines; ++n, ++line.ref.position) {
    const std::size_t end = std::min(rest.find('\n', begin), rest.size());
    line.text = std::string_view(rest).substr(begin, end - begin);
    Event base = base_event(line);
    base.time = state_.last_time;
    take_headerless(line, line.text, base, sink);
    begin = end + 1;
  }
}

// ---- headerless messages
// --------------------------------------------------------------------------------------

// Offers the text to the dialects that have headerless messages, the source's own first.
Reader::Piece Reader::read_fragment(std::string_view text, std::uint32_t lines, const Event& base,
                                    bool complete, MessageSink& sink) {
  if (!set_->may_be_headerless(text)) return Piece::unmatched;
  bool waits = false;
  const std::span<const CompiledTable> tables = set_->tables();
  for (const bool own : {true, false}) {
    for (std::size_t i = 0; i < tables.size(); ++i) {
      const DialectTable& table = *tables[i].table;
      if (!table.headerless || (table.id == state_.dialect) != own || (table.one_line && lines > 1)) continue;
      Event scratch = base;
      std::string_view words = text;
      bool readable = true;
      if (table.cut_prefix != nullptr)
        readable = table.cut_prefix(text, state_, scratch, words) == HeaderResult::cut;
      words = trimmed(words);
      if (readable && words.empty()) {  // nothing but a prefix
        waits = true;
        continue;
      }
      if (readable) {
        const RowMatch match =
            complete || table.one_line ? tables[i].index.find(words, scratch) : tables[i].index.find_or_wait(words, scratch);
        if (match.matched == Matched::no) continue;
        if (match.matched == Matched::partly) {
          waits = true;
          continue;
        }
      }
      Event event = base;
      const Dialect before = state_.dialect;
      state_.dialect = table.id;
      if (!emit_match(static_cast<int>(i), event, text, lines, sink)) {
        state_.dialect = before;  // the known side of the source does not write this
        continue;
      }
      return Piece::event;
    }
  }
  return waits && !complete && lines < kFragmentLinesMax ? Piece::waits : Piece::unmatched;
}

// Reads the held headerless lines from the first on. When all of them fit no row, fewer may; when none do,
// the first line is given up and the others are tried from the second on.
void Reader::resolve_fragments(bool at_end, MessageSink& sink) {
  while (held_lines_ > 0 && held_table_ < 0) {
    held_event_.text = held_;
    const Piece piece = read_fragment(held_, held_lines_, held_event_, at_end, sink);
    if (piece == Piece::waits) return;
    if (piece != Piece::unmatched) {
      clear_held();
      return;
    }
    std::uint32_t lines = held_lines_ - 1;
    for (; lines > 0; --lines) {
      const std::string_view part = std::string_view(held_).substr(0, held_ends_[lines - 1]);
      held_event_.text = part;
      if (read_fragment(part, lines, held_event_, true, sink) != Piece::unmatched) break;
    }
    if (lines == 0) {
      drop_fragments(1, true, sink);
    } else {
      drop_fragments(lines, false, sink);
    }
  }
}

// Takes the first `count` held lines away.
void Reader::drop_fragments(std::uint32_t count, bool report, MessageSink& sink) {
  const std::uint32_t end = held_ends_[count - 1];
  if (report) {
    Event first = held_event_;
    first.text = std::string_view(held_).substr(0, end);
    emit_unmatched(first, state_.dialect, count, sink);
  }
  if (held_lines_ == count) {
    clear_held();
    return;
  }
  held_.erase(0, end + 1);
  for (std::uint32_t i = count; i < held_lines_; ++i) held_ends_[i - count] = held_ends_[i] - end - 1;
  held_lines_ -= count;
  held_event_.ref.position += count;
}

}  // namespace vpnverdict::dialect
