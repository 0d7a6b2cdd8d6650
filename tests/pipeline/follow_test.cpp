// The live mode of `replay -`: a made-up pipe, a made-up clock and a made-up shipper. Nothing waits and nothing sleeps.
#include "pipeline/follow.h"

#include <algorithm>
#include <deque>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <unistd.h>

#include <gtest/gtest.h>

#include "pipeline/generate.h"
#include "pipeline/replay.h"
#include "pipeline/verdict_json.h"

namespace vpnverdict {
namespace {

constexpr Timestamp kNow = 1'764'072'000'000;  // 2025-11-25T12:00:00Z
constexpr Timestamp kMinute = 60'000;

// What the shipper does next, one step for each time that the pipe is found empty.
class Script {
 public:
  Script& writes(std::string text) { return step([this, text = std::move(text)] { write(text); }); }
  Script& waits(Timestamp ms) {  // a second at a time, as the clock would
    for (; ms > 0; ms -= 1'000) step([this, ms] { now_ += std::min<Timestamp>(ms, 1'000); });
    return *this;
  }
  Script& does(std::function<void()> what) { return step(std::move(what)); }
  Script& closes() { return step([this] { close(); }); }
  void set_calendar(Timestamp now) { calendar_ = now; }
  // In the middle of a step.
  void stop() { stop_ = true; }
  void pass(Timestamp ms) { now_ += ms; }
  void write(std::string_view text) {
    ASSERT_LE(text.size(), 60'000u) << "less than a pipe holds";
    EXPECT_EQ(static_cast<ssize_t>(text.size()), ::write(write_end_, text.data(), text.size()));
    written_ += text.size();
  }

  FollowWorld world() {
    FollowWorld world;
    world.calendar = [this] { return calendar_ + now_; };
    world.steady = [this] { return 5'000 + now_; };  // of another beginning than the calendar
    world.wait = [this](Timestamp ms) { return wait(ms); };
    world.confirm = [this](std::string_view words) {
      answers.append(words);
      return true;
    };
    return world;
  }
  std::unique_ptr<LineReader> lines() {
    int ends[2];
    EXPECT_EQ(0, ::pipe(ends));
    write_end_ = ends[1];
    return std::make_unique<LineReader>(ends[0]);
  }
  ~Script() { close(); }
  Script() = default;
  Script(const Script&) = delete;
  Script& operator=(const Script&) = delete;

  std::string answers;

 private:
  Script& step(std::function<void()> what) {
    steps_.push_back(std::move(what));
    return *this;
  }
  void close() {
    if (write_end_ >= 0) ::close(write_end_);
    write_end_ = -1;
  }
  FollowWorld::Waited wait(Timestamp ms) {
    // LineReader reads all there is at once: what was written since the last call is in the pipe.
    if (written_ == 0 && write_end_ >= 0) {
      if (steps_.empty()) {
        if (stop_) now_ += std::max<Timestamp>(1, ms);  // a quiet pipe: time passes
        else close();
      } else {
        steps_.front()();
        steps_.pop_front();
      }
    }
    const bool input = written_ != 0 || write_end_ < 0;
    written_ = 0;
    return {input, stop_};
  }

  std::deque<std::function<void()>> steps_;
  Timestamp calendar_ = kNow + 1'000;
  Timestamp now_ = 0;
  std::size_t written_ = 0;
  int write_end_ = -1;
  bool stop_ = false;
};

const std::vector<std::string> kNames = {"stdin"};

struct Told {
  Followed followed;
  std::vector<std::string> json;
  std::vector<Verdict> verdicts;
  std::vector<std::string> problems;
};

class Follow : public ::testing::Test {
 protected:
  Follow() { std::filesystem::create_directories(directory_); }
  ~Follow() override { std::filesystem::remove_all(directory_); }

  Told run(Script& script, FollowOptions options, const Inventory& inventory = {}) {
    Told told;
    FollowHooks hooks;
    hooks.verdict = [&](const Verdict& verdict) {
      told.verdicts.push_back(verdict);
      told.json.push_back(to_json(verdict, kNames));
      return true;
    };
    hooks.problem = [&](const std::string& sentence) { told.problems.push_back(sentence); };
    told.followed = follow(script.lines(), script.world(), inventory, options, hooks);
    return told;
  }
  FollowOptions stateful() const {
    FollowOptions options;
    options.state_file = state_;
    return options;
  }

  const std::string directory_ = ::testing::TempDir() + "vpnverdict_follow_" + std::to_string(::getpid());
  const std::string state_ = directory_ + "/state";
};

// One line as a shipper wraps it: received `ms` after kNow.
std::string record(std::string_view text, Timestamp ms, std::string_view host = "vpn1") {
  std::string out = "{\"@timestamp\":" + std::to_string(kNow + ms) + ",\"host\":\"" + std::string(host) + "\",\"message\":\"";
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"}\n";
}

// One attempt in the concentrator's words: heard, group found, and then the client says why it gives up.
const std::string kHeard = record(
    "1 11/25/2025 12:00:00.200 SEV=8 IKEDBG/0 RPT=2955 192.0.2.7 \nRECEIVED Message (msgid=0) with payloads : HDR + SA (1) + "
    "KE (4) + NONCE (10) + ID (5) + NONE (0) ... total length : 561", 200);
const std::string kGroupFound =
    record("2 11/25/2025 12:00:00.210 SEV=7 IKEDBG/0 RPT=2956 192.0.2.7 \nGroup [mygroup]\nFound Phase 1 Group (mygroup)", 210);
const std::string kHashRefused = record(
    "3 11/25/2025 12:00:00.500 SEV=5 IKE/68 RPT=3 192.0.2.7 \nGroup [mygroup]\nReceived non-routine Notify message: Invalid "
    "hash info (23)", 500);
constexpr Timestamp kLongEnough = 10 * kMinute;  // for any protocol here to have given up

std::string content(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The one attempt's last word; it may have been told early.
Verdict only_final(const Told& told) {
  std::vector<Verdict> finals;
  for (const Verdict& verdict : told.verdicts)
    if (verdict.final) finals.push_back(verdict);
  EXPECT_EQ(1u, finals.size());
  for (const Verdict& verdict : told.verdicts) EXPECT_EQ(told.verdicts.front().id, verdict.id);
  return finals.empty() ? Verdict{} : finals.front();
}

TEST_F(Follow, without_a_state_file_the_end_of_the_input_tells_what_is_open) {
  Script script;
  script.writes(kHeard + kGroupFound).closes();
  const Told told = run(script, {});
  EXPECT_EQ(1u, told.verdicts.size());
  EXPECT_EQ(1u, told.followed.replayed.shard.attempts_final);
}

TEST_F(Follow, with_a_state_file_it_stays_open) {
  Script script;
  script.writes(kHeard + kGroupFound).closes();
  const Told told = run(script, stateful());
  EXPECT_TRUE(told.verdicts.empty());
  EXPECT_TRUE(std::filesystem::exists(state_));
}

TEST_F(Follow, an_attempt_that_straddles_a_restart_gets_its_one_verdict) {
  Script whole;
  whole.writes(kHeard + kGroupFound + kHashRefused).waits(kLongEnough).closes();
  FollowOptions other = stateful();
  other.state_file += ".other";
  const Told expected = run(whole, other);
  EXPECT_EQ(Cause::group_password_mismatch, only_final(expected).cause);

  Script before;
  before.writes(kHeard + kGroupFound).closes();
  EXPECT_TRUE(run(before, stateful()).verdicts.empty());
  Script after;
  after.writes(kHashRefused).waits(kLongEnough).closes();
  const Told told = run(after, stateful());
  EXPECT_TRUE(told.followed.restored);
  EXPECT_EQ(expected.json, told.json) << "the line numbers of the evidence included";

  Script later;
  later.waits(kLongEnough).closes();
  EXPECT_TRUE(run(later, stateful()).verdicts.empty()) << "what was told is not told again";
}

TEST_F(Follow, time_passes_while_the_pipe_is_quiet) {
  for (const Timestamp quiet : {Timestamp{4'000}, kLongEnough}) {
    std::filesystem::remove(state_);
    Script script;
    script.writes(kHeard + kGroupFound).waits(quiet).closes();
    EXPECT_EQ(quiet == kLongEnough ? 1u : 0u, run(script, stateful()).verdicts.size()) << quiet;
  }
}

TEST_F(Follow, a_restart_does_not_count_as_time) {
  Script before;
  before.writes(kHeard + kGroupFound).closes();
  run(before, stateful());
  Script after;  // an hour later by its clock; what was logged meanwhile is still to come
  after.set_calendar(kNow + 60 * kMinute);
  after.waits(2'000).writes(kHashRefused).waits(kLongEnough).closes();
  const Told told = run(after, stateful());
  EXPECT_EQ(Cause::group_password_mismatch, only_final(told).cause);
}

TEST_F(Follow, a_stamp_before_the_present_needs_no_witness_and_one_far_ahead_of_it_is_not_believed) {
  const std::string other = "1 11/25/2025 12:30:00.200 SEV=8 IKEDBG/0 RPT=2955 192.0.2.8 \nRECEIVED Message (msgid=0) with "
                            "payloads : HDR + SA (1) + KE (4) + NONCE (10) + ID (5) + NONE (0) ... total length : 561";
  for (const bool past : {true, false}) {
    std::filesystem::remove(state_);
    Script script;
    if (past) script.set_calendar(kNow + 31 * kMinute);
    script.writes(kHeard + kGroupFound + record(other, 30 * kMinute)).closes();
    EXPECT_EQ(past ? 1u : 0u, run(script, stateful()).verdicts.size()) << past;
  }
}

TEST_F(Follow, a_line_without_an_envelope_was_received_when_it_came) {
  Script script;  // the concentrator's clock stands in 2005; only the arrival tells that time passes
  script.writes("1 06/21/2005 20:10:00.200 SEV=8 IKEDBG/0 RPT=2955 192.0.2.7 RECEIVED Message (msgid=0) with payloads : HDR + "
                "SA (1) + KE (4) + NONCE (10) + ID (5) + NONE (0) ... total length : 561\n")
      .waits(kLongEnough)
      .closes();
  EXPECT_EQ(1u, run(script, stateful()).verdicts.size());
}

TEST_F(Follow, a_stop_reads_what_the_pipe_holds_and_waits_for_the_end_of_a_line) {
  const std::string half = kHashRefused.substr(0, 40);
  Script script;
  script.writes(kHeard).does([&] {
    script.write(kGroupFound + half);
    script.stop();
  });
  script.writes(kHashRefused.substr(40));
  const Told told = run(script, stateful());
  EXPECT_EQ(3u, told.followed.replayed.lines.read);
  EXPECT_EQ(0u, told.followed.replayed.lines.rejected());
}

TEST_F(Follow, a_writer_that_goes_on_for_ever_does_not_keep_a_stop_from_ending) {
  Script script;
  script.does([&] { script.stop(); });
  for (int i = 0; i < 100; ++i)
    script.does([&] {
      script.write("noise\n");
      script.pass(1'000);
    });
  EXPECT_LT(run(script, {}).followed.replayed.lines.read, 10u);
}

TEST_F(Follow, what_was_read_before_a_kill_is_not_lost) {
  const std::string kept = directory_ + "/kept";
  for (const bool restarted_before : {false, true}) {
    std::filesystem::remove(state_);
    Script killed;
    killed.writes(kHeard);
    if (restarted_before) {
      killed.closes();
      run(killed, stateful());
    }
    Script again;
    if (!restarted_before) again.writes(kHeard);
    again.writes(kGroupFound).waits(3'000).does([&] {
      for (const char* part : {"", ".journal"})
        if (std::filesystem::exists(state_ + part)) std::filesystem::copy_file(state_ + part, kept + part);
    }).writes("noise\n");
    run(again, stateful());
    for (const char* part : {"", ".journal"}) {  // as if nothing had been written since
      std::filesystem::remove(state_ + part);
      if (std::filesystem::exists(kept + part)) std::filesystem::rename(kept + part, state_ + part);
    }
    Script after;
    after.writes(kHashRefused).waits(kLongEnough).closes();
    const Told told = run(after, stateful());
    EXPECT_EQ(Cause::group_password_mismatch, only_final(told).cause);
    ASSERT_FALSE(told.verdicts.empty());
    EXPECT_EQ(3u, told.verdicts.back().evidence.size()) << "each line once";
  }
}

TEST_F(Follow, the_torn_end_of_a_journal_is_dropped) {
  std::ofstream(state_ + ".journal", std::ios::binary) << "1 1764072000000 5 noise\n2 1764072000000 50 noi";
  Script script;
  script.writes("noise\n").closes();
  const Told told = run(script, stateful());
  EXPECT_TRUE(told.problems.empty());
  EXPECT_EQ(2u, told.followed.replayed.lines.read);
}

TEST_F(Follow, a_line_that_stands_in_state_and_journal_is_judged_once) {
  Script before;
  before.writes(kHeard).closes();
  run(before, stateful());  // one line
  std::ofstream(state_ + ".journal", std::ios::binary) << "1 1764072000000 5 noise\n2 1764072000000 5 noise\n";
  Script after;
  after.closes();
  EXPECT_EQ(1u, run(after, stateful()).followed.replayed.lines.read);
}

TEST_F(Follow, every_line_is_confirmed) {
  FollowOptions options = stateful();
  options.confirm = true;
  Script script;
  script.writes(kHeard + kGroupFound).writes("\n").closes();
  run(script, options);
  EXPECT_EQ("OK\n" "OK\nOK\n" "OK\n", script.answers) << "one that says ready, one for each line";
}

TEST_F(Follow, a_transaction_is_confirmed_when_its_lines_are_kept) {
  FollowOptions options = stateful();
  options.confirm = true;
  Script script;
  script.writes("BEGIN TRANSACTION\n" + kHeard + kGroupFound + "COMMIT TRANSACTION\n")
      .does([&] { EXPECT_NE(std::string::npos, content(state_ + ".journal").find("Found Phase 1")); })
      .closes();
  const Told told = run(script, options);
  EXPECT_EQ("OK\n" "OK\n" "DEFER_COMMIT\nDEFER_COMMIT\n" "OK\n", script.answers);
  EXPECT_EQ(2u, told.followed.replayed.lines.read) << "the marks are no log lines";
}

TEST_F(Follow, a_batch_that_was_cut_off_comes_again_and_changes_nothing) {
  FollowOptions options = stateful();
  options.confirm = true;
  Script cut;
  cut.writes("BEGIN TRANSACTION\n" + kHeard + "COMMIT TRANSACTION\nBEGIN TRANSACTION\n" + kGroupFound).closes();
  run(cut, options);
  Script again;
  again.writes("BEGIN TRANSACTION\n" + kGroupFound + kHashRefused + "COMMIT TRANSACTION\n").waits(kLongEnough).closes();
  const Told told = run(again, options);
  EXPECT_EQ(Cause::group_password_mismatch, only_final(told).cause);
  ASSERT_FALSE(told.verdicts.empty());
  EXPECT_EQ(3u, told.verdicts.back().evidence.size());
}

TEST_F(Follow, a_transaction_that_cannot_be_kept_is_not_confirmed) {
  FollowOptions options;
  options.state_file = directory_ + "/no/such/directory/state";
  options.confirm = true;
  Script script;
  script.writes("BEGIN TRANSACTION\n" + kHeard + "COMMIT TRANSACTION\n").closes();
  const Told told = run(script, options);
  EXPECT_TRUE(script.answers.ends_with("DEFER_COMMIT\nthe state cannot be kept\n")) << script.answers;
  EXPECT_FALSE(told.problems.empty());
  EXPECT_FALSE(told.followed.replayed.error.empty());
}

TEST_F(Follow, a_verdict_that_cannot_be_written_ends_the_run_and_is_told_by_the_next) {
  Script before;
  before.writes(kHeard + kGroupFound).closes();
  run(before, stateful());
  const std::string saved = content(state_);
  Script full;
  full.waits(kLongEnough).closes();
  FollowHooks hooks;
  hooks.verdict = [](const Verdict&) { return false; };
  const Inventory inventory;
  EXPECT_FALSE(follow(full.lines(), full.world(), inventory, stateful(), hooks).told_all);
  EXPECT_EQ(saved, content(state_));
  Script after;
  after.waits(kLongEnough).closes();
  EXPECT_EQ(1u, run(after, stateful()).verdicts.size());
}

TEST_F(Follow, a_state_that_does_not_fit_is_named_and_left_aside) {
  Script before;
  before.writes(kHeard).closes();
  run(before, stateful());
  FollowOptions two = stateful();
  two.shards = 2;
  Script other_shards;
  other_shards.closes();
  EXPECT_EQ(1u, run(other_shards, two).problems.size());

  std::ofstream(state_, std::ios::binary) << "vpnverdict state 1\nnot really";
  Script damaged;
  damaged.writes(kHeard).closes();
  const Told told = run(damaged, stateful());
  ASSERT_EQ(1u, told.problems.size());
  EXPECT_NE(std::string::npos, told.problems[0].find(state_));
  EXPECT_FALSE(told.followed.restored);
  EXPECT_EQ(1u, told.followed.replayed.lines.read) << "and the run goes on";
}

TEST_F(Follow, a_message_of_a_quiet_host_is_not_held_while_others_talk) {
  const std::string opening = "{\"@timestamp\":" + std::to_string(kNow) + ",\"host\":\"vpn1\",\"message\":\"1 11/25/2025 12:00:00.200 SEV=8 "
                              "IKEDBG/0 RPT=2955 192.0.2.7 RECEIVED Message (msgid=0) with payloads : HDR + SA (1) + KE (4) + NONCE "
                              "(10) + ID (5) + NONE (0) ... total length : 561\"}\n";  // one line, which may go on
  Script script;
  script.writes(opening);
  for (int second = 1; second <= 12; ++second)
    script.waits(1'000).writes(record("noise", second * 1'000, "vpn2"));
  script.waits(3'000).closes();
  EXPECT_EQ(1u, run(script, stateful()).followed.replayed.shard.attempts_open);
}

// The same lines with restarts anywhere must come to what they come to without one.
class FollowCuts : public Follow {
 protected:
  // The last words, in an order of their own, without their revision: when a message is looked at may differ by seconds.
  std::vector<std::string> told(const std::vector<std::string>& lines, Timestamp calendar, std::vector<std::size_t> cuts,
                                const Inventory& inventory = {}) {
    std::filesystem::remove(state_);
    std::filesystem::remove(state_ + ".journal");
    std::map<std::uint64_t, std::string> last;
    cuts.push_back(lines.size());
    std::size_t from = 0;
    for (const std::size_t to : cuts) {
      Script script;
      script.set_calendar(calendar);
      for (; from < to; ++from) script.writes(lines[from]);
      if (to == lines.size()) script.waits(kLongEnough);
      script.closes();
      const Told part = run(script, stateful(), inventory);
      EXPECT_TRUE(part.problems.empty());
      for (Verdict verdict : part.verdicts) {
        verdict.revision = 0;
        last[verdict.id] = to_json(verdict, kNames);
      }
    }
    std::vector<std::string> out;
    for (auto& [id, json] : last) out.push_back(std::move(json));
    return out;
  }
};

TEST_F(FollowCuts, restarts_change_no_verdict_of_a_fleet) {
  GenerateOptions fleet;
  fleet.attempts = 60;
  fleet.mix = "uniform";
  FleetGenerator generator(fleet);
  std::vector<std::string> lines;
  for (GeneratedRecord made; generator.next(&made);) lines.push_back(made.value + "\n");
  const Timestamp calendar = fleet.start + 10LL * 24 * 60 * kMinute;
  const std::vector<std::string> expected = told(lines, calendar, {}, generator.inventory());
  EXPECT_GT(expected.size(), 60u);
  const std::size_t n = lines.size();
  EXPECT_EQ(expected, told(lines, calendar, {n / 7, n / 3, n / 3 + 1, n / 2, 5 * n / 6}, generator.inventory()));
}

TEST_F(FollowCuts, restarts_change_no_verdict_of_daemons_whose_lines_name_no_session) {
  for (const char* folder : {"039-udp4500-out-dropped", "059-unknown-group", "064-wrong-password", "002-healthy"}) {
    std::ifstream in(std::string(VPNVERDICT_SOURCE_DIR) + "/tests/replay/lab/" + folder + "/concentrator.log");
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line + "\n");
    ASSERT_GT(lines.size(), 20u) << folder;
    const std::vector<std::string> expected = told(lines, kNow, {});
    EXPECT_FALSE(expected.empty()) << folder;
    for (std::size_t parts = 2; parts <= 6; ++parts) {
      std::vector<std::size_t> cuts;
      for (std::size_t i = 1; i < parts; ++i) cuts.push_back(i * lines.size() / parts);
      EXPECT_EQ(expected, told(lines, kNow, cuts)) << folder << " in " << parts << " parts";
    }
  }
}

}  // namespace
}  // namespace vpnverdict
