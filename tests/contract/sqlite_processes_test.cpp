#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "contract/sqlite_fixture.hpp"

using namespace tidemark;
using namespace tidemark::test;

namespace {

const GroupSession session{.group = "billing"};

/// What a writer has just done, told to the test, which may kill it then.
enum class Step : char { opened, began, wrote_first, wrote_all, committed };

/// A forked process that runs `work` with a way to tell its steps. It is killed when this goes. The test has no SQLite connection open
/// while it makes one, for those must not be carried across fork().
class Writer {
 public:
  using Tell = std::function<void(Step)>;

  explicit Writer(const std::function<void(const Tell&)>& work) {
    int pipe_ends[2];
    REQUIRE(pipe(pipe_ends) == 0);
    pid_ = fork();
    REQUIRE(pid_ >= 0);
    steps_ = pipe_ends[0];
    if (pid_ > 0) {
      close(pipe_ends[1]);
      return;
    }
    close(pipe_ends[0]);
    int code = 1;
    try {
      work([&](Step step) {
        if (write(pipe_ends[1], &step, 1) != 1) _exit(2);
      });
      code = 0;
    } catch (const std::exception& error) {
      const auto text = std::string{error.what()} + "\n";
      if (write(STDERR_FILENO, text.data(), text.size()) < 0) code = 3;
    }
    _exit(code);
  }
  ~Writer() {
    if (pid_ > 0) kill();
    close(steps_);
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// The next step; fails where the writer ended.
  Step next() {
    Step step{};
    REQUIRE(read(steps_, &step, 1) == 1);
    return step;
  }
  void kill() {
    ::kill(pid_, SIGKILL);
    const auto status = wait();
    CHECK((WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));
  }
  int wait() {
    int status = 0;
    REQUIRE(waitpid(pid_, &status, 0) == pid_);
    pid_ = -1;
    return status;
  }

 private:
  pid_t pid_ = -1;
  int steps_ = -1;
};

std::int64_t next_of(SqliteOffsetStore& store) {
  const TopicPartition partition{"orders", 0};
  return store.load(session, {&partition, 1}).at(0).value_or(0);
}

constexpr int batch_records = 5;
constexpr auto make_results = "create table if not exists results(offset integer not null, batch_of integer not null)";

/// Handles batch after batch for ever: one row a record.
void consume(const std::filesystem::path& path, const Writer::Tell& tell) {
  SqliteOffsetStore store{path};
  store.execute(make_results);
  tell(Step::opened);
  for (;;) {
    const auto next = next_of(store);
    const auto range = orders(next, next + batch_records);
    auto transaction = store.begin(session, {&range, 1});
    transaction.database();
    tell(Step::began);
    for (auto offset = range.from; offset < range.until; ++offset) {
      transaction.execute("insert into results values (?1, ?2)", offset, getpid());
      if (offset == range.from) tell(Step::wrote_first);
    }
    tell(Step::wrote_all);
    if (transaction.commit()) throw std::runtime_error{"conflict without anybody else"};
    tell(Step::committed);
  }
}

/// The same mistake as everywhere: first the results, then the offsets.
void consume_in_two_steps(const std::filesystem::path& path, const Writer::Tell& tell) {
  SqliteOffsetStore store{path};
  store.execute(make_results);
  for (;;) {
    const auto next = next_of(store);
    const auto range = orders(next, next + 1);
    store.execute("insert into results values (?1, ?2)", range.from, getpid());
    tell(Step::wrote_all);
    store.commit(session, {&range, 1});
    tell(Step::committed);
  }
}

/// A minute in the extended tests.
std::chrono::seconds time_of_fairness_test() {
  const auto* given = std::getenv("TIDEMARK_SQLITE_FAIRNESS_SECONDS");
  return std::chrono::seconds{given ? std::stoi(given) : 3};
}

struct Found {
  std::int64_t next = 0;
  std::int64_t results = 0;
  std::int64_t distinct_results = 0;
  std::int64_t beyond = 0;

