// What many attempts have in common for a while: the patterns that a NOC wants one card for, played into a fleet one
// after the other, each with its truth. Used by generate.cpp, and its truth by score_incidents. Values; one thread.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "correlator/event.h"
#include "pipeline/generate_fleet.h"

namespace vpnverdict {

// What happened, and what a card about it may name.
struct IncidentTruth {
  std::string pattern;
  std::string kind;                     // of IncidentKind
  std::vector<std::string> places;      // "dimension value", each of them right
  Timestamp from = 0;
  Timestamp until = 0;
  Timestamp tenth = 0;                  // when ten affected clients had failed; 0: there were fewer …
  Timestamp tenth_told = 0;             // … and when a log that tells of ten of them had arrived
  std::uint64_t clients = 0;            // affected
  bool injected = true;                 // false: the usual fleet's own troubles, or cut off by its end: may be told or not
};
std::string to_json(const IncidentTruth& truth);

// Decides what becomes of an attempt. Deterministic: a function of the attempts it was asked about.
class IncidentPlan {
 public:
  // `fleet` must outlive the plan.
  IncidentPlan(Fleet& fleet, Timestamp start);

  struct Change {
    std::string_view scenario;  // empty: as drawn
    bool dropped = false;       // the packet goes nowhere and no log tells of it
  };
  // May change who it is (address, name) and where; called once for each attempt, in order of time.
  Change change(Timestamp at, Person& who);
  // Nobody reaches this box at the moment.
  bool cut_off(std::size_t box) const;
  // An attempt that a change made has been played; its end is when the client knows, and told when a log of it has arrived.
  void played(std::uint64_t person, Timestamp end, Timestamp told);
  // A session on `box` that would live over a switchover ends with it. True when it was shortened.
  bool cut(std::size_t box, std::uint64_t person, Timestamp connected_at, Timestamp* lasts_ms);

  // After the end of the fleet: the injected ones and the fleet's own.
  std::vector<IncidentTruth> truth() const;

 private:
  enum class Pattern : std::uint8_t;
  struct Running {
    Pattern pattern;
    Timestamp from;
    Timestamp least;  // it lasts until then …
    Timestamp most;   // … and at most until then, unless enough clients were hit
    std::size_t enough;
    std::set<std::uint64_t> hit;
    std::vector<Timestamp> failed = {}, told = {};  // one for each of them
  };
  void begin(Timestamp at);
  void end(Timestamp at);
  Change act(Person& who);
  std::string place_of(std::size_t box) const { return "concentrator " + fleet_.boxes[box].name; }
  IncidentTruth described(Pattern pattern) const;
  IncidentTruth truth_until(Timestamp at) const;  // of the running one

  Fleet& fleet_;
  Timestamp next_;
  std::size_t count_ = 0;
  bool running_ = false;
  Running now_{};
  std::vector<IncidentTruth> done_;
  std::uint64_t turn_ = 0;
  Timestamp switchover_;
  std::set<std::uint64_t> lost_;
};

}  // namespace vpnverdict
