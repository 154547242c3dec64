// Commits to be interrupted: SERVERS GROUP TOPIC. Moves partition 0 by one, over and over, and says how far it is; ends upon SIGTERM.

#include <csignal>
#include <iostream>

#include <tidemark/stores/zookeeper.hpp>

namespace {

volatile std::sig_atomic_t is_told_to_end = 0;

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 4) return 2;
  std::signal(SIGTERM, [](int) { is_told_to_end = 1; });
  auto options = tidemark::zookeeper_options(argv[1]);
  options.session_timeout = std::chrono::milliseconds{600};
  tidemark::ZooKeeperOffsetStore store{options};
  for (std::int64_t next = 0; !is_told_to_end; ++next) {
    const tidemark::OffsetRange range{{argv[3], 0}, next, next + 1};
    if (store.commit({.group = argv[2]}, {&range, 1})) throw std::runtime_error{"a conflict"};
    std::cout << "committed " << next + 1 << std::endl;
  }
} catch (const std::exception& error) {
  std::cout << "wrong: " << error.what() << std::endl;
  return 1;
}
