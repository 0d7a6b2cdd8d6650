#include "pipeline/packet_router.h"

#include <gtest/gtest.h>

namespace vpnverdict {
namespace {

constexpr Timestamp kNow = 1'772'434'800'000;

Inventory two_clusters() {
  Inventory inventory;
  inventory.concentrators = {{"vpn-a", "a", {"203.0.113.1"}}, {"vpn-b", "b", {"203.0.113.2"}}};
  inventory.index();
  return inventory;
}

class Router : public ::testing::Test {
 protected:
  Router() {
    sources.index_of("raw", 0);
    sources.index_of("raw", 1);
  }

  static Event line(std::string_view device, Timestamp time, std::uint64_t position) {
    Event event;
    event.vantage = Vantage::concentrator;
    event.dialect = Dialect::vpn3000;
    event.device = device;
    event.message = "HTTP/28";
    event.text = "HTTP 200 OK";
    event.time = event.received = time;
    event.ref = {0, position};
    return event;
  }
  static Event fact(std::string_view device, Timestamp time, std::uint64_t position) {
    Event event = line(device, time, position);
    event.says.insert(Fact::concentrator_user_ok);
    return event;
  }
  // The positions of the events that were sent, in their order.
  std::vector<std::uint64_t> sent() {
    std::vector<std::uint64_t> out;
    for (const std::string& bytes : packets) {
      Packet packet;
      EXPECT_EQ(decode_packet(bytes, packet), "");
      for (const Event& event : packet.events) out.push_back(event.ref.position);
    }
    return out;
  }
  using Positions = std::vector<std::uint64_t>;

  const Inventory inventory = two_clusters();
  SourceTable sources;
  std::vector<std::string> packets;
  PacketRouter router{inventory, sources, 1, PacketRouter::quiet_ms(2'000), [this](std::int32_t, const std::string& packet) { packets.push_back(packet); return true; }};
};

TEST_F(Router, of_lines_that_say_nothing_the_first_and_the_newest_are_sent) {
  for (std::uint64_t i = 0; i < 100; ++i) router.add(line("vpn-a", kNow + static_cast<Timestamp>(i), i), kNow + static_cast<Timestamp>(i));
  router.flush();
  EXPECT_EQ(sent(), (Positions{0, 99}));
}

TEST_F(Router, each_device_has_its_own_newest_line) {
  for (std::uint64_t i = 0; i < 100; ++i) router.add(line(i % 2 == 0 ? "vpn-a" : "vpn-b", kNow + static_cast<Timestamp>(i), i), kNow + static_cast<Timestamp>(i));
  router.flush();
  EXPECT_EQ(sent(), (Positions{0, 1, 98, 99}));
}

TEST_F(Router, lines_with_facts_are_all_sent) {
  for (std::uint64_t i = 0; i < 10; ++i) router.add(fact("vpn-a", kNow, i), kNow);
  router.flush();
  EXPECT_EQ(sent().size(), 10U);
}

// Judgement is behind by the grace period; what waits must be far less behind.
TEST_F(Router, no_line_waits_while_the_log_goes_on) {
  router.add(line("vpn-a", kNow, 0), kNow);
  router.add(line("vpn-a", kNow + 10, 1), kNow + 10);
  router.add(fact("vpn-b", kNow + 600, 2), kNow + 600);
  router.flush();
  EXPECT_EQ(sent(), (Positions{0, 1, 2}));
}

// A backlog of a feed of few lines: were each of them sent, the second stage would have as much to do as the first.
TEST_F(Router, of_a_device_that_writes_four_lines_a_second_every_third_is_sent) {
  for (std::uint64_t i = 0; i < 13; ++i) router.add(line("vpn-a", kNow + 250 * static_cast<Timestamp>(i), i), kNow + 250 * static_cast<Timestamp>(i));
  router.flush();
  EXPECT_EQ(sent(), (Positions{0, 3, 6, 9, 12}));
}

// A busy neighbour's newest line is always new.
TEST_F(Router, a_line_waits_no_longer_because_another_device_goes_on) {
  const auto say = [this](std::string_view device, Timestamp after, std::uint64_t position) { router.add(line(device, kNow + after, position), kNow + after); };
  say("vpn-a", 0, 0);
  say("vpn-b", 0, 1);
  say("vpn-a", 5, 2);
  say("vpn-b", 10, 3);
  for (std::uint64_t i = 4; i < 20; ++i) say("vpn-a", 100 * static_cast<Timestamp>(i), i);
  router.flush();
  EXPECT_EQ(sent(), (Positions{0, 1, 5, 3, 11, 17, 19}));
}

TEST_F(Router, a_short_grace_period_is_waited_for_less) {
  PacketRouter eager{inventory, sources, 1, PacketRouter::quiet_ms(200), [this](std::int32_t, const std::string& packet) { packets.push_back(packet); return true; }};
  for (std::uint64_t i = 0; i < 3; ++i) eager.add(line("vpn-a", kNow + 100 * static_cast<Timestamp>(i), i), kNow + 100 * static_cast<Timestamp>(i));
  eager.flush();
  EXPECT_EQ(sent(), (Positions{0, 1, 2}));
}

// Partitions are not read at the same pace.
TEST_F(Router, another_partition_that_is_ahead_sends_nothing) {
  for (std::uint64_t i = 0; i < 100; ++i) {
    const Timestamp time = kNow + static_cast<Timestamp>(i / 2) + (i % 2 == 0 ? 0 : 60'000);
    Event event = line("vpn-a", time, i);
    event.ref.source = i % 2;
    router.add(event, time);
  }
  router.flush();
  EXPECT_EQ(sent(), (Positions{0, 1, 98, 99}));
}

TEST_F(Router, a_mark_never_passes_a_line_that_waits) {
  router.add(line("vpn-a", kNow, 0), kNow);
  router.add(line("vpn-a", kNow + 10, 1), kNow + 10);
  router.mark({0, 2, kNow + 10, kUntimed, false}, {});
  router.punctuate({{"raw", 1}});
  ASSERT_EQ(packets.size(), 1U);
  EXPECT_EQ(sent(), (Positions{0, 1}));
}

TEST_F(Router, a_line_older_than_the_devices_first_is_sent_at_once) {
  router.add(line("vpn-a", kNow, 0), kNow);
  router.add(line("vpn-a", kNow - 60'000, 1), kNow);
  router.flush();
  EXPECT_EQ(sent(), (Positions{0, 1}));
}

// A debug log shows that packets of clients arrive: each such line counts as a witness.
TEST_F(Router, lines_that_show_an_arrival_are_all_sent) {
  for (std::uint64_t i = 0; i < 10; ++i) {
    Event event = line("vpn-a", kNow, i);
    event.detail = 8;
    event.message = "IKEDBG/0";
    router.add(event, kNow);
  }
  router.flush();
  EXPECT_EQ(sent().size(), 10U);
}

TEST_F(Router, a_clients_lines_that_say_nothing_are_not_sent) {
  Event event = line("pc-1", kNow, 0);
  event.vantage = Vantage::client;
  event.dialect = Dialect::cisco_vpn_client;
  router.add(event, kNow);
  router.flush();
  EXPECT_TRUE(sent().empty());
}

TEST_F(Router, a_line_that_says_nothing_and_has_no_time_is_not_sent) {
  Event event = line("fw-1", kUntimed, 0);
  event.received = kNow;
  router.add(event, kNow);
  router.flush();
  EXPECT_TRUE(sent().empty());
}

}  // namespace
}  // namespace vpnverdict
