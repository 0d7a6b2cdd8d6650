#include "correlator/shard.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

#include "correlator/cluster.h"
#include "correlator/keys.h"
#include "correlator/limits.h"
#include "correlator/state_bytes.h"

namespace vpnverdict {
namespace {

// An Event while it waits for the grace period to pass: one piece of memory, its texts behind it. There is room for all of them, though
// most are parts of the whole message, and are kept as such.
class HeldEvent {
 public:
  HeldEvent() : HeldEvent(Event{}) {}
  explicit HeldEvent(const Event& event) {
    std::size_t size = sizeof(Event) + event.text.size();
    for (const auto field : kFields) size += (event.*field).size();
    memory_ = std::make_unique_for_overwrite<std::byte[]>(size);
    Event* copy = new (memory_.get()) Event(event);
    copy->claimed_peer = {};
    char* const message = reinterpret_cast<char*>(copy + 1);
    char* end = message;
    const auto keep = [&end](std::string_view text) -> std::string_view {
      char* const at = end;
      if (!text.empty()) std::memcpy(at, text.data(), text.size());
      end += text.size();
      return {at, text.size()};
    };
    copy->text = keep(event.text);
    for (const auto field : kFields) {
      const std::string_view text = event.*field;
      if (text.empty()) copy->*field = {};
      else if (is_part(text, event.text)) copy->*field = {message + (text.data() - event.text.data()), text.size()};
      else copy->*field = keep(text);
    }
  }

  const Event& event() const { return *std::launder(reinterpret_cast<const Event*>(memory_.get())); }

  template <class Archive>
  void archive(Archive& ar) {
    Event e = event();
    ar(e.time, e.received, e.vantage, e.dialect, e.detail, e.says, e.session, e.cookie, e.message_id, e.spi_in, e.spi_out, e.lasted, e.repeats,
       e.sequence, e.peer_port, e.ref);
    std::array<std::string, std::size(kFields)> fields;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      fields[i] = e.*kFields[i];
      ar(fields[i]);
      e.*kFields[i] = fields[i];
    }
    std::string text(e.text);
    ar(text);
    e.text = text;
    if constexpr (requires { ar.ok(); }) *this = HeldEvent(e);
  }

 private:
  static bool is_part(std::string_view part, std::string_view of) {
    constexpr std::less_equal<const char*> no_later;
    return no_later(of.data(), part.data()) && no_later(part.data() + part.size(), of.data() + of.size());
  }
  // All but the message.
  static constexpr std::string_view Event::*kFields[] = {&Event::device,  &Event::peer, &Event::gateway, &Event::group,  &Event::user,
                                                         &Event::address, &Event::pool, &Event::server,  &Event::message};
  static_assert(std::is_trivially_destructible_v<Event>);
  std::unique_ptr<std::byte[]> memory_;
};

// Place in stream time: the device's stamp where it is credible, else the receive time. A client's
// clock is never asked: one log, shipped late, keeps its order; its own time serves the join.
Timestamp place_of(const Event& event) {
  constexpr Timestamp kCredibleMs = 10 * 60 * 1000;
  if (event.received == kUntimed) return event.time;
  if (event.time == kUntimed || event.vantage == Vantage::client) return event.received;
  const Timestamp apart = event.time > event.received ? event.time - event.received : event.received - event.time;
  return apart <= kCredibleMs ? event.time : event.received;
}

std::string_view cluster_name(const Inventory& inventory, const Event& event) {
  if (inventory.concentrators.empty()) return {};  // nothing tells devices apart: one cluster, so that both sides can meet
  for (const std::string_view name : {event.vantage == Vantage::client ? event.gateway : event.device, event.gateway}) {
    const std::string_view cluster = inventory.cluster_of(name);
    if (!cluster.empty()) return cluster;
  }
  return {};
}

bool has_keys(const Event& event) {
  return event.message_id != 0 || event.cookie != 0 || event.spi_in != 0 || !event.user.empty() || !event.group.empty() ||
         !event.address.empty();
}

}  // namespace

struct Shard::State {
  explicit State(const Inventory* of) : inventory(of) {}

  struct Place {
    Timestamp when = 0;
    SourceRef ref;
    std::uint64_t arrival = 0;  // breaks the last tie: the same record twice
    auto operator<=>(const Place&) const = default;
    template <class Archive>
    void archive(Archive& ar) {
      ar(when, ref, arrival);
    }
  };

