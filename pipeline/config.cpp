#include "pipeline/config.h"

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "pipeline/dialect_file.h"
#include "pipeline/yaml_walk.h"

extern char** environ;

namespace vpnverdict {
namespace {

#define VPNVERDICT_TEXT(key, place, choices, sentence) \
  {key, OptionType::text, 0, 0, choices, sentence, [](Config& c) -> std::string& { return c.place; }, nullptr, nullptr}
#define VPNVERDICT_NUMBER(key, place, min, max, sentence) \
  {key, OptionType::number, min, max, "", sentence, nullptr, [](Config& c) -> std::int64_t& { return c.place; }, nullptr}
#define VPNVERDICT_LIST(key, place, sentence)                                 \
  {key, OptionType::list, 0, 0, "", sentence, nullptr, nullptr, \
   [](Config& c) -> std::vector<std::string>& { return c.place; }}

constexpr std::size_t kFileBytesMax = std::size_t{64} << 20;  // an inventory may name every client network
constexpr std::size_t kTokenBytesMax = 4'096;
constexpr std::size_t kTokenBytesMin = 16;  // shorter ones are guessed
constexpr std::int64_t kDayMs = 24LL * 3600 * 1000;

const OptionRow kOptions[] = {
    VPNVERDICT_TEXT("kafka.brokers", kafka.brokers, "", "Bootstrap brokers, host:port, separated by commas."),
    VPNVERDICT_TEXT("kafka.group", kafka.group, "", "Consumer group; its committed offsets are where a restart goes on."),
    VPNVERDICT_LIST("kafka.topics", kafka.topics, "Topics with raw log records, of both sides."),
    VPNVERDICT_TEXT("kafka.event_topic", kafka.event_topic, "",
                    "Internal topic between the two stages; a partition is a shard. Never change its partition count."),
    VPNVERDICT_TEXT("kafka.state_topic", kafka.state_topic, "", "Internal topic with the shards' state; as many partitions."),
    VPNVERDICT_TEXT("kafka.verdict_topic", kafka.verdict_topic, "",
                    "Topic for verdicts: JSON, key = verdict id, a higher revision replaces a lower one."),
    VPNVERDICT_TEXT("kafka.incident_topic", kafka.incident_topic, "",
                    "Topic for incidents: JSON, key = incident id, a higher revision replaces a lower one; empty = none are looked for."),
    VPNVERDICT_TEXT("kafka.sign_topic", kafka.sign_topic, "",
                    "Internal topic from the shards to the incidents; one partition."),
    VPNVERDICT_TEXT("kafka.incident_state_topic", kafka.incident_state_topic, "", "Internal topic with the incidents' state; one partition."),
    VPNVERDICT_TEXT("kafka.create_topics", kafka.create_topics, "yes|no",
                    "Whether the topics above, the raw ones excepted, are made when they are missing."),
    VPNVERDICT_NUMBER("kafka.event_partitions", kafka.event_partitions, 1, 1'024,
                      "Partitions of topics that are made; the most shards there can be."),
    VPNVERDICT_NUMBER("kafka.replication", kafka.replication, -1, 16, "Replicas of topics that are made; -1 = the broker's default."),
    VPNVERDICT_TEXT("kafka.dead_letter_topic", kafka.dead_letter_topic, "",
                    "Topic for records that cannot be read, original bytes with reason headers; empty = counted only."),
    VPNVERDICT_NUMBER("kafka.dead_letter_bytes_max", kafka.dead_letter_bytes_max, 0, 900'000,
                      "Longest original that a dead letter carries; the rest is cut off."),
    VPNVERDICT_NUMBER("kafka.commit_interval_ms", kafka.commit_interval_ms, 50, 60'000,
                      "How often a shard commits: verdicts, state and offset in one transaction; raw offsets likewise."),
    VPNVERDICT_NUMBER("kafka.punctuation_ms", kafka.punctuation_ms, 20, 60'000,
                      "How often every shard is told how far the raw partitions were read."),
    VPNVERDICT_NUMBER("kafka.statistics_interval_ms", kafka.statistics_interval_ms, 100, 600'000,
                      "How often librdkafka tells its statistics, the source of the lag metrics."),
    VPNVERDICT_NUMBER("kafka.skew_max_ms", kafka.skew_max_ms, 1'000, kDayMs,
                      "A partition this far ahead of the slowest one (record time) waits for it."),
    VPNVERDICT_NUMBER("kafka.stall_ms", kafka.stall_ms, 1'000, kDayMs,
                      "A partition that gives nothing for so long, although it holds more, is given up: its reader is begun anew."),
    VPNVERDICT_LIST("input.message_fields", input.message_fields,
                    "Paths of the message inside a JSON envelope; empty = the usual shippers' shapes."),
    VPNVERDICT_LIST("input.host_fields", input.host_fields, "Paths of the host that wrote the line."),
    VPNVERDICT_LIST("input.time_fields", input.time_fields, "Paths of the time at which the shipper saw the line."),
    VPNVERDICT_LIST("input.peer_fields", input.peer_fields, "Paths of a client's public address."),
    VPNVERDICT_LIST("input.group_fields", input.group_fields, "Paths of the group in a client's profile."),
    VPNVERDICT_LIST("input.user_fields", input.user_fields, "Paths of the user's name."),
    VPNVERDICT_LIST("input.dialects", input.dialects,
                    "YAML files with dialects of your own, asked after the built-in ones; see dialect.example.yaml."),
    VPNVERDICT_NUMBER("input.parse_threads", input.parse_threads, 1, 64, "Threads that read lines; a partition has one."),
    VPNVERDICT_NUMBER("input.sources_max", input.sources_max, 16, 1'000'000,
                      "Log writers (partition and host) remembered; beyond it the longest silent one is forgotten."),
    VPNVERDICT_NUMBER("input.queue_batches", input.queue_batches, 2, 4'096,
                      "Batches a parse thread's queue holds; when one is full the partitions are paused."),
    VPNVERDICT_NUMBER("correlator.shards", correlator.shards, 1, 64,
                      "Threads that judge; each takes some partitions of the internal topic."),
    VPNVERDICT_NUMBER("correlator.grace_ms", correlator.grace_ms, 0, 3'600'000,
                      "Lines out of order by at most this are put right before they are read."),
    VPNVERDICT_NUMBER("correlator.keep_ms", correlator.keep_ms, 60'000, 7 * kDayMs,
                      "A judged attempt waits this long for the other side's log."),
    VPNVERDICT_NUMBER("correlator.idle_margin_ms", correlator.idle_margin_ms, 0, 600'000,
                      "When a partition is read to its end, time goes on with the clock, this far behind it."),
    VPNVERDICT_NUMBER("correlator.max_hold_ms", correlator.max_hold_ms, 0, kDayMs,
                      "A raw partition that nobody reads any more holds judgement back for so long; then verdicts by silence are partial. 0 = for good."),
    VPNVERDICT_NUMBER("correlator.snapshot_bytes", correlator.snapshot_bytes, 4'096, 1'073'741'824,
                      "A shard's state is written after so many bytes of events (or 4 times its size): what a take-over reads."),
    VPNVERDICT_TEXT("metrics.listen_address", metrics.listen_address, "",
                    "Address of /metrics, /healthz, /readyz and the status page; 0.0.0.0 to be scraped from outside."),
    VPNVERDICT_NUMBER("metrics.listen_port", metrics.listen_port, 0, 65'535, "Port of the same; 0 = any free one."),
    VPNVERDICT_NUMBER("metrics.http_threads", metrics.http_threads, 3, 64, "Threads that answer HTTP."),
    VPNVERDICT_TEXT("metrics.tls_certificate_file", metrics.tls_certificate_file, "",
                    "PEM file with the port's certificate and its chain; the port then speaks TLS (1.2 or newer) only. Empty = plain HTTP."),
    VPNVERDICT_TEXT("metrics.tls_key_file", metrics.tls_key_file, "", "PEM file with its key, without a passphrase."),
    VPNVERDICT_NUMBER("metrics.group_labels_max", metrics.group_labels_max, 0, 5'000,
                      "Group names beside the issued ones that may become a label value; the rest is \"other\"."),
    VPNVERDICT_TEXT("page.serve", page.serve, "yes|no", "Whether the status page / and its JSON under /api/ are served on that port."),
    VPNVERDICT_TEXT("page.names", page.names, "auto|yes|no",
                    "Whether they show users, client addresses and log lines; auto = on loopback or with a token only."),
    VPNVERDICT_TEXT("page.token_file", page.token_file, "",
                    "File with a token that page and API ask for (Bearer, or the password of Basic user vpnverdict)."),
    VPNVERDICT_TEXT("service.role", service.role, "all|ingest|correlate|incidents",
                    "ingest reads raw topics into events, correlate judges events, incidents watches what was judged, all does everything."),
    VPNVERDICT_NUMBER("service.shutdown_ms", service.shutdown_ms, 1'000, 600'000,
                      "Longest time to drain, deliver, commit and leave the group after SIGTERM."),
    VPNVERDICT_NUMBER("service.ready_lag_max", service.ready_lag_max, 0, 1'000'000'000'000,
                      "Most records that may wait on the topics this process reads for it to be ready (/readyz); 0 = any number."),
    VPNVERDICT_TEXT("service.log_level", service.log_level, "debug|info|warning|error", "Least level that is logged."),
    VPNVERDICT_TEXT("service.log_format", service.log_format, "logfmt|json", "Form of the log lines on stderr."),
    VPNVERDICT_TEXT("inventory.file", inventory_file, "",
                    "File with concentrators, groups, networks and pools; they may also stand here, see "
                    "inventory.example.yaml."),
};
#undef VPNVERDICT_TEXT
#undef VPNVERDICT_NUMBER
#undef VPNVERDICT_LIST

// None of them decides a verdict, a place in Kafka, a thread or a socket.
constexpr std::string_view kLiveKeys[] = {"metrics.group_labels_max", "page.names", "page.token_file", "service.log_level", "service.log_format"};

constexpr std::string_view kInventoryKeys[] = {"concentrators", "groups", "client_networks", "pools"};
constexpr std::string_view kRooms[] = {"kafka", "input", "correlator", "metrics", "page", "service", "inventory"};

// Properties the service depends on: it sets them itself.
constexpr std::pair<std::string_view, std::string_view> kOwnedProperties[] = {
    {"bootstrap.servers", "say kafka.brokers instead"},
    {"metadata.broker.list", "say kafka.brokers instead"},
    {"group.id", "say kafka.group instead"},
    {"statistics.interval.ms", "say kafka.statistics_interval_ms instead"},
    {"enable.auto.commit", "offsets are committed when their verdicts are delivered"},
    {"enable.auto.offset.store", "offsets are committed when their verdicts are delivered"},
    {"enable.partition.eof", "the service needs it to know that a partition is read to its end"},
    {"enable.idempotence", "verdicts are written by an idempotent producer"},
    {"isolation.level", "the service reads committed records of its own topics"},
    {"transactional.id", "each shard has its own"},
};

constexpr std::string_view kSecretMarks[] = {"password", "secret", "token", ".pem", "key.pem", "oauthbearer.config", "jaas"};

std::vector<std::string_view> keys_of_room(std::string_view room) {
  std::vector<std::string_view> keys;
  for (const OptionRow& row : kOptions) {
    if (row.key.size() > room.size() && row.key.starts_with(room) && row.key[room.size()] == '.') {
      keys.push_back(row.key.substr(room.size() + 1));
    }
  }
  if (room == "kafka") keys.push_back("properties");
  if (room == "inventory") keys.insert(keys.end(), std::begin(kInventoryKeys), std::end(kInventoryKeys));
  return keys;
}

const OptionRow* row_named(std::string_view key) {
  for (const OptionRow& row : kOptions) {
    if (row.key == key) return &row;
  }
  return nullptr;
}

// Gives the value to its place, or says what is wrong with it.
std::string assign(Config& config, const OptionRow& row, const std::string& value) {
  if (row.type == OptionType::number) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc() || end != value.data() + value.size()) {
      return std::string(row.key) + " is " + in_quotes(value) + ", a whole number was expected";
    }
    if (number < row.min || number > row.max) {
      return std::string(row.key) + " is " + value + ", allowed are " + std::to_string(row.min) + " to " +
             std::to_string(row.max);
    }
    row.number(config) = number;
    return "";
  }
  if (!row.choices.empty()) {
    const std::string all = "|" + std::string(row.choices) + "|";
    if (value.empty() || value.find('|') != std::string::npos || all.find("|" + value + "|") == std::string::npos) {
      return std::string(row.key) + " is " + in_quotes(value) + ", allowed are " + std::string(row.choices);
    }
  }
  row.text(config) = value;
  return "";
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    std::string_view item = text.substr(0, comma);
    while (!item.empty() && item.front() == ' ') item.remove_prefix(1);
    while (!item.empty() && item.back() == ' ') item.remove_suffix(1);
    if (!item.empty()) out.emplace_back(item);
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  }
  return out;
}

