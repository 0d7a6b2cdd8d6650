#include "metrics/open_metrics.h"

#include <charconv>
#include <cmath>

namespace vpnverdict {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

constexpr std::string_view kTotal = "_total";

void append_number(double value, std::string& out) {
  if (std::isnan(value)) {
    out += "NaN";
  } else if (std::isinf(value)) {
    out += value > 0 ? "+Inf" : "-Inf";
  } else {
    char text[32];
    out.append(text, std::to_chars(text, text + sizeof(text), value).ptr);
  }
}

void append_escaped(std::string_view text, std::string& out) {
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
}

void append_labels(const ClientMetric& metric, std::string_view bound, std::string& out) {
  if (metric.label.empty() && bound.empty()) return;
  char before = '{';
  const auto one = [&](std::string_view name, std::string_view value) {
    out += before;
    out += name;
    out += "=\"";
    append_escaped(value, out);
    out += '"';
    before = ',';
  };
  for (const ClientMetric::Label& label : metric.label) one(label.name, label.value);
  if (!bound.empty()) one("le", bound);
  out += '}';
}

void append_sample(std::string_view name, std::string_view suffix, const ClientMetric& metric, double value, std::string& out) {
  out += name;
  out += suffix;
  append_labels(metric, "", out);
  out += ' ';
  append_number(value, out);
}

void append_histogram(std::string_view name, const ClientMetric& metric, std::string& out) {
  for (const ClientMetric::Bucket& bucket : metric.histogram.bucket) {
    std::string bound;
    append_number(bucket.upper_bound, bound);
    // The form has numbers for bounds, never "1": 1.0.
    if (bound.find_first_not_of("0123456789") == std::string::npos) bound += ".0";
    out += name;
    out += "_bucket";
    append_labels(metric, bound, out);
    out += ' ' + std::to_string(bucket.cumulative_count) + '\n';
  }
  append_sample(name, "_count", metric, static_cast<double>(metric.histogram.sample_count), out);
  out += '\n';
  append_sample(name, "_sum", metric, metric.histogram.sample_sum, out);
  out += '\n';
}

void append_exemplar(std::uint64_t attempt, std::string& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  out += " # {attempt=\"";
  for (int shift = 60; shift >= 0; shift -= 4) out += kDigits[attempt >> shift & 15];
  out += "\"} 1";
}

}  // namespace

std::string open_metrics(std::span<const MetricFamily> families, const Exemplars& exemplars) {
  std::string out;
  for (const MetricFamily& family : families) {
    const bool counts = family.type == MetricType::Counter;
    std::string_view name = family.name;
    if (counts && name.ends_with(kTotal)) name.remove_suffix(kTotal.size());
    out += "# TYPE " + std::string(name) + (counts ? " counter\n" : family.type == MetricType::Histogram ? " histogram\n" : " gauge\n");
    out += "# HELP " + std::string(name) + ' ';
    append_escaped(family.help, out);
    out += '\n';
    for (std::size_t i = 0; i < family.metric.size(); ++i) {
      const ClientMetric& metric = family.metric[i];
      if (family.type == MetricType::Histogram) {
        append_histogram(name, metric, out);
        continue;
      }
      append_sample(name, counts ? kTotal : "", metric, counts ? metric.counter.value : metric.gauge.value, out);
      const bool shown = family.name == exemplars.family && i < exemplars.attempts.size() && exemplars.attempts[i] != 0;
      if (shown) append_exemplar(exemplars.attempts[i], out);
      out += '\n';
    }
  }
  return out + "# EOF\n";
}

// Prometheus names it first and asks for nothing better; whoever refuses it says q=0.
bool wants_open_metrics(std::string_view accept) {
  while (!accept.empty()) {
    const std::string_view one = accept.substr(0, accept.find(','));
    accept.remove_prefix(std::min(accept.size(), one.size() + 1));
    if (one.find("application/openmetrics-text") == std::string_view::npos) continue;
    const std::size_t version = one.find("version=");
    if (version != std::string_view::npos && !one.substr(version + 8).starts_with("1.")) continue;
    const std::size_t weight = one.find("q=");
    if (weight == std::string_view::npos || one.substr(weight + 2).find_first_not_of("0. ") != std::string_view::npos) return true;
  }
  return false;
}

}  // namespace vpnverdict
