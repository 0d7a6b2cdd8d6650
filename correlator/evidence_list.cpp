#include "correlator/evidence_list.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "correlator/limits.h"

namespace vpnverdict {

namespace {
constexpr std::size_t kFirstBytes = 480;  // of three or four messages
}  // namespace

void put_facts(std::string& out, const FactMask& facts) {
  static_assert(kFactCount <= 255);
  char bytes[1 + kFactCount];
  std::size_t count = 0;
  facts.for_each([&](Fact fact) { bytes[++count] = static_cast<char>(fact); });
  bytes[0] = static_cast<char>(count);
  out.append(bytes, count + 1);
}

FactMask read_facts(ByteReader& in) {
  FactMask facts;
  for (const char fact : in.bytes(in.byte())) {
    if (static_cast<unsigned char>(fact) >= kFactCount) in.fail();
    else facts.insert(static_cast<Fact>(fact));
  }
  return facts;
}

void EvidenceList::add(const Piece& piece) {
  if (count_ == 0) {
    bytes_.reserve(kFirstBytes);
    first_time_ = piece.time;
    first_position_ = piece.ref.position;
  } else {
    put_difference(bytes_, piece.time, first_time_);
    put_difference(bytes_, static_cast<std::int64_t>(piece.ref.position), static_cast<std::int64_t>(first_position_));
  }
  put_number(bytes_, piece.ref.source);
  put_facts(bytes_, piece.facts);
  put_text(bytes_, piece.text);
  ++count_;
}

EvidenceList::Piece EvidenceList::read(ByteReader& in, std::size_t number) const {
  Piece piece;
  piece.time = number == 0 ? first_time_ : in.difference(first_time_);
  piece.ref.position = number == 0 ? first_position_ : static_cast<std::uint64_t>(in.difference(static_cast<std::int64_t>(first_position_)));
  piece.ref.source = static_cast<std::uint32_t>(in.number(~std::uint32_t{0}));
  piece.facts = read_facts(in);
  piece.text = in.text(kEvidenceTextMax);
  return piece;
}

void EvidenceList::sort_by_time() {
  std::vector<Piece> pieces;
  pieces.reserve(count_);
  each([&](const Piece& piece) { pieces.push_back(piece); });
  if (std::ranges::is_sorted(pieces, {}, &Piece::time)) return;
  std::ranges::stable_sort(pieces, {}, &Piece::time);
  EvidenceList sorted;
  for (const Piece& piece : pieces) sorted.add(piece);
  *this = std::move(sorted);
}

void EvidenceList::assign(Timestamp first_time, std::uint64_t first_position, std::string_view bytes, std::size_t count) {
  first_time_ = first_time;
  first_position_ = first_position;
  bytes_ = bytes;
  count_ = count;
}

bool EvidenceList::whole() const {
  ByteReader in(bytes_);
  for (std::size_t i = 0; i < count_ && in.ok(); ++i) read(in, i);
  return in.ok() && in.at_end();
}

}  // namespace vpnverdict
