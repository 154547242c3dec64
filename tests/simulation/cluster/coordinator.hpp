#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <vector>

#include <tidemark/topic_partition.hpp>

#include "scheduler.hpp"

namespace simulation {

class Client;
class Cluster;

/// The group's coordinator: who is a member, and who has which partitions.
class Coordinator {
 public:
  struct Settings {
    bool is_cooperative = false;
    Time session_timeout{std::chrono::seconds{6}};
    Time rebalance_timeout{std::chrono::seconds{60}};
  };
  using Partitions = std::set<tidemark::TopicPartition>;

  Coordinator(Cluster& cluster, Scheduler& scheduler, const Settings& settings)
      : cluster_{cluster}, scheduler_{scheduler}, settings_{settings} {}

  Time session_timeout() const { return settings_.session_timeout; }
  bool is_cooperative() const { return settings_.is_cooperative; }

  /// A client wants to be a member. It hears of the rebalance that follows, as all do.
  void enter(Client& client);
  /// It takes part in the rebalance that is under way.
  void join(Client& client);
  void leave(Client& client);
  /// It is heard of no more: after the session time-out it is no member, unless it was heard of again.
  void miss(Client& client);
  void hear(Client& client);
  /// The client is gone for good, and hears of nothing any more.
  void forget(Client& client);
  /// The group goes on without this member, which will learn of it.
  void expel(Client& client);

  /// Members may have other partitions now.
  void rebalance();
  /// Whether this is the owner, as far as the group knows.
  bool is_owner(const Client* client, const tidemark::TopicPartition& partition) const;
  bool is_stable() const { return !is_rebalancing_; }
  int rebalances() const { return generation_; }

  /// Called when a member is removed against its will.
  std::function<void(const Client&)> on_removed;

 private:
  struct Member {
    Client* client = nullptr;  // nullptr: gone without a word
    bool joined = false;
    bool is_missed = false;
    std::uint64_t misses = 0;
    Partitions has;  // as it said when it joined
    Partitions target;
  };

  std::uint64_t number_of(const Client& client) const;
  void remove(std::uint64_t number, bool by_its_will = false);
  void complete_if_all_joined();
  void complete();
  Partitions all_partitions() const;

  Cluster& cluster_;
  Scheduler& scheduler_;
  Settings settings_;
  std::map<std::uint64_t, Member> members_;
  std::uint64_t numbers_ = 0;
  int generation_ = 0;
  bool is_rebalancing_ = false;
};

}  // namespace simulation
