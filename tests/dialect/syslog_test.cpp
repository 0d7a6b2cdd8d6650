#include "pipeline/dialect/syslog.h"

#include <gtest/gtest.h>

#include "pipeline/dialect/relayed_hosts.h"

#include <ostream>
#include <string>

#include "pipeline/dialect/time.h"

namespace vpnverdict::dialect {
namespace {

Timestamp utc(int year, int month, int day, int hour, int minute, int second, int millisecond = 0) {
  Timestamp time = kUntimed;
  EXPECT_TRUE(civil_to_timestamp(year, month, day, hour, minute, second, millisecond, &time));
  return time;
}

struct Case {
  std::string_view name;
  std::string_view line;
  Timestamp time;
  std::string_view host, program, pid, text;
  int facility = -1, severity = -1;
};

std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }

std::string case_name(const testing::TestParamInfo<Case>& info) { return std::string(info.param.name); }

class SyslogForms : public testing::TestWithParam<Case> {};

TEST_P(SyslogForms, is_cut_as_written) {
  const Case& c = GetParam();
  SyslogHeader header;
  ASSERT_TRUE(cut_syslog(c.line, 2026, &header));
  EXPECT_EQ(c.time, header.time);
  EXPECT_EQ(c.host, header.host);
  EXPECT_EQ(c.program, header.program);
  EXPECT_EQ(c.pid, header.pid);
  EXPECT_EQ(c.text, header.text);
  EXPECT_EQ(c.facility, header.facility);
  EXPECT_EQ(c.severity, header.severity);
}

INSTANTIATE_TEST_SUITE_P(
    Rfc3164, SyslogForms,
    testing::Values(
        Case{"priority", "<86>Nov 25 13:02:07 gw charon[812]: 05[IKE] received packet", utc(2026, 11, 25, 13, 2, 7), "gw",
             "charon", "812", "05[IKE] received packet", 10, 6},
        Case{"no_priority", "Nov  5 03:02:07 gw charon: 05[IKE] <home|1> x", utc(2026, 11, 5, 3, 2, 7), "gw", "charon", "",
             "05[IKE] <home|1> x"},
        Case{"empty_process", "Nov 25 13:02:07 gw vpnc[]: no response from target", utc(2026, 11, 25, 13, 2, 7), "gw", "vpnc", "",
             "no response from target"},
        Case{"no_host", "Nov 25 13:02:07 charon[812]: 05[IKE] x", utc(2026, 11, 25, 13, 2, 7), "", "charon", "812", "05[IKE] x"},
        Case{"another_header", "Nov 25 13:02:07 relay1 2026-11-25T13:02:07.053005+00:00 gw pluto[601]: x", utc(2026, 11, 25, 13, 2, 7), "relay1", "", "",
             "2026-11-25T13:02:07.053005+00:00 gw pluto[601]: x"},
        Case{"no_blank_behind_the_tag", "Nov 25 13:02:07 gw charon:05[IKE] x", utc(2026, 11, 25, 13, 2, 7), "gw", "charon", "",
             "05[IKE] x"},
        Case{"year_and_host", "<166>Jun 22 2022 13:29:11 single : %ASA-6-113039: Group <g>", utc(2022, 6, 22, 13, 29, 11),
             "single", "", "", "%ASA-6-113039: Group <g>", 20, 6},
        Case{"year_no_host", "<165>Mar 13 2025 09:37:52: %ASA-5-751025: x", utc(2025, 3, 13, 9, 37, 52), "", "", "",
             "%ASA-5-751025: x", 20, 5},
        Case{"host_glued_to_the_colon", "May  5 17:51:17 dev01: %ASA-6-302021: x", utc(2026, 5, 5, 17, 51, 17), "dev01", "", "",
             "%ASA-6-302021: x"},
        Case{"host_is_an_address", "Jul 15 13:38:08 81.2.69.142 %ASA-6-302015: x", utc(2026, 7, 15, 13, 38, 8), "81.2.69.142",
             "", "", "%ASA-6-302015: x"},
        Case{"emblem_with_zone", "<166>:Feb 26 11:26:52 UTC: %FTD--6-852002: x", utc(2026, 2, 26, 11, 26, 52), "", "", "",
             "%FTD--6-852002: x", 20, 6},
        Case{"emblem_without_stamp", "<166>:: %ASA-auth-6-113005: x", kUntimed, "", "", "", "%ASA-auth-6-113005: x", 20, 6},
        Case{"relay_before_emblem", "Sep 25 01:08:29 host1 : Sep 25 05:08:29 UTC: %ASA-ip-4-313005: x",
             utc(2026, 9, 25, 1, 8, 29), "host1", "", "", "Sep 25 05:08:29 UTC: %ASA-ip-4-313005: x"},
        Case{"fraction", "Apr 29 12:59:50.138: %ASA-6-1: x", utc(2026, 4, 29, 12, 59, 50, 138), "", "", "", "%ASA-6-1: x"},
        Case{"program_between", "Oct 10 2018 12:34:56 localhost CiscoASA[999]: %ASA-4-113029: x", utc(2018, 10, 10, 12, 34, 56),
             "localhost", "CiscoASA", "999", "%ASA-4-113029: x"},
        Case{"host_without_stamp", "<166>ACA1a-FW-FTDV01 %FTD-6-113005: x", kUntimed, "ACA1a-FW-FTDV01", "", "",
             "%FTD-6-113005: x", 20, 6}),
    case_name);

INSTANTIATE_TEST_SUITE_P(
    IsoStamps, SyslogForms,
    testing::Values(
        Case{"rsyslog_default", "2026-11-25T13:02:07.970215+00:00 client0 charon: 00[DMN] Starting IKE charon daemon",
             utc(2026, 11, 25, 13, 2, 7, 970), "client0", "charon", "", "00[DMN] Starting IKE charon daemon"},
        Case{"east_of_utc", "2026-11-25T13:02:07+02:00 gw pluto[77]: \"home\" #1: x", utc(2026, 11, 25, 11, 2, 7), "gw", "pluto",
             "77", "\"home\" #1: x"},
        Case{"charon_file_log_has_no_host", "2026-11-25T13:02:07+0000 00[DMN1] Starting", utc(2026, 11, 25, 13, 2, 7), "", "", "",
             "00[DMN1] Starting"},
        Case{"asa_rfc5424_stamp_only", "<166>2018-06-27T12:17:46Z asa : %ASA-6-113008: x", utc(2018, 6, 27, 12, 17, 46), "asa",
             "", "", "%ASA-6-113008: x", 20, 6},
        Case{"facility_and_severity_words", "2020-09-30T09:06:09.254798+00:00 local4.err pg122d-vpn116 %ASA-3-722031: x",
             utc(2020, 9, 30, 9, 6, 9, 254), "pg122d-vpn116", "", "", "%ASA-3-722031: x", 20, 3},
        Case{"windows_collector", "172.16.200.253:514 : local7.error %PIX-3-713902: x", kUntimed, "172.16.200.253", "", "",
             "%PIX-3-713902: x", 23, 3},
        Case{"kiwi_file", "2005-04-07 20:12:14\tLocal7.Error\t10.0.0.1\t%PIX-3-713902: x", utc(2005, 4, 7, 20, 12, 14),
             "10.0.0.1", "", "", "%PIX-3-713902: x", 23, 3}),
    case_name);

INSTANTIATE_TEST_SUITE_P(
    Rfc5424, SyslogForms,
    testing::Values(
        Case{"no_data", "<166>1 2022-02-02T14:59:55.000+00:00 host - - - - %FTD-6-430003: x", utc(2022, 2, 2, 14, 59, 55), "host",
             "", "", "%FTD-6-430003: x", 20, 6},
        Case{"octet_counted", "66 <166>1 2022-02-02T14:59:55.000+00:00 host - - - - %FTD-6-430003: xTHE NEXT FRAME",
             utc(2022, 2, 2, 14, 59, 55), "host", "", "", "%FTD-6-430003: x", 20, 6},
        Case{"structured_data", R"(<30>1 2022-02-02T14:59:55Z gw charon 812 ID47 [a@1 k="b\]\" ]c"][d@2 e="f"] 05[IKE] x)",
             utc(2022, 2, 2, 14, 59, 55), "gw", "charon", "812", "05[IKE] x", 3, 6},
        Case{"byte_order_mark", "<30>1 2022-02-02T14:59:55Z gw charon - - - \xEF\xBB\xBFtext", utc(2022, 2, 2, 14, 59, 55), "gw",
             "charon", "", "text", 3, 6},
        Case{"nil_stamp", "<30>1 - gw charon - - - text", kUntimed, "gw", "charon", "", "text", 3, 6},
        Case{"no_message", "<30>1 2022-02-02T14:59:55Z gw charon - - -", utc(2022, 2, 2, 14, 59, 55), "gw", "charon", "", "", 3, 6}),
    case_name);

