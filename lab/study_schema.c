/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/study_schema.h"

#include "compare/compare.h"
#include "core/landscape.h"
#include "core/memory.h"
#include "dln/dln.h"
#include "ffpe/ffpe.h"
#include "sde/sde.h"

#include <cyaml/cyaml.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

/* ---- Words ---- */

/* In the order of the enumerations they stand for. */
static const char *sampling_name(size_t i) {
    static const char *const names[] = {"with-replacement", "without-replacement", "reshuffle", "online"};
    return i < sizeof names / sizeof *names ? names[i] : NULL;
}

static const char *input_law_name(size_t i) {
    static const char *const names[] = {"gaussian", "student-t"};
    return i < sizeof names / sizeof *names ? names[i] : NULL;
}

static const char *schedule_law_name(size_t i) {
    static const char *const names[] = {"constant", "step-decay", "inverse-sqrt", "cosine"};
    return i < sizeof names / sizeof *names ? names[i] : NULL;
}

static const char *start_law_name(size_t i) {
    static const char *const names[] = {"gaussian", "balanced", "point", "deepest", "saddle"};
    return i < sizeof names / sizeof *names ? names[i] : NULL;
}

static const char *sampler_name(size_t i) {
    const struct dln_llc_choice *choice = dln_llc_sampler(i);
    return choice == NULL ? NULL : choice->name;
}

static const char *noise_name(size_t i) {
    const struct sde_choice *choice = sde_noise_choice(i);
    return choice == NULL ? NULL : choice->name;
}

static const char *covariance_name(size_t i) {
    const struct sde_choice *choice = sde_covariance_choice(i);
    return choice == NULL ? NULL : choice->name;
}

static const char *drift_name(size_t i) {
    const struct sde_choice *choice = sde_drift_choice(i);
    return choice == NULL ? NULL : choice->name;
}

static const char *scheme_name(size_t i) {
    const struct sde_choice *choice = sde_scheme_choice(i);
    return choice == NULL ? NULL : choice->name;
}

static const char *clock_name(size_t i) {
    const struct sde_choice *choice = sde_clock_choice(i);
    return choice == NULL ? NULL : choice->name;
}

static const char *potential_name(size_t i) {
    return core_potentials[i].name;
}

static const char *observable_name(size_t i) {
    return dln_observables[i].name;
}

static const char *metric_name(size_t i) {
    return compare_metrics[i].name;
}

const struct lab_words lab_samplings = {sampling_name};
const struct lab_words lab_optimisers = {dln_optimiser_name};
const struct lab_words lab_input_laws = {input_law_name};
const struct lab_words lab_schedule_laws = {schedule_law_name};
const struct lab_words lab_walls = {ffpe_wall_name};
const struct lab_words lab_calculi = {ffpe_calculus_name};
const struct lab_words lab_density_laws = {ffpe_start_law_name};
const struct lab_words lab_ffpe_methods = {ffpe_method_name};
const struct lab_words lab_ffpe_reports = {ffpe_report_name};
const struct lab_words lab_start_laws = {start_law_name};
const struct lab_words lab_samplers = {sampler_name};
const struct lab_words lab_noises = {noise_name};
const struct lab_words lab_covariances = {covariance_name};
const struct lab_words lab_drifts = {drift_name};
const struct lab_words lab_schemes = {scheme_name};
const struct lab_words lab_clocks = {clock_name};
const struct lab_words lab_potentials = {potential_name};
const struct lab_words lab_observables = {observable_name};
const struct lab_words lab_metrics = {metric_name};

size_t lab_words_find(const struct lab_words *words, const char *name) {
    const char *candidate;
    for (size_t i = 0; (candidate = words->name(i)) != NULL; i++) {
        if (strcmp(candidate, name) == 0) return i;
    }
    return SIZE_MAX;
}

/* ---- Ranges ---- */

