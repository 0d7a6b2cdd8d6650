#include "pipeline/dialect/pattern.h"

#include <algorithm>
#include <array>
#include <limits>

#include "correlator/limits.h"
#include "pipeline/dialect/time.h"

namespace vpnverdict::dialect {
namespace {

// Elements of a literal besides folded characters.
constexpr char kBlank = ' ';          // one or more white-space characters
constexpr char kGap = '\x01';         // none or more
constexpr char kBlankOrEnd = '\x02';  // kBlank, or the end of the text: in front of {rest}

constexpr std::size_t kTellingLiteral = 8;  // a literal this long is no accident in a name

constexpr std::array<char, 256> make_fold() {
  std::array<char, 256> table{};
  for (int i = 0; i < 256; ++i) table[i] = static_cast<char>(i >= 'A' && i <= 'Z' ? i + 32 : i);
  return table;
}

struct HoleWord {
  std::string_view word;
  Hole hole;
};
constexpr HoleWord kHoleWords[] = {
    {"peer", Hole::peer},
    {"gateway", Hole::gateway},
    {"address", Hole::address},
    {"ip", Hole::any_ip},
    {"group", Hole::group},
    {"user", Hole::user},
    {"pool", Hole::pool},
    {"server", Hole::server},
    {"name", Hole::any_name},
    {"more", Hole::any_more},
    {"word", Hole::any_word},
    {"session", Hole::session},
    {"message_id", Hole::message_id},
    {"int", Hole::any_int},
    {"message_id:hex", Hole::message_id_hex},
    {"cookie:hex", Hole::cookie_hex},
    {"spi_in:hex", Hole::spi_in_hex},
    {"spi_out:hex", Hole::spi_out_hex},
    {"hex", Hole::any_hex},
    {"rest", Hole::rest},
    {"device", Hole::device},
    {"message", Hole::header_id},
    {"time", Hole::stamp},
    {"epoch", Hole::epoch},
};

const HoleWord* hole_word(std::string_view word) {
  for (const HoleWord& row : kHoleWords)
    if (row.word == word) return &row;
  return nullptr;
}

bool is_name(Hole hole) { return hole >= Hole::group && hole <= Hole::header_id; }
bool is_one_word(Hole hole) { return hole >= Hole::any_word && hole <= Hole::header_id; }
bool is_time(Hole hole) { return hole == Hole::stamp || hole == Hole::epoch; }
bool is_of_headers(Hole hole) { return hole == Hole::device || hole == Hole::header_id || is_time(hole); }
bool is_address(Hole hole) { return hole <= Hole::any_ip; }
bool is_decimal(Hole hole) { return hole >= Hole::session && hole <= Hole::any_int; }

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char low = fold(c);
  return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

// Digits, hex digits and separators of addresses, and the x and * of masked ones.
bool in_address(char c) { return hex_value(c) >= 0 || c == '.' || c == ':' || c == '*' || fold(c) == 'x'; }

// What a word in an address's place may be made of.
constexpr auto kInMask = [] {
  std::array<bool, 256> out{};
  for (int c = 0; c < 256; ++c) out[static_cast<std::size_t>(c)] = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  return out;
}();

// Where an address ends that whoever posted the log put a word for: "<remote>", "y.y.y.y", "REMOTE.IP", "redacted". `begin`: none
// is there.
std::size_t end_of_mask(std::string_view text, std::size_t begin) {
  constexpr std::size_t kMaskMax = 40;
  const std::string_view rest = text.substr(begin, kMaskMax);
  if (rest.starts_with('<')) {
    const std::size_t close = rest.find_first_of("> ");
    return close != std::string_view::npos && close > 1 && rest[close] == '>' ? begin + close + 1 : begin;
  }
  const auto is_letter = [](char c) { return fold(c) >= 'a' && fold(c) <= 'z'; };
  // Most words that stand in an address's place are none of these: they are found out by their first two letters and their end.
  std::size_t end = 0;
  while (end < rest.size() && kInMask[static_cast<unsigned char>(rest[end])]) ++end;
  std::string_view word = rest.substr(0, end);
  if (word.size() < 2) return begin;
  for (std::string_view known : {"redacted", "hidden", "removed"})
    if (fold(word.front()) == known.front() && word.size() == known.size() && begins_with(word, known)) return begin + end;
  int groups = 1;
  bool one_letter_each = word[1] == '.' || word[1] == word[0];
  for (std::size_t i = 0; one_letter_each && i < word.size(); ++i) {
    groups += word[i] == '.';
    one_letter_each = word[i] == '.' || (is_letter(word[i]) && (i == 0 || word[i - 1] == '.' || word[i] == word[i - 1]));
  }
  if (groups == 4 && one_letter_each && word.back() != '.') return begin + end;
  while (!word.empty() && word.back() >= '0' && word.back() <= '9') word.remove_suffix(1);  // "ip1"
  const bool named_ip = word.size() >= 2 && fold(word[word.size() - 2]) == 'i' && fold(word.back()) == 'p' &&
                        (word.size() == 2 || !is_letter(word[word.size() - 3]));
  return named_ip ? begin + end : begin;
}

struct Eaten {
  Matched matched;
  std::size_t next;
};

// Matches the elements of a literal from `first` on at `position`.
Eaten eat(const PatternLiteral& pattern, std::size_t first, std::string_view text, std::size_t position) {
  const std::string_view literal = pattern.elements;
  const std::string_view plain = pattern.plain;
  if (first == 0 && !plain.empty() && text.size() - position >= plain.size() &&
      text.compare(position, plain.size(), plain) == 0) {  // letter for letter, the usual case
    position += plain.size();
    if (plain.back() == ' ')
      while (position < text.size() && is_blank(text[position])) ++position;
    return {Matched::yes, position};
  }
  for (std::size_t i = first; i < literal.size(); ++i) {
    const char element = literal[i];
    if (element == kBlank || element == kBlankOrEnd || element == kGap) {
      const std::size_t begin = position;
      while (position < text.size() && is_blank(text[position])) ++position;
      if (element == kGap || position > begin) continue;
      if (position < text.size()) return {Matched::no, position};
      if (element == kBlank) return {Matched::partly, position};
    } else if (position >= text.size()) {
      return {i > 0 && literal[i - 1] == kGap ? Matched::partly : Matched::no, position};
    } else if (fold(text[position]) != element) {
      return {Matched::no, position};
    } else {
      ++position;
    }
  }
  return {Matched::yes, position};
}

// First place at or behind `from` where the whole literal matches. A name never goes over the end of the
// text.
Eaten find_literal(const PatternLiteral& pattern, std::string_view text, std::size_t from, bool one_word,
                   std::size_t* at) {
  const char first = pattern.elements.front();
  const bool blank_first = first == kBlank || first == kBlankOrEnd || first == kGap;
  const char upper = first >= 'a' && first <= 'z' ? static_cast<char>(first - 32) : first;
  for (std::size_t p = from; p < text.size(); ++p) {
    if (blank_first) {
      while (first != kGap && p < text.size() && !is_blank(text[p])) ++p;
    } else if (!one_word) {
      while (p < text.size() && text[p] != first && text[p] != upper) ++p;
    }
    if (p == text.size()) break;
    const bool blank = is_blank(text[p]);
    if (blank_first || text[p] == first || text[p] == upper) {
      const Eaten eaten = eat(pattern, 0, text, p);
      if (eaten.matched != Matched::no) {
        *at = p;
        return eaten;
      }
    }
    if (blank) {  // the rest of a run of blanks gives the same answer
      if (one_word) break;
      while (p + 1 < text.size() && is_blank(text[p + 1])) ++p;
    }
  }
  if (first != kBlankOrEnd) return {blank_first ? Matched::partly : Matched::no, text.size()};
  *at = text.size();
  return {Matched::yes, text.size()};
}

std::size_t visible_elements(std::string_view literal) {
  return static_cast<std::size_t>(std::count_if(
      literal.begin(), literal.end(), [](char c) { return c != kBlank && c != kBlankOrEnd && c != kGap; }));
}

bool balanced(std::string_view name, char open, char close) {
  int depth = 0;
  for (char c : name) {
    if (c == open) ++depth;
    if (c == close && --depth < 0) return false;
  }
  return depth == 0;
}

char closing_of(char open) {
  switch (open) {
    case '[':
      return ']';
    case '(':
      return ')';
    case '<':
      return '>';
    case '{':
      return '}';
    default:
      return 0;
  }
}

// Splits the pattern's text into literals and hole words; `{_}` and blanks become elements.
bool split(std::string_view text, std::vector<PatternLiteral>* literals, std::vector<Hole>* holes,
           std::string* error) {
  literals->assign(1, {});
  holes->clear();
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string& literal = literals->back().elements;
    std::string& plain = literals->back().plain;
    const char c = text[i];
    if (is_blank(c)) {
      if (!literal.empty() && literal.back() == kBlank) continue;
      literal.push_back(kBlank);
      plain.push_back(' ');
      continue;
    }
    if (c != '{') {
      literal.push_back(fold(c));
      plain.push_back(c);
      continue;
    }
    const std::size_t close = text.find('}', i);
    const std::string_view word =
        close == std::string_view::npos ? text.substr(i) : text.substr(i + 1, close - i - 1);
    if (word == "_") {
      literal.push_back(kGap);
    } else if (const HoleWord* row = hole_word(word)) {
      holes->push_back(row->hole);
      literals->emplace_back();
    } else {
      *error = "unknown pattern word {" + std::string(word) + "}";
      return false;
    }
    i = close;
  }
  return true;
}

}  // namespace

