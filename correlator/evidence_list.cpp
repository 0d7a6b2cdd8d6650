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
  static_assert(kFactCount <= 256);
  const std::size_t at = out.size();
  out += '\0';
  facts.for_each([&](Fact fact) { out += static_cast<char>(fact); });
  out[at] = static_cast<char>(out.size() - at - 1);
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
  if (count_ == 0) bytes_.reserve(kFirstBytes);
  if (!origin_) origin_ = first();
  put_difference(bytes_, piece.time, origin_->time);
  put_number(bytes_, piece.ref.source);
  put_difference(bytes_, static_cast<std::int64_t>(piece.ref.position), static_cast<std::int64_t>(origin_->position));
  put_facts(bytes_, piece.facts);
  put_text(bytes_, piece.text);
  if (count_++ == 0) origin_ = {piece.time, piece.ref.position};
}

EvidenceList::Origin EvidenceList::first() const {
  if (count_ == 0) return {};
  ByteReader in(bytes_);
  const Piece first = read(in, Origin{});
  return {first.time, first.ref.position};
}

EvidenceList::Piece EvidenceList::read(ByteReader& in, const Origin& origin) {
  Piece piece;
  piece.time = in.difference(origin.time);
  piece.ref.source = static_cast<std::uint32_t>(in.number(~std::uint32_t{0}));
  piece.ref.position = static_cast<std::uint64_t>(in.difference(static_cast<std::int64_t>(origin.position)));
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

void EvidenceList::assign(std::string_view bytes, std::size_t count) {
  bytes_ = bytes;
  count_ = count;
  origin_.reset();
}

bool EvidenceList::whole() const {
  ByteReader in(bytes_);
  for (std::size_t i = 0; i < count_ && in.ok(); ++i) read(in, Origin{});
  return in.ok() && in.at_end();
}

}  // namespace vpnverdict
