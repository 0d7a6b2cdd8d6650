#include "pipeline/kafka_topics.h"

#include <algorithm>

#include "pipeline/kafka_log.h"

namespace vpnverdict {
namespace {

constexpr int kAnswerMs = 10'000;

using Metadata = std::unique_ptr<const rd_kafka_metadata_t, KafkaDelete<rd_kafka_metadata_destroy>>;
using Queue = std::unique_ptr<rd_kafka_queue_t, KafkaDelete<rd_kafka_queue_destroy>>;
using Answer = std::unique_ptr<rd_kafka_event_t, KafkaDelete<rd_kafka_event_destroy>>;
using NewTopic = std::unique_ptr<rd_kafka_NewTopic_t, KafkaDelete<rd_kafka_NewTopic_destroy>>;
using Resource = std::unique_ptr<rd_kafka_ConfigResource_t, KafkaDelete<rd_kafka_ConfigResource_destroy>>;

void on_log(const rd_kafka_t* handle, int level, const char* fac, const char* text) {
  forward_log(static_cast<KafkaTopics*>(rd_kafka_opaque(handle))->log(), level, fac, text);
}

Metadata ask(rd_kafka_t* handle, const std::string* topic, rd_kafka_resp_err_t* error) {
  rd_kafka_topic_t* one = topic == nullptr ? nullptr : rd_kafka_topic_new(handle, topic->c_str(), nullptr);
  const rd_kafka_metadata_t* metadata = nullptr;
  *error = rd_kafka_metadata(handle, topic == nullptr ? 1 : 0, one, &metadata, kAnswerMs);
  if (one != nullptr) rd_kafka_topic_destroy(one);
  return Metadata(*error == RD_KAFKA_RESP_ERR_NO_ERROR ? metadata : nullptr);
}

}  // namespace

std::unique_ptr<KafkaTopics> KafkaTopics::open(const KafkaConfig& config, Log& log, std::string* error) {
  // A consumer's handle: asking for a topic must not make it.
  KafkaConf conf = make_conf(config, KafkaRole::consumer, {{"group.id", config.group + ".topics"}, {"statistics.interval.ms", "0"}}, error);
  if (!conf) return nullptr;
  std::unique_ptr<KafkaTopics> out(new KafkaTopics(log));
  rd_kafka_conf_set_opaque(conf.get(), out.get());
  rd_kafka_conf_set_log_cb(conf.get(), &on_log);
  char text[512];
  out->handle_.reset(rd_kafka_new(RD_KAFKA_CONSUMER, conf.get(), text, sizeof(text)));
  if (!out->handle_) {
    *error = text;
    return nullptr;
  }
  conf.release();  // the handle owns it now
  return out;
}

std::optional<std::int32_t> KafkaTopics::partitions(const std::string& topic) {
  rd_kafka_resp_err_t error;
  const Metadata metadata = ask(handle_.get(), &topic, &error);
  if (!metadata || metadata->topic_cnt != 1) return std::nullopt;
  const rd_kafka_metadata_topic_t& told = metadata->topics[0];
  if (told.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) return 0;
  if (told.err != RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
  return told.partition_cnt;
}

std::optional<std::vector<TopicNumber<std::string>>> KafkaTopics::roster(const std::vector<std::string>& topics) {
  std::vector<TopicNumber<std::string>> out;
  for (const std::string& topic : topics) {
    const std::optional<std::int32_t> count = partitions(topic);
    // A broker that has just started may not know a topic yet. A roster that lacks one would let time pass without it.
    if (!count || *count == 0) return std::nullopt;
    out.emplace_back(topic, *count);
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::string KafkaTopics::create(const std::string& topic, std::int32_t partitions, std::int32_t replication,
                                const std::map<std::string, std::string>& settings) {
  char text[512];
  const NewTopic wanted(rd_kafka_NewTopic_new(topic.c_str(), partitions, replication, text, sizeof(text)));
  if (!wanted) return text;
  for (const auto& [name, value] : settings) rd_kafka_NewTopic_set_config(wanted.get(), name.c_str(), value.c_str());
  const Queue queue(rd_kafka_queue_new(handle_.get()));
  rd_kafka_NewTopic_t* list[] = {wanted.get()};
  rd_kafka_CreateTopics(handle_.get(), list, 1, nullptr, queue.get());
  const Answer event(rd_kafka_queue_poll(queue.get(), 3 * kAnswerMs));
  if (!event) return "no broker answered";
  if (rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) return rd_kafka_event_error_string(event.get());
  std::size_t count = 0;
  const rd_kafka_topic_result_t** results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  if (count != 1) return "the broker's answer is not understood";
  const rd_kafka_resp_err_t error = rd_kafka_topic_result_error(results[0]);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR || error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) return "";
  const char* why = rd_kafka_topic_result_error_string(results[0]);
  return why != nullptr ? why : rd_kafka_err2str(error);
}

std::map<std::string, std::string> KafkaTopics::settings(const std::string& name, bool broker, std::string* error) {
  std::map<std::string, std::string> out;
  const Resource resource(rd_kafka_ConfigResource_new(broker ? RD_KAFKA_RESOURCE_BROKER : RD_KAFKA_RESOURCE_TOPIC, name.c_str()));
  const Queue queue(rd_kafka_queue_new(handle_.get()));
  rd_kafka_ConfigResource_t* list[] = {resource.get()};
  rd_kafka_DescribeConfigs(handle_.get(), list, 1, nullptr, queue.get());
  const Answer event(rd_kafka_queue_poll(queue.get(), kAnswerMs));
  if (!event || rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    *error = event ? rd_kafka_event_error_string(event.get()) : "no broker answered";
    return out;
  }
  std::size_t count = 0;
  const rd_kafka_ConfigResource_t** told =
      rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event.get()), &count);
  if (count != 1 || rd_kafka_ConfigResource_error(told[0]) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    *error = count == 1 ? rd_kafka_err2str(rd_kafka_ConfigResource_error(told[0])) : "the broker's answer is not understood";
    return out;
  }
  const rd_kafka_ConfigEntry_t** entries = rd_kafka_ConfigResource_configs(told[0], &count);
  for (std::size_t i = 0; i < count; ++i) {
    const char* value = rd_kafka_ConfigEntry_value(entries[i]);
    if (value != nullptr) out[rd_kafka_ConfigEntry_name(entries[i])] = value;
  }
  return out;
}

std::optional<KafkaTopics::Cluster> KafkaTopics::cluster(std::string* error) {
  rd_kafka_resp_err_t failed;
  const Metadata metadata = ask(handle_.get(), nullptr, &failed);
  if (!metadata) {
    *error = rd_kafka_err2str(failed);
    return std::nullopt;
  }
  Cluster out;
  for (int i = 0; i < metadata->broker_cnt; ++i) out.brokers.push_back(metadata->brokers[i].id);
  for (int i = 0; i < metadata->topic_cnt; ++i) {
    const rd_kafka_metadata_topic_t& topic = metadata->topics[i];
    for (int p = 0; p < topic.partition_cnt; ++p) {
      const rd_kafka_metadata_partition_t& partition = topic.partitions[p];
      const auto [replicas, fresh] = out.replicas.emplace(topic.topic, partition.replica_cnt);
      if (!fresh) replicas->second = std::min(replicas->second, partition.replica_cnt);
      if (partition.leader < 0) {
        out.trouble[topic.topic] = "partition " + std::to_string(partition.id) + " has no leader";
      } else if (partition.isr_cnt < partition.replica_cnt) {
        out.trouble.emplace(topic.topic, "partition " + std::to_string(partition.id) + " has " + std::to_string(partition.isr_cnt) +
                                             " of " + std::to_string(partition.replica_cnt) + " replicas in sync");
      }
    }
  }
  return out;
}

std::map<std::string, std::string> settings_of_own(const KafkaConfig& config, const std::string& topic) {
  // The brokers' own min.insync.replicas and unclean.leader.election.enable hold: doctor looks at them.
  if (topic == config.event_topic) return {{"cleanup.policy", "delete"}, {"retention.ms", "86400000"}};
  for (const std::string& own : {config.state_topic, config.sign_topic, config.incident_state_topic})
    if (topic == own) return {{"cleanup.policy", "delete"}, {"retention.ms", "86400000"}};
  return {};
}

std::string ensure_topics(KafkaTopics& topics, const KafkaConfig& config, bool* answered) {
  *answered = true;
  struct Own {
    std::string topic;
    std::int64_t partitions;
  };
  std::vector<Own> own = {{config.event_topic, config.event_partitions}, {config.state_topic, config.event_partitions}, {config.verdict_topic, config.event_partitions}};
  if (!config.incident_topic.empty())
    for (const std::string& topic : {config.sign_topic, config.incident_state_topic, config.incident_topic}) own.push_back({topic, 1});
  for (const auto& [topic, partitions] : own) {
    std::optional<std::int32_t> count = topics.partitions(topic);
    if (!count) {
      *answered = false;
      return "no broker answers";
    }
    if (*count > 0) continue;
    if (config.create_topics != "yes") return "there is no topic " + topic + " and kafka.create_topics is not yes";
    const std::string refused =
        topics.create(topic, static_cast<std::int32_t>(partitions), static_cast<std::int32_t>(config.replication), settings_of_own(config, topic));
    if (!refused.empty()) return "the topic " + topic + " cannot be made: " + refused;
  }
  // Just made, it may not be everywhere yet: then the counts differ and the caller asks again.
  const std::optional<std::int32_t> events = topics.partitions(config.event_topic);
  const std::optional<std::int32_t> states = topics.partitions(config.state_topic);
  const std::optional<std::int32_t> signs = config.incident_topic.empty() ? 1 : topics.partitions(config.sign_topic);
  *answered = events && states && signs && *events > 0 && *states > 0 && *signs > 0;
  if (!*answered) return "the topics are not known everywhere yet";
  if (*signs != 1) return config.sign_topic + " has " + std::to_string(*signs) + " partitions: one is needed, in which all shards tell what they found";
  if (*events == *states) return "";
  return config.event_topic + " has " + std::to_string(*events) + " partitions and " + config.state_topic + " has " +
         std::to_string(*states) + ": each shard needs one of both";
}

}  // namespace vpnverdict
