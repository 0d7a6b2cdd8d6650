// Stamps of log headers to Timestamps. Every reader takes its stamp off the front of `in` and leaves `in`
// alone when there is none. Stamps without a zone are taken as UTC. Pure functions, any thread; an IsoStamps belongs to one.
#pragma once

#include <array>
#include <string_view>

#include "correlator/event.h"

namespace vpnverdict::dialect {

// False when the fields are no date or time of day (a leap second is taken as second 59).
bool civil_to_timestamp(int year, int month, int day, int hour, int minute, int second, int millisecond, Timestamp* out);
// 1970 for kUntimed.
int year_of(Timestamp time);
// The same day so many years later, or earlier; 29 February becomes 1 March where there is none.
Timestamp years_later(Timestamp time, int years);
// 1..12 for "Jan".."Dec" in any case, else 0.
int month_named(std::string_view name);

// Whether a month's name stands in front, in English or as a journal in another language abbreviates it.
bool begins_with_month(std::string_view in);

// Takes 1 to `max_digits` digits off the front.
bool take_digits(std::string_view& in, int max_digits, int* out);

// "04/07/2005 20:04:16.640"; a first number over 12 is a day, a two-digit year is of 1970..2069.
bool take_us_stamp(std::string_view& in, Timestamp* out);
// As a desktop's language has it: "5/20/14 11:33:56.909 PM", "2018/1/15 下午 11:32:10", "15.01.2018 23:32:10". Of "3/4/18" the 3
// is the month, as with take_us_stamp(); with dots it is the day.
bool take_local_stamp(std::string_view& in, Timestamp* out);
// "20:47:46.335  06/21/05"
bool take_clock_first_stamp(std::string_view& in, Timestamp* out);
// "Jan  8 09:10:37", "Apr 27 2013 05:43:22", "Nov 25 12:39:29.123"; `year` serves when the stamp has none, and if it
// had no 29 February, 1 March is meant.
bool take_month_stamp(std::string_view& in, int year, Timestamp* out);
// "2026-11-25T12:39:29.569753+00:00", "2026-11-25 12:43:06.395", "…Z", "…+0100"
bool take_iso_stamp(std::string_view& in, Timestamp* out);
// "2016:06:22-08:34:28", of Astaro and Sophos UTM
bool take_colon_stamp(std::string_view& in, Timestamp* out);
// As take_iso_stamp(), for somebody who reads line after line: many bear the stamp of the one before, and need no calendar.
class IsoStamps {
 public:
  bool take(std::string_view& in, Timestamp* out);

 private:
  std::array<char, 24> last_{};  // "2026-11-25T12:39:29.569Z"
  Timestamp time_ = kUntimed;
};
// Seconds, milliseconds, microseconds or nanoseconds since 1970: 10, 13, 16 or 19 digits.
bool take_epoch(std::string_view& in, Timestamp* out);

}  // namespace vpnverdict::dialect
