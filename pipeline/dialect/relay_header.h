// What a syslog relay may have put in front of a message that carries its own mark (VPN 3000, Cisco client).
// Pure functions, any thread.
#pragma once

#include <string_view>

#include "correlator/event.h"

namespace vpnverdict::dialect {

struct RelayHeader {
  Timestamp time = kUntimed;  // the relay's clock; the device's own stamp is better
  std::string_view host;      // empty when the relay names none
};

// False when `before` holds more words than a relay writes: then the mark stands in another program's text, where
// anybody may have put it.
bool read_relay_header(std::string_view before, int year, RelayHeader* out);

// Takes the last word off the end of `text`, with the blanks around it; empty when there is none.
std::string_view take_last_word(std::string_view& text);
// Takes the first word off the front.
std::string_view take_word(std::string_view& text);
// Decimal, at most 32 bits; false otherwise.
bool to_number(std::string_view digits, std::uint32_t* out);
// Where a mark like "sev=" (given without the equal sign, in lower case) stands behind `from`; npos when nowhere.
std::size_t find_mark(std::string_view line, std::string_view mark, std::size_t from = 0);

}  // namespace vpnverdict::dialect
