// Checks every row of every dialect table from the row alone: its sample, what the sample must yield, and
// what must become of the sample when it is cut, mangled, or when a stranger chose the names in it.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "pipeline/dialect/dialect.h"
#include "pipeline/dialect/dialect_set.h"
#include "tests/dialect/collect.h"

namespace vpnverdict::dialect {
namespace {

using Fields = std::map<std::string, std::string>;

// `peer=192.168.1.100 user="U 1"` to a map.
Fields read_expect(std::string_view text) {
  Fields fields;
  while (true) {
    text = trimmed(text);
    const std::size_t equal = text.find('=');
    if (equal == std::string_view::npos) return fields;
    const std::string key(text.substr(0, equal));
    text.remove_prefix(equal + 1);
    std::size_t end = 0;
    if (!text.empty() && text.front() == '"') {
      text.remove_prefix(1);
      end = std::min(text.find('"'), text.size());
      fields[key] = text.substr(0, end);
      ++end;
    } else {
      while (end < text.size() && !is_blank(text[end])) ++end;
      fields[key] = text.substr(0, end);
    }
    text.remove_prefix(std::min(end, text.size()));
  }
}

std::string in_hex(std::uint64_t value) {
  char out[20];
  snprintf(out, sizeof(out), "%llx", static_cast<unsigned long long>(value));
  return out;
}

// Ids in expectations are hexadecimal, with or without 0x; charon prints message ids in decimal.
std::string normal_id(const std::string& text, std::uint32_t message_id) {
  if (text == std::to_string(message_id)) return in_hex(message_id);
  return in_hex(std::strtoull(text.c_str(), nullptr, 16));
}

// What an expectation must name completely.
Fields fields_of(const Collected& item) {
  Fields fields;
  const auto put = [&](const char* key, const std::string& value) {
    if (!value.empty()) fields[key] = value;
  };
  put("peer", item.peer);
  put("gateway", item.gateway);
  put("group", item.group);
  put("user", item.user);
  put("address", item.address);
  put("pool", item.pool);
  put("server", item.server);
  if (item.session != 0) fields["session"] = std::to_string(item.session);
  if (item.cookie != 0) fields["cookie"] = in_hex(item.cookie);
  if (item.message_id != 0) fields["message_id"] = in_hex(item.message_id);
  if (item.spi_in != 0) fields["spi_in"] = in_hex(item.spi_in);
  if (item.spi_out != 0) fields["spi_out"] = in_hex(item.spi_out);
  return fields;
}

// What it may name besides.
Fields header_of(const Collected& item) {
  return {{"message", item.message},
          {"device", item.device},
          {"detail", std::to_string(item.detail)},
          {"repeats", std::to_string(item.repeats)},
          {"sequence", std::to_string(item.sequence)},
          {"time", std::to_string(item.time)}};
}

FactMask facts_named(std::string_view list) {
  FactMask facts;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(','), list.size());
    Fact fact{};
    EXPECT_TRUE(fact_named(list.substr(0, end), &fact)) << list.substr(0, end);
    facts.insert(fact);
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return facts;
}

struct Case {
  const CompiledTable* compiled;
  const DialectTable* table;
  const MessageRow* row;
  std::string name() const {
    return std::string(name_of(table->id)) + " " + std::string(name_of_side()) + " row \"" +
           std::string(row->pattern) + "\"";
  }
  std::string_view name_of_side() const {
    return table->vantage == Vantage::client ? "client" : "concentrator";
  }
};

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (const CompiledTable& compiled : builtin_dialects().tables())
    for (const MessageRow& row : compiled.table->rows) cases.push_back({&compiled, compiled.table, &row});
  return cases;
}

Collector read(const DialectTable& table, std::string_view text) {
  Reader reader;
  reader.set_vantage(table.vantage);
  reader.set_year(2026);
  Collector collector;
  feed_text(reader, text, collector);
  reader.flush(collector);
  return collector;
}

