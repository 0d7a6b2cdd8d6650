// Who may ask the status page's API, and what comes back.
#include "pipeline/status_page.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include "pipeline/pipeline.h"
#include "pipeline/verdict_json.h"

namespace vpnverdict {
namespace {

constexpr const char* kToken = "0123456789abcdef";

struct Page {
  Config config;
  PipelineMetrics metrics;
  StatusBoard board;
  StatusPage page;
  explicit Page(Config given = {})
      : config(std::move(given)),
        metrics(metrics_options(config)),
        board(metrics.groups(), page_shows_names(config)),
        page({config, board, metrics, [] { return Health{true, "fine"}; }}) {}
  void tell(const Verdict& verdict) { board.add({verdict, to_json(verdict, {}), {}, 1'700'000'000'000}); }
  HttpAnswer get(const std::string& path, std::multimap<std::string, std::string> query = {}) {
    return page.answer({path, std::move(query), "localhost:9808", ""});
  }
  HttpAnswer ask(const std::string& host, const std::string& authorization = "") {
    return page.answer({"/api/verdicts", {}, host, authorization});
  }
};

Config with(const std::string& yaml) { return *parse_config(yaml, "f.yaml").config; }

Verdict hostile() {
  Verdict out;
  out.id = 0xabcdef;
  out.final = true;
  out.outcome = Outcome::failed;
  out.cause = Cause::group_name_unknown;
  out.group = "</script><script>alert(1)</script>\"\\\xff" + std::string(10'000, 'g');
  out.user = "\xe2\x80\xae" "ecila";
  return out;
}

simdjson::dom::element parsed(simdjson::dom::parser& parser, const HttpAnswer& answer) {
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.type, "application/json");
  return parser.parse(answer.body);
}

TEST(StatusPage, every_answer_is_json_whatever_strangers_typed) {
  Page page;
  page.tell(hostile());
  simdjson::dom::parser parser;
  EXPECT_EQ(std::uint64_t(parsed(parser, page.get("/api/status"))["all"]["failed_1h"]), 1U);
  EXPECT_EQ(std::string_view(parsed(parser, page.get("/api/verdicts"))["verdicts"].at(0)["group"]).substr(0, 9), "</script>");
  EXPECT_EQ(std::string_view(parsed(parser, page.get("/api/attempts/0000000000abcdef"))["attempt"]["id"]), "0000000000abcdef");
  EXPECT_EQ(std::string_view(parsed(parser, page.get("/api/words"))["causes"]["group_name_unknown"]["headline"]),
            "the concentrator does not know the group");
}

TEST(StatusPage, what_names_people_is_in_no_cache_and_nothing_comes_from_elsewhere) {
  Page page;
  for (const char* path : {"/", "/page.js", "/page.css", "/api/status", "/nothing"}) {
    const HttpAnswer answer = page.get(path);
    const std::map<std::string, std::string> headers(answer.headers.begin(), answer.headers.end());
    EXPECT_EQ(headers.at("Cache-Control"), "no-store") << path;
    EXPECT_EQ(headers.at("X-Content-Type-Options"), "nosniff") << path;
    EXPECT_NE(headers.at("Content-Security-Policy").find("default-src 'none'"), std::string::npos) << path;
    EXPECT_EQ(headers.at("Content-Security-Policy").find("unsafe"), std::string::npos) << path;
  }
}

TEST(StatusPage, what_cannot_be_read_or_found_is_said) {
  Page page;
  EXPECT_EQ(page.get("/api/verdicts", {{"limit", "many"}}).status, 400);
  EXPECT_EQ(page.get("/api/verdicts", {{"limit", "0"}}).status, 400);
  EXPECT_EQ(page.get("/api/verdicts", {{"before", "-1"}}).status, 400);
  EXPECT_EQ(page.get("/api/verdicts", {{"outcome", "lost"}}).status, 400);
  EXPECT_EQ(page.get("/api/verdicts", {{"cause", "bad luck"}}).status, 400);
  EXPECT_EQ(page.get("/api/attempts/12").status, 400);
  EXPECT_EQ(page.get("/api/attempts/00000000000000zz").status, 400);
  EXPECT_EQ(page.get("/api/attempts/0000000000000012").status, 404);
  EXPECT_EQ(page.get("/../etc/passwd").status, 404);
}

TEST(StatusPage, on_loopback_only_the_machines_own_names_are_answered) {
  Page page;
  for (const char* host : {"localhost", "localhost:9808", "127.0.0.1:9808", "[::1]:9808", "[::1]", ""}) {
    EXPECT_EQ(page.ask(host).status, 200) << host;
  }
  for (const char* host : {"evil.example", "evil.example:9808", "127.0.0.1.evil.example", "localhost.evil.example", "127.evil.example:1", ":", "]"}) {
    EXPECT_EQ(page.ask(host).status, 403) << host;
  }
  Page open(with("metrics: {listen_address: 0.0.0.0}"));
  EXPECT_EQ(open.ask("vpnverdict.monitoring.svc:9808").status, 200);
}

TEST(StatusPage, a_token_is_asked_for_in_two_forms) {
  Config config = with("metrics: {listen_address: 0.0.0.0}");
  config.page_token = kToken;
  Page page(config);
  EXPECT_EQ(page.ask("h").status, 401);
  EXPECT_EQ(page.ask("h", "Bearer 0123456789abcdeX").status, 401);
  EXPECT_EQ(page.ask("h", "Bearer 0123456789abcdef0").status, 401);
  EXPECT_EQ(page.ask("h", kToken).status, 401);
  EXPECT_EQ(page.ask("h", std::string("Bearer ") + kToken).status, 200);
  // printf vpnverdict:0123456789abcdef | base64
  EXPECT_EQ(page.ask("h", "Basic dnBudmVyZGljdDowMTIzNDU2Nzg5YWJjZGVm").status, 200);
  EXPECT_EQ(page.page.answer({"/", {}, "h", ""}).status, 401);
}

TEST(StatusPage, names_are_shown_where_only_the_machine_or_a_token_reaches_them) {
  EXPECT_TRUE(page_shows_names(with("")));
  EXPECT_TRUE(page_shows_names(with("metrics: {listen_address: '::1'}")));
  EXPECT_FALSE(page_shows_names(with("metrics: {listen_address: 0.0.0.0}")));
  EXPECT_FALSE(page_shows_names(with("page: {names: no}")));
  EXPECT_TRUE(page_shows_names(with("page: {names: yes}\nmetrics: {listen_address: 0.0.0.0}")));
  Config secured = with("metrics: {listen_address: 0.0.0.0}");
  secured.page_token = kToken;
  EXPECT_TRUE(page_shows_names(secured));

  Page open(with("metrics: {listen_address: 0.0.0.0}"));
  open.tell(hostile());
  EXPECT_EQ(open.ask("h").body.find("ecila"), std::string::npos);
}

}  // namespace
}  // namespace vpnverdict
