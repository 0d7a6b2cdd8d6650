#include "pipeline/kafka_transaction.h"

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <future>
#include <thread>

#include "pipeline/kafka_log.h"

namespace vpnverdict {
namespace {

using Clock = std::chrono::steady_clock;

// A call must end before the broker ends the transaction by itself.
constexpr int kTransactionMs = 10'000;
constexpr int kCallMs = 8'000;
constexpr int kInitMs = 15'000;  // the former owner's transaction may have to be ended first
constexpr int kOverdueMs = 2'000;  // a call that takes this much longer than it was allowed is left behind
constexpr auto kRetryPause = std::chrono::milliseconds(20);
constexpr int kQueueFullWaitMs = 50;

std::atomic<int> calls_overdue = 0;

bool is_for_good(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE || error == RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT;
}

KafkaTransaction::Failure failure_of(rd_kafka_resp_err_t error, std::string sentence) {
  return {std::move(sentence), is_for_good(error), is_refusal(error)};
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
  rd_kafka_conf_set_opaque(conf.get(), out->client_.get());
  rd_kafka_conf_set_dr_msg_cb(conf.get(), &KafkaTransaction::on_delivery);
  rd_kafka_conf_set_log_cb(conf.get(), &KafkaTransaction::on_log);
  char text[512];
  out->client_->handle.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), text, sizeof(text)));
  if (!out->client_->handle) {
    failure->sentence = std::string("the transactional producer cannot be made: ") + text;
    return nullptr;
  }
  conf.release();  // the handle owns it now
  const Call fence = [](rd_kafka_t* handle) { return rd_kafka_init_transactions(handle, kInitMs); };
  if (!out->check(out->in_time(fence, kInitMs), "the former owner could not be fenced")) {
    *failure = out->failure_;
    return nullptr;
  }
  *failure = {};
  return out;
}

KafkaTransaction::Client::~Client() {
  if (!handle) return;
  // Whatever is still here belongs to a transaction that will not be committed.
  rd_kafka_purge(handle.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
}

int KafkaTransaction::overdue() { return calls_overdue; }

bool KafkaTransaction::check(Error error, const char* what) {
  if (!error) return true;
  failure_ = failure_of(rd_kafka_error_code(error.get()), std::string(what) + ": " + rd_kafka_error_name(error.get()) + ": " + rd_kafka_error_string(error.get()));
  return false;
}

// librdkafka does not keep to the time it is given when the group's coordinator goes away in the wrong moment (its issues 5456 and
// 5511, open in 2.15.1): rd_kafka_send_offsets_to_transaction() then never returns. So the call gets a thread, which is left
// behind with its producer when it is overdue. The next owner of the id fences what it may still send.
KafkaTransaction::Error KafkaTransaction::in_time(const Call& call, int allowed_ms) const {
  struct Answer {
    std::promise<Error> promise;
    std::atomic<bool> second = false;  // of the two: it is there, it is not waited for
  };
  const auto answer = std::make_shared<Answer>();
  std::future<Error> future = answer->promise.get_future();
  std::thread([answer, call, client = client_]() mutable {
    Error error(call(client->handle.get()));
    client.reset();  // before anybody goes on who may let go of the log
    answer->promise.set_value(std::move(error));
    if (answer->second.exchange(true)) --calls_overdue;
  }).detach();
  if (future.wait_for(std::chrono::milliseconds(allowed_ms + kOverdueMs)) == std::future_status::ready) return future.get();
  ++calls_overdue;
  if (answer->second.exchange(true)) --calls_overdue;
  return Error(rd_kafka_error_new(RD_KAFKA_RESP_ERR__TIMED_OUT, "librdkafka did not return in time"));
}

// Errors that librdkafka calls retriable mean: the same call again.
bool KafkaTransaction::retried(const char* what, const Call& call) {
  const auto until = Clock::now() + std::chrono::milliseconds(kCallMs);
  for (;;) {
    Error error = in_time(call, kCallMs);
    const bool again = error && rd_kafka_error_is_retriable(error.get()) != 0 && Clock::now() < until;
    if (!again) return check(std::move(error), what);
    std::this_thread::sleep_for(kRetryPause);
  }
}

bool KafkaTransaction::begin() { return check(Error(rd_kafka_begin_transaction(client_->handle.get())), "no transaction could be begun"); }

bool KafkaTransaction::produce(const std::string& topic, std::int32_t partition, std::string_view key, std::string_view value,
                               bool note_place, const KafkaHeaders& headers) {
  const auto until = Clock::now() + std::chrono::milliseconds(kCallMs);
  for (;;) {
    rd_kafka_headers_t* list = header_list(headers);
    const rd_kafka_resp_err_t error = rd_kafka_producev(
        client_->handle.get(), RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(partition), RD_KAFKA_V_KEY(key.data(), key.size()),
        RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_HEADERS(list), RD_KAFKA_V_OPAQUE(note_place ? client_.get() : nullptr), RD_KAFKA_V_END);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return true;
    if (list != nullptr) rd_kafka_headers_destroy(list);
    if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL || Clock::now() > until) {
      failure_ = failure_of(error, "a record for " + topic + " was refused: " + rd_kafka_err2str(error));
      return false;
    }
    rd_kafka_poll(client_->handle.get(), kQueueFullWaitMs);
  }
}

