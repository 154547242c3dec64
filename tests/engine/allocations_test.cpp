#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>
#include <vector>

#include <tidemark/micro_batch_consumer.hpp>

#include "engine/scene.hpp"
#include "support/catch.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

namespace {

thread_local std::size_t allocations = 0;

void* counted(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(std::max<std::size_t>(size, 1))) return memory;
  throw std::bad_alloc{};
}

}  // namespace

// Those of this whole program. librdkafka, being C, does not come by here.
void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace {

/// What the worker's thread allocates from one batch of so many records to the next, commit included, once its storage has grown.
std::vector<std::size_t> allocations_between_batches(int batch_size, std::size_t max_uncommitted) {
  constexpr std::size_t growing = 10;
  constexpr std::size_t counted = 20;
  Scene scene;
  scene.produce(0, batch_size * static_cast<int>(growing + counted + 1));
  auto options = scene.options();
  options.observer = nullptr;  // the one that records allocates
  options.batch = {.max_records = static_cast<std::size_t>(batch_size), .max_wait = 1h};
  options.max_uncommitted_batches = max_uncommitted;
  std::vector<std::size_t> at_batch;
  at_batch.reserve(growing + counted + 1);
  std::size_t bytes = 0;
  std::atomic<bool> done = false;
  MicroBatchConsumer<> consumer{options, scene.store, [&](const Batch<>& batch) {
                                  if (done) return;
                                  at_batch.push_back(allocations);
                                  for (const auto& record : batch) bytes += record.key().size() + record.value().size();
                                  done = at_batch.size() == at_batch.capacity();
                                }};
  Running running{consumer};
  REQUIRE(eventually([&] { return done.load(); }, patience));
  running.stop();
  REQUIRE(bytes > 0);
  std::vector<std::size_t> between;
  for (std::size_t i = growing; i + 1 < at_batch.size(); ++i) between.push_back(at_batch[i + 1] - at_batch[i]);
  return between;
}

}  // namespace

TEST_CASE("a worker allocates a handful of times for a batch, however many records are in it", "[engine]") {
  const auto max_uncommitted = GENERATE(std::size_t{1}, std::size_t{4});
  for (const auto batch_size : {10, 1'000}) {
    const auto allocated = allocations_between_batches(batch_size, max_uncommitted);
    CAPTURE(batch_size, allocated);
    CHECK(*std::ranges::max_element(allocated) < 10);  // ranges and claims; committing in step adds the store's
  }
}

TEST_CASE("allocations are counted", "[engine]") {
  const auto before = allocations;
  const auto number = std::make_unique<int>(1);
  CHECK(allocations == before + 1);
}
