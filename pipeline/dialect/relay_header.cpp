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
  if (open == std::string_view::npos || open > 8 || (open > 0 && !all_digits(trimmed(rest.substr(0, open))))) return false;
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

// Kiwi and others write "Local7.Notice" between the time and the host.
bool is_facility(std::string_view word) {
  return word.find('.') != std::string_view::npos && (begins_with(word, "local") || begins_with(word, "daemon.") ||
                                                      begins_with(word, "user.") || begins_with(word, "auth"));
}

}  // namespace

bool read_relay_header(std::string_view before, int year, RelayHeader* out) {
  std::string_view in = trimmed(before);
  if (in.empty()) return true;
  bool rfc5424 = false;
  take_priority(in, &rfc5424);
  in = trimmed(in);
  if (!take_month_stamp(in, year, &out->time)) take_iso_stamp(in, &out->time);
  int words = 0;
  for (std::string_view word = take_word(in); !word.empty(); word = take_word(in)) {
    if (is_facility(word)) continue;
    if (++words > (rfc5424 ? kRfc5424WordsMax : kPlainWordsMax)) return false;
    const bool name = word != "-" && word.back() != ':' && word.back() != ']' && !all_digits(word);
    if (words == 1 && name) out->host = word;
  }
  return true;
}

std::string_view take_last_word(std::string_view& text) {
  text = trimmed(text);
  std::size_t begin = text.size();
  while (begin > 0 && !is_blank(text[begin - 1])) --begin;
  const std::string_view word = text.substr(begin);
  text = trimmed(text.substr(0, begin));
  return word;
}

std::string_view take_word(std::string_view& text) {
  text = trimmed(text);
  std::size_t end = 0;
  while (end < text.size() && !is_blank(text[end])) ++end;
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end);
  return word;
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
  for (std::size_t equal = line.find('=', from); equal != std::string_view::npos; equal = line.find('=', equal + 1))
    if (equal >= from + mark.size() && begins_with(line.substr(equal - mark.size()), mark)) return equal - mark.size();
  return std::string_view::npos;
}

}  // namespace vpnverdict::dialect
