// The body of envelope_json.cpp and envelope_json_haswell.cpp, which include it once each behind <simdjson.h> and
// define VPNVERDICT_JSON_LOOP, the name of the class.

namespace vpnverdict::dialect {
namespace {

namespace od = simdjson::ondemand;
using simdjson::error_code;

JsonResult result_of(error_code error) {
  switch (error) {
    case simdjson::SUCCESS:
      return JsonResult::read;
    case simdjson::UTF8_ERROR:
    case simdjson::UNESCAPED_CHARS:
    case simdjson::STRING_ERROR:
      return JsonResult::bad_text;
    case simdjson::CAPACITY:
      return JsonResult::too_many;
    default:
      return JsonResult::bad;
  }
}

constexpr std::uint64_t kOnes = 0x0101010101010101u;
constexpr std::uint64_t kHighs = 0x8080808080808080u;
// High bit of every byte that is zero; the lowest set one is exact.
inline std::uint64_t zero_bytes(std::uint64_t word) { return (word - kOnes) & ~word & kHighs; }

struct Key {
  std::string_view text;
  std::uint64_t hash = 0;
};

// Finds the closing quote and hashes what stands before it, eight bytes at a time. The text is padded.
simdjson_inline error_code read_key(od::field& field, Key* key) {
  const char* begin = field.key().raw();
  std::uint64_t hash = 0;
  for (std::size_t at = 0;; at += 8) {
    std::uint64_t word;
    std::memcpy(&word, begin + at, 8);
    const std::uint64_t quotes = zero_bytes(word ^ (kOnes * '"'));
    const std::uint64_t escapes = zero_bytes(word ^ (kOnes * '\\'));
    if (escapes != 0 && (quotes == 0 || std::countr_zero(escapes) < std::countr_zero(quotes))) break;
    if (quotes == 0) {
      hash = mix_key(hash, word);
      continue;
    }
    const int bits = std::countr_zero(quotes) & ~7;
    hash = mix_key(hash, bits == 0 ? 0 : word & (~std::uint64_t{0} >> (64 - bits)));
    *key = {std::string_view(begin, at + bits / 8), hash};
    return simdjson::SUCCESS;
  }
  if (error_code error = field.unescaped_key().get(key->text)) return error;
  key->hash = hash_key(key->text);
  return simdjson::SUCCESS;
}

class Walk {
 public:
  Walk(const FieldTable& fields, std::vector<Draft>& drafts) : fields_(fields), drafts_(drafts) {}

  error_code document(od::document& document) {
    od::json_type type;
    if (error_code error = document.type().get(type)) return error;
    if (type == od::json_type::array) {
      od::array array;
      if (error_code error = document.get_array().get(array)) return error;
      return records(array);
    }
    od::object object;
    if (error_code error = document.get_object().get(object)) return error;
    return record(object);
  }

 private:
  error_code records(od::array array) {
    for (auto element : array) {
      od::value value;
      if (error_code error = std::move(element).get(value)) return error;
      od::object object;
      if (value.get_object().get(object) == simdjson::SUCCESS) {
        if (error_code error = record(object)) return error;
      } else if (error_code error = push(Draft{})) {  // no object: a record without a message
        return error;
      }
    }
    return simdjson::SUCCESS;
  }

  error_code push(const Draft& draft) {
    if (drafts_.size() >= kDraftsMax) return simdjson::CAPACITY;
    push_draft(drafts_, draft);
    return simdjson::SUCCESS;
  }

  error_code record(od::object object) {
    Draft draft;
    otel_ = false;
    if (error_code error = walk(object, FieldTable::kRoot, draft)) return error;
    return otel_ && !draft.has(Slot::message) ? simdjson::SUCCESS : push(draft);
  }

  // Fields are used in place: a copy of one just written is read with another width than it was written, which stalls the
  // processor for longer than the key takes.
  error_code walk(od::object object, std::uint16_t node, Draft& draft) {
    for (auto result : object) {
      if (result.error()) return result.error();
      od::field& field = result.value_unsafe();
      Key key;
      if (error_code error = read_key(field, &key)) return error;
      const Step* step = fields_.find(node, key.text, key.hash);
      if (step == nullptr) continue;
      if (error_code error = take(field.value(), *step, key.text, draft)) return error;
    }
    return simdjson::SUCCESS;
  }

