#include "pipeline/shard_owner.h"

#include <algorithm>

#include "pipeline/kafka_state.h"
#include "pipeline/verdict_json.h"

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
constexpr std::int64_t kQuietCommits = 5;                          // a shard that told nothing commits this much less often

CorrelatorOptions correlator_options(const CorrelatorConfig& config) {
  CorrelatorOptions out;
  out.grace_ms = config.grace_ms;
  out.keep_ms = config.keep_ms;
  return out;
}

constexpr std::uint64_t ShardCounts::*kGrowing[] = {
    &ShardCounts::events,          &ShardCounts::duplicates, &ShardCounts::late,
    &ShardCounts::attempts_opened, &ShardCounts::attempts_final, &ShardCounts::attempts_joined,
    &ShardCounts::revisions,       &ShardCounts::evidence_dropped, &ShardCounts::evicted};

}  // namespace

std::string program_version() { return VPNVERDICT_VERSION; }

ShardOwner::ShardOwner(Parts parts, std::int32_t partition)
    : parts_(parts), partition_(partition), fold_(parts.config.inventory, correlator_options(parts.config.correlator)) {
  const KafkaConfig& kafka = parts_.config.kafka;
  transaction_ = KafkaTransaction::open(kafka, "vpnverdict." + kafka.group + "." + std::to_string(partition), parts_.log, &failure_);
}

bool ShardOwner::fail(std::string sentence, bool for_good, bool refused) {
  if (failure_.sentence.empty()) failure_ = {"shard " + std::to_string(partition_) + ": " + std::move(sentence), for_good, refused};
  return false;
}

std::int64_t ShardOwner::resume(const CommittedOffset& committed, Ends ends, bool fresh) {
  if (!failure_.sentence.empty()) return 0;
  committed_ = committed.offset;
  note_.version = program_version();
  note_.partitions = ends.partitions;
  if (committed.offset < 0 || fresh) {
    if (!fresh) {
      const std::optional<bool> orphaned = has_state(parts_.config.kafka, partition_);
      if (!orphaned) fail("the state topic cannot be read", false);
      else if (*orphaned) fail("there is state, but the group's offset is gone; begin with --start fresh", true);
    }
    resume_at_ = -1;
    next_ = note_.snapshot_at = std::clamp(committed.offset < 0 ? ends.low : committed.offset, ends.low, ends.high);
    parts_.kafka.add_takeover(false);
    return next_;
  }
  const std::optional<CommitNote> note = note_from(committed.note);
  if (!note) fail("the commit's note is not ours: " + committed.note.substr(0, kNoteBytesMax), true);
  else if (note->partitions != ends.partitions) {
    fail(parts_.config.kafka.event_topic + " has " + std::to_string(ends.partitions) + " partitions, and its state is of " +
             std::to_string(note->partitions) + ": attempts would be torn apart; put the number back, or begin with --start fresh", true);
  } else if (committed.offset > ends.high) fail("the events end before the offset that was committed: the log was cut", true);
  else if (note->snapshot_at < ends.low) fail("the events behind the newest snapshot are gone: retention is too short", true);
  else if (restore(*note)) {
    next_ = note->snapshot_at;
    note_ = *note;
    resume_at_ = committed.offset;
    parts_.kafka.add_takeover(true);
    if (next_ == resume_at_) end_of_redo();
  }
  return next_;
}

bool ShardOwner::restore(const CommitNote& note) {
  if (note.base < 0) return true;
  SnapshotReader reader;
  bool answered = true;
  const std::string error = read_snapshot(parts_.config.kafka, partition_, note.base, reader, &answered);
  if (!error.empty()) return fail("its snapshot cannot be read: " + error, answered);
  const std::string state = reader.take();
  snapshot_bytes_ = state.size();
  if (reader.taken_at() != note.snapshot_at || !fold_.restore(state)) {
    return fail("its snapshot is none of this version of the program; begin with --start fresh", true);
  }
  return true;
}

// What was folded again must have led to where the former owner stood.
void ShardOwner::end_of_redo() {
  const bool same = fold_.fingerprint() == note_.digest;
  resume_at_ = -1;
  base_counts_ = fold_.counts();
  repeated_ = fold_.repeated();
  parts_.kafka.add_redone(redone_);
  parts_.log.info("shard taken over", {{"shard", std::to_string(partition_)}, {"offset", std::to_string(committed_)},
                                       {"redone", std::to_string(redone_)}, {"digest", same ? "equal" : "other"}});
  if (same) return;
  if (note_.version == program_version()) {
    fail("its state is not the one that was committed", true);
  } else {
    // Other rules over the same events: some of what was told by the old ones is now seen differently.
    parts_.log.warning("state rebuilt by another version of the program", {{"shard", std::to_string(partition_)}, {"was", note_.version}});
  }
}

