#include "pipeline/state_file.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace vpnverdict {
namespace {

SavedState sample() {
  SavedState state;
  state.sources.push_back({"raw", 3, 40, 50, {41, 47}});
  state.sources.push_back({"raw", 4, -1, 0, {}});
  state.shards = {std::string("state\0one", 9), ""};
  return state;
}

TEST(StateFile, comes_back_as_it_was) {
  const auto back = state_from_bytes(state_bytes(sample()));
  ASSERT_TRUE(back);
  ASSERT_EQ(back->sources.size(), 2U);
  EXPECT_EQ(back->sources[0].topic, "raw");
  EXPECT_EQ(back->sources[0].partition, 3);
  EXPECT_EQ(back->sources[0].committed, 40);
  EXPECT_EQ(back->sources[0].next, 50U);
  EXPECT_EQ(back->sources[0].wanted, (std::vector<std::uint64_t>{41, 47}));
  EXPECT_EQ(back->sources[1].committed, -1);
  EXPECT_EQ(back->shards, sample().shards);
}

TEST(StateFile, every_damage_is_noticed) {
  const std::string bytes = state_bytes(sample());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x40);
    EXPECT_FALSE(state_from_bytes(damaged)) << "byte " << i;
    EXPECT_FALSE(state_from_bytes(bytes.substr(0, i))) << "cut at " << i;
  }
  EXPECT_FALSE(state_from_bytes(bytes + "x"));
}

TEST(StateFile, is_replaced_as_a_whole_and_its_absence_is_no_error) {
  const auto folder = std::filesystem::temp_directory_path() / ("vpnverdict_state_" + std::to_string(::getpid()));
  std::filesystem::create_directory(folder);
  const std::string path = (folder / "state").string();
  std::string error;
  EXPECT_FALSE(read_state_file(path, &error));
  EXPECT_EQ(error, "");
  EXPECT_EQ(write_state_file(path, sample()), "");
  EXPECT_EQ(write_state_file(path, sample()), "");
  EXPECT_TRUE(read_state_file(path, &error));
  std::ofstream(path, std::ios::app) << "x";
  EXPECT_FALSE(read_state_file(path, &error));
  EXPECT_NE(error, "");
  EXPECT_NE(write_state_file((folder / "no" / "such").string(), sample()), "");
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace vpnverdict
