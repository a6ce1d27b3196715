/// The solution of normal equations of least squares.
#pragma once

#include <cstddef>
#include <vector>

namespace convlens {

/// Returns the scalar product of `count` numbers.
double dot(const double* a, const double* b, std::size_t count);

/// Solves A x = b in place for a positive definite matrix A, of which the lower half is given row by row, by Cholesky's
/// decomposition A = L L^T: `a` becomes L, and `b` becomes x. Returns false if A is not positive definite.
bool solve_normal_equations(std::vector<double>& a, std::vector<double>& b);

}  // namespace convlens
