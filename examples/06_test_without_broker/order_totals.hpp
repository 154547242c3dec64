#pragma once

#include <charconv>
#include <map>
#include <stdexcept>
#include <string>

#include <tidemark/batch.hpp>

/// What is to be tested: a handler that sums up orders by customer. The key is the customer, the value an amount.
class OrderTotals {
 public:
  void add(const tidemark::Batch<>& batch) {
    for (const auto& record : batch) {
      if (record.value().is_null()) continue;  // a tombstone: the order was withdrawn
      const auto text = record.value().text();
      int amount = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), amount);
      if (error != std::errc{} || end != text.data() + text.size())
        throw std::invalid_argument{"not an amount: " + std::string{text}};
      totals_[std::string{record.key().text()}] += amount;
    }
  }

  int of(const std::string& customer) const {
    const auto total = totals_.find(customer);
    return total == totals_.end() ? 0 : total->second;
  }

 private:
  std::map<std::string, int> totals_;
};