/* Counts stay below 2^32, what the structs hold. */
#define COUNT_MAX 4e9
static const struct lab_interval any = {-HUGE_VAL, HUGE_VAL, 1, 1};
static const struct lab_interval positive = {0, HUGE_VAL, 1, 1};
static const struct lab_interval not_negative = {0, HUGE_VAL, 0, 1};
static const struct lab_interval from_zero = {0, COUNT_MAX, 0, 0};
static const struct lab_interval from_one = {1, COUNT_MAX, 0, 0};
static const struct lab_interval from_two = {2, COUNT_MAX, 0, 0};
static const struct lab_interval one_to_64 = {1, 64, 0, 0};
static const struct lab_interval substep_counts = {1, 10000, 0, 0};
static const struct lab_interval layer_widths = {1, 1000000, 0, 0};
static const struct lab_interval columns = {0, 1000000, 0, 0};
static const struct lab_interval below_one = {0, 1, 0, 1};
static const struct lab_interval within_one = {0, 1, 1, 1};
static const struct lab_interval up_to_one = {0, 1, 1, 0};
static const struct lab_interval shares = {0, 1, 0, 0};
static const struct lab_interval levy_indices = {0, 2, 1, 1};
static const struct lab_interval tolerances = {1e-14, 1, 0, 1};
static const struct lab_interval grid_counts = {1, 8, 0, 0};
static const struct lab_interval stable_indices = {0, 2, 1, 0};

/* ---- The table of keys ---- */

/* Columns: member of the struct, which is the key's name; kind; its words or block; the words of another key it belongs
 * to; default; range; sentence. Each list is expanded twice: into rows of lab_key and into fields of libcyaml. */
#define REQUIRED "(required)"

/* clang-format off */
#define LAW_KEYS(X, S) \
    X(S, law,        WORD,    lab_input_laws,  NULL,                       NULL,    NULL,          "law of the entries of x, made by the laboratory") \
    X(S, dof,        NUMBER,  -,               "law: student-t",           "3",     &positive,     "degrees of freedom") \
    X(S, whiten,     FLAG,    -,               "law: gaussian, student-t", "false", NULL,          "make the sample covariance X X^T / n the identity") \
    X(S, covariance, NUMBERS, -,               "law: gaussian, student-t", NULL,    &positive,     "diagonal of the covariance of x, one per input") \
    X(S, file,       FILE,    -,               NULL,                       NULL,    NULL,          "table of inputs instead of a law, one sample a row (CSV or NPY)")

#define TARGETS_KEYS(X, S) \
    X(S, file, FILE, -, NULL, REQUIRED, NULL, "table of targets, one sample a row (CSV or NPY)")

#define TEACHER_KEYS(X, S) \
    X(S, singular_values, NUMBERS, -, NULL, REQUIRED, &not_negative, "singular values of the teacher T, y = T x + noise; at most min(d_0, d_L)")

#define TABLE_KEYS(X, S) \
    X(S, file,        FILE,   -, NULL, REQUIRED, NULL,     "one table of inputs and targets, one sample a row (CSV or NPY)") \
    X(S, inputs,      COUNTS, -, NULL, REQUIRED, &columns, "columns of the inputs, counted from 0") \
    X(S, targets,     COUNTS, -, NULL, REQUIRED, &columns, "columns of the targets, counted from 0") \
    X(S, standardise, FLAG,   -, NULL, "false",  NULL,     "give each input column mean 0 and variance 1; targets stay as they are")

#define DATA_KEYS(X, S) \
    X(S, samples,     COUNT,  -,       NULL, NULL,  &from_one,     "samples n of generated data") \
    X(S, inputs,      BLOCK,  law,     NULL, NULL,  NULL,          "inputs: a law or a file") \
    X(S, targets,     BLOCK,  targets, NULL, NULL,  NULL,          "targets, where the inputs are a file") \
    X(S, teacher,     BLOCK,  teacher, NULL, NULL,  NULL,          "what makes the targets of generated data") \
    X(S, label_noise, NUMBER, -,       NULL, "(0)", &not_negative, "standard deviation of the noise on each generated target") \
    X(S, table,       BLOCK,  table,   NULL, NULL,  NULL,          "inputs and targets as columns of one file")

