#pragma once

#include <chrono>
#include <functional>

namespace tidemark::test {

/// Whether `condition` holds, now or within `timeout`. It is asked again every few milliseconds, on the calling thread.
[[nodiscard]] bool eventually(const std::function<bool()>& condition,
                              std::chrono::milliseconds timeout = std::chrono::seconds{30});

}  // namespace tidemark::test
