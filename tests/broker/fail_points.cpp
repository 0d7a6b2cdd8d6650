// Loaded in front of librdkafka (LD_PRELOAD) into the program under test: kills it, as kill -9 would, at the n-th call
// of one of librdkafka's functions, before the call or after it. VPNVERDICT_TEST_DIE=<function>:<before|after>:<n>;
// with VPNVERDICT_TEST_STOP=<same> it is asked to end (SIGTERM) instead, with VPNVERDICT_TEST_STUCK=<same> the call does not return,
// with VPNVERDICT_TEST_TOGETHER=<same> none of the first n calls goes on before all of them are under way.
// The program itself knows nothing of it.
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <atomic>
#include <string>

#include <dlfcn.h>
#include <librdkafka/rdkafka.h>
#include <unistd.h>

namespace {

enum class Act { die, stop, stuck, together };
constexpr const char* kVariables[] = {"VPNVERDICT_TEST_DIE", "VPNVERDICT_TEST_STOP", "VPNVERDICT_TEST_STUCK", "VPNVERDICT_TEST_TOGETHER"};

struct Point {
  std::string function;
  bool after = false;
  long n = 0;
  Act act = Act::die;
  Point() {
    const char* given = nullptr;
    for (int i = 0; i < 4 && given == nullptr; ++i) {
      given = std::getenv(kVariables[i]);
      act = static_cast<Act>(i);
    }
    if (given == nullptr) return;
    const std::string text = given;
    const std::size_t first = text.find(':');
    const std::size_t second = text.find(':', first + 1);
    if (second == std::string::npos) return;
    function = text.substr(0, first);
    after = text.substr(first + 1, second - first - 1) == "after";
    n = std::atol(text.c_str() + second + 1);
  }
};

void act(const Point& point, const std::atomic<long>& calls) {
  if (point.act == Act::together) {
    while (calls < point.n) ::usleep(1'000);
  } else if (point.act == Act::stuck) {
    for (;;) ::pause();
  } else {
    ::kill(::getpid(), point.act == Act::stop ? SIGTERM : SIGKILL);
  }
}

template <typename Function, typename... Arguments>
auto call(const char* name, Arguments... arguments) {
  static const Point point;
  static std::atomic<long> calls = 0;  // one for each function: each has a type of its own, or shares only a count
  const auto real = reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
  const long number = point.function == name ? ++calls : 0;
  const bool here = number > 0 && (number == point.n || point.act == Act::together);
  if (here && !point.after) act(point, calls);
  const auto result = real(arguments...);
  if (here && point.after) act(point, calls);
  return result;
}

}  // namespace

extern "C" {

rd_kafka_error_t* rd_kafka_init_transactions(rd_kafka_t* handle, int timeout) {
  return call<decltype(rd_kafka_init_transactions)>("rd_kafka_init_transactions", handle, timeout);
}
rd_kafka_error_t* rd_kafka_begin_transaction(rd_kafka_t* handle) {
  return call<decltype(rd_kafka_begin_transaction)>("rd_kafka_begin_transaction", handle);
}
rd_kafka_error_t* rd_kafka_send_offsets_to_transaction(rd_kafka_t* handle, const rd_kafka_topic_partition_list_t* offsets,
                                                       const rd_kafka_consumer_group_metadata_t* group, int timeout) {
  return call<decltype(rd_kafka_send_offsets_to_transaction)>("rd_kafka_send_offsets_to_transaction", handle, offsets, group, timeout);
}
rd_kafka_error_t* rd_kafka_commit_transaction(rd_kafka_t* handle, int timeout) {
  return call<decltype(rd_kafka_commit_transaction)>("rd_kafka_commit_transaction", handle, timeout);
}
rd_kafka_resp_err_t rd_kafka_commit(rd_kafka_t* handle, const rd_kafka_topic_partition_list_t* offsets, int async) {
  return call<decltype(rd_kafka_commit)>("rd_kafka_commit", handle, offsets, async);
}
rd_kafka_resp_err_t rd_kafka_committed(rd_kafka_t* handle, rd_kafka_topic_partition_list_t* offsets, int timeout) {
  return call<decltype(rd_kafka_committed)>("rd_kafka_committed", handle, offsets, timeout);
}
rd_kafka_resp_err_t rd_kafka_flush(rd_kafka_t* handle, int timeout) {
  return call<decltype(rd_kafka_flush)>("rd_kafka_flush", handle, timeout);
}
}
