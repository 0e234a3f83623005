/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The driver of ensembles: against a plain loop over one replica, over threads and cuts, and against exact moments.
 * The stepping method is Euler-Maruyama for dx = -L'(x) dt + sqrt(2 T) dW on the double well. */
#include "core/ensemble.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "core/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "core/near.h"

static const double temperature = 0.4;

/* One step for any number of lanes. The workspace counts the steps, so that a block that is not begun afresh, or begun
 * twice, changes the noise. */
static void langevin(const struct core_stepper *stepper, uint64_t path, size_t k, double rate, double x[],
                     double workspace[], double scratch[]) {
    const struct core_landscape *land = stepper->landscape;
    size_t width = land->lanes, count = land->dimension * width, room = (count + 7) / 8 * 8;
    double *gradient = scratch + room, *z = scratch + 2 * room;
    struct core_stream stream = {.seed = stepper->seed, .path = path, .purpose = CORE_PURPOSE_NOISE, .step = k};
    land->methods->gradient(land, x, gradient, scratch);
    core_random_normal(&stream, width, land->dimension, z);
    double amplitude = sqrt(2 * temperature * rate) * (1 + (workspace[0] - (double)k));
    for (size_t i = 0; i < count; i++) x[i] += amplitude * z[i] - rate * gradient[i];
    workspace[0] += 1;
}

static struct core_stepper stepper_on(const struct core_landscape *land) {
    size_t room = (land->dimension * land->lanes + 7) / 8 * 8;
    return (struct core_stepper){.landscape = land,
                                 .schedule = {CORE_SCHEDULE_CONSTANT, 0.0237, 0, 0},
                                 .seed = core_seed(2385, "test"),
                                 .workspace = 1,
                                 .scratch = 3 * room,
                                 .step = langevin};
}

static struct core_landscape *create(const struct core_potential *potential) {
    struct core_landscape *land;
    assert_int_equal(core_landscape_create(potential, &land), CORE_OK);
    return land;
}

static struct core_landscape *double_well(void) {
    return create(&(struct core_potential){.name = "double-well"});
}

enum { REPLICAS = 43, STEPS = 400, RECORDS = 6, LEVELS = 3 };
static const size_t record_steps[RECORDS] = {0, 1, 97, 97, 250, STEPS};
static const double levels[LEVELS] = {-0.24999, 0.05, -0.1};
static const double centre = 0.31;

static struct core_ensemble_settings settings_here(size_t level_count) {
    return (struct core_ensemble_settings){.steps = STEPS,
                                           .replicas = REPLICAS,
                                           .start = {&centre, 0.2},
                                           .record_count = RECORDS,
                                           .record_steps = record_steps,
                                           .level_count = level_count,
                                           .levels = levels,
                                           .ceiling = 1.3,
                                           .threads = 1,
                                           .first_replica = 1000003};
}

static struct core_ensemble *slots_for(const struct core_stepper *stepper, const struct core_ensemble_settings *s,
                                       size_t replicas) {
    struct core_ensemble *into;
    size_t n = stepper->landscape->dimension;
    assert_int_equal(core_ensemble_create(replicas, n, s->record_count, s->level_count, &into), CORE_OK);
    return into;
}

static struct core_ensemble *run(const struct core_stepper *stepper, const struct core_ensemble_settings *s) {
    struct core_ensemble *into = slots_for(stepper, s, s->replicas);
    if (core_ensemble_run(stepper, s, into, 0) != CORE_OK) fail_msg("%s", core_error());
    return into;
}

/* Every number that does not depend on the clock on the wall, bit by bit (NaN too). */
static void assert_same(const struct core_ensemble *a, const struct core_ensemble *b) {
    size_t r = a->replicas, size = sizeof(double);
    assert_int_equal(r, b->replicas);
    assert_memory_equal(a->parameters, b->parameters, a->record_count * r * a->dimension * size);
    assert_memory_equal(a->loss, b->loss, a->record_count * r * size);
    assert_memory_equal(a->escape, b->escape, a->level_count * r * size);
    assert_memory_equal(a->diverged, b->diverged, r * size);
    assert_true(a->steps == b->steps);
}

/* ---- The plain loop ---- */

/* What the definitions say about one replica, without lanes, blocks or early ends. */
struct story {
    double x[RECORDS], loss[RECORDS], escape[LEVELS], diverged;
};

static double noise(const struct core_stepper *stepper, uint64_t path, uint32_t purpose, size_t step) {
    struct core_stream stream = {.seed = stepper->seed, .path = path, .purpose = purpose, .step = step};
    double z;
    core_random_normal(&stream, 1, 1, &z);
    return z;
}

