#include "pipeline/dialect/envelope_json.h"

#include <bit>
#include <cstring>

#include <simdjson.h>

#define VPNVERDICT_JSON_LOOP BaselineJsonLoop
#include "pipeline/dialect/envelope_json_loop.h"

namespace vpnverdict::dialect {

std::unique_ptr<JsonLoop> make_json_loop_baseline() { return std::make_unique<BaselineJsonLoop>(); }

void push_draft(std::vector<Draft>& drafts, const Draft& draft) { drafts.push_back(draft); }

bool is_valid_utf8(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

}  // namespace vpnverdict::dialect
