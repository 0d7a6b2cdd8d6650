// One partition of the internal topic is one shard: packets in log order in, verdicts out. A pure function of the
// packets: no clock, no thread, no I/O. Two folds of the same packets are equal, and so is one that was saved in
// between and restored; a crash is mended by restoring and folding on.
//
// Stage 1 may send an event twice (it is at least once, and a zombie may still send), but each of its processes sends
// the events of one source in one order, without holes. So what a mark vouches for has been taken in, and an event is
// a repetition when it lies below the mark and is none of those held back there, or was taken in since.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "correlator/inventory.h"
#include "correlator/shard.h"
#include "correlator/verdict.h"
#include "pipeline/event_codec.h"
#include "pipeline/event_merge.h"

namespace vpnverdict {

class ShardFold {
 public:
  // `inventory` must outlive the fold. `hold`: for so long, in ms of the log's own time, a source without progress is waited for;
  // 0: for good.
  ShardFold(const Inventory& inventory, CorrelatorOptions options, Timestamp hold = 0);

  // The packets before the first one are gone, and no state is left of them: for a while verdicts that rest on silence are partial.
  void begin_without_past() { past_ = Past::missing; }
  // Takes one packet in, written at this time (kUntimed: not known). Verdicts that become due are appended. Returns why the packet
  // could not be read (it is then left out), or nothing.
  std::string_view take(std::string_view packet, Timestamp written, std::vector<Verdict>& out);
  std::string_view take(std::string_view packet, std::vector<Verdict>& out) { return take(packet, kUntimed, out); }
  // What to write into the partition when nobody else does: it moves the log's own time.
  static std::string idle_packet() { return PacketWriter().finish({}, {}); }

  // Of what save() writes. To be raised when that changes; a test tells when.
  static constexpr std::uint64_t kStateVersion = 12;
  std::string save() const;
  // Of a fresh fold only. False when the bytes are none of save(); the fold is then worth nothing.
  bool restore(std::string_view bytes);
  // Cheap, and different when the states are: what was told, what was counted, how far each source came.
  std::uint64_t fingerprint() const;

  // What incidents are made of, since the last call: appended. Not part of the state.
  void take_signs(std::vector<Sign>& out);
  Timestamp signs_told_until() const { return shard_.signs_told_until(); }

  ShardCounts counts() const;
  std::vector<PoolView> pools() const { return shard_.pools(); }
  Timestamp stream_time() const { return merge_.stream_time(); }
  Timestamp fleet_now() const { return merge_.fleet_now(); }
  std::uint64_t repeated() const { return repeated_; }  // events taken in before
  // "topic/partition" of every SourceRef::source.
  const std::vector<std::string>& names() const { return names_; }
  // Sources that the stream has passed by: what they hold is missing.
  std::size_t sources_missing() const { return merge_.passed_by(sources_.size()).size(); }
  // The source that holds the stream back; empty when none does.
  std::string slowest() const;

 private:
  struct Taken {
    std::uint64_t position;
    std::uint64_t hash;
    bool operator==(const Taken&) const = default;
  };
  struct Source {
    std::string topic;
    std::int32_t partition = 0;
    std::uint64_t next = 0;            // of the farthest mark
    std::vector<std::uint64_t> held;   // below next, not taken in yet; sorted
    std::vector<Taken> since;          // taken in at or above next, or out of held
    std::uint64_t highest_since = 0;   // position in `since`
  };

  enum class Past : std::uint8_t { known, missing, behind };  // behind: it is missing up to past_until_
  void note_missing();
  std::uint32_t number_of(std::string_view topic, std::int32_t partition);
  bool repeats(Source& source, const Event& event);
  void take_marks(const Packet& packet);
  void take_roster(const Packet& packet);
  void judge(std::vector<Verdict>& out);
  void advance_to(Timestamp time, std::vector<Verdict>& out);

  Shard shard_;
  EventMerge merge_;
  const Timestamp past_ms_;         // so long silence may be of what was before the first packet
  std::vector<Source> sources_;
  std::map<std::pair<std::string, std::int32_t>, std::uint32_t, std::less<>> index_;
  std::vector<std::string> names_;
  std::vector<TopicNumber<std::string>> roster_;
  Timestamp told_time_ = kUntimed;  // of the last advance_to
  Past past_ = Past::known;
  Timestamp past_until_ = kUntimed;
  bool missing_ = false;            // told to the shard; no part of the state
  std::uint64_t told_ = 0;          // hash over all verdicts
  std::uint64_t repeated_ = 0;
  Packet packet_;                       // reused
  std::vector<std::uint32_t> numbers_;  // of the packet's sources; reused
};

}  // namespace vpnverdict
