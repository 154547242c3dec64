#pragma once

#include <string>
#include <string_view>

namespace tidemark::kafka {

// Kafka and librdkafka take a name that they cannot represent for another one, or lose what was answered about it: a commit to such a
// topic seems to go through. These throw StoreError before that.

/// Letters, digits, '.', '_' and '-', up to 249, but not "." and "..".
void require_topic_name(std::string_view topic);

/// UTF-8 without null characters, as a C string.
std::string group_name(std::string_view group);

}  // namespace tidemark::kafka
