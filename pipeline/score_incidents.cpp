#include "pipeline/score_incidents.h"

#include <algorithm>
#include <cstdio>
#include <fstream>

#include <simdjson.h>

namespace vpnverdict {
namespace {

constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kBefore = 10 * kMinute;  // an onset is an estimate
constexpr std::int64_t kAfter = 20 * kMinute;   // late verdicts, tails of silence
constexpr std::size_t kExamples = 5;
constexpr std::int64_t kSoonMs = 2 * kMinute;

}  // namespace

bool IncidentScorer::read_truth(const std::string& path, std::string* error) {
  std::ifstream in(path);
  if (!in) return *error = path + ": cannot be read", false;
  simdjson::dom::parser parser;
  std::string line;
  for (std::uint64_t number = 1; std::getline(in, line); ++number) {
    if (line.empty()) continue;
    Row row;
    simdjson::dom::element object;
    simdjson::dom::array places;
    std::string_view pattern;
    std::string_view kind;
    const bool good = parser.parse(line).get(object) == simdjson::SUCCESS && object["pattern"].get(pattern) == simdjson::SUCCESS &&
                      object["kind"].get(kind) == simdjson::SUCCESS && object["places"].get(places) == simdjson::SUCCESS &&
                      object["from"].get(row.from) == simdjson::SUCCESS && object["until"].get(row.until) == simdjson::SUCCESS &&
                      object["tenth"].get(row.tenth) == simdjson::SUCCESS &&
                      object["tenth_told"].get(row.tenth_told) == simdjson::SUCCESS && object["clients"].get(row.clients) == simdjson::SUCCESS &&
                      object["injected"].get(row.injected) == simdjson::SUCCESS;
    if (!good) return *error = path + ':' + std::to_string(number) + ": not a truth row of an incident", false;
    row.pattern = pattern;
    row.kind = kind;
    for (const simdjson::dom::element place : places)
      if (std::string_view text; place.get(text) == simdjson::SUCCESS) row.places.emplace_back(text);
    rows_.push_back(std::move(row));
  }
  return true;
}

void IncidentScorer::add(const Incident& incident) {
  const auto known = std::find_if(told_.rbegin(), told_.rend(), [&](const Told& told) { return told.card.id == incident.id; });
  if (known == told_.rend())
    told_.push_back({incident});
  else if (incident.open && !known->card.open)
    told_.push_back({incident, incident.told_at});
  else
    known->card = incident;
}

bool IncidentScorer::names(const Row& row, const Incident& card) {
  if (row.kind != "*" && row.kind != name_of(card.kind)) return false;
  const std::string dimension(name_of(card.dimension));
  return std::ranges::any_of(row.places, [&](const std::string& place) { return place == dimension + " *" || place == dimension + ' ' + card.value; });
}

IncidentScore IncidentScorer::finish() const {
  IncidentScore score;
  std::vector<std::size_t> scored(rows_.size(), 0);
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    if (!rows_[i].injected) continue;
    scored[i] = score.injected.size();
    score.injected.push_back({rows_[i].pattern, rows_[i].clients, 0, false, {}, 0, 0, 0, false});
  }
  std::int64_t first = 0;
  std::int64_t last = 0;
  for (const auto& [card, opened_again] : told_) {
    const std::int64_t onset = opened_again == 0 ? card.onset : opened_again;
    const std::int64_t detected_at = opened_again == 0 ? card.detected_at : opened_again;
    if (card.closed_why == "it is part of another incident") continue;
    first = first == 0 ? detected_at : std::min(first, detected_at);
    last = std::max(last, card.told_at);
    const auto during = [&](const Row& row) { return detected_at >= row.from - kBefore && onset <= row.until + kAfter && onset >= row.from - 2 * kAfter; };
    const auto right = std::ranges::find_if(rows_, [&](const Row& row) { return row.injected && during(row) && names(row, card); });
    const std::string told = std::string(name_of(card.kind)) + ", " + std::string(name_of(card.dimension)) + ' ' + card.value;
    if (right != rows_.end()) {
      ScoredIncident& row = score.injected[scored[static_cast<std::size_t>(right - rows_.begin())]];
      if (row.found) {
        row.extra += row.card != card.id;
        continue;
      }
      row.found = true;
      row.card = card.id;
      row.told = told;
      row.timed = right->tenth != 0 && right->tenth_told != 0;
      row.late_ms = detected_at - right->tenth;
      row.late_told_ms = detected_at - right->tenth_told;
      continue;
    }
    const auto usual = std::ranges::find_if(rows_, [&](const Row& row) {
      return !row.injected && detected_at >= row.from && onset <= row.until && names(row, card);
    });
    if (usual != rows_.end()) {
      ++score.usual;
      continue;
    }
    const auto near = std::ranges::find_if(rows_, [&](const Row& row) { return row.injected && during(row); });
    if (near != rows_.end()) {
      ScoredIncident& row = score.injected[scored[static_cast<std::size_t>(near - rows_.begin())]];
      ++row.extra;
      if (!row.found && row.told.empty()) row.told = told;
      continue;
    }
    ++score.unfounded;
    if (score.unfounded_examples.size() < kExamples) score.unfounded_examples.push_back(told + ": " + card.sentence);
  }
  score.days = static_cast<double>(last - first) / (24.0 * 60 * kMinute);
  return score;
}

