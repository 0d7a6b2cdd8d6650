// Client logs name their gateway in some lines only. All lines of one host must reach the shard that owns the
// gateway's cluster, so a line that names none is completed with the gateway its host named last. One instance per
// parse thread; bounded; needed only where an inventory tells clusters apart.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "correlator/event.h"
#include "correlator/inventory.h"
#include "correlator/keys.h"

namespace vpnverdict {

class GatewayMemory {
 public:
  // `inventory` must outlive the memory.
  explicit GatewayMemory(const Inventory& inventory) : active_(!inventory.concentrators.empty()) {}
  GatewayMemory(const GatewayMemory&) = delete;
  GatewayMemory& operator=(const GatewayMemory&) = delete;

  // Whether complete() would look at the event.
  bool concerns(const Event& event) const { return active_ && event.vantage == Vantage::client; }
  // The gateway set here is valid until the next call.
  void complete(Event& event) {
    if (!concerns(event)) return;
    const Timestamp when = event.time != kUntimed ? event.time : event.received;
    const std::string source = event.device.empty() ? "#" + std::to_string(event.ref.source) : std::string();
    const std::string_view key = event.device.empty() ? std::string_view(source) : event.device;
    Host*& recent = recent_[hash_of(key) >> 56];
    if (recent == nullptr || recent->first != key) {
      const auto known = hosts_.find(key);
      if (known == hosts_.end() && event.gateway.empty()) return;
      recent = known != hosts_.end() ? &*known : add(key);
    }
    Last& last = recent->second;
    if (event.gateway.empty()) {
      if (when == kUntimed || when - last.when <= kFreshMs) event.gateway = last.gateway;
      return;
    }
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
  using Hosts = std::map<std::string, Last, std::less<>>;
  using Host = Hosts::value_type;
  Host* add(std::string_view name) {
    if (hosts_.size() >= kHostsMax) {
      recent_.fill(nullptr);
      hosts_.erase(hosts_.begin());
    }
    return &*hosts_.try_emplace(std::string(name)).first;
  }

  bool active_;
  Hosts hosts_;
  std::array<Host*, 256> recent_{};  // who was asked for last, by hash: a host's lines come in a row
};

}  // namespace vpnverdict
