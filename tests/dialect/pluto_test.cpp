// What pluto's rows need from what stands around them: who the line was told to, and which phase it is about.
#include <gtest/gtest.h>

#include <initializer_list>

#include "tests/dialect/collect.h"

namespace vpnverdict::dialect {
namespace {

using enum Fact;

// What `ipsec auto --up` prints, alone, behind the tag of who ran it, and as a later release prints it.
TEST(Pluto, reads_what_it_tells_the_command) {
  for (std::string_view text :
       {R"(003 "work" #1: received Hash Payload does not match computed value)",
        R"(NetworkManager[44643]: 003 "work" #1: received Hash Payload does not match computed value)",
        R"(Dec 22 19:34:53 pc NetworkManager[1132]: 003 "work" #1: received Hash Payload does not match computed value)",
        R"(Dec 22 19:34:53 pc NetworkManager[1132]: "work" #1: received Hash Payload does not match computed value)",
        R"(Jul 31 20:25:15 [pluto] "work" #1: received Hash Payload does not match computed value)"}) {
    SCOPED_TRACE(text);
    const std::vector<Collected> events =
        read_lines({R"("work" #1: initiating IKEv1 Aggressive Mode connection)", text}).events();
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
    const std::vector<Collected> events = read_lines({text}).events();
    ASSERT_EQ(1u, events.size());
    EXPECT_EQ(Vantage::client, events[0].vantage);
  }
  // `ipsec auto --status`, which gateways' owners post, too.
  const std::vector<Collected> status =
      read_lines({R"(000 "xauth-psk":   IKE algorithms: AES_CBC_256-HMAC_SHA1-MODP1024)",
                  R"("xauth-psk"[1] 198.51.100.95 #2: XAUTH: User alice: Authentication Successful)"})
          .events();
  ASSERT_EQ(1u, status.size());
  EXPECT_EQ(Vantage::concentrator, status[0].vantage);
  const std::vector<Collected> gateway =
      read_lines({R"("xauth-psk"[1] 198.51.100.95 #2: STATE_MAIN_R1: 60 second timeout exceeded after 7 retransmits.)"}).events();
  ASSERT_EQ(1u, gateway.size());
  EXPECT_EQ(Vantage::concentrator, gateway[0].vantage);
}

// The same words refuse phase 1 and phase 2.
TEST(Pluto, a_notify_is_of_the_phase_that_is_under_way) {
  constexpr std::string_view kRefused =
      R"("work" #1: ignoring informational payload NO_PROPOSAL_CHOSEN, msgid=00000000, length=16)";
  const FactMask phase1 = read_lines({R"("work" #1: initiating Main Mode)", kRefused}).facts();
  EXPECT_TRUE(phase1.has(client_no_proposal_notify));
  EXPECT_FALSE(phase1.has(client_phase2_refused));
  const FactMask phase2 = read_lines({R"("work" #1: initiating Main Mode)",
                                      R"("work" #1: STATE_MAIN_I4: ISAKMP SA established {auth=PRESHARED_KEY})", kRefused})
                              .facts();
  EXPECT_FALSE(phase2.has(client_no_proposal_notify));
  EXPECT_TRUE(phase2.has(client_phase2_refused));
  const FactMask next = read_lines({R"("work" #1: STATE_MAIN_I4: ISAKMP SA established {auth=PRESHARED_KEY})",
                                    R"("work" #3: initiating Main Mode)", kRefused})
                            .facts();
  EXPECT_TRUE(next.has(client_no_proposal_notify));
}

// A number in front of something else is no mark.
TEST(Pluto, leaves_other_programs_lines_alone) {
  for (std::string_view text : {"200 \"GET /index.html\" ok", "031 packets received",
                                R"(NetworkManager[1132]: <info> vpn[0xc5a7c0,"work",0]: Started the VPN service)"}) {
    SCOPED_TRACE(text);
    const Collector collector = read_lines({text});
    ASSERT_EQ(1u, collector.items.size());
    EXPECT_EQ(Collected::Kind::reject, collector.items[0].kind);
  }
}

// A gateway numbers phase 2 apart from phase 1: both are one client's.
TEST(Pluto, phase_2_goes_on_the_phase_1_before_it) {
  const std::vector<Collected> events =
      read_lines(
          {R"("xauth-psk"[2] 198.51.100.20 #9: responding to Main Mode from unknown peer 198.51.100.20:500)",
           R"("xauth-psk"[3] 198.51.100.21 #10: responding to Main Mode from unknown peer 198.51.100.21:500)",
           R"("xauth-psk"[2] 198.51.100.20 #9: XAUTH: User alice: Authentication Successful)",
           R"("xauth-psk"[2] 198.51.100.20 #11: responding to Quick Mode proposal {msgid:01000000})",
           R"("xauth-psk"[2] 198.51.100.20 #11: STATE_QUICK_R2: IPsec SA established tunnel mode {ESP=>0x1 <0x2 xfrm=AES_CBC_256-HMAC_SHA1_96})",
           R"("ikev2-cp"[4] 198.51.100.22 #12: processed IKE_SA_INIT request from 198.51.100.22:UDP/500 {cipher=AES_CBC_256})",
           R"("ikev2-cp"[4] 198.51.100.22 #13: responder established Child SA using #12; IPsec tunnel [0.0.0.0/0===192.0.2.1/32] {ESP=>0x1})",
           R"("ikev2-cp"[4] 198.51.100.22 #14: no local proposal matches remote proposals 1:ESP:ENCR=AES_CBC_256;INTEG=HMAC_SHA1_96;ESN=DISABLED)"})
          .events();
  ASSERT_EQ(8u, events.size());
  EXPECT_EQ(12u, events[7].session);
  EXPECT_EQ(9u, events[3].session);
  EXPECT_EQ(9u, events[4].session);
  EXPECT_TRUE(events[4].says.has(concentrator_phase2_done));
  EXPECT_EQ(12u, events[6].session);
}

// Libreswan 4.10 writes of phase 2 before it names the phase 1: the number belongs to the latter all the same.
TEST(Pluto, a_number_is_of_the_phase_1_that_is_named_later) {
  const std::vector<Collected> events =
      read_lines(
          {R"("work"[1] 203.0.113.7 #1: sent IKE_SA_INIT reply {cipher=AES_CBC_256 integ=HMAC_SHA2_256_128 prf=HMAC_SHA2_256 group=MODP2048})",
           R"("work"[1] 203.0.113.7 #2: proposal 1:ESP=AES_CBC_256-HMAC_SHA1_96-DISABLED SPI=c0c76a62 chosen from remote proposals 1:ESP:ENCR=AES_CBC_256;INTEG=HMAC_SHA1_96;ESN=DISABLED[first-match])",
           R"("work"[1] 203.0.113.7 #2: responder established Child SA using #1; IPsec tunnel [0.0.0.0-255.255.255.255:0-65535 0] -> [10.9.0.10-10.9.0.10:0-65535 0] {ESPinUDP=>0xc0c76a62 <0x7adaaac9 xfrm=AES_CBC_256-HMAC_SHA1_96 NATD=203.0.113.7:4500 DPD=active})",
           R"("work"[1] 203.0.113.7 #3: reloaded private key matching left certificate 'gw')",
           R"("work"[1] 203.0.113.7 #3: responder established Child SA using #1; IPsec tunnel [0.0.0.0/0] -> [10.9.0.10/32] {ESP=>0x1a2b3c4d <0x5e6f7a8b})"})
          .events();
  ASSERT_EQ(3u, events.size());
  for (const Collected& event : events) EXPECT_EQ(1u, event.session);
  // What proves that two logs tell of one tunnel: outgoing here is incoming there.
  EXPECT_EQ(0xc0c76a62u, events[1].spi_out);
  EXPECT_EQ(0x7adaaac9u, events[1].spi_in);
}

TEST(Pluto, either_side_prints_the_message_id_of_phase_2) {
  const std::vector<Collected> client =
      read_lines({R"("work" #1: initiating IKEv1 Main Mode connection)",
                  R"("work" #2: initiating Quick Mode IKEv1+PSK+ENCRYPT+TUNNEL+DONT_REKEY+UP+XAUTH {using isakmp#1 msgid:8bcfef3d proposal=AES_CBC_256-HMAC_SHA1_96 pfsgroup=no-pfs})"})
          .events();
  ASSERT_EQ(2u, client.size());
  EXPECT_EQ(2'345'660'221u, client[1].message_id);  // as charon wrote it of the same exchange
  const std::vector<Collected> gateway =
      read_lines({R"("work"[1] 203.0.113.7 #2: responding to Quick Mode proposal {msgid:8bcfef3d})"}).events();
  ASSERT_EQ(1u, gateway.size());
  EXPECT_EQ(2'345'660'221u, gateway[0].message_id);
}

// A file of its own has no tag; numbers begin anew with the daemon.
TEST(Pluto, a_file_of_its_own_tells_that_it_starts_and_stops) {
  constexpr std::string_view kSeen = R"(Nov 29 11:07:51.666722: "work"[1] 203.0.113.7 #1: responding to Main Mode from unknown peer 203.0.113.7:500)";
  const std::vector<Collected> events =
      read_lines({"Nov 29 11:07:15.100000: Starting Pluto (Libreswan Version 4.10 XFRM(netkey) XFRMI NSS) pid:767", kSeen,
                  "Nov 29 11:08:01.621828: Pluto is shutting down",
                  "Nov 29 11:08:05.100000: Starting Pluto (Libreswan Version 4.10 XFRM(netkey) XFRMI NSS) pid:801",
                  R"(Nov 29 11:09:51.666722: "work"[1] 203.0.113.9 #1: responding to Main Mode from unknown peer 203.0.113.9:500)"})
          .events();
  ASSERT_EQ(4u, events.size());  // before the first client nobody knows that this is a gateway
  EXPECT_EQ("concentrator_ended_by_shutdown", names_of(events[1].says));
  EXPECT_EQ("concentrator_started", names_of(events[2].says));
  EXPECT_NE(events[0].session, events[3].session);
}

// In Aggressive Mode the client is done when it has sent its third message: that proves nothing about the gateway.
TEST(Pluto, an_aggressive_client_is_not_past_phase_1_because_it_says_so) {
  for (std::string_view text : {R"("work" #1: IKE SA established {auth=PRESHARED_KEY cipher=AES_CBC_256 integ=HMAC_SHA1 group=MODP1536})",
                                R"("work" #1: ISAKMP SA established {auth=PRESHARED_KEY cipher=AES_CBC_256 integ=HMAC_SHA1 group=MODP1536})",
                                R"(004 "work" #1: STATE_AGGR_I2: sent AI2, ISAKMP SA established {auth=PRESHARED_KEY cipher=aes_128 integ=sha group=MODP1024})"}) {
    SCOPED_TRACE(text);
    const FactMask facts = read_lines({R"("work" #1: initiating IKEv1 Aggressive Mode connection)", text}).facts();
    EXPECT_TRUE(facts.has(client_sent_am3));
    EXPECT_FALSE(facts.has(client_phase1_done));
  }
  EXPECT_TRUE(read_lines({R"(004 "work" #4: STATE_MAIN_I4: ISAKMP SA established {auth=PRESHARED_KEY cipher=aes_256})"}).facts().has(client_phase1_done));
}

TEST(Pluto, a_tunnel_that_the_gateway_begins_is_no_client) {
  const std::vector<Collected> events =
      read_lines(
          {R"("xauth-psk"[2] 198.51.100.20 #9: responding to Main Mode from unknown peer 198.51.100.20:500)",
           R"("office" #100: initiating Main Mode)",
           R"("office" #100: STATE_MAIN_I1: 60 second timeout exceeded after 7 retransmits.  No response (or no acceptable response) to our first IKEv1 message)",
           R"("xauth-psk"[2] 198.51.100.20 #101: initiating Main Mode to replace #9)",
           R"("xauth-psk"[2] 198.51.100.20 #101: ISAKMP SA established {auth=PRESHARED_KEY})"})
          .events();
  ASSERT_EQ(2u, events.size());
  EXPECT_EQ(101u, events[1].session);
}

// Who has no key refuses every proposal; that is no word about proposals.
TEST(Pluto, a_missing_key_is_not_told_as_a_proposal) {
  const std::vector<Collected> events =
      read_lines(
          {R"("rw"[1] 198.51.100.20 #5: responding to Main Mode from unknown peer 198.51.100.20)",
           R"("rw"[1] 198.51.100.20 #5: Can't authenticate: no preshared key found for `203.0.113.5' and `%any'.  Attribute OAKLEY_AUTHENTICATION_METHOD)",
           R"("rw"[1] 198.51.100.20 #5: no acceptable Oakley Transform)",
           R"("rw"[2] 198.51.100.21 #6: responding to Main Mode from unknown peer 198.51.100.21)",
           R"("rw"[2] 198.51.100.21 #6: no acceptable Oakley Transform)"})
          .events();
  ASSERT_EQ(5u, events.size());
  EXPECT_TRUE(events[1].says.has(concentrator_group_unknown));
  EXPECT_FALSE(events[2].says.has(concentrator_proposal_rejected));
  EXPECT_TRUE(events[4].says.has(concentrator_proposal_rejected));
}

// Where the beginning is not at hand, nor is what was said of key and method.
TEST(Pluto, a_refusal_without_its_beginning_does_not_say_of_what) {
  const std::vector<Collected> events = read_lines({R"("rw"[2] 198.51.100.21 #6: no acceptable Oakley Transform)"}).events();
  ASSERT_EQ(1u, events.size());
  EXPECT_EQ(FactMask{concentrator_sent_no_proposal}, events[0].says);
}

// Nor has one whose connection is for another method.
TEST(Pluto, a_method_that_is_not_allowed_is_not_told_as_a_proposal) {
  for (const char* words : {"policy does not allow Extended Authentication (XAUTH) of initiator", "policy mandates Extended Authentication (XAUTH) with PSK of initiator"}) {
    const std::vector<Collected> events =
        read_lines({R"("l2tp"[1] 198.51.100.20 #5: responding to Main Mode from unknown peer 198.51.100.20)",
                    R"("l2tp"[1] 198.51.100.20 #5: )" + std::string(words) + " (we are responder).  Attribute OAKLEY_AUTHENTICATION_METHOD",
                    R"("l2tp"[1] 198.51.100.20 #5: no acceptable Oakley Transform)"})
            .events();
    ASSERT_EQ(3u, events.size());
    EXPECT_TRUE(events[1].says.has(concentrator_no_fitting_method));
    EXPECT_FALSE(events[2].says.has(concentrator_proposal_rejected));
  }
}

// A client answers when the gateway begins phase 2 anew; that makes it no gateway.
TEST(Pluto, a_client_stays_one_when_phase_2_is_begun_anew) {
  const std::vector<Collected> events =
      read_lines({R"("work" #1: initiating Main Mode)", R"("work" #3: responding to Quick Mode proposal {msgid:01000000})",
                  R"("work" #3: STATE_QUICK_R2: IPsec SA established tunnel mode {ESP=>0x1 <0x2})",
                  R"("work" #1: STATE_MAIN_I4: ISAKMP SA established {auth=PRESHARED_KEY})"})
          .events();
  for (const Collected& event : events) EXPECT_EQ(Vantage::client, event.vantage);
}

// Astaro's and Sophos' own stamp, and a port behind the peer.
TEST(Pluto, reads_the_stamp_of_sophos) {
  const std::vector<Collected> events =
      read_lines(
          {R"(2016:06:22-08:34:28 sophos pluto[6735]: "D_REF_IpsRoaForBob_0"[3] 198.51.100.20:4500 #11: extended authentication failed)"})
          .events();
  ASSERT_EQ(1u, events.size());
  EXPECT_EQ(1'466'584'468, events[0].time / 1000);  // date -ud "2016-06-22 08:34:28" +%s
  EXPECT_EQ("sophos", events[0].device);
  EXPECT_EQ("198.51.100.20", events[0].peer);
}

}  // namespace
}  // namespace vpnverdict::dialect
