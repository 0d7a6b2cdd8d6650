// Stage 1's writer: packets and dead letters, idempotently, in order and without holes. produce() may be called from any thread; somebody must call poll()
// often (the consumer's thread does), for that is when deliveries are told.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pipeline/config.h"
#include "pipeline/kafka_handles.h"
#include "pipeline/log.h"
#include "pipeline/offset_ledger.h"

namespace vpnverdict {

class KafkaProducer {
 public:
  // Null with a sentence in `error` when the configuration is refused. The references must outlive the producer.
  static std::unique_ptr<KafkaProducer> open(const KafkaConfig& config, OffsetLedger& ledger, KafkaCell& cell, Log& log,
                                             std::string* error);
  ~KafkaProducer();
  KafkaProducer(const KafkaProducer&) = delete;
  KafkaProducer& operator=(const KafkaProducer&) = delete;

  static constexpr std::int32_t kAnyPartition = -1;
  // Hands a record over; a full queue is waited for. It is numbered in the ledger and settled there when it was
  // delivered, or when the broker will never take this very record (counted, logged).
  // False, and nothing was handed over, after give_up().
  bool produce(const std::string& topic, std::int32_t partition, std::string_view value, const KafkaHeaders& headers = {});
  void poll(int timeout_ms);
  // True when everything was delivered in time.
  bool flush(int timeout_ms);
  // Those who wait in produce() stop waiting. What is not delivered yet is not settled.
  void give_up() { given_up_ = true; }

  Log& log() { return log_; }
  // A sentence when records cannot be delivered any more, whatever one waits; empty otherwise. Any thread.
  std::string failure() const;
  bool refused() const { return refused_; }  // and nothing will be until somebody gives a permission or makes a topic

 private:
  KafkaProducer(std::string dead_letter_topic, OffsetLedger& ledger, KafkaCell& cell, Log& log)
      : dead_letter_topic_(std::move(dead_letter_topic)), ledger_(ledger), cell_(cell), log_(log) {}
  static void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* self);
  static void on_error(rd_kafka_t*, int error, const char* reason, void* self);
  void delivered(const rd_kafka_message_t& message);
  void fail(std::string sentence);

  const std::string dead_letter_topic_;
  OffsetLedger& ledger_;
  KafkaCell& cell_;
  Log& log_;
  std::atomic<bool> given_up_ = false;
  std::atomic<bool> refused_ = false;
  mutable std::mutex failure_mutex_;
  std::string failure_;
  KafkaHandle handle_;  // last: destroyed first, its threads use the members above
};

}  // namespace vpnverdict
