// Live mode of `replay -`: a pipe that a shipper writes log lines into and that may stay quiet for hours, rsyslog's omprog
// above all. Verdicts are told as soon as they are decided; while the pipe is quiet, stream time goes on with this
// machine's clock; and with a state file an attempt that straddles a restart still gets its one verdict.
//
// A replay of files never reads a clock; all that does is in here, and comes in through FollowWorld. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "correlator/inventory.h"
#include "correlator/shard.h"
#include "correlator/verdict.h"
#include "pipeline/line_reader.h"
#include "pipeline/replay.h"

namespace vpnverdict {

namespace dialect {
class DialectSet;
}

// What is outside. Tests make up their own; real_world() is the machine's.
struct FollowWorld {
  struct Waited {
    bool input = false;  // the pipe can be read, or its other end was closed
    bool stop = false;   // somebody asked for an end
  };
  std::function<Timestamp()> calendar;            // ms since 1970
  std::function<Timestamp()> steady;              // ms; never jumps
  std::function<Waited(Timestamp)> wait;          // for input, a signal, or so many ms
  std::function<bool(std::string_view)> confirm;  // one answer to the shipper; false when it has gone
};

struct FollowOptions {
  CorrelatorOptions correlator;
  std::size_t shards = 1;
  Timestamp idle_margin_ms = 5'000;  // a quiet pipe's time goes on this far behind the present
  Timestamp interval_ms = 10'000;    // of on_interval
  // "" = open attempts are told when the input ends. Beside it, STATE.journal holds the lines taken since it was written.
  std::string state_file;
  const dialect::DialectSet* dialects = nullptr;  // null: the built-in ones; must outlive the call
  bool confirm = false;              // omprog's confirmMessages: every line is answered; its transactions are understood
};

// What happens on the way; an empty function is not called.
struct FollowHooks {
  std::function<bool(const Verdict&)> verdict;  // false when it could not be put anywhere: that ends the run
  std::function<void(const Incident&)> incident;
  std::function<void(const RejectedLine&)> reject;
  std::function<void(const Replayed&)> on_interval;  // what was read and told so far
  std::function<void(const std::string&)> problem;   // one sentence; the run goes on
};

struct Followed {
  Replayed replayed;      // `error`: reading failed, or the state could not be written at the end
  bool told_all = true;   // false: a verdict could not be written; the state file was left as it was before
  bool restored = false;  // a state was taken up
};

// Reads `lines` until their end or until a stop is asked for, then saves the state or, without a state file, tells what is
// open as it stands. After a stop, what the pipe holds is still read. Verdicts name the source 0.
Followed follow(std::unique_ptr<LineReader> lines, const FollowWorld& world, const Inventory& inventory,
                const FollowOptions& options, const FollowHooks& hooks);

// Waits on standard input and on the signals that SignalsNoted notes; confirms on standard output.
FollowWorld real_world();

}  // namespace vpnverdict
