// librdkafka's own mock cluster, in this process, reachable by any client on loopback. For the demo and the tests.
// What it cannot do: it keeps about 5 MiB a partition and silently drops older records; the first assignment of a
// group takes 3 s; it hides no aborted records and fences nobody.
#pragma once

#include <memory>
#include <string>

namespace vpnverdict {

class KafkaMock {
 public:
  // Null with a sentence in `error` when it cannot be made.
  static std::unique_ptr<KafkaMock> start(int brokers, std::string* error);
  ~KafkaMock();
  KafkaMock(const KafkaMock&) = delete;
  KafkaMock& operator=(const KafkaMock&) = delete;

  const std::string& bootstrap() const { return bootstrap_; }
  void create_topic(const std::string& name, int partitions);
  // Broker 1 stops or goes on answering.
  void set_down(bool down);
  // From now on this broker (1, 2, …) has the topic's partitions.
  void set_leader(const std::string& topic, int partitions, int broker);
  // The broker refuses its next `times` fetches, and answers everything else.
  void refuse_fetches(int broker, int times);
  // It has no permission for us to write, the next `times` that we try.
  void refuse_records(int broker, int times);

 private:
  KafkaMock() = default;
  struct Parts;
  std::unique_ptr<Parts> parts_;
  std::string bootstrap_;
};

}  // namespace vpnverdict
