#include "pipeline/terminal.h"

#include <cstdlib>

#include <unistd.h>

#include "pipeline/verdict_json.h"

namespace vpnverdict {
namespace {

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// Valid multi-byte characters that hide or reorder text: C1 controls, zero width, bidi, line separators, BOM.
bool hides(std::string_view c) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(c[i]); };
  if (c.size() == 2) return byte(0) == 0xC2 && byte(1) < 0xA0;
  if (c.size() != 3) return false;
  if (byte(0) == 0xE2 && byte(1) == 0x80)
    return (byte(2) >= 0x8B && byte(2) <= 0x8F) || (byte(2) >= 0xA8 && byte(2) <= 0xAE);
  if (byte(0) == 0xE2 && byte(1) == 0x81) return byte(2) >= 0xA0 && byte(2) <= 0xAF;
  return byte(0) == 0xEF && byte(1) == 0xBB && byte(2) == 0xBF;
}

// Bytes of the first `columns` characters.
std::size_t bytes_of(std::string_view text, std::size_t columns) {
  std::size_t i = 0;
  while (i < text.size()) {
    if (!is_continuation(text[i]) && columns-- == 0) break;
    ++i;
  }
  return i;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(text.substr(i));
    const char c = text[i];
    if (length == 0) {
      out += "\xEF\xBF\xBD";
    } else if (length == 1) {
      if (c == '\t' || c == '\n')
        out += ' ';
      else if (c != '\r')
        out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
    } else if (!hides(text.substr(i, length))) {
      out += text.substr(i, length);
    }
    i += length == 0 ? 1 : length;
  }
  return out;
}

std::size_t width_of(std::string_view text) {
  std::size_t width = 0;
  for (char c : text) width += is_continuation(c) ? 0 : 1;
  return width;
}

std::vector<std::string> wrapped(std::string_view text, std::size_t columns) {
  std::vector<std::string> lines;
  std::string line;
  std::size_t width = 0;
  while (!text.empty()) {
    const std::size_t from = text.find_first_not_of(' ');
    if (from == std::string_view::npos) break;
    text.remove_prefix(from);
    std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(word.size());
    if (width != 0 && width + 1 + width_of(word) > columns) {
      lines.push_back(std::move(line));
      line.clear();
      width = 0;
    }
    while (width_of(word) > columns) {
      const std::size_t cut = bytes_of(word, columns);
      lines.emplace_back(word.substr(0, cut));
      word.remove_prefix(cut);
    }
    if (width != 0) line += ' ';
    line += word;
    width = width_of(line);
  }
  if (!line.empty()) lines.push_back(std::move(line));
  return lines;
}

std::string shortened(std::string_view text, std::size_t columns) {
  if (width_of(text) <= columns) return std::string(text);
  return std::string(text.substr(0, bytes_of(text, columns - 1))) + "…";
}

std::string shortened_front(std::string_view text, std::size_t columns) {
  const std::size_t width = width_of(text);
  if (width <= columns) return std::string(text);
  return "…" + std::string(text.substr(bytes_of(text, width - (columns - 1))));
}

std::string padded(std::string_view text, std::size_t columns) {
  const std::size_t width = width_of(text);
  return std::string(text) + std::string(width < columns ? columns - width : 0, ' ');
}

std::string padded_left(std::string_view text, std::size_t columns) {
  const std::size_t width = width_of(text);
  return std::string(width < columns ? columns - width : 0, ' ') + std::string(text);
}

std::string with_thousands(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

std::string styled(std::string_view text, Style style, bool colour) {
  static constexpr std::string_view kCodes[] = {"", "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[32m", "\x1b[33m"};
  if (!colour || style == Style::plain) return std::string(text);
  return std::string(kCodes[static_cast<std::size_t>(style)]) + std::string(text) + "\x1b[0m";
}

bool wants_colour(int descriptor) {
  const char* no_colour = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  if (no_colour != nullptr && *no_colour != '\0') return false;
  if (terminal == nullptr || std::string_view(terminal) == "dumb") return false;
  return ::isatty(descriptor) == 1;
}

}  // namespace vpnverdict
