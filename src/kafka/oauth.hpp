#pragma once

#include <map>
#include <string>

#include <tidemark/oauth_token.hpp>

#include "kafka/client_config.hpp"

namespace tidemark::kafka {

/// Has librdkafka ask `provider` for tokens, where there is one. `provider` must outlive the client. Throws ConfigError where a token is of no
/// use, or where none can be had.
void set_token_provider(ClientConfig& config, const OAuthTokenProvider& provider);

/// For a client that was made of such a configuration: from now on tokens are fetched, on a thread of librdkafka's.
void fetch_tokens(rd_kafka_t* client, const OAuthTokenProvider& provider);

}  // namespace tidemark::kafka
