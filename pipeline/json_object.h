// Writes one JSON object into a string, key by key; texts are made valid UTF-8 and escaped. close() ends it.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "pipeline/verdict_json.h"

namespace vpnverdict {

class JsonObject {
 public:
  // `out` must outlive the object; nobody else appends meanwhile, but for a function handed to array() or object().
  explicit JsonObject(std::string& out) : out_(out) { out_ += '{'; }
  void text(std::string_view name, std::string_view value) {
    key(name);
    append_json_string(value, out_);
  }
  void number(std::string_view name, std::uint64_t value) { digits(name, value); }
  void signed_number(std::string_view name, std::int64_t value) { digits(name, value); }
  void boolean(std::string_view name, bool value) {
    key(name);
    out_ += value ? "true" : "false";
  }
  // null when untimed.
  void time(std::string_view name, Timestamp value) {
    const std::string stamp = rfc3339(value);
    key(name);
    if (stamp.empty())
      out_ += "null";
    else
      append_json_string(stamp, out_);
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
    out_ += '[';
    bool first = true;
    facts.for_each([&](Fact fact) {
      if (!first) out_ += ',';
      first = false;
      append_json_string(name_of(fact), out_);
    });
    out_ += ']';
  }
  void close() { out_ += '}'; }

 private:
  template <class Number>
  void digits(std::string_view name, Number value) {
    key(name);
    char text[24];
    out_.append(text, std::to_chars(text, text + sizeof text, value).ptr);
  }
  void key(std::string_view name) {
    if (!first_) out_ += ',';
    first_ = false;
    append_json_string(name, out_);
    out_ += ':';
  }
  std::string& out_;
  bool first_ = true;
};

}  // namespace vpnverdict
