#include "pipeline/poison_watch.h"

#include <algorithm>

namespace vpnverdict {

PoisonWatch::PoisonWatch(std::uint64_t process, const Trial& noted, std::int64_t next, std::int64_t end) : process_(process), until_(end) {
  const bool lives = noted.process == process;
  tries_ = std::clamp<std::uint32_t>(noted.tries + (lives ? 0 : 1), 1, kTriesMax);
  if (next >= end) return;  // nothing was there to die of
  deaths_ = std::min(noted.deaths + (noted.alone && !lives ? 1U : 0U), kDeathsMax);
  careful_ = tries_ == kTriesMax || deaths_ > 0;
}

void PoisonWatch::past(std::int64_t offset) {
  moved_ = true;
  deaths_ = 0;
  if (careful_ && (--left_ == 0 || offset + 1 >= until_)) careful_ = false;
}

Trial PoisonWatch::now() const {
  if (moved_ && !careful_) return {};
  return {tries_, deaths_, false, process_};
}

Trial PoisonWatch::alone() const { return {tries_, deaths_, true, process_}; }

Trial PoisonWatch::handed_over() const { return careful_ ? now() : Trial{}; }

}  // namespace vpnverdict
