#include "pipeline/judge.h"

#include <algorithm>
#include <utility>

#include "pipeline/batch.h"
#include "pipeline/replay.h"

namespace vpnverdict {
namespace {

constexpr Timestamp kJumpMs = 10LL * 60 * 1000;  // a stamp further ahead must be confirmed by others
constexpr int kJumpWitnesses = 8;

}  // namespace

bool StreamClock::observe(Timestamp time, Timestamp present) {
  if (time == kUntimed) return false;
  if (present != kUntimed && time > present + kJumpMs) return false;
  if (now_ == kUntimed || (time > now_ && (time - now_ <= kJumpMs || time <= present))) {
    jump_witnesses_ = 0;
    now_ = std::max(now_, time);
  } else if (time > now_) {
    jump_to_ = jump_witnesses_ == 0 ? time : std::min(jump_to_, time);
    if (++jump_witnesses_ < kJumpWitnesses) return false;
    now_ = jump_to_;
    jump_witnesses_ = 0;
  } else {
    jump_witnesses_ = 0;
  }
  return reach(now_);
}

bool StreamClock::reach(Timestamp time) {
  if (told_ != kUntimed && time - told_ < kStreamTickMs) return false;
  told_ = time;
  return true;
}

Judge::Judge(const Inventory& inventory, CorrelatorOptions options, std::size_t shards, Hooks hooks)
    : inventory_(inventory), options_(options), hooks_(std::move(hooks)), gateways_(inventory), incidents_(&inventory) {
  for (std::size_t i = 0; i < std::max<std::size_t>(1, shards); ++i) shards_.emplace_back(inventory, options);
}

void Judge::take(const Event& event, Timestamp present) {
  if (!gateways_.concerns(event)) return take_complete(event, present);
  Event complete = event;
  gateways_.complete(complete);
  take_complete(complete, present);
}

void Judge::take_complete(const Event& event, Timestamp present) {
  if (hooks_.event) hooks_.event(event);
  const std::size_t shard = shards_.size() == 1 ? 0 : shard_of(inventory_, event, shards_.size());
  const bool moved = clock_.observe(stream_time_of(event), present);
  if (moved)
    for (Shard& each : shards_) each.advance_to(clock_.now(), verdicts_);
  shards_[shard].on_event(event, verdicts_);
  if (moved || !verdicts_.empty()) tell();
}

void Judge::advance_to(Timestamp time) {
  if (time == kUntimed || !clock_.reach(time)) return;
  for (Shard& each : shards_) each.advance_to(time, verdicts_);
  tell();
}

void Judge::finish() {
  for (Shard& shard : shards_) shard.finish(verdicts_);
  tell_verdicts();
  tell_incidents(true);
}

void Judge::tell() {
  tell_verdicts();
  tell_incidents(false);
}

void Judge::tell_verdicts() {
  if (hooks_.verdict)
    for (const Verdict& verdict : verdicts_) hooks_.verdict(verdict);
  verdicts_.clear();
}

void Judge::tell_incidents(bool at_end) {
  Timestamp until = kUntimed;
  for (Shard& shard : shards_) {
    for (Sign& sign : shard.take_signs())
      if (hooks_.incident) incidents_.take(std::move(sign));
    until = shard.signs_told_until();  // the same for all
  }
  if (!hooks_.incident) return;
  incidents_.advance_to(until, cards_);
  if (at_end) incidents_.finish(cards_);
  for (const Incident& card : cards_) hooks_.incident(card);
  cards_.clear();
}

ShardCounts Judge::counts() const {
  ShardCounts sum;
  for (const Shard& shard : shards_) {
    const ShardCounts counts = shard.counts();
    for (std::uint64_t ShardCounts::*field :
         {&ShardCounts::events, &ShardCounts::duplicates, &ShardCounts::late, &ShardCounts::attempts_opened,
          &ShardCounts::attempts_final, &ShardCounts::attempts_joined, &ShardCounts::attempts_open,
          &ShardCounts::revisions, &ShardCounts::evidence_dropped, &ShardCounts::evicted})
      sum.*field += counts.*field;
  }
  return sum;
}

std::vector<PoolView> Judge::pools() const {
  std::vector<PoolView> all;
  for (const Shard& shard : shards_)
    for (PoolView& pool : shard.pools()) all.push_back(std::move(pool));
  return all;
}

std::vector<std::string> Judge::save() const {
  std::vector<std::string> states;
  for (const Shard& shard : shards_) states.push_back(shard.save());
  states.push_back(incidents_.save());
  return states;
}

bool Judge::restore(const std::vector<std::string>& states, const StreamClock& clock) {
  if (states.size() != shards_.size() + 1) return false;
  std::vector<Shard> fresh;
  for (std::size_t i = 0; i < shards_.size(); ++i)
    if (!fresh.emplace_back(inventory_, options_).restore(states[i])) return false;
  IncidentTracker incidents(&inventory_);
  if (!incidents.restore(states.back())) return false;
  shards_ = std::move(fresh);
  incidents_ = std::move(incidents);
  clock_ = clock;
  return true;
}

}  // namespace vpnverdict
