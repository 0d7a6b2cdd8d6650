#include "metrics/label.h"

#include <cstdint>

namespace vpnverdict {
namespace {

// Bytes of the well-formed sequence at the start of `text`, 0 when there is none; its code point in `code`.
std::size_t decode(std::string_view text, std::uint32_t& code) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = byte(0);
  if (first < 0x80) {
    code = first;
    return 1;
  }
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  code = first & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
    code = code << 6 | (byte(i) & 0x3FU);
  }
  const std::uint32_t least = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000;
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  return code < least || code > 0x10FFFF || surrogate ? 0 : length;
}

bool control(std::uint32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x2028 || code == 0x2029;
}

}  // namespace

std::string label_value(std::string_view text) {
  std::string out;
  while (!text.empty() && out.size() < kLabelBytesMax) {
    std::uint32_t code = 0;
    const std::size_t length = decode(text, code);
    if (length == 0 || control(code)) {
      out += '?';
      text.remove_prefix(length == 0 ? 1 : length);
      continue;
    }
    if (out.size() + length > kLabelBytesMax) break;
    out.append(text.substr(0, length));
    text.remove_prefix(length);
  }
  return out;
}

}  // namespace vpnverdict
