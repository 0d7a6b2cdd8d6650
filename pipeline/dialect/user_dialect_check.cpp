// The self-test of a user's dialect: what tests/dialect/rows_test.cpp demands of the built-in tables, from the rows
// alone. A sample that is not read as its row says is an error. That a shortened sample or a name that a stranger
// made up is read as something else is a warning: the device's own wording may leave no better pattern.
#include <algorithm>
#include <optional>

#include "pipeline/dialect/time.h"
#include "pipeline/dialect/user_dialect.h"

namespace vpnverdict::dialect {
namespace {

using Fields = std::map<std::string, std::string>;

constexpr std::string_view kFieldNames[] = {"peer",   "gateway", "group",  "user",       "address", "pool",
                                            "server", "session", "cookie", "message_id", "spi_in",  "spi_out"};
constexpr std::string_view kHeaderFieldNames[] = {"device", "message", "time"};  // may be named, need not

constexpr int kCheckYear = 2026;  // of samples whose stamps have none

// What became of a sample.
class Reading final : public MessageSink {
 public:
  void on_event(const Event& event, std::uint32_t) override { keep(event); }
  void on_ignored(const Event& event, std::uint32_t) override { keep(event); }
  void on_reject(Reject reason, Dialect, std::string_view, SourceRef, std::uint32_t) override {
    ++messages;
    if (!reject) reject = reason;
  }

  int messages = 0;
  Dialect dialect = Dialect::unknown;
  FactMask says;
  Fields fields;
  Timestamp time = kUntimed;
  std::string device, message;
  std::optional<Reject> reject;

 private:
  void keep(const Event& event) {
    ++messages;
    says |= event.says;
    if (messages > 1) return;
    dialect = event.dialect;
    time = event.time;
    device = event.device;
    message = event.message;
    const std::string_view texts[] = {event.peer,    event.gateway, event.group, event.user,
                                      event.address, event.pool,    event.server};
    for (std::size_t i = 0; i < std::size(texts); ++i) put(kFieldNames[i], std::string(texts[i]));
    put("session", event.session == 0 ? "" : std::to_string(event.session));
    put("cookie", in_hex(event.cookie));
    put("message_id", in_hex(event.message_id));
    put("spi_in", in_hex(event.spi_in));
    put("spi_out", in_hex(event.spi_out));
  }
  void put(std::string_view name, std::string value) {
    if (!value.empty()) fields[std::string(name)] = std::move(value);
  }
  static std::string in_hex(std::uint64_t value) {
    std::string digits;
    for (; value != 0; value >>= 4) digits.insert(digits.begin(), "0123456789abcdef"[value & 15]);
    return digits;
  }
};

Reading read(const DialectSet& set, std::string_view text) {
  Reading out;
  Reader reader(set);
  reader.set_year(kCheckYear);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    Line line;
    line.text = text.substr(0, end);
    reader.feed(line, out);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  reader.flush(out);
  return out;
}

std::string quoted(std::string_view text) {
  constexpr std::size_t kShown = 80;
  std::string out = "\"";
  out.append(text.substr(0, kShown)).append(text.size() > kShown ? "…\"" : "\"");
  return out;
}

std::string names_of(const FactMask& facts) {
  std::string out;
  facts.for_each([&](Fact fact) { out += (out.empty() ? "" : ", ") + std::string(name_of(fact)); });
  return out.empty() ? "nothing" : out;
}

std::string_view first_line(std::string_view text) { return text.substr(0, text.find('\n')); }

HeaderResult cut(const DialectTable& table, std::string_view line, std::string_view& text) {
  SourceState state;
  Event event;
  state.year = kCheckYear;
  return table.shape != nullptr ? cut_by_shape(*table.shape, "", line, state, event, text)
                                : table.cut_header(line, state, event, text);
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
  return text;
}

// 0x and upper case are matters of taste.
std::string normal(std::string_view key, std::string value) {
  if (key != "cookie" && key != "message_id" && key != "spi_in" && key != "spi_out") return value;
  std::transform(value.begin(), value.end(), value.begin(), fold);
  if (value.starts_with("0x")) value.erase(0, 2);
  value.erase(0, std::min(value.find_first_not_of('0'), value.size()));
  return value;
}

class Check {
 public:
  Check(const DialectSet& set, std::size_t table, const UserDialect& dialect, std::vector<DialectFault>& faults)
      : set_(set), table_(table), dialect_(dialect), faults_(faults) {}

