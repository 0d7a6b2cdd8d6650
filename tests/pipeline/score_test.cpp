#include "pipeline/score.h"

#include <gtest/gtest.h>

#include <sstream>

namespace vpnverdict {
namespace {

std::string truth(const char* id, const char* cause, const char* accept, const char* client_lines, const char* box_lines,
                  const char* more = "") {
  return std::string("{\"id\":\"") + id + "\",\"about\":\"" + (id[0] == 's' ? "session" : "attempt") + "\",\"cause\":\"" + cause +
         "\",\"outcome\":\"failed\",\"decidable\":\"certain\",\"accept\":" + accept + more +
         ",\"cut\":[],\"may_be_silent\":false,\"client_lines\":" + client_lines + ",\"concentrator_lines\":" + box_lines + "}\n";
}

std::string verdict(const char* id, int revision, const char* state, const char* cause, const char* grade, const char* evidence,
                    const char* about = "attempt") {
  return std::string("{\"id\":\"") + id + "\",\"revision\":" + std::to_string(revision) + ",\"about\":\"" + about +
         "\",\"state\":\"" + state + "\",\"outcome\":\"failed\",\"cause\":\"" + cause + "\",\"grade\":\"" + grade +
         "\",\"evidence\":[" + evidence + "],\"join\":\"strong\"}";
}
std::string at(const char* side, int line) {
  return std::string("{\"side\":\"") + side + "\",\"source\":\"fleet.ndjson\",\"line\":" + std::to_string(line) + "}";
}

class ScoreTest : public ::testing::Test {
 protected:
  void truth_is(const std::string& text) {
    std::istringstream in(text);
    std::string error;
    ASSERT_TRUE(scorer.read_truth(in, "truth.jsonl", &error)) << error;
  }
  void told(const std::string& line) {
    std::string error;
    ASSERT_TRUE(scorer.add_json(line, &error)) << error << ": " << line;
  }
  Scorer scorer;
};

// Four rows: user_unknown x2, group_name_unknown, natt_udp4500_blocked.
// Verdicts: user_unknown right; user_unknown told as group_name_unknown; group_name_unknown right; natt: none.
//   user_unknown         precision 1/1, recall 1/2: F1 = 2/3
//   group_name_unknown   precision 1/2, recall 1/1: F1 = 2/3
//   natt_udp4500_blocked recall 0: F1 = 0
// macro-F1 = (2/3 + 2/3 + 0) / 3 = 4/9; accuracy 2/4.
TEST_F(ScoreTest, f1_as_computed_by_hand) {
  truth_is(truth("a1", "user_unknown", "[\"user_unknown\"]", "[]", "[1]") +
           truth("a2", "user_unknown", "[\"user_unknown\"]", "[2]", "[3]") +
           truth("a3", "group_name_unknown", "[\"group_name_unknown\"]", "[]", "[4,5]") +
           truth("a4", "natt_udp4500_blocked", "[\"natt_udp4500_blocked\"]", "[6]", "[]"));
  told(verdict("01", 1, "final", "user_unknown", "certain", at("concentrator", 1).c_str()));
  told(verdict("02", 1, "final", "group_name_unknown", "probable", (at("client", 2) + ',' + at("concentrator", 3)).c_str()));
  told(verdict("03", 1, "final", "group_name_unknown", "certain", at("concentrator", 5).c_str()));
  const Score score = scorer.finish();
  EXPECT_EQ(4U, score.truth_rows);
  EXPECT_EQ(2U, score.right);
  EXPECT_EQ(1U, score.wrong);
  EXPECT_EQ(1U, score.without_verdict);
  EXPECT_DOUBLE_EQ(0.5, score.accuracy());
  EXPECT_DOUBLE_EQ(2.0 / 3, score.causes.at(Cause::user_unknown).f1());
  EXPECT_DOUBLE_EQ(2.0 / 3, score.causes.at(Cause::group_name_unknown).f1());
  EXPECT_DOUBLE_EQ(0, score.causes.at(Cause::natt_udp4500_blocked).f1());
  EXPECT_DOUBLE_EQ(4.0 / 9, score.macro_f1());
  EXPECT_EQ(0U, score.wrong_certain);
  EXPECT_EQ(1U, score.confusion.at(Cause::user_unknown).at(Cause::group_name_unknown));
}

TEST_F(ScoreTest, an_accepted_cause_counts_as_right) {
  truth_is(truth("a1", "concentrator_unreachable", "[\"concentrator_unreachable\",\"udp500_blocked\"]", "[1]", "[]"));
  told(verdict("01", 1, "final", "udp500_blocked", "guess", at("client", 1).c_str()));
  const Score score = scorer.finish();
  EXPECT_EQ(1U, score.right);
  EXPECT_EQ(1U, score.causes.at(Cause::concentrator_unreachable).accepted);
  EXPECT_DOUBLE_EQ(1, score.macro_f1());
}

TEST_F(ScoreTest, the_highest_revision_counts_and_provisional_ones_do_not) {
  truth_is(truth("a1", "user_unknown", "[\"user_unknown\"]", "[]", "[1]"));
  told(verdict("01", 3, "provisional", "udp500_blocked", "certain", at("concentrator", 1).c_str()));
  told(verdict("01", 2, "final", "user_unknown", "certain", at("concentrator", 1).c_str()));
  told(verdict("01", 1, "final", "user_rejected_unspecified", "certain", at("concentrator", 1).c_str()));
  const Score score = scorer.finish();
  EXPECT_EQ(1U, score.verdicts);
  EXPECT_EQ(1U, score.right);
}

TEST_F(ScoreTest, a_record_that_became_another_one_is_left_aside) {
  truth_is(truth("a1", "user_unknown", "[\"user_unknown\"]", "[1]", "[2]"));
  told(verdict("01", 1, "final", "user_unknown", "certain", at("concentrator", 2).c_str()));
  told(verdict("02", 1, "final", "udp500_blocked", "certain", at("client", 1).c_str()));
  std::string last = verdict("02", 2, "final", "user_unknown", "certain", at("client", 1).c_str());
  last.insert(last.size() - 1, ",\"same_as\":\"0000000000000001\"");
  told(last);
  const Score score = scorer.finish();
  EXPECT_EQ(1U, score.verdicts);
  EXPECT_EQ(0U, score.halves);
  EXPECT_EQ(0U, score.wrong_certain);
}

TEST_F(ScoreTest, two_stories_under_one_id_and_revision_are_counted) {
  truth_is(truth("a1", "user_unknown", "[\"user_unknown\"]", "[1]", "[2]"));
  told(verdict("01", 1, "final", "user_unknown", "certain", at("concentrator", 2).c_str()));
  told(verdict("01", 1, "final", "user_unknown", "certain", at("concentrator", 2).c_str()));
  EXPECT_EQ(0U, scorer.finish().repeated);
  told(verdict("01", 1, "final", "undetermined", "guess", at("client", 1).c_str()));
  EXPECT_EQ(1U, scorer.finish().repeated);
}

TEST_F(ScoreTest, wrong_and_certain_is_counted_with_its_lines) {
  truth_is(truth("a1", "user_unknown", "[\"user_unknown\"]", "[]", "[1,2]"));
  told(verdict("0a", 1, "final", "user_password_wrong", "certain", at("concentrator", 2).c_str()));
  const Score score = scorer.finish();
  EXPECT_EQ(1U, score.wrong_certain);
  ASSERT_EQ(1U, score.certain_examples.size());
  EXPECT_EQ("a1 user_unknown", score.certain_examples[0].truth);
  EXPECT_EQ("000000000000000a user_password_wrong, certain, join strong", score.certain_examples[0].verdict);
  EXPECT_EQ(std::vector<std::uint64_t>{2}, score.certain_examples[0].lines);
}

// Halves that were not joined: each is judged by what its reader can know, and only the surer one is the row's verdict.
TEST_F(ScoreTest, an_unjoined_half_may_say_what_it_can_know) {
  truth_is(truth("a1", "group_name_unknown", "[\"group_name_unknown\"]", "[1]", "[2]",
                 ",\"accept_client\":[\"udp500_blocked\",\"group_name_unknown\"],\"accept_concentrator\":[\"group_name_unknown\"]"));
  told(verdict("01", 1, "final", "udp500_blocked", "guess", at("client", 1).c_str()));
  told(verdict("02", 1, "final", "group_name_unknown", "certain", at("concentrator", 2).c_str()));
  told(verdict("03", 1, "final", "natt_udp4500_blocked", "certain", at("client", 1).c_str()));
  const Score score = scorer.finish();
  EXPECT_EQ(1U, score.right + score.wrong);
  EXPECT_EQ(2U, score.halves);
  EXPECT_EQ(1U, score.wrong_halves);
  EXPECT_EQ(1U, score.wrong_certain);
}

TEST_F(ScoreTest, sessions_and_attempts_are_told_apart) {
  truth_is(truth("a1", "connected", "[\"connected\"]", "[]", "[1,2]") + truth("s1", "peer_lost", "[\"peer_lost\"]", "[]", "[3]"));
  told(verdict("01", 1, "final", "connected", "certain", at("concentrator", 1).c_str()));
  told(verdict("02", 1, "final", "peer_lost", "certain", (at("concentrator", 1) + ',' + at("concentrator", 2) + ',' + at("concentrator", 3)).c_str(), "session"));
  const Score score = scorer.finish();
  EXPECT_EQ(2U, score.right);
  EXPECT_EQ(0U, score.mixed);
}

TEST_F(ScoreTest, verdicts_on_two_attempts_and_on_noise_are_counted) {
  truth_is(truth("a1", "user_unknown", "[\"user_unknown\"]", "[]", "[1,2]") + truth("a2", "user_unknown", "[\"user_unknown\"]", "[]", "[3]"));
  told(verdict("01", 1, "final", "user_unknown", "certain", (at("concentrator", 1) + ',' + at("concentrator", 2) + ',' + at("concentrator", 3)).c_str()));
  told(verdict("02", 1, "final", "user_password_wrong", "certain", at("concentrator", 9).c_str()));
  const Score score = scorer.finish();
  EXPECT_EQ(1U, score.mixed);
  EXPECT_EQ(1U, score.unmatched);
  EXPECT_EQ(1U, score.wrong_certain);
  EXPECT_EQ(1U, score.without_verdict);
}

// A weak join that took in a stranger's client log is judged as what it says it is: the verdict on the user it names.
TEST_F(ScoreTest, a_verdict_is_about_the_people_it_names) {
  truth_is(truth("a1", "user_unknown", "[\"user_unknown\"]", "[]", "[1]", ",\"user\":\"anna\",\"peer_ip\":\"192.0.2.1\"") +
           truth("a2", "user_cancelled", "[\"user_cancelled\"]", "[2,3,4]", "[]", ",\"client\":\"pc-2\",\"peer_ip\":\"192.0.2.2\""));
  std::string line = verdict("01", 1, "final", "user_unknown", "certain",
                             (at("concentrator", 1) + ',' + at("client", 2) + ',' + at("client", 3) + ',' + at("client", 4)).c_str());
  line.insert(line.size() - 1, ",\"user\":\"anna\",\"peer_ip\":\"192.0.2.1\",\"client\":\"pc-2\"");
  told(line);
  const Score score = scorer.finish();
  EXPECT_EQ(1U, score.right);
  EXPECT_EQ(1U, score.mixed);
  EXPECT_EQ(1U, score.without_verdict);
  EXPECT_EQ(0U, score.wrong_certain);
}

TEST_F(ScoreTest, bad_lines_are_refused_with_their_place) {
  std::istringstream in("{\"id\":\"a1\"}\n");
  std::string error;
  EXPECT_FALSE(scorer.read_truth(in, "truth.jsonl", &error));
  EXPECT_EQ("truth.jsonl:1: not a truth row", error);
  EXPECT_FALSE(scorer.add_json("{\"id\":\"01\"}", &error));
  EXPECT_FALSE(scorer.add_json("not json", &error));
}

TEST_F(ScoreTest, text_shows_the_numbers) {
  truth_is(truth("a1", "user_unknown", "[\"user_unknown\"]", "[]", "[1]"));
  told(verdict("01", 1, "final", "user_unknown", "certain", at("concentrator", 1).c_str()));
  const std::string text = to_text(scorer.finish());
  EXPECT_NE(std::string::npos, text.find("accuracy 1.0000  macro-F1 1.0000  wrong and certain 0")) << text;
  EXPECT_NE(std::string::npos, text.find("user_unknown 1")) << text;
}

}  // namespace
}  // namespace vpnverdict
