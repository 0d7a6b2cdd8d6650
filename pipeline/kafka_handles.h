// librdkafka's handles as owners, its properties from our configuration, its errors in our classes.
// Nothing else of the program includes rdkafka.h but the kafka_*.cpp files.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <librdkafka/rdkafka.h>

#include "metrics/pipeline_metrics.h"
#include "pipeline/config.h"

namespace vpnverdict {

template <auto destroy>
struct KafkaDelete {
  template <typename Handle>
  void operator()(Handle* handle) const {
    destroy(handle);
  }
};
using KafkaHandle = std::unique_ptr<rd_kafka_t, KafkaDelete<rd_kafka_destroy>>;
using KafkaConf = std::unique_ptr<rd_kafka_conf_t, KafkaDelete<rd_kafka_conf_destroy>>;
using KafkaMessage = std::unique_ptr<rd_kafka_message_t, KafkaDelete<rd_kafka_message_destroy>>;
using KafkaQueue = std::unique_ptr<rd_kafka_queue_t, KafkaDelete<rd_kafka_queue_destroy>>;
using KafkaPartitions = std::unique_ptr<rd_kafka_topic_partition_list_t, KafkaDelete<rd_kafka_topic_partition_list_destroy>>;

enum class KafkaRole : unsigned char { consumer, producer };
using KafkaHeaders = std::vector<std::pair<std::string, std::string>>;  // of a record
using KafkaProperties = std::vector<std::pair<std::string, std::string>>;

// Our defaults, then the properties of the configuration, then what the service depends on, then `owned`.
// Null with a sentence in `error` when librdkafka refuses a property.
KafkaConf make_conf(const KafkaConfig& config, KafkaRole role, const KafkaProperties& owned, std::string* error);
// What librdkafka would refuse, without connecting.
std::vector<ConfigError> check_kafka_properties(const KafkaConfig& config);

// Owned by the record that is handed over with it, or else by the caller. Null, which librdkafka takes, when there are none.
rd_kafka_headers_t* header_list(const KafkaHeaders& headers);

KafkaError class_of(rd_kafka_resp_err_t error);
// Until somebody gives a permission or makes a topic.
bool is_refusal(rd_kafka_resp_err_t error);
std::string librdkafka_version();

}  // namespace vpnverdict
