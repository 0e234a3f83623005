# SPDX-License-Identifier: GPL-3.0-or-later
# Two coordinates at the last time, a panel per model, SGD in each.
# Needs: panels, name[], side[], x_low, x_high, x_label, y_low, y_high, y_label. Block 0 of `data`: SGD; block m: model m.
columns = narrow ? 2 : (panels < 4 ? panels : 4)
if (narrow && panels == 1) { columns = 1 }
panel_height = narrow ? 140 : (panels == 1 ? 340 : 190)
margin_left = narrow ? 58 : 84
margin_top = narrow ? 58 : 64
margin_bottom = 64
gap_x = narrow ? 14 : 20
gap_y = narrow ? 36 : 42
canvas = height(panels)
eval OPEN
set output target
set multiplot

line = narrow ? 16 : margin_top - 46
set label 1 'SGD' at screen x_of(margin_left + 16), screen y_of(line) left textcolor rgb ink
set label 2 '' at screen x_of(margin_left + 6), screen y_of(line) point pt 7 ps 0.7 lc rgb '#000000'
set label 3 'the model named above the panel' at screen x_of(margin_left + 86), screen y_of(line) left textcolor rgb ink
set label 4 '' at screen x_of(margin_left + 76), screen y_of(line) point pt 6 ps 0.8 lw 1.5 lc rgb colour[1]
middle = y_of(margin_top + (canvas - margin_top - margin_bottom) / 2.0)
set label 5 (narrow ? 'principal direction 2' : y_label) at screen x_of(narrow ? 12 : 18), screen middle center rotate by 90 textcolor rgb ink
set label 6 (narrow ? 'principal direction 1 of SGD' : x_label) at screen x_of((width + margin_left - margin_right) / 2.0), screen y_of(canvas - 14) center textcolor rgb ink

set xrange [x_low:x_high]
set yrange [y_low:y_high]
set xtics nice(x_high - x_low, narrow ? 3 : 5)
set ytics nice(y_high - y_low, 4)
hollow(i) = i % 3 == 1 ? 6 : (i % 3 == 2 ? 8 : 4)
do for [i = 1:panels] {
    set lmargin at screen left(i)
    set rmargin at screen right(i)
    set tmargin at screen top(i)
    set bmargin at screen bottom(i)
    set label 10 name[i] at graph 0, graph 1 offset character 0, character 0.7 left textcolor rgb ink
    set label 11 side[i] at graph 1, graph 0 offset character -0.3, character 0.8 right textcolor rgb faint front
    if (across_of(i) == 0) { set format y '%g' } else { set format y '' }
    if (lowest(i, panels)) { set format x '%g' } else { set format x '' }
    plot data index 0 every (narrow ? 2 : 1) using 1:2 with points pt 7 ps (narrow ? 0.2 : 0.25) lc rgb '#000000', \
        data index i every (narrow ? 2 : 1) using 1:2 with points pt hollow(i) ps (narrow ? 0.3 : 0.4) lc rgb colour[(i - 1) % 6 + 1]
    do for [k = 1:6] { unset label k }
}
unset multiplot
unset output
