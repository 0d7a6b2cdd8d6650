// Label values: the one place where a stranger's text becomes part of an exposition. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace vpnverdict {

inline constexpr std::size_t kLabelBytesMax = 64;

// `text` as a label value: valid UTF-8 of at most kLabelBytesMax bytes, cut between characters. What is no UTF-8
// becomes '?', so do control characters (C0, DEL, C1) and the line and paragraph separators. One invalid byte in
// one label makes Prometheus 2.42 refuse the whole scrape.
std::string label_value(std::string_view text);

}  // namespace vpnverdict
