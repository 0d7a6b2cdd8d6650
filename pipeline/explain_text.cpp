// The face of the product: an Explanation for a help-desk engineer.
#include <algorithm>
#include <array>

#include "correlator/rules.h"
#include "pipeline/explain.h"
#include "pipeline/incident_json.h"
#include "pipeline/terminal.h"
#include "pipeline/verdict_json.h"

namespace vpnverdict {
namespace {

constexpr std::size_t kTimeColumns = 12;  // "20:47:46.335"
constexpr std::size_t kSideColumns = 40;  // of each half of the timeline
constexpr std::size_t kLabelColumns = 12;
constexpr std::size_t kEvidenceLinesMax = 6;
constexpr Timestamp kSameClockMs = 10LL * 60 * 1000;  // logs further apart are laid side by side by protocol order

constexpr std::string_view kActorWords[] = {"nobody has to act", "the client's side must act", "the network's side must act",
                                            "the concentrator's administrator must act",
                                            "the authentication server's administrator must act"};
constexpr std::string_view kJoinWords[] = {
    "only one side's log tells of it", "both logs, matched by time and shape only",
    "both logs, matched by group, user or address", "both logs, matched by an id that only these two share"};

std::string clock_of(Timestamp time) {
  const std::string stamp = rfc3339(time);
  return stamp.empty() ? std::string() : stamp.substr(11, 12);
}

std::string day_of(Timestamp time) { return rfc3339(time).substr(0, 10); }

// Milestone that the facts of one message prove, for laying the two sides beside each other.
int progress_of(const Evidence& evidence) {
  int most = 0;
  evidence.facts.for_each([&](Fact fact) { most = std::max(most, static_cast<int>(row_of(fact).proves)); });
  return most;
}

class Page {
 public:
  explicit Page(bool colour) : colour_(colour) {}

  void line(std::string_view text = {}, Style style = Style::plain) {
    out_ += styled(text, style, colour_);
    out_ += '\n';
  }
  // "label     text", the text wrapped under itself.
  void labelled(std::string_view label, std::string_view text, Style style = Style::plain) {
    std::string_view name = label;
    for (const std::string& part : wrapped(text, kTerminalColumns - 2 - kLabelColumns)) {
      out_ += "  " + styled(padded(name, kLabelColumns), Style::dim, colour_) + styled(part, style, colour_) + '\n';
      name = {};
    }
  }
  void heading(std::string_view text) {
    line();
    line(text, Style::bold);
  }
  std::string style(std::string_view text, Style style) const { return styled(text, style, colour_); }
  void raw(std::string_view text) { out_ += text; }
  std::string take() { return std::move(out_); }

 private:
  bool colour_;
  std::string out_;
};

Style style_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::connected:
    case Outcome::ended: return Style::green;
    case Outcome::failed: return Style::red;
    case Outcome::in_progress:
    case Outcome::not_a_user_attempt:
    case Outcome::undetermined:
    case Outcome::contradictory: return Style::yellow;
  }
  return Style::plain;
}

std::string verdict_words(const Verdict& verdict) {
  std::string words;
  switch (verdict.outcome) {
    case Outcome::connected: words = "CONNECTED"; break;
    case Outcome::failed: words = verdict.about_session ? "CONNECTED, BUT" : "FAILED"; break;
    case Outcome::in_progress: words = "IN PROGRESS"; break;
    case Outcome::not_a_user_attempt: words = "NO USER"; break;
    case Outcome::undetermined: words = "UNDETERMINED"; break;
    case Outcome::contradictory: words = "CONTRADICTORY"; break;
    case Outcome::ended: words = "ENDED"; break;
  }
  if (verdict.outcome == Outcome::failed && verdict.step != 0) words += " at step " + std::to_string(verdict.step);
  return words + ": " + std::string(headline_of(verdict.cause));
}

std::string grade_words(const Verdict& verdict) {
  std::string words;
  switch (verdict.grade) {
    case Grade::certain: words = "certain"; break;
    case Grade::probable: words = "probable"; break;
    case Grade::guess: words = "a guess"; break;
  }
  if (!verdict.final) words += ", provisional";
  return words;
}

