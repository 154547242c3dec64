#pragma once

#include <poll.h>
#include <sys/eventfd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <system_error>
#include <utility>

#include "stores/common/deadline.hpp"
#include "stores/common/descriptor.hpp"

namespace tidemark::detail {

/// How long a call may wait for the server: until a time of the steady clock, or until somebody asks it to stop.
///
/// Thread safety: one thread waits; the stop may be requested by any.
class PostgresWait {
 public:
  enum class Outcome { ready, over, stopped };

  PostgresWait(stores::Deadline deadline, const std::stop_token& stop) : deadline_{deadline}, stop_{stop} {
    if (!stop.stop_possible()) return;
    wake_ = stores::Descriptor{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    if (!wake_) throw std::system_error{errno, std::generic_category(), "make an eventfd"};
    on_stop_.emplace(stop, Wake{wake_.get()});
  }

  const stores::Deadline& deadline() const { return deadline_; }
  const std::stop_token& stop() const { return stop_; }

  /// The same, but not after `deadline`.
  PostgresWait no_later_than(const stores::Deadline& deadline) const {
    return PostgresWait{deadline_.no_later_than(deadline.at()), stop_};
  }

  /// Waits until one of `events` is there on the socket.
  Outcome for_socket(int socket, short events) const {
    while (true) {
      if (stop_.stop_requested()) return Outcome::stopped;
      std::array<pollfd, 2> watched{pollfd{socket, events, 0}, pollfd{wake_.get(), POLLIN, 0}};
      const int ready = ::poll(watched.data(), watched.size(), static_cast<int>(deadline_.left().count()));
      if (ready < 0 && errno != EINTR) throw std::system_error{errno, std::generic_category(), "poll"};
      if (ready > 0 && watched[0].revents != 0) return Outcome::ready;
      if (ready <= 0 && deadline_.is_over()) return Outcome::over;
    }
  }

 private:
  struct Wake {
    int descriptor;
    void operator()() const noexcept { ::eventfd_write(descriptor, 1); }
  };

  stores::Deadline deadline_;
  std::stop_token stop_;
  stores::Descriptor wake_;
  std::optional<std::stop_callback<Wake>> on_stop_;
};

}  // namespace tidemark::detail