static struct story tell(const struct core_stepper *stepper, const struct core_ensemble_settings *s, uint64_t path) {
    struct story story = {.diverged = (double)INFINITY};
    for (size_t l = 0; l < LEVELS; l++) story.escape[l] = (double)INFINITY;
    double x = centre + s->start.scale * noise(stepper, path, CORE_PURPOSE_START, 0);
    for (size_t k = 0; k <= s->steps; k++) {
        double loss = x * x * (0.25 * x * x - 0.5), time = (double)k * stepper->schedule.rate;
        int recorded = 0;
        for (size_t r = 0; r < RECORDS; r++) recorded |= record_steps[r] == k;
        int looked = recorded || s->level_count > 0 || k % 64 == 0;
        if (looked && loss > s->ceiling && isinf(story.diverged)) story.diverged = time;
        int gone = !isinf(story.diverged);
        for (size_t l = 0; l < s->level_count; l++)
            if (k >= 1 && !gone && loss < levels[l] && isinf(story.escape[l])) story.escape[l] = time;
        for (size_t r = 0; r < RECORDS; r++) {
            if (record_steps[r] != k) continue;
            story.x[r] = gone ? (double)NAN : x;
            story.loss[r] = gone ? (double)NAN : loss;
        }
        double amplitude = sqrt(2 * temperature * stepper->schedule.rate);
        double gradient = x * (x * x - 1.0);
        x += amplitude * noise(stepper, path, CORE_PURPOSE_NOISE, k) - stepper->schedule.rate * gradient;
    }
    return story;
}

static int same(double a, double b) {
    return a == b || (isnan(a) && isnan(b));
}

static void the_driver_tells_what_a_plain_loop_tells(void **state) {
    /* law: records, escape times and divergence of every replica, with and without levels; two roads, equal bits */
    (void)state;
    struct core_landscape *land = double_well();
    struct core_stepper stepper = stepper_on(land);
    for (size_t level_count = 0; level_count <= LEVELS; level_count += LEVELS) {
        struct core_ensemble_settings s = settings_here(level_count);
        struct core_ensemble *e = run(&stepper, &s);
        size_t diverged = 0, escaped = 0;
        for (size_t j = 0; j < REPLICAS; j++) {
            struct story story = tell(&stepper, &s, s.first_replica + j);
            assert_true(e->diverged[j] == story.diverged);
            diverged += !isinf(story.diverged);
            for (size_t r = 0; r < RECORDS; r++) {
                assert_true(same(e->parameters[r * REPLICAS + j], story.x[r]));
                assert_true(same(e->loss[r * REPLICAS + j], story.loss[r]));
            }
            for (size_t l = 0; l < level_count; l++) assert_true(e->escape[l * REPLICAS + j] == story.escape[l]);
            for (size_t l = 0; l < level_count; l++) escaped += !isinf(story.escape[l]);
        }
        assert_in_range(diverged, level_count > 0 ? 3 : 1, REPLICAS - 3);
        if (level_count > 0) assert_in_range(escaped, 20, 3 * REPLICAS - 5);
        core_ensemble_free(e);
    }
    core_landscape_free(land);
}

/* ---- Threads, cuts, lanes ---- */

static void threads_and_cuts_change_no_bit(void **state) {
    /* law: 1, 2, 3 and 7 threads, an ensemble cut into uneven pieces, and each replica replayed alone */
    (void)state;
    struct core_landscape *land = double_well();
    struct core_stepper stepper = stepper_on(land);
    struct core_ensemble_settings s = settings_here(LEVELS);
    struct core_ensemble *whole = run(&stepper, &s);
    static const size_t threads[] = {2, 3, 7};
    for (size_t t = 0; t < 3; t++) {
        s.threads = threads[t];
        struct core_ensemble *other = run(&stepper, &s);
        assert_same(whole, other);
        core_ensemble_free(other);
    }
    static const size_t cuts[] = {0, 5, 17, 18, 18, REPLICAS};
    struct core_ensemble *pieces = slots_for(&stepper, &s, REPLICAS);
    struct core_ensemble *alone = slots_for(&stepper, &s, REPLICAS);
    for (size_t c = 0; c + 1 < sizeof cuts / sizeof *cuts; c++) {
        struct core_ensemble_settings piece = s;
        piece.first_replica += cuts[c];
        piece.replicas = cuts[c + 1] - cuts[c];
        assert_int_equal(core_ensemble_run(&stepper, &piece, pieces, cuts[c]), CORE_OK);
    }
    for (size_t j = 0; j < REPLICAS; j++) {
        struct core_ensemble_settings one = s;
        one.first_replica += j;
        one.replicas = 1;
        assert_int_equal(core_ensemble_run(&stepper, &one, alone, j), CORE_OK);
    }
    pieces->steps = alone->steps = whole->steps; /* how soon a block of diverged replicas ends depends on the cut */
    assert_same(whole, pieces);
    assert_same(whole, alone);
    core_ensemble_free(whole), core_ensemble_free(pieces), core_ensemble_free(alone);
    core_landscape_free(land);
}

