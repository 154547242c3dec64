#include <chrono>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include <tidemark/error.hpp>

#include "stores/redis/layout.hpp"
#include "stores/redis/refusal.hpp"
#include "stores/redis/reply_reader.hpp"
#include "support/catch.hpp"

using namespace tidemark;

namespace {

const std::vector<std::string> seeds{"+OK\r\n",
                                     ":1\r\n",
                                     "$-1\r\n",
                                     "*-1\r\n",
                                     "$5\r\nhello\r\n",
                                     "*3\r\n:1\r\n:2\r\n$4\r\n1042\r\n",
                                     "*2\r\n$7\r\napplied\r\n*0\r\n",
                                     "-MOVED 3999 127.0.0.1:6381\r\n",
                                     "-ASK 3999 :6381\r\n",
                                     "-ERR Error running script (call to f_1): @user_script:1: OOM no\r\n",
                                     "*2\r\n*4\r\n:0\r\n:5460\r\n*2\r\n$9\r\n127.0.0.1\r\n:30001\r\n*2\r\n$0\r\n\r\n:"
                                     "30004\r\n*3\r\n:5461\r\n:16383\r\n*2\r\n$-1\r\n:7\r\n",
                                     "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n",
                                     "$536870912\r\nx",
                                     "*1000000000\r\n:1\r\n"};

class Mutator {
 public:
  std::string next() {
    std::string bytes = seeds[below(seeds.size())];
    for (auto more = below(3); more > 0; --more) bytes += seeds[below(seeds.size())];
    for (auto changes = below(6); changes > 0; --changes) {
      const auto at = below(bytes.size() + 1);
      switch (below(5)) {
        case 0:
          if (at < bytes.size()) bytes[at] = static_cast<char>(below(256));
          break;
        case 1:
          bytes.insert(at, 1, "0123456789-+:$*\r\n"[below(17)]);
          break;
        case 2:
          bytes.erase(at, below(8));
          break;
        case 3:
          bytes.insert(at, seeds[below(seeds.size())]);
          break;
        default:
          bytes.resize(at);
      }
    }
    return bytes;
  }
  std::size_t below(std::size_t end) { return std::uniform_int_distribution<std::size_t>{0, end - 1}(random_); }

 private:
  std::mt19937 random_{std::random_device{}()};
};

/// Looks at all of a reply.
void visit(const RedisReply& reply) {
  if (reply.is_error()) {
    const auto refusal = detail::redis_refusal(reply.text());
    CHECK((!refusal.target || refusal.target->port != 0));
    CHECK(!std::string_view{detail::redis_refused("host:1", "load", reply.text()).what()}.empty());
  }
  if (reply.type() == RedisReply::Type::array)
    for (const auto& element : reply.elements()) visit(element);
  try {
    detail::redis_layout(reply, {"asked", 1});
  } catch (const StoreError&) {
  }
}

}  // namespace

TEST_CASE("whatever bytes a server sends, they are replies or an error", "[extended]") {
  constexpr std::chrono::seconds long_enough{60};
  Mutator mutator;
  std::int64_t inputs = 0;
  std::int64_t replies = 0;
  std::int64_t errors = 0;
  for (const auto end = std::chrono::steady_clock::now() + long_enough; std::chrono::steady_clock::now() < end;
       ++inputs) {
    const auto bytes = mutator.next();
    detail::RedisReplyReader reader;
    try {
      for (std::size_t at = 0; at < bytes.size();) {
        const auto size = std::min(bytes.size() - at, 1 + mutator.below(40));
        reader.feed(std::string_view{bytes}.substr(at, size));
        at += size;
        while (const auto reply = reader.next()) {
          ++replies;
          visit(*reply);
        }
      }
    } catch (const StoreError&) {
      ++errors;
    }
  }
  CHECK(replies > 1'000);
  CHECK(errors > 1'000);
  std::cout << "redis-fuzz: " << inputs << " inputs, " << replies << " replies, " << errors << " errors" << std::endl;
}
