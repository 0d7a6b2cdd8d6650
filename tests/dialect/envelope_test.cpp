#include "pipeline/dialect/envelope.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <random>
#include <string>
#include <vector>

#include "correlator/limits.h"
#include "pipeline/dialect/envelope_repair.h"
#include "pipeline/dialect/time.h"

namespace vpnverdict::dialect {
namespace {

constexpr Timestamp kRecordTime = 1'764'075'727'000;  // 2025-11-25 13:02:07 UTC, by date(1)

// A Line that outlives its envelope.
struct Opened {
  std::string text, host, peer, group, user, program;
  Timestamp received = kUntimed;
  bool complete = false;
  bool operator==(const Opened&) const = default;
};

struct Result {
  std::vector<Opened> lines;
  std::vector<Reject> rejects;
  bool operator==(const Result&) const = default;
};

Result open(Envelope& envelope, std::string_view payload, Timestamp record_time = kRecordTime) {
  Result result;
  envelope.open(
      payload, SourceRef{3, 7}, record_time,
      [&](const Line& line) {
        EXPECT_EQ((SourceRef{3, 7}), line.ref);
        result.lines.push_back({std::string(line.text), std::string(line.host), std::string(line.peer), std::string(line.group),
                                std::string(line.user), std::string(line.program), line.received, line.complete});
      },
      [&](Reject reason, std::string_view) { result.rejects.push_back(reason); });
  return result;
}

Result open(std::string_view payload) {
  Envelope envelope;
  return open(envelope, payload);
}

Opened only_line(Envelope& envelope, std::string_view payload) {
  const Result result = open(envelope, payload);
  EXPECT_TRUE(result.rejects.empty()) << payload;
  EXPECT_EQ(1u, result.lines.size()) << payload;
  return result.lines.empty() ? Opened{} : result.lines.front();
}

Opened only_line(std::string_view payload) {
  Envelope envelope;
  return only_line(envelope, payload);
}

Timestamp utc(int year, int month, int day, int hour, int minute, int second, int millisecond = 0) {
  Timestamp time = kUntimed;
  EXPECT_TRUE(civil_to_timestamp(year, month, day, hour, minute, second, millisecond, &time));
  return time;
}

const std::string kSevLine =
    "40 04/07/2005 20:12:14.500 SEV=7 IKEDBG/0 RPT=2984 192.168.1.100 Group [mygroup] Found Phase 1 Group (mygroup)";

struct Shipper {
  std::string_view name;
  std::string_view document;
  Shape shape;
  std::string_view text, host, peer, program;
  Timestamp received;
};

std::ostream& operator<<(std::ostream& out, const Shipper& s) { return out << s.name; }
std::string shipper_name(const testing::TestParamInfo<Shipper>& info) { return std::string(info.param.name); }

class Shippers : public testing::TestWithParam<Shipper> {};

TEST_P(Shippers, are_read_without_configuration) {
  const Shipper& s = GetParam();
  Envelope envelope;
  const Opened line = only_line(envelope, s.document);
  EXPECT_EQ(s.text, line.text);
  EXPECT_EQ(s.host, line.host);
  EXPECT_EQ(s.peer, line.peer);
  EXPECT_EQ(s.program, line.program);
  EXPECT_EQ(s.received, line.received);
  EXPECT_EQ(1u, envelope.shapes()[static_cast<std::size_t>(s.shape)]) << name_of(s.shape);
}

constexpr Timestamp kNoon = 1'764'072'000'000;  // 2025-11-25T12:00:00Z

INSTANTIATE_TEST_SUITE_P(
    , Shippers,
    testing::Values(
        Shipper{"filebeat_file", R"({"@timestamp":"2025-11-25T12:00:00.000Z","@metadata":{"beat":"filebeat","type":"_doc","version":"8.11.1"},)"
                R"("log":{"offset":120,"file":{"path":"C:\\vpn\\client.log"}},"message":"121 20:04:56.778  06/20/05  Sev=Info/4 IKE/0x63000013",)"
                R"("input":{"type":"filestream"},"host":{"name":"laptop7","ip":["fe80::1","10.0.0.9"],"os":{"name":"Windows"}},)"
                R"("agent":{"type":"filebeat","hostname":"laptop7","version":"8.11.1"},"ecs":{"version":"8.0.0"}})",
                Shape::filebeat, "121 20:04:56.778  06/20/05  Sev=Info/4 IKE/0x63000013", "laptop7", "", "", kNoon},
        Shipper{"filebeat_udp", R"({"@timestamp":"2025-11-25T12:00:00Z","message":"<189>39 04/07/2005 20:12:14.500 SEV=7 x",)"
                R"("log":{"source":{"address":"203.0.113.9:514"}},"host":{"name":"collector"},"agent":{"hostname":"collector"}})",
                Shape::filebeat, "<189>39 04/07/2005 20:12:14.500 SEV=7 x", "203.0.113.9", "203.0.113.9", "", kNoon},
        Shipper{"filebeat_syslog", R"({"@timestamp":"2025-11-25T12:00:00Z","hostname":"gw1","message":"05[IKE] x","event":{"original":"<30>…"},)"
                R"("process":{"name":"charon","pid":812},"log":{"source":{"address":"[2001:db8::9]:51514"}},"host":{"name":"collector"}})",
                Shape::filebeat, "05[IKE] x", "gw1", "2001:db8::9", "charon", kNoon},
        Shipper{"winlogbeat", R"({"@timestamp":"2025-11-25T11:59:00Z","event":{"code":"2","created":"2025-11-25T12:00:00Z","kind":"event"},)"
                R"("winlog":{"computer_name":"PC9","channel":"Cisco AnyConnect","provider_name":"acvpnui","record_id":7},)"
                R"("agent":{"type":"winlogbeat"},"message":"Function: x\nFile: y","host":{"name":"pc9"}})",
                Shape::winlogbeat, "Function: x\nFile: y", "pc9", "", "acvpnui", kNoon},
        Shipper{"fluent_bit_tail", R"({"@timestamp":1764072000.250000,"log":"05[IKE] x\n"})", Shape::fluent_bit, "05[IKE] x", "", "", "",
                kNoon + 250},
        Shipper{"fluent_bit_syslog", R"({"@timestamp":1764072000.0,"pri":"30","time":"Nov 25 11:00:00","host":"gw1","ident":"charon","pid":"812","message":"05[IKE] x"})",
                Shape::fluent_bit, "05[IKE] x", "gw1", "", "charon", kNoon},
        Shipper{"fluent_bit_windows", R"({"ProviderName":"acvpnagent","TimeCreated":"2025-11-25 13:00:00 +0100","Computer":"PC9","Message":"Function: x"})",
                Shape::fluent_bit, "Function: x", "PC9", "", "acvpnagent", kNoon},
        Shipper{"vector_syslog", R"({"appname":"charon","facility":"daemon","host":"gw1","hostname":"gw1","message":"05[IKE] x","procid":812,)"
                R"("severity":"info","source_ip":"203.0.113.9","source_type":"syslog","timestamp":"2025-11-25T12:00:00Z"})",
                Shape::vector, "05[IKE] x", "gw1", "203.0.113.9", "charon", kNoon},
        Shipper{"rsyslog_jsonmesg", R"({"msg":" 05[IKE] x","rawmsg":"<30>Nov 25 12:00:00 gw1 charon: 05[IKE] x","timereported":"2025-11-25T11:00:00+00:00",)"
                R"("hostname":"gw1","syslogtag":"charon[8]:","inputname":"imudp","fromhost":"relay.example","fromhost-ip":"203.0.113.9","pri":"30",)"
                R"("timegenerated":"2025-11-25T12:00:00.000000+00:00","programname":"charon","$!":null})",
                Shape::rsyslog, "05[IKE] x", "gw1", "203.0.113.9", "charon", kNoon},
        Shipper{"rsyslog_list_template", R"({"@timestamp":"2025-11-25T12:00:00+00:00","host":"gw1","message":" SENDING \/ x","fromhost-ip":"203.0.113.9"})",
                Shape::rsyslog, "SENDING / x", "gw1", "203.0.113.9", "", kNoon},
        Shipper{"syslog_ng", R"({"SOURCEIP":"203.0.113.9","PROGRAM":"charon","PRIORITY":"info","MESSAGE":"05[IKE] x","LEGACY_MSGHDR":"charon: ",)"
                R"("HOST_FROM":"relay.example","HOST":"gw1","FACILITY":"daemon","DATE":"Nov 25 12:00:00"})",
                Shape::syslog_ng, "05[IKE] x", "gw1", "203.0.113.9", "charon", kNoon},
        Shipper{"logstash_ecs", R"({"@version":"1","@timestamp":"2025-11-25T12:00:00.000Z","event":{"original":"05[IKE] x"},"message":"05[IKE] x","host":{"ip":"203.0.113.9"}})",
                Shape::logstash, "05[IKE] x", "203.0.113.9", "203.0.113.9", "", kNoon},
        Shipper{"logstash_legacy", R"({"@version":"1","@timestamp":"2025-11-25T12:00:00.000Z","message":"05[IKE] x","host":"gw1","program":"charon"})",
                Shape::logstash, "05[IKE] x", "gw1", "", "charon", kNoon},
        Shipper{"splunk_hec", R"({"time":"1764072000.000","host":"gw1","source":"udp:514","sourcetype":"cisco:asa","event":"%ASA-6-113039: x","fields":{"source_ip":"203.0.113.9"}})",
                Shape::splunk_hec, "%ASA-6-113039: x", "gw1", "203.0.113.9", "", kNoon},
        Shipper{"journald", R"({"__REALTIME_TIMESTAMP":"1764072000000000","_HOSTNAME":"gw1","SYSLOG_IDENTIFIER":"charon","MESSAGE":"05[IKE] x"})",
                Shape::syslog_ng, "05[IKE] x", "gw1", "", "charon", kNoon},
        Shipper{"gelf", R"({"version":"1.1","host":"gw1","short_message":"05[IKE] x","timestamp":1764072000.0})", Shape::other_json,
                "05[IKE] x", "gw1", "", "", kNoon},
        Shipper{"wazuh", R"({"timestamp":"2025-11-25T12:00:00.000+0000","rule":{"level":5,"id":"64003"},"agent":{"id":"000","name":"siem"},"manager":{"name":"siem"},"full_log":"Nov 25 13:00:00 gw1 %ASA-6-113005: x","decoder":{"name":"cisco-asa"},"location":"192.0.2.1"})",
                Shape::other_json, "Nov 25 13:00:00 gw1 %ASA-6-113005: x", "", "", "", kNoon},
        Shipper{"flattened_ecs", R"({"@timestamp":"2025-11-25T12:00:00Z","message":"x","host.name":"gw1","source.ip":"203.0.113.9"})",
                Shape::other_json, "x", "gw1", "203.0.113.9", "", kNoon},
        Shipper{"own", R"({"ts":1764072000000,"source":"client","host":"laptop7","peer_ip":"203.0.113.9","group":"sales","user":"U1","message":"x"})",
                Shape::own, "x", "laptop7", "203.0.113.9", "", kNoon}),
    shipper_name);

// ---- documents like those before them

constexpr int kOften = 200;  // often enough to learn a document by heart

// What an Envelope makes of a document that has not seen enough of them to learn any, another must make of it that knows documents
// like it.
class Alike {
 public:
  void expect(Envelope& used, std::string_view document) {
    if (++documents_ % 16 == 0) young_ = Envelope();  // to make one takes longer than to read a document
    EXPECT_EQ(open(young_, document), open(used, document)) << document;
    EXPECT_EQ(0u, young_.by_stencil());
  }

