// What readers see while a writer adds batches, and removes old ones.
#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "hdfs/local_checkpoint.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace tidemark;
using namespace tidemark::test;

TEST_CASE("what is stored is never missing, nor behind what was seen, while old batches are removed", "[hdfs]") {
  constexpr std::int64_t commits = 4'000;
  constexpr int readers = 8;  // more than there are cores: some are held up in the middle of a look
  const TemporaryFolder folder;
  const HdfsOffsetStoreOptions options{.directory = folder / "checkpoints", .keep_batches = 2, .sync = false};
  const TopicPartition orders0{"orders", 0};
  HdfsOffsetStore writer_store{options};
  GroupView writer{writer_store, "billing"};
  REQUIRE_FALSE(writer.commit({orders0, 0, 1}));

  std::atomic<bool> done = false;
  std::atomic<int> looks = 0;
  std::atomic<int> missing = 0;
  std::atomic<int> behind = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < readers; ++i)
      threads.emplace_back([&] {
        HdfsOffsetStore store{options};
        for (std::int64_t last = 1; !done; ++looks) {
          const auto seen = store.load({"billing"}, {&orders0, 1}).front();
          if (!seen) ++missing;
          if (seen && *seen < last) ++behind;
          last = seen.value_or(last);
        }
      });
    for (std::int64_t next = 1; next < commits; ++next) writer.commit({orders0, next, next + 1});
    done = true;
  }
  CAPTURE(looks);
  CHECK(looks > readers);
  CHECK(missing == 0);
  CHECK(behind == 0);
}
