// The service as a process of its own against a real broker: what is promised to whoever runs it.
// VPNVERDICT_TEST_BROKER=host:port names the broker (kafka/with-broker starts one); VPNVERDICT_TEST_BINARY the program.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/broker/harness.h"

namespace vpnverdict::testing {
namespace {

constexpr int kPartitions = 3;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string http_get(int port, const std::string& path) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string out;
  if (::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof(to)) == 0) {
    const std::string request = "GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n";
    char buffer[65'536];
    ::send(fd, request.data(), request.size(), MSG_NOSIGNAL);
    for (ssize_t got = 0; (got = ::recv(fd, buffer, sizeof(buffer), 0)) > 0;) out.append(buffer, static_cast<std::size_t>(got));
  }
  ::close(fd);
  return out;
}

// `vpnverdict run` as a child process.
class Process {
 public:
  Process(const std::string& binary, const std::string& config, const std::string& log) : log_(log) {
    std::ofstream(log_, std::ios::trunc).flush();
    pid_ = ::fork();
    if (pid_ != 0) return;
    if (std::freopen(log.c_str(), "w", stderr) == nullptr) ::_exit(126);
    ::execl(binary.c_str(), "vpnverdict", "run", "--config", config.c_str(), nullptr);
    ::_exit(127);
  }
  ~Process() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
  }
  // The port of /metrics, as its log tells; 0 before that.
  int port() const {
    std::ifstream in(log_);
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    const std::string mark = "http://127.0.0.1:";
    const std::size_t at = text.find(mark);
    return at == std::string::npos ? 0 : std::atoi(text.c_str() + at + mark.size());
  }
  std::string metrics() const { return port() == 0 ? "" : http_get(port(), "/metrics"); }
  double value(const std::string& series) const {
    const std::string text = metrics();
    const std::size_t at = text.find("\n" + series + " ");
    return at == std::string::npos ? -1 : std::atof(text.c_str() + at + series.size() + 2);
  }
  int terminate() {
    ::kill(pid_, SIGTERM);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  std::string log() const {
    std::ifstream in(log_);
    return {(std::istreambuf_iterator<char>(in)), {}};
  }

 private:
  std::string log_;
  pid_t pid_ = 0;
};

class RealBroker : public ::testing::Test {
 protected:
  void SetUp() override {
    brokers = variable("VPNVERDICT_TEST_BROKER");
    binary = variable("VPNVERDICT_TEST_BINARY");
    if (brokers.empty() || binary.empty()) GTEST_SKIP() << "VPNVERDICT_TEST_BROKER and VPNVERDICT_TEST_BINARY are not set";
    prefix = "vpnverdict-test-" + std::to_string(::getpid()) + "-" + ::testing::UnitTest::GetInstance()->current_test_info()->name();
    prefix = prefix.substr(0, 60) + ".";
    folder = std::filesystem::temp_directory_path() / prefix;
    std::filesystem::create_directories(folder);
    create_topics(brokers, {prefix + std::string(kClientTopic), prefix + std::string(kConcentratorTopic), prefix + "verdicts", prefix + "dead"}, kPartitions);
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  std::string write_config(const Fleet& fleet, bool with_state) {
    Config config = config_for(brokers, fleet, prefix);
    config.metrics.listen_port = 0;
    config.kafka.dead_letter_topic = prefix + "dead";
    if (with_state) config.correlator.state_file = (folder / "state").string();
    const std::string path = (folder / "vpnverdict.yaml").string();
    std::ofstream(path) << annotated_yaml(config);
    return path;
  }
  Verdicts told() const { return read_verdicts(brokers, prefix + "verdicts"); }

  std::string brokers;
  std::string binary;
  std::string prefix;
  std::filesystem::path folder;
};

bool through(const Process& process, const Oracle& oracle) {
  return process.value("vpnverdict_attempts_opened_total") >= static_cast<double>(oracle.counts.attempts_opened) &&
         process.value("vpnverdict_attempts_open") == 0;
}

void expect_same(const Verdicts& expected, const Verdicts& told) {
  EXPECT_GT(expected.size(), 50U);
  EXPECT_EQ(missing(expected, told), std::set<std::string>());
  EXPECT_EQ(missing(told, expected), std::set<std::string>());
  for (const auto& [id, want] : expected) {
    const auto found = told.find(id);
    EXPECT_EQ(found == told.end() ? "missing" : found->second.cause, want.cause) << id;
    EXPECT_EQ(found == told.end() ? 0 : found->second.finals, want.finals) << id;
  }
}

TEST_F(RealBroker, topics_in_verdicts_and_metrics_out_as_a_replay_tells_them) {
  const Fleet fleet = make_fleet(250, 21);
  const Oracle oracle = replay_of(fleet);
  feed(brokers, fleet, 0, fleet.records.size(), prefix, kPartitions);
  Process process(binary, write_config(fleet, false), (folder / "log").string());
  ASSERT_TRUE(eventually([&] { return through(process, oracle); })) << process.log();
  EXPECT_NE(http_get(process.port(), "/readyz").find("200 OK"), std::string::npos);
  EXPECT_NE(http_get(process.port(), "/healthz").find("200 OK"), std::string::npos);
  EXPECT_TRUE(eventually([&] {  // the first scrape owes zeros, and a rendering is kept half a second
    return difference(family(process.metrics(), "vpnverdict_verdicts_total"), family(oracle.metrics, "vpnverdict_verdicts_total")).empty();
  })) << difference(family(process.metrics(), "vpnverdict_verdicts_total"), family(oracle.metrics, "vpnverdict_verdicts_total"));
  const std::string metrics = process.metrics();
  for (const char* name : {"vpnverdict_lines_total", "vpnverdict_lines_consumed_total", "vpnverdict_attempts_opened_total",
                           "vpnverdict_attempts_final_total", "vpnverdict_attempts_joined_total", "vpnverdict_sessions_total"}) {
    EXPECT_EQ(difference(family(metrics, name), family(oracle.metrics, name)), "") << name;
  }
  EXPECT_EQ(process.terminate(), 0) << process.log();
  expect_same(oracle.verdicts, told());
}

TEST_F(RealBroker, sigterm_in_the_middle_and_a_restart_lose_nothing_and_judge_nothing_anew) {
  const Fleet fleet = make_fleet(250, 22);
  const Oracle oracle = replay_of(fleet);
  feed(brokers, fleet, 0, fleet.middle, prefix, kPartitions);
  const std::string config = write_config(fleet, true);
  {
    Process first(binary, config, (folder / "log1").string());
    ASSERT_TRUE(eventually([&] {
      return first.value("vpnverdict_attempts_final_total") > 0 && first.value("vpnverdict_attempts_open") > 0;
    })) << first.log();
    EXPECT_EQ(first.terminate(), 0) << first.log();
    EXPECT_NE(first.log().find("state_saved=yes"), std::string::npos) << first.log();
  }
  feed(brokers, fleet, fleet.middle, fleet.records.size(), prefix, kPartitions);
  Process second(binary, config, (folder / "log2").string());
  ASSERT_TRUE(eventually([&] { return through(second, oracle); })) << second.log();
  EXPECT_NE(second.log().find("from_state_file=yes"), std::string::npos) << second.log();
  EXPECT_EQ(second.terminate(), 0) << second.log();
  expect_same(oracle.verdicts, told());
}

TEST_F(RealBroker, without_a_state_file_a_restart_reads_again_and_forgets_nobody_s_attempt) {
  const Fleet fleet = make_fleet(250, 23);
  const Oracle oracle = replay_of(fleet);
  feed(brokers, fleet, 0, fleet.middle, prefix, kPartitions);
  const std::string config = write_config(fleet, false);
  {
    Process first(binary, config, (folder / "log1").string());
    ASSERT_TRUE(eventually([&] {
      return first.value("vpnverdict_attempts_final_total") > 0 && first.value("vpnverdict_attempts_open") > 0;
    })) << first.log();
    EXPECT_EQ(first.terminate(), 0) << first.log();
  }
  feed(brokers, fleet, fleet.middle, fleet.records.size(), prefix, kPartitions);
  Process second(binary, config, (folder / "log2").string());
  ASSERT_TRUE(eventually([&] {
    return second.value("vpnverdict_lines_consumed_total") > static_cast<double>(fleet.records.size() - fleet.middle) &&
           second.value("vpnverdict_attempts_final_total") > 0 && second.value("vpnverdict_attempts_open") == 0;
  })) << second.log();
  EXPECT_EQ(second.terminate(), 0) << second.log();
  const Verdicts all = told();
  EXPECT_EQ(unaccounted(oracle.verdicts, all), std::set<std::string>());
  EXPECT_LE(missing(oracle.verdicts, all).size(), oracle.verdicts.size() / 20);
}

}  // namespace
}  // namespace vpnverdict::testing
