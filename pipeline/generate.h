// A labelled fleet: logs of N connection attempts in the true grammar of both dialects, as a shipper would put
// them on Kafka, and beside them the truth. Deterministic: the same options give the same bytes on every machine.
// Called by the verb `generate`, by `demo` (records into a mock cluster), by tests and benches.
// FleetGenerator is used by one thread; memory is bounded by open sessions and late logs, not by N.
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "correlator/cause.h"
#include "correlator/inventory.h"
#include "correlator/verdict.h"

namespace vpnverdict {

inline constexpr std::string_view kClientTopic = "vpn-client";
inline constexpr std::string_view kConcentratorTopic = "vpn-concentrator";

struct GeneratedRecord {
  std::string_view topic;      // kClientTopic or kConcentratorTopic; static
  std::string key;             // client host or concentrator name
  std::string value;           // one line, without the line break
  Timestamp timestamp = 0;     // when it arrives; records come in this order
  std::uint64_t line = 0;      // 1, 2, …: its place in the stream
};

// What really happened. One row per attempt, one more per session that ended.
struct TruthRow {
  std::string id;              // "a17"; its session "s17"
  bool about_session = false;
  Cause cause = Cause::connected;
  Outcome outcome = Outcome::connected;
  Grade decidable = Grade::certain;        // the best grade an honest reader of these logs can give
  std::vector<Cause> accept;               // what an honest reader may say; holds `cause` unless the logs cannot tell it
  std::vector<Cause> accept_client;        // the same for a reader of the client's half only
  std::vector<Cause> accept_concentrator;  // … and of the concentrator's half only
  std::string group;
  std::string user;
  std::string peer_ip;
  std::string client;
  std::string concentrator;
  Timestamp started_at = 0;
  Timestamp ended_at = 0;
  int legs = 1;
  bool cut_client = false;        // the client's log never arrives
  bool cut_concentrator = false;  // lines of the concentrator were lost
  bool may_be_silent = false;     // having no verdict is right, too
  std::vector<std::uint64_t> client_lines;  // GeneratedRecord::line of its records
  std::vector<std::uint64_t> concentrator_lines;
};

struct GenerateOptions {
  std::uint64_t attempts = 1'000;
  std::uint64_t seed = 1;
  std::string mix;             // "" realistic (85 % connected), "uniform", else a file of `name: weight` lines
  std::string to = "-";        // file, "-" for standard output, "kafka" for `sink`
  std::string truth;           // truth file; "" = beside `to`
  std::string inventory;       // write the fleet's inventory (YAML) here; "" = not
  std::string incidents;       // inject incidents and write their truth here; "" = none
  std::uint64_t attempts_per_minute = 40;  // on average; there are busy and quiet hours
  bool hours_alike = false;                // no busy and no quiet ones
  Timestamp start = 1'772'434'800'000;     // 2026-03-02 07:00:00 UTC, a Monday
  std::function<bool(const GeneratedRecord&)> sink;  // takes the records for "kafka"; false = stop
};

// One row of the mix after reading it: every scenario and session end with its weight.
struct MixRow {
  std::string_view name;
  std::uint64_t weight = 0;
};
struct Mix {
  std::vector<MixRow> scenarios;     // in the order of scenarios()
  std::vector<MixRow> session_ends;  // in the order of session_ends()
};
// Reads `GenerateOptions::mix`. On failure false and one sentence in `error`.
bool read_mix(const std::string& mix, Mix* out, std::string* error);
// The same from text; `name` is for messages.
bool parse_mix(std::string_view text, std::string_view name, Mix* out, std::string* error);

class FleetGenerator {
 public:
  // `mix` as read_mix gave it.
  FleetGenerator(const GenerateOptions& options, Mix mix);
  FleetGenerator(const GenerateOptions& options);  // with the built-in mix
  ~FleetGenerator();
  FleetGenerator(FleetGenerator&&) noexcept;
  FleetGenerator& operator=(FleetGenerator&&) noexcept;

  // The next record in order of arrival; false when the fleet is at its end.
  bool next(GeneratedRecord* out);
  // The next truth row whose records have all been handed out; false when there is none yet.
  bool next_truth(TruthRow* out);
  // What generate_incidents.h injected, JSON Lines; at the end of the fleet.
  std::string incident_truth() const;
  const Inventory& inventory() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string to_json(const TruthRow& row);
// The verb. 0, or with one sentence on `err`: 2 wrong usage, 74 an output cannot be written, 78 the mix is wrong.
int run_generate(const GenerateOptions& options, std::ostream& err);

}  // namespace vpnverdict
