// What breaks in the middle: processes killed at every step of a commit, members that come, go and wake up late, a
// broker that dies. Afterwards a reader of committed records has every verdict once, as a replay of the same lines
// tells it. A test counts only if its logs show that the fault hit.
//
// VPNVERDICT_TEST_ROUNDS=n runs the storm of faults n times, VPNVERDICT_TEST_SEED=s begins with this seed.
#include <algorithm>
#include <csignal>
#include <random>
#include <thread>

#include "tests/broker/real_broker.h"

namespace vpnverdict::testing {
namespace {

class Faults : public RealBroker {
 protected:
  // The part-th of `parts` equal parts of the fleet's records.
  void feed_part(const Fleet& fleet, std::size_t part, std::size_t parts) {
    feed(brokers, fleet, fleet.records.size() * part / parts, fleet.records.size() * (part + 1) / parts, prefix, kRawPartitions);
  }
  // Up to where half of the attempts are judged, then the rest in equal parts.
  void feed_from_middle(const Fleet& fleet, std::size_t part, std::size_t parts) {
    const std::size_t rest = fleet.records.size() - fleet.middle;
    const std::size_t from = part == 0 ? 0 : fleet.middle + rest * (part - 1) / (parts - 1);
    feed(brokers, fleet, from, fleet.middle + rest * part / (parts - 1), prefix, kRawPartitions);
  }
  static std::vector<std::string> dies(const std::string& point) {
    return {"LD_PRELOAD=" + variable("VPNVERDICT_TEST_FAIL_POINTS"), "VPNVERDICT_TEST_DIE=" + point};
  }
  static bool owns_shards(const Process& process) { return process.value("vpnverdict_kafka_assigned_partitions") > 0 && process.ready(); }
  static bool told_something(const Process& process) { return process.value("vpnverdict_verdict_records_total{result=\"delivered\"}") > 0; }

  pid_t broker() const {
    pid_t pid = 0;
    std::ifstream(std::filesystem::path(variable("VPNVERDICT_TEST_BROKER_HOME")) / "pid") >> pid;
    return pid;
  }
  void restart_broker(int signal) {
    const pid_t pid = broker();
    ASSERT_GT(pid, 0);
    ASSERT_EQ(::kill(pid, signal), 0);
    ASSERT_TRUE(eventually([&] { return ::kill(pid, 0) != 0; })) << "the broker does not end";
    ASSERT_EQ(std::system((variable("VPNVERDICT_TEST_BROKER_HOME") + "/start").c_str()), 0);
    ASSERT_TRUE(eventually([&] { return answers(std::atoi(brokers.c_str() + brokers.rfind(':') + 1)); })) << "the broker does not come back";
  }
};

TEST_F(Faults, killed_at_every_step_of_a_commit) {
  const Fleet fleet = make_fleet(200, 41);
  const Oracle oracle = replay_of(fleet);
  const std::vector<std::string> points = {
      "rd_kafka_begin_transaction:before:9",           "rd_kafka_send_offsets_to_transaction:before:8",
      "rd_kafka_send_offsets_to_transaction:after:10", "rd_kafka_commit_transaction:before:7",
      "rd_kafka_commit_transaction:after:9",           "rd_kafka_init_transactions:after:3",
      "rd_kafka_flush:after:2",                        "rd_kafka_commit:before:1"};
  const std::string config = write_config(fleet);
  for (std::size_t i = 0; i < points.size(); ++i) {
    SCOPED_TRACE(points[i]);
    const auto process = run(config, dies(points[i]));
    feed_part(fleet, i, points.size() + 1);
    ASSERT_TRUE(eventually([&] { return !process->running(); })) << process->log();
    EXPECT_TRUE(process->was_killed()) << process->log();
  }
  feed_part(fleet, points.size(), points.size() + 1);
  const auto last = run(config);
  ASSERT_TRUE(eventually([&] { return all_told(oracle); })) << last->log();
  EXPECT_EQ(last->terminate(), 0) << last->log();
  EXPECT_GE(resumed(), 2 * points.size()) << "take-overs from a committed offset";
  EXPECT_EQ(logged("digest=other"), 0U);
  expect_exactly(oracle);
}

TEST_F(Faults, members_come_freeze_wake_up_and_are_killed) {
  const Fleet fleet = make_fleet(200, 42);
  const Oracle oracle = replay_of(fleet);
  const std::string config = write_config(fleet);
  const auto first = run(config);
  feed_from_middle(fleet, 0, 4);
  ASSERT_TRUE(eventually([&] { return told_something(*first); })) << first->log();
  const auto second = run(config);
  feed_from_middle(fleet, 1, 4);
  ASSERT_TRUE(eventually([&] { return owns_shards(*first) && owns_shards(*second); })) << second->log();
  first->freeze();  // past its session: the second takes everything
  feed_from_middle(fleet, 2, 4);
  ASSERT_TRUE(eventually([&] { return second->value("vpnverdict_shard_takeovers_total{from=\"state\"}") >= kShards; })) << second->log();
  first->thaw();
  const auto third = run(config);
  ASSERT_TRUE(eventually([&] { return owns_shards(*third); })) << third->log();
  second->kill();
  feed_from_middle(fleet, 3, 4);
  ASSERT_TRUE(eventually([&] { return all_told(oracle); })) << first->log() << third->log();
  EXPECT_EQ(first->terminate(), 0) << first->log();
  EXPECT_EQ(third->terminate(), 0) << third->log();
  EXPECT_GT(resumed(), 2U * kShards);
  EXPECT_GT(logged("shards are dropped and will be taken over again") + logged("lost=yes"), 0U) << "the frozen one was not fenced";
  expect_exactly(oracle);
}

TEST_F(Faults, a_broker_that_dies_and_comes_back) {
  if (variable("VPNVERDICT_TEST_BROKER_HOME").empty()) GTEST_SKIP() << "the broker is not ours to end";
  const Fleet fleet = make_fleet(200, 43);
  const Oracle oracle = replay_of(fleet);
  const auto process = run(write_config(fleet));
  feed_from_middle(fleet, 0, 2);
  ASSERT_TRUE(eventually([&] { return told_something(*process); })) << process->log();
  restart_broker(SIGKILL);
  feed_from_middle(fleet, 1, 2);
  ASSERT_TRUE(eventually([&] { return all_told(oracle); })) << process->log();
  EXPECT_EQ(process->terminate(), 0) << process->log();
  EXPECT_GT(logged("librdkafka FAIL") + logged("broker"), 0U) << "nobody noticed";
  expect_exactly(oracle);
}

// Faults at random, with a printed seed.
class Storm {
 public:
  Storm(unsigned seed) : random_(seed) {}
  std::size_t below(std::size_t n) { return random_() % n; }
  template <typename Item>
  Item& one_of(std::vector<Item>& items) {
    return items[below(items.size())];
  }
  std::string point() {
    static std::vector<std::string> functions = {"rd_kafka_begin_transaction", "rd_kafka_send_offsets_to_transaction",
                                                 "rd_kafka_commit_transaction", "rd_kafka_init_transactions", "rd_kafka_flush", "rd_kafka_commit"};
    return one_of(functions) + (below(2) == 0 ? ":before:" : ":after:") + std::to_string(1 + below(30));
  }

