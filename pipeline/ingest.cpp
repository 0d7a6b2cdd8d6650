#include "pipeline/ingest.h"

#include <algorithm>
#include <chrono>
#include <shared_mutex>

#include "pipeline/dialect/user_dialect.h"
#include "pipeline/packet_router.h"

namespace vpnverdict {
namespace {

constexpr auto kLook = std::chrono::milliseconds(100);  // how often an idle thread looks whether it shall end
constexpr Timestamp kLingerMs = 20;                     // events wait this long for others of their packet
constexpr Timestamp kStuckMs = 60'000;                  // a consumer thread that has not turned for so long is stuck
constexpr Timestamp kRosterEveryMs = 5 * 60'000;
constexpr auto kTopicsPause = std::chrono::milliseconds(500);
constexpr Timestamp kPauseWhenRefusedMs = 30'000;
constexpr int kLeaveMs = 8'000;  // leaving the group takes 5 s when the broker is frozen

ParseStage::Options parse_options(const Config& config) {
  ParseStage::Options out;
  out.fields.message = config.input.message_fields;
  out.fields.host = config.input.host_fields;
  out.fields.time = config.input.time_fields;
  out.fields.peer = config.input.peer_fields;
  out.fields.group = config.input.group_fields;
  out.fields.user = config.input.user_fields;
  out.sources_max = static_cast<std::size_t>(std::max<std::int64_t>(1, config.input.sources_max / config.input.parse_threads));
  if (config.dialects) out.dialects = &config.dialects->set();
  return out;
}

}  // namespace

Ingest::Ingest(const Config& config, PipelineMetrics& metrics, Log& log, SoloGate& gate)
    : config_(config), metrics_(metrics), log_(log), gate_(gate), ledger_(static_cast<std::size_t>(config.input.parse_threads)) {}

Ingest::~Ingest() {
  if (!threads_.empty()) drop_everything();
  queues_.clear();  // records in them must go before the consumer they came from
}

// Nothing can be routed before the internal topic's partitions are known, and no shard may move before it knows all raw
// partitions. The pipeline has seen to it that our topics exist; the raw ones may still be made by a shipper.
std::string Ingest::learn_topics() {
  std::string error;
  topics_ = KafkaTopics::open(config_.kafka, log_, &error);
  if (!topics_) return error;
  while (!stop_) {
    partitions_ = topics_->partitions(config_.kafka.event_topic).value_or(0);
    std::optional<Roster> roster = topics_->roster(config_.kafka.topics);
    if (partitions_ > 0 && roster) {
      roster_ = std::move(*roster);
      break;
    }
    log_.often(Log::Level::warning, "waiting for topics", {{"why", "not all of kafka.topics are known"}});
    std::this_thread::sleep_for(kTopicsPause);
  }
  return "";
}

// New raw partitions are welcome, another number of shards is not.
std::string Ingest::refresh_roster() {
  const Timestamp now = Intake::now().monotonic;
  if (now < next_roster_) return "";
  next_roster_ = now + kRosterEveryMs;
  const std::int32_t partitions = topics_->partitions(config_.kafka.event_topic).value_or(partitions_);
  if (partitions != partitions_ && partitions > 0) {
    return config_.kafka.event_topic + " has " + std::to_string(partitions) + " partitions and had " + std::to_string(partitions_) +
           ": attempts would be torn apart";
  }
  std::optional<Roster> fresh = topics_->roster(config_.kafka.topics);
  if (!fresh) return "";
  const std::lock_guard lock(roster_mutex_);
  roster_ = std::move(*fresh);
  return "";
}

Ingest::Roster Ingest::roster() const {
  const std::lock_guard lock(roster_mutex_);
  return roster_;
}

std::string Ingest::open() {
  std::string error = learn_topics();
  if (!error.empty() || stop_) return error;
  producer_ = KafkaProducer::open(config_.kafka, ledger_, metrics_.kafka(), log_, &error);
  if (!producer_) return error;
  for (std::int64_t i = 0; i < config_.input.parse_threads; ++i) {
    queues_.push_back(std::make_unique<RawQueue>(static_cast<std::size_t>(config_.input.queue_batches)));
  }
  intake_ = std::make_unique<Intake>(config_, Intake::Parts{sources_, ledger_, *producer_, metrics_.kafka(), log_, queues_});
  error = intake_->open();
  if (!error.empty()) return error;
  next_roster_ = Intake::now().monotonic + kRosterEveryMs;
  running_ = queues_.size();
  for (std::size_t i = 0; i < queues_.size(); ++i) threads_.emplace_back([this, i] { parse_loop(i); });
  open_ = true;
  return "";
}

void Ingest::parse_loop(std::size_t index) {
  RawQueue& queue = *queues_[index];
  const Timestamp quiet_ms = PacketRouter::quiet_ms(config_.correlator.grace_ms);
  PacketRouter router(config_.inventory, sources_, partitions_, quiet_ms, [this](std::int32_t partition, const std::string& packet) {
    return producer_->produce(config_.kafka.event_topic, partition, packet);
  });
  std::function<bool(const DeadLetter&)> dead_letter;
  if (!config_.kafka.dead_letter_topic.empty()) {
    dead_letter = [this](const DeadLetter& letter) { return send_dead_letter(letter); };
  }
  ParseStage stage(config_.inventory, parse_options(config_),
                   [&router](const Event& event, Timestamp record_time) { router.add(event, record_time); }, dead_letter);
  OffsetLedger::Positions needed;
  Timestamp next_flush = 0;
  Timestamp next_punctuation = 0;  // at once: the shards learn of all sources before the first event
  while (!queue.drained() && !abandoned_) {
    const Timestamp now = Intake::now().monotonic;
    if (now >= next_punctuation) {
      router.punctuate(roster());
      ledger_.report(index, needed);
      next_punctuation = now + config_.kafka.punctuation_ms;
    } else if (now >= next_flush) {
      router.flush();
      ledger_.report(index, needed);
      next_flush = now + kLingerMs;
    }
    const auto until = std::chrono::milliseconds(std::max<Timestamp>(1, std::min(next_flush, next_punctuation) - now));
    std::optional<RawBatch> batch = queue.pop_for(std::min<std::chrono::milliseconds>(kLook, until));
    if (!batch) continue;
    {
      const std::shared_lock inside(gate_);
      stage.take(*batch);
    }
    for (const SourceStart& start : batch->starts) {
      router.forget(start.source);
      needed.erase(start.source);
    }
    for (const SourceMark& mark : batch->marks) {
      std::vector<std::uint64_t> held = stage.held_positions(mark.source);
      needed[mark.source] = held.empty() ? mark.next : std::min(mark.next, held.front());
      router.mark(stage.so_far(mark), std::move(held));
    }
    metrics_.lines(index).publish(stage.tally());
  }
  if (!abandoned_) {
    router.punctuate(roster());
    ledger_.report(index, needed);
  }
  --running_;
}

bool Ingest::send_dead_letter(const DeadLetter& letter) {
  const auto [topic, partition] = sources_.partition(letter.ref.source);
  const std::size_t most = static_cast<std::size_t>(config_.kafka.dead_letter_bytes_max);
  KafkaHeaders headers = {{"reason", std::string(name_of(letter.reason))},
                                    {"topic", topic},
                                    {"partition", std::to_string(partition)},
                                    {"offset", std::to_string(letter.ref.position)}};
  if (letter.text.size() > most) headers.emplace_back("cut_from_bytes", std::to_string(letter.text.size()));
  return producer_->produce(config_.kafka.dead_letter_topic, KafkaProducer::kAnyPartition, letter.text.substr(0, most), headers);
}

StageEnd Ingest::run() {
  StageEnd end;
  end.failure = open();
  if (!end.failure.empty() || !open_) {
    end.clean = end.failure.empty();
    return end;
  }
  std::string failure;
  while (!stop_ && failure.empty()) {
    intake_->turn();
    failure = refresh_roster();
    if (failure.empty()) failure = producer_->failure();
    if (failure.empty()) failure = intake_->failure();
  }
  if (abandoned_) {
    drop_everything();
    return end;
  }
  end = end_in_order();
  end.failure = failure;
  if (!failure.empty() && producer_->refused()) wait_when_refused();
  return end;
}

// A packet that was refused must not be left out, so all is read again by the next process. It would be refused as well, until
// somebody has done something about it: so this one stays for a while, reads nothing and says why.
void Ingest::wait_when_refused() {
  log_.error("paused before the end", {{"why", producer_->failure()}});
  const Timestamp until = Intake::now().monotonic + kPauseWhenRefusedMs;
  while (!stop_ && Intake::now().monotonic < until) std::this_thread::sleep_for(kLook);
}

StageEnd Ingest::end_in_order() {
  StageEnd end;
  draining_ = true;
  const Timestamp until = Intake::now().monotonic + config_.service.shutdown_ms;
  const auto left = [until] { return std::max<Timestamp>(0, until - Intake::now().monotonic); };
  // A failed producer delivers nothing more; what waits for it must not be waited for.
  const bool can_deliver = producer_->failure().empty();
  if (!can_deliver) producer_->give_up();
  const bool all_read = intake_->stop_reading(until);
  for (const auto& queue : queues_) queue->close();
  while (running_ > 0 && left() > 0) producer_->poll(20);
  // Out of time: a full producer is not waited for any more; what was not done is not committed.
  if (running_ > 0) producer_->give_up();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  const bool in_time = left() > 0;
  const bool flushed = can_deliver && producer_->flush(static_cast<int>(left()));
  end.undelivered = ledger_.unsettled();
  const bool committed = in_time && intake_->commit_now();
  end.clean = all_read && in_time && flushed && end.undelivered == 0 && committed;
  if (!intake_->leave(std::max(1'000, static_cast<int>(std::min<Timestamp>(left(), kLeaveMs))))) {
    log_.warning("the group was not left in time; its coordinator will notice by itself");
  }
  producer_->give_up();
  return end;
}

void Ingest::drop_everything() {
  abandoned_ = true;
  if (producer_) producer_->give_up();
  for (const auto& queue : queues_) queue->close();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

Health Ingest::healthy() const {
  if (!open_ || draining_) return {true, draining_ ? "draining" : "starting"};
  const Timestamp silent = Intake::now().monotonic - intake_->last_turn();
  if (silent > kStuckMs) return {false, "the consumer's thread has not turned for " + std::to_string(silent / 1000) + " s"};
  return {true, "turning"};
}

Health Ingest::ready() const {
  if (!open_) return {false, "starting"};
  const std::string failure = producer_->failure();
  if (!failure.empty()) return {false, producer_->refused() ? "paused, Kafka refuses: " + failure : failure};
  if (draining_) return {false, "draining"};
  return intake_->ready() ? Health{true, "assigned"} : Health{false, "no assignment yet"};
}

}  // namespace vpnverdict
