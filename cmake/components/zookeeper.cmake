tidemark_component(zookeeper PACKAGES "ZooKeeper 3.8|libzookeeper-mt-dev")
if(TIDEMARK_BUILD_ZOOKEEPER)
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
