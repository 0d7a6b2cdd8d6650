// How the files of a live pipe write what they hold: numbers are decimal with a blank behind, texts their length and then
// the bytes. Reading takes from the front of `bytes` and answers false when it is none of that. Pure functions.
#pragma once

#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>

namespace vpnverdict {

template <class Number>
void put_number(std::string& out, Number number) {
  out += std::to_string(number);
  out += ' ';
}

inline void put_text(std::string& out, std::string_view text) {
  put_number(out, text.size());
  out += text;
}

template <class Number>
bool take_number(std::string_view& bytes, Number& out) {
  const auto [rest, failed] = std::from_chars(bytes.data(), bytes.data() + bytes.size(), out);
  if (failed != std::errc() || rest == bytes.data() + bytes.size() || *rest != ' ') return false;
  bytes.remove_prefix(static_cast<std::size_t>(rest + 1 - bytes.data()));
  return true;
}

// Into a std::string, or into a view of the bytes.
template <class Text>
bool take_text(std::string_view& bytes, Text& out) {
  std::size_t size = 0;
  if (!take_number(bytes, size) || size > bytes.size()) return false;
  out = bytes.substr(0, size);
  bytes.remove_prefix(size);
  return true;
}

}  // namespace vpnverdict
