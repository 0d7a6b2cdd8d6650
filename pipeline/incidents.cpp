#include "pipeline/incidents.h"

namespace vpnverdict {

Incidents::Incidents(OwnerStage::Parts parts, IncidentCell& cell, OnIncident on_incident)
    : cell_(cell),
      on_incident_(std::move(on_incident)),
      stage_(parts, {"stage 3", "incidents", "partition of signs", parts.config.kafka.group + ".incidents", parts.config.kafka.sign_topic,
                     [this, parts](std::int32_t partition) {
                       return std::make_unique<PartitionOwner>(PartitionOwner::Parts{parts.config, parts.kafka, parts.log, parts.gate},
                                                               incident_partition(parts.config.kafka, partition),
                                                               std::make_unique<IncidentWork>(IncidentWork::Parts{parts.config, cell_, on_incident_}));
                     },
                     [](const OwnerStage::Owners&) {},
                     [this](const OwnerStage::Owners& owners) {
                       if (!owners.empty()) cell_.retire();
                     }}) {}

}  // namespace vpnverdict
