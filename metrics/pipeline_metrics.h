// Everything /metrics tells. Threads count in plain arrays of their own and publish them once per batch; a scrape
// sums them. No series is looked up by label on the data path. README.md here is the catalogue; a test compares it.
// A cell belongs to the thread that publishes into it; text() and Collect() may be called from any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include "correlator/incident.h"
#include "correlator/inventory.h"
#include "correlator/pool_view.h"
#include "correlator/shard.h"
#include "correlator/verdict.h"
#include "metrics/failed_clients.h"
#include "metrics/group_labels.h"
#include "metrics/open_metrics.h"

namespace vpnverdict {

// Concentrators of the inventory that get a series of their own.
inline constexpr std::size_t kConcentratorSeriesMax = 1'000;

// Where the lines of one parse thread went. A value that only grows, `buffered` excepted.
struct LineTally {
  static constexpr std::size_t kDialects = std::size(kDialectNames);
  static constexpr std::size_t kRejects = std::size(kRejectNames);
  struct PerDialect {
    std::uint64_t events = 0;
    std::uint64_t ignored = 0;
    std::array<std::uint64_t, kRejects> rejected{};
  };
  std::array<PerDialect, kDialects> by_dialect{};
  std::uint64_t consumed = 0;         // lines that came out of envelopes, and envelopes that held none
  std::uint64_t buffered = 0;         // lines a reader holds because their message may go on
  std::uint64_t sources = 0;          // log writers remembered
  std::uint64_t sources_evicted = 0;  // forgotten because of the bound
  std::array<std::uint64_t, kRejects> dead_letters{};
  std::vector<std::uint64_t> by_concentrator;  // by their places in the inventory, at most kConcentratorSeriesMax

  PerDialect& of(Dialect dialect) { return by_dialect[static_cast<std::size_t>(dialect)]; }
  void reject(Dialect dialect, Reject reason, std::uint64_t lines) {
    of(dialect).rejected[static_cast<std::size_t>(reason)] += lines;
  }
};

class LineCell {
 public:
  void publish(const LineTally& tally);
  LineTally read() const;

 private:
  mutable std::mutex mutex_;  // taken once per batch and once per scrape
  LineTally tally_;
};

inline constexpr std::array<double, 12> kLatencyBounds = {0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 900, 3600};

// Verdicts of one shard. Counted once, when they are final for the first time.
class ShardCell {
 public:
  explicit ShardCell(GroupLabels& groups) : groups_(groups) {}

  // `now`: the time by which the latency from the newest evidence is measured; kUntimed leaves it out.
  void count(const Verdict& verdict, Timestamp now);
  // `missing`: raw partitions that the stream has passed by.
  void publish(const ShardCounts& counts, Timestamp stream_time, std::size_t missing = 0);
  // The address pools of the cell's shards as they stand; replaces what was said before.
  void publish(std::vector<PoolView> pools);

 private:
  friend class PipelineMetrics;
  static constexpr std::size_t kOutcomes = std::size(kOutcomeNames);
  using PerGroup = std::array<std::array<std::uint64_t, kOutcomes>, kCauseCount>;
  using SeriesKey = std::array<std::uint32_t, 3>;  // group, cause, outcome
  struct Last {  // the attempt that a series counted last
    std::uint64_t attempt = 0;
    Timestamp at = kUntimed;
  };
  enum class Seen : std::uint8_t { first_time, same_cause, other_cause };
  Seen remember(std::uint64_t id, Cause cause);
  static PerGroup& row(std::vector<std::unique_ptr<PerGroup>>& rows, std::uint32_t group);
  void count_failure(const Verdict& verdict, std::uint32_t group);

