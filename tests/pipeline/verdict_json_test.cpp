// The wire form against deploy/verdict.schema.json, and against hostile text.
#include "pipeline/verdict_json.h"

#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <simdjson.h>

namespace vpnverdict {
namespace {

std::string schema_text() {
  std::ifstream in(std::string(VPNVERDICT_SOURCE_DIR) + "/deploy/verdict.schema.json");
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

Verdict full_verdict() {
  Verdict verdict;
  verdict.id = 0xABCDEF;
  verdict.revision = 2;
  verdict.final = true;
  verdict.outcome = Outcome::failed;
  verdict.cause = Cause::group_password_mismatch;
  verdict.step = 6;
  verdict.grade = Grade::certain;
  verdict.actor = Actor::client;
  verdict.peer_ip = "192.168.1.100";
  verdict.group = "mygroup";
  verdict.started_at = 1119386866335;  // 2005-06-21T20:47:46.335Z
  verdict.legs = 1;
  verdict.reached = Milestone::am2_received;
  verdict.evidence.push_back({.side = Vantage::client,
                              .time = 1119386866335,
                              .ref = {.source = 0, .position = 7},
                              .text = "Hash verification failed",
                              .facts = {Fact::client_hash_failed}});
  verdict.alternatives = {Cause::group_name_unknown};
  verdict.also_seen = {Cause::ike_proposal_mismatch};
  verdict.join = JoinStrength::proof;
  verdict.rule = 10;
  return verdict;
}

// Returns what is wrong with `value` by the part of JSON Schema that ours uses; empty when nothing is.
class SchemaCheck {
 public:
  explicit SchemaCheck(simdjson::dom::element root) : root_(root) {}

  std::string check(simdjson::dom::element value, simdjson::dom::element schema, const std::string& where) {
    simdjson::dom::element sub;
    if (schema["$ref"].get(sub) == simdjson::SUCCESS) {
      const std::string pointer(std::string_view(sub).substr(1));
      return check(value, root_.at_pointer(pointer), where);
    }
    if (schema["enum"].get(sub) == simdjson::SUCCESS && !one_of(value, sub)) return where + ": not in the list";
    if (schema["const"].get(sub) == simdjson::SUCCESS && minify(value) != minify(sub)) return where + ": not the constant";
    if (schema["type"].get(sub) == simdjson::SUCCESS && !has_type(value, sub)) return where + ": wrong type";
    std::string problem = check_object(value, schema, where);
    return problem.empty() ? check_items(value, schema, where) : problem;
  }

 private:
  static std::string minify(simdjson::dom::element value) { return simdjson::minify(value); }
  static bool one_of(simdjson::dom::element value, simdjson::dom::element list) {
    for (simdjson::dom::element allowed : list.get_array())
      if (minify(allowed) == minify(value)) return true;
    return false;
  }
  static bool is(simdjson::dom::element value, std::string_view type) {
    if (type == "string") return value.is_string();
    if (type == "null") return value.is_null();
    if (type == "boolean") return value.is_bool();
    if (type == "integer") return value.is_int64() || value.is_uint64();
    if (type == "array") return value.is_array();
    return type == "object" && value.is_object();
  }
  static bool has_type(simdjson::dom::element value, simdjson::dom::element type) {
    if (type.is_string()) return is(value, std::string_view(type));
    for (simdjson::dom::element allowed : type.get_array())
      if (is(value, std::string_view(allowed))) return true;
    return false;
  }
  std::string check_object(simdjson::dom::element value, simdjson::dom::element schema, const std::string& where) {
    simdjson::dom::array required;
    if (schema["required"].get(required) == simdjson::SUCCESS)
      for (simdjson::dom::element key : required)
        if (value[std::string_view(key)].error() != simdjson::SUCCESS) return where + ": lacks " + std::string(key);
    simdjson::dom::object properties;
    if (schema["properties"].get(properties) != simdjson::SUCCESS) return {};
    for (auto [key, member] : value.get_object()) {
      simdjson::dom::element rule;
      if (properties[key].get(rule) != simdjson::SUCCESS) return where + ": unknown key " + std::string(key);
      std::string problem = check(member, rule, where + "." + std::string(key));
      if (!problem.empty()) return problem;
    }
    return {};
  }
  std::string check_items(simdjson::dom::element value, simdjson::dom::element schema, const std::string& where) {
    simdjson::dom::element items;
    if (schema["items"].get(items) != simdjson::SUCCESS) return {};
    for (simdjson::dom::element item : value.get_array()) {
      std::string problem = check(item, items, where + "[]");
      if (!problem.empty()) return problem;
    }
    return {};
  }
  simdjson::dom::element root_;
};

std::string problem_with(const std::string& json) {
  simdjson::dom::parser schema_parser;
  simdjson::dom::parser value_parser;
  simdjson::dom::element schema;
  simdjson::dom::element value;
  if (schema_parser.parse(schema_text()).get(schema) != simdjson::SUCCESS) return "the schema is no JSON";
  if (const auto error = value_parser.parse(json).get(value)) return simdjson::error_message(error);
  return SchemaCheck(schema).check(value, schema, "verdict");
}

TEST(VerdictJson, follows_its_schema) {
  const std::vector<std::string> sources = {"client.log"};
  EXPECT_EQ("", problem_with(to_json(full_verdict(), sources)));
  EXPECT_EQ("", problem_with(to_json(Verdict{}, {})));
}

TEST(VerdictJson, every_value_of_every_closed_list_is_in_the_schema) {
  for (const CauseRow& row : kCauses) {
    Verdict verdict;
    verdict.cause = row.cause;
    verdict.step = row.step;
    verdict.actor = row.actor;
    EXPECT_EQ("", problem_with(to_json(verdict, {}))) << row.name;
  }
  Verdict verdict;
  for (const FactRow& row : kFacts) verdict.evidence.push_back({Vantage::client, kUntimed, {}, "x", row.fact});
  EXPECT_EQ("", problem_with(to_json(verdict, {})));
  for (std::size_t i = 0; i < kMilestoneCount; ++i) {
    verdict.reached = static_cast<Milestone>(i);
    EXPECT_EQ("", problem_with(to_json(verdict, {}))) << kMilestoneNames[i];
  }
  for (std::size_t i = 0; i < std::size(kOutcomeNames); ++i) {
    verdict.outcome = static_cast<Outcome>(i);
    EXPECT_EQ("", problem_with(to_json(verdict, {}))) << kOutcomeNames[i];
  }
}

TEST(VerdictJson, the_check_itself_can_fail) {
  std::string json = to_json(full_verdict(), {});
  const std::size_t at = json.find("group_password_mismatch");
  json.replace(at, 5, "grupp");
  EXPECT_EQ("verdict.cause: not in the list", problem_with(json));
}

TEST(VerdictJson, says_what_the_verdict_says) {
  const std::vector<std::string> sources = {"client.log"};
  const std::string json = to_json(full_verdict(), sources);
  for (const char* part :
       {R"("id":"0000000000abcdef")", R"("revision":2)", R"("state":"final")", R"("outcome":"failed")",
        R"("cause":"group_password_mismatch")", R"("step":6)", R"("grade":"certain")", R"("actor":"client")",
        R"("started_at":"2005-06-21T20:47:46.335Z")", R"("ended_at":null)", R"("reached":"am2_received")",
        R"({"side":"client","source":"client.log","line":7,"time":"2005-06-21T20:47:46.335Z",)"
        R"("text":"Hash verification failed","facts":["client_hash_failed"]})",
        R"("alternatives":["group_name_unknown"])", R"("also_seen":["ike_proposal_mismatch"])", R"("join":"proof")"})
    EXPECT_NE(std::string::npos, json.find(part)) << part << "\n" << json;
  EXPECT_EQ(std::string::npos, json.find('\n'));
}

TEST(VerdictJson, says_what_was_missing_only_when_something_was) {
  Verdict verdict = full_verdict();
  EXPECT_EQ(std::string::npos, to_json(verdict, {}).find("partial"));
  verdict.partial = true;
  verdict.missing = {1, 7};
  const std::vector<std::string> sources = {"clients/0", "gateways/3"};
  EXPECT_EQ("", problem_with(to_json(verdict, sources)));
  EXPECT_NE(std::string::npos, to_json(verdict, sources).find(R"("partial":true,"missing":["gateways/3","source 7"]})"));
}

TEST(VerdictJson, a_source_without_a_name_is_numbered) {
  const std::string json = to_json(full_verdict(), {});
  EXPECT_NE(std::string::npos, json.find(R"("source":"source 0")"));
}

TEST(VerdictJson, a_session_record_names_its_attempt) {
  Verdict verdict;
  verdict.id = 2;
  verdict.about_session = true;
  verdict.attempt = 1;
  const std::string json = to_json(verdict, {});
  EXPECT_NE(std::string::npos, json.find(R"("about":"session","attempt":"0000000000000001")"));
}

std::string as_json_string(std::string_view text) {
  std::string out;
  append_json_string(text, out);
  return out;
}

TEST(JsonString, escapes_and_repairs) {
  EXPECT_EQ(R"("a\"b\\c\n\t\r\u0000\u001b")", as_json_string(std::string_view("a\"b\\c\n\t\r\0\x1b", 10)));
  EXPECT_EQ("\"M\xC3\xBCller \xE2\x82\xAC \xF0\x9F\x98\x80\"", as_json_string("M\xC3\xBCller \xE2\x82\xAC \xF0\x9F\x98\x80"));
  EXPECT_EQ(R"("M\ufffdller")", as_json_string("M\xFCller"));                        // Latin-1
  EXPECT_EQ(R"("\ufffd\ufffd")", as_json_string("\xC0\xAF"));                        // overlong
  EXPECT_EQ(R"("\ufffd\ufffd\ufffd")", as_json_string("\xED\xA0\x80"));              // a surrogate
  EXPECT_EQ(R"("\ufffd\ufffd")", as_json_string("\xE2\x82"));                        // cut short
  EXPECT_EQ(R"("\u009b\u202e\u2028\u007f")", as_json_string("\xC2\x9B\xE2\x80\xAE\xE2\x80\xA8\x7F"));
}

