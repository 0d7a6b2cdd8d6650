// A queue whose items are found by their place in it with one addition: one piece of memory, which grows and never shrinks.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace vpnverdict {

template <class T>
class Ring {
 public:
  using value_type = T;

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  T& operator[](std::size_t i) { return slots_[(begin_ + i) & mask_]; }
  const T& operator[](std::size_t i) const { return slots_[(begin_ + i) & mask_]; }
  T& front() { return (*this)[0]; }
  T& back() { return (*this)[size_ - 1]; }

  // The new last one is as the one that left its slot was left by leave_front(), or new.
  T& next() {
    if (size_ == slots_.size()) grow();
    return (*this)[size_++];
  }
  T& emplace_back() { return next() = T{}; }
  void push_back(T&& item) { next() = std::move(item); }
  void leave_front() {
    begin_ = (begin_ + 1) & mask_;
    --size_;
  }
  void pop_front() {
    front() = T{};
    leave_front();
  }
  void clear() { *this = {}; }

  struct Iterator {
    Ring* ring;
    std::size_t i;
    T& operator*() const { return (*ring)[i]; }
    Iterator& operator++() { return ++i, *this; }
    bool operator==(const Iterator&) const = default;
  };
  Iterator begin() { return {this, 0}; }
  Iterator end() { return {this, size_}; }

 private:
  void grow() {
    std::vector<T> larger(slots_.empty() ? 16 : 2 * slots_.size());
    for (std::size_t i = 0; i < size_; ++i) larger[i] = std::move((*this)[i]);
    slots_ = std::move(larger);
    mask_ = slots_.size() - 1;
    begin_ = 0;
  }

  std::vector<T> slots_;   // a power of two
  std::size_t mask_ = 0;   // of their number: a vector has to divide for it
  std::size_t begin_ = 0;
  std::size_t size_ = 0;
};

}  // namespace vpnverdict
