#include "pipeline/kafka_consumer.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>

#include "pipeline/kafka_log.h"
#include "pipeline/kafka_stats.h"

namespace vpnverdict {
namespace {

// librdkafka asks the group's coordinator, who may be busy ending somebody's transaction; the poll interval is 120 s.
constexpr int kCommittedMs = 10'000;
constexpr int kCommittedTries = 5;
constexpr int kWatermarksMs = 10'000;
constexpr int kEndsMs = 2'000;  // a clean end waits for it

void on_log(const rd_kafka_t* handle, int level, const char* fac, const char* text) {
  forward_log(static_cast<KafkaConsumer*>(rd_kafka_opaque(handle))->log(), level, fac, text);
}

// Elsewhere a batch in which a partition ends moves its place one too far, and a pause then leaves a record out (issue 5213 of librdkafka).
bool takes_batches() {
  static const int version = rd_kafka_version();
  return version < 0x02020000 || version >= 0x020d0200;
}

KafkaPartitions list_of(const std::set<KafkaPartition>& partitions) {
  KafkaPartitions list(rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
  for (const auto& [topic, id] : partitions) rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), id);
  return list;
}

KafkaPartitions list_of(const CommittedOffsets& offsets) {
  KafkaPartitions list(rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size())));
  for (const auto& [partition, committed] : offsets) {
    rd_kafka_topic_partition_t* one = rd_kafka_topic_partition_list_add(list.get(), partition.first.c_str(), partition.second);
    one->offset = committed.offset;
    if (committed.note.empty()) continue;
    one->metadata_size = committed.note.size();
    one->metadata = std::malloc(committed.note.size());  // the list frees it
    if (one->metadata != nullptr) std::memcpy(one->metadata, committed.note.data(), committed.note.size());
  }
  return list;
}

// Asks where the group stands; false when the answer is not complete.
bool ask_committed(rd_kafka_t* handle, const std::vector<KafkaPartition>& partitions, CommittedOffsets* out, std::string* error) {
  KafkaPartitions asked = list_of(std::set<KafkaPartition>(partitions.begin(), partitions.end()));
  const rd_kafka_resp_err_t failed = rd_kafka_committed(handle, asked.get(), kCommittedMs);
  if (failed != RD_KAFKA_RESP_ERR_NO_ERROR) {
    *error = rd_kafka_err2str(failed);
    return false;
  }
  for (int i = 0; i < asked->cnt; ++i) {
    const auto& one = asked->elems[i];
    if (one.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      *error = rd_kafka_err2str(one.err);
      return false;
    }
    CommittedOffset& committed = (*out)[{one.topic, one.partition}];
    committed.offset = one.offset >= 0 ? one.offset : -1;
    if (one.metadata != nullptr) committed.note.assign(static_cast<const char*>(one.metadata), one.metadata_size);
  }
  return true;
}

}  // namespace

