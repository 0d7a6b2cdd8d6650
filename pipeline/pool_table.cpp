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
  const std::size_t step = 4;
  const std::size_t hours = (pool.slots.size() + step - 1) / step;
  const std::uint32_t top = std::max<std::uint32_t>(1, pool.capacity);
  for (std::size_t hour = 0; hour < hours; ++hour) {
    const std::size_t end = pool.slots.size() - (hours - 1 - hour) * step;
    const std::size_t begin = end > step ? end - step : 0;
    const std::uint32_t peak = *std::max_element(pool.slots.begin() + static_cast<std::ptrdiff_t>(begin), pool.slots.begin() + static_cast<std::ptrdiff_t>(end));
    out += kBars[std::min<std::uint64_t>(7, std::uint64_t{peak} * 8 / top)];
  }
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

std::string known(const PoolView& pool) {
  switch (pool.source) {
    case CapacitySource::configured: return "";
    case CapacitySource::inferred: return " inferred";
    case CapacitySource::lower_bound: return " or more";
  }
  return "";
}

}  // namespace

std::string pool_table(std::vector<PoolView> pools) {
  if (pools.empty()) return "No line told of an address that was given or refused.\n";
  // What has only a lower bound is at it now and then by nature.
  const auto rank = [](const PoolView& p) { return std::pair{p.source == CapacitySource::lower_bound, p.free() * 1000.0 / std::max<std::uint32_t>(1, p.capacity)}; };
  std::ranges::stable_sort(pools, [&](const PoolView& a, const PoolView& b) { return rank(a) < rank(b); });
  std::string out = padded("concentrator", 20) + "  " + padded("pool", 18) + "  " + padded("in use of", 20) + "  " + padded("use by the hour", kSparkColumns) + "  " +
                    padded_left("refused", 7) + "  forecast\n";
  for (const PoolView& pool : pools) {
    const std::string name = pool.pool.empty() ? "(all)" : printable(pool.pool) + (pool.by_group ? " (group)" : "");
    const std::string use = std::to_string(pool.in_use) + " of " + std::to_string(pool.capacity) + known(pool);
    out += padded(shortened(printable(pool.concentrator), 20), 20) + "  " + padded(shortened(name, 18), 18) + "  " + padded(use, 20) + "  " +
           padded(sparkline(pool), kSparkColumns) + "  " + padded_left(with_thousands(pool.refusals), 7) + "  " + forecast(pool) + "\n";
  }
  return out;
}

}  // namespace vpnverdict
