#include "pipeline/dialect/dialect_set.h"

#include <algorithm>
#include <limits>

namespace vpnverdict::dialect {
namespace {

constexpr std::size_t kKeyLetters = 4;
constexpr std::size_t kPrefixMax = 64;  // elements of a prefix the walk remembers positions of

bool is_element_letter(char element) { return !is_blank(element) && static_cast<unsigned char>(element) > 2; }

std::size_t bucket_number(const char* folded) {
  std::uint32_t word = 0;
  for (std::size_t i = 0; i < kKeyLetters; ++i) word = (word << 8) | static_cast<unsigned char>(folded[i]);
  return (word * 2654435761U) >> 24;
}

// Number of leading elements that two prefixes share and that the walk may rely on.
std::size_t shared_elements(const std::string& a, const std::string& b) {
  const std::size_t limit = std::min({a.size(), b.size(), kPrefixMax - 1});
  std::size_t n = 0;
  while (n < limit && a[n] == b[n] && static_cast<unsigned char>(a[n]) > 2) ++n;
  return n;
}

}  // namespace

// Walks one bucket in table order. Neighbours often begin alike ("SENDING >>> ISAKMP OAK …"): what the text
// shares with the entry before is not compared again.
class RowIndex::Walk {
 public:
  Walk(const Bucket& bucket, std::string_view text)
      : text_(text), next_(bucket.data()), end_(next_ + bucket.size()) {
    positions_[0] = 0;
  }

  bool done() const { return next_ == end_; }
  std::uint16_t order() const { return next_->order; }

  Matched step(Event& event, const MessageRow** row) {
    const Entry& entry = *next_++;
    *row = entry.row;
    const std::string& prefix = entry.pattern.prefix();
    const std::size_t shared = entry.shared;
    // The entry before failed at an element that this one has, too.
    if (known_ < shared) return Matched::no;
    std::size_t i = shared;
    std::size_t at = position(i);
    const std::size_t limit = std::min(prefix.size(), kPrefixMax - 1);
    // As the device writes it, letter for letter and with single blanks: element i stands at position i.
    const std::string& plain = entry.pattern.plain_prefix();
    if (at == i && plain.size() >= limit && text_.size() >= limit &&
        text_.compare(i, limit - i, plain.data() + i, limit - i) == 0) {
      at = i = limit;
      if (limit > 0 && prefix[limit - 1] == ' ' && at < text_.size() && is_blank(text_[at])) {
        plain_ = std::max(plain_, limit - 1);  // more blanks than one
        while (at < text_.size() && is_blank(text_[at])) ++at;
        positions_[limit] = static_cast<std::uint32_t>(at);
      } else {
        plain_ = std::max(plain_, limit);
      }
    }
    for (; i < limit; ++i) {
      const char element = prefix[i];
      if (element == ' ') {
        const std::size_t begin = at;
        while (at < text_.size() && is_blank(text_[at])) ++at;
        if (at == begin) break;
      } else if (static_cast<unsigned char>(element) <= 2) {
        break;
      } else {
        if (at >= text_.size() || fold(text_[at]) != element) break;
        ++at;
      }
      positions_[i + 1] = static_cast<std::uint32_t>(at);
    }
    known_ = i;
    if (i<limit&& static_cast<unsigned char>(prefix[i])> 2) return Matched::no;
    return entry.pattern.match_from(text_, i, at, event);
  }

 private:
  std::size_t position(std::size_t element) const {
    return element <= plain_ ? element : positions_[element];
  }

