#pragma once

#include <functional>

namespace tidemark::testing {

/// Waits until every contestant that is still running waits too.
using Meet = std::function<void()>;

/// Calls `run(0, meet)` … `run(threads - 1, meet)` on as many threads. Throws what the first of them threw.
void contest(int threads, const std::function<void(int, const Meet&)>& run);

}  // namespace tidemark::testing
