#include <tidemark/stores/file.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "support/store_error.hpp"
#include "unit/file_store_folder.hpp"

using namespace tidemark;
using namespace tidemark::test;
namespace fs = std::filesystem;

TEST_CASE("a directory given by its name is all that a file store needs", "[unit]") {
  const TemporaryFolder folder;
  FileOffsetStore store{(folder / "offsets").c_str()};
  CHECK(load(store) == std::nullopt);
  commit(store, 5, 10);
  CHECK(load(store) == 10);
}

TEST_CASE("the log reads well: a header, what was stored at the start, and a line for each commit", "[unit]") {
  const UsedFolder folder;
  const auto text = text_of(folder.log());
  CHECK(text.starts_with("tidemark-offsets 1 group=billing #"));
  CHECK(std::ranges::count(text, '\n') == 4);
  CHECK(text.find("\n1 orders:0=100 #") != std::string::npos);
  CHECK(text.find("\n2 orders:0=120 #") != std::string::npos);
}

TEST_CASE("a store that is opened again holds what was committed, and the log starts anew", "[unit]") {
  const UsedFolder folder;
  FileOffsetStore store{folder.path()};
  CHECK(load(store) == 120);
  CHECK(std::ranges::count(text_of(folder.log()), '\n') == 2);
}

TEST_CASE("a second store on a group is refused, with the path and the process that holds it", "[unit]") {
  const UsedFolder folder;
  std::optional<FileOffsetStore> first{std::in_place, folder.path()};
  load(*first);
  FileOffsetStore second{folder.path()};
  const auto error = store_error_of([&] { load(second); });
  CHECK(says(error, (folder.group() / "lock").string(), std::to_string(::getpid()), "in this process"));
  CHECK(error->is_retryable());
  commit(second, 0, 7, GroupSession{"shipping"});

  first.reset();
  CHECK(load(second) == 120);
}

TEST_CASE("offsets can be listed while another store commits", "[unit]") {
  const UsedFolder folder;
  FileOffsetStore store{folder.path()};
  commit(store, 120, 130);
  const std::vector<StoredOffset> expected{{orders0, 130}};

  FileOffsetStore bystander{folder.path()};
  CHECK(bystander.list("billing") == expected);
  FileOffsetStore read_only{{.directory = folder.path(), .read_only = true}};
  CHECK(read_only.list("billing") == expected);
  CHECK(load(read_only) == 130);
  commit(store, 130, 140);
  CHECK(load(read_only) == 140);
}

TEST_CASE("a look at a group that never stored anything leaves no trace", "[unit]") {
  const UsedFolder folder;
  FileOffsetStore store{folder.path()};
  CHECK(store.list("biling").empty());
  CHECK_FALSE(fs::exists(folder.path() / "biling"));
  FileOffsetStore read_only{{.directory = folder.path(), .read_only = true}};
  CHECK(load(read_only, GroupSession{"biling"}) == std::nullopt);
  CHECK_FALSE(fs::exists(folder.path() / "biling"));
}

TEST_CASE("a read_only store changes nothing and says so", "[unit]") {
  const UsedFolder folder;
  const auto before = text_of(folder.log());
  FileOffsetStore store{{.directory = folder.path(), .read_only = true}};
  const std::vector<StoredOffset> offsets{{orders0, 1}};
  CHECK(says(store_error_of([&] { commit(store, 120, 130); }), "read_only"));
  CHECK(says(store_error_of([&] { store.overwrite("billing", offsets); }), "read_only"));
  CHECK(says(store_error_of([&] { store.erase("billing", std::span{&orders0, 1}); }), "read_only"));
  CHECK(text_of(folder.log()) == before);
}

TEST_CASE("a read_only store reads around the line that is being written", "[unit]") {
  const UsedFolder folder;
  const auto whole = text_of(folder.log());
  write(folder.log(), whole.substr(0, whole.size() - 1));
  FileOffsetStore store{{.directory = folder.path(), .read_only = true}};
  CHECK(load(store) == 100);
  CHECK(text_of(folder.log()).size() == whole.size() - 1);
}

