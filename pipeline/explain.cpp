#include "pipeline/explain.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <unordered_map>

#include "pipeline/dialect/dialect.h"
#include "pipeline/dialect/envelope.h"
#include "pipeline/dialect/relayed_hosts.h"
#include "pipeline/dialect/time.h"
#include "pipeline/incident_json.h"
#include "pipeline/line_reader.h"

namespace vpnverdict {
namespace {

constexpr int kYearOfNoYear = 1970;  // what a reader without a year gives to stamps that print none

bool read_log_file(const std::string& path, std::vector<LogFile>& files, std::string& error) {
  const std::unique_ptr<LineReader> reader = LineReader::open(path, error);
  if (!reader) return false;
  LogFile file;
  file.name = path == "-" ? "stdin" : path;
  file.changed_at = reader->changed_at();
  std::string_view line;
  for (LineReader::Got got; (got = reader->next(line)) != LineReader::Got::end;) {
    file.text += line;
    file.text += '\n';
    if (file.text.size() > kExplainBytesMax) {
      error = path + ": more than 64 MiB is not one incident; use `vpnverdict replay`";
      return false;
    }
  }
  if (!reader->error().empty()) {
    error = path + ": " + reader->error();
    return false;
  }
  files.push_back(std::move(file));
  return true;
}

constexpr std::size_t kHeardMax = 5'000;   // messages of a file by which a second copy is recognised
constexpr std::size_t kTailBytes = 60;     // of a message: headers stand in front and differ between copies
constexpr Timestamp kDayMs = 24LL * 3600 * 1000;
constexpr Timestamp kCopyApartMs = 2'000;  // a syslog stamp is a second coarse and may be a moment late

struct Heard {
  FactMask says;
  Timestamp time;
  std::string tail;
};

std::size_t common_tail(std::string_view a, std::string_view b) {
  std::size_t n = 0;
  while (n < a.size() && n < b.size() && a[a.size() - 1 - n] == b[b.size() - 1 - n]) ++n;
  return n;
}

bool same_message(const Heard& a, const Heard& b) {
  if (!(a.says == b.says)) return false;
  if (common_tail(a.tail, b.tail) < std::min({a.tail.size(), b.tail.size(), std::size_t{16}})) return false;
  if (a.time == kUntimed || b.time == kUntimed) return true;
  const Timestamp apart = std::abs(a.time - b.time) % kDayMs;  // copies may differ in the year they print
  return std::min(apart, kDayMs - apart) <= kCopyApartMs;
}

// What a first reading of a file finds out, before anything is decided.
class Survey final : public dialect::MessageSink {
 public:
  Survey(const LogFile& file, std::uint32_t number, const dialect::DialectSet* dialects) {
    LineReader lines(file.text);
    dialect::Envelope envelope;
    std::map<std::string, dialect::Reader, std::less<>> readers;  // by host; the file is bounded
    dialect::RelayedHosts relayed;
    std::string_view text;
    while (lines.next(text) != LineReader::Got::end) {
      const SourceRef ref{number, lines.number()};
      const auto reader_of = [&](std::string_view host) -> dialect::Reader& {
        auto found = readers.find(host);
        if (found == readers.end()) found = readers.try_emplace(std::string(host), dialects).first;
        return found->second;
      };
      const auto feed = [&](const dialect::Line& line) {
        dialect::Reader& reader = reader_of(relayed.host_of(line, [&](std::string_view host) { return reader_of(host).held_lines() != 0; }));
        reader.feed(line, *this);
        relayed.took(line, reader.dialect());
      };
      envelope.open(text, ref, kUntimed, feed, [](Reject, std::string_view) {});
    }
    for (auto& [host, reader] : readers) {
      reader.flush(*this);
      if (readers.size() == 1 && reader.vantage_known()) learned_ = reader.vantage();
    }
    hosts_ = readers.size();
  }

  void on_event(const Event& event, std::uint32_t lines) override {
    take(event, lines);
    if (device_.empty()) device_ = event.device;
    vantage_ = event.vantage;
    heard_timed_ = heard_timed_ || event.time != kUntimed;
    milliseconds_ = milliseconds_ || (event.time != kUntimed && event.time % 1000 != 0);
    if (heard_.size() >= kHeardMax) return;
    const std::string_view text = event.text;
    heard_.push_back({event.says, event.time, std::string(text.substr(text.size() - std::min(text.size(), kTailBytes)))});
  }
  void on_ignored(const Event& event, std::uint32_t lines) override { take(event, lines); }
  void on_reject(Reject, Dialect, std::string_view, SourceRef, std::uint32_t) override {}

