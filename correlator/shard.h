// A Shard turns the events of whole concentrator clusters into verdicts. Pure: no I/O, no clock, no thread;
// the same events and the same calls of advance_to give the same verdicts whatever the order of arrival
// within the grace period. One Shard is touched by one thread. Its state is a value: save(), restore(), digest().
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "correlator/event.h"
#include "correlator/inventory.h"
#include "correlator/pool_view.h"
#include "correlator/sign.h"
#include "correlator/verdict.h"

namespace vpnverdict {

struct CorrelatorOptions {
  Timestamp grace_ms = 2'000;                 // events this much out of order are put right before they are read
  Timestamp keep_ms = 24LL * 3600 * 1000;     // closed attempts wait this long for the other side's log
  // The caller vouches that all logs tell of one incident (explain): a lone client attempt and a lone concentrator
  // attempt at a fitting time, or without times, are then taken as the two sides of one.
  bool presume_one_incident = false;
};

struct ShardCounts {
  std::uint64_t events = 0;            // events taken in
  std::uint64_t duplicates = 0;        // the same message seen before
  std::uint64_t late = 0;              // older than the grace period
  std::uint64_t attempts_opened = 0;   // attempts begun: = final + joined + open
  std::uint64_t attempts_final = 0;    // first final verdicts
  std::uint64_t attempts_joined = 0;   // half attempts that turned out to be the other side of one
  std::uint64_t attempts_open = 0;
  std::uint64_t revisions = 0;         // verdicts that amend a final one
  std::uint64_t evidence_dropped = 0;  // over kEvidencePerSideMax
  std::uint64_t evicted = 0;           // finished early because a bound was hit
};

// What nobody has read: silence is not to be believed wholly then.
struct MissingEvidence {
  bool any = false;
  std::vector<std::uint32_t> sources;  // as far as they have names
};

class Shard {
 public:
  // `inventory` must outlive the Shard.
  Shard(const Inventory& inventory, CorrelatorOptions options);
  ~Shard();
  Shard(Shard&&) noexcept;
  Shard& operator=(Shard&&) noexcept;

  // Takes one event in. Verdicts that become due are appended to `out`.
  void on_event(const Event& event, std::vector<Verdict>& out);
  // Tells that every source has been read up to this time: time-outs up to it have passed.
  void advance_to(Timestamp stream_time, std::vector<Verdict>& out);
  // From now on evidence is missing, or is not any more; verdicts that rest on silence say so. Not part of the state.
  void set_missing(MissingEvidence missing);
  // End of input: everything still open is told as it stands, without pretending that time-outs passed.
  void finish(std::vector<Verdict>& out);

  // What incidents are made of, since the last call, in the order of its telling. Not part of the state: to be taken
  // before save().
  std::vector<Sign> take_signs();
  // Every sign up to this stream time has been told, but for those of late events. kUntimed before the first.
  Timestamp signs_told_until() const;

  ShardCounts counts() const;

  // The address pools as they stand, by cluster, concentrator and name. Costs a walk over all leases: not per event.
  std::vector<PoolView> pools() const;

  // The whole state as bytes; restore() of them gives an equal shard. digest() is equal for equal states.
  std::string save() const;
  bool restore(std::string_view bytes);
  // What save() writes of each thing, as types in their order: another shape is another format.
  static std::string state_shape();
  std::uint64_t digest() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Which of `shards` shards owns the event: a function of the concentrator's cluster only.
std::size_t shard_of(const Inventory& inventory, const Event& event, std::size_t shards);

}  // namespace vpnverdict
