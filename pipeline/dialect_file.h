// A user's own dialects: YAML files to compiled and checked tables. The form of the file is in
// deploy/dialect.example.yaml, the words of its patterns in pipeline/dialect/README.md.
// Errors are collected, never thrown: all of them come back at once, each with file and line.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/config.h"
#include "pipeline/dialect/user_dialect.h"

namespace vpnverdict {

inline constexpr std::size_t kDialectFileBytesMax = std::size_t{4} << 20;

struct DialectsResult {
  std::shared_ptr<const dialect::UserDialects> dialects;  // null when there are errors
  std::vector<ConfigError> errors;
  std::vector<ConfigError> warnings;
};

// Reads the files and checks every row of them from its sample, each dialect among the built-in and the other ones.
DialectsResult load_dialects(const std::vector<std::string>& paths);
// The same of one text that is already here; `name` stands in the errors.
DialectsResult parse_dialect(std::string_view yaml, const std::string& name);

}  // namespace vpnverdict
