// Events for benches, kept from a replay: what a Shard gets, without what makes them. One thread.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "correlator/event.h"
#include "correlator/inventory.h"
#include "pipeline/replay.h"

namespace vpnverdict {

// Events that own their bytes.
class KeptEvents {
 public:
  void add(const Event& event) {
    constexpr std::string_view Event::*kFields[] = {&Event::device, &Event::peer, &Event::gateway, &Event::group,   &Event::user,
                                                    &Event::address, &Event::pool, &Event::server, &Event::message, &Event::text};
    std::string& bytes = bytes_.emplace_back();
    for (const auto field : kFields) bytes.append(event.*field);
    std::size_t at = 0;
    for (const auto field : kFields) {
      Event& copy = field == kFields[0] ? events_.emplace_back(event) : events_.back();
      const std::size_t size = (event.*field).size();
      copy.*field = std::string_view(bytes).substr(at, size);
      at += size;
    }
  }
  const std::vector<Event>& all() const { return events_; }

 private:
  std::deque<std::string> bytes_;
  std::vector<Event> events_;
};

// The events of NDJSON or raw lines, in the order in which a replay gives them to its shard.
inline KeptEvents events_of(std::string_view lines, const Inventory& inventory) {
  KeptEvents events;
  ReplaySource source;
  source.name = "bench";
  source.text = lines;
  ReplayHooks hooks;
  hooks.event = [&](const Event& event) { events.add(event); };
  replay({source}, inventory, {}, hooks);
  return events;
}

}  // namespace vpnverdict
