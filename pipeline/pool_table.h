// Address pools as a table a person can read. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "correlator/pool_view.h"

namespace vpnverdict {

// Fullest first. Each row: where, in use of capacity and how that is known, a day's use as a sparkline, refusals and the
// forecast of exhaustion.
std::string pool_table(std::vector<PoolView> pools);

// The order of the table. What has only a lower bound comes last: it is at its bound now and then by nature.
void fullest_first(std::vector<PoolView>& pools);
// The most in use in each of the last hours, oldest first, at most a day.
std::vector<std::uint32_t> hourly_peaks(const PoolView& pool);

}  // namespace vpnverdict