bool cidr_valid(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view address = text.substr(0, slash);
  const bool six = address.find(':') != std::string_view::npos;
  if (slash != std::string_view::npos) {
    int bits = -1;
    const std::string_view tail = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(tail.data(), tail.data() + tail.size(), bits);
    if (error != std::errc() || end != tail.data() + tail.size() || bits < 0 || bits > (six ? 128 : 32)) return false;
  }
  if (six) return address.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
  int dots = 0;
  int value = -1;
  for (const char c : address) {
    if (c == '.') {
      if (value < 0) return false;
      value = -1;
      ++dots;
    } else if (c >= '0' && c <= '9') {
      value = std::max(value, 0) * 10 + (c - '0');
      if (value > 255) return false;
    } else {
      return false;
    }
  }
  return dots == 3 && value >= 0;
}

void read_concentrator(Walk& walk, const YAML::Node& node, Inventory& inventory) {
  constexpr std::string_view kKeys[] = {"name", "cluster", "addresses"};
  Concentrator concentrator;
  walk.each(node, "a concentrator", [&](const std::string& key, const YAML::Node& at, const YAML::Node& value) {
    if (key == "name") {
      concentrator.name = walk.scalar(value, key);
    } else if (key == "cluster") {
      concentrator.cluster = walk.scalar(value, key);
    } else if (key == "addresses") {
      concentrator.addresses = walk.strings(value, key);
    } else {
      walk.error(at, "unknown key " + in_quotes(key) + " of a concentrator" + did_you_mean(key, kKeys));
    }
  });
  if (concentrator.name.empty()) return walk.error(node, "a concentrator needs a name");
  if (concentrator.cluster.empty()) concentrator.cluster = concentrator.name;
  for (const Concentrator& other : inventory.concentrators) {
    if (other.name == concentrator.name) walk.error(node, "concentrator " + in_quotes(other.name) + " stands here twice");
    for (const std::string& address : concentrator.addresses) {
      const bool shared = std::find(other.addresses.begin(), other.addresses.end(), address) != other.addresses.end();
      if (shared && other.cluster != concentrator.cluster) {
        walk.error(node, "address " + in_quotes(address) + " belongs to clusters " + in_quotes(other.cluster) + " and " +
                             in_quotes(concentrator.cluster));
      }
    }
  }
  inventory.concentrators.push_back(std::move(concentrator));
}