std::uint64_t IncidentScore::found() const {
  return static_cast<std::uint64_t>(std::ranges::count_if(injected, &ScoredIncident::found));
}
double IncidentScore::recall() const { return injected.empty() ? 1 : static_cast<double>(found()) / static_cast<double>(injected.size()); }
double IncidentScore::precision() const {
  std::uint64_t cards = found() + unfounded;
  for (const ScoredIncident& row : injected) cards += row.extra;
  return cards == 0 ? 1 : static_cast<double>(found()) / static_cast<double>(cards);
}

std::string to_text(const IncidentScore& score) {
  std::string out;
  char line[320];
  const auto print = [&](const char* format, auto... values) {
    const int size = std::snprintf(line, sizeof line, format, values...);
    if (size > 0) out.append(line, std::min(static_cast<std::size_t>(size), sizeof line - 1));
  };
  print("incidents: %llu of %zu found in the right place, recall %.3f, precision %.3f\n", static_cast<unsigned long long>(score.found()), score.injected.size(),
        score.recall(), score.precision());
  print("cards about nothing: %llu in %.2f days; about the usual fleet's own troubles: %llu\n", static_cast<unsigned long long>(score.unfounded), score.days,
        static_cast<unsigned long long>(score.usual));
  const auto count = [&](auto wanted) { return static_cast<unsigned long long>(std::ranges::count_if(score.injected, wanted)); };
  print("within two minutes: %llu of %llu of the tenth failing client, %llu of logs that tell of ten\n",
        count([](const ScoredIncident& row) { return row.timed && row.late_ms <= kSoonMs; }), count([](const ScoredIncident& row) { return row.timed; }),
        count([](const ScoredIncident& row) { return row.timed && row.late_told_ms <= kSoonMs; }));
  print("%-24s %8s %6s %12s %12s %6s  %s\n", "pattern", "clients", "found", "after tenth", "after logs", "extra", "card");
  for (const ScoredIncident& row : score.injected) {
    const auto late = [&](std::int64_t ms) { return row.timed ? std::to_string(ms / 1000) + " s" : "-"; };
    print("%-24s %8llu %6s %12s %12s %6llu  %s\n", row.pattern.c_str(), static_cast<unsigned long long>(row.clients), row.found ? "yes" : "NO",
          late(row.late_ms).c_str(), late(row.late_told_ms).c_str(), static_cast<unsigned long long>(row.extra), row.told.c_str());
  }
  for (const std::string& example : score.unfounded_examples) out += "about nothing: " + example + '\n';
  return out;
}

}  // namespace vpnverdict
