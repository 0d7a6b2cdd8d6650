#include "pipeline/demo.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <mutex>
#include <optional>
#include <thread>

#include <sys/ioctl.h>
#include <unistd.h>

#include "metrics/exposer.h"
#include "metrics/pipeline_metrics.h"
#include "pipeline/generate.h"
#include "pipeline/kafka_feeder.h"
#include "pipeline/kafka_mock.h"
#include "pipeline/log.h"
#include "pipeline/pipeline.h"
#include "pipeline/replay_table.h"
#include "pipeline/signals.h"
#include "pipeline/status_page.h"
#include "pipeline/terminal.h"

namespace vpnverdict {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t kFaster = 60;           // the fleet's time against ours
constexpr std::uint64_t kAheadMax = 20'000;    // records fed and not yet read; the mock keeps 5 MiB a partition
constexpr int kPartitions = 4;
constexpr auto kTableEvery = std::chrono::seconds(1);
constexpr auto kCatchUp = std::chrono::seconds(20);
constexpr int kExitFault = 70;
constexpr int kExitPort = 74;
constexpr const char* kVerdictTopic = "vpn-verdicts";

// A Monday morning, at least a week ago: the fleet's days are busy, and record times must not lie ahead of the clock.
Timestamp fleet_start() {
  constexpr Timestamp kDay = 24LL * 3600 * 1000;
  constexpr Timestamp kAMonday = 4 * kDay;  // 1970-01-05
  const Timestamp now = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  return now - 7 * kDay - (now - kAMonday) % (7 * kDay) + 8LL * 3600 * 1000;
}

// The generator's records into the mock cluster, at the pace of the fleet's sped-up clock.
class Feeding {
 public:
  Feeding(const DemoOptions& options, KafkaFeeder& feeder, const PipelineMetrics& metrics)
      : generator_(generate_options(options)), feeder_(feeder), metrics_(metrics) {}

  const Inventory& inventory() const { return generator_.inventory(); }
  std::uint64_t fed() const { return fed_; }

  void run(const std::atomic<bool>& stop) {
    const Clock::time_point began = Clock::now();
    std::optional<Timestamp> first;
    GeneratedRecord record;
    while (!stop && generator_.next(&record)) {
      if (!first) first = record.timestamp;
      const auto due = began + std::chrono::milliseconds((record.timestamp - *first) / kFaster);
      while (!stop && (Clock::now() < due || fed_ - metrics_.line_sum().consumed > kAheadMax)) {
        feeder_.flush(0);
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
      }
      if (stop) break;
      if (feeder_.send(std::string(record.topic), -1, record.key, record.value, record.timestamp)) ++fed_;
    }
    feeder_.flush(10'000);
  }

 private:
  static GenerateOptions generate_options(const DemoOptions& options) {
    GenerateOptions out;
    out.attempts = 100'000'000;  // more than anybody waits for
    out.seed = options.seed;
    out.attempts_per_minute = options.attempts_per_minute;
    out.start = fleet_start();
    out.incidents = "planned";  // one after the other, instead of a new outage somewhere every few minutes
    return out;
  }
  FleetGenerator generator_;
  KafkaFeeder& feeder_;
  const PipelineMetrics& metrics_;
  std::atomic<std::uint64_t> fed_ = 0;
};

Config demo_config(const std::string& brokers, Inventory inventory) {
  Config config;
  config.kafka.brokers = brokers;
  config.kafka.group = "vpnverdict-demo";
  config.kafka.topics = {std::string(kClientTopic), std::string(kConcentratorTopic)};
  config.kafka.verdict_topic = kVerdictTopic;
  config.kafka.commit_interval_ms = 500;
  config.kafka.punctuation_ms = 100;
  // An empty fetch of the mock sleeps its whole wait. The mock of librdkafka 2.15.1 leaves out the checksum of the marks of transactions,
  // and no consumer comes past them.
  config.kafka.properties = {{"fetch.wait.max.ms", "10"}, {"check.crcs", "false"}};
  config.correlator.idle_margin_ms = 60'000;  // of the fleet's time: one second of ours
  config.inventory = std::move(inventory);
  return config;
}

struct Table {
  std::mutex mutex;  // shard threads add, the main thread prints
  VerdictTable verdicts;
  std::uint64_t told = 0;
  void add(const Verdict& verdict) {
    const std::lock_guard lock(mutex);
    verdicts.add(verdict);
    ++told;
  }
  std::string text(bool colour) {
    const std::lock_guard lock(mutex);
    return verdicts.text(colour);
  }
};

// One line of the books, and whether it balances.
bool balanced(const char* what, std::uint64_t left, std::uint64_t right, const std::string& terms) {
  const bool holds = left == right;
  std::printf("  %-16s %s = %s  %s\n", what, with_thousands(left).c_str(), terms.c_str(), holds ? "holds" : "DOES NOT HOLD");
  return holds;
}

bool books_balance(std::uint64_t fed, std::uint64_t told, const PipelineMetrics& metrics, std::uint64_t delivered) {
  const LineTally lines = metrics.line_sum();
  const ShardCounts counts = metrics.shard_sum();
  std::uint64_t events = 0;
  std::uint64_t ignored = 0;
  std::uint64_t rejected = 0;
  for (const LineTally::PerDialect& dialect : lines.by_dialect) {
    events += dialect.events;
    ignored += dialect.ignored;
    for (const std::uint64_t n : dialect.rejected) rejected += n;
  }
  const auto n = [](std::uint64_t number) { return with_thousands(number); };
  std::printf("\nConservation:\n");
  bool all = balanced("records fed", fed, lines.consumed, "lines read " + n(lines.consumed));
  all &= balanced("lines read", lines.consumed, events + ignored + rejected + lines.buffered,
                  "events " + n(events) + " + ignored " + n(ignored) + " + rejected " + n(rejected) + " + buffered " + n(lines.buffered));
  all &= balanced("attempts opened", counts.attempts_opened, counts.attempts_final + counts.attempts_joined + counts.attempts_open,
                  "final " + n(counts.attempts_final) + " + joined " + n(counts.attempts_joined) + " + open " + n(counts.attempts_open));
  all &= balanced("verdicts told", told, delivered, "records delivered to " + std::string(kVerdictTopic) + " " + n(delivered));
  return all;
}

// As many lines as the terminal shows below the headline.
std::string fitting(const std::string& text) {
  winsize size{};
  const std::size_t rows = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 4 ? size.ws_row - 3U : 21U;
  std::size_t end = 0;
  for (std::size_t row = 0; row < rows && end != std::string::npos; ++row) end = text.find('\n', end == 0 ? 0 : end + 1);
  return end == std::string::npos ? text : text.substr(0, end) + "\n…\n";
}

// Prints the table each second on a terminal, until the time is up or a signal comes.
void watch(const DemoOptions& options, Table& table, const std::string& headline, bool terminal) {
  const Clock::time_point end = Clock::now() + std::chrono::seconds(options.for_seconds);
  Clock::time_point next = Clock::now();
  while (SignalsNoted::seen() == 0 && (options.for_seconds == 0 || Clock::now() < end)) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    if (!terminal || Clock::now() < next) continue;
    next = Clock::now() + kTableEvery;
    std::printf("\x1b[H\x1b[2J%s\n%s", headline.c_str(), fitting(table.text(wants_colour(STDOUT_FILENO))).c_str());
    std::fflush(stdout);
  }
}

}  // namespace

