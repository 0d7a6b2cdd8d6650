// A queue between two threads that is full at a bound instead of growing: whoever fills it waits or does something
// else (the consumer pauses its partitions). Safe from any number of threads. After close() nothing more goes in;
// what is inside can still be taken.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace vpnverdict {

template <typename Item>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::size_t max) : max_(max) {}

  // False when it stayed full for `patience` or is closed; the item is then untouched.
  bool push_for(Item& item, std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    if (!room_.wait_for(lock, patience, [this] { return items_.size() < max_ || closed_; }) || closed_) return false;
    items_.push_back(std::move(item));
    filled_.notify_one();
    return true;
  }
  // Waits as long as it takes. False when closed.
  bool push(Item item) {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [this] { return items_.size() < max_ || closed_; });
    if (closed_) return false;
    items_.push_back(std::move(item));
    filled_.notify_one();
    return true;
  }
  // Never waits and may exceed the bound: for the few control messages (one an assignment).
  void push_now(Item item) {
    const std::lock_guard lock(mutex_);
    items_.push_back(std::move(item));
    filled_.notify_one();
  }
  // Empty when nothing came for `patience`, or when closed and drained.
  std::optional<Item> pop_for(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    filled_.wait_for(lock, patience, [this] { return !items_.empty() || closed_; });
    if (items_.empty()) return std::nullopt;
    std::optional<Item> item(std::move(items_.front()));
    items_.pop_front();
    room_.notify_one();
    return item;
  }
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    filled_.notify_all();
    room_.notify_all();
  }
  bool drained() const {
    const std::lock_guard lock(mutex_);
    return closed_ && items_.empty();
  }
  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return items_.size();
  }

 private:
  const std::size_t max_;
  mutable std::mutex mutex_;  // one lock per batch of a few hundred records
  std::condition_variable filled_;
  std::condition_variable room_;
  std::deque<Item> items_;
  bool closed_ = false;
};

}  // namespace vpnverdict
