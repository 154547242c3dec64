#include "stores/common/call_scope.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <atomic>
#include <thread>

#include "stores/common/group_commit.hpp"
#include "stores/common/socket.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/store_error.hpp"

using namespace tidemark;
using namespace tidemark::stores;
using namespace tidemark::test;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

/// A listener that takes no further connection: the kernel drops what would open one, as a black hole does.
class BlackHole {
 public:
  BlackHole() : listener_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(listener_.get(), 0) == 0);
    ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    for (auto& filler : fillers_) {
      filler = Descriptor{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
      ::connect(filler.get(), reinterpret_cast<sockaddr*>(&address), size);
    }
  }

  std::uint16_t port() const { return port_; }

 private:
  Descriptor listener_;
  Descriptor fillers_[4];
  std::uint16_t port_ = 0;
};

template <class Action>
std::chrono::milliseconds time_of(const Action& action) {
  const auto began = Clock::now();
  action();
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began);
}

}  // namespace

TEST_CASE("a deadline made within a call ends no later than its caller's, and with its caller", "[unit]") {
  std::stop_source stop;
  const auto soon = Clock::now() + 1h;
  {
    const CallScope scope{soon, stop.get_token()};
    CHECK(Deadline{2h}.at() == soon);
    CHECK(Deadline{1ms}.at() < soon);
    CHECK(Deadline{2h}.until_next_look() == CallScope::look_every);
    {
      const CallScope inner{Clock::time_point::max(), {}};
      CHECK(Deadline{2h}.at() > soon);
      CHECK(Deadline{2h}.until_next_look() > 1h);
    }
    const Deadline deadline{2h};
    CHECK_FALSE(deadline.is_over());
    CHECK_FALSE(store_error_of([] { CallScope::check(); }));
    stop.request_stop();
    CHECK(deadline.is_over());
    CHECK(deadline.left() == 0ms);
    CHECK(says(store_error_of([] { CallScope::check(); }), "GroupSession::stop"));
  }
  CHECK_FALSE(Deadline{2h}.is_over());
  const CallScope past{Clock::now(), {}};
  CHECK(Deadline{2h}.is_over());
  CHECK(says(store_error_of([] { CallScope::check(); }), "GroupSession::deadline"));
}

TEST_CASE("connecting into a black hole ends in time, and with its caller", "[unit]") {
  const BlackHole hole;
  const auto connect = [&](std::chrono::milliseconds limit) {
    Socket::connect("127.0.0.1", hole.port(), Deadline{limit});
  };
  CHECK(time_of([&] { CHECK_THROWS_AS(connect(1'000ms), std::system_error); }) <= 1'100ms);
  const CallScope scope{Clock::now() + 300ms, {}};
  CHECK(time_of([&] { CHECK(says(store_error_of([&] { connect(60s); }), "GroupSession::deadline")); }) <= 1'000ms);
}

TEST_CASE("a look-up that hangs ends in time, and with its caller", "[unit]") {
  std::atomic<bool> is_over = false;
  std::atomic<int> ended = 0;
  {
    BoundedLookup lookup{[&](const std::string&) -> std::vector<std::string> {
      while (!is_over) std::this_thread::yield();
      ++ended;
      return {"127.0.0.1"};
    }};
    CHECK(time_of([&] { CHECK_THROWS_AS(lookup.addresses("silent", Deadline{500ms}), LookupTimeout); }) <= 1'000ms);
    std::stop_source stop;
    stop.request_stop();
    const CallScope scope{Clock::time_point::max(), stop.get_token()};
    CHECK(says(store_error_of([&] { lookup.addresses("silent", Deadline{60s}); }), "GroupSession::stop"));
  }
  is_over = true;
  CHECK(eventually([&] { return ended == 1; }));
}

TEST_CASE("callers that meet become one change, and one that waits no longer leaves", "[unit]") {
  struct Disk final : GroupCommit<int>::Work {
    std::optional<StoreError> store(std::span<const int* const> changes) noexcept override {
      if (++stores == 1)
        while (!may_end) std::this_thread::yield();
      for (const auto* change : changes) sum += *change;
      if (stores == 2) return StoreError{"full", StoreError::Retry::yes};
      return std::nullopt;
    }
    std::atomic<int> stores = 0;
    std::atomic<int> sum = 0;
    std::atomic<bool> may_end = false;
  } disk;
  GroupCommit<int> commits;
  std::jthread leader{[&] { commits.run(1, disk); }};
  REQUIRE(eventually([&] { return disk.stores == 1; }));
  {
    const CallScope scope{Clock::now() + 100ms, {}};
    CHECK(says(store_error_of([&] { commits.run(100, disk); }), "GroupSession::deadline"));
  }
  std::atomic<int> told = 0;
  std::vector<std::jthread> followers;
  for (int i = 0; i < 2; ++i)
    followers.emplace_back([&] {
      if (says(store_error_of([&] { commits.run(10, disk); }), "full")) ++told;
    });
  disk.may_end = true;
  leader.join();
  followers.clear();
  CHECK(disk.sum == 21);  // nothing of who left
  CHECK(told >= 1);       // both, if they met
}