#define START_KEYS(X, S) \
    X(S, file,  FILE,    -,              NULL,                             NULL,              NULL,          "table with theta: row-major, layer after layer") \
    X(S, law,   WORD,    lab_start_laws, NULL,                             NULL,              NULL,          "how the start is drawn: once, the same for all replicas") \
    X(S, scale, NUMBER,  -,              "law: gaussian, balanced, point", "(0.02; point: 0)", &not_negative, "standard deviation of the weights; of each replica about a point") \
    X(S, at,    NUMBERS, -,              "law: point",                     NULL,              &any,          "the point, one number per parameter") \
    X(S, rank,  COUNT,   -,              "law: deepest, saddle",           "0",               &from_zero,    "of the best linear map: every layer is [I_rank 0; 0 0] in its frame, the deepest point of the fibre; of the product at a saddle") \
    X(S, modes, COUNTS,  -,              "law: saddle",                    "(the leading ones)", &columns,    "which modes of the data the product keeps, counted from 0, the largest first; rank of them, ascending") \
    X(S, perturbation, NUMBER, -,        "law: saddle",                    "0",               &not_negative, "distance of the start from the saddle, in a random direction")

#define NETWORK_KEYS(X, S) \
    X(S, widths, COUNTS, -,     NULL, REQUIRED,                         &layer_widths, "d_0 ... d_L, two or more") \
    X(S, data,   BLOCK,  data,  NULL, REQUIRED,                         NULL,          "what the network learns") \
    X(S, start,  BLOCK,  start, NULL, "{law: gaussian, scale: 0.02}",   NULL,          "where training starts")

#define POTENTIAL_KEYS(X, S) \
    X(S, name,   WORD,   lab_potentials, NULL,                             REQUIRED, NULL,       "which landscape") \
    X(S, depth,  COUNT,  -,              "name: scalar-network",           "2",      &one_to_64, "factors x_1 ... x_depth") \
    X(S, matrix, MATRIX, -,              "name: quadratic, linear-drift",  NULL,     &any,       "the matrix, rows of numbers; linear-drift needs it") \
    X(S, noise,  MATRIX, -,              NULL,                             NULL,     &any,       "constant factor of the gradient noise, one row per coordinate") \
    X(S, start,  BLOCK,  start,          NULL,                             NULL,     NULL,       "where paths start")

#define LANDSCAPE_KEYS(X, S) \
    X(S, network,   BLOCK, network,   NULL, NULL, NULL, "a deep linear network") \
    X(S, potential, BLOCK, potential, NULL, NULL, NULL, "an analytic landscape")

#define DECAY_KEYS(X, S) \
    X(S, law,     WORD,   lab_schedule_laws, NULL,                                    REQUIRED, NULL,       "the step length eta_k, k counted from the end of the warm-up") \
    X(S, factor,  NUMBER, -,                 "law: step-decay",                       "0.5",    &up_to_one, "eta_k = rate * factor^floor(k / every)") \
    X(S, every,   COUNT,  -,                 "law: step-decay, inverse-sqrt, cosine", "(step-decay: 1000; inverse-sqrt: 1; cosine: all steps after the warm-up)", &from_one, "steps; inverse-sqrt: eta_k = rate / sqrt(1 + k / every); cosine: half a period, from rate to floor * rate") \
    X(S, floor,   NUMBER, -,                 "law: cosine",                           "0",      &shares,    "the last rate as a share of rate; held once it is reached") \
    X(S, warm_up, COUNT,  -,                 NULL,                                    "0",      &from_zero, "N steps rate * (j + 1) / (N + 1), j = 0 ... N - 1, before the law begins")

