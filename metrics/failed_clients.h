// Distinct clients whose attempts failed lately, by group. Alerts have their floor here: one laptop that tries again and again is
// one client. Bounded; a value, of one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "correlator/event.h"

namespace vpnverdict {

inline constexpr Timestamp kFailedClientsWindowMs = 30LL * 60 * 1'000;
// Remembered at once, of all groups; about 5 MB. Beyond it new ones are not counted until others are old: a lower bound.
inline constexpr std::size_t kFailedClientsMax = 65'536;

class FailedClients {
 public:
  // `client`: a hash of who it is. `at`: stream time.
  void add(std::uint32_t group, std::uint64_t client, Timestamp at);
  // Adds how many there are at `now` to each group's place; a client of another shard is another client.
  void count(Timestamp now, std::vector<std::uint64_t>& by_group) const;

 private:
  struct Seen {
    std::uint32_t group = 0;
    Timestamp last = kUntimed;
  };
  void forget_old();

  std::unordered_map<std::uint64_t, Seen> seen_;  // by group and client
  Timestamp newest_ = kUntimed;
  Timestamp looked_at_ = 0;  // when the old ones were forgotten last
};

}  // namespace vpnverdict
