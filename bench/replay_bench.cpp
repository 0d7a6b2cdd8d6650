// Whole lines a second: file to verdicts, the path of `replay`, on a generated fleet (NDJSON) and on the same
// messages without their envelopes. One core. Each item is one line of input. Beside it its first and its last stage with
// their rooflines: `lines` (memchr) and `verdict_json` (memcpy of what it writes; an item is a verdict).
#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>

#include "pipeline/dialect/envelope.h"
#include "pipeline/generate.h"
#include "pipeline/line_reader.h"
#include "pipeline/replay.h"
#include "pipeline/verdict_json.h"

namespace vpnverdict {
namespace {

struct Corpus {
  std::string ndjson;      // both sides in order of arrival
  std::string client;      // bare messages of each side
  std::string concentrator;
  Inventory inventory;
};

const Corpus& corpus() {
  static const Corpus kCorpus = [] {
    Corpus out;
    GenerateOptions options;
    options.attempts = 5'000;
    FleetGenerator fleet(options);
    dialect::Envelope envelope;
    GeneratedRecord record;
    while (fleet.next(&record)) {
      out.ndjson += record.value + '\n';
      std::string& bare = record.topic == kClientTopic ? out.client : out.concentrator;
      envelope.open(record.value, {}, kUntimed, [&](const dialect::Line& line) { (bare += line.text) += '\n'; },
                    [](Reject, std::string_view) {});
    }
    out.inventory = fleet.inventory();
    return out;
  }();
  return kCorpus;
}

void run(benchmark::State& state, const std::vector<std::string_view>& texts, std::size_t shards) {
  std::vector<ReplaySource> sources;
  std::size_t bytes = 0;
  for (std::string_view text : texts) {
    ReplaySource source;
    source.name = "bench";
    source.text = text;
    bytes += text.size();
    sources.push_back(source);
  }
  ReplayOptions options;
  options.shards = shards;
  const std::vector<std::string> names(sources.size(), "bench");
  std::string json;
  ReplayHooks hooks;
  hooks.verdict = [&](const Verdict& verdict) {
    json.clear();
    append_json(verdict, names, json);
    benchmark::DoNotOptimize(json.data());
  };
  std::uint64_t lines = 0;
  std::uint64_t verdicts = 0;
  for (auto _ : state) {
    const Replayed replayed = replay(sources, corpus().inventory, options, hooks);
    lines += replayed.lines.read;
    verdicts += replayed.verdicts;
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(lines));
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes) * static_cast<std::int64_t>(state.iterations()));
  state.counters["verdicts/line"] = static_cast<double>(verdicts) / static_cast<double>(lines);
}

void lines(benchmark::State& state) {
  std::int64_t read = 0;
  for (auto _ : state) {
    LineReader reader(corpus().ndjson);
    std::string_view line;
    for (; reader.next(line) != LineReader::Got::end; ++read) benchmark::DoNotOptimize(line.data());
  }
  state.SetItemsProcessed(read);
}
BENCHMARK(lines)->Unit(benchmark::kMillisecond);

void lines_memchr(benchmark::State& state) {
  std::int64_t read = 0;
  for (auto _ : state) {
    const char* at = corpus().ndjson.data();
    const char* const end = at + corpus().ndjson.size();
    for (; at != end; ++read) at = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at))) + 1;
  }
  state.SetItemsProcessed(read);
}
BENCHMARK(lines_memchr)->Unit(benchmark::kMillisecond);

const std::vector<Verdict>& verdicts() {
  static const std::vector<Verdict> kVerdicts = [] {
    std::vector<Verdict> out;
    ReplaySource source;
    source.name = "bench";
    source.text = corpus().ndjson;
    ReplayHooks hooks;
    hooks.verdict = [&](const Verdict& verdict) { out.push_back(verdict); };
    replay({source}, corpus().inventory, {}, hooks);
    return out;
  }();
  return kVerdicts;
}

void verdict_json(benchmark::State& state) {
  const std::vector<std::string> names = {"bench"};
  std::string json;
  for (auto _ : state)
    for (const Verdict& verdict : verdicts()) {
      json.clear();
      append_json(verdict, names, json);
      benchmark::DoNotOptimize(json.data());
    }
  state.SetItemsProcessed(static_cast<std::int64_t>(verdicts().size()) * state.iterations());
}
BENCHMARK(verdict_json)->Unit(benchmark::kMillisecond);

void verdict_json_memcpy(benchmark::State& state) {
  const std::vector<std::string> names = {"bench"};
  std::vector<std::string> texts;
  for (const Verdict& verdict : verdicts()) append_json(verdict, names, texts.emplace_back());
  std::vector<char> to(1 << 20);
  for (auto _ : state)
    for (const std::string& text : texts) {
      std::memcpy(to.data(), text.data(), std::min(text.size(), to.size()));
      benchmark::ClobberMemory();
    }
  state.SetItemsProcessed(static_cast<std::int64_t>(texts.size()) * state.iterations());
}
BENCHMARK(verdict_json_memcpy)->Unit(benchmark::kMillisecond);

void replay_ndjson(benchmark::State& state) { run(state, {corpus().ndjson}, static_cast<std::size_t>(state.range(0))); }
BENCHMARK(replay_ndjson)->Arg(1)->Arg(4)->Unit(benchmark::kMillisecond);

void replay_two_raw_files(benchmark::State& state) { run(state, {corpus().client, corpus().concentrator}, 1); }
BENCHMARK(replay_two_raw_files)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace vpnverdict

BENCHMARK_MAIN();