const std::array<char, 256> kFold = make_fold();

bool Pattern::compile(std::string_view text, std::string* error, PatternKind kind) {
  const bool header = kind == PatternKind::header;
  blank_behind_ = header && !text.empty() && is_blank(text.back());
  while (header && !text.empty() && is_blank(text.back())) text.remove_suffix(1);
  if (text.empty() || is_blank(text.front()) || is_blank(text.back())) {
    *error = header ? "a header must not be empty nor begin with a blank"
                    : "a pattern must not be empty, nor begin or end with a blank";
    return false;
  }
  if (!split(text, &literals_, &holes_, error)) return false;
  if (holes_.size() > kHolesMax) {
    *error = "too many holes";
    return false;
  }
  must_not_repeat_.assign(holes_.size(), false);
  for (std::size_t i = 0; i < holes_.size(); ++i) {
    const bool last = i + 1 == holes_.size() && literals_.back().elements.empty();
    if (holes_[i] == Hole::rest && (!last || header)) {
      *error = header ? "{rest} has no place in a header" : "{rest} may only stand at the end";
      return false;
    }
    if (is_of_headers(holes_[i]) && !header) {
      *error = "{time}, {epoch}, {device} and {message} stand in headers only";
      return false;
    }
    if (header && last && is_name(holes_[i]) && !(blank_behind_ && is_one_word(holes_[i]))) {
      *error = "a name must not stand at the end of a header: nothing says where it ends";
      return false;
    }
    if (is_name(holes_[i]) && !last && visible_elements(literals_[i + 1].elements) == 0 &&
        literals_[i + 1].elements.find(kBlank) == std::string::npos) {
      *error = "a name must be followed by a literal or stand at the end";
      return false;
    }
    std::string& before = literals_[i].elements;
    if (holes_[i] == Hole::rest && !before.empty() && before.back() == kBlank) before.back() = kBlankOrEnd;
    if ((holes_[i] == Hole::user || holes_[i] == Hole::group) && i + 1 < holes_.size()) {
      const std::string& next = literals_[i + 1].elements;
      bool again = visible_elements(next) < 2;
      for (std::size_t k = i + 2; k < literals_.size(); ++k)
        again = again || literals_[k].elements.find(next) != std::string::npos;
      must_not_repeat_[i] = !again;
    }
  }
  for (PatternLiteral& literal : literals_)
    if (literal.elements.find_first_of(std::string{kGap, kBlankOrEnd}) != std::string::npos)
      literal.plain.clear();
  return true;
}

