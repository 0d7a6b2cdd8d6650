// An Event is what one log message says: when, which side, about whom, and which facts it makes true.
// Built by a dialect, consumed by a Shard. All string_views point into the caller's buffer and are
// valid only until the call that was handed the Event returns; a Shard copies what it keeps.
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>

#include "correlator/fact.h"

namespace vpnverdict {

// Milliseconds since the Unix epoch. Device stamps without a zone are taken as UTC.
using Timestamp = std::int64_t;
inline constexpr Timestamp kUntimed = std::numeric_limits<Timestamp>::min();

enum class Dialect : std::uint8_t { unknown, vpn3000, cisco_vpn_client, vpnc, asa, anyconnect, openconnect, charon, pluto, custom };
inline constexpr std::string_view kDialectNames[] = {"unknown",    "vpn3000",     "cisco_vpn_client", "vpnc",  "asa",
                                                     "anyconnect", "openconnect", "charon",           "pluto", "custom"};
constexpr std::string_view name_of(Dialect dialect) { return kDialectNames[static_cast<std::size_t>(dialect)]; }

// Why a line became neither an Event nor an ignored line of a known dialect. A closed set: it is a metric label.
enum class Reject : std::uint8_t {
  bad_json,         // an envelope that is not valid JSON even after UTF-8 repair
  no_message,       // valid JSON without a message field we know
  bad_header,       // a dialect's marker is there, its header does not parse
  bad_field,        // a known message with a field outside its alphabet
  ambiguous_field,  // brackets of a group or user name make the message readable in two ways
  unknown_dialect,  // no dialect claims the line
  too_long,         // longer than kLineBytesMax
};
inline constexpr std::string_view kRejectNames[] = {"bad_json",  "no_message",      "bad_header", "bad_field", "ambiguous_field",
                                                    "unknown_dialect", "too_long"};
constexpr std::string_view name_of(Reject reject) { return kRejectNames[static_cast<std::size_t>(reject)]; }

// Where a message stands: the source (file, topic/partition) and its place there.
struct SourceRef {
  std::uint32_t source = 0;    // index into the run's source names
  std::uint64_t position = 0;  // line number (from 1) in a file, offset in a partition
  auto operator<=>(const SourceRef&) const = default;
};

struct Event {
  Timestamp time = kUntimed;      // the device's own stamp; of a concentrator that writes none, the envelope's
  Timestamp received = kUntimed;  // the shipper's or broker's stamp, when the envelope has one
  Vantage vantage = Vantage::concentrator;
  Dialect dialect = Dialect::unknown;
  std::uint8_t detail = 0;  // verbosity the device printed: VPN 3000 SEV, client Sev number; 0 when it prints none
  FactMask says;

  std::string_view device;   // who wrote it: concentrator name or address, client host
  std::string_view peer;     // the client's outer address: as the concentrator sees it, or as the client's envelope claims
  std::string_view claimed_peer;  // the sender's address as the envelope has it: a client's own, but only a relay's for a concentrator
  std::uint16_t peer_port = 0;  // the client's outer port, where printed: tells clients behind one NAT address apart
  std::string_view gateway;  // client side: the concentrator's address
  std::string_view group;
  std::string_view user;
  std::string_view address;  // inner address assigned to the client
  std::string_view pool;
  std::string_view server;  // AAA server

  std::uint64_t session = 0;     // the device's own number of this negotiation, 0 when it prints none
  std::uint64_t cookie = 0;      // initiator cookie / IKE SPI
  std::uint32_t message_id = 0;  // random IKEv1 message id (phase 2, XAuth, mode config)
  std::uint32_t spi_in = 0;      // ESP SPIs as the writer names them
  std::uint32_t spi_out = 0;

  Timestamp lasted = 0;  // ms the session had lasted that this line ends, as the device prints it; 0: it does not

  std::string_view message;   // class/number of the dialect, e.g. "IKE/132", "113019"
  std::uint32_t repeats = 0;  // VPN 3000 RPT: occurrences of this message since boot
  std::uint32_t sequence = 0;

  SourceRef ref;
  std::string_view text;  // the whole message as evidence
};

}  // namespace vpnverdict
