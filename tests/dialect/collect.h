// What a Reader reported, kept for comparison.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/dialect/dialect.h"

namespace vpnverdict::dialect {

struct Collected {
  enum class Kind { event, ignored, reject } kind = Kind::event;
  std::uint32_t lines = 0;
  Dialect dialect = Dialect::unknown;
  Vantage vantage = Vantage::concentrator;
  FactMask says;
  Reject reject = Reject::unknown_dialect;
  Timestamp time = kUntimed;
  std::string device, peer, gateway, group, user, address, pool, server, message, text;
  std::uint64_t session = 0, cookie = 0;
  unsigned peer_port = 0;
  std::uint32_t message_id = 0, spi_in = 0, spi_out = 0, detail = 0, repeats = 0, sequence = 0;
  std::uint64_t position = 0;
};

class Collector : public MessageSink {
 public:
  void on_event(const Event& event, std::uint32_t lines) override {
    keep(event, lines, Collected::Kind::event);
  }
  void on_ignored(const Event& event, std::uint32_t lines) override {
    keep(event, lines, Collected::Kind::ignored);
  }
  void on_reject(Reject reason, Dialect dialect, std::string_view text, SourceRef ref,
                 std::uint32_t lines) override {
    Collected item;
    item.kind = Collected::Kind::reject;
    item.lines = lines;
    item.dialect = dialect;
    item.reject = reason;
    item.text = text;
    item.position = ref.position;
    items.push_back(item);
    lines_out += lines;
  }

  std::vector<Collected> events() const {
    std::vector<Collected> out;
    for (const Collected& item : items)
      if (item.kind == Collected::Kind::event) out.push_back(item);
    return out;
  }
  FactMask facts() const {
    FactMask all;
    for (const Collected& item : items)
      if (item.kind == Collected::Kind::event) all |= item.says;
    return all;
  }

  std::vector<Collected> items;
  std::uint64_t lines_out = 0;

 private:
  void keep(const Event& event, std::uint32_t lines, Collected::Kind kind) {
    Collected item;
    item.kind = kind;
    item.lines = lines;
    item.dialect = event.dialect;
    item.vantage = event.vantage;
    item.says = event.says;
    item.time = event.time;
    item.device = event.device;
    item.peer = event.peer;
    item.gateway = event.gateway;
    item.group = event.group;
    item.user = event.user;
    item.address = event.address;
    item.pool = event.pool;
    item.server = event.server;
    item.message = event.message;
    item.text = event.text;
    item.session = event.session;
    item.peer_port = event.peer_port;
    item.cookie = event.cookie;
    item.message_id = event.message_id;
    item.spi_in = event.spi_in;
    item.spi_out = event.spi_out;
    item.detail = event.detail;
    item.repeats = event.repeats;
    item.sequence = event.sequence;
    item.position = event.ref.position;
    items.push_back(item);
    lines_out += lines;
  }
};

inline std::uint64_t feed_text(Reader& reader, std::string_view text, MessageSink& sink) {
  std::uint64_t lines = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    Line line;
    line.text = text.substr(0, end);
    line.ref.position = ++lines;
    reader.feed(line, sink);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

inline std::string names_of(const FactMask& facts) {
  std::string out;
  facts.for_each([&](Fact fact) { out += (out.empty() ? "" : " ") + std::string(name_of(fact)); });
  return out.empty() ? "(nothing)" : out;
}

// What a reader of its own makes of the lines of one log; stamps without a year are of 2026.
inline Collector read_lines(const std::vector<std::string_view>& lines) {
  Reader reader;
  reader.set_year(2026);
  Collector collector;
  for (std::string_view text : lines) {
    Line line;
    line.text = text;
    reader.feed(line, collector);
  }
  reader.flush(collector);
  return collector;
}

}  // namespace vpnverdict::dialect
