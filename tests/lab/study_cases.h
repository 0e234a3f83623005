/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_LAB_STUDY_CASES_H
#define TESTS_LAB_STUDY_CASES_H

/* Broken studies for test_study.c: each is a good one with `old` replaced by `new`, and the sentence it must give after
 * the name of the file. */

static const char network_study[] = "name: base\n"                                                  /* 1 */
                                    "seed: 20\n"                                                    /* 2 */
                                    "landscape:\n"                                                  /* 3 */
                                    "  network:\n"                                                  /* 4 */
                                    "    widths: [5, 4, 3]\n"                                       /* 5 */
                                    "    data:\n"                                                   /* 6 */
                                    "      samples: 40\n"                                           /* 7 */
                                    "      inputs: {law: student-t, dof: 4.385}\n"                  /* 8 */
                                    "      teacher: {singular_values: [2.385, 0.6]}\n"              /* 9 */
                                    "    start: {law: gaussian, scale: 0.02}\n"                     /* 10 */
                                    "sgd:\n"                                                        /* 11 */
                                    "  batch: 4\n"                                                  /* 12 */
                                    "  sampling: without-replacement\n"                             /* 13 */
                                    "  rate: 0.05\n"                                                /* 14 */
                                    "  steps: 600\n"                                                /* 15 */
                                    "  schedule: {law: constant}\n"                                 /* 16 */
                                    "models:\n"                                                     /* 17 */
                                    "  - {name: langevin, covariance: isotropic}\n"                 /* 18 */
                                    "  - {name: poisson, noise: poisson}\n"                         /* 19 */
                                    "  - {name: levy-1.7, noise: stable, alpha: 1.7}\n"             /* 20 */
                                    "record: [1, 2.2, 30]\n"                                        /* 21 */
                                    "escape: {levels: [1.5, 3.25]}\n"                               /* 22 */
                                    "compare: {observables: [parameters, loss], metrics: [mmd]}\n"; /* 23 */

static const char potential_study[] = "name: spiral\n"                                         /* 1 */
                                      "landscape:\n"                                           /* 2 */
                                      "  potential:\n"                                         /* 3 */
                                      "    name: linear-drift\n"                               /* 4 */
                                      "    matrix: [[1, -1.5], [1.5, 1]]\n"                    /* 5 */
                                      "    start: {law: point, at: [0.385, -2]}\n"             /* 6 */
                                      "sde: {rate: 0.125, steps: 80}\n"                        /* 7 */
                                      "models:\n"                                              /* 8 */
                                      "  - {name: thermal, temperature: 0.25, replicas: 16}\n" /* 9 */
                                      "  - {name: still, noise: none}\n";                      /* 10 */

struct broken {
    const char *base, *old, *new, *sentence;
};

#define N network_study
#define P potential_study
#define WAYS "one of {table}, {inputs: {file}, targets: {file}} and {samples, inputs: {law}, teacher}"

