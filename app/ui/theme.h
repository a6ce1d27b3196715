/// Fonts and colours.
#pragma once

namespace convlens {

/// Loads Inter (or ImGui's own font where it is not installed) for `scale` and sets sizes and colours. Between frames.
void apply_theme(bool light, float scale);

}  // namespace convlens
