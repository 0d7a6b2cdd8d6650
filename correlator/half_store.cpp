#include "correlator/half_store.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace vpnverdict {
namespace {

// Names and times come again and again within a half: what was written before is named by its place.
template <class T>
class Before {
 public:
  // Where it is; kMost when it was not there, and is from now on if there is room.
  std::size_t place_of(T value) {
    const std::size_t at = static_cast<std::size_t>(std::find(items_, items_ + size_, value) - items_);
    if (at < size_) return at;
    add(value);
    return kMost;
  }
  void add(T value) {
    if (size_ < kMost) items_[size_++] = value;
  }
  bool has(std::size_t place) const { return place < size_; }
  T at(std::size_t place) const { return items_[place]; }
  static constexpr std::size_t kMost = 6;

 private:
  T items_[kMost] = {};
  std::size_t size_ = 0;
};

// A time that was not there before is counted from the last that was not. Two are none.
enum TimeCode : std::uint64_t { kCodeUntimed, kCodeNever, kCodeBefore, kCodeTime = kCodeBefore + Before<Timestamp>::kMost };
// Texts have their length, twice; those that were there before their place, twice and one.
using Hashes = std::vector<std::uint64_t>;  // at full length: they are random

class PackWriter {
 public:
  explicit PackWriter(std::string& out) : out_(out) {}
  template <class... Values>
  void operator()(Values&... values) {
    (write(values), ...);
  }

 private:
  template <class T>
  void write(T& value) {
    if constexpr (std::is_same_v<T, Timestamp>) {
      write_time(value);
    } else if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) {
      put_number(out_, static_cast<std::uint64_t>(value));
    } else if constexpr (std::is_same_v<T, std::string>) {
      write_text(value);
    } else if constexpr (std::is_same_v<T, FactMask>) {
      put_facts(out_, value);
    } else if constexpr (std::is_same_v<T, EvidenceList>) {
      put_number(out_, value.size());
      write_time(value.first_time());
      put_number(out_, value.first_position());
      put_text(out_, value.bytes());
    } else if constexpr (std::is_same_v<T, Hashes>) {
      put_number(out_, value.size());
      out_.append(reinterpret_cast<const char*>(value.data()), value.size() * sizeof(std::uint64_t));
    } else if constexpr (requires { archive(*this, value); }) {
      archive(*this, value);
    } else {
      put_number(out_, value.size());
      for (auto& item : value) write(item);
    }
  }
  void write_time(Timestamp time) {
    if (time == kUntimed || time == kNever) return put_number(out_, time == kUntimed ? kCodeUntimed : kCodeNever);
    const std::size_t place = times_.place_of(time);
    if (place < times_.kMost) return put_number(out_, kCodeBefore + place);
    put_number(out_, folded(time, last_) + kCodeTime);
    last_ = time;
  }
  void write_text(std::string_view text) {
    const std::size_t place = texts_.place_of(text);
    if (place < texts_.kMost) return put_number(out_, place << 1 | 1);
    put_number(out_, text.size() << 1);
    out_ += text;
  }
  std::string& out_;
  Timestamp last_ = 0;
  Before<Timestamp> times_;
  Before<std::string_view> texts_;
};

class PackReader {
 public:
  explicit PackReader(std::string_view bytes) : in_(bytes) {}
  template <class... Values>
  void operator()(Values&... values) {
    (read(values), ...);
  }
  bool whole() const { return in_.ok() && in_.at_end(); }

