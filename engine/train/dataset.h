/// Images with what is to be learned of them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "engine/core/cancel.h"
#include "engine/core/image.h"
#include "engine/core/result.h"
#include "engine/core/tensor.h"
#include "engine/nn/normalize.h"

namespace convlens {

/// Examples of one shape, NCHW, with a label or a target for each. Shared and immutable once it is made.
struct DataSet {
    std::string title;  ///< For people: "Fashion-MNIST, training".
    Shape item{1, 1, 1,
               1};  ///< Of one example as it is kept; n = 1. One channel stands for as many as a network wants.
    std::variant<std::vector<std::uint8_t>, std::vector<float>>
        values;                        ///< Pixels 0..255 (that is, times 1/255), or numbers as they are.
    std::vector<int> labels;           ///< One an example, an index of `classes`; empty where there are targets.
    std::vector<std::string> classes;  ///< Two or more; empty where there are targets.
    Tensor targets;  ///< (N, C, H, W): what a network is to give, for Loss::mse; empty where there are labels.
    std::vector<std::string> names;       ///< File names, one an example, or none.
    std::size_t skipped = 0;              ///< Files that could not be read.
    std::vector<std::string> complaints;  ///< A sentence for each of the first of them, which names it; 20 at most.

    int size() const { return labels.empty() ? targets.shape().n : static_cast<int>(labels.size()); }
};

using SharedDataSet = std::shared_ptr<const DataSet>;

/// What a network learns from and what it is judged by.
struct DataSplit {
    SharedDataSet training, validation;
};

/// Writes examples side by side into a block (engine/cpu/lane_loops.h) for an input of `channels` channels, normalized:
/// lane l takes indices[l], lanes behind the last of `count` (1 .. lane_images) become zeros. data.item.c must be 1 or
/// `channels`.
void put_examples(const DataSet& data, const int* indices, int count, int channels, Normalize normalize, float* block);

/// An example as a picture; numbers are taken as 0..1.
Image picture_of(const DataSet& data, int index);

/// The same as (1, 3, H, W) in [0,1].
Tensor example_tensor(const DataSet& data, int index);

/// `count` gray 32x32 pictures, half with a bar at a random angle and half with a cross of two, on a noisy ground:
/// classes "bar" and "cross". The same for the same seed on every machine.
DataSet make_bars_and_crosses(int count, std::uint32_t seed);

/// Fashion-MNIST (or MNIST, or any IDX files of these names) out of `folder`: train-images-idx3-ubyte,
/// train-labels-idx1-ubyte and t10k-..., each as it is or with .gz; 28x28 pictures get a border of 2 to become 32x32.
/// Fails in a sentence that names the file when one is missing, of the wrong size, or holds a label that is not 0..9.
/// Format: http://yann.lecun.com/exdb/mnist/
Expected<DataSplit> load_idx_folder(const std::filesystem::path& folder, const Cancel& cancel = {});

/// Where Debian's package dataset-fashion-mnist puts its files.
inline constexpr const char* debian_fashion_mnist = "/usr/share/datasets/fashion-mnist";

/// The pictures of an IDX file and the labels of another, for load_idx_folder() and the fuzz target. `images_name` and
/// `labels_name` are used in messages; the bytes are not compressed.
Expected<DataSet> parse_idx(std::span<const std::byte> images, std::string_view images_name,
                            std::span<const std::byte> labels, std::string_view labels_name);

/// CIFAR-10's ten classes in the order of their labels.
std::vector<std::string> cifar10_classes();

/// Of one CIFAR-10 binary file (records of a label and 3 x 32 x 32 bytes) the pictures of `classes`, which become
/// labels 0, 1, ... in this order. Fails, naming the file, when its size is no multiple of 3073, a label is above 9, or
/// none of the classes is in it. Format: https://www.cs.toronto.edu/~kriz/cifar.html
Expected<DataSet> parse_cifar10(std::span<const std::byte> bytes, std::string_view name,
                                const std::vector<std::string>& classes);

/// CIFAR-10 out of `folder`: every data_batch_*.bin or *train*.bin is for training, every *test*.bin for validation.
/// `classes` (at least two) are names of cifar10_classes(), all ten when empty.
Expected<DataSplit> load_cifar10_folder(const std::filesystem::path& folder, const std::vector<std::string>& classes,
                                        const Cancel& cancel = {});

/// A folder with one sub-folder of pictures a class, all resized to `size` with three channels. Every fifth picture
/// (dealt out by `seed`) is for validation. Pictures that can't be read are skipped, counted and named. Fails when
/// fewer than two classes have two pictures.
Expected<DataSplit> load_picture_folder(const std::filesystem::path& folder, Size2 size, std::uint32_t seed,
                                        const Cancel& cancel = {});

/// How a folder keeps its examples, by the names in it.
enum class DataLayout { pictures, cifar10, idx };
DataLayout data_layout(const std::filesystem::path& folder);

/// load_cifar10_folder() or load_idx_folder() where their files are, else load_picture_folder().
Expected<DataSplit> load_data_folder(const std::filesystem::path& folder, const std::vector<std::string>& classes,
                                     Size2 size, std::uint32_t seed, const Cancel& cancel = {});

/// The first `most` labeled examples for training and a third as many for validation (0: all), resized, with three
/// channels. Fails only when canceled or for a size that resize() refuses.
Expected<DataSplit> resized(const DataSplit& data, Size2 size, int most, const Cancel& cancel = {});

}  // namespace convlens