bool Pattern::has(Hole hole) const { return std::find(holes_.begin(), holes_.end(), hole) != holes_.end(); }

std::string_view Pattern::longest_literal() const {
  std::string_view longest;
  for (const PatternLiteral& literal : literals_)
    for (std::string_view rest = literal.plain; !rest.empty();) {
      const std::size_t blank = std::min(rest.find(' '), rest.size());
      if (blank > longest.size()) longest = rest.substr(0, blank);
      rest.remove_prefix(std::min(blank + 1, rest.size()));
    }
  return longest;
}

bool Pattern::has_literal(std::string_view part) const {
  return std::any_of(literals_.begin(), literals_.end(), [&](const PatternLiteral& literal) {
    return literal.plain.find(part) != std::string::npos;
  });
}

Matched Pattern::match_from(std::string_view text, std::size_t elements, std::size_t position,
                            Event& event) const {
  return match_front(text, elements, position, 0, event, nullptr);
}

Matched Pattern::match_header(std::string_view text, int year, Event& event, std::string_view* message) const {
  std::size_t end = 0;
  const Matched matched = match_front(text, 0, 0, year, event, &end);
  if (matched == Matched::yes) *message = trimmed(text.substr(end));
  return matched;
}

Matched Pattern::match_front(std::string_view text, std::size_t elements, std::size_t position, int year, Event& event,
                             std::size_t* end) const {
  Eaten eaten = eat(literals_.front(), elements, text, position);
  if (eaten.matched != Matched::yes) return eaten.matched;
  std::array<Value, kHolesMax> values;
  std::size_t at = eaten.next;
  Matched verdict = Matched::yes;
  for (std::size_t i = 0; i < holes_.size(); ++i) {
    Found found;
    if (holes_[i] == Hole::rest) {
      found = {Matched::yes, at, text.size(), text.size(), {}};
    } else if (is_name(holes_[i])) {
      found = find_name(text, at, i);
    } else if (is_time(holes_[i])) {
      found = find_time(text, at, i, year);
    } else {
      found = find_token(text, at, i);
    }
    if (found.matched == Matched::no || found.matched == Matched::partly) return found.matched;
    if (verdict == Matched::yes) verdict = found.matched;
    values[i] = found.value;
    at = found.next;
  }
  if (end == nullptr ? at != text.size() : blank_behind_ && at < text.size() && !is_blank(text[at])) return Matched::no;
  if (end != nullptr) *end = at;
  if (verdict != Matched::yes) return verdict;
  for (std::size_t i = 0; i < holes_.size(); ++i) store(i, values[i], event);
  return Matched::yes;
}

