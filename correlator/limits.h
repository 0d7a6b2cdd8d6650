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
inline constexpr std::size_t kNameBytesMax = 256;            // group and user names are typed by strangers
inline constexpr std::size_t kEvidenceTextMax = 512;         // bytes of a message kept as evidence
inline constexpr std::size_t kEvidencePerSideMax = 24;       // messages kept per side of an attempt; a verdict cites few
inline constexpr std::size_t kLegsPerSideMax = 16;           // presses within one attempt before it is cut
inline constexpr std::size_t kOpenHalvesMax = 1'000'000;     // per shard; beyond it the oldest is finished early
inline constexpr std::size_t kDevicesMax = 20'000;           // witnesses per shard
inline constexpr std::size_t kPoolsMax = 4'096;              // address pools per cluster; more are not followed
inline constexpr std::size_t kAddressesPerPoolMax = 65'536;  // no concentrator of this kind has more sessions
inline constexpr std::size_t kReorderEventsMax = 262'144;    // events waiting for the grace period

}  // namespace vpnverdict
