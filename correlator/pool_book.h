// Which pool a concentrator's line speaks of, for all pools of one cluster: by the pool's name, else the group's, else the
// device's. Groups that turn out to draw from one pool are counted together. A boot frees what the device had given.
// A value; bounded; the Shard's thread only; deterministic.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "correlator/event.h"
#include "correlator/inventory.h"
#include "correlator/pool.h"
#include "correlator/pool_view.h"

namespace vpnverdict {

// What one line says, with what its attempt knows already.
struct PoolLine {
  Timestamp time = 0;  // stream time
  FactMask says;
  std::string_view device;
  std::string_view pool;
  std::string_view group;
  std::string_view user;
  std::string_view peer;
  std::string_view address;
  std::uint64_t session = 0;
  bool external = false;  // the attempt's address comes from AAA or DHCP
  bool source_failed = false;  // the attempt was refused by AAA or DHCP before
};

class PoolBook {
 public:
  // Facts that move a pool.
  static constexpr FactMask kGiven = {Fact::concentrator_address_assigned, Fact::concentrator_connected, Fact::concentrator_phase2_done};
  static constexpr FactMask kReturned = {Fact::concentrator_disconnected, Fact::concentrator_address_released};
  static constexpr FactMask kRefused = {Fact::concentrator_address_failed, Fact::concentrator_address_pool_full, Fact::concentrator_address_pool_missing,
                                        Fact::concentrator_address_pool_refused};
  static constexpr FactMask kMoves = kGiven | kReturned | kRefused;

  // Most lines move nothing.
  void take(const Inventory& inventory, const PoolLine& line) {
    if (line.says.intersects(kMoves)) move(inventory, line);
  }
  // What the device had given before this time is free.
  void boot(std::string_view device, Timestamp before);
  // Asked at every line; seldom there is something to do.
  void settle(Timestamp now) {
    if (now != kUntimed && (settled_ == kUntimed || now - settled_ >= kSettleMs)) settle_all(now);
  }

  // The pool_* facts that hold for the user of this refused attempt.
  FactMask facts(const Inventory& inventory, const PoolLine& refused) const;
  void views(const Inventory& inventory, std::vector<PoolView>& out) const;
  std::uint64_t not_followed() const { return not_followed_; }

  template <class Archive>
  void archive(Archive& ar) {
    ar(pools_, routes_, shared_, external_, not_followed_, settled_, tidied_);
    if constexpr (requires { ar.ok(); }) index();
  }

 private:
  static constexpr Timestamp kSettleMs = 30 * 60 * 1000;  // pools with traffic settle by themselves

  struct Pool {
    std::string scope;  // device, or cluster
    std::string name;
    bool by_group = false;
    bool source_no_matter = false;  // it gave addresses after a DHCP or AAA source had failed
    PoolLedger ledger;
    template <class Archive>
    void archive(Archive& ar) {
      ar(scope, name, by_group, source_no_matter, ledger);
    }
  };

  // What a line of this device, pool and group was found to be about.
  struct Known {
    std::string scope;
    std::uint64_t scope_hash = 0;
    std::uint32_t device = 0;  // its hash, as a LeaseClaim has it
    Pool* pool = nullptr;      // null: not known
    Pool* group_of = nullptr;  // pool to which the lines that only name the group were led
    std::uint64_t as_of = 0;   // routes_as_of_: since then nothing was led or merged
    void forget_before(std::uint64_t time) {
      if (as_of != time) pool = group_of = nullptr, as_of = time;
    }
  };

  void move(const Inventory& inventory, const PoolLine& line);
  void settle_all(Timestamp now);
  static std::string key_of(std::string_view scope, std::string_view name);
  static std::string_view scope_of(const Inventory& inventory, const PoolLine& line);
  Known& known_of(const Inventory& inventory, const PoolLine& line);
  static std::uint32_t size_of(const Inventory& inventory, const Pool& pool);
  Pool* owner_of(std::uint64_t scope, std::uint64_t address) const;
  const std::string& routed(const std::string& key) const;
  Pool* open(std::string_view scope, std::string_view name, bool by_group);
  Pool* pool_of(Known& known, const PoolLine& line);
  void lead_group(Known& known, std::string_view group, Pool* pool);
  void give(Known& known, const PoolLine& line, const LeaseClaim& claim);
  void give_back(Known& known, const PoolLine& line, const LeaseClaim& claim);
  Pool* shared_pool(Pool* pool, Pool* other);
  void route(std::string_view group, Pool* pool);
  Pool* merge(Pool* from, Pool* into);
  void index();
  void adopt_addresses(Pool& pool);

  std::map<std::string, Pool> pools_;                // by scope and name
  std::map<std::string, std::string> routes_;        // group's key -> key of the pool that it draws from
  std::map<std::string, std::uint32_t> shared_;      // two groups' keys -> addresses that both were given
  std::set<std::uint64_t> external_;                 // addresses that AAA or DHCP gave, by scope and address
  struct Owner {
    Pool* pool = nullptr;
    std::uint64_t address = 0;
  };
  absl::flat_hash_map<std::uint64_t, Owner> owner_;  // by scope and address; looked up, never iterated to decide
  absl::flat_hash_map<std::uint64_t, Known> known_;    // by device, pool and group; not part of the state
  Known beyond_;                                     // of a line when these are too many
  std::uint64_t routes_as_of_ = 0;                   // grows when pools are merged and groups led elsewhere
  std::uint64_t not_followed_ = 0;                   // lines of pools beyond kPoolsMax
  Timestamp settled_ = kUntimed;
  Timestamp tidied_ = kUntimed;
};

}  // namespace vpnverdict
