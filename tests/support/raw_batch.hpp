#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::test {

/// A record batch (magic 2) written by hand, byte by byte: to be as no producer writes it.
///
/// Errors: std::runtime_error.
class RawBatch {
 public:
  enum class Codec { none = 0, gzip = 1, snappy = 2, lz4 = 3, zstd = 4 };

  /// Records with these values.
  explicit RawBatch(const std::vector<std::string>& values);

  /// What they take, each by itself.
  const std::vector<std::string>& records() const { return records_; }

  /// Puts this in the place of the records, compressed already. The checksum holds.
  RawBatch& set_payload(Codec codec, std::string payload);
  /// Changes a byte of the payload behind the checksum's back.
  RawBatch& damage(std::size_t at);

  /// A gzip member that holds `bytes` as they are.
  static std::string gzip_member(std::string_view bytes);

  /// Has the broker append it; the offset of its first record. A real broker refuses what is damaged.
  std::int64_t produce(const std::string& broker, const std::string& topic, std::int32_t partition) const;

 private:
  std::string bytes() const;

  std::vector<std::string> records_;
  Codec codec_ = Codec::none;
  std::string payload_;
  std::vector<std::size_t> damages_;
};

}  // namespace tidemark::test
