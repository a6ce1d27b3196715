/// PyTorch's own results in tests/golden: OPERATION.npz with CASE/ARRAY, OPERATION.json with each case's parameters.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "engine/io/tensor_file.h"
#include "engine/reference/reference.h"
#include "tests/backend/conv_case.h"

namespace convlens::test {

/// The file of that name.
std::filesystem::path golden(const std::string& name);

/// The parameters of an operation's cases.
nlohmann::json cases_of(const std::string& operation);

/// The array, with leading axes of 1 up to four. Throws when it can't be read.
Tensor tensor_of(const TensorFile& file, const std::string& key);

/// The array (C, H, W) as one item. Throws when it can't be read.
Tensor item_of(const TensorFile& file, const std::string& key);

/// Of two values at one place; infinite if the sizes differ.
double largest_difference(std::span<const float> a, std::span<const float> b);

/// A pair, or one number that stands for both.
Size2 pair_of(const nlohmann::json& value);

/// The values as they are.
Reference in_double(const Tensor& tensor);

}  // namespace convlens::test
