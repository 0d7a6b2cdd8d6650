// The transactional producer of one shard. Its id is the shard's, so that opening it fences whoever owned the shard
// before and ends what he left open. Crash-only: when a call fails, the object and everything that went into it are to
// be thrown away, and the shard taken over anew. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "pipeline/config.h"
#include "pipeline/kafka_consumer.h"
#include "pipeline/kafka_handles.h"
#include "pipeline/log.h"

namespace vpnverdict {

class KafkaTransaction {
 public:
  struct Failure {
    std::string sentence;    // empty: none
    bool for_good = false;   // taking the shard over again would not help
  };

  // Fences the former owner. Null with a failure when that could not be done in time.
  static std::unique_ptr<KafkaTransaction> open(const KafkaConfig& config, const std::string& id, Log& log, Failure* failure);
  ~KafkaTransaction();
  KafkaTransaction(const KafkaTransaction&) = delete;
  KafkaTransaction& operator=(const KafkaTransaction&) = delete;

  bool begin();
  // `key` may be empty, `partition` -1: then the key decides. `note_place`: place() will be this record's offset.
  bool produce(const std::string& topic, std::int32_t partition, std::string_view key, std::string_view value, bool note_place = false);
  // Waits until everything produced was delivered (and place() is known).
  bool flush();
  std::int64_t place() const { return place_; }
  // The offset of the next record to read becomes visible together with what was produced, or none of it does.
  bool commit(const KafkaGroupMetadata& group, const KafkaPartition& partition, const CommittedOffset& next);

  const Failure& failure() const { return failure_; }
  Log& log() { return log_; }

 private:
  explicit KafkaTransaction(Log& log) : log_(log) {}
  bool check(rd_kafka_error_t* error, const char* what);
  bool retried(const char* what, const std::function<rd_kafka_error_t*()>& call);
  static void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* self);

  Log& log_;
  std::int64_t place_ = -1;
  Failure failure_;
  KafkaHandle handle_;  // last: destroyed first, its threads use the members above
};

}  // namespace vpnverdict
