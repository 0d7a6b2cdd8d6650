#include "pipeline/incident_fold.h"

#include <algorithm>

#include "correlator/byte_codec.h"
#include "correlator/keys.h"
#include "correlator/limits.h"

namespace vpnverdict {
namespace {

constexpr std::size_t kNoBound = ~std::size_t{0};

}  // namespace

std::string_view IncidentFold::take(std::string_view bytes, Timestamp written, std::vector<Incident>& out) {
  const std::string_view refused = decode_signs(bytes, record_);
  if (!refused.empty()) return refused;
  hear(record_.mark, written);
  for (Sign& sign : record_.signs) tracker_.take(std::move(sign));
  Timestamp now = kUntimed;
  for (const Shard& shard : shards_) {
    if (!speaks(shard)) continue;
    if (shard.told_until == kUntimed) return {};
    now = now == kUntimed ? shard.told_until : std::min(now, shard.told_until);
  }
  stream_time_ = std::max(stream_time_, now);
  const std::size_t before = out.size();
  tracker_.advance_to(stream_time_, out);
  for (std::size_t i = before; i < out.size(); ++i) told_ = mix_number(mix_number(told_, out[i].id), out[i].revision);
  return {};
}

void IncidentFold::hear(const SignMark& mark, Timestamp written) {
  if (written_ != kUntimed) log_time_ += std::clamp<Timestamp>(written - written_, 0, kSignPauseMax);
  written_ = std::max(written_, written);
  if (shards_.size() != static_cast<std::size_t>(mark.shards)) shards_.resize(static_cast<std::size_t>(mark.shards), {kUntimed, log_time_});
  Shard& shard = shards_[static_cast<std::size_t>(mark.shard)];
  shard.heard = log_time_;
  shard.told_until = std::max(shard.told_until, mark.told_until);
}

bool IncidentFold::speaks(const Shard& shard) const { return log_time_ - shard.heard <= kShardQuietMax; }

std::uint64_t IncidentFold::left_out() const {
  return static_cast<std::uint64_t>(std::ranges::count_if(shards_, [this](const Shard& shard) { return !speaks(shard); }));
}

std::uint64_t IncidentFold::fingerprint() const {
  const IncidentCounts& counts = tracker_.counts();
  std::uint64_t hash = mix_number(told_, kStateVersion);
  for (const std::uint64_t n : {counts.taken, counts.amended, counts.stale, counts.late, counts.dropped, counts.opened, counts.closed, counts.tracked})
    hash = mix_number(hash, n);
  for (const Shard& shard : shards_) hash = mix_number(mix_number(hash, static_cast<std::uint64_t>(shard.told_until)), static_cast<std::uint64_t>(shard.heard));
  return mix_number(mix_number(hash, static_cast<std::uint64_t>(stream_time_)), static_cast<std::uint64_t>(log_time_));
}

std::string IncidentFold::save() const {
  std::string out;
  put_number(out, kStateVersion);
  put_number(out, shards_.size());
  for (const Shard& shard : shards_) {
    put_difference(out, shard.told_until, 0);
    put_difference(out, shard.heard, 0);
  }
  put_difference(out, log_time_, 0);
  put_difference(out, written_, 0);
  put_difference(out, stream_time_, 0);
  put_number(out, told_);
  put_text(out, tracker_.save());
  return out;
}

bool IncidentFold::restore(std::string_view bytes) {
  ByteReader in(bytes);
  if (in.number() != kStateVersion) return false;
  for (std::size_t n = in.count(); n > 0 && in.ok(); --n) {
    Shard& shard = shards_.emplace_back();
    shard.told_until = in.difference(0);
    shard.heard = in.difference(0);
  }
  log_time_ = in.difference(0);
  written_ = in.difference(0);
  stream_time_ = in.difference(0);
  told_ = in.number();
  const std::string_view tracker = in.text(kNoBound);
  return in.ok() && in.at_end() && tracker_.restore(tracker);
}

}  // namespace vpnverdict
