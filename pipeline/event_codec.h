// The bytes of the internal topic: events with their evidence, and how far their sources have been read. A record there
// is one Packet: what one parse thread had for one partition. Versioned; every length is bounded; decoding refuses
// malformed bytes with a reason and never reads behind them. Pure; any thread.
//
//   packet   version, sources, events, marks, roster; numbers are LEB128, texts have a length before them
//   event    which source, position, record time, which fields are there (one bit each), those fields
//
// Times are differences to the record's, positions to the event's before: most take a byte or two.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "correlator/event.h"

namespace vpnverdict {

inline constexpr std::size_t kPacketBytesTarget = std::size_t{64} << 10;  // a packet is sent when it is this long
inline constexpr std::size_t kPacketBytesMax = std::size_t{512} << 10;    // and never longer, whatever is in it
inline constexpr std::size_t kFieldBytesMax = 1024;                       // of one name; longer ones are cut
inline constexpr std::size_t kHeldPositionsMax = 4096;                    // of one mark

// How far one source (raw partition) was read, told behind everything that was found up to there.
struct PacketMark {
  std::uint32_t source = 0;        // of the packet's sources
  std::uint64_t next = 0;          // every record below it has been read and its events sent …
  std::vector<std::uint64_t> held; // … but for lines at these positions, whose message may go on; sorted
  Timestamp time = kUntimed;       // every record up to this time has been read
  Timestamp present = kUntimed;    // the present, by the records' clock
  bool operator==(const PacketMark&) const = default;
};

// A topic and one of its partitions, or how many it has.
template <typename Text>
using TopicNumber = std::pair<Text, std::int32_t>;

// Collects one packet. Reused: clear() keeps the memory.
class PacketWriter {
 public:
  // `source` says who Event::ref.source is. Bytes of the event are copied.
  void add(const Event& event, Timestamp record_time, std::uint32_t source);
  void add(const PacketMark& mark);
  bool empty() const { return events_ == 0 && marks_ == 0; }
  std::size_t events() const { return events_; }
  std::size_t size() const { return event_bytes_.size() + mark_bytes_.size(); }
  // `sources`: what the numbers given to add() mean. `roster`: all topics that are read, and their partition counts;
  // may be empty.
  std::string finish(const std::vector<TopicNumber<std::string>>& sources, const std::vector<TopicNumber<std::string>>& roster);

 private:
  std::string event_bytes_;
  std::string mark_bytes_;
  std::size_t events_ = 0;
  std::size_t marks_ = 0;
  std::uint64_t last_position_ = 0;
  Timestamp last_time_ = 0;
};

// A decoded packet. Views point into the packet's bytes; numbers of sources count `sources`.
struct Packet {
  std::vector<TopicNumber<std::string_view>> sources;
  std::vector<Event> events;
  std::vector<Timestamp> record_times;  // one each
  std::vector<PacketMark> marks;
  std::vector<TopicNumber<std::string_view>> roster;
};

// Empty when it worked, else why not; `out` is then worth nothing. Reuses the memory of `out`.
std::string_view decode_packet(std::string_view bytes, Packet& out);

// A line without facts or keys says only that its device is alive; its text is not sent.
bool is_sign_of_life(const Event& event);

}  // namespace vpnverdict
