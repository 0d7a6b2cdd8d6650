#include "correlator/ring.h"

#include <deque>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace vpnverdict {
namespace {

// Beside a queue of the standard library: it grows while its items lie across its end, and empties, and starts again.
TEST(Ring, IsAQueueWhoseItemsAreFoundByTheirPlace) {
  std::mt19937 random(7);
  Ring<std::string> ring;
  std::deque<std::string> queue;
  std::size_t most = 0, looked_at = 0;
  for (int step = 0; step < 20'000; ++step) {
    const bool fill = step / 500 % 2 == 0;
    if (random() % 3 != (fill ? 0 : 1) || queue.empty()) {
      const std::string item = std::to_string(step) + " is longer than what a string keeps within itself";
      if (random() % 2 == 0)
        ring.push_back(std::string(item));
      else
        ring.emplace_back() = item;
      queue.push_back(item);
    }
    for (auto leave = random() % (fill ? 2 : 4); leave > 0 && !queue.empty(); --leave) ring.pop_front(), queue.pop_front();
    ASSERT_EQ(ring.size(), queue.size());
    ASSERT_EQ(ring.empty(), queue.empty());
    most = std::max(most, queue.size());
    if (queue.empty()) continue;
    ASSERT_EQ(ring.front(), queue.front());
    ASSERT_EQ(ring.back(), queue.back());
    const std::size_t any = random() % queue.size();
    ASSERT_EQ(ring[any], queue[any]);
    if (step % 100 != 0) continue;
    std::vector<std::string> all;
    for (const std::string& each : ring) all.push_back(each);
    ASSERT_EQ(all, std::vector<std::string>(queue.begin(), queue.end()));
    looked_at += all.size();
  }
  EXPECT_GT(most, 64u);  // it did grow …
  EXPECT_GT(looked_at, 1'000u);
}

// A slot that was left keeps its room for the next one; one that was emptied gives it back.
TEST(Ring, GivesTheNextItemWhatTheLastOneLeft) {
  Ring<std::vector<int>> ring;
  for (int i = 0; i < 16; ++i) ring.next();
  ring.front().reserve(100);
  ring.leave_front();
  EXPECT_GE(ring.next().capacity(), 100u);
  for (int i = 0; i < 15; ++i) ring.leave_front();
  EXPECT_GE(ring.front().capacity(), 100u);
  ring.pop_front();
  EXPECT_TRUE(ring.empty());
  for (int i = 0; i < 16; ++i) EXPECT_EQ(ring.next().capacity(), 0u);
}

}  // namespace
}  // namespace vpnverdict
