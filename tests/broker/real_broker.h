// A fixture for tests against a real broker: topics of the test's own, configurations, what was told.
// VPNVERDICT_TEST_BROKER=host:port names the broker (kafka/with-broker starts one), VPNVERDICT_TEST_BROKER_HOME is its
// folder; VPNVERDICT_TEST_BINARY is the program.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/broker/harness.h"
#include "tests/broker/process.h"

namespace vpnverdict::testing {

class RealBroker : public ::testing::Test {
 protected:
  static constexpr int kRawPartitions = 3;
  static constexpr int kShards = 4;

  void SetUp() override {
    brokers = variable("VPNVERDICT_TEST_BROKER");
    binary = variable("VPNVERDICT_TEST_BINARY");
    if (brokers.empty() || binary.empty()) GTEST_SKIP() << "VPNVERDICT_TEST_BROKER and VPNVERDICT_TEST_BINARY are not set";
    begin("");
  }
  // Topics and a folder of their own.
  void begin(const std::string& suffix) {
    prefix = "vpnverdict-test-" + std::to_string(::getpid()) + "-" + ::testing::UnitTest::GetInstance()->current_test_info()->name();
    prefix = prefix.substr(0, 60) + suffix + ".";
    folder = std::filesystem::temp_directory_path() / prefix;
    std::filesystem::create_directories(folder);
    create_topics(brokers, {prefix + std::string(kClientTopic), prefix + std::string(kConcentratorTopic), prefix + "dead"}, kRawPartitions);
  }
  void TearDown() override {
    if (!HasFailure()) std::filesystem::remove_all(folder);
  }

  // `bootstrap`: other addresses of the brokers.
  std::string write_config(const Fleet& fleet, const std::string& role = "all", const std::string& bootstrap = "") {
    Config config = config_for(bootstrap.empty() ? brokers : bootstrap, fleet, prefix, "2000");
    config.metrics.listen_port = 0;
    config.kafka.dead_letter_topic = prefix + "dead";
    config.kafka.event_partitions = kShards;
    config.service.role = role;
    const std::string path = (folder / (role + (bootstrap.empty() ? "" : "-elsewhere") + ".yaml")).string();
    std::ofstream(path) << annotated_yaml(config);
    return path;
  }
  std::unique_ptr<Process> run(const std::string& config, const std::vector<std::string>& environment = {},
                               const std::vector<std::string>& more = {}) {
    const std::string log = (folder / ("log" + std::to_string(++logs))).string();
    std::vector<std::string> arguments = {"run", "--config", config};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return std::make_unique<Process>(binary, arguments, log, environment);
  }
  std::vector<std::string> records() const { return read_topic(brokers, prefix + "verdicts"); }
  Verdicts told() const { return read_verdicts(brokers, prefix + "verdicts"); }
  static std::uint64_t finals(const Verdicts& verdicts) {
    std::uint64_t sum = 0;
    for (const auto& [id, one] : verdicts) sum += one.finals;
    return sum;
  }
  // As many final records were committed as a replay tells. Which ones is looked at afterwards.
  bool all_told(const Oracle& oracle) const { return finals(told()) >= finals(oracle.verdicts); }
  // Every record once, and each attempt as a replay judges it.
  void expect_exactly(const Oracle& oracle) const {
    const std::vector<std::string> all = records();
    EXPECT_EQ(told_twice(all), "");
    Verdicts told;
    for (const std::string& json : all) add_verdict(json, &told);
    EXPECT_GT(oracle.verdicts.size(), 50U);
    EXPECT_EQ(missing(oracle.verdicts, told), std::set<std::string>());
    EXPECT_EQ(missing(told, oracle.verdicts), std::set<std::string>());
    for (const auto& [id, want] : oracle.verdicts) {
      const auto found = told.find(id);
      EXPECT_EQ(found == told.end() ? "missing" : found->second.cause, want.cause) << id;
      EXPECT_EQ(found == told.end() ? 0 : found->second.finals, want.finals) << id;
    }
  }
  // How often a line with this, and with the others, stands in the logs of all processes so far.
  std::size_t logged(const std::string& words, const std::string& others = "") const {
    std::size_t count = 0;
    for (int i = 1; i <= logs; ++i) {
      std::ifstream in(folder / ("log" + std::to_string(i)));
      for (std::string line; std::getline(in, line);) count += line.find(words) != std::string::npos && line.find(others) != std::string::npos ? 1 : 0;
    }
    return count;
  }
  // Shards taken over from a committed offset.
  std::size_t resumed() const { return logged("shard taken over"); }
  std::string last_log() const {
    std::ifstream in(folder / ("log" + std::to_string(logs)));
    return {(std::istreambuf_iterator<char>(in)), {}};
  }

  std::string brokers;
  std::string binary;
  std::string prefix;
  std::filesystem::path folder;
  int logs = 0;
};

}  // namespace vpnverdict::testing
