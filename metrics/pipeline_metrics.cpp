#include "metrics/pipeline_metrics.h"

#include <algorithm>
#include <limits>
#include <tuple>

#include <prometheus/text_serializer.h>

#include "correlator/pool_forecast.h"
#include "correlator/diagnosis.h"
#include "correlator/sign.h"
#include "metrics/label.h"

namespace vpnverdict {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

class Family {
 public:
  Family(std::vector<MetricFamily>& out, std::string name, std::string help, MetricType type) : family_(out.emplace_back()) {
    family_.name = std::move(name);
    family_.help = std::move(help);
    family_.type = type;
  }
  Family& add(Labels labels, double value) {
    ClientMetric& metric = family_.metric.emplace_back();
    metric.label = std::move(labels);
    (family_.type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
    return *this;
  }
  Family& add(Labels labels, std::uint64_t value) { return add(std::move(labels), static_cast<double>(value)); }
  ClientMetric& metric() { return family_.metric.emplace_back(); }

 private:
  MetricFamily& family_;
};

Family counter(std::vector<MetricFamily>& out, const char* name, const char* help) {
  return {out, name, help, MetricType::Counter};
}
Family gauge(std::vector<MetricFamily>& out, const char* name, const char* help) {
  return {out, name, help, MetricType::Gauge};
}

std::string str(std::string_view text) { return std::string(text); }

void add_tally(LineTally& sum, const LineTally& one) {
  for (std::size_t d = 0; d < LineTally::kDialects; ++d) {
    sum.by_dialect[d].events += one.by_dialect[d].events;
    sum.by_dialect[d].ignored += one.by_dialect[d].ignored;
    for (std::size_t r = 0; r < LineTally::kRejects; ++r) sum.by_dialect[d].rejected[r] += one.by_dialect[d].rejected[r];
  }
  sum.consumed += one.consumed;
  sum.buffered += one.buffered;
  sum.sources += one.sources;
  sum.sources_evicted += one.sources_evicted;
  for (std::size_t r = 0; r < LineTally::kRejects; ++r) sum.dead_letters[r] += one.dead_letters[r];
  sum.by_concentrator.resize(std::max(sum.by_concentrator.size(), one.by_concentrator.size()));
  for (std::size_t i = 0; i < one.by_concentrator.size(); ++i) sum.by_concentrator[i] += one.by_concentrator[i];
}

void add_counts(ShardCounts& sum, const ShardCounts& one) {
  for (std::uint64_t ShardCounts::*field :
       {&ShardCounts::events, &ShardCounts::duplicates, &ShardCounts::late, &ShardCounts::attempts_opened,
        &ShardCounts::attempts_final, &ShardCounts::attempts_joined, &ShardCounts::attempts_open, &ShardCounts::revisions,
        &ShardCounts::evidence_dropped, &ShardCounts::evicted}) {
    sum.*field += one.*field;
  }
}

void collect_lines(const LineTally& sum, const std::vector<std::string>& concentrators, std::vector<MetricFamily>& out) {
  counter(out, "vpnverdict_lines_consumed_total", "Log lines taken in: events + ignored + rejected + buffered.")
      .add({}, sum.consumed);
  Family lines = counter(out, "vpnverdict_lines_total", "Log lines by dialect and by what became of them.");
  for (std::size_t d = 0; d < LineTally::kDialects; ++d) {
    const std::string dialect = str(kDialectNames[d]);
    lines.add({{"dialect", dialect}, {"result", "event"}}, sum.by_dialect[d].events);
    lines.add({{"dialect", dialect}, {"result", "ignored"}}, sum.by_dialect[d].ignored);
    for (std::size_t r = 0; r < LineTally::kRejects; ++r) {
      lines.add({{"dialect", dialect}, {"result", str(kRejectNames[r])}}, sum.by_dialect[d].rejected[r]);
    }
  }
  Family boxes = counter(out, "vpnverdict_concentrator_lines_total", "Log lines that each concentrator of the inventory wrote.");
  for (std::size_t i = 0; i < std::min(concentrators.size(), kConcentratorSeriesMax); ++i) {
    boxes.add({{"concentrator", label_value(concentrators[i])}}, i < sum.by_concentrator.size() ? sum.by_concentrator[i] : 0);
  }
  gauge(out, "vpnverdict_lines_buffered", "Lines held because their message may go on in the next line.").add({}, sum.buffered);
  gauge(out, "vpnverdict_sources", "Log writers (partition and host) remembered.").add({}, sum.sources);
  counter(out, "vpnverdict_sources_evicted_total", "Log writers forgotten because input.sources_max was reached.")
      .add({}, sum.sources_evicted);
  Family letters = counter(out, "vpnverdict_dead_letters_total", "Unreadable records sent to the dead-letter topic, by reason.");
  for (std::size_t r = 0; r < LineTally::kRejects; ++r) letters.add({{"reason", str(kRejectNames[r])}}, sum.dead_letters[r]);
}

void collect_counts(const ShardCounts& sum, Timestamp stream_time, std::vector<MetricFamily>& out) {
  const auto one = [&out](const char* name, const char* help, std::uint64_t value) { counter(out, name, help).add({}, value); };
  one("vpnverdict_events_total", "Events the correlator took in.", sum.events);
  one("vpnverdict_events_duplicate_total", "Events it had seen before.", sum.duplicates);
  one("vpnverdict_events_late_total", "Events older than the grace period.", sum.late);
  one("vpnverdict_evidence_dropped_total", "Messages an attempt had no room for.", sum.evidence_dropped);
  one("vpnverdict_attempts_opened_total", "Attempts begun: final + joined + open.", sum.attempts_opened);
  one("vpnverdict_attempts_final_total", "Attempts with a first final verdict.", sum.attempts_final);
  one("vpnverdict_attempts_joined_total", "Half attempts that turned out to be the other side of one.", sum.attempts_joined);
  one("vpnverdict_attempts_evicted_total", "Attempts finished early because a bound was hit.", sum.evicted);
  gauge(out, "vpnverdict_attempts_open", "Attempts without a final verdict.").add({}, sum.attempts_open);
  Family time = gauge(out, "vpnverdict_stream_time_seconds", "Time up to which every partition has been read; absent until known.");
  if (stream_time != kUntimed) time.add({}, static_cast<double>(stream_time) / 1000);
}

// Address pools. Those with a size that somebody vouches for come first, then in the order of their names, so that who gets
// series does not change from scrape to scrape.
void collect_pools(std::vector<PoolView> pools, Timestamp stream_time, std::vector<MetricFamily>& out) {
  std::ranges::stable_sort(pools, {}, [](const PoolView& p) { return std::tie(p.source, p.concentrator, p.pool); });
  const std::size_t unlisted = pools.size() - std::min(pools.size(), kPoolSeriesMax);
  pools.resize(pools.size() - unlisted);
  const auto of = [](const PoolView& p) { return Labels{{"concentrator", label_value(p.concentrator)}, {"pool", label_value(p.pool)}}; };
  Family in_use = gauge(out, "vpnverdict_pool_in_use", "Addresses of the pool that the logs show as given and not yet back.");
  for (const PoolView& p : pools) in_use.add(of(p), std::uint64_t{p.in_use});
  Family capacity = gauge(out, "vpnverdict_pool_capacity", "Addresses of the pool; source says who knows: configured, inferred, or a lower bound.");
  for (const PoolView& p : pools) {
    Labels labels = of(p);
    labels.push_back({"source", str(name_of(p.source))});
    capacity.add(std::move(labels), std::uint64_t{p.capacity});
  }
  Family free = gauge(out, "vpnverdict_pool_free", "Capacity less addresses in use; absent while only a lower bound is known.");
  for (const PoolView& p : pools)
    if (p.source != CapacitySource::lower_bound) free.add(of(p), std::uint64_t{p.free()});
  Family given = counter(out, "vpnverdict_pool_assignments_total", "Addresses given out of the pool.");
  for (const PoolView& p : pools) given.add(of(p), p.assignments);
  Family back = counter(out, "vpnverdict_pool_releases_total", "Addresses given back, by how: said by the device, or closed without a word.");
  for (const PoolView& p : pools) {
    for (const auto& [how, count] : {std::pair("told", p.releases), std::pair("expired", p.expired)}) {
      Labels labels = of(p);
      labels.push_back({"how", how});
      back.add(std::move(labels), count);
    }
  }
  Family refused = counter(out, "vpnverdict_pool_refusals_total", "Requests for an address that the pool could not meet.");
  for (const PoolView& p : pools) refused.add(of(p), p.refusals);
  Family oldest = gauge(out, "vpnverdict_pool_oldest_lease_seconds", "Age of the oldest address in use, in the logs' time; absent when none is.");
  for (const PoolView& p : pools)
    if (p.oldest_lease != kUntimed && stream_time != kUntimed && stream_time >= p.oldest_lease)
      oldest.add(of(p), static_cast<double>(stream_time - p.oldest_lease) / 1000);
  Family full = gauge(out, "vpnverdict_pool_exhaustion_seconds", "Time until the trend of use reaches the capacity; absent with too little history, a use that does not grow, or a size that nobody knows.");
  for (const PoolView& p : pools) {
    for (const auto& [trend, ms] : {std::pair("hours", exhaustion_by_hours(p)), std::pair("days", exhaustion_by_days(p))}) {
      if (!ms) continue;
      Labels labels = of(p);
      labels.push_back({"trend", trend});
      full.add(std::move(labels), static_cast<double>(*ms) / 1000);
    }
  }
  gauge(out, "vpnverdict_pools_unlisted", "Pools beyond the bound of series.").add({}, std::uint64_t{unlisted});
}

constexpr std::uint64_t IncidentCounts::*kSignFields[] = {&IncidentCounts::taken, &IncidentCounts::amended, &IncidentCounts::stale, &IncidentCounts::late,
                                                          &IncidentCounts::dropped};
constexpr const char* kSignNames[] = {"counted", "amended", "stale", "late", "dropped"};

bool told_of_sessions(Cause cause) {
  return row_of(cause).kind == CauseKind::after_connect || cause == Cause::ipsec_data_blocked;
}
bool told_of_attempts(Cause cause) { return row_of(cause).kind != CauseKind::after_connect; }

}  // namespace

void LineCell::publish(const LineTally& tally) {
  const std::lock_guard lock(mutex_);
  tally_ = tally;
}

LineTally LineCell::read() const {
  const std::lock_guard lock(mutex_);
  return tally_;
}

ShardCell::PerGroup& ShardCell::row(std::vector<std::unique_ptr<PerGroup>>& rows, std::uint32_t group) {
  if (rows.size() <= group) rows.resize(group + 1);
  if (!rows[group]) rows[group] = std::make_unique<PerGroup>();
  return *rows[group];
}

ShardCell::Seen ShardCell::remember(std::uint64_t id, Cause cause) {
  const auto [found, added] = finals_.emplace(id, cause);
  if (!added) {
    const bool same = found->second == cause;
    found->second = cause;
    return same ? Seen::same_cause : Seen::other_cause;
  }
  finals_order_.push_back(id);
  if (finals_order_.size() > kFinalsRememberedMax) {
    finals_.erase(finals_order_.front());
    finals_order_.pop_front();
  }
  return Seen::first_time;
}

void ShardCell::count(const Verdict& verdict, Timestamp now) {
  if (!verdict.final) return;
  if (verdict.same_as != 0) {  // the other half's record of an attempt that is counted under its own id
    const std::lock_guard lock(mutex_);
    ++revisions_same_;
    return;
  }
  const bool accepted = verdict.outcome == Outcome::connected || verdict.reached >= Milestone::user_accepted;
  const std::lock_guard lock(mutex_);
  switch (remember(verdict.id, verdict.cause)) {
    case Seen::same_cause: ++revisions_same_; return;
    case Seen::other_cause: ++revisions_changed_; return;
    case Seen::first_time: break;
  }
  if (verdict.partial) ++partial_;
  const std::uint32_t group = groups_.index_of(verdict.group, accepted);
  ++row(verdict.about_session ? sessions_ : verdicts_,
        group)[static_cast<std::size_t>(verdict.cause)][static_cast<std::size_t>(verdict.outcome)];
  if (verdict.outcome == Outcome::failed && !verdict.about_session) count_failure(verdict, group);
  if (now == kUntimed || verdict.last_evidence_at == kUntimed) return;
  const double seconds = static_cast<double>(std::max<Timestamp>(0, now - verdict.last_evidence_at)) / 1000;
  const auto bucket = std::lower_bound(kLatencyBounds.begin(), kLatencyBounds.end(), seconds);
  ++latency_[static_cast<std::size_t>(bucket - kLatencyBounds.begin())];
  latency_sum_ += seconds;
}

void ShardCell::count_failure(const Verdict& verdict, std::uint32_t group) {
  ++grades_[static_cast<std::size_t>(verdict.grade)];
  const std::optional<Sign> sign = sign_of(verdict);
  if (!sign) return;
  failed_clients_.add(group, sign->client, sign->at);
  last_[{group, static_cast<std::uint32_t>(verdict.cause), static_cast<std::uint32_t>(verdict.outcome)}] = {verdict.id, sign->at};
}

void ShardCell::publish(std::vector<PoolView> pools) {
  const std::lock_guard lock(mutex_);
  pools_ = std::move(pools);
}

void ShardCell::publish(const ShardCounts& counts, Timestamp stream_time, std::size_t missing) {
  const std::lock_guard lock(mutex_);
  counts_ = counts;
  stream_time_ = stream_time;
  missing_ = missing;
}

void IncidentCell::count(const Incident& card) {
  const std::lock_guard lock(mutex_);
  const auto kind = static_cast<std::size_t>(card.kind);
  opened_[kind] += card.revision == 1 ? 1 : 0;
  closed_[kind] += card.open ? 0 : 1;
}

void IncidentCell::publish(const IncidentFigures& figures) {
  const std::lock_guard lock(mutex_);
  owned_ = true;
  figures_ = figures;
}

void IncidentCell::retire() {
  const std::lock_guard lock(mutex_);
  for (const auto field : kSignFields) gone_.*field += figures_.counts.*field;
  figures_ = {};
  owned_ = false;
}

void ConfigCell::reloaded(bool ok, double seconds) {
  const std::lock_guard lock(mutex_);
  told_ = true;
  ok_ = ok;
  if (ok) succeeded_at_ = seconds;
}

void ConfigCell::certificate_ends(std::int64_t seconds) {
  const std::lock_guard lock(mutex_);
  certificate_ends_ = seconds;
}

KafkaCell::KafkaCell(const std::vector<std::string>& topics) {
  for (const std::string& topic : topics) input_[topic];
}

void KafkaCell::add_records(const std::string& topic, std::uint64_t records, std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  Input& input = input_[topic];
  input.records += records;
  input.bytes += bytes;
}

void KafkaCell::set_lags(const void* client, std::map<Partition, std::int64_t> lags) {
  const std::lock_guard lock(mutex_);
  clients_[client].lags = std::move(lags);
}

void KafkaCell::set_assigned(const void* client, std::size_t partitions) {
  const std::lock_guard lock(mutex_);
  clients_[client].assigned = partitions;
}

void KafkaCell::set_stalled(const void* client, std::int64_t milliseconds) {
  const std::lock_guard lock(mutex_);
  clients_[client].stalled_ms = milliseconds;
}

void KafkaCell::add_rebalance() {
  const std::lock_guard lock(mutex_);
  ++rebalances_;
}

void KafkaCell::add_error(KafkaError error) {
  const std::lock_guard lock(mutex_);
  ++errors_[static_cast<std::size_t>(error)];
}

void KafkaCell::add_pause(PauseReason reason) {
  const std::lock_guard lock(mutex_);
  ++pauses_[static_cast<std::size_t>(reason)];
}

void KafkaCell::set_paused(const void* client, std::size_t partitions) {
  const std::lock_guard lock(mutex_);
  clients_[client].paused = partitions;
}

void KafkaCell::add_commit(bool ok) {
  const std::lock_guard lock(mutex_);
  ++(ok ? commits_ok_ : commits_failed_);
}

void KafkaCell::add_produced(bool delivered, std::uint64_t records) {
  const std::lock_guard lock(mutex_);
  (delivered ? delivered_ : undelivered_) += records;
}

void KafkaCell::add_takeover(bool resumed) {
  const std::lock_guard lock(mutex_);
  ++(resumed ? takeovers_resumed_ : takeovers_fresh_);
}

void KafkaCell::add_redone(std::uint64_t records) {
  const std::lock_guard lock(mutex_);
  redone_ += records;
}

void KafkaCell::add_packets_bad(std::uint64_t records) {
  const std::lock_guard lock(mutex_);
  packets_bad_ += records;
}

void KafkaCell::add_events_repeated(std::uint64_t events) {
  const std::lock_guard lock(mutex_);
  repeated_ += events;
}

void KafkaCell::add_poison() {
  const std::lock_guard lock(mutex_);
  ++poison_;
}

void KafkaCell::add_snapshot(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  snapshot_bytes_ += bytes;
}

std::uint64_t KafkaCell::delivered() const {
  const std::lock_guard lock(mutex_);
  return delivered_;
}

std::vector<KafkaCell::Feed> KafkaCell::feeds() const {
  std::map<std::string, Feed> by_topic;
  const std::lock_guard lock(mutex_);
  for (const auto& [topic, input] : input_) by_topic[topic] = {topic, input.records, input.bytes, 0, -1};
  for (const auto& [name, client] : clients_) {
    for (const auto& [partition, lag] : client.lags) {
      Feed& feed = by_topic[partition.first];
      feed.topic = partition.first;
      ++feed.partitions;
      if (lag >= 0) feed.lag = std::max<std::int64_t>(feed.lag, 0) + lag;
    }
  }
  std::vector<Feed> out;
  for (auto& [topic, feed] : by_topic) out.push_back(std::move(feed));
  return out;
}

PipelineMetrics::PipelineMetrics(const MetricsOptions& options)
    : options_(options), groups_(options.issued_groups, options.group_labels_max), kafka_(options.topics) {
  for (std::size_t i = 0; i < options.parse_threads; ++i) lines_.push_back(std::make_unique<LineCell>());
  for (std::size_t i = 0; i < options.shards; ++i) shards_.push_back(std::make_unique<ShardCell>(groups_));
}

namespace {

// Sums over the shards of one kind of verdict, by group.
struct Sums {
  using PerGroup = std::array<std::array<std::uint64_t, std::size(kOutcomeNames)>, kCauseCount>;
  std::vector<PerGroup> rows;
  void add(const std::vector<std::unique_ptr<PerGroup>>& more) {
    if (rows.size() < more.size()) rows.resize(more.size());
    for (std::size_t g = 0; g < more.size(); ++g) {
      if (!more[g]) continue;
      for (std::size_t c = 0; c < kCauseCount; ++c) {
        for (std::size_t o = 0; o < std::size(kOutcomeNames); ++o) rows[g][c][o] += (*more[g])[c][o];
      }
    }
  }
};

// One series per cause with the outcome it always has, at 0 from the start; other outcomes when they occur.
// emit(group, its place, cause, outcome, value)
template <typename Told, typename Emit>
void each_series(const Sums& sums, const std::vector<std::string>& groups, const std::vector<bool>& hold, Told told, Emit emit) {
  static const Sums::PerGroup kNothing{};
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const Sums::PerGroup& row = g < sums.rows.size() ? sums.rows[g] : kNothing;
    for (const CauseRow& cause : kCauses) {
      const auto& by_outcome = row[static_cast<std::size_t>(cause.cause)];
      for (std::size_t o = 0; o < by_outcome.size(); ++o) {
        const bool usual = told(cause.cause) && outcome_of(cause.cause) == static_cast<Outcome>(o);
        if (usual || by_outcome[o] != 0) emit(groups[g], g, cause, o, hold[g] ? 0 : by_outcome[o]);
      }
    }
  }
}

}  // namespace

