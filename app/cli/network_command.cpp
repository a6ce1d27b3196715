/// `convlens network`: the table of the layers.
#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "engine/core/numbers.h"
#include "engine/document/plan.h"
#include "engine/export/network_table.h"
#include "engine/io/file.h"
#include "engine/io/network_json.h"
#include "engine/io/tensor_file.h"
#include "engine/nn/layer_numbers.h"
#include "engine/open/checkpoint.h"

namespace convlens {
namespace {

using Json = nlohmann::ordered_json;

/// What both outputs, text and JSON, describe.
struct DescribedNetwork {
    const Document& document;
    Shape input;
    NetworkPlan plan;
    NetworkNumbers numbers;
    std::vector<LayerMeasurement> measured;  ///< One for each layer that runs; empty if nothing was measured.

    /// Returns the report on the loaded checkpoint; null if the weights are not from a file.
    const CheckpointReport* report() const {
        const auto* network = std::get_if<LayeredNetwork>(&document.network);
        const auto* loaded = network ? std::get_if<LoadedWeights>(&network->weights) : nullptr;
        return loaded ? loaded->report.get() : nullptr;
    }
};

/// The quantiles by their percentages: {"0": smallest, "5": ..., "100": largest}.
Json quantiles_json(const LayerValues& values) {
    Json json = Json::object();
    for (std::size_t i = 0; i < quantile_shares.size(); ++i)
        json[fmt::format("{:g}", 100 * quantile_shares[i])] = values.quantiles[i];
    return json;
}

Json shape_json(const Shape& s) { return {s.n, s.c, s.h, s.w}; }
Json pair_json(Size2 s) { return {s.h, s.w}; }

std::string as_json(const DescribedNetwork& d) {
    Json layers = Json::array();
    for (std::size_t i = 0; i < d.plan.layers.size(); ++i) {
        Json layer{{"name", d.plan.layers[i].name}, {"type", type_name(d.plan.layers[i].operation)}};
        if (i < d.numbers.layers.size()) {
            const LayerNumbers& n = d.numbers.layers[i];
            layer.update({{"output_shape", shape_json(n.output)},
                          {"parameters", n.parameters},
                          {"macs", n.multiply_accumulates},
                          {"bytes", n.bytes},
                          {"receptive_field", pair_json(n.receptive_field)},
                          {"jump", pair_json(n.jump)}});
        }
        layer["weights"] = to_string(d.plan.origins[i]);
        if (i < d.measured.size() && d.measured[i].milliseconds >= 0)
            layer.update({{"milliseconds", d.measured[i].milliseconds},
                          {"dead_channels", d.measured[i].dead},
                          {"quantiles", quantiles_json(d.measured[i].values)}});
        layers.push_back(std::move(layer));
    }
    Json all{{"network", network_title(d.document)},
             {"input_shape", shape_json(d.input)},
             {"input", input_note(d.document)},
             {"layer", d.plan.layers[static_cast<std::size_t>(d.plan.layer)].name},
             {"layers", layers},
             {"parameters", d.numbers.parameters()},
             {"macs", d.numbers.multiply_accumulates()},
             {"bytes", d.numbers.bytes()}};
    if (!d.numbers.stopped.empty()) all["stopped"] = d.numbers.stopped;
    if (const auto* report = d.report()) {
        Json rows = Json::array();
        for (const CheckpointRow& r : report->rows)
            rows.push_back({{"state", to_string(r.state)}, {"key", r.key}, {"wanted", r.wanted}, {"found", r.found}});
        all["checkpoint"] = {{"file", report->file}, {"prefix", report->prefix}, {"rows", rows}};
    }
    return all.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
}

/// Returns a line of the table, which begins with a line break.
std::string line(std::string_view mark, std::string_view name, std::string_view type, std::string_view output,
                 std::string_view parameters, std::string_view macs, std::string_view bytes, std::string_view field,
                 std::string_view jump, std::string_view measured, std::string_view weights) {
    std::string text = fmt::format("{:1} {:<14} {:<18} {:<16} {:>11} {:>15} {:>13} {:>9} {:>7}{}  {}", mark, name, type,
                                   output, parameters, macs, bytes, field, jump, measured, weights);
    text.erase(text.find_last_not_of(' ') + 1);
    return "\n" + text;
}

/// Returns a summary of the checkpoint, and one line for each entry that does not match the network.
std::string report_text(const CheckpointReport& report) {
    std::string text = "\n" + printable(report.summary());
    if (!report.prefix.empty()) text += fmt::format("; its keys begin with {}", printable(report.prefix, 200));
    for (const CheckpointRow& r : report.rows) {
        if (r.state == CheckpointRow::State::matched) continue;
        text += fmt::format("\n  {}: {}", to_string(r.state), printable(r.key, 200));
        if (r.state != CheckpointRow::State::left_over) text += fmt::format(", expected {}", shape_text(r.wanted));
        if (r.state != CheckpointRow::State::missing) text += fmt::format(", found {}", shape_text(r.found));
    }
    return text;
}

/// Returns the columns of what was measured of layer `i`; nothing if nothing was measured.
std::string measured_text(const DescribedNetwork& d, std::size_t i) {
    if (d.measured.empty()) return {};
    const bool ran = i < d.measured.size() && d.measured[i].milliseconds >= 0;
    return ran ? fmt::format(" {:>9.3f} {:>5}", d.measured[i].milliseconds, d.measured[i].dead)
               : fmt::format(" {:>9} {:>5}", "-", "-");
}

std::string as_text(const DescribedNetwork& d) {
    const std::string note = input_note(d.document);
    std::string text =
        fmt::format("{}\ninput {}{}{}", network_title(d.document), to_string(d.input), note.empty() ? "" : ": ", note);
    text += line("", "layer", "type", "output", "parameters", "MACs", "bytes", "field", "jump",
                 d.measured.empty() ? "" : fmt::format(" {:>9} {:>5}", "ms", "dead"), "weights");
    for (std::size_t i = 0; i < d.plan.layers.size(); ++i) {
        const std::string_view type = type_name(d.plan.layers[i].operation),
                               mark = i == static_cast<std::size_t>(d.plan.layer) ? ">" : "";
        const std::string_view weights = d.plan.origins[i] == WeightsOrigin::none ? "" : to_string(d.plan.origins[i]);
        if (i >= d.numbers.layers.size()) {
            text += line(mark, d.plan.layers[i].name, type, "-", "-", "-", "-", "-", "-", measured_text(d, i), weights);
            continue;
        }
        const LayerNumbers& n = d.numbers.layers[i];
        text += line(mark, n.name, type, to_string(n.output), grouped(n.parameters), grouped(n.multiply_accumulates),
                     grouped(n.bytes), to_string(n.receptive_field), to_string(n.jump), measured_text(d, i), weights);
    }
    text += line("", "all", "", "", grouped(d.numbers.parameters()), grouped(d.numbers.multiply_accumulates()),
                 grouped(d.numbers.bytes()), "", "", "", "");
    if (!d.numbers.stopped.empty()) text += "\n" + d.numbers.stopped;
    if (const auto* report = d.report()) text += report_text(*report);
    return text + "\n";
}

/// Writes the files that --save-layers, --save-weights and --save-onnx name.
Expected<void> save(const DescribedNetwork& d, const NetworkOptions& options) {
    if (!options.save_layers.empty()) {
        if (!options.save_layers.ends_with(".json"))
            return fail("{}: layers are written as JSON, expected a file name that ends in .json", options.save_layers);
        Architecture architecture{"Convolution", {}, effective_normalize(d.document), d.plan.layers};
        if (const auto* network = std::get_if<LayeredNetwork>(&d.document.network))
            architecture = *network->architecture;
        const std::string text = print_network(architecture);
        if (auto ok = write_file(options.save_layers, std::as_bytes(std::span(text))); !ok) return ok;
    }
    if (options.save_weights.empty() && options.save_onnx.empty()) return {};
    const auto network = build_network(d.document, d.input.c);
    if (!network) return tl::unexpected(network.error());
    if (!options.save_onnx.empty())
        if (auto ok = save_onnx(options.save_onnx, d.document, *network, d.input); !ok) return ok;
    if (options.save_weights.empty()) return {};
    return save_weights(options.save_weights, *network, network_title(d.document));
}

Expected<std::vector<LayerMeasurement>> measure(const DescribedNetwork& d, const std::shared_ptr<const Tensor>& input,
                                                const BackendOptions& options) {
    constexpr int rounds = 3;
    const auto network = build_network(d.document, d.input.c);
    if (!network) return tl::unexpected(network.error());
    auto backend = make_backend(options);
    if (!backend) return tl::unexpected(backend.error());
    return backend->guarded([&] { return measure_layers(*backend, *network, input, rounds, Cancel()); });
}

}  // namespace

Expected<std::string> describe_network(const Document& document, const NetworkOptions& options,
                                       const BackendOptions& backend_options) {
    const auto input = input_tensor(document, Cancel());
    if (!input) return tl::unexpected(input.error());
    auto plan = plan_network(document, (*input)->shape().c);
    if (!plan) return tl::unexpected(plan.error());
    DescribedNetwork described{document, (*input)->shape(), std::move(*plan), {}, {}};
    described.numbers = layer_numbers(described.plan.layers, described.input);
    if (auto ok = save(described, options); !ok) return tl::unexpected(ok.error());
    if (options.measure) {
        auto measured = measure(described, *input, backend_options);
        if (!measured) return tl::unexpected(measured.error());
        described.measured = std::move(*measured);
    }
    if (options.csv) return network_csv(described.plan, described.numbers, described.measured);
    return options.json ? as_json(described) : as_text(described);
}

}  // namespace convlens
