// A Sign is what incidents are made of: what one record says of an attempt or a session, or that a device booted.
// A value; owns its strings. It names no user: people are told apart by a hash.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "correlator/cause.h"
#include "correlator/event.h"
#include "correlator/verdict.h"

namespace vpnverdict {

struct Sign {
  enum class About : std::uint8_t {
    boot,     // of a concentrator
    attempt,
    session,  // how it ended
    joined,   // an attempt that is told by another record from now on
  };
  Timestamp at = kUntimed;        // stream time at which it was due: the same however the fleet is split into shards
  Timestamp occurred = kUntimed;  // by the device's clock
  About about = About::attempt;
  std::uint64_t verdict = 0;      // id of the record …
  std::uint32_t revision = 0;     // … a later one replaces what the earlier said
  std::uint64_t person = 0;       // hash of the user's name, 0 when none is known
  std::uint64_t client = 0;       // that, or a hash of the client's address
  Outcome outcome = Outcome::undetermined;
  Cause cause = Cause::undetermined;
  Grade grade = Grade::guess;
  bool logged = false;            // the concentrator's log tells of it
  std::string concentrator, group, server, pool, peer;
  std::string text;               // of a failure: its last line of evidence, at most kIncidentTextMax bytes

  // It says something about a place; a user who gives up does not.
  bool failed() const;
  // In which signs are read: by time, and where that is the same, alike in every run.
  bool operator<(const Sign& other) const;

  template <class Archive>
  void archive(Archive& ar) {
    ar(at, occurred, about, verdict, revision, person, client, outcome, cause, grade, logged, concentrator, group, server, pool, peer, text);
  }
};

// Of a final record, and of a provisional one of a concentrator's log whose failure no retry heals: a minute or two sooner, and put right
// by the final one's sign where that says otherwise. Nothing of one without a place in stream time.
std::optional<Sign> sign_of(const Verdict& verdict);
Sign sign_of_boot(std::string_view concentrator, Timestamp at);

}  // namespace vpnverdict
