#include "stores/zookeeper/session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "stores/zookeeper/acl.hpp"
#include "stores/zookeeper/failure.hpp"
#include "stores/zookeeper/layout.hpp"

namespace tidemark::detail {

namespace {

// The servers stop reading from a client with more requests in progress; and far more than that fill the pipe by which the client
// wakes its thread, upon which it hangs up.
constexpr std::size_t most_at_once = 1'000;

using Ticket = ZooKeeperReplies::Ticket;

void answer(const void* data, ZooKeeperReply reply) {
  const auto& ticket = *static_cast<const Ticket*>(data);
  ticket.replies->set(ticket, std::move(reply));
}

void on_void(int code, const void* data) noexcept { answer(data, {.code = code}); }

void on_string(int code, const char*, const void* data) noexcept { answer(data, {.code = code}); }

void on_data(int code, const char* value, int size, const Stat* stat, const void* data) noexcept {
  ZooKeeperReply reply{.code = code};
  if (code == ZOK) {
    reply.version = stat->version;
    if (size >= 0) reply.data.emplace(value, static_cast<std::size_t>(size));
  }
  answer(data, std::move(reply));
}

void on_children(int code, const String_vector* names, const void* data) noexcept {
  ZooKeeperReply reply{.code = code};
  if (code == ZOK) reply.children.assign(names->data, names->data + names->count);
  answer(data, std::move(reply));
}

bool was_lost(const ZooKeeperReply& reply) { return zookeeper_outcome(reply.code) == ZooKeeperOutcome::unknown; }

int size_of(const std::optional<std::string>& data) { return data ? static_cast<int>(data->size()) : -1; }

const char* text_of(const std::optional<std::string>& data) { return data ? data->data() : nullptr; }

zoo_op_t operation(const ZooKeeperChange& change, const ACL_vector& acl) {
  zoo_op_t made{};
  const auto* path = change.path.c_str();
  switch (change.kind) {
    case ZooKeeperChange::Kind::check:
      zoo_check_op_init(&made, path, change.version);
      break;
    case ZooKeeperChange::Kind::create:
      zoo_create_op_init(&made, path, text_of(change.data), size_of(change.data), &acl, ZOO_PERSISTENT, nullptr, 0);
      break;
    case ZooKeeperChange::Kind::set:
      zoo_set_op_init(&made, path, text_of(change.data), size_of(change.data), change.version, nullptr);
      break;
    case ZooKeeperChange::Kind::remove:
      zoo_delete_op_init(&made, path, change.version);
      break;
  }
  return made;
}

}  // namespace

std::shared_ptr<ZooKeeperHandle> ZooKeeperSession::connected(ZooKeeperDeadline deadline) {
  while (true) {
    std::shared_ptr<ZooKeeperHandle> ended;  // is closed without the lock
    std::shared_ptr<ZooKeeperHandle> handle;
    {
      const std::lock_guard lock{mutex_};
      if (handle_ && handle_->has_ended()) ended = std::exchange(handle_, nullptr);
      handle = handle_;
    }
    if (!handle) {
      const auto found = servers(deadline);
      const std::lock_guard lock{mutex_};
      if (!handle_) handle_ = std::make_shared<ZooKeeperHandle>(options_, found);
      handle = handle_;
    }
    switch (handle->wait(deadline)) {
      case ZooKeeperHandle::State::connected:
        return handle;
      case ZooKeeperHandle::State::connecting:
        throw zookeeper_timeout(options_, "no server could be reached");
      case ZooKeeperHandle::State::auth_failed:
        throw zookeeper_failure(options_, ZAUTHFAILED, "open a session");
      case ZooKeeperHandle::State::expired:
        break;
    }
  }
}

/// The client looks the names up as well, when it is made, but for as long as the resolver takes.
std::string ZooKeeperSession::servers(ZooKeeperDeadline deadline) {
  std::string found;
  std::string trouble;
  const std::string_view all = options_.servers;
  for (std::size_t begin = 0; begin < all.size();) {
    const auto end = std::min(all.find(',', begin), all.size());
    const auto server = all.substr(begin, end - begin);
    begin = end + 1;
    try {
      const std::string host{server.substr(0, server.rfind(':'))};
      if (!host.empty() && host.front() != '[' && !stores::BoundedLookup::is_numeric(host))
        lookup_.addresses(host, stores::Deadline{deadline});
    } catch (const StoreError&) {
      throw;
    } catch (const stores::LookupTimeout& error) {
      trouble = error.what();
      continue;
    } catch (const std::exception&) {
      // The client says what is wrong with the name.
    }
    found += fmt::format("{}{}", found.empty() ? "" : ",", server);
  }
  if (found.empty()) throw zookeeper_timeout(options_, trouble + "; no server could be reached");
  return found;
}

std::vector<ZooKeeperReply> ZooKeeperSession::repeat(std::size_t count, const ZooKeeperHandle::Send& send,
                                                     ZooKeeperDeadline deadline) {
  while (true) {
    auto replies = connected(deadline)->ask(count, send, deadline);
    if (!replies) throw zookeeper_timeout(options_, "the server did not answer");
    if (std::ranges::none_of(*replies, was_lost)) return std::move(*replies);
  }
}

template <class Send>
std::vector<ZooKeeperReply> ZooKeeperSession::for_each(std::span<const std::string> paths, Send send,
                                                       ZooKeeperDeadline deadline) {
  std::vector<ZooKeeperReply> all;
  all.reserve(paths.size());
  while (!paths.empty()) {
    const auto now = paths.first(std::min(paths.size(), most_at_once));
    paths = paths.subspan(now.size());
    // Without the sync, a server that lags behind the leader could answer from before another member's commit.
    auto replies = repeat(
        now.size() + 1,
        [&](zhandle_t* client, std::size_t place, const void* ticket) {
          return place == 0 ? zoo_async(client, "/", on_string, ticket) : send(client, now[place - 1].c_str(), ticket);
        },
        deadline);
    if (replies.front().code != ZOK) throw zookeeper_failure(options_, replies.front().code, "sync with the leader");
    std::move(replies.begin() + 1, replies.end(), std::back_inserter(all));
  }
  return all;
}

std::vector<ZooKeeperNode> ZooKeeperSession::read(std::span<const std::string> paths, ZooKeeperDeadline deadline) {
  const auto get = [](zhandle_t* client, const char* path, const void* ticket) {
    return zoo_aget(client, path, 0, on_data, ticket);
  };
  std::vector<ZooKeeperNode> nodes;
  nodes.reserve(paths.size());
  for (auto& reply : for_each(paths, get, deadline)) {
    if (reply.code != ZOK && reply.code != ZNONODE)
      throw zookeeper_failure(options_, reply.code, fmt::format("read {}", paths[nodes.size()]));
    nodes.push_back({reply.code == ZOK, reply.version, std::move(reply.data)});
  }
  return nodes;
}

std::vector<std::vector<std::string>> ZooKeeperSession::children(std::span<const std::string> paths,
                                                                 ZooKeeperDeadline deadline) {
  const auto list = [](zhandle_t* client, const char* path, const void* ticket) {
    return zoo_aget_children(client, path, 0, on_children, ticket);
  };
  std::vector<std::vector<std::string>> names;
  names.reserve(paths.size());
  for (auto& reply : for_each(paths, list, deadline)) {
    if (reply.code != ZOK && reply.code != ZNONODE)
      throw zookeeper_failure(options_, reply.code, fmt::format("list {}", paths[names.size()]));
    names.push_back(std::move(reply.children));
  }
  return names;
}

void ZooKeeperSession::make(const std::string& path, const std::string& common, ZooKeeperDeadline deadline) {
  // Asked first: where a znode may not be created, ZooKeeper says so even if it is there.
  auto missing = ZooKeeperLayout::lineage(path);
  const auto nodes = read(missing, deadline);
  const auto first = std::ranges::find(nodes, false, &ZooKeeperNode::exists) - nodes.begin();
  missing.erase(missing.begin(), missing.begin() + first);
  if (missing.empty()) return;
  const auto acl_of = [&](const std::string& node) {
    return ZooKeeperAcl{node.size() <= common.size() ? ZooKeeperOffsetStoreOptions{} : options_};
  };
  const auto replies = repeat(
      missing.size(),
      [&](zhandle_t* client, std::size_t place, const void* ticket) {
        auto acl = acl_of(missing[place]);
        const auto entries = acl.vector();
        return zoo_acreate(client, missing[place].c_str(), nullptr, -1, &entries, ZOO_PERSISTENT, on_string, ticket);
      },
      deadline);
  for (std::size_t i = 0; i < missing.size(); ++i)
    if (const auto outcome = zookeeper_outcome(replies[i].code); outcome == ZooKeeperOutcome::refused)
      throw zookeeper_failure(options_, replies[i].code, fmt::format("create {}", missing[i]));
}

int ZooKeeperSession::multi(std::span<const ZooKeeperChange> changes, ZooKeeperDeadline deadline) {
  ZooKeeperAcl acl{options_};
  const auto entries = acl.vector();
  std::vector<zoo_op_t> operations;
  operations.reserve(changes.size());
  for (const auto& change : changes) operations.push_back(operation(change, entries));
  // The client writes to these with the reply, however late that comes.
  const auto results = std::make_shared<std::vector<zoo_op_result_t>>(changes.size());
  const auto replies = connected(deadline)->ask(
      1,
      [&](zhandle_t* client, std::size_t, const void* ticket) {
        return zoo_amulti(client, static_cast<int>(operations.size()), operations.data(), results->data(), on_void,
                          ticket);
      },
      deadline, results);
  return replies ? replies->front().code : static_cast<int>(ZOPERATIONTIMEOUT);
}

}  // namespace tidemark::detail
