// How well a client half and a concentrator half fit together. Pure functions; any thread.
// The key ladder follows what each side prints: shared random ids prove, names and addresses support, time and
// protocol shape only make a candidate. A contradicting key excludes.
#pragma once

#include "correlator/half.h"

namespace vpnverdict {

// Told by their times alone: only a shared random id can still make them one. `presumed` as below.
bool apart_in_time(const HalfTimes& client, const HalfTimes& concentrator, bool presumed);

// By their own clocks, from what both know the time of.
Timestamp apart(const Half& a, const Half& b);

// The same from every moment that both logs tell of, the one they differ most in: their beginnings where there is none.
Timestamp apart_throughout(const Half& client, const Half& concentrator);

// Nothing shows that its packets arrived: the concentrator may have logged nothing of it.
bool may_be_in_no_other_log(const Half& client);

struct Fit {
  int score = -1;  // below 0: they contradict each other
  JoinStrength strength = JoinStrength::one_sided;
  bool keyed = false;  // some key agrees; false: only time and shape speak for it
  bool named = false;  // a key of this one client agrees: a shared random id, its user name, its assigned address
};

// `presumed`: the caller vouches that the logs tell of one incident. `address_is_key`: no other concentrator leases the same
// addresses; otherwise the assigned address supports and does not name.
Fit fit(const Half& client, const Half& concentrator, bool presumed, bool address_is_key = true);

}  // namespace vpnverdict
