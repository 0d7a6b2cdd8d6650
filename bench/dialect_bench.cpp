// Recognising, joining and matching lines: the corpus is every row's sample, so it cannot fall behind the
// tables.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "pipeline/dialect/dialect.h"
#include "pipeline/dialect/dialect_set.h"

namespace vpnverdict::dialect {
namespace {

class Nothing : public MessageSink {
 public:
  void on_event(const Event& event, std::uint32_t) override { facts += event.says.empty() ? 0 : 1; }
  void on_ignored(const Event&, std::uint32_t) override {}
  void on_reject(Reject, Dialect, std::string_view, SourceRef, std::uint32_t) override {}
  std::uint64_t facts = 0;
};

std::vector<std::string> lines_of(bool (*wanted)(Dialect)) {
  std::vector<std::string> samples;
  for (const CompiledTable& compiled : builtin_dialects().tables())
    for (const MessageRow& row : compiled.table->rows)
      if (wanted(compiled.table->id)) samples.emplace_back(row.sample);
  std::shuffle(samples.begin(), samples.end(), std::mt19937(7));
  std::vector<std::string> lines;
  for (const std::string& sample : samples)
    for (std::size_t begin = 0; begin <= sample.size();) {
      const std::size_t end = std::min(sample.find('\n', begin), sample.size());
      lines.push_back(sample.substr(begin, end - begin));
      begin = end + 1;
    }
  return lines;
}

void run(benchmark::State& state, const std::vector<std::string>& lines, bool complete) {
  Reader reader;
  Nothing sink;
  std::int64_t bytes = 0;
  for (const std::string& line : lines) bytes += static_cast<std::int64_t>(line.size());
  for (auto _ : state) {
    for (const std::string& text : lines) {
      Line line;
      line.text = text;
      line.complete = complete;
      reader.feed(line, sink);
    }
  }
  benchmark::DoNotOptimize(sink.facts);
  const auto fed = static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(lines.size());
  state.SetItemsProcessed(fed);
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * bytes);
  state.counters["ns/line"] = benchmark::Counter(static_cast<double>(fed) * 1e-9,
                                                 benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void mixed(benchmark::State& state) {
  run(state, lines_of([](Dialect) { return true; }), false);
}
BENCHMARK(mixed);

void one_dialect(benchmark::State& state) {
  static Dialect dialect = Dialect::unknown;
  dialect = static_cast<Dialect>(state.range(0));
  state.SetLabel(std::string(name_of(dialect)));
  run(state, lines_of([](Dialect d) { return d == dialect; }), false);
}
BENCHMARK(one_dialect)->DenseRange(static_cast<int>(Dialect::vpn3000), static_cast<int>(Dialect::pluto));

// Syslog originals on one line, whole in their records: the commonest feed of a VPN 3000.
void vpn3000_syslog(benchmark::State& state) {
  std::vector<std::string> lines;
  for (const CompiledTable& compiled : builtin_dialects().tables())
    for (const MessageRow& row : compiled.table->rows) {
      std::string text(row.sample);
      if (compiled.table->id != Dialect::vpn3000 || text.find("SEV=") == std::string::npos) continue;
      std::replace(text.begin(), text.end(), '\n', ' ');
      lines.push_back("<188>Jan  8 09:10:37 vpn.example.com " + text);
    }
  run(state, lines, true);
}
BENCHMARK(vpn3000_syslog);

void noise(benchmark::State& state) {
  run(state,
      {"Nov 25 12:39:29 gw sshd[811]: Failed password for root from 192.0.2.7 port 40022 ssh2",
       "2026-11-25T12:39:29.569753+00:00 gw kernel: [12345.678901] IN=eth0 OUT= SRC=192.0.2.7 "
       "DST=203.0.113.1 LEN=60 PROTO=TCP",
       "<86>Nov 25 12:40:01 gw CRON[4711]: pam_unix(cron:session): session opened for user root by (uid=0)"},
      false);
}
BENCHMARK(noise);

}  // namespace
}  // namespace vpnverdict::dialect

BENCHMARK_MAIN();
