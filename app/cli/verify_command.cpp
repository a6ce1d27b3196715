/// `convlens verify`: checks values of the layers in double precision.
#include "app/cli/commands.h"
#include "engine/document/evaluate.h"

namespace convlens {

Expected<CheckedValues> verify(const Document& document, const BackendOptions& options, int values,
                               std::uint32_t seed) {
    auto backend = make_backend(options);
    if (!backend) return tl::unexpected(backend.error());
    const auto output = evaluate(document, *backend, Cancel());
    if (!output) return tl::unexpected(output.error());
    return check_values(output->network, output->input, output->plan.layer, values, seed, *backend, Cancel());
}

}  // namespace convlens
