// Recognising, joining and matching lines: the corpus is every row's sample, so it cannot fall behind the
// tables.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "pipeline/dialect/dialect.h"
#include "pipeline/dialect/dialect_set.h"
#include "pipeline/dialect/user_dialect.h"

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
  state.counters["ns/line"] =
      benchmark::Counter(static_cast<double>(fed) * 1e-9, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
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
std::vector<std::string> vpn3000_lines() {
  std::vector<std::string> lines;
  for (const CompiledTable& compiled : builtin_dialects().tables())
    for (const MessageRow& row : compiled.table->rows) {
      std::string text(row.sample);
      if (compiled.table->id != Dialect::vpn3000 || text.find("SEV=") == std::string::npos) continue;
      std::replace(text.begin(), text.end(), '\n', ' ');
      lines.push_back("<188>Jan  8 09:10:37 vpn.example.com " + text);
    }
  return lines;
}
void vpn3000_syslog(benchmark::State& state) { run(state, vpn3000_lines(), true); }
BENCHMARK(vpn3000_syslog);

// The roofline beside it: the mark found and the line read once, eight bytes at a time.
void vpn3000_mark_only(benchmark::State& state) {
  const std::vector<std::string> lines = vpn3000_lines();
  std::uint64_t sum = 0;
  for (auto _ : state)
    for (const std::string& line : lines) {
      sum += line.find("SEV=");
      std::uint64_t word = 0;
      for (std::size_t i = 0; i + 8 <= line.size(); i += 8) {
        std::memcpy(&word, line.data() + i, 8);
        sum += word;
      }
      benchmark::DoNotOptimize(sum);
    }
  const auto fed = static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(lines.size());
  state.SetItemsProcessed(fed);
}
BENCHMARK(vpn3000_mark_only);

void noise(benchmark::State& state) {
  run(state,
      {"Nov 25 12:39:29 gw sshd[811]: Failed password for root from 192.0.2.7 port 40022 ssh2",
       "2026-11-25T12:39:29.569753+00:00 gw kernel: [12345.678901] IN=eth0 OUT= SRC=192.0.2.7 "
       "DST=203.0.113.1 LEN=60 PROTO=TCP",
       "<86>Nov 25 12:40:01 gw CRON[4711]: pam_unix(cron:session): session opened for user root by (uid=0)"},
      false);
}
BENCHMARK(noise);

// ---- two sets side by side, turn by turn, so that whatever else the machine does hits both alike

double nanoseconds_of(Reader& reader, const std::vector<std::string>& lines, Nothing& sink) {
  const auto begin = std::chrono::steady_clock::now();
  for (const std::string& text : lines) {
    Line line;
    line.text = text;
    line.complete = true;
    reader.feed(line, sink);
  }
  return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin).count();
}

struct Side {
  const DialectSet& set;
  std::vector<std::string> lines;
};

// The counters are `first` and `second` in ns/line and their ratio; the median of the turns.
void compare(benchmark::State& state, const Side& first, const Side& second, const char* names[2]) {
  Reader readers[2] = {Reader(first.set), Reader(second.set)};
  const std::vector<std::string>* lines[2] = {&first.lines, &second.lines};
  Nothing sinks[2];
  std::vector<double> times[2];
  std::size_t turn = 0;
  for (auto _ : state) {
    for (std::size_t k = 0; k < 2; ++k) {
      const std::size_t side = (turn + k) % 2;
      times[side].push_back(nanoseconds_of(readers[side], *lines[side], sinks[side]));
    }
    ++turn;
  }
  if (sinks[0].facts != sinks[1].facts) state.SkipWithError("the two do not read alike");
  double median[2];
  for (std::size_t side = 0; side < 2; ++side) {
    std::nth_element(times[side].begin(), times[side].begin() + times[side].size() / 2, times[side].end());
    median[side] = times[side][times[side].size() / 2] / static_cast<double>(lines[side]->size());
    state.counters[names[side]] = median[side];
  }
  state.counters["ratio"] = median[1] / median[0];
}

// A user's dialect beside the built-in one with the same rows and like headers: the rows whose sample is header and text,
// with nothing that only the built-in dialect's own code can read.
struct Twin {
  std::unique_ptr<UserDialects> dialects;
  std::vector<std::string> built_in, users;
};
// Puts header and text together; an empty line leaves the row out.
using Compose = std::string (*)(std::string_view sample, std::string_view text, bool users);

