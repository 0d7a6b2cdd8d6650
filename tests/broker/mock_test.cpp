// Both stages against librdkafka's mock cluster: hermetic, what the demo runs on. It takes transactions without keeping
// their promises (no committed offset, nobody fenced, nothing hidden), so crashes and hand-overs are shown on a real
// broker only: kafka_test and faults_test.
#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>
#include <unistd.h>

#include "pipeline/kafka_mock.h"
#include "pipeline/pipeline.h"
#include "pipeline/shard_work.h"
#include "tests/broker/harness.h"

namespace vpnverdict::testing {
namespace {

constexpr int kPartitions = 4;

// A pipeline in a thread of its own.
struct Service {
  Log log{Log::Level::error, false};
  Config config;
  PipelineMetrics metrics;
  Pipeline pipeline;
  PipelineEnd end;
  std::thread thread;
  explicit Service(const Config& given, OnVerdict on_verdict = {})
      : config(given), metrics(metrics_options(given)), pipeline(given, metrics, log, std::move(on_verdict)),
        thread([this] { end = pipeline.run(); }) {}
  ~Service() {
    if (thread.joinable()) stop();
  }
  // Every attempt that a replay finds has been opened and judged.
  bool through(const Oracle& oracle) const {
    const ShardCounts counts = metrics.shard_sum();
    return counts.attempts_opened >= oracle.counts.attempts_opened && counts.attempts_open == 0;
  }
  std::uint64_t consumed() const { return metrics.line_sum().consumed; }
  PipelineEnd stop() {
    pipeline.stop();
    thread.join();
    return end;
  }
  void expect_balance() const {
    const LineTally lines = metrics.line_sum();
    std::uint64_t sum = lines.buffered;
    for (const auto& dialect : lines.by_dialect) {
      sum += dialect.events + dialect.ignored;
      for (const std::uint64_t n : dialect.rejected) sum += n;
    }
    EXPECT_EQ(lines.consumed, sum);
    const ShardCounts counts = metrics.shard_sum();
    EXPECT_EQ(counts.attempts_opened, counts.attempts_final + counts.attempts_joined + counts.attempts_open);
  }
};

struct Cluster {
  std::unique_ptr<KafkaMock> mock;
  explicit Cluster(int count = 1) {
    std::string error;
    mock = KafkaMock::start(count, &error);
    EXPECT_TRUE(mock) << error;
    for (const std::string_view topic : {kClientTopic, kConcentratorTopic, std::string_view("verdicts"), std::string_view("dead"), std::string_view("events"), std::string_view("state")})
      mock->create_topic(std::string(topic), kPartitions);
    for (const char* topic : {"signs", "incident-state", "incidents"}) mock->create_topic(topic, 1);
  }
  // The second broker has the clients' lines, the first everything else.
  void part() const {
    for (const std::string_view topic : {kConcentratorTopic, std::string_view("verdicts"), std::string_view("events"), std::string_view("state")})
      mock->set_leader(std::string(topic), kPartitions, 1);
    for (const char* topic : {"signs", "incident-state", "incidents"}) mock->set_leader(topic, 1, 1);
    mock->set_leader(std::string(kClientTopic), kPartitions, 2);
  }
  const std::string& brokers() const { return mock->bootstrap(); }
};

// One judging thread: a second one that joins later makes a rebalance, and the mock has kept no offset.
Config mock_config(const Cluster& cluster, const Fleet& fleet) {
  Config config = config_for(cluster.brokers(), fleet, "");
  config.correlator.shards = 1;
  return config;
}

void expect_same(const Verdicts& expected, const Verdicts& told) {
  EXPECT_GT(expected.size(), 50U);
  EXPECT_EQ(missing(expected, told), std::set<std::string>());
  EXPECT_EQ(missing(told, expected), std::set<std::string>());
  for (const auto& [id, want] : expected) {
    const auto found = told.find(id);
    EXPECT_EQ(found == told.end() ? "missing" : found->second.cause, want.cause) << id;
  }
}

// A stop may come between the fence and the answer where the group stands. A commit then would put the shard back to its
// beginning, without its state.
TEST(Mock, a_shard_whose_state_was_not_taken_up_yet_has_nothing_to_commit) {
  const Cluster cluster;
  const Config config = mock_config(cluster, make_fleet(1, 1));
  Log log{Log::Level::error, false};
  PipelineMetrics metrics(metrics_options(config));
  const OnVerdict nobody;
  SoloGate gate;
  PartitionOwner shard({config, metrics.kafka(), log, gate}, shard_partition(config.kafka, 0),
                       std::make_unique<ShardWork>(ShardWork::Parts{config, metrics.shard(0), metrics.kafka(), nobody}, 0));
  ASSERT_EQ(shard.failure().sentence, "");
  EXPECT_FALSE(shard.resumed());
  EXPECT_FALSE(shard.due(1'000'000));
  EXPECT_EQ(shard.resume({}, {0, 0, kPartitions}, true, nullptr, 0), 0);
  EXPECT_TRUE(shard.resumed());
}

// What was found out by the notes of those who died of it. Both kinds of partitions have the same owner.
TEST(Mock, a_record_of_which_three_processes_have_died_goes_to_the_dead_letters) {
  const Cluster cluster;
  Config config = mock_config(cluster, make_fleet(1, 1));
  config.kafka.dead_letter_topic = "dead";
  Log log{Log::Level::error, false};
  PipelineMetrics metrics(metrics_options(config));
  const OnVerdict no_verdict;
  const OnIncident no_incident;
  SoloGate gate;
  const auto shard = [&] { return std::make_unique<ShardWork>(ShardWork::Parts{config, metrics.shard(0), metrics.kafka(), no_verdict}, 0); };
  const auto incidents = [&] { return std::make_unique<IncidentWork>(IncidentWork::Parts{config, metrics.incidents(), no_incident}); };
  const auto metadata = [] {
    return KafkaGroupMetadata(rd_kafka_consumer_group_metadata_new("group"), KafkaDelete<rd_kafka_consumer_group_metadata_destroy>());
  };
  const auto take_over = [&](OwnedPartition owned, std::unique_ptr<PartitionWork> work, const Trial& trial) {
    const CommitNote note{0, -1, work->fingerprint(), program_version(), kPartitions, trial};
    PartitionOwner owner({config, metrics.kafka(), log, gate}, std::move(owned), std::move(work));
    EXPECT_EQ(owner.resume({0, to_text(note)}, {0, 5, kPartitions}, false, metadata(), 0), 0);
    owner.take(0, "no record of ours", 0, 1'000);
    EXPECT_EQ(owner.failure().sentence, "");
    EXPECT_EQ(owner.next(), 1);
    EXPECT_TRUE(owner.careful()) << "up to where the dead can have come";
  };
  constexpr std::uint64_t kSomebody = 1;
  for (const Trial& innocent : {Trial{3, 2, false, kSomebody}, Trial{3, 1, true, kSomebody}, Trial{3, 2, true, gate.process()}}) {
    take_over(shard_partition(config.kafka, 0), shard(), innocent);
    take_over(incident_partition(config.kafka, 0), incidents(), innocent);
  }
  EXPECT_EQ(read_topic(cluster.brokers(), "dead").size(), 0U);
  take_over(shard_partition(config.kafka, 0), shard(), {3, 2, true, kSomebody});
  take_over(incident_partition(config.kafka, 0), incidents(), {3, 2, true, kSomebody});
  const std::vector<TopicRecord> letters = read_records(cluster.brokers(), "dead");
  ASSERT_EQ(letters.size(), 2U);
  std::set<std::string> topics;
  for (const TopicRecord& letter : letters) {
    EXPECT_EQ(letter.value, "no record of ours");
    EXPECT_EQ(letter.headers.at("reason"), "poison");
    EXPECT_EQ(letter.headers.at("offset"), "0");
    topics.insert(letter.headers.at("topic"));
  }
  EXPECT_EQ(topics, (std::set<std::string>{"events", "signs"}));
  EXPECT_EQ(family(metrics.text(false), "vpnverdict_poison_records_total"), std::vector<std::string>{"vpnverdict_poison_records_total 2"});
}

TEST(Mock, lines_in_verdicts_out_as_a_replay_tells_them) {
  const Cluster cluster;
  const Fleet fleet = make_fleet(200, 11);
  feed(cluster.brokers(), fleet, 0, fleet.records.size(), "", kPartitions);
  Config config = mock_config(cluster, fleet);
  config.kafka.dead_letter_topic = "dead";
  config.input.parse_threads = 2;
  const Oracle oracle = replay_of(fleet);
  Service service(config);
  ASSERT_TRUE(eventually([&] { return service.consumed() == fleet.records.size(); }));
  ASSERT_TRUE(eventually([&] { return service.through(oracle); }));
  EXPECT_TRUE(service.pipeline.ready().ok);
  EXPECT_TRUE(service.pipeline.healthy().ok);
  const PipelineEnd end = service.stop();
  EXPECT_EQ(end.failure, "");
  EXPECT_TRUE(end.clean);
  service.expect_balance();
  expect_same(oracle.verdicts, read_verdicts(cluster.brokers(), "verdicts"));
  for (const char* name : {"vpnverdict_lines_total", "vpnverdict_verdicts_total", "vpnverdict_attempts_opened_total"}) {
    EXPECT_EQ(difference(family(service.metrics.text(false), name), family(oracle.metrics, name)), "") << name;
  }
  std::uint64_t rejected = 0;
  for (const auto& dialect : service.metrics.line_sum().by_dialect) {
    for (const std::uint64_t n : dialect.rejected) rejected += n;
  }
  EXPECT_EQ(read_topic(cluster.brokers(), "dead").size(), rejected);
}

TEST(Mock, a_full_queue_pauses_the_partitions_and_loses_nothing) {
  const Cluster cluster;
  const Fleet fleet = make_fleet(150, 12);
  feed(cluster.brokers(), fleet, 0, fleet.records.size(), "", kPartitions);
  Config config = mock_config(cluster, fleet);
  config.service.role = "ingest";
  config.input.queue_batches = 2;
  config.kafka.punctuation_ms = 1'000;
  config.kafka.properties["queue.buffering.max.messages"] = "1";  // stage 1 has nowhere to put its packets
  config.kafka.properties["linger.ms"] = "50";
  Service ingest(config);
  const std::string pauses = "vpnverdict_kafka_pauses_total{reason=\"queue_full\"} 0";
  ASSERT_TRUE(eventually([&] { return ingest.metrics.text(false).find(pauses) == std::string::npos; })) << "nothing was paused";
  ASSERT_TRUE(eventually([&] { return ingest.consumed() == fleet.records.size(); }));
  Config roomy = mock_config(cluster, fleet);
  roomy.service.role = "correlate";
  Service correlate(roomy);
  const Oracle oracle = replay_of(fleet);
  ASSERT_TRUE(eventually([&] { return correlate.through(oracle); }));  // while stage 1 goes on saying that there is no more
  EXPECT_TRUE(ingest.stop().clean);
  ingest.expect_balance();
  EXPECT_TRUE(correlate.stop().clean);
  expect_same(oracle.verdicts, read_verdicts(cluster.brokers(), "verdicts"));
}

TEST(Mock, the_two_stages_need_not_share_a_process) {
  const Cluster cluster;
  const Fleet fleet = make_fleet(150, 13);
  feed(cluster.brokers(), fleet, 0, fleet.records.size(), "", kPartitions);
  Config config = mock_config(cluster, fleet);
  config.service.role = "ingest";
  Service ingest(config);
  config.service.role = "correlate";
  Service correlate(config);
  const Oracle oracle = replay_of(fleet);
  ASSERT_TRUE(eventually([&] { return ingest.consumed() == fleet.records.size() && correlate.through(oracle); }));
  EXPECT_TRUE(ingest.pipeline.ready().ok);
  EXPECT_TRUE(correlate.pipeline.ready().ok);
  EXPECT_TRUE(ingest.stop().clean);
  EXPECT_TRUE(correlate.stop().clean);
  EXPECT_EQ(correlate.consumed(), 0U);
  EXPECT_EQ(ingest.metrics.shard_sum().events, 0U);
  expect_same(oracle.verdicts, read_verdicts(cluster.brokers(), "verdicts"));
}

TEST(Mock, lines_of_a_dialect_of_one_s_own_become_verdicts_others_dead_letters) {
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / ("vpnverdict-dialect-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "acme.yaml") << R"(dialect: acme
side: concentrator
header: ['ACME {time} ']
rows:
  - id: "1"
    says: [concentrator_saw_am1, concentrator_group_unknown]
    pattern: 'peer {peer} refused: no group {group}'
    sample: 'ACME 2026-03-02T07:00:00.000Z peer 198.51.100.77 refused: no group nosuch'
    fields: {peer: 198.51.100.77, group: nosuch}
    from: "made up for this test"
)";
  std::ofstream(folder / "service.yaml") << "kafka: {brokers: 'localhost:9092', topics: [raw]}\ninput: {dialects: [acme.yaml]}\n";
  const ConfigResult loaded = load_config((folder / "service.yaml").string(), {});
  std::filesystem::remove_all(folder);
  ASSERT_TRUE(loaded.config) << loaded.errors.front().text();

  const Cluster cluster;
  Fleet fleet = make_fleet(20, 16);
  GeneratedRecord own = fleet.records.front();
  const std::string stamp = own.value.substr(own.value.find("20"), 24);
  own.topic = kConcentratorTopic;
  own.key = "acme-1";
  const auto say = [&](const std::string& message) {
    own.value = "{\"@timestamp\":\"" + stamp + "\",\"message\":\"" + message + "\",\"host\":{\"name\":\"acme-1\"}}";
    fleet.records.insert(fleet.records.begin(), own);
  };
  say("ACME " + stamp + " peer 198.51.100.77 refused: no group nosuch");
  say("EMCA " + stamp + " nobody knows what this says");
  feed(cluster.brokers(), fleet, 0, fleet.records.size(), "", kPartitions);
  Config config = mock_config(cluster, fleet);
  config.dialects = loaded.config->dialects;
  config.kafka.dead_letter_topic = "dead";
  Service service(config);
  std::string told;
  ASSERT_TRUE(eventually([&] {
    for (const std::string& json : read_topic(cluster.brokers(), "verdicts")) {
      if (json.find("198.51.100.77") != std::string::npos && json.find("\"state\":\"final\"") != std::string::npos) told = json;
    }
    return !told.empty();
  }));
  EXPECT_NE(told.find("\"cause\":\"group_name_unknown\""), std::string::npos) << told;
  EXPECT_NE(told.find("\"group\":\"nosuch\""), std::string::npos) << told;
  EXPECT_TRUE(service.stop().clean);
  const std::vector<std::string> dead = read_topic(cluster.brokers(), "dead");
  EXPECT_TRUE(std::any_of(dead.begin(), dead.end(), [](const std::string& line) { return line.find("EMCA") != std::string::npos; }));
}

TEST(Mock, lines_that_cannot_be_fetched_for_a_while_are_waited_for) {
  const Cluster cluster(2);
  cluster.part();
  const Fleet fleet = make_fleet(150, 14);
  Config config = mock_config(cluster, fleet);
  config.kafka.properties["fetch.error.backoff.ms"] = "100";
  Service service(config);
  ASSERT_TRUE(eventually([&] { return service.pipeline.ready().ok; }));
  // The clients' lines are there and cannot be had, while an hour of the others' is read: nobody may say that there are none.
  cluster.mock->refuse_fetches(2, 30);
  feed(cluster.brokers(), fleet, 0, fleet.records.size(), "", kPartitions);
  const Oracle oracle = replay_of(fleet);
  ASSERT_TRUE(eventually([&] { return service.consumed() == fleet.records.size() && service.through(oracle); }));
  EXPECT_TRUE(service.stop().clean);
  expect_same(oracle.verdicts, read_verdicts(cluster.brokers(), "verdicts"));
}

// librdkafka keeps a pause over a rebalance, and we begin each assignment with nothing paused.
TEST(Mock, a_partition_that_was_paused_when_it_was_taken_away_is_read_when_it_comes_back) {
  const Cluster cluster;
  const Fleet fleet = make_fleet(30, 18);
  const Config config = mock_config(cluster, fleet);
  PipelineMetrics metrics(metrics_options(config));
  Log log{Log::Level::error, false};
  SourceTable sources;
  struct Member {
    std::unique_ptr<KafkaConsumer> consumer;
    std::set<KafkaPartition> has;
    std::size_t records = 0;
    void poll() {
      const KafkaMessage message = consumer->poll(10);
      if (message && message->err == RD_KAFKA_RESP_ERR_NO_ERROR) ++records;
    }
  };
  Member first, second;
  const auto join = [&](Member& member) {
    ConsumerHooks hooks;
    hooks.assigned = [&member](const auto& partitions, const auto&) {
      member.has = {partitions.begin(), partitions.end()};
      return KafkaOffsets();
    };
    hooks.revoked = [&member](bool) { member.has.clear(); };
    std::string error;
    member.consumer = KafkaConsumer::open(config.kafka, {"members", {std::string(kConcentratorTopic)}, {}}, std::move(hooks), sources, metrics.kafka(), log, &error);
    ASSERT_TRUE(member.consumer) << error;
  };
  join(first);
  ASSERT_TRUE(eventually([&] { first.poll(); return first.has.size() == kPartitions; }));
  first.consumer->pause_only(first.has);
  join(second);
  ASSERT_TRUE(eventually([&] { first.poll(), second.poll(); return first.has.size() == kPartitions / 2 && second.has.size() == kPartitions / 2; }));
  feed(cluster.brokers(), fleet, 0, fleet.records.size(), "", kPartitions);
  EXPECT_TRUE(eventually([&] { first.poll(), second.poll(); return first.records > 0 && second.records > 0; })) << first.records << " " << second.records;
}

// Several versions of librdkafka move their place one too far when a batch meets the end of a partition, and leave a record out after a pause there.
TEST(Mock, batches_leave_nothing_out_over_pauses) {
  const Cluster cluster;
  const Fleet fleet = make_fleet(60, 21);
  const Config config = mock_config(cluster, fleet);
  PipelineMetrics metrics(metrics_options(config));
  Log log{Log::Level::error, false};
  SourceTable sources;
  std::set<KafkaPartition> has;
  ConsumerHooks hooks;
  hooks.assigned = [&has](const auto& partitions, const auto&) {
    has = {partitions.begin(), partitions.end()};
    return KafkaOffsets();
  };
  hooks.revoked = [](bool) {};
  std::string error;
  const auto consumer = KafkaConsumer::open(config.kafka, {"batches", {std::string(kConcentratorTopic)}, {}}, std::move(hooks), sources, metrics.kafka(), log, &error);
  ASSERT_TRUE(consumer) << error;
  std::map<std::int32_t, std::int64_t> next;
  std::size_t records = 0, unordered = 0;
  std::set<std::int32_t> ended;
  const auto read = [&] {
    std::vector<KafkaMessage> batch;
    consumer->read(10, 16, batch);
    for (const KafkaMessage& message : batch) {
      if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) ended.insert(message->partition);
      if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
      if (message->offset != next[message->partition]++) ++unordered;
      ++records;
    }
  };
  const auto of_topic = [&fleet](std::size_t count) {
    const auto end = fleet.records.begin() + static_cast<std::ptrdiff_t>(count);
    return static_cast<std::size_t>(std::count_if(fleet.records.begin(), end, [](const GeneratedRecord& record) { return record.topic == kConcentratorTopic; }));
  };
  feed(cluster.brokers(), fleet, 0, fleet.middle, "", kPartitions);
  for (int pauses = 0; records < of_topic(fleet.middle) / 2; ++pauses) {
    ASSERT_TRUE(eventually([&, before = records] { read(); return records > before; }));
    if (pauses < 3) {
      consumer->pause_only(has);
      consumer->pause_only({});
    }
  }
  ASSERT_TRUE(eventually([&] { read(); return records >= of_topic(fleet.middle) && ended.size() == kPartitions; })) << records;
  consumer->pause_only(has);
  feed(cluster.brokers(), fleet, fleet.middle, fleet.records.size(), "", kPartitions);
  consumer->pause_only({});
  EXPECT_TRUE(eventually([&] { read(); return records >= of_topic(fleet.records.size()); })) << records;
  EXPECT_EQ(records, of_topic(fleet.records.size()));
  EXPECT_EQ(unordered, 0U);
}

TEST(Mock, a_partition_that_gives_nothing_although_it_holds_more_ends_the_process_for_somebody_to_begin_anew) {
  const Cluster cluster(2);
  cluster.part();
  const Fleet fleet = make_fleet(20, 17);
  Config config = mock_config(cluster, fleet);
  config.service.role = "ingest";
  config.kafka.properties["fetch.error.backoff.ms"] = "10";
  config.kafka.stall_ms = 1'000;
  Service service(config);
  ASSERT_TRUE(eventually([&] { return service.pipeline.ready().ok; }));
  cluster.mock->refuse_fetches(2, 100'000);
  feed(cluster.brokers(), fleet, 0, fleet.records.size(), "", kPartitions);
  service.thread.join();
  EXPECT_NE(service.end.failure.find(std::string(kClientTopic)), std::string::npos) << service.end.failure;
  EXPECT_NE(service.end.failure.find("stands still: it holds more"), std::string::npos) << service.end.failure;
  EXPECT_NE(family(service.metrics.text(false), "vpnverdict_kafka_stalled_seconds"), std::vector<std::string>{"vpnverdict_kafka_stalled_seconds 0"});
}

TEST(Mock, a_stage_2_that_may_not_write_pauses_says_so_and_goes_on_when_it_may) {
  const Cluster cluster(2);
  cluster.part();
  cluster.mock->set_leader("verdicts", kPartitions, 2);
  const Fleet fleet = make_fleet(150, 19);
  feed(cluster.brokers(), fleet, 0, fleet.records.size(), "", kPartitions);
  Config config = mock_config(cluster, fleet);
  config.service.role = "ingest";
  Service ingest(config);
  cluster.mock->refuse_records(2, 1);
  config.service.role = "correlate";
  config.correlator.snapshot_bytes = 64 << 20;  // the mock forgets offsets: what follows begins anew, and must find no state
  Service correlate(config);
  ASSERT_TRUE(eventually([&] { return correlate.pipeline.ready().text.find("paused, Kafka refuses") != std::string::npos; }));
  EXPECT_FALSE(correlate.pipeline.ready().ok);
  EXPECT_TRUE(correlate.pipeline.healthy().ok);  // a restart would not help
  const Oracle oracle = replay_of(fleet);
  ASSERT_TRUE(eventually([&] { return correlate.through(oracle); }));
  EXPECT_EQ(correlate.stop().failure, "");
}

TEST(Mock, a_stage_1_that_may_not_write_pauses_and_says_so_before_it_ends) {
  const Cluster cluster;
  const Fleet fleet = make_fleet(20, 20);
  Config config = mock_config(cluster, fleet);
  config.service.role = "ingest";
  cluster.mock->refuse_records(1, 1'000);
  Service ingest(config);
  ASSERT_TRUE(eventually([&] { return ingest.pipeline.ready().text.find("paused, Kafka refuses") != std::string::npos; }));
  EXPECT_FALSE(ingest.pipeline.ready().ok);
  EXPECT_TRUE(ingest.pipeline.healthy().ok);
  EXPECT_NE(ingest.stop().failure.find("cannot be delivered"), std::string::npos);
}

TEST(Mock, stage_1_waits_for_a_broker_that_goes_away_and_loses_nothing) {
  const Cluster cluster;
  const Fleet fleet = make_fleet(150, 15);
  feed(cluster.brokers(), fleet, 0, fleet.records.size(), "", kPartitions);
  Config config = mock_config(cluster, fleet);
  config.service.role = "ingest";
  Service ingest(config);
  ASSERT_TRUE(eventually([&] { return ingest.consumed() > fleet.middle / 4; }));
  cluster.mock->set_down(true);
  const std::string none = "vpnverdict_kafka_errors_total{reason=\"transport\"} 0";
  ASSERT_TRUE(eventually([&] { return ingest.metrics.text(false).find(none) == std::string::npos; }));
  cluster.mock->set_down(false);
  ASSERT_TRUE(eventually([&] { return ingest.consumed() == fleet.records.size(); }));
  config.service.role = "correlate";
  Service correlate(config);
  const Oracle oracle = replay_of(fleet);
  ASSERT_TRUE(eventually([&] { return correlate.through(oracle); }));
  EXPECT_TRUE(ingest.stop().clean);
  ingest.expect_balance();
  EXPECT_TRUE(correlate.stop().clean);
  expect_same(oracle.verdicts, read_verdicts(cluster.brokers(), "verdicts"));
}

}  // namespace
}  // namespace vpnverdict::testing