void read_pool(Walk& walk, const YAML::Node& node, Inventory& inventory) {
  constexpr std::string_view kKeys[] = {"cluster", "name", "size"};
  PoolSize pool;
  walk.each(node, "a pool", [&](const std::string& key, const YAML::Node& at, const YAML::Node& value) {
    if (key == "cluster") {
      pool.cluster = walk.scalar(value, key);
    } else if (key == "name") {
      pool.name = walk.scalar(value, key);
    } else if (key == "size") {
      const std::string text = walk.scalar(value, key);
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), pool.size);
      if (error != std::errc() || end != text.data() + text.size() || pool.size == 0) {
        walk.error(value, "size of a pool is " + in_quotes(text) + ", a whole number from 1 was expected");
      }
    } else {
      walk.error(at, "unknown key " + in_quotes(key) + " of a pool" + did_you_mean(key, kKeys));
    }
  });
  if (pool.cluster.empty() || pool.name.empty() || pool.size == 0) {
    return walk.error(node, "a pool needs a cluster, a name and a size");
  }
  inventory.pools.push_back(std::move(pool));
}

void read_inventory_key(Walk& walk, const std::string& key, const YAML::Node& value, Inventory& inventory) {
  if (key == "groups") {
    inventory.groups = walk.strings(value, key);
  } else if (key == "client_networks") {
    inventory.client_networks = walk.strings(value, key);
    for (const std::string& network : inventory.client_networks) {
      if (!cidr_valid(network)) walk.error(value, in_quotes(network) + " is no network (address/bits)");
    }
  } else if (!value.IsNull() && !value.IsSequence()) {
    walk.error(value, key + " must be a list");
  } else {
    for (const auto& item : value) {
      if (key == "concentrators") {
        read_concentrator(walk, item, inventory);
      } else {
        read_pool(walk, item, inventory);
      }
    }
    inventory.index();
  }
}

