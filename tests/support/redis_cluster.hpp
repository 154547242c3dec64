#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "support/redis_server.hpp"

namespace tidemark::test {

/// A Redis Cluster of masters without replicas, all slots served, ready when the constructor returns.
class RedisCluster {
 public:
  /// The one of this test program, of three masters, started when first asked for.
  static RedisCluster& shared();

  explicit RedisCluster(int masters = 3);
  /// Each master has the slots from its own first one to the next master's: {0, 100, 9'000} makes three masters.
  /// `more` is added to each server's command line.
  explicit RedisCluster(const std::vector<int>& first_slots, const std::vector<std::string>& more = {});

  std::string url() const;
  RedisServer& master(int index) { return *masters_[static_cast<std::size_t>(index)]; }
  int size() const { return static_cast<int>(masters_.size()); }

  /// The master that has a key's slot.
  int master_of(const std::string& key) const;
  std::string id(int index) const;
  /// Whether every node says the same about who has which slot.
  bool agrees() const;
  /// Runs a command on each master.
  void on_all(const std::vector<std::string>& words);

 private:
  std::vector<std::unique_ptr<RedisServer>> masters_;
};

}  // namespace tidemark::test
