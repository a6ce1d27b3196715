/// The same work in oneDNN.
#include "tests/bench/onednn.h"

#ifdef CONVLENS_ONEDNN
#include <omp.h>

#include <memory>
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
        : own(wanted == planar.get_desc() ? planar : memory(wanted, engine)), needed(!(wanted == planar.get_desc())) {
        if (needed) reorder = in ? dnnl::reorder(planar, own) : dnnl::reorder(own, planar);
    }
};

}  // namespace

std::function<void()> onednn_convolution(const Row& row, const Conv2d& layer, const Tensor& input, Tensor& output,
                                         int threads) {
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
        {dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct, any(input.shape()), any(w), bias_desc,
         any(output.shape()), stride, padding, padding},
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

std::function<void()> onednn_pool(bool max, int size, const Tensor& input, Tensor& output, int threads) {
    omp_set_num_threads(threads);
    const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
    dnnl::stream stream(engine);
    const memory::dims window{size, size}, none{0, 0};
    const dnnl::pooling_forward::primitive_desc chosen(
        {dnnl::prop_kind::forward_inference, max ? dnnl::algorithm::pooling_max : dnnl::algorithm::pooling_avg,
         planar(input.shape()), planar(output.shape()), window, window, none, none},
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

std::function<void()> onednn_linear(const Linear& layer, const Tensor& input, Tensor& output, int threads) {
    omp_set_num_threads(threads);
    const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
    dnnl::stream stream(engine);
    const std::int64_t n = input.shape().n, in = layer.spec.in_features, out = layer.spec.out_features;
    const auto of = [](const memory::dims& dims, tag t) { return memory::desc(dims, memory::data_type::f32, t); };
    const dnnl::inner_product_forward::primitive_desc chosen(
        {dnnl::prop_kind::forward_inference, of({n, in}, tag::ab), of({out, in}, tag::any), of({out}, tag::a),
         of({n, out}, tag::ab)},
        engine);
    memory source(of({n, in}, tag::ab), engine, const_cast<float*>(input.data()));
    memory weights(of({out, in}, tag::ab), engine, const_cast<float*>(layer.weight->data()));
    memory bias(of({out}, tag::a), engine, const_cast<float*>(layer.bias->data()));
    memory target(of({n, out}, tag::ab), engine, output.data());
    Side kernel(chosen.weights_desc(), weights, engine, true);
    if (kernel.needed) kernel.reorder.execute(stream, weights, kernel.own);
    stream.wait();
    const dnnl::inner_product_forward product(chosen);
    return [=]() mutable {
        omp_set_num_threads(threads);
        product.execute(
            stream,
            {{DNNL_ARG_SRC, source}, {DNNL_ARG_WEIGHTS, kernel.own}, {DNNL_ARG_BIAS, bias}, {DNNL_ARG_DST, target}});
        stream.wait();
    };
}

namespace {

/// A primitive and what it reads and writes.
struct Step {
    dnnl::primitive primitive;
    std::unordered_map<int, memory> arguments;
};

/// What a chain is built into.
struct Chain {
    dnnl::engine engine{dnnl::engine::kind::cpu, 0};
    dnnl::stream stream{engine};
    std::vector<Step> steps;
    memory now;  ///< What the step before writes.

    void reorder_to(const memory::desc& wanted) {
        if (wanted == now.get_desc()) return;
        memory next(wanted, engine);
        steps.push_back({dnnl::reorder(now, next), {{DNNL_ARG_FROM, now}, {DNNL_ARG_TO, next}}});
        now = next;
    }

    void convolve(const Conv2d& layer, const Shape& in, const Shape& out, bool relu) {
        const Shape& w = layer.weight->shape();
        const auto any = [](const Shape& s) {
            return memory::desc({s.n, s.c, s.h, s.w}, memory::data_type::f32, tag::any);
        };
        const memory::desc bias_desc({w.n}, memory::data_type::f32, tag::x);
        const ConvParams& p = layer.params;
        const memory::dims padding{p.padding.h, p.padding.w};
        dnnl::post_ops after;
        if (relu) after.append_eltwise(1.0F, dnnl::algorithm::eltwise_relu, 0.0F, 0.0F);
        dnnl::primitive_attr attributes;
        attributes.set_post_ops(after);
        const dnnl::convolution_forward::primitive_desc chosen({dnnl::prop_kind::forward_inference,
                                                                dnnl::algorithm::convolution_direct,
                                                                any(in),
                                                                any(w),
                                                                bias_desc,
                                                                any(out),
                                                                {p.stride.h, p.stride.w},
                                                                padding,
                                                                padding},
                                                               attributes, engine);
        memory weights(planar(w), engine, const_cast<float*>(layer.weight->data())),
            packed(chosen.weights_desc(), engine);
        dnnl::reorder(weights, packed).execute(stream, weights, packed);
        stream.wait();
        reorder_to(chosen.src_desc());
        memory bias(bias_desc, engine, const_cast<float*>(layer.bias->data())), next(chosen.dst_desc(), engine);
        steps.push_back(
            {dnnl::convolution_forward(chosen),
             {{DNNL_ARG_SRC, now}, {DNNL_ARG_WEIGHTS, packed}, {DNNL_ARG_BIAS, bias}, {DNNL_ARG_DST, next}}});
        now = next;
    }

    void pool(const MaxPool2d& layer, const Shape& out) {
        const memory::desc wanted({out.n, out.c, out.h, out.w}, memory::data_type::f32, tag::any);
        const memory::dims none{0, 0};
        const dnnl::pooling_forward::primitive_desc chosen({dnnl::prop_kind::forward_inference,
                                                            dnnl::algorithm::pooling_max,
                                                            now.get_desc(),
                                                            wanted,
                                                            {layer.stride.h, layer.stride.w},
                                                            {layer.kernel_size.h, layer.kernel_size.w},
                                                            none,
                                                            none},
                                                           engine);
        memory next(chosen.dst_desc(), engine);
        steps.push_back({dnnl::pooling_forward(chosen), {{DNNL_ARG_SRC, now}, {DNNL_ARG_DST, next}}});
        now = next;
    }
};

}  // namespace

std::function<void()> onednn_chain(const Network& network, const Tensor& input, Tensor& output, int threads) {
    omp_set_num_threads(threads);
    const auto chain = std::make_shared<Chain>();
    chain->now = memory(planar(input.shape()), chain->engine, const_cast<float*>(input.data()));
    Shape shape = input.shape();
    for (std::size_t i = 0; i < network.layers.size(); ++i) {
        const Shape out = output_shape(network.layers[i], shape).value();
        const bool relu =
            i + 1 < network.layers.size() && std::holds_alternative<ReLU>(network.layers[i + 1].operation);
        if (const auto* conv = std::get_if<Conv2d>(&network.layers[i].operation))
            chain->convolve(*conv, shape, out, relu);
        if (const auto* pool = std::get_if<MaxPool2d>(&network.layers[i].operation)) chain->pool(*pool, out);
        shape = out;
    }
    memory out(planar(shape), chain->engine, output.data());
    chain->steps.push_back({dnnl::reorder(chain->now, out), {{DNNL_ARG_FROM, chain->now}, {DNNL_ARG_TO, out}}});
    return [chain, threads] {
        omp_set_num_threads(threads);
        for (const Step& step : chain->steps) step.primitive.execute(chain->stream, step.arguments);
        chain->stream.wait();
    };
}

}  // namespace convlens::bench
#else

namespace convlens::bench {

std::function<void()> onednn_convolution(const Row&, const Conv2d&, const Tensor&, Tensor&, int) { return {}; }
std::function<void()> onednn_pool(bool, int, const Tensor&, Tensor&, int) { return {}; }
std::function<void()> onednn_linear(const Linear&, const Tensor&, Tensor&, int) { return {}; }
std::function<void()> onednn_chain(const Network&, const Tensor&, Tensor&, int) { return {}; }

}  // namespace convlens::bench
#endif
