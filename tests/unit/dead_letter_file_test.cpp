#include <unistd.h>

#include <csignal>
#include <fstream>
#include <sstream>
#include <string>

#include <sys/resource.h>

#include <tidemark/dead_letters/json_lines.hpp>
#include <tidemark/error.hpp>
#include <tidemark/testing/batch_builder.hpp>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace tidemark;

namespace {

std::string content(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream{file}.rdbuf();
  return text.str();
}

std::size_t lines(const std::filesystem::path& file) {
  const auto text = content(file);
  return static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

/// Writes one letter.
void write(JsonLinesDeadLetters& sink, const std::string& value = "3") {
  testing::BatchBuilder builder;
  builder.add({.topic = "orders", .value = value});
  const auto batch = builder.build();
  const DeadLetter letter{batch[0], "billing", DeadLetterReason::rejected, "why", 1};
  sink.write({&letter, 1});
}

}  // namespace

TEST_CASE("dead letters are added to what the file holds", "[unit]") {
  const test::TemporaryFolder folder;
  const auto file = folder.path() / "dead.jsonl";
  for (std::size_t run = 1; run <= 2; ++run) {
    JsonLinesDeadLetters sink{file};
    write(sink);
    CHECK(lines(file) == run);
  }
  CHECK(content(file).starts_with(R"({"topic":"orders",)"));
}

TEST_CASE("a line that a crash has cut off is removed, and no other", "[unit]") {
  const auto rest = GENERATE(std::string{R"({"top)"}, std::string(10'000, 'x'));
  const test::TemporaryFolder folder;
  const auto file = folder.path() / "dead.jsonl";
  std::ofstream{file} << "{}\n" << rest;
  JsonLinesDeadLetters sink{file};
  CHECK(content(file) == "{}\n");
  write(sink);
  CHECK(lines(file) == 2);
}

TEST_CASE("a file that is in use for dead letters is refused to a second object", "[unit]") {
  const test::TemporaryFolder folder;
  const auto file = folder.path() / "dead.jsonl";
  const JsonLinesDeadLetters sink{file};
  CHECK_THROWS_WITH(JsonLinesDeadLetters{file}, test::containing("in use"));
}

TEST_CASE("a file that cannot be written is named", "[unit]") {
  const test::TemporaryFolder folder;
  CHECK_THROWS_WITH(JsonLinesDeadLetters{folder.path() / "none" / "dead.jsonl"}, test::containing("none/dead.jsonl"));
  CHECK_THROWS_WITH(JsonLinesDeadLetters{"/dev/null"}, test::containing("not a regular file"));
}

TEST_CASE("a write that the disk has no room for leaves no part of a line behind", "[unit]") {
  const test::TemporaryFolder folder;
  const auto file = folder.path() / "dead.jsonl";
  JsonLinesDeadLetters sink{file};
  write(sink);
  const auto before = content(file);
  rlimit old{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &old) == 0);
  auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{before.size() + 100, old.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  CHECK_THROWS_AS(write(sink, std::string(10'000, 'x')), StoreError);
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &old) == 0);
  std::signal(SIGXFSZ, handler);
  CHECK(content(file) == before);
  write(sink);
  CHECK(lines(file) == 2);
}