 private:
  Envelope young_;
  int documents_ = 0;
};

TEST_P(Shippers, are_read_alike_when_they_write_the_same_again) {
  const std::string document(GetParam().document);
  Envelope used;
  Alike alike;
  for (int i = 0; i < kOften; ++i) alike.expect(used, document);
  const bool ascii = std::ranges::all_of(document, [](char c) { return static_cast<signed char>(c) >= 0; });
  EXPECT_EQ(ascii, used.by_stencil() > 0);
  // Other values, broken documents, other documents: each byte replaced by one that matters to JSON, to UTF-8 or to nobody, left
  // out and doubled.
  for (std::size_t at = 0; at < document.size(); ++at) {
    for (const char byte : {'"', '\\', '{', '}', '[', ']', ',', ':', ' ', '0', '-', 'e', 'n', 'u', 'x', '\n', '\t', '\xFC'}) {
      std::string changed = document;
      changed[at] = byte;
      alike.expect(used, changed);
    }
    alike.expect(used, std::string(document).erase(at, 1));
    alike.expect(used, std::string(document).insert(at, 1, document[at]));
    alike.expect(used, document.substr(0, at));
  }
}

TEST(Envelope, what_a_shipper_writes_again_and_again_is_read_without_parsing) {
  Envelope used;
  Alike alike;
  const auto record = [](int number, std::string_view message) {
    return R"({"@timestamp":"2025-11-25T12:00:)" + std::to_string(10 + number % 50) + R"(Z","host":"gw)" +
           std::to_string(number) + R"(","n":)" + std::to_string(number) + R"(,"tags":["a","b"],"ok":true,"message":")" +
           std::string(message) + R"("})";
  };
  for (int i = 0; i < kOften; ++i) only_line(used, record(i, "05[IKE] x"));
  const std::uint64_t before = used.by_stencil();
  const Opened line = only_line(used, record(7, R"(C:\\vpn \"a\"\tb\/)"));
  EXPECT_EQ("C:\\vpn \"a\"\tb/", line.text);
  EXPECT_EQ("gw7", line.host);
  EXPECT_EQ(kNoon + 17'000, line.received);
  EXPECT_EQ(before + 1, used.by_stencil());
  // Nothing of these is like them, or it is not for us.
  for (std::string_view message : {"", "\\u00e9", "M\xC3\xBCller", "\\x"}) alike.expect(used, record(7, message));
  alike.expect(used, record(7, "x") + " x");
  alike.expect(used, record(7, "x") + record(8, "y"));
  EXPECT_EQ(before + 1, used.by_stencil());
}

