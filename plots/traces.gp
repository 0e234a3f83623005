# SPDX-License-Identifier: GPL-3.0-or-later
# Chains of a sampler: their values, and their running means beside the estimate and what theory expects.
# Needs: chains, draws, averaged (draws to a plotted value), estimate, error, expected, half_step (NaN: none), sampler[1].
# Block c of `data`: draw, value, running mean of chain c.
columns = narrow ? 1 : 2
panel_height = narrow ? 200 : 320
margin_left = 64
margin_top = narrow ? 84 : 64
gap_x = 64
margin_right = 36
canvas = height(2)
eval OPEN
set output target
set multiplot

known = expected == expected
halved = half_step == half_step
set arrow 1 from screen x_of(margin_left), screen y_of(16) to screen x_of(margin_left + 28), screen y_of(16) nohead lt 100 front
set label 1 sprintf('estimate %.4g ± %.2g (%s)', estimate, error, sampler[1]) at screen x_of(margin_left + 36), screen y_of(16) left textcolor rgb ink
if (known) {
    at_x = narrow ? margin_left : margin_left + 300
    at_y = narrow ? 36 : 16
    set arrow 2 from screen x_of(at_x), screen y_of(at_y) to screen x_of(at_x + 28), screen y_of(at_y) nohead lc rgb ink lw 2 dt (8, 5) front
    set label 2 sprintf('λ − (m − 1)/ln nβ = %.4g', expected) at screen x_of(at_x + 36), screen y_of(at_y) left textcolor rgb ink
}
if (halved) {
    at_x = narrow ? margin_left : margin_left + 560
    at_y = narrow ? 56 : 16
    set arrow 3 from screen x_of(at_x), screen y_of(at_y) to screen x_of(at_x + 28), screen y_of(at_y) nohead lc rgb faint lw 2 dt (2, 3) front
    set label 3 sprintf('at half the step %.4g', half_step) at screen x_of(at_x + 36), screen y_of(at_y) left textcolor rgb ink
}
set xrange [0:draws]
set xtics nice(draws, 4)
do for [i = 1:2] {
    set lmargin at screen left(i)
    set rmargin at screen right(i)
    set tmargin at screen top(i)
    set bmargin at screen bottom(i)
    set label 10 (i == 1 ? 'nβ (L − L(w*)) of each chain'.(averaged > 1 ? sprintf(', means of %d draws', averaged) : '') : 'its mean so far') at graph 0, graph 1 offset character 0, character 0.7 left textcolor rgb ink
    set label 11 'draw' at graph 0.5, graph 0 offset character 0, character -2.2 center textcolor rgb ink
    set yrange [0:*]
    if (estimate == estimate) {
        set arrow 20 from graph 0, first estimate to graph 1, first estimate nohead lt 100 lw 2 front
        set object 20 rectangle from graph 0, first estimate - 2 * error to graph 1, first estimate + 2 * error fc rgb '#000000' fs transparent solid 0.15 noborder front
    }
    if (known) { set arrow 21 from graph 0, first expected to graph 1, first expected nohead lc rgb ink lw 2 dt (8, 5) front }
    if (halved) { set arrow 22 from graph 0, first half_step to graph 1, first half_step nohead lc rgb faint lw 2 dt (2, 3) front }
    plot for [c = 0:chains - 1] data index c using 1:(column(1 + i)) with lines lt 101 + c lw 1, \
        (known ? 1.1 * expected : NaN) with lines lc rgb '#ffffff' lw 0
    unset label 1
    unset label 2
    unset label 3
    unset arrow 1
    unset arrow 2
    unset arrow 3
}
unset multiplot
unset output