void read_inventory(Walk& walk, const YAML::Node& document, Inventory& inventory) {
  walk.each(document, "the inventory", [&](const std::string& key, const YAML::Node& at, const YAML::Node& value) {
    if (std::find(std::begin(kInventoryKeys), std::end(kInventoryKeys), key) == std::end(kInventoryKeys)) {
      walk.error(at, "unknown key " + in_quotes(key) + did_you_mean(key, kInventoryKeys));
    } else {
      read_inventory_key(walk, key, value, inventory);
    }
  });
}

std::string property_problem(const std::string& name) {
  for (const auto& [owned, why] : kOwnedProperties) {
    if (name == owned) return "kafka.properties may not set " + name + ": " + std::string(why);
  }
  return "";
}

void read_properties(Walk& walk, const YAML::Node& map, Config& config) {
  walk.each(map, "kafka.properties", [&](const std::string& key, const YAML::Node& at, const YAML::Node& value) {
    const std::string problem = property_problem(key);
    if (!problem.empty()) return walk.error(at, problem);
    config.kafka.properties[key] = walk.scalar(value, key);
  });
}

void read_option(Walk& walk, const std::string& room, const std::string& key, const YAML::Node& at,
                 const YAML::Node& value, Config& config) {
  const std::string full = room + "." + key;
  if (full == "kafka.properties") return read_properties(walk, value, config);
  if (room == "inventory" && key != "file") {
    const auto names = keys_of_room(room);
    if (std::find(names.begin(), names.end(), key) != names.end()) {
      return read_inventory_key(walk, key, value, config.inventory);
    }
  }
  const OptionRow* row = row_named(full);
  if (row == nullptr) return walk.error(at, "unknown key " + full + did_you_mean(key, keys_of_room(room)));
  if (row->type == OptionType::list) {
    row->list(config) = walk.strings(value, full);
    return;
  }
  if (!value.IsNull() && !value.IsScalar()) return walk.error(value, full + " must be one plain value");
  const std::string problem = assign(config, *row, value.IsNull() ? "" : value.Scalar());
  if (!problem.empty()) walk.error(value, problem);
}

