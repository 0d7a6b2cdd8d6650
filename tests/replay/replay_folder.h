// A replay folder: the logs of one incident with the verdict they must get.
//   about.txt         one paragraph: what happened
//   client.log, concentrator.log   one of them may be missing
//   inventory.yaml    optional
//   expect.txt        lines "key value…", '#' begins a comment; README.md beside this file lists the keys
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/explain.h"

namespace vpnverdict::replay_test {

struct Expectation {
  // Exact keys: one attempt must have all of them.
  std::optional<Cause> cause;
  std::optional<Grade> grade;
  std::optional<Outcome> outcome;
  std::optional<int> step;
  std::optional<Actor> actor;
  std::optional<JoinStrength> join;
  std::optional<Milestone> reached;
  std::vector<Cause> alternatives;  // each must be among the verdict's
  std::vector<Cause> also_seen;
  std::optional<std::size_t> attempts;  // how many the logs hold
  std::optional<Cause> session;         // of a record about the session

  // The loose form of the imported cases.
  std::string answers;  // where we disagree with the case and say why: exactly these verdicts, as `report` prints them
  bool has_accept = false;
  std::vector<Cause> accept;          // any of these, at any grade; empty: nothing is expected
  std::vector<Cause> may_be_certain;  // no error when graded certain

  // Which attempt of a log with several is meant.
  std::string group;
  std::string user;
  std::string peer;
  Timestamp started = kUntimed;
  Timestamp ended = kUntimed;

  bool one_incident = true;
  int year = 0;
};

enum class Sides : std::uint8_t { both, client, concentrator };

struct Folder {
  std::string path;
  Expectation expect;
  std::optional<LogFile> client;
  std::optional<LogFile> concentrator;
  Inventory inventory;
};

// False with a sentence (file:line) when the folder cannot be used.
bool load_folder(const std::string& path, Folder& folder, std::string& error);
// All folders with an expect.txt at or below the path, sorted.
std::vector<std::string> folders_below(const std::string& path);

enum class Judgement : std::uint8_t { ok, wrong, wrong_certain };

struct Judged {
  Judgement judgement = Judgement::ok;
  std::string verdicts;  // what was found, short
  std::string problem;   // empty when ok
};

Explanation explain_folder(const Folder& folder, Sides sides);
// With one side's log only, nothing is expected but that no wrong cause is graded certain.
Judged judge(const Folder& folder, const Explanation& explanation, Sides sides);

std::string expected_words(const Expectation& expect);

}  // namespace vpnverdict::replay_test
