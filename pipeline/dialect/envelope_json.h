// The JSON loop of Envelope: one document in, Drafts out, through simdjson On-Demand. Private to the envelope.
// On-Demand is inlined from simdjson's header, and without AVX2 it is about half as fast; a binary for any x86-64
// therefore holds the loop (envelope_json_loop.h) twice and takes one at start-up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "pipeline/dialect/envelope_fields.h"

namespace vpnverdict::dialect {

inline constexpr std::size_t kJsonPadding = 64;        // bytes that must be readable behind a document
inline constexpr std::size_t kDraftsMax = 16 * 1024;   // log records of one document; shippers batch 8192 at most

enum class JsonResult : std::uint8_t {
  read,
  bad_text,   // invalid UTF-8, a raw control character or a bad escape: repair and try again
  trailing,   // the document is whole and something follows it
  too_many,   // more than kDraftsMax records
  bad,
};

class JsonLoop {
 public:
  virtual ~JsonLoop() = default;
  // Appends to `drafts`; their views point into `text` and into the parser, until the next read().
  // REQUIRES: kJsonPadding readable bytes behind `text`.
  virtual JsonResult read(std::string_view text, const FieldTable& fields, std::vector<Draft>& drafts) = 0;
};

std::unique_ptr<JsonLoop> make_json_loop_baseline();
// Null when this compiler cannot build it. Must only be used on a processor that has AVX2, BMI, PCLMUL and LZCNT.
std::unique_ptr<JsonLoop> make_json_loop_haswell();

// Out of line, so that the AVX2 object holds no copy of it.
void push_draft(std::vector<Draft>& drafts, const Draft& draft);
bool is_valid_utf8(std::string_view text);

}  // namespace vpnverdict::dialect
