// What charon's rows need from the lines before them: side, session, thread, address. The lines are the
// lab's.
#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>

#include "tests/dialect/collect.h"

namespace vpnverdict::dialect {
namespace {

using enum Fact;

std::vector<Collected> events_of(const std::vector<std::string_view>& lines) { return read_lines(lines).events(); }
std::vector<Collected> events_of(std::initializer_list<std::string_view> lines) { return read_lines(lines).events(); }

const Collected* first_saying(const std::vector<Collected>& events, Fact fact) {
  for (const Collected& event : events)
    if (event.says.has(fact)) return &event;
  return nullptr;
}

TEST(Charon, reads_every_header_style) {
  for (std::string_view text : {"Nov 25 12:43:01 05[IKE] <1> 198.51.100.182 is initiating a Aggressive Mode IKE_SA",
                                "2026-11-25 12:43:01.395 05[IKE] <sales|1> 198.51.100.182 is initiating a Aggressive Mode IKE_SA",
                                "2026-11-25T12:43:01+0000 05[IKE0] <1> 198.51.100.182 is initiating a Aggressive Mode IKE_SA",
                                "Nov 25 12:43:01 gw charon: 05[IKE] <1> 198.51.100.182 is initiating a Aggressive Mode IKE_SA",
                                "2026-11-25T12:43:01.569753+00:00 gw ipsec-gateway: 05[IKE] <1> 198.51.100.182 is initiating a "
                                "Aggressive Mode IKE_SA",
                                "<30>Nov 25 12:43:01 gw charon[812]: 05[IKE] <1> 198.51.100.182 is initiating a Aggressive Mode "
                                "IKE_SA",
                                "05[IKE] <1> 198.51.100.182 is initiating a Aggressive Mode IKE_SA"}) {
    SCOPED_TRACE(text);
    const std::vector<Collected> events = events_of({text});
    ASSERT_EQ(1u, events.size());
    EXPECT_EQ("198.51.100.182", events[0].peer);
    EXPECT_EQ(1u, events[0].session);
    EXPECT_EQ(Vantage::concentrator, events[0].vantage);
    constexpr Timestamp kSecond = 1'795'610'581;  // date -ud "2026-11-25 12:43:01" +%s
    if (text.front() == '0') {
      EXPECT_EQ(kUntimed, events[0].time);
    } else {
      EXPECT_EQ(kSecond, events[0].time / 1000);
    }
  }
}

// What `ipsec up` and `swanctl --initiate` print (setup-ipsec-vpn issue 701, libreswan issue 2327).
TEST(Charon, reads_what_it_tells_the_command) {
  const std::vector<Collected> up = events_of({
      "initiating Main Mode IKE_SA myvpn[2] to 203.0.113.210",
      "generating ID_PROT request 0 [ SA V V V V V ]",
      "sending packet: from 192.168.0.100[500] to 203.0.113.210[500] (180 bytes)",
      "received packet: from 203.0.113.210[500] to 192.168.0.100[500] (160 bytes)",
      "parsed ID_PROT response 0 [ SA V V V V ]",
      "received XAuth vendor ID",
      "establishing connection 'myvpn' failed",
  });
  ASSERT_EQ(5u, up.size());
  for (const Collected& event : up) EXPECT_EQ(Vantage::client, event.vantage);
  EXPECT_EQ("203.0.113.210", up[0].gateway);
  EXPECT_TRUE(up[1].says.has(client_sent_am1));
  EXPECT_TRUE(up[3].says.has(client_received_am2));
  EXPECT_TRUE(up[4].says.has(client_failed));

  const std::vector<Collected> initiate = events_of({
      "[IKE] initiating IKE_SA ikev2-vpn[30] to 203.0.113.210",
      "[NET] received packet: from 203.0.113.210[500] to 10.99.11.1[500] (263 bytes)",
      "[IKE] IKE_SA ikev2-vpn[30] established between 10.99.11.1[alice]...203.0.113.210[gw.lab.test]",
  });
  ASSERT_EQ(3u, initiate.size());
  for (const Collected& event : initiate) EXPECT_EQ(Vantage::client, event.vantage);
  EXPECT_EQ("203.0.113.210", initiate[1].gateway);
  EXPECT_EQ("alice", initiate[2].user);
}

// NetworkManager hands on what the command printed; its own lines around it are nobody's, and a daemon that logs has told it
// already.
TEST(Charon, reads_what_networkmanager_hands_on) {
  const std::vector<Collected> events = events_of({
      "Jul  4 14:22:32 pc NetworkManager[1147]: <info> starting l2tp",
      "Jul  4 14:22:33 pc NetworkManager[1147]: initiating Main Mode IKE_SA work[1] to 203.0.113.210",
      "Jul  4 14:22:33 pc NetworkManager[1147]: generating ID_PROT request 0 [ SA V V V V V ]",
      "Jul  4 14:22:33 pc NetworkManager[1147]: received NO_PROPOSAL_CHOSEN error notify",
  });
  ASSERT_EQ(3u, events.size());
  EXPECT_EQ("client_no_proposal_notify", names_of(events[2].says));
  EXPECT_EQ("pc", events[2].device);
  EXPECT_NE(kUntimed, events[2].time);
  EXPECT_EQ(1u, events_of({"Jul  4 14:22:33 pc charon: 11[IKE] initiating Main Mode IKE_SA work[1] to 203.0.113.210",
                           "Jul  4 14:22:33 pc NetworkManager[1147]: initiating Main Mode IKE_SA work[1] to 203.0.113.210"})
                    .size());
}

// A client looks for another configuration, too, when the gateway's certificate is not the one it asked for.
// strongSwan's issue 2833: marks as a command prints them, but with the session's number.
TEST(Charon, what_bears_a_sessions_number_is_no_commands_output) {
  const std::vector<Collected> events = events_of({
      "[NET] [2] received packet: from 198.51.100.7[500] to 203.0.113.9[500] (624 bytes)",
      "[ENC] [2] parsed IKE_SA_INIT request 0 [ SA KE No N(FRAG_SUP) N(NATD_S_IP) N(NATD_D_IP) V V V V ]",
      "[IKE] [2] 198.51.100.7 is initiating an IKE_SA",
  });
  const Collected* first = first_saying(events, concentrator_saw_am1);
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(2u, first->session);
  EXPECT_EQ("198.51.100.7", first->peer);
}

TEST(Charon, a_client_without_another_configuration_stays_one) {
  const std::vector<Collected> events = events_of({
      "[IKE] initiating IKE_SA android[1] to 203.0.113.210",
      "[CFG] constraint check failed: identity 'vpn.example.com' required",
      "[CFG] selected peer config 'android' unacceptable: constraint checking failed",
      "[CFG] no alternative config found",
      "[IKE] received AUTHENTICATION_FAILED notify error",
  });
  for (const Collected& event : events) EXPECT_EQ(Vantage::client, event.vantage);
  EXPECT_NE(nullptr, first_saying(events, client_certificate_rejected));
}

// An excerpt of a gateway's log may begin with a line that either side writes.
TEST(Charon, a_bare_line_of_either_side_makes_no_client) {
  EXPECT_TRUE(events_of({"received packet: from 198.51.100.182[500] to 203.0.113.97[500] (548 bytes)",
                         "parsed ID_PROT request 0 [ SA V V V ]"})
                  .empty());
  EXPECT_TRUE(events_of({"[APP] [1] 3 packets", "[IKEA] x"}).empty());
}

TEST(Charon, a_refusal_is_of_the_phase_that_is_under_way) {
  const std::vector<Collected> events = events_of({
      "initiating Main Mode IKE_SA myvpn[2] to 203.0.113.210",
      "received NO_PROPOSAL_CHOSEN error notify",
      "initiating Main Mode IKE_SA myvpn[3] to 203.0.113.210",
      "IKE_SA myvpn[3] established between 192.168.0.100[192.168.0.100]...203.0.113.210[203.0.113.210]",
      "received NO_PROPOSAL_CHOSEN error notify",
      "received INVALID_ID_INFORMATION error notify",
  });
  ASSERT_EQ(6u, events.size());
  EXPECT_EQ("client_no_proposal_notify", names_of(events[1].says));
  EXPECT_EQ("client_phase2_refused", names_of(events[4].says));
  EXPECT_EQ("client_phase2_network_refused", names_of(events[5].says));
}

// charon-systemd: MESSAGE in the journal is the bare text, as `journalctl` prints it behind its own header.
TEST(Charon, reads_the_journals_bare_texts) {
  const std::vector<Collected> events = events_of({
      "Nov 25 12:43:01 gw charon-systemd[744]: received packet: from 198.51.100.182[500] to 203.0.113.97[500] (548 bytes)",
      "Nov 25 12:43:01 gw charon-systemd[744]: parsed AGGRESSIVE request 0 [ SA KE No ID V V V V ]",
      "Nov 25 12:43:01 gw charon-systemd[744]: 198.51.100.182 is initiating a Aggressive Mode IKE_SA",
      "Nov 25 12:43:02 gw charon-systemd[744]: no proposal found",
      "Nov 25 12:43:09 gw charon-systemd[744]: SIGTERM received, shutting down",
  });
  const Collected* refused = first_saying(events, concentrator_proposal_rejected);
  ASSERT_NE(nullptr, refused);
  EXPECT_EQ(Vantage::concentrator, refused->vantage);
  EXPECT_EQ("198.51.100.182", refused->peer);
  EXPECT_EQ("gw", refused->device);
  EXPECT_EQ(1'795'610'582'000, refused->time);
  const Collected* shut_down = first_saying(events, concentrator_ended_by_shutdown);
  ASSERT_NE(nullptr, shut_down);
  EXPECT_EQ("", shut_down->peer) << "the daemon's own, nobody's";
}

TEST(Charon, a_bare_text_is_nobodys_while_packets_of_several_come_in) {
  const std::vector<Collected> events = events_of({
      "Nov 25 12:43:01 gw charon-systemd[744]: received packet: from 198.51.100.182[500] to 203.0.113.97[500] (548 bytes)",
      "Nov 25 12:43:01 gw charon-systemd[744]: 198.51.100.182 is initiating a Aggressive Mode IKE_SA",
      "Nov 25 12:43:01 gw charon-systemd[744]: received packet: from 198.51.100.7[500] to 203.0.113.97[500] (548 bytes)",
      "Nov 25 12:43:01 gw charon-systemd[744]: 198.51.100.7 is initiating a Aggressive Mode IKE_SA",
      "Nov 25 12:43:02 gw charon-systemd[744]: no proposal found",
      "Nov 25 12:44:01 gw charon-systemd[744]: received packet: from 198.51.100.7[500] to 203.0.113.97[500] (548 bytes)",
      "Nov 25 12:44:01 gw charon-systemd[744]: 198.51.100.7 is initiating a Aggressive Mode IKE_SA",
      "Nov 25 12:44:01 gw charon-systemd[744]: no proposal found",
  });
  std::vector<std::string> peers;
  for (const Collected& event : events)
    if (event.says.has(concentrator_proposal_rejected)) peers.push_back(event.peer);
  EXPECT_EQ((std::vector<std::string>{"", "198.51.100.7"}), peers);
}

// At MGR's debug level: a thread checks a negotiation out, and without threads nobody knows whose line comes next.
TEST(Charon, a_bare_text_has_no_id_that_would_prove_a_join) {
  const std::vector<Collected> events = events_of({
      "Nov 25 12:43:01 gw charon-systemd[744]: received packet: from 198.51.100.182[500] to 203.0.113.97[500] (548 bytes)",
      "Nov 25 12:43:01 gw charon-systemd[744]: checkout IKEv1 SA with SPIs 9d1fe3352b3af333_i b487d67ff5df4d14_r",
      "Nov 25 12:43:01 gw charon-systemd[744]: 198.51.100.7 is initiating a Aggressive Mode IKE_SA",
  });
  const Collected* begun = first_saying(events, concentrator_saw_am1);
  ASSERT_NE(nullptr, begun);
  EXPECT_EQ(0u, begun->cookie);
}

// Until its loggers stand, the library writes to the standard error, with the mark of thread 00; the journal keeps that, too.
TEST(Charon, a_mark_from_the_start_of_the_daemon_silences_no_bare_text) {
  const std::vector<Collected> events = events_of({
      "Nov 25 12:43:00 gw charon-systemd[744]: 00[LIB] plugin 'sqlite' failed to load: libsqlite3.so.0: cannot open shared "
      "object file",
      "Nov 25 12:43:01 gw charon-systemd[744]: received packet: from 198.51.100.182[500] to 203.0.113.97[500] (548 bytes)",
      "Nov 25 12:43:01 gw charon-systemd[744]: 198.51.100.182 is initiating a Aggressive Mode IKE_SA",
      "Nov 25 12:43:02 gw charon-systemd[744]: no proposal found",
  });
  EXPECT_NE(nullptr, first_saying(events, concentrator_proposal_rejected));
}

TEST(Charon, who_writes_marks_too_has_told_the_bare_text_already) {
  const std::vector<Collected> events = events_of({
      "Nov 25 12:43:01 gw charon-systemd[744]: 05[NET] received packet: from 198.51.100.182[500] to 203.0.113.97[500] (548 "
      "bytes)",
      "Nov 25 12:43:01 gw charon-systemd[744]: received packet: from 198.51.100.182[500] to 203.0.113.97[500] (548 bytes)",
      "Nov 25 12:43:01 gw charon-systemd[744]: 05[IKE] 198.51.100.182 is initiating a Aggressive Mode IKE_SA",
      "Nov 25 12:43:01 gw charon-systemd[744]: 198.51.100.182 is initiating a Aggressive Mode IKE_SA",
      "Nov 25 12:43:01 gw charon-systemd[744]: 05[IKE] no proposal found",
      "Nov 25 12:43:01 gw charon-systemd[744]: no proposal found",
  });
  EXPECT_EQ(1,
            std::ranges::count_if(events, [](const Collected& event) { return event.says.has(concentrator_proposal_rejected); }));
}

TEST(Charon, learns_its_side_from_lines_that_only_one_side_writes) {
  const std::vector<Collected> client = events_of({
      "Nov 25 12:57:05 00[DMN] Starting IKE charon daemon (strongSwan 5.9.8, Linux 6.18.44, x86_64)",
      "Nov 25 12:57:06 14[CFG] vici initiate CHILD_SA 'net'",
      "Nov 25 12:57:06 09[IKE] initiating Aggressive Mode IKE_SA home[1] to 203.0.113.203",
      "Nov 25 12:57:36 00[DMN] SIGTERM received, shutting down",
  });
  ASSERT_EQ(2u, client.size());
  EXPECT_TRUE(client[0].says.has(client_started));
  EXPECT_TRUE(client[1].says.has(client_stopped));
  // A gateway's own tunnels do not make it a client.
  const std::vector<Collected> gateway = events_of({
      "Nov 25 12:57:06 09[IKE] <site|1> initiating IKE_SA site[1] to 192.0.2.1",
      "Nov 25 12:57:07 11[IKE] <2> 198.51.100.180 is initiating a Aggressive Mode IKE_SA",
      "Nov 25 12:57:08 09[IKE] <site|3> initiating IKE_SA site[3] to 192.0.2.1",
  });
  ASSERT_EQ(2u, gateway.size());
  EXPECT_TRUE(gateway[1].says.has(concentrator_saw_am1));
}

TEST(Charon, session_numbers_of_another_run_differ) {
  const std::vector<Collected> events = events_of({
      "Nov 25 12:57:06 11[IKE] <1> 198.51.100.180 is initiating an IKE_SA",
      "Nov 25 12:58:10 00[DMN] Starting IKE charon daemon (strongSwan 5.9.8, Linux 6.18.44, x86_64)",
      "Nov 25 12:58:16 11[IKE] <1> 198.51.100.181 is initiating an IKE_SA",
  });
  ASSERT_EQ(3u, events.size());
  EXPECT_TRUE(events[1].says.has(concentrator_started));
  EXPECT_NE(events[0].session, events[2].session);
}

TEST(Charon, without_session_numbers_a_thread_tells_the_peer_and_ports_tell_clients_apart) {
  const std::vector<Collected> events = events_of({
      "Nov 25 13:09:26 09[NET] received packet: from 198.51.100.10[500] to 203.0.113.230[500] (367 bytes)",
      "Nov 25 13:09:26 09[ENC] parsed AGGRESSIVE request 0 [ SA KE No ID V V V V V ]",
      "Nov 25 13:09:26 09[IKE] 198.51.100.10 is initiating a Aggressive Mode IKE_SA",
      "Nov 25 13:09:26 09[CFG] looking for XAuthInitPSK peer configs matching "
      "203.0.113.230...198.51.100.10[sales]",
      "Nov 25 13:09:26 10[NET] received packet: from 198.51.100.10[4500] to 203.0.113.230[4500] (108 bytes)",
      "Nov 25 13:09:27 01[NET] received packet: from 198.51.100.10[193] to 203.0.113.230[500] (367 bytes)",
      "Nov 25 13:09:27 01[IKE] 198.51.100.10 is initiating a Aggressive Mode IKE_SA",
      "Nov 25 13:09:27 11[NET] received packet: from 198.51.100.10[57863] to 203.0.113.230[4500] (108 bytes)",
      "Nov 25 13:09:27 11[ENC] generating TRANSACTION request 4130310610 [ HASH CPRQ(X_USER X_PWD) ]",
      "Nov 25 13:09:28 10[NET] received packet: from 198.51.100.10[4500] to 203.0.113.230[4500] (92 bytes)",
      "Nov 25 13:09:28 10[IKE] XAuth authentication of 'bob' successful",
      "Nov 25 13:09:28 12[NET] received packet: from 198.51.100.10[57863] to 203.0.113.230[4500] (92 bytes)",
      "Nov 25 13:09:28 12[IKE] XAuth authentication of 'peggy' failed",
      "Nov 25 13:09:29 12[IKE] sending retransmit 1 of response message ID 0, seq 1",
  });
  const Collected* bob = first_saying(events, concentrator_user_ok);
  const Collected* peggy = first_saying(events, concentrator_user_failed);
  const Collected* prompt = first_saying(events, concentrator_xauth_started);
  const Collected* repeat = first_saying(events, concentrator_repeats_am2);
  ASSERT_TRUE(bob && peggy && prompt && repeat);
  EXPECT_EQ("198.51.100.10", bob->peer);
  EXPECT_NE(0u, bob->session);
  EXPECT_NE(bob->session, peggy->session);
  EXPECT_EQ(first_saying(events, concentrator_saw_am1)->session, bob->session);
  EXPECT_EQ(prompt->session, peggy->session);
  EXPECT_EQ("", repeat->peer) << "a timer's line is not about the thread's last packet";
}

// The NAT keeps its ports, or there is none.
TEST(Charon, without_session_numbers_a_client_that_comes_again_from_its_old_ports_begins_anew) {
  const std::initializer_list<std::string_view> refused = {
      "Nov 20 09:00:00 14[NET] received packet: from 198.51.100.7[500] to 203.0.113.1[500] (1307 bytes)",
      "Nov 20 09:00:00 14[ENC] parsed AGGRESSIVE request 0 [ SA KE No ID V V V V V V V V V ]",
      "Nov 20 09:00:00 14[IKE] 198.51.100.7 is initiating a Aggressive Mode IKE_SA",
      "Nov 20 09:00:00 12[NET] received packet: from 198.51.100.7[4500] to 203.0.113.1[4500] (172 bytes)",
      "Nov 20 09:00:00 12[ENC] parsed AGGRESSIVE request 0 [ HASH N(INITIAL_CONTACT) V V NAT-D NAT-D ]",
      "Nov 20 09:00:00 11[NET] received packet: from 198.51.100.7[4500] to 203.0.113.1[4500] (92 bytes)",
      "Nov 20 09:00:00 11[IKE] XAuth authentication of 'alice' failed"};
  const std::initializer_list<std::string_view> its_end = {
      "Nov 20 09:00:00 09[NET] received packet: from 198.51.100.7[4500] to 203.0.113.1[4500] (76 bytes)",
      "Nov 20 09:00:00 09[IKE] destroying IKE_SA after failed XAuth authentication"};
  const std::initializer_list<std::string_view> again = {
      "Nov 20 09:02:00 13[NET] received packet: from 198.51.100.7[500] to 203.0.113.1[500] (1307 bytes)",
      "Nov 20 09:02:00 13[ENC] parsed AGGRESSIVE request 0 [ SA KE No ID V V V V V V V V V ]",
      "Nov 20 09:02:00 13[IKE] 198.51.100.7 is initiating a Aggressive Mode IKE_SA",
      "Nov 20 09:02:00 10[NET] received packet: from 198.51.100.7[4500] to 203.0.113.1[4500] (172 bytes)",
      "Nov 20 09:02:00 10[ENC] parsed AGGRESSIVE request 0 [ HASH N(INITIAL_CONTACT) V V NAT-D NAT-D ]",
      "Nov 20 09:02:00 14[NET] received packet: from 198.51.100.7[4500] to 203.0.113.1[4500] (92 bytes)",
      "Nov 20 09:02:00 14[IKE] XAuth authentication of 'alice' successful"};
  for (const bool ended : {true, false}) {  // or left as it was
    std::vector<std::string_view> lines(refused);
    if (ended) lines.insert(lines.end(), its_end);
    lines.insert(lines.end(), again);
    const std::vector<Collected> events = read_lines(lines).events();
    const Collected* failed = first_saying(events, concentrator_user_failed);
    const Collected* passed = first_saying(events, concentrator_user_ok);
    ASSERT_TRUE(failed && passed);
    EXPECT_NE(0u, failed->session);
    EXPECT_NE(failed->session, passed->session) << ended;
    const auto begun = std::ranges::count_if(events, [&](const Collected& e) { return e.says.has(concentrator_saw_am1) && e.session == passed->session; });
    EXPECT_EQ(1, begun) << ended;
  }
}

// Another client behind the same NAT begins while the first one is in its session.
TEST(Charon, without_session_numbers_a_session_keeps_its_port_while_a_neighbour_begins) {
  const std::vector<Collected> events = events_of({
      "Nov 20 09:00:00 14[NET] received packet: from 198.51.100.7[500] to 203.0.113.1[500] (464 bytes)",
      "Nov 20 09:00:00 14[IKE] 198.51.100.7 is initiating an IKE_SA",
      "Nov 20 09:00:00 12[NET] received packet: from 198.51.100.7[4500] to 203.0.113.1[4500] (1236 bytes)",
      "Nov 20 09:00:00 12[ENC] parsed IKE_AUTH request 1 [ EF(1/2) ]",
      "Nov 20 09:00:00 13[NET] received packet: from 198.51.100.7[11] to 203.0.113.1[500] (464 bytes)",
      "Nov 20 09:00:00 13[IKE] 198.51.100.7 is initiating an IKE_SA",
      "Nov 20 09:00:00 12[NET] received packet: from 198.51.100.7[4500] to 203.0.113.1[4500] (148 bytes)",
      "Nov 20 09:00:00 12[ENC] parsed IKE_AUTH request 1 [ EF(2/2) ]",
      "Nov 20 09:00:00 12[ENC] parsed IKE_AUTH request 1 [ IDi N(INIT_CONTACT) CERTREQ IDr CPRQ(ADDR) SA TSi TSr ]",
      "Nov 20 09:00:00 12[IKE] authentication of 'alice' with EAP successful",
  });
  const Collected* first = first_saying(events, concentrator_saw_am1);
  const Collected* passed = first_saying(events, concentrator_user_ok);
  ASSERT_TRUE(first && passed);
  EXPECT_NE(0u, first->session);
  EXPECT_EQ(first->session, passed->session);
}

TEST(Charon, without_session_numbers_nobody_goes_on_with_a_refused_negotiation) {
  const std::vector<Collected> events = events_of({
      "Nov 20 09:00:07 14[NET] received packet: from 198.51.100.7[500] to 203.0.113.1[500] (464 bytes)",
      "Nov 20 09:00:07 14[IKE] 198.51.100.7 is initiating an IKE_SA",
      "Nov 20 09:00:07 09[NET] received packet: from 198.51.100.7[11] to 203.0.113.1[500] (367 bytes)",
      "Nov 20 09:00:07 09[IKE] 198.51.100.7 is initiating a Aggressive Mode IKE_SA",
      "Nov 20 09:00:07 09[IKE] no proposal found",
      "Nov 20 09:00:07 06[NET] received packet: from 198.51.100.7[50102] to 203.0.113.1[4500] (288 bytes)",
      "Nov 20 09:00:07 06[ENC] parsed IKE_AUTH request 1 [ IDi N(INIT_CONTACT) CERTREQ IDr CPRQ(ADDR) SA TSi TSr ]",
      "Nov 20 09:00:07 06[IKE] authentication of 'alice' with EAP successful",
  });
  const Collected* first = first_saying(events, concentrator_saw_am1);
  const Collected* passed = first_saying(events, concentrator_user_ok);
  ASSERT_TRUE(first && passed);
  EXPECT_NE(0u, first->session);
  EXPECT_EQ(first->session, passed->session);
}

// The port from which the first message came: of two devices behind one NAT each has its own.
TEST(Charon, a_first_message_has_its_senders_port) {
  const std::vector<Collected> events = events_of({
      "Nov 20 09:00:00 14[NET] <1> received packet: from 198.51.100.7[28558] to 203.0.113.1[500] (464 bytes)",
      "Nov 20 09:00:00 14[IKE] <1> 198.51.100.7 is initiating an IKE_SA",
      "Nov 20 09:00:01 12[NET] <1> received packet: from 198.51.100.7[4500] to 203.0.113.1[4500] (367 bytes)",
      "Nov 20 09:00:01 12[IKE] <1> 198.51.100.7 is initiating an IKE_SA",
  });
  std::vector<unsigned> ports;
  for (const Collected& event : events)
    if (event.says.has(concentrator_saw_am1)) ports.push_back(event.peer_port);
  EXPECT_EQ((std::vector<unsigned>{28558, 0}), ports) << "the second has moved already";
}

// A client guesses the group of the gateway and is asked for another one: that is one attempt. A neighbour behind the same NAT has another port.
TEST(Charon, who_is_asked_to_begin_again_with_another_group_makes_one_attempt) {
  for (const bool named : {true, false}) {
    std::vector<std::string> lines;
    const auto add = [&](int second, int thread, int session, std::string_view group, std::string_view text) {
      lines.push_back("17:10:" + std::to_string(10 + second) + " charon: " + std::to_string(10 + thread) + '[' + std::string(group) + "] " +
                      (named ? '<' + std::to_string(session) + "> " : std::string()) + std::string(text));
    };
    const auto begin = [&](int second, int thread, int session, const std::string& port) {
      add(second, thread, session, "NET", "received packet: from 198.51.100.7[" + port + "] to 203.0.113.9[500] (604 bytes)");
      add(second, thread, session, "ENC", "parsed IKE_SA_INIT request 0 [ SA KE No N(REDIR_SUP) N(NATD_S_IP) N(NATD_D_IP) N(FRAG_SUP) ]");
      add(second, thread, session, "IKE", "198.51.100.7 is initiating an IKE_SA");
    };
    begin(0, 1, 1, "4711");
    add(0, 1, 1, "IKE", "DH group MODP_2048 inacceptable, requesting MODP_1024");
    add(0, 1, 1, "ENC", "generating IKE_SA_INIT response 0 [ N(INVAL_KE) ]");
    begin(1, 2, 2, "4712");
    begin(1, 3, 3, "4711");
    begin(40, 4, 4, "4711");
    const std::vector<std::string_view> views(lines.begin(), lines.end());
    const std::vector<Collected> events = events_of(views);
    std::vector<std::uint64_t> sessions;
    for (const Collected& event : events)
      if (event.says.has(concentrator_saw_am1)) sessions.push_back(event.session);
    ASSERT_EQ(4u, sessions.size());
    EXPECT_EQ(sessions[2], sessions[0]);
    EXPECT_NE(sessions[1], sessions[0]) << "the neighbour";
    EXPECT_NE(sessions[3], sessions[0]) << "once";
    EXPECT_NE(sessions[3], sessions[1]);
  }
}

TEST(Charon, an_identity_is_a_group_in_version_1_and_a_user_in_version_2) {
  const std::vector<Collected> v1 = events_of({
      "Nov 25 12:58:00 09[IKE] initiating Aggressive Mode IKE_SA home[1] to 203.0.113.57",
      "Nov 25 12:58:05 09[IKE] IKE_SA home[1] established between "
      "192.168.82.10[sales]...203.0.113.57[203.0.113.57]",
  });
  const std::vector<Collected> v2 = events_of({
      "Nov 25 12:58:00 09[IKE] initiating IKE_SA home[1] to 203.0.113.57",
      "Nov 25 12:58:05 09[IKE] IKE_SA home[1] established between "
      "10.70.166.10[alice]...203.0.113.57[vpn.lab.test]",
  });
  ASSERT_EQ(2u, v1.size());
  ASSERT_EQ(2u, v2.size());
  EXPECT_EQ("sales", v1[1].group);
  EXPECT_EQ("", v1[1].user);
  EXPECT_EQ("", v2[1].group);
  EXPECT_EQ("alice", v2[1].user);
}

TEST(Charon, an_ike_spi_is_given_to_the_lines_of_its_thread) {
  const std::vector<Collected> events = events_of({
      "Nov 25 13:01:48 09[MGR] checkout IKEv1 SA by message with SPIs 57190f4ce77cbda0_i 0000000000000000_r",
      "Nov 25 13:01:48 09[MGR] created IKE_SA (unnamed)[1]",
      "Nov 25 13:01:48 09[IKE] <1> 198.51.100.14 is initiating a Aggressive Mode IKE_SA",
      "Nov 25 13:01:48 09[MGR] checkin and destroy of IKE_SA successful",
      "Nov 25 13:01:49 09[IKE] <2> 198.51.100.15 is initiating a Aggressive Mode IKE_SA",
  });
  ASSERT_EQ(2u, events.size());
  EXPECT_EQ(0x57190f4ce77cbda0u, events[0].cookie);
  EXPECT_EQ(0u, events[1].cookie);
}

TEST(Charon, a_tunnel_without_an_address_is_no_connection) {
  const std::vector<Collected> events = events_of({
      "Nov 25 12:59:01 10[IKE] <home|1> initiating Aggressive Mode IKE_SA home[1] to 203.0.113.95",
      "Nov 25 12:59:02 09[ENC] <home|1> parsed TRANSACTION response 1098648719 [ HASH CP ]",
      "Nov 25 12:59:02 09[IKE] <home|1> CHILD_SA net{1} established with SPIs 9432e7b8_i e2d27538_o and TS "
      "192.0.2.12/32 === 10.20.0.0/24",
  });
  EXPECT_NE(nullptr, first_saying(events, client_address_refused));
  EXPECT_EQ(nullptr, first_saying(events, client_connected));
}

TEST(Charon, a_port_in_use_is_told_with_the_attempt_it_spoils) {
  const std::vector<Collected> events = events_of({
      "Nov 25 12:57:05 00[NET] unable to bind socket: Address already in use",
      "Nov 25 12:57:06 09[IKE] initiating IKE_SA home[1] to 203.0.113.203",
  });
  ASSERT_EQ(1u, events.size());
  EXPECT_TRUE(events[0].says.has(client_port_in_use));
}

TEST(Charon, an_address_that_does_not_resolve_is_no_fault_of_a_name_server) {
  const std::vector<Collected> events = events_of({
      "Nov 25 17:23:55 00[NET] unable to bind socket: Address already in use",
      "Nov 25 17:23:56 10[IKE] <home|1> unable to resolve 198.18.189.86, initiate aborted",
      "Nov 25 17:33:56 10[IKE] <home|2> unable to resolve vpn.lab.test, initiate aborted",
  });
  ASSERT_EQ(2u, events.size());
  EXPECT_TRUE(events[0].says.has(client_port_in_use));
  EXPECT_FALSE(events[0].says.has(client_dns_failed));
  EXPECT_TRUE(events[1].says.has(client_dns_failed));
}

TEST(Charon, a_command_ends_a_session_as_the_administrator) {
  const std::vector<Collected> events = events_of({
      "Nov 25 13:03:44 02[IKE] <engineering-v2|1> 198.51.100.4 is initiating an IKE_SA",
      "Nov 25 13:03:47 06[CFG] vici terminate IKE_SA 'engineering-v2'",
      "Nov 25 13:03:47 16[IKE] <engineering-v2|1> sending DELETE for IKE_SA engineering-v2[1]",
      "Nov 25 13:05:47 16[IKE] <engineering-v2|2> sending DELETE for IKE_SA engineering-v2[2]",
  });
  ASSERT_EQ(4u, events.size());
  EXPECT_TRUE(events[2].says.has(concentrator_ended_by_admin));
  EXPECT_FALSE(events[3].says.has(concentrator_ended_by_admin));
}

// What pfSense's and OPNsense's log pages show is copied with tabs between its columns.
TEST(Charon, reads_the_tabs_of_log_pages) {
  for (std::string_view text : {"Feb 15 13:01:08\tcharon\t68251\t09[IKE] <con-mobile|14> EAP-MS-CHAPv2 verification failed, retry (1)",
                                "2026-02-15T13:01:08\tInformational\tcharon\t09[IKE] <con-mobile|14> EAP-MS-CHAPv2 verification failed, retry (1)",
                                "Feb 15 13:01:08 gw charon:09[IKE] <con-mobile|14> EAP-MS-CHAPv2 verification failed, retry (1)"}) {
    SCOPED_TRACE(text);
    const std::vector<Collected> events = events_of({text});
    ASSERT_EQ(1u, events.size());
    EXPECT_TRUE(events[0].says.has(concentrator_user_bad_password));
    EXPECT_EQ(14u, events[0].session);
    EXPECT_EQ(1'771'160'468, events[0].time / 1000);  // date -ud "2026-02-15 13:01:08" +%s
  }
}

// Excerpts in manuals and tickets begin where it gets interesting.
TEST(Charon, an_excerpt_tells_its_side_by_what_only_a_gateway_writes) {
  for (std::string_view text : {"charon: 12[CFG] looking for pre-shared key peer configs matching 192.0.2.90...192.0.2.74[blah]",
                                "charon: 09[IKE] no proposal found",
                                "charon: 13[IKE] received proposals inacceptable",
                                "charon: 09[ENC] invalid ID_V1 payload length, decryption failed?",
                                "charon: 08[IKE] no matching CHILD_SA config found",
                                "10[IKE] no virtual IP found, sending INTERNAL_ADDRESS_FAILURE",
                                "09[CFG] received RADIUS Access-Reject from server 'primary'",
                                "05[IKE] tried 1 shared key for 'gw.lab.test' - 'sales', but MAC mismatched",
                                "07[IKE] <sales|3> XAuth authentication of 'mallory' failed",
                                "07[IKE] <sales|3> XAuth authentication of 'heidi' successful",
                                "09[IKE] destroying IKE_SA after failed XAuth authentication",
                                "05[IKE] <1> found 1 matching config, but none allows XAuthInitPSK authentication using Aggressive Mode",
                                "05[IKE] <1> no IKE config found for 203.0.113.97...198.51.100.182, sending NO_PROPOSAL_CHOSEN",
                                "07[IKE] <rw|4> received EAP_NAK, sending EAP_FAILURE",
                                "05[IKE] <sales|1> peer did not respond to our XAuth request",
                                "16[IKE] EAP method EAP_MSCHAPV2 failed for peer mallory",
                                "15[IKE] <field-ops-v2|5> no EAP key found for hosts 'field-ops.lab.test' - 'mallory'",
                                "11[CFG] receiving RADIUS message failed: Connection refused",
                                "16[CFG1] <sales-v2|1> constraint check failed: group membership to 'sales-staff' required",
                                "14[CFG] <engineering|2> pool 'pool-engineering' is full, unable to assign address",
                                "12[CFG] DHCP DISCOVER timed out",
                                "09[IKE1] <sales-v2|1> no acceptable proposal found",
                                "09[IKE1] <sales-v2|1> traffic selectors 10.99.0.0/24 === 10.99.2.1/32 unacceptable"}) {
    SCOPED_TRACE(text);
    const std::vector<Collected> events = events_of({text});
    ASSERT_EQ(1u, events.size());
    EXPECT_EQ(Vantage::concentrator, events[0].vantage);
    EXPECT_FALSE(events[0].says.empty());
  }
  // A client that is known as one keeps its side where either may write the text.
  const std::vector<Collected> client = events_of({
      "Nov 25 12:57:06 09[IKE] initiating IKE_SA home[1] to 203.0.113.203",
      "Nov 25 12:57:06 10[IKE] tried 1 shared key for 'sales' - 'gw.lab.test', but MAC mismatched",
  });
  ASSERT_EQ(2u, client.size());
  EXPECT_TRUE(client[1].says.has(client_hash_failed));
  // What the client says of itself makes no gateway.
  const std::vector<Collected> refused = events_of({
      "Nov 25 12:57:06 09[IKE] initiating IKE_SA home[1] to 203.0.113.203",
      "Nov 25 13:03:54 01[IKE] EAP method EAP_MSCHAPV2 succeeded, MSK established",
      "Nov 25 13:09:29 07[IKE] XAuth authentication of 'mallory' (myself) failed",
  });
  EXPECT_NE(nullptr, first_saying(refused, client_xauth_failed));
  for (const Collected& event : refused) EXPECT_EQ(Vantage::client, event.vantage);
}

TEST(Charon, an_address_of_version_6_that_nobody_has_spoils_nothing) {
  const std::vector<Collected> events = events_of({
      "Aug 10 12:01:03 vpn charon: 09[IKE] peer requested virtual IP %any",
      "Aug 10 12:01:03 vpn charon: 09[IKE] assigning virtual IP 10.10.10.1 to peer 'alice'",
      "Aug 10 12:01:03 vpn charon: 09[IKE] peer requested virtual IP %any6",
      "Aug 10 12:01:03 vpn charon: 09[IKE] no virtual IP found for %any6 requested by 'alice'",
  });
  EXPECT_NE(nullptr, first_saying(events, concentrator_address_assigned));
  EXPECT_EQ(nullptr, first_saying(events, concentrator_address_failed));
}

TEST(Charon, why_a_configuration_does_not_do_counts_where_no_other_does) {
  const struct {
    std::string_view reason;
    Fact fact;
  } kCases[] = {
      {"06[IKE] <rw|7> peer requested EAP, config unacceptable", concentrator_auth_method_rejected},
      {"06[IKE] <rw|7> peer requested EAP, config inacceptable", concentrator_auth_method_rejected},
      {"06[CFG] <rw|7> constraint requires public key authentication, but pre-shared key was used", concentrator_auth_method_rejected},
      {"06[CFG] <rw|7> constraint check failed: RULE_CRL_VALIDATION is FAILED, but requires at least GOOD", concentrator_certificate_rejected},
      {"06[CFG] <rw|7> constraint check failed: peer not authenticated by CA 'C=CH, O=strongSwan, CN=CA'", concentrator_certificate_rejected},
      {"06[CFG] <rw|7> constraint check failed: identity 'carol@strongswan.org' required", concentrator_sent_refusal},
  };
  for (const auto& each : kCases) {
    SCOPED_TRACE(each.reason);
    const std::vector<Collected> refused = events_of({
        each.reason,
        "06[CFG] <rw|7> selected peer config 'rw' unacceptable: non-matching authentication done",
        "06[CFG] <rw|7> no alternative config found",
    });
    EXPECT_NE(nullptr, first_saying(refused, each.fact));
    EXPECT_NE(nullptr, first_saying(refused, concentrator_sent_refusal));
    EXPECT_EQ(nullptr, first_saying(refused, concentrator_group_lock)) << "whose it is not";
    const std::vector<Collected> goes_on = events_of({
        each.reason,
        "06[CFG] <rw|7> switching to peer config 'rw-eap'",
        "06[CFG] <rw-eap|7> no alternative config found",
    });
    EXPECT_EQ(each.fact == concentrator_sent_refusal, first_saying(goes_on, each.fact) != nullptr);
  }
}

TEST(Charon, a_tunnel_that_the_gateway_begins_is_no_client) {
  const std::vector<Collected> events = events_of({
      "Aug 10 12:00:00 vpn charon: 07[IKE] <3> 198.51.100.44 is initiating an IKE_SA",
      "Aug 10 12:00:00 vpn charon: 01[IKE] <office|4> initiating IKE_SA office[4] to 192.0.2.200",
      "Aug 10 12:02:45 vpn charon: 02[IKE] <office|4> giving up after 5 retransmits",
      "Aug 10 12:02:45 vpn charon: 02[IKE] <rw|3> initiating IKE_SA rw[5] to 198.51.100.44",
      "Aug 10 12:03:45 vpn charon: 02[IKE] <rw|5> giving up after 5 retransmits",
  });
  ASSERT_EQ(2u, events.size());
  EXPECT_TRUE(events[1].says.has(concentrator_lost_peer));
  EXPECT_EQ(5u, events[1].session) << "a client's SA made anew is the client's";
}

TEST(Charon, where_no_packets_are_printed_a_peer_goes_on_to_the_lines_of_its_job) {
  const std::vector<Collected> events = events_of({
      "Aug 10 12:01:02 vpn charon: 06[CFG] looking for peer configs matching 203.0.113.5[%any]...198.51.100.44[carol]",
      "Aug 10 12:01:02 vpn charon: 06[CFG] selected peer config 'rw'",
      "Aug 10 12:01:02 vpn charon: 07[CFG] no issuer certificate found for \"C=CH, CN=dave\"",
      "Aug 10 12:01:02 vpn charon: 06[CFG] no issuer certificate found for \"C=CH, CN=carol\"",
  });
  ASSERT_EQ(4u, events.size());
  EXPECT_EQ("198.51.100.44", events[1].peer);
  EXPECT_EQ("", events[2].peer);
  EXPECT_EQ("", events[3].peer) << "another job may have come between";
}

// A gateway asks whether its client is still there, and deletes: neither makes it a client.
TEST(Charon, what_either_side_writes_tells_no_side) {
  const std::vector<Collected> events = events_of({
      "May 10 10:00:01 vpn charon: 05[IKE] <rw|3> received NAT-T (RFC 3947) vendor ID",
      "May 10 11:00:05 vpn charon: 06[IKE] <rw|3> retransmit 1 of request with message ID 0",
      "May 10 11:00:06 vpn charon: 06[ENC] <rw|3> generating INFORMATIONAL_V1 request 2326716522 [ HASH D ]",
      "May 10 11:02:46 vpn charon: 06[CFG] <rw|3> lease 10.10.10.1 by 'alice' went offline",
      "May 10 11:02:47 vpn charon: 07[IKE] <4> 198.51.100.7 is initiating an IKE_SA",
  });
  for (const Collected& event : events) EXPECT_EQ(Vantage::concentrator, event.vantage);
}

// Lab 115, the end of the gateway's log: what it sends, and that a command ended the session.
TEST(Charon, a_packet_that_was_sent_tells_no_side) {
  const Collector all = read_lines({
      "Nov 25 13:05:25 13[NET] received packet: from 198.51.100.148[500] to 203.0.113.88[500] (92 bytes)",
      "Nov 25 13:05:25 01[NET] sending packet: from 203.0.113.88[4500] to 198.51.100.148[4500] (188 bytes)",
      "Nov 25 13:05:25 13[IKE] CHILD_SA net{1} established with SPIs ad5162eb_i eb4ae180_o and TS 10.20.0.0/24 === 10.99.2.1/32",
      "Nov 25 13:05:29 12[CFG] vici terminate IKE_SA 'contractors'",
      "Nov 25 13:05:29 02[IKE] deleting IKE_SA contractors[1] between 203.0.113.88[203.0.113.88]...198.51.100.148[contractors]",
  });
  ASSERT_EQ(5u, all.items.size());
  for (const Collected& item : all.items) EXPECT_EQ(Vantage::concentrator, item.vantage) << item.text;
}

// What it asks for and is answered makes it a client, also where the log begins behind its first message.
TEST(Charon, a_client_without_its_first_message_stays_a_client) {
  const std::vector<Collected> events = events_of({
      "Nov 29 11:18:38 10[ENC] <work|1> generating IKE_AUTH request 1 [ IDi CERT N(INIT_CONTACT) CERTREQ IDr AUTH CPRQ(ADDR) SA TSi TSr ]",
      "Nov 29 11:18:39 08[ENC] <work|1> parsed IKE_AUTH response 1 [ IDr CERT AUTH CPRP(ADDR DNS) SA TSi TSr ]",
      "Nov 29 11:18:39 08[CFG] <work|1> constraint check failed: identity 'vpn.example.org' required ",
      "Nov 29 11:18:39 08[CFG] <work|1> no alternative config found",
      "Nov 29 11:18:39 08[ENC] <work|1> generating INFORMATIONAL request 2 [ N(AUTH_FAILED) ]",
  });
  ASSERT_FALSE(events.empty());
  for (const Collected& event : events) EXPECT_EQ(Vantage::client, event.vantage) << event.text;
}

// 5.9.8, eap-mschapv2 with a user that is not in its list.
TEST(Charon, a_user_without_a_key_has_no_wrong_password) {
  for (std::string_view mark : {"12[IKE] ", "12[IKE] <work|1> ", "Nov 25 13:01:44 gw charon: 12[IKE] "}) {
    SCOPED_TRACE(mark);
    const std::string begin = std::string(mark) + "203.0.113.7 is initiating an IKE_SA";
    const std::string unknown = std::string(mark) + "no EAP key found for hosts 'vpn.example.org' - 'mallory'";
    const std::string failed = std::string(mark) + "EAP-MS-CHAPv2 verification failed, retry (1)";
    const FactMask facts = read_lines({begin, unknown, failed}).facts();
    EXPECT_TRUE(facts.has(concentrator_user_unknown));
    EXPECT_FALSE(facts.has(concentrator_user_bad_password));
    EXPECT_TRUE(read_lines({begin, failed}).facts().has(concentrator_user_bad_password));
    EXPECT_TRUE(read_lines({begin, unknown, failed, std::string(mark) + "received EAP identity 'alice'", failed}).facts().has(concentrator_user_bad_password));
  }
}

// A relay sends each line twice; lines without a session's number are all of session 0.
TEST(Charon, a_user_without_a_key_has_no_wrong_password_however_often_it_is_told) {
  const std::vector<Collected> events = events_of({
      "12[IKE] received EAP identity 'mallory'",
      "12[IKE] no EAP key found for hosts 'vpn.example.org' - 'mallory'",
      "12[IKE] no EAP key found for hosts 'vpn.example.org' - 'mallory'",
      "12[IKE] EAP-MS-CHAPv2 verification failed, retry (1)",
      "12[IKE] EAP-MS-CHAPv2 verification failed, retry (1)",
      "13[IKE] received EAP identity 'alice'",
      "13[IKE] EAP-MS-CHAPv2 verification failed, retry (1)",
  });
  const auto wrong = [](const Collected& event) { return event.says.has(concentrator_user_bad_password); };
  EXPECT_EQ(1, std::ranges::count_if(events, wrong));
  ASSERT_FALSE(events.empty());
  EXPECT_TRUE(wrong(events.back()));
}

// Who sprays names has several logins under way, and the worker threads write in turns.
TEST(Charon, two_users_without_a_key_have_no_wrong_password) {
  const std::vector<Collected> events = events_of({
      "12[IKE] <work|1> no EAP key found for hosts 'vpn.example.org' - 'mallory'",
      "13[IKE] <work|2> no EAP key found for hosts 'vpn.example.org' - 'trent'",
      "12[IKE] <work|1> EAP-MS-CHAPv2 verification failed, retry (1)",
      "13[IKE] <work|2> EAP-MS-CHAPv2 verification failed, retry (1)",
      "14[IKE] <work|3> EAP-MS-CHAPv2 verification failed, retry (1)",
  });
  std::vector<std::uint64_t> unknown, wrong;
  for (const Collected& event : events) {
    if (event.says.has(concentrator_user_unknown)) unknown.push_back(event.session & 0xFFFFFFFF);
    if (event.says.has(concentrator_user_bad_password)) wrong.push_back(event.session & 0xFFFFFFFF);
  }
  EXPECT_EQ((std::vector<std::uint64_t>{1, 2}), unknown);
  EXPECT_EQ((std::vector<std::uint64_t>{3}), wrong);
}

TEST(Charon, an_address_in_the_place_of_an_identity_is_no_user) {
  const std::vector<Collected> events = events_of({
      "May 10 10:00:01 06[CFG] <7> looking for peer configs matching 203.0.113.5[%any]...198.51.100.44[192.168.1.77]",
      "May 10 10:00:01 06[IKE] <rw|7> received EAP identity 'alice'",
  });
  ASSERT_EQ(2u, events.size());
  EXPECT_EQ("", events[0].user);
  EXPECT_EQ("alice", events[1].user);
}

TEST(Charon, small_message_ids_are_no_keys) {
  const std::vector<Collected> events = events_of({
      "Nov 25 13:09:36 08[IKE] <3> 198.51.100.4 is initiating a Aggressive Mode IKE_SA",
      "Nov 25 13:09:36 08[ENC] <engineering|3> parsed INFORMATIONAL_V1 request 97 [ HASH D ]",
      "Nov 25 13:09:36 08[ENC] <engineering|3> parsed INFORMATIONAL_V1 request 410350755 [ HASH D ]",
  });
  ASSERT_EQ(3u, events.size());
  EXPECT_EQ(0u, events[1].message_id);
  EXPECT_EQ(410350755u, events[2].message_id);
}

}  // namespace
}  // namespace vpnverdict::dialect