std::string upper_underscored(std::string_view key) {
  std::string out = "VPNVERDICT_";
  for (const char c : key) out += c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return out;
}

// VPNVERDICT_KAFKA_PROPERTIES_SECURITY_PROTOCOL -> security.protocol
std::string property_of_variable(std::string_view tail) {
  std::string out;
  for (const char c : tail) out += c == '_' ? '.' : static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return out;
}

void read_variable(const std::string& name, const std::string& value, Config& config, ConfigResult& result) {
  constexpr std::string_view kProperties = "VPNVERDICT_KAFKA_PROPERTIES_";
  if (name.starts_with(kProperties) && name.size() > kProperties.size()) {
    const std::string property = property_of_variable(name.substr(kProperties.size()));
    const std::string problem = property_problem(property);
    if (!problem.empty()) {
      result.errors.push_back({name, problem});
    } else {
      config.kafka.properties[property] = value;
    }
    return;
  }
  for (const OptionRow& row : kOptions) {
    if (upper_underscored(row.key) != name) continue;
    if (row.type == OptionType::list) {
      row.list(config) = split_list(value);
    } else {
      const std::string problem = assign(config, row, value);
      if (!problem.empty()) result.errors.push_back({name, problem});
    }
    return;
  }
  // Not an error: Kubernetes puts VPNVERDICT_… variables of a Service of that name into every pod.
  for (const std::string_view room : kRooms) {
    const std::string prefix = upper_underscored(room) + "_";
    if (name.starts_with(prefix)) result.warnings.push_back({name, "names no option and is ignored"});
  }
}

