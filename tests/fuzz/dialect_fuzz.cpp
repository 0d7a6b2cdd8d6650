// One record at a time, as Kafka delivers them: any bytes. Every record is reported exactly once, names keep
// their bounds, and what the reader hands out lies within what it was given.
#include <cstdint>
#include <string>
#include <string_view>

#include "correlator/limits.h"
#include "pipeline/dialect/dialect.h"
#include "tests/fuzz/require.h"

namespace {

using namespace vpnverdict;

class Checker : public dialect::MessageSink {
 public:
  void on_event(const Event& event, std::uint32_t lines) override {
    require(!event.says.empty(), "an event says something");
    check(event, lines);
  }
  void on_ignored(const Event& event, std::uint32_t lines) override {
    require(event.says.empty(), "an ignored line says nothing");
    check(event, lines);
  }
  void on_reject(Reject, Dialect, std::string_view text, SourceRef, std::uint32_t lines) override {
    bytes_ += text.size();
    lines_ += lines;
  }
  std::uint64_t lines() const { return lines_; }

 private:
  void check(const Event& event, std::uint32_t lines) {
    require(lines > 0, "a message has a line");
    for (std::string_view name : {event.group, event.user})
      require(name.size() <= kNameBytesMax, "a name is bounded");
    for (std::string_view view : {event.device, event.peer, event.gateway, event.address, event.pool,
                                  event.server, event.message, event.text})
      for (char c : view) bytes_ += static_cast<unsigned char>(c);  // a sanitizer watches these reads
    lines_ += lines;
  }
  std::uint64_t lines_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  dialect::Reader reader;
  Checker checker;
  // A copy of exactly this size: a read beyond it is a read beyond the heap block.
  const std::string record(reinterpret_cast<const char*>(data), size);
  for (int twice = 0; twice < 2; ++twice) {  // the second time the reader already knows a dialect
    dialect::Line line;
    line.text = record;
    line.complete = true;
    line.ref.position = static_cast<std::uint64_t>(twice) + 1;
    reader.feed(line, checker);
    require(reader.held_lines() == 0, "a complete record is not held");
    require(checker.lines() == static_cast<std::uint64_t>(twice) + 1, "one record, one report");
  }
  return 0;
}
