/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Caputo derivative on a mesh, sum_k a_k (u_k - u_{k-1}), with omega(t) = t^{-alpha} / Gamma(1 - alpha).
 *
 * L1, piecewise linear [oldham1974, sec. 8.2] [stynes2017]:
 *
 *     a_k = 1/step_k int_{t_{k-1}}^{t_k} omega(t_n - s) ds.
 *
 * L2-1_sigma, piecewise quadratic and linear in the last step, at t* = t_n - (alpha/2) step_n [alikhanov2015]
 * [liao2019]:
 *
 *     a_k = 1/step_k int omega(t* - s) ds  (up to t* for k = n),
 *     b_k = 2 / (step_k (step_k + step_{k+1})) int_{t_{k-1}}^{t_k} (s - middle) omega(t* - s) ds,   k < n,
 *     A_k = a_k - b_k [k < n] + (step_{k-1} / step_k) b_{k-1} [k > 1].
 *
 * Orders 2 - alpha and 2 on meshes graded enough. At alpha = 1 they are the implicit Euler and the trapezoidal rule. */
#include "ffpe/steps.h"

#include <math.h>

/* int over a step of length `step` that ends `gap` before the time of the derivative, of omega; exact to rounding for
 * steps far smaller than the gap. */
static double kernel(double alpha, double gap, double step) {
    double scale = 1 / tgamma(2 - alpha);
    if (gap <= 0) return scale * pow(step, 1 - alpha);
    return scale * pow(gap, 1 - alpha) * expm1((1 - alpha) * log1p(step / gap));
}

void ffpe_l1_weights(const struct ffpe_mesh *mesh, double alpha, size_t n, double a[]) {
    for (size_t k = 1; k <= n; k++) {
        double gap = k == n ? 0 : mesh->time[n] - mesh->time[k];
        a[k] = alpha == 1 ? (k == n) / mesh->step[k] : kernel(alpha, gap, mesh->step[k]) / mesh->step[k];
    }
}

/* int over the step of (s - middle) omega(t* - s) ds: closed where the step is long beside the gap, else by Gauss's
 * rule, since the closed form cancels. */
static double first_moment(double alpha, double gap, double step) {
    static const double place[3] = {0.1834346424956498, 0.525532409916329, 0.7966664774136267};
    static const double weight[3] = {0.362683783378362, 0.3137066458778873, 0.2223810344533745};
    static const double last_place = 0.9602898564975363, last_weight = 0.1012285362903763;
    double inverse = 1 / tgamma(1 - alpha);
    if (step > 0.5 * gap) {
        double far = gap + step, middle = gap + step / 2;
        double zeroth = (pow(far, 1 - alpha) - (gap > 0 ? pow(gap, 1 - alpha) : 0)) / (1 - alpha);
        return inverse * (middle * zeroth - (pow(far, 2 - alpha) - pow(gap, 2 - alpha)) / (2 - alpha));
    }
    double sum = 0;
    for (int i = 0; i < 4; i++) {
        double x = (i < 3 ? place[i] : last_place) * step / 2, w = i < 3 ? weight[i] : last_weight;
        sum += w * x * (pow(gap + step / 2 - x, -alpha) - pow(gap + step / 2 + x, -alpha));
    }
    return inverse * sum * step / 2;
}

void ffpe_l2_weights(const struct ffpe_mesh *mesh, double alpha, size_t n, double a[], double b[]) {
    double at = mesh->time[n] - alpha / 2 * mesh->step[n];
    for (size_t k = 1; k <= n; k++) {
        double step = mesh->step[k], gap = k == n ? 0 : at - mesh->time[k];
        double length = k == n ? (1 - alpha / 2) * step : step;
        a[k] = alpha == 1 ? (k == n) / step : kernel(alpha, gap, length) / step;
        b[k] = 0;
        if (k < n && alpha < 1) b[k] = 2 / (step * (step + mesh->step[k + 1])) * first_moment(alpha, gap, step);
    }
    for (size_t k = n; k >= 1; k--) {
        if (k < n) a[k] -= b[k];
        if (k > 1) a[k] += mesh->step[k - 1] / mesh->step[k] * b[k - 1];
    }
}
