/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DLN_SAXE_H
#define DLN_SAXE_H

#include "core/status.h"

#include <stddef.h>

/* Gradient flow of one mode of a deep linear network in closed form [saxe2014]: whitened inputs (Sxx = I), singular
 * vectors of the product aligned with those of Syx, s the mode's singular value of Syx, a its strength in the product,
 * a = w_1 ... w_L. The loss is (s - a)^2 / 2 and time is that of the flow: k steps of SGD of rate eta are t = k eta.
 *
 *     double a;
 *     dln_saxe_balanced(3, 2, 1e-3, 4.5, &a);     depth 3, s = 2, a(0) = 0.001, t = 4.5
 */

/* Balanced, every layer w_l = a^(1/L): a' = L a^(2 - 2/L) (s - a). depth >= 1; target s >= 0, start a(0) >= 0 and
 * time >= 0 finite, else CORE_BAD_INPUT. Relative error of *a about 1e-13. */
enum core_status dln_saxe_balanced(size_t depth, double target, double start, double time, double *a);

/* Two layers with strengths w_1, w_2 of any size and sign: w_2^2 - w_1^2 is conserved, and
 * a' = sqrt(c^2 + 4 a^2) (s - a), c = |w_2^2 - w_1^2|. *a = w_1 w_2 after `time`. */
enum core_status dln_saxe_unbalanced(double target, double w1, double w2, double time, double *a);

#endif
