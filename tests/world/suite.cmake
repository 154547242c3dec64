# What goes wrong around a consumer, on real brokers.
if(TARGET tidemark::testing)
  tidemark_test_suite(world LABEL world TIMEOUT 900 LIBS tidemark::tidemark tidemark::testing RdKafka::rdkafka fmt::fmt)
endif()