 private:
  template <class T>
  void read(T& value) {
    if constexpr (std::is_same_v<T, Timestamp>) {
      value = read_time();
    } else if constexpr (std::is_enum_v<T>) {
      value = static_cast<T>(in_.byte());
    } else if constexpr (std::is_arithmetic_v<T>) {
      value = static_cast<T>(in_.number(std::numeric_limits<T>::max()));
    } else if constexpr (std::is_same_v<T, std::string>) {
      value = read_text();
    } else if constexpr (std::is_same_v<T, FactMask>) {
      value = read_facts(in_);
    } else if constexpr (std::is_same_v<T, EvidenceList>) {
      const std::uint64_t count = in_.number();
      const Timestamp first_time = read_time();
      const std::uint64_t first_position = in_.number();
      value.assign(first_time, first_position, in_.text(std::numeric_limits<std::size_t>::max()), count);
    } else if constexpr (std::is_same_v<T, Hashes>) {
      const std::size_t count = in_.count();
      const std::string_view bytes = in_.bytes(count * sizeof(std::uint64_t));
      value.resize(bytes.size() / sizeof(std::uint64_t));
      if (!bytes.empty()) std::memcpy(value.data(), bytes.data(), bytes.size());
    } else if constexpr (requires { archive(*this, value); }) {
      archive(*this, value);
    } else {
      const std::size_t count = in_.count();
      std::size_t known = 0;
      for (; known < count && in_.ok(); ++known) read(known < value.size() ? value[known] : value.emplace_back());
      value.resize(known);
    }
  }
  Timestamp read_time() {
    const std::uint64_t code = in_.number();
    if (code < kCodeBefore) return code == kCodeUntimed ? kUntimed : kNever;
    if (times_.has(code - kCodeBefore)) return times_.at(code - kCodeBefore);
    if (code < kCodeTime) return static_cast<Timestamp>(in_.fail());
    last_ = unfolded(code - kCodeTime, last_);
    times_.add(last_);
    return last_;
  }
  std::string_view read_text() {
    const std::uint64_t code = in_.number();
    if ((code & 1) != 0) {
      if (texts_.has(code >> 1)) return texts_.at(code >> 1);
      in_.fail();
      return {};
    }
    const std::string_view text = in_.bytes(code >> 1);
    texts_.add(text);
    return text;
  }
  ByteReader in_;
  Timestamp last_ = 0;
  Before<Timestamp> times_;
  Before<std::string_view> texts_;
};

// As archive() begins.
constexpr char kToldOrAbsorbed = 1 | 2;
bool has(std::string_view packed, char flags) { return (packed.front() & flags) != 0; }

}  // namespace

void pack(Half& half, std::string& out) {
  PackWriter writer(out);
  archive(writer, half);
}

bool unpack(std::string_view bytes, Half& half) {
  PackReader reader(bytes);
  archive(reader, half);
  half.queued = half.absorbed ? kNever : half.due;
  return reader.whole() && !half.legs.empty() && half.join <= JoinStrength::proof;
}

std::string_view HalfStore::bytes_of(const Packed& packed) {
  const char* at = packed.get();
  std::size_t size = 0;
  for (unsigned shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(*at++);
    size |= static_cast<std::size_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return {at, size};
  }
}

HalfStore::Packed HalfStore::packed(std::string_view bytes) {
  std::string size;
  put_number(size, bytes.size());
  Packed out(new char[size.size() + bytes.size()]);
  std::memcpy(out.get(), size.data(), size.size());
  std::memcpy(out.get() + size.size(), bytes.data(), bytes.size());
  return out;
}

std::unique_ptr<Half> SpareHalves::take() {
  ++in_use_;
  if (spare_.empty()) return std::make_unique<Half>();
  std::unique_ptr<Half> half = std::move(spare_.back());
  spare_.pop_back();
  return half;
}

void SpareHalves::give_back(std::unique_ptr<Half> half) {
  --in_use_;
  if (spare_.size() < kAlways + in_use_) spare_.push_back(std::move(half));
}

void SpareHalves::trim() {
  const std::size_t most = kAlways + in_use_;
  if (spare_.size() > most) spare_.resize(most);
  if (spare_.capacity() > 4 * most) spare_.shrink_to_fit();
}

Half& HalfStore::rise(HalfId id, bool changed) {
  Half& half = *(awake_[id] = {spare_->take(), true, changed}).half;
  half.id = id;
  return half;
}

Half& HalfStore::open(HalfId id) {
  Half& half = rise(id, true);
  clear(half);
  half.id = id;
  ++size_;
  return half;
}

HalfStore::Awake* HalfStore::wake(HalfId id) {
  auto found = awake_.find(id);
  if (found == awake_.end()) {
    const auto resting = packed_.find(id);
    if (resting == packed_.end()) return nullptr;
    unpack(bytes_of(resting->second), rise(id, false));
    found = awake_.find(id);
  }
  found->second.asked_for = true;
  return &found->second;
}

