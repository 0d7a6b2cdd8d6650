// What a user's dialect says about the header of its lines: a syslog tag, patterns, or both. Constant once
// compiled; any thread may cut.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pipeline/dialect/dialect.h"
#include "pipeline/dialect/pattern.h"

namespace vpnverdict::dialect {

struct HeaderShape {
  std::string program;            // the syslog tag that makes a line ours; empty = the patterns alone do
  std::vector<Pattern> patterns;  // in front of the message, the first that fits wins; empty = the tag is all there is
  std::string mark;               // a line without it is not looked at; empty = every line is
};

// Reads a line as DialectTable::cut_header does. A relay's priority, stamp, host and tag are cut off before the
// patterns are tried; what the patterns name wins over what the relay wrote. `program` is the tag that an
// envelope has cut off already.
HeaderResult cut_by_shape(const HeaderShape& shape, std::string_view program, std::string_view line, const SourceState& state,
                          Event& event, std::string_view& text);

}  // namespace vpnverdict::dialect
