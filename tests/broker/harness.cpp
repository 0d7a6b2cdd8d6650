#include "tests/broker/harness.h"

#include <algorithm>
#include <chrono>
#include <sstream>
#include <thread>

#include <gtest/gtest.h>

#include "pipeline/incident_json.h"
#include "pipeline/kafka_feeder.h"
#include "pipeline/pipeline.h"
#include "pipeline/replay.h"
#include "pipeline/verdict_json.h"

namespace vpnverdict::testing {
namespace {

constexpr Timestamp kDenseMs = 8 * 60'000;
constexpr Timestamp kTailMs = 60 * 60'000;
// More than any clock of the fleet is trusted to be off, so that no line is late: then the order of arrival decides
// nothing, and two ways to read the same lines must give the same verdicts to the letter.
constexpr Timestamp kGraceMs = 15 * 60'000;
constexpr Timestamp kIdleMarginMs = 60'000;
constexpr int kTailHosts = 12;  // enough to have one in each partition

std::string text_of(const std::string& json, const std::string& key) {
  const std::string mark = "\"" + key + "\":";
  std::size_t at = json.find(mark);
  if (at == std::string::npos) return "";
  at += mark.size();
  if (json[at] == '"') return json.substr(at + 1, json.find('"', at + 1) - at - 1);
  return json.substr(at, json.find_first_of(",}", at) - at);
}

// A line of this host that says nothing.
GeneratedRecord noise(std::string_view topic, const std::string& host, Timestamp time) {
  const std::string stamp = rfc3339(time);  // 2026-03-02T07:00:00.000Z
  const std::string month_day = stamp.substr(5, 2) + "/" + stamp.substr(8, 2) + "/";
  const std::string clock = stamp.substr(11, 12);
  const std::string message = topic == kClientTopic
                                  ? "1      " + clock + "  " + month_day + stamp.substr(2, 2) + "  Sev=Info/4\\tCM/0x63100099\\nNothing to say"
                                  : "1 " + month_day + stamp.substr(0, 4) + " " + clock + " SEV=4 HTTP/28 RPT=1 10.0.0.1\\nHTTP 200 OK";
  return {topic, host, "{\"@timestamp\":\"" + stamp + "\",\"message\":\"" + message + "\",\"host\":{\"name\":\"" + host + "\"}}", time, 0};
}

KafkaHandle plain_consumer(const std::string& brokers) {
  KafkaConf conf(rd_kafka_conf_new());
  char text[256];
  for (const auto& [name, value] : {std::pair<const char*, const char*>{"bootstrap.servers", brokers.c_str()},
                                    {"group.id", "reader"}, {"enable.partition.eof", "true"}, {"enable.auto.commit", "false"},
                                    {"auto.offset.reset", "earliest"}, {"fetch.wait.max.ms", "10"},
                                    {"isolation.level", "read_committed"}}) {
    EXPECT_EQ(rd_kafka_conf_set(conf.get(), name, value, text, sizeof(text)), RD_KAFKA_CONF_OK) << text;
  }
  KafkaHandle handle(rd_kafka_new(RD_KAFKA_CONSUMER, conf.get(), text, sizeof(text)));
  conf.release();
  rd_kafka_poll_set_consumer(handle.get());
  return handle;
}

// Assigns all partitions of the topic from their beginning; how many there are.
int assign_all(rd_kafka_t* handle, const std::string& topic) {
  rd_kafka_topic_t* one = rd_kafka_topic_new(handle, topic.c_str(), nullptr);
  const rd_kafka_metadata_t* metadata = nullptr;
  int count = 0;
  if (rd_kafka_metadata(handle, 0, one, &metadata, 10'000) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    count = metadata->topic_cnt == 1 ? metadata->topics[0].partition_cnt : 0;
    rd_kafka_metadata_destroy(metadata);
  }
  rd_kafka_topic_destroy(one);
  KafkaPartitions list(rd_kafka_topic_partition_list_new(count));
  for (int i = 0; i < count; ++i) {
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), i)->offset = RD_KAFKA_OFFSET_BEGINNING;
  }
  rd_kafka_assign(handle, list.get());
  return count;
}

}  // namespace