std::string who_and_when(const Verdict& verdict) {
  std::string text;
  const auto add = [&](std::string_view label, const std::string& value) {
    if (value.empty()) return;
    if (!text.empty()) text += " · ";
    text += std::string(label) + printable(value);
  };
  const std::string begin = rfc3339(verdict.started_at);
  if (!begin.empty()) add("", begin.substr(0, 10) + " " + begin.substr(11, 8) + " UTC");
  if (!begin.empty() && verdict.ended_at != kUntimed && verdict.ended_at >= verdict.started_at + 1000)
    add("", std::to_string((verdict.ended_at - verdict.started_at + 500) / 1000) + " s");
  add("user ", verdict.user);
  add("group ", verdict.group);
  add("client ", verdict.client);
  if (verdict.peer_ip != verdict.client) add("from ", verdict.peer_ip);
  add("concentrator ", verdict.concentrator);
  if (verdict.legs > 1) add("", std::to_string(verdict.legs) + " negotiations");
  return text;
}

// The chain of milestones: passed, where it stopped, not reached.
void milestones(Page& page, const Verdict& verdict) {
  const auto reached = static_cast<std::size_t>(verdict.reached);
  // With nothing proven there is no place where it stopped, unless the very first step failed.
  const bool stopped = verdict.outcome == Outcome::failed &&
                       (reached != 0 || verdict.cause == Cause::gateway_name_not_resolved);
  std::string text;
  for (std::size_t i = 1; i < kMilestoneCount; ++i) {
    std::string_view mark = "· ";
    if (i <= reached) mark = "✓ ";
    if (i == reached + 1 && stopped) mark = "✗ ";
    if (i == reached + 1 && verdict.outcome == Outcome::in_progress) mark = "? ";
    // A milestone must not be torn apart at a line's end: its blanks become no-break spaces until it is printed.
    std::string item = std::string(mark) + std::string(story_of(static_cast<Milestone>(i)));
    for (std::size_t at = 0; (at = item.find(' ', at)) != std::string::npos;) item.replace(at, 1, "\xC2\xA0");
    text += item + "  ";
  }
  page.heading("Reached");
  for (std::string line : wrapped(text, kTerminalColumns - 2)) {
    for (std::size_t at = 0; (at = line.find("\xC2\xA0", at)) != std::string::npos;) line.replace(at, 2, " ");
    page.line("  " + line);
  }
}

// Both sides' evidence in one order that never turns a side's own order round.
std::vector<const Evidence*> merged(const Verdict& verdict, bool& by_protocol) {
  std::vector<const Evidence*> side[2];
  for (const Evidence& evidence : verdict.evidence)
    side[evidence.side == Vantage::client ? 0 : 1].push_back(&evidence);
  const auto first_time = [](const std::vector<const Evidence*>& list) {
    for (const Evidence* evidence : list)
      if (evidence->time != kUntimed) return evidence->time;
    return kUntimed;
  };
  const Timestamp a = first_time(side[0]);
  const Timestamp b = first_time(side[1]);
  by_protocol = !side[0].empty() && !side[1].empty() &&
                (a == kUntimed || b == kUntimed || std::max(a, b) - std::min(a, b) > kSameClockMs);
  std::vector<const Evidence*> out;
  std::size_t next[2] = {0, 0};
  int progress[2] = {0, 0};  // as far as each side has come
  while (next[0] < side[0].size() || next[1] < side[1].size()) {
    std::size_t chosen = 0;
    if (next[0] == side[0].size()) {
      chosen = 1;
    } else if (next[1] < side[1].size()) {
      const Evidence& client = *side[0][next[0]];
      const Evidence& concentrator = *side[1][next[1]];
      const int client_at = std::max(progress[0], progress_of(client));
      const int concentrator_at = std::max(progress[1], progress_of(concentrator));
      const bool timed = !by_protocol && client.time != kUntimed && concentrator.time != kUntimed;
      chosen = timed ? (concentrator.time < client.time ? 1 : 0) : (concentrator_at < client_at ? 1 : 0);
    }
    const Evidence* evidence = side[chosen][next[chosen]++];
    progress[chosen] = std::max(progress[chosen], progress_of(*evidence));
    out.push_back(evidence);
  }
  return out;
}

std::string story_of(const Evidence& evidence) {
  std::string story;
  evidence.facts.for_each([&](Fact fact) {
    if (!story.empty()) story += "; ";
    story += row_of(fact).story;
  });
  return story.empty() ? printable(evidence.text) : story;
}

