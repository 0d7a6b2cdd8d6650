// When will a pool be exhausted? A robust line (Theil-Sen) through its peaks: of the last hours, and of the days.
// Pure; any thread.
#pragma once

#include <optional>

#include "correlator/pool_view.h"

namespace vpnverdict {

// ms of stream time until the line reaches the capacity, at least 0. Nothing when there is too little history (two hours;
// ten days), when the line does not rise, when it gets there too late to be believed (twice as far ahead as is known
// back), or when the capacity is a lower bound only.
std::optional<Timestamp> exhaustion_by_hours(const PoolView& pool);
std::optional<Timestamp> exhaustion_by_days(const PoolView& pool);

}  // namespace vpnverdict
