#pragma once

#include <string_view>

#include <librdkafka/rdkafka.h>

#include <tidemark/error.hpp>

namespace tidemark::kafka {

/// Who asked the group coordinator: the same code calls for different advice.
enum class Asker { consumer, administrator };

/// What to make of a code with which offsets were refused.
struct Refusal {
  StoreError::Retry retry;
  std::string_view hint;
};

Refusal refusal(rd_kafka_resp_err_t code, Asker asker);

/// `action` says what failed, `detail` the cause in place of librdkafka's standing text.
StoreError refused(std::string_view action, rd_kafka_resp_err_t code, Asker asker, std::string_view detail = {});

/// Looks at every partition of an answer; throws StoreError where one carries an error, though the answer as a whole may not.
void require_accepted(std::string_view action, const rd_kafka_topic_partition_list_t& answer, Asker asker);

}  // namespace tidemark::kafka
