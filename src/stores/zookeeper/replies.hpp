#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace tidemark::detail {

using ZooKeeperDeadline = std::chrono::steady_clock::time_point;

struct ZooKeeperReply {
  int code = 0;
  std::int32_t version = 0;           ///< Of the znode's data.
  std::optional<std::string> data{};  ///< nullopt: the znode has none, which is not the same as an empty one.
  std::vector<std::string> children{};
};

/// The replies to requests that were sent together. The client's own thread fills it, even when whoever sent them waits no longer.
///
/// Thread safety: shared objects safe.
class ZooKeeperReplies {
 public:
  /// What a request carries, for its reply to find its place.
  struct Ticket {
    ZooKeeperReplies* replies;
    std::size_t place;
  };

  /// `on_last` is called at the last reply, by whoever brings it, and may destroy this.
  using OnLast = std::function<void(ZooKeeperReplies&)>;
  ZooKeeperReplies(std::size_t count, OnLast on_last);

  const Ticket* ticket(std::size_t place) const { return &tickets_[place]; }
  void set(const Ticket& ticket, ZooKeeperReply reply);

  /// Whether all were there before the deadline.
  bool wait(ZooKeeperDeadline deadline);
  /// Once wait() was true.
  std::vector<ZooKeeperReply> take() { return std::move(replies_); }

 private:
  std::mutex mutex_;
  std::condition_variable all_there_;
  std::size_t missing_;
  std::vector<ZooKeeperReply> replies_;
  std::vector<Ticket> tickets_;
  OnLast on_last_;
};

}  // namespace tidemark::detail
