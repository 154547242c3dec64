#pragma once

#include <string>
#include <string_view>

#include "stores/common/text.hpp"

namespace tidemark::detail {

/// A name or value for error texts: quoted, without control characters, not endless.
inline std::string zookeeper_shown(std::string_view text) {
  constexpr std::size_t longest = 250;  // a topic's name may have 249
  return stores::quoted(text, longest);
}

}  // namespace tidemark::detail
