#include <tidemark/stores/zookeeper.hpp>

#define THREADED
#include <zookeeper/zookeeper.h>

#include <memory>

#include "stores/contestant.hpp"
#include "support/eventually.hpp"
#include "support/zookeeper_probe.hpp"
#include "support/zookeeper_server.hpp"

namespace tidemark::bench {

namespace {

/// ZooKeeper's C client as one would use it by hand: one synchronous multi of guarded sets.
class RawZooKeeper {
 public:
  RawZooKeeper(std::uint16_t port, int partitions) {
    const std::string topic = "/consumers/bare/offsets/records";
    test::ZooKeeperProbe probe{port};
    for (int p = 0; p < partitions; ++p) {
      paths_.push_back(topic + '/' + std::to_string(p));
      probe.set(paths_.back(), std::to_string(first_of(0)));
    }
    const auto servers = "127.0.0.1:" + std::to_string(port);
    const auto ignore_event = [](zhandle_t*, int, int, const char*, void*) {};
    const auto ignore_log = [](const char*) {};
    handle_.reset(zookeeper_init2(servers.c_str(), ignore_event, 10'000, nullptr, nullptr, 0, ignore_log));
    if (!test::eventually([&] { return zoo_state(handle_.get()) == ZOO_CONNECTED_STATE; }))
      throw std::runtime_error{"the bare client could not connect"};
  }

  void commit(std::int64_t batch) {
    const auto until = std::to_string(first_of(batch + 1));
    std::vector<zoo_op_t> operations(paths_.size());
    std::vector<zoo_op_result_t> results(paths_.size());
    for (std::size_t i = 0; i < paths_.size(); ++i)
      zoo_set_op_init(&operations[i], paths_[i].c_str(), until.data(), static_cast<int>(until.size()),
                      static_cast<int>(batch), nullptr);
    const auto code = zoo_multi(handle_.get(), static_cast<int>(operations.size()), operations.data(), results.data());
    if (code != ZOK) throw std::runtime_error{zerror(code)};
  }

 private:
  struct Close {
    void operator()(zhandle_t* handle) const { zookeeper_close(handle); }
  };
  std::vector<std::string> paths_;
  std::unique_ptr<zhandle_t, Close> handle_;
};

}  // namespace

Contestant zookeeper_contestant(int partitions) {
  const auto server =
      std::make_shared<test::ZooKeeperServer>(test::ZooKeeperServer::Options{.tick_ms = 2'000, .forces_sync = true});
  const auto store = std::make_shared<ZooKeeperOffsetStore>(server->servers());
  const auto bare = std::make_shared<RawZooKeeper>(server->port(), partitions);
  return {.bare = "zoo_multi of guarded sets",
          .commit =
              [=](std::int64_t batch) {
                must_commit(*store, batch, partitions);
                (void)server;
              },
          .commit_bare = [=](std::int64_t batch) { bare->commit(batch); }};
}

}  // namespace tidemark::bench
