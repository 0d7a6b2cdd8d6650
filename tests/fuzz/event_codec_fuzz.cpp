// Any bytes as a record of the internal topic: refused with a reason, or what they say comes back when it is written
// again; a fold takes them or leaves them.
#include <cstdint>
#include <string_view>
#include <vector>

#include "pipeline/event_codec.h"
#include "pipeline/shard_fold.h"
#include "tests/fuzz/require.h"

using namespace vpnverdict;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  Packet packet;
  const bool read = decode_packet(bytes, packet).empty();
  if (read) {
    PacketWriter writer;
    for (std::size_t i = 0; i < packet.events.size(); ++i) {
      require(packet.events[i].ref.source < packet.sources.size(), "every event has a source");
      writer.add(packet.events[i], packet.record_times[i], packet.events[i].ref.source);
    }
    for (const PacketMark& mark : packet.marks) writer.add(mark);
    const std::vector<TopicNumber<std::string>> sources(packet.sources.begin(), packet.sources.end());
    const std::vector<TopicNumber<std::string>> roster(packet.roster.begin(), packet.roster.end());
    const std::string again = writer.finish(sources, roster);
    Packet second;
    require(decode_packet(again, second).empty(), "what was read can be written");
    require(second.events.size() == packet.events.size() && second.marks == packet.marks, "and comes back");
  }
  const Inventory inventory;
  ShardFold fold(inventory, {});
  std::vector<Verdict> verdicts;
  require(fold.take(bytes, verdicts).empty() == read, "a fold takes what can be read");
  ShardFold restored(inventory, {});
  require(restored.restore(fold.save()), "its state can be restored");
  ShardFold damaged(inventory, {});
  (void)damaged.restore(bytes);
  return 0;
}
