#include "pipeline/kafka_feeder.h"

namespace vpnverdict {

std::unique_ptr<KafkaFeeder> KafkaFeeder::open(const std::string& brokers, const std::map<std::string, std::string>& properties,
                                               std::string* error) {
  KafkaConfig config;
  config.brokers = brokers;
  config.properties = properties;
  KafkaConf conf = make_conf(config, KafkaRole::producer, {}, error);
  if (!conf) return nullptr;
  std::unique_ptr<KafkaFeeder> out(new KafkaFeeder());
  rd_kafka_conf_set_opaque(conf.get(), out.get());
  rd_kafka_conf_set_dr_msg_cb(conf.get(), &KafkaFeeder::on_delivery);
  char text[256];
  out->handle_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), text, sizeof(text)));
  if (!out->handle_) {
    *error = text;
    return nullptr;
  }
  conf.release();  // the handle owns it now
  return out;
}

void KafkaFeeder::on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
  KafkaFeeder& feeder = *static_cast<KafkaFeeder*>(self);
  ++(message->err == RD_KAFKA_RESP_ERR_NO_ERROR ? feeder.delivered_ : feeder.failed_);
}

bool KafkaFeeder::send(const std::string& topic, std::int32_t partition, std::string_view key, std::string_view value,
                       std::int64_t timestamp) {
  for (;;) {
    const rd_kafka_resp_err_t error = rd_kafka_producev(
        handle_.get(), RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(partition), RD_KAFKA_V_KEY(key.data(), key.size()),
        RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()), RD_KAFKA_V_TIMESTAMP(timestamp),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
    rd_kafka_poll(handle_.get(), error == RD_KAFKA_RESP_ERR__QUEUE_FULL ? 50 : 0);
    if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) return error == RD_KAFKA_RESP_ERR_NO_ERROR;
  }
}

bool KafkaFeeder::flush(int timeout_ms) { return rd_kafka_flush(handle_.get(), timeout_ms) == RD_KAFKA_RESP_ERR_NO_ERROR; }

}  // namespace vpnverdict
