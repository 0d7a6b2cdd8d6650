// What the parts of the incident tracker have in common: its windows, the places that failures may share, and how they are
// named. Pure functions and constants; for correlator/incident*.cpp only.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "correlator/cause.h"
#include "correlator/event.h"
#include "correlator/letters.h"

namespace vpnverdict::incident_parts {

constexpr Timestamp kMinute = 60'000;
constexpr Timestamp kHour = 60 * kMinute;
constexpr Timestamp kTickMs = 30'000;
constexpr Timestamp kWindowMs[] = {2 * kMinute, 5 * kMinute, 8 * kMinute, 30 * kMinute, 2 * kHour};  // from a burst to a group of which few call
constexpr Timestamp kKeepMs = kWindowMs[4];
constexpr Timestamp kRecentMs = kWindowMs[3];  // what may have to do with each other
constexpr Timestamp kWellMs = 15 * kMinute;    // how long the place must work before the card is closed

// Log likelihood ratio of "its own share" against "the share to be expected", which bounds the probability of chance by
// e^-x. A fleet of a hundred places and sixty causes is asked 20,000 times a week; most of it is the same question again, so e^-14 is one false card in many weeks.
constexpr double kSure = 14;
constexpr double kStillBad = 4;
constexpr double kRoom = 1.3;          // shares wander by this much for no reason …
constexpr double kRoomShare = 0.004;   // … and by this

inline double with_room(double share) { return std::min(0.9, share * kRoom + kRoomShare); }

enum Place : std::size_t { everywhere, concentrator, site, group, group_on_concentrator, aaa_server, pool, network24, network16 };

enum Family : std::uint8_t { path, proposal, group_step, login, address, session };
inline Family family_of(Cause cause) {
  const CauseRow& row = row_of(cause);
  if (row.kind == CauseKind::after_connect) return session;
  if (row.step <= 4) return path;
  if (row.step == 5) return proposal;
  if (row.step == 6) return group_step;
  return row.step == 7 ? login : address;
}

// How far into a period of this length, and how many of them before it; the clock of a device may stand before 1970.
inline Timestamp within(Timestamp at, Timestamp period) { return (at % period + period) % period; }
inline Timestamp full(Timestamp at, Timestamp period) { return (at - within(at, period)) / period; }
inline std::size_t hour_of(Timestamp at) { return static_cast<std::size_t>(within(at, 24 * kHour) / kHour); }

inline std::uint64_t mix(std::uint64_t seed, std::uint64_t value) {
  seed = (seed ^ value) * 0x9e3779b97f4a7c15ULL;
  return seed ^ seed >> 29;
}
inline std::uint64_t hash_of_name(std::string_view name) { return hash_text<true>(name, 0); }
// Of a place that one name, or two, make, by their hashes.
constexpr std::uint64_t kAttemptSeed = 0xA77E;
constexpr std::uint64_t kSessionSeed = 0x5E55;
inline std::uint64_t place_key(std::uint64_t seed, Place place, std::uint64_t a, std::uint64_t b = 0) { return mix(mix(mix(seed, place), a), b); }
inline std::uint64_t key_of(std::uint64_t place, std::size_t level, std::uint8_t code) { return mix(place, (level + 1) << 8 | code); }

// "a.b.c" of "a.b.c.d" (parts = 3); empty when there are fewer.
inline std::string_view front_of(std::string_view address, int parts) {
  std::size_t at = 0;
  for (int i = 0; i < parts; ++i) {
    at = address.find('.', i == 0 ? 0 : at + 1);
    if (at == std::string_view::npos) return {};
  }
  return address.substr(0, at);
}

// How much likelier that share is than the expected one, as a logarithm; 0 when it is not.
inline double likelihood_ratio(double failing, double active, double expected) {
  const double share = failing / active;
  if (share <= expected) return 0;
  const double rest = active - failing;
  return failing * std::log(share / expected) + (rest > 0 ? rest * std::log((1 - share) / (1 - expected)) : 0);
}

inline std::string clock_text(Timestamp at) {
  const Timestamp minutes = within(at, 24 * kHour) / kMinute;
  const auto two = [](Timestamp n) { return std::string(n < 10 ? "0" : "") + std::to_string(n); };
  return two(minutes / 60) + ':' + two(minutes % 60);
}

inline std::string plural(std::uint64_t n, std::string_view what) { return std::to_string(n) + ' ' + std::string(what) + (n == 1 ? "" : "s"); }

}  // namespace vpnverdict::incident_parts
