// Writes the flights of the standard input, lines of flights.csv without its header, to a topic: at a steady rate, keyed by carrier.
// Ends with 0 when all of them have arrived.

#include <chrono>
#include <cstddef>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include "kafka_client.hpp"

namespace {

std::string_view carrier_of(std::string_view flight) {
  constexpr int carrier_column = 10;
  for (int column = 1; column < carrier_column; ++column) {
    const auto comma = flight.find(',');
    if (comma == flight.npos) throw std::runtime_error{"not a flight: " + std::string{flight}};
    flight.remove_prefix(comma + 1);
  }
  return flight.substr(0, flight.find(','));
}

void feed(const std::string& brokers, const std::string& topic_name, double records_per_second) {
  KafkaClient client{brokers};
  const auto topic = client.topic(topic_name);
  const auto start = std::chrono::steady_clock::now();
  std::size_t sent = 0;
  for (std::string flight; std::getline(std::cin, flight); ++sent) {
    client.produce(topic, carrier_of(flight), flight);
    std::this_thread::sleep_until(start +
                                  std::chrono::duration<double>{static_cast<double>(sent) / records_per_second});
  }
  if (sent == 0) throw std::runtime_error{"no flights on the standard input"};
  client.flush();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: " << argv[0] << " BROKERS TOPIC RECORDS_PER_SECOND <flights\n";
    return 2;
  }
  try {
    feed(argv[1], argv[2], std::stod(argv[3]));
  } catch (const std::exception& error) {
    std::cerr << "feed: " << error.what() << '\n';
    return 1;
  }
}
