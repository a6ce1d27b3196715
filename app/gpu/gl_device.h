/// A graphics card: its memory, its programs, its errors, and how work is handed to it in slices.
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

/// Memory on the card. Goes back to its device's stock when nobody uses it any more.
struct GlBuffer {
    GLuint id = 0;
    std::size_t floats = 0;  ///< Room for this many.
};
using GlMemory = std::shared_ptr<const GlBuffer>;

/// A tensor on the card: NCHW floats from the beginning of the memory.
struct GlValues {
    GlMemory memory;
    Shape shape;
};

/// Belongs to the thread that made it; make_current() is to be called before anything else where another
/// context may be current.
class GlDevice : public std::enable_shared_from_this<GlDevice> {
  public:
    static Expected<std::shared_ptr<GlDevice>> make(const GlOptions& options);
    ~GlDevice();

    const GlContext& context() const { return *context_; }
    void make_current() const { context_->make_current(); }

    /// Sizes that shaders must keep to.
    std::size_t max_block() const { return max_block_; }  ///< Floats that can be bound at once, wherever they begin.
    int max_groups() const { return max_groups_; }        ///< Work groups of a dispatch along each axis.
    bool specialize() const { return specialize_; }
    bool split() const { return split_; }
    bool naive() const { return options_.naive; }
    bool acts_out(GlFault fault) const { return started_ && options_.acts_out(fault); }

    Expected<const GlProgram*> program(std::string_view file, const Defines& defines) {
        return programs_->get(file, defines);
    }
    const GlPrograms& programs() const { return *programs_; }

    /// Memory for `floats` floats with unspecified values, from the stock if there is any of about that size.
    /// Fails when the card has none; `what` is named in the sentence.
    Expected<GlMemory> memory(std::size_t floats, std::string_view what);

    /// Bytes that a result may have at most; the driver decides below that.
    std::size_t max_bytes() const { return max_bytes_; }

    /// Buffers asked from the driver so far, and bytes in use or in stock.
    int buffers_made() const { return buffers_made_; }
    std::size_t bytes_held() const { return bytes_held_; }

    void write(const GlBuffer& to, std::span<const float> values) { write(to, values.data(), values.size_bytes()); }
    void write(const GlBuffer& to, const void* data, std::size_t bytes);
    /// Through a pixel buffer that lies where the program can read it: the card copies while this thread sleeps until
    /// it has.
    Expected<void> read(const GlBuffer& from, std::size_t first_float, std::size_t bytes, void* to);

    /// Binds floats [first, first + count), at most max_block() of them, to a shader's `binding`; returns at
    /// which index of the shader's array the first of them lies.
    int bind(GLuint binding, const GlBuffer& buffer, std::size_t first, std::size_t count);
    void bind(GLuint binding, const GlBuffer& buffer) { bind(binding, buffer, 0, buffer.floats); }

    /// Runs the current program; what it writes is visible to all that comes after.
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
    bool started_ = false;  ///< From then on faults are acted out.
    bool specialize_ = false, split_ = false, lost_ = false;
    std::size_t max_block_ = 0, alignment_ = 1, max_bytes_ = 0;
    int max_groups_ = 65535;
    double slice_work_ = 0;        ///< Multiplications, or values, of about 5 ms.
    std::vector<GlBuffer> stock_;  ///< Free buffers, oldest first.
    std::size_t stock_bytes_ = 0, bytes_held_ = 0;
    int buffers_made_ = 0;
    GLuint readback_ = 0;  ///< The pixel buffer, made when it is needed first.
};

/// Cuts long work in slices: counts what was dispatched and, slice by slice, waits for the card and asks
/// whether anybody still waits for the result.
class Pacer {
  public:
    /// `total` is all the work, in multiplications or values.
    Pacer(GlDevice& device, const Cancel& cancel, double total) : device_(device), cancel_(cancel), total_(total) {}
    ~Pacer();
    Pacer(const Pacer&) = delete;
    Pacer& operator=(const Pacer&) = delete;

    /// The most work that a dispatch should have.
    double slice() const { return device_.slice_work_; }
    /// Who may ask to stop.
    const Cancel& cancel() const { return cancel_; }
    /// Tells about a dispatch. Fails when asked to stop.
    Expected<void> did(double work);

  private:
    GlDevice& device_;
    const Cancel& cancel_;
    double total_, done_ = 0, in_slice_ = 0;
    GLsync before_ = nullptr;  ///< The end of the slice before.
};

}  // namespace convlens
