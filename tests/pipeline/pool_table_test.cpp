// The address pools as a person reads them and as the page gets them, each counted by hand.
#include "pipeline/pool_table.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <string>
#include <vector>

#include "correlator/shard.h"
#include "pipeline/pools_json.h"

namespace vpnverdict {
namespace {

PoolView pool(const std::string& name, std::uint32_t in_use, std::uint32_t capacity, CapacitySource source) {
  PoolView out;
  out.concentrator = "vpn1";
  out.pool = name;
  out.in_use = in_use;
  out.capacity = capacity;
  out.source = source;
  return out;
}

std::vector<PoolView> some() {
  std::vector<PoolView> out;
  out.push_back(pool("calm", 10, 100, CapacitySource::configured));
  PoolView& full = out.emplace_back(pool("full", 62, 62, CapacitySource::inferred));
  full.refusals = 1'234;
  for (std::uint32_t i = 0; i < 10; ++i) full.slots.push_back(i < 6 ? 8 : 62);  // two quarters, an hour, an hour
  PoolView& fills = out.emplace_back(pool("fills", 86, 100, CapacitySource::configured));
  for (std::uint32_t i = 0; i < 24; ++i) fills.slots.push_back(40 + 2 * i);  // 14 are left, two go every quarter of an hour
  out.emplace_back(pool("seen", 9, 9, CapacitySource::lower_bound)).by_group = true;
  out.emplace_back(pool("never", 0, 0, CapacitySource::lower_bound)).refusals = 7;
  out.emplace_back(pool("", 3, 5, CapacitySource::lower_bound)).concentrator = "a\x1b[2Jb";
  return out;
}

TEST(PoolTable, is_what_a_person_reads) {
  EXPECT_EQ(pool_table(some()),
            "concentrator          pool                in use of             use by the hour           refused  forecast\n"
            "vpn1                  full                62 of 62 inferred     ▂▂█                         1,234  full\n"
            "vpn1                  fills               86 of 100             ▄▅▅▆▇▇                          0  full in 105 min\n"
            "vpn1                  calm                10 of 100                                             0  -\n"
            "vpn1                  seen (group)        9 of 9 or more                                        0  -\n"
            "vpn1                  never               none ever given                                       7  -\n"
            "a?[2Jb                (all)               3 of 5 or more                                        0  -\n");
  EXPECT_EQ(pool_table({}), "No line told of an address that was given or refused.\n");
}

TEST(PoolTable, an_hour_is_its_busiest_quarter_and_the_newest_is_whole) {
  PoolView one;
  one.slots = {1, 9, 2, 3, 4, 5, 8, 7, 6};
  EXPECT_EQ(hourly_peaks(one), (std::vector<std::uint32_t>{1, 9, 8}));
  one.slots.clear();
  EXPECT_TRUE(hourly_peaks(one).empty());
}

TEST(PoolsJson, says_the_same_page_by_page) {
  simdjson::dom::parser parser;
  const std::string first = pools_json(some(), 0, 2);
  const simdjson::dom::element page = parser.parse(first);
  EXPECT_EQ(uint64_t(page["count"]), 6u);
  EXPECT_EQ(uint64_t(page["next"]), 2u);
  const auto row = page["pools"].at(0);
  EXPECT_EQ(std::string_view(row["pool"]), "full");
  EXPECT_EQ(std::string_view(row["capacity_is"]), "inferred");
  EXPECT_EQ(uint64_t(row["free"]), 0u);
  EXPECT_EQ(uint64_t(row["hours"].at(2)), 62u);
  EXPECT_TRUE(row["forecast"].is_null());
  EXPECT_EQ(uint64_t(page["pools"].at(1)["forecast"]["full_in_seconds"]), 6'300u);
  EXPECT_EQ(std::string_view(page["pools"].at(1)["forecast"]["trend"]), "hours");

  const std::string last = pools_json(some(), 4, 2);
  const simdjson::dom::element rest = parser.parse(last);
  EXPECT_TRUE(rest["next"].is_null());
  EXPECT_TRUE(rest["pools"].at(0)["free"].is_null());
  EXPECT_EQ(std::string_view(rest["pools"].at(1)["concentrator"]), "a\x1b[2Jb");
  EXPECT_EQ(uint64_t(parser.parse(pools_json(some(), 99, 2))["pools"].get_array().size()), 0u);
}

// A device gives three addresses, takes one back and refuses one user; another device gives one.
TEST(ShardPools, are_what_the_lines_moved) {
  const Inventory inventory;
  Shard shard(inventory, {});
  std::vector<Verdict> verdicts;
  Event event;
  event.vantage = Vantage::concentrator;
  std::uint64_t position = 0;
  const auto line = [&](std::string_view device, std::string_view user, std::string_view address, Fact says) {
    event.device = device;
    event.user = user;
    event.group = "sales";
    event.pool = "POOL";
    event.address = address;
    const std::string peer = "198.51.100." + std::to_string(user.size());
    event.peer = peer;
    const std::string text = std::to_string(++position);
    event.text = text;
    event.ref = {0, position};
    event.time = 1'700'000'000'000 + static_cast<Timestamp>(position) * 10'000;
    event.says = says;
    shard.on_event(event, verdicts);
  };
  line("vpn1", "a", "10.9.0.1", Fact::concentrator_address_assigned);
  line("vpn1", "bb", "10.9.0.2", Fact::concentrator_address_assigned);
  line("vpn2", "dddd", "10.9.0.1", Fact::concentrator_address_assigned);
  line("vpn1", "ccc", "10.9.0.3", Fact::concentrator_address_assigned);
  line("vpn1", "bb", "10.9.0.2", Fact::concentrator_address_released);
  line("vpn1", "eeeee", "", Fact::concentrator_address_failed);
  shard.advance_to(1'700'000'200'000, verdicts);
  std::vector<PoolView> pools = shard.pools();
  ASSERT_EQ(pools.size(), 2u);
  EXPECT_EQ(pools[0].concentrator, "vpn1");
  EXPECT_EQ(pools[0].pool, "POOL");
  EXPECT_EQ(pools[0].in_use, 2u);
  EXPECT_EQ(pools[0].capacity, 3u);
  EXPECT_EQ(pools[0].assignments, 3u);
  EXPECT_EQ(pools[0].releases, 1u);
  EXPECT_EQ(pools[0].refusals, 1u);
  EXPECT_EQ(pools[1].concentrator, "vpn2");
  EXPECT_EQ(pools[1].in_use, 1u);

  Shard again(inventory, {});
  ASSERT_TRUE(again.restore(shard.save()));
  EXPECT_EQ(pool_table(again.pools()), pool_table(std::move(pools)));
}

}  // namespace
}  // namespace vpnverdict
