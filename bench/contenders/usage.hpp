#pragma once

namespace tidemark::bench {

/// Of this process so far.
double cpu_seconds();
double peak_rss_mib();

}  // namespace tidemark::bench
