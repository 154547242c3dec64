#pragma once

#include <cstdint>

namespace tidemark::test {

/// A loopback TCP port that nobody listens on. It lies below the kernel's ephemeral range, so that no outgoing connection takes it
/// before the server under test does, or while that server is being restarted.
std::uint16_t free_port();

}  // namespace tidemark::test
