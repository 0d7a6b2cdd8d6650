// What the service is told before it starts: one YAML file, overridden by VPNVERDICT_… variables.
// Every option is one row of option_rows() (key, limits, sentence); deploy/vpnverdict.yaml is written from those
// rows, so the file with the defaults is the documentation. Values; each part gets its struct by value.
// Errors are collected, never thrown: all of them come back at once, each with file and line.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "correlator/inventory.h"

namespace vpnverdict {

namespace dialect {
class UserDialects;
}

struct KafkaConfig {
  std::string brokers = "localhost:9092";
  std::string group = "vpnverdict";
  std::vector<std::string> topics = {"vpn-logs"};
  std::string event_topic = "vpn-events";
  std::string state_topic = "vpn-state";
  std::string verdict_topic = "vpn-verdicts";
  std::string incident_topic = "vpn-incidents";  // empty: no incidents
  std::string sign_topic = "vpn-signs";
  std::string incident_state_topic = "vpn-incident-state";
  std::string create_topics = "yes";
  std::int64_t event_partitions = 12;
  std::int64_t replication = -1;
  std::string dead_letter_topic;  // empty: none
  std::int64_t dead_letter_bytes_max = 65'536;
  std::int64_t commit_interval_ms = 1'000;
  std::int64_t punctuation_ms = 1'000;
  std::int64_t statistics_interval_ms = 10'000;
  std::int64_t skew_max_ms = 60'000;
  std::int64_t stall_ms = 60'000;
  std::map<std::string, std::string> properties;  // librdkafka's own names, passed through untouched
};

// Where the parts of a log line stand in its envelope. Paths have dots; earlier ones win. Empty lists leave the
// shapes of the usual shippers, which are recognised without configuration.
struct InputConfig {
  std::vector<std::string> message_fields;
  std::vector<std::string> host_fields;
  std::vector<std::string> time_fields;
  std::vector<std::string> peer_fields;
  std::vector<std::string> group_fields;
  std::vector<std::string> user_fields;
  std::vector<std::string> dialects;  // files
  std::int64_t parse_threads = 1;
  std::int64_t sources_max = 20'000;
  std::int64_t queue_batches = 64;
};

struct CorrelatorConfig {
  std::int64_t shards = 1;
  std::int64_t grace_ms = 2'000;
  std::int64_t keep_ms = 24LL * 3600 * 1000;
  std::int64_t idle_margin_ms = 5'000;
  std::int64_t max_hold_ms = 300'000;
  std::int64_t snapshot_bytes = 8'388'608;
};

struct MetricsConfig {
  std::string listen_address = "127.0.0.1";
  std::int64_t listen_port = 9808;
  std::int64_t http_threads = 8;
  std::string tls_certificate_file;  // empty: plain HTTP
  std::string tls_key_file;
  std::int64_t group_labels_max = 200;
};

// The status page and its API, on the port of the metrics.
struct PageConfig {
  std::string serve = "yes";
  std::string names = "auto";
  std::string token_file;  // empty: no token is asked for
};

struct ServiceConfig {
  std::string role = "all";
  std::int64_t shutdown_ms = 25'000;
  std::int64_t ready_lag_max = 1'000'000;
  std::string log_level = "info";
  std::string log_format = "logfmt";
};

struct Config {
  KafkaConfig kafka;
  InputConfig input;
  CorrelatorConfig correlator;
  MetricsConfig metrics;
  PageConfig page;
  ServiceConfig service;
  std::string folder;          // of the configuration file: where the files that it names are looked up
  std::string page_token;      // what page.token_file holds; printed nowhere
  std::string inventory_file;  // empty: the inventory stands in the same file, or there is none
  Inventory inventory;
  std::shared_ptr<const dialect::UserDialects> dialects;  // null: none but the built-in ones
  std::size_t dialects_hash = 0;                          // of the files' bytes
  bool start_fresh = false;  // of the command line only: state of before is left aside, once
};

struct ConfigError {
  std::string where;  // "file:line" or the variable's name
  std::string what;   // one sentence
  std::string text() const { return where + ": " + what; }
};

struct ConfigResult {
  std::optional<Config> config;  // empty when there are errors
  std::vector<ConfigError> errors;
  std::vector<ConfigError> warnings;
};

struct InventoryResult {
  std::optional<Inventory> inventory;
  std::vector<ConfigError> errors;
};

enum class OptionType : std::uint8_t { text, number, list };

// One option. `get` functions give the place inside a Config; the one of its type is set, the others are null.
struct OptionRow {
  std::string_view key;  // "kafka.brokers"
  OptionType type;
  std::int64_t min = 0;  // numbers only
  std::int64_t max = 0;
  std::string_view choices;  // texts only: "a|b|c", empty for any
  std::string_view sentence;
  std::string& (*text)(Config&) = nullptr;
  std::int64_t& (*number)(Config&) = nullptr;
  std::vector<std::string>& (*list)(Config&) = nullptr;
};

std::span<const OptionRow> option_rows();
// Whether a running service takes the option's change over (pipeline/reload.h).
bool taken_over_live(std::string_view key);

using Environment = std::vector<std::pair<std::string, std::string>>;
Environment process_environment();

// Reads file, then environment. Files that it names are looked up beside the configuration file.
ConfigResult load_config(const std::string& path, const Environment& environment = process_environment());
// Path of a file that the configuration names.
std::string path_beside(const Config& config, const std::string& name);
// The same on text that is already here; `name` stands in the errors.
ConfigResult parse_config(std::string_view yaml, const std::string& name, const Environment& environment = {});

InventoryResult load_inventory(const std::string& path);
InventoryResult parse_inventory(std::string_view yaml, const std::string& name);

// Whether only this machine can reach the HTTP port.
bool on_loopback(const MetricsConfig& metrics);
// Whether the status page may show users, client addresses and log lines: as page.names says, and by "auto" only when a token is
// asked for or nobody else can reach the port.
bool page_shows_names(const Config& config);

// The inventory alone, as it would stand in the configuration.
std::string annotated_inventory(const Inventory& inventory);
// The configuration as annotated YAML, secrets of kafka.properties struck out. Of a default Config this is
// deploy/vpnverdict.yaml, byte for byte.
std::string annotated_yaml(const Config& config);

}  // namespace vpnverdict
