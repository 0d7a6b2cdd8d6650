// Everything known about one concentrator cluster: its halves, witnesses and pools. Private to the Shard, which calls
// it from its one thread with events in canonical order (stream time, source, position). Deterministic: no hash map is
// ever iterated to decide something.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <absl/container/btree_map.h>
#include <absl/container/btree_set.h>
#include <absl/container/flat_hash_map.h>
#include <absl/container/inlined_vector.h>

#include "correlator/diagnosis.h"
#include "correlator/half.h"
#include "correlator/half_store.h"
#include "correlator/inventory.h"
#include "correlator/join.h"
#include "correlator/number_set.h"
#include "correlator/pool_book.h"
#include "correlator/shard.h"
#include "correlator/witness.h"

namespace vpnverdict {

// One client, or several: more is not asked. Of the hash a byte less is kept; seven bits of it are left to whoever wants to count.
class Clients {
 public:
  static constexpr unsigned kCountMax = 127;
  void note(std::uint64_t hash) {
    hash &= ~kBeside;
    const std::uint64_t first = word_ & ~kBeside;
    if (first == 0) word_ |= hash;
    else if (first != hash) word_ |= 1;
  }
  bool several() const { return (word_ & 1) != 0; }
  unsigned count() const { return static_cast<unsigned>(word_ & kBeside) >> 1; }
  void count_one() {
    if (count() < kCountMax) word_ += 2;
  }
  template <class Archive>
  void archive(Archive& ar) {
    ar(word_);
  }

 private:
  static constexpr std::uint64_t kBeside = 0xFF;
  std::uint64_t word_ = 0;
};

class SourceHistory {  // what one client address has done so far
 public:
  NumberSet names;  // distinct group names it claimed, by hash, at most kNamesPerSourceMax
  Clients users;    // whom the concentrator named behind it
  Clients hosts;    // whose logs came from behind it
  bool is_shared() const { return users.several() || hosts.several(); }
  void note_leg() { users.count_one(); }
  unsigned legs() const { return users.count(); }  // as far as they are counted
  void note_progress() { hosts.count_one(); }
  bool progressed() const { return hosts.count() != 0; }  // it was a real client once
  template <class Archive>
  void archive(Archive& ar) {
    ar(names, users, hosts);
  }
};

class Cluster {
 public:
  // All outlive the Cluster.
  Cluster(const Inventory* inventory, const CorrelatorOptions* options, const MissingEvidence* missing, SpareHalves* spare)
      : inventory_(inventory), options_(options), missing_(missing), halves_(*spare) {}
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  // `when` is the event's place in stream time; kUntimed when nothing gives one.
  void take(const Event& event, Timestamp when, ShardCounts& counts, std::vector<Verdict>& out);
  // Only the feed's life: a line without facts and keys.
  void witness(const Event& event);
  // Never moves. Null when there are kDevicesMax of them.
  Witness* witness_of(std::string_view device);
  void expire(Timestamp stream_time, ShardCounts& counts, std::vector<Verdict>& out);
  // No evidence is missing any more: what was told as partial is told as it stands now.
  void tell_whole(ShardCounts& counts, std::vector<Verdict>& out);
  void finish(ShardCounts& counts, std::vector<Verdict>& out);

  void pools(std::vector<PoolView>& out) const { pools_.views(*inventory_, out); }

  template <class Archive>
  void archive(Archive& ar) {
    ar(next_id_, halves_, witnesses_, pools_, current_client_, sources_, silent_clients_, now_, partial_);
    if constexpr (requires { ar.ok(); }) rebuild_index();
  }

 private:
  struct SilentClient {
    Timestamp time = 0;
    std::uint64_t network = 0;
    template <class Archive>
    void archive(Archive& ar) {
      ar(time, network);
    }
  };

  using Halves = absl::InlinedVector<const Half*, 16>;

