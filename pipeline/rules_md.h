// The decision table in the order in which an engineer searches: the chapter's eight steps. RULES.md is this text,
// compared byte for byte by a test. Pure functions.
#pragma once

#include <string>

namespace vpnverdict {

// Markdown: correlator/RULES.md.
std::string rules_markdown();
// For a terminal, at most 100 columns.
std::string rules_text(bool colour);

}  // namespace vpnverdict
