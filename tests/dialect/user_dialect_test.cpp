// A user's own dialect, from YAML: what is refused and why, and that lines are then read as a built-in dialect's are.
#include "pipeline/dialect_file.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "pipeline/dialect/time.h"
#include "pipeline/explain.h"
#include "tests/dialect/collect.h"

namespace vpnverdict::dialect {
namespace {

std::string example() {
  std::ifstream in(std::string(VPNVERDICT_SOURCE_DIR) + "/deploy/dialect.example.yaml");
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::string told(const std::vector<ConfigError>& errors) {
  std::string out;
  for (const ConfigError& error : errors) out += error.text() + "\n";
  return out;
}

std::string errors_of(const std::string& yaml) {
  const DialectsResult result = parse_dialect(yaml, "f.yaml");
  EXPECT_EQ(result.errors.empty(), result.dialects != nullptr);
  return told(result.errors);
}

// A dialect with these rows; the header is "gate: ", line 4 is the first row.
std::string with_rows(const std::string& rows) {
  return "{dialect: gate, side: concentrator,\n header: 'gate: ',\n rows: [\n" + rows + "\n]}\n";
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

Collector read(const UserDialects& dialects, std::string_view text) {
  Reader reader(dialects.set());
  reader.set_year(2026);
  Collector collector;
  feed_text(reader, text, collector);
  reader.flush(collector);
  return collector;
}

std::shared_ptr<const UserDialects> loaded(const std::string& yaml) {
  DialectsResult result = parse_dialect(yaml, "f.yaml");
  EXPECT_TRUE(result.dialects) << told(result.errors);
  return result.dialects;
}

constexpr std::string_view kGate =
    "{says: [concentrator_user_ok], pattern: 'login of {user} from {peer} ok', sample: 'gate: login of alice from 192.0.2.1 ok', "
    "fields: {user: alice, peer: 192.0.2.1}}";

TEST(UserDialect, the_example_is_right_and_nothing_in_it_can_be_misread) {
  const DialectsResult result = parse_dialect(example(), "example");
  EXPECT_TRUE(result.dialects) << told(result.errors);
  EXPECT_EQ("", told(result.warnings));
}

TEST(UserDialect, a_line_is_read_with_its_facts_fields_time_and_device) {
  const auto dialects = loaded(example());
  ASSERT_TRUE(dialects);
  const Collector collector = read(
      *dialects,
      R"(<189>date=2024-04-12 time=08:33:25 devname="fw9" devid="FGT60F0000000001" eventtime=1712910805722231889 tz="+0000" logid="0101037129" type="event" subtype="vpn" level="notice" vd="root" logdesc="Progress IPsec phase 2" msg="progress IPsec phase 2" action="negotiate" remip=192.0.2.77 locip=203.0.113.140 remport=4500 locport=4500 outintf="wan1" cookies="0123456789abcdef/a84e3c5dd24d1ff0" user="N/A" group="N/A" vpntunnel="dialup_0" status="success" init="remote" mode="quick" dir="inbound" stage=3 role="responder" result="DONE")");
  ASSERT_EQ(1u, collector.items.size());
  const Collected& item = collector.items.front();
  EXPECT_EQ(Collected::Kind::event, item.kind);
  EXPECT_EQ(Dialect::custom, item.dialect);
  EXPECT_EQ(Vantage::concentrator, item.vantage);
  EXPECT_EQ("concentrator_phase2_done", names_of(item.says));
  EXPECT_EQ("192.0.2.77", item.peer);
  EXPECT_EQ("fw9", item.device);
  EXPECT_EQ("0101037129", item.message);
  EXPECT_EQ(0x0123456789abcdefu, item.cookie);
  Timestamp time = kUntimed;
  std::string_view stamp = "2024-04-12T08:33:25.722Z";
  ASSERT_TRUE(take_iso_stamp(stamp, &time));
  EXPECT_EQ(time, item.time);
}

TEST(UserDialect, the_relays_stamp_and_host_serve_where_the_header_has_none) {
  const auto dialects = loaded(with_rows(std::string(kGate)));
  ASSERT_TRUE(dialects);
  const Collector collector = read(*dialects, "<134>Nov 25 10:00:01 gw7 gate: login of bob from 192.0.2.9 ok");
  // The relay's tag is the header's own word: it is cut off, and nothing is left that says whose line it is.
  ASSERT_EQ(1u, collector.items.size());
  EXPECT_EQ(Collected::Kind::reject, collector.items.front().kind);

  const auto by_tag = loaded(
      "{dialect: gate, side: concentrator, program: gate, rows: [\n{says: [concentrator_user_ok], "
      "pattern: 'login of {user} from {peer} ok', sample: 'Nov 25 10:00:01 gw gate[7]: login of alice from "
      "192.0.2.1 ok', fields: {user: alice, peer: 192.0.2.1, device: gw, time: '2026-11-25T10:00:01Z'}}]}");
  ASSERT_TRUE(by_tag);
  const Collector tagged = read(*by_tag, "<134>Nov 25 10:00:01 gw7 gate: login of bob from 192.0.2.9 ok");
  ASSERT_EQ(1u, tagged.events().size());
  EXPECT_EQ("gw7", tagged.events().front().device);
  EXPECT_EQ("bob", tagged.events().front().user);
}

TEST(UserDialect, a_tag_that_the_envelope_has_cut_off_counts) {
  const auto dialects = loaded(
      "{dialect: gate, side: concentrator, program: gate, rows: [\n{says: [concentrator_user_ok], pattern: "
      "'login of {user} ok', sample: 'Nov 25 10:00:01 gw gate: login of alice ok', fields: {user: alice}}]}");
  ASSERT_TRUE(dialects);
  Reader reader(dialects->set());
  Collector collector;
  Line line;
  line.text = "login of bob ok";
  line.program = "gate";
  reader.feed(line, collector);
  line.program = "other";
  reader.feed(line, collector);
  ASSERT_EQ(2u, collector.items.size());
  EXPECT_EQ("bob", collector.items[0].user);
  EXPECT_EQ(Collected::Kind::reject, collector.items[1].kind);
}

TEST(UserDialect, a_message_may_go_on_over_lines_when_the_dialect_says_so) {
  const std::string row =
      "{says: [concentrator_user_ok], pattern: 'login of {user} ok', sample: \"gate: login of\\n  alice ok\", "
      "fields: {user: alice}}";
  EXPECT_TRUE(has(errors_of(with_rows(row)), "f.yaml:4: the sample has several lines"));
  const auto dialects = loaded("{dialect: gate, side: concentrator, continues: true, header: 'gate: ', rows: [\n" + row + "]}");
  ASSERT_TRUE(dialects);
  const Collector collector = read(*dialects, "gate: login of\n bob ok\ngate: reboot");
  ASSERT_EQ(2u, collector.items.size());
  EXPECT_EQ("bob", collector.items[0].user);
  EXPECT_EQ(2u, collector.items[0].lines);
}

TEST(UserDialect, every_fault_of_a_row_is_told_with_its_line) {
  const auto error = [](const std::string& row) { return errors_of(with_rows(row)); };
  EXPECT_TRUE(
      has(error("{pattern: 'a {nosuch}', sample: 'gate: a b'}"), "f.yaml:4: pattern \"a {nosuch}\": unknown pattern word"));
  EXPECT_TRUE(has(error("{pattern: 'a {time}', sample: 'gate: a b'}"), "stand in headers only"));
  EXPECT_TRUE(has(error("{pattern: 'abc', sample: 'gate: abd'}"), "f.yaml:4: the pattern does not match the sample"));
  EXPECT_TRUE(
      has(error("{pattern: 'abc', sample: 'gote: abc'}"), "f.yaml:4: the sample's first line has not this dialect's header"));
  EXPECT_TRUE(has(error("{pattern: 'a {user} b', sample: 'gate: a x b'}"), "yields user \"x\", which `fields` does not name"));
  EXPECT_TRUE(has(error("{pattern: 'a {user} b', sample: 'gate: a x b', fields: {user: y}}"), "yields user \"x\", not \"y\""));
  EXPECT_TRUE(
      has(error("{pattern: 'abc', sample: 'gate: abc', fields: {peer: 192.0.2.1}}"), "yields peer \"\", not \"192.0.2.1\""));
  EXPECT_TRUE(has(error("{says: [client_started], pattern: 'abc', sample: 'gate: abc'}"), "not of the concentrator's side"));
  EXPECT_TRUE(
      has(error("{says: [concentrator_user_okay], pattern: 'abc', sample: 'gate: abc'}"), "did you mean concentrator_user_ok?"));
  EXPECT_TRUE(has(error("{says: [concentrator_silent], pattern: 'abc', sample: 'gate: abc'}"), "no line says it"));
  EXPECT_TRUE(has(error("{pattern: 'abc'}"), "f.yaml:4: a row needs a pattern and a sample"));
  EXPECT_TRUE(has(error("{patern: 'abc', sample: 'gate: abc'}"), "unknown key \"patern\" of a row (did you mean pattern?)"));
  EXPECT_TRUE(has(error("{pattern: 'abc', sample: 'gate: abc', fields: {usr: x}}"), "did you mean user?"));
  EXPECT_TRUE(has(error("{pattern: 'abc', sample: 'gate: abc', fields: {time: noon}}"), "`time` is written as"));
  EXPECT_TRUE(has(error("{pattern: 'abc', sample: 'gate: abc', fields: {time: '2026-11-25T12:00:00Z'}}"), "it has none"));
}

TEST(UserDialect, a_row_that_another_hides_is_an_error) {
  const std::string general = "{pattern: 'login {rest}', sample: 'gate: login x'}";
  const std::string exact = "{pattern: 'login refused', sample: 'gate: login refused'}";
  EXPECT_EQ("f.yaml:5: the sample is read by the row in line 4, which stands before this one: the more exact text comes first\n",
            errors_of(with_rows(general + ",\n" + exact)));
  EXPECT_EQ("", errors_of(with_rows(exact + ",\n" + general)));
}

TEST(UserDialect, what_a_built_in_dialect_reads_stays_its_own) {
  EXPECT_TRUE(
      has(errors_of(
              "{dialect: gate, side: concentrator, header: '%ASA-6-', rows: [{pattern: '{rest}', sample: '%ASA-6-113005: x'}]}"),
          "f.yaml:1: the header takes a line of the built-in dialect asa"));
  EXPECT_TRUE(has(errors_of(with_rows("{pattern: '{rest}', sample: 'gate: 05[IKE] x'},\n"
                                      "{pattern: 'x', sample: '%ASA-6-113005: x'}")),
                  "f.yaml:5: the sample is a line of the built-in dialect asa"));
  // And at run time, in a log where both write.
  const auto dialects = loaded(with_rows(std::string(kGate)));
  ASSERT_TRUE(dialects);
  const Collector collector =
      read(*dialects, "gate: login of alice from 192.0.2.1 ok\nNov 25 13:02:07 gw charon: 05[IKE] <home|1> x\ngate: other");
  ASSERT_EQ(3u, collector.items.size());
  EXPECT_EQ(Dialect::custom, collector.items[0].dialect);
  EXPECT_EQ(Dialect::charon, collector.items[1].dialect);
  EXPECT_EQ(Dialect::custom, collector.items[2].dialect);
  EXPECT_EQ(Collected::Kind::ignored, collector.items[2].kind);  // known device, unknown message
}

TEST(UserDialect, every_built_in_sample_is_read_alike_beside_it) {
  const auto dialects = loaded(example());
  ASSERT_TRUE(dialects);
  for (const DialectTable* table : all_dialects())
    for (const MessageRow& row : table->rows) {
      Collector plain;
      Reader builtin;
      feed_text(builtin, row.sample, plain);
      builtin.flush(plain);
      Collector beside;
      Reader reader(dialects->set());
      feed_text(reader, row.sample, beside);
      reader.flush(beside);
      ASSERT_EQ(plain.items.size(), beside.items.size()) << row.sample;
      for (std::size_t i = 0; i < plain.items.size(); ++i) {
        EXPECT_EQ(plain.items[i].dialect, beside.items[i].dialect) << row.sample;
        EXPECT_EQ(plain.items[i].says, beside.items[i].says) << row.sample;
        EXPECT_EQ(plain.items[i].user, beside.items[i].user) << row.sample;
      }
    }
}

TEST(UserDialect, the_whole_must_make_sense) {
  EXPECT_TRUE(has(errors_of("rows: []\n"), "f.yaml: `dialect` is missing"));
  EXPECT_TRUE(has(errors_of("dialect: gate\n"), "f.yaml: `side` is missing"));
  EXPECT_TRUE(has(errors_of("dialect: gate\nside: both\n"), "f.yaml:2: side is \"both\""));
  EXPECT_TRUE(has(errors_of("dialect: gate\nside: client\n"), "needs a header or a program"));
  EXPECT_TRUE(has(errors_of("dialect: gate\nside: client\nprogram: x\n"), "f.yaml:1: a dialect needs rows"));
  EXPECT_TRUE(has(errors_of("dialect: asa\nside: client\nprogram: x\n"), "is the name of a built-in dialect"));
  EXPECT_TRUE(has(errors_of("dialect: 'a/b'\nside: client\nprogram: x\n"), "a dialect's name is"));
  EXPECT_TRUE(has(errors_of("dialect: gate\nside: client\nheader: '{time} {user}'\n"), "f.yaml:3: header"));
  EXPECT_TRUE(has(errors_of("dialect: gate\nside: client\nheader: '{time} {device} '\n"), "three letters of its own"));
  EXPECT_TRUE(has(errors_of("dialect: gate\nside: client\nheader: 'gate {rest}'\n"), "{rest} has no place in a header"));
  EXPECT_TRUE(has(errors_of("dialect: [\n"), "not valid YAML"));
  EXPECT_TRUE(has(errors_of("- a\n"), "f.yaml:1: a dialect must be a mapping"));
  EXPECT_TRUE(has(errors_of("dialect: gate\nrow: []\n"), "f.yaml:2: unknown key \"row\" (did you mean rows?)"));
  EXPECT_TRUE(has(errors_of(with_rows(std::string(kGate)) + "\n"), ""));
}

TEST(UserDialect, a_line_that_is_not_ours_must_say_nothing) {
  const std::string yaml =
      "dialect: gate\nside: concentrator\nheader: 'gate: '\nrows:\n- {says: [concentrator_user_ok], pattern: 'ok "
      "{rest}', sample: 'gate: ok x'}\nnot_ours:\n- {sample: 'gate: ok but late', why: 'it was too late'}\n";
  EXPECT_EQ("f.yaml:7: a line that is not ours says concentrator_user_ok\n", errors_of(yaml));
}

TEST(UserDialect, everything_has_a_bound) {
  std::string rows;
  for (std::size_t i = 0; i <= kUserRowsMax; ++i) rows += "{pattern: abc, sample: 'gate: abc'},\n";
  EXPECT_TRUE(has(errors_of(with_rows(rows)), "rows has 1001 items, allowed are 1000"));
  EXPECT_TRUE(has(errors_of(with_rows("{pattern: '" + std::string(1'025, 'a') + "', sample: 'gate: a'}")),
                  "f.yaml:4: pattern has 1025 bytes"));
  EXPECT_TRUE(
      has(errors_of(with_rows("{pattern: a, sample: 'gate: " + std::string(4'096, 'a') + "'}")), "sample has 4102 bytes"));
  EXPECT_TRUE(has(errors_of("dialect: gate\nside: client\nheader: [a, b, c, d, e, f, g, h, i]\n"), "header has 9 items"));
  EXPECT_TRUE(has(errors_of(std::string(kDialectFileBytesMax + 1, '#')), "larger than 4 MiB"));
  EXPECT_TRUE(has(errors_of(std::string(100'000, '[')), "not valid YAML"));
  // A thousand wrong rows are not told one by one.
  std::string wrong;
  for (std::size_t i = 0; i < kUserRowsMax; ++i) wrong += "{pattern: 'abc', sample: 'gate: abd'},\n";
  EXPECT_EQ(50u, parse_dialect(with_rows(wrong), "f").errors.size());
  EXPECT_TRUE(has(told(load_dialects(std::vector<std::string>(kUserDialectsMax + 1, "x.yaml")).errors), "more than 16 dialects"));
  EXPECT_EQ("/no/such/file.yaml: cannot be read, or is larger than 4 MiB\n", told(load_dialects({"/no/such/file.yaml"}).errors));
}

TEST(UserDialect, names_that_strangers_type_are_held_to_the_same_rules) {
  const auto dialects = loaded(with_rows(std::string(kGate)));
  ASSERT_TRUE(dialects);
  const auto one = [&](const std::string& user) {
    const Collector collector = read(*dialects, "gate: login of " + user + " from 192.0.2.1 ok");
    EXPECT_EQ(1u, collector.items.size());
    return collector.items.front();
  };
  EXPECT_EQ(Reject::bad_field, one(std::string(300, 'A')).reject);
  EXPECT_EQ(Collected::Kind::reject, one(std::string(300, 'A')).kind);
  EXPECT_EQ(Collected::Kind::reject, one("a\x01z").kind);
  EXPECT_NE(Collected::Kind::event, one("x from 203.0.113.66 ok gate: login of root").kind);
  EXPECT_EQ("x (root)", one("x (root)").user);
}

TEST(UserDialect, a_pattern_that_a_stranger_can_bend_is_a_warning) {
  const DialectsResult result = parse_dialect(
      with_rows(
          "{says: [concentrator_user_ok], pattern: 'login {user}, peer {peer}', sample: 'gate: login alice, peer 192.0.2.1', "
          "fields: {user: alice, peer: 192.0.2.1}},\n"
          "{says: [concentrator_user_failed], pattern: 'user {user}: {rest}', sample: 'gate: user alice: refused', fields: "
          "{user: alice}},\n"
          "{says: [concentrator_aaa_down], pattern: 'user {name}: server down', sample: 'gate: user alice: server down'}"),
      "f.yaml");
  EXPECT_FALSE(result.dialects);  // the third is hidden by the second
  const DialectsResult bent = parse_dialect(
      with_rows(
          "{says: [concentrator_aaa_down], pattern: 'user {name}: server down{rest}', sample: 'gate: user alice: server down'},\n"
          "{says: [concentrator_user_failed], pattern: 'user {user}: {rest}', sample: 'gate: user alice: refused', fields: "
          "{user: alice}},\n"
          "{says: [concentrator_user_ok], pattern: 'done{rest}', sample: 'gate: done, ok'},\n"
          "{says: [concentrator_user_failed], pattern: 'done, ok, not{rest}', sample: 'gate: done, ok, not'}"),
      "f.yaml");
  EXPECT_TRUE(has(told(bent.errors), "f.yaml:7: the sample is read by the row in line 6"));
  const DialectsResult shortened = parse_dialect(
      with_rows("{says: [concentrator_user_failed], pattern: 'login of {name} not ok', sample: 'gate: login of alice not ok'},\n"
                "{says: [concentrator_user_ok], pattern: 'login of {rest}', sample: 'gate: login of alice'}"),
      "f.yaml");
  EXPECT_TRUE(shortened.dialects) << told(shortened.errors);
  EXPECT_TRUE(has(told(shortened.warnings), "f.yaml:4: cut off after")) << told(shortened.warnings);
}

// A FortiGate of the example and a client that a built-in dialect reads: one attempt, told by both.
constexpr std::string_view kFortigateRefuses =
    R"(date=2024-12-20 time=14:56:10 eventtime=1734724570250926112 tz="-0500" logid="0101037124" type="event" subtype="vpn" level="error" vd="root" logdesc="IPsec phase 1 error" msg="IPsec phase 1 error" action="negotiate" remip=198.51.100.25 locip=203.0.113.140 remport=500 locport=500 outintf="wan1" cookies="75da2b97aacbbfef/0000000000000000" user="N/A" group="N/A" useralt="N/A" xauthuser="N/A" xauthgroup="N/A" assignip=N/A vpntunnel="N/A" status="negotiate_error" reason="peer SA proposal not match local policy" peer_notif="NOT-APPLICABLE" fctuid="N/A" advpnsc=0
)";
constexpr std::string_view kVpncIsRefused =
    "vpnc version 0.5.3+git20220927-1\n"
    "S4.3 AM packet_1\n"
    "   i_cookie: 75da2b97 aacbbfef\n"
    "S4.4 AM_packet2\n"
    "vpnc: response was invalid [1]:  (ISAKMP_N_NO_PROPOSAL_CHOSEN)(14)\n";

std::vector<Verdict> explained(const UserDialects* dialects, const std::vector<std::pair<std::string, std::string_view>>& logs) {
  std::vector<LogFile> files;
  for (const auto& [name, text] : logs) files.push_back({name, std::string(text), 0});
  ExplainOptions options;
  options.dialects = dialects != nullptr ? &dialects->set() : nullptr;
  return explain(files, Inventory{}, options).verdicts;
}

TEST(UserDialect, its_facts_and_a_built_in_clients_make_one_verdict) {
  const auto dialects = loaded(example());
  ASSERT_TRUE(dialects);
  const auto both = explained(dialects.get(), {{"client.log", kVpncIsRefused}, {"concentrator.log", kFortigateRefuses}});
  ASSERT_EQ(1u, both.size());
  EXPECT_EQ(Cause::ike_proposal_mismatch, both[0].cause);
  EXPECT_EQ(Grade::certain, both[0].grade);      // the device that decides names the cause
  EXPECT_EQ(JoinStrength::proof, both[0].join);  // by the cookie, which only these two lines share
  const auto gateway = explained(dialects.get(), {{"concentrator.log", kFortigateRefuses}});
  ASSERT_EQ(1u, gateway.size());
  EXPECT_EQ(Cause::ike_proposal_mismatch, gateway[0].cause);
  EXPECT_EQ(JoinStrength::one_sided, gateway[0].join);
}

TEST(UserDialect, without_it_the_same_log_tells_nothing) {
  EXPECT_EQ(0u, explained(nullptr, {{"concentrator.log", kFortigateRefuses}}).size());
}

TEST(UserDialect, two_of_them_live_side_by_side) {
  const std::string folder = testing::TempDir();
  const auto write = [&](const std::string& name, const std::string& text) {
    std::ofstream(folder + name) << text;
    return folder + name;
  };
  const std::string gate = write("gate.yaml", with_rows(std::string(kGate)));
  const std::string door = write("door.yaml",
                                 "dialect: door\nside: client\nheader: 'door: '\nrows:\n- {says: [client_started], pattern: "
                                 "'open', sample: 'door: open'}\n");
  const std::string same = write("same.yaml", with_rows(std::string(kGate)));
  const DialectsResult both = load_dialects({gate, door});
  ASSERT_TRUE(both.dialects) << told(both.errors);
  const Collector collector = read(*both.dialects, "door: open\ndoor: unknown words\ngate: unknown words\nno header at all");
  ASSERT_EQ(4u, collector.items.size());
  EXPECT_EQ("client_started", names_of(collector.items[0].says));
  EXPECT_EQ(Vantage::client, collector.items[1].vantage);
  EXPECT_EQ(Vantage::concentrator, collector.items[2].vantage);
  EXPECT_EQ(Vantage::concentrator, collector.items[3].vantage);  // of the dialect read last
  const std::string twice = told(load_dialects({gate, same}).errors);
  EXPECT_TRUE(has(twice, "same.yaml:1: another file has a dialect of the same name")) << twice;
}

}  // namespace
}  // namespace vpnverdict::dialect
