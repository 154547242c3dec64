#include "support/cutting_proxy.hpp"

#include <array>
#include <atomic>
#include <boost/asio/buffer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <future>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace tidemark::test {

using boost::asio::ip::tcp;
using boost::system::error_code;

namespace {

tcp::endpoint loopback(std::uint16_t port) { return {boost::asio::ip::address_v4::loopback(), port}; }

}  // namespace

class CuttingProxy::Impl {
 public:
  explicit Impl(std::uint16_t server_port)
      : server_port_{server_port}, acceptor_{context_, loopback(0)}, port_{acceptor_.local_endpoint().port()} {
    accept();
    thread_ = std::thread{[this] { context_.run(); }};
  }
  ~Impl() {
    context_.stop();
    thread_.join();
  }

  std::uint16_t port() const { return port_; }
  void lead_to(std::uint16_t server_port) { server_port_ = server_port; }
  void arm(std::optional<Cut> cut) {
    const std::lock_guard lock{mutex_};
    cut_ = cut;
    has_cut_ = false;
    passed_ = {};
  }
  bool has_cut() const {
    const std::lock_guard lock{mutex_};
    return has_cut_;
  }
  Passed passed() const {
    const std::lock_guard lock{mutex_};
    return passed_;
  }
  void release() {
    std::promise<void> released;
    boost::asio::post(context_, [&] {
      for (const auto& session : stalled_) session->resume();
      stalled_.clear();
      released.set_value();
    });
    released.get_future().wait();
  }

 private:
  struct Session;

  /// One way of a conversation.
  struct Way {
    Way(tcp::socket& its_source, tcp::socket& its_target, Direction its_direction)
        : source{its_source}, target{its_target}, direction{its_direction} {}

    tcp::socket& source;
    tcp::socket& target;
    Direction direction;
    std::array<char, 16'384> buffer{};
    std::string passing{};
    std::string held{};
    bool waits_for_release = false;
  };

  struct Session : std::enable_shared_from_this<Session> {
    Session(Impl& its, tcp::socket accepted) : proxy{its}, client{std::move(accepted)}, server{its.context_} {}

    void start() {
      error_code failure;
      server.connect(loopback(proxy.server_port_), failure);
      if (failure) return;
      client.set_option(tcp::no_delay{true});
      server.set_option(tcp::no_delay{true});
      read(requests);
      read(replies);
    }
    void read(Way& way) {
      way.source.async_read_some(boost::asio::buffer(way.buffer),
                                 [self = shared_from_this(), &way](error_code failure, std::size_t size) {
                                   self->on_read(way, failure, size);
                                 });
    }
    void on_read(Way& way, error_code failure, std::size_t size) {
      if (failure == boost::asio::error::operation_aborted) return;
      if (is_stalled) {
        way.held.append(way.buffer.data(), size);
        way.waits_for_release = true;
        return;
      }
      if (failure) {
        error_code ignored;
        way.target.shutdown(tcp::socket::shutdown_send, ignored);
        return;
      }
      if (is_cut) return read(way);  // so that nothing unread turns the FIN into a reset
      const auto [passes, fault] = proxy.admit(way.direction, size);
      if (fault == Fault::stall) {
        is_stalled = true;
        way.held.assign(way.buffer.data() + passes, size - passes);
        way.waits_for_release = true;
        proxy.stalled_.push_back(shared_from_this());
      }
      is_cut = fault && fault != Fault::stall;
      pass(way, std::string{way.buffer.data(), passes}, fault);
    }
    void pass(Way& way, std::string bytes, std::optional<Fault> fault) {
      way.passing = std::move(bytes);
      boost::asio::async_write(way.target, boost::asio::buffer(way.passing),
                               [self = shared_from_this(), &way, fault](error_code failure, std::size_t) {
                                 if (fault && fault != Fault::stall) self->cut(*fault);
                                 if (!failure && fault != Fault::stall && fault != Fault::rst) self->read(way);
                               });
    }
    void cut(Fault fault) {
      error_code ignored;
      for (auto* socket : {&client, &server}) {
        if (fault == Fault::fin) {
          socket->shutdown(tcp::socket::shutdown_send, ignored);
        } else {
          socket->set_option(boost::asio::socket_base::linger{true, 0}, ignored);
          socket->close(ignored);
        }
      }
    }
    void resume() {
      is_stalled = false;
      for (auto* way : {&requests, &replies})
        if (std::exchange(way->waits_for_release, false)) pass(*way, std::exchange(way->held, {}), std::nullopt);
    }

    Impl& proxy;
    tcp::socket client;
    tcp::socket server;
    Way requests{client, server, Direction::request};
    Way replies{server, client, Direction::reply};
    bool is_stalled = false;
    bool is_cut = false;
  };

  void accept() {
    acceptor_.async_accept([this](error_code failure, tcp::socket client) {
      if (!failure) std::make_shared<Session>(*this, std::move(client))->start();
      accept();
    });
  }

  struct Admitted {
    std::size_t passes;
    std::optional<Fault> fault;
  };
  Admitted admit(Direction direction, std::size_t size) {
    const std::lock_guard lock{mutex_};
    auto& passed = direction == Direction::request ? passed_.requests : passed_.replies;
    if (!cut_ || cut_->direction != direction || passed + size < cut_->after_bytes) {
      passed += size;
      return {size, std::nullopt};
    }
    const auto passes = cut_->after_bytes - passed;
    const auto fault = cut_->fault;
    passed += passes;
    has_cut_ = true;
    cut_.reset();
    return {passes, fault};
  }

  std::atomic<std::uint16_t> server_port_;
  boost::asio::io_context context_;
  tcp::acceptor acceptor_;
  std::uint16_t port_;
  std::vector<std::shared_ptr<Session>> stalled_;  // of the thread
  mutable std::mutex mutex_;                       // guards what follows
  std::optional<Cut> cut_;
  bool has_cut_ = false;
  Passed passed_;
  std::thread thread_;
};

CuttingProxy::CuttingProxy(std::uint16_t server_port) : impl_{std::make_unique<Impl>(server_port)} {}
CuttingProxy::~CuttingProxy() = default;
std::uint16_t CuttingProxy::port() const { return impl_->port(); }
void CuttingProxy::lead_to(std::uint16_t server_port) { impl_->lead_to(server_port); }
void CuttingProxy::arm(std::optional<Cut> cut) { impl_->arm(cut); }
bool CuttingProxy::has_cut() const { return impl_->has_cut(); }
CuttingProxy::Passed CuttingProxy::passed() const { return impl_->passed(); }
void CuttingProxy::release() { impl_->release(); }

}  // namespace tidemark::test
