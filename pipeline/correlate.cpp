#include "pipeline/correlate.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <thread>

namespace vpnverdict {
namespace {

constexpr std::size_t kReadAtOnce = 256;
constexpr int kPollMs = 20;
constexpr int kLeaveMs = 8'000;
constexpr auto kPauseBeforeAgain = std::chrono::milliseconds(500);
constexpr auto kPauseWhenRefused = std::chrono::milliseconds(5'000);
constexpr auto kLook = std::chrono::milliseconds(20);
constexpr Timestamp kWatchMs = 5'000;
constexpr Timestamp kPoolsEveryMs = 2'000;  // no scrape comes more often
constexpr Timestamp kStuckMs = 180'000;  // a take-over may take as long as the poll interval allows

constexpr std::uint64_t ShardCounts::*kFields[] = {
    &ShardCounts::events,          &ShardCounts::duplicates, &ShardCounts::late,
    &ShardCounts::attempts_opened, &ShardCounts::attempts_final, &ShardCounts::attempts_joined,
    &ShardCounts::revisions,       &ShardCounts::evidence_dropped, &ShardCounts::evicted};

void add(ShardCounts& sum, const ShardCounts& more) {
  for (const auto field : kFields) sum.*field += more.*field;
}

}  // namespace

Correlate::Correlate(const Config& config, ShardCell& cell, KafkaCell& kafka, Log& log, OnVerdict on_verdict)
    : config_(config), cell_(cell), kafka_(kafka), log_(log), on_verdict_(std::move(on_verdict)), watch_(config.kafka.stall_ms) {}

Correlate::~Correlate() = default;

StageEnd Correlate::run() {
  StageEnd end;
  while (!stop_) {
    last_turn_ = Intake::now().monotonic;
    const ShardOwner::Failure failure = work(&end);
    joined_ = resumed_ = false;
    if (abandoned_ || failure.sentence.empty()) break;
    if (failure.for_good) {
      end.failure = failure.sentence;
      log_.error("stage 2 stopped", {{"why", failure.sentence}});
      break;
    }
    pause_after(failure);
  }
  return end;
}

// What Kafka refuses it refuses at once again: until somebody has done something about it we wait longer, and say that we do.
void Correlate::pause_after(const ShardOwner::Failure& failure) {
  log_.warning("shards are dropped and will be taken over again", {{"why", failure.sentence}});
  {
    const std::lock_guard lock(refused_mutex_);
    refused_ = failure.refused ? failure.sentence : "";
  }
  const auto until = std::chrono::steady_clock::now() + (failure.refused ? kPauseWhenRefused : kPauseBeforeAgain);
  while (!stop_ && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(kLook);
}

ShardOwner::Failure Correlate::work(StageEnd* end) {
  failure_ = {};
  ConsumerHooks hooks;
  hooks.claim = [this](const auto& partitions) { claim(partitions); };
  hooks.assigned = [this](const auto& partitions, const auto& committed) { return assigned(partitions, committed); };
  hooks.revoked = [this](bool lost) { revoked(lost); };
  std::string error;
  consumer_ = KafkaConsumer::open(config_.kafka,
                                  {config_.kafka.group + ".correlate",
                                   {config_.kafka.event_topic},
                                   {{"isolation.level", "read_committed"}, {"auto.offset.reset", "error"}}},
                                  std::move(hooks), sources_, kafka_, log_, &error);
  if (!consumer_) return {error, true};
  while (!stop_ && failure_.sentence.empty()) {
    last_turn_ = Intake::now().monotonic;
    read_some();
    if (failure_.sentence.empty() && !consumer_->failure().empty()) failure_ = {consumer_->failure(), false};
    if (failure_.sentence.empty()) commit_due();
    watch();
    publish();
  }
  end->clean = !abandoned_ && failure_.sentence.empty() && commit_last();
  const ShardOwner::Failure failure = failure_;
  publish();
  drop_shards();
  if (!abandoned_ && !consumer_->close(kLeaveMs)) {
    log_.warning("the group was not left in time; its coordinator will notice by itself");
  }
  consumer_.reset();
  return failure;
}

bool Correlate::check(const ShardOwner& shard) {
  if (shard.failure().sentence.empty()) return true;
  if (failure_.sentence.empty()) failure_ = shard.failure();
  return false;
}

void Correlate::claim(const std::vector<KafkaPartition>& partitions) {
  joined_ = true;
  for (const auto& [topic, partition] : partitions) {
    if (stop_ || !failure_.sentence.empty()) break;
    last_turn_ = Intake::now().monotonic;
    auto shard = std::make_unique<ShardOwner>(ShardOwner::Parts{config_, cell_, kafka_, log_, on_verdict_}, partition);
    check(*shard);
    shards_[partition] = std::move(shard);
  }
  if (!failure_.sentence.empty()) consumer_->fail(failure_.sentence);
}

KafkaOffsets Correlate::assigned(const std::vector<KafkaPartition>& partitions, const CommittedOffsets& committed) {
  KafkaOffsets begin;
  std::vector<std::uint32_t> watched;
  for (const auto& [topic, partition] : partitions) watched.push_back(static_cast<std::uint32_t>(partition));
  group_ = consumer_->group_metadata();
  const std::int32_t count = consumer_->partition_count(config_.kafka.event_topic);
  if (count == 0) failure_ = {"no broker tells how many shards there are", false};
  for (const KafkaPartition& partition : partitions) {
    const auto found = shards_.find(partition.second);
    if (stop_ || found == shards_.end() || !failure_.sentence.empty()) break;
    last_turn_ = Intake::now().monotonic;
    ShardOwner::Ends ends;
    ends.partitions = count;
    if (!consumer_->watermarks(partition, &ends.low, &ends.high)) {
      failure_ = {"no broker tells where the partition ends", false};
      break;
    }
    const bool fresh = config_.start_fresh && begun_fresh_.insert(partition.second).second;
    begin[partition] = found->second->resume(committed.at(partition), ends, fresh);
    if (!check(*found->second)) break;
  }
  if (!failure_.sentence.empty()) consumer_->fail(failure_.sentence);
  watch_.begin(watched, Intake::now().monotonic);
  log_.info("shards assigned", {{"count", std::to_string(partitions.size())}});
  return begin;
}

void Correlate::revoked(bool lost) {
  log_.info("shards revoked", {{"count", std::to_string(shards_.size())}, {"lost", lost ? "yes" : "no"}});
  // The last commit is worth its time only while the shards are still ours.
  if (!lost && failure_.sentence.empty()) commit_last();
  drop_shards();
}

void Correlate::drop_shards() {
  for (const auto& [partition, shard] : shards_) add(gone_, shard->committed_counts());
  shards_.clear();
  watch_.begin({}, 0);
  resumed_ = false;
}

void Correlate::read_some() {
  const Timestamp now = Intake::now().monotonic;
  for (std::size_t i = 0; i < kReadAtOnce; ++i) {
    const KafkaMessage message = consumer_->poll(i == 0 ? kPollMs : 0);
    if (!message || !failure_.sentence.empty()) return;
    const auto found = shards_.find(message->partition);
    if (found == shards_.end()) continue;
    watch_.heard(static_cast<std::uint32_t>(message->partition), now);
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      found->second->at_end(message->offset);
    } else {
      found->second->take(message->offset, {static_cast<const char*>(message->payload), message->len});
    }
    if (!check(*found->second)) return;
  }
}

// A shard that nothing comes for is taken over anew, with another connection, when its broker says that there is more.
void Correlate::watch() {
  const Timestamp now = Intake::now().monotonic;
  if (now < next_watch_ || !failure_.sentence.empty()) return;
  next_watch_ = now + kWatchMs;
  const std::optional<StallWatch::Stall> stall = watch_.longest(now);
  if (!stall) return;
  const auto shard = static_cast<std::int32_t>(stall->partition);
  std::int64_t low = 0, high = 0;
  if (!consumer_->watermarks({config_.kafka.event_topic, shard}, &low, &high)) return;
  if (high <= shards_.at(shard)->next()) return watch_.heard(stall->partition, now);
  watch_.holds_more(stall->partition);
  const std::string sentence = "shard " + std::to_string(shard) + " stands still: it holds more, and nothing comes";
  log_.often(Log::Level::warning, "a shard stands still", {{"shard", std::to_string(shard)}, {"seconds", std::to_string(stall->silent / 1'000)}});
  if (stall->over) failure_ = {sentence, false};
}

bool Correlate::commit_due() {
  const Timestamp now = Intake::now().monotonic;
  for (const auto& [partition, shard] : shards_) {
    if (shard->due(now)) shard->commit(group_, now);
    if (!check(*shard)) return false;
  }
  return true;
}

bool Correlate::commit_last() {
  const Timestamp now = Intake::now().monotonic;
  for (const auto& [partition, shard] : shards_) {
    if (shard->resumed()) shard->commit(group_, now, true);
    if (!check(*shard)) return false;
  }
  return true;
}

void Correlate::publish() {
  ShardCounts sum = gone_;
  Timestamp slowest = kUntimed;
  bool resumed = true;
  for (const auto& [partition, shard] : shards_) {
    add(sum, shard->committed_counts());
    sum.attempts_open += shard->committed_counts().attempts_open;
    const Timestamp time = shard->fold().stream_time();
    if (time != kUntimed) slowest = slowest == kUntimed ? time : std::min(slowest, time);
    resumed = resumed && shard->resumed();
  }
  attempts_open_ = sum.attempts_open;
  resumed_ = joined_ && resumed;
  cell_.publish(sum, slowest);
  publish_pools();
}

void Correlate::publish_pools() {
  const Timestamp now = Intake::now().monotonic;
  if (!shards_.empty() && now < next_pools_) return;
  next_pools_ = now + kPoolsEveryMs;
  std::vector<PoolView> pools;
  for (const auto& [partition, shard] : shards_)
    if (shard->resumed()) std::ranges::move(shard->fold().pools(), std::back_inserter(pools));
  cell_.publish(std::move(pools));
}

Health Correlate::healthy() const {
  const Timestamp turn = last_turn_;
  const Timestamp silent = turn == 0 ? 0 : Intake::now().monotonic - turn;
  if (silent > kStuckMs) return {false, "a judging thread has not turned for " + std::to_string(silent / 1000) + " s"};
  return {true, "turning"};
}

Health Correlate::ready() const {
  if (!joined_) {
    const std::lock_guard lock(refused_mutex_);
    return {false, refused_.empty() ? "no shards assigned yet" : "paused, Kafka refuses: " + refused_};
  }
  return resumed_ ? Health{true, "shards assigned"} : Health{false, "taking shards over"};
}

}  // namespace vpnverdict
