// Puts the events of several sources (raw partitions) into one order, by record time, as far as every source has been
// read: a partition that is read faster than another gains nothing, and a restart or a replay from files sees the same
// order. Within one source the order is the source's own. Bounded: over the given number of events the oldest goes
// first although others may still come before it (counted). No clock, no thread; its state can be saved.
#pragma once

#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "correlator/byte_codec.h"
#include "pipeline/batch.h"

namespace vpnverdict {

class EventMerge {
 public:
  static constexpr Timestamp kPauseMax = 10'000;

  // `hold`: a source that tells of no progress for so long, in ms of the log's own time, is passed by so far behind the present;
  // 0: it is waited for however long.
  EventMerge(std::size_t events_max, Timestamp hold) : events_max_(events_max), hold_(hold) {}

  // These are the sources whose marks are waited for, from now on. A new one holds the stream back until it speaks.
  void assign(const std::vector<std::uint32_t>& sources);
  void take(EventBatch events);
  // The log was written on, at this time. What lasts longer than kPauseMax between two records is a pause of the log itself.
  void tick(Timestamp written);
  // Every record of the source up to `time` has been taken in; `present`: the present, by the records' clock.
  void mark(std::uint32_t source, Timestamp time, Timestamp present);

  // The next event that is due, with its place in stream time (kUntimed: none); null when none is due.
  // Valid until the next call of next() or take().
  const Event* next(Timestamp* time);

  // Up to which time all assigned sources have been read; kUntimed while that is unknown. Never falls.
  Timestamp stream_time() const { return stream_time_; }
  Timestamp fleet_now() const { return fleet_now_; }
  // Assigned sources that the stream has passed by, at most `most`: what they hold is missing until they have been read so far.
  std::vector<std::uint32_t> passed_by(std::size_t most) const;
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

  struct Assigned {
    Timestamp time = kUntimed;   // up to which it has been read
    Timestamp advanced = 0;      // log time at which that grew last
    bool passed_by = false;
  };
  void recompute_stream_time();
  bool vanished(const Assigned& source) const { return hold_ > 0 && log_time_ - source.advanced > hold_; }
  void drop_given();

  const std::size_t events_max_;
  const Timestamp hold_;
  std::map<std::uint32_t, Assigned> assigned_;
  Timestamp log_time_ = 0;        // how long the log goes on
  Timestamp written_ = kUntimed;  // of its newest record
  Timestamp looked_ = 0;          // log time of the last look for sources that have vanished
  Timestamp present_at_ = 0;      // log time at which fleet_now_ was told
  std::map<std::uint32_t, Source> sources_;
  std::list<HeldBatch> batches_;
  std::vector<HeapItem> heap_;  // the first waiting event of each source
  std::size_t held_ = 0;
  std::uint64_t overflowed_ = 0;
  Timestamp stream_time_ = kUntimed;
  Timestamp fleet_now_ = kUntimed;
  std::optional<std::list<HeldBatch>::iterator> given_;  // the batch of the event that next() returned; a moved list has another end
};

}  // namespace vpnverdict
