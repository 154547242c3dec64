#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tidemark::kafka {

/// Whether a topic's name in a subscription is a regular expression.
inline bool is_pattern(std::string_view topic) { return topic.starts_with('^'); }

/// Why librdkafka would refuse a pattern: it compiles each with the C library's regcomp, as an extended expression. nullopt where it takes it.
std::optional<std::string> fault_of_pattern(const std::string& pattern);

/// Why Kafka can't have a topic of that name; nullopt where it can.
std::optional<std::string> fault_of_name(const std::string& topic);

/// Why a name or a pattern can't be subscribed to; nullopt where it can.
std::optional<std::string> fault_of_topic(const std::string& topic);

/// Whether a pattern seems to be meant for names that only begin so. It finds those in classic groups; under `group.protocol=consumer` the
/// broker matches it with whole names.
bool matches_beginnings(std::string_view pattern);

}  // namespace tidemark::kafka
