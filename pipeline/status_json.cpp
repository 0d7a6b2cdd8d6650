#include "pipeline/status_json.h"

#include <algorithm>
#include <span>

#include "correlator/rules.h"
#include "pipeline/explain.h"
#include "pipeline/json_object.h"

namespace vpnverdict {
namespace {

constexpr int kSteps = 8;

void append_number(std::uint32_t value, std::string& out) { out += std::to_string(value); }

void add_rate(JsonObject& object, const StatusBoard::Rate& rate, std::string& out) {
  object.number("failed_5m", rate.failed_5m);
  object.number("connected_5m", rate.connected_5m);
  object.number("failed_1h", rate.failed_1h);
  object.number("connected_1h", rate.connected_1h);
  object.number("clients_1h", rate.clients_1h);
  object.array("failed", rate.failed, [&](std::uint32_t n) { append_number(n, out); });
  object.array("connected", rate.connected, [&](std::uint32_t n) { append_number(n, out); });
}

template <class Items, class Add>
void add_objects(JsonObject& object, std::string_view name, const Items& items, std::string& out, Add add) {
  object.array(name, items, [&](const auto& item) {
    JsonObject inner(out);
    add(inner, item);
    inner.close();
  });
}

void add_lines(JsonObject& object, const LineTally& lines, std::string& out) {
  object.number("lines", lines.consumed);
  object.number("sources", lines.sources);
  std::vector<std::size_t> seen;
  for (std::size_t i = 0; i < LineTally::kDialects; ++i) {
    const LineTally::PerDialect& dialect = lines.by_dialect[i];
    const bool rejected = std::any_of(dialect.rejected.begin(), dialect.rejected.end(), [](std::uint64_t n) { return n > 0; });
    if (dialect.events > 0 || dialect.ignored > 0 || rejected) seen.push_back(i);
  }
  add_objects(object, "dialects", seen, out, [&](JsonObject& inner, std::size_t i) {
    const LineTally::PerDialect& dialect = lines.by_dialect[i];
    std::uint64_t rejected = 0;
    for (const std::uint64_t n : dialect.rejected) rejected += n;
    inner.text("dialect", kDialectNames[i]);
    inner.number("events", dialect.events);
    inner.number("ignored", dialect.ignored);
    inner.number("rejected", rejected);
  });
}

}  // namespace

std::string status_json(const StatusFigures& figures) {
  std::string out;
  JsonObject object(out);
  const StatusBoard::Picture& picture = figures.picture;
  object.text("version", figures.version);
  object.text("role", figures.role);
  object.boolean("names", figures.names);
  object.boolean("ready", figures.ready.ok);
  object.text("state", figures.ready.text);
  object.time("clock", figures.clock);
  object.time("log_time", picture.now);
  object.number("newest", picture.newest);
  object.number("attempts_open", figures.attempts_open);
  object.object("all", [&](JsonObject& inner) { add_rate(inner, picture.all, out); });
  const std::size_t shown = std::min(picture.groups.size(), kGroupsShownMax);
  add_objects(object, "groups", std::span(picture.groups).first(shown), out, [&](JsonObject& inner, const StatusBoard::Group& group) {
    inner.text("group", group.name);
    add_rate(inner, group.rate, out);
    if (group.worst_1h > 0) inner.text("worst", name_of(group.worst));
    inner.number("worst_1h", group.worst_1h);
  });
  object.number("groups_not_shown", picture.groups.size() - shown);
  add_objects(object, "causes", picture.causes, out, [](JsonObject& inner, const StatusBoard::CauseLine& line) {
    inner.text("cause", name_of(line.cause));
    inner.number("failed_5m", line.failed_5m);
    inner.number("failed_1h", line.failed_1h);
    inner.number("groups_1h", line.groups_1h);
    inner.number("clients_1h", line.clients_1h);
  });
  add_objects(object, "feeds", figures.feeds, out, [](JsonObject& inner, const KafkaCell::Feed& feed) {
    inner.text("topic", feed.topic);
    inner.number("partitions", feed.partitions);
    inner.number("records", feed.records);
    inner.number("bytes", feed.bytes);
    inner.number("lag", feed.lag);
  });
  add_lines(object, figures.lines, out);
  object.close();
  return out;
}

std::string words_json() {
  std::string out;
  JsonObject object(out);
  object.object("causes", [](JsonObject& causes) {
    for (const CauseRow& row : kCauses) {
      causes.object(row.name, [&](JsonObject& inner) {
        inner.text("headline", headline_of(row.cause));
        inner.number("step", row.step);
        inner.text("actor", name_of(row.actor));
        inner.text("remedy", row.remedy);
      });
    }
  });
  object.object("steps", [](JsonObject& steps) {
    for (int step = 1; step <= kSteps; ++step) {
      // "Step 3. The firewall in between": the number is the key.
      const std::string_view title = step_title(step);
      steps.text(std::to_string(step), title.substr(title.find(". ") + 2));
    }
  });
  object.object("facts", [](JsonObject& facts) {
    for (const FactRow& row : kFacts) facts.text(row.name, row.story);
  });
  object.object("milestones", [](JsonObject& milestones) {
    for (std::size_t i = 1; i < kMilestoneCount; ++i) milestones.text(kMilestoneNames[i], story_of(static_cast<Milestone>(i)));
  });
  object.object("rules", [](JsonObject& rules) {
    for (const auto table : {connect_rules(), session_rules()}) {
      for (const Rule& rule : table) rules.text(std::to_string(rule.id), rule.why);
    }
  });
  object.close();
  return out;
}

}  // namespace vpnverdict
