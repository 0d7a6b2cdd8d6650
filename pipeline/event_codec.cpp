#include "pipeline/event_codec.h"

#include <algorithm>
#include <array>
#include <limits>

#include "correlator/byte_codec.h"
#include "correlator/limits.h"

namespace vpnverdict {
namespace {

constexpr std::uint64_t kVersion = 1;
constexpr std::size_t kTopicBytesMax = 249;  // Kafka's own bound
constexpr std::int32_t kPartitionMax = 1'000'000;
constexpr std::size_t kMarkBytesTarget = std::size_t{128} << 10;

// The order is the format: bit i of an event's fields is row i.
// claimed_peer is for readers only and stays behind.
constexpr std::string_view Event::*kTexts[] = {&Event::device,  &Event::peer, &Event::gateway, &Event::group,   &Event::user,
                                               &Event::address, &Event::pool, &Event::server,  &Event::message, &Event::text};
constexpr std::size_t kTextCount = std::size(kTexts);
static_assert(kTexts[kTextCount - 1] == &Event::text);

template <typename Visit>
void for_each_number(Event& event, Visit visit) {
  visit(event.session);
  visit(event.cookie);
  visit(event.message_id);
  visit(event.spi_in);
  visit(event.spi_out);
  visit(event.repeats);
  visit(event.sequence);
  visit(event.peer_port);
}
constexpr unsigned kFirstNumberBit = kTextCount;
constexpr unsigned kFirstFactsBit = kFirstNumberBit + 8;
constexpr unsigned kTimeBit = kFirstFactsBit + 3;
constexpr unsigned kReceivedBit = kTimeBit + 1;
constexpr unsigned kLastedBit = kReceivedBit + 1;
constexpr unsigned kFieldBits = kLastedBit + 1;
static_assert(sizeof(Event) == 296, "a new field must travel, too: give it a bit here, and a line in the test");
static_assert(kFieldBits <= 28, "four bytes of LEB128");

constexpr std::size_t most(std::size_t text) { return text + 1 == kTextCount ? kLineBytesMax : kFieldBytesMax; }

FactMask known_facts() {
  FactMask all;
  for (const FactRow& row : kFacts) all.insert(row.fact);
  return all;
}

void read_event(ByteReader& in, std::size_t sources, std::uint64_t& position, Timestamp& record_time, Event& event) {
  static const FactMask kKnown = known_facts();
  event = Event();
  event.ref.source = static_cast<std::uint32_t>(in.number(sources - 1));
  position = static_cast<std::uint64_t>(in.difference(static_cast<std::int64_t>(position)));
  event.ref.position = position;
  record_time = in.difference(record_time);
  event.vantage = static_cast<Vantage>(in.number(1));
  event.dialect = static_cast<Dialect>(in.number(std::size(kDialectNames) - 1));
  event.detail = static_cast<std::uint8_t>(in.number(255));
  const std::uint64_t fields = in.number((std::uint64_t{1} << kFieldBits) - 1);
  const auto has = [fields](std::size_t bit) { return (fields >> bit & 1) != 0; };
  for (std::size_t i = 0; i < kTextCount; ++i) {
    if (has(i)) event.*kTexts[i] = in.text(most(i));
  }
  unsigned bit = kFirstNumberBit;
  for_each_number(event, [&]<typename Number>(Number& number) {
    if (has(bit++)) number = static_cast<Number>(in.number(std::numeric_limits<Number>::max()));
  });
  std::array<std::uint64_t, 3> words{};
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (has(kFirstFactsBit + i)) words[i] = in.number();
  }
  event.says = FactMask::from_words(words);
  if (!kKnown.contains(event.says)) in.fail();
  if (has(kTimeBit)) event.time = in.difference(record_time);
  if (has(kReceivedBit)) event.received = in.difference(record_time);
  if (has(kLastedBit)) event.lasted = static_cast<Timestamp>(in.number(std::numeric_limits<Timestamp>::max()));
}

void read_mark(ByteReader& in, std::size_t sources, PacketMark& mark) {
  mark.source = static_cast<std::uint32_t>(in.number(sources - 1));
  mark.next = in.number();
  mark.time = in.difference(0);
  mark.present = in.difference(mark.time);
  std::uint64_t position = 0;
  for (std::size_t n = in.number(kHeldPositionsMax); n > 0 && in.ok(); --n) {
    const std::uint64_t step = in.number();
    if (step > mark.next || position > mark.next - step) in.fail();  // below `next`, hence no overflow
    mark.held.push_back(position += step);
  }
}

void read_topics(ByteReader& in, std::vector<TopicNumber<std::string_view>>& out) {
  for (std::size_t n = in.count(); n > 0 && in.ok(); --n) {
    const std::string_view topic = in.text(kTopicBytesMax);
    out.emplace_back(topic, static_cast<std::int32_t>(in.number(kPartitionMax)));
  }
}

void write_topics(std::string& out, const std::vector<TopicNumber<std::string>>& topics) {
  put_number(out, topics.size());
  for (const auto& [topic, number] : topics) {
    put_text(out, topic);
    put_number(out, static_cast<std::uint64_t>(number));
  }
}

}  // namespace

