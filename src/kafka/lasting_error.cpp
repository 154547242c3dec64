#include "kafka/lasting_error.hpp"

#include <fmt/format.h>

#include "kafka/client_config.hpp"
#include "kafka/partition_error.hpp"

namespace tidemark::kafka {
namespace {

// Of Kafka's protocol; librdkafka before 2.10 has no names for these.
constexpr int unsupported_assignor = 112;
constexpr int invalid_regular_expression = 128;

}  // namespace

std::optional<std::string> remedy_of(rd_kafka_resp_err_t code, const rd_kafka_conf_t* conf) {
  const auto value = [&](const char* name) { return property(conf, name); };
  switch (static_cast<int>(code)) {
    case RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT:
      return fmt::format(
          "session.timeout.ms is {}, and the brokers take values from their group.min.session.timeout.ms to their "
          "group.max.session.timeout.ms only: set the property accordingly in ConsumerOptions::kafka",
          value("session.timeout.ms"));
    case RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL:
      return fmt::format(
          "the other members of group \"{}\" do not use the strategy of this one, \"{}\": stop all members, or set "
          "partition.assignment.strategy alike in all of them",
          value("group.id"), value("partition.assignment.strategy"));
    case unsupported_assignor:
      return fmt::format(
          "the brokers do not have the assignor \"{}\": set group.remote.assignor to one that they have, or remove it",
          value("group.remote.assignor"));
    case invalid_regular_expression:
      return "the brokers take expressions of RE2/J: correct the pattern in ConsumerOptions::topics";
    case RD_KAFKA_RESP_ERR_INVALID_GROUP_ID:
      return fmt::format("the brokers refuse the group's name \"{}\": choose another ConsumerOptions::group",
                         value("group.id"));
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION:
    case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
      return fmt::format(
          "the brokers do not know a request that librdkafka {} needs: use a librdkafka that fits the brokers, or "
          "remove the property that asks for what they lack, such as group.protocol",
          rd_kafka_version_str());
    default:
      return is_forbidden(code) ? std::optional{std::string{forbidden_remedy}} : std::nullopt;
  }
}

}  // namespace tidemark::kafka
