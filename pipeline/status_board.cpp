#include "pipeline/status_board.h"

#include <algorithm>
#include <functional>
#include <set>
#include <tuple>
#include <utility>

#include "pipeline/incident_json.h"
#include "pipeline/verdict_json.h"

namespace vpnverdict {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kShortMinutes = 5;
constexpr std::size_t kEntryBytes = 512;  // what an entry costs beside its texts

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return out;
}

// The most telling name of a client there is.
std::uint64_t client_of(const Verdict& verdict) {
  const std::string& name = !verdict.peer_ip.empty() ? verdict.peer_ip : !verdict.client.empty() ? verdict.client : verdict.user;
  return std::hash<std::string_view>()(name);
}

Verdict without_names(Verdict verdict) {
  verdict.user.clear();
  verdict.client.clear();
  verdict.peer_ip.clear();
  for (Evidence& evidence : verdict.evidence) evidence.text.clear();
  return verdict;
}

// What a card says of places that are clients' addresses stands in its sentences, too.
Incident without_names(Incident card) {
  for (IncidentSample& sample : card.samples) sample.text.clear();
  if (card.dimension != Dimension::network && card.dimension != Dimension::sources) return card;
  card.value = "not shown";
  card.sentence = "An incident of kind " + std::string(name_of(card.kind)) + ", by " + std::string(name_of(card.dimension)) + ": clients' addresses are not shown here.";
  card.reading.clear();
  card.counter_evidence.clear();
  card.echoes.clear();
  return card;
}

}  // namespace

void StatusBoard::show_names(bool names) {
  const std::lock_guard lock(mutex_);
  if (std::exchange(names_, names) == names || names) return;
  cards_.clear();
  for (Shelf* shelf : {&failures_, &others_}) {
    for (auto& [place, entry] : shelf->entries) {
      shelf->bytes -= entry.json.size();
      entry.json = std::string();
      entry.searched = std::string();
    }
  }
}

void StatusBoard::add(const Incident& card) {
  const std::lock_guard lock(mutex_);
  std::string json = to_json(names_ ? card : without_names(card));
  const auto known = std::ranges::find(cards_, card.id, &Card::id);
  if (known != cards_.end()) {
    known->open = card.open;
    known->json = std::move(json);
    return;
  }
  if (cards_.size() >= kBoardIncidentsMax) {
    const auto over = std::ranges::find(cards_, false, &Card::open);
    cards_.erase(over != cards_.end() ? over : cards_.begin());
  }
  cards_.push_back({card.id, card.open, std::move(json)});
}

StatusBoard::Cards StatusBoard::incidents(std::size_t limit, std::size_t skip) const {
  Cards out;
  std::size_t bytes = 0;
  std::size_t place = 0;
  const std::lock_guard lock(mutex_);
  for (const bool open : {true, false}) {
    for (auto card = cards_.rbegin(); card != cards_.rend(); ++card) {
      if (card->open != open || place++ < skip) continue;
      bytes += card->json.size();
      if (out.records.size() == limit || (bytes > kAnswerBytesMax && !out.records.empty())) {
        out.next = place - 1;
        return out;
      }
      out.records.push_back(card->json);
    }
  }
  return out;
}

void StatusBoard::add(const ToldVerdict& told) {
  const Verdict& verdict = told.verdict;
  const Timestamp told_at = told.told_at != kUntimed ? told.told_at : verdict.last_evidence_at;
  Entry entry;
  entry.id = verdict.id;
  entry.attempt = verdict.about_session ? verdict.attempt : verdict.id;
  entry.same_as = verdict.same_as;
  entry.client = client_of(verdict);
  entry.outcome = verdict.outcome;
  entry.cause = verdict.cause;
  entry.about_session = verdict.about_session;
  entry.group = verdict.group;
  entry.label = groups_.find(verdict.group);
  if (entry.label >= kBoardGroupsMax) entry.label = GroupLabels::kOther;
  entry.searched = lower(verdict.group + "\n" + verdict.concentrator + "\n" + hex16(verdict.id));
  const std::lock_guard lock(mutex_);
  if (names_) {
    entry.searched += "\n" + lower(verdict.user + "\n" + verdict.client + "\n" + verdict.peer_ip);
    entry.json = told.json;
  } else {
    entry.json = to_json(without_names(verdict), told.sources);
  }
  if (told_at != kUntimed) now_ = std::max(now_, told_at);
  // An amendment moves what was counted; one of an attempt that is no longer here was counted before.
  const bool known = take_out(verdict.id, &entry.minute);
  if (!known && verdict.revision == 1 && told_at > 0) entry.minute = told_at / kMinuteMs;
  if (verdict.about_session || verdict.same_as != 0) entry.minute = -1;
  count(entry, 1);
  put(std::move(entry));
}

