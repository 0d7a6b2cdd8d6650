// Writes what the Kafka benches put into their topics: a made-up fleet (pipeline/generate.h), as many lines of other matters between
// its lines as wanted, and the inventory. A line of the file is `timestamp TAB topic TAB key TAB value`, in the order of arrival.
// Deterministic.
//   corpus OUT INVENTORY [attempts=N] [per-minute=N] [chatter=N] [rate=N] [seed=N] [start=MS] [mix=FILE] [tail=MS] [simple=TRUTH]
// It ends `tail` after the last attempt's begin, three minutes by default. chatter: lines of other matters for each line of the fleet.
// rate: so many lines a second from the first to the last, whatever the fleet says: lines of other matters fill up what it leaves, and all
// hours are alike.
// simple: only attempts that a program of a hundred lines can judge, too (both logs, soon, one client behind its address, no
// session's end); how many there are of each cause goes to TRUTH.
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <string>
#include <unordered_set>
#include <vector>

#include "pipeline/generate.h"
#include "pipeline/generate_fleet.h"
#include "pipeline/generate_random.h"
#include "pipeline/verdict_json.h"

namespace vpnverdict {
namespace {

constexpr Timestamp kSoonMs = 3 * 60'000;

struct Options {
  std::string out, inventory, truth;
  GenerateOptions fleet;
  std::uint64_t chatter = 0;
  std::uint64_t rate = 0;  // lines a second; 0: as `chatter` says
  Timestamp tail = kSoonMs;
};

bool read_options(int argc, char** argv, Options* out) {
  if (argc < 3) return false;
  out->out = argv[1];
  out->inventory = argv[2];
  out->fleet.attempts = 1'000;
  for (int i = 3; i < argc; ++i) {
    const std::string option = argv[i];
    const std::size_t equals = option.find('=');
    const std::string name = option.substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : option.substr(equals + 1);
    if (name == "attempts") out->fleet.attempts = std::stoull(value);
    else if (name == "per-minute") out->fleet.attempts_per_minute = std::stoull(value);
    else if (name == "chatter") out->chatter = std::stoull(value);
    else if (name == "rate") out->rate = std::stoull(value);
    else if (name == "seed") out->fleet.seed = std::stoull(value);
    else if (name == "start") out->fleet.start = std::stoll(value);
    else if (name == "tail") out->tail = std::stoll(value);
    else if (name == "mix") out->fleet.mix = value;
    else if (name == "simple") out->truth = value;
    else return false;
  }
  out->fleet.hours_alike = out->rate != 0;
  return true;
}

std::string number(Random& random, std::int64_t low, std::int64_t high) { return std::to_string(random.between(low, high)); }
std::string address(Random& random) { return "10." + number(random, 0, 9) + '.' + number(random, 0, 255) + '.' + number(random, 1, 254); }
std::string outside(Random& random) { return "192.0.2." + number(random, 1, 254); }

// What a VPN 3000 says all day beside its tunnels.
std::string concentrator_chatter(Random& random, const std::string& stamp) {
  static std::uint64_t sequence = 500'000;
  std::string text;
  switch (random.below(8)) {
    case 0: text = "SEV=5 HTTP/28 RPT=" + number(random, 1, 9999) + ' ' + address(random) + "  HTTP 200 OK, GET /access.html, " + number(random, 100, 90'000) + " bytes"; break;
    case 1: text = "SEV=6 SNMP/25 RPT=" + number(random, 1, 9999) + ' ' + address(random) + "  GET request for 1.3.6.1.2.1.2.2.1." + number(random, 1, 22) + '.' + number(random, 1, 8); break;
    case 2: text = "SEV=7 DHCPDBG/33 RPT=" + number(random, 1, 9999) + "  Relaying request to server " + address(random) + ", xid 0x" + number(random, 10'000'000, 99'999'999); break;
    case 3: text = "SEV=8 IPDBG/14 RPT=" + number(random, 1, 9999) + ' ' + address(random) + "  ARP entry refreshed on interface " + number(random, 1, 2) + ", age " + number(random, 1, 600); break;
    case 4: text = "SEV=7 PPPDBG/5 RPT=" + number(random, 1, 9999) + ' ' + outside(random) + "  LCP echo reply, id " + number(random, 1, 255) + ", delay " + number(random, 1, 90) + " ms"; break;
    case 5: text = "SEV=4 NTP/12 RPT=" + number(random, 1, 999) + "  Clock adjusted by " + number(random, -90, 90) + " ms, server " + address(random) + ", stratum 2"; break;
    case 6: text = "SEV=8 FILTERDBG/2 RPT=" + number(random, 1, 9999) + ' ' + outside(random) + "  Dropped on interface 2: TCP " + outside(random) + ':' + number(random, 1024, 65'000) + " -> 203.0.113.10:" + number(random, 1, 1023); break;
    default: text = "SEV=8 TCP/3 RPT=" + number(random, 1, 9999) + ' ' + address(random) + "  Connection to port 443 closed, " + number(random, 1, 900) + " segments"; break;
  }
  return std::to_string(++sequence) + ' ' + stamp.substr(5, 2) + '/' + stamp.substr(8, 2) + '/' + stamp.substr(0, 4) + ' ' + stamp.substr(11, 11) + "0 " + text;
}

// What a firewall says of every connection through it.
std::string firewall_chatter(Random& random) {
  const std::string from = "outside:" + outside(random) + '/' + number(random, 1024, 65'000);
  const std::string to = "inside:" + address(random) + '/' + number(random, 1, 60'000);
  const std::string id = number(random, 1'000'000, 9'999'999);
  switch (random.below(8)) {
    case 0: return "%ASA-6-302013: Built outbound TCP connection " + id + " for " + from + " to " + to;
    case 1: return "%ASA-6-302014: Teardown TCP connection " + id + " for " + from + " to " + to + " duration 0:00:" + number(random, 10, 59) + " bytes " + number(random, 100, 900'000) + " TCP FINs";
    case 2: return "%ASA-6-302015: Built inbound UDP connection " + id + " for " + from + " to " + to;
    case 3: return "%ASA-6-302016: Teardown UDP connection " + id + " for " + from + " to " + to + " duration 0:02:01 bytes " + number(random, 40, 9'000);
    case 4: return "%ASA-6-305011: Built dynamic TCP translation from " + to + " to " + from;
    case 5: return "%ASA-6-305012: Teardown dynamic TCP translation from " + to + " to " + from + " duration 0:00:30";
    case 6: return "%ASA-4-106023: Deny tcp src " + from + " dst " + to + " by access-group \"outside_in\" [0x0, 0x0]";
    default: return "%ASA-6-106015: Deny TCP (no connection) from " + outside(random) + '/' + number(random, 1024, 65'000) + " to " + address(random) + "/443 flags RST  on interface outside";
  }
}

class Writer {
 public:
  Writer(const Options& options, const Inventory& inventory)
      : out_(options.out, std::ios::binary), boxes_(inventory.concentrators), chatter_(options.chatter), rate_(options.rate), start_(options.fleet.start), filled_(start_),
        end_(options.fleet.start + static_cast<Timestamp>(options.fleet.attempts * 60'000 / options.fleet.attempts_per_minute) + options.tail), random_(spread(options.fleet.seed ^ 0xC4A77E5ULL)) {}

  bool takes(const GeneratedRecord& record) const { return record.timestamp <= end_; }
  void write(const GeneratedRecord& record) {
    if (!takes(record)) return;
    fill_until(record.timestamp);
    put(record.timestamp, record.topic, record.key, record.value);
    for (std::uint64_t i = 0; i < chatter_; ++i) say_something_else(record.timestamp);
  }
  std::uint64_t records() const { return records_; }
  // To be called once, behind the last record.
  bool finish() {
    fill_until(end_);
    return out_.flush().good();
  }

 private:
  // Millisecond by millisecond, what is missing from the rate.
  void fill_until(Timestamp time) {
    if (rate_ == 0) return;
    for (; filled_ < time; ++filled_) {
      const std::uint64_t due = static_cast<std::uint64_t>(filled_ + 1 - start_) * rate_ / 1'000;
      while (records_ < due) say_something_else(filled_);
    }
  }
  void say_something_else(Timestamp at) {
    const std::string stamp = rfc3339(at);
    const Concentrator& box = boxes_[random_.below(boxes_.size())];
    std::string host = box.name, from = box.addresses.back(), message;
    if (random_.permille(500)) {
      message = concentrator_chatter(random_, stamp);
    } else {
      const std::string which = number(random_, 1, 20);
      host = "fw-" + which;
      from = "10.200.0." + which;
      message = firewall_chatter(random_);
    }
    std::string value = "{\"@timestamp\":\"" + stamp + "\",\"host\":\"" + host + "\",\"fromhost-ip\":\"" + from + "\",\"message\":";
    append_json_string(message, value);
    put(at, kConcentratorTopic, host, value + '}');
  }
  void put(Timestamp at, std::string_view topic, std::string_view key, std::string_view value) {
    out_ << at << '\t' << topic << '\t' << key << '\t' << value << '\n';
    ++records_;
  }

  std::ofstream out_;
  const std::vector<Concentrator> boxes_;
  const std::uint64_t chatter_;
  const std::uint64_t rate_;
  const Timestamp start_;
  Timestamp filled_;
  const Timestamp end_;
  Random random_;
  std::uint64_t records_ = 0;
};

// Two lines of one attempt tell the same in any order, both logs are there to the end, and nobody else speaks from its address.
bool simple(const TruthRow& row, const std::map<std::uint64_t, GeneratedRecord>& records, const Writer& writer) {
  if (row.about_session || row.cut_client || row.cut_concentrator || row.may_be_silent || row.legs != 1) return false;
  if (row.decidable != Grade::certain || row.peer_ip.starts_with("198.51.")) return false;
  bool told = false;
  for (const auto* lines : {&row.client_lines, &row.concentrator_lines}) {
    if (lines->empty()) return false;
    for (const std::uint64_t line : *lines) {
      const GeneratedRecord& record = records.at(line);
      if (!writer.takes(record)) return false;
      if (record.timestamp > row.started_at + kSoonMs || record.timestamp < row.started_at - kSoonMs) return false;
      told = told || record.value.find("\"source\":{\"ip\":") != std::string::npos;
    }
  }
  return told;
}

int write_simple(const Options& options, FleetGenerator& fleet, Writer& writer) {
  std::map<std::uint64_t, GeneratedRecord> records;
  std::map<std::string, std::uint64_t> causes;
  std::unordered_set<std::uint64_t> kept;
  std::unordered_set<std::string> busy;  // one attempt of each address
  std::vector<TruthRow> rows;
  GeneratedRecord record;
  TruthRow row;
  while (fleet.next(&record)) {
    records.emplace(record.line, record);
    while (fleet.next_truth(&row)) rows.push_back(row);
  }
  while (fleet.next_truth(&row)) rows.push_back(row);
  for (const TruthRow& one : rows) {
    if (!simple(one, records, writer) || !busy.insert(one.peer_ip).second) continue;
    ++causes[std::string(name_of(one.cause))];
    kept.insert(one.client_lines.begin(), one.client_lines.end());
    kept.insert(one.concentrator_lines.begin(), one.concentrator_lines.end());
  }
  for (const auto& [line, one] : records) {
    if (kept.contains(line)) writer.write(one);
  }
  std::ofstream truth(options.truth);
  for (const auto& [cause, count] : causes) truth << cause << ' ' << count << '\n';
  return truth.flush() ? 0 : 1;
}

int run(int argc, char** argv) {
  Options options;
  if (!read_options(argc, argv, &options)) {
    std::cerr << "usage: corpus OUT INVENTORY [attempts=N] [per-minute=N] [chatter=N] [rate=N] [seed=N] [start=MS] [mix=FILE] [tail=MS] [simple=TRUTH]\n";
    return 2;
  }
  Mix mix;
  std::string error;
  if (!read_mix(options.fleet.mix, &mix, &error)) {
    std::cerr << "corpus: " << error << '\n';
    return 2;
  }
  FleetGenerator fleet(options.fleet, std::move(mix));
  std::ofstream(options.inventory) << inventory_yaml(fleet.inventory());
  Writer writer(options, fleet.inventory());
  int code = 0;
  if (options.truth.empty()) {
    GeneratedRecord record;
    while (fleet.next(&record)) writer.write(record);
  } else {
    code = write_simple(options, fleet, writer);
  }
  const bool written = writer.finish();
  std::cout << writer.records() << '\n';
  return written ? code : 1;
}

}  // namespace
}  // namespace vpnverdict

int main(int argc, char** argv) { return vpnverdict::run(argc, argv); }
