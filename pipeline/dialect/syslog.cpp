#include "pipeline/dialect/syslog.h"

#include <algorithm>
#include <span>

#include "pipeline/dialect/time.h"

namespace vpnverdict::dialect {
namespace {

constexpr std::size_t kHostBytesMax = 255;
constexpr std::size_t kProgramBytesMax = 64;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_blank(char c) { return c == ' ' || c == '\t'; }

void skip_blanks(std::string_view& in) {
  while (!in.empty() && is_blank(in.front())) in.remove_prefix(1);
}

std::string_view first_word(std::string_view in) {
  std::size_t n = 0;
  while (n < in.size() && !is_blank(in[n])) ++n;
  return in.substr(0, n);
}

std::string_view take_word(std::string_view& in) {
  const std::string_view word = first_word(in);
  in.remove_prefix(word.size());
  skip_blanks(in);
  return word;
}

bool take_priority(std::string_view& in, SyslogHeader* out) {
  if (in.size() < 3 || in.front() != '<') return false;
  std::string_view rest = in.substr(1);
  int value = 0;
  if (!take_digits(rest, 3, &value) || value > 191 || rest.empty() || rest.front() != '>') return false;
  rest.remove_prefix(1);
  out->facility = value / 8;
  out->severity = value % 8;
  in = rest;
  return true;
}

bool same_word(std::string_view a, std::string_view lower) {
  return a.size() == lower.size() &&
         std::equal(a.begin(), a.end(), lower.begin(), [](char x, char y) { return (is_letter(x) ? x | 0x20 : x) == y; });
}

struct Name {
  std::string_view word;
  int value;
};

constexpr Name kFacilities[] = {{"kern", 0},    {"user", 1},    {"mail", 2},    {"daemon", 3},  {"auth", 4},
                                {"syslog", 5},  {"lpr", 6},     {"news", 7},    {"uucp", 8},    {"cron", 9},
                                {"authpriv", 10}, {"ftp", 11},  {"ntp", 12},    {"local0", 16}, {"local1", 17},
                                {"local2", 18}, {"local3", 19}, {"local4", 20}, {"local5", 21}, {"local6", 22},
                                {"local7", 23}};
constexpr Name kSeverities[] = {{"emerg", 0}, {"panic", 0},   {"alert", 1},  {"crit", 2}, {"critical", 2},
                                {"err", 3},   {"error", 3},   {"warning", 4}, {"warn", 4}, {"notice", 5},
                                {"info", 6},  {"informational", 6}, {"debug", 7}};

int number_of(std::span<const Name> names, std::string_view word) {
  for (const Name& name : names)
    if (same_word(word, name.word)) return name.value;
  return -1;
}

// "local7.error", as rsyslog templates and Windows collectors write the priority.
bool read_priority_words(std::string_view word, SyslogHeader* out) {
  if (word.ends_with(':')) word.remove_suffix(1);
  const std::size_t dot = word.find('.');
  if (dot == std::string_view::npos || word.size() > 24) return false;
  const int facility = number_of(kFacilities, word.substr(0, dot));
  const int severity = number_of(kSeverities, word.substr(dot + 1));
  if (facility < 0 || severity < 0) return false;
  out->facility = facility;
  out->severity = severity;
  return true;
}

bool is_number(std::string_view word) { return !word.empty() && std::all_of(word.begin(), word.end(), is_digit); }

// A relay may write "ip/ip". A sequence number, a clock or a date is not a host: it is a message that has none.
bool is_host(std::string_view word) {
  if (word.empty() || word.size() > kHostBytesMax || is_number(word)) return false;
  bool letter = false;
  int dots = 0;
  int colons = 0;
  int slashes = 0;
  for (char c : word) {
    letter = letter || is_letter(c);
    dots += c == '.';
    colons += c == ':';
    slashes += c == '/';
    if (!is_letter(c) && !is_digit(c) && c != '.' && c != '-' && c != '_' && c != ':' && c != '/') return false;
  }
  return letter || dots == 3 || colons > 2 || (slashes == 1 && dots == 6);
}

bool is_program(std::string_view word) {
  if (word.empty() || word.size() > kProgramBytesMax || !std::any_of(word.begin(), word.end(), is_letter)) return false;
  return std::all_of(word.begin(), word.end(), [](char c) {
    return is_letter(c) || is_digit(c) || c == '.' || c == '-' || c == '_' || c == '/' || c == '@';
  });
}

// "charon[812]:", "charon:", "charon[812]" in front of the text. A bare word is text.
bool take_tag(std::string_view& in, SyslogHeader* out) {
  const std::string_view word = first_word(in);
  const std::size_t end = word.find_first_of(":[");
  if (end == std::string_view::npos || !is_program(word.substr(0, end))) return false;
  if (end == 13 && word[4] == '-' && word[7] == '-' && word[10] == 'T') return false;  // "2024-06-20T19:47:09" is another header
  std::size_t used = end;
  std::string_view pid;
  if (word[end] == '[') {
    const std::size_t close = word.find(']', end);
    if (close == std::string_view::npos) return false;
    pid = word.substr(end + 1, close - end - 1);
    if (!pid.empty() && !is_number(pid)) return false;  // "vpnc[]:" is written by relays that lost the number
    used = close + 1;
  }
  if (used < word.size() && word[used] == ':') ++used;
  // "charon:05[IKE]" is written without a blank by some; "dev01:514" is an address with a port.
  if (used < word.size() && word[end] == ':' && is_digit(word[used]) && is_number(word.substr(used))) return false;
  out->program = word.substr(0, end);
  out->pid = pid;
  in.remove_prefix(used);
  skip_blanks(in);
  return true;
}

// Programs that play both parts or write no names: their lines are read by what the same host's said before.
bool keeps_state(std::string_view tag) {
  switch (tag.empty() ? 0 : tag.front()) {
    case 'c': return tag.starts_with("charon");
    case 'i': return tag.starts_with("ipsec");
    case 'o': return tag.starts_with("openconnect");
    case 'p': return tag.starts_with("pluto");
    case 'v': return tag.starts_with("vpnc:") || tag.starts_with("vpnc[");
    default: return false;
  }
}

std::string_view take_structured_data(std::string_view& in) {
  const std::string_view start = in;
  if (!in.empty() && in.front() != '[') return take_word(in);
  bool quoted = false;
  std::size_t i = 0;
  for (; i < in.size(); ++i) {
    if (quoted && in[i] == '\\') {
      ++i;
    } else if (in[i] == '"') {
      quoted = !quoted;
    } else if (!quoted && in[i] == ']' && (i + 1 == in.size() || in[i + 1] != '[')) {
      ++i;
      break;
    }
  }
  i = std::min(i, in.size());
  in.remove_prefix(i);
  skip_blanks(in);
  return start.substr(0, i);
}

std::string_view nil_is_empty(std::string_view word) { return word == "-" ? std::string_view{} : word; }

// VERSION SP TIMESTAMP SP HOST SP APP SP PROCID SP MSGID SP DATA [SP MSG]. The stamp must be there or "-": a VPN 3000
// sequence number followed by a US date is no version.
bool cut_rfc5424(std::string_view in, SyslogHeader* out) {
  int version = 0;
  if (!take_digits(in, 2, &version) || version == 0 || in.empty() || in.front() != ' ') return false;
  in.remove_prefix(1);
  if (in.starts_with("- ")) {
    in.remove_prefix(2);
  } else if (!take_iso_stamp(in, &out->time)) {
    return false;
  }
  skip_blanks(in);
  out->host = nil_is_empty(take_word(in));
  out->program = nil_is_empty(take_word(in));
  out->pid = nil_is_empty(take_word(in));
  take_word(in);  // message id
  take_structured_data(in);
  if (in.starts_with(kByteOrderMark)) in.remove_prefix(kByteOrderMark.size());
  out->text = in;
  return true;
}

// A stamp of the relay; Cisco puts '*' or '.' in front when the clock is not set, and the zone's name behind.
bool take_stamp(std::string_view& in, int year, SyslogHeader* out) {
  std::string_view rest = in;
  if (!rest.empty() && (rest.front() == '*' || rest.front() == '.')) rest.remove_prefix(1);
  if (!take_iso_stamp(rest, &out->time) && !take_month_stamp(rest, year > 0 ? year : 1970, &out->time) && !take_colon_stamp(rest, &out->time)) return false;
  if (!rest.empty() && !is_blank(rest.front()) && rest.front() != ':') return false;  // glued to text: no header
  const std::string_view zone = first_word(rest.size() > 1 && rest.front() == ' ' ? rest.substr(1) : rest);
  if (zone.size() >= 3 && zone.size() <= 6 && zone.back() == ':' &&
      std::all_of(zone.begin(), zone.end() - 1, [](char c) { return c >= 'A' && c <= 'Z'; }))
    rest.remove_prefix(zone.data() - rest.data() + zone.size() - 1);
  in = rest;
  return true;
}

// Behind a stamp: [":"] | host [":" | " :"] [tag] | tag. A colon decides: "dev01: %ASA-…" is a host, "charon: text" a tag.
void cut_host_and_tag(std::string_view in, SyslogHeader* out) {
  skip_blanks(in);
  if (!in.empty() && in.front() == ':') {
    in.remove_prefix(1);
    skip_blanks(in);
    out->text = in;
    return;
  }
  std::string_view rest = in;
  std::string_view word = take_word(rest);
  if (read_priority_words(word, out)) {
    in = rest;
    word = take_word(rest);
  }
  const bool colon_behind = rest.starts_with(':');
  const bool device_behind = word.size() > 1 && word.ends_with(':') && rest.starts_with('%');
  if (device_behind && is_host(word.substr(0, word.size() - 1))) {
    out->host = word.substr(0, word.size() - 1);
    out->text = rest;
    return;
  }
  if (!word.ends_with(':') && is_host(word) && !rest.empty()) {
    out->host = word;
    in = rest;
    if (colon_behind) {
      in.remove_prefix(1);
      skip_blanks(in);
    }
  }
  take_tag(in, out);
  out->text = in;
}

// "172.16.200.253:514 : local7.error %PIX-3-713902: …", a Windows collector's line without a stamp.
bool cut_collector(std::string_view in, SyslogHeader* out) {
  const std::string_view sender = take_word(in);
  if (!in.starts_with(": ")) return false;
  in.remove_prefix(2);
  skip_blanks(in);
  const std::string_view words = take_word(in);
  const std::size_t colon = sender.rfind(':');
  const std::string_view host = sender.substr(0, colon);
  if (!is_host(host) || !read_priority_words(words, out)) return false;
  out->host = host;
  out->text = in;
  return true;
}

// A priority without a stamp: "<166>host %FTD-6-113005: …" or "<166>:: %ASA-…" or "<189>39 04/07/2005 …".
void cut_unstamped(std::string_view in, SyslogHeader* out) {
  while (!in.empty() && (in.front() == ':' || is_blank(in.front()))) in.remove_prefix(1);
  std::string_view rest = in;
  const std::string_view word = take_word(rest);
  if (is_host(word) && rest.starts_with('%')) {
    out->host = word;
    in = rest;
  } else {
    take_tag(in, out);
  }
  out->text = in;
}

}  // namespace

std::optional<std::string_view> daemon_host(std::string_view line) {
  constexpr std::size_t kShortest = 20;
  std::string_view in = line;
  bool versioned = false;
  if (in.starts_with('<')) {
    in.remove_prefix(std::min(in.size(), in.substr(0, 5).find('>') + 1));
    versioned = in.starts_with("1 ");
    if (versioned) in.remove_prefix(2);
  }
  if (in.size() < kShortest) return std::nullopt;
  std::size_t stamp = 0;
  if (in[3] == ' ' && in[6] == ' ' && in[9] == ':' && in[12] == ':')
    stamp = 15;
  else if (in[4] == '-' && in[7] == '-' && in[10] == 'T' && in[13] == ':')
    for (stamp = 19; stamp < in.size() && in[stamp] != ' ';) ++stamp;
  else
    return std::nullopt;
  if (stamp >= in.size() || in[stamp] != ' ') return std::string_view{};
  std::size_t host_end = stamp + 1;
  while (host_end < in.size() && in[host_end] != ' ') ++host_end;
  if (host_end == in.size() || !keeps_state(in.substr(host_end + 1))) return std::string_view{};
  const std::string_view host = in.substr(stamp + 1, host_end - stamp - 1);
  const bool tagged = versioned || first_word(in.substr(host_end + 1)).ends_with(':');
  return tagged && is_host(host) ? host : std::string_view{};
}

std::size_t octet_counted_frame(std::string_view in, std::string_view* content) {
  if (in.empty() || !is_digit(in.front()) || in.front() == '0') return 0;
  std::size_t digits = 1;  // most lines that begin with one are out by what stands behind them
  while (digits < 8 && digits < in.size() && is_digit(in[digits])) ++digits;
  if (digits > 7 || in.size() < digits + 3 || in[digits] != ' ' || in[digits + 1] != '<' || !is_digit(in[digits + 2])) return 0;
  std::string_view rest = in;
  int count = 0;
  take_digits(rest, 7, &count);
  rest.remove_prefix(1);
  if (static_cast<std::size_t>(count) > rest.size()) return 0;
  *content = rest.substr(0, count);
  return in.size() - rest.size() + count;
}

std::string_view program_of_tag(std::string_view tag, std::string_view* pid) {
  while (!tag.empty() && (tag.back() == ':' || is_blank(tag.back()))) tag.remove_suffix(1);
  const std::size_t open = tag.find('[');
  if (open == std::string_view::npos || open == 0 || tag.back() != ']') return tag;
  if (pid) *pid = tag.substr(open + 1, tag.size() - open - 2);
  return tag.substr(0, open);
}

bool cut_syslog(std::string_view line, int year, SyslogHeader* out) {
  *out = SyslogHeader{};
  out->text = line;
  std::string_view in = line;
  std::string_view frame;
  if (octet_counted_frame(in, &frame) != 0) in = frame;
  const bool priority = take_priority(in, out);
  SyslogHeader header = *out;
  if (priority && cut_rfc5424(in, &header)) {
    *out = header;
    return true;
  }
  std::string_view rest = in;
  if (priority)  // EMBLEM: "<166>:Feb 26 …"
    while (!rest.empty() && (rest.front() == ':' || rest.front() == ' ')) rest.remove_prefix(1);
  if (take_stamp(rest, year, out)) {
    cut_host_and_tag(rest, out);
    return true;
  }
  out->time = kUntimed;
  if (priority) {
    cut_unstamped(in, out);
    return true;
  }
  return cut_collector(in, out);
}

}  // namespace vpnverdict::dialect
