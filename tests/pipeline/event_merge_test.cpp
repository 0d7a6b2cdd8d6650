#include "pipeline/event_merge.h"

#include <string>

#include <gtest/gtest.h>

namespace vpnverdict {
namespace {

struct Merge {
  EventMerge merge;
  explicit Merge(std::size_t bound = 1'000) : merge(bound) {}

  void assign(std::uint64_t number, std::vector<std::uint32_t> sources) { merge.assign({number, std::move(sources)}); }
  // Events of one source at these times, numbered from `first`, and a mark behind them.
  void take(std::uint32_t source, std::uint64_t first, std::vector<Timestamp> times, std::uint64_t assignment = 1) {
    ShardBatch batch;
    Timestamp newest = kUntimed;
    std::uint64_t position = first;
    for (const Timestamp time : times) {
      const std::string text = "text that must be copied";
      Event event;
      event.ref = {source, position++};
      event.text = text;
      batch.events.push(event, time);
      newest = std::max(newest, time);
    }
    batch.marks.push_back({source, assignment, position, position, newest, newest, false});
    merge.take(std::move(batch));
  }
  void mark(std::uint32_t source, Timestamp time, std::uint64_t assignment = 1) {
    ShardBatch batch;
    batch.marks.push_back({source, assignment, 0, 0, time, time, false});
    merge.take(std::move(batch));
  }
  // "source:position@time …" of everything that is due.
  std::string due() {
    std::string out;
    Timestamp time = kUntimed;
    while (const Event* event = merge.next(&time)) {
      EXPECT_EQ(event->text, "text that must be copied");
      out += std::to_string(event->ref.source) + ":" + std::to_string(event->ref.position) + "@" +
             (time == kUntimed ? "?" : std::to_string(time)) + " ";
    }
    return out;
  }
};

TEST(EventMerge, waits_until_every_owned_source_has_spoken) {
  Merge m;
  m.assign(1, {0, 1});
  m.take(0, 1, {10, 20, 30});
  EXPECT_EQ(m.due(), "");
  m.take(1, 1, {25});
  EXPECT_EQ(m.due(), "0:1@10 0:2@20 1:1@25 ");
  EXPECT_EQ(m.merge.stream_time(), 25);
  m.mark(1, 40);
  EXPECT_EQ(m.due(), "0:3@30 ");
  EXPECT_EQ(m.merge.stream_time(), 30);
}

TEST(EventMerge, equal_times_go_by_source_and_one_source_keeps_its_order) {
  Merge m;
  m.assign(1, {0, 1});
  m.take(1, 1, {10, 10});
  m.take(0, 1, {10, 5, 10});
  EXPECT_EQ(m.due(), "0:1@10 0:2@10 0:3@10 1:1@10 1:2@10 ") << "a stamp that goes back does not overtake";
}

TEST(EventMerge, a_source_that_was_taken_away_holds_nothing_back) {
  Merge m;
  m.assign(1, {0, 1});
  m.take(0, 1, {10});
  EXPECT_EQ(m.due(), "");
  m.assign(2, {0});
  m.mark(0, 11, 2);
  EXPECT_EQ(m.due(), "0:1@10 ");
}

TEST(EventMerge, marks_of_an_old_assignment_move_no_clock) {
  Merge m;
  m.assign(2, {0});
  m.mark(0, 50, 1);
  EXPECT_EQ(m.merge.stream_time(), kUntimed);
  m.mark(0, 50, 2);
  EXPECT_EQ(m.merge.stream_time(), 50);
}

TEST(EventMerge, time_never_falls_and_late_events_go_at_once) {
  Merge m;
  m.assign(1, {0, 1});
  m.mark(0, 100);
  m.mark(1, 100);
  m.take(0, 1, {40});
  EXPECT_EQ(m.due(), "0:1@40 ");
  EXPECT_EQ(m.merge.stream_time(), 100);
}

TEST(EventMerge, over_the_bound_the_oldest_goes_first_and_is_counted) {
  Merge m(2);
  m.assign(1, {0, 1});
  m.take(0, 1, {10, 20, 30, 40});
  EXPECT_EQ(m.due(), "0:1@10 0:2@20 ");
  EXPECT_EQ(m.merge.overflowed(), 2U);
  EXPECT_EQ(m.merge.held(), 2U);
}

TEST(EventMerge, knows_its_places_and_what_waits) {
  Merge m;
  m.assign(1, {0, 1});
  m.take(0, 5, {10, 20});
  const auto waiting = m.merge.waiting();
  EXPECT_EQ(waiting.at(0), (std::vector<std::uint64_t>{5, 6}));
  EXPECT_EQ(m.merge.places().at(0).next, 7U);
  EXPECT_FALSE(m.merge.places().contains(1));
}

TEST(EventMerge, untimed_events_are_due_at_once_or_follow_their_predecessor) {
  Merge m;
  m.assign(1, {0, 1});
  m.take(0, 1, {kUntimed, 10, kUntimed});
  m.mark(1, 5);
  EXPECT_EQ(m.due(), "0:1@? ");
  m.mark(1, 10);
  EXPECT_EQ(m.due(), "0:2@10 0:3@10 ");
}

}  // namespace
}  // namespace vpnverdict
