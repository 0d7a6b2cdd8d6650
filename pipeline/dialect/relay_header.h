// What a syslog relay may have put in front of a message that carries its own mark (VPN 3000, Cisco client).
// Pure functions, any thread.
#pragma once

#include <string_view>

#include "pipeline/dialect/pattern.h"

namespace vpnverdict::dialect {

// Finds the host's name, if the relay gives one; its stamp is skipped, the device's own is better. False when
// `before` holds more words than a relay writes: then the mark stands in another program's text, where
// anybody may have put it.
bool read_relay_header(std::string_view before, std::string_view* host);

// Takes the last word off the end of `text`, with the blanks around it; empty when there is none.
inline std::string_view take_last_word(std::string_view& text) {
  std::size_t end = text.size();
  while (end > 0 && is_blank(text[end - 1])) --end;
  std::size_t begin = end;
  while (begin > 0 && !is_blank(text[begin - 1])) --begin;
  const std::string_view word = text.substr(begin, end - begin);
  text = text.substr(0, begin);
  return word;
}
// Takes the first word off the front.
inline std::string_view take_word(std::string_view& text) {
  std::size_t begin = 0;
  while (begin < text.size() && is_blank(text[begin])) ++begin;
  std::size_t end = begin;
  while (end < text.size() && !is_blank(text[end])) ++end;
  const std::string_view word = text.substr(begin, end - begin);
  text.remove_prefix(end);
  return word;
}
// Decimal, at most 32 bits; false otherwise.
bool to_number(std::string_view digits, std::uint32_t* out);
// Where a mark like "sev=" (given without the equal sign, in lower case) stands behind `from`; npos when
// nowhere.
std::size_t find_mark(std::string_view line, std::string_view mark, std::size_t from = 0);

}  // namespace vpnverdict::dialect
