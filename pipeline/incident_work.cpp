#include "pipeline/incident_work.h"

#include "pipeline/incident_json.h"
#include "pipeline/verdict_json.h"

namespace vpnverdict {

OwnedPartition incident_partition(const KafkaConfig& kafka, std::int32_t partition) {
  const std::string number = partition == 0 ? "" : "." + std::to_string(partition);
  return {"incidents", kafka.sign_topic, kafka.incident_state_topic, "vpnverdict." + kafka.group + ".incidents" + number, partition};
}

std::string_view IncidentWork::take(std::string_view record, Timestamp written) {
  const std::size_t before = cards_.size();
  const std::string_view refused = fold_.take(record, written, cards_);
  if (!telling_) {
    cards_.clear();
    return refused;
  }
  for (std::size_t i = before; i < cards_.size(); ++i) told_bytes_ += told_.emplace_back(to_json(cards_[i])).size();
  return refused;
}

void IncidentWork::taken_over(std::int32_t) {
  telling_ = true;
  base_counts_ = fold_.tracker().counts();
  publish();
}

bool IncidentWork::produce(KafkaTransaction& transaction) {
  for (std::size_t i = 0; i < told_.size(); ++i) {
    if (!transaction.produce(parts_.config.kafka.incident_topic, -1, hex16(cards_[i].id), told_[i])) return false;
  }
  return true;
}

void IncidentWork::committed() {
  for (std::size_t i = 0; i < cards_.size(); ++i) {
    parts_.cell.count(cards_[i]);
    if (parts_.on_incident) parts_.on_incident(cards_[i], told_[i]);
  }
  cards_.clear();
  told_.clear();
  told_bytes_ = 0;
  publish();
}

void IncidentWork::publish() {
  IncidentFigures figures;
  figures.counts = fold_.tracker().counts();
  for (const auto field : {&IncidentCounts::taken, &IncidentCounts::amended, &IncidentCounts::stale, &IncidentCounts::late, &IncidentCounts::dropped})
    figures.counts.*field -= base_counts_.*field;
  for (const Incident* card : fold_.tracker().open_cards()) ++figures.open[static_cast<std::size_t>(card->kind)][static_cast<std::size_t>(card->step)];
  figures.stream_time = fold_.stream_time();
  figures.shards_left_out = fold_.left_out();
  parts_.cell.publish(figures);
}

}  // namespace vpnverdict
