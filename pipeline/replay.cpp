#include "pipeline/replay.h"

#include "correlator/gateway_memory.h"

#include <algorithm>
#include <ctime>
#include <deque>
#include <list>
#include <numeric>
#include <unordered_map>

#include "correlator/limits.h"
#include "pipeline/dialect/dialect.h"
#include "pipeline/dialect/envelope.h"
#include "pipeline/line_reader.h"

namespace vpnverdict {
namespace {

constexpr std::size_t kReadersPerSourceMax = 1024;  // hosts in one file; the one unheard for longest is closed
constexpr std::size_t kBatchLines = 256;            // lines a source reads ahead while several are merged
constexpr std::uint64_t kProgressBytes = std::uint64_t{4} << 20;
constexpr Timestamp kTickMs = 1000;                 // stream time is told to the shards in steps of this
constexpr Timestamp kJumpMs = 10LL * 60 * 1000;     // a stamp further ahead must be confirmed by others
constexpr int kJumpWitnesses = 8;

std::size_t index(Dialect dialect) { return static_cast<std::size_t>(dialect); }
std::size_t index(Reject reason) { return static_cast<std::size_t>(reason); }

// Events that wait for their turn, with copies of the bytes they point to.
class EventBatch {
 public:
  void push(const Event& event) {
    events_.push_back(event);
    Event& kept = events_.back();
    for (std::string_view Event::*field : kFields) kept.*field = keep(event.*field);
  }
  bool empty() const { return next_ == events_.size(); }
  const Event& front() const { return events_[next_]; }
  void pop() {
    if (++next_ < events_.size()) return;
    events_.clear();
    next_ = 0;
    block_ = 0;
    used_ = 0;
  }

 private:
  static constexpr std::string_view Event::*kFields[] = {&Event::device, &Event::peer,    &Event::gateway,
                                                         &Event::group,  &Event::user,    &Event::address,
                                                         &Event::pool,   &Event::server,  &Event::message,
                                                         &Event::text};
  static constexpr std::size_t kBlockBytes = std::size_t{256} << 10;
  static_assert(kBlockBytes > kMessageBytesMax + kLineBytesMax);

  std::string_view keep(std::string_view bytes) {
    if (bytes.empty()) return {};
    bytes = bytes.substr(0, kBlockBytes);
    if (blocks_.empty()) blocks_.emplace_back(new char[kBlockBytes]);
    if (used_ + bytes.size() > kBlockBytes) {
      used_ = 0;
      if (++block_ == blocks_.size()) blocks_.emplace_back(new char[kBlockBytes]);
    }
    char* at = blocks_[block_].get() + used_;
    std::copy(bytes.begin(), bytes.end(), at);
    used_ += bytes.size();
    return {at, bytes.size()};
  }

  std::vector<Event> events_;
  std::size_t next_ = 0;
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::size_t block_ = 0;
  std::size_t used_ = 0;
};

// Stream time: the newest stamp, except that one line from the far future does not end every open attempt.
class StreamClock {
 public:
  // True when the time moved by a tick or more.
  bool observe(Timestamp time) {
    if (time == kUntimed) return false;
    if (now_ == kUntimed || (time > now_ && time - now_ <= kJumpMs)) {
      jump_witnesses_ = 0;
      now_ = std::max(now_, time);
    } else if (time > now_) {
      jump_to_ = jump_witnesses_ == 0 ? time : std::min(jump_to_, time);
      if (++jump_witnesses_ < kJumpWitnesses) return false;
      now_ = jump_to_;
      jump_witnesses_ = 0;
    } else {
      jump_witnesses_ = 0;
    }
    if (told_ != kUntimed && now_ - told_ < kTickMs) return false;
    told_ = now_;
    return true;
  }
  Timestamp now() const { return now_; }

 private:
  Timestamp now_ = kUntimed;
  Timestamp told_ = kUntimed;
  Timestamp jump_to_ = kUntimed;
  int jump_witnesses_ = 0;
};

// One Reader per host that writes into a source, at most kReadersPerSourceMax.
class Readers {
 public:
  Readers(std::optional<Vantage> vantage, int year) : vantage_(vantage), year_(year) {}

  dialect::Reader& of(std::string_view host, dialect::MessageSink& sink) {
    if (!order_.empty() && order_.front().host == host) return order_.front().reader;
    if (const auto found = by_host_.find(host); found != by_host_.end()) {
      order_.splice(order_.begin(), order_, found->second);
      return order_.front().reader;
    }
    if (order_.size() == kReadersPerSourceMax) {
      order_.back().reader.flush(sink);
      by_host_.erase(order_.back().host);
      order_.pop_back();
    }
    order_.emplace_front(std::string(host));
    by_host_.emplace(order_.front().host, order_.begin());
    dialect::Reader& reader = order_.front().reader;
    if (vantage_) reader.set_vantage(*vantage_);
    reader.set_year(year_);
    return reader;
  }
  void flush(dialect::MessageSink& sink) {
    for (Entry& entry : order_) entry.reader.flush(sink);
  }

