#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

struct _zhandle;

namespace tidemark::test {

/// Another client of a ZooKeeper server, to see and set what a store does not.
///
/// Errors: std::runtime_error.
class ZooKeeperProbe {
 public:
  explicit ZooKeeperProbe(std::uint16_t port);

  /// From now on, also as this user.
  void login(const std::string& user, const std::string& password);

  /// nullopt: no such znode.
  std::optional<std::string> get(const std::string& path);
  /// How often it was written to.
  int version(const std::string& path);
  /// The entries of its ACL, as "scheme:id:permissions".
  std::string acl(const std::string& path);
  std::vector<std::string> children(const std::string& path);
  /// Makes it, with those above it, where it is not there.
  void set(const std::string& path, const std::optional<std::string>& data);
  void remove(const std::string& path);
  void remove_all(const std::string& path);

 private:
  struct Close {
    void operator()(_zhandle* handle) const;
  };
  std::unique_ptr<_zhandle, Close> handle_;
};

}  // namespace tidemark::test