Half* HalfStore::find(HalfId id) {
  Awake* awake = wake(id);
  if (awake == nullptr) return nullptr;
  if (!std::exchange(awake->changed, true)) drop_packed(id);
  return awake->half.get();
}

const Half* HalfStore::look(HalfId id) {
  const Awake* awake = wake(id);
  return awake == nullptr ? nullptr : awake->half.get();
}

const HalfStore::Glance& HalfStore::glance(HalfId id) {
  constexpr std::size_t kGlanced = 1024;
  if (glanced_.empty()) glanced_.resize(kGlanced);
  Glanced& known = glanced_[id % kGlanced];
  if (known.id == id) return known.seen;
  known.id = id;
  Glance& seen = known.seen;
  PackReader reader(bytes_of(packed_.at(id)));
  archive_flags(reader, seen.closed, seen.absorbed, seen.spoken_for_, seen.connected, seen.over_);
  reader(static_cast<HalfTimes&>(seen), seen.connected_at);
  return seen;
}

bool HalfStore::drop_packed(HalfId id) {
  if (!glanced_.empty()) {
    Glanced& known = glanced_[id % glanced_.size()];
    if (known.id == id) known.id = 0;
  }
  return packed_.erase(id) > 0;
}

void HalfStore::forget(HalfId id) {
  const auto awake = awake_.find(id);
  const bool was_awake = awake != awake_.end();
  if (was_awake) {
    spare_->lose(std::move(awake->second.half));
    awake_.erase(awake);
  }
  const bool was_packed = drop_packed(id);
  if (was_awake || was_packed) --size_;
}

void HalfStore::lay_down(HalfId id, Half& half) {
  bytes_.clear();
  pack(half, bytes_);
  packed_.emplace(id, packed(bytes_));
}

std::vector<HalfId> HalfStore::ids() const {
  std::vector<HalfId> out;
  out.reserve(size());
  for (const auto& [id, packed] : packed_) out.push_back(id);
  const auto packed = static_cast<std::ptrdiff_t>(out.size());
  for (const auto& [id, awake] : awake_)
    if (awake.changed) out.push_back(id);
  std::sort(out.begin() + packed, out.end());
  std::inplace_merge(out.begin(), out.begin() + packed, out.end());
  return out;
}

std::vector<HalfId> HalfStore::untold() const {
  std::vector<HalfId> out = ids();
  std::erase_if(out, [this](HalfId id) {
    const auto awake = awake_.find(id);
    return awake != awake_.end() ? awake->second.half->told_or_absorbed() : has(bytes_of(packed_.at(id)), kToldOrAbsorbed);
  });
  return out;
}

HalfId HalfStore::oldest_told() const {
  HalfId oldest = 0;
  for (const auto& [id, awake] : awake_)
    if (awake.half->told_or_absorbed() && (oldest == 0 || id < oldest)) oldest = id;
  for (const auto& [id, packed] : packed_) {
    if (oldest != 0 && oldest < id) break;
    if (has(bytes_of(packed), kToldOrAbsorbed)) return id;
  }
  return oldest;
}

std::unique_ptr<Half> HalfStore::unpacked(HalfId id) const {
  auto half = std::make_unique<Half>();
  half->id = id;
  unpack(bytes_of(packed_.at(id)), *half);
  return half;
}

void HalfStore::put(HalfId id, std::string& out) const {
  const auto packed = packed_.find(id);
  if (packed != packed_.end()) out = bytes_of(packed->second);
  else pack(*awake_.at(id).half, out);
}

void HalfStore::read(StateReader& in) {
  awake_.clear();
  packed_.clear();
  glanced_.clear();
  std::uint64_t count = 0;
  in(count);
  for (; count > 0 && in.ok(); --count) {
    HalfId id = 0;
    std::string bytes;
    in(id, bytes);
    Half half;
    const bool next = packed_.empty() || id > packed_.rbegin()->first;
    if (!in.ok() || !next || !unpack(bytes, half) || !half.evidence.whole()) return in.refuse();
    packed_.emplace_hint(packed_.end(), id, packed(bytes));
  }
  size_ = packed_.size();
}

}  // namespace vpnverdict