namespace {

// The fleet's first `dense_ms`, and an hour of nothing.
Fleet fleet_of(const GenerateOptions& options, Timestamp dense_ms, std::string_view only_topic) {
  FleetGenerator generator(options);
  Fleet fleet;
  fleet.inventory = generator.inventory();
  GeneratedRecord record;
  while (generator.next(&record)) {
    // Ends of sessions come minutes to hours later, thinly; a replay trusts a leap of the stream's time less than the
    // service trusts the broker's stamps. The dense part is what both must agree on.
    if (record.timestamp > options.start + dense_ms) break;
    // A client whose lines have no stamps has attempts without a name of their own: their ids count lines.
    if (record.topic == kClientTopic && record.value.find("Sev=") == std::string::npos) continue;
    if (only_topic.empty() || record.topic == only_topic) fleet.records.push_back(record);
  }
  // Each host says one thing more, which ends whatever message of it may still go on.
  std::map<std::string, std::string_view> hosts;
  for (const GeneratedRecord& one : fleet.records) hosts.emplace(one.key, one.topic);
  Timestamp time = options.start + dense_ms + 1'000;
  for (const auto& [host, topic] : hosts) fleet.records.push_back(noise(topic, host, time));
  for (const Timestamp end = time + kTailMs; time <= end; time += 30'000) {
    // Read up to here, the shards have judged half of the attempts and are in the middle of the others.
    if (fleet.middle == 0 && time >= options.start + dense_ms / 2 + kGraceMs + kIdleMarginMs) fleet.middle = fleet.records.size();
    for (int host = 0; host < kTailHosts; ++host) {
      fleet.records.push_back(noise(kConcentratorTopic, "vpn3k-tail" + std::to_string(host), time));
    }
  }
  return fleet;
}

std::string lines_of(const Fleet& fleet) {
  std::string text;
  for (const GeneratedRecord& record : fleet.records) text += record.value + "\n";
  return text;
}

}  // namespace

Fleet make_fleet(std::uint64_t attempts, std::uint64_t seed, std::string_view only_topic) {
  GenerateOptions options;
  options.attempts = attempts;
  options.seed = seed;
  return fleet_of(options, kDenseMs, only_topic);
}

