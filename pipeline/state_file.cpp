#include "pipeline/state_file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>

namespace vpnverdict {
namespace {

constexpr std::string_view kMagic = "vpnverdict state 3\n";

std::uint64_t checksum(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const unsigned char c : bytes) hash = (hash ^ c) * 0x100000001b3ULL;
  return hash;
}

void put(std::string& out, std::uint64_t value) {
  for (int i = 0; i < 8; ++i) out += static_cast<char>(value >> (8 * i));
}
void put(std::string& out, std::string_view text) {
  put(out, std::uint64_t{text.size()});
  out += text;
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  std::uint64_t number() {
    if (rest_.size() < 8) return fail();
    std::uint64_t value = 0;
    for (int i = 0; i < 8; ++i) value |= std::uint64_t{static_cast<unsigned char>(rest_[static_cast<std::size_t>(i)])} << (8 * i);
    rest_.remove_prefix(8);
    return value;
  }
  // A count of items that take at least `least` bytes each: damage cannot ask for more memory than there are bytes.
  std::uint64_t count(std::uint64_t least) {
    const std::uint64_t value = number();
    return value > rest_.size() / least ? fail() : value;
  }
  std::string text() {
    const std::uint64_t size = count(1);
    std::string out(rest_.substr(0, size));
    rest_.remove_prefix(out.size());
    return out;
  }
  bool ended_well() const { return ok_ && rest_.empty(); }
  bool ok() const { return ok_; }

 private:
  std::uint64_t fail() {
    ok_ = false;
    rest_ = {};
    return 0;
  }
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace

std::string state_bytes(const SavedState& state) {
  std::string out(kMagic);
  put(out, std::uint64_t{state.sources.size()});
  for (const SavedState::Source& source : state.sources) {
    put(out, std::string_view(source.topic));
    put(out, static_cast<std::uint64_t>(source.partition));
    put(out, static_cast<std::uint64_t>(source.committed));
    put(out, source.next);
    put(out, std::uint64_t{source.wanted.size()});
    for (const std::uint64_t position : source.wanted) put(out, position);
  }
  put(out, std::uint64_t{state.shards.size()});
  for (const std::string& shard : state.shards) put(out, std::string_view(shard));
  put(out, checksum(out));
  return out;
}

std::optional<SavedState> state_from_bytes(std::string_view bytes) {
  if (!bytes.starts_with(kMagic) || bytes.size() < kMagic.size() + 8) return std::nullopt;
  Reader tail(bytes.substr(bytes.size() - 8));
  bytes.remove_suffix(8);
  if (tail.number() != checksum(bytes)) return std::nullopt;
  Reader reader(bytes.substr(kMagic.size()));
  SavedState state;
  for (std::uint64_t n = reader.count(40); n > 0 && reader.ok(); --n) {
    SavedState::Source& source = state.sources.emplace_back();
    source.topic = reader.text();
    source.partition = static_cast<std::int32_t>(reader.number());
    source.committed = static_cast<std::int64_t>(reader.number());
    source.next = reader.number();
    for (std::uint64_t m = reader.count(8); m > 0; --m) source.wanted.push_back(reader.number());
  }
  for (std::uint64_t n = reader.count(8); n > 0 && reader.ok(); --n) state.shards.push_back(reader.text());
  if (!reader.ended_well()) return std::nullopt;
  return state;
}

std::string write_state_file(const std::string& path, const SavedState& state) {
  const std::string fresh = path + ".new";
  {
    std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
    out << state_bytes(state);
    out.flush();
    if (!out) return fresh + ": cannot be written: " + std::strerror(errno);
  }
  std::error_code error;
  std::filesystem::rename(fresh, path, error);
  return error ? path + ": cannot be replaced: " + error.message() : "";
}

std::optional<SavedState> read_state_file(const std::string& path, std::string* error) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return std::nullopt;
  std::ifstream in(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  auto state = state_from_bytes(bytes.str());
  if (!in || !state) *error = path + ": is no state of this version, or it is damaged";
  return state;
}

}  // namespace vpnverdict
