// A file with a user's dialect: any bytes. It is refused with reasons or works; what works reads its own text without harm.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "pipeline/dialect_file.h"
#include "tests/fuzz/require.h"

namespace {

using namespace vpnverdict;

class Counter : public dialect::MessageSink {
 public:
  void on_event(const Event&, std::uint32_t lines) override { count += lines; }
  void on_ignored(const Event&, std::uint32_t lines) override { count += lines; }
  void on_reject(Reject, Dialect, std::string_view, SourceRef, std::uint32_t lines) override { count += lines; }
  std::uint64_t count = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), std::min<std::size_t>(size, 16'384));
  const DialectsResult result = parse_dialect(text, "fuzz");
  require((result.dialects != nullptr) == result.errors.empty(), "refused with a reason, or taken");
  for (const ConfigError& error : result.errors)
    require(!error.what.empty() && error.where.starts_with("fuzz"), "a reason has a place");
  if (!result.dialects) return 0;
  dialect::Reader reader(result.dialects->set());
  Counter counter;
  std::uint64_t fed = 0;
  for (std::string_view rest = text; !rest.empty(); ++fed) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    dialect::Line line;
    line.text = rest.substr(0, end);
    reader.feed(line, counter);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  reader.flush(counter);
  require(counter.count == fed, "every line is reported once");
  return 0;
}
