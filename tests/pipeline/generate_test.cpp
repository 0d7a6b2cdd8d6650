#include "pipeline/generate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "pipeline/dialect/dialect.h"
#include "pipeline/dialect/envelope.h"
#include "pipeline/generate_script.h"

namespace vpnverdict {
namespace {

struct Fleet {
  std::vector<GeneratedRecord> records;
  std::vector<TruthRow> truths;
};

Fleet run(GenerateOptions options, const std::string& mix_text) {
  Mix mix;
  std::string error;
  if (mix_text.empty() || mix_text == "uniform") {
    EXPECT_TRUE(read_mix(mix_text, &mix, &error)) << error;
  } else {
    EXPECT_TRUE(parse_mix(mix_text, "test", &mix, &error)) << error;
  }
  FleetGenerator generator(options, std::move(mix));
  Fleet out;
  GeneratedRecord record;
  TruthRow row;
  while (generator.next(&record)) {
    out.records.push_back(record);
    while (generator.next_truth(&row)) out.truths.push_back(row);
  }
  return out;
}

Fleet run(std::uint64_t attempts, std::uint64_t seed, const std::string& mix_text) {
  GenerateOptions options;
  options.attempts = attempts;
  options.seed = seed;
  return run(options, mix_text);
}

std::string bytes_of(const Fleet& fleet) {
  std::string out;
  for (const GeneratedRecord& record : fleet.records) out += record.value + '\n';
  for (const TruthRow& row : fleet.truths) out += to_json(row) + '\n';
  return out;
}

// The log messages behind the envelopes, with the line number of each.
struct Message {
  std::string text;
  std::string host;
  Timestamp received = kUntimed;
};
std::map<std::uint64_t, Message> messages_of(const Fleet& fleet) {
  std::map<std::uint64_t, Message> out;
  dialect::Envelope envelope;
  for (const GeneratedRecord& record : fleet.records)
    envelope.open(
        record.value, {0, record.line}, record.timestamp,
        [&](const dialect::Line& line) { out[record.line] = {std::string(line.text), std::string(line.host), line.received}; },
        [](Reject, std::string_view) {});
  return out;
}

// "08:00:01.123" in the client's header, in milliseconds of the day.
Timestamp stamp_of(const std::string& message) {
  const std::size_t at = message.find(':') - 2;
  const auto number = [&](std::size_t from, std::size_t size) { return std::stoll(message.substr(at + from, size)); };
  return ((number(0, 2) * 60 + number(3, 2)) * 60 + number(6, 2)) * 1000 + number(9, 3);
}

TEST(Generate, same_seed_same_bytes) {
  EXPECT_EQ(bytes_of(run(300, 7, "uniform")), bytes_of(run(300, 7, "uniform")));
  EXPECT_NE(bytes_of(run(300, 7, "uniform")), bytes_of(run(300, 8, "uniform")));
}

TEST(Generate, random_numbers_are_the_published_ones) {
  // splitmix64 from state 0: first outputs of the reference implementation.
  EXPECT_EQ(0xE220A8397B1DCDAFULL, spread(0));
  EXPECT_EQ(0x6E789E6AA1B965F4ULL, spread(0x9E3779B97F4A7C15ULL));
}

TEST(Generate, every_cause_is_played) {
  // Not causes but answers about an attempt that is not over or cannot be read; `redirected` ends as connected.
  const std::set<Cause> absent = {Cause::undetermined, Cause::in_progress, Cause::contradictory, Cause::redirected};
  std::map<Cause, int> seen;
  for (const TruthRow& row : run(2'000, 3, "uniform").truths) ++seen[row.cause];
  for (std::size_t i = 0; i < kCauseCount; ++i) {
    const auto cause = static_cast<Cause>(i);
    EXPECT_EQ(absent.contains(cause), seen[cause] == 0) << name_of(cause) << " seen " << seen[cause];
  }
}

TEST(Generate, most_attempts_connect_by_default) {
  int connected = 0;
  int attempts = 0;
  for (const TruthRow& row : run(1'500, 5, "").truths) {
    if (row.about_session) continue;
    ++attempts;
    connected += row.cause == Cause::connected ? 1 : 0;
  }
  EXPECT_GE(1'500, attempts);
  EXPECT_LT(1'300, attempts);
  EXPECT_NEAR(0.85, static_cast<double>(connected) / attempts, 0.03);
}

TEST(Generate, a_quiet_hour_has_fewer_attempts_unless_all_hours_are_alike) {
  const auto minutes = [](bool alike) {
    GenerateOptions options;
    options.attempts = 600;
    options.attempts_per_minute = 60;
    options.start += Timestamp{19} * 3'600'000;  // two in the night
    options.hours_alike = alike;
    std::vector<Timestamp> begun;
    for (const TruthRow& row : run(options, "").truths)
      if (!row.about_session) begun.push_back(row.started_at);
    const auto [first, last] = std::ranges::minmax(begun);
    return static_cast<double>(last - first) / 60'000;
  };
  EXPECT_NEAR(600 / 60, minutes(true), 2);
  EXPECT_LT(3 * 600 / 60, minutes(false));
}

TEST(Generate, records_come_in_order_of_arrival_and_are_numbered) {
  const Fleet fleet = run(500, 11, "uniform");
  Timestamp last = 0;
  std::uint64_t line = 0;
  for (const GeneratedRecord& record : fleet.records) {
    ASSERT_LE(last, record.timestamp);
    ASSERT_EQ(++line, record.line);
    last = record.timestamp;
  }
}

TEST(Generate, truth_lines_are_records_of_the_attempt) {
  const Fleet fleet = run(500, 12, "uniform");
  std::set<std::uint64_t> claimed;
  std::size_t named = 0;
  for (const TruthRow& row : fleet.truths) {
    ASSERT_FALSE(row.client_lines.empty() && row.concentrator_lines.empty()) << row.id;
    for (const std::uint64_t line : row.client_lines) {
      ASSERT_TRUE(claimed.insert(line).second) << "line " << line << " belongs to two rows";
      ASSERT_EQ(kClientTopic, fleet.records.at(line - 1).topic);
      ASSERT_EQ(row.client, fleet.records.at(line - 1).key);
    }
    for (const std::uint64_t line : row.concentrator_lines) {
      ASSERT_TRUE(claimed.insert(line).second) << "line " << line << " belongs to two rows";
      ASSERT_EQ(kConcentratorTopic, fleet.records.at(line - 1).topic);
      named += fleet.records.at(line - 1).value.find(row.peer_ip) != std::string::npos ? 1 : 0;
    }
    EXPECT_EQ(row.cut_client, row.client_lines.empty() && !row.client.empty()) << row.id;
    EXPECT_FALSE(row.accept.empty()) << row.id;
  }
  EXPECT_LT(500U, named);
}

TEST(Generate, attempts_of_one_user_stand_apart) {
  std::map<std::string, std::vector<const TruthRow*>> by_user;
  const Fleet fleet = run(2'000, 13, "user_unknown: 1\ngateway_name_not_resolved: 1\n");
  for (const TruthRow& row : fleet.truths)
    if (!row.about_session && !row.user.empty() && !row.may_be_silent) by_user[row.user].push_back(&row);
  int pairs = 0;
  for (auto& [user, rows] : by_user) {
    std::sort(rows.begin(), rows.end(), [](const auto* a, const auto* b) { return a->started_at < b->started_at; });
    for (std::size_t i = 1; i < rows.size(); ++i, ++pairs)
      EXPECT_LT(kRetryMs + kPeerTimeoutMs + 40'000, rows[i]->started_at - rows[i - 1]->ended_at) << user;
  }
  EXPECT_LT(0, pairs);
}

// Seed, example 8-8: AM2 again 7.992 s after the first, malformed at 31.986 s, own delete 91.65 s after AM3.
TEST(Generate, natt_timings_are_those_of_the_example) {
  const Fleet fleet = run(150, 14, "natt_udp4500_blocked: 1\n");
  const std::map<std::uint64_t, Message> messages = messages_of(fleet);
  int measured = 0;
  for (const TruthRow& row : fleet.truths) {
    if (row.client_lines.empty()) continue;
    std::map<std::string, Timestamp> at;
    int repeats = 0;
    for (const std::uint64_t line : row.client_lines) {
      const std::string& text = messages.at(line).text;
      const auto has = [&](const char* part) { return text.find(part) != std::string::npos; };
      if (has("RECEIVING <<< ISAKMP OAK AG (SA")) at["am2"] = stamp_of(text);
      if (has("STATUS_INITIAL_CONTACT")) at["am3"] = stamp_of(text);
      if (has("RECEIVING <<< ISAKMP OAK AG (Retransmission)") && at.count("repeat") == 0) at["repeat"] = stamp_of(text);
      if (has("RECEIVING <<< ISAKMP OAK AG (Retransmission)")) ++repeats;
      if (has("negotiation no longer active")) at["malformed"] = stamp_of(text);
      if (has("INFO *(HASH, DWR)")) at["delete"] = stamp_of(text);
    }
    if (at.size() != 5 || at["delete"] < at["am2"]) continue;  // midnight
    EXPECT_NEAR(8'000, static_cast<double>(at["repeat"] - at["am2"]), 40) << row.id;
    EXPECT_NEAR(32'000, static_cast<double>(at["malformed"] - at["am2"]), 60) << row.id;
    EXPECT_NEAR(91'000, static_cast<double>(at["delete"] - at["am3"]), 1'100) << row.id;
    EXPECT_LE(3, repeats) << row.id;  // more when a record came twice
    ++measured;
  }
  EXPECT_LT(50, measured);
}

TEST(Generate, three_refusals_end_a_login) {
  const Fleet fleet = run(60, 15, "user_password_wrong: 1\n");
  int rows = 0;
  for (const TruthRow& row : fleet.truths) {
    std::set<std::string> refusals;  // a set: a record may come twice
    std::set<std::string> ends;
    for (const std::uint64_t line : row.concentrator_lines) {
      const std::string& value = fleet.records.at(line - 1).value;
      const std::string message = value.substr(value.find("\"message\""));
      if (message.find("Reason = Invalid password") != std::string::npos) refusals.insert(message);
      if (message.find("IKE/167") != std::string::npos) ends.insert(message);
    }
    if (row.cut_concentrator) continue;
    EXPECT_EQ(3U, refusals.size()) << row.id;
    EXPECT_EQ(1U, ends.size()) << row.id;
    ++rows;
  }
  EXPECT_LT(30, rows);
}

// RPT counts each CLASS/NUM since boot, one by one; a gap would mean that lines were lost.
TEST(Generate, repeat_counters_grow_by_one) {
  const Fleet fleet = run(500, 16, "connected: 9\nuser_password_wrong: 1\n");
  std::map<std::string, std::set<int>> counters;
  for (const auto& [line, message] : messages_of(fleet)) {
    const std::size_t severity = message.text.find(" SEV=");
    if (severity == std::string::npos || message.host == "vpn-lyon-2" || message.host == "vpn-bergen-1") continue;  // their feeds are cut
    const std::size_t name = message.text.find(' ', severity + 1) + 1;
    const std::size_t repeats = message.text.find(" RPT=");
    if (repeats == std::string::npos || message.text.rfind("77 ", 0) == 0) continue;  // damaged noise
    counters[message.host + ' ' + message.text.substr(name, repeats - name)].insert(std::stoi(message.text.substr(repeats + 5)));
  }
  EXPECT_LT(100U, counters.size());
  for (const auto& [name, seen] : counters) {
    EXPECT_EQ(1, *seen.begin()) << name;
    EXPECT_EQ(static_cast<int>(seen.size()), *seen.rbegin()) << name;
  }
}

// Counts what a reader makes of the fleet, by topic.
class Recognised : public dialect::MessageSink {
 public:
  void on_event(const Event& event, std::uint32_t) override { ++dialects[event.dialect]; }
  void on_ignored(const Event& event, std::uint32_t) override { ++dialects[event.dialect]; }
  void on_reject(Reject reason, Dialect, std::string_view text, SourceRef, std::uint32_t) override {
    ++rejects[reason];
    if (examples.size() < 5) examples.push_back(std::string(name_of(reason)) + ": " + std::string(text));
  }
  std::map<Dialect, int> dialects;
  std::map<Reject, int> rejects;
  std::vector<std::string> examples;
};

TEST(Generate, every_line_of_an_attempt_is_in_its_dialect) {
  const Fleet fleet = run(700, 17, "uniform");
  std::set<std::uint64_t> of_attempts;
  for (const TruthRow& row : fleet.truths) {
    if (row.may_be_silent || row.cause == Cause::not_a_user_attempt) continue;  // hostile names may be rejected
    of_attempts.insert(row.client_lines.begin(), row.client_lines.end());
    of_attempts.insert(row.concentrator_lines.begin(), row.concentrator_lines.end());
  }
  dialect::Envelope envelope;
  std::map<std::string, dialect::Reader> readers;
  Recognised client;
  Recognised box;
  for (const GeneratedRecord& record : fleet.records) {
    if (!of_attempts.contains(record.line)) continue;
    Recognised& sink = record.topic == kClientTopic ? client : box;
    envelope.open(
        record.value, {0, record.line}, record.timestamp,
        [&](const dialect::Line& line) {
          dialect::Line whole = line;
          whole.complete = true;
          readers[record.key].feed(whole, sink);
        },
        [&](Reject reason, std::string_view text) { sink.on_reject(reason, Dialect::unknown, text, {}, 1); });
  }
  for (const Recognised* sink : {&client, &box}) {
    int rejected = 0;
    for (const auto& [reason, count] : sink->rejects) rejected += count;
    EXPECT_EQ(0, rejected) << (sink->examples.empty() ? "" : sink->examples.front());
    EXPECT_EQ(1U, sink->dialects.size());
  }
  EXPECT_LT(2'000, client.dialects[Dialect::cisco_vpn_client]);
  EXPECT_LT(2'000, box.dialects[Dialect::vpn3000]);
}

TEST(Mix, unknown_names_and_bad_weights_are_errors) {
  Mix mix;
  std::string error;
  EXPECT_FALSE(parse_mix("connected: 1\nno_such_cause: 2\n", "mix.yaml", &mix, &error));
  EXPECT_EQ("mix.yaml:2: no such cause or scenario: no_such_cause", error);
  EXPECT_FALSE(parse_mix("connected: -1\n", "mix.yaml", &mix, &error));
  EXPECT_FALSE(parse_mix("connected: many\n", "mix.yaml", &mix, &error));
  EXPECT_FALSE(parse_mix("connected\n", "mix.yaml", &mix, &error));
  EXPECT_FALSE(parse_mix("# nothing\n", "mix.yaml", &mix, &error));
  EXPECT_TRUE(parse_mix("# comment\nconnected: 90  # most\n\npeer_lost: 0.5\nuser_unknown: 10\r\n", "mix.yaml", &mix, &error)) << error;
}

TEST(Mix, only_what_it_names_is_played) {
  for (const TruthRow& row : run(200, 18, "user_unknown: 1\n").truths) EXPECT_EQ(Cause::user_unknown, row.cause);
}

TEST(Generate, inventory_names_every_gateway) {
  GenerateOptions options;
  options.attempts = 10;
  const FleetGenerator generator(options);
  EXPECT_EQ(20U, generator.inventory().concentrators.size());
  EXPECT_EQ("vpn-berlin-1", generator.inventory().concentrators.front().name);
  const std::string yaml = inventory_yaml(generator.inventory());
  EXPECT_NE(std::string::npos, yaml.find("  - name: vpn-berlin-1\n    cluster: berlin\n    addresses: [vpn-berlin-1, 203.0.113.10, 203.0.113.100]\n"));
}

}  // namespace
}  // namespace vpnverdict