Pattern::Found Pattern::find_name(std::string_view text, std::size_t begin, std::size_t hole) const {
  Found found;
  found.begin = begin;
  const PatternLiteral& literal = literals_[hole + 1];
  const bool one_word = is_one_word(holes_[hole]);
  if (literal.elements.empty() && blank_behind_) {
    for (found.end = begin; found.end < text.size() && !is_blank(text[found.end]);) ++found.end;
    found.next = found.end;
  } else if (literal.elements.empty()) {
    found.end = found.next = text.size();
  } else {
    const Eaten eaten = find_literal(literal, text, begin, one_word, &found.end);
    if (eaten.matched != Matched::yes) {
      found.matched = eaten.matched;
      return found;
    }
    found.next = eaten.next;
    if (literal.elements.front() == kGap)
      while (found.end > begin && is_blank(text[found.end - 1])) --found.end;
  }
  found.value.text = text.substr(begin, found.end - begin);
  found.matched = check_name(text, found, hole);
  return found;
}

Matched Pattern::check_name(std::string_view text, const Found& found, std::size_t hole) const {
  const std::string_view name = found.value.text;
  const Hole kind = holes_[hole];
  if (is_one_word(kind)) {
    const bool blank = std::any_of(name.begin(), name.end(), is_blank);
    if (name.empty() || blank) return Matched::no;
    return kind != Hole::any_word && name.size() > kNameBytesMax ? Matched::bad_field : Matched::yes;
  }
  if (kind == Hole::any_more) return Matched::yes;
  if (kind == Hole::any_name) return name.find('\n') == std::string_view::npos ? Matched::yes : Matched::no;
  if (name.empty()) return Matched::no;
  // A server is named by the configuration; a comma or an equal sign means that a name has poured over into
  // it.
  if (kind == Hole::server && name.find_first_of(",=") != std::string_view::npos) return Matched::no;
  if (name.size() > kNameBytesMax) return Matched::bad_field;
  for (char c : name)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return Matched::bad_field;
  const std::string& before = literals_[hole].elements;
  const std::string& next = literals_[hole + 1].elements;
  const char close = before.empty() ? char{0} : closing_of(before.back());
  if (close != 0 && !next.empty() && next.front() == close && !balanced(name, before.back(), close))
    return Matched::ambiguous_field;
  if (before.size() >= kTellingLiteral &&
      name.size() > before.size()) {  // the name repeats the row's own words
    std::size_t at = 0;
    if (find_literal(literals_[hole], name, 0, false, &at).matched == Matched::yes)
      return Matched::ambiguous_field;
  }
  if (must_not_repeat_[hole] && repeats(text, found.next, hole)) return Matched::ambiguous_field;
  return Matched::yes;
}

bool Pattern::repeats(std::string_view text, std::size_t from, std::size_t hole) const {
  std::size_t at = 0;
  // The literal's last blank may be shared with the next occurrence's first one.
  return find_literal(literals_[hole + 1], text, from > 0 ? from - 1 : 0, false, &at).matched == Matched::yes;
}

Pattern::Found Pattern::find_time(std::string_view text, std::size_t begin, std::size_t hole, int year) const {
  Found found;
  std::string_view rest = text.substr(begin);
  Timestamp time = kUntimed;
  const bool taken = holes_[hole] == Hole::epoch
                         ? take_epoch(rest, &time)
                         : take_iso_stamp(rest, &time) || take_month_stamp(rest, year, &time) ||
                               take_us_stamp(rest, &time) || take_clock_first_stamp(rest, &time);
  if (!taken) return found;
  found.begin = begin;
  found.end = text.size() - rest.size();
  found.value.number = static_cast<std::uint64_t>(time);
  const Eaten eaten = eat(literals_[hole + 1], 0, text, found.end);
  found.matched = eaten.matched;
  found.next = eaten.next;
  return found;
}

