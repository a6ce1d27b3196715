/// A mutator for JSON: changes values and members instead of bytes, so that most results are still JSON.
#pragma once

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

extern "C" std::size_t LLVMFuzzerMutate(unsigned char* data, std::size_t size, std::size_t max_size);

namespace convlens {

/// Collects all values of `json`, the outer ones first.
inline void collect(nlohmann::ordered_json& json, std::vector<nlohmann::ordered_json*>& all) {
    all.push_back(&json);
    if (json.is_structured())
        for (auto& part : json) collect(part, all);
}

/// Changes one value of the JSON text: to a number at a limit, another value of the text, another type, more or fewer
/// members. Every fourth call, and if the text is no JSON, changes bytes.
inline std::size_t mutate_json(unsigned char* data, std::size_t size, std::size_t max_size, unsigned seed) {
    using Json = nlohmann::ordered_json;
    std::minstd_rand random(seed);
    Json json = random() % 4 == 0 ? Json(Json::value_t::discarded) : Json::parse(data, data + size, nullptr, false);
    if (json.is_discarded()) return LLVMFuzzerMutate(data, size, max_size);
    std::vector<Json*> all;
    collect(json, all);
    Json& chosen = *all[random() % all.size()];
    const Json other = *all[random() % all.size()];
    static const Json limits[] = {0,     1,    -1,      2147483647,    -2147483648LL,  4294967296LL, 9007199254740993LL,
                                  1e300, -0.0, 1e-320,  65535,         65536,          1000,         "",
                                  "a",   true, nullptr, Json::array(), Json::object(), 1.5,          "../../x.png"};
    switch (random() % 7) {
        case 0: chosen = limits[random() % std::size(limits)]; break;
        case 1: chosen = other; break;
        case 2:
            if (chosen.is_number_integer()) chosen = chosen.get<std::int64_t>() + static_cast<int>(random() % 5) - 2;
            break;
        case 3:
            if (chosen.is_array() && chosen.size() < 64) chosen.push_back(other);
            break;
        case 4:
            if (chosen.is_structured() && !chosen.empty()) {
                auto at = chosen.begin();
                std::advance(at, random() % chosen.size());
                chosen.erase(at);
            }
            break;
        case 5:
            if (chosen.is_object() && !chosen.empty()) {
                auto from = all[random() % all.size()];
                if (from->is_object() && !from->empty()) {
                    auto at = from->begin();
                    std::advance(at, random() % from->size());
                    const std::string key = at.key();
                    const Json value = *at;
                    chosen[key] = value;
                }
            }
            break;
        default:
            if (chosen.is_string()) {
                std::string text = chosen.get<std::string>();
                const std::size_t before = text.size();
                text.resize(before + 8);
                text.resize(LLVMFuzzerMutate(reinterpret_cast<unsigned char*>(text.data()), before, text.size()));
                chosen = text;
            }
    }
    const std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
    if (text.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
    std::memcpy(data, text.data(), text.size());
    return text.size();
}

}  // namespace convlens
