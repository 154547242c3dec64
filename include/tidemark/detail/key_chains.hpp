#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <queue>
#include <span>
#include <utility>
#include <vector>

#include <tidemark/bytes.hpp>
#include <tidemark/export.hpp>

namespace tidemark::detail {

/// Which record may be handled next, where records of one key go one after the other and all others at will. Those without a key are
/// in nobody's way.
///
/// The longest chain of what is left goes first: so they end together, and no straggler is left over with nothing beside it.
class TIDEMARK_EXPORT KeyChains {
 public:
  explicit KeyChains(std::span<const Bytes> keys);

  /// nullopt where every record that is left waits for one that was taken.
  std::optional<std::size_t> take();
  /// A record that was taken is done with.
  void finish(std::size_t record);

  std::size_t left() const { return left_; }  ///< Records that were not taken yet.

 private:
  using Ready = std::pair<std::uint32_t, std::uint32_t>;  // how many records from here on, and which (inverted)

  void add_ready(std::uint32_t record);

  std::vector<std::uint32_t> next_;
  std::vector<std::uint32_t> length_;  // of the chain from here on
  std::priority_queue<Ready> ready_;
  std::size_t left_;
};

}  // namespace tidemark::detail
