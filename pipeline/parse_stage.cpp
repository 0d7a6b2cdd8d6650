#include "pipeline/parse_stage.h"

#include <algorithm>

#include "correlator/limits.h"

namespace vpnverdict {
namespace {

bool blank(std::string_view line) { return line.find_first_not_of(" \t\r\f\v") == std::string_view::npos; }

}  // namespace

ParseStage::ParseStage(const Inventory& inventory, Options options, Deliver deliver,
                       std::function<bool(const DeadLetter&)> dead_letter)
    : inventory_(inventory), options_(std::move(options)), deliver_(std::move(deliver)), dead_letter_(std::move(dead_letter)),
      envelope_(options_.fields) {}

void ParseStage::take(const RawBatch& batch) {
  for (const SourceStart& start : batch.starts) begin(start);
  for (const RawRecord& record : batch.records) take_record(record);
  for (const SourceMark& mark : batch.marks) {
    if (mark.flush) flush_source(mark.source);
  }
  tally_.sources = writers_.size();
}

void ParseStage::begin(const SourceStart& start) {
  for (auto writer = writers_.begin(); writer != writers_.end();) {
    if (writer->source != start.source) {
      ++writer;
      continue;
    }
    // Its held lines will be read again, by us or by somebody else.
    tally_.consumed -= writer->reader.held_lines();
    tally_.buffered -= writer->reader.held_lines();
    index_.erase(std::to_string(writer->source) + "/" + writer->host);
    writer = writers_.erase(writer);
  }
  held_.erase(start.source);
  starts_[start.source] = start.from;
}

void ParseStage::take_record(const RawRecord& record) {
  if (wanted({record.source, record.position})) return read(record);
  // These lines were counted when they were read for the first time; only those still held are counted again.
  const LineTally before = tally_;
  read(record);
  const std::uint64_t buffered = tally_.buffered;
  tally_ = before;
  tally_.consumed += buffered - before.buffered;
  tally_.buffered = buffered;
}

void ParseStage::read(const RawRecord& record) {
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

// A reader holds the newest of the lines it was fed.
void ParseStage::after_feed(Writer& writer, std::uint32_t held_before) {
  const std::uint32_t held = writer.reader.held_lines();
  tally_.buffered = tally_.buffered + held - held_before;
  if (held == 0 && writer.held.empty()) return;
  if (held <= 1) writer.held_time = current_time_;
  writer.held.push_back(current_.position);
  held_[writer.source].insert(current_.position);
  release(writer, held);
}

// All but the newest `left` of its lines have been given out.
void ParseStage::release(Writer& writer, std::size_t left) {
  if (writer.held.size() <= left) return;
  std::multiset<std::uint64_t>& positions = held_[writer.source];
  const auto end = writer.held.end() - static_cast<std::ptrdiff_t>(left);
  for (auto position = writer.held.begin(); position != end; ++position) positions.erase(positions.find(*position));
  writer.held.erase(writer.held.begin(), end);
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
  writers_.push_front({source, std::string(host), dialect::Reader(options_.dialects), {}, kUntimed});
  index_.emplace(std::move(key), writers_.begin());
  return writers_.front();
}

void ParseStage::flush(Writer& writer) {
  const std::uint32_t held = writer.reader.held_lines();
  if (held == 0) return;
  held_time_ = writer.held_time;
  writer.reader.flush(*this);
  tally_.buffered = tally_.buffered + writer.reader.held_lines() - held;
  release(writer, 0);
}

void ParseStage::flush_source(std::uint32_t source) {
  const auto held = held_.find(source);
  if (held == held_.end() || held->second.empty()) return;
  for (Writer& writer : writers_) {
    if (writer.source == source) flush(writer);
  }
}

std::vector<std::uint64_t> ParseStage::held_positions(std::uint32_t source) const {
  const auto held = held_.find(source);
  if (held == held_.end()) return {};
  std::vector<std::uint64_t> out(held->second.begin(), held->second.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

bool ParseStage::wanted(SourceRef ref) const {
  if (starts_.empty()) return true;
  const auto start = starts_.find(ref.source);
  return start == starts_.end() || ref.position >= start->second;
}

void ParseStage::route(Event event) {
  gateways_.complete(event);
  if (wanted(event.ref)) deliver_(event, event.ref == current_ ? current_time_ : held_time_);
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
