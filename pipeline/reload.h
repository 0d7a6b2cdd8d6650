// A changed configuration in a running service: what may be taken over, and the taking over.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "metrics/exposer.h"
#include "metrics/pipeline_metrics.h"
#include "pipeline/config.h"
#include "pipeline/log.h"
#include "pipeline/status_board.h"
#include "pipeline/status_page.h"

namespace vpnverdict {

// What of `wanted` cannot be taken over by a service that runs with `running`: a sentence for each option, which names it.
// Verdicts rest on the inventory and the like: were they changed between two packets, a shard that is taken over would judge the
// same packets otherwise than its former owner did, and a replay otherwise than the service.
std::vector<std::string> not_live(const Config& running, const Config& wanted);
// Options that differ and may be taken over, by their keys; the token counts when its file holds another.
std::vector<std::string> live_changes(const Config& running, const Config& wanted);

// Whole or not at all: when one option cannot be taken over, none is. The certificate is apart from that: its files may be
// renewed at any time, and a new one is taken even so. One thread.
class Reload {
 public:
  using ReadAgain = std::function<ConfigResult()>;
  // The references must outlive it.
  struct Parts {
    Log& log;
    PipelineMetrics& metrics;
    StatusBoard& board;
    StatusPage& page;
    Exposer& exposer;
  };
  // `path` is the configuration's file, `read` reads it again.
  Reload(Config running, std::string path, ReadAgain read, Parts parts);

  // Takes over what there is. `why` stands in the log.
  void now(const std::string& why);
  // The same when a file of the configuration has changed since; looks at most once a second.
  void if_changed();

 private:
  // What tells one content of a file from the next without reading it; a mounted volume changes by another inode.
  std::string marks() const;
  bool take_configuration(const std::string& why);
  bool take_certificate();

  Config running_;
  const std::string path_;
  const ReadAgain read_;
  const Parts parts_;
  std::string marks_;
  std::chrono::steady_clock::time_point looked_at_;
};

}  // namespace vpnverdict