static void narrow_loss(const struct core_landscape *land, const double x[], double loss[], double scratch[]) {
    (void)land;
    (void)scratch;
    loss[0] = x[0] * x[0] * (0.25 * x[0] * x[0] - 0.5);
}

static void narrow_gradient(const struct core_landscape *land, const double x[], double out[], double scratch[]) {
    (void)land;
    (void)scratch;
    out[0] = x[0] * (x[0] * x[0] - 1.0);
}

static void one_lane_gives_the_bits_of_eight(void **state) {
    /* law: the same landscape with lanes = 1 */
    (void)state;
    static const struct core_landscape_methods methods = {.loss = narrow_loss, .gradient = narrow_gradient};
    static const struct core_landscape narrow = {.name = "narrow", .dimension = 1, .lanes = 1, .methods = &methods};
    struct core_landscape *wide = double_well();
    struct core_stepper on_wide = stepper_on(wide), on_narrow = stepper_on(&narrow);
    struct core_ensemble_settings s = settings_here(LEVELS);
    struct core_ensemble *a = run(&on_wide, &s), *b = run(&on_narrow, &s);
    b->steps = a->steps;
    assert_same(a, b);
    core_ensemble_free(a), core_ensemble_free(b);
    core_landscape_free(wide);
}

static void every_schedule_keeps_its_time(void **state) {
    /* law: an escape is stamped with core_schedule_time of the step that a constant level finds */
    (void)state;
    static const struct core_schedule schedules[] = {
        {CORE_SCHEDULE_STEP_DECAY, 0.0237, 0.71, 13},
        {CORE_SCHEDULE_INVERSE_SQRT, 0.0237, 0, 17},
    };
    struct core_landscape *land = double_well();
    for (size_t law = 0; law < 2; law++) {
        struct core_stepper stepper = stepper_on(land);
        stepper.schedule = schedules[law];
        struct core_ensemble_settings s = settings_here(LEVELS);
        struct core_ensemble *e = run(&stepper, &s);
        size_t found = 0;
        for (size_t i = 0; i < LEVELS * REPLICAS; i++) {
            if (isinf(e->escape[i])) continue;
            size_t k = core_schedule_step(&schedules[law], e->escape[i]);
            assert_true(k >= 1 && k <= STEPS && core_schedule_time(&schedules[law], k) == e->escape[i]);
            found++;
        }
        assert_in_range(found, 20, LEVELS * REPLICAS);
        core_ensemble_free(e);
    }
    core_landscape_free(land);
}

/* ---- Divergence ---- */

/* Doubles x every step; the seventh path of a block jumps to NaN at step 10. */
static void doubling(const struct core_stepper *stepper, uint64_t path, size_t k, double rate, double x[],
                     double workspace[], double scratch[]) {
    (void)stepper, (void)rate, (void)workspace, (void)scratch;
    for (size_t j = 0; j < CORE_LANES; j++) x[j] = path + j == 6 && k == 10 ? (double)NAN : 2 * x[j];
}

static void what_diverges_is_found_and_holds_nan(void **state) {
    /* value: x = 2^k: loss 2^(2k-1) passes 1e30 at k = 51 and overflows after k = 512; looks at 0, 64, 128, ... and
     * recorded steps, or at every step where there are levels */
    (void)state;
    struct core_landscape *land = create(&(struct core_potential){.name = "quadratic"});
    struct core_stepper stepper = stepper_on(land);
    stepper.step = doubling;
    stepper.schedule.rate = 0.5;
    static const size_t steps[] = {9, 60, 100};
    static const double one = 1, low = -1;
    static const struct {
        double ceiling, found[2]; /* of most replicas, of the seventh */
        size_t level_count, length, moved;
    } cases[] = {
        {1e30, {30, 30}, 0, 2000, 60},
        {1e30, {25.5, 5.5}, 1, 2000, 51},
        {(double)INFINITY, {256, 30}, 0, 2000, 512},
        {0.4, {0, 0}, 0, 2000, 0},
        {(double)INFINITY, {256, 5.5}, 1, 2000, 512},
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        struct core_ensemble_settings s = {.steps = cases[c].length,
                                           .replicas = 11,
                                           .start = {&one, 0},
                                           .record_count = 3,
                                           .record_steps = steps,
                                           .level_count = cases[c].level_count,
                                           .levels = &low,
                                           .ceiling = cases[c].ceiling,
                                           .threads = 1};
        struct core_ensemble *e = run(&stepper, &s);
        for (size_t j = 0; j < 11; j++) {
            assert_true(e->diverged[j] == cases[c].found[j == 6]);
            for (size_t r = 0; r < 3; r++) {
                int gone = 0.5 * (double)steps[r] >= e->diverged[j];
                assert_true(same(e->parameters[r * 11 + j], gone ? (double)NAN : ldexp(1, (int)steps[r])));
                assert_true(same(e->loss[r * 11 + j], gone ? (double)NAN : ldexp(0.5, 2 * (int)steps[r])));
            }
            if (cases[c].level_count > 0) assert_true(isinf(e->escape[j]));
        }
        assert_true(e->steps == 11.0 * (double)cases[c].moved);
        core_ensemble_free(e);
    }
    core_landscape_free(land);
}

