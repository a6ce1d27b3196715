/// A call that every driver complains about.
#include <epoxy/gl.h>

#include "tests/gl/gl_test.h"

namespace convlens::test {

void provoke_driver_error() {
    glBindBuffer(GL_INVALID_ENUM, 0);
    while (glGetError() != GL_NO_ERROR) {
    }
}

}  // namespace convlens::test
