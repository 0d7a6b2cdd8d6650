// Stage 2: the shards that one thread owns.
// run() belongs to one thread; stop(), abandon(), healthy() and ready() may be called from any.
#pragma once

#include <atomic>
#include <cstdint>

#include "metrics/pipeline_metrics.h"
#include "pipeline/owner_stage.h"
#include "pipeline/shard_work.h"

namespace vpnverdict {

class Correlate {
 public:
  // The parts and the cell must outlive the stage. `on_verdict` is called from this stage's thread, for committed verdicts.
  Correlate(OwnerStage::Parts parts, ShardCell& cell, OnVerdict on_verdict);

  StageEnd run() { return stage_.run(); }
  void stop() { stage_.stop(); }
  void abandon() { stage_.abandon(); }
  Health healthy() const { return stage_.healthy(); }
  Health ready() const { return stage_.ready(); }
  std::uint64_t attempts_open() const { return attempts_open_; }

 private:
  void publish(const OwnerStage::Owners& shards);
  void publish_pools(const OwnerStage::Owners& shards);
  void drop(const OwnerStage::Owners& shards);

  ShardCell& cell_;
  const OnVerdict on_verdict_;
  Timestamp next_pools_ = 0;  // monotonic
  ShardCounts gone_;          // counted by shards that are not ours any more
  std::atomic<std::uint64_t> attempts_open_ = 0;
  OwnerStage stage_;
};

}  // namespace vpnverdict
