#include "pipeline/run.h"

#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <thread>

#include "metrics/exposer.h"
#include "metrics/pipeline_metrics.h"
#include "pipeline/kafka_handles.h"
#include "pipeline/kafka_transaction.h"
#include "pipeline/log.h"
#include "pipeline/pipeline.h"
#include "pipeline/reload.h"
#include "pipeline/signals.h"
#include "pipeline/status_page.h"

namespace vpnverdict {
namespace {

constexpr int kExitKafka = 69;
constexpr int kExitPort = 74;
constexpr int kExitLeftOver = 75;
constexpr int kExitConfiguration = 78;

// librdkafka has threads that sleep most of the time, and each has memory of its own for what the others need. Two arenas a core instead of
// glibc's eight take a fifth less and no time; one a core takes 4 % more time.
void share_arenas() {
#ifdef __GLIBC__
  if (std::getenv("MALLOC_ARENA_MAX") == nullptr) mallopt(M_ARENA_MAX, static_cast<int>(2 * std::max(1U, std::thread::hardware_concurrency())));
#endif
}

}  // namespace

int run_service(const Config& config, const std::string& path, const std::function<ConfigResult()>& read_again) {
  share_arenas();
  Log log(log_level_named(config.service.log_level), config.service.log_format == "json");
  const std::vector<ConfigError> refused = check_kafka_properties(config.kafka);
  for (const ConfigError& error : refused) log.error("configuration", {{"why", error.text()}});
  if (!refused.empty()) return kExitConfiguration;

  const SignalsNoted signals;
  const HangupsNoted hangups;
  PipelineMetrics metrics(metrics_options(config));
  StatusBoard board(metrics.groups(), page_shows_names(config));
  const bool serve = config.page.serve == "yes";
  Pipeline pipeline(config, metrics, log, serve ? OnVerdict([&](const ToldVerdict& told) { board.add(told); }) : OnVerdict(),
                    serve ? OnIncident([&](const Incident& card, std::string_view) { board.add(card); }) : OnIncident());
  StatusPage page({config, board, metrics, [&] { return pipeline.ready(); }});
  ExposerOptions http;
  http.address = config.metrics.listen_address;
  http.port = static_cast<int>(config.metrics.listen_port);
  http.threads = static_cast<int>(config.metrics.http_threads);
  if (!config.metrics.tls_certificate_file.empty())
    http.tls = {path_beside(config, config.metrics.tls_certificate_file), path_beside(config, config.metrics.tls_key_file)};
  ExposerHooks hooks{[&] { return metrics.text(); }, [&] { return pipeline.healthy(); }, [&] { return pipeline.ready(); }};
  hooks.open_metrics = [&] { return metrics.open_metrics_text(); };
  if (serve) hooks.page = [&](const HttpRequest& request) { return page.answer(request); };
  Exposer exposer(http, std::move(hooks));
  if (const std::string error = exposer.start(); !error.empty()) {
    log.error("cannot start", {{"why", error}});
    return kExitPort;
  }
  log.info("started", {{"http", (http.tls.wanted() ? "https://" : "http://") + config.metrics.listen_address + ":" + std::to_string(exposer.port()) + "/"},
                       {"brokers", config.kafka.brokers},
                       {"group", config.kafka.group},
                       {"librdkafka", librdkafka_version()}});

  // The pipeline turns in this thread; another one waits for signals and changes of the configuration.
  Reload reload(config, path, read_again, {log, metrics, board, page, exposer});
  std::atomic<bool> over = false;
  std::thread waiter([&] {
    while (!over && SignalsNoted::seen() == 0) {
      if (HangupsNoted::take()) {
        reload.now("SIGHUP");
      } else {
        reload.if_changed();
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    if (over) return;
    log.info("stopping", {{"signal", std::to_string(SignalsNoted::seen())}});
    pipeline.stop();
  });
  const PipelineEnd end = pipeline.run();
  over = true;
  waiter.join();
  exposer.stop();
  const int code = !end.failure.empty() ? kExitKafka : end.clean ? 0 : kExitLeftOver;
  if (KafkaTransaction::overdue() > 0) std::_Exit(code);  // threads that we cannot end use what would be destroyed now
  return code;
}

}  // namespace vpnverdict
