#include <cstdint>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>

#include <tidemark/stores/sqlite.hpp>

#include "example.hpp"
#include "support/catch.hpp"

using tidemark::test::end;
using tidemark::test::eventually;
using tidemark::test::Example;
using tidemark::test::ExitStatus;
using tidemark::test::patience;
using tidemark::test::Process;
using tidemark::test::says;

namespace {

const ExitStatus success{.code = 0};
const ExitStatus failure{.code = 1};
const ExitStatus usage_error{.code = 2};

std::string content(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream{file}.rdbuf();
  return text.str();
}

/// What the program itself has printed, without the lines of its observer.
std::string without_lines(const std::string& output) {
  std::string rest;
  std::istringstream lines{output};
  for (std::string line; std::getline(lines, line);)
    if (line.find("Z info billing: ") == std::string::npos) rest += line + '\n';
  return rest;
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("01 prints records, and commits the last of them when SIGTERM ends it", "[examples]") {
  Example example{"01_print_batches", "print_batches"};
  example.produce("ada", "3");
  example.produce("ben", "4");
  {
    Process process{example.start()};
    REQUIRE(says(process, "  ada = 3\n"));
    REQUIRE(says(process, "  ben = 4\n"));
    CHECK(end(process) == success);
  }
  CHECK(example.offsets_in_kafka() == 2);
}

TEST_CASE("01 ends with 1 when it cannot print", "[examples]") {
  Example example{"01_print_batches", "print_batches"};
  example.produce("ada", "3");
  Process process{example.start_with_full_output()};
  CHECK(process.wait(patience) == failure);
  CHECK(contains(process.output(), "cannot write"));
}

TEST_CASE("02 writes each value once over two runs, and keeps its offsets beside", "[examples]") {
  Example example{"02_file_store", "file_store"};
  const auto written = [&] { return content(example.file("results.txt")); };
  example.produce("ada", "first");
  {
    Process process{example.start()};
    REQUIRE(eventually([&] { return written() == "first\n"; }, patience));
    CHECK(end(process, SIGINT) == success);
    CHECK(contains(process.output(), " next 1\n"));
  }
  example.renew_broker();
  example.produce("ada", "second");
  Process process{example.start()};
  REQUIRE(eventually([&] { return written() == "first\nsecond\n"; }, patience));
  CHECK(end(process) == success);
  CHECK(contains(process.output(), " next 2\n"));
}

TEST_CASE("03 counts each record once over two runs", "[examples]") {
  Example example{"03_sqlite_exactly_once", "sqlite_exactly_once"};
  const auto counted = [&] {
    if (!std::filesystem::exists(example.file("counts.db"))) return std::int64_t{0};
    tidemark::SqliteOffsetStore store{example.file("counts.db")};
    store.execute("create table if not exists counts(key text primary key, records integer not null)");
    return store.query("select coalesce(sum(records), 0) from counts").at(0).get<std::int64_t>(0);
  };
  for (int i = 0; i < 100; ++i) example.produce(i % 2 ? "ada" : "ben", std::to_string(i));
  {
    Process process{example.start()};
    REQUIRE(eventually([&] { return counted() > 0; }, patience));
    CHECK(end(process) == success);
  }
  example.renew_broker();
  example.produce("cid", "last");
  Process process{example.start()};
  REQUIRE(eventually([&] { return counted() == 101; }, patience));
  CHECK(end(process) == success);
  CHECK(without_lines(process.output()) == "ada: 50\nben: 50\ncid: 1\n");
}

TEST_CASE("03 ends with 1 when the database cannot be opened", "[examples]") {
  Example example{"03_sqlite_exactly_once", "sqlite_exactly_once"};
  std::filesystem::create_directory(example.file("counts.db"));
  Process process{example.start()};
  CHECK(process.wait(patience) == failure);
  CHECK(contains(process.output(), "counts.db"));
}

TEST_CASE("04 goes on from its own file", "[examples]") {
  Example example{"04_own_store", "own_store"};
  example.produce("ada", "3");
  {
    Process process{example.start()};
    REQUIRE(says(process, " from 0 until 1\n"));
    CHECK(end(process) == success);
  }
  CHECK(contains(content(example.file("offsets.txt")), "\"billing\" \"orders\" "));
  example.renew_broker();
  example.produce("ada", "4");
  Process process{example.start()};
  REQUIRE(says(process, " from 1 until 2\n"));
  CHECK(end(process) == success);
  CHECK_FALSE(contains(process.output(), "from 0"));
}

TEST_CASE("04 refuses a damaged file and ends with 1", "[examples]") {
  Example example{"04_own_store", "own_store"};
  std::ofstream{example.file("offsets.txt")} << "\"billing\" \"orders\" 0 twelve\n";
  example.produce("ada", "3");
  Process process{example.start()};
  CHECK(process.wait(patience) == failure);
  CHECK(contains(process.output(), "cannot understand"));
}

TEST_CASE("05 serves until a signal, and commits the last batch", "[examples]") {
  Example example{"05_asio_service", "asio_service"};
  example.produce("ada", "three");
  {
    Process process{example.start()};
    REQUIRE(says(process, "three\n"));
    REQUIRE(says(process, "lag 0\n"));
    CHECK(end(process) == success);
  }
  CHECK(example.offsets_in_kafka() == 1);
}

TEST_CASE("05 ends with 1 when its handler throws", "[examples]") {
  Example example{"05_asio_service", "asio_service"};
  example.produce("ada", "three");
  Process process{example.start_with_full_output()};
  CHECK(process.wait(patience) == failure);
  CHECK(contains(process.output(), "cannot write"));
}

TEST_CASE("06 passes by itself", "[examples]") {
  Process process{
      {.command = {tidemark::test::example_program("06_test_without_broker", "test_without_broker").string()}}};
  CHECK(process.wait(patience) == success);
  CHECK(process.output() == "all tests passed\n");
}

TEST_CASE("09 sets aside what it cannot print, and prints it when it is mended and fed back", "[examples]") {
  Example example{"09_dead_letters", "dead_letters", {"orders-dead"}};
  example.produce("ada", "3");
  example.produce("ben", "4 EUR");
  example.produce("cid", "5");
  {
    Process process{example.start()};
    REQUIRE(says(process, "ada = 3\n"));
    REQUIRE(says(process, "cid = 5\n"));
    REQUIRE(eventually([&] { return example.offsets_in_kafka() == 3; }, patience));
    CHECK(end(process) == success);
    CHECK_FALSE(contains(process.output(), "ben"));
  }
  auto replay = example.start();
  replay.command[2] = "orders-dead";
  replay.command[3] = "billing-replay";
  replay.command[4] = "orders-dead-again";
  replay.command.emplace_back("--lenient");
  Process process{replay};
  REQUIRE(says(process, "ben = 4, once a dead letter of orders\n"));
  CHECK(end(process) == success);
  CHECK_FALSE(contains(process.output(), "ada"));
}

TEST_CASE("10 makes its calls at once, those of one key in order", "[examples]") {
  Example example{"10_slow_calls", "slow_calls"};
  for (const auto* key : {"ada", "ben", "cid"}) example.produce(key, "1");
  example.produce("ben", "2");
  {
    Process process{example.start()};
    for (const auto* line : {"ada = 1\n", "cid = 1\n", "ben = 2\n"}) REQUIRE(says(process, line));
    REQUIRE(eventually([&] { return example.offsets_in_kafka() == 4; }, patience));
    CHECK(end(process) == success);
    CHECK(process.output().find("ben = 1") < process.output().find("ben = 2"));
  }
}

TEST_CASE("every example says how it is called", "[examples]") {
  for (const auto& [folder, name] : {std::pair{"01_print_batches", "print_batches"},
                                     {"02_file_store", "file_store"},
                                     {"03_sqlite_exactly_once", "sqlite_exactly_once"},
                                     {"04_own_store", "own_store"},
                                     {"05_asio_service", "asio_service"},
                                     {"09_dead_letters", "dead_letters"},
                                     {"10_slow_calls", "slow_calls"}}) {
    CAPTURE(name);
    Process process{{.command = {tidemark::test::example_program(folder, name).string()}}};
    CHECK(process.wait(patience) == usage_error);
    CHECK(contains(process.output(), "usage:"));
  }
}
