// Any bytes into Envelope: no crash, no read behind the input, no payload without a word, only valid UTF-8 out, and the
// same answer from two Envelopes that have seen different numbers of payloads before. Differential: the bytes as a JSON string and as
// plain text give the same text.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "correlator/limits.h"
#include "pipeline/dialect/envelope.h"
#include "pipeline/dialect/envelope_repair.h"
#include "pipeline/dialect/syslog.h"

namespace {

using namespace vpnverdict;
using namespace vpnverdict::dialect;

void require(bool condition) {
  if (!condition) std::abort();
}

bool is_utf8(std::string_view text) {
  std::string repaired;
  repair_utf8(text, repaired);
  return repaired == text;
}

std::string open_all(Envelope& envelope, std::string_view payload) {
  std::string seen;
  envelope.open(
      payload, SourceRef{}, 1'764'072'000'000,
      [&](const Line& line) {
        require(line.text.size() <= kLineBytesMax);
        for (std::string_view view : {line.text, line.host, line.peer, line.group, line.user, line.program}) {
          require(is_utf8(view));
          seen.append(view).push_back('\x01');
        }
        SyslogHeader header;
        cut_syslog(line.text, 2025, &header);
        seen += std::to_string(line.received);
      },
      [&](Reject reason, std::string_view) { seen.append(name_of(reason)).push_back('\x02'); });
  require(!seen.empty());
  return seen;
}

std::string as_json(std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string out = "{\"message\":\"";
  for (char c : text) {
    const unsigned byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || c == '"' || c == '\\') {
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
  return out + "\"}";
}

std::string single_text(Envelope& envelope, std::string_view payload) {
  std::string text = "\x02";
  envelope.open(
      payload, SourceRef{}, 0, [&](const Line& line) { text = line.text; }, [](Reject, std::string_view) {});
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Envelope used;
  const std::string_view payload(reinterpret_cast<const char*>(data), size);
  static Envelope younger;  // making one is slow beside a short payload
  static unsigned inputs = 0;
  if (++inputs % 32 == 0) younger = Envelope();
  require(open_all(used, payload) == open_all(younger, payload));

  // Text that is one plain line and does not look like an envelope itself. "p" in front makes sure of both.
  const std::string line = "p" + std::string(payload.substr(0, payload.find_first_of("\n")));
  require(single_text(used, line) == single_text(used, as_json(line)));
  return 0;
}
