// Scans, password spraying and accounts that are tried from many places: what no user did.
#include "correlator/incident.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <span>
#include <string>

#include "correlator/incident_terms.h"
#include "correlator/limits.h"

namespace vpnverdict {
using namespace incident_parts;
namespace {

// Of the two cards that have no place.
constexpr std::uint64_t kSprayKey = 0x59A1;
constexpr std::uint64_t kScanKey = 0x5CA1;

// The server judged what was typed.
bool is_credential(Cause cause) {
  return cause == Cause::user_password_wrong || cause == Cause::user_unknown || cause == Cause::user_rejected_unspecified ||
         cause == Cause::user_account_locked || cause == Cause::user_account_expired;
}

void keep_each_once(std::vector<std::uint64_t>& values) {
  std::ranges::sort(values);
  values.erase(std::ranges::unique(values).begin(), values.end());
}

bool is_refusal(const auto& entry) { return entry.failed && !entry.session && is_credential(entry.cause); }

}  // namespace

void IncidentTracker::count_refusal(const Entry& entry, int by) {
  if (entry.person == 0 || !is_refusal(entry)) return;
  const auto found = refused_.try_emplace(entry.person, 0).first;
  found->second += static_cast<std::uint32_t>(by);
  if (found->second == 0) refused_.erase(found);
}

void IncidentTracker::find_security(Timestamp now) {
  find_sprays(now);
  find_accounts(now);
  find_scans(now);
}

// Many names from few sources, none of which gets in.
void IncidentTracker::find_sprays(Timestamp now) {
  struct Source {
    std::vector<std::uint64_t> names;
    std::uint32_t unknown = 0, rejected = 0, succeeded = 0;
    std::vector<std::uint64_t> members;
  };
  constexpr std::size_t kNamesMin = 5;
  std::vector<std::uint64_t> touched;
  for (const std::uint64_t number : fresh_)
    if (at(number).failed && is_credential(at(number).cause) && at(number).places[network24] != 0) touched.push_back(at(number).places[network24]);
  if (touched.empty()) return;
  keep_each_once(touched);
  std::map<std::string, Source> sources;
  const std::uint64_t since = first_number_ + first_after(now - kRecentMs);
  for (const std::uint64_t place : touched) {
    const std::span<const std::uint64_t> numbers = windows_.entries_of(place, since);
    if (numbers.size() < kNamesMin) continue;
    Source& source = sources[std::string(front_of(at(numbers.front()).sign->peer, 3))];
    for (const std::uint64_t number : numbers) {
      const Entry& entry = at(number);
      if (entry.worked()) source.succeeded += !source.names.empty();
      if (!entry.failed || entry.person == 0 || !is_credential(entry.cause)) continue;
      source.names.push_back(entry.person);
      ++(entry.cause == Cause::user_unknown ? source.unknown : source.rejected);
      source.members.push_back(number);
    }
    keep_each_once(source.names);
  }
  constexpr std::size_t kNetworksMax = 5;  // where everybody is unknown, the directory is broken
  std::vector<std::uint64_t> members;
  std::string value;
  std::size_t count = 0;
  std::size_t names = 0;
  for (const auto& [network, source] : sources) {
    const bool guessing = source.names.size() >= kNamesMin && source.unknown >= 3 && source.unknown >= source.rejected && source.succeeded * 5 <= source.names.size();
    if (!guessing) continue;
    members.insert(members.end(), source.members.begin(), source.members.end());
    value += (count == 0 ? "" : count < 3 ? ", " : "") + (count < 3 ? network + ".0/24" : "");
    names += source.names.size();
    ++count;
  }
  if (count == 0 || count > kNetworksMax) return;
  const Cell cell{kSprayKey, 0, 0, 0, 0, false};
  Watched* watched = open_with(cell.key);
  if (watched == nullptr) {
    if (open_.size() >= kIncidentsOpenMax) return;
    watched = &open_for(cell, IncidentKind::security, Cause::user_unknown, now, at(members.front()).verdict);
    watched->card.dimension = Dimension::sources;
  }
  watched->card.value = value;
  for (const std::uint64_t number : members) {
    const Entry& entry = at(number);
    if (!entry.set_aside && entry.incident == 0) watched->last_bad = now;
    if (watched->card.samples.size() < kIncidentSamplesMax && !entry.set_aside) watched->card.samples.push_back({entry.verdict, entry.sign->text});
    if (watched->card.onset == kUntimed || entry.occurred < watched->card.onset) watched->card.onset = entry.occurred;
    set_aside(number);
  }
  watched->card.active = std::max<std::uint64_t>(watched->card.active, names);
}

// One account from many places: a stale saved password, or an attack on it.
void IncidentTracker::find_accounts(Timestamp now) {
  struct Account {
    std::set<std::string> sources;
    bool locked = false;
    std::vector<std::uint64_t> members;
  };
  constexpr std::size_t kRefusalsMin = 6;
  std::set<std::uint64_t> touched;
  for (const std::uint64_t number : fresh_) {
    const Entry& entry = at(number);
    if (!is_refusal(entry) || entry.person == 0) continue;
    if (refused_.at(entry.person) >= kRefusalsMin) touched.insert(entry.person);
  }
  if (touched.empty()) return;
  std::map<std::uint64_t, Account> accounts;
  for (std::size_t i = first_after(now - kRecentMs); i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    if (!is_refusal(entry) || !touched.contains(entry.person)) continue;
    Account& account = accounts[entry.person];
    if (!entry.sign->peer.empty()) account.sources.insert(entry.sign->peer);
    account.locked = account.locked || entry.cause == Cause::user_account_locked;
    account.members.push_back(first_number_ + i);
  }
  for (const auto& [person, account] : accounts) {
    if (account.members.size() < kRefusalsMin || account.sources.size() < (account.locked ? 3u : 4u)) continue;
    const Cell cell{mix(person, 0xACC0), 0, 0, 0, 0, false};
    Watched* watched = open_with(cell.key);
    if (watched == nullptr) {
      if (open_.size() >= kIncidentsOpenMax) return;
      const Cause cause = account.locked ? Cause::user_account_locked : at(account.members.front()).cause;
      watched = &open_for(cell, IncidentKind::account, cause, now, at(account.members.front()).verdict);
      watched->card.dimension = Dimension::user;
    }
    for (const std::uint64_t number : account.members) {
      const Entry& entry = at(number);
      if (!entry.set_aside) watched->last_bad = now;
      if (watched->card.samples.size() < kIncidentSamplesMax && !entry.set_aside) watched->card.samples.push_back({entry.verdict, entry.sign->text});
      if (watched->card.onset == kUntimed || entry.occurred < watched->card.onset) watched->card.onset = entry.occurred;
      if (watched->card.cause != Cause::user_account_locked && account.locked) watched->card.cause = Cause::user_account_locked, watched->changed = true;
      set_aside(number);
    }
    watched->card.active = std::max<std::uint64_t>(watched->card.active, account.sources.size());
    watched->card.affected = 1;
  }
}

// More sources than usual make attempts of no user, or one makes very many.
void IncidentTracker::find_scans(Timestamp now) {
  constexpr double kScannersMin = 5;
  constexpr std::uint32_t kLoudScan = 100;  // attempts in half an hour
  constexpr double kScanHoursMin = 2;  // before that there is no usual number of them
  const Cell cell{kScanKey, 0, 0, 0, 0, false};
  const double found = static_cast<double>(scanners_.size());
  const bool loud = std::ranges::any_of(scanners_, [](const auto& each) { return each.second >= kLoudScan; });
  const double usual = kRoom * (scan_past_ + 2) / (scan_hours_ + 1) * (static_cast<double>(kRecentMs) / kHour) + 2;
  const double sure = found > usual ? found * std::log(found / usual) - (found - usual) : 0;
  Watched* watched = open_with(cell.key);
  if (watched != nullptr) {
    if ((loud || sure >= kStillBad) && !scans_.empty() && scans_.back().at > now - kWellMs) watched->last_bad = now;
    return;
  }
  const bool more = found >= kScannersMin && sure >= kSure && scan_hours_ >= kScanHoursMin;
  if ((!more && !loud) || open_.size() >= kIncidentsOpenMax) return;
  watched = &open_for(cell, IncidentKind::security, Cause::not_a_user_attempt, now, scans_.front().verdict);
  Incident& card = watched->card;
  card.dimension = Dimension::sources;
  for (const Scan& scan : scans_)
    if (card.samples.size() < kIncidentSamplesMax) card.samples.push_back({scan.verdict, {}});
  const auto most = std::ranges::max_element(scanners_, {}, [](const auto& each) { return each.second; });
  // A loud one began with its first word, not with that of another which came by half an hour ago.
  if (card.onset == kUntimed) card.onset = (loud ? *std::ranges::find(scans_, most->first, &Scan::peer) : scans_.front()).at;
  card.value = most->first + (scanners_.size() > 1 ? " and " + plural(scanners_.size() - 1, "other source") : "");
  card.active = scans_.size();
  watched->last_bad = now;
}

}  // namespace vpnverdict