  error_code take(od::value value, const Step& step, std::string_view key, Draft& draft) {
    od::json_type type;
    if (error_code error = value.type().get(type)) return error;
    switch (type) {
      case od::json_type::string: {
        draft.shapes |= step.shapes;
        if (step.slot == Slot::none) return simdjson::SUCCESS;
        std::string_view text;
        if (error_code error = value.get_string().get(text)) return error;
        keep(step, text, draft);
        return simdjson::SUCCESS;
      }
      case od::json_type::number: {
        draft.shapes |= step.shapes;
        if (step.slot != Slot::time) return simdjson::SUCCESS;
        const std::string_view digits = value.raw_json_token();
        if (key == "@timestamp") draft.shapes |= 1u << static_cast<unsigned>(Shape::fluent_bit);
        draft.offer(Slot::time, step.rank, digits);
        return simdjson::SUCCESS;
      }
      case od::json_type::object: {
        if (step.node == 0) return simdjson::SUCCESS;
        od::object object;
        if (error_code error = value.get_object().get(object)) return error;
        return walk(object, step.node, draft);
      }
      case od::json_type::array:
        return step.records ? resource_logs(value) : simdjson::SUCCESS;
      default:
        return simdjson::SUCCESS;
    }
  }

  // An empty value does not stand before another key's, but an empty message is a message.
  static void keep(const Step& step, std::string_view text, Draft& draft) {
    if (text.empty() && step.slot != Slot::message) return;
    if (step.slot == Slot::time && text == "0") return;
    draft.offer(step.slot, text.empty() ? std::uint8_t{1} : step.rank, text);
  }

  // resourceLogs[] {resource {attributes[]}, scopeLogs[] {logRecords[]}}: every log record becomes a Draft, completed
  // from its resource, which may stand behind its records.
  error_code resource_logs(od::value value) {
    otel_ = true;
    od::array array;
    if (error_code error = value.get_array().get(array)) return error;
    for (auto element : array) {
      od::object object;
      if (error_code error = element.get_object().get(object)) return error;
      const std::size_t first = drafts_.size();
      Draft resource;
      if (error_code error = one_resource(object, resource)) return error;
      for (std::size_t i = first; i < drafts_.size(); ++i) drafts_[i].offer_all(resource);
    }
    return simdjson::SUCCESS;
  }

  error_code one_resource(od::object object, Draft& resource) {
    for (auto result : object) {
      if (result.error()) return result.error();
      od::field& field = result.value_unsafe();
      Key key;
      if (error_code error = read_key(field, &key)) return error;
      error_code error = simdjson::SUCCESS;
      if (key.text == "resource") {
        error = attributes_of(field.value(), resource);
      } else if (key.text == "scopeLogs" || key.text == "instrumentationLibraryLogs") {
        error = each_scope(field.value());
      }
      if (error) return error;
    }
    return simdjson::SUCCESS;
  }

  error_code attributes_of(od::value value, Draft& draft) {
    od::object object;
    if (error_code error = value.get_object().get(object)) return error;
    for (auto result : object) {
      if (result.error()) return result.error();
      od::field& field = result.value_unsafe();
      Key key;
      if (error_code error = read_key(field, &key)) return error;
      if (key.text != "attributes") continue;
      if (error_code error = attributes(field.value(), draft)) return error;
    }
    return simdjson::SUCCESS;
  }

  error_code each_scope(od::value value) {
    od::array scopes;
    if (error_code error = value.get_array().get(scopes)) return error;
    for (auto scope : scopes) {
      od::object object;
      if (error_code error = scope.get_object().get(object)) return error;
      for (auto result : object) {
        if (result.error()) return result.error();
        od::field& field = result.value_unsafe();
        Key key;
        if (error_code error = read_key(field, &key)) return error;
        if (key.text != "logRecords") continue;
        od::array logs;
        if (error_code error = field.value().get_array().get(logs)) return error;
        for (auto log : logs) {
          od::object one;
          if (error_code error = log.get_object().get(one)) return error;
          if (error_code error = log_record(one)) return error;
        }
      }
    }
    return simdjson::SUCCESS;
  }

