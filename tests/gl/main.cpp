/// The entry of OpenGL's test program: on Mesa's llvmpipe, wherever it is run.
#include <gtest/gtest.h>

#include "tests/gl/gl_test.h"

int main(int argc, char** argv) {
    convlens::test::set_variable("LIBGL_ALWAYS_SOFTWARE", "1");
    // Compiling for llvmpipe takes longer than the tests: the processes of a run share what they compiled.
    convlens::test::set_variable("MESA_SHADER_CACHE_DISABLE", "false");
    convlens::test::set_variable("MESA_SHADER_CACHE_DIR", CONVLENS_MESA_CACHE);
    testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}
