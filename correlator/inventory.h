// What the operator may tell about the fleet. Optional: it sharpens verdicts and is never required.
// A value, read-only once built; safe to share between threads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "correlator/letters.h"

namespace vpnverdict {

struct Concentrator {
  std::string name;                    // as its syslog header names it
  std::string cluster;                 // concentrators that back each other up or share a virtual address
  std::vector<std::string> addresses;  // every name and address under which logs of either side mention it, VIPs included
};

struct PoolSize {
  std::string cluster;  // or concentrator name
  std::string name;     // pool or group
  std::uint32_t size = 0;
};

// Every name and address of a list of concentrators, found in one step. A host name also answers to its short form:
// "vpn1" and "vpn1.example.com" are one, "vpn1.example.com" and "vpn1.example.net" are not.
class ConcentratorNames {
 public:
  ConcentratorNames() = default;
  explicit ConcentratorNames(const std::vector<Concentrator>& concentrators);
  // Position of the first concentrator that has the name, kNone when there is none.
  std::size_t find(std::string_view name) const;
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

 private:
  struct Positions {
    std::size_t whole = kNone;       // as it is written
    std::size_t short_form = kNone;  // of a host name, its part before the first dot
    std::size_t bare = kNone;        // host name written without a dot
  };
  void add(std::string_view name, std::size_t position);
  absl::flat_hash_map<std::string, Positions, HashIgnoringCase, EqualIgnoringCase> names_;
};

struct Inventory {
  std::vector<Concentrator> concentrators;
  std::vector<std::string> groups;           // issued group names
  std::vector<std::string> client_networks;  // known client addresses, CIDR
  std::vector<PoolSize> pools;
  ConcentratorNames names;  // of `concentrators`, as index() found them

  // To be called after `concentrators` was filled: names are looked up here only.
  void index() { names = ConcentratorNames(concentrators); }
  // Cluster of a concentrator's name or address; empty when the inventory does not know it.
  std::string_view cluster_of(std::string_view name_or_address) const;
  // Name of the concentrator that has this name or address; empty when unknown.
  std::string_view concentrator_named(std::string_view name_or_address) const;
  bool issued(std::string_view group) const;
  // True when an issued name is at most two edits away: a typo, not a scan.
  bool near_issued(std::string_view group) const;
  bool known_client(std::string_view address) const;
  std::uint32_t pool_size(std::string_view cluster, std::string_view pool) const;  // 0 = unknown
};

}  // namespace vpnverdict
