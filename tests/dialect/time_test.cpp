#include "pipeline/dialect/time.h"

#include <gtest/gtest.h>

namespace vpnverdict::dialect {
namespace {

// Expected values are `date -u -d … +%s`.
TEST(Time, reads_each_stamp_off_the_front) {
  struct {
    const char* text;
    bool (*take)(std::string_view&, Timestamp*);
    Timestamp expected;
    const char* rest;
  } const rows[] = {
      {"04/07/2005 20:04:16.640 SEV=8", take_us_stamp, 1112904256640, " SEV=8"},
      {"23/11/2006 01:02:03.000", take_us_stamp, 1164243723000, ""},  // day first: 23 is no month
      {"01/19/69 00:00:00.5", take_us_stamp, 3125779200500, ""},
      {"20:47:46.335  06/21/05  Sev", take_clock_first_stamp, 1119386866335, "  Sev"},
      {"14:54:48.002  09/10/2006", take_clock_first_stamp, 1157900088002, ""},
      {"5/20/14 11:33:56.909 PM acvpnagent[69]", take_local_stamp, 1400628836909, " acvpnagent[69]"},
      {"[2018/1/15 下午 11:32:10] x" + 1, take_local_stamp, 1516059130000, "] x"},
      {"3/9/2018, 12:05:00 AM", take_local_stamp, 1520553900000, ""},
      {"15.01.2018 23:32:10]", take_local_stamp, 1516059130000, "]"},
      {"2026-11-25T12:39:29.569753+00:00 gw", take_iso_stamp, 1795610369569, " gw"},
      {"2026-11-25 12:43:06.395 12[NET]", take_iso_stamp, 1795610586395, " 12[NET]"},
      {"2026-11-25T12:43:02+0100", take_iso_stamp, 1795606982000, ""},
      {"2026-11-25T12:43:02-05:30", take_iso_stamp, 1795630382000, ""},
      {"2024-02-29T23:59:60Z", take_iso_stamp, 1709251199000, ""},  // a leap second
      {"2026-03-02T07:00:00.101Z gw", take_iso_stamp, 1772434800101, " gw"},  // the commonest shape, read by itself …
      {"2026-03-02t07:00:00,101z gw", take_iso_stamp, 1772434800101, " gw"},  // … as any other is
      {"2026-03-02T07:00:00.1019Z", take_iso_stamp, 1772434800101, ""},
  };
  for (const auto& row : rows) {
    std::string_view in = row.text;
    Timestamp time = kUntimed;
    EXPECT_TRUE(row.take(in, &time)) << row.text;
    EXPECT_EQ(row.expected, time) << row.text;
    EXPECT_EQ(row.rest, in) << row.text;
  }
}

TEST(Time, a_stamp_without_a_year_takes_the_callers) {
  std::string_view in = "Jan  8 09:10:37 vpn";
  Timestamp time = kUntimed;
  EXPECT_TRUE(take_month_stamp(in, 2007, &time));
  EXPECT_EQ(1168247437000, time);
  EXPECT_EQ(" vpn", in);
  in = "Apr 27 2013 05:43:22: x";
  EXPECT_TRUE(take_month_stamp(in, 1970, &time));
  EXPECT_EQ(1367041402000, time);
}

// journalctl prints the month in the language of who asks.
TEST(Time, months_are_read_in_the_languages_of_journals) {
  for (const char* text :
       {"nov 25 12:43:01 gw", "feb 22 08:11:42 gw", "abr 25 23:16:12 gw", "févr. 22 08:11:42 gw", "Mär 05 08:11:42 gw",
        "дек 01 08:11:42 gw", "7월 27 19:08:34 gw", "1月 11 20:54:30 gw", "12月 11 20:54:30 gw", "août 11 20:54:30 gw"}) {
    std::string_view in = text;
    Timestamp time = kUntimed;
    EXPECT_TRUE(take_month_stamp(in, 2026, &time)) << text;
    EXPECT_EQ(" gw", in) << text;
    EXPECT_TRUE(begins_with_month(text)) << text;
  }
  std::string_view in = "7월 27 19:08:34 gw";
  Timestamp time = kUntimed;
  EXPECT_TRUE(take_month_stamp(in, 2026, &time));
  EXPECT_EQ(1785179314000, time);  // date -ud "2026-07-27 19:08:34" +%s
  for (const char* text :
       {"13월 27 19:08:34", "0月 27 19:08:34", "out of memory 12:00:00", "77 27 19:08:34 x", "lug 27", "setzen 12 10:00:00"}) {
    in = text;
    EXPECT_FALSE(take_month_stamp(in, 2026, &time)) << text;
    EXPECT_EQ(text, in);
  }
}

TEST(Time, what_is_no_stamp_is_left_alone) {
  for (const char* text :
       {"", "13/45/2005 00:00:00", "1.2.3.4 10:00:00", "3/9-2018 10:00:00", "02/30/2005 00:00:00", "02/29/2005 00:00:00", "04/07/2005 24:00:00",
        "04/07/205 00:00:00", "Jan 32 00:00:00 x", "Foo  8 09:10:37", "2026-13-01T00:00:00", "2026-11-25"}) {
    Timestamp time = 7;
    std::string_view in = text;
    EXPECT_FALSE(take_us_stamp(in, &time) || take_month_stamp(in, 2005, &time) || take_iso_stamp(in, &time) || take_local_stamp(in, &time))
        << text;
    EXPECT_EQ(text, in);
  }
}

TEST(Time, the_thirteenth_hour_has_no_half_of_a_day) {
  for (const char* text : {"3/9/2018 13:05:00 PM", "2018/1/15 上午 13:05:00"}) {
    Timestamp time = 7;
    std::string_view in = text;
    EXPECT_FALSE(take_local_stamp(in, &time)) << text;
    EXPECT_EQ(text, in);
  }
}

TEST(Time, years_are_counted_from_the_calendar) {
  EXPECT_EQ(1970, year_of(kUntimed));
  EXPECT_EQ(1970, year_of(0));
  EXPECT_EQ(1969, year_of(-1));
  EXPECT_EQ(2025, year_of(1767225599999));
  EXPECT_EQ(2026, year_of(1767225600000));
  for (int year = 1; year <= 9999; ++year) {
    Timestamp new_year = kUntimed;
    ASSERT_TRUE(civil_to_timestamp(year, 1, 1, 0, 0, 0, 0, &new_year));
    EXPECT_EQ(year, year_of(new_year));
    EXPECT_EQ(year - 1, year_of(new_year - 1));
  }
}

TEST(Time, the_same_day_of_another_year) {
  const auto at = [](int year, int month, int day) {
    Timestamp time = kUntimed;
    EXPECT_TRUE(civil_to_timestamp(year, month, day, 23, 59, 59, 999, &time));
    return time;
  };
  for (const auto& [month, day] : {std::pair(1, 1), std::pair(2, 28), std::pair(3, 1), std::pair(12, 31)})
    for (int year = 2022; year <= 2029; ++year) {
      EXPECT_EQ(at(year + 1, month, day), years_later(at(year, month, day), 1)) << year << '-' << month << '-' << day;
      EXPECT_EQ(at(year - 1, month, day), years_later(at(year, month, day), -1)) << year << '-' << month << '-' << day;
    }
  EXPECT_EQ(at(2023, 3, 1), years_later(at(2024, 2, 29), -1));
  std::string_view in = "Feb 29 23:59:59.999 vpn";
  Timestamp time = kUntimed;
  EXPECT_TRUE(take_month_stamp(in, 2026, &time)) << "the year is presumed, and wrong";
  EXPECT_EQ(at(2026, 3, 1), time);
  in = "Feb 29 2026 23:59:59 vpn";
  EXPECT_FALSE(take_month_stamp(in, 2026, &time)) << "there is none";
}

// Day by day: the one after the last of a month is the first of the next.
TEST(Time, days_follow_one_another) {
  constexpr Timestamp kDay = 86'400'000;
  Timestamp before = -1 * kDay;
  for (int year = 1970; year <= 2400; ++year)
    for (int month = 1; month <= 12; ++month)
      for (int day = 1; day <= 31; ++day) {
        Timestamp time = kUntimed;
        if (!civil_to_timestamp(year, month, day, 0, 0, 0, 0, &time)) continue;
        ASSERT_EQ(before + kDay, time) << year << '-' << month << '-' << day;
        before = time;
      }
}

// Who remembers the last stamp reads as who does not, whatever stood before and whatever follows.
TEST(Time, a_remembered_stamp_is_read_like_any_other) {
  const std::string_view kStamps[] = {
      "2026-03-02T07:00:00.101Z gw",       "2026-03-02T07:00:00.101Z gw", "2026-03-02T07:00:00.101Zgw", "2026-03-02T07:00:00.102Z",
      "2026-03-02T07:00:00.101Z",          "2026-03-02T07:00:00.1019Z",   "2026-03-02T07:00:00.1019",   "2026-03-02T07:00:00.10195",
      "2026-03-02T07:00:00+0100",          "2026-03-02T07:00:00+01001",   "2026-03-02T07:00:00.10z",    "no stamp at all, but as long",
      "2026-03-02T07:00:00.101Z once more"};
  IsoStamps stamps;
  std::string_view zeros(std::string_view("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 24));
  Timestamp none = kUntimed;
  EXPECT_FALSE(stamps.take(zeros, &none));
  for (int round = 0; round < 2; ++round)
    for (const std::string_view text : kStamps) {
      std::string_view remembering = text, plainly = text;
      Timestamp a = kUntimed, b = kUntimed;
      EXPECT_EQ(take_iso_stamp(plainly, &b), stamps.take(remembering, &a)) << text;
      EXPECT_EQ(b, a) << text;
      EXPECT_EQ(plainly, remembering) << text;
    }
}

}  // namespace
}  // namespace vpnverdict::dialect
