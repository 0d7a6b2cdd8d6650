// Up to which time each partition has been read, and which ones run too far ahead. Kept by the consumer's thread from
// the records' timestamps; the clocks are handed in. A partition that has been read to its end goes on with the clock,
// `margin` behind the present, so that silence becomes a verdict when traffic stops.
//
// The present is the newest record time seen plus what has passed since: a replay of old records has its own present.
// Before the first record it is unknown; when none comes for kNothingCameMs it is the clock's, so that attempts kept
// from before a restart end.
// Limit: a shipper that died looks like one that has nothing to say; a partition that is read to its end holds
// nothing back. Exact progress needs every source to speak, which is a later step.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "correlator/event.h"

namespace vpnverdict {

class SourceClock {
 public:
  struct Now {
    Timestamp wall = 0;       // ms since 1970
    Timestamp monotonic = 0;  // ms, any origin
  };

  static constexpr Timestamp kNothingCameMs = 60'000;

  explicit SourceClock(Timestamp margin) : margin_(margin) {}

  // A new assignment replaces the old one.
  void assign(const std::vector<std::uint32_t>& sources, Now now);
  void on_record(std::uint32_t source, Timestamp record_time, Now now);
  void on_end(std::uint32_t source);

  bool owned(std::uint32_t source) const { return sources_.contains(source); }
  // Both are kUntimed while nothing is known.
  Timestamp time_of(std::uint32_t source, Now now) const;
  Timestamp present(Now now) const;
  std::vector<std::uint32_t> sources() const;
  // Sources that have been read to their end.
  std::vector<std::uint32_t> idle() const;

  // Sources that are more than `skew` ahead of the slowest one with records left, and must wait for it. One that waits
  // already goes on when it is no more than half of that ahead.
  std::set<std::uint32_t> too_far_ahead(Timestamp skew, const std::set<std::uint32_t>& waiting) const;

 private:
  struct Source {
    Timestamp newest = kUntimed;
    bool at_end = false;
  };
  const Timestamp margin_;
  std::map<std::uint32_t, Source> sources_;
  Timestamp newest_ = kUntimed;     // over all sources, ever
  Timestamp newest_at_ = 0;         // monotonic time at which it was seen
  Timestamp waiting_since_ = kUntimed;  // monotonic time of the first assignment
};

}  // namespace vpnverdict
