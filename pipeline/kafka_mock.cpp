#include "pipeline/kafka_mock.h"

#include "pipeline/kafka_handles.h"  // rdkafka_mock.h wants rdkafka.h first

#include <librdkafka/rdkafka_mock.h>

namespace vpnverdict {

struct KafkaMock::Parts {
  KafkaHandle host;  // lends its main thread to the cluster
  std::unique_ptr<rd_kafka_mock_cluster_t, KafkaDelete<rd_kafka_mock_cluster_destroy>> cluster;
};

std::unique_ptr<KafkaMock> KafkaMock::start(int brokers, std::string* error) {
  std::unique_ptr<KafkaMock> out(new KafkaMock());
  out->parts_ = std::make_unique<Parts>();
  char text[256];
  KafkaConf conf(rd_kafka_conf_new());
  rd_kafka_conf_set(conf.get(), "log_level", "3", text, sizeof(text));
  out->parts_->host.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), text, sizeof(text)));
  if (!out->parts_->host) {
    *error = std::string("the mock cluster cannot be made: ") + text;
    return nullptr;
  }
  conf.release();  // the handle owns it now
  out->parts_->cluster.reset(rd_kafka_mock_cluster_new(out->parts_->host.get(), brokers));
  if (!out->parts_->cluster) {
    *error = "the mock cluster cannot listen on loopback";
    return nullptr;
  }
  out->bootstrap_ = rd_kafka_mock_cluster_bootstraps(out->parts_->cluster.get());
  return out;
}

KafkaMock::~KafkaMock() = default;

void KafkaMock::create_topic(const std::string& name, int partitions) {
  rd_kafka_mock_topic_create(parts_->cluster.get(), name.c_str(), partitions, 1);
}

void KafkaMock::set_down(bool down) {
  if (down) {
    rd_kafka_mock_broker_set_down(parts_->cluster.get(), 1);
  } else {
    rd_kafka_mock_broker_set_up(parts_->cluster.get(), 1);
  }
}

void KafkaMock::set_leader(const std::string& topic, int partitions, int broker) {
  for (int i = 0; i < partitions; ++i) rd_kafka_mock_partition_set_leader(parts_->cluster.get(), topic.c_str(), i, broker);
}

void KafkaMock::refuse_fetches(int broker, int times) {
  constexpr std::int16_t kFetch = 1;
  for (int i = 0; i < times; ++i) {
    rd_kafka_mock_broker_push_request_error_rtts(parts_->cluster.get(), broker, kFetch, 1, RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR, 0);
  }
}

void KafkaMock::refuse_records(int broker, int times) {
  constexpr std::int16_t kProduce = 0;
  for (int i = 0; i < times; ++i) {
    rd_kafka_mock_broker_push_request_error_rtts(parts_->cluster.get(), broker, kProduce, 1, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, 0);
  }
}

}  // namespace vpnverdict
