# SPDX-License-Identifier: GPL-3.0-or-later
# Survival curves: a panel per level, every series in each, the legend below.
# Needs: panels, series, has_sgd, reach[] (largest time shown), title[], name[]. Block l * series + s of `data`: time, survival.
columns = narrow ? 1 : (panels < 3 ? panels : (panels == 4 ? 2 : 3))
panel_height = narrow ? 170 : (panels == 1 ? 320 : 230)
margin_left = narrow ? 64 : 84
margin_top = 34
gap_x = narrow ? 14 : 34
gap_y = 68
across = narrow ? 2 : 4
entries = int((series + across - 1) / across)
entry_height = 22
margin_bottom = 74 + entries * entry_height
canvas = height(panels)
eval OPEN
set output target
set multiplot

entry_x(s) = (narrow ? 14 : margin_left) + ((s - 1) % across) * ((width - (narrow ? 18 : margin_left + margin_right)) / (1.0 * across))
entry_y(s) = canvas - margin_bottom + 78 + int((s - 1) / across) * entry_height
type(s) = has_sgd ? 99 + s : 100 + s
do for [s = 1:series] {
    set arrow s from screen x_of(entry_x(s)), screen y_of(entry_y(s)) to screen x_of(entry_x(s) + 34), screen y_of(entry_y(s)) nohead lt type(s) front
    set label s name[s] at screen x_of(entry_x(s) + 40), screen y_of(entry_y(s)) left textcolor rgb ink
    set label 100 + s '' at screen x_of(entry_x(s) + 17), screen y_of(entry_y(s)) point lt type(s) ps 0.9
}
middle = y_of(margin_top + (canvas - margin_top - margin_bottom) / 2.0)
set label 201 'fraction not yet below the level' at screen x_of(narrow ? 10 : 18), screen middle center rotate by 90 textcolor rgb ink
set label 202 'time t = k η (gradient-flow units)' at screen x_of((width + margin_left - margin_right) / 2.0), screen y_of(canvas - margin_bottom + 50) center textcolor rgb ink

set yrange [0:1.03]
set ytics 0.25
do for [i = 1:panels] {
    set lmargin at screen left(i)
    set rmargin at screen right(i)
    set tmargin at screen top(i)
    set bmargin at screen bottom(i)
    set xrange [0:reach[i]]
    set xtics nice(reach[i], 5)
    set label 210 title[i] at graph 0, graph 1 offset character 0, character 0.7 left textcolor rgb ink
    if (across_of(i) == 0) { set format y '%g' } else { set format y '' }
    plot for [s = series:1:-1] data index (i - 1) * series + s - 1 using 1:2 with lines lt type(s), \
         for [s = series:1:-1] data index (i - 1) * series + s - 1 using 1:2 every 40::(7 * s) with points lt type(s) ps 0.7
    do for [s = 1:series] {
        unset arrow s
        unset label s
        unset label 100 + s
    }
    unset label 201
    unset label 202
}
unset multiplot
unset output
