// The service's own log: one line on stderr per event that matters, logfmt or JSON. Never one line per input line.
// Safe from any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace vpnverdict {

class Log {
 public:
  enum class Level : int { debug, info, warning, error, off };
  using Fields = std::initializer_list<std::pair<std::string_view, std::string>>;

  Log(Level level, bool json);
  ~Log();
  // From now on.
  void set(Level level, bool json) {
    level_ = level;
    json_ = json;
  }
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  void debug(std::string_view what, Fields fields = {}) { write(Level::debug, what, fields); }
  void info(std::string_view what, Fields fields = {}) { write(Level::info, what, fields); }
  void warning(std::string_view what, Fields fields = {}) { write(Level::warning, what, fields); }
  void error(std::string_view what, Fields fields = {}) { write(Level::error, what, fields); }
  // At most one line each ten seconds for the same `what`; the next one says how many were left out.
  void often(Level level, std::string_view what, Fields fields = {});

 private:
  void write(Level level, std::string_view what, Fields fields);

  class Sink;
  std::atomic<Level> level_;
  std::atomic<bool> json_;
  std::unique_ptr<Sink> sink_;
  std::mutex often_mutex_;
  struct Often {
    std::chrono::steady_clock::time_point last;
    unsigned long left_out = 0;
  };
  std::map<std::string, Often, std::less<>> often_;  // keys are literals of this program
};

Log::Level log_level_named(std::string_view name);

}  // namespace vpnverdict
