// The HTTP side of a running pipeline: /metrics for Prometheus, /healthz and /readyz for an orchestrator, and every other
// path by a hook.
// GET and HEAD only. A bounded number of threads, each connection carries one request and has a deadline for reading
// and one for writing, however slowly its bytes come: clients that send half a request and wait cannot keep others out.
// With a certificate the port speaks TLS and nothing else.
// Constructed and stopped by one thread; the hooks are called from the HTTP threads, also at the same time.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "metrics/tls.h"

namespace vpnverdict {

struct Health {
  bool ok = true;
  std::string text;  // one line a check, for people
};

// What a hook is told of a request; all of it is a stranger's text.
struct HttpRequest {
  std::string path;
  std::multimap<std::string, std::string> query;  // decoded
  std::string host;                               // the headers of these names, empty when not sent
  std::string authorization;
};

struct HttpAnswer {
  int status = 200;
  std::string type;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

struct ExposerHooks {
  std::function<std::string()> metrics;  // text exposition; asked at most twice a second, the next one too
  std::function<Health()> healthy;       // false: a restart would help
  std::function<Health()> ready;         // false: no work is being done at the moment
  std::function<HttpAnswer(const HttpRequest&)> page = {};  // all other paths; may be left out
  std::function<std::string()> open_metrics = {};           // for those who ask for it; may be left out
};

struct ExposerOptions {
  std::string address = "127.0.0.1";
  int port = 0;  // 0: any free one
  int threads = 8;
  int deadline_ms = 5'000;  // for reading a request, and again for writing the answer
  TlsFiles tls = {};
};

class Exposer {
 public:
  Exposer(ExposerOptions options, ExposerHooks hooks);
  ~Exposer();  // stops
  Exposer(const Exposer&) = delete;
  Exposer& operator=(const Exposer&) = delete;

  // Binds and answers from now on. On failure one sentence comes back, empty otherwise.
  [[nodiscard]] std::string start();
  int port() const;  // the bound one, 0 before start()
  // Reads the files of the certificate and its key anew, for connections from now on; any thread. On failure one sentence comes
  // back, and the former certificate stays.
  [[nodiscard]] std::string reload_certificate();
  std::int64_t certificate_ends() const;  // seconds since 1970; 0 without TLS
  // Ends at once; open connections are cut.
  void stop();

 private:
  class Server;
  std::unique_ptr<Server> server_;
};

}  // namespace vpnverdict
