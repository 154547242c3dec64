#pragma once

#include <stop_token>

#include <tidemark/offset_store.hpp>
#include <tidemark/options.hpp>

#include "engine/flow.hpp"
#include "engine/mailbox.hpp"
#include "engine/notifier.hpp"
#include "engine/published_progress.hpp"
#include "kafka/message_returns.hpp"

namespace tidemark::engine {

/// What all workers of a consumer share. Everything outlives them.
struct WorkerContext {
  const ConsumerOptions& options;
  OffsetStore& store;
  rd_kafka_s* client;
  kafka::MessageReturns& returns;
  Mailbox& mailbox;
  const Notifier& notifier;
  PublishedProgress& published;
  Flow& flow;
  std::stop_token store_stop{};  ///< Set once nobody waits for the store any more.
};

}  // namespace tidemark::engine
