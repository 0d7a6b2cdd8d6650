#include "pipeline/score_incidents.h"

#include <gtest/gtest.h>

#include "pipeline/generate_incidents.h"

#include <algorithm>
#include <cstdio>
#include <fstream>

namespace vpnverdict {
namespace {

constexpr Timestamp kMinute = 60'000;
constexpr Timestamp kTen = 1'772'445'600'000;  // 2026-03-02 10:00

std::string row(const std::string& pattern, const std::string& kind, const std::string& place, Timestamp from, Timestamp until, Timestamp tenth, bool injected = true) {
  return "{\"about\":\"incident\",\"pattern\":\"" + pattern + "\",\"kind\":\"" + kind + "\",\"places\":[\"" + place + "\"],\"from\":" + std::to_string(from) +
         ",\"until\":" + std::to_string(until) + ",\"tenth\":" + std::to_string(tenth) + ",\"tenth_told\":" + std::to_string(tenth == 0 ? 0 : tenth + 30'000) + ",\"clients\":12,\"injected\":" + (injected ? "true" : "false") + "}\n";
}

Incident card(std::uint64_t id, IncidentKind kind, Dimension dimension, const std::string& value, Timestamp onset, Timestamp detected) {
  Incident out;
  out.id = id;
  out.kind = kind;
  out.dimension = dimension;
  out.value = value;
  out.onset = onset;
  out.detected_at = out.told_at = detected;
  return out;
}

class ScoreIncidents : public ::testing::Test {
 protected:
  // A group's failures from 10:00 to 10:20, a site that is silent from 14:00 to 14:20, a group that never works.
  void SetUp() override {
    const std::string path = ::testing::TempDir() + "score_incidents_truth.jsonl";
    std::ofstream(path) << row("password", "failures", "group sales", kTen, kTen + 20 * kMinute, kTen + 5 * kMinute)
                        << row("cut", "silence", "site delft", kTen + 240 * kMinute, kTen + 260 * kMinute, kTen + 242 * kMinute)
                        << row("usual", "*", "group poor", 0, kTen + 1'000 * kMinute, 0, false);
    std::string error;
    ASSERT_TRUE(scorer.read_truth(path, &error)) << error;
    std::remove(path.c_str());
  }
  IncidentScorer scorer;
};

TEST_F(ScoreIncidents, a_card_is_right_by_kind_place_and_time) {
  scorer.add(card(1, IncidentKind::failures, Dimension::group, "sales", kTen, kTen + 6 * kMinute));
  scorer.add(card(2, IncidentKind::silence, Dimension::concentrator, "delft-1", kTen + 241 * kMinute, kTen + 244 * kMinute));
  const IncidentScore score = scorer.finish();
  ASSERT_EQ(score.injected.size(), 2U);
  EXPECT_TRUE(score.injected[0].found);
  EXPECT_EQ(score.injected[0].late_ms, kMinute);           // after the tenth client had failed …
  EXPECT_EQ(score.injected[0].late_told_ms, kMinute / 2);  // … and half a minute later its log had arrived
  EXPECT_FALSE(score.injected[1].found);          // the wrong place …
  EXPECT_EQ(score.injected[1].extra, 1U);         // … for a trouble that is there
  EXPECT_DOUBLE_EQ(score.recall(), 0.5);
  EXPECT_DOUBLE_EQ(score.precision(), 0.5);
}

TEST_F(ScoreIncidents, what_is_about_nothing_and_what_is_the_fleets_own) {
  scorer.add(card(1, IncidentKind::failures, Dimension::group, "sales", kTen, kTen + 3 * kMinute));
  scorer.add(card(2, IncidentKind::failures, Dimension::group, "sales", kTen + 500 * kMinute, kTen + 503 * kMinute));
  scorer.add(card(3, IncidentKind::failures, Dimension::group, "poor", kTen + 500 * kMinute, kTen + 503 * kMinute));
  const IncidentScore score = scorer.finish();
  EXPECT_EQ(score.unfounded, 1U);
  EXPECT_EQ(score.usual, 1U);
  EXPECT_DOUBLE_EQ(score.precision(), 0.5);
}

TEST_F(ScoreIncidents, the_last_record_of_a_card_counts_and_a_part_of_another_one_does_not) {
  Incident moved = card(1, IncidentKind::failures, Dimension::concentrator, "vpn1", kTen, kTen + 3 * kMinute);
  scorer.add(moved);
  moved.dimension = Dimension::group;
  moved.value = "sales";
  scorer.add(moved);
  Incident part = card(2, IncidentKind::failures, Dimension::concentrator, "vpn2", kTen, kTen + 4 * kMinute);
  part.closed_why = "it is part of another incident";
  scorer.add(part);
  const IncidentScore score = scorer.finish();
  EXPECT_TRUE(score.injected[0].found);
  EXPECT_EQ(score.injected[0].extra, 0U);
  EXPECT_EQ(score.unfounded, 0U);
}

// Whoever is told of it reads an old card that is open again: it is found, or false, as a new one would be.
TEST_F(ScoreIncidents, a_card_that_is_opened_again_is_told_again) {
  const auto tell_twice = [&](std::uint64_t id, const std::string& group, Timestamp first, Timestamp second) {
    Incident told = card(id, IncidentKind::failures, Dimension::group, group, first, first);
    scorer.add(told);
    told.open = false;
    told.closed_at = told.told_at = first + 30 * kMinute;
    scorer.add(told);
    told.open = true;
    told.closed_at = kUntimed;
    told.told_at = second;
    scorer.add(told);
  };
  tell_twice(1, "sales", kTen - 600 * kMinute, kTen + 6 * kMinute);
  tell_twice(2, "poor", kTen, kTen + 500 * kMinute);
  const IncidentScore score = scorer.finish();
  EXPECT_TRUE(score.injected[0].found);
  EXPECT_EQ(score.injected[0].late_ms, kMinute);
  EXPECT_EQ(score.unfounded, 1U);  // of the group sales in the night before
  EXPECT_EQ(score.usual, 2U);
}

TEST_F(ScoreIncidents, a_card_that_is_opened_again_for_the_same_incident_is_one) {
  Incident told = card(1, IncidentKind::failures, Dimension::group, "sales", kTen, kTen + 3 * kMinute);
  for (const bool open : {true, false, true}) {
    told.open = open;
    told.told_at += kMinute;
    scorer.add(told);
  }
  const IncidentScore score = scorer.finish();
  EXPECT_TRUE(score.injected[0].found);
  EXPECT_EQ(score.injected[0].extra, 0U);
}

// It was there, and who is told of it is told the truth; but nobody need have seen it.
TEST(ScoreIncidentsTruth, what_the_end_of_the_fleet_cuts_off_before_ten_failed_may_be_told_or_not) {
  Fleet fleet(1, 1'000, kTen);
  IncidentPlan plan(fleet, kTen);
  Person who = fleet.person(1);
  const Timestamp begun = kTen + 3 * 60 * kMinute;
  plan.change(begun, who);
  for (std::uint64_t person = 1; person <= 9; ++person) plan.played(person, begun + kMinute, begun + kMinute);
  const std::vector<IncidentTruth> truth = plan.truth();
  const auto row = std::ranges::find(truth, "group_password_changed", &IncidentTruth::pattern);
  ASSERT_NE(row, truth.end());
  EXPECT_EQ(row->from, begun);
  EXPECT_EQ(row->clients, 9U);
  EXPECT_FALSE(row->injected);
}

// Who called first need not be the first to know.
TEST(ScoreIncidentsTruth, the_tenth_is_the_tenth_to_fail) {
  Fleet fleet(1, 1'000, kTen);
  IncidentPlan plan(fleet, kTen);
  Person who = fleet.person(1);
  const Timestamp begun = kTen + 3 * 60 * kMinute;
  plan.change(begun, who);
  for (int person = 1; person <= 12; ++person) plan.played(static_cast<std::uint64_t>(person), begun + (person == 10 ? 30 : person) * kMinute, begun + 40 * kMinute);
  const std::vector<IncidentTruth> truth = plan.truth();
  const auto row = std::ranges::find(truth, "group_password_changed", &IncidentTruth::pattern);
  ASSERT_NE(row, truth.end());
  EXPECT_EQ(row->tenth, begun + 11 * kMinute);
  EXPECT_EQ(row->tenth_told, begun + 40 * kMinute);
}

// Else a wrong card about it would be forgiven as the fleet's own.
TEST(ScoreIncidentsTruth, the_site_that_is_cut_off_is_no_usual_gap_of_a_feed) {
  Fleet fleet(1, 1'000, kTen);
  IncidentPlan plan(fleet, kTen);
  for (Timestamp at = kTen; at < kTen + 20 * 60 * kMinute; at += kMinute) {
    Person who = fleet.person(1);
    plan.change(at, who);
  }
  std::vector<std::string> cut;
  std::vector<std::string> usual;
  for (const IncidentTruth& row : plan.truth()) {
    if (row.pattern == "site_cut_off") cut = row.places;
    if (row.pattern == "usual_feed_gap") usual.insert(usual.end(), row.places.begin(), row.places.end());
  }
  ASSERT_EQ(cut.size(), 1U);
  EXPECT_FALSE(usual.empty());
  EXPECT_EQ(std::ranges::find(usual, cut[0]), usual.end()) << cut[0];
}

TEST(ScoreIncidentsTruth, a_row_that_is_none_is_named_by_its_line) {
  const std::string path = ::testing::TempDir() + "score_incidents_bad.jsonl";
  std::ofstream(path) << row("password", "failures", "group sales", kTen, kTen, kTen) << "{\"about\":\"incident\"}\n";
  IncidentScorer scorer;
  std::string error;
  EXPECT_FALSE(scorer.read_truth(path, &error));
  EXPECT_NE(error.find(":2: not a truth row"), std::string::npos) << error;
  std::remove(path.c_str());
  EXPECT_FALSE(scorer.read_truth(path + ".none", &error));
}

}  // namespace
}  // namespace vpnverdict