void check_whole(const std::string& name, const Config& config, std::vector<ConfigError>& errors) {
  const auto complain = [&](std::string what) { errors.push_back({name, std::move(what)}); };
  if (config.kafka.brokers.empty()) complain("kafka.brokers is empty");
  if (config.kafka.group.empty()) complain("kafka.group is empty");
  if (config.kafka.topics.empty()) complain("kafka.topics is empty: there is nothing to read");
  if (config.kafka.verdict_topic.empty()) complain("kafka.verdict_topic is empty: there is nowhere to write");
  for (const std::string& topic : config.kafka.topics) {
    if (topic == config.kafka.verdict_topic || topic == config.kafka.dead_letter_topic) {
      complain("kafka.topics holds " + in_quotes(topic) + ", which is also written: the service would read its own output");
    }
  }
  if (!config.kafka.dead_letter_topic.empty() && config.kafka.dead_letter_topic == config.kafka.verdict_topic) {
    complain("kafka.dead_letter_topic and kafka.verdict_topic are the same");
  }
  if (config.metrics.tls_certificate_file.empty() != config.metrics.tls_key_file.empty()) {
    complain("metrics.tls_certificate_file and metrics.tls_key_file go together: a certificate is of no use without its key");
  }
}

// One line that can travel in a header.
void read_token(const std::string& name, Config& config, std::vector<ConfigError>& errors) {
  const auto text = read_file(path_beside(config, config.page.token_file), kTokenBytesMax);
  if (!text) return errors.push_back({name, "page.token_file " + in_quotes(config.page.token_file) + " cannot be read"});
  config.page_token = text->substr(0, text->find_first_of("\r\n"));
  const bool plain = std::all_of(config.page_token.begin(), config.page_token.end(), [](char c) { return c > ' ' && c < 0x7F; });
  if (!plain || config.page_token.size() < kTokenBytesMin) {
    errors.push_back({name, "page.token_file must hold a line of at least " + std::to_string(kTokenBytesMin) +
                                " letters, digits and signs without blanks"});
  }
}

