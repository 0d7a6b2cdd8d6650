// Random numbers that are the same on every machine: integers only, no library distribution, no libm.
// A value; one per thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace vpnverdict {

// splitmix64: spreads a seed; also the way to derive an independent stream from (seed, number).
constexpr std::uint64_t spread(std::uint64_t value) {
  value += 0x9E3779B97F4A7C15ULL;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ULL;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBULL;
  return value ^ (value >> 31);
}

// xoshiro256**.
class Random {
 public:
  explicit constexpr Random(std::uint64_t seed) {
    for (std::uint64_t& word : state_) word = seed = spread(seed);
  }
  constexpr std::uint64_t next() {
    const std::uint64_t result = rotate(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = rotate(state_[3], 45);
    return result;
  }
  constexpr std::uint64_t below(std::uint64_t limit) { return limit == 0 ? 0 : next() % limit; }
  // Both ends included.
  constexpr std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low + 1)));
  }
  constexpr bool permille(std::uint64_t chance) { return below(1000) < chance; }
  template <class Items>
  constexpr const auto& pick(const Items& items) {
    return items[below(std::size(items))];
  }

 private:
  static constexpr std::uint64_t rotate(std::uint64_t value, int by) { return (value << by) | (value >> (64 - by)); }
  std::uint64_t state_[4]{};
};

}  // namespace vpnverdict
