// Sorts one parse thread's events into packets, one per partition of the internal topic, and puts behind them how far
// their sources have been read. The partition is a function of the concentrator's cluster and nothing else
// (shard_of), named explicitly: no producer's default partitioner is trusted with it. Of lines that say nothing but that
// their device is alive only the newest is sent, once in so many ms of record time. No thread, no I/O in here.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "correlator/inventory.h"
#include "pipeline/batch.h"
#include "pipeline/event_codec.h"
#include "pipeline/source_table.h"

namespace vpnverdict {

class PacketRouter {
 public:
  // False when nothing can be sent any more.
  using Send = std::function<bool(std::int32_t partition, const std::string& packet)>;

  // How long a line that says nothing waits for a newer one, in ms of record time: far less than the grace period that judgement is behind.
  static Timestamp quiet_ms(Timestamp grace_ms) { return grace_ms / 4; }

  // The references must outlive the router.
  PacketRouter(const Inventory& inventory, const SourceTable& sources, std::int32_t partitions, Timestamp quiet_ms, Send send);

  void add(const Event& event, Timestamp record_time);
  // Everything below `mark.next` has been given to add(), but for lines at the positions in `held`.
  void mark(const SourceMark& mark, std::vector<std::uint64_t> held);
  // The source is not read by us any more; its marks are of the past.
  void forget(std::uint32_t source);
  // Sends what there is, with the marks of the sources that are in it.
  void flush();
  // Sends every partition the marks of all sources and what is read at all: its time moves on although nothing happens.
  void punctuate(const std::vector<TopicNumber<std::string>>& roster);

  std::uint64_t sent() const { return sent_; }

 private:
  struct Outgoing {
    PacketWriter packet;
    std::vector<TopicNumber<std::string>> names;  // of the sources in it
    std::vector<std::uint32_t> sources;
  };
  // The signs of life of one device, of which the shard wants to know the first and the last.
  struct Quiet {
    std::size_t partition = 0;
    Timestamp first = 0;
    bool waits = false;
    Timestamp since = 0;  // record time of the first that waits
    Event newest{};  // of its texts only the device is kept
    Timestamp record_time = 0;
    std::string device;
  };
  void put(std::size_t partition, const Event& event, Timestamp record_time);
  std::size_t partition_of(const Event& event) const;
  bool wait_for_newer(const Event& event, Timestamp record_time);
  void send_quiet(std::vector<Quiet*>& waiting);
  void send_quiet();
  std::uint32_t local_number(Outgoing& out, std::uint32_t source) const;
  void send(std::size_t partition, const std::vector<TopicNumber<std::string>>& roster);
  void add_mark(Outgoing& out, std::uint32_t source);

  const Inventory& inventory_;
  const SourceTable& sources_;
  const Timestamp quiet_ms_;
  const Send send_;
  std::vector<Outgoing> outgoing_;
  std::map<std::uint32_t, PacketMark> marks_;  // newest of each source
  absl::flat_hash_map<NameInSource, std::unique_ptr<Quiet>, NameInSource::Hash> quiet_;  // by source and device
  std::vector<std::vector<Quiet*>> waiting_;   // by source: each is read up to another time
  std::uint64_t sent_ = 0;
};

}  // namespace vpnverdict
