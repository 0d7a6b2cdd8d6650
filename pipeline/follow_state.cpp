#include "pipeline/follow_state.h"

#include <utility>

#include "pipeline/decimal_bytes.h"
#include "pipeline/state_file.h"

namespace vpnverdict {
namespace {

// How a file of the service and a file of `follow` are told apart.
constexpr std::string_view kSourceName = "a pipe";
constexpr std::size_t kRecentBytesMax = std::size_t{256} << 10;

// Everything but the shards.
std::string bytes_of(const FollowState& state) {
  std::string out;
  put_number(out, state.lines);
  put_number(out, state.heard);
  put_number(out, state.told);
  put_number(out, state.gateways.size());
  for (const HostGateway& known : state.gateways) {
    put_number(out, known.when);
    put_text(out, known.host);
    put_text(out, known.gateway);
  }
  for (const RecentLines::Line& line : state.recent.lines()) {
    put_number(out, line.arrived);
    put_text(out, line.text);
  }
  return out;
}

bool read_bytes(std::string_view bytes, FollowState& state) {
  std::size_t gateways = 0;
  if (!take_number(bytes, state.lines) || !take_number(bytes, state.heard) || !take_number(bytes, state.told) || !take_number(bytes, gateways)) return false;
  for (; gateways > 0; --gateways) {
    HostGateway& known = state.gateways.emplace_back();
    if (!take_number(bytes, known.when) || !take_text(bytes, known.host) || !take_text(bytes, known.gateway)) return false;
  }
  while (!bytes.empty()) {
    Timestamp arrived = kUntimed;
    std::string text;
    if (!take_number(bytes, arrived) || !take_text(bytes, text)) return false;
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
