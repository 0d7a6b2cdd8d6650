// Puts the events of several partitions into one order, by record time, as far as every partition has been read: a
// partition that is read faster than another gains nothing, and a restart or a replay from files sees the same order.
// Within one partition the order is the partition's own. Bounded: over kReorderEventsMax events the oldest goes first
// although others may still come before it (counted). No clock, no thread; belongs to a shard's thread.
#pragma once

#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <vector>

#include "pipeline/batch.h"

namespace vpnverdict {

class EventMerge {
 public:
  explicit EventMerge(std::size_t events_max) : events_max_(events_max) {}

  void assign(const Assignment& assignment);
  void take(ShardBatch batch);

  // The next event that is due, with its place in stream time (kUntimed: none); null when none is due.
  // Valid until the next call of next() or take().
  const Event* next(Timestamp* time);

  // Up to which time all owned sources have been read; kUntimed while that is unknown. Never falls.
  Timestamp stream_time() const { return stream_time_; }
  Timestamp fleet_now() const { return fleet_now_; }

  struct Place {
    std::uint64_t next = 0;  // behind the newest record taken in
    std::uint64_t safe = 0;  // every line below has been taken in
  };
  const std::map<std::uint32_t, Place>& places() const { return places_; }
  // Positions of events that wait, by source, in no order.
  std::map<std::uint32_t, std::vector<std::uint64_t>> waiting() const;
  std::uint64_t overflowed() const { return overflowed_; }
  std::size_t held() const { return held_; }

 private:
  struct HeldBatch {
    EventBatch events;
    std::size_t left = 0;
  };
  struct Waiting {
    std::list<HeldBatch>::iterator batch;
    std::size_t index = 0;
    Timestamp key = kUntimed;
  };
  struct Source {
    std::deque<Waiting> events;
    Timestamp newest_key = kUntimed;
  };
  struct HeapItem {
    Timestamp key;
    std::uint32_t source;
    bool operator<(const HeapItem& other) const { return key != other.key ? key > other.key : source > other.source; }
  };

  void recompute_stream_time();
  void drop_given();

  const std::size_t events_max_;
  std::uint64_t assignment_ = 0;
  std::map<std::uint32_t, Timestamp> owned_;  // time of each owned source
  std::map<std::uint32_t, Place> places_;
  std::map<std::uint32_t, Source> sources_;
  std::list<HeldBatch> batches_;
  std::vector<HeapItem> heap_;  // the first waiting event of each source
  std::size_t held_ = 0;
  std::uint64_t overflowed_ = 0;
  Timestamp stream_time_ = kUntimed;
  Timestamp fleet_now_ = kUntimed;
  std::list<HeldBatch>::iterator given_ = batches_.end();  // the batch of the event that next() returned
};

}  // namespace vpnverdict
