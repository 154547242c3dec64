// Every component in one program.
#include <cstdio>
#include <tidemark/tidemark.hpp>

int main() { std::printf("linked %s\n", tidemark::version()); }
