#pragma once

#include <librdkafka/rdkafka.h>

namespace tidemark::kafka {

/// Whether rd_kafka_destroy sits out a second, every now and then, unless the push of client metrics (KIP-714) is turned off: from 2.5.0 to
/// 2.8.x the destroying thread asks for the last push, and only then begins to wait for its end, which may have come already (mended in
/// 2.9.0, 4970). "enable.metrics.push" is the users' to turn on all the same.
inline bool has_slow_destroy() {
  constexpr int first = 0x02050000;
  constexpr int mended = 0x02090000;
  return rd_kafka_version() >= first && rd_kafka_version() < mended;
}

inline void avoid_slow_destroy(rd_kafka_conf_t& conf) {
  if (has_slow_destroy()) rd_kafka_conf_set(&conf, "enable.metrics.push", "false", nullptr, 0);
}

}  // namespace tidemark::kafka
