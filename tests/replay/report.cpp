// Replay folders in, a table "case, expected, verdict, result" out. ctest runs it once for each folder; by hand it
// is the tool for improving the rules:
//   replay_report tests/replay                  both logs of every folder
//   replay_report --one-sided tests/replay      each side's log alone: only certain and wrong counts
//   replay_report --wrong tests/replay/lab      only what is not right
//   replay_report --explain tests/replay/lab/061-wrong-group-password
// Exit code: 0 all right, 1 something is not, 66 a folder cannot be used.
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "pipeline/terminal.h"
#include "tests/replay/replay_folder.h"

namespace vpnverdict::replay_test {
namespace {

constexpr std::string_view kSideNames[] = {"both", "client", "concentrator"};
constexpr std::string_view kResultNames[] = {"ok", "wrong", "WRONG AND CERTAIN"};

struct Options {
  bool one_sided = false;
  bool only_wrong = false;
  bool explain = false;
  std::vector<std::string> paths;
};

struct Sum {
  std::size_t runs = 0;
  std::size_t by_result[3] = {};
};

void print_row(const std::string& path, std::string_view side, const Folder& folder, const Judged& judged) {
  std::printf("%-17s %s%s%s\n    expected  %s\n    verdict   %s\n", std::string(kResultNames[static_cast<int>(judged.judgement)]).c_str(),
              path.c_str(), side == "both" ? "" : "  only ", side == "both" ? "" : std::string(side).c_str(),
              expected_words(folder.expect).c_str(), judged.verdicts.c_str());
  if (!judged.problem.empty()) std::printf("    problem   %s\n", judged.problem.c_str());
}

// The family of a folder: the directory it stands in.
std::string family_of(const std::string& path) {
  const std::size_t end = path.find_last_of('/');
  if (end == std::string::npos) return ".";
  const std::size_t begin = path.find_last_of('/', end - 1);
  return path.substr(begin == std::string::npos ? 0 : begin + 1, end - (begin == std::string::npos ? 0 : begin + 1));
}

int run(const Options& options) {
  std::map<std::string, Sum> sums;
  bool all_right = true;
  for (const std::string& root : options.paths) {
    const std::vector<std::string> folders = folders_below(root);
    if (folders.empty()) {
      std::fprintf(stderr, "%s: no folder with an expect.txt\n", root.c_str());
      return 66;
    }
    for (const std::string& path : folders) {
      Folder folder;
      std::string error;
      if (!load_folder(path, folder, error)) {
        std::fprintf(stderr, "%s\n", error.c_str());
        return 66;
      }
      const std::vector<Sides> sides = options.one_sided ? std::vector{Sides::client, Sides::concentrator} : std::vector{Sides::both};
      for (Sides side : sides) {
        if (side == Sides::client && !folder.client) continue;
        if (side == Sides::concentrator && !folder.concentrator) continue;
        const Explanation explanation = explain_folder(folder, side);
        const Judged judged = judge(folder, explanation, side);
        Sum& sum = sums[family_of(path)];
        ++sum.runs;
        ++sum.by_result[static_cast<int>(judged.judgement)];
        all_right = all_right && judged.judgement == Judgement::ok;
        if (!options.only_wrong || judged.judgement != Judgement::ok)
          print_row(path, kSideNames[static_cast<int>(side)], folder, judged);
        if (options.explain && (!options.only_wrong || judged.judgement != Judgement::ok))
          std::fputs(explanation_text(explanation, wants_colour(1)).c_str(), stdout);
      }
    }
  }
  std::printf("\n%-20s %6s %6s %6s %18s\n", "family", "runs", "ok", "wrong", "wrong and certain");
  for (const auto& [family, sum] : sums)
    std::printf("%-20s %6zu %6zu %6zu %18zu\n", family.c_str(), sum.runs, sum.by_result[0], sum.by_result[1], sum.by_result[2]);
  return all_right ? 0 : 1;
}

}  // namespace
}  // namespace vpnverdict::replay_test

int main(int argc, char** argv) {
  vpnverdict::replay_test::Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--one-sided")
      options.one_sided = true;
    else if (argument == "--wrong")
      options.only_wrong = true;
    else if (argument == "--explain")
      options.explain = true;
    else if (argument.starts_with("--"))
      return std::fprintf(stderr, "unknown option %s; see the top of tests/replay/report.cpp\n", argv[i]), 2;
    else
      options.paths.push_back(argument);
  }
  if (options.paths.empty()) return std::fprintf(stderr, "usage: replay_report [--one-sided] [--wrong] [--explain] FOLDER…\n"), 2;
  return vpnverdict::replay_test::run(options);
}
