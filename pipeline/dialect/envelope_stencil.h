// Stencils: a log shipper writes the same text again and again with other values in it. What is the same is learnt from
// documents that the JSON loop has read, and the next ones are read by comparing it and finding the ends of the values,
// which takes a fifth of the instructions of parsing them. Nothing is guessed: a document that a stencil fits is read as the JSON
// loop would read it, and every other one is left to that. Private to the envelope; one thread.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/dialect/envelope_fields.h"

namespace vpnverdict::dialect {

class Stencils {
 public:
  // True when a stencil fits the whole of `document`. Views in `draft` point into it, or into a buffer that the next read()
  // writes.
  bool read(std::string_view document, Draft& draft);

  // What the JSON loop makes of a document, or nullptr when that is not one record.
  using Parse = std::function<const Draft*(std::string_view)>;
  // To be called with each document that is valid JSON, holds one record and fitted no stencil. Now and then it learns from it.
  // Of `read`, which is what the JSON loop made of it, only shapes and ranks are looked at.
  void missed(std::string_view document, const Draft& read, const Parse& parse);

  std::uint64_t fitted() const { return fitted_; }

 private:
  static constexpr std::size_t kValuesMax = 64;        // of one document
  static constexpr std::size_t kFixedBytesMax = 8192;  // of one document
  static constexpr std::size_t kDocumentBytesMax = 64 * 1024;
  static constexpr std::size_t kPiecesMax = 1024;      // of all stencils; when there are more, all are learnt anew
  static constexpr std::size_t kAlternativesMax = 16;  // in one place; the same
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;
  // Learning costs a few times what reading does: where no two documents are alike it must not be felt.
  static constexpr std::uint32_t kMissesToLearn = 32;

  enum class Value : std::uint8_t { string, number, end };
  // Text that stands in front of a value, or at the end. Stencils that begin alike share their first pieces.
  struct Piece {
    std::string text;
    Value value = Value::end;
    std::uint32_t next = kNone;     // another piece that may stand here; the longer one is asked first
    std::uint32_t below = kNone;    // the first piece behind the value
    std::uint32_t reading = kNone;  // at the end
  };
  // Which value is what, and the marks of the shape.
  struct Fill {
    Slot slot;
    std::uint8_t rank;
    std::uint8_t value;
  };
  struct Reading {
    std::uint32_t shapes = 0;
    std::vector<Fill> fills;
  };
  struct Found {
    std::uint32_t begin;
    std::uint32_t size;
    bool escaped;
  };
  struct Cut {
    std::vector<Piece> pieces;
    std::string marked;  // the document with the number of each value in its place
  };

  static std::optional<Cut> cut(std::string_view document);
  void learn(std::string_view document, const Draft& read, const Parse& parse);
  static std::optional<Reading> reading_of(const Draft& marked, std::size_t values);
  std::uint32_t add(std::vector<Piece>& pieces);
  void forget();
  bool fill(std::string_view document, const Reading& reading, Draft& draft);

  std::vector<Piece> pieces_;
  std::vector<Reading> readings_;
  std::uint32_t first_ = kNone;
  std::array<Found, kValuesMax> found_;
  std::string unescaped_;
  std::uint32_t misses_ = 0;
  std::uint64_t fitted_ = 0;
};

}  // namespace vpnverdict::dialect
