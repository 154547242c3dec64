# Real ZooKeeper servers, each of up to 192 MB.
if(TARGET tidemark::zookeeper)
  tidemark_test_suite(zookeeper LABEL zookeeper TIMEOUT 300 LIBS tidemark::zookeeper tidemark::testing fmt::fmt)
  target_include_directories(tidemark_zookeeper_tests PRIVATE ${PROJECT_SOURCE_DIR}/src)
endif()
