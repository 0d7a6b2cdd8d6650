#include "pipeline/commands.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <memory>
#include <string_view>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "metrics/pipeline_metrics.h"
#include "metrics/tls.h"
#include "pipeline/config.h"
#include "pipeline/dialect/dialect.h"
#include "pipeline/dialect_file.h"
#include "pipeline/doctor.h"
#include "pipeline/explain.h"
#include "pipeline/follow.h"
#include "pipeline/incident_json.h"
#include "pipeline/kafka_handles.h"
#include "pipeline/pool_table.h"
#include "pipeline/replay.h"
#include "pipeline/replay_table.h"
#include "pipeline/rules_md.h"
#include "pipeline/run.h"
#include "pipeline/score.h"
#include "pipeline/score_incidents.h"
#include "pipeline/signals.h"
#include "pipeline/terminal.h"
#include "pipeline/verdict_json.h"

namespace vpnverdict {
namespace {

int fail(int code, const std::string& sentence) {
  std::fprintf(stderr, "vpnverdict: %s\n", printable(sentence).c_str());
  return code;
}

// False when the reader of our output has gone or the disk is full.
bool put(std::string_view text) { return std::fwrite(text.data(), 1, text.size(), stdout) == text.size(); }

int finish_output() {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return kExitDone;
  return fail(kExitOutput, "standard output cannot be written");
}

bool inventory_for(const std::string& path, Inventory& inventory) {
  if (path.empty()) return true;
  InventoryResult result = load_inventory(path);
  for (const ConfigError& error : result.errors) fail(kExitConfig, error.text());
  if (!result.inventory) return false;
  inventory = std::move(*result.inventory);
  return true;
}

using Dialects = std::shared_ptr<const dialect::UserDialects>;

// False when a file is wrong; every fault is told.
bool dialects_for(const std::vector<std::string>& paths, Dialects& dialects) {
  if (paths.empty()) return true;
  DialectsResult result = load_dialects(paths);
  for (const ConfigError& warning : result.warnings) fail(kExitDone, warning.text() + " (a warning)");
  for (const ConfigError& error : result.errors) fail(kExitConfig, error.text());
  dialects = std::move(result.dialects);
  return dialects != nullptr;
}
const dialect::DialectSet* set_of(const Dialects& dialects) { return dialects ? &dialects->set() : nullptr; }

ConfigResult checked_config(const std::string& path) {
  ConfigResult result = load_config(path);
  if (result.config) {
    for (ConfigError& refused : check_kafka_properties(result.config->kafka)) result.errors.push_back(std::move(refused));
    const MetricsConfig& http = result.config->metrics;
    if (!http.tls_certificate_file.empty()) {
      const std::string error = TlsIdentity().load({path_beside(*result.config, http.tls_certificate_file), path_beside(*result.config, http.tls_key_file)});
      if (!error.empty()) result.errors.push_back({path, error});
    }
  }
  for (const ConfigError& warning : result.warnings) fail(kExitDone, warning.text() + " (a warning)");
  for (const ConfigError& error : result.errors) fail(kExitConfig, error.text());
  return result;
}

class ProgressBar {
 public:
  explicit ProgressBar(bool shown) : shown_(shown) {}
  void show(const ReplayProgress& progress) {
    if (!shown_ || progress.bytes_total == 0) return;
    const std::size_t percent = static_cast<std::size_t>(100 * progress.bytes / progress.bytes_total);
    if (percent == percent_) return;
    percent_ = percent;
    const std::string bar = std::string(percent / 2, '#') + std::string(50 - percent / 2, '.');
    std::fprintf(stderr, "\r%s %3zu %%  %s lines", bar.c_str(), percent, with_thousands(progress.lines).c_str());
    std::fflush(stderr);
  }
  ~ProgressBar() {
    if (percent_ != 101) std::fprintf(stderr, "\r%*s\r", 90, "");
  }

