#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "cluster/coordinator.hpp"
#include "cluster/log.hpp"
#include "cluster/outages.hpp"
#include "scheduler.hpp"

namespace simulation {

class Client;

/// The brokers: partitions, the group's coordinator, and whether they can be reached.
class Cluster {
 public:
  Cluster(Scheduler& scheduler, const Coordinator::Settings& group, int librdkafka);
  ~Cluster() { current_ = nullptr; }

  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  /// The one of this run.
  static Cluster* current() { return current_; }

  void add_partition(const std::string& topic);
  /// 0 where there is no such topic.
  std::size_t partitions_of(const std::string& topic) const;
  /// nullptr where there is no such partition.
  Log* find(const tidemark::TopicPartition& partition);
  std::map<tidemark::TopicPartition, Log>& logs() { return logs_; }

  /// Clients look for what is new in the partition.
  void notify(const Log& log);

  Coordinator& coordinator() { return coordinator_; }

  /// The version of the clients, as rd_kafka_version() gives it.
  int librdkafka() const { return librdkafka_; }

  bool is_down() const { return is_down_; }
  void go_down();
  void come_back();

  /// Nobody can read the partition or ask for its offsets, while the others go on.
  void lose_leader(Log& log);
  void elect_leader(Log& log);

  const Outages& outages() const { return outages_; }

  void add(Client& client) { clients_.push_back(&client); }
  void remove(Client& client) {
    std::erase(clients_, &client);
    if (on_gone) on_gone(client);
  }

  /// Called when a client is destroyed.
  std::function<void(const Client&)> on_gone;
  /// Called when a client has sent no heartbeat for a whole session, for no other reason than its wall clock.
  std::function<void(const Client&)> on_silent;

 private:
  static inline Cluster* current_ = nullptr;

  Scheduler& scheduler_;
  std::map<tidemark::TopicPartition, Log> logs_;
  std::vector<Client*> clients_;
  bool is_down_ = false;
  Outages outages_;
  int librdkafka_;
  Coordinator coordinator_;
};

}  // namespace simulation
