#include "pipeline/shard_fold.h"

#include <algorithm>
#include <iterator>

#include "correlator/limits.h"

namespace vpnverdict {
namespace {

constexpr std::size_t kSourcesMax = 100'000;  // raw partitions; no cluster comes near
constexpr Timestamp kPastMs = 15 * 60'000;    // no attempt waits longer for its next line
constexpr std::size_t kNoBound = ~std::size_t{0};

std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
  hash = (hash ^ value) * 0x9E3779B97F4A7C15ULL;
  return hash ^ hash >> 32;
}

std::uint64_t hash_of(const Event& event) {
  return mix(hash_bytes(event.text, hash_bytes(event.device)), static_cast<std::uint64_t>(event.time));
}

std::uint64_t hash_of(const Verdict& verdict, std::uint64_t hash) {
  hash = mix(mix(hash, verdict.id), verdict.revision);
  hash = mix(mix(hash, static_cast<std::uint64_t>(verdict.cause)), static_cast<std::uint64_t>(verdict.grade));
  return mix(mix(hash, verdict.same_as), verdict.evidence.size() << 1 | (verdict.partial ? 1 : 0));
}

}  // namespace

ShardFold::ShardFold(const Inventory& inventory, CorrelatorOptions options, Timestamp hold)
    : shard_(inventory, options), merge_(kReorderEventsMax, hold), past_ms_(kPastMs + options.grace_ms) {}

std::uint32_t ShardFold::number_of(std::string_view topic, std::int32_t partition) {
  const std::pair<std::string, std::int32_t> key(topic, partition);
  const auto [found, fresh] = index_.emplace(key, static_cast<std::uint32_t>(sources_.size()));
  if (fresh) {
    Source& source = sources_.emplace_back();
    source.topic = topic;
    source.partition = partition;
    names_.push_back(key.first + "/" + std::to_string(partition));
  }
  return found->second;
}

std::string_view ShardFold::take(std::string_view bytes, Timestamp written, std::vector<Verdict>& out) {
  const std::string_view refused = decode_packet(bytes, packet_);
  if (!refused.empty()) return refused;
  merge_.tick(written);
  if (sources_.size() + packet_.sources.size() > kSourcesMax) return "of too many sources";
  take_roster(packet_);
  numbers_.clear();
  for (const auto& [topic, partition] : packet_.sources) numbers_.push_back(number_of(topic, partition));
  EventBatch fresh(bytes.size());
  fresh.reserve(packet_.events.size());
  for (std::size_t i = 0; i < packet_.events.size(); ++i) {
    Event& event = packet_.events[i];
    event.ref.source = numbers_[event.ref.source];
    if (repeats(sources_[event.ref.source], event)) {
      ++repeated_;
    } else {
      fresh.push(event, packet_.record_times[i]);
    }
  }
  merge_.take(std::move(fresh));
  take_marks(packet_);
  judge(out);
  return {};
}

// All topics are known before the first event: sources get the same numbers whoever speaks first.
void ShardFold::take_roster(const Packet& packet) {
  if (packet.roster.empty()) return;
  if (std::equal(packet.roster.begin(), packet.roster.end(), roster_.begin(), roster_.end(),
                 [](const auto& a, const auto& b) { return a.first == b.first && a.second == b.second; })) {
    return;
  }
  std::size_t count = 0;
  for (const auto& [topic, partitions] : packet.roster) count += static_cast<std::size_t>(partitions);
  if (count > kSourcesMax) return;
  roster_.assign(packet.roster.begin(), packet.roster.end());
  std::vector<std::uint32_t> all;
  for (const auto& [topic, partitions] : roster_) {
    for (std::int32_t i = 0; i < partitions; ++i) all.push_back(number_of(topic, i));
  }
  merge_.assign(all);
}

bool ShardFold::repeats(Source& source, const Event& event) {
  const std::uint64_t position = event.ref.position;
  if (position < source.next && !std::binary_search(source.held.begin(), source.held.end(), position)) return true;
  const Taken taken{position, hash_of(event)};
  const bool may_be_there = !source.since.empty() && position <= source.highest_since;
  if (may_be_there && std::find(source.since.begin(), source.since.end(), taken) != source.since.end()) return true;
  source.highest_since = source.since.empty() ? position : std::max(source.highest_since, position);
  source.since.push_back(taken);
  return false;
}

void ShardFold::take_marks(const Packet& packet) {
  for (const PacketMark& mark : packet.marks) {
    const std::uint32_t number = numbers_[mark.source];
    Source& source = sources_[number];
    merge_.mark(number, mark.time, mark.present);
    if (mark.next < source.next) continue;
    // What was taken in stays so, whatever another process holds on to.
    std::vector<std::uint64_t> held;
    std::copy_if(mark.held.begin(), mark.held.end(), std::back_inserter(held), [&](std::uint64_t position) {
      return position >= source.next || std::binary_search(source.held.begin(), source.held.end(), position);
    });
    source.next = mark.next;
    source.held = std::move(held);
    std::erase_if(source.since, [&](const Taken& taken) {
      return taken.position < source.next && !std::binary_search(source.held.begin(), source.held.end(), taken.position);
    });
    source.highest_since = 0;
    for (const Taken& taken : source.since) source.highest_since = std::max(source.highest_since, taken.position);
  }
}

