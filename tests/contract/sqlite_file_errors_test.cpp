#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>
#include <string>
#include <vector>

#include "contract/sqlite_fixture.hpp"
#include "support/without_root.hpp"

using namespace tidemark;
using namespace tidemark::test;

namespace {

/// Files cannot grow beyond `bytes`, as on a disk with a fault, until this goes.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : old_handler_{std::signal(SIGXFSZ, SIG_IGN)} {
    REQUIRE(getrlimit(RLIMIT_FSIZE, &old_limit_) == 0);
    const rlimit limit{bytes, old_limit_.rlim_max};
    REQUIRE(setrlimit(RLIMIT_FSIZE, &limit) == 0);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &old_limit_);
    std::signal(SIGXFSZ, old_handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit old_limit_{};
  void (*old_handler_)(int);
};

void write_file(const std::filesystem::path& path, const std::string& text) {
  std::ofstream{path, std::ios::binary} << text;
}

}  // namespace

TEST_CASE("a missing directory is named", "[contract]") {
  TemporaryFolder folder;
  const auto error = store_error([&] { SqliteOffsetStore{folder / "no" / "offsets.db"}; });
  CHECK(says(error, (folder / "no").string() + ","));
  CHECK(says(error, "create the directory"));
  CHECK_FALSE(error.is_retryable());
}

TEST_CASE("a directory in the file's place is refused", "[contract]") {
  TemporaryFolder folder;
  const auto error = store_error([&] { SqliteOffsetStore{folder.path()}; });
  CHECK(says(error, folder.path().string()));
  CHECK(says(error, "SqliteOffsetStoreOptions::path"));
  CHECK_FALSE(error.is_retryable());
}

TEST_CASE("a pipe in the file's place is refused", "[contract]") {
  TemporaryFolder folder;
  REQUIRE(mkfifo((folder / "offsets.db").c_str(), 0600) == 0);
  const auto error = store_error([&] { SqliteOffsetStore{folder / "offsets.db"}; });
  CHECK(says(error, "offsets.db"));
  CHECK_FALSE(error.is_retryable());
}

TEST_CASE("a directory that may not be written is refused", "[contract]") {
  TemporaryFolder folder;
  REQUIRE(chmod(folder.path().c_str(), 0555) == 0);
  {
    const WithoutRoot user;
    const auto error = store_error([&] { SqliteOffsetStore{folder / "offsets.db"}; });
    CHECK(says(error, "directory that it may write"));
    CHECK_FALSE(error.is_retryable());
  }
  REQUIRE(chmod(folder.path().c_str(), 0755) == 0);
}

TEST_CASE("a file that may be read only is refused, not opened for reading", "[contract]") {
  TemporaryFolder folder;
  { SqliteOffsetStore store{folder / "offsets.db"}; }
  REQUIRE(chmod((folder / "offsets.db").c_str(), 0444) == 0);
  REQUIRE(chmod(folder.path().c_str(), 0755) == 0);
  const WithoutRoot user;
  const auto error = store_error([&] { SqliteOffsetStore{folder / "offsets.db"}; });
  CHECK(says(error, "must be allowed to write"));
  CHECK_FALSE(error.is_retryable());
}

