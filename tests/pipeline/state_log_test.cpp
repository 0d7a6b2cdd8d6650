#include "pipeline/state_log.h"

#include <gtest/gtest.h>

namespace vpnverdict {
namespace {

TEST(StateLog, a_note_comes_back_and_the_longest_stays_within_what_brokers_take) {
  const CommitNote note{123, 45, 0xfedcba9876543210ULL, "0.1.0", 64, {}};
  EXPECT_EQ(to_text(note), "v1;S=123;B=45;H=fedcba9876543210;C=0.1.0;P=64");
  EXPECT_EQ(note_from(to_text(note)), note);
  EXPECT_EQ(note_from(to_text(CommitNote{})), CommitNote{});
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  const CommitNote longest{kMost, kMost, ~std::uint64_t{0}, std::string(500, 'v'), std::numeric_limits<std::int32_t>::max(),
                           {std::numeric_limits<std::uint32_t>::max(), std::numeric_limits<std::uint32_t>::max(), true, ~std::uint64_t{0}}};
  EXPECT_LE(to_text(longest).size(), kNoteBytesMax);
  EXPECT_TRUE(note_from(to_text(longest)));
}

// A version that knows nothing of trials reads every note of somebody who came further.
TEST(StateLog, a_trial_stands_in_the_note_only_while_there_is_one) {
  CommitNote note{123, 45, 0xfedcba9876543210ULL, "0.1.0", 64, {2, 1, true, 0xabcULL}};
  EXPECT_EQ(to_text(note), "v2;S=123;B=45;H=fedcba9876543210;C=0.1.0;P=64;A=2;K=1;R=1;I=0000000000000abc");
  EXPECT_EQ(note_from(to_text(note)), note);
  for (const std::string text : {"v2;S=1;B=2;H=3;C=4;P=5", "v1;S=1;B=2;H=3;C=4;P=5;A=1;K=0;R=0;I=6", "v2;S=1;B=2;H=3;C=4;P=5;A=1;K=0;R=2;I=6",
                                 "v2;S=1;B=2;H=3;C=4;P=5;A=1;K=0;R=0;I=6;X=7", "v2;S=1;B=2;H=3;C=4;P=5;A=100;K=0;R=0;I=6", "v3;S=1;B=2;H=3;C=4;P=5"}) {
    EXPECT_EQ(note_from(text), std::nullopt) << text;
  }
}

TEST(StateLog, a_note_of_somebody_else_is_refused) {
  for (const std::string text : {"", "v1", "v2;S=1;B=2;H=3;C=4", "v1;S=1;B=2;H=3", "v1;S=-1;B=2;H=3;C=4", "v1;S=1;B=-2;H=3;C=4",
                                 "v1;S=1x;B=2;H=3;C=4;P=5", "v1;S=1;B=2;H=3;C=4", "v1;S=1;B=2;H=3;C=4;P=-1", "v1;S=1;B=2;H=3;C=4;P=5;D=6", "w=17"}) {
    EXPECT_EQ(note_from(text), std::nullopt) << text;
  }
  EXPECT_EQ(note_from("v1;S=1;B=2;H=3;P=4;C=" + std::string(kNoteBytesMax, 'v')), std::nullopt);
}

std::string state_of(std::size_t size) {
  std::string out(size, ' ');
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<char>(i * 31 + i / 251);
  return out;
}

TEST(StateLog, a_snapshot_of_any_size_comes_back_from_its_pieces) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, kPieceBytes - 1, kPieceBytes, 3 * kPieceBytes + 7}) {
    const std::string state = state_of(size);
    const std::vector<std::string> pieces = snapshot_pieces(state, 99);
    EXPECT_EQ(pieces.size(), size / kPieceBytes + 1);
    SnapshotReader reader;
    for (const std::string& piece : pieces) {
      EXPECT_FALSE(reader.complete());
      EXPECT_LE(piece.size(), kPieceBytes + 64);
      ASSERT_EQ(reader.add(piece), "");
    }
    ASSERT_TRUE(reader.complete());
    EXPECT_EQ(reader.taken_at(), 99);
    EXPECT_TRUE(reader.take() == state);
  }
}

TEST(StateLog, pieces_that_are_missing_mixed_or_damaged_are_refused) {
  std::vector<std::string> pieces = snapshot_pieces(state_of(2 * kPieceBytes), 7);
  ASSERT_EQ(pieces.size(), 3U);
  SnapshotReader gap;
  gap.add(pieces[0]);
  EXPECT_EQ(gap.add(pieces[2]), "pieces that do not belong together");
  SnapshotReader middle;
  EXPECT_EQ(middle.add(pieces[1]), "pieces that do not belong together");
  SnapshotReader mixed;
  mixed.add(pieces[0]);
  EXPECT_EQ(mixed.add(snapshot_pieces(state_of(2 * kPieceBytes), 8)[1]), "pieces that do not belong together");
  pieces[1][pieces[1].size() / 2] ^= 1;
  SnapshotReader damaged;
  damaged.add(pieces[0]);
  damaged.add(pieces[1]);
  EXPECT_EQ(damaged.add(pieces[2]), "pieces whose checksum is another");
  EXPECT_FALSE(damaged.complete());
  EXPECT_EQ(SnapshotReader().add(pieces[0].substr(0, pieces[0].size() - 1)), "a damaged piece");
  EXPECT_EQ(SnapshotReader().add("nonsense"), "a piece of another version");
}

}  // namespace
}  // namespace vpnverdict