LineTally PipelineMetrics::line_sum() const {
  LineTally sum;
  for (const auto& cell : lines_) add_tally(sum, cell->read());
  return sum;
}

std::vector<PoolView> PipelineMetrics::pools() const {
  std::vector<PoolView> out;
  for (const auto& cell : shards_) {
    const std::lock_guard lock(cell->mutex_);
    out.insert(out.end(), cell->pools_.begin(), cell->pools_.end());
  }
  return out;
}

ShardCounts PipelineMetrics::shard_sum() const {
  ShardCounts sum;
  for (const auto& cell : shards_) {
    const std::lock_guard lock(cell->mutex_);
    add_counts(sum, cell->counts_);
  }
  return sum;
}

Timestamp PipelineMetrics::stream_time() const {
  Timestamp slowest = shards_.empty() ? kUntimed : std::numeric_limits<Timestamp>::max();
  for (const auto& cell : shards_) {
    const std::lock_guard lock(cell->mutex_);
    slowest = std::min(slowest, cell->stream_time_);
  }
  return slowest;
}

std::vector<MetricFamily> PipelineMetrics::collect(bool scrape, Exemplars* exemplars) const {
  std::vector<MetricFamily> out;
  out.reserve(64);
  gauge(out, "vpnverdict_build_info", "Always 1; the labels say what runs.")
      .add({{"version", label_value(options_.version)}, {"librdkafka", label_value(options_.librdkafka)}}, 1.0);

  collect_config(out);
  collect_lines(line_sum(), options_.concentrators, out);

  Sums verdicts;
  Sums sessions;
  ShardCounts counts;
  Timestamp stream_time = shards_.empty() ? kUntimed : std::numeric_limits<Timestamp>::max();
  std::uint64_t revisions_same = 0;
  std::uint64_t revisions_changed = 0;
  std::uint64_t partial = 0;
  std::size_t missing = 0;
  std::array<std::uint64_t, kLatencyBounds.size() + 1> latency{};
  double latency_sum = 0;
  std::vector<PoolView> pools;
  std::array<std::uint64_t, std::size(kGradeNames)> grades{};
  std::vector<std::uint64_t> failed_clients;
  std::map<ShardCell::SeriesKey, ShardCell::Last> last;
  for (const auto& cell : shards_) {
    const std::lock_guard lock(cell->mutex_);
    for (std::size_t i = 0; i < grades.size(); ++i) grades[i] += cell->grades_[i];
    cell->failed_clients_.count(cell->stream_time_, failed_clients);
    for (const auto& [series, one] : cell->last_)
      if (ShardCell::Last& newest = last[series]; one.at >= newest.at) newest = one;
    verdicts.add(cell->verdicts_);
    sessions.add(cell->sessions_);
    add_counts(counts, cell->counts_);
    stream_time = std::min(stream_time, cell->stream_time_);
    revisions_same += cell->revisions_same_;
    revisions_changed += cell->revisions_changed_;
    partial += cell->partial_;
    missing = std::max(missing, cell->missing_);
    for (std::size_t i = 0; i < latency.size(); ++i) latency[i] += cell->latency_[i];
    latency_sum += cell->latency_sum_;
    pools.insert(pools.end(), cell->pools_.begin(), cell->pools_.end());
  }
  collect_counts(counts, stream_time, out);
  gauge(out, "vpnverdict_raw_partitions_missing", "Raw partitions that judgement no longer waits for, because nobody has read on in them for so long.").add({}, missing);
  counter(out, "vpnverdict_verdicts_partial_total", "Attempts whose first final verdict rests on silence while evidence was missing.").add({}, partial);
  collect_pools(std::move(pools), stream_time, out);
  collect_incidents(out);

  // Names after sums: a group admitted in between has its zeros now and its numbers in the next scrape.
  const std::vector<std::string> groups = groups_.names();
  std::vector<bool> hold(groups.size(), false);
  if (scrape) {
    const std::lock_guard lock(shown_mutex_);
    shown_.resize(groups.size(), false);
    for (std::size_t g = 0; g < groups.size(); ++g) {
      hold[g] = !shown_[g];
      shown_[g] = true;
    }
  }
  Family verdict_family = counter(out, "vpnverdict_verdicts_total", "Attempts by what was found, counted at their first final verdict.");
  each_series(verdicts, groups, hold, told_of_attempts,
              [&](const std::string& group, std::size_t place, const CauseRow& cause, std::size_t outcome, std::uint64_t value) {
                verdict_family.add({{"group", group}, {"step", std::to_string(cause.step)}, {"cause", str(cause.name)}, {"outcome", str(kOutcomeNames[outcome])}}, value);
                if (exemplars == nullptr) return;
                const auto found = last.find({static_cast<std::uint32_t>(place), static_cast<std::uint32_t>(cause.cause), static_cast<std::uint32_t>(outcome)});
                exemplars->attempts.push_back(value == 0 || found == last.end() ? 0 : found->second.attempt);
              });
  Family session_family = counter(out, "vpnverdict_sessions_total", "Established sessions by how they ended, counted once each.");
  each_series(sessions, groups, hold, told_of_sessions,
              [&](const std::string& group, std::size_t, const CauseRow& cause, std::size_t outcome, std::uint64_t value) {
                session_family.add({{"group", group}, {"cause", str(cause.name)}, {"outcome", str(kOutcomeNames[outcome])}}, value);
              });
  Family sure = counter(out, "vpnverdict_verdict_grades_total", "Failed attempts by how sure their first final verdict is.");
  for (std::size_t i = 0; i < grades.size(); ++i) sure.add({{"grade", str(kGradeNames[i])}}, grades[i]);
  Family clients = gauge(out, "vpnverdict_failed_clients", "Distinct clients of which an attempt failed in the last half hour of the logs' time.");
  for (std::size_t g = 0; g < groups.size(); ++g) clients.add({{"group", groups[g]}}, g < failed_clients.size() ? failed_clients[g] : 0);
  counter(out, "vpnverdict_verdict_revisions_total", "Final verdicts that amend an earlier one; never in vpnverdict_verdicts_total.")
      .add({{"cause_changed", "false"}}, revisions_same)
      .add({{"cause_changed", "true"}}, revisions_changed);

  Family latency_family(out, "vpnverdict_verdict_latency_seconds", "From the newest evidence to the first final verdict.", MetricType::Histogram);
  ClientMetric& histogram = latency_family.metric();
  std::uint64_t running = 0;
  for (std::size_t i = 0; i < latency.size(); ++i) {
    running += latency[i];
    histogram.histogram.bucket.push_back({running, i < kLatencyBounds.size() ? kLatencyBounds[i] : std::numeric_limits<double>::infinity()});
  }
  histogram.histogram.sample_count = running;
  histogram.histogram.sample_sum = latency_sum;

  const GroupLabels::Overflow overflow = groups_.overflow();
  gauge(out, "vpnverdict_label_values", "Label values in use beside the issued ones.").add({{"label", "group"}}, std::uint64_t{groups_.admitted()});
  gauge(out, "vpnverdict_label_values_max", "Most label values allowed beside the issued ones.").add({{"label", "group"}}, std::uint64_t{groups_.max()});
  counter(out, "vpnverdict_label_overflow_total", "Verdicts counted under group=\"other\" although they name a group.")
      .add({{"label", "group"}, {"reason", "limit"}}, overflow.limit)
      .add({{"label", "group"}, {"reason", "not_authenticated"}}, overflow.not_authenticated);

  const std::lock_guard lock(kafka_.mutex_);
  Family records = counter(out, "vpnverdict_records_total", "Kafka records read, by topic.");
  Family bytes = counter(out, "vpnverdict_record_bytes_total", "Their payload bytes.");
  for (const auto& [topic, input] : kafka_.input_) {
    records.add({{"topic", label_value(topic)}}, input.records);
    bytes.add({{"topic", label_value(topic)}}, input.bytes);
  }
  Family lag = gauge(out, "vpnverdict_kafka_lag_records", "Records behind the end of each owned partition, from librdkafka's statistics.");
  std::uint64_t assigned = 0;
  std::uint64_t paused = 0;
  std::int64_t stalled_ms = 0;
  for (const auto& [name, client] : kafka_.clients_) {
    assigned += client.assigned;
    paused += client.paused;
    stalled_ms = std::max(stalled_ms, client.stalled_ms);
    for (const auto& [partition, value] : client.lags) {
      if (value >= 0) lag.add({{"topic", label_value(partition.first)}, {"partition", std::to_string(partition.second)}}, static_cast<double>(value));
    }
  }
  gauge(out, "vpnverdict_kafka_assigned_partitions", "Partitions this instance owns, of raw topics and of the internal one.").add({}, assigned);
  gauge(out, "vpnverdict_kafka_paused_partitions", "Partitions paused at the moment.").add({}, paused);
  gauge(out, "vpnverdict_kafka_stalled_seconds", "For how long the partition that has stood still longest has given nothing; 0: none stands still.")
      .add({}, static_cast<double>(stalled_ms) / 1'000);
  Family pauses = counter(out, "vpnverdict_kafka_pauses_total", "Times partitions were paused, by reason.");
  for (std::size_t i = 0; i < kafka_.pauses_.size(); ++i) pauses.add({{"reason", str(kPauseReasonNames[i])}}, kafka_.pauses_[i]);
  counter(out, "vpnverdict_kafka_rebalances_total", "Assignments and revocations seen.").add({}, kafka_.rebalances_);
  Family errors = counter(out, "vpnverdict_kafka_errors_total", "Errors librdkafka told, by class.");
  for (std::size_t i = 0; i < kafka_.errors_.size(); ++i) errors.add({{"reason", str(kKafkaErrorNames[i])}}, kafka_.errors_[i]);
  counter(out, "vpnverdict_kafka_commits_total", "Offset commits, by result.")
      .add({{"result", "ok"}}, kafka_.commits_ok_)
      .add({{"result", "failed"}}, kafka_.commits_failed_);
  counter(out, "vpnverdict_verdict_records_total", "Verdict records for the verdict topic, revisions and provisional ones included.")
      .add({{"result", "delivered"}}, kafka_.delivered_)
      .add({{"result", "failed"}}, kafka_.undelivered_);
  counter(out, "vpnverdict_shard_takeovers_total", "Shards taken over, by what they began with.")
      .add({{"from", "state"}}, kafka_.takeovers_resumed_)
      .add({{"from", "nothing"}}, kafka_.takeovers_fresh_);
  counter(out, "vpnverdict_shard_redone_records_total", "Records folded again behind a snapshot, to take a shard over.").add({}, kafka_.redone_);
  counter(out, "vpnverdict_snapshot_bytes_total", "Bytes of shard state written to the state topic.").add({}, kafka_.snapshot_bytes_);
  counter(out, "vpnverdict_event_records_bad_total", "Records of the internal topic that could not be read and were left out.").add({}, kafka_.packets_bad_);
  counter(out, "vpnverdict_poison_records_total", "Records of internal topics that ended every process which took them in, and were left out.").add({}, kafka_.poison_);
  counter(out, "vpnverdict_events_repeated_total", "Events that stage 1 sent again and that were taken in before.").add({}, kafka_.repeated_);
  // A family without a series is left out: its TYPE line alone tells nothing.
  std::erase_if(out, [](const MetricFamily& family) { return family.metric.empty(); });
  return out;
}

void PipelineMetrics::collect_config(std::vector<MetricFamily>& out) const {
  const std::lock_guard lock(config_.mutex_);
  if (!config_.told_) return;
  gauge(out, "vpnverdict_config_last_reload_successful", "Whether the configuration was taken over when it was read last.").add({}, std::uint64_t{config_.ok_});
  gauge(out, "vpnverdict_config_last_reload_success_timestamp_seconds", "When it was taken over last.").add({}, config_.succeeded_at_);
  Family ends = gauge(out, "vpnverdict_http_certificate_expiry_timestamp_seconds", "When the HTTP port's certificate ends; absent without TLS.");
  if (config_.certificate_ends_ != 0) ends.add({}, static_cast<double>(config_.certificate_ends_));
}

void PipelineMetrics::collect_incidents(std::vector<MetricFamily>& out) const {
  const std::lock_guard lock(incidents_.mutex_);
  const IncidentFigures& now = incidents_.figures_;
  Family opened = counter(out, "vpnverdict_incidents_opened_total", "Incidents found.");
  for (std::size_t k = 0; k < kIncidentKindCount; ++k) opened.add({{"kind", str(kIncidentKindNames[k])}}, incidents_.opened_[k]);
  Family closed = counter(out, "vpnverdict_incidents_closed_total", "Incidents that were over, or part of another one; a relapse closes again.");
  for (std::size_t k = 0; k < kIncidentKindCount; ++k) closed.add({{"kind", str(kIncidentKindNames[k])}}, incidents_.closed_[k]);
  Family signs = counter(out, "vpnverdict_incident_signs_total", "What the shards told of attempts and sessions, by what became of it.");
  for (std::size_t i = 0; i < std::size(kSignFields); ++i)
    signs.add({{"result", kSignNames[i]}}, incidents_.gone_.*kSignFields[i] + now.counts.*kSignFields[i]);
  if (!incidents_.owned_) return;
  Family open = gauge(out, "vpnverdict_incidents_open", "Incidents open now, by kind and by the step at which people stop; told by the process that owns them.");
  for (std::size_t k = 0; k < kIncidentKindCount; ++k)
    for (std::size_t step = 0; step < now.open[k].size(); ++step)
      open.add({{"kind", str(kIncidentKindNames[k])}, {"step", std::to_string(step)}}, now.open[k][step]);
  gauge(out, "vpnverdict_incident_window_attempts", "Attempts and ended sessions of the last half hour that incidents are looked for in.").add({}, now.counts.tracked);
  gauge(out, "vpnverdict_incident_shards_left_out", "Shards that have said nothing for so long that incidents are looked for without them.").add({}, now.shards_left_out);
  Family time = gauge(out, "vpnverdict_incident_time_seconds", "Time up to which incidents were looked for; absent until known.");
  if (now.stream_time != kUntimed) time.add({}, static_cast<double>(now.stream_time) / 1000);
}

std::vector<MetricFamily> PipelineMetrics::Collect() const { return collect(true, nullptr); }

std::string PipelineMetrics::text(bool scrape) const { return prometheus::TextSerializer().Serialize(collect(scrape, nullptr)); }

std::string PipelineMetrics::open_metrics_text() const {
  Exemplars exemplars{"vpnverdict_verdicts_total", {}};
  const std::vector<MetricFamily> families = collect(true, &exemplars);
  return open_metrics(families, exemplars);
}

}  // namespace vpnverdict
