// Every bound of the product, one line each, with its reason. Hitting one is counted, never silent.
#pragma once

#include <cstddef>
#include <cstdint>

#include "correlator/event.h"

namespace vpnverdict {

inline constexpr std::size_t kPayloadBytesMax = 4 * 1024 * 1024;  // one record or NDJSON line: shippers stop at 1 MB
inline constexpr std::size_t kLineBytesMax = 64 * 1024;      // a longer line is a Reject: no real message comes near
inline constexpr std::size_t kMessageBytesMax = 16 * 1024;   // one message with its continuation lines
inline constexpr std::size_t kMessageLinesMax = 64;          // FSM histories and proposal dumps stay below
inline constexpr Timestamp kMessagePauseMs = 10'000;         // nor does one go on so long after its first line came
inline constexpr std::size_t kNameBytesMax = 256;            // group and user names are typed by strangers
inline constexpr std::size_t kEvidenceTextMax = 512;         // bytes of a message kept as evidence
inline constexpr std::size_t kEvidencePerSideMax = 24;       // messages kept per side of an attempt; a verdict cites few
inline constexpr std::size_t kLegsPerSideMax = 16;           // presses within one attempt before it is cut
inline constexpr std::size_t kOpenHalvesMax = 1'000'000;     // per shard; beyond it the oldest is finished early
inline constexpr std::size_t kDevicesMax = 20'000;           // witnesses per shard
inline constexpr std::size_t kPoolsMax = 4'096;              // address pools per cluster; more are not followed
inline constexpr std::size_t kAddressesPerPoolMax = 65'536;  // no concentrator of this kind has more sessions
inline constexpr std::size_t kReorderEventsMax = 262'144;    // events waiting for the grace period
inline constexpr std::size_t kMissingSourcesTold = 8;        // sources that a partial verdict names
inline constexpr std::size_t kBoardFailuresMax = 8'192;      // failed attempts the status page can show
inline constexpr std::size_t kBoardOthersMax = 2'048;        // all else it can show; apart, so that success or a scan hides no failure
inline constexpr std::size_t kBoardIncidentsMax = 200;       // incidents it can show; the open ones stay longest
inline constexpr std::size_t kBoardBytesMax = 32 * 1024 * 1024;  // of either kind; a record is 2 KB, with a debug log 25 KB
inline constexpr std::size_t kBoardGroupsMax = 10'000;       // groups with a failure rate of their own there; the rest is "other"
inline constexpr std::size_t kAnswerBytesMax = 1024 * 1024;  // one page of records over HTTP
inline constexpr std::size_t kSignsWaitingMax = 131'072;      // told by some shards while others are not so far; beyond it the oldest are read, and what comes then is late
inline constexpr Timestamp kShardQuietMax = 5 * 60'000;        // a shard that says nothing for so long no longer holds the incidents back
inline constexpr Timestamp kSignPauseMax = 10'000;            // and of a pause of all of them this much is counted: nobody is the quiet one
inline constexpr std::size_t kIncidentEntriesMax = 65'536;   // attempts in the incidents' window; beyond it the window is shorter
inline constexpr std::size_t kIncidentScansMax = 4'096;      // not_a_user_attempt records in the window
inline constexpr std::size_t kIncidentPastMax = 131'072;     // places and causes with a past; beyond it a new one has none
inline constexpr std::size_t kIncidentVolumesMax = 20'000;   // concentrators whose silence would be noticed; and as many pools
inline constexpr std::size_t kIncidentsOpenMax = 64;         // cards at one time: nobody reads more
inline constexpr std::size_t kIncidentsClosedMax = 64;       // closed cards kept for a relapse
inline constexpr std::size_t kIncidentClientsMax = 4'096;    // clients of one card that are told apart; the count says "at least"
inline constexpr std::size_t kIncidentEchoesMax = 8;
inline constexpr std::size_t kIncidentSamplesMax = 3;
inline constexpr std::size_t kIncidentChangesMax = 256;      // boots kept for "what changed near the onset"
inline constexpr std::size_t kIncidentTextMax = 200;         // bytes of a sample line

}  // namespace vpnverdict
