// The verb `demo`: the real pipeline on a mock Kafka cluster inside this process, fed by the generator, with a live
// table of verdicts. Needs no broker and no configuration. The fleet's time runs sixty times faster than ours, so
// that time-outs of a minute are seen within a second.
#pragma once

#include <cstdint>

namespace vpnverdict {

struct DemoOptions {
  int for_seconds = 0;  // 0: until SIGINT or SIGTERM
  std::uint64_t seed = 1;
  int metrics_port = 0;                      // 0: any free one; it is printed
  std::uint64_t attempts_per_minute = 120;   // of the fleet's minutes, on average
};

// 0: the books balance (every line fed is accounted for, every attempt opened is final, joined or open, every verdict
// told was delivered). 70: they do not. 74: the HTTP port cannot be used. Blocks; owns the signals meanwhile.
int run_demo(const DemoOptions& options);

}  // namespace vpnverdict
