#include "correlator/rules.h"

#include <gtest/gtest.h>

namespace vpnverdict {
namespace {

TEST(Rules, an_unknown_fact_neither_fires_nor_refutes) {
  const Rule* rule = rule_with_id(71);  // group found and hash failed
  ASSERT_NE(nullptr, rule);
  EXPECT_EQ(RuleState::lacks, state_of(*rule, {{Fact::client_hash_failed}, {}}));
  EXPECT_EQ(RuleState::refuted, state_of(*rule, {{Fact::client_hash_failed}, {Fact::concentrator_group_found}}));
  EXPECT_EQ(RuleState::fires, state_of(*rule, {{Fact::client_hash_failed, Fact::concentrator_group_found}, {}}));
}

TEST(Rules, an_absence_needs_a_witness) {
  const Rule* rule = rule_with_id(171);  // udp500_blocked, probable
  ASSERT_NE(nullptr, rule);
  const FactMask says = {Fact::client_sent_am1, Fact::concentrator_other_peers_seen};
  EXPECT_EQ(RuleState::lacks, state_of(*rule, {says, {}}));
  EXPECT_EQ(RuleState::lacks, state_of(*rule, {says, {Fact::client_received_any}}));
  EXPECT_EQ(RuleState::fires, state_of(*rule, {says, {Fact::client_received_any, Fact::concentrator_saw_am1}}));
  EXPECT_EQ(RuleState::refuted, state_of(*rule, {says | FactMask{Fact::concentrator_saw_am1}, {Fact::client_received_any}}));
}

TEST(Rules, symptoms_alone_are_never_certain) {
  // A verdict from nothing but symptoms, settings and silence may be probable at most, except where both sides
  // together leave one physical explanation (the NAT-T rows).
  for (const Rule& rule : connect_rules()) {
    if (rule.grade != Grade::certain || rule.cause == Cause::connected || rule.cause == Cause::natt_udp4500_blocked) continue;
    FactMask speaks = rule.all_of | rule.any_of;
    const bool decided = speaks.intersects(kCauseFacts) || rule.cause == Cause::gateway_address_wrong ||
                         rule.cause == Cause::user_rejected_unspecified;
    EXPECT_TRUE(decided) << "rule " << rule.id;
  }
}

TEST(Rules, facts_and_causes_are_found_by_their_own_name_only) {
  Fact fact{};
  EXPECT_TRUE(fact_named("concentrator_group_lock", &fact));
  EXPECT_EQ(Fact::concentrator_group_lock, fact);
  EXPECT_FALSE(fact_named("group_lock", &fact));
  Cause cause{};
  EXPECT_TRUE(cause_named("natt_udp4500_blocked", &cause));
  EXPECT_EQ(Cause::natt_udp4500_blocked, cause);
  EXPECT_FALSE(cause_named("natt", &cause));
}

TEST(Rules, the_closed_list_has_its_published_sizes) {
  int outcomes = 0, set_up = 0, after = 0;
  for (const CauseRow& row : kCauses) {
    outcomes += row.kind == CauseKind::outcome;
    set_up += row.kind == CauseKind::set_up;
    after += row.kind == CauseKind::after_connect;
  }
  EXPECT_EQ(6, outcomes);
  EXPECT_EQ(49, set_up);
  EXPECT_EQ(10, after);
}

}  // namespace
}  // namespace vpnverdict
