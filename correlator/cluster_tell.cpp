// What is known of an attempt besides its own lines, and its verdict.
#include "correlator/cluster.h"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <utility>

#include "correlator/cluster_terms.h"

namespace vpnverdict {
using namespace cluster_parts;
namespace {

using enum Fact;

constexpr Timestamp kSilenceWindowMs = 10 * 60 * 1000;

// The likeliest of what it may be come before what it may be as well.
void name_first(const Causes& causes, Diagnosis* diagnosis) {
  constexpr std::size_t kMost = 4;
  Causes out;
  const auto add = [&](Cause cause) {
    if (cause != diagnosis->cause && row_of(cause).kind != CauseKind::outcome && std::ranges::find(out, cause) == out.end()) out.push_back(cause);
  };
  for (const Cause cause : causes)
    if (out.size() < kMost) add(cause);
  std::ranges::for_each(diagnosis->alternatives, add);
  diagnosis->alternatives = std::move(out);
}

std::uint64_t network_of(std::string_view address) { return hash_of(address.substr(0, address.rfind('.'))); }

}  // namespace

AttemptView Cluster::view_of(const Half& half) {
  AttemptView view;
  const auto side = [&](const Half& h) { (h.vantage == Vantage::client ? view.client : view.concentrator) = &h; };
  side(half);
  if (const Half* partner = look_at(half.partner)) {
    side(*partner);
    view.join = half.join;
  }
  view.circumstances = circumstances_of(view.client, view.concentrator);
  return view;
}

Circumstances Cluster::circumstances_of(const Half* client, const Half* concentrator) {
  Circumstances out;
  if (client != nullptr) {
    out.known_true.insert(client_log_present);
    for (const Leg& leg : client->legs) {
      if (leg.gateway.empty() || inventory_->concentrators.empty()) continue;
      if (inventory_->cluster_of(leg.gateway).empty()) out.known_true.insert(client_gateway_not_ours);
    }
  }
  if (concentrator != nullptr) {
    out.known_true.insert(concentrator_log_present);
    const auto device = witnesses_.find(concentrator->device);
    if (device != witnesses_.end() && concentrator->last != kUntimed && !options_->presume_one_incident)
      // At half the time that people are given, for no line need come at its very end.
      out.log_broke_off = !device->second.covers(concentrator->started, concentrator->last + patience_ms(*concentrator) / 2);
    if (device != witnesses_.end() && concentrator->started != kUntimed && !concentrator->peer.empty()) {
      const std::uint64_t peer = hash_of(concentrator->peer);
      const bool others = device->second.other_peers_seen(concentrator->started, concentrator->last, peer);
      const bool through = device->second.others_get_through(concentrator->started, concentrator->last, peer);
      (others ? out.known_true : out.known_false).insert(concentrator_other_peers_seen);
      (through ? out.known_true : out.known_false).insert(concentrator_others_get_through);
    }
    if (client == nullptr && !concentrator->peer.empty()) {
      const auto source = sources_.find(hash_of(concentrator->peer));
      const bool known = inventory_->known_client(concentrator->peer);
      if (source != sources_.end() && !source->second.progressed() && !known) {
        const auto stranger = [&] {
          return !inventory_->groups.empty() && !concentrator->group.empty() && !inventory_->issued(concentrator->group) && !inventory_->near_issued(concentrator->group);
        };
        const unsigned many = inventory_->client_networks.empty() ? 20 : 5;
        if (source->second.legs() >= many || source->second.names.size() >= kNamesPerSourceMax || stranger()) out.known_true.insert(concentrator_client_unseen);
      }
    }
    const FactMask refused = PoolBook::kRefused | FactMask{concentrator_address_source_failed};
    const bool no_address = std::ranges::any_of(concentrator->legs, [&](const Leg& leg) { return leg.says.intersects(refused); });
    if (no_address) out.known_true |= pools_.facts(*inventory_, pool_line(*concentrator, {}, 0));
  }
  if (client != nullptr && concentrator == nullptr && client->started != kUntimed && !witnesses_.empty()) {
    bool covers = true;
    bool shows = true;
    bool others = false;
    const std::uint64_t peer = client->peer.empty() ? 1 : hash_of(client->peer);
    for (const auto& [device, witness] : witnesses_) {
      covers = covers && witness.covers(client->started, client->last);
      shows = shows && witness.would_show_arrival(client->started, client->last);
      others = others || witness.other_peers_seen(client->started, client->last, peer);
    }
    if (covers) out.known_true.insert(concentrator_log_present);
    if (covers && shows && !anyone_unaccounted(*client)) {
      out.known_false.insert(concentrator_saw_am1);
      (others ? out.known_true : out.known_false).insert(concentrator_other_peers_seen);
      std::set<std::uint64_t> networks;
      for (const SilentClient& silent : silent_clients_)
        if (std::abs(silent.time - client->started) <= kSilenceWindowMs) networks.insert(silent.network);
      if (networks.size() >= 3) out.known_true.insert(concentrator_many_networks_silent);
    }
  }
  return out;
}

void Cluster::tell(Half& half, bool final, ShardCounts& counts, std::vector<Verdict>& out) {
  AttemptView view = view_of(half);
  if (view.client != nullptr && view.concentrator == nullptr && final && !half.closed) {
    const FactMask& says = half.legs.back().says;
    if (says.has(client_sent_am1) && !says.has(client_received_any) && !half.peer.empty() && half.started != kUntimed) {
      silent_clients_.push_back({half.started, network_of(half.peer)});
      if (silent_clients_.size() > 4096) silent_clients_.pop_front();
      view.circumstances = circumstances_of(view.client, view.concentrator);
    }
  }
  if (half.only_session && diagnose_session(view).rule != nullptr) {
    if (final && !half.closed) {
      half.closed = true;
      half.connected = true;
      --counts.attempts_open;
      ++counts.attempts_final;
    }
    if (final) tell_session(half, counts, out);
    return;
  }
  Diagnosis diagnosis = diagnose(view);
  const bool alone = view.client != nullptr && view.concentrator == nullptr;
  if (alone && diagnosis.grade == Grade::guess) name_first(causes_left(*view.client), &diagnosis);
  if (!final && (diagnosis.cause == Cause::in_progress || diagnosis.cause == Cause::undetermined || diagnosis.grade == Grade::guess)) return;
  const bool partial = missing_->any && rests_on_silence(view, diagnosis);
  if (partial) {
    diagnosis.grade = std::min(diagnosis.grade, Grade::probable);
    if (diagnosis.next_check.empty()) diagnosis.next_check = "the logs that had not been read when this was told";
  }
  std::uint64_t fingerprint = hash_of(diagnosis.next_check);
  for (const int part : {static_cast<int>(diagnosis.cause), static_cast<int>(diagnosis.grade), static_cast<int>(diagnosis.outcome), static_cast<int>(view.join),
                         static_cast<int>(final), static_cast<int>(partial)})
    fingerprint = mix_number(fingerprint, static_cast<std::uint64_t>(part));
  if (alone && options_->presume_one_incident)
    for (const Cause cause : diagnosis.alternatives) fingerprint = mix_number(fingerprint, static_cast<std::uint64_t>(cause));
  if (half.closed && fingerprint == half.told) return;
  half.told = fingerprint;
  Verdict verdict = describe(view, half, diagnosis);
  verdict.final = final;
  verdict.partial = partial;
  if (partial) verdict.missing = missing_->sources;
  verdict.revision = ++half.revision;
  if (final) {
    if (half.closed) {
      ++counts.revisions;
    } else {
      half.closed = true;
      --counts.attempts_open;
      ++counts.attempts_final;
    }
    half.connected = diagnosis.cause == Cause::connected;
    if (half.due == kNever && half.last_when != kUntimed)
      schedule(half, half.last_when + (second_look(half) ? kSecondLookMs : options_->keep_ms));
  }
  if (verdict.partial && final) partial_.insert(half.id);
  out.push_back(std::move(verdict));
  const Half* const other = look_at(half.partner);
  if (final && other != nullptr && other->revision > 0 && !other->closed) {
    Half* const partner = to_change(other);
    partner->closed = true;
    out.push_back(also_of(*partner, out.back()));
  }
  if (final && half.connected) tell_session(half, counts, out);
}

void Cluster::tell_whole(ShardCounts& counts, std::vector<Verdict>& out) {
  for (const HalfId id : std::exchange(partial_, {})) {
    Half* half = living(id);
    if (half == nullptr || half->absorbed) continue;
    Half* teller = teller_of(*half);
    if (teller->closed) tell(*teller, true, counts, out);
  }
}

// Whether lines that were not read yet could tell another story: nothing explicit ended it, or it would be judged otherwise without
// what nobody said. Who connected has; and what one side says for certain needs no other side.
bool Cluster::rests_on_silence(const AttemptView& view, const Diagnosis& diagnosis) {
  if (diagnosis.outcome == Outcome::connected) return false;
  if (diagnosis.rule == nullptr || (view.join == JoinStrength::one_sided && diagnosis.grade != Grade::certain)) return true;
  for (const Half* half : {view.client, view.concentrator})
    if (half != nullptr && std::ranges::any_of(half->legs, &Leg::silent)) return true;
  AttemptView heard = view;
  heard.circumstances.known_false = {};
  if (view.concentrator == nullptr)
    heard.circumstances.known_true = heard.circumstances.known_true.without(
        {concentrator_log_present, concentrator_other_peers_seen, concentrator_many_networks_silent});
  const Diagnosis without = diagnose(heard);
  return without.cause != diagnosis.cause || without.grade != diagnosis.grade;
}

void Cluster::tell_session(Half& half, ShardCounts&, std::vector<Verdict>& out) {
  const AttemptView view = view_of(half);
  const Diagnosis diagnosis = diagnose_session(view);
  if (diagnosis.rule == nullptr) return;
  constexpr std::uint64_t kRevision = 0xFF;
  const std::uint64_t fingerprint = mix_number(hash_of(name_of(diagnosis.cause)), static_cast<std::uint64_t>(diagnosis.grade)) & ~kRevision;
  const std::uint64_t revision = half.session_told & kRevision;
  if ((half.session_told & ~kRevision) == fingerprint || revision == kRevision) return;
  Verdict verdict = describe(view, half, diagnosis);
  verdict.revision = static_cast<std::uint32_t>(revision + 1);
  half.session_told = fingerprint | (revision + 1);
  verdict.about_session = true;
  verdict.attempt = verdict.id;
  verdict.id = mix(verdict.id, "session");
  verdict.final = true;
  out.push_back(std::move(verdict));
}

Verdict Cluster::describe(const AttemptView& view, const Half& teller, const Diagnosis& diagnosis) {
  Verdict verdict;
  const Half* client = view.client;
  const Half* concentrator = view.concentrator;
  const auto either = [&](auto field) -> std::string {
    if (concentrator != nullptr && !(concentrator->*field).empty()) return concentrator->*field;
    return client == nullptr ? std::string{} : client->*field;
  };
  verdict.id = teller.attempt_id;
  verdict.outcome = diagnosis.outcome;
  verdict.cause = diagnosis.cause;
  verdict.step = row_of(diagnosis.cause).step;
  verdict.grade = diagnosis.grade;
  verdict.actor = row_of(diagnosis.cause).actor;
  verdict.peer_ip = either(&Half::peer);
  verdict.client = client == nullptr ? std::string{} : client->device;
  verdict.group = either(&Half::group);
  verdict.user = either(&Half::user);
  verdict.server = either(&Half::server);
  verdict.pool = either(&Half::pool);
  std::string_view device = concentrator == nullptr ? std::string_view{} : std::string_view(concentrator->device);
  if (device.empty() && client != nullptr)
    for (const Leg& leg : client->legs)
      if (device.empty()) device = leg.gateway;
  const std::string_view known = inventory_->concentrator_named(device);
  verdict.concentrator = known.empty() ? device : known;
  const Half& clock = concentrator != nullptr ? *concentrator : *client;
  verdict.started_at = clock.started;
  verdict.ended_at = clock.last;
  verdict.legs = static_cast<int>(std::max(client == nullptr ? 0 : client->legs.size(), concentrator == nullptr ? 0 : concentrator->legs.size()));
  verdict.reached = diagnosis.reached;
  verdict.evidence.reserve((client == nullptr ? 0 : client->evidence.size()) + (concentrator == nullptr ? 0 : concentrator->evidence.size()));
  for (const Half* half : {client, concentrator})
    if (half != nullptr)
      half->evidence.each([&](const EvidenceList::Piece& piece) {
        verdict.evidence.push_back({half->vantage, piece.time, piece.ref, std::string(piece.text), piece.facts});
      });
  verdict.alternatives.assign(diagnosis.alternatives.begin(), diagnosis.alternatives.end());
  verdict.also_seen.assign(diagnosis.also_seen.begin(), diagnosis.also_seen.end());
  verdict.next_check = diagnosis.next_check;
  verdict.remedy = row_of(diagnosis.cause).remedy;
  verdict.due_at = now_;
  verdict.join = view.join;
  verdict.rule = diagnosis.rule == nullptr ? 0 : diagnosis.rule->id;
  for (const Half* half : {client, concentrator})
    if (half != nullptr) verdict.last_evidence_at = later(verdict.last_evidence_at, half->last_when);
  return verdict;
}

}  // namespace vpnverdict