// Texts are looked through in words: where a byte stands must not matter, nor what stands around it.
TEST(JsonString, a_byte_is_escaped_alike_wherever_it_stands) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string alone = as_json_string(std::string(1, static_cast<char>(byte)));
    const std::string escaped = alone.substr(1, alone.size() - 2);
    for (std::size_t size = 1; size < 20; ++size) {
      for (std::size_t at = 0; at < size; ++at) {
        std::string text(size, 'x');
        text[at] = static_cast<char>(byte);
        ASSERT_EQ('"' + std::string(at, 'x') + escaped + std::string(size - at - 1, 'x') + '"', as_json_string(text)) << byte << ' ' << size << ' ' << at;
      }
    }
  }
}

TEST(JsonString, any_byte_pair_is_valid_json) {
  simdjson::dom::parser parser;
  for (int a = 0; a < 256; ++a) {
    std::string all;
    for (int b = 0; b < 256; ++b) {
      all += static_cast<char>(a);
      all += static_cast<char>(b);
    }
    EXPECT_EQ(simdjson::SUCCESS, parser.parse(as_json_string(all)).error()) << a;
  }
}

TEST(Rfc3339, known_instants) {
  EXPECT_EQ("1970-01-01T00:00:00.000Z", rfc3339(0));
  EXPECT_EQ("1969-12-31T23:59:59.999Z", rfc3339(-1));
  EXPECT_EQ("2000-02-29T12:00:00.001Z", rfc3339(951825600001));
  EXPECT_EQ("0001-01-01T00:00:00.000Z", rfc3339(-62135596800000));
  EXPECT_EQ("9999-12-31T23:59:59.999Z", rfc3339(253402300799999));
  EXPECT_EQ("", rfc3339(253402300800000));
  EXPECT_EQ("", rfc3339(-62135596800001));
  EXPECT_EQ("", rfc3339(kUntimed));
}

}  // namespace
}  // namespace vpnverdict
