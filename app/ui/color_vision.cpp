/// Simulates color vision in a fragment shader over the finished frame.
#include "app/ui/color_vision.h"

#include <string>

#include "app/ui/gl.h"
#include "app/web/page.h"

namespace convlens {
namespace {

// A triangle that covers the frame, without vertex data.
constexpr const char* vertex_source = R"(
void main() {
    gl_Position = vec4(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0, 0.0, 1.0);
}
)";

// Matrices of color vision are for linear light: the curve of sRGB is undone before and applied after.
constexpr const char* fragment_source = R"(
uniform sampler2D picture;
uniform mat3 matrix;
out vec4 color;
vec3 above(vec3 x, float edge) { return vec3(greaterThan(x, vec3(edge))); }
void main() {
    vec3 s = texelFetch(picture, ivec2(gl_FragCoord.xy), 0).rgb;
    vec3 x = mix(s / 12.92, pow((s + 0.055) / 1.055, vec3(2.4)), above(s, 0.04045));
    x = clamp(matrix * x, 0.0, 1.0);
    color = vec4(mix(x * 12.92, 1.055 * pow(x, vec3(1.0 / 2.4)) - 0.055, above(x, 0.0031308)), 1.0);
}
)";

unsigned compiled(unsigned kind, const char* source) {
    const std::string text =
        std::string(in_browser ? "#version 300 es\nprecision highp float;" : "#version 330 core") + source;
    const char* const lines = text.c_str();
    const unsigned shader = glCreateShader(kind);
    glShaderSource(shader, 1, &lines, nullptr);
    glCompileShader(shader);
    return shader;
}

/// Returns the program; 0 if the driver does not compile or link it.
unsigned linked() {
    const unsigned program = glCreateProgram();
    for (const unsigned shader :
         {compiled(GL_VERTEX_SHADER, vertex_source), compiled(GL_FRAGMENT_SHADER, fragment_source)}) {
        glAttachShader(program, shader);
        glDeleteShader(shader);
    }
    glLinkProgram(program);
    int done = 0;
    glGetProgramiv(program, GL_LINK_STATUS, &done);
    if (done != 0) return program;
    glDeleteProgram(program);
    return 0;
}

}  // namespace

const std::array<float, 9>& color_matrix(ColorVision vision) {
    static constexpr std::array<float, 9> matrices[] = {
        {1, 0, 0, 0, 1, 0, 0, 0, 1},
        {0.152286F, 1.052583F, -0.204868F, 0.114503F, 0.786281F, 0.099216F, -0.003882F, -0.048116F, 1.051998F},
        {0.367322F, 0.860646F, -0.227968F, 0.280085F, 0.672501F, 0.047413F, -0.011820F, 0.042940F, 0.968881F},
        {1.255528F, -0.076749F, -0.178779F, -0.078411F, 0.930809F, 0.147602F, 0.004733F, 0.691367F, 0.303900F},
    };
    return matrices[static_cast<std::size_t>(vision)];
}

bool ColorFilter::apply(ColorVision vision, int width, int height) {
    if (vision == ColorVision::usual || width < 1 || height < 1) return true;
    if (program_ == 0) {
        program_ = linked();
        if (program_ == 0) return false;
        glGenVertexArrays(1, &vertices_);
        glGenTextures(1, &picture_);
    }
    glActiveTexture(GL_TEXTURE0);
    glBindTexture(GL_TEXTURE_2D, picture_);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
    glCopyTexImage2D(GL_TEXTURE_2D, 0, GL_RGB, 0, 0, width, height, 0);
    glDisable(GL_BLEND);
    glDisable(GL_SCISSOR_TEST);
    glDisable(GL_DEPTH_TEST);
    glDisable(GL_CULL_FACE);
    glUseProgram(program_);
    glUniform1i(glGetUniformLocation(program_, "picture"), 0);
    glUniformMatrix3fv(glGetUniformLocation(program_, "matrix"), 1, GL_TRUE, color_matrix(vision).data());
    glBindVertexArray(vertices_);
    glDrawArrays(GL_TRIANGLES, 0, 3);
    glBindVertexArray(0);
    glUseProgram(0);
    glBindTexture(GL_TEXTURE_2D, 0);
    return true;
}

}  // namespace convlens
