// The fleet that the generator plays: concentrators with their log levels, clocks and faults, groups, people
// with their PCs. Everything is derived from the seed. Used by generate.cpp and generate_script.cpp only.
// Values; one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "correlator/event.h"
#include "correlator/inventory.h"
#include "pipeline/generate_random.h"

namespace vpnverdict {

inline constexpr std::size_t kBoxes = 20;        // in pairs: a cluster is two concentrators
inline constexpr std::size_t kFreshBox = 19;     // its address assignment was never ticked: nobody ever connects
inline constexpr std::size_t kOrdinaryGroups = 40;
inline constexpr std::size_t kSmallPools = 3;    // groups whose pool runs full
inline constexpr std::size_t kPoolless = 2;      // groups whose pool was never defined
inline constexpr Timestamp kOutageNoticeMs = 10 * 60'000;  // no attempt may still run when a box goes down

struct Span {
  Timestamp from = kUntimed;
  Timestamp until = kUntimed;
  bool holds(Timestamp at) const { return from != kUntimed && at >= from && at < until; }
};

struct Box {
  std::string name;
  std::string cluster;
  std::string address;
  int level = 5;               // most severe number it logs: 5 is the shipped default, 9 shows every packet
  Timestamp clock_offset = 0;  // its clock minus true time
  Span down;                   // powered off
  Span filtered;               // the public filter drops IKE
  std::vector<Span> feed_cut;  // its syslog does not arrive
  std::uint32_t sequence = 0;
  std::uint32_t handle = 0;
  Timestamp last_arrival = 0;
  std::unordered_map<std::string, std::uint32_t> repeats;  // RPT by CLASS/NUM since boot
};

struct SmallPool {
  std::string group;
  std::size_t box = 0;
  std::uint32_t size = 0;
  std::vector<Timestamp> leases;  // when each open lease ends
  std::size_t in_use(Timestamp at);
};

struct Person {
  std::uint64_t index = 0;
  std::string user;
  std::size_t group = 0;  // index into Fleet::groups
  std::size_t box = 0;
  std::string host;
  std::string peer;   // public address; several people may share one
  std::string inner;  // address before NAT
  bool shared_nat = false;
  bool linux_client = false;
  bool ships_always = false;
  bool ships_failures = false;
  bool envelope_tells = false;  // the shipper knows the public address and the profile's group
  bool natt = true;
  bool patient = false;         // this client version gives up after the peer time-out of 90 s, others after 20 s
  bool group_gone = false;      // its box lacks the group that its profile names rightly
  bool scanner = false;         // scans from its own address
  Timestamp clock_offset = 0;
  bool zone_wrong = false;      // the clock is off by whole hours
};

class Fleet {
 public:
  Fleet(std::uint64_t seed, std::uint64_t people, Timestamp start);

  Person person(std::uint64_t index) const;
  std::size_t partner(std::size_t box) const { return box ^ 1; }
  std::string virtual_address(std::size_t box) const;
  Inventory inventory() const;

  std::vector<Box> boxes;
  std::vector<std::string> groups;  // the ordinary ones first, most used first
  std::vector<SmallPool> small_pools;
  std::vector<std::string> poolless;
  std::vector<Timestamp> busy_until;  // per person: the next attempt may start after this

 private:
  std::size_t group_of(Random& random) const;
  std::uint64_t seed_;
};

// YAML in the shape of correlator/inventory.h.
std::string inventory_yaml(const Inventory& inventory);

}  // namespace vpnverdict
