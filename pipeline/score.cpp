#include "pipeline/score.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <istream>
#include <tuple>
#include <unordered_map>

#include <simdjson.h>

#include "pipeline/verdict_json.h"

namespace vpnverdict {
namespace {

using Object = simdjson::ondemand::object;

struct Truth {
  std::string id;
  bool about_session = false;
  Cause cause = Cause::undetermined;
  Grade decidable = Grade::certain;
  std::vector<Cause> accept;
  std::vector<Cause> accept_client;
  std::vector<Cause> accept_concentrator;
  bool may_be_silent = false;
  bool has_client = false;
  bool has_concentrator = false;
  std::string cut;
  std::string user;
  std::string peer_ip;
  std::string client;
};

struct Told {
  std::uint64_t id = 0;
  std::uint32_t revision = 0;
  bool withdrawn = false;  // the other side's record of an attempt that is scored under its own id
  bool about_session = false;
  Cause cause = Cause::undetermined;
  Grade grade = Grade::guess;
  JoinStrength join = JoinStrength::one_sided;
  bool has_client = false;
  bool has_concentrator = false;
  std::vector<std::uint64_t> lines;
  std::string user;
  std::string peer_ip;
  std::string client;
};

constexpr std::uint32_t kNobody = 0xFFFFFFFF;

template <class Enum, std::size_t N>
bool enum_named(std::string_view name, const std::string_view (&names)[N], Enum* out) {
  for (std::size_t i = 0; i < N; ++i) {
    if (names[i] != name) continue;
    *out = static_cast<Enum>(i);
    return true;
  }
  return false;
}

bool has(const std::vector<Cause>& causes, Cause cause) { return std::find(causes.begin(), causes.end(), cause) != causes.end(); }

bool get(Object& object, std::string_view key, std::string_view* out) {
  return object.find_field_unordered(key).get_string().get(*out) == simdjson::SUCCESS;
}
void get_text(Object& object, std::string_view key, std::string* out) {
  std::string_view text;
  if (get(object, key, &text)) *out = text;
}
bool get_cause(Object& object, std::string_view key, Cause* out) {
  std::string_view name;
  return get(object, key, &name) && cause_named(name, out);
}
bool get_causes(Object& object, std::string_view key, std::vector<Cause>* out) {
  simdjson::ondemand::array items;
  if (object.find_field_unordered(key).get_array().get(items) != simdjson::SUCCESS) return false;
  for (auto item : items) {
    std::string_view name;
    Cause cause{};
    if (item.get_string().get(name) != simdjson::SUCCESS || !cause_named(name, &cause)) return false;
    out->push_back(cause);
  }
  return true;
}
bool get_lines(Object& object, std::string_view key, std::vector<std::uint64_t>* out) {
  simdjson::ondemand::array items;
  if (object.find_field_unordered(key).get_array().get(items) != simdjson::SUCCESS) return false;
  for (auto item : items) {
    std::uint64_t line = 0;
    if (item.get_uint64().get(line) != simdjson::SUCCESS) return false;
    out->push_back(line);
  }
  return true;
}

bool parse_truth(Object& object, Truth* out, std::vector<std::uint64_t>* lines) {
  std::string_view text;
  if (!get(object, "id", &text)) return false;
  out->id = text;
  if (!get(object, "about", &text)) return false;
  out->about_session = text == "session";
  if (!get_cause(object, "cause", &out->cause)) return false;
  if (!get(object, "decidable", &text) || !enum_named(text, kGradeNames, &out->decidable)) return false;
  if (!get_causes(object, "accept", &out->accept)) return false;
  if (!get_causes(object, "accept_client", &out->accept_client)) out->accept_client = out->accept;
  if (!get_causes(object, "accept_concentrator", &out->accept_concentrator)) out->accept_concentrator = out->accept;
  if (object.find_field_unordered("may_be_silent").get_bool().get(out->may_be_silent) != simdjson::SUCCESS) return false;
  simdjson::ondemand::array cut;
  if (object.find_field_unordered("cut").get_array().get(cut) != simdjson::SUCCESS) return false;
  for (auto item : cut)
    if (item.get_string().get(text) == simdjson::SUCCESS) out->cut += (out->cut.empty() ? "" : "+") + std::string(text);
  get_text(object, "user", &out->user);
  get_text(object, "peer_ip", &out->peer_ip);
  get_text(object, "client", &out->client);
  if (!get_lines(object, "client_lines", lines)) return false;
  out->has_client = !lines->empty();
  const std::size_t before = lines->size();
  if (!get_lines(object, "concentrator_lines", lines)) return false;
  out->has_concentrator = lines->size() > before;
  return true;
}

bool parse_evidence(Object& object, Told* out) {
  simdjson::ondemand::array items;
  if (object.find_field_unordered("evidence").get_array().get(items) != simdjson::SUCCESS) return false;
  for (auto item : items) {
    Object evidence;
    std::string_view side;
    std::uint64_t line = 0;
    if (item.get_object().get(evidence) != simdjson::SUCCESS || !get(evidence, "side", &side)) return false;
    if (evidence.find_field_unordered("line").get_uint64().get(line) != simdjson::SUCCESS) return false;
    (side == "client" ? out->has_client : out->has_concentrator) = true;
    out->lines.push_back(line);
  }
  return true;
}

// `final` tells whether the verdict counts at all.
bool parse_verdict(Object& object, Told* out, bool* final) {
  std::string_view text;
  if (!get(object, "id", &text)) return false;
  out->id = std::strtoull(std::string(text).c_str(), nullptr, 16);
  std::uint64_t revision = 0;
  if (object.find_field_unordered("revision").get_uint64().get(revision) != simdjson::SUCCESS) return false;
  out->revision = static_cast<std::uint32_t>(revision);
  if (!get(object, "state", &text)) return false;
  *final = text == "final";
  out->withdrawn = get(object, "same_as", &text);
  if (get(object, "about", &text)) out->about_session = text == "session";
  if (!get_cause(object, "cause", &out->cause)) return false;
  if (!get(object, "grade", &text) || !enum_named(text, kGradeNames, &out->grade)) return false;
  if (!get(object, "join", &text) || !enum_named(text, kJoinNames, &out->join)) return false;
  get_text(object, "user", &out->user);
  get_text(object, "peer_ip", &out->peer_ip);
  get_text(object, "client", &out->client);
  return parse_evidence(object, out);
}

double share(std::uint64_t part, std::uint64_t whole) { return whole == 0 ? 1.0 : static_cast<double>(part) / static_cast<double>(whole); }

}  // namespace

double ScoredCause::recall() const { return share(exact + accepted, rows); }
double ScoredCause::precision() const { return share(exact + accepted, exact + accepted + false_alarms); }
double ScoredCause::f1() const {
  const double sum = precision() + recall();
  return sum == 0 ? 0 : 2 * precision() * recall() / sum;
}
double Score::accuracy() const { return share(right, right + wrong + without_verdict); }
double Score::macro_f1() const {
  double sum = 0;
  std::uint64_t count = 0;
  for (const auto& [cause, row] : causes) {
    if (row.rows == 0) continue;
    sum += row.f1();
    ++count;
  }
  return count == 0 ? 1.0 : sum / static_cast<double>(count);
}

struct Scorer::State {
  std::size_t examples;
  std::uint64_t repeated = 0;
  std::vector<Truth> truths;
  std::vector<std::uint32_t> attempt_of_line;  // truth row of an attempt's line
  std::unordered_map<std::uint64_t, Told> told;
  simdjson::ondemand::parser parser;

