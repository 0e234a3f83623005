# SPDX-License-Identifier: GPL-3.0-or-later
# Gradient noise: spectra, noise along the Hessian's axes, fitted stable indices against the batch size.
# Needs: slope, points (0: none in the middle panel), curved (0: nothing in the left one), estimators, name[], low[], high[], alpha_low, alpha_high, batch_most.
# Blocks of `data`: see lab/figure_noise.c.
panels = estimators > 0 ? 3 : 2
columns = narrow ? 1 : panels
panel_height = narrow ? 240 : 300
margin_left = 72
margin_right = 16
margin_top = 48
# the keys stand under the panels, where they hide nothing
margin_bottom = 142
gap_x = 84
gap_y = 150
canvas = height(panels)
eval OPEN
set output target
set multiplot
set key at graph 0.5, graph -0.2 center top Left reverse samplen 1 spacing 1.05 textcolor rgb ink
array title[3] = ['spectra', 'noise along the Hessian’s axes', 'stable index against batch size']
do for [i = 1:panels] {
    set lmargin at screen left(i)
    set rmargin at screen right(i)
    set tmargin at screen top(i)
    set bmargin at screen bottom(i)
    set label 1 title[i] at graph 0, graph 1 offset character 0, character 0.8 left textcolor rgb ink
    unset logscale
    if (i == 1) {
        set logscale y
        set autoscale
        set xrange [0:*]
        if (!curved) { set xrange [0:1]; set yrange [0.1:10] }
        set format y '%g'
        set xlabel 'rank' textcolor rgb ink
        set ylabel '|eigenvalue|' textcolor rgb ink
        plot data index 0 using 1:2 with linespoints pt 7 ps 0.7 lw 1.5 lc rgb colour[2] title 'Σ', \
            data index 1 using 1:2 with linespoints pt 5 ps 0.7 lw 1.5 lc rgb colour[1] title 'H, positive', \
            data index 2 using 1:2 with linespoints pt 4 ps 0.8 lw 1.5 dt 2 lc rgb colour[1] title 'H, negative'
    }
    if (i == 2) {
        set logscale xy
        set autoscale
        if (!points) { set xrange [0.1:10]; set yrange [0.1:10] }
        set format '%g'
        set xlabel '|h|, eigenvalue of the Hessian' textcolor rgb ink
        set ylabel 'uᵀΣu' offset character 1, 0 textcolor rgb ink
        plot data index 3 using 1:2 with points pt 5 ps 0.9 lc rgb colour[1] title 'h > 0', \
            data index 4 using 1:2 with points pt 4 ps 1.0 lw 1.5 lc rgb colour[2] title 'h < 0', \
            slope * x with lines dt 3 lc rgb ink title 'Σ = c |H|'
    }
    if (i == 3) {
        set logscale x 2
        set xrange [0.8:1.25 * batch_most]
        set yrange [alpha_low:alpha_high]
        set format '%g'
        set xlabel 'batch size B' textcolor rgb ink
        set ylabel 'α fitted' offset character 1, 0 textcolor rgb ink
        do for [e = 1:estimators] {
            set object e rectangle from graph 0, first low[e] to graph 1, first high[e] fc rgb colour[e] fs transparent solid 0.12 noborder behind
        }
        plot for [e = 1:estimators] data index 4 + e using 1:2 with lines lw 1.5 lc rgb colour[e] notitle, \
            for [e = 1:estimators] data index 4 + e using 1:2:3 with yerrorbars pt marker[e] ps 0.8 lw 1.5 lc rgb colour[e] title name[e], \
            2 with lines dt 3 lc rgb ink title 'Gaussian'
        do for [e = 1:estimators] { unset object e }
    }
}
unset multiplot
unset output
