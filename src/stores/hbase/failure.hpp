#pragma once

#include <string>
#include <string_view>

#include <tidemark/error.hpp>
#include <tidemark/stores/hbase/options.hpp>

namespace tidemark::detail {

/// The connection broke, or no reply came in time: whether what was sent has been carried out is not known.
class HBaseLost : public StoreError {
 public:
  explicit HBaseLost(const std::string& what) : StoreError{what, Retry::yes} {}
};

/// HBase answered with an error. A retryable one tells as little of the outcome as a lost connection: HBase gave up waiting for itself.
class HBaseRefusal : public StoreError {
 public:
  HBaseRefusal(const std::string& what, Retry retry) : StoreError{what, retry} {}
};

/// "HBase store (gateway:9090): <what>", as every error of the store begins.
std::string hbase_message(const HBaseOffsetStoreOptions& options, std::string_view what);

/// What HBase's words mean: Java exceptions with their traces, of which the first line is of use, and what mends it.
HBaseRefusal hbase_refusal(const HBaseOffsetStoreOptions& options, std::string_view action, std::string_view words,
                           bool can_retry);

}  // namespace tidemark::detail
