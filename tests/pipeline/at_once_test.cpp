#include "pipeline/at_once.h"

#include <barrier>
#include <mutex>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace vpnverdict {
namespace {

TEST(AtOnce, each_call_is_made_once) {
  for (const std::size_t threads : {0U, 1U, 3U, 100U}) {
    std::vector<int> calls(17);
    at_once(calls.size(), threads, [&](std::size_t i) { ++calls[i]; });
    EXPECT_EQ(calls, std::vector<int>(17, 1)) << threads;
  }
  at_once(0, 4, [](std::size_t) { FAIL(); });
}

TEST(AtOnce, as_many_calls_wait_together_as_there_are_threads) {
  std::barrier together(4);  // nobody gets on alone
  at_once(12, 4, [&](std::size_t) { together.arrive_and_wait(); });
}

TEST(AtOnce, there_are_no_more_threads_than_allowed) {
  std::mutex mutex;
  std::set<std::thread::id> seen;
  at_once(1'000, 3, [&](std::size_t) {
    const std::lock_guard lock(mutex);
    seen.insert(std::this_thread::get_id());
  });
  EXPECT_LE(seen.size(), 3U);
}

TEST(AtOnce, one_call_needs_no_other_thread) {
  std::thread::id who;
  at_once(1, 8, [&](std::size_t) { who = std::this_thread::get_id(); });
  EXPECT_EQ(who, std::this_thread::get_id());
}

}  // namespace
}  // namespace vpnverdict
