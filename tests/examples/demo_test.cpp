#include <signal.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "example.hpp"
#include "support/catch.hpp"

using tidemark::test::ExitStatus;
using tidemark::test::patience;
using tidemark::test::Process;
using tidemark::test::TemporaryFolder;

namespace {

namespace fs = std::filesystem;

const fs::path programs = tidemark::test::example_program("demo", "");
const fs::path flights = tidemark::test::example_source("data/flights-2013-01.csv.gz");

Process demo(std::vector<std::string> options) {
  options.insert(options.begin(), tidemark::test::example_source("demo.sh").string());
  return Process{{.command = options, .working_folder = "/"}};
}

std::string last_line(const Process& process) {
  auto text = process.output();
  if (text.ends_with('\n')) text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// The number after `label`, such as a process that the demo names.
int number_after(const std::string& text, const std::string& label) {
  const auto at = text.find(label);
  return at == text.npos ? 0 : std::stoi(text.substr(at + label.size()));
}

bool is_gone(int pid) { return ::kill(pid, 0) != 0 && errno == ESRCH; }

void run_sql(const fs::path& database, const std::string& sql) {
  Process sqlite{{.command = {"sqlite3", database.string(), sql}}};
  REQUIRE(sqlite.wait(patience) == ExitStatus{.code = 0});
}

Process compare(const fs::path& database) {
  return Process{
      {.command = {tidemark::test::example_source("demo/compare.sh").string(), database.string(), flights.string()}}};
}

/// The demo's programs, with this one in place of one of them.
void replace_program(const fs::path& folder, const std::string& name, const std::string& script) {
  for (const auto* program : {"demo_broker", "demo_feed", "demo_totals"})
    if (program != name) fs::create_symlink(programs / program, folder / program);
  std::ofstream{folder / name} << "#!/bin/sh\n" << script << '\n';
  fs::permissions(folder / name, fs::perms::owner_all);
}

}  // namespace

TEST_CASE("the demo counts exactly through the kill, and its comparison finds every later change", "[examples]") {
  const TemporaryFolder folder;
  const auto database = folder / "totals.db";
  auto process = demo({"--programs", programs.string(), "--keep", folder.path().string()});
  REQUIRE(process.wait(patience));
  INFO(process.output());
  REQUIRE(process.wait(patience) == ExitStatus{.code = 0});
  CHECK(last_line(process) == "demo: exact: 27004 flights, 16 carriers, 1 kill");
  CHECK(contains(process.output(), "records counted twice: none, missing: none"));
  CHECK(is_gone(number_after(process.output(), "process ")));

  const auto find_difference = [&](const std::string& sql, const std::string& finding, const std::string& row) {
    CAPTURE(sql);
    const auto copy = folder / "copy.db";
    fs::copy_file(database, copy, fs::copy_options::overwrite_existing);
    run_sql(copy, sql);
    auto comparison = compare(copy);
    CHECK(comparison.wait(patience) == ExitStatus{.code = 1});
    CHECK(contains(comparison.output(), finding));
    CHECK(contains(comparison.output(), row));
  };
  find_difference("update totals set flights = flights + 1 where carrier = 'HA'", "counted twice: 1, missing: none",
                  "> HA|32|");
  find_difference("update totals set flights = flights - 2 where carrier = 'UA'", "counted twice: none, missing: 2",
                  "> UA|4635|");
  find_difference("delete from totals where carrier = 'HA'", "counted twice: none, missing: 31", "< HA|31|");
  find_difference("update totals set delay_minutes = delay_minutes + 1 where carrier = 'OO'", "counted twice: none",
                  "> OO|1|0|68");
  find_difference("insert into totals values ('XX', 3, 0, 0)", "counted twice: 3", "> XX|3|0|0");
}

TEST_CASE("the demo fails where one flight of 27,004 goes to another carrier", "[examples]") {
  const TemporaryFolder folder;
  replace_program(folder.path(), "demo_feed", "sed '1s/,UA,/,AA,/' | " + (programs / "demo_feed").string() + " \"$@\"");
  auto process = demo({"--programs", folder.path().string()});
  CHECK(process.wait(patience) == ExitStatus{.code = 1});
  INFO(process.output());
  CHECK(last_line(process) == "demo: failed: the totals are not those of the CSV");
  CHECK(contains(process.output(), "records counted twice: 1, missing: 1"));
  CHECK(is_gone(number_after(process.output(), "process ")));
}

TEST_CASE("the demo fails where its program does", "[examples]") {
  const TemporaryFolder folder;
  replace_program(folder.path(), "demo_totals", "exit 1");
  auto process = demo({"--programs", folder.path().string()});
  CHECK(process.wait(patience) == ExitStatus{.code = 1});
  INFO(process.output());
  CHECK(contains(last_line(process), "demo: failed: "));
  CHECK(is_gone(number_after(process.output(), "process ")));
}

TEST_CASE("the demo cleans up when it is interrupted", "[examples]") {
  auto process = demo({"--programs", programs.string()});
  REQUIRE(tidemark::test::says(process, " of 27004 flights"));
  CHECK(tidemark::test::end(process) == ExitStatus{.code = 1});
  INFO(process.output());
  CHECK(contains(process.output(), "demo: failed: interrupted"));
  CHECK(is_gone(number_after(process.output(), "process ")));
}

TEST_CASE("the demo explains itself", "[examples]") {
  auto help = demo({"--help"});
  CHECK(help.wait(patience) == ExitStatus{.code = 0});
  CHECK(contains(help.output(), "--brokers HOST:PORT"));
  auto mistyped = demo({"--broker", "localhost:9092"});
  CHECK(mistyped.wait(patience) == ExitStatus{.code = 2});
}