  GroupLabels& groups_;
  mutable std::mutex mutex_;  // taken per verdict and per scrape
  std::vector<std::unique_ptr<PerGroup>> verdicts_;
  std::vector<std::unique_ptr<PerGroup>> sessions_;
  std::uint64_t revisions_same_ = 0;
  std::uint64_t revisions_changed_ = 0;
  std::array<std::uint64_t, kLatencyBounds.size() + 1> latency_{};
  double latency_sum_ = 0;
  std::unordered_map<std::uint64_t, Cause> finals_;  // what was counted, so that a revision is not counted again
  std::deque<std::uint64_t> finals_order_;
  std::array<std::uint64_t, std::size(kGradeNames)> grades_{};  // of failures
  FailedClients failed_clients_;
  std::map<SeriesKey, Last> last_;  // of failures
  ShardCounts counts_;
  Timestamp stream_time_ = kUntimed;
  std::size_t missing_ = 0;
  std::uint64_t partial_ = 0;
  std::vector<PoolView> pools_;
};

// How the incidents stand, as far as they were committed.
struct IncidentFigures {
  IncidentCounts counts;  // of signs, since the take-over
  std::array<std::array<std::uint64_t, 9>, kIncidentKindCount> open{};  // by kind and step
  Timestamp stream_time = kUntimed;
  std::uint64_t shards_left_out = 0;
};

// The incidents of all shards. Says nothing while another process owns them.
class IncidentCell {
 public:
  void count(const Incident& card);  // a record of it was committed
  void publish(const IncidentFigures& figures);
  void retire();  // owned no more

 private:
  friend class PipelineMetrics;
  mutable std::mutex mutex_;
  bool owned_ = false;
  IncidentFigures figures_;
  IncidentCounts gone_;  // of former take-overs
  std::array<std::uint64_t, kIncidentKindCount> opened_{}, closed_{};
};

// Pools that get series of their own; the rest is counted in vpnverdict_pools_unlisted. Ten series each.
inline constexpr std::size_t kPoolSeriesMax = 1'000;

// Verdicts remembered per shard against being counted twice; about a day at three a second.
inline constexpr std::size_t kFinalsRememberedMax = 262'144;

// librdkafka's errors in classes: a closed set, a metric label.
enum class KafkaError : std::uint8_t { transport, all_brokers_down, timed_out, authentication, authorization, unknown_topic, group, message, fatal, other };
inline constexpr std::string_view kKafkaErrorNames[] = {"transport",     "all_brokers_down", "timed_out", "authentication",
                                                        "authorization", "unknown_topic",    "group",     "message",
                                                        "fatal",         "other"};

enum class PauseReason : std::uint8_t { queue_full, ahead_of_others };
inline constexpr std::string_view kPauseReasonNames[] = {"queue_full", "ahead_of_others"};

// What the Kafka threads know. Every method is safe from any thread.
class KafkaCell {
 public:
  explicit KafkaCell(const std::vector<std::string>& topics);

  using Partition = std::pair<std::string, std::int32_t>;
  void add_records(const std::string& topic, std::uint64_t records, std::uint64_t bytes);
  // `client`: which of the process's consumers speaks; its numbers replace what it said before.
  // Lags of all owned partitions; -1 = not known yet.
  void set_lags(const void* client, std::map<Partition, std::int64_t> lags);
  void set_assigned(const void* client, std::size_t partitions);
  void add_rebalance();
  void add_error(KafkaError error);
  void add_pause(PauseReason reason);
  void set_paused(const void* client, std::size_t partitions);
  // For how long the partition that has stood still longest has given nothing; 0: none stands still.
  void set_stalled(const void* client, std::int64_t milliseconds);
  void add_commit(bool ok);
  void add_produced(bool delivered, std::uint64_t records = 1);
  std::uint64_t delivered() const;
  // Stage 2.
  void add_takeover(bool resumed);             // a shard was taken over, empty or from its state
  void add_redone(std::uint64_t records);      // records folded again after a snapshot
  void add_packets_bad(std::uint64_t records); // records of the internal topic that could not be read
  void add_events_repeated(std::uint64_t events);
  void add_snapshot(std::uint64_t bytes);
  void add_poison();  // a record that ended every process which took it in was left out

  // A topic as this process sees it: what it read of it, and how far it is behind.
  struct Feed {
    std::string topic;
    std::uint64_t records = 0;
    std::uint64_t bytes = 0;
    std::uint64_t partitions = 0;  // owned, as far as librdkafka has told
    std::int64_t lag = -1;         // records behind the ends of those; -1: not known
  };
  std::vector<Feed> feeds() const;

