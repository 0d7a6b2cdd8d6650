// Patterns of message rows: literal text with typed holes (the words are documented at MessageRow in
// dialect.h). A Pattern is compiled once and matched in one pass over the text, without allocation. Constant
// after compile(); any thread may match.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "correlator/event.h"

namespace vpnverdict::dialect {

// Lower case of ASCII letters; every other byte stays what it is.
extern const std::array<char, 256> kFold;
inline char fold(char c) { return kFold[static_cast<unsigned char>(c)]; }
inline bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
inline std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}
// True when `text` begins with `start`, letter case ignored. `start` must be in lower case.
inline bool begins_with(std::string_view text, std::string_view start) {
  if (text.size() < start.size()) return false;
  for (std::size_t i = 0; i < start.size(); ++i)
    if (fold(text[i]) != start[i]) return false;
  return true;
}

enum class Hole : std::uint8_t {
  peer,
  gateway,
  address,
  any_ip,  // address-like token
  group,
  user,
  pool,
  server,
  any_name,
  any_more,
  any_word,
  device,
  header_id,  // up to the literal that follows; these two in headers only
  session,
  message_id,
  any_int,  // decimal
  message_id_hex,
  cookie_hex,
  spi_in_hex,
  spi_out_hex,
  any_hex,  // hexadecimal, "0x" allowed
  stamp,
  epoch,  // times, in headers only
  rest,   // everything left
};

enum class Matched : std::uint8_t {
  no,
  partly,  // the text ends at a word's end before the pattern does: more lines may complete it
  yes,
  bad_field,        // the words are the row's, a field is outside its alphabet or too long
  ambiguous_field,  // the words are the row's, but a name holds brackets or words that shift the fields
};

// What a pattern describes. A header stands in front of a message: it is matched at the beginning of the text only,
// knows the words {time} {epoch} {device} {message} besides, and takes no {rest}.
enum class PatternKind : std::uint8_t { row, header };

// The text between two holes, in both forms.
struct PatternLiteral {
  std::string elements;  // folded, blanks as elements
  std::string
      plain;  // as the row writes it, one ' ' for each run of blanks; empty when it has optional blanks
};

class Pattern {
 public:
  // False when `text` is no pattern; `error` says why.
  bool compile(std::string_view text, std::string* error, PatternKind kind = PatternKind::row);

  // Fields are written to `event` only when the answer is Matched::yes. `text` must be trimmed.
  Matched match(std::string_view text, Event& event) const { return match_from(text, 0, 0, event); }
  // The same for a text whose first `elements` pattern elements are known to match its first `position`
  // bytes.
  Matched match_from(std::string_view text, std::size_t elements, std::size_t position, Event& event) const;
  // A header in front of `text`; `message` becomes what follows it. `year` serves stamps that have none.
  Matched match_header(std::string_view text, int year, Event& event, std::string_view* message) const;

  // The literal in front of the first hole: folded, one ' ' for each run of blanks.
  const std::string& prefix() const { return literals_.front().elements; }
  // The same with the letters as the row writes them, for the usual text that has just these.
  const std::string& plain_prefix() const { return literals_.front().plain; }
  const std::vector<Hole>& holes() const { return holes_; }
  bool has(Hole hole) const;
  // The longest part without holes and blanks, as it is written.
  std::string_view longest_literal() const;
  bool has_literal(std::string_view part) const;

 private:
  struct Value {
    std::string_view text;
    std::uint64_t number = 0;
  };
  struct Found {
    Matched matched = Matched::no;
    std::size_t begin = 0, end = 0;  // of the value
    std::size_t next = 0;            // behind the literal that follows it
    Value value;
  };
  static constexpr std::size_t kHolesMax = 12;

  // Matches up to the end of the pattern, which is left in `end`.
  Matched match_front(std::string_view text, std::size_t elements, std::size_t position, int year, Event& event,
                      std::size_t* end) const;
  Found find_name(std::string_view text, std::size_t begin, std::size_t hole) const;
  Found find_time(std::string_view text, std::size_t begin, std::size_t hole, int year) const;
  Found find_token(std::string_view text, std::size_t begin, std::size_t hole) const;
  Matched check_name(std::string_view text, const Found& found, std::size_t hole) const;
  bool repeats(std::string_view text, std::size_t from, std::size_t hole) const;
  void store(std::size_t hole, const Value& value, Event& event) const;

  // literals_[i] stands before holes_[i]; literals_.back() is the tail. Blanks are elements, see pattern.cpp.
  std::vector<PatternLiteral> literals_;
  std::vector<Hole> holes_;
  std::vector<bool> must_not_repeat_;  // per hole: a second occurrence of the literal behind it is ambiguous
  bool blank_behind_ = false;          // header: white space or the end must follow
};

}  // namespace vpnverdict::dialect