void StatusBoard::count(const Entry& entry, std::int32_t by) {
  const bool failed = entry.outcome == Outcome::failed;
  if (entry.minute < 0 || (!failed && entry.outcome != Outcome::connected)) return;
  const auto change = [by](std::uint32_t& value) { value += static_cast<std::uint32_t>(by); };
  for (Hour<Decided>* hour : {&all_, &by_group_[entry.label]}) {
    if (Decided* cell = hour->at(entry.minute)) change(failed ? cell->failed : cell->connected);
  }
  if (auto* causes = by_cause_.at(entry.minute); failed && causes != nullptr) change((*causes)[static_cast<std::size_t>(entry.cause)]);
}

bool StatusBoard::take_out(std::uint64_t id, std::int64_t* minute) {
  const auto found = place_.find(id);
  if (found == place_.end()) return false;
  for (Shelf* shelf : {&failures_, &others_}) {
    const auto at = shelf->entries.find(found->second);
    if (at == shelf->entries.end()) continue;
    count(at->second, -1);
    *minute = at->second.minute;
    shelf->bytes -= kEntryBytes + at->second.json.size();
    shelf->entries.erase(at);
  }
  place_.erase(found);
  return true;
}

void StatusBoard::put(Entry entry) {
  Shelf& shelf = shelf_of(entry);
  place_[entry.id] = ++newest_;
  shelf.bytes += kEntryBytes + entry.json.size();
  shelf.entries.emplace(newest_, std::move(entry));
  while (shelf.entries.size() > shelf.most || shelf.bytes > kBoardBytesMax) {
    const auto oldest = shelf.entries.begin();
    shelf.bytes -= kEntryBytes + oldest->second.json.size();
    place_.erase(oldest->second.id);
    shelf.entries.erase(oldest);
  }
}

StatusBoard::Rate StatusBoard::rate_of(const Hour<Decided>& hour, std::int64_t minute) {
  Rate out;
  for (std::int64_t age = 0; age < kBoardMinutes; ++age) {
    const Decided* cell = hour.find(minute - age);
    if (cell == nullptr) continue;
    out.failed_1h += cell->failed;
    out.connected_1h += cell->connected;
    if (age < kShortMinutes) {
      out.failed_5m += cell->failed;
      out.connected_5m += cell->connected;
    }
    const auto bar = static_cast<std::size_t>((kBoardMinutes - 1 - age) * static_cast<std::int64_t>(kBars) / kBoardMinutes);
    out.failed[bar] += cell->failed;
    out.connected[bar] += cell->connected;
  }
  return out;
}

StatusBoard::Picture StatusBoard::picture(Timestamp now) const {
  Picture out;
  const std::vector<std::string> labels = groups_.names();
  const std::lock_guard lock(mutex_);
  out.now = std::max(now, now_);
  out.newest = newest_;
  if (out.now < 0) return out;
  const std::int64_t minute = out.now / kMinuteMs;
  out.all = rate_of(all_, minute);
  for (const auto& [label, hour] : by_group_) {
    const Rate rate = rate_of(hour, minute);
    if (rate.failed_1h + rate.connected_1h > 0) out.groups.push_back({labels[label], rate, Cause::undetermined, 0});
  }
  for (std::size_t c = 0; c < kCauseCount; ++c) {
    CauseLine line{static_cast<Cause>(c), 0, 0, 0, 0};
    for (std::int64_t age = 0; age < kBoardMinutes; ++age) {
      const auto* cell = by_cause_.find(minute - age);
      if (cell == nullptr) continue;
      line.failed_1h += (*cell)[c];
      if (age < kShortMinutes) line.failed_5m += (*cell)[c];
    }
    if (line.failed_1h > 0) out.causes.push_back(line);
  }
  look_at_failures(minute, labels, &out);
  std::sort(out.groups.begin(), out.groups.end(), [](const Group& a, const Group& b) {
    return std::tuple(b.rate.failed_5m, b.rate.failed_1h, a.name) < std::tuple(a.rate.failed_5m, a.rate.failed_1h, b.name);
  });
  std::sort(out.causes.begin(), out.causes.end(), [](const CauseLine& a, const CauseLine& b) {
    return std::tuple(b.failed_1h, b.failed_5m, a.cause) < std::tuple(a.failed_1h, a.failed_5m, b.cause);
  });
  return out;
}

