// Address pools as JSON: /api/pools. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "correlator/pool_view.h"

namespace vpnverdict {

// Those from `skip` on, fullest first, `limit` at most: {"pools": […], "count": of all, "next": `skip` of the next page or null}.
std::string pools_json(std::vector<PoolView> pools, std::size_t skip, std::size_t limit);

}  // namespace vpnverdict
