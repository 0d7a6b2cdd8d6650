#include "pipeline/pipeline.h"

#include <algorithm>
#include <set>

#include "pipeline/dialect/user_dialect.h"
#include "pipeline/verdict_json.h"

#ifndef VPNVERDICT_VERSION
#define VPNVERDICT_VERSION "unknown"
#endif

namespace vpnverdict {
namespace {

constexpr auto kLook = std::chrono::milliseconds(100);  // how often an idle thread looks whether it shall end
constexpr Timestamp kStuckMs = 60'000;                  // a consumer thread that has not turned for so long is stuck
constexpr int kLeaveMs = 8'000;                         // leaving the group takes 5 s when the broker is frozen

CorrelatorOptions correlator_options(const CorrelatorConfig& config) {
  CorrelatorOptions out;
  out.grace_ms = config.grace_ms;
  out.keep_ms = config.keep_ms;
  return out;
}

ParseStage::Options parse_options(const Config& config) {
  ParseStage::Options out;
  out.fields.message = config.input.message_fields;
  out.fields.host = config.input.host_fields;
  out.fields.time = config.input.time_fields;
  out.fields.peer = config.input.peer_fields;
  out.fields.group = config.input.group_fields;
  out.fields.user = config.input.user_fields;
  out.sources_max = static_cast<std::size_t>(std::max<std::int64_t>(1, config.input.sources_max / config.input.parse_threads));
  out.shards = static_cast<std::size_t>(config.correlator.shards);
  if (config.dialects) out.dialects = &config.dialects->set();
  return out;
}

}  // namespace

MetricsOptions metrics_options(const Config& config) {
  MetricsOptions out;
  out.parse_threads = static_cast<std::size_t>(config.input.parse_threads);
  out.shards = static_cast<std::size_t>(config.correlator.shards);
  out.group_labels_max = static_cast<std::size_t>(config.metrics.group_labels_max);
  out.issued_groups = config.inventory.groups;
  out.topics = config.kafka.topics;
  out.version = VPNVERDICT_VERSION;
  out.librdkafka = librdkafka_version();
  return out;
}

// What one shard thread owns.
struct Pipeline::ShardThread {
  ShardThread(const Inventory& inventory, CorrelatorOptions options, ShardCell& cell, std::function<void(const Verdict&)> tell)
      : stage(inventory, options, cell, std::move(tell)) {}
  ShardStage stage;
  std::set<std::uint32_t> owned;    // sources of the assignment
  std::vector<std::string> names;   // of sources, as far as known
  std::string json;                 // reused
};

Pipeline::Pipeline(Config config, PipelineMetrics& metrics, Log& log, OnVerdict on_verdict)
    : config_(std::move(config)), metrics_(metrics), log_(log), on_verdict_(std::move(on_verdict)),
      ledger_(static_cast<std::size_t>(config_.correlator.shards)) {}

Pipeline::~Pipeline() {
  if (!parse_threads_.empty() || !shard_threads_.empty()) drop_everything();
  parse_queues_.clear();  // records in them must go before the consumer they came from
}

std::string Pipeline::open() {
  std::string error;
  std::optional<SavedState> saved;
  if (!config_.correlator.state_file.empty()) {
    saved = read_state_file(config_.correlator.state_file, &error);
    if (!error.empty()) log_.warning("the state file is not used", {{"why", error}});
    error.clear();
    // Numbers of sources stand inside the saved states: they must mean the same partitions again.
    if (saved) {
      for (const SavedState::Source& source : saved->sources) sources_.index_of(source.topic, source.partition);
    }
  }
  const auto bound = static_cast<std::size_t>(config_.correlator.queue_batches);
  for (std::int64_t i = 0; i < config_.input.parse_threads; ++i) parse_queues_.push_back(std::make_unique<RawQueue>(bound));
  for (std::int64_t i = 0; i < config_.correlator.shards; ++i) shard_queues_.push_back(std::make_unique<ShardQueue>(bound));
  producer_ = KafkaProducer::open(config_.kafka, ledger_, metrics_.kafka(), log_, &error);
  if (!producer_) return error;
  for (std::size_t i = 0; i < shard_queues_.size(); ++i) {
    shards_.push_back(std::make_unique<ShardThread>(config_.inventory, correlator_options(config_.correlator), metrics_.shard(i),
                                                    [this, i](const Verdict& verdict) { tell(i, verdict); }));
  }
  std::function<bool(const DeadLetter&)> dead_letter;
  if (!config_.kafka.dead_letter_topic.empty()) {
    dead_letter = [this](const DeadLetter& letter) { return send_dead_letter(letter); };
  }
  for (std::size_t i = 0; i < parse_queues_.size(); ++i) {
    parse_stages_.push_back(std::make_unique<ParseStage>(config_.inventory, parse_options(config_), dead_letter));
  }
  intake_ = std::make_unique<Intake>(
      config_, Intake::Parts{sources_, ledger_, *producer_, metrics_.kafka(), log_, parse_queues_, shard_queues_}, std::move(saved));
  error = intake_->open();
  if (!error.empty()) return error;
  parse_running_ = parse_queues_.size();
  shard_running_ = shard_queues_.size();
  for (std::size_t i = 0; i < parse_queues_.size(); ++i) parse_threads_.emplace_back([this, i] { parse_loop(i); });
  for (std::size_t i = 0; i < shard_queues_.size(); ++i) shard_threads_.emplace_back([this, i] { shard_loop(i); });
  open_ = true;
  return "";
}

void Pipeline::parse_loop(std::size_t index) {
  RawQueue& queue = *parse_queues_[index];
  ParseStage& stage = *parse_stages_[index];
  while (!queue.drained() && !abandoned_) {
    std::optional<RawBatch> batch = queue.pop_for(kLook);
    if (!batch) continue;
    std::vector<ShardBatch> out(shard_queues_.size());
    stage.take(*batch, out);
    batch.reset();
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (!out[i].events.empty() || !out[i].marks.empty()) shard_queues_[i]->push(std::move(out[i]));
    }
    metrics_.lines(index).publish(stage.tally());
  }
  --parse_running_;
}

