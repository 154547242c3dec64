#include <chrono>

#include <fmt/format.h>

#include <tidemark/error.hpp>

#include "testing/conformance_failure.hpp"
#include "testing/conformance_spec.hpp"
#include "testing/conformance_subject.hpp"

namespace tidemark::testing {

namespace {

using Clock = std::chrono::steady_clock;

const TopicPartition flights0{"flights", 0};

/// The StoreError that `action` ends with; nullopt where it ends well. Any other exception goes on.
template <class Action>
std::optional<StoreError> error_of(const Action& action) {
  try {
    action();
  } catch (const StoreError& error) {
    return error;
  }
  return std::nullopt;
}

void must_be_retryable(const StoreError& error, std::string_view when) {
  if (!error.is_retryable())
    throw ConformanceFailure{
        fmt::format("{} a call ended with a StoreError that says it is not retryable, which stops the consumer: {}",
                    when, error.what())};
}

/// As the engine does: after an error it loads, and commits again what is not there.
void commit_in_the_end(ConformanceSubject& subject, const OffsetRange& range, std::string_view when) {
  for (const auto end = Clock::now() + std::chrono::seconds{30};;) {
    const auto error = error_of([&] {
      if (subject.load({range.partition}).front() != range.until) subject.must_commit({range});
    });
    if (!error) return subject.must_hold(range.partition, range.until);
    must_be_retryable(*error, when);
    if (Clock::now() >= end)
      throw ConformanceFailure{fmt::format("{} no commit went through for 30 s: {}", when, error->what())};
  }
}

void negative_is_for_good(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  const auto refusal = error_of([&] { subject.commit({{flights0, 0, -1}}); });
  if (refusal && refusal->is_retryable())
    throw ConformanceFailure{
        fmt::format("a negative offset is refused with a StoreError that says it is retryable, so it would be tried "
                    "again and again: {}",
                    refusal->what())};
}

void refusal_is_an_error(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  subject.must_commit({{flights0, 0, 10}});
  store.faults.refuse(true);
  bool has_returned = false;
  const auto error = error_of([&] {
    subject.commit({{flights0, 10, 20}});
    has_returned = true;
  });
  store.faults.refuse(false);
  if (has_returned) throw ConformanceFailure{"the server refused a change, and commit() returned as if it had not"};
  if (std::string_view{error->what()}.empty()) throw ConformanceFailure{"a StoreError without a text"};
  commit_in_the_end(subject, {flights0, 10, 20}, "after the server had refused a change");
}

void cut_is_overcome(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  subject.must_commit({{flights0, 0, 10}});
  for (std::int64_t next = 10; next < 60; next += 10) {
    store.faults.disconnect();
    const OffsetRange range{flights0, next, next + 10};
    const auto error = error_of([&] { subject.must_commit({range}); });
    if (!error) subject.must_hold(flights0, range.until);
    if (error) must_be_retryable(*error, "after the connection was cut");
    commit_in_the_end(subject, range, "after the connection was cut");
  }
}

void lost_reply_is_compared(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  subject.must_commit({{flights0, 0, 10}});
  const auto other = subject.open_another();
  const auto session = subject.session();
  store.faults.lose_reply([&] {
    const OffsetRange onward{flights0, 20, 30};
    if (other->commit(session, {&onward, 1}))
      throw ConformanceFailure{"StoreFaults::lose_reply calls `meanwhile` before the change was carried out"};
  });
  const auto error = error_of([&] { subject.commit({{flights0, 10, 20}}); });
  if (error) must_be_retryable(*error, "after a reply was lost");
  if (const auto stored = other->load(session, {&flights0, 1}).front(); stored != 30)
    throw ConformanceFailure{fmt::format(
        "the reply to a commit of 10 to 20 was lost; meanwhile another owner committed 20 to 30, and now {} "
        "stands at {}: the lost commit was set again without comparing",
        text_of(flights0), text_of(stored))};
}

void frozen_server_is_left(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  subject.must_commit({{flights0, 0, 10}});
  const auto limit = store.faults.longest_call + store.faults.longest_call / 10;
  const auto must_end = [&](std::string_view call, const std::function<void()>& action) {
    const auto began = Clock::now();
    const auto error = error_of(action);
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began);
    if (!error) throw ConformanceFailure{fmt::format("the server answered nothing, and {} returned", call)};
    must_be_retryable(*error, "while the server answered nothing");
    if (took > limit)
      throw ConformanceFailure{
          fmt::format("{} took {} ms with a server that answers nothing; at most {} are documented", call, took.count(),
                      store.faults.longest_call.count())};
  };
  store.faults.freeze(true);
  try {
    must_end("load()", [&] { subject.load({flights0}); });
    must_end("commit()", [&] { subject.commit({{flights0, 10, 20}}); });
  } catch (...) {
    store.faults.freeze(false);
    throw;
  }
  store.faults.freeze(false);
  commit_in_the_end(subject, {flights0, 10, 20}, "after the server was frozen");
}

void restart_keeps(const StoreUnderTest& store) {
  ConformanceSubject subject{store};
  for (std::int64_t next = 0; next < 30; next += 10) {
    commit_in_the_end(subject, {flights0, next, next + 10}, "after the server was restarted");
    store.faults.restart();
    std::optional<std::int64_t> stored;
    for (const auto end = Clock::now() + std::chrono::seconds{30};;) {
      const auto error = error_of([&] { stored = subject.load({flights0}).front(); });
      if (!error) break;
      must_be_retryable(*error, "after the server was restarted");
      if (Clock::now() >= end) throw *error;
    }
    if (stored != next + 10)
      throw ConformanceFailure{
          fmt::format("a commit of {} was acknowledged, the server was restarted, and now {} "
                      "stands at {}",
                      next + 10, text_of(flights0), text_of(stored))};
  }
}

}  // namespace

std::vector<ConformanceSpec> fault_checks() {
  return {{"a negative offset is refused for good", {}, negative_is_for_good},
          {"a change that the server refuses is an error", {Need::refuse}, refusal_is_an_error},
          {"a cut connection is a retryable error, or none", {Need::disconnect}, cut_is_overcome},
          {"a commit whose reply was lost is not set again without comparing",
           {Need::lose_reply, Need::comparing},
           lost_reply_is_compared},
          {"calls to a server that answers nothing end in time, with a retryable error",
           {Need::freeze},
           frozen_server_is_left},
          {"what was acknowledged is there after the server was restarted", {Need::restart}, restart_keeps}};
}

}  // namespace tidemark::testing
