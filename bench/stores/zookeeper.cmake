target_link_libraries(tidemark_bench PRIVATE tidemark::zookeeper ZooKeeper::zookeeper_mt)
