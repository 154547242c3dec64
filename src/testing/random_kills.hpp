#pragma once

#include <cstdint>
#include <functional>

#include "testing/child_process.hpp"

namespace tidemark::testing {

/// How often kill_at_random() kills: a commit that is torn one time in ten is found out in 99 of 100 runs.
inline constexpr int random_kills = 40;

/// Again and again a child process runs `work`, which sends the number of each commit once it was acknowledged, and never ends. It is killed
/// at a random moment after its first one, mostly inside a commit, and `judge` is called with the last number that was acknowledged.
void kill_at_random(const std::function<void(LineChannel&)>& work,
                    const std::function<void(std::int64_t acknowledged)>& judge);

}  // namespace tidemark::testing
