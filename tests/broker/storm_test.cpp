// Faults at random, with printed seeds: members that die, freeze, come and go, brokers that die or freeze, a network between
// the two that stands still or is cut. After each round a
// reader of committed records has every verdict once, as a replay of the same lines tells it. tests/broker/faults runs it.
//
// VPNVERDICT_TEST_ROUNDS=n runs n rounds, VPNVERDICT_TEST_SEED=s begins with this seed. A round counts only if its logs show
// that faults hit.
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <random>
#include <sstream>
#include <thread>

#include "tests/broker/brokers.h"
#include "tests/broker/real_broker.h"

namespace vpnverdict::testing {
namespace {

constexpr std::size_t kParts = 6;  // of the fleet's records; a fault after each

class Storm : public RealBroker {
 protected:
  struct Score {
    unsigned rounds = 0;  // that count
    std::size_t recoveries = 0, fences = 0, aborts = 0, killed = 0, broker_faults = 0, network_faults = 0;
    std::size_t verdicts = 0, lost = 0, twice = 0, other = 0;
    Score& operator+=(const Score& more) {
      rounds += more.rounds, recoveries += more.recoveries, fences += more.fences, aborts += more.aborts;
      killed += more.killed, broker_faults += more.broker_faults, network_faults += more.network_faults;
      verdicts += more.verdicts, lost += more.lost, twice += more.twice, other += more.other;
      return *this;
    }
  };

  std::size_t below(std::size_t n) { return random_() % n; }
  Process* one_of_the_pods() { return pods_.empty() ? nullptr : pods_[below(pods_.size())].get(); }
  void sleep_below(std::size_t ms) { std::this_thread::sleep_for(std::chrono::milliseconds(below(ms))); }
  std::string point() {
    static const std::vector<std::string> functions = {"rd_kafka_begin_transaction", "rd_kafka_send_offsets_to_transaction",
                                                       "rd_kafka_commit_transaction", "rd_kafka_init_transactions", "rd_kafka_flush", "rd_kafka_commit",
                                                       "rd_kafka_committed"};
    return functions[below(functions.size())] + (below(2) == 0 ? ":before:" : ":after:") + std::to_string(1 + below(30));
  }

