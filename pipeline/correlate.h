// Stage 2: one thread, one member of the group, the shards it owns. Crash-only: whatever goes wrong, everything in
// memory is dropped and the shards are taken over again from what was committed.
// run() belongs to one thread; stop(), abandon() and ready() may be called from any.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "metrics/exposer.h"
#include "metrics/pipeline_metrics.h"
#include "pipeline/config.h"
#include "pipeline/ingest.h"
#include "pipeline/kafka_consumer.h"
#include "pipeline/shard_owner.h"
#include "pipeline/stall_watch.h"

namespace vpnverdict {

class Correlate {
 public:
  // The references must outlive the stage. `on_verdict` is called from this stage's thread, for committed verdicts.
  Correlate(const Config& config, ShardCell& cell, KafkaCell& kafka, Log& log, OnVerdict on_verdict);
  ~Correlate();
  Correlate(const Correlate&) = delete;
  Correlate& operator=(const Correlate&) = delete;

  // Runs until stop(), abandon() or a failure that taking over again does not mend.
  StageEnd run();
  void stop() { stop_ = true; }
  void abandon() { abandoned_ = stop_ = true; }

  Health healthy() const;
  Health ready() const;
  std::uint64_t attempts_open() const { return attempts_open_; }

 private:
  using Shards = std::map<std::int32_t, std::unique_ptr<ShardOwner>>;

  // Joins the group, works until something fails or stop(). Answers the failure.
  ShardOwner::Failure work(StageEnd* end);
  void claim(const std::vector<KafkaPartition>& partitions);
  KafkaOffsets assigned(const std::vector<KafkaPartition>& partitions, const CommittedOffsets& committed);
  void revoked(bool lost);
  void read_some();
  void watch();
  void pause_after(const ShardOwner::Failure& failure);
  bool commit_due();
  bool commit_last();
  void drop_shards();
  void publish();
  void publish_pools();
  bool check(const ShardOwner& shard);

  const Config& config_;
  ShardCell& cell_;
  KafkaCell& kafka_;
  Log& log_;
  const OnVerdict on_verdict_;

  SourceTable sources_;  // of the consumer only: partitions of the internal topic
  std::unique_ptr<KafkaConsumer> consumer_;
  KafkaGroupMetadata group_;
  Shards shards_;
  ShardOwner::Failure failure_;
  StallWatch watch_;
  Timestamp next_watch_ = 0;  // monotonic
  Timestamp next_pools_ = 0;  // monotonic
  ShardCounts gone_;  // counted by shards that are not ours any more
  std::set<std::int32_t> begun_fresh_;  // --start fresh holds once for each shard

  mutable std::mutex refused_mutex_;
  std::string refused_;  // why it waits before it takes its shards again

  std::atomic<bool> stop_ = false;
  std::atomic<bool> abandoned_ = false;
  std::atomic<bool> resumed_ = false;
  std::atomic<bool> joined_ = false;
  std::atomic<Timestamp> last_turn_ = 0;
  std::atomic<std::uint64_t> attempts_open_ = 0;
};

}  // namespace vpnverdict
