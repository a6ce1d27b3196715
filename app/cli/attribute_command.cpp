/// `convlens attribute`: which pixels an output depends on, each map beside its twin of random weights.
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "app/assets.h"
#include "app/cli/commands.h"
#include "app/cli/words.h"
#include "app/fonts.h"
#include "engine/attribute/sheet.h"
#include "engine/core/parallel.h"
#include "engine/cpu/simd.h"
#include "engine/document/evaluate.h"
#include "engine/export/code.h"
#include "engine/io/file.h"
#include "engine/io/image_file.h"
#include "engine/io/tensor_file.h"

namespace convlens {
namespace {

using Json = nlohmann::ordered_json;

/// What the command has computed.
struct Found {
    StudyTask task;
    StudyView view;
    std::string random_from;
    std::optional<Fooled> fooled;
    std::vector<std::string> labels;  ///< Of the classes; may be empty.
    int channels = 0;                 ///< Of the explained layer; a single one stands for the second of two classes.

    /// Returns the explained channel with its label, as in "3 (dress)".
    std::string channel() const {
        const auto i = static_cast<std::size_t>(channels == 1 ? 1 : task.channel);
        return labels.empty() ? std::to_string(task.channel) : fmt::format("{} ({})", task.channel, labels[i]);
    }
};

/// Returns the maps and then the twins: (2, methods, H, W).
Tensor all_maps(const Found& f) {
    std::vector<const Tensor*> maps;
    for (const bool twin : {false, true})
        for (const StudyRow& row : f.view.rows)
            if (row.map && row.twin) maps.push_back(twin ? row.twin.get() : row.map.get());
    const Shape s = f.task.input->shape();
    Tensor all({2, static_cast<int>(maps.size() / 2), s.h, s.w});
    for (std::size_t i = 0; i < maps.size(); ++i) std::ranges::copy(maps[i]->values(), all.data() + i * s.plane());
    return all;
}

/// Returns the classes that are most probable before or after, at most three of each.
std::vector<int> main_classes(const Fooled& f) {
    std::vector<int> classes;
    for (const auto* all : {&f.before, &f.after}) {
        std::vector<int> order(all->size());
        for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int>(i);
        const auto most = order.begin() + std::min<std::ptrdiff_t>(3, static_cast<std::ptrdiff_t>(order.size()));
        std::partial_sort(order.begin(), most, order.end(), [&](int a, int b) {
            return (*all)[static_cast<std::size_t>(a)] > (*all)[static_cast<std::size_t>(b)];
        });
        for (auto c = order.begin(); c != most; ++c)
            if (std::ranges::find(classes, *c) == classes.end()) classes.push_back(*c);
    }
    return classes;
}

std::string as_text(const Found& f) {
    std::string text =
        fmt::format("{}, channel {}: {:.4g}; with random weights from {} on: {:.4g}\n\n{:<22} {:>16} {:>15}",
                    f.view.explained, f.channel(), f.view.output, f.random_from, f.view.random_output, "method",
                    "rank correlation", "with the edges");
    for (const StudyRow& row : f.view.rows)
        text += row.error.empty() ? fmt::format("\n{:<22} {:>16} {:>15}", text_of(row.method).name, in_words(row.rank),
                                                in_words(row.edges))
                                  : fmt::format("\n{:<22} {}", text_of(row.method).name, row.error);
    text += "\n";
    for (const StudyRow& row : f.view.rows)
        text += fmt::format("\n{}: {}\n    {}", text_of(row.method).title, text_of(row.method).meaning,
                            text_of(row.method).source);
    if (f.view.field)
        text += fmt::format("\n\nreceptive field: {}x{} pixels, of which {:.1f}x{:.1f} matter (mean of {} values)",
                            f.view.field->map.shape().w, f.view.field->map.shape().h, f.view.field->side,
                            f.view.field->side, f.view.field->positions);
    if (!f.fooled) return text;
    text += "\n\nclass     before    after";
    for (const int c : main_classes(*f.fooled))
        text += fmt::format("\n{:>5} {:>9.1f}% {:>7.1f}%{}", c, 100 * f.fooled->before[static_cast<std::size_t>(c)],
                            100 * f.fooled->after[static_cast<std::size_t>(c)],
                            f.labels.empty() ? "" : "  " + f.labels[static_cast<std::size_t>(c)]);
    return text;
}

std::string as_json(const Found& f) {
    const auto number = [](const std::optional<double>& v) { return v ? Json(*v) : Json(); };
    Json rows = Json::array();
    for (const StudyRow& row : f.view.rows) {
        const MethodText& text = text_of(row.method);
        Json one{{"method", text.name}, {"meaning", text.meaning}, {"source", text.source}};
        if (row.error.empty())
            one.update({{"rank_correlation", number(row.rank)},
                        {"with_edges", number(row.edges)},
                        {"milliseconds", std::round(100 * row.ms) / 100}});
        else
            one["error"] = row.error;
        rows.push_back(std::move(one));
    }
    Json all{{"layer", f.view.explained},    {"channel", f.task.channel}, {"output", f.view.output},
             {"random_from", f.random_from}, {"seed", f.task.seed},       {"random_output", f.view.random_output},
             {"methods", std::move(rows)}};
    if (f.view.field)
        all["receptive_field"] = {{"theoretical", {f.view.field->map.shape().h, f.view.field->map.shape().w}},
                                  {"effective_side", f.view.field->side},
                                  {"positions", f.view.field->positions}};
    if (!f.labels.empty()) all["labels"] = f.labels;
    if (f.fooled) all["fooled"] = {{"before", f.fooled->before}, {"after", f.fooled->after}};
    return all.dump(2);
}

Expected<void> write_files(const AttributeCommand& command, const Found& f) {
    if (!command.data.empty())
        if (auto ok = write_file(command.data, encode_npy(all_maps(f))); !ok) return ok;
    if (!command.out.empty()) {
        const Image sheet = study_sheet(f.view, *f.task.input, f.task.normalize, f.random_from, export_typeface());
        if (auto ok = write_file(command.out, encode_png(sheet)); !ok) return ok;
    }
    if (command.fool_out.empty() || !f.fooled) return {};
    return write_file(command.fool_out,
                      encode_png(fooling_sheet(*f.task.input, *f.fooled, f.task.normalize, export_typeface())));
}

/// Returns the task, from the document's output.
Expected<Found> prepare(const Document& document, const AttributeCommand& command, const Output& output) {
    Found f;
    StudyTask& task = f.task;
    task.network = output.network;
    task.network.layers.resize(static_cast<std::size_t>(output.plan.layer) + 1);
    task.input = item_of(output.input, document.display.item);
    task.normalize = effective_normalize(document);
    const auto stats = output.activations->stats(document.display.item);
    task.channel = command.channel.value_or(
        static_cast<int>(std::ranges::max_element(stats, {}, &ChannelStats::mean) - stats.begin()));
    task.options = command.options;
    if (!command.patch.empty()) task.options.patch = *positive_pair(command.patch);
    if (!command.patch_stride.empty()) task.options.stride = *positive_pair(command.patch_stride);
    task.seed = command.seed;
    task.field = command.field;
    for (const MethodText& text : methods())
        if (command.method == "all" || command.method == text.name) task.chosen.push_back(*method_from(text.name));
    const auto layer_of = [&](const std::string& name) -> Expected<int> {
        auto found = find_layer(output.plan.layers, name);
        if (found && *found > output.plan.layer)
            return fail("{} comes after {}, the layer that is explained", name, task.network.layers.back().name);
        return found;
    };
    task.random_from = top_weights(task.network);
    if (!command.random_from.empty()) {
        const auto layer = layer_of(command.random_from);
        if (!layer) return tl::unexpected(layer.error());
        task.random_from = *layer;
    }
    if (!command.cam_layer.empty()) {
        const auto layer = layer_of(command.cam_layer);
        if (!layer) return tl::unexpected(layer.error());
        task.options.cam_layer = *layer;
    }
    f.random_from = task.network.layers[static_cast<std::size_t>(task.random_from)].name;
    return f;
}

}  // namespace

Expected<std::string> attribute(const Document& document, const AttributeCommand& command,
                                const BackendOptions& options) {
    auto backend = make_backend(options);
    if (!backend) return tl::unexpected(backend.error());
    const auto output = backend->guarded([&] { return evaluate(document, *backend, Cancel()); });
    if (!output) return tl::unexpected(output.error());
    auto found = prepare(document, command, *output);
    if (!found) return tl::unexpected(found.error());
    auto labels = read_labels(command.labels);
    if (!labels) return tl::unexpected(labels.error());
    found->labels = std::move(*labels);
    found->channels = output->activations->shape().c;
    const int classes = found->channels == 1 ? 2 : found->channels;
    if (!found->labels.empty() && found->labels.size() != static_cast<std::size_t>(classes))
        return fail("{} has {} labels, but {} has {} classes", command.labels, found->labels.size(),
                    output->network.layers[static_cast<std::size_t>(output->plan.layer)].name, classes);

    const Simd& simd = **find_simd(options.cpu.isa);
    Arena arena(options.cpu.threads);
    const auto computed = arena.execute([&]() -> Expected<void> {
        Study study(found->task, simd);
        while (study.step()) {
        }
        found->view = study.view();
        if (!found->view.error.empty()) return fail("{}", found->view.error);
        // A single method that can't be computed is an error, one of several is a line of the table.
        if (found->view.rows.size() == 1 && !found->view.rows.front().error.empty())
            return fail("{}", found->view.rows.front().error);
        const StudyTask& task = found->task;
        if (!found->view.field_error.empty()) return fail("{}", found->view.field_error);
        if (!command.fool) return {};
        auto fooled = fool(task.network, task.input, task.normalize,
                           {*command.fool, command.fool_steps, command.fool_class}, simd, Cancel());
        if (!fooled) return tl::unexpected(fooled.error());
        found->fooled = std::move(*fooled);
        return {};
    });
    if (!computed) return tl::unexpected(computed.error());
    if (!command.code.empty()) {
        const Code ending = attribute_code(found->task, document.display.item);
        auto saved = save_code(document, ScriptLibrary::pytorch, command.code, find_assets(), &ending);
        if (!saved) return tl::unexpected(saved.error());
    }
    if (auto ok = write_files(command, *found); !ok) return tl::unexpected(ok.error());
    return command.json ? as_json(*found) : as_text(*found);
}

}  // namespace convlens
