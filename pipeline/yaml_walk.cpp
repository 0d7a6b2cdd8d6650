#include "pipeline/yaml_walk.h"

#include <filesystem>
#include <fstream>

namespace vpnverdict {

std::string in_quotes(std::string_view text) {
  constexpr std::size_t kShown = 60;
  std::string out = "\"" + std::string(text.substr(0, kShown));
  return out + (text.size() > kShown ? "…\"" : "\"");
}

std::optional<std::string> read_file(const std::string& path, std::size_t bytes_max) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return std::nullopt;
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  std::string text;
  char step[64 * 1024];  // the size of what is no regular file is not known
  while (in.read(step, sizeof step), in.gcount() > 0) {
    text.append(step, static_cast<std::size_t>(in.gcount()));
    if (text.size() > bytes_max) return std::nullopt;
  }
  return text;
}

void Walk::error(const YAML::Node& node, std::string what) {
  const int line = node.Mark().line;
  errors_.push_back({line >= 0 ? name_ + ":" + std::to_string(line + 1) : name_, std::move(what)});
}

std::optional<YAML::Node> Walk::parse(std::string_view text) {
  try {
    return YAML::Load(std::string(text));
  } catch (const YAML::Exception& e) {
    errors_.push_back({name_ + ":" + std::to_string(e.mark.line + 1), "not valid YAML: " + e.msg});
  }
  return std::nullopt;
}

std::vector<std::string> Walk::strings(const YAML::Node& node, std::string_view what) {
  std::vector<std::string> out;
  if (node.IsNull()) return out;
  if (node.IsScalar()) {
    error(node, std::string(what) + " must be a list, as in [a, b]");
    return out;
  }
  if (!node.IsSequence()) {
    error(node, std::string(what) + " must be a list");
    return out;
  }
  for (const auto& item : node) {
    if (!item.IsScalar() || item.Scalar().empty()) {
      error(item, std::string(what) + " must hold plain words");
    } else {
      out.push_back(item.Scalar());
    }
  }
  return out;
}

std::string Walk::scalar(const YAML::Node& node, std::string_view what) {
  if (node.IsNull()) return "";
  if (node.IsScalar()) return node.Scalar();
  error(node, std::string(what) + " must be one plain value");
  return "";
}

}  // namespace vpnverdict
