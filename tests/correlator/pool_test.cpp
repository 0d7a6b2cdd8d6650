#include "correlator/pool.h"

#include <gtest/gtest.h>

namespace vpnverdict {
namespace {

constexpr std::uint64_t user(int n) { return 1000u + static_cast<std::uint64_t>(n); }

TEST(PoolLedger, no_history_says_nothing) {
  PoolLedger ledger;
  ledger.refused(0, user(1));
  EXPECT_TRUE(ledger.facts(user(1), 0).empty());
}

TEST(PoolLedger, two_users_and_never_a_success_is_misconfiguration) {
  PoolLedger ledger;
  ledger.refused(0, user(1));
  ledger.refused(1000, user(1));
  EXPECT_FALSE(ledger.facts(user(1), 0).has(Fact::pool_never_succeeded)) << "one laptop that retries is one user";
  ledger.refused(2000, user(2));
  EXPECT_EQ(FactMask{Fact::pool_never_succeeded}, ledger.facts(user(2), 0));
}

// Worked example 20: 61 successes, refusals at 62 in use three times, works after a log-off.
TEST(PoolLedger, a_plateau_and_a_success_after_a_release_is_exhaustion) {
  PoolLedger ledger;
  for (int i = 0; i < 62; ++i) ledger.assigned(i * 1000, user(i));
  for (int i = 0; i < 3; ++i) ledger.refused(70'000 + i * 1000, user(100 + i));
  EXPECT_TRUE(ledger.facts(user(102), 0).has(Fact::pool_at_plateau));
  EXPECT_FALSE(ledger.facts(user(102), 0).has(Fact::pool_freed_then_worked));
  ledger.released(80'000, user(3));
  ledger.assigned(85'000, user(100));
  EXPECT_TRUE(ledger.facts(user(101), 0).contains({Fact::pool_at_plateau, Fact::pool_freed_then_worked}));
}

// Worked example 30: leases inflated by lost closes, then a boot, then refusals at the true size.
TEST(PoolLedger, a_boot_frees_everything) {
  PoolLedger ledger;
  for (int i = 0; i < 180; ++i) ledger.assigned(i, user(i));
  ledger.rebooted();
  EXPECT_EQ(0u, ledger.in_use());
  for (int i = 0; i < 100; ++i) ledger.assigned(1000 + i, user(i));
  for (int i = 0; i < 2; ++i) ledger.refused(2000 + i, user(200 + i));
  EXPECT_TRUE(ledger.facts(user(201), 0).has(Fact::pool_at_plateau));
}

TEST(PoolLedger, everybody_failing_far_below_the_peak_is_no_exhaustion) {
  PoolLedger ledger;
  for (int i = 0; i < 50; ++i) ledger.assigned(i, user(i));
  for (int i = 0; i < 40; ++i) ledger.released(100 + i, user(i));
  for (int i = 0; i < 3; ++i) ledger.refused(200 + i, user(60 + i));
  const FactMask facts = ledger.facts(user(62), 0);
  EXPECT_FALSE(facts.intersects({Fact::pool_at_plateau, Fact::pool_nearly_full, Fact::pool_never_succeeded}));
}

TEST(PoolLedger, the_configured_size_tells_a_full_pool) {
  PoolLedger ledger;
  for (int i = 0; i < 48; ++i) ledger.assigned(i, user(i));
  ledger.refused(100, user(60));
  EXPECT_TRUE(ledger.facts(user(60), 50).has(Fact::pool_nearly_full));
  EXPECT_FALSE(ledger.facts(user(60), 200).has(Fact::pool_nearly_full));
}

TEST(PoolLedger, one_user_alone_points_at_his_own_address) {
  PoolLedger ledger;
  ledger.assigned(0, user(1));
  ledger.refused(1000, user(9));
  ledger.assigned(2000, user(2));
  ledger.assigned(3000, user(3));
  ledger.refused(4000, user(9));
  EXPECT_TRUE(ledger.facts(user(9), 0).has(Fact::pool_one_user_only));
}

}  // namespace
}  // namespace vpnverdict
