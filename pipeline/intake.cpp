#include "pipeline/intake.h"

#include <algorithm>

namespace vpnverdict {
namespace {

constexpr std::size_t kBatchRecords = 256;
constexpr int kPollMs = 50;
constexpr auto kFullPatience = std::chrono::milliseconds(100);  // shorter jams are waited out: a pause discards what was fetched
constexpr Timestamp kIdleEveryMs = 200;
constexpr Timestamp kFlushAfterMs = 1'000;  // a message whose next line does not come in this time is complete

}  // namespace

SourceClock::Now Intake::now() {
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  return {duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count(),
          duration_cast<milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count()};
}

Intake::Intake(const Config& config, Parts parts, std::optional<SavedState> saved)
    : config_(config), parts_(parts), saved_(std::move(saved)), clock_(config.correlator.idle_margin_ms),
      building_(parts.parse_queues.size()) {}

Intake::~Intake() = default;

std::string Intake::open() {
  std::string error;
  ConsumerHooks hooks;
  hooks.assigned = [this](const auto& partitions, const auto& committed) { return assigned(partitions, committed); };
  hooks.revoked = [this](bool lost) { revoked(lost); };
  consumer_ = KafkaConsumer::open(config_.kafka, std::move(hooks), parts_.sources, parts_.cell, parts_.log, &error);
  last_turn_ = now().monotonic;
  return error;
}

void Intake::turn() {
  parts_.producer.poll(0);
  if (stalled_.empty()) read_some();
  else consumer_->poll(kPollMs);  // everything is paused: only callbacks are served
  if (stalled_.empty()) mark_idle();
  hand_on();
  choose_pauses();
  const Timestamp time = now().monotonic;
  last_turn_ = time;
  if (time < next_commit_) return;
  next_commit_ = time + config_.kafka.commit_interval_ms;
  const KafkaOffsets offsets = to_commit();
  consumer_->commit_later(offsets);
  for (const auto& [partition, offset] : offsets) committed_[parts_.sources.index_of(partition.first, partition.second)] = offset;
}

SourceMark Intake::mark_of(std::uint32_t source, std::uint64_t next) {
  const SourceClock::Now time = now();
  return {source, assignment_, next, 0, clock_.time_of(source, time), clock_.present(time), false};
}

void Intake::read_some() {
  std::map<std::uint32_t, std::uint64_t> touched;
  struct Volume {
    std::uint64_t records = 0;
    std::uint64_t bytes = 0;
  };
  std::map<std::uint32_t, Volume> volume;
  SourceClock::Now time = now();
  for (std::size_t i = 0; i < kBatchRecords; ++i) {
    const std::uint64_t assignment = assignment_;
    KafkaMessage message = consumer_->poll(i == 0 ? kPollMs : 0);
    if (assignment != assignment_) touched.clear();  // a rebalance ran inside poll() and dropped what was being built
    if (!message) break;
    if (i == 0) time = now();
    const std::uint32_t source = consumer_->source_of(*message);
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      on_end_of(source, message->offset);
      continue;
    }
    rd_kafka_timestamp_type_t type;
    const std::int64_t stamp = rd_kafka_message_timestamp(message.get(), &type);
    RawRecord record;
    record.source = source;
    record.position = static_cast<std::uint64_t>(message->offset);
    record.time = type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE || stamp < 0 ? time.wall : stamp;
    record.bytes = {static_cast<const char*>(message->payload), message->len};
    clock_.on_record(source, record.time, time);
    silent_since_.erase(source);
    touched[source] = read_[source] = record.position + 1;
    ++volume[source].records;
    volume[source].bytes += message->len;
    record.owner = {message.release(), [](void* handle) { rd_kafka_message_destroy(static_cast<rd_kafka_message_t*>(handle)); }};
    building(source).records.push_back(std::move(record));
  }
  for (const auto& [source, next] : touched) building(source).marks.push_back(mark_of(source, next));
  for (const auto& [source, sum] : volume) parts_.cell.add_records(parts_.sources.partition(source).first, sum.records, sum.bytes);
}

