#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "kafka/handles.hpp"

namespace tidemark::kafka {

/// What an error means that came by a partition's queue.
enum class PartitionErrorKind {
  end,           ///< None: there is nothing more for now.
  out_of_range,  ///< The offset asked for does not exist.
  truncated,     ///< The log was cut off below what was read of it (KIP-320; librdkafka from 2.1.0 on).
  unreadable,    ///< Asking again for the same records gives the same error.
  forbidden,     ///< The user has no right to read.
  other,         ///< It may pass.
};

/// `text` is what librdkafka says in rd_kafka_message_errstr().
PartitionErrorKind kind_of(rd_kafka_resp_err_t code, std::string_view text);

/// Whether access rules refuse what is asked, by whatever way that is told: no waiting helps.
bool is_forbidden(rd_kafka_resp_err_t code);
/// What to add to the text of such an error.
inline constexpr std::string_view forbidden_remedy =
    "the brokers' access rules (ACLs) must let this user read the topic and the group";

/// Where the log ends that was cut off, as the text of a truncation tells; nullopt where it does not.
std::optional<std::int64_t> truncated_end(std::string_view text);

/// What may have caused an unreadable batch, and what to do.
std::string_view unreadable_advice(int code);

}  // namespace tidemark::kafka
