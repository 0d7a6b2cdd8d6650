// What the transactions cost on a real broker, beside the same work at least once. Asserts nothing about time; disabled, for it
// takes minutes and wants an idle machine: tests/broker/rates runs it. VPNVERDICT_TEST_ATTEMPTS is the size of the fleet. How fast
// the whole service is: bench/parts/kafka.
#include <algorithm>
#include <chrono>
#include <cstdio>

#include <sys/resource.h>

#include "pipeline/kafka_consumer.h"
#include "pipeline/kafka_producer.h"
#include "pipeline/kafka_transaction.h"
#include "pipeline/shard_fold.h"
#include "pipeline/verdict_json.h"
#include "tests/broker/real_broker.h"

namespace vpnverdict::testing {
namespace {

double cpu_of(int whom) {
  rusage usage{};
  ::getrusage(whom, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

// What stage 2 does with the internal topic: fold, tell, commit; with a transaction for each shard and commit, or at least once
// (flush, then commit the offsets). No snapshots: they cost the same both ways.
class StageTwo {
 public:
  StageTwo(const Config& config, bool exactly_once, std::int64_t commit_ms)
      : config_(config), metrics_({}), exactly_once_(exactly_once), commit_ms_(commit_ms) {}

  struct Cost {
    double seconds = 0;  // from the first record to the last commit
    double stopped = 0;  // of these, in commits
    double cpu = 0;
    std::uint64_t commits = 0;
    std::uint64_t events = 0;
    std::uint64_t verdicts = 0;
  };
  // Once over the whole topic.
  Cost run(const std::string& group) {
    std::string error;
    ConsumerHooks hooks;
    hooks.claim = [&](const auto& partitions) { claim(partitions, group); };
    hooks.assigned = [&](const auto&, const auto&) {
      group_ = consumer_->group_metadata();
      return KafkaOffsets();
    };
    hooks.revoked = [](bool) {};
    producer_ = KafkaProducer::open(config_.kafka, ledger_, metrics_.kafka(), log_, &error);
    consumer_ = KafkaConsumer::open(config_.kafka, {group, {config_.kafka.event_topic}, {{"isolation.level", "read_committed"}}}, std::move(hooks),
                                    sources_, metrics_.kafka(), log_, &error);
    EXPECT_TRUE(consumer_ && producer_) << error;
    double cpu = 0;
    std::size_t ended = 0;
    for (const auto stop = Clock::now() + std::chrono::minutes(5); Clock::now() < stop && (shards_.empty() || ended < shards_.size());) {
      const KafkaMessage message = consumer_->poll(20);
      if (cost_.commits == 0 && next_commit_ == Clock::time_point() && message) {
        began_ = Clock::now();
        cpu = cpu_of(RUSAGE_SELF);
        next_commit_ = began_ + std::chrono::milliseconds(commit_ms_);
      }
      if (message && message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) ++ended;
      else if (message) take(*message);
      if (next_commit_ != Clock::time_point() && Clock::now() >= next_commit_) commit();
    }
    EXPECT_EQ(ended, shards_.size()) << "not all was read";
    commit();
    cost_.seconds = std::chrono::duration<double>(Clock::now() - began_).count();
    cost_.cpu = cpu_of(RUSAGE_SELF) - cpu;
    for (const auto& [partition, shard] : shards_) cost_.events += shard.fold->counts().events + shard.fold->repeated();  // one record may say the same twice
    shards_.clear();
    consumer_->close(8'000);
    producer_->give_up();
    return cost_;
  }

 private:
  using Clock = std::chrono::steady_clock;
  struct Shard {
    std::unique_ptr<ShardFold> fold;
    std::unique_ptr<KafkaTransaction> transaction;
    std::vector<std::string> told;
    std::int64_t next = -1;
    std::int64_t committed = -1;
  };

  void claim(const std::vector<KafkaPartition>& partitions, const std::string& group) {
    CorrelatorOptions options;
    options.grace_ms = config_.correlator.grace_ms;
    for (const auto& [topic, partition] : partitions) {
      Shard& shard = shards_[partition];
      shard.fold = std::make_unique<ShardFold>(config_.inventory, options);
      if (!exactly_once_) continue;
      KafkaTransaction::Failure failure;
      shard.transaction = KafkaTransaction::open(config_.kafka, group + "." + std::to_string(partition), log_, &failure);
      EXPECT_TRUE(shard.transaction) << failure.sentence;
    }
  }
  void take(const rd_kafka_message_t& message) {
    Shard& shard = shards_.at(message.partition);
    std::vector<Verdict> verdicts;
    shard.fold->take({static_cast<const char*>(message.payload), message.len}, verdicts);
    for (const Verdict& verdict : verdicts) append_json(verdict, shard.fold->names(), shard.told.emplace_back());
    cost_.verdicts += verdicts.size();
    shard.next = message.offset + 1;
  }
  void commit() {
    const auto before = Clock::now();
    CommittedOffsets offsets;
    for (auto& [partition, shard] : shards_) {
      if (shard.next == shard.committed) continue;
      const KafkaPartition place{config_.kafka.event_topic, partition};
      if (exactly_once_) {
        EXPECT_TRUE(shard.transaction->begin());
        for (const std::string& json : shard.told) shard.transaction->produce(config_.kafka.verdict_topic, -1, "", json);
        EXPECT_TRUE(shard.transaction->commit(group_, place, {shard.next, "note"})) << shard.transaction->failure().sentence;
      } else {
        for (const std::string& json : shard.told) producer_->produce(config_.kafka.verdict_topic, KafkaProducer::kAnyPartition, json);
        offsets[place] = {shard.next, "note"};
      }
      shard.told.clear();
      shard.committed = shard.next;
      ++cost_.commits;
    }
    if (!offsets.empty()) {
      EXPECT_TRUE(producer_->flush(10'000));
      EXPECT_TRUE(consumer_->commit(offsets));
    }
    cost_.stopped += std::chrono::duration<double>(Clock::now() - before).count();
    next_commit_ = Clock::now() + std::chrono::milliseconds(commit_ms_);
  }

  const Config config_;
  PipelineMetrics metrics_;
  Log log_{Log::Level::error, false};
  OffsetLedger ledger_{1};
  SourceTable sources_;
  const bool exactly_once_;
  const std::int64_t commit_ms_;
  std::map<std::int32_t, Shard> shards_;
  KafkaGroupMetadata group_;
  std::unique_ptr<KafkaProducer> producer_;
  std::unique_ptr<KafkaConsumer> consumer_;
  Clock::time_point began_, next_commit_;
  Cost cost_;
};

class Rates : public RealBroker {
 protected:
  // Stage 1 over everything that was fed.
  void fill_internal_topic(const std::string& yaml, std::size_t records) {
    const std::string path = (folder / "fill.yaml").string();
    std::ofstream(path) << yaml;
    Process process(binary, {"run", "--config", path, "--role", "ingest"}, (folder / "fill").string());
    EXPECT_TRUE(eventually([&] { return process.value("vpnverdict_lines_consumed_total") >= static_cast<double>(records); })) << process.log();
    process.terminate();
  }
};

TEST_F(Rates, DISABLED_events_a_second_with_transactions_and_without) {
  const std::string wanted = variable("VPNVERDICT_TEST_ATTEMPTS");
  GenerateOptions options;
  options.attempts = wanted.empty() ? 8'000 : std::stoull(wanted);
  options.attempts_per_minute = 600;
  FleetGenerator generator(options);
  Fleet fleet;
  fleet.inventory = generator.inventory();
  GeneratedRecord record;
  while (generator.next(&record)) fleet.records.push_back(record);
  feed(brokers, fleet, 0, fleet.records.size(), prefix, kRawPartitions);
  create_topics(brokers, {prefix + "verdicts"}, kShards);
  const auto config_of = [&](const std::string& name, std::int64_t commit_ms) {
    Config config = config_for(brokers, fleet, prefix, "6000");
    config.kafka.group = prefix + name;
    config.kafka.event_topic = prefix + name + ".events";
    config.kafka.state_topic = prefix + name + ".state";
    config.kafka.commit_interval_ms = commit_ms;
    config.kafka.punctuation_ms = Config().kafka.punctuation_ms;
    config.correlator = CorrelatorConfig();
    config.metrics.listen_port = 0;
    return config;
  };
  fill_internal_topic(annotated_yaml(config_of("filled", 1'000)), fleet.records.size());
  // The same internal topic again and again, by stage 2 alone.
  std::printf("\n%-34s %10s %10s %14s %10s %10s %12s\n", "stage 2 alone", "seconds", "CPU s", "events/CPU s", "commits", "ms each", "stopped");
  std::uint64_t events = 0;
  for (const std::int64_t commit_ms : {1'000, 100}) {
    for (const bool exactly_once : {false, true, false, true}) {
      static int number = 0;
      StageTwo stage(config_of("filled", commit_ms), exactly_once, commit_ms);
      const StageTwo::Cost cost = stage.run(prefix + "again" + std::to_string(++number));
      if (events == 0) events = cost.events;
      EXPECT_EQ(cost.events, events);
      const std::string what = std::string(exactly_once ? "transactions" : "at least once") + ", commits each " + std::to_string(commit_ms) + " ms";
      std::printf("%-34s %10.1f %10.2f %14.0f %10llu %10.1f %10.1f %%\n", what.c_str(), cost.seconds, cost.cpu,
                  static_cast<double>(cost.events) / cost.cpu, static_cast<unsigned long long>(cost.commits),
                  1'000 * cost.stopped / static_cast<double>(cost.commits), 100 * cost.stopped / cost.seconds);
      std::fflush(stdout);
    }
  }
}

}  // namespace
}  // namespace vpnverdict::testing
