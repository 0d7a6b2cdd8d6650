// Events in, verdicts out: the shards and the stream time that drives them, for one stream of events in one thread.
// What `replay` and `follow` share; the service has ShardFold instead.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "correlator/event.h"
#include "correlator/gateway_memory.h"
#include "correlator/incident.h"
#include "correlator/inventory.h"
#include "correlator/shard.h"
#include "correlator/verdict.h"

namespace vpnverdict {

// Stream time: the newest stamp, except that one line from the far future does not end every open attempt.
class StreamClock {
 public:
  // True when it moved by a tick or more. `present` is this machine's clock where there is one: a stamp before it is
  // believed at once, one far ahead of it never. Without it (kUntimed) a jump must be confirmed by others.
  bool observe(Timestamp time, Timestamp present);
  // The same for a time that nobody has to confirm.
  bool reach(Timestamp time);
  Timestamp now() const { return now_; }  // by the stamps; kUntimed before the first
  Timestamp told() const { return told_; }  // what the last true answer was about
  void set(Timestamp now, Timestamp told) {
    now_ = now;
    told_ = told;
  }

 private:
  Timestamp now_ = kUntimed;
  Timestamp told_ = kUntimed;
  Timestamp jump_to_ = kUntimed;
  int jump_witnesses_ = 0;
};

class Judge {
 public:
  struct Hooks {
    std::function<void(const Verdict&)> verdict;
    std::function<void(const Event&)> event;  // every event that reaches a shard
    std::function<void(const Incident&)> incident;  // where there is none, nothing is kept for incidents
  };
  // `inventory` must outlive the judge. An empty hook is not called.
  Judge(const Inventory& inventory, CorrelatorOptions options, std::size_t shards, Hooks hooks);

  void take(const Event& event, Timestamp present = kUntimed);
  const GatewayMemory& gateways() const { return gateways_; }
  GatewayMemory& gateways() { return gateways_; }
  // Every line up to this time has been taken: time-outs up to it have passed. An earlier time changes nothing.
  void advance_to(Timestamp time);
  void finish();  // the end of the input

  const StreamClock& clock() const { return clock_; }
  ShardCounts counts() const;  // summed over the shards
  std::vector<PoolView> pools() const;

  std::vector<std::string> save() const;  // one per shard, and the incidents'
  // False, and nothing restored, when these are not the states of as many shards.
  bool restore(const std::vector<std::string>& states, const StreamClock& clock);

 private:
  void take_complete(const Event& event, Timestamp present);
  void tell();
  void tell_verdicts();
  void tell_incidents(bool at_end);

  const Inventory& inventory_;
  const CorrelatorOptions options_;
  const Hooks hooks_;
  GatewayMemory gateways_;
  std::vector<Shard> shards_;
  IncidentTracker incidents_;
  std::vector<Incident> cards_;
  StreamClock clock_;
  std::vector<Verdict> verdicts_;
};

}  // namespace vpnverdict
