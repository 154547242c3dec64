#pragma once

#include <cstddef>
#include <iterator>
#include <optional>
#include <string_view>

#include <tidemark/bytes.hpp>
#include <tidemark/detail/record_view.hpp>

namespace tidemark {

/// A header of a record. Names repeat and keep their order, as Kafka has it.
using Header = detail::RecordHeader;

/// A record's headers: a range of Header{name, value}, read from the message when asked for.
///
/// Thread safety: distinct records safe; one record's headers by one thread at a time.
/// Lifetime:      valid as long as the batch.
class Headers {
 public:
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Header;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = Header;

    Iterator() = default;
    Iterator(const Headers* headers, std::size_t index) : headers_{headers}, index_{index} {}

    Header operator*() const { return (*headers_)[index_]; }
    Iterator& operator++() {
      ++index_;
      return *this;
    }
    Iterator operator++(int) {
      auto before = *this;
      ++index_;
      return before;
    }
    bool operator==(const Iterator&) const = default;

   private:
    const Headers* headers_ = nullptr;
    std::size_t index_ = 0;
  };

  explicit Headers(const detail::RecordView& view)
      : view_{&view}, size_{view.partition->source->header_count(view.origin)} {}

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  Header operator[](std::size_t index) const { return view_->partition->source->header(view_->origin, index); }

  /// The value of the last header of that name, the one that counts by Kafka's convention; nullopt where there is none.
  std::optional<Bytes> find(std::string_view name) const {
    for (auto i = size_; i > 0; --i)
      if (const auto header = (*this)[i - 1]; header.name == name) return header.value;
    return std::nullopt;
  }

  Iterator begin() const { return {this, 0}; }
  Iterator end() const { return {this, size_}; }

 private:
  const detail::RecordView* view_;
  std::size_t size_;
};

}  // namespace tidemark
