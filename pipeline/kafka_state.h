// Reads a state topic back, committed records only. Asks and waits; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "pipeline/config.h"
#include "pipeline/kafka_consumer.h"
#include "pipeline/log.h"
#include "pipeline/state_log.h"

namespace vpnverdict {

// The snapshot whose first piece stands at `base`. Empty when it was found whole, else a sentence; `answered` false
// when that is only because no broker answers.
std::string read_snapshot(const KafkaConfig& config, const KafkaPartition& from, std::int64_t base, SnapshotReader& out, bool* answered);
// Whether anything was ever committed to this partition of a state topic; nothing when no broker answers.
std::optional<bool> has_state(const KafkaConfig& config, const KafkaPartition& in);

}  // namespace vpnverdict
