#include <malloc.h>

#include <filesystem>
#include <fstream>
#include <string>

#include <tidemark/micro_batch_consumer.hpp>

#include "engine/scene.hpp"
#include "support/catch.hpp"

using namespace tidemark;
using namespace tidemark::test;

namespace {

// Sanitizers keep what is freed for a while, and take their time.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int cycles = 50;
constexpr bool counts_memory = false;
#else
constexpr int cycles = 1000;
constexpr bool counts_memory = true;
#endif

struct Usage {
  std::size_t descriptors = 0;
  std::size_t threads = 0;
  std::size_t kbytes = 0;  ///< Resident.
};

Usage usage() {
  ::malloc_trim(0);
  const auto entries = [](const char* folder) {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator{folder}, std::filesystem::directory_iterator{}));
  };
  Usage usage{entries("/proc/self/fd"), entries("/proc/self/task"), 0};
  std::ifstream status{"/proc/self/status"};
  for (std::string word; status >> word;)
    if (word == "VmRSS:") status >> usage.kbytes;
  return usage;
}

}  // namespace

TEST_CASE("a thousand consumers, one after the other, keep memory, descriptors and threads flat", "[engine]") {
  Scene scene;
  scene.produce(0, 1);
  const auto cycle = [&](int number) {
    // A stored offset one below the end: each has one record to handle, and to commit.
    scene.reset(0, 0);
    auto options = scene.options();
    options.observer = nullptr;
    options.batch.max_wait = std::chrono::milliseconds{0};
    options.concurrency = 1 + static_cast<std::size_t>(number % 2);
    MicroBatchConsumer<> consumer{options, scene.store, [](const Batch<>&) {}};
    Running running{consumer};
    REQUIRE(scene.reaches(1));
    running.stop();
  };
  for (int i = 0; i < cycles / 10; ++i) cycle(i);
  const auto before = usage();
  for (int i = 0; i < cycles; ++i) cycle(i);
  // What the broker in this process has still to close.
  CHECK(eventually([&] { return usage().descriptors <= before.descriptors; }, patience));
  CHECK(eventually([&] { return usage().threads <= before.threads; }, patience));
  const auto after = usage();
  CAPTURE(before.kbytes, after.kbytes);
  if (counts_memory) CHECK(after.kbytes < before.kbytes + 2048);
}