/* clang-format off */
static const struct broken broken_studies[] = {
    /* Keys. */
    {N, "  batch: 4", "  batsh: 4", ":12: sgd.batsh: unknown key; did you mean 'batch'? (allowed here: batch, sampling, label_noise, rate, steps, replicas, twins, optimiser, momentum, beta1, beta2, epsilon, weight_decay, clip, schedule)"},
    {N, "name: base", "nmae: base", ":1: nmae: unknown key; did you mean 'name'? (allowed here: name, title, seed, landscape, sgd, sde, ffpe, models, record, escape, compare, llc)"},
    {N, "teacher: {singular_values: [2.385, 0.6]}", "teacher: {quux: 1}", ":9: landscape.network.data.teacher.quux: unknown key (allowed here: singular_values)"},
    {N, "name: poisson, noise", "name: poisson, niose", ":19: models[1].niose: unknown key; did you mean 'noise'? (allowed here: name, noise, covariance, drift, scheme, clock, alpha, tau, hurst, friction, epoch, scale, temperature, substeps, replicas)"},
    {N, "name: base", "<<: {a: 1}", ":1: <<: unknown key (allowed here: name, title, seed, landscape, sgd, sde, ffpe, models, record, escape, compare, llc)"},
    {N, "name: base", "\"a\\nb\": 1", ":1: a?b: unknown key (allowed here: name, title, seed, landscape, sgd, sde, ffpe, models, record, escape, compare, llc)"},
    {N, "  batch: 4", "  rate: 4", ":14: sgd.rate: given twice, first in line 12; allowed: once"},
    {N, "seed: 20", "name: again", ":2: name: given twice, first in line 1; allowed: once"},
    {N, "  rate: 0.05\n", "", ":11: sgd.rate: missing; expected a number > 0"},
    {N, "name: base\n", "", ":1: name: missing; expected a text"},
    {N, "{name: poisson, ", "{", ":19: models[1].name: missing; expected a text"},
    {N, "singular_values: [2.385, 0.6]", "", ":9: landscape.network.data.teacher.singular_values: missing; expected a list of numbers >= 0"},
    /* Types. */
    {N, "rate: 0.05", "rate: fast", ":14: sgd.rate: found 'fast', expected a number > 0"},
    {N, "rate: 0.05", "rate: '0.05'", ":14: sgd.rate: found '0.05' in quotes, expected a number > 0"},
    {N, "rate: 0.05", "rate: [0.05]", ":14: sgd.rate: found a list, expected a number > 0"},
    {N, "rate: 0.05", "rate: {a: 1}", ":14: sgd.rate: found a block of keys, expected a number > 0"},
    {N, "rate: 0.05", "rate:", ":14: sgd.rate: found nothing, expected a number > 0"},
    {N, "rate: 0.05", "rate: 0x10", ":14: sgd.rate: found '0x10', expected a number > 0"},
    {N, "rate: 0.05", "rate: 5e", ":14: sgd.rate: found '5e', expected a number > 0"},
    {N, "rate: 0.05", "rate: .", ":14: sgd.rate: found '.', expected a number > 0"},
    {N, "sgd:\n  batch: 4\n", "sgd: 5\nx:\n", ":11: sgd: found '5', expected a block of keys"},
    {N, "name: base", "name: [base]", ":1: name: found a list, expected a text"},
    {N, "name: base", "name: ~", ":1: name: found '~', expected a text"},
    {N, "name: base", "name: ''", ":1: name: found an empty text, expected a text"},
    {N, "record: [1, 2.2, 30]", "record: 30", ":21: record: found '30', expected a list of numbers >= 0"},
    {N, "record: [1, 2.2, 30]", "record: []", ":21: record: found an empty list, expected one element or more"},
    {N, "record: [1, 2.2, 30]", "record: [1, [2]]", ":21: record[1]: found a list, expected a number >= 0"},
    {N, "{name: poisson, noise: poisson}", "poisson", ":19: models[1]: found 'poisson', expected a block of keys"},
    {N, "dof: 4.385", "whiten: yes", ":8: landscape.network.data.inputs.whiten: found 'yes', expected true or false"},
    {P, "[1.5, 1]]", "7]", ":5: landscape.potential.matrix[1]: found '7', expected a row, a list of numbers"},
    {P, "[1.5, 1]]", "[1.5, x]]", ":5: landscape.potential.matrix[1][1]: found 'x', expected a number"},
    {N, "levels: [1.5, 3.25]", "levels: all", ":22: escape.levels: found 'all', expected auto or a list of numbers > 0"},
    /* Ranges. */
    {N, "rate: 0.05", "rate: 0", ":14: sgd.rate: found '0', expected a number > 0"},
    {N, "rate: 0.05", "rate: -0.05", ":14: sgd.rate: found '-0.05', expected a number > 0"},
    {N, "rate: 0.05", "rate: .nan", ":14: sgd.rate: found '.nan', expected a number > 0"},
    {N, "rate: 0.05", "rate: nan", ":14: sgd.rate: found 'nan', expected a number > 0"},
    {N, "rate: 0.05", "rate: .inf", ":14: sgd.rate: found '.inf', expected a number > 0"},
    {N, "rate: 0.05", "rate: 1e999", ":14: sgd.rate: found '1e999', expected a number > 0"},
    {N, "rate: 0.05", "rate: 1e-999", ":14: sgd.rate: found '1e-999', expected a number > 0"},
    {N, "steps: 600", "steps: 1.5", ":15: sgd.steps: found '1.5', expected a whole number >= 1 and <= 4000000000"},
    {N, "steps: 600", "steps: -600", ":15: sgd.steps: found '-600', expected a whole number >= 1 and <= 4000000000"},
    {N, "steps: 600", "steps: 0", ":15: sgd.steps: found '0', expected a whole number >= 1 and <= 4000000000"},
    {N, "steps: 600", "steps: 0600", ":15: sgd.steps: found '0600', expected a whole number >= 1 and <= 4000000000"},
    {N, "steps: 600", "steps: 4000000001", ":15: sgd.steps: found '4000000001', expected a whole number >= 1 and <= 4000000000"},
    {N, "steps: 600", "steps: 99999999999999999999999999999999999999999999999", ":15: sgd.steps: found '9999999999999999999999999999999999999999...', expected a whole number >= 1 and <= 4000000000"},
    {N, "seed: 20", "seed: -1", ":2: seed: found '-1', expected a whole number >= 0 and <= 18446744073709551615"},
    {N, "seed: 20", "seed: 18446744073709551616", ":2: seed: found '18446744073709551616', expected a whole number >= 0 and <= 18446744073709551615"},
    {N, "batch: 4", "momentum: 1", ":12: sgd.momentum: found '1', expected a number >= 0 and < 1"},
    {N, "batch: 4", "clip: 0", ":12: sgd.clip: found '0', expected a number > 0"},
    {N, "alpha: 1.7", "alpha: 2.01", ":20: models[2].alpha: found '2.01', expected a number > 0 and <= 2"},
    {N, "alpha: 1.7", "substeps: 10001", ":20: models[2].substeps: found '10001', expected a whole number >= 1 and <= 10000"},
    {N, "dof: 4.385", "dof: 0", ":8: landscape.network.data.inputs.dof: found '0', expected a number > 0"},
    {N, "metrics: [mmd]", "subsample: 1", ":23: compare.subsample: found '1', expected a whole number >= 2 and <= 4000000000"},
    {N, "metrics: [mmd]", "projections: 0", ":23: compare.projections: found '0', expected a whole number >= 1 and <= 4000000000"},
    {N, "levels: [1.5, 3.25]", "levels: [1.5, -3.25]", ":22: escape.levels[1]: found '-3.25', expected a number > 0"},
    {N, "samples: 40", "label_noise: -0.5", ":7: landscape.network.data.label_noise: found '-0.5', expected a number >= 0"},
    {N, "widths: [5, 4, 3]", "widths: [5, 0, 3]", ":5: landscape.network.widths[1]: found '0', expected a whole number >= 1 and <= 1000000"},
    /* Words. */
    {N, "noise: stable, alpha: 1.7", "noise: gausian", ":20: models[2].noise: found 'gausian', allowed: none, gaussian, poisson, stable, independent-stable, coloured, anticorrelated, fractional; did you mean 'gaussian'?"},
    {N, "sampling: without-replacement", "sampling: sometimes", ":13: sgd.sampling: found 'sometimes', allowed: with-replacement, without-replacement, reshuffle, online"},
    {N, "[parameters, loss]", "[parameters, lsos]", ":23: compare.observables[1]: found 'lsos', allowed: parameters, product, singular-values, loss, balancedness, distance, sharpness; did you mean 'loss'?"},
    {N, "[mmd]", "[mmd, [mmd]]", ":23: compare.metrics[1]: found a list, allowed: sliced-w2, w2, w1, mmd, energy"},
    {P, "name: linear-drift", "name: linaer-drift", ":4: landscape.potential.name: found 'linaer-drift', allowed: quadratic, double-well, quartic, linear-drift, scalar-network; did you mean 'linear-drift'?"},
    /* Keys that belong to words of other keys. */
    {N, "name: poisson, noise: poisson", "name: poisson, noise: poisson, alpha: 1.5", ":19: models[1].alpha: alpha belongs to noise: stable, independent-stable; found noise: poisson"},
    {N, "covariance: isotropic", "alpha: 1.5", ":18: models[0].alpha: alpha belongs to noise: stable, independent-stable; found noise: gaussian"},
    {N, "covariance: isotropic", "temperature: 1.5", ":18: models[0].temperature: temperature belongs to covariance: isotropic; found covariance: sgd"},
    {N, "law: student-t, dof", "law: gaussian, dof", ":8: landscape.network.data.inputs.dof: dof belongs to law: student-t; found law: gaussian"},
    {N, "law: student-t, dof: 4.385", "whiten: true", ":8: landscape.network.data.inputs.whiten: whiten belongs to law: gaussian, student-t; found no law"},
    {N, "{law: constant}", "{law: constant, factor: 0.5}", ":16: sgd.schedule.factor: factor belongs to law: step-decay; found law: constant"},
    {N, "levels: [1.5, 3.25]", "levels: [1.5, 3.25], count: 2", ":22: escape.count: count belongs to levels: auto; found levels: a list"},
    {N, "start: {law: gaussian, scale: 0.02}", "start: {law: gaussian, at: [1]}", ":10: landscape.network.start.at: at belongs to law: point; found law: gaussian"},
    {P, "name: linear-drift", "name: double-well", ":5: landscape.potential.matrix: matrix belongs to name: quadratic, linear-drift; found name: double-well"},
    /* Choices. */
    {N, "  network:\n", "  potential: {name: quartic}\n  network:\n", ":3: landscape: found both of network and potential; allowed: exactly one"},
    {P, "sde: {rate: 0.125, steps: 80}", "sgd: {rate: 0.125, steps: 80}", ":7: sgd: SGD needs landscape.network; found a potential, whose models take sde: {rate, steps}"},
    {N, "sgd:\n", "sde: {rate: 1, steps: 1}\nsgd:\n", ":11: sde: found both sgd and sde; allowed: one, since models take their run from sgd"},
    {P, "sde: {rate: 0.125, steps: 80}", "record: [1]", ":8: models: no run to take rate and steps from; expected sgd, or sde: {rate, steps}, beside it"},
    {P, "sde: {", "compare: {}\nsde: {", ":7: compare: nothing to compare with; expected sgd beside it"},
    {P, "sde: {", "escape: {}\nsde: {", ":7: escape.levels: found auto, which needs landscape.network; expected a list of losses"},
    {N, "batch: 4", "twins: 0", ":12: sgd.twins: found 0, expected >= 1: the null of compare is made from independent SGD ensembles"},
    {N, "[parameters, loss]", "[loss, loss]", ":23: compare.observables[1]: found 'loss' twice, expected different words"},
    /* Models. */
    {N, "name: poisson,", "name: langevin,", ":19: models[1].name: found 'langevin', the name of models[0] too; expected different names"},
    {N, "name: poisson,", "name: sgd,", ":19: models[1].name: found 'sgd', which is SGD's own; expected another name"},
    {N, "name: poisson,", "name: sgd-twin-2,", ":19: models[1].name: found 'sgd-twin-2', which is SGD's own; expected another name"},
    {N, "name: poisson,", "name: \"\",", ":19: models[1].name: found an empty text, expected a text"},
    {N, "noise: poisson}", "noise: poisson, covariance: isotropic}", ":19: models[1].covariance: found 'isotropic' with noise: poisson, allowed: sgd"},
    {P, "{name: still, noise: none}", "{name: jumps, noise: poisson}", ":10: models[1].noise: found 'poisson', which needs the samples of landscape.network"},
    /* Driving noise, schemes and clocks. */
    {N, "noise: poisson}", "noise: poisson, tau: 2}", ":19: models[1].tau: tau belongs to noise: coloured; found noise: poisson"},
    {N, "noise: poisson}", "noise: coloured, tau: -0.1}", ":19: models[1].tau: found '-0.1', expected a number >= 0"},
    {N, "noise: poisson}", "noise: fractional, hurst: 1}", ":19: models[1].hurst: found '1', expected a number > 0 and < 1"},
    {N, "noise: poisson}", "noise: anticorrelated, epoch: 1}", ":19: models[1].epoch: found '1', expected a whole number >= 2 and <= 4000000000"},
    {P, "{name: still, noise: none}", "{name: bridge, noise: anticorrelated, temperature: 2}", ":10: models[1].epoch: missing; expected a whole number >= 2, since a potential has no samples"},
    {N, "noise: poisson}", "noise: gaussian, scheme: tamed, friction: 2}", ":19: models[1].friction: friction belongs to scheme: baoab; found scheme: tamed"},
    {N, "noise: poisson}", "noise: gaussian, scheme: baoab, friction: 0}", ":19: models[1].friction: found '0', expected a number > 0"},
    {N, "noise: poisson}", "noise: poisson, scheme: heun}", ":19: models[1].scheme: found 'heun' with noise: poisson, allowed: euler-maruyama"},
    {N, "noise: poisson}", "noise: gaussian, scheme: huen}", ":19: models[1].scheme: found 'huen', allowed: euler-maruyama, tamed, heun, milstein, exact-ou, baoab; did you mean 'heun'?"},
    {N, "noise: poisson}", "noise: gaussian, clock: {law: stable}}", ":19: models[1].clock.law: found 'stable', allowed: physical, inverse-stable"},
    {N, "noise: poisson}", "noise: gaussian, clock: {order: 1}}", ":19: models[1].clock.order: found '1', expected a number > 0 and < 1"},
    {N, "noise: poisson}", "noise: gaussian, clock: {law: physical, order: 0.7}}", ":19: models[1].clock.order: order belongs to law: inverse-stable; found law: physical"},
    {N, "noise: poisson}", "noise: poisson, clock: {order: 0.7}}", ":19: models[1].clock: found 'inverse-stable' with noise: poisson, allowed: the other noises"},
    {N, "schedule: {law: constant}\nmodels:\n  - {name: langevin, covariance: isotropic}", "schedule: {law: inverse-sqrt}\nmodels:\n  - {name: langevin, clock: {order: 0.7}}", ":18: models[0].clock: found 'inverse-stable' with a rate that changes, allowed: schedule: {law: constant}"},
    {P, "temperature: 0.25, ", "", ":9: models[0].temperature: missing; expected a number > 0, since the potential has no noise to take it from"},
    {P, "temperature: 0.25, ", "covariance: sgd, ", ":9: models[0].covariance: found 'sgd', which needs landscape.potential.noise; allowed: isotropic"},
    /* Times and levels. */
    {N, "record: [1, 2.2, 30]", "record: [1, 2.2, 2.2]", ":21: record[2]: found 2.2 after 2.2, expected ascending times"},
    {N, "record: [1, 2.2, 30]", "record: [1, 2.2, 30.01]", ":21: record[2]: found 30.01, expected at most 30, the end of the run (600 steps)"},
    {N, "record: [1, 2.2, 30]", "record: [-1, 2.2]", ":21: record[0]: found '-1', expected a number >= 0"},
    {N, "levels: [1.5, 3.25]", "levels: [1.5, 3.25, 1.5]", ":22: escape.levels: found 1.5 twice, expected different levels"},
    /* Training. */
    {N, "batch: 4", "optimiser: rmsprop", ":12: sgd.optimiser: found 'rmsprop', allowed: sgd, adam, adamw"},
    {N, "batch: 4", "weight_decay: -0.1", ":12: sgd.weight_decay: found '-0.1', expected a number >= 0"},
    {N, "batch: 4", "label_noise: -0.1", ":12: sgd.label_noise: found '-0.1', expected a number >= 0"},
    {N, "batch: 4", "optimiser: adam\n  beta1: 1", ":13: sgd.beta1: found '1', expected a number >= 0 and < 1"},
    {N, "batch: 4", "optimiser: adamw\n  beta2: -0.5", ":13: sgd.beta2: found '-0.5', expected a number >= 0 and < 1"},
    {N, "batch: 4", "optimiser: adam\n  epsilon: 0", ":13: sgd.epsilon: found '0', expected a number > 0"},
    {N, "batch: 4", "optimiser: adam\n  momentum: 0.5", ":13: sgd.momentum: momentum belongs to optimiser: sgd; found optimiser: adam"},
    {N, "batch: 4", "beta1: 0.8", ":12: sgd.beta1: beta1 belongs to optimiser: adam, adamw; found optimiser: sgd"},
    {N, "batch: 4", "epsilon: 0.8", ":12: sgd.epsilon: epsilon belongs to optimiser: adam, adamw; found optimiser: sgd"},
    {N, "{law: constant}", "{law: cosine, floor: 1.5}", ":16: sgd.schedule.floor: found '1.5', expected a number >= 0 and <= 1"},
    {N, "{law: constant}", "{law: cosine, factor: 0.5}", ":16: sgd.schedule.factor: factor belongs to law: step-decay; found law: cosine"},
    {N, "{law: constant}", "{law: inverse-sqrt, floor: 0.5}", ":16: sgd.schedule.floor: floor belongs to law: cosine; found law: inverse-sqrt"},
    {N, "{law: constant}", "{law: constant, warm_up: -1}", ":16: sgd.schedule.warm_up: found '-1', expected a whole number >= 0 and <= 4000000000"},
    {N, "{law: constant}", "{law: cosine, every: 0}", ":16: sgd.schedule.every: found '0', expected a whole number >= 1 and <= 4000000000"},
    {N, "samples: 40\n      inputs: {law: student-t, dof: 4.385}\n      teacher: {singular_values: [2.385, 0.6]}\n    start: {law: gaussian, scale: 0.02}\nsgd:\n  batch: 4\n  sampling: without-replacement", "inputs: {file: good.csv}\n      targets: {file: good.csv}\nsgd:\n  sampling: online", ":10: sgd.sampling: found 'online', which needs the law of generated data: landscape.network.data: {samples, inputs: {law}, teacher}"},
    {N, "{law: student-t, dof: 4.385}\n      teacher: {singular_values: [2.385, 0.6]}\n    start: {law: gaussian, scale: 0.02}\nsgd:\n  batch: 4\n  sampling: without-replacement", "{law: student-t, dof: 2, whiten: true}\n      teacher: {singular_values: [2.385, 0.6]}\nsgd:\n  sampling: online", ":8: landscape.network.data.inputs.whiten: found true with sgd.sampling: online and dof: 2; allowed: dof > 2, below which fresh samples have no variance to make 1"},
    /* Sizes. */
    {N, "widths: [5, 4, 3]", "widths: [5]", ":5: landscape.network.widths: found 1 widths, expected from 2 to 65, d_0 ... d_L"},
    {N, "batch: 4", "batch: 41", ":12: sgd.batch: found 41, expected at most the 40 samples, or sampling: with-replacement"},
    {N, "dof: 4.385", "covariance: [1, 2]", ":8: landscape.network.data.inputs.covariance: found 2 numbers, expected 5, one per input"},
    {N, "dof: 4.385", "whiten: true, covariance: [1, 2, 3, 4, 5]", ":8: landscape.network.data.inputs.covariance: found beside whiten: true; allowed: one of the two"},
    {N, "samples: 40\n      inputs: {law: student-t, dof: 4.385}", "samples: 4\n      inputs: {law: gaussian, whiten: true}", ":7: landscape.network.data.samples: found 4, expected >= 5: fewer samples than inputs cannot be whitened"},
    {N, "[2.385, 0.6]", "[4, 3, 2, 1]", ":9: landscape.network.data.teacher.singular_values: found 4 numbers, expected at most 3, the smaller of the first and last widths"},
    {N, "{law: gaussian, scale: 0.02}", "{law: point, at: [1, 2]}", ":10: landscape.network.start.at: found 2 numbers, expected 32, one per parameter"},
    {N, "{law: gaussian, scale: 0.02}", "{law: point}", ":10: landscape.network.start.at: missing; expected a list of numbers for law: point"},
    {N, "{law: gaussian, scale: 0.02}", "{law: saddle, rank: 4}", ":10: landscape.network.start.rank: found 4, expected at most the smallest width, here 3"},
    {N, "{law: gaussian, scale: 0.02}", "{law: saddle, rank: 1, modes: [0, 2]}", ":10: landscape.network.start.modes: found 2 modes, expected 1, the rank"},
    {N, "{law: gaussian, scale: 0.02}", "{law: saddle, modes: [2, 0]}", ":10: landscape.network.start.modes: found 0 after 2, expected ascending modes"},
    {N, "{law: gaussian, scale: 0.02}", "{law: saddle, modes: [0, 3]}", ":10: landscape.network.start.modes: found mode 3, expected below 3, the last width"},
    {N, "{law: gaussian, scale: 0.02}", "{law: saddle, perturbation: -1}", ":10: landscape.network.start.perturbation: found '-1', expected a number >= 0"},
    {N, "{law: gaussian, scale: 0.02}", "{law: balanced, modes: [0]}", ":10: landscape.network.start.modes: modes belongs to law: saddle; found law: balanced"},
    {P, "law: point, at: [0.385, -2]", "law: saddle", ":6: landscape.potential.start.law: found 'saddle', which needs landscape.network; allowed: gaussian, point"},
    {P, "[[1, -1.5], [1.5, 1]]", "[[1, -1.5], [1.5, 1, 2]]", ":5: landscape.potential.matrix[1]: found a row of 3 numbers, expected 2"},
    {P, "    matrix: [[1, -1.5], [1.5, 1]]\n", "", ":3: landscape.potential.matrix: missing; expected a square matrix for name: linear-drift"},
    {P, "at: [0.385, -2]", "at: [0.385]", ":6: landscape.potential.start.at: found 1 numbers, expected 2, one per parameter"},
    {P, "law: point, at: [0.385, -2]", "law: balanced", ":6: landscape.potential.start.law: found 'balanced', which needs landscape.network; allowed: gaussian, point"},
    {P, "law: point, at: [0.385, -2]", "law: deepest", ":6: landscape.potential.start.law: found 'deepest', which needs landscape.network; allowed: gaussian, point"},
    {N, "{law: gaussian, scale: 0.02}", "{law: deepest, rank: 4}", ":10: landscape.network.start.rank: found 4, expected at most the smallest width, here 3"},
    {N, "{law: gaussian, scale: 0.02}", "{law: deepest, scale: 0.02}", ":10: landscape.network.start.scale: scale belongs to law: gaussian, balanced, point; found law: deepest"},
    {N, "{law: gaussian, scale: 0.02}", "{law: gaussian, rank: 1}", ":10: landscape.network.start.rank: rank belongs to law: deepest, saddle; found law: gaussian"},
    /* The learning coefficient. */
    {N, "record: [1, 2.2, 30]", "llc: {sampler: hmc}", ":21: llc.sampler: found 'hmc', allowed: gibbs, mala, sgld"},
    {N, "record: [1, 2.2, 30]", "llc: {lr: 0.01}", ":21: llc.lr: lr belongs to sampler: mala, sgld; found sampler: gibbs"},
    {N, "record: [1, 2.2, 30]", "llc: {sampler: mala, batch_size: 4}", ":21: llc.batch_size: batch_size belongs to sampler: sgld; found sampler: mala"},
    {N, "record: [1, 2.2, 30]", "llc: {num_draws: 0}", ":21: llc.num_draws: found '0', expected a whole number >= 1 and <= 4000000000"},
    {P, "sde: {rate: 0.125, steps: 80}", "llc: {sampler: gibbs, nbeta: 3}\nsde: {rate: 0.125, steps: 80}", ":7: llc.sampler: found 'gibbs', which needs landscape.network; allowed: mala, sgld"},
    {P, "sde: {rate: 0.125, steps: 80}", "llc: {num_draws: 3}\nsde: {rate: 0.125, steps: 80}", ":7: llc.nbeta: missing; expected a number > 0, since a potential has no samples for n / ln n"},
    {P, "    start: {law: point, at: [0.385, -2]}\n", "", ":3: landscape.potential.start: missing; expected {law: point, at: [...]} or {file: ...}"},
    /* Data. */
    {N, "      samples: 40\n      inputs: {law: student-t, dof: 4.385}\n      teacher:", "      teacher:", ":6: landscape.network.data: found no data; expected " WAYS},
    {N, "      samples: 40\n", "", ":6: landscape.network.data.samples: missing; expected a whole number >= 1"},
    {N, "      teacher: {singular_values: [2.385, 0.6]}\n", "", ":6: landscape.network.data.teacher: missing; expected {singular_values: [...]}"},
    {N, "{law: student-t, dof: 4.385}", "{law: gaussian, file: a.csv}", ":8: landscape.network.data.inputs: found both of law and file; allowed: exactly one"},
    {N, "{law: student-t, dof: 4.385}", "{}", ":8: landscape.network.data.inputs: found none of law and file; allowed: exactly one"},
    {N, "samples: 40", "table: {file: good.csv, inputs: [0, 1, 2, 3, 4], targets: [5, 6, 7]}", ":8: landscape.network.data.inputs: found beside table; allowed: " WAYS},
    {N, "samples: 40\n      inputs: {law: student-t, dof: 4.385}", "inputs: {file: good.csv}", ":8: landscape.network.data.teacher: found beside inputs from a file; allowed: " WAYS},
    {N, "samples: 40\n      inputs: {law: student-t, dof: 4.385}\n      teacher: {singular_values: [2.385, 0.6]}", "inputs: {file: good.csv}", ":6: landscape.network.data.targets: missing; expected {file: ...} beside inputs from a file"},
    {N, "samples: 40\n      inputs: {law: student-t, dof: 4.385}\n      teacher: {singular_values: [2.385, 0.6]}", "table: {file: good.csv, inputs: [0, 1, 2, 3, 3], targets: [5, 6, 7]}", ":7: landscape.network.data.table.inputs: found column 3 twice, expected different columns"},
    {N, "samples: 40\n      inputs: {law: student-t, dof: 4.385}\n      teacher: {singular_values: [2.385, 0.6]}", "table: {file: good.csv, inputs: [0, 1, 2, 3, 4], targets: [5, 6]}", ":7: landscape.network.data.table.targets: found 2 columns, expected 3, the last of widths"},
    {N, "samples: 40\n      inputs: {law: student-t, dof: 4.385}\n      teacher: {singular_values: [2.385, 0.6]}", "table: {file: folder, inputs: [0, 1, 2, 3, 4], targets: [5, 6, 7]}", ":7: landscape.network.data.table.file: found the directory 'folder', expected a file"},
    {N, "{law: gaussian, scale: 0.02}", "{file: good.csv, law: gaussian}", ":10: landscape.network.start: found both of file and law; allowed: exactly one"},
    /* YAML. */
    {N, "  batch: 4", "\tbatch: 4", ":12: not YAML: found character that cannot start any token while scanning for the next token; indent with blanks, not tabs"},
    {N, "record: [1, 2.2, 30]", "record: [1, 2.2, 30", ":22: not YAML: did not find expected ',' or ']' while parsing a flow sequence"},
    {N, "seed: 20", "seed: \xff", ":2: not YAML: invalid leading UTF-8 octet"},
    {N, "seed: 20", "seed: \x01", ":2: not YAML: control characters are not allowed"},
    {N, "name: base", "name: \"a\\0b\"", ":1: a zero byte within a text"},
    {N, "seed: 20", "---\nseed: 20", ":2: a second YAML document begins; a study is one document"},
    {N, "seed: 20", "seed: *other", ":2: an alias (*) without an anchor (&) before it"},
    {N, "record: [1, 2.2, 30]", "record: &r [1, *r]", ":21: an alias (*) to what it is part of"},
    {N, "seed: 20", "seed: !!int 20", ":2: found the tag 'tag:yaml.org,2002:int'; a study has no tags"},
    {N, "seed: 20", "{a: 1}: 20", ":2: found a block or list where a key is expected"},
    {N, "seed: 20", "seed: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[20]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", ":2: nested too deeply"},
};
/* clang-format on */

