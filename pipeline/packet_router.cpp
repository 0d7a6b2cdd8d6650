#include "pipeline/packet_router.h"

#include <algorithm>

#include "correlator/shard.h"
#include "correlator/witness.h"

namespace vpnverdict {
namespace {

constexpr std::size_t kQuietMax = 20'000;

}  // namespace

PacketRouter::PacketRouter(const Inventory& inventory, const SourceTable& sources, std::int32_t partitions, Timestamp quiet_ms, Send send)
    : inventory_(inventory), sources_(sources), quiet_ms_(quiet_ms), send_(std::move(send)), outgoing_(static_cast<std::size_t>(partitions)) {}

std::uint32_t PacketRouter::local_number(Outgoing& out, std::uint32_t source) const {
  const auto found = std::find(out.sources.rbegin(), out.sources.rend(), source);
  if (found != out.sources.rend()) return static_cast<std::uint32_t>(out.sources.rend() - found) - 1;
  out.sources.push_back(source);
  out.names.push_back(sources_.partition(source));
  return static_cast<std::uint32_t>(out.sources.size()) - 1;
}

void PacketRouter::add(const Event& event, Timestamp record_time) {
  if (event.ref.source >= waiting_.size()) waiting_.resize(event.ref.source + 1);
  std::vector<Quiet*>& waiting = waiting_[event.ref.source];
  if (!waiting.empty() && record_time > waiting.front()->since + quiet_ms_) send_quiet(waiting);
  if (is_sign_of_life(event) && !shows_arrival(event)) {
    // Nobody asks of a client whether it is alive, nor is anybody a witness without a time.
    if (event.vantage == Vantage::client || event.time == kUntimed) return;
    if (wait_for_newer(event, record_time)) return;
  }
  put(partition_of(event), event, record_time);
}

std::size_t PacketRouter::partition_of(const Event& event) const {
  return outgoing_.size() == 1 ? 0 : shard_of(inventory_, event, outgoing_.size());
}

// False when it must be sent at once: the first of its device, and what is out of order.
bool PacketRouter::wait_for_newer(const Event& event, Timestamp record_time) {
  const auto found = quiet_.find({event.ref.source, event.device});
  if (found == quiet_.end()) {
    if (quiet_.size() >= kQuietMax) {
      send_quiet();
      quiet_.clear();
    }
    auto quiet = std::make_unique<Quiet>(partition_of(event), event.time);
    quiet->device = event.device;
    const NameInSource key{event.ref.source, quiet->device};
    quiet_[key] = std::move(quiet);
    return false;
  }
  Quiet& quiet = *found->second;
  if (event.time < quiet.first) return false;
  if (quiet.waits && event.time < quiet.newest.time) return true;
  if (!quiet.waits) {
    waiting_[event.ref.source].push_back(&quiet);
    quiet.waits = true;
    quiet.since = record_time;
  }
  quiet.newest = event;
  quiet.record_time = record_time;
  for (const auto text : {&Event::peer, &Event::claimed_peer, &Event::message, &Event::text}) quiet.newest.*text = {};
  quiet.newest.device = quiet.device;
  return true;
}

void PacketRouter::send_quiet(std::vector<Quiet*>& waiting) {
  for (Quiet* quiet : waiting) {
    quiet->waits = false;
    put(quiet->partition, quiet->newest, quiet->record_time);
  }
  waiting.clear();
}

void PacketRouter::send_quiet() {
  for (std::vector<Quiet*>& waiting : waiting_) send_quiet(waiting);
}

void PacketRouter::put(std::size_t partition, const Event& event, Timestamp record_time) {
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
  send_quiet();
  for (std::size_t i = 0; i < outgoing_.size(); ++i) {
    Outgoing& out = outgoing_[i];
    if (out.packet.empty()) continue;
    const std::vector<std::uint32_t> sources = out.sources;
    for (const std::uint32_t source : sources) add_mark(out, source);
    send(i, {});
  }
}

void PacketRouter::punctuate(const std::vector<TopicNumber<std::string>>& roster) {
  send_quiet();
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