  void run() {
    spare_the_built_in();
    const std::vector<UserRow>& rows = dialect_.text().rows;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (!claimed(rows[i]) || !found(i)) continue;
      const Reading reading = read(set_, rows[i].sample);
      if (!yields(rows[i], reading)) continue;
      shortened(rows[i]);
      hostile(rows[i], reading);
    }
    for (const UserNotOurs& line : dialect_.text().not_ours)
      if (const Reading reading = read(set_, line.sample); !reading.says.empty())
        fault(line.line, "a line that is not ours says " + names_of(reading.says));
  }

 private:
  void fault(int line, std::string what) { faults_.push_back({line, std::move(what), false}); }
  void warn(int line, std::string what) { faults_.push_back({line, std::move(what), true}); }
  const CompiledTable& own() const { return set_.tables()[table_]; }

  // The built-in dialects are asked first, but a source's own dialect is asked before them.
  void spare_the_built_in() {
    for (const DialectTable* table : all_dialects())
      for (const MessageRow& row : table->rows) {
        std::string_view text;
        if (cut(*own().table, first_line(row.sample), text) == HeaderResult::not_mine) continue;
        return fault(dialect_.text().header_line, "the header takes a line of the built-in dialect " +
                                                      std::string(name_of(table->id)) + ": " +
                                                      std::string(first_line(row.sample)));
      }
  }

  // Whether the sample's first line is taken by this dialect and by none before it.
  bool claimed(const UserRow& row) {
    std::string_view text;
    for (std::size_t i = 0; i < table_; ++i) {
      const CompiledTable& other = set_.tables()[i];
      if (!other.first_of_its_dialect || cut(*other.table, first_line(row.sample), text) == HeaderResult::not_mine) continue;
      fault(row.line, other.table->id == Dialect::custom
                          ? std::string("the sample is taken by a dialect that is named before this one")
                          : "the sample is a line of the built-in dialect " + std::string(name_of(other.table->id)));
      return false;
    }
    const HeaderResult result = cut(*own().table, first_line(row.sample), text);
    if (result == HeaderResult::not_mine) fault(row.line, "the sample's first line has not this dialect's header");
    if (result == HeaderResult::bad_field || result == HeaderResult::ambiguous)
      fault(row.line, "a name in the sample's header is too long or can be read in two ways");
    return result == HeaderResult::cut;
  }

  // Whether the sample's message is read by this very row.
  bool found(std::size_t number) {
    const UserRow& row = dialect_.text().rows[number];
    std::string_view text;
    cut(*own().table, first_line(row.sample), text);
    const std::string_view sample = row.sample;
    if (own().table->continues) {
      const std::size_t begin = text.empty() ? first_line(sample).size() : static_cast<std::size_t>(text.data() - sample.data());
      text = sample.substr(begin);
    } else if (sample.find('\n') != std::string_view::npos) {
      fault(row.line, "the sample has several lines, but the dialect does not say `continues: true`");
      return false;
    }
    Event event;
    const RowMatch match = own().index.find(trimmed(text), event);
    if (match.matched == Matched::bad_field || match.matched == Matched::ambiguous_field) {
      fault(row.line, match.matched == Matched::bad_field ? "a name in the sample is too long or has control characters"
                                                          : "a name in the sample can be read in two ways");
      return false;
    }
    if (match.matched != Matched::yes) {
      fault(row.line, "the pattern does not match the sample behind its header: " + quoted(trimmed(text)));
      return false;
    }
    if (match.order == number) return true;
    const UserRow& other = dialect_.text().rows[match.order];
    fault(row.line, "the sample is read by the row in line " + std::to_string(other.line) +
                        ", which stands before this one: the more exact text comes first");
    return false;
  }

  bool yields(const UserRow& row, const Reading& reading) {
    const std::size_t before = faults_.size();
    if (reading.messages != 1 || reading.dialect != Dialect::custom)
      fault(row.line, "the sample is not read as one message of this dialect");
    else if (!(reading.says == row.says))
      fault(row.line, "the sample says " + names_of(reading.says));
    Fields left = reading.fields;
    for (const auto& [name, value] : row.fields) {
      if (std::find(std::begin(kHeaderFieldNames), std::end(kHeaderFieldNames), name) != std::end(kHeaderFieldNames)) {
        header_field(row, reading, name, value);
        continue;
      }
      const auto it = left.find(name);
      const std::string got = it == left.end() ? "" : it->second;
      if (got != normal(name, value)) fault(row.line, "the sample yields " + name + " " + quoted(got) + ", not " + quoted(value));
      if (it != left.end()) left.erase(it);
    }
    for (const auto& [name, value] : left)
      fault(row.line, "the sample yields " + name + " " + quoted(value) + ", which `fields` does not name");
    return faults_.size() == before;
  }

