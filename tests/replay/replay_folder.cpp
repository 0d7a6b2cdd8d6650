#include "tests/replay/replay_folder.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "pipeline/config.h"

namespace vpnverdict::replay_test {
namespace {

namespace fs = std::filesystem;

bool read_whole(const std::string& path, std::string& text) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return false;
  std::stringstream buffer;
  buffer << in.rdbuf();
  text = buffer.str();
  return true;
}

template <class Enum, std::size_t N>
bool value_named(const std::string_view (&names)[N], std::string_view name, std::optional<Enum>& out) {
  for (std::size_t i = 0; i < N; ++i)
    if (names[i] == name) out = static_cast<Enum>(i);
  return out.has_value();
}

bool causes_named(std::istringstream& words, std::vector<Cause>& out) {
  for (std::string word; words >> word;) {
    if (word == "-") continue;
    Cause cause{};
    if (!cause_named(word, &cause)) return false;
    out.push_back(cause);
  }
  return true;
}

bool cause_word(std::istringstream& words, std::optional<Cause>& out) {
  std::vector<Cause> causes;
  if (!causes_named(words, causes) || causes.size() != 1) return false;
  out = causes[0];
  return true;
}

bool number_word(std::istringstream& words, int& out) {
  return static_cast<bool>(words >> out);
}

// "2026-11-25T12:58:54.602Z"
bool time_word(std::istringstream& words, Timestamp& out) {
  std::string word;
  int y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0, ms = 0;
  if (!(words >> word) || std::sscanf(word.c_str(), "%d-%d-%dT%d:%d:%d.%dZ", &y, &mo, &d, &h, &mi, &s, &ms) < 6) return false;
  std::tm date{};
  date.tm_year = y - 1900;
  date.tm_mon = mo - 1;
  date.tm_mday = d;
  out = (static_cast<Timestamp>(::timegm(&date)) + h * 3600 + mi * 60 + s) * 1000 + ms;
  return true;
}

class Loader {
 public:
  Loader(Folder& folder, std::string& error) : folder_(folder), error_(error) {}

  bool load() {
    const std::string path = folder_.path + "/expect.txt";
    std::string text;
    if (!read_whole(path, text)) return fail(path, "cannot be read");
    std::istringstream lines(text);
    int number = 0;
    for (std::string line; std::getline(lines, line);) {
      ++number;
      line.resize(std::min(line.size(), line.find('#')));
      std::istringstream words(line);
      std::string key;
      if (!(words >> key)) continue;
      if (!take(key, words)) return fail(path + ":" + std::to_string(number), "not understood: " + line);
    }
    load_log("client.log", folder_.client);
    load_log("concentrator.log", folder_.concentrator);
    if (!folder_.client && !folder_.concentrator) return fail(folder_.path, "holds no log");
    return load_inventory_file();
  }

 private:
  bool fail(const std::string& where, const std::string& what) {
    error_ = where + ": " + what;
    return false;
  }
  bool take(const std::string& key, std::istringstream& words) {
    Expectation& e = folder_.expect;
    std::string word;
    int number = 0;
    if (key == "accept") {
      e.has_accept = true;
      return causes_named(words, e.accept);
    }
    if (key == "answers") {
      for (std::string each; words >> each;) e.answers += (e.answers.empty() ? "" : " ") + each;
      return !e.answers.empty();
    }
    if (key == "may_be_certain") return causes_named(words, e.may_be_certain);
    if (key == "alternatives") return causes_named(words, e.alternatives);
    if (key == "also_seen") return causes_named(words, e.also_seen);
    if (key == "cause") return cause_word(words, e.cause);
    if (key == "session") return cause_word(words, e.session);
    if (key == "started") return time_word(words, e.started);
    if (key == "ended") return time_word(words, e.ended);
    if (key == "step" && number_word(words, number)) return (e.step = number, true);
    if (key == "year" && number_word(words, number)) return (e.year = number, true);
    if (key == "attempts" && number_word(words, number)) return (e.attempts = static_cast<std::size_t>(number), true);
    if (!(words >> word)) return false;
    if (key == "grade") return value_named(kGradeNames, word, e.grade);
    if (key == "outcome") return value_named(kOutcomeNames, word, e.outcome);
    if (key == "actor") return value_named(kActorNames, word, e.actor);
    if (key == "join") return value_named(kJoinNames, word, e.join);
    if (key == "reached") return value_named(kMilestoneNames, word, e.reached);
    if (key == "group") return (e.group = word, true);
    if (key == "user") return (e.user = word, true);
    if (key == "peer") return (e.peer = word, true);
    if (key == "incident") return (e.one_incident = word == "one", word == "one" || word == "unknown");
    if (key == "client") return load_shared(word, "client.log", folder_.client);
    if (key == "concentrator") return load_shared(word, "concentrator.log", folder_.concentrator);
    return key == "confidence";
  }
  bool load_shared(const std::string& relative, const std::string& name, std::optional<LogFile>& out) {
    LogFile file;
    if (!read_whole(folder_.path + "/" + relative, file.text)) return false;
    file.name = name;
    out = std::move(file);
    return true;
  }
  void load_log(const std::string& name, std::optional<LogFile>& out) {
    if (!out) load_shared(name, name, out);
  }
  bool load_inventory_file() {
    const std::string path = folder_.path + "/inventory.yaml";
    if (!fs::exists(path)) return true;
    InventoryResult result = load_inventory(path);
    if (!result.errors.empty()) return fail(result.errors[0].where, result.errors[0].what);
    folder_.inventory = std::move(*result.inventory);
    return true;
  }

