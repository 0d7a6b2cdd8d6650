// What travels to a parse thread: raw records, and how far their sources were read. And events that own their bytes.
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
  std::uint64_t next = 0;          // position behind the last record
  Timestamp time = kUntimed;       // every record up to this time has been read; kUntimed = nothing known yet
  Timestamp present = kUntimed;    // the present, by the records' clock
  bool flush = false;              // the source is silent: what a reader holds is complete
};

// One Kafka record. `bytes` point into what `owner` keeps alive.
struct RawRecord {
  std::uint32_t source = 0;
  std::uint64_t position = 0;
  Timestamp time = kUntimed;
  std::string_view bytes;
  std::unique_ptr<void, void (*)(void*)> owner{nullptr, [](void*) {}};
};

// A source is read anew: what readers hold of it is forgotten. Lines before `from` were done with before; they only
// let the readers meet their writers again.
struct SourceStart {
  std::uint32_t source = 0;
  std::uint64_t from = 0;
};

struct RawBatch {
  std::vector<SourceStart> starts;  // before the records
  std::vector<RawRecord> records;
  std::vector<SourceMark> marks;
};

// Events with copies of everything their views point to.
class EventBatch {
 public:
  // `block_bytes`: how much is asked for at a time; a batch of known size asks once.
  explicit EventBatch(std::size_t block_bytes = std::size_t{64} << 10) : block_bytes_(block_bytes) {}
  void reserve(std::size_t events) {
    events_.reserve(events);
    times_.reserve(events);
  }
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
  std::size_t block_bytes_;
  std::size_t used_ = 0;
  std::size_t block_size_ = 0;
};

}  // namespace vpnverdict