 private:
  bool shown_;
  std::size_t percent_ = 101;
};

std::string reject_json(const RejectedLine& line) {
  std::string out = "{\"reason\":";
  append_json_string(name_of(line.reason), out);
  out += ",\"dialect\":";
  append_json_string(name_of(line.dialect), out);
  out += ",\"source\":";
  append_json_string(line.source, out);
  out += ",\"line\":" + std::to_string(line.line) + ",\"text\":";
  append_json_string(line.text, out);
  out += "}\n";
  return out;
}

LineTally tally_of(const LineCounts& counts) {
  LineTally tally;
  tally.consumed = counts.read;
  for (std::size_t i = 0; i < kDialectCount; ++i) {
    tally.by_dialect[i].events = counts.by_dialect[i].events;
    tally.by_dialect[i].ignored = counts.by_dialect[i].ignored;
    tally.by_dialect[i].rejected = counts.by_dialect[i].rejected;
  }
  return tally;
}

MetricsOptions metrics_options(const Inventory& inventory) {
  MetricsOptions options;
  options.issued_groups = inventory.groups;
  options.version = VPNVERDICT_VERSION;
  return options;
}

bool read_truth(const std::string& path, Scorer& scorer, std::string& problem) {
  if (path.empty()) return true;
  std::ifstream in(path);
  if (!in) {
    problem = path + ": cannot be read";
    return false;
  }
  return scorer.read_truth(in, path, &problem);
}

// A file that is written line by line, or not wanted at all.
class OutputFile {
 public:
  explicit OutputFile(const std::string& path, std::ios::openmode how = std::ios::trunc) : path_(path) {
    if (!path.empty()) out_.open(path, std::ios::binary | std::ios::out | how);
  }
  bool ok() const { return path_.empty() || out_.good(); }
  void write(const std::string& text) { out_ << text; }
  void flush() { out_.flush(); }
  bool close() {
    out_.close();
    return ok();
  }
  std::string problem() const { return path_ + ": cannot be written"; }
  bool wanted() const { return !path_.empty(); }

 private:
  std::string path_;
  std::ofstream out_;
};

// Where verdicts go, a line for each: a file that is appended to, or standard output. Each line is one write, so that
// nothing waits in a buffer and two writers do not mix.
class VerdictSink {
 public:
  explicit VerdictSink(std::string path) : path_(std::move(path)) { open(); }
  ~VerdictSink() { close(); }
  VerdictSink(const VerdictSink&) = delete;
  VerdictSink& operator=(const VerdictSink&) = delete;
  bool ok() const { return fd_ >= 0; }
  bool write(std::string_view line) {
    while (ok() && !line.empty()) {
      const ssize_t put = ::write(fd_, line.data(), line.size());
      if (put < 0 && errno != EINTR) {
        remember_why();
        return false;
      }
      if (put > 0) line.remove_prefix(static_cast<std::size_t>(put));
    }
    return ok();
  }
  // After a log rotation the path names another file, or none.
  void follow_the_path() {
    if (path_.empty() || !ok()) return;
    struct stat open_file {}, named {};
    if (::fstat(fd_, &open_file) == 0 && ::stat(path_.c_str(), &named) == 0 && open_file.st_ino == named.st_ino &&
        open_file.st_dev == named.st_dev)
      return;
    close();
    open();
  }
  std::string problem() const { return (path_.empty() ? "standard output" : path_) + ": cannot be written: " + why_; }

