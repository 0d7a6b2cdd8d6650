// What a `follow` leaves for the next one, in the service's file format (state_file.h). One thread.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "correlator/event.h"

namespace vpnverdict {

// The newest lines, whatever became of them. The readers' memory (half-read messages, a charon log's threads) is made
// again by reading these before anything else. A line older than the bound may be missed there: a daemon's session whose
// lines name it by nothing but a thread then goes on as another one.
class RecentLines {
 public:
  struct Line {
    Timestamp arrived = kUntimed;
    std::string text;
  };
  void add(std::string_view text, Timestamp arrived);
  const std::deque<Line>& lines() const { return lines_; }

 private:
  std::deque<Line> lines_;
  std::size_t bytes_ = 0;
};

// Which gateway a host named last (GatewayMemory).
struct HostGateway {
  std::string host, gateway;
  Timestamp when = kUntimed;
};

struct FollowState {
  std::uint64_t lines = 0;         // read so far: the next is this + 1
  Timestamp heard = kUntimed;      // the newest stamp …
  Timestamp told = kUntimed;       // … and the stream time that the shards know
  std::vector<std::string> shards;
  std::vector<HostGateway> gateways;
  RecentLines recent;
};

// Empty when it worked, else one sentence.
std::string write_follow_state(const std::string& path, const FollowState& state);
// Empty optional with an empty error: there is no such file.
std::optional<FollowState> read_follow_state(const std::string& path, std::string* error);

}  // namespace vpnverdict
