// A file of any bytes, line by line: lines in = lines reported + lines held, at every line.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "correlator/limits.h"
#include "pipeline/dialect/dialect.h"
#include "tests/fuzz/require.h"

namespace {

using namespace vpnverdict;

class Counter : public dialect::MessageSink {
 public:
  void on_event(const Event&, std::uint32_t lines) override { lines_ += lines; }
  void on_ignored(const Event&, std::uint32_t lines) override { lines_ += lines; }
  void on_reject(Reject, Dialect, std::string_view, SourceRef, std::uint32_t lines) override {
    lines_ += lines;
  }
  std::uint64_t lines() const { return lines_; }

 private:
  std::uint64_t lines_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  dialect::Reader reader;
  Counter counter;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  std::uint64_t fed = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string copy(text.substr(0, end));  // gone before the next line comes
    dialect::Line line;
    line.text = copy;
    line.host = "host";
    line.ref.position = ++fed;
    reader.feed(line, counter);
    require(fed == counter.lines() + reader.held_lines(), "lines in = lines out + lines held");
    require(reader.held_lines() <= kMessageLinesMax, "what is held is bounded");
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  reader.flush(counter);
  require(fed == counter.lines(), "lines in = lines out");
  return 0;
}
