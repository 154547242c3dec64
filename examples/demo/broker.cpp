// A Kafka broker for the demo: prints its address, then serves until SIGINT or SIGTERM. Its records live in memory.

#include <pthread.h>
#include <signal.h>

#include <exception>
#include <iostream>
#include <string>

#include <tidemark/testing/embedded_broker.hpp>

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: " << argv[0] << " TOPIC PARTITIONS\n";
    return 2;
  }
  try {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // before the broker's threads, which inherit it

    const tidemark::testing::EmbeddedBroker broker{{.topics = {{argv[1], std::stoi(argv[2])}}}};
    std::cout << broker.brokers() << std::endl;
    int signal = 0;
    sigwait(&signals, &signal);
  } catch (const std::exception& error) {
    std::cerr << "broker: " << error.what() << '\n';
    return 1;
  }
}
