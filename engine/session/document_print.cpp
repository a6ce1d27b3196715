/// Prints documents as JSON.
#include <algorithm>

#include "engine/core/color.h"
#include "engine/core/overloaded.h"
#include "engine/io/file.h"
#include "engine/io/json_writer.h"
#include "engine/nn/layer_fields.h"
#include "engine/session/document_json.h"

namespace convlens {
namespace {

/// Returns the values of a weight as nested lists, as NumPy prints them.
OrderedJson nested(const Tensor& tensor) {
    const Shape& s = tensor.shape();
    OrderedJson all = OrderedJson::array();
    for (int o = 0; o < s.n; ++o) {
        OrderedJson kernel = OrderedJson::array();
        for (int c = 0; c < s.c; ++c) {
            OrderedJson plane = OrderedJson::array();
            for (int y = 0; y < s.h; ++y) {
                OrderedJson row = OrderedJson::array();
                for (int x = 0; x < s.w; ++x) row.push_back(tensor.at(o, c, y, x));
                plane.push_back(std::move(row));
            }
            kernel.push_back(std::move(plane));
        }
        all.push_back(std::move(kernel));
    }
    return all;
}

OrderedJson input_json(const Input& input) {
    JsonWriter w;
    std::visit(Overloaded{[&](const PictureInput& p) {
                              OrderedJson names = OrderedJson::array();
                              for (const auto& picture : p.pictures) names.push_back(picture.origin.text());
                              w.json["images"] = std::move(names);
                          },
                          [&](const PatternInput& p) {
                              w.json["pattern"] = to_string(p.pattern);
                              w.required("size", p.size);
                              w.optional("batch", p.batch, 1);
                          },
                          [&](const TensorInput& t) { w.json["tensor"] = t.path; }},
               input.source);
    w.optional("background", rgba_text(input.background), rgba_text(Input{}.background));
    if (const auto& c = input.crop) w.json["crop"] = {c->x, c->y, c->w, c->h};
    if (input.resize) w.required("resize", *input.resize);
    if (input.shift != Size2{}) w.json["shift"] = {input.shift.h, input.shift.w};
    w.optional("gray", input.gray, false);
    if (input.normalize) w.required("normalize", *input.normalize);
    return w.json;
}

OrderedJson kernels_json(const Kernels& kernels) {
    JsonWriter w;
    std::visit(Overloaded{[&](const EdgeKernels&) { w.json["bank"] = "edges"; },
                          [&](const RandomKernels& r) {
                              w.json["bank"] = "random";
                              w.required("out_channels", r.out_channels);
                              w.required("kernel_size", r.kernel_size);
                              w.required("seed", r.seed);
                          },
                          [&](const LoadedKernels& l) {
                              w.json["bank"] = l.weight ? "values" : "file";
                              if (l.origin != KnownKernels::own) w.json["file"] = l.origin.text();
                              if (l.weight) {
                                  w.json["title"] = l.title;
                                  if (l.trained_with != Normalize::none)
                                      w.json["trained_with"] = to_string(l.trained_with);
                                  w.json["weight"] = nested(*l.weight);
                              }
                              if (l.bias) w.json["bias"] = *l.bias;
                          }},
               kernels.bank);
    if (kernels.gray == GrayKernels::channel_sum) w.json["gray"] = "sum";
    w.optional("use_bias", kernels.bias, true);
    return w.json;
}

OrderedJson weights_json(const LoadedWeights& weights) {
    JsonWriter w;
    if (weights.origin != KnownCheckpoint::own) w.json["file"] = weights.origin.text();
    if (!weights.parameters) return w.json;
    w.json["title"] = weights.title;
    OrderedJson arrays = OrderedJson::object();
    for (const auto& [name, parameter] : *weights.parameters)
        arrays[name] = {{"shape", parameter.shape},
                        {"values", std::vector<float>(parameter.data().begin(), parameter.data().end())}};
    w.json["arrays"] = std::move(arrays);
    return w.json;
}

OrderedJson network_json(const NetworkChoice& network) {
    JsonWriter w;
    if (const auto* chain = std::get_if<ConvChain>(&network)) {
        w.optional("relu", chain->relu, false);
        if (!chain->pool) return w.json;
        JsonWriter pool;
        visit_fields(*chain->pool, pool);
        w.json["max_pool"] = std::move(pool.json);
        return w.json;
    }
    const auto& layered = std::get<LayeredNetwork>(network);
    w.json["name"] = layered.origin.text();
    const auto known = known_architecture(layered.origin);
    const bool default_value = known && layered.architecture && *layered.architecture == *known;
    if (layered.architecture && !default_value) w.json["architecture"] = architecture_json(*layered.architecture);
    if (const auto* random = std::get_if<RandomWeights>(&layered.weights)) {
        w.required("seed", random->seed);
    } else {
        w.json["weights"] = weights_json(std::get<LoadedWeights>(layered.weights));
    }
    return w.json;
}

OrderedJson display_json(const DisplayOptions& display) {
    JsonWriter w;
    const DisplayOptions default_value;
    w.optional("scale", to_string(display.scale), to_string(default_value.scale));
    if (display.colormap) w.json["colormap"] = to_string(*display.colormap);
    w.optional("columns", display.columns, default_value.columns);
    if (display.cell != Size2{}) w.required("cell", display.cell);
    w.optional("gap", display.gap, default_value.gap);
    if (!display.channels.empty()) w.json["channels"] = display.channels;
    if (display.sort != Sort::index) w.json["sort"] = to_string(display.sort);
    w.optional("item", display.item, default_value.item);
    w.optional("hide_dead", display.hide_dead, default_value.hide_dead);
    w.optional("mark_beyond", display.mark_beyond, default_value.mark_beyond);
    w.optional("background", rgba_text(display.background), rgba_text(default_value.background));
    return w.json;
}

}  // namespace

OrderedJson document_json(const DocumentSpec& spec) {
    const Document& document = spec.document;
    JsonWriter w;
    w.json["input"] = input_json(document.input);
    w.part("network", network_json(document.network));
    w.optional("layer", document.layer, std::string());
    w.json["kernels"] = kernels_json(document.kernels);
    JsonWriter conv;
    visit_conv(document.conv, conv);
    w.part("conv", std::move(conv.json));
    w.part("display", display_json(document.display));
    return w.json;
}

}  // namespace convlens
