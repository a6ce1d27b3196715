/// `convlens train`: training without a window.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/core/result.h"
#include "engine/open/open_network.h"
#include "engine/train/trainer.h"

namespace CLI {
class App;
}

namespace convlens {

/// Values of the options of `convlens train`, as typed. `convlens train --help` describes the options.
struct TrainOptions {
    std::string lesson = "largenet";         ///< "largenet", "filter", "filters" or "features".
    std::string data = "bars";               ///< "bars", "fashion-mnist[:FOLDER]", "cifar10:FOLDER" or "folder:FOLDER".
    std::vector<std::string> classes;        ///< CIFAR-10 classes to learn; empty means all ten.
    std::vector<std::string> images;         ///< Arguments of --image. If there are none, sample:cat is used.
    std::string kernel = "Sobel x";          ///< Name of an edge filter, or a file of kernels.
    int kernel_index = 0;                    ///< Index of the kernel in the file `kernel`.
    std::string network = "alexnet", layer;  ///< Network and layer that compute the features.
    int hidden = 0;  ///< Number of units of the hidden layer of the model on the features; 0 means no hidden layer.
    std::string weights;    ///< Weight file to continue from; with the lesson "features", the weights of `network`.
    std::string optimizer;  ///< "sgd" or "adam". Empty string: the lesson's default.
    /// Learning rate 0, momentum -1 and weight decay -1 mean the lesson's default values.
    double learning_rate = 0, momentum = -1, weight_decay = -1;
    /// Rows and columns of a kernel of the lesson "filters" (odd, 3 to 15), epochs without improvement before the
    /// training stops (0: never), and number of threads (0: one per core).
    int kernel_size = 11, patience = 0, threads = 0;
    /// Batch size 0 and epochs -1 mean the lesson's default values.
    int batch_size = 0, epochs = -1;
    long steps = -1;            ///< -1 means the lesson's default.
    std::uint32_t seed = 1;     ///< Seed of the initial weights, the order of the examples and generated data.
    bool no_shuffle = false;    ///< Whether to keep the examples in their order.
    std::string out, json_log;  ///< Files to write: weights (.safetensors or .npz) and log. Empty strings: none.
    std::string record;         ///< File for a recording of the training, see is_movie(). Empty string: none.
    int record_frames = 60;     ///< Number of frames of the recording, or fewer if the timeline has fewer snapshots.

    /// Adds the options to the command `app`.
    void add_to(CLI::App& app);
};

/// Runs the lesson until a stop condition is met, the training diverges or the user presses Ctrl+C, then writes
/// options.out and options.record (nothing for the lesson "features"). The first Ctrl+C or SIGTERM ends the training
/// after the current step; a second one ends the program immediately, without saving. Fails if a file cannot be read or
/// written. If the training of the lesson "largenet" or "filter" diverges, writes the last finite weights and then
/// fails.
Expected<void> train(const TrainOptions& options, const NetworkPlaces& places);

}  // namespace convlens
