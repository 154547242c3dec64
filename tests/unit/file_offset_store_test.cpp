#include <tidemark/stores/file.hpp>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include <tidemark/error.hpp>

#include "support/catch.hpp"
#include "support/store_error.hpp"
#include "support/temporary_folder.hpp"

using namespace tidemark;
using namespace tidemark::test;
namespace fs = std::filesystem;

namespace {

const TopicPartition orders0{"orders", 0};
const GroupSession billing{"billing"};

void commit(FileOffsetStore& store, std::int64_t from, std::int64_t until, const GroupSession& session = billing) {
  const OffsetRange range{orders0, from, until};
  const auto conflict = store.commit(session, std::span{&range, 1});  // outside: it may throw, and callers expect that
  REQUIRE_FALSE(conflict);
}

std::optional<std::int64_t> load(FileOffsetStore& store, const GroupSession& session = billing) {
  return store.load(session, std::span{&orders0, 1}).front();
}

std::string text_of(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  REQUIRE(file);
  return {std::istreambuf_iterator<char>{file}, {}};
}

void write(const fs::path& path, std::string_view text) {
  std::ofstream file{path, std::ios::binary};
  file << text;
  REQUIRE(file.flush());
}

/// Without root's right to write everywhere.
class AsNobody {
 public:
  AsNobody() {
    if (was_ == 0) REQUIRE(::seteuid(65534) == 0);
  }
  ~AsNobody() {
    if (was_ == 0 && ::seteuid(was_) != 0) std::terminate();
  }
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;

 private:
  uid_t was_ = ::geteuid();
};

/// A folder with a log that holds orders[0] = 100, then 120.
class UsedFolder {
 public:
  UsedFolder() {
    FileOffsetStore store{path()};
    commit(store, 0, 100);
    commit(store, 100, 120);
  }

  fs::path path() const { return folder_ / "offsets"; }
  fs::path group() const { return path() / "billing"; }
  fs::path log() const { return group() / "offsets.log"; }

 private:
  TemporaryFolder folder_;
};

}  // namespace

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

TEST_CASE("the directory is made, its parents are not", "[unit]") {
  const TemporaryFolder folder;
  const auto missing = folder / "not_mounted" / "offsets";
  CHECK(says(store_error_of([&] { FileOffsetStore{missing}; }), missing.string(), "mounted"));
  FileOffsetStore made{folder / "offsets/"};
  CHECK(fs::is_directory(folder / "offsets"));
  CHECK(says(store_error_of([&] { FileOffsetStore({.directory = folder / "other", .read_only = true}); }), "other"));
  CHECK_FALSE(fs::exists(folder / "other"));
}

TEST_CASE("an empty directory name is refused", "[unit]") { CHECK_THROWS_AS(FileOffsetStore{""}, ConfigError); }

TEST_CASE("a directory that may not be written is refused by name, and can still be looked at", "[unit]") {
  const UsedFolder folder;
  fs::permissions(folder.path().parent_path(), fs::perms{0755});
  fs::permissions(folder.group(), fs::perms{0555});
  fs::permissions(folder.path(), fs::perms{0555});
  {
    const AsNobody nobody;
    FileOffsetStore store{folder.path()};
    CHECK(says(store_error_of([&] { load(store); }), folder.group().string(), "writable", "read_only"));
    CHECK(
        says(store_error_of([&] { load(store, GroupSession{"new"}); }), (folder.path() / "new").string(), "writable"));
    FileOffsetStore read_only{{.directory = folder.path(), .read_only = true}};
    CHECK(load(read_only) == 120);
  }
  fs::permissions(folder.path(), fs::perms{0755});
  fs::permissions(folder.group(), fs::perms{0755});
}

TEST_CASE("a file in the directory's place is refused", "[unit]") {
  const TemporaryFolder folder;
  write(folder / "offsets", "");
  CHECK(says(store_error_of([&] { FileOffsetStore{folder / "offsets"}; }), (folder / "offsets").string()));
}

