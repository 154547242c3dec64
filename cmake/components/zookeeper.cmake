find_package(ZooKeeper 3.8 QUIET)
tidemark_component_option(TIDEMARK_BUILD_ZOOKEEPER "Build tidemark::zookeeper" ZooKeeper_FOUND)
if(TIDEMARK_BUILD_ZOOKEEPER)
  find_package(ZooKeeper 3.8 REQUIRED)
  tidemark_library(zookeeper
    SOURCES_FROM src/stores/zookeeper
    SOURCES src/stores/zookeeper.cpp
    PUBLIC tidemark::tidemark
    PRIVATE ZooKeeper::zookeeper_mt fmt::fmt
    PACKAGES "ZooKeeper 3.8"
    PKGCONFIG "fmt"
    PKGCONFIG_LIBS "-lzookeeper_mt"
    DESCRIPTION "tidemark's offset store in ZooKeeper")
endif()
