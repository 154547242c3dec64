#pragma once

#include <tidemark/options.hpp>

#include "kafka/handles.hpp"

namespace tidemark::kafka {

/// librdkafka's configuration for a consumer with these options. Throws ConfigError for what cannot work.
ConfHandle make_config(const ConsumerOptions& options);

/// Whether the librdkafka that is loaded has `fetch.queue.backoff.ms` (2.2.0 and newer), which ends its fetch stall.
bool has_fetch_backoff();

}  // namespace tidemark::kafka
