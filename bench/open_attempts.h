// Attempts as the benches open them: within so short a time that no time-out passes, and so long ago that they wait for their next
// line. Deterministic.
#pragma once

#include <malloc.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "correlator/boot_watch.h"
#include "correlator/pool_book.h"
#include "correlator/shard.h"

namespace vpnverdict {

inline std::string address_of(std::size_t n) {
  return "10." + std::to_string(n >> 16 & 255) + '.' + std::to_string(n >> 8 & 255) + '.' + std::to_string(n & 255);
}
// IPv4 has fewer addresses than 10^7 attempts need from 10.0.0.0/8 alone.
inline std::string peer_of(std::size_t n) { return n < (std::size_t{1} << 24) ? address_of(n) : "2001:db8::" + std::to_string(n); }
inline std::string box_name(std::size_t n) { return "vpn" + std::to_string(n); }

inline Inventory inventory_of(std::size_t boxes) {
  Inventory inventory;
  for (std::size_t n = 0; n < boxes; ++n) {
    Concentrator box;
    box.name = box_name(n);
    inventory.concentrators.push_back(std::move(box));
  }
  inventory.index();
  return inventory;
}

inline std::size_t heap() {
  const struct mallinfo2 info = ::mallinfo2();
  return info.uordblks + info.hblkhd;  // large blocks are mapped, each by itself
}

inline constexpr Timestamp kFirstOpened = 1'700'000'000'000;
inline constexpr Timestamp kOpenedWithinMs = 25'000;
inline constexpr Timestamp kWaitedMs = 26'000;  // they are at rest then, and the first of them would time out after a minute

// Line `step` of attempt `n`: 0 is the group's, 1 the proposal's, 2 names the user.
struct AttemptLine {
  std::string peer, user, group, device, text;
  Event event;
  AttemptLine(std::size_t n, std::size_t groups, std::size_t boxes, int step, Timestamp opened = kFirstOpened)
      : peer(peer_of(n)), user("user" + std::to_string(n)), group("group" + std::to_string(n % groups)), device(box_name(n % boxes)) {
    constexpr Fact kSays[] = {Fact::concentrator_group_found, Fact::concentrator_proposal_accepted, Fact::concentrator_user_ok};
    text = "Group [" + group + "] User [" + (step == 2 ? user : "") + "] step " + std::to_string(step) + " of attempt " + std::to_string(n);
    event.vantage = Vantage::concentrator;
    event.dialect = Dialect::vpn3000;
    event.time = event.received = opened + step * 1'000;
    event.device = device;
    event.peer = peer;
    event.group = group;
    if (step == 2) event.user = user;
    event.text = text;
    event.says = kSays[step];
    event.ref = {1, n};
  }
};

// Opens them with the lines of `steps`, and lets them wait.
inline void open_attempts(Shard& shard, std::size_t attempts, std::size_t groups, std::size_t boxes, std::vector<int> steps, std::vector<Verdict>& out) {
  constexpr std::size_t kPart = 4'096;  // what waits for the grace period is bounded
  for (std::size_t begin = 0; begin < attempts; begin += kPart) {
    const Timestamp now = kFirstOpened + kOpenedWithinMs * static_cast<Timestamp>(begin) / static_cast<Timestamp>(attempts);
    for (const int step : steps)
      for (std::size_t n = begin; n < std::min(attempts, begin + kPart); ++n) shard.on_event(AttemptLine(n, groups, boxes, step, now).event, out);
    shard.advance_to(now, out);
  }
  for (Timestamp waited = 0; waited <= kWaitedMs; waited += 1'000) shard.advance_to(kFirstOpened + kOpenedWithinMs + waited, out);
}

inline void next_lines(Shard& shard, std::size_t attempts, std::size_t groups, std::size_t boxes, std::size_t count, std::vector<Verdict>& out) {
  std::size_t n = 0;
  for (std::size_t i = 0; i < count; ++i) {
    shard.on_event(AttemptLine(n, groups, boxes, 2).event, out);
    n = (n + 7'919) % attempts;
  }
}

// Text of the evidence that open_attempts() leaves with an attempt.
inline double evidence_bytes(std::size_t attempts, const std::vector<int>& steps) {
  const std::size_t middle = attempts / 2;
  double bytes = 0;
  for (const int step : steps) bytes += static_cast<double>(AttemptLine(middle, 1, 1, step).text.size());
  return bytes;
}

// The lines that the ledger gets: what an attempt learned before goes with each of its lines, as in the shard.
struct LedgerLine {
  const Event* event;
  PoolLine line;
};
inline std::vector<LedgerLine> pool_lines_of(const std::vector<Event>& events) {
  struct Known {
    std::uint64_t session = 0;
    std::string_view group, user, address, pool;
  };
  std::map<std::pair<std::string_view, std::string_view>, Known> known;
  std::vector<LedgerLine> out;
  std::uint64_t sessions = 0;
  for (const Event& event : events) {
    if (event.vantage != Vantage::concentrator) continue;
    Known& half = known[{event.device, event.peer}];
    if (half.session == 0) half.session = ++sessions;
    if (!event.group.empty()) half.group = event.group;
    if (!event.user.empty()) half.user = event.user;
    if (!event.address.empty()) half.address = event.address;
    if (!event.pool.empty()) half.pool = event.pool;
    out.push_back({&event, {event.time, event.says, event.device, half.pool, half.group, half.user, event.peer, half.address, half.session}});
    if (event.says.has(Fact::concentrator_disconnected)) half = {};
  }
  return out;
}

// What the witness of each line's device knows of its boots, in the order of the lines.
class BootWatches {
 public:
  explicit BootWatches(const std::vector<LedgerLine>& lines) {
    for (const LedgerLine& one : lines) watches_.push_back(&of_device_[one.line.device]);
  }
  BootWatch& operator[](std::size_t line) { return *watches_[line]; }

 private:
  std::map<std::string_view, BootWatch> of_device_;
  std::vector<BootWatch*> watches_;
};

// The line, as the shard gives it to its ledger.
inline void tell(PoolBook& book, const Inventory& inventory, const LedgerLine& one, BootWatch& boots) {
  if (const auto before = boots.saw(*one.event)) book.boot(one.line.device, *before);
  book.take(inventory, one.line);
}

}  // namespace vpnverdict
