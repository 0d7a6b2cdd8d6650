// Envelopes: what a log shipper wraps around a log line on its way through Kafka or into an NDJSON file. Turns one
// record value (or one line of a file) into Lines, whatever shipper wrote it; nothing has to be configured for the
// usual ones. Called first by every reader of input, before the dialects.
// One Envelope per thread: it owns a JSON parser and buffers that are reused from record to record.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "correlator/event.h"
#include "pipeline/dialect/dialect.h"

namespace vpnverdict::dialect {

// Who wrote the envelope, guessed from its keys. Closed: it is a metric label. In the order in which they win
// when one document shows the marks of several.
enum class Shape : std::uint8_t {
  otel, splunk_hec, winlogbeat, logstash, filebeat, syslog_ng, rsyslog, vector, fluent_bit, own, other_json, bare
};
inline constexpr std::string_view kShapeNames[] = {"otel",    "splunk_hec", "winlogbeat", "logstash", "filebeat",   "syslog_ng",
                                                   "rsyslog", "vector",     "fluent_bit", "own",      "other_json", "bare"};
inline constexpr std::size_t kShapes = std::size(kShapeNames);
constexpr std::string_view name_of(Shape shape) { return kShapeNames[static_cast<std::size_t>(shape)]; }

// Where else to look, as dotted paths ("event.original"); tried before the defaults, in the order given.
struct EnvelopeFields {
  std::vector<std::string> message, host, peer, group, user, time, program;
};

class Envelope {
 public:
  explicit Envelope(const EnvelopeFields& extra = {});
  ~Envelope();
  Envelope(Envelope&&) noexcept;
  Envelope& operator=(Envelope&&) noexcept;

  // Calls on_line(const Line&) for every log line in `payload` and on_reject(Reject, std::string_view text) for
  // every document that holds none; at least one of them, at least once. Views are valid until the callback returns.
  //
  // A payload whose first byte is '{', or '[' in front of '{' or ']', is JSON: one document, an array of them, or several
  // one behind the other. Anything else is plain text, one Line per line, syslog headers left in place (a blank line is
  // a Line). `record_time` is `received` where the document names no time, and the year of stamps that have none.
  // Line::text is always valid UTF-8, without line end; "#012" and the like of rsyslog are the characters they stand for.
  // Line::host and Line::peer are what the envelope says, the sender's address standing in for a missing host.
  template <class OnLine, class OnReject>
  void open(std::string_view payload, SourceRef ref, Timestamp record_time, OnLine&& on_line, OnReject&& on_reject) {
    const Receiver receiver{
        const_cast<void*>(static_cast<const void*>(&on_line)),
        [](void* f, const Line& line) { (*static_cast<std::remove_reference_t<OnLine>*>(f))(line); },
        const_cast<void*>(static_cast<const void*>(&on_reject)),
        [](void* f, Reject reason, std::string_view text) { (*static_cast<std::remove_reference_t<OnReject>*>(f))(reason, text); }};
    open_into(payload, ref, record_time, receiver);
  }

  // Documents (for bare: lines) seen of each shape, rejected JSON not counted.
  const std::array<std::uint64_t, kShapes>& shapes() const;
  // Documents and plain lines that were readable only after invalid UTF-8, raw control characters or bad escapes were replaced.
  std::uint64_t repaired() const;
  // Messages whose beginning a syslog parser had taken for host name or tag, and that were put together again.
  std::uint64_t rebuilt() const;
  // Documents read by what was learnt of those before them, without parsing.
  std::uint64_t by_stencil() const;
  // The code the JSON loop runs: "haswell" or "baseline".
  std::string_view code_path() const;

 private:
  struct Receiver {
    void* line_context;
    void (*on_line)(void*, const Line&);
    void* reject_context;
    void (*on_reject)(void*, Reject, std::string_view);
  };
  class Opener;
  void open_into(std::string_view payload, SourceRef ref, Timestamp record_time, const Receiver& receiver);
  std::unique_ptr<Opener> opener_;
};

}  // namespace vpnverdict::dialect
