# SPDX-License-Identifier: GPL-3.0-or-later
# The shared style. Needs: target, format (svg | png | pdf), narrow (1: for a phone).
# User text comes in arrays of strings made outside and is drawn by terminals told `noenhanced`: it is never interpreted.
reset
set encoding utf8
set datafile separator whitespace
width = narrow ? 400 : 960
size = narrow ? 12 : 14

# Okabe and Ito's colours without the yellow, which is too pale for lines on white; a dash pattern and a marker beside
# each, with periods 6, 5 and 7, so that 30 series all differ and colour is never the only code.
array colour[6] = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9']
array marker[7] = [7, 5, 9, 11, 13, 6, 4]
set linetype 100 lc rgb '#000000' lw 3.5 dt solid pt 7 ps 0.5
do for [k = 1:60] {
    hue = colour[(k - 1) % 6 + 1]
    shape = marker[(k - 1) % 7 + 1]
    pattern = (k - 1) % 5
    if (pattern == 0) { set linetype 100 + k lc rgb hue lw 2 dt solid pt shape ps 0.6 }
    if (pattern == 1) { set linetype 100 + k lc rgb hue lw 2 dt (10, 4) pt shape ps 0.6 }
    if (pattern == 2) { set linetype 100 + k lc rgb hue lw 2 dt (3, 3) pt shape ps 0.6 }
    if (pattern == 3) { set linetype 100 + k lc rgb hue lw 2 dt (10, 3, 3, 3) pt shape ps 0.6 }
    if (pattern == 4) { set linetype 100 + k lc rgb hue lw 2 dt (10, 3, 3, 3, 3, 3) pt shape ps 0.6 }
}
ink = '#222222'
faint = '#767676'
grid = '#e4e4e4'

# `eval OPEN` starts the picture once `canvas`, its height in pixels, is known. PNG is drawn at twice the size.
OPEN = "set terminal svg size width, canvas noenhanced standalone rounded background '#ffffff' font 'sans-serif,'.size"
if (format eq 'png') { OPEN = "set terminal pngcairo size 2 * width, 2 * canvas noenhanced rounded dashlength 2 background '#ffffff' font 'sans-serif,'.size.'' fontscale 1.5 linewidth 2 pointscale 2" }
if (format eq 'pdf') { OPEN = "set terminal pdfcairo size width / 96.0 in, canvas / 96.0 in noenhanced rounded background '#ffffff' font 'sans-serif,'.sprintf('%g', 0.75 * size)" }

set border 3 lc rgb faint lw 1
set tics out nomirror scale 0.5 textcolor rgb ink
set mxtics default
set grid xtics ytics lt 1 lc rgb grid lw 1 dt solid
set format '%g'
set style fill transparent solid 0.25 noborder
unset key

# Panels: `columns` of them in a row, `panel_height` pixels high, margins and gaps in pixels.
# Screen coordinates of panel i = 1, 2, ... for `set lmargin at screen` and its like.
columns = 1
panel_height = 180
margin_left = 64
margin_right = 16
margin_top = 40
margin_bottom = 56
gap_x = 22
gap_y = 40
rows(n) = int((n + columns - 1) / columns)
height(n) = margin_top + rows(n) * (panel_height + gap_y) - gap_y + margin_bottom
panel_width(unused) = (width - margin_left - margin_right - (columns - 1) * gap_x) / (1.0 * columns)
across_of(i) = (i - 1) % columns
down_of(i) = int((i - 1) / columns)
x_of(pixel) = pixel / (1.0 * width)
y_of(pixel) = 1 - pixel / (1.0 * canvas)
left(i) = x_of(margin_left + across_of(i) * (panel_width(0) + gap_x))
right(i) = left(i) + x_of(panel_width(0))
top(i) = y_of(margin_top + down_of(i) * (panel_height + gap_y))
bottom(i) = top(i) - panel_height / (1.0 * canvas)
# A round step that cuts `range` into about n pieces.
step_of(raw, unit) = raw <= unit ? unit : raw <= 2 * unit ? 2 * unit : raw <= 5 * unit ? 5 * unit : 10 * unit
nice(range, n) = step_of(range / (1.0 * n), 10 ** floor(log10(range / (1.0 * n))))
# 1 where nothing stands below panel i of n: it carries the tick labels of its column.
lowest(i, n) = i + columns > n
