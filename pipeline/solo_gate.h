// While one record is taken in alone, no other thread of the process takes anything in: if the process then ends, it was that
// record. Threads pass as readers of a std::shared_mutex do, but one that wants to be alone is not kept waiting by them.
// Any thread.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <random>

namespace vpnverdict {

class SoloGate {
 public:
  // With others; for std::shared_lock.
  void lock_shared() {
    std::unique_lock hold(mutex_);
    changed_.wait(hold, [this] { return !alone_; });
    ++inside_;
  }
  void unlock_shared() {
    const std::lock_guard hold(mutex_);
    if (--inside_ == 0) changed_.notify_all();
  }
  // Alone; for std::unique_lock.
  void lock() {
    std::unique_lock hold(mutex_);
    changed_.wait(hold, [this] { return !alone_; });
    alone_ = true;
    changed_.wait(hold, [this] { return inside_ == 0; });
  }
  void unlock() {
    const std::lock_guard hold(mutex_);
    alone_ = false;
    changed_.notify_all();
  }

  // A name of this process that no other has, and none before it had.
  std::uint64_t process() const { return process_; }

 private:
  static std::uint64_t any_number() {
    std::random_device random;
    return std::uint64_t{random()} << 32 | random();
  }

  const std::uint64_t process_ = any_number();
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t inside_ = 0;
  bool alone_ = false;
};

}  // namespace vpnverdict
