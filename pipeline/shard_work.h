// A shard as the work of its partition: packets in; verdicts, and the signs that incidents are made of, out. Belongs to one
// thread.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/pipeline_metrics.h"
#include "pipeline/config.h"
#include "pipeline/partition_owner.h"
#include "pipeline/shard_fold.h"

namespace vpnverdict {

// A committed verdict; everything in it holds during the call only.
struct ToldVerdict {
  const Verdict& verdict;
  std::string_view json;                 // its record on the verdict topic
  std::span<const std::string> sources;  // names, by SourceRef::source
  Timestamp told_at = kUntimed;          // stream time
};
using OnVerdict = std::function<void(const ToldVerdict&)>;

OwnedPartition shard_partition(const KafkaConfig& kafka, std::int32_t partition);

class ShardWork final : public PartitionWork {
 public:
  struct Parts {
    const Config& config;
    ShardCell& cell;
    KafkaCell& kafka;
    const OnVerdict& on_verdict;
  };
  ShardWork(Parts parts, std::int32_t partition);

  std::string_view take(std::string_view packet, Timestamp written) override;
  void taken_over(std::int32_t partitions) override;
  void without_past() override { fold_.begin_without_past(); }
  std::string idle_record() const override { return ShardFold::idle_packet(); }
  std::string save() const override { return fold_.save(); }
  bool restore(std::string_view state) override { return fold_.restore(state); }
  std::uint64_t fingerprint() const override { return fold_.fingerprint(); }
  std::size_t waiting_records() const override { return told_.size(); }
  std::size_t waiting_bytes() const override { return told_bytes_; }
  bool produce(KafkaTransaction& transaction) override;
  void committed() override;
  void refused() override { parts_.kafka.add_produced(false, told_.size()); }

  const ShardFold& fold() const { return fold_; }
  // Counted since the take-over, as far as it was committed; attempts_open as it is.
  const ShardCounts& committed_counts() const { return counted_; }

 private:
  void forget();

  Parts parts_;
  const std::int32_t partition_;
  std::int32_t partitions_ = 0;
  ShardFold fold_;
  bool telling_ = false;           // the state is that of the committed offset
  std::vector<Verdict> verdicts_;  // not committed yet
  std::vector<std::string> told_;  // their JSON
  std::vector<Sign> signs_;        // theirs
  std::size_t told_bytes_ = 0;
  ShardCounts base_counts_;        // at the take-over
  ShardCounts counted_;
  std::uint64_t repeated_ = 0;     // told to the metrics
};

}  // namespace vpnverdict