  bool is_exact() const { return results == next && distinct_results == next && beyond == 0; }
};

Found look(const std::filesystem::path& path) {
  SqliteOffsetStore store{path};
  store.execute(make_results);
  const auto next = next_of(store);
  const auto row =
      store.query("select count(*), count(distinct offset), count(*) filter (where offset >= ?1) from results", next)
          .at(0);
  return {next, row.get<std::int64_t>(0), row.get<std::int64_t>(1), row.get<std::int64_t>(2)};
}

}  // namespace

TEST_CASE("whenever a process is killed, results and offsets are a pair", "[contract]") {
  TemporaryFolder folder;
  const auto path = folder / "offsets.db";
  std::mt19937 random{20130131};
  std::uniform_int_distribution<int> steps{1, 20};
  std::vector<int> kills(5);
  std::int64_t before = 0;
  for (int i = 0; i < 100; ++i) {
    {
      Writer writer{[&](const Writer::Tell& tell) { consume(path, tell); }};
      auto step = writer.next();
      for (int n = steps(random); n > 0; --n) step = writer.next();
      writer.kill();
      ++kills[static_cast<std::size_t>(step)];
    }
    const auto found = look(path);
    CAPTURE(i, found.next, found.results, found.distinct_results, found.beyond);
    REQUIRE(found.is_exact());
    REQUIRE(found.next >= before);
    before = found.next;
  }
  CHECK(before > 100);
  CHECK(kills[static_cast<std::size_t>(Step::began)] > 0);
  CHECK(kills[static_cast<std::size_t>(Step::wrote_first)] > 0);
  CHECK(kills[static_cast<std::size_t>(Step::wrote_all)] > 0);  // on its way through the commit
  CHECK(kills[static_cast<std::size_t>(Step::committed)] > 0);
}

TEST_CASE("the same test sees it when results and offsets are written one after the other", "[contract]") {
  TemporaryFolder folder;
  const auto path = folder / "offsets.db";
  int torn = 0;
  for (int i = 0; i < 100 && torn == 0; ++i) {
    Writer writer{[&](const Writer::Tell& tell) { consume_in_two_steps(path, tell); }};
    while (writer.next() != Step::wrote_all) continue;
    writer.kill();
    if (!look(path).is_exact()) ++torn;
  }
  CHECK(torn == 1);
}

TEST_CASE("two processes that contend for the same records apply each exactly once", "[contract]") {
  TemporaryFolder folder;
  const auto path = folder / "offsets.db";
  constexpr int batches_each = 40;
  const auto contend = [&](const Writer::Tell& tell) {
    SqliteOffsetStore store{path};
    store.execute(make_results);
    tell(Step::opened);
    for (int won = 0; won < batches_each;) {
      const auto next = next_of(store);
      const auto range = orders(next, next + batch_records);
      auto transaction = store.begin(session, {&range, 1});
      for (auto offset = range.from; offset < range.until; ++offset)
        transaction.execute("insert into results values (?1, ?2)", offset, getpid());
      // When the other one was faster, its results stand there already, or the range does not fit any more.
      const auto conflict = transaction.commit();
      const auto mine = store.query("select count(*) from results where offset = ?1 and batch_of = ?2", next, getpid());
      if (!conflict && mine.at(0).get<int>(0) == 1) ++won;
    }
  };
  {
    Writer one{contend};
    Writer two{contend};
    CHECK(one.next() == Step::opened);
    CHECK(two.next() == Step::opened);
    CHECK(one.wait() == 0);
    CHECK(two.wait() == 0);
  }
  const auto found = look(path);
  CHECK(found.is_exact());
  CHECK(found.next == 2 * batches_each * batch_records);
}

TEST_CASE("processes that commit all the time get the file about equally often", "[contract]") {
  const auto seconds = time_of_fairness_test();
  CAPTURE(seconds);
  TemporaryFolder folder;
  const auto path = folder / "offsets.db";
  constexpr std::int32_t processes = 6;
  const auto commit_for = [&](std::int32_t partition) {
    return [&, partition](const Writer::Tell&) {
      SqliteOffsetStore store{path};  // made by all of them at once
      const auto end = std::chrono::steady_clock::now() + seconds;
      for (std::int64_t next = 0; std::chrono::steady_clock::now() < end; ++next) {
        const OffsetRange range{{"orders", partition}, next, next + 1};
        if (store.commit(session, {&range, 1})) throw std::runtime_error{"conflict without anybody else"};
      }
    };
  };
  {
    std::vector<std::unique_ptr<Writer>> writers;
    for (std::int32_t i = 0; i < processes; ++i) writers.push_back(std::make_unique<Writer>(commit_for(i)));
    for (auto& writer : writers) CHECK(writer->wait() == 0);  // none ran into its busy_timeout
  }
  std::vector<std::int64_t> commits;
  for (const auto& stored : SqliteOffsetStore{path}.list("billing")) commits.push_back(stored.next);
  REQUIRE(commits.size() == processes);
  const auto [slowest, fastest] = std::ranges::minmax(commits);
  CAPTURE(commits);
  CHECK(slowest * 2 >= fastest);
}

TEST_CASE("processes that make the same new file at the same time all get it", "[contract]") {
  TemporaryFolder folder;
  for (int i = 0; i < 10; ++i) {
    const auto path = folder / ("offsets" + std::to_string(i) + ".db");
    int gate[2];
    REQUIRE(pipe(gate) == 0);
    const auto open = [&](const Writer::Tell&) {
      close(gate[1]);
      char nothing = 0;
      while (read(gate[0], &nothing, 1) > 0) continue;  // until all are there
      SqliteOffsetStore store{path};
      store.execute("create table if not exists t(x)");
    };
    Writer one{open};
    Writer two{open};
    Writer three{open};
    close(gate[0]);
    close(gate[1]);
    CHECK(one.wait() == 0);
    CHECK(two.wait() == 0);
    CHECK(three.wait() == 0);
  }
}
