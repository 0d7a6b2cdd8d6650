// Which client's log and which concentrator's tell of one attempt.
#include "correlator/cluster.h"

#include <algorithm>
#include <cstdlib>
#include <utility>
#include <vector>

#include "correlator/cluster_terms.h"

namespace vpnverdict {
using namespace cluster_parts;
namespace {

using enum Fact;

constexpr std::size_t kPresumedMax = 256;  // halves of one incident that are looked at; of a feed a few do
constexpr FactMask kPathDropped = {concentrator_path_dropped_ike, concentrator_path_dropped_natt};

}  // namespace

// Who may be the other side of a half, oldest first.
Cluster::Halves Cluster::counterparts(const Half& half) {
  Halves out;
  const std::size_t newest = options_->presume_one_incident ? kPresumedMax : 64;
  const bool is_client = half.vantage == Vantage::client;
  const Keys keys(is_client ? Vantage::concentrator : Vantage::client);
  const auto proves = [&](std::uint64_t key) {
    collect(key, newest, kAny, out);
  };
  for (const std::uint32_t id : half.message_ids) proves(keys.message_id(id));
  for (const std::uint64_t cookie : half.cookies) proves(keys.cookie(cookie));
  for (const std::uint64_t spis : half.spis) proves(keys.spis(is_client ? spis : mirrored(spis)));
  // What is apart in time is not waked.
  const bool presumed = options_->presume_one_incident;
  const auto add = [&](std::uint64_t key) {
    const auto wanted = [&](const auto& other) {
      return !other.spoken_for() && !(is_client ? apart_in_time(half, other, presumed) : apart_in_time(other, half, presumed));
    };
    collect(key, newest, wanted, out);
  };
  if (!half.peer.empty()) add(keys.peer(half.peer));
  if (!is_masked(half.user)) add(keys.user(half.user));
  if (!half.address.empty()) add(keys.address(half.address));
  // Nothing in common but the time: clients whose log names no address of theirs, and the newest of the other side.
  if (!is_client && !options_->presume_one_incident) {
    add(keys.without_peer());
  } else if (options_->presume_one_incident || half.peer.empty()) {
    add(keys.without_device());
    if (is_client)
      for (const auto& [device, witness] : witnesses_)
        if (!device.empty()) add(keys.device(device));
  }
  sort_and_dedupe(out);
  std::ranges::reverse(out);
  return out;
}

// Both sides name a cause of their own and not the same: a weak likeness does not make them one.
bool Cluster::told_apart(const Half& client, const Half& concentrator) const {
  const Diagnosis by_client = diagnose({&client, nullptr, JoinStrength::one_sided, {}});
  const Diagnosis by_concentrator = diagnose({nullptr, &concentrator, JoinStrength::one_sided, {}});
  const bool both_name = by_client.rule != nullptr && by_concentrator.rule != nullptr && by_client.grade != Grade::guess &&
                         by_concentrator.grade != Grade::guess && by_client.cause != by_concentrator.cause;
  if (!both_name || !options_->presume_one_incident) return both_name;
  // Of one incident: the client may tell the symptom of what the concentrator decides, but not of another step.
  const int step = row_of(by_client.cause).step;
  const int other_step = row_of(by_concentrator.cause).step;
  return tells_of_several(client) && step != 0 && other_step != 0 && std::abs(step - other_step) > 1;
}

// Whether another concentrator gave the same inner address to somebody else: pools that overlap, as of two customers of one
// provider. The address then tells no client from another.
bool Cluster::leased_by_several(const Half& half) {
  if (half.address.empty()) return false;
  constexpr std::size_t kNewest = 64;
  Halves leases;
  collect(Keys(Vantage::concentrator).address(half.address), kNewest, kAny, leases);
  return std::ranges::any_of(leases, [&](const Half* lease) {
    return lease->device != leases.front()->device && !same_user(lease->user, leases.front()->user);
  });
}

// The concentrators' logs, beside this one client's.
bool Cluster::tells_of_several(const Half& client) const { return sources_.size() > (client.peer.empty() ? 1U : 2U); }

// Not where the concentrator tells of several clients, unless the clocks agree: closely, if nothing shows that this one was heard.
bool Cluster::vouched_for(const Half& half, const Half& other) const {
  constexpr Timestamp kExactMs = 2'000;
  constexpr Timestamp kAgreeMs = 5'000;
  constexpr Timestamp kAttemptMs = 120'000;
  const Half& client = half.vantage == Vantage::client ? half : other;
  const Half& concentrator = &client == &half ? other : half;
  if (!tells_of_several(client)) return true;
  if (client.started == kUntimed || concentrator.started == kUntimed) return false;
  if (may_be_in_no_other_log(client)) return apart(client, concentrator) <= kExactMs;
  if (apart(client, concentrator) <= kAgreeMs) return true;
  // A concentrator may say nothing before the user is judged.
  const Timestamp into = concentrator.started - client.started;
  return !concentrator.legs.front().says.has(concentrator_saw_am1) && into >= 0 && into <= std::min(client.last - client.started, kAttemptMs) + kAgreeMs;
}

// Where nothing but the time speaks for several of one incident: the causes that the client's attempt has with one and with another,
// the nearest first. Two are alike that are no further apart than a clock may be off, or where the nearest is far, than ten times that.
Causes Cluster::causes_left(const Half& client) {
  constexpr Timestamp kClockMs = 1'000;
  constexpr Timestamp kPlainlyNearer = 10;
  Causes out;
  if (!options_->presume_one_incident || !tells_of_several(client)) return out;
  std::vector<std::pair<Timestamp, const Half*>> fitting;
  for (const Half* const each : counterparts(client)) {
    if (each->vantage == Vantage::client || each->only_session != client.only_session) continue;
    if (each->partner != client.id && (each->spoken_for() || each->absorbed)) continue;
    const Fit fits = fit(client, *each, true);
    if (fits.keyed) return out;
    if (fits.score >= 0 && !each->legs.back().says.intersects(kPathDropped)) fitting.emplace_back(apart_throughout(client, *each), each);
  }
  std::ranges::stable_sort(fitting, {}, &std::pair<Timestamp, const Half*>::first);
  Timestamp limit = kUntimed;
  for (const auto& [apart, each] : fitting) {
    if (!out.empty() && apart > limit) break;
    if (told_apart(client, *each)) continue;
    if (out.empty()) limit = apart <= kClockMs ? apart + kClockMs : kPlainlyNearer * apart;
    const Cause cause = diagnose({&client, each, JoinStrength::weak, {}}).cause;
    if (std::ranges::find(out, cause) == out.end()) out.push_back(cause);
  }
  return out;
}

// The pairs that were the only ones left when they were joined, now that all are known.
void Cluster::look_at_vouched_again(ShardCounts& counts, std::vector<Verdict>& out) {
  const bool all_are_seen = halves_.size() <= kPresumedMax;
  for (const HalfId id : halves_.ids()) {
    Half& half = *living(id);
    if (half.vantage != Vantage::client || half.join == JoinStrength::proof) continue;
    if (half.partner == 0) {
      if (half.closed && all_are_seen) tell(half, true, counts, out);
      continue;
    }
    Half& partner = *living(half.partner);
    if (!causes_left(half).empty()) {
      part(half, partner, now_, counts);
      settle(half, false, counts, out);
      if (partner.partner == 0) tell(partner, true, counts, out);
      continue;
    }
    if (half.join != JoinStrength::strong || vouched_for(half, partner) || fit(half, partner, true).strength == JoinStrength::strong) continue;
    half.join = partner.join = JoinStrength::weak;
    Half* const teller = teller_of(half);
    if (teller->closed) tell(*teller, true, counts, out);
  }
}

const Half* Cluster::best_counterpart(const Half& half, Fit* best) {
  const Half* found = nullptr;
  int rivals = 0;      // nothing but time and shape speaks for them
  int neighbours = 0;  // the address and perhaps the group agree, but no key of one client
  int candidates = 0;
  Timestamp nearest = 0;
  const bool address_is_key = options_->presume_one_incident || !leased_by_several(half);
  for (const Half* const each : counterparts(half)) {
    const Half& other = *each;
    const bool taken = other.partner != 0;
    if (other.vantage == half.vantage || (other.absorbed && !taken)) continue;
    const Half& client = half.vantage == Vantage::client ? half : other;
    const Half& concentrator = half.vantage == Vantage::client ? other : half;
    if (client.only_session != concentrator.only_session) continue;
    const Fit fits = fit(client, concentrator, options_->presume_one_incident, address_is_key);
    if (fits.score < 0) continue;
    // Every scanner's packet is dropped: time and shape do not make one the client's.
    const bool lone_pair = options_->presume_one_incident && halves_.size() == 2;
    if (!fits.keyed && !lone_pair && concentrator.legs.back().says.intersects(kPathDropped)) continue;
    if (fits.keyed && !fits.named) ++neighbours;
    // What only seemed to be one does not keep an id from its own.
    if (taken && (fits.strength != JoinStrength::proof || other.join == JoinStrength::proof || other.partner == half.id)) continue;
    if (fits.strength == JoinStrength::weak && told_apart(client, concentrator)) continue;
    ++candidates;
    if (!fits.keyed) ++rivals;
    // Of several clients' attempts that no key tells apart the nearest comes first.
    const bool by_time = options_->presume_one_incident && !fits.keyed && tells_of_several(client);
    const Timestamp away = by_time ? apart_throughout(client, concentrator) : apart(client, concentrator);
    const bool decided = found != nullptr && (best->keyed != fits.keyed || !by_time) && fits.score != best->score;
    if (found == nullptr || (decided ? fits.score > best->score : away < nearest)) {
      found = &other;
      *best = fits;
      nearest = away;
    }
  }
  // Time and shape alone never choose between several. One candidate, and a caller who vouches for it, is as good as a name.
  if (found != nullptr && !best->keyed && rivals > 1 && !options_->presume_one_incident) return nullptr;
  if (found != nullptr && options_->presume_one_incident && candidates == 1 && vouched_for(half, *found)) best->strength = std::max(best->strength, JoinStrength::strong);
  // Several clients behind one address: the address does not say which (diagnosis 2.5).
  const bool shared = neighbours > 1 || (!half.peer.empty() && is_shared(half.peer)) || (found != nullptr && !found->peer.empty() && is_shared(found->peer));
  if (found != nullptr && !best->named && !options_->presume_one_incident && shared) best->strength = std::min(best->strength, JoinStrength::weak);
  return found;
}

Half* Cluster::partner_for(Half& half, Fit* best, ShardCounts& counts, std::vector<Verdict>& out) {
  const Half* partner = best_counterpart(half, best);
  if (partner == nullptr) return nullptr;
  Fit back;
  const Half* returned = best_counterpart(*partner, &back);
  if (returned == nullptr) return nullptr;
  if (returned != &half && (back.score > best->score || apart(*returned, *partner) < apart(half, *partner))) return nullptr;
  best->strength = std::min(best->strength, back.strength);
  if (!best->keyed && causes_left(half.vantage == Vantage::client ? half : *partner).size() > 1) return nullptr;
  Half* const found = to_change(partner);
  if (Half* const other = living(found->partner)) {
    part(*found, *other, now_, counts);
    if (other->closed) tell(*other, true, counts, out);
  }
  return found;
}

bool Cluster::is_told(const Half& half) {
  const Half* const partner = half.absorbed ? look_at(half.partner) : nullptr;
  return partner == nullptr ? half.closed : partner->closed;
}

Half* Cluster::teller_of(Half& half) {
  Half* const partner = half.absorbed ? living(half.partner) : nullptr;
  return partner == nullptr ? &half : partner;
}

// The attempt that was told first keeps its id; if none was, the concentrator's does.
void Cluster::join(Half& half, Half& partner, JoinStrength strength, ShardCounts& counts) {
  Half* teller = half.vantage == Vantage::concentrator ? &half : &partner;
  if (half.closed != partner.closed) teller = half.closed ? &half : &partner;
  else if ((half.revision > 0) != (partner.revision > 0)) teller = half.revision > 0 ? &half : &partner;
  Half& other = teller == &half ? partner : half;
  half.partner = partner.id;
  partner.partner = half.id;
  half.join = partner.join = strength;
  other.absorbed = true;
  teller->connected = teller->connected || other.connected;
  due_.erase({other.queued, other.id});
  other.queued = kNever;
  // An attempt that was already told as final cannot be taken back: it stays counted, the revision corrects it.
  if (other.closed) return;
  ++counts.attempts_joined;
  --counts.attempts_open;
}

// They are two attempts after all.
void Cluster::part(Half& half, Half& partner, Timestamp when, ShardCounts& counts) {
  Half& other = half.absorbed ? half : partner;
  half.partner = partner.partner = 0;
  half.join = partner.join = JoinStrength::one_sided;
  half.connected = half.legs.back().says.intersects(kConnects);
  partner.connected = partner.legs.back().says.intersects(kConnects);
  other.absorbed = false;
  if (!other.closed) {
    --counts.attempts_joined;
    ++counts.attempts_open;
    schedule(other, later(when, due_of(other)));
  }
}

// Joined early, by an address that others may share: what comes later can weaken that, or show that these are two clients.
void Cluster::look_at_join_again(Half& half, Timestamp when, ShardCounts& counts, std::vector<Verdict>& out) {
  Half* const other_side = living(half.partner);
  if (other_side == nullptr || half.join == JoinStrength::proof) return;
  Half& partner = *other_side;
  if (partner.partner != half.id) return;
  const bool is_client = half.vantage == Vantage::client;
  const bool presumed = options_->presume_one_incident;
  const Fit now = fit(is_client ? half : partner, is_client ? partner : half, presumed);
  if (now.score >= 0) {
    if (!presumed) half.join = partner.join = std::min(half.join, now.strength);
    return;
  }
  part(half, partner, when, counts);
  if (partner.closed) tell(partner, true, counts, out);  // without what was the other's
}

bool Cluster::anyone_unaccounted(const Half& client) {
  for (const Half* const each : counterparts(client)) {
    const Half& other = *each;
    if (other.vantage == Vantage::client || other.partner != 0 || other.absorbed) continue;
    if (fit(client, other, true).score >= 0) return true;
  }
  return false;
}

// One attempt in either log and a caller who vouches that they are one incident: clocks minutes apart do not part the two.
void Cluster::join_lone_pair(ShardCounts& counts, std::vector<Verdict>& out) {
  constexpr Timestamp kDriftMs = 15 * 60'000;
  if (!options_->presume_one_incident || halves_.size() != 2) return;
  const std::vector<HalfId> ids = halves_.ids();
  Half* client = living(ids.front());
  Half* concentrator = living(ids.back());
  if (client->vantage != Vantage::client) std::swap(client, concentrator);
  if (client->vantage == concentrator->vantage || client->partner != 0 || client->only_session != concentrator->only_session) return;
  if (client->started == kUntimed || concentrator->started == kUntimed) return;
  const Timestamp drift = client->started - concentrator->started;
  if (std::abs(drift) > kDriftMs) return;
  Half by_the_clients_clock = *concentrator;
  by_the_clients_clock.started += drift;
  by_the_clients_clock.last += drift;
  if (fit(*client, by_the_clients_clock, true, true).score < 0) return;
  const bool both_told = client->closed && concentrator->closed;
  join(*client, *concentrator, JoinStrength::strong, counts);
  Half* teller = teller_of(*client);
  Half& other = teller == client ? *concentrator : *client;
  const std::size_t told = out.size();
  tell(*teller, true, counts, out);
  if (both_told && out.size() > told) out.push_back(also_of(other, out[told]));
}

}  // namespace vpnverdict
