// What the status page can show: counting by log time, bounds, revisions, hiding.
#include "pipeline/status_board.h"

#include <gtest/gtest.h>

#include "pipeline/verdict_json.h"

namespace vpnverdict {
namespace {

constexpr Timestamp kMinute = 60'000;
constexpr Timestamp kNoon = 20'000 * 24 * 60 * kMinute + 12 * 60 * kMinute;

Verdict failed(std::uint64_t id, const std::string& group, Cause cause = Cause::group_password_mismatch) {
  Verdict out;
  out.id = id;
  out.final = true;
  out.outcome = Outcome::failed;
  out.cause = cause;
  out.group = group;
  out.user = "user" + std::to_string(id);
  out.peer_ip = "192.0.2." + std::to_string(id % 200);
  return out;
}

Verdict connected(std::uint64_t id, const std::string& group) {
  Verdict out = failed(id, group, Cause::connected);
  out.outcome = Outcome::connected;
  return out;
}

struct Told {
  GroupLabels groups{{"sales", "support"}, 10};
  StatusBoard board;
  std::vector<std::string> sources{"vpn-logs/0"};
  explicit Told(bool names = true) : board(groups, names) {}
  void tell(const Verdict& verdict, Timestamp at) { board.add({verdict, to_json(verdict, sources), sources, at}); }
  std::vector<std::string> page(StatusBoard::Query query = {}) { return board.page(query).records; }
};

// The part of a record that tells records apart in these tests.
std::string id_of(const std::string& record) {
  const std::size_t at = record.find("\"id\":\"") + 6;
  return record.substr(at, 16);
}

TEST(StatusBoard, five_minutes_and_an_hour_are_counted_by_log_time) {
  Told told;
  told.tell(failed(1, "sales"), kNoon - 50 * kMinute);
  told.tell(failed(2, "sales"), kNoon - 4 * kMinute);
  told.tell(connected(3, "sales"), kNoon);
  told.tell(connected(4, "support"), kNoon);
  const StatusBoard::Picture picture = told.board.picture(kUntimed);
  EXPECT_EQ(picture.now, kNoon);
  EXPECT_EQ(picture.all.failed_1h, 2U);
  EXPECT_EQ(picture.all.failed_5m, 1U);
  EXPECT_EQ(picture.all.connected_5m, 2U);
  ASSERT_EQ(picture.groups.size(), 2U);
  EXPECT_EQ(picture.groups[0].name, "sales");
  EXPECT_EQ(picture.groups[0].rate.failed_1h, 2U);
  EXPECT_EQ(picture.groups[0].rate.clients_1h, 2U);
  EXPECT_EQ(picture.groups[0].worst, Cause::group_password_mismatch);
  EXPECT_EQ(picture.groups[1].rate.failed_1h, 0U);
  // Bars of three minutes, oldest first: 50 and 4 minutes ago.
  EXPECT_EQ(picture.all.failed[3], 1U);
  EXPECT_EQ(picture.all.failed[18], 1U);
  EXPECT_EQ(picture.all.connected[19], 2U);
}

TEST(StatusBoard, an_hour_later_all_is_forgotten_but_the_records) {
  Told told;
  told.tell(failed(1, "sales"), kNoon);
  const StatusBoard::Picture later = told.board.picture(kNoon + 60 * kMinute);
  EXPECT_EQ(later.all.failed_1h, 0U);
  EXPECT_TRUE(later.groups.empty());
  EXPECT_TRUE(later.causes.empty());
  EXPECT_EQ(told.page().size(), 1U);
  told.tell(failed(2, "sales"), kNoon + 59 * kMinute);
  EXPECT_EQ(told.board.picture(kUntimed).all.failed_1h, 2U);
  told.tell(failed(3, "sales"), kNoon + 61 * kMinute);
  EXPECT_EQ(told.board.picture(kUntimed).all.failed_1h, 2U);
}

TEST(StatusBoard, an_amendment_moves_what_was_counted_and_replaces_the_record) {
  Told told;
  told.tell(failed(1, "sales", Cause::udp500_blocked), kNoon);
  Verdict amended = failed(1, "sales", Cause::user_cancelled);
  amended.revision = 2;
  told.tell(amended, kNoon + 2 * kMinute);
  const StatusBoard::Picture picture = told.board.picture(kUntimed);
  EXPECT_EQ(picture.all.failed_1h, 1U);
  ASSERT_EQ(picture.causes.size(), 1U);
  EXPECT_EQ(picture.causes[0].cause, Cause::user_cancelled);
  ASSERT_EQ(told.page().size(), 1U);
  EXPECT_NE(told.page()[0].find("\"revision\":2"), std::string::npos);
}

TEST(StatusBoard, a_half_that_was_joined_is_neither_counted_nor_listed_and_still_found) {
  Told told;
  told.tell(failed(1, "sales"), kNoon);
  told.tell(failed(2, "sales"), kNoon);
  Verdict joined = failed(2, "sales");
  joined.revision = 2;
  joined.same_as = 1;
  told.tell(joined, kNoon);
  EXPECT_EQ(told.board.picture(kUntimed).all.failed_1h, 1U);
  ASSERT_EQ(told.page().size(), 1U);
  EXPECT_EQ(id_of(told.page()[0]), hex16(1));
  EXPECT_NE(told.board.attempt(2).record.find("\"same_as\":\"" + hex16(1)), std::string::npos);
}

TEST(StatusBoard, a_later_revision_of_something_forgotten_is_shown_and_not_counted_again) {
  Told told;
  Verdict amended = failed(1, "sales");
  amended.revision = 3;
  told.tell(amended, kNoon);
  EXPECT_EQ(told.board.picture(kUntimed).all.failed_1h, 0U);
  EXPECT_EQ(told.page().size(), 1U);
}

TEST(StatusBoard, names_that_nobody_issued_or_proved_share_one_row) {
  Told told;
  for (std::uint64_t i = 1; i <= 30; ++i) told.tell(failed(i, "typed" + std::to_string(i)), kNoon);
  const StatusBoard::Picture picture = told.board.picture(kUntimed);
  ASSERT_EQ(picture.groups.size(), 1U);
  EXPECT_EQ(picture.groups[0].name, "other");
  EXPECT_EQ(picture.groups[0].rate.failed_1h, 30U);
  StatusBoard::Query one;
  one.group = "typed7";
  EXPECT_EQ(told.page(one).size(), 1U);
  one.group = "other";
  EXPECT_EQ(told.page(one).size(), 30U);
}

TEST(StatusBoard, pages_meet_without_gap_or_overlap) {
  Told told;
  for (std::uint64_t i = 1; i <= 25; ++i) told.tell(i % 3 == 0 ? connected(i, "sales") : failed(i, "sales"), kNoon);
  StatusBoard::Query query;
  query.limit = 10;
  std::vector<std::string> ids;
  do {
    const StatusBoard::Page page = told.board.page(query);
    for (const std::string& record : page.records) ids.push_back(id_of(record));
    query.before = page.next;
  } while (query.before != 0);
  std::vector<std::string> expected;
  for (std::uint64_t i = 25; i >= 1; --i) expected.push_back(hex16(i));
  EXPECT_EQ(ids, expected);
}

TEST(StatusBoard, filters_are_by_outcome_cause_group_and_any_name_whatever_its_case) {
  Told told;
  told.tell(failed(1, "sales"), kNoon);
  told.tell(failed(2, "support", Cause::udp500_blocked), kNoon);
  told.tell(connected(3, "sales"), kNoon);
  StatusBoard::Query query;
  query.outcome = Outcome::failed;
  EXPECT_EQ(told.page(query).size(), 2U);
  query.cause = Cause::udp500_blocked;
  EXPECT_EQ(told.page(query).size(), 1U);
  query = {};
  query.group = "sales";
  EXPECT_EQ(told.page(query).size(), 2U);
  query = {};
  query.find = "USER2";
  ASSERT_EQ(told.page(query).size(), 1U);
  query.find = "192.0.2.3";
  EXPECT_EQ(told.page(query).size(), 1U);
  query.find = "nobody";
  EXPECT_TRUE(told.page(query).empty());
}

TEST(StatusBoard, success_pushes_no_failure_out_and_both_are_bounded) {
  Told told;
  told.tell(failed(1, "sales"), kNoon);
  for (std::uint64_t i = 0; i < kBoardOthersMax + 50; ++i) told.tell(connected(1'000 + i, "sales"), kNoon);
  EXPECT_FALSE(told.board.attempt(1).record.empty());
  EXPECT_TRUE(told.board.attempt(1'000).record.empty());
  EXPECT_FALSE(told.board.attempt(1'050).record.empty());
  for (std::uint64_t i = 0; i < kBoardFailuresMax; ++i) told.tell(failed(100'000 + i, "sales"), kNoon);
  EXPECT_TRUE(told.board.attempt(1).record.empty());
  EXPECT_EQ(told.board.picture(kUntimed).all.failed_1h, kBoardFailuresMax + 1);
}

TEST(StatusBoard, long_records_are_bounded_by_their_bytes) {
  Told told;
  Verdict large = failed(1, "sales");
  large.evidence.assign(40, Evidence{});
  for (Evidence& evidence : large.evidence) evidence.text.assign(kEvidenceTextMax, 'x');
  for (std::uint64_t i = 1; i <= 3'000; ++i) {
    large.id = i;
    told.tell(large, kNoon);
  }
  StatusBoard::Query query;
  query.limit = 200;
  std::size_t bytes = 0;
  std::size_t page_bytes = 0;
  do {
    const StatusBoard::Page page = told.board.page(query);
    page_bytes = 0;
    for (const std::string& record : page.records) page_bytes += record.size();
    EXPECT_LE(page_bytes, kAnswerBytesMax);
    EXPECT_FALSE(page.records.empty());
    bytes += page_bytes;
    query.before = page.next;
  } while (query.before != 0);
  EXPECT_LE(bytes, kBoardBytesMax);
  EXPECT_GT(bytes, kBoardBytesMax / 2);
}

TEST(StatusBoard, a_session_is_told_with_its_attempt_and_is_no_attempt_itself) {
  Told told;
  told.tell(connected(1, "sales"), kNoon);
  Verdict session = failed(2, "sales", Cause::peer_lost);
  session.about_session = true;
  session.attempt = 1;
  told.tell(session, kNoon);
  EXPECT_EQ(told.board.picture(kUntimed).all.failed_1h, 0U);
  for (const std::uint64_t id : {1U, 2U}) {
    const StatusBoard::Attempt attempt = told.board.attempt(id);
    EXPECT_EQ(id_of(attempt.record), hex16(1));
    ASSERT_EQ(attempt.sessions.size(), 1U);
    EXPECT_EQ(id_of(attempt.sessions[0]), hex16(2));
  }
}

TEST(StatusBoard, hidden_names_are_not_even_kept) {
  Told told(false);
  Verdict verdict = failed(1, "sales");
  verdict.client = "pc-alice";
  Evidence evidence;
  evidence.text = "user1 at 192.0.2.1 failed";
  verdict.evidence.push_back(evidence);
  told.tell(verdict, kNoon);
  const std::string record = told.board.attempt(1).record;
  for (const char* name : {"user1", "192.0.2.1", "pc-alice"}) {
    EXPECT_EQ(record.find(name), std::string::npos) << record;
    StatusBoard::Query query;
    query.find = name;
    EXPECT_TRUE(told.page(query).empty());
  }
  EXPECT_NE(record.find("\"group\":\"sales\""), std::string::npos);
  EXPECT_NE(record.find("\"source\":\"vpn-logs/0\""), std::string::npos);
  EXPECT_EQ(told.board.picture(kUntimed).all.clients_1h, 1U);
}

TEST(StatusBoard, names_that_are_hidden_later_are_forgotten_and_the_counts_are_not) {
  Told told;
  told.tell(failed(1, "sales"), kNoon);
  told.tell(connected(2, "sales"), kNoon);
  told.board.show_names(true);  // no change forgets nothing
  EXPECT_EQ(told.page().size(), 2U);
  told.board.show_names(false);
  EXPECT_TRUE(told.page().empty());
  EXPECT_EQ(told.board.attempt(1).record, "");
  StatusBoard::Query query;
  query.find = "user1";
  EXPECT_TRUE(told.page(query).empty());
  EXPECT_EQ(told.board.picture(kUntimed).all.failed_1h, 1U);

  // An amendment still moves what was counted, and comes without names.
  Verdict amended = failed(1, "sales", Cause::phase2_proposal_mismatch);
  amended.revision = 2;
  told.tell(amended, kNoon);
  EXPECT_EQ(told.board.picture(kUntimed).all.failed_1h, 1U);
  ASSERT_EQ(told.page().size(), 1U);
  EXPECT_EQ(told.page()[0].find("user1"), std::string::npos);

  told.board.show_names(true);
  told.tell(failed(3, "sales"), kNoon);
  EXPECT_NE(told.board.attempt(3).record.find("user3"), std::string::npos);
}

Incident card_of(std::uint64_t id, bool open) {
  Incident card;
  card.id = id;
  card.revision = 1;
  card.open = open;
  card.dimension = Dimension::network;
  card.value = "198.18.0.0/16";
  card.sentence = "12 of 14 active clients of clients of 198.18.0.0/16 cannot connect";
  card.samples.push_back({7, "a line about alice"});
  return card;
}

TEST(StatusBoard, incidents_are_replaced_by_their_next_revision_and_the_open_ones_stay_longest) {
  const GroupLabels groups({}, 10);
  StatusBoard board(groups, true);
  board.add(card_of(1, true));
  for (std::uint64_t id = 2; id < kBoardIncidentsMax + 50; ++id) board.add(card_of(id, false));
  std::vector<std::string> shown = board.incidents(kBoardIncidentsMax + 1).records;
  ASSERT_EQ(shown.size(), kBoardIncidentsMax);
  EXPECT_NE(shown.front().find("\"id\":\"0000000000000001\""), std::string::npos) << "the open one first";
  board.add(card_of(1, false));
  shown = board.incidents(2).records;
  ASSERT_EQ(shown.size(), 2U);
  EXPECT_EQ(shown.front().find("\"id\":\"0000000000000001\""), std::string::npos) << "the newest first";
  EXPECT_NE(shown.front().find("198.18.0.0/16"), std::string::npos);
}

TEST(StatusBoard, pages_of_incidents_meet_without_gap_or_overlap) {
  const GroupLabels groups({}, 10);
  StatusBoard board(groups, true);
  for (std::uint64_t id = 1; id <= 7; ++id) board.add(card_of(id, id % 2 == 1));
  const std::vector<std::string> all = board.incidents(100).records;
  EXPECT_EQ(board.incidents(100).next, 0U);
  EXPECT_EQ(board.incidents(7).next, 0U);
  std::vector<std::string> pages;
  std::size_t skip = 0;
  do {
    const StatusBoard::Cards page = board.incidents(3, skip);
    pages.insert(pages.end(), page.records.begin(), page.records.end());
    skip = page.next;
  } while (skip != 0);
  EXPECT_EQ(pages, all);
  EXPECT_EQ(all.size(), 7U);
  EXPECT_TRUE(board.incidents(3, 100).records.empty());
}

TEST(StatusBoard, incidents_without_names_hold_neither_addresses_nor_lines) {
  const GroupLabels groups({}, 10);
  StatusBoard board(groups, false);
  board.add(card_of(1, true));
  Incident group = card_of(2, true);
  group.dimension = Dimension::group;
  group.value = "sales";
  group.sentence = "Nobody of group sales can connect";
  board.add(group);
  const std::vector<std::string> shown = board.incidents(10).records;
  ASSERT_EQ(shown.size(), 2U);
  for (const std::string& json : shown) {
    EXPECT_EQ(json.find("198.18"), std::string::npos) << json;
    EXPECT_EQ(json.find("alice"), std::string::npos) << json;
  }
  EXPECT_NE(shown[0].find("Nobody of group sales can connect"), std::string::npos);
}

TEST(StatusBoard, incidents_are_forgotten_with_the_names) {
  const GroupLabels groups({}, 10);
  StatusBoard board(groups, true);
  board.add(card_of(1, true));
  board.show_names(false);
  EXPECT_TRUE(board.incidents(10).records.empty());
}

}  // namespace
}  // namespace vpnverdict
