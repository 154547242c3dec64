#include "signals/signal_pipe.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <system_error>
#include <thread>

namespace tidemark::detail {
namespace {

struct Watched {
  int signal;
  std::atomic<bool> is_ours = false;
  struct sigaction before {};
};

// What the handlers see. There is one pipe at a time, so it is written before they are installed and after they are at rest.
std::array<Watched, 2> watched{{{SIGINT}, {SIGTERM}}};
std::atomic<int> write_end = -1;
std::atomic<pid_t> owner = 0;
std::atomic<int> at_work = 0;
std::atomic<bool> fired = false;
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<bool>::is_always_lock_free);

constexpr char of_signal = 's';
constexpr char of_cancel = 'c';

void put_back() {
  for (auto& one : watched)
    if (one.is_ours.exchange(false)) sigaction(one.signal, &one.before, nullptr);
}

void put(int descriptor, char what) {
  while (write(descriptor, &what, 1) < 0 && errno == EINTR) continue;
}

}  // namespace

void SignalPipe::handle(int signal) noexcept {
  const int error = errno;
  ++at_work;
  const bool is_child = getpid() != owner;  // of fork(): the pipe is its parent's
  put_back();
  if (is_child) {
    raise(signal);  // once this handler has returned
  } else {
    if (const int descriptor = write_end; descriptor >= 0) put(descriptor, of_signal);
    fired = true;  // so whoever sees that finds the signal in the pipe
  }
  --at_work;
  errno = error;
}

SignalPipe::SignalPipe() {
  if (pipe2(ends_.data(), O_CLOEXEC) != 0)
    throw std::system_error{errno, std::generic_category(), "cannot wait for SIGINT and SIGTERM: no pipe"};
  fired = false;
  owner = getpid();
  write_end = ends_[1];
  for (auto& one : watched) {
    sigaction(one.signal, nullptr, &one.before);
    if ((one.before.sa_flags & SA_SIGINFO) == 0 && one.before.sa_handler == SIG_IGN) continue;
    one.is_ours = true;
    struct sigaction ours {};
    ours.sa_handler = handle;
    ours.sa_flags = SA_RESTART;
    sigaddset(&ours.sa_mask, SIGINT);
    sigaddset(&ours.sa_mask, SIGTERM);
    sigaction(one.signal, &ours, nullptr);
  }
}

SignalPipe::~SignalPipe() {
  for (auto& one : watched) {
    struct sigaction now {};
    sigaction(one.signal, nullptr, &now);
    if ((now.sa_flags & SA_SIGINFO) != 0 || now.sa_handler != handle) one.is_ours = false;
  }
  put_back();
  write_end = -1;
  while (at_work > 0) std::this_thread::yield();
  close(ends_[0]);
  close(ends_[1]);
}

bool SignalPipe::has_fired() { return fired; }

bool SignalPipe::wait() const {
  char what = of_cancel;
  while (read(ends_[0], &what, 1) < 0 && errno == EINTR) continue;
  return what == of_signal;
}

void SignalPipe::cancel() const { put(ends_[1], of_cancel); }

}  // namespace tidemark::detail
