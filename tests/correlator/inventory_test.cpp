#include "correlator/inventory.h"

#include <gtest/gtest.h>

#include "correlator/shard.h"

namespace vpnverdict {
namespace {

Inventory two_clusters() {
  Inventory inventory;
  inventory.concentrators = {{"vpn1", "hq", {"203.0.113.1", "vpn.example.com"}}, {"vpn2", "hq", {"203.0.113.2"}}, {"vpn3", "branch", {"203.0.113.3"}}};
  inventory.index();
  inventory.groups = {"sales", "engineering"};
  inventory.client_networks = {"198.51.100.0/24", "192.0.2.7"};
  inventory.pools = {{"hq", "sales", 50}};
  return inventory;
}

TEST(Inventory, names_addresses_and_short_names_lead_to_the_cluster) {
  const Inventory inventory = two_clusters();
  EXPECT_EQ("hq", inventory.cluster_of("203.0.113.2"));
  EXPECT_EQ("hq", inventory.cluster_of("VPN1.example.net"));
  EXPECT_EQ("branch", inventory.cluster_of("vpn3"));
  EXPECT_EQ("hq", inventory.cluster_of("VPN"));
  EXPECT_EQ("", inventory.cluster_of("vpn.example.net"));
  EXPECT_EQ("", inventory.cluster_of(""));
  EXPECT_EQ("", inventory.cluster_of("203.0.113.9"));
  EXPECT_EQ("vpn1", inventory.concentrator_named("203.0.113.1"));
}

TEST(Inventory, an_address_is_no_short_name_of_another) {
  const Inventory inventory = two_clusters();
  EXPECT_EQ("", inventory.cluster_of("203"));
}

TEST(Inventory, a_typo_is_near_an_issued_name_and_a_guess_is_not) {
  const Inventory inventory = two_clusters();
  EXPECT_TRUE(inventory.issued("SALES"));
  EXPECT_TRUE(inventory.near_issued("salse"));
  EXPECT_FALSE(inventory.near_issued("admin"));
}

TEST(Inventory, client_networks_are_read_as_networks) {
  const Inventory inventory = two_clusters();
  EXPECT_TRUE(inventory.known_client("198.51.100.250"));
  EXPECT_TRUE(inventory.known_client("192.0.2.7"));
  EXPECT_FALSE(inventory.known_client("192.0.2.8"));
}

TEST(Inventory, both_sides_of_one_cluster_go_to_one_shard) {
  const Inventory inventory = two_clusters();
  Event client;
  client.vantage = Vantage::client;
  client.gateway = "203.0.113.1";
  Event concentrator;
  concentrator.device = "vpn2";
  for (std::size_t shards = 1; shards <= 8; ++shards) EXPECT_EQ(shard_of(inventory, client, shards), shard_of(inventory, concentrator, shards));
}

}  // namespace
}  // namespace vpnverdict
