# SPDX-License-Identifier: GPL-3.0-or-later
# Loss against index of critical points, a mark per label; plateaus of a path as lines.
# Needs: index_most, loss_most, plateaus. Blocks of `data`: global minima, strict saddles, non-strict saddles, plateaus.
panel_height = narrow ? 260 : 380
margin_left = narrow ? 58 : 84
margin_top = narrow ? 84 : 44
margin_bottom = 64
canvas = height(1)
eval OPEN
set output target
set multiplot

array word[4] = ['global minimum', 'strict saddle', 'non-strict saddle', 'plateau of a path']
array mark[3] = [7, 6, 9]
array hue[3] = ['#000000', colour[1], colour[2]]
entry_x(k) = (narrow ? 70 + 170 * ((k - 1) % 2) : margin_left + 12 + 190 * (k - 1))
entry_y(k) = narrow ? 24 + 24 * int((k - 1) / 2) : 20
do for [k = 1:3] {
    set label k word[k] at screen x_of(entry_x(k) + 12), screen y_of(entry_y(k)) left textcolor rgb ink
    set label 10 + k '' at screen x_of(entry_x(k)), screen y_of(entry_y(k)) point pt mark[k] ps 1.1 lw 1.5 lc rgb hue[k]
}
if (plateaus > 0) {
    set label 4 word[4] at screen x_of(entry_x(4) + 26), screen y_of(entry_y(4)) left textcolor rgb ink
    set arrow 4 from screen x_of(entry_x(4) - 8), screen y_of(entry_y(4)) to screen x_of(entry_x(4) + 20), screen y_of(entry_y(4)) nohead lc rgb colour[3] lw 1.5 dt (6, 4)
}
middle = y_of(margin_top + panel_height / 2.0)
set label 5 'loss' at screen x_of(narrow ? 12 : 18), screen middle center rotate by 90 textcolor rgb ink
set label 6 'index: negative eigenvalues of the Hessian' at screen x_of((width + margin_left - margin_right) / 2.0), screen y_of(canvas - 14) center textcolor rgb ink

set lmargin at screen left(1)
set rmargin at screen right(1)
set tmargin at screen top(1)
set bmargin at screen bottom(1)
set xrange [-0.04 * index_most - 0.2:1.04 * index_most + 0.2]
set yrange [0:1.06 * loss_most]
step = index_most < 8 ? 1 : nice(index_most, 8)
set xtics step
set ytics nice(loss_most, 6)
plot data index 3 using (plateaus > 0 ? -0.04 * index_most - 0.2 : NaN):2:(1.08 * index_most + 0.4):(0) with vectors nohead lc rgb colour[3] lw 1.5 dt (6, 4), \
    data index 1 using 1:2 with points pt mark[2] ps 1.1 lw 1.5 lc rgb hue[2], \
    data index 2 using 1:2 with points pt mark[3] ps 1.3 lw 1.5 lc rgb hue[3], \
    data index 0 using 1:2 with points pt mark[1] ps 1.1 lw 1.5 lc rgb hue[1]
unset multiplot
unset output
