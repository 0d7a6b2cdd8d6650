#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "correlator/limits.h"
#include "pipeline/dialect/dialect.h"
#include "pipeline/dialect/dialect_set.h"
#include "tests/dialect/collect.h"

namespace vpnverdict::dialect {
namespace {

constexpr std::string_view kAddressFailed =
    "204 04/11/2005 00:29:42.500 SEV=5 IKE/132 RPT=2 192.168.1.100\n"
    "Group [mygroup] User [U1] Cannot obtain an IP address for remote peer\n";
constexpr std::string_view kSentAm3 =
    "603 20:47:46.355 06/21/05 Sev=Info/4IKE/0x63000013\n"
    "SENDING >>> ISAKMP OAK AG *(HASH, NOTIFY:STATUS_INITIAL_CONTACT, NAT-D, NAT-D,\n"
    "VID(?), VID(Unity)) to 172.16.172.119\n";
constexpr std::string_view kNoise =
    "Nov 25 12:39:29 gw sshd[811]: Failed password for root from 192.0.2.7 port 40022 ssh2\n";

Collector read(std::string_view text) {
  Reader reader;
  Collector collector;
  feed_text(reader, text, collector);
  reader.flush(collector);
  EXPECT_EQ(0u, reader.held_lines());
  return collector;
}

std::string join(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (std::string_view part : parts) out += part;
  return out;
}

TEST(Reader, joins_the_lines_of_a_message_until_the_next_header) {
  const Collector collector = read(join({kSentAm3, kAddressFailed}));
  ASSERT_EQ(2u, collector.items.size());
  EXPECT_EQ("client_sent_am3", names_of(collector.items[0].says));
  EXPECT_EQ(3u, collector.items[0].lines);
  EXPECT_EQ(1u, collector.items[0].position);
  EXPECT_EQ("concentrator_address_failed", names_of(collector.items[1].says));
  EXPECT_EQ(2u, collector.items[1].lines);
  EXPECT_EQ(4u, collector.items[1].position);
}

TEST(Reader, a_foreign_line_never_becomes_part_of_a_message) {
  const Collector collector = read(join({kAddressFailed, kNoise, kSentAm3, kNoise}));
  ASSERT_EQ(4u, collector.items.size());
  EXPECT_EQ("concentrator_address_failed", names_of(collector.items[0].says));
  EXPECT_EQ(Reject::unknown_dialect, collector.items[1].reject);
  EXPECT_EQ("client_sent_am3", names_of(collector.items[2].says));
  EXPECT_EQ(Reject::unknown_dialect, collector.items[3].reject);
}

// The client's bundle has a layout of its own, the viewer copies a record with labels and saves a table, wevtutil prints labels, too.
TEST(Reader, reads_a_record_of_windows_event_log_however_it_was_saved) {
  const std::string text =
      "Function: CTransportWinHttp::SendRequest\nFile: .\\CTransportWinHttp.cpp\nLine: 1178\nInvoked Function: HttpSendRequest\n"
      "Return Code: 12007 (0x00002EE7)\nDescription: The server name or address could not be resolved";
  const std::string shown = "Message type error sent to the user:\nConnection attempt has failed due to network or PC issue.";
  const std::string row = "Error,3/9/2018 10:32:41 AM,acvpnui,2,None,";
  std::string with_tabs = row;
  std::ranges::replace(with_tabs, ',', '\t');
  const std::string copied = "Source:        acvpnui\nDate:          3/9/2018 10:32:41 AM\nEvent ID:      2\nComputer:      PC\nDescription:\n";
  const std::string log = "Log Name:      Cisco AnyConnect Secure Mobility Client\n" + copied;
  const std::string printed = "Event[0]:\n  Log Name: Cisco Secure Client - AnyConnect VPN\n  Source: csc_ui\n  Date: 2018-03-09T10:32:41.0000000Z\n  Level: Error\n  Description: \n";
  const std::string bundled = std::string(42, '*') + "\n\nDate        : 03/09/2018\nTime        : 10:32:41\nType        : Error\nSource      : acvpnui\n\nDescription : ";
  const std::string saved[] = {
      bundled + text + "\n\n\n" + bundled + shown + "\n\n\n" + std::string(42, '*') + "\n",
      row + '"' + text + "\"\n" + row + '"' + shown + "\"\n",
      with_tabs + '"' + text + "\n\"\n" + with_tabs + '"' + shown + "\n\"\n",
      log + text + "\nEvent Xml:\n<Event>\n<Data>" + text + "</Data>\n</Event>\n\n" + log + shown + "\n",
      printed + text + "\n\n" + printed + shown + "\n\n",
  };
  for (const std::string& each : saved) {
    const std::vector<Collected> events = read(each).events();
    ASSERT_EQ(2u, events.size()) << each;
    EXPECT_EQ("client_dns_failed", names_of(events[0].says));
    EXPECT_EQ("client_failed", names_of(events[1].says));
    for (const Collected& event : events) EXPECT_EQ(1520591561000, event.time) << each;
  }
  EXPECT_TRUE(read("Log Name:      Application\n" + copied + shown + "\n").events().empty()) << "another program's record";
}

// Posted logs are indented, quoted as mails are, or set in code marks line by line.
TEST(Reader, reads_a_line_as_a_post_quotes_it) {
  constexpr std::string_view kRefused = "2023-01-14 18:57:04 | 45bc | Error establishing the CSTP channel";
  constexpr std::string_view kHistory = "[2018/1/15 23:32:16] User credentials prompt cancelled.";
  for (std::string_view line : {kRefused, kHistory})
    for (const auto& [before, behind] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
             {"    ", ""}, {"\t", ""}, {"> ", ""}, {"> > ", ""}, {"`", "`"}, {" > `", "`"}}) {
      const std::string text = join({before, line, behind, "\n"});
      SCOPED_TRACE(text);
      const Collector collector = read(text);
      ASSERT_EQ(1u, collector.items.size());
      EXPECT_EQ(Collected::Kind::event, collector.items[0].kind);
      EXPECT_NE(kUntimed, collector.items[0].time);
    }
}

// AnyConnect's CLI marks its lines like a quotation of a quotation.
TEST(Reader, a_mark_of_anyconnect_is_no_quotation) {
  for (std::string_view line : {">> error: Login failed.", "  >> error: Login failed.", "> >> error: Login failed."}) {
    SCOPED_TRACE(line);
    const Collector collector = read(line);
    ASSERT_EQ(1u, collector.items.size());
    EXPECT_EQ("client_xauth_failed", names_of(collector.items[0].says));
  }
}

// What follows the log in a post is no part of its last message.
TEST(Reader, a_message_ends_with_the_block_of_code) {
  const std::string log = "Sep 29 13:42:03 localhost vpnui: ConnectMgr.cpp:626 (0) ConnectMgr :: processIfcData Connection attempt has failed due to server "
                          "certificate problem.\n";
  const std::vector<Collected> bare = read(log).events();
  const Collector posted = read(join({"```\n", log, "```\n\nThanks!\n"}));
  ASSERT_EQ(1u, bare.size());
  ASSERT_EQ(1u, posted.events().size());
  EXPECT_EQ(names_of(bare[0].says), names_of(posted.events()[0].says));
  EXPECT_EQ(1u, posted.events()[0].lines);
}

// As a terminal, a word processor or a web page shows it.
TEST(Reader, reads_a_line_as_a_screen_decorates_it) {
  const std::vector<Collected> plain = read("12[IKE] no XAuth secret found for '203.0.113.1' - 'mallory'\n").events();
  ASSERT_EQ(1u, plain.size());
  for (std::string_view line : {"`12[IKE] no XAuth secret found for '203.0.113.1' - 'mallory'`",
                                "\x1b[32m12[IKE] no XAuth secret found for '203.0.113.1' - 'mallory'\x1b[0m",
                                "12[IKE] \x1b[01;31m\x1b[Kno\x1b[m\x1b[K XAuth secret found for '203.0.113.1' - 'mallory'",
                                "12[IKE] no XAuth secret found for \u2018203.0.113.1\u2019 - \u2018mallory\u2019",
                                "12[IKE] no XAuth secret found for\u00A0'203.0.113.1'\u00A0- 'mallory'"}) {
    SCOPED_TRACE(line);
    const std::vector<Collected> shown = read(line).events();
    ASSERT_EQ(1u, shown.size());
    EXPECT_EQ(names_of(plain[0].says), names_of(shown[0].says));
    EXPECT_EQ("mallory", shown[0].user);
  }
  const std::vector<Collected> name = read("12[IKE] received EAP identity 'M\u00FCller\u2019s'\n").events();
  ASSERT_EQ(1u, name.size());
  EXPECT_EQ("M\u00FCller\u2019s", name[0].user) << "an apostrophe alone is no quotation";
}

// A file that a relay wrote, shipped by another; a daemon's own log file behind a tag; what runs in a container.
TEST(Reader, a_header_before_a_header_is_the_relays) {
  for (std::string_view line : {
           "Jan  8 09:10:37 vpn.example.com 11504 01/08/2007 09:10:37.780 SEV=3 AUTH/5 RPT=124 192.168.0.1  Authentication rejected: Reason = "
           "Unspecified handle = 805, server = 192.168.0.2, user = U1, domain = <not specified>",
           "Nov 25 12:39:29 gw charon-systemd[812]: no XAuth secret found for '203.0.113.1' - 'mallory'",
           "Jan 12 17:05:35 x5 acvpnui[16263]: Message type error sent to the user: Login failed.",
           "Nov 29 11:07:54.782224: \"work\"[1] 203.0.113.7 #1: responding to Aggressive Mode, state #1, connection \"work\"[1] 203.0.113.7 from "
           "203.0.113.7"}) {
    const std::vector<Collected> bare = read_lines({line}).events();
    ASSERT_EQ(1u, bare.size()) << line;
    for (std::string_view header : {"Nov 29 12:00:00 relay1 ", "<134>Nov 29 12:00:00 relay1 ", "2026-11-29T12:00:00+00:00 relay1 relay[7]: ",
                                    "<134>1 2026-11-29T12:00:00Z relay1 relay 7 - - ", "Nov 29 12:00:00 a Nov 29 12:00:00 b ",
                                    "2026-11-29T12:00:00.123456789Z stdout F ", "123:", "/var/log/vpn.log:", "vpn.log.1:123:", ">> "}) {
      const std::string text = join({header, line});
      SCOPED_TRACE(text);
      const std::vector<Collected> relayed = read_lines({text}).events();
      ASSERT_EQ(1u, relayed.size());
      EXPECT_EQ(names_of(bare[0].says), names_of(relayed[0].says));
      EXPECT_EQ(bare[0].time, relayed[0].time);
      EXPECT_EQ(bare[0].user, relayed[0].user);
      EXPECT_EQ(bare[0].device.empty() ? relayed[0].device : bare[0].device, relayed[0].device);
    }
  }
  const std::vector<Collected> tagged = read_lines({"Nov 29 12:00:00 gw pluto: Nov 29 11:07:54.782224: \"work\"[1] 203.0.113.7 #1: responding to "
                                                    "Aggressive Mode, state #1, connection \"work\"[1] 203.0.113.7 from 203.0.113.7"}).events();
  ASSERT_EQ(1u, tagged.size());
  EXPECT_EQ("gw", tagged[0].device);
  EXPECT_EQ(782, tagged[0].time % 1000) << "its own stamp, not the shipper's";
}

TEST(Reader, a_message_goes_on_behind_the_header_that_its_first_line_has) {
  const Collector whole = read(kSentAm3);
  ASSERT_EQ(1u, whole.items.size());
  const auto behind = [](std::string_view first, std::string_view others) {
    std::string out;
    for (std::string_view rest = kSentAm3; !rest.empty(); rest.remove_prefix(rest.find('\n') + 1))
      out += join({out.empty() ? first : others, rest.substr(0, rest.find('\n') + 1)});
    return read(out);
  };
  const Collector relayed = behind("Jun 21 20:47:46 pc17 vpnclient[9]: ", "Jun 21 20:47:46 pc17 vpnclient[9]: ");
  ASSERT_EQ(1u, relayed.items.size());
  EXPECT_EQ(3u, relayed.items[0].lines);
  EXPECT_EQ(names_of(whole.items[0].says), names_of(relayed.items[0].says));
  EXPECT_NE(names_of(whole.items[0].says), names_of(behind("Jun 21 20:47:46 pc17 vpnclient[9]: ", "Jun 21 20:47:46 pc18 vpnclient[9]: ").facts()))
      << "another host's";
}

// What is read in January was written in December, or on the day itself by a clock that runs ahead.
TEST(Reader, a_stamp_without_a_year_is_of_the_last_year_before_it_was_received) {
  constexpr Timestamp kNewYear = 1'767'225'600'000;  // 2026-01-01
  constexpr Timestamp kDay = 86'400'000;
  const auto time_of = [](std::string_view stamp, Timestamp received, int year, Timestamp end) {
    const std::string text = join({stamp, " gw charon: 12[IKE] received EAP identity 'judy'"});
    Reader reader;
    if (year != 0) reader.set_year(year, end);
    Collector collector;
    Line line;
    line.text = text;
    line.received = received;
    reader.feed(line, collector);
    reader.flush(collector);
    return collector.items.size() == 1 ? collector.items[0].time : kUntimed;
  };
  EXPECT_EQ(kNewYear - 1000, time_of("Dec 31 23:59:59", kNewYear + 2000, 0, kUntimed));
  EXPECT_EQ(kNewYear + 1000, time_of("Jan  1 00:00:01", kNewYear - 2000, 0, kUntimed));
  EXPECT_EQ(kNewYear + 1000, time_of("Jan  1 00:00:01", kNewYear + 2000, 0, kUntimed));
  EXPECT_EQ(kNewYear - 1000, time_of("Dec 31 23:59:59", kUntimed, 2026, kNewYear + kDay));
  EXPECT_EQ(kNewYear + 1000, time_of("Jan  1 00:00:01", kUntimed, 2026, kNewYear + kDay));
  EXPECT_EQ(kNewYear - 1000, time_of("Dec 31 23:59:59", kUntimed, 2025, kUntimed)) << "the caller knows it";
  EXPECT_EQ(kNewYear - 1000, time_of("Dec 31 23:59:59", kNewYear + 2000, 2028, kNewYear + 800 * kDay)) << "an envelope beats a guess";
  EXPECT_EQ(kNewYear + 364 * kDay, time_of("2026-12-31T00:00:00+00:00", kNewYear + 2000, 0, kUntimed)) << "it says its year, right or wrong";
}

// A journal without hosts, as a manual prints it, and what docker compose puts in front.
TEST(Reader, a_mark_of_anyconnect_with_nothing_behind_says_nothing) {
  const Collector all = read_lines({">> state: Connecting", ">> ", "VPN> >> ", ">> state: Connected"});
  ASSERT_EQ(4u, all.items.size());
  EXPECT_EQ("client_connected", names_of(all.items[3].says));
  for (const std::size_t empty : {1u, 2u}) EXPECT_EQ(Collected::Kind::ignored, all.items[empty].kind);
}

TEST(Reader, finds_the_tag_where_there_is_no_host) {
  const Collector collector = read(
      " Jun 23 08:07:24 charon-systemd[2436]: parsed IKE_SA_INIT response 0 [ SA KE No ]\n"
      " Jun 23 08:07:24 charon-systemd[2436]: received AUTHENTICATION_FAILED notify error\n");
  ASSERT_EQ(2u, collector.items.size());
  EXPECT_EQ("client_auth_refused_notify", names_of(collector.items[1].says));
  EXPECT_NE(kUntimed, collector.items[1].time);
  const Collector container = read("vpn_1  | POST https://vpn.example.com/\nvpn_1  | Please enter your username.\na | b\n");
  ASSERT_EQ(3u, container.items.size());
  EXPECT_EQ("client_xauth_prompted", names_of(container.items[1].says));
  const Collector runtime = read(
      "2024-05-02T10:11:12.123Z stdout F POST https://vpn.example.com/\n"
      "2024-05-02T10:11:12.223Z stderr F getaddrinfo failed for host 'vpn.example.com': Name or service not known\n"
      "2024-05-02T10:11:13.000Z stdout F 05[IKE] initiating IKE_SA home[1] to 203.0.113.97\n");
  ASSERT_EQ(3u, runtime.items.size());
  EXPECT_EQ("client_dns_failed", names_of(runtime.items[1].says));
  EXPECT_EQ(1714644672223, runtime.items[1].time);  // date -ud "2024-05-02 10:11:12" +%s
  EXPECT_EQ("client_started client_ikev2", names_of(runtime.items[2].says));
  EXPECT_EQ(1714644673000, runtime.items[2].time);
}

// Whoever sends lines may quote a quotation ten thousand times.
TEST(Reader, quotations_cost_their_length_and_no_more) {
  for (std::string_view part : {"a | ", "> ", "`", "> a | ", ">> ", "stdout F ", "2024-05-02T10:11:12.223Z stdout F ",
                                "2024-05-02T10:11:12.223Z | ", "2024-05-02T10:11:12.223Z stdout F a | "}) {
    SCOPED_TRACE(part);
    std::string line = "2024-05-02T10:11:12.223Z ";
    std::string bare;
    while (bare.size() + part.size() < kLineBytesMax - 40) bare += part;
    for (const std::string& text : {bare, line + bare}) {
      const Collector collector = read(text);
      EXPECT_EQ(1u, collector.lines_out);
    }
  }
}

// An address that was taken out before the log was posted is still an address.
TEST(Reader, takes_a_word_for_an_address) {
  for (std::string_view word :
       {"<remote>", "<SERVER.IP>", "y.y.y.y", "SSS.SSS.SSS.SSS", "REMOTE.IP", "server_ip", "ip2", "redacted", "xx.xx.xx.xx"}) {
    SCOPED_TRACE(word);
    const Collector collector = read(join({"[IKE] initiating IKE_SA home[1] to ", word, "\n[NET] received packet: from ", word,
                                           "[500] to 192.0.2.7[500] (300 bytes)\n"}));
    ASSERT_EQ(2u, collector.items.size());
    EXPECT_EQ("client_started client_ikev2", names_of(collector.items[0].says));
    EXPECT_EQ(word, collector.items[0].gateway);
    EXPECT_EQ("client_received_any", names_of(collector.items[1].says));
  }
  for (std::string_view word : {"vpn.example.com", "<a b>", "<>", "one.two.three.four", "tulip"}) {
    SCOPED_TRACE(word);
    const Collector collector = read(join({"[IKE] initiating IKE_SA home[1] to ", word, "\n"}));
    ASSERT_EQ(1u, collector.items.size());
    EXPECT_EQ(Collected::Kind::ignored, collector.items[0].kind);
  }
}

// Of openconnect's messages only the order tells which request answers the server's form.
TEST(Reader, what_openconnect_posts_after_a_form_is_the_answer) {
  const Collector collector = read(
      "POST https://vpn.example.com/\nConnected to 203.0.113.97:443\nPlease enter your username.\nPOST "
      "https://vpn.example.com/auth\n"
      "POST https://vpn.example.com/auth\n");
  ASSERT_EQ(5u, collector.items.size());
  EXPECT_TRUE(collector.items[0].says.empty());
  EXPECT_EQ("client_xauth_answered", names_of(collector.items[3].says));
  EXPECT_TRUE(collector.items[4].says.empty());
}

// openconnect 9.01: why the certificate is bad stands before the line that says that this ends the handshake.
TEST(Reader, openconnect_refuses_a_certificate_for_what_it_said_of_it) {
  const auto facts = [](std::string_view reason, std::string_view end) {
    return read("POST https://vpn.example.org/\nConnected to 203.0.113.1:443\nSSL negotiation with vpn.example.org\n"
                "Server certificate verify failed: " + std::string(reason) + "\n\n"
                "Certificate from VPN server \"vpn.example.org\" failed verification.\nReason: " + std::string(reason) + "\n" + std::string(end) + "\n").facts();
  };
  constexpr std::string_view kRefused = "SSL connection failure: Error in the certificate.\nFailed to open HTTPS connection to vpn.example.org";
  constexpr std::string_view kAccepted = "Connected to HTTPS on vpn.example.org with ciphersuite (TLS1.2)-(RSA)\nLogin failed.";
  for (const std::string_view reason : {"signer not found", "certificate does not match hostname"}) {
    SCOPED_TRACE(reason);
    EXPECT_TRUE(facts(reason, kRefused).has(Fact::client_certificate_rejected));
    EXPECT_FALSE(facts(reason, kRefused).has(Fact::client_certificate_expired));
    EXPECT_FALSE(facts(reason, kAccepted).has(Fact::client_certificate_rejected));
  }
  EXPECT_TRUE(facts("certificate expired", kRefused).has(Fact::client_certificate_expired));
  EXPECT_FALSE(facts("certificate expired", kRefused).has(Fact::client_certificate_rejected));
  EXPECT_FALSE(facts("certificate expired", kAccepted).has(Fact::client_certificate_expired));
}

// An envelope may have cut the tag off, or the stamp.
// What Winlogbeat, journald and rsyslog hand on: the program apart, the text bare.
TEST(Reader, a_bare_text_is_of_the_program_that_its_envelope_names) {
  const struct {
    std::string_view program, text;
    Dialect dialect;
    Fact says;
  } rows[] = {
      {"acvpnui", "Message type error sent to the user: Login failed.", Dialect::anyconnect, Fact::client_xauth_failed},
      {"csc_vpnagent", "The VPN connection has been established and can now pass data.", Dialect::anyconnect, Fact::client_connected},
      {"openconnect", "Login failed.", Dialect::openconnect, Fact::client_xauth_failed},
      {"charon-systemd", "198.51.100.182 is initiating a Aggressive Mode IKE_SA", Dialect::charon, Fact::concentrator_saw_am1},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.program);
    Reader reader;
    Collector collector;
    Line line;
    line.complete = true;
    line.text = row.text;
    reader.feed(line, collector);
    EXPECT_EQ(0u, collector.events().size()) << "without its program it is nobody's";
    line.program = row.program;
    line.received = 1'000'000'000'000;
    reader.feed(line, collector);
    reader.flush(collector);
    ASSERT_EQ(1u, collector.events().size());
    EXPECT_EQ(line.received, collector.events()[0].time) << "the event log's and the journal's stamp is of when it was written";
    EXPECT_EQ(row.dialect, collector.events()[0].dialect);
    EXPECT_TRUE(collector.events()[0].says.has(row.says));
  }
}

