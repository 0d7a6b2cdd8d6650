// Cisco VPN Client (Windows, Linux, Mac): its event log, and the transcript of the command line program, whose
// lines have no header. Times are the PC's; the id is a Windows message id whose low 28 bits say which event it is.
#include "pipeline/dialect/dialect.h"
#include "pipeline/dialect/pattern.h"
#include "pipeline/dialect/relay_header.h"
#include "pipeline/dialect/tables.h"
#include "pipeline/dialect/time.h"

namespace vpnverdict::dialect {
namespace {

using enum Fact;

constexpr MessageRow kRows[] = {
    {"IKE/0x63000021", {}, "Retransmitting last packet",
     "610 20:47:54.327 06/21/05 Sev=Info/4IKE/0x63000021\nRetransmitting last packet",
     "message=IKE/0x63000021 detail=4 sequence=610", "seed Ex 8-8"},
};

// "Info/4", "Warning/3IKE/0xA3000058": the tab between level and class may be lost.
bool read_level(std::string_view& rest, std::uint32_t* level) {
  std::size_t i = 0;
  while (i < rest.size() && fold(rest[i]) >= 'a' && fold(rest[i]) <= 'z') ++i;
  if (i == 0 || i + 1 >= rest.size() || rest[i] != '/' || rest[i + 1] < '0' || rest[i + 1] > '9') return false;
  *level = static_cast<std::uint32_t>(rest[i + 1] - '0');
  rest = trimmed(rest.substr(i + 2));
  return true;
}

// "IKE/0x63000014"
bool is_message(std::string_view word) {
  const std::size_t slash = word.find('/');
  if (slash == 0 || slash == std::string_view::npos || !begins_with(word.substr(slash), "/0x")) return false;
  if (word.size() < slash + 4 || word.size() > slash + 11) return false;
  for (char c : word.substr(slash + 3))
    if (!((c >= '0' && c <= '9') || (fold(c) >= 'a' && fold(c) <= 'f'))) return false;
  return true;
}

// "595 20:47:46.335  06/21/05  Sev=Info/4  IKE/0x63000014", a relay header may stand in front.
HeaderResult cut_header(std::string_view line, SourceState& state, Event& event, std::string_view& text) {
  const std::size_t mark = find_mark(line, "sev");
  if (mark == std::string_view::npos) return HeaderResult::not_mine;
  std::string_view rest = line.substr(mark + 4);
  std::uint32_t level = 0;
  if (!read_level(rest, &level)) return HeaderResult::not_mine;
  const std::string_view message = take_word(rest);
  if (!is_message(message)) return HeaderResult::bad;
  std::string_view before = line.substr(0, mark);
  const std::string_view date = take_last_word(before);
  const std::string_view clock = take_last_word(before);
  if (clock.empty()) return HeaderResult::bad;
  std::string_view stamp(clock.data(), static_cast<std::size_t>(date.data() + date.size() - clock.data()));
  Timestamp time = kUntimed;
  if (!take_clock_first_stamp(stamp, &time) || !stamp.empty()) return HeaderResult::bad;
  std::uint32_t sequence = 0;
  const std::string_view relay = before;
  if (!to_number(take_last_word(before), &sequence)) before = relay;
  RelayHeader header;
  if (!read_relay_header(before, year_for(state, event), &header)) return HeaderResult::not_mine;
  event.time = time;
  event.detail = static_cast<std::uint8_t>(level);
  event.sequence = sequence;
  event.message = message;
  if (!header.host.empty()) event.device = header.host;
  text = trimmed(rest);
  return HeaderResult::cut;
}

}  // namespace

constinit const DialectTable kCiscoVpnClient = {
    .id = Dialect::cisco_vpn_client,
    .vantage = Vantage::client,
    .continues = true,
    .cut_header = cut_header,
    .rows = kRows,
    .not_ours = {},
    .headerless = true,
};

}  // namespace vpnverdict::dialect
