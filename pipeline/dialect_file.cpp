#include "pipeline/dialect_file.h"

#include <algorithm>
#include <utility>

#include "pipeline/yaml_walk.h"

namespace vpnverdict {
namespace {

using dialect::UserDialect;
using dialect::UserDialects;
using dialect::UserDialectText;
using dialect::UserNotOurs;
using dialect::UserRow;

constexpr std::string_view kDialectKeys[] = {"dialect", "side", "program", "header", "continues", "rows", "not_ours"};
constexpr std::string_view kRowKeys[] = {"id", "says", "pattern", "sample", "fields", "from"};
constexpr std::string_view kNotOursKeys[] = {"sample", "why"};
constexpr std::size_t kNotOursMax = 200;
constexpr std::size_t kErrorsMax = 50;  // of one file that are told

int line_of(const YAML::Node& node) { return node.Mark().line + 1; }

std::vector<std::string_view> fact_names() {
  std::vector<std::string_view> names;
  for (const FactRow& row : kFacts) names.push_back(row.name);
  return names;
}

// One plain value of at most `bytes_max` bytes.
std::string text_of(Walk& walk, const YAML::Node& node, const std::string& key, std::size_t bytes_max) {
  std::string text = walk.scalar(node, key);
  if (text.size() > bytes_max) {
    walk.error(node, key + " has " + std::to_string(text.size()) + " bytes, allowed are " + std::to_string(bytes_max));
    text.clear();
  }
  return text;
}

FactMask facts_of(Walk& walk, const YAML::Node& node) {
  FactMask facts;
  for (const std::string& name : walk.strings(node, "says")) {
    Fact fact{};
    if (!fact_named(name, &fact)) {
      walk.error(node, "no fact has the name " + in_quotes(name) + did_you_mean(name, fact_names()));
    } else if (row_of(fact).kind == FactKind::witness && fact != Fact::concentrator_started &&
               fact != Fact::concentrator_address_released) {
      walk.error(node, in_quotes(name) + " is worked out from whole logs, no line says it");
    } else {
      facts.insert(fact);
    }
  }
  return facts;
}

void read_fields(Walk& walk, const YAML::Node& node, UserRow& row) {
  const std::vector<std::string_view> names = dialect::sample_field_names();
  walk.each(node, "fields", [&](const std::string& key, const YAML::Node& at, const YAML::Node& value) {
    if (std::find(names.begin(), names.end(), key) == names.end())
      return walk.error(at, "no field has the name " + in_quotes(key) + did_you_mean(key, names));
    row.fields[key] = text_of(walk, value, key, dialect::kUserSampleBytesMax);
  });
}

UserRow read_row(Walk& walk, const YAML::Node& node) {
  UserRow row;
  row.line = line_of(node);
  walk.each(node, "a row", [&](const std::string& key, const YAML::Node& at, const YAML::Node& value) {
    if (key == "id") {
      row.id = text_of(walk, value, key, dialect::kUserNameBytesMax);
    } else if (key == "says") {
      row.says = facts_of(walk, value);
    } else if (key == "pattern") {
      row.pattern = text_of(walk, value, key, dialect::kUserPatternBytesMax);
    } else if (key == "sample") {
      row.sample = text_of(walk, value, key, dialect::kUserSampleBytesMax);
    } else if (key == "fields") {
      read_fields(walk, value, row);
    } else if (key == "from") {
      row.from = text_of(walk, value, key, dialect::kUserSampleBytesMax);
    } else {
      walk.error(at, "unknown key " + in_quotes(key) + " of a row" + did_you_mean(key, kRowKeys));
    }
  });
  while (!row.sample.empty() && (row.sample.back() == '\n' || row.sample.back() == '\r')) row.sample.pop_back();
  if (row.pattern.empty() || row.sample.empty()) walk.error(node, "a row needs a pattern and a sample");
  return row;
}

UserNotOurs read_not_ours(Walk& walk, const YAML::Node& node) {
  UserNotOurs line;
  line.line = line_of(node);
  walk.each(node, "a line that is not ours", [&](const std::string& key, const YAML::Node& at, const YAML::Node& value) {
    if (key == "sample") {
      line.sample = text_of(walk, value, key, dialect::kUserSampleBytesMax);
    } else if (key == "why") {
      line.why = text_of(walk, value, key, dialect::kUserSampleBytesMax);
    } else {
      walk.error(at, "unknown key " + in_quotes(key) + did_you_mean(key, kNotOursKeys));
    }
  });
  if (line.sample.empty() || line.why.empty()) walk.error(node, "a line that is not ours needs a sample and a why");
  return line;
}

// Calls read(item) for the items of a list, at most `most`.
template <typename Read>
void read_list(Walk& walk, const YAML::Node& node, const std::string& key, std::size_t most, Read read) {
  if (node.IsNull()) return;
  if (!node.IsSequence()) return walk.error(node, key + " must be a list");
  if (node.size() > most)
    return walk.error(node, key + " has " + std::to_string(node.size()) + " items, allowed are " + std::to_string(most));
  for (const auto& item : node) read(item);
}

void read_header(Walk& walk, const YAML::Node& node, UserDialectText& out) {
  out.header_line = line_of(node);
  if (node.IsScalar()) {
    out.headers.push_back(text_of(walk, node, "header", dialect::kUserPatternBytesMax));
    return;
  }
  read_list(walk, node, "header", dialect::kUserHeadersMax,
            [&](const YAML::Node& item) { out.headers.push_back(text_of(walk, item, "header", dialect::kUserPatternBytesMax)); });
}

void read_key(Walk& walk, const std::string& key, const YAML::Node& at, const YAML::Node& value, UserDialectText& out) {
  if (key == "dialect") {
    out.name = walk.scalar(value, key);
    out.line = line_of(at);
  } else if (key == "side") {
    const std::string side = walk.scalar(value, key);
    if (side != "client" && side != "concentrator")
      walk.error(value, "side is " + in_quotes(side) + ", allowed are client and concentrator");
    out.side = side == "client" ? Vantage::client : Vantage::concentrator;
  } else if (key == "program") {
    out.program = text_of(walk, value, key, dialect::kUserNameBytesMax);
  } else if (key == "header") {
    read_header(walk, value, out);
  } else if (key == "continues") {
    const std::string word = walk.scalar(value, key);
    if (word != "true" && word != "false") walk.error(value, "continues is true or false");
    out.continues = word == "true";
  } else if (key == "rows") {
    read_list(walk, value, key, dialect::kUserRowsMax, [&](const YAML::Node& item) { out.rows.push_back(read_row(walk, item)); });
  } else if (key == "not_ours") {
    read_list(walk, value, key, kNotOursMax, [&](const YAML::Node& item) { out.not_ours.push_back(read_not_ours(walk, item)); });
  } else {
    walk.error(at, "unknown key " + in_quotes(key) + did_you_mean(key, kDialectKeys));
  }
}

UserDialectText read_dialect(Walk& walk, std::string_view yaml, const std::string& name, std::vector<ConfigError>& errors) {
  UserDialectText out;
  const auto document = walk.parse(yaml);
  if (!document) return out;
  bool side = false;
  walk.each(*document, "a dialect", [&](const std::string& key, const YAML::Node& at, const YAML::Node& value) {
    side = side || key == "side";
    read_key(walk, key, at, value, out);
  });
  if (errors.empty() && out.name.empty()) errors.push_back({name, "`dialect` is missing: give it a name"});
  if (errors.empty() && !side) errors.push_back({name, "`side` is missing: client or concentrator"});
  return out;
}

struct Named {
  std::string name;
  std::string text;
};

DialectsResult compile(const std::vector<Named>& files) {
  DialectsResult result;
  std::vector<std::unique_ptr<UserDialect>> dialects;
  for (const Named& file : files) {
    std::vector<ConfigError> errors;
    Walk walk(file.name, errors);
    dialects.push_back(std::make_unique<UserDialect>(read_dialect(walk, file.text, file.name, errors)));
    if (errors.size() > kErrorsMax) errors.resize(kErrorsMax);
    result.errors.insert(result.errors.end(), errors.begin(), errors.end());
  }
  if (!result.errors.empty()) return result;
  const auto compiled = std::make_shared<const UserDialects>(std::move(dialects));
  for (std::size_t i = 0; i < files.size(); ++i) {
    std::size_t told = 0;
    for (const dialect::DialectFault& fault : compiled->check(i)) {
      if (++told > kErrorsMax) break;
      const std::string where = files[i].name + (fault.line > 0 ? ":" + std::to_string(fault.line) : "");
      (fault.warning ? result.warnings : result.errors).push_back({where, fault.what});
    }
  }
  if (result.errors.empty()) result.dialects = compiled;
  return result;
}

}  // namespace

DialectsResult load_dialects(const std::vector<std::string>& paths) {
  DialectsResult result;
  std::vector<Named> files;
  if (paths.size() > dialect::kUserDialectsMax) {
    result.errors.push_back({paths.back(), "more than " + std::to_string(dialect::kUserDialectsMax) + " dialects"});
    return result;
  }
  for (const std::string& path : paths) {
    auto text = read_file(path, kDialectFileBytesMax);
    if (text)
      files.push_back({path, std::move(*text)});
    else
      result.errors.push_back({path, "cannot be read, or is larger than 4 MiB"});
  }
  return result.errors.empty() ? compile(files) : result;
}

DialectsResult parse_dialect(std::string_view yaml, const std::string& name) {
  if (yaml.size() > kDialectFileBytesMax) return {nullptr, {{name, "is larger than 4 MiB"}}, {}};
  return compile({{name, std::string(yaml)}});
}

}  // namespace vpnverdict
