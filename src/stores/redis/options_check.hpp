#pragma once

#include <tidemark/stores/redis/options.hpp>

namespace tidemark::detail {

/// The options, if they can work.
///
/// Errors: ConfigError.
const RedisOffsetStoreOptions& checked(const RedisOffsetStoreOptions& options);

}  // namespace tidemark::detail
