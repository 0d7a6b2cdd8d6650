// The addresses of one pool as its log shows them: what was given, given back and refused. Answers the one question
// of step 8 that no single attempt can: does it fail always, or after a certain number (diagnosis section 3).
// A value; bounded; the Shard's thread only. Counts are of this log: lost lines make them estimates, and each way in
// which a lost line betrays itself (an address given again, a lease older than sessions ever get) puts them right.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <absl/container/btree_set.h>
#include <absl/container/flat_hash_map.h>

#include "correlator/event.h"
#include "correlator/pool_view.h"

namespace vpnverdict {

// Hashes of whom and what a line names; 0 where it names none.
struct LeaseClaim {
  Timestamp time = kUntimed;
  std::uint64_t address = 0;
  std::uint64_t holder = 0;   // the user, else his outer address
  std::uint64_t peer = 0;     // his outer address
  std::uint64_t session = 0;  // the attempt that the line belongs to
  std::uint32_t device = 0;
  bool begins = true;  // a session begins; otherwise it may be new keys for an old one
};

class PoolLedger {
 public:
  // An address was given, or another line of the same session says so again.
  void given(const LeaseClaim& claim);
  void released(const LeaseClaim& claim);
  void refused(const LeaseClaim& claim);
  // The device lost its leases that are older than `before`.
  void rebooted(std::uint32_t device, Timestamp before);
  // The address now belongs to another ledger; `session` = the attempt that has it there.
  void forget(std::uint64_t address, Timestamp time, std::uint64_t session);
  // Takes over the leases and the knowledge of a ledger that turned out to be about the same pool.
  void absorb(const PoolLedger& other);
  // Lets leases that are too old go. Cheap when called again within ten minutes.
  void settle(Timestamp now);

  std::uint32_t in_use() const { return in_use_; }
  bool ever_assigned() const { return given_before_; }
  bool knows(std::uint64_t address) const { return leases_.contains(address); }
  bool holds(std::uint64_t address, std::uint64_t session) const;
  bool served_by(std::uint32_t device) const;
  // The pool_* facts that hold for a refusal of `user` now. `configured` = size from the inventory, 0 = unknown.
  FactMask facts(std::uint64_t user, std::uint32_t configured) const;
  // Everything but the names.
  PoolView view(std::uint32_t configured) const;

  template <class Visit>
  void for_each_address(Visit visit) const {
    for (const auto& [key, lease] : leases_)
      if (!keyless(key)) visit(key);
  }

  template <class Archive>
  void archive(Archive& ar) {
    ar(leases_, refused_users_, refusals_, durations_, successes_, assignments_, releases_, expired_, refusal_count_, resets_, freed_, contradicted_,
       inferred_, in_use_, last_release_, last_given_, last_refusal_, swept_, plateaus_, refuted_on_, booted_at_, survivors_, tells_addresses_, awaiting_, given_before_, slot_, slots_, days_, failing_since_success_, devices_);
    if constexpr (requires { ar.ok(); }) index();
  }

 private:
  enum class State : std::uint8_t {
    open,
    closed,   // kept as an address that the pool has
    aged,     // its end was never seen and it is older than is likely
    booted,   // the device lost it, if it was this unit that started
  };
  struct Lease {
    Timestamp since = kUntimed;
    Timestamp last = kUntimed;
    std::uint64_t holder = 0;
    std::uint64_t peer = 0;
    std::uint64_t session = 0;
    std::uint32_t device = 0;
    State state = State::closed;
    std::uint8_t grants = 0;  // how often the address was given, up to 255
    bool open() const { return state == State::open; }
    bool presumed_over() const { return state == State::aged || state == State::booted; }
    template <class Archive>
    void archive(Archive& ar) {
      ar(since, last, holder, peer, session, device, state, grants);
    }
  };
  struct Refusal {
    Timestamp time = kUntimed;
    std::uint64_t user = 0;
    std::uint64_t session = 0;
    std::uint32_t level = 0;  // addresses in use
    bool one_was_free = false;  // an address had come back since the last one was given
    template <class Archive>
    void archive(Archive& ar) {
      ar(time, user, session, level, one_was_free);
    }
  };
  struct RefusedUser {
    Timestamp last = kUntimed;
    std::uint32_t refusals = 0;
    std::uint32_t level = 0;         // the least at which he was refused
    std::uint32_t others_above = 0;  // successes of others that took the pool above that
    template <class Archive>
    void archive(Archive& ar) {
      ar(last, refusals, level, others_above);
    }
  };
  struct DayPlateau {
    std::int64_t day = 0;
    std::uint32_t level = 0;  // the least of the day at which users were refused
    template <class Archive>
    void archive(Archive& ar) {
      ar(day, level);
    }
  };
  using Key = std::uint64_t;  // the address, or holder and place with the top bit set
  using Leases = absl::flat_hash_map<Key, Lease>;

