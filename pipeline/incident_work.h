// The incidents of all shards as the work of one partition: signs in, cards out. Belongs to one thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/pipeline_metrics.h"
#include "pipeline/config.h"
#include "pipeline/incident_fold.h"
#include "pipeline/partition_owner.h"

namespace vpnverdict {

// A committed card, and its record on the incident topic; both hold during the call only.
using OnIncident = std::function<void(const Incident& card, std::string_view json)>;

OwnedPartition incident_partition(const KafkaConfig& kafka, std::int32_t partition);

class IncidentWork final : public PartitionWork {
 public:
  struct Parts {
    const Config& config;
    IncidentCell& cell;
    const OnIncident& on_incident;
  };
  explicit IncidentWork(Parts parts) : parts_(parts), fold_(parts.config.inventory) {}

  std::string_view take(std::string_view record, Timestamp written) override;
  void taken_over(std::int32_t partitions) override;
  std::string save() const override { return fold_.save(); }
  bool restore(std::string_view state) override { return fold_.restore(state); }
  std::uint64_t fingerprint() const override { return fold_.fingerprint(); }
  std::size_t waiting_records() const override { return told_.size(); }
  std::size_t waiting_bytes() const override { return told_bytes_; }
  bool produce(KafkaTransaction& transaction) override;
  void committed() override;
  void refused() override {}

 private:
  void publish();

  Parts parts_;
  IncidentFold fold_;
  bool telling_ = false;            // the state is that of the committed offset
  std::vector<Incident> cards_;     // not committed yet
  std::vector<std::string> told_;   // their JSON
  std::size_t told_bytes_ = 0;
  IncidentCounts base_counts_;      // at the take-over
};

}  // namespace vpnverdict
