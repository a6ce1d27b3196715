/// Whether the golden pictures are to be rewritten instead of compared.
#pragma once

/// True when the test program was called with --update.
bool update_goldens();
