// What a running service takes over from a changed configuration; the taking over itself is tests/deploy/service_http_test.py's.
#include "pipeline/reload.h"

#include <fstream>

#include <gtest/gtest.h>

#include "pipeline/pipeline.h"

namespace vpnverdict {
namespace {

Config config_of(const std::string& yaml) {
  ConfigResult result = parse_config(yaml, "f.yaml");
  EXPECT_TRUE(result.config) << (result.errors.empty() ? "" : result.errors[0].text());
  return result.config.value_or(Config());
}

// Another value for one option.
Config with_other(const OptionRow& row) {
  Config out;
  if (row.number != nullptr) row.number(out) += row.number(out) == row.max ? -1 : 1;
  if (row.text != nullptr) row.text(out) += "x";
  if (row.list != nullptr) row.list(out).push_back("x");
  return out;
}

TEST(Reload, every_option_is_either_taken_over_or_refused_by_its_name) {
  for (const OptionRow& row : option_rows()) {
    const Config other = with_other(row);
    const std::vector<std::string> refused = not_live({}, other);
    const std::vector<std::string> taken = live_changes({}, other);
    if (taken_over_live(row.key)) {
      EXPECT_EQ(taken, std::vector<std::string>{std::string(row.key)});
      EXPECT_TRUE(refused.empty()) << refused[0];
    } else {
      EXPECT_TRUE(taken.empty()) << row.key;
      ASSERT_EQ(refused.size(), 1U) << row.key;
      EXPECT_EQ(refused[0].find(std::string(row.key) + " cannot change while the service runs: "), 0U) << refused[0];
    }
  }
}

TEST(Reload, the_same_is_no_change) {
  const std::string yaml = "inventory: {groups: [sales], pools: [{cluster: c, name: p, size: 9}]}\nkafka: {properties: {sasl.password: secret}}\n";
  EXPECT_TRUE(not_live(config_of(yaml), config_of("# a remark\n" + yaml)).empty());
  EXPECT_TRUE(live_changes(config_of(yaml), config_of(yaml)).empty());
}

// Run = replay rests on it: all of these decide verdicts.
TEST(Reload, nothing_that_decides_a_verdict_is_live) {
  for (const char* inventory : {"{groups: [sales]}", "{client_networks: [192.0.2.0/24]}", "{pools: [{cluster: c, name: p, size: 9}]}",
                                "{concentrators: [{name: vpn1, cluster: c, addresses: [192.0.2.1]}]}"}) {
    const std::vector<std::string> refused = not_live({}, config_of("inventory: " + std::string(inventory)));
    ASSERT_EQ(refused.size(), 1U) << inventory;
    EXPECT_EQ(refused[0],
              "inventory cannot change while the service runs: the same lines must be judged alike by whoever takes a shard over; restart all processes with it");
  }
  for (const OptionRow& row : option_rows()) {
    EXPECT_FALSE(taken_over_live(row.key) && (row.key.starts_with("correlator.") || row.key.starts_with("input.") || row.key.starts_with("inventory.")))
        << row.key;
  }
}

TEST(Reload, a_property_is_refused_by_its_name_and_its_value_is_not_told) {
  const Config before = config_of("kafka: {properties: {sasl.password: old-secret, fetch.wait.max.ms: 10}}");
  for (const char* after : {"{sasl.password: new-secret, fetch.wait.max.ms: 10}", "{fetch.wait.max.ms: 10}"}) {
    const std::vector<std::string> refused = not_live(before, config_of("kafka: {properties: " + std::string(after) + "}"));
    ASSERT_EQ(refused.size(), 1U);
    EXPECT_EQ(refused[0].find("kafka.properties.sasl.password cannot change"), 0U) << refused[0];
    EXPECT_EQ(refused[0].find("-secret"), std::string::npos);
  }
}

TEST(Reload, another_content_of_the_same_file_is_a_change) {
  const std::string token = testing::TempDir() + "vpnverdict_reload_token";
  const std::string yaml = "page: {token_file: " + token + "}";
  std::ofstream(token) << "the-first-token-of-all\n";
  const Config before = config_of(yaml);
  std::ofstream(token) << "another-token-than-that\n";
  const Config after = config_of(yaml);
  EXPECT_EQ(live_changes(before, after), std::vector<std::string>{"page.token_file"});
  EXPECT_TRUE(not_live(before, after).empty());

  Config dialect;
  dialect.input.dialects = {"mine.yaml"};
  Config other = dialect;
  other.dialects_hash = 1;
  ASSERT_EQ(not_live(dialect, other).size(), 1U);
  EXPECT_EQ(not_live(dialect, other)[0].find("input.dialects cannot change"), 0U);
}

TEST(Ready, who_works_but_is_far_behind_is_not) {
  const std::vector<KafkaCell::Feed> feeds = {{"a", 0, 0, 1, 60}, {"b", 0, 0, 1, 40}, {"not known yet", 0, 0, 1, -1}};
  EXPECT_TRUE(within_lag({true, "assigned"}, feeds, 100).ok);
  EXPECT_EQ(within_lag({true, "assigned"}, feeds, 100).text, "assigned");
  EXPECT_FALSE(within_lag({true, "assigned"}, feeds, 99).ok);
  EXPECT_EQ(within_lag({true, "assigned"}, feeds, 99).text, "catching up: 100 records wait, more than service.ready_lag_max");
  EXPECT_TRUE(within_lag({true, "assigned"}, feeds, 0).ok) << "no bound";
  EXPECT_EQ(within_lag({false, "draining"}, feeds, 1).text, "draining");
}

}  // namespace
}  // namespace vpnverdict
