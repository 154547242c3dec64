#include "stores/zookeeper/stored.hpp"

#include <fmt/format.h>

#include "stores/common/text.hpp"
#include "stores/zookeeper/failure.hpp"
#include "stores/zookeeper/text.hpp"

namespace tidemark::detail {

std::optional<std::int64_t> zookeeper_stored(const ZooKeeperOffsetStoreOptions& options, std::string_view path,
                                             const ZooKeeperNode& node) {
  if (!node.exists) return std::nullopt;
  if (const auto offset = node.data ? stores::offset_in(*node.data) : std::nullopt) return offset;
  throw StoreError{
      zookeeper_message(
          options,
          fmt::format("the znode {} holds {}, which is no offset; correct it (`set {} <next offset>` in zkCli) or "
                      "delete it",
                      path, node.data ? zookeeper_shown(*node.data) : "nothing", path)),
      StoreError::Retry::no};
}

}  // namespace tidemark::detail
