// The logs of one incident, explained: what `vpnverdict explain` does. Finds dialect, side and reading order of
// each file, lets one shard decide, and keeps the latest revision of each verdict. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "correlator/incident.h"
#include "correlator/inventory.h"
#include "correlator/verdict.h"
#include "pipeline/replay.h"

namespace vpnverdict {

inline constexpr std::uint64_t kExplainBytesMax = std::uint64_t{64} << 20;  // of one file; more is work for replay
inline constexpr std::size_t kUnreadShownMax = 5;

struct LogFile {
  std::string name;
  std::string text;
  std::int64_t changed_at = 0;  // seconds since 1970, 0 when unknown
};

// Reads the files; a directory stands for its *.log files in the order of their names. On failure one sentence
// in `error`.
bool read_log_files(const std::vector<std::string>& paths, std::vector<LogFile>& files, std::string& error);

struct UnreadLine {
  std::string source;
  std::uint64_t line = 0;
  Reject reason{};
  std::string text;
};

struct ExplainedFile {
  std::string name;
  Dialect dialect = Dialect::unknown;  // the one with the most lines
  Vantage side = Vantage::concentrator;
  std::uint64_t lines = 0;
  std::uint64_t events = 0;
  std::uint64_t ignored = 0;
  std::uint64_t unread = 0;
  bool newest_first = false;
  std::string copy_of;  // the file that holds the same messages and was read in its place
};

struct Explanation {
  std::vector<std::string> sources;     // names, by SourceRef::source; second copies of a log are not among them
  std::vector<ExplainedFile> files;
  std::vector<Verdict> verdicts;        // attempts in order of time, each followed by its session's records
  std::vector<Incident> incidents;      // the cards, in the order of their opening: where several people fail for one reason
  LineCounts lines;
  std::vector<UnreadLine> unread;       // the first few
};

struct ExplainOptions {
  int year = 0;  // of stamps that print none; 0 = as the other files show, else the year of the last change
  bool one_incident = true;
  const dialect::DialectSet* dialects = nullptr;  // null: the built-in ones; must outlive the call
};

Explanation explain(const std::vector<LogFile>& files, const Inventory& inventory, const ExplainOptions& options);

// For people, at most 100 columns wide.
std::string explanation_text(const Explanation& explanation, bool colour);
// An array with one object per verdict: the keys of deploy/verdict.schema.json, and `why` in words.
std::string explanation_json(const Explanation& explanation);

// The verdict in a few words, for headlines: "the group password differs".
std::string_view headline_of(Cause cause);
// "the gateway's first answer reached the client"
std::string_view story_of(Milestone milestone);

}  // namespace vpnverdict
