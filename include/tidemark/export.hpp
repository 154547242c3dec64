#pragma once

// Symbols are hidden by default; what carries this macro is tidemark's binary interface.
#define TIDEMARK_EXPORT __attribute__((visibility("default")))
