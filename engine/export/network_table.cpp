/// Writes the table of a network's layers as CSV.
#include "engine/export/network_table.h"

#include <fmt/format.h>

#include "engine/nn/graph.h"
#include "engine/view/chart.h"

namespace convlens {

std::string network_csv(const NetworkPlan& plan, const NetworkNumbers& numbers,
                        std::span<const LayerMeasurement> measured) {
    std::string text =
        "layer,type,inputs,batch,channels,height,width,parameters,MACs,bytes,field height,field width,jump height,"
        "jump width,weights";
    if (!measured.empty()) text += ",time (ms),dead channels,min,5%,25%,median,75%,95%,max";
    for (std::size_t i = 0; i < plan.layers.size(); ++i) {
        const LayerSpec& layer = plan.layers[i];
        std::string inputs;
        for (const int from : inputs_of(plan.layers, static_cast<int>(i)))
            inputs += (inputs.empty() ? "" : " ") +
                      (from < 0 ? std::string("input") : plan.layers[static_cast<std::size_t>(from)].name);
        text += fmt::format("\n{},{},{},", csv_field(layer.name), type_name(layer.operation), csv_field(inputs));
        if (i < numbers.layers.size()) {
            const LayerNumbers& n = numbers.layers[i];
            const Shape& s = n.output;
            text += fmt::format("{},{},{},{},{},{},{},{},{},{},{},", s.n, s.c, s.h, s.w, n.parameters,
                                n.multiply_accumulates, n.bytes, n.receptive_field.h, n.receptive_field.w, n.jump.h,
                                n.jump.w);
        } else {
            text += ",,,,,,,,,,,";
        }
        text += to_string(plan.origins[i]);
        if (measured.empty()) continue;
        const bool ran = i < measured.size() && measured[i].milliseconds >= 0;
        text += ran ? fmt::format(",{:.4g},{}", measured[i].milliseconds, measured[i].dead) : ",,";
        for (const float quantile : ran ? measured[i].values.quantiles : decltype(LayerValues::quantiles){})
            text += ran ? fmt::format(",{:.6g}", quantile) : ",";
    }
    return text + "\n";
}

}  // namespace convlens
