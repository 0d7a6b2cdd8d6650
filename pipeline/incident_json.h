// An incident's card as JSON (schema 1) and as text for a terminal. Pure functions; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "correlator/incident.h"

namespace vpnverdict {

inline constexpr std::uint64_t kIncidentSchemaVersion = 1;

std::string to_json(const Incident& incident);

// For people: since when, what and where, and the lines below it, each under a word that says what it is; "" is no word.
struct CardLine {
  std::string_view label;
  std::string text;
};
std::string card_head(const Incident& card);
std::vector<CardLine> card_lines(const Incident& card);

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