// The number, date and clock of a VPN 3000 line are message, never host, tag or version.
INSTANTIATE_TEST_SUITE_P(
    Vpn3000, SyslogForms,
    testing::Values(
        Case{"behind_a_host", "Jan  8 09:10:37 vpn.example.com 11504 01/08/2007 09:10:37.780 SEV=3 AUTH/5 RPT=124",
             utc(2026, 1, 8, 9, 10, 37), "vpn.example.com", "", "", "11504 01/08/2007 09:10:37.780 SEV=3 AUTH/5 RPT=124"},
        Case{"behind_a_stamp", "Jan  8 09:10:37 11504 01/08/2007 09:10:37.780 SEV=3 AUTH/5 RPT=124", utc(2026, 1, 8, 9, 10, 37),
             "", "", "", "11504 01/08/2007 09:10:37.780 SEV=3 AUTH/5 RPT=124"},
        Case{"behind_a_priority", "<189>39 04/07/2005 20:12:14.500 SEV=7 IKEDBG/0 RPT=2984", kUntimed, "", "", "",
             "39 04/07/2005 20:12:14.500 SEV=7 IKEDBG/0 RPT=2984", 23, 5},
        Case{"number_one_is_no_version", "<189>1 04/07/2005 20:12:14.500 SEV=7 IKEDBG/0 RPT=2984", kUntimed, "", "", "",
             "1 04/07/2005 20:12:14.500 SEV=7 IKEDBG/0 RPT=2984", 23, 5}),
    case_name);

