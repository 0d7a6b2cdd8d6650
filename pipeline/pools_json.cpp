#include "pipeline/pools_json.h"

#include <algorithm>
#include <span>
#include <utility>

#include "correlator/pool_forecast.h"
#include "pipeline/json_object.h"
#include "pipeline/pool_table.h"

namespace vpnverdict {
namespace {

void forecast(JsonObject& object, const PoolView& pool) {
  const bool full = pool.source != CapacitySource::lower_bound && pool.free() == 0;
  const auto hours = full ? std::nullopt : exhaustion_by_hours(pool);
  const auto days = full || hours ? std::nullopt : exhaustion_by_days(pool);
  if (!hours && !days) return object.json("forecast", "null");
  object.object("forecast", [&](JsonObject& inner) {
    inner.number("full_in_seconds", static_cast<std::uint64_t>(hours ? *hours : *days) / 1000);
    inner.text("trend", hours ? "hours" : "days");
  });
}

void append(const PoolView& pool, std::string& out) {
  JsonObject object(out);
  object.text("concentrator", pool.concentrator);
  object.text("pool", pool.pool);
  object.boolean("by_group", pool.by_group);
  object.number("in_use", pool.in_use);
  object.number("capacity", pool.capacity);
  object.text("capacity_is", name_of(pool.source));
  if (pool.source == CapacitySource::lower_bound) {
    object.json("free", "null");
  } else {
    object.number("free", pool.free());
  }
  object.number("assignments", pool.assignments);
  object.number("releases", pool.releases);
  object.number("expired", pool.expired);
  object.number("refusals", pool.refusals);
  object.time("last_refusal", pool.last_refusal);
  object.time("oldest_lease", pool.oldest_lease);
  object.array("hours", hourly_peaks(pool), [&](std::uint32_t peak) { out += std::to_string(peak); });
  forecast(object, pool);
  object.close();
}

}  // namespace

std::string pools_json(std::vector<PoolView> pools, std::size_t skip, std::size_t limit) {
  fullest_first(pools);
  const std::size_t begin = std::min(skip, pools.size());
  const std::size_t end = begin + std::min(limit, pools.size() - begin);
  std::string out;
  JsonObject object(out);
  object.number("count", pools.size());
  object.array("pools", std::span(pools).subspan(begin, end - begin), [&](const PoolView& pool) { append(pool, out); });
  if (end < pools.size()) {
    object.number("next", end);
  } else {
    object.json("next", "null");
  }
  object.close();
  return out;
}

}  // namespace vpnverdict
