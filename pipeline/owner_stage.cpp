#include "pipeline/owner_stage.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "pipeline/at_once.h"

namespace vpnverdict {
namespace {

constexpr std::size_t kReadAtOnce = 256;
constexpr int kPollMs = 20;
constexpr int kLeaveMs = 8'000;
constexpr auto kPauseBeforeAgain = std::chrono::milliseconds(500);
constexpr auto kPauseWhenRefused = std::chrono::milliseconds(5'000);
constexpr auto kLook = std::chrono::milliseconds(20);
constexpr Timestamp kWatchMs = 5'000;
constexpr Timestamp kStuckMs = 180'000;  // a take-over may take as long as the poll interval allows
// Most of a take-over and of a commit is waiting for brokers, so those of several partitions wait together: by so many threads, …
constexpr std::size_t kWaitingMax = 64;
constexpr std::size_t kStatesMax = 16;  // … by fewer where each holds the bytes of a state of any size, …
constexpr std::size_t kSmallStatesMax = 256;  // … and by more where all of them together …
constexpr std::size_t kSmallStatesBytes = std::size_t{256} << 20;  // … are no larger than this

// How many last commits may be made at the same time, each with its state in hand.
std::size_t states_at_once(const std::vector<PartitionOwner*>& owners) {
  std::size_t bytes = 0;
  for (const PartitionOwner* owner : owners) bytes += owner->state_bytes_about();
  return bytes <= kSmallStatesBytes ? kSmallStatesMax : kStatesMax;
}

}  // namespace

StageEnd OwnerStage::run() {
  StageEnd end;
  while (!stop_) {
    last_turn_ = Intake::now().monotonic;
    const PartitionOwner::Failure failure = work(&end);
    joined_ = resumed_ = false;
    if (abandoned_ || failure.sentence.empty()) break;
    if (failure.for_good) {
      end.failure = failure.sentence;
      parts_.log.error(kind_.name + " stopped", {{"why", failure.sentence}});
      break;
    }
    pause_after(failure);
  }
  return end;
}

// What Kafka refuses it refuses at once again: until somebody has done something about it we wait longer, and say that we do.
void OwnerStage::pause_after(const PartitionOwner::Failure& failure) {
  parts_.log.warning(kind_.owns + " are dropped and will be taken over again", {{"why", failure.sentence}});
  {
    const std::lock_guard lock(refused_mutex_);
    refused_ = failure.refused ? failure.sentence : "";
  }
  const auto until = std::chrono::steady_clock::now() + (failure.refused ? kPauseWhenRefused : kPauseBeforeAgain);
  while (!stop_ && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(kLook);
}

PartitionOwner::Failure OwnerStage::work(StageEnd* end) {
  failure_ = {};
  ConsumerHooks hooks;
  hooks.claim = [this](const auto& partitions) { claim(partitions); };
  hooks.assigned = [this](const auto& partitions, const auto& committed) { return assigned(partitions, committed); };
  hooks.revoked = [this](bool lost) { revoked(lost); };
  std::string error;
  consumer_ = KafkaConsumer::open(parts_.config.kafka,
                                  {kind_.group,
                                   {kind_.topic},
                                   {{"isolation.level", "read_committed"}, {"auto.offset.reset", "error"}}},
                                  std::move(hooks), sources_, parts_.kafka, parts_.log, &error);
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
  const PartitionOwner::Failure failure = failure_;
  publish();
  drop_owners();
  if (!abandoned_ && !consumer_->close(kLeaveMs)) {
    parts_.log.warning("the group was not left in time; its coordinator will notice by itself");
  }
  consumer_.reset();
  return failure;
}

bool OwnerStage::check(const PartitionOwner& owner) {
  if (owner.failure().sentence.empty()) return true;
  if (failure_.sentence.empty()) failure_ = owner.failure();
  return false;
}

// Nobody is asked where the group stands before all are fenced.
void OwnerStage::claim(const std::vector<KafkaPartition>& partitions) {
  joined_ = true;
  std::vector<std::unique_ptr<PartitionOwner>> claimed(partitions.size());
  std::atomic<bool> failed = false;
  at_once(partitions.size(), kWaitingMax, [&](std::size_t i) {
    if (stop_ || failed) return;
    last_turn_ = Intake::now().monotonic;
    claimed[i] = kind_.own(partitions[i].second);
    if (!claimed[i]->failure().sentence.empty()) failed = true;
  });
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    if (!claimed[i]) continue;
    check(*claimed[i]);
    owners_[partitions[i].second] = std::move(claimed[i]);
  }
  if (!failure_.sentence.empty()) consumer_->fail(failure_.sentence);
}

KafkaOffsets OwnerStage::assigned(const std::vector<KafkaPartition>& partitions, const CommittedOffsets& committed) {
  std::vector<std::uint32_t> watched;
  std::vector<Resumption> all;
  for (const KafkaPartition& partition : partitions) {
    watched.push_back(static_cast<std::uint32_t>(partition.second));
    const auto found = owners_.find(partition.second);
    if (found == owners_.end()) continue;
    const bool fresh = parts_.config.start_fresh && !begun_fresh_.contains(partition.second);
    all.push_back({partition, found->second.get(), committed.at(partition), fresh});
  }
  group_ = consumer_->group_metadata();
  const std::int32_t count = consumer_->partition_count(kind_.topic);
  if (count == 0) failure_ = {"no broker tells how many partitions there are", false};
  std::atomic<bool> failed = count == 0;
  at_once(all.size(), kStatesMax, [&](std::size_t i) {
    if (!stop_ && !failed && !resume(all[i], count)) failed = true;
  });
  at_once(all.size(), kWaitingMax, [&](std::size_t i) {
    if (stop_ || failed || !all[i].records_wait || all[i].owner->begin()) return;
    all[i].failure = all[i].owner->failure();
    failed = true;
  });
  KafkaOffsets begin;
  for (const Resumption& one : all) {
    if (!one.failure.sentence.empty() && failure_.sentence.empty()) failure_ = one.failure;
    if (one.begin < 0) continue;
    begin[one.partition] = one.begin;
    begun_fresh_.insert(one.partition.second);
  }
  if (!failure_.sentence.empty()) consumer_->fail(failure_.sentence);
  watch_.begin(watched, Intake::now().monotonic);
  parts_.log.info(kind_.owns + " assigned", {{"count", std::to_string(partitions.size())}});
  return begin;
}

bool OwnerStage::resume(Resumption& one, std::int32_t partitions) {
  last_turn_ = Intake::now().monotonic;
  PartitionOwner::Ends ends;
  ends.partitions = partitions;
  if (!consumer_->watermarks(one.partition, &ends.low, &ends.high)) {
    one.failure = {"no broker tells where the partition ends", false};
    return false;
  }
  one.begin = one.owner->resume(one.committed, ends, one.fresh, group_, Intake::now().monotonic);
  one.records_wait = one.begin < ends.high;
  one.failure = one.owner->failure();
  return one.failure.sentence.empty();
}

void OwnerStage::revoked(bool lost) {
  parts_.log.info(kind_.owns + " revoked", {{"count", std::to_string(owners_.size())}, {"lost", lost ? "yes" : "no"}});
  // The last commit is worth its time only while they are still ours.
  if (!lost && failure_.sentence.empty()) commit_last();
  drop_owners();
}

void OwnerStage::drop_owners() {
  kind_.drop(owners_);
  std::vector<std::unique_ptr<PartitionOwner>> gone;
  for (auto& [partition, owner] : owners_) gone.push_back(std::move(owner));
  owners_.clear();
  at_once(gone.size(), kWaitingMax, [&](std::size_t i) { gone[i].reset(); });  // each waits for its producer's threads
  watch_.begin({}, 0);
  parts_.kafka.set_stalled(this, 0);
  resumed_ = false;
}

void OwnerStage::read_some() {
  const Timestamp now = Intake::now().monotonic;
  for (std::size_t i = 0; i < kReadAtOnce; ++i) {
    const KafkaMessage message = consumer_->poll(i == 0 ? kPollMs : 0);
    if (!message || !failure_.sentence.empty()) return;
    const auto found = owners_.find(message->partition);
    if (found == owners_.end()) continue;
    watch_.heard(static_cast<std::uint32_t>(message->partition), now);
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      found->second->at_end(message->offset);
    } else {
      found->second->take(message->offset, {static_cast<const char*>(message->payload), message->len}, rd_kafka_message_timestamp(message.get(), nullptr), now);
    }
    if (!check(*found->second) || found->second->careful()) return;
  }
}

// What nothing comes for is taken over anew, with another connection, when its broker says that there is more.
void OwnerStage::watch() {
  const Timestamp now = Intake::now().monotonic;
  if (now < next_watch_ || !failure_.sentence.empty()) return;
  next_watch_ = now + kWatchMs;
  const std::optional<StallWatch::Stall> stall = watch_.longest(now);
  parts_.kafka.set_stalled(this, 0);
  if (!stall) return;
  const auto partition = static_cast<std::int32_t>(stall->partition);
  std::int64_t low = 0, high = 0;
  if (!consumer_->watermarks({kind_.topic, partition}, &low, &high)) return;
  if (high <= owners_.at(partition)->read_to()) return watch_.heard(stall->partition, now);
  watch_.holds_more(stall->partition);
  parts_.kafka.set_stalled(this, stall->silent);
  const std::string sentence = kind_.one + " " + std::to_string(partition) + " stands still: it holds more, and nothing comes";
  parts_.log.often(Log::Level::warning, "a " + kind_.one + " stands still", {{kind_.one, std::to_string(partition)}, {"seconds", std::to_string(stall->silent / 1'000)}});
  if (stall->over) failure_ = {sentence, false};
}

bool OwnerStage::commit_due() {
  const Timestamp now = Intake::now().monotonic;
  std::vector<PartitionOwner*> due;
  for (const auto& [partition, owner] : owners_)
    if (owner->due(now)) due.push_back(owner.get());
  return commit(due, now, false);
}

bool OwnerStage::commit_last() {
  std::vector<PartitionOwner*> all;
  for (const auto& [partition, owner] : owners_)
    if (owner->resumed()) all.push_back(owner.get());
  return commit(all, Intake::now().monotonic, true);
}

// Each in a transaction of its own. What one of them told counts, whatever becomes of the others.
bool OwnerStage::commit(const std::vector<PartitionOwner*>& owners, Timestamp now, bool last) {
  at_once(owners.size(), last ? states_at_once(owners) : kWaitingMax, [&](std::size_t i) { owners[i]->send(now, last); });
  for (PartitionOwner* owner : owners) {
    owner->settle();
    check(*owner);
  }
  return failure_.sentence.empty();
}

void OwnerStage::publish() {
  resumed_ = joined_ && std::ranges::all_of(owners_, [](const auto& each) { return each.second->resumed(); });
  kind_.publish(owners_);
}

Health OwnerStage::healthy() const {
  const Timestamp turn = last_turn_;
  const Timestamp silent = turn == 0 ? 0 : Intake::now().monotonic - turn;
  if (silent > kStuckMs) return {false, "a thread of " + kind_.name + " has not turned for " + std::to_string(silent / 1000) + " s"};
  return {true, "turning"};
}

Health OwnerStage::ready() const {
  if (!joined_) {
    const std::lock_guard lock(refused_mutex_);
    return {false, refused_.empty() ? "no " + kind_.owns + " assigned yet" : "paused, Kafka refuses: " + refused_};
  }
  return resumed_ ? Health{true, kind_.owns + " assigned"} : Health{false, "taking " + kind_.owns + " over"};
}

}  // namespace vpnverdict