TEST(Reader, a_concentrator_without_stamps_of_its_own_is_dated_by_its_envelope) {
  const auto read = [](std::initializer_list<std::string_view> texts) {
    Reader reader;
    Collector collector;
    for (std::string_view text : texts) {
      Line line;
      line.complete = true;
      line.received = 1'000'000'000'000;
      line.text = text;
      reader.feed(line, collector);
    }
    reader.flush(collector);
    return collector.items.back().time;
  };
  EXPECT_EQ(1'000'000'000'000, read({"05[IKE] 198.51.100.182 is initiating a Aggressive Mode IKE_SA"}));
  EXPECT_EQ(1'000'000'000'000, read({"%FTD-6-113005: AAA user authentication Rejected : reason = Invalid password : server = 192.0.2.1 : user = u1"}));
  EXPECT_EQ(kUntimed, read({"vpnc: no response from target"})) << "a client's log may come hours later";
  EXPECT_EQ(kUntimed, read({"Jul 15 2024 13:38:08 vpn1 : %ASA-5-713119: IP = 203.0.113.30, PHASE 1 COMPLETED", "%ASA-5-713119: IP = 203.0.113.30, PHASE 1 COMPLETED"}))
      << "two clocks in one log put nothing in order";
}

TEST(Reader, a_common_program_is_known_by_its_envelope_too) {
  Reader reader;
  Collector collector;
  Line line;
  line.text = "Failed password for root from 192.0.2.7 port 40022 ssh2";
  line.program = "sshd";
  reader.feed(line, collector);
  line.text = "connect from mail.example.com[192.0.2.7]";
  line.program = "postfix/smtpd";
  reader.feed(line, collector);
  // No program of that list, whatever it begins with.
  line.text = "SENDING >>> ISAKMP OAK AG (SA, KE, NON, ID, VID(Xauth)) to 172.16.172.119";
  line.program = "sudoku";
  line.complete = true;
  reader.feed(line, collector);
  reader.flush(collector);
  ASSERT_EQ(3u, collector.items.size());
  EXPECT_EQ(Reject::unknown_dialect, collector.items[0].reject);
  EXPECT_EQ(Reject::unknown_dialect, collector.items[1].reject);
  EXPECT_EQ("client_sent_am1 client_ikev1", names_of(collector.items[2].says));
}

