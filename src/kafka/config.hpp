#pragma once

#include <tidemark/options.hpp>

#include "kafka/client_config.hpp"

namespace tidemark::kafka {

/// librdkafka's configuration for a consumer with these options, which must outlive the client. Throws ConfigError for what cannot work.
ClientConfig make_config(const ConsumerOptions& options);

/// The same for a client that only asks: the same brokers and logins, no group and no events.
ClientConfig make_asking_config(const ConsumerOptions& options);

/// Whether the librdkafka that is loaded has `fetch.queue.backoff.ms` (2.2.0 and newer), which ends its fetch stall.
bool has_fetch_backoff();

}  // namespace tidemark::kafka
