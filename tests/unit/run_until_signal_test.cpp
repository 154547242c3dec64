#include <tidemark/run_until_signal.hpp>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <future>
#include <stdexcept>
#include <thread>

#include "support/catch.hpp"
#include "support/eventually.hpp"

using namespace tidemark;
using namespace std::chrono_literals;
using test::eventually;

namespace {

constexpr auto patience = 30s;

/// What run_until_signal() asks of a consumer.
struct Fake {
  std::atomic<bool> is_running = false;
  std::atomic<int> stops = 0;
  std::function<void()> at_the_end = [] {};
  bool heeds_stop = true;

  void run() {
    is_running = true;
    while (stops == 0 || !heeds_stop) std::this_thread::yield();
    at_the_end();
  }
  void stop() noexcept { ++stops; }
};

/// A consumer that runs, and that a signal has stopped.
template <class... Fakes>
std::future<void> running(Fakes&... fakes) {
  auto result = std::async(std::launch::async, [&] { run_until_signal(fakes...); });
  if (!eventually([&] { return (fakes.is_running.load() && ...); }, patience)) throw std::runtime_error{"does not run"};
  return result;
}

using Handler = void (*)(int);

Handler handler_of(int signal) {
  struct sigaction now {};
  sigaction(signal, nullptr, &now);
  return now.sa_handler;
}

std::atomic<int> heard = 0;
void hear(int) { ++heard; }

/// Sets a handler and puts back what was there.
class WithHandler {
 public:
  WithHandler(int signal, Handler handler) : signal_{signal} {
    struct sigaction action {};
    action.sa_handler = handler;
    sigaction(signal, &action, &before_);
  }
  ~WithHandler() { sigaction(signal_, &before_, nullptr); }
  WithHandler(const WithHandler&) = delete;
  WithHandler& operator=(const WithHandler&) = delete;

 private:
  int signal_;
  struct sigaction before_ {};
};

/// How a child process ends that does this.
int status_of(const std::function<void()>& act) {
  const auto child = fork();
  if (child == 0) {
    act();
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

}  // namespace

TEST_CASE("SIGINT and SIGTERM stop a consumer, and leave no handler behind", "[unit]") {
  const auto signal = GENERATE(SIGINT, SIGTERM);
  const WithHandler interrupt{SIGINT, hear};
  const WithHandler terminate{SIGTERM, hear};
  heard = 0;
  for (int i = 0; i < 100; ++i) {
    Fake consumer;
    auto result = running(consumer);
    CHECK(handler_of(signal) != hear);
    kill(getpid(), signal);
    CHECK_NOTHROW(result.get());
    CHECK(consumer.stops == 1);
    CHECK(handler_of(SIGINT) == hear);
    CHECK(handler_of(SIGTERM) == hear);
  }
  CHECK(heard == 0);
}

TEST_CASE("a consumer that ends by itself leaves no handler behind", "[unit]") {
  const WithHandler interrupt{SIGINT, hear};
  Fake consumer;
  auto result = running(consumer);
  SECTION("by stop()") {
    consumer.stop();
    CHECK_NOTHROW(result.get());
  }
  SECTION("by an error, which is thrown") {
    consumer.at_the_end = [] { throw std::runtime_error{"no"}; };
    consumer.stop();
    CHECK_THROWS_WITH(result.get(), "no");
  }
  CHECK(handler_of(SIGINT) == hear);
}

TEST_CASE("a second signal does what it would do without tidemark", "[unit]") {
  const WithHandler interrupt{SIGINT, hear};
  const WithHandler terminate{SIGTERM, hear};
  heard = 0;
  Fake consumer;
  consumer.heeds_stop = false;
  std::atomic<bool> may_end = false;
  auto result = std::async(std::launch::async, [&] {
    struct Slow {
      Fake& fake;
      std::atomic<bool>& may_end;
      void run() {
        fake.is_running = true;
        while (!may_end) std::this_thread::yield();
      }
      void stop() noexcept { fake.stop(); }
    } slow{consumer, may_end};
    run_until_signal(slow);
  });
  REQUIRE(eventually([&] { return consumer.is_running.load(); }, patience));
  kill(getpid(), SIGINT);
  REQUIRE(eventually([&] { return consumer.stops == 1; }, patience));
  CHECK(heard == 0);
  kill(getpid(), SIGTERM);
  CHECK(eventually([&] { return heard == 1; }, patience));
  may_end = true;
  result.get();
}

TEST_CASE("a second signal ends a process that has no handler of its own", "[unit]") {
  const auto status = status_of([] {
    struct Deaf {
      void run() {
        while (true) pause();
      }
      void stop() noexcept { kill(getpid(), SIGINT); }
    } deaf;
    signal(SIGINT, SIG_DFL);
    std::thread{[] { kill(getpid(), SIGINT); }}.detach();
    run_until_signal(deaf);
  });
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGINT);
}

TEST_CASE("a signal that is ignored stays ignored", "[unit]") {
  const WithHandler interrupt{SIGINT, SIG_IGN};
  Fake consumer;
  auto result = running(consumer);
  CHECK(handler_of(SIGINT) == SIG_IGN);
  kill(getpid(), SIGINT);
  CHECK(consumer.stops == 0);
  kill(getpid(), SIGTERM);
  CHECK_NOTHROW(result.get());
  CHECK(handler_of(SIGINT) == SIG_IGN);
}

TEST_CASE("a handler that was installed meanwhile stays", "[unit]") {
  const WithHandler before{SIGINT, SIG_DFL};
  Fake consumer;
  auto result = running(consumer);
  const WithHandler meanwhile{SIGINT, hear};
  consumer.stop();
  result.get();
  CHECK(handler_of(SIGINT) == hear);
}

TEST_CASE("a signal stops all consumers, together or in threads of their own", "[unit]") {
  for (int i = 0; i < 50; ++i) {
    Fake one;
    Fake other;
    Fake third;
    auto together = running(one, other);
    auto alone = running(third);
    kill(getpid(), SIGTERM);
    CHECK_NOTHROW(together.get());
    CHECK_NOTHROW(alone.get());
    CHECK(one.stops == 1);
    CHECK(other.stops == 1);
    CHECK(third.stops == 1);
  }
}

TEST_CASE("an error of one consumer stops those that run with it, and is thrown", "[unit]") {
  Fake one;
  Fake other;
  one.at_the_end = [] { throw std::runtime_error{"no"}; };
  auto result = running(one, other);
  one.stop();
  CHECK_THROWS_WITH(result.get(), "no");
  CHECK(other.stops == 1);
}

TEST_CASE("who begins while others are being stopped waits for the next signal", "[unit]") {
  Fake first;
  std::atomic<bool> may_end = false;
  first.at_the_end = [&] {
    while (!may_end) std::this_thread::yield();
  };
  auto one = running(first);
  kill(getpid(), SIGTERM);
  REQUIRE(eventually([&] { return first.stops == 1; }, patience));
  Fake second;
  auto other = running(second);
  CHECK(second.stops == 0);
  kill(getpid(), SIGTERM);
  CHECK_NOTHROW(other.get());
  CHECK(second.stops == 1);
  may_end = true;
  CHECK_NOTHROW(one.get());
}

TEST_CASE("a child process is no part of it", "[unit]") {
  const WithHandler interrupt{SIGINT, SIG_DFL};
  Fake consumer;
  auto result = running(consumer);
  const auto status = status_of([] { raise(SIGINT); });
  CHECK(WIFSIGNALED(status));
  CHECK(consumer.stops == 0);
  consumer.stop();
  result.get();
}
