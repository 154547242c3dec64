#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <stdexcept>

#include "stores/postgres/connection.hpp"

namespace tidemark::detail {

PostgresConnection::Handle PostgresConnection::connect(const PostgresWait& wait) {
  const auto whole = wait.deadline().no_later_than(stores::Deadline{options_.connect_timeout}.at());
  const auto& hosts = target_.hosts();
  std::optional<StoreError> first;
  for (int round = target_.prefers_standby() ? 0 : 1; round < 2; ++round) {
    for (std::size_t i = 0; i < hosts.size(); ++i) {
      // A host that doesn't answer leaves some of the time for the others.
      const auto share_of = [](std::chrono::milliseconds left, std::size_t others) {
        return stores::Deadline{left / static_cast<int>(others)};
      };
      const auto host_share = share_of(whole.left(), hosts.size() - i);
      try {
        const auto attempts = target_.attempts(hosts[i], host_share, round == 0);
        for (std::size_t j = 0; j < attempts.size(); ++j) {
          try {
            return attempt(attempts[j], wait.no_later_than(share_of(host_share.left(), attempts.size() - j)));
          } catch (const StoreError& error) {
            // What is refused for good says more than a host that is away.
            if (!first || (first->is_retryable() && !error.is_retryable())) first = error;
            if (wait.stop().stop_requested()) throw;
          }
        }
      } catch (const std::runtime_error& error) {
        if (dynamic_cast<const StoreError*>(&error)) throw;
        if (!first)
          first = postgres_error(target_, fmt::format("cannot connect: {}", error.what()), StoreError::Retry::yes);
      }
    }
  }
  throw *first;
}

PostgresConnection::Handle PostgresConnection::attempt(const PostgresTarget::Parameters& parameters,
                                                       const PostgresWait& wait) {
  std::vector<const char*> keywords;
  std::vector<const char*> values;
  for (const auto& [keyword, value] : parameters) {
    keywords.push_back(keyword.c_str());
    values.push_back(value.c_str());
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  Handle handle{PQconnectStartParams(keywords.data(), values.data(), 0)};
  if (!handle) throw std::bad_alloc{};
  PQsetErrorVerbosity(handle.get(), PQERRORS_VERBOSE);
  const auto refuse = [&] {
    throw postgres_failure(target_, "cannot connect", postgres_login_report(PQerrorMessage(handle.get())));
  };
  if (PQstatus(handle.get()) == CONNECTION_BAD) refuse();
  for (auto state = PGRES_POLLING_WRITING; state != PGRES_POLLING_OK; state = PQconnectPoll(handle.get())) {
    if (state == PGRES_POLLING_FAILED) refuse();
    const short events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    switch (wait.for_socket(PQsocket(handle.get()), events)) {
      case PostgresWait::Outcome::ready:
        break;
      case PostgresWait::Outcome::over:
        throw postgres_error(
            target_,
            fmt::format("cannot connect: the server did not answer in time "
                        "(PostgresOffsetStoreOptions::connect_timeout is {} ms, timeout {} ms, and all hosts "
                        "share them)",
                        options_.connect_timeout.count(), options_.timeout.count()),
            StoreError::Retry::yes);
      case PostgresWait::Outcome::stopped:
        throw postgres_error(target_, "the attempt to connect was ended, since the consumer stops",
                             StoreError::Retry::yes);
    }
  }
  return handle;
}

}  // namespace tidemark::detail
