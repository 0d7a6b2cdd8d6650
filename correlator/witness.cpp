#include "correlator/witness.h"

#include <algorithm>

#include "correlator/keys.h"

namespace vpnverdict {
namespace {

constexpr Timestamp kWindowMs = 15 * 60 * 1000;
constexpr std::size_t kArrivalsMax = 1024;
constexpr std::uint8_t kPacketDetail = 8;  // VPN 3000: RECEIVED Message is SEV=8

}  // namespace

bool shows_arrival(const Event& event) {
  if (event.says.intersects({Fact::concentrator_saw_am1, Fact::concentrator_saw_am1_again, Fact::concentrator_saw_udp4500})) return true;
  return event.dialect == Dialect::vpn3000 && event.detail >= kPacketDetail && event.message.substr(0, 6) == "IKEDBG";
}

void Witness::note(std::deque<Arrival>& list, Timestamp time, std::uint64_t peer_hash) {
  list.insert(std::ranges::upper_bound(list, time, {}, &Arrival::time), {time, peer_hash});
  while (list.size() > kArrivalsMax || list.back().time - list.front().time > 4 * kWindowMs) list.pop_front();
}

bool Witness::by_others(const std::deque<Arrival>& list, Timestamp from, Timestamp to, std::uint64_t peer_hash) {
  for (auto a = std::ranges::lower_bound(list, from - kWindowMs, {}, &Arrival::time); a != list.end() && a->time <= to + kWindowMs; ++a)
    if (a->peer_hash != 0 && a->peer_hash != peer_hash) return true;
  return false;
}

void Witness::saw_line(const Event& event) {
  if (event.time == kUntimed) return;
  if (first_ == kUntimed || event.time < first_) first_ = event.time;
  last_ = std::max(last_, event.time);
  if (event.says.empty() && event.dialect != Dialect::vpn3000) return;  // no arrival, and no success
  const auto peer_hash = [&event] { return event.peer.empty() ? 0 : hash_of(event.peer); };
  if (shows_arrival(event)) note(arrivals_, event.time, peer_hash());
  constexpr FactMask kPast = {Fact::concentrator_user_ok, Fact::concentrator_address_assigned, Fact::concentrator_phase2_done};
  if (event.says.intersects(kPast)) note(successes_, event.time, peer_hash());
}

bool Witness::covers(Timestamp from, Timestamp to) const { return first_ != kUntimed && first_ <= from && last_ >= to; }

bool Witness::would_show_arrival(Timestamp from, Timestamp to) const {
  const auto one_within = [&](Timestamp begin, Timestamp end) {
    const auto first = std::ranges::lower_bound(arrivals_, begin, {}, &Arrival::time);
    return first != arrivals_.end() && first->time <= end;
  };
  return one_within(from - kWindowMs, from) && one_within(to, to + kWindowMs);
}

bool Witness::other_peers_seen(Timestamp from, Timestamp to, std::uint64_t peer_hash) const {
  return by_others(arrivals_, from, to, peer_hash) || by_others(successes_, from, to, peer_hash);
}

bool Witness::others_get_through(Timestamp from, Timestamp to, std::uint64_t peer_hash) const {
  return by_others(successes_, from, to, peer_hash);
}

}  // namespace vpnverdict
