#include "correlator/sign.h"

#include <algorithm>
#include <tuple>

#include "correlator/keys.h"
#include "correlator/limits.h"

namespace vpnverdict {
namespace {

std::string shortened(std::string_view text) {
  std::size_t size = std::min(text.size(), kIncidentTextMax);
  while (size > 0 && size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
  return std::string(text.substr(0, size));
}

// Who was refused a login is asked again, and most of those who mistyped then get in. All other refusals stand, almost always.
bool stands(Cause cause) {
  return cause != Cause::user_password_wrong && cause != Cause::user_unknown && cause != Cause::user_rejected_unspecified;
}

std::uint64_t address_hash(const Verdict& verdict) {
  return mix(kHashSeed + 1, verdict.peer_ip.empty() ? verdict.client : verdict.peer_ip);
}

// The concentrator's word is one client's. What a client's log alone has told until now may be told by the concentrator's, too, in a
// record of its own, until the two are joined: it would count twice.
bool counts_early(const Verdict& verdict, bool logged) { return verdict.outcome == Outcome::failed && stands(verdict.cause) && logged; }

}  // namespace

bool Sign::failed() const { return outcome == Outcome::failed && cause != Cause::user_cancelled && cause != Cause::ended_by_policy; }

bool Sign::operator<(const Sign& other) const {
  return std::tie(at, about, verdict, revision, concentrator) < std::tie(other.at, other.about, other.verdict, other.revision, other.concentrator);
}

std::optional<Sign> sign_of(const Verdict& verdict) {
  const bool logged = std::ranges::any_of(verdict.evidence, [](const Evidence& piece) { return piece.side == Vantage::concentrator; });
  if (verdict.due_at == kUntimed || !(verdict.final || counts_early(verdict, logged))) return std::nullopt;
  Sign sign;
  sign.at = verdict.due_at;
  sign.verdict = verdict.id;
  sign.revision = verdict.revision;
  if (verdict.same_as != 0) {
    sign.about = Sign::About::joined;
    return sign;
  }
  sign.about = verdict.about_session ? Sign::About::session : Sign::About::attempt;
  sign.occurred = verdict.about_session ? verdict.ended_at : verdict.started_at;
  if (!is_masked(verdict.user)) sign.person = mix_lower(kHashSeed, verdict.user);
  sign.client = sign.person != 0 ? sign.person : address_hash(verdict);
  sign.outcome = verdict.outcome;
  sign.cause = verdict.cause;
  sign.grade = verdict.grade;
  sign.logged = logged;
  sign.concentrator = verdict.concentrator;
  sign.group = verdict.group;
  sign.server = verdict.server;
  sign.pool = verdict.pool;
  sign.peer = verdict.peer_ip;
  if (sign.failed() && !verdict.evidence.empty()) sign.text = shortened(verdict.evidence.back().text);
  return sign;
}

Sign sign_of_boot(std::string_view concentrator, Timestamp at) {
  Sign sign;
  sign.at = sign.occurred = at;
  sign.about = Sign::About::boot;
  sign.concentrator = concentrator;
  return sign;
}

}  // namespace vpnverdict
