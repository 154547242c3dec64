#pragma once

#include <cstddef>
#include <string>

namespace tidemark::test {

/// As much of a server's log as an error may hold.
inline std::string end_of(const std::string& text) {
  constexpr std::size_t enough = 4000;
  return text.size() <= enough ? text : text.substr(text.size() - enough);
}

}  // namespace tidemark::test
