#include "pipeline/line_journal.h"

#include <filesystem>
#include <iterator>

#include "pipeline/decimal_bytes.h"

namespace vpnverdict {
namespace {

// "<position> <arrived> <length> <text>\n"
bool take(std::string_view& bytes, LineJournal::Entry& out) {
  if (!take_number(bytes, out.position) || !take_number(bytes, out.arrived) || !take_text(bytes, out.text)) return false;
  if (!bytes.starts_with('\n')) return false;
  bytes.remove_prefix(1);
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
  std::string line;
  put_number(line, entry.position);
  put_number(line, entry.arrived);
  put_text(line, entry.text);
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
