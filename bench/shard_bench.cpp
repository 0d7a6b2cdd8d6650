// What the correlator costs. `shard_fold`: the events of a generated fleet, read beforehand, into one Shard; one item is one
// event. `open_attempts/N`: N attempts are open and each hears of its next step in turn; one item is one event, and the heap
// that N took is told per attempt, with and without the texts of its two lines. `pool_ledger`: what of `shard_fold` the pools' ledger takes, over the same events; `leases/N`: N
// addresses are out, one item is one that is given back and given again; the heap that N took is told per lease. `hash_probe/N` is the roofline beside it: the four look-ups by key that a line needs at least.
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <absl/container/flat_hash_map.h>
#include <benchmark/benchmark.h>

#include "bench/kept_events.h"
#include "bench/open_attempts.h"
#include "correlator/pool_book.h"
#include "correlator/shard.h"
#include "pipeline/generate.h"

namespace vpnverdict {
namespace {

struct Fleet {
  KeptEvents events;
  Inventory inventory;
};

const Fleet& fleet() {
  static const Fleet kFleet = [] {
    Fleet out;
    GenerateOptions options;
    options.attempts = 5'000;
    FleetGenerator generator(options);
    std::string ndjson;
    GeneratedRecord record;
    while (generator.next(&record)) ndjson += record.value + '\n';
    out.inventory = generator.inventory();
    out.events = events_of(ndjson, out.inventory);
    return out;
  }();
  return kFleet;
}

void shard_fold(benchmark::State& state) {
  const std::vector<Event>& events = fleet().events.all();
  std::uint64_t verdicts = 0;
  for (auto _ : state) {
    Shard shard(fleet().inventory, {});
    std::vector<Verdict> out;
    for (std::size_t i = 0; i < events.size(); ++i) {
      shard.on_event(events[i], out);
      if (i % 256 == 255) shard.advance_to(events[i].received, out);
      verdicts += out.size();
      out.clear();
    }
    shard.finish(out);
    verdicts += out.size();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(events.size()) * state.iterations());
  state.counters["verdicts/event"] = static_cast<double>(verdicts) / static_cast<double>(events.size() * state.iterations());
}
BENCHMARK(shard_fold)->Unit(benchmark::kMillisecond);

const std::vector<LedgerLine>& pool_lines() {
  static const std::vector<LedgerLine> kLines = pool_lines_of(fleet().events.all());
  return kLines;
}

void pool_ledger(benchmark::State& state) {
  const auto& lines = pool_lines();
  std::uint64_t given = 0;
  for (auto _ : state) {
    PoolBook book;
    BootWatches boots(lines);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      tell(book, fleet().inventory, lines[i], boots[i]);
      if (i % 256 == 255) book.settle(lines[i].line.time);
    }
    std::vector<PoolView> views;
    book.views(fleet().inventory, views);
    for (const PoolView& view : views) given += view.assignments;
  }
  const std::size_t events = fleet().events.all().size();
  state.SetItemsProcessed(static_cast<std::int64_t>(events) * state.iterations());  // of all, as in shard_fold
  state.counters["given/event"] = static_cast<double>(given) / static_cast<double>(events * state.iterations());
}
BENCHMARK(pool_ledger)->Unit(benchmark::kMillisecond);

void leases(benchmark::State& state) {
  const auto addresses = static_cast<std::size_t>(state.range(0));
  const Inventory inventory;
  PoolBook book;
  std::vector<std::string> names;
  for (std::size_t n = 0; n < addresses; ++n) names.push_back("10.1." + std::to_string(n / 250) + '.' + std::to_string(n % 250));
  Timestamp now = 1'700'000'000'000;
  const auto line = [&](std::size_t n, Fact says, std::uint64_t session) {
    book.take(inventory, PoolLine{++now, says, "vpn1", "pool", "sales", names[n], names[n], names[n], session});
  };
  const std::size_t before = heap();
  for (std::size_t n = 0; n < addresses; ++n) line(n, Fact::concentrator_address_assigned, n + 1);
  const std::size_t after = heap();
  std::size_t n = 0;
  std::uint64_t session = addresses;
  for (auto _ : state) {
    line(n, Fact::concentrator_address_released, n + 1);
    line(n, Fact::concentrator_address_assigned, ++session);
    n = (n + 7919) % addresses;
  }
  state.SetItemsProcessed(state.iterations());
  state.counters["bytes/lease"] = static_cast<double>(after - before) / static_cast<double>(addresses);
}
BENCHMARK(leases)->RangeMultiplier(10)->Range(100, 50'000);

void open_attempts(benchmark::State& state) {
  const auto attempts = static_cast<std::size_t>(state.range(0));
  const Inventory inventory;
  Shard shard(inventory, {});
  std::vector<Verdict> out;
  const std::vector<int> steps = {0, 1};
  const std::size_t before = heap();
  open_attempts(shard, attempts, 1, 1, steps, out);
  const double bytes = static_cast<double>(heap() - before) / static_cast<double>(attempts);
  std::size_t n = 0;
  for (auto _ : state) {
    shard.on_event(AttemptLine(n, 1, 1, 2).event, out);  // late, so that it is read at once
    n = (n + 7919) % attempts;
  }
  benchmark::DoNotOptimize(out.data());
  state.SetItemsProcessed(state.iterations());
  state.counters["bytes/attempt"] = bytes;
  state.counters["without_texts"] = bytes - evidence_bytes(attempts, steps);
}
BENCHMARK(open_attempts)->RangeMultiplier(10)->Range(1'000, 1'000'000);

void hash_probe(benchmark::State& state) {
  const auto keys = static_cast<std::size_t>(state.range(0));
  std::mt19937_64 random(7);
  absl::flat_hash_map<std::uint64_t, std::uint64_t> table;
  std::vector<std::uint64_t> order;
  for (std::size_t i = 0; i < keys; ++i) table[order.emplace_back(random())] = i;
  std::size_t n = 0;
  std::uint64_t sum = 0;
  for (auto _ : state) {
    for (int i = 0; i < 4; ++i) {
      sum += table.find(order[n])->second;
      n = (n + 7919) % keys;
    }
  }
  benchmark::DoNotOptimize(sum);
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(hash_probe)->RangeMultiplier(10)->Range(1'000, 1'000'000);

}  // namespace
}  // namespace vpnverdict

BENCHMARK_MAIN();