void ShardFold::judge(std::vector<Verdict>& out) {
  const std::size_t before = out.size();
  note_missing();
  Timestamp time = kUntimed;
  while (const Event* event = merge_.next(&time)) {
    if (time <= merge_.stream_time()) advance_to(time, out);
    shard_.on_event(*event, out);
  }
  advance_to(merge_.stream_time(), out);
  for (std::size_t i = before; i < out.size(); ++i) told_ = hash_of(out[i], told_);
}

// An attempt that began before the first packet is over when no attempt lasts so long.
void ShardFold::note_missing() {
  const Timestamp time = merge_.stream_time();
  if (past_ == Past::missing && time != kUntimed) {
    past_ = Past::behind;
    past_until_ = time + past_ms_;
  }
  if (past_ == Past::behind && time > past_until_) past_ = Past::known;
  MissingEvidence missing;
  missing.sources = merge_.passed_by(kMissingSourcesTold);
  missing.any = !missing.sources.empty() || past_ != Past::known;
  if (!missing.any && !missing_) return;
  missing_ = missing.any;
  shard_.set_missing(std::move(missing));
}

void ShardFold::advance_to(Timestamp time, std::vector<Verdict>& out) {
  if (time == kUntimed || (told_time_ != kUntimed && time - told_time_ < kStreamTickMs)) return;
  told_time_ = time;
  shard_.advance_to(time, out);
}

void ShardFold::take_signs(std::vector<Sign>& out) { std::ranges::move(shard_.take_signs(), std::back_inserter(out)); }

ShardCounts ShardFold::counts() const {
  ShardCounts counts = shard_.counts();
  counts.evicted += merge_.overflowed();
  return counts;
}

std::string ShardFold::slowest() const {
  std::uint32_t source = 0;
  return merge_.slowest(&source) ? names_[source] : "";
}

std::uint64_t ShardFold::fingerprint() const {
  const ShardCounts counts = this->counts();
  std::uint64_t hash = mix(told_, kStateVersion);
  for (const std::uint64_t n : {counts.events, counts.duplicates, counts.late, counts.attempts_opened, counts.attempts_final,
                                counts.attempts_joined, counts.attempts_open, counts.revisions, counts.evidence_dropped,
                                counts.evicted}) {
    hash = mix(hash, n);
  }
  hash = mix(mix(hash, static_cast<std::uint64_t>(merge_.stream_time())), merge_.held());
  for (const Source& source : sources_) hash = mix(mix(hash, source.next), source.since.size());
  return hash;
}

std::string ShardFold::save() const {
  std::string out;
  put_number(out, kStateVersion);
  put_number(out, sources_.size());
  for (const Source& source : sources_) {
    put_text(out, source.topic);
    put_number(out, static_cast<std::uint64_t>(source.partition));
    put_number(out, source.next);
    put_number(out, source.held.size());
    for (const std::uint64_t position : source.held) put_number(out, position);
    put_number(out, source.since.size());
    for (const Taken& taken : source.since) {
      put_number(out, taken.position);
      put_number(out, taken.hash);
    }
    put_number(out, source.highest_since);
  }
  put_number(out, roster_.size());
  for (const auto& [topic, partitions] : roster_) {
    put_text(out, topic);
    put_number(out, static_cast<std::uint64_t>(partitions));
  }
  put_difference(out, told_time_, 0);
  put_number(out, told_);
  put_number(out, static_cast<std::uint64_t>(past_));
  put_difference(out, past_until_, 0);
  merge_.save(out, sources_.size());
  put_text(out, shard_.save());
  return out;
}

bool ShardFold::restore(std::string_view bytes) {
  ByteReader in(bytes);
  if (in.number() != kStateVersion) return false;
  for (std::size_t n = in.number(kSourcesMax); n > 0 && in.ok(); --n) {
    const std::string_view topic = in.text(kNoBound);
    Source& source = sources_[number_of(topic, static_cast<std::int32_t>(in.number(1U << 30)))];
    source.next = in.number();
    for (std::size_t held = in.count(); held > 0 && in.ok(); --held) source.held.push_back(in.number());
    for (std::size_t since = in.count(); since > 0 && in.ok(); --since) {
      const std::uint64_t position = in.number();
      source.since.push_back({position, in.number()});
    }
    source.highest_since = in.number();
  }
  for (std::size_t n = in.number(kSourcesMax); n > 0 && in.ok(); --n) {
    const std::string_view topic = in.text(kNoBound);
    roster_.emplace_back(topic, static_cast<std::int32_t>(in.number(1U << 30)));
  }
  told_time_ = in.difference(0);
  told_ = in.number();
  past_ = static_cast<Past>(in.number(static_cast<std::uint64_t>(Past::behind)));
  past_until_ = in.difference(0);
  if (!in.ok() || !merge_.restore(in, sources_.size())) return false;
  return shard_.restore(in.text(kNoBound)) && in.ok() && in.at_end();
}

}  // namespace vpnverdict
