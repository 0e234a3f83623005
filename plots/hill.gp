# SPDX-License-Identifier: GPL-3.0-or-later
# Hill's plot of each column. Needs: panels, title[], alpha_most, k_least, k_most.
# Blocks of `data`: 2 c the curve (k, alpha, low, high), 2 c + 1 the choice.
columns = narrow ? 1 : (panels < 3 ? panels : 3)
panel_height = narrow ? 200 : (panels == 1 ? 340 : 220)
margin_left = 64
margin_right = 28
margin_top = 40
margin_bottom = 56
gap_y = 66
gap_x = 56
canvas = height(panels)
eval OPEN
set output target
set multiplot
set logscale x
set xrange [k_least:k_most]
set yrange [0:alpha_most]
set ytics nice(alpha_most, 5)
do for [i = 1:panels] {
    set lmargin at screen left(i)
    set rmargin at screen right(i)
    set tmargin at screen top(i)
    set bmargin at screen bottom(i)
    set label 1 title[i] at graph 0, graph 1 offset character 0, character 0.7 left textcolor rgb ink
    set xlabel (lowest(i, panels) ? 'k largest |x|' : '') textcolor rgb ink
    set ylabel (across_of(i) == 0 ? 'tail index α' : '') textcolor rgb ink
    plot data index 2 * (i - 1) using 1:3:4 with filledcurves lc rgb colour[1] notitle, \
        data index 2 * (i - 1) using 1:2 with lines lw 2 lc rgb colour[1] notitle, \
        2 with lines dt 3 lc rgb ink notitle, \
        data index 2 * (i - 1) + 1 using 1:2 with points pt 7 ps 1.2 lc rgb colour[2] notitle
}
unset multiplot
unset output
