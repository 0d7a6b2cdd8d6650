// A user's own dialect: rows and header as text (pipeline/dialect_file.h reads them from YAML), compiled into the
// structures of the built-in tables and checked from its own samples. Everything is bounded. Constant once built;
// any thread may read.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/dialect/dialect.h"
#include "pipeline/dialect/dialect_set.h"
#include "pipeline/dialect/header_shape.h"

namespace vpnverdict::dialect {

inline constexpr std::size_t kUserDialectsMax = 16;
inline constexpr std::size_t kUserRowsMax = 1'000;
inline constexpr std::size_t kUserHeadersMax = 8;
inline constexpr std::size_t kUserNameBytesMax = 32;
inline constexpr std::size_t kUserPatternBytesMax = 1'024;
inline constexpr std::size_t kUserSampleBytesMax = 4'096;

struct UserRow {
  std::string id;
  FactMask says;
  std::string pattern;
  std::string sample;
  std::map<std::string, std::string> fields;  // what the sample must yield: peer, gateway, group, user, …
  std::string from;
  int line = 0;  // of the file, for errors
};

struct UserNotOurs {
  std::string sample;
  std::string why;
  int line = 0;
};

struct UserDialectText {
  std::string name;
  Vantage side = Vantage::concentrator;
  std::string program;
  std::vector<std::string> headers;
  bool continues = false;
  std::vector<UserRow> rows;
  std::vector<UserNotOurs> not_ours;
  int line = 0;         // of the name
  int header_line = 0;  // of the header
};

struct DialectFault {
  int line = 0;
  std::string what;
  bool warning = false;  // the dialect works, but some line could be read wrongly
};

// The names that `fields` may use, in the order of the documentation.
std::vector<std::string_view> sample_field_names();

class UserDialect {
 public:
  // What does not compile is a fault and matches nothing.
  explicit UserDialect(UserDialectText text);
  UserDialect(const UserDialect&) = delete;
  UserDialect& operator=(const UserDialect&) = delete;

  const UserDialectText& text() const { return text_; }
  const DialectTable& table() const { return table_; }
  const std::vector<DialectFault>& faults() const { return faults_; }

 private:
  void compile_header();
  void compile_rows();
  void fault(int line, std::string what) { faults_.push_back({line, std::move(what), false}); }

  UserDialectText text_;
  HeaderShape shape_;
  std::vector<MessageRow> rows_;
  std::vector<NotOurs> not_ours_;
  DialectTable table_;
  std::vector<DialectFault> faults_;
};

// The built-in dialects and behind them the user's: a line of a built-in dialect is never a user's.
class UserDialects {
 public:
  explicit UserDialects(std::vector<std::unique_ptr<UserDialect>> dialects);
  const DialectSet& set() const { return set_; }
  const std::vector<std::unique_ptr<UserDialect>>& dialects() const { return dialects_; }
  // Reads every sample of the dialect with this number as a log would be read, and says what is not as written.
  std::vector<DialectFault> check(std::size_t number) const;

 private:
  std::vector<std::unique_ptr<UserDialect>> dialects_;
  DialectSet set_;
};

}  // namespace vpnverdict::dialect
