// Envelope: GB/s of payload in, beside two rooflines over the same bytes: memcpy into the parser's buffer, and simdjson
// On-Demand alone reading the same six fields (built here with the flags of this file, so that it runs at full speed).
//   envelope_bench --benchmark_repetitions=15 --benchmark_enable_random_interleaving=true --benchmark_report_aggregates_only=true
#include <benchmark/benchmark.h>
#include <simdjson.h>

#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/dialect/envelope.h"

namespace {

using namespace vpnverdict;
using namespace vpnverdict::dialect;

constexpr int kRecords = 20'000;

// About 400 bytes a record: more than the caches hold, fields as the own shape has them, quotes in one message of four.
std::vector<std::string> own_records() {
  std::mt19937 random(1);
  const std::string_view texts[] = {
      "%u 04/07/2005 20:12:14.500 SEV=7 IKEDBG/0 RPT=2984 192.168.1.100 Group [mygroup] Found Phase 1 Group (mygroup)",
      "%u 04/12/2005 02:08:52.970 SEV=6 AUTH/4 RPT=9 192.168.1.100 Authentication successful: handle = 19, server = Internal",
      "%u 04/07/2005 20:04:16.640 SEV=8 IKEDBG/0 RPT=2955 192.168.1.100 RECEIVED Message (msgid=0) with payloads : HDR + SA (1)",
      "%u 04/11/2005 00:29:42.500 SEV=5 IKE/132 RPT=2 192.168.1.100 Group [\\\"g\\\"] User [U1] Cannot obtain an IP address"};
  std::vector<std::string> records;
  char line[256];
  char record[1024];
  for (int i = 0; i < kRecords; ++i) {
    std::string text(texts[i % 4]);
    text.replace(0, 2, std::to_string(i));
    std::snprintf(line, sizeof line, "%s", text.c_str());
    std::snprintf(record, sizeof record,
                  R"({"ts":%lld,"source":"concentrator","host":"vpn3k-%u","peer_ip":"198.51.%u.%u","group":"group%u","message":"%s",)"
                  R"("facility":"local7","severity":"notice","seq":%d,"agent":{"name":"shipper-%u","type":"log","version":"2.1.0","id":"7c1f-%u"}})",
                  1'764'072'000'000LL + i, unsigned(random() % 40), unsigned(random() % 256), unsigned(random() % 256),
                  unsigned(random() % 50), line, i, unsigned(random() % 20), unsigned(random()));
    records.emplace_back(record);
  }
  return records;
}

std::vector<std::string> ecs_records() {
  std::vector<std::string> records;
  for (const std::string& own : own_records()) {
    const std::size_t at = own.find("\"message\":");
    const std::string message = own.substr(at, own.find(",\"facility\"") - at);
    records.push_back(
        R"({"@timestamp":"2025-11-25T12:00:00.123Z","@metadata":{"beat":"filebeat","type":"_doc","version":"8.11.1"},"log":{"source":{"address":"203.0.113.9:514"}},)" +
        message +
        R"(,"input":{"type":"udp"},"ecs":{"version":"8.0.0"},"host":{"name":"collector","architecture":"x86_64","os":{"family":"debian","kernel":"6.1"}},)"
        R"("agent":{"type":"filebeat","version":"8.11.1","hostname":"collector","ephemeral_id":"0c6a","id":"7c1f","name":"collector"}})");
  }
  return records;
}

std::vector<std::string> plain_lines() {
  std::vector<std::string> lines;
  for (const std::string& own : own_records()) {
    const std::size_t at = own.find("\"message\":\"") + 11;
    lines.push_back(own.substr(at, own.find("\",\"facility\"") - at));
  }
  return lines;
}

void report(benchmark::State& state, const std::vector<std::string>& records) {
  std::int64_t bytes = 0;
  for (const std::string& record : records) bytes += static_cast<std::int64_t>(record.size());
  state.SetBytesProcessed(bytes * state.iterations());
  state.SetItemsProcessed(static_cast<std::int64_t>(records.size()) * state.iterations());
}

template <std::vector<std::string> (*make)()>
void envelope(benchmark::State& state) {
  const std::vector<std::string> records = make();
  Envelope opener;
  for (auto _ : state) {
    std::size_t seen = 0;
    for (const std::string& record : records)
      opener.open(
          record, SourceRef{}, 0, [&](const Line& line) { seen += line.text.size() + line.host.size(); },
          [&](Reject, std::string_view) { state.SkipWithError("rejected"); });
    benchmark::DoNotOptimize(seen);
  }
  state.SetLabel(std::string(opener.code_path()));
  report(state, records);
}

template <std::vector<std::string> (*make)()>
void roofline_memcpy(benchmark::State& state) {
  const std::vector<std::string> records = make();
  std::vector<char> buffer(1 << 20);
  for (auto _ : state)
    for (const std::string& record : records) {
      std::memcpy(buffer.data(), record.data(), record.size());
      benchmark::DoNotOptimize(buffer.data());
      benchmark::ClobberMemory();
    }
  report(state, records);
}

// Copy, parse, and read the fields in the order in which they stand.
void roofline_simdjson_own(benchmark::State& state) {
  const std::vector<std::string> records = own_records();
  std::vector<char> buffer(1 << 20);
  simdjson::ondemand::parser parser;
  for (auto _ : state) {
    std::size_t seen = 0;
    for (const std::string& record : records) {
      std::memcpy(buffer.data(), record.data(), record.size());
      simdjson::ondemand::document document;
      simdjson::ondemand::object object;
      if (parser.iterate(buffer.data(), record.size(), buffer.size()).get(document) || document.get_object().get(object)) {
        state.SkipWithError("parse");
        return;
      }
      std::int64_t ts = 0;
      if (object.find_field("ts").get_int64().get(ts)) state.SkipWithError("ts");
      seen += static_cast<std::size_t>(ts);
      for (const char* key : {"host", "peer_ip", "group", "message"}) {
        std::string_view value;
        if (object.find_field(key).get_string().get(value)) state.SkipWithError("field");
        seen += value.size();
      }
    }
    benchmark::DoNotOptimize(seen);
  }
  report(state, records);
}

// The same for ECS: two fields and one nested path.
void roofline_simdjson_ecs(benchmark::State& state) {
  const std::vector<std::string> records = ecs_records();
  std::vector<char> buffer(1 << 20);
  simdjson::ondemand::parser parser;
  for (auto _ : state) {
    std::size_t seen = 0;
    for (const std::string& record : records) {
      std::memcpy(buffer.data(), record.data(), record.size());
      simdjson::ondemand::document document;
      simdjson::ondemand::object object;
      if (parser.iterate(buffer.data(), record.size(), buffer.size()).get(document) || document.get_object().get(object)) {
        state.SkipWithError("parse");
        return;
      }
      std::string_view time, address, message, host;
      if (object.find_field("@timestamp").get_string().get(time) ||
          object.find_field("log")["source"]["address"].get_string().get(address) ||
          object.find_field("message").get_string().get(message) || object.find_field("host")["name"].get_string().get(host))
        state.SkipWithError("field");
      seen += time.size() + address.size() + message.size() + host.size();
    }
    benchmark::DoNotOptimize(seen);
  }
  report(state, records);
}

BENCHMARK(envelope<own_records>)->Name("own/envelope");
BENCHMARK(roofline_simdjson_own)->Name("own/simdjson_only");
BENCHMARK(roofline_memcpy<own_records>)->Name("own/memcpy");
BENCHMARK(envelope<ecs_records>)->Name("ecs/envelope");
BENCHMARK(roofline_simdjson_ecs)->Name("ecs/simdjson_only");
BENCHMARK(roofline_memcpy<ecs_records>)->Name("ecs/memcpy");
BENCHMARK(envelope<plain_lines>)->Name("plain/envelope");
BENCHMARK(roofline_memcpy<plain_lines>)->Name("plain/memcpy");

}  // namespace

BENCHMARK_MAIN();
