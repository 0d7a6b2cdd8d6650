#include "pipeline/offset_ledger.h"

#include <algorithm>

namespace vpnverdict {

std::uint64_t OffsetLedger::issue() {
  const std::lock_guard lock(mutex_);
  settled_.push_back(false);
  return next_++;
}

void OffsetLedger::settled(std::uint64_t number) {
  const std::lock_guard lock(mutex_);
  if (number < first_unsettled_ || number >= next_) return;
  settled_[number - first_unsettled_] = true;
  while (!settled_.empty() && settled_.front()) {
    settled_.pop_front();
    ++first_unsettled_;
  }
}

std::uint64_t OffsetLedger::unsettled() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::uint64_t>(std::count(settled_.begin(), settled_.end(), false));
}

void OffsetLedger::report(std::size_t reporter, Positions needed) {
  const std::lock_guard lock(mutex_);
  std::deque<Report>& waiting = reporters_[reporter].waiting;
  // With no broker to deliver to, reports pile up; the newest stands for the ones it replaces.
  if (waiting.size() == kReportsWaitingMax) waiting.pop_back();
  waiting.push_back({next_, std::move(needed)});
}

OffsetLedger::Positions OffsetLedger::committable() {
  const std::lock_guard lock(mutex_);
  Positions out;
  for (PerReporter& reporter : reporters_) {
    while (!reporter.waiting.empty() && reporter.waiting.front().issued <= first_unsettled_) {
      reporter.effective = std::move(reporter.waiting.front().needed);
      reporter.waiting.pop_front();
    }
    for (const auto& [source, position] : reporter.effective) {
      std::uint64_t& told = told_.emplace(source, position).first->second;
      out[source] = told = std::max(told, position);
    }
  }
  return out;
}

void OffsetLedger::begin(std::uint32_t source, std::uint64_t position) {
  const std::lock_guard lock(mutex_);
  told_[source] = position;
  for (PerReporter& reporter : reporters_) {
    reporter.effective.erase(source);
    for (Report& report : reporter.waiting) report.needed.erase(source);
  }
}

}  // namespace vpnverdict