void Pipeline::shard_loop(std::size_t index) {
  ShardQueue& queue = *shard_queues_[index];
  ShardThread& shard = *shards_[index];
  Timestamp next_report = 0;
  while (!queue.drained() && !abandoned_) {
    std::optional<ShardBatch> batch = queue.pop_for(kLook);
    if (batch) {
      if (batch->assignment) shard.owned = {batch->assignment->sources.begin(), batch->assignment->sources.end()};
      const bool restores = batch->restore_from != nullptr;
      shard.stage.take(std::move(*batch));
      if (restores) {
        log_.info("shard restored", {{"shard", std::to_string(index)}, {"ok", shard.stage.restored() ? "yes" : "no"}});
      }
    }
    const Timestamp now = Intake::now().monotonic;
    if (now < next_report) continue;
    next_report = now + config_.kafka.commit_interval_ms;
    ledger_.report(index, shard.stage.needed());
  }
  if (!abandoned_) ledger_.report(index, shard.stage.needed());
  --shard_running_;
}

void Pipeline::tell(std::size_t index, const Verdict& verdict) {
  ShardThread& shard = *shards_[index];
  // Everything it rests on belongs to somebody else by now, who reads it again and tells it whole.
  const bool handed_over = !verdict.evidence.empty() && std::none_of(verdict.evidence.begin(), verdict.evidence.end(), [&](const Evidence& e) {
    return shard.owned.contains(e.ref.source);
  });
  if (handed_over) return metrics_.kafka().add_handed_over();
  if (shard.names.size() < sources_.size()) shard.names = sources_.names();
  shard.json.clear();
  append_json(verdict, shard.names, shard.json);
  producer_->produce(config_.kafka.verdict_topic, hex16(verdict.id), shard.json);
  if (on_verdict_) on_verdict_(verdict);
}

bool Pipeline::send_dead_letter(const DeadLetter& letter) {
  const auto [topic, partition] = sources_.partition(letter.ref.source);
  const std::size_t most = static_cast<std::size_t>(config_.kafka.dead_letter_bytes_max);
  KafkaProducer::Headers headers = {{"reason", std::string(name_of(letter.reason))},
                                    {"topic", topic},
                                    {"partition", std::to_string(partition)},
                                    {"offset", std::to_string(letter.ref.position)}};
  if (letter.text.size() > most) headers.emplace_back("cut_from_bytes", std::to_string(letter.text.size()));
  return producer_->produce(config_.kafka.dead_letter_topic, "", letter.text.substr(0, most), headers);
}

