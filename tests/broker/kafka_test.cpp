// The service as a process of its own against a real broker: what is promised to whoever runs it, undisturbed.
#include "tests/broker/real_broker.h"

namespace vpnverdict::testing {
namespace {

TEST_F(RealBroker, topics_in_verdicts_and_metrics_out_as_a_replay_tells_them) {
  const Fleet fleet = make_fleet(250, 21);
  const Oracle oracle = replay_of(fleet);
  feed(brokers, fleet, 0, fleet.records.size(), prefix, kRawPartitions);
  const auto process = run(write_config(fleet));
  ASSERT_TRUE(eventually([&] {
    return process->value("vpnverdict_attempts_opened_total") >= static_cast<double>(oracle.counts.attempts_opened) &&
           process->value("vpnverdict_attempts_open") == 0;
  })) << process->log();
  EXPECT_TRUE(process->ready());
  EXPECT_NE(http_get(process->port(), "/healthz").find("200 OK"), std::string::npos);
  EXPECT_TRUE(eventually([&] {  // the first scrape owes zeros, and a rendering is kept half a second
    return difference(family(process->metrics(), "vpnverdict_verdicts_total"), family(oracle.metrics, "vpnverdict_verdicts_total")).empty();
  })) << difference(family(process->metrics(), "vpnverdict_verdicts_total"), family(oracle.metrics, "vpnverdict_verdicts_total"));
  const std::string metrics = process->metrics();
  for (const char* name : {"vpnverdict_lines_total", "vpnverdict_lines_consumed_total", "vpnverdict_attempts_opened_total",
                           "vpnverdict_attempts_final_total", "vpnverdict_attempts_joined_total", "vpnverdict_sessions_total"}) {
    EXPECT_EQ(difference(family(metrics, name), family(oracle.metrics, name)), "") << name;
  }
  EXPECT_EQ(process->terminate(), 0) << process->log();
  expect_exactly(oracle);
}

TEST_F(RealBroker, the_roles_as_processes_of_their_own_tell_the_same) {
  const Fleet fleet = make_fleet(200, 22);
  const Oracle oracle = replay_of(fleet);
  feed(brokers, fleet, 0, fleet.records.size(), prefix, kRawPartitions);
  const auto ingest = run(write_config(fleet, "ingest"));
  const auto correlate = run(write_config(fleet, "all"), {}, {"--role", "correlate"});
  ASSERT_TRUE(eventually([&] { return all_told(oracle); })) << correlate->log();
  EXPECT_EQ(ingest->terminate(), 0) << ingest->log();
  EXPECT_EQ(correlate->terminate(), 0) << correlate->log();
  expect_exactly(oracle);
}

TEST_F(RealBroker, sigterm_in_the_middle_and_a_restart_go_on_where_it_ended_and_fold_nothing_again) {
  const Fleet fleet = make_fleet(250, 23);
  const Oracle oracle = replay_of(fleet);
  feed(brokers, fleet, 0, fleet.middle, prefix, kRawPartitions);
  const std::string config = write_config(fleet);
  {
    const auto first = run(config);
    ASSERT_TRUE(eventually([&] {
      return first->value("vpnverdict_attempts_final_total") > 0 && first->value("vpnverdict_attempts_open") > 0;
    })) << first->log();
    EXPECT_EQ(first->terminate(), 0) << first->log();
  }
  feed(brokers, fleet, fleet.middle, fleet.records.size(), prefix, kRawPartitions);
  const auto second = run(config);
  ASSERT_TRUE(eventually([&] { return all_told(oracle); })) << second->log();
  EXPECT_EQ(second->terminate(), 0) << second->log();
  EXPECT_GT(resumed(), 0U);
  EXPECT_EQ(logged("redone=0"), logged("digest=equal")) << second->log();
  expect_exactly(oracle);
}

TEST_F(RealBroker, offsets_that_are_gone_are_an_error_until_somebody_says_what_to_do) {
  const Fleet fleet = make_fleet(60, 24);
  feed(brokers, fleet, 0, fleet.records.size(), prefix, kRawPartitions);
  {
    const auto first = run(write_config(fleet));
    ASSERT_TRUE(eventually([&] { return first->value("vpnverdict_attempts_final_total") > 0; })) << first->log();
    EXPECT_EQ(first->terminate(), 0) << first->log();
  }
  // The same topics under another group: there is state, and nobody who says up to where it goes.
  Config config = config_for(brokers, fleet, prefix, "2000");
  config.kafka.group += "-other";
  config.metrics.listen_port = 0;
  config.service.role = "correlate";
  const std::string path = (folder / "other.yaml").string();
  std::ofstream(path) << annotated_yaml(config);
  const auto refused = run(path);
  ASSERT_TRUE(eventually([&] { return !refused->running(); }));
  EXPECT_EQ(refused->terminate(), 69);
  EXPECT_NE(last_log().find("--start fresh"), std::string::npos) << last_log();
  const auto fresh = run(path, {}, {"--start", "fresh"});
  EXPECT_TRUE(eventually([&] { return fresh->value("vpnverdict_attempts_final_total") > 0; })) << fresh->log();
  EXPECT_EQ(fresh->terminate(), 0) << fresh->log();
}

TEST_F(RealBroker, another_number_of_shards_is_refused) {
  const Fleet fleet = make_fleet(60, 25);
  feed(brokers, fleet, 0, fleet.records.size(), prefix, kRawPartitions);
  const std::string config = write_config(fleet);
  {
    const auto first = run(config);
    ASSERT_TRUE(eventually([&] { return first->value("vpnverdict_attempts_final_total") > 0; })) << first->log();
    EXPECT_EQ(first->terminate(), 0) << first->log();
  }
  add_partitions(brokers, prefix + "events", kShards + 1);
  add_partitions(brokers, prefix + "state", kShards + 1);
  const auto refused = run(config);
  ASSERT_TRUE(eventually([&] { return !refused->running(); })) << refused->log();
  EXPECT_EQ(refused->terminate(), 69);
  EXPECT_NE(last_log().find("has 5 partitions, and its state is of 4"), std::string::npos) << last_log();
}

// The shards tell, one process finds, and another one goes on where it was killed.
TEST_F(RealBroker, a_changed_group_password_makes_one_card_whoever_is_killed_meanwhile) {
  const Fleet fleet = make_incident_fleet(51);
  const std::vector<std::string> wanted = incidents_of_replay(fleet);
  ASSERT_GT(wanted.size(), 1U);
  const auto told = [&] { return read_topic(brokers, prefix + "incidents"); };
  const std::string config = write_config(fleet);
  feed(brokers, fleet, 0, fleet.middle, prefix, kRawPartitions);
  {
    const auto first = run(config);
    ASSERT_TRUE(eventually([&] { return !told().empty(); })) << first->log();
    first->kill();
  }
  feed(brokers, fleet, fleet.middle, fleet.records.size(), prefix, kRawPartitions);
  const auto second = run(config);
  ASSERT_TRUE(eventually([&] { return told().size() >= wanted.size(); })) << second->log();
  EXPECT_GT(second->value("vpnverdict_incident_signs_total{result=\"counted\"}"), 0);
  EXPECT_EQ(second->value("vpnverdict_incident_signs_total{result=\"late\"}"), 0);
  EXPECT_EQ(second->terminate(), 0) << second->log();
  EXPECT_GT(logged("incidents taken over"), 0U);
  EXPECT_EQ(logged("digest=other"), 0U);
  std::vector<std::string> cards = told();
  cards.resize(wanted.size());  // the service's time goes on behind the last line
  for (std::size_t i = 0; i < wanted.size(); ++i) EXPECT_EQ(cards[i], wanted[i]) << i;
  std::set<std::string> password;
  for (const std::string& card : cards)
    if (card.find("\"dimension\":\"group\"") != std::string::npos && card.find("\"cause\":\"group_password_mismatch\"") != std::string::npos) password.insert(card.substr(0, 40));
  EXPECT_EQ(password.size(), 1U);
}

}  // namespace
}  // namespace vpnverdict::testing
