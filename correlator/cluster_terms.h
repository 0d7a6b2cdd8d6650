// What the parts of the cluster have in common: under what a half is filed, and when it is looked at again. For correlator/cluster*.cpp only.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>

#include "correlator/cluster.h"
#include "correlator/keys.h"
#include "correlator/limits.h"

namespace vpnverdict::cluster_parts {

inline constexpr std::size_t kNamesPerSourceMax = 4;  // as many as a stranger needs to be one
inline constexpr Timestamp kSecondLookMs = 15 * 60 * 1000 + 5'000;  // the reach of a witness, and a little
inline constexpr FactMask kConnects = {Fact::client_connected, Fact::client_keepalive, Fact::client_received_data, Fact::concentrator_connected,
                                       Fact::concentrator_phase2_done};

// A client's silence is told before the concentrator's log can vouch for it: the witness needs lines from after it.
inline bool second_look(const Half& half) { return half.vantage == Vantage::client && half.partner == 0 && half.closed && !half.connected; }

inline Timestamp later(Timestamp a, Timestamp b) { return std::max(a, b); }
inline Timestamp earlier(Timestamp a, Timestamp b) {
  if (a == kUntimed) return b;
  return b == kUntimed ? a : std::min(a, b);
}

// What the ledger of the pools is told of a line.
PoolLine pool_line(const Half& half, const FactMask& says, Timestamp time);

// The verdict of the half that tells, under the number of the other one, which was told on its own before.
inline Verdict also_of(Half& other, Verdict verdict) {
  verdict.same_as = std::exchange(verdict.id, other.attempt_id);
  verdict.revision = ++other.revision;
  return verdict;
}

// Halves in the order of their beginning, the newest first; each once.
inline void sort_and_dedupe(absl::InlinedVector<const Half*, 16>& halves) {
  if (halves.size() < 2) return;
  std::ranges::sort(halves, std::greater<>(), &Half::id);
  halves.erase(std::unique(halves.begin(), halves.end()), halves.end());
}

// Under what halves are filed and looked for. `side` is that of the halves in the list.
class Keys {
 public:
  explicit Keys(Vantage side) : side_(side == Vantage::client ? 0x63 : 0x6b) {}
  std::uint64_t peer(std::string_view address) const { return hash_text<false>(address, of('p')); }
  std::uint64_t user(std::string_view name) const { return hash_text<true>(bare_user(name), of('u')); }
  std::uint64_t address(std::string_view inner) const { return hash_text<false>(inner, of('a')); }
  std::uint64_t group(std::string_view name) const { return hash_text<true>(name, of('g')); }
  std::uint64_t session(std::string_view device, std::uint64_t number) const { return mix_number(hash_text<false>(device, of('s')), number); }
  std::uint64_t message_id(std::uint32_t id) const { return mix_number(of('m'), id); }
  std::uint64_t cookie(std::uint64_t cookie) const { return mix_number(of('i'), cookie); }
  std::uint64_t spis(std::uint64_t as_client_sees_them) const { return mix_number(of('e'), as_client_sees_them); }
  std::uint64_t device(std::string_view name) const { return hash_text<false>(name, of('d')); }
  std::uint64_t without_peer() const { return of('t'); }
  std::uint64_t without_device() const { return of('*'); }

 private:
  std::uint64_t of(char kind) const { return mix_number(side_, static_cast<unsigned char>(kind)); }
  std::uint64_t side_;
};

inline std::uint64_t mirrored(std::uint64_t spis) { return spis << 32 | spis >> 32; }

inline constexpr auto kAny = [](const auto&) { return true; };

}  // namespace vpnverdict::cluster_parts

namespace vpnverdict {

// Of the newest halves under a key those that are wanted, newest first.
template <class Wanted>
void Cluster::collect(std::uint64_t key, std::size_t newest, Wanted wanted, Halves& out) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return;
  found->second.greatest_first([&](HalfId id) {
    if (const Half* half = halves_.look_if(id, wanted)) out.push_back(half);
    return --newest > 0;
  });
}

}  // namespace vpnverdict
