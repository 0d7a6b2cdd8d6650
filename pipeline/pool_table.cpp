#include "pipeline/pool_table.h"

#include <algorithm>
#include <cstddef>

#include "correlator/pool_forecast.h"
#include "pipeline/terminal.h"

namespace vpnverdict {
namespace {

constexpr std::size_t kSparkColumns = 24;  // an hour each
constexpr std::string_view kBars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

std::string sparkline(const PoolView& pool) {
  std::string out;
  const std::uint32_t top = std::max<std::uint32_t>(1, pool.capacity);
  for (const std::uint32_t peak : hourly_peaks(pool)) out += kBars[std::min<std::uint64_t>(7, std::uint64_t{peak} * 8 / top)];
  return out;
}

std::string span(Timestamp ms) {
  const Timestamp hours = ms / 3'600'000;
  if (hours >= 48) return std::to_string(hours / 24) + " days";
  if (hours >= 2) return std::to_string(hours) + " h";
  return std::to_string(ms / 60'000) + " min";
}

std::string forecast(const PoolView& pool) {
  if (pool.source != CapacitySource::lower_bound && pool.free() == 0) return "full";
  if (const auto soon = exhaustion_by_hours(pool)) return "full in " + span(*soon);
  if (const auto later = exhaustion_by_days(pool)) return "full in " + span(*later);
  return "-";
}

std::string use_of(const PoolView& pool) {
  const bool bound = pool.source == CapacitySource::lower_bound;
  if (bound && pool.capacity == 0) return "none ever given";
  const std::string use = std::to_string(pool.in_use) + " of " + std::to_string(pool.capacity);
  return use + (bound ? " or more" : pool.source == CapacitySource::inferred ? " inferred" : "");
}

}  // namespace

std::vector<std::uint32_t> hourly_peaks(const PoolView& pool) {
  constexpr std::size_t kSlots = 3'600'000 / kPoolSlotMs;
  std::vector<std::uint32_t> out((pool.slots.size() + kSlots - 1) / kSlots);
  for (std::size_t i = 0; i < pool.slots.size(); ++i) {  // the newest hour is a whole one
    std::uint32_t& hour = out[out.size() - 1 - (pool.slots.size() - 1 - i) / kSlots];
    hour = std::max(hour, pool.slots[i]);
  }
  return out;
}

void fullest_first(std::vector<PoolView>& pools) {
  const auto rank = [](const PoolView& p) { return std::pair{p.source == CapacitySource::lower_bound, p.free() * 1000.0 / std::max<std::uint32_t>(1, p.capacity)}; };
  std::ranges::stable_sort(pools, [&](const PoolView& a, const PoolView& b) { return rank(a) < rank(b); });
}

std::string pool_table(std::vector<PoolView> pools) {
  if (pools.empty()) return "No line told of an address that was given or refused.\n";
  fullest_first(pools);
  std::string out = padded("concentrator", 20) + "  " + padded("pool", 18) + "  " + padded("in use of", 20) + "  " + padded("use by the hour", kSparkColumns) + "  " +
                    padded_left("refused", 7) + "  forecast\n";
  for (const PoolView& pool : pools) {
    const std::string name = pool.pool.empty() ? "(all)" : printable(pool.pool) + (pool.by_group ? " (group)" : "");
    out += padded(shortened(printable(pool.concentrator), 20), 20) + "  " + padded(shortened(name, 18), 18) + "  " + padded(use_of(pool), 20) + "  " +
           padded(sparkline(pool), kSparkColumns) + "  " + padded_left(with_thousands(pool.refusals), 7) + "  " + forecast(pool) + "\n";
  }
  return out;
}

}  // namespace vpnverdict
