/// Random layers and their weights, for tests.
#include "engine/reference/layer_case.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/nn/layer_fields.h"
#include "engine/nn/parameters.h"

namespace convlens::reference {
namespace {

/// Visitor for visit_fields() that counts the hyper-parameters.
struct FieldCount {
    int count = 0;
    void required(const char* /*name*/, const auto& /*value*/) { ++count; }
    void optional(const char* /*name*/, const auto& /*value*/, const auto& /*standard*/) { ++count; }
};

/// Appends up to four cases for one kind of layer to `all`, more for layers with more hyper-parameters. `any` is an
/// input for layers that can run on any input. Random layers that can't run are left out.
template <class Spec>
void add_cases(const Shape& any, Random& random, std::vector<LayerCase>& all) {
    FieldCount fields;
    const Spec default_value;
    visit_fields(default_value, fields);
    for (int i = 0; i < std::clamp(fields.count, 1, 4); ++i) {
        LayerCase c{{}, any, LayerTraits<Spec>::exact};
        c.spec = LayerTraits<Spec>::random(random, c.input);
        if (output_shape(c.spec, c.input)) all.push_back(std::move(c));
    }
}

}  // namespace

std::vector<LayerCase> layer_cases() {
    Random r(50);
    std::vector<LayerCase> all;
    for (int i = 0; i < 9; ++i) {
        const Shape any{r.whole(1, 3), r.whole(1, 9), r.whole(1, 30), r.whole(1, 30)};
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            (add_cases<std::variant_alternative_t<I + 1, OperationSpec>>(any, r, all), ...);  // 0 is Conv2d
        }
        (std::make_index_sequence<std::variant_size_v<OperationSpec> - 1>());
    }
    all.push_back({ReLU{}, {2, 3, 200, 301}});
    all.push_back({Softmax{}, {2, 10, 70, 31}, false});
    all.push_back({MaxPool2d{{3, 3}, {2, 2}, {1, 1}, {1, 1}, false}, {1, 3, 301, 407}});
    all.push_back({AvgPool2d{{5, 4}, {1, 2}, {2, 2}, false, true, {}}, {1, 3, 301, 407}, false});
    all.push_back({AdaptiveAvgPool2d{{6, 6}}, {1, 5, 300, 333}, false});
    all.push_back({LinearSpec{9216, 1003, true}, {3, 256, 6, 6}});
    return all;
}

Operation with_numbers(const OperationSpec& spec, Numbers numbers, Random& random) {
    ParameterMap parameters;
    for (const ParameterSpec& p : parameters_of(spec)) {
        std::size_t count = 1;
        for (const auto extent : p.shape) count *= static_cast<std::size_t>(extent);
        std::vector<float> values(count);
        for (float& v : values) v = numbers == Numbers::reals ? random.real() : static_cast<float>(random.whole(-4, 4));
        if (p.name == "running_var")
            for (float& v : values) v = std::abs(v) + 0.5F;
        parameters.emplace("x." + p.name, make_parameter(p.shape, std::move(values)));
    }
    return with_parameters({"x", spec}, parameters).value().operation;
}

std::string describe(const LayerCase& c) { return fmt::format("{} of {}", type_name(c.spec), to_string(c.input)); }

}  // namespace convlens::reference
