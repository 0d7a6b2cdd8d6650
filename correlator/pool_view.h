// What one address pool looks like from outside: a value for tables, metrics and forecasts. Times are stream time, ms.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "correlator/event.h"

namespace vpnverdict {

// Where a capacity comes from. A closed set: it is a metric label.
enum class CapacitySource : std::uint8_t {
  configured,   // the inventory says so
  inferred,     // refusals of several users at one number of addresses in use
  lower_bound,  // no refusal told more: the most that was ever seen in use
};
inline constexpr std::string_view kCapacitySourceNames[] = {"configured", "inferred", "lower_bound"};
constexpr std::string_view name_of(CapacitySource source) { return kCapacitySourceNames[static_cast<std::size_t>(source)]; }

inline constexpr Timestamp kPoolSlotMs = 15 * 60 * 1000;
inline constexpr Timestamp kPoolDayMs = 24LL * 3600 * 1000;

struct PoolDay {
  std::int64_t day = 0;  // days since 1970, UTC
  std::uint32_t peak = 0;
  std::uint32_t low = 0;
  template <class Archive>
  void archive(Archive& ar) {
    ar(day, peak, low);
  }
  bool operator==(const PoolDay&) const = default;
};

struct PoolView {
  std::string concentrator;  // the device, or its cluster when the inventory gives the pool to the cluster
  std::string pool;          // the pool's name, else the group's, else empty: the whole device
  bool by_group = false;     // no line named a pool: what one group uses
  std::uint32_t in_use = 0;
  std::uint32_t capacity = 0;
  CapacitySource source = CapacitySource::lower_bound;
  std::uint64_t assignments = 0;
  std::uint64_t releases = 0;  // as the device said
  std::uint64_t expired = 0;   // closed without a word: too old, or the address was given to another
  std::uint64_t refusals = 0;
  std::uint64_t resets = 0;    // boots that freed everything
  Timestamp oldest_lease = kUntimed;
  Timestamp last_refusal = kUntimed;
  std::int64_t slot = 0;             // number of the newest quarter of an hour since 1970
  std::vector<std::uint32_t> slots;  // the most in use per quarter of an hour, oldest first, at most a day
  std::vector<PoolDay> days;         // oldest first, at most 90

  std::uint32_t free() const { return capacity > in_use ? capacity - in_use : 0; }
};

}  // namespace vpnverdict
