// Cuts what a syslog relay wrote in front of a message: RFC 3164 and its many dialects, RFC 5424, rsyslog and Kiwi forms.
// Called by the dialects whose programs log through syslog (charon, pluto, vpnc, ASA). The VPN 3000 and the Cisco
// client never need it: they find their own mark in the line, because a syslog header in front of their text is
// ambiguous ("Jan  8 09:10:37 11504 01/08/2007 …": the number is theirs, no host name). Pure functions, any thread.
#pragma once

#include <optional>
#include <string_view>

#include "correlator/event.h"

namespace vpnverdict::dialect {

// All views point into the line.
struct SyslogHeader {
  Timestamp time = kUntimed;  // the stamp nearest the start of the line: the relay's clock, UTC when it names no zone
  std::string_view host;      // empty when there is none; a number is never a host
  std::string_view program;   // the tag without its process id and colon
  std::string_view pid;
  std::string_view text;      // what is left, without leading blanks
  int facility = -1;          // -1 = unknown
  int severity = -1;
};

// False when the line begins with neither a priority nor a stamp we know; `out` then holds the whole line as text.
// `year` serves stamps that have none: the year in which the line was received.
bool cut_syslog(std::string_view line, int year, SyslogHeader* out);

// The host of a line of charon, pluto, vpnc or openconnect: "Nov 25 12:39:29 gw charon[8]: …", "2026-11-25T12:39:29+00:00 gw pluto: …",
// "<30>1 2026-11-25T12:39:29Z gw charon 8 - - …". Empty behind a stamp that has no host, or another program's tag; nothing where no stamp stands
// in front: such a line may go on another's message.
std::optional<std::string_view> daemon_host(std::string_view line);

// The length of one RFC 6587 frame "123 <165>…" including its count, 0 when `in` does not begin with a whole one.
// `content` is the frame without its count.
std::size_t octet_counted_frame(std::string_view in, std::string_view* content);

// Removes "[pid]" and the colon of a tag: "charon[812]:" is charon, 812.
std::string_view program_of_tag(std::string_view tag, std::string_view* pid = nullptr);

}  // namespace vpnverdict::dialect
