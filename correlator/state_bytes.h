// A shard's state as bytes: fixed little-endian widths, counts before sequences. Reading is checked: damaged bytes
// make ok() false, never a crash or an unbounded allocation. Used by Shard::save and Shard::restore only.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "correlator/half.h"

namespace vpnverdict {

template <class Archive>
void archive(Archive& ar, FactMask& mask) {
  auto words = mask.words();
  ar(words[0], words[1], words[2]);
  mask = FactMask::from_words(words);
}
template <class Archive>
void archive(Archive& ar, SourceRef& ref) {
  ar(ref.source, ref.position);
}
// Members that are small, as one number.
template <class Archive, class... Flags>
void archive_flags(Archive& ar, Flags&... flags) {
  std::uint8_t bits = 0;
  int at = 0;
  ((bits |= static_cast<std::uint8_t>(static_cast<unsigned>(flags) << at++)), ...);
  ar(bits);
  at = 0;
  ((flags = static_cast<Flags>(bits >> at++ & 1)), ...);
}
// Members that mostly say nothing: which of them do, and those. The first seven cost a byte together, more than that two.
template <class Archive, class... Members>
void archive_sparse(Archive& ar, Members&... members) {
  const auto says_nothing = [](const auto& member) {
    if constexpr (requires { member.empty(); }) return member.empty();
    else return member == std::remove_cvref_t<decltype(member)>{};
  };
  std::uint16_t there = 0;
  int at = 0;
  ((there |= static_cast<std::uint16_t>(static_cast<unsigned>(!says_nothing(members)) << at++)), ...);
  if constexpr (requires { typename Archive::DescribesTypes; }) there = 0xFFFF;
  ar(there);
  const auto visit = [&](auto& member) {
    if (there & 1) ar(member);
    else if (!says_nothing(member)) member = {};
    there >>= 1;
  };
  (visit(members), ...);
}
template <class Archive>
void archive(Archive& ar, Leg& leg) {
  ar(leg.started, leg.last, leg.says);
  archive_sparse(ar, leg.ended, leg.silent, leg.gateway, leg.session, leg.cookie, leg.recovered, leg.doubtful);
}
template <class Archive>
void archive(Archive& ar, HalfTimes& times) {
  ar(times.started, times.last, times.received, times.first_when, times.last_when);
}
// What is glanced at comes first.
template <class Archive>
void archive(Archive& ar, Half& h) {
  bool spoken_for = h.spoken_for();
  bool over = h.is_over();
  archive_flags(ar, h.closed, h.absorbed, spoken_for, h.connected, over, h.only_session, h.vantage, h.fragment);
  ar(static_cast<HalfTimes&>(h), h.connected_at, h.due, h.attempt_id, h.device, h.peer, h.group);
  archive_sparse(ar, h.peer_port, h.user, h.address, h.pool, h.server, h.message_ids, h.cookies, h.spis, h.partner, h.join, h.revision, h.told,
                 h.session_told);
  ar(h.legs, h.seen, h.evidence);
}

class StateWriter {
 public:
  template <class... Values>
  void operator()(Values&... values) {
    (write(values), ...);
  }
  std::string take() { return std::move(bytes_); }

 private:
  template <class T>
  void write(T& value) {
    if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) {
      bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
    } else if constexpr (std::is_same_v<T, std::string>) {
      count(value.size());
      bytes_.append(value);
    } else if constexpr (requires { value.archive(*this); }) {
      value.archive(*this);
    } else if constexpr (requires { archive(*this, value); }) {
      archive(*this, value);
    } else if constexpr (requires { typename T::hasher; typename T::mapped_type; }) {
      std::vector<typename T::pointer> sorted;  // equal states are equal bytes
      for (auto& each : value) sorted.push_back(&each);
      std::ranges::sort(sorted, {}, [](const auto* each) { return each->first; });
      count(sorted.size());
      for (auto* each : sorted) write_pair(*each);
    } else if constexpr (requires { typename T::mapped_type; }) {
      count(value.size());
      for (auto& each : value) write_pair(each);
    } else {
      count(value.size());
      for (auto& item : value) write(item);
    }
  }
  void write_pair(auto& each) {
    auto key = each.first;
    write(key);
    write(each.second);
  }
  void count(std::uint64_t n) { bytes_.append(reinterpret_cast<const char*>(&n), sizeof n); }
  std::string bytes_;
};

// Writes down of which types, in which order, a state's bytes consist, whatever is in it: i8 an integer of eight bytes,
// s a text, E evidence, [] a sequence, {} a map, () what a type archives of itself.
class StateShape {
 public:
  using DescribesTypes = void;
  template <class... Values>
  void operator()(Values&... values) {
    (describe(values), ...);
  }
  std::string take() { return std::move(shape_); }

 private:
  template <class T>
  void describe(T& value) {
    if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) {
      shape_ += (std::is_enum_v<T> ? 'e' : 'i') + std::to_string(sizeof value);
    } else if constexpr (std::is_same_v<T, std::string>) {
      shape_ += 's';
    } else if constexpr (std::is_same_v<T, EvidenceList>) {
      shape_ += 'E';
    } else if constexpr (requires { value.archive(*this); }) {
      shape_ += '(', value.archive(*this), shape_ += ')';
    } else if constexpr (requires { archive(*this, value); }) {
      shape_ += '(', archive(*this, value), shape_ += ')';
    } else if constexpr (requires { typename T::mapped_type; }) {
      typename T::key_type key{};
      typename T::mapped_type mapped{};
      shape_ += '{', describe(key), describe(mapped), shape_ += '}';
    } else {
      typename T::value_type item{};
      shape_ += '[', describe(item), shape_ += ']';
    }
  }
  std::string shape_;
};

class StateReader {
 public:
  explicit StateReader(std::string_view bytes) : rest_(bytes) {}
  template <class... Values>
  void operator()(Values&... values) {
    (read(values), ...);
  }
  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }
  void refuse() { ok_ = false; }

 private:
  template <class T>
  void read(T& value) {
    if (!ok_) return;
    if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) {
      raw(&value, sizeof value);
    } else if constexpr (std::is_same_v<T, std::string>) {
      const std::uint64_t n = count();
      if (ok_) value.assign(rest_.substr(0, n)), rest_.remove_prefix(n);
    } else if constexpr (requires { value.archive(*this); }) {
      value.archive(*this);
    } else if constexpr (requires { archive(*this, value); }) {
      archive(*this, value);
    } else if constexpr (requires { typename T::mapped_type; }) {
      value.clear();
      for (std::uint64_t n = count(); n > 0 && ok_; --n) {
        typename T::key_type key{};
        read(key);
        read(value[key]);
      }
    } else if constexpr (requires { typename T::key_type; }) {
      value.clear();
      for (std::uint64_t n = count(); n > 0 && ok_; --n) {
        typename T::key_type key{};
        read(key);
        value.insert(std::move(key));
      }
    } else {
      value.clear();
      for (std::uint64_t n = count(); n > 0 && ok_; --n) read(value.emplace_back());
    }
  }
  void raw(void* out, std::size_t size) {
    if (rest_.size() < size) {
      ok_ = false;
      return;
    }
    std::memcpy(out, rest_.data(), size);
    rest_.remove_prefix(size);
  }
  // Every item takes at least one byte, so a count beyond the rest is damage.
  std::uint64_t count() {
    std::uint64_t n = 0;
    raw(&n, sizeof n);
    if (n > rest_.size()) ok_ = false;
    return ok_ ? n : 0;
  }
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace vpnverdict