#define SGD_KEYS(X, S) \
    X(S, batch,        COUNT,  -,              NULL, "1",                &from_one,     "samples in a batch, B") \
    X(S, sampling,     WORD,   lab_samplings,  NULL, "with-replacement", NULL,          "how a batch is drawn; online: fresh samples of the law of generated data, whose finite sample only gives the loss") \
    X(S, label_noise,  NUMBER, -,              NULL, "0",                &not_negative, "standard deviation of fresh noise on each target each time it is drawn") \
    X(S, rate,         NUMBER, -,              NULL, REQUIRED,           &positive,     "learning rate eta; one step lasts eta units of time") \
    X(S, steps,        COUNT,  -,              NULL, REQUIRED,           &from_one,     "steps of a run") \
    X(S, replicas,     COUNT,  -,              NULL, "1024",             &from_one,     "independent runs") \
    X(S, twins,        COUNT,  -,              NULL, "3",                &from_zero,    "further independent SGD ensembles for the null; 2 or more give z and p") \
    X(S, optimiser,    WORD,   lab_optimisers, NULL, "sgd",              NULL,          "the step made of a batch gradient; adamw: adam with decoupled weight decay") \
    X(S, momentum,     NUMBER, -,              "optimiser: sgd",         "0",     &below_one, "mu: v <- mu v + g, theta <- theta - eta v") \
    X(S, beta1,        NUMBER, -,              "optimiser: adam, adamw", "0.9",   &below_one, "memory of the mean: m <- beta1 m + (1 - beta1) g") \
    X(S, beta2,        NUMBER, -,              "optimiser: adam, adamw", "0.999", &below_one, "memory of the square: v <- beta2 v + (1 - beta2) g^2") \
    X(S, epsilon,      NUMBER, -,              "optimiser: adam, adamw", "1e-8",  &positive,  "theta <- theta - eta m^ / (sqrt(v^) + epsilon), m^ and v^ without bias") \
    X(S, weight_decay, NUMBER, -,              NULL, "0",                &not_negative, "w: g <- g + w theta after clipping; adamw: theta <- (1 - eta w) theta instead") \
    X(S, clip,         NUMBER, -,              NULL, "(no clipping)",    &positive,     "largest norm of a batch gradient") \
    X(S, schedule,     BLOCK,  decay,          NULL, "(constant)",       NULL,          "how the rate changes")

#define SDE_KEYS(X, S) \
    X(S, rate,     NUMBER, -,     NULL, REQUIRED,     &positive, "one step of the models lasts rate units of time") \
    X(S, steps,    COUNT,  -,     NULL, REQUIRED,     &from_one, "steps of a path") \
    X(S, replicas, COUNT,  -,     NULL, "1024",       &from_one, "independent paths") \
    X(S, batch,    COUNT,  -,     NULL, "1",          &from_one, "B of the noise amplitude sqrt(rate / B)") \
    X(S, schedule, BLOCK,  decay, NULL, "(constant)", NULL,      "how the rate changes")

#define CLOCK_KEYS(X, S) \
    X(S, law,   WORD,   lab_clocks, NULL,                  "inverse-stable", NULL,        "physical, or with waiting times: Caputo's Fokker-Planck equation") \
    X(S, order, NUMBER, -,          "law: inverse-stable", "0.6",            &within_one, "of Caputo's derivative: spreading grows as time^order")

#define MODEL_KEYS(X, S) \
    X(S, name,        TEXT,   -,               NULL,                    REQUIRED,   NULL,            "its name in tables and pictures") \
    X(S, noise,       WORD,   lab_noises,      NULL,                    "gaussian", NULL,            "what drives it") \
    X(S, covariance,  WORD,   lab_covariances, NULL,                    "(sgd; isotropic where a potential has no noise)", NULL, "covariance of the noise") \
    X(S, drift,       WORD,   lab_drifts,      NULL,                    "gradient", NULL,            "deterministic part") \
    X(S, scheme,      WORD,   lab_schemes,     NULL,                    "euler-maruyama", NULL,      "how a substep is made") \
    X(S, clock,       BLOCK,  clock,           NULL,                    "(physical)", NULL,          "what its time is") \
    X(S, alpha,       NUMBER, -,               "noise: stable, independent-stable", "1.9", &stable_indices, "index of the stable law") \
    X(S, tau,         NUMBER, -,               "noise: coloured",       "1",        &not_negative,   "correlation time, in units of time") \
    X(S, hurst,       NUMBER, -,               "noise: fractional",     "0.5",      &within_one,     "Hurst index: integrated noise grows as time^hurst") \
    X(S, friction,    NUMBER, -,               "scheme: baoab",         "1",        &positive,       "of the inertia, an inverse time") \
    X(S, epoch,       COUNT,  -,               "noise: anticorrelated", "(samples / batch)", &from_two, "steps whose noise sums to zero") \
    X(S, scale,       NUMBER, -,               NULL,                    "1",        &positive,       "factor on the amplitude of the noise") \
    X(S, temperature, NUMBER, -,               "covariance: isotropic", "(time mean of tr Sigma / P)", &positive, "variance of one coordinate's noise") \
    X(S, substeps,    COUNT,  -,               NULL,                    "1",        &substep_counts, "steps of the scheme to one step of SGD") \
    X(S, replicas,    COUNT,  -,               NULL,                    "(as sgd or sde)", &from_one, "independent paths")