bool KafkaTransaction::flush() {
  const bool in_time = rd_kafka_flush(client_->handle.get(), kCallMs) == RD_KAFKA_RESP_ERR_NO_ERROR;
  const rd_kafka_resp_err_t error = client_->undelivered;
  if (in_time && error == RD_KAFKA_RESP_ERR_NO_ERROR) return true;
  failure_ = failure_of(error, error == RD_KAFKA_RESP_ERR_NO_ERROR ? "records could not be delivered in time"
                                                                   : std::string("records could not be delivered: ") + rd_kafka_err2str(error));
  return false;
}

bool KafkaTransaction::commit(const KafkaGroupMetadata& group, const KafkaPartition& partition, const CommittedOffset& next) {
  const std::shared_ptr<rd_kafka_topic_partition_list_t> offsets(rd_kafka_topic_partition_list_new(1), KafkaDelete<rd_kafka_topic_partition_list_destroy>());
  rd_kafka_topic_partition_t* one = rd_kafka_topic_partition_list_add(offsets.get(), partition.first.c_str(), partition.second);
  one->offset = next.offset;
  one->metadata_size = next.note.size();
  one->metadata = std::malloc(next.note.size());  // the list frees it
  if (one->metadata == nullptr) return false;
  std::memcpy(one->metadata, next.note.data(), next.note.size());
  const bool sent = retried("the offset was refused", [offsets, group](rd_kafka_t* handle) {
    return rd_kafka_send_offsets_to_transaction(handle, offsets.get(), group.get(), kCallMs);
  });
  return sent && retried("the transaction was not committed", [](rd_kafka_t* handle) { return rd_kafka_commit_transaction(handle, kCallMs); });
}

bool KafkaTransaction::abort() {
  return retried("the transaction could not be given up", [](rd_kafka_t* handle) { return rd_kafka_abort_transaction(handle, kCallMs); });
}

void KafkaTransaction::on_log(const rd_kafka_t* handle, int level, const char* fac, const char* text) {
  forward_log(static_cast<Client*>(rd_kafka_opaque(handle))->log, level, fac, text);
}

void KafkaTransaction::on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
  Client& client = *static_cast<Client*>(self);
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    if (message->_private != nullptr) client.place = message->offset;
    return;
  }
  if (client.undelivered == RD_KAFKA_RESP_ERR_NO_ERROR) client.undelivered = message->err;
  client.log.often(Log::Level::warning, "a record of a transaction was not delivered",
                   {{"topic", rd_kafka_topic_name(message->rkt)}, {"error", rd_kafka_err2str(message->err)}});
}

}  // namespace vpnverdict
