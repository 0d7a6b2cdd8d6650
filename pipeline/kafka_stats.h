// What the metrics take out of librdkafka's statistics document. Pure; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace vpnverdict {

// Records between what the application was handed and the end, for each partition this client reads; -1 = not known
// yet. (librdkafka's consumer_lag counts from the committed offset, which stays behind on purpose here.)
// False when the document cannot be read.
bool read_lags(std::string_view statistics, std::map<std::pair<std::string, std::int32_t>, std::int64_t>* lags);

}  // namespace vpnverdict
