// Calls of one kind that wait for somebody else, made at the same time: work(0) … work(count - 1), by at most `threads` threads, the
// caller's among them. Returns when all have returned. The calls must not throw, nor touch what another one touches.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

namespace vpnverdict {

template <typename Work>
void at_once(std::size_t count, std::size_t threads, const Work& work) {
  std::atomic<std::size_t> next = 0;
  const auto take_turns = [&] {
    for (std::size_t i = next++; i < count; i = next++) work(i);
  };
  std::vector<std::jthread> others;
  for (std::size_t i = 1; i < std::min(count, threads); ++i) others.emplace_back(take_turns);
  take_turns();
}

}  // namespace vpnverdict
