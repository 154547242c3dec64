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

  std::string url() const;
  RedisServer& master(int index) { return *masters_[static_cast<std::size_t>(index)]; }
  int size() const { return static_cast<int>(masters_.size()); }

  /// The master that has a key's slot.
  int master_of(const std::string& key) const;
  std::string id(int index) const;
  /// Runs a command on each master.
  void on_all(const std::vector<std::string>& words);

 private:
  std::vector<std::unique_ptr<RedisServer>> masters_;
};

}  // namespace tidemark::test
