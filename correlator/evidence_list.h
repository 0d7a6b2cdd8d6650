// The evidence of one side of an attempt, in as few bytes as its texts and a dozen more for each message: written once, read once
// when the verdict is told, and kept for a day. A value; bounded by whoever adds to it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "correlator/byte_codec.h"
#include "correlator/event.h"

namespace vpnverdict {

class EvidenceList {
 public:
  struct Piece {
    Timestamp time = kUntimed;
    SourceRef ref;
    FactMask facts;
    std::string_view text;  // valid until the list is changed
  };

  std::size_t size() const { return count_; }
  void add(const Piece& piece);
  void clear() { assign(kUntimed, 0, {}, 0); }
  // visit(const Piece&), in the order of the list.
  template <class Visit>
  void each(Visit visit) const {
    ByteReader in(bytes_);
    for (std::size_t i = 0; i < count_; ++i) visit(read(in, i));
  }
  // By the device's clock; what has the same time stays in its order.
  void sort_by_time();

  // How it is stored, and back again. Only whole() tells whether the bytes were those of so many messages.
  Timestamp first_time() const { return first_time_; }
  std::uint64_t first_position() const { return first_position_; }
  const std::string& bytes() const { return bytes_; }
  void assign(Timestamp first_time, std::uint64_t first_position, std::string_view bytes, std::size_t count);
  bool whole() const;

 private:
  Piece read(ByteReader& in, std::size_t number) const;

  std::size_t count_ = 0;
  // Of the first message; those of the others are counted from them.
  Timestamp first_time_ = kUntimed;
  std::uint64_t first_position_ = 0;
  std::string bytes_;
};

// A set of facts, a byte each.
void put_facts(std::string& out, const FactMask& facts);
FactMask read_facts(ByteReader& in);

}  // namespace vpnverdict