void Intake::on_end_of(std::uint32_t source, std::int64_t end) {
  if (!clock_.owned(source)) return;
  clock_.on_end(source);
  silent_since_.emplace(source, now().monotonic);
  // Behind the last record there may be transaction markers: the end is where the next one will be.
  std::uint64_t& next = read_[source];
  next = std::max(next, static_cast<std::uint64_t>(std::max<std::int64_t>(0, end)));
  next_idle_ = 0;
}

void Intake::mark_idle() {
  const Timestamp time = now().monotonic;
  if (time < next_idle_) return;
  next_idle_ = time + kIdleEveryMs;
  for (const std::uint32_t source : clock_.idle()) {
    SourceMark mark = mark_of(source, read_[source]);
    const auto since = silent_since_.find(source);
    mark.flush = since != silent_since_.end() && time - since->second >= kFlushAfterMs;
    building(source).marks.push_back(mark);
  }
}

bool Intake::push(std::size_t parse_thread, RawBatch& batch, std::chrono::milliseconds patience) {
  std::map<std::uint32_t, std::uint64_t> next;
  for (const SourceMark& mark : batch.marks) next[mark.source] = mark.next;
  if (!parts_.parse_queues[parse_thread]->push_for(batch, patience)) return false;
  for (const auto& [source, position] : next) handed_[source] = position;
  return true;
}

void Intake::hand_on() {
  while (!stalled_.empty()) {
    if (!push(stalled_.front().parse_thread, stalled_.front().batch, std::chrono::milliseconds(0))) return;
    stalled_.pop_front();
  }
  for (std::size_t i = 0; i < building_.size(); ++i) {
    RawBatch& batch = building_[i];
    if (batch.records.empty() && batch.marks.empty() && batch.filters.empty()) continue;
    if (!push(i, batch, kFullPatience)) stalled_.push_back({i, std::move(batch)});
    batch = RawBatch();
  }
}

void Intake::choose_pauses() {
  std::set<KafkaPartition> wanted;
  const bool full = !stalled_.empty();
  if (full) {
    for (const std::uint32_t source : clock_.sources()) wanted.insert(parts_.sources.partition(source));
  } else {
    const std::set<std::uint32_t> ahead = clock_.too_far_ahead(config_.kafka.skew_max_ms, ahead_);
    if (ahead.size() > ahead_.size()) parts_.cell.add_pause(PauseReason::ahead_of_others);
    ahead_ = ahead;
    for (const std::uint32_t source : ahead_) wanted.insert(parts_.sources.partition(source));
  }
  if (full && !was_full_) parts_.cell.add_pause(PauseReason::queue_full);
  was_full_ = full;
  consumer_->pause_only(wanted);
}

KafkaOffsets Intake::to_commit() {
  KafkaOffsets offsets;
  for (const auto& [source, position] : parts_.ledger.committable()) {
    if (!clock_.owned(source)) continue;
    const auto known = committed_.find(source);
    const std::int64_t offset = static_cast<std::int64_t>(position);
    if (offset > 0 && (known == committed_.end() || offset > known->second)) offsets[parts_.sources.partition(source)] = offset;
  }
  return offsets;
}

bool Intake::take_up_saved(const std::vector<KafkaPartition>& partitions, const KafkaOffsets& committed, KafkaOffsets* begin) {
  const std::set<KafkaPartition> here(partitions.begin(), partitions.end());
  if (saved_->shards.size() != parts_.shard_queues.size()) return false;
  for (const SavedState::Source& source : saved_->sources) {
    const KafkaPartition partition(source.topic, source.partition);
    if (!here.contains(partition) || committed.at(partition) != source.committed) return false;
  }
  for (SavedState::Source& source : saved_->sources) {
    const std::uint32_t number = parts_.sources.index_of(source.topic, source.partition);
    // From the committed offset on (or the beginning), although most of that is in the shards' state already: the
    // readers must meet the open attempts' lines again to know their hosts. What is not wanted stops at the parse thread.
    std::uint64_t from = std::min(source.next, static_cast<std::uint64_t>(std::max<std::int64_t>(0, source.committed)));
    if (!source.wanted.empty()) from = std::min(from, source.wanted.front());
    (*begin)[{source.topic, source.partition}] = static_cast<std::int64_t>(from);
    if (from < source.next) building(number).filters.push_back({number, source.next, std::move(source.wanted)});
  }
  for (std::size_t i = 0; i < saved_->shards.size(); ++i) {
    ShardBatch control;
    control.restore_from = std::make_unique<std::string>(std::move(saved_->shards[i]));
    parts_.shard_queues[i]->push_now(std::move(control));
  }
  return true;
}

