// What of a shard's state stands in Kafka. The state behind the commit at offset E is a snapshot taken at offset S, in
// pieces in the state topic from offset B on, and the events [S, E) of the internal topic folded on top of it: the
// events are the deltas, for the fold is a function of them and of nothing else. The commit's note says S and B and
// carries a digest of the state at E, which is checked before a shard that was taken over says anything.
// Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vpnverdict {

inline constexpr std::size_t kNoteBytesMax = 200;                          // brokers allow 4096
inline constexpr std::size_t kPieceBytes = std::size_t{512} << 10;         // of a snapshot, in one record
inline constexpr std::size_t kStateBytesPerCommit = std::size_t{4} << 20;  // a larger snapshot takes several commits
inline constexpr std::size_t kSnapshotBytesMax = std::size_t{4} << 30;

// How its owner stands with the records behind the commit (poison_watch.h).
struct Trial {
  std::uint32_t tries = 0;   // A: owners that began here and came no further, the present one included
  std::uint32_t deaths = 0;  // K: processes that ended while they took the next record in alone
  bool alone = false;        // R: it is being taken in alone
  std::uint64_t process = 0; // I: whose note it is
  bool operator==(const Trial&) const = default;
};

// ASCII: v1;S=<offset>;B=<offset or -1>;H=<digest>;C=<version of the program>;P=<partitions>
// With a trial v2, and behind it ;A=<tries>;K=<deaths>;R=<0 or 1>;I=<process>
// A version of the program that does not know v2 can go on from any v1, that is whenever the last owner came further.
struct CommitNote {
  std::int64_t snapshot_at = 0;  // S
  std::int64_t base = -1;        // B; -1: no snapshot yet, the state at S is empty
  std::uint64_t digest = 0;      // H
  std::string version;           // C
  std::int32_t partitions = 0;   // P, of the internal topic; 0: not known
  Trial trial = {};
  bool operator==(const CommitNote&) const = default;
};
std::string to_text(const CommitNote& note);
std::optional<CommitNote> note_from(std::string_view text);

// The records of a snapshot, in order.
std::vector<std::string> snapshot_pieces(std::string_view state, std::int64_t taken_at);

// Puts a snapshot together again from the records found from its base on.
class SnapshotReader {
 public:
  // Empty when the record fits, else why not.
  std::string_view add(std::string_view record);
  bool complete() const { return count_ > 0 && next_ == count_ && checked_; }
  std::int64_t taken_at() const { return taken_at_; }
  std::string take() { return std::move(state_); }

 private:
  std::string state_;
  std::int64_t taken_at_ = -1;
  std::uint64_t count_ = 0, next_ = 0, size_ = 0, checksum_ = 0;
  bool checked_ = false;
};

}  // namespace vpnverdict
