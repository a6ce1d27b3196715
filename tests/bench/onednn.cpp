/// The same work in oneDNN.
#include "tests/bench/onednn.h"

#ifdef CONVLENS_ONEDNN
#include <omp.h>

#include <oneapi/dnnl/dnnl.hpp>
#include <unordered_map>

namespace convlens::bench {
namespace {

using dnnl::memory;
using tag = memory::format_tag;

memory::desc planar(const Shape& s) { return {{s.n, s.c, s.h, s.w}, memory::data_type::f32, tag::nchw}; }

/// A buffer in a layout of oneDNN's choice and the way between it and a planar one.
struct Side {
    memory own;
    dnnl::reorder reorder;
    bool needed;

    /// From `planar` to own, or back.
    Side(const memory::desc& wanted, memory& planar, const dnnl::engine& engine, bool in)
        : own(wanted == planar.get_desc() ? planar : memory(wanted, engine)),
          needed(!(wanted == planar.get_desc())) {
        if (needed) reorder = in ? dnnl::reorder(planar, own) : dnnl::reorder(own, planar);
    }
};

}  // namespace

std::function<void()> onednn_convolution(const Row& row, const Conv2d& layer, const Tensor& input,
                                         Tensor& output, int threads) {
    omp_set_num_threads(threads);
    const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
    dnnl::stream stream(engine);
    const Shape& w = layer.weight->shape();
    const auto any = [](const Shape& s) {
        return memory::desc({s.n, s.c, s.h, s.w}, memory::data_type::f32, tag::any);
    };
    const memory::desc bias_desc({w.n}, memory::data_type::f32, tag::x);
    const memory::dims stride{row.stride, row.stride}, padding{row.padding, row.padding};
    const dnnl::convolution_forward::primitive_desc chosen(
        {dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct, any(input.shape()), any(w),
         bias_desc, any(output.shape()), stride, padding, padding},
        engine);
    memory in(planar(input.shape()), engine, const_cast<float*>(input.data()));
    memory weights(planar(w), engine, const_cast<float*>(layer.weight->data()));
    memory bias(bias_desc, engine, const_cast<float*>(layer.bias->data()));
    memory out(planar(output.shape()), engine, output.data());
    Side source(chosen.src_desc(), in, engine, true), kernel(chosen.weights_desc(), weights, engine, true),
        target(chosen.dst_desc(), out, engine, false);
    if (kernel.needed) kernel.reorder.execute(stream, weights, kernel.own);
    stream.wait();
    const dnnl::convolution_forward convolution(chosen);
    return [=]() mutable {
        omp_set_num_threads(threads);
        if (source.needed) source.reorder.execute(stream, in, source.own);
        convolution.execute(stream, {{DNNL_ARG_SRC, source.own},
                                     {DNNL_ARG_WEIGHTS, kernel.own},
                                     {DNNL_ARG_BIAS, bias},
                                     {DNNL_ARG_DST, target.own}});
        if (target.needed) target.reorder.execute(stream, target.own, out);
        stream.wait();
    };
}

std::function<void()> onednn_max_pool(int size, const Tensor& input, Tensor& output, int threads) {
    omp_set_num_threads(threads);
    const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
    dnnl::stream stream(engine);
    const memory::dims window{size, size}, none{0, 0};
    const dnnl::pooling_forward::primitive_desc chosen(
        {dnnl::prop_kind::forward_inference, dnnl::algorithm::pooling_max, planar(input.shape()),
         planar(output.shape()), window, window, none, none},
        engine);
    memory in(planar(input.shape()), engine, const_cast<float*>(input.data())),
        out(planar(output.shape()), engine, output.data());
    const dnnl::pooling_forward pooling(chosen);
    return [=]() mutable {
        omp_set_num_threads(threads);
        pooling.execute(stream, {{DNNL_ARG_SRC, in}, {DNNL_ARG_DST, out}});
        stream.wait();
    };
}

}  // namespace convlens::bench
#else

namespace convlens::bench {

std::function<void()> onednn_convolution(const Row&, const Conv2d&, const Tensor&, Tensor&, int) {
    return {};
}
std::function<void()> onednn_max_pool(int, const Tensor&, Tensor&, int) { return {}; }

}  // namespace convlens::bench
#endif
