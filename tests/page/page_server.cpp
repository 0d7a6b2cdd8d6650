// Serves the status page with a few verdicts on it, for page_test.py: the printed example of the chapter, whose log the program
// reads here, and the same with hostile names. Prints the port, serves until standard input ends.
#include <cstdio>
#include <string>
#include <vector>

#include "metrics/exposer.h"
#include "pipeline/explain.h"
#include "pipeline/pipeline.h"
#include "pipeline/status_page.h"
#include "pipeline/verdict_json.h"

namespace vpnverdict {
namespace {

const std::string kHostile[] = {
    "<script>document.title='owned'</script>",
    "<img src=x onerror=\"document.title='owned'\">",
    "\xe2\x80\xae" "drowssap\xe2\x81\xa6\xe2\x80\x8f",  // right-to-left override, isolate, mark
    "javascript:document.title='owned'",
    "\"' onmouseover='document.title=1' x='\xff\xfe\x01\x1b[2J",
    std::string(10'000, 'W'),
};

int serve(const std::string& folder) {
  std::vector<LogFile> files;
  std::string error;
  if (!read_log_files({folder}, files, error)) {
    std::fprintf(stderr, "%s\n", error.c_str());
    return 66;
  }
  const Explanation example = explain(files, {}, {});
  Config config;
  PipelineMetrics metrics(metrics_options(config));
  StatusBoard board(metrics.groups(), true);
  const auto tell = [&](const Verdict& verdict) {
    metrics.shard(0).count(verdict, kUntimed);
    board.add({verdict, to_json(verdict, example.sources), example.sources, verdict.started_at});
  };
  for (Verdict verdict : example.verdicts) {
    for (const std::string& name : kHostile) {
      ++verdict.id;
      verdict.group = verdict.user = verdict.client = verdict.concentrator = verdict.peer_ip = name;
      for (Evidence& evidence : verdict.evidence) evidence.text = name;
      tell(verdict);
    }
  }
  for (const Verdict& verdict : example.verdicts) tell(verdict);

  std::vector<PoolView> pools;
  const auto pool = [&](const std::string& name, std::uint32_t in_use, std::uint32_t capacity, CapacitySource source) -> PoolView& {
    PoolView& added = pools.emplace_back();
    added.concentrator = "vpn-muc-1";
    added.pool = name;
    added.in_use = in_use;
    added.capacity = capacity;
    added.source = source;
    for (std::uint32_t slot = 0; slot < 96; ++slot) added.slots.push_back(slot < 32 ? in_use / 5 : std::min(in_use, in_use / 5 + (slot - 31) * in_use / 40));
    return added;
  };
  pool("sales-pool", 62, 62, CapacitySource::inferred).refusals = 1234;
  PoolView& fills = pool("engineering", 215, 250, CapacitySource::configured);
  for (std::uint32_t i = 0; i < 24; ++i) fills.slots[72 + i] = 169 + 2 * i;  // two more every quarter of an hour
  pool("contractors", 9, 40, CapacitySource::lower_bound).by_group = true;
  pool("misconfigured", 0, 0, CapacitySource::lower_bound).refusals = 7;
  for (const std::string& name : kHostile) pool(name, 5, 50, CapacitySource::configured).concentrator = name;
  metrics.shard(0).publish(std::move(pools));

  Incident card;
  card.kind = IncidentKind::failures;
  card.dimension = Dimension::group;
  card.onset = card.told_at = card.detected_at = example.verdicts.front().started_at;
  card.affected = card.active = 12;
  card.samples.push_back({example.verdicts.front().id, "its last line"});
  for (const std::string& name : kHostile) {
    ++card.id;
    card.value = name;
    card.sentence = "Nobody of group " + name + " can connect since 07:00: it stops at step 6, group_password_mismatch.";
    card.counter_evidence = {"group " + name + " connects on other concentrators (3 clients)"};
    board.add(card);
  }
  ++card.id;
  card.open = false;
  card.closed_at = card.told_at;
  card.closed_why = "it works again for a quarter of an hour";
  board.add(card);

  const StatusPage page({config, board, metrics, [] { return Health{true, "shards assigned"}; }});
  Exposer exposer({"127.0.0.1", 0, 8, 5'000}, {[] { return std::string(); }, [] { return Health(); }, [] { return Health(); },
                                               [&](const HttpRequest& request) { return page.answer(request); }});
  if (error = exposer.start(); !error.empty()) {
    std::fprintf(stderr, "%s\n", error.c_str());
    return 74;
  }
  std::printf("%d\n", exposer.port());
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  return 0;
}

}  // namespace
}  // namespace vpnverdict

int main(int count, char** arguments) { return count == 2 ? vpnverdict::serve(arguments[1]) : 64; }
