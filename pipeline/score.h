// Verdicts against the truth of a generated fleet: confusion matrix, accuracy, macro-F1, and every verdict that
// was wrong and sure of itself. Called by `replay --score TRUTH`, by tests and benches.
// Matching is independent of the product's own join: a verdict's evidence says which lines of the input it rests
// on, and the truth says whose lines these are. One thread.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "correlator/cause.h"
#include "correlator/verdict.h"

namespace vpnverdict {

struct ScoredCause {
  std::uint64_t rows = 0;      // truth rows of this cause that should have a verdict
  std::uint64_t exact = 0;     // the verdict names this cause
  std::uint64_t accepted = 0;  // it names another one that the logs at hand allow
  std::uint64_t false_alarms = 0;  // verdicts of this cause that are wrong
  double precision() const;
  double recall() const;
  double f1() const;
};

struct ScoreExample {
  std::string truth;    // id, cause and what was cut
  std::string verdict;  // id, cause, grade, join
  std::vector<std::uint64_t> lines;  // evidence
};

struct ScoreSide {
  std::uint64_t rows = 0;
  std::uint64_t right = 0;
  std::uint64_t certain = 0;
};

struct Score {
  std::uint64_t truth_rows = 0;
  std::uint64_t verdicts = 0;         // distinct ids with a final verdict, those that became another's (same_as) left out
  std::uint64_t right = 0;
  std::uint64_t wrong = 0;            // a truth row's verdict names a cause that it must not
  std::uint64_t without_verdict = 0;  // truth rows nobody told about, but should have
  std::uint64_t silent = 0;           // truth rows without a verdict that need none
  std::uint64_t unmatched = 0;        // verdicts on lines that are nobody's attempt
  std::uint64_t halves = 0;           // further verdicts on a row that has one: its sides were not joined
  std::uint64_t wrong_halves = 0;     // of these, what not even a reader of that half may say
  std::uint64_t mixed = 0;            // verdicts that rest on lines of more than one attempt
  std::uint64_t repeated = 0;         // an id told twice with the same revision and another cause; must be 0
  std::uint64_t wrong_certain = 0;    // of all verdicts; must be 0
  std::uint64_t cautious = 0;         // right, but a grade below what the logs allow
  std::map<Cause, ScoredCause> causes;
  std::map<Cause, std::map<Cause, std::uint64_t>> confusion;  // truth -> verdict -> rows; raw names
  std::map<Cause, std::uint64_t> unmatched_causes;
  ScoreSide both_sides;
  ScoreSide client_only;
  ScoreSide concentrator_only;
  std::vector<ScoreExample> certain_examples;  // the first few of wrong_certain
  std::vector<ScoreExample> wrong_examples;    // the first few of wrong

  double accuracy() const;
  double macro_f1() const;  // over the causes that occur in the truth, each with equal weight
};

class Scorer {
 public:
  // At most `examples` of each kind are kept.
  explicit Scorer(std::size_t examples = 5);
  ~Scorer();

  // The generator's truth, JSON Lines. False with one sentence in `error`.
  bool read_truth(std::istream& in, std::string_view name, std::string* error);
  // One verdict; provisional ones and older revisions are left aside.
  void add(const Verdict& verdict);
  // The same from the product's JSON. False when the line is no verdict.
  bool add_json(std::string_view line, std::string* error);
  Score finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// `verdicts` = the product's JSON Lines. False with one sentence in `error`.
bool score_files(const std::string& truth, const std::string& verdicts, Score* out, std::string* error,
                 std::size_t examples = 5);

std::string to_text(const Score& score);
std::string to_json(const Score& score);

}  // namespace vpnverdict
