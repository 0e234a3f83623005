/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kramers plot: the pictures of a finished run again, from the sources that lie beside them. */
#include "lab/figures.h"
#include "lab/verbs.h"

#include <stdio.h>

enum core_status lab_verb_plot(const struct lab_options *options) {
    size_t drawn = 0;
    enum core_status status = lab_figures_redraw(options->arguments[0], options->format, &drawn);
    if (status == CORE_OK) printf("%zu figures drawn in %s/figures\n", drawn, options->arguments[0]);
    return status;
}