  error_code log_record(od::object object) {
    Draft draft;
    draft.shapes = 1u << static_cast<unsigned>(Shape::otel);
    for (auto result : object) {
      if (result.error()) return result.error();
      od::field& field = result.value_unsafe();
      Key key;
      if (error_code error = read_key(field, &key)) return error;
      error_code error = simdjson::SUCCESS;
      if (key.text == "body") {
        error = any_value(field.value(), Step{Slot::message, 200, 0, 0, false}, draft);
      } else if (key.text == "attributes") {
        error = attributes(field.value(), draft);
      } else if (const Step* step = fields_.find(FieldTable::kRoot, key.text, key.hash); step && step->slot == Slot::time) {
        error = take(field.value(), *step, key.text, draft);
      }
      if (error) return error;
    }
    return push(draft);
  }

  // [{"key": "host.name", "value": {"stringValue": "…"}}, …]
  error_code attributes(od::value value, Draft& draft) {
    od::array array;
    if (error_code error = value.get_array().get(array)) return error;
    for (auto element : array) {
      od::object object;
      if (error_code error = element.get_object().get(object)) return error;
      const Step* step = nullptr;
      for (auto result : object) {
        if (result.error()) return result.error();
        od::field& field = result.value_unsafe();
        Key key;
        if (error_code error = read_key(field, &key)) return error;
        if (key.text == "key") {
          std::string_view name;
          if (error_code error = field.value().get_string().get(name)) return error;
          step = fields_.find(FieldTable::kRoot, name, hash_key(name));
        } else if (key.text == "value" && step != nullptr) {
          if (error_code error = any_value(field.value(), *step, draft)) return error;
        }
      }
    }
    return simdjson::SUCCESS;
  }

  // {"stringValue": "…"}; a body may also be {"kvlistValue": {"values": [attributes]}}, one level deep.
  error_code any_value(od::value value, const Step& step, Draft& draft) {
    od::object object;
    if (error_code error = value.get_object().get(object)) return error;
    for (auto result : object) {
      if (result.error()) return result.error();
      od::field& field = result.value_unsafe();
      Key key;
      if (error_code error = read_key(field, &key)) return error;
      if (key.text == "stringValue" && step.slot != Slot::none) {
        std::string_view text;
        if (error_code error = field.value().get_string().get(text)) return error;
        keep(step, text, draft);
      } else if (key.text == "kvlistValue" && step.rank == 200 && !in_list_) {
        od::object list;
        if (error_code error = field.value().get_object().get(list)) return error;
        od::value values;
        if (list.find_field("values").get(values) != simdjson::SUCCESS) continue;
        in_list_ = true;
        const error_code error = attributes(values, draft);
        in_list_ = false;
        if (error) return error;
      }
    }
    return simdjson::SUCCESS;
  }

  const FieldTable& fields_;
  std::vector<Draft>& drafts_;
  bool otel_ = false;
  bool in_list_ = false;
};

}  // namespace

class VPNVERDICT_JSON_LOOP final : public JsonLoop {
 public:
  JsonResult read(std::string_view text, const FieldTable& fields, std::vector<Draft>& drafts) override {
    // A hostile giant must not keep its memory for ever: 5 bytes a byte.
    if (text.size() <= kKeptBytes && parser_.capacity() > kKeptBytes) parser_ = od::parser{};
    od::document document;
    if (error_code error = parser_.iterate(text.data(), text.size(), text.size() + kJsonPadding).get(document))
      return result_of(error);
    if (error_code error = Walk(fields, drafts).document(document)) return result_of(error);
    const char* end;
    if (document.current_location().get(end) == simdjson::SUCCESS) return JsonResult::trailing;
    return JsonResult::read;
  }

 private:
  static constexpr std::size_t kKeptBytes = 1024 * 1024;
  od::parser parser_;
};

}  // namespace vpnverdict::dialect
