#include "pipeline/packet_router.h"

#include <algorithm>

#include "correlator/shard.h"

namespace vpnverdict {

PacketRouter::PacketRouter(const Inventory& inventory, const SourceTable& sources, std::int32_t partitions, Send send)
    : inventory_(inventory), sources_(sources), send_(std::move(send)), outgoing_(static_cast<std::size_t>(partitions)) {}

std::uint32_t PacketRouter::local_number(Outgoing& out, std::uint32_t source) const {
  const auto found = std::find(out.sources.rbegin(), out.sources.rend(), source);
  if (found != out.sources.rend()) return static_cast<std::uint32_t>(out.sources.rend() - found) - 1;
  out.sources.push_back(source);
  out.names.push_back(sources_.partition(source));
  return static_cast<std::uint32_t>(out.sources.size()) - 1;
}

void PacketRouter::add(const Event& event, Timestamp record_time) {
  const std::size_t partition = outgoing_.size() == 1 ? 0 : shard_of(inventory_, event, outgoing_.size());
  Outgoing& out = outgoing_[partition];
  out.packet.add(event, record_time, local_number(out, event.ref.source));
  if (out.packet.size() >= kPacketBytesTarget) send(partition, {});
}

void PacketRouter::mark(const SourceMark& mark, std::vector<std::uint64_t> held) {
  marks_[mark.source] = {0, mark.next, std::move(held), mark.time, mark.present};
}

void PacketRouter::forget(std::uint32_t source) { marks_.erase(source); }

void PacketRouter::add_mark(Outgoing& out, std::uint32_t source) {
  const auto found = marks_.find(source);
  if (found == marks_.end()) return;
  found->second.source = local_number(out, source);
  out.packet.add(found->second);
}

void PacketRouter::flush() {
  for (std::size_t i = 0; i < outgoing_.size(); ++i) {
    Outgoing& out = outgoing_[i];
    if (out.packet.empty()) continue;
    const std::vector<std::uint32_t> sources = out.sources;
    for (const std::uint32_t source : sources) add_mark(out, source);
    send(i, {});
  }
}

void PacketRouter::punctuate(const std::vector<TopicNumber<std::string>>& roster) {
  for (std::size_t i = 0; i < outgoing_.size(); ++i) {
    for (const auto& [source, mark] : marks_) add_mark(outgoing_[i], source);
    send(i, roster);
  }
}

void PacketRouter::send(std::size_t partition, const std::vector<TopicNumber<std::string>>& roster) {
  Outgoing& out = outgoing_[partition];
  send_(static_cast<std::int32_t>(partition), out.packet.finish(out.names, roster));
  ++sent_;
  out.names.clear();
  out.sources.clear();
}

}  // namespace vpnverdict
