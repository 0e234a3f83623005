/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_CORE_NEAR_H
#define TESTS_CORE_NEAR_H

#include <math.h>

/* |found - expected| <= tolerance, with both numbers in the message; included after cmocka.h. */
#define assert_near(found, expected, tolerance)                                                                        \
    do {                                                                                                               \
        double found_ = (found), expected_ = (expected), tolerance_ = (tolerance);                                     \
        if (!(fabs(found_ - expected_) <= tolerance_))                                                                 \
            fail_msg("%s = %.17g, expected %.17g within %g", #found, found_, expected_, tolerance_);                   \
    } while (0)

#endif
