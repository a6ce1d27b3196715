/// Prepares a lesson on a worker thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/cancel.h"
#include "engine/document/document.h"
#include "engine/train/feature_lesson.h"
#include "engine/train/filter_learner.h"
#include "engine/train/trainer.h"

namespace convlens {

enum class Lesson { none, filter, largenet, patterns, features };

/// Source of the labeled images.
enum class DataChoice { bars, fashion, folder };

struct DataSource {
    DataChoice choice = DataChoice::bars;
    std::string folder;                ///< Used by DataChoice::folder: the folder, in a layout that load_data_folder()
                                       ///< accepts.
    std::vector<std::string> classes;  ///< CIFAR-10 classes; empty means all ten.
};

/// A custom kernel of shape (1, C, KH, KW) and its title.
struct CustomKernel {
    std::shared_ptr<const Tensor> weight;
    std::string title;
};

/// What to train and on which data.
struct LessonRequest {
    Lesson lesson = Lesson::none;
    int kernel = 0;                   ///< Index of the edge filter that is the target of Lesson::filter; unused if
                                      ///< `own` is set.
    std::optional<CustomKernel> own;  ///< Custom target of Lesson::filter.
    DataSource data;                  ///< Data of Lesson::largenet and Lesson::features.
    bool from_screen = false;         ///< Whether Lesson::largenet starts from the document's weights.
    int filter_size = 11;             ///< Kernel size of Lesson::patterns.
    bool shown_layer = false;  ///< Whether Lesson::features uses the layer on screen instead of the last layer before
                               ///< the first Linear layer.
    FeatureOptions features;
    std::uint32_t seed = 1;
    Document document;  ///< Its images are the training data, or are shown during training.
};

/// Some held-out images, side by side in one image.
struct PictureStrip {
    std::shared_ptr<const Image> image;
    int columns = 8, side = 32;  ///< Images per row, and pixels per side of an image.
    std::vector<int> indices;    ///< Indices into the validation data.
};

/// A lesson before its first step; exactly one of trainer, learner and features is set.
struct PreparedLesson {
    LessonRequest request;
    std::string title, note;  ///< The note tells the user about skipped images or layers without weights.
    Document document;
    std::shared_ptr<const Tensor> target;
    DataSplit data;
    std::optional<PictureStrip> strip;
    std::shared_ptr<Trainer> trainer;
    std::shared_ptr<FilterLearner> learner;
    std::shared_ptr<FeatureLesson> features;
};

/// Reads the data and makes the lesson. Fails if the data can't be read or the lesson can't begin, or if canceled.
Expected<PreparedLesson> prepare_lesson(const LessonRequest& request, const Cancel& cancel);

/// Returns edge filter `index` as a kernel of shape (1, 1, KH, KW).
std::shared_ptr<const Tensor> edge_tensor(int index);

}  // namespace convlens
