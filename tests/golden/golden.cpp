/// Reading PyTorch's results.
#include "tests/golden/golden.h"

#include <algorithm>
#include <cmath>
#include <fstream>

namespace convlens::test {
namespace {

Shape shape_of(const Array& array) {
    std::vector<std::int64_t> s = array.shape;
    while (s.size() < 4) s.insert(s.begin(), 1);
    return {static_cast<int>(s[0]), static_cast<int>(s[1]), static_cast<int>(s[2]), static_cast<int>(s[3])};
}

}  // namespace

std::filesystem::path golden(const std::string& name) {
    return std::filesystem::path(CONVLENS_TEST_DATA) / "golden" / name;
}

nlohmann::json cases_of(const std::string& operation) {
    std::ifstream file(golden(operation + ".json"));
    return nlohmann::json::parse(file);
}

Tensor tensor_of(const TensorFile& file, const std::string& key) {
    const auto array = file.load(key);
    if (!array) throw std::runtime_error(array.error().message);
    Tensor tensor(shape_of(*array));
    if (tensor.size() != array->values.size()) throw std::runtime_error(key + ": shape and values differ");
    std::copy(array->values.begin(), array->values.end(), tensor.data());
    return tensor;
}

Tensor item_of(const TensorFile& file, const std::string& key) {
    Tensor made = tensor_of(file, key);
    const Shape s = made.shape();
    made.reshape({1, s.n * s.c, s.h, s.w});
    return made;
}

double largest_difference(std::span<const float> a, std::span<const float> b) {
    double largest = a.size() == b.size() ? 0 : INFINITY;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
        largest = std::max(largest, static_cast<double>(std::abs(a[i] - b[i])));
    return largest;
}

Size2 pair_of(const nlohmann::json& value) {
    if (value.is_array()) return {value.at(0).get<int>(), value.at(1).get<int>()};
    return {value.get<int>(), value.get<int>()};
}

Reference in_double(const Tensor& tensor) {
    return {tensor.shape(), std::vector<double>(tensor.values().begin(), tensor.values().end())};
}

}  // namespace convlens::test