// The message behind the header, as the Reader hands it to the rows.
std::string message_of(const DialectTable& table, std::string_view sample) {
  SourceState state;
  state.dialect = table.id;
  Event event;
  std::string whole(sample);
  const std::size_t first_line = std::min(whole.find('\n'), whole.size());
  std::string_view text;
  std::string_view message = whole;
  if (table.cut_header(std::string_view(whole).substr(0, first_line), state, event, text) ==
      HeaderResult::cut) {
    if (!table.continues) {
      message = text;
    } else {
      message.remove_prefix(text.empty() ? first_line : static_cast<std::size_t>(text.data() - whole.data()));
    }
  }
  message = trimmed(message);
  if (table.cut_prefix != nullptr) {
    std::string_view cut;
    if (table.cut_prefix(message, state, event, cut) == HeaderResult::cut) message = trimmed(cut);
  }
  return std::string(message);
}

// Where the header of the sample's first line ends.
std::size_t header_size(const DialectTable& table, const std::string& sample) {
  SourceState state;
  Event event;
  std::string_view text;
  const std::size_t first_line = std::min(sample.find('\n'), sample.size());
  if (table.cut_header(std::string_view(sample).substr(0, first_line), state, event, text) !=
      HeaderResult::cut)
    return 0;
  return text.empty() ? first_line : static_cast<std::size_t>(text.data() - sample.data());
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
  return text;
}

bool is_word(char c) {
  return isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.';
}

// Replaces `what` where it stands alone.
std::string replaced_word(std::string text, std::string_view what, std::string_view by) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at)) {
    const std::size_t end = at + what.size();
    const bool alone = (at == 0 || !is_word(text[at - 1])) && (end >= text.size() || !is_word(text[end]));
    if (alone) text.replace(at, what.size(), by);
    at += alone ? by.size() : what.size();
  }
  return text;
}

// Facts that may be read from a damaged sample: the row's own. Circumstances (settings) may change with the
// words.
bool only_own(const FactMask& read, const FactMask& own) {
  bool good = true;
  read.without(own).for_each([&](Fact fact) { good = good && row_of(fact).kind == FactKind::setting; });
  return good;
}

TEST(Rows, are_complete_and_on_the_right_side) {
  for (const CompiledTable& compiled : builtin_dialects().tables())
    EXPECT_TRUE(compiled.index.errors().empty())
        << name_of(compiled.table->id) << ": " << compiled.index.errors().front();
  for (const Case& c : all_cases()) {
    SCOPED_TRACE(c.name());
    EXPECT_FALSE(c.row->sample.empty());
    EXPECT_FALSE(c.row->from.empty());
    c.row->says.for_each([&](Fact fact) { EXPECT_EQ(c.table->vantage, vantage_of(fact)) << name_of(fact); });
  }
}

TEST(Rows, each_sample_is_read_by_its_own_row) {
  for (const Case& c : all_cases()) {
    SCOPED_TRACE(c.name());
    Event event;
    const std::string message = message_of(*c.table, c.row->sample);
    const RowMatch match = c.compiled->index.find(message, event);
    ASSERT_EQ(Matched::yes, match.matched) << message;
    EXPECT_EQ(c.row->pattern, match.row->pattern) << message;
  }
}

TEST(Rows, each_sample_yields_what_is_expected_and_no_more) {
  for (const Case& c : all_cases()) {
    SCOPED_TRACE(c.name());
    Fields expected = read_expect(c.row->expect);
    FactMask also;
    if (expected.count("also") != 0) also = facts_named(expected["also"]);
    expected.erase("also");
    const Collector collector = read(*c.table, c.row->sample);
    ASSERT_EQ(1u, collector.items.size()) << c.row->sample;
    const Collected& item = collector.items.front();
    EXPECT_EQ(c.row->says.empty() ? Collected::Kind::ignored : Collected::Kind::event, item.kind);
    EXPECT_TRUE(item.says.contains(c.row->says)) << names_of(item.says);
    // The words behind the row's may add what the session was like.
    item.says.without(c.row->says | also).for_each([&](Fact fact) {
      const bool circumstance =
          row_of(fact).kind == FactKind::setting || row_of(fact).kind == FactKind::session;
      EXPECT_TRUE(also.empty() && circumstance) << name_of(fact);
    });
    EXPECT_TRUE(item.says.contains(also)) << names_of(item.says);
    EXPECT_EQ(c.table->id, item.dialect);
    EXPECT_EQ(c.table->vantage, item.vantage);
    const Fields header = header_of(item);
    for (auto it = expected.begin(); it != expected.end();) {
      const auto known = header.find(it->first);
      if (known == header.end()) {
        ++it;
        continue;
      }
      EXPECT_EQ(it->second, known->second) << it->first;
      it = expected.erase(it);
    }
    for (const char* id : {"message_id", "cookie", "spi_in", "spi_out"})
      if (expected.count(id) != 0) expected[id] = normal_id(expected[id], item.message_id);
    EXPECT_EQ(expected, fields_of(item)) << c.row->sample;
  }
}

