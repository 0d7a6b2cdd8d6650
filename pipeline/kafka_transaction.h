// The transactional producer of one shard. Its id is the shard's, so that opening it fences whoever owned the shard
// before and ends what he left open. Crash-only: when a call fails, the object and everything that went into it are to
// be thrown away, and the shard taken over anew. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "pipeline/config.h"
#include "pipeline/kafka_consumer.h"
#include "pipeline/kafka_handles.h"
#include "pipeline/log.h"

namespace vpnverdict {

class KafkaTransaction {
 public:
  struct Failure {
    std::string sentence;    // empty: none
    bool for_good = false;   // taking the shard over again would not help
    bool refused = false;    // not until somebody has given a permission or made a topic
  };

  // Fences the former owner. Null with a failure when that could not be done in time.
  static std::unique_ptr<KafkaTransaction> open(const KafkaConfig& config, const std::string& id, Log& log, Failure* failure);
  KafkaTransaction(const KafkaTransaction&) = delete;
  KafkaTransaction& operator=(const KafkaTransaction&) = delete;

  bool begin();
  // `key` may be empty, `partition` -1: then the key decides. `note_place`: place() will be this record's offset.
  bool produce(const std::string& topic, std::int32_t partition, std::string_view key, std::string_view value, bool note_place = false,
               const KafkaHeaders& headers = {});
  // Waits until everything produced was delivered (and place() is known).
  bool flush();
  std::int64_t place() const { return client_->place; }
  // The offset of the next record to read becomes visible together with what was produced, or none of it does.
  bool commit(const KafkaGroupMetadata& group, const KafkaPartition& partition, const CommittedOffset& next);
  // After a failure that is not fatal: nothing of the transaction becomes visible, and another one may be begun.
  bool abort();

  const Failure& failure() const { return failure_; }
  // Calls, of all objects, that were given up and have not returned yet: their threads still use the log.
  static int overdue();

 private:
  // Lives as long as a call that does not return.
  struct Client {
    explicit Client(Log& to) : log(to) {}
    ~Client();
    Log& log;
    std::int64_t place = -1;
    rd_kafka_resp_err_t undelivered = RD_KAFKA_RESP_ERR_NO_ERROR;  // why the first record was not that was not
    KafkaHandle handle;  // last: destroyed first, its threads use the members above
  };
  using Error = std::unique_ptr<rd_kafka_error_t, KafkaDelete<rd_kafka_error_destroy>>;
  using Call = std::function<rd_kafka_error_t*(rd_kafka_t*)>;

  explicit KafkaTransaction(Log& log) : client_(std::make_shared<Client>(log)) {}
  bool check(Error error, const char* what);
  Error in_time(const Call& call, int allowed_ms) const;
  bool retried(const char* what, const Call& call);
  static void on_log(const rd_kafka_t* handle, int level, const char* fac, const char* text);
  static void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* self);

  std::shared_ptr<Client> client_;
  Failure failure_;
};

}  // namespace vpnverdict