TEST(Reader, a_line_that_comes_long_after_a_message_is_no_part_of_it) {
  const auto messages = [](Timestamp pause) {
    Reader reader;
    Collector collector;
    Line line;
    line.received = 1'000;
    line.text = kAddressFailed.substr(0, kAddressFailed.find('\n'));
    reader.feed(line, collector);
    line.received += pause;
    line.text = kAddressFailed.substr(line.text.size() + 1);
    reader.feed(line, collector);
    reader.flush(collector);
    return collector.items.size();
  };
  EXPECT_EQ(messages(kMessagePauseMs - 1), 1u);
  EXPECT_EQ(messages(kMessagePauseMs), 2u);
}

TEST(Reader, a_headerless_message_of_another_dialect_ends_the_held_one) {
  const Collector collector = read(join({kAddressFailed, "Your VPN connection is secure.\n"}));
  ASSERT_EQ(2u, collector.items.size());
  EXPECT_EQ("concentrator_address_failed", names_of(collector.items[0].says));
  EXPECT_EQ("client_connected", names_of(collector.items[1].says));
  EXPECT_EQ(3u, collector.items[1].position);
}

TEST(Reader, puts_wrapped_fragments_without_any_header_together) {
  const Collector collector = read(
      "Group [mygroup] User [U1] IKE received response of type [FAILED] to a request from\n"
      "the IP address utility\n"
      ". . .\n"
      "User (U1) not member\n"
      "of group (test_grp),\n"
      "authentication\n"
      "failed.\n");
  const std::vector<Collected> events = collector.events();
  ASSERT_EQ(2u, events.size());
  EXPECT_EQ("concentrator_address_failed", names_of(events[0].says));
  EXPECT_EQ("mygroup", events[0].group);
  EXPECT_EQ("concentrator_group_lock", names_of(events[1].says));
  EXPECT_EQ("U1", events[1].user);
  EXPECT_EQ("test_grp", events[1].group);
  EXPECT_EQ(4u, events[1].lines);
}

