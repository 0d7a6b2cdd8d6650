#include "pipeline/partition_owner.h"

#include <algorithm>
#include <utility>

#include "pipeline/kafka_state.h"

#ifndef VPNVERDICT_VERSION
#define VPNVERDICT_VERSION "unknown"
#endif

namespace vpnverdict {
namespace {

// A snapshot is due when folding again would take longer than writing it: so many times its own size of events.
constexpr std::uint64_t kRedoFactor = 4;
// And it is never much older than this, for retention's sake; a large one a little more: 1 MB/s are enough for old news.
constexpr Timestamp kSnapshotEveryMs = 10 * 60'000;
constexpr std::uint64_t kOldNewsBytesPerMs = 1'000;
constexpr std::size_t kLastSnapshotMax = std::size_t{64} << 20;    // what a clean end may take its time for
constexpr std::size_t kToldBytesMax = std::size_t{4} << 20;        // verdicts that wait for a commit
constexpr Timestamp kIdleLeastMs = 200, kIdleMostMs = 5'000;
constexpr std::int64_t kQuietCommits = 5;                          // a shard that told nothing commits this much less often

}  // namespace

std::string program_version() { return VPNVERDICT_VERSION; }

PartitionOwner::PartitionOwner(Parts parts, OwnedPartition owned, std::unique_ptr<PartitionWork> work)
    : parts_(parts), owned_(std::move(owned)), work_(std::move(work)) {
  transaction_ = KafkaTransaction::open(parts_.config.kafka, owned_.transactional_id, parts_.log, &failure_);
}

bool PartitionOwner::fail(std::string sentence, bool for_good, bool refused) {
  if (failure_.sentence.empty()) failure_ = {owned_.kind + " " + std::to_string(owned_.partition) + ": " + std::move(sentence), for_good, refused};
  return false;
}

std::int64_t PartitionOwner::resume(const CommittedOffset& committed, Ends ends, bool fresh, KafkaGroupMetadata group, Timestamp now) {
  if (!failure_.sentence.empty()) return 0;
  group_ = std::move(group);
  heard_ = now;
  committed_ = committed.offset;
  note_.version = program_version();
  note_.partitions = ends.partitions;
  if (committed.offset < 0 || fresh) {
    if (!fresh) {
      const std::optional<bool> orphaned = has_state(parts_.config.kafka, {owned_.state_topic, owned_.partition});
      if (!orphaned) fail("the state topic cannot be read", false);
      else if (*orphaned) fail("there is state, but the group's offset is gone; begin with --start fresh", true);
    }
    resume_at_ = -1;
    next_ = note_.snapshot_at = std::clamp(committed.offset < 0 ? ends.low : committed.offset, ends.low, ends.high);
    if (next_ > 0) work_->without_past();
    note_.digest = work_->fingerprint();
    committed_ = -1;
    begin_watch({}, ends.high);
    work_->taken_over(ends.partitions);
    parts_.kafka.add_takeover(false);
    return next_;
  }
  const std::optional<CommitNote> note = note_from(committed.note);
  if (!note) fail("the commit's note is not ours: " + committed.note.substr(0, kNoteBytesMax), true);
  else if (note->partitions != ends.partitions) {
    fail(owned_.topic + " has " + std::to_string(ends.partitions) + " partitions, and its state is of " +
             std::to_string(note->partitions) + ": attempts would be torn apart; put the number back, or begin with --start fresh", true);
  } else if (committed.offset > ends.high) fail("its records end before the offset that was committed: the log was cut", true);
  else if (note->snapshot_at < ends.low) fail("the records behind the newest snapshot are gone: retention is too short", true);
  else if (restore(*note)) {
    next_ = note->snapshot_at;
    note_ = *note;
    resume_at_ = committed.offset;
    begin_watch(note->trial, ends.high);
    parts_.kafka.add_takeover(true);
    if (next_ == resume_at_) end_of_redo();
  }
  return next_;
}

bool PartitionOwner::restore(const CommitNote& note) {
  if (note.base < 0) {
    if (note.snapshot_at > 0) work_->without_past();
    return true;
  }
  SnapshotReader reader;
  bool answered = true;
  const std::string error = read_snapshot(parts_.config.kafka, {owned_.state_topic, owned_.partition}, note.base, reader, &answered);
  if (!error.empty()) return fail("its snapshot cannot be read: " + error, answered);
  const std::string state = reader.take();
  snapshot_bytes_ = state.size();
  if (reader.taken_at() != note.snapshot_at || !work_->restore(state)) {
    return fail("its snapshot is none of this version of the program; begin with --start fresh", true);
  }
  return true;
}

// What was folded again must have led to where the former owner stood.
void PartitionOwner::end_of_redo() {
  const bool same = work_->fingerprint() == note_.digest;
  resume_at_ = -1;
  work_->taken_over(note_.partitions);
  parts_.kafka.add_redone(redone_);
  parts_.log.info(owned_.kind + " taken over", {{owned_.kind, std::to_string(owned_.partition)}, {"offset", std::to_string(committed_)},
                                       {"redone", std::to_string(redone_)}, {"digest", same ? "equal" : "other"}});
  if (same) return;
  if (note_.version == program_version()) {
    fail("its state is not the one that was committed", true);
  } else {
    // Other rules over the same events: some of what was told by the old ones is now seen differently.
    parts_.log.warning("state rebuilt by another version of the program", {{owned_.kind, std::to_string(owned_.partition)}, {"was", note_.version}});
  }
}

void PartitionOwner::begin_watch(const Trial& noted, std::int64_t end) {
  watch_.emplace(parts_.gate.process(), noted, committed_ < 0 ? next_ : committed_, end);
  if (watch_->way() == PoisonWatch::Way::together) return;
  parts_.log.warning("records are taken in one by one: whoever took them in before came no further",
                     {{owned_.kind, std::to_string(owned_.partition)}, {"offset", std::to_string(committed_)}});
}

bool PartitionOwner::begin() {
  if (std::exchange(begun_, true)) return true;
  return note_.trial == watch_->now() || write_note(watch_->now());
}

void PartitionOwner::take(std::int64_t offset, std::string_view record, Timestamp written, Timestamp now) {
  if (resume_at_ >= 0 && offset >= resume_at_) end_of_redo();
  if (!failure_.sentence.empty()) return;
  heard_ = now;
  if (!begin()) return;
  if (resume_at_ >= 0) {
    fold(offset, record, written);
    ++redone_;
    return;
  }
  switch (watch_->way()) {
    case PoisonWatch::Way::together:
      fold(offset, record, written);
      watch_->past(offset);
      break;
    case PoisonWatch::Way::alone:
      take_alone(offset, record, written, now);
      break;
    case PoisonWatch::Way::skip:
      leave_out(offset, record, now);
      break;
  }
}

std::shared_lock<SoloGate> PartitionOwner::with_others() const {
  return alone_ ? std::shared_lock<SoloGate>() : std::shared_lock<SoloGate>(parts_.gate);
}

void PartitionOwner::fold(std::int64_t offset, std::string_view record, Timestamp written) {
  next_ = offset + 1;
  bytes_since_ += record.size();
  const auto inside = with_others();
  const std::string_view refused = work_->take(record, written);
  if (resume_at_ >= 0 || refused.empty()) return;
  ++bad_;
  parts_.log.often(Log::Level::error, "a record of an internal topic is left out",
                   {{owned_.kind, std::to_string(owned_.partition)}, {"offset", std::to_string(offset)}, {"why", std::string(refused)}});
}

void PartitionOwner::take_alone(std::int64_t offset, std::string_view record, Timestamp written, Timestamp now) {
  const std::unique_lock nobody_else(parts_.gate);
  alone_ = true;
  const CommitNote before = note_;
  if (write_note(watch_->alone())) {
    fold(offset, record, written);
    watch_->past(offset);
    // What Kafka refuses is no fault of the record, and who comes next has to know. Whether it is so when a call has timed out,
    // nobody knows, nor what became of the transaction: then the offset must not be touched, and we know only for ourselves.
    if (!commit(now) && failure_.refused && transaction_->abort()) {
      note_ = before;
      write_note(before.trial);
    }
  }
  alone_ = false;
}

// The snapshot behind it is written with it, so that nobody folds it again. What is too much for one transaction goes before.
void PartitionOwner::leave_out(std::int64_t offset, std::string_view record, Timestamp now) {
  parts_.log.error("a record that ended every process which took it in is left out",
                   {{owned_.kind, std::to_string(owned_.partition)}, {"topic", owned_.topic}, {"offset", std::to_string(offset)}, {"bytes", std::to_string(record.size())}});
  begin_snapshot(offset + 1, now);
  while (snapshot_.pieces.size() > kStateBytesPerCommit / kPieceBytes)
    if (!commit(now)) return;
  left_out_ = {offset, record};
  next_ = offset + 1;
  watch_->past(offset);
  if (commit(now)) parts_.kafka.add_poison();
  left_out_.reset();
}

// The offset stays where it is.
bool PartitionOwner::write_note(const Trial& trial) {
  note_.trial = trial;
  if (committed_ < 0) committed_ = next_;  // nothing was taken in yet
  const bool ok = transaction_->begin() && transaction_->commit(group_, {owned_.topic, owned_.partition}, {committed_, to_text(note_)});
  if (ok) return true;
  const Failure& failure = transaction_->failure();
  return fail(failure.sentence, failure.for_good, failure.refused);
}

void PartitionOwner::at_end(std::int64_t offset) {
  end_seen_ = offset;
  if (resume_at_ >= 0 && offset >= resume_at_) end_of_redo();
}

bool PartitionOwner::due(Timestamp now) const {
  if (!resumed() || !failure_.sentence.empty()) return false;
  if (next_ == committed_) return snapshot_is_old(now) || idle(now);
  if (work_->waiting_bytes() >= kToldBytesMax) return true;
  if (now < next_commit_) return false;
  const bool news = work_->waiting_records() > 0 || !snapshot_.pieces.empty();
  return news || now >= next_commit_ + (kQuietCommits - 1) * parts_.config.kafka.commit_interval_ms;
}

// Time is what the partition's records say. When stage 1 is gone they say nothing, and somebody has to say that time passes.
bool PartitionOwner::idle(Timestamp now) const {
  const Timestamp hold = parts_.config.correlator.max_hold_ms;
  return hold > 0 && now - heard_ >= std::clamp<Timestamp>(hold / 4, kIdleLeastMs, kIdleMostMs) && !work_->idle_record().empty();
}

// Retention counts from when a snapshot was written, also while nothing happens.
bool PartitionOwner::snapshot_is_old(Timestamp now) const {
  return snapshot_.pieces.empty() && next_snapshot_ != 0 && now >= next_snapshot_;
}

bool PartitionOwner::snapshot_due(Timestamp now) const {
  if (!snapshot_.pieces.empty() || bytes_since_ == 0) return snapshot_is_old(now);
  const auto least = static_cast<std::uint64_t>(parts_.config.correlator.snapshot_bytes);
  return bytes_since_ >= std::max(least, kRedoFactor * snapshot_bytes_) || snapshot_is_old(now);
}

// Some of the snapshot's pieces, or all.
bool PartitionOwner::write_state(bool all) {
  std::size_t written = 0;
  while (!snapshot_.pieces.empty() && (all || written < kStateBytesPerCommit)) {
    const bool first = snapshot_.base < 0 && written == 0;
    if (!transaction_->produce(owned_.state_topic, owned_.partition, "", snapshot_.pieces.front(), first)) return false;
    written += snapshot_.pieces.front().size();
    snapshot_.pieces.pop_front();
  }
  if (written == 0) return true;
  parts_.kafka.add_snapshot(written);
  if (snapshot_.base < 0) {
    if (!transaction_->flush()) return false;
    snapshot_.base = transaction_->place();
  }
  if (snapshot_.pieces.empty()) {
    note_.snapshot_at = snapshot_.taken_at;
    note_.base = snapshot_.base;
  }
  return true;
}

void PartitionOwner::begin_snapshot(std::int64_t at, Timestamp now) {
  const std::string state = work_->save();
  std::vector<std::string> pieces = snapshot_pieces(state, at);
  snapshot_ = {{std::make_move_iterator(pieces.begin()), std::make_move_iterator(pieces.end())}, at, -1, state.size()};
  snapshot_bytes_ = state.size();
  bytes_since_ = 0;
  next_snapshot_ = now + kSnapshotEveryMs + static_cast<Timestamp>(snapshot_bytes_ / kOldNewsBytesPerMs);
}

bool PartitionOwner::produce() {
  if (left_out_ && !parts_.config.kafka.dead_letter_topic.empty()) {
    const KafkaHeaders headers = {{"reason", "poison"}, {"topic", owned_.topic}, {"partition", std::to_string(owned_.partition)}, {"offset", std::to_string(left_out_->offset)}};
    if (!transaction_->produce(parts_.config.kafka.dead_letter_topic, -1, "", left_out_->bytes, false, headers)) return false;
  }
  const auto inside = with_others();
  return work_->produce(*transaction_);
}

bool PartitionOwner::produce_idle(Timestamp now) {
  if (!idle(now)) return true;
  heard_ = now;
  return transaction_->produce(owned_.topic, owned_.partition, "", work_->idle_record());
}

bool PartitionOwner::commit(Timestamp now, bool last) {
  const bool ok = send(now, last);
  settle();
  return ok;
}

void PartitionOwner::settle() {
  if (!std::exchange(sent_, false)) return;
  const auto inside = with_others();
  work_->committed();
  parts_.kafka.add_packets_bad(bad_);
  bad_ = 0;
}

bool PartitionOwner::send(Timestamp now, bool last) {
  const Trial trial = last ? watch_->handed_over() : watch_->now();
  if (last && next_ == committed_ && bytes_since_ == 0 && trial == note_.trial) return true;
  if (next_snapshot_ == 0) next_snapshot_ = now + kSnapshotEveryMs;
  if (last ? bytes_since_ > 0 && snapshot_bytes_ <= kLastSnapshotMax : snapshot_due(now)) begin_snapshot(next_, now);
  note_.digest = work_->fingerprint();
  note_.version = program_version();
  note_.trial = trial;
  const bool ok = transaction_->begin() && produce() && (last || produce_idle(now)) && write_state(last) &&
                  transaction_->commit(group_, {owned_.topic, owned_.partition}, {next_, to_text(note_)});
  parts_.kafka.add_commit(ok);
  if (ok) {
    committed_ = next_;
    next_commit_ = now + parts_.config.kafka.commit_interval_ms;
    sent_ = true;
    return true;
  }
  // What a take-over mends is told by it.
  const Failure& failure = transaction_->failure();
  if (failure.for_good || failure.refused) work_->refused();
  return fail(failure.sentence, failure.for_good, failure.refused);
}

}  // namespace vpnverdict
