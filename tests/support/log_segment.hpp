#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace tidemark::test {

/// The first segment of a partition's log on a broker's disk, to be damaged where it lies: the broker checks no sums when it answers a
/// fetch. Changes reach consumers at once, whether the broker runs or not; after a kill it would cut the damage off.
///
/// Errors: std::runtime_error.
class LogSegment {
 public:
  struct Batch {
    std::int64_t first_offset = 0;
    std::int32_t records = 0;
    std::size_t position = 0;  ///< In the file.
    std::size_t size = 0;      ///< In all.
  };
  static constexpr std::size_t header_size = 61;

  explicit LogSegment(std::filesystem::path file);

  std::vector<Batch> batches() const;

  /// Changes bytes in the middle of the records. The batch's checksum tells.
  void flip_payload(const Batch& batch);
  /// Changes the first bytes of the compressed records, and the checksum holds: as a producer that compresses wrongly would send it.
  void break_frame(const Batch& batch);
  void flip_sum(const Batch& batch);
  /// The batch says that it is shorter than it is, so that what follows is none.
  void shorten(const Batch& batch);

 private:
  void save() const;
  void flip(std::size_t from, std::size_t count);

  std::filesystem::path file_;
  std::string bytes_;
};

}  // namespace tidemark::test
