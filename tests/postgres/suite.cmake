# Real PostgreSQL servers, each of some 100 MB.
if(TARGET tidemark::postgres)
  tidemark_test_suite(postgres LABEL postgres TIMEOUT 600
    LIBS tidemark::postgres tidemark::testing PostgreSQL::PostgreSQL RdKafka::rdkafka fmt::fmt)
  target_include_directories(tidemark_postgres_tests PRIVATE ${PROJECT_SOURCE_DIR}/src)
endif()
