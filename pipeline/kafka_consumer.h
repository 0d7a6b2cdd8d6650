// Reads topics as a member of a consumer group: the raw ones in stage 1, the internal one in stage 2. Everything,
// callbacks included, runs on the one thread that calls poll() or read(). Offsets are committed when the owner says so.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/config.h"
#include "pipeline/kafka_handles.h"
#include "pipeline/log.h"
#include "pipeline/source_table.h"

namespace vpnverdict {

using KafkaPartition = std::pair<std::string, std::int32_t>;
using KafkaOffsets = std::map<KafkaPartition, std::int64_t>;

// Where a group stands in a partition: -1 = nowhere yet. The note is what the committer wrote beside it.
struct CommittedOffset {
  std::int64_t offset = -1;
  std::string note;
};
using CommittedOffsets = std::map<KafkaPartition, CommittedOffset>;

struct ConsumerHooks {
  // The group gave us these; where it stands has not been asked yet. May be empty.
  std::function<void(const std::vector<KafkaPartition>& partitions)> claim;
  // Returned: where to begin instead, for those partitions that shall not begin at the committed offset.
  std::function<KafkaOffsets(const std::vector<KafkaPartition>& partitions, const CommittedOffsets& committed)> assigned;
  // They are taken away. `lost`: somebody else may have them already, committing is no use.
  std::function<void(bool lost)> revoked;
};

struct ConsumerOptions {
  std::string group;
  std::vector<std::string> topics;
  KafkaProperties properties;  // over the configuration's
};

using KafkaGroupMetadata = std::shared_ptr<rd_kafka_consumer_group_metadata_t>;

class KafkaConsumer {
 public:
  static std::unique_ptr<KafkaConsumer> open(const KafkaConfig& config, const ConsumerOptions& options, ConsumerHooks hooks,
                                             SourceTable& sources, KafkaCell& cell, Log& log, std::string* error);
  ~KafkaConsumer();
  KafkaConsumer(const KafkaConsumer&) = delete;
  KafkaConsumer& operator=(const KafkaConsumer&) = delete;

  // A record, or a PARTITION_EOF (message->err), or null. Other errors are counted and logged here.
  KafkaMessage poll(int timeout_ms);
  // What is there, at most so many of them; waits for the first only. `out` is emptied first.
  void read(int timeout_ms, std::size_t most, std::vector<KafkaMessage>& out);
  // Of a message that poll() or read() gave.
  std::uint32_t source_of(const rd_kafka_message_t& message) { return reading(message).source; }

  // Exactly these partitions of the assignment shall be paused.
  void pause_only(const std::set<KafkaPartition>& partitions);
  std::size_t paused() const { return paused_.size(); }

  // Waits for the broker's answer.
  bool commit(const CommittedOffsets& offsets);
  // Does not wait; the result is counted when it comes.
  void commit_later(const CommittedOffsets& offsets);

  // Who we are in the group, for a transaction's fence. To be taken while the assignment is being made, and kept: later
  // the group may have moved on.
  KafkaGroupMetadata group_metadata() const;
  // First and next offset of a partition; false when nobody answers in time.
  bool watermarks(const KafkaPartition& partition, std::int64_t* low, std::int64_t* high) const;
  std::int32_t partition_count(const std::string& topic) const;  // 0 when nobody answers in time
  bool assignment_lost() const;
  // Where these partitions end now: the offset of the next record that a reader like us will find. Nothing when not all
  // of them are told in time. May be called from any thread.
  std::optional<KafkaOffsets> ends(const std::vector<KafkaPartition>& partitions) const;

  // How many records were fetched and wait for poll() or read(). May be called from any thread.
  std::size_t fetched() const { return rd_kafka_queue_length(queue_.get()); }

  // Leaves the group. False when that took longer than allowed; the handle is then let go without more waiting.
  bool close(int timeout_ms);

  std::string failure() const { return failure_; }  // a sentence when reading is over for good
  void fail(std::string sentence);
  Log& log() { return log_; }

 private:
  // A partition that is being read. Records before `expected` are dropped: librdkafka 2.0.2 can hand them out again
  // after a pause.
  struct Reading {
    std::uint32_t source = 0;
    std::int64_t expected = 0;
  };

  KafkaConsumer(ConsumerHooks hooks, SourceTable& sources, KafkaCell& cell, Log& log)
      : hooks_(std::move(hooks)), sources_(sources), cell_(cell), log_(log) {}
  Reading& reading(const rd_kafka_message_t& message);
  KafkaMessage wanted(KafkaMessage message);
  void begin_again();
  static void on_rebalance(rd_kafka_t*, rd_kafka_resp_err_t error, rd_kafka_topic_partition_list_t* partitions, void* self);
  static int on_statistics(rd_kafka_t*, char* json, std::size_t size, void* self);
  static void on_error(rd_kafka_t* handle, int error, const char* reason, void* self);
  static void on_commit(rd_kafka_t*, rd_kafka_resp_err_t error, rd_kafka_topic_partition_list_t* offsets, void* self);
  void assign(rd_kafka_topic_partition_list_t& partitions);
  void revoke();

  const ConsumerHooks hooks_;
  SourceTable& sources_;
  KafkaCell& cell_;
  Log& log_;
  std::map<KafkaPartition, Reading> reading_;
  // The one looked up last: records of a partition come in rows.
  const rd_kafka_topic_t* last_topic_ = nullptr;
  std::int32_t last_partition_ = -1;
  Reading* last_reading_ = nullptr;
  std::set<KafkaPartition> assigned_;
  KafkaPartitions begun_at_;         // the assignment, and where it began; null when there is none
  std::uint64_t rebalances_ = 0;
  std::set<KafkaPartition> paused_;
  std::vector<rd_kafka_message_t*> batch_;  // empty but for the time of a read()
  bool closing_ = false;
  std::string failure_;
  KafkaHandle handle_;  // destroyed before what is above, which its threads use
  KafkaQueue queue_;    // the handle's own
};

}  // namespace vpnverdict
