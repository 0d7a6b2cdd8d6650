#include "pipeline/dialect/pattern.h"

#include <gtest/gtest.h>

#include <string>

#include "correlator/limits.h"

namespace vpnverdict::dialect {
namespace {

struct Result {
  Matched matched;
  Event event;
};

Result match(std::string_view pattern, std::string_view text) {
  Pattern compiled;
  std::string error;
  EXPECT_TRUE(compiled.compile(pattern, &error)) << error;
  Result result;
  result.matched = compiled.match(text, result.event);
  return result;
}

std::string error_of(std::string_view pattern) {
  Pattern compiled;
  std::string error;
  EXPECT_FALSE(compiled.compile(pattern, &error)) << pattern;
  return error;
}

TEST(Pattern, is_anchored_at_both_ends_and_blind_to_case) {
  EXPECT_EQ(Matched::yes, match("PHASE 1 COMPLETED", "Phase 1 completed").matched);
  EXPECT_EQ(Matched::no, match("PHASE 1 COMPLETED", "PHASE 1 COMPLETED now").matched);
  EXPECT_EQ(Matched::no, match("PHASE 1 COMPLETED", "a PHASE 1 COMPLETED").matched);
}

TEST(Pattern, a_blank_matches_any_run_of_white_space_but_not_none) {
  EXPECT_EQ(Matched::yes, match("a b", "a \t\r\n  b").matched);
  EXPECT_EQ(Matched::no, match("a b", "ab").matched);
  EXPECT_EQ(Matched::yes, match("a{_}b", "ab").matched);
  EXPECT_EQ(Matched::yes, match("a{_}b", "a \n b").matched);
}

TEST(Pattern, a_name_ends_at_the_first_occurrence_of_what_follows) {
  const Result result = match("user {user} from {group} end", "user a b c from g end");
  EXPECT_EQ(Matched::yes, result.matched);
  EXPECT_EQ("a b c", result.event.user);
  EXPECT_EQ("g", result.event.group);
}

TEST(Pattern, brackets_that_do_not_balance_make_a_name_ambiguous) {
  EXPECT_EQ(Matched::ambiguous_field,
            match("Group [{group}] User [{user}] x", "Group [a] User [b] User [c] x").matched);
  EXPECT_EQ("a (b)", match("User ({user}) authenticated.", "User (a (b)) authenticated.").event.user);
}

TEST(Pattern, what_follows_a_name_must_not_come_twice) {
  EXPECT_EQ(Matched::ambiguous_field,
            match("user = {user}, domain = {rest}", "user = a, domain = b, domain = c").matched);
}

TEST(Pattern, names_are_bounded_and_printable) {
  const std::string longest(kNameBytesMax, 'a');
  EXPECT_EQ(Matched::yes, match("user {user}", "user " + longest).matched);
  EXPECT_EQ(Matched::bad_field, match("user {user}", "user " + longest + "a").matched);
  EXPECT_EQ(Matched::bad_field, match("user {user}", std::string("user a\x01z")).matched);
  EXPECT_EQ(Matched::no, match("user [{user}]", "user []").matched);
}

TEST(Pattern, numbers_know_their_width) {
  EXPECT_EQ(0xB7381790u, match("id {message_id:hex}", "id 0xB7381790").event.message_id);
  EXPECT_EQ(4294967295u, match("id {message_id}", "id 4294967295").event.message_id);
  EXPECT_EQ(Matched::bad_field, match("id {message_id}", "id 4294967296").matched);
  EXPECT_EQ(0x8b5f1a09c2d3e4f7u, match("id {cookie:hex}", "id 8B5F1A09C2D3E4F7").event.cookie);
  EXPECT_EQ(Matched::bad_field, match("id {cookie:hex}", "id 18B5F1A09C2D3E4F7").matched);
  EXPECT_EQ(Matched::no, match("id {session}", "id x").matched);
}

TEST(Pattern, addresses_keep_their_damage_and_leave_what_is_not_theirs) {
  EXPECT_EQ("172.16.172.1190", match("to {gateway}", "to 172.16.172.1190").event.gateway);
  EXPECT_EQ("66.77.xxx.xxx", match("to {gateway}, port {int}", "to 66.77.xxx.xxx, port 443").event.gateway);
  EXPECT_EQ("***.***.***.***", match("to {gateway}", "to ***.***.***.***").event.gateway);
  EXPECT_EQ("192.0.2.1", match("to {gateway}.", "to 192.0.2.1.").event.gateway);
  EXPECT_EQ("192.0.2.1", match("to {gateway}:{int}", "to 192.0.2.1:500").event.gateway);
  EXPECT_EQ("2001:db8::1", match("to {gateway}[{int}]", "to 2001:db8::1[500]").event.gateway);
  EXPECT_EQ("fe80::1%eth0", match("to {gateway} x", "to fe80::1%eth0 x").event.gateway);
  EXPECT_EQ(Matched::no, match("to {gateway}", "to nowhere").matched);
}

TEST(Pattern, fields_are_written_only_when_all_of_it_matches) {
  EXPECT_EQ("", match("user {user} done", "user a not done yet").event.user);
}

TEST(Pattern, tells_that_more_lines_may_complete_it) {
  EXPECT_EQ(Matched::partly,
            match("User ({user}) not member of group ({group}), failed.", "User (U1) not member").matched);
  EXPECT_EQ(Matched::partly, match("matching {group} for peer {peer}", "matching mygroupo").matched);
  EXPECT_EQ(Matched::no, match("User ({user}) not member", "User (U1) not mem").matched);
}

TEST(Pattern, refuses_what_cannot_be_matched_in_one_pass) {
  EXPECT_NE("", error_of(""));
  EXPECT_NE("", error_of(" a"));
  EXPECT_NE("", error_of("a {nonsense} b"));
  EXPECT_NE("", error_of("a {unclosed"));
  EXPECT_NE("", error_of("{rest} a"));
  EXPECT_NE("", error_of("{user}{group}"));
}

TEST(Pattern, a_text_made_of_near_misses_is_read_once) {
  // Each 'a' begins a match that fails late; a matcher that backtracks would need the square of the length.
  const std::string text = "x " + std::string(200'000, ' ') + std::string(60'000, 'a');
  EXPECT_NE(Matched::yes, match("x {name} aab", text).matched);
  EXPECT_NE(Matched::yes, match("x {name}aab{name} aab", text).matched);
}

}  // namespace
}  // namespace vpnverdict::dialect
