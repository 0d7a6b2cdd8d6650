// Puts a file of `corpus` into Kafka: topics PREFIX.vpn-client and PREFIX.vpn-concentrator with PARTITIONS partitions each, by key.
//   feed BROKERS PREFIX FILE PARTITIONS [live] [append-time]
//   feed BROKERS TOPIC - PARTITIONS topic-only
// live: each record when its time has come, else as fast as it goes. append-time: the broker stamps the records.
// The last record of every partition is dated ten seconds behind all others: whoever has judged up to there has judged everything.
// Prints how many records there are, that date, and by how many milliseconds the latest of a live feed came after its time.
#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "correlator/event.h"
#include "pipeline/intake.h"
#include "pipeline/kafka_feeder.h"
#include "pipeline/kafka_topics.h"

namespace vpnverdict {
namespace {

constexpr int kFlushMs = 120'000;
constexpr Timestamp kTailMs = 10'000;
constexpr const char* kSides[] = {"vpn-client", "vpn-concentrator"};

// Returns how late it is.
Timestamp wait_for(Timestamp time) {
  const Timestamp late = Intake::now().wall - time;
  if (late < 0) std::this_thread::sleep_for(std::chrono::milliseconds(-late));
  return std::max<Timestamp>(late, 0);
}

std::string make_topics(const std::string& brokers, const std::vector<std::string>& names, std::int32_t partitions, bool append_time) {
  KafkaConfig config;
  config.brokers = brokers;
  Log log(Log::Level::error, false);
  std::string error;
  const auto topics = KafkaTopics::open(config, log, &error);
  if (!topics) return error;
  std::map<std::string, std::string> settings = {{"retention.ms", "-1"}};
  if (append_time) settings["message.timestamp.type"] = "LogAppendTime";
  for (const std::string& name : names) {
    error = topics->create(name, partitions, 1, settings);
    if (!error.empty()) return error;
  }
  return "";
}

bool send_tail(KafkaFeeder& feeder, const std::string& prefix, std::int32_t partitions, Timestamp time) {
  bool sent = true;
  for (const char* side : kSides) {
    for (std::int32_t i = 0; i < partitions; ++i) {
      const std::string host = "tail-" + std::to_string(i);
      sent = sent && feeder.send(prefix + '.' + side, i, host, "{\"host\":\"" + host + "\",\"message\":\"the end\"}", time);
    }
  }
  return sent;
}

int run(int argc, char** argv) {
  if (argc < 5) {
    std::cerr << "usage: feed BROKERS PREFIX FILE PARTITIONS [live] [append-time]\n";
    return 2;
  }
  const std::string brokers = argv[1], prefix = argv[2];
  bool live = false, append_time = false, topic_only = false;
  for (int i = 5; i < argc; ++i) {
    live = live || std::string_view(argv[i]) == "live";
    append_time = append_time || std::string_view(argv[i]) == "append-time";
    topic_only = topic_only || std::string_view(argv[i]) == "topic-only";
  }
  std::vector<std::string> names = {prefix};
  if (!topic_only) names = {prefix + '.' + kSides[0], prefix + '.' + kSides[1]};
  std::string error = make_topics(brokers, names, std::stoi(argv[4]), append_time);
  if (topic_only && error.empty()) return 0;
  const auto feeder = error.empty() ? KafkaFeeder::open(brokers, {{"partitioner", "murmur2_random"}, {"linger.ms", live ? "5" : "50"}}, &error) : nullptr;
  if (!feeder) {
    std::cerr << "feed: " << error << '\n';
    return 1;
  }
  std::ifstream in(argv[3], std::ios::binary);
  Timestamp last = 0, late = 0;
  for (std::string line; std::getline(in, line);) {
    const std::size_t topic = line.find('\t') + 1, key = line.find('\t', topic) + 1, value = line.find('\t', key) + 1;
    const std::string_view all(line);
    const Timestamp time = std::stoll(line);
    if (live) late = std::max(late, wait_for(time));
    last = std::max(last, time);
    if (!feeder->send(prefix + '.' + line.substr(topic, key - 1 - topic), -1, all.substr(key, value - 1 - key), all.substr(value), time)) return 1;
  }
  if (live) wait_for(last + kTailMs);
  if (!send_tail(*feeder, prefix, std::stoi(argv[4]), last + kTailMs)) return 1;
  if (!feeder->flush(kFlushMs) || feeder->failed() > 0) return 1;
  std::cout << feeder->delivered() << ' ' << last + kTailMs << ' ' << late << '\n';
  return 0;
}

}  // namespace
}  // namespace vpnverdict

int main(int argc, char** argv) { return vpnverdict::run(argc, argv); }
