#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

/// What there is to know of a consumer.
struct Health {
  bool is_ready = false;  ///< It has partitions.
  std::int64_t lag = 0;
  std::optional<std::chrono::milliseconds> since_last_commit{};
};

/// Answers GET /health with 200, or 503 while the consumer is not ready, and JSON. All in the io_context's thread.
class HealthServer {
 public:
  using Ask = std::function<Health()>;

  HealthServer(boost::asio::io_context& context, std::uint16_t port, Ask ask)
      : acceptor_{context, {boost::asio::ip::make_address("127.0.0.1"), port}}, ask_{std::move(ask)} {
    accept();
  }

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  struct Visit {
    explicit Visit(boost::asio::ip::tcp::socket socket) : stream{std::move(socket)} {}
    boost::beast::tcp_stream stream;
    boost::beast::flat_buffer buffer{8192};
    boost::beast::http::request<boost::beast::http::empty_body> request;
    boost::beast::http::response<boost::beast::http::string_body> response;
  };

  void accept() {
    acceptor_.async_accept([this](const boost::system::error_code& error, boost::asio::ip::tcp::socket socket) {
      if (error == boost::asio::error::operation_aborted) return;
      if (!error) read(std::make_shared<Visit>(std::move(socket)));
      accept();
    });
  }

  void read(const std::shared_ptr<Visit>& visit) {
    visit->stream.expires_after(std::chrono::seconds{5});
    boost::beast::http::async_read(visit->stream, visit->buffer, visit->request,
                                   [this, visit](const boost::system::error_code& error, std::size_t) {
                                     if (!error) answer(visit);
                                   });
  }

  void answer(const std::shared_ptr<Visit>& visit) {
    namespace http = boost::beast::http;
    auto& response = visit->response;
    response.version(visit->request.version());
    response.keep_alive(false);
    response.set(http::field::content_type, "application/json");
    if (visit->request.method() == http::verb::get && visit->request.target() == "/health") {
      const auto health = ask_();
      response.result(health.is_ready ? http::status::ok : http::status::service_unavailable);
      response.body() = text_of(health);
    } else {
      response.result(http::status::not_found);
    }
    response.prepare_payload();
    http::async_write(visit->stream, response, [visit](const boost::system::error_code&, std::size_t) {
      boost::system::error_code ignored;
      visit->stream.socket().shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
    });
  }

  static std::string text_of(const Health& health) {
    return std::string{R"({"ready":)"} + (health.is_ready ? "true" : "false") + R"(,"lag":)" +
           std::to_string(health.lag) + R"(,"ms_since_last_commit":)" +
           (health.since_last_commit ? std::to_string(health.since_last_commit->count()) : "null") + "}\n";
  }

  boost::asio::ip::tcp::acceptor acceptor_;
  Ask ask_;
};
