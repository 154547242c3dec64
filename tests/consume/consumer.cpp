// Somebody else's program: uses the core, a store and the testing library, as installed.
#include <cstdio>
#include <tidemark/stores/sqlite.hpp>
#include <tidemark/testing/memory_offset_store.hpp>
#include <tidemark/tidemark.hpp>

namespace {

long move_to_three(tidemark::OffsetStore& store) {
  const tidemark::GroupSession session{.group = "consumers"};
  const tidemark::OffsetRange range{.partition = {.topic = "t", .partition = 0}, .from = 0, .until = 3};
  if (store.commit(session, {&range, 1})) return -1;
  return static_cast<long>(store.load(session, {&range.partition, 1}).front().value_or(-1));
}

}  // namespace

int main(int, char* argv[]) {
  tidemark::SqliteOffsetStore on_disk{argv[1]};
  tidemark::testing::MemoryOffsetStore in_memory;
  tidemark::MicroBatchConsumer<> consumer{
      {.brokers = "127.0.0.1:1", .group = "consumers", .topics = {"t"}}, in_memory, [](const tidemark::Batch<>&) {}};
  std::printf("moved to %ld, read back %ld\n", move_to_three(on_disk), move_to_three(in_memory));
}
