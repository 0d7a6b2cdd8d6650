// Puts log records into Kafka: what a shipper does, for the demo, the tests and `generate --to kafka`. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "pipeline/kafka_handles.h"

namespace vpnverdict {

class KafkaFeeder {
 public:
  // Null with a sentence in `error` when librdkafka refuses. `properties` are librdkafka's own.
  static std::unique_ptr<KafkaFeeder> open(const std::string& brokers, const std::map<std::string, std::string>& properties,
                                           std::string* error);
  // `partition` -1: by key. `timestamp` is the record's, in ms. Waits while librdkafka's queue is full. False when
  // the record will never get there.
  bool send(const std::string& topic, std::int32_t partition, std::string_view key, std::string_view value, std::int64_t timestamp);
  // True when everything sent was delivered in time.
  bool flush(int timeout_ms);
  std::uint64_t delivered() const { return delivered_; }
  std::uint64_t failed() const { return failed_; }

 private:
  static void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* self);
  std::uint64_t delivered_ = 0;
  std::uint64_t failed_ = 0;
  KafkaHandle handle_;  // last: destroyed first
};

}  // namespace vpnverdict