TEST_CASE("a log that has grown is rewritten and nothing of it is lost", "[unit]") {
  const TemporaryFolder folder;
  const auto log = folder / "billing" / "offsets.log";
  std::uintmax_t biggest = 0;
  {
    FileOffsetStore store{{.directory = folder.path(), .compact_after_bytes = 1000}};
    const OffsetRange other{{"idle", 3}, 0, 77};
    REQUIRE_FALSE(store.commit(billing, std::span{&other, 1}));
    for (std::int64_t next = 0; next < 500; ++next) {
      commit(store, next, next + 1);
      biggest = std::max(biggest, fs::file_size(log));
    }
    CHECK(load(store) == 500);
  }
  CHECK(biggest < 1500);
  FileOffsetStore store{folder.path()};
  CHECK(store.list("billing") == std::vector<StoredOffset>{{{"idle", 3}, 77}, {orders0, 500}});
}

TEST_CASE("what is overwritten and erased is there after opening again", "[unit]") {
  const UsedFolder folder;
  {
    FileOffsetStore store{folder.path()};
    store.overwrite("billing", std::vector<StoredOffset>{{orders0, 3}, {{"orders", 1}, 4}, {{"orders", 2}, 5}});
    store.erase("billing", std::vector<TopicPartition>{{"orders", 1}, {"never", 0}});
  }
  FileOffsetStore store{folder.path()};
  CHECK(store.list("billing") == std::vector<StoredOffset>{{orders0, 3}, {{"orders", 2}, 5}});
}

TEST_CASE("a store is not usable in a forked child", "[unit]") {
  const UsedFolder folder;
  FileOffsetStore store{folder.path()};
  commit(store, 120, 130);
  const auto child = ::fork();
  if (child == 0) {
    const auto error = store_error_of([&] { load(store); });
    ::_exit(says(error, "fork") ? 0 : 1);
  }
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  commit(store, 130, 140);
}

TEST_CASE("of many threads that commit the same range through one store all succeed, and it is stored once", "[unit]") {
  const UsedFolder folder;
  FileOffsetStore store{folder.path()};
  std::vector<int> failures(8);
  std::vector<std::thread> threads;
  for (auto& failed : failures) {
    threads.emplace_back([&] {
      for (std::int64_t next = 120; next < 220; ++next) {
        const OffsetRange range{orders0, next, next + 1};
        const auto conflict = store.commit(billing, std::span{&range, 1});
        // The others may be further already.
        if (conflict && conflict->stored <= next) ++failed;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(failures == std::vector<int>(8));
  CHECK(load(store) == 220);
  CHECK(std::ranges::count(text_of(folder.log()), '\n') == 2 + 100);
}

TEST_CASE("groups are named without disturbing them, whatever else is in the directory", "[unit]") {
  const UsedFolder folder;
  const std::string long_name(1'000, 'g');
  {
    FileOffsetStore other{folder.path()};
    commit(other, 0, 7, GroupSession{long_name});
    commit(other, 0, 7, GroupSession{"damaged"});
    load(other, GroupSession{"looked only"});
  }
  FileOffsetStore owner{folder.path()};
  commit(owner, 0, 1, GroupSession{"owned"});
  write(folder.path() / "damaged" / "offsets.log", "nonsense\n");
  write(folder.path() / "notes.txt", "mine");
  fs::create_directories(folder.path() / "no group's");
  fs::create_directories(folder.path() / ".hidden");
  fs::create_directories(folder.path() / "empty");

  FileOffsetStore store{FileOffsetStoreOptions{.directory = folder.path(), .read_only = true}};
  CHECK(store.groups() == std::vector<std::string>{"billing", "damaged", long_name, "owned"});
}