// "0" is no time (OpenTelemetry's "not set"), and the key of less rank is asked then.
TEST(Envelope, a_time_that_is_none_is_none_in_a_known_document_too) {
  Envelope used;
  const auto record = [](std::string_view time) {
    return R"({"timestamp":")" + std::string(time) + R"(","host":"gw","message":"x"})";
  };
  for (int i = 0; i < kOften; ++i) only_line(used, record("1764072000"));
  EXPECT_GT(used.by_stencil(), 0u);
  EXPECT_EQ(kRecordTime, only_line(used, record("0")).received);
  EXPECT_EQ(kNoon, only_line(used, record("1764072000")).received);
}

TEST(Envelope, documents_without_end_of_kinds_are_read_all_the_same) {
  Envelope used;
  Alike alike;
  std::mt19937 random(7);
  for (int i = 0; i < 20'000; ++i) {
    std::string document = "{";
    for (int fields = 0; fields < 3; ++fields) document += "\"k" + std::to_string(random() % 100'000) + "\":\"v\",";
    alike.expect(used, document + R"("message":"x","host":"h"})");
  }
}

TEST(Envelope, group_and_user_of_a_client_log_are_kept) {
  const Opened own = only_line(R"({"peer_ip":"203.0.113.9","group":"sales","user":"U 1","message":"x"})");
  EXPECT_EQ("sales", own.group);
  EXPECT_EQ("U 1", own.user);
  const Opened nested = only_line(R"({"group":{"name":"sales"},"user":{"name":"U1"},"message":"x"})");
  EXPECT_EQ("sales", nested.group);
  EXPECT_EQ("U1", nested.user);
  const Opened fields = only_line(R"({"fields":{"group":"sales","user":"U1","peer_ip":"203.0.113.9"},"message":"x"})");
  EXPECT_EQ("sales", fields.group);
  EXPECT_EQ("203.0.113.9", fields.peer);
}

TEST(Envelope, opentelemetry_holds_several_lines_and_the_resource_may_stand_last) {
  Envelope envelope;
  const Result result = open(envelope, R"({"resourceLogs":[
    {"resource":{"attributes":[{"key":"host.name","value":{"stringValue":"gw1"}},{"key":"n","value":{"intValue":"3"}}]},
     "scopeLogs":[{"scope":{"name":"x"},"logRecords":[
       {"timeUnixNano":"1764071999000000000","observedTimeUnixNano":"1764072000000000000","severityText":"Info",
        "body":{"stringValue":"first"},"attributes":[{"key":"appname","value":{"stringValue":"charon"}},
        {"key":"net.peer.ip","value":{"stringValue":"203.0.113.9"}}],"traceId":""},
       {"timeUnixNano":"1764072000000000000","observedTimeUnixNano":"0","body":{"stringValue":"second"}}]}]},
    {"scopeLogs":[{"logRecords":[{"body":{"kvlistValue":{"values":[{"key":"message","value":{"stringValue":"third"}}]}}},
                                 {"body":{"intValue":"4"}}]}],
     "resource":{"attributes":[{"key":"host.name","value":{"stringValue":"gw2"}}]}}]})");
  ASSERT_EQ(3u, result.lines.size());
  EXPECT_EQ("first", result.lines[0].text);
  EXPECT_EQ("gw1", result.lines[0].host);
  EXPECT_EQ("203.0.113.9", result.lines[0].peer);
  EXPECT_EQ("charon", result.lines[0].program);
  EXPECT_EQ(kNoon, result.lines[0].received);
  EXPECT_EQ("second", result.lines[1].text);
  EXPECT_EQ("gw1", result.lines[1].host);
  EXPECT_EQ(kNoon, result.lines[1].received);
  EXPECT_EQ("third", result.lines[2].text);
  EXPECT_EQ("gw2", result.lines[2].host);
  EXPECT_EQ(kRecordTime, result.lines[2].received);
  EXPECT_EQ(std::vector<Reject>{Reject::no_message}, result.rejects);
  EXPECT_EQ(4u, envelope.shapes()[static_cast<std::size_t>(Shape::otel)]);
}

