#pragma once

#include <memory>

#include <tidemark/dead_letter.hpp>

#include "kafka/handles.hpp"

namespace tidemark::kafka {

using HeadersHandle = std::unique_ptr<rd_kafka_headers_t, FreeWith<rd_kafka_headers_destroy>>;

/// The record's headers and those that say what became of it: see KafkaDeadLetters. Throws StoreError.
HeadersHandle headers_of(const DeadLetter& letter);

}  // namespace tidemark::kafka
