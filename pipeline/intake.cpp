#include "pipeline/intake.h"

#include <algorithm>
#include <charconv>

namespace vpnverdict {
namespace {

constexpr std::size_t kBatchRecords = 256;
constexpr int kPollMs = 50;
constexpr auto kFullPatience = std::chrono::milliseconds(100);  // shorter jams are waited out: a pause discards what was fetched
constexpr Timestamp kWatchMs = 500;
constexpr Timestamp kAskEndsMs = 500;       // as often as this, at most
constexpr Timestamp kAskWhenBehindMs = 10;
constexpr std::size_t kFetchedLeast = 50'000;  // half of what librdkafka fetches ahead
constexpr Timestamp kFlushAfterMs = 1'000;  // a message whose next line does not come in this time is complete
// As long as a client's gateway is remembered, and no more records than are read again in a moment.
constexpr Timestamp kHistoryMs = 10 * 60 * 1000;
constexpr Timestamp kHistoryStepMs = 5'000;
constexpr std::uint64_t kWarmUpRecordsMax = 200'000;

}  // namespace

SourceClock::Now Intake::now() {
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  return {duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count(),
          duration_cast<milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count()};
}

Intake::Intake(const Config& config, Parts parts)
    : config_(config), parts_(parts), clock_(config.correlator.idle_margin_ms), building_(parts.parse_queues.size()), watch_(config.kafka.stall_ms) {}

Intake::~Intake() = default;

std::string Intake::open() {
  std::string error;
  ConsumerHooks hooks;
  hooks.assigned = [this](const auto& partitions, const auto& committed) { return assigned(partitions, committed); };
  hooks.revoked = [this](bool lost) { revoked(lost); };
  consumer_ = KafkaConsumer::open(config_.kafka, {config_.kafka.group, config_.kafka.topics, {}}, std::move(hooks), parts_.sources, parts_.cell, parts_.log, &error);
  last_turn_ = now().monotonic;
  return error;
}

void Intake::turn() {
  parts_.producer.poll(0);
  if (stalled_.empty()) read_some();
  else consumer_->poll(kPollMs);  // everything is paused: only callbacks are served
  if (stalled_.empty()) take_ends();
  hand_on();
  ask_ends();
  choose_pauses();
  watch();
  const Timestamp time = now().monotonic;
  last_turn_ = time;
  if (time < next_commit_) return;
  next_commit_ = time + config_.kafka.commit_interval_ms;
  const CommittedOffsets offsets = to_commit();
  consumer_->commit_later(offsets);
  remember(offsets);
}

void Intake::History::note(Timestamp time, std::uint64_t position) {
  if (!places.empty() && time < places.back().first + kHistoryStepMs) return;
  places.emplace_back(time, position);
  while (places.front().first < time - kHistoryMs) places.pop_front();
}

std::uint64_t Intake::History::warm_up_from(std::uint64_t position) const {
  const std::uint64_t least = position - std::min(position, kWarmUpRecordsMax);
  return places.empty() ? position : std::clamp(places.front().second, least, position);
}

SourceMark Intake::mark_of(std::uint32_t source, std::uint64_t next) {
  const SourceClock::Now time = now();
  return {source, next, clock_.time_of(source), clock_.present(time), false};
}

void Intake::read_some() {
  consumer_->read(kPollMs, kBatchRecords, read_now_);
  std::map<std::uint32_t, std::uint64_t> touched;
  Run run;
  const SourceClock::Now time = now();
  for (KafkaMessage& message : read_now_) {
    const std::uint32_t source = consumer_->source_of(*message);
    if (run.records > 0 && (run.source != source || message->err != RD_KAFKA_RESP_ERR_NO_ERROR)) {
      touched[run.source] = note(run, time);
      run = {};
    }
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      on_end_of(source, message->offset);
      continue;
    }
    take_record(std::move(message), source, time, run);
  }
  if (run.records > 0) touched[run.source] = note(run, time);
  for (const auto& [source, next] : touched) building(source).marks.push_back(mark_of(source, next));
}