#define DIFFUSION_KEYS(X, S) \
    X(S, value,     NUMBER, -, NULL, "(required, or tensor)", &not_negative, "D, a scalar; 0 beside levy") \
    X(S, quadratic, NUMBER, -, NULL, "0",                     &not_negative, "c of D(x) = value (1 + c |x|^2)") \
    X(S, tensor,    MATRIX, -, NULL, NULL,                    &any,          "a constant symmetric positive matrix in place of value")

#define LEVY_KEYS(X, S) \
    X(S, index, NUMBER, -, NULL, REQUIRED, &levy_indices, "index of the stable flights") \
    X(S, scale, NUMBER, -, NULL, "1",      &positive,     "K of - K (-Laplacian)^(index / 2)")

#define GRID_KEYS(X, S) \
    X(S, lower, NUMBERS, -, NULL, REQUIRED, &any,      "lower corner of the box, one number per axis (1 to 3)") \
    X(S, upper, NUMBERS, -, NULL, REQUIRED, &any,      "upper corner") \
    X(S, cells, COUNTS,  -, NULL, REQUIRED, &from_one, "intervals per axis of the finest grid")

#define DENSITY_START_KEYS(X, S) \
    X(S, law,       WORD,    lab_density_laws, NULL,            REQUIRED, NULL,      "the initial density, averaged exactly over the cells") \
    X(S, mean,      NUMBERS, -,                "law: gaussian", NULL,     &any,      "centre, one number per axis") \
    X(S, deviation, NUMBER,  -,                "law: gaussian", NULL,     &positive, "standard deviation of every coordinate") \
    X(S, at,        NUMBERS, -,                "law: delta",    NULL,     &any,      "the place, one number per axis")

#define FFPE_KEYS(X, S) \
    X(S, order,       NUMBER,  -,                NULL, "1",          &up_to_one,    "Caputo order in time; 1: the ordinary derivative") \
    X(S, friction,    NUMBER,  -,                NULL, "1",          &not_negative, "gamma of the drift -gamma grad U") \
    X(S, diffusion,   BLOCK,   diffusion,        NULL, REQUIRED,     NULL,          "the second-order term") \
    X(S, levy,        BLOCK,   levy,             NULL, NULL,         NULL,          "Levy flights beside the diffusion") \
    X(S, calculus,    WORD,    lab_calculi,      NULL, "ito",        NULL,          "how a diffusion that depends on the place is read") \
    X(S, grid,        BLOCK,   grid,             NULL, REQUIRED,     NULL,          "the box and its grid") \
    X(S, walls,       PAIRS,   lab_walls,        NULL, "reflecting", NULL,          "the faces of the box: one word, or per axis the pair [lower, upper]") \
    X(S, start,       BLOCK,   density_start,    NULL, REQUIRED,     NULL,          "where probability is at time 0") \
    X(S, times,       NUMBERS, -,                NULL, REQUIRED,     &not_negative, "times at which the density is reported") \
    X(S, method,      WORD,    lab_ffpe_methods, NULL, "contour",    NULL,          "how time is solved") \
    X(S, tolerance,   NUMBER,  -,                NULL, "1e-10",      &tolerances,   "of the time method, relative to the density") \
    X(S, steps,       COUNT,   -,                NULL, "2000",       &from_two,     "steps of the methods that step") \
    X(S, richardson,  COUNT,   -,                NULL, "1",          &grid_counts,  "grids (cells, cells/2, ...) from which every number is extrapolated") \
    X(S, eigenvalues, COUNT,   -,                NULL, "6",          &one_to_64,    "how many the spectrum reports") \
    X(S, probes,      MATRIX,  -,                NULL, NULL,         &any,          "places where densities are reported, a row each") \
    X(S, report,      WORDS,   lab_ffpe_reports, NULL, "[moments]",  NULL,          "what is computed")

#define ESCAPE_KEYS(X, S) \
    X(S, levels, LEVELS, -, NULL,           "auto",  &positive, "losses whose first passage is timed; auto: midway between the critical ones") \
    X(S, count,  COUNT,  -, "levels: auto", "(all)", &from_one, "how many levels auto takes, the highest first")

