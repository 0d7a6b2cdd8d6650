// One side's view of one connection attempt, and the legs (negotiations) it is made of. The two sides are built
// apart, each from its own device's log and order, and joined later: clocks of two devices are never compared
// line by line. Values; touched by the Shard's thread only.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "correlator/event.h"
#include "correlator/evidence_list.h"
#include "correlator/verdict.h"

namespace vpnverdict {

using HalfId = std::uint64_t;  // from 1, in the order of their beginning; below 2^63

inline constexpr Timestamp kNever = std::numeric_limits<Timestamp>::max();

// Silences that decide what belongs together, in ms.
inline constexpr Timestamp kNextLegMs = 60'000;  // a new leg of the same attempt begins within this (diagnosis 2.4)
inline constexpr Timestamp kPromptMs = 300'000;  // no protocol limits a human at a prompt; five minutes is the suggested cap
inline constexpr Timestamp kTailMs = 2'000;      // lines that belong to an end arrive within this

// What AAA says of a user: its lines name him.
inline constexpr FactMask kUserJudged = {
    Fact::concentrator_user_ok,           Fact::concentrator_user_bad_password, Fact::concentrator_user_unknown,
    Fact::concentrator_user_expired,      Fact::concentrator_user_locked,       Fact::concentrator_user_login_limit,
    Fact::concentrator_user_access_hours, Fact::concentrator_user_rejected,     Fact::concentrator_user_failed};

// One negotiation: one first message and what came of it.
struct Leg {
  Timestamp started = kUntimed;  // device time
  Timestamp last = kUntimed;
  FactMask says;       // what holds after recoveries (a reject followed by a success is none)
  FactMask recovered;  // what failed first and then worked
  FactMask doubtful;   // said only by lines that several clients behind one address could have caused
  bool ended = false;  // an explicit end was read
  bool silent = false;  // its time ran out without an explicit end
  std::string gateway;  // client side: address; concentrator side: device
  std::uint64_t session = 0;
  std::uint64_t cookie = 0;
};

// When it was: enough to tell that two halves are of different attempts, mostly.
struct HalfTimes {
  Timestamp started = kUntimed;     // device time
  Timestamp last = kUntimed;
  Timestamp received = kUntimed;    // receive time of its first message
  Timestamp first_when = kUntimed;  // stream time
  Timestamp last_when = kUntimed;
};

struct Half : HalfTimes {
  HalfId id = 0;
  Vantage vantage = Vantage::concentrator;
  std::uint64_t attempt_id = 0;  // hash of its first evidence
  std::string device;
  std::string peer;
  std::uint16_t peer_port = 0;
  std::string group;
  std::string user;
  std::string address;
  std::string pool;
  std::string server;  // AAA server, the one named last
  std::vector<std::uint32_t> message_ids;
  std::vector<std::uint64_t> cookies;
  std::vector<std::uint64_t> spis;  // spi_in << 32 | spi_out as the client sees them
  std::vector<Leg> legs;
  EvidenceList evidence;
  std::vector<std::uint64_t> seen;  // identities of messages taken in, against duplicates
  Timestamp connected_at = kUntimed;  // device time of the first line that says so
  Timestamp due = 0;                // stream time at which it is told
  Timestamp queued = kNever;        // when the cluster looks at it next; no part of the saved state
  bool closed = false;              // told as final; still here to be amended
  bool connected = false;           // in its session
  bool only_session = false;        // the log begins after the connect
  bool fragment = false;            // lines that name a user and no group, kept apart until a line names both
  std::uint64_t session_told = 0;   // fingerprint of the session record told last; its last byte is the revision
  HalfId partner = 0;               // the other side, once joined
  JoinStrength join = JoinStrength::one_sided;
  bool absorbed = false;            // joined into its partner or predecessor, which tells for both
  std::uint32_t revision = 0;
  std::uint64_t told = 0;           // fingerprint of what was told last

  bool told_or_absorbed() const { return closed || absorbed; }
  // Its session was disconnected: what is said of one later is of another.
  bool is_over() const { return !legs.empty() && legs.back().says.has(Fact::concentrator_disconnected); }
  // Nobody else can be its other side.
  bool spoken_for() const { return partner != 0 && join >= JoinStrength::strong; }
};

// As a new one, in the memory it has.
void clear(Half& half);

// Adds a message's facts to a leg; what the new facts undo moves to `recovered`.
void add_facts(Leg& leg, const FactMask& says);

// Facts that end a leg.
bool ends_leg(const FactMask& says);

// Its time ran out: the last leg ended in silence, unless it ended before or led into a session.
void fall_silent(Half& half);

// The length of a silence, in ms of stream time, after which a half in this state is told.
Timestamp patience_ms(const Half& half);

}  // namespace vpnverdict
