#include "pipeline/state_log.h"

#include <algorithm>
#include <charconv>

#include "correlator/byte_codec.h"

namespace vpnverdict {
namespace {

constexpr std::uint64_t kPieceVersion = 1;
constexpr std::size_t kVersionBytesMax = 32;
constexpr std::uint32_t kCountMax = 99;  // of tries and deaths; what matters is told apart long before

// Cuts "<mark>value" off the text, up to the next semicolon.
bool cut(std::string_view& text, std::string_view mark, std::string_view* value) {
  if (!text.starts_with(mark)) return false;
  text.remove_prefix(mark.size());
  const std::size_t end = text.find(';');
  *value = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  return true;
}

template <typename Number>
bool read(std::string_view text, Number* number, int base = 10) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number, base);
  return error == std::errc() && end == text.data() + text.size();
}

std::string hex(std::uint64_t number) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (int shift = 60; shift >= 0; shift -= 4) out += kDigits[number >> shift & 15];
  return out;
}

bool read_trial(std::string_view& text, Trial* trial) {
  std::string_view value;
  if (!cut(text, "A=", &value) || !read(value, &trial->tries) || trial->tries > kCountMax) return false;
  if (!cut(text, "K=", &value) || !read(value, &trial->deaths) || trial->deaths > kCountMax) return false;
  if (!cut(text, "R=", &value) || (value != "0" && value != "1")) return false;
  trial->alone = value == "1";
  return cut(text, "I=", &value) && read(value, &trial->process, 16);
}

}  // namespace

std::string to_text(const CommitNote& note) {
  const Trial& trial = note.trial;
  const bool tried = trial != Trial{};
  std::string out = (tried ? "v2;S=" : "v1;S=") + std::to_string(note.snapshot_at) + ";B=" + std::to_string(note.base) + ";H=" + hex(note.digest) +
                    ";C=" + note.version.substr(0, kVersionBytesMax) + ";P=" + std::to_string(note.partitions);
  if (tried) {
    out += ";A=" + std::to_string(std::min(trial.tries, kCountMax)) + ";K=" + std::to_string(std::min(trial.deaths, kCountMax)) +
           ";R=" + (trial.alone ? "1" : "0") + ";I=" + hex(trial.process);
  }
  return out;
}

std::optional<CommitNote> note_from(std::string_view text) {
  CommitNote note;
  std::string_view value;
  if (text.size() > kNoteBytesMax || !cut(text, "v", &value) || (value != "1" && value != "2")) return std::nullopt;
  const bool tried = value == "2";
  if (!cut(text, "S=", &value) || !read(value, &note.snapshot_at) || note.snapshot_at < 0) return std::nullopt;
  if (!cut(text, "B=", &value) || !read(value, &note.base) || note.base < -1) return std::nullopt;
  if (!cut(text, "H=", &value) || !read(value, &note.digest, 16)) return std::nullopt;
  if (!cut(text, "C=", &value)) return std::nullopt;
  note.version = value;
  if (!cut(text, "P=", &value) || !read(value, &note.partitions) || note.partitions < 0) return std::nullopt;
  if ((tried && !read_trial(text, &note.trial)) || !text.empty()) return std::nullopt;
  return note;
}

std::vector<std::string> snapshot_pieces(std::string_view state, std::int64_t taken_at) {
  std::vector<std::string> pieces;
  const std::uint64_t checksum = hash_bytes(state);
  const std::size_t count = state.size() / kPieceBytes + 1;
  for (std::size_t i = 0; i < count; ++i) {
    std::string& piece = pieces.emplace_back();
    put_number(piece, kPieceVersion);
    put_number(piece, static_cast<std::uint64_t>(taken_at));
    put_number(piece, i);
    put_number(piece, count);
    put_number(piece, state.size());
    put_number(piece, checksum);
    put_text(piece, state.substr(i * kPieceBytes, kPieceBytes));
  }
  return pieces;
}

std::string_view SnapshotReader::add(std::string_view record) {
  ByteReader in(record);
  if (in.number() != kPieceVersion) return "a piece of another version";
  const auto taken_at = static_cast<std::int64_t>(in.number());
  const std::uint64_t index = in.number();
  const std::uint64_t count = in.number();
  const std::uint64_t size = in.number(kSnapshotBytesMax);
  const std::uint64_t checksum = in.number();
  const std::string_view bytes = in.text(kPieceBytes);
  if (!in.ok() || !in.at_end() || count != size / kPieceBytes + 1) return "a damaged piece";
  if (next_ == 0) {
    taken_at_ = taken_at;
    count_ = count;
    size_ = size;
    checksum_ = checksum;
  }
  if (index != next_ || taken_at != taken_at_ || count != count_ || size != size_ || checksum != checksum_) {
    return "pieces that do not belong together";
  }
  state_ += bytes;
  if (++next_ < count_) return {};
  checked_ = state_.size() == size_ && hash_bytes(state_) == checksum_;
  return checked_ ? std::string_view() : std::string_view("pieces whose checksum is another");
}

}  // namespace vpnverdict