std::unique_ptr<KafkaConsumer> KafkaConsumer::open(const KafkaConfig& config, const ConsumerOptions& options,
                                                   ConsumerHooks hooks, SourceTable& sources, KafkaCell& cell, Log& log,
                                                   std::string* error) {
  KafkaConf conf = make_conf(config, KafkaRole::consumer, options.properties, error);
  if (!conf) return nullptr;
  std::unique_ptr<KafkaConsumer> out(new KafkaConsumer(std::move(hooks), sources, cell, log));
  rd_kafka_conf_set_opaque(conf.get(), out.get());
  rd_kafka_conf_set_rebalance_cb(conf.get(), &KafkaConsumer::on_rebalance);
  rd_kafka_conf_set_stats_cb(conf.get(), &KafkaConsumer::on_statistics);
  rd_kafka_conf_set_error_cb(conf.get(), &KafkaConsumer::on_error);
  rd_kafka_conf_set_offset_commit_cb(conf.get(), &KafkaConsumer::on_commit);
  rd_kafka_conf_set_log_cb(conf.get(), &on_log);
  char text[512];
  rd_kafka_conf_set(conf.get(), "group.id", options.group.c_str(), text, sizeof(text));
  out->handle_.reset(rd_kafka_new(RD_KAFKA_CONSUMER, conf.get(), text, sizeof(text)));
  if (!out->handle_) {
    *error = std::string("the consumer cannot be made: ") + text;
    return nullptr;
  }
  conf.release();  // the handle owns it now
  rd_kafka_poll_set_consumer(out->handle_.get());
  out->queue_.reset(rd_kafka_queue_get_consumer(out->handle_.get()));
  KafkaPartitions topics(rd_kafka_topic_partition_list_new(static_cast<int>(options.topics.size())));
  for (const std::string& topic : options.topics) {
    rd_kafka_topic_partition_list_add(topics.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  }
  if (const auto failed = rd_kafka_subscribe(out->handle_.get(), topics.get()); failed != RD_KAFKA_RESP_ERR_NO_ERROR) {
    *error = std::string("cannot subscribe: ") + rd_kafka_err2str(failed);
    return nullptr;
  }
  return out;
}

KafkaConsumer::~KafkaConsumer() {
  cell_.set_assigned(this, 0);
  cell_.set_paused(this, 0);
  cell_.set_lags(this, {});
  if (!handle_) return;
  closing_ = true;
  queue_.reset();
  rd_kafka_destroy_flags(handle_.release(), RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

KafkaMessage KafkaConsumer::poll(int timeout_ms) { return wanted(KafkaMessage(rd_kafka_consumer_poll(handle_.get(), timeout_ms))); }

// Many in one call, since a call for each takes longer than all else that this thread does. A rebalance within the call makes what it gives
// worthless: some of it is of the partitions that we had before, and nothing says which. None of it has been seen by anybody, so
// what we own now is begun again where it began.
void KafkaConsumer::read(int timeout_ms, std::size_t most, std::vector<KafkaMessage>& out) {
  out.clear();
  if (KafkaMessage first = poll(timeout_ms)) out.push_back(std::move(first));
  if (out.empty() || most < 2) return;
  const std::uint64_t rebalances = rebalances_;
  batch_.resize(takes_batches() ? most - 1 : 0);
  const ssize_t count = batch_.empty() ? 0 : rd_kafka_consume_batch_queue(queue_.get(), 0, batch_.data(), batch_.size());
  for (ssize_t i = 0; i < count; ++i) {
    KafkaMessage message(batch_[static_cast<std::size_t>(i)]);
    if (rebalances_ == rebalances && (message = wanted(std::move(message)))) out.push_back(std::move(message));
  }
  if (rebalances_ == rebalances) return;
  out.clear();
  begin_again();
}

void KafkaConsumer::begin_again() {
  if (!begun_at_) return;
  if (const auto failed = rd_kafka_assign(handle_.get(), begun_at_.get()); failed != RD_KAFKA_RESP_ERR_NO_ERROR) {
    fail(std::string("partitions cannot be assigned: ") + rd_kafka_err2str(failed));
  }
}

// Null when it is an error, which is told here, or one that we had already.
KafkaMessage KafkaConsumer::wanted(KafkaMessage message) {
  if (!message) return nullptr;
  if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) return message;
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    cell_.add_error(class_of(message->err));
    log_.often(Log::Level::warning, "reading failed", {{"error", rd_kafka_message_errstr(message.get())}});
    return nullptr;
  }
  Reading& reading = this->reading(*message);
  if (message->offset < reading.expected) return nullptr;
  reading.expected = message->offset + 1;
  return message;
}

KafkaConsumer::Reading& KafkaConsumer::reading(const rd_kafka_message_t& message) {
  if (last_reading_ != nullptr && message.rkt == last_topic_ && message.partition == last_partition_) return *last_reading_;
  const char* topic = rd_kafka_topic_name(message.rkt);
  const auto [found, fresh] = reading_.try_emplace({topic, message.partition});
  if (fresh) found->second.source = sources_.index_of(topic, message.partition);
  last_topic_ = message.rkt;
  last_partition_ = message.partition;
  last_reading_ = &found->second;
  return found->second;
}

void KafkaConsumer::pause_only(const std::set<KafkaPartition>& wanted) {
  std::set<KafkaPartition> pause;
  std::set<KafkaPartition> resume;
  std::set_difference(wanted.begin(), wanted.end(), paused_.begin(), paused_.end(), std::inserter(pause, pause.end()));
  std::set_difference(paused_.begin(), paused_.end(), wanted.begin(), wanted.end(), std::inserter(resume, resume.end()));
  std::erase_if(pause, [this](const KafkaPartition& partition) { return !assigned_.contains(partition); });
  if (!pause.empty()) {
    rd_kafka_pause_partitions(handle_.get(), list_of(pause).get());
    paused_.insert(pause.begin(), pause.end());
  }
  if (!resume.empty()) {
    rd_kafka_resume_partitions(handle_.get(), list_of(resume).get());
    for (const KafkaPartition& partition : resume) paused_.erase(partition);
  }
  cell_.set_paused(this, paused_.size());
}

bool KafkaConsumer::commit(const CommittedOffsets& offsets) {
  if (offsets.empty()) return true;
  const rd_kafka_resp_err_t error = rd_kafka_commit(handle_.get(), list_of(offsets).get(), 0);
  // The commit callback is for those that do not wait.
  cell_.add_commit(error == RD_KAFKA_RESP_ERR_NO_ERROR);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return true;
  log_.warning("offsets could not be committed", {{"error", rd_kafka_err2str(error)}});
  return false;
}

void KafkaConsumer::commit_later(const CommittedOffsets& offsets) {
  if (!offsets.empty()) rd_kafka_commit(handle_.get(), list_of(offsets).get(), 1);
}

void KafkaConsumer::on_commit(rd_kafka_t*, rd_kafka_resp_err_t error, rd_kafka_topic_partition_list_t*, void* self) {
  KafkaConsumer& consumer = *static_cast<KafkaConsumer*>(self);
  if (error == RD_KAFKA_RESP_ERR__NO_OFFSET) return;
  consumer.cell_.add_commit(error == RD_KAFKA_RESP_ERR_NO_ERROR);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return;
  consumer.cell_.add_error(class_of(error));
  consumer.log_.often(Log::Level::warning, "offsets could not be committed", {{"error", rd_kafka_err2str(error)}});
}

bool KafkaConsumer::close(int timeout_ms) {
  using Clock = std::chrono::steady_clock;
  closing_ = true;
  const auto until = Clock::now() + std::chrono::milliseconds(timeout_ms);
  rd_kafka_queue_t* queue = rd_kafka_queue_new(handle_.get());
  rd_kafka_error_t* error = rd_kafka_consumer_close_queue(handle_.get(), queue);
  if (error != nullptr) {
    log_.warning("leaving the group failed", {{"error", rd_kafka_error_string(error)}});
    rd_kafka_error_destroy(error);
    rd_kafka_queue_destroy(queue);
    return false;
  }
  while (rd_kafka_consumer_closed(handle_.get()) == 0 && Clock::now() < until) {
    if (rd_kafka_event_t* event = rd_kafka_queue_poll(queue, 50)) {
      if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_REBALANCE) rd_kafka_assign(handle_.get(), nullptr);
      rd_kafka_event_destroy(event);
    }
  }
  const bool closed = rd_kafka_consumer_closed(handle_.get()) != 0;
  rd_kafka_queue_destroy(queue);
  return closed;
}