Twin twin_of(Dialect id, const char* program, const char* header, Compose compose) {
  UserDialectText dialect;
  dialect.name = "twin";
  dialect.program = program;
  if (*header != 0) dialect.headers.emplace_back(header);
  Twin twin;
  for (const CompiledTable& compiled : builtin_dialects().tables()) {
    if (compiled.table->id != id) continue;
    dialect.side = compiled.table->vantage;
    for (const MessageRow& row : compiled.table->rows) {
      SourceState source;
      Event event;
      std::string_view text;
      if (row.sample.find('\n') != std::string_view::npos) continue;
      if (compiled.table->cut_header(row.sample, source, event, text) != HeaderResult::cut) text = row.sample;
      text = trimmed(text);
      const std::string line = compose(row.sample, text, false);
      if (line.empty() || compiled.index.find(text, event).row != &row) continue;
      Reader reader;
      Nothing sink;
      Line whole;
      whole.text = line;
      whole.complete = true;
      reader.feed(whole, sink);
      if ((sink.facts == 0) != row.says.empty()) continue;
      dialect.rows.emplace_back();
      dialect.rows.back().says = row.says;
      dialect.rows.back().pattern = row.pattern;
      twin.built_in.push_back(line);
      twin.users.push_back(compose(row.sample, text, true));
    }
  }
  std::vector<std::unique_ptr<UserDialect>> dialects;
  dialects.push_back(std::make_unique<UserDialect>(std::move(dialect)));
  twin.dialects = std::make_unique<UserDialects>(std::move(dialects));
  return twin;
}

void compare_twin(benchmark::State& state, const Twin& twin) {
  const char* names[2] = {"built_in", "yaml"};
  state.SetLabel(std::to_string(twin.users.size()) + " rows");
  compare(state, {builtin_dialects(), twin.built_in}, {twin.dialects->set(), twin.users}, names);
}

void user_dialect_asa(benchmark::State& state) {
  compare_twin(
      state, twin_of(Dialect::asa, "", "%GATE-{int}-{message}: ", [](std::string_view sample, std::string_view text, bool users) {
        const std::size_t mark = sample.find("%ASA-");
        constexpr std::size_t kMark = 5, kHeader = 15;  // "%ASA-6-113039: "
        if (mark == std::string_view::npos || sample.substr(std::min(mark + kHeader, sample.size())) != text)
          return std::string();
        return std::string("<166>Jun 22 2022 13:29:11 gw : ") + (users ? "%GATE-" : "%ASA-") +
               std::string(sample.substr(mark + kMark));
      }));
}
BENCHMARK(user_dialect_asa);

void user_dialect_vpnc_bare(benchmark::State& state) {
  compare_twin(state, twin_of(Dialect::vpnc, "", "gate: ", [](std::string_view, std::string_view text, bool users) {
                 return (users ? "gate: " : "vpnc: ") + std::string(text);
               }));
}
BENCHMARK(user_dialect_vpnc_bare);

void user_dialect_vpnc_syslog(benchmark::State& state) {
  compare_twin(state, twin_of(Dialect::vpnc, "gate", "", [](std::string_view, std::string_view text, bool users) {
                 return std::string("Nov 25 12:56:41 pc ") + (users ? "gate[77]: " : "vpnc[77]: ") + std::string(text);
               }));
}
BENCHMARK(user_dialect_vpnc_syslog);

// ---- what further dialects cost those that were there before

const DialectSet& first_three() {
  static const std::vector<const DialectTable*> kTables = [] {
    std::vector<const DialectTable*> tables;
    for (const DialectTable* table : all_dialects())
      if (table->id == Dialect::vpn3000 || table->id == Dialect::cisco_vpn_client || table->id == Dialect::vpnc)
        tables.push_back(table);
    return tables;
  }();
  static const DialectSet kSet(kTables);
  return kSet;
}

const char* kSets[2] = {"three", "all"};  // dialects

void more_dialects_vpn3000(benchmark::State& state) {
  compare(state, {first_three(), vpn3000_lines()}, {builtin_dialects(), vpn3000_lines()}, kSets);
}
BENCHMARK(more_dialects_vpn3000);

// One source that relays both sides in turn: no line is of the dialect of the line before.
void more_dialects_mixed(benchmark::State& state) {
  std::vector<std::string> client;
  for (std::string& line : lines_of([](Dialect d) { return d == Dialect::cisco_vpn_client; }))
    if (line.find("Sev=") != std::string::npos) client.push_back(std::move(line));
  const std::vector<std::string> concentrator = vpn3000_lines();
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < client.size() && i < concentrator.size(); ++i) {
    lines.push_back(concentrator[i]);
    lines.push_back(client[i]);
  }
  compare(state, {first_three(), lines}, {builtin_dialects(), lines}, kSets);
}
BENCHMARK(more_dialects_mixed);

}  // namespace
}  // namespace vpnverdict::dialect

BENCHMARK_MAIN();