Fleet make_incident_fleet(std::uint64_t seed) {
  constexpr Timestamp kUsualMs = 3 * 3'600'000;  // before it begins
  GenerateOptions options;
  options.attempts = 20'000;
  options.attempts_per_minute = 14;
  options.seed = seed;
  options.incidents = "yes";
  Fleet fleet = fleet_of(options, kUsualMs + 45 * 60'000, kConcentratorTopic);
  const auto during = std::ranges::find_if(fleet.records, [&](const GeneratedRecord& record) { return record.timestamp >= options.start + kUsualMs + 20 * 60'000; });
  fleet.middle = static_cast<std::size_t>(during - fleet.records.begin());
  return fleet;
}

std::vector<std::string> incidents_of_replay(const Fleet& fleet) {
  const std::string text = lines_of(fleet);
  ReplaySource source;
  source.name = "fleet";
  source.text = text;
  std::vector<std::string> out;
  ReplayHooks hooks;
  hooks.incident = [&](const Incident& card) { out.push_back(to_json(card)); };
  ReplayOptions options;
  options.correlator.grace_ms = kGraceMs;
  EXPECT_EQ(replay({source}, fleet.inventory, options, hooks).error, "");
  return out;
}

Oracle replay_of(const Fleet& fleet) {
  const std::string text = lines_of(fleet);
  ReplaySource source;
  source.name = "fleet";
  source.text = text;
  MetricsOptions options;
  options.issued_groups = fleet.inventory.groups;
  PipelineMetrics metrics(options);
  Oracle oracle;
  ReplayHooks hooks;
  hooks.verdict = [&](const Verdict& verdict) {
    metrics.shard(0).count(verdict, kUntimed);
    add_verdict(to_json(verdict, {}), &oracle.verdicts);
  };
  ReplayOptions replay_options;
  replay_options.correlator.grace_ms = kGraceMs;
  const Replayed replayed = replay({source}, fleet.inventory, replay_options, hooks);
  EXPECT_EQ(replayed.error, "");
  LineTally tally;
  tally.consumed = replayed.lines.read;
  for (std::size_t i = 0; i < kDialectCount; ++i) {
    tally.by_dialect[i].events = replayed.lines.by_dialect[i].events;
    tally.by_dialect[i].ignored = replayed.lines.by_dialect[i].ignored;
    tally.by_dialect[i].rejected = replayed.lines.by_dialect[i].rejected;
  }
  oracle.counts = replayed.shard;
  metrics.lines(0).publish(tally);
  metrics.shard(0).publish(replayed.shard, kUntimed);
  oracle.metrics = metrics.text(false);
  return oracle;
}

namespace {

TopicRecord record_of(const rd_kafka_message_t& message) {
  TopicRecord out{message.partition, message.offset, {static_cast<const char*>(message.payload), message.len}, {}};
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return out;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
    out.headers[name] = {static_cast<const char*>(value), size};
  return out;
}

}  // namespace

std::vector<std::string> read_topic(const std::string& brokers, const std::string& topic) {
  std::vector<std::string> out;
  for (TopicRecord& record : read_records(brokers, topic)) out.push_back(std::move(record.value));
  return out;
}

std::vector<TopicRecord> read_records(const std::string& brokers, const std::string& topic) {
  const KafkaHandle handle = plain_consumer(brokers);
  int open = assign_all(handle.get(), topic);
  std::vector<TopicRecord> out;
  for (int quiet = 0; open > 0 && quiet < 200;) {
    const KafkaMessage message(rd_kafka_consumer_poll(handle.get(), 50));
    if (!message) {
      ++quiet;
      continue;
    }
    quiet = 0;
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      --open;
    } else if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      out.push_back(record_of(*message));
    }
  }
  EXPECT_EQ(open, 0) << topic << " was not read to its end";
  rd_kafka_consumer_close(handle.get());
  return out;
}

std::string told_twice(const std::vector<std::string>& records) {
  std::set<std::string> seen;
  std::string out;
  for (const std::string& json : records) {
    const std::string name = text_of(json, "id") + " revision " + text_of(json, "revision");
    if (!seen.insert(name).second) out += name + "\n";
  }
  return out;
}

void add_verdict(const std::string& json, Verdicts* verdicts) {
  if (text_of(json, "about") != "attempt" || text_of(json, "state") != "final") return;
  Told& told = (*verdicts)[text_of(json, "id")];
  ++told.finals;
  const std::uint64_t revision = std::stoull(text_of(json, "revision"));
  if (revision < told.revision) return;
  told.revision = revision;
  told.cause = text_of(json, "cause");
  told.who = text_of(json, "peer_ip") + " " + text_of(json, "group") + " " + text_of(json, "user");
}

Verdicts read_verdicts(const std::string& brokers, const std::string& topic) {
  Verdicts out;
  for (const std::string& json : read_topic(brokers, topic)) add_verdict(json, &out);
  return out;
}

void feed(const std::string& brokers, const Fleet& fleet, std::size_t from, std::size_t to, const std::string& prefix,
          int partitions) {
  std::string error;
  const auto feeder = KafkaFeeder::open(brokers, {}, &error);
  ASSERT_TRUE(feeder) << error;
  // What comes later than the margin is late, and rightly judged otherwise: so nobody is a margin ahead of anybody.
  Timestamp delivered = kUntimed;
  for (std::size_t i = from; i < std::min(to, fleet.records.size()); ++i) {
    const GeneratedRecord& record = fleet.records[i];
    if (delivered == kUntimed) delivered = record.timestamp;
    if (record.timestamp - delivered > kIdleMarginMs / 2) {
      ASSERT_TRUE(feeder->flush(60'000));
      delivered = record.timestamp;
    }
    std::string key(fleet.inventory.cluster_of(record.key));
    if (key.empty()) key = record.key;
    std::uint32_t hash = 2'166'136'261U;
    for (const char c : key) hash = (hash ^ static_cast<unsigned char>(c)) * 16'777'619U;
    ASSERT_TRUE(feeder->send(prefix + std::string(record.topic), static_cast<std::int32_t>(hash % static_cast<unsigned>(partitions)),
                             record.key, record.value, record.timestamp));
  }
  ASSERT_TRUE(feeder->flush(60'000));
  ASSERT_EQ(feeder->failed(), 0U);
}

void create_topics(const std::string& brokers, const std::vector<std::string>& names, int partitions) {
  const KafkaHandle handle = plain_consumer(brokers);
  std::vector<rd_kafka_NewTopic_t*> topics;
  char text[256];
  for (const std::string& name : names) topics.push_back(rd_kafka_NewTopic_new(name.c_str(), partitions, -1, text, sizeof(text)));
  rd_kafka_queue_t* queue = rd_kafka_queue_new(handle.get());
  rd_kafka_CreateTopics(handle.get(), topics.data(), topics.size(), nullptr, queue);
  rd_kafka_event_t* event = rd_kafka_queue_poll(queue, 30'000);
  ASSERT_NE(event, nullptr) << "no answer to CreateTopics";
  EXPECT_EQ(rd_kafka_event_error(event), RD_KAFKA_RESP_ERR_NO_ERROR) << rd_kafka_event_error_string(event);
  rd_kafka_event_destroy(event);
  rd_kafka_queue_destroy(queue);
  rd_kafka_NewTopic_destroy_array(topics.data(), topics.size());
}

void add_partitions(const std::string& brokers, const std::string& topic, int partitions) {
  const KafkaHandle handle = plain_consumer(brokers);
  char text[256];
  rd_kafka_NewPartitions_t* wanted = rd_kafka_NewPartitions_new(topic.c_str(), static_cast<std::size_t>(partitions), text, sizeof(text));
  ASSERT_NE(wanted, nullptr) << text;
  rd_kafka_queue_t* queue = rd_kafka_queue_new(handle.get());
  rd_kafka_CreatePartitions(handle.get(), &wanted, 1, nullptr, queue);
  rd_kafka_event_t* event = rd_kafka_queue_poll(queue, 30'000);
  ASSERT_NE(event, nullptr) << "no answer to CreatePartitions";
  EXPECT_EQ(rd_kafka_event_error(event), RD_KAFKA_RESP_ERR_NO_ERROR) << rd_kafka_event_error_string(event);
  rd_kafka_event_destroy(event);
  rd_kafka_queue_destroy(queue);
  rd_kafka_NewPartitions_destroy(wanted);
}

void delete_topics(const std::string& brokers, const std::string& prefix) {
  const KafkaHandle handle = plain_consumer(brokers);
  const rd_kafka_metadata_t* metadata = nullptr;
  if (rd_kafka_metadata(handle.get(), 1, nullptr, &metadata, 10'000) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  std::vector<rd_kafka_DeleteTopic_t*> topics;
  for (int i = 0; i < metadata->topic_cnt; ++i) {
    if (std::string_view(metadata->topics[i].topic).starts_with(prefix)) topics.push_back(rd_kafka_DeleteTopic_new(metadata->topics[i].topic));
  }
  rd_kafka_metadata_destroy(metadata);
  rd_kafka_queue_t* queue = rd_kafka_queue_new(handle.get());
  rd_kafka_DeleteTopics(handle.get(), topics.data(), topics.size(), nullptr, queue);
  if (rd_kafka_event_t* event = rd_kafka_queue_poll(queue, 30'000)) rd_kafka_event_destroy(event);
  rd_kafka_queue_destroy(queue);
  rd_kafka_DeleteTopic_destroy_array(topics.data(), topics.size());
}

bool eventually(const std::function<bool()>& fact) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(2);
  while (!fact()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

std::set<std::string> missing(const Verdicts& all, const Verdicts& some) {
  std::set<std::string> out;
  for (const auto& [id, told] : all) {
    if (!some.contains(id)) out.insert(id + " " + told.cause);
  }
  return out;
}

std::set<std::string> unaccounted(const Verdicts& all, const Verdicts& some) {
  std::set<std::string> named;
  for (const auto& [id, told] : some) named.insert(told.who);
  std::set<std::string> out;
  for (const auto& [id, told] : all) {
    if (!some.contains(id) && !named.contains(told.who)) out.insert(id + " " + told.cause + " " + told.who);
  }
  return out;
}

std::vector<std::string> family(const std::string& exposition, const std::string& name) {
  std::vector<std::string> out;
  std::istringstream lines(exposition);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(name) && line.size() > name.size() && (line[name.size()] == '{' || line[name.size()] == ' ')) out.push_back(line);
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::string difference(const std::vector<std::string>& left, const std::vector<std::string>& right) {
  std::string out;
  for (const std::string& line : left) {
    if (!std::binary_search(right.begin(), right.end(), line)) out += "< " + line + "\n";
  }
  for (const std::string& line : right) {
    if (!std::binary_search(left.begin(), left.end(), line)) out += "> " + line + "\n";
  }
  return out;
}

Config config_for(const std::string& brokers, const Fleet& fleet, const std::string& prefix, const std::string& session_ms) {
  Config config;
  config.kafka.brokers = brokers;
  config.kafka.group = prefix + "group";
  config.kafka.topics = {prefix + std::string(kClientTopic), prefix + std::string(kConcentratorTopic)};
  config.kafka.verdict_topic = prefix + "verdicts";
  config.kafka.event_topic = prefix + "events";
  config.kafka.state_topic = prefix + "state";
  config.kafka.sign_topic = prefix + "signs";
  config.kafka.incident_state_topic = prefix + "incident-state";
  config.kafka.incident_topic = prefix + "incidents";
  config.kafka.event_partitions = 4;
  config.kafka.commit_interval_ms = 100;
  config.kafka.punctuation_ms = 50;
  config.kafka.properties = {{"fetch.wait.max.ms", "10"}, {"session.timeout.ms", session_ms}, {"heartbeat.interval.ms", "300"}};
  config.correlator.idle_margin_ms = kIdleMarginMs;
  config.correlator.grace_ms = kGraceMs;
  config.correlator.snapshot_bytes = 16'384;
  config.correlator.shards = 2;
  config.inventory = fleet.inventory;
  return config;
}

}  // namespace vpnverdict::testing
