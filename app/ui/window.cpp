#include "app/ui/window.h"
namespace convlens {
Expected<void> run_window(const Document&, const WindowOptions&, const BackendOptions&) { return fail("no window yet"); }
}