  Folder& folder_;
  std::string& error_;
};

bool has(const std::vector<Cause>& causes, Cause cause) {
  return std::find(causes.begin(), causes.end(), cause) != causes.end();
}

bool is_after_connect(Cause cause) { return row_of(cause).kind == CauseKind::after_connect || cause == Cause::ipsec_data_blocked; }

bool is_an_end(Cause cause) { return cause == Cause::peer_lost || name_of(cause).starts_with("ended_by_"); }

bool any_of(const std::vector<Cause>& causes, bool (*is)(Cause)) { return std::any_of(causes.begin(), causes.end(), is); }

// What may be said with certainty: everything the folder calls right, and what follows from it.
bool certain_is_fine(const Expectation& expect, const Verdict& verdict, Sides sides) {
  std::vector<Cause> right = expect.accept;
  right.insert(right.end(), expect.may_be_certain.begin(), expect.may_be_certain.end());
  if (expect.cause) right.push_back(*expect.cause);
  if (expect.session) right.push_back(*expect.session);
  const Cause cause = verdict.cause;
  if (has(right, cause) || cause == Cause::undetermined || cause == Cause::in_progress) return true;
  if (cause == Cause::connected) {
    // Only the client knows that its adapter failed: the concentrator alone saw a success.
    if (sides == Sides::concentrator && has(right, Cause::client_adapter_failed)) return true;
    return any_of(right, is_after_connect);
  }
  if (!verdict.about_session) return false;
  const bool was_connected = has(right, Cause::connected) || any_of(right, is_after_connect);
  return was_connected && is_an_end(cause) && verdict.outcome == Outcome::ended && !any_of(right, is_an_end);
}

bool from_client(const Verdict& verdict) {
  return std::any_of(verdict.evidence.begin(), verdict.evidence.end(),
                     [](const Evidence& e) { return e.side == Vantage::client; });
}

bool is_the_one(const Expectation& expect, const Verdict& verdict) {
  constexpr Timestamp kBefore = 5'000;
  constexpr Timestamp kAfter = 180'000;
  if (expect.started != kUntimed && verdict.started_at != kUntimed) {
    if (verdict.started_at < expect.started - kBefore) return false;
    if (verdict.started_at > (expect.ended != kUntimed ? expect.ended : expect.started) + kAfter) return false;
  }
  const bool user_known = !expect.user.empty() && !verdict.user.empty();
  const bool group_known = !expect.group.empty() && !verdict.group.empty();
  if (user_known && verdict.user != expect.user) return false;
  if (group_known && verdict.group != expect.group) return false;
  if (user_known || group_known) return true;
  return !expect.peer.empty() && verdict.peer_ip == expect.peer;
}

// The attempts that the folder is about, each with the records about its session.
std::vector<const Verdict*> meant(const Folder& folder, const Explanation& explanation) {
  const Expectation& expect = folder.expect;
  const bool choose = !expect.group.empty() || !expect.user.empty() || !expect.peer.empty();
  bool with_client = false;
  for (const Verdict& verdict : explanation.verdicts) with_client = with_client || from_client(verdict);
  std::vector<std::uint64_t> ids;
  for (const Verdict& verdict : explanation.verdicts) {
    if (verdict.about_session) continue;
    const bool wanted = !choose || (with_client ? from_client(verdict) : is_the_one(expect, verdict));
    if (wanted) ids.push_back(verdict.id);
  }
  // A session whose beginning is not in the log stands for itself.
  for (const Verdict& verdict : explanation.verdicts) {
    const bool has_attempt = std::any_of(explanation.verdicts.begin(), explanation.verdicts.end(),
                                         [&](const Verdict& v) { return !v.about_session && v.id == verdict.attempt; });
    if (verdict.about_session && !has_attempt && (!choose || is_the_one(expect, verdict))) ids.push_back(verdict.attempt);
  }
  std::vector<const Verdict*> out;
  for (const Verdict& verdict : explanation.verdicts)
    if (std::find(ids.begin(), ids.end(), verdict.about_session ? verdict.attempt : verdict.id) != ids.end())
      out.push_back(&verdict);
  return out;
}

std::string words_of(const Verdict& verdict) {
  return std::string(verdict.about_session ? "+" : "") + std::string(name_of(verdict.cause)) + "/" +
         std::string(name_of(verdict.grade));
}

std::string names_of(const std::vector<Cause>& causes) {
  std::string out;
  for (Cause cause : causes) out += (out.empty() ? "" : " ") + std::string(name_of(cause));
  return out;
}

// What of the exact keys the verdict does not have.
std::string lacks(const Expectation& expect, const Verdict& verdict) {
  std::string out;
  const auto check = [&](std::string_view key, const auto& expected, const auto& observed) {
    if (expected && *expected != observed)
      out += " " + std::string(key) + ": expected " + std::string(name_of(*expected)) + ", got " + std::string(name_of(observed)) + ";";
  };
  check("cause", expect.cause, verdict.cause);
  check("grade", expect.grade, verdict.grade);
  check("outcome", expect.outcome, verdict.outcome);
  check("actor", expect.actor, verdict.actor);
  check("join", expect.join, verdict.join);
  check("reached", expect.reached, verdict.reached);
  if (expect.step && *expect.step != verdict.step)
    out += " step: expected " + std::to_string(*expect.step) + ", got " + std::to_string(verdict.step) + ";";
  for (Cause cause : expect.alternatives)
    if (!has(verdict.alternatives, cause)) out += " alternatives lack " + std::string(name_of(cause)) + ";";
  for (Cause cause : expect.also_seen)
    if (!has(verdict.also_seen, cause)) out += " also_seen lacks " + std::string(name_of(cause)) + ";";
  return out;
}

std::string exact_problem(const Expectation& expect, const std::vector<const Verdict*>& verdicts) {
  std::string nearest;
  std::size_t attempts = 0;
  bool met = false;
  bool session_met = !expect.session;
  for (const Verdict* verdict : verdicts) {
    if (verdict->about_session) {
      session_met = session_met || verdict->cause == *expect.session;
      continue;
    }
    ++attempts;
    const std::string problem = lacks(expect, *verdict);
    met = met || problem.empty();
    if (nearest.empty() || problem.size() < nearest.size()) nearest = problem;
  }
  if (attempts == 0) return "no attempt found";
  if (!met) return nearest;
  if (!session_met) return "no record about the session says " + std::string(name_of(*expect.session));
  if (expect.attempts && *expect.attempts != attempts)
    return "expected " + std::to_string(*expect.attempts) + " attempts, got " + std::to_string(attempts);
  return {};
}

std::string accept_problem(const Expectation& expect, const std::vector<const Verdict*>& verdicts) {
  if (expect.accept.empty()) return {};
  for (const Verdict* verdict : verdicts)
    if (has(expect.accept, verdict->cause)) return {};
  return verdicts.empty() ? "no attempt found" : "none of: " + names_of(expect.accept);
}

}  // namespace