TEST_CASE("a file that is no database is refused, and left as it is", "[contract]") {
  TemporaryFolder folder;
  const std::string text(5'000, 'x');
  write_file(folder / "offsets.db", text);
  const auto error = store_error([&] { SqliteOffsetStore{folder / "offsets.db"}; });
  CHECK(says(error, (folder / "offsets.db").string()));
  CHECK(says(error, "not a database"));
  CHECK_FALSE(error.is_retryable());
  CHECK(std::filesystem::file_size(folder / "offsets.db") == text.size());
}

TEST_CASE("a damaged file is an error that names it, never an absent offset", "[contract]") {
  TemporaryFolder folder;
  const auto path = folder / "offsets.db";
  {
    SqliteOffsetStore store{path};
    std::vector<OffsetRange> ranges;
    for (std::int32_t p = 0; p < 5'000; ++p) ranges.push_back(orders(0, 10, p));
    REQUIRE_FALSE(store.commit({.group = "billing"}, ranges));
  }
  const auto size = std::filesystem::file_size(path);
  REQUIRE(size > 16 * 4096);
  {
    std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(4096);
    file << std::string(size - 4096, '\xa5');
  }
  const auto error = store_error([&] {
    SqliteOffsetStore store{path};
    const TopicPartition partition{"orders", 1};
    store.load({.group = "billing"}, {&partition, 1});
  });
  CHECK(says(error, path.string()));
  CHECK(says(error, "malformed"));
  CHECK(says(error, "integrity_check"));
  CHECK_FALSE(error.is_retryable());
}

TEST_CASE("a table of that name with other columns, or without the key, is refused when the file is opened",
          "[contract]") {
  const auto table = GENERATE(std::string{"create table tidemark_offsets(id integer, offset integer)"},
                              "create table tidemark_offsets(group_id, topic, partition, next_offset, updated_at)");
  TemporaryFolder folder;
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open((folder / "offsets.db").c_str(), &database) == SQLITE_OK);
  REQUIRE(sqlite3_exec(database, table.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(database);
  const auto error = store_error([&] { SqliteOffsetStore{folder / "offsets.db"}; });
  CHECK(says(error, "has not the columns or the key"));
  CHECK_FALSE(error.is_retryable());
}

TEST_CASE("a full database keeps nothing of the transaction, even when the handler swallows the error", "[contract]") {
  TemporaryFolder folder;
  SqliteOffsetStore store{{.path = folder / "offsets.db", .configure = [](sqlite3* database) {
                             sqlite3_exec(database, "pragma max_page_count = 20", nullptr, nullptr, nullptr);
                           }}};
  store.execute("create table results(text)");
  const std::vector ranges{orders(0, 1)};
  {
    auto transaction = store.begin({.group = "billing"}, ranges);
    transaction.execute("insert into results values ('small')");
    const auto error =
        store_error([&] { transaction.execute("insert into results values (?1)", std::string(200'000, 'x')); });
    CHECK(says(error, "full"));
    CHECK(says(error, "make room"));
    CHECK_FALSE(error.is_retryable());
    CHECK(says(store_error([&] { transaction.execute("insert into results values ('other')"); }),
               "ended before its commit()"));
    CHECK(says(store_error([&] { transaction.commit(); }), "ended before its commit()"));
  }
  CHECK(store.query("select count(*) from results").at(0).get<int>(0) == 0);
  CHECK(store.list("billing").empty());
  CHECK_FALSE(store.commit({.group = "billing"}, ranges));
}

TEST_CASE("a disk that refuses to write is an error that is not retryable, and nothing is stored", "[contract]") {
  SqliteFixture fixture;
  fixture.store.execute("create table results(text)");
  {
    const FileSizeLimit limit{std::filesystem::file_size(fixture.path) + 100};
    auto transaction = fixture.begin(orders(0, 10));
    const auto error = store_error([&] {
      transaction.execute("insert into results values (?1)", std::string(1'000'000, 'x'));
      transaction.commit();
    });
    CHECK(says(error, "disk I/O error"));
    CHECK(says(error, fixture.path.string()));
    CHECK_FALSE(error.is_retryable());
  }
  CHECK_FALSE(fixture.next());
  CHECK(fixture.count("results") == 0);
  CHECK_FALSE(fixture.commit(orders(0, 10)));
}

TEST_CASE("a file that was deleted or replaced under an open store is noticed before a commit is lost", "[contract]") {
  SqliteFixture fixture;
  REQUIRE_FALSE(fixture.commit(orders(0, 1)));
  std::filesystem::rename(fixture.path, fixture.folder / "elsewhere.db");
  const auto error = store_error([&] { fixture.commit(orders(1, 2)); });
  CHECK(says(error, "moved, replaced or deleted"));
  CHECK_FALSE(error.is_retryable());
  std::filesystem::rename(fixture.folder / "elsewhere.db", fixture.path);
  CHECK_FALSE(fixture.commit(orders(1, 2)));
}
