// Stage 1: raw topics in, packets of events out. At least once: offsets are committed when the packets before them are
// delivered, and stage 2 knows what it has seen. One consumer thread (the one that calls run()), parse threads.
// stop(), abandon(), healthy() and ready() may be called from any thread.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "metrics/exposer.h"
#include "metrics/pipeline_metrics.h"
#include "pipeline/config.h"
#include "pipeline/intake.h"
#include "pipeline/kafka_topics.h"
#include "pipeline/log.h"
#include "pipeline/parse_stage.h"
#include "pipeline/solo_gate.h"

namespace vpnverdict {

// How a stage ended.
struct StageEnd {
  std::string failure;            // one sentence when it ended by itself
  bool clean = false;             // everything read was handed on and committed
  std::uint64_t undelivered = 0;  // records that no broker has confirmed
};

class Ingest {
 public:
  // The references must outlive the stage.
  Ingest(const Config& config, PipelineMetrics& metrics, Log& log, SoloGate& gate);
  ~Ingest();
  Ingest(const Ingest&) = delete;
  Ingest& operator=(const Ingest&) = delete;

  // Runs until stop(), abandon() or a failure that waiting does not mend; ends in order within service.shutdown_ms.
  StageEnd run();
  void stop() { stop_ = true; }
  // As if the process had been killed: nothing is drained, flushed or committed, the group is not left.
  void abandon() { abandoned_ = stop_ = true; }

  Health healthy() const;
  Health ready() const;

 private:
  using Roster = std::vector<TopicNumber<std::string>>;

  std::string open();
  std::string learn_topics();
  std::string refresh_roster();
  Roster roster() const;
  void parse_loop(std::size_t index);
  bool send_dead_letter(const DeadLetter& letter);
  StageEnd end_in_order();
  void wait_when_refused();
  void drop_everything();

  const Config& config_;
  PipelineMetrics& metrics_;
  Log& log_;
  SoloGate& gate_;

  SourceTable sources_;
  OffsetLedger ledger_;
  std::vector<std::unique_ptr<RawQueue>> queues_;
  std::unique_ptr<KafkaTopics> topics_;
  std::unique_ptr<KafkaProducer> producer_;
  std::unique_ptr<Intake> intake_;
  std::vector<std::thread> threads_;
  std::atomic<std::size_t> running_ = 0;
  std::int32_t partitions_ = 0;  // of the internal topic
  mutable std::mutex roster_mutex_;
  Roster roster_;
  Timestamp next_roster_ = 0;

  std::atomic<bool> stop_ = false;
  std::atomic<bool> abandoned_ = false;
  std::atomic<bool> draining_ = false;
  std::atomic<bool> open_ = false;
};

}  // namespace vpnverdict