bool load_folder(const std::string& path, Folder& folder, std::string& error) {
  folder.path = path;
  return Loader(folder, error).load();
}

std::vector<std::string> folders_below(const std::string& path) {
  std::vector<std::string> out;
  if (fs::exists(path + "/expect.txt")) out.push_back(path);
  if (!fs::is_directory(path)) return out;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(path))
    if (entry.path().filename() == "expect.txt" && entry.path().parent_path() != fs::path(path))
      out.push_back(entry.path().parent_path().string());
  std::sort(out.begin(), out.end());
  return out;
}

Explanation explain_folder(const Folder& folder, Sides sides) {
  std::vector<LogFile> files;
  if (folder.client && sides != Sides::concentrator) files.push_back(*folder.client);
  if (folder.concentrator && sides != Sides::client) files.push_back(*folder.concentrator);
  ExplainOptions options;
  options.year = folder.expect.year;
  options.one_incident = folder.expect.one_incident;
  return explain(files, folder.inventory, options);
}

Judged judge(const Folder& folder, const Explanation& explanation, Sides sides) {
  Judged out;
  const std::vector<const Verdict*> verdicts = meant(folder, explanation);
  for (const Verdict* verdict : verdicts) out.verdicts += (out.verdicts.empty() ? "" : " ") + words_of(*verdict);
  if (out.verdicts.empty()) out.verdicts = "(none)";
  for (const Verdict* verdict : verdicts) {
    if (verdict->grade != Grade::certain || certain_is_fine(folder.expect, *verdict, sides)) continue;
    out.judgement = Judgement::wrong_certain;
    out.problem = "graded certain and wrong: " + std::string(name_of(verdict->cause));
    return out;
  }
  if (sides != Sides::both) return out;
  if (!folder.expect.answers.empty())
    out.problem = out.verdicts == folder.expect.answers ? "" : "expected exactly " + folder.expect.answers;
  else
    out.problem = folder.expect.has_accept ? accept_problem(folder.expect, verdicts) : exact_problem(folder.expect, verdicts);
  if (!out.problem.empty()) out.judgement = Judgement::wrong;
  return out;
}

std::string expected_words(const Expectation& expect) {
  if (expect.has_accept) {
    if (expect.accept.empty()) return expect.may_be_certain.empty() ? "-" : "(" + names_of(expect.may_be_certain) + ")";
    return names_of(expect.accept);
  }
  std::string out = expect.cause ? std::string(name_of(*expect.cause)) : "";
  if (expect.grade) out += "/" + std::string(name_of(*expect.grade));
  if (expect.session) out += " +" + std::string(name_of(*expect.session));
  return out;
}

}  // namespace vpnverdict::replay_test
