#include "pipeline/stall_watch.h"

#include <gtest/gtest.h>

namespace vpnverdict {
namespace {

TEST(StallWatch, a_partition_of_which_nothing_is_heard_is_told_about_after_half_of_the_patience) {
  StallWatch watch(60'000);
  watch.begin({1, 2}, 0);
  watch.heard(2, 20'000);
  EXPECT_FALSE(watch.longest(29'999));
  const auto stall = watch.longest(30'000);
  ASSERT_TRUE(stall);
  EXPECT_EQ(stall->partition, 1U);
  EXPECT_EQ(stall->silent, 30'000);
  EXPECT_FALSE(stall->over);
  watch.heard(1, 31'000);
  EXPECT_FALSE(watch.longest(49'999));
}

TEST(StallWatch, only_one_that_is_known_to_hold_more_is_given_up) {
  StallWatch watch(60'000);
  watch.begin({1, 2}, 0);
  watch.heard(2, 10'000);
  watch.holds_more(2);
  EXPECT_FALSE(watch.longest(69'999)->over);
  EXPECT_EQ(watch.longest(69'999)->partition, 1U);  // silent for longer, but nobody answers for it
  EXPECT_TRUE(watch.longest(70'000)->over);
  EXPECT_EQ(watch.longest(70'000)->partition, 2U);
  watch.heard(2, 71'000);
  EXPECT_FALSE(watch.longest(140'000)->over);
}

TEST(StallWatch, what_is_not_assigned_is_not_watched) {
  StallWatch watch(60'000);
  watch.begin({1}, 0);
  watch.begin({2}, 50'000);
  watch.heard(1, 50'000);
  EXPECT_FALSE(watch.longest(79'999));
  EXPECT_EQ(watch.longest(80'000)->partition, 2U);
  watch.begin({}, 80'000);
  EXPECT_FALSE(watch.longest(1'000'000));
}

}  // namespace
}  // namespace vpnverdict
