/// A GPU: its memory, programs and errors, and slicing of long work.
#pragma once

#include <epoxy/gl.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "app/gpu/gl_context.h"
#include "app/gpu/gl_program.h"
#include "engine/core/cancel.h"
#include "engine/core/shape.h"

namespace convlens {

class GlDevice;

/// A buffer in GPU memory. It returns to the device's pool of free buffers when its last GlMemory is destroyed.
struct GlBuffer {
    GLuint id = 0;
    std::size_t floats = 0;  ///< Capacity in floats.
};
using GlMemory = std::shared_ptr<const GlBuffer>;

/// A tensor on the GPU: NCHW floats from the start of `memory`.
struct GlValues {
    GlMemory memory;
    Shape shape;
};

/// A GPU that computes through one OpenGL context. Belongs to the thread that made it. If another context may be
/// current, call make_current() first.
class GlDevice : public std::enable_shared_from_this<GlDevice> {
  public:
    static Expected<std::shared_ptr<GlDevice>> make(const GlOptions& options);
    ~GlDevice();

    const GlContext& context() const { return *context_; }
    void make_current() const { context_->make_current(); }

    /// Limits that shaders must respect.
    std::size_t max_block() const { return max_block_; }
    int max_groups() const { return max_groups_; }  ///< Workgroups per dispatch along each axis.
    bool specialize() const { return specialize_; }
    bool split() const { return split_; }
    bool naive() const { return options_.naive; }
    bool simulates(GlFault fault) const { return started_ && options_.simulates(fault); }

    Expected<const GlProgram*> program(std::string_view file, const Defines& defines) {
        return programs_->get(file, defines);
    }
    const GlPrograms& programs() const { return *programs_; }

    /// Returns a buffer of at least `floats` floats with unspecified contents: a free one of similar size, or a new
    /// one. Fails if `floats` exceed max_bytes() or the GPU is out of memory; the message names `what`.
    Expected<GlMemory> memory(std::size_t floats, std::string_view what);

    /// Maximum size of one buffer in bytes: the GPU's total memory if the driver reports it, otherwise half of the
    /// machine's memory. memory() rejects larger requests without passing them to the driver; the driver may reject
    /// smaller ones.
    std::size_t max_bytes() const { return max_bytes_; }

    /// Number of buffers requested from the driver so far, and number of bytes in buffers that are in use or in the
    /// pool.
    int buffers_made() const { return buffers_made_; }
    std::size_t bytes_held() const { return bytes_held_; }

    void write(const GlBuffer& to, std::span<const float> values) { write(to, values.data(), values.size_bytes()); }
    void write(const GlBuffer& to, const void* data, std::size_t bytes);
    /// Reads `bytes` bytes from float `first_float` on into `to`. Uses a pixel buffer in host memory: the GPU copies
    /// while this thread waits.
    Expected<void> read(const GlBuffer& from, std::size_t first_float, std::size_t bytes, void* to);

    /// Binds floats [first, first + count), at most max_block() of them, to a shader's `binding`. Returns the index
    /// that float `first` has in the shader's array.
    int bind(GLuint binding, const GlBuffer& buffer, std::size_t first, std::size_t count);
    void bind(GLuint binding, const GlBuffer& buffer) { bind(binding, buffer, 0, buffer.floats); }

    /// Runs the current program; its output is visible to all later operations.
    void dispatch(int x, int y, int z);

    /// Fails when the driver has reported an error since the last call or was reset.
    Expected<void> check();

  private:
    friend class Pacer;
    GlDevice() = default;
    void take_back(GlBuffer buffer);
    void drop(std::size_t until_bytes);
    GLuint allocate(std::size_t floats);

    std::unique_ptr<GlContext> context_;
    std::unique_ptr<GlPrograms> programs_;
    GlOptions options_;
    bool started_ = false;  ///< Faults are simulated only after this.
    bool specialize_ = false, split_ = false, lost_ = false;
    std::size_t max_block_ = 0, alignment_ = 1, max_bytes_ = 0;
    int max_groups_ = 65535;
    double slice_work_ = 0;        ///< Multiply-accumulates or values that take about 5 ms.
    std::vector<GlBuffer> stock_;  ///< Free buffers, oldest first.
    std::size_t stock_bytes_ = 0, bytes_held_ = 0;
    int buffers_made_ = 0;
    GLuint readback_ = 0;  ///< The pixel buffer, made on demand.
};

/// Splits long work into slices. It adds up the dispatched work; after each slice it waits for the GPU and checks for
/// cancellation.
class Pacer {
  public:
    /// `total` is the total work in multiply-accumulates or values.
    Pacer(GlDevice& device, const Cancel& cancel, double total) : device_(device), cancel_(cancel), total_(total) {}
    ~Pacer();
    Pacer(const Pacer&) = delete;
    Pacer& operator=(const Pacer&) = delete;

    /// Returns the maximum work that a dispatch should have.
    double slice() const { return device_.slice_work_; }
    /// The source of cancellation requests.
    const Cancel& cancel() const { return cancel_; }
    /// Tells the Pacer the work of a dispatch that was just made. Fails when canceled.
    Expected<void> did(double work);

  private:
    GlDevice& device_;
    const Cancel& cancel_;
    double total_, done_ = 0, in_slice_ = 0;
    GLsync before_ = nullptr;  ///< Signaled at the end of the previous slice.
};

}  // namespace convlens