 private:
  friend class PipelineMetrics;
  struct Input {
    std::uint64_t records = 0;
    std::uint64_t bytes = 0;
  };
  mutable std::mutex mutex_;
  std::map<std::string, Input> input_;
  struct Client {
    std::map<Partition, std::int64_t> lags;
    std::size_t assigned = 0;
    std::size_t paused = 0;
    std::int64_t stalled_ms = 0;
  };
  std::map<const void*, Client> clients_;
  std::uint64_t rebalances_ = 0;
  std::array<std::uint64_t, std::size(kKafkaErrorNames)> errors_{};
  std::array<std::uint64_t, std::size(kPauseReasonNames)> pauses_{};
  std::uint64_t commits_ok_ = 0, commits_failed_ = 0;
  std::uint64_t delivered_ = 0, undelivered_ = 0;
  std::uint64_t takeovers_fresh_ = 0, takeovers_resumed_ = 0, redone_ = 0, packets_bad_ = 0, repeated_ = 0, snapshot_bytes_ = 0, poison_ = 0;
};

// How the running configuration stands. Any thread.
class ConfigCell {
 public:
  // `seconds`: the wall clock's, since 1970.
  void reloaded(bool ok, double seconds);
  void certificate_ends(std::int64_t seconds);  // 0: there is none

 private:
  friend class PipelineMetrics;
  mutable std::mutex mutex_;
  bool told_ = false;
  bool ok_ = false;
  double succeeded_at_ = 0;
  std::int64_t certificate_ends_ = 0;
};

struct MetricsOptions {
  std::size_t parse_threads = 1;
  std::size_t shards = 1;
  std::size_t group_labels_max = 200;
  std::vector<std::string> issued_groups;
  std::vector<std::string> concentrators;  // of the inventory, in its order
  std::vector<std::string> topics;
  std::string version = "unknown";
  std::string librdkafka = "none";
};

class PipelineMetrics final : public prometheus::Collectable {
 public:
  explicit PipelineMetrics(const MetricsOptions& options);

  LineCell& lines(std::size_t parse_thread) { return *lines_[parse_thread]; }
  ShardCell& shard(std::size_t index) { return *shards_[index]; }
  IncidentCell& incidents() { return incidents_; }
  KafkaCell& kafka() { return kafka_; }
  const KafkaCell& kafka() const { return kafka_; }
  ConfigCell& config() { return config_; }
  void set_group_labels_max(std::size_t max) { groups_.set_max(max); }
  const GroupLabels& groups() const { return groups_; }
  // Sums as they stand, for whoever keeps the books.
  LineTally line_sum() const;
  ShardCounts shard_sum() const;
  // The address pools of all shards, as they were published last.
  std::vector<PoolView> pools() const;
  // Of the slowest shard; kUntimed when one does not know it yet, or there is none.
  Timestamp stream_time() const;

  // The families as they stand. A group's verdict series show 0 in the first scrape that has them: a series that is
  // born above 0 looks to Prometheus as if nothing had happened, and the first failure of a group would raise no alert.
  std::vector<prometheus::MetricFamily> Collect() const override;
  // Text exposition 0.0.4. `scrape` false: the true numbers, no zero is owed to anyone (files, tests).
  std::string text(bool scrape = true) const;
  // The same as OpenMetrics 1.0: failures name the attempt that was counted last, as /api/attempts/ID knows it.
  std::string open_metrics_text() const;

 private:
  // `exemplars` may be null.
  std::vector<prometheus::MetricFamily> collect(bool scrape, Exemplars* exemplars) const;
  void collect_incidents(std::vector<prometheus::MetricFamily>& out) const;
  void collect_config(std::vector<prometheus::MetricFamily>& out) const;

  const MetricsOptions options_;
  mutable GroupLabels groups_;
  std::vector<std::unique_ptr<LineCell>> lines_;
  std::vector<std::unique_ptr<ShardCell>> shards_;
  IncidentCell incidents_;
  KafkaCell kafka_;
  ConfigCell config_;
  mutable std::mutex shown_mutex_;
  mutable std::vector<bool> shown_;  // by group: its zeros were scraped
};

}  // namespace vpnverdict
