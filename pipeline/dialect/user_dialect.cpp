#include "pipeline/dialect/user_dialect.h"

#include <algorithm>
#include <utility>

namespace vpnverdict::dialect {
namespace {

std::string quoted(std::string_view text) {
  constexpr std::size_t kShown = 80;
  std::string out = "\"";
  out.append(text.substr(0, kShown)).append(text.size() > kShown ? "…\"" : "\"");
  return out;
}

bool is_name_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'; }

// A part of every header, so that a line without it need not be tried with each.
std::string common_mark(const std::vector<Pattern>& patterns) {
  std::string_view best;
  for (const Pattern& pattern : patterns) {
    const std::string_view mark = pattern.longest_literal();
    const bool common =
        std::all_of(patterns.begin(), patterns.end(), [&](const Pattern& other) { return other.has_literal(mark); });
    if (common && mark.size() > best.size()) best = mark;
  }
  return std::string(best);
}

std::vector<const DialectTable*> tables_of(const std::vector<std::unique_ptr<UserDialect>>& dialects) {
  std::vector<const DialectTable*> tables(all_dialects().begin(), all_dialects().end());
  for (const auto& dialect : dialects) tables.push_back(&dialect->table());
  return tables;
}

}  // namespace

UserDialect::UserDialect(UserDialectText text) : text_(std::move(text)) {
  const std::string& name = text_.name;
  if (name.empty() || name.size() > kUserNameBytesMax || !std::all_of(name.begin(), name.end(), is_name_letter))
    fault(text_.line, "a dialect's name is 1 to 32 of a-z, 0-9, _ and -");
  if (std::find(std::begin(kDialectNames), std::end(kDialectNames), name) != std::end(kDialectNames))
    fault(text_.line, quoted(name) + " is the name of a built-in dialect");
  compile_header();
  compile_rows();
  table_ = {.id = Dialect::custom,
            .vantage = text_.side,
            .continues = text_.continues,
            .cut_header = nullptr,
            .rows = rows_,
            .not_ours = not_ours_,
            .shape = &shape_};
}

void UserDialect::compile_header() {
  if (text_.headers.empty() && text_.program.empty())
    fault(text_.line, "a dialect needs a header or a program: what shows that a line is its own?");
  shape_.program = text_.program;
  for (const std::string& header : text_.headers) {
    Pattern pattern;
    std::string error;
    if (shape_.patterns.size() == kUserHeadersMax) {
      fault(text_.header_line, "more than 8 headers");
      break;
    }
    if (!pattern.compile(header, &error, PatternKind::header)) {
      fault(text_.header_line, "header " + quoted(header) + ": " + error);
    } else if (text_.program.empty() && pattern.longest_literal().size() < 3) {
      fault(text_.header_line,
            "header " + quoted(header) + ": without a program it needs three letters of its own, or it would take any line");
    } else {
      shape_.patterns.push_back(std::move(pattern));
    }
  }
  if (!text_.program.empty())
    shape_.mark = text_.program;
  else
    shape_.mark = common_mark(shape_.patterns);
}

void UserDialect::compile_rows() {
  if (text_.rows.empty()) fault(text_.line, "a dialect needs rows");
  for (const UserRow& row : text_.rows) {
    Pattern pattern;
    std::string error;
    if (!pattern.compile(row.pattern, &error)) fault(row.line, "pattern " + quoted(row.pattern) + ": " + error);
    row.says.for_each([&](Fact fact) {
      if (vantage_of(fact) != text_.side)
        fault(row.line, "the fact " + std::string(name_of(fact)) + " is not of the " +
                            (text_.side == Vantage::client ? "client's" : "concentrator's") + " side");
    });
    rows_.push_back({row.id, row.says, row.pattern, row.sample, "", row.from});
  }
  for (const UserNotOurs& line : text_.not_ours) not_ours_.push_back({line.sample, line.why});
}

UserDialects::UserDialects(std::vector<std::unique_ptr<UserDialect>> dialects)
    : dialects_(std::move(dialects)), set_(tables_of(dialects_)) {}

}  // namespace vpnverdict::dialect
