#include "tests/broker/brokers.h"

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>

#include <gtest/gtest.h>

#include "pipeline/kafka_handles.h"
#include "tests/broker/harness.h"
#include "tests/broker/process.h"

namespace vpnverdict::testing {
namespace {

using Metadata = std::unique_ptr<const rd_kafka_metadata_t, KafkaDelete<rd_kafka_metadata_destroy>>;

// Of all topics; null when nobody answers.
Metadata ask(const std::string& bootstrap) {
  KafkaConf conf(rd_kafka_conf_new());
  char text[256];
  rd_kafka_conf_set(conf.get(), "bootstrap.servers", bootstrap.c_str(), text, sizeof(text));
  rd_kafka_conf_set(conf.get(), "log_level", "2", text, sizeof(text));
  const KafkaHandle handle(rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), text, sizeof(text)));
  conf.release();  // the handle owns it now
  const rd_kafka_metadata_t* metadata = nullptr;
  rd_kafka_metadata(handle.get(), 1, nullptr, &metadata, 5'000);
  return Metadata(metadata);
}

bool all_partitions(const rd_kafka_metadata_t& metadata, const std::function<bool(const rd_kafka_metadata_topic_t&, const rd_kafka_metadata_partition_t&)>& holds) {
  for (int i = 0; i < metadata.topic_cnt; ++i) {
    for (int p = 0; p < metadata.topics[i].partition_cnt; ++p) {
      if (!holds(metadata.topics[i], metadata.topics[i].partitions[p])) return false;
    }
  }
  return true;
}

}  // namespace

Brokers::Brokers(std::string home, std::string bootstrap) : home_(std::move(home)), bootstrap_(std::move(bootstrap)) {
  if (home_.empty()) return;
  while (std::filesystem::exists(folder(count_ + 1))) ++count_;
}

int Brokers::noted(int number, const std::string& file) const {
  int value = 0;
  std::ifstream(folder(number) + "/" + file) >> value;
  return value;
}

std::vector<Proxy::Route> Brokers::routes() const {
  std::vector<Proxy::Route> out;
  for (int number = 1; number <= count_; ++number) out.push_back({noted(number, "proxy"), noted(number, "proxied")});
  return out;
}

void Brokers::freeze(int number) { ::kill(pid(number), SIGSTOP); }
void Brokers::thaw(int number) { ::kill(pid(number), SIGCONT); }

void Brokers::end(int number, int signal) {
  const pid_t pid = this->pid(number);
  ASSERT_GT(pid, 0);
  ASSERT_EQ(::kill(pid, signal), 0);
  ASSERT_TRUE(eventually([&] { return ::kill(pid, 0) != 0; })) << "the broker does not end";
}

void Brokers::start(int number) {
  ASSERT_EQ(std::system((folder(number) + "/start").c_str()), 0);
  ASSERT_TRUE(eventually([&] { return answers(noted(number, "port")); })) << "the broker does not come back";
}

bool Brokers::in_sync() const {
  const Metadata metadata = ask(bootstrap_);
  return metadata && metadata->broker_cnt == count_ && all_partitions(*metadata, [](const auto&, const auto& partition) {
    return partition.leader >= 0 && partition.isr_cnt == partition.replica_cnt;
  });
}

// As the brokers choose it: the hash of the id says which partition of their topic, and whoever leads that is it.
int Brokers::coordinator_of(const std::string& transactional_id) const {
  std::uint32_t hash = 0;
  for (const char c : transactional_id) hash = 31 * hash + static_cast<unsigned char>(c);
  const Metadata metadata = ask(bootstrap_);
  int leader = 0;
  if (!metadata) return 0;
  all_partitions(*metadata, [&](const auto& topic, const auto& partition) {
    const bool theirs = std::string_view(topic.topic) == "__transaction_state" &&
                        partition.id == static_cast<std::int32_t>((hash & 0x7FFFFFFFU) % static_cast<std::uint32_t>(topic.partition_cnt));
    if (theirs) leader = std::max(0, partition.leader);
    return !theirs;
  });
  return leader;
}

}  // namespace vpnverdict::testing
