#include <tidemark/stores/file.hpp>

#include <sys/stat.h>

#include <string>
#include <vector>

#include <tidemark/error.hpp>

#include "support/store_error.hpp"
#include "support/without_root.hpp"
#include "unit/file_store_folder.hpp"

using namespace tidemark;
using namespace tidemark::test;
namespace fs = std::filesystem;

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
    const WithoutRoot nobody;
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

TEST_CASE("a folder that is moved away under a running store has no second owner", "[unit]") {
  const UsedFolder folder;
  FileOffsetStore moved_away{folder.path()};
  REQUIRE(load(moved_away) == 120);
  SECTION("the group's") { fs::rename(folder.group(), folder.path() / "aside"); }
  SECTION("the store's") { fs::rename(folder.path(), folder.path().parent_path() / "aside"); }
  FileOffsetStore store{folder.path()};
  commit(store, 0, 10);  // nothing is stored at the path
  CHECK(says(store_error_of([&] { load(moved_away); }), folder.log().string(), "moved", "anew"));
  const auto error = store_error_of([&] { commit(moved_away, 120, 130); });
  CHECK(says(error, folder.log().string(), "moved", "anew"));
  CHECK((error && !error->is_retryable()));
  CHECK(load(store) == 10);
}

TEST_CASE("a store that was opened by a relative path goes on where the working directory changes", "[unit]") {
  const TemporaryFolder folder;
  const auto before = fs::current_path();
  fs::current_path(folder.path());
  FileOffsetStore store{"offsets"};
  commit(store, 0, 10);
  fs::current_path("/");
  CHECK_FALSE(store_error_of([&] { commit(store, 10, 20); }));
  fs::current_path(before);
}

TEST_CASE("the lock is its owner's alone to hold", "[unit]") {
  const UsedFolder folder;
  const auto lock = folder.group() / "lock";
  fs::permissions(lock, fs::perms{0644});  // as earlier versions made it
  FileOffsetStore store{folder.path()};
  REQUIRE(load(store) == 120);
  CHECK(fs::status(lock).permissions() == fs::perms{0600});
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
