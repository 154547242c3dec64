#include "testing/random_kills.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <random>
#include <thread>

#include "testing/conformance_failure.hpp"

namespace tidemark::testing {

namespace {

using Clock = std::chrono::steady_clock;

std::int64_t number_in(const std::string& line) {
  std::int64_t number = -1;
  if (std::from_chars(line.data(), line.data() + line.size(), number).ec != std::errc{})
    throw ConformanceFailure{"in the process that was to be killed: " + line};
  return number;
}

}  // namespace

void kill_at_random(const std::function<void(LineChannel&)>& work,
                    const std::function<void(std::int64_t acknowledged)>& judge) {
  std::mt19937 random{20130131};
  for (int i = 0; i < random_kills; ++i) {
    ChildProcess child{work};
    // The third commit shows how long one takes. The kill comes within the next two.
    std::int64_t acknowledged = number_in(child.channel().receive());
    const auto began = Clock::now();
    for (int commits = 0; commits < 2; ++commits) acknowledged = number_in(child.channel().receive());
    const auto took = Clock::now() - began;
    using Microseconds = std::chrono::microseconds;
    const auto longest = std::max<std::int64_t>(std::chrono::duration_cast<Microseconds>(took).count(), 1);
    std::this_thread::sleep_for(Microseconds{std::uniform_int_distribution<std::int64_t>{0, longest}(random)});
    child.kill();
    while (const auto line = child.channel().receive_rest()) acknowledged = number_in(*line);
    judge(acknowledged);
  }
}

}  // namespace tidemark::testing
