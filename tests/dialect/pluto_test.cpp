// What pluto's rows need from what stands around them: who the line was told to, and which phase it is about.
#include <gtest/gtest.h>

#include <initializer_list>

#include "tests/dialect/collect.h"

namespace vpnverdict::dialect {
namespace {

using enum Fact;

Collector read(std::initializer_list<std::string_view> lines) {
  Reader reader;
  reader.set_year(2026);
  Collector collector;
  for (std::string_view text : lines) {
    Line line;
    line.text = text;
    reader.feed(line, collector);
  }
  reader.flush(collector);
  return collector;
}

// What `ipsec auto --up` prints, alone, behind the tag of who ran it, and as a later release prints it.
TEST(Pluto, reads_what_it_tells_the_command) {
  for (std::string_view text :
       {R"(003 "work" #1: received Hash Payload does not match computed value)",
        R"(NetworkManager[44643]: 003 "work" #1: received Hash Payload does not match computed value)",
        R"(Dec 22 19:34:53 pc NetworkManager[1132]: 003 "work" #1: received Hash Payload does not match computed value)",
        R"(Dec 22 19:34:53 pc NetworkManager[1132]: "work" #1: received Hash Payload does not match computed value)"}) {
    SCOPED_TRACE(text);
    const std::vector<Collected> events = read({R"("work" #1: initiating IKEv1 Aggressive Mode connection)", text}).events();
    ASSERT_EQ(2u, events.size());
    EXPECT_EQ(Vantage::client, events[1].vantage);
    EXPECT_EQ(1u, events[1].session);
    EXPECT_TRUE(events[1].says.has(client_hash_failed));
  }
}

// Who initiates is the client, whichever of its lines comes first.
TEST(Pluto, knows_the_initiator_by_its_states_and_by_who_is_told) {
  for (
      std::string_view text :
      {R"("work" #2: STATE_QUICK_I1: 60 second timeout exceeded after 7 retransmits.  No acceptable response to our first Quick Mode message)",
       R"(117 "work" #2: STATE_QUICK_I1: initiate)",
       R"(022 "work": We cannot identify ourselves with either end of this connection.)"}) {
    SCOPED_TRACE(text);
    const std::vector<Collected> events = read({text}).events();
    ASSERT_EQ(1u, events.size());
    EXPECT_EQ(Vantage::client, events[0].vantage);
  }
  const std::vector<Collected> gateway =
      read({R"("xauth-psk"[1] 198.51.100.95 #2: STATE_MAIN_R1: 60 second timeout exceeded after 7 retransmits.)"}).events();
  ASSERT_EQ(1u, gateway.size());
  EXPECT_EQ(Vantage::concentrator, gateway[0].vantage);
}

// The same words refuse phase 1 and phase 2.
TEST(Pluto, a_notify_is_of_the_phase_that_is_under_way) {
  constexpr std::string_view kRefused =
      R"("work" #1: ignoring informational payload NO_PROPOSAL_CHOSEN, msgid=00000000, length=16)";
  const FactMask phase1 = read({R"("work" #1: initiating Main Mode)", kRefused}).facts();
  EXPECT_TRUE(phase1.has(client_no_proposal_notify));
  EXPECT_FALSE(phase1.has(client_phase2_refused));
  const FactMask phase2 = read({R"("work" #1: initiating Main Mode)",
                                R"("work" #1: STATE_MAIN_I4: ISAKMP SA established {auth=PRESHARED_KEY})", kRefused})
                              .facts();
  EXPECT_FALSE(phase2.has(client_no_proposal_notify));
  EXPECT_TRUE(phase2.has(client_phase2_refused));
  const FactMask next = read({R"("work" #1: STATE_MAIN_I4: ISAKMP SA established {auth=PRESHARED_KEY})",
                              R"("work" #3: initiating Main Mode)", kRefused})
                            .facts();
  EXPECT_TRUE(next.has(client_no_proposal_notify));
}

// A number in front of something else is no mark.
TEST(Pluto, leaves_other_programs_lines_alone) {
  for (std::string_view text : {"200 \"GET /index.html\" ok", "031 packets received",
                                R"(NetworkManager[1132]: <info> vpn[0xc5a7c0,"work",0]: Started the VPN service)"}) {
    SCOPED_TRACE(text);
    const Collector collector = read({text});
    ASSERT_EQ(1u, collector.items.size());
    EXPECT_EQ(Collected::Kind::reject, collector.items[0].kind);
  }
}

}  // namespace
}  // namespace vpnverdict::dialect