// ---- headers eaten by RFC 3164 parsers

TEST(Envelope, an_eaten_sequence_number_is_put_back) {
  const std::string tail = kSevLine.substr(3);
  const std::string clock = kSevLine.substr(14);
  for (const std::string& document : {
           R"({"hostname":"vpn1","syslogtag":"40","msg":" )" + tail + "\"}",
           R"({"HOST":"vpn1","PROGRAM":"40","LEGACY_MSGHDR":"40 ","MESSAGE":")" + tail + "\"}",
           R"({"host":"vpn1","ident":"40","message":")" + tail + "\"}",
           R"({"hostname":"vpn1","syslogtag":"40","msg":" )" + tail + R"(","rawmsg":")" + kSevLine + "\"}",
           R"({"hostname":"vpn1","message":")" + tail + R"(","event":{"original":")" + kSevLine + "\"}}",
       }) {
    Envelope envelope;
    const Opened line = only_line(envelope, document);
    EXPECT_EQ(kSevLine, line.text) << document;
    EXPECT_EQ("vpn1", line.host);
    EXPECT_EQ("", line.program) << "a number is no program";
    EXPECT_EQ(1u, envelope.rebuilt());
  }
  // The number became the host, the date the tag.
  for (const std::string& document : {
           R"({"hostname":"40","syslogtag":"04/07/2005","msg":" )" + clock + R"(","fromhost":"203.0.113.1","fromhost-ip":"203.0.113.1"})",
           R"({"HOST":"40","PROGRAM":"04/07/2005","LEGACY_MSGHDR":"04/07/2005 ","MESSAGE":")" + clock + R"(","SOURCEIP":"203.0.113.1"})",
           R"({"hostname":"40","syslogtag":"04/07/2005","msg":" )" + clock + R"(","rawmsg":")" + kSevLine + R"(","fromhost-ip":"203.0.113.1"})",
       }) {
    const Opened line = only_line(document);
    EXPECT_EQ(kSevLine, line.text) << document;
    EXPECT_EQ("203.0.113.1", line.host);
    EXPECT_EQ("203.0.113.1", line.peer);
  }
}

