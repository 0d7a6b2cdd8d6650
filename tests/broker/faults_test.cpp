// What breaks in the middle: processes killed at every step of a commit, members that come, go and wake up late, a
// broker that dies, a network that stands still. Afterwards a reader of committed records has every verdict once, as a replay of the same lines
// tells it. A test counts only if its logs show that the fault hit.
#include <algorithm>
#include <csignal>

#include "pipeline/shard_fold.h"
#include "pipeline/verdict_json.h"
#include "tests/broker/brokers.h"
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
  static std::vector<std::string> is_stopped(const std::string& point) {
    return {"LD_PRELOAD=" + variable("VPNVERDICT_TEST_FAIL_POINTS"), "VPNVERDICT_TEST_STOP=" + point};
  }
  // Nothing is being taken over: a process that is stopped while it does says that work is left (75).
  static bool own_everything(std::initializer_list<const Process*> processes) {
    double owned = 0;
    for (const Process* process : processes) owned += process->value("vpnverdict_kafka_assigned_partitions");
    return owned == kRawPartitions * 2 + kShards + 1;
  }
  static bool owns_shards(const Process& process) { return process.value("vpnverdict_kafka_assigned_partitions") > 0 && process.ready(); }
  static bool told_something(const Process& process) { return process.value("vpnverdict_verdict_records_total{result=\"delivered\"}") > 0; }
};

