// argv to one verb. The verbs are in commands.h; the exit codes below are part of the command's contract.
#include <cstdio>
#include <exception>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "pipeline/commands.h"
#include "pipeline/demo.h"

namespace {

using namespace vpnverdict;

constexpr const char* kAbout =
    "vpnverdict says why remote-access VPN connections fail: it joins the client's and the concentrator's log and\n"
    "gives one verdict for each connection attempt.";

constexpr const char* kFooter =
    "Examples:\n"
    "  vpnverdict demo --for 20s                             see it work; needs no broker and no configuration\n"
    "  vpnverdict explain client.log concentrator.log        the logs of one ticket, explained\n"
    "  vpnverdict explain ticket-4711/                       all *.log files of a directory\n"
    "  vpnverdict replay vpn-*.ndjson                        a day of logs as a table by group and cause\n"
    "  zcat day.gz | vpnverdict replay - --format jsonl      one JSON object per verdict\n"
    "  tail -F vpn.log | vpnverdict replay - --follow        each verdict as soon as it is decided\n"
    "  vpnverdict generate --attempts 10000 --to fleet.ndjson --inventory fleet.yaml\n"
    "  vpnverdict replay fleet.ndjson --inventory fleet.yaml --score fleet.ndjson.truth.jsonl\n"
    "  vpnverdict rules                                      how it decides, step by step\n"
    "\n"
    "Exit codes: 0 done, 1 generate failed or doctor found something, 2 wrong usage, 66 an input file cannot be read, 69 Kafka cannot be used,\n"
    "            70 a fault of the program, 74 an output or the HTTP port cannot be used, 75 run ended with work left\n"
    "            to be read again, 78 the configuration or inventory is wrong.\n"
    "Colours are used on a terminal only; NO_COLOR turns them off.";

CLI::Validator one_of(std::vector<std::string> choices) { return CLI::IsMember(std::move(choices)); }

class CommandLine {
 public:
  CommandLine() : app_(kAbout, "vpnverdict") {
    app_.footer(kFooter);
    app_.set_version_flag("--version", std::string("vpnverdict ") + VPNVERDICT_VERSION);
    app_.require_subcommand(1);
    add_explain();
    add_replay();
    add_pools();
    add_tables();
    add_service();
  }

  int run(int argc, char** argv) {
    try {
      app_.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      return app_.exit(error) == 0 ? kExitDone : kExitUsage;
    }
    return verb_();
  }

 private:
  CLI::App* verb(const char* name, const char* about, std::function<int()> run) {
    CLI::App* sub = app_.add_subcommand(name, about);
    sub->footer("");  // the examples belong to the whole
    sub->callback([this, run = std::move(run)] { verb_ = run; });
    return sub;
  }

  void add_explain() {
    CLI::App* sub = verb("explain", "Explain the raw log files of one incident", [this] { return explain_command(explain_); });
    sub->add_option("FILE", explain_.files, "Log files, or directories of *.log files; - is standard input")->required();
    sub->add_option("--format", explain_.format, "text or json")->check(one_of({"text", "json"}))->capture_default_str();
    sub->add_option("--inventory", explain_.inventory, "YAML file with concentrators, groups and pools");
    add_dialect(*sub, explain_.dialects);
    sub->add_option("--year", explain_.year, "Year of time stamps that print none");
  }

  void add_replay() {
    CLI::App* sub = verb("replay", "Read log files at full speed and tell every verdict", [this] { return replay_command(replay_); });
    sub->add_option("FILE", replay_.files, "NDJSON or raw log files, merged by time; - or nothing is standard input");
    CLI::Option* format = sub->add_option("--format", replay_.format, "table or jsonl; nothing is table, with --to or --follow jsonl")
                              ->check(one_of({"table", "jsonl"}));
    CLI::Option* to = sub->add_option("--to", replay_.to, "Append the verdicts to this file, as JSON lines");
    sub->add_option("--metrics", replay_.metrics, "Write the metrics to this file, in Prometheus' text format");
    sub->add_option("--incidents", replay_.incidents, "Write incidents to this file, a JSON line for each record (several people, one reason)");
    sub->add_option("--rejects", replay_.rejects, "Write the lines that were not understood to this file, as JSON lines");
    sub->add_option("--score-incidents", replay_.score_incidents, "Compare the incidents with this truth, as `generate --incidents` writes it");
    CLI::Option* score = sub->add_option("--score", replay_.score, "Compare the verdicts with this truth, as `generate` writes it");
    sub->add_option("--inventory", replay_.inventory, "YAML file with concentrators, groups and pools");
    add_dialect(*sub, replay_.dialects);
    sub->add_option("--shards", replay_.shards, "Split the work by concentrator clusters; changes no verdict")
        ->check(CLI::Range(1, 64))
        ->capture_default_str();
    CLI::Option* year = sub->add_option("--year", replay_.year, "Year of time stamps that print none");
    CLI::Option* follow = sub->add_flag("--follow", replay_.follow,
                                        "Standard input is a live pipe: verdicts at once, and time passes while it is quiet")
                              ->excludes(score)->excludes(year);
    sub->add_option("--state", replay_.state, "With --follow: keep open attempts in this file over restarts")->needs(follow);
    sub->add_flag("--confirm", replay_.confirm, "With --follow: answer each line, as omprog's confirmMessages wants")
        ->needs(follow)->needs(to);
    sub->callback([this, format, follow] {
      if (follow->count() != 0 && format->count() != 0 && replay_.format == "table")
        throw CLI::ValidationError("--follow", "tells JSON lines, no table");
      if (follow->count() != 0 && (replay_.files.size() > 1 || (replay_.files.size() == 1 && replay_.files[0] != "-")))
        throw CLI::ValidationError("--follow", "reads standard input, no files");
      verb_ = [this] { return replay_command(replay_); };
    });
  }

