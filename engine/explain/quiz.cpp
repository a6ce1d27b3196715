/// Draws random questions.
#include "engine/explain/quiz.h"

#include <algorithm>
#include <set>

#include "engine/core/numbers.h"
#include "engine/core/random.h"
#include "engine/core/sentence.h"
#include "engine/nn/layer_numbers.h"

namespace convlens {
namespace {

std::string shape_text(const Shape& s) { return fmt::format("{} × {} × {}", s.c, s.h, s.w); }

std::string count_text(std::uint64_t n) { return grouped(n); }

/// Returns the PyTorch expression that creates the layer.
std::string code_of(const OperationSpec& spec) {
    return std::visit([]<class Spec>(const Spec& s) { return LayerTraits<Spec>::torch(s, "layer").module; }, spec);
}

int pick(Random& random, std::initializer_list<int> values) {
    return *(values.begin() + random.whole(0, static_cast<int>(values.size()) - 1));
}

/// Puts the right answer among the first three of `mistakes` that differ from it and from each other, in random order.
void set_choices(QuizQuestion& q, const std::string& right, const std::vector<std::string>& mistakes, Random& random) {
    std::vector<std::string> wrong;
    for (const std::string& mistake : mistakes)
        if (wrong.size() < 3 && mistake != right && std::find(wrong.begin(), wrong.end(), mistake) == wrong.end())
            wrong.push_back(mistake);
    q.choices = std::move(wrong);
    q.answer = random.whole(0, static_cast<int>(q.choices.size()));
    q.choices.insert(q.choices.begin() + q.answer, right);
}

/// The window of a layer along one axis.
struct Axis {
    int size, kernel, stride, padding, dilation;