 private:
  std::mt19937 random_;
};

TEST_F(Faults, a_storm_of_faults) {
  const auto number = [](const char* name, unsigned otherwise) {
    const std::string given = variable(name);
    return given.empty() ? otherwise : static_cast<unsigned>(std::stoul(given));
  };
  const unsigned rounds = number("VPNVERDICT_TEST_ROUNDS", 0);
  if (rounds == 0) GTEST_SKIP() << "VPNVERDICT_TEST_ROUNDS is not set";
  const unsigned first_seed = number("VPNVERDICT_TEST_SEED", 1);
  for (unsigned seed = first_seed; seed < first_seed + rounds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    logs = 0;
    begin("-" + std::to_string(seed));
    Storm storm(seed);
    const Fleet fleet = make_fleet(150, 1'000 + seed);
    const Oracle oracle = replay_of(fleet);
    const std::string config = write_config(fleet);
    std::vector<std::unique_ptr<Process>> pods;
    pods.push_back(run(config));
    constexpr std::size_t kParts = 6;
    std::string what;
    for (std::size_t part = 0; part < kParts; ++part) {
      feed_part(fleet, part, kParts);
      ASSERT_TRUE(eventually([&] { return std::any_of(pods.begin(), pods.end(), [](const auto& pod) { return pod->running() && pod->ready(); }); }))
          << what << last_log();
      switch (storm.below(6)) {
        case 0:
          what += " kill";
          storm.one_of(pods)->kill();
          break;
        case 1:
          what += " add";
          pods.push_back(run(config));
          break;
        case 2: {
          what += " freeze";
          Process& pod = *storm.one_of(pods);
          if (!pod.running()) break;
          pod.freeze();
          std::this_thread::sleep_for(std::chrono::milliseconds(storm.below(4'000)));  // some shorter, some longer than a session
          pod.thaw();
          break;
        }
        case 3:
          what += " terminate";
          storm.one_of(pods)->terminate();
          break;
        case 4: {
          const std::string point = storm.point();
          what += " " + point;
          pods.push_back(run(config, dies(point)));
          break;
        }
        default:
          if (variable("VPNVERDICT_TEST_BROKER_HOME").empty() || storm.below(3) != 0) break;
          what += " broker";
          restart_broker(storm.below(2) == 0 ? SIGKILL : SIGTERM);
      }
      std::erase_if(pods, [](const auto& pod) { return !pod->running(); });
      if (pods.empty()) pods.push_back(run(config));
    }
    // One that will not die by itself ends the work.
    pods.push_back(run(config));
    ASSERT_TRUE(eventually([&] { return all_told(oracle); })) << what << "\n" << last_log();
    for (const auto& pod : pods) {
      if (pod->running()) pod->terminate();
    }
    std::printf("seed %u:%s; %zu take-overs from state, %zu times dropped\n", seed, what.c_str(), resumed(),
                logged("shards are dropped and will be taken over again"));
    EXPECT_GT(resumed(), 0U);
    EXPECT_EQ(logged("digest=other"), 0U);
    expect_exactly(oracle);
    if (HasFailure()) return;
    std::filesystem::remove_all(folder);
  }
}

}  // namespace
}  // namespace vpnverdict::testing
