#include "pipeline/dialect/time.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

#include "pipeline/dialect/shape.h"

namespace vpnverdict::dialect {
namespace {

constexpr Timestamp kMillisPerDay = 86'400'000;
// Of calendars whose years begin in March: from 1 March of the year 0, and in 400 years.
constexpr std::int64_t kDaysBefore1970 = 719'468;
constexpr std::int64_t kDaysPerEra = 146'097;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_leap(int year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

int days_in_month(int year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : kDays[month - 1];
}

// Days since 1970-01-01, by counting from a year that begins in March. REQUIRES: a year of 1 to 9999.
std::int64_t days_from_civil(int year, int month, int day) {
  const unsigned y = static_cast<unsigned>(month <= 2 ? year - 1 : year);
  const unsigned day_of_year = static_cast<unsigned>((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1);
  return std::int64_t{365 * y + y / 4 - y / 100 + y / 400 + day_of_year} - kDaysBefore1970;
}

bool take_char(std::string_view& in, char c) {
  if (in.empty() || in.front() != c) return false;
  in.remove_prefix(1);
  return true;
}

bool take_blanks(std::string_view& in) {
  std::size_t n = 0;
  while (n < in.size() && (in[n] == ' ' || in[n] == '\t')) ++n;
  in.remove_prefix(n);
  return n > 0;
}

struct Clock {
  int hour = 0, minute = 0, second = 0, millisecond = 0;
};

// ".5" is 500 ms, digits behind the third are dropped.
bool take_fraction(std::string_view& in, int* millisecond) {
  if (in.size() < 2 || (in[0] != '.' && in[0] != ',') || !is_digit(in[1])) return false;
  in.remove_prefix(1);
  int value = 0;
  int digits = 0;
  while (!in.empty() && is_digit(in.front())) {
    if (digits < 3) value = value * 10 + (in.front() - '0');
    ++digits;
    in.remove_prefix(1);
  }
  for (; digits < 3; ++digits) value *= 10;
  *millisecond = value;
  return true;
}

bool take_clock(std::string_view& in, Clock* out) {
  std::string_view rest = in;
  Clock clock;
  if (!take_digits(rest, 2, &clock.hour) || !take_char(rest, ':') || !take_digits(rest, 2, &clock.minute) ||
      !take_char(rest, ':') || !take_digits(rest, 2, &clock.second))
    return false;
  take_fraction(rest, &clock.millisecond);
  in = rest;
  *out = clock;
  return true;
}

struct Date {
  int year = 0, month = 0, day = 0;
};

bool take_us_date(std::string_view& in, Date* out) {
  std::string_view rest = in;
  Date date;
  if (!take_digits(rest, 2, &date.month) || !take_char(rest, '/') || !take_digits(rest, 2, &date.day) ||
      !take_char(rest, '/'))
    return false;
  const std::size_t before = rest.size();
  if (!take_digits(rest, 4, &date.year)) return false;
  const std::size_t digits = before - rest.size();
  if (digits != 2 && digits != 4) return false;
  if (digits == 2) date.year += date.year < 70 ? 2000 : 1900;
  if (date.month > 12) std::swap(date.month, date.day);
  in = rest;
  *out = date;
  return true;
}

inline bool to_timestamp(const Date& date, const Clock& clock, Timestamp* out) {
  if (date.year < 1 || date.year > 9999 || date.month < 1 || date.month > 12 || date.day < 1 ||
      (date.day > 28 && date.day > days_in_month(date.year, date.month)))
    return false;
  if (clock.hour < 0 || clock.hour > 23 || clock.minute < 0 || clock.minute > 59 || clock.second < 0 || clock.second > 60 ||
      clock.millisecond < 0 || clock.millisecond > 999)
    return false;
  const Timestamp seconds = (static_cast<Timestamp>(clock.hour) * 60 + clock.minute) * 60 + std::min(clock.second, 59);
  *out = days_from_civil(date.year, date.month, date.day) * kMillisPerDay + seconds * 1000 + clock.millisecond;
  return true;
}

int two_digits(const char* at) { return (at[0] - '0') * 10 + (at[1] - '0'); }

constexpr std::string_view kUsShape = "dd/dd/dddd dd:dd:dd.ddd";
constexpr std::string_view kIsoShape = "dddd-dd-ddTdd:dd:dd.dddZ";

// The shape that the VPN 3000 always prints, "04/07/2005 20:04:16.640".
bool take_fixed_us_stamp(std::string_view& in, Timestamp* out) {
  if (!has_shape<kUsShape>(in)) return false;
  if (in.size() > kUsShape.size() && is_digit(in[kUsShape.size()])) return false;
  const char* at = in.data();
  const int millisecond = two_digits(at + 20) * 10 + (at[22] - '0');
  if (!to_timestamp({two_digits(at + 6) * 100 + two_digits(at + 8), two_digits(at), two_digits(at + 3)},
                    {two_digits(at + 11), two_digits(at + 14), two_digits(at + 17), millisecond}, out))
    return false;
  in.remove_prefix(kUsShape.size());
  return true;
}

// The shape that rsyslog and Beats print, "2026-03-02T07:00:00.101Z".
bool take_fixed_iso_stamp(std::string_view& in, Timestamp* out) {
  if (!has_shape<kIsoShape>(in)) return false;
  const char* at = in.data();
  if (!to_timestamp({two_digits(at) * 100 + two_digits(at + 2), two_digits(at + 5), two_digits(at + 8)},
                    {two_digits(at + 11), two_digits(at + 14), two_digits(at + 17), two_digits(at + 20) * 10 + (at[22] - '0')}, out))
    return false;
  in.remove_prefix(kIsoShape.size());
  return true;
}

// "Z", "+00:00", "+0100", "-05"; nothing is UTC.
Timestamp take_offset(std::string_view& in) {
  if (in.empty()) return 0;
  if (in.front() == 'Z' || in.front() == 'z') {
    in.remove_prefix(1);
    return 0;
  }
  if (in.front() != '+' && in.front() != '-') return 0;
  std::string_view rest = in.substr(1);
  int hours = 0;
  int minutes = 0;
  if (!take_digits(rest, 2, &hours)) return 0;
  take_char(rest, ':');
  take_digits(rest, 2, &minutes);
  const Timestamp offset = (static_cast<Timestamp>(hours) * 60 + minutes) * 60'000;
  const bool east = in.front() == '+';
  in = rest;
  return east ? offset : -offset;
}

}  // namespace

bool civil_to_timestamp(int year, int month, int day, int hour, int minute, int second, int millisecond,
                        Timestamp* out) {
  return to_timestamp({year, month, day}, {hour, minute, second, millisecond}, out);
}

int year_of(Timestamp time) {
  if (time == kUntimed) return 1970;
  const std::int64_t days = (time >= 0 ? time : time - kMillisPerDay + 1) / kMillisPerDay + kDaysBefore1970;
  const std::int64_t era = (days >= 0 ? days : days - kDaysPerEra + 1) / kDaysPerEra;
  const std::int64_t day = days - era * kDaysPerEra;
  const std::int64_t year = (day - day / 1460 + day / 36'524 - day / 146'096) / 365;
  const std::int64_t day_of_year = day - (365 * year + year / 4 - year / 100);
  constexpr std::int64_t kMarchToDecember = 306;
  return static_cast<int>(era * 400 + year + (day_of_year >= kMarchToDecember ? 1 : 0));
}

Timestamp years_later(Timestamp time, int years) {
  const int year = year_of(time);
  const int since = time >= days_from_civil(year, 3, 1) * kMillisPerDay ? year : year - 1;  // the year that began in March
  return time + (days_from_civil(since + years, 3, 1) - days_from_civil(since, 3, 1)) * kMillisPerDay;
}

int month_named(std::string_view name) {
  constexpr auto key = [](const char* letters) {
    return (letters[0] | 0x20) << 16 | (letters[1] | 0x20) << 8 | (letters[2] | 0x20);
  };
  if (name.size() != 3) return 0;
  switch (key(name.data())) {
    case key("jan"): return 1;
    case key("feb"): return 2;
    case key("mar"): return 3;
    case key("apr"): return 4;
    case key("may"): return 5;
    case key("jun"): return 6;
    case key("jul"): return 7;
    case key("aug"): return 8;
    case key("sep"): return 9;
    case key("oct"): return 10;
    case key("nov"): return 11;
    case key("dec"): return 12;
    default: return 0;
  }
}

bool take_digits(std::string_view& in, int max_digits, int* out) {
  int value = 0;
  int n = 0;
  while (n < max_digits && static_cast<std::size_t>(n) < in.size() && is_digit(in[n]))
    value = value * 10 + (in[n++] - '0');
  if (n == 0) return false;
  in.remove_prefix(n);
  *out = value;
  return true;
}

bool take_us_stamp(std::string_view& in, Timestamp* out) {
  if (take_fixed_us_stamp(in, out)) return true;
  std::string_view rest = in;
  Date date;
  Clock clock;
  if (!take_us_date(rest, &date) || !take_blanks(rest) || !take_clock(rest, &clock) ||
      !to_timestamp(date, clock, out))
    return false;
  in = rest;
  return true;
}

namespace {

// "PM", "p.m.", and what others write in its place; leaves `in` alone and gives 0 where there is none, else the hour that the
// half begins with, and one.
int take_half_of_day(std::string_view& in) {
  constexpr struct {
    std::string_view word;
    int half;
  } kHalves[] = {{"AM", 1},   {"PM", 13},   {"am", 1},   {"pm", 13},   {"a.m.", 1}, {"p.m.", 13},
                 {"上午", 1}, {"下午", 13}, {"午前", 1}, {"午後", 13}, {"오전", 1}, {"오후", 13}};
  for (const auto& row : kHalves) {
    std::string_view rest = in;
    take_blanks(rest);
    if (!rest.starts_with(row.word)) continue;
    in = rest.substr(row.word.size());
    return row.half;
  }
  return 0;
}

bool take_local_date(std::string_view& in, Date* out) {
  int numbers[3] = {};
  std::size_t digits[3] = {};
  std::string_view rest = in;
  char between = 0;
  for (int i = 0; i < 3; ++i) {
    const std::size_t before = rest.size();
    if (!take_digits(rest, 4, &numbers[i])) return false;
    digits[i] = before - rest.size();
    if (i == 2) break;
    if (i == 0 && !rest.empty()) between = rest.front();
    if ((between != '/' && between != '.' && between != '-') || !take_char(rest, between)) return false;
  }
  const bool year_first = digits[0] == 4;
  const std::size_t of_year = digits[year_first ? 0 : 2];
  if ((of_year != 2 && of_year != 4) || digits[1] > 2 || digits[year_first ? 2 : 0] > 2) return false;
  Date date{numbers[2], numbers[0], numbers[1]};
  if (year_first)
    date = {numbers[0], numbers[1], numbers[2]};
  else if (between == '.' || date.month > 12)
    std::swap(date.month, date.day);
  if (date.year < 100) date.year += 2000;
  in = rest;
  *out = date;
  return true;
}

// How journals in other languages abbreviate the months, without the dot that may follow.
struct MonthName {
  std::string_view word;
  int month;
};
constexpr MonthName kMonthNames[] = {
    {"ene", 1},   {"gen", 1},  {"janv", 1}, {"sty", 1},  {"янв", 1},  {"fev", 2},  {"fév", 2},  {"févr", 2}, {"lut", 2},
    {"фев", 2},   {"mrt", 3},  {"mrz", 3},  {"mär", 3},  {"märz", 3}, {"mars", 3}, {"мар", 3},  {"abr", 4},  {"avr", 4},
    {"avril", 4}, {"kwi", 4},  {"апр", 4},  {"mai", 5},  {"mag", 5},  {"maj", 5},  {"mei", 5},  {"мая", 5},  {"май", 5},
    {"juin", 6},  {"juni", 6}, {"giu", 6},  {"cze", 6},  {"июн", 6},  {"juil", 7}, {"juli", 7}, {"lug", 7},  {"lip", 7},
    {"июл", 7},   {"ago", 8},  {"août", 8}, {"sie", 8},  {"авг", 8},  {"set", 9},  {"sept", 9}, {"wrz", 9},  {"сен", 9},
    {"okt", 10},  {"out", 10}, {"ott", 10}, {"paź", 10}, {"окт", 10}, {"lis", 11}, {"ноя", 11}, {"dic", 12}, {"dez", 12},
    {"des", 12},  {"déc", 12}, {"gru", 12}, {"дек", 12},
};

// The month in front of " 7 10:05:01", of whatever language: "Nov", "abr", "févr.", "7월", "1月"; 0 and nothing taken when there
// is none.
int take_month(std::string_view& in) {
  constexpr std::size_t kLongest = 8;
  if (in.size() > 3 && (in[3] == ' ' || in[3] == '\t'))
    if (const int month = month_named(in.substr(0, 3)); month != 0) {
      in.remove_prefix(3);
      return month;
    }
  const std::size_t end = in.substr(0, kLongest + 1).find(' ');
  if (end == std::string_view::npos || end < 3) return 0;
  std::string_view word = in.substr(0, end);
  if (word.back() == '.') word.remove_suffix(1);
  int number = 0;
  if (is_digit(word.front())) {
    if (!take_digits(word, 2, &number) || number < 1 || number > 12 || (word != "월" && word != "月")) return 0;
    in.remove_prefix(end);
    return number;
  }
  const auto same = [](char a, char b) { return a == b || (a >= 'A' && a <= 'Z' && (a | 0x20) == b); };
  for (const MonthName& name : kMonthNames)
    if (std::ranges::equal(word, name.word, same)) {
      in.remove_prefix(end);
      return name.month;
    }
  return 0;
}

}  // namespace

bool take_local_stamp(std::string_view& in, Timestamp* out) {
  std::string_view rest = in;
  Date date;
  Clock clock;
  if (!take_local_date(rest, &date)) return false;
  take_char(rest, ',');
  int half = take_half_of_day(rest);
  if (!take_blanks(rest) || !take_clock(rest, &clock)) return false;
  if (half == 0) half = take_half_of_day(rest);
  if (half != 0) {
    if (clock.hour > 12) return false;
    clock.hour = clock.hour % 12 + half - 1;
  }
  if (!to_timestamp(date, clock, out)) return false;
  in = rest;
  return true;
}

bool take_clock_first_stamp(std::string_view& in, Timestamp* out) {
  std::string_view rest = in;
  Date date;
  Clock clock;
  if (!take_clock(rest, &clock) || !take_blanks(rest) || !take_us_date(rest, &date) ||
      !to_timestamp(date, clock, out))
    return false;
  in = rest;
  return true;
}

bool begins_with_month(std::string_view in) { return take_month(in) != 0; }

bool take_month_stamp(std::string_view& in, int year, Timestamp* out) {
  if (in.size() < 14) return false;
  Date date;
  std::string_view rest = in;
  date.month = take_month(rest);
  if (date.month == 0) return false;
  date.year = year;
  Clock clock;
  if (!take_blanks(rest) || !take_digits(rest, 2, &date.day) || !take_blanks(rest)) return false;
  int own_year = 0;
  if (rest.size() > 4 && rest[4] == ' ') {  // "Apr 27 2013 05:43:22"
    std::string_view with_year = rest;
    if (take_digits(with_year, 4, &own_year) && take_blanks(with_year)) {
      date.year = own_year;
      rest = with_year;
    }
  }
  if (date.month == 2 && date.day == 29 && own_year == 0 && !is_leap(year)) date = {year, 3, 1};  // the year is a guess, the day is not
  if (!take_clock(rest, &clock) || !to_timestamp(date, clock, out)) return false;
  in = rest;
  return true;
}

bool take_colon_stamp(std::string_view& in, Timestamp* out) {
  if (in.size() < 19 || in[4] != ':' || in[7] != ':' || in[10] != '-') return false;
  std::string_view rest = in;
  Date date;
  Clock clock;
  if (!take_digits(rest, 4, &date.year) || !take_char(rest, ':') || !take_digits(rest, 2, &date.month) || !take_char(rest, ':') ||
      !take_digits(rest, 2, &date.day) || !take_char(rest, '-') || !take_clock(rest, &clock) || !to_timestamp(date, clock, out))
    return false;
  in = rest;
  return true;
}

bool take_iso_stamp(std::string_view& in, Timestamp* out) {
  if (in.size() < 19 || in[4] != '-' || in[7] != '-' || (in[10] != 'T' && in[10] != ' ' && in[10] != 't'))
    return false;
  if (take_fixed_iso_stamp(in, out)) return true;
  std::string_view rest = in;
  Date date;
  Clock clock;
  if (!take_digits(rest, 4, &date.year) || !take_char(rest, '-') || !take_digits(rest, 2, &date.month) ||
      !take_char(rest, '-') || !take_digits(rest, 2, &date.day))
    return false;
  rest.remove_prefix(1);
  if (!take_clock(rest, &clock) || !to_timestamp(date, clock, out)) return false;
  *out -= take_offset(rest);
  in = rest;
  return true;
}

bool IsoStamps::take(std::string_view& in, Timestamp* out) {
  if (time_ != kUntimed && in.size() >= last_.size() && std::memcmp(in.data(), last_.data(), last_.size()) == 0) {
    *out = time_;
    in.remove_prefix(last_.size());
    return true;
  }
  const std::string_view stamp = in;
  if (!take_iso_stamp(in, out)) return false;
  // One that ends with 'Z' ends there whatever follows.
  if (in.data() - stamp.data() == std::ssize(last_) && stamp[last_.size() - 1] == 'Z') {
    std::copy_n(stamp.data(), last_.size(), last_.data());
    time_ = *out;
  }
  return true;
}

bool take_epoch(std::string_view& in, Timestamp* out) {
  std::size_t digits = 0;
  std::uint64_t value = 0;
  for (; digits < in.size() && digits < 20 && in[digits] >= '0' && in[digits] <= '9'; ++digits)
    value = value * 10 + static_cast<std::uint64_t>(in[digits] - '0');
  switch (digits) {
    case 10:
      value *= 1'000;
      break;
    case 13:
      break;
    case 16:
      value /= 1'000;
      break;
    case 19:
      value /= 1'000'000;
      break;
    default:
      return false;
  }
  *out = static_cast<Timestamp>(value);
  in.remove_prefix(digits);
  return true;
}

}  // namespace vpnverdict::dialect
