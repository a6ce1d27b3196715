/// The test program's entry: GoogleTest's options, and --update to rewrite the golden pictures.
#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>

#include "engine/core/confine.h"
#include "engine/core/host.h"
#include "engine/io/picture_child.h"
#include "tests/picture_child_faults.h"
#include "tests/update.h"

namespace {
bool update = false;
}

bool update_goldens() { return update; }

int main(int argc, char** argv) {
    const auto arguments = convlens::program_arguments(argc, argv);
    if (!arguments.empty() && arguments[0] == convlens::picture_child_word)
        return convlens::run_picture_child(std::span(arguments).subspan(1));
    if (!arguments.empty() && arguments[0] == convlens::run_confined_word)
        return convlens::become_confined(std::span(arguments).subspan(1));
    if (!arguments.empty() && arguments[0] == convlens::run_encoder_word)
        return convlens::become_confined(std::span(arguments).subspan(1), convlens::max_encoded_bytes);
    if (!arguments.empty() && arguments[0] == picture_fault_word) return run_picture_fault(arguments);
    testing::InitGoogleTest(&argc, argv);
    update = std::find(argv, argv + argc, std::string_view("--update")) != argv + argc;
    return RUN_ALL_TESTS();
}
