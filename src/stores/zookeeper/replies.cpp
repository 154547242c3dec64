#include "stores/zookeeper/replies.hpp"

#include <utility>

#include "stores/common/waiting.hpp"

namespace tidemark::detail {

ZooKeeperReplies::ZooKeeperReplies(std::size_t count, OnLast on_last)
    : missing_{count}, replies_(count), on_last_{std::move(on_last)} {
  tickets_.reserve(count);
  for (std::size_t i = 0; i < count; ++i) tickets_.push_back({this, i});
}

void ZooKeeperReplies::set(const Ticket& ticket, ZooKeeperReply reply) {
  OnLast last;
  {
    const std::lock_guard lock{mutex_};
    replies_[ticket.place] = std::move(reply);
    if (--missing_ > 0) return;
    last = std::move(on_last_);
    all_there_.notify_one();
  }
  last(*this);
}

bool ZooKeeperReplies::wait(ZooKeeperDeadline deadline) {
  std::unique_lock lock{mutex_};
  return stores::wait_until(all_there_, lock, stores::Deadline{deadline}, [&] { return missing_ == 0; });
}

}  // namespace tidemark::detail
