#include "stores/zookeeper/target.hpp"

#include "stores/common/text.hpp"

namespace tidemark::detail {

ZooKeeperStep next_step(const ZooKeeperTarget& target, const ZooKeeperNode& now, const ZooKeeperNode* before) {
  constexpr std::int64_t no_offset = -1;
  const auto stored = stores::offset_in(now.data.value_or("")).value_or(no_offset);
  const bool is_reached = target.until ? now.exists && stored == *target.until : !now.exists;
  if (is_reached) return ZooKeeperStep::keep;
  if (before && !before->is_same(now)) return ZooKeeperStep::conflict;
  if (target.from && now.exists && stored != *target.from) return ZooKeeperStep::conflict;
  return target.until ? ZooKeeperStep::write : ZooKeeperStep::remove;
}

}  // namespace tidemark::detail
