#include "kafka/partition_error.hpp"

#include <charconv>

namespace tidemark::kafka {
namespace {

// The error that librdkafka 2.1.0 brought for this, RD_KAFKA_RESP_ERR__LOG_TRUNCATION, comes as a part of the text alone.
constexpr std::string_view truncation = "log truncation detected";
constexpr std::string_view end_of_truncation = "broker end offset is ";

}  // namespace

PartitionErrorKind kind_of(rd_kafka_resp_err_t code, std::string_view text) {
  switch (code) {
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
      return PartitionErrorKind::end;
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
      return text.find(truncation) == std::string_view::npos ? PartitionErrorKind::out_of_range
                                                             : PartitionErrorKind::truncated;
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
      return PartitionErrorKind::out_of_range;
    case RD_KAFKA_RESP_ERR__BAD_MSG:
    case RD_KAFKA_RESP_ERR__BAD_COMPRESSION:
    case RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED:
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
    case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_FOR_MESSAGE_FORMAT:
      return PartitionErrorKind::unreadable;
    default:
      return is_forbidden(code) ? PartitionErrorKind::forbidden : PartitionErrorKind::other;
  }
}

bool is_forbidden(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED || code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
}

std::optional<std::int64_t> truncated_end(std::string_view text) {
  const auto found = text.find(end_of_truncation);
  if (found == std::string_view::npos) return std::nullopt;
  text.remove_prefix(found + end_of_truncation.size());
  std::int64_t end = -1;
  std::from_chars(text.data(), text.data() + text.size(), end);
  return end < 0 ? std::nullopt : std::optional{end};
}

std::string_view unreadable_advice(int code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR__BAD_MSG:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
      return "The batch is damaged: on the broker's disk, on the way, or by its producer.";
    case RD_KAFKA_RESP_ERR__BAD_COMPRESSION:
      return "The batch does not decompress: it is damaged, or larger than the property receive.message.max.bytes.";
    case RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_FOR_MESSAGE_FORMAT:
      return "The batch has a format or a compression that this librdkafka was built without: use one that has it.";
    default:
      return "The record is too large: raise the property receive.message.max.bytes.";
  }
}

}  // namespace tidemark::kafka
