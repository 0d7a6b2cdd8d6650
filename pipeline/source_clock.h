// Up to which time each partition has been read, and which ones run too far ahead. Kept by the consumer's thread from
// the records' timestamps; the clocks are handed in. A partition that has been read to its end goes on with the clock,
// `margin` behind the present, so that silence becomes a verdict when traffic stops. Its end is what its broker said when
// it was asked, and holds for the present of that question: never for a later one.
//
// The present is the newest record time seen plus what has passed since: a replay of old records has its own present.
// Before the first record it is unknown; when none comes for kNothingCameMs it is the clock's, so that attempts kept
// from before a restart end.
// Limit: a shipper that died looks like one that has nothing to say, and what it brings later than the margin is late.
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
  // Everything that was in the source when its end was asked for has been read; `present`: that of the question.
  void on_end(std::uint32_t source, Timestamp present);
  // It holds more than was read.
  void on_more(std::uint32_t source);

  bool owned(std::uint32_t source) const { return sources_.contains(source); }
  bool at_end(std::uint32_t source) const;
  // Both are kUntimed while nothing is known.
  Timestamp time_of(std::uint32_t source) const;
  Timestamp present(Now now) const;
  std::vector<std::uint32_t> sources() const;

  // Sources that are more than `skew` ahead of the slowest one with records left, and must wait for it. One that waits
  // already goes on when it is no more than half of that ahead.
  std::set<std::uint32_t> too_far_ahead(Timestamp skew, const std::set<std::uint32_t>& waiting) const;

 private:
  struct Source {
    Timestamp newest = kUntimed;
    Timestamp ended = kUntimed;  // the present for which it was known to hold nothing more
    bool at_end = false;
  };
  Timestamp progress(const Source& source) const;

  const Timestamp margin_;
  std::map<std::uint32_t, Source> sources_;
  Timestamp newest_ = kUntimed;     // over all sources, ever
  Timestamp newest_at_ = 0;         // monotonic time at which it was seen
  Timestamp waiting_since_ = kUntimed;  // monotonic time of the first assignment
};

}  // namespace vpnverdict
