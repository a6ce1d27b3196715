/// What a lesson in the window begins with, made on a worker's thread.
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

/// Where labeled pictures come from.
enum class DataChoice { bars, fashion, folder };

struct DataSource {
    DataChoice choice = DataChoice::bars;
    std::string folder;                ///< Of DataChoice::folder, as load_data_folder() takes it.
    std::vector<std::string> classes;  ///< Of CIFAR-10; none: all ten.
};

/// A kernel of the user's own, (1, C, KH, KW), and what it is called.
struct CustomKernel {
    std::shared_ptr<const Tensor> weight;
    std::string title;
};

/// What is to be learned, and on what.
struct LessonRequest {
    Lesson lesson = Lesson::none;
    int kernel = 0;                   ///< Of the edge filters: the hidden one of Lesson::filter ...
    std::optional<CustomKernel> own;  ///< ... unless this is.
    DataSource data;                  ///< Of Lesson::largenet and Lesson::features.
    bool from_screen = false;         ///< Lesson::largenet goes on from the document's weights.
    int filter_size = 11;             ///< Of Lesson::patterns: rows and columns.
    bool shown_layer = false;  ///< Lesson::features takes the layer on screen, not the deepest there are weights for.
    FeatureOptions features;
    std::uint32_t seed = 1;
    Document document;  ///< Its pictures are learned from, or shown meanwhile.
};

/// Some pictures that were never trained on, side by side in one image.
struct PictureStrip {
    std::shared_ptr<const Image> image;
    int columns = 8, side = 32;  ///< Pictures in a row; pixels of a side.
    std::vector<int> indices;    ///< Of the validation data.
};

/// A lesson before its first step: one of trainer, learner and features is there.
struct PreparedLesson {
    LessonRequest request;
    std::string title, note;  ///< The note is for something that the user should know: pictures that were skipped,
                              ///< layers without weights.
    Document document;
    std::shared_ptr<const Tensor> target;
    DataSplit data;
    std::optional<PictureStrip> strip;
    std::shared_ptr<Trainer> trainer;
    std::shared_ptr<FilterLearner> learner;
    std::shared_ptr<FeatureLesson> features;
};

/// Reads the data and makes the lesson. Fails in a sentence, also when canceled.
Expected<PreparedLesson> prepare_lesson(const LessonRequest& request, const Cancel& cancel);

/// The edge filter as a kernel (1, 1, KH, KW).
std::shared_ptr<const Tensor> edge_tensor(int index);

}  // namespace convlens
