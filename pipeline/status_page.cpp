#include "pipeline/status_page.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "pipeline/json_object.h"
#include "pipeline/page/page_files.h"
#include "pipeline/partition_owner.h"
#include "pipeline/pools_json.h"
#include "pipeline/status_json.h"

namespace vpnverdict {
namespace {

constexpr auto kStatusCached = std::chrono::milliseconds(500);
constexpr std::size_t kLimitMax = 200;
constexpr std::size_t kFindBytesMax = 256;
constexpr const char* kJson = "application/json";
constexpr const char* kText = "text/plain; charset=utf-8";

// Nothing from elsewhere, nothing inline, in no frame; what names people stays in no cache.
const std::vector<std::pair<std::string, std::string>> kHeaders = {
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
     "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cache-Control", "no-store"},
};

std::string base64(std::string_view bytes) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t three = 0;
    for (std::size_t k = 0; k < 3; ++k) three = three << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k) out += i + k <= bytes.size() ? kLetters[three >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

// Takes as long for a near miss as for a far one.
bool same_secret(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned differs = 0;
  for (std::size_t i = 0; i < a.size(); ++i) differs |= static_cast<unsigned>(a[i] ^ b[i]);
  return differs == 0;
}

HttpAnswer refusal(int status, std::string_view why) {
  HttpAnswer out{status, kJson, "", {}};
  JsonObject object(out.body);
  object.text("error", why);
  object.close();
  return out;
}

HttpAnswer bad_query(std::string_view name) { return refusal(400, "the query's " + std::string(name) + " cannot be read"); }

std::string first(const HttpRequest& request, const char* name) {
  const auto found = request.query.find(name);
  return found == request.query.end() ? "" : found->second;
}

std::optional<std::uint64_t> number_in(std::string_view text, int base = 10) {
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

// Leaves it as it is when none is asked for.
bool read_limit(const HttpRequest& request, std::size_t* limit) {
  const std::string text = first(request, "limit");
  if (text.empty()) return true;
  const auto wanted = number_in(text);
  if (!wanted || *wanted == 0) return false;
  *limit = std::min<std::size_t>(*wanted, kLimitMax);
  return true;
}

// Records and how to ask for those behind them; 0: there are none.
HttpAnswer page_of(std::string_view name, const std::vector<std::string>& records, std::uint64_t next, std::optional<std::uint64_t> newest = {}) {
  HttpAnswer out{200, kJson, "", {}};
  JsonObject object(out.body);
  if (newest) object.number("newest", *newest);
  object.array(name, records, [&](const std::string& record) { out.body += record; });
  if (next == 0) {
    object.json("next", "null");
  } else {
    object.number("next", next);
  }
  object.close();
  return out;
}

HttpAnswer verdicts(const StatusBoard& board, const HttpRequest& request) {
  StatusBoard::Query query;
  if (!read_limit(request, &query.limit)) return bad_query("limit");
  if (const std::string text = first(request, "before"); !text.empty()) {
    const auto before = number_in(text);
    if (!before) return bad_query("before");
    query.before = *before;
  }
  if (const std::string text = first(request, "outcome"); !text.empty()) {
    const auto found = std::find(std::begin(kOutcomeNames), std::end(kOutcomeNames), text);
    if (found == std::end(kOutcomeNames)) return bad_query("outcome");
    query.outcome = static_cast<Outcome>(found - std::begin(kOutcomeNames));
  }
  if (const std::string text = first(request, "cause"); !text.empty()) {
    Cause cause{};
    if (!cause_named(text, &cause)) return bad_query("cause");
    query.cause = cause;
  }
  query.group = first(request, "group");
  query.find = first(request, "find").substr(0, kFindBytesMax);
  const StatusBoard::Page page = board.page(query);
  return page_of("verdicts", page.records, page.next, page.newest);
}

// Which part of a list is asked for.
struct Slice {
  std::size_t skip = 0;
  std::size_t limit = 50;
};

// The name of what cannot be read; empty when all can.
std::string_view read_slice(const HttpRequest& request, Slice* slice) {
  if (const std::string text = first(request, "skip"); !text.empty()) {
    const auto skip = number_in(text);
    if (!skip) return "skip";
    slice->skip = *skip;
  }
  return read_limit(request, &slice->limit) ? "" : "limit";
}

HttpAnswer pools(const PipelineMetrics& metrics, const HttpRequest& request) {
  Slice slice;
  if (const std::string_view bad = read_slice(request, &slice); !bad.empty()) return bad_query(bad);
  return {200, kJson, pools_json(metrics.pools(), slice.skip, slice.limit), {}};
}

HttpAnswer incidents(const StatusBoard& board, const HttpRequest& request) {
  Slice slice;
  if (const std::string_view bad = read_slice(request, &slice); !bad.empty()) return bad_query(bad);
  const StatusBoard::Cards cards = board.incidents(slice.limit, slice.skip);
  return page_of("incidents", cards.records, cards.next);
}

HttpAnswer attempt(const StatusBoard& board, std::string_view id) {
  const auto number = id.size() == 16 ? number_in(id, 16) : std::nullopt;
  if (!number) return refusal(400, "an id has 16 hexadecimal digits");
  const StatusBoard::Attempt found = board.attempt(*number);
  if (found.record.empty() && found.sessions.empty()) {
    return refusal(404, "not among the newest verdicts of this process; the verdict topic holds all of them");
  }
  HttpAnswer out{200, kJson, "", {}};
  JsonObject object(out.body);
  object.json("attempt", found.record.empty() ? "null" : found.record);
  object.array("sessions", found.sessions, [&](const std::string& record) { out.body += record; });
  object.close();
  return out;
}

}  // namespace

StatusPage::StatusPage(Parts parts)
    : parts_(std::move(parts)), local_(on_loopback(parts_.config.metrics)), access_(access_by(parts_.config)) {}

StatusPage::Access StatusPage::access_by(const Config& config) {
  Access out;
  out.names = page_shows_names(config);
  if (config.page_token.empty()) return out;
  out.bearer = "Bearer " + config.page_token;
  out.basic = "Basic " + base64("vpnverdict:" + config.page_token);
  return out;
}

void StatusPage::set_access(const Config& config) {
  Access next = access_by(config);
  {
    const std::lock_guard lock(access_mutex_);
    access_ = std::move(next);
  }
  const std::lock_guard lock(mutex_);
  cached_.clear();
}

StatusPage::Access StatusPage::access() const {
  const std::lock_guard lock(access_mutex_);
  return access_;
}

HttpAnswer StatusPage::answer(const HttpRequest& request) const {
  HttpAnswer out;
  if (!host_known(request.host)) {
    out = refusal(403, "this name is none of the machine's own; ask for localhost");
  } else if (!allowed(request)) {
    out = refusal(401, "a token is needed");
    out.headers.emplace_back("WWW-Authenticate", "Basic realm=\"vpnverdict\", charset=\"UTF-8\"");
  } else {
    out = route(request);
  }
  out.headers.insert(out.headers.end(), kHeaders.begin(), kHeaders.end());
  return out;
}

bool StatusPage::allowed(const HttpRequest& request) const {
  const Access known = access();
  if (known.bearer.empty()) return true;
  return same_secret(request.authorization, known.bearer) || same_secret(request.authorization, known.basic);
}

// A page from elsewhere can give its own name the address 127.0.0.1 and so read what a browser here may read. It cannot do that
// under one of these names, nor where a token is asked for.
bool StatusPage::host_known(const std::string& host) const {
  if (!local_ || host.empty() || !access().bearer.empty()) return true;
  // The port follows the last colon, unless that stands inside an IPv6 address.
  const std::size_t colon = host.back() == ']' ? std::string::npos : host.rfind(':');
  const std::string_view name = std::string_view(host).substr(0, colon);
  const bool address = name.find_first_not_of("0123456789.") == std::string_view::npos;
  return name == "localhost" || name == "[::1]" || (address && name.starts_with("127."));
}

HttpAnswer StatusPage::route(const HttpRequest& request) const {
  constexpr std::string_view kAttempts = "/api/attempts/";
  if (request.path == "/api/status") return {200, kJson, status(), {}};
  if (request.path == "/api/verdicts") return verdicts(parts_.board, request);
  if (request.path == "/api/pools") return pools(parts_.metrics, request);
  if (request.path == "/api/incidents") return incidents(parts_.board, request);
  if (request.path == "/api/words") return {200, kJson, words_json(), {}};
  if (request.path.starts_with(kAttempts)) return attempt(parts_.board, std::string_view(request.path).substr(kAttempts.size()));
  for (const PageFile& file : page_files()) {
    if (request.path == file.path) return {200, std::string(file.type), std::string(file.text), {}};
  }
  return {404, kText, "not here\n", {}};
}

std::string StatusPage::status() const {
  const std::lock_guard lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (!cached_.empty() && now - cached_at_ < kStatusCached) return cached_;
  StatusFigures figures;
  figures.version = program_version();
  figures.role = parts_.config.service.role;
  figures.names = access().names;
  figures.ready = parts_.ready();
  figures.clock = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  figures.attempts_open = parts_.metrics.shard_sum().attempts_open;
  figures.feeds = parts_.metrics.kafka().feeds();
  figures.lines = parts_.metrics.line_sum();
  figures.picture = parts_.board.picture(parts_.metrics.stream_time());
  cached_ = status_json(figures);
  cached_at_ = now;
  return cached_;
}

}  // namespace vpnverdict
