// Which offsets of the raw topics may be committed. Two rules, both needed for "nothing is lost":
//  1. A record is needed while a reader holds one of its lines: its message may go on. Parse threads report, for each
//     of their sources, the lowest position they need.
//  2. A report counts only when everything that was produced before it has been delivered.
// Everything produced is numbered by issue(); settled() tells that a number was delivered (or given up, and counted).
// Safe from several threads (a mutex: asked once per packet and per report).
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <vector>

namespace vpnverdict {

class OffsetLedger {
 public:
  using Positions = std::map<std::uint32_t, std::uint64_t>;  // source -> position

  explicit OffsetLedger(std::size_t reporters) : reporters_(reporters) {}

  std::uint64_t issue();
  void settled(std::uint64_t number);
  std::uint64_t unsettled() const;

  // `needed`: for every source of this reporter, the lowest position it needs. Replaces what it said before.
  void report(std::size_t reporter, Positions needed);
  // By source: every record below this position is done with. Never falls, except through begin().
  Positions committable();
  // The source is read from `position` on (a new assignment): nothing below it is ever needed.
  void begin(std::uint32_t source, std::uint64_t position);

 private:
  struct Report {
    std::uint64_t issued = 0;  // numbers given out before it
    Positions needed;
  };
  struct PerReporter {
    std::deque<Report> waiting;  // oldest first, at most kReportsWaitingMax
    Positions effective;
  };
  static constexpr std::size_t kReportsWaitingMax = 64;

  mutable std::mutex mutex_;
  std::vector<PerReporter> reporters_;
  std::uint64_t next_ = 0;
  std::uint64_t first_unsettled_ = 0;
  std::deque<bool> settled_;  // from first_unsettled_ on
  Positions told_;
};

}  // namespace vpnverdict
