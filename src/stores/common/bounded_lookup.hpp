#pragma once

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

#include <chrono>
#include <condition_variable>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "stores/common/waiting.hpp"

namespace tidemark::stores {

/// A host's name was not looked up in time.
class LookupTimeout : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The addresses of `host`, as numbers, by the system's resolver. It has no time limit: with name servers that do not answer it takes half a
/// minute, or longer.
///
/// Errors: std::runtime_error.
inline std::vector<std::string> resolve(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(host.c_str(), nullptr, &hints, &found); error != 0)
    throw std::runtime_error{fmt::format("the name \"{}\" can't be looked up: {}", host, ::gai_strerror(error))};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner{found, &::freeaddrinfo};
  std::vector<std::string> addresses;
  for (const auto* each = found; each != nullptr; each = each->ai_next) {
    char text[NI_MAXHOST];
    if (::getnameinfo(each->ai_addr, each->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST) == 0)
      addresses.emplace_back(text);
  }
  return addresses;
}

/// Looks hosts' names up within a deadline. A look-up that takes longer goes on by itself, on a thread of its own, and serves who asks later:
/// there is one a host at most.
///
/// Thread safety: shared objects safe.
/// Lifetime:      look-ups that go on outlive it, and need nothing of it.
class BoundedLookup {
 public:
  using Resolve = std::function<std::vector<std::string>(const std::string& host)>;

  /// What was found is used for `good_for`.
  explicit BoundedLookup(Resolve resolver = &resolve, std::chrono::seconds good_for = std::chrono::seconds{30})
      : shared_{std::make_shared<Shared>()}, good_for_{good_for} {
    shared_->resolve = std::move(resolver);
  }

  /// Whether it is an address already.
  static bool is_numeric(const std::string& host) {
    in6_addr address{};
    return ::inet_pton(AF_INET, host.c_str(), &address) == 1 || ::inet_pton(AF_INET6, host.c_str(), &address) == 1;
  }

  /// Errors: LookupTimeout; std::runtime_error where the name has no address.
  std::vector<std::string> addresses(const std::string& host, const Deadline& deadline) {
    std::unique_lock lock{shared_->mutex};
    auto& entry = shared_->entries[host];
    if (!entry || (entry->is_done && entry->good_until <= Deadline::Clock::now())) entry = begin(host);
    const auto mine = entry;
    if (!wait_until(shared_->changed, lock, deadline, [&] { return mine->is_done; })) {
      CallScope::check();
      throw LookupTimeout{
          fmt::format("the name \"{}\" was not looked up in time: check the name servers in "
                      "/etc/resolv.conf, or use an address",
                      host)};
    }
    if (mine->failure) std::rethrow_exception(mine->failure);
    return mine->addresses;
  }

 private:
  struct Entry {
    bool is_done = false;
    Deadline::Clock::time_point good_until{};
    std::vector<std::string> addresses{};
    std::exception_ptr failure{};
  };
  struct Shared {
    Resolve resolve;
    std::mutex mutex;
    std::condition_variable changed;
    std::map<std::string, std::shared_ptr<Entry>> entries;
  };

  std::shared_ptr<Entry> begin(const std::string& host) const {
    const auto entry = std::make_shared<Entry>();
    std::thread{[shared = shared_, entry, host, good_for = good_for_] {
      std::vector<std::string> addresses;
      std::exception_ptr failure;
      try {
        addresses = shared->resolve(host);
      } catch (...) {
        failure = std::current_exception();
      }
      const std::lock_guard lock{shared->mutex};
      entry->addresses = std::move(addresses);
      entry->failure = failure;
      entry->is_done = true;
      if (!failure) entry->good_until = Deadline::Clock::now() + good_for;
      shared->changed.notify_all();
    }}.detach();
    return entry;
  }

  std::shared_ptr<Shared> shared_;
  std::chrono::seconds good_for_;
};

}  // namespace tidemark::stores
