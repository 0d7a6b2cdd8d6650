// The command line as its users meet it: exit codes, one-sentence errors, files that are written, pipes.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace {

struct Ran {
  int code = -1;
  std::string out;  // standard output and error
};

Ran run(const std::string& arguments) {
  Ran ran;
  FILE* pipe = ::popen((std::string(VPNVERDICT_BINARY) + " " + arguments + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return ran;
  char buffer[4096];
  for (std::size_t got; (got = std::fread(buffer, 1, sizeof buffer, pipe)) != 0;) ran.out.append(buffer, got);
  const int status = ::pclose(pipe);
  ran.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ran;
}

std::string folder(const std::string& name) { return std::string(VPNVERDICT_SOURCE_DIR) + "/tests/replay/" + name; }

std::string content(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

class Cli : public ::testing::Test {
 protected:
  Cli() { std::filesystem::create_directories(directory_); }
  ~Cli() override { std::filesystem::remove_all(directory_); }
  std::string file(const std::string& name, const std::string& text = {}) const {
    const std::string path = directory_ + "/" + name;
    if (!text.empty()) std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  const std::string directory_ = ::testing::TempDir() + "vpnverdict_cli_" + std::to_string(::getpid());
};

TEST_F(Cli, explain_tells_the_verdict) {
  const Ran ran = run("explain " + folder("seed/ex8-12-no-address/concentrator.log"));
  EXPECT_EQ(0, ran.code);
  EXPECT_NE(std::string::npos, ran.out.find("FAILED at step 8")) << ran.out;
  EXPECT_EQ(std::string::npos, ran.out.find('\x1b')) << "no colours into a pipe";
}

TEST_F(Cli, explain_json_is_an_array) {
  const Ran ran = run("explain --format json " + folder("seed/ex8-12-no-address"));
  EXPECT_EQ(0, ran.code);
  EXPECT_TRUE(ran.out.starts_with("[\n {")) << ran.out;
  EXPECT_NE(std::string::npos, ran.out.find("\"cause\":\"address_unavailable\""));
  EXPECT_NE(std::string::npos, ran.out.find("\"why\":\""));
}

TEST_F(Cli, a_dialect_of_ones_own_is_checked_listed_and_used) {
  const std::string example = std::string(VPNVERDICT_SOURCE_DIR) + "/deploy/dialect.example.yaml";
  const Ran checked = run("check-config --dialect " + example);
  EXPECT_EQ(0, checked.code) << checked.out;
  EXPECT_NE(std::string::npos, checked.out.find("dialect fortigate, the concentrator's side: ")) << checked.out;
  EXPECT_EQ(2, run("check-config").code);
  const Ran listed = run("messages --dialect " + example);
  EXPECT_EQ(0, listed.code);
  EXPECT_NE(std::string::npos, listed.out.find("concentrator_phase2_proposal_rejected"));

  const std::string gate = file("gate.yaml", "dialect: gate\nside: concentrator\nheader: 'gate: '\nrows:\n"
                                             "- {says: [concentrator_group_unknown], pattern: 'no group {group} for {peer}',\n"
                                             "   sample: 'gate: no group sales for 192.0.2.1', fields: {group: sales, peer: 192.0.2.1}}\n");
  const std::string log = file("gate.log", "gate: no group nosuch for 198.51.100.7\n");
  for (const std::string verb : {"explain --format json ", "replay --format jsonl "}) {
    const Ran used = run(verb + "--dialect " + gate + " " + log);
    EXPECT_EQ(0, used.code) << used.out;
    EXPECT_NE(std::string::npos, used.out.find("\"cause\":\"group_name_unknown\"")) << used.out;
  }
  const std::string config = file("own.yaml", "input:\n  dialects: [gate.yaml]\n");
  EXPECT_EQ(0, run("check-config " + config).code);
  const std::string wrong = file("gate.yaml", "dialect: gate\nside: concentrator\nheader: 'gate: '\nrows:\n"
                                              "- {pattern: 'no group', sample: 'gate: a group'}\n");
  const Ran refused = run("check-config " + config);
  EXPECT_EQ(78, refused.code);
  EXPECT_NE(std::string::npos, refused.out.find("gate.yaml:5: the pattern does not match")) << refused.out;
  EXPECT_EQ(78, run("explain --dialect " + wrong + " " + log).code);
  EXPECT_EQ(78, run("replay --dialect " + directory_ + "/none.yaml " + log).code);
}

TEST_F(Cli, a_live_pipe_is_standard_input_and_tells_lines) {
  const std::string log = folder("seed/ex8-12-no-address/concentrator.log");
  for (const std::string& wrong : {"replay --follow " + log, std::string("replay --follow --format table < /dev/null"),
                                  std::string("replay --state s < /dev/null"), std::string("replay --follow --confirm < /dev/null")})
    EXPECT_EQ(2, run(wrong).code) << wrong;
  const Ran told = run("replay - --follow < " + log);
  EXPECT_EQ(0, told.code);
  EXPECT_TRUE(told.out.starts_with("{\"schema\":1,")) << told.out;
  EXPECT_NE(std::string::npos, told.out.find("\"cause\":\"address_unavailable\""));
}

TEST_F(Cli, a_live_pipe_keeps_its_state_and_says_when_it_cannot) {
  const std::string log = folder("seed/ex8-12-no-address/concentrator.log");
  const std::string state = file("state"), to = file("verdicts.jsonl"), metrics = file("metrics");
  const std::string follow = "replay - --follow --state " + state + " --to " + to + " --metrics " + metrics;
  EXPECT_EQ(0, run(follow + " < /dev/null").code);
  EXPECT_FALSE(content(state).empty());
  EXPECT_NE(std::string::npos, content(metrics).find("vpnverdict_lines_total"));
  const Ran confirmed = run(follow + " --confirm < " + log);
  EXPECT_TRUE(confirmed.out.starts_with("OK\nOK\n")) << confirmed.out;
  EXPECT_EQ(std::string::npos, confirmed.out.find('{')) << "verdicts go to the file";
  EXPECT_EQ(74, run("replay - --follow --state " + file("no/such/state") + " < /dev/null").code);
  EXPECT_EQ(74, run("replay - --follow --to " + file("no/such/file") + " < /dev/null").code);
}

TEST_F(Cli, verdicts_are_appended_to_a_file) {
  const std::string to = file("verdicts.jsonl");
  const std::string replay = "replay " + folder("seed/ex8-12-no-address/concentrator.log") + " --to " + to;
  EXPECT_EQ("", run(replay).out);
  const std::string once = content(to);
  EXPECT_TRUE(once.starts_with("{\"schema\":1,"));
  run(replay);
  EXPECT_EQ(once + once, content(to));
}

TEST_F(Cli, check_config_asks_librdkafka) {
  const std::string config = file("config.yaml", "kafka:\n  brokers: 127.0.0.1:1\n  topics: [a]\n  properties:\n    no.such.thing: 1\n");
  const Ran ran = run("check-config " + config);
  EXPECT_EQ(78, ran.code);
  EXPECT_NE(std::string::npos, ran.out.find("no.such.thing")) << ran.out;
}

TEST_F(Cli, wrong_usage_is_2) {
  EXPECT_EQ(2, run("").code);
  EXPECT_EQ(2, run("explain").code);
  EXPECT_EQ(2, run("replay --bogus").code);
  EXPECT_EQ(2, run("explain --format xml x.log").code);
  EXPECT_EQ(2, run("messages --dialect klingon").code);
  EXPECT_EQ(0, run("--help").code);
  EXPECT_EQ(0, run("--version").code);
}

TEST_F(Cli, a_missing_input_is_66_and_named) {
  for (const char* verb : {"explain", "replay"}) {
    const Ran ran = run(std::string(verb) + " /does/not/exist.log");
    EXPECT_EQ(66, ran.code) << verb;
    EXPECT_EQ("vpnverdict: /does/not/exist.log: No such file or directory\n", ran.out);
  }
}

TEST_F(Cli, an_output_that_cannot_be_written_is_74) {
  EXPECT_EQ(74, run("replay --rejects /does/not/exist/r " + folder("seed/ex8-12-no-address/concentrator.log")).code);
  EXPECT_EQ(74, run("replay --metrics /does/not/exist/m " + folder("seed/ex8-12-no-address/concentrator.log")).code);
  EXPECT_EQ(74, run("rules > /dev/full").code);
}

TEST_F(Cli, a_wrong_inventory_or_configuration_is_78_with_its_line) {
  const std::string inventory = file("inventory.yaml", "groups: [a]\nwrong_key: 1\n");
  const Ran ran = run("replay --inventory " + inventory + " " + folder("seed/ex8-12-no-address/concentrator.log"));
  EXPECT_EQ(78, ran.code);
  EXPECT_NE(std::string::npos, ran.out.find(inventory + ":2: ")) << ran.out;
  EXPECT_EQ(78, run("check-config " + file("config.yaml", "kafka:\n  nonsense: 1\n")).code);
  EXPECT_EQ(78, run("run --config " + file("config.yaml", "kafka:\n  nonsense: 1\n")).code);
}

TEST_F(Cli, replay_reads_a_pipe_and_files_alike) {
  const std::string log = folder("seed/ex8-12-no-address/concentrator.log");
  const Ran from_file = run("replay --year 2005 " + log);
  const Ran from_pipe = run("replay --year 2005 - < " + log);
  EXPECT_EQ(0, from_file.code);
  EXPECT_EQ(from_file.out, from_pipe.out);
  EXPECT_NE(std::string::npos, from_file.out.find("address_unavailable")) << from_file.out;
}

TEST_F(Cli, replay_writes_rejects_and_metrics) {
  const std::string log = file("mixed.log", content(folder("seed/ex8-12-no-address/concentrator.log")) +
                                                "Jun  1 00:00:00 pc kernel: not \"ours\"\n{\"broken\":\n");
  const std::string rejects = file("rejects.jsonl");
  const std::string metrics = file("metrics.txt");
  const Ran ran = run("replay --format jsonl --rejects " + rejects + " --metrics " + metrics + " " + log);
  EXPECT_EQ(0, ran.code) << ran.out;
  EXPECT_NE(std::string::npos, ran.out.find("\"cause\":\"address_unavailable\"")) << ran.out;
  EXPECT_NE(std::string::npos, content(rejects).find(R"("reason":"unknown_dialect")")) << content(rejects);
  EXPECT_NE(std::string::npos, content(rejects).find(R"(not \"ours\"")"));
  EXPECT_NE(std::string::npos, content(rejects).find(R"("reason":"bad_json")"));
  EXPECT_NE(std::string::npos, content(metrics).find("address_unavailable"));
}

TEST_F(Cli, replay_prints_and_writes_incidents) {
  // Six PCs of six networks meet the same full pool within two minutes.
  std::string log;
  for (int i = 0; i < 6; ++i) {
    const std::string peer = "198.18." + std::to_string(i) + ".7";
    const std::string at = "04/07/2005 20:0" + std::to_string(i / 3) + ":" + std::to_string(10 + i % 3 * 15) + ".640";
    log += std::to_string(2 * i + 1) + " " + at + " SEV=4 IKE/52 RPT=" + std::to_string(i + 1) + " " + peer + "  Group [sales] User [user" + std::to_string(i) + "] User (user" + std::to_string(i) + ") authenticated.\n";
    log += std::to_string(2 * i + 2) + " " + at + " SEV=4 IKE/132 RPT=" + std::to_string(i + 1) + " " + peer + "  Group [sales] User [user" + std::to_string(i) + "] Cannot obtain an IP address for remote peer\n";
  }
  for (const std::string minute : {"05", "10", "15"})  // time goes on
    log += "99 04/07/2005 20:" + minute + ":00.000 SEV=4 IKE/52 RPT=60 198.18.9.9  Group [other] User [last] User (last) authenticated.\n";
  const std::string input = file("concentrator.log", log);
  const std::string cards = file("incidents.jsonl");
  const Ran ran = run("replay " + input + " --incidents " + cards);
  EXPECT_EQ(0, ran.code) << ran.out;
  EXPECT_NE(std::string::npos, ran.out.find("Incidents")) << ran.out;
  EXPECT_NE(std::string::npos, ran.out.find("Nobody of group sales can connect")) << ran.out;
  EXPECT_NE(std::string::npos, content(cards).find(R"("state":"open","kind":"failures","dimension":"group","value":"sales","cause":"address_method_not_selected")")) << content(cards);
  EXPECT_EQ(std::string::npos, run("replay --format jsonl " + input).out.find("\"dimension\"")) << "the verdicts' stream stays as it is";
}

TEST_F(Cli, a_reader_that_goes_away_ends_it_quietly) {
  const Ran ran = run("messages | head -1");
  EXPECT_EQ(std::string::npos, ran.out.find("terminate")) << ran.out;
}

TEST_F(Cli, generate_replay_and_score_work_together) {
  const std::string fleet = file("fleet.ndjson");
  EXPECT_EQ(0, run("generate --attempts 50 --seed 7 --to " + fleet + " --inventory " + file("fleet.yaml")).code);
  const Ran ran = run("replay " + fleet + " --inventory " + file("fleet.yaml") + " --score " + fleet + ".truth.jsonl");
  EXPECT_EQ(0, ran.code) << ran.out;
  EXPECT_NE(std::string::npos, ran.out.find("confusion matrix")) << ran.out;
}

}  // namespace