void timeline(Page& page, const std::vector<const Evidence*>& evidence, bool by_protocol) {
  page.heading("What the two logs tell");
  page.line("  " + padded("", kTimeColumns) + "  " + padded("client", kSideColumns) + " │ concentrator", Style::dim);
  std::string day;
  std::size_t number = 0;
  for (const Evidence* each : evidence) {
    ++number;
    if (each->time != kUntimed && day_of(each->time) != day) {
      day = day_of(each->time);
      page.line("  " + day, Style::dim);
    }
    std::string time = clock_of(each->time);
    const bool client = each->side == Vantage::client;
    for (const std::string& part : wrapped("[" + std::to_string(number) + "] " + story_of(*each), kSideColumns)) {
      page.raw("  " + page.style(padded(time, kTimeColumns), Style::dim) + "  " + padded(client ? part : "", kSideColumns) +
               (client ? " │" : " │ " + part) + "\n");
      time.clear();
    }
  }
  if (by_protocol)
    page.line("  The two clocks differ, or a log has none: the columns are laid side by side by protocol order.", Style::dim);
}

void evidence_lines(Page& page, const Explanation& explanation, const std::vector<const Evidence*>& evidence) {
  page.heading("Evidence");
  std::size_t number = 0;
  for (const Evidence* each : evidence) {
    const std::string source = each->ref.source < explanation.sources.size()
                                   ? printable(explanation.sources[each->ref.source])
                                   : "source " + std::to_string(each->ref.source);
    const std::string place = source + ":" + std::to_string(each->ref.position);
    const std::string label = "  [" + std::to_string(++number) + "] ";
    page.line(label + shortened_front(place, kTerminalColumns - label.size()), Style::dim);
    std::size_t shown = 0;
    std::string_view rest = each->text;
    while (!rest.empty()) {
      const std::string_view piece = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(rest.size(), piece.size() + 1));
      for (const std::string& part : wrapped(printable(piece), kTerminalColumns - 6)) {
        if (++shown > kEvidenceLinesMax) return page.line("      …");
        page.line("      " + part);
      }
    }
  }
}

void causes(Page& page, std::string_view label, const std::vector<Cause>& list) {
  for (Cause cause : list) {
    page.labelled(label, std::string(headline_of(cause)) + " (" + std::string(name_of(cause)) + ")");
    label = {};
  }
}

void one_verdict(Page& page, const Explanation& explanation, const Verdict& verdict, const std::string& title) {
  page.line(title, Style::bold);
  const std::string who = who_and_when(verdict);
  if (!who.empty())
    for (const std::string& part : wrapped(who, kTerminalColumns)) page.line(part);
  page.line();
  for (const std::string& part : wrapped(verdict_words(verdict), kTerminalColumns))
    page.line(part, style_of(verdict.outcome));
  page.labelled("verdict", std::string(name_of(verdict.cause)) + ", " + grade_words(verdict));
  page.labelled("who", kActorWords[static_cast<std::size_t>(verdict.actor)]);
  if (!verdict.remedy.empty()) page.labelled("what to do", printable(verdict.remedy), Style::bold);
  const Rule* rule = rule_with_id(verdict.rule);
  if (rule != nullptr)
    page.labelled("why", std::string(rule->why) + " (rule " + std::to_string(rule->id) +
                             (rule->source.empty() ? "" : ", " + std::string(rule->source)) + ")");
  page.labelled("logs", kJoinWords[static_cast<std::size_t>(verdict.join)]);
  causes(page, "also seen", verdict.also_seen);
  causes(page, "or else", verdict.alternatives);
  if (!verdict.next_check.empty()) page.labelled("next check", printable(verdict.next_check));
  if (!verdict.about_session) milestones(page, verdict);
  if (verdict.evidence.empty()) return;
  bool by_protocol = false;
  const std::vector<const Evidence*> evidence = merged(verdict, by_protocol);
  timeline(page, evidence, by_protocol);
  evidence_lines(page, explanation, evidence);
}

std::string_view heading_of(IncidentKind kind) {
  switch (kind) {
    case IncidentKind::failures: return "Incident: several people, one reason";
    case IncidentKind::sessions_lost: return "Incident: many sessions ended together";
    case IncidentKind::silence: return "Incident: no attempt arrives where some are due";
    case IncidentKind::silent_feed: return "Incident: attempts go on, their log does not arrive";
    case IncidentKind::security: return "Incident: somebody tries to get in, no user is affected";
    case IncidentKind::account: return "Incident: one account, tried from many places";
  }
  return "Incident";
}

