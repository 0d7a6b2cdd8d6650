#include "pipeline/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "pipeline/verdict_json.h"

namespace vpnverdict {
namespace {

constexpr std::string_view kLevelNames[] = {"debug", "info", "warning", "error", "off"};
constexpr auto kOften = std::chrono::seconds(10);

std::string quoted_value(std::string_view text, bool always) {
  const bool plain = !text.empty() && text.find_first_of(" =\"\\") == std::string_view::npos &&
                     text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.,:;/+@()[]<>%#") ==
                         std::string_view::npos;
  if (plain && !always) return std::string(text);
  std::string out;
  append_json_string(text, out);
  return out;
}

}  // namespace

class Log::Sink {
 public:
  Sink() : logger("vpnverdict", std::make_shared<spdlog::sinks::stderr_sink_mt>()) {
    logger.set_pattern("%v");
    logger.set_level(spdlog::level::trace);
    logger.flush_on(spdlog::level::trace);
  }
  spdlog::logger logger;
};

Log::Log(Level level, bool json) : level_(level), json_(json), sink_(std::make_unique<Sink>()) {}
Log::~Log() = default;

void Log::write(Level level, std::string_view what, Fields fields) {
  if (level < level_ || level_ == Level::off) return;
  const bool json = json_;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const std::string time = rfc3339(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
  const std::string name(kLevelNames[static_cast<int>(level)]);
  std::string line = json ? "{\"time\":\"" + time + "\",\"level\":\"" + name + "\",\"what\":" + quoted_value(what, true)
                           : "time=" + time + " level=" + name + " what=" + quoted_value(what, false);
  for (const auto& [key, value] : fields) {
    line += json ? ",\"" + std::string(key) + "\":" : " " + std::string(key) + "=";
    line += quoted_value(value, json);
  }
  if (json) line += '}';
  sink_->logger.log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

void Log::often(Level level, std::string_view what, Fields fields) {
  unsigned long left_out = 0;
  {
    const std::lock_guard lock(often_mutex_);
    const auto now = std::chrono::steady_clock::now();
    const auto [found, first] = often_.emplace(what, Often{now, 0});
    if (!first && now - found->second.last < kOften) {
      ++found->second.left_out;
      return;
    }
    left_out = std::exchange(found->second.left_out, 0);
    found->second.last = now;
  }
  if (left_out == 0) return write(level, what, fields);
  write(level, std::string(what) + " (and " + std::to_string(left_out) + " more since)", fields);
}

Log::Level log_level_named(std::string_view name) {
  for (int i = 0; i < 4; ++i) {
    if (kLevelNames[i] == name) return static_cast<Log::Level>(i);
  }
  return Log::Level::info;
}

}  // namespace vpnverdict
