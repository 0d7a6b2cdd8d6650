// Stage 3: the incidents of all shards, in one thread of one process at a time; others wait to take over.
// run() belongs to one thread; stop(), abandon(), healthy() and ready() may be called from any.
#pragma once

#include "metrics/pipeline_metrics.h"
#include "pipeline/incident_work.h"
#include "pipeline/owner_stage.h"

namespace vpnverdict {

class Incidents {
 public:
  // The parts and the cell must outlive the stage. `on_incident` is called from this stage's thread, for committed cards.
  Incidents(OwnerStage::Parts parts, IncidentCell& cell, OnIncident on_incident);

  StageEnd run() { return stage_.run(); }
  void stop() { stage_.stop(); }
  void abandon() { stage_.abandon(); }
  Health healthy() const { return stage_.healthy(); }
  Health ready() const { return stage_.ready(); }

 private:
  IncidentCell& cell_;
  const OnIncident on_incident_;
  OwnerStage stage_;
};

}  // namespace vpnverdict
