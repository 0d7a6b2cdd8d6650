#include "pipeline/parse_stage.h"

#include <gtest/gtest.h>

namespace vpnverdict {
namespace {

constexpr std::string_view kAuth = "39 04/12/2005 01:54:03.230 SEV=6 AUTH/41 RPT=26 192.168.1.100\nAuthentication successful: handle = 17, server = Internal, group = mygroup";

struct Stage {
  Inventory inventory;
  std::vector<DeadLetter> letters;
  std::vector<std::string> letter_texts;
  EventBatch events;
  ParseStage stage;
  explicit Stage(std::size_t sources_max = 100)
      : stage(inventory, {{}, sources_max}, [this](const Event& event, Timestamp time) { events.push(event, time); },
              [this](const DeadLetter& letter) {
                letters.push_back(letter);
                letter_texts.emplace_back(letter.text);
                return true;
              }) {}

  void take(std::uint32_t source, std::uint64_t position, std::string_view bytes, bool flush = false) {
    RawBatch batch;
    RawRecord record;
    record.source = source;
    record.position = position;
    record.time = 1'000 + static_cast<Timestamp>(position);
    record.bytes = bytes;
    batch.records.push_back(std::move(record));
    batch.marks.push_back({source, position + 1, 1'000, 1'000, flush});
    stage.take(batch);
  }
  void begin(std::uint32_t source, std::uint64_t from) {
    RawBatch batch;
    batch.starts.push_back({source, from});
    stage.take(batch);
  }
  void flush(std::uint32_t source, std::uint64_t next) {
    RawBatch batch;
    batch.marks.push_back({source, next, 1'000, 1'000, true});
    stage.take(batch);
  }
  using Positions = std::vector<std::uint64_t>;
  Positions told() const {
    Positions out;
    for (std::size_t i = 0; i < events.size(); ++i) out.push_back(events[i].ref.position);
    return out;
  }
  // consumed = events + ignored + rejected + buffered
  void expect_balance() const {
    const LineTally& tally = stage.tally();
    std::uint64_t sum = tally.buffered;
    for (const auto& dialect : tally.by_dialect) {
      sum += dialect.events + dialect.ignored;
      for (const std::uint64_t n : dialect.rejected) sum += n;
    }
    EXPECT_EQ(tally.consumed, sum);
  }
};

std::string json(std::string_view message, std::string_view host = "vpn3k-a") {
  std::string out = R"({"@timestamp":"2026-03-02T07:00:00.000Z","message":")";
  for (const char c : message) out += c == '\n' ? std::string("\\n") : std::string(1, c);
  return out + R"(","host":{"name":")" + std::string(host) + "\"}}";
}

TEST(ParseStage, a_whole_message_becomes_one_event_and_nothing_is_held) {
  Stage s;
  s.take(3, 10, json(kAuth));
  ASSERT_EQ(s.events.size(), 1U);
  EXPECT_EQ(s.events[0].group, "mygroup");
  EXPECT_EQ(s.events[0].ref, (SourceRef{3, 10}));
  EXPECT_EQ(s.events.record_time(0), 1'010);
  EXPECT_EQ(s.stage.held_positions(3), Stage::Positions{});
  s.expect_balance();
}

TEST(ParseStage, lines_are_counted_for_the_concentrator_that_wrote_them_by_any_of_its_names) {
  Inventory inventory;
  inventory.concentrators = {{"vpn3k-a", "c", {"192.0.2.9"}}, {"vpn3k-b", "c", {}}};
  inventory.index();
  ParseStage stage(inventory, {}, [](const Event&, Timestamp) {}, {});
  const auto feed = [&](const std::string& bytes) {
    RawBatch batch;
    RawRecord record;
    record.bytes = bytes;
    batch.records.push_back(std::move(record));
    batch.marks.push_back({0, 1, 1'000, 1'000, true});
    stage.take(batch);
  };
  for (const char* host : {"vpn3k-a", "192.0.2.9", "VPN3K-A.example.com", "a-stranger"}) feed(json(kAuth, host));
  const std::uint64_t lines = stage.tally().by_dialect[static_cast<std::size_t>(Dialect::vpn3000)].events;
  ASSERT_GT(lines, 0U);
  EXPECT_EQ(stage.tally().by_concentrator, (std::vector<std::uint64_t>{lines / 4 * 3, 0}));
}

// A client and its gateway run the same daemon, and a relay sends both logs as it writes them.
TEST(ParseStage, a_raw_line_is_read_as_its_hosts) {
  Stage s;
  std::uint64_t position = 0;
  for (std::string_view line : {"Nov 25 12:39:29 pc charon[7]: 05[IKE] initiating Aggressive Mode IKE_SA home[1] to 203.0.113.1",
                                "Nov 25 12:39:29 gw charon[9]: 11[IKE] 198.51.100.7 is initiating a Aggressive Mode IKE_SA",
                                "Nov 25 12:39:29 pc charon[7]: 06[IKE] received NO_PROPOSAL_CHOSEN error notify",
                                "Nov 25 12:39:29 gw charon[9]: 12[IKE] no proposal found"})
    s.take(0, position++, line);
  ASSERT_EQ(s.events.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(i % 2 == 0 ? Vantage::client : Vantage::concentrator, s.events[i].vantage) << i;
}

TEST(ParseStage, held_lines_keep_their_offsets_until_the_source_is_silent) {
  Stage s;
  const std::string_view text(kAuth);
  const std::size_t end = text.find('\n');
  s.take(0, 10, text.substr(0, end));
  EXPECT_EQ(s.events.size(), 0U);
  EXPECT_EQ(s.stage.held_positions(0), Stage::Positions{10}) << "its message may go on in the next record";
  EXPECT_EQ(s.stage.tally().buffered, 1U);
  s.take(0, 11, text.substr(end + 1));
  EXPECT_EQ(s.stage.held_positions(0), (Stage::Positions{10, 11}));
  s.flush(0, 12);
  ASSERT_EQ(s.events.size(), 1U);
  EXPECT_EQ(s.events[0].group, "mygroup");
  EXPECT_EQ(s.events.record_time(0), 1'010) << "the record of its first line";
  EXPECT_EQ(s.stage.held_positions(0), Stage::Positions{});
  EXPECT_EQ(s.stage.tally().buffered, 0U);
  s.expect_balance();
}

TEST(ParseStage, the_next_message_of_a_writer_lets_the_lines_of_the_one_before_go) {
  Stage s;
  const std::string_view header = std::string_view(kAuth).substr(0, kAuth.find('\n'));
  s.take(0, 10, header);
  s.take(0, 11, header);
  EXPECT_EQ(s.stage.held_positions(0), Stage::Positions{11});
  s.expect_balance();
}

TEST(ParseStage, a_mark_reaches_no_farther_than_the_lines_that_were_given_out) {
  Stage stage;
  stage.take(0, 4, kAuth.substr(0, kAuth.find('\n')));  // of 1'004 ms; its message may go on
  const SourceMark mark{0, 5, 9'000, 9'000, false};
  EXPECT_EQ(stage.stage.so_far(mark).time, 1'003);
  EXPECT_EQ(stage.stage.so_far({1, 5, 9'000, 9'000, false}).time, 9'000) << "another source";
  EXPECT_EQ(stage.stage.so_far({0, 5, kUntimed, 9'000, false}).time, kUntimed);
  stage.flush(0, 5);
  EXPECT_EQ(stage.stage.so_far(mark).time, 9'000);
}

TEST(ParseStage, a_writer_that_says_nothing_more_holds_its_line_for_ten_seconds_of_the_others) {
  const std::string_view header = kAuth.substr(0, kAuth.find('\n'));
  const auto record = [](std::string_view host, std::string_view line) {
    return "{\"host\":{\"name\":\"" + std::string(host) + "\"},\"message\":\"" + std::string(line) + "\"}";
  };
  Stage stage;
  stage.take(0, 0, record("quiet", header));                   // of 1'000 ms
  stage.take(0, 9'999, record("busy", header));
  EXPECT_EQ(stage.told(), Stage::Positions{});
  stage.take(0, 10'000, record("busy", header));
  EXPECT_EQ(stage.told(), (Stage::Positions{9'999, 0}));
  EXPECT_EQ(stage.stage.held_positions(0), Stage::Positions{10'000});
  EXPECT_EQ(stage.events.record_time(1), 1'000);
  stage.expect_balance();
}

TEST(ParseStage, what_cannot_be_read_is_counted_and_sent_with_its_place) {
  Stage s;
  s.take(2, 5, "{\"message\": ");
  s.take(2, 6, R"({"no":"message"})");
  s.take(2, 7, "of no dialect at all");
  s.flush(2, 8);
  ASSERT_EQ(s.letters.size(), 3U);
  EXPECT_EQ(s.letters[0].reason, Reject::bad_json);
  EXPECT_EQ(s.letters[0].ref, (SourceRef{2, 5}));
  EXPECT_EQ(s.letter_texts[0], "{\"message\": ");
  EXPECT_EQ(s.letters[1].reason, Reject::no_message);
  EXPECT_EQ(s.letters[2].reason, Reject::unknown_dialect);
  EXPECT_EQ(s.stage.tally().dead_letters[static_cast<std::size_t>(Reject::bad_json)], 1U);
  s.expect_balance();
}

TEST(ParseStage, an_empty_record_is_an_ignored_line) {
  Stage s;
  s.take(0, 1, "");
  EXPECT_EQ(s.stage.tally().consumed, 1U);
  EXPECT_EQ(s.stage.tally().by_dialect[0].ignored, 1U);
  s.expect_balance();
}

TEST(ParseStage, lines_before_the_start_only_warm_the_readers_up_and_are_not_counted) {
  Stage s;
  s.begin(0, 12);
  for (std::uint64_t position = 10; position < 15; ++position) s.take(0, position, json(kAuth));
  EXPECT_EQ(s.told(), (Stage::Positions{12, 13, 14}));
  EXPECT_EQ(s.stage.tally().consumed, 3U);
  s.expect_balance();
}

TEST(ParseStage, a_message_that_begins_before_the_start_was_told_before) {
  Stage s;
  const std::string_view text(kAuth);
  const std::size_t end = text.find('\n');
  s.begin(0, 11);
  s.take(0, 10, text.substr(0, end));
  s.expect_balance();
  s.take(0, 11, text.substr(end + 1));
  s.flush(0, 12);
  EXPECT_EQ(s.events.size(), 0U);
  s.expect_balance();
}

TEST(ParseStage, a_source_that_begins_anew_forgets_what_was_held) {
  Stage s;
  s.take(0, 10, std::string_view(kAuth).substr(0, kAuth.find('\n')));
  s.begin(0, 40);
  EXPECT_EQ(s.stage.held_positions(0), Stage::Positions{});
  EXPECT_EQ(s.stage.tally().buffered, 0U);
  s.flush(0, 40);
  EXPECT_EQ(s.events.size(), 0U);
  s.expect_balance();
}

TEST(ParseStage, log_writers_are_bounded_and_the_evicted_one_loses_no_line) {
  Stage s(2);
  const std::string_view header = std::string_view(kAuth).substr(0, kAuth.find('\n'));
  for (int host = 0; host < 5; ++host) {
    s.take(0, static_cast<std::uint64_t>(host), "<189>Mar  2 07:00:00 box" + std::to_string(host) + " " + std::string(header));
    s.take(static_cast<std::uint32_t>(host + 1), 0, header);
  }
  EXPECT_EQ(s.stage.tally().sources, 2U);
  EXPECT_GT(s.stage.tally().sources_evicted, 0U);
  s.expect_balance();
}

TEST(ParseStage, a_writer_that_goes_on_is_kept_while_strangers_come_and_go) {
  Stage s(8);
  const std::string header(kAuth.substr(0, kAuth.find('\n'))), body(kAuth.substr(kAuth.find('\n') + 1));
  std::uint64_t position = 0;
  const auto say = [&](const std::string& host, const std::string& text) { s.take(0, position++, json(text, host)); };
  say("ours", header), say("ours", body);
  for (int stranger = 0; stranger < 50; ++stranger) {
    say("ours", header);
    say("stranger" + std::to_string(stranger), header);
    say("ours", body);
  }
  EXPECT_EQ(s.stage.tally().sources_evicted, 1U + 50U - 8U);
  std::size_t whole = 0;
  for (std::size_t i = 0; i < s.events.size(); ++i) whole += s.events[i].text.ends_with(body);
  EXPECT_EQ(whole, 50U) << "the last one is still open";
  s.expect_balance();
}

}  // namespace
}  // namespace vpnverdict