#define COMPARE_KEYS(X, S) \
    X(S, observables, WORDS, lab_observables, NULL, "[parameters, singular-values, loss, balancedness]", NULL, "what is compared") \
    X(S, metrics,     WORDS, lab_metrics,     NULL, "[sliced-w2, mmd]",                                  NULL, "distances") \
    X(S, subsample,   COUNT, -,               NULL, "1000", &from_two, "replicas that costly metrics use") \
    X(S, projections, COUNT, -,               NULL, "100",  &from_one, "directions of sliced metrics")

#define LLC_KEYS(X, S) \
    X(S, sampler,            WORD,   lab_samplers, NULL,                  "(gibbs; mala on a potential)", NULL, "how the posterior around the start is sampled") \
    X(S, num_chains,         COUNT,  -,            NULL,                  "4",       &from_one,     "independent chains, all from the start") \
    X(S, num_draws,          COUNT,  -,            NULL,                  "2000",    &from_one,     "losses recorded of each chain") \
    X(S, num_burnin_steps,   COUNT,  -,            NULL,                  "500",     &from_zero,    "steps before the first of them; mala tunes its step here") \
    X(S, num_steps_bw_draws, COUNT,  -,            NULL,                  "1",       &from_one,     "steps to one recorded loss") \
    X(S, lr,                 NUMBER, -,            "sampler: mala, sgld", "0.0001",  &positive,     "step epsilon; the one mala starts from") \
    X(S, localization,       NUMBER, -,            NULL,                  "1",       &not_negative, "gamma, precision of the Gaussian prior around the start") \
    X(S, nbeta,              NUMBER, -,            NULL,                  "(n / ln n)", &positive,  "inverse temperature; potentials need it") \
    X(S, batch_size,         COUNT,  -,            "sampler: sgld",       "(all samples)", &from_one, "samples in a gradient")

#define STUDY_KEYS(X, S) \
    X(S, name,      TEXT,    -,         NULL, REQUIRED,     NULL,          "the study's name, and of its folder under runs/") \
    X(S, title,     TEXT,    -,         NULL, "(the name)", NULL,          "a sentence for the report") \
    X(S, seed,      SEED,    -,         NULL, "1",          NULL,          "of all random numbers") \
    X(S, landscape, BLOCK,   landscape, NULL, REQUIRED,     NULL,          "a network or a potential") \
    X(S, sgd,       BLOCK,   sgd,       NULL, NULL,         NULL,          "true stochastic gradient descent on a network") \
    X(S, sde,       BLOCK,   sde,       NULL, NULL,         NULL,          "the run of the models where there is no sgd") \
    X(S, ffpe,      BLOCK,   ffpe,      NULL, NULL,         NULL,          "densities: the time-fractional Fokker-Planck equation on a grid (kramers ffpe)") \
    X(S, models,    BLOCKS,  model,     NULL, NULL,         NULL,          "stochastic differential equations compared with SGD") \
    X(S, record,    NUMBERS, -,         NULL, "(the end of the run)", &not_negative, "times at which everything is recorded, ascending") \
    X(S, escape,    BLOCK,   escape,    NULL, NULL,         NULL,          "first passages of the loss") \
    X(S, compare,   BLOCK,   compare,   NULL, NULL,         NULL,          "distances between models and SGD") \
    X(S, llc,       BLOCK,   llc,       NULL, NULL,         NULL,          "the local learning coefficient at the start (kramers llc)")
/* clang-format on */

