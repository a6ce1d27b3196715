/// The microscope's work on the worker thread: explains a value and draws the layers from the input to it.
#pragma once

#include <map>
#include <memory>

#include "app/ui/tools/microscope/value_explanation.h"
#include "engine/document/evaluate.h"
#include "engine/nn/backend.h"

namespace convlens {

/// Explains output values. Keeps the pictures of the last explanation and reuses them for the next one. Used on the
/// worker thread only.
class ValueExplainer {
  public:
    /// Returns the terms of the value at `position` in the output of the displayed layer, output.plan.layer, and a
    /// picture of each layer up to it. `input` is a picture of the network's input. `backend` must be the one that made
    /// `output`. Fails if canceled, or if `position` does not exist.
    Expected<ValueExplanation> make(const Output& output, const std::shared_ptr<const Image>& input,
                                    const PixelPosition& position, Backend& backend, const Cancel& cancel);

  private:
    /// A picture of one channel of a layer, and what it shows.
    struct Drawn {
        std::weak_ptr<const Activations> of;
        int item = 0, channel = 0;
        std::shared_ptr<const Image> picture;
    };

    /// Returns a picture of the channel, from drawn_ if it is there, and appends it to `kept`.
    Expected<std::shared_ptr<const Image>> picture_of(const std::shared_ptr<const Activations>& activations, int item,
                                                      int channel, std::vector<Drawn>& kept,
                                                      const Cancel& cancel) const;

    std::vector<Drawn> drawn_;  ///< The pictures of the last explanation.
};

}  // namespace convlens