TEST(Reader, gives_a_beginning_up_that_nothing_completes) {
  const Collector collector = read("Hash verification failed...\nYour VPN connection is secure.\n");
  ASSERT_EQ(2u, collector.items.size());
  EXPECT_EQ(Collected::Kind::reject, collector.items[0].kind);
  EXPECT_EQ("client_connected", names_of(collector.items[1].says));
}

TEST(Reader, comments_of_a_book_do_not_disturb) {
  const Collector collector = read(
      "333 05/06/2005 09:55:03.860 SEV=7 IKEDBG/65 RPT=1 172.16.172.1190\n"
      "Group [mygrou]\n"
      "! FSM ErrorTime Out Waiting for AM MSG 3 is shown below\n"
      "IKE AM Responder FSM error history (struct &0x7ea8590)\n"
      "AM_DONE, EV_ERROR_CONT\n"
      "AM_DONE, EV_ERROR\n"
      "AM_WAIT_MSG3, EV_TIMEOUT\n"
      "AM_WAIT_MSG3, NullEvent\n");
  ASSERT_EQ(1u, collector.events().size());
  EXPECT_EQ("concentrator_am3_timeout", names_of(collector.events()[0].says));
  EXPECT_EQ(8u, collector.lines_out);
}

TEST(Reader, reads_the_three_layouts_of_one_event_alike) {
  const std::string text =
      "Authentication rejected: Reason = Simultaneous logins exceeded for user handle = 86, server = (none), "
      "user = monkey, domain = <not specified>\n";
  for (const std::string& head :
       {std::string("111 03/22/2014 03:07:25.120 SEV=4 AUTH/5 RPT=333150 192.0.2.29\n"),
        std::string(
            "<188>Mar 22 04:07:25 vpn1 111 03/22/2014 03:07:25.120 SEV=4 AUTH/5 RPT=333150 192.0.2.29  "),
        std::string("<188>1 2014-03-22T04:07:25Z vpn1 - - - - 111 03/22/2014 03:07:25.120 SEV=4 AUTH/5 "
                    "RPT=333150 192.0.2.29  "),
        std::string("Mar 22 04:07:25 111 03/22/2014 03:07:25.120 SEV=4 AUTH/5 RPT=333150 192.0.2.29 "),
        std::string("111: 2014 Mar 22 04:07:25.120 +0100 +1:00 %AUTH-4-5: RPT=333150: 192.0.2.29: "),
        std::string("111 2014 Mar 22 04:07:25.120 CET +1:00 %AUTH-4-5:RPT=333150 192.0.2.29: ")}) {
    const std::vector<Collected> events = read(head + text).events();
    ASSERT_EQ(1u, events.size()) << head;
    EXPECT_EQ("concentrator_user_login_limit", names_of(events[0].says)) << head;
    EXPECT_EQ("192.0.2.29", events[0].peer) << head;
    EXPECT_EQ("monkey", events[0].user) << head;
    EXPECT_EQ(333150u, events[0].repeats) << head;
    EXPECT_EQ(111u, events[0].sequence) << head;
    EXPECT_EQ(1395457645120, events[0].time) << head;  // 2014-03-22 03:07:25.120 UTC
  }
}

