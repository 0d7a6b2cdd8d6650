#include "pipeline/correlate.h"

#include <algorithm>
#include <iterator>

#include "pipeline/intake.h"

namespace vpnverdict {
namespace {

constexpr Timestamp kPoolsEveryMs = 2'000;  // no scrape comes more often

constexpr std::uint64_t ShardCounts::*kFields[] = {
    &ShardCounts::events,          &ShardCounts::duplicates, &ShardCounts::late,
    &ShardCounts::attempts_opened, &ShardCounts::attempts_final, &ShardCounts::attempts_joined,
    &ShardCounts::revisions,       &ShardCounts::evidence_dropped, &ShardCounts::evicted};

void add(ShardCounts& sum, const ShardCounts& more) {
  for (const auto field : kFields) sum.*field += more.*field;
}

// The stage below owns nothing but these.
const ShardWork& shard_in(const PartitionOwner& owner) { return static_cast<const ShardWork&>(owner.work()); }

}  // namespace

Correlate::Correlate(OwnerStage::Parts parts, ShardCell& cell, OnVerdict on_verdict)
    : cell_(cell),
      on_verdict_(std::move(on_verdict)),
      stage_(parts, {"stage 2", "shards", "shard", parts.config.kafka.group + ".correlate", parts.config.kafka.event_topic,
                     [this, parts](std::int32_t partition) {
                       return std::make_unique<PartitionOwner>(
                           PartitionOwner::Parts{parts.config, parts.kafka, parts.log, parts.gate}, shard_partition(parts.config.kafka, partition),
                           std::make_unique<ShardWork>(ShardWork::Parts{parts.config, cell_, parts.kafka, on_verdict_}, partition));
                     },
                     [this](const OwnerStage::Owners& shards) { publish(shards); },
                     [this](const OwnerStage::Owners& shards) { drop(shards); }}) {}

void Correlate::drop(const OwnerStage::Owners& shards) {
  for (const auto& [partition, owner] : shards) add(gone_, shard_in(*owner).committed_counts());
}

void Correlate::publish(const OwnerStage::Owners& shards) {
  ShardCounts sum = gone_;
  Timestamp slowest = kUntimed;
  std::size_t missing = 0;
  for (const auto& [partition, owner] : shards) {
    const ShardWork& shard = shard_in(*owner);
    add(sum, shard.committed_counts());
    sum.attempts_open += shard.committed_counts().attempts_open;
    missing = std::max(missing, shard.fold().sources_missing());
    const Timestamp time = shard.fold().stream_time();
    if (time != kUntimed) slowest = slowest == kUntimed ? time : std::min(slowest, time);
  }
  attempts_open_ = sum.attempts_open;
  cell_.publish(sum, slowest, missing);
  publish_pools(shards);
}

void Correlate::publish_pools(const OwnerStage::Owners& shards) {
  const Timestamp now = Intake::now().monotonic;
  if (!shards.empty() && now < next_pools_) return;
  next_pools_ = now + kPoolsEveryMs;
  std::vector<PoolView> pools;
  for (const auto& [partition, owner] : shards)
    if (owner->resumed()) std::ranges::move(shard_in(*owner).fold().pools(), std::back_inserter(pools));
  cell_.publish(std::move(pools));
}

}  // namespace vpnverdict
