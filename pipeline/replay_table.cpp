#include "pipeline/replay_table.h"

#include <algorithm>
#include <cstdio>

#include "pipeline/terminal.h"

namespace vpnverdict {
namespace {

std::string share_of(std::uint64_t part, std::uint64_t whole) {
  char text[16];
  std::snprintf(text, sizeof text, "%.1f %%", whole == 0 ? 0.0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole));
  return text;
}

Style style_of(Cause cause) {
  if (cause == Cause::connected) return Style::green;
  return row_of(cause).kind == CauseKind::outcome ? Style::yellow : Style::red;
}

}  // namespace

std::uint32_t VerdictTable::group_of(const std::string& name) {
  if (name.empty()) return group_of("(no group)");
  const auto found = group_index_.find(name);
  if (found != group_index_.end()) return found->second;
  if (groups_.size() > kTableGroupsMax) return 0;
  const auto index = static_cast<std::uint32_t>(groups_.size());
  groups_.push_back({.name = printable(name)});
  group_index_.emplace(name, index);
  return index;
}

VerdictTable::Row& VerdictTable::row_of_place(const Place& place) {
  Group& group = groups_[place.group];
  return (place.about_session ? group.sessions : group.attempts)[static_cast<std::size_t>(place.cause)];
}

void VerdictTable::add(const Verdict& verdict) {
  const auto count = [this](const Place& place, std::uint64_t by) {
    Row& row = row_of_place(place);
    row.verdicts += by;
    row.by_grade[static_cast<std::size_t>(place.grade)] += by;
  };
  const auto found = latest_.find(verdict.id);
  if (found != latest_.end()) count(found->second, ~std::uint64_t{0});  // minus one
  if (verdict.same_as != 0) {  // counted under the other id
    if (found != latest_.end()) latest_.erase(found);
    return;
  }
  const Place place{group_of(verdict.group), verdict.cause, verdict.grade, verdict.about_session};
  count(place, 1);
  if (found != latest_.end())
    found->second = place;
  else if (latest_.size() < kTableRecordsMax)
    latest_.emplace(verdict.id, place);
  else
    ++not_followed_;
}

void VerdictTable::append_part(std::string& out, bool sessions, bool colour) const {
  const auto rows_of = [&](const Group& group) -> const Rows& { return sessions ? group.sessions : group.attempts; };
  const auto sum_of = [&](const Group& group) {
    std::uint64_t sum = 0;
    for (const Row& row : rows_of(group)) sum += row.verdicts;
    return sum;
  };
  std::uint64_t whole = 0;
  std::vector<const Group*> order;
  for (const Group& group : groups_) {
    if (sum_of(group) == 0) continue;
    whole += sum_of(group);
    order.push_back(&group);
  }
  if (whole == 0) return;
  std::sort(order.begin(), order.end(), [](const Group* a, const Group* b) { return a->name < b->name; });
  out += styled(padded("group", 20) + " " + padded(sessions ? "after connecting" : "attempt", 29) + " step  " +
                    padded("who must act", 13) + padded_left("number", 10) + padded_left("share", 9) +
                    padded_left("certain", 10),
                Style::bold, colour) +
         "\n";
  for (const Group* group : order) {
    std::string name = shortened(group->name, 20);
    std::vector<std::size_t> causes;
    for (std::size_t i = 0; i < kCauseCount; ++i)
      if (rows_of(*group)[i].verdicts != 0) causes.push_back(i);
    std::stable_sort(causes.begin(), causes.end(),
                     [&](std::size_t a, std::size_t b) { return rows_of(*group)[a].verdicts > rows_of(*group)[b].verdicts; });
    for (std::size_t i : causes) {
      const Row& row = rows_of(*group)[i];
      const CauseRow& cause = kCauses[i];
      out += padded(name, 20) + " " + styled(padded(cause.name, 29), style_of(cause.cause), colour) +
             padded_left(cause.step == 0 ? "-" : std::to_string(cause.step), 5) + "  " +
             padded(name_of(cause.actor), 13) + padded_left(with_thousands(row.verdicts), 10) +
             padded_left(share_of(row.verdicts, sum_of(*group)), 9) +
             padded_left(share_of(row.by_grade[static_cast<std::size_t>(Grade::certain)], row.verdicts), 10) + "\n";
      name.clear();
    }
  }
  out += padded("all groups", 20) + " " + padded("", 29 + 5 + 2 + 13) + padded_left(with_thousands(whole), 10) + "\n\n";
}

std::string VerdictTable::text(bool colour) const {
  std::string out;
  append_part(out, false, colour);
  append_part(out, true, colour);
  if (latest_.empty()) out += "No connection attempt found.\n\n";
  if (not_followed_ != 0)
    out += with_thousands(not_followed_) + " verdicts beyond the first " + with_thousands(kTableRecordsMax) +
           " are counted once per revision.\n\n";
  return out;
}

std::string line_accounting(const LineCounts& lines) {
  std::string out = "lines " + with_thousands(lines.read) + " = events " + with_thousands(lines.events()) +
                    " + ignored " + with_thousands(lines.ignored()) + " + rejected " +
                    with_thousands(lines.rejected()) + "\n";
  for (std::size_t i = 0; i < kDialectCount; ++i) {
    const LineCounts::PerDialect& each = lines.by_dialect[i];
    std::uint64_t rejected = 0;
    std::string reasons;
    for (std::size_t r = 0; r < kRejectCount; ++r) {
      if (each.rejected[r] == 0) continue;
      rejected += each.rejected[r];
      reasons += (reasons.empty() ? " (" : ", ") + std::string(kRejectNames[r]) + " " + with_thousands(each.rejected[r]);
    }
    if (each.events + each.ignored + rejected == 0) continue;
    out += "  " + padded(kDialectNames[i], 18) + "events " + with_thousands(each.events) + ", ignored " +
           with_thousands(each.ignored) + ", rejected " + with_thousands(rejected) + reasons +
           (reasons.empty() ? "\n" : ")\n");
  }
  return out;
}

}  // namespace vpnverdict
