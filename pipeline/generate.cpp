#include "pipeline/generate.h"

#include <algorithm>
#include <cstdio>
#include <deque>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <queue>
#include <sstream>
#include <unordered_map>

#include "pipeline/generate_incidents.h"
#include "pipeline/generate_script.h"
#include "pipeline/verdict_json.h"

namespace vpnverdict {
namespace {

constexpr Timestamp kMinute = 60'000;
constexpr Timestamp kHour = 60 * kMinute;
// Busy and quiet hours of the day, in percent of the mean; from midnight UTC.
constexpr std::uint64_t kHourLoad[24] = {20, 15, 15, 15, 25, 50, 110, 190, 240, 200, 160, 140,
                                         130, 160, 160, 140, 120, 110, 100, 100, 80, 60, 40, 30};
// A new attempt of one person starts well after the last one's tails: retries (60 s) + peer time-out (90 s) + 40 s.
constexpr Timestamp kPauseMs = 6 * kMinute;

using Line = std::uint64_t;

// A line that waits for its time. `order` breaks ties, so that equal times keep the script's order.
struct WaitingBoxLine {
  BoxLine line;
  std::uint64_t truth = 0;  // 0: noise
  std::uint64_t order = 0;
};
struct WaitingRecord {
  Timestamp arrives = 0;
  std::uint64_t order = 0;
  std::uint64_t truth = 0;
  bool client = false;
  std::string key;
  std::string value;
};
template <class Item, class Time>
struct Later {
  bool operator()(const Item& a, const Item& b) const {
    const Timestamp left = Time()(a);
    const Timestamp right = Time()(b);
    return left != right ? left > right : a.order > b.order;
  }
};
struct BoxTime {
  Timestamp operator()(const WaitingBoxLine& item) const { return item.line.at; }
};
struct ArrivalTime {
  Timestamp operator()(const WaitingRecord& item) const { return item.arrives; }
};
template <class Item, class Time>
using Heap = std::priority_queue<Item, std::vector<Item>, Later<Item, Time>>;

// An attempt that must happen at a given time: members of an outage, neighbours behind one NAT.
struct Planned {
  Timestamp at = 0;
  std::size_t scenario = 0;
  std::size_t box = kBoxes;    // kBoxes: the person's own
  std::uint64_t site = 0;      // 1 + site number: somebody behind this site's NAT
};

struct OpenTruth {
  TruthRow row;
  std::uint32_t waiting = 0;  // records not yet handed out
};

std::string client_stamp(Timestamp at, bool linux_client) {
  const std::string iso = rfc3339(at);  // 2026-03-02T07:00:00.000Z
  return iso.substr(11, 12) + "  " + iso.substr(5, 2) + '/' + iso.substr(8, 2) + '/' + iso.substr(linux_client ? 0 : 2, linux_client ? 4 : 2);
}
std::string box_stamp(Timestamp at) {
  const std::string iso = rfc3339(at - at % 10);  // the box's clock moves in steps of 10 ms
  return iso.substr(5, 2) + '/' + iso.substr(8, 2) + '/' + iso.substr(0, 4) + ' ' + iso.substr(11, 12);
}

void append_field(std::string_view name, std::string_view value, std::string& out) {
  out += ",\"";
  out += name;
  out += "\":";
  append_json_string(value, out);
}

// As Filebeat writes a line of the VPN Client's log file.
std::string client_envelope(const Person& who, std::string_view group, Timestamp arrives, std::string_view message) {
  std::string out = "{\"@timestamp\":\"" + rfc3339(arrives) + '"';
  append_field("message", message, out);
  out += ",\"agent\":{\"type\":\"filebeat\"},\"host\":{\"name\":\"" + who.host + "\"}";
  if (who.envelope_tells) {
    out += ",\"source\":{\"ip\":\"" + who.peer + "\"},\"fields\":{\"group\":";
    append_json_string(group, out);
    out += '}';
  }
  out += '}';
  return out;
}

// As a syslog relay writes a message of the concentrator.
std::string box_envelope(const Box& box, Timestamp arrives, std::string_view message) {
  std::string out = "{\"@timestamp\":\"" + rfc3339(arrives) + '"';
  append_field("host", box.name, out);
  append_field("fromhost-ip", box.address, out);
  append_field("message", message, out);
  out += '}';
  return out;
}

std::string joined_lines(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

bool parse_weight(std::string_view text, std::uint64_t* out) {
  const std::string copy(text);
  char* end = nullptr;
  const double value = std::strtod(copy.c_str(), &end);
  if (end == copy.c_str() || *end != '\0' || !(value >= 0) || value > 1e9) return false;
  *out = static_cast<std::uint64_t>(value * 1000 + 0.5);
  return true;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

Mix built_in_mix(bool uniform) {
  Mix mix;
  for (const Scenario& row : scenarios()) mix.scenarios.push_back({row.name, uniform ? 1 : row.weight});
  for (const SessionEnd& row : session_ends()) mix.session_ends.push_back({row.name, uniform ? 1 : row.weight});
  return mix;
}

MixRow* row_named(Mix& mix, std::string_view name) {
  for (MixRow& row : mix.scenarios)
    if (row.name == name) return &row;
  for (MixRow& row : mix.session_ends)
    if (row.name == name) return &row;
  return nullptr;
}

std::uint64_t sum(const std::vector<MixRow>& rows) {
  std::uint64_t total = 0;
  for (const MixRow& row : rows) total += row.weight;
  return total;
}

std::size_t draw(const std::vector<MixRow>& rows, Random& random) {
  std::uint64_t at = random.below(sum(rows));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (at < rows[i].weight) return i;
    at -= rows[i].weight;
  }
  return 0;
}

// People enough that nobody has to hurry: sessions last hours and every person has one at a time.
std::uint64_t people_for(std::uint64_t attempts) { return std::clamp<std::uint64_t>(attempts / 2, 20'000, 60'000); }

std::size_t scenario_index(std::string_view name) {
  for (std::size_t i = 0; i < scenarios().size(); ++i)
    if (scenarios()[i].name == name) return i;
  return 0;
}

}  // namespace

bool parse_mix(std::string_view text, std::string_view name, Mix* out, std::string* error) {
  Mix mix = built_in_mix(false);
  for (MixRow& row : mix.scenarios) row.weight = 0;
  std::map<std::string_view, std::uint64_t> ends;
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    ++number;
    line = trimmed(line.substr(0, line.find('#')));
    if (line.empty()) continue;
    const std::string where = std::string(name) + ':' + std::to_string(number) + ": ";
    const std::size_t colon = line.find(':');
    const std::string_view key = trimmed(line.substr(0, colon));
    MixRow* row = row_named(mix, key);
    if (colon == std::string_view::npos) return *error = where + "expected `name: weight`", false;
    if (row == nullptr) return *error = where + "no such cause or scenario: " + std::string(key), false;
    if (!parse_weight(trimmed(line.substr(colon + 1)), &row->weight))
      return *error = where + "the weight of " + std::string(key) + " must be a number from 0 to 1e9", false;
  }
  if (sum(mix.scenarios) == 0) return *error = std::string(name) + ": every weight is 0", false;
  if (sum(mix.session_ends) == 0) return *error = std::string(name) + ": every way a session ends has weight 0", false;
  *out = std::move(mix);
  return true;
}

bool read_mix(const std::string& mix, Mix* out, std::string* error) {
  if (mix.empty() || mix == "uniform") {
    *out = built_in_mix(mix == "uniform");
    return true;
  }
  std::ifstream file(mix, std::ios::binary);
  if (!file) return *error = mix + ": cannot be read", false;
  std::ostringstream text;
  text << file.rdbuf();
  return parse_mix(text.str(), mix, out, error);
}

struct FleetGenerator::State {
  State(const GenerateOptions& given, Mix given_mix)
      : options(given),
        mix(std::move(given_mix)),
        random(spread(given.seed)),
        fleet(given.seed, people_for(given.attempts), given.start),
        inventory(fleet.inventory()),
        clock(given.start) {
    next_regular = clock;
    if (!given.incidents.empty()) incidents.emplace(fleet, given.start);
  }

