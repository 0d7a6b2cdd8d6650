#include "pipeline/pipeline.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "pipeline/kafka_topics.h"

namespace vpnverdict {
namespace {

constexpr auto kTopicsPause = std::chrono::milliseconds(500);

}  // namespace

MetricsOptions metrics_options(const Config& config) {
  MetricsOptions out;
  out.parse_threads = static_cast<std::size_t>(config.input.parse_threads);
  out.shards = static_cast<std::size_t>(config.correlator.shards);
  out.group_labels_max = static_cast<std::size_t>(config.metrics.group_labels_max);
  out.issued_groups = config.inventory.groups;
  for (const Concentrator& concentrator : config.inventory.concentrators) out.concentrators.push_back(concentrator.name);
  out.topics = config.kafka.topics;
  out.version = program_version();
  out.librdkafka = librdkafka_version();
  return out;
}

Health within_lag(Health health, const std::vector<KafkaCell::Feed>& feeds, std::int64_t most) {
  std::int64_t behind = 0;
  for (const KafkaCell::Feed& feed : feeds) behind += std::max<std::int64_t>(feed.lag, 0);
  if (!health.ok || most == 0 || behind <= most) return health;
  return {false, "catching up: " + std::to_string(behind) + " records wait, more than service.ready_lag_max"};
}

Pipeline::Pipeline(Config config, PipelineMetrics& metrics, Log& log, OnVerdict on_verdict, OnIncident on_incident)
    : config_(std::move(config)), metrics_(metrics), log_(log) {
  const auto plays = [this](std::string_view role) { return config_.service.role == "all" || config_.service.role == role; };
  const OwnerStage::Parts parts{config_, metrics_.kafka(), log_, gate_};
  if (plays("ingest")) ingest_ = std::make_unique<Ingest>(config_, metrics_, log_, gate_);
  for (std::int64_t i = 0; plays("correlate") && i < config_.correlator.shards; ++i)
    correlates_.push_back(std::make_unique<Correlate>(parts, metrics_.shard(static_cast<std::size_t>(i)), on_verdict));
  if (plays("incidents") && !config_.kafka.incident_topic.empty())
    incidents_ = std::make_unique<Incidents>(parts, metrics_.incidents(), std::move(on_incident));
}

Pipeline::~Pipeline() = default;

void Pipeline::stop() {
  stop_ = true;
  if (ingest_) ingest_->stop();
  for (const auto& correlate : correlates_) correlate->stop();
  if (incidents_) incidents_->stop();
}

void Pipeline::abandon() {
  stop_ = true;
  if (ingest_) ingest_->abandon();
  for (const auto& correlate : correlates_) correlate->abandon();
  if (incidents_) incidents_->abandon();
}

// A stage that ends by itself ends the others: a supervisor then sees it.
void Pipeline::note(const StageEnd& end) {
  {
    const std::lock_guard lock(end_mutex_);
    if (end_.failure.empty()) end_.failure = end.failure;
    end_.clean = end_.clean && end.clean;
    end_.undelivered += end.undelivered;
  }
  stop();
}

bool Pipeline::wait_for_topics() {
  std::string error;
  const std::unique_ptr<KafkaTopics> topics = KafkaTopics::open(config_.kafka, log_, &error);
  while (topics && !stop_) {
    bool answered = false;
    error = ensure_topics(*topics, config_.kafka, &answered);
    if (error.empty()) return true;
    if (answered) break;
    log_.often(Log::Level::warning, "waiting for topics", {{"why", error}});
    std::this_thread::sleep_for(kTopicsPause);
  }
  const std::lock_guard lock(end_mutex_);
  if (!stop_) end_.failure = error;
  end_.clean = stop_;  // nothing was begun
  return false;
}

PipelineEnd Pipeline::run() {
  if (!wait_for_topics()) {
    if (!end_.failure.empty()) log_.error("cannot start", {{"why", end_.failure}});
    return end_;
  }
  end_.clean = true;
  std::vector<std::thread> threads;
  for (const auto& correlate : correlates_) {
    threads.emplace_back([this, &correlate] { note(correlate->run()); });
  }
  if (incidents_) threads.emplace_back([this] { note(incidents_->run()); });
  if (ingest_) note(ingest_->run());
  for (std::thread& thread : threads) thread.join();
  for (const auto& correlate : correlates_) end_.attempts_open += correlate->attempts_open();
  if (!end_.failure.empty()) log_.error("stopped", {{"why", end_.failure}});
  log_.info("ended", {{"clean", end_.clean ? "yes" : "no"},
                      {"undelivered", std::to_string(end_.undelivered)},
                      {"attempts_open", std::to_string(end_.attempts_open)}});
  return end_;
}

Health Pipeline::healthy() const {
  if (ingest_) {
    if (const Health health = ingest_->healthy(); !health.ok) return health;
  }
  for (const auto& correlate : correlates_) {
    if (const Health health = correlate->healthy(); !health.ok) return health;
  }
  if (incidents_) {
    if (const Health health = incidents_->healthy(); !health.ok) return health;
  }
  return {true, "all threads: turning"};
}

// Ready when raw partitions were assigned and one of the judging threads has its shards: there may be fewer shards than
// threads. Incidents are one process's at a time: they decide only where there is nothing else.
Health Pipeline::ready() const { return within_lag(working(), metrics_.kafka().feeds(), config_.service.ready_lag_max); }

Health Pipeline::working() const {
  if (stop_) return {false, "draining"};
  if (ingest_) {
    if (const Health health = ingest_->ready(); !health.ok || correlates_.empty()) return health;
  }
  if (incidents_ && correlates_.empty()) return incidents_->ready();
  Health health{false, "no shards"};
  for (const auto& correlate : correlates_) {
    if (health = correlate->ready(); health.ok) break;
  }
  return health;
}

}  // namespace vpnverdict
