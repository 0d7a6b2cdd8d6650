// A member of a consumer group and the partitions it owns, in one thread; only what waits for a broker is lent to others, for all
// partitions at the same time, while that one waits for them. Crash-only: whatever goes wrong, everything in memory is dropped and the
// partitions are taken over again from what was committed.
// run() belongs to one thread; stop(), abandon(), healthy() and ready() may be called from any.
#pragma once

#include <atomic>
#include <functional>
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
#include "pipeline/partition_owner.h"
#include "pipeline/stall_watch.h"

namespace vpnverdict {

class OwnerStage {
 public:
  using Owners = std::map<std::int32_t, std::unique_ptr<PartitionOwner>>;
  struct Kind {
    std::string name;   // in sentences: "stage 2" …
    std::string owns;   // … and "shards"
    std::string one;    // … "shard"
    std::string group;
    std::string topic;
    std::function<std::unique_ptr<PartitionOwner>(std::int32_t partition)> own;
    std::function<void(const Owners&)> publish;  // after each turn
    std::function<void(const Owners&)> drop;     // they are about to be given up
  };
  struct Parts {
    const Config& config;
    KafkaCell& kafka;
    Log& log;
    SoloGate& gate;
  };

  // The parts, and what `kind` refers to, must outlive the stage.
  OwnerStage(Parts parts, Kind kind) : parts_(parts), kind_(std::move(kind)), watch_(parts.config.kafka.stall_ms) {}
  OwnerStage(const OwnerStage&) = delete;
  OwnerStage& operator=(const OwnerStage&) = delete;

  // Runs until stop(), abandon() or a failure that taking over again does not mend.
  StageEnd run();
  void stop() { stop_ = true; }
  void abandon() { abandoned_ = stop_ = true; }

  Health healthy() const;
  Health ready() const;  // it has joined the group, and what it owns was taken over

 private:
  // Joins the group, works until something fails or stop(). Answers the failure.
  PartitionOwner::Failure work(StageEnd* end);
  void claim(const std::vector<KafkaPartition>& partitions);
  KafkaOffsets assigned(const std::vector<KafkaPartition>& partitions, const CommittedOffsets& committed);
  struct Resumption {
    KafkaPartition partition;
    PartitionOwner* owner;
    CommittedOffset committed;
    bool fresh = false;
    std::int64_t begin = -1;
    bool records_wait = false;
    PartitionOwner::Failure failure{};
  };
  bool resume(Resumption& one, std::int32_t partitions);
  void revoked(bool lost);
  void read_some();
  void watch();
  void pause_after(const PartitionOwner::Failure& failure);
  bool commit_due();
  bool commit_last();
  bool commit(const std::vector<PartitionOwner*>& owners, Timestamp now, bool last);
  void drop_owners();
  void publish();
  bool check(const PartitionOwner& owner);

  Parts parts_;
  const Kind kind_;
  SourceTable sources_;  // of the consumer only
  std::unique_ptr<KafkaConsumer> consumer_;
  KafkaGroupMetadata group_;
  Owners owners_;
  PartitionOwner::Failure failure_;
  StallWatch watch_;
  Timestamp next_watch_ = 0;  // monotonic
  std::set<std::int32_t> begun_fresh_;  // --start fresh holds once for each partition

  mutable std::mutex refused_mutex_;
  std::string refused_;  // why it waits before it takes them over again

  std::atomic<bool> stop_ = false;
  std::atomic<bool> abandoned_ = false;
  std::atomic<bool> resumed_ = false;
  std::atomic<bool> joined_ = false;
  std::atomic<Timestamp> last_turn_ = 0;
};

}  // namespace vpnverdict
