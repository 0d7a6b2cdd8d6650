// Dialect tables compiled for matching: every row's pattern, and an index from the first bytes of a text to
// the rows that can match it. Constant once built; any thread may read.
#pragma once

#include <array>
#include <bitset>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/dialect/dialect.h"
#include "pipeline/dialect/pattern.h"

namespace vpnverdict::dialect {

// Headerless messages longer than this are not put together.
inline constexpr std::uint32_t kFragmentLinesMax = 6;

struct RowMatch {
  Matched matched = Matched::no;
  const MessageRow* row = nullptr;  // when matched is yes, bad_field or ambiguous_field
  std::uint16_t order = 0;          // of the row in its table
};

class RowIndex {
 public:
  // Rows whose pattern does not compile never match; errors() names them.
  explicit RowIndex(std::span<const MessageRow> rows);

  // The first row, in table order, that matches the whole of `text` (trimmed). Fields go to `event`.
  RowMatch find(std::string_view text, Event& event) const;
  // The same, and Matched::partly when more lines may complete a row that stands before the matching one.
  RowMatch find_or_wait(std::string_view text, Event& event) const;
  // All rows that match; for tests.
  std::vector<const MessageRow*> find_all(std::string_view text) const;

  const std::vector<std::string>& errors() const { return errors_; }
  // f(what stands before the first hole, folded) for each row.
  template <class F>
  void each_prefix(F&& f) const {
    for (const auto* buckets : {&by_word_, &by_letter_})
      for (const Bucket& bucket : *buckets)
        for (const Entry& entry : bucket) f(entry.pattern.prefix());
    for (const Entry& entry : any_) f(entry.pattern.prefix());
  }

 private:
  struct Entry {
    const MessageRow* row;
    Pattern pattern;
    std::uint16_t order;
    std::uint16_t shared = 0;  // leading pattern elements shared with the entry before it in its bucket
  };
  using Bucket = std::vector<Entry>;
  class Walk;

  static constexpr std::size_t kBuckets = 256;
  // The buckets whose rows can match the text, at most three.
  std::array<const Bucket*, 3> buckets_of(std::string_view text) const;

  std::array<Bucket, kBuckets> by_word_;    // by the first four letters of the first word
  std::array<Bucket, kBuckets> by_letter_;  // by the first letter, when the first word is shorter
  Bucket any_;                              // rows that begin with a hole
  std::vector<std::string> errors_;
};

struct CompiledTable {
  explicit CompiledTable(const DialectTable& source) : table(&source), index(source.rows) {}
  const DialectTable* table;
  RowIndex index;
  int sibling = -1;                  // the same dialect seen from the other side
  bool first_of_its_dialect = true;  // only this one is asked for headers
};

class DialectSet {
 public:
  explicit DialectSet(std::span<const DialectTable* const> tables);
  std::span<const CompiledTable> tables() const { return tables_; }
  // Those that are asked for headers, in their order.
  std::span<const int> headed() const { return headed_; }
  // Those that know the programs whose texts bear no mark.
  std::span<const int> tagged() const { return tagged_; }
  // False when no row of a table whose rows are tried without a header begins like the text, nor what its cut_prefix cuts: so it
  // is with nearly all that other programs write.
  bool may_be_headerless(std::string_view text) const;

 private:
  void add_start(std::string_view folded);

  std::vector<CompiledTable> tables_;
  std::vector<int> headed_;
  std::vector<int> tagged_;
  std::bitset<4096> starts_;  // of headerless texts: their first letters, four or fewer, hashed
};

// The built-in tables, compiled at first use.
const DialectSet& builtin_dialects();

}  // namespace vpnverdict::dialect
