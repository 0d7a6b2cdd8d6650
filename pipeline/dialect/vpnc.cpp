// vpnc, the free client for VPN 3000 concentrators. Lines have no stamp of their own; errors begin with "vpnc: ".
// Through syslog the tag is vpnc. At debug level 2 the steps of its state machine ("S4.3 AM packet_1") are milestones.
#include "pipeline/dialect/dialect.h"
#include "pipeline/dialect/pattern.h"
#include "pipeline/dialect/syslog.h"
#include "pipeline/dialect/tables.h"
#include "pipeline/dialect/time.h"

namespace vpnverdict::dialect {
namespace {

using enum Fact;

constexpr MessageRow kRows[] = {
    {"", client_not_responding, "no response from target", "vpnc: no response from target", "", "lab, UDP/500 dropped"},
};

bool take_program(std::string_view& text) {
  for (std::string_view start : {"vpnc: ", "/usr/sbin/vpnc: ", "/usr/bin/vpnc: ", "/usr/local/sbin/vpnc: "})
    if (text.substr(0, start.size()) == start) {
      text = trimmed(text.substr(start.size()));
      return true;
    }
  return false;
}

HeaderResult cut_header(std::string_view line, SourceState& state, Event& event, std::string_view& text) {
  if (line.find("vpnc") == std::string_view::npos) return HeaderResult::not_mine;
  std::string_view rest = trimmed(line);
  if (take_program(rest)) {
    event.time = state.last_time;
    text = rest;
    return HeaderResult::cut;
  }
  SyslogHeader header;
  if (!cut_syslog(line, year_for(state, event), &header) || header.program != "vpnc") return HeaderResult::not_mine;
  rest = trimmed(header.text);
  take_program(rest);
  event.time = header.time;
  if (!header.host.empty()) event.device = header.host;
  text = rest;
  return HeaderResult::cut;
}

}  // namespace

constinit const DialectTable kVpnc = {
    .id = Dialect::vpnc,
    .vantage = Vantage::client,
    .continues = false,
    .cut_header = cut_header,
    .rows = kRows,
    .not_ours = {},
    .headerless = true,
};

}  // namespace vpnverdict::dialect
