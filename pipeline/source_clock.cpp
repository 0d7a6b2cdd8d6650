#include "pipeline/source_clock.h"

#include <algorithm>

namespace vpnverdict {

void SourceClock::assign(const std::vector<std::uint32_t>& sources, Now now) {
  if (waiting_since_ == kUntimed) waiting_since_ = now.monotonic;
  std::map<std::uint32_t, Source> next;
  for (const std::uint32_t source : sources) {
    const auto known = sources_.find(source);
    next[source] = known == sources_.end() ? Source{} : Source{known->second.newest, known->second.ended, false};
  }
  sources_ = std::move(next);
}

void SourceClock::on_record(std::uint32_t source, Timestamp record_time, Now now) {
  Source& state = sources_[source];
  state.at_end = false;
  if (record_time == kUntimed) return;
  // A producer whose clock is ahead must not carry everybody into the future.
  const Timestamp time = std::min(record_time, now.wall);
  state.newest = std::max(state.newest, time);
  if (newest_ == kUntimed || time > newest_ + (now.monotonic - newest_at_)) {
    newest_ = time;
    newest_at_ = now.monotonic;
  }
}

void SourceClock::on_end(std::uint32_t source, Timestamp present) {
  const auto found = sources_.find(source);
  if (found == sources_.end()) return;
  found->second.at_end = true;
  found->second.ended = std::max(found->second.ended, present);
}

void SourceClock::on_more(std::uint32_t source) {
  if (const auto found = sources_.find(source); found != sources_.end()) found->second.at_end = false;
}

bool SourceClock::at_end(std::uint32_t source) const {
  const auto found = sources_.find(source);
  return found != sources_.end() && found->second.at_end;
}

Timestamp SourceClock::present(Now now) const {
  if (newest_ != kUntimed) return std::min(now.wall, newest_ + (now.monotonic - newest_at_));
  const bool nothing_came = waiting_since_ != kUntimed && now.monotonic - waiting_since_ >= kNothingCameMs;
  return nothing_came ? now.wall : kUntimed;
}

Timestamp SourceClock::progress(const Source& source) const {
  return source.ended == kUntimed ? source.newest : std::max(source.newest, source.ended - margin_);
}

Timestamp SourceClock::time_of(std::uint32_t source) const {
  const auto found = sources_.find(source);
  return found == sources_.end() ? kUntimed : progress(found->second);
}

std::vector<std::uint32_t> SourceClock::sources() const {
  std::vector<std::uint32_t> out;
  for (const auto& [source, state] : sources_) out.push_back(source);
  return out;
}

std::set<std::uint32_t> SourceClock::too_far_ahead(Timestamp skew, const std::set<std::uint32_t>& waiting) const {
  Timestamp slowest = kUntimed;
  for (const auto& [source, state] : sources_) {
    if (state.at_end || waiting.contains(source)) continue;
    const Timestamp time = progress(state);
    if (time == kUntimed) return {};  // one of which nothing is known: nobody can be ahead of it
    slowest = slowest == kUntimed ? time : std::min(slowest, time);
  }
  // Those that wait are measured too: when all others are at their end, the slowest of them goes on.
  for (const std::uint32_t source : waiting) {
    const auto found = sources_.find(source);
    if (found == sources_.end() || found->second.at_end) continue;
    const Timestamp time = progress(found->second);
    slowest = slowest == kUntimed ? time : std::min(slowest, time);
  }
  std::set<std::uint32_t> out;
  if (slowest == kUntimed) return out;
  for (const auto& [source, state] : sources_) {
    if (state.at_end || state.newest == kUntimed) continue;
    const Timestamp allowed = waiting.contains(source) ? skew / 2 : skew;
    if (state.newest > slowest + allowed) out.insert(source);
  }
  return out;
}

}  // namespace vpnverdict