PipelineEnd Pipeline::run() {
  PipelineEnd end;
  end.failure = open();
  if (!end.failure.empty()) {
    log_.error("cannot start", {{"why", end.failure}});
    return end;
  }
  std::string failure;
  while (!stop_ && failure.empty()) {
    intake_->turn();
    failure = producer_->failure();
    if (failure.empty()) failure = intake_->failure();
  }
  if (abandoned_) {
    drop_everything();
    return end;
  }
  end = end_in_order();
  end.failure = failure;
  if (!failure.empty()) log_.error("stopped", {{"why", failure}});
  log_.info("ended", {{"clean", end.clean ? "yes" : "no"},
                      {"undelivered", std::to_string(end.undelivered)},
                      {"attempts_open", std::to_string(end.attempts_open)},
                      {"state_saved", end.state_saved ? "yes" : "no"}});
  return end;
}

template <typename Queues>
void Pipeline::finish(Queues& queues, std::vector<std::thread>& threads, const std::atomic<std::size_t>& running, Timestamp until) {
  for (const auto& queue : queues) queue->close();
  while (running > 0 && Intake::now().monotonic < until) producer_->poll(20);
  if (running > 0) {
    // Out of time: a full producer or queue is not waited for any more; what was not done is not committed.
    producer_->give_up();
    for (const auto& queue : shard_queues_) queue->close();
  }
  for (std::thread& thread : threads) thread.join();
  threads.clear();
}

PipelineEnd Pipeline::end_in_order() {
  PipelineEnd end;
  draining_ = true;
  const Timestamp until = Intake::now().monotonic + config_.service.shutdown_ms;
  const auto left = [until] { return std::max<Timestamp>(0, until - Intake::now().monotonic); };
  // A failed producer delivers nothing more; what waits for it must not be waited for.
  const bool can_deliver = producer_->failure().empty();
  if (!can_deliver) producer_->give_up();
  const bool all_read = intake_->stop_reading(until);
  finish(parse_queues_, parse_threads_, parse_running_, until);
  finish(shard_queues_, shard_threads_, shard_running_, until);
  const bool in_time = left() > 0;
  const bool flushed = can_deliver && producer_->flush(static_cast<int>(left()));
  end.undelivered = ledger_.unsettled();
  const bool committed = in_time && intake_->commit_now();
  for (const auto& shard : shards_) end.attempts_open += shard->stage.counts().attempts_open;
  end.clean = all_read && in_time && flushed && end.undelivered == 0 && committed;
  if (end.clean && !config_.correlator.state_file.empty()) end.state_saved = save_state();
  if (!intake_->leave(std::max(1'000, static_cast<int>(std::min<Timestamp>(left(), kLeaveMs))))) {
    log_.warning("the group was not left in time; its coordinator will notice by itself");
  }
  producer_->give_up();
  return end;
}

bool Pipeline::save_state() {
  SavedState state;
  state.sources = intake_->places();
  const auto want = [&state](const std::map<std::uint32_t, std::vector<std::uint64_t>>& positions) {
    for (const auto& [source, list] : positions) {
      auto& wanted = state.sources.at(source).wanted;
      wanted.insert(wanted.end(), list.begin(), list.end());
    }
  };
  for (const auto& stage : parse_stages_) want(stage->held_positions());
  for (const auto& shard : shards_) {
    want(shard->stage.waiting());
    state.shards.push_back(shard->stage.save());
  }
  for (SavedState::Source& source : state.sources) {
    std::sort(source.wanted.begin(), source.wanted.end());
    source.wanted.erase(std::unique(source.wanted.begin(), source.wanted.end()), source.wanted.end());
  }
  const std::string error = write_state_file(config_.correlator.state_file, state);
  if (!error.empty()) log_.error("the state could not be saved; records will be read again", {{"why", error}});
  return error.empty();
}

void Pipeline::drop_everything() {
  abandoned_ = true;
  producer_->give_up();
  for (const auto& queue : parse_queues_) queue->close();
  for (const auto& queue : shard_queues_) queue->close();
  for (std::thread& thread : parse_threads_) thread.join();
  for (std::thread& thread : shard_threads_) thread.join();
  parse_threads_.clear();
  shard_threads_.clear();
}

Health Pipeline::healthy() const {
  if (!open_) return {true, "starting"};
  const bool turning = Intake::now().monotonic - intake_->last_turn() < kStuckMs;
  return {turning || draining_, turning ? "consumer thread: turning" : "consumer thread: stuck"};
}

Health Pipeline::ready() const {
  if (!open_) return {false, "starting"};
  if (draining_) return {false, "draining"};
  const std::string failure = producer_->failure();
  if (!failure.empty()) return {false, failure};
  return intake_->ready() ? Health{true, "assigned"} : Health{false, "no assignment yet"};
}

}  // namespace vpnverdict