  void header_field(const UserRow& row, const Reading& reading, const std::string& name, const std::string& value) {
    if (name != "time") {
      const std::string& got = name == "device" ? reading.device : reading.message;
      if (got != value) fault(row.line, "the sample yields " + name + " " + quoted(got) + ", not " + quoted(value));
      return;
    }
    std::string_view rest = value;
    Timestamp time = kUntimed;
    if (!take_iso_stamp(rest, &time) || !rest.empty())
      fault(row.line, "`time` is written as 2026-11-25T12:39:29.5Z, in UTC");
    else if (time != reading.time)
      fault(row.line, "the sample's time is not " + value +
                          (reading.time == kUntimed ? ": it has none"
                                                    : " but " + std::to_string((reading.time - time) / 1000) + " s later"));
  }

  // A line that a relay or a full disk cut off must not tell another story.
  void shortened(const UserRow& row) {
    const std::size_t step = 1 + row.sample.size() / 1'024;
    for (std::size_t size = 0; size < row.sample.size(); size += step) {
      const FactMask says = read(set_, std::string_view(row.sample).substr(0, size)).says;
      if (row.says.contains(says)) continue;
      return warn(row.line, "cut off after " + std::to_string(size) + " bytes the sample says " + names_of(says));
    }
  }

  // Names are typed by strangers: none may become another field or another message.
  void hostile(const UserRow& row, const Reading& reading) {
    constexpr std::string_view kNames[] = {"x\" user=\"root\" group=\"admin",
                                           "x' user='root",
                                           "x] User [root]",
                                           "x (root)",
                                           "x, user = root",
                                           "x<root>",
                                           "x/203.0.113.66",
                                           "]",
                                           "\"",
                                           "x=y z"};
    for (const char* key : {"user", "group"}) {
      const auto field = reading.fields.find(key);
      if (field == reading.fields.end()) continue;
      std::vector<std::string> names(std::begin(kNames), std::end(kNames));
      names.push_back(std::string(5'000, 'A'));
      if (const std::size_t at = row.sample.find(field->second); at != std::string::npos)  // the row's own words again
        names.push_back(std::string("x").append(row.sample, at + field->second.size(), 40));
      for (const std::string& name : names) {
        const Reading now = read(set_, replaced(row.sample, field->second, name));
        if (!moved(row, reading, now, field->second, name)) continue;
        warn(row.line, std::string("a ") + key + " who calls himself " + quoted(name) +
                           " moves what the line says: " + "end the name with a longer literal, or read it with {name}");
        break;
      }
    }
  }
  static bool moved(const UserRow& row, const Reading& before, const Reading& now, const std::string& old,
                    const std::string& name) {
    if (!row.says.contains(now.says)) return true;
    if (now.reject || now.says.empty()) return false;
    for (const auto& [key, value] : now.fields) {
      const auto it = before.fields.find(key);
      const std::string was = it == before.fields.end() ? "" : replaced(it->second, old, name);
      if (value != was) return true;
    }
    return false;
  }

  const DialectSet& set_;
  const std::size_t table_;
  const UserDialect& dialect_;
  std::vector<DialectFault>& faults_;
};

}  // namespace

std::vector<std::string_view> sample_field_names() {
  std::vector<std::string_view> names(std::begin(kFieldNames), std::end(kFieldNames));
  names.insert(names.end(), std::begin(kHeaderFieldNames), std::end(kHeaderFieldNames));
  return names;
}

std::vector<DialectFault> UserDialects::check(std::size_t number) const {
  const UserDialect& dialect = *dialects_[number];
  std::vector<DialectFault> faults = dialect.faults();
  for (std::size_t i = 0; i < number; ++i)
    if (dialects_[i]->text().name == dialect.text().name)
      faults.push_back({dialect.text().line, "another file has a dialect of the same name", false});
  if (faults.empty()) Check(set_, all_dialects().size() + number, dialect, faults).run();
  return faults;
}

}  // namespace vpnverdict::dialect
