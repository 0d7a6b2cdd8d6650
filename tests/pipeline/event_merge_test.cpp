#include "pipeline/event_merge.h"

#include <string>

#include <gtest/gtest.h>

namespace vpnverdict {
namespace {

struct Merge {
  EventMerge merge;
  explicit Merge(std::size_t bound = 1'000) : merge(bound) {}

  void assign(std::vector<std::uint32_t> sources) { merge.assign(sources); }
  // Events of one source at these times, numbered from `first`, and a mark behind them.
  void take(std::uint32_t source, std::uint64_t first, std::vector<Timestamp> times) {
    EventBatch batch;
    Timestamp newest = kUntimed;
    std::uint64_t position = first;
    for (const Timestamp time : times) {
      const std::string text = "text that must be copied";
      Event event;
      event.ref = {source, position++};
      event.text = text;
      event.user = "u";  // with nothing but a text it would be a sign of life
      batch.push(event, time);
      newest = std::max(newest, time);
    }
    merge.take(std::move(batch));
    mark(source, newest);
  }
  void mark(std::uint32_t source, Timestamp time) { merge.mark(source, time, time); }
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
  m.assign({0, 1});
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
  m.assign({0, 1});
  m.take(1, 1, {10, 10});
  m.take(0, 1, {10, 5, 10});
  EXPECT_EQ(m.due(), "0:1@10 0:2@10 0:3@10 1:1@10 1:2@10 ") << "a stamp that goes back does not overtake";
}

TEST(EventMerge, a_source_that_was_taken_away_holds_nothing_back) {
  Merge m;
  m.assign({0, 1});
  m.take(0, 1, {10});
  EXPECT_EQ(m.due(), "");
  m.assign({0});
  m.mark(0, 11);
  EXPECT_EQ(m.due(), "0:1@10 ");
}

TEST(EventMerge, marks_of_a_source_that_is_not_waited_for_move_no_clock) {
  Merge m;
  m.mark(0, 50);
  m.assign({1});
  m.mark(0, 60);
  EXPECT_EQ(m.merge.stream_time(), kUntimed);
  m.mark(1, 50);
  EXPECT_EQ(m.merge.stream_time(), 50);
}

TEST(EventMerge, names_the_source_that_holds_the_others_back) {
  Merge m;
  std::uint32_t source = 9;
  EXPECT_FALSE(m.merge.slowest(&source));
  m.assign({0, 1});
  m.mark(0, 50);
  EXPECT_TRUE(m.merge.slowest(&source));
  EXPECT_EQ(source, 1U);
}

TEST(EventMerge, time_never_falls_and_late_events_go_at_once) {
  Merge m;
  m.assign({0, 1});
  m.mark(0, 100);
  m.mark(1, 100);
  m.take(0, 1, {40});
  EXPECT_EQ(m.due(), "0:1@40 ");
  EXPECT_EQ(m.merge.stream_time(), 100);
}

TEST(EventMerge, over_the_bound_the_oldest_goes_first_and_is_counted) {
  Merge m(2);
  m.assign({0, 1});
  m.take(0, 1, {10, 20, 30, 40});
  EXPECT_EQ(m.due(), "0:1@10 0:2@20 ");
  EXPECT_EQ(m.merge.overflowed(), 2U);
  EXPECT_EQ(m.merge.held(), 2U);
}

TEST(EventMerge, a_saved_one_goes_on_as_if_nothing_had_happened) {
  Merge m;
  m.assign({0, 1});
  m.take(0, 5, {10, 30, 20});
  m.take(1, 1, {10, 15});
  EXPECT_EQ(m.due(), "0:5@10 1:1@10 1:2@15 ");
  std::string bytes;
  m.merge.save(bytes, 2);
  Merge other;
  ByteReader in(bytes);
  ASSERT_TRUE(other.merge.restore(in, 2));
  EXPECT_TRUE(in.at_end());
  for (Merge* each : {&m, &other}) {
    EXPECT_EQ(each->merge.stream_time(), 15);
    EXPECT_EQ(each->merge.held(), 2U);
    each->take(0, 8, {25});
    each->mark(1, 40);
    EXPECT_EQ(each->due(), "0:6@30 0:7@30 0:8@30 ") << "what came at 30 still orders what came after it";
  }
}

TEST(EventMerge, damaged_bytes_are_refused) {
  Merge m;
  m.assign({0, 1});
  m.take(0, 5, {10, 30, 20});
  std::string bytes;
  m.merge.save(bytes, 2);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    Merge other;
    ByteReader in(std::string_view(bytes).substr(0, size));
    EXPECT_FALSE(other.merge.restore(in, 2)) << size;
  }
}

TEST(EventMerge, untimed_events_are_due_at_once_or_follow_their_predecessor) {
  Merge m;
  m.assign({0, 1});
  m.take(0, 1, {kUntimed, 10, kUntimed});
  m.mark(1, 5);
  EXPECT_EQ(m.due(), "0:1@? ");
  m.mark(1, 10);
  EXPECT_EQ(m.due(), "0:2@10 0:3@10 ");
}

}  // namespace
}  // namespace vpnverdict
