#include "pipeline/dialect/dialect.h"

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

}  // namespace

std::span<const DialectTable* const> all_dialects() { return kTables; }

int year_for(const SourceState& state, const Event& event) {
  return state.year != 0 ? state.year : year_of(event.received);
}

}  // namespace vpnverdict::dialect
