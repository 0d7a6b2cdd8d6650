// Names as keys: without case, without realm or domain, as numbers that are the same on every machine. Pure functions.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "correlator/letters.h"

namespace vpnverdict {

inline std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), lower_case);
  return out;
}

// "alice" of "CORP\alice" and of "alice@corp".
inline std::string_view bare_user(std::string_view user) {
  if (user.find('\\') != std::string_view::npos) user.remove_prefix(user.rfind('\\') + 1);  // searched for from behind it takes longer
  return user.substr(0, user.find('@'));
}

// No name, or one of which the log shows nothing but "*****".
inline bool is_masked(std::string_view name) { return std::ranges::all_of(name, [](char c) { return c == '*'; }); }

inline bool same_name(std::string_view a, std::string_view b) { return equal_ignoring_case(a, b); }

// User names compare without letter case, DOMAIN\ prefix or @realm; masked names match nothing.
inline bool same_user(std::string_view a, std::string_view b) {
  return (a == b || same_name(bare_user(a), bare_user(b))) && !is_masked(a) && !is_masked(b);
}

inline constexpr std::uint64_t kHashSeed = 0xcbf29ce484222325ULL;

inline std::uint64_t mix(std::uint64_t seed, std::string_view text) {
  for (const unsigned char c : text) seed = (seed ^ c) * 0x100000001b3ULL;
  seed ^= seed >> 32;
  return seed * 0x9e3779b97f4a7c15ULL;
}
// mix() of the text in lower case.
inline std::uint64_t mix_lower(std::uint64_t seed, std::string_view text) {
  for (const char c : text) seed = (seed ^ static_cast<unsigned char>(lower_case(c))) * 0x100000001b3ULL;
  seed ^= seed >> 32;
  return seed * 0x9e3779b97f4a7c15ULL;
}
inline std::uint64_t mix_number(std::uint64_t seed, std::uint64_t number) {
  seed = (seed ^ number) * 0xff51afd7ed558ccdULL;
  seed ^= seed >> 32;
  return seed * 0x9e3779b97f4a7c15ULL;
}
inline std::uint64_t hash_of(std::string_view text) { return hash_text<false>(text, kHashSeed); }
inline std::uint64_t hash_of_user(std::string_view user) { return hash_text<true>(bare_user(user), kHashSeed); }

}  // namespace vpnverdict
