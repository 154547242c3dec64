#pragma once

#include <tidemark/export.hpp>

#define TIDEMARK_VERSION_MAJOR 0
#define TIDEMARK_VERSION_MINOR 1
#define TIDEMARK_VERSION_PATCH 0

namespace tidemark {

/// The version of the library that is linked, such as "0.1.0".
TIDEMARK_EXPORT const char* version() noexcept;

}  // namespace tidemark
