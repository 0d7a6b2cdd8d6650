#include "pipeline/replay.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <utility>

#include "pipeline/batch.h"
#include "pipeline/dialect/time.h"
#include "pipeline/judge.h"
#include "pipeline/line_reader.h"
#include "pipeline/line_source.h"

namespace vpnverdict {
namespace {

constexpr std::size_t kBatchLines = 256;  // lines a source reads ahead while several are merged
constexpr std::uint64_t kProgressBytes = std::uint64_t{4} << 20;

std::size_t index(Reject reason) { return static_cast<std::size_t>(reason); }

// One input: lines in, events to the judge, at once or through a batch that is merged with other inputs'.
class Input {
 public:
  Input(Judge& judge, LineCounts& counts, const ReplayHooks& hooks, const ReplaySource& source,
        std::unique_ptr<LineReader> lines, std::uint32_t number, int year, Timestamp year_end,
        const dialect::DialectSet* dialects)
      : judge_(judge),
        lines_(std::move(lines)),
        source_({source.name, number, source.vantage, year, dialects, year_end}, counts, [this](const Event& event) { take(event); },
                hooks.reject) {}

  // Reads one line; false at the end, when everything held has been given out.
  bool step() {
    std::string_view text;
    const LineReader::Got got = lines_->next(text);
    if (got == LineReader::Got::end) {
      if (!ended_) source_.flush();
      ended_ = true;
      return false;
    }
    source_.feed(got, text, lines_->number());
    return true;
  }
  // Reads until an event waits; false when none will come any more.
  bool fill() {
    if (next_ == batch_.size()) {
      batch_ = EventBatch();
      next_ = 0;
      for (std::size_t read = 0; read < kBatchLines || batch_.empty(); ++read)
        if (!step()) break;
    }
    if (next_ == batch_.size()) return false;
    const Timestamp time = stream_time_of(front());
    if (time != kUntimed) key_ = time;
    return true;
  }
  void merge_with_others() { merged_ = true; }
  const Event& front() const { return batch_[next_]; }
  void pop() { ++next_; }
  Timestamp key() const { return key_; }
  const LineReader& lines() const { return *lines_; }

 private:
  void take(const Event& event) {
    if (merged_)
      batch_.push(event, kUntimed);
    else
      judge_.take(event);
  }

  Judge& judge_;
  std::unique_ptr<LineReader> lines_;
  LineSource source_;
  bool merged_ = false;
  bool ended_ = false;
  EventBatch batch_;
  std::size_t next_ = 0;
  Timestamp key_ = kUntimed;  // stream time of front(); untimed events inherit it
};

// Tells progress every few MiB.
class Progress {
 public:
  Progress(const LineCounts& counts, const ReplayHooks& hooks, const std::deque<Input>& inputs)
      : counts_(counts), hooks_(hooks), inputs_(inputs) {}
  void moved(const Input& input) {
    if (!hooks_.progress || input.lines().bytes() < told_) return;
    ReplayProgress now;
    now.lines = counts_.read;
    bool known = true;
    for (const Input& each : inputs_) {
      now.bytes += each.lines().bytes();
      now.bytes_total += each.lines().bytes_total();
      known = known && each.lines().bytes_total() != 0;
    }
    if (!known) now.bytes_total = 0;
    hooks_.progress(now);
    told_ = input.lines().bytes() + kProgressBytes;
  }

