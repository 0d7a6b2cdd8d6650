// Text exposition in the form of OpenMetrics 1.0, which the metrics library does not write: counters carry exemplars there.
// Pure functions; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <prometheus/metric_family.h>

namespace vpnverdict {

// For one family of counters: the attempt that each of its series counted last, 0 for none.
struct Exemplars {
  std::string_view family;
  std::vector<std::uint64_t> attempts;  // by the family's metrics, in their order
};

// Names of counters must end with _total. Label values must be UTF-8, as label_value() makes them.
std::string open_metrics(std::span<const prometheus::MetricFamily> families, const Exemplars& exemplars);

// Whether a request with this Accept header wants it.
bool wants_open_metrics(std::string_view accept);

inline constexpr std::string_view kOpenMetricsType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

}  // namespace vpnverdict
