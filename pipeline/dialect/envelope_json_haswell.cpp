// The JSON loop once more, compiled for AVX2 (see CMakeLists.txt). It must share no inline function with other files: the
// linker keeps one copy of each for the whole program, and that could be the one built with AVX2 here. Therefore an
// optimised build only, nothing of the standard library out of line, and tests/dialect/isa_check.cmake looks.
#include "pipeline/dialect/envelope_json.h"

#if defined(__AVX2__) && defined(__BMI__) && defined(__PCLMUL__) && defined(__LZCNT__)

#include <bit>
#include <cstring>

#include <simdjson.h>

#define VPNVERDICT_JSON_LOOP HaswellJsonLoop
#include "pipeline/dialect/envelope_json_loop.h"

namespace vpnverdict::dialect {
std::unique_ptr<JsonLoop> make_json_loop_haswell() { return std::make_unique<HaswellJsonLoop>(); }
}  // namespace vpnverdict::dialect

#else

namespace vpnverdict::dialect {
std::unique_ptr<JsonLoop> make_json_loop_haswell() { return nullptr; }
}  // namespace vpnverdict::dialect

#endif
