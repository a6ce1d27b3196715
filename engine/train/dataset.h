/// Data sets: images with their labels or targets.
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

/// Examples of one shape, NCHW, with a label or a target for each. Shared and immutable once made.
struct DataSet {
    std::string title;  ///< Display title: "Fashion-MNIST, training".
    /// Shape of one stored example; n = 1. A single channel serves as every input channel of a network.
    Shape item{1, 1, 1, 1};
    /// Values of all examples: pixels 0..255, which are scaled by 1/255 when they are used, or floats, which are used
    /// as they are.
    std::variant<std::vector<std::uint8_t>, std::vector<float>> values;
    std::vector<int> labels;           ///< One per example, an index of `classes`; empty if the examples have targets.
    std::vector<std::string> classes;  ///< Two or more; empty if the examples have targets.
    Tensor targets;  ///< (N, C, H, W): the output that a network should produce, for Loss::mse; empty if the examples
                     ///< have labels.
    std::vector<std::string> names;  ///< File names, one per example; empty if the examples are not from separate
                                     ///< files.
    std::size_t skipped = 0;         ///< Number of files that could not be read.
    /// Error messages for the first skipped files, at most 20. Each is one sentence that names the file.
    std::vector<std::string> complaints;

    int size() const { return labels.empty() ? targets.shape().n : static_cast<int>(labels.size()); }
};

using SharedDataSet = std::shared_ptr<const DataSet>;

/// Data to train on and data to validate on.
struct DataSplit {
    SharedDataSet training, validation;
};

/// Writes examples side by side into a block (engine/cpu/lane_loops.h) for an input of `channels` channels, normalized.
/// Lane l gets the example indices[l]; lanes from `count` (1 .. lane_images) on become zeros. data.item.c must be 1 or
/// `channels`.
void put_examples(const DataSet& data, const int* indices, int count, int channels, Normalize normalize, float* block);

/// Returns an example as an image; floats are displayed with the range 0..1.
Image picture_of(const DataSet& data, int index);

/// Returns an example as a tensor (1, 3, H, W) in [0,1].
Tensor example_tensor(const DataSet& data, int index);

/// Makes `count` gray 32x32 images, half of them with a bar at a random angle and half with a cross of two bars, on a
/// noisy background. The classes are "bar" and "cross". The same seed gives the same images on every machine.
DataSet make_bars_and_crosses(int count, std::uint32_t seed);

/// Loads Fashion-MNIST (or MNIST, or any IDX files with these names) from `folder`: train-images-idx3-ubyte,
/// train-labels-idx1-ubyte and t10k-..., each plain or with .gz. 28x28 images get a border of 2 to become 32x32.
/// Fails with a sentence that names the file when one is missing, has the wrong size, or contains a label that is not
/// 0..9. Format: http://yann.lecun.com/exdb/mnist/
Expected<DataSplit> load_idx_folder(const std::filesystem::path& folder, const Cancel& cancel = {});

/// Folder in which Debian's package dataset-fashion-mnist installs its files.
inline constexpr const char* debian_fashion_mnist = "/usr/share/datasets/fashion-mnist";

/// Parses the images of one IDX file and the labels of another, for load_idx_folder() and the fuzz target.
/// `images_name` and `labels_name` are used in messages. The bytes are not compressed.
Expected<DataSet> parse_idx(std::span<const std::byte> images, std::string_view images_name,
                            std::span<const std::byte> labels, std::string_view labels_name);

/// Returns the ten classes of CIFAR-10 in the order of their labels.
std::vector<std::string> cifar10_classes();

/// Parses one CIFAR-10 binary file (records of a label and 3 x 32 x 32 bytes) and returns the images of `classes`,
/// which become labels 0, 1, ... in this order. Fails with a message that names the file when its size is not a
/// multiple of 3073, a label is above 9, or it contains none of the classes. Format:
/// https://www.cs.toronto.edu/~kriz/cifar.html
Expected<DataSet> parse_cifar10(std::span<const std::byte> bytes, std::string_view name,
                                const std::vector<std::string>& classes);

/// Loads CIFAR-10 from `folder`: every data_batch_*.bin or *train*.bin is for training, every *test*.bin for
/// validation. `classes` are names from cifar10_classes(), at least two; empty means all ten.
Expected<DataSplit> load_cifar10_folder(const std::filesystem::path& folder, const std::vector<std::string>& classes,
                                        const Cancel& cancel = {});

/// Loads a folder with one sub-folder of images per class, all resized to `size` with three channels. Every fifth
/// image (after shuffling by `seed`) is for validation. Files that can't be read are skipped and recorded in
/// DataSet::skipped and DataSet::complaints. Fails when fewer than two classes have two images.
Expected<DataSplit> load_picture_folder(const std::filesystem::path& folder, Size2 size, std::uint32_t seed,
                                        const Cancel& cancel = {});

/// How a folder stores its examples, detected from the file names in it.
enum class DataLayout { pictures, cifar10, idx };
DataLayout data_layout(const std::filesystem::path& folder);

/// Loads `folder` with load_cifar10_folder() or load_idx_folder() if it contains their files, otherwise with
/// load_picture_folder().
Expected<DataSplit> load_data_folder(const std::filesystem::path& folder, const std::vector<std::string>& classes,
                                     Size2 size, std::uint32_t seed, const Cancel& cancel = {});

/// Returns the first `most` labeled examples for training and a third as many for validation, or all examples if `most`
/// is 0. They are resized to `size` and have three channels. Fails only if canceled or if resize() fails.
Expected<DataSplit> resized(const DataSplit& data, Size2 size, int most, const Cancel& cancel = {});

}  // namespace convlens
