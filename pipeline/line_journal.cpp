#include "pipeline/line_journal.h"

#include <charconv>
#include <filesystem>
#include <iterator>

namespace vpnverdict {
namespace {

template <class Number>
bool take(std::string_view& bytes, Number& out) {
  const auto [rest, failed] = std::from_chars(bytes.data(), bytes.data() + bytes.size(), out);
  if (failed != std::errc() || rest == bytes.data() + bytes.size() || *rest != ' ') return false;
  bytes.remove_prefix(static_cast<std::size_t>(rest + 1 - bytes.data()));
  return true;
}

// "<position> <arrived> <length> <text>\n"
bool take(std::string_view& bytes, LineJournal::Entry& out) {
  std::size_t size = 0;
  if (!take(bytes, out.position) || !take(bytes, out.arrived) || !take(bytes, size)) return false;
  if (size >= bytes.size() || bytes[size] != '\n') return false;
  out.text = bytes.substr(0, size);
  bytes.remove_prefix(size + 1);
  return true;
}

}  // namespace

void LineJournal::read(const std::function<void(const Entry&)>& take_entry) const {
  std::ifstream in(path_, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  std::string_view rest = bytes;
  for (Entry entry; take(rest, entry);) take_entry(entry);
}

bool LineJournal::open() {
  if (path_.empty()) return true;
  out_.open(path_, std::ios::binary | std::ios::app);
  return out_.good();
}

void LineJournal::add(const Entry& entry) {
  if (path_.empty()) return;
  std::string line = std::to_string(entry.position) + ' ' + std::to_string(entry.arrived) + ' ' + std::to_string(entry.text.size()) + ' ';
  line += entry.text;
  line += '\n';
  out_ << line;
  bytes_ += line.size();
}

bool LineJournal::flush() { return path_.empty() || out_.flush().good(); }

bool LineJournal::clear() {
  if (path_.empty()) return true;
  out_.close();
  out_.clear();
  out_.open(path_, std::ios::binary | std::ios::trunc);
  bytes_ = 0;
  return out_.good();
}

}  // namespace vpnverdict
