// What the readers of YAML files share: a walk that collects every error with file and line, and the words of
// those errors. Only for config.cpp and dialect_file.cpp: a YAML type never leaves them.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <yaml-cpp/yaml.h>

#include "correlator/letters.h"
#include "pipeline/config.h"

namespace vpnverdict {

std::string in_quotes(std::string_view text);
// Nothing when it cannot be read or holds more than `bytes_max`.
std::optional<std::string> read_file(const std::string& path, std::size_t bytes_max);

// " (did you mean X?)" when something is near, else nothing.
template <typename Names>
std::string did_you_mean(std::string_view name, const Names& names) {
  std::size_t best = name.size() / 3 + 2;
  std::string_view found;
  for (const std::string_view candidate : names) {
    const std::size_t distance = edit_distance(name.substr(0, kEditDistanceMax), candidate, std::equal_to<>());
    if (distance < best) {
      best = distance;
      found = candidate;
    }
  }
  return found.empty() ? "" : " (did you mean " + std::string(found) + "?)";
}

// Walks a YAML document and collects what it finds wrong. One per file.
class Walk {
 public:
  Walk(std::string name, std::vector<ConfigError>& errors) : name_(std::move(name)), errors_(errors) {}

  void error(const YAML::Node& node, std::string what);

  // The document, or nothing (then the error is noted).
  std::optional<YAML::Node> parse(std::string_view text);

  // Calls visit(key, key node, value) for each entry of a mapping, once per key.
  template <typename Visit>
  void each(const YAML::Node& map, std::string_view what, Visit visit) {
    if (map.IsNull()) return;
    if (!map.IsMap()) return error(map, std::string(what) + " must be a mapping (key: value lines)");
    std::set<std::string> seen;
    for (const auto& entry : map) {
      if (!entry.first.IsScalar()) {
        error(entry.first, std::string(what) + " has a key that is no plain word");
        continue;
      }
      const std::string key = entry.first.Scalar();
      if (!seen.insert(key).second) {
        error(entry.first, std::string(what) + " says " + in_quotes(key) + " twice");
        continue;
      }
      visit(key, entry.first, entry.second);
    }
  }

  std::vector<std::string> strings(const YAML::Node& node, std::string_view what);
  std::string scalar(const YAML::Node& node, std::string_view what);

 private:
  std::string name_;
  std::vector<ConfigError>& errors_;
};

}  // namespace vpnverdict
