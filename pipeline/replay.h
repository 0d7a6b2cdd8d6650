// One-shot mode: files or standard input in, verdicts out, at full speed. `replay`, `explain`, the tests, the
// benches and support tickets all run through here. Single-threaded: an object belongs to one thread.
//
// Several files are merged by time while they are read, so that both sides of an attempt meet; no file is
// held in memory. Within one file the order is the file's own.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "correlator/event.h"
#include "correlator/incident.h"
#include "correlator/inventory.h"
#include "correlator/shard.h"
#include "correlator/verdict.h"

namespace vpnverdict {

namespace dialect {
class DialectSet;
}

inline constexpr std::size_t kDialectCount = sizeof(kDialectNames) / sizeof(kDialectNames[0]);
inline constexpr std::size_t kRejectCount = sizeof(kRejectNames) / sizeof(kRejectNames[0]);

// Where every line went. lines() of a finished replay equals `read`: nothing is lost in silence.
struct LineCounts {
  struct PerDialect {
    std::uint64_t events = 0;
    std::uint64_t ignored = 0;
    std::array<std::uint64_t, kRejectCount> rejected{};
  };
  std::uint64_t read = 0;  // log lines out of their envelopes; blank ones count as ignored
  std::array<PerDialect, kDialectCount> by_dialect{};

  std::uint64_t events() const;
  std::uint64_t ignored() const;
  std::uint64_t rejected() const;
  std::uint64_t rejected(Reject reason) const;
  std::uint64_t lines() const { return events() + ignored() + rejected(); }
};

struct RejectedLine {
  Reject reason;
  Dialect dialect;
  std::string_view source;
  std::uint64_t line;     // of its first line
  std::string_view text;  // valid during the call
};

struct ReplayProgress {
  std::uint64_t bytes = 0;
  std::uint64_t bytes_total = 0;  // 0 when a source is no regular file
  std::uint64_t lines = 0;
};

// Of stamps that print none: they are of their last `year` before `end`.
struct PresumedYear {
  int year = 0;
  Timestamp end = kUntimed;
};
// A log was not written after its file's last change (seconds since 1970), by a clock that may be a day off.
PresumedYear year_before(std::int64_t changed_at);

struct ReplayOptions {
  CorrelatorOptions correlator;
  std::size_t shards = 1;
  int year = 0;  // of stamps that print none; 0 = their last one before the newest of the files was changed
  Timestamp year_end = kUntimed;  // not kUntimed: `year` is presumed, and stamps that print none are of their last one before this
  const dialect::DialectSet* dialects = nullptr;  // null: the built-in ones; must outlive the call
};

// What a replay tells while it runs; an empty function is not called.
struct ReplayHooks {
  std::function<void(const Verdict&)> verdict;
  std::function<void(const Incident&)> incident;
  std::function<void(const RejectedLine&)> reject;
  std::function<void(const ReplayProgress&)> progress;  // every 4 MiB or so
  std::function<void()> pause;                          // before waiting for more input: time to flush
  std::function<void(const Event&)> event;               // every event that reaches a shard, for tests
};

// One input: a path, "-" for standard input, or a text in memory.
struct ReplaySource {
  std::string name;                // how verdicts name it
  std::string path;                // empty: `text` is the input
  std::string_view text;           // must outlive the replay
  std::optional<Vantage> vantage;  // when the caller knows which side wrote it
  // Of `text` only: an export that prints the last line first; these of its lines go on the message of the line before.
  std::optional<std::vector<std::uint32_t>> newest_first;
};

struct Replayed {
  LineCounts lines;
  ShardCounts shard;           // summed over the shards
  std::uint64_t verdicts = 0;  // records, revisions included
  std::vector<PoolView> pools; // as they stood at the end
  std::string error;           // one sentence when a source could not be read; what was read before it is told
};

// Reads every source to its end and finishes the shards. `inventory` must outlive the call.
// Never throws on input; a source that cannot be opened ends the replay before anything is read.
Replayed replay(const std::vector<ReplaySource>& sources, const Inventory& inventory, const ReplayOptions& options,
                const ReplayHooks& hooks);

// Sources for paths as a command line gives them; names are the paths. "-" is standard input.
std::vector<ReplaySource> sources_of(const std::vector<std::string>& paths);

// The time by which the stream moves on: the shipper's stamp when there is one, else the device's own.
constexpr Timestamp stream_time_of(const Event& event) {
  return event.received != kUntimed ? event.received : event.time;
}

}  // namespace vpnverdict
