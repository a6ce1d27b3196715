/// Random layers and their weights.
#include "engine/reference/layer_case.h"

#include <cmath>

#include "engine/nn/parameters.h"

namespace convlens::reference {
namespace {

MaxPool2d random_max_pool(Random& r) {
    MaxPool2d p{
        {r.whole(1, 5), r.whole(1, 5)}, {r.whole(1, 4), r.whole(1, 4)}, {}, {r.whole(1, 3), r.whole(1, 3)}, r.coin()};
    p.padding = {r.whole(0, p.kernel_size.h / 2), r.whole(0, p.kernel_size.w / 2)};
    return p;
}

AvgPool2d random_avg_pool(Random& r) {
    AvgPool2d p{{r.whole(1, 5), r.whole(1, 5)}, {r.whole(1, 4), r.whole(1, 4)}, {}, r.coin(), r.coin(), {}};
    p.padding = {r.whole(0, p.kernel_size.h / 2), r.whole(0, p.kernel_size.w / 2)};
    if (r.whole(0, 3) == 0) p.divisor_override = r.whole(1, 9);
    return p;
}

LocallyConnected2dSpec random_local(Random& r, Shape& input) {
    LocallyConnected2dSpec s{r.whole(1, 4),
                             r.whole(1, 5),
                             {r.whole(1, 6), r.whole(1, 6)},
                             {r.whole(1, 4), r.whole(1, 4)},
                             {r.whole(1, 3), r.whole(1, 3)},
                             r.coin()};
    input = {r.whole(1, 3), s.in_channels, (s.output_size.h - 1) * s.stride.h + s.kernel_size.h,
             (s.output_size.w - 1) * s.stride.w + s.kernel_size.w};
    return s;
}

}  // namespace

std::vector<LayerCase> layer_cases() {
    Random r(50);
    std::vector<LayerCase> all;
    for (int i = 0; i < 12; ++i) {
        const Shape any{r.whole(1, 3), r.whole(1, 9), r.whole(1, 30), r.whole(1, 30)};
        all.push_back({ReLU{}, any});
        all.push_back({LeakyReLU{0.25F}, any});
        all.push_back({Sigmoid{}, any, false});
        all.push_back({Tanh{}, any, false});
        all.push_back({Dropout{}, any});
        all.push_back({Flatten{}, any});
        all.push_back({Softmax{}, any, false});
        all.push_back({BatchNorm2dSpec{any.c, 1e-5F, r.coin()}, any, false});
        all.push_back({AdaptiveAvgPool2d{{r.whole(1, 9), r.whole(1, 9)}}, any, false});
        all.push_back({LinearSpec{any.c * any.h * any.w, r.whole(1, 50), r.coin()}, any});
        Shape input;
        const LocallyConnected2dSpec local = random_local(r, input);
        all.push_back({local, input});
        for (int j = 0; j < 4; ++j) {
            all.push_back({random_max_pool(r), any});
            all.push_back({random_avg_pool(r), any, false});
        }
    }
    std::erase_if(all, [](const LayerCase& c) { return !output_shape(c.spec, c.input); });
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
