// Scripts: how one attempt of each cause looks in both logs, line by line, with the protocol's timings.
// Texts follow the real samples of the two Cisco dialects (VPN 3000 event log, VPN Client log), not any parser.
// Used by generate.cpp only. Pure: a script writes into its Play.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "correlator/cause.h"
#include "correlator/verdict.h"
#include "pipeline/generate_fleet.h"

namespace vpnverdict {

// Protocol times, true for every script; tests measure them.
inline constexpr Timestamp kAm2RepeatMs = 8'000;         // VPN 3000 sends AM2 again, three times
inline constexpr Timestamp kAm3WaitMs = 32'000;          // then gives up
inline constexpr Timestamp kAm1RepeatMs = 5'000;         // the client's own repeats of AM1, three of them
inline constexpr Timestamp kPeerTimeoutMs = 90'000;      // default peer time-out of the client
inline constexpr Timestamp kRetryMs = 60'000;            // a press within this time belongs to the same attempt

struct ClientLine {
  Timestamp at = 0;       // true time
  std::string header;     // "Sev=Info/4\tIKE/0x63000013"; empty: a transcript line without header
  std::string text;
};

struct BoxLine {
  Timestamp at = 0;       // true time
  std::size_t box = 0;
  int severity = 0;
  std::string message;    // "IKE/52"
  std::string peer;       // empty: this event prints no address
  std::string text;
};

// What the logs allow an honest reader to say.
struct Told {
  Grade grade = Grade::certain;
  std::vector<Cause> accept;
};

struct SessionEnd;
struct SessionPlan {
  bool wanted = false;
  const SessionEnd* end = nullptr;  // chosen before the script plays, since a blocked ESP session must not use NAT-T
  std::string type = "IPSec/NAT-T";
  Timestamp connected_at = 0;
  Timestamp lasts_ms = 0;  // 0: drawn by the generator
};

// The stage of one attempt: what a script reads, and what it writes down.
struct Play {
  Random& random;
  Fleet& fleet;
  Person who;
  std::size_t box = 0;
  std::string group{};
  std::string user{};
  std::string gateway{};
  Timestamp start = 0;
  Timestamp t = 0;         // the play's own clock, true time
  bool natt = true;
  std::uint64_t cookie = 0;

  std::vector<ClientLine> client{};
  std::vector<BoxLine> boxes{};

  Cause cause = Cause::connected;
  Outcome outcome = Outcome::failed;
  Told both{};         // with both logs
  Told client_only{};
  Told box_only{};
  bool box_decides = true;   // false: what the box logs at its level cannot decide; it counts as not seen
  int legs = 1;
  int typos = 0;             // wrong passwords before the right one
  bool no_client = false;    // there is no client log by nature
  bool prompt_log = false;   // the client's log goes out at once even though the attempt failed
  bool may_be_silent = false;  // no verdict at all is also right
  SessionPlan session{};
};

struct Scenario {
  std::string_view name;      // of the mix file; most are names of causes
  std::uint32_t weight;       // default share, of a sum near 100,000
  void (*play)(Play&);
  bool needs_user_log = false;  // makes no sense without the client's log
  bool linux_client = false;    // its text is known from the Linux client only
};
std::span<const Scenario> scenarios();

// What becomes of a session, by name of the cause. Writes the lines of its end.
struct SessionEnd {
  std::string_view name;
  std::uint32_t weight;
  Cause cause;
  Outcome outcome;
  void (*play)(Play&);  // play.t is the time of the end; play.session tells type and length
};
std::span<const SessionEnd> session_ends();

// Noise that belongs to no attempt.
void play_lan_to_lan(Play& play);

}  // namespace vpnverdict
