#include "pipeline/shard_stage.h"

#include <algorithm>

#include "correlator/limits.h"

namespace vpnverdict {

ShardStage::ShardStage(const Inventory& inventory, CorrelatorOptions options, ShardCell& cell,
                       std::function<void(const Verdict&)> tell)
    : shard_(inventory, options), merge_(kReorderEventsMax), cell_(cell), tell_(std::move(tell)) {}

void ShardStage::take(ShardBatch batch) {
  if (batch.restore_from) restored_ = shard_.restore(*batch.restore_from);
  if (batch.assignment) merge_.assign(*batch.assignment);
  merge_.take(std::move(batch));
  Timestamp time = kUntimed;
  while (const Event* event = merge_.next(&time)) {
    if (time <= merge_.stream_time()) advance_to(time);
    shard_.on_event(*event, verdicts_);
    if (!verdicts_.empty()) tell_all();
  }
  advance_to(merge_.stream_time());
  ShardCounts counts = shard_.counts();
  counts.evicted += merge_.overflowed();
  cell_.publish(counts, merge_.stream_time());
}

void ShardStage::advance_to(Timestamp time) {
  if (time == kUntimed || (told_time_ != kUntimed && time - told_time_ < kStreamTickMs)) return;
  told_time_ = time;
  shard_.advance_to(time, verdicts_);
  if (!verdicts_.empty()) tell_all();
}

void ShardStage::tell_all() {
  for (const Verdict& verdict : verdicts_) {
    cell_.count(verdict, merge_.fleet_now());
    tell_(verdict);
  }
  verdicts_.clear();
}

OffsetLedger::Positions ShardStage::needed() const {
  OffsetLedger::Positions out;
  for (const auto& [source, place] : merge_.places()) out[source] = place.safe;
  const auto lower = [&out](std::uint32_t source, std::uint64_t position) {
    const auto found = out.find(source);
    if (found != out.end()) found->second = std::min(found->second, position);
  };
  for (const SourceRef& ref : shard_.oldest_needed()) lower(ref.source, ref.position);
  for (const auto& [source, positions] : merge_.waiting()) {
    lower(source, *std::min_element(positions.begin(), positions.end()));
  }
  return out;
}

}  // namespace vpnverdict
