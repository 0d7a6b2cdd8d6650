// Which gateway the lines of a client's host mean when they name none.
#include "correlator/gateway_memory.h"

#include <string>

#include <gtest/gtest.h>

namespace vpnverdict {
namespace {

Inventory one_concentrator() {
  Inventory inventory;
  inventory.concentrators.push_back({"vpn1", "", {"192.0.2.1"}});
  inventory.index();
  return inventory;
}

std::string completed(GatewayMemory& memory, const std::string& host, const std::string& gateway, Timestamp time) {
  Event event;
  event.vantage = Vantage::client;
  event.device = host;
  event.gateway = gateway;
  event.time = time;
  memory.complete(event);
  return std::string(event.gateway);
}

TEST(GatewayMemory, a_line_without_a_gateway_means_the_one_its_host_named_last) {
  const Inventory inventory = one_concentrator();
  GatewayMemory memory(inventory);
  EXPECT_EQ(completed(memory, "pc-1", "", 0), "");
  EXPECT_EQ(completed(memory, "pc-1", "192.0.2.1", 1'000), "192.0.2.1");
  EXPECT_EQ(completed(memory, "pc-2", "192.0.2.2", 1'000), "192.0.2.2");
  EXPECT_EQ(completed(memory, "pc-1", "", 2'000), "192.0.2.1");
  EXPECT_EQ(completed(memory, "pc-2", "", 2'000), "192.0.2.2");
  EXPECT_EQ(completed(memory, "pc-1", "192.0.2.3", 3'000), "192.0.2.3");
  EXPECT_EQ(completed(memory, "pc-1", "", 4'000), "192.0.2.3");
  EXPECT_EQ(completed(memory, "pc-1", "", 3'600'000), "") << "that was an hour ago";
}

// Beyond the bound the host that is first by name goes, also when it was the last to be asked for.
TEST(GatewayMemory, beyond_the_bound_a_host_is_forgotten) {
  const Inventory inventory = one_concentrator();
  GatewayMemory memory(inventory);
  constexpr int kHosts = 262'144;
  for (int i = 0; i < kHosts; ++i) memory.restore("pc-" + std::to_string(1'000'000 + i), "192.0.2.1", 0);
  EXPECT_EQ(completed(memory, "pc-1000000", "", 1), "192.0.2.1");
  EXPECT_EQ(completed(memory, "pc-2", "192.0.2.2", 2), "192.0.2.2");
  EXPECT_EQ(completed(memory, "pc-1000000", "", 3), "");
  EXPECT_EQ(completed(memory, "pc-1000001", "", 3), "192.0.2.1");
  EXPECT_EQ(completed(memory, "pc-2", "", 3), "192.0.2.2");
  std::size_t hosts = 0;
  memory.each([&](const std::string&, const std::string&, Timestamp) { ++hosts; });
  EXPECT_EQ(hosts, static_cast<std::size_t>(kHosts));
}

}  // namespace
}  // namespace vpnverdict