  void add_pools() {
    CLI::App* sub = verb("pools", "Show the address pools as the logs leave them, with their forecast", [this] { return pools_command(pools_); });
    sub->add_option("FILE", pools_.files, "NDJSON or raw log files, merged by time; - or nothing is standard input");
    sub->add_option("--inventory", pools_.inventory, "YAML file with concentrators, groups and pools");
    add_dialect(*sub, pools_.dialects);
    sub->add_option("--year", pools_.year, "Year of time stamps that print none");
  }

  void add_tables() {
    CLI::App* messages = verb("messages", "List the log messages that are understood", [this] { return messages_command(dialect_); });
    messages->add_option("--dialect", dialect_, "Only this dialect, for example vpn3000, or the YAML file of your own");
    CLI::App* rules = verb("rules", "Print the decision table, step by step", [this] { return rules_command(format_); });
    rules->add_option("--format", format_, "text or md")->check(one_of({"text", "md"}))->capture_default_str();
  }

  void add_service() {
    CLI::App* generate = verb("generate", "Write the labelled logs of a made-up fleet", [this] { return generate_command(generate_); });
    generate->add_option("--attempts", generate_.attempts, "How many connection attempts")->capture_default_str();
    generate->add_option("--seed", generate_.seed, "The same seed gives the same bytes")->capture_default_str();
    generate->add_option("--mix", generate_.mix, "uniform, or a file of `scenario: weight` lines; nothing is a realistic mix");
    generate->add_option("--to", generate_.to, "NDJSON file; - is standard output")->capture_default_str();
    generate->add_option("--truth", generate_.truth, "Truth file; nothing is beside --to");
    generate->add_option("--incidents", generate_.incidents, "Inject incidents, one after the other, and write their truth to this file");
    generate->add_option("--inventory", generate_.inventory, "Write the fleet's inventory to this YAML file");
    generate->add_option("--rate", generate_.attempts_per_minute, "Attempts a minute, on average")->capture_default_str();
    generate->add_option("--start", generate_.start, "When it begins, in milliseconds since 1970")->capture_default_str();
    CLI::App* check = verb("check-config", "Check a configuration file and print what holds", [this] { return check_config_command(config_, dialects_); });
    check->add_option("FILE", config_, "YAML configuration");
    add_dialect(*check, dialects_);
    CLI::App* run = verb("run", "The service: read Kafka, write verdicts to Kafka, serve /metrics", [this] { return run_command(run_); });
    run->add_option("--config", run_.config, "YAML configuration")->required();
    run->add_option("--role", run_.role, "all, ingest or correlate; nothing is as the configuration says")->check(one_of({"all", "ingest", "correlate"}));
    run->add_option("--start", run_.start, "resume, or fresh: leave the state of before aside, once")->check(one_of({"resume", "fresh"}));
    CLI::App* doctor = verb("doctor", "Look at the Kafka cluster and say what will hurt", [this] { return doctor_command(config_); });
    doctor->add_option("--config", config_, "YAML configuration")->required();
    CLI::App* demo = verb("demo", "The whole service on an in-process Kafka and a made-up fleet", [this] { return run_demo(demo_); });
    demo->add_option("--for", demo_.for_seconds, "End after this time, for example 20s or 2m; nothing is until Ctrl-C")
        ->transform(CLI::AsNumberWithUnit(std::map<std::string, int>{{"s", 1}, {"m", 60}, {"h", 3600}}));
    demo->add_option("--seed", demo_.seed, "The same seed plays the same fleet")->capture_default_str();
    demo->add_option("--rate", demo_.attempts_per_minute, "Attempts in a minute of the fleet's time")->capture_default_str();
    demo->add_option("--metrics-port", demo_.metrics_port, "Port of /metrics; nothing is any free one");
  }

  static void add_dialect(CLI::App& sub, std::vector<std::string>& files) {
    sub.add_option("--dialect", files, "YAML file with a dialect of your own; may be given again")->allow_extra_args(false);
  }

  CLI::App app_;
  std::function<int()> verb_;
  ExplainArguments explain_;
  ReplayArguments replay_;
  ReplayArguments pools_;
  std::string dialect_;
  std::string format_ = "text";
  std::string config_;
  RunArguments run_;
  std::vector<std::string> dialects_;
  GenerateOptions generate_;
  DemoOptions demo_;
};

}  // namespace

int main(int argc, char** argv) {
  try {
    return CommandLine().run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "vpnverdict: internal fault: %s\n", error.what());
    return kExitInternal;
  }
}