TEST(Reader, lost_stamp_and_lost_peer_of_the_ios_form_do_not_lose_the_message) {
  for (const char* line :
       {"111502127: 00 +1:00 %AUTH-4-5: RPT=333150: 192.0.2.92: ", "111502127: %AUTH-4-5: RPT=333150: : "}) {
    const std::vector<Collected> events = read(std::string(line) +
                                               "Authentication rejected: Reason = Unspecified handle = 86, "
                                               "server = (none), user = m, domain = d")
                                              .events();
    ASSERT_EQ(1u, events.size()) << line;
    EXPECT_EQ("concentrator_user_rejected", names_of(events[0].says));
    EXPECT_EQ(kUntimed, events[0].time);
  }
}

TEST(Reader, a_mark_inside_another_programs_text_is_not_taken) {
  const Collector collector = read(
      "Nov 25 12:39:29 gw sshd[811]: Invalid user 1 01/08/2007 09:10:37.780 SEV=3 AUTH/5 RPT=1 192.0.2.1 "
      "Authentication rejected: Reason = Unspecified handle = 1, server = s, user = root, domain = d\n");
  EXPECT_TRUE(collector.facts().empty());
  EXPECT_EQ(Reject::unknown_dialect, collector.items.at(0).reject);
}

TEST(Reader, a_broken_header_is_a_reject_of_its_dialect) {
  const Collector collector = read("12 13/45/2005 99:29:42.500 SEV=5 IKE/132 RPT=2 192.168.1.100\n");
  ASSERT_EQ(1u, collector.items.size());
  EXPECT_EQ(Reject::bad_header, collector.items[0].reject);
  EXPECT_EQ(Dialect::vpn3000, collector.items[0].dialect);
}

