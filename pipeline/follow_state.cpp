#include "pipeline/follow_state.h"

#include <charconv>
#include <utility>

#include "pipeline/state_file.h"

namespace vpnverdict {
namespace {

// How a file of the service and a file of `follow` are told apart.
constexpr std::string_view kSourceName = "a pipe";
constexpr std::size_t kRecentBytesMax = std::size_t{256} << 10;

// Numbers are decimal with a blank behind, texts their length and then the bytes.
template <class Number>
void put(std::string& out, Number number) {
  out += std::to_string(number);
  out += ' ';
}
void put_text(std::string& out, std::string_view text) {
  put(out, text.size());
  out += text;
}
template <class Number>
bool take(std::string_view& bytes, Number& out) {
  const auto [rest, failed] = std::from_chars(bytes.data(), bytes.data() + bytes.size(), out);
  if (failed != std::errc() || rest == bytes.data() + bytes.size() || *rest != ' ') return false;
  bytes.remove_prefix(static_cast<std::size_t>(rest + 1 - bytes.data()));
  return true;
}
bool take_text(std::string_view& bytes, std::string& out) {
  std::size_t size = 0;
  if (!take(bytes, size) || size > bytes.size()) return false;
  out.assign(bytes.substr(0, size));
  bytes.remove_prefix(size);
  return true;
}

// Everything but the shards.
std::string bytes_of(const FollowState& state) {
  std::string out;
  put(out, state.lines);
  put(out, state.heard);
  put(out, state.told);
  put(out, state.gateways.size());
  for (const HostGateway& known : state.gateways) {
    put(out, known.when);
    put_text(out, known.host);
    put_text(out, known.gateway);
  }
  for (const RecentLines::Line& line : state.recent.lines()) {
    put(out, line.arrived);
    put_text(out, line.text);
  }
  return out;
}

bool read_bytes(std::string_view bytes, FollowState& state) {
  std::size_t gateways = 0;
  if (!take(bytes, state.lines) || !take(bytes, state.heard) || !take(bytes, state.told) || !take(bytes, gateways)) return false;
  for (; gateways > 0; --gateways) {
    HostGateway& known = state.gateways.emplace_back();
    if (!take(bytes, known.when) || !take_text(bytes, known.host) || !take_text(bytes, known.gateway)) return false;
  }
  while (!bytes.empty()) {
    Timestamp arrived = kUntimed;
    std::string text;
    if (!take(bytes, arrived) || !take_text(bytes, text)) return false;
    state.recent.add(text, arrived);
  }
  return true;
}

}  // namespace

void RecentLines::add(std::string_view text, Timestamp arrived) {
  lines_.push_back({arrived, std::string(text)});
  bytes_ += text.size() + sizeof(Line);
  while (bytes_ > kRecentBytesMax && lines_.size() > 1) {
    bytes_ -= lines_.front().text.size() + sizeof(Line);
    lines_.pop_front();
  }
}

std::string write_follow_state(const std::string& path, const FollowState& state) {
  SavedState saved;
  saved.sources.emplace_back().topic = kSourceName;
  saved.shards = state.shards;
  saved.shards.push_back(bytes_of(state));
  return write_state_file(path, saved);
}

std::optional<FollowState> read_follow_state(const std::string& path, std::string* error) {
  std::optional<SavedState> saved = read_state_file(path, error);
  if (!saved) return std::nullopt;
  FollowState state;
  if (saved->sources.size() != 1 || saved->sources.front().topic != kSourceName || saved->shards.empty() ||
      !read_bytes(saved->shards.back(), state)) {
    *error = path + ": is no state of a pipe";
    return std::nullopt;
  }
  saved->shards.pop_back();
  state.shards = std::move(saved->shards);
  return state;
}

}  // namespace vpnverdict