/* The rows of lab_key. */
#define NOTHING NULL, NULL
#define DETAIL_COUNT(detail) NOTHING
#define DETAIL_SEED(detail) NOTHING
#define DETAIL_NUMBER(detail) NOTHING
#define DETAIL_FLAG(detail) NOTHING
#define DETAIL_TEXT(detail) NOTHING
#define DETAIL_FILE(detail) NOTHING
#define DETAIL_WORD(detail) &(detail), NULL
#define DETAIL_COUNTS(detail) NOTHING
#define DETAIL_NUMBERS(detail) NOTHING
#define DETAIL_LEVELS(detail) NOTHING
#define DETAIL_WORDS(detail) &(detail), NULL
#define DETAIL_MATRIX(detail) NOTHING
#define DETAIL_PAIRS(detail) &(detail), NULL
#define DETAIL_BLOCK(detail) NULL, &detail##_mapping
#define DETAIL_BLOCKS(detail) NULL, &detail##_mapping
#define KEY_ROW(S, member, kind, detail, belongs, initial, interval, sentence)                                         \
    {#member, LAB_KEY_##kind, DETAIL_##kind(detail), belongs, initial, interval, sentence},

/* libcyaml's fields: all optional here, since the document has been checked before. */
static const cyaml_schema_value_t count_entry = {CYAML_VALUE_UINT(CYAML_FLAG_DEFAULT, unsigned)};
static const cyaml_schema_value_t number_entry = {CYAML_VALUE_FLOAT(CYAML_FLAG_DEFAULT, double)};
static const cyaml_schema_value_t word_entry = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 0, CYAML_UNLIMITED)};
static const cyaml_schema_field_t row_fields[] = {
    CYAML_FIELD_SEQUENCE("values", CYAML_FLAG_POINTER, struct lab_row, values, &number_entry, 0, CYAML_UNLIMITED),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t row_entry = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct lab_row, row_fields)};

static const cyaml_schema_field_t word_row_fields[] = {
    CYAML_FIELD_SEQUENCE("values", CYAML_FLAG_POINTER, struct lab_word_row, values, &word_entry, 0, CYAML_UNLIMITED),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t word_row_entry = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct lab_word_row, word_row_fields)};

#define LIST_FIELD(S, member, entry)                                                                                   \
    CYAML_FIELD_SEQUENCE(#member, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, S, member, entry, 0, CYAML_UNLIMITED)
#define TEXT_FIELD(S, member) CYAML_FIELD_STRING_PTR(#member, CYAML_FLAG_OPTIONAL, S, member, 0, CYAML_UNLIMITED)
#define FIELD_COUNT(S, member, detail) CYAML_FIELD_UINT(#member, CYAML_FLAG_OPTIONAL, S, member)
#define FIELD_SEED(S, member, detail) FIELD_COUNT(S, member, detail)
#define FIELD_NUMBER(S, member, detail) CYAML_FIELD_FLOAT(#member, CYAML_FLAG_OPTIONAL, S, member)
#define FIELD_FLAG(S, member, detail) CYAML_FIELD_BOOL(#member, CYAML_FLAG_OPTIONAL, S, member)
#define FIELD_TEXT(S, member, detail) TEXT_FIELD(S, member)
#define FIELD_FILE(S, member, detail) TEXT_FIELD(S, member)
#define FIELD_WORD(S, member, detail) TEXT_FIELD(S, member)
#define FIELD_COUNTS(S, member, detail) LIST_FIELD(S, member, &count_entry)
#define FIELD_NUMBERS(S, member, detail) LIST_FIELD(S, member, &number_entry)
#define FIELD_LEVELS(S, member, detail) LIST_FIELD(S, member, &number_entry)
#define FIELD_WORDS(S, member, detail) LIST_FIELD(S, member, &word_entry)
#define FIELD_MATRIX(S, member, detail) LIST_FIELD(S, member, &row_entry)
#define FIELD_PAIRS(S, member, detail) LIST_FIELD(S, member, &word_row_entry)
#define FIELD_BLOCK(S, member, detail) CYAML_FIELD_MAPPING_PTR(#member, CYAML_FLAG_OPTIONAL, S, member, detail##_fields)
#define FIELD_BLOCKS(S, member, detail) LIST_FIELD(S, member, &detail##_entry)
#define FIELD_ROW(S, member, kind, detail, belongs, initial, interval, sentence) FIELD_##kind(S, member, detail),

#define DEFINE_BLOCK(name, KEYS, S)                                                                                    \
    static const struct lab_key name##_keys[] = {KEYS(KEY_ROW, S){0}};                                                 \
    static const struct lab_mapping name##_mapping = {name##_keys};                                                    \
    static const cyaml_schema_field_t name##_fields[] = {KEYS(FIELD_ROW, S) CYAML_FIELD_END};

DEFINE_BLOCK(law, LAW_KEYS, struct lab_law)
DEFINE_BLOCK(targets, TARGETS_KEYS, struct lab_law)
DEFINE_BLOCK(teacher, TEACHER_KEYS, struct lab_teacher)
DEFINE_BLOCK(table, TABLE_KEYS, struct lab_data_table)
DEFINE_BLOCK(data, DATA_KEYS, struct lab_data)
DEFINE_BLOCK(start, START_KEYS, struct lab_start)
DEFINE_BLOCK(network, NETWORK_KEYS, struct lab_network)
DEFINE_BLOCK(potential, POTENTIAL_KEYS, struct lab_potential)
DEFINE_BLOCK(landscape, LANDSCAPE_KEYS, struct lab_landscape)
DEFINE_BLOCK(decay, DECAY_KEYS, struct lab_decay)
DEFINE_BLOCK(sgd, SGD_KEYS, struct lab_sgd)
DEFINE_BLOCK(sde, SDE_KEYS, struct lab_paths)
DEFINE_BLOCK(clock, CLOCK_KEYS, struct lab_clock)
DEFINE_BLOCK(diffusion, DIFFUSION_KEYS, struct lab_diffusion)
DEFINE_BLOCK(levy, LEVY_KEYS, struct lab_levy)
DEFINE_BLOCK(grid, GRID_KEYS, struct lab_density_grid)
DEFINE_BLOCK(density_start, DENSITY_START_KEYS, struct lab_density_start)
DEFINE_BLOCK(ffpe, FFPE_KEYS, struct lab_ffpe)
DEFINE_BLOCK(model, MODEL_KEYS, struct lab_model)
static const cyaml_schema_value_t model_entry = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct lab_model, model_fields)};
DEFINE_BLOCK(escape, ESCAPE_KEYS, struct lab_escape)
DEFINE_BLOCK(compare, COMPARE_KEYS, struct lab_compare)
DEFINE_BLOCK(llc, LLC_KEYS, struct lab_llc_keys)
DEFINE_BLOCK(study, STUDY_KEYS, struct lab_study)