ConfigResult parse(std::string_view yaml, const std::string& name, const std::string& folder,
                   const Environment& environment) {
  ConfigResult result;
  Config config;
  config.folder = folder;
  Walk walk(name, result.errors);
  bool inline_inventory = false;
  if (const auto document = walk.parse(yaml)) {
    walk.each(*document, "the configuration", [&](const std::string& room, const YAML::Node& at, const YAML::Node& body) {
      if (std::find(std::begin(kRooms), std::end(kRooms), room) == std::end(kRooms)) {
        return walk.error(at, "unknown key " + in_quotes(room) + did_you_mean(room, kRooms));
      }
      walk.each(body, room, [&](const std::string& key, const YAML::Node& key_at, const YAML::Node& value) {
        inline_inventory = inline_inventory || (room == "inventory" && key != "file" && value.size() > 0);
        read_option(walk, room, key, key_at, value, config);
      });
    });
  }
  for (const auto& [variable, value] : environment) {
    if (variable.starts_with("VPNVERDICT_")) read_variable(variable, value, config, result);
  }
  // What cannot be read was replaced by nothing; judging the whole then would accuse the wrong line.
  if (result.errors.empty()) check_whole(name, config, result.errors);
  if (!config.inventory_file.empty()) {
    if (inline_inventory) {
      result.errors.push_back({name, "inventory.file is set and an inventory stands here too: say it once"});
    }
    InventoryResult loaded = load_inventory(path_beside(config, config.inventory_file));
    result.errors.insert(result.errors.end(), loaded.errors.begin(), loaded.errors.end());
    if (loaded.inventory) config.inventory = std::move(*loaded.inventory);
  }
  if (!config.page.token_file.empty()) read_token(name, config, result.errors);
  if (!config.input.dialects.empty()) {
    std::vector<std::string> files;
    std::string texts;
    for (const std::string& name_of_file : config.input.dialects) {
      files.push_back(path_beside(config, name_of_file));
      texts += read_file(files.back(), kFileBytesMax).value_or("") + '\0';
    }
    config.dialects_hash = std::hash<std::string>()(texts);
    DialectsResult loaded = load_dialects(files);
    result.errors.insert(result.errors.end(), loaded.errors.begin(), loaded.errors.end());
    result.warnings.insert(result.warnings.end(), loaded.warnings.begin(), loaded.warnings.end());
    config.dialects = std::move(loaded.dialects);
  }
  if (result.errors.empty()) result.config = std::move(config);
  return result;
}

bool secret(std::string_view property) {
  for (const std::string_view mark : kSecretMarks) {
    if (property.find(mark) != std::string_view::npos) return true;
  }
  return false;
}

std::string yaml_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string yaml_list(const std::vector<std::string>& items) {
  std::string out = "[";
  for (const std::string& item : items) out += (out.size() > 1 ? ", " : "") + yaml_text(item);
  return out + "]";
}

void append_row(const OptionRow& row, Config& config, std::string& out) {
  const std::string_view key = row.key.substr(row.key.find('.') + 1);
  out += "  # " + std::string(row.sentence);
  if (row.type == OptionType::number) out += " " + std::to_string(row.min) + " to " + std::to_string(row.max) + ".";
  if (!row.choices.empty()) out += " One of " + std::string(row.choices) + ".";
  if (taken_over_live(row.key)) out += " Live.";
  out += "\n  " + std::string(key) + ": ";
  if (row.type == OptionType::number) {
    out += std::to_string(row.number(config));
  } else if (row.type == OptionType::list) {
    out += yaml_list(row.list(config));
  } else {
    out += yaml_text(row.text(config));
  }
  out += "\n";
}

void append_properties(const Config& config, std::string& out) {
  out += "  # Properties of librdkafka under their own names, passed through untouched (security.protocol, sasl.mechanism,\n"
         "  # ssl.ca.location, …). They go to consumer and producer alike.\n";
  out += config.kafka.properties.empty() ? "  properties: {}\n" : "  properties:\n";
  for (const auto& [key, value] : config.kafka.properties) {
    out += "    " + key + ": " + yaml_text(secret(key) ? "(not shown)" : value) + "\n";
  }
}

