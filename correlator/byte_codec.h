// Numbers and texts as bytes, for what rests in memory and what travels through Kafka: LEB128 numbers, texts with their
// length before them. Reading is checked: damaged bytes make ok() false and every later value empty, never a crash.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "correlator/letters.h"

namespace vpnverdict {

inline void put_number(std::string& out, std::uint64_t value) {
  if (value < 0x80) return out.push_back(static_cast<char>(value));
  char bytes[10];
  std::size_t size = 0;
  for (; value >= 0x80; value >>= 7) bytes[size++] = static_cast<char>(value | 0x80);
  bytes[size++] = static_cast<char>(value);
  out.append(bytes, size);
}
// Small when the two are near, in either direction; never overflows.
inline std::uint64_t folded(std::int64_t value, std::int64_t from) {
  const std::uint64_t apart = static_cast<std::uint64_t>(value) - static_cast<std::uint64_t>(from);
  return apart << 1 ^ (apart >> 63 != 0 ? ~std::uint64_t{0} : 0);
}
inline std::int64_t unfolded(std::uint64_t folded, std::int64_t from) {
  const std::uint64_t apart = folded >> 1 ^ ((folded & 1) != 0 ? ~std::uint64_t{0} : 0);
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(from) + apart);
}
inline void put_difference(std::string& out, std::int64_t value, std::int64_t from) { put_number(out, folded(value, from)); }
inline void put_text(std::string& out, std::string_view text) {
  put_number(out, text.size());
  out += text;
}

class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  std::uint64_t number() {
    if (at_ != end_ && static_cast<unsigned char>(*at_) < 0x80) return static_cast<unsigned char>(*at_++);  // as most are
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && at_ != end_; shift += 7) {
      const std::uint64_t byte = static_cast<unsigned char>(*at_++);
      value |= (byte & 0x7F) << shift;
      if (byte < 0x80) return shift == 63 && byte > 1 ? fail() : value;
    }
    return fail();
  }
  // A number of at most this.
  std::uint64_t number(std::uint64_t max) {
    const std::uint64_t value = number();
    return value > max ? fail() : value;
  }
  std::int64_t difference(std::int64_t from) { return unfolded(number(), from); }
  std::string_view text(std::size_t max) { return bytes(number(max)); }
  // So many bytes, as they are.
  std::string_view bytes(std::size_t size) {
    if (size > left()) {
      fail();
      return {};
    }
    at_ += size;
    return {at_ - size, size};
  }
  std::uint8_t byte() { return at_ == end_ ? static_cast<std::uint8_t>(fail()) : static_cast<std::uint8_t>(*at_++); }
  // How many items follow; each takes a byte at least, so that damage cannot ask for more memory than there are bytes.
  std::size_t count() { return number(left()); }
  std::uint64_t fail() {
    ok_ = false;
    at_ = end_;
    return 0;
  }
  bool ok() const { return ok_; }
  bool at_end() const { return at_ == end_; }

 private:
  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }
  const char* at_;
  const char* end_;
  bool ok_ = true;
};

// FNV-1a, in words of eight bytes: finds damage, does not withstand malice.
inline std::uint64_t hash_bytes(std::string_view bytes, std::uint64_t hash = 0xcbf29ce484222325ULL) {
  constexpr std::uint64_t kPrime = 0x100000001b3ULL;
  while (bytes.size() >= 8) {
    hash = (hash ^ word_of(bytes.data())) * kPrime;
    hash ^= hash >> 32;
    bytes.remove_prefix(8);
  }
  for (const unsigned char c : bytes) hash = (hash ^ c) * kPrime;
  return hash ^ hash >> 29;
}

}  // namespace vpnverdict
