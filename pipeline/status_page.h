// The status page at / and the JSON behind it under /api/, for the Exposer's hook. Knows who may ask and what an answer may
// carry; what is shown stands on the StatusBoard. answer() may be called from any thread.
#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <string>

#include "metrics/exposer.h"
#include "metrics/pipeline_metrics.h"
#include "pipeline/config.h"
#include "pipeline/status_board.h"

namespace vpnverdict {

class StatusPage {
 public:
  // The references must outlive the page.
  struct Parts {
    const Config& config;
    const StatusBoard& board;
    const PipelineMetrics& metrics;
    std::function<Health()> ready;
  };
  explicit StatusPage(Parts parts);

  HttpAnswer answer(const HttpRequest& request) const;
  // Who may ask and whether names are shown, by another configuration from now on.
  void set_access(const Config& config);

 private:
  struct Access {
    std::string bearer;  // what the header of a known asker says; empty: anybody may ask
    std::string basic;
    bool names = false;
  };
  static Access access_by(const Config& config);
  Access access() const;
  bool allowed(const HttpRequest& request) const;
  bool host_known(const std::string& host) const;
  HttpAnswer route(const HttpRequest& request) const;
  std::string status() const;

  const Parts parts_;
  const bool local_;
  mutable std::mutex access_mutex_;
  Access access_;
  mutable std::mutex mutex_;
  mutable std::string cached_;  // many screens at once cost one rendering
  mutable std::chrono::steady_clock::time_point cached_at_;
};

}  // namespace vpnverdict
