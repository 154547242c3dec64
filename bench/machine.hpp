#pragma once

namespace tidemark::bench {

/// Processor, memory, and the versions that figures depend on.
void print_machine();

}  // namespace tidemark::bench
