// From the legs of one attempt (both sides, as far as known) to one diagnosis. Pure functions; any thread.
#pragma once

#include <string_view>

#include <absl/container/inlined_vector.h>

#include "correlator/half.h"
#include "correlator/rules.h"

namespace vpnverdict {

// What the correlator knows about an attempt beyond its lines: derived facts, all three-valued.
struct Circumstances {
  FactMask known_true;
  FactMask known_false;
  bool log_broke_off = false;  // the concentrator's log does not go on for long enough behind the attempt's last line
};

// Both sides' facts of one leg, completed: a milestone on either side proves the earlier ones on both, and what
// the protocol excludes becomes false.
Facts complete_facts(const FactMask& says, const Circumstances& circumstances);
Milestone reached(const FactMask& known_true);

using Causes = absl::InlinedVector<Cause, 8>;

struct Diagnosis {
  Outcome outcome = Outcome::undetermined;
  Cause cause = Cause::undetermined;
  Grade grade = Grade::guess;
  const Rule* rule = nullptr;  // null when none fired
  Causes alternatives;
  Causes also_seen;
  std::string_view next_check;  // of the rule's, or a literal
  Milestone reached = Milestone::none;
  Facts facts;  // of the deciding leg
};

// One attempt: the client's legs, the concentrator's legs, or both with their join.
struct AttemptView {
  const Half* client = nullptr;
  const Half* concentrator = nullptr;
  JoinStrength join = JoinStrength::one_sided;
  Circumstances circumstances;
};
Diagnosis diagnose(const AttemptView& attempt);

// What happened after "connected"; rule is null when the session says nothing yet.
Diagnosis diagnose_session(const AttemptView& attempt);

Outcome outcome_of(Cause cause);

}  // namespace vpnverdict