  Dialect dialect() const {
    const auto most = std::max_element(lines_.begin() + 1, lines_.end());
    return *most == 0 ? Dialect::unknown : static_cast<Dialect>(most - lines_.begin());
  }
  // Decisive lines, when the daemon can be either side; a file's name only hints when its content does not tell.
  std::optional<Vantage> vantage(std::string_view name) const {
    if (learned_) return learned_;
    if (hosts_ > 1) return std::nullopt;  // each host tells its own
    if (dialect() != Dialect::charon && dialect() != Dialect::pluto) return std::nullopt;
    const std::string base = std::filesystem::path(name).filename().string();
    if (base.find("client") != std::string::npos) return Vantage::client;
    for (std::string_view part : {"conc", "gateway", "server"})
      if (base.find(part) != std::string::npos) return Vantage::concentrator;
    return std::nullopt;
  }
  // The same messages in the same order by the same side: one log, collected twice (from the program's own file and
  // from syslog, say).
  bool copies(const Survey& other) const {
    if (dialect() != other.dialect() || heard_.empty() || other.heard_.empty()) return false;
    if (vantage_ != other.vantage_ || (!device_.empty() && !other.device_.empty() && device_ != other.device_)) return false;
    const std::vector<Heard>& few = heard_.size() <= other.heard_.size() ? heard_ : other.heard_;
    const std::vector<Heard>& many = &few == &heard_ ? other.heard_ : heard_;
    std::size_t found = 0;
    std::size_t from = 0;
    for (const Heard& message : few) {
      std::size_t at = from;
      while (at < many.size() && !same_message(message, many[at])) ++at;
      if (at == many.size()) continue;
      ++found;
      from = at + 1;
    }
    return found * 10 >= many.size() * 9;
  }
  // Of two copies the one that tells time better is read.
  int quality() const { return (heard_timed_ ? 4 : 0) + (milliseconds_ ? 2 : 0) + (year_ != 0 ? 1 : 0); }
  bool newest_first() const { return falls_ >= (rises_ == 0 ? 2 : 3) && falls_ > 2 * rises_; }
  // Lines that go on the message of the line before.
  std::vector<std::uint32_t> going_on() const {
    std::vector<std::uint32_t> lines = going_on_;  // of several hosts' messages that one is done first which ends first
    std::ranges::sort(lines);
    lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
    return lines;
  }
  int year() const { return year_; }
  Timestamp last_in_year() const { return last_in_year_; }
  bool lacks_year() const { return lacks_year_; }

 private:
  void take(const Event& event, std::uint32_t lines) {
    lines_[static_cast<std::size_t>(event.dialect)] += lines;
    for (std::uint32_t i = 1; i < lines; ++i) going_on_.push_back(static_cast<std::uint32_t>(event.ref.position) + i);
    if (event.time == kUntimed) return;
    if (last_ != kUntimed) {
      rises_ += event.time > last_ ? 1 : 0;
      falls_ += event.time < last_ ? 1 : 0;
    }
    last_ = event.time;
    const int year = dialect::year_of(event.time);
    lacks_year_ = lacks_year_ || year <= kYearOfNoYear;
    if (year <= kYearOfNoYear) return;
    year_ = year;
    last_in_year_ = event.time;
  }