  GenerateOptions options;
  Mix mix;
  Random random;
  Fleet fleet;
  Inventory inventory;
  Timestamp clock;
  Timestamp next_regular;
  std::uint64_t attempts = 0;
  std::uint64_t order = 0;
  std::uint64_t lines = 0;
  std::multimap<Timestamp, Planned> plans;
  Heap<WaitingBoxLine, BoxTime> box_lines;
  Heap<WaitingRecord, ArrivalTime> records;
  std::unordered_map<std::uint64_t, OpenTruth> open;
  std::deque<TruthRow> ready;
  std::optional<IncidentPlan> incidents;

  // ---- the order of things
  Timestamp horizon() const;
  bool advance();
  bool hand_out(GeneratedRecord* out);

  // ---- attempts
  void start_next();
  void attempt(Timestamp at, std::size_t scenario, std::size_t box, std::uint64_t site);
  bool in_trouble(Timestamp at, std::size_t box) const;
  bool free_person(Timestamp at, std::size_t box, std::uint64_t site, Person* out);
  std::size_t fitted(Timestamp at, std::size_t scenario, std::size_t* box);
  void choose_stage(Play& play, std::size_t scenario);
  void plan_neighbours(Timestamp at, const Person& who);
  Timestamp record_attempt(Play& play, std::uint64_t number);
  void end_session(const Play& connected, std::uint64_t number);

