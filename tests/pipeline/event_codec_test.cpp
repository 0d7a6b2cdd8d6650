#include "pipeline/event_codec.h"

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "correlator/limits.h"
#include "pipeline/generate.h"
#include "pipeline/replay.h"

namespace vpnverdict {
namespace {

// Everything but the sender's address, which only readers need, and the text of a line that says nothing.
void expect_same(const Event& wanted, const Event& got) {
  EXPECT_EQ(got.time, wanted.time);
  EXPECT_EQ(got.received, wanted.received);
  EXPECT_EQ(got.vantage, wanted.vantage);
  EXPECT_EQ(got.dialect, wanted.dialect);
  EXPECT_EQ(got.detail, wanted.detail);
  EXPECT_EQ(got.says, wanted.says);
  EXPECT_EQ(got.ref.position, wanted.ref.position);
  for (const auto text : {&Event::device, &Event::peer, &Event::gateway, &Event::group, &Event::user, &Event::address, &Event::pool,
                          &Event::server, &Event::message}) {
    EXPECT_EQ(got.*text, wanted.*text);
  }
  EXPECT_EQ(got.text, is_sign_of_life(wanted) ? std::string_view() : wanted.text);
  EXPECT_EQ(got.session, wanted.session);
  EXPECT_EQ(got.cookie, wanted.cookie);
  EXPECT_EQ(got.message_id, wanted.message_id);
  EXPECT_EQ(got.spi_in, wanted.spi_in);
  EXPECT_EQ(got.spi_out, wanted.spi_out);
  EXPECT_EQ(got.repeats, wanted.repeats);
  EXPECT_EQ(got.sequence, wanted.sequence);
  EXPECT_EQ(got.peer_port, wanted.peer_port);
  EXPECT_EQ(got.lasted, wanted.lasted);
}

const std::vector<TopicNumber<std::string>> kSources = {{"client-logs", 3}, {"concentrator-logs", 0}};

std::string packet_of(const std::vector<Event>& events, const std::vector<PacketMark>& marks = {}) {
  PacketWriter writer;
  for (const Event& event : events) writer.add(event, 1'000, event.ref.source);
  for (const PacketMark& mark : marks) writer.add(mark);
  return writer.finish(kSources, {{"client-logs", 4}, {"concentrator-logs", 1}});
}

Event some_event() {
  Event event;
  event.time = 1'200'000'000'123;
  event.vantage = Vantage::client;
  event.dialect = Dialect::charon;
  event.says = {Fact::client_started, Fact::concentrator_saw_am1};
  event.ref = {1, 77};
  event.user = "alice";
  event.text = "what it says";
  event.cookie = ~std::uint64_t{0};
  event.peer_port = 65'535;
  event.lasted = 3'600'000;
  return event;
}

// Hands every event of these logs through a packet of its own kind: hundreds in one, as the service does.
std::size_t round_trips(const std::vector<ReplaySource>& sources) {
  std::size_t count = 0;
  std::vector<std::string> bytes;  // the events' own bytes are gone after the hook
  Packet packet;
  ReplayHooks hooks;
  hooks.event = [&](const Event& event) {
    ++count;
    PacketWriter writer;
    writer.add(event, event.received, 0);
    writer.add(event, event.time, 1);
    const std::string encoded = writer.finish(kSources, {});
    ASSERT_EQ(decode_packet(encoded, packet), "");
    ASSERT_EQ(packet.events.size(), 2U);
    expect_same(event, packet.events[0]);
    expect_same(event, packet.events[1]);
    EXPECT_EQ(packet.record_times[0], event.received);
    EXPECT_EQ(packet.record_times[1], event.time);
  };
  const Replayed replayed = replay(sources, Inventory(), {}, hooks);
  EXPECT_EQ(replayed.error, "");
  return count;
}

TEST(EventCodec, every_event_of_the_replay_folders_comes_back_as_it_was) {
  std::size_t folders = 0;
  std::size_t events = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(VPNVERDICT_SOURCE_DIR "/tests/replay")) {
    if (entry.path().extension() != ".log") continue;
    ++folders;
    events += round_trips(sources_of({entry.path().string()}));
  }
  EXPECT_GT(folders, 100U);
  EXPECT_GT(events, 5'000U);
}

TEST(EventCodec, every_event_of_a_fleet_comes_back_as_it_was) {
  GenerateOptions options;
  options.attempts = 300;
  options.seed = 5;
  FleetGenerator fleet(options);
  std::string text;
  GeneratedRecord record;
  while (fleet.next(&record)) text += record.value + "\n";
  ReplaySource source;
  source.name = "fleet";
  source.text = text;
  EXPECT_GT(round_trips({source}), 3'000U);
}

TEST(EventCodec, marks_and_names_come_back) {
  const std::vector<PacketMark> marks = {{0, 500, {3, 3'000 / 10, 499}, 12'345, 99'999}, {1, 0, {}, kUntimed, kUntimed}};
  const std::string bytes = packet_of({some_event()}, marks);
  Packet packet;
  ASSERT_EQ(decode_packet(bytes, packet), "");
  EXPECT_EQ(packet.marks, marks);
  ASSERT_EQ(packet.sources.size(), 2U);
  EXPECT_EQ(packet.sources[1], (TopicNumber<std::string_view>("concentrator-logs", 0)));
  ASSERT_EQ(packet.roster.size(), 2U);
  EXPECT_EQ(packet.roster[0], (TopicNumber<std::string_view>("client-logs", 4)));
  expect_same(some_event(), packet.events.at(0));
}

TEST(EventCodec, a_mark_with_too_much_held_vouches_for_less) {
  PacketMark mark{0, 1'000'000, {}, 1, 1};
  for (std::uint64_t i = 0; i < kHeldPositionsMax + 10; ++i) mark.held.push_back(2 * i);
  Packet packet;
  ASSERT_EQ(decode_packet(packet_of({}, {mark}), packet), "");
  EXPECT_EQ(packet.marks[0].held.size(), kHeldPositionsMax);
  EXPECT_EQ(packet.marks[0].next, 2 * kHeldPositionsMax) << "the first position left out is not vouched for";
}

TEST(EventCodec, what_is_too_long_is_cut_and_a_packet_stays_below_its_bound) {
  Event event = some_event();
  const std::string name(kFieldBytesMax + 5, 'n');
  const std::string text(kLineBytesMax + 5, 't');
  for (const auto field : {&Event::device, &Event::peer, &Event::gateway, &Event::group, &Event::user, &Event::address, &Event::pool,
                           &Event::server, &Event::message}) {
    event.*field = name;
  }
  event.text = text;
  PacketWriter writer;
  while (writer.size() < kPacketBytesTarget) writer.add(event, 0, 0);
  PacketMark mark{0, ~std::uint64_t{0}, {}, 1, 1};
  for (std::uint64_t i = 0; i < kHeldPositionsMax; ++i) mark.held.push_back(i << 50);
  for (int i = 0; i < 1'000; ++i) writer.add(mark);
  const std::string bytes = writer.finish(kSources, {});
  EXPECT_LE(bytes.size(), kPacketBytesMax);
  Packet packet;
  ASSERT_EQ(decode_packet(bytes, packet), "");
  EXPECT_EQ(packet.events.back().user.size(), kFieldBytesMax);
  EXPECT_EQ(packet.events.back().text.size(), kLineBytesMax);
}

TEST(EventCodec, every_cut_is_refused_and_so_is_what_follows_the_end) {
  const std::string bytes = packet_of({some_event(), some_event()}, {{0, 50, {7}, 1, 1}});
  Packet packet;
  ASSERT_EQ(decode_packet(bytes, packet), "");
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_NE(decode_packet(std::string_view(bytes).substr(0, size), packet), "") << size;
  }
  EXPECT_NE(decode_packet(bytes + "x", packet), "");
}

TEST(EventCodec, what_this_version_does_not_know_is_refused) {
  Packet packet;
  std::string bytes = packet_of({some_event()});
  bytes[0] = 2;
  EXPECT_EQ(decode_packet(bytes, packet), "of another version");
  Event event = some_event();
  event.says = FactMask::from_words({0, 0, ~std::uint64_t{0}});  // facts nobody has named yet
  EXPECT_EQ(decode_packet(packet_of({event}), packet), "a damaged event");
  event = some_event();
  event.ref.source = 2;  // there are two
  EXPECT_EQ(decode_packet(packet_of({event}), packet), "a damaged event");
  EXPECT_EQ(decode_packet(packet_of({}, {{0, 5, {6}, 1, 1}}), packet), "a damaged mark") << "held, but not below the mark";
}

}  // namespace
}  // namespace vpnverdict
