// What the cluster knows about topics: how many partitions, which settings; and making those of ours that are missing.
// Asks and waits; one thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/config.h"
#include "pipeline/event_codec.h"
#include "pipeline/kafka_handles.h"
#include "pipeline/log.h"

namespace vpnverdict {

class KafkaTopics {
 public:
  static std::unique_ptr<KafkaTopics> open(const KafkaConfig& config, Log& log, std::string* error);

  // 0 when there is no such topic; nothing when no broker answers.
  std::optional<std::int32_t> partitions(const std::string& topic);
  // All of these; nothing when one of them is not known, or no broker answers.
  std::optional<std::vector<TopicNumber<std::string>>> roster(const std::vector<std::string>& topics);
  // Empty when it was made or exists already.
  std::string create(const std::string& topic, std::int32_t partitions, std::int32_t replication,
                     const std::map<std::string, std::string>& settings);
  // Settings of a topic or (`broker` true) of broker number `name`; empty with a sentence when they are not told.
  std::map<std::string, std::string> settings(const std::string& name, bool broker, std::string* error);

  struct Cluster {
    std::vector<std::int32_t> brokers;
    std::map<std::string, std::int32_t> replicas;  // by topic, of its worst partition
    std::map<std::string, std::string> trouble;    // by topic: no leader, fewer in sync than replicas
  };
  std::optional<Cluster> cluster(std::string* error);

  Log& log() { return log_; }

 private:
  explicit KafkaTopics(Log& log) : log_(log) {}
  Log& log_;
  KafkaHandle handle_;
};

// What our own topics must be like when we make them.
std::map<std::string, std::string> settings_of_own(const KafkaConfig& config, const std::string& topic);
// Makes the missing ones of ours (verdicts, incidents, and the internal ones) where the configuration says so. Empty when all are
// there and fit together, else a sentence; `answered` false when no broker did.
std::string ensure_topics(KafkaTopics& topics, const KafkaConfig& config, bool* answered);

}  // namespace vpnverdict