TEST(Envelope, an_eaten_client_header_is_put_back) {
  EXPECT_EQ("121 20:04:56.778 06/20/05 Sev=Info/4 IKE/0x63000013",
            only_line(R"({"hostname":"pc","syslogtag":"121","msg":" 20:04:56.778 06/20/05 Sev=Info/4 IKE/0x63000013"})").text);
  EXPECT_EQ("121 20:04:56.778 06/20/05 Sev=Info/4 IKE/0x63000013",
            only_line(R"({"hostname":"121","syslogtag":"20:04:56.778","msg":" 06/20/05 Sev=Info/4 IKE/0x63000013"})").text);
}

TEST(Envelope, an_asa_tag_is_message_and_a_program_is_not) {
  const std::string_view whole = "%ASA-6-113039: Group <g> User <u>";
  EXPECT_EQ(whole, only_line(R"({"hostname":"asa","syslogtag":"%ASA-6-113039:","msg":" Group <g> User <u>"})").text);
  EXPECT_EQ(whole, only_line(R"({"host":"asa","program":"%ASA-6-113039","message":"Group <g> User <u>"})").text);
  EXPECT_EQ(whole, only_line(R"({"host":"asa","program":"%ASA-6-113039","message":"%ASA-6-113039: Group <g> User <u>"})").text);
  const Opened charon = only_line(R"({"HOST":"gw","PROGRAM":"charon","LEGACY_MSGHDR":"charon[8]: ","MESSAGE":"05[IKE] x"})");
  EXPECT_EQ("05[IKE] x", charon.text);
  EXPECT_EQ("charon", charon.program);
}

// ---- texts

