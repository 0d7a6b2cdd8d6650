// Loaded in front of librdkafka (LD_PRELOAD) into the program under test: kills it, as kill -9 would, at the n-th call
// of one of librdkafka's functions, before the call or after it. VPNVERDICT_TEST_DIE=<function>:<before|after>:<n>;
// with VPNVERDICT_TEST_STOP=<same> it is asked to end (SIGTERM) instead, with VPNVERDICT_TEST_STUCK=<same> the call does not return.
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

struct Point {
  std::string function;
  bool after = false;
  long n = 0;
  int signal = SIGKILL;
  Point() {
    const char* given = std::getenv("VPNVERDICT_TEST_DIE");
    if (given == nullptr) {
      given = std::getenv("VPNVERDICT_TEST_STOP");
      signal = SIGTERM;
    }
    if (given == nullptr) {
      given = std::getenv("VPNVERDICT_TEST_STUCK");
      signal = 0;
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

void act(const Point& point) {
  if (point.signal == 0) {
    for (;;) ::pause();
  }
  ::kill(::getpid(), point.signal);
}

template <typename Function, typename... Arguments>
auto call(const char* name, Arguments... arguments) {
  static const Point point;
  static std::atomic<long> calls = 0;  // one for each function: each has a type of its own, or shares only a count
  const auto real = reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
  const bool here = point.function == name && ++calls == point.n;
  if (here && !point.after) act(point);
  const auto result = real(arguments...);
  if (here && point.after) act(point);
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
