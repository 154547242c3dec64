// Brings orders (key: the customer, value: the amount in cents) into PostgreSQL: each order is a row of "orders", and "totals" has the sum of
// each customer.
//
// Guarantee: exactly once. Rows, sums and offsets are committed in one transaction, so an order is in the tables if and only if its offset
//            is stored.
// Failure:   after a crash, or an error of the handler, PostgreSQL has rolled the batch in flight back, and it is handled as if for the
//            first time. A fail-over to an asynchronous standby takes the latest batches back, results and offsets together, and they
//            are handled again. Only what goes through the transaction has this guarantee. An error ends the program with 1.
//
// In production let the connection string say: host=db1,db2 target_session_attrs=read-write sslmode=verify-full

#include <charconv>
#include <cstdint>
#include <exception>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <tidemark/run_until_signal.hpp>
#include <tidemark/stores/postgres.hpp>
#include <tidemark/tidemark.hpp>

namespace {

std::int64_t cents_in(std::string_view text) {
  std::int64_t cents = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), cents);
  if (error != std::errc{} || rest != text.data() + text.size())
    throw std::runtime_error{"not an amount in cents: \"" + std::string{text} + '"'};
  return cents;
}

void book(const tidemark::Batch<>& batch, tidemark::PostgresTransaction& transaction) {
  std::map<std::string, std::int64_t> sums;
  auto rows = transaction.copy("orders", {"customer", "cents"});
  for (const auto& record : batch) {
    const auto cents = cents_in(record.value());
    rows.add(record.key(), cents);
    sums[std::string{record.key()}] += cents;
  }
  rows.finish();

  std::vector<std::string> customers;
  std::vector<std::int64_t> cents;
  for (const auto& [customer, sum] : sums) {
    customers.push_back(customer);
    cents.push_back(sum);
  }
  transaction.execute(
      "insert into totals select * from unnest($1::text[], $2::bigint[]) "
      "on conflict (customer) do update set cents = totals.cents + excluded.cents",
      customers, cents);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::cerr << "usage: " << argv[0] << " BROKERS TOPIC GROUP POSTGRES_CONNECTION\n";
    return 2;
  }
  try {
    tidemark::PostgresOffsetStore store{argv[4]};
    store.execute("create table if not exists orders(customer text not null, cents bigint not null)");
    store.execute("create table if not exists totals(customer text primary key, cents bigint not null)");
    tidemark::MicroBatchConsumer<> consumer{{.brokers = argv[1], .group = argv[3], .topics = {argv[2]}}, store, book};
    tidemark::run_until_signal(consumer);
  } catch (const std::exception& error) {
    std::cerr << "postgres_exactly_once: " << error.what() << '\n';
    return 1;
  }
}
