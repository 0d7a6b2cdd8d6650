// What travels between the threads of the pipeline: raw records to a parse thread, events to a shard thread.
// Moved, never shared. A batch owns the bytes its views point into.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "correlator/event.h"

namespace vpnverdict {

// Stream time is told to the shards in steps of this, by the service and by a replay alike, so that both judge alike.
inline constexpr Timestamp kStreamTickMs = 1'000;

// How far one source (partition) has come. Travels behind the records it speaks of, so that whoever gets it has got
// those records too.
struct SourceMark {
  std::uint32_t source = 0;
  std::uint64_t assignment = 0;  // of which assignment of partitions this is; older ones move no clock
  std::uint64_t next = 0;        // position behind the last record
  std::uint64_t safe = 0;        // every line below it has left the parse thread (filled in there)
  Timestamp time = kUntimed;     // every record up to this time has been read; kUntimed = nothing known yet
  Timestamp fleet_now = kUntimed;  // the present, by the records' clock
  bool flush = false;            // the source is silent: what a reader holds is complete
};

// One Kafka record. `bytes` point into what `owner` keeps alive.
struct RawRecord {
  std::uint32_t source = 0;
  std::uint64_t position = 0;
  Timestamp time = kUntimed;
  std::string_view bytes;
  std::unique_ptr<void, void (*)(void*)> owner{nullptr, [](void*) {}};
};

// Records that were seen before a restart: below `end`, only those at the listed positions are still wanted.
struct ResumeFilter {
  std::uint32_t source = 0;
  std::uint64_t end = 0;
  std::vector<std::uint64_t> wanted;  // sorted
};

struct RawBatch {
  std::vector<RawRecord> records;
  std::vector<SourceMark> marks;
  std::vector<ResumeFilter> filters;
};

// Events with copies of everything their views point to.
class EventBatch {
 public:
  void push(const Event& event, Timestamp record_time);
  bool empty() const { return events_.empty(); }
  std::size_t size() const { return events_.size(); }
  const Event& operator[](std::size_t i) const { return events_[i]; }
  Timestamp record_time(std::size_t i) const { return times_[i]; }

 private:
  std::string_view keep(std::string_view bytes);
  std::vector<Event> events_;
  std::vector<Timestamp> times_;
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::size_t used_ = 0;
  std::size_t block_size_ = 0;
};

// Which sources a shard may expect marks from, from now on.
struct Assignment {
  std::uint64_t number = 0;
  std::vector<std::uint32_t> sources;
};

struct ShardBatch {
  EventBatch events;
  std::vector<SourceMark> marks;
  std::unique_ptr<Assignment> assignment;     // set on control messages only
  std::unique_ptr<std::string> restore_from;  // a saved state to begin with; control messages only
};

}  // namespace vpnverdict
