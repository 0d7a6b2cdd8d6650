#include "pipeline/config.h"

#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

namespace vpnverdict {
namespace {

std::string file_text(const std::string& path) {
  std::ifstream in(std::string(VPNVERDICT_SOURCE_DIR) + "/" + path);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::string errors_of(const std::vector<ConfigError>& errors) {
  std::string out;
  for (const ConfigError& error : errors) out += error.text() + "\n";
  return out;
}

std::string errors_in(const std::string& yaml, const Environment& environment = {}) {
  const ConfigResult result = parse_config(yaml, "f.yaml", environment);
  EXPECT_EQ(result.config.has_value(), result.errors.empty());
  return errors_of(result.errors);
}

TEST(Config, the_annotated_file_is_the_compiled_defaults) {
  EXPECT_EQ(annotated_yaml(Config{}), file_text("deploy/vpnverdict.yaml"))
      << "write it anew: the options changed (vpnverdict check-config prints it)";
}

TEST(Config, the_annotated_file_reads_back_as_the_defaults) {
  const ConfigResult result = parse_config(file_text("deploy/vpnverdict.yaml"), "vpnverdict.yaml");
  ASSERT_TRUE(result.config) << errors_of(result.errors);
  EXPECT_EQ(annotated_yaml(*result.config), annotated_yaml(Config{}));
}

TEST(Config, every_option_has_exactly_one_place_a_sentence_and_a_default_inside_its_limits) {
  for (const OptionRow& row : option_rows()) {
    Config config;
    EXPECT_EQ((row.text != nullptr) + (row.number != nullptr) + (row.list != nullptr), 1) << row.key;
    EXPECT_TRUE(row.sentence.ends_with('.')) << row.key;
    if (row.number != nullptr) {
      EXPECT_LE(row.min, row.number(config)) << row.key;
      EXPECT_GE(row.max, row.number(config)) << row.key;
    }
  }
}

TEST(Config, every_option_can_be_set_in_the_file_and_by_its_variable) {
  for (const OptionRow& row : option_rows()) {
    if (row.key == "inventory.file" || row.key == "input.dialects" || row.key == "page.token_file") continue;  // must name files
    if (row.key.starts_with("metrics.tls_")) continue;  // go together
    const std::string value = row.number != nullptr ? std::to_string(row.max)
                              : !row.choices.empty() ? std::string(row.choices.substr(row.choices.rfind('|') + 1))
                                                     : "changed";
    const std::string written = row.list != nullptr ? "[" + value + "]" : value;
    const std::size_t dot = row.key.find('.');
    const std::string yaml =
        std::string(row.key.substr(0, dot)) + ":\n  " + std::string(row.key.substr(dot + 1)) + ": " + written + "\n";
    std::string variable = "VPNVERDICT_";
    for (const char c : row.key) variable += c == '.' ? '_' : static_cast<char>(std::toupper(c));
    for (ConfigResult result : {parse_config(yaml, "f"), parse_config("", "f", {{variable, value}})}) {
      ASSERT_TRUE(result.config) << row.key << "\n" << errors_of(result.errors);
      if (row.number != nullptr) {
        EXPECT_EQ(row.number(*result.config), row.max) << row.key;
      }
      if (row.text != nullptr) {
        EXPECT_EQ(row.text(*result.config), value) << row.key;
      }
      if (row.list != nullptr) {
        EXPECT_EQ(row.list(*result.config), std::vector<std::string>{value}) << row.key;
      }
    }
  }
}

TEST(Config, an_unknown_key_is_an_error_with_its_line_and_a_guess) {
  EXPECT_EQ(errors_in("kafka:\n  brokers: a:1\n  topisc: [x]\n"),
            "f.yaml:3: unknown key kafka.topisc (did you mean topics?)\n");
  EXPECT_EQ(errors_in("kafak: {}\n"), "f.yaml:1: unknown key \"kafak\" (did you mean kafka?)\n");
  EXPECT_EQ(errors_in("kafka: {zzzzzzzzzzzzzz: 1}\n"), "f.yaml:1: unknown key kafka.zzzzzzzzzzzzzz\n");
}

TEST(Config, all_errors_come_at_once) {
  EXPECT_EQ(errors_in("kafka:\n  commit_interval_ms: soon\nmetrics:\n  listen_port: 70000\nservice:\n  log_level: loud\n"),
            "f.yaml:2: kafka.commit_interval_ms is \"soon\", a whole number was expected\n"
            "f.yaml:4: metrics.listen_port is 70000, allowed are 0 to 65535\n"
            "f.yaml:6: service.log_level is \"loud\", allowed are debug|info|warning|error\n");
}

TEST(Config, a_choice_is_one_whole_word) {
  EXPECT_NE(errors_in("service: {log_level: \"info|debug\"}"), "");
  EXPECT_NE(errors_in("service: {log_level: \"\"}"), "");
}

TEST(Config, wrong_shapes_are_errors_not_exceptions) {
  EXPECT_EQ(errors_in("- a\n- b\n"), "f.yaml:1: the configuration must be a mapping (key: value lines)\n");
  EXPECT_EQ(errors_in("kafka: [1]\n"), "f.yaml:1: kafka must be a mapping (key: value lines)\n");
  EXPECT_EQ(errors_in("kafka: {topics: one}\n"), "f.yaml:1: kafka.topics must be a list, as in [a, b]\n");
  EXPECT_EQ(errors_in("kafka: {brokers: [a]}\n"), "f.yaml:1: kafka.brokers must be one plain value\n");
  EXPECT_EQ(errors_in("kafka: {group: a, group: b}\n"), "f.yaml:1: kafka says \"group\" twice\n");
  EXPECT_TRUE(errors_in("kafka: {\n").starts_with("f.yaml:2: not valid YAML"));
  EXPECT_TRUE(errors_in("a: b: c\n").starts_with("f.yaml:1: not valid YAML"));
  EXPECT_EQ(errors_in(""), "");
  EXPECT_EQ(errors_in("kafka:\n"), "");
}

TEST(Config, a_topic_is_not_both_read_and_written) {
  EXPECT_EQ(errors_in("kafka: {topics: [a, vpn-verdicts]}\n"),
            "f.yaml: kafka.topics holds \"vpn-verdicts\", which is also written: the service would read its own output\n");
  EXPECT_EQ(errors_in("kafka: {topics: []}\n"), "f.yaml: kafka.topics is empty: there is nothing to read\n");
}

TEST(Config, properties_pass_untouched_but_for_those_the_service_sets_itself) {
  const ConfigResult result = parse_config(
      "kafka:\n  properties:\n    security.protocol: SASL_SSL\n    fetch.wait.max.ms: 10\n", "f",
      {{"VPNVERDICT_KAFKA_PROPERTIES_SASL_PASSWORD", "p_w=1"}});
  ASSERT_TRUE(result.config);
  const std::map<std::string, std::string> expected = {
      {"security.protocol", "SASL_SSL"}, {"fetch.wait.max.ms", "10"}, {"sasl.password", "p_w=1"}};
  EXPECT_EQ(result.config->kafka.properties, expected);
  EXPECT_EQ(annotated_yaml(*result.config).find("p_w=1"), std::string::npos);
  EXPECT_EQ(errors_in("kafka: {properties: {enable.auto.commit: true}}\n"),
            "f.yaml:1: kafka.properties may not set enable.auto.commit: offsets are committed when their verdicts are "
            "delivered\n");
  EXPECT_NE(errors_in("", {{"VPNVERDICT_KAFKA_PROPERTIES_GROUP_ID", "x"}}), "");
}

TEST(Config, variables_win_over_the_file_and_strange_ones_only_warn) {
  const ConfigResult result = parse_config("kafka: {brokers: file:1}\n", "f",
                                           {{"VPNVERDICT_KAFKA_BROKERS", "env:1"},
                                            {"VPNVERDICT_KAFKA_TOPICS", "a, b,,c"},
                                            {"VPNVERDICT_SERVICE_HOST", "10.0.0.1"},
                                            {"VPNVERDICT_PORT_80_TCP", "tcp://10.0.0.1:80"}});
  ASSERT_TRUE(result.config) << errors_of(result.errors);
  EXPECT_EQ(result.config->kafka.brokers, "env:1");
  EXPECT_EQ(result.config->kafka.topics, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(errors_of(result.warnings), "VPNVERDICT_SERVICE_HOST: names no option and is ignored\n");
  EXPECT_EQ(errors_in("", {{"VPNVERDICT_CORRELATOR_SHARDS", "0"}}),
            "VPNVERDICT_CORRELATOR_SHARDS: correlator.shards is 0, allowed are 1 to 64\n");
}

TEST(Config, a_file_that_cannot_be_read_is_one_sentence) {
  EXPECT_EQ(errors_of(load_config("/nonexistent/x.yaml", {}).errors), "/nonexistent/x.yaml: cannot be read\n");
  EXPECT_EQ(errors_of(load_config("/tmp", {}).errors), "/tmp: cannot be read\n");
}

TEST(Config, the_example_inventory_loads) {
  const InventoryResult result = load_inventory(std::string(VPNVERDICT_SOURCE_DIR) + "/deploy/inventory.example.yaml");
  ASSERT_TRUE(result.inventory) << errors_of(result.errors);
  ASSERT_EQ(result.inventory->concentrators.size(), 3U);
  EXPECT_EQ(result.inventory->concentrators[1].cluster, "head-office");
  EXPECT_EQ(result.inventory->groups.size(), 3U);
  EXPECT_EQ(result.inventory->client_networks.size(), 2U);
  ASSERT_EQ(result.inventory->pools.size(), 2U);
  EXPECT_EQ(result.inventory->pools[0].size, 250U);
}

TEST(Config, an_inventory_may_stand_inside_the_configuration) {
  const ConfigResult result =
      parse_config("inventory:\n  groups: [g]\n  concentrators:\n    - {name: c, addresses: [192.0.2.1]}\n", "f");
  ASSERT_TRUE(result.config) << errors_of(result.errors);
  EXPECT_EQ(result.config->inventory.groups, std::vector<std::string>{"g"});
  EXPECT_EQ(result.config->inventory.concentrators.at(0).cluster, "c");
  EXPECT_EQ(result.config->inventory.concentrator_named("192.0.2.1"), "c");
}

TEST(Config, a_wrong_inventory_is_refused_line_by_line) {
  const InventoryResult result = parse_inventory(
      "concentrators:\n  - {cluster: x}\n  - {name: a, adresses: [192.0.2.1]}\n  - {name: a}\n"
      "client_networks: [300.1.1.1/24, 10.0.0.0/33, 10.0.0.0/8, \"2001:db8::/129\", ten]\n"
      "pools:\n  - {cluster: c, name: p, size: -3}\ngroup: [x]\n",
      "i.yaml");
  EXPECT_EQ(errors_of(result.errors),
            "i.yaml:2: a concentrator needs a name\n"
            "i.yaml:3: unknown key \"adresses\" of a concentrator (did you mean addresses?)\n"
            "i.yaml:4: concentrator \"a\" stands here twice\n"
            "i.yaml:5: \"300.1.1.1/24\" is no network (address/bits)\n"
            "i.yaml:5: \"10.0.0.0/33\" is no network (address/bits)\n"
            "i.yaml:5: \"2001:db8::/129\" is no network (address/bits)\n"
            "i.yaml:5: \"ten\" is no network (address/bits)\n"
            "i.yaml:7: size of a pool is \"-3\", a whole number from 1 was expected\n"
            "i.yaml:7: a pool needs a cluster, a name and a size\n"
            "i.yaml:8: unknown key \"group\" (did you mean groups?)\n");
}

TEST(Config, an_address_of_two_clusters_is_refused) {
  const InventoryResult result = parse_inventory(
      "concentrators:\n  - {name: a, cluster: x, addresses: [192.0.2.1]}\n  - {name: b, cluster: y, addresses: [192.0.2.1]}\n",
      "i");
  EXPECT_EQ(errors_of(result.errors), "i:3: address \"192.0.2.1\" belongs to clusters \"x\" and \"y\"\n");
}

TEST(Config, a_certificate_needs_its_key_and_both_are_looked_up_beside_the_file) {
  const char* both = "metrics: {tls_certificate_file: tls/a.crt, tls_key_file: /keys/a.key}";
  const std::string path = testing::TempDir() + "vpnverdict_tls.yaml";
  std::ofstream(path) << both;
  const ConfigResult result = load_config(path, {});
  ASSERT_TRUE(result.config) << errors_of(result.errors);
  EXPECT_EQ(path_beside(*result.config, result.config->metrics.tls_certificate_file), testing::TempDir() + "tls/a.crt");
  EXPECT_EQ(path_beside(*result.config, result.config->metrics.tls_key_file), "/keys/a.key");
  for (const char* half : {"metrics: {tls_certificate_file: a.crt}", "metrics: {tls_key_file: a.key}"}) {
    EXPECT_EQ(errors_in(half), "f.yaml: metrics.tls_certificate_file and metrics.tls_key_file go together: a certificate is of no use without its key\n");
  }
}

TEST(Config, the_pages_token_comes_from_a_file_and_is_never_printed) {
  const std::string path = testing::TempDir() + "vpnverdict_token";
  std::ofstream(path) << "a-token-of-enough-signs\nsecond line\n";
  const ConfigResult result = parse_config("page: {token_file: " + path + "}", "f.yaml");
  ASSERT_TRUE(result.config) << errors_of(result.errors);
  EXPECT_EQ(result.config->page_token, "a-token-of-enough-signs");
  EXPECT_EQ(annotated_yaml(*result.config).find("a-token"), std::string::npos);

  std::ofstream(path) << "too short\n";
  EXPECT_EQ(errors_in("page: {token_file: " + path + "}"),
            "f.yaml: page.token_file must hold a line of at least 16 letters, digits and signs without blanks\n");
  EXPECT_EQ(errors_in("page: {token_file: /nowhere/token}"), "f.yaml: page.token_file \"/nowhere/token\" cannot be read\n");
}

}  // namespace
}  // namespace vpnverdict
