#include "support/process.hpp"

#include <fstream>
#include <thread>

#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/temporary_folder.hpp"

using namespace std::chrono_literals;
using namespace tidemark::test;

namespace {

Process::Options shell(std::string script) { return {.command = {"sh", "-c", std::move(script)}}; }

char state_of(pid_t pid) {
  std::ifstream stat{"/proc/" + std::to_string(pid) + "/stat"};
  std::string number, name;
  char state = '?';
  stat >> number >> name >> state;
  return state;
}

}  // namespace

TEST_CASE("a process ends with its code, or with its signal", "[integration]") {
  Process three{shell("exit 3")};
  CHECK(three.wait(10s) == ExitStatus{.code = 3});
  Process endless{shell("exec sleep 1000")};
  CHECK(endless.wait(0ms) == std::nullopt);
  endless.send(SIGTERM);
  CHECK(endless.wait(10s) == ExitStatus{.signal = SIGTERM});
  CHECK_FALSE(endless.running());
}

TEST_CASE("a process's output can be read while it runs and afterwards", "[integration]") {
  Process process{shell("echo out; echo err >&2; exec sleep 1000")};
  CHECK(eventually([&] { return process.output() == "out\nerr\n"; }));
  process.kill();
  CHECK(process.output() == "out\nerr\n");
}

TEST_CASE("a process gets its environment and its folder", "[integration]") {
  const TemporaryFolder folder;
  auto options = shell("echo $TIDE; pwd");
  options.environment = {{"TIDE", "high"}};
  options.working_folder = folder.path();
  Process process{options};
  CHECK(process.wait(10s) == ExitStatus{.code = 0});
  CHECK(process.output() == "high\n" + folder.path().string() + "\n");
}

TEST_CASE("a frozen process stands still until it is thawed", "[integration]") {
  Process process{shell("exec sleep 1000")};
  process.freeze();
  CHECK(eventually([&] { return state_of(process.pid()) == 'T'; }));
  process.thaw();
  CHECK(eventually([&] { return state_of(process.pid()) == 'S'; }));
}

TEST_CASE("a program that is not there is an error that names it", "[integration]") {
  CHECK_THROWS_WITH(Process({.command = {"tidemark-no-such-program"}}),
                    containing("tidemark-no-such-program") && containing("No such file"));
}

TEST_CASE("a process outlives the thread that started it, but not its object", "[integration]") {
  std::unique_ptr<Process> process;
  std::thread{[&] { process = std::make_unique<Process>(shell("exec sleep 1000")); }}.join();
  CHECK(process->wait(100ms) == std::nullopt);
  const auto pid = process->pid();
  process.reset();
  CHECK(::kill(pid, 0) == -1);
}
