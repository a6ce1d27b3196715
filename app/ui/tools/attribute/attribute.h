/// The tool "Attribution": which pixels an output depends on, by all methods, each map beside its twin of random
/// weights; and small changes of the image that change the answer.
#pragma once

#include <memory>
#include <string>

#include "app/ui/background.h"
#include "app/ui/tool.h"
#include "engine/attribute/fooling.h"
#include "engine/attribute/study.h"

namespace convlens {

/// The worker's answer: the network's input of the shown batch item, normalized.
struct AttributeInput {
    std::shared_ptr<const Tensor> input;
};

/// An image that is to fool the network.
struct FoolingTask {
    Network network;  ///< The layers up to the shown one.
    std::shared_ptr<const Tensor> input;
    Normalize normalize = Normalize::none;
    FoolingOptions options;
    friend bool operator==(const FoolingTask&, const FoolingTask&) = default;
};

/// The result, as a value that any thread may keep.
struct FoolingView {
    std::shared_ptr<const Fooled> fooled;                        ///< Null before there is a result.
    std::shared_ptr<const Image> original, difference, changed;  ///< The difference is drawn 20 times as large.
    std::string error;
};

/// Computes a FoolingView in one step: a Job of a StepThread.
class FoolingJob {
  public:
    explicit FoolingJob(FoolingTask task) : task_(std::move(task)) {}
    bool step();
    FoolingView view() const { return view_; }
    void stop_by(const Stop& stop) { stop_ = stop; }

  private:
    FoolingTask task_;
    Stop stop_;
    FoolingView view_;
};

/// State of the tool.
struct AttributeView {
    // What the user has chosen.
    int patch = 16, stride = 8;  ///< Of occlusion: side of the patch and distance of its positions, in pixels.
    bool fooling = false;        ///< Whether the images that fool are shown instead of the maps.
    std::string random_from;     ///< Name of the first layer with random weights; the last one with weights if there is
                                 ///< no such layer.
    int seed = 1;                ///< Of the random weights.
    int epsilon = 4;             ///< Of FoolingOptions, in gray levels.
    bool several = true;         ///< Whether the image is changed in ten steps (PGD) instead of one (FGSM).
    bool paused = false;

    Background<StudyTask, Study> study;
    Background<FoolingTask, FoolingJob> fool;
    std::shared_ptr<const Image> input;      ///< The network's input, without normalization.
    std::shared_ptr<const Tensor> input_of;  ///< What `input` shows.
};

inline constexpr int steps_of_several = 10;  ///< FoolingOptions::steps of AttributeView::several.

/// The tool's entry in the table of tools.
extern const Tool attribute_tool;

/// Returns the names of the `count` classes of the network on screen: those of the lesson that trains it, or those of
/// Fashion-MNIST if the title of its weights names it. Empty if they are not known.
std::vector<std::string> class_names(const Frame& frame, std::size_t count);

/// Returns "3 (dress)", or "3" without names.
std::string named_class(const std::vector<std::string>& names, int index);

/// Draws the tool in the central panel.
void attribute_panel(Frame& frame);

}  // namespace convlens
