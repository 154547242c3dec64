#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tidemark/topic_partition.hpp>

namespace tidemark::detail {

/// Why no znode can have this name; nullptr where one can. ZooKeeper's own rules, and those of its text encoding: Java, which it is
/// written in, would take two names for one that are no UTF-8.
const char* zookeeper_name_fault(std::string_view name);

/// Where the offsets of each group, topic and partition are.
///
/// Errors: StoreError, not retryable, for names that no znode can have.
class ZooKeeperLayout {
 public:
  explicit ZooKeeperLayout(std::string_view chroot) : root_{std::string{chroot} + "/consumers"} {}

  const std::string& root() const { return root_; }
  /// The parent of its topics.
  std::string group(std::string_view group) const;
  std::string topic(std::string_view group, std::string_view topic) const;
  static std::string partition(std::string_view topic_path, std::int32_t partition);

  /// The znodes from the top down to `path`, itself included.
  static std::vector<std::string> lineage(std::string_view path);

 private:
  std::string root_;
};

}  // namespace tidemark::detail