bool is_sign_of_life(const Event& e) {
  return e.says.empty() && e.session == 0 && e.cookie == 0 && e.message_id == 0 && e.spi_in == 0 && e.spi_out == 0 &&
         e.gateway.empty() && e.group.empty() && e.user.empty() && e.address.empty() && e.pool.empty() && e.server.empty();
}

void PacketWriter::add(const Event& given, Timestamp record_time, std::uint32_t source) {
  Event event = given;
  if (is_sign_of_life(event)) event.text = {};
  std::uint64_t fields = 0;
  for (std::size_t i = 0; i < kTextCount; ++i) {
    event.*kTexts[i] = (event.*kTexts[i]).substr(0, most(i));
    if (!(event.*kTexts[i]).empty()) fields |= std::uint64_t{1} << i;
  }
  unsigned bit = kFirstNumberBit;
  for_each_number(event, [&](auto number) { fields |= std::uint64_t{number != 0} << bit++; });
  for (unsigned i = 0; i < 3; ++i) fields |= std::uint64_t{event.says.words()[i] != 0} << (kFirstFactsBit + i);
  if (event.time != kUntimed) fields |= std::uint64_t{1} << kTimeBit;
  if (event.received != kUntimed) fields |= std::uint64_t{1} << kReceivedBit;
  if (event.lasted > 0) fields |= std::uint64_t{1} << kLastedBit;

  std::string& out = event_bytes_;
  put_number(out, source);
  put_difference(out, static_cast<std::int64_t>(event.ref.position), static_cast<std::int64_t>(last_position_));
  put_difference(out, record_time, last_time_);
  last_position_ = event.ref.position;
  last_time_ = record_time;
  put_number(out, static_cast<std::uint64_t>(event.vantage));
  put_number(out, static_cast<std::uint64_t>(event.dialect));
  put_number(out, event.detail);
  put_number(out, fields);
  for (const auto text : kTexts) {
    if (!(event.*text).empty()) put_text(out, event.*text);
  }
  for_each_number(event, [&](auto number) {
    if (number != 0) put_number(out, number);
  });
  for (const std::uint64_t word : event.says.words()) {
    if (word != 0) put_number(out, word);
  }
  if (event.time != kUntimed) put_difference(out, event.time, record_time);
  if (event.received != kUntimed) put_difference(out, event.received, record_time);
  if (event.lasted > 0) put_number(out, static_cast<std::uint64_t>(event.lasted));
  ++events_;
}

void PacketWriter::add(const PacketMark& mark) {
  // What does not fit is told later: below the first position left out, everything is as the mark says.
  std::size_t most_held = mark_bytes_.size() > kMarkBytesTarget ? 0 : kHeldPositionsMax;
  most_held = std::min(most_held, mark.held.size());
  std::string& out = mark_bytes_;
  put_number(out, mark.source);
  put_number(out, most_held < mark.held.size() ? mark.held[most_held] : mark.next);
  put_difference(out, mark.time, 0);
  put_difference(out, mark.present, mark.time);
  put_number(out, most_held);
  std::uint64_t before = 0;
  for (std::size_t i = 0; i < most_held; ++i) {
    put_number(out, mark.held[i] - before);
    before = mark.held[i];
  }
  ++marks_;
}

std::string PacketWriter::finish(const std::vector<TopicNumber<std::string>>& sources,
                                 const std::vector<TopicNumber<std::string>>& roster) {
  std::string out;
  out.reserve(size() + 256);
  put_number(out, kVersion);
  write_topics(out, sources);
  put_number(out, events_);
  out += event_bytes_;
  put_number(out, marks_);
  out += mark_bytes_;
  write_topics(out, roster);
  event_bytes_.clear();
  mark_bytes_.clear();
  events_ = marks_ = 0;
  last_position_ = 0;
  last_time_ = 0;
  return out;
}

std::string_view decode_packet(std::string_view bytes, Packet& out) {
  out.sources.clear();
  out.events.clear();
  out.record_times.clear();
  out.marks.clear();
  out.roster.clear();
  if (bytes.size() > kPacketBytesMax) return "too long";
  ByteReader in(bytes);
  if (in.number() != kVersion) return "of another version";
  read_topics(in, out.sources);
  std::uint64_t position = 0;
  Timestamp record_time = 0;
  const std::size_t events = in.count();
  if (events > 0 && out.sources.empty()) return "events without a source";
  for (std::size_t i = 0; i < events && in.ok(); ++i) {
    read_event(in, out.sources.size(), position, record_time, out.events.emplace_back());
    out.record_times.push_back(record_time);
  }
  if (!in.ok()) return "a damaged event";
  const std::size_t marks = in.count();
  if (marks > 0 && out.sources.empty()) return "marks without a source";
  for (std::size_t i = 0; i < marks && in.ok(); ++i) read_mark(in, out.sources.size(), out.marks.emplace_back());
  if (!in.ok()) return "a damaged mark";
  read_topics(in, out.roster);
  return in.ok() && in.at_end() ? std::string_view() : std::string_view("a damaged end");
}

}  // namespace vpnverdict
