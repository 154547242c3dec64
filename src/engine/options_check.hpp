#pragma once

#include <string>
#include <vector>

#include <tidemark/options.hpp>

namespace tidemark::engine {

/// Throws ConfigError for options that cannot work, before anything is connected.
void check_options(const ConsumerOptions& options);

/// The same for topics that are to be read in place of those in the options.
void check_topics(const ConsumerOptions& options, const std::vector<std::string>& topics);

}  // namespace tidemark::engine
