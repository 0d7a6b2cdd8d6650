// Address pools as a table a person can read. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "correlator/pool_view.h"

namespace vpnverdict {

// Fullest first. Each row: where, in use of capacity and how that is known, a day's use as a sparkline, refusals and the
// forecast of exhaustion.
std::string pool_table(std::vector<PoolView> pools);

}  // namespace vpnverdict
