// What the broker tests share: a labelled fleet as records, what a replay of the same lines says, and reading the
// verdict topic back. The replay is the oracle: another code path for input, the same correlator.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "correlator/inventory.h"
#include "metrics/pipeline_metrics.h"
#include "pipeline/config.h"
#include "pipeline/generate.h"

namespace vpnverdict::testing {

struct Fleet {
  Inventory inventory;
  std::vector<GeneratedRecord> records;
  std::size_t middle = 0;  // read up to this record, some attempts are judged, some open, some not begun
};
// The last hour of its records are lines that say nothing: they let every time-out of the others pass.
// `only_topic` leaves the other side's records out.
Fleet make_fleet(std::uint64_t attempts, std::uint64_t seed, std::string_view only_topic = "");

// Three usual hours of the concentrators' logs, then one group's password is changed and nobody of it gets in, and an hour of
// nothing. `middle` lies in the trouble.
Fleet make_incident_fleet(std::uint64_t seed);
// What a replay tells of incidents: the records of the incident topic, in order.
std::vector<std::string> incidents_of_replay(const Fleet& fleet);

struct Told {
  std::string cause;  // of the newest final revision
  std::uint64_t revision = 0;
  std::uint64_t finals = 0;  // final records with this id
  std::string who;           // peer, group and user
};
using Verdicts = std::map<std::string, Told>;  // by id; attempts only, final ones only

struct Oracle {
  Verdicts verdicts;
  ShardCounts counts;
  std::string metrics;  // exposition, no zeros owed
};
Oracle replay_of(const Fleet& fleet);

struct TopicRecord {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::string value;
  std::map<std::string, std::string> headers;
};
// Every committed record of the topic at this moment; those of one partition in their order.
std::vector<TopicRecord> read_records(const std::string& brokers, const std::string& topic);
std::vector<std::string> read_topic(const std::string& brokers, const std::string& topic);
// Ids and revisions that stand in these records more than once, one a line.
std::string told_twice(const std::vector<std::string>& records);
void add_verdict(const std::string& json, Verdicts* verdicts);
Verdicts read_verdicts(const std::string& brokers, const std::string& topic);

// Records [from, to) into topics called prefix + the record's topic; the partition is chosen by the record's key, or
// by the cluster of it.
void feed(const std::string& brokers, const Fleet& fleet, std::size_t from, std::size_t to, const std::string& prefix,
          int partitions);
// Real brokers only.
void create_topics(const std::string& brokers, const std::vector<std::string>& names, int partitions);
void add_partitions(const std::string& brokers, const std::string& topic, int partitions);  // to this number
void delete_topics(const std::string& brokers, const std::string& prefix);

// Polls until it holds; false when that took longer than two minutes. What is waited for is a fact, not a time.
bool eventually(const std::function<bool()>& fact);

// Ids of `all` that `some` lacks.
std::set<std::string> missing(const Verdicts& all, const Verdicts& some);
// Of those, the ones whose peer, group and user no verdict of `some` names.
std::set<std::string> unaccounted(const Verdicts& all, const Verdicts& some);
// Lines of an exposition that begin with this name, sorted.
std::vector<std::string> family(const std::string& exposition, const std::string& name);

// The lines of both that differ, one a line with < or >; empty when they are equal.
std::string difference(const std::vector<std::string>& left, const std::vector<std::string>& right);

// A configuration for this fleet with the tests' topics and no waiting on wall time.
Config config_for(const std::string& brokers, const Fleet& fleet, const std::string& prefix, const std::string& session_ms = "6000");

}  // namespace vpnverdict::testing
