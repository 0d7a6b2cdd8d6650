#include "pipeline/event_merge.h"

#include <algorithm>

namespace vpnverdict {

void EventMerge::assign(const Assignment& assignment) {
  assignment_ = assignment.number;
  std::map<std::uint32_t, Timestamp> owned;
  for (const std::uint32_t source : assignment.sources) {
    const auto known = owned_.find(source);
    owned[source] = known == owned_.end() ? kUntimed : known->second;
  }
  owned_ = std::move(owned);
  recompute_stream_time();
}

void EventMerge::recompute_stream_time() {
  if (owned_.empty()) return;
  Timestamp lowest = owned_.begin()->second;
  for (const auto& [source, time] : owned_) lowest = std::min(lowest, time);  // kUntimed is the least of all
  stream_time_ = std::max(stream_time_, lowest);
}

void EventMerge::take(ShardBatch batch) {
  drop_given();
  if (!batch.events.empty()) {
    batches_.push_back({std::move(batch.events), 0});
    const auto held = std::prev(batches_.end());
    held->left = held->events.size();
    held_ += held->left;
    for (std::size_t i = 0; i < held->events.size(); ++i) {
      const std::uint32_t number = held->events[i].ref.source;
      Source& source = sources_[number];
      source.newest_key = std::max(source.newest_key, held->events.record_time(i));
      source.events.push_back({held, i, source.newest_key});
      if (source.events.size() > 1) continue;
      heap_.push_back({source.newest_key, number});
      std::push_heap(heap_.begin(), heap_.end());
    }
  }
  for (const SourceMark& mark : batch.marks) {
    Place& place = places_[mark.source];
    place = {std::max(place.next, mark.next), std::max(place.safe, mark.safe)};
    fleet_now_ = std::max(fleet_now_, mark.fleet_now);
    const auto owned = owned_.find(mark.source);
    if (owned != owned_.end() && mark.assignment == assignment_) owned->second = std::max(owned->second, mark.time);
  }
  recompute_stream_time();
}

void EventMerge::drop_given() {
  if (given_ == batches_.end()) return;
  if (--given_->left == 0) batches_.erase(given_);
  given_ = batches_.end();
}

const Event* EventMerge::next(Timestamp* time) {
  drop_given();
  if (heap_.empty()) return nullptr;
  const HeapItem first = heap_.front();
  if (first.key > stream_time_) {
    if (held_ <= events_max_) return nullptr;
    ++overflowed_;
  }
  std::pop_heap(heap_.begin(), heap_.end());
  heap_.pop_back();
  Source& source = sources_[first.source];
  const Waiting waiting = source.events.front();
  source.events.pop_front();
  --held_;
  if (!source.events.empty()) {
    heap_.push_back({source.events.front().key, first.source});
    std::push_heap(heap_.begin(), heap_.end());
  }
  given_ = waiting.batch;
  *time = waiting.key;
  return &waiting.batch->events[waiting.index];
}

std::map<std::uint32_t, std::vector<std::uint64_t>> EventMerge::waiting() const {
  std::map<std::uint32_t, std::vector<std::uint64_t>> out;
  for (const auto& [number, source] : sources_) {
    for (const Waiting& waiting : source.events) out[number].push_back(waiting.batch->events[waiting.index].ref.position);
  }
  return out;
}

}  // namespace vpnverdict
