#include "pipeline/shard_work.h"

#include "pipeline/sign_codec.h"
#include "pipeline/verdict_json.h"

namespace vpnverdict {
namespace {

CorrelatorOptions correlator_options(const CorrelatorConfig& config) {
  CorrelatorOptions out;
  out.grace_ms = config.grace_ms;
  out.keep_ms = config.keep_ms;
  return out;
}

constexpr std::uint64_t ShardCounts::*kGrowing[] = {
    &ShardCounts::events,          &ShardCounts::duplicates, &ShardCounts::late,
    &ShardCounts::attempts_opened, &ShardCounts::attempts_final, &ShardCounts::attempts_joined,
    &ShardCounts::revisions,       &ShardCounts::evidence_dropped, &ShardCounts::evicted};

}  // namespace

OwnedPartition shard_partition(const KafkaConfig& kafka, std::int32_t partition) {
  return {"shard", kafka.event_topic, kafka.state_topic, "vpnverdict." + kafka.group + "." + std::to_string(partition), partition};
}

ShardWork::ShardWork(Parts parts, std::int32_t partition)
    : parts_(parts), partition_(partition), fold_(parts.config.inventory, correlator_options(parts.config.correlator), parts.config.correlator.max_hold_ms) {}

std::string_view ShardWork::take(std::string_view packet, Timestamp written) {
  const std::size_t before = verdicts_.size();
  const std::string_view refused = fold_.take(packet, written > 0 ? written : kUntimed, verdicts_);
  fold_.take_signs(signs_);
  if (!telling_) {
    forget();
    return refused;
  }
  for (std::size_t i = before; i < verdicts_.size(); ++i) {
    std::string& json = told_.emplace_back();
    append_json(verdicts_[i], fold_.names(), json);
    told_bytes_ += json.size();
  }
  return refused;
}

void ShardWork::forget() {
  verdicts_.clear();
  told_.clear();
  signs_.clear();
  told_bytes_ = 0;
}

void ShardWork::taken_over(std::int32_t partitions) {
  telling_ = true;
  partitions_ = partitions;
  base_counts_ = fold_.counts();
  repeated_ = fold_.repeated();
}

bool ShardWork::produce(KafkaTransaction& transaction) {
  const KafkaConfig& kafka = parts_.config.kafka;
  for (std::size_t i = 0; i < told_.size(); ++i) {
    if (!transaction.produce(kafka.verdict_topic, -1, hex16(verdicts_[i].id), told_[i])) return false;
  }
  if (kafka.incident_topic.empty()) return true;
  for (const std::string& record : sign_records({partition_, partitions_, fold_.signs_told_until()}, signs_)) {
    if (!transaction.produce(kafka.sign_topic, 0, "", record)) return false;
  }
  return true;
}

void ShardWork::committed() {
  for (std::size_t i = 0; i < verdicts_.size(); ++i) {
    parts_.cell.count(verdicts_[i], fold_.fleet_now());
    if (parts_.on_verdict) parts_.on_verdict({verdicts_[i], told_[i], fold_.names(), fold_.fleet_now()});
  }
  parts_.kafka.add_produced(true, verdicts_.size());
  parts_.kafka.add_events_repeated(fold_.repeated() - repeated_);
  repeated_ = fold_.repeated();
  forget();
  const ShardCounts counts = fold_.counts();
  for (const auto field : kGrowing) counted_.*field = counts.*field - base_counts_.*field;
  counted_.attempts_open = counts.attempts_open;
}

}  // namespace vpnverdict
