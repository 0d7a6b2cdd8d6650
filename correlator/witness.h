// What one concentrator's own log can vouch for. Turns silence into "false", or leaves it unknown: a live feed is not
// enough, because at the default level a healthy concentrator writes nothing when a first message arrives (diagnosis
// section 0). A value; bounded; touched by the Shard's thread only. Times are device times, ms.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>

#include "correlator/boot_watch.h"
#include "correlator/event.h"

namespace vpnverdict {

// A line that a concentrator writes when a packet of a client arrives.
bool shows_arrival(const Event& event);

class Witness {
 public:
  // Any line of the device, facts or not.
  void saw_line(const Event& event);
  // One of them that says something; see BootWatch.
  std::optional<Timestamp> saw_boot(const Event& event) { return boots_.saw(event); }

  // The log covers the whole span: it has a line before and one after.
  bool covers(Timestamp from, Timestamp to) const;
  // Arriving packets were logged on both sides of the span (within 15 minutes): had one come, it would be there.
  bool would_show_arrival(Timestamp from, Timestamp to) const;
  // Other clients reached the device around the span.
  bool other_peers_seen(Timestamp from, Timestamp to, std::uint64_t peer_hash) const;
  // ... and some of them got past phase 1: what the device sends does reach clients.
  bool others_get_through(Timestamp from, Timestamp to, std::uint64_t peer_hash) const;

  template <class Archive>
  void archive(Archive& ar) {
    ar(first_, last_, arrivals_, successes_, boots_);
  }

 private:
  struct Arrival {
    Timestamp time;
    std::uint64_t peer_hash;  // 0 when the line names no client
    template <class Archive>
    void archive(Archive& ar) {
      ar(time, peer_hash);
    }
  };
  Timestamp first_ = kUntimed;
  Timestamp last_ = kUntimed;
  static void note(std::deque<Arrival>& list, Timestamp time, std::uint64_t peer_hash);
  static bool by_others(const std::deque<Arrival>& list, Timestamp from, Timestamp to, std::uint64_t peer_hash);

  std::deque<Arrival> arrivals_;   // packets of clients, ascending by time, at most kArrivalsMax
  std::deque<Arrival> successes_;  // clients that got past phase 1, likewise
  BootWatch boots_;
};

}  // namespace vpnverdict