    int reach() const { return dilation * (kernel - 1) + 1; }
    int out() const { return (size + 2 * padding - reach()) / stride + 1; }
};

/// Returns the formula of the output size with the numbers of one axis.
std::string size_formula(const Axis& a) {
    return fmt::format("$\\floor{{\\frac{{{} + 2 \\cdot {} - {} \\cdot ({} - 1) - 1}}{{{}}}}} + 1 = {}$", a.size,
                       a.padding, a.dilation, a.kernel, a.stride, a.out());
}

void ask_output_shape(QuizQuestion& q, Random& random) {
    const bool pool = random.whole(0, 3) == 0;
    const int channels = pick(random, {1, 3, 6, 16}), filters = pick(random, {4, 7, 10, 16, 64});
    Axis rows{random.whole(24, 160), pool ? pick(random, {2, 3}) : pick(random, {1, 3, 5, 7, 11}), 1, 0, 1};
    rows.stride = pool ? rows.kernel : pick(random, {1, 1, 2, 2, 3, 4});
    if (!pool) {
        rows.padding = random.whole(0, rows.kernel / 2);
        if (rows.kernel > 1 && rows.kernel < 7) rows.dilation = pick(random, {1, 1, 1, 2});
    }
    Axis columns = rows;
    columns.size = random.coin() ? rows.size : random.whole(24, 160);
    q.input = {1, channels, rows.size, columns.size};
    if (pool) {
        MaxPool2d layer;
        layer.kernel_size = layer.stride = {rows.kernel, rows.kernel};
        q.layers = {{"pool", layer}};
    } else {
        Conv2dSpec layer{channels, filters, {rows.kernel, rows.kernel}, {}, true};
        layer.params.stride = {rows.stride, rows.stride};
        layer.params.padding = {rows.padding, rows.padding};
        layer.params.dilation = {rows.dilation, rows.dilation};
        q.layers = {{"conv", layer}};
    }
    const Shape right = layer_numbers(q.layers, q.input).layers[0].output;
    const auto with = [&](int c, Axis r, Axis w) { return shape_text({1, c, r.out(), w.out()}); };
    const auto changed = [&](auto change) {
        Axis r = rows, w = columns;
        change(r), change(w);
        return with(right.c, r, w);
    };
    std::vector<std::string> mistakes;
    if (rows.padding > 0) mistakes.push_back(changed([](Axis& a) { a.padding = 0; }));
    if (rows.dilation > 1) mistakes.push_back(changed([](Axis& a) { a.dilation = 1; }));
    if (rows.stride > 1) mistakes.push_back(changed([](Axis& a) { a.stride = 1; }));
    mistakes.push_back(shape_text({1, pool ? filters : channels, right.h, right.w}));
    mistakes.push_back(shape_text({1, right.c, right.h + 1, right.w + 1}));
    mistakes.push_back(shape_text({1, right.c, rows.size, columns.size}));
    mistakes.push_back(shape_text({1, right.c, right.h - 1, right.w - 1}));
    mistakes.push_back(shape_text({1, right.c, right.h + 2, right.w + 2}));
    q.prompt = sentence("An input of {} enters **{}**. What is the shape of the output?", shape_text(q.input),
                        code_of(q.layers[0].operation));
    q.why = sentence("Rows: {}\n", size_formula(rows));
    if (columns.size != rows.size) q.why += sentence("Columns: {}\n", size_formula(columns));
    q.why += pool ? sentence("Pooling keeps the {} channels.", channels)
                  : sentence("One output channel for each of the {} kernels.", filters);
    set_choices(q, shape_text(right), mistakes, random);
}

void ask_parameters(QuizQuestion& q, Random& random) {
    std::uint64_t inputs = 0, outputs = 0;
    std::vector<std::uint64_t> mistakes;
    std::string product;
    bool bias = true;
    if (random.whole(0, 3) == 0) {
        inputs = static_cast<std::uint64_t>(pick(random, {64, 120, 250, 400, 784}));
        outputs = static_cast<std::uint64_t>(pick(random, {1, 10, 32, 84, 500}));
        bias = random.whole(0, 3) != 0;
        q.layers = {{"fc", LinearSpec{static_cast<int>(inputs), static_cast<int>(outputs), bias}}};
        q.input = {1, static_cast<int>(inputs), 1, 1};
        product = fmt::format("{}", inputs);
        mistakes = {inputs + outputs, inputs * outputs + inputs};
    } else {
        const int k = pick(random, {1, 3, 5, 7, 11});
        int channels = pick(random, {1, 3, 5, 6, 16}), filters = pick(random, {4, 7, 10, 16, 64});
        const bool grouped_channels = channels == 6 && random.coin();
        const int groups = grouped_channels ? pick(random, {2, 3}) : 1;
        if (grouped_channels) filters = groups * random.whole(2, 8);
        bias = random.whole(0, 3) != 0;
        Conv2dSpec layer{channels, filters, {k, k}, {}, bias};
        layer.params.groups = groups;
        q.layers = {{"conv", layer}};
        q.input = {1, channels, 32, 32};
        const auto in = static_cast<std::uint64_t>(channels / groups), side = static_cast<std::uint64_t>(k);
        outputs = static_cast<std::uint64_t>(filters);
        inputs = in * side * side;
        product = fmt::format("{} \\times {} \\times {}", in, k, k);
        if (groups > 1)
            mistakes.push_back(outputs * (static_cast<std::uint64_t>(channels) * side * side + (bias ? 1 : 0)));
        if (in > 1) mistakes.push_back(outputs * (side * side + (bias ? 1 : 0)));
        if (k > 1) mistakes.push_back(outputs * (in * side + (bias ? 1 : 0)));
        mistakes.push_back(inputs + outputs);
        mistakes.push_back(outputs * inputs * 32);
    }
    const std::uint64_t right = layer_numbers(q.layers, q.input).parameters();
    const std::uint64_t weights = inputs * outputs;
    mistakes.insert(mistakes.begin(), bias ? weights : weights + outputs);
    mistakes.push_back(weights + 1);
    mistakes.push_back(2 * right);
    mistakes.push_back(right + 10);
    q.prompt = sentence("How many parameters has **{}**?", code_of(q.layers[0].operation));
    q.why = bias ? sentence("${} \\times ({} + 1) = {}$: the weights of each output, and its bias.", outputs, product,
                            count_text(right))
                 : sentence("${} \\times {} = {}$: the weights of each output; there is no bias.", outputs, product,
                            count_text(right));
    std::vector<std::string> texts;
    for (const std::uint64_t mistake : mistakes) texts.push_back(count_text(mistake));
    set_choices(q, count_text(right), texts, random);
}

void ask_receptive_field(QuizQuestion& q, Random& random) {
    const int count = random.whole(2, 4), channels = pick(random, {1, 3});
    q.input = {1, channels, 224, 224};
    std::string list, sum = "1";
    int field = 1, jump = 1, kernels = 0, plain = 1, in = channels;
    for (int i = 0; i < count; ++i) {
        const bool pool = i > 0 && random.whole(0, 2) == 0;
        const int k = pool ? pick(random, {2, 3}) : pick(random, {3, 3, 5, 7}), s = pool ? 2 : pick(random, {1, 1, 2});
        if (pool) {
            MaxPool2d layer;
            layer.kernel_size = {k, k};
            layer.stride = {s, s};
            q.layers.push_back({fmt::format("pool{}", i + 1), layer});
        } else {
            Conv2dSpec layer{in, 8, {k, k}, {}, true};
            layer.params.stride = {s, s};
            q.layers.push_back({fmt::format("conv{}", i + 1), layer});
            in = 8;
        }
        list += fmt::format("\n- **{}**", code_of(q.layers.back().operation));
        sum += fmt::format(" + {} \\cdot {}", k - 1, jump);
        field += (k - 1) * jump;
        plain += k - 1;
        jump *= s;
        kernels += k;
    }
    const int right = layer_numbers(q.layers, q.input).layers.back().receptive_field.h;
    const auto square = [](int side) { return fmt::format("{0} × {0}", side); };
    q.prompt = sentence("One value of the output depends on how many pixels of the input?") + list;
    q.why = sentence(
        "${} = {}$ along each axis: every layer adds kernel_size - 1 steps, and a step is the product of the strides "
        "before.",
        sum, field);
    set_choices(q, square(right),
                {square(plain), square(kernels), square(right + jump), square(right - 1), square(right + 1),
                 square(right + 2), square(right + 3)},
                random);
}

}  // namespace

QuizQuestion quiz_question(QuizKind kind, std::uint32_t seed) {
    Random random(seed);
    QuizQuestion q;
    q.kind = kind;
    switch (kind) {
        case QuizKind::output_shape: ask_output_shape(q, random); break;
        case QuizKind::parameters: ask_parameters(q, random); break;
        case QuizKind::receptive_field: ask_receptive_field(q, random); break;
    }
    return q;
}

std::vector<QuizQuestion> make_quiz(int count, std::uint32_t seed) {
    std::vector<QuizQuestion> quiz;
    std::set<std::string> asked;
    // Every kind has hundreds of questions, so a repeated one is drawn again.
    for (std::uint32_t draw = 0; static_cast<int>(quiz.size()) < std::min(count, max_quiz); ++draw) {
        const auto kind = static_cast<QuizKind>(static_cast<int>(quiz.size()) % quiz_kinds);
        QuizQuestion question = quiz_question(kind, seed * 1'000'003U + draw);
        if (asked.insert(question.prompt).second) quiz.push_back(std::move(question));
    }
    return quiz;
}

char choice_letter(int index) { return static_cast<char>('A' + index); }

int QuizMatch::answer(int map) const {
    const auto found = std::find(kernels.begin(), kernels.end(), maps[static_cast<std::size_t>(map)]);
    return static_cast<int>(found - kernels.begin());
}

QuizMatch quiz_match(int channels, int count, std::uint32_t seed) {
    Random random(seed);
    const auto shuffled = [&](std::vector<int> values) {
        for (std::size_t i = values.size(); i > 1; --i)
            std::swap(values[i - 1], values[static_cast<std::size_t>(random.whole(0, static_cast<int>(i) - 1))]);
        return values;
    };
    std::vector<int> all(static_cast<std::size_t>(channels));
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<int>(i);
    all = shuffled(std::move(all));
    all.resize(static_cast<std::size_t>(count));
    QuizMatch match{all, {}};
    match.maps = shuffled(std::move(all));
    return match;
}

}  // namespace convlens