int run_demo(const DemoOptions& options) {
  std::string error;
  const std::unique_ptr<KafkaMock> mock = KafkaMock::start(1, &error);
  const auto fail = [](const std::string& sentence, int code) {
    std::fprintf(stderr, "vpnverdict: %s\n", sentence.c_str());
    return code;
  };
  if (!mock) return fail(error, kExitFault);
  for (const std::string_view topic : {kClientTopic, kConcentratorTopic, std::string_view(kVerdictTopic), std::string_view("vpn-events"),
                                       std::string_view("vpn-state")}) {
    mock->create_topic(std::string(topic), kPartitions);
  }
  for (const char* topic : {"vpn-signs", "vpn-incident-state", "vpn-incidents"}) mock->create_topic(topic, 1);
  const std::unique_ptr<KafkaFeeder> feeder = KafkaFeeder::open(mock->bootstrap(), {}, &error);
  if (!feeder) return fail(error, kExitFault);

  const SignalsNoted signals;
  const bool terminal = ::isatty(STDOUT_FILENO) == 1;
  Log log(terminal ? Log::Level::error : Log::Level::warning, false);
  GenerateOptions asked;
  asked.seed = options.seed;
  asked.start = fleet_start();
  const Config config = demo_config(mock->bootstrap(), FleetGenerator(asked).inventory());
  PipelineMetrics metrics(metrics_options(config));
  Table table;
  StatusBoard board(metrics.groups(), true);
  Pipeline pipeline(config, metrics, log, [&](const ToldVerdict& told) {
    table.add(told.verdict);
    board.add(told);
  }, [&](const Incident& card, std::string_view) { board.add(card); });
  const StatusPage page({config, board, metrics, [&] { return pipeline.ready(); }});
  Feeding feeding(options, *feeder, metrics);
  Exposer exposer({"127.0.0.1", options.metrics_port, 8, 5'000},
                  {[&] { return metrics.text(); }, [&] { return pipeline.healthy(); }, [&] { return pipeline.ready(); },
                   [&](const HttpRequest& request) { return page.answer(request); }, [&] { return metrics.open_metrics_text(); }});
  metrics.config().reloaded(true, std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count());
  if (error = exposer.start(); !error.empty()) return fail(error, kExitPort);
  const std::string headline = "vpnverdict demo: a fleet at " + std::to_string(kFaster) +
                               " times real speed; status page: http://127.0.0.1:" + std::to_string(exposer.port()) + "/";
  std::printf("%s\nThe mock cluster takes 3 seconds to form a consumer group.\n", headline.c_str());
  std::fflush(stdout);

  std::atomic<bool> stop_feeding = false;
  PipelineEnd end;
  std::thread running([&] { end = pipeline.run(); });
  while (!pipeline.ready().ok && SignalsNoted::seen() == 0) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  std::thread feeder_thread([&] { feeding.run(stop_feeding); });
  watch(options, table, headline, terminal);
  stop_feeding = true;
  feeder_thread.join();
  const Clock::time_point patience = Clock::now() + kCatchUp;
  while (metrics.line_sum().consumed < feeding.fed() && Clock::now() < patience) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  pipeline.stop();
  running.join();
  exposer.stop();

  if (terminal) std::printf("\x1b[H\x1b[2J%s\n", headline.c_str());
  std::printf("%s", table.text(wants_colour(STDOUT_FILENO)).c_str());
  if (!end.failure.empty()) return fail(end.failure, kExitFault);
  const bool balance = books_balance(feeding.fed(), table.told, metrics, metrics.kafka().delivered());
  std::printf("%s\n", balance && end.clean ? "Nothing was lost." : "The books do not balance: this is a fault of the program.");
  return balance && end.clean ? 0 : kExitFault;
}

}  // namespace vpnverdict