  struct Census {
    std::uint32_t known = 0;            // addresses that were ever given
    std::uint32_t idle = 0;             // of them given back
    std::uint32_t proven = 0;           // of them held, or given more than once
    std::uint32_t without_address = 0;  // leases whose address is not known
    bool tell_all() const { return known > 0 && without_address * 20 <= known; }
  };

  static constexpr Key kNoAddress = Key{1} << 63;
  static bool keyless(Key key) { return (key & kNoAddress) != 0; }

  void close(Leases::iterator lease, Timestamp time);
  void presume_over(Leases::iterator lease, State state);
  void late_word(const LeaseClaim& claim);
  void survived_boot(Timestamp time);
  Leases::iterator lease_of(const LeaseClaim& claim);
  void took_address(const LeaseClaim& claim, std::uint32_t before, bool reused, bool was_idle);
  void now_named(Refusal& refusal, std::uint64_t user);
  void served_from(std::uint32_t device);
  void note_use(Timestamp time);
  void index();
  Timestamp longest_lease_ms() const;
  std::uint32_t recent_peak() const;
  Census census() const;
  // Something came back and nobody was given anything since.
  bool one_is_free() const { return last_release_ != kUntimed && last_release_ > last_given_; }
  std::uint32_t plateau_at(std::uint32_t level, std::uint64_t user, const Census& addresses) const;
  void infer_capacity(Timestamp time, std::uint64_t user);
  void capacity_exceeded(Timestamp time);

  Leases leases_;
  absl::btree_set<std::pair<std::uint64_t, Key>> by_holder_;  // leases that are open or presumed to be over
  std::map<std::uint64_t, RefusedUser> refused_users_;
  std::deque<Refusal> refusals_;                        // newest last; those that a later success refuted are gone
  std::vector<std::uint64_t> failing_since_success_;    // users refused since anybody was given an address
  std::vector<std::uint32_t> devices_;                  // who gave addresses of the pool or refused them
  std::vector<std::uint32_t> durations_;                // closed sessions by length, in steps of an eighth of a doubling from a minute
  std::uint64_t successes_ = 0;                         // since boot
  std::uint64_t assignments_ = 0;
  std::uint64_t releases_ = 0;
  std::uint64_t expired_ = 0;
  std::uint64_t refusal_count_ = 0;
  std::uint64_t resets_ = 0;
  std::uint32_t freed_ = 0;         // after a refusal something was released and then somebody succeeded
  std::uint32_t contradicted_ = 0;  // after a refusal somebody succeeded with nothing released
  std::uint32_t inferred_ = 0;
  std::uint32_t in_use_ = 0;
  Timestamp last_release_ = kUntimed;
  Timestamp last_given_ = kUntimed;
  Timestamp last_refusal_ = kUntimed;
  std::deque<DayPlateau> plateaus_;      // of logs without addresses: one number of one day may be off
  std::int64_t refuted_on_ = 0;          // the day on which more were in use than the plateaus allow
  Timestamp booted_at_ = kUntimed;
  std::uint32_t survivors_ = 0;          // sessions from before that boot that were heard of since
  Timestamp swept_ = kUntimed;
  bool tells_addresses_ = false;         // the log names nearly every address, as of the last sweep
  bool awaiting_ = false;      // a refusal happened and nothing was assigned since
  bool given_before_ = false;  // an address was given or given back: the pool worked once since boot
  std::int64_t slot_ = 0;
  std::deque<std::uint32_t> slots_;
  std::deque<PoolDay> days_;
};

}  // namespace vpnverdict
