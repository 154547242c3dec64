#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tidemark/error.hpp>
#include <tidemark/stores/kafka.hpp>

#include "core/redaction.hpp"
#include "kafka/client_config.hpp"
#include "kafka/handles.hpp"
#include "kafka/trouble.hpp"
#include "stores/kafka/stored_list.hpp"

namespace tidemark::kafka {

/// A connection of its own to the group coordinators, for when there is no live consumer. Connects at the first call.
///
/// Thread safety: shared objects safe.
/// Errors:        ConfigError for options that can't work, StoreError for everything else.
class AdminClient {
 public:
  explicit AdminClient(const KafkaOffsetStoreOptions& options);

  /// All groups that the cluster knows, those without offsets included.
  std::vector<std::string> groups();
  /// Of these partitions of the group, or of all.
  StoredOffsets list(std::string_view group, std::optional<std::span<const TopicPartition>> partitions = std::nullopt);
  void overwrite(std::string_view group, std::span<const StoredOffset> offsets);
  void erase(std::string_view group, std::span<const TopicPartition> partitions);

 private:
  rd_kafka_t& client();
  /// `send(client, options, queue)` makes the request; what comes back through the queue is returned.
  template <class Send>
  EventHandle ask(const std::string& action, rd_kafka_admin_op_t operation, const Send& send);
  void require_answered(const std::string& action, rd_kafka_event_t& answer);
  StoreError failed(const std::string& action, rd_kafka_resp_err_t code, std::string_view text) const;

  KafkaOffsetStoreOptions options_;
  core::Redaction redact_;
  Trouble trouble_;

  ClientConfig config_;
  std::mutex mutex_;  // guards what follows
  ClientHandle client_;
};

}  // namespace tidemark::kafka
