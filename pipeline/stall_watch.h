// Partitions that stand still: nothing came of them, and nobody said that there is nothing. Told about after half of the
// patience; given up after all of it when it is known that the partition holds more, since then the client, not the
// partition, is what stands. Times are monotonic and handed in. Belongs to one thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "correlator/event.h"

namespace vpnverdict {

class StallWatch {
 public:
  explicit StallWatch(Timestamp patience) : patience_(patience) {}

  struct Stall {
    std::uint32_t partition = 0;
    Timestamp silent = 0;    // ms
    bool holds_more = false;
    bool over = false;       // patience is at its end
  };

  // Exactly these are watched from now on.
  void begin(const std::vector<std::uint32_t>& partitions, Timestamp now);
  // A record of it came, or the word that there is none.
  void heard(std::uint32_t partition, Timestamp now);
  // It holds more than came.
  void holds_more(std::uint32_t partition);
  // The one that has stood for longest, if it is worth telling; one that is over before one that is not.
  std::optional<Stall> longest(Timestamp now) const;

 private:
  struct State {
    Timestamp heard = 0;
    bool holds_more = false;
  };
  const Timestamp patience_;
  std::map<std::uint32_t, State> watched_;
};

}  // namespace vpnverdict
