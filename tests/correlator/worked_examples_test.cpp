// Runs worked_examples.txt: the domain's own table, written so that a network engineer can review it.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "correlator/diagnosis.h"

namespace vpnverdict {
namespace {

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts;
  std::stringstream stream(text);
  for (std::string part; std::getline(stream, part, at);) parts.push_back(part);
  return parts;
}

std::vector<std::string> words(const std::string& text) {
  std::stringstream stream(text);
  std::vector<std::string> out;
  for (std::string word; stream >> word;) out.push_back(word);
  return out;
}

struct Example {
  Half client;
  Half concentrator;
  bool has_client = false;
  bool has_concentrator = false;
  bool session = false;
  Circumstances circumstances;
};

void say(Half& half, std::size_t leg, const std::string& gateway, const FactMask& facts) {
  half.legs.resize(std::max(half.legs.size(), leg + 1));
  if (half.legs[leg].gateway.empty()) half.legs[leg].gateway = gateway;
  add_facts(half.legs[leg], facts);
}

// Facts of one moment are added together; "then" begins the next moment.
Example read_facts(const std::string& column) {
  Example example;
  example.client.vantage = Vantage::client;
  std::size_t leg = 0;
  std::string gateway;
  FactMask client;
  FactMask concentrator;
  const auto flush = [&] {
    if (!client.empty()) say(example.client, leg, gateway, client), example.has_client = true;
    if (!concentrator.empty()) say(example.concentrator, leg, gateway, concentrator), example.has_concentrator = true;
    client = concentrator = {};
  };
  for (std::string word : words(column)) {
    if (word == "session") {
      example.session = true;
    } else if (word == "then") {
      flush();
    } else if (word == "/") {
      flush();
      ++leg;
    } else if (word[0] == '@') {
      gateway = word.substr(1);
    } else {
      const bool no = word[0] == '!';
      Fact fact{};
      EXPECT_TRUE(fact_named(no ? word.substr(1) : word, &fact)) << "no such fact: " << word;
      const bool derived = row_of(fact).kind == FactKind::witness && fact != Fact::client_silent;
      if (no) example.circumstances.known_false.insert(fact);
      else if (derived) example.circumstances.known_true.insert(fact);
      else (vantage_of(fact) == Vantage::client ? client : concentrator).insert(fact);
    }
  }
  flush();
  return example;
}

TEST(WorkedExamples, the_expert_and_the_rules_agree) {
  std::ifstream file(std::string(VPNVERDICT_SOURCE_DIR) + "/tests/correlator/worked_examples.txt");
  ASSERT_TRUE(file.is_open());
  int rows = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    const std::vector<std::string> columns = split(line, '|');
    ASSERT_GE(columns.size(), 3u) << line;
    SCOPED_TRACE(line);
    const Example example = read_facts(columns[1]);
    AttemptView view;
    if (example.has_client) view.client = &example.client;
    if (example.has_concentrator) view.concentrator = &example.concentrator;
    view.join = example.has_client && example.has_concentrator ? JoinStrength::strong : JoinStrength::one_sided;
    view.circumstances = example.circumstances;
    const Diagnosis diagnosis = example.session ? diagnose_session(view) : diagnose(view);
    const std::vector<std::string> expected = words(columns[2]);
    ASSERT_EQ(expected.size(), 2u);
    EXPECT_EQ(expected[0], name_of(diagnosis.cause));
    if (expected[1] != "-") {
      EXPECT_EQ(expected[1], name_of(diagnosis.grade));
    }
    std::vector<std::string> others = columns.size() > 3 ? words(columns[3]) : std::vector<std::string>{};
    const bool also = !others.empty() && others[0] == "also:";
    if (also) others.erase(others.begin());
    const Causes& listed = also ? diagnosis.also_seen : diagnosis.alternatives;
    for (std::size_t i = 0; i < others.size(); ++i) {
      ASSERT_LT(i, listed.size());
      EXPECT_EQ(others[i], name_of(listed[i]));
    }
    ++rows;
  }
  EXPECT_GE(rows, 45);
}

TEST(WorkedExamples, a_weak_join_never_makes_a_two_sided_verdict_certain) {
  Example example = read_facts("client_received_am2 client_natt_offered client_sent_am3 client_peer_repeats_am2 concentrator_am3_timeout");
  AttemptView view{&example.client, &example.concentrator, JoinStrength::weak, {}};
  EXPECT_EQ(Grade::probable, diagnose(view).grade);
  view.join = JoinStrength::strong;
  EXPECT_EQ(Grade::certain, diagnose(view).grade);
}

// diagnosis, "Grades": probable is a named cause with a weak join; the neighbour's line may be the one that names it.
TEST(WorkedExamples, a_weak_join_makes_nothing_certain) {
  Example example = read_facts("client_not_responding concentrator_group_unknown");
  AttemptView view{&example.client, &example.concentrator, JoinStrength::weak, {}};
  EXPECT_EQ(Grade::probable, diagnose(view).grade);
  view.join = JoinStrength::strong;
  EXPECT_EQ(Grade::certain, diagnose(view).grade);
}

TEST(WorkedExamples, a_line_that_may_be_a_neighbours_makes_nothing_certain) {
  Example example = read_facts("concentrator_group_found concentrator_user_bad_password");
  const AttemptView view{nullptr, &example.concentrator, JoinStrength::one_sided, {}};
  EXPECT_EQ(Grade::certain, diagnose(view).grade);
  example.concentrator.legs.back().doubtful = {Fact::concentrator_group_found};
  EXPECT_EQ(Grade::certain, diagnose(view).grade);
  example.concentrator.legs.back().doubtful = {Fact::concentrator_user_bad_password};
  EXPECT_EQ(Grade::probable, diagnose(view).grade);
}

}  // namespace
}  // namespace vpnverdict
