// Whether a device booted though no line says so: the repeat counters of its messages (the RPT of a VPN 3000) begin anew. One counter
// that falls back may be an old line that came late, or another device under the same name; two that do, or one that goes on from below,
// are a boot. A value; bounded; the Shard's thread only. Times are device times, ms.
#pragma once

#include <cstdint>
#include <optional>

#include <absl/container/flat_hash_map.h>

#include "correlator/event.h"

namespace vpnverdict {

class BootWatch {
 public:
  // Any line of the device. When it shows a boot: the time from which on the device may have been up again.
  std::optional<Timestamp> saw(const Event& event) {
    if (event.repeats == 0 || event.message.empty() || event.time == kUntimed) return std::nullopt;
    return saw_counter(event);
  }

  template <class Archive>
  void archive(Archive& ar) {
    ar(repeats_, fallen_, before_, steps_, fell_, last_);
  }

 private:
  std::optional<Timestamp> saw_counter(const Event& event);

  struct AsItIs {
    std::size_t operator()(std::uint64_t hash) const { return hash; }
  };
  absl::flat_hash_map<std::uint64_t, std::uint32_t, AsItIs> repeats_;  // by hash of the message
  std::uint64_t fallen_ = 0;                                   // the message whose counter fell back first
  std::uint32_t before_ = 0;                                   // from where
  std::uint32_t steps_ = 0;                                    // how often it went on from below
  Timestamp fell_ = kUntimed;
  Timestamp last_ = kUntimed;
};

}  // namespace vpnverdict