  std::string_view text_;
  const Entry* next_;
  const Entry* end_;
  std::size_t known_ = 0;  // elements of the last entry's prefix that the text has
  std::size_t plain_ = 0;  // up to here element and position are the same number
  std::array<std::uint32_t, kPrefixMax> positions_;
};

RowIndex::RowIndex(std::span<const MessageRow> rows) {
  std::uint16_t order = 0;
  for (const MessageRow& row : rows) {
    Entry entry{&row, {}, order++, 0};
    std::string error;
    if (!entry.pattern.compile(row.pattern, &error)) {
      errors_.push_back(std::string(row.pattern) + ": " + error);
      continue;
    }
    const std::string& prefix = entry.pattern.prefix();
    std::size_t letters = 0;
    while (letters < prefix.size() && letters < kKeyLetters && is_element_letter(prefix[letters])) ++letters;
    Bucket& bucket = letters == kKeyLetters ? by_word_[bucket_number(prefix.data())]
                     : letters > 0          ? by_letter_[static_cast<unsigned char>(prefix[0])]
                                            : any_;
    if (!bucket.empty())
      entry.shared = static_cast<std::uint16_t>(shared_elements(bucket.back().pattern.prefix(), prefix));
    bucket.push_back(std::move(entry));
  }
}

std::array<const RowIndex::Bucket*, 3> RowIndex::buckets_of(std::string_view text) const {
  static const Bucket kNone;
  if (text.empty()) return {&kNone, &kNone, &any_};
  const Bucket* word = &kNone;
  if (text.size() >= kKeyLetters) {
    char folded[kKeyLetters];
    for (std::size_t i = 0; i < kKeyLetters; ++i) folded[i] = fold(text[i]);
    word = &by_word_[bucket_number(folded)];
  }
  return {word, &by_letter_[static_cast<unsigned char>(fold(text[0]))], &any_};
}

RowMatch RowIndex::find(std::string_view text, Event& event) const {
  const std::array<const Bucket*, 3> buckets = buckets_of(text);
  Walk walks[] = {{*buckets[0], text}, {*buckets[1], text}, {*buckets[2], text}};
  while (true) {
    Walk* first = nullptr;  // in table order
    for (Walk& walk : walks)
      if (!walk.done() && (first == nullptr || walk.order() < first->order())) first = &walk;
    if (first == nullptr) return {};
    RowMatch match;
    match.order = first->order();
    match.matched = first->step(event, &match.row);
    if (match.matched != Matched::no && match.matched != Matched::partly) return match;
  }
}

RowMatch RowIndex::find_or_wait(std::string_view text, Event& event) const {
  // Shorter beginnings would make the reader wait for almost anything.
  constexpr std::size_t kShortestBeginning = 6;
  const RowMatch match = find(text, event);
  if (text.size() < kShortestBeginning) return match;
  const std::array<const Bucket*, 3> buckets = buckets_of(text);
  Event scratch;
  for (const Bucket* bucket : {buckets[0], buckets[1]})
    for (const Entry& entry : *bucket) {
      if (match.matched != Matched::no && entry.order >= match.order) break;
      if (entry.pattern.match(text, scratch) == Matched::partly)
        return {Matched::partly, nullptr, entry.order};
    }
  return match;
}

std::vector<const MessageRow*> RowIndex::find_all(std::string_view text) const {
  std::vector<const MessageRow*> rows;
  Event event;
  for (const Bucket* bucket : buckets_of(text))
    for (const Entry& entry : *bucket)
      if (entry.pattern.match(text, event) == Matched::yes) rows.push_back(entry.row);
  return rows;
}

DialectSet::DialectSet(std::span<const DialectTable* const> tables) {
  tables_.reserve(tables.size());
  for (const DialectTable* table : tables) tables_.emplace_back(*table);
  for (std::size_t i = 0; i < tables_.size(); ++i)
    for (std::size_t k = 0; k < i; ++k)
      if (tables_[i].table->shape == nullptr && tables_[k].table->id == tables_[i].table->id &&
          tables_[k].table->cut_header == tables_[i].table->cut_header) {
        tables_[i].first_of_its_dialect = false;
        tables_[i].sibling = static_cast<int>(k);
        tables_[k].sibling = static_cast<int>(i);
      }
}

const DialectSet& builtin_dialects() {
  static const DialectSet kSet(all_dialects());
  return kSet;
}

}  // namespace vpnverdict::dialect
