#include "pipeline/event_merge.h"

#include <string>

#include <gtest/gtest.h>

namespace vpnverdict {
namespace {

struct Merge {
  EventMerge merge;
  explicit Merge(std::size_t bound = 1'000, Timestamp hold = 0) : merge(bound, hold) {}

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

// The log goes on for this long, with a record each second.
void go_on(EventMerge& merge, Timestamp* written, Timestamp for_ms) {
  for (const Timestamp end = *written + for_ms; *written < end; *written += 1'000) merge.tick(*written);
}

TEST(EventMerge, a_source_that_nobody_reads_holds_the_others_for_so_long_and_no_longer) {
  constexpr Timestamp kHold = 60'000;
  Merge m(1'000, kHold);
  Timestamp written = 5'000'000;  // by other clocks than the records'
  m.merge.tick(written);
  m.assign({0, 1});
  m.mark(0, 1'000'000);
  m.mark(1, 1'000'000);
  for (Timestamp now = 1'000'000; now <= 1'050'000; now += 10'000) {  // the second one says nothing any more
    m.mark(0, now);
    go_on(m.merge, &written, 10'000);
  }
  EXPECT_EQ(m.merge.stream_time(), 1'000'000);
  EXPECT_EQ(m.merge.passed_by(8), std::vector<std::uint32_t>());
  m.mark(0, 1'070'000);
  go_on(m.merge, &written, 10'000);
  EXPECT_EQ(m.merge.stream_time(), 1'080'000 - kHold) << "as far behind the present";
  EXPECT_EQ(m.merge.passed_by(8), std::vector<std::uint32_t>{1});
  std::string bytes;
  m.merge.save(bytes, 2);
  Merge other(1'000, kHold);
  ByteReader in(bytes);
  ASSERT_TRUE(other.merge.restore(in, 2));
  for (Merge* each : {&m, &other}) {
    Timestamp at = written;
    // It is back, and has read on, but not to where the others are.
    each->mark(1, 1'005'000);
    EXPECT_EQ(each->merge.passed_by(8), std::vector<std::uint32_t>{1});
    const Timestamp before = each->merge.stream_time();
    each->mark(0, 1'200'000);
    go_on(each->merge, &at, 10'000);
    EXPECT_EQ(each->merge.stream_time(), before) << "what it reads is waited for again";
    each->mark(1, 1'150'000);
    EXPECT_EQ(each->merge.passed_by(8), std::vector<std::uint32_t>());
    EXPECT_EQ(each->merge.stream_time(), 1'150'000);
  }
}

TEST(EventMerge, a_source_that_is_far_behind_but_read_is_waited_for) {
  Merge m(1'000, 60'000);
  Timestamp written = 0;
  m.assign({0, 1});
  for (Timestamp read = 1; read <= 50; ++read) {  // an hour behind, and slow
    m.mark(0, 10'000'000 + read * 10'000);
    m.mark(1, 6'400'000 + read);
    go_on(m.merge, &written, 10'000);
    ASSERT_EQ(m.merge.stream_time(), 6'400'000 + read);
  }
}

// Stage 1 is gone, and with it whoever would say how late it is.
TEST(EventMerge, when_nobody_reads_time_goes_on_by_the_log_itself) {
  Merge m(1'000, 60'000);
  Timestamp written = 0;
  m.assign({0, 1});
  m.mark(0, 1'000'000);
  m.mark(1, 1'000'000);
  go_on(m.merge, &written, 60'000);
  EXPECT_EQ(m.merge.stream_time(), 1'000'000);
  go_on(m.merge, &written, 120'000);
  EXPECT_EQ(m.merge.passed_by(8), (std::vector<std::uint32_t>{0, 1}));
  EXPECT_NEAR(static_cast<double>(m.merge.stream_time()), 1'000'000 + 120'000, 2'000);
  EXPECT_EQ(m.merge.passed_by(1), std::vector<std::uint32_t>{0});
  m.merge.tick(written + 10'000'000);  // nobody wrote for hours: how long the sources were silent is not known
  EXPECT_NEAR(static_cast<double>(m.merge.stream_time()), 1'000'000 + 130'000, 3'000);
}

TEST(EventMerge, without_a_bound_it_is_waited_for_good) {
  Merge m;
  Timestamp written = 0;
  m.assign({0, 1});
  m.mark(0, 1'000'000);
  go_on(m.merge, &written, 100'000'000);
  EXPECT_EQ(m.merge.stream_time(), kUntimed);
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