void ShardOwner::take(std::int64_t offset, std::string_view packet) {
  if (resume_at_ >= 0 && offset >= resume_at_) end_of_redo();
  if (!failure_.sentence.empty()) return;
  next_ = offset + 1;
  bytes_since_ += packet.size();
  const bool redo = resume_at_ >= 0;
  const std::size_t before = verdicts_.size();
  const std::string_view refused = fold_.take(packet, verdicts_);
  if (redo) {
    ++redone_;
    return verdicts_.clear();
  }
  if (!refused.empty()) {
    ++bad_;
    parts_.log.often(Log::Level::error, "a record of the internal topic is left out",
                     {{"shard", std::to_string(partition_)}, {"offset", std::to_string(offset)}, {"why", std::string(refused)}});
  }
  for (std::size_t i = before; i < verdicts_.size(); ++i) {
    std::string& json = told_.emplace_back();
    append_json(verdicts_[i], fold_.names(), json);
    told_bytes_ += json.size();
  }
}

void ShardOwner::at_end(std::int64_t offset) {
  if (resume_at_ >= 0 && offset >= resume_at_) end_of_redo();
}

bool ShardOwner::due(Timestamp now) const {
  if (!resumed() || !failure_.sentence.empty()) return false;
  if (next_ == committed_) return snapshot_is_old(now);
  if (told_bytes_ >= kToldBytesMax) return true;
  if (now < next_commit_) return false;
  const bool news = !told_.empty() || !snapshot_.pieces.empty();
  return news || now >= next_commit_ + (kQuietCommits - 1) * parts_.config.kafka.commit_interval_ms;
}

// Retention counts from when a snapshot was written, also while nothing happens.
bool ShardOwner::snapshot_is_old(Timestamp now) const {
  return snapshot_.pieces.empty() && next_snapshot_ != 0 && now >= next_snapshot_;
}

bool ShardOwner::snapshot_due(Timestamp now) const {
  if (!snapshot_.pieces.empty() || bytes_since_ == 0) return snapshot_is_old(now);
  const auto least = static_cast<std::uint64_t>(parts_.config.correlator.snapshot_bytes);
  return bytes_since_ >= std::max(least, kRedoFactor * snapshot_bytes_) || snapshot_is_old(now);
}

// Some of the snapshot's pieces, or all.
bool ShardOwner::write_state(bool all) {
  std::size_t written = 0;
  while (!snapshot_.pieces.empty() && (all || written < kStateBytesPerCommit)) {
    const bool first = snapshot_.base < 0 && written == 0;
    if (!transaction_->produce(parts_.config.kafka.state_topic, partition_, "", snapshot_.pieces.front(), first)) return false;
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

bool ShardOwner::commit(const KafkaGroupMetadata& group, Timestamp now, bool last) {
  if (last && next_ == committed_ && bytes_since_ == 0) return true;
  if (next_snapshot_ == 0) next_snapshot_ = now + kSnapshotEveryMs;
  if (last ? bytes_since_ > 0 && snapshot_bytes_ <= kLastSnapshotMax : snapshot_due(now)) {
    const std::string state = fold_.save();
    std::vector<std::string> pieces = snapshot_pieces(state, next_);
    snapshot_ = {{std::make_move_iterator(pieces.begin()), std::make_move_iterator(pieces.end())}, next_, -1, state.size()};
    snapshot_bytes_ = state.size();
    bytes_since_ = 0;
    next_snapshot_ = now + kSnapshotEveryMs + static_cast<Timestamp>(snapshot_bytes_ / kOldNewsBytesPerMs);
  }
  note_.digest = fold_.fingerprint();
  note_.version = program_version();
  bool ok = transaction_->begin();
  for (std::size_t i = 0; ok && i < told_.size(); ++i) {
    ok = transaction_->produce(parts_.config.kafka.verdict_topic, -1, hex16(verdicts_[i].id), told_[i]);
  }
  ok = ok && write_state(last);
  ok = ok && transaction_->commit(group, {parts_.config.kafka.event_topic, partition_}, {next_, to_text(note_)});
  parts_.kafka.add_commit(ok);
  if (ok) {
    committed(now);
    return true;
  }
  // What a take-over mends is told by it.
  const Failure& failure = transaction_->failure();
  if (failure.for_good || failure.refused) parts_.kafka.add_produced(false, told_.size());
  return fail(failure.sentence, failure.for_good, failure.refused);
}

void ShardOwner::committed(Timestamp now) {
  committed_ = next_;
  next_commit_ = now + parts_.config.kafka.commit_interval_ms;
  for (std::size_t i = 0; i < verdicts_.size(); ++i) {
    parts_.cell.count(verdicts_[i], fold_.fleet_now());
    if (parts_.on_verdict) parts_.on_verdict({verdicts_[i], told_[i], fold_.names(), fold_.fleet_now()});
  }
  parts_.kafka.add_produced(true, verdicts_.size());
  parts_.kafka.add_events_repeated(fold_.repeated() - repeated_);
  repeated_ = fold_.repeated();
  parts_.kafka.add_packets_bad(bad_);
  bad_ = 0;
  verdicts_.clear();
  told_.clear();
  told_bytes_ = 0;
  const ShardCounts counts = fold_.counts();
  for (const auto field : kGrowing) counted_.*field = counts.*field - base_counts_.*field;
  counted_.attempts_open = counts.attempts_open;
}

}  // namespace vpnverdict
