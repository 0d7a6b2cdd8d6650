#include "pipeline/doctor.h"

#include <gtest/gtest.h>

namespace vpnverdict {
namespace {

// A cluster in which nothing hurts.
ClusterFacts healthy() {
  const std::map<std::string, std::string> settings = {{"cleanup.policy", "delete"},
                                                       {"min.insync.replicas", "2"},
                                                       {"retention.ms", "604800000"},
                                                       {"retention.bytes", "-1"},
                                                       {"unclean.leader.election.enable", "false"},
                                                       {"message.timestamp.type", "LogAppendTime"},
                                                       {"max.message.bytes", "1048588"}};
  ClusterFacts facts;
  facts.brokers = {1, 2, 3};
  facts.raw = {{"vpn-logs", 6, 3, "", settings}};
  facts.events = {"vpn-events", 12, 3, "", settings};
  facts.states = {"vpn-state", 12, 3, "", settings};
  facts.verdicts = {"vpn-verdicts", 12, 3, "", settings};
  facts.incidents = {{"vpn-signs", 1, 3, "", settings}, {"vpn-incident-state", 1, 3, "", settings}, {"vpn-incidents", 1, 3, "", settings}};
  facts.broker_settings = {{"transaction.max.timeout.ms", "900000"},          {"transactional.id.expiration.ms", "604800000"},
                           {"offsets.retention.minutes", "10080"},            {"transaction.state.log.replication.factor", "3"},
                           {"transaction.state.log.min.isr", "2"},            {"offsets.topic.replication.factor", "3"},
                           {"auto.create.topics.enable", "false"}};
  return facts;
}

Config config() {
  Config out;
  out.inventory.concentrators = {{"a", "east", {}}, {"b", "west", {}}};
  return out;
}

// What is found beside what is fine: "BAD …" or "look …", one a line.
std::string findings(const ClusterFacts& facts, const Config& of = config()) {
  std::string out;
  for (const DoctorLine& line : judge_cluster(facts, of)) {
    EXPECT_EQ(line.advice.empty(), line.finding == Finding::fine) << line.what;
    if (line.finding == Finding::fine) continue;
    out += (line.finding == Finding::bad ? "BAD " : "look ") + line.what + "\n";
  }
  return out;
}

TEST(Doctor, has_nothing_to_say_about_a_healthy_cluster) { EXPECT_EQ(findings(healthy()), ""); }

TEST(Doctor, sees_topics_that_are_missing) {
  ClusterFacts facts = healthy();
  facts.raw[0].partitions = 0;
  facts.states.partitions = 0;
  EXPECT_EQ(findings(facts), "BAD the raw topic vpn-logs does not exist\nlook the topic vpn-state does not exist\n");
  Config other = config();
  other.kafka.create_topics = "no";
  EXPECT_NE(findings(facts, other).find("BAD the topic vpn-state does not exist"), std::string::npos);
}

TEST(Doctor, sees_shards_without_a_partition_for_their_state) {
  ClusterFacts facts = healthy();
  facts.states.partitions = 6;
  EXPECT_EQ(findings(facts), "BAD vpn-events has 12 partitions, vpn-state 6\n");
}

TEST(Doctor, sees_settings_that_lose_records) {
  const auto with = [](const char* name, const char* value) {
    ClusterFacts facts = healthy();
    facts.events.settings[name] = value;
    return findings(facts);
  };
  EXPECT_EQ(with("cleanup.policy", "compact"), "BAD vpn-events: cleanup.policy is compact\n");
  EXPECT_EQ(with("min.insync.replicas", "1"), "BAD vpn-events: min.insync.replicas is 1\n");
  EXPECT_EQ(with("min.insync.replicas", "3"), "look vpn-events: min.insync.replicas is as high as the replicas\n");
  EXPECT_EQ(with("unclean.leader.election.enable", "true"), "BAD vpn-events: unclean leader election is on\n");
  EXPECT_EQ(with("retention.ms", "3600000"), "BAD vpn-events keeps 1 h\n");
  EXPECT_EQ(with("retention.ms", "36000000"), "look vpn-events keeps 10 h\n");
  EXPECT_EQ(with("retention.ms", "-1"), "");
  EXPECT_EQ(with("retention.bytes", "1000000"), "look vpn-events is also cut by size (retention.bytes)\n");
}

TEST(Doctor, sees_raw_topics_that_are_compacted_or_keep_their_producers_clocks) {
  ClusterFacts facts = healthy();
  facts.raw[0].settings["cleanup.policy"] = "compact,delete";
  facts.raw[0].settings["message.timestamp.type"] = "CreateTime";
  EXPECT_EQ(findings(facts), "look vpn-logs keeps its producers' timestamps\nBAD vpn-logs is compacted\n");
}

TEST(Doctor, sees_a_cluster_in_trouble_and_one_that_does_not_tell) {
  ClusterFacts facts = healthy();
  facts.verdicts.trouble = "partition 3 has no leader";
  facts.broker_settings.clear();
  facts.not_told = "authorisation";
  EXPECT_EQ(findings(facts), "look the brokers' settings were not told: authorisation\nBAD vpn-verdicts: partition 3 has no leader\n");
}

TEST(Doctor, sees_threads_that_will_have_nothing_to_do) {
  Config other = config();
  other.correlator.shards = 16;
  EXPECT_EQ(findings(healthy(), other),
            "look 2 clusters, but correlator.shards is 16\nlook correlator.shards is more than there are partitions of vpn-events\n");
  other.correlator.shards = 1;
  other.inventory.concentrators.clear();
  EXPECT_EQ(findings(healthy(), other), "look without an inventory all logs are one cluster: one shard does all the work\n");
}

TEST(Doctor, sees_brokers_whose_own_logs_do_not_survive_one_of_them) {
  ClusterFacts facts = healthy();
  facts.broker_settings["transaction.state.log.min.isr"] = "1";
  facts.broker_settings["offsets.retention.minutes"] = "60";
  EXPECT_EQ(findings(facts), "BAD offsets.retention.minutes is 60\nBAD transaction.state.log.min.isr is 1\n");
}

TEST(Doctor, the_shards_tell_what_they_found_in_one_partition) {
  ClusterFacts facts = healthy();
  facts.incidents[0].partitions = 4;
  EXPECT_EQ(findings(facts), "BAD vpn-signs has 4 partitions\n");
  facts.incidents.clear();
  EXPECT_EQ(findings(facts), "") << "none are looked for";
}

}  // namespace
}  // namespace vpnverdict
