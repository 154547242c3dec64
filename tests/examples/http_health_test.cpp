#include <sstream>
#include <utility>  // Asio of Boost 1.74 uses std::exchange and does not say so

#include <boost/asio/ip/tcp.hpp>

#include "example.hpp"
#include "support/catch.hpp"

using namespace tidemark::test;

namespace {

std::string get(const std::string& port, const std::string& target) {
  boost::asio::ip::tcp::iostream stream{"127.0.0.1", port};
  stream << "GET " << target << " HTTP/1.0\r\n\r\n" << std::flush;
  std::ostringstream answer;
  answer << stream.rdbuf();
  return answer.str();
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("11 tells by HTTP whether it is ready, its lag and its last commit", "[examples]") {
  Example example{"11_http_health", "http_health", {"refunds", "0"}};
  example.produce("ada", "three");
  Process process{example.start()};
  REQUIRE(says(process, "health on port "));
  std::string port;
  std::istringstream{process.output().substr(process.output().find("port ") + 5)} >> port;
  REQUIRE(says(process, "orders: three\n"));
  std::string health;
  CHECK(eventually(
      [&] {
        health = get(port, "/health");
        return contains(health, " 200 ") && contains(health, R"({"ready":true,"lag":0,)") && !contains(health, "null");
      },
      patience));
  CAPTURE(health);
  CHECK(contains(health, "Content-Type: application/json"));
  CHECK(contains(get(port, "/other"), " 404 "));
  CHECK(end(process) == ExitStatus{.code = 0});
}
