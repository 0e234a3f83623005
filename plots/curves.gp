# SPDX-License-Identifier: GPL-3.0-or-later
# Curves with bands against time, a panel per model, SGD in grey and black in each.
# Needs: panels, models, has_sgd, curves, name[], side[],
# few (1: mark the times; 2: so few that bands are drawn as bars), log_x, x_low, x_high, log_y, y_low, y_high, y_label, levels, level[].
# Block s * curves + c of `data`: time, median, low, high.
columns = narrow ? 2 : (panels < 4 ? panels : 4)
if (narrow && panels == 1) { columns = 1 }
panel_height = narrow ? 140 : (panels == 1 ? 340 : 180)
margin_left = narrow ? 58 : 84
margin_top = narrow ? 84 : 64
margin_bottom = 64
gap_x = narrow ? 14 : 20
gap_y = narrow ? 36 : 42
canvas = height(panels)
eval OPEN
set output target
set multiplot

# The legend, above the panels, drawn with the first of them.
line = margin_top - 46
if (narrow) { line = 16 }
at_x = margin_left
if (has_sgd) {
    set object 1 rectangle from screen x_of(at_x), screen y_of(line + 7) to screen x_of(at_x + 28), screen y_of(line - 7) fc rgb '#000000' fs transparent solid 0.18 noborder front
    set arrow 1 from screen x_of(at_x), screen y_of(line) to screen x_of(at_x + 28), screen y_of(line) nohead lt 100 front
    set label 1 'SGD: median, 5–95 %' at screen x_of(at_x + 36), screen y_of(line) left textcolor rgb ink
    at_x = narrow ? at_x : at_x + 230
    line = narrow ? line + 20 : line
}
if (models) {
    set object 2 rectangle from screen x_of(at_x), screen y_of(line + 7) to screen x_of(at_x + 28), screen y_of(line - 7) fc rgb colour[1] fs transparent solid 0.3 noborder front
    set arrow 2 from screen x_of(at_x), screen y_of(line) to screen x_of(at_x + 28), screen y_of(line) nohead lt 101 front
    set label 2 'the model named above the panel' at screen x_of(at_x + 36), screen y_of(line) left textcolor rgb ink
    at_x = narrow ? at_x : at_x + 300
    line = narrow ? line + 20 : line
}
if (levels && !narrow) {
    set arrow 3 from screen x_of(at_x), screen y_of(line) to screen x_of(at_x + 28), screen y_of(line) nohead lc rgb faint lw 1 dt (1, 3) front
    set label 3 'escape level' at screen x_of(at_x + 36), screen y_of(line) left textcolor rgb ink
}
middle = y_of(margin_top + (canvas - margin_top - margin_bottom) / 2.0)
set label 4 y_label at screen x_of(narrow ? 12 : 18), screen middle center rotate by 90 textcolor rgb ink
set label 5 'time t = k η (gradient-flow units)' at screen x_of((width + margin_left - margin_right) / 2.0), screen y_of(canvas - 14) center textcolor rgb ink

if (log_x) { set logscale x }
if (log_y) { set logscale y }
set xrange [x_low:x_high]
set yrange [y_low:y_high]
if (!log_x) { set xtics nice(x_high - x_low, narrow ? 3 : 5) }
if (!log_y) { set ytics nice(y_high - y_low, 4) }
if (log_x && x_high < 300 * x_low) {
    set xtics (1)
    do for [decade = floor(log10(x_low)):ceil(log10(x_high))] { set xtics add (10.0 ** decade, 3 * 10.0 ** decade) }
}
shift = log_x ? 0 : 0.1 * (x_high - x_low)
do for [i = 1:panels] {
    set lmargin at screen left(i)
    set rmargin at screen right(i)
    set tmargin at screen top(i)
    set bmargin at screen bottom(i)
    set label 10 name[i] at graph 0, graph 1 offset character 0, character 0.7 left textcolor rgb ink
    set label 11 side[i] at graph 1, graph 1 offset character -0.3, character -0.8 right textcolor rgb faint front
    do for [l = 1:levels] { set arrow 10 + l from graph 0, first level[l] to graph 1, first level[l] nohead lc rgb faint lw 1 dt (1, 3) back }
    if (across_of(i) == 0) { set format y '%g' } else { set format y '' }
    if (lowest(i, panels)) { set format x '%g' } else { set format x '' }
    first = (has_sgd + i - 1) * curves
    style = models ? 100 + i : 100
    plot \
        for [c = 0:(has_sgd ? curves - 1 : -1)] data index c using 1:3:4 with filledcurves lc rgb '#000000' fs transparent solid 0.18 noborder, \
        for [c = 0:(has_sgd ? curves - 1 : -1)] data index c using 1:2 with lines lt 100, \
        for [c = 0:(models ? curves - 1 : -1)] data index first + c using 1:3:4 with filledcurves lt style fs transparent solid 0.25 noborder, \
        for [c = 0:(has_sgd && few == 2 ? curves - 1 : -1)] data index c using 1:2:3:4 with yerrorbars lt 100 lw 2 ps 0.9, \
        for [c = 0:(models && few < 2 ? curves - 1 : -1)] data index first + c using 1:2 with lines lt style, \
        for [c = 0:(models && few == 1 ? curves - 1 : -1)] data index first + c using 1:2 with points lt style, \
        for [c = 0:(models && few == 2 ? curves - 1 : -1)] data index first + c using ($1 + shift):2:3:4 with yerrorbars lt style dt solid ps 0.9
    unset label 1
    unset label 2
    unset label 3
    unset label 4
    unset label 5
    unset object 1
    unset object 2
    unset arrow 1
    unset arrow 2
    unset arrow 3
}
unset multiplot
unset output
