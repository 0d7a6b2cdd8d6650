// Reading files: every line is accounted for, several files meet by time, and nothing depends on how they are cut.
#include "pipeline/replay.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <unistd.h>

#include <gtest/gtest.h>

#include "pipeline/line_reader.h"
#include "pipeline/verdict_json.h"
#include "correlator/limits.h"

namespace vpnverdict {
namespace {

constexpr std::string_view kClient =
    "11 20:10:00.100 06/21/05 Sev=Info/4\tIKE/0x63000013\n"
    "SENDING >>> ISAKMP OAK AG (SA, KE, NON, ID, VID(Xauth)) to 172.16.172.119\n"
    "\n"
    "12 20:10:00.300 06/21/05 Sev=Info/4\tIKE/0x63000014\n"
    "RECEIVING <<< ISAKMP OAK AG (SA, KE, NON, ID, HASH, VID(Xauth)) from 172.16.172.119\n"
    "13 20:10:00.400 06/21/05 Sev=Warning/2\tIKE/0xE3000099\n"
    "Hash verification failed... may be configured with invalid group password.\n"
    "14 20:10:00.410 06/21/05 Sev=Info/4\tIKE/0x63000013\n"
    "SENDING >>> ISAKMP OAK INFO (NOTIFY:INVALID_HASH_INFO) to 172.16.172.119\n";
constexpr std::string_view kConcentrator =
    "1 06/21/2005 20:10:00.200 SEV=8 IKEDBG/0 RPT=2955 192.168.1.100\n"
    "RECEIVED Message (msgid=0) with payloads : HDR + SA (1) + KE (4) + NONCE (10) + ID (5) + NONE (0) ... total length : 561\n"
    "2 06/21/2005 20:10:00.210 SEV=7 IKEDBG/0 RPT=2956 192.168.1.100\n"
    "Group [mygroup]\n"
    "Found Phase 1 Group (mygroup)\n"
    "3 06/21/2005 20:10:00.500 SEV=5 IKE/68 RPT=3 192.168.1.100\n"
    "Group [mygroup]\n"
    "Received non-routine Notify message: Invalid hash info (23)\n";

struct Outcomes {
  Replayed replayed;
  std::vector<Verdict> verdicts;
  std::vector<std::string> json;
  std::vector<std::string> order;  // source:line of each event in the order of delivery
  std::vector<std::string> rejects;
};

Outcomes run(const std::vector<ReplaySource>& sources, ReplayOptions options = {}) {
  static const Inventory kNoInventory;
  Outcomes out;
  std::vector<std::string> names;
  for (const ReplaySource& source : sources) names.push_back(source.name);
  ReplayHooks hooks;
  hooks.verdict = [&](const Verdict& verdict) {
    out.verdicts.push_back(verdict);
    out.json.push_back(to_json(verdict, names));
  };
  hooks.event = [&](const Event& event) {
    out.order.push_back(names[event.ref.source] + ":" + std::to_string(event.ref.position));
  };
  hooks.reject = [&](const RejectedLine& line) {
    out.rejects.push_back(std::string(name_of(line.reason)) + " " + std::string(line.source) + ":" +
                          std::to_string(line.line));
  };
  out.replayed = replay(sources, kNoInventory, options, hooks);
  return out;
}

ReplaySource text_source(std::string name, std::string_view text) {
  ReplaySource source;
  source.name = std::move(name);
  source.text = text;
  return source;
}

TEST(Replay, both_sides_of_an_attempt_meet) {
  ReplayOptions options;
  options.correlator.presume_one_incident = true;  // nothing but the minute tells that the two belong together
  const Outcomes out = run({text_source("client", kClient), text_source("concentrator", kConcentrator)}, options);
  EXPECT_EQ("", out.replayed.error);
  ASSERT_FALSE(out.verdicts.empty());
  const Verdict& last = out.verdicts.back();
  EXPECT_EQ(Cause::group_password_mismatch, last.cause);
  EXPECT_NE(JoinStrength::one_sided, last.join);
}

TEST(Replay, several_files_are_merged_by_time_and_keep_their_own_order) {
  const Outcomes out = run({text_source("c", kClient), text_source("g", kConcentrator)});
  const std::vector<std::string> expected = {"c:1", "g:1", "g:3", "c:4", "c:6", "c:8", "g:6"};
  EXPECT_EQ(expected, out.order);
}

TEST(Replay, the_order_of_the_files_on_the_command_line_does_not_matter) {
  const Outcomes one = run({text_source("c", kClient), text_source("g", kConcentrator)});
  const Outcomes other = run({text_source("g", kConcentrator), text_source("c", kClient)});
  ASSERT_EQ(one.verdicts.size(), other.verdicts.size());
  for (std::size_t i = 0; i < one.verdicts.size(); ++i) {
    EXPECT_EQ(one.verdicts[i].id, other.verdicts[i].id);
    EXPECT_EQ(one.verdicts[i].cause, other.verdicts[i].cause);
  }
}

TEST(Replay, every_line_is_accounted_for) {
  const std::string text = std::string(kClient) + "what is this?\n\n{\"broken\": \n" + std::string(kConcentrator) + "no line end";
  const Outcomes out = run({text_source("all", text)});
  const LineCounts& lines = out.replayed.lines;
  EXPECT_EQ(static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n') + 1), lines.read);
  EXPECT_EQ(lines.read, lines.lines());
  EXPECT_EQ(1u, lines.rejected(Reject::bad_json));
}

TEST(Replay, any_bytes_are_accounted_for) {
  std::uint32_t seed = 4711;
  SCOPED_TRACE("seed 4711");
  const auto next = [&seed] { return seed = seed * 1664525u + 1013904223u, seed >> 16; };
  for (int round = 0; round < 50; ++round) {
    std::string text(kClient);
    for (std::size_t i = 0; i < 40; ++i) text[next() % text.size()] = static_cast<char>(next());
    const Outcomes out = run({text_source("damaged", text), text_source("g", kConcentrator)});
    EXPECT_EQ(out.replayed.lines.read, out.replayed.lines.lines()) << "round " << round;
  }
}

TEST(Replay, a_line_that_is_too_long_is_rejected_once_and_the_next_is_read) {
  const std::string text = std::string(3 * kLineBytesMax, 'x') + "\n" + std::string(kConcentrator);
  const Outcomes out = run({text_source("g", text)});
  ASSERT_FALSE(out.rejects.empty());
  EXPECT_EQ("too_long g:1", out.rejects[0]);
  EXPECT_EQ(1u, out.replayed.lines.rejected());
  EXPECT_EQ("g:2", out.order[0]);
}

TEST(Replay, shards_change_no_verdict) {
  const std::vector<ReplaySource> sources = {text_source("c", kClient), text_source("g", kConcentrator)};
  const Outcomes one = run(sources);
  for (std::size_t shards = 2; shards <= 8; ++shards) {
    ReplayOptions options;
    options.shards = shards;
    EXPECT_EQ(one.json, run(sources, options).json) << shards << " shards";
  }
}

TEST(Replay, an_export_with_the_newest_line_first_reads_like_the_file_itself) {
  std::string forwards;
  std::string backwards;
  for (int i = 10; i < 20; ++i) {
    const std::string line = "Jun 21 20:10:" + std::to_string(i) + " vpn1 " + std::to_string(i) + " 06/21/2005 20:10:" +
                             std::to_string(i) + ".100 SEV=8 IKEDBG/0 RPT=" + std::to_string(i) +
                             " 192.168.1." + std::to_string(i) + "  RECEIVED Message (msgid=0) with payloads : HDR + SA (1) + KE (4) + NONCE (10) + ID (5) + NONE (0) total length : 561\n";
    forwards += line;
    backwards.insert(0, line);
  }
  ReplaySource reversed = text_source("g", backwards);
  reversed.newest_first.emplace();
  const Outcomes out = run({reversed});
  const std::vector<std::string> expected = {"g:10", "g:9", "g:8", "g:7", "g:6", "g:5", "g:4", "g:3", "g:2", "g:1"};
  EXPECT_EQ(expected, out.order);
  EXPECT_EQ(run({text_source("g", forwards)}).verdicts.size(), out.verdicts.size());
}

TEST(Replay, one_stamp_from_the_far_future_does_not_end_the_open_attempts) {
  const std::string text =
      "1 06/21/2005 20:10:00.200 SEV=8 IKEDBG/0 RPT=2955 192.168.1.100\n"
      "RECEIVED Message (msgid=0) with payloads : HDR + SA (1) + KE (4) + NONCE (10) + ID (5) + NONE (0) total length : 561\n"
      "2 06/21/2035 20:10:00.210 SEV=4 HTTP/47 RPT=1 10.1.1.1\n"
      "New administrator login: admin.\n"
      "3 06/21/2005 20:10:03.210 SEV=7 IKEDBG/0 RPT=2956 192.168.1.100\n"
      "Group [mygroup]\n"
      "Found Phase 1 Group (mygroup)\n";
  const Outcomes out = run({text_source("g", text)});
  for (const Verdict& verdict : out.verdicts) EXPECT_EQ(Cause::in_progress, verdict.cause);
  EXPECT_EQ(0u, out.replayed.shard.late);
}

// Messages of two lines are put together for each host; of no more hosts than 1,024 at a time.
TEST(Replay, the_host_that_was_not_heard_for_longest_is_given_up) {
  std::size_t hosts = 0;
  const auto others = [&hosts](std::size_t count) {
    std::string lines;
    for (const std::size_t end = hosts + count; hosts < end; ++hosts)
      lines += R"({"host":"pc-)" + std::to_string(hosts) + R"(","message":"1 20:10:00.000 06/21/05 Sev=Info/4\tCM/0x63100002"})" + "\n";
    return lines;
  };
  const auto ours = [](std::string_view line) { return R"({"host":"ours","message":")" + std::string(line) + "\"}\n"; };
  const std::string begin = ours(R"(13 20:10:00.400 06/21/05 Sev=Warning/2\tIKE/0xE3000099)");
  const std::string middle = ours("Hash verification failed...");
  const std::string end = ours("may be configured with invalid group password.");
  const auto is_whole = [](const std::string& text) {
    ReplayHooks hooks;
    bool whole = false;
    hooks.event = [&](const Event& event) { whole |= event.text.starts_with("13 ") && event.text.ends_with("invalid group password."); };
    replay({text_source("all", text)}, Inventory(), {}, hooks);
    return whole;
  };
  EXPECT_TRUE(is_whole(begin + others(1023) + middle + end));
  EXPECT_FALSE(is_whole(begin + others(1024) + middle + end));
  EXPECT_TRUE(is_whole(begin + others(1000) + middle + others(1000) + end)) << "it is the first that came, but others were not heard for longer";
}

TEST(Replay, a_missing_file_is_named_and_nothing_is_read) {
  ReplaySource missing;
  missing.name = missing.path = "/does/not/exist.log";
  const Outcomes out = run({text_source("c", kClient), missing});
  EXPECT_EQ("/does/not/exist.log: No such file or directory", out.replayed.error);
  EXPECT_EQ(0u, out.replayed.lines.read);
}

TEST(Replay, a_directory_is_no_input) {
  ReplaySource directory;
  directory.name = directory.path = "/tmp";
  EXPECT_EQ("/tmp: is a directory", run({directory}).replayed.error);
}

// charon-systemd through a shipper of the journal: the text is bare, the negotiation's number a field of its own, and two clients'
// lines come in turns.
TEST(Replay, the_journals_number_of_a_negotiation_keeps_two_clients_apart) {
  const auto journal = [](int second, int session, std::string_view text) {
    return R"({"__REALTIME_TIMESTAMP":"17956105)" + std::to_string(80 + second) + R"(000000","_HOSTNAME":"gw","SYSLOG_IDENTIFIER":"charon-systemd","MESSAGE":")" +
           std::string(text) + R"(","GROUP":"IKE","THREAD":"7","IKE_SA_UNIQUE_ID":")" + std::to_string(session) + "\"}\n";
  };
  const std::string text = journal(1, 1, "received packet: from 198.51.100.182[500] to 203.0.113.97[500] (548 bytes)") +
                           journal(1, 1, "198.51.100.182 is initiating a Aggressive Mode IKE_SA") +
                           journal(1, 2, "received packet: from 198.51.100.7[500] to 203.0.113.97[500] (548 bytes)") +
                           journal(1, 2, "198.51.100.7 is initiating a Aggressive Mode IKE_SA") +
                           journal(2, 1, "no proposal found") +
                           journal(3, 2, "looking for XAuthInitPSK peer configs matching 203.0.113.97...198.51.100.7[nosuch]") +
                           journal(3, 2, "no peer config found");
  const Outcomes out = run({text_source("journal", text)});
  std::vector<std::pair<std::string, Cause>> told;
  for (const Verdict& verdict : out.verdicts)
    if (verdict.final) told.emplace_back(verdict.peer_ip, verdict.cause);
  std::ranges::sort(told);
  EXPECT_EQ((std::vector<std::pair<std::string, Cause>>{{"198.51.100.182", Cause::ike_proposal_mismatch}, {"198.51.100.7", Cause::group_name_unknown}}), told);
}

class LineReaderFile : public ::testing::Test {
 protected:
  void write(const std::string& text) { std::ofstream(path_, std::ios::binary) << text; }
  std::vector<std::string> lines() {
    std::string error;
    const std::unique_ptr<LineReader> reader = LineReader::open(path_, error);
    std::vector<std::string> out;
    std::string_view line;
    for (LineReader::Got got; (got = reader->next(line)) != LineReader::Got::end;)
      out.push_back((got == LineReader::Got::too_long ? "! " : "") + std::string(line));
    EXPECT_EQ(std::filesystem::file_size(path_), reader->bytes());
    return out;
  }
  void TearDown() override { std::filesystem::remove(path_); }
  const std::string path_ = ::testing::TempDir() + "vpnverdict_lines_" + std::to_string(::getpid());
};

TEST_F(LineReaderFile, line_ends_of_both_kinds_and_none) {
  write("a\r\n\nb\nc");
  EXPECT_EQ((std::vector<std::string>{"a", "", "b", "c"}), lines());
}

TEST_F(LineReaderFile, lines_across_the_borders_of_reads_are_whole) {
  std::string text;
  std::vector<std::string> expected;
  for (int i = 0; i < 60'000; ++i) {
    expected.push_back(std::string(static_cast<std::size_t>(i % 97), 'a') + std::to_string(i));
    text += expected.back() + "\n";
  }
  ASSERT_GT(text.size(), std::size_t{3} << 20);
  write(text);
  EXPECT_EQ(expected, lines());
}

TEST_F(LineReaderFile, a_line_longer_than_the_buffer_is_cut_and_skipped) {
  write("a\n" + std::string(5u << 20, 'x') + "\nb\n");
  const std::vector<std::string> got = lines();
  ASSERT_EQ(3u, got.size());
  EXPECT_EQ("a", got[0]);
  EXPECT_EQ("! " + std::string(kLineBytesMax, 'x'), got[1]);
  EXPECT_EQ("b", got[2]);
}

TEST_F(LineReaderFile, the_longest_line_that_is_allowed) {
  write(std::string(kLineBytesMax, 'x') + "\r\nb");
  EXPECT_EQ((std::vector<std::string>{std::string(kLineBytesMax, 'x'), "b"}), lines());
}

TEST_F(LineReaderFile, an_empty_file_has_no_line) {
  write("");
  EXPECT_TRUE(lines().empty());
}

}  // namespace
}  // namespace vpnverdict