  Half& open_half(const Event& event, Timestamp when, ShardCounts& counts);
  Half* client_half_for(const Event& event, Timestamp when, ShardCounts& counts, std::vector<Verdict>& out);
  Half* concentrator_half_for(const Event& event, Timestamp when, ShardCounts& counts, bool* doubt);
  void gather_fragments(Half& into, const Halves& known, const Event& event, Timestamp when, ShardCounts& counts);
  bool others_at_work(const Half& half, Timestamp when);
  void gather_nameless(Half& into, const Event& event, Timestamp when, ShardCounts& counts);
  Leg& leg_for(Half& half, const Event& event);
  void add(Half& half, const Event& event, Timestamp when, ShardCounts& counts, bool doubt);
  static void note_doubt(const Half& half, Leg& leg, const Event& event, const FactMask& says, bool doubt);
  bool learn_keys(Half& half, const Event& event, bool doubt);
  SourceHistory* history_of(std::string_view peer);
  void learn_host(const Half& client);
  void learn_source(const Half& concentrator, const Event& event, bool new_leg);
  bool is_shared(std::string_view peer) const;
  void feed_pool(const Half& half, const Event& event, Timestamp when);

  void index(const Half& half);
  void unindex(const Half& half);
  void rebuild_index();
  void forget(HalfId id);
  Half* living(HalfId id);
  const Half* look_at(HalfId id);
  Half* to_change(const Half* half);
  template <class Wanted>
  void collect(std::uint64_t key, std::size_t newest, Wanted wanted, Halves& out);
  template <class Wanted>
  Halves lookup(const Event& event, Wanted wanted);
  Halves counterparts(const Half& half);
  Timestamp due_of(const Half& half);
  void schedule(Half& half, Timestamp due);
  void requeue(Half& half);

  void settle(Half& half, bool timed_out, ShardCounts& counts, std::vector<Verdict>& out);
  const Half* repeated_by(const Half& half);
  const Half* predecessor_of(const Half& half);
  const Half* successor_of(const Half& half);
  void absorb(Half& into, Half& half, ShardCounts& counts, bool fragment_of_leg = false);
  Half* partner_for(Half& half, Fit* best, ShardCounts& counts, std::vector<Verdict>& out);
  bool told_apart(const Half& client, const Half& concentrator) const;
  bool leased_by_several(const Half& half);
  const Half* best_counterpart(const Half& half, Fit* best);
  bool tells_of_several(const Half& client) const;
  bool vouched_for(const Half& half, const Half& other) const;
  Causes causes_left(const Half& client);
  void look_at_vouched_again(ShardCounts& counts, std::vector<Verdict>& out);
  void join_lone_pair(ShardCounts& counts, std::vector<Verdict>& out);
  void join(Half& half, Half& partner, JoinStrength strength, ShardCounts& counts);
  void part(Half& half, Half& partner, Timestamp when, ShardCounts& counts);
  void look_at_join_again(Half& half, Timestamp when, ShardCounts& counts, std::vector<Verdict>& out);
  Half* teller_of(Half& half);
  bool is_told(const Half& half);
  AttemptView view_of(const Half& half);
  Circumstances circumstances_of(const Half* client, const Half* concentrator);
  bool anyone_unaccounted(const Half& client);
  void tell_provisional(Half& half, ShardCounts& counts, std::vector<Verdict>& out);
  void tell(Half& half, bool final, ShardCounts& counts, std::vector<Verdict>& out);
  void tell_session(Half& half, ShardCounts& counts, std::vector<Verdict>& out);
  static bool rests_on_silence(const AttemptView& view, const Diagnosis& diagnosis);
  Verdict describe(const AttemptView& view, const Half& teller, const Diagnosis& diagnosis);

  const Inventory* inventory_;
  const CorrelatorOptions* options_;
  const MissingEvidence* missing_;
  HalfId next_id_ = 1;
  HalfStore halves_;
  std::map<std::string, Witness, std::less<>> witnesses_;       // by device
  PoolBook pools_;
  absl::btree_map<std::uint64_t, HalfId> current_client_;  // by client host or source
  absl::btree_map<std::uint64_t, SourceHistory> sources_;  // by peer
  std::deque<SilentClient> silent_clients_;
  std::set<HalfId> partial_;  // told as partial last
  Timestamp now_ = kUntimed;  // place in stream time of what is being decided; never falls
  absl::flat_hash_map<std::uint64_t, NumberSet> by_key_;  // looked up, never iterated
  absl::btree_set<std::pair<Timestamp, HalfId>> due_;  // Half::queued, not later than Half::due
};

}  // namespace vpnverdict
