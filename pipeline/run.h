// The verb `run`: the service, from a checked configuration to an exit code.
#pragma once

#include <functional>
#include <string>

#include "pipeline/config.h"

namespace vpnverdict {

// 0: ended on SIGTERM or SIGINT, nothing left undone. 69: Kafka cannot be used. 74: the HTTP port cannot be used.
// 75: ended, but not everything could be delivered or committed in service.shutdown_ms; it is read again.
// 78: librdkafka refuses a property. Blocks; one per process (it owns the signals meanwhile).
// `path` is the configuration's file, which `read_again` reads for a reload (pipeline/reload.h).
int run_service(const Config& config, const std::string& path, const std::function<ConfigResult()>& read_again);

}  // namespace vpnverdict
