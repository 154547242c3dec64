#pragma once

#include <tidemark/options.hpp>

namespace tidemark::engine {

/// Throws ConfigError for options that cannot work, before anything is connected.
void check_options(const ConsumerOptions& options);

}  // namespace tidemark::engine
