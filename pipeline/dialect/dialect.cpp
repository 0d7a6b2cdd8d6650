#include "pipeline/dialect/dialect.h"

#include <string>

#include "pipeline/dialect/tables.h"
#include "pipeline/dialect/time.h"

namespace vpnverdict::dialect {
namespace {

// Each dialect claims a line by a mark that no other prints, so the order matters for speed only: the
// commonest first. Dialects without marks of their own (vpnc, openconnect) stand last.
constexpr const DialectTable* kTables[] = {
    &kAsa,          &kVpn3000,        &kCharonConcentrator,
    &kCharonClient, &kCiscoVpnClient, &kPlutoConcentrator,
    &kPlutoClient,  &kAnyconnect,     &kVpnc,
    &kOpenconnect,
};

constexpr Timestamp kDayMs = 86'400'000;
constexpr Timestamp kYearMs = 365 * kDayMs;
constexpr Timestamp kAheadMax = 30 * kDayMs;  // a device's clock may be
constexpr std::size_t kStampBytesMax = 80;

// "2026", or "/26" as a Windows client writes it.
bool names_year(std::string_view text, int year) {
  const std::string digits = std::to_string(year);
  return text.find(digits) != std::string_view::npos || text.find('/' + digits.substr(2)) != std::string_view::npos;
}

}  // namespace

std::span<const DialectTable* const> all_dialects() { return kTables; }

int year_for(const SourceState& state, const Event& event) {
  const bool shown = event.received != kUntimed && state.year_end != kUntimed;
  return state.year != 0 && !shown ? state.year : year_of(event.received);
}

Timestamp time_in_year(const SourceState& state, const Event& event, std::string_view line) {
  const bool known = state.year != 0 && state.year_end == kUntimed;
  if (known || (event.received == kUntimed && state.year == 0)) return event.time;
  const Timestamp end = event.received != kUntimed ? event.received + kAheadMax : state.year_end;
  if (event.time < end && event.time >= end - kYearMs) return event.time;
  const int year = year_for(state, event);
  if (year_of(event.time) != year || names_year(line.substr(0, kStampBytesMax), year)) return event.time;
  return years_later(event.time, event.time >= end ? -1 : 1);
}

}  // namespace vpnverdict::dialect
