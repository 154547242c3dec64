#include "support/log_segment.hpp"

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "support/crc32.hpp"

namespace tidemark::test {
namespace {

// Where a batch (magic 2) has them.
constexpr std::size_t length_at = 8;
constexpr std::size_t sum_at = 17;
constexpr std::size_t summed_at = 21;
constexpr std::size_t records_at = 57;
constexpr std::size_t before_length = 12;

std::int64_t number_at(std::string_view bytes, std::size_t at, int size) {
  std::int64_t value = 0;
  for (int i = 0; i < size; ++i)
    value = value * 256 + static_cast<unsigned char>(bytes.at(at + static_cast<std::size_t>(i)));
  return value;
}

void set_number(std::string& bytes, std::size_t at, std::uint32_t value) {
  for (int i = 3; i >= 0; --i, value >>= 8) bytes.at(at + static_cast<std::size_t>(i)) = static_cast<char>(value);
}

}  // namespace

LogSegment::LogSegment(std::filesystem::path file) : file_{std::move(file)} {
  std::ifstream in{file_, std::ios::binary};
  if (!in) throw std::runtime_error{"cannot open " + file_.string()};
  bytes_.assign(std::istreambuf_iterator<char>{in}, {});
}

std::vector<LogSegment::Batch> LogSegment::batches() const {
  std::vector<Batch> found;
  for (std::size_t at = 0; at + header_size <= bytes_.size();) {
    const auto size = before_length + static_cast<std::size_t>(number_at(bytes_, at + length_at, 4));
    if (size < header_size || at + size > bytes_.size()) break;  // the rest was laid out beforehand
    found.push_back(
        {number_at(bytes_, at, 8), static_cast<std::int32_t>(number_at(bytes_, at + records_at, 4)), at, size});
    at += size;
  }
  return found;
}

void LogSegment::flip_payload(const Batch& batch) {
  flip(batch.position + header_size + (batch.size - header_size) / 2, 6);
  save();
}

void LogSegment::break_frame(const Batch& batch) {
  flip(batch.position + header_size, 8);
  const auto summed = std::string_view{bytes_}.substr(batch.position + summed_at, batch.size - summed_at);
  set_number(bytes_, batch.position + sum_at, crc32(summed, castagnoli));
  save();
}

void LogSegment::flip_sum(const Batch& batch) {
  bytes_.at(batch.position + sum_at) ^= 0x5a;
  save();
}

void LogSegment::shorten(const Batch& batch) {
  constexpr std::size_t cut = 5;
  set_number(bytes_, batch.position + length_at, static_cast<std::uint32_t>(batch.size - before_length - cut));
  save();
}

void LogSegment::flip(std::size_t from, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) bytes_.at(from + i) ^= 0x5a;
}

// In place: the broker has the file open.
void LogSegment::save() const {
  std::fstream out{file_, std::ios::binary | std::ios::in | std::ios::out};
  if (!out.write(bytes_.data(), static_cast<std::streamsize>(bytes_.size())).flush())
    throw std::runtime_error{"cannot write " + file_.string()};
}

}  // namespace tidemark::test