TEST_CASE("what stands in the place of a file and is none is refused at once, by its path", "[unit]") {
  const UsedFolder folder;
  const auto* const name = GENERATE("offsets.log", "lock");
  const auto path = folder.group() / name;
  fs::rename(path, folder.group() / "moved");
  SECTION("a FIFO") { REQUIRE(::mkfifo(path.c_str(), 0600) == 0); }
  SECTION("a directory") { fs::create_directory(path); }
  SECTION("a symbolic link") { fs::create_symlink("moved", path); }
  SECTION("a symbolic link to nowhere") { fs::create_symlink("nowhere", path); }
  FileOffsetStore store{folder.path()};
  CHECK(says(store_error_of([&] { load(store); }), path.string()));
  CHECK(says(store_error_of([&] { commit(store, 120, 130); }), path.string()));
  CHECK_FALSE(fs::exists(folder.group() / "nowhere"));
}

TEST_CASE("what a crash left of a rewrite does not matter", "[unit]") {
  const UsedFolder folder;
  const auto left = folder.group() / "offsets.log.new";
  SECTION("half a file") { write(left, "tidemark-offs"); }
  SECTION("a FIFO") { REQUIRE(::mkfifo(left.c_str(), 0600) == 0); }
  SECTION("a symbolic link") { fs::create_symlink(folder.log(), left); }
  FileOffsetStore store{folder.path()};
  CHECK(load(store) == 120);
  CHECK_FALSE(fs::exists(fs::symlink_status(left)));
}

TEST_CASE("a damaged log is refused, stays as it is, and can be cut as the error says", "[unit]") {
  const UsedFolder folder;
  auto text = text_of(folder.log());
  const auto line = text.rfind("2 orders");
  text[line + 12] ^= 1;
  write(folder.log(), text);
  FileOffsetStore store{folder.path()};
  for (int attempt = 0; attempt < 2; ++attempt) {
    const auto error = store_error_of([&] { load(store); });
    CHECK(says(error, folder.log().string(), "line 4", "truncate -s " + std::to_string(line)));
    CHECK_FALSE(error->is_retryable());
  }
  CHECK(says(store_error_of([&] { store.list("billing"); }), "line 4"));
  CHECK(text_of(folder.log()) == text);

  fs::resize_file(folder.log(), line);
  CHECK(load(store) == 100);
}

TEST_CASE("an empty log is refused, never taken for nothing stored", "[unit]") {
  const UsedFolder folder;
  write(folder.log(), "");
  FileOffsetStore store{folder.path()};
  CHECK(says(store_error_of([&] { load(store); }), folder.log().string(), "remove it"));
  fs::remove(folder.log());
  CHECK(load(store) == std::nullopt);
}

TEST_CASE("a folder that was renamed to another group is refused", "[unit]") {
  const UsedFolder folder;
  fs::rename(folder.group(), folder.path() / "shipping");
  FileOffsetStore store{folder.path()};
  CHECK(says(store_error_of([&] { load(store, GroupSession{"shipping"}); }), "shipping", "billing"));
}

TEST_CASE("a torn line is gone once the store is opened", "[unit]") {
  const UsedFolder folder;
  const auto whole = text_of(folder.log());
  for (std::size_t cut = 1; cut <= whole.size() - whole.rfind("2 orders"); ++cut) {
    write(folder.log(), whole.substr(0, whole.size() - cut));
    FileOffsetStore store{folder.path()};
    REQUIRE(load(store) == 100);
    commit(store, 100, 110);
    REQUIRE(text_of(folder.log()).find("\n2 orders:0=110 #") != std::string::npos);
  }
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

TEST_CASE("a log that is removed under a running store is noticed by the next commit", "[unit]") {
  const UsedFolder folder;
  FileOffsetStore store{folder.path()};
  REQUIRE(load(store) == 120);
  fs::remove(folder.log());
  CHECK(says(store_error_of([&] { commit(store, 120, 130); }), folder.log().string(), "removed", "anew"));
  CHECK(says(store_error_of([&] { commit(store, 120, 130); }), "anew"));
  CHECK(says(store_error_of([&] { load(store); }), "anew"));
  CHECK(says(store_error_of([&] { store.list("billing"); }), "anew"));
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
