/// The entry of OpenGL's test program: on Mesa's llvmpipe, wherever it is run.
#include <gtest/gtest.h>

#include <cstdlib>

int main(int argc, char** argv) {
    ::setenv("LIBGL_ALWAYS_SOFTWARE", "1", 1);
    // Compiling for llvmpipe takes longer than the tests: the processes of a run share what they compiled.
    ::setenv("MESA_SHADER_CACHE_DISABLE", "false", 1);
    ::setenv("MESA_SHADER_CACHE_DIR", CONVLENS_MESA_CACHE, 1);
    testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}
