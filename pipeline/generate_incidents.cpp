#include "pipeline/generate_incidents.h"

#include <algorithm>

#include "pipeline/verdict_json.h"

namespace vpnverdict {

enum class IncidentPlan::Pattern : std::uint8_t {
  group_password_changed,
  change_reached_one_box,
  filter_on_one_box,
  box_overloaded,
  site_cut_off,
  provider_filters,
  nat_traversal_lost,
  aaa_dead,
  aaa_refuses,
  certificates_ran_out,
  backup_lacks_group,
  group_without_address,
  spraying,
  scan,
  stale_password,
  feed_cut,
  count
};

namespace {

constexpr Timestamp kMinute = 60'000;
constexpr Timestamp kHour = 60 * kMinute;
constexpr Timestamp kFirst = 3 * kHour;    // a fleet must have a past
constexpr Timestamp kPause = 40 * kMinute;  // the last one's card is closed by then
constexpr Timestamp kSwitchoverAfter = 5 * kHour + 20 * kMinute;

constexpr std::size_t kChangedGroup = 5;   // finance
constexpr std::size_t kBigGroup = 0;
constexpr std::size_t kHalfChangedBox = 8;
constexpr std::size_t kFilteredBox = 6;
constexpr std::size_t kLoadedBox = 14;
constexpr std::size_t kCutSite = 10;       // and its partner
constexpr std::size_t kBackupBox = 3;
constexpr std::size_t kPoorGroup = 2;
constexpr std::size_t kQuietBox = 16;
constexpr std::size_t kSwitchedBox = 0;
constexpr std::string_view kMixed[] = {"session_limit_reached", "xauth_timeout", "address_unavailable", "phase2_proposal_mismatch", "ike_proposal_mismatch"};
constexpr std::string_view kPatternNames[] = {"group_password_changed", "change_reached_one_box", "filter_on_one_box", "box_overloaded", "site_cut_off",
                                              "provider_filters", "nat_traversal_lost", "aaa_dead", "aaa_refuses", "certificates_ran_out",
                                              "backup_lacks_group", "group_without_address", "spraying", "scan", "stale_password", "feed_cut"};

// Boxes whose scripts name 10.1.0.6.
bool asks_that_server(const Person& who) { return who.box % 4 == 1 && who.box % 3 != 0; }
bool of_provider(const Person& who) { return who.index % 16 == 3 && !who.shared_nat; }

}  // namespace

IncidentPlan::IncidentPlan(Fleet& fleet, Timestamp start) : fleet_(fleet), next_(start + kFirst), switchover_(start + kSwitchoverAfter) {
  static_assert(std::size(kPatternNames) == static_cast<std::size_t>(Pattern::count));
}

void IncidentPlan::begin(Timestamp at) {
  now_ = {static_cast<Pattern>(count_ % static_cast<std::size_t>(Pattern::count)), at, at + 20 * kMinute, at + 90 * kMinute, 30, {}};
  if (now_.pattern == Pattern::feed_cut) fleet_.boxes[kQuietBox].feed_cut.push_back({at, at + kHour});
  if (now_.pattern == Pattern::site_cut_off)  // nothing is logged at all, its sessions' ends neither
    for (const std::size_t box : {kCutSite, kCutSite + 1}) fleet_.boxes[box].feed_cut.push_back({at, now_.most});
  if (now_.pattern == Pattern::feed_cut) now_.least = now_.most = at + kHour;
  running_ = true;
  ++count_;
}

void IncidentPlan::end(Timestamp at) {
  done_.push_back(truth_until(at));
  if (now_.pattern == Pattern::site_cut_off)
    for (const std::size_t box : {kCutSite, kCutSite + 1}) fleet_.boxes[box].feed_cut.back().until = at;
  running_ = false;
  next_ = at + kPause;
}

IncidentPlan::Change IncidentPlan::change(Timestamp at, Person& who) {
  // One provider has its own network, always.
  if (of_provider(who)) who.peer = "198.19." + who.peer.substr(who.peer.find('.', who.peer.find('.') + 1) + 1);
  if (!running_ && at >= next_ && (at + 100 * kMinute < switchover_ || at > switchover_ + kPause)) begin(at);
  if (running_ && at >= now_.least && (now_.hit.size() >= now_.enough || at >= now_.most)) end(at);
  if (!running_) return {};
  return act(who);
}

IncidentPlan::Change IncidentPlan::act(Person& who) {
  ++turn_;
  switch (now_.pattern) {
    case Pattern::group_password_changed: return {who.group == kChangedGroup ? "group_password_mismatch" : std::string_view{}};
    case Pattern::change_reached_one_box: return {who.group == kBigGroup && who.box == kHalfChangedBox ? "group_password_mismatch" : std::string_view{}};
    case Pattern::filter_on_one_box: return {who.box == kFilteredBox ? "public_filter_blocks" : std::string_view{}};
    case Pattern::box_overloaded: return {who.box == kLoadedBox && turn_ % 8 != 0 ? kMixed[turn_ % std::size(kMixed)] : std::string_view{}};
    case Pattern::site_cut_off: return {{}, cut_off(who.box)};
    case Pattern::provider_filters: return {of_provider(who) ? "udp500_blocked" : std::string_view{}};
    case Pattern::nat_traversal_lost: return {who.natt ? "natt_udp4500_blocked" : std::string_view{}};
    case Pattern::aaa_dead: return {asks_that_server(who) ? "aaa_server_unreachable" : std::string_view{}};
    case Pattern::aaa_refuses: return {asks_that_server(who) ? "user_rejected_unspecified" : std::string_view{}};
    case Pattern::certificates_ran_out: return {who.index % 7 == 0 ? "certificate_expired" : std::string_view{}};
    case Pattern::backup_lacks_group:
      if (who.group != kPoorGroup || who.box % 4 != kBackupBox % 4) return {};
      who.box = kBackupBox;
      who.group_gone = true;
      return {"group_name_unknown"};
    case Pattern::group_without_address: return {who.group == kPoorGroup ? "address_unavailable" : std::string_view{}};
    case Pattern::spraying:
      if (turn_ % 3 != 0) return {};
      who.peer = "192.0.2." + std::to_string(66 + turn_ % 3);
      who.user = "aaron" + std::to_string(turn_);
      who.ships_always = who.ships_failures = false;
      return {"user_unknown"};
    case Pattern::scan:
      if (turn_ % 4 != 0) return {};
      who.peer = "192.0.2.200";
      who.scanner = true;
      return {"scan"};
    case Pattern::stale_password:
      if (turn_ % 10 != 0) return {};
      who.user = "the.boss";
      who.ships_always = who.ships_failures = false;
      return {now_.hit.size() > 8 ? "user_account_locked" : "user_password_wrong"};
    case Pattern::feed_cut:
    case Pattern::count: break;
  }
  return {};
}

bool IncidentPlan::cut_off(std::size_t box) const { return running_ && now_.pattern == Pattern::site_cut_off && box / 2 == kCutSite / 2; }

IncidentTruth IncidentPlan::truth_until(Timestamp at) const {
  const auto tenth_of = [](std::vector<Timestamp> times) {
    if (times.size() < 10) return Timestamp{0};
    std::nth_element(times.begin(), times.begin() + 9, times.end());
    return times[9];
  };
  IncidentTruth truth = described(now_.pattern);
  truth.from = now_.from;
  truth.until = at;
  truth.tenth = tenth_of(now_.failed);
  truth.tenth_told = tenth_of(now_.told);
  truth.clients = now_.hit.size();
  return truth;
}

void IncidentPlan::played(std::uint64_t person, Timestamp end, Timestamp told) {
  if (!running_ || !now_.hit.insert(person).second) return;
  now_.failed.push_back(end);
  now_.told.push_back(told);
}

bool IncidentPlan::cut(std::size_t box, std::uint64_t person, Timestamp connected_at, Timestamp* lasts_ms) {
  if (box != kSwitchedBox || connected_at >= switchover_ || connected_at + *lasts_ms <= switchover_) return false;
  *lasts_ms = switchover_ - connected_at + static_cast<Timestamp>(person % 900);
  lost_.insert(person);
  return true;
}

IncidentTruth IncidentPlan::described(Pattern pattern) const {
  IncidentTruth out;
  out.pattern = kPatternNames[static_cast<std::size_t>(pattern)];
  out.kind = "failures";
  switch (pattern) {
    case Pattern::group_password_changed: out.places = {"group " + fleet_.groups[kChangedGroup]}; break;
    case Pattern::change_reached_one_box:
      out.places = {"group_on_concentrator " + fleet_.groups[kBigGroup] + " on " + fleet_.boxes[kHalfChangedBox].name};
      break;
    case Pattern::filter_on_one_box: out.places = {place_of(kFilteredBox)}; break;
    case Pattern::box_overloaded: out.places = {place_of(kLoadedBox)}; break;
    case Pattern::site_cut_off:
      out.kind = "silence";
      out.places = {"site " + fleet_.boxes[kCutSite].cluster};
      break;
    case Pattern::provider_filters: out.places = {"network 198.19.0.0/16"}; break;
    case Pattern::nat_traversal_lost: out.places = {"cause natt_udp4500_blocked"}; break;
    case Pattern::aaa_dead:
    case Pattern::aaa_refuses: out.places = {"aaa_server 10.1.0.6"}; break;
    case Pattern::certificates_ran_out: out.places = {"cause certificate_expired"}; break;
    case Pattern::backup_lacks_group:
      out.places = {"group_on_concentrator " + fleet_.groups[kPoorGroup] + " on " + fleet_.boxes[kBackupBox].name};
      break;
    case Pattern::group_without_address: out.places = {"group " + fleet_.groups[kPoorGroup]}; break;
    case Pattern::spraying:
    case Pattern::scan:
      out.kind = "security";
      out.places = {"sources *"};
      break;
    case Pattern::stale_password:
      out.kind = "account";
      out.places = {"user *"};
      break;
    case Pattern::feed_cut:
      out.kind = "silent_feed";
      out.places = {place_of(kQuietBox)};
      break;
    case Pattern::count: break;
  }
  return out;
}

// The usual fleet has feeds with gaps, pools too small and boxes set up badly.
std::vector<IncidentTruth> IncidentPlan::truth() const {
  std::vector<IncidentTruth> out = done_;
  if (running_) {  // cut off by the end of the fleet: before ten had failed nobody need have seen it
    out.push_back(truth_until(now_.from + 90 * kMinute));
    out.back().injected = now_.hit.size() >= 10;
  }
  if (!lost_.empty()) {
    IncidentTruth switched;
    switched.pattern = "switchover";
    switched.kind = "sessions_lost";
    switched.places = {place_of(kSwitchedBox)};
    switched.from = switchover_;
    switched.until = switchover_ + 1'000;
    switched.tenth = switched.tenth_told = lost_.size() < 10 ? 0 : switchover_ + 1'000;
    switched.clients = lost_.size();
    out.push_back(switched);
  }
  const auto own = [&](std::string_view pattern, std::vector<std::string> places, Timestamp from, Timestamp until) {
    IncidentTruth truth;
    truth.pattern = pattern;
    truth.kind = "*";
    truth.places = std::move(places);
    truth.from = from;
    truth.until = until;
    truth.injected = false;
    out.push_back(std::move(truth));
  };
  constexpr Timestamp kAlways = 4'000'000'000'000;
  for (std::size_t i = 0; i < fleet_.boxes.size(); ++i) {
    if (i == kQuietBox || i / 2 == kCutSite / 2) continue;  // their gaps are injected
    const std::vector<std::string> places = {place_of(i), "site " + fleet_.boxes[i].cluster};
    for (const Span& span : fleet_.boxes[i].feed_cut) own("usual_feed_gap", places, span.from, span.until);
  }
  own("usual_fresh_box", {place_of(kFreshBox), "site " + fleet_.boxes[kFreshBox].cluster}, 0, kAlways);
  for (const std::string& group : fleet_.groups) own("usual_unmatched_certificate", {"group ou=" + group}, 0, kAlways);
  for (const std::string& group : fleet_.poolless) own("usual_poolless", {"group " + group}, 0, kAlways);
  for (const SmallPool& pool : fleet_.small_pools)
    own("usual_small_pool", {"group " + pool.group, "group_on_concentrator " + pool.group + " on " + fleet_.boxes[pool.box].name}, 0, kAlways);
  return out;
}

std::string to_json(const IncidentTruth& truth) {
  std::string out = "{\"about\":\"incident\",\"pattern\":";
  append_json_string(truth.pattern, out);
  out += ",\"kind\":";
  append_json_string(truth.kind, out);
  out += ",\"places\":[";
  for (std::size_t i = 0; i < truth.places.size(); ++i) {
    if (i != 0) out += ',';
    append_json_string(truth.places[i], out);
  }
  out += "],\"from\":" + std::to_string(truth.from) + ",\"until\":" + std::to_string(truth.until) + ",\"tenth\":" + std::to_string(truth.tenth) +
         ",\"tenth_told\":" + std::to_string(truth.tenth_told) +
         ",\"clients\":" + std::to_string(truth.clients) + ",\"injected\":" + (truth.injected ? "true" : "false") + '}';
  return out;
}

}  // namespace vpnverdict
