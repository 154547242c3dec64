#include <atomic>
#include <map>
#include <set>
#include <stdexcept>
#include <utility>  // Asio of Boost 1.74 uses std::exchange and does not say so

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include <tidemark/each_record.hpp>
#include <tidemark/error.hpp>
#include <tidemark/micro_batch_consumer.hpp>

#include "engine/asio_thread.hpp"
#include "engine/calls.hpp"
#include "engine/gate.hpp"
#include "engine/keyed_scene.hpp"
#include "support/catch.hpp"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;

TEST_CASE("1,000 calls overlap on one thread", "[engine]") {
  KeyedScene scene;
  AsioThread asio_thread;
  std::vector<RecordDone> waiting;
  std::set<std::thread::id> threads;
  MicroBatchConsumer<> consumer{
      scene.keyed(1000, 1000), scene.store,
      each_record(asio_thread.context(), {.max_records = 1000}, [&](const Record<>&, RecordDone done) {
        threads.insert(std::this_thread::get_id());
        waiting.push_back(std::move(done));
        if (waiting.size() < 1000) return;
        for (const auto& one : waiting) one();
      })};
  Running running{consumer};
  REQUIRE(scene.reaches(1000));
  running.stop();
  CHECK(waiting.size() == 1000);
  CHECK(threads == std::set{asio_thread.id()});
}

TEST_CASE("each_record keeps to its limit, and to the order of each key", "[engine]") {
  KeyedScene scene;
  asio::thread_pool pool{3};
  std::mutex mutex;
  std::map<std::string, std::int64_t> under_way;
  std::map<std::string, std::int64_t> last;
  std::size_t most = 0;
  std::size_t handled = 0;
  MicroBatchConsumer<std::string> consumer{
      scene.keyed(600, 20), scene.store,
      each_record(pool, {.max_records = 7}, [&](Record<std::string> record, RecordDone done) {
        const std::string key{record.key()};
        {
          const std::lock_guard lock{mutex};
          if (!under_way.emplace(key, record.offset()).second) return done(failure("two records of one key"));
          if (last.contains(key) && last[key] >= record.offset()) return done(failure("out of order"));
          most = std::max(most, under_way.size());
        }
        auto timer = std::make_shared<asio::steady_timer>(pool, std::chrono::microseconds{record.offset() % 300});
        timer->async_wait([&, timer, key, record, done](const boost::system::error_code&) {
          {
            const std::lock_guard lock{mutex};
            under_way.erase(key);
            last[key] = record.offset();
            if (record.value() == std::to_string(record.offset())) ++handled;
          }
          done();
        });
      })};
  Running running{consumer};
  REQUIRE(scene.reaches(600));
  running.stop();
  CHECK(handled == 600);
  CHECK(most <= 7);
  CHECK(most > 1);
}

TEST_CASE("a handler's exception counts for its record", "[engine]") {
  KeyedScene scene;
  AsioThread asio_thread;
  MicroBatchConsumer<> consumer{scene.keyed(10, 10), scene.store,
                                each_record(asio_thread.context(), {}, [](const Record<>& record, RecordDone done) {
                                  if (record.offset() == 3) throw 3;
                                  done();
                                })};
  CHECK(error_of_run<int>(consumer) == 3);
  CHECK_FALSE(scene.stored());
}

TEST_CASE("the first word of a call counts", "[engine]") {
  KeyedScene scene;
  AsioThread asio_thread;
  MicroBatchConsumer<> consumer{scene.keyed(10, 10), scene.store,
                                each_record(asio_thread.context(), {}, [](const Record<>&, RecordDone done) {
                                  done();
                                  done(failure("too late"));
                                })};
  Running running{consumer};
  REQUIRE(scene.reaches(10));
  running.stop();
}

TEST_CASE("a call that is dropped without a word fails its record", "[engine]") {
  KeyedScene scene;
  AsioThread asio_thread;
  MicroBatchConsumer<> consumer{scene.keyed(10, 10), scene.store,
                                each_record(asio_thread.context(), {}, [](const Record<>&, const RecordDone&) {})};
  const auto error = error_of_run<Error>(consumer);
  CHECK(std::string{error.what()}.find("without a word") != std::string::npos);
  CHECK_FALSE(scene.stored());
}

TEST_CASE("calls are asked to stop, and may give the batch up", "[engine]") {
  KeyedScene scene;
  AsioThread asio_thread;
  std::vector<RecordDone> waiting;
  Gate gate;
  MicroBatchConsumer<> consumer{scene.keyed(10, 10), scene.store,
                                each_record(asio_thread.context(), {.max_records = 4},
                                            [&](const Record<>&, const Batch<>& batch, RecordDone done) {
                                              waiting.push_back(std::move(done));
                                              if (waiting.size() < 4) return;
                                              gate.arrive();
                                              wait_for_stop(batch);
                                              for (const auto& one : waiting) one(failure("gives up"));
                                            })};
  Running running{consumer};
  REQUIRE(gate.is_reached());
  running.stop();
  CHECK_FALSE(scene.stored());
  CHECK(waiting.size() == 4);
}

TEST_CASE("a context that is destroyed under its calls fails the batch", "[engine]") {
  KeyedScene scene;
  AsioThread asio_thread;
  Gate gate;
  MicroBatchConsumer<> consumer{
      scene.keyed(10, 10), scene.store,
      each_record(asio_thread.context(), {.max_records = 4}, [&](const Record<>&, RecordDone done) {
        auto timer = std::make_shared<asio::steady_timer>(asio_thread.context(), 1h);
        timer->async_wait([timer, done](const boost::system::error_code&) { done(); });
        gate.arrive();
      })};
  Running running{consumer};
  REQUIRE(gate.is_reached(4));
  asio_thread.destroy_context();
  CHECK_THROWS_AS(running.join(), Error);
  CHECK_FALSE(scene.stored());
}

TEST_CASE("each_record with nothing in flight is refused", "[engine]") {
  AsioThread asio_thread;
  CHECK_THROWS_AS(each_record(asio_thread.context(), {.max_records = 0}, [](const Record<>&, RecordDone) {}),
                  ConfigError);
}