TEST(Rows, every_fact_a_line_can_say_has_a_row) {
  // Witnesses are said by whole histories, not by one line: the correlator derives them, but for these two.
  const auto derived = [](Fact fact) {
    if (fact == Fact::concentrator_started || fact == Fact::concentrator_address_released) return false;
    return row_of(fact).kind == FactKind::witness || fact == Fact::concentrator_saw_am1_again;
  };
  // No device's text for these is public; a site that meets one adds the row.
  const std::set<Fact> unseen = {Fact::client_xauth_prompted_again, Fact::client_firewall_server_down,
                                 Fact::client_version_refused,      Fact::client_acl_invalid,
                                 Fact::client_policy_refused,       Fact::concentrator_address_pool_missing};
  FactMask said;
  for (const Case& c : all_cases()) {
    said |= c.row->says;
    const Fields expected = read_expect(c.row->expect);
    if (const auto also = expected.find("also"); also != expected.end()) said |= facts_named(also->second);
  }
  for (std::size_t i = 0; i < kFactCount; ++i) {
    const Fact fact = static_cast<Fact>(i);
    EXPECT_TRUE(said.has(fact) || derived(fact) || unseen.count(fact) != 0) << name_of(fact);
  }
}

TEST(Rows, a_sample_cut_anywhere_says_nothing_else) {
  for (const Case& c : all_cases()) {
    SCOPED_TRACE(c.name());
    const FactMask own = read(*c.table, c.row->sample).facts();
    for (std::size_t size = 0; size < c.row->sample.size(); ++size) {
      const FactMask facts = read(*c.table, c.row->sample.substr(0, size)).facts();
      EXPECT_TRUE(only_own(facts, own)) << names_of(facts) << "\nfrom: " << c.row->sample.substr(0, size);
    }
  }
}

TEST(Rows, a_sample_with_windows_line_ends_is_read_alike) {
  for (const Case& c : all_cases()) {
    SCOPED_TRACE(c.name());
    const Collector plain = read(*c.table, c.row->sample);
    const Collector windows = read(*c.table, replaced(std::string(c.row->sample), "\n", "\r\n") + "\r\n");
    ASSERT_EQ(plain.items.size(), windows.items.size());
    EXPECT_EQ(names_of(plain.items[0].says), names_of(windows.items[0].says));
    EXPECT_EQ(fields_of(plain.items[0]), fields_of(windows.items[0]));
  }
}

TEST(Rows, blanks_and_case_of_the_header_do_not_change_the_meaning) {
  for (const Case& c : all_cases()) {
    SCOPED_TRACE(c.name());
    const FactMask own = read(*c.table, c.row->sample).facts();
    std::string doubled = replaced(std::string(c.row->sample), " ", "  ");
    EXPECT_TRUE(only_own(read(*c.table, doubled).facts(), own)) << doubled;
    std::string upper(c.row->sample);
    const std::size_t header = header_size(*c.table, upper);
    std::transform(upper.begin(), upper.begin() + static_cast<std::ptrdiff_t>(header), upper.begin(),
                   [](unsigned char letter) { return static_cast<char>(toupper(letter)); });
    EXPECT_TRUE(only_own(read(*c.table, upper).facts(), own)) << upper;
  }
}

// Names that a stranger could type to be taken for somebody else, or for another message.
struct Hostile {
  std::vector<std::string> words;  // poured into every row
  std::vector<std::string>
      messages;  // other rows' texts: each row gets one in kStride, all rows together get all
};
constexpr std::size_t kStride = 5;

