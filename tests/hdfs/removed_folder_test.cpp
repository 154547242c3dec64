// What happens when an operator removes a group's folder to begin anew, and a writer that knew it lives on.
#include <filesystem>
#include <functional>

#include "hdfs/local_checkpoint.hpp"
#include "support/hdfs_server.hpp"
#include "support/unique_name.hpp"

using namespace tidemark;
using namespace tidemark::test;

namespace {

const TopicPartition orders0{"orders", 0};

/// `old_batches` of a zombie, then the folder is removed, then `new_batches` of the next owner, then the zombie commits once more.
void zombie_after_removal(const HdfsOffsetStoreOptions& options, const std::function<void()>& remove_folder,
                          int old_batches, int new_batches) {
  CAPTURE(old_batches, new_batches);
  HdfsOffsetStore zombie_store{options};
  GroupView zombie{zombie_store, "billing"};
  for (int i = 0; i < old_batches; ++i) REQUIRE_FALSE(zombie.commit({orders0, i * 10, i * 10 + 10}));
  remove_folder();

  HdfsOffsetStore owner_store{options};
  GroupView owner{owner_store, "billing"};
  for (int i = 0; i < new_batches; ++i) REQUIRE_FALSE(owner.commit({orders0, i, i + 1}));
  const auto conflict = zombie.commit({orders0, old_batches * 10, old_batches * 10 + 10});
  REQUIRE(conflict);
  CHECK(conflict->stored == new_batches);
  CHECK_FALSE(owner.commit({orders0, new_batches, new_batches + 1}));

  HdfsOffsetStore third_store{options};
  CHECK(GroupView{third_store, "billing"}.next() == new_batches + 1);
}

}  // namespace

TEST_CASE("a writer that did not see its folder removed changes nothing of what is stored since", "[hdfs]") {
  for (const int new_batches : {1, 2, 3, 4, 7}) {
    LocalCheckpoint checkpoint;
    checkpoint.options.directory = checkpoint.folder / "log";
    std::filesystem::create_directory(checkpoint.options.directory);
    const auto remove = [&] {
      for (const auto& entry : std::filesystem::directory_iterator{checkpoint.options.directory})
        std::filesystem::remove_all(entry);
    };
    zombie_after_removal(checkpoint.options, remove, 3, new_batches);
  }
}

TEST_CASE("nor does a writer that knows a later batch than those stored since, with batches to remove", "[hdfs]") {
  HdfsOffsetStoreOptions options;
  options.keep_batches = 4;
  LocalCheckpoint checkpoint{options};
  const auto remove = [&] {
    std::filesystem::remove_all(checkpoint.folder / "offsets");
    std::filesystem::remove_all(checkpoint.folder / "commits");
  };
  zombie_after_removal(checkpoint.options, remove, 11, 2);
}

TEST_CASE("a batch that goes on from none is not believed, and named", "[hdfs]") {
  LocalCheckpoint checkpoint;
  checkpoint.add(0, R"({"orders":{"0":5}})");
  checkpoint.add(3, R"({"orders":{"0":40}})");
  OpenCheckpoint open{checkpoint};
  const auto error = store_error_of([&] { open.group.next(); });
  CHECK(says(error, "a batch 3, but no batch 2", "remove offsets/3"));
  CHECK((error && error->is_retryable()));
}

TEST_CASE("the same in HDFS", "[hdfs]") {
  auto& server = HdfsServer::shared();
  for (const int new_batches : {1, 3, 5}) {
    const auto directory = "/" + unique_name("removed");
    const auto remove = [&] { server.probe().remove(directory + "/billing"); };
    zombie_after_removal(hdfs_options(server.url(directory)), remove, 3, new_batches);
  }
}
