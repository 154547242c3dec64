#include <tidemark/stores/postgres/value.hpp>

#include <fmt/format.h>

#include <tidemark/error.hpp>

namespace tidemark {

std::string PostgresValue::checked(std::string_view text) {
  if (text.find('\0') != std::string_view::npos)
    throw StoreError{
        "PostgreSQL can't hold a text with a NUL byte: pass the bytes (record.value().bytes()) to a column of type "
        "bytea",
        StoreError::Retry::no};
  return std::string{text};
}

std::string PostgresValue::text_of(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number < 0 ? "-Infinity" : "Infinity";
  return fmt::format("{}", number);
}

void PostgresValue::append_element(const PostgresValue& element) {
  auto& text = *text_;
  if (text.size() > 1) text += ',';
  if (element.is_null()) {
    text += "NULL";
    return;
  }
  text += '"';
  if (element.is_bytes()) {
    text += "\\\\x";
    for (const char byte : element.text()) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  } else {
    for (const char character : element.text()) {
      if (character == '"' || character == '\\') text += '\\';
      text += character;
    }
  }
  text += '"';
}

}  // namespace tidemark