 private:
  void open() {
    fd_ = path_.empty() ? STDOUT_FILENO : ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    if (fd_ < 0) remember_why();
  }
  void close() {
    if (!path_.empty() && fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  void remember_why() { why_ = std::strerror(errno); }

  const std::string path_;
  std::string why_;
  int fd_ = -1;
};

// Two processes with one state file would each undo the other's. The one before may still be at its end.
class StateLock {
 public:
  explicit StateLock(const std::string& state) {
    if (state.empty()) return;
    fd_ = ::open((state + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    for (int tries = 0; fd_ >= 0 && ::flock(fd_, LOCK_EX | LOCK_NB) != 0; ++tries) {
      if (tries == kTries) {
        problem_ = state + ": another process uses it";
        return;
      }
      ::usleep(kPauseUs);
    }
    if (fd_ < 0) problem_ = state + ".lock: cannot be written: " + std::strerror(errno);
  }
  ~StateLock() {
    if (fd_ >= 0) ::close(fd_);
  }
  StateLock(const StateLock&) = delete;
  StateLock& operator=(const StateLock&) = delete;
  const std::string& problem() const { return problem_; }

 private:
  static constexpr int kTries = 100;
  static constexpr useconds_t kPauseUs = 100'000;
  int fd_ = -1;
  std::string problem_;
};

bool write_metrics(PipelineMetrics& metrics, const Replayed& replayed, const std::string& path) {
  metrics.lines(0).publish(tally_of(replayed.lines));
  metrics.shard(0).publish(replayed.shard, kUntimed);
  metrics.shard(0).publish(replayed.pools);
  OutputFile file(path + ".new");
  file.write(metrics.text(false));
  return file.close() && std::rename((path + ".new").c_str(), path.c_str()) == 0;
}

int follow_command(const ReplayArguments& arguments, const Inventory& inventory, const Dialects& dialects) {
  std::signal(SIGPIPE, SIG_IGN);
  const StateLock lock(arguments.state);
  if (!lock.problem().empty()) return fail(kExitOutput, lock.problem());
  VerdictSink sink(arguments.to);
  if (!sink.ok()) return fail(kExitOutput, sink.problem());
  OutputFile rejects(arguments.rejects, std::ios::app);
  if (!rejects.ok()) return fail(kExitOutput, rejects.problem());
  OutputFile incidents(arguments.incidents, std::ios::app);
  if (!incidents.ok()) return fail(kExitOutput, incidents.problem());
  const std::unique_ptr<PipelineMetrics> metrics =
      arguments.metrics.empty() ? nullptr : std::make_unique<PipelineMetrics>(metrics_options(inventory));

  FollowOptions options;
  options.shards = arguments.shards;
  options.state_file = arguments.state;
  options.confirm = arguments.confirm;
  options.dialects = set_of(dialects);
  const std::vector<std::string> names = {"stdin"};
  std::string line;
  FollowHooks hooks;
  hooks.verdict = [&](const Verdict& verdict) {
    if (metrics) metrics->shard(0).count(verdict, kUntimed);
    line.clear();
    append_json(verdict, names, line);
    line += '\n';
    return sink.write(line);
  };
  if (rejects.wanted()) hooks.reject = [&](const RejectedLine& rejected) { rejects.write(reject_json(rejected)); };
  if (incidents.wanted()) hooks.incident = [&](const Incident& incident) { incidents.write(to_json(incident) + "\n"); };
  hooks.on_interval = [&](const Replayed& so_far) {
    sink.follow_the_path();
    rejects.flush();
    incidents.flush();
    if (metrics && !write_metrics(*metrics, so_far, arguments.metrics)) fail(kExitOutput, arguments.metrics + ": cannot be written");
  };
  hooks.problem = [](const std::string& sentence) { fail(kExitOutput, sentence); };

  const SignalsNoted signals;
  const Followed followed =
      follow(std::make_unique<LineReader>(::dup(STDIN_FILENO)), real_world(), inventory, options, hooks);
  if (!followed.told_all) return fail(kExitOutput, sink.problem());
  if (!followed.replayed.error.empty()) return fail(kExitInput, followed.replayed.error);
  return kExitDone;
}

std::string words_of(const FactMask& facts) {
  std::string out;
  facts.for_each([&](Fact fact) { out += (out.empty() ? "" : ", ") + std::string(name_of(fact)); });
  return out.empty() ? "(known, says nothing)" : out;
}

std::string side_of(const dialect::DialectTable& table) {
  return table.vantage == Vantage::client ? "the client's side" : "the concentrator's side";
}

void put_messages(std::string_view name, const dialect::DialectTable& table) {
  const bool colour = wants_colour(STDOUT_FILENO);
  put(styled(std::string(name) + ", " + side_of(table) + ": " + std::to_string(table.rows.size()) + " messages", Style::bold, colour) +
      "\n\n");
  for (const dialect::MessageRow& row : table.rows) {
    put(styled(padded(row.id, 14), Style::green, colour) + " " + words_of(row.says) + "\n");
    put("  pattern  " + printable(row.pattern) + "\n");
    put("  sample   " + styled(printable(row.sample), Style::dim, colour) + "\n\n");
  }
}

}  // namespace

int explain_command(const ExplainArguments& arguments) {
  Inventory inventory;
  if (!inventory_for(arguments.inventory, inventory)) return kExitConfig;
  Dialects dialects;
  if (!dialects_for(arguments.dialects, dialects)) return kExitConfig;
  std::vector<LogFile> files;
  std::string error;
  if (!read_log_files(arguments.files, files, error)) return fail(kExitInput, error);
  ExplainOptions options;
  options.year = arguments.year;
  options.dialects = set_of(dialects);
  const Explanation explanation = explain(files, inventory, options);
  put(arguments.format == "json" ? explanation_json(explanation)
                                 : explanation_text(explanation, wants_colour(STDOUT_FILENO)));
  return finish_output();
}

int replay_command(const ReplayArguments& arguments) {
  Inventory inventory;
  if (!inventory_for(arguments.inventory, inventory)) return kExitConfig;
  Dialects dialects;
  if (!dialects_for(arguments.dialects, dialects)) return kExitConfig;
  if (arguments.follow) return follow_command(arguments, inventory, dialects);
  OutputFile rejects(arguments.rejects);
  if (!rejects.ok()) return fail(kExitOutput, rejects.problem());
  OutputFile incidents(arguments.incidents);
  if (!incidents.ok()) return fail(kExitOutput, incidents.problem());
  VerdictSink to(arguments.to);
  if (!to.ok()) return fail(kExitOutput, to.problem());
  const std::vector<ReplaySource> sources = sources_of(arguments.files.empty() ? std::vector<std::string>{"-"} : arguments.files);
  std::vector<std::string> names;
  for (const ReplaySource& source : sources) names.push_back(source.name);

  std::string problem;
  const std::unique_ptr<PipelineMetrics> metrics =
      arguments.metrics.empty() ? nullptr : std::make_unique<PipelineMetrics>(metrics_options(inventory));
  Scorer scorer;
  if (!read_truth(arguments.score, scorer, problem)) return fail(kExitInput, problem);
  IncidentScorer incident_scorer;
  if (!arguments.score_incidents.empty() && !incident_scorer.read_truth(arguments.score_incidents, &problem)) return fail(kExitInput, problem);
  VerdictTable table;
  const bool as_table = arguments.format != "jsonl" && arguments.to.empty();
  bool told_all = true;
  std::string line;
  ReplayHooks hooks;
  hooks.verdict = [&](const Verdict& verdict) {
    if (metrics) metrics->shard(0).count(verdict, kUntimed);
    if (!arguments.score.empty()) return scorer.add(verdict);
    if (as_table) return table.add(verdict);
    line.clear();
    append_json(verdict, names, line);
    line += '\n';
    if (arguments.to.empty())
      put(line);
    else
      told_all = to.write(line) && told_all;
  };
  IncidentCards cards;
  hooks.incident = [&](const Incident& incident) {
    if (incidents.wanted()) incidents.write(to_json(incident) + "\n");
    if (as_table) cards.add(incident);
    if (!arguments.score_incidents.empty()) incident_scorer.add(incident);
  };
  if (rejects.wanted()) hooks.reject = [&](const RejectedLine& rejected) { rejects.write(reject_json(rejected)); };
  ReplayOptions options;
  options.shards = arguments.shards;
  options.year = arguments.year;
  options.dialects = set_of(dialects);
  Replayed replayed;
  {
    ProgressBar bar(::isatty(STDERR_FILENO) == 1);
    hooks.progress = [&](const ReplayProgress& progress) { bar.show(progress); };
    hooks.pause = [] { std::fflush(stdout); };
    replayed = replay(sources, inventory, options, hooks);
  }
  if (!replayed.error.empty() && replayed.lines.read == 0) return fail(kExitInput, replayed.error);
  if (!arguments.score.empty())
    put(as_table ? to_text(scorer.finish()) : to_json(scorer.finish()) + "\n");
  else if (as_table)
    put(table.text(wants_colour(STDOUT_FILENO)) + cards.text(wants_colour(STDOUT_FILENO)) + line_accounting(replayed.lines));
  if (!arguments.score_incidents.empty()) put(to_text(incident_scorer.finish()));
  if (metrics) {
    metrics->lines(0).publish(tally_of(replayed.lines));
    metrics->shard(0).publish(replayed.shard, kUntimed);
    metrics->shard(0).publish(replayed.pools);
    OutputFile file(arguments.metrics);
    file.write(metrics->text(false));
    if (!file.close()) return fail(kExitOutput, file.problem());
  }
  if (rejects.wanted() && !rejects.close()) return fail(kExitOutput, rejects.problem());
  if (incidents.wanted() && !incidents.close()) return fail(kExitOutput, incidents.problem());
  if (!told_all) return fail(kExitOutput, to.problem());
  if (!replayed.error.empty()) return fail(kExitInput, replayed.error);
  return finish_output();
}

int pools_command(const ReplayArguments& arguments) {
  Inventory inventory;
  if (!inventory_for(arguments.inventory, inventory)) return kExitConfig;
  Dialects dialects;
  if (!dialects_for(arguments.dialects, dialects)) return kExitConfig;
  ReplayOptions options;
  options.year = arguments.year;
  options.dialects = set_of(dialects);
  ProgressBar bar(::isatty(STDERR_FILENO) == 1);
  ReplayHooks hooks;
  hooks.progress = [&](const ReplayProgress& progress) { bar.show(progress); };
  Replayed replayed = replay(sources_of(arguments.files.empty() ? std::vector<std::string>{"-"} : arguments.files), inventory, options, hooks);
  if (!replayed.error.empty() && replayed.lines.read == 0) return fail(kExitInput, replayed.error);
  put(pool_table(std::move(replayed.pools)));
  if (!replayed.error.empty()) return fail(kExitInput, replayed.error);
  return finish_output();
}

int messages_command(const std::string& wanted) {
  if (wanted.find_first_of("./") != std::string::npos) {
    Dialects dialects;
    if (!dialects_for({wanted}, dialects)) return kExitConfig;
    put_messages(dialects->dialects().front()->text().name, dialects->dialects().front()->table());
    return finish_output();
  }
  bool found = false;
  for (const dialect::DialectTable* table : dialect::all_dialects()) {
    if (!wanted.empty() && name_of(table->id) != wanted) continue;
    found = true;
    put_messages(name_of(table->id), *table);
  }
  if (!found) return fail(kExitUsage, "no dialect has the name " + wanted);
  return finish_output();
}

int rules_command(const std::string& format) {
  put(format == "md" ? rules_markdown() : rules_text(wants_colour(STDOUT_FILENO)));
  return finish_output();
}

int generate_command(const GenerateOptions& options) { return run_generate(options, std::cerr); }

int run_command(const RunArguments& arguments) {
  ConfigResult result = checked_config(arguments.config);
  if (!result.config || !result.errors.empty()) return kExitConfig;
  if (!arguments.role.empty()) result.config->service.role = arguments.role;
  result.config->start_fresh = arguments.start == "fresh";
  const auto read_again = [&arguments] {
    ConfigResult again = load_config(arguments.config);
    if (again.config && !arguments.role.empty()) again.config->service.role = arguments.role;
    return again;
  };
  return run_service(*result.config, arguments.config, read_again);
}

int doctor_command(const std::string& path) {
  const ConfigResult result = checked_config(path);
  return result.config && result.errors.empty() ? run_doctor(*result.config) : kExitConfig;
}

int check_config_command(const std::string& path, const std::vector<std::string>& files) {
  if (path.empty() && files.empty()) return fail(kExitUsage, "check-config needs a configuration or a --dialect");
  Dialects dialects;
  if (!dialects_for(files, dialects)) return kExitConfig;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const dialect::UserDialectText& text = dialects->dialects()[i]->text();
    put(printable(files[i]) + ": dialect " + text.name + ", " + side_of(dialects->dialects()[i]->table()) + ": " +
        std::to_string(text.rows.size()) + " messages, each read from its sample\n");
  }
  if (path.empty()) return finish_output();
  const ConfigResult result = checked_config(path);
  if (!result.config || !result.errors.empty()) return kExitConfig;
  put(annotated_yaml(*result.config));
  return finish_output();
}

}  // namespace vpnverdict
