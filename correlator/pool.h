// The addresses of one pool as its log shows them: what was given, given back and refused. Answers the one question
// of step 8 that no single attempt can: does it fail always, or after a certain number (diagnosis section 3).
// A value; bounded; the Shard's thread only. Counts are of this log: lost lines make them estimates.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "correlator/event.h"

namespace vpnverdict {

class PoolLedger {
 public:
  void assigned(Timestamp time, std::uint64_t holder);
  void released(Timestamp time, std::uint64_t holder);
  void refused(Timestamp time, std::uint64_t user);
  void rebooted();

  std::uint32_t in_use() const { return static_cast<std::uint32_t>(leases_.size()); }
  bool ever_assigned() const { return successes_ > 0; }
  // The pool_* facts that hold for a refusal of `user` now. `configured` = size from the inventory, 0 = unknown.
  FactMask facts(std::uint64_t user, std::uint32_t configured) const;

  template <class Archive>
  void archive(Archive& ar) {
    ar(leases_, refused_users_, refusals_, successes_, peak_, last_release_, refusal_open_, freed_then_worked_, success_since_refusal_);
  }

 private:
  std::map<std::uint64_t, Timestamp> leases_;              // holder -> since
  std::map<std::uint64_t, std::uint32_t> refused_users_;   // user -> refusals since boot
  struct Refusal {
    std::uint32_t level = 0;  // addresses in use
    std::uint64_t user = 0;
    template <class Archive>
    void archive(Archive& ar) {
      ar(level, user);
    }
  };
  std::deque<Refusal> refusals_;                           // newest last
  std::uint64_t successes_ = 0;
  std::uint32_t peak_ = 0;
  Timestamp last_release_ = kUntimed;
  bool refusal_open_ = false;         // a refusal happened and nothing was assigned since
  bool freed_then_worked_ = false;    // after a refusal a release was followed by a success within a minute
  std::map<std::uint64_t, std::uint32_t> success_since_refusal_;  // other users' successes after a user's refusal
};

}  // namespace vpnverdict