 private:
  const LineCounts& counts_;
  const ReplayHooks& hooks_;
  const std::deque<Input>& inputs_;
  std::uint64_t told_ = kProgressBytes;
};

void run_one(Input& input, Progress& progress) {
  while (input.step()) progress.moved(input);
}

// k-way merge: the input whose waiting event is oldest goes next; equal times go in the order of the inputs.
void run_merged(Judge& judge, std::deque<Input>& inputs, Progress& progress) {
  struct Waiting {
    Timestamp key;
    std::size_t input;
    bool operator<(const Waiting& other) const {  // for a heap with the oldest on top
      return key != other.key ? key > other.key : input > other.input;
    }
  };
  std::vector<Waiting> heap;
  const auto wait_for = [&](std::size_t i) {
    if (!inputs[i].fill()) return;
    heap.push_back({inputs[i].key(), i});
    std::push_heap(heap.begin(), heap.end());
  };
  for (std::size_t i = 0; i < inputs.size(); ++i) wait_for(i);
  while (!heap.empty()) {
    std::pop_heap(heap.begin(), heap.end());
    const std::size_t i = heap.back().input;
    heap.pop_back();
    judge.take(inputs[i].front());
    inputs[i].pop();
    progress.moved(inputs[i]);
    wait_for(i);
  }
}

}  // namespace

PresumedYear year_before(std::int64_t changed_at) {
  constexpr std::int64_t kDaySeconds = 86'400;
  return {dialect::year_of(changed_at * 1000), (changed_at + kDaySeconds) * 1000};
}

std::uint64_t LineCounts::events() const {
  std::uint64_t sum = 0;
  for (const PerDialect& each : by_dialect) sum += each.events;
  return sum;
}

std::uint64_t LineCounts::ignored() const {
  std::uint64_t sum = 0;
  for (const PerDialect& each : by_dialect) sum += each.ignored;
  return sum;
}

std::uint64_t LineCounts::rejected(Reject reason) const {
  std::uint64_t sum = 0;
  for (const PerDialect& each : by_dialect) sum += each.rejected[index(reason)];
  return sum;
}

std::uint64_t LineCounts::rejected() const {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < kRejectCount; ++i) sum += rejected(static_cast<Reject>(i));
  return sum;
}

Replayed replay(const std::vector<ReplaySource>& sources, const Inventory& inventory, const ReplayOptions& options,
                const ReplayHooks& hooks) {
  Replayed result;
  std::vector<std::unique_ptr<LineReader>> readers;
  std::int64_t newest = 0;
  for (const ReplaySource& source : sources) {
    if (!source.path.empty()) {
      readers.push_back(LineReader::open(source.path, result.error));
    } else {
      readers.push_back(source.newest_first ? std::make_unique<LineReader>(source.text, *source.newest_first) : std::make_unique<LineReader>(source.text));
    }
    if (!readers.back()) return result;
    if (hooks.pause)
      readers.back()->set_before_wait([&hooks] {
        hooks.pause();
        return true;
      });
    newest = std::max(newest, readers.back()->changed_at());
  }
  const auto count = [&](const Verdict& verdict) {
    ++result.verdicts;
    if (hooks.verdict) hooks.verdict(verdict);
  };
  Judge judge(inventory, options.correlator, options.shards, {count, hooks.event, hooks.incident});
  const bool presumed = options.year == 0 && newest != 0;
  const auto [year, year_end] = presumed ? year_before(newest) : PresumedYear{options.year, options.year_end};
  std::deque<Input> inputs;
  for (std::size_t i = 0; i < sources.size(); ++i)
    inputs.emplace_back(judge, result.lines, hooks, sources[i], std::move(readers[i]), static_cast<std::uint32_t>(i), year,
                        year_end, options.dialects);
  Progress progress(result.lines, hooks, inputs);
  if (inputs.size() == 1) {
    run_one(inputs.front(), progress);
  } else {
    for (Input& input : inputs) input.merge_with_others();
    run_merged(judge, inputs, progress);
  }
  judge.finish();
  result.shard = judge.counts();
  result.pools = judge.pools();
  for (std::size_t i = 0; i < inputs.size(); ++i)
    if (const std::string& error = inputs[i].lines().error(); !error.empty() && result.error.empty())
      result.error = sources[i].name + ": " + error;
  return result;
}

std::vector<ReplaySource> sources_of(const std::vector<std::string>& paths) {
  std::vector<ReplaySource> sources;
  for (const std::string& path : paths) {
    ReplaySource source;
    source.name = path == "-" ? "stdin" : path;
    source.path = path;
    sources.push_back(std::move(source));
  }
  return sources;
}

}  // namespace vpnverdict