// Who and why, from the records of this hour's failures.
void StatusBoard::look_at_failures(std::int64_t minute, const std::vector<std::string>& labels, Picture* out) const {
  std::set<std::uint64_t> clients;
  std::map<std::string_view, std::set<std::uint64_t>> clients_of_group;
  std::map<std::string_view, std::map<Cause, std::uint32_t>> causes_of_group;
  std::map<Cause, std::set<std::uint64_t>> clients_of_cause;
  std::map<Cause, std::set<std::uint32_t>> groups_of_cause;
  for (const auto& [place, entry] : failures_.entries) {
    if (entry.minute <= minute - kBoardMinutes || entry.minute < 0) continue;
    const std::string_view group = labels[entry.label];
    clients.insert(entry.client);
    clients_of_group[group].insert(entry.client);
    ++causes_of_group[group][entry.cause];
    clients_of_cause[entry.cause].insert(entry.client);
    groups_of_cause[entry.cause].insert(entry.label);
  }
  const auto size = [](const auto& set) { return static_cast<std::uint32_t>(set.size()); };
  out->all.clients_1h = size(clients);
  for (Group& group : out->groups) {
    group.rate.clients_1h = size(clients_of_group[group.name]);
    for (const auto& [cause, failed] : causes_of_group[group.name]) {
      if (failed <= group.worst_1h) continue;
      group.worst = cause;
      group.worst_1h = failed;
    }
  }
  for (CauseLine& line : out->causes) {
    line.groups_1h = size(groups_of_cause[line.cause]);
    line.clients_1h = size(clients_of_cause[line.cause]);
  }
}

StatusBoard::Page StatusBoard::page(const Query& query) const {
  Page out;
  const std::string find = lower(query.find);
  const std::uint32_t label = groups_.find(query.group);
  const bool by_label = !query.group.empty() && (label != GroupLabels::kOther || query.group == "other");
  const auto wanted = [&](const Entry& entry) {
    return entry.same_as == 0 && !entry.json.empty() && (!query.outcome || entry.outcome == *query.outcome) && (!query.cause || entry.cause == *query.cause) &&
           (query.group.empty() || entry.group == query.group || (by_label && entry.label == label)) &&
           (find.empty() || entry.searched.find(find) != std::string::npos);
  };
  const std::lock_guard lock(mutex_);
  out.newest = newest_;
  const std::uint64_t before = query.before == 0 ? newest_ + 1 : query.before;
  auto failure = std::make_reverse_iterator(failures_.entries.lower_bound(before));
  auto other = std::make_reverse_iterator(others_.entries.lower_bound(before));
  std::size_t bytes = 0;
  std::uint64_t last = 0;
  while (failure != failures_.entries.rend() || other != others_.entries.rend()) {
    const bool take_failure =
        other == others_.entries.rend() || (failure != failures_.entries.rend() && failure->first > other->first);
    const auto& [place, entry] = take_failure ? *failure++ : *other++;
    if (!wanted(entry)) continue;
    bytes += entry.json.size();
    if (out.records.size() == query.limit || (bytes > kAnswerBytesMax && !out.records.empty())) {
      out.next = last;
      break;
    }
    out.records.push_back(entry.json);
    last = place;
  }
  return out;
}

const StatusBoard::Entry* StatusBoard::entry_of(std::uint64_t id) const {
  const auto found = place_.find(id);
  if (found == place_.end()) return nullptr;
  for (const Shelf* shelf : {&failures_, &others_}) {
    if (const auto at = shelf->entries.find(found->second); at != shelf->entries.end()) return &at->second;
  }
  return nullptr;
}

StatusBoard::Attempt StatusBoard::attempt(std::uint64_t id) const {
  Attempt out;
  const std::lock_guard lock(mutex_);
  const Entry* entry = entry_of(id);
  if (entry != nullptr && entry->about_session) {
    id = entry->attempt;
    entry = entry_of(id);
  }
  if (entry != nullptr) out.record = entry->json;
  std::size_t bytes = out.record.size();
  for (const Shelf* shelf : {&failures_, &others_}) {
    for (const auto& [place, session] : shelf->entries) {
      if (!session.about_session || session.attempt != id || session.json.empty()) continue;
      bytes += session.json.size();
      if (bytes <= kAnswerBytesMax) out.sessions.push_back(session.json);
    }
  }
  return out;
}

}  // namespace vpnverdict