// One card tells of all the attempts above that failed for its reason, or of what no attempt above can tell.
void incidents(Page& page, const std::vector<Incident>& cards) {
  for (const Incident& card : cards) {
    page.line(std::string(heading_of(card.kind)), Style::bold);
    for (const std::string& part : wrapped(printable(card_head(card)), kTerminalColumns)) page.line(part, card.open ? Style::red : Style::plain);
    for (const CardLine& line : card_lines(card)) page.labelled(line.label, printable(line.text));
    page.line();
  }
}

// "ISAKMP:(1001):text", "ISAKMP (0): text"; an ASA's lines begin with [IKEv1].
bool is_router_debug(std::string_view text) {
  return text.find("ISAKMP:") != std::string_view::npos || text.find("ISAKMP (") != std::string_view::npos;
}

void accounting(Page& page, const Explanation& explanation) {
  page.line("Lines read", Style::bold);
  for (const ExplainedFile& file : explanation.files) {
    const bool known = file.dialect != Dialect::unknown;
    std::string text = printable(file.name) + ": ";
    text += known ? std::string(name_of(file.dialect)) : "no dialect recognised";
    if (!file.copy_of.empty()) {
      text = printable(file.name) + ": the same messages as " + printable(file.copy_of) + ", left aside";
      for (const std::string& part : wrapped(text, kTerminalColumns - 2)) page.line("  " + part);
      continue;
    }
    if (file.events != 0) text += file.side == Vantage::client ? ", the client's side" : ", the concentrator's side";
    if (file.newest_first) text += ", newest line first";
    text += "; messages: " + with_thousands(file.events) + " say something, " + with_thousands(file.ignored) +
            " do not, " + with_thousands(file.unread) + " not understood";
    for (const std::string& part : wrapped(text, kTerminalColumns - 2)) page.line("  " + part);
  }
  if (!explanation.unread.empty()) page.line("  Not understood, for example:");
  for (const UnreadLine& line : explanation.unread)
    page.line("    " + shortened(shortened_front(printable(line.source) + ":" + std::to_string(line.line), kTerminalColumns / 2) + " " +
                                     std::string(name_of(line.reason)) + "  " + printable(line.text),
                                 kTerminalColumns - 4),
              Style::dim);
  if (std::ranges::any_of(explanation.unread, [](const UnreadLine& line) { return is_router_debug(line.text); })) {
    page.line("  Some is `debug crypto isakmp` of IOS or PIX 6, which is not read; a PIX's syslog messages are, and");
    page.line("  an ASA's debug lines, which begin with [IKEv1].");
  }
}

}  // namespace

std::string explanation_text(const Explanation& explanation, bool colour) {
  Page page(colour);
  std::size_t attempts = 0;
  for (const Verdict& verdict : explanation.verdicts) attempts += verdict.about_session ? 0 : 1;
  std::size_t number = 0;
  for (const Verdict& verdict : explanation.verdicts) {
    if (!verdict.about_session) ++number;
    const std::string title = verdict.about_session
                                  ? "After connecting"
                                  : "Attempt " + std::to_string(number) + " of " + std::to_string(attempts);
    one_verdict(page, explanation, verdict, title);
    page.line();
    page.line();
  }
  if (explanation.verdicts.empty()) {
    page.line("No connection attempt found in these logs.", Style::yellow);
    page.line();
  }
  incidents(page, explanation.incidents);
  accounting(page, explanation);
  return page.take();
}

std::string explanation_json(const Explanation& explanation) {
  std::string out = "[";
  for (const Verdict& verdict : explanation.verdicts) {
    if (out.size() > 1) out += ',';
    out += "\n ";
    append_json(verdict, explanation.sources, out);
    const Rule* rule = rule_with_id(verdict.rule);
    if (rule == nullptr) continue;
    out.back() = ',';  // the object goes on
    out += "\"why\":";
    append_json_string(rule->why, out);
    out += '}';
  }
  out += explanation.verdicts.empty() ? "]\n" : "\n]\n";
  return out;
}

std::string_view story_of(Milestone milestone) {
  static constexpr std::array<std::string_view, kMilestoneCount> kStories = {
      "nothing",
      "gateway name resolved",
      "first message sent",
      "first message arrived",
      "IKE proposal accepted",
      "group found",
      "answer received",
      "hash accepted",
      "third message arrived",
      "phase 1 complete",
      "user asked",
      "user answered",
      "user accepted",
      "address assigned",
      "policy accepted",
      "phase 2 complete",
      "data both ways"};
  return kStories[static_cast<std::size_t>(milestone)];
}

}  // namespace vpnverdict
