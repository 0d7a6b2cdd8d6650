#include "pipeline/sign_codec.h"

#include "correlator/byte_codec.h"
#include "correlator/limits.h"

namespace vpnverdict {
namespace {

constexpr std::uint64_t kVersion = 1;
constexpr std::size_t kTextMax = 4'096;  // no name or line is longer
constexpr std::string Sign::*kTexts[] = {&Sign::concentrator, &Sign::group, &Sign::server, &Sign::pool, &Sign::peer, &Sign::text};

// kUntimed as 0, so that it stays short.
void put_time(std::string& out, Timestamp time, Timestamp from) {
  put_number(out, time == kUntimed ? 0 : 1);
  if (time != kUntimed) put_difference(out, time, from);
}
Timestamp time_in(ByteReader& in, Timestamp from) { return in.number(1) == 0 ? kUntimed : in.difference(from); }

void put_sign(std::string& out, const Sign& sign) {
  put_number(out, static_cast<std::uint64_t>(sign.about));
  put_difference(out, sign.at, 0);
  put_time(out, sign.occurred, sign.at);
  put_number(out, sign.verdict);
  put_number(out, sign.revision);
  put_number(out, sign.person);
  put_number(out, sign.client == sign.person ? 0 : sign.client);
  put_number(out, static_cast<std::uint64_t>(sign.outcome));
  put_number(out, static_cast<std::uint64_t>(sign.cause));
  put_number(out, static_cast<std::uint64_t>(sign.grade) << 1 | (sign.logged ? 1 : 0));
  for (const auto field : kTexts) put_text(out, std::string_view(sign.*field).substr(0, kTextMax));
}

Sign sign_in(ByteReader& in) {
  Sign sign;
  sign.about = static_cast<Sign::About>(in.number(static_cast<std::uint64_t>(Sign::About::joined)));
  sign.at = in.difference(0);
  sign.occurred = time_in(in, sign.at);
  sign.verdict = in.number();
  sign.revision = static_cast<std::uint32_t>(in.number(~std::uint32_t{0}));
  sign.person = in.number();
  sign.client = in.number();
  if (sign.client == 0) sign.client = sign.person;
  sign.outcome = static_cast<Outcome>(in.number(std::size(kOutcomeNames) - 1));
  sign.cause = static_cast<Cause>(in.number(kCauseCount - 1));
  const std::uint64_t grade = in.number(std::size(kGradeNames) * 2 - 1);
  sign.grade = static_cast<Grade>(grade >> 1);
  sign.logged = (grade & 1) != 0;
  for (const auto field : kTexts) sign.*field = in.text(kTextMax);
  return sign;
}

std::string record_of(const SignMark& mark, Timestamp told_until, std::size_t count, const std::string& signs) {
  std::string out;
  put_number(out, kVersion);
  put_number(out, static_cast<std::uint64_t>(mark.shard));
  put_number(out, static_cast<std::uint64_t>(mark.shards));
  put_time(out, told_until, 0);
  put_number(out, count);
  return out + signs;
}

}  // namespace

std::vector<std::string> sign_records(const SignMark& mark, const std::vector<Sign>& signs) {
  std::vector<std::string> out;
  std::string bytes;
  std::size_t count = 0;
  for (const Sign& sign : signs) {
    put_sign(bytes, sign);
    ++count;
    if (bytes.size() < kSignRecordBytes) continue;
    out.push_back(record_of(mark, kUntimed, count, bytes));
    bytes.clear();
    count = 0;
  }
  out.push_back(record_of(mark, mark.told_until, count, bytes));
  return out;
}

std::string_view decode_signs(std::string_view bytes, SignRecord& out) {
  out.signs.clear();
  ByteReader in(bytes);
  if (in.number() != kVersion) return "of another version";
  out.mark.shard = static_cast<std::int32_t>(in.number(kShardsMax - 1));
  out.mark.shards = static_cast<std::int32_t>(in.number(kShardsMax));
  out.mark.told_until = time_in(in, 0);
  for (std::size_t n = in.count(); n > 0 && in.ok(); --n) out.signs.push_back(sign_in(in));
  if (!in.ok() || !in.at_end()) return "damaged";
  return out.mark.shard < out.mark.shards ? "" : "of a shard that is none";
}

}  // namespace vpnverdict