TEST(Syslog, a_line_without_header_stays_whole) {
  for (std::string_view line :
       {"", " ", "<", "<>", "<192>x", "<1234>x", "121 20:04:56.778 06/20/05 Sev=Info/4 IKE/0x63000013",
        "1 04/07/2005 20:04:16.640 SEV=8 IKEDBG/0 RPT=2955 192.168.1.100", "RECEIVED Message (msgid=0)",
        "[IKEv1]: Group = g", "Nov 25 text", "2026-11-25 no clock", "Nov 31 10:00:00 gw charon: x"}) {
    SyslogHeader header;
    EXPECT_FALSE(cut_syslog(line, 2026, &header)) << line;
    EXPECT_EQ(line, header.text);
    EXPECT_EQ(kUntimed, header.time) << line;
  }
}

TEST(Syslog, an_octet_count_beyond_the_line_is_not_a_frame) {
  std::string_view content;
  EXPECT_EQ(0u, octet_counted_frame("99 <13>x", &content));
  EXPECT_EQ(0u, octet_counted_frame("0 <13>x", &content));
  EXPECT_EQ(0u, octet_counted_frame("39 04/07/2005", &content));
  EXPECT_EQ(8u, octet_counted_frame("6 <13>xy6 <13>zz", &content));
  EXPECT_EQ("<13>xy", content);
}

TEST(Syslog, a_tag_gives_program_and_process) {
  std::string_view pid;
  EXPECT_EQ("charon", program_of_tag("charon[812]: ", &pid));
  EXPECT_EQ("812", pid);
  EXPECT_EQ("charon", program_of_tag("charon:"));
  EXPECT_EQ("[x]", program_of_tag("[x]"));
  EXPECT_EQ("", program_of_tag(":"));
}

