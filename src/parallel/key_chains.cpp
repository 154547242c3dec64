#include <tidemark/detail/key_chains.hpp>

#include <limits>
#include <string_view>
#include <unordered_map>

#include "core/invariant.hpp"

namespace tidemark::detail {
namespace {

constexpr auto none = std::numeric_limits<std::uint32_t>::max();

}  // namespace

KeyChains::KeyChains(std::span<const Bytes> keys)
    : next_(keys.size(), none), length_(keys.size(), 1), left_{keys.size()} {
  std::unordered_map<std::string_view, std::uint32_t> first_behind;  // from the back, so that lengths add up
  first_behind.reserve(keys.size());
  for (auto i = static_cast<std::uint32_t>(keys.size()); i-- > 0;) {
    if (keys[i].is_null()) {
      add_ready(i);
      continue;
    }
    const auto [found, is_last] = first_behind.try_emplace(keys[i].text(), i);
    if (is_last) continue;
    next_[i] = found->second;
    length_[i] += length_[found->second];
    found->second = i;
  }
  for (const auto& [key, record] : first_behind) add_ready(record);
}

std::optional<std::size_t> KeyChains::take() {
  if (ready_.empty()) return std::nullopt;
  const auto record = none - ready_.top().second;
  ready_.pop();
  TIDEMARK_EXPECTS(left_ > 0);
  --left_;
  return record;
}

void KeyChains::finish(std::size_t record) {
  TIDEMARK_EXPECTS(record < next_.size());
  if (next_[record] != none) add_ready(next_[record]);
}

void KeyChains::add_ready(std::uint32_t record) { ready_.emplace(length_[record], none - record); }

}  // namespace tidemark::detail
