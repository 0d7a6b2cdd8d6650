// The verbs of the command line, each from its options to an exit code. main.cpp parses argv and calls one.
// Output goes to stdout, one-sentence errors to stderr. One thread each, at start-up.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/generate.h"

namespace vpnverdict {

// From sysexits.h, so that scripts and service managers can tell them apart.
inline constexpr int kExitDone = 0;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitInput = 66;     // an input file cannot be read
inline constexpr int kExitInternal = 70;  // a fault of this program
inline constexpr int kExitOutput = 74;    // an output file cannot be written
inline constexpr int kExitConfig = 78;    // the configuration or the inventory is wrong

struct ExplainArguments {
  std::vector<std::string> files;
  std::string format = "text";
  std::string inventory;
  std::vector<std::string> dialects;  // YAML files
  int year = 0;
};

struct ReplayArguments {
  std::vector<std::string> files;
  std::string format;  // "" = table, with follow jsonl
  std::string to;      // append JSON lines to this file; "" = standard output
  std::string metrics;
  std::string rejects;
  std::string incidents;  // write every card here, a JSON line for each record
  std::string score;
  std::string score_incidents;
  std::string inventory;
  std::vector<std::string> dialects;
  std::size_t shards = 1;
  int year = 0;
  bool follow = false;  // standard input is a live pipe; the rest is for it only
  std::string state;
  bool confirm = false;
};

int explain_command(const ExplainArguments& arguments);
int replay_command(const ReplayArguments& arguments);
int pools_command(const ReplayArguments& arguments);  // of which files, inventory, dialects and year count
int messages_command(const std::string& dialect);  // a name, or the YAML file of a user's dialect
int rules_command(const std::string& format);
int generate_command(const GenerateOptions& options);
int check_config_command(const std::string& path, const std::vector<std::string>& dialects);
struct RunArguments {
  std::string config;
  std::string role;   // empty: as the configuration says
  std::string start;  // resume or fresh
};
int run_command(const RunArguments& arguments);
int doctor_command(const std::string& config);

}  // namespace vpnverdict
