#include "support/hdfs_probe.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

namespace tidemark::test {

namespace {

namespace asio = boost::asio;

/// The value of a header in the head of a reply, whatever its case.
std::string header(std::string head, std::string name) {
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  auto lower = head;
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto at = lower.find("\r\n" + name + ": ");
  if (at == std::string::npos) return {};
  const auto begin = at + name.size() + 4;
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

}  // namespace

// HTTP 1.0: the reply ends where the connection does.
HdfsProbe::Reply HdfsProbe::exchange(std::uint16_t port, std::string_view method, const std::string& target,
                                     std::string_view body) {
  asio::io_context context;
  asio::ip::tcp::socket socket{context};
  socket.connect({asio::ip::make_address("127.0.0.1"), port});
  const auto request = fmt::format(
      "{} {} HTTP/1.0\r\nHost: 127.0.0.1\r\nContent-Type: application/octet-stream\r\nContent-Length: {}\r\n\r\n{}",
      method, target, body.size(), body);
  asio::write(socket, asio::buffer(request));
  std::string reply;
  boost::system::error_code end;
  asio::read(socket, asio::dynamic_buffer(reply), end);
  constexpr std::string_view interim = "HTTP/1.1 100 ";  // of data nodes, asked for or not
  if (reply.starts_with(interim)) reply.erase(0, reply.find("\r\n\r\n") + 4);
  const auto head_size = reply.find("\r\n\r\n");
  if (head_size == std::string::npos) throw std::runtime_error{"no HTTP reply to " + target};
  const auto head = reply.substr(0, head_size);
  return {std::stoi(head.substr(head.find(' '))), header(head, "Location"), reply.substr(head_size + 4)};
}

HdfsProbe::Reply HdfsProbe::call(std::string_view method, const std::string& path, const std::string& query,
                                 std::string_view body) const {
  auto reply = exchange(port_, method, fmt::format("/webhdfs/v1{}?{}&user.name=root", path, query), {});
  if (reply.location.empty()) return reply;
  const auto authority = reply.location.find("://") + 3;
  const auto colon = reply.location.find(':', authority);
  const auto slash = reply.location.find('/', authority);
  const auto port = static_cast<std::uint16_t>(std::stoi(reply.location.substr(colon + 1, slash - colon - 1)));
  return exchange(port, method, reply.location.substr(slash), body);
}

std::optional<std::string> HdfsProbe::get(const std::string& path) const {
  auto reply = call("GET", path, "op=OPEN");
  if (reply.status == 404) return std::nullopt;
  if (reply.status != 200) throw std::runtime_error{reply.body};
  return std::move(reply.body);
}

void HdfsProbe::put(const std::string& path, std::string_view bytes) const {
  const auto reply = call("PUT", path, "op=CREATE&overwrite=true", bytes);
  if (reply.status != 201) throw std::runtime_error{reply.body};
}

std::vector<std::string> HdfsProbe::list(const std::string& folder) const {
  const auto reply = call("GET", folder, "op=LISTSTATUS");
  std::vector<std::string> names;
  constexpr std::string_view mark = "\"pathSuffix\":\"";
  for (auto at = reply.body.find(mark); at != std::string::npos; at = reply.body.find(mark, at)) {
    at += mark.size();
    names.push_back(reply.body.substr(at, reply.body.find('"', at) - at));
  }
  std::ranges::sort(names);
  return names;
}

void HdfsProbe::remove(const std::string& path) const {
  const auto reply = call("DELETE", path, "op=DELETE&recursive=true");
  if (reply.status != 200) throw std::runtime_error{reply.body};
}

void HdfsProbe::rename(const std::string& from, const std::string& to) const {
  const auto reply = call("PUT", from, "op=RENAME&destination=" + to);
  if (reply.status != 200) throw std::runtime_error{reply.body};
}

std::optional<std::string> HdfsProbe::ask(const std::string& target) const {
  try {
    return exchange(port_, "GET", target, {}).body;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

}  // namespace tidemark::test
