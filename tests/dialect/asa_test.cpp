// The headers under which ASA lines are met, and prefixes that strangers fill.
#include <gtest/gtest.h>

#include <initializer_list>

#include "tests/dialect/collect.h"

namespace vpnverdict::dialect {
namespace {

using enum Fact;

Collector read(std::string_view text) { return read_lines({text}); }

// Most of a firewall's log: no row is asked, and still it is a sign of life with its device and time.
TEST(Asa, a_connection_through_the_box_is_a_sign_of_life) {
  const Collector collector = read(
      "<166>Jun 22 2022 13:29:11 fw1 : %ASA-6-302013: Built inbound TCP connection 7 for outside:198.51.100.7/51234 "
      "(198.51.100.7/51234) to inside:10.1.2.3/443 (10.1.2.3/443)");
  ASSERT_EQ(1u, collector.items.size());
  const Collected& item = collector.items[0];
  EXPECT_EQ(Collected::Kind::ignored, item.kind);
  EXPECT_EQ(Dialect::asa, item.dialect);
  EXPECT_EQ("fw1", item.device);
  EXPECT_EQ(48551, item.time / 1000 % 86400);
}

// The device's own group of another site has that site's address for a name.
TEST(Asa, a_group_named_by_the_peers_address_is_another_sites) {
  const auto is_site = [](std::string_view line) {
    const Collector collector = read(line);
    EXPECT_EQ(1u, collector.items.size()) << line;
    return !collector.items.empty() && collector.items[0].says.has(concentrator_peer_is_site);
  };
  EXPECT_TRUE(is_site("%ASA-5-713119: Group = 198.51.100.7, IP = 198.51.100.7, PHASE 1 COMPLETED"));
  EXPECT_TRUE(is_site("%ASA-5-713120: Group = 198.51.100.7, Username = 198.51.100.7, IP = 198.51.100.7, PHASE 2 COMPLETED (msgid=3c5a1e9b)"));
  EXPECT_TRUE(is_site("%ASA-5-750006: Local:203.0.113.1:500 Remote:198.51.100.7:500 Username:198.51.100.7 IKEv2 SA UP. Reason: New Connection Established"));
  EXPECT_FALSE(is_site("%ASA-5-713119: Group = sales, IP = 198.51.100.7, PHASE 1 COMPLETED"));
  EXPECT_FALSE(is_site("%ASA-5-713119: Group = 198.51.100.8, IP = 198.51.100.7, PHASE 1 COMPLETED"));
  EXPECT_FALSE(is_site("%ASA-5-713120: Group = 198.51.100.7, Username = alice, IP = 198.51.100.7, PHASE 2 COMPLETED (msgid=3c5a1e9b)"));
  EXPECT_FALSE(is_site("%ASA-5-713120: Group = sales, Username = 198.51.100.7, IP = 198.51.100.7, PHASE 2 COMPLETED (msgid=3c5a1e9b)"));
  EXPECT_FALSE(is_site("%ASA-6-113005: AAA user authentication Rejected : reason = Invalid password : server = 192.0.2.38 : user = alice : user IP = 198.51.100.7"));
}

// Most of a firewall's log again: of what it denies only the packets to a VPN's ports are anybody's attempt.
TEST(Asa, a_denied_packet_says_something_when_it_went_to_a_port_of_ike) {
  const auto says = [](std::string_view line) {
    const Collector collector = read(line);
    EXPECT_EQ(1u, collector.items.size()) << line;
    return collector.items.empty() ? FactMask{} : collector.items[0].says;
  };
  EXPECT_EQ(FactMask{concentrator_path_dropped_ike}, says("%PIX-4-106023: Deny udp src outside:198.51.100.7/1025 dst inside:10.1.1.1/500 by access-group \"outside_in\""));
  EXPECT_EQ(FactMask{concentrator_path_dropped_natt}, says("%ASA-4-106023: Deny udp src outside:198.51.100.7/4500 dst inside:10.1.1.1/4500 by access-group \"outside_in\" [0x0, 0x0]"));
  for (const std::string_view other : {"%ASA-4-106023: Deny udp src outside:198.51.100.7/500 dst inside:10.1.1.1/53 by access-group \"outside_in\" [0x0, 0x0]",
                                       "%ASA-4-106023: Deny tcp src outside:198.51.100.7/500 dst inside:10.1.1.1/500 by access-group \"outside_in\" [0x0, 0x0]",
                                       "%ASA-4-106023: Deny udp src outside:198.51.100.7/500 dst inside:10.1.1.1/25500 by access-group \"outside_in\" [0x0, 0x0]",
                                       "%ASA-6-106100: access-list outside_in permitted udp outside/198.51.100.7(500) -> dmz/10.1.1.1(500) hit-cnt 1 first hit [0x1d2a3b4c, 0x0]"})
    EXPECT_EQ(FactMask{}, says(other)) << other;
}

// The tag as nearly every line has it is compared as a whole; any other is read letter by letter, and must come out the same.
TEST(Asa, the_usual_tag_is_read_like_any_other) {
  for (const std::string body : {"302016: Teardown UDP connection 7", "113019: Group = sales, Username = alice, IP = 198.51.100.7, Session disconnected. "
                                 "Session Type: IKE, Duration: 0h:01m:58s, Bytes xmt: 0, Bytes rcv: 0, Reason: Idle Timeout", "713119:  | PHASE 1 COMPLETED"}) {
    const Collector usual = read("2026-03-02T07:00:00.101Z fw1 %ASA-6-" + body);
    const Collector other = read("2026-03-02T07:00:00.101Z fw1 %asa-6-" + body);
    ASSERT_EQ(1u, usual.items.size());
    ASSERT_EQ(1u, other.items.size());
    EXPECT_EQ(other.items[0].kind, usual.items[0].kind) << body;
    EXPECT_EQ(other.items[0].says, usual.items[0].says) << body;
    EXPECT_EQ(other.items[0].group, usual.items[0].group) << body;
    EXPECT_EQ(other.items[0].device, usual.items[0].device) << body;
    EXPECT_EQ(other.items[0].time, usual.items[0].time) << body;
  }
}

TEST(Asa, finds_the_tag_under_every_header) {
  const std::string body = "-713119: Group = staff, IP = 203.0.113.30, PHASE 1 COMPLETED";
  struct {
    std::string_view before;
    std::string_view device;
    int second_of_day;  // -1 = none
  } const kHeaders[] = {
      {"<166>Jun 22 2022 13:29:11 single : %ASA-5", "single", 48551},
      {"<165>Mar 13 2025 09:37:52: %ASA-5", "", 34672},
      {"May  5 17:51:17 dev01: %ASA-5", "dev01", 64277},
      {"Jul 15 13:38:08 192.0.2.69 %ASA-5", "192.0.2.69", 49088},
      {"Jul 15 13:38:14 192.0.2.56 : %ASA-5", "192.0.2.56", 49094},
      {"<166>2018-06-27T12:17:46Z asa : %ASA-5", "asa", 44266},
      {"<166>1 2022-02-02T14:59:55.000+00:00 host - - - - %FTD-5", "host", 53995},
      {"<166>:Feb 26 11:26:52 UTC: %FTD--5", "", 41212},
      {"<166>:: %ASA-auth-5", "", -1},
      {"Sep 25 01:08:29 host1 : Sep 25 05:08:29 UTC: %ASA-vpn-5", "host1", 18509},
      {"Jul 12 17:30:17 relay-02 :Jul 12 10:25:06 PDT: %ASA-session-5", "relay-02", 62706},
      {"Dec 30 03:10:48 192.0.2.34 Dec 30 2003 02:13:28: %PIX-5", "192.0.2.34", 8008},
      {"<166>ACA1a-FW-FTDV01 %FTD-5", "ACA1a-FW-FTDV01", -1},
      {"Apr 30 09:22:38.340591: %ASA-5", "", 33758},
      {"Oct 10 2018 12:34:56 localhost CiscoASA[999]: %ASA-5", "localhost", 45296},
      {"2020-09-30T09:06:09.254798+00:00 local4.err pg122d-vpn116 %ASA-5", "pg122d-vpn116", 32769},
      {"172.16.200.253:514 : local7.error %PIX-5", "172.16.200.253", -1},
      {"10.8.5.10|local4|info|info|a6|2014-02-18|02:12:41|%ASA-5", "10.8.5.10", 7961},
      {"\\\" Mar 21 2014 23:03:49 vpn3 : %ASA-5", "vpn3", 83029},
      {"\"<166>Mar 21 2014 23:03:49: %ASA-5", "", 83029},
      {"\"2014-03-21 23:03:49\",\"192.0.2.56\",\"%ASA-5", "192.0.2.56", 83029},
      {"* Jun 20 13:36:43: %ASA-5", "", 49003},
      {"%FTD<Up>-5", "", -1},
      {"%ASA\u22125", "", -1},
  };
  for (const auto& header : kHeaders) {
    const std::string text = std::string(header.before) + body;
    SCOPED_TRACE(text);
    const Collector collector = read(text);
    ASSERT_EQ(1u, collector.items.size());
    const Collected& item = collector.items[0];
    ASSERT_EQ(Collected::Kind::event, item.kind);
    EXPECT_EQ(Dialect::asa, item.dialect);
    EXPECT_TRUE(item.says.has(concentrator_phase1_done));
    EXPECT_EQ(header.device, item.device);
    EXPECT_EQ("staff", item.group);
    EXPECT_EQ("203.0.113.30", item.peer);
    if (header.second_of_day < 0) {
      EXPECT_EQ(kUntimed, item.time);
    } else {
      EXPECT_EQ(header.second_of_day, item.time / 1000 % 86'400);
    }
  }
}

TEST(Asa, a_policy_is_no_group) {
  EXPECT_EQ(
      "", read("%ASA-6-716001: Group <GroupPolicy_Staff> User <u1> IP <203.0.113.30> WebVPN session started.")
              .items[0]
              .group);
  EXPECT_EQ(
      "staff",
      read(
          "%ASA-3-722020: TunnelGroup <staff> GroupPolicy <GroupPolicy_Staff> User <u1> IP <203.0.113.30> No "
          "address available for SVC connection")
          .items[0]
          .group);
}

TEST(Asa, masked_and_absent_values_are_no_names) {
  const Collector collector = read(
      "%ASA-6-113005: AAA user authentication Rejected : reason = AAA failure : server = 192.0.2.1 : user = "
      "***** : user IP = None");
  ASSERT_EQ(1u, collector.events().size());
  EXPECT_EQ("", collector.items[0].user);
  EXPECT_EQ("", collector.items[0].peer);
  EXPECT_EQ("192.0.2.1", collector.items[0].server);
}

TEST(Asa, what_a_collector_writes_behind_an_address_is_no_part_of_it) {
  for (const char* behind : {"", " Flume enrichment timezone UTC", "\"", "\" Mar 21 14:02:11", "\\\",", "<br />"}) {
    const Collector collector = read(std::string("%ASA-6-113005: AAA user authentication Rejected : reason = Invalid password : server = "
                                                 "192.0.2.1 : user = u1 : user IP = 203.0.113.30") + behind);
    ASSERT_EQ(1u, collector.events().size());
    EXPECT_EQ("203.0.113.30", collector.items[0].peer) << behind;
  }
}

TEST(Asa, counters_of_a_session_are_seen_from_the_concentrator) {
  const FactMask facts = read(
                             "%ASA-4-113019: Group = staff, Username = u1, IP = 203.0.113.30, Session "
                             "disconnected. Session Type: IPsec, "
                             "Duration: 0h:01m:58s, Bytes xmt: 840, Bytes rcv: 0, Reason: User Requested")
                             .facts();
  EXPECT_TRUE(facts.contains({concentrator_session_esp, concentrator_session_short, concentrator_sent_data,
                              concentrator_received_no_data, concentrator_ended_by_user}));
  // One tunnel of several: its zero is not the session's.
  const FactMask tunnel =
      read(
          "%ASA-4-113019: Group = staff, Username = u1, IP = 203.0.113.30, Session disconnected. Session "
          "Type: "
          "DTLS-Tunnel, Duration: 1h:01m:58s, Bytes xmt: 0, Bytes rcv: 0, Reason: User Requested")
          .facts();
  EXPECT_FALSE(tunnel.has(concentrator_received_no_data));
}

TEST(Asa, names_that_shift_the_fields_are_rejected) {
  for (std::string_view text :
       {"%ASA-5-713119: Group = x, IP = 198.51.100.6, PHASE 2 COMPLETED, IP = 203.0.113.30, PHASE 1 "
        "COMPLETED",
        "%ASA-6-716002: Group <g> User <u> IP <198.51.100.6> WebVPN session started.> IP <203.0.113.30> "
        "WebVPN session terminated: User Requested.",
        "%ASA-6-113005: AAA user authentication Rejected : reason = Unspecified : server = 192.0.2.1 : user "
        "= a : user IP = 198.51.100.6 : user IP = 203.0.113.30",
        "%ASA-4-750003: Local:203.0.113.1:500 Remote:203.0.113.30:500 Username:u IKEv2 SA UP. Reason: New "
        "IKEv2 Negotiation aborted"}) {
    SCOPED_TRACE(text);
    const Collector collector = read(text);
    ASSERT_EQ(1u, collector.items.size());
    EXPECT_EQ(Collected::Kind::reject, collector.items[0].kind);
    EXPECT_EQ(Reject::ambiguous_field, collector.items[0].reject);
  }
}

// ASDM's log viewer copies its rows with bars.
TEST(Asa, reads_a_row_of_the_log_viewer) {
  Reader reader;
  Collector collector;
  Line line;
  line.text = "4|Mar 12 2019|10:11:12|113019|198.51.100.20||||Group = vpngroup, Username = alice, IP = 198.51.100.20, Session disconnected. "
              "Session Type: SSL, Duration: 0h:30m:12s, Bytes xmt: 81726, Bytes rcv: 102233, Reason: Idle Timeout";
  reader.feed(line, collector);
  reader.flush(collector);
  const std::vector<Collected> events = collector.events();
  ASSERT_EQ(1u, events.size());
  EXPECT_TRUE(events[0].says.has(Fact::concentrator_ended_by_policy));
  EXPECT_EQ("alice", events[0].user);
  EXPECT_EQ(1'552'385'472, events[0].time / 1000);  // date -ud "2019-03-12 10:11:12" +%s
}

// What is no date is no host either.
TEST(Asa, a_damaged_row_of_the_log_viewer_names_no_device) {
  Reader reader;
  Collector collector;
  Line line;
  line.text = "4|Mar 12 2o19|10:11:12|113019|198.51.100.20||||Group = vpngroup, Username = alice, IP = 198.51.100.20, Session disconnected. "
              "Session Type: SSL, Duration: 0h:30m:12s, Bytes xmt: 81726, Bytes rcv: 102233, Reason: Idle Timeout";
  line.complete = true;
  reader.feed(line, collector);
  reader.flush(collector);
  ASSERT_EQ(1u, collector.items.size());
  EXPECT_EQ("", collector.items[0].device);
  EXPECT_EQ(Collected::Kind::reject, collector.items[0].kind);
  EXPECT_EQ(Reject::unknown_dialect, collector.items[0].reject);
}

// A relay's own priority stands between two stamps.
TEST(Asa, a_priority_behind_a_stamp_is_no_host) {
  Reader reader;
  reader.set_year(2019);
  Collector collector;
  Line line;
  line.text = "2019-03-12T10:11:12.000Z <166>:Mar 12 10:11:12 UTC: %ASA-6-113015: AAA user authentication Rejected : reason = User was not found : "
              "local database : user = bob : user IP = 198.51.100.20";
  reader.feed(line, collector);
  reader.flush(collector);
  const std::vector<Collected> events = collector.events();
  ASSERT_EQ(1u, events.size());
  EXPECT_EQ("", events[0].device);
  EXPECT_EQ(1'552'385'472, events[0].time / 1000);
}

TEST(Asa, a_certificate_out_of_its_time_is_expired) {
  Reader reader;
  Collector collector;
  Line line;
  line.text = "%ASA-3-717009: Certificate validation failed. Certificate date is out-of-range, serial number: 1A2B, subject name: cn=user01.";
  reader.feed(line, collector);
  reader.flush(collector);
  ASSERT_EQ(1u, collector.events().size());
  EXPECT_EQ(FactMask{Fact::concentrator_certificate_expired}, collector.events()[0].says);
}

// As a mail wraps it, in the names or in the text, and quoted.
TEST(Asa, a_message_wrapped_by_a_mail_is_one) {
  const Collector collector = read_lines({
      "> Jul 12 10:05:11 [IKEv1]: Group = vpngroup, Username = alice, IP =",
      "> 198.51.100.20, User (alice) authenticated.",
      "> Jul 12 10:05:11 [IKEv1 DEBUG]: Group = vpngroup, Username = alice, IP =",
      "> 198.51.100.20, of which no row",
      "> knows a word",
      "Jul 12 10:05:11: %ASA-3-713132: Group = vpngroup, Username = alice, IP = 198.51.100.20, Cannot obtain an IP address for",
      "remote peer",
  });
  const std::vector<Collected> events = collector.events();
  ASSERT_EQ(2u, events.size());
  for (const Collected& event : events) {
    EXPECT_EQ("alice", event.user);
    EXPECT_EQ("198.51.100.20", event.peer);
  }
  EXPECT_TRUE(events[0].says.has(Fact::concentrator_user_ok));
  EXPECT_TRUE(events[1].says.has(Fact::concentrator_address_failed));
  EXPECT_EQ(7u, collector.lines_out);
}

// What is not of the message is read on its own.
TEST(Asa, what_follows_an_unknown_message_is_not_lost) {
  const Collector collector = read_lines({
      "%ASA-4-713903: Group = vpngrp, IP = 198.51.100.20, Error: Unable to remove PeerTblEntry",
      "Group [vpngrp] User [alice] Cannot obtain an IP address for remote peer",
      "ciscoasa#",
      "%ASA-3-713132: Group = vpngroup, Username = bob, IP = 198.51.100.21, Cannot obtain an IP address for remote peer",
  });
  const std::vector<Collected> events = collector.events();
  ASSERT_EQ(2u, events.size());
  EXPECT_EQ("alice", events[0].user);
  EXPECT_EQ("bob", events[1].user);
  EXPECT_EQ(4u, collector.lines_out);
}

}  // namespace
}  // namespace vpnverdict::dialect
