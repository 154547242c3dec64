#include "stores/redis/reply_reader.hpp"

#include <tidemark/error.hpp>

#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/store_error.hpp"

using namespace tidemark;
using detail::RedisReplyReader;
using Type = RedisReply::Type;

namespace {

const std::string nested = "*3\r\n:1\r\n*2\r\n$3\r\na\r\n\r\n$-1\r\n*0\r\n";

}  // namespace

TEST_CASE("each type of reply is read as what it is", "[unit]") {
  RedisReplyReader reader;
  reader.feed("+OK\r\n-ERR no\r\n:-7\r\n$0\r\n\r\n$5\r\na\r\nb\0\r\n");
  reader.feed(std::string_view{"", 0});
  CHECK(reader.next() == RedisReply{Type::status, "OK"});
  CHECK(reader.next() == RedisReply{Type::error, "ERR no"});
  CHECK(reader.next() == RedisReply{-7});
  CHECK(reader.next() == RedisReply{Type::string, ""});
}

TEST_CASE("a reply that arrives byte by byte is there with its last byte", "[unit]") {
  RedisReplyReader reader;
  for (std::size_t i = 0; i + 1 < nested.size(); ++i) {
    reader.feed({&nested[i], 1});
    REQUIRE_FALSE(reader.next());
    REQUIRE(reader.has_rest());
  }
  reader.feed({&nested.back(), 1});
  const auto reply = reader.next();
  REQUIRE(reply);
  CHECK_FALSE(reader.has_rest());
  std::vector<RedisReply> inner{{Type::string, "a\r\n"}};
  CHECK(reply->elements().size() == 3);
  CHECK(reply->elements()[2] == RedisReply{std::vector<RedisReply>{}});
}

TEST_CASE("what no server should send is an error, and costs no memory", "[unit]") {
  const std::string bytes =
      GENERATE(as<std::string>{}, "x", "HTTP/1.1 400 Bad Request\r\n", "$abc\r\n", "$-2\r\n", "*-2\r\n",
               "*99999999999999999999\r\n", ":12a\r\n", "%1\r\n+a\r\n+b\r\n", "#t\r\n", ",1.5\r\n", "(123\r\n");
  CAPTURE(bytes);
  RedisReplyReader reader;
  reader.feed(bytes);
  // RESP3's types are known to some versions of hiredis only; there they must not come out either.
  const auto error = test::store_error_of([&] { reader.next(); });
  REQUIRE(error);
  CHECK(error->is_retryable());
}

TEST_CASE("a length that is a lie is waited for, not believed", "[unit]") {
  for (const auto* bytes : {"*2147483647\r\n", "$536870912\r\nabc", "*1000000000\r\n*1000000000\r\n:1\r\n"}) {
    RedisReplyReader reader;
    reader.feed(bytes);
    CHECK_FALSE(reader.next());
  }
}

TEST_CASE("elements are counted as well as bytes, in all arrays of a reply and in each reply anew", "[unit]") {
  const auto array = [](std::size_t elements) {
    auto text = "*" + std::to_string(elements) + "\r\n";
    for (std::size_t i = 0; i < elements; ++i) text += ":1\r\n";
    return text;
  };
  constexpr auto half = RedisReplyReader::max_reply_elements / 2;
  RedisReplyReader reader;
  for (int i = 0; i < 3; ++i) {
    reader.feed(array(half));
    REQUIRE(reader.next());
  }
  reader.feed("*2147483647\r\n" + array(half));
  CHECK_FALSE(reader.next());
  reader.feed(array(half));
  CHECK(test::says(test::store_error_of([&] { reader.next(); }), "more than 1000000 elements"));
}

TEST_CASE("nesting far beyond what Redis uses is an error, whatever hiredis makes of it", "[unit]") {
  std::string deep;
  for (int i = 0; i < 5'000; ++i) deep += "*1\r\n";
  RedisReplyReader reader;
  reader.feed(deep);
  CHECK_THROWS_AS(reader.next(), StoreError);
}

TEST_CASE("a reply of another type than expected says so", "[unit]") {
  CHECK_THROWS_AS(RedisReply{}.integer(), StoreError);
  CHECK_THROWS_AS(RedisReply{1}.text(), StoreError);
  CHECK_THROWS_AS((RedisReply{Type::string, "x"}.elements()), StoreError);
  CHECK((RedisReply{Type::string, "-12"}.integer()) == -12);
  CHECK_THROWS_AS((RedisReply{Type::string, "12a"}.integer()), StoreError);
  CHECK_THROWS_AS((RedisReply{Type::error, "12"}.integer()), StoreError);
}
