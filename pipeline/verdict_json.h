// The wire form of a verdict: one JSON object on one line, the keys of deploy/verdict.schema.json.
// Whoever prints or produces verdicts calls this: replay, explain, the Kafka sink. Pure functions; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "correlator/verdict.h"

namespace vpnverdict {

// Grows when a key changes its meaning or a closed list loses a value; new keys do not change it.
inline constexpr int kVerdictSchemaVersion = 1;

// `sources` names what SourceRef::source counts: file names, or topic/partition. An index without a name
// is written as "source N". The text is valid UTF-8 whatever the logs held.
void append_json(const Verdict& verdict, std::span<const std::string> sources, std::string& out);
std::string to_json(const Verdict& verdict, std::span<const std::string> sources);

// Appends `text` as a JSON string with its quotes. Bytes that are no UTF-8 become U+FFFD, one each;
// control characters, DEL, C1 controls and the line separators are escaped.
void append_json_string(std::string_view text, std::string& out);

// "2005-06-21T20:47:46.335Z"; empty for kUntimed and for years outside 0001-9999.
std::string rfc3339(Timestamp time);
void append_rfc3339(Timestamp time, std::string& out);
// 16 lower-case hexadecimal digits.
std::string hex16(std::uint64_t value);

// Length of the valid UTF-8 sequence at the start of `text`, 0 when there is none.
std::size_t utf8_length(std::string_view text);

}  // namespace vpnverdict
