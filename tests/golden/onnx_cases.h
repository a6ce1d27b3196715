/// Networks from ONNX files, and the folders of ONNX's own tests.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "engine/io/onnx.h"
#include "engine/io/tensor_file.h"
#include "engine/nn/network.h"

namespace convlens::test {

/// Returns the layers with their weights. Throws if one can't be loaded.
Network network_of(const OnnxNetwork& read);

/// Returns true if the reader knows the operator.
bool onnx_can_read(std::string_view type);

/// One of ONNX's tests: a model with one node, whose inputs but the first are made constants here.
struct NodeTest {
    std::vector<std::byte> model;
    std::size_t operators = 0;  ///< Number of nodes.
    std::string type;           ///< Of the first node.
    Tensor input;
    Array output;
};
NodeTest load_node_test(const std::filesystem::path& folder);

}  // namespace convlens::test