  // One fault; what was done.
  std::string fault(const std::string& config) {
    Process* pod = one_of_the_pods();
    switch (below(brokers_->count() > 0 ? 12 : 7)) {
      case 0:
        pod->kill();
        ++score_.killed;
        return "kill";
      case 1:
        pods_.push_back(run(config));
        return "add";
      case 2:
        pod->freeze();
        sleep_below(4'000);  // some shorter, some longer than a session
        pod->thaw();
        return "freeze";
      case 3:
        pod->terminate();
        return "terminate";
      case 4:
        pod->terminate_and_kill(static_cast<int>(below(300)));
        ++score_.killed;
        return "terminate-cut-short";
      case 5: {
        const std::string where = point();
        pods_.push_back(run(config, {"LD_PRELOAD=" + variable("VPNVERDICT_TEST_FAIL_POINTS"), "VPNVERDICT_TEST_DIE=" + where}));
        return where;
      }
      case 6: {
        const std::string where = point();
        pods_.push_back(run(config, {"LD_PRELOAD=" + variable("VPNVERDICT_TEST_FAIL_POINTS"), "VPNVERDICT_TEST_STOP=" + where}));
        return "stop:" + where;
      }
      case 7:
      case 8: return network_fault();
      default: return broker_fault();
    }
  }

  // Of the one process that reaches the brokers through us; it is begun if there is none.
  std::string network_fault() {
    if (far_ == nullptr) {
      pods_.push_back(run(far_config_));
      far_ = pods_.back().get();
      return "add-far";
    }
    const bool stands = below(2) == 0;
    eventually([&] { return proxy_->connections() > 0 || !far_->running(); });  // librdkafka waits before it connects again
    if ((stands ? proxy_->stand_still() : proxy_->cut()) > 0) ++score_.network_faults;
    sleep_below(5'000);  // some shorter, some longer than a session
    proxy_->pass();
    return stands ? "network-stands" : "network-cut";
  }

  std::string broker_fault() {
    EXPECT_TRUE(eventually([&] { return brokers_->in_sync(); })) << "the brokers do not come in sync again";
    ++score_.broker_faults;
    int broker = 1 + static_cast<int>(below(static_cast<std::size_t>(brokers_->count())));
    switch (below(4)) {
      case 0:  // some shorter than the brokers wait for each other, some longer
        brokers_->freeze(broker);
        sleep_below(5'000);
        brokers_->thaw(broker);
        return "freeze-broker";
      case 1: {
        const int coordinator = brokers_->coordinator_of("vpnverdict." + prefix + "group." + std::to_string(below(kShards)));
        brokers_->end(coordinator > 0 ? coordinator : broker, SIGKILL);
        if (brokers_->count() > 1) sleep_below(4'000);  // the others go on
        brokers_->start(coordinator > 0 ? coordinator : broker);
        return "kill-coordinator";
      }
      case 2:
        for (broker = 1; broker <= brokers_->count(); ++broker) {
          brokers_->end(broker, SIGTERM);
          brokers_->start(broker);
          EXPECT_TRUE(eventually([&] { return brokers_->in_sync(); })) << "the brokers do not come in sync again";
        }
        return "restart-each-broker";
      default:
        brokers_->end(broker, SIGKILL);
        if (brokers_->count() > 1) sleep_below(4'000);
        brokers_->start(broker);
        return "kill-broker";
    }
  }

  // As whoever runs it would: a process that ends by itself (a producer that librdkafka declares dead) is started again.
  void look_after_pods(const std::string& config) {
    if (far_ != nullptr && !far_->running()) far_ = nullptr;
    std::erase_if(pods_, [](const auto& pod) { return !pod->running(); });
    if (pods_.empty()) pods_.push_back(run(config));
  }

  // What they say of themselves, when they do not come to an end.
  std::string state_of_pods() const {
    std::string out;
    for (const auto& pod : pods_) {
      std::istringstream lines(pod->metrics());
      for (std::string line; std::getline(lines, line);) {
        for (const char* name : {"vpnverdict_kafka_", "vpnverdict_stream_time", "vpnverdict_attempts_open", "vpnverdict_events_", "vpnverdict_lines_consumed"})
          if (line.starts_with(name) && !line.ends_with(" 0")) out += line + "\n";
      }
      out += pod->log() + "\n";
    }
    return out;
  }

  void look_at_logs() {
    score_.recoveries = logged("shard taken over") - logged("shard taken over", "offset=0 ");
    for (const char* words : {"FENCED", "INVALID_PRODUCER_EPOCH", "ILLEGAL_GENERATION", "UNKNOWN_MEMBER_ID", "lost=yes"}) score_.fences += logged(words);
    score_.aborts = logged("shards are dropped and will be taken over again");
  }
  void look_at_verdicts(const Oracle& oracle) {
    const std::vector<std::string> all = records();
    const std::string twice = told_twice(all);
    score_.twice = static_cast<std::size_t>(std::count(twice.begin(), twice.end(), '\n'));
    Verdicts told;
    for (const std::string& json : all) add_verdict(json, &told);
    score_.verdicts = told.size();
    score_.lost = missing(oracle.verdicts, told).size();
    score_.other = missing(told, oracle.verdicts).size();
    for (const auto& [id, want] : oracle.verdicts) {
      const auto found = told.find(id);
      if (found != told.end() && (found->second.cause != want.cause || found->second.finals != want.finals)) ++score_.other;
    }
  }

  void round(unsigned seed) {
    random_.seed(seed);
    score_ = {};
    logs = 0;
    begin("-" + std::to_string(seed));
    const Fleet fleet = make_fleet(150, 1'000 + seed);
    const Oracle oracle = replay_of(fleet);
    const std::string config = write_config(fleet);
    pods_.clear();
    far_ = nullptr;
    if (proxy_) far_config_ = write_config(fleet, "all", proxy_->bootstrap());
    pods_.push_back(run(proxy_ ? far_config_ : config));
    if (proxy_) far_ = pods_.back().get();
    std::string what;
    for (std::size_t part = 0; part < kParts; ++part) {
      feed(brokers, fleet, fleet.records.size() * part / kParts, fleet.records.size() * (part + 1) / kParts, prefix, kRawPartitions);
      ASSERT_TRUE(eventually([&] {
        look_after_pods(config);
        return std::any_of(pods_.begin(), pods_.end(), [](const auto& pod) { return pod->ready(); });
      })) << what << last_log();
      what += " " + fault(config);
      ASSERT_FALSE(HasFailure()) << what;
      look_after_pods(config);
    }
    pods_.push_back(run(config));  // one that will not die by itself ends the work
    EXPECT_TRUE(eventually([&] {
      look_after_pods(config);
      return all_told(oracle);
    })) << what << "\n" << state_of_pods();
    for (const auto& pod : pods_) {
      if (pod->running()) pod->terminate();
    }
    look_at_logs();
    look_at_verdicts(oracle);
    if (score_.recoveries > 0) score_.rounds = 1;
    std::printf("seed %u:%s; recoveries %zu, fences %zu, aborts %zu; verdicts %zu, lost %zu, twice %zu, other %zu\n", seed, what.c_str(),
                score_.recoveries, score_.fences, score_.aborts, score_.verdicts, score_.lost, score_.twice, score_.other);
    std::fflush(stdout);
    EXPECT_EQ(logged("digest=other"), 0U);
    EXPECT_EQ(logged("is left out"), 0U) << "no record is guilty of what is done to processes";
    expect_exactly(oracle);
  }

  std::unique_ptr<Brokers> brokers_;
  std::unique_ptr<Proxy> proxy_;  // none in front of brokers that are not ours
  std::string far_config_;        // of a process that reaches the brokers through it
  Process* far_ = nullptr;        // of pods_, while it runs
  std::mt19937 random_;
  std::vector<std::unique_ptr<Process>> pods_;
  Score score_;
};

TEST_F(Storm, of_faults_at_random) {
  const auto number = [](const char* name, unsigned otherwise) {
    const std::string given = variable(name);
    return given.empty() ? otherwise : static_cast<unsigned>(std::stoul(given));
  };
  const unsigned rounds = number("VPNVERDICT_TEST_ROUNDS", 0);
  if (rounds == 0) GTEST_SKIP() << "VPNVERDICT_TEST_ROUNDS is not set";
  const unsigned first = number("VPNVERDICT_TEST_SEED", 1);
  brokers_ = std::make_unique<Brokers>(variable("VPNVERDICT_TEST_BROKER_HOME"), brokers);
  if (brokers_->count() > 0) proxy_ = std::make_unique<Proxy>(brokers_->routes());
  Score sum;
  for (unsigned seed = first; seed < first + rounds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    round(seed);
    sum += score_;
    if (HasFailure()) break;
    std::filesystem::remove_all(folder);
    delete_topics(brokers, prefix);
  }
  std::printf("| brokers | seeds | rounds that count | recoveries from an offset | fences | aborts | processes killed | broker faults | network faults | verdicts | lost | twice | other |\n"
              "|---|---|---|---|---|---|---|---|---|---|---|---|---|\n| %d | %u to %u | %u | %zu | %zu | %zu | %zu | %zu | %zu | %zu | %zu | %zu | %zu |\n",
              brokers_->count(), first, first + rounds - 1, sum.rounds, sum.recoveries, sum.fences, sum.aborts, sum.killed, sum.broker_faults,
              sum.network_faults, sum.verdicts, sum.lost, sum.twice, sum.other);
  EXPECT_GT(sum.fences, 0U);
  EXPECT_GT(sum.aborts, 0U);
}

}  // namespace
}  // namespace vpnverdict::testing
