#include "pipeline/commands.h"

#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>
#include <string_view>

#include <unistd.h>

#include "metrics/pipeline_metrics.h"
#include "pipeline/config.h"
#include "pipeline/dialect/dialect.h"
#include "pipeline/doctor.h"
#include "pipeline/explain.h"
#include "pipeline/replay.h"
#include "pipeline/replay_table.h"
#include "pipeline/rules_md.h"
#include "pipeline/run.h"
#include "pipeline/score.h"
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

ConfigResult checked_config(const std::string& path) {
  ConfigResult result = load_config(path);
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
  explicit OutputFile(const std::string& path) : path_(path) {
    if (!path.empty()) out_.open(path, std::ios::binary | std::ios::trunc);
  }
  bool ok() const { return path_.empty() || out_.good(); }
  void write(const std::string& text) { out_ << text; }
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

std::string words_of(const FactMask& facts) {
  std::string out;
  facts.for_each([&](Fact fact) { out += (out.empty() ? "" : ", ") + std::string(name_of(fact)); });
  return out.empty() ? "(known, says nothing)" : out;
}

}  // namespace

int explain_command(const ExplainArguments& arguments) {
  Inventory inventory;
  if (!inventory_for(arguments.inventory, inventory)) return kExitConfig;
  std::vector<LogFile> files;
  std::string error;
  if (!read_log_files(arguments.files, files, error)) return fail(kExitInput, error);
  ExplainOptions options;
  options.year = arguments.year;
  const Explanation explanation = explain(files, inventory, options);
  put(arguments.format == "json" ? explanation_json(explanation)
                                 : explanation_text(explanation, wants_colour(STDOUT_FILENO)));
  return finish_output();
}

int replay_command(const ReplayArguments& arguments) {
  Inventory inventory;
  if (!inventory_for(arguments.inventory, inventory)) return kExitConfig;
  OutputFile rejects(arguments.rejects);
  if (!rejects.ok()) return fail(kExitOutput, rejects.problem());
  const std::vector<ReplaySource> sources = sources_of(arguments.files.empty() ? std::vector<std::string>{"-"} : arguments.files);
  std::vector<std::string> names;
  for (const ReplaySource& source : sources) names.push_back(source.name);

  std::string problem;
  const std::unique_ptr<PipelineMetrics> metrics =
      arguments.metrics.empty() ? nullptr : std::make_unique<PipelineMetrics>(metrics_options(inventory));
  Scorer scorer;
  if (!read_truth(arguments.score, scorer, problem)) return fail(kExitInput, problem);
  VerdictTable table;
  const bool as_table = arguments.format == "table";
  std::string line;
  ReplayHooks hooks;
  hooks.verdict = [&](const Verdict& verdict) {
    if (metrics) metrics->shard(0).count(verdict, kUntimed);
    if (!arguments.score.empty()) return scorer.add(verdict);
    if (as_table) return table.add(verdict);
    line.clear();
    append_json(verdict, names, line);
    line += '\n';
    put(line);
  };
  if (rejects.wanted()) hooks.reject = [&](const RejectedLine& rejected) { rejects.write(reject_json(rejected)); };
  ReplayOptions options;
  options.shards = arguments.shards;
  options.year = arguments.year;
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
    put(table.text(wants_colour(STDOUT_FILENO)) + line_accounting(replayed.lines));
  if (metrics) {
    metrics->lines(0).publish(tally_of(replayed.lines));
    metrics->shard(0).publish(replayed.shard, kUntimed);
    OutputFile file(arguments.metrics);
    file.write(metrics->text(false));
    if (!file.close()) return fail(kExitOutput, file.problem());
  }
  if (rejects.wanted() && !rejects.close()) return fail(kExitOutput, rejects.problem());
  if (!replayed.error.empty()) return fail(kExitInput, replayed.error);
  return finish_output();
}

int messages_command(const std::string& wanted) {
  const bool colour = wants_colour(STDOUT_FILENO);
  bool found = false;
  for (const dialect::DialectTable* table : dialect::all_dialects()) {
    if (!wanted.empty() && name_of(table->id) != wanted) continue;
    found = true;
    put(styled(std::string(name_of(table->id)) + ", " +
                   (table->vantage == Vantage::client ? "the client's side" : "the concentrator's side") + ": " +
                   std::to_string(table->rows.size()) + " messages",
               Style::bold, colour) +
        "\n\n");
    for (const dialect::MessageRow& row : table->rows) {
      put(styled(padded(row.id, 14), Style::green, colour) + " " + words_of(row.says) + "\n");
      put("  pattern  " + printable(row.pattern) + "\n");
      put("  sample   " + styled(printable(row.sample), Style::dim, colour) + "\n\n");
    }
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
  if (!result.config) return kExitConfig;
  if (!arguments.role.empty()) result.config->service.role = arguments.role;
  result.config->start_fresh = arguments.start == "fresh";
  return run_service(*result.config);
}

int doctor_command(const std::string& path) {
  const ConfigResult result = checked_config(path);
  return result.config ? run_doctor(*result.config) : kExitConfig;
}

int check_config_command(const std::string& path) {
  const ConfigResult result = checked_config(path);
  if (!result.config) return kExitConfig;
  put(annotated_yaml(*result.config));
  return finish_output();
}

}  // namespace vpnverdict
