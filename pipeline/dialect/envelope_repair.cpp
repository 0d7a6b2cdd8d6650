#include "pipeline/dialect/envelope_repair.h"

#include <algorithm>

namespace vpnverdict::dialect {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

unsigned byte_at(std::string_view text, std::size_t i) {
  return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
}

bool is_continuation(unsigned byte) { return (byte & 0xC0) == 0x80; }

// Length of the valid UTF-8 sequence at `i` (no overlong forms, surrogates or numbers above U+10FFFF), else 0.
std::size_t sequence_at(std::string_view text, std::size_t i) {
  const unsigned first = byte_at(text, i);
  const unsigned second = byte_at(text, i + 1);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return is_continuation(second) ? 2 : 0;
  if (!is_continuation(second) || !is_continuation(byte_at(text, i + 2))) return 0;
  if (first == 0xE0) return second >= 0xA0 ? 3 : 0;
  if (first == 0xED) return second < 0xA0 ? 3 : 0;
  if (first > 0xE0 && first <= 0xEF) return 3;
  if (!is_continuation(byte_at(text, i + 3))) return 0;
  if (first == 0xF0) return second >= 0x90 ? 4 : 0;
  if (first == 0xF4) return second < 0x90 ? 4 : 0;
  return first > 0xF0 && first < 0xF4 ? 4 : 0;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The number of "uXXXX" at `i`, -1 when it is none.
int unicode_at(std::string_view text, std::size_t i) {
  if (i + 5 > text.size() || text[i] != 'u') return -1;
  int value = 0;
  for (std::size_t k = 1; k <= 4; ++k) {
    const int digit = hex_digit(text[i + k]);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

// `in[i]` is a backslash inside a string. Returns how many bytes it took.
std::size_t repair_escape(std::string_view in, std::size_t i, std::string& out) {
  const int unit = unicode_at(in, i + 1);
  if (unit >= 0xD800 && unit <= 0xDFFF) {
    const int low = i + 6 < in.size() && in[i + 6] == '\\' ? unicode_at(in, i + 7) : -1;
    if (unit < 0xDC00 && low >= 0xDC00 && low <= 0xDFFF) {
      out.append(in.substr(i, 12));
      return 12;
    }
    out.append(kReplacement);
    return 6;
  }
  if (unit >= 0) {
    out.append(in.substr(i, 6));
    return 6;
  }
  if (i + 1 < in.size() && std::string_view("\"\\/bfnrt").find(in[i + 1]) != std::string_view::npos) {
    out.append(in.substr(i, 2));
    return 2;
  }
  out.append("\\\\");
  return 1;
}

std::size_t repair_byte(std::string_view in, std::size_t i, bool in_string, std::string& out) {
  const char c = in[i];
  if (static_cast<unsigned char>(c) >= 0x80) {
    const std::size_t length = sequence_at(in, i);
    out.append(length != 0 ? in.substr(i, length) : kReplacement);
    return std::max<std::size_t>(length, 1);
  }
  if (static_cast<unsigned char>(c) >= 0x20 || !in_string) {
    out.push_back(c);
  } else if (c == '\n') {
    out.append("\\n");
  } else if (c == '\r') {
    out.append("\\r");
  } else if (c == '\t') {
    out.append("\\t");
  } else {
    out.push_back(' ');
  }
  return 1;
}

}  // namespace

void repair_utf8(std::string_view text, std::string& out) {
  out.clear();
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = sequence_at(text, i);
    out.append(length != 0 ? text.substr(i, length) : kReplacement);
    i += std::max<std::size_t>(length, 1);
  }
}

void repair_json(std::string_view json, std::string& out) {
  out.clear();
  bool in_string = false;
  for (std::size_t i = 0; i < json.size();) {
    if (in_string && json[i] == '\\') {
      i += repair_escape(json, i, out);
      continue;
    }
    if (json[i] == '"') in_string = !in_string;
    i += repair_byte(json, i, in_string, out);
  }
}

std::string_view cut_document(std::string_view& in) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < in.size(); ++i) {
    const char c = in[i];
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && depth > 0) {
      if (--depth == 0) {
        const std::string_view document = in.substr(0, i + 1);
        in.remove_prefix(i + 1);
        return document;
      }
    }
    if (depth == 0) return {};  // not a bracket at the start
  }
  return {};
}

}  // namespace vpnverdict::dialect