Pattern::Found Pattern::find_token(std::string_view text, std::size_t begin, std::size_t hole) const {
  const Hole kind = holes_[hole];
  const std::string& literal = literals_[hole + 1].elements;
  Found found;
  found.begin = begin;
  std::size_t end = begin;
  bool overflow = false;
  if (is_address(kind)) {
    bool separator = false;
    for (; end < text.size() && in_address(text[end]); ++end)
      separator = separator || text[end] == '.' || text[end] == ':';
    if (!separator) {
      end = end_of_mask(text, begin);
      if (end == begin) return found;
    }
    if (end < text.size() && text[end] == '%')  // zone of a link-local address
      for (++end; end < text.size() && !is_blank(text[end]) && text[end] != ']' && text[end] != ')' &&
                  text[end] != ',';)
        ++end;
    if (!literal.empty() && literal.front() == ':') {
      const std::size_t colon = text.substr(begin, end - begin).rfind(':');
      if (colon != std::string_view::npos) end = begin + colon;
    } else if ((literal.empty() || literal.front() == '.') && text[end - 1] == '.') {
      --end;  // the sentence's
    }
  } else if (is_decimal(kind)) {
    for (; end < text.size() && text[end] >= '0' && text[end] <= '9'; ++end) {
      const auto digit = static_cast<std::uint64_t>(text[end] - '0');
      overflow = overflow || found.value.number > (std::numeric_limits<std::uint64_t>::max() - digit) / 10;
      found.value.number = found.value.number * 10 + digit;
    }
  } else {
    if (end + 2 < text.size() && text[end] == '0' && fold(text[end + 1]) == 'x') end += 2;
    const std::size_t digits = end;
    for (; end < text.size() && hex_value(text[end]) >= 0; ++end) {
      overflow = overflow || (found.value.number >> 60) != 0;
      found.value.number = (found.value.number << 4) | static_cast<std::uint64_t>(hex_value(text[end]));
    }
    if (end == digits) return found;
  }
  if (end == begin) return found;
  const bool discarded = kind == Hole::any_int || kind == Hole::any_hex;
  const bool wide = kind == Hole::session || kind == Hole::cookie_hex;
  if (!is_address(kind) && !wide && !discarded)
    overflow = overflow || found.value.number > std::numeric_limits<std::uint32_t>::max();
  const Eaten eaten = eat(literals_[hole + 1], 0, text, end);
  found.matched = eaten.matched;
  found.next = eaten.next;
  found.end = end;
  found.value.text = text.substr(begin, end - begin);
  if (found.matched == Matched::yes && ((overflow && !discarded) || found.value.text.size() > kNameBytesMax))
    found.matched = Matched::bad_field;
  return found;
}

void Pattern::store(std::size_t hole, const Value& value, Event& event) const {
  switch (holes_[hole]) {
    case Hole::peer:
      event.peer = value.text;
      break;
    case Hole::gateway:
      event.gateway = value.text;
      break;
    case Hole::address:
      event.address = value.text;
      break;
    case Hole::group:
      event.group = value.text;
      break;
    case Hole::user:
      event.user = value.text;
      break;
    case Hole::pool:
      event.pool = value.text;
      break;
    case Hole::server:
      event.server = value.text;
      break;
    case Hole::session:
      event.session = value.number;
      break;
    case Hole::message_id:
    case Hole::message_id_hex:
      event.message_id = static_cast<std::uint32_t>(value.number);
      break;
    case Hole::cookie_hex:
      event.cookie = value.number;
      break;
    case Hole::spi_in_hex:
      event.spi_in = static_cast<std::uint32_t>(value.number);
      break;
    case Hole::spi_out_hex:
      event.spi_out = static_cast<std::uint32_t>(value.number);
      break;
    case Hole::device:
      event.device = value.text;
      break;
    case Hole::header_id:
      event.message = value.text;
      break;
    case Hole::stamp:
    case Hole::epoch:
      event.time = static_cast<Timestamp>(value.number);
      break;
    case Hole::any_ip:
    case Hole::any_name:
    case Hole::any_more:
    case Hole::any_word:
    case Hole::any_int:
    case Hole::any_hex:
    case Hole::rest:
      break;
  }
}

}  // namespace vpnverdict::dialect