TEST(Reader, names_that_can_be_read_in_two_ways_are_rejected) {
  const Collector collector = read(
      "204 04/11/2005 00:29:42.500 SEV=5 IKE/132 RPT=2 192.168.1.100\n"
      "Group [x] User [admin] User [bob] Cannot obtain an IP address for remote peer\n");
  ASSERT_EQ(1u, collector.items.size());
  EXPECT_EQ(Reject::ambiguous_field, collector.items[0].reject);
  EXPECT_EQ(2u, collector.items[0].lines);
}

TEST(Reader, a_whole_message_in_one_record_needs_no_next_line) {
  Reader reader;
  Collector collector;
  Line line;
  line.text = kAddressFailed;
  line.complete = true;
  line.host = "vpn1";
  line.received = 1113179383000;
  reader.feed(line, collector);
  ASSERT_EQ(1u, collector.items.size());
  EXPECT_EQ("concentrator_address_failed", names_of(collector.items[0].says));
  EXPECT_EQ("vpn1", collector.items[0].device);
  EXPECT_EQ(0u, reader.held_lines());
}

TEST(Reader, what_the_envelope_says_survives_until_the_message_is_complete) {
  Reader reader;
  Collector collector;
  {
    const std::string text = "603 20:47:46.355 06/21/05 Sev=Info/4\tIKE/0x63000013";
    const std::string host = "laptop-7-with-a-name-longer-than-any-small-buffer", group = "sales",
                      peer = "192.0.2.77";
    Line line;
    line.text = text;
    line.host = host;
    line.group = group;
    line.peer = peer;
    reader.feed(line, collector);
  }
  Reader moved = std::move(reader);
  const std::string text = "SENDING >>> ISAKMP OAK AG *(Retransmission) to 203.0.113.8";
  Line line;
  line.text = text;
  moved.feed(line, collector);
  moved.flush(collector);
  ASSERT_EQ(1u, collector.items.size());
  EXPECT_EQ("client_repeated_am3", names_of(collector.items[0].says));
  EXPECT_EQ("laptop-7-with-a-name-longer-than-any-small-buffer", collector.items[0].device);
  EXPECT_EQ("sales", collector.items[0].group);
  EXPECT_EQ("192.0.2.77", collector.items[0].peer);
  EXPECT_EQ("203.0.113.8", collector.items[0].gateway);
}

TEST(Reader, a_banner_is_not_the_clients_word) {
  const Collector collector = read(
      "Securing communication channel.\n"
      "You are connected to ABC VPN access.\n"
      "Unauthorized use is prohibited.\n"
      "Do you wish to continue? (y/n): y\n");
  EXPECT_EQ("client_phase2_started", names_of(collector.facts()));
}

TEST(Reader, a_line_that_is_too_long_is_counted_and_the_next_one_read) {
  const Collector collector = read(std::string(kLineBytesMax + 1, 'x') + "\n" + std::string(kAddressFailed));
  ASSERT_EQ(2u, collector.items.size());
  EXPECT_EQ(Reject::too_long, collector.items[0].reject);
  EXPECT_EQ("concentrator_address_failed", names_of(collector.items[1].says));
}

