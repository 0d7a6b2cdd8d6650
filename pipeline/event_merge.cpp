#include "pipeline/event_merge.h"

#include <algorithm>
#include <limits>

#include "pipeline/event_codec.h"

namespace vpnverdict {
namespace {

constexpr Timestamp kLookEveryMs = 1'000;

}  // namespace

void EventMerge::assign(const std::vector<std::uint32_t>& sources) {
  std::map<std::uint32_t, Assigned> assigned;
  for (const std::uint32_t source : sources) {
    const auto known = assigned_.find(source);
    assigned[source] = known == assigned_.end() ? Assigned{kUntimed, log_time_, false} : known->second;
  }
  assigned_ = std::move(assigned);
  recompute_stream_time();
}

void EventMerge::tick(Timestamp written) {
  if (written == kUntimed) return;
  if (written_ != kUntimed) log_time_ += std::clamp<Timestamp>(written - written_, 0, kPauseMax);
  written_ = std::max(written_, written);
  if (hold_ == 0 || log_time_ - looked_ < std::min(hold_ / 4, kLookEveryMs)) return;
  looked_ = log_time_;
  recompute_stream_time();
}

void EventMerge::recompute_stream_time() {
  if (assigned_.empty()) return;
  const bool present = fleet_now_ != kUntimed;
  const Timestamp at_least = present ? fleet_now_ + (log_time_ - present_at_) - hold_ : kUntimed;
  Timestamp lowest = std::numeric_limits<Timestamp>::max();
  for (const auto& [number, source] : assigned_)  // kUntimed is the least of all
    lowest = std::min(lowest, present && vanished(source) ? std::max(source.time, at_least) : source.time);
  stream_time_ = std::max(stream_time_, lowest);
  for (auto& [number, source] : assigned_)
    source.passed_by = source.time < stream_time_ && (source.passed_by || vanished(source));
}

std::vector<std::uint32_t> EventMerge::passed_by(std::size_t most) const {
  std::vector<std::uint32_t> out;
  for (const auto& [number, source] : assigned_)
    if (source.passed_by && out.size() < most) out.push_back(number);
  return out;
}

bool EventMerge::slowest(std::uint32_t* source) const {
  const auto found = std::min_element(assigned_.begin(), assigned_.end(),
                                      [](const auto& a, const auto& b) { return a.second.time < b.second.time; });
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
  if (present > fleet_now_) {
    fleet_now_ = present;
    present_at_ = log_time_;
  }
  const auto assigned = assigned_.find(source);
  if (assigned == assigned_.end() || time <= assigned->second.time) return;
  assigned->second.time = time;
  assigned->second.advanced = log_time_;
  recompute_stream_time();
}

void EventMerge::drop_given() {
  if (!given_) return;
  if (--(*given_)->left == 0) batches_.erase(*given_);
  given_.reset();
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
  put_difference(out, log_time_, 0);
  put_difference(out, written_, 0);
  put_difference(out, looked_, 0);
  put_difference(out, present_at_, 0);
  put_number(out, assigned_.size());
  for (const auto& [number, source] : assigned_) {
    put_number(out, number);
    put_difference(out, source.time, 0);
    put_difference(out, source.advanced, 0);
    put_number(out, source.passed_by ? 1 : 0);
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
  log_time_ = in.difference(0);
  written_ = in.difference(0);
  looked_ = in.difference(0);
  present_at_ = in.difference(0);
  for (std::size_t n = in.count(); n > 0 && in.ok(); --n) {
    Assigned& source = assigned_[static_cast<std::uint32_t>(in.number(sources))];
    source.time = in.difference(0);
    source.advanced = in.difference(0);
    source.passed_by = in.number(1) == 1;
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
