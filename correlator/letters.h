// Comparing names as people type them: ASCII letters without case, all other bytes as they are. Pure functions.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace vpnverdict {

constexpr char lower_case(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

inline bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::ranges::equal(a, b, {}, lower_case, lower_case);
}

// For hash maps that are asked for names as they come.
struct HashIgnoringCase {
  using is_transparent = void;
  std::size_t operator()(std::string_view name) const {
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    for (const char c : name) hash = (hash ^ static_cast<unsigned char>(lower_case(c))) * 0x100000001b3ULL;
    return static_cast<std::size_t>(hash ^ hash >> 32);
  }
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
