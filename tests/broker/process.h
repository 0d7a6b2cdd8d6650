// `vpnverdict run` as a child process, and the broker as somebody who can be ended.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace vpnverdict::testing {

std::string variable(const char* name);
bool answers(int port);  // somebody listens on it, on loopback
std::string http_get(int port, const std::string& path);

class Process {
 public:
  // `environment`: NAME=value, beside this process's own. Its standard error goes to `log`.
  Process(const std::string& binary, const std::vector<std::string>& arguments, const std::string& log,
          const std::vector<std::string>& environment = {});
  ~Process();  // kill -9
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // The port of /metrics, as its log tells; 0 before that.
  int port() const;
  std::string metrics() const { return port() == 0 ? "" : http_get(port(), "/metrics"); }
  // Of one series, -1 when there is none.
  double value(const std::string& series) const;
  bool ready() const { return port() != 0 && http_get(port(), "/readyz").find("200 OK") != std::string::npos; }
  std::string log() const;

  int terminate();  // SIGTERM; its exit code
  void terminate_and_kill(int after_ms);  // SIGTERM, and SIGKILL in the middle of the clean end
  void kill();      // SIGKILL
  void freeze();    // SIGSTOP
  void thaw();      // SIGCONT
  bool running();
  bool was_killed() const { return killed_; }

 private:
  void reap(int status);
  std::string log_;
  pid_t pid_ = 0;
  int exit_code_ = -1;
  bool killed_ = false;
};

}  // namespace vpnverdict::testing