  // ---- lines
  TruthRow truth_of(const Play& play, const std::string& id);
  bool ships_client_log(const Play& play);
  bool add_box_lines(const Play& play, std::uint64_t truth);
  Timestamp add_client_lines(const Play& play, std::uint64_t truth, int first_number);
  void judge(OpenTruth& truth, const Play& play, bool client_seen);
  void write_box_line(WaitingBoxLine item);
  void push(WaitingRecord record);
  void add_noise(Timestamp at);
  void close(std::uint64_t truth);
};

// Nothing that is not yet scheduled can happen before this time.
Timestamp FleetGenerator::State::horizon() const {
  Timestamp at = std::numeric_limits<Timestamp>::max();
  if (attempts < options.attempts) {
    at = next_regular;
    if (!plans.empty()) at = std::min(at, plans.begin()->first);
  }
  return at;
}

// Moves one thing forward: an attempt is played, or the earliest line of a box gets its numbers. False at the end.
bool FleetGenerator::State::advance() {
  const Timestamp limit = horizon();
  if (!box_lines.empty() && box_lines.top().line.at <= limit) {
    WaitingBoxLine item = box_lines.top();
    box_lines.pop();
    write_box_line(std::move(item));
    return true;
  }
  if (attempts >= options.attempts) return false;
  start_next();
  return true;
}

bool FleetGenerator::State::hand_out(GeneratedRecord* out) {
  for (;;) {
    const Timestamp box_time = box_lines.empty() ? std::numeric_limits<Timestamp>::max() : box_lines.top().line.at;
    if (!records.empty() && records.top().arrives <= std::min(horizon(), box_time)) break;
    if (!advance() && records.empty()) return false;
  }
  const WaitingRecord& top = records.top();
  out->topic = top.client ? kClientTopic : kConcentratorTopic;
  out->key = top.key;
  out->value = top.value;
  out->timestamp = top.arrives;
  out->line = ++lines;
  const std::uint64_t truth = top.truth;
  if (truth != 0) {
    OpenTruth& row = open.at(truth);
    (top.client ? row.row.client_lines : row.row.concentrator_lines).push_back(lines);
    --row.waiting;
  }
  records.pop();
  if (truth != 0) close(truth);
  return true;
}

void FleetGenerator::State::close(std::uint64_t truth) {
  const auto found = open.find(truth);
  if (found == open.end() || found->second.waiting != 0) return;
  TruthRow& row = found->second.row;
  if (!row.client_lines.empty() || !row.concentrator_lines.empty()) ready.push_back(std::move(row));
  open.erase(found);
}

void FleetGenerator::State::start_next() {
  Planned plan;
  if (!plans.empty() && plans.begin()->first <= next_regular) {
    plan = plans.begin()->second;
    clock = plan.at;
    plans.erase(plans.begin());
  } else {
    clock = next_regular;
    const std::uint64_t load = options.hours_alike ? 100 : kHourLoad[static_cast<std::size_t>(clock / kHour % 24)];
    const std::uint64_t mean = 60'000 * 100 / (options.attempts_per_minute * load);
    next_regular += random.between(1, static_cast<std::int64_t>(2 * mean));
    plan = {clock, draw(mix.scenarios, random), kBoxes, 0};
  }
  add_noise(clock);
  attempt(clock, plan.scenario, plan.box, plan.site);
}

bool FleetGenerator::State::in_trouble(Timestamp at, std::size_t box) const {
  const Span& down = fleet.boxes[box].down;
  const Span& filtered = fleet.boxes[box].filtered;
  return (down.from != kUntimed && at >= down.from - kOutageNoticeMs && at < down.until) ||
         (filtered.from != kUntimed && at >= filtered.from - 2 * kMinute && at < filtered.until + kMinute);
}

// Looks for somebody who is free and whose concentrator works. False when nobody was found in many tries.
bool FleetGenerator::State::free_person(Timestamp at, std::size_t box, std::uint64_t site, Person* out) {
  for (int tries = 0; tries < 500; ++tries) {
    std::uint64_t index = random.below(fleet.busy_until.size());
    if (site != 0) index = index - index % 200 + site - 1;
    if (index >= fleet.busy_until.size() || fleet.busy_until[index] > at) continue;
    Person who = fleet.person(index);
    if (site != 0 && !who.shared_nat) continue;
    if (box == kBoxes) {
      if (in_trouble(at, who.box) || in_trouble(at, fleet.partner(who.box))) continue;
    } else if (who.shared_nat && who.box != box) {
      continue;
    }
    *out = std::move(who);
    return true;
  }
  return false;
}

// Outages and filters are things of a box: members of one are planned together.
std::size_t FleetGenerator::State::fitted(Timestamp at, std::size_t scenario, std::size_t* box) {
  const std::string_view name = scenarios()[scenario].name;
  const bool outage = name == "concentrator_unreachable";
  if ((!outage && name != "public_filter_blocks") || *box != kBoxes) return scenario;
  if (incidents) return scenario_index("connected");  // each outage would be one that nobody planned
  const std::size_t hit = 1 + 2 * random.below(kFreshBox / 2);  // odd ones: the small pools live on even ones
  Span& span = outage ? fleet.boxes[hit].down : fleet.boxes[hit].filtered;
  const Timestamp ready_at = at + (outage ? kOutageNoticeMs : 2 * kMinute);
  if (span.from == kUntimed || span.until + kHour < at) {
    span = {ready_at, ready_at + random.between(15, 25) * kMinute};
    for (int member = 0; member < 5; ++member) {
      const Timestamp when = random.between(span.from + kMinute, span.until - 6 * kMinute);
      plans.emplace(when, Planned{when, scenario, hit, 0});
    }
  }
  return scenario_index("connected");  // the outage has its own members; this press works
}

void FleetGenerator::State::choose_stage(Play& play, std::size_t scenario) {
  const std::string_view name = scenarios()[scenario].name;
  if (name == "address_method_not_selected") {
    play.box = kFreshBox;
  } else if (name == "address_pool_not_defined") {
    play.group = random.pick(fleet.poolless);
  } else if (name == "address_pool_exhausted") {
    SmallPool& pool = fleet.small_pools[random.below(kSmallPools)];
    play.group = pool.group;
    play.box = pool.box;
  }
  if (name == "scan" || name == "lan_to_lan") play.box = random.below(kFreshBox);
  play.gateway = fleet.boxes[play.box].address;
}

// Colleagues behind the same NAT press Connect in the same seconds.
void FleetGenerator::State::plan_neighbours(Timestamp at, const Person& who) {
  if (!who.shared_nat || !random.permille(80)) return;
  const auto others = random.between(1, 3);
  for (std::int64_t i = 0; i < others; ++i) {
    const Timestamp when = at + random.between(50, 20'000);
    std::size_t scenario = draw(mix.scenarios, random);
    const std::string_view name = scenarios()[scenario].name;
    if (name == "concentrator_unreachable" || name == "public_filter_blocks") continue;
    plans.emplace(when, Planned{when, scenario, kBoxes, 1 + who.index % 200});
  }
}

void FleetGenerator::State::attempt(Timestamp at, std::size_t scenario, std::size_t box, std::uint64_t site) {
  scenario = fitted(at, scenario, &box);
  Person who;
  if (!free_person(at, box, site, &who) && !(site != 0 && free_person(at, box, 0, &who))) return;
  IncidentPlan::Change change;
  if (incidents && box == kBoxes) change = incidents->change(at, who);
  if (incidents && box != kBoxes && incidents->cut_off(box)) return;
  if (change.dropped) return incidents->played(who.index, at, at);
  if (!change.scenario.empty()) scenario = scenario_index(change.scenario);
  const Scenario& row = scenarios()[scenario];
  who.linux_client = row.linux_client || who.linux_client;
  if (row.needs_user_log) who.ships_always = who.ships_failures = true;
  if (box != kBoxes) who.box = box;
  if (site == 0) plan_neighbours(at, who);
  Random own(spread(options.seed * 0x2545F4914F6CDD1DULL + attempts + 1));
  Play play{own, fleet, who};
  play.box = who.box;
  play.group = fleet.groups[who.group];
  play.user = who.user;
  play.natt = who.natt;
  play.start = play.t = at;
  play.session.end = &session_ends()[draw(mix.session_ends, random)];
  if (play.session.end->cause == Cause::ipsec_data_blocked) play.natt = false;  // inside NAT-T there is no ESP to block
  choose_stage(play, scenario);
  SmallPool* pool = nullptr;
  for (SmallPool& candidate : fleet.small_pools)
    if (candidate.group == play.group) pool = &candidate;
  void (*script)(Play&) = row.play;
  if (pool != nullptr && pool->in_use(at) < pool->size) {
    script = scenarios()[scenario_index("connected")].play;
    play.session.lasts_ms = own.between(2 * kHour, 9 * kHour);
  }
  script(play);
  if (pool != nullptr && play.session.wanted) pool->leases.push_back(play.t + play.session.lasts_ms);
  const Timestamp told = record_attempt(play, ++attempts);
  // Who leaves no trace in any log is affected, but nobody can know.
  if (!change.scenario.empty() && told != kUntimed) incidents->played(who.index, play.t, told);
}

TruthRow FleetGenerator::State::truth_of(const Play& play, const std::string& id) {
  TruthRow row;
  row.id = id;
  row.cause = play.cause;
  row.outcome = play.outcome;
  row.group = play.group;
  row.user = play.user;
  row.peer_ip = play.who.peer;
  row.client = play.no_client ? "" : play.who.host;
  row.concentrator = fleet.boxes[play.box].name;
  row.started_at = play.start;
  row.ended_at = play.t;
  row.legs = play.legs;
  row.may_be_silent = play.may_be_silent;
  row.accept_client = play.client_only.accept;
  row.accept_concentrator = play.box_only.accept;
  return row;
}

bool FleetGenerator::State::ships_client_log(const Play& play) {
  if (play.no_client || play.client.empty()) return false;
  return play.cause == Cause::connected ? play.who.ships_always : play.who.ships_failures;
}

// When a log has arrived that tells of it, from its end on; kUntimed: none will.
Timestamp FleetGenerator::State::record_attempt(Play& play, std::uint64_t number) {
  const std::uint64_t id = 2 * number;
  OpenTruth& truth = open[id];
  truth.row = truth_of(play, 'a' + std::to_string(number));
  fleet.busy_until[play.who.index] = play.t + kPauseMs;
  const bool client_seen = ships_client_log(play);
  truth.row.cut_client = !client_seen && !play.no_client;
  judge(truth, play, client_seen);
  const bool box_seen = add_box_lines(play, id);
  Timestamp told = box_seen ? play.t : kUntimed;
  if (client_seen) {
    const Timestamp shipped = add_client_lines(play, id, static_cast<int>(play.random.between(1, 900)));
    if (!box_seen) told = std::max(play.t, shipped);
  }
  if (play.session.wanted) end_session(play, number);
  close(id);
  return told;
}

// What an honest reader can say of the logs that will be there.
void FleetGenerator::State::judge(OpenTruth& truth, const Play& play, bool client_seen) {
  bool box_seen = false;
  bool box_lost = false;
  for (const BoxLine& line : play.boxes) {
    const Box& box = fleet.boxes[line.box];
    if (line.severity > box.level) continue;
    const bool lost = std::any_of(box.feed_cut.begin(), box.feed_cut.end(), [&](const Span& cut) { return cut.holds(line.at); });
    (lost ? box_lost : box_seen) = true;
  }
  truth.row.cut_concentrator = box_lost;
  Told told = play.both;
  if (!box_seen || (client_seen && !play.box_decides)) told = play.client_only;
  if (!client_seen) told = play.box_only;
  const auto also = [&](const std::vector<Cause>& more) {
    told.accept.insert(told.accept.end(), more.begin(), more.end());
    told.grade = Grade::guess;
  };
  // Nothing ties the two halves together when the shipper does not know whose log it is and no shared id was logged.
  const bool tied = play.who.envelope_tells && !play.who.zone_wrong;
  if (client_seen && box_seen && !tied && play.outcome == Outcome::failed && play.both.grade != Grade::certain) {
    also(play.client_only.accept);
    also(play.box_only.accept);
  }
  if (box_lost && box_seen) {  // half a log: any honest reading of either half is right
    also(play.client_only.accept);
    also(play.box_only.accept);
    also({Cause::undetermined});
  }
  truth.row.decidable = told.grade;
  for (Cause cause : told.accept)
    if (std::find(truth.row.accept.begin(), truth.row.accept.end(), cause) == truth.row.accept.end()) truth.row.accept.push_back(cause);
}

// True when one of them is logged at all.
bool FleetGenerator::State::add_box_lines(const Play& play, std::uint64_t truth) {
  bool any = false;
  for (const BoxLine& line : play.boxes) {
    if (line.severity > fleet.boxes[line.box].level) continue;
    any = true;
    if (truth != 0) ++open.at(truth).waiting;
    box_lines.push({line, truth, ++order});
  }
  return any;
}

// When the last one is shipped.
Timestamp FleetGenerator::State::add_client_lines(const Play& play, std::uint64_t truth, int first_number) {
  const Person& who = play.who;
  std::vector<ClientLine> sorted = play.client;
  std::stable_sort(sorted.begin(), sorted.end(), [](const ClientLine& a, const ClientLine& b) { return a.at < b.at; });
  Random& dice = play.random;
  // A failed client has no way to ship its log at once: minutes later, or in the evening.
  Timestamp late = 0;
  const bool transcript = sorted.empty() || sorted.front().header.empty();
  if (play.outcome == Outcome::failed && !transcript && dice.permille(500))
    late = play.t + (dice.permille(800) ? dice.between(kMinute, 30 * kMinute) : dice.between(kHour, 8 * kHour));
  int number = first_number;
  Timestamp shipped = 0;
  for (const ClientLine& line : sorted) {
    std::string message = line.text;
    if (!line.header.empty()) {
      std::string header = std::to_string(number) + "      " + client_stamp(line.at + who.clock_offset, who.linux_client) + "  " + line.header;
      if (who.linux_client) {  // blanks for the tab, and no "customer" bit in the message id
        header.replace(header.find('\t'), 1, "     ");
        char& top = header[header.find("/0x") + 3];
        top = top == '6' ? '4' : top == 'A' ? '8' : 'C';
      }
      message = header + '\n' + message;
    }
    number += dice.permille(850) ? 1 : 2;
    shipped = late != 0 ? std::max(late, shipped) + dice.between(0, 2)
                        : std::max(shipped, line.at + dice.between(200, 700)) + 1;
    if (truth != 0) ++open.at(truth).waiting;
    push({shipped, ++order, truth, true, who.host, client_envelope(who, play.group, shipped, message)});
  }
  return shipped;
}

// The box stamps and numbers a line; the relay passes it on, unless its feed is cut or the box is off.
void FleetGenerator::State::write_box_line(WaitingBoxLine item) {
  const BoxLine& line = item.line;
  Box& box = fleet.boxes[line.box];
  bool lost = box.down.holds(line.at);
  if (box.down.from != kUntimed && line.at >= box.down.until) {  // first line after the outage: it has booted
    box.down = Span{kUntimed, box.down.until};
    box.sequence = 0;
    box.repeats.clear();
  }
  if (!lost) {
    box.sequence += static_cast<std::uint32_t>(random.permille(700) ? 1 : random.between(2, 6));
    ++box.repeats[line.message];
    lost = std::any_of(box.feed_cut.begin(), box.feed_cut.end(), [&](const Span& cut) { return cut.holds(line.at); });
  }
  if (lost) {
    if (item.truth != 0) {
      OpenTruth& truth = open.at(item.truth);
      --truth.waiting;
      truth.row.cut_concentrator = true;
      // How a session ended is mostly the concentrator's to tell: without its line there may be nothing to say.
      if (truth.row.about_session) truth.row.may_be_silent = true;
      close(item.truth);
    }
    return;
  }
  std::string message = std::to_string(box.sequence) + ' ' + box_stamp(line.at + box.clock_offset) + " SEV=" +
                        std::to_string(line.severity) + ' ' + line.message + " RPT=" + std::to_string(box.repeats[line.message]);
  if (!line.peer.empty()) message += ' ' + line.peer;
  message += "  " + joined_lines(line.text);
  // One box's lines stay in order but for a few that take another way.
  Timestamp arrives = box.last_arrival = std::max(box.last_arrival, line.at + random.between(50, 120));
  if (random.permille(30)) arrives += random.between(0, 1'400);
  push({arrives, item.order, item.truth, false, box.name, box_envelope(box, arrives, message)});
}

// Now and then a relay sends the same record twice.
void FleetGenerator::State::push(WaitingRecord record) {
  if (random.permille(5)) {
    WaitingRecord again = record;
    again.arrives += random.between(1, 1'500);
    again.order = ++order;
    if (again.truth != 0) ++open.at(again.truth).waiting;
    records.push(std::move(again));
  }
  records.push(std::move(record));
}

void FleetGenerator::State::end_session(const Play& connected, std::uint64_t number) {
  Play play = connected;
  play.client.clear();
  play.boxes.clear();
  if (play.session.lasts_ms == 0) play.session.lasts_ms = play.random.between(3 * kMinute, play.random.permille(800) ? kHour : 8 * kHour);
  if (incidents && incidents->cut(play.box, play.who.index, play.session.connected_at, &play.session.lasts_ms))
    for (const SessionEnd& end : session_ends())
      if (end.name == "peer_lost") play.session.end = &end;
  play.start = play.session.connected_at;
  play.t = play.session.connected_at + play.session.lasts_ms;
  play.legs = 1;
  play.session.end->play(play);
  fleet.busy_until[play.who.index] = play.t + kPauseMs;
  const std::uint64_t id = 2 * number + 1;
  OpenTruth& truth = open[id];
  truth.row = truth_of(play, 's' + std::to_string(number));
  truth.row.about_session = true;
  const bool client_seen = play.who.ships_always && !play.client.empty() && !connected.client.front().header.empty();
  truth.row.cut_client = !client_seen;
  judge(truth, play, client_seen);
  add_box_lines(play, id);
  play.outcome = Outcome::ended;  // the network works: the log goes out at once
  if (client_seen) add_client_lines(play, id, static_cast<int>(play.random.between(1'000, 1'900)));
  close(id);
}

constexpr std::string_view kOtherPrograms[] = {
    "Mar  2 07:15:01 relay1 CRON[2211]: (root) CMD (run-parts /etc/cron.hourly)",
    "Mar  2 07:15:09 relay1 sshd[991]: Accepted publickey for ops from 10.1.1.9 port 50122 ssh2",
    "Mar  2 07:16:44 relay1 kernel: eth0: link up, 1000 Mbps, full duplex",
    "Mar  2 07:17:02 relay1 ntpd[444]: synchronized to 10.1.0.1, stratum 2",
    "relay1 dhcpd: DHCPACK on 10.9.3.4 to 00:16:3e:00:00:01 via eth1"};

void FleetGenerator::State::add_noise(Timestamp at) {
  const std::uint64_t kind = random.below(1000);
  Box& box = fleet.boxes[random.below(kBoxes)];
  if (kind < 60) {
    const std::size_t index = static_cast<std::size_t>(&box - fleet.boxes.data());
    const std::string text = random.permille(900) ? "User [ admin ] Protocol [ HTTP ] attempted ADMIN logon.  Status: <ACCESS GRANTED> !"
                                                  : "User [ admin ] Protocol [ Telnet ] attempted ADMIN logon.  Status: <ACCESS DENIED> !";
    box_lines.push({{at, index, 4, "AUTH/36", "", text}, 0, ++order});
  } else if (kind < 100) {
    push({at + 100, ++order, 0, false, box.name, box_envelope(box, at + 100, random.pick(kOtherPrograms))});
  } else if (kind < 130) {
    Person who = fleet.person(random.below(fleet.busy_until.size()));
    const std::string header = std::to_string(random.between(1, 99)) + "      " + client_stamp(at + who.clock_offset, false) + "  ";
    const std::string message = header + (random.permille(500) ? "Sev=Warning/3\tGUI/0xE3B00003\nGI EnumPPP callback timed out."
                                                               : "Sev=Info/6\tCERT/0x63600026\nAttempting to find a Certificate using Serial Hash.");
    push({at + 300, ++order, 0, true, who.host, client_envelope(who, fleet.groups[who.group], at + 300, message)});
  } else if (kind < 140) {
    // Damaged on the way: cut off, or with bytes that are no text.
    std::string value = box_envelope(box, at + 100, "77 " + box_stamp(at) + " SEV=4 IKE/52 RPT=9 198.18.0.1  Group [sa");
    if (random.permille(500)) {
      value.resize(value.size() / 2);
    } else {
      value[value.size() - 5] = static_cast<char>(0xFF);
    }
    push({at + 100, ++order, 0, false, box.name, std::move(value)});
  }
}

FleetGenerator::FleetGenerator(const GenerateOptions& options, Mix mix)
    : state_(std::make_unique<State>(options, std::move(mix))) {}
FleetGenerator::FleetGenerator(const GenerateOptions& options) : FleetGenerator(options, built_in_mix(options.mix == "uniform")) {}
FleetGenerator::~FleetGenerator() = default;
FleetGenerator::FleetGenerator(FleetGenerator&&) noexcept = default;
FleetGenerator& FleetGenerator::operator=(FleetGenerator&&) noexcept = default;

bool FleetGenerator::next(GeneratedRecord* out) { return state_->hand_out(out); }

bool FleetGenerator::next_truth(TruthRow* out) {
  if (state_->ready.empty()) return false;
  *out = std::move(state_->ready.front());
  state_->ready.pop_front();
  return true;
}

std::string FleetGenerator::incident_truth() const {
  std::string out;
  if (state_->incidents)
    for (const IncidentTruth& row : state_->incidents->truth()) out += to_json(row) + '\n';
  return out;
}

const Inventory& FleetGenerator::inventory() const { return state_->inventory; }

namespace {

void append_causes(std::string_view name, const std::vector<Cause>& causes, std::string& out) {
  out += ",\"";
  out += name;
  out += "\":[";
  for (std::size_t i = 0; i < causes.size(); ++i) {
    if (i != 0) out += ',';
    append_json_string(name_of(causes[i]), out);
  }
  out += ']';
}
void append_lines(std::string_view name, const std::vector<std::uint64_t>& lines, std::string& out) {
  out += ",\"";
  out += name;
  out += "\":[";
  for (std::size_t i = 0; i < lines.size(); ++i) out += (i == 0 ? "" : ",") + std::to_string(lines[i]);
  out += ']';
}

}  // namespace

std::string to_json(const TruthRow& row) {
  std::string out = "{\"id\":\"" + row.id + '"';
  append_field("about", row.about_session ? "session" : "attempt", out);
  append_field("cause", name_of(row.cause), out);
  append_field("outcome", name_of(row.outcome), out);
  append_field("decidable", name_of(row.decidable), out);
  append_causes("accept", row.accept, out);
  if (row.accept_client != row.accept) append_causes("accept_client", row.accept_client, out);
  if (row.accept_concentrator != row.accept) append_causes("accept_concentrator", row.accept_concentrator, out);
  append_field("group", row.group, out);
  append_field("user", row.user, out);
  append_field("peer_ip", row.peer_ip, out);
  append_field("client", row.client, out);
  append_field("concentrator", row.concentrator, out);
  append_field("started_at", rfc3339(row.started_at), out);
  append_field("ended_at", rfc3339(row.ended_at), out);
  out += ",\"legs\":" + std::to_string(row.legs) + ",\"cut\":[";
  if (row.cut_client) out += "\"client\"";
  if (row.cut_concentrator) out += row.cut_client ? ",\"concentrator\"" : "\"concentrator\"";
  out += "],\"may_be_silent\":";
  out += row.may_be_silent ? "true" : "false";
  append_lines("client_lines", row.client_lines, out);
  append_lines("concentrator_lines", row.concentrator_lines, out);
  out += '}';
  return out;
}

namespace {

// From sysexits.h, as every verb: wrong usage, an output that cannot be written, a wrong configuration.
constexpr int kUsage = 2;
constexpr int kOutput = 74;
constexpr int kConfig = 78;

int fail(int code, const std::string& sentence, std::ostream& err) {
  err << "vpnverdict: " << sentence << '\n';
  return code;
}

std::string truth_path(const GenerateOptions& options) {
  if (!options.truth.empty()) return options.truth;
  return options.to == "-" || options.to == "kafka" ? "truth.jsonl" : options.to + ".truth.jsonl";
}

}  // namespace

int run_generate(const GenerateOptions& options, std::ostream& err) {
  Mix mix;
  std::string error;
  if (!read_mix(options.mix, &mix, &error)) return fail(kConfig, error, err);
  if (options.attempts_per_minute == 0 || options.attempts_per_minute > 100'000)
    return fail(kUsage, "the rate must be from 1 to 100,000 attempts a minute", err);
  const bool kafka = options.to == "kafka";
  if (kafka && !options.sink) return fail(kUsage, "no Kafka producer is configured", err);
  std::ofstream file;
  if (!kafka && options.to != "-") file.open(options.to, std::ios::binary | std::ios::trunc);
  if (!kafka && options.to != "-" && !file) return fail(kOutput, options.to + ": cannot be written", err);
  std::ostream& out = options.to == "-" ? std::cout : file;
  std::ofstream truth(truth_path(options), std::ios::binary | std::ios::trunc);
  if (!truth) return fail(kOutput, truth_path(options) + ": cannot be written", err);

  FleetGenerator fleet(options, std::move(mix));
  if (!options.inventory.empty()) {
    std::ofstream inventory(options.inventory, std::ios::binary | std::ios::trunc);
    inventory << inventory_yaml(fleet.inventory());
    if (!inventory) return fail(kOutput, options.inventory + ": cannot be written", err);
  }
  GeneratedRecord record;
  TruthRow row;
  while (fleet.next(&record)) {
    if (kafka) {
      if (!options.sink(record)) return fail(kOutput, "the Kafka producer stopped", err);
    } else {
      out << record.value << '\n';
    }
    while (fleet.next_truth(&row)) truth << to_json(row) << '\n';
  }
  if (!kafka && !out.flush()) return fail(kOutput, options.to + ": writing failed", err);
  if (!truth.flush()) return fail(kOutput, truth_path(options) + ": writing failed", err);
  if (!options.incidents.empty()) {
    std::ofstream incidents(options.incidents, std::ios::binary | std::ios::trunc);
    incidents << fleet.incident_truth();
    if (!incidents.flush()) return fail(kOutput, options.incidents + ": cannot be written", err);
  }
  return 0;
}

}  // namespace vpnverdict
