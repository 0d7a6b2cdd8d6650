// The service's machine: stage 1 (Ingest), stage 2 (Correlate, one for each thread that judges), stage 3 (Incidents), or all of
// them, as the role says. They meet in Kafka only, so that it makes no difference whether they share a process.
// run() and the constructor belong to one thread; stop(), abandon(), healthy() and ready() may be called from any.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "correlator/verdict.h"
#include "metrics/exposer.h"
#include "metrics/pipeline_metrics.h"
#include "pipeline/config.h"
#include "pipeline/correlate.h"
#include "pipeline/incidents.h"
#include "pipeline/ingest.h"
#include "pipeline/log.h"

namespace vpnverdict {

// How a run ended.
struct PipelineEnd {
  std::string failure;              // one sentence when it ended by itself
  bool clean = false;               // everything read was handed on, judged as far as it goes, and committed
  std::uint64_t undelivered = 0;    // packets and dead letters that no broker has confirmed
  std::uint64_t attempts_open = 0;  // they are in the state topic and go on after the restart
};

MetricsOptions metrics_options(const Config& config);

// A process that works, but is far behind, is not ready. A lag that is not known yet, for some seconds after the start, counts as
// none. `most` 0: any lag.
Health within_lag(Health health, const std::vector<KafkaCell::Feed>& feeds, std::int64_t most);

class Pipeline {
 public:
  // `metrics` (made with metrics_options() of the same configuration) and `log` must outlive the pipeline.
  // `on_verdict`: called for committed verdicts, one call at a time per judging thread. `on_incident`: for committed cards.
  Pipeline(Config config, PipelineMetrics& metrics, Log& log, OnVerdict on_verdict = {}, OnIncident on_incident = {});
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  // Runs until stop(), abandon() or a failure that waiting does not mend; then ends in order within
  // service.shutdown_ms and reports what was left.
  PipelineEnd run();
  void stop();
  // As if the process had been killed: nothing is drained, flushed or committed, no group is left.
  void abandon();

  Health healthy() const;
  Health ready() const;

 private:
  Health working() const;
  void note(const StageEnd& end);
  bool wait_for_topics();

  const Config config_;
  PipelineMetrics& metrics_;
  Log& log_;
  SoloGate gate_;
  std::unique_ptr<Ingest> ingest_;
  std::vector<std::unique_ptr<Correlate>> correlates_;
  std::unique_ptr<Incidents> incidents_;  // null: not this role, or none are looked for
  std::atomic<bool> stop_ = false;
  std::mutex end_mutex_;
  PipelineEnd end_;
};

}  // namespace vpnverdict
