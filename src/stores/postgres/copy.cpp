#include <tidemark/stores/postgres/copy.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

#include <tidemark/error.hpp>

#include "stores/postgres/copy_sink.hpp"

namespace tidemark {

namespace {

constexpr std::size_t piece = 1 << 16;

}  // namespace

PostgresCopy::PostgresCopy(std::unique_ptr<Sink> sink)
    : sink_{std::move(sink)}, exceptions_{std::uncaught_exceptions()} {
  buffer_.reserve(piece + piece / 4);
}

PostgresCopy::PostgresCopy(PostgresCopy&&) noexcept = default;

PostgresCopy::~PostgresCopy() {
  if (!sink_ || sink_->is_finished) return;
  try {
    if (std::uncaught_exceptions() > exceptions_)
      sink_->transaction().abandon_copy();
    else
      finish();
  } catch (const StoreError& error) {
    sink_->transaction().fail_later(error);
  } catch (...) {
    sink_->transaction().abandon_copy();
  }
}

void PostgresCopy::begin_row(std::size_t cells) {
  if (!sink_ || sink_->is_finished)
    throw StoreError{"the COPY is over: finish() was called; call copy() again", StoreError::Retry::no};
  if (cells != sink_->columns())
    throw StoreError{fmt::format("a row of {} cells for a COPY of {} columns", cells, sink_->columns()),
                     StoreError::Retry::no};
  is_first_ = true;
}

void PostgresCopy::append_text(std::string_view text) {
  constexpr std::string_view special{"\n\r\t\\\0", 5};
  while (true) {
    const auto plain = std::min(text.find_first_of(special), text.size());
    buffer_.append(text.substr(0, plain));
    if (plain == text.size()) return;
    switch (text[plain]) {
      case '\t':
        buffer_ += "\\t";
        break;
      case '\n':
        buffer_ += "\\n";
        break;
      case '\r':
        buffer_ += "\\r";
        break;
      case '\0':
        throw StoreError{
            "PostgreSQL can't hold a text with a NUL byte: pass the bytes (record.value().bytes()) to a column of type "
            "bytea",
            StoreError::Retry::no};
      default:
        buffer_ += '\\';
        buffer_ += text[plain];
    }
    text.remove_prefix(plain + 1);
  }
}

void PostgresCopy::append_value(const PostgresValue& value) {
  if (value.is_null()) return append_null();
  if (!value.is_bytes()) return append_text(value.text());
  buffer_ += "\\\\x";
  constexpr std::string_view digits = "0123456789abcdef";
  for (const char byte : value.text()) {
    buffer_ += digits[static_cast<unsigned char>(byte) >> 4];
    buffer_ += digits[static_cast<unsigned char>(byte) & 15];
  }
}

void PostgresCopy::end_row() {
  buffer_ += '\n';
  if (buffer_.size() < piece) return;
  if (!sink_->transaction().copy_data(buffer_)) finish();  // throws what the server said
  buffer_.clear();
}

std::int64_t PostgresCopy::finish() {
  if (!sink_ || sink_->is_finished) throw StoreError{"the COPY is over already", StoreError::Retry::no};
  sink_->is_finished = true;
  if (!buffer_.empty()) sink_->transaction().copy_data(buffer_);
  return sink_->transaction().finish_copy();
}

}  // namespace tidemark
