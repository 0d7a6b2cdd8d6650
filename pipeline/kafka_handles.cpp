#include "pipeline/kafka_handles.h"

#include <utility>

namespace vpnverdict {
namespace {

using Property = std::pair<const char*, const char*>;

// Changeable through kafka.properties.
constexpr Property kConsumerDefaults[] = {
    {"auto.offset.reset", "earliest"},
    // Cooperative assignment loses offsets and loops in librdkafka 2.0.2.
    {"partition.assignment.strategy", "range"},
    {"session.timeout.ms", "10000"},
    {"heartbeat.interval.ms", "3000"},
    {"max.poll.interval.ms", "120000"},
    {"fetch.wait.max.ms", "50"},
    // Above it librdkafka asks for no more until it has rested or is woken (deploy/README.md), and each message waits with three
    // hundred bytes of its own. What is fetched at once is waiting, too.
    {"queued.min.messages", "20000"},
    {"queued.max.messages.kbytes", "65536"},
    {"max.partition.fetch.bytes", "524288"},
    {"check.crcs", "true"},
};
constexpr Property kProducerDefaults[] = {
    {"linger.ms", "5"},
    {"compression.codec", "lz4"},
    // A verdict is never given up: without a broker it waits, and its input is not committed.
    {"message.timeout.ms", "0"},
    {"queue.buffering.max.kbytes", "65536"},
};
constexpr Property kConsumerOwned[] = {
    {"enable.auto.commit", "false"}, {"enable.auto.offset.store", "false"}, {"enable.partition.eof", "true"}};
constexpr Property kProducerOwned[] = {{"enable.idempotence", "true"}};

bool set(rd_kafka_conf_t* conf, const std::string& name, const std::string& value, std::string* error) {
  char text[256];
  if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), text, sizeof(text)) == RD_KAFKA_CONF_OK) return true;
  *error = "kafka.properties " + name + ": " + text;
  return false;
}

}  // namespace

KafkaConf make_conf(const KafkaConfig& config, KafkaRole role, const KafkaProperties& owned, std::string* error) {
  KafkaConf conf(rd_kafka_conf_new());
  const auto set_all = [&](const auto& properties) {
    for (const auto& [name, value] : properties) {
      if (!set(conf.get(), name, value, error)) return false;
    }
    return true;
  };
  const bool consumer = role == KafkaRole::consumer;
  if (!(consumer ? set_all(kConsumerDefaults) : set_all(kProducerDefaults))) return nullptr;
  if (!set_all(config.properties)) return nullptr;
  if (!(consumer ? set_all(kConsumerOwned) : set_all(kProducerOwned))) return nullptr;
  const std::string statistics = consumer ? std::to_string(config.statistics_interval_ms) : "0";
  const Property common[] = {{"bootstrap.servers", config.brokers.c_str()}, {"statistics.interval.ms", statistics.c_str()}};
  if (!set_all(common)) return nullptr;
  if (!set_all(owned)) return nullptr;
  return conf;
}

std::vector<ConfigError> check_kafka_properties(const KafkaConfig& config) {
  std::vector<ConfigError> errors;
  for (const auto& [name, value] : config.properties) {
    KafkaConf conf(rd_kafka_conf_new());
    std::string error;
    if (!set(conf.get(), name, value, &error)) errors.push_back({"kafka", error});
  }
  return errors;
}

rd_kafka_headers_t* header_list(const KafkaHeaders& headers) {
  if (headers.empty()) return nullptr;
  rd_kafka_headers_t* list = rd_kafka_headers_new(headers.size());
  for (const auto& [name, text] : headers)
    rd_kafka_header_add(list, name.data(), static_cast<ssize_t>(name.size()), text.data(), static_cast<ssize_t>(text.size()));
  return list;
}

KafkaError class_of(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION: return KafkaError::transport;
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN: return KafkaError::all_brokers_down;
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
    case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT: return KafkaError::timed_out;
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR__SSL:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED: return KafkaError::authentication;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED: return KafkaError::authorization;
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART: return KafkaError::unknown_topic;
    case RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED:
    case RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID:
    case RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID: return KafkaError::group;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
    case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD: return KafkaError::message;
    case RD_KAFKA_RESP_ERR__FATAL: return KafkaError::fatal;
    default: return KafkaError::other;
  }
}

bool is_refusal(rd_kafka_resp_err_t error) {
  const KafkaError kind = class_of(error);
  return kind == KafkaError::authorization || kind == KafkaError::authentication || kind == KafkaError::unknown_topic;
}

std::string librdkafka_version() { return rd_kafka_version_str(); }

}  // namespace vpnverdict
