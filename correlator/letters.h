// Comparing names as people type them: ASCII letters without case, all other bytes as they are. Pure functions.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace vpnverdict {

constexpr char lower_case(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

inline bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && (a == b || std::ranges::equal(a, b, {}, lower_case, lower_case));
}

// Eight bytes as a number, the same on every machine.
inline std::uint64_t word_of(const char* bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return std::endian::native == std::endian::little ? word : __builtin_bswap64(word);
}
// Fewer than eight bytes as a number, the first one highest; the same on every machine.
inline std::uint64_t short_word_of(std::string_view text) {
  const auto at = [text](std::size_t i) { return std::uint64_t{static_cast<unsigned char>(text[i])} << 8 * (text.size() - 1 - i); };
  const auto four_at = [text](std::size_t i) {
    std::uint32_t word = 0;
    std::memcpy(&word, text.data() + i, sizeof word);
    return std::uint64_t{std::endian::native == std::endian::little ? __builtin_bswap32(word) : word} << 8 * (text.size() - 4 - i);
  };
  if (text.empty()) return 0;
  // What is read twice is the same both times.
  return text.size() >= 4 ? four_at(0) | four_at(text.size() - 4) : at(0) | at(text.size() / 2) | at(text.size() - 1);
}
// lower_case() of eight bytes at once.
constexpr std::uint64_t lower_word(std::uint64_t word) {
  constexpr std::uint64_t kOnes = 0x0101010101010101ULL;
  const std::uint64_t low = word & 0x7F * kOnes;
  const std::uint64_t from_a = low + (0x80 - 'A') * kOnes;
  const std::uint64_t beyond_z = low + (0x80 - 'Z' - 1) * kOnes;
  return word | ((from_a ^ beyond_z) & ~word & 0x80 * kOnes) >> 2;
}

// Of a text by words of eight bytes; finds what is alike, does not withstand malice.
template <bool kIgnoringCase>
std::uint64_t hash_text(std::string_view text, std::uint64_t seed) {
  std::uint64_t hash = seed ^ text.size();
  const auto take = [&hash](std::uint64_t word) {
    hash = (hash ^ (kIgnoringCase ? lower_word(word) : word)) * 0x9e3779b97f4a7c15ULL;
    hash ^= hash >> 32;
  };
  const std::size_t size = text.size();
  for (std::size_t i = 0; i + 8 < size; i += 8) take(word_of(text.data() + i));
  take(size >= 8 ? word_of(text.data() + size - 8) : short_word_of(text));  // some of it once more
  return hash * 0x9e3779b97f4a7c15ULL;
}

// For hash maps that are asked for names as they come.
struct HashIgnoringCase {
  using is_transparent = void;
  std::size_t operator()(std::string_view name) const { return hash_text<true>(name, 0); }
};
struct EqualIgnoringCase {
  using is_transparent = void;
  bool operator()(std::string_view a, std::string_view b) const { return equal_ignoring_case(a, b); }
};

inline constexpr std::size_t kEditDistanceMax = 64;
// Insertions, deletions and exchanges between two names of at most kEditDistanceMax bytes, longer ones being as far apart as
// can be. Damerau-Levenshtein would be finer; two plain edits already tell a typo from another word.
template <class Same>
std::size_t edit_distance(std::string_view a, std::string_view b, Same same) {
  if (a.size() > kEditDistanceMax || b.size() > kEditDistanceMax) return kEditDistanceMax;
  std::array<std::size_t, kEditDistanceMax + 1> row{};
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (same(a[i - 1], b[j - 1]) ? 0u : 1u)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace vpnverdict