Hostile hostile_names(const DialectTable& table) {
  Hostile names;
  names.words = {"x] User [admin",
                 "x] User [admin]",
                 ") authenticated. ",
                 "x) authenticated. User (admin",
                 ", user = root",
                 "x, user = root, domain = y",
                 "x', 'y",
                 "\"quoted'\"",
                 "x> User <admin> IP <203.0.113.66",
                 "x, Username = root, IP = 203.0.113.66",
                 "]",
                 "[",
                 "(",
                 ")",
                 "x, IP = 203.0.113.66, PHASE 2 COMPLETED (msgid=1)",
                 "' (myself) successful",
                 std::string(10'000, 'A'),
                 std::string("a\x01z"),
                 std::string("tab\tz"),
                 "\xff\xfe\x80",
                 "{rest}",
                 "%s%n",
                 "=",
                 "\\n",
                 "x\\"};
  std::set<std::string> messages;
  for (const MessageRow& row : table.rows) messages.insert(message_of(table, row.sample));
  for (const std::string& message : messages)
    if (message.find('\n') == std::string::npos) {
      names.messages.push_back(message);
      names.messages.push_back("x] " + message);
    }
  return names;
}

TEST(Rows, a_hostile_name_never_moves_a_field_nor_adds_a_fact) {
  std::map<const DialectTable*, Hostile> hostile;
  std::size_t turn = 0;
  for (const Case& c : all_cases()) {
    SCOPED_TRACE(c.name());
    if (hostile.count(c.table) == 0) hostile[c.table] = hostile_names(*c.table);
    const FactMask own = read(*c.table, c.row->sample).facts();
    const Fields fields = fields_of(read(*c.table, c.row->sample).items.at(0));
    for (const char* key : {"group", "user"}) {
      const auto field = fields.find(key);
      if (field == fields.end()) continue;
      // A group named like the peer's address: the sample does not tell which of the two the stranger typed.
      const auto same = std::count_if(fields.begin(), fields.end(),
                                      [&](const auto& f) { return f.second == field->second; });
      if (same > 1 && fields.count("peer") != 0 && fields.at("peer") == field->second) continue;
      std::vector<std::string> names = hostile[c.table].words;
      const std::vector<std::string>& messages = hostile[c.table].messages;
      for (std::size_t i = turn++ % kStride; i < messages.size(); i += kStride) names.push_back(messages[i]);
      for (const std::string& name : names) {
        // Where no user is printed this name makes the very line of another group's user: nothing can tell
        // them apart.
        if (name == "x] User [admin" && fields.count("user") == 0) continue;
        const std::string sample = replaced_word(std::string(c.row->sample), field->second, name);
        for (const Collected& item : read(*c.table, sample).items) {
          if (item.kind != Collected::Kind::event) continue;
          EXPECT_TRUE(only_own(item.says, own)) << names_of(item.says) << "\nfrom: " << sample.substr(0, 400);
          const std::string& value = std::string_view(key) == "group" ? item.group : item.user;
          const bool quoted = value == "'" + name + "'";
          EXPECT_TRUE(value.empty() || value == field->second || trimmed(value) == trimmed(name) || quoted)
              << key << " = " << value.substr(0, 200) << "\nfrom: " << sample.substr(0, 400);
          for (const auto& [other, expected] : fields) {
            if (other == key || expected == field->second) continue;
            const Fields now = fields_of(item);
            const auto it = now.find(other);
            EXPECT_TRUE(it == now.end() || it->second == expected)
                << other << " = " << it->second.substr(0, 200) << "\nfrom: " << sample.substr(0, 400);
          }
        }
      }
    }
  }
}

TEST(Rows, lines_that_are_not_ours_say_nothing) {
  for (const CompiledTable& compiled : builtin_dialects().tables())
    for (const NotOurs& line : compiled.table->not_ours) {
      EXPECT_FALSE(line.reason.empty());
      const FactMask facts = read(*compiled.table, line.sample).facts();
      EXPECT_TRUE(facts.empty()) << names_of(facts) << "\nfrom: " << line.sample << "\nbut: " << line.reason;
    }
}

}  // namespace
}  // namespace vpnverdict::dialect
