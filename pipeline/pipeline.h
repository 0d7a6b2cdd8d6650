// The service's machine: Kafka in, verdicts out. One consumer thread (the one that calls run()), parse threads, shard
// threads; README.md here has the picture, the offset rule and the order of shutdown.
// run() and its constructor belong to one thread; stop(), abandon(), healthy() and ready() may be called from any.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "correlator/verdict.h"
#include "metrics/exposer.h"
#include "metrics/pipeline_metrics.h"
#include "pipeline/config.h"
#include "pipeline/intake.h"
#include "pipeline/log.h"
#include "pipeline/parse_stage.h"
#include "pipeline/shard_stage.h"

namespace vpnverdict {

// How a run ended.
struct PipelineEnd {
  std::string failure;               // one sentence when it ended by itself
  bool clean = false;                // everything read was handed on, judged as far as it goes, delivered and committed
  std::uint64_t undelivered = 0;     // verdicts and dead letters that no broker has confirmed
  std::uint64_t attempts_open = 0;   // their records will be read again, or are in the state file
  bool state_saved = false;
};

MetricsOptions metrics_options(const Config& config);

class Pipeline {
 public:
  // Called from shard threads, one call at a time per shard; for the demo's table.
  using OnVerdict = std::function<void(const Verdict&)>;

  // `metrics` (made with metrics_options() of the same configuration) and `log` must outlive the pipeline.
  Pipeline(Config config, PipelineMetrics& metrics, Log& log, OnVerdict on_verdict = {});
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  // Runs until stop(), abandon() or a failure that waiting does not mend; then ends in order within
  // service.shutdown_ms and reports what was left.
  PipelineEnd run();
  void stop() { stop_ = true; }
  // As if the process had been killed: nothing is drained, flushed or committed, the group is not left.
  void abandon() { abandoned_ = stop_ = true; }

  Health healthy() const;
  Health ready() const;

 private:
  struct ShardThread;
  std::string open();
  void parse_loop(std::size_t index);
  void shard_loop(std::size_t index);
  void tell(std::size_t shard, const Verdict& verdict);
  bool send_dead_letter(const DeadLetter& letter);
  // Closes `queues`, waits until their threads are through or the time is up (then they are made to give up).
  template <typename Queues>
  void finish(Queues& queues, std::vector<std::thread>& threads, const std::atomic<std::size_t>& running, Timestamp until);
  PipelineEnd end_in_order();
  bool save_state();
  void drop_everything();

  const Config config_;
  PipelineMetrics& metrics_;
  Log& log_;
  const OnVerdict on_verdict_;

  SourceTable sources_;
  OffsetLedger ledger_;
  std::vector<std::unique_ptr<RawQueue>> parse_queues_;
  std::vector<std::unique_ptr<ShardQueue>> shard_queues_;
  std::unique_ptr<KafkaProducer> producer_;
  std::unique_ptr<Intake> intake_;
  std::vector<std::unique_ptr<ParseStage>> parse_stages_;
  std::vector<std::unique_ptr<ShardThread>> shards_;
  std::vector<std::thread> parse_threads_;
  std::vector<std::thread> shard_threads_;
  std::atomic<std::size_t> parse_running_ = 0;
  std::atomic<std::size_t> shard_running_ = 0;

  std::atomic<bool> stop_ = false;
  std::atomic<bool> abandoned_ = false;
  std::atomic<bool> draining_ = false;
  std::atomic<bool> open_ = false;
};

}  // namespace vpnverdict