TEST(Syslog, a_daemons_line_says_its_host) {
  for (std::string_view line : {"Nov 25 12:39:29 gw charon[812]: 05[IKE] x", "<30>Nov 25 12:39:29 gw charon: 05[IKE] x", "Nov  5 12:39:29 gw pluto[8]: \"w\" #1: x",
                                "2026-11-25T12:39:29.569753+00:00 gw charon-systemd[8]: x", "<30>1 2026-11-25T12:39:29Z gw charon 812 ID47 - 05[IKE] x",
                                "Nov 25 12:39:29 gw vpnc[9]: no response from target"})
    EXPECT_EQ("gw", daemon_host(line)) << line;
  for (std::string_view line : {"Nov 25 12:39:29 charon[812]: 05[IKE] no host here", "Nov 25 12:39:29 05[IKE] <work|1> initiating IKE_SA", "Nov 25 12:39:29 gw sshd[9]: x",
                                "Nov 25 12:39:29 gw : %ASA-6-113039: Group <g>", "2026-11-25T12:39:29+00:00 05[IKE] x", "Nov 25 12:39:29 gw charon is no tag here"})
    EXPECT_EQ("", daemon_host(line)) << line;
  for (std::string_view line : {"05[IKE] <work|1> initiating IKE_SA work[1] to 203.0.113.1", "vpnc: no response from target, which is all it says", ""})
    EXPECT_EQ(std::nullopt, daemon_host(line)) << line;
}

// What two hosts write into one file is read by two readers; everything else is the source's own.
TEST(Syslog, each_daemons_host_has_its_reader) {
  RelayedHosts hosts;
  bool holds = false;
  const auto host_of = [&](std::string_view text) {
    Line line;
    line.text = text;
    return std::string(hosts.host_of(line, [&](std::string_view) { return holds; }));
  };
  Line first;
  first.text = "Nov 25 12:39:29 gw charon[812]: 05[IKE] x";
  EXPECT_EQ("", host_of("Nov 25 12:39:29 pc charon[7]: 05[IKE] before any daemon was known"));
  hosts.took(first, Dialect::asa);
  EXPECT_EQ("", host_of("Nov 25 12:39:29 pc charon[7]: 05[IKE] still not"));
  hosts.took(first, Dialect::charon);
  EXPECT_EQ("", host_of(first.text)) << "the first one's";
  EXPECT_EQ("pc", host_of("Nov 25 12:39:29 pc charon[7]: 05[IKE] another's"));
  EXPECT_EQ("", host_of("goes on what nobody holds"));
  holds = true;
  EXPECT_EQ("pc", host_of("Nov 25 12:39:29 pc vpnc[7]: another's"));
  EXPECT_EQ("pc", host_of("goes on what the other holds"));
  EXPECT_EQ("", host_of("Nov 25 12:39:29 pc kernel: no daemon of ours"));
  Line wrapped = first;
  wrapped.host = "named-by-its-envelope";
  EXPECT_EQ("named-by-its-envelope", hosts.host_of(wrapped, [](std::string_view) { return true; }));
}

TEST(Syslog, every_cut_of_a_line_is_survived_and_text_lies_inside) {
  const std::string_view lines[] = {
      R"(120 <30>1 2022-02-02T14:59:55Z gw charon 812 ID47 [a@1 k="b\]\" ]c"][d@2 e="f"] 05[IKE] x)",
      "<166>Sep 25 01:08:29 host1 : Sep 25 05:08:29 UTC: %ASA-ip-4-313005: x",
      "172.16.200.253:514 : local7.error %PIX-3-713902: x"};
  for (std::string_view line : lines)
    for (std::size_t n = 0; n <= line.size(); ++n) {
      const std::string_view part = line.substr(0, n);
      SyslogHeader header;
      cut_syslog(part, 2026, &header);
      daemon_host(part);
      ASSERT_LE(header.text.size(), part.size());
      if (!header.text.empty()) {
        ASSERT_GE(header.text.data(), part.data());
        ASSERT_EQ(header.text.data() + header.text.size(), part.data() + part.size());
      }
    }
}

}  // namespace
}  // namespace vpnverdict::dialect
