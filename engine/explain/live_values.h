/// Values that the text of a scene names, such as {output_shape}: computed from what is shown, so that they can't be
/// wrong.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/document/document.h"
#include "engine/nn/layer_numbers.h"
#include "engine/nn/network.h"

namespace convlens {

/// What live values are computed from.
struct LiveFacts {
    DisplayOptions display;
    std::vector<LayerSpec> layers;  ///< The layers up to the shown one, which is the last.
    NetworkNumbers numbers;         ///< layer_numbers() of `layers`.
    Shape input, output;            ///< Shapes of the network's input and of the output of the shown layer.
    std::optional<double> value;    ///< The pinned value; nullopt if there is none.
};

/// Returns the facts for layer `layer` of `network`, which has run on an input of shape `input`.
LiveFacts live_facts(const DisplayOptions& display, const Network& network, int layer, const Shape& input,
                     const Shape& output, std::optional<double> value);

/// Returns the facts for the layer that the document shows without running it, so that there is no value. Fails if the
/// document's input or its network can't be made.
Expected<LiveFacts> live_facts(const Document& document);

/// Returns the value called `name` as text; nullopt if there is no such name, or no such value in `facts`: for example
/// "stride" if the shown layer has no window.
std::optional<std::string> live_value(std::string_view name, const LiveFacts& facts);

/// Returns `text`, markup of rich_text.h, with live values filled in. A value that `facts` do not have is "…", and so
/// is every value if `facts` is null.
std::string with_live_values(std::string_view text, const LiveFacts* facts);

/// Returns all names that live_value() knows.
std::span<const std::string_view> live_value_names();

}  // namespace convlens
