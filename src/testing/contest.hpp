#pragma once

#include <functional>

namespace tidemark::testing {

/// Calls `run(0)` … `run(threads - 1)` on as many threads, all let go at once. Throws what the first of them threw.
void contest(int threads, const std::function<void(int)>& run);

}  // namespace tidemark::testing
