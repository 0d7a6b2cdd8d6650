// librdkafka's own log lines into ours. Internal to kafka_*.cpp.
#pragma once

#include <librdkafka/rdkafka.h>

#include "pipeline/log.h"

namespace vpnverdict {

// Writes one librdkafka log line; `fac` is its kind. At most one of a kind each ten seconds.
inline void forward_log(Log& log, int severity, const char* fac, const char* text) {
  // A property that only the other of consumer and producer knows is normal here.
  const bool noise = std::string_view(fac) == "CONFWARN";
  const Log::Level level = noise || severity > 6 ? Log::Level::debug
                           : severity <= 3       ? Log::Level::error
                           : severity <= 4       ? Log::Level::warning
                                                 : Log::Level::info;
  log.often(level, std::string("librdkafka ") + fac, {{"text", text}});
}

}  // namespace vpnverdict
