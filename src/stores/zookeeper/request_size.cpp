#include "stores/zookeeper/request_size.hpp"

#include <string_view>

namespace tidemark::detail {

namespace {

constexpr std::size_t number = 4;
constexpr std::size_t request_header = 2 * number;
constexpr std::size_t change_header = 2 * number + 1;

constexpr std::size_t text(std::string_view characters) { return number + characters.size(); }

constexpr std::size_t world = number + text("world") + text("anyone");
constexpr std::size_t user = number + text("auth") + text("");

}  // namespace

std::size_t zookeeper_request_size(std::span<const ZooKeeperChange> changes,
                                   const ZooKeeperOffsetStoreOptions& options) {
  const auto acl = number + (options.user.empty() ? world : options.world_may_read ? user + world : user);
  auto size = request_header + change_header;  // the latter also marks the end
  for (const auto& change : changes) {
    const auto data = number + (change.data ? change.data->size() : 0);
    size += change_header + text(change.path) + number;  // a version, or a new znode's flags
    if (change.kind == ZooKeeperChange::Kind::create) size += data + acl;
    if (change.kind == ZooKeeperChange::Kind::set) size += data;
  }
  return size;
}

}  // namespace tidemark::detail
