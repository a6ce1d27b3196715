/// The test program's entry: GoogleTest's options, and --update to rewrite the golden pictures.
#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>

#include "tests/update.h"

namespace {
bool update = false;
}

bool update_goldens() { return update; }

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    update = std::find(argv, argv + argc, std::string_view("--update")) != argv + argc;
    return RUN_ALL_TESTS();
}
