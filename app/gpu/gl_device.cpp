/// Memory, errors, and waiting for the GPU.
#include "app/gpu/gl_device.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <limits>

#include "engine/core/memory_limit.h"

namespace convlens {
namespace {

constexpr std::size_t max_stock_bytes = std::size_t{1} << 30U;
constexpr std::size_t max_stock_buffers = 64;
constexpr std::size_t smallest_buffer = 1024;                   ///< In floats; smaller requests get this size.
constexpr std::size_t readback_bytes = std::size_t{16} << 20U;  ///< Larger reads are split.
constexpr GLuint64 ten_seconds = 10'000'000'000;                ///< In nanoseconds.
/// GlDevice::slice_work_ of software drivers and of graphics cards.
constexpr double software_slice = 3e7, hardware_slice = 2e9;

GLint get_int(GLenum name) {
    GLint value = 0;
    glGetIntegerv(name, &value);
    return value;
}

/// Returns the GPU's total memory if the driver reports it, otherwise (also for software drivers) half of
/// memory_limit().
std::size_t max_bytes_of(const GlContext& context) {
    constexpr GLenum total_memory_kb = 0x9047;  // GL_GPU_MEMORY_INFO_DEDICATED_VIDMEM_NVX
    if (!context.software() && epoxy_has_gl_extension("GL_NVX_gpu_memory_info"))
        return static_cast<std::size_t>(get_int(total_memory_kb)) * 1024;
    return memory_limit() / 2;
}

/// Returns true if the driver can report that the GPU was reset.
bool tells_resets(const GlContext& context) {
    return context.version_number() >= 45 || epoxy_has_gl_extension("GL_KHR_robustness");
}

}  // namespace

Expected<std::shared_ptr<GlDevice>> GlDevice::make(const GlOptions& options) {
    auto context = GlContext::make(options);
    if (!context) return tl::unexpected(context.error());
    std::shared_ptr<GlDevice> device(new GlDevice);
    device->options_ = options;
    device->context_ = std::move(*context);
    const GlContext& c = *device->context_;
    device->programs_ = std::make_unique<GlPrograms>(c, options);
    device->split_ = options.split.value_or(!c.software());
    device->specialize_ = options.specialize.value_or(!c.software());
    device->alignment_ =
        static_cast<std::size_t>(std::max(get_int(GL_SHADER_STORAGE_BUFFER_OFFSET_ALIGNMENT), 4)) / sizeof(float);
    GLint64 block = 0;
    glGetInteger64v(GL_MAX_SHADER_STORAGE_BLOCK_SIZE, &block);
    auto most = static_cast<std::size_t>(std::min<GLint64>(block, std::numeric_limits<GLint>::max()));
    if (options.max_block_bytes > 0) most = std::min(most, options.max_block_bytes);
    device->max_block_ = most / sizeof(float) - device->alignment_;
    for (GLuint axis = 0; axis < 3; ++axis) {
        GLint groups = 0;
        glGetIntegeri_v(GL_MAX_COMPUTE_WORK_GROUP_COUNT, axis, &groups);
        device->max_groups_ = std::min(device->max_groups_, groups);
    }
    device->slice_work_ = c.software() ? software_slice : hardware_slice;
    device->max_bytes_ = max_bytes_of(c);
    if (auto ok = device->check(); !ok) return tl::unexpected(ok.error());
    device->started_ = true;
    return device;
}

GlDevice::~GlDevice() {
    if (!context_) return;
    make_current();
    drop(0);
    if (readback_ != 0) glDeleteBuffers(1, &readback_);
}

Expected<GlMemory> GlDevice::memory(std::size_t floats, std::string_view what) {
    floats = std::max(floats, smallest_buffer);
    auto best = stock_.end();
    for (auto it = stock_.begin(); it != stock_.end(); ++it)
        if (it->floats >= floats && it->floats <= 2 * floats && (best == stock_.end() || it->floats < best->floats))
            best = it;
    GlBuffer buffer;
    if (best != stock_.end()) {
        buffer = *best;
        stock_.erase(best);
        stock_bytes_ -= buffer.floats * sizeof(float);
    } else {
        buffer = {allocate(floats), floats};
        if (buffer.id == 0) {
            drop(0);
            buffer.id = allocate(floats);
        }
        if (buffer.id == 0)
            return fail(
                "the graphics card has no memory for {} ({:.1f} GB): use a smaller image, a larger stride, fewer "
                "channels, or the CPU",
                translated(what), static_cast<double>(floats) * sizeof(float) * 1e-9);
    }
    return GlMemory(new GlBuffer(buffer), [device = shared_from_this()](const GlBuffer* released) {
        device->take_back(*released);
        delete released;
    });
}

GLuint GlDevice::allocate(std::size_t floats) {
    if (simulates(GlFault::memory) || floats > max_bytes_ / sizeof(float)) return 0;
    while (glGetError() != GL_NO_ERROR) {
    }
    GLuint id = 0;
    glGenBuffers(1, &id);
    glBindBuffer(GL_SHADER_STORAGE_BUFFER, id);
    glBufferData(GL_SHADER_STORAGE_BUFFER, static_cast<GLsizeiptr>(floats * sizeof(float)), nullptr, GL_DYNAMIC_COPY);
    if (glGetError() != GL_NO_ERROR) {
        glDeleteBuffers(1, &id);
        return 0;
    }
    ++buffers_made_;
    bytes_held_ += floats * sizeof(float);
    return id;
}

void GlDevice::take_back(GlBuffer buffer) {
    stock_.push_back(buffer);
    stock_bytes_ += buffer.floats * sizeof(float);
    if (stock_bytes_ <= max_stock_bytes && stock_.size() <= max_stock_buffers) return;
    make_current();
    drop(max_stock_bytes / 2);
}

void GlDevice::drop(std::size_t until_bytes) {
    while (!stock_.empty() && (stock_bytes_ > until_bytes || stock_.size() > max_stock_buffers / 2)) {
        const std::size_t bytes = stock_.front().floats * sizeof(float);
        glDeleteBuffers(1, &stock_.front().id);
        stock_.erase(stock_.begin());
        stock_bytes_ -= bytes;
        bytes_held_ -= bytes;
    }
}

void GlDevice::write(const GlBuffer& to, const void* data, std::size_t bytes) {
    assert(bytes <= to.floats * sizeof(float));
    glBindBuffer(GL_COPY_WRITE_BUFFER, to.id);
    glBufferSubData(GL_COPY_WRITE_BUFFER, 0, static_cast<GLsizeiptr>(bytes), data);
}

Expected<void> GlDevice::read(const GlBuffer& from, std::size_t first_float, std::size_t bytes, void* to) {
    assert(first_float * sizeof(float) + bytes <= from.floats * sizeof(float));
    if (readback_ == 0) {
        glGenBuffers(1, &readback_);
        glBindBuffer(GL_PIXEL_PACK_BUFFER, readback_);
        glBufferData(GL_PIXEL_PACK_BUFFER, static_cast<GLsizeiptr>(readback_bytes), nullptr, GL_STREAM_READ);
    }
    glBindBuffer(GL_COPY_READ_BUFFER, from.id);
    glBindBuffer(GL_PIXEL_PACK_BUFFER, readback_);
    for (std::size_t done = 0; done < bytes; done += readback_bytes) {
        const std::size_t part = std::min(readback_bytes, bytes - done);
        glCopyBufferSubData(GL_COPY_READ_BUFFER, GL_PIXEL_PACK_BUFFER,
                            static_cast<GLintptr>(first_float * sizeof(float) + done), 0,
                            static_cast<GLsizeiptr>(part));
        const GLsync copied = glFenceSync(GL_SYNC_GPU_COMMANDS_COMPLETE, 0);
        glClientWaitSync(copied, GL_SYNC_FLUSH_COMMANDS_BIT, ten_seconds);
        glDeleteSync(copied);
        const void* values = glMapBufferRange(GL_PIXEL_PACK_BUFFER, 0, static_cast<GLsizeiptr>(part), GL_MAP_READ_BIT);
        if (values) std::memcpy(static_cast<char*>(to) + done, values, part);
        const bool intact = values && glUnmapBuffer(GL_PIXEL_PACK_BUFFER) == GL_TRUE;
        if (auto ok = check(); !ok) return ok;
        if (!intact) return fail("the OpenGL driver {} does not return a result: use the CPU", context_->renderer());
    }
    return {};
}

int GlDevice::bind(GLuint binding, const GlBuffer& buffer, std::size_t first, std::size_t count) {
    assert(first + count <= buffer.floats && count > 0);
    const std::size_t base = first % alignment_;
    glBindBufferRange(GL_SHADER_STORAGE_BUFFER, binding, buffer.id,
                      static_cast<GLintptr>((first - base) * sizeof(float)),
                      static_cast<GLsizeiptr>((base + count) * sizeof(float)));
    return static_cast<int>(base);
}

void GlDevice::dispatch(int x, int y, int z) {
    assert(x > 0 && y > 0 && z > 0 && std::max({x, y, z}) <= max_groups_);
    glDispatchCompute(static_cast<GLuint>(x), static_cast<GLuint>(y), static_cast<GLuint>(z));
    glMemoryBarrier(GL_SHADER_STORAGE_BARRIER_BIT | GL_BUFFER_UPDATE_BARRIER_BIT);
}

Expected<void> GlDevice::check() {
    if (tells_resets(*context_) && glGetGraphicsResetStatus() != GL_NO_ERROR) lost_ = true;
    const GLenum error = glGetError();
    if (lost_ || simulates(GlFault::lost) || error == GL_CONTEXT_LOST)
        return fail("the OpenGL driver {} was reset and lost its data: choose the backend again, or the CPU",
                    context_->renderer());
    if (error == GL_NO_ERROR) return {};
    while (glGetError() != GL_NO_ERROR) {
    }
    if (error == GL_OUT_OF_MEMORY)
        return fail("the OpenGL driver {} has run out of memory: use a smaller image or the CPU", context_->renderer());
    return fail("the OpenGL driver {} reports error {:#x}{}: use the CPU", context_->renderer(), error,
                context_->errors().last.empty() ? "" : fmt::format(" ({})", context_->errors().last));
}

Pacer::~Pacer() {
    if (before_) glDeleteSync(before_);
}

Expected<void> Pacer::did(double work) {
    done_ += work;
    in_slice_ += work;
    if (in_slice_ < device_.slice_work_ && done_ < total_) return {};
    if (in_slice_ >= device_.slice_work_) {
        in_slice_ = 0;
        const GLsync now = glFenceSync(GL_SYNC_GPU_COMMANDS_COMPLETE, 0);
        glFlush();
        // A graphics card always has the next slice queued. A software driver must not: it uses the same cores as the
        // thread that may cancel.
        const GLsync wait = device_.context().software() ? now : before_;
        if (wait) glClientWaitSync(wait, GL_SYNC_FLUSH_COMMANDS_BIT, ten_seconds);
        if (before_) glDeleteSync(before_);
        before_ = now;
    }
    if (cancel_.requested()) return canceled();
    cancel_.report(static_cast<float>(std::min(done_ / total_, 1.0)));
    return {};
}

}  // namespace convlens
