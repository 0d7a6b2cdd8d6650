// Incidents against the truth that `generate --incidents` wrote: which were found as one card of the right place, how soon,
// and which cards tell of nothing. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "correlator/incident.h"

namespace vpnverdict {

struct ScoredIncident {
  std::string pattern;
  std::uint64_t clients = 0;  // affected, in truth
  std::uint64_t card = 0;     // id of the one that found it
  bool found = false;         // by a card that names the place
  std::string told;           // what the first card of that time named
  std::uint64_t extra = 0;    // further cards of that time
  std::int64_t late_ms = 0;   // from the tenth affected client's failure to the card; negative: sooner
  std::int64_t late_told_ms = 0;  // from when logs had arrived that tell of ten
  bool timed = false;         // there were ten clients and a card
};

struct IncidentScore {
  std::vector<ScoredIncident> injected;
  std::uint64_t usual = 0;      // cards about the usual fleet's own troubles
  std::uint64_t unfounded = 0;  // cards about nothing
  std::vector<std::string> unfounded_examples;  // the first few
  double days = 0;              // from the first truth to the last card

  std::uint64_t found() const;
  double recall() const;
  double precision() const;  // of the cards that are about an injected incident or about nothing
};

class IncidentScorer {
 public:
  bool read_truth(const std::string& path, std::string* error);
  void add(const Incident& incident);  // the last record of an id counts, and of each time that it was opened again
  IncidentScore finish() const;

 private:
  struct Row {
    std::string pattern, kind;
    std::vector<std::string> places;
    std::int64_t from = 0, until = 0, tenth = 0, tenth_told = 0;
    std::uint64_t clients = 0;
    bool injected = true;
  };
  static bool names(const Row& row, const Incident& card);
  std::vector<Row> rows_;
  struct Told {
    Incident card;  // its last record
    std::int64_t opened_again = 0;
  };
  std::vector<Told> told_;
};

std::string to_text(const IncidentScore& score);

}  // namespace vpnverdict
