// An incident's card as JSON (schema 1) and as text for a terminal. Pure functions; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "correlator/incident.h"

namespace vpnverdict {

inline constexpr std::uint64_t kIncidentSchemaVersion = 1;

std::string to_json(const Incident& incident);

// The last record of each card, in the order of their opening; at most kIncidentCardsMax, the rest is counted.
inline constexpr std::size_t kIncidentCardsMax = 1'000;
class IncidentCards {
 public:
  void add(const Incident& incident);
  std::string text(bool colour) const;
  const std::vector<Incident>& cards() const { return cards_; }

 private:
  std::vector<Incident> cards_;
  std::uint64_t not_shown_ = 0;
};

}  // namespace vpnverdict
