// What explain makes of awkward files, and that its text is fit for a terminal.
#include "pipeline/explain.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <unistd.h>

#include <gtest/gtest.h>

#include "pipeline/rules_md.h"
#include "pipeline/terminal.h"
#include "pipeline/verdict_json.h"

namespace vpnverdict {
namespace {

namespace fs = std::filesystem;

const std::string kReplayDir = std::string(VPNVERDICT_SOURCE_DIR) + "/tests/replay/";

std::vector<LogFile> read(const std::vector<std::string>& paths) {
  std::vector<LogFile> files;
  std::string error;
  EXPECT_TRUE(read_log_files(paths, files, error)) << error;
  return files;
}

Explanation explained(const std::vector<LogFile>& files) {
  static const Inventory kNoInventory;
  return explain(files, kNoInventory, {});
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

// What a terminal must not get from a log: controls except line ends, and invalid UTF-8.
std::string harm_in(const std::string& text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(std::string_view(text).substr(i));
    if (length == 0) return "invalid UTF-8 at " + std::to_string(i);
    const auto c = static_cast<unsigned char>(text[i]);
    if (length == 1 && (c < 0x20 || c == 0x7F) && c != '\n') return "control character at " + std::to_string(i);
    if (length == 2 && c == 0xC2 && static_cast<unsigned char>(text[i + 1]) < 0xA0) return "C1 control at " + std::to_string(i);
    i += length;
  }
  return {};
}

TEST(Explain, messages_of_several_lines_are_whole_where_the_newest_comes_first) {
  std::vector<LogFile> files = read({kReplayDir + "seed/step8-pool-not-a-network-fault/concentrator.log"});
  ASSERT_EQ(1u, files.size());
  std::vector<std::string> messages;
  for (const std::string& line : lines_of(files[0].text)) {
    if (messages.empty() || line.find(" SEV=") != std::string::npos) messages.emplace_back();
    messages.back() += line + '\n';
  }
  ASSERT_GT(lines_of(files[0].text).size(), 2 * messages.size() - 1) << "of more than one line each";
  std::ranges::reverse(messages);
  files[0].text.clear();
  for (const std::string& message : messages) files[0].text += message;
  const Explanation explanation = explained(files);
  EXPECT_TRUE(explanation.files.at(0).newest_first);
  ASSERT_EQ(1u, explanation.verdicts.size());
  EXPECT_EQ(Cause::address_unavailable, explanation.verdicts[0].cause);
  EXPECT_EQ(0u, explanation.lines.rejected());
}

TEST(Explain, every_case_fits_the_terminal_and_its_json_is_one_array) {
  std::size_t folders = 0;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(kReplayDir)) {
    if (!entry.is_directory() || (!fs::exists(entry.path() / "client.log") && !fs::exists(entry.path() / "concentrator.log")))
      continue;
    ++folders;
    std::vector<LogFile> files = read({entry.path().string()});
    for (LogFile& file : files) file.name = std::string(kTerminalColumns, 'd') + "/" + file.name;  // a clone lies anywhere
    const Explanation explanation = explained(files);
    const std::string text = explanation_text(explanation, false);
    EXPECT_EQ("", harm_in(text)) << entry.path();
    for (const std::string& line : lines_of(text)) EXPECT_LE(width_of(line), kTerminalColumns) << entry.path() << "\n" << line;
    EXPECT_EQ(explanation.lines.read, explanation.lines.lines()) << entry.path();
    const std::string json = explanation_json(explanation);
    EXPECT_EQ('[', json.front());
    EXPECT_EQ(']', json[json.size() - 2]);
  }
  EXPECT_GT(folders, 100u);
}

TEST(Explain, the_chapters_example_reads_as_a_person_would_tell_it) {
  const Explanation explanation = explained(read({kReplayDir + "seed/ex8-12-no-address"}));
  ASSERT_EQ(1u, explanation.verdicts.size());
  const std::string text = explanation_text(explanation, false);
  for (const char* part : {"FAILED at step 8: the concentrator has no address for the client", "address_unavailable, certain",
                           "the concentrator's administrator must act", "✓ user accepted ✗ address assigned",
                           "no address could be assigned", "Cannot obtain an IP address for remote peer",
                           "address_pool_exhausted", "user U1", "group mygroup", "from 192.168.1.100"})
    EXPECT_NE(std::string::npos, text.find(part)) << part << "\n" << text;
}

TEST(Explain, colours_only_when_asked) {
  const Explanation explanation = explained(read({kReplayDir + "seed/ex8-12-no-address"}));
  EXPECT_EQ(std::string::npos, explanation_text(explanation, false).find('\x1b'));
  EXPECT_NE(std::string::npos, explanation_text(explanation, true).find("\x1b[31mFAILED"));
}

TEST(Explain, a_hostile_name_never_reaches_the_terminal_raw) {
  const std::string hostile = "U\x1b]0;owned\x07\x1b[2J\xE2\x80\xAE\xC2\x9B";
  LogFile file;
  file.name = "con\x1b[31mcentrator.log";
  file.text = "204 04/11/2005 00:29:42.500 SEV=5 IKE/132 RPT=2 192.168.1.100\nGroup [mygroup] User [" + hostile +
              "] Cannot obtain an IP address for remote peer\n";
  const Explanation explanation = explained({file});
  EXPECT_EQ("", harm_in(explanation_text(explanation, false)));
  EXPECT_EQ("", harm_in(explanation_json(explanation)));
}

TEST(Explain, the_same_log_twice_is_one_attempt) {
  std::vector<LogFile> files = read({kReplayDir + "seed/step7-wrong-password/concentrator.log"});
  const std::size_t once = explained(files).verdicts.size();
  files.push_back(files[0]);
  files[1].name = "again.log";
  EXPECT_EQ(once, explained(files).verdicts.size());
}

TEST(Explain, the_programs_own_log_and_its_syslog_copy_are_one_attempt) {
  LogFile own;
  own.name = "client.log";
  own.text =
      "vpnc version 0.5.3+git20220927-1\nIKE SA selected psk+xauth-aes256-sha1\n"
      "vpnc: hash comparison failed:  (ISAKMP_N_AUTHENTICATION_FAILED)(24)\ncheck group password!\n";
  LogFile syslog;
  syslog.name = "client.syslog.log";
  for (const std::string& line : lines_of(own.text)) syslog.text += "Nov 25 13:05:09 client0 vpnc[4711]: " + line + "\n";
  const Explanation explanation = explained({own, syslog});
  ASSERT_EQ(1u, explanation.verdicts.size());
  EXPECT_EQ(Cause::group_password_mismatch, explanation.verdicts[0].cause);
  EXPECT_NE(kUntimed, explanation.verdicts[0].started_at) << "the copy with stamps is the better one";
  EXPECT_EQ("client.syslog.log", explanation.files[0].copy_of);
}

TEST(Explain, utf16_exports_are_read) {
  const std::vector<LogFile> files = read({kReplayDir + "seed/ex8-12-no-address/concentrator.log"});
  ASSERT_EQ(1u, files.size());
  std::string utf16 = "\xFF\xFE";
  for (const char c : files[0].text) {
    utf16 += c;
    utf16 += '\0';
  }
  const std::string path = ::testing::TempDir() + "vpnverdict_utf16_" + std::to_string(::getpid()) + ".log";
  std::ofstream(path, std::ios::binary) << utf16;
  const Explanation explanation = explained(read({path}));
  fs::remove(path);
  ASSERT_EQ(1u, explanation.verdicts.size());
  EXPECT_EQ(Cause::address_unavailable, explanation.verdicts[0].cause);
}

// A concentrator that logs only how it ended, in another zone than the PC: its line falls into the client's attempt, and not on its start.
TEST(Explain, a_last_word_from_another_time_zone_is_of_the_attempt_it_falls_into) {
  LogFile client;
  client.name = "client.log";
  client.text = "[11/25/2026 9:05:10 AM] Contacting vpn.example.com.\n[11/25/2026 9:05:14 AM] Please enter your username and password.\n"
                "[11/25/2026 9:05:30 AM] User credentials entered.\n[11/25/2026 9:05:32 AM] Login failed.\n";
  LogFile concentrator;
  concentrator.name = "asa.log";
  const auto at = [&](std::string_view clock) {
    concentrator.text = "Nov 25 2026 " + std::string(clock) + " vpn1 : %ASA-6-113015: AAA user authentication Rejected : reason = Invalid password : "
                        "local database : user = bob : user IP = 198.51.100.7\n";
    return explained({client, concentrator}).verdicts.size();
  };
  EXPECT_EQ(1u, at("14:05:31"));
  EXPECT_EQ(2u, at("14:09:31")) << "no zone explains four minutes more";
}

// The event log exports the newest line first, and an attempt may take two seconds.
TEST(Explain, a_short_log_is_turned_round_too) {
  const std::vector<std::string> lines = {"[11/25/2026 9:05:10 AM] Contacting vpn.example.com.\n", "[11/25/2026 9:05:11 AM] User credentials entered.\n",
                                          "[11/25/2026 9:05:12 AM] Login failed.\n"};
  LogFile told;
  told.name = "told.log";
  told.text = lines[0] + lines[1] + lines[2];
  LogFile exported;
  exported.name = "exported.log";
  exported.text = lines[2] + lines[1] + lines[0];
  const Explanation forth = explained({told});
  const Explanation back = explained({exported});
  EXPECT_FALSE(forth.files[0].newest_first);
  EXPECT_TRUE(back.files[0].newest_first);
  ASSERT_EQ(1u, forth.verdicts.size());
  ASSERT_EQ(1u, back.verdicts.size());
  EXPECT_EQ(forth.verdicts[0].cause, back.verdicts[0].cause);
  EXPECT_EQ(forth.verdicts[0].reached, back.verdicts[0].reached);
}

// The client's log says the year, the concentrator's does not, and between them the year changes.
TEST(Explain, an_attempt_on_new_years_eve_is_one) {
  LogFile client;
  client.name = "client.log";
  client.text = "[12/31/2025 11:59:50 PM] Contacting vpn.example.com.\n[12/31/2025 11:59:54 PM] Please enter your username and password.\n"
                "[12/31/2025 11:59:56 PM] User credentials entered.\n[1/1/2026 12:00:02 AM] Login failed.\n";
  LogFile concentrator;
  concentrator.name = "asa.log";
  concentrator.text = "Dec 31 23:59:58 vpn1 : %ASA-6-113015: AAA user authentication Rejected : reason = Invalid password : "
                      "local database : user = bob : user IP = 198.51.100.7\n";
  const Explanation both = explained({client, concentrator});
  ASSERT_EQ(1u, both.verdicts.size());
  EXPECT_EQ(Cause::user_password_wrong, both.verdicts[0].cause);
  concentrator.changed_at = 1'767'312'000;  // 2026-01-02
  const Explanation alone = explained({concentrator});
  ASSERT_EQ(1u, alone.verdicts.size());
  EXPECT_EQ(1'767'225'598'000, alone.verdicts[0].started_at);
}

// Table 8-6 row 1, read on a PC and a concentrator whose clocks nobody had set.
TEST(Explain, clocks_minutes_apart_do_not_part_the_one_attempt_of_either_log) {
  const auto attempts = [](const std::string& later_in_both) {
    LogFile client;
    client.name = "client.log";
    client.text = "1 20:04:16.640 04/07/05 Sev=Warning/3 GUI/0xE3B00003\nGI VPN start callback failed \"CM_PEER_NOT_RESPONDING\" (16h).\n";
    LogFile concentrator;
    concentrator.name = "concentrator.log";
    concentrator.text = "1 04/07/2005 19:58:16.640 SEV=4 IKE/22 RPT=12 192.168.1.100\n"
                        "No Group found matching mygroupo for Pre-shared key peer 192.168.1.100\n";
    if (!later_in_both.empty()) {
      client.text += "2 " + later_in_both + ":16.640 04/07/05 Sev=Info/6 GUI/0x63B0000D\nDisconnecting VPN connection.\n";
      concentrator.text += "2 04/07/2005 " + later_in_both + ":17.640 SEV=4 HTTP/47 RPT=12 192.168.1.200\nNew administrator login: admin\n";
    }
    return explained({client, concentrator}).verdicts;
  };
  for (const std::string later : {"", "20:24"}) {  // "20:24": both had long been told when the logs ended
    const std::vector<Verdict> verdicts = attempts(later);
    ASSERT_EQ(1u, verdicts.size()) << later;
    EXPECT_EQ(Cause::group_name_unknown, verdicts[0].cause);
    EXPECT_EQ(Grade::certain, verdicts[0].grade);
    EXPECT_EQ(JoinStrength::strong, verdicts[0].join);
  }
}

// A morning of one concentrator as the manual prints its lines: group "hq" connects three times a minute, and from 09:10 on everybody of
// group "sales" is told that there is no such group.
LogFile morning(bool sales_too) {
  LogFile file;
  file.name = "concentrator.log";
  for (int i = 0; i < 60; ++i) {
    const auto two = [](int n) { return (n < 10 ? "0" : "") + std::to_string(n); };
    const std::string stamp = "04/11/2005 09:" + two(i / 3) + ":" + two(i % 3 * 20);
    file.text += std::to_string(100 + i) + " " + stamp + ".500 SEV=4 AUTH/22 RPT=" + std::to_string(i + 1) + " User [user" + std::to_string(i) +
                 "] Group [hq] connected, Session Type: IPSec/NAT-T\n";
    const std::string peer = "192.0.2." + std::to_string(100 + i);
    if (sales_too && i >= 30 && i < 42)
      file.text += std::to_string(204 + i) + " " + stamp + ".900 SEV=4 IKE/22 RPT=" + std::to_string(i) + " " + peer +
                   " No Group found matching sales for Pre-shared key peer " + peer + ".\n";
  }
  return file;
}

TEST(Explain, several_people_with_one_reason_are_an_incident) {
  const Explanation explanation = explained({morning(true)});
  ASSERT_EQ(1u, explanation.incidents.size());
  EXPECT_EQ("sales", explanation.incidents[0].value);
  EXPECT_EQ(Cause::group_name_unknown, explanation.incidents[0].cause);
  const std::string text = explanation_text(explanation, false);
  const std::size_t heading = text.find("\nIncident: several people, one reason\nOPEN 2005-04-11 09:10 failures, group sales [certain]\n");
  ASSERT_NE(std::string::npos, heading);
  EXPECT_LT(text.rfind("Attempt "), heading) << "behind the attempts it sums up";
  EXPECT_NE(std::string::npos, text.find("Nobody of group sales can connect since 09:10", heading));
  EXPECT_LT(heading, text.find("\nLines read\n"));
  for (const std::string& line : lines_of(text)) EXPECT_LE(width_of(line), kTerminalColumns) << line;
}

TEST(Explain, what_ends_with_the_file_is_an_incident) {
  LogFile file = morning(false);
  for (int i = 0; i < 12; ++i) {  // within the last twelve seconds
    const std::string second = std::to_string(40 + i);
    const std::string peer = "192.0.2." + std::to_string(200 + i);
    file.text += std::to_string(300 + i) + " 04/11/2005 09:19:" + second + ".900 SEV=4 IKE/22 RPT=" + std::to_string(i + 1) + " " + peer +
                 " No Group found matching sales for Pre-shared key peer " + peer + ".\n";
  }
  const Explanation explanation = explained({file});
  ASSERT_EQ(1u, explanation.incidents.size());
  EXPECT_EQ("sales", explanation.incidents[0].value);
  EXPECT_EQ(12u, explanation.incidents[0].affected);
}

TEST(Explain, what_the_end_of_the_file_cuts_off_is_none) {
  LogFile file = morning(false);
  for (int i = 0; i < 12; ++i) {
    const std::string second = std::to_string(40 + i);
    file.text += std::to_string(300 + i) + " 04/11/2005 09:19:" + second + ".900 SEV=7 IKEDBG/0 RPT=" + std::to_string(i + 1) + " 192.0.2." + std::to_string(200 + i) +
                 "  processing SA payload\n";
  }
  EXPECT_TRUE(explained({file}).incidents.empty());
}

TEST(Explain, each_kind_of_incident_has_its_heading) {
  std::set<std::string> headings;
  for (std::size_t kind = 0; kind < kIncidentKindCount; ++kind) {
    Explanation explanation;
    explanation.incidents.emplace_back().kind = static_cast<IncidentKind>(kind);
    for (const std::string& line : lines_of(explanation_text(explanation, false)))
      if (line.starts_with("Incident: ")) headings.insert(line);
  }
  EXPECT_EQ(kIncidentKindCount, headings.size());
  EXPECT_TRUE(headings.contains("Incident: no attempt arrives where some are due"));
}

TEST(Explain, where_nobody_fails_there_is_no_incident) {
  const Explanation explanation = explained({morning(false)});
  EXPECT_TRUE(explanation.incidents.empty());
  EXPECT_EQ(std::string::npos, explanation_text(explanation, false).find("Incident"));
}

TEST(Explain, nothing_understood_is_said_so) {
  LogFile file;
  file.name = "kernel.log";
  file.text = "Jun  1 00:00:00 pc kernel: nothing of ours\n";
  const std::string text = explanation_text(explained({file}), false);
  EXPECT_NE(std::string::npos, text.find("No connection attempt found in these logs."));
  EXPECT_NE(std::string::npos, text.find("kernel.log:1 unknown_dialect"));
  EXPECT_EQ("[]\n", explanation_json(explained({file})));
}

TEST(Explain, the_debug_lines_of_a_router_are_named) {
  const std::string_view said = "of IOS or PIX 6";
  const auto text_of = [](const std::string& log) { return explanation_text(explained({{"crypto.log", log}}), false); };
  EXPECT_NE(std::string::npos, text_of("Apr 20 11:06:55: ISAKMP:(0):no offers accepted!\n").find(said));
  EXPECT_NE(std::string::npos, text_of("crypto_isakmp_process_block: src 192.0.2.1, dest 192.0.2.2\nISAKMP (0): no offers accepted!\n").find(said));
  EXPECT_EQ(std::string::npos, text_of("a line of nobody's\n").find(said));
}

// One client's log, and the concentrator's of the same minute with all that goes on there: dropped packets of scanners, a tunnel to another
// site, somebody who connects. Of one attempt or of none of these.
TEST(Explain, the_clients_other_side_is_found_among_what_else_happens) {
  const std::string others =
      "Jun 21 2005 20:47:30 asa1 : %ASA-4-106023: Deny udp src outside:198.51.100.99/500 dst inside:10.1.1.1/500 by access-group \"outside_in\" [0x0, 0x0]\n"
      "Jun 21 2005 20:47:40 asa1 : %ASA-5-713119: Group = 198.51.100.110, IP = 198.51.100.110, PHASE 1 COMPLETED\n"
      "Jun 21 2005 20:47:41 asa1 : %ASA-3-713061: Group = 198.51.100.110, IP = 198.51.100.110, Rejecting IPSec tunnel: no matching crypto map entry for remote proxy "
      "192.0.2.0/255.255.255.0/0/0 local proxy 10.0.16.0/255.255.255.0/0/0 on interface outside\n"
      "Jun 21 2005 20:47:44 asa1 : %ASA-6-113004: AAA user authentication Successful : server =  192.0.2.38 : user = bob\n"
      "Jun 21 2005 20:47:45 asa1 : %ASA-5-713119: Group = vpn-users, Username = bob, IP = 203.0.113.77, PHASE 1 COMPLETED\n"
      "Jun 21 2005 20:47:45 asa1 : %ASA-6-713228: Group = vpn-users, Username = bob, IP = 203.0.113.77, Assigned private IP address 10.20.30.11 to remote user\n"
      "Jun 21 2005 20:47:46 asa1 : %ASA-5-713120: Group = vpn-users, Username = bob, IP = 203.0.113.77, PHASE 2 COMPLETED (msgid=a3c7fdcd)\n";
  const std::string am1 = "1 20:47:46.335 06/21/05 Sev=Info/4 IKE/0x63000013\nSENDING >>> ISAKMP OAK AG (SA, KE, NON, ID, VID(Xauth)) to 172.16.172.119\n";
  const std::string am2 = "2 20:47:46.535 06/21/05 Sev=Info/4 IKE/0x63000014\nRECEIVING <<< ISAKMP OAK AG (SA, KE, NON, ID, HASH, VID(Unity)) from 172.16.172.119\n";
  const std::string silent = am1 + "3 20:47:51.335 06/21/05 Sev=Info/4 IKE/0x63000013\nSENDING >>> ISAKMP OAK AG (Retransmission) to 172.16.172.119\n"
                             "4 20:48:06.335 06/21/05 Sev=Info/4 CM/0x63100014\nUnable to establish Phase 1 SA with server \"172.16.172.119\" because of \"DEL_REASON_PEER_NOT_RESPONDING\"\n";
  const std::string hash_failed = am1 + am2 + "4 20:47:46.537 06/21/05 Sev=Warning/2 IKE/0xE300007E\nHash verification failed... may be configured with invalid group password.\n";
  const std::string gave_up = am1 + am2 + "3 20:47:46.555 06/21/05 Sev=Info/4 IKE/0x63000013\nSENDING >>> ISAKMP OAK AG *(HASH, NOTIFY:STATUS_INITIAL_CONTACT) to 172.16.172.119\n"
                              "4 20:47:46.955 06/21/05 Sev=Info/4 CM/0x63100015\nLaunch xAuth application\n5 20:47:52.955 06/21/05 Sev=Info/4 CM/0x63100017\nxAuth application returned\n"
                              "6 20:47:53.955 06/21/05 Sev=Info/4 CM/0x63100015\nLaunch xAuth application\n"
                              "7 20:47:58.955 06/21/05 Sev=Info/4 CM/0x63100018\nUser does not provide any authentication data\n";
  struct {
    std::string client, own_line;
    Cause cause;
    Grade grade;
    JoinStrength join;
  } const cases[] = {
      {silent, "", Cause::udp500_blocked, Grade::guess, JoinStrength::one_sided},
      {silent, "Jun 21 2005 20:47:47 asa1 : %ASA-3-713022: IP = 203.0.113.30, No Group found matching salez for Pre-shared key peer 203.0.113.30\n", Cause::group_name_unknown,
       Grade::certain, JoinStrength::strong},
      {hash_failed, "Jun 21 2005 20:47:47 asa1 : %ASA-5-713904: Group = sales, IP = 203.0.113.30, Received an un-encrypted INVALID_HASH_INFO notify message, dropping\n",
       Cause::group_password_mismatch, Grade::certain, JoinStrength::strong},
      {gave_up, "Jun 21 2005 20:47:53 asa1 : %ASA-6-113005: AAA user authentication Rejected : reason = Invalid password : server = 192.0.2.38 : user = alice : user IP = 203.0.113.30\n",
       Cause::user_password_wrong, Grade::certain, JoinStrength::strong},
  };
  for (const auto& each : cases) {
    const Explanation explanation = explained({{"client.log", each.client}, {"asa.log", others + each.own_line}});
    std::size_t of_client = 0;
    for (const Verdict& verdict : explanation.verdicts) {
      const bool has_client = std::ranges::any_of(verdict.evidence, [](const Evidence& piece) { return piece.side == Vantage::client; });
      if (verdict.user == "bob") {
        EXPECT_EQ(Cause::connected, verdict.cause) << each.own_line;
      }
      if (!has_client) continue;
      ++of_client;
      EXPECT_EQ(each.cause, verdict.cause) << each.own_line;
      EXPECT_EQ(each.grade, verdict.grade) << each.own_line;
      EXPECT_EQ(each.join, verdict.join) << each.own_line;
    }
    EXPECT_EQ(1u, of_client) << each.own_line;
  }
}

TEST(Explain, a_directory_without_logs_is_an_error) {
  std::vector<LogFile> files;
  std::string error;
  EXPECT_FALSE(read_log_files({std::string(VPNVERDICT_SOURCE_DIR) + "/correlator"}, files, error));
  EXPECT_NE(std::string::npos, error.find("holds no *.log file"));
}

TEST(Explain, every_cause_has_words) {
  for (const CauseRow& row : kCauses) {
    EXPECT_NE("unknown cause", headline_of(row.cause)) << row.name;
    EXPECT_LE(headline_of(row.cause).size(), 75u) << row.name;
  }
  for (std::size_t i = 0; i < kMilestoneCount; ++i) EXPECT_FALSE(story_of(static_cast<Milestone>(i)).empty());
}

TEST(Terminal, printable_lets_no_control_through) {
  EXPECT_EQ("a b?c?\xEF\xBF\xBD" "d", printable("a\tb\x1b" "c\x7F\xFF" "d\r"));
  EXPECT_EQ("M\xC3\xBCller", printable("M\xC3\xBCller"));
  EXPECT_EQ("ab", printable("a\xE2\x80\xAE" "b"));
}

TEST(Terminal, wraps_at_blanks_and_cuts_long_words) {
  EXPECT_EQ((std::vector<std::string>{"one two", "three"}), wrapped("one two three", 8));
  EXPECT_EQ((std::vector<std::string>{"x", "abcd", "efgh", "ij k"}), wrapped("x abcdefghij k", 4));
  EXPECT_TRUE(wrapped("   ", 4).empty());
  EXPECT_EQ("abc…", shortened("abcdefgh", 4));
  EXPECT_EQ("…é:1", shortened_front("abcdé:1", 4));
  EXPECT_EQ("dé:1", shortened_front("dé:1", 4));
  EXPECT_EQ("1,234,567", with_thousands(1234567));
}

TEST(RulesMd, the_committed_file_is_what_the_program_writes) {
  std::ifstream in(std::string(VPNVERDICT_SOURCE_DIR) + "/correlator/RULES.md", std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  EXPECT_EQ(text.str(), rules_markdown()) << "run: vpnverdict rules --format md > correlator/RULES.md";
}

TEST(RulesMd, every_cause_and_the_eight_steps_are_in_it) {
  const std::string text = rules_markdown();
  for (const CauseRow& row : kCauses) EXPECT_NE(std::string::npos, text.find("### " + std::string(row.name) + "\n")) << row.name;
  for (int step = 1; step <= 8; ++step) EXPECT_NE(std::string::npos, text.find("## Step " + std::to_string(step) + ". ")) << step;
}

}  // namespace
}  // namespace vpnverdict
