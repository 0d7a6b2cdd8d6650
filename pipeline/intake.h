// The consumer's thread: records from Kafka into batches for the parse threads, partition time, pauses, commits.
// Every method but ready() and last_turn() belongs to that one thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <future>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "pipeline/batch.h"
#include "pipeline/bounded_queue.h"
#include "pipeline/config.h"
#include "pipeline/kafka_consumer.h"
#include "pipeline/kafka_producer.h"
#include "pipeline/offset_ledger.h"
#include "pipeline/source_clock.h"
#include "pipeline/source_table.h"
#include "pipeline/stall_watch.h"

namespace vpnverdict {

using RawQueue = BoundedQueue<RawBatch>;

class Intake {
 public:
  // All references must outlive the intake.
  struct Parts {
    SourceTable& sources;
    OffsetLedger& ledger;
    KafkaProducer& producer;
    KafkaCell& cell;
    Log& log;
    std::vector<std::unique_ptr<RawQueue>>& parse_queues;
  };
  Intake(const Config& config, Parts parts);
  ~Intake();

  // Empty when the group could be joined, else one sentence.
  std::string open();
  // One turn: reads what is there (waits at most 50 ms for it), hands it on, commits when it is time.
  void turn();
  // A sentence when reading is over for good.
  std::string failure() const { return stalled_for_good_.empty() ? consumer_->failure() : stalled_for_good_; }

  // Clean end, in this order. No record is read any more; true when all that was read has been handed on.
  bool stop_reading(Timestamp until_monotonic);
  bool commit_now();
  bool leave(int timeout_ms);

  bool ready() const { return assigned_once_; }
  Timestamp last_turn() const { return last_turn_; }

  static SourceClock::Now now();

 private:
  struct Stalled {
    std::size_t parse_thread;
    RawBatch batch;
  };

  // What the brokers were asked: where the partitions end.
  struct Question {
    std::future<std::optional<KafkaOffsets>> answer;
    std::uint64_t assignment = 0;
    SourceClock::Now asked;
    Timestamp present = kUntimed;  // when it was asked
  };

  // Where readers must begin to meet again the writers whose lines are in hand: a reader learns its writer's dialect,
  // and which gateway a client means, from earlier lines.
  struct History {
    std::deque<std::pair<Timestamp, std::uint64_t>> places;  // time and position, one each kHistoryStepMs
    void note(Timestamp time, std::uint64_t position);
    std::uint64_t warm_up_from(std::uint64_t position) const;
  };

  // Records of one source in a row: what is kept by source is looked up once for all of them.
  struct Run {
    std::uint32_t source = 0;
    std::uint64_t first = 0, next = 0;  // positions: of the first, behind the last
    Timestamp first_time = kUntimed, newest = kUntimed;
    std::uint64_t records = 0, bytes = 0;
  };

  KafkaOffsets assigned(const std::vector<KafkaPartition>& partitions, const CommittedOffsets& committed);
  std::uint64_t begin_anew(std::uint32_t source, const CommittedOffset& stands);
  void revoked(bool lost);
  void read_some();
  void take_record(KafkaMessage message, std::uint32_t source, const SourceClock::Now& time, Run& run);
  std::uint64_t note(const Run& run, const SourceClock::Now& time);
  void on_end_of(std::uint32_t source, std::int64_t end);
  void ask_ends();
  void take_ends();
  void mark_ended(std::uint32_t source, const SourceClock::Now& asked);
  void watch();
  void hand_on();
  void drop(RawBatch& batch);
  bool push(std::size_t parse_thread, RawBatch& batch, std::chrono::milliseconds patience);
  void choose_pauses();
  CommittedOffsets to_commit();
  void remember(const CommittedOffsets& committed);
  RawBatch& building(std::uint32_t source) { return building_[source % building_.size()]; }
  SourceMark mark_of(std::uint32_t source, std::uint64_t next);

  const Config config_;
  Parts parts_;
  std::unique_ptr<KafkaConsumer> consumer_;
  SourceClock clock_;
  std::uint64_t assignment_ = 0;
  std::vector<KafkaMessage> read_now_;  // reused
  std::vector<RawBatch> building_;  // by parse thread
  std::deque<Stalled> stalled_;     // found the queue full
  std::map<std::uint32_t, std::uint64_t> read_;    // by source: behind the newest record read
  std::map<std::uint32_t, std::uint64_t> handed_;  // the same, of records that went to a parse thread
  std::map<std::uint32_t, std::int64_t> committed_;
  std::map<std::uint32_t, History> history_;
  std::map<std::uint32_t, Timestamp> silent_since_;  // monotonic; of sources at their end
  Question question_;
  Timestamp next_question_ = 0;
  bool behind_ = false;  // when last asked, the brokers held more of what may be read
  bool heard_ = false;   // a record came since
  Timestamp next_commit_ = 0;
  StallWatch watch_;
  Timestamp next_watch_ = 0;
  std::string stalled_for_good_;
  std::set<std::uint32_t> ahead_;
  bool was_full_ = false;
  std::atomic<bool> assigned_once_ = false;
  std::atomic<Timestamp> last_turn_ = 0;
};

}  // namespace vpnverdict