  void keep(Told verdict);
  std::uint32_t row_of(const Told& verdict, bool* mixed) const;
  void judge_row(const Truth& truth, std::vector<const Told*>& verdicts, Score& score) const;
  void judge_half(const Truth& truth, const Told& half, Score& score) const;
  void count_side(const Truth& truth, const Told& verdict, bool right, Score& score) const;
  ScoreExample example(const Truth* truth, const Told& verdict) const;
  void note_wrong_certain(const Truth* truth, const Told& verdict, Score& score) const;
};

Scorer::Scorer(std::size_t examples) : state_(std::make_unique<State>()) { state_->examples = examples; }
Scorer::~Scorer() = default;

bool Scorer::read_truth(std::istream& in, std::string_view name, std::string* error) {
  std::string line;
  std::uint64_t number = 0;
  std::vector<std::uint64_t> lines;
  while (std::getline(in, line)) {
    ++number;
    if (line.empty()) continue;
    const simdjson::padded_string padded(line);
    simdjson::ondemand::document document;
    Object object;
    Truth truth;
    lines.clear();
    const bool good = state_->parser.iterate(padded).get(document) == simdjson::SUCCESS &&
                      document.get_object().get(object) == simdjson::SUCCESS && parse_truth(object, &truth, &lines);
    if (!good) {
      *error = std::string(name) + ':' + std::to_string(number) + ": not a truth row";
      return false;
    }
    const auto row = static_cast<std::uint32_t>(state_->truths.size());
    for (const std::uint64_t at : lines) {
      if (at >= 2'000'000'000) continue;
      if (at >= state_->attempt_of_line.size()) state_->attempt_of_line.resize(std::max<std::size_t>(at + 1, 2 * state_->attempt_of_line.size()), kNobody);
      state_->attempt_of_line[at] = row;
    }
    state_->truths.push_back(std::move(truth));
  }
  return true;
}

void Scorer::State::keep(Told verdict) {
  Told& kept = told[verdict.id];
  if (verdict.revision == kept.revision && verdict.cause != kept.cause) ++repeated;
  if (verdict.revision >= kept.revision) kept = std::move(verdict);
}

void Scorer::add(const Verdict& verdict) {
  if (!verdict.final) return;
  Told out;
  out.id = verdict.id;
  out.revision = verdict.revision;
  out.withdrawn = verdict.same_as != 0;
  out.about_session = verdict.about_session;
  out.cause = verdict.cause;
  out.grade = verdict.grade;
  out.join = verdict.join;
  out.user = verdict.user;
  out.peer_ip = verdict.peer_ip;
  out.client = verdict.client;
  for (const Evidence& evidence : verdict.evidence) {
    (evidence.side == Vantage::client ? out.has_client : out.has_concentrator) = true;
    out.lines.push_back(evidence.ref.position);
  }
  state_->keep(std::move(out));
}

bool Scorer::add_json(std::string_view line, std::string* error) {
  const simdjson::padded_string padded(line);
  simdjson::ondemand::document document;
  Object object;
  Told verdict;
  bool final = false;
  if (state_->parser.iterate(padded).get(document) != simdjson::SUCCESS ||
      document.get_object().get(object) != simdjson::SUCCESS || !parse_verdict(object, &verdict, &final)) {
    *error = "not a verdict";
    return false;
  }
  if (final) state_->keep(std::move(verdict));
  return true;
}

// How many of the names that the verdict gives are this row's.
int names_shared(const Truth& truth, const Told& verdict) {
  const auto same = [](const std::string& a, const std::string& b) { return !a.empty() && a == b ? 1 : 0; };
  return same(truth.user, verdict.user) + same(truth.peer_ip, verdict.peer_ip) + same(truth.client, verdict.client);
}

// Among the rows that own its evidence: one about the verdict's subject (session or attempt), whose people the
// verdict names, that owns most lines. A verdict that took in another client's lines by mistake is still about
// whom it names.
std::uint32_t Scorer::State::row_of(const Told& verdict, bool* mixed) const {
  std::map<std::uint32_t, int> votes;
  std::map<std::string_view, int> attempts;  // "a17" and "s17" are one attempt: compare the number
  for (const std::uint64_t line : verdict.lines) {
    const std::uint32_t row = line < attempt_of_line.size() ? attempt_of_line[line] : kNobody;
    if (row == kNobody) continue;
    ++attempts[std::string_view(truths[row].id).substr(1)];
    ++votes[row];
  }
  *mixed = attempts.size() > 1;
  std::uint32_t best = kNobody;
  std::tuple<bool, int, int> most;
  for (const auto& [row, count] : votes) {
    const Truth& truth = truths[row];
    const std::tuple rank{truth.about_session == verdict.about_session, names_shared(truth, verdict), count};
    if (best != kNobody && rank <= most) continue;
    best = row;
    most = rank;
  }
  return best;
}

ScoreExample Scorer::State::example(const Truth* truth, const Told& verdict) const {
  ScoreExample out;
  out.truth = truth == nullptr ? "nobody's lines" : truth->id + ' ' + std::string(name_of(truth->cause));
  if (truth != nullptr && !truth->cut.empty()) out.truth += " (cut: " + truth->cut + ')';
  out.verdict = hex16(verdict.id) + ' ' + std::string(name_of(verdict.cause)) + ", " + std::string(name_of(verdict.grade)) +
                ", join " + std::string(name_of(verdict.join));
  out.lines = verdict.lines;
  return out;
}

void Scorer::State::note_wrong_certain(const Truth* truth, const Told& verdict, Score& score) const {
  if (verdict.grade != Grade::certain) return;
  ++score.wrong_certain;
  if (score.certain_examples.size() < examples) score.certain_examples.push_back(example(truth, verdict));
}

void Scorer::State::count_side(const Truth& truth, const Told& verdict, bool right, Score& score) const {
  ScoreSide& side = truth.has_client && truth.has_concentrator ? score.both_sides
                    : truth.has_client                         ? score.client_only
                                                               : score.concentrator_only;
  ++side.rows;
  side.right += right ? 1 : 0;
  side.certain += verdict.grade == Grade::certain ? 1 : 0;
}

int weight_of(const Told& verdict) { return (verdict.has_concentrator ? 2 : 0) + (verdict.has_client ? 1 : 0); }

// A second verdict on one row: the product did not join the sides. Each half may say what it can know.
void Scorer::State::judge_half(const Truth& truth, const Told& half, Score& score) const {
  ++score.halves;
  bool right = has(truth.accept, half.cause);
  if (half.has_client && !half.has_concentrator) right |= has(truth.accept_client, half.cause);
  if (half.has_concentrator && !half.has_client) right |= has(truth.accept_concentrator, half.cause);
  if (right) return;
  ++score.wrong_halves;
  ++score.causes[half.cause].false_alarms;
  note_wrong_certain(&truth, half, score);
}

void Scorer::State::judge_row(const Truth& truth, std::vector<const Told*>& verdicts, Score& score) const {
  if (verdicts.empty()) {
    if (truth.may_be_silent) {
      ++score.silent;
      return;
    }
    ++score.without_verdict;
    ++score.causes[truth.cause].rows;
    return;
  }
  // What somebody at the screen would believe: the surest of those about this row's subject, then the one that
  // saw both sides, then the concentrator (it decides most things), then the one that rests on most lines.
  std::sort(verdicts.begin(), verdicts.end(), [&truth](const Told* a, const Told* b) {
    if (a->about_session != b->about_session) return a->about_session == truth.about_session;
    if (a->grade != b->grade) return a->grade > b->grade;
    if (weight_of(*a) != weight_of(*b)) return weight_of(*a) > weight_of(*b);
    if (a->lines.size() != b->lines.size()) return a->lines.size() > b->lines.size();
    return a->id < b->id;
  });
  const Told& best = *verdicts.front();
  const bool exact = best.cause == truth.cause;
  const bool right = exact || has(truth.accept, best.cause);
  ScoredCause& row = score.causes[truth.cause];
  ++row.rows;
  ++score.confusion[truth.cause][best.cause];
  (right ? score.right : score.wrong) += 1;
  if (exact) ++row.exact;
  if (right && !exact) ++row.accepted;
  if (!right) {
    ++score.causes[best.cause].false_alarms;
    if (score.wrong_examples.size() < examples) score.wrong_examples.push_back(example(&truth, best));
    note_wrong_certain(&truth, best, score);
  }
  if (right && best.grade < truth.decidable) ++score.cautious;
  count_side(truth, best, right, score);
  for (std::size_t i = 1; i < verdicts.size(); ++i) judge_half(truth, *verdicts[i], score);
}

Score Scorer::finish() {
  Score score;
  State& state = *state_;
  score.truth_rows = state.truths.size();
  score.repeated = state.repeated;
  std::vector<const Told*> ordered;
  for (const auto& [id, verdict] : state.told)
    if (!verdict.withdrawn) ordered.push_back(&verdict);
  score.verdicts = ordered.size();
  std::sort(ordered.begin(), ordered.end(), [](const Told* a, const Told* b) { return a->id < b->id; });
  std::vector<std::vector<const Told*>> of_row(state.truths.size());
  for (const Told* verdict : ordered) {
    bool mixed = false;
    const std::uint32_t row = state.row_of(*verdict, &mixed);
    if (mixed) ++score.mixed;
    if (row != kNobody) {
      of_row[row].push_back(verdict);
      continue;
    }
    ++score.unmatched;
    ++score.unmatched_causes[verdict->cause];
    if (verdict->cause == Cause::not_a_user_attempt || verdict->cause == Cause::in_progress) continue;
    ++score.causes[verdict->cause].false_alarms;
    state.note_wrong_certain(nullptr, *verdict, score);
  }
  for (std::size_t i = 0; i < of_row.size(); ++i) state.judge_row(state.truths[i], of_row[i], score);
  return score;
}

bool score_files(const std::string& truth, const std::string& verdicts, Score* out, std::string* error, std::size_t examples) {
  std::ifstream truth_file(truth, std::ios::binary);
  if (!truth_file) return *error = truth + ": cannot be read", false;
  std::ifstream verdict_file(verdicts, std::ios::binary);
  if (!verdict_file) return *error = verdicts + ": cannot be read", false;
  Scorer scorer(examples);
  if (!scorer.read_truth(truth_file, truth, error)) return false;
  std::string line;
  std::uint64_t number = 0;
  while (std::getline(verdict_file, line)) {
    ++number;
    if (line.empty() || scorer.add_json(line, error)) continue;
    *error = verdicts + ':' + std::to_string(number) + ": " + *error;
    return false;
  }
  *out = scorer.finish();
  return true;
}

namespace {

template <class... Values>
void print(std::string& out, const char* format, Values... values) {
  char text[256];
  const int size = std::snprintf(text, sizeof text, format, values...);
  if (size > 0) out.append(text, std::min(static_cast<std::size_t>(size), sizeof text - 1));
}

using Number = unsigned long long;

// "natt_udp4500_blocked 40, group_password_mismatch 2": what the row's verdicts said, most frequent first.
std::string columns(Cause truth, const Score& score) {
  const auto found = score.confusion.find(truth);
  if (found == score.confusion.end()) return "-";
  std::vector<std::pair<std::uint64_t, Cause>> cells;
  for (const auto& [cause, count] : found->second) cells.emplace_back(count, cause);
  std::sort(cells.begin(), cells.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::string out;
  for (const auto& [count, cause] : cells)
    out += (out.empty() ? "" : ", ") + std::string(name_of(cause)) + ' ' + std::to_string(count);
  return out;
}

void print_side(std::string& out, const char* name, const ScoreSide& side) {
  print(out, "  %-18s %9llu rows  %6.2f %% right  %6.2f %% certain\n", name, static_cast<Number>(side.rows),
        100 * share(side.right, side.rows), 100 * share(side.certain, side.rows));
}

void print_examples(std::string& out, const char* title, const std::vector<ScoreExample>& examples) {
  if (!examples.empty()) out += std::string(title) + '\n';
  for (const ScoreExample& example : examples) {
    out += "  truth " + example.truth + "\n    verdict " + example.verdict + "\n    lines";
    for (const std::uint64_t line : example.lines) out += ' ' + std::to_string(line);
    out += '\n';
  }
}

void print_matrix(std::string& out, const Score& score) {
  out += "confusion matrix: a row per true cause, then the causes its verdicts named\n";
  print(out, "  %-28s %8s %7s %7s %7s  %s\n", "truth", "rows", "recall", "prec.", "F1", "verdicts");
  for (const auto& [cause, row] : score.causes) {
    if (row.rows == 0) continue;
    print(out, "  %-28s %8llu %7.4f %7.4f %7.4f  ", std::string(name_of(cause)).c_str(), static_cast<Number>(row.rows),
          row.recall(), row.precision(), row.f1());
    out += columns(cause, score) + '\n';
  }
  for (const auto& [cause, count] : score.unmatched_causes)
    print(out, "  %-28s %8llu %7s %7s %7s  %s\n", "(nobody's lines)", static_cast<Number>(count), "", "", "",
          std::string(name_of(cause)).c_str());
}

}  // namespace

std::string to_text(const Score& score) {
  std::string out;
  print_matrix(out, score);
  out += '\n';
  print(out, "truth rows %llu, verdicts %llu\n", static_cast<Number>(score.truth_rows), static_cast<Number>(score.verdicts));
  print(out, "right %llu, wrong %llu, without verdict %llu (%llu more need none)\n", static_cast<Number>(score.right),
        static_cast<Number>(score.wrong), static_cast<Number>(score.without_verdict), static_cast<Number>(score.silent));
  print(out, "second verdicts on a row %llu (wrong %llu), verdicts on nobody's lines %llu, on lines of two attempts %llu\n",
        static_cast<Number>(score.halves), static_cast<Number>(score.wrong_halves), static_cast<Number>(score.unmatched),
        static_cast<Number>(score.mixed));
  if (score.repeated != 0)
    print(out, "ids told twice with one revision and two causes: %llu\n", static_cast<Number>(score.repeated));
  print(out, "right but more cautious than the logs demand: %llu\n", static_cast<Number>(score.cautious));
  print_side(out, "both logs", score.both_sides);
  print_side(out, "client only", score.client_only);
  print_side(out, "concentrator only", score.concentrator_only);
  print(out, "accuracy %.4f  macro-F1 %.4f  wrong and certain %llu\n", score.accuracy(), score.macro_f1(),
        static_cast<Number>(score.wrong_certain));
  print_examples(out, "wrong and certain, the first few:", score.certain_examples);
  print_examples(out, "wrong, the first few:", score.wrong_examples);
  return out;
}

std::string to_json(const Score& score) {
  std::string out = "{";
  print(out, "\"accuracy\":%.6f,\"macro_f1\":%.6f,\"wrong_certain\":%llu,\"truth_rows\":%llu,\"verdicts\":%llu", score.accuracy(),
        score.macro_f1(), static_cast<Number>(score.wrong_certain), static_cast<Number>(score.truth_rows), static_cast<Number>(score.verdicts));
  print(out, ",\"right\":%llu,\"wrong\":%llu,\"without_verdict\":%llu,\"halves\":%llu,\"wrong_halves\":%llu,\"unmatched\":%llu,\"mixed\":%llu",
        static_cast<Number>(score.right), static_cast<Number>(score.wrong), static_cast<Number>(score.without_verdict),
        static_cast<Number>(score.halves), static_cast<Number>(score.wrong_halves), static_cast<Number>(score.unmatched),
        static_cast<Number>(score.mixed));
  out += ",\"confusion\":{";
  bool first = true;
  for (const auto& [truth, cells] : score.confusion) {
    out += (first ? "\"" : ",\"") + std::string(name_of(truth)) + "\":{";
    first = false;
    bool first_cell = true;
    for (const auto& [cause, count] : cells) {
      out += (first_cell ? "\"" : ",\"") + std::string(name_of(cause)) + "\":" + std::to_string(count);
      first_cell = false;
    }
    out += '}';
  }
  out += "}}";
  return out;
}

}  // namespace vpnverdict
