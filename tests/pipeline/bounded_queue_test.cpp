#include "pipeline/bounded_queue.h"

#include <thread>

#include <gtest/gtest.h>

namespace vpnverdict {
namespace {

using std::chrono::milliseconds;

TEST(BoundedQueue, is_first_in_first_out) {
  BoundedQueue<int> queue(4);
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(queue.push(i));
  for (int i = 0; i < 4; ++i) EXPECT_EQ(queue.pop_for(milliseconds(0)), i);
  EXPECT_EQ(queue.pop_for(milliseconds(0)), std::nullopt);
}

TEST(BoundedQueue, full_leaves_the_item_with_its_owner) {
  BoundedQueue<std::unique_ptr<int>> queue(1);
  auto first = std::make_unique<int>(1);
  auto second = std::make_unique<int>(2);
  EXPECT_TRUE(queue.push_for(first, milliseconds(0)));
  EXPECT_FALSE(queue.push_for(second, milliseconds(0)));
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(*second, 2);
  queue.pop_for(milliseconds(0));
  EXPECT_TRUE(queue.push_for(second, milliseconds(0)));
}

TEST(BoundedQueue, control_messages_pass_a_full_queue_in_order) {
  BoundedQueue<int> queue(1);
  queue.push(1);
  queue.push_now(2);
  EXPECT_EQ(queue.size(), 2U);
  EXPECT_EQ(queue.pop_for(milliseconds(0)), 1);
  EXPECT_EQ(queue.pop_for(milliseconds(0)), 2);
}

TEST(BoundedQueue, closed_takes_nothing_and_still_gives_what_it_has) {
  BoundedQueue<int> queue(2);
  queue.push(1);
  queue.close();
  EXPECT_FALSE(queue.push(2));
  EXPECT_FALSE(queue.drained());
  EXPECT_EQ(queue.pop_for(milliseconds(0)), 1);
  EXPECT_TRUE(queue.drained());
}

TEST(BoundedQueue, a_waiting_producer_is_woken_by_a_taker_and_by_close) {
  BoundedQueue<int> queue(1);
  queue.push(0);
  bool pushed = false;
  std::thread producer([&] { pushed = queue.push(1); });
  EXPECT_EQ(queue.pop_for(milliseconds(0)), 0);
  producer.join();
  EXPECT_TRUE(pushed);
  std::thread refused([&] { pushed = queue.push(2); });
  queue.close();
  refused.join();
  EXPECT_FALSE(pushed);
}

}  // namespace
}  // namespace vpnverdict
