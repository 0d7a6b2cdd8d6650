#include "correlator/boot_watch.h"

#include <utility>

#include "correlator/keys.h"

namespace vpnverdict {
namespace {

constexpr std::size_t kMessagesWatched = 128;
constexpr std::uint32_t kCountBelieved = 8;  // a counter that never came that far falls back by chance of order
constexpr std::uint32_t kStepsBelieved = 3;

}  // namespace

std::optional<Timestamp> BootWatch::saw_counter(const Event& event) {
  if (last_ != kUntimed && event.time < last_) return std::nullopt;  // an older line that came late
  last_ = event.time;
  const std::uint64_t message = hash_of(event.message);
  const auto counter = repeats_.find(message);
  if (counter == repeats_.end()) {
    if (repeats_.size() < kMessagesWatched) repeats_.emplace(message, event.repeats);
    return std::nullopt;
  }
  const std::uint32_t before = std::exchange(counter->second, event.repeats);
  const bool fell = before >= kCountBelieved && event.repeats < before / 2;
  const bool suspected = fell_ != kUntimed;
  if (fell && !suspected) {
    fell_ = event.time;
    fallen_ = message;
    before_ = before;
    steps_ = 0;
    return std::nullopt;
  }
  if (!suspected) return std::nullopt;
  const bool same = message == fallen_;
  // Two devices under one name: the old count goes on.
  if (same ? event.repeats >= before_ : !fell && before >= kCountBelieved && event.repeats >= before) {
    fell_ = kUntimed;
    return std::nullopt;
  }
  if (same ? ++steps_ < kStepsBelieved : !fell) return std::nullopt;
  const Timestamp when = fell_;
  *this = {};
  last_ = event.time;
  return when;
}

}  // namespace vpnverdict
