// Finds the record that ends the process whenever it is taken in (a poison record), from what the former owners of its partition
// have left in the notes of their commits. A process may end for a hundred reasons, so nobody is suspected early:
//   together  records are taken in and committed in portions. Before the first one a note says that somebody tries.
//   alone     several have tried, and nobody came further: a note says so of each record before it is taken in, nobody else in
//             the process takes anything in meanwhile (solo_gate.h), and what came of it is committed at once.
//   skip      processes ended kDeathsMax times in a row while they took in this one record alone.
// Tries of a process that lives are none: it was Kafka that did not let it come further. One object for one take-over; pure.
#pragma once

#include <cstdint>

#include "pipeline/state_log.h"

namespace vpnverdict {

class PoisonWatch {
 public:
  static constexpr std::uint32_t kTriesMax = 3;    // the last of them takes records in alone
  static constexpr std::uint32_t kDeathsMax = 3;
  static constexpr std::int64_t kAloneMax = 10'000;  // records; then it is tried together again

  enum class Way : std::uint8_t { together, alone, skip };

  // `process`: its name, see SoloGate. `next`: where the partition was taken over, `end`: behind its newest record.
  PoisonWatch(std::uint64_t process, const Trial& noted, std::int64_t next, std::int64_t end);

  // How the next record beyond the commit is to be treated.
  Way way() const { return deaths_ >= kDeathsMax ? Way::skip : careful_ ? Way::alone : Way::together; }
  // It was taken in, or left out.
  void past(std::int64_t offset);

  // What a note has to say: now, while the next record is taken in alone, and when the partition is handed over in order.
  Trial now() const;
  Trial alone() const;
  Trial handed_over() const;

 private:
  const std::uint64_t process_;
  const std::int64_t until_;  // what is there from here on came after the last death
  std::uint32_t tries_ = 1;
  std::uint32_t deaths_ = 0;
  bool careful_ = false;
  bool moved_ = false;
  std::int64_t left_ = kAloneMax;
};

}  // namespace vpnverdict
