// What the status page's API answers, as JSON. Pure functions; any thread.
#pragma once

#include <string>

#include "metrics/exposer.h"
#include "metrics/pipeline_metrics.h"
#include "pipeline/status_board.h"

namespace vpnverdict {

struct StatusFigures {
  std::string version;
  std::string role;
  bool names = true;
  Health ready;
  Timestamp clock = 0;  // this machine's
  std::uint64_t attempts_open = 0;
  std::vector<KafkaCell::Feed> feeds;
  LineTally lines;
  StatusBoard::Picture picture;
};

inline constexpr std::size_t kGroupsShownMax = 100;  // the worst ones

// How things stand: /api/status.
std::string status_json(const StatusFigures& figures);
// The words of the closed lists, by name: causes, steps, facts, milestones, rules. The same as long as the program is: /api/words.
std::string words_json();

}  // namespace vpnverdict
