// What one parse thread does: records out of their envelopes, lines to the reader of their writer, events to `deliver`.
// No thread and no queue in here. An object belongs to one thread.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "correlator/gateway_memory.h"
#include "correlator/inventory.h"
#include "metrics/pipeline_metrics.h"
#include "pipeline/batch.h"
#include "pipeline/dialect/dialect.h"
#include "pipeline/dialect/envelope.h"
#include "pipeline/dialect/relayed_hosts.h"
#include "pipeline/source_table.h"

namespace vpnverdict {

struct DeadLetter {
  Reject reason;
  SourceRef ref;
  std::string_view text;  // valid during the call
};

class ParseStage final : public dialect::MessageSink {
 public:
  struct Options {
    dialect::EnvelopeFields fields;
    std::size_t sources_max = 20'000;
    const dialect::DialectSet* dialects = nullptr;  // null: the built-in ones; must outlive the stage
  };
  // Views of the event are valid during the call.
  using Deliver = std::function<void(const Event& event, Timestamp record_time)>;

  // `inventory` must outlive the stage. `dead_letter` may be empty; it says whether the letter was sent.
  ParseStage(const Inventory& inventory, Options options, Deliver deliver, std::function<bool(const DeadLetter&)> dead_letter);

  void take(const RawBatch& batch);
  const LineTally& tally() const { return tally_; }
  // Positions of the records whose lines readers hold, of one source; sorted.
  std::vector<std::uint64_t> held_positions(std::uint32_t source) const;
  // The mark, no farther than to where the source's lines have been given out: those held are still to come.
  SourceMark so_far(SourceMark mark) const;

  void on_event(const Event& event, std::uint32_t lines) override;
  void on_ignored(const Event& event, std::uint32_t lines) override;
  void on_reject(Reject reason, Dialect dialect, std::string_view text, SourceRef ref, std::uint32_t lines) override;

 private:
  struct Writer {  // one host that writes into one partition
    std::uint32_t source = 0;
    std::string host;
    dialect::Reader reader;
    std::vector<std::uint64_t> held;  // positions of the lines the reader holds
    Timestamp held_time = kUntimed;   // of the first of them
    // The device it wrote of last, and that one's place among the concentrators.
    std::string device{};
    std::size_t place = ConcentratorNames::kNone;
    bool heard_again = false;  // since it was made, or last asked whether it was
  };
  using Writers = std::list<Writer>;
  using Held = std::multimap<std::uint64_t, Writer*>;  // by position

  // Of one source.
  struct Source {
    Timestamp newest = kUntimed;
    Held held;
    dialect::RelayedHosts relayed;
  };

  void begin(const SourceStart& start);
  void take_record(const RawRecord& record);
  void read(const RawRecord& record);
  void feed(const dialect::Line& line);
  Writer& writer_of(NameInSource name);
  Writer& add_writer(NameInSource name);
  void give_one_up();
  void flush(Writer& writer);
  void flush_source(std::uint32_t source);
  void flush_old(Source& source);
  void after_feed(Writer& writer, std::uint32_t held_before);
  void route(const Event& event);
  void count_device(const Event& event, std::uint32_t lines);
  void release(Writer& writer, std::size_t left);
  bool wanted(SourceRef ref) const;

  const Inventory& inventory_;
  GatewayMemory gateways_{inventory_};
  const Options options_;
  const Deliver deliver_;
  const std::function<bool(const DeadLetter&)> dead_letter_;
  dialect::Envelope envelope_;
  Writers writers_;  // the next to be asked comes first; none ever moves in memory
  absl::flat_hash_map<NameInSource, Writers::iterator, NameInSource::Hash> index_;  // by source and host; the writers hold the names
  std::array<Writer*, 256> known_{};  // by the name's hash, since every line asks for one
  std::map<std::uint32_t, Source> by_source_;
  std::map<std::uint32_t, std::uint64_t> starts_;               // by source: below it, lines only warm readers up
  LineTally tally_;
  SourceRef current_;                       // the record being read
  Source* current_source_ = nullptr;
  Writer* current_writer_ = nullptr;        // whose reader is giving lines out
  Timestamp current_time_ = kUntimed;
  Timestamp held_time_ = kUntimed;  // of the message that a reader held until now
};

}  // namespace vpnverdict
