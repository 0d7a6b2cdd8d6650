#include "correlator/pool_book.h"

#include <algorithm>
#include <utility>

#include "correlator/keys.h"
#include "correlator/limits.h"

namespace vpnverdict {
namespace {

using enum Fact;

constexpr std::uint32_t kSharedAddresses = 3;  // addresses given under both names before two groups count as one pool
constexpr std::size_t kSharedMax = 4'096;
constexpr std::size_t kRoutesMax = 16'384;
constexpr std::size_t kExternalMax = 65'536;
constexpr Timestamp kTidyMs = kPoolDayMs;

// 0: nothing is said.
std::uint64_t hash_or_none(std::string_view text) { return text.empty() ? 0 : hash_of(text); }

std::uint64_t peer_of(const PoolLine& line) { return hash_or_none(line.peer) >> 1; }
std::uint64_t holder_of(const PoolLine& line) { return line.user.empty() ? peer_of(line) : hash_of_user(line.user) >> 1; }
std::uint32_t device_number(std::string_view device) { return static_cast<std::uint32_t>(hash_or_none(device)); }

LeaseClaim claim_of(const PoolLine& line, std::uint32_t device) {
  LeaseClaim claim;
  claim.time = line.time;
  claim.address = hash_or_none(line.address) >> 1;
  claim.peer = peer_of(line);
  claim.holder = holder_of(line);
  claim.session = line.session;
  claim.begins = line.says.intersects({Fact::concentrator_address_assigned, Fact::concentrator_connected});
  claim.device = device;
  return claim;
}

// `scope` is a scope's hash.
std::uint64_t place_of(std::uint64_t scope, std::uint64_t address) { return scope ^ address * 0x9e3779b97f4a7c15ULL; }

}  // namespace

std::string PoolBook::key_of(std::string_view scope, std::string_view name) { return lower(scope) + "/" + lower(name); }

// The inventory may give a pool to a whole cluster; otherwise each device has its own.
std::string_view PoolBook::scope_of(const Inventory& inventory, const PoolLine& line) {
  const std::string_view cluster = inventory.cluster_of(line.device);
  for (const PoolSize& known : inventory.pools)
    if (!cluster.empty() && known.cluster == cluster && !known.name.empty() && (known.name == line.pool || known.name == line.group)) return cluster;
  const std::string_view device = inventory.concentrator_named(line.device);
  return device.empty() ? line.device : device;
}

PoolBook::Known& PoolBook::known_of(const Inventory& inventory, const PoolLine& line) {
  const std::uint64_t key = hash_text<false>(line.group, hash_text<false>(line.pool, hash_of(line.device)));
  if (const auto found = known_.find(key); found != known_.end()) return found->second;
  Known& known = known_.size() < kRoutesMax ? known_[key] : beyond_;
  const std::string_view scope = scope_of(inventory, line);
  known = {std::string(scope), hash_or_none(scope), device_number(line.device), nullptr, nullptr, routes_as_of_};
  return known;
}

std::uint32_t PoolBook::size_of(const Inventory& inventory, const Pool& pool) {
  const std::uint32_t own = inventory.pool_size(pool.scope, pool.name);
  return own != 0 ? own : inventory.pool_size(inventory.cluster_of(pool.scope), pool.name);
}

const std::string& PoolBook::routed(const std::string& key) const {
  const auto route = routes_.find(key);
  return route == routes_.end() ? key : route->second;
}

PoolBook::Pool* PoolBook::owner_of(std::uint64_t scope, std::uint64_t address) const {
  if (address == 0) return nullptr;
  const auto owner = owner_.find(place_of(scope, address));
  return owner != owner_.end() && owner->second.pool->ledger.knows(address) ? owner->second.pool : nullptr;
}

PoolBook::Pool* PoolBook::open(std::string_view scope, std::string_view name, bool by_group) {
  const std::string own = key_of(scope, name);
  const std::string& key = by_group ? routed(own) : own;
  const auto found = pools_.find(key);
  if (found != pools_.end()) return &found->second;
  if (pools_.size() >= kPoolsMax) {
    ++not_followed_;
    return nullptr;
  }
  Pool& fresh = pools_[key];
  fresh.scope = scope;
  fresh.name = name;
  fresh.by_group = by_group;
  return &fresh;
}

PoolBook::Pool* PoolBook::pool_of(Known& known, const PoolLine& line) {
  known.forget_before(routes_as_of_);
  if (known.pool != nullptr) return known.pool;
  if (line.pool.empty()) return known.pool = open(known.scope, line.group, true);
  Pool* pool = open(known.scope, line.pool, false);
  if (pool != nullptr && !line.group.empty()) route(line.group, pool);
  known.forget_before(routes_as_of_);
  return known.pool = pool;
}

// Once: until something changes they are led there already.
void PoolBook::lead_group(Known& known, std::string_view group, Pool* pool) {
  known.forget_before(routes_as_of_);
  if (known.group_of == pool) return;
  route(group, pool);
  known.forget_before(routes_as_of_);
  known.group_of = pool;
}

// Lines that only name the group are about this pool, too.
void PoolBook::route(std::string_view group, Pool* pool) {
  const std::string from = key_of(pool->scope, group);
  const std::string name = key_of(pool->scope, pool->name);
  if (from == name || (routes_.size() >= kRoutesMax && !routes_.contains(from))) return;
  const auto before = pools_.find(routed(from));
  if (before != pools_.end() && before->second.by_group && &before->second != pool) merge(&before->second, pool);
  std::string& to = routes_[from];
  routes_as_of_ += to != name;
  to = name;
}

void PoolBook::move(const Inventory& inventory, const PoolLine& line) {
  if (!line.group.empty() && line.group == line.peer) return;  // a site, not a user
  Known& known = known_of(inventory, line);
  const LeaseClaim claim = claim_of(line, known.device);
  if (line.says.intersects(kGiven)) give(known, line, claim);
  if (line.says.intersects(kReturned)) give_back(known, line, claim);
  if (!line.says.intersects(kRefused)) return;
  if (Pool* pool = pool_of(known, line)) pool->ledger.refused(claim);
}

void PoolBook::give(Known& known, const PoolLine& line, const LeaseClaim& claim) {
  const std::uint64_t scope = known.scope_hash;
  const std::uint64_t as_of = routes_as_of_;
  Pool* owner = owner_of(scope, claim.address);
  const std::uint64_t place = place_of(scope, claim.address);
  if (line.external) {
    if (claim.address != 0 && external_.size() < kExternalMax) external_.insert(place);
    if (owner != nullptr) owner->ledger.forget(claim.address, claim.time, claim.session);
    return;
  }
  // An address that AAA or DHCP gave before is theirs, unless a line says that a pool gave it.
  if (!line.pool.empty()) external_.erase(place);
  else if (owner == nullptr && claim.address != 0 && external_.contains(place)) return;
  Pool* pool = owner;
  if (owner == nullptr || !line.pool.empty() || (owner->by_group && !line.group.empty())) pool = pool_of(known, line);
  else if (!line.group.empty()) lead_group(known, line.group, pool);
  if (pool == nullptr) return;
  if (routes_as_of_ != as_of) owner = owner_of(scope, claim.address);  // it was merged
  if (owner != nullptr && owner != pool) {
    owner->ledger.forget(claim.address, claim.time, claim.session);
    pool = shared_pool(pool, owner);
  }
  pool->ledger.given(claim);
  if (line.source_failed) pool->source_no_matter = true;
  if (pool != owner && claim.address != 0 && pool->ledger.knows(claim.address)) owner_[place] = {pool, claim.address};
}

void PoolBook::give_back(Known& known, const PoolLine& line, const LeaseClaim& claim) {
  if (line.external) return;
  known.forget_before(routes_as_of_);
  Pool* pool = owner_of(known.scope_hash, claim.address);
  if (pool == nullptr && line.pool.empty()) pool = known.pool;
  if (pool == nullptr) {
    const auto found = pools_.find(routed(key_of(known.scope, line.pool.empty() ? line.group : line.pool)));
    if (found == pools_.end()) return;
    pool = &found->second;
  }
  pool->ledger.released(claim);
}

// An address that was given under two groups' names: after a few of them the groups draw from one pool.
PoolBook::Pool* PoolBook::shared_pool(Pool* pool, Pool* other) {
  if (!pool->by_group || !other->by_group || pool->name.empty() || other->name.empty() || pool->scope != other->scope) return pool;
  const std::string one = key_of(pool->scope, pool->name);
  const std::string two = key_of(other->scope, other->name);
  const std::string both = std::min(one, two) + "\n" + std::max(one, two);
  if (shared_.size() >= kSharedMax && !shared_.contains(both)) return pool;
  if (++shared_[both] < kSharedAddresses) return pool;
  shared_.erase(both);
  routes_[one] = two;
  return merge(pool, other);
}

PoolBook::Pool* PoolBook::merge(Pool* from, Pool* into) {
  const std::string old = key_of(from->scope, from->name);
  const std::string key = key_of(into->scope, into->name);
  into->ledger.absorb(from->ledger);
  into->source_no_matter = into->source_no_matter || from->source_no_matter;
  adopt_addresses(*into);
  absl::erase_if(owner_, [&](const auto& entry) { return entry.second.pool == from; });
  for (auto& [group, pool] : routes_)
    if (pool == old) pool = key;
  pools_.erase(old);
  ++routes_as_of_;
  return into;
}

void PoolBook::boot(std::string_view device, Timestamp before) {
  const std::uint32_t number = device_number(device);
  for (auto& [key, pool] : pools_)
    if (pool.ledger.served_by(number)) pool.ledger.rebooted(number, before);
}

void PoolBook::settle_all(Timestamp now) {
  settled_ = now;
  for (auto& [key, pool] : pools_) pool.ledger.settle(now);
  if (tidied_ != kUntimed && now - tidied_ < kTidyMs) return;
  tidied_ = now;
  absl::erase_if(owner_, [](const auto& entry) { return !entry.second.pool->ledger.knows(entry.second.address); });
}

// ---- what it all says ------------------------------------------------------------------------------------------------

FactMask PoolBook::facts(const Inventory& inventory, const PoolLine& refused) const {
  FactMask out;
  const std::string_view scope = scope_of(inventory, refused);
  const std::string key = routed(key_of(scope, refused.pool.empty() ? refused.group : refused.pool));
  const auto found = pools_.find(key);
  if (found == pools_.end()) return out;
  const Pool& mine = found->second;
  out = mine.ledger.facts(holder_of(refused), size_of(inventory, mine));
  if (mine.source_no_matter) out.insert(pool_source_no_matter);
  const std::string prefix = key_of(scope, "");
  for (auto other = pools_.lower_bound(prefix); other != pools_.end() && other->first.starts_with(prefix); ++other)
    if (&other->second != &mine && other->second.ledger.ever_assigned()) out.insert(pool_others_succeed);
  return out;
}

void PoolBook::views(const Inventory& inventory, std::vector<PoolView>& out) const {
  for (const auto& [key, pool] : pools_) {
    PoolView view = pool.ledger.view(size_of(inventory, pool));
    view.concentrator = pool.scope;
    view.pool = pool.name;
    view.by_group = pool.by_group;
    out.push_back(std::move(view));
  }
}

void PoolBook::index() {
  owner_.clear();
  ++routes_as_of_;
  for (auto& [key, pool] : pools_) adopt_addresses(pool);
}

void PoolBook::adopt_addresses(Pool& pool) {
  const std::uint64_t scope = hash_or_none(pool.scope);
  pool.ledger.for_each_address([&](std::uint64_t address) { owner_[place_of(scope, address)] = {&pool, address}; });
}

}  // namespace vpnverdict
