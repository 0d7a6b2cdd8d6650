// The sign topic is one log of what all shards tell, and folds into one IncidentTracker. A pure function of its records and
// of the times at which they were written: no clock, no thread, no I/O. Two folds of the same records are equal, and so is
// one that was saved in between and restored.
//
// Stream time is the least of what the shards have reached. A slow shard holds it back, however far: its signs are still to
// come. A shard that says nothing while the others' records go on does not: it is left out until it speaks again, and what
// it then tells of the past is late.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "correlator/incident.h"
#include "correlator/inventory.h"
#include "pipeline/sign_codec.h"

namespace vpnverdict {

class IncidentFold {
 public:
  // `inventory` must outlive the fold.
  explicit IncidentFold(const Inventory& inventory) : tracker_(&inventory) {}

  // New and changed cards are appended. Returns why the record could not be read (it is then left out), or nothing.
  std::string_view take(std::string_view record, Timestamp written, std::vector<Incident>& out);

  // Of what save() writes. To be raised when that changes; a test tells when.
  static constexpr std::uint64_t kStateVersion = 5;
  std::string save() const;
  // Of a fresh fold only. False when the bytes are none of save(); the fold is then worth nothing.
  bool restore(std::string_view bytes);
  std::uint64_t fingerprint() const;

  const IncidentTracker& tracker() const { return tracker_; }
  Timestamp stream_time() const { return stream_time_; }
  std::uint64_t shards() const { return shards_.size(); }
  std::uint64_t left_out() const;  // shards that have said nothing for too long

 private:
  struct Shard {
    Timestamp told_until = kUntimed;
    Timestamp heard = 0;  // log_time_ when it spoke last
  };
  void hear(const SignMark& mark, Timestamp written);
  bool speaks(const Shard& shard) const;

  IncidentTracker tracker_;
  std::vector<Shard> shards_;
  // How long the log goes on, by the times at which its records were written; a pause of all shards hardly counts.
  Timestamp log_time_ = 0;
  Timestamp written_ = kUntimed;  // of the newest record
  Timestamp stream_time_ = kUntimed;
  std::uint64_t told_ = 0;  // hash over all cards
  SignRecord record_;       // reused
};

}  // namespace vpnverdict
