#include "correlator/fact.h"

namespace vpnverdict {

bool fact_named(std::string_view name, Fact* out) {
  for (const FactRow& row : kFacts) {
    if (row.name != name) continue;
    *out = row.fact;
    return true;
  }
  return false;
}

}  // namespace vpnverdict
