// What the correlator costs, as whole runs that bench/parts and bench/guard start:
//   shard_costs fold LINES INVENTORY        the events of a file, read beforehand, into one Shard: fold_events() alone is counted
//   shard_costs features LINES INVENTORY    the same, and in turns with it the pools' ledger and the incidents, each alone
//   shard_costs open ATTEMPTS GROUPS BOXES  so many attempts open at once, each with three lines: time, heap, saved state. A shard holds a million
//   shard_costs leases ADDRESSES            so many addresses given out: heap
// Answers are one line of JSON. Times are CPU times of the process.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <deque>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "bench/kept_events.h"
#include "bench/open_attempts.h"
#include "correlator/incident.h"
#include "correlator/limits.h"
#include "correlator/pool_book.h"
#include "correlator/shard.h"
#include "pipeline/config.h"

namespace vpnverdict {

// Named for callgrind's --toggle-collect.
extern "C" __attribute__((noinline)) std::size_t fold_events(Shard& shard, const std::vector<Event>& events) {
  std::vector<Verdict> out;
  std::size_t told = 0;
  for (std::size_t i = 0; i < events.size(); ++i) {
    shard.on_event(events[i], out);
    if (i % 256 == 255) shard.advance_to(events[i].received, out);
    told += out.size();
    out.clear();
    shard.take_signs();
  }
  shard.finish(out);
  return told + out.size();
}

namespace {

double cpu_seconds() {
  std::timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

template <class Work>
double cpu_seconds_of(Work&& work) {
  const double before = cpu_seconds();
  work();
  return cpu_seconds() - before;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

std::string text_of(const char* path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

int fold(const char* lines, const Inventory& inventory) {
  const std::string text = text_of(lines);
  const KeptEvents events = events_of(text, inventory);
  Shard shard(inventory, {});
  const std::size_t verdicts = fold_events(shard, events.all());
  std::printf("{\"events\": %zu, \"verdicts\": %zu}\n", events.all().size(), verdicts);
  return 0;
}

// What a shard has read of an event when its ledger gets it.
std::size_t touched(const Event& event, const PoolLine& line) {
  std::size_t sum = event.repeats + line.session;
  for (const std::string_view text : {event.device, event.message, line.device, line.pool, line.group, line.user, line.peer, line.address})
    if (!text.empty()) sum += static_cast<unsigned char>(text.front()) + static_cast<unsigned char>(text.back());
  return sum;
}

// CPU seconds of the ledger. It gets what the shard would give it: what an attempt learned before goes with each of its lines, and the
// events of a block have been read, so that nobody waits for their memory.
double ledger(const Inventory& inventory, const std::vector<LedgerLine>& lines, std::size_t& sum) {
  constexpr std::size_t kBlock = 256;
  PoolBook book;
  BootWatches boots(lines);
  double seconds = 0;
  for (std::size_t begin = 0; begin < lines.size(); begin += kBlock) {
    const std::size_t end = std::min(lines.size(), begin + kBlock);
    for (std::size_t i = begin; i < end; ++i) sum += touched(*lines[i].event, lines[i].line);
    seconds += cpu_seconds_of([&] {
      for (std::size_t i = begin; i < end; ++i) tell(book, inventory, lines[i], boots[i]);
      book.settle(lines[end - 1].line.time);
    });
  }
  return seconds;
}

struct Told {
  std::vector<Sign> signs;
  Timestamp until = kUntimed;
};

std::vector<Told> signs_of(const Inventory& inventory, const std::vector<Event>& events) {
  Shard shard(inventory, {});
  std::vector<Verdict> out;
  std::vector<Told> told;
  for (std::size_t i = 0; i < events.size(); ++i) {
    shard.on_event(events[i], out);
    if (i % 256 != 255) continue;
    shard.advance_to(events[i].received, out);
    told.push_back({shard.take_signs(), shard.signs_told_until()});
    out.clear();
  }
  return told;
}

// It is given the signs, as by those who read them.
void incidents(const Inventory& inventory, std::vector<Told> told) {
  IncidentTracker tracker(&inventory);
  std::vector<Incident> cards;
  for (Told& each : told) {
    for (Sign& sign : each.signs) tracker.take(std::move(sign));
    tracker.advance_to(each.until, cards);
  }
}

struct Tracked {
  std::size_t attempts = 0;
  std::size_t bytes = 0;  // of heap, the signs' own included
};

// When there are most of them: what is left at the end of the log has the memory of all.
Tracked most_tracked(const Inventory& inventory, const std::vector<Told>& told) {
  const std::size_t empty = heap();
  IncidentTracker tracker(&inventory);
  std::vector<Incident> cards;
  Tracked most;
  for (const Told& each : told) {
    for (const Sign& sign : each.signs) tracker.take(Sign(sign));
    tracker.advance_to(each.until, cards);
    if (tracker.counts().tracked > most.attempts) most = {tracker.counts().tracked, heap() - empty};
  }
  return most;
}

int features(const char* lines, const Inventory& inventory) {
  const std::string text = text_of(lines);
  const KeptEvents events = events_of(text, inventory);
  const auto pool_lines = pool_lines_of(events.all());
  const std::vector<Told> told = signs_of(inventory, events.all());
  std::vector<double> folds, ledgers, trackers;
  std::size_t sum = 0;
  for (int turn = 0; turn < 5; ++turn) {
    folds.push_back(cpu_seconds_of([&] {
      Shard shard(inventory, {});
      fold_events(shard, events.all());
    }));
    ledgers.push_back(ledger(inventory, pool_lines, sum));
    std::vector<Told> given = told;
    trackers.push_back(cpu_seconds_of([&] { incidents(inventory, std::move(given)); }));
  }
  if (sum == 1) return 1;  // so that it is read
  const Tracked most = most_tracked(inventory, told);
  const double per_event = 1e9 / static_cast<double>(events.all().size());
  std::printf("{\"events\": %zu, \"fold_ns\": %.1f, \"ledger_ns\": %.1f, \"incidents_ns\": %.1f, \"tracked\": %zu, \"bytes_tracked\": %.1f}\n", events.all().size(),
              median(folds) * per_event, median(ledgers) * per_event, median(trackers) * per_event, most.attempts,
              static_cast<double>(most.bytes) / static_cast<double>(std::max<std::size_t>(1, most.attempts)));
  return 0;
}

int open(std::size_t attempts, std::size_t groups, std::size_t boxes) {
  const Inventory inventory = inventory_of(boxes);
  const std::size_t shards_needed = (attempts + kOpenHalvesMax - 1) / kOpenHalvesMax;
  const std::size_t each = attempts / shards_needed;
  std::deque<Shard> shards;
  std::vector<Verdict> out;
  const std::size_t empty = heap();
  const std::vector<int> steps = {0, 1};
  const double begun = cpu_seconds_of([&] {
    for (std::size_t i = 0; i < shards_needed; ++i) open_attempts(shards.emplace_back(inventory, CorrelatorOptions{}), each, groups, boxes, steps, out);
  });
  const std::size_t full = heap();
  // Some hear of their next step, late, so that it is read at once: nothing but the look-ups and what it adds.
  const std::size_t asked = std::min<std::size_t>(each, 200'000 / shards_needed);
  const double told = cpu_seconds_of([&] {
    for (Shard& shard : shards) next_lines(shard, each, groups, boxes, asked, out);
  });
  std::size_t open = 0, saved_bytes = 0;
  double saving = 0, restoring = 0;
  for (Shard& shard : shards) {
    std::string saved;
    saving += cpu_seconds_of([&] { saved = shard.save(); });
    Shard successor(inventory, {});
    bool restored = false;
    restoring += cpu_seconds_of([&] { restored = successor.restore(saved); });
    if (!restored || successor.counts().attempts_open != shard.counts().attempts_open) return 1;
    open += static_cast<std::size_t>(shard.counts().attempts_open);
    saved_bytes += saved.size();
  }
  std::printf("{\"open\": %zu, \"shards\": %zu, \"open_ns\": %.1f, \"event_ns\": %.1f, \"bytes\": %.1f, \"text_bytes\": %.1f, \"saved_bytes\": %zu, \"save_ms\": %.1f, \"restore_ms\": %.1f}\n",
              open, shards_needed, begun * 1e9 / static_cast<double>(2 * attempts), told * 1e9 / static_cast<double>(asked * shards_needed),
              static_cast<double>(full - empty) / static_cast<double>(attempts), evidence_bytes(attempts, steps), saved_bytes, saving * 1e3, restoring * 1e3);
  return 0;
}

int leases(std::size_t addresses) {
  const Inventory inventory;
  PoolBook book;
  const std::size_t empty = heap();
  for (std::size_t n = 0; n < addresses; ++n) {
    const std::string name = address_of(n);
    book.take(inventory, PoolLine{1'700'000'000'000 + static_cast<Timestamp>(n), Fact::concentrator_address_assigned, "vpn1", "pool", "sales", name, name, name, n + 1});
  }
  std::printf("{\"bytes\": %.1f}\n", static_cast<double>(heap() - empty) / static_cast<double>(addresses));
  return 0;
}

}  // namespace

int run(const std::vector<std::string_view>& words) {
  const auto number = [&](std::size_t i) { return static_cast<std::size_t>(std::strtoull(words[i].data(), nullptr, 10)); };
  if (words.size() == 5 && words[1] == "open") return open(number(2), number(3), number(4));
  if (words.size() == 3 && words[1] == "leases") return leases(number(2));
  if (words.size() != 4) return 2;
  const InventoryResult inventory = load_inventory(std::string(words[3]));
  if (!inventory.inventory) return 2;
  if (words[1] == "fold") return fold(words[2].data(), *inventory.inventory);
  return words[1] == "features" ? features(words[2].data(), *inventory.inventory) : 2;
}

}  // namespace vpnverdict

int main(int argc, char** argv) {
  const int code = vpnverdict::run({argv, argv + argc});
  if (code == 2) std::fputs("usage: shard_costs fold|features LINES INVENTORY | open ATTEMPTS GROUPS BOXES | leases ADDRESSES\n", stderr);
  return code;
}
