// One owned shard: a partition of the internal topic, its fold, and its commits. Verdicts, state and the offset behind
// them become visible in one transaction or not at all; metrics count what was committed. Belongs to one thread.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/pipeline_metrics.h"
#include "pipeline/config.h"
#include "pipeline/kafka_transaction.h"
#include "pipeline/shard_fold.h"
#include "pipeline/state_log.h"

namespace vpnverdict {

// A committed verdict; everything in it holds during the call only.
struct ToldVerdict {
  const Verdict& verdict;
  std::string_view json;                 // its record on the verdict topic
  std::span<const std::string> sources;  // names, by SourceRef::source
  Timestamp told_at = kUntimed;          // stream time
};
using OnVerdict = std::function<void(const ToldVerdict&)>;

class ShardOwner {
 public:
  struct Parts {
    const Config& config;
    ShardCell& cell;
    KafkaCell& kafka;
    Log& log;
    const OnVerdict& on_verdict;
  };
  using Failure = KafkaTransaction::Failure;

  // Fences the former owner. On failure() the owner is worth nothing.
  ShardOwner(Parts parts, std::int32_t partition);

  struct Ends {  // of the partition: its first and its next offset
    std::int64_t low = 0;
    std::int64_t high = 0;
    std::int32_t partitions = 0;  // of the topic
  };
  // Takes the state up that belongs to what is committed. Answers where to begin to read. To be called after the
  // constructor and before reading: any other order races with the former owner.
  // `fresh`: whatever is committed is left aside; the state begins empty.
  std::int64_t resume(const CommittedOffset& committed, Ends ends, bool fresh);

  // A record of the partition, in order.
  void take(std::int64_t offset, std::string_view packet);
  // The end of the partition was reached.
  void at_end(std::int64_t offset);
  // Whether it is time for a commit, or too much waits for it.
  bool due(Timestamp now) const;
  // `now` is monotonic. `last`: a snapshot is written too, if it fits, so that the next owner folds nothing again.
  bool commit(const KafkaGroupMetadata& group, Timestamp now, bool last = false);

  const Failure& failure() const { return failure_; }
  bool resumed() const { return resume_at_ < 0; }  // its state is that of the committed offset or beyond
  std::int32_t partition() const { return partition_; }
  std::int64_t next() const { return next_; }  // offset behind the newest record taken in
  const ShardFold& fold() const { return fold_; }
  // Counted since the take-over, as far as it was committed; attempts_open as it is.
  const ShardCounts& committed_counts() const { return counted_; }

 private:
  // A snapshot on its way into the state topic.
  struct Snapshot {
    std::deque<std::string> pieces;  // not written yet
    std::int64_t taken_at = -1;
    std::int64_t base = -1;
    std::size_t bytes = 0;
  };

  bool fail(std::string sentence, bool for_good, bool refused = false);
  bool restore(const CommitNote& note);
  void end_of_redo();
  bool snapshot_is_old(Timestamp now) const;
  bool snapshot_due(Timestamp now) const;
  bool write_state(bool all);
  void committed(Timestamp now);

  Parts parts_;
  const std::int32_t partition_;
  ShardFold fold_;
  std::unique_ptr<KafkaTransaction> transaction_;
  Failure failure_;

  std::int64_t next_ = 0;             // behind the newest record taken in
  std::int64_t committed_ = -1;
  // Records below it are folded again; -1 = that is done. Before resume() nothing is.
  std::int64_t resume_at_ = std::numeric_limits<std::int64_t>::max();
  CommitNote note_;                   // of the newest commit
  Snapshot snapshot_;
  std::uint64_t bytes_since_ = 0;     // folded since the newest snapshot was taken
  std::uint64_t snapshot_bytes_ = 0;  // of that
  Timestamp next_snapshot_ = 0;       // monotonic
  Timestamp next_commit_ = 0;
  std::uint64_t redone_ = 0;
  std::uint64_t repeated_ = 0;        // told to the metrics
  std::uint64_t bad_ = 0;

  std::vector<Verdict> verdicts_;      // not committed yet
  std::vector<std::string> told_;      // their JSON
  std::size_t told_bytes_ = 0;
  ShardCounts base_counts_;            // at the take-over
  ShardCounts counted_;
};

// What the service's version is called in commit notes and metrics.
std::string program_version();

}  // namespace vpnverdict
