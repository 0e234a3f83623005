/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_FAKE_RESULT_H
#define TESTS_FAKE_RESULT_H

#include "core/memory.h"
#include "lab/result.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* A plausible result made of seeded random numbers, for the tests of what a person sees of a run: an SGD ensemble, two
 * twins and `models` models of a network with three modes, escape times, distances with rows that are NaN, and, as the
 * last model, one whose replicas all diverged. */

struct fake_plan {
    size_t models, times, replicas, dimension, levels;
    int no_sgd;               /* a study without SGD and comparison */
    const char *const *names; /* (models) or NULL */
    const char *title;
};

struct fake {
    struct lab_study study;
    struct lab_sgd sgd;
    struct core_landscape land;
    struct lab_result *result;
};

static uint64_t fake_state;

/* splitmix64 [steele2014]: a plain generator of its own, so that the tests do not lean on the room under test. */
static double fake_uniform(void) {
    uint64_t z = (fake_state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return ((double)((z ^ (z >> 31)) >> 11) + 0.5) / 9007199254740992.0;
}

static double fake_normal(void) {
    return sqrt(-2 * log(fake_uniform())) * cos(6.283185307179586 * fake_uniform());
}

static const char *const fake_observables[] = {"parameters", "product", "singular-values", "loss", "balancedness"};
static const char *const fake_metrics[] = {"sliced-w2", "w2", "mmd", "energy"};
enum { FAKE_OBSERVABLES = 5, FAKE_METRICS = 4, FAKE_MODES = 3 };

static const char *const fake_names[] = {"gradient-descent", "langevin",      "langevin-local", "anisotropic-step",
                                         "anisotropic",      "second-order",  "poisson",        "levy-1.9",
                                         "levy-1.7",         "levy-isotropic"};

/* How unlike SGD model m is: 0 the same law. */
static double fake_error(size_t e) {
    static const double errors[] = {0, 0, 0, 0.9, 1.6, 1.1, 0.12, 0.06, 0.0005, 0, 0.5, 2.2, 3};
    return errors[e % (sizeof errors / sizeof errors[0])];
}

static void fake_quantiles(size_t n, const double x[], double q[3]) {
    double *copy = core_alloc(n, sizeof *copy);
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        if (isfinite(x[i])) copy[count++] = x[i];
    for (size_t i = 1; i < count; i++)
        for (size_t j = i; j > 0 && copy[j] < copy[j - 1]; j--) {
            double t = copy[j];
            copy[j] = copy[j - 1], copy[j - 1] = t;
        }
    for (size_t k = 0; k < 3; k++)
        q[k] = count ? copy[(size_t)((double)(count - 1) * (k == 0 ? 0.05 : k == 1 ? 0.5 : 0.95))] : (double)NAN;
    core_free(copy);
}

static double fake_time(const struct fake_plan *plan, size_t t) {
    if (plan->times == 6) return ((const double[]){1, 2.2, 4, 8, 15, 30})[t];
    return 30 * (double)(t + (plan->times == 1)) / (double)(plan->times > 1 ? plan->times - 1 : 1);
}

/* Mode k of a replica with delay `late` at time t. */
static double fake_mode(size_t k, double late, double t) {
    double middle = (double)(3 + 5 * k) * late;
    return (3 - (double)k) / (1 + exp(-(t - middle) * 1.3));
}

static void fake_ensemble(const struct fake_plan *plan, size_t e, int dead, struct lab_ensemble_result *ensemble,
                          const double levels[]) {
    size_t n = plan->replicas;
    double error = fake_error(e);
    struct core_ensemble *data = NULL;
    core_ensemble_create(n, plan->dimension, plan->times, plan->levels, &data);
    ensemble->data = data;
    ensemble->replicas = n;
    data->seconds = 1.25 + 0.3 * (double)e;
    data->steps = 600.0 * (double)n;
    ensemble->temperature = error > 1 ? 0.00123 * error : (double)NAN;
    ensemble->time_count = plan->times;
    ensemble->times = core_alloc(plan->times, sizeof *ensemble->times);
    double *late = core_alloc(n, sizeof *late), *x = core_alloc(n * (FAKE_MODES + 2), sizeof *x);
    for (size_t r = 0; r < n; r++) {
        late[r] = exp(0.12 * (1 + 0.5 * error) * fake_normal() - 0.12 * error);
        int diverges = dead || (error > 0.4 && r % 37 == 5);
        data->diverged[r] = diverges ? 2.5 + 20 * fake_uniform() : (double)INFINITY;
        if (dead) data->diverged[r] = 0.05;
        ensemble->diverged += (size_t)diverges;
    }
    for (size_t t = 0; t < plan->times; t++) {
        struct lab_time_row *row = &ensemble->times[t];
        row->time = fake_time(plan, t);
        row->singular_count = FAKE_MODES;
        row->singular_values = core_alloc(FAKE_MODES, sizeof(double));
        row->singular_quantiles = core_alloc((size_t)3 * FAKE_MODES, sizeof(double));
        row->parameters_mean = core_alloc(plan->dimension, sizeof(double));
        size_t count = 0;
        double *loss = x + FAKE_MODES * n, *balance = loss + n;
        for (size_t r = 0; r < n; r++) {
            int gone = data->diverged[r] <= row->time;
            loss[r] = gone ? (double)NAN : 0.02 * exp(0.3 * fake_normal());
            balance[r] = gone ? (double)NAN : (0.05 + 0.01 * sqrt(row->time) * (1 + error)) * exp(0.15 * fake_normal());
            for (size_t k = 0; k < FAKE_MODES; k++) {
                double s = fake_mode(k, late[r], row->time) + 0.05 * (1 + error) * fabs(fake_normal());
                x[k * n + r] = gone ? (double)NAN : s;
                loss[r] += 0.5 * (3 - (double)k - s) * (3 - (double)k - s);
                row->singular_values[k] += gone ? 0 : s;
            }
            data->loss[t * n + r] = loss[r];
            for (size_t i = 0; i < plan->dimension; i++) {
                double scale = (1 + 0.4 * error) / (1 + (double)i);
                double value =
                    gone ? (double)NAN : 0.3 * error + sin((double)i) + scale * fake_normal() + late[r] * (i < 2);
                data->parameters[(t * n + r) * plan->dimension + i] = value;
                if (!gone) row->parameters_mean[i] += value;
            }
            if (!gone) count++, row->loss_mean += loss[r], row->balancedness_mean += balance[r];
        }
        double whole = count ? (double)count : (double)NAN;
        row->loss_mean /= whole, row->balancedness_mean /= whole;
        row->loss_se = row->loss_mean / sqrt(whole);
        for (size_t i = 0; i < plan->dimension; i++) row->parameters_mean[i] /= whole;
        for (size_t k = 0; k < FAKE_MODES; k++) {
            row->singular_values[k] /= whole;
            fake_quantiles(n, x + k * n, row->singular_quantiles + 3 * k);
        }
        fake_quantiles(n, loss, row->loss_quantile);
        fake_quantiles(n, balance, row->balancedness_quantile);
    }
    ensemble->escape_count = plan->levels;
    ensemble->escape = core_alloc(plan->levels + 1, sizeof *ensemble->escape);
    for (size_t l = 0; l < plan->levels; l++) {
        struct lab_escape_row *row = &ensemble->escape[l];
        double *times = data->escape + l * n, sum = 0, square = 0;
        size_t escaped = 0;
        for (size_t r = 0; r < n; r++) {
            double time = (double)(3 + 5 * l) * late[r];
            times[r] = time < data->diverged[r] && time < 30 ? time : (double)INFINITY;
            if (isfinite(times[r])) sum += times[r], square += times[r] * times[r], escaped++;
        }
        double whole = escaped ? (double)escaped : (double)NAN;
        row->level = levels[l];
        row->escaped = n > ensemble->diverged ? (double)escaped / (double)(n - ensemble->diverged) : (double)NAN;
        row->mean = sum / whole;
        row->sd = escaped ? sqrt(fmax(square / whole - row->mean * row->mean, 0)) : (double)NAN;
        row->se = row->sd / sqrt(whole);
        double q[3];
        fake_quantiles(n, times, q);
        row->median = q[1];
    }
    core_free(late);
    core_free(x);
}

static void fake_comparison(struct lab_result *result, size_t first) {
    size_t models = result->ensemble_count - first, times = 2;
    result->distances = core_alloc(models * FAKE_OBSERVABLES * FAKE_METRICS * times, sizeof *result->distances);
    for (size_t t = 0; t < times; t++)
        for (size_t o = 0; o < FAKE_OBSERVABLES; o++)
            for (size_t k = 0; k < FAKE_METRICS; k++)
                for (size_t m = 0; m < models; m++) {
                    struct lab_distance_row *row = &result->distances[result->distance_count++];
                    double error = fake_error(first + m) * (double)(1 + o) * 12;
                    int dead = m + 1 == models, none = dead || (k == 2 && o == 1);
                    double ratio = 1 + error * (0.7 + 0.6 * fake_uniform()) + 0.04 * fake_normal();
                    *row = (struct lab_distance_row){.model = first + m,
                                                     .observable = fake_observables[o],
                                                     .metric = fake_metrics[k],
                                                     .time = t ? 30 : 15};
                    double z = (ratio - 1) / 0.04, p = 0.5 * erfc(z / 1.414);
                    row->row = (struct compare_row){ratio * 0.0123,
                                                    0.0123,
                                                    0.0004,
                                                    none ? (double)NAN : ratio,
                                                    none ? (double)NAN : z,
                                                    none ? (double)NAN : p,
                                                    dead ? (double)NAN : error * 1e-4};
                    if (dead) row->row.value = (double)NAN;
                    row->holm = none ? (double)NAN : fmin(1, 9 * p);
                }
    result->verdicts = core_alloc(models * (FAKE_OBSERVABLES + 1), sizeof *result->verdicts);
    for (size_t m = 0; m < models; m++)
        for (size_t o = 0; o <= FAKE_OBSERVABLES; o++) {
            double error = fake_error(first + m), value = 1 - error * error / 2.56 * (0.8 + 0.2 * fake_uniform());
            struct lab_verdict_row *row = &result->verdicts[result->verdict_count++];
            int dead = m + 1 == models;
            *row = (struct lab_verdict_row){first + m,
                                            o < FAKE_OBSERVABLES ? fake_observables[o] : NULL,
                                            {dead ? (double)NAN : value,
                                             dead ? (double)NAN : value - 0.01 * (0.1 + 2 * error),
                                             dead ? (double)NAN : value + 0.01 * (0.1 + error)}};
        }
}

static void fake_result_create(const struct fake_plan *plan, struct fake *fake) {
    *fake = (struct fake){.land = {.name = "network", .dimension = plan->dimension}};
    fake_state = 20;
    fake->study.name = core_copy_text("plateaus");
    fake->study.title = core_copy_text(plan->title ? plan->title : "Which equation follows SGD through its plateaus?");
    fake->study.effective = core_copy_text("name: plateaus\nseed: 20\nsgd:\n  batch: 4  # <b>&\n");
    fake->study.seed = 20;
    fake->study.sgd = plan->no_sgd ? NULL : &fake->sgd;
    fake->sgd =
        (struct lab_sgd){.batch = 4, .rate = 0.05, .steps = 600, .replicas = (unsigned)plan->replicas, .twins = 2};
    struct lab_result *result = fake->result = core_alloc(1, sizeof *result);
    result->study = &fake->study;
    result->land = &fake->land;
    result->threads = 2;
    result->seconds = 41.5;
    size_t first = plan->no_sgd ? 0 : 3;
    result->ensemble_count = first + plan->models;
    result->ensembles = core_alloc(result->ensemble_count, sizeof *result->ensembles);
    result->level_count = plan->levels;
    result->levels = core_alloc(plan->levels + 1, sizeof(double));
    for (size_t l = 0; l < plan->levels; l++) result->levels[l] = 3.4 / (1 + (double)l);
    for (size_t e = 0; e < result->ensemble_count; e++) {
        static const char *const reference[] = {"sgd", "sgd-twin-1", "sgd-twin-2"};
        const char *name = e < first     ? reference[e]
                           : plan->names ? plan->names[e - first]
                                         : fake_names[(e - first) % (sizeof fake_names / sizeof fake_names[0])];
        result->ensembles[e].name = core_copy_text(name);
        result->ensembles[e].twin = e > 0 && e < first;
        fake_ensemble(plan, e, e + 1 == result->ensemble_count && plan->models > 1, &result->ensembles[e],
                      result->levels);
    }
    if (first && plan->models) fake_comparison(result, first);
    result->warnings = core_alloc(1, sizeof *result->warnings);
    result->warnings[0] = core_copy_text("every replica of 'levy-isotropic' diverged <i>early</i>");
    result->warning_count = 1;
}

static void fake_result_free(struct fake *fake) {
    lab_result_free(fake->result);
    core_free(fake->study.name);
    core_free(fake->study.title);
    core_free(fake->study.effective);
}

#endif
