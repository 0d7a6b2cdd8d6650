// The bytes of the sign topic: what one commit of a shard tells of incidents. Reading is checked. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "correlator/sign.h"

namespace vpnverdict {

// Who speaks, and how far.
struct SignMark {
  std::int32_t shard = 0;
  std::int32_t shards = 0;           // of how many
  Timestamp told_until = kUntimed;   // every sign up to this stream time stands in this record or an earlier one
};

struct SignRecord {
  SignMark mark;
  std::vector<Sign> signs;
};

inline constexpr std::size_t kSignRecordBytes = std::size_t{256} << 10;  // more signs make several records
inline constexpr std::int32_t kShardsMax = 65'536;                       // no topic has more partitions

// One record at least; those before the last one say nothing of how far.
std::vector<std::string> sign_records(const SignMark& mark, const std::vector<Sign>& signs);
// Empty, or why it cannot be read.
std::string_view decode_signs(std::string_view bytes, SignRecord& out);

}  // namespace vpnverdict
