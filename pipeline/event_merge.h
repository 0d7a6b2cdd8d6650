// Puts the events of several sources (raw partitions) into one order, by record time, as far as every source has been
// read: a partition that is read faster than another gains nothing, and a restart or a replay from files sees the same
// order. Within one source the order is the source's own. Bounded: over the given number of events the oldest goes
// first although others may still come before it (counted). No clock, no thread; its state can be saved.
#pragma once

#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <string>
#include <vector>

#include "pipeline/batch.h"
#include "pipeline/byte_codec.h"

namespace vpnverdict {

class EventMerge {
 public:
  explicit EventMerge(std::size_t events_max) : events_max_(events_max) {}

  // These are the sources whose marks are waited for, from now on. A new one holds the stream back until it speaks.
  void assign(const std::vector<std::uint32_t>& sources);
  void take(EventBatch events);
  // Every record of the source up to `time` has been taken in; `present`: the present, by the records' clock.
  void mark(std::uint32_t source, Timestamp time, Timestamp present);

  // The next event that is due, with its place in stream time (kUntimed: none); null when none is due.
  // Valid until the next call of next() or take().
  const Event* next(Timestamp* time);

  // Up to which time all assigned sources have been read; kUntimed while that is unknown. Never falls.
  Timestamp stream_time() const { return stream_time_; }
  Timestamp fleet_now() const { return fleet_now_; }
  // The assigned source that holds the stream back; false when there is none.
  bool slowest(std::uint32_t* source) const;
  std::uint64_t overflowed() const { return overflowed_; }
  std::size_t held() const { return held_; }

  // `sources`: how many numbers of sources there are.
  void save(std::string& out, std::size_t sources) const;
  // False when the bytes are damaged; the object is then worth nothing.
  bool restore(ByteReader& in, std::size_t sources);

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
  std::map<std::uint32_t, Timestamp> assigned_;  // time of each assigned source
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
