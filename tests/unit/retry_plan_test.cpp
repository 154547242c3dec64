#include "core/retry_plan.hpp"

#include <stdexcept>
#include <system_error>

#include "support/catch.hpp"

using namespace tidemark;
using namespace std::chrono_literals;
using core::RetryPlan;

namespace {

using Next = RetryPlan::Next;

const RetryPlan::TimePoint beginning{};

const auto some_error = std::make_exception_ptr(std::runtime_error{"no"});

HandlerRetry retry(int attempts) {
  return {.attempts = attempts, .first_delay = 100ms, .max_delay = 300ms, .give_up_after = 10s};
}

}  // namespace

TEST_CASE("by default the first failure is the last", "[unit]") {
  const HandlerRetry by_default;
  RetryPlan plan{by_default};
  CHECK(plan.after(some_error, beginning, 0).next == Next::exhausted);
}

TEST_CASE("a handler is called again until its attempts are used up, later and later", "[unit]") {
  const auto five = retry(5);
  RetryPlan plan{five};
  CHECK(plan.after(some_error, beginning, 0) == RetryPlan::Decision{Next::again, 100ms});
  CHECK(plan.after(some_error, beginning, 0) == RetryPlan::Decision{Next::again, 200ms});
  CHECK(plan.after(some_error, beginning, 0) == RetryPlan::Decision{Next::again, 300ms});
  CHECK(plan.after(some_error, beginning, 0) == RetryPlan::Decision{Next::again, 300ms});
  CHECK(plan.after(some_error, beginning, 0).next == Next::exhausted);
}

TEST_CASE("the time since the first failure limits the attempts, too", "[unit]") {
  const auto many = retry(1'000'000);
  RetryPlan plan{many};
  CHECK(plan.after(some_error, beginning + 5s, 0).next == Next::again);
  CHECK(plan.after(some_error, beginning + 15s - 1ns, 0).next == Next::again);
  CHECK(plan.after(some_error, beginning + 15s, 0).next == Next::exhausted);
}

TEST_CASE("an error that is not worth another try is the last, one that is fatal ends all", "[unit]") {
  auto by_type = retry(5);
  by_type.retryable = errors_of<std::runtime_error, int>();
  by_type.fatal = errors_of<std::system_error>();  // which is a runtime_error as well
  const auto after = [&](auto error) {
    RetryPlan plan{by_type};
    return plan.after(std::make_exception_ptr(error), beginning, 0).next;
  };
  CHECK(after(std::runtime_error{"no"}) == Next::again);
  CHECK(after(std::range_error{"derived"}) == Next::again);
  CHECK(after(42) == Next::again);
  CHECK(after(std::logic_error{"no"}) == Next::exhausted);
  CHECK(after("no exception class") == Next::exhausted);
  CHECK(after(std::system_error{std::make_error_code(std::errc::no_space_on_device)}) == Next::fatal);
}

TEST_CASE("a predicate of one's own decides as well", "[unit]") {
  auto by_predicate = retry(5);
  int asked = 0;
  by_predicate.retryable = [&](const std::exception_ptr& error) {
    CHECK(error == some_error);
    return ++asked < 2;
  };
  RetryPlan plan{by_predicate};
  CHECK(plan.after(some_error, beginning, 0).next == Next::again);
  CHECK(plan.after(some_error, beginning, 0).next == Next::exhausted);
  CHECK(asked == 2);
}
