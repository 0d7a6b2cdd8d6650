#include "pipeline/kafka_producer.h"

#include "pipeline/kafka_log.h"

namespace vpnverdict {
namespace {

constexpr int kQueueFullWaitMs = 50;

void on_log(const rd_kafka_t* handle, int level, const char* fac, const char* text) {
  forward_log(static_cast<KafkaProducer*>(rd_kafka_opaque(handle))->log(), level, fac, text);
}

}  // namespace

std::unique_ptr<KafkaProducer> KafkaProducer::open(const KafkaConfig& config, OffsetLedger& ledger, KafkaCell& cell, Log& log,
                                                   std::string* error) {
  KafkaConf conf = make_conf(config, KafkaRole::producer, {}, error);
  if (!conf) return nullptr;
  std::unique_ptr<KafkaProducer> out(new KafkaProducer(config.dead_letter_topic, ledger, cell, log));
  rd_kafka_conf_set_opaque(conf.get(), out.get());
  rd_kafka_conf_set_dr_msg_cb(conf.get(), &KafkaProducer::on_delivery);
  rd_kafka_conf_set_error_cb(conf.get(), &KafkaProducer::on_error);
  rd_kafka_conf_set_log_cb(conf.get(), &on_log);
  char text[512];
  out->handle_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), text, sizeof(text)));
  if (!out->handle_) {
    *error = std::string("the producer cannot be made: ") + text;
    return nullptr;
  }
  conf.release();  // the handle owns it now
  return out;
}

KafkaProducer::~KafkaProducer() {
  if (!handle_) return;
  // Whatever is still here was given up: without the purge the destructor would wait for the broker.
  rd_kafka_purge(handle_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
}

bool KafkaProducer::produce(const std::string& topic, std::int32_t partition, std::string_view value, const KafkaHeaders& headers) {
  if (given_up_) return false;
  const std::uint64_t number = ledger_.issue();
  for (;;) {
    rd_kafka_headers_t* list = header_list(headers);
    const rd_kafka_resp_err_t error = rd_kafka_producev(
        handle_.get(), RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(partition),
        RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_HEADERS(list), RD_KAFKA_V_OPAQUE(reinterpret_cast<void*>(number)), RD_KAFKA_V_END);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return true;
    if (list != nullptr) rd_kafka_headers_destroy(list);
    if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
      rd_kafka_message_t message{};
      message.err = error;
      message._private = reinterpret_cast<void*>(number);
      delivered(message);
      return true;
    }
    if (given_up_ || !failure().empty()) return false;
    poll(kQueueFullWaitMs);
  }
}

void KafkaProducer::poll(int timeout_ms) { rd_kafka_poll(handle_.get(), timeout_ms); }

bool KafkaProducer::flush(int timeout_ms) { return rd_kafka_flush(handle_.get(), timeout_ms) == RD_KAFKA_RESP_ERR_NO_ERROR; }

std::string KafkaProducer::failure() const {
  const std::lock_guard lock(failure_mutex_);
  return failure_;
}

void KafkaProducer::fail(std::string sentence) {
  const std::lock_guard lock(failure_mutex_);
  if (failure_.empty()) failure_ = std::move(sentence);
}

void KafkaProducer::delivered(const rd_kafka_message_t& message) {
  const std::uint64_t number = reinterpret_cast<std::uint64_t>(message._private);
  if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) return ledger_.settled(number);
  if (message.err == RD_KAFKA_RESP_ERR__PURGE_QUEUE || message.err == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT) return;
  cell_.add_error(class_of(message.err));
  const std::string topic = message.rkt == nullptr ? "" : rd_kafka_topic_name(message.rkt);
  log_.often(Log::Level::error, "a record could not be delivered", {{"topic", topic}, {"error", rd_kafka_err2str(message.err)}});
  // A dead letter that is refused for what it is would be refused again. A packet must not be left out: what comes after
  // it would vouch for it.
  if (class_of(message.err) == KafkaError::message && topic == dead_letter_topic_) return ledger_.settled(number);
  if (is_refusal(message.err)) refused_ = true;
  fail("records cannot be delivered to " + (topic.empty() ? "their topic" : topic) + ": " + rd_kafka_err2str(message.err));
}

void KafkaProducer::on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
  static_cast<KafkaProducer*>(self)->delivered(*message);
}

void KafkaProducer::on_error(rd_kafka_t* handle, int error, const char* reason, void* self) {
  KafkaProducer& producer = *static_cast<KafkaProducer*>(self);
  producer.cell_.add_error(class_of(static_cast<rd_kafka_resp_err_t>(error)));
  producer.log_.often(Log::Level::warning, "producer error", {{"error", reason}});
  if (error != RD_KAFKA_RESP_ERR__FATAL) return;
  char text[512];
  const rd_kafka_resp_err_t original = rd_kafka_fatal_error(handle, text, sizeof(text));
  producer.fail(std::string("the producer gave up: ") + rd_kafka_err2str(original) + ": " + text);
}

}  // namespace vpnverdict
