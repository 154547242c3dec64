#pragma once

#include <string>

#include <tidemark/dead_letter.hpp>

namespace tidemark::json {

/// The letter as an object of JSON, and a line feed. The format is JsonLinesDeadLetters'.
void append_line(std::string& text, const DeadLetter& letter);

}  // namespace tidemark::json