TEST(Envelope, line_breaks_inside_a_message_make_it_whole) {
  const Opened escaped = only_line(R"({"message":"a#012b#011c#015#012","host":"h"})");
  EXPECT_EQ("a\nb\tc", escaped.text);
  EXPECT_TRUE(escaped.complete);
  const Opened raw = only_line(R"({"message":"a\nb\r\n"})");
  EXPECT_EQ("a\nb", raw.text);
  EXPECT_TRUE(raw.complete);
  EXPECT_FALSE(only_line(R"({"message":"a"})").complete);
  EXPECT_EQ("group #1 #0 #013", only_line(R"({"message":"group #1 #0 #013"})").text);
  EXPECT_EQ("a", only_line(R"({"message":"a#000"})").text);
}

TEST(Envelope, plain_text_is_one_line_a_line) {
  const Result result = open("first\r\n\r\n<189>third\n");
  ASSERT_EQ(3u, result.lines.size());
  EXPECT_EQ("first", result.lines[0].text);
  EXPECT_EQ("", result.lines[1].text);
  EXPECT_EQ("<189>third", result.lines[2].text);
  EXPECT_EQ(kRecordTime, result.lines[2].received);
  EXPECT_EQ(1u, open("").lines.size());
  EXPECT_EQ(1u, open(" \n").lines.size());
}

TEST(Envelope, octet_counted_frames_are_cut_and_may_hold_line_breaks) {
  const Result result = open("6 <13>xy8 <13>a\nbc\n6 <13>zzrest");
  ASSERT_EQ(4u, result.lines.size());
  EXPECT_EQ("<13>xy", result.lines[0].text);
  EXPECT_EQ("<13>a\nbc", result.lines[1].text);
  EXPECT_TRUE(result.lines[1].complete);
  EXPECT_EQ("<13>zz", result.lines[2].text);
  EXPECT_EQ("rest", result.lines[3].text);
}

TEST(Envelope, debug_output_in_brackets_is_text) {
  EXPECT_EQ("[[x]]", only_line("[[x]]").text);
  EXPECT_EQ("[IKEv1]: Group = g, IP = 10.0.0.1, x", only_line("[IKEv1]: Group = g, IP = 10.0.0.1, x").text);
}

TEST(Envelope, a_byte_order_mark_is_no_part_of_the_text) {
  EXPECT_EQ("x", only_line("\xEF\xBB\xBF{\"message\":\"x\"}").text);
  EXPECT_EQ("x", only_line("\xEF\xBB\xBFx").text);
  EXPECT_EQ("x", only_line("{\"message\":\"\xEF\xBB\xBFx\"}").text);
}

TEST(Envelope, bad_bytes_are_replaced_and_the_rest_is_kept) {
  Envelope envelope;
  EXPECT_EQ("Group [M\xEF\xBF\xBDller] x", only_line(envelope, "{\"message\":\"Group [M\xFCller] x\",\"host\":\"h\"}").text);
  EXPECT_EQ("Group [M\xEF\xBF\xBDller] x", only_line(envelope, "Group [M\xFCller] x").text);
  EXPECT_EQ("a\tb c", only_line(envelope, std::string("{\"message\":\"a\tb\x01") + "c\"}").text);
  EXPECT_EQ("a\nb", only_line(envelope, "{\"message\":\"a\nb\"}").text);
  EXPECT_EQ("M\\xfcller", only_line(envelope, R"({"message":"M\xfcller"})").text);
  EXPECT_EQ("a\xEF\xBF\xBD" "b", only_line(envelope, R"({"message":"a\ud800b"})").text);
  EXPECT_EQ("\xF0\x9F\x98\x80\\x", only_line(envelope, R"({"message":"\ud83d\ude00\x"})").text);
  EXPECT_EQ(7u, envelope.repaired());
  // A bad byte in a field nobody reads.
  EXPECT_EQ("x", only_line(envelope, "{\"junk\":\"\xFF\xFE\",\"message\":\"x\"}").text);
}

TEST(Envelope, utf8_repair_knows_overlong_forms_surrogates_and_the_end_of_unicode) {
  std::string out;
  repair_utf8("\xC0\xAF \xE0\x80\xAF \xED\xA0\x80 \xF4\x90\x80\x80 \xF0\x9F\x98", out);
  const std::string r = "\xEF\xBF\xBD";
  EXPECT_EQ(r + r + " " + r + r + r + " " + r + r + r + " " + r + r + r + r + " " + r + r + r, out);
  const std::string good = "\xC2\x80 \xE0\xA0\x80 \xED\x9F\xBF \xEE\x80\x80 \xF0\x90\x80\x80 \xF4\x8F\xBF\xBF";
  repair_utf8(good, out);
  EXPECT_EQ(good, out);
}

// ---- documents

TEST(Envelope, what_is_no_json_is_rejected_and_what_has_no_message_too) {
  for (std::string_view bad : {"{", "{\"message\":\"x\"", "{\"message\":}", "{message:1}", "[{\"message\":\"x\"}", "{\"a\":1]", "{]"})
    EXPECT_EQ((Result{{}, {Reject::bad_json}}), open(bad)) << bad;
  for (std::string_view none : {"{}", "[]", R"({"message":7})", R"({"message":null})", R"({"message":{"a":"x"}})", R"({"message":["x"]})",
                                R"({"host":"x"})", R"({"resourceLogs":[]})"})
    EXPECT_EQ((Result{{}, {Reject::no_message}}), open(none)) << none;
  EXPECT_EQ("", only_line(R"({"message":""})").text);
}

TEST(Envelope, one_value_may_hold_several_documents) {
  for (std::string_view payload :
       {"{\"message\":\"a\"}\n{\"message\":\"b\"}\n", "{\"message\":\"a\"}{\"message\":\"b\"}", R"([{"message":"a"},{"message":"b"}])",
        "{\n \"message\": \"a\"\n}\n{\n \"message\": \"b\"\n}"}) {
    const Result result = open(payload);
    ASSERT_EQ(2u, result.lines.size()) << payload;
    EXPECT_EQ("a", result.lines[0].text);
    EXPECT_EQ("b", result.lines[1].text);
    EXPECT_TRUE(result.rejects.empty());
  }
  const Result torn = open(R"({"message":"a"}{"message":"\x"}{"mess)");
  ASSERT_EQ(2u, torn.lines.size());
  EXPECT_EQ("\\x", torn.lines[1].text);
  EXPECT_EQ(std::vector<Reject>{Reject::bad_json}, torn.rejects);
  EXPECT_EQ(std::vector<Reject>{Reject::bad_json}, open("{\"message\":\"a\"} garbage").rejects);
  const Result mixed = open(R"([{"message":"a"},7,"x",{"host":"h"}])");
  EXPECT_EQ(1u, mixed.lines.size());
  EXPECT_EQ(3u, mixed.rejects.size());
}

TEST(Envelope, of_duplicate_keys_the_first_counts_and_key_order_does_not) {
  EXPECT_EQ("a", only_line(R"({"message":"a","message":"b"})").text);
  EXPECT_EQ("a", only_line(R"({"log":"b","message":"a","msg":"c"})").text);
  EXPECT_EQ("a", only_line(R"({"msg":"c","message":"a","log":"b"})").text);
  EXPECT_EQ("a", only_line(R"({"m\u0065ssage":"a"})").text) << "an escaped key is the key it spells";
}

TEST(Envelope, configured_paths_come_first_and_defaults_stay) {
  EnvelopeFields extra;
  extra.message = {"payload.line", "text"};
  extra.host = {"device"};
  extra.peer = {"net.client"};
  extra.group = {"vpn.profile"};
  extra.user = {"who"};
  extra.time = {"seen"};
  extra.program = {"app"};
  Envelope envelope(extra);
  const Opened line = only_line(envelope, R"({"message":"other","payload":{"line":"x"},"device":"gw","host":"no","net":{"client":"203.0.113.9"},)"
                                          R"("vpn.profile":"sales","who":"U1","@timestamp":"2020-01-01T00:00:00Z","seen":1764072000,"app":"charon"})");
  EXPECT_EQ((Opened{"x", "gw", "203.0.113.9", "sales", "U1", "charon", kNoon, false}), line);
  EXPECT_EQ("y", only_line(envelope, R"({"text":"y","message":"z"})").text);
  EXPECT_EQ("z", only_line(envelope, R"({"message":"z"})").text);
}

TEST(Envelope, times_of_every_form_are_read) {
  const std::pair<std::string_view, Timestamp> forms[] = {
      {R"("2025-11-25T12:00:00Z")", kNoon},
      {R"("2025-11-25T14:00:00.5+02:00")", kNoon + 500},
      {R"("2025-11-25 12:00:00,250")", kNoon + 250},
      {R"("1764072000")", kNoon},
      {"1764072000", kNoon},
      {"1764072000.123", kNoon + 123},
      {"1.764072e9", kNoon},
      {"1764072000123", kNoon + 123},
      {"1764072000123456", kNoon + 123},
      {"1764072000123456789", kNoon + 123},
      {R"("Nov 25 12:00:00")", kNoon},
      {R"("Dec 31 23:59:59")", utc(2024, 12, 31, 23, 59, 59)},  // received in November: last year's
      {R"("yesterday")", kRecordTime},
      {R"("")", kRecordTime},
      {"0", kRecordTime},
      {"-5", kRecordTime},
      {"1e300", kRecordTime},
      {"null", kRecordTime},
      {"{}", kRecordTime},
  };
  for (const auto& [form, expected] : forms)
    EXPECT_EQ(expected, only_line("{\"@timestamp\":" + std::string(form) + ",\"message\":\"x\"}").received) << form;
}

// ---- bounds

TEST(Envelope, deep_nesting_is_skipped_or_rejected_never_followed) {
  const std::string deep = std::string(200'000, '[');
  EXPECT_EQ("x", only_line("{\"a\":" + deep + std::string(200'000, ']') + ",\"message\":\"x\"}").text);
  EXPECT_EQ(std::vector<Reject>{Reject::bad_json}, open("{\"a\":" + deep).rejects);
  std::string objects;
  for (int i = 0; i < 50'000; ++i) objects += "{\"event\":";
  EXPECT_EQ(std::vector<Reject>{Reject::bad_json}, open(objects).rejects);
}

TEST(Envelope, a_message_longer_than_a_line_may_be_is_too_long) {
  EXPECT_EQ((Result{{}, {Reject::too_long}}), open("{\"message\":\"" + std::string(1024 * 1024, 'x') + "\"}"));
  EXPECT_EQ((Result{{}, {Reject::too_long}}), open(std::string(kLineBytesMax + 1, 'x')));
  EXPECT_EQ((Result{{}, {Reject::too_long}}), open(std::string(kPayloadBytesMax + 1, '{')));
  EXPECT_EQ(kLineBytesMax, only_line(std::string(kLineBytesMax, 'x')).text.size());
  // A big document around a small message is no harm, and a small document after it is read as before.
  Envelope envelope;
  EXPECT_EQ("y", only_line(envelope, "{\"junk\":\"" + std::string(3 * 1024 * 1024, 'x') + "\",\"message\":\"y\"}").text);
  EXPECT_EQ("z", only_line(envelope, R"({"message":"z"})").text);
}

TEST(Envelope, more_records_than_a_shipper_batches_are_too_many) {
  std::string many = "[{}";
  for (int i = 0; i < 20'000; ++i) many += ",{}";
  EXPECT_EQ((Result{{}, {Reject::too_long}}), open(many + "]"));
}

TEST(Envelope, a_document_cut_anywhere_is_rejected_or_reads_the_same) {
  const std::string documents[] = {
      R"({"@timestamp":"2025-11-25T12:00:00Z","message":"x \u00e9 \\ \" y","host":{"name":"gw1"},"log":{"source":{"address":"203.0.113.9:514"}}} )" "\n",
      R"({"resourceLogs":[{"resource":{"attributes":[{"key":"host.name","value":{"stringValue":"gw1"}}]},"scopeLogs":[{"logRecords":[{"body":{"stringValue":"first"}}]}]}]})",
      R"([{"message":"a","user":{"name":"u"}},{"message":"b","n":-1.5e3,"t":true}])",
  };
  for (const std::string& document : documents) {
    Envelope envelope;
    const Result whole = open(envelope, document);
    ASSERT_TRUE(whole.rejects.empty());
    for (std::size_t n = 1; n < document.size(); ++n) {
      const std::string part = document.substr(0, n);  // own allocation: a sanitizer sees reads behind it
      const Result result = open(envelope, part);
      if (part == "[") continue;  // no JSON yet: text
      EXPECT_TRUE(result == whole || result == (Result{{}, {Reject::bad_json}})) << part;
    }
  }
}

TEST(Envelope, changed_bytes_never_lose_a_record_without_a_word) {
  const std::string document = R"({"@timestamp":"2025-11-25T12:00:00Z","message":"x \u00e9 y","host":{"name":"gw1"},"a":[1,{"b":null}],"log":{"source":{"address":"1.2.3.4:5"}}})";
  Envelope envelope;
  const unsigned seed = 20250412;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (int i = 0; i < 20'000; ++i) {
    std::string changed = document;
    for (unsigned k = 0; k <= random() % 3; ++k) changed[random() % changed.size()] = static_cast<char>(random());
    const Result result = open(envelope, changed);
    ASSERT_GE(result.lines.size() + result.rejects.size(), 1u) << changed;
  }
}

// ---- one line, any envelope

std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20) {
      constexpr char kHex[] = "0123456789abcdef";
      out += "\\u00";
      out += kHex[c >> 4];
      out += kHex[c & 15];
    } else {
      out += c;
    }
  }
  return out + '"';
}

TEST(Envelope, a_line_has_the_same_text_in_every_envelope) {
  const std::string lines[] = {
      kSevLine,
      "Jan  8 09:10:37 vpn.example.com 11504 01/08/2007 09:10:37.780 SEV=3 AUTH/5 RPT=124 192.168.0.1  Authentication rejected: x",
      "<189>39 04/07/2005 20:12:14.500 SEV=7 IKEDBG/0 RPT=2984",
      "595 20:47:46.335 06/21/05 Sev=Info/4\tIKE/0x63000014",
      "RECEIVING <<< ISAKMP OAK AG (SA, KE, NON, ID, HASH, VID) from 172.16.172.119",
      "<166>Jun 22 2022 13:29:11 single : %ASA-6-113039: Group <g\"> User <DOM\\u>",
      "Group [M\xC3\xBCller] User [x] User [admin] Cannot obtain an IP address for remote peer",
      "2026-11-25T13:02:07+0000 05[IKE] <home|1> received NO_PROPOSAL_CHOSEN error notify",
  };
  const std::pair<std::string_view, std::string_view> around[] = {
      {R"({"message":)", "}"},
      {R"({"@timestamp":"2025-11-25T12:00:00Z","host":{"name":"h"},"event":{"original":"<1>raw"},"message":)", R"(,"agent":{"type":"filebeat"}})"},
      {R"({"@timestamp":1764072000.5,"log":)", "}"},
      {R"({"source_type":"file","host":"h","message":)", R"(,"timestamp":"2025-11-25T12:00:00Z"})"},
      {R"({"hostname":"h","programname":"p","msg":)", R"(,"fromhost-ip":"203.0.113.9"})"},
      {R"({"HOST":"h","MESSAGE":)", R"(,"SOURCEIP":"203.0.113.9"})"},
      {R"({"@version":"1","host":"h","message":)", "}"},
      {R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":)", "}}]}]}]}"},
      {R"({"host":"h","event":)", R"(,"time":1764072000})"},
      {R"({"ts":1764072000000,"message":)", R"(,"group":"g"})"},
      {R"([{"message":)", "}]"},
  };
  Envelope envelope;
  for (const std::string& line : lines) {
    const std::string plain = only_line(envelope, line + "\n").text;
    EXPECT_EQ(line, plain);
    for (const auto& [before, after] : around)
      EXPECT_EQ(plain, only_line(envelope, std::string(before) + json_string(line) + std::string(after)).text) << before;
  }
}

}  // namespace
}  // namespace vpnverdict::dialect
