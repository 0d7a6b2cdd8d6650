#include "pipeline/parse_stage.h"

#include <algorithm>
#include <iterator>

#include "correlator/limits.h"

namespace vpnverdict {
namespace {

bool blank(std::string_view line) {
  return std::ranges::all_of(line, [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v'; });
}

}  // namespace

ParseStage::ParseStage(const Inventory& inventory, Options options, Deliver deliver,
                       std::function<bool(const DeadLetter&)> dead_letter)
    : inventory_(inventory), options_(std::move(options)), deliver_(std::move(deliver)), dead_letter_(std::move(dead_letter)),
      envelope_(options_.fields) {
  tally_.by_concentrator.resize(std::min(inventory_.concentrators.size(), kConcentratorSeriesMax));
}

void ParseStage::take(const RawBatch& batch) {
  for (const SourceStart& start : batch.starts) begin(start);
  for (const RawRecord& record : batch.records) take_record(record);
  for (const SourceMark& mark : batch.marks) {
    if (mark.flush) flush_source(mark.source);
    if (const auto source = by_source_.find(mark.source); source != by_source_.end()) flush_old(source->second);
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
    index_.erase({writer->source, writer->host});
    writer = writers_.erase(writer);
  }
  known_.fill(nullptr);
  by_source_.erase(start.source);
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
  current_source_ = &by_source_[record.source];
  current_source_->newest = std::max(current_source_->newest, record.time);
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
  const auto named = [this](std::string_view host) { return NameInSource{current_.source, host.substr(0, kNameBytesMax)}; };
  dialect::RelayedHosts& relayed = current_source_->relayed;
  const auto holds = [&](std::string_view host) { return writer_of(named(host)).reader.held_lines() != 0; };
  Writer& writer = writer_of(named(relayed.host_of(line, holds)));
  // Whether it goes on must not depend on how the records came in batches.
  if (!writer.held.empty() && writer.held_time + kMessagePauseMs <= current_source_->newest) flush(writer);
  const std::uint32_t held_before = writer.reader.held_lines();
  held_time_ = writer.held_time;
  current_writer_ = &writer;
  writer.reader.feed(line, *this);
  relayed.took(line, writer.reader.dialect());
  after_feed(writer, held_before);
}

// A reader holds the newest of the lines it was fed.
void ParseStage::after_feed(Writer& writer, std::uint32_t held_before) {
  const std::uint32_t held = writer.reader.held_lines();
  tally_.buffered = tally_.buffered + held - held_before;
  if (held == 0 && writer.held.empty()) return;
  if (held <= 1) writer.held_time = current_time_;
  writer.held.push_back(current_.position);
  current_source_->held.emplace(current_.position, &writer);
  release(writer, held);
}

// All but the newest `left` of its lines have been given out.
void ParseStage::release(Writer& writer, std::size_t left) {
  if (writer.held.size() <= left) return;
  Held& all = by_source_[writer.source].held;
  const auto end = writer.held.end() - static_cast<std::ptrdiff_t>(left);
  for (auto position = writer.held.begin(); position != end; ++position) {
    const auto [first, last] = all.equal_range(*position);
    all.erase(std::find_if(first, last, [&](const auto& one) { return one.second == &writer; }));
  }
  writer.held.erase(writer.held.begin(), end);
}

ParseStage::Writer& ParseStage::writer_of(NameInSource name) {
  Writer*& known = known_[NameInSource::Hash()(name) % known_.size()];
  if (known == nullptr || known->source != name.source || known->host != name.name) {
    const auto found = index_.find(name);
    if (found == index_.end()) return *(known = &add_writer(name));
    known = &*found->second;
  }
  known->heard_again = true;
  return *known;
}

ParseStage::Writer& ParseStage::add_writer(NameInSource name) {
  if (writers_.size() >= options_.sources_max) give_one_up();
  Writer& writer = writers_.emplace_back(Writer{name.source, std::string(name.name), dialect::Reader(options_.dialects), {}, kUntimed});
  index_[{writer.source, writer.host}] = std::prev(writers_.end());
  return writer;
}

// One that was not heard again since it was last asked. No order need be kept line by line, and strangers of one line go first.
void ParseStage::give_one_up() {
  for (; writers_.front().heard_again; writers_.splice(writers_.end(), writers_, writers_.begin())) writers_.front().heard_again = false;
  Writer& quiet = writers_.front();
  flush(quiet);
  std::ranges::replace(known_, &quiet, nullptr);
  index_.erase({quiet.source, quiet.host});
  writers_.pop_front();
  ++tally_.sources_evicted;
}

void ParseStage::flush(Writer& writer) {
  const std::uint32_t held = writer.reader.held_lines();
  if (held == 0) return;
  held_time_ = writer.held_time;
  current_writer_ = &writer;
  writer.reader.flush(*this);
  tally_.buffered = tally_.buffered + writer.reader.held_lines() - held;
  release(writer, 0);
}

void ParseStage::flush_source(std::uint32_t source) {
  const auto found = by_source_.find(source);
  if (found == by_source_.end()) return;
  while (!found->second.held.empty()) flush(*found->second.held.begin()->second);
}

// A writer may say nothing more for hours, and others write on.
void ParseStage::flush_old(Source& source) {
  const auto old = [&](const Writer& writer) { return writer.held_time + kMessagePauseMs <= source.newest; };
  while (!source.held.empty() && old(*source.held.begin()->second)) flush(*source.held.begin()->second);
}

std::vector<std::uint64_t> ParseStage::held_positions(std::uint32_t source) const {
  std::vector<std::uint64_t> out;
  const auto found = by_source_.find(source);
  if (found == by_source_.end()) return out;
  for (const auto& [position, writer] : found->second.held) out.push_back(position);
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

SourceMark ParseStage::so_far(SourceMark mark) const {
  const auto found = by_source_.find(mark.source);
  if (found == by_source_.end() || found->second.held.empty() || mark.time == kUntimed) return mark;
  mark.time = std::min(mark.time, found->second.held.begin()->second->held_time - 1);
  return mark;
}

bool ParseStage::wanted(SourceRef ref) const {
  if (starts_.empty()) return true;
  const auto start = starts_.find(ref.source);
  return start == starts_.end() || ref.position >= start->second;
}

void ParseStage::route(const Event& event) {
  const auto deliver = [this](const Event& complete) {
    if (wanted(complete.ref)) deliver_(complete, complete.ref == current_ ? current_time_ : held_time_);
  };
  if (!gateways_.concerns(event)) return deliver(event);
  Event complete = event;
  gateways_.complete(complete);
  deliver(complete);
}

void ParseStage::count_device(const Event& event, std::uint32_t lines) {
  if (event.vantage != Vantage::concentrator) return;
  Writer& writer = *current_writer_;
  if (writer.device != event.device) {
    writer.device = event.device;
    writer.place = inventory_.names.find(event.device);
  }
  if (writer.place < tally_.by_concentrator.size()) tally_.by_concentrator[writer.place] += lines;
}

void ParseStage::on_event(const Event& event, std::uint32_t lines) {
  tally_.of(event.dialect).events += lines;
  count_device(event, lines);
  route(event);
}

void ParseStage::on_ignored(const Event& event, std::uint32_t lines) {
  tally_.of(event.dialect).ignored += lines;
  count_device(event, lines);
  route(event);
}

void ParseStage::on_reject(Reject reason, Dialect dialect, std::string_view text, SourceRef ref, std::uint32_t lines) {
  tally_.reject(dialect, reason, lines);
  if (dead_letter_ && wanted(ref) && dead_letter_({reason, ref, text})) {
    ++tally_.dead_letters[static_cast<std::size_t>(reason)];
  }
}

}  // namespace vpnverdict
