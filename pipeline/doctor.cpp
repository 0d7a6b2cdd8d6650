#include "pipeline/doctor.h"

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "pipeline/kafka_transaction.h"
#include "pipeline/log.h"

namespace vpnverdict {
namespace {

constexpr int kExitBad = 1;
constexpr int kExitKafka = 69;
constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kRetentionMin = 2 * kHourMs;    // snapshots are at most minutes old; this much is for people
constexpr std::int64_t kRetentionGood = 24 * kHourMs;  // the longest stop one should be able to survive

class Judge {
 public:
  void fine(std::string what) { lines_.push_back({Finding::fine, std::move(what), ""}); }
  void look(std::string what, std::string advice) { lines_.push_back({Finding::look, std::move(what), std::move(advice)}); }
  void bad(std::string what, std::string advice) { lines_.push_back({Finding::bad, std::move(what), std::move(advice)}); }
  std::vector<DoctorLine> take() { return std::move(lines_); }

 private:
  std::vector<DoctorLine> lines_;
};

std::optional<std::int64_t> number(const std::map<std::string, std::string>& settings, const std::string& name) {
  const auto found = settings.find(name);
  std::int64_t out = 0;
  if (found == settings.end()) return std::nullopt;
  const char* end = found->second.data() + found->second.size();
  return std::from_chars(found->second.data(), end, out).ptr == end ? std::optional(out) : std::nullopt;
}

std::string text(const std::map<std::string, std::string>& settings, const std::string& name) {
  const auto found = settings.find(name);
  return found == settings.end() ? "" : found->second;
}

std::string hours(std::int64_t ms) { return std::to_string(ms / kHourMs) + " h"; }

void judge_durability(Judge& judge, const ClusterFacts::Topic& topic, std::size_t brokers) {
  if (!topic.trouble.empty()) judge.bad(topic.name + ": " + topic.trouble, "mend the cluster first");
  if (topic.replicas == 1) {
    judge.look(topic.name + " has one replica", brokers > 1 ? "give it three: losing its broker loses verdicts" : "one broker: a test cluster");
  }
  const std::optional<std::int64_t> in_sync = number(topic.settings, "min.insync.replicas");
  if (topic.replicas > 1 && in_sync && *in_sync < 2) {
    judge.bad(topic.name + ": min.insync.replicas is 1", "set it to 2: an acknowledged record could be lost with one broker");
  }
  if (in_sync && *in_sync >= topic.replicas && topic.replicas > 1) {
    judge.look(topic.name + ": min.insync.replicas is as high as the replicas", "one broker down stops everything");
  }
  if (text(topic.settings, "unclean.leader.election.enable") == "true") {
    judge.bad(topic.name + ": unclean leader election is on", "turn it off: it cuts logs, and a shard then stops with an error");
  }
}

void judge_retention(Judge& judge, const ClusterFacts::Topic& topic, const char* why) {
  const std::optional<std::int64_t> retention = number(topic.settings, "retention.ms");
  if (!retention) return;
  if (*retention >= 0 && *retention < kRetentionMin) {
    judge.bad(topic.name + " keeps " + hours(*retention), std::string("set retention.ms to a day: ") + why);
  } else if (*retention >= 0 && *retention < kRetentionGood) {
    judge.look(topic.name + " keeps " + hours(*retention), std::string("a longer stop than that loses what was not read: ") + why);
  } else {
    judge.fine(topic.name + " keeps " + (*retention < 0 ? std::string("everything") : hours(*retention)));
  }
  if (const std::optional<std::int64_t> bytes = number(topic.settings, "retention.bytes"); bytes && *bytes >= 0) {
    judge.look(topic.name + " is also cut by size (retention.bytes)", "a burst of logs can then cut what was not read yet");
  }
}

void judge_raw(Judge& judge, const ClusterFacts& facts) {
  for (const ClusterFacts::Topic& topic : facts.raw) {
    if (topic.partitions == 0) {
      judge.bad("the raw topic " + topic.name + " does not exist", "create it, or correct kafka.topics");
      continue;
    }
    judge.fine("raw topic " + topic.name + ": " + std::to_string(topic.partitions) + " partitions");
    judge_durability(judge, topic, facts.brokers.size());
    judge_retention(judge, topic, "the service reads on from where it stopped");
    if (text(topic.settings, "message.timestamp.type") == "CreateTime") {
      judge.look(topic.name + " keeps its producers' timestamps",
                 "message.timestamp.type=LogAppendTime makes a slow shipper harmless; with CreateTime its lines come late");
    }
    if (text(topic.settings, "cleanup.policy").find("compact") != std::string::npos) {
      judge.bad(topic.name + " is compacted", "set cleanup.policy=delete: compaction throws log lines away");
    }
  }
}

// Signs, state, cards.
void judge_incidents(Judge& judge, const ClusterFacts& facts) {
  for (std::size_t i = 0; i < facts.incidents.size(); ++i) {
    const ClusterFacts::Topic& topic = facts.incidents[i];
    if (topic.partitions == 0) continue;
    judge_durability(judge, topic, facts.brokers.size());
    if (i == 2) continue;
    if (topic.partitions != 1) judge.bad(topic.name + " has " + std::to_string(topic.partitions) + " partitions", "it needs one: incidents are those of all shards together");
    judge_retention(judge, topic, "incidents are taken over from what stands there");
  }
}

void judge_own(Judge& judge, const ClusterFacts& facts, const Config& config) {
  const ClusterFacts::Topic& events = facts.events;
  const ClusterFacts::Topic& states = facts.states;
  std::vector<const ClusterFacts::Topic*> own = {&events, &states, &facts.verdicts};
  for (const ClusterFacts::Topic& topic : facts.incidents) own.push_back(&topic);
  for (const ClusterFacts::Topic* topic : own) {
    if (topic->partitions > 0) continue;
    const std::string what = "the topic " + topic->name + " does not exist";
    if (config.kafka.create_topics == "yes") judge.look(what, "it will be made at the first start, if the broker lets us");
    else judge.bad(what, "create it, or set kafka.create_topics to yes");
  }
  if (events.partitions > 0 && states.partitions > 0 && events.partitions != states.partitions) {
    judge.bad(events.name + " has " + std::to_string(events.partitions) + " partitions, " + states.name + " " + std::to_string(states.partitions),
              "they must be equal: a shard needs one of both");
  }
  if (events.partitions > 0) {
    judge.fine(events.name + ": " + std::to_string(events.partitions) + " shards");
    const std::size_t clusters = [&] {
      std::vector<std::string> names;
      for (const Concentrator& one : config.inventory.concentrators) names.push_back(one.cluster);
      std::sort(names.begin(), names.end());
      return static_cast<std::size_t>(std::unique(names.begin(), names.end()) - names.begin());
    }();
    if (clusters == 0 && events.partitions > 1) {
      judge.look("without an inventory all logs are one cluster: one shard does all the work", "list the concentrators in the inventory");
    } else if (clusters > 0 && clusters < static_cast<std::size_t>(config.correlator.shards)) {
      judge.look(std::to_string(clusters) + " clusters, but correlator.shards is " + std::to_string(config.correlator.shards),
                 "more threads than clusters do nothing");
    }
    if (config.correlator.shards > events.partitions) {
      judge.look("correlator.shards is more than there are partitions of " + events.name, "the rest of the threads does nothing");
    }
  }
  for (const ClusterFacts::Topic* topic : {&events, &states}) {
    if (topic->partitions == 0) continue;
    judge_durability(judge, *topic, facts.brokers.size());
    judge_retention(judge, *topic, "a shard is taken over from what stands there");
    const std::string policy = text(topic->settings, "cleanup.policy");
    if (!policy.empty() && policy != "delete") {
      judge.bad(topic->name + ": cleanup.policy is " + policy, "set it to delete: its records have no keys");
    }
  }
  if (facts.verdicts.partitions > 0) judge_durability(judge, facts.verdicts, facts.brokers.size());
  judge_incidents(judge, facts);
  if (const std::optional<std::int64_t> most = number(states.settings, "max.message.bytes"); most && *most < 600'000) {
    judge.bad(states.name + ": max.message.bytes is " + std::to_string(*most), "snapshots come in pieces of 512 KiB: allow 1 MiB");
  }
}

void judge_brokers(Judge& judge, const ClusterFacts& facts) {
  judge.fine(std::to_string(facts.brokers.size()) + " broker" + (facts.brokers.size() == 1 ? "" : "s"));
  if (facts.broker_settings.empty()) {
    judge.look("the brokers' settings were not told: " + facts.not_told, "give the user DescribeConfigs on the cluster to have them checked");
    return;
  }
  const auto at_least = [&](const char* name, std::int64_t least, const char* advice) {
    const std::optional<std::int64_t> value = number(facts.broker_settings, name);
    if (value && *value < least) judge.bad(std::string(name) + " is " + std::to_string(*value), advice);
  };
  at_least("transaction.max.timeout.ms", 10'000, "the service's transactions last up to 10 s");
  at_least("transactional.id.expiration.ms", kRetentionGood, "a shard that rests longer loses its fence");
  if (const std::optional<std::int64_t> minutes = number(facts.broker_settings, "offsets.retention.minutes"); minutes && *minutes < 1'440) {
    judge.bad("offsets.retention.minutes is " + std::to_string(*minutes), "committed offsets must outlive the longest stop: a week");
  }
  if (facts.brokers.size() >= 3) {
    at_least("transaction.state.log.replication.factor", 3, "the transactions' own log must survive a broker");
    at_least("transaction.state.log.min.isr", 2, "the transactions' own log must survive a broker");
    at_least("offsets.topic.replication.factor", 3, "the offsets' own log must survive a broker");
  }
  if (text(facts.broker_settings, "auto.create.topics.enable") == "true") {
    judge.look("the brokers make topics by themselves", "auto.create.topics.enable=false: a misspelt topic is otherwise silent");
  }
}

ClusterFacts::Topic ask_topic(KafkaTopics& topics, const KafkaTopics::Cluster& cluster, const std::string& name) {
  ClusterFacts::Topic out;
  out.name = name;
  out.partitions = topics.partitions(name).value_or(0);
  if (out.partitions == 0) return out;
  const auto replicas = cluster.replicas.find(name);
  if (replicas != cluster.replicas.end()) out.replicas = replicas->second;
  const auto trouble = cluster.trouble.find(name);
  if (trouble != cluster.trouble.end()) out.trouble = trouble->second;
  std::string ignored;
  out.settings = topics.settings(name, false, &ignored);
  return out;
}

// Opens and fences a transactional id of our prefix that no shard has: shows that we may.
void try_transactions(Judge& judge, const KafkaConfig& config, Log& log) {
  KafkaTransaction::Failure failure;
  const auto transaction = KafkaTransaction::open(config, "vpnverdict." + config.group + ".doctor", log, &failure);
  if (transaction) judge.fine("transactions: a producer could be opened and fenced");
  else judge.bad("transactions do not work: " + failure.sentence, "allow Write and Describe on transactional ids with the prefix vpnverdict.");
}

}  // namespace

std::vector<DoctorLine> judge_cluster(const ClusterFacts& facts, const Config& config) {
  Judge judge;
  judge_brokers(judge, facts);
  judge_raw(judge, facts);
  judge_own(judge, facts, config);
  return judge.take();
}

int run_doctor(const Config& config) {
  Log log(Log::Level::error, false);
  std::string error;
  const std::unique_ptr<KafkaTopics> topics = KafkaTopics::open(config.kafka, log, &error);
  std::optional<KafkaTopics::Cluster> cluster;
  if (topics) cluster = topics->cluster(&error);
  if (!cluster) {
    std::fprintf(stderr, "vpnverdict: %s cannot be asked: %s\n", config.kafka.brokers.c_str(), error.c_str());
    return kExitKafka;
  }
  ClusterFacts facts;
  facts.brokers = cluster->brokers;
  for (const std::string& name : config.kafka.topics) facts.raw.push_back(ask_topic(*topics, *cluster, name));
  facts.events = ask_topic(*topics, *cluster, config.kafka.event_topic);
  facts.states = ask_topic(*topics, *cluster, config.kafka.state_topic);
  facts.verdicts = ask_topic(*topics, *cluster, config.kafka.verdict_topic);
  if (!config.kafka.incident_topic.empty())
    for (const std::string& name : {config.kafka.sign_topic, config.kafka.incident_state_topic, config.kafka.incident_topic})
      facts.incidents.push_back(ask_topic(*topics, *cluster, name));
  if (!facts.brokers.empty()) facts.broker_settings = topics->settings(std::to_string(facts.brokers.front()), true, &facts.not_told);
  std::vector<DoctorLine> lines = judge_cluster(facts, config);
  Judge judge;
  try_transactions(judge, config.kafka, log);
  for (DoctorLine& line : judge.take()) lines.push_back(std::move(line));

  bool bad = false;
  constexpr const char* kMarks[] = {"  ok    ", "  look  ", "  BAD   "};
  for (const DoctorLine& line : lines) {
    bad = bad || line.finding == Finding::bad;
    std::printf("%s%s\n", kMarks[static_cast<std::size_t>(line.finding)], line.what.c_str());
    if (!line.advice.empty()) std::printf("        %s\n", line.advice.c_str());
  }
  std::printf("%s\n", bad ? "Something here will hurt." : "Nothing here will hurt.");
  return bad ? kExitBad : 0;
}

}  // namespace vpnverdict
