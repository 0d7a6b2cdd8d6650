// The halves under one key, in ascending order, which is that of their beginning. Mostly it is one, which takes no memory of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include <absl/container/btree_set.h>

#include "correlator/half.h"

namespace vpnverdict {

class HalfIds {
 public:
  HalfIds() = default;
  HalfIds(HalfIds&& other) noexcept : word_(std::exchange(other.word_, 0)) {}
  HalfIds& operator=(HalfIds&& other) noexcept {
    std::swap(word_, other.word_);
    return *this;
  }
  ~HalfIds() { delete several(); }

  bool empty() const { return word_ == 0; }
  void insert(HalfId id) {
    if (empty() || word_ == single(id)) {
      word_ = single(id);
    } else if (Several* all = several()) {
      all->insert(id);
    } else {
      word_ = reinterpret_cast<std::uintptr_t>(new Several{word_ >> 1, id});
    }
  }
  void erase(HalfId id) {
    Several* all = several();
    if (word_ == single(id)) word_ = 0;
    if (all == nullptr) return;
    all->erase(id);
    if (all->size() > 1) return;
    word_ = single(*all->begin());
    delete all;
  }
  // From the newest on, as long as more(id) says so.
  template <class More>
  void newest_first(More more) const {
    if (const Several* all = several()) {
      for (auto id = all->rbegin(); id != all->rend() && more(*id); ++id) continue;
    } else if (!empty()) {
      more(word_ >> 1);
    }
  }

 private:
  using Several = absl::btree_set<HalfId>;
  static std::uintptr_t single(HalfId id) { return id << 1 | 1; }
  Several* several() const { return (word_ & 1) != 0 ? nullptr : reinterpret_cast<Several*>(word_); }
  static_assert(sizeof(std::uintptr_t) == sizeof(HalfId) && alignof(Several) > 1);
  std::uintptr_t word_ = 0;  // nothing, one id and a mark, or a pointer to several
};

}  // namespace vpnverdict