TEST_F(Faults, killed_at_every_step_of_a_commit) {
  const Fleet fleet = make_fleet(200, 41);
  const Oracle oracle = replay_of(fleet);
  // The first five calls are notes that somebody tries; so far on, each process comes further before it dies.
  const std::vector<std::string> points = {
      "rd_kafka_begin_transaction:before:22",          "rd_kafka_send_offsets_to_transaction:before:20",
      "rd_kafka_send_offsets_to_transaction:after:25", "rd_kafka_commit_transaction:before:18",
      "rd_kafka_commit_transaction:after:24",          "rd_kafka_init_transactions:after:3",
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

TEST_F(Faults, stopped_in_the_middle_of_a_take_over) {
  const Fleet fleet = make_fleet(150, 44);
  const Oracle oracle = replay_of(fleet);
  const std::string config = write_config(fleet);
  const std::vector<std::string> points = {"rd_kafka_init_transactions:after:1", "rd_kafka_init_transactions:after:3",
                                           "rd_kafka_committed:before:1", "rd_kafka_committed:after:2"};
  feed_from_middle(fleet, 0, 2);
  {
    const auto first = run(config);
    ASSERT_TRUE(eventually([&] { return told_something(*first); })) << first->log();
    EXPECT_EQ(first->terminate(), 0) << first->log();
  }
  for (const std::string& point : points) {
    SCOPED_TRACE(point);
    const auto process = run(config, is_stopped(point), {"--role", "correlate"});
    ASSERT_TRUE(eventually([&] { return !process->running(); })) << process->log();
    EXPECT_EQ(process->terminate(), 0) << process->log();
  }
  feed_from_middle(fleet, 1, 2);
  const auto last = run(config);
  ASSERT_TRUE(eventually([&] { return all_told(oracle) || !last->running(); })) << last->log();
  EXPECT_EQ(last->terminate(), 0) << last->log();
  expect_exactly(oracle);
}

// Fencing a former owner is waiting for brokers: all shards' is done at the same time, or none of these calls would get on.
TEST_F(Faults, the_shards_of_a_process_are_taken_over_at_the_same_time) {
  const auto process = run(write_config(make_fleet(20, 48)),
                           {"LD_PRELOAD=" + variable("VPNVERDICT_TEST_FAIL_POINTS"),
                            "VPNVERDICT_TEST_TOGETHER=rd_kafka_init_transactions:before:" + std::to_string(kShards)},
                           {"--role", "correlate"});
  ASSERT_TRUE(eventually([&] { return process->value("vpnverdict_kafka_assigned_partitions") == kShards && process->ready(); })) << process->log();
  EXPECT_EQ(logged("did not return in time"), 0U) << process->log();
}

// As librdkafka does when the group's coordinator goes away in the wrong moment.
TEST_F(Faults, a_call_of_a_commit_that_never_returns_is_left_behind) {
  const Fleet fleet = make_fleet(150, 46);
  const Oracle oracle = replay_of(fleet);
  const auto process = run(write_config(fleet), {"LD_PRELOAD=" + variable("VPNVERDICT_TEST_FAIL_POINTS"),
                                                 "VPNVERDICT_TEST_STUCK=rd_kafka_send_offsets_to_transaction:before:6"});
  feed(brokers, fleet, 0, fleet.records.size(), prefix, kRawPartitions);
  // The verdicts may all be out before the sixth call: the stop must not come before it.
  ASSERT_TRUE(eventually([&] { return logged("librdkafka did not return in time") > 0; })) << process->log();
  ASSERT_TRUE(eventually([&] { return own_everything({process.get()}) && all_told(oracle); })) << process->log();
  EXPECT_EQ(process->terminate(), 0) << process->log();
  expect_exactly(oracle);
}

// A user whose name no other line holds, in the middle of the fleet: what is made of that line is one record of the internal topic.
void poison(Fleet& fleet) {
  for (std::size_t i = fleet.records.size() / 3; i < fleet.records.size(); ++i) {
    std::string& value = fleet.records[i].value;
    const std::size_t user = value.find(" User [");
    if (fleet.records[i].topic != kConcentratorTopic || user == std::string::npos) continue;
    value.insert(user + 7, "poison-");
    return;
  }
}

// What the records of the internal topic are folded into, without those that hold `poison`.
std::vector<std::string> folded_without(const std::vector<TopicRecord>& packets, const std::string& poison, const Inventory& inventory, std::int64_t grace) {
  CorrelatorOptions options;
  options.grace_ms = grace;
  std::map<std::int32_t, ShardFold> shards;
  std::vector<std::string> out;
  for (const TopicRecord& packet : packets) {
    if (packet.value.find(poison) != std::string::npos) continue;
    ShardFold& shard = shards.try_emplace(packet.partition, inventory, options).first->second;
    std::vector<Verdict> verdicts;
    EXPECT_EQ(shard.take(packet.value, verdicts), "");
    for (const Verdict& verdict : verdicts) append_json(verdict, shard.names(), out.emplace_back());
  }
  std::ranges::sort(out);
  return out;
}

TEST_F(Faults, a_record_that_ends_every_process_is_left_out_and_nothing_else) {
  Fleet fleet = make_fleet(150, 47);
  poison(fleet);
  feed(brokers, fleet, 0, fleet.records.size(), prefix, kRawPartitions);
  {
    const auto ingest = run(write_config(fleet, "ingest"));
    ASSERT_TRUE(eventually([&] { return ingest->value("vpnverdict_lines_consumed_total") >= static_cast<double>(fleet.records.size()); })) << ingest->log();
    EXPECT_EQ(ingest->terminate(), 0) << ingest->log();
  }
  const std::vector<TopicRecord> packets = read_records(brokers, prefix + "events");
  const std::vector<std::string> wanted = folded_without(packets, "poison-", fleet.inventory, config_for(brokers, fleet, prefix).correlator.grace_ms);
  ASSERT_GT(wanted.size(), 100U);

  binary = variable("VPNVERDICT_TEST_POISONED_BINARY");
  const std::string config = write_config(fleet, "correlate");
  // A member by name need not wait for the session of the one that died.
  const std::vector<std::string> deadly = {"VPNVERDICT_TEST_POISON=poison-", "VPNVERDICT_CORRELATOR_SHARDS=1", "VPNVERDICT_KAFKA_PROPERTIES_GROUP_INSTANCE_ID=only"};
  std::unique_ptr<Process> survivor;
  for (int deaths = 0; !survivor; ++deaths) {
    ASSERT_LE(deaths, 20);
    auto process = run(config, deadly);
    ASSERT_TRUE(eventually([&] { return !process->running() || process->value("vpnverdict_poison_records_total") == 1; })) << process->log();
    if (!process->running()) continue;
    EXPECT_GE(deaths, 5) << "two tries together, and three times it was taken in alone";
    survivor = std::move(process);
  }
  survivor->kill();  // and whoever folds again from what is committed does not meet it
  const auto last = run(config, deadly);
  ASSERT_TRUE(eventually([&] { return records().size() >= wanted.size() || !last->running(); })) << last->log();
  EXPECT_EQ(last->terminate(), 0) << last->log();
  std::vector<std::string> told = records();
  std::ranges::sort(told);
  EXPECT_EQ(told, wanted);

  std::vector<TopicRecord> letters = read_records(brokers, prefix + "dead");
  std::erase_if(letters, [](const TopicRecord& letter) { return letter.headers.at("reason") != "poison"; });
  ASSERT_EQ(letters.size(), 1U);
  const auto killer = std::ranges::find_if(packets, [](const TopicRecord& packet) { return packet.value.find("poison-") != std::string::npos; });
  EXPECT_EQ(letters[0].value, killer->value);
  EXPECT_EQ(letters[0].headers.at("topic"), prefix + "events");
  EXPECT_EQ(letters[0].headers.at("partition"), std::to_string(killer->partition));
  EXPECT_EQ(letters[0].headers.at("offset"), std::to_string(killer->offset));
}

// Its partitions are nobody else's as long as its session lasts, and that is far longer than judgement waits for them.
TEST_F(Faults, a_killed_ingest_holds_judgement_no_longer_than_it_may_and_sets_it_right_when_it_is_back) {
  const Fleet fleet = make_fleet(150, 48);
  const std::string config = write_config(fleet, "ingest");
  const auto member = [](const std::string& name) {
    return std::vector<std::string>{"VPNVERDICT_KAFKA_PROPERTIES_GROUP_INSTANCE_ID=" + name, "VPNVERDICT_KAFKA_PROPERTIES_SESSION_TIMEOUT_MS=600000", "VPNVERDICT_KAFKA_PROPERTIES_MAX_POLL_INTERVAL_MS=600000"};
  };
  const auto owned = [](const Process& process) { return process.value("vpnverdict_kafka_assigned_partitions"); };
  const auto correlate = run(write_config(fleet, "correlate"), {"VPNVERDICT_CORRELATOR_MAX_HOLD_MS=1500"});
  const auto stays = run(config, member("stays"));
  {
    const auto dies = run(config, member("dies"));
    ASSERT_TRUE(eventually([&] { return owned(*stays) > 0 && owned(*dies) > 0 && owned(*stays) + owned(*dies) == 2 * kRawPartitions; })) << dies->log();
    dies->kill();
  }
  feed(brokers, fleet, 0, fleet.records.size(), prefix, kRawPartitions);
  const auto partial = [&] {
    std::vector<std::string> out = records();
    std::erase_if(out, [](const std::string& json) { return json.find("\"partial\":true") == std::string::npos; });
    return out;
  };
  ASSERT_TRUE(eventually([&] { return correlate->value("vpnverdict_raw_partitions_missing") > 0 && !partial().empty(); })) << correlate->log();
  const auto back = run(config, member("dies"));
  // The newest record of each attempt that was told as partial is so no more.
  const auto set_right = [&] {
    std::map<std::string, bool> newest;
    for (const std::string& json : records()) {
      Verdicts one;
      add_verdict(json, &one);
      const bool is_partial = json.find("\"partial\":true") != std::string::npos;
      if (!one.empty() && (is_partial || newest.contains(one.begin()->first))) newest[one.begin()->first] = is_partial;
    }
    return !newest.empty() && std::ranges::none_of(newest, [](const auto& each) { return each.second; });
  };
  ASSERT_TRUE(eventually([&] { return correlate->value("vpnverdict_raw_partitions_missing") == 0 && set_right(); })) << correlate->log() << back->log();
  for (const std::string& json : partial()) EXPECT_EQ(json.find("\"grade\":\"certain\""), std::string::npos) << json;
  EXPECT_EQ(told_twice(records()), "");
  for (const auto* process : {&stays, &back, &correlate}) EXPECT_EQ((*process)->terminate(), 0) << (*process)->log();
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
  ASSERT_TRUE(eventually([&] { return own_everything({first.get(), third.get()}) && all_told(oracle); })) << first->log() << third->log();
  EXPECT_EQ(first->terminate(), 0) << first->log();
  EXPECT_EQ(third->terminate(), 0) << third->log();
  EXPECT_GT(resumed(), 2U * kShards);
  EXPECT_GT(logged("shards are dropped and will be taken over again") + logged("lost=yes"), 0U) << "the frozen one was not fenced";
  expect_exactly(oracle);
}

// The process is well, and so are the brokers; they only do not hear of each other. What it had sent before it was forgotten
// arrives afterwards.
TEST_F(Faults, a_network_that_stands_still_longer_than_a_session_and_one_that_is_cut) {
  const Brokers ours(variable("VPNVERDICT_TEST_BROKER_HOME"), brokers);
  if (ours.count() == 0) GTEST_SKIP() << "the broker has no way through us";
  const Fleet fleet = make_fleet(200, 45);
  const Oracle oracle = replay_of(fleet);
  Proxy proxy(ours.routes());
  const auto far = run(write_config(fleet, "all", proxy.bootstrap()));
  feed_from_middle(fleet, 0, 4);
  ASSERT_TRUE(eventually([&] { return told_something(*far); })) << far->log();
  const auto near = run(write_config(fleet));
  ASSERT_TRUE(eventually([&] { return owns_shards(*far) && owns_shards(*near); })) << near->log();
  EXPECT_GT(proxy.stand_still(), 0U);
  feed_from_middle(fleet, 1, 4);
  ASSERT_TRUE(eventually([&] { return own_everything({near.get()}); })) << near->log();
  proxy.pass();
  ASSERT_TRUE(eventually([&] { return owns_shards(*far) && owns_shards(*near); })) << far->log();
  EXPECT_GT(proxy.cut(), 0U);
  feed_from_middle(fleet, 2, 4);
  ASSERT_TRUE(eventually([&] { return own_everything({near.get()}); })) << near->log();
  proxy.pass();
  feed_from_middle(fleet, 3, 4);
  ASSERT_TRUE(eventually([&] { return own_everything({far.get(), near.get()}) && all_told(oracle); })) << far->log() << near->log();
  EXPECT_EQ(near->terminate(), 0) << near->log();
  far->terminate();
  EXPECT_GT(logged("shards are dropped and will be taken over again") + logged("lost=yes"), 0U) << "nobody noticed";
  expect_exactly(oracle);
}

TEST_F(Faults, a_broker_that_dies_and_comes_back) {
  Brokers ours(variable("VPNVERDICT_TEST_BROKER_HOME"), brokers);
  if (ours.count() == 0) GTEST_SKIP() << "the broker is not ours to end";
  const Fleet fleet = make_fleet(200, 43);
  const Oracle oracle = replay_of(fleet);
  const auto process = run(write_config(fleet));
  feed_from_middle(fleet, 0, 2);
  ASSERT_TRUE(eventually([&] { return told_something(*process); })) << process->log();
  ours.end(1, SIGKILL);
  ours.start(1);
  feed_from_middle(fleet, 1, 2);
  ASSERT_TRUE(eventually([&] { return own_everything({process.get()}) && all_told(oracle); })) << process->log();
  EXPECT_EQ(process->terminate(), 0) << process->log();
  EXPECT_GT(logged("librdkafka FAIL") + logged("broker"), 0U) << "nobody noticed";
  expect_exactly(oracle);
}

}  // namespace
}  // namespace vpnverdict::testing