 private:
  struct Entry {
    explicit Entry(std::string name) : host(std::move(name)) {}
    std::string host;
    dialect::Reader reader;
  };
  std::optional<Vantage> vantage_;
  int year_;
  std::list<Entry> order_;  // most recently heard first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> by_host_;  // keys live in order_
};

class Run;

// One source: lines in, events to the run, at once or through a batch that is merged with other sources'.
class Source final : public dialect::MessageSink {
 public:
  Source(Run& run, const ReplaySource& source, std::unique_ptr<LineReader> lines, std::uint32_t number, int year)
      : run_(run), name_(source.name), lines_(std::move(lines)), number_(number), readers_(source.vantage, year) {}

  // Reads one line; false at the end, when everything held has been given out.
  bool step();
  // Reads until an event waits; false when none will come any more.
  bool fill();
  void merge_with_others() { merged_ = true; }
  const Event& front() const { return batch_.front(); }
  void pop() { batch_.pop(); }
  Timestamp key() const { return key_; }
  const LineReader& lines() const { return *lines_; }

  void on_event(const Event& event, std::uint32_t lines) override;
  void on_ignored(const Event& event, std::uint32_t lines) override;
  void on_reject(Reject reason, Dialect dialect, std::string_view text, SourceRef ref, std::uint32_t lines) override;

 private:
  void take(const Event& event);

  Run& run_;
  std::string name_;
  std::unique_ptr<LineReader> lines_;
  std::uint32_t number_;
  Readers readers_;
  dialect::Envelope envelope_;
  bool merged_ = false;
  bool ended_ = false;
  EventBatch batch_;
  Timestamp key_ = kUntimed;  // stream time of front(); untimed events inherit it
};

class Run {
 public:
  Run(const Inventory& inventory, const ReplayOptions& options, const ReplayHooks& hooks)
      : inventory_(inventory), hooks_(hooks), gateways_(inventory) {
    for (std::size_t i = 0; i < std::max<std::size_t>(1, options.shards); ++i)
      shards_.emplace_back(inventory, options.correlator);
  }

  void deliver(Event event) {
    gateways_.complete(event);
    if (hooks_.event) hooks_.event(event);
    const std::size_t shard = shards_.size() == 1 ? 0 : shard_of(inventory_, event, shards_.size());
    if (clock_.observe(stream_time_of(event)))
      for (Shard& each : shards_) each.advance_to(clock_.now(), verdicts_);
    shards_[shard].on_event(event, verdicts_);
    if (!verdicts_.empty()) tell();
  }
  void finish() {
    for (Shard& shard : shards_) shard.finish(verdicts_);
    tell();
    for (const Shard& shard : shards_) add(shard.counts());
  }

  const ReplayHooks& hooks() const { return hooks_; }
  Replayed result;

 private:
  void tell() {
    result.verdicts += verdicts_.size();
    if (hooks_.verdict)
      for (const Verdict& verdict : verdicts_) hooks_.verdict(verdict);
    verdicts_.clear();
  }
  void add(const ShardCounts& counts) {
    ShardCounts& sum = result.shard;
    for (std::uint64_t ShardCounts::*field :
         {&ShardCounts::events, &ShardCounts::duplicates, &ShardCounts::late, &ShardCounts::attempts_opened,
          &ShardCounts::attempts_final, &ShardCounts::attempts_joined, &ShardCounts::attempts_open,
          &ShardCounts::revisions, &ShardCounts::evidence_dropped, &ShardCounts::evicted})
      sum.*field += counts.*field;
  }

