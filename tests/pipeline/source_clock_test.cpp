#include "pipeline/source_clock.h"

#include <gtest/gtest.h>

namespace vpnverdict {
namespace {

constexpr Timestamp kMargin = 5'000;

SourceClock::Now at(Timestamp wall, Timestamp monotonic = 0) { return {wall, monotonic}; }

TEST(SourceClock, nothing_is_known_before_the_first_record) {
  SourceClock clock(kMargin);
  clock.assign({0, 1}, at(1'000'000));
  clock.on_end(0, clock.present(at(1'000'000)));
  EXPECT_EQ(clock.time_of(0), kUntimed);
  EXPECT_EQ(clock.present(at(1'000'000)), kUntimed);
}

TEST(SourceClock, when_nothing_comes_for_a_minute_the_present_is_the_clock_s) {
  SourceClock clock(kMargin);
  clock.assign({0}, at(1'000'000, 500));
  clock.on_end(0, clock.present(at(1'060'000, 500 + SourceClock::kNothingCameMs)));
  EXPECT_EQ(clock.time_of(0), 1'060'000 - kMargin);
}

TEST(SourceClock, a_source_with_records_left_stands_at_its_newest_record) {
  SourceClock clock(kMargin);
  clock.assign({0}, at(900'000));
  clock.on_record(0, 100'000, at(900'000, 0));
  clock.on_record(0, 90'000, at(900'000, 0));
  EXPECT_EQ(clock.time_of(0), 100'000);
}

TEST(SourceClock, a_source_at_its_end_goes_on_with_the_fleet_s_clock_behind_the_margin) {
  SourceClock clock(kMargin);
  clock.assign({0, 1}, at(900'000));
  clock.on_record(0, 100'000, at(900'000, 0));
  clock.on_record(1, 130'000, at(900'000, 0));
  clock.on_end(0, clock.present(at(900'000, 0)));
  EXPECT_EQ(clock.time_of(0), 130'000 - kMargin);
  clock.on_end(0, clock.present(at(920'000, 20'000)));
  EXPECT_EQ(clock.time_of(0), 150'000 - kMargin) << "old records, their own present";
  EXPECT_EQ(clock.time_of(1), 130'000) << "not at its end: held back";
  EXPECT_TRUE(clock.at_end(0));
  EXPECT_FALSE(clock.at_end(1));
}

TEST(SourceClock, an_end_counts_for_the_present_of_its_question_and_for_no_later_one) {
  SourceClock clock(kMargin);
  clock.assign({0, 1}, at(9'000'000));
  clock.on_record(0, 100'000, at(9'000'000, 0));
  clock.on_end(0, clock.present(at(9'000'000, 0)));
  clock.on_record(1, 1'900'000, at(9'000'000, 10));  // half an hour of old records, read at once
  EXPECT_EQ(clock.time_of(0), 100'000) << "there may be as much in the other by now";
  clock.on_more(0);
  EXPECT_FALSE(clock.at_end(0));
  EXPECT_EQ(clock.time_of(0), 100'000);
  clock.on_record(0, 1'800'000, at(9'000'000, 20));
  clock.on_end(0, clock.present(at(9'000'000, 20)));
  EXPECT_EQ(clock.time_of(0), 1'900'010 - kMargin);
  clock.on_end(0, 1'500'000);  // answers may overtake each other
  EXPECT_EQ(clock.time_of(0), 1'900'010 - kMargin);
}

TEST(SourceClock, never_ahead_of_the_newest_record_when_that_is_younger_than_the_margin) {
  SourceClock clock(kMargin);
  clock.assign({0}, at(900'000));
  clock.on_record(0, 100'000, at(900'000, 0));
  clock.on_end(0, clock.present(at(900'001, 1)));
  EXPECT_EQ(clock.time_of(0), 100'000);
}

TEST(SourceClock, a_record_from_the_future_counts_as_now) {
  SourceClock clock(kMargin);
  clock.assign({0}, at(900'000));
  clock.on_record(0, 4'000'000'000'000, at(900'000, 0));
  EXPECT_EQ(clock.time_of(0), 900'000);
  EXPECT_EQ(clock.present(at(900'000, 0)), 900'000);
}

TEST(SourceClock, a_late_record_does_not_turn_the_present_back) {
  SourceClock clock(kMargin);
  clock.assign({0}, at(900'000));
  clock.on_record(0, 800'000, at(900'000, 0));
  clock.on_record(0, 100'000, at(901'000, 1'000));
  EXPECT_EQ(clock.present(at(901'000, 1'000)), 801'000);
}

TEST(SourceClock, the_one_that_is_ahead_waits_and_goes_on_when_half_the_way_is_made_good) {
  SourceClock clock(kMargin);
  clock.assign({0, 1}, at(900'000'000));
  clock.on_record(0, 0, at(900'000'000));
  EXPECT_TRUE(clock.too_far_ahead(60'000, {}).empty()) << "of source 1 nothing is known";
  clock.on_record(1, 60'000, at(900'000'000));
  EXPECT_TRUE(clock.too_far_ahead(60'000, {}).empty());
  clock.on_record(1, 60'001, at(900'000'000));
  EXPECT_EQ(clock.too_far_ahead(60'000, {}), std::set<std::uint32_t>{1});
  clock.on_record(0, 30'000, at(900'000'000));
  EXPECT_EQ(clock.too_far_ahead(60'000, {1}), std::set<std::uint32_t>{1});
  clock.on_record(0, 30'001, at(900'000'000));
  EXPECT_TRUE(clock.too_far_ahead(60'000, {1}).empty());
}

TEST(SourceClock, a_source_at_its_end_holds_nobody_back) {
  SourceClock clock(kMargin);
  clock.assign({0, 1}, at(900'000'000));
  clock.on_record(0, 0, at(900'000'000));
  clock.on_record(1, 500'000, at(900'000'000));
  EXPECT_EQ(clock.too_far_ahead(60'000, {}), std::set<std::uint32_t>{1});
  clock.on_end(0, 500'000);
  EXPECT_TRUE(clock.too_far_ahead(60'000, {1}).empty());
  clock.on_more(0);
  EXPECT_TRUE(clock.too_far_ahead(60'000, {}).empty()) << "it was there, and what it holds now is newer";
}

TEST(SourceClock, somebody_can_always_go_on) {
  SourceClock clock(kMargin);
  clock.assign({0, 1, 2}, at(900'000'000));
  clock.on_record(0, 0, at(900'000'000));
  clock.on_record(1, 200'000, at(900'000'000));
  clock.on_record(2, 500'000, at(900'000'000));
  clock.on_end(0, 500'000);  // only those that wait have records left
  EXPECT_EQ(clock.too_far_ahead(60'000, {1, 2}), std::set<std::uint32_t>{2});
}

}  // namespace
}  // namespace vpnverdict
