#include "pipeline/dialect/dialect_set.h"

#include <algorithm>
#include <limits>

namespace vpnverdict::dialect {
namespace {

constexpr std::size_t kKeyLetters = 4;
constexpr std::size_t kPrefixMax = 64;  // elements of a prefix the walk remembers positions of

bool is_element_letter(char element) { return !is_blank(element) && static_cast<unsigned char>(element) > 2; }

std::uint32_t with_letter(std::uint32_t word, char letter) { return word << 8 | static_cast<unsigned char>(fold(letter)); }
std::uint32_t hash_letters(std::uint32_t word) { return word * 2654435761U; }
std::size_t start_number(std::uint32_t word) { return hash_letters(word) >> 20; }

// REQUIRES: kKeyLetters of them.
std::size_t bucket_number(std::string_view text) {
  std::uint32_t word = 0;
  for (std::size_t i = 0; i < kKeyLetters; ++i) word = with_letter(word, text[i]);
  return hash_letters(word) >> 24;
}

// How many letters the text begins with that a key is made of.
std::size_t key_letters(std::string_view elements) {
  std::size_t letters = 0;
  while (letters < elements.size() && letters < kKeyLetters && is_element_letter(elements[letters])) ++letters;
  return letters;
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
    const std::size_t letters = key_letters(prefix);
    Bucket& bucket = letters == kKeyLetters ? by_word_[bucket_number(prefix)]
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
  if (text.size() >= kKeyLetters) word = &by_word_[bucket_number(text)];
  return {word, &by_letter_[static_cast<unsigned char>(fold(text[0]))], &any_};
}

RowMatch RowIndex::find(std::string_view text, Event& event) const {
  const std::array<const Bucket*, 3> buckets = buckets_of(text);
  if (buckets[0]->empty() && buckets[1]->empty() && buckets[2]->empty()) return {};
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
  for (const CompiledTable& each : tables_) {
    if (each.first_of_its_dialect) headed_.push_back(static_cast<int>(&each - tables_.data()));
    if (each.first_of_its_dialect && each.table->cut_tagged != nullptr) tagged_.push_back(headed_.back());
    if (!each.table->headerless) continue;
    for (std::string_view start : each.table->prefix_starts) add_start(start);
    each.index.each_prefix([this](std::string_view prefix) { add_start(prefix); });
  }
}

void DialectSet::add_start(std::string_view folded) {
  std::uint32_t word = 0;
  for (const char letter : folded.substr(0, key_letters(folded))) word = with_letter(word, letter);
  starts_.set(start_number(word));
}

bool DialectSet::may_be_headerless(std::string_view text) const {
  std::uint32_t word = 0;
  bool may = starts_.test(start_number(word));  // a row that begins with a hole
  for (const char letter : text.substr(0, kKeyLetters)) {
    word = with_letter(word, letter);
    may = may || starts_.test(start_number(word));
  }
  return may || text.empty();
}

const DialectSet& builtin_dialects() {
  static const DialectSet kSet(all_dialects());
  return kSet;
}

}  // namespace vpnverdict::dialect
