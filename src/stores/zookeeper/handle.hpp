#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include <zookeeper/zookeeper.h>

#include <tidemark/stores/zookeeper/options.hpp>

#include "stores/zookeeper/replies.hpp"

namespace tidemark::detail {

/// One session with ZooKeeper, through as many connections as it lives. Once it has ended, only a new one helps.
///
/// Thread safety: shared objects safe.
/// Lifetime:      must not be destroyed by the client's own threads: its callbacks keep none.
class ZooKeeperHandle {
 public:
  enum class State { connecting, connected, expired, auth_failed };

  /// Begins to connect. Throws StoreError where the servers' names cannot be resolved.
  ZooKeeperHandle(const ZooKeeperOffsetStoreOptions& options, const std::string& servers);
  ~ZooKeeperHandle();
  ZooKeeperHandle(const ZooKeeperHandle&) = delete;
  ZooKeeperHandle& operator=(const ZooKeeperHandle&) = delete;

  bool has_ended() const;
  /// Waits while it is connecting. Connected means: requests go out under the user's name.
  State wait(ZooKeeperDeadline deadline);

  /// Sends request `place` with a ticket for its completion; returns what the client's function does.
  using Send = std::function<int(zhandle_t*, std::size_t place, const void* ticket)>;
  /// Sends `count` requests in one go, in their order, and waits for all replies; nullopt where these are not there in time. `kept` lives
  /// until the last reply, which may be later.
  std::optional<std::vector<ZooKeeperReply>> ask(std::size_t count, const Send& send, ZooKeeperDeadline deadline,
                                                 std::shared_ptr<void> kept = {});

 private:
  struct Pending {
    std::shared_ptr<ZooKeeperReplies> replies;
    std::shared_ptr<void> kept;
  };
  struct Close {
    void operator()(zhandle_t* handle) const { zookeeper_close(handle); }
  };

  static void on_event(zhandle_t*, int type, int state, const char*, void* context) noexcept;
  bool authenticate();

  const ZooKeeperOffsetStoreOptions& options_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  State state_ = State::connecting;
  bool authenticated_ = false;
  std::unordered_map<ZooKeeperReplies*, Pending> pending_;  // those nobody waits for any more, too
  std::unique_ptr<zhandle_t, Close> client_;                // closed first: its threads use the rest
};

}  // namespace tidemark::detail
