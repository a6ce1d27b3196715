/// All maps of one image, each beside its twin of a network with random weights.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/attribute/attribution.h"
#include "engine/attribute/effective_field.h"
#include "engine/attribute/occlusion.h"
#include "engine/core/image.h"

namespace convlens {

/// What is studied.
struct StudyTask {
    Network network;                      ///< The layers up to the explained one.
    std::shared_ptr<const Tensor> input;  ///< (1, C, H, W), normalized by `normalize`.
    Normalize normalize = Normalize::none;
    int channel = 0;  ///< Of the last layer.
    std::vector<Method> chosen;
    AttributionOptions options;
    int random_from = 0;     ///< The twins' weights are random from this layer on, see randomized().
    std::uint32_t seed = 1;  ///< Of these weights.
    bool field = false;      ///< Whether the effective receptive field is computed, too.
    friend bool operator==(const StudyTask&, const StudyTask&) = default;
};

/// One method's map and its twin. Pointers are null before there is a result.
struct StudyRow {
    Method method = Method::gradient;
    std::shared_ptr<const Tensor> map, twin;             ///< (1, 1, H, W).
    std::shared_ptr<const Image> map_image, twin_image;  ///< Their map_picture().
    bool complete = false;                               ///< Whether both maps are complete; occlusion grows.
    std::optional<double> rank;   ///< rank_correlation() of map and twin, once they are complete.
    std::optional<double> edges;  ///< rank_correlation() of map and sobel().
    std::string error;            ///< Why there is no map; one sentence.
    double ms = 0;                ///< Wall-clock time of the map, without its twin, in milliseconds.
};

/// The state of a study, as a value that any thread may keep.
struct StudyView {
    std::vector<StudyRow> rows;                ///< In the order of StudyTask::chosen.
    std::shared_ptr<const Tensor> edges;       ///< sobel() of the input.
    std::shared_ptr<const Image> edges_image;  ///< Its map_picture().
    double output = 0, random_output = 0;      ///< What is explained, with the network's and the random weights.
    std::string explained;                     ///< Name of the explained layer, without a ReLU or Softmax at the end.
    /// The effective receptive field of the explained channel, and its map_picture(); null before it is computed.
    std::shared_ptr<const EffectiveField> field;
    std::shared_ptr<const Image> field_image;
    std::string field_error;  ///< Why there is none; one sentence.
    int done = 0, work = 1;   ///< Steps done, and all steps.
    std::string error;        ///< Why nothing can be explained; one sentence.
};

/// Computes the maps one after the other, then the effective receptive field. Can be the Job of a StepThread.
class Study {
  public:
    Study(StudyTask task, const Simd& simd);
    ~Study();
    Study(Study&&) noexcept;
    Study& operator=(Study&&) noexcept;

    /// Computes one map, or some positions of the patch. Returns false if nothing is left.
    bool step();
    StudyView view() const;

    /// Draws the twins' weights again from another layer on; the network's own maps stay.
    void randomize(int random_from, std::uint32_t seed);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Draws a map (1, 1, H, W), one pixel per value: with signs in coolwarm, symmetric about zero, otherwise in gray from
/// black for 0. The strongest 0.5% of the values have the color of the smallest of them.
Image map_picture(const Tensor& map, bool has_signs);

}  // namespace convlens
