#include "pipeline/incident_json.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "pipeline/terminal.h"
#include "pipeline/verdict_json.h"

namespace vpnverdict {
namespace {

void key(std::string_view name, std::string& out) {
  if (out.back() != '{') out += ',';
  append_json_string(name, out);
  out += ':';
}
void text_field(std::string_view name, std::string_view value, std::string& out) {
  key(name, out);
  append_json_string(value, out);
}
void number_field(std::string_view name, std::uint64_t value, std::string& out) {
  key(name, out);
  out += std::to_string(value);
}
void time_field(std::string_view name, Timestamp value, std::string& out) {
  const std::string stamp = rfc3339(value);
  key(name, out);
  if (stamp.empty())
    out += "null";
  else
    append_json_string(stamp, out);
}
template <class Items, class Write>
void list_field(std::string_view name, const Items& items, Write write, std::string& out) {
  key(name, out);
  out += '[';
  bool first = true;
  for (const auto& item : items) {
    if (!first) out += ',';
    first = false;
    write(item);
  }
  out += ']';
}

constexpr std::size_t kLabelColumns = 10;

std::string day_and_minute(Timestamp time) {
  const std::string stamp = rfc3339(time);
  return stamp.empty() ? "?" : stamp.substr(0, 10) + ' ' + stamp.substr(11, 5);
}

std::string steps_text(const std::array<std::uint32_t, 9>& steps) {
  std::string out;
  for (std::size_t i = 0; i < steps.size(); ++i)
    if (steps[i] != 0) out += (out.empty() ? "" : ", ") + (i == 0 ? std::string("no step") : "step " + std::to_string(i)) + ": " + std::to_string(steps[i]);
  return out.empty() ? "none" : out;
}

}  // namespace

std::string to_json(const Incident& incident) {
  std::string out = "{";
  number_field("schema", kIncidentSchemaVersion, out);
  text_field("id", hex16(incident.id), out);
  number_field("revision", incident.revision, out);
  text_field("state", incident.open ? "open" : "closed", out);
  text_field("kind", name_of(incident.kind), out);
  text_field("dimension", name_of(incident.dimension), out);
  text_field("value", incident.value, out);
  text_field("cause", name_of(incident.cause), out);
  key("mixed", out);
  out += incident.mixed ? "true" : "false";
  number_field("step", static_cast<std::uint64_t>(incident.step), out);
  text_field("actor", name_of(incident.actor), out);
  text_field("grade", name_of(incident.grade), out);
  time_field("onset", incident.onset, out);
  time_field("detected_at", incident.detected_at, out);
  time_field("told_at", incident.told_at, out);
  time_field("closed_at", incident.closed_at, out);
  text_field("sentence", incident.sentence, out);
  text_field("reading", incident.reading, out);
  text_field("next_check", incident.next_check, out);
  number_field("affected", incident.affected, out);
  number_field("active", incident.active, out);
  list_field("steps_before", incident.steps_before, [&](std::uint32_t n) { out += std::to_string(n); }, out);
  list_field("steps_after", incident.steps_after, [&](std::uint32_t n) { out += std::to_string(n); }, out);
  const auto write_text = [&](const std::string& text) { append_json_string(text, out); };
  list_field("counter_evidence", incident.counter_evidence, write_text, out);
  const auto write_sample = [&](const IncidentSample& sample) {
    out += "{\"attempt\":";
    append_json_string(hex16(sample.verdict), out);
    out += ",\"text\":";
    append_json_string(sample.text, out);
    out += '}';
  };
  list_field("samples", incident.samples, write_sample, out);
  list_field("changes", incident.changes, write_text, out);
  list_field("echoes", incident.echoes, write_text, out);
  text_field("closed_why", incident.closed_why, out);
  out += '}';
  return out;
}

std::string card_head(const Incident& card) {
  return std::string(card.open ? "OPEN  " : "closed") + ' ' + day_and_minute(card.onset) + (card.open ? "" : " to " + day_and_minute(card.closed_at)) + "  " +
         std::string(name_of(card.kind)) + ", " + std::string(name_of(card.dimension)) + (card.value.empty() ? "" : " " + card.value) + "  [" +
         std::string(name_of(card.grade)) + "]";
}

std::vector<CardLine> card_lines(const Incident& card) {
  std::vector<CardLine> out;
  const auto line = [&](std::string_view label, std::string text) {
    if (!text.empty()) out.push_back({label, std::move(text)});
  };
  line("", card.sentence);
  line("", card.reading);
  if (card.affected > 0)
    line("affected", std::to_string(card.affected) + " of " + std::to_string(card.active) + " clients; failures before: " + steps_text(card.steps_before) +
                         "; since: " + steps_text(card.steps_after));
  for (const std::string& text : card.counter_evidence) line("but", text);
  for (const std::string& text : card.changes) line("changed", text);
  for (const std::string& text : card.echoes) line("echo", text);
  for (const IncidentSample& sample : card.samples) line("sample", hex16(sample.verdict) + "  " + sample.text);
  line("next", card.next_check);
  line("closed", card.closed_why);
  return out;
}

void IncidentCards::add(const Incident& incident) {
  const auto known = std::ranges::find(cards_, incident.id, &Incident::id);
  if (known != cards_.end())
    *known = incident;
  else if (cards_.size() < kIncidentCardsMax)
    cards_.push_back(incident);
  else
    ++not_shown_;
}

std::string IncidentCards::text(bool colour) const {
  if (cards_.empty()) return {};
  std::string out = styled("Incidents", Style::bold, colour) + "\n\n";
  for (const Incident& card : cards_) {
    out += styled(printable(card_head(card)), Style::bold, colour) + '\n';
    for (const CardLine& line : card_lines(card))
      out += "    " + (line.label.empty() ? std::string{} : padded(line.label, kLabelColumns)) + printable(line.text) + '\n';
    out += '\n';
  }
  if (not_shown_ > 0) out += std::to_string(not_shown_) + " more records are not shown.\n\n";
  return out;
}

}  // namespace vpnverdict
