// What one shard thread does: events into one order, into the Shard, verdicts out, and which records are still
// needed. No thread and no queue in here. An object belongs to one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "correlator/inventory.h"
#include "correlator/shard.h"
#include "metrics/pipeline_metrics.h"
#include "pipeline/batch.h"
#include "pipeline/event_merge.h"
#include "pipeline/offset_ledger.h"

namespace vpnverdict {

class ShardStage {
 public:
  // `inventory` and `cell` must outlive the stage. `tell` gets every verdict in the order of judgement.
  ShardStage(const Inventory& inventory, CorrelatorOptions options, ShardCell& cell, std::function<void(const Verdict&)> tell);

  void take(ShardBatch batch);
  // By source, the lowest position that would have to be read again if the process ended now.
  OffsetLedger::Positions needed() const;

  // For a clean restart: the shard's state, and the positions of events that are not in it yet.
  std::string save() const { return shard_.save(); }
  std::map<std::uint32_t, std::vector<std::uint64_t>> waiting() const { return merge_.waiting(); }
  const std::map<std::uint32_t, EventMerge::Place>& places() const { return merge_.places(); }
  ShardCounts counts() const { return shard_.counts(); }
  // False when a saved state was handed over and could not be read.
  bool restored() const { return restored_; }

 private:
  void advance_to(Timestamp time);
  void tell_all();

  Shard shard_;
  EventMerge merge_;
  ShardCell& cell_;
  const std::function<void(const Verdict&)> tell_;
  std::vector<Verdict> verdicts_;
  Timestamp told_time_ = kUntimed;
  bool restored_ = true;
};

}  // namespace vpnverdict
