// Writes one JSON object into a string, key by key; texts are made valid UTF-8 and escaped, the keys are the program's own words and
// need none of it. close() ends it.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "pipeline/verdict_json.h"

namespace vpnverdict {

template <class Number>
void append_json_number(Number value, std::string& out) {
  char text[24];
  out.append(text, std::to_chars(text, text + sizeof text, value).ptr);
}
// A word of the program's own, in which nothing needs escaping.
inline void append_json_term(std::string_view word, std::string& out) {
  out += '"';
  out += word;
  out += '"';
}
// null when untimed.
inline void append_json_time(Timestamp time, std::string& out) {
  out += '"';
  const std::size_t at = out.size();
  append_rfc3339(time, out);
  if (out.size() > at) out += '"';
  else out.replace(at - 1, 1, "null");
}
inline void append_json_facts(const FactMask& facts, std::string& out) {
  out += '[';
  bool first = true;
  facts.for_each([&](Fact fact) {
    if (!first) out += ',';
    first = false;
    append_json_term(name_of(fact), out);
  });
  out += ']';
}

class JsonObject {
 public:
  // `out` must outlive the object; nobody else appends meanwhile, but for a function handed to array() or object().
  explicit JsonObject(std::string& out) : out_(out) { out_ += '{'; }
  void text(std::string_view name, std::string_view value) {
    key(name);
    append_json_string(value, out_);
  }
  void term(std::string_view name, std::string_view word) {
    key(name);
    append_json_term(word, out_);
  }
  template <class Number>
  void number(std::string_view name, Number value) {
    key(name);
    append_json_number(value, out_);
  }
  void boolean(std::string_view name, bool value) {
    key(name);
    out_ += value ? "true" : "false";
  }
  void time(std::string_view name, Timestamp value) {
    key(name);
    append_json_time(value, out_);
  }
  // A value that is JSON already.
  void json(std::string_view name, std::string_view value) {
    key(name);
    out_ += value;
  }
  // `write(object)` adds its keys.
  template <class Write>
  void object(std::string_view name, Write write) {
    key(name);
    JsonObject inner(out_);
    write(inner);
    inner.close();
  }
  // `write(item)` appends one value.
  template <class Items, class Write>
  void array(std::string_view name, const Items& items, Write write) {
    key(name);
    out_ += '[';
    bool first = true;
    for (const auto& item : items) {
      if (!first) out_ += ',';
      first = false;
      write(item);
    }
    out_ += ']';
  }
  void facts(std::string_view name, const FactMask& facts) {
    key(name);
    append_json_facts(facts, out_);
  }
  void close() { out_ += '}'; }

 private:
  void key(std::string_view name) {
    if (!first_) out_ += ',';
    first_ = false;
    append_json_term(name, out_);
    out_ += ':';
  }
  std::string& out_;
  bool first_ = true;
};

}  // namespace vpnverdict
