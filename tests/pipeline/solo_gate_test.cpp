#include "pipeline/solo_gate.h"

#include <atomic>
#include <shared_mutex>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace vpnverdict {
namespace {

TEST(SoloGate, whoever_is_alone_is_alone_and_is_not_kept_waiting_by_the_others) {
  SoloGate gate;
  std::atomic<bool> stop = false;
  std::atomic<int> inside = 0;
  std::vector<std::thread> others;
  for (int i = 0; i < 3; ++i) {
    others.emplace_back([&] {
      while (!stop) {
        const std::shared_lock pass(gate);
        ++inside;
        --inside;
      }
    });
  }
  for (int i = 0; i < 200; ++i) {
    const std::unique_lock alone(gate);
    EXPECT_EQ(inside, 0);
  }
  stop = true;
  for (std::thread& other : others) other.join();
}

TEST(SoloGate, each_process_has_a_name_of_its_own) {
  EXPECT_NE(SoloGate().process(), SoloGate().process());
}

}  // namespace
}  // namespace vpnverdict