static void a_bottomless_landscape_diverges_too(void **state) {
    /* value: L = -x^2/2 with x = 2^k falls below every double after k = 512 */
    (void)state;
    static const double minus = -1, one = 1;
    static const size_t last = 600;
    struct core_landscape *land =
        create(&(struct core_potential){.name = "quadratic", .rows = 1, .columns = 1, .matrix = &minus});
    struct core_stepper stepper = stepper_on(land);
    stepper.step = doubling;
    struct core_ensemble_settings s = {.steps = 600,
                                       .replicas = 5,
                                       .start = {&one, 0},
                                       .record_count = 1,
                                       .record_steps = &last,
                                       .ceiling = 1,
                                       .threads = 1,
                                       .first_replica = 16};
    struct core_ensemble *e = run(&stepper, &s);
    for (size_t j = 0; j < 5; j++) assert_true(e->diverged[j] == 512 * stepper.schedule.rate && isnan(e->loss[j]));
    core_ensemble_free(e);
    core_landscape_free(land);
}

/* ---- Moments ---- */

static void linear_recursions_have_their_exact_moments(void **state) {
    /* chance: mean and variance of x <- a x + q z, a = 1 - eta h, from Gaussian starts, at five times, 20000 replicas;
     * 4.5 standard errors on ten numbers: false alarm about 7e-5 */
    (void)state;
    enum { MANY = 20000 };
    static const double h = 1.7, x0 = 0.9, spread = 0.3;
    static const size_t times[] = {0, 1, 5, 20, 120};
    struct core_landscape *land =
        create(&(struct core_potential){.name = "quadratic", .rows = 1, .columns = 1, .matrix = &h});
    struct core_stepper stepper = stepper_on(land);
    struct core_ensemble_settings s = {.steps = 120,
                                       .replicas = MANY,
                                       .start = {&x0, spread},
                                       .record_count = 5,
                                       .record_steps = times,
                                       .ceiling = (double)INFINITY,
                                       .threads = 2};
    struct core_ensemble *e = run(&stepper, &s);
    double a = 1 - stepper.schedule.rate * h, q2 = 2 * temperature * stepper.schedule.rate;
    for (size_t r = 0; r < 5; r++) {
        double k = (double)times[r], mean = pow(a, k) * x0;
        double variance = pow(a, 2 * k) * spread * spread + q2 * (1 - pow(a, 2 * k)) / (1 - a * a);
        double sum = 0, square = 0;
        for (size_t j = 0; j < MANY; j++) sum += e->parameters[r * MANY + j] / MANY;
        for (size_t j = 0; j < MANY; j++) square += pow(e->parameters[r * MANY + j] - sum, 2) / (MANY - 1);
        assert_near(sum, mean, 4.5 * sqrt(variance / MANY));
        assert_near(square, variance, 4.5 * variance * sqrt(2.0 / (MANY - 1)));
    }
    core_ensemble_free(e);
    core_landscape_free(land);
}

/* ---- Progress, interruption, limits ---- */

struct heard {
    double last;
    size_t calls;
    int stop;
};

static void hear(void *context, double done) {
    struct heard *heard = context;
    assert_true(done >= heard->last);
    heard->last = done;
    heard->calls++;
    if (heard->stop) core_interrupt(1);
}