struct broken_override {
    const char *set, *seed, *replicas, *sentence;
};

/* Overrides of network_study, and what comes after the name of the file; without one where it begins with "--". */
/* clang-format off */
static const struct broken_override broken_overrides[] = {
    {"sgd.rate", NULL, NULL, "--set: found 'sgd.rate', expected KEY.PATH=VALUE, as in sgd.rate=0.01"},
    {"sgd.rate=fast", NULL, NULL, ":--set: sgd.rate: found 'fast', expected a number > 0"},
    {"sgd.rate=", NULL, NULL, ":--set: sgd.rate: found nothing, expected a number > 0"},
    {"sgd.batsh=3", NULL, NULL, ":--set: sgd.batsh: unknown key; did you mean 'batch'? (allowed here: batch, sampling, label_noise, rate, steps, replicas, twins, optimiser, momentum, beta1, beta2, epsilon, weight_decay, clip, schedule)"},
    {"sdg.batch=3", NULL, NULL, ":--set: sdg: unknown key; did you mean 'sgd'? (allowed here: name, title, seed, landscape, sgd, sde, ffpe, models, record, escape, compare, llc)"},
    {"sgd.rate.x=3", NULL, NULL, ":--set: sgd.rate.x: 'rate' has no keys below it"},
    {"=3", NULL, NULL, ":--set: not a path; expected keys with points between them, as in sgd.rate"},
    {"sgd..rate=3", NULL, NULL, ":--set: sgd..rate: not a path; expected keys with points between them, as in sgd.rate"},
    {"models.3.noise=none", NULL, NULL, ":--set: models.3.noise: found no element '3'; allowed: a number from 0 to 2, or a name"},
    {"models.nobody.noise=none", NULL, NULL, ":--set: models.nobody.noise: found no element 'nobody'; allowed: a number from 0 to 2, or a name"},
    {"models.poisson.noise=nnoe", NULL, NULL, ":--set: models[1].noise: found 'nnoe', allowed: none, gaussian, poisson, stable, independent-stable, coloured, anticorrelated, fractional; did you mean 'none'?"},
    {"models[2].alpha=3", NULL, NULL, ":--set: models[2].alpha: found '3', expected a number > 0 and <= 2"},
    {"sgd.rate=[1", NULL, NULL, ":--set: sgd.rate: not YAML: did not find expected ',' or ']' while parsing a flow sequence"},
    {"sgd.batch=77", NULL, NULL, ":--set: sgd.batch: found 77, expected at most the 40 samples, or sampling: with-replacement"},
    {NULL, "-1", NULL, ":--seed: seed: found '-1', expected a whole number >= 0 and <= 18446744073709551615"},
    {NULL, "18446744073709551616", NULL, ":--seed: seed: found '18446744073709551616', expected a whole number >= 0 and <= 18446744073709551615"},
    {NULL, "x", NULL, ":--seed: seed: found 'x', expected a whole number >= 0 and <= 18446744073709551615"},
    {NULL, NULL, "0", ":--replicas: sgd.replicas: found '0', expected a whole number >= 1 and <= 4000000000"},
};
/* clang-format on */

#undef N
#undef P
#undef WAYS

#endif