TEST(Reader, endless_continuation_lines_stay_within_the_bounds) {
  Reader reader;
  Collector collector;
  std::uint64_t lines = feed_text(reader, kAddressFailed, collector);
  const std::string more(200, 'y');
  for (int i = 0; i < 5'000; ++i) {
    Line line;
    line.text = more;
    line.ref.position = ++lines;
    reader.feed(line, collector);
    ASSERT_LE(reader.held_lines(), kMessageLinesMax);
    ASSERT_EQ(lines, collector.lines_out + reader.held_lines());
  }
  reader.flush(collector);
  EXPECT_EQ(lines, collector.lines_out);
}

// A name server repeats what anybody in the world asks it for.
TEST(Reader, what_a_common_program_repeats_is_nobodys_message) {
  const std::string mark = "%ASA-4-113019: Group = sales, Username = alice, IP = 198.51.100.7, Session disconnected. Session Type: IKE, "
                           "Duration: 0h:01m:58s, Bytes xmt: 1, Bytes rcv: 1, Reason: Idle Timeout";
  for (const std::string tag : {"named[812]:", "dhcpd:", "systemd-resolved[1]:", "CRON[2]:", "unbound:", "anacron:"})
    for (const std::string before : {"Nov 25 12:39:29 gw ", "<13>Nov 25 12:39:29 gw ", "2026-11-25T12:39:29.101Z gw "}) {
      Reader reader;
      Collector collector;
      feed_text(reader, before + tag + " query: " + mark, collector);
      reader.flush(collector);
      ASSERT_EQ(1u, collector.items.size());
      EXPECT_EQ(Collected::Kind::reject, collector.items[0].kind) << before << tag;
      EXPECT_EQ(Reject::unknown_dialect, collector.items[0].reject) << before << tag;
    }
  // What only begins like one is another program.
  Reader reader;
  Collector collector;
  feed_text(reader, "Nov 25 12:39:29 gw named-relay[1]: " + mark, collector);
  reader.flush(collector);
  ASSERT_EQ(1u, collector.items.size());
  EXPECT_EQ(Collected::Kind::event, collector.items[0].kind);
}

// Every line fed is reported exactly once or held, whatever the order in which vendors, noise and broken
// lines come.
TEST(Reader, no_line_is_lost_or_told_twice) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  std::vector<std::string> pool;
  for (const CompiledTable& compiled : builtin_dialects().tables())
    for (const MessageRow& row : compiled.table->rows) pool.emplace_back(row.sample);
  for (const char* other :
       {"", "   ", "! comment", ". . .", "free text", "Group [mygroup]", "SEV=", "\r", "]", "%ASA-6-"})
    pool.emplace_back(other);
  pool.emplace_back(kNoise.substr(0, kNoise.size() - 1));
  for (int run = 0; run < 300; ++run) {
    Reader reader;
    Collector collector;
    std::uint64_t fed = 0;
    for (int i = 0; i < 60; ++i) {
      std::string text = pool[random() % pool.size()];
      if (random() % 4 == 0) text.resize(random() % (text.size() + 1));
      if (random() % 8 == 0 && !text.empty())
        text[random() % text.size()] = static_cast<char>(random() % 256);
      for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        Line line;
        line.text = std::string_view(text).substr(begin, end - begin);
        line.ref.position = ++fed;
        line.complete = random() % 16 == 0;
        if (random() % 16 == 0) line.program = "vpnc";
        reader.feed(line, collector);
        ASSERT_EQ(fed, collector.lines_out + reader.held_lines()) << line.text;
        begin = end + 1;
      }
      if (random() % 32 == 0) reader.flush(collector);
    }
    reader.flush(collector);
    ASSERT_EQ(fed, collector.lines_out);
    ASSERT_EQ(0u, reader.held_lines());
  }
}

