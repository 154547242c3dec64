#pragma once

#include <string>
#include <string_view>

namespace tidemark::test {

/// `prefix` with an ending that no other test has used: for the topics and groups of tests that share a server.
std::string unique_name(std::string_view prefix);

}  // namespace tidemark::test
