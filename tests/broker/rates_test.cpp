// How fast the service is on a real broker, and what the transactions cost. Asserts nothing about time; disabled, for it
// takes minutes and wants an idle machine: tests/broker/rates runs it. VPNVERDICT_TEST_OTHER_BINARY names another
// program (an earlier version) to compare with, VPNVERDICT_TEST_ATTEMPTS the size of the fleet.
#include <chrono>
#include <cstdio>

#include <sys/resource.h>

#include "tests/broker/real_broker.h"

namespace vpnverdict::testing {
namespace {

class Rates : public RealBroker {
 protected:
  struct Measured {
    double seconds = 0;  // from the start of the process to its last event, start-up and joining the group included
    double cpu = 0;      // of the process
  };
  static double cpu_of_children() {
    rusage usage{};
    ::getrusage(RUSAGE_CHILDREN, &usage);
    return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
  }
  // One run over everything that was fed, as a group of its own.
  Measured measure(const std::string& program, const std::string& yaml, double events) {
    static int number = 0;
    const std::string path = (folder / ("rate" + std::to_string(++number) + ".yaml")).string();
    std::ofstream(path) << yaml;
    const double cpu = cpu_of_children();
    const auto began = std::chrono::steady_clock::now();
    Process process(program, {"run", "--config", path}, (folder / ("rate" + std::to_string(number))).string());
    EXPECT_TRUE(eventually([&] { return process.value("vpnverdict_events_total") >= events; })) << process.log();
    Measured out;
    out.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    process.terminate();
    out.cpu = cpu_of_children() - cpu;
    return out;
  }
};

TEST_F(Rates, DISABLED_events_a_second_with_transactions_and_without) {
  const std::string wanted = variable("VPNVERDICT_TEST_ATTEMPTS");
  GenerateOptions options;
  options.attempts = wanted.empty() ? 8'000 : std::stoull(wanted);
  options.attempts_per_minute = 600;
  FleetGenerator generator(options);
  Fleet fleet;
  fleet.inventory = generator.inventory();
  GeneratedRecord record;
  while (generator.next(&record)) fleet.records.push_back(record);
  feed(brokers, fleet, 0, fleet.records.size(), prefix, kRawPartitions);
  create_topics(brokers, {prefix + "verdicts"}, kShards);
  const Oracle oracle = replay_of(fleet);
  const auto events = static_cast<double>(oracle.counts.events);
  std::printf("%zu records, %.0f events\n%-34s %10s %10s %14s\n", fleet.records.size(), events, "", "seconds", "CPU s", "events/CPU s");
  const auto show = [&](const char* what, const Measured& measured) {
    std::printf("%-34s %10.1f %10.2f %14.0f\n", what, measured.seconds, measured.cpu, events / measured.cpu);
    std::fflush(stdout);
  };
  const auto yaml_of = [&](const std::string& name, std::int64_t commit_ms) {
    Config config = config_for(brokers, fleet, prefix, "6000");
    config.kafka.group = prefix + name;
    config.kafka.event_topic = prefix + name + ".events";
    config.kafka.state_topic = prefix + name + ".state";
    config.kafka.commit_interval_ms = commit_ms;
    config.kafka.punctuation_ms = Config().kafka.punctuation_ms;
    config.correlator = CorrelatorConfig();
    config.metrics.listen_port = 0;
    return annotated_yaml(config);
  };
  show("two stages, commits each 1 s", measure(binary, yaml_of("slow", 1'000), events));
  show("two stages, commits each 100 ms", measure(binary, yaml_of("quick", 100), events));
  const std::string other = variable("VPNVERDICT_TEST_OTHER_BINARY");
  if (other.empty()) return;
  std::string yaml = "kafka:\n  brokers: " + brokers + "\n  group: " + prefix + "other\n  topics: [" + prefix +
                           std::string(kClientTopic) + ", " + prefix + std::string(kConcentratorTopic) + "]\n  verdict_topic: " + prefix +
                           "verdicts\n  properties: {fetch.wait.max.ms: \"10\"}\nmetrics: {listen_port: 0}\n";
  const std::string all = yaml_of("other", 1'000);
  yaml += all.substr(all.find("\ninventory:") + 1);
  show("the other program", measure(other, yaml, events));
}

}  // namespace
}  // namespace vpnverdict::testing
