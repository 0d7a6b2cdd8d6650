// One owned partition of a topic that is folded: a shard, or the incidents. What is told, the state and the offset behind
// them become visible in one transaction or not at all; metrics count what was committed. Belongs to one thread, but for send().
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/pipeline_metrics.h"
#include "pipeline/config.h"
#include "pipeline/kafka_transaction.h"
#include "pipeline/poison_watch.h"
#include "pipeline/solo_gate.h"
#include "pipeline/state_log.h"

namespace vpnverdict {

// What the partition's records are folded into: a function of them, and what it tells since the last commit.
class PartitionWork {
 public:
  virtual ~PartitionWork() = default;
  // A record, with the time at which it was written. Answers why it could not be read (it is then left out), or nothing.
  virtual std::string_view take(std::string_view record, Timestamp written) = 0;
  // The state is that of the committed offset. What was told before this is known already: a former owner told it.
  // `partitions` of the topic.
  virtual void taken_over(std::int32_t partitions) = 0;
  // The records before the first one, and the state that was made of them, are gone.
  virtual void without_past() {}
  // What to write into the partition itself when nobody else does for a while; empty: nothing.
  virtual std::string idle_record() const { return {}; }
  virtual std::string save() const = 0;
  virtual bool restore(std::string_view state) = 0;
  virtual std::uint64_t fingerprint() const = 0;
  // Told and not committed yet.
  virtual std::size_t waiting_records() const = 0;
  virtual std::size_t waiting_bytes() const = 0;
  virtual bool produce(KafkaTransaction& transaction) = 0;
  virtual void committed() = 0;
  virtual void refused() = 0;  // by the broker: somebody has to act
};

// Where the work's records come from, and where its state goes.
struct OwnedPartition {
  std::string kind;              // in sentences: "shard"
  std::string topic;
  std::string state_topic;       // the same partition of it
  std::string transactional_id;
  std::int32_t partition = 0;
};

class PartitionOwner {
 public:
  struct Parts {
    const Config& config;
    KafkaCell& kafka;
    Log& log;
    SoloGate& gate;
  };
  using Failure = KafkaTransaction::Failure;

  // Fences the former owner. On failure() the owner is worth nothing.
  PartitionOwner(Parts parts, OwnedPartition owned, std::unique_ptr<PartitionWork> work);

  struct Ends {  // of the partition: its first and its next offset
    std::int64_t low = 0;
    std::int64_t high = 0;
    std::int32_t partitions = 0;  // of the topic
  };
  // Takes the state up that belongs to what is committed. Answers where to begin to read. To be called after the
  // constructor and before reading: any other order races with the former owner.
  // `fresh`: whatever is committed is left aside; the state begins empty. `group`: who we are in it, for every commit.
  // `now` is monotonic.
  std::int64_t resume(const CommittedOffset& committed, Ends ends, bool fresh, KafkaGroupMetadata group, Timestamp now);

  // Notes that somebody tries, if that is not noted yet: to be called when records are waiting, else the first one calls it.
  bool begin();
  // A record of the partition, in order. `now` is monotonic. It may commit, see PoisonWatch.
  void take(std::int64_t offset, std::string_view record, Timestamp written, Timestamp now);
  // The end of the partition was reached.
  void at_end(std::int64_t offset);
  // Whether it is time for a commit, or too much waits for it.
  bool due(Timestamp now) const;
  // `now` is monotonic. `last`: a snapshot is written too, if it fits, so that the next owner folds nothing again.
  bool commit(Timestamp now, bool last = false);
  // The same in two steps, for several owners at once: send() writes and waits for the brokers, in any thread while nobody else uses
  // the owner; settle() counts what was committed, in the owner's.
  bool send(Timestamp now, bool last);
  void settle();

  const Failure& failure() const { return failure_; }
  bool resumed() const { return resume_at_ < 0; }  // its state is that of the committed offset or beyond
  std::int32_t partition() const { return owned_.partition; }
  // Records are taken in one by one, each with commits of its own.
  bool careful() const { return resumed() && watch_ && watch_->way() != PoisonWatch::Way::together; }
  std::int64_t next() const { return next_; }  // offset behind the newest record taken in
  // The same, or behind the marks of transactions that stood at the partition's end when it was reached.
  std::int64_t read_to() const { return std::max(next_, end_seen_); }
  // How large its state may have become since the newest snapshot.
  std::size_t state_bytes_about() const { return snapshot_bytes_ + bytes_since_; }
  const PartitionWork& work() const { return *work_; }

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
  bool idle(Timestamp now) const;
  bool write_state(bool all);
  void begin_snapshot(std::int64_t at, Timestamp now);
  void begin_watch(const Trial& noted, std::int64_t end);
  void fold(std::int64_t offset, std::string_view record, Timestamp written);
  void take_alone(std::int64_t offset, std::string_view record, Timestamp written, Timestamp now);
  void leave_out(std::int64_t offset, std::string_view record, Timestamp now);
  bool write_note(const Trial& trial);
  bool produce();
  bool produce_idle(Timestamp now);
  std::shared_lock<SoloGate> with_others() const;

  Parts parts_;
  const OwnedPartition owned_;
  std::unique_ptr<PartitionWork> work_;
  std::unique_ptr<KafkaTransaction> transaction_;
  Failure failure_;
  KafkaGroupMetadata group_;
  std::optional<PoisonWatch> watch_;  // since resume()
  bool begun_ = false;                // the first record was taken in, or is about to be
  bool alone_ = false;                // nobody else in the process takes anything in
  bool sent_ = false;                 // committed, and not counted yet
  // The record that is being left out, for the time of its commit.
  struct LeftOut {
    std::int64_t offset = -1;
    std::string_view bytes;
  };
  std::optional<LeftOut> left_out_;

  std::int64_t next_ = 0;             // behind the newest record taken in
  std::int64_t end_seen_ = -1;
  std::int64_t committed_ = -1;
  Timestamp heard_ = 0;               // monotonic; of the newest record
  // Records below it are folded again; -1 = that is done. Before resume() nothing is.
  std::int64_t resume_at_ = std::numeric_limits<std::int64_t>::max();
  CommitNote note_;                   // of the newest commit
  Snapshot snapshot_;
  std::uint64_t bytes_since_ = 0;     // folded since the newest snapshot was taken
  std::uint64_t snapshot_bytes_ = 0;  // of that
  Timestamp next_snapshot_ = 0;       // monotonic
  Timestamp next_commit_ = 0;
  std::uint64_t redone_ = 0;
  std::uint64_t bad_ = 0;
};

// What the service's version is called in commit notes and metrics.
std::string program_version();

}  // namespace vpnverdict
