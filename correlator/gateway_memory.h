// Client logs name their gateway in some lines only. All lines of one host must reach the shard that owns the
// gateway's cluster, so a line that names none is completed with the gateway its host named last. One instance per
// parse thread; bounded; needed only where an inventory tells clusters apart.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "correlator/event.h"
#include "correlator/inventory.h"

namespace vpnverdict {

class GatewayMemory {
 public:
  // `inventory` must outlive the memory.
  explicit GatewayMemory(const Inventory& inventory) : active_(!inventory.concentrators.empty()) {}

  // Whether complete() would look at the event.
  bool concerns(const Event& event) const { return active_ && event.vantage == Vantage::client; }
  // The gateway set here is valid until the next call.
  void complete(Event& event) {
    if (!concerns(event)) return;
    const Timestamp when = event.time != kUntimed ? event.time : event.received;
    const std::string source = event.device.empty() ? "#" + std::to_string(event.ref.source) : std::string();
    const std::string_view key = event.device.empty() ? std::string_view(source) : event.device;
    const auto known = hosts_.find(key);
    if (event.gateway.empty()) {
      if (known != hosts_.end() && (when == kUntimed || when - known->second.when <= kFreshMs)) event.gateway = known->second.gateway;
      return;
    }
    if (known == hosts_.end() && hosts_.size() >= kHostsMax) hosts_.erase(hosts_.begin());
    Last& last = known != hosts_.end() ? known->second : hosts_[std::string(key)];
    last.gateway = event.gateway;
    last.when = when;
  }

  // What there is to keep over a restart: f(host, gateway, when), and back again.
  template <class F>
  void each(F&& f) const {
    for (const auto& [host, last] : hosts_) f(host, last.gateway, last.when);
  }
  void restore(std::string host, std::string gateway, Timestamp when) {
    if (active_ && hosts_.size() < kHostsMax) hosts_[std::move(host)] = {std::move(gateway), when};
  }

 private:
  static constexpr std::size_t kHostsMax = 262'144;         // a fleet's clients; beyond it a host is forgotten, not a line lost
  static constexpr Timestamp kFreshMs = 10LL * 60 * 1000;  // an attempt takes less, a prompt included
  struct Last {
    std::string gateway;
    Timestamp when = kUntimed;
  };
  bool active_;
  std::map<std::string, Last, std::less<>> hosts_;
};

}  // namespace vpnverdict