// Public logs as they were posted, and what an engineer reads in them line by line.
struct PublicLog {
  const char* about;
  const char* text;
  const char* facts;  // in order, one per event
};
constexpr PublicLog kPublicLogs[] = {
    {"book, example 8-8: UDP/4500 blocked",
     "595 20:47:46.335 06/21/05 Sev=Info/4IKE/0x63000014\n"
     "RECEIVING <<< ISAKMP OAK AG (SA, KE, NON, ID, HASH, VID(Unity), VID(Xauth), VID(dpd),\n"
     "VID(Nat-T), NAT-D, NAT-D, VID(Frag), VID(?), VID(?)) from 172.16.172.119\n"
     "603 20:47:46.355 06/21/05 Sev=Info/4IKE/0x63000013\n"
     "SENDING >>> ISAKMP OAK AG *(HASH, NOTIFY:STATUS_INITIAL_CONTACT, NAT-D, NAT-D,\n"
     "VID(?), VID(Unity)) to 172.16.172.119\n"
     "608 20:47:54.327 06/21/05 Sev=Info/5IKE/0x6300002F\n"
     "Received ISAKMP packet: peer = 172.16.172.119\n"
     "609 20:47:54.327 06/21/05 Sev=Info/4IKE/0x63000014\n"
     "RECEIVING <<< ISAKMP OAK AG (Retransmission) from 172.16.172.119\n"
     "610 20:47:54.327 06/21/05 Sev=Info/4IKE/0x63000021\n"
     "Retransmitting last packet\n"
     "611 20:47:54.327 06/21/05 Sev=Info/4IKE/0x63000013\n"
     "SENDING >>> ISAKMP OAK AG *(Retransmission) to 172.16.172.119\n"
     "625 20:48:18.321 06/21/05 Sev=Warning/3IKE/0xA3000058\n"
     "Received CAlformed message or negotiation no longer active (message id: 0xB7381790)\n"
     "636 20:49:18.007 06/21/05 Sev=Info/4IKE/0x63000013\n"
     "SENDING >>> ISAKMP OAK INFO *(HASH, DWR) to 199.246.40.12\n",
     "client_received_any client_received_am2 client_natt_offered|client_sent_am3|client_received_any|"
     "client_peer_repeats_am2|client_repeated_am3|client_got_delete|client_deleted|"},
    {"Linux client, two network cards",
     "Cisco Systems VPN Client Version 4.8.00 (0490)\n"
     "Copyright (C) 1998-2005 Cisco Systems, Inc. All Rights Reserved.\n"
     "Client Type(s): Linux\n"
     "Running on: Linux 2.6.17-11-generic #2 SMP Thu Feb 1 19:52:28 UTC 2007 i686\n"
     "\n"
     "Initializing the VPN connection.\n"
     "Contacting the gateway ...\n"
     "User Authentication for sample_host...\n"
     "\n"
     "Enter Username and Password.\n"
     "\n"
     "Username []: user\n"
     "Password []: \n"
     "Authenticating user.\n"
     "Negotiating security policies.\n"
     "Securing communication channel.\n"
     "Secure VPN Connection terminated locally by the Client\n"
     "Reason: Failed to enable Virtual Adapter.\n",
     "client_started|client_sent_am1|client_xauth_prompted|client_xauth_answered|client_mode_config_started|"
     "client_phase2_started|client_adapter_failed|"},
    {"Linux client, IPsec over TCP without an answer",
     "Initializing the VPN connection.\n"
     "Initiating TCP to 66.77.xxx.xxx, port 10000\n"
     "Contacting the gateway at 66.77.xxx.xxx\n"
     "Secure VPN Connection terminated locally by the Client\n"
     "Reason: Remote peer is no longer responding.\n",
     "client_started|client_tcp_started|client_sent_am1|client_not_responding|"},
    {"vpnc under NetworkManager, wrong group password",
     "NetworkManager: <info>  VPN connection 'corp-vpn' (Connect) reply received.\n"
     "/usr/sbin/vpnc: hash comparison failed:  (ISAKMP_N_AUTHENTICATION_FAILED)(24)\n"
     "check group password!\n"
     "\n"
     "** (process:15820): WARNING **: <WARN>  vpnc_watch_cb(): vpnc exited with error code 2\n",
     "client_hash_failed|"},
    {"vpnc 0.3.3 at debug level 2, phase 2 refused",
     "vpnc version 0.3.3\nS1\nS2\nS3\nS4\nS4.1\nS4.2\nS4.3\nS4.4\nIKE SA selected psk+xauth-3des-md5\nS4.5\n"
     "NAT status: no NAT-T VID seen\nS4.6\nS5\nS5.4\nEnter Username and Password.\nS5.5\nS6\n"
     "got address 203.0.113.206\nS7\nS7.1\n\n---!!!!!!!!! entering phase2_fatal !!!!!!!!!---\n\n"
     "vpnc: quick mode response rejected: INVALID_PAYLOAD_TYPE\n"
     "this means the concentrator did not like what we had to offer.\n",
     "client_started client_ikev1|client_sent_am1|client_received_any|client_received_any "
     "client_received_am2|client_sent_am3|"
     "client_xauth_prompted|client_xauth_answered|client_address_received|client_phase2_started|client_"
     "phase2_refused|"},
    {"concentrator: three refusals of one user",
     "Jan  8 09:10:37 vpn.example.com 11504 01/08/2007 09:10:37.780 SEV=3 AUTH/5 RPT=124 192.168.0.1  "
     "Authentication "
     "rejected: Reason = Unspecified handle = 805, server = auth.example.com, user = testuser, domain = <not "
     "specified>\n"
     "Jan  8 07:43:31 vpn.example.com 562402 01/19/2007 07:43:28.500 SEV=4 IKE/167 RPT=240 192.168.0.1  "
     "Group [VPNFull] "
     "User [testuser] Remote peer has failed user authentication - check configured username and password\n",
     "concentrator_user_rejected|concentrator_user_failed|"},
};

TEST(Reader, reads_public_logs_line_by_line) {
  for (const PublicLog& log : kPublicLogs) {
    std::string facts;
    for (const Collected& event : read(log.text).events()) facts += names_of(event.says) + "|";
    EXPECT_EQ(log.facts, facts) << log.about;
  }
}

// As a mail or a forum quotes it, once or twice.
TEST(Reader, takes_the_marks_of_a_quotation_off) {
  for (std::string_view text : {"> Jul 12 10:05:11 [IKEv1]: Group = sales, Username = alice, IP = 198.51.100.20, Cannot obtain an IP address for remote peer",
                                ">> %ASA-3-713132: Group = sales, Username = alice, IP = 198.51.100.20, Cannot obtain an IP address for remote peer",
                                "> > %ASA-3-713132: Group = sales, Username = alice, IP = 198.51.100.20, Cannot obtain an IP address for remote peer"}) {
    SCOPED_TRACE(text);
    Reader reader;
    Collector collector;
    Line line;
    line.text = text;
    reader.feed(line, collector);
    reader.flush(collector);
    ASSERT_EQ(1u, collector.events().size());
    EXPECT_TRUE(collector.events()[0].says.has(Fact::concentrator_address_failed));
    EXPECT_EQ("alice", collector.events()[0].user);
  }
}

// A group of the VPN 3000 whose name is the peer's address is another site's, and none of its clients'.
TEST(Reader, a_vpn3000_group_named_by_the_peers_address_is_another_sites) {
  const auto says = [](const std::string& names) {
    const Collector collector = read_lines({"326 04/11/2005 00:29:42.500 SEV=4 IKE/119 RPT=2 192.0.2.100", names + " PHASE 1 COMPLETED"});
    EXPECT_EQ(1u, collector.items.size());
    return collector.items.empty() ? FactMask{} : collector.items[0].says;
  };
  EXPECT_TRUE(says("Group [192.0.2.100]").has(Fact::concentrator_peer_is_site));
  EXPECT_FALSE(says("Group [192.0.2.101]").has(Fact::concentrator_peer_is_site));
  EXPECT_FALSE(says("Group [sales] User [alice]").has(Fact::concentrator_peer_is_site));
  EXPECT_TRUE(says("Group [sales] User [alice]").has(Fact::concentrator_phase1_done));
}

}  // namespace
}  // namespace vpnverdict::dialect
