// A tiny language for shard tests: lines of events, time and expected verdicts, readable by a network engineer.
//   at 1:08.5 client host=pc1 gateway=203.0.113.1 says client_sent_am1 client_natt_offered
//   advance 3:00            stream time moves on
//   finish                  end of input
//   verdict final natt_udp4500_blocked certain join=strong group=sales legs=1
//   session peer_lost certain
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <deque>
#include <sstream>
#include <string>
#include <vector>

#include "correlator/shard.h"

namespace vpnverdict::script {

inline constexpr Timestamp kStart = 1'200'000'000'000;

inline Timestamp time_of(const std::string& text) {
  std::stringstream stream(text);
  double total = 0;
  for (std::string part; std::getline(stream, part, ':');) total = total * 60 + std::atof(part.c_str());
  return kStart + static_cast<Timestamp>(total * 1000 + 0.5);
}

// An event with its own bytes.
struct Line {
  std::vector<std::string> fields;  // device peer gateway group user address text
  Event event;
  void settle() {
    event.device = fields[0];
    event.peer = fields[1];
    event.gateway = fields[2];
    event.group = fields[3];
    event.user = fields[4];
    event.address = fields[5];
    event.text = fields[6];
  }
};

inline Line read_event(const std::string& line, std::uint64_t position) {
  Line out;
  out.fields.resize(7);
  out.fields[6] = line;
  std::stringstream stream(line);
  std::string word;
  stream >> word >> word;
  if (word != "untimed") out.event.time = time_of(word);
  stream >> word;
  out.event.vantage = word == "client" ? Vantage::client : Vantage::concentrator;
  out.event.dialect = word == "client" ? Dialect::cisco_vpn_client : Dialect::vpn3000;
  out.event.ref = {word == "client" ? 1u : 2u, position};
  bool says = false;
  while (stream >> word) {
    if (word == "says") {
      says = true;
      continue;
    }
    const std::size_t equals = word.find('=');
    const std::string value = equals == std::string::npos ? "" : word.substr(equals + 1);
    const std::string key = word.substr(0, equals);
    if (says) {
      Fact fact{};
      EXPECT_TRUE(fact_named(word, &fact)) << line;
      out.event.says.insert(fact);
    } else if (key == "host" || key == "device") out.fields[0] = value;
    else if (key == "peer") out.fields[1] = value;
    else if (key == "gateway") out.fields[2] = value;
    else if (key == "group") out.fields[3] = value;
    else if (key == "user") out.fields[4] = value;
    else if (key == "address") out.fields[5] = value;
    else if (key == "port") out.event.peer_port = static_cast<std::uint16_t>(std::stoi(value));
    else if (key == "session") out.event.session = std::stoull(value);
    else if (key == "msgid") out.event.message_id = static_cast<std::uint32_t>(std::stoul(value));
    else if (key == "lasted") out.event.lasted = time_of(value) - kStart;
    else if (key == "received") out.event.received = time_of(value);
    else if (key == "sev") out.event.detail = static_cast<std::uint8_t>(std::stoi(value));
    else ADD_FAILURE() << "unknown word " << word << " in: " << line;
  }
  if (out.event.detail >= 8) out.event.message = "IKEDBG/0";
  out.settle();
  return out;
}

inline std::string summary(const Verdict& v) {
  std::string out = v.about_session ? "session" : (v.final ? "verdict final" : "verdict provisional");
  out += " " + std::string(name_of(v.cause)) + " " + std::string(name_of(v.grade)) + " join=" + std::string(name_of(v.join)) + " group=" + v.group +
         " outcome=" + std::string(name_of(v.outcome)) + " user=" + v.user + " peer=" + v.peer_ip + " client=" + v.client + " legs=" + std::to_string(v.legs) + " revision=" + std::to_string(v.revision);
  for (Cause cause : v.also_seen) out += " also=" + std::string(name_of(cause));
  for (Cause cause : v.alternatives) out += " or=" + std::string(name_of(cause));
  return out;
}

// Every word of the expectation must be a word of the summary.
inline bool fits(const std::string& expected, const std::string& actual) {
  std::stringstream want(expected);
  const std::string padded = " " + actual + " ";
  for (std::string word; want >> word;)
    if (padded.find(" " + word + " ") == std::string::npos) return false;
  return true;
}

inline void run(const std::string& name, const std::vector<std::string>& lines, const Inventory& inventory, CorrelatorOptions options) {
  SCOPED_TRACE(name);
  Shard shard(inventory, options);
  std::vector<Verdict> out;
  std::size_t next = 0;
  std::uint64_t position = 0;
  for (const std::string& line : lines) {
    ++position;
    std::stringstream stream(line);
    std::string word;
    stream >> word;
    if (word == "at") {
      const Line event = read_event(line, position);
      shard.on_event(event.event, out);
    } else if (word == "advance") {
      stream >> word;
      shard.advance_to(time_of(word), out);
    } else if (word == "finish") {
      shard.finish(out);
    } else if (next < out.size()) {
      const std::string actual = summary(out[next++]);
      EXPECT_TRUE(fits(line, actual)) << "expected: " << line << "\nobserved: " << actual;
    } else {
      ADD_FAILURE() << "expected: " << line << "\nobserved: nothing";
    }
  }
  for (; next < out.size(); ++next) ADD_FAILURE() << "not expected: " << summary(out[next]);
  const ShardCounts counts = shard.counts();
  EXPECT_EQ(counts.attempts_opened, counts.attempts_final + counts.attempts_joined + counts.attempts_open);
}

}  // namespace vpnverdict::script
