#include "pipeline/dialect/envelope_stencil.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "pipeline/dialect/plain_text.h"

namespace vpnverdict::dialect {
namespace {

// A value's place in a marked document: "v7" for text, kNumberMark + 7 for a number.
constexpr char kTextMark = 'v';
constexpr std::uint32_t kNumberMark = 1'000'000'000;

bool begins_number(char c) { return c == '-' || (c >= '0' && c <= '9'); }
bool is_of_number(char c) { return begins_number(c) || c == '+' || c == '.' || c == 'e' || c == 'E'; }
bool is_ascii_text(char c) { return static_cast<signed char>(c) >= 0x20; }

// memcmp() of the few bytes between two values, without a call.
bool same_bytes(const char* a, const char* b, std::size_t size) {
  const auto eight = [](const char* from) {
    std::uint64_t word;
    std::memcpy(&word, from, sizeof word);
    return word;
  };
  if (size < 8) {
    while (size > 0 && a[size - 1] == b[size - 1]) --size;
    return size == 0;
  }
  for (std::size_t i = 0; i + 8 < size; i += 8)
    if (eight(a + i) != eight(b + i)) return false;
  return eight(a + size - 8) == eight(b + size - 8);  // some of them once more
}

// Where the string that begins at `at` ends: its closing quote. npos when it is not for us.
std::size_t end_of_string(std::string_view text, std::size_t at, bool* escaped) {
  *escaped = false;
  for (;;) {
    at = end_of_plain<'"', '\\'>(text, at);
    if (at >= text.size()) return std::string_view::npos;
    if (text[at] == '"') return at;
    if (text[at] != '\\' || at + 1 >= text.size() || !is_ascii_text(text[at + 1])) return std::string_view::npos;
    *escaped = true;
    at += 2;
  }
}

std::size_t end_of_number(std::string_view text, std::size_t at) {
  if (at >= text.size() || !begins_number(text[at])) return std::string_view::npos;
  while (at < text.size() && is_of_number(text[at])) ++at;
  return at;
}

// What stands for `escape` ("\n" has 'n'); 0 when it is left to the JSON loop.
char meaning_of(char escape) {
  switch (escape) {
    case '"':
    case '\\':
    case '/':
      return escape;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return 0;
  }
}

// Appends `text` without its escapes. False when it has one that is not for us.
bool unescape(std::string_view text, std::string& to) {
  for (std::size_t at = 0;;) {
    const std::size_t next = std::min(text.find('\\', at), text.size());
    to.append(text.substr(at, next - at));
    if (next == text.size()) return true;
    const char meaning = meaning_of(text[next + 1]);
    if (meaning == 0) return false;
    to.push_back(meaning);
    at = next + 2;
  }
}

bool alike(const Draft& marked, const Draft& read) {
  if (marked.shapes != read.shapes || (read.shapes & (1u << static_cast<unsigned>(Shape::otel))) != 0) return false;
  for (std::size_t i = 0; i < kSlots; ++i)
    if (marked.rank(static_cast<Slot>(i)) != read.rank(static_cast<Slot>(i))) return false;
  return true;
}

}  // namespace

bool Stencils::read(std::string_view document, Draft& draft) {
  if (document.size() > kDocumentBytesMax) return false;
  const Piece* const pieces = pieces_.data();
  Found* found = found_.data();
  std::size_t at = 0;
  for (std::uint32_t next = first_; next != kNone;) {
    const Piece& piece = pieces[next];
    const std::size_t begin = at + piece.text.size();
    if (document.size() < begin || !same_bytes(document.data() + at, piece.text.data(), piece.text.size())) {
      next = piece.next;
      continue;
    }
    if (piece.value == Value::end) return begin == document.size() && fill(document, readings_[piece.reading], draft);
    bool escaped = false;
    if (piece.value == Value::number) {
      at = end_of_number(document, begin);
    } else {
      at = end_of_plain<'"', '\\'>(document, begin);
      if (at == document.size() || document[at] != '"') at = end_of_string(document, at, &escaped);
    }
    if (at == std::string_view::npos || at == begin) return false;
    *found++ = {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(at - begin), escaped};
    next = piece.below;
  }
  return false;
}

bool Stencils::fill(std::string_view document, const Reading& reading, Draft& draft) {
  unescaped_.clear();
  draft.plain = true;
  for (const Fill& fill : reading.fills) {
    const Found& found = found_[fill.value];
    std::string_view text(document.data() + found.begin, found.size);
    if (found.escaped) {
      draft.plain = false;
      if (unescaped_.capacity() < document.size()) unescaped_.reserve(document.size());  // nothing stands in it yet
      const std::size_t begin = unescaped_.size();
      if (!unescape(text, unescaped_)) return false;
      text = std::string_view(unescaped_).substr(begin);
    }
    if (fill.slot == Slot::time && text.size() == 1 && text[0] == '0') return false;
    draft.put(fill.slot, fill.rank, text);
  }
  draft.shapes = reading.shapes;
  ++fitted_;
  return true;
}

void Stencils::missed(std::string_view document, const Draft& read, const Parse& parse) {
  if (++misses_ < kMissesToLearn) return;
  misses_ = 0;
  learn(document, read, parse);
}

// REQUIRES: valid JSON. Keys, marks and words (true, null, "") are fixed; strings and numbers are values.
std::optional<Stencils::Cut> Stencils::cut(std::string_view document) {
  Cut cut;
  std::string fixed;
  std::size_t fixed_bytes = 0;
  const auto end_piece = [&](Value value) {
    fixed_bytes += fixed.size();
    cut.marked += fixed;
    cut.pieces.push_back({fixed, value, kNone, kNone, kNone});
    fixed.clear();
    return cut.pieces.size() <= kValuesMax && fixed_bytes <= kFixedBytesMax;
  };
  for (std::size_t at = 0; at < document.size();) {
    if (begins_number(document[at])) {
      if (!end_piece(Value::number)) return std::nullopt;
      cut.marked += std::to_string(kNumberMark + cut.pieces.size() - 1);
      at = end_of_number(document, at);
      continue;
    }
    fixed += document[at];
    if (document[at++] != '"') continue;
    bool escaped;
    const std::size_t end = end_of_string(document, at, &escaped);
    if (end == std::string_view::npos) return std::nullopt;
    std::size_t behind = end + 1;
    while (behind < document.size() && is_space(document[behind])) ++behind;
    const bool is_key = behind < document.size() && document[behind] == ':';
    if (is_key || end == at) {
      fixed += document.substr(at, end + 1 - at);
      at = end + 1;
      continue;
    }
    if (!end_piece(Value::string)) return std::nullopt;
    cut.marked += kTextMark + std::to_string(cut.pieces.size() - 1);
    at = end;
    fixed += document[at++];
  }
  if (!end_piece(Value::end)) return std::nullopt;
  return cut;
}

// Puts the pieces into the tree and returns the last one's index; kNone when the tree is full.
std::uint32_t Stencils::add(std::vector<Piece>& pieces) {
  if (pieces_.size() + pieces.size() > kPiecesMax) return kNone;
  std::uint32_t last = kNone;
  for (Piece& piece : pieces) {
    std::uint32_t* link = last == kNone ? &first_ : &pieces_[last].below;
    for (std::size_t alternatives = 0; *link != kNone && pieces_[*link].text != piece.text; ++alternatives) {
      if (alternatives == kAlternativesMax) return kNone;
      if (pieces_[*link].text.size() < piece.text.size()) break;
      link = &pieces_[*link].next;
    }
    if (*link != kNone && pieces_[*link].text == piece.text) {
      last = *link;
      continue;
    }
    piece.next = *link;
    last = *link = static_cast<std::uint32_t>(pieces_.size());
    pieces_.push_back(std::move(piece));
  }
  return last;
}

void Stencils::forget() {
  pieces_.clear();
  readings_.clear();
  first_ = kNone;
}

// Which value each mark stands for. Nullopt when a text is none: an empty one, which is fixed, or a number with letters in it.
std::optional<Stencils::Reading> Stencils::reading_of(const Draft& marked, std::size_t values) {
  Reading reading;
  reading.shapes = marked.shapes;
  for (std::size_t i = 0; i < kSlots; ++i) {
    const Slot slot = static_cast<Slot>(i);
    if (!marked.has(slot)) continue;
    std::string_view mark = marked[slot];
    const std::uint32_t base = mark.starts_with(kTextMark) ? 0 : kNumberMark;
    if (base == 0) mark.remove_prefix(1);
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(mark.data(), mark.data() + mark.size(), number);
    if (error != std::errc{} || end != mark.data() + mark.size() || number < base || number - base >= values) return std::nullopt;
    reading.fills.push_back({slot, marked.rank(slot), static_cast<std::uint8_t>(number - base)});
  }
  return reading;
}

// What the values mean is asked of the JSON loop: it reads the document with marks for values, and where the marks come out is
// where they belong. Not of OpenTelemetry's documents, whose values say what other values are.
void Stencils::learn(std::string_view document, const Draft& read, const Parse& parse) {
  std::optional<Cut> cut = Stencils::cut(document);
  if (!cut) return;
  const Draft* const marked = parse(cut->marked);
  if (marked == nullptr || !alike(*marked, read)) return;
  std::optional<Reading> reading = reading_of(*marked, cut->pieces.size() - 1);
  if (!reading) return;
  const std::uint32_t end = add(cut->pieces);
  if (end == kNone) return forget();
  if (pieces_[end].reading != kNone) return;
  pieces_[end].reading = static_cast<std::uint32_t>(readings_.size());
  readings_.push_back(std::move(*reading));
}

}  // namespace vpnverdict::dialect
