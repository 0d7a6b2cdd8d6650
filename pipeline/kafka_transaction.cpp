#include "pipeline/kafka_transaction.h"

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "pipeline/kafka_log.h"

namespace vpnverdict {
namespace {

using Clock = std::chrono::steady_clock;

// A call must end before the broker ends the transaction by itself.
constexpr int kTransactionMs = 10'000;
constexpr int kCallMs = 8'000;
constexpr int kInitMs = 15'000;  // the former owner's transaction may have to be ended first
constexpr auto kRetryPause = std::chrono::milliseconds(20);
constexpr int kQueueFullWaitMs = 50;

void on_log(const rd_kafka_t* handle, int level, const char* fac, const char* text) {
  forward_log(static_cast<KafkaTransaction*>(rd_kafka_opaque(handle))->log(), level, fac, text);
}

// Nobody mends these by waiting.
bool is_for_good(rd_kafka_resp_err_t error) {
  const KafkaError kind = class_of(error);
  return kind == KafkaError::authorization || kind == KafkaError::authentication || kind == KafkaError::unknown_topic ||
         error == RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED || error == RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE ||
         error == RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT;
}

}  // namespace

std::unique_ptr<KafkaTransaction> KafkaTransaction::open(const KafkaConfig& config, const std::string& id, Log& log, Failure* failure) {
  const std::string timeout = std::to_string(kTransactionMs);
  KafkaConf conf = make_conf(config, KafkaRole::producer,
                             {{"transactional.id", id},
                              {"transaction.timeout.ms", timeout},
                              {"message.timeout.ms", timeout},
                              {"partitioner", "murmur2_random"},
                              {"retry.backoff.ms", "20"}},  // a coordinator that still ends the last one is asked again soon
                             &failure->sentence);
  failure->for_good = true;
  if (!conf) return nullptr;
  std::unique_ptr<KafkaTransaction> out(new KafkaTransaction(log));
  rd_kafka_conf_set_opaque(conf.get(), out.get());
  rd_kafka_conf_set_dr_msg_cb(conf.get(), &KafkaTransaction::on_delivery);
  rd_kafka_conf_set_log_cb(conf.get(), &on_log);
  char text[512];
  out->handle_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), text, sizeof(text)));
  if (!out->handle_) {
    failure->sentence = std::string("the transactional producer cannot be made: ") + text;
    return nullptr;
  }
  conf.release();  // the handle owns it now
  if (!out->check(rd_kafka_init_transactions(out->handle_.get(), kInitMs), "the former owner could not be fenced")) {
    *failure = out->failure_;
    return nullptr;
  }
  *failure = {};
  return out;
}

KafkaTransaction::~KafkaTransaction() {
  if (!handle_) return;
  // Whatever is still here belongs to a transaction that will not be committed.
  rd_kafka_purge(handle_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
}

bool KafkaTransaction::check(rd_kafka_error_t* error, const char* what) {
  if (error == nullptr) return true;
  failure_.sentence = std::string(what) + ": " + rd_kafka_error_name(error) + ": " + rd_kafka_error_string(error);
  failure_.for_good = is_for_good(rd_kafka_error_code(error));
  rd_kafka_error_destroy(error);
  return false;
}

// Errors that librdkafka calls retriable mean: the same call again.
bool KafkaTransaction::retried(const char* what, const std::function<rd_kafka_error_t*()>& call) {
  const auto until = Clock::now() + std::chrono::milliseconds(kCallMs);
  for (;;) {
    rd_kafka_error_t* error = call();
    const bool again = error != nullptr && rd_kafka_error_is_retriable(error) != 0 && Clock::now() < until;
    if (!again) return check(error, what);
    rd_kafka_error_destroy(error);
    std::this_thread::sleep_for(kRetryPause);
  }
}

bool KafkaTransaction::begin() { return check(rd_kafka_begin_transaction(handle_.get()), "no transaction could be begun"); }

bool KafkaTransaction::produce(const std::string& topic, std::int32_t partition, std::string_view key, std::string_view value,
                               bool note_place) {
  const auto until = Clock::now() + std::chrono::milliseconds(kCallMs);
  for (;;) {
    const rd_kafka_resp_err_t error = rd_kafka_producev(
        handle_.get(), RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(partition), RD_KAFKA_V_KEY(key.data(), key.size()),
        RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_OPAQUE(note_place ? this : nullptr), RD_KAFKA_V_END);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return true;
    if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL || Clock::now() > until) {
      failure_ = {"a record for " + topic + " was refused: " + rd_kafka_err2str(error), is_for_good(error)};
      return false;
    }
    rd_kafka_poll(handle_.get(), kQueueFullWaitMs);
  }
}

bool KafkaTransaction::flush() {
  if (rd_kafka_flush(handle_.get(), kCallMs) == RD_KAFKA_RESP_ERR_NO_ERROR) return true;
  failure_.sentence = "records could not be delivered in time";
  return false;
}

bool KafkaTransaction::commit(const KafkaGroupMetadata& group, const KafkaPartition& partition, const CommittedOffset& next) {
  KafkaPartitions offsets(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_t* one = rd_kafka_topic_partition_list_add(offsets.get(), partition.first.c_str(), partition.second);
  one->offset = next.offset;
  one->metadata_size = next.note.size();
  one->metadata = std::malloc(next.note.size());  // the list frees it
  if (one->metadata == nullptr) return false;
  std::memcpy(one->metadata, next.note.data(), next.note.size());
  const bool sent = retried("the offset was refused", [&] {
    return rd_kafka_send_offsets_to_transaction(handle_.get(), offsets.get(), group.get(), kCallMs);
  });
  return sent && retried("the transaction was not committed", [&] { return rd_kafka_commit_transaction(handle_.get(), kCallMs); });
}

void KafkaTransaction::on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
  KafkaTransaction& transaction = *static_cast<KafkaTransaction*>(self);
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    if (message->_private != nullptr) transaction.place_ = message->offset;
    return;
  }
  transaction.log_.often(Log::Level::warning, "a record of a transaction was not delivered",
                         {{"topic", rd_kafka_topic_name(message->rkt)}, {"error", rd_kafka_err2str(message->err)}});
}

}  // namespace vpnverdict
