#include <tidemark/stores/hbase/retention.hpp>

#include <fmt/format.h>

namespace tidemark {

std::string HBaseRetention::text() const {
  if (!is_known)
    return "whether the table's cells expire is not known: the gateway's user may not look at the table's descriptor";
  if (!time_to_live) return "the table's cells do not expire";
  return fmt::format(
      "the table's cells expire after {} s ({:.1f} days): a group that commits nothing for so long loses its offsets, "
      "and starts "
      "anew; lift that with HBase's shell: alter TABLE, NAME => FAMILY, TTL => 'FOREVER'",
      time_to_live->count(), static_cast<double>(time_to_live->count()) / 86'400);
}

}  // namespace tidemark