  const Inventory& inventory_;
  const ReplayHooks& hooks_;
  GatewayMemory gateways_;
  std::vector<Shard> shards_;
  StreamClock clock_;
  std::vector<Verdict> verdicts_;
};

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t\f\v") == std::string_view::npos; }

bool Source::step() {
  std::string_view text;
  const LineReader::Got got = lines_->next(text);
  if (got == LineReader::Got::end) {
    if (!ended_) readers_.flush(*this);
    ended_ = true;
    return false;
  }
  LineCounts& counts = run_.result.lines;
  const SourceRef ref{number_, lines_->number()};
  const auto reject = [&](Reject reason, std::string_view what) {
    ++counts.read;
    on_reject(reason, Dialect::unknown, what, ref, 1);
  };
  if (lines_->number() == 1 && text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (got == LineReader::Got::too_long) {
    reject(Reject::too_long, text);
  } else if (is_blank(text)) {
    ++counts.read;
    ++counts.by_dialect[index(Dialect::unknown)].ignored;
  } else {
    const auto feed = [&](const dialect::Line& line) {
      ++counts.read;
      readers_.of(line.host, *this).feed(line, *this);
    };
    envelope_.open(text, ref, kUntimed, feed, reject);
  }
  return true;
}

bool Source::fill() {
  for (std::size_t read = 0; read < kBatchLines || batch_.empty(); ++read)
    if (!step()) break;
  if (batch_.empty()) return false;
  const Timestamp time = stream_time_of(batch_.front());
  if (time != kUntimed) key_ = time;
  return true;
}

void Source::take(const Event& event) {
  if (merged_)
    batch_.push(event);
  else
    run_.deliver(event);
}

void Source::on_event(const Event& event, std::uint32_t lines) {
  run_.result.lines.by_dialect[index(event.dialect)].events += lines;
  take(event);
}

void Source::on_ignored(const Event& event, std::uint32_t lines) {
  run_.result.lines.by_dialect[index(event.dialect)].ignored += lines;
  take(event);
}

void Source::on_reject(Reject reason, Dialect dialect, std::string_view text, SourceRef ref, std::uint32_t lines) {
  run_.result.lines.by_dialect[index(dialect)].rejected[index(reason)] += lines;
  if (run_.hooks().reject) run_.hooks().reject({reason, dialect, name_, ref.position, text});
}

// Tells progress every few MiB.
class Progress {
 public:
  Progress(const Run& run, const std::deque<Source>& sources) : run_(run), sources_(sources) {}
  void moved(const Source& source) {
    if (!run_.hooks().progress || source.lines().bytes() < told_) return;
    ReplayProgress now;
    now.lines = run_.result.lines.read;
    bool known = true;
    for (const Source& each : sources_) {
      now.bytes += each.lines().bytes();
      now.bytes_total += each.lines().bytes_total();
      known = known && each.lines().bytes_total() != 0;
    }
    if (!known) now.bytes_total = 0;
    run_.hooks().progress(now);
    told_ = source.lines().bytes() + kProgressBytes;
  }

 private:
  const Run& run_;
  const std::deque<Source>& sources_;
  std::uint64_t told_ = kProgressBytes;
};

void run_one(Source& source, Progress& progress) {
  while (source.step()) progress.moved(source);
}

// k-way merge: the source whose waiting event is oldest goes next; equal times go in the order of the sources.
void run_merged(Run& run, std::deque<Source>& sources, Progress& progress) {
  struct Waiting {
    Timestamp key;
    std::size_t source;
    bool operator<(const Waiting& other) const {  // for a heap with the oldest on top
      return key != other.key ? key > other.key : source > other.source;
    }
  };
  std::vector<Waiting> heap;
  const auto wait_for = [&](std::size_t i) {
    if (!sources[i].fill()) return;
    heap.push_back({sources[i].key(), i});
    std::push_heap(heap.begin(), heap.end());
  };
  for (std::size_t i = 0; i < sources.size(); ++i) wait_for(i);
  while (!heap.empty()) {
    std::pop_heap(heap.begin(), heap.end());
    const std::size_t i = heap.back().source;
    heap.pop_back();
    run.deliver(sources[i].front());
    sources[i].pop();
    progress.moved(sources[i]);
    wait_for(i);
  }
}

int year_of(std::int64_t seconds) {
  const std::time_t time = seconds;
  std::tm date{};
  return ::gmtime_r(&time, &date) == nullptr ? 1970 : date.tm_year + 1900;
}

}  // namespace

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
  Run run(inventory, options, hooks);
  std::vector<std::unique_ptr<LineReader>> readers;
  std::int64_t newest = 0;
  for (const ReplaySource& source : sources) {
    readers.push_back(source.path.empty() ? std::make_unique<LineReader>(source.text, source.newest_first)
                                          : LineReader::open(source.path, run.result.error));
    if (!readers.back()) return run.result;
    if (hooks.pause) readers.back()->set_before_wait(hooks.pause);
    newest = std::max(newest, readers.back()->changed_at());
  }
  const int year = options.year != 0 ? options.year : year_of(newest);
  std::deque<Source> opened;
  for (std::size_t i = 0; i < sources.size(); ++i)
    opened.emplace_back(run, sources[i], std::move(readers[i]), static_cast<std::uint32_t>(i), year);
  Progress progress(run, opened);
  if (opened.size() == 1) {
    run_one(opened.front(), progress);
  } else {
    for (Source& source : opened) source.merge_with_others();
    run_merged(run, opened, progress);
  }
  run.finish();
  for (const Source& source : opened)
    if (!source.lines().error().empty() && run.result.error.empty())
      run.result.error = sources[static_cast<std::size_t>(&source - &opened.front())].name + ": " + source.lines().error();
  return run.result;
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
