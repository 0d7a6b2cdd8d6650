// A network between some processes and the brokers that can stand still or be cut: TCP through this process. Each broker has
// a second listener, advertised at the proxy's port, so that whoever begins here stays here.
#pragma once

#include <atomic>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace vpnverdict::testing {

class Proxy {
 public:
  struct Route {
    int listen_port = 0;
    int broker_port = 0;
  };
  explicit Proxy(const std::vector<Route>& routes);
  ~Proxy();
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;

  std::string bootstrap() const;  // host:port,…
  std::size_t connections();

  // What is on its way stays there: no byte passes and no connection closes until pass(). How many connections stand.
  std::size_t stand_still();
  // All connections are closed, and new ones at once, until pass(). How many there were.
  std::size_t cut();
  void pass();

 private:
  // One direction. It reads when what it read before is written.
  struct Stream {
    int from = -1;
    int to = -1;
    std::string bytes;
    bool step();  // false: an end closed
  };
  struct Connection {
    Stream there, back;
  };
  struct Listener {
    int fd = -1;
    Route route;
  };
  enum class State { passing, standing, cut };

  void run();
  void take_in(const Listener& listener);
  void close_all();

  std::vector<Listener> listeners_;
  std::mutex mutex_;
  State state_ = State::passing;
  std::list<Connection> connections_;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

}  // namespace vpnverdict::testing
