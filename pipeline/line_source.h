// One stream of log lines turned into events: envelopes opened, a Reader for each host that writes into it, every line
// counted. What `replay` and `follow` share; the service has ParseStage instead. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <list>
#include <optional>
#include <string>
#include <string_view>

#include <absl/container/flat_hash_map.h>

#include "correlator/event.h"
#include "pipeline/dialect/dialect.h"
#include "pipeline/dialect/envelope.h"
#include "pipeline/dialect/relayed_hosts.h"
#include "pipeline/line_reader.h"
#include "pipeline/replay.h"

namespace vpnverdict {

class LineSource final : private dialect::MessageSink {
 public:
  struct Settings {
    std::string name;                // of RejectedLine
    std::uint32_t number = 0;        // SourceRef::source of its events
    std::optional<Vantage> vantage;  // when the caller knows which side wrote it
    int year = 0;                    // of stamps that print none; 0 = that of the envelope or of the line's arrival
    const dialect::DialectSet* dialects = nullptr;  // null: the built-in ones
    Timestamp year_end = kUntimed;   // not kUntimed: the year is presumed, see dialect::Reader::set_year()
  };
  // `counts` must outlive the source. `take` gets every event; an empty `reject` is not called.
  LineSource(Settings settings, LineCounts& counts, std::function<void(const Event&)> take,
             std::function<void(const RejectedLine&)> reject);
  LineSource(const LineSource&) = delete;
  LineSource& operator=(const LineSource&) = delete;

  // One line as a LineReader gave it (`got` is not `end`); `number` is its place. `arrived` is when the line was received,
  // where its envelope does not say; kUntimed when nobody knows.
  void feed(LineReader::Got got, std::string_view text, std::uint64_t number, Timestamp arrived = kUntimed);
  // What the readers hold is complete. Of hosts whose last line stands before `position` only, when one is given.
  void flush(std::uint64_t position = std::numeric_limits<std::uint64_t>::max());

 private:
  struct Host {
    Host(std::string host, const dialect::DialectSet* dialects) : name(std::move(host)), reader(dialects) {}
    std::string name;
    dialect::Reader reader;
    std::uint64_t last = 0;  // position of its last line
  };
  dialect::Reader& reader_of(std::string_view host, std::uint64_t position);
  Host& host_named(std::string_view name);
  void close_quietest();
  void on_event(const Event& event, std::uint32_t lines) override;
  void on_ignored(const Event& event, std::uint32_t lines) override;
  void on_reject(Reject reason, Dialect dialect, std::string_view text, SourceRef ref, std::uint32_t lines) override;

  const Settings settings_;
  dialect::RelayedHosts relayed_;
  LineCounts& counts_;
  const std::function<void(const Event&)> take_;
  const std::function<void(const RejectedLine&)> reject_;
  dialect::Envelope envelope_;
  std::list<Host> hosts_;  // bounded; none ever moves
  absl::flat_hash_map<std::string_view, std::list<Host>::iterator> by_name_;  // keys live in hosts_
  std::array<Host*, 64> known_{};  // by a name's hash, since every line asks for one
};

}  // namespace vpnverdict
