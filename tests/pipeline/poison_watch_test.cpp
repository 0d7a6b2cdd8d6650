#include "pipeline/poison_watch.h"

#include <gtest/gtest.h>

namespace vpnverdict {
namespace {

using Way = PoisonWatch::Way;
constexpr std::int64_t kAt = 100;    // where the partition stands
constexpr std::int64_t kEnd = 500;   // of the partition

// A process takes the partition over, and ends as soon as it takes in the record at kAt. Answers what then stands in the note.
Trial dies(std::uint64_t process, const Trial& noted) {
  const PoisonWatch watch(process, noted, kAt, kEnd);
  EXPECT_NE(watch.way(), Way::skip);
  return watch.way() == Way::alone ? watch.alone() : watch.now();
}

TEST(PoisonWatch, two_tries_together_three_alone_and_it_is_left_out) {
  Trial note;
  std::vector<std::uint32_t> tries, deaths;
  for (std::uint64_t process = 1; process <= 5; ++process) {
    const PoisonWatch watch(process, note, kAt, kEnd);
    EXPECT_EQ(watch.way(), process <= 2 ? Way::together : Way::alone) << process;
    note = dies(process, note);
    tries.push_back(note.tries);
    deaths.push_back(note.deaths);
  }
  EXPECT_EQ(tries, (std::vector<std::uint32_t>{1, 2, 3, 3, 3}));
  EXPECT_EQ(deaths, (std::vector<std::uint32_t>{0, 0, 0, 1, 2}));
  PoisonWatch watch(6, note, kAt, kEnd);
  EXPECT_EQ(watch.way(), Way::skip);
  EXPECT_EQ(watch.now().deaths, 3U) << "of what is committed before it is left out";
  watch.past(kAt);
  EXPECT_EQ(watch.way(), Way::alone) << "there may be another one";
}

TEST(PoisonWatch, whoever_comes_further_takes_the_tries_back) {
  const Trial once = dies(1, {});
  PoisonWatch watch(2, once, kAt, kEnd);
  EXPECT_EQ(watch.now().tries, 2U);
  watch.past(kAt);
  EXPECT_EQ(watch.now(), Trial{});
}

// The process may have come from anywhere between the last commit and the end of the partition when it died.
TEST(PoisonWatch, records_are_taken_in_alone_up_to_where_the_last_one_can_have_come) {
  PoisonWatch watch(4, {PoisonWatch::kTriesMax, 0, true, 3}, kAt, kAt + 3);
  for (std::int64_t offset = kAt; offset < kAt + 3; ++offset) {
    EXPECT_EQ(watch.way(), Way::alone);
    EXPECT_TRUE(watch.alone().alone);
    watch.past(offset);
  }
  EXPECT_EQ(watch.way(), Way::together);
  EXPECT_EQ(watch.now(), Trial{});
  PoisonWatch far(4, {PoisonWatch::kTriesMax, 0, true, 3}, 0, 10 * PoisonWatch::kAloneMax);
  for (std::int64_t offset = 0; offset < PoisonWatch::kAloneMax; ++offset) far.past(offset);
  EXPECT_EQ(far.way(), Way::together);
}

// kill -9 hits anything: another record, or nobody who is alone.
TEST(PoisonWatch, deaths_that_are_not_of_one_record_alone_leave_nothing_out) {
  Trial note;
  for (std::uint64_t process = 1; process <= 50; ++process) {
    const PoisonWatch watch(process, note, kAt, kEnd);
    ASSERT_NE(watch.way(), Way::skip) << process;
    note = watch.now();  // it ended before its first record, or in the middle of the portion
  }
  for (std::uint64_t process = 51; process <= 100; ++process) {
    PoisonWatch watch(process, note, kAt + static_cast<std::int64_t>(process), kEnd);
    ASSERT_EQ(watch.way(), Way::alone) << process;
    watch.past(kAt + static_cast<std::int64_t>(process));  // it came further, and ended with the next
    note = watch.alone();
  }
}

// A broker that is away, a commit that is refused: the partition is taken over again by a process that lives.
TEST(PoisonWatch, a_process_that_lives_has_not_died) {
  Trial note;
  for (int i = 0; i < 50; ++i) note = dies(7, note);
  EXPECT_EQ(note.tries, 1U);
  note = {PoisonWatch::kTriesMax, 2, true, 7};
  for (int i = 0; i < 50; ++i) note = dies(7, note);
  EXPECT_EQ(note, (Trial{PoisonWatch::kTriesMax, 2, true, 7}));
}

TEST(PoisonWatch, a_rebalance_hands_no_try_over) {
  Trial note;
  for (std::uint64_t process = 1; process <= 50; ++process) {
    const PoisonWatch watch(process, note, kAt, kEnd);
    ASSERT_EQ(watch.way(), Way::together);
    note = watch.handed_over();
  }
  const PoisonWatch careful(51, {PoisonWatch::kTriesMax, 2, false, 50}, kAt, kEnd);
  EXPECT_EQ(careful.handed_over().deaths, 2U) << "what is known of a record is not forgotten";
}

TEST(PoisonWatch, nothing_to_read_is_nothing_to_die_of) {
  const PoisonWatch watch(4, {PoisonWatch::kTriesMax, 2, true, 3}, kAt, kAt);
  EXPECT_EQ(watch.way(), Way::together);
}

}  // namespace
}  // namespace vpnverdict
