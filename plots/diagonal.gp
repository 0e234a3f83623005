# SPDX-License-Identifier: GPL-3.0-or-later
# Estimates against what is expected of them, with error bars of two standard errors; the diagonal is agreement.
# Needs: count, series[] (their names). Block s of `data`: expected, estimate, standard error.
columns = 1
panel_height = narrow ? 280 : 560
margin_left = 72
margin_top = 30 + 20 * count
width = narrow ? 400 : 720
canvas = height(1)
eval OPEN
set output target
set multiplot

do for [s = 1:count] {
    set arrow s from screen x_of(margin_left), screen y_of(20 * s - 4) to screen x_of(margin_left + 28), screen y_of(20 * s - 4) nohead lt 100 + s front
    set label s series[s] at screen x_of(margin_left + 36), screen y_of(20 * s - 4) left textcolor rgb ink
}
set lmargin at screen left(1)
set rmargin at screen right(1)
set tmargin at screen top(1)
set bmargin at screen bottom(1)
set xlabel 'λ − (m − 1)/ln nβ' textcolor rgb ink
set ylabel 'estimate λ̂' textcolor rgb ink
set xrange [0:*]
set yrange [0:*]
plot x with lines lc rgb faint lw 1 dt (4, 4), \
    for [s = 1:count] data index s - 1 using 1:2:(2 * $3) with yerrorbars lt 100 + s dt solid ps 0.9
unset multiplot
unset output