  const Inventory* inventory;
  CorrelatorOptions options;
  MissingEvidence missing;
  ShardCounts counts;
  Timestamp stream_time = kUntimed;
  std::uint64_t arrivals = 0;
  struct Held {
    Place place;
    HeldEvent event;
    bool operator>(const Held& other) const { return place > other.place; }
  };
  std::vector<Held> held;  // a heap, the earliest first
  SpareHalves spare;
  std::map<std::string, Cluster, std::less<>> clusters;
  std::vector<Sign> signs;

  // Devices that were heard last, and the cluster and the witness of each, since every line asks for them. Neither ever moves.
  struct Known {
    std::string name;
    Cluster* cluster = nullptr;
    Witness* witness = nullptr;  // when a sign of life has asked for it
  };
  std::array<Known, 256> known_names;

  // Null where it takes more than one name to tell the cluster.
  Known* device_of(const Event& event) {
    const std::string_view name = event.vantage == Vantage::client ? event.gateway : event.device;
    if ((event.vantage == Vantage::concentrator && !event.gateway.empty()) || name.size() > kNameBytesMax) return nullptr;
    Known& known = known_names[hash_of(name) >> 56];
    if (known.cluster == nullptr || known.name != name) {
      known.name = name;
      known.cluster = &cluster_named(cluster_name(*inventory, event));
      known.witness = nullptr;
    }
    return &known;
  }

  Cluster& cluster_of(const Event& event) {
    const Known* known = device_of(event);
    return known != nullptr ? *known->cluster : cluster_named(cluster_name(*inventory, event));
  }

  // The event says nothing but that its device is alive: of a concentrator, and with a time, or there is nothing to witness.
  void witness(const Event& event) {
    if (event.vantage != Vantage::concentrator || event.time == kUntimed) return;
    Known* known = device_of(event);
    if (known == nullptr) return cluster_of(event).witness(event);
    if (known->witness == nullptr) known->witness = known->cluster->witness_of(event.device);
    if (known->witness != nullptr) known->witness->saw_line(event);
  }

  Cluster& cluster_named(std::string_view name) {
    const auto found = clusters.find(name);
    if (found != clusters.end()) return found->second;
    return clusters.try_emplace(std::string(name), inventory, &options, &missing, &spare).first->second;
  }

  void read(const Event& event, Timestamp when, std::vector<Verdict>& out) {
    Cluster& cluster = cluster_of(event);
    if (when != kUntimed) cluster.expire(when, counts, out);
    take(cluster, event, when, out);
  }

  void take(Cluster& cluster, const Event& event, Timestamp when, std::vector<Verdict>& out) {
    if (when != kUntimed && event.says.has(Fact::concentrator_started)) signs.push_back(sign_of_boot(event.device, when));
    cluster.take(event, when, counts, out);
  }

  void hold(const Event& event, Timestamp when) {
    held.push_back({{when, event.ref, arrivals++}, HeldEvent(event)});
    std::ranges::push_heap(held, std::greater<>());
  }

  void release_until(Timestamp limit, std::vector<Verdict>& out) {
    while (!held.empty() && held.front().place.when <= limit) {
      std::ranges::pop_heap(held, std::greater<>());
      const Held first = std::move(held.back());
      held.pop_back();
      read(first.event.event(), first.place.when, out);
    }
    constexpr std::size_t kRoomForEach = 16;  // in the heap, before it is made smaller
    if (held.capacity() > kRoomForEach * (held.size() + kRoomForEach)) held.shrink_to_fit();
  }

  // What was told from `first` on is what incidents are made of.
  void watch(const std::vector<Verdict>& out, std::size_t first) {
    for (; first < out.size(); ++first)
      if (std::optional<Sign> sign = sign_of(out[first])) signs.push_back(std::move(*sign));
  }

  template <class Archive>
  void archive(Archive& ar) {
    ar(counts.events, counts.duplicates, counts.late, counts.attempts_opened, counts.attempts_final, counts.attempts_joined,
       counts.attempts_open, counts.revisions, counts.evidence_dropped, counts.evicted, stream_time, arrivals);
    std::uint64_t waiting = held.size();
    ar(waiting);
    std::uint64_t known = clusters.size();
    ar(known);
    if constexpr (requires { ar.ok(); }) {
      for (; waiting > 0 && ar.ok(); --waiting) {
        Held& next = held.emplace_back();
        ar(next.place, next.event);
        if (held.size() > 1 && !(next > held[held.size() - 2])) ar.refuse();  // in their order they are a heap
      }
      for (; known > 0 && ar.ok(); --known) {
        std::string name;
        ar(name);
        ar(clusters.try_emplace(name, inventory, &options, &missing, &spare).first->second);
      }
    } else {
      std::ranges::sort(held, std::less<>(), &Held::place);
      for (Held& next : held) ar(next.place, next.event);
      for (auto& [name, cluster] : clusters) {
        std::string copy = name;
        ar(copy, cluster);
      }
    }
  }
};

