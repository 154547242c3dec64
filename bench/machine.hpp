#pragma once

#include <string>

namespace tidemark::bench {

/// Processor, cores, memory, kernel and compiler, in one line.
std::string machine();

/// Today, as 2026-01-31.
std::string today();

}  // namespace tidemark::bench