void KafkaConsumer::assign(rd_kafka_topic_partition_list_t& partitions) {
  std::vector<KafkaPartition> names;
  for (int i = 0; i < partitions.cnt; ++i) names.emplace_back(partitions.elems[i].topic, partitions.elems[i].partition);
  if (hooks_.claim) hooks_.claim(names);
  CommittedOffsets committed;
  std::string error;
  int tries = kCommittedTries;
  while (failure_.empty() && !ask_committed(handle_.get(), names, &committed, &error)) {
    log_.warning("committed offsets are not known yet", {{"error", error}});
    if (--tries == 0) fail("where the group stands cannot be learned: " + error);
  }
  if (!failure_.empty()) {
    rd_kafka_assign(handle_.get(), nullptr);
    return;
  }
  assigned_ = {names.begin(), names.end()};
  last_reading_ = nullptr;
  reading_.clear();
  for (const KafkaPartition& partition : names) reading_[partition].source = sources_.index_of(partition.first, partition.second);
  const KafkaOffsets begin = hooks_.assigned(names, committed);
  if (!failure_.empty()) {
    rd_kafka_assign(handle_.get(), nullptr);
    return;
  }
  for (int i = 0; i < partitions.cnt; ++i) {
    auto& one = partitions.elems[i];
    const auto found = begin.find({one.topic, one.partition});
    if (found == begin.end()) continue;
    one.offset = found->second;
    reading_[found->first].expected = found->second;
  }
  begun_at_.reset(rd_kafka_topic_partition_list_copy(&partitions));
  begin_again();
  cell_.set_assigned(this, names.size());
}

