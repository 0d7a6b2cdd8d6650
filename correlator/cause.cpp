#include "correlator/cause.h"

namespace vpnverdict {

bool cause_named(std::string_view name, Cause* out) {
  for (const CauseRow& row : kCauses) {
    if (row.name != name) continue;
    *out = row.cause;
    return true;
  }
  return false;
}

}  // namespace vpnverdict
