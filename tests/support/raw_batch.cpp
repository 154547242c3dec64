#include "support/raw_batch.hpp"

#include <array>
#include <stdexcept>

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "support/crc32.hpp"

namespace tidemark::test {
namespace {

constexpr std::size_t header_size = 61;

/// Big-endian, in `size` bytes.
std::string number(std::int64_t value, int size) {
  std::string bytes;
  for (int shift = (size - 1) * 8; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift);
  return bytes;
}

std::string little_endian(std::uint32_t value, int size) {
  std::string bytes;
  for (int i = 0; i < size; ++i) bytes += static_cast<char>(value >> (8 * i));
  return bytes;
}

std::string varint(std::int64_t value) {
  auto left = (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
  std::string bytes;
  for (; left >= 128; left >>= 7) bytes += static_cast<char>(left | 128);
  return bytes + static_cast<char>(left);
}

std::string text(std::string_view value) { return number(static_cast<std::int64_t>(value.size()), 2).append(value); }

std::int64_t number_at(std::string_view bytes, std::size_t at, int size) {
  std::int64_t value = static_cast<signed char>(bytes.at(at));
  for (int i = 1; i < size; ++i)
    value = value * 256 + static_cast<unsigned char>(bytes.at(at + static_cast<std::size_t>(i)));
  return value;
}

std::string ask(const std::string& broker, const std::string& request) {
  namespace ip = boost::asio::ip;
  const auto colon = broker.rfind(':');
  boost::asio::io_context context;
  ip::tcp::socket socket{context};
  boost::asio::connect(socket, ip::tcp::resolver{context}.resolve(broker.substr(0, colon), broker.substr(colon + 1)));
  boost::asio::write(socket, boost::asio::buffer(number(static_cast<std::int64_t>(request.size()), 4) + request));
  std::string size(4, '\0');
  boost::asio::read(socket, boost::asio::buffer(size));
  std::string answer(static_cast<std::size_t>(number_at(size, 0, 4)), '\0');
  boost::asio::read(socket, boost::asio::buffer(answer));
  return answer;
}

}  // namespace

RawBatch::RawBatch(const std::vector<std::string>& values) {
  for (const auto& value : values) {
    const auto body = std::string(1, '\0') + varint(0) + varint(static_cast<std::int64_t>(records_.size())) +
                      varint(-1) + varint(static_cast<std::int64_t>(value.size())) + value + varint(0);
    records_.push_back(varint(static_cast<std::int64_t>(body.size())) + body);
    payload_ += records_.back();
  }
}

RawBatch& RawBatch::set_payload(Codec codec, std::string payload) {
  codec_ = codec;
  payload_ = std::move(payload);
  return *this;
}

RawBatch& RawBatch::damage(std::size_t at) {
  damages_.push_back(at);
  return *this;
}

std::string RawBatch::gzip_member(std::string_view bytes) {
  const auto size = static_cast<std::uint32_t>(bytes.size());
  return std::string{"\x1f\x8b\x08\0\0\0\0\0\0\xff", 10} + '\x01' + little_endian(size, 2) + little_endian(~size, 2) +
         std::string{bytes} + little_endian(crc32(bytes, ieee), 4) + little_endian(size, 4);
}

std::string RawBatch::bytes() const {
  const auto count = static_cast<std::int64_t>(records_.size());
  constexpr std::int64_t time = 1'700'000'000'000;
  const auto summed = number(static_cast<int>(codec_), 2) + number(count - 1, 4) + number(time, 8) + number(time, 8) +
                      number(-1, 8) + number(-1, 2) + number(-1, 4) + number(count, 4) + payload_;
  auto all = number(0, 8) + number(static_cast<std::int64_t>(summed.size()) + 9, 4) + number(-1, 4) + '\x02' +
             number(crc32(summed, castagnoli), 4) + summed;
  for (const auto at : damages_) all.at(header_size + at) ^= 0x5a;
  return all;
}

std::int64_t RawBatch::produce(const std::string& broker, const std::string& topic, std::int32_t partition) const {
  const auto batch = bytes();
  const auto answer =
      ask(broker, number(0, 2) + number(7, 2) + number(1, 4) + text("raw") + number(-1, 2) + number(-1, 2) +
                      number(10'000, 4) + number(1, 4) + text(topic) + number(1, 4) + number(partition, 4) +
                      number(static_cast<std::int64_t>(batch.size()), 4) + batch);
  const auto outcome = 4 + 4 + 2 + topic.size() + 4 + 4;
  if (const auto error = number_at(answer, outcome, 2); error != 0)
    throw std::runtime_error{"the broker refuses the batch with error " + std::to_string(error)};
  return number_at(answer, outcome + 2, 8);
}

}  // namespace tidemark::test
