# SPDX-License-Identifier: GPL-3.0-or-later
# A number per model, a row each, a panel per observable.
# Needs: panels, title[], models, name[], side[], x_label, logarithmic, x_low, x_high, reference, bars.
# Block o of `data`: index into side[], value, low, high, state (0 matches, 1 differs, 2 undecided), beyond (-1, 0, 1).
columns = narrow ? 1 : (panels < 3 ? panels : 3)
row_height = 21
panel_height = models * row_height + 8
margin_left = narrow ? 136 : 168
margin_right = narrow ? 64 : 76
margin_top = 34
margin_bottom = 66
gap_x = 78
gap_y = 74
canvas = height(panels)
eval OPEN
set output target
set multiplot

set label 201 x_label at screen x_of((width + margin_left - margin_right) / 2.0), screen y_of(canvas - 12) center textcolor rgb ink
if (narrow) { set label 201 x_label at screen x_of(width - 10), screen y_of(canvas - 12) right textcolor rgb ink }
if (logarithmic) {
    set logscale x
    set format x '%g'
    if (x_high < 300 * x_low) {
        set xtics (1)
        do for [decade = floor(log10(x_low)):ceil(log10(x_high))] { set xtics add (10.0 ** decade, 3 * 10.0 ** decade) }
    }
} else {
    set xtics nice(x_high - x_low, narrow ? 3 : 4)
    set format x '%g'
}
set border 1
set xrange [x_low:x_high]
set yrange [models + 0.7:0.3]
unset ytics
set grid noytics
y(k) = (int(k) - 1) % models + 1
array shade[3] = ['#0072b2', '#d55e00', '#767676']
array shape[3] = [7, 2, 4]
do for [i = 1:panels] {
    set lmargin at screen left(i)
    set rmargin at screen right(i)
    set tmargin at screen top(i)
    set bmargin at screen bottom(i)
    set label 202 title[i] at graph 0, graph 1 offset character 0, character 0.7 left textcolor rgb ink
    set arrow 201 from first reference, graph 0 to first reference, graph 1 nohead lc rgb ink lw 1.2 back
    do for [m = 1:models] {
        if (across_of(i) == 0) { set label m name[m] at graph 0, first m offset character -1, 0 right textcolor rgb ink } else { unset label m }
        set label 100 + m side[(i - 1) * models + m] at graph 1, first m offset character 0.8, 0 left textcolor rgb faint
    }
    plot for [s = 0:(bars ? 2 : -1)] data index i - 1 using (reference):(y($1)):($5 == s ? $2 - reference : NaN):(0) with vectors nohead lc rgb shade[s + 1] lw 4, \
        for [s = 0:2] data index i - 1 using ($5 == s && $6 == 0 ? $3 : NaN):(y($1)):($4 - $3):(0) with vectors nohead lc rgb shade[s + 1] lw 2, \
        for [s = 0:2] data index i - 1 using ($5 == s && $6 == 0 ? $2 : NaN):(y($1)) with points pt shape[s + 1] ps 1.1 lw 2.2 lc rgb shade[s + 1], \
        data index i - 1 using ($6 != 0 ? $2 : NaN):(y($1)) with points pt 9 ps 1.2 lc rgb shade[2]
    unset label 201
}
unset multiplot
unset output