KafkaOffsets Intake::assigned(const std::vector<KafkaPartition>& partitions, const KafkaOffsets& committed) {
  ++assignment_;
  std::vector<std::uint32_t> sources;
  for (const auto& [topic, id] : partitions) sources.push_back(parts_.sources.index_of(topic, id));
  KafkaOffsets begin;
  const bool first = assignment_ == 1;
  const bool took_up = first && saved_ && take_up_saved(partitions, committed, &begin);
  if (first && saved_ && !took_up) {
    parts_.log.warning("the state file does not fit where the group stands; records are read again from there");
  }
  saved_.reset();
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    const std::uint32_t source = sources[i];
    const std::int64_t stands = committed.at(partitions[i]);
    const auto handed = handed_.find(source);
    if (handed != handed_.end() && stands <= static_cast<std::int64_t>(handed->second)) {
      // It was ours before and nobody went further: what was read since the commit is still in the shards.
      begin[partitions[i]] = static_cast<std::int64_t>(handed->second);
      read_[source] = handed->second;
    } else if (!begin.contains(partitions[i])) {
      read_[source] = handed_[source] = static_cast<std::uint64_t>(std::max<std::int64_t>(0, stands));
      parts_.ledger.begin(source, handed_[source]);
    } else {
      read_[source] = handed_[source] = static_cast<std::uint64_t>(begin[partitions[i]]);
      parts_.ledger.begin(source, static_cast<std::uint64_t>(std::max<std::int64_t>(0, stands)));
    }
    committed_[source] = stands;
  }
  clock_.assign(sources, now());
  silent_since_.clear();
  ahead_.clear();
  for (const auto& queue : parts_.shard_queues) {
    ShardBatch control;
    control.assignment = std::make_unique<Assignment>(Assignment{assignment_, sources});
    queue->push_now(std::move(control));
  }
  assigned_once_ = true;
  parts_.log.info("partitions assigned", {{"count", std::to_string(partitions.size())},
                                          {"assignment", std::to_string(assignment_)},
                                          {"from_state_file", took_up ? "yes" : "no"}});
  return begin;
}

void Intake::revoked(bool lost) {
  parts_.log.info("partitions revoked", {{"lost", lost ? "yes" : "no"}});
  if (!lost) commit_now();
  // What no parse thread has got yet will be read again by whoever gets the partitions.
  for (RawBatch& batch : building_) batch = RawBatch();
  stalled_.clear();
  read_ = handed_;
  clock_.assign({}, now());
  ++assignment_;  // marks under way move no clock any more
}

bool Intake::stop_reading(Timestamp until_monotonic) {
  std::set<KafkaPartition> all;
  for (const std::uint32_t source : clock_.sources()) all.insert(parts_.sources.partition(source));
  consumer_->pause_only(all);
  hand_on();
  while (!stalled_.empty() && now().monotonic < until_monotonic) {
    parts_.producer.poll(kPollMs);
    hand_on();
  }
  return stalled_.empty();
}

bool Intake::commit_now() {
  const KafkaOffsets offsets = to_commit();
  if (!consumer_->commit(offsets)) return false;
  for (const auto& [partition, offset] : offsets) committed_[parts_.sources.index_of(partition.first, partition.second)] = offset;
  return true;
}

bool Intake::leave(int timeout_ms) { return consumer_->close(timeout_ms); }

std::vector<SavedState::Source> Intake::places() const {
  std::vector<SavedState::Source> out;
  for (std::uint32_t source = 0; source < parts_.sources.size(); ++source) {
    SavedState::Source& place = out.emplace_back();
    std::tie(place.topic, place.partition) = parts_.sources.partition(source);
    const auto committed = committed_.find(source);
    if (committed != committed_.end()) place.committed = committed->second;
    const auto handed = handed_.find(source);
    if (handed != handed_.end()) place.next = handed->second;
  }
  return out;
}

}  // namespace vpnverdict