void append_inventory(const Inventory& inventory, std::string& out) {
  if (!inventory.groups.empty()) out += "  groups: " + yaml_list(inventory.groups) + "\n";
  if (!inventory.client_networks.empty()) out += "  client_networks: " + yaml_list(inventory.client_networks) + "\n";
  if (!inventory.concentrators.empty()) out += "  concentrators:\n";
  for (const Concentrator& c : inventory.concentrators) {
    out += "    - {name: " + yaml_text(c.name) + ", cluster: " + yaml_text(c.cluster) +
           ", addresses: " + yaml_list(c.addresses) + "}\n";
  }
  if (!inventory.pools.empty()) out += "  pools:\n";
  for (const PoolSize& p : inventory.pools) {
    out += "    - {cluster: " + yaml_text(p.cluster) + ", name: " + yaml_text(p.name) +
           ", size: " + std::to_string(p.size) + "}\n";
  }
}

}  // namespace

bool on_loopback(const MetricsConfig& metrics) {
  return metrics.listen_address.starts_with("127.") || metrics.listen_address == "::1" || metrics.listen_address == "localhost";
}

bool page_shows_names(const Config& config) {
  if (config.page.names != "auto") return config.page.names == "yes";
  return on_loopback(config.metrics) || !config.page_token.empty();
}

std::span<const OptionRow> option_rows() { return kOptions; }

bool taken_over_live(std::string_view key) { return std::find(std::begin(kLiveKeys), std::end(kLiveKeys), key) != std::end(kLiveKeys); }

std::string path_beside(const Config& config, const std::string& name) {
  const std::filesystem::path file(name);
  return file.is_absolute() ? name : (config.folder / file).string();
}

Environment process_environment() {
  Environment out;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::size_t equals = text.find('=');
    if (text.starts_with("VPNVERDICT_") && equals != std::string_view::npos) {
      out.emplace_back(text.substr(0, equals), text.substr(equals + 1));
    }
  }
  return out;
}

ConfigResult load_config(const std::string& path, const Environment& environment) {
  const auto text = read_file(path, kFileBytesMax);
  if (!text) return {std::nullopt, {{path, "cannot be read"}}, {}};
  return parse(*text, path, std::filesystem::path(path).parent_path().string(), environment);
}

ConfigResult parse_config(std::string_view yaml, const std::string& name, const Environment& environment) {
  return parse(yaml, name, "", environment);
}

InventoryResult load_inventory(const std::string& path) {
  const auto text = read_file(path, kFileBytesMax);
  if (!text) return {std::nullopt, {{path, "cannot be read"}}};
  return parse_inventory(*text, path);
}

InventoryResult parse_inventory(std::string_view yaml, const std::string& name) {
  InventoryResult result;
  Inventory inventory;
  Walk walk(name, result.errors);
  if (const auto document = walk.parse(yaml)) read_inventory(walk, *document, inventory);
  if (result.errors.empty()) result.inventory = std::move(inventory);
  return result;
}

std::string annotated_inventory(const Inventory& inventory) {
  std::string out;
  append_inventory(inventory, out);
  return out;
}

std::string annotated_yaml(const Config& config) {
  Config copy = config;  // the rows' accessors want a mutable one
  std::string out =
      "# vpnverdict: every option with its default. Unknown keys are errors. Each option can also be given as a variable:\n"
      "# kafka.brokers as VPNVERDICT_KAFKA_BROKERS (lists with commas, librdkafka's sasl.password as\n"
      "# VPNVERDICT_KAFKA_PROPERTIES_SASL_PASSWORD); variables win. Check a file with: vpnverdict check-config FILE\n"
      "# A running service takes a change of what is marked Live over, when the file changes or on SIGHUP; all else needs a restart.\n";
  for (const std::string_view room : kRooms) {
    out += "\n" + std::string(room) + ":\n";
    for (const OptionRow& row : kOptions) {
      if (row.key.substr(0, row.key.find('.')) == room) append_row(row, copy, out);
    }
    if (room == "kafka") append_properties(config, out);
    if (room == "inventory" && config.inventory_file.empty()) append_inventory(config.inventory, out);
  }
  return out;
}

}  // namespace vpnverdict
