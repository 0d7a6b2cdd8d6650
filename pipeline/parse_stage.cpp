#include "pipeline/parse_stage.h"

#include <algorithm>
#include <limits>

#include "correlator/limits.h"
#include "correlator/shard.h"

namespace vpnverdict {
namespace {

bool blank(std::string_view line) { return line.find_first_not_of(" \t\r\f\v") == std::string_view::npos; }

}  // namespace

ParseStage::ParseStage(const Inventory& inventory, Options options, std::function<bool(const DeadLetter&)> dead_letter)
    : inventory_(inventory), options_(std::move(options)), dead_letter_(std::move(dead_letter)), envelope_(options_.fields) {}

void ParseStage::take(RawBatch& batch, std::vector<ShardBatch>& out) {
  out_ = &out;
  for (ResumeFilter& filter : batch.filters) filters_[filter.source] = std::move(filter);
  for (const RawRecord& record : batch.records) take_record(record);
  for (SourceMark& mark : batch.marks) {
    if (mark.flush) flush_source(mark.source);
    mark.safe = safe_position(mark.source, mark.next);
    const auto filter = filters_.find(mark.source);
    if (filter != filters_.end() && mark.safe >= filter->second.end) filters_.erase(filter);
    for (ShardBatch& shard : out) shard.marks.push_back(mark);
  }
  tally_.sources = writers_.size();
  out_ = nullptr;
}

void ParseStage::take_record(const RawRecord& record) {
  current_ = {record.source, record.position};
  current_time_ = record.time;
  envelope_.open(
      record.bytes, current_, record.time, [this](const dialect::Line& line) { feed(line); },
      [this](Reject reason, std::string_view text) {
        ++tally_.consumed;
        on_reject(reason, Dialect::unknown, text, current_, 1);
      });
}

void ParseStage::feed(const dialect::Line& line) {
  ++tally_.consumed;
  if (blank(line.text)) {
    ++tally_.of(Dialect::unknown).ignored;
    return;
  }
  if (line.text.size() > kLineBytesMax) return on_reject(Reject::too_long, Dialect::unknown, line.text, current_, 1);
  Writer& writer = writer_of(current_.source, line.host);
  const std::uint32_t held_before = writer.reader.held_lines();
  held_time_ = writer.held_time;
  writer.reader.feed(line, *this);
  after_feed(writer, held_before);
}

// A reader holds the newest of the lines it was fed; it gives out everything it held, or adds to it.
void ParseStage::after_feed(Writer& writer, std::uint32_t held_before) {
  const std::uint32_t held = writer.reader.held_lines();
  tally_.buffered = tally_.buffered + held - held_before;
  const bool goes_on = held_before > 0 && held > held_before;
  if (held_before > 0 && !goes_on) {
    std::multiset<std::uint64_t>& positions = held_[writer.source];
    positions.erase(positions.find(writer.held_position));
  }
  if (held > 0 && !goes_on) {
    writer.held_position = current_.position;
    writer.held_time = current_time_;
    held_[writer.source].insert(current_.position);
  }
}

ParseStage::Writer& ParseStage::writer_of(std::uint32_t source, std::string_view host) {
  host = host.substr(0, kNameBytesMax);
  if (!writers_.empty() && writers_.front().source == source && writers_.front().host == host) return writers_.front();
  std::string key = std::to_string(source) + "/" + std::string(host);
  if (const auto found = index_.find(key); found != index_.end()) {
    writers_.splice(writers_.begin(), writers_, found->second);
    return writers_.front();
  }
  if (writers_.size() >= options_.sources_max) {
    Writer& oldest = writers_.back();
    flush(oldest);
    index_.erase(std::to_string(oldest.source) + "/" + oldest.host);
    writers_.pop_back();
    ++tally_.sources_evicted;
  }
  writers_.push_front({source, std::string(host), dialect::Reader(options_.dialects), 0, kUntimed});
  index_.emplace(std::move(key), writers_.begin());
  return writers_.front();
}

void ParseStage::flush(Writer& writer) {
  const std::uint32_t held = writer.reader.held_lines();
  if (held == 0) return;
  held_time_ = writer.held_time;
  writer.reader.flush(*this);
  tally_.buffered = tally_.buffered + writer.reader.held_lines() - held;
  std::multiset<std::uint64_t>& positions = held_[writer.source];
  positions.erase(positions.find(writer.held_position));
}

void ParseStage::flush_source(std::uint32_t source) {
  const auto held = held_.find(source);
  if (held == held_.end() || held->second.empty()) return;
  for (Writer& writer : writers_) {
    if (writer.source == source) flush(writer);
  }
}

std::uint64_t ParseStage::safe_position(std::uint32_t source, std::uint64_t next) const {
  const auto held = held_.find(source);
  return held == held_.end() || held->second.empty() ? next : std::min(next, *held->second.begin());
}

std::map<std::uint32_t, std::vector<std::uint64_t>> ParseStage::held_positions() const {
  std::map<std::uint32_t, std::vector<std::uint64_t>> out;
  for (const auto& [source, positions] : held_) out[source].assign(positions.begin(), positions.end());
  return out;
}

bool ParseStage::wanted(SourceRef ref) const {
  if (filters_.empty()) return true;
  const auto filter = filters_.find(ref.source);
  if (filter == filters_.end() || ref.position >= filter->second.end) return true;
  return std::binary_search(filter->second.wanted.begin(), filter->second.wanted.end(), ref.position);
}

void ParseStage::route(Event event) {
  gateways_.complete(event);
  if (!wanted(event.ref)) return;
  const std::size_t shard = options_.shards == 1 ? 0 : shard_of(inventory_, event, options_.shards);
  (*out_)[shard].events.push(event, event.ref == current_ ? current_time_ : held_time_);
}

void ParseStage::on_event(const Event& event, std::uint32_t lines) {
  tally_.of(event.dialect).events += lines;
  route(event);
}

void ParseStage::on_ignored(const Event& event, std::uint32_t lines) {
  tally_.of(event.dialect).ignored += lines;
  route(event);
}

void ParseStage::on_reject(Reject reason, Dialect dialect, std::string_view text, SourceRef ref, std::uint32_t lines) {
  tally_.reject(dialect, reason, lines);
  if (dead_letter_ && wanted(ref) && dead_letter_({reason, ref, text})) {
    ++tally_.dead_letters[static_cast<std::size_t>(reason)];
  }
}

}  // namespace vpnverdict
