/// `convlens classify`: the classes for which a network's last layer is largest, for each image.
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "app/cli/commands.h"
#include "app/cli/each_image.h"
#include "engine/document/evaluate.h"
#include "engine/io/byte_reader.h"
#include "engine/io/file.h"
#include "engine/view/chart.h"

namespace convlens {
namespace {

using Json = nlohmann::ordered_json;

/// A class and its probability.
struct Guess {
    int index = 0;
    double probability = 0;
};

/// Returns the probabilities of all classes: the values themselves if the last layer is a Softmax, otherwise their
/// softmax. A single value is the logit of class 1 of two, as in LargeNet.
std::vector<double> probabilities(std::span<const float> values, bool softmax) {
    std::vector<double> p(values.begin(), values.end());
    if (softmax) return p;
    if (p.size() == 1) p.insert(p.begin(), 0.0);
    const double largest = *std::max_element(p.begin(), p.end());
    double sum = 0;
    for (double& v : p) sum += v = std::exp(v - largest);
    for (double& v : p) v /= sum;
    return p;
}

std::vector<Guess> largest(const std::vector<double>& p, int count) {
    std::vector<Guess> guesses;
    for (std::size_t i = 0; i < p.size(); ++i) guesses.push_back({static_cast<int>(i), p[i]});
    const auto kept = std::min(static_cast<std::ptrdiff_t>(count), static_cast<std::ptrdiff_t>(guesses.size()));
    std::partial_sort(guesses.begin(), guesses.begin() + kept, guesses.end(), [](const Guess& a, const Guess& b) {
        return a.probability > b.probability || (!(b.probability > a.probability) && a.index < b.index);
    });
    guesses.resize(static_cast<std::size_t>(kept));
    return guesses;
}

/// One image and its most likely classes.
struct Row {
    std::string image;
    std::vector<Guess> guesses;
};

std::string as_csv(const std::vector<Row>& rows, const std::vector<std::string>& labels) {
    std::string text = "image,rank,class,label,probability\n";
    for (const Row& row : rows)
        for (std::size_t i = 0; i < row.guesses.size(); ++i) {
            const auto c = static_cast<std::size_t>(row.guesses[i].index);
            text += fmt::format("{},{},{},{},{:.6g}\n", csv_field(row.image), i + 1, c,
                                labels.empty() ? "" : csv_field(labels[c]), row.guesses[i].probability);
        }
    return text;
}

std::string as_json(const std::vector<Row>& rows, const std::vector<std::string>& labels) {
    Json all = Json::array();
    for (const Row& row : rows) {
        Json classes = Json::array();
        for (const Guess& g : row.guesses) {
            Json one{{"class", g.index}};
            if (!labels.empty()) one["label"] = labels[static_cast<std::size_t>(g.index)];
            one["probability"] = g.probability;
            classes.push_back(std::move(one));
        }
        all.push_back({{"image", row.image}, {"classes", std::move(classes)}});
    }
    return all.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
}

}  // namespace

Expected<std::vector<std::string>> read_labels(const std::string& path) {
    constexpr std::size_t max_bytes = std::size_t{1} << 24U;
    std::vector<std::string> labels;
    if (path.empty()) return labels;
    const auto bytes = Bytes::read_file(path, max_bytes);
    if (!bytes) return tl::unexpected(bytes.error());
    std::string_view rest = text_of(bytes->span());
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        std::string_view line = rest.substr(0, end);
        if (line.ends_with('\r')) line.remove_suffix(1);
        labels.push_back(printable(line, 200));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return labels;
}

Expected<std::string> classify(const std::vector<std::string>& images, const Document& document,
                               const ClassifyCommand& command, const BackendOptions& options,
                               const ReportError& report_error) {
    const auto labels = read_labels(command.labels);
    if (!labels) return tl::unexpected(labels.error());
    auto backend = make_backend(options);
    if (!backend) return tl::unexpected(backend.error());
    std::vector<Row> rows;
    std::optional<Output> last;
    const auto add = [&](const Document& next, const std::string& name) -> Expected<void> {
        return backend->guarded([&]() -> Expected<void> {
            auto output = evaluate(next, *backend, Cancel(), last ? &*last : nullptr);
            if (!output) return fail("{}: {}", name, output.error().message);
            last = std::move(*output);
            const Shape shape = last->activations->shape();
            const Layer& layer = last->network.layers[static_cast<std::size_t>(last->plan.layer)];
            if (shape.plane() != 1)
                return fail("{}: layer {} has maps of {}x{}, expected one value for each class", name, layer.name,
                            shape.h, shape.w);
            const auto values = all_values(*last->activations);
            if (!values) return tl::unexpected(values.error());
            for (int item = 0; item < shape.n; ++item) {
                const std::span<const float> one(values->plane(item, 0).data(), static_cast<std::size_t>(shape.c));
                const auto p = probabilities(one, std::holds_alternative<Softmax>(layer.operation));
                if (!labels->empty() && labels->size() != p.size())
                    return fail("{} has {} labels, but layer {} has {} classes", command.labels, labels->size(),
                                layer.name, p.size());
                rows.push_back({shape.n > 1 ? fmt::format("{}, item {}", name, item) : name, largest(p, command.top)});
            }
            return {};
        });
    };
    if (auto ok = for_each_image(images, document, add, report_error); !ok) return tl::unexpected(ok.error());
    const bool json = command.json || command.out.ends_with(".json");
    std::string text = json ? as_json(rows, *labels) : as_csv(rows, *labels);
    if (command.out.empty()) return text;
    if (auto ok = write_file(command.out, std::as_bytes(std::span(text))); !ok) return tl::unexpected(ok.error());
    return std::string();
}

}  // namespace convlens
