#include "pipeline/offset_ledger.h"

#include <gtest/gtest.h>

namespace vpnverdict {
namespace {

using Positions = OffsetLedger::Positions;

TEST(OffsetLedger, each_source_is_committed_up_to_what_its_reporter_needs) {
  OffsetLedger ledger(2);
  ledger.report(0, {{7, 100}});
  EXPECT_EQ(ledger.committable(), (Positions{{7, 100}}));
  ledger.report(1, {{8, 40}});
  EXPECT_EQ(ledger.committable(), (Positions{{7, 100}, {8, 40}}));
  ledger.report(1, {{8, 90}, {9, 5}});
  EXPECT_EQ(ledger.committable(), (Positions{{7, 100}, {8, 90}, {9, 5}}));
}

TEST(OffsetLedger, a_report_waits_for_the_delivery_of_all_that_was_produced_before_it) {
  OffsetLedger ledger(1);
  const std::uint64_t first = ledger.issue();
  const std::uint64_t second = ledger.issue();
  ledger.report(0, {{0, 10}});
  const std::uint64_t third = ledger.issue();
  ledger.settled(second);
  EXPECT_EQ(ledger.committable(), Positions{}) << "the first is on its way";
  ledger.settled(first);
  EXPECT_EQ(ledger.committable(), (Positions{{0, 10}})) << "the third came after the report";
  ledger.report(0, {{0, 20}});
  EXPECT_EQ(ledger.committable(), (Positions{{0, 10}}));
  EXPECT_EQ(ledger.unsettled(), 1U);
  ledger.settled(third);
  EXPECT_EQ(ledger.committable(), (Positions{{0, 20}}));
}

TEST(OffsetLedger, never_falls_back) {
  OffsetLedger ledger(1);
  ledger.report(0, {{0, 50}});
  EXPECT_EQ(ledger.committable(), (Positions{{0, 50}}));
  ledger.report(0, {{0, 30}});
  EXPECT_EQ(ledger.committable(), (Positions{{0, 50}}));
}

TEST(OffsetLedger, a_source_that_was_elsewhere_begins_where_the_group_stands) {
  OffsetLedger ledger(1);
  ledger.report(0, {{0, 50}});
  ledger.committable();
  ledger.begin(0, 300);
  EXPECT_EQ(ledger.committable(), Positions{}) << "what was reported before is of the past";
  ledger.report(0, {{0, 200}});  // a line of before is still held
  EXPECT_EQ(ledger.committable(), (Positions{{0, 300}}));
}

TEST(OffsetLedger, without_a_broker_reports_do_not_pile_up_and_the_newest_counts_in_the_end) {
  OffsetLedger ledger(1);
  const std::uint64_t number = ledger.issue();
  for (std::uint64_t i = 1; i <= 10'000; ++i) ledger.report(0, {{0, i}});
  EXPECT_EQ(ledger.committable(), Positions{});
  ledger.settled(number);
  EXPECT_EQ(ledger.committable(), (Positions{{0, 10'000}}));
}

TEST(OffsetLedger, strange_numbers_are_ignored) {
  OffsetLedger ledger(1);
  ledger.settled(99);
  const std::uint64_t number = ledger.issue();
  ledger.settled(number);
  ledger.settled(number);
  EXPECT_EQ(ledger.unsettled(), 0U);
}

}  // namespace
}  // namespace vpnverdict
