#include "metrics/pipeline_metrics.h"

#include <cctype>
#include <fstream>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "metrics/label.h"

namespace vpnverdict {
namespace {

MetricsOptions options(std::size_t labels = 2, std::vector<std::string> issued = {"issued"}) {
  MetricsOptions out;
  out.shards = 2;
  out.parse_threads = 2;
  out.group_labels_max = labels;
  out.issued_groups = std::move(issued);
  out.concentrators = {"vpn1", "vpn2"};
  out.topics = {"raw"};
  out.version = "9.9";
  return out;
}

Verdict verdict(std::uint64_t id, std::string group, Cause cause, Outcome outcome, Milestone reached = Milestone::none) {
  Verdict out;
  out.id = id;
  out.final = true;
  out.group = std::move(group);
  out.cause = cause;
  out.outcome = outcome;
  out.reached = reached;
  out.last_evidence_at = 1'000;
  return out;
}

// The value of one series as Prometheus would read it; "absent" when there is none.
std::string value_of(const std::string& text, const std::string& series) {
  const std::size_t at = text.find("\n" + series + " ");
  if (at == std::string::npos) return "absent";
  const std::size_t from = at + series.size() + 2;
  return text.substr(from, text.find('\n', from) - from);
}

std::string verdicts(const std::string& group, int step, const std::string& cause, const std::string& outcome) {
  return "vpnverdict_verdicts_total{group=\"" + group + "\",step=\"" + std::to_string(step) + "\",cause=\"" + cause +
         "\",outcome=\"" + outcome + "\"}";
}

TEST(PipelineMetrics, every_cause_of_an_issued_group_stands_at_zero_before_anything_happens) {
  const std::string text = PipelineMetrics(options()).text();
  for (const CauseRow& row : kCauses) {
    const std::string wanted = row.kind == CauseKind::after_connect
                                   ? "vpnverdict_sessions_total{group=\"issued\",cause=\"" + std::string(row.name) + "\""
                                   : "vpnverdict_verdicts_total{group=\"issued\",step=\"" + std::to_string(row.step) +
                                         "\",cause=\"" + std::string(row.name) + "\"";
    EXPECT_NE(text.find(wanted), std::string::npos) << wanted;
  }
  EXPECT_EQ(value_of(text, verdicts("other", 6, "group_name_unknown", "failed")), "0");
  EXPECT_EQ(value_of(text, "vpnverdict_lines_total{dialect=\"vpn3000\",result=\"bad_header\"}"), "0");
  EXPECT_EQ(value_of(text, "vpnverdict_kafka_errors_total{reason=\"transport\"}"), "0");
  EXPECT_EQ(value_of(text, "vpnverdict_records_total{topic=\"raw\"}"), "0");
}

TEST(PipelineMetrics, a_verdict_is_counted_once_whatever_revisions_follow) {
  PipelineMetrics metrics(options());
  ShardCell& shard = metrics.shard(0);
  Verdict first = verdict(1, "issued", Cause::undetermined, Outcome::undetermined);
  first.final = false;
  shard.count(first, 1'000);
  shard.count(verdict(1, "issued", Cause::undetermined, Outcome::undetermined), 1'000);
  shard.count(verdict(1, "issued", Cause::undetermined, Outcome::undetermined), 1'000);
  shard.count(verdict(1, "issued", Cause::group_password_mismatch, Outcome::failed), 1'000);
  const std::string text = metrics.text(false);
  EXPECT_EQ(value_of(text, verdicts("issued", 0, "undetermined", "undetermined")), "1");
  EXPECT_EQ(value_of(text, verdicts("issued", 6, "group_password_mismatch", "failed")), "0");
  EXPECT_EQ(value_of(text, "vpnverdict_verdict_revisions_total{cause_changed=\"false\"}"), "1");
  EXPECT_EQ(value_of(text, "vpnverdict_verdict_revisions_total{cause_changed=\"true\"}"), "1");
}

TEST(PipelineMetrics, shards_are_summed) {
  PipelineMetrics metrics(options());
  for (std::size_t i = 0; i < 2; ++i) {
    metrics.shard(i).count(verdict(i, "issued", Cause::connected, Outcome::connected), 1'000);
    ShardCounts counts;
    counts.attempts_opened = 3;
    counts.attempts_open = 2;
    counts.attempts_final = 1;
    metrics.shard(i).publish(counts, 5'000 + static_cast<Timestamp>(i));
    LineTally tally;
    tally.consumed = 10;
    tally.of(Dialect::vpn3000).events = 7;
    tally.reject(Dialect::unknown, Reject::unknown_dialect, 2);
    tally.buffered = 1;
    metrics.lines(i).publish(tally);
  }
  const std::string text = metrics.text(false);
  EXPECT_EQ(value_of(text, verdicts("issued", 0, "connected", "connected")), "2");
  EXPECT_EQ(value_of(text, "vpnverdict_attempts_opened_total"), "6");
  EXPECT_EQ(value_of(text, "vpnverdict_attempts_open"), "4");
  EXPECT_EQ(value_of(text, "vpnverdict_lines_consumed_total"), "20");
  EXPECT_EQ(value_of(text, "vpnverdict_lines_total{dialect=\"vpn3000\",result=\"event\"}"), "14");
  EXPECT_EQ(value_of(text, "vpnverdict_lines_total{dialect=\"unknown\",result=\"unknown_dialect\"}"), "4");
  EXPECT_EQ(value_of(text, "vpnverdict_lines_buffered"), "2");
  EXPECT_EQ(value_of(text, "vpnverdict_stream_time_seconds"), "5") << "the slowest shard's";
}

TEST(PipelineMetrics, a_stranger_s_group_name_is_other_until_a_user_of_it_was_accepted) {
  PipelineMetrics metrics(options(2));
  ShardCell& shard = metrics.shard(0);
  for (std::uint64_t i = 0; i < 1'000; ++i)
    shard.count(verdict(i, "invented" + std::to_string(i), Cause::group_name_unknown, Outcome::failed), 1'000);
  shard.count(verdict(2'001, "sales", Cause::group_password_mismatch, Outcome::failed, Milestone::am2_received), 1'000);
  shard.count(verdict(2'002, "sales", Cause::address_unavailable, Outcome::failed, Milestone::user_accepted), 1'000);
  shard.count(verdict(2'003, "ops", Cause::connected, Outcome::connected), 1'000);
  shard.count(verdict(2'004, "third", Cause::connected, Outcome::connected), 1'000);
  const std::string text = metrics.text(false);
  EXPECT_EQ(value_of(text, verdicts("other", 6, "group_name_unknown", "failed")), "1000");
  EXPECT_EQ(value_of(text, verdicts("other", 6, "group_password_mismatch", "failed")), "1");
  EXPECT_EQ(value_of(text, verdicts("sales", 8, "address_unavailable", "failed")), "1");
  EXPECT_EQ(value_of(text, verdicts("ops", 0, "connected", "connected")), "1");
  EXPECT_EQ(value_of(text, verdicts("other", 0, "connected", "connected")), "1");
  EXPECT_EQ(text.find("third"), std::string::npos);
  EXPECT_EQ(text.find("invented"), std::string::npos);
  EXPECT_EQ(value_of(text, "vpnverdict_label_values{label=\"group\"}"), "2");
  EXPECT_EQ(value_of(text, "vpnverdict_label_values_max{label=\"group\"}"), "2");
  EXPECT_EQ(value_of(text, "vpnverdict_label_overflow_total{label=\"group\",reason=\"limit\"}"), "1");
  EXPECT_EQ(value_of(text, "vpnverdict_label_overflow_total{label=\"group\",reason=\"not_authenticated\"}"), "1001");
}

TEST(PipelineMetrics, a_new_group_shows_zero_in_its_first_scrape_and_the_truth_in_the_second) {
  PipelineMetrics metrics(options());
  metrics.text();
  metrics.shard(0).count(verdict(1, "sales", Cause::connected, Outcome::connected), 1'000);
  EXPECT_EQ(value_of(metrics.text(false), verdicts("sales", 0, "connected", "connected")), "1");
  const std::string first = metrics.text();
  EXPECT_EQ(value_of(first, verdicts("sales", 0, "connected", "connected")), "0");
  EXPECT_EQ(value_of(first, verdicts("sales", 7, "user_password_wrong", "failed")), "0");
  EXPECT_EQ(value_of(metrics.text(), verdicts("sales", 0, "connected", "connected")), "1");
}

TEST(PipelineMetrics, sessions_are_kept_apart_from_attempts) {
  PipelineMetrics metrics(options());
  Verdict lost = verdict(7, "issued", Cause::peer_lost, Outcome::failed);
  lost.about_session = true;
  metrics.shard(0).count(lost, 1'000);
  const std::string text = metrics.text(false);
  EXPECT_EQ(value_of(text, "vpnverdict_sessions_total{group=\"issued\",cause=\"peer_lost\",outcome=\"failed\"}"), "1");
  EXPECT_EQ(text.find("vpnverdict_verdicts_total{group=\"issued\",step=\"0\",cause=\"peer_lost\""), std::string::npos);
}

TEST(PipelineMetrics, latency_is_a_histogram_from_the_newest_evidence) {
  PipelineMetrics metrics(options());
  metrics.shard(0).count(verdict(1, "g", Cause::undetermined, Outcome::undetermined), 1'400);   // 0.4 s
  metrics.shard(0).count(verdict(2, "g", Cause::undetermined, Outcome::undetermined), 41'000);  // 40 s
  metrics.shard(0).count(verdict(3, "g", Cause::undetermined, Outcome::undetermined), 0);       // clock behind: 0
  metrics.shard(0).count(verdict(4, "g", Cause::undetermined, Outcome::undetermined), kUntimed);
  const std::string text = metrics.text(false);
  EXPECT_EQ(value_of(text, "vpnverdict_verdict_latency_seconds_bucket{le=\"0.1\"}"), "1");
  EXPECT_EQ(value_of(text, "vpnverdict_verdict_latency_seconds_bucket{le=\"0.5\"}"), "2");
  EXPECT_EQ(value_of(text, "vpnverdict_verdict_latency_seconds_bucket{le=\"60\"}"), "3");
  EXPECT_EQ(value_of(text, "vpnverdict_verdict_latency_seconds_bucket{le=\"+Inf\"}"), "3");
  EXPECT_EQ(value_of(text, "vpnverdict_verdict_latency_seconds_count"), "3");
}

TEST(PipelineMetrics, lags_are_of_owned_partitions_only) {
  PipelineMetrics metrics(options());
  metrics.kafka().set_lags(&metrics, {{{"raw", 0}, 5}, {{"raw", 1}, -1}});
  EXPECT_EQ(value_of(metrics.text(), "vpnverdict_kafka_lag_records{topic=\"raw\",partition=\"0\"}"), "5");
  EXPECT_EQ(value_of(metrics.text(), "vpnverdict_kafka_lag_records{topic=\"raw\",partition=\"1\"}"), "absent");
  metrics.kafka().set_lags(&metrics, {});
  EXPECT_EQ(metrics.text().find("vpnverdict_kafka_lag_records"), std::string::npos);
}

TEST(PipelineMetrics, of_partitions_that_stand_still_the_longest_counts) {
  PipelineMetrics metrics(options());
  const int another_client = 0;
  EXPECT_EQ(value_of(metrics.text(), "vpnverdict_kafka_stalled_seconds"), "0");
  metrics.kafka().set_stalled(&metrics, 31'500);
  metrics.kafka().set_stalled(&another_client, 2'000);
  EXPECT_EQ(value_of(metrics.text(), "vpnverdict_kafka_stalled_seconds"), "31.5");
}

// name{label="value",…} number, where a value holds printable ASCII, the three escapes and our one two-byte letter.
bool well_formed(std::string_view line) {
  if (line.starts_with("# HELP ") || line.starts_with("# TYPE ")) return true;
  const auto word = [&line] {
    std::size_t n = 0;
    while (n < line.size() && (std::islower(static_cast<unsigned char>(line[n])) != 0 || line[n] == '_')) ++n;
    line.remove_prefix(n);
    return n > 0;
  };
  if (!word()) return false;
  if (line.starts_with("{")) {
    do {
      line.remove_prefix(1);
      if (!word() || !line.starts_with("=\"")) return false;
      for (line.remove_prefix(2); !line.empty() && line[0] != '"';) {
        const bool escape = line[0] == '\\' && line.size() > 1 && std::string_view("\\\"n").find(line[1]) != std::string_view::npos;
        const bool letter = line.starts_with("\xc3\xa9");
        const bool plain = line[0] >= ' ' && line[0] <= '~' && line[0] != '\\';
        if (!escape && !letter && !plain) return false;
        line.remove_prefix(escape || letter ? 2 : 1);
      }
      if (line.empty()) return false;
      line.remove_prefix(1);
    } while (line.starts_with(","));
    if (!line.starts_with("}")) return false;
    line.remove_prefix(1);
  }
  return line.starts_with(" ") && line.size() > 1 && line.find_first_not_of("+-.0123456789eInf", 1) == std::string_view::npos;
}

TEST(PipelineMetrics, hostile_names_leave_valid_lines) {
  PipelineMetrics metrics(options(50, {}));
  const std::string names[] = {"\xff\xfe", "a\"b\\c", "line\nbreak", std::string(1'000, 'x'), std::string("nul\0x", 5), "\xc3\xa9t\xc3\xa9", "other"};
  std::uint64_t id = 0;
  for (const std::string& name : names) metrics.shard(0).count(verdict(++id, name, Cause::connected, Outcome::connected), 1'000);
  std::istringstream text(metrics.text());
  for (std::string line; std::getline(text, line);) EXPECT_TRUE(well_formed(line)) << line;
  EXPECT_EQ(value_of(metrics.text(), verdicts("other", 0, "connected", "connected")), "1") << "a group called other";
  EXPECT_EQ(value_of(metrics.text(), verdicts("??", 0, "connected", "connected")), "1");
}

PoolView pool(std::string name, std::uint32_t in_use, std::uint32_t capacity, CapacitySource source) {
  PoolView out;
  out.concentrator = "vpn1";
  out.pool = std::move(name);
  out.in_use = in_use;
  out.capacity = capacity;
  out.source = source;
  return out;
}

TEST(PipelineMetrics, a_pool_tells_its_use_and_who_knows_its_size) {
  PipelineMetrics metrics(options());
  PoolView full = pool("sales", 60, 64, CapacitySource::configured);
  full.refusals = 3;
  full.expired = 2;
  full.oldest_lease = 5'000;
  metrics.shard(0).publish({}, 65'000);
  metrics.shard(1).publish({}, 65'000);
  metrics.shard(0).publish({full});
  metrics.shard(1).publish({pool("seen", 7, 9, CapacitySource::lower_bound)});
  const std::string text = metrics.text();
  EXPECT_EQ(value_of(text, "vpnverdict_pool_in_use{concentrator=\"vpn1\",pool=\"sales\"}"), "60");
  EXPECT_EQ(value_of(text, "vpnverdict_pool_capacity{concentrator=\"vpn1\",pool=\"sales\",source=\"configured\"}"), "64");
  EXPECT_EQ(value_of(text, "vpnverdict_pool_free{concentrator=\"vpn1\",pool=\"sales\"}"), "4");
  EXPECT_EQ(value_of(text, "vpnverdict_pool_refusals_total{concentrator=\"vpn1\",pool=\"sales\"}"), "3");
  EXPECT_EQ(value_of(text, "vpnverdict_pool_releases_total{concentrator=\"vpn1\",pool=\"sales\",how=\"expired\"}"), "2");
  EXPECT_EQ(value_of(text, "vpnverdict_pool_oldest_lease_seconds{concentrator=\"vpn1\",pool=\"sales\"}"), "60");
  EXPECT_EQ(value_of(text, "vpnverdict_pool_capacity{concentrator=\"vpn1\",pool=\"seen\",source=\"lower_bound\"}"), "9");
  EXPECT_EQ(value_of(text, "vpnverdict_pool_free{concentrator=\"vpn1\",pool=\"seen\"}"), "absent") << "nobody knows its size";
}

TEST(PipelineMetrics, a_pool_tells_when_it_will_be_full_only_where_a_trend_is_known) {
  PipelineMetrics metrics(options());
  PoolView fills = pool("fills", 70, 100, CapacitySource::configured);
  for (std::uint32_t i = 0; i < 16; ++i) fills.slots.push_back(40 + 2 * i);  // at 70, two more every quarter of an hour
  PoolView young = fills;
  young.pool = "young";
  young.slots.resize(7);
  PoolView bound = fills;
  bound.pool = "bound";
  bound.source = CapacitySource::lower_bound;
  metrics.shard(0).publish({fills, young, bound});
  const std::string text = metrics.text();
  EXPECT_EQ(value_of(text, "vpnverdict_pool_exhaustion_seconds{concentrator=\"vpn1\",pool=\"fills\",trend=\"hours\"}"), "13500");
  EXPECT_EQ(value_of(text, "vpnverdict_pool_exhaustion_seconds{concentrator=\"vpn1\",pool=\"fills\",trend=\"days\"}"), "absent");
  EXPECT_EQ(value_of(text, "vpnverdict_pool_exhaustion_seconds{concentrator=\"vpn1\",pool=\"young\",trend=\"hours\"}"), "absent");
  EXPECT_EQ(value_of(text, "vpnverdict_pool_exhaustion_seconds{concentrator=\"vpn1\",pool=\"bound\",trend=\"hours\"}"), "absent");
}

TEST(PipelineMetrics, pools_beyond_the_bound_are_counted_and_have_no_series) {
  PipelineMetrics metrics(options());
  std::vector<PoolView> pools;
  for (std::size_t i = 0; i < kPoolSeriesMax + 5; ++i) pools.push_back(pool("p" + std::to_string(i), 1, 2, CapacitySource::lower_bound));
  pools.push_back(pool("zz", 1, 2, CapacitySource::configured));
  metrics.shard(0).publish(std::move(pools));
  const std::string text = metrics.text();
  EXPECT_EQ(value_of(text, "vpnverdict_pools_unlisted"), "6");
  EXPECT_EQ(value_of(text, "vpnverdict_pool_in_use{concentrator=\"vpn1\",pool=\"zz\"}"), "1") << "whose size is known comes first";
}

TEST(LabelValue, is_valid_utf8_of_at_most_64_bytes_without_controls) {
  EXPECT_EQ(label_value("mygroup"), "mygroup");
  EXPECT_EQ(label_value("\xff\xfe"), "??");
  EXPECT_EQ(label_value("a\x01\x7f\xc2\x85z"), "a???z");
  EXPECT_EQ(label_value("\xc0\xaf"), "??") << "overlong";
  EXPECT_EQ(label_value("\xed\xa0\x80"), "???") << "surrogate";
  EXPECT_EQ(label_value("\xf4\x90\x80\x80"), "????") << "beyond Unicode";
  EXPECT_EQ(label_value("\xe2\x80\xa8"), "?") << "line separator";
  EXPECT_EQ(label_value(std::string(63, 'a') + "\xc3\xa9"), std::string(63, 'a')) << "cut between characters";
  EXPECT_EQ(label_value(std::string(62, 'a') + "\xc3\xa9zz"), std::string(62, 'a') + "\xc3\xa9");
  EXPECT_EQ(label_value("\xe2\x82"), "??") << "cut off";
}

TEST(PipelineMetrics, incidents_are_told_while_they_are_owned_and_counted_for_ever) {
  PipelineMetrics metrics(options());
  EXPECT_EQ(metrics.text().find("vpnverdict_incidents_open{"), std::string::npos) << "of others nothing is known";
  IncidentFigures figures;
  figures.counts.taken = 7;
  figures.counts.late = 2;
  figures.counts.tracked = 5;
  figures.open[static_cast<std::size_t>(IncidentKind::failures)][6] = 1;
  figures.stream_time = 90'000;
  figures.shards_left_out = 1;
  metrics.incidents().publish(figures);
  Incident card;
  card.kind = IncidentKind::failures;
  card.revision = 1;
  metrics.incidents().count(card);
  card.revision = 2;
  metrics.incidents().count(card);
  card.revision = 3;
  card.open = false;
  metrics.incidents().count(card);
  std::string text = metrics.text();
  for (const char* line : {"vpnverdict_incidents_open{kind=\"failures\",step=\"6\"} 1\n", "vpnverdict_incidents_open{kind=\"silence\",step=\"0\"} 0\n",
                           "vpnverdict_incidents_opened_total{kind=\"failures\"} 1\n", "vpnverdict_incidents_closed_total{kind=\"failures\"} 1\n",
                           "vpnverdict_incident_signs_total{result=\"counted\"} 7\n", "vpnverdict_incident_window_attempts 5\n",
                           "vpnverdict_incident_time_seconds 90\n", "vpnverdict_incident_shards_left_out 1\n"})
    EXPECT_NE(text.find(line), std::string::npos) << line;
  metrics.incidents().retire();
  metrics.incidents().publish({});
  metrics.incidents().retire();
  text = metrics.text();
  EXPECT_EQ(text.find("vpnverdict_incidents_open{"), std::string::npos);
  EXPECT_NE(text.find("vpnverdict_incident_signs_total{result=\"late\"} 2\n"), std::string::npos);
}

TEST(Catalogue, names_every_metric_and_no_other) {
  PipelineMetrics metrics(options());
  PoolView known = pool("p", 1, 2, CapacitySource::configured);
  known.oldest_lease = 0;
  for (std::uint32_t i = 0; i < 8; ++i) known.slots.push_back(i);
  IncidentFigures figures;
  figures.stream_time = 1;
  metrics.incidents().publish(figures);
  metrics.shard(0).publish({known});
  metrics.kafka().set_lags(&metrics, {{{"raw", 0}, 5}});
  metrics.config().reloaded(true, 1);
  metrics.config().certificate_ends(1);
  metrics.shard(0).publish({}, 1);
  metrics.shard(1).publish({}, 1);
  std::set<std::string> told;
  for (const auto& family : metrics.Collect()) told.insert(family.name);
  std::set<std::string> listed;
  std::ifstream readme(std::string(VPNVERDICT_SOURCE_DIR) + "/metrics/README.md");
  for (std::string line; std::getline(readme, line);) {
    if (line.starts_with("| `vpnverdict_")) listed.insert(line.substr(3, line.find('`', 3) - 3));
  }
  EXPECT_EQ(listed, told);
}

constexpr Timestamp kMinute = 60'000;

Verdict failure(std::uint64_t id, const std::string& group, const std::string& user, Timestamp at, const std::string& peer = "192.0.2.1") {
  Verdict out = verdict(id, group, Cause::group_password_mismatch, Outcome::failed);
  out.user = user;
  out.peer_ip = peer;
  out.due_at = at;
  return out;
}

std::string clients(const std::string& group) { return "vpnverdict_failed_clients{group=\"" + group + "\"}"; }

TEST(PipelineMetrics, clients_that_failed_are_people_not_attempts_and_only_of_the_last_half_hour) {
  PipelineMetrics metrics(options());
  ShardCell& shard = metrics.shard(0);
  EXPECT_EQ(value_of(metrics.text(false), clients("issued")), "0");
  for (std::uint64_t i = 0; i < 50; ++i) shard.count(failure(1 + i, "issued", "alice", kMinute), 0);
  shard.count(failure(100, "issued", "Bob", 2 * kMinute), 0);
  shard.count(failure(101, "issued", "bob", 10 * kMinute), 0);  // the same one
  shard.count(failure(102, "issued", "", 2 * kMinute, "198.51.100.7"), 0);  // no name: by the address
  shard.count(failure(103, "invented", "carol", 2 * kMinute), 0);
  Verdict fine = failure(104, "issued", "dave", 2 * kMinute);
  fine.outcome = Outcome::connected;
  shard.count(fine, 0);
  EXPECT_EQ(value_of(metrics.text(false), "vpnverdict_verdict_grades_total{grade=\"guess\"}"), "54") << "failures only";
  EXPECT_EQ(value_of(metrics.text(false), "vpnverdict_verdict_grades_total{grade=\"certain\"}"), "0");
  EXPECT_EQ(value_of(metrics.text(false), clients("issued")), "3");
  EXPECT_EQ(value_of(metrics.text(false), clients("other")), "1");

  // Time goes on although nobody fails any more: those of the first and second minute are gone, bob of the tenth is not.
  shard.publish({}, 35 * kMinute);
  EXPECT_EQ(value_of(metrics.text(false), clients("issued")), "1");
  EXPECT_EQ(value_of(metrics.text(false), clients("other")), "0");
  shard.publish({}, 40 * kMinute);
  EXPECT_EQ(value_of(metrics.text(false), clients("issued")), "0");
}

TEST(FailedClients, more_than_can_be_remembered_are_a_lower_bound_and_make_room_when_they_are_old) {
  FailedClients clients;
  for (std::uint64_t i = 0; i < kFailedClientsMax + 1'000; ++i) clients.add(0, i, kMinute);
  std::vector<std::uint64_t> by_group;
  clients.count(kMinute, by_group);
  EXPECT_EQ(by_group, std::vector<std::uint64_t>{kFailedClientsMax});
  clients.add(1, 1, 40 * kMinute);
  by_group.clear();
  clients.count(40 * kMinute, by_group);
  EXPECT_EQ(by_group, (std::vector<std::uint64_t>{0, 1}));
}

TEST(PipelineMetrics, lines_are_counted_for_the_inventory_s_concentrators_and_no_others) {
  PipelineMetrics metrics(options());
  EXPECT_EQ(value_of(metrics.text(false), "vpnverdict_concentrator_lines_total{concentrator=\"vpn2\"}"), "0");
  for (std::size_t thread = 0; thread < 2; ++thread) {
    LineTally tally;
    tally.by_concentrator = {0, 7};
    metrics.lines(thread).publish(tally);
  }
  const std::string text = metrics.text(false);
  EXPECT_EQ(value_of(text, "vpnverdict_concentrator_lines_total{concentrator=\"vpn1\"}"), "0");
  EXPECT_EQ(value_of(text, "vpnverdict_concentrator_lines_total{concentrator=\"vpn2\"}"), "14");

  MetricsOptions many = options();
  many.concentrators.assign(kConcentratorSeriesMax + 5, "box");
  for (std::size_t i = 0; i < many.concentrators.size(); ++i) many.concentrators[i] += std::to_string(i);
  const std::string bounded = PipelineMetrics(many).text(false);
  EXPECT_NE(bounded.find("box999\""), std::string::npos);
  EXPECT_EQ(bounded.find("box1000\""), std::string::npos);
}

TEST(PipelineMetrics, a_configuration_that_was_not_taken_over_shows_and_the_last_good_time_stays) {
  PipelineMetrics metrics(options());
  EXPECT_EQ(value_of(metrics.text(false), "vpnverdict_config_last_reload_successful"), "absent") << "no service";
  metrics.config().reloaded(true, 1'700'000'000.5);
  metrics.config().reloaded(false, 1'700'000'009);
  EXPECT_EQ(value_of(metrics.text(false), "vpnverdict_config_last_reload_successful"), "0");
  EXPECT_EQ(std::stod(value_of(metrics.text(false), "vpnverdict_config_last_reload_success_timestamp_seconds")), 1'700'000'000.5);
  EXPECT_EQ(value_of(metrics.text(false), "vpnverdict_http_certificate_expiry_timestamp_seconds"), "absent") << "no TLS";
}

// The rules of the form: counters are named without _total in TYPE and HELP, the last line is # EOF, an exemplar follows its value.
TEST(OpenMetrics, failures_name_the_attempt_that_was_counted_last) {
  PipelineMetrics metrics(options());
  metrics.open_metrics_text();  // the first scrape shows zeros
  metrics.shard(0).count(failure(0x1a, "issued", "alice", kMinute), 0);
  metrics.shard(1).count(failure(0xfedcba9876543210, "issued", "bob", 2 * kMinute), 0);
  const std::string text = metrics.open_metrics_text();
  EXPECT_EQ(value_of(text, verdicts("issued", 6, "group_password_mismatch", "failed")), "2 # {attempt=\"fedcba9876543210\"} 1");
  EXPECT_EQ(value_of(text, verdicts("issued", 6, "group_name_unknown", "failed")), "0");
  EXPECT_NE(text.find("\n# TYPE vpnverdict_verdicts counter\n# HELP vpnverdict_verdicts "), std::string::npos);
  EXPECT_EQ(text.find("# TYPE vpnverdict_verdicts_total"), std::string::npos);
  EXPECT_TRUE(text.ends_with("\n# EOF\n"));
  EXPECT_EQ(text.find("# EOF"), text.size() - 6);
  EXPECT_EQ(metrics.text().find("attempt="), std::string::npos) << "the older form has no exemplars";
}

TEST(OpenMetrics, it_tells_the_same_series_as_the_older_form) {
  PipelineMetrics metrics(options());
  metrics.shard(0).count(failure(1, "issued", "alice", kMinute), 5'000);
  metrics.text();
  const auto series = [](const std::string& text) {
    std::set<std::string> out;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
      if (!line.starts_with('#')) out.insert(line.substr(0, line.find(' ', line.find('}') == std::string::npos ? 0 : line.find('}'))));
    }
    return out;
  };
  std::string other = metrics.text();
  // A bucket's bound is a number there: 60 is 60.0.
  for (const char* bound : {"1", "2", "5", "10", "30", "60", "120", "300", "900", "3600"}) {
    const std::string from = "le=\"" + std::string(bound) + "\"";
    other.replace(other.find(from), from.size(), "le=\"" + std::string(bound) + ".0\"");
  }
  EXPECT_EQ(series(metrics.open_metrics_text()), series(other));
}

TEST(OpenMetrics, what_strangers_typed_is_escaped) {
  const std::string hostile = "a\"b\\c\nd";
  PipelineMetrics metrics(options(2, {hostile}));
  EXPECT_NE(metrics.open_metrics_text().find("vpnverdict_failed_clients{group=\"a\\\"b\\\\c"), std::string::npos);
}

TEST(OpenMetrics, whoever_asks_for_it_gets_it) {
  for (const char* accept : {"application/openmetrics-text", "application/openmetrics-text; version=1.0.0; charset=utf-8",
                             "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"}) {
    EXPECT_TRUE(wants_open_metrics(accept)) << accept;
  }
  for (const char* accept : {"", "*/*", "text/plain;version=0.0.4", "text/html,application/xhtml+xml;q=0.9", "application/openmetrics-text;version=0.0.1",
                             "application/openmetrics-text;q=0", "application/openmetrics-text;q=0.0, text/plain"}) {
    EXPECT_FALSE(wants_open_metrics(accept)) << accept;
  }
}

}  // namespace
}  // namespace vpnverdict
