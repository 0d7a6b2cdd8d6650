// `vpnverdict doctor`: looks at the cluster as it is and says what will hurt, before it does. Changes nothing.
#pragma once

#include <string>
#include <vector>

#include "pipeline/config.h"
#include "pipeline/kafka_topics.h"

namespace vpnverdict {

enum class Finding : unsigned char { fine, look, bad };

struct DoctorLine {
  Finding finding;
  std::string what;    // one sentence
  std::string advice;  // what to do; empty when fine
};

// What was asked of the cluster, as values: the judgement is pure.
struct ClusterFacts {
  std::vector<std::int32_t> brokers;
  struct Topic {
    std::string name;
    std::int32_t partitions = 0;  // 0: there is none
    std::int32_t replicas = 0;
    std::string trouble;
    std::map<std::string, std::string> settings;  // empty: not told
  };
  std::vector<Topic> raw;
  Topic events, states, verdicts;
  std::vector<Topic> incidents;  // signs, state and cards; empty: none are looked for
  std::map<std::string, std::string> broker_settings;  // empty: not told
  std::string not_told;                                // why
};
std::vector<DoctorLine> judge_cluster(const ClusterFacts& facts, const Config& config);

// Prints what it found. 0: nothing bad, 1: something is bad, 69: the cluster cannot be asked.
int run_doctor(const Config& config);

}  // namespace vpnverdict
