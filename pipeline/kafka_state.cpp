#include "pipeline/kafka_state.h"

#include <chrono>
#include <functional>

#include "pipeline/kafka_handles.h"

namespace vpnverdict {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kPatience = std::chrono::seconds(30);  // without any record; a rebalance waits for us
constexpr int kPollMs = 100;

enum class Walk : unsigned char { ended, stopped, no_answer, failed };

// Hands over the committed records of a state topic's partition from `offset` on, until `take` says stop or the end.
Walk walk(const KafkaConfig& config, const KafkaPartition& from, std::int64_t offset, std::string* error,
          const std::function<bool(std::string_view record, std::int64_t offset)>& take) {
  KafkaConf conf = make_conf(config, KafkaRole::consumer,
                             {{"group.id", config.group + ".state"}, {"isolation.level", "read_committed"}, {"auto.offset.reset", "error"}},
                             error);
  if (!conf) return Walk::failed;
  char text[512];
  KafkaHandle handle(rd_kafka_new(RD_KAFKA_CONSUMER, conf.get(), text, sizeof(text)));
  if (!handle) {
    *error = text;
    return Walk::failed;
  }
  conf.release();  // the handle owns it now
  rd_kafka_poll_set_consumer(handle.get());
  KafkaPartitions list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), from.first.c_str(), from.second)->offset = offset;
  if (const auto failed = rd_kafka_assign(handle.get(), list.get()); failed != RD_KAFKA_RESP_ERR_NO_ERROR) {
    *error = rd_kafka_err2str(failed);
    return Walk::failed;
  }
  for (auto until = Clock::now() + kPatience; Clock::now() < until;) {
    const KafkaMessage message(rd_kafka_consumer_poll(handle.get(), kPollMs));
    if (!message) continue;
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) return Walk::ended;
    if (message->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET) {
      *error = "the snapshot is gone from the topic";
      return Walk::failed;
    }
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;  // librdkafka tries again
    until = Clock::now() + kPatience;
    if (!take({static_cast<const char*>(message->payload), message->len}, message->offset)) return Walk::stopped;
  }
  *error = "no broker answered";
  return Walk::no_answer;
}

}  // namespace

std::string read_snapshot(const KafkaConfig& config, const KafkaPartition& from, std::int64_t base, SnapshotReader& out, bool* answered) {
  std::string error;
  const Walk result = walk(config, from, base, &error, [&](std::string_view record, std::int64_t) {
    error = out.add(record);
    return error.empty() && !out.complete();
  });
  *answered = result != Walk::no_answer;
  if (out.complete()) return "";
  return error.empty() ? "the snapshot is not whole" : error;
}

std::optional<bool> has_state(const KafkaConfig& config, const KafkaPartition& in) {
  std::string error;
  const Walk result = walk(config, in, RD_KAFKA_OFFSET_BEGINNING, &error, [](std::string_view, std::int64_t) { return false; });
  if (result == Walk::no_answer || result == Walk::failed) return std::nullopt;
  return result == Walk::stopped;
}

}  // namespace vpnverdict