void Intake::take_record(KafkaMessage message, std::uint32_t source, const SourceClock::Now& time, Run& run) {
  rd_kafka_timestamp_type_t type;
  const std::int64_t stamp = rd_kafka_message_timestamp(message.get(), &type);
  RawRecord record;
  record.source = source;
  record.position = static_cast<std::uint64_t>(message->offset);
  record.time = type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE || stamp < 0 ? time.wall : stamp;
  record.bytes = {static_cast<const char*>(message->payload), message->len};
  record.owner = {message.release(), [](void* handle) { rd_kafka_message_destroy(static_cast<rd_kafka_message_t*>(handle)); }};
  if (run.records++ == 0) {
    run.source = source;
    run.first = record.position;
    run.first_time = record.time;
  }
  run.next = record.position + 1;
  run.newest = std::max(run.newest, record.time);
  run.bytes += record.bytes.size();
  std::vector<RawRecord>& records = building(source).records;
  if (records.empty()) records.reserve(kBatchRecords);
  records.push_back(std::move(record));
}

// Answers the position behind it.
std::uint64_t Intake::note(const Run& run, const SourceClock::Now& time) {
  heard_ = true;
  clock_.on_record(run.source, run.newest, time);
  watch_.heard(run.source, time.monotonic);
  silent_since_.erase(run.source);
  history_[run.source].note(run.first_time, run.first);
  parts_.cell.add_records(parts_.sources.partition(run.source).first, run.records, run.bytes);
  return read_[run.source] = run.next;
}

void Intake::on_end_of(std::uint32_t source, std::int64_t end) {
  if (!clock_.owned(source)) return;
  // Behind the last record there may be transaction markers: the end is where the next one will be.
  std::uint64_t& next = read_[source];
  next = std::max(next, static_cast<std::uint64_t>(std::max<std::int64_t>(0, end)));
}

// That librdkafka has nothing at hand is not believed: it says so of a partition that it could not fetch from since,
// and by the time it is heard there may be more. So the brokers are asked, beside the reading, and what they say counts for
// the moment of the question.
// Who is behind asks more often, for another reason: librdkafka 2.0.2 rests for up to a second when it has fetched enough, however
// soon that is gone, and what wakes it is any answer of the broker.
void Intake::ask_ends() {
  if (question_.answer.valid()) return;
  const SourceClock::Now time = now();
  const bool wake = behind_ && heard_ && time.monotonic >= question_.asked.monotonic + kAskWhenBehindMs && consumer_->fetched() < kFetchedLeast;
  if (time.monotonic < next_question_ && !wake) return;
  std::vector<KafkaPartition> partitions;
  for (const std::uint32_t source : clock_.sources()) partitions.push_back(parts_.sources.partition(source));
  if (partitions.empty()) return;
  next_question_ = time.monotonic + std::min<Timestamp>(kAskEndsMs, config_.kafka.punctuation_ms);
  heard_ = false;
  const auto ask = [this, partitions] { return consumer_->ends(partitions); };
  question_ = {std::async(std::launch::async, ask), assignment_, time, clock_.present(time)};
}

