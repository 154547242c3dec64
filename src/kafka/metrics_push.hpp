#pragma once

#include <librdkafka/rdkafka.h>

namespace tidemark::kafka {

/// Turns the push of client metrics (KIP-714) off where it makes rd_kafka_destroy sit out a second, every now and then: from 2.5.0 to 2.8.x
/// the destroying thread asks for the last push, and only then begins to wait for its end, which may have come already (mended in 2.9.0,
/// 4970). Call this before the user's own properties are set: "enable.metrics.push" is theirs to turn on.
inline void avoid_slow_destroy(rd_kafka_conf_t& conf) {
  constexpr int first = 0x02050000;
  constexpr int mended = 0x02090000;
  const auto version = rd_kafka_version();
  if (version < first || version >= mended) return;
  rd_kafka_conf_set(&conf, "enable.metrics.push", "false", nullptr, 0);
}

}  // namespace tidemark::kafka
