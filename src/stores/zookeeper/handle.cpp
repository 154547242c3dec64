#include "stores/zookeeper/handle.hpp"

#include <fmt/format.h>
#include <signal.h>

#include <cerrno>
#include <system_error>

#include "stores/common/waiting.hpp"
#include "stores/zookeeper/failure.hpp"

namespace tidemark::detail {

namespace {

constexpr int resolve_again_ms = 60'000;  // by default the client resolves the servers' names each time it wakes up

/// While it lives, threads that are started take no signals: those are for the host's own.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

// What the client would write to the host's stderr. What matters of it is in the errors that calls end with.
void ignore_log(const char*) {}

}  // namespace

ZooKeeperHandle::ZooKeeperHandle(const ZooKeeperOffsetStoreOptions& options, const std::string& servers)
    : options_{options} {
  const SignalsBlocked in_its_threads;
  client_.reset(zookeeper_init2(servers.c_str(), on_event, static_cast<int>(options.session_timeout.count()), nullptr,
                                this, ZOO_NO_LOG_CLIENTENV, ignore_log));
  if (!client_)
    throw StoreError{
        zookeeper_message(
            options,
            fmt::format("cannot begin to connect: {}; see that the names in ZooKeeperOffsetStoreOptions::servers "
                        "can be resolved",
                        std::generic_category().message(errno))),
        StoreError::Retry::yes};
  zoo_set_servers_resolution_delay(client_.get(), resolve_again_ms);
}

ZooKeeperHandle::~ZooKeeperHandle() = default;

void ZooKeeperHandle::on_event(zhandle_t*, int type, int state, const char*, void* context) noexcept {
  if (type != ZOO_SESSION_EVENT) return;
  auto& handle = *static_cast<ZooKeeperHandle*>(context);
  const std::lock_guard lock{handle.mutex_};
  handle.state_ = state == ZOO_CONNECTED_STATE         ? State::connected
                  : state == ZOO_EXPIRED_SESSION_STATE ? State::expired
                  : state == ZOO_AUTH_FAILED_STATE     ? State::auth_failed
                                                       : State::connecting;
  handle.changed_.notify_all();
}

bool ZooKeeperHandle::has_ended() const {
  const std::lock_guard lock{mutex_};
  return state_ == State::expired || state_ == State::auth_failed;
}

ZooKeeperHandle::State ZooKeeperHandle::wait(ZooKeeperDeadline deadline) {
  std::unique_lock lock{mutex_};
  while (stores::wait_until(changed_, lock, stores::Deadline{deadline}, [&] { return state_ != State::connecting; })) {
    if (state_ != State::connected || authenticate()) return state_;
    state_ = State::connecting;  // the connection has just been lost, which the next event is about
  }
  return state_;
}

// The client says it again by itself on each new connection, before it sends anything else.
bool ZooKeeperHandle::authenticate() {
  if (options_.user.empty() || authenticated_) return true;
  const auto who = options_.user + ':' + options_.password;
  authenticated_ =
      zoo_add_auth(client_.get(), "digest", who.data(), static_cast<int>(who.size()), nullptr, nullptr) == ZOK;
  return authenticated_;
}

std::optional<std::vector<ZooKeeperReply>> ZooKeeperHandle::ask(std::size_t count, const Send& send,
                                                                ZooKeeperDeadline deadline,
                                                                std::shared_ptr<void> kept) {
  const auto replies = std::make_shared<ZooKeeperReplies>(count, [this](ZooKeeperReplies& complete) {
    const std::lock_guard lock{mutex_};
    pending_.erase(&complete);
  });
  {
    const std::lock_guard lock{mutex_};
    pending_.emplace(replies.get(), Pending{replies, std::move(kept)});
  }
  for (std::size_t i = 0; i < count; ++i) {
    const auto* ticket = replies->ticket(i);
    if (const auto code = send(client_.get(), i, ticket); code != ZOK) replies->set(*ticket, {.code = code});
  }
  if (!replies->wait(deadline)) return std::nullopt;
  return replies->take();
}

}  // namespace tidemark::detail
