#include "pipeline/event_merge.h"

#include <algorithm>

#include "pipeline/event_codec.h"

namespace vpnverdict {

void EventMerge::assign(const std::vector<std::uint32_t>& sources) {
  std::map<std::uint32_t, Timestamp> assigned;
  for (const std::uint32_t source : sources) {
    const auto known = assigned_.find(source);
    assigned[source] = known == assigned_.end() ? kUntimed : known->second;
  }
  assigned_ = std::move(assigned);
  recompute_stream_time();
}

void EventMerge::recompute_stream_time() {
  if (assigned_.empty()) return;
  Timestamp lowest = assigned_.begin()->second;
  for (const auto& [source, time] : assigned_) lowest = std::min(lowest, time);  // kUntimed is the least of all
  stream_time_ = std::max(stream_time_, lowest);
}

bool EventMerge::slowest(std::uint32_t* source) const {
  const auto found = std::min_element(assigned_.begin(), assigned_.end(),
                                      [](const auto& a, const auto& b) { return a.second < b.second; });
  if (found == assigned_.end()) return false;
  *source = found->first;
  return true;
}

void EventMerge::take(EventBatch events) {
  drop_given();
  if (events.empty()) return;
  batches_.push_back({std::move(events), 0});
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

void EventMerge::mark(std::uint32_t source, Timestamp time, Timestamp present) {
  fleet_now_ = std::max(fleet_now_, present);
  const auto assigned = assigned_.find(source);
  if (assigned == assigned_.end() || time <= assigned->second) return;
  assigned->second = time;
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

void EventMerge::save(std::string& out, std::size_t sources) const {
  put_difference(out, stream_time_, 0);
  put_difference(out, fleet_now_, 0);
  put_number(out, overflowed_);
  put_number(out, assigned_.size());
  for (const auto& [source, time] : assigned_) {
    put_number(out, source);
    put_difference(out, time, 0);
  }
  put_number(out, sources_.size());
  for (const auto& [number, source] : sources_) {
    put_number(out, number);
    put_difference(out, source.newest_key, 0);
  }
  // The events as packets; here sources have their numbers, names are the owner's.
  const std::vector<TopicNumber<std::string>> unnamed(sources, {"", 0});
  PacketWriter packet;
  const auto flush = [&] { put_text(out, packet.finish(unnamed, {})); };
  for (const auto& [number, source] : sources_) {
    for (const Waiting& waiting : source.events) {
      packet.add(waiting.batch->events[waiting.index], waiting.key, number);
      if (packet.size() >= kPacketBytesTarget) flush();
    }
  }
  if (!packet.empty()) flush();
  put_text(out, "");
}

bool EventMerge::restore(ByteReader& in, std::size_t sources) {
  stream_time_ = in.difference(0);
  fleet_now_ = in.difference(0);
  overflowed_ = in.number();
  for (std::size_t n = in.count(); n > 0 && in.ok(); --n) {
    const auto source = static_cast<std::uint32_t>(in.number(sources));
    assigned_[source] = in.difference(0);
  }
  std::map<std::uint32_t, Timestamp> newest;
  for (std::size_t n = in.count(); n > 0 && in.ok(); --n) {
    const auto source = static_cast<std::uint32_t>(in.number(sources));
    newest[source] = in.difference(0);
  }
  Packet packet;
  for (;;) {
    const std::string_view bytes = in.text(kPacketBytesMax);
    if (!in.ok()) return false;
    if (bytes.empty()) break;
    if (!decode_packet(bytes, packet).empty()) return false;
    EventBatch batch(bytes.size());
    for (std::size_t i = 0; i < packet.events.size(); ++i) batch.push(packet.events[i], packet.record_times[i]);
    take(std::move(batch));
  }
  for (const auto& [source, key] : newest) sources_[source].newest_key = std::max(sources_[source].newest_key, key);
  return true;
}

}  // namespace vpnverdict