const struct lab_mapping *const lab_study_mapping = &study_mapping;

int lab_key_required(const struct lab_key *key) {
    return key->initial != NULL && strcmp(key->initial, REQUIRED) == 0;
}

/* ---- libcyaml ---- */

/* libcyaml resizes its blocks, one element at a time; ours have no size. A prefix of a cache line keeps it, and blocks
 * double. */
enum { PREFIX = 64 };

static void *resize(void *context, void *block, size_t size) {
    (void)context;
    char *old = block == NULL ? NULL : (char *)block - PREFIX;
    size_t room = 0;
    if (old != NULL) memcpy(&room, old, sizeof room);
    if (size == 0) {
        core_free(old);
        return NULL;
    }
    if (size <= room) return block;
    size_t wanted = size > 2 * room ? size : 2 * room;
    char *fresh = wanted < SIZE_MAX - PREFIX ? core_alloc(wanted + PREFIX, 1) : NULL;
    if (fresh == NULL) return NULL;
    memcpy(fresh, &wanted, sizeof wanted);
    if (old != NULL) memcpy(fresh + PREFIX, block, room);
    core_free(old);
    return fresh + PREFIX;
}

/* The document's aliases were resolved, so the text has none. */
static const cyaml_config_t config = {.mem_fn = resize, .flags = CYAML_CFG_NO_ALIAS};
static const cyaml_schema_value_t study_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct lab_study, study_fields),
};

enum core_status lab_schema_load(const char *text, struct lab_study **study) {
    cyaml_data_t *data = NULL;
    *study = NULL;
    cyaml_err_t error = cyaml_load_data((const uint8_t *)text, strlen(text), &config, &study_schema, &data, NULL);
    if (error == CYAML_ERR_OOM || error == CYAML_ERR_LIBYAML_PARSER_INIT) {
        return core_fail(CORE_NO_MEMORY, "no memory for the study");
    }
    if (error != CYAML_OK) return core_fail(CORE_BAD_INPUT, "libcyaml refuses the study: %s", cyaml_strerror(error));
    *study = data;
    return CORE_OK;
}

void lab_schema_free(struct lab_study *study) {
    cyaml_free(&config, &study_schema, study, 0);
}
