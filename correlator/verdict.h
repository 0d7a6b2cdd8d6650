// A Verdict is the answer about one connection attempt, or about the life of a session after it.
// A value; owns its strings. The JSON form (pipeline/verdict_json) has these fields.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "correlator/cause.h"
#include "correlator/event.h"

namespace vpnverdict {

enum class Outcome : std::uint8_t {
  connected,
  failed,
  in_progress,
  not_a_user_attempt,
  undetermined,
  contradictory,
  ended,  // a session that ended without a fault
};
inline constexpr std::string_view kOutcomeNames[] = {"connected",    "failed",        "in_progress", "not_a_user_attempt",
                                                     "undetermined", "contradictory", "ended"};
constexpr std::string_view name_of(Outcome outcome) { return kOutcomeNames[static_cast<std::size_t>(outcome)]; }

enum class Grade : std::uint8_t { guess, probable, certain };
inline constexpr std::string_view kGradeNames[] = {"guess", "probable", "certain"};
constexpr std::string_view name_of(Grade grade) { return kGradeNames[static_cast<std::size_t>(grade)]; }

// How sure it is that both sides' lines belong to one attempt.
enum class JoinStrength : std::uint8_t {
  one_sided,  // only one side's log
  weak,       // time and shape only
  strong,     // user, inner or outer address agree
  proof,      // an id that only these two share: message id, cookie, SPI
};
inline constexpr std::string_view kJoinNames[] = {"one_sided", "weak", "strong", "proof"};
constexpr std::string_view name_of(JoinStrength join) { return kJoinNames[static_cast<std::size_t>(join)]; }

struct Evidence {
  Vantage side = Vantage::concentrator;
  Timestamp time = kUntimed;
  SourceRef ref;     // source index and line number / offset
  std::string text;  // the message, at most kEvidenceTextMax bytes
  FactMask facts;
};

struct Verdict {
  std::uint64_t id = 0;         // stable: hash of the attempt's first evidence
  std::uint32_t revision = 1;   // grows with each record of the same id
  bool final = false;           // false: provisional
  bool about_session = false;   // true: what happened after "connected"; `attempt` names the connect verdict
  std::uint64_t attempt = 0;
  std::uint64_t same_as = 0;    // not 0: a provisional attempt that turned out to be the other side of this one; its last record
  Outcome outcome = Outcome::undetermined;
  Cause cause = Cause::undetermined;
  int step = 0;                 // the chapter's step, 0 when none
  Grade grade = Grade::guess;
  Actor actor = Actor::nobody;
  std::string peer_ip;
  std::string client;           // host or address of the client
  std::string concentrator;
  std::string group;
  std::string user;
  std::string server;           // AAA server that answered or did not, as far as a line names it; not in the JSON
  std::string pool;             // address pool, likewise
  Timestamp started_at = kUntimed;
  Timestamp ended_at = kUntimed;
  int legs = 0;
  Milestone reached = Milestone::none;
  std::vector<Evidence> evidence;  // in each side's time order
  std::vector<Cause> alternatives;
  std::vector<Cause> also_seen;
  std::string next_check;          // the one fact that would settle it; empty when certain
  std::string remedy;
  JoinStrength join = JoinStrength::one_sided;
  // Silence decided it while a source of evidence had not been read so far, or the shard lacks its past: never certain.
  bool partial = false;
  std::vector<std::uint32_t> missing;  // those sources, by SourceRef::source; at most kMissingSourcesTold
  int rule = 0;                    // id of the deciding row of RULES.md, 0 when none fired
  Timestamp due_at = kUntimed;  // stream time at which it could be told, whenever it was: a function of the attempt's lines; not in the JSON
  Timestamp last_evidence_at = kUntimed;  // stream time of the newest evidence, for the latency histogram
};

}  // namespace vpnverdict
