// A set of numbers below 2^63, mostly of one, which takes no memory of its own: the halves under one key, the names one address claimed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <absl/container/btree_set.h>

namespace vpnverdict {

class NumberSet {
 public:
  NumberSet() = default;
  NumberSet(NumberSet&& other) noexcept : word_(std::exchange(other.word_, 0)) {}
  NumberSet& operator=(NumberSet&& other) noexcept {
    std::swap(word_, other.word_);
    return *this;
  }
  ~NumberSet() { delete several(); }

  bool empty() const { return word_ == 0; }
  std::size_t size() const {
    const Several* all = several();
    return all != nullptr ? all->size() : empty() ? 0 : 1;
  }
  void insert(std::uint64_t number) {
    if (empty() || word_ == single(number)) {
      word_ = single(number);
    } else if (Several* all = several()) {
      all->insert(number);
    } else {
      word_ = reinterpret_cast<std::uintptr_t>(new Several{word_ >> 1, number});
    }
  }
  void erase(std::uint64_t number) {
    Several* all = several();
    if (word_ == single(number)) word_ = 0;
    if (all == nullptr) return;
    all->erase(number);
    if (all->size() > 1) return;
    word_ = single(*all->begin());
    delete all;
  }
  // From the greatest on, as long as more(number) says so.
  template <class More>
  void greatest_first(More more) const {
    if (const Several* all = several()) {
      for (auto number = all->rbegin(); number != all->rend() && more(*number); ++number) continue;
    } else if (!empty()) {
      more(word_ >> 1);
    }
  }
  // From the greatest on; what is read is added to what there is.
  template <class Archive>
  void archive(Archive& ar) {
    std::vector<std::uint64_t> all;
    greatest_first([&](std::uint64_t number) {
      all.push_back(number);
      return true;
    });
    ar(all);
    for (const std::uint64_t number : all) insert(number);
  }

 private:
  using Several = absl::btree_set<std::uint64_t>;
  static std::uintptr_t single(std::uint64_t number) { return number << 1 | 1; }
  Several* several() const { return (word_ & 1) != 0 ? nullptr : reinterpret_cast<Several*>(word_); }
  static_assert(sizeof(std::uintptr_t) == sizeof(std::uint64_t) && alignof(Several) > 1);
  std::uintptr_t word_ = 0;  // nothing, one number and a mark, or a pointer to several
};

}  // namespace vpnverdict
