tidemark_component(testing)
if(TIDEMARK_BUILD_TESTING)
  tidemark_library(testing
    SOURCES_FROM src/testing
    PUBLIC tidemark::tidemark
    PRIVATE RdKafka::rdkafka fmt::fmt
    PKGCONFIG "rdkafka fmt"
    DESCRIPTION "Embedded broker, conformance kit and test stores of tidemark")
endif()
