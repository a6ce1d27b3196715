/// The microscope's job on the worker: an explanation and pictures of the layers on the path to the value.
#pragma once

#include <map>
#include <memory>

#include "app/ui/tools/microscope/value_explanation.h"
#include "engine/document/evaluate.h"
#include "engine/nn/backend.h"

namespace convlens {

/// Explains values of a backend's outputs. Caches the small pictures that it drew last.
class ValueExplainer {
  public:
    /// Explains the value at `position` of the layer that `output` shows. `input` is a picture of the network's input.
    Expected<ValueExplanation> make(const Output& output, const std::shared_ptr<const Image>& input,
                                    const PixelPosition& position, Backend& backend, const Cancel& cancel);

  private:
    struct Drawn {
        std::weak_ptr<const Activations> of;
        int item = 0, channel = 0;
        std::shared_ptr<const Image> picture;
    };

    Expected<std::shared_ptr<const Image>> picture_of(const std::shared_ptr<const Activations>& activations, int item,
                                                      int channel, std::vector<Drawn>& kept,
                                                      const Cancel& cancel) const;

    std::vector<Drawn> drawn_;
};

}  // namespace convlens
