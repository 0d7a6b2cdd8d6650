#include "pipeline/kafka_stats.h"

#include <algorithm>

#include <simdjson.h>

namespace vpnverdict {
namespace {

std::int64_t number(simdjson::dom::element partition, const char* key) {
  std::int64_t value = -1;
  return partition[key].get(value) == simdjson::SUCCESS ? value : -1;
}

std::int64_t lag_of(simdjson::dom::element partition) {
  const std::int64_t end = std::max(number(partition, "ls_offset"), number(partition, "hi_offset"));
  // Nothing handed over yet: librdkafka says -1001, and where it will begin is the next best thing.
  const std::int64_t position = std::max(number(partition, "app_offset"), number(partition, "committed_offset"));
  return end < 0 || position < 0 ? -1 : std::max<std::int64_t>(0, end - position);
}

}  // namespace

bool read_lags(std::string_view statistics, std::map<std::pair<std::string, std::int32_t>, std::int64_t>* lags) {
  simdjson::dom::parser parser;
  simdjson::dom::object topics;
  if (parser.parse(statistics.data(), statistics.size())["topics"].get(topics) != simdjson::SUCCESS) return false;
  for (const auto topic : topics) {
    simdjson::dom::object partitions;
    if (topic.value["partitions"].get(partitions) != simdjson::SUCCESS) continue;
    for (const auto partition : partitions) {
      std::string_view state;
      if (partition.value["fetch_state"].get(state) != simdjson::SUCCESS || state != "active") continue;
      const std::int64_t id = number(partition.value, "partition");
      if (id < 0) continue;
      (*lags)[{std::string(topic.key), static_cast<std::int32_t>(id)}] = lag_of(partition.value);
    }
  }
  return true;
}

}  // namespace vpnverdict