  std::array<std::uint64_t, kDialectCount> lines_{};
  std::optional<Vantage> learned_;
  std::size_t hosts_ = 0;
  std::vector<std::uint32_t> going_on_;
  Timestamp last_ = kUntimed;
  int rises_ = 0;
  int falls_ = 0;
  int year_ = 0;
  Timestamp last_in_year_ = kUntimed;
  bool lacks_year_ = false;
  std::vector<Heard> heard_;
  std::string device_;
  Vantage vantage_ = Vantage::concentrator;
  bool heard_timed_ = false;
  bool milliseconds_ = false;
};

// For each file the index of the file that is read in its place: itself, unless it is the poorer of two copies.
std::vector<std::size_t> originals(const std::vector<Survey>& surveys) {
  std::vector<std::size_t> out(surveys.size());
  for (std::size_t i = 0; i < surveys.size(); ++i) {
    out[i] = i;
    for (std::size_t j = 0; j < i; ++j) {
      if (out[j] != j || !surveys[i].copies(surveys[j])) continue;
      if (surveys[i].quality() <= surveys[j].quality())
        out[i] = j;
      else
        out[j] = i;
      break;
    }
  }
  return out;
}

// Stamps without a year are near those of the other files of the incident, else not after the last change of a file.
void presume_year(const std::vector<LogFile>& files, const std::vector<Survey>& surveys, ReplayOptions& options) {
  for (const Survey& survey : surveys) {
    if (survey.year() == 0) continue;
    options.year = survey.year();
    options.year_end = survey.last_in_year() + 183 * kDayMs;
    return;
  }
  std::int64_t newest = 0;
  for (const LogFile& file : files) newest = std::max(newest, file.changed_at);
  if (newest == 0) return;
  const PresumedYear presumed = year_before(newest);
  options.year = presumed.year;
  options.year_end = presumed.end;
}

// Attempts by their beginning (those without times in the order they came), each followed by its sessions.
std::vector<Verdict> in_reading_order(std::vector<Verdict> verdicts) {
  std::vector<Verdict> out;
  std::stable_sort(verdicts.begin(), verdicts.end(),
                   [](const Verdict& a, const Verdict& b) { return a.started_at < b.started_at; });
  const auto take = [&](auto wanted) {
    for (Verdict& verdict : verdicts)
      if (wanted(verdict)) {
        out.push_back(std::move(verdict));
        verdict.revision = 0;
      }
  };
  std::vector<std::uint64_t> attempts;
  for (const Verdict& verdict : verdicts)
    if (!verdict.about_session) attempts.push_back(verdict.id);
  for (std::uint64_t id : attempts) {
    take([id](const Verdict& v) { return v.revision != 0 && !v.about_session && v.id == id; });
    take([id](const Verdict& v) { return v.revision != 0 && v.about_session && v.attempt == id; });
  }
  take([](const Verdict& v) { return v.revision != 0; });
  return out;
}

ExplainedFile account_of(const LogFile& file, const Survey& survey) {
  ExplainedFile out;
  out.name = file.name;
  out.dialect = survey.dialect();
  out.newest_first = survey.newest_first();
  return out;
}

}  // namespace

bool read_log_files(const std::vector<std::string>& paths, std::vector<LogFile>& files, std::string& error) {
  namespace fs = std::filesystem;
  for (const std::string& path : paths) {
    std::error_code code;
    if (path == "-" || !fs::is_directory(path, code)) {
      if (!read_log_file(path, files, error)) return false;
      continue;
    }
    std::vector<std::string> found;
    for (fs::directory_iterator it(path, code), end; !code && it != end; it.increment(code))
      if (it->path().extension() == ".log") found.push_back(it->path().string());
    std::sort(found.begin(), found.end());
    if (found.empty()) {
      error = path + ": the directory holds no *.log file";
      return false;
    }
    for (const std::string& each : found)
      if (!read_log_file(each, files, error)) return false;
  }
  return true;
}

Explanation explain(const std::vector<LogFile>& files, const Inventory& inventory, const ExplainOptions& options) {
  Explanation out;
  std::vector<Survey> surveys;
  surveys.reserve(files.size());
  for (const LogFile& file : files) surveys.emplace_back(file, static_cast<std::uint32_t>(surveys.size()), options.dialects);

  const std::vector<std::size_t> original = originals(surveys);
  std::vector<ReplaySource> sources;
  std::vector<std::size_t> file_of;  // of a source
  for (std::size_t i = 0; i < files.size(); ++i) {
    out.files.push_back(account_of(files[i], surveys[i]));
    if (original[i] != i) {
      out.files.back().copy_of = files[original[i]].name;
      continue;
    }
    ReplaySource source;
    source.name = files[i].name;
    source.text = files[i].text;
    source.vantage = surveys[i].vantage(files[i].name);
    if (surveys[i].newest_first()) source.newest_first = surveys[i].going_on();
    sources.push_back(std::move(source));
    out.sources.push_back(files[i].name);
    file_of.push_back(i);
  }

  ReplayOptions replay_options;
  replay_options.correlator.presume_one_incident = options.one_incident;
  replay_options.dialects = options.dialects;
  replay_options.year = options.year;
  if (options.year == 0) presume_year(files, surveys, replay_options);
  std::unordered_map<std::uint64_t, std::size_t> place;  // of an id in latest
  std::vector<Verdict> latest;
  ReplayHooks hooks;
  hooks.verdict = [&](const Verdict& verdict) {
    const auto [at, is_new] = place.try_emplace(verdict.id, latest.size());
    if (is_new)
      latest.push_back(verdict);
    else
      latest[at->second] = verdict;
  };
  IncidentCards cards;
  hooks.incident = [&](const Incident& incident) { cards.add(incident); };
  hooks.reject = [&](const RejectedLine& line) {
    const auto file = std::find(out.sources.begin(), out.sources.end(), line.source);
    if (file != out.sources.end()) ++out.files[file_of[static_cast<std::size_t>(file - out.sources.begin())]].unread;
    if (out.unread.size() < kUnreadShownMax)
      out.unread.push_back({std::string(line.source), line.line, line.reason, std::string(line.text)});
  };
  hooks.event = [&](const Event& event) {
    ExplainedFile& file = out.files[file_of[event.ref.source]];
    file.side = event.vantage;
    ++(event.says.empty() ? file.ignored : file.events);
  };
  out.lines = replay(sources, inventory, replay_options, hooks).lines;
  std::erase_if(latest, [](const Verdict& verdict) { return verdict.same_as != 0; });  // told under the other id
  out.verdicts = in_reading_order(std::move(latest));
  out.incidents = cards.cards();
  return out;
}

}  // namespace vpnverdict
