// The roofline: a consumer with the product's settings that reads one byte in each 64 of every payload, and does nothing else.
//   touch BROKERS GROUP TOPIC,TOPIC… RECORDS [poll|batch]
// poll takes the records one by one, as the product does; batch by the call that librdkafka is fastest with. Prints
// {"records":…,"bytes":…,"seconds":…,"cpu":…}: seconds from the first record to the last, CPU seconds of the whole process.
#include <chrono>
#include <cstdint>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include <sys/resource.h>

#include "pipeline/kafka_handles.h"

namespace vpnverdict {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kPollMs = 1'000;
constexpr int kPatience = 30;  // polls in a row without a record
constexpr std::size_t kBatch = 1'024;
constexpr std::size_t kCacheLine = 64;

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

class Touch {
 public:
  bool done(std::uint64_t records) const { return records_ >= records; }
  bool take(const rd_kafka_message_t& message) {
    if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) return false;
    if (records_++ == 0) began_ = Clock::now();
    bytes_ += message.len;
    const char* payload = static_cast<const char*>(message.payload);
    for (std::size_t i = 0; i < message.len; i += kCacheLine) sum_ += static_cast<unsigned char>(payload[i]);
    return true;
  }
  void print() const {
    std::cout << "{\"records\":" << records_ << ",\"bytes\":" << bytes_ << ",\"seconds\":" << std::chrono::duration<double>(Clock::now() - began_).count()
              << ",\"cpu\":" << cpu_seconds() << ",\"sum\":" << sum_ << "}\n";
  }

 private:
  std::uint64_t records_ = 0, bytes_ = 0, sum_ = 0;
  Clock::time_point began_;
};

void poll_all(rd_kafka_t* handle, std::uint64_t records, Touch& touch) {
  for (int idle = 0; idle < kPatience && !touch.done(records);) {
    const KafkaMessage message(rd_kafka_consumer_poll(handle, kPollMs));
    if (!message) ++idle;
    else if (touch.take(*message)) idle = 0;
  }
}

void take_batches(rd_kafka_t* handle, std::uint64_t records, Touch& touch) {
  rd_kafka_queue_t* queue = rd_kafka_queue_get_consumer(handle);
  std::vector<rd_kafka_message_t*> batch(kBatch);
  for (int idle = 0; idle < kPatience && !touch.done(records);) {
    const ssize_t count = rd_kafka_consume_batch_queue(queue, kPollMs, batch.data(), batch.size());
    if (count <= 0) ++idle;
    for (ssize_t i = 0; i < count; ++i) {
      if (touch.take(*batch[static_cast<std::size_t>(i)])) idle = 0;
      rd_kafka_message_destroy(batch[static_cast<std::size_t>(i)]);
    }
  }
  rd_kafka_queue_destroy(queue);
}

int run(int argc, char** argv) {
  if (argc < 5) {
    std::cerr << "usage: touch BROKERS GROUP TOPIC,TOPIC… RECORDS [poll|batch]\n";
    return 2;
  }
  KafkaConfig config;
  config.brokers = argv[1];
  std::string error;
  KafkaConf conf = make_conf(config, KafkaRole::consumer, {{"group.id", argv[2]}}, &error);
  char text[512];
  KafkaHandle handle(conf ? rd_kafka_new(RD_KAFKA_CONSUMER, conf.get(), text, sizeof(text)) : nullptr);
  if (!handle) {
    std::cerr << "touch: " << (conf ? text : error) << '\n';
    return 1;
  }
  conf.release();  // the handle owns it now
  rd_kafka_poll_set_consumer(handle.get());
  KafkaPartitions topics(rd_kafka_topic_partition_list_new(2));
  std::istringstream names(argv[3]);
  for (std::string name; std::getline(names, name, ',');) rd_kafka_topic_partition_list_add(topics.get(), name.c_str(), RD_KAFKA_PARTITION_UA);
  rd_kafka_subscribe(handle.get(), topics.get());
  const std::uint64_t records = std::stoull(argv[4]);
  Touch touch;
  if (argc > 5 && std::string_view(argv[5]) == "batch") take_batches(handle.get(), records, touch);
  else poll_all(handle.get(), records, touch);
  touch.print();
  rd_kafka_consumer_close(handle.get());
  return touch.done(records) ? 0 : 1;
}

}  // namespace
}  // namespace vpnverdict

int main(int argc, char** argv) { return vpnverdict::run(argc, argv); }
