// Runs shard_scripts.txt, one test per case.
#include <fstream>

#include "tests/correlator/script.h"

namespace vpnverdict {
namespace {

struct Case {
  std::string name;
  std::vector<std::string> lines;
  bool presume = false;
};

std::vector<Case> read_cases() {
  std::ifstream file(std::string(VPNVERDICT_SOURCE_DIR) + "/tests/correlator/shard_scripts.txt");
  std::vector<Case> cases;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    if (line.rfind("case ", 0) == 0) {
      cases.push_back({line.substr(5), {}, false});
    } else if (line == "presume") {
      cases.back().presume = true;
    } else {
      cases.back().lines.push_back(line);
    }
  }
  return cases;
}

class ShardScript : public testing::TestWithParam<Case> {};

TEST_P(ShardScript, tells) {
  const Inventory inventory;
  CorrelatorOptions options;
  options.presume_one_incident = GetParam().presume;
  script::run(GetParam().name, GetParam().lines, inventory, options);
}

std::string test_name(const testing::TestParamInfo<Case>& info) {
  std::string out;
  for (const char c : info.param.name) out += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  return out;
}

INSTANTIATE_TEST_SUITE_P(Cases, ShardScript, testing::ValuesIn(read_cases()), test_name);

}  // namespace
}  // namespace vpnverdict
