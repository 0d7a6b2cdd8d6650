// Reads committed records, as a reader of verdicts does.
//   watch BROKERS TOPIC
// prints the value of each record there is, and ends.
//   watch BROKERS VERDICT_TOPIC RAW_TOPIC,RAW_TOPIC…
// watches until its standard input ends, and then prints a line for each record: the milliseconds since the broker appended the
// newest line of its evidence (the raw topics have message.timestamp.type=LogAppendTime), and the record itself, behind a tab.
#include <poll.h>
#include <unistd.h>

#include <cstdint>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/intake.h"
#include "pipeline/kafka_handles.h"

namespace vpnverdict {
namespace {

constexpr int kAskMs = 10'000;

KafkaHandle consumer(const std::string& brokers) {
  KafkaConfig config;
  config.brokers = brokers;
  std::string error;
  KafkaConf conf = make_conf(config, KafkaRole::consumer, {{"group.id", "watch"}, {"isolation.level", "read_committed"}, {"fetch.wait.max.ms", "10"}}, &error);
  char text[512];
  KafkaHandle handle(rd_kafka_new(RD_KAFKA_CONSUMER, conf.get(), text, sizeof(text)));
  conf.release();  // the handle owns it now
  rd_kafka_poll_set_consumer(handle.get());
  return handle;
}

// How many partitions were assigned, from their beginning.
int assign_all(rd_kafka_t* handle, const std::vector<std::string>& topics) {
  KafkaPartitions list(rd_kafka_topic_partition_list_new(16));
  for (const std::string& topic : topics) {
    rd_kafka_topic_t* one = rd_kafka_topic_new(handle, topic.c_str(), nullptr);
    const rd_kafka_metadata_t* metadata = nullptr;
    if (rd_kafka_metadata(handle, 0, one, &metadata, kAskMs) == RD_KAFKA_RESP_ERR_NO_ERROR) {
      for (int i = 0; i < metadata->topics[0].partition_cnt; ++i) {
        rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), i)->offset = RD_KAFKA_OFFSET_BEGINNING;
      }
      rd_kafka_metadata_destroy(metadata);
    }
    rd_kafka_topic_destroy(one);
  }
  rd_kafka_assign(handle, list.get());
  return list->cnt;
}

bool input_ended() {
  pollfd in{STDIN_FILENO, POLLIN, 0};
  char byte;
  return ::poll(&in, 1, 0) > 0 && ::read(STDIN_FILENO, &byte, 1) <= 0;
}

struct Seen {
  std::int64_t at = 0;
  std::string record;
};

std::vector<Seen> watch(const std::string& brokers, const std::string& topic) {
  const KafkaHandle handle = consumer(brokers);
  assign_all(handle.get(), {topic});
  std::cerr << "watching\n";
  std::vector<Seen> out;
  while (!input_ended()) {
    for (;;) {
      const KafkaMessage message(rd_kafka_consumer_poll(handle.get(), 20));
      if (!message) break;
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) out.push_back({Intake::now().wall, {static_cast<const char*>(message->payload), message->len}});
    }
  }
  return out;
}

// Append times by "topic/partition", then offset.
using Appended = std::map<std::string, std::vector<std::int64_t>>;

Appended append_times(const std::string& brokers, const std::vector<std::string>& topics) {
  const KafkaHandle handle = consumer(brokers);
  Appended out;
  for (int left = assign_all(handle.get(), topics); left > 0;) {
    const KafkaMessage message(rd_kafka_consumer_poll(handle.get(), kAskMs));
    if (!message) break;
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) --left;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    auto& times = out[std::string(rd_kafka_topic_name(message->rkt)) + '/' + std::to_string(message->partition)];
    times.resize(static_cast<std::size_t>(message->offset) + 1);
    times.back() = rd_kafka_message_timestamp(message.get(), nullptr);
  }
  return out;
}

// Of all `"source":"TOPIC/PARTITION","line":OFFSET` in the record; -1 when there is none.
std::int64_t newest_line(const std::string& record, const Appended& appended) {
  static const std::string kSource = "\"source\":\"", kLine = "\",\"line\":";
  std::int64_t newest = -1;
  for (std::size_t at = record.find(kSource); at != std::string::npos; at = record.find(kSource, at + 1)) {
    const std::size_t begin = at + kSource.size(), end = record.find(kLine, begin);
    if (end == std::string::npos) break;
    const auto found = appended.find(record.substr(begin, end - begin));
    const std::size_t offset = std::stoull(record.substr(end + kLine.size()));
    if (found != appended.end() && offset < found->second.size()) newest = std::max(newest, found->second[offset]);
  }
  return newest;
}

int print_all(const std::string& brokers, const std::string& topic) {
  const KafkaHandle handle = consumer(brokers);
  for (int left = assign_all(handle.get(), {topic}); left > 0;) {
    const KafkaMessage message(rd_kafka_consumer_poll(handle.get(), kAskMs));
    if (!message) return 1;
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) --left;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) std::cout << std::string_view(static_cast<const char*>(message->payload), message->len) << '\n';
  }
  return 0;
}

int run(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: watch BROKERS VERDICT_TOPIC [RAW_TOPIC,RAW_TOPIC…]\n";
    return 2;
  }
  if (argc == 3) return print_all(argv[1], argv[2]);
  const std::vector<Seen> seen = watch(argv[1], argv[2]);
  std::vector<std::string> topics;
  std::istringstream names(argv[3]);
  for (std::string name; std::getline(names, name, ',');) topics.push_back(name);
  const Appended appended = append_times(argv[1], topics);
  for (const Seen& one : seen) {
    const std::int64_t line = newest_line(one.record, appended);
    if (line >= 0) std::cout << one.at - line << '\t' << one.record << '\n';
  }
  return 0;
}

}  // namespace
}  // namespace vpnverdict

int main(int argc, char** argv) { return vpnverdict::run(argc, argv); }
