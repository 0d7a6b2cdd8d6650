#include "pipeline/dialect/relay_header.h"

#include "pipeline/dialect/pattern.h"
#include "pipeline/dialect/time.h"

namespace vpnverdict::dialect {
namespace {

constexpr int kPlainWordsMax = 2;    // host and tag
constexpr int kRfc5424WordsMax = 5;  // host, program, process, message id, structured data

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool all_digits(std::string_view word) {
  for (char c : word)
    if (!is_digit(c)) return false;
  return !word.empty();
}

// "<165>", "<165>1 " and the count of RFC 6587 framing in front of it.
bool take_priority(std::string_view& in, bool* rfc5424) {
  std::string_view rest = in;
  const std::size_t open = rest.find('<');
  if (open == std::string_view::npos || open > 8 || (open > 0 && !all_digits(trimmed(rest.substr(0, open)))))
    return false;
  rest.remove_prefix(open + 1);
  int priority = 0;
  if (!take_digits(rest, 3, &priority) || rest.empty() || rest.front() != '>') return false;
  rest.remove_prefix(1);
  if (rest.size() > 2 && rest[0] == '1' && rest[1] == ' ' && (is_digit(rest[2]) || rest[2] == '-')) {
    *rfc5424 = true;
    rest.remove_prefix(2);
  }
  in = rest;
  return true;
}

// Most relays write "Jan  8 09:10:37" and nobody needs that time: its shape is enough.
bool skip_plain_stamp(std::string_view& in) {
  if (in.size() < 16 || in[3] != ' ' || in[6] != ' ' || in[9] != ':' || in[12] != ':' || in[15] != ' ' ||
      !is_digit(in[14]))
    return false;
  if (month_named(in.substr(0, 3)) == 0) return false;
  in.remove_prefix(15);
  return true;
}

// Kiwi and others write "Local7.Notice" between the time and the host.
bool is_facility(std::string_view word) {
  return word.find('.') != std::string_view::npos &&
         (begins_with(word, "local") || begins_with(word, "daemon.") || begins_with(word, "user.") ||
          begins_with(word, "auth"));
}

}  // namespace

bool read_relay_header(std::string_view before, std::string_view* host) {
  std::string_view in = trimmed(before);
  if (in.empty()) return true;
  bool rfc5424 = false;
  if (in.front() == '<' || is_digit(in.front())) {
    take_priority(in, &rfc5424);
    in = trimmed(in);
  }
  Timestamp ignored = kUntimed;
  if (!skip_plain_stamp(in) && !take_month_stamp(in, 1972, &ignored)) take_iso_stamp(in, &ignored);
  int words = 0;
  for (std::string_view word = take_word(in); !word.empty(); word = take_word(in)) {
    if (is_facility(word)) continue;
    if (++words > (rfc5424 ? kRfc5424WordsMax : kPlainWordsMax)) return false;
    const bool name = word != "-" && word.back() != ':' && word.back() != ']' && !all_digits(word);
    if (words == 1 && name) *host = word;
  }
  return true;
}

bool to_number(std::string_view digits, std::uint32_t* out) {
  std::uint64_t value = 0;
  if (digits.empty() || digits.size() > 10) return false;
  for (char c : digits) {
    if (!is_digit(c)) return false;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  if (value > 0xffffffffULL) return false;
  *out = static_cast<std::uint32_t>(value);
  return true;
}

std::size_t find_mark(std::string_view line, std::string_view mark, std::size_t from) {
  for (std::size_t equal = line.find('=', from); equal != std::string_view::npos;
       equal = line.find('=', equal + 1))
    if (equal >= from + mark.size() && begins_with(line.substr(equal - mark.size()), mark))
      return equal - mark.size();
  return std::string_view::npos;
}

}  // namespace vpnverdict::dialect