void Intake::take_ends() {
  if (!question_.answer.valid() || question_.answer.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return;
  const std::optional<KafkaOffsets> ends = question_.answer.get();
  if (!ends || question_.assignment != assignment_) return;
  behind_ = false;
  for (const auto& [partition, end] : *ends) {
    const std::uint32_t source = parts_.sources.index_of(partition.first, partition.second);
    if (static_cast<std::int64_t>(read_[source]) >= end) {
      mark_ended(source, question_.asked);
    } else {
      behind_ = behind_ || !ahead_.contains(source);
      clock_.on_more(source);
      watch_.holds_more(source);
      silent_since_.erase(source);
    }
  }
}

void Intake::mark_ended(std::uint32_t source, const SourceClock::Now& asked) {
  clock_.on_end(source, question_.present);
  watch_.heard(source, now().monotonic);
  SourceMark mark = mark_of(source, read_[source]);
  mark.flush = asked.monotonic - silent_since_.emplace(source, asked.monotonic).first->second >= kFlushAfterMs;
  building(source).marks.push_back(mark);
}

// All judgement waits for a partition that stands still, and nobody else reads it as long as we own it.
void Intake::watch() {
  const Timestamp time = now().monotonic;
  if (time < next_watch_) return;
  next_watch_ = time + kWatchMs;
  for (const std::uint32_t source : stalled_.empty() ? std::vector(ahead_.begin(), ahead_.end()) : clock_.sources()) watch_.heard(source, time);
  const std::optional<StallWatch::Stall> stall = watch_.longest(time);
  parts_.cell.set_stalled(this, stall ? stall->silent : 0);
  if (!stall) return;
  const auto [topic, partition] = parts_.sources.partition(stall->partition);
  const std::string name = topic + "/" + std::to_string(partition);
  const std::string why = stall->holds_more ? "it holds more, and nothing comes" : "its broker does not say where it ends";
  parts_.log.often(Log::Level::warning, "a partition stands still", {{"partition", name}, {"seconds", std::to_string(stall->silent / 1'000)}, {"why", why}});
  if (stall->over) stalled_for_good_ = name + " stands still: " + why;
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
    if (batch.records.empty() && batch.marks.empty() && batch.starts.empty()) continue;
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

CommittedOffsets Intake::to_commit() {
  CommittedOffsets offsets;
  for (const auto& [source, position] : parts_.ledger.committable()) {
    if (!clock_.owned(source)) continue;
    const auto known = committed_.find(source);
    const std::int64_t offset = static_cast<std::int64_t>(position);
    if (offset == 0 || (known != committed_.end() && offset <= known->second)) continue;
    offsets[parts_.sources.partition(source)] = {offset, "w=" + std::to_string(history_[source].warm_up_from(position))};
  }
  return offsets;
}

void Intake::remember(const CommittedOffsets& committed) {
  for (const auto& [partition, one] : committed) committed_[parts_.sources.index_of(partition.first, partition.second)] = one.offset;
}

// Readers begin a little before the offset where the group stands; what they find there was sent before.
std::uint64_t Intake::begin_anew(std::uint32_t source, const CommittedOffset& stands) {
  const auto from = static_cast<std::uint64_t>(std::max<std::int64_t>(0, stands.offset));
  std::uint64_t warm = from;
  if (stands.note.starts_with("w=")) {
    const char* end = stands.note.data() + stands.note.size();
    if (std::from_chars(stands.note.data() + 2, end, warm).ptr != end || warm > from) warm = from;
  }
  read_[source] = handed_[source] = warm;
  history_[source] = {};
  parts_.ledger.begin(source, from);
  building(source).starts.push_back({source, from});
  return warm;
}

KafkaOffsets Intake::assigned(const std::vector<KafkaPartition>& partitions, const CommittedOffsets& committed) {
  ++assignment_;
  std::vector<std::uint32_t> sources;
  KafkaOffsets begin;
  for (const KafkaPartition& partition : partitions) {
    const std::uint32_t source = sources.emplace_back(parts_.sources.index_of(partition.first, partition.second));
    const CommittedOffset& stands = committed.at(partition);
    const auto handed = handed_.find(source);
    if (handed != handed_.end() && stands.offset <= static_cast<std::int64_t>(handed->second)) {
      // It was ours before and nobody went further: the readers still know their writers.
      begin[partition] = static_cast<std::int64_t>(handed->second);
      read_[source] = handed->second;
    } else if (const std::uint64_t warm = begin_anew(source, stands); stands.offset >= 0) {
      begin[partition] = static_cast<std::int64_t>(warm);
    }
    committed_[source] = stands.offset;
  }
  clock_.assign(sources, now());
  watch_.begin(sources, now().monotonic);
  next_question_ = 0;
  silent_since_.clear();
  ahead_.clear();
  assigned_once_ = true;
  parts_.log.info("partitions assigned", {{"count", std::to_string(partitions.size())}, {"assignment", std::to_string(assignment_)}});
  return begin;
}

void Intake::revoked(bool lost) {
  parts_.log.info("partitions revoked", {{"lost", lost ? "yes" : "no"}});
  if (!lost) commit_now();
  // What no parse thread has got yet will be read again by whoever gets the partitions.
  for (RawBatch& batch : building_) drop(batch);
  for (Stalled& stalled : stalled_) drop(stalled.batch);
  stalled_.clear();
  read_ = handed_;
  clock_.assign({}, now());
  watch_.begin({}, now().monotonic);
  ++assignment_;
}

// A parse thread that was not told where it begins anew has to be told the next time.
void Intake::drop(RawBatch& batch) {
  for (const SourceStart& start : batch.starts) handed_.erase(start.source);
  batch = RawBatch();
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
  const CommittedOffsets offsets = to_commit();
  if (!consumer_->commit(offsets)) return false;
  remember(offsets);
  return true;
}

bool Intake::leave(int timeout_ms) {
  question_ = {};
  return consumer_->close(timeout_ms);
}

}  // namespace vpnverdict