Shard::Shard(const Inventory& inventory, CorrelatorOptions options) : state_(std::make_unique<State>(&inventory)) {
  state_->options = options;
}
Shard::~Shard() = default;
Shard::Shard(Shard&&) noexcept = default;
Shard& Shard::operator=(Shard&&) noexcept = default;

void Shard::on_event(const Event& event, std::vector<Verdict>& out) {
  State& state = *state_;
  ++state.counts.events;
  if (event.says.empty() && !has_keys(event)) return state.witness(event);
  const std::size_t told = out.size();
  const Timestamp when = place_of(event);
  if (when != kUntimed && state.stream_time != kUntimed && when <= state.stream_time - state.options.grace_ms) {
    ++state.counts.late;
    state.take(state.cluster_of(event), event, state.stream_time, out);
    return state.watch(out, told);
  }
  if (state.held.size() >= kReorderEventsMax) {
    ++state.counts.evicted;
    state.release_until(state.held.front().place.when, out);
    state.watch(out, told);
  }
  state.hold(event, when);
}

void Shard::advance_to(Timestamp stream_time, std::vector<Verdict>& out) {
  State& state = *state_;
  if (stream_time == kUntimed || (state.stream_time != kUntimed && stream_time <= state.stream_time)) return;
  state.stream_time = stream_time;
  const std::size_t told = out.size();
  state.release_until(stream_time - state.options.grace_ms, out);
  if (!state.missing.any)
    for (auto& [name, cluster] : state.clusters) cluster.tell_whole(state.counts, out);
  for (auto& [name, cluster] : state.clusters) cluster.expire(stream_time - state.options.grace_ms, state.counts, out);
  state.watch(out, told);
}

void Shard::set_missing(MissingEvidence missing) { state_->missing = std::move(missing); }

void Shard::finish(std::vector<Verdict>& out) {
  State& state = *state_;
  std::size_t told = out.size();
  while (!state.held.empty()) state.release_until(state.held.front().place.when, out);
  state.watch(out, told);
  told = out.size();
  const std::size_t due = state.signs.size();
  for (auto& [name, cluster] : state.clusters) cluster.finish(state.counts, out);
  state.watch(out, told);
  // What nobody waits for any more is due at the end of the input, not when its cluster heard its last word.
  for (std::size_t i = due; i < state.signs.size(); ++i) state.signs[i].at = std::max(state.signs[i].at, state.stream_time);
}

std::vector<Sign> Shard::take_signs() { return std::exchange(state_->signs, {}); }

Timestamp Shard::signs_told_until() const {
  return state_->stream_time == kUntimed ? kUntimed : state_->stream_time - state_->options.grace_ms;
}

ShardCounts Shard::counts() const { return state_->counts; }

std::vector<PoolView> Shard::pools() const {
  std::vector<PoolView> out;
  for (const auto& [name, cluster] : state_->clusters) cluster.pools(out);
  return out;
}

std::string Shard::save() const {
  StateWriter writer;
  state_->archive(writer);
  return writer.take();
}

bool Shard::restore(std::string_view bytes) {
  auto fresh = std::make_unique<State>(state_->inventory);
  fresh->options = state_->options;
  StateReader reader(bytes);
  fresh->archive(reader);
  if (!reader.ok() || !reader.at_end()) return false;
  state_ = std::move(fresh);
  // Clusters keep pointers to the options that live in the state they belong to.
  return true;
}

std::string Shard::state_shape() {
  const Inventory inventory;
  State state(&inventory);
  state.held.emplace_back();
  state.clusters.try_emplace("", &inventory, &state.options, &state.missing, &state.spare);
  StateShape shape;
  state.archive(shape);
  return shape.take();
}

std::uint64_t Shard::digest() const {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const unsigned char c : save()) hash = (hash ^ c) * 0x100000001b3ULL;
  return hash;
}

std::size_t shard_of(const Inventory& inventory, const Event& event, std::size_t shards) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const unsigned char c : cluster_name(inventory, event)) hash = (hash ^ c) * 0x100000001b3ULL;
  return shards == 0 ? 0 : (hash ^ hash >> 32) % shards;
}

}  // namespace vpnverdict
