#include <array>
#include <chrono>
#include <filesystem>
#include <random>

#include "crash/file_writer.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/process.hpp"
#include "support/temporary_folder.hpp"

using namespace std::chrono_literals;
using namespace tidemark::test;

TEST_CASE("whenever a writer is killed, every acknowledged commit is there when the store is opened again", "[crash]") {
  const TemporaryFolder folder;
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random{seed};
  constexpr int kills = 100;
  constexpr int threads = 3;
  std::map<int, WriterLog> before;
  std::size_t acknowledged = 0;
  for (int i = 0; i <= kills; ++i) {
    Process writer{
        {.command = writer_command(folder.path(), {"--threads", std::to_string(threads), "--compact", "2000"}),
         .environment = {},
         .working_folder = {},
         .output_file = {}}};
    const auto enough = std::uniform_int_distribution<std::size_t>{0, 60}(random);
    const bool got_going = eventually([&] {
      const auto now = read_writer_logs(writer.output());
      std::size_t acks = 0;
      std::size_t started = 0;
      for (const auto& [thread, log] : now) {
        acks += log.count("acked");
        started += log.start.has_value();
      }
      return started == threads && acks >= enough;
    });
    INFO("output begins with\n" << writer.output().substr(0, 1000));
    REQUIRE(got_going);
    writer.kill();
    const auto logs = read_writer_logs(writer.output());
    CAPTURE(i, writer.output());
    for (const auto& [thread, log] : logs) {
      REQUIRE(log.start);  // the three partitions of a commit stand together
      REQUIRE_FALSE(log.has("failed"));
      REQUIRE_FALSE(log.has("conflict"));
      // One commit a thread may have been written and not acknowledged any more.
      REQUIRE(*log.start >= before[thread].acked);
      REQUIRE(*log.start <= before[thread].acked + 1);
      acknowledged += log.count("acked");
    }
    before = logs;
  }
  CHECK(acknowledged > kills);
}

TEST_CASE("a writer that is killed while it makes the store leaves nothing that hinders the next", "[crash]") {
  const TemporaryFolder folder;
  for (std::size_t i = 0; i < 50; ++i) {
    const auto directory = folder / std::to_string(i);
    Process writer{
        {.command = writer_command(directory, {}), .environment = {}, .working_folder = {}, .output_file = {}}};
    // At different stages of making it: the directory, the group's folder, the lock, the log before and after its rename.
    const auto* const awaited =
        std::array{"", "crash", "crash/lock", "crash/offsets.log.new", "crash/offsets.log"}[i % 5];
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (!std::filesystem::exists(directory / awaited) && std::chrono::steady_clock::now() < deadline) {
      if (std::filesystem::exists(directory / "crash/offsets.log")) break;
    }
    writer.kill();
    const auto logs = read_writer_logs(writer.output());
    const auto acked = logs.empty() ? 0 : logs.at(0).acked;
    const auto stored = stored_on_disk(directory);
    CAPTURE(i, awaited, writer.output());
    REQUIRE(stored);
    REQUIRE(*stored >= acked);
    REQUIRE(*stored <= acked + 1);
  }
}
