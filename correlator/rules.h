// THE decision table: which facts of one leg mean which cause. One ordered table, first match wins; it proves
// at compile time that no row is shadowed. Rows hold no code; what needs arithmetic (history, counts, time) is
// turned into a fact before the table is asked. Pure; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

#include "correlator/cause.h"
#include "correlator/fact.h"
#include "correlator/verdict.h"

namespace vpnverdict {

// A short list of causes that a constexpr row can hold.
struct CauseList {
  std::array<Cause, 5> items{};
  std::uint8_t size = 0;
  constexpr CauseList() = default;
  constexpr CauseList(std::initializer_list<Cause> causes) {
    for (Cause cause : causes) items[size++] = cause;
  }
  constexpr const Cause* begin() const { return items.data(); }
  constexpr const Cause* end() const { return items.data() + size; }
};

struct Rule {
  int id;
  Cause cause;
  Grade grade;
  FactMask all_of;   // each must be known true
  FactMask any_of;   // one must be known true; empty = no condition
  FactMask unless;   // one known true refutes the rule; unknown does not
  FactMask absent;   // each must be known false: silence with a witness
  CauseList alternatives;
  std::string_view source;      // where the chapter shows it
  std::string_view why;         // one sentence
  std::string_view next_check;  // what would settle it; empty when nothing is open
};

std::span<const Rule> connect_rules();  // from "Connect" to connected or failed
std::span<const Rule> session_rules();  // what happened after connected
const Rule* rule_with_id(int id);

enum class RuleState : std::uint8_t { fires, refuted, lacks };
constexpr RuleState state_of(const Rule& rule, const Facts& facts) {
  if (facts.known_true.intersects(rule.unless) || facts.known_true.intersects(rule.absent)) return RuleState::refuted;
  if (facts.known_false.intersects(rule.all_of)) return RuleState::refuted;
  if (!rule.any_of.empty() && facts.known_false.contains(rule.any_of)) return RuleState::refuted;
  const bool any = rule.any_of.empty() || facts.known_true.intersects(rule.any_of);
  if (any && facts.known_true.contains(rule.all_of) && facts.known_false.contains(rule.absent)) return RuleState::fires;
  return RuleState::lacks;
}

// First rule that fires, or nullptr.
const Rule* first_firing(std::span<const Rule> rules, const Facts& facts);

// The seed's eight headings with the causes, evidence and remedies under each: RULES.md.
std::string_view step_title(int step);

}  // namespace vpnverdict
