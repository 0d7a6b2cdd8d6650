#include "pipeline/generate_fleet.h"

#include <algorithm>

namespace vpnverdict {
namespace {

constexpr std::string_view kCities[] = {"berlin", "oslo", "lyon", "porto", "turin", "delft", "bergen", "graz", "malmo", "cork"};
constexpr std::string_view kGroupNames[] = {
    "employees",   "sales",     "engineering", "mygroup",  "VPNFull",    "finance",     "support",   "marketing",
    "consultants", "operations", "logistics",  "legal",    "Field Service", "research", "purchasing", "warehouse",
    "facilities",  "auditors",  "payroll",     "training-staff", "R&D Lab", "helpdesk", "partners-emea", "partners-apac",
    "partners-us", "oncall",    "netops",      "dba",      "board",      "travel",      "press",     "quality",
    "export",      "import",    "drivers",     "clinic",   "library",    "printshop",   "canteen",   "test_grp"};
static_assert(std::size(kGroupNames) == kOrdinaryGroups);
constexpr std::string_view kSmallPoolNames[] = {"fieldlab", "trainees", "surveyors"};
static_assert(std::size(kSmallPoolNames) == kSmallPools);
constexpr std::string_view kPoollessNames[] = {"newbranch", "interns26"};
static_assert(std::size(kPoollessNames) == kPoolless);
constexpr std::string_view kFirst[] = {"anna", "ben", "carla", "david", "eva", "frank", "greta", "hugo", "ines", "jan",
                                       "karin", "luis", "maria", "nils", "olga", "paul", "rosa", "sven", "tina", "uwe"};
constexpr std::string_view kLast[] = {"abel", "berg", "costa", "dunn", "ek", "frey", "gomes", "hahn", "ivers", "jung",
                                      "koch", "lund", "moser", "noor", "olsen", "pires", "quist", "rossi", "silva", "toth"};
constexpr std::uint64_t kSites = 200;  // offices, hotels: one public address for many people

std::string dotted(int a, int b, std::uint64_t c, std::uint64_t d) {
  return std::to_string(a) + '.' + std::to_string(b) + '.' + std::to_string(c) + '.' + std::to_string(d);
}

Timestamp clock_offset(Random& random, bool& zone_wrong) {
  const std::uint64_t kind = random.below(1000);
  zone_wrong = kind >= 985;
  if (kind < 600) return random.between(-3'000, 3'000);
  if (!zone_wrong) return random.between(-120'000, 120'000);
  const std::int64_t hours = random.between(1, 9);
  return (random.permille(500) ? hours : -hours) * 3'600'000 + random.between(-20'000, 20'000);
}

int log_level(std::size_t box) {
  if (box % 10 == 1 || box % 10 == 4 || box % 10 == 7) return 9;
  return box % 10 == 2 ? 7 : 5;
}

}  // namespace

std::size_t SmallPool::in_use(Timestamp at) {
  leases.erase(std::remove_if(leases.begin(), leases.end(), [at](Timestamp end) { return end <= at; }), leases.end());
  return leases.size();
}

Fleet::Fleet(std::uint64_t seed, std::uint64_t people, Timestamp start) : seed_(seed) {
  Random random(spread(seed ^ 0x666C656574ULL));
  for (std::size_t i = 0; i < kBoxes; ++i) {
    Box box;
    box.cluster = kCities[i / 2];
    box.name = "vpn-" + box.cluster + (i % 2 == 0 ? "-1" : "-2");
    box.address = dotted(203, 0, 113, 10 + i);
    box.level = log_level(i);
    box.clock_offset = random.between(-800, 800);
    box.sequence = static_cast<std::uint32_t>(random.between(100, 400'000));
    box.handle = static_cast<std::uint32_t>(random.between(10, 900));
    boxes.push_back(std::move(box));
  }
  // Two boxes lose their syslog now and then.
  for (const std::size_t i : {std::size_t{5}, std::size_t{12}})
    for (int n = 0; n < 400; ++n) {
      const Timestamp from = start + (n * 6 + 2) * 3'600'000LL + random.between(0, 3'600'000);
      boxes[i].feed_cut.push_back({from, from + 40 * 60'000});
    }
  groups.assign(std::begin(kGroupNames), std::end(kGroupNames));
  for (std::size_t i = 0; i < kSmallPools; ++i)
    small_pools.push_back({std::string(kSmallPoolNames[i]), i * 4, static_cast<std::uint32_t>(8 + 4 * i), {}});
  poolless.assign(std::begin(kPoollessNames), std::end(kPoollessNames));
  busy_until.assign(people, kUntimed);
}

std::size_t Fleet::group_of(Random& random) const {
  // Sizes fall like 1/rank: half of the people are in the first six of forty groups.
  static constexpr std::uint64_t kScale = 10'000;
  std::uint64_t total = 0;
  for (std::uint64_t rank = 1; rank <= kOrdinaryGroups; ++rank) total += kScale / rank;
  std::uint64_t at = random.below(total);
  for (std::uint64_t rank = 1; rank <= kOrdinaryGroups; ++rank) {
    if (at < kScale / rank) return rank - 1;
    at -= kScale / rank;
  }
  return 0;
}

Person Fleet::person(std::uint64_t index) const {
  Random random(spread(seed_ ^ (index * 0x9E3779B97F4A7C15ULL + 1)));
  Person who;
  who.index = index;
  who.user = std::string(random.pick(kFirst)) + '.' + std::string(random.pick(kLast)) + std::to_string(index);
  if (random.permille(20)) who.user = "CORP\\" + who.user;
  if (random.permille(20)) who.user += "@example.com";
  who.group = group_of(random);
  who.box = random.below(kBoxes - 2);
  who.host = "pc-" + std::to_string(10'000 + index);
  who.shared_nat = random.permille(300);
  // One site's people use one concentrator, as they would.
  if (who.shared_nat) {
    who.peer = dotted(198, 51, 100, 1 + index % kSites);
    who.box = index % kSites % (kBoxes - 2);
  } else {
    who.peer = dotted(198, 18 + static_cast<int>(index / 65'536 % 2), index / 256 % 256, index % 256);
  }
  who.inner = dotted(192, 168, random.below(4), 2 + random.below(250));
  who.linux_client = random.permille(60);
  who.ships_always = random.permille(350);
  who.ships_failures = who.ships_always || random.permille(800);
  who.envelope_tells = random.permille(700);
  who.natt = random.permille(920);
  who.patient = random.permille(500);
  who.clock_offset = clock_offset(random, who.zone_wrong);
  return who;
}

std::string Fleet::virtual_address(std::size_t box) const { return dotted(203, 0, 113, 100 + box / 2); }

Inventory Fleet::inventory() const {
  Inventory out;
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    Concentrator row{boxes[i].name, boxes[i].cluster, {boxes[i].name, boxes[i].address}};
    if (i % 2 == 0) row.addresses.push_back(virtual_address(i));
    out.concentrators.push_back(std::move(row));
  }
  out.index();
  out.groups = groups;
  for (const SmallPool& pool : small_pools) {
    out.groups.push_back(pool.group);
    out.pools.push_back({boxes[pool.box].cluster, pool.group, pool.size});
  }
  out.groups.insert(out.groups.end(), poolless.begin(), poolless.end());
  out.client_networks = {"198.18.0.0/15", "198.51.100.0/24"};
  return out;
}

std::string inventory_yaml(const Inventory& inventory) {
  std::string out = "concentrators:\n";
  for (const Concentrator& row : inventory.concentrators) {
    out += "  - name: " + row.name + "\n    cluster: " + row.cluster + "\n    addresses: [";
    for (std::size_t i = 0; i < row.addresses.size(); ++i) out += (i == 0 ? "" : ", ") + row.addresses[i];
    out += "]\n";
  }
  out += "groups:\n";
  for (const std::string& group : inventory.groups) out += "  - \"" + group + "\"\n";
  out += "client_networks:\n";
  for (const std::string& network : inventory.client_networks) out += "  - " + network + "\n";
  out += "pools:\n";
  for (const PoolSize& pool : inventory.pools)
    out += "  - {cluster: " + pool.cluster + ", name: " + pool.name + ", size: " + std::to_string(pool.size) + "}\n";
  return out;
}

}  // namespace vpnverdict