static void slow(const struct core_stepper *stepper, uint64_t path, size_t k, double rate, double x[],
                 double workspace[], double scratch[]) {
    (void)stepper, (void)path, (void)k, (void)rate, (void)x, (void)workspace, (void)scratch;
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

static void progress_is_told_and_interruption_obeyed(void **state) {
    /* law: progress ascends to replicas * steps, at most 20 times a second; an interrupted run says so */
    (void)state;
    struct core_landscape *land = double_well();
    struct core_stepper stepper = stepper_on(land);
    struct core_ensemble_settings s = settings_here(0);
    struct heard heard = {0};
    s.progress = hear;
    s.progress_context = &heard;
    core_ensemble_free(run(&stepper, &s));
    assert_true(heard.last == (double)REPLICAS * STEPS);
    heard = (struct heard){0};
    stepper.step = slow;
    s.steps = 5, s.record_count = 2, s.replicas = 160;
    struct core_ensemble *e = run(&stepper, &s);
    assert_in_range(heard.calls, 2, 3 + (size_t)(20 * e->seconds));
    assert_true(e->seconds > 0.1 && e->steps == 800 && heard.last == 800);
    heard = (struct heard){.stop = 1};
    assert_int_equal(core_ensemble_run(&stepper, &s, e, 0), CORE_INTERRUPTED);
    core_interrupt(0);
    assert_true(heard.calls == 1 && heard.last < 800);
    core_ensemble_free(e);
    core_landscape_free(land);
}

static void requests_out_of_range_are_refused(void **state) {
    /* law: no loss, too many steps, too high replicas; nothing to do is done */
    (void)state;
    static const struct core_landscape_methods none = {0};
    struct core_landscape bare = {.name = "bare", .dimension = 1, .lanes = CORE_LANES, .methods = &none};
    struct core_landscape *land = double_well();
    struct core_stepper stepper = stepper_on(&bare);
    struct core_ensemble_settings s = settings_here(0);
    struct core_ensemble *e = slots_for(&stepper, &s, REPLICAS), *none_at_all;
    assert_int_equal(core_ensemble_run(&stepper, &s, e, 0), CORE_BAD_INPUT);
    assert_string_equal(core_error(), "the landscape 'bare' has no loss");
    stepper = stepper_on(land);
    s.steps = ((size_t)1 << 32) + 1;
    assert_int_equal(core_ensemble_run(&stepper, &s, e, 0), CORE_BAD_INPUT);
    s.steps = STEPS;
    s.first_replica = (size_t)1 << 48;
    assert_int_equal(core_ensemble_run(&stepper, &s, e, 0), CORE_BAD_INPUT);
    s.first_replica = 0;
    s.replicas = 0;
    assert_int_equal(core_ensemble_run(&stepper, &s, e, 0), CORE_OK);
    assert_true(e->steps == 0);
    assert_int_equal(core_ensemble_create((size_t)1 << 40, (size_t)1 << 40, 1 << 20, 3, &none_at_all), CORE_NO_MEMORY);
    assert_null(none_at_all);
    assert_true(core_ensemble_bytes(10, 75, 4, 3) == 8.0 * 10 * (4 * 76 + 3 + 1));
    core_ensemble_free(NULL);
    core_ensemble_free(e);
    core_landscape_free(land);
}

static void every_allocation_may_fail(void **state) {
    /* law: no crash, no leak, whichever allocation fails */
    (void)state;
    struct core_landscape *land = double_well();
    struct core_stepper stepper = stepper_on(land);
    struct core_ensemble_settings s = settings_here(LEVELS);
    size_t live = core_alloc_live();
    enum core_status status = CORE_NO_MEMORY;
    for (size_t k = 1; k < 50 && status != CORE_OK; k++) {
        struct core_ensemble *e;
        core_alloc_fail_at(k);
        status = core_ensemble_create(REPLICAS, 1, RECORDS, LEVELS, &e);
        if (status == CORE_OK) status = core_ensemble_run(&stepper, &s, e, 0);
        core_alloc_fail_at(0);
        core_ensemble_free(e);
        assert_true(status == CORE_OK || status == CORE_NO_MEMORY);
        assert_int_equal(core_alloc_live(), live);
    }
    assert_int_equal(status, CORE_OK);
    core_landscape_free(land);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_driver_tells_what_a_plain_loop_tells),
        cmocka_unit_test(threads_and_cuts_change_no_bit),
        cmocka_unit_test(one_lane_gives_the_bits_of_eight),
        cmocka_unit_test(every_schedule_keeps_its_time),
        cmocka_unit_test(what_diverges_is_found_and_holds_nan),
        cmocka_unit_test(a_bottomless_landscape_diverges_too),
        cmocka_unit_test(linear_recursions_have_their_exact_moments),
        cmocka_unit_test(progress_is_told_and_interruption_obeyed),
        cmocka_unit_test(requests_out_of_range_are_refused),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