void KafkaConsumer::revoke() {
  hooks_.revoked(rd_kafka_assignment_lost(handle_.get()) != 0);
  // librdkafka would remember it until the partition comes back.
  if (!paused_.empty()) rd_kafka_resume_partitions(handle_.get(), list_of(paused_).get());
  rd_kafka_assign(handle_.get(), nullptr);
  begun_at_.reset();
  assigned_.clear();
  paused_.clear();
  last_reading_ = nullptr;
  reading_.clear();
  cell_.set_assigned(this, 0);
  cell_.set_paused(this, 0);
  cell_.set_lags(this, {});
}

void KafkaConsumer::on_rebalance(rd_kafka_t* handle, rd_kafka_resp_err_t error, rd_kafka_topic_partition_list_t* partitions,
                                 void* self) {
  KafkaConsumer& consumer = *static_cast<KafkaConsumer*>(self);
  if (consumer.closing_) {
    rd_kafka_assign(handle, nullptr);
    return;
  }
  consumer.cell_.add_rebalance();
  ++consumer.rebalances_;
  if (error == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) return consumer.assign(*partitions);
  consumer.revoke();
}

int KafkaConsumer::on_statistics(rd_kafka_t*, char* json, std::size_t size, void* self) {
  std::map<KafkaPartition, std::int64_t> lags;
  if (read_lags({json, size}, &lags)) {
    KafkaConsumer& consumer = *static_cast<KafkaConsumer*>(self);
    std::erase_if(lags, [&](const auto& lag) { return !consumer.assigned_.contains(lag.first); });
    consumer.cell_.set_lags(&consumer, std::move(lags));
  }
  return 0;
}

void KafkaConsumer::on_error(rd_kafka_t* handle, int error, const char* reason, void* self) {
  KafkaConsumer& consumer = *static_cast<KafkaConsumer*>(self);
  consumer.cell_.add_error(class_of(static_cast<rd_kafka_resp_err_t>(error)));
  consumer.log_.often(Log::Level::warning, "consumer error", {{"error", reason}});
  if (error != RD_KAFKA_RESP_ERR__FATAL) return;
  char text[512];
  const rd_kafka_resp_err_t original = rd_kafka_fatal_error(handle, text, sizeof(text));
  consumer.fail(std::string("the consumer gave up: ") + rd_kafka_err2str(original) + ": " + text);
}

void KafkaConsumer::fail(std::string sentence) {
  if (failure_.empty()) failure_ = std::move(sentence);
}

KafkaGroupMetadata KafkaConsumer::group_metadata() const {
  return {rd_kafka_consumer_group_metadata(handle_.get()), KafkaDelete<rd_kafka_consumer_group_metadata_destroy>()};
}

bool KafkaConsumer::watermarks(const KafkaPartition& partition, std::int64_t* low, std::int64_t* high) const {
  return rd_kafka_query_watermark_offsets(handle_.get(), partition.first.c_str(), partition.second, low, high, kWatermarksMs) ==
         RD_KAFKA_RESP_ERR_NO_ERROR;
}

std::int32_t KafkaConsumer::partition_count(const std::string& topic) const {
  rd_kafka_topic_t* one = rd_kafka_topic_new(handle_.get(), topic.c_str(), nullptr);
  const rd_kafka_metadata_t* metadata = nullptr;
  std::int32_t count = 0;
  if (rd_kafka_metadata(handle_.get(), 0, one, &metadata, kWatermarksMs) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    if (metadata->topic_cnt == 1) count = metadata->topics[0].partition_cnt;
    rd_kafka_metadata_destroy(metadata);
  }
  rd_kafka_topic_destroy(one);
  return count;
}

std::optional<KafkaOffsets> KafkaConsumer::ends(const std::vector<KafkaPartition>& partitions) const {
  KafkaPartitions asked = list_of(std::set<KafkaPartition>(partitions.begin(), partitions.end()));
  for (int i = 0; i < asked->cnt; ++i) asked->elems[i].offset = RD_KAFKA_OFFSET_END;  // the latest time of all
  if (rd_kafka_offsets_for_times(handle_.get(), asked.get(), kEndsMs) != RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
  KafkaOffsets out;
  for (int i = 0; i < asked->cnt; ++i) {
    const auto& one = asked->elems[i];
    if (one.err != RD_KAFKA_RESP_ERR_NO_ERROR || one.offset < 0) return std::nullopt;
    out[{one.topic, one.partition}] = one.offset;
  }
  return out;
}

bool KafkaConsumer::assignment_lost() const { return rd_kafka_assignment_lost(handle_.get()) != 0; }

}  // namespace vpnverdict
